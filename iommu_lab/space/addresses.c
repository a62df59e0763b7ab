// SPDX-License-Identifier: GPL-2.0
/*
 * The addresses of what is mapped: those that a device uses, and those of the
 * memory.
 */
#include <linux/maple_tree.h>
#include <linux/mm.h>
#include <linux/minmax.h>
#include "buffer.h"
#include "space_int.h"

static void add_segment(struct lab_segments *out, u64 addr, u64 length)
{
	if (out->nr < out->room)
		out->segment[out->nr] = (struct lab_segment){ addr, length };
	out->nr++;
}

/* calls @fn for each mapping of a range that has no hole */
static int visit_range(struct lab_domain *domain, u64 start, u64 last,
		       void (*fn)(void *ctx, const struct lab_mapping *mapping,
				  u64 start, u64 last),
		       void *ctx)
{
	MA_STATE(mas, &domain->mappings, start, start);
	u64 next = start;
	void *entry;

	lockdep_assert_held(&domain->map_lock);

	mas_for_each(&mas, entry, last) {
		const struct lab_mapping *mapping = lab_iova_mapping(entry);

		if (!mapping || mapping->start > next)
			return -ENOENT;
		fn(ctx, mapping, next, min(mapping->last, last));
		if (mapping->last >= last)
			return 0;
		next = mapping->last + 1;
	}
	return -ENOENT;
}

static void ignore(void *ctx, const struct lab_mapping *mapping, u64 start,
		   u64 last)
{
}

/**
 * lab_domain_addresses - what a device uses to reach a mapped range
 * @domain: domain
 * @start: first IOVA
 * @last: last IOVA (inclusive)
 * @out: nr is 0
 *
 * A unit translates, so whatever is behind the range it is one run.
 *
 * Context: may sleep. Takes map_lock.
 * Return: 0; -ENOENT: not all of it is mapped.
 */
int lab_domain_addresses(struct lab_domain *domain, u64 start, u64 last,
			 struct lab_segments *out)
{
	int err = 0;

	if (domain->policy != LAB_POLICY_IDENTITY) {
		mutex_lock(&domain->map_lock);
		err = visit_range(domain, start, last, ignore, NULL);
		mutex_unlock(&domain->map_lock);
	}
	if (!err)
		add_segment(out, start, last - start + 1);
	return err;
}

/**
 * struct phys_run - a physical run that may go on
 * @out: where it goes when it has ended
 * @addr: its first byte
 * @length: bytes, 0 at first
 */
struct phys_run {
	struct lab_segments *out;
	u64 addr;
	u64 length;
};

static void end_run(struct phys_run *run)
{
	if (run->length)
		add_segment(run->out, run->addr, run->length);
}

static void add_phys(void *ctx, const struct lab_mapping *mapping, u64 start,
		     u64 last)
{
	struct phys_run *run = ctx;
	u64 at = mapping->start;
	u32 i;

	for (i = 0; i < mapping->nr_extents && at <= last; i++) {
		const struct lab_extent *extent = &mapping->extents[i];
		u64 bytes = (u64)extent->pages << PAGE_SHIFT;
		u64 skip = start > at ? start - at : 0;
		u64 addr, length;

		if (skip < bytes) {
			addr = page_to_phys(extent->page) + skip;
			length = min(bytes - skip, last - at - skip + 1);
			if (run->length && run->addr + run->length == addr) {
				run->length += length;
			} else {
				end_run(run);
				run->addr = addr;
				run->length = length;
			}
		}
		at += bytes;
	}
}

/**
 * lab_domain_phys - the memory behind a mapped range
 * @domain: domain
 * @start: first IOVA
 * @last: last IOVA (inclusive)
 * @out: nr is 0; runs are as long as they can be
 *
 * The caller may see physical addresses: see lab_may_use_phys().
 *
 * Context: may sleep. Takes map_lock.
 * Return: 0; -ENOENT: not all of it is mapped.
 */
int lab_domain_phys(struct lab_domain *domain, u64 start, u64 last,
		    struct lab_segments *out)
{
	struct phys_run run = { .out = out };
	int err;

	if (domain->policy == LAB_POLICY_IDENTITY)
		return lab_domain_addresses(domain, start, last, out);
	mutex_lock(&domain->map_lock);
	err = visit_range(domain, start, last, add_phys, &run);
	mutex_unlock(&domain->map_lock);
	if (!err)
		end_run(&run);
	return err;
}
