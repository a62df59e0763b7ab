/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walker template: included by a format's .c file after its fmt_<format>.h.
 *
 * It trusts nothing: tables may be written by anybody, and their addresses may
 * lead anywhere. One entry is read a level, once, or again when it changes while A
 * or D is set in it.
 */
#ifndef IOMMU_LAB_PT_WALK_H
#define IOMMU_LAB_PT_WALK_H

#include <linux/atomic.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include "../compat/cmpxchg.h"
#include "pgtable.h"

/* what the access of a walk has to set in an entry */
static u64 walk_marks(const struct lab_walk *walk, u64 entry, unsigned int level,
		      u8 prot)
{
	if (!fmt_present(entry) ||
	    entry & fmt_reserved(entry, level, walk->leaf_levels, walk->oa_bits))
		return 0;
	if (!fmt_is_leaf(entry, level))
		return FMT_TABLE_MARKS;
	if (!(prot & fmt_prot(entry) & walk->mark))
		return 0;
	return fmt_leaf_marks(walk->mark == LAB_PROT_WRITE);
}

/*
 * Reads an entry, marked by the access if there is one. False: it cannot be read,
 * or cannot be written and would have to be.
 */
static bool walk_read(struct lab_walk *walk, u64 *entryp, unsigned int level,
		      u8 prot, u64 *entry)
{
	u64 marked;

	for (;;) {
		if (!lab_table_read(entryp, entry))
			return false;
		if (!walk->mark)
			return true;
		marked = *entry | walk_marks(walk, *entry, level, prot);
		if (marked == *entry)
			return true;
		switch (lab_cmpxchg_nofault(entryp, entry, marked)) {
		case 1:
			*entry = marked;
			walk->marks++;
			return true;
		case 0:
			continue;
		default:
			return false;
		}
	}
}

static enum lab_walk_status walk_table(struct lab_walk *walk)
{
	enum lab_walk_status status = LAB_WALK_BAD_TABLE;
	unsigned int level = walk->level;
	u64 iova = walk->iova;
	u64 pa = walk->table;
	u8 prot = walk->prot;
	u8 steps = 0;

	walk->prot = 0;
	walk->table_prot = prot;
	walk->steps = 0;
	walk->marks = 0;
	walk->entryp = NULL;
	walk->entry = 0;
	walk->oa = 0;

	if (level < 1 || max(walk->level, walk->levels) > LAB_PT_MAX_LEVELS ||
	    iova >> lab_level_shift(max(walk->level, walk->levels) + 1))
		return LAB_WALK_BEYOND;

	for (;; level--) {
		u64 *entryp = lab_table_ptr(pa);
		u64 entry;

		if (!entryp)
			break;
		entryp += fmt_index(iova, level);
		if (!walk_read(walk, entryp, level, prot, &entry))
			break;

		walk->table = pa;
		walk->level = level;
		walk->table_prot = prot;
		walk->entryp = entryp;
		walk->entry = entry;
		if (walk->trace)
			walk->trace[steps] = entry;
		steps++;

		if (!fmt_present(entry)) {
			status = LAB_WALK_NOT_PRESENT;
			break;
		}
		if (entry & fmt_reserved(entry, level, walk->leaf_levels,
					 walk->oa_bits)) {
			status = LAB_WALK_RESERVED;
			break;
		}
		prot &= fmt_prot(entry);
		if (fmt_is_leaf(entry, level)) {
			u64 offset = BIT_ULL(lab_level_shift(level)) - 1;

			walk->oa = fmt_oa(entry, level) | (iova & offset);
			walk->prot = prot | fmt_leaf_note(entry);
			status = LAB_WALK_LEAF;
			break;
		}
		pa = fmt_table_pa(entry);
	}
	walk->steps = steps;
	return status;
}

static enum lab_walk_status walk_lookup(const struct lab_pt *pt, u64 iova,
					struct lab_walk *walk)
{
	walk->iova = iova;
	walk->table = virt_to_phys(pt->top);
	walk->level = pt->config.levels;
	walk->levels = pt->config.levels;
	walk->prot = LAB_PROT_READ | LAB_PROT_WRITE;
	walk->leaf_levels = pt->config.leaf_levels;
	walk->oa_bits = pt->config.oa_bits;
	walk->mark = 0;
	return walk_table(walk);
}

#endif
