// SPDX-License-Identifier: GPL-2.0
/*
 * A translation: context, IOTLB, paging-structure cache, page tables (VT-d 3.4,
 * 3.6, 3.7).
 *
 * The hit path takes no lock and writes no cache line that another CPU reads:
 * one counter of this CPU, and a reference bit if that is clear.
 */
#include <linux/bitfield.h>
#include <linux/lockdep.h>
#include "vtd_int.h"

static enum lab_translate_status
lab_deny(struct lab_requester *rq, const struct lab_context_entry *ctx,
	 u64 iova, bool write, u8 reason, struct lab_translation *tr)
{
	tr->reason = reason;
	lab_count(rq, LAB_CNT_FAULT + reason);
	/* 7.1.3: faults found before the context entry ignore its FPD */
	if (!(ctx->lo & VTD_CTX_FPD))
		lab_fault_record(rq->vtd, rq->sid, iova, write, reason);
	return LAB_FAULTED;
}

static bool lab_in_region(const struct lab_vtd *vtd, u64 address, u64 base,
			  u64 limit)
{
	return address >= base && address <= (limit | GENMASK_ULL(20, 0));
}

/* 11.4.15: protected memory regions count while translation is off. */
static bool lab_protected(const struct lab_vtd *vtd, u64 address)
{
	if (!(lab_reg_get(vtd, VTD_PMEN) & VTD_PMEN_PRS))
		return false;
	return lab_in_region(vtd, address, lab_reg_get(vtd, VTD_PLMBASE),
			     lab_reg_get(vtd, VTD_PLMLIMIT)) ||
	       lab_in_region(vtd, address, lab_reg_get64(vtd, VTD_PHMBASE),
			     lab_reg_get64(vtd, VTD_PHMLIMIT));
}

/* Cut off, or translation is off. */
static enum lab_translate_status
lab_translate_off(struct lab_requester *rq, unsigned long state, u64 iova)
{
	if (state & (BIT(LAB_STATE_SEVERED) | BIT(LAB_STATE_MUTE))) {
		lab_count(rq, LAB_CNT_BLOCKED);
		return LAB_CUT_OFF;
	}
	if (lab_protected(rq->vtd, iova)) {
		lab_count(rq, LAB_CNT_BLOCKED);
		return LAB_FAULTED;
	}
	return LAB_UNTRANSLATED;
}

static u8 lab_denied(bool write)
{
	return write ? VTD_FAULT_WRITE : VTD_FAULT_READ;
}

static bool lab_permits(u8 prot, bool write)
{
	return prot & (write ? LAB_PROT_WRITE : LAB_PROT_READ);
}

static enum lab_translate_status
lab_pass_through(struct lab_requester *rq, const struct lab_context_entry *ctx,
		 u64 iova, bool write, struct lab_translation *tr)
{
	if (iova >> rq->vtd->width) {
		lab_count(rq, LAB_CNT_CTX_FAULT);
		return lab_deny(rq, ctx, iova, write, VTD_FAULT_BEYOND_WIDTH,
				  tr);
	}
	lab_count(rq, LAB_CNT_PASS);
	tr->pa = iova;
	tr->bytes = 4096 - iova % 4096;
	return LAB_TRANSLATED;
}

static enum lab_translate_status
lab_hit(struct lab_requester *rq, const struct lab_context_entry *ctx,
	const struct lab_iotlb_hit *hit, u64 iova, bool write,
	struct lab_translation *tr)
{
	u64 below = (1ULL << lab_level_shift(hit->level)) - 1;
	u64 leaf;

	lab_count(rq, LAB_CNT_HIT);
	tr->hit = true;
	if (unlikely(!lab_table_read(hit->leafp, &leaf) || leaf != hit->leaf)) {
		lab_count(rq, LAB_CNT_STALE);
		tr->stale = true;
		return lab_deny(rq, ctx, iova, write, lab_denied(write), tr);
	}
	if (unlikely(!lab_permits(hit->prot, write)))
		return lab_deny(rq, ctx, iova, write, lab_denied(write), tr);
	tr->pa = (hit->leaf & rq->vtd->oa_mask & ~below) | (iova & below);
	tr->bytes = below + 1 - (iova & below);
	return LAB_TRANSLATED;
}

static void lab_fill(struct lab_requester *rq, u64 generation, u16 did,
		     const struct lab_walk *walk)
{
	switch (lab_iotlb_insert(rq->vtd, generation, did, walk)) {
	case LAB_FILL_EVICTED:
		lab_count(rq, LAB_CNT_EVICT);
		fallthrough;
	case LAB_FILL_DONE:
		lab_count(rq, LAB_CNT_INSERT);
		break;
	case LAB_FILL_DROPPED:
		lab_count(rq, LAB_CNT_FILL_DROPPED);
		break;
	case LAB_FILL_PRESENT:
		break;
	}
}

static enum lab_walk_status lab_walk_tables(struct lab_requester *rq,
					    const struct lab_context_entry *ctx,
					    u64 generation, u16 did,
					    struct lab_walk *walk)
{
	struct lab_vtd *vtd = rq->vtd;
	enum lab_walk_status status;
	bool from_top;

	walk->leaf_levels = vtd->leaf_levels;
	walk->oa_bits = vtd->width;
	walk->levels = FIELD_GET(VTD_CTX_AW, ctx->hi) + 2;
	from_top = !lab_psc_lookup(vtd, did, walk);
	if (from_top) {
		walk->table = ctx->lo & VTD_CTX_SSPTPTR;
		walk->level = walk->levels;
		walk->prot = LAB_PROT_READ | LAB_PROT_WRITE;
	} else {
		lab_count(rq, LAB_CNT_PSC_HIT);
	}
	status = lab_vtdss_walk(walk);
	lab_count(rq, LAB_CNT_WALK);
	lab_count_add(rq, LAB_CNT_WALK_STEP, walk->steps);
	if (from_top && walk->level == 1 && walk->entryp &&
	    !lab_psc_insert(vtd, generation, did, walk))
		lab_count(rq, LAB_CNT_FILL_DROPPED);
	return status;
}

static u8 lab_walk_reason(enum lab_walk_status status,
			  const struct lab_walk *walk, bool write)
{
	switch (status) {
	case LAB_WALK_LEAF:
		return lab_permits(walk->prot, write) ? 0 : lab_denied(write);
	case LAB_WALK_NOT_PRESENT:
		return lab_denied(write);
	case LAB_WALK_RESERVED:
		return VTD_FAULT_PTE_RESERVED;
	case LAB_WALK_BAD_TABLE:
		return VTD_FAULT_TABLE_ACCESS;
	case LAB_WALK_BEYOND:
		return VTD_FAULT_BEYOND_WIDTH;
	}
	return VTD_FAULT_TABLE_ACCESS;
}

/*
 * 6.1: an access that faults leaves nothing in the IOTLB, but with caching mode
 * not-present and denied leaves are cached too (a reserved bit or a table that
 * is no memory never is).
 */
static bool lab_cacheable(const struct lab_vtd *vtd,
			  enum lab_walk_status status, u8 reason)
{
	if (!reason)
		return true;
	return vtd->config.caching_mode &&
	       (status == LAB_WALK_LEAF || status == LAB_WALK_NOT_PRESENT);
}

static noinline enum lab_translate_status
lab_miss(struct lab_requester *rq, const struct lab_context_entry *ctx,
	 u64 generation, u64 iova, bool write, struct lab_translation *tr)
{
	u16 did = FIELD_GET(VTD_CTX_DID, ctx->hi);
	struct lab_walk walk = { .iova = iova };
	enum lab_walk_status status;
	u64 span;
	u8 reason;

	lab_count(rq, LAB_CNT_MISS);
	status = lab_walk_tables(rq, ctx, generation, did, &walk);
	reason = lab_walk_reason(status, &walk, write);
	if (lab_cacheable(rq->vtd, status, reason))
		lab_fill(rq, generation, did, &walk);
	if (reason)
		return lab_deny(rq, ctx, iova, write, reason, tr);
	span = 1ULL << lab_level_shift(walk.level);
	tr->pa = walk.oa;
	tr->bytes = span - (iova & (span - 1));
	return LAB_TRANSLATED;
}

/**
 * lab_vtd_translate - translate an address for a requester
 * @rq: the requester
 * @iova: the address, any byte
 * @write: kind of access
 * @tr: out: where to go, or why not
 *
 * Interrupts are off, and lab_inflight_begin() was called: what is returned may
 * be used until lab_inflight_end(). May call the handler of the interrupt line
 * when it refuses. Takes no lock on a hit; cache_lock to fill a cache,
 * fault_lock to record a fault.
 *
 * Return: enum lab_translate_status.
 */
enum lab_translate_status lab_vtd_translate(struct lab_requester *rq, u64 iova,
					    bool write,
					    struct lab_translation *tr)
{
	struct lab_vtd *vtd = rq->vtd;
	unsigned long state = READ_ONCE(vtd->state);
	struct lab_context_entry ctx;
	struct lab_iotlb_hit hit;
	u64 generation;

	lockdep_assert_irqs_disabled();
	*tr = (struct lab_translation){};
	if (unlikely(state != BIT(LAB_STATE_TRANSLATE)))
		return lab_translate_off(rq, state, iova);

	/* pairs with lab_new_generation(): tables are read after it */
	generation = smp_load_acquire(&vtd->generation);
	lab_context_get(rq, generation, &ctx);
	if (unlikely(ctx.reason)) {
		lab_count(rq, LAB_CNT_CTX_FAULT);
		return lab_deny(rq, &ctx, iova, write, ctx.reason, tr);
	}
	if (FIELD_GET(VTD_CTX_TT, ctx.lo) == VTD_TT_PASS_THROUGH)
		return lab_pass_through(rq, &ctx, iova, write, tr);

	/* AW 1, 2, 3: 39, 48, 57 bits; CAP.MGAW is the largest of them */
	if (unlikely(iova >> (30 + 9 * FIELD_GET(VTD_CTX_AW, ctx.hi)))) {
		lab_count(rq, LAB_CNT_CTX_FAULT);
		return lab_deny(rq, &ctx, iova, write, VTD_FAULT_BEYOND_WIDTH,
				  tr);
	}
	if (likely(lab_iotlb_lookup(vtd, FIELD_GET(VTD_CTX_DID, ctx.hi), iova,
				    &hit)))
		return lab_hit(rq, &ctx, &hit, iova, write, tr);
	return lab_miss(rq, &ctx, generation, iova, write, tr);
}
