// SPDX-License-Identifier: GPL-2.0
/*
 * A translation: context, in scalable mode PASID entry, IOTLB, paging-structure
 * cache, page tables (VT-d 3.4, 3.6, 3.7).
 *
 * The hit path takes no lock and writes no cache line that another CPU reads:
 * counters of this CPU, a reference bit if that is clear, and A and D where they have
 * to be set.
 */
#include <linux/atomic.h>
#include <linux/bitfield.h>
#include <linux/lockdep.h>
#include "../pgtable/fmt_vtdss.h"
#include "../compat/cmpxchg.h"
#include "vtd_int.h"

static enum lab_translate_status
lab_deny(struct lab_requester *rq, const struct lab_path *path, u64 iova,
	 bool write, u8 reason, struct lab_translation *tr)
{
	tr->reason = reason;
	lab_count(rq, LAB_CNT_FAULT + vtd_fault_slot(reason));
	/* 7.1.3: faults found before an entry with FPD ignore it */
	if (!path->fpd)
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

static u8 lab_denied(const struct lab_path *path, bool write)
{
	if (path->scalable)
		return write ? VTD_FAULT_SM_WRITE : VTD_FAULT_SM_READ;
	return write ? VTD_FAULT_WRITE : VTD_FAULT_READ;
}

static bool lab_permits(u8 prot, bool write)
{
	return prot & (write ? LAB_PROT_WRITE : LAB_PROT_READ);
}

static enum lab_translate_status
lab_pass_through(struct lab_requester *rq, const struct lab_path *path,
		 u64 iova, bool write, struct lab_translation *tr)
{
	if (iova >> rq->vtd->width) {
		lab_count(rq, LAB_CNT_CTX_FAULT);
		return lab_deny(rq, path, iova, write,
				path->scalable ? VTD_FAULT_SM_BEYOND_HOST :
						 VTD_FAULT_BEYOND_WIDTH, tr);
	}
	lab_count(rq, LAB_CNT_PASS);
	tr->pa = iova;
	tr->memory = LAB_MEMORY_ANY;
	tr->bytes = 4096 - iova % 4096;
	return LAB_TRANSLATED;
}

static bool lab_leaf_is(const struct lab_iotlb_hit *hit, u64 *leaf)
{
	return lab_table_read(hit->leafp, leaf) &&
	       !((*leaf ^ hit->leaf) & ~FMT_MARKS);
}

/*
 * 3.7.2: A and D are set before the access that they tell of, in an entry that is
 * still the one that was translated by. What the IOTLB knows to be set is not
 * looked at again: whoever clears a bit invalidates. Returns false when the leaf
 * has changed.
 */
static noinline bool lab_hit_mark(struct lab_requester *rq,
				  const struct lab_path *path, u64 generation,
				  const struct lab_iotlb_hit *hit, u64 iova,
				  bool write)
{
	u64 marks = fmt_leaf_marks(write);
	u64 leaf, old;
	int ret;

	do {
		if (!lab_leaf_is(hit, &leaf))
			return false;
		old = leaf;
		ret = lab_cmpxchg_nofault(hit->leafp, &old, leaf | marks);
		if (ret < 0)
			return false;
	} while (!ret);
	if (marks & ~leaf)
		lab_count(rq, LAB_CNT_MARK);
	lab_iotlb_set_leaf(rq->vtd, generation, path->did, iova, hit, marks);
	return true;
}

static enum lab_translate_status
lab_hit(struct lab_requester *rq, const struct lab_path *path, u64 generation,
	const struct lab_iotlb_hit *hit, u64 iova, bool write,
	struct lab_translation *tr)
{
	u64 below = (1ULL << lab_level_shift(hit->level)) - 1;
	bool fresh;
	u64 leaf;

	lab_count(rq, LAB_CNT_HIT);
	tr->hit = true;
	fresh = lab_leaf_is(hit, &leaf);
	if (unlikely(fresh && path->mark && lab_permits(hit->prot, write) &&
		     fmt_leaf_marks(write) & ~hit->leaf))
		fresh = lab_hit_mark(rq, path, generation, hit, iova, write);
	if (unlikely(!fresh)) {
		lab_count(rq, LAB_CNT_STALE);
		tr->stale = true;
		return lab_deny(rq, path, iova, write, lab_denied(path, write),
				tr);
	}
	if (unlikely(!lab_permits(hit->prot, write)))
		return lab_deny(rq, path, iova, write, lab_denied(path, write),
				tr);
	tr->memory = lab_memory(hit->prot);
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
					    const struct lab_path *path,
					    u64 generation,
					    struct lab_walk *walk)
{
	struct lab_vtd *vtd = rq->vtd;
	enum lab_walk_status status;
	bool from_top;

	walk->leaf_levels = vtd->leaf_levels;
	walk->oa_bits = vtd->width;
	walk->levels = path->levels;
	from_top = !lab_psc_lookup(vtd, path->did, walk);
	if (from_top) {
		walk->table = path->table;
		walk->level = walk->levels;
		walk->prot = LAB_PROT_READ | LAB_PROT_WRITE;
	} else {
		lab_count(rq, LAB_CNT_PSC_HIT);
	}
	status = lab_vtdss_walk(walk);
	lab_count(rq, LAB_CNT_WALK);
	lab_count_add(rq, LAB_CNT_WALK_STEP, walk->steps);
	if (walk->marks)
		lab_count_add(rq, LAB_CNT_MARK, walk->marks);
	if (from_top && walk->level == 1 && walk->entryp &&
	    !lab_psc_insert(vtd, generation, path->did, walk))
		lab_count(rq, LAB_CNT_FILL_DROPPED);
	return status;
}

/* 7.1.3, of scalable mode: the top is told from the tables below it */
static u8 lab_table_reason(const struct lab_path *path,
			   const struct lab_walk *walk)
{
	if (!path->scalable)
		return VTD_FAULT_TABLE_ACCESS;
	return !walk->entryp && walk->level == path->levels ?
	       VTD_FAULT_SS_TOP_ACCESS : VTD_FAULT_SS_TABLE_ACCESS;
}

static u8 lab_beyond_reason(const struct lab_path *path)
{
	return path->scalable ? VTD_FAULT_SM_BEYOND_WIDTH :
				VTD_FAULT_BEYOND_WIDTH;
}

static u8 lab_walk_reason(enum lab_walk_status status,
			  const struct lab_path *path,
			  const struct lab_walk *walk, bool write)
{
	switch (status) {
	case LAB_WALK_LEAF:
		if (lab_permits(walk->prot, write))
			return 0;
		fallthrough;
	case LAB_WALK_NOT_PRESENT:
		return lab_denied(path, write);
	case LAB_WALK_RESERVED:
		return path->scalable ? VTD_FAULT_SS_RESERVED :
					VTD_FAULT_PTE_RESERVED;
	case LAB_WALK_BEYOND:
		return lab_beyond_reason(path);
	case LAB_WALK_BAD_TABLE:
		break;
	}
	return lab_table_reason(path, walk);
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
lab_miss(struct lab_requester *rq, const struct lab_path *path, u64 generation,
	 u64 iova, bool write, struct lab_translation *tr)
{
	struct lab_walk walk = { .iova = iova };
	enum lab_walk_status status;
	u64 span;
	u8 reason;

	lab_count(rq, LAB_CNT_MISS);
	if (path->mark)
		walk.mark = write ? LAB_PROT_WRITE : LAB_PROT_READ;
	status = lab_walk_tables(rq, path, generation, &walk);
	reason = lab_walk_reason(status, path, &walk, write);
	if (lab_cacheable(rq->vtd, status, reason))
		lab_fill(rq, generation, path->did, &walk);
	if (reason)
		return lab_deny(rq, path, iova, write, reason, tr);
	span = 1ULL << lab_level_shift(walk.level);
	tr->pa = walk.oa;
	tr->memory = lab_memory(walk.prot);
	tr->bytes = span - (iova & (span - 1));
	return LAB_TRANSLATED;
}

static void lab_legacy_path(const struct lab_context_entry *ctx,
			    struct lab_path *path)
{
	*path = (struct lab_path) {
		.table = ctx->lo & VTD_CTX_SSPTPTR,
		.did = FIELD_GET(VTD_CTX_DID, ctx->hi),
		.levels = FIELD_GET(VTD_CTX_AW, ctx->hi) + 2,
		.reason = ctx->reason,
		.pass_through = FIELD_GET(VTD_CTX_TT, ctx->lo) ==
				VTD_TT_PASS_THROUGH,
		.fpd = !!(ctx->lo & VTD_CTX_FPD),
	};
}

static void lab_scalable_path(struct lab_requester *rq, u64 generation,
			      const struct lab_context_entry *ctx,
			      struct lab_path *path)
{
	struct lab_pasid_entry pe;

	*path = (struct lab_path) {
		.reason = ctx->reason,
		.scalable = true,
		.fpd = !!(ctx->lo & VTD_SM_CTX_FPD),
	};
	if (unlikely(ctx->reason))
		return;
	lab_pasid_get(rq, generation, ctx, &pe);
	path->table = pe.lo & VTD_PE_SSPTPTR;
	path->did = FIELD_GET(VTD_PE_DID, pe.hi);
	path->levels = FIELD_GET(VTD_PE_AW, pe.lo) + 2;
	path->reason = pe.reason;
	path->pass_through = FIELD_GET(VTD_PE_PGTT, pe.lo) ==
			     VTD_PGTT_PASS_THROUGH;
	path->mark = !!(pe.lo & VTD_PE_SSADE);
	path->fpd |= pe.fpd;
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
 * when it refuses. Takes no lock on a hit; cache_lock to fill a cache, or to note
 * that A or D is set; fault_lock to record a fault.
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
	struct lab_path path;
	u64 generation;

	lockdep_assert_irqs_disabled();
	*tr = (struct lab_translation){};
	if (unlikely(state != BIT(LAB_STATE_TRANSLATE)))
		return lab_translate_off(rq, state, iova);

	/* pairs with lab_new_generation(): tables are read after it */
	generation = smp_load_acquire(&vtd->generation);
	lab_context_get(rq, generation, &ctx);
	if (ctx.scalable)
		lab_scalable_path(rq, generation, &ctx, &path);
	else
		lab_legacy_path(&ctx, &path);
	if (unlikely(path.reason)) {
		lab_count(rq, LAB_CNT_CTX_FAULT);
		return lab_deny(rq, &path, iova, write, path.reason, tr);
	}
	if (path.pass_through)
		return lab_pass_through(rq, &path, iova, write, tr);

	/* 3, 4, 5 levels: 39, 48, 57 bits; CAP.MGAW is the largest of them */
	if (unlikely(iova >> lab_level_shift(path.levels + 1))) {
		lab_count(rq, LAB_CNT_CTX_FAULT);
		return lab_deny(rq, &path, iova, write,
				lab_beyond_reason(&path), tr);
	}
	if (likely(lab_iotlb_lookup(vtd, path.did, iova, &hit)))
		return lab_hit(rq, &path, generation, &hit, iova, write, tr);
	return lab_miss(rq, &path, generation, iova, write, tr);
}
