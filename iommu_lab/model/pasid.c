// SPDX-License-Identifier: GPL-2.0
/*
 * PASID directories and PASID tables in memory (VT-d 9.5, 9.6), and the PASID cache
 * (6.2.3) in front of them: direct-mapped by source-id and PASID.
 *
 * The requests here have no PASID of their own: that of the context entry
 * (RID_PASID) is theirs. As with the context cache, with caching mode an entry that
 * is not present, or refused, is cached as well, with domain id 0; a table that
 * cannot be accessed is cached never.
 */
#include <linux/bitfield.h>
#include <linux/lockdep.h>
#include "vtd_int.h"

static struct lab_pasid_entry *lab_pasid_slot(const struct lab_vtd *vtd, u16 sid,
					      u32 pasid)
{
	return &vtd->pasids[(sid ^ sid >> 10 ^ pasid) % LAB_PASID_SLOTS];
}

static bool lab_pasid_lookup(const struct lab_vtd *vtd, u16 sid, u32 pasid,
			     struct lab_pasid_entry *pe)
{
	const struct lab_pasid_entry *slot = lab_pasid_slot(vtd, sid, pasid);
	u32 seq;

	do {
		seq = lab_seq_begin(&slot->seq);
		if (!READ_ONCE(slot->valid) || READ_ONCE(slot->sid) != sid ||
		    READ_ONCE(slot->pasid) != pasid)
			return false;
		pe->lo = READ_ONCE(slot->lo);
		pe->hi = READ_ONCE(slot->hi);
		pe->reason = READ_ONCE(slot->reason);
		pe->fpd = READ_ONCE(slot->fpd);
	} while (lab_seq_changed(&slot->seq, seq));
	return true;
}

/* One word of a table that may be larger than a page */
static bool lab_pasid_read(u64 table, unsigned int word, u64 *value)
{
	u64 address = table + word * sizeof(u64);
	const u64 *page = lab_table_ptr(address & ~4095ULL);

	return page && lab_table_read(page + address % 4096 / sizeof(u64),
				      value);
}

/* 7.1.3: what is wrong with a present entry, in the order of checks */
static u8 lab_pasid_check(const struct lab_vtd *vtd, const u64 *words)
{
	unsigned int pgtt = FIELD_GET(VTD_PE_PGTT, words[0]);
	unsigned int i;

	if (words[0] & VTD_PE_RSVD_0 || words[1] & VTD_PE_RSVD_1)
		return VTD_FAULT_PASID_RESERVED;
	/* the third word is of the first stage, which is not asked for */
	for (i = 3; i < VTD_PE_WORDS; i++)
		if (words[i])
			return VTD_FAULT_PASID_RESERVED;
	if (pgtt == VTD_PGTT_SECOND_STAGE && words[0] & lab_beyond_host(vtd))
		return VTD_FAULT_PASID_RESERVED;
	if (pgtt != VTD_PGTT_SECOND_STAGE &&
	    !(pgtt == VTD_PGTT_PASS_THROUGH && vtd->config.pass_through))
		return VTD_FAULT_PASID_INVALID;
	if (!lab_width_supported(vtd, FIELD_GET(VTD_PE_AW, words[0])))
		return VTD_FAULT_PASID_INVALID;
	if (FIELD_GET(VTD_PE_DID, words[1]) >= lab_nr_dids(vtd))
		return VTD_FAULT_PASID_INVALID;
	return 0;
}

/* The word with the present bit comes first, as in lab_sm_context_read(). */
static u8 lab_pasid_fetch(const struct lab_vtd *vtd, u64 directory, u32 pasid,
			  struct lab_pasid_entry *pe)
{
	unsigned int at = pasid % VTD_PASID_TABLE_ENTRIES * VTD_PE_WORDS;
	u64 words[VTD_PE_WORDS];
	u64 dir;

	if (!lab_pasid_read(directory, pasid / VTD_PASID_TABLE_ENTRIES, &dir))
		return VTD_FAULT_PASID_DIR_ACCESS;
	pe->fpd = !!(dir & VTD_PASID_DIR_FPD);
	if (!(dir & VTD_PASID_DIR_P))
		return VTD_FAULT_PASID_DIR_NOT_PRESENT;
	if (dir & (VTD_PASID_DIR_RSVD | lab_beyond_host(vtd)))
		return VTD_FAULT_PASID_DIR_RESERVED;
	dir &= VTD_PASID_DIR_PTR;
	if (!lab_pasid_read(dir, at, &words[0]))
		return VTD_FAULT_PASID_ACCESS;
	smp_rmb(); /* see above */
	for (unsigned int i = 1; i < VTD_PE_WORDS; i++)
		if (!lab_pasid_read(dir, at + i, &words[i]))
			return VTD_FAULT_PASID_ACCESS;
	pe->fpd |= !!(words[0] & VTD_PE_FPD);
	pe->lo = words[0];
	pe->hi = words[1];
	if (!(words[0] & VTD_PE_P))
		return VTD_FAULT_PASID_NOT_PRESENT;
	return lab_pasid_check(vtd, words);
}

static void lab_pasid_write(struct lab_vtd *vtd, struct lab_pasid_entry *slot,
			    const struct lab_pasid_entry *pe, bool valid)
{
	vtd->stats.pasid_present += valid - slot->valid;
	lab_seq_write_begin(&slot->seq);
	WRITE_ONCE(slot->lo, pe->lo);
	WRITE_ONCE(slot->hi, pe->hi);
	WRITE_ONCE(slot->pasid, pe->pasid);
	WRITE_ONCE(slot->sid, pe->sid);
	WRITE_ONCE(slot->reason, pe->reason);
	WRITE_ONCE(slot->fpd, pe->fpd);
	WRITE_ONCE(slot->valid, valid);
	lab_seq_write_end(&slot->seq);
}

/**
 * lab_pasid_insert - cache a PASID table entry
 * @vtd: the unit, with scalable mode
 * @generation: as it was before the tables were read
 * @pe: what was read
 *
 * Interrupts are off; takes cache_lock.
 *
 * Return: false if an invalidation has run since.
 */
bool lab_pasid_insert(struct lab_vtd *vtd, u64 generation,
		      const struct lab_pasid_entry *pe)
{
	bool current_fill;

	lockdep_assert_irqs_disabled();
	raw_spin_lock(&vtd->cache_lock);
	current_fill = generation == vtd->generation;
	if (current_fill)
		lab_pasid_write(vtd, lab_pasid_slot(vtd, pe->sid, pe->pasid), pe,
				true);
	raw_spin_unlock(&vtd->cache_lock);
	return current_fill;
}

static bool lab_pasid_cacheable(const struct lab_vtd *vtd, u8 reason)
{
	if (reason == VTD_FAULT_PASID_DIR_ACCESS ||
	    reason == VTD_FAULT_PASID_ACCESS)
		return false;
	return !reason || vtd->config.caching_mode;
}

/**
 * lab_pasid_get - the PASID table entry of a requester
 * @rq: the requester
 * @generation: as it was before
 * @ctx: its context entry, of scalable mode and usable
 * @pe: out: lo, hi, fpd and the fault reason, 0 if it can be used
 *
 * From the PASID cache, or from memory. Interrupts are off.
 */
void lab_pasid_get(struct lab_requester *rq, u64 generation,
		   const struct lab_context_entry *ctx,
		   struct lab_pasid_entry *pe)
{
	u32 pasid = FIELD_GET(VTD_SM_CTX_RID_PASID, ctx->hi);
	struct lab_vtd *vtd = rq->vtd;

	if (likely(lab_pasid_lookup(vtd, rq->sid, pasid, pe))) {
		lab_count(rq, LAB_CNT_PASID_HIT);
		return;
	}
	lab_count(rq, LAB_CNT_PASID_MISS);
	*pe = (struct lab_pasid_entry){ .sid = rq->sid, .pasid = pasid };
	pe->reason = lab_pasid_fetch(vtd, ctx->lo & VTD_SM_CTX_PASIDDIRPTR,
				     pasid, pe);
	if (lab_pasid_cacheable(vtd, pe->reason) &&
	    !lab_pasid_insert(vtd, generation, pe))
		lab_count(rq, LAB_CNT_FILL_DROPPED);
}

static u16 lab_pasid_did(const struct lab_pasid_entry *slot)
{
	return slot->reason ? 0 : FIELD_GET(VTD_PE_DID, slot->hi);
}

/**
 * lab_pasid_invalidate - invalidate PASID-cache entries
 * @vtd: the unit, cache_lock held
 * @granularity: VTD_PASID_GLOBAL, VTD_PASID_DOMAIN or VTD_PASID_ONE
 * @did: domain id, not for global
 * @pasid: PASID, for VTD_PASID_ONE: whichever source-id uses it
 */
void lab_pasid_invalidate(struct lab_vtd *vtd, unsigned int granularity,
			  u16 did, u32 pasid)
{
	static const struct lab_pasid_entry nothing;

	lockdep_assert_held(&vtd->cache_lock);
	for (unsigned int i = 0; i < lab_vtd_pasid_slots(vtd); i++) {
		struct lab_pasid_entry *slot = &vtd->pasids[i];

		if (!vtd->stats.pasid_present)
			break;
		if (!slot->valid)
			continue;
		if (granularity != VTD_PASID_GLOBAL &&
		    lab_pasid_did(slot) != did)
			continue;
		if (granularity == VTD_PASID_ONE && slot->pasid != pasid)
			continue;
		lab_pasid_write(vtd, slot, &nothing, false);
	}
}

unsigned int lab_vtd_pasid_slots(const struct lab_vtd *vtd)
{
	return vtd->pasids ? LAB_PASID_SLOTS : 0;
}

/**
 * lab_vtd_pasid_view - look at a PASID-cache entry
 * @vtd: the unit
 * @slot: below lab_vtd_pasid_slots()
 * @view: out: the entry
 *
 * Any context. Takes cache_lock.
 *
 * Return: false if there is no entry.
 */
bool lab_vtd_pasid_view(struct lab_vtd *vtd, unsigned int slot,
			struct lab_pasid_view *view)
{
	struct lab_pasid_entry *entry = &vtd->pasids[slot];
	unsigned long flags;
	bool present;

	raw_spin_lock_irqsave(&vtd->cache_lock, flags);
	present = entry->valid;
	if (present)
		*view = (struct lab_pasid_view) {
			.sid = entry->sid,
			.pasid = entry->pasid,
			.lo = entry->lo,
			.hi = entry->hi,
		};
	raw_spin_unlock_irqrestore(&vtd->cache_lock, flags);
	return present;
}
