/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dirty-bit template: included by a format's .c file after pt_build.h. One walk
 * goes through a whole range: a table is looked at once, a hole is passed over at
 * the level where it is.
 */
#ifndef IOMMU_LAB_PT_DIRTY_H
#define IOMMU_LAB_PT_DIRTY_H

#include <linux/bitops.h>
#include <linux/minmax.h>
#include "pgtable.h"

/**
 * struct dirty_range - what is visited
 * @start: first IOVA
 * @last: last IOVA (inclusive)
 * @fn: see lab_dirty_fn
 * @ctx: for @fn
 */
struct dirty_range {
	u64 start;
	u64 last;
	lab_dirty_fn fn;
	void *ctx;
};

/* @first: first IOVA of the leaf, @span: its bytes */
static void dirty_leaf(const struct dirty_range *range, u64 *entryp, u64 first,
		       u64 span)
{
	u64 last = first + span - 1;
	bool whole = first >= range->start && last <= range->last;

	if (range->fn(range->ctx, max(first, range->start),
		      min(last, range->last)) && whole)
		clear_bit(__ffs64(FMT_DIRTY), (unsigned long *)entryp);
}

/* Recursion: at most LAB_PT_MAX_LEVELS deep. @base: first IOVA of the table */
static void dirty_table(const struct dirty_range *range, u64 *table,
			unsigned int level, u64 base)
{
	u64 span = build_span(level);
	unsigned int i = fmt_index(max(base, range->start), level);

	for (; i < LAB_TABLE_ENTRIES && base + i * span <= range->last; i++) {
		u64 entry = READ_ONCE(table[i]);

		if (!fmt_present(entry))
			continue;
		if (!fmt_is_leaf(entry, level))
			dirty_table(range, build_table_of(entry), level - 1,
				    base + i * span);
		else if (entry & FMT_DIRTY)
			dirty_leaf(range, &table[i], base + i * span, span);
	}
}

static void dirty_walk(const struct lab_pt *pt, u64 iova, u64 length,
		       lab_dirty_fn fn, void *ctx)
{
	const struct dirty_range range = {
		.start = iova,
		.last = iova + length - 1,
		.fn = fn,
		.ctx = ctx,
	};

	if (!build_check_range(pt, iova, length))
		dirty_table(&range, pt->top, pt->config.levels, 0);
}

#endif
