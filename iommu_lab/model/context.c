// SPDX-License-Identifier: GPL-2.0
/*
 * Root and context tables in memory (VT-d 9.1, 9.3; those of scalable mode are in
 * sm_context.c), and the context cache (6.2.2) in front of them: direct-mapped by
 * source-id.
 *
 * With caching mode (CAP.CM, 6.1) an entry that is not present, or refused, is
 * cached as well, with domain id 0. A table that cannot be accessed is cached
 * never. A device-selective invalidation names the source-id and the domain id
 * that the entry had when it was cached (11.4.6), so a driver that gives
 * another domain id leaves it. A scalable-mode entry has no domain id: it goes by
 * its source-id alone, and with all others when a domain is invalidated.
 */
#include <linux/bitfield.h>
#include <linux/lockdep.h>
#include "vtd_int.h"

static struct lab_context_entry *lab_context_slot(const struct lab_vtd *vtd,
						  u16 sid)
{
	return &vtd->contexts[(sid ^ sid >> 10) % LAB_CONTEXT_SLOTS];
}

static bool lab_context_lookup(const struct lab_vtd *vtd, u16 sid,
			       struct lab_context_entry *ctx)
{
	const struct lab_context_entry *slot = lab_context_slot(vtd, sid);
	u32 seq;

	do {
		seq = lab_seq_begin(&slot->seq);
		if (!READ_ONCE(slot->valid) || READ_ONCE(slot->sid) != sid)
			return false;
		ctx->lo = READ_ONCE(slot->lo);
		ctx->hi = READ_ONCE(slot->hi);
		ctx->reason = READ_ONCE(slot->reason);
		ctx->scalable = READ_ONCE(slot->scalable);
	} while (lab_seq_changed(&slot->seq, seq));
	return true;
}

/* 7.1.3: what is wrong with a present context entry, in the order of checks */
static u8 lab_context_check(const struct lab_vtd *vtd, u64 lo, u64 hi)
{
	unsigned int tt = FIELD_GET(VTD_CTX_TT, lo);
	unsigned int aw = FIELD_GET(VTD_CTX_AW, hi);

	if (lo & VTD_CTX_RSVD_LO || hi & VTD_CTX_RSVD_HI)
		return VTD_FAULT_CTX_RESERVED;
	if (tt == VTD_TT_TRANSLATE && lo & lab_beyond_host(vtd))
		return VTD_FAULT_CTX_RESERVED;
	if (tt != VTD_TT_TRANSLATE &&
	    !(tt == VTD_TT_PASS_THROUGH && vtd->config.pass_through))
		return VTD_FAULT_CTX_INVALID;
	if (!lab_width_supported(vtd, aw))
		return VTD_FAULT_CTX_INVALID;
	if (FIELD_GET(VTD_CTX_DID, hi) >= lab_nr_dids(vtd))
		return VTD_FAULT_CTX_INVALID;
	return 0;
}

/*
 * Reads an entry of a root or context table, 16 bytes. The driver writes the
 * high half before the low half with its present bit: the low half comes first
 * here. Returns false if there is no table at the address.
 */
static bool lab_context_read(u64 table, unsigned int index, u64 *lo, u64 *hi)
{
	u64 *entry = lab_table_ptr(table);

	if (!entry)
		return false;
	entry += 2 * index;
	if (!lab_table_read(&entry[0], lo))
		return false;
	smp_rmb(); /* see above */
	return lab_table_read(&entry[1], hi);
}

static u8 lab_legacy_fetch(const struct lab_vtd *vtd, u16 sid,
			   struct lab_context_entry *ctx)
{
	u64 lo, hi;

	if (!lab_context_read(READ_ONCE(vtd->root), sid >> 8, &lo, &hi))
		return VTD_FAULT_ROOT_ACCESS;
	if (!(lo & VTD_ROOT_P))
		return VTD_FAULT_ROOT_NOT_PRESENT;
	if (lo & (VTD_ROOT_RSVD_LO | lab_beyond_host(vtd)) || hi)
		return VTD_FAULT_ROOT_RESERVED;
	if (!lab_context_read(lo & VTD_ROOT_CTP, sid & 0xff, &ctx->lo,
			      &ctx->hi)) {
		ctx->lo = 0;
		return VTD_FAULT_CTX_ACCESS;
	}
	if (!(ctx->lo & VTD_CTX_P))
		return VTD_FAULT_CTX_NOT_PRESENT;
	return lab_context_check(vtd, ctx->lo, ctx->hi);
}

/* 11.4.5, TTM: a mode that the unit does not have is a fault of each access. */
static u8 lab_context_fetch(const struct lab_vtd *vtd, u16 sid,
			    struct lab_context_entry *ctx)
{
	ctx->lo = 0;
	ctx->hi = 0;
	ctx->scalable = lab_in_scalable_mode(vtd);
	if (ctx->scalable)
		return lab_sm_context_fetch(vtd, sid, ctx);
	if (READ_ONCE(vtd->root) & VTD_RTADDR_TTM)
		return VTD_FAULT_SM_TTM;
	return lab_legacy_fetch(vtd, sid, ctx);
}

static void lab_context_write(struct lab_vtd *vtd,
			      struct lab_context_entry *slot,
			      const struct lab_context_entry *ctx, bool valid)
{
	vtd->stats.context_present += valid - slot->valid;
	lab_seq_write_begin(&slot->seq);
	WRITE_ONCE(slot->lo, ctx->lo);
	WRITE_ONCE(slot->hi, ctx->hi);
	WRITE_ONCE(slot->sid, ctx->sid);
	WRITE_ONCE(slot->reason, ctx->reason);
	WRITE_ONCE(slot->scalable, ctx->scalable);
	WRITE_ONCE(slot->valid, valid);
	lab_seq_write_end(&slot->seq);
}

/**
 * lab_context_insert - cache a context entry
 * @vtd: the unit
 * @generation: as it was before the tables were read
 * @ctx: what was read
 *
 * Interrupts are off; takes cache_lock.
 *
 * Return: false if an invalidation has run since.
 */
bool lab_context_insert(struct lab_vtd *vtd, u64 generation,
			const struct lab_context_entry *ctx)
{
	bool current_fill;

	lockdep_assert_irqs_disabled();
	raw_spin_lock(&vtd->cache_lock);
	current_fill = generation == vtd->generation;
	if (current_fill)
		lab_context_write(vtd, lab_context_slot(vtd, ctx->sid), ctx,
				  true);
	raw_spin_unlock(&vtd->cache_lock);
	return current_fill;
}

static bool lab_context_cacheable(const struct lab_vtd *vtd, u8 reason)
{
	switch (reason) {
	case 0:
		return true;
	case VTD_FAULT_ROOT_ACCESS:
	case VTD_FAULT_CTX_ACCESS:
	case VTD_FAULT_SM_TTM:
	case VTD_FAULT_SM_ROOT_ACCESS:
	case VTD_FAULT_SM_CTX_ACCESS:
		return false;
	default:
		return vtd->config.caching_mode;
	}
}

/**
 * lab_context_get - the context entry of a requester
 * @rq: the requester
 * @generation: as it was before
 * @ctx: out: lo, hi, sid and the fault reason, 0 if it can be used
 *
 * From the context cache, or from memory. Interrupts are off.
 */
void lab_context_get(struct lab_requester *rq, u64 generation,
		     struct lab_context_entry *ctx)
{
	struct lab_vtd *vtd = rq->vtd;

	if (likely(lab_context_lookup(vtd, rq->sid, ctx)))
		return;
	lab_count(rq, LAB_CNT_CTX_MISS);
	ctx->sid = rq->sid;
	ctx->reason = lab_context_fetch(vtd, rq->sid, ctx);
	if (lab_context_cacheable(vtd, ctx->reason) &&
	    !lab_context_insert(vtd, generation, ctx))
		lab_count(rq, LAB_CNT_FILL_DROPPED);
}

static u16 lab_context_did(const struct lab_context_entry *slot)
{
	return slot->reason ? 0 : FIELD_GET(VTD_CTX_DID, slot->hi);
}

/**
 * lab_context_invalidate - invalidate context-cache entries
 * @vtd: the unit, cache_lock held
 * @granularity: VTD_GRAN_GLOBAL, VTD_GRAN_DOMAIN or VTD_GRAN_DEVICE
 * @did: domain id, not for global
 * @sid: source-id, for device-selective
 * @function_mask: FM: 0 to 3: function bits 2, 2:1, 2:0 are ignored (11.4.6)
 */
void lab_context_invalidate(struct lab_vtd *vtd, unsigned int granularity,
			    u16 did, u16 sid, unsigned int function_mask)
{
	static const struct lab_context_entry nothing;
	u16 mask = lab_compared_sid(function_mask);

	lockdep_assert_held(&vtd->cache_lock);
	for (unsigned int i = 0; i < LAB_CONTEXT_SLOTS; i++) {
		struct lab_context_entry *slot = &vtd->contexts[i];

		if (!vtd->stats.context_present)
			break;
		if (!slot->valid)
			continue;
		if (granularity != VTD_GRAN_GLOBAL && !slot->scalable &&
		    lab_context_did(slot) != did)
			continue;
		if (granularity == VTD_GRAN_DEVICE &&
		    (slot->sid ^ sid) & mask)
			continue;
		lab_context_write(vtd, slot, &nothing, false);
	}
}

unsigned int lab_vtd_context_slots(const struct lab_vtd *vtd)
{
	return LAB_CONTEXT_SLOTS;
}

/**
 * lab_vtd_context_view - look at a context-cache entry
 * @vtd: the unit
 * @slot: below lab_vtd_context_slots()
 * @view: out: the entry
 *
 * Any context. Takes cache_lock.
 *
 * Return: false if there is no entry.
 */
bool lab_vtd_context_view(struct lab_vtd *vtd, unsigned int slot,
			  struct lab_context_view *view)
{
	struct lab_context_entry *entry = &vtd->contexts[slot];
	unsigned long flags;
	bool present;

	raw_spin_lock_irqsave(&vtd->cache_lock, flags);
	present = entry->valid;
	if (present)
		*view = (struct lab_context_view) {
			.sid = entry->sid,
			.scalable = entry->scalable,
			.lo = entry->lo,
			.hi = entry->hi,
		};
	raw_spin_unlock_irqrestore(&vtd->cache_lock, flags);
	return present;
}
