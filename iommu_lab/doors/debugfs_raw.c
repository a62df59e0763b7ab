// SPDX-License-Identifier: GPL-2.0
/*
 * units/<n>/raw: the memory of a unit's tables, as the unit would find it.
 *
 * Records of a physical address (u64, little-endian) and the 4096 bytes there.
 * The first record is the root table, with RTADDR as it is in the register in
 * place of the address; then come context tables, then for each source-id in scalable
 * mode PASID directory and PASID table, and page tables, each once.
 * Only RTADDR is asked of the driver: the rest is found by following addresses.
 *
 * slots_lock is held over a read(), so that what an attached device uses is
 * not destroyed; tables below a top can be retired at any time and are read
 * under RCU.
 */
#include <linux/bitfield.h>
#include <linux/rcupdate.h>
#include <linux/xarray.h>
#include "../pgtable/fmt_vtdss.h"
#include "debugfs.h"

/*
 * Positions: a group, and a number in it. Group 0: the root table, then the
 * context tables of each bus, two of them in scalable mode. Group n + 1: PASID
 * directory, PASID table and then the page tables of source-id n, the top first, then
 * by lab_spot_pos() of the entry that points to the table.
 */
#define NUMBER_BITS	44
#define NR_SIDS		65536
#define NR_HALVES	512	/* of buses: context tables of scalable mode */
#define TOP		2	/* numbers of a group that come before the top */

/**
 * struct raw_iter - an open raw file
 * @du: the unit
 * @seen: by page number of a top table: the source-id that it is read for
 * @address: of the record
 * @table: physical address of its bytes
 * @in_tree: it is found through @spot, and not stable
 * @tree: the page table that it belongs to
 * @spot: the entry that points to it
 * @bytes: its content
 */
struct raw_iter {
	struct lab_debugfs_unit *du;
	struct xarray seen;
	u64 address;
	u64 table;
	bool in_tree;
	struct lab_tree tree;
	struct lab_spot spot;
	u64 bytes[LAB_TABLE_ENTRIES];
};

static bool read_entry(u64 table, unsigned int index, u64 *entry)
{
	const u64 *entryp = lab_table_ptr(table);

	return entryp && lab_table_read(entryp + index, entry);
}

static u64 root_address(const struct raw_iter *iter)
{
	return lab_unit_read64(iter->du->mu->unit, VTD_RTADDR);
}

static bool is_scalable(const struct raw_iter *iter)
{
	return FIELD_GET(VTD_RTADDR_TTM, root_address(iter)) ==
	       VTD_TTM_SCALABLE;
}

/* by half a bus; a legacy root entry has no other half, and else the same fields */
static bool context_table(const struct raw_iter *iter, unsigned int half,
			  u64 *table)
{
	u64 entry;

	if (!read_entry(root_address(iter) & VTD_RTADDR_RTA, half, &entry) ||
	    !(entry & VTD_ROOT_P))
		return false;
	*table = entry & VTD_ROOT_CTP;
	return true;
}

static bool read_legacy(const struct raw_iter *iter, u16 sid, u64 *top,
			u8 *levels)
{
	u64 table, lo, hi;

	if (!context_table(iter, 2 * (sid >> 8), &table) ||
	    !read_entry(table, 2 * (sid & 0xff), &lo) ||
	    !read_entry(table, 2 * (sid & 0xff) + 1, &hi))
		return false;
	*top = lo & VTD_CTX_SSPTPTR;
	*levels = FIELD_GET(VTD_CTX_AW, hi) + 2;
	return (lo & VTD_CTX_P) &&
	       FIELD_GET(VTD_CTX_TT, lo) == VTD_TT_TRANSLATE;
}

static bool pasid_directory(const struct raw_iter *iter, u16 sid, u64 *table)
{
	u64 entry;

	if (!is_scalable(iter) || !context_table(iter, sid >> 7, table) ||
	    !read_entry(*table, VTD_SM_CTX_WORDS * (sid & 0x7f), &entry) ||
	    !(entry & VTD_SM_CTX_P))
		return false;
	*table = entry & VTD_SM_CTX_PASIDDIRPTR;
	return true;
}

/* of PASIDs 0 to 63; the driver uses PASID 0 */
static bool pasid_table(const struct raw_iter *iter, u16 sid, u64 *table)
{
	u64 entry;

	if (!pasid_directory(iter, sid, table) ||
	    !read_entry(*table, 0, &entry) || !(entry & VTD_PASID_DIR_P))
		return false;
	*table = entry & VTD_PASID_DIR_PTR;
	return true;
}

static bool read_scalable(const struct raw_iter *iter, u16 sid, u64 *top,
			  u8 *levels)
{
	u64 table, entry;

	if (!pasid_table(iter, sid, &table) || !read_entry(table, 0, &entry))
		return false;
	*top = entry & VTD_PE_SSPTPTR;
	*levels = FIELD_GET(VTD_PE_AW, entry) + 2;
	return (entry & VTD_PE_P) &&
	       FIELD_GET(VTD_PE_PGTT, entry) == VTD_PGTT_SECOND_STAGE;
}

/* the page table of a source-id, if it is attached to one */
static bool read_context(const struct raw_iter *iter, u16 sid, u64 *top,
			 u8 *levels)
{
	bool found = is_scalable(iter) ? read_scalable(iter, sid, top, levels) :
					 read_legacy(iter, sid, top, levels);

	return found && *levels >= 3 && *levels <= LAB_PT_MAX_LEVELS;
}

/* several source-ids can share a table: the first one shows it */
static bool is_seen(struct raw_iter *iter, u16 sid, u64 top)
{
	void *seen = xa_load(&iter->seen, top >> 12);
	u64 seen_top;
	u8 levels;

	if (seen && xa_to_value(seen) != sid &&
	    read_context(iter, xa_to_value(seen), &seen_top, &levels) &&
	    seen_top == top)
		return true;
	/* without memory for this a table is shown more than once */
	xa_store(&iter->seen, top >> 12, xa_mk_value(sid), GFP_KERNEL);
	return false;
}

static bool find_page_table(struct raw_iter *iter, u16 sid, u64 *number)
{
	const struct lab_unit_caps *caps = lab_unit_caps(iter->du->mu->unit);
	struct lab_tree *tree = &iter->tree;

	*tree = (struct lab_tree){
		.lowest = 2,
		.leaf_levels = caps->leaf_levels,
		.oa_bits = 52,
	};
	if (!read_context(iter, sid, &tree->top, &tree->levels) ||
	    is_seen(iter, sid, tree->top))
		return false;

	iter->in_tree = *number;
	iter->table = tree->top;
	if (!*number)
		return true;
	lab_spot_from_pos(tree, &iter->spot, *number);
	while (lab_tree_find(tree, &iter->spot)) {
		if (!iter->spot.leaf && iter->spot.valid) {
			*number = lab_spot_pos(tree, &iter->spot);
			iter->table = fmt_table_pa(iter->spot.entry);
			return true;
		}
		if (!lab_tree_step(tree, &iter->spot))
			break;
	}
	return false;
}

/* what comes before the page tables of a source-id is in its group, too */
static bool find_table(struct raw_iter *iter, u16 sid, u64 *number)
{
	u64 below;

	iter->in_tree = false;
	if (!*number && pasid_directory(iter, sid, &iter->table))
		return true;
	if (*number <= 1 && pasid_table(iter, sid, &iter->table)) {
		*number = 1;
		return true;
	}
	below = *number > TOP ? *number - TOP : 0;
	if (!find_page_table(iter, sid, &below))
		return false;
	*number = below + TOP;
	return true;
}

static bool find_group_0(struct raw_iter *iter, u64 *number)
{
	iter->in_tree = false;
	if (!*number) {
		iter->address = root_address(iter);
		iter->table = iter->address & VTD_RTADDR_RTA;
		return true;
	}
	for (; *number <= NR_HALVES; ++*number) {
		if (context_table(iter, *number - 1, &iter->table)) {
			iter->address = iter->table;
			return true;
		}
	}
	return false;
}

/* the first record at a position or behind it */
static void *find(struct raw_iter *iter, loff_t *pos)
{
	u64 number = *pos & (BIT_ULL(NUMBER_BITS) - 1);
	u64 group = *pos >> NUMBER_BITS;

	if (!group) {
		if (find_group_0(iter, &number)) {
			*pos = number;
			return iter;
		}
		group = 1;
		number = 0;
	}
	for (; group <= NR_SIDS; group++, number = 0) {
		u16 sid = group - 1;
		u64 table;

		if (!context_table(iter, 2 * (sid >> 8), &table) &&
		    !context_table(iter, 2 * (sid >> 8) + 1, &table)) {
			group = (sid | 0xff) + 1;	/* the last of the bus */
			continue;
		}
		if (find_table(iter, sid, &number)) {
			*pos = (group << NUMBER_BITS) + number;
			iter->address = iter->table;
			return iter;
		}
	}
	return NULL;
}

static void *raw_start(struct seq_file *m, loff_t *pos)
{
	struct raw_iter *iter = m->private;

	mutex_lock(&iter->du->machine->space.slots_lock);
	return find(iter, pos);
}

static void *raw_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return find(m->private, pos);
}

static void raw_stop(struct seq_file *m, void *v)
{
	struct raw_iter *iter = m->private;

	mutex_unlock(&iter->du->machine->space.slots_lock);
}

static bool copy_table(struct raw_iter *iter)
{
	unsigned int i;

	for (i = 0; i < LAB_TABLE_ENTRIES; i++)
		if (!read_entry(iter->table, i, &iter->bytes[i]))
			return false;
	return true;
}

/* is the table still where it was found? RCU keeps it so for a copy */
static bool is_linked(const struct raw_iter *iter)
{
	const struct lab_tree *tree = &iter->tree;
	u64 trace[LAB_PT_MAX_LEVELS];
	struct lab_walk walk = {
		.iova = iter->spot.iova,
		.table = tree->top,
		.level = tree->levels,
		.levels = tree->levels,
		.prot = LAB_PROT_READ | LAB_PROT_WRITE,
		.leaf_levels = tree->leaf_levels,
		.oa_bits = tree->oa_bits,
		.trace = trace,
	};
	unsigned int above = tree->levels - iter->spot.level;

	lab_vtdss_walk(&walk);
	return walk.steps > above &&
	       !((trace[above] ^ iter->spot.entry) & ~FMT_MARKS);
}

static int raw_show(struct seq_file *m, void *v)
{
	struct raw_iter *iter = m->private;
	__le64 address = cpu_to_le64(iter->address);
	bool copied;

	rcu_read_lock();
	copied = (!iter->in_tree || is_linked(iter)) && copy_table(iter);
	rcu_read_unlock();
	if (!copied)
		return SEQ_SKIP;
	seq_write(m, &address, sizeof(address));
	seq_write(m, iter->bytes, sizeof(iter->bytes));
	return 0;
}

static const struct seq_operations raw_ops = {
	.start = raw_start,
	.next = raw_next,
	.stop = raw_stop,
	.show = raw_show,
};

static int raw_open(struct inode *inode, struct file *file)
{
	struct raw_iter *iter;

	if (!lab_debugfs_shows_phys(file))
		return -EPERM;
	iter = __seq_open_private(file, &raw_ops, sizeof(*iter));
	if (!iter)
		return -ENOMEM;
	iter->du = inode->i_private;
	xa_init(&iter->seen);
	return 0;
}

static int raw_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;
	struct raw_iter *iter = m->private;

	xa_destroy(&iter->seen);
	return seq_release_private(inode, file);
}

const struct file_operations lab_debugfs_raw_fops = {
	.owner = THIS_MODULE,
	.open = raw_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = raw_release,
};
