// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables, entry by entry.
 *
 * A table can be huge, and can change while it is read. So nothing of it is
 * remembered from one entry to the next: the position in the file is an IOVA and
 * a level, and each step walks down from the top again, under RCU, for a few
 * entries. What stays as it is while the file is read is shown once and whole.
 *
 * The top must stay: whoever reads a table makes sure that it is not destroyed.
 */
#include <linux/align.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include "../pgtable/fmt_vtdss.h"
#include "debugfs.h"

/* positions: 0 is the header, then number of the lowest entry, and level */
#define POS_LEVEL_BITS	3

/**
 * lab_spot_pos - the position of an entry
 * @tree: the table
 * @spot: the entry
 *
 * Return: greater than 0, and greater for each later entry; less than 2^49, or
 * 2^40 when entries of level 1 are passed over.
 */
loff_t lab_spot_pos(const struct lab_tree *tree, const struct lab_spot *spot)
{
	u64 number = spot->iova >> lab_level_shift(tree->lowest);

	return (number << POS_LEVEL_BITS) +
	       (LAB_PT_MAX_LEVELS - spot->level) + 1;
}

/**
 * lab_spot_from_pos - where to look for the entry of a position
 * @tree: the table
 * @spot: iova and level are set
 * @pos: any position, greater than 0
 */
void lab_spot_from_pos(const struct lab_tree *tree, struct lab_spot *spot,
		       loff_t pos)
{
	u64 number = (pos - 1) >> POS_LEVEL_BITS;
	unsigned int below = (pos - 1) & (BIT(POS_LEVEL_BITS) - 1);

	/* behind the lowest entry: the next one */
	if (below > LAB_PT_MAX_LEVELS - tree->lowest) {
		number++;
		below = 0;
	}
	spot->iova = number << lab_level_shift(tree->lowest);
	spot->level = LAB_PT_MAX_LEVELS - below;
}

/* the level of the first of the entries that begin at an IOVA */
static u8 highest_level(const struct lab_tree *tree, u64 iova)
{
	u8 level = tree->levels;

	while (level > tree->lowest &&
	       !IS_ALIGNED(iova, BIT_ULL(lab_level_shift(level))))
		level--;
	return level;
}

/* to the entry behind the whole span of one at @level */
static bool skip_span(const struct lab_tree *tree, struct lab_spot *spot,
		      u8 level)
{
	u64 span = BIT_ULL(lab_level_shift(level));

	spot->iova = ALIGN_DOWN(spot->iova, span) + span;
	if (spot->iova >> lab_level_shift(tree->levels + 1))
		return false;
	spot->level = highest_level(tree, spot->iova);
	return true;
}

/**
 * lab_tree_find - find the first present entry at a place or behind it
 * @tree: the table
 * @spot: in: iova and level: where to begin; out: the entry
 *
 * Context: may sleep.
 * Return: false when there is none.
 */
bool lab_tree_find(const struct lab_tree *tree, struct lab_spot *spot)
{
	u64 trace[LAB_PT_MAX_LEVELS];

	if (spot->iova >> lab_level_shift(tree->levels + 1))
		return false;
	spot->level = clamp(spot->level, tree->lowest,
			    highest_level(tree, spot->iova));

	for (;;) {
		struct lab_walk walk = {
			.iova = spot->iova,
			.table = tree->top,
			.level = tree->levels,
			.levels = tree->levels,
			.prot = LAB_PROT_READ | LAB_PROT_WRITE,
			.leaf_levels = tree->leaf_levels,
			.oa_bits = tree->oa_bits,
			.trace = trace,
		};
		enum lab_walk_status status;
		u8 end;

		rcu_read_lock();
		status = lab_vtdss_walk(&walk);
		rcu_read_unlock();
		cond_resched();

		if (!walk.steps)
			return false;
		end = tree->levels - walk.steps + 1;
		if (end > spot->level ||
		    (end == spot->level && status == LAB_WALK_NOT_PRESENT)) {
			if (!skip_span(tree, spot, end))
				return false;
			continue;
		}
		spot->entry = trace[tree->levels - spot->level];
		spot->leaf = status == LAB_WALK_LEAF && end == spot->level;
		spot->valid = status == LAB_WALK_LEAF ||
			      status == LAB_WALK_NOT_PRESENT ||
			      end != spot->level;
		return true;
	}
}

/**
 * lab_tree_step - to the place behind an entry, present or not
 * @tree: the table
 * @spot: in: an entry; out: iova and level of the next place
 *
 * Return: false when that was the last one.
 */
bool lab_tree_step(const struct lab_tree *tree, struct lab_spot *spot)
{
	if (!spot->leaf && spot->valid && spot->level > tree->lowest) {
		spot->level--;
		return true;
	}
	return skip_span(tree, spot, spot->level);
}

/**
 * struct page_table_iter - an open page_table file
 * @domain: whose table
 * @tree: the table
 * @spot: where the reader is
 * @phys: physical addresses are shown
 * @marks: A and D are shown: the machine has a unit that sets them
 */
struct page_table_iter {
	struct lab_domain *domain;
	struct lab_tree tree;
	struct lab_spot spot;
	bool phys;
	bool marks;
};

static void *find(struct page_table_iter *iter, loff_t *pos)
{
	if (!lab_tree_find(&iter->tree, &iter->spot))
		return NULL;
	*pos = lab_spot_pos(&iter->tree, &iter->spot);
	return iter;
}

static void *page_table_start(struct seq_file *m, loff_t *pos)
{
	struct page_table_iter *iter = m->private;

	iter->phys = lab_debugfs_shows_phys(m->file);
	if (!*pos)
		return SEQ_START_TOKEN;
	if (iter->domain->remap.config.identity)
		return NULL;
	lab_spot_from_pos(&iter->tree, &iter->spot, *pos);
	return find(iter, pos);
}

static void *page_table_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct page_table_iter *iter = m->private;

	++*pos;
	if (iter->domain->remap.config.identity)
		return NULL;
	if (v == SEQ_START_TOKEN)
		lab_spot_from_pos(&iter->tree, &iter->spot, 1);
	else if (!lab_tree_step(&iter->tree, &iter->spot))
		return NULL;
	return find(iter, pos);
}

static void page_table_stop(struct seq_file *m, void *v)
{
}

static void show_header(struct seq_file *m, const struct page_table_iter *iter)
{
	if (iter->marks)
		seq_printf(m, "accessed/dirty: supported in scalable mode (tracking %s)\n",
			   READ_ONCE(iter->domain->remap.dirty) ? "on" : "off");
	else
		seq_puts(m, "accessed/dirty: not supported (legacy second stage)\n");
	if (iter->domain->remap.config.identity) {
		seq_puts(m, "levels: 0 (identity: no table)\n");
		return;
	}
	seq_printf(m, "levels: %u\n", iter->tree.levels);
	seq_puts(m, "top: ");
	lab_seq_phys(m, iter->phys, iter->tree.top);
	seq_printf(m, "\niova size rw %spa\n", iter->marks ? "ad " : "");
}

static int page_table_show(struct seq_file *m, void *v)
{
	const struct page_table_iter *iter = m->private;
	const struct lab_spot *spot = &iter->spot;

	if (v == SEQ_START_TOKEN) {
		show_header(m, iter);
		return 0;
	}
	if (spot->leaf) {
		seq_printf(m, "0x%llx %llu %s ", spot->iova,
			   BIT_ULL(lab_level_shift(spot->level)),
			   lab_prot_text(fmt_prot(spot->entry)));
		if (iter->marks)
			seq_printf(m, "%c%c ", spot->entry & VTDSS_A ? 'a' : '-',
				   spot->entry & VTDSS_D ? 'd' : '-');
		lab_seq_phys(m, iter->phys, fmt_oa(spot->entry, spot->level));
		seq_puts(m, fmt_leaf_note(spot->entry) & LAB_PROT_REGION ?
			    " region\n" : "\n");
		return 0;
	}
	seq_printf(m, "%*slevel %u index %u entry ",
		   2 * (iter->tree.levels - spot->level + 1), "", spot->level,
		   fmt_index(spot->iova, spot->level));
	lab_seq_phys(m, iter->phys, spot->entry);
	seq_puts(m, spot->valid ? "\n" : " invalid\n");
	return 0;
}

static const struct seq_operations page_table_ops = {
	.start = page_table_start,
	.next = page_table_next,
	.stop = page_table_stop,
	.show = page_table_show,
};

static bool sets_marks(const struct lab_space *space)
{
	unsigned int i;

	for (i = 0; i < space->nr_units; i++)
		if (lab_remap_can_track(space->units[i]))
			return true;
	return false;
}

static int page_table_open(struct inode *inode, struct file *file)
{
	struct lab_domain_file *df = inode->i_private;
	struct lab_domain *domain = df->domain;
	const struct lab_pt_config *config = &domain->remap.config.pt;
	struct page_table_iter *iter;

	iter = __seq_open_private(file, &page_table_ops, sizeof(*iter));
	if (!iter)
		return -ENOMEM;
	iter->domain = domain;
	iter->marks = sets_marks(domain->space);
	if (!domain->remap.config.identity)
		iter->tree = (struct lab_tree){
			.top = virt_to_phys(domain->remap.pt.top),
			.levels = config->levels,
			.lowest = 1,
			.leaf_levels = config->leaf_levels,
			.oa_bits = config->oa_bits,
		};
	return 0;
}

const struct file_operations lab_debugfs_page_table_fops = {
	.owner = THIS_MODULE,
	.open = page_table_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};
