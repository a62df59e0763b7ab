/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page tables: the words used here, and the interface of each format.
 *
 * IOVA    input address of the walk, what the device puts on the bus
 * OA      output address: what it is translated to, a physical address
 * table   one page of 512 entries
 * level   of a table: 1 is the table whose leaves map 4 KiB, 2 maps 2 MiB, ...
 * entry   one 64-bit word of a table
 * leaf    an entry that gives an OA
 * top     the table of the highest level
 * last    inclusive end; end: exclusive end
 *
 * Builder and walker use the same definition of a format, fmt_<format>.h, and
 * nothing else of each other.
 *
 * Invariants:
 * - An entry never changes from one valid value to another:
 *   not present -> leaf or table -> not present.
 *   (One exception: an empty table is replaced by a leaf in one step.)
 * - A unit may set A and D in a present entry at any time, by cmpxchg. So what the
 *   builder takes away it takes with xchg or cmpxchg: a unit that comes late fails,
 *   and no entry comes back. Two values of an entry are compared without A and D.
 * - The caller owns the IOVA range that it maps or unmaps until the call has
 *   returned: no two calls on overlapping ranges run at the same time. Calls on
 *   disjoint ranges need no lock.
 * - So an entry whose whole span is the caller's and that is not present has one
 *   writer and is simply written. A table above it may be shared: it is installed with cmpxchg, and
 *   who comes second frees the own one and goes on with the other.
 * - A table is unlinked only by a call that covers its whole span. It is put on
 *   the caller's list (through page->lru) with its content all not present, and
 *   freed by the caller after an invalidation and an RCU grace period. Walkers
 *   hold rcu_read_lock() or have interrupts off. A map can unlink tables too
 *   (the exception above): the unit may have cached them, so that mapping works
 *   only after the invalidation.
 */
#ifndef IOMMU_LAB_PGTABLE_H
#define IOMMU_LAB_PGTABLE_H

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/kasan-checks.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/uaccess.h>

/* rights, as the device sees the memory; the same bits as the ABI's */
#define LAB_PROT_READ	1u
#define LAB_PROT_WRITE	2u
#define LAB_PROT_RIGHTS	(LAB_PROT_READ | LAB_PROT_WRITE)

/*
 * Not a right, and not of the ABI: a leaf of a reserved region. Its OA is memory of
 * the device's platform, which is none of this machine's RAM, whatever the address.
 */
#define LAB_PROT_REGION	0x80u

#define LAB_TABLE_ENTRIES	512
#define LAB_PT_MAX_LEVELS	5

/**
 * enum lab_memory - what a translated address can be
 * @LAB_MEMORY_RAM: RAM of this machine only
 * @LAB_MEMORY_REGION: a reserved region's memory only
 * @LAB_MEMORY_ANY: was not translated: RAM where the machine has any, else a region
 */
enum lab_memory {
	LAB_MEMORY_RAM,
	LAB_MEMORY_REGION,
	LAB_MEMORY_ANY,
};

/* LAB_PROT_* of a walk that ended at a leaf */
static inline enum lab_memory lab_memory(u8 prot)
{
	return prot & LAB_PROT_REGION ? LAB_MEMORY_REGION : LAB_MEMORY_RAM;
}

struct lab_table_mem;

/**
 * struct lab_table_mem_ops - where the memory of tables comes from
 * @alloc: a zeroed page, or NULL (no memory, or a quota). Any context that @gfp
 *	allows
 * @free: gives back a table that no walker can reach. Any context
 * @flush: makes CPU writes to a table visible to a unit that does not snoop.
 *	Any context. NULL when nothing is to do
 */
struct lab_table_mem_ops {
	u64 *(*alloc)(struct lab_table_mem *mem, gfp_t gfp);
	void (*free)(struct lab_table_mem *mem, u64 *table);
	void (*flush)(struct lab_table_mem *mem, void *start, size_t bytes);
};

/**
 * struct lab_table_mem - a source of tables, embedded by its owner
 * @ops: what it does
 */
struct lab_table_mem {
	const struct lab_table_mem_ops *ops;
};

/**
 * struct lab_pt_config - what kind of table
 * @levels: 3 (39 bits), 4 (48 bits) or 5 (57 bits)
 * @leaf_levels: bit n - 1 set: leaves are allowed at level n; bit 0 always is,
 *	bit 1 (2 MiB) and bit 2 (1 GiB) as CAP.SSLPS says
 * @oa_bits: width of output addresses (host address width), 12 to 52; tables
 *	are within it too
 */
struct lab_pt_config {
	u8 levels;
	u8 leaf_levels;
	u8 oa_bits;
};

/**
 * struct lab_pt - one page table as its builder sees it
 * @config: its kind
 * @mem: where its tables come from
 * @top: the top table
 */
struct lab_pt {
	struct lab_pt_config config;
	struct lab_table_mem *mem;
	u64 *top;
};

/**
 * enum lab_walk_status - how a walk ended
 * @LAB_WALK_LEAF: at a present leaf
 * @LAB_WALK_NOT_PRESENT: at an entry that is not present
 * @LAB_WALK_RESERVED: at an entry with a reserved bit set
 * @LAB_WALK_BAD_TABLE: at an entry (or a top) whose address is no RAM that can
 *	hold a table, or, of an access that sets A or D, a table that cannot be written
 * @LAB_WALK_BEYOND: the IOVA does not fit the levels; nothing was read
 */
enum lab_walk_status {
	LAB_WALK_LEAF,
	LAB_WALK_NOT_PRESENT,
	LAB_WALK_RESERVED,
	LAB_WALK_BAD_TABLE,
	LAB_WALK_BEYOND,
};

/**
 * struct lab_walk - a walk: where it starts, and where it ended
 * @iova: the address to translate
 * @table: in: physical address of the table to start at; out: of the table that
 *	holds @entry
 * @level: in: level of @table (the top, or lower when a cached paging structure
 *	is the start); out: level of the table that holds @entry
 * @levels: in: levels of the whole table when @level is lower, so that an IOVA
 *	beyond them can be told; ignored when it is not above @level
 * @prot: in: rights accumulated above @table (all, at the top); out: rights of
 *	the IOVA, with LAB_PROT_REGION if the leaf has it (0 unless LAB_WALK_LEAF)
 * @leaf_levels: which levels may have leaves (struct lab_pt_config)
 * @oa_bits: address bits above are reserved
 * @mark: in: the kind of access (LAB_PROT_READ or LAB_PROT_WRITE): A is set in each
 *	entry that is used, and D in the leaf of a write that is allowed. 0: nothing is
 *	written. An entry that would have to be changed and cannot be written is
 *	LAB_WALK_BAD_TABLE, one that has its bits is only read
 * @marks: out: entries that were changed by it
 * @table_prot: out: rights accumulated down to the table that holds @entry
 * @steps: out: entries read
 * @entryp: out: the entry where it ended, NULL when none could be read
 * @entry: out: its value as it was read (once), or as it was marked
 * @oa: out: translated address of @iova (LAB_WALK_LEAF only)
 * @trace: in: LAB_PT_MAX_LEVELS words or NULL; each entry read goes there,
 *	trace[0] the first
 *
 * At LAB_WALK_BAD_TABLE @table, @level, @entryp and @entry are of the entry that
 * points to no table (@entryp is NULL when that is not an entry but the start).
 */
struct lab_walk {
	u64 iova;
	u64 table;
	u8 level;
	u8 levels;
	u8 prot;
	u8 leaf_levels;
	u8 oa_bits;
	u8 mark;
	u8 marks;
	u8 table_prot;
	u8 steps;
	u64 *entryp;
	u64 entry;
	u64 oa;
	u64 *trace;
};

u64 *lab_table_ptr(u64 pa);

/**
 * lab_table_read - read an entry of a table whose address nobody vouches for
 * @entryp: entry, in a page that lab_table_ptr() returned
 * @entry: where the value goes, read once
 *
 * RAM can be missing in the direct map (poisoned, secretmem, a guard page):
 * such a page is no table, and reading it must not oops.
 *
 * Return: false when it cannot be read. Any context.
 */
static inline bool lab_table_read(const u64 *entryp, u64 *entry)
{
	u64 value;

	/* a table that was freed too early is a bug to be reported */
	kasan_check_read(entryp, sizeof(*entryp));
	__get_kernel_nofault(&value, entryp, u64, unreadable);
	/* one read for all uses: not every architecture's accessor is volatile */
	OPTIMIZER_HIDE_VAR(value);
	*entry = value;
	return true;
unreadable:
	return false;
}

/* VT-d second stage (VT-d 9.8): 39, 48, 57 bits */
int lab_vtdss_init(struct lab_pt *pt, const struct lab_pt_config *config,
		   struct lab_table_mem *mem, gfp_t gfp);
void lab_vtdss_destroy(struct lab_pt *pt);
int lab_vtdss_map(struct lab_pt *pt, u64 iova, u64 oa, u64 length, u32 prot,
		  gfp_t gfp, struct list_head *retired, u64 *mapped);
u64 lab_vtdss_unmap(struct lab_pt *pt, u64 iova, u64 length,
		    struct list_head *retired);

/**
 * typedef lab_dirty_fn - what is called for a leaf that is dirty
 * @ctx: the caller's
 * @start: first IOVA of the leaf, or of the part of it that was asked for
 * @last: last IOVA (inclusive) of the same
 *
 * Return: true to clear its dirty bit; a leaf that is only partly in the range stays
 * dirty in any case, so that the rest of it is not forgotten.
 */
typedef bool (*lab_dirty_fn)(void *ctx, u64 start, u64 last);

void lab_vtdss_dirty(struct lab_pt *pt, u64 iova, u64 length, lab_dirty_fn fn,
		     void *ctx);
enum lab_walk_status lab_vtdss_walk(struct lab_walk *walk);
enum lab_walk_status lab_vtdss_lookup(const struct lab_pt *pt, u64 iova,
				      struct lab_walk *walk);

/**
 * lab_level_shift - address bits below an entry of a level
 * @level: 1 to 5
 *
 * Return: log2 of the bytes that one entry of a table of @level spans.
 */
static inline unsigned int lab_level_shift(unsigned int level)
{
	return 12 + 9 * (level - 1);
}

#endif
