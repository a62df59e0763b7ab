// SPDX-License-Identifier: GPL-2.0
/*
 * Map, unmap and flush for the kernel's iommu core: in any context, also with
 * interrupts off.
 *
 * A table that an unmap unlinks is freed after an invalidation that covers it, and
 * a grace period. In strict mode the core asks for that invalidation by range, and
 * several ranges may be on their way at once: so an unmap that unlinks a table has
 * its own range invalidated at once, and no list tells which table waits for whom.
 * In lazy mode tables wait in domain->retired for the next flush of the whole
 * domain: it takes the list first and invalidates then.
 */
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include "space_int.h"

static void count(struct lab_domain *domain, enum lab_core_counter counter,
		  u64 n)
{
	this_cpu_add(domain->space->core_counters->c[counter], n);
}

/**
 * lab_core_check - note the outcome of an invalidation
 * @domain: LAB_CORE_PAGING
 * @err: what it returned; not 0: what a unit that is dead by now may still reach is
 *	kept
 *
 * Context: any.
 */
void lab_core_check(struct lab_domain *domain, int err)
{
	if (err)
		WRITE_ONCE(domain->dead, true);
}

/* may a page be hidden? Asked in an RCU read-side critical section */
static bool is_armed(const struct lab_domain *domain)
{
	/* a plain load on x86: whoever reads 0 sees a leaf that was put back */
	return smp_load_acquire(&domain->hidden.armed);
}

/**
 * lab_core_map - map a physically contiguous range
 * @domain: LAB_CORE_PAGING
 * @iova: begin of the range; bytes, multiple of 4 KiB
 * @pa: physical address; bytes, multiple of 4 KiB
 * @length: bytes, multiple of 4 KiB
 * @prot: LAB_PROT_*
 * @gfp: for tables
 * @mapped: out: bytes from @iova that are mapped now, always set
 *
 * It may be used after lab_core_map_sync().
 *
 * Context: what @gfp allows. The IOVAs are the caller's.
 * Return: 0, or what lab_remap_map() returns.
 */
int lab_core_map(struct lab_domain *domain, u64 iova, u64 pa, u64 length,
		 u32 prot, gfp_t gfp, u64 *mapped)
{
	struct lab_remap_gather gather;
	int err;

	lab_remap_gather_init(&gather);
	err = lab_remap_map(&domain->remap, iova, pa, length, prot, gfp,
			    &gather, mapped);
	/* an empty table gave way to a leaf */
	if (!list_empty(&gather.retired))
		lab_core_check(domain, lab_remap_map_sync(&domain->remap, &gather));
	count(domain, LAB_CORE_MAPS, 1);
	count(domain, LAB_CORE_MAPPED, *mapped);
	return err;
}

/**
 * lab_core_map_sync - what must follow lab_core_map()
 * @domain: LAB_CORE_PAGING
 * @iova: begin of the range
 * @length: bytes
 *
 * Context: any.
 */
void lab_core_map_sync(struct lab_domain *domain, u64 iova, u64 length)
{
	struct lab_remap_gather gather;

	lab_remap_gather_init(&gather);
	gather.start = iova;
	gather.last = iova + length - 1;
	lab_core_check(domain, lab_remap_map_sync(&domain->remap, &gather));
}

/**
 * lab_core_unmap - unmap what is mapped in a range
 * @domain: LAB_CORE_PAGING
 * @iova: begin of the range; bytes, multiple of 4 KiB
 * @length: bytes, multiple of 4 KiB
 * @flushed_later: lab_core_flush() will be called, and lab_core_sync() will not
 * @done: out: the units have forgotten the range already
 *
 * Context: any. The IOVAs are the caller's.
 * Return: bytes unmapped, a hidden page among them.
 */
u64 lab_core_unmap(struct lab_domain *domain, u64 iova, u64 length,
		   bool flushed_later, bool *done)
{
	struct lab_remap_gather gather;
	unsigned long flags;
	u64 unmapped;

	*done = false;
	lab_remap_gather_init(&gather);
	/* hiding a page waits for those who have seen that none is */
	rcu_read_lock();
	if (unlikely(is_armed(domain)))
		unmapped = lab_hidden_unmap(domain, iova, length, &gather);
	else
		unmapped = lab_remap_unmap(&domain->remap, iova, length,
					   &gather);
	rcu_read_unlock();
	count(domain, LAB_CORE_UNMAPS, 1);
	count(domain, LAB_CORE_UNMAPPED, unmapped);
	if (list_empty(&gather.retired))
		return unmapped;
	if (flushed_later) {
		raw_spin_lock_irqsave(&domain->retired_lock, flags);
		list_splice_tail_init(&gather.retired, &domain->retired);
		raw_spin_unlock_irqrestore(&domain->retired_lock, flags);
	} else {
		lab_core_check(domain, lab_remap_sync(&domain->remap, &gather));
		*done = true;
	}
	return unmapped;
}

/**
 * lab_core_sync - have each unit forget a range that was unmapped
 * @domain: LAB_CORE_PAGING
 * @start: first IOVA
 * @last: last IOVA (inclusive); below @start: nothing is to be done
 *
 * Context: any.
 */
void lab_core_sync(struct lab_domain *domain, u64 start, u64 last)
{
	struct lab_remap_gather gather;

	count(domain, LAB_CORE_SYNCS, 1);
	lab_remap_gather_init(&gather);
	gather.start = start;
	gather.last = last;
	lab_core_check(domain, lab_remap_sync(&domain->remap, &gather));
}

/**
 * lab_core_flush - have each unit forget the whole domain
 * @domain: LAB_CORE_PAGING
 *
 * Tables that were unlinked before are freed.
 *
 * Context: any.
 */
void lab_core_flush(struct lab_domain *domain)
{
	unsigned long flags;
	LIST_HEAD(retired);

	count(domain, LAB_CORE_FLUSHES, 1);
	/* only what this flush covers */
	raw_spin_lock_irqsave(&domain->retired_lock, flags);
	list_splice_init(&domain->retired, &retired);
	raw_spin_unlock_irqrestore(&domain->retired_lock, flags);
	lab_core_check(domain, lab_remap_flush(&domain->remap, &retired));
}

/**
 * lab_core_lookup - where an IOVA leads
 * @domain: a domain of the core
 * @iova: the IOVA
 *
 * Context: any.
 * Return: the physical address, 0 if there is none.
 */
u64 lab_core_lookup(struct lab_domain *domain, u64 iova)
{
	struct lab_walk walk = {};
	u64 pa = 0;

	count(domain, LAB_CORE_LOOKUPS, 1);
	if (domain->core != LAB_CORE_PAGING)
		return domain->core == LAB_CORE_IDENTITY ? iova : 0;
	rcu_read_lock();
	if (unlikely(is_armed(domain)))
		pa = lab_hidden_lookup(domain, iova);
	else if (lab_vtdss_lookup(&domain->remap.pt, iova, &walk) ==
		 LAB_WALK_LEAF)
		pa = walk.oa;
	rcu_read_unlock();
	return pa;
}

/**
 * lab_core_read_counters - what the core has asked for so far
 * @space: where
 * @sum: out
 *
 * Context: any. Exact while nothing is asked for.
 */
void lab_core_read_counters(struct lab_space *space,
			    struct lab_core_counters *sum)
{
	unsigned int i;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu)
		for (i = 0; i < LAB_NR_CORE_COUNTERS; i++)
			sum->c[i] += per_cpu_ptr(space->core_counters,
						 cpu)->c[i];
}
