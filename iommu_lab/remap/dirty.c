// SPDX-License-Identifier: GPL-2.0
/*
 * Dirty tracking: units set D in the leaves that they write through, where the PASID
 * entry says so (SSADE, VT-d 3.7.2).
 *
 * A unit that knows D to be set does not look at the leaf again. So who clears D must
 * invalidate, or later writes set no bit.
 */
#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include "remap_int.h"

/**
 * lab_remap_can_track - can a unit tell which pages it has written?
 * @unit: the unit
 *
 * Return: true if it is driven in scalable mode and has SSADS. Any context.
 */
bool lab_remap_can_track(const struct lab_unit *unit)
{
	return unit->caps.dirty;
}

static bool clear_all(void *ctx, u64 start, u64 last)
{
	return true;
}

/* the whole table: what an earlier turn has left is not of this one */
static void forget_dirty(struct lab_remap_domain *rd)
{
	u64 end = 1ULL << lab_level_shift(rd->config.pt.levels + 1);
	u64 step = 1ULL << lab_level_shift(4);
	u64 iova;

	for (iova = 0; iova < end; iova += step) {
		lab_remap_read_dirty(rd, iova, step, clear_all, NULL);
		cond_resched();
	}
}

/* each unit looks at its PASID entries again, and forgets what it knew of leaves */
static int set_units(struct lab_remap_domain *rd, bool on)
{
	struct lab_inval inval[2];
	struct lab_binding *binding;
	unsigned int nr;
	int ret = 0;
	int err;

	rcu_read_lock();
	list_for_each_entry_rcu(binding, &rd->units, link) {
		if (!binding->unit->caps.dirty)
			continue;
		lab_sm_set_dirty(binding->unit, binding->did, on);
		nr = lab_sm_inval(binding->did, false, inval);
		lab_inval_of(rd, inval, nr);
		err = lab_unit_invalidate(binding->unit, inval, nr);
		ret = ret ?: err;
	}
	rcu_read_unlock();
	return ret;
}

static bool all_can_track(struct lab_remap_domain *rd)
{
	struct lab_binding *binding;

	list_for_each_entry(binding, &rd->units, link)
		if (!binding->unit->caps.dirty)
			return false;
	return true;
}

/**
 * lab_remap_set_dirty_tracking - have units remember which pages they write, or not
 * @rd: the domain; not an identity one
 * @on: from now on, also for source-ids that are attached later
 *
 * Turning it on begins with all pages clean. Nothing is done when it is so already.
 *
 * Context: may sleep, see lab_remap_attach(). The caller sees that no map and no unmap
 * runs at the same time.
 * Return: 0; -EOPNOTSUPP: an identity domain, or a unit that @rd is attached to cannot
 * do so: nothing was changed. -ENODEV, -ETIMEDOUT, -EIO: as lab_remap_sync(): what
 * units do is not known.
 */
int lab_remap_set_dirty_tracking(struct lab_remap_domain *rd, bool on)
{
	int ret;

	if (rd->config.identity)
		return -EOPNOTSUPP;
	if (rd->dirty == on)
		return 0;
	if (on && !all_can_track(rd))
		return -EOPNOTSUPP;
	if (on)
		forget_dirty(rd);
	WRITE_ONCE(rd->dirty, on);
	ret = set_units(rd, on);
	if (ret && on)
		WRITE_ONCE(rd->dirty, false);
	return ret;
}

/**
 * lab_remap_read_dirty - visit the pages that were written
 * @rd: the domain; not an identity one
 * @iova: begin of the range; bytes, multiple of 4 KiB
 * @length: bytes, multiple of 4 KiB
 * @fn: called for each dirty leaf, ascending; says whether its bit is to be cleared
 * @ctx: for @fn
 *
 * Where bits are cleared, lab_remap_sync_dirty() must follow before the data of the
 * pages is looked at: writes through leaves that units know to be dirty go on until
 * then, and set no bit.
 *
 * Context: what @fn allows in an RCU read-side critical section. The caller sees that
 * nobody unmaps in the range.
 */
void lab_remap_read_dirty(struct lab_remap_domain *rd, u64 iova, u64 length,
			  lab_dirty_fn fn, void *ctx)
{
	rcu_read_lock();
	lab_vtdss_dirty(&rd->pt, iova, length, fn, ctx);
	rcu_read_unlock();
}

/**
 * lab_remap_sync_dirty - have units look again at leaves whose dirty bits were cleared
 * @rd: the domain
 * @iova: begin of the range; bytes, multiple of 4 KiB
 * @length: bytes, multiple of 4 KiB, not 0
 *
 * When it has returned 0, no access that set no bit is in flight.
 *
 * Context: any. Spins for each unit, no longer than its time limit.
 * Return: as lab_remap_sync().
 */
int lab_remap_sync_dirty(struct lab_remap_domain *rd, u64 iova, u64 length)
{
	struct lab_remap_gather gather;

	lab_remap_gather_init(&gather);
	gather.start = iova;
	gather.last = iova + length - 1;
	return lab_remap_sync(rd, &gather);
}
