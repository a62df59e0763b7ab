// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt remapping (VT-d 5.1): from a message to a vector, by the interrupt
 * remapping table in memory (9.10), and the interrupt entry cache (6.2.5) in front
 * of it: direct-mapped by the index.
 *
 * As in the other caches, an entry leaves only by an invalidation or by replacement:
 * what was changed in memory meanwhile is not looked at. With caching mode
 * (CAP.CM, 6.1) an entry that is not present, or refused, is cached as well.
 */
#include <linux/bitfield.h>
#include <linux/lockdep.h>
#include "vtd_int.h"

static struct lab_irte_slot *lab_irte_slot(const struct lab_vtd *vtd, u16 index)
{
	return &vtd->irtes[index % LAB_IRTE_SLOTS];
}

static bool lab_irte_lookup(const struct lab_vtd *vtd, struct lab_irte *irte)
{
	const struct lab_irte_slot *slot = lab_irte_slot(vtd, irte->index);
	u32 seq;

	do {
		seq = lab_seq_begin(&slot->seq);
		if (!READ_ONCE(slot->valid) ||
		    READ_ONCE(slot->irte.index) != irte->index)
			return false;
		irte->lo = READ_ONCE(slot->irte.lo);
		irte->hi = READ_ONCE(slot->irte.hi);
		irte->reason = READ_ONCE(slot->irte.reason);
	} while (lab_seq_changed(&slot->seq, seq));
	return true;
}

static void lab_irte_write(struct lab_vtd *vtd, struct lab_irte_slot *slot,
			   const struct lab_irte *irte, bool valid)
{
	vtd->stats.irte_present += valid - slot->valid;
	lab_seq_write_begin(&slot->seq);
	WRITE_ONCE(slot->irte.lo, irte->lo);
	WRITE_ONCE(slot->irte.hi, irte->hi);
	WRITE_ONCE(slot->irte.index, irte->index);
	WRITE_ONCE(slot->irte.reason, irte->reason);
	WRITE_ONCE(slot->valid, valid);
	lab_seq_write_end(&slot->seq);
}

/* Returns false if an invalidation has run since @generation was read. */
static bool lab_irte_insert(struct lab_vtd *vtd, u64 generation,
			    const struct lab_irte *irte)
{
	bool current_fill;

	lockdep_assert_irqs_disabled();
	raw_spin_lock(&vtd->cache_lock);
	current_fill = generation == vtd->generation;
	if (current_fill)
		lab_irte_write(vtd, lab_irte_slot(vtd, irte->index), irte,
			       true);
	raw_spin_unlock(&vtd->cache_lock);
	return current_fill;
}

static bool lab_extended(const struct lab_vtd *vtd)
{
	return READ_ONCE(vtd->irta) & VTD_IRTA_EIME;
}

/* 9.10: what is wrong with a present entry */
static u8 lab_irte_check(const struct lab_vtd *vtd, u64 lo, u64 hi)
{
	if (lo & VTD_IRTE_RSVD_LO || hi & VTD_IRTE_RSVD_HI)
		return VTD_FAULT_IRTE_RESERVED;
	/* CAP.PI = 0: no posted interrupts */
	if (lo & VTD_IRTE_IM)
		return VTD_FAULT_IRTE_RESERVED;
	if (!lab_extended(vtd) && lo & VTD_IRTE_RSVD_DST_8)
		return VTD_FAULT_IRTE_RESERVED;
	if (FIELD_GET(VTD_IRTE_SVT, hi) > VTD_SVT_BUS)
		return VTD_FAULT_IRTE_RESERVED;
	return 0;
}

/* The driver writes the half with the present bit last: it is read first. */
static u8 lab_irte_fetch(const struct lab_vtd *vtd, struct lab_irte *irte)
{
	u64 address = (READ_ONCE(vtd->irta) & VTD_IRTA_IRTA) +
		      irte->index * VTD_IRTE_WORDS * sizeof(u64);
	u64 *entry = lab_table_ptr(address & ~4095ULL);

	irte->lo = 0;
	irte->hi = 0;
	if (!entry)
		return VTD_FAULT_IR_TABLE_ACCESS;
	entry += address % 4096 / sizeof(u64);
	if (!lab_table_read(&entry[0], &irte->lo))
		return VTD_FAULT_IR_TABLE_ACCESS;
	smp_rmb(); /* see above */
	if (!lab_table_read(&entry[1], &irte->hi)) {
		irte->lo = 0;
		return VTD_FAULT_IR_TABLE_ACCESS;
	}
	if (!(irte->lo & VTD_IRTE_P))
		return VTD_FAULT_IRTE_NOT_PRESENT;
	return lab_irte_check(vtd, irte->lo, irte->hi);
}

static bool lab_irte_cacheable(const struct lab_vtd *vtd, u8 reason)
{
	return !reason || (vtd->config.caching_mode &&
			   reason != VTD_FAULT_IR_TABLE_ACCESS);
}

static void lab_irte_get(struct lab_requester *rq, struct lab_irte *irte)
{
	struct lab_vtd *vtd = rq->vtd;
	u64 generation;

	if (lab_irte_lookup(vtd, irte)) {
		lab_count(rq, LAB_CNT_IRTE_HIT);
		return;
	}
	lab_count(rq, LAB_CNT_IRTE_MISS);
	/* pairs with lab_new_generation(): the table is read after it */
	generation = smp_load_acquire(&vtd->generation);
	irte->reason = lab_irte_fetch(vtd, irte);
	if (lab_irte_cacheable(vtd, irte->reason) &&
	    !lab_irte_insert(vtd, generation, irte))
		lab_count(rq, LAB_CNT_FILL_DROPPED);
}

/* 9.10, SVT: does the entry belong to who asks? */
static bool lab_source_verified(u64 hi, u16 sid)
{
	u16 owner = FIELD_GET(VTD_IRTE_SID, hi);
	u8 bus = sid >> 8;

	switch (FIELD_GET(VTD_IRTE_SVT, hi)) {
	case VTD_SVT_SID:
		return !((owner ^ sid) &
			 lab_compared_sid(FIELD_GET(VTD_IRTE_SQ, hi)));
	case VTD_SVT_BUS:
		return bus >= owner >> 8 && bus <= (owner & 0xff);
	default:
		return true;
	}
}

static enum lab_translate_status
lab_interrupt_deny(struct lab_requester *rq, u64 info, bool fpd, u8 reason,
		   struct lab_interrupt *out)
{
	out->reason = reason;
	lab_count(rq, LAB_CNT_INTERRUPT_BLOCKED);
	lab_count(rq, LAB_CNT_FAULT + vtd_fault_slot(reason));
	if (!fpd)
		lab_fault_record(rq->vtd, rq->sid, info, true, reason);
	return LAB_FAULTED;
}

static enum lab_translate_status
lab_interrupt_pass(struct lab_requester *rq, u64 address, u32 data,
		   struct lab_interrupt *out)
{
	out->destination = FIELD_GET(VTD_MSI_COMPAT_DST, (u32)address);
	out->vector = FIELD_GET(VTD_MSI_COMPAT_VECTOR, data);
	out->delivery = FIELD_GET(VTD_MSI_COMPAT_DLM, data);
	lab_count(rq, LAB_CNT_INTERRUPT);
	return LAB_TRANSLATED;
}

/* 5.1.4: with extended interrupts there is no compatibility format */
static enum lab_translate_status
lab_interrupt_compat(struct lab_requester *rq, u64 address, u32 data,
		     struct lab_interrupt *out)
{
	if (lab_extended(rq->vtd) ||
	    !(lab_reg_get(rq->vtd, VTD_GSTS) & VTD_GSTS_CFIS))
		return lab_interrupt_deny(rq, 0, false,
					  VTD_FAULT_IR_COMPAT_BLOCKED, out);
	return lab_interrupt_pass(rq, address, data, out);
}

/* 5.1.3: the index of the entry; with SHV the data is a part of it */
static u32 lab_interrupt_index(u64 address, u32 data)
{
	u32 index = FIELD_GET(VTD_MSI_HANDLE_LOW, (u32)address);

	if (address & VTD_MSI_HANDLE_HIGH)
		index |= BIT(15);
	if (address & VTD_MSI_SHV)
		index += FIELD_GET(VTD_MSI_DATA_SUBHANDLE, data);
	return index;
}

static enum lab_translate_status
lab_interrupt_remap(struct lab_requester *rq, u64 address, u32 data,
		    struct lab_interrupt *out)
{
	u32 entries = 2u << FIELD_GET(VTD_IRTA_S, READ_ONCE(rq->vtd->irta));
	u32 index = lab_interrupt_index(address, data);
	struct lab_irte irte = { .index = index };
	/* 11.4.14, FI: of an interrupt request the index */
	u64 info = FIELD_PREP(VTD_FRCD_FI_INDEX, index & U16_MAX);
	bool fpd;

	if (address & VTD_MSI_SHV && data & VTD_MSI_DATA_RSVD)
		return lab_interrupt_deny(rq, info, false,
					  VTD_FAULT_IR_REQUEST_RESERVED, out);
	if (index >= entries)
		return lab_interrupt_deny(rq, info, false, VTD_FAULT_IR_INDEX,
					  out);
	lab_irte_get(rq, &irte);
	fpd = irte.lo & VTD_IRTE_FPD;
	if (irte.reason)
		return lab_interrupt_deny(rq, info, fpd, irte.reason, out);
	if (!lab_source_verified(irte.hi, rq->sid))
		return lab_interrupt_deny(rq, info, fpd, VTD_FAULT_IR_SOURCE,
					  out);
	out->destination = FIELD_GET(VTD_IRTE_DST, irte.lo);
	if (!lab_extended(rq->vtd))
		out->destination = FIELD_GET(VTD_IRTE_DST_8, irte.lo);
	out->vector = FIELD_GET(VTD_IRTE_V, irte.lo);
	out->delivery = FIELD_GET(VTD_IRTE_DLM, irte.lo);
	lab_count(rq, LAB_CNT_INTERRUPT);
	return LAB_TRANSLATED;
}

static bool lab_interrupts_cut_off(struct lab_requester *rq)
{
	const unsigned long off = BIT(LAB_STATE_SEVERED) | BIT(LAB_STATE_MUTE);

	if (likely(!(READ_ONCE(rq->vtd->state) & off)))
		return false;
	lab_count(rq, LAB_CNT_BLOCKED);
	return true;
}

/**
 * lab_vtd_interrupt - a write of 4 bytes, aligned, to the interrupt address range
 * @rq: who wrote
 * @address: VTD_MSI_START to VTD_MSI_LAST
 * @data: what was written
 * @out: out: which interrupt, or why not
 *
 * As lab_vtd_translate(), in which sections and with which locks. While interrupt
 * remapping is off (GSTS.IRES = 0) each message is of the compatibility format, and
 * passes.
 *
 * Return: LAB_TRANSLATED: it is to be delivered; LAB_FAULTED: blocked;
 * LAB_CUT_OFF.
 */
enum lab_translate_status lab_vtd_interrupt(struct lab_requester *rq,
					    u64 address, u32 data,
					    struct lab_interrupt *out)
{
	lockdep_assert_irqs_disabled();
	*out = (struct lab_interrupt){};
	if (lab_interrupts_cut_off(rq))
		return LAB_CUT_OFF;
	if (!READ_ONCE(rq->vtd->remapping))
		return lab_interrupt_pass(rq, address, data, out);
	if (!(address & VTD_MSI_FORMAT))
		return lab_interrupt_compat(rq, address, data, out);
	return lab_interrupt_remap(rq, address, data, out);
}

/**
 * lab_vtd_refuse_range - any other access to the interrupt address range (3.14)
 * @rq: who accesses
 * @iova: the address
 * @write: kind of access
 * @out: out: the reason
 *
 * Nothing is behind the range, whatever a table says. As lab_vtd_interrupt().
 *
 * Return: LAB_FAULTED or LAB_CUT_OFF.
 */
enum lab_translate_status lab_vtd_refuse_range(struct lab_requester *rq,
					       u64 iova, bool write,
					       struct lab_interrupt *out)
{
	lockdep_assert_irqs_disabled();
	*out = (struct lab_interrupt){};
	if (lab_interrupts_cut_off(rq))
		return LAB_CUT_OFF;
	out->reason = lab_in_scalable_mode(rq->vtd) ? VTD_FAULT_SM_MSI_RANGE :
						     VTD_FAULT_MSI_RANGE;
	lab_count(rq, LAB_CNT_FAULT + vtd_fault_slot(out->reason));
	lab_fault_record(rq->vtd, rq->sid, iova, write, out->reason);
	return LAB_FAULTED;
}

/**
 * lab_irte_invalidate - invalidate entries of the interrupt entry cache
 * @vtd: the unit, cache_lock held
 * @first: index of the first one
 * @last: of the last one (inclusive)
 */
void lab_irte_invalidate(struct lab_vtd *vtd, u32 first, u32 last)
{
	static const struct lab_irte nothing;

	lockdep_assert_held(&vtd->cache_lock);
	for (unsigned int i = 0; i < LAB_IRTE_SLOTS; i++) {
		struct lab_irte_slot *slot = &vtd->irtes[i];

		if (slot->valid && slot->irte.index >= first &&
		    slot->irte.index <= last)
			lab_irte_write(vtd, slot, &nothing, false);
	}
}

/**
 * lab_vtd_irte_view - look at an entry of the interrupt entry cache
 * @vtd: the unit
 * @index: of the interrupt remapping table
 * @view: out: the entry
 *
 * Any context. Takes cache_lock.
 *
 * Return: false if it is not cached.
 */
bool lab_vtd_irte_view(struct lab_vtd *vtd, u16 index, struct lab_irte *view)
{
	struct lab_irte_slot *slot;
	unsigned long flags;
	bool present;

	if (!vtd->config.interrupts)
		return false;
	slot = lab_irte_slot(vtd, index);
	raw_spin_lock_irqsave(&vtd->cache_lock, flags);
	present = slot->valid && slot->irte.index == index;
	if (present)
		*view = slot->irte;
	raw_spin_unlock_irqrestore(&vtd->cache_lock, flags);
	return present;
}
