/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Builder template: included by a format's .c file after its fmt_<format>.h.
 *
 * Each round of map and unmap goes down once from the top and then works on as
 * many neighbouring entries of one table as it can.
 */
#ifndef IOMMU_LAB_PT_BUILD_H
#define IOMMU_LAB_PT_BUILD_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "pgtable.h"

static inline u64 build_span(unsigned int level)
{
	return BIT_ULL(lab_level_shift(level));
}

/* how many entries of one table, from that of @iova on, fit into @length */
static inline unsigned int build_count(unsigned int level, u64 iova, u64 length)
{
	return min_t(u64, LAB_TABLE_ENTRIES - fmt_index(iova, level),
		     length >> lab_level_shift(level));
}

static inline u64 *build_table_of(u64 entry)
{
	return phys_to_virt(fmt_table_pa(entry));
}

static inline void build_flush(const struct lab_pt *pt, u64 *entryp,
			       unsigned int count)
{
	if (pt->mem->ops->flush)
		pt->mem->ops->flush(pt->mem, entryp, count * sizeof(u64));
}

/* a table that the unit can read, all not present for it too, or NULL */
static u64 *build_alloc(const struct lab_pt *pt, gfp_t gfp)
{
	u64 *table = pt->mem->ops->alloc(pt->mem, gfp);

	if (!table)
		return NULL;
	if (virt_to_phys(table) >> pt->config.oa_bits) {
		pt->mem->ops->free(pt->mem, table);
		return NULL;
	}
	build_flush(pt, table, LAB_TABLE_ENTRIES);
	return table;
}

static int build_init(struct lab_pt *pt, const struct lab_pt_config *config,
		      struct lab_table_mem *mem, gfp_t gfp)
{
	if (config->levels < 3 || config->levels > LAB_PT_MAX_LEVELS ||
	    !(config->leaf_levels & BIT(0)) ||
	    config->leaf_levels & ~FMT_LEAF_LEVELS ||
	    config->oa_bits < 12 || config->oa_bits > 52)
		return -EINVAL;

	pt->config = *config;
	pt->mem = mem;
	pt->top = build_alloc(pt, gfp);
	return pt->top ? 0 : -ENOMEM;
}

/* Recursion: at most LAB_PT_MAX_LEVELS deep. */
static void build_free(const struct lab_pt *pt, u64 *table, unsigned int level)
{
	unsigned int i;

	for (i = 0; level > 1 && i < LAB_TABLE_ENTRIES; i++) {
		u64 entry = READ_ONCE(table[i]);

		if (fmt_present(entry) && !fmt_is_leaf(entry, level))
			build_free(pt, build_table_of(entry), level - 1);
	}
	pt->mem->ops->free(pt->mem, table);
}

static void build_destroy(struct lab_pt *pt)
{
	if (pt->top)
		build_free(pt, pt->top, pt->config.levels);
	pt->top = NULL;
}

static int build_check_range(const struct lab_pt *pt, u64 iova, u64 length)
{
	u64 last = iova + length - 1;

	if (!length || !IS_ALIGNED(iova | length, SZ_4K) || last < iova)
		return -EINVAL;
	if (last >> lab_level_shift(pt->config.levels + 1))
		return -ERANGE;
	return 0;
}

/*
 * Clear @count entries, all of them the caller's with their whole span, and
 * retire the tables below. Recursion: at most LAB_PT_MAX_LEVELS deep.
 *
 * Return: bytes that were mapped by them.
 */
static u64 build_clear(const struct lab_pt *pt, u64 *entryp, unsigned int count,
		       unsigned int level, struct list_head *retired)
{
	unsigned int i, leaves = 0;
	u64 below = 0;

	for (i = 0; i < count; i++) {
		u64 entry = READ_ONCE(entryp[i]);
		u64 *table;

		if (!fmt_present(entry))
			continue;
		/* a unit may be setting A or D: its cmpxchg fails from here on */
		entry = xchg(&entryp[i], 0);
		if (fmt_is_leaf(entry, level)) {
			leaves++;
			continue;
		}
		table = build_table_of(entry);
		below += build_clear(pt, table, LAB_TABLE_ENTRIES, level - 1,
				     retired);
		list_add_tail(&virt_to_page(table)->lru, retired);
	}
	build_flush(pt, entryp, count);
	return below + leaves * build_span(level);
}

static u64 build_unmap(const struct lab_pt *pt, u64 iova, u64 length,
		       struct list_head *retired)
{
	u64 end = iova + length;
	u64 cleared = 0;

	if (build_check_range(pt, iova, length))
		return 0;

	while (iova < end) {
		unsigned int level = pt->config.levels;
		u64 *table = pt->top;

		/* down to the first entry with its whole span in the range */
		for (;; level--) {
			u64 *entryp = table + fmt_index(iova, level);
			u64 span = build_span(level);
			u64 entry;

			if (IS_ALIGNED(iova, span) && end - iova >= span) {
				unsigned int count = build_count(level, iova,
								 end - iova);

				cleared += build_clear(pt, entryp, count, level,
						       retired);
				iova += count * span;
				break;
			}
			entry = READ_ONCE(*entryp);
			if (!fmt_present(entry)) {
				iova = ALIGN_DOWN(iova, span) + span;
				break;
			}
			if (fmt_is_leaf(entry, level))
				return cleared;
			table = build_table_of(entry);
		}
	}
	return cleared;
}

/* Recursion: at most LAB_PT_MAX_LEVELS deep. */
static bool build_is_empty(const u64 *table, unsigned int level)
{
	unsigned int i;

	for (i = 0; i < LAB_TABLE_ENTRIES; i++) {
		u64 entry = READ_ONCE(table[i]);

		if (!fmt_present(entry))
			continue;
		if (fmt_is_leaf(entry, level) ||
		    !build_is_empty(build_table_of(entry), level - 1))
			return false;
	}
	return true;
}

/*
 * Put a leaf where something is. Only an empty table gives way: it was left by
 * an unmap of less than its span.
 */
static bool build_replace(const struct lab_pt *pt, u64 *entryp, u64 old,
			  unsigned int level, u64 leaf,
			  struct list_head *retired)
{
	u64 *table;

	if (fmt_is_leaf(old, level))
		return false;
	table = build_table_of(old);
	if (!build_is_empty(table, level - 1))
		return false;
	/* only A can have changed */
	while (!try_cmpxchg64(entryp, &old, leaf))
		if (build_table_of(old) != table)
			return false;
	build_clear(pt, table, LAB_TABLE_ENTRIES, level - 1, retired);
	list_add_tail(&virt_to_page(table)->lru, retired);
	return true;
}

/*
 * Install a table below an entry, unless a map of a neighbouring range comes
 * first.
 *
 * Return: what the entry is now, 0 when there is no memory.
 */
static u64 build_install(const struct lab_pt *pt, u64 *entryp, gfp_t gfp)
{
	u64 *table = build_alloc(pt, gfp);
	u64 entry, old;

	if (!table)
		return 0;
	entry = fmt_make_table(virt_to_phys(table));
	old = cmpxchg64(entryp, 0, entry);
	if (!old)
		return entry;
	pt->mem->ops->free(pt->mem, table);
	return old;
}

/*
 * The table of @level that has the entry of @iova; those that are missing are
 * installed.
 *
 * Return: the table; -EEXIST: a leaf is above it; -ENOMEM.
 */
static u64 *build_descend(const struct lab_pt *pt, u64 iova, unsigned int level,
			  gfp_t gfp)
{
	unsigned int above = pt->config.levels;
	u64 *table = pt->top;

	for (; above > level; above--) {
		u64 *entryp = table + fmt_index(iova, above);
		u64 entry = READ_ONCE(*entryp);

		if (!fmt_present(entry)) {
			entry = build_install(pt, entryp, gfp);
			if (!entry)
				return ERR_PTR(-ENOMEM);
		}
		if (fmt_is_leaf(entry, above))
			return ERR_PTR(-EEXIST);
		/*
		 * Also when another call has installed it: that one may not have
		 * come to its flush yet, and this mapping has to work already.
		 */
		build_flush(pt, entryp, 1);
		table = build_table_of(entry);
	}
	return table;
}

/* the level of the largest leaf that can begin at @iova and @oa */
static unsigned int build_leaf_level(const struct lab_pt *pt, u64 iova, u64 oa,
				     u64 length)
{
	unsigned int level;

	if (!IS_ALIGNED(iova | oa, build_span(2)) || length < build_span(2))
		return 1;
	for (level = fls(pt->config.leaf_levels); level > 1; level--) {
		if (pt->config.leaf_levels & BIT(level - 1) &&
		    IS_ALIGNED(iova | oa, build_span(level)) &&
		    length >= build_span(level))
			break;
	}
	return level;
}

static int build_map(const struct lab_pt *pt, u64 iova, u64 oa, u64 length,
		     u32 prot, gfp_t gfp, struct list_head *retired,
		     u64 *mapped)
{
	u64 done = 0;
	int err;

	*mapped = 0;
	err = build_check_range(pt, iova, length);
	if (err)
		return err;
	if (!IS_ALIGNED(oa, SZ_4K) || oa + length - 1 < oa ||
	    !(prot & LAB_PROT_RIGHTS) ||
	    prot & ~(LAB_PROT_RIGHTS | LAB_PROT_REGION))
		return -EINVAL;
	if ((oa + length - 1) >> pt->config.oa_bits)
		return -ERANGE;

	while (!err && done < length) {
		unsigned int level = build_leaf_level(pt, iova + done, oa + done,
						      length - done);
		u64 leaf = fmt_make_leaf(oa + done, level, prot);
		unsigned int count = build_count(level, iova + done,
						 length - done);
		u64 *entryp = build_descend(pt, iova + done, level, gfp);
		unsigned int i;

		if (IS_ERR(entryp)) {
			err = PTR_ERR(entryp);
			break;
		}
		entryp += fmt_index(iova + done, level);
		for (i = 0; i < count; i++) {
			u64 old = READ_ONCE(entryp[i]);

			if (likely(!fmt_present(old))) {
				WRITE_ONCE(entryp[i], leaf);
			} else if (!build_replace(pt, &entryp[i], old, level,
						  leaf, retired)) {
				err = -EEXIST;
				break;
			}
			leaf = fmt_next_leaf(leaf, level);
		}
		build_flush(pt, entryp, i);
		done += i * build_span(level);
	}
	*mapped = done;
	return err;
}

#endif
