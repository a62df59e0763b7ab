// SPDX-License-Identifier: GPL-2.0
/*
 * Map, unmap, and what must follow before memory is let go.
 *
 * Nothing here sleeps or takes a lock that is not raw: unmap and sync may be
 * called from a hard interrupt, map from wherever its gfp allows.
 */
#include <linux/mm.h>
#include <linux/rculist.h>
#include "remap_int.h"

/**
 * lab_remap_gather_init - make a gather that covers nothing
 * @gather: what to fill in
 *
 * A gather that was given to lab_remap_map() or lab_remap_unmap() must be given
 * to lab_remap_map_sync() or lab_remap_sync() in the end, whatever they returned.
 *
 * Context: any.
 */
void lab_remap_gather_init(struct lab_remap_gather *gather)
{
	gather->start = U64_MAX;
	gather->last = 0;
	INIT_LIST_HEAD(&gather->retired);
}

static void gather_add(struct lab_remap_gather *gather, u64 start, u64 last)
{
	gather->start = min(gather->start, start);
	gather->last = max(gather->last, last);
}

static bool gather_is_empty(const struct lab_remap_gather *gather)
{
	return gather->start > gather->last && list_empty(&gather->retired);
}

/**
 * lab_remap_map - map a range
 * @rd: the domain; not an identity one
 * @iova: begin of the range; bytes, multiple of 4 KiB
 * @oa: physical address; bytes, multiple of 4 KiB
 * @length: bytes, multiple of 4 KiB
 * @prot: LAB_PROT_*
 * @gfp: for tables
 * @gather: what lab_remap_map_sync() has to cover
 * @mapped: out: bytes from @iova that are mapped now, always set
 *
 * The caller owns the range until it has returned. The mapping may be used after
 * lab_remap_map_sync(). On failure the caller unmaps the first *@mapped bytes.
 *
 * Context: what @gfp and config.charge allow.
 * Return: 0, or what lab_vtdss_map() returns; -EINVAL for an identity domain.
 */
int lab_remap_map(struct lab_remap_domain *rd, u64 iova, u64 oa, u64 length,
		  u32 prot, gfp_t gfp, struct lab_remap_gather *gather,
		  u64 *mapped)
{
	int ret;

	*mapped = 0;
	if (rd->config.identity)
		return -EINVAL;
	ret = lab_vtdss_map(&rd->pt, iova, oa, length, prot, gfp,
			    &gather->retired, mapped);
	if (*mapped)
		gather_add(gather, iova, iova + *mapped - 1);
	return ret;
}

/* invalidates [start, last] in each unit; @failed: the first that failed */
static int sync_units(struct lab_remap_domain *rd, u64 start, u64 last,
		      bool ih, struct lab_unit **failed)
{
	struct lab_inval inval[LAB_RANGE_DESCRIPTORS];
	struct lab_binding *binding;
	unsigned int nr, i;
	int ret = 0;
	int err;

	rcu_read_lock();
	list_for_each_entry_rcu(binding, &rd->units, link) {
		nr = lab_inval_range(binding->unit, binding->did, start, last,
				     ih, inval);
		lab_inval_of(rd, inval, nr);
		for (i = 0; i < nr; i++)
			atomic64_inc(&rd->iotlb_inval[inval[i].gran]);
		err = lab_unit_invalidate(binding->unit, inval, nr);
		if (err && !ret) {
			ret = err;
			*failed = binding->unit;
		}
	}
	rcu_read_unlock();
	return ret;
}

/* @ih: the unit may keep what it cached of tables */
static int sync(struct lab_remap_domain *rd, struct lab_remap_gather *gather,
		bool ih)
{
	struct lab_unit *failed = NULL;
	int ret;

	if (gather_is_empty(gather))
		return 0;

	/* the change of the table before the look at who may have cached it */
	smp_mb();
	ret = sync_units(rd, gather->start, gather->last, ih, &failed);
	if (ret)
		lab_tables_keep(rd, failed, &gather->retired);
	else
		lab_tables_free_rcu(rd, &gather->retired);
	lab_remap_gather_init(gather);
	return ret;
}

/* does a unit of @rd cache entries that are not present? */
static bool has_caching_mode(struct lab_remap_domain *rd)
{
	struct lab_binding *binding;
	bool found = false;

	rcu_read_lock();
	list_for_each_entry_rcu(binding, &rd->units, link)
		found |= binding->unit->caps.caching_mode;
	rcu_read_unlock();
	return found;
}

static int flush_writes(struct lab_remap_domain *rd)
{
	struct lab_binding *binding;
	int ret = 0;
	int err;

	rcu_read_lock();
	list_for_each_entry_rcu(binding, &rd->units, link) {
		err = lab_unit_flush_writes(binding->unit);
		ret = ret ?: err;
	}
	rcu_read_unlock();
	return ret;
}

/**
 * lab_remap_map_sync - what must follow lab_remap_map() before the device is told
 * @rd: the domain
 * @gather: covers nothing afterwards
 *
 * An entry that becomes present needs an invalidation (VT-d 6.1) where units
 * cache not-present ones, and where a table gave way to a leaf. Tables may have
 * been installed, so what units cached of tables goes too.
 *
 * Context: any. Spins for each unit, no longer than its time limit.
 * Return: 0, or as lab_remap_sync().
 */
int lab_remap_map_sync(struct lab_remap_domain *rd,
		       struct lab_remap_gather *gather)
{
	/* the change of the table before the look at who may have cached it */
	smp_mb();
	if (!list_empty(&gather->retired) || has_caching_mode(rd))
		return sync(rd, gather, false);
	lab_remap_gather_init(gather);
	return flush_writes(rd);
}

/**
 * lab_remap_unmap - unmap what is mapped in a range
 * @rd: the domain; not an identity one
 * @iova: begin of the range; bytes, multiple of 4 KiB
 * @length: bytes, multiple of 4 KiB
 * @gather: what lab_remap_sync() has to cover
 *
 * Units may use what they have cached until lab_remap_sync() has returned 0. The
 * caller owns the range until then. It is in the unmap log from now on.
 *
 * Context: any.
 * Return: bytes unmapped, see lab_vtdss_unmap().
 */
u64 lab_remap_unmap(struct lab_remap_domain *rd, u64 iova, u64 length,
		    struct lab_remap_gather *gather)
{
	u64 unmapped;

	if (rd->config.identity || !length || iova + length - 1 < iova)
		return 0;

	/* before the leaves go: whoever meets a stale one finds out why */
	lab_unmap_log_add(rd, iova, iova + length - 1);
	unmapped = lab_vtdss_unmap(&rd->pt, iova, length, &gather->retired);
	if (unmapped || !list_empty(&gather->retired))
		gather_add(gather, iova, iova + length - 1);
	return unmapped;
}

/**
 * lab_remap_sync - have each unit forget what was unmapped
 * @rd: the domain
 * @gather: covers nothing afterwards
 *
 * When it has returned 0, no access through the old leaves is in flight and none
 * will begin: pages may be let go. Retired tables are freed after an RCU grace
 * period. When it fails, tables are kept for good, and the caller must keep
 * pages.
 *
 * Context: any. Spins for each unit, no longer than its time limit.
 * Return: 0; -ETIMEDOUT: a unit is dead from now on; -ENODEV: it was before;
 * -EIO: a unit refused the invalidation. The other units have been invalidated.
 */
int lab_remap_sync(struct lab_remap_domain *rd,
		   struct lab_remap_gather *gather)
{
	return sync(rd, gather, list_empty(&gather->retired));
}

/**
 * lab_remap_flush - have each unit forget all that it has cached of a domain
 * @rd: the domain
 * @retired: tables that were unlinked before, through page->lru; empty afterwards
 *
 * As lab_remap_sync() with a gather of all IOVAs.
 *
 * Context: any. Spins for each unit, no longer than its time limit.
 * Return: as lab_remap_sync().
 */
int lab_remap_flush(struct lab_remap_domain *rd, struct list_head *retired)
{
	struct lab_remap_gather gather = { .start = 0, .last = U64_MAX };

	INIT_LIST_HEAD(&gather.retired);
	list_splice_init(retired, &gather.retired);
	return lab_remap_sync(rd, &gather);
}
