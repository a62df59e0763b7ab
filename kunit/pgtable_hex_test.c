// SPDX-License-Identifier: GPL-2.0
/*
 * The VT-d second-stage format by its numbers (VT-d 3.7, 9.8): tables written
 * by hand are walked, and tables that were built are read by hand. No helper of
 * pgtable/ is used for either, so that builder and walker cannot share a
 * mistake.
 *
 * IOVA 0x0123456789abcdef has these indices: 0x123 in level 5, 0x8a, 0x19e,
 * 0x4d, and 0xbc in level 1.
 */

#include <kunit/test.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include "pgtable_test.h"
#include "suites.h"

#define IOVA_57		0x0123456789abcdefull
#define IOVA_48		0x0000456789abcdefull
#define IOVA_39		0x0000006789abcdefull

/**
 * struct hex - tables of the IOVA above, written by hand
 * @table: by level; [0] is not used
 * @entry: the entry of the IOVA in each
 * @pa: physical address of each
 * @trace: of the last walk
 * @walk: the last walk
 */
struct hex {
	u64 *table[6];
	u64 *entry[6];
	u64 pa[6];
	u64 trace[5];
	struct lab_walk walk;
};

static int hex_init(struct kunit *test)
{
	static const int index[6] = { 0, 0xbc, 0x4d, 0x19e, 0x8a, 0x123 };
	struct hex *hex = kunit_kzalloc(test, sizeof(*hex), GFP_KERNEL);
	int level;

	if (!hex)
		return -ENOMEM;
	test->priv = hex;
	for (level = 1; level <= 5; level++) {
		hex->table[level] = (u64 *)get_zeroed_page(GFP_KERNEL);
		if (!hex->table[level])
			return -ENOMEM;
		hex->entry[level] = hex->table[level] + index[level];
		hex->pa[level] = virt_to_phys(hex->table[level]);
	}
	return 0;
}

static void hex_exit(struct kunit *test)
{
	struct hex *hex = test->priv;
	int level;

	for (level = 1; hex && level <= 5; level++)
		free_page((unsigned long)hex->table[level]);
}

/* all rights down to a 4 KiB page at 0x1234567000 */
static void hex_write_default(struct hex *hex)
{
	*hex->entry[5] = hex->pa[4] | 0x3;
	*hex->entry[4] = hex->pa[3] | 0x3;
	*hex->entry[3] = hex->pa[2] | 0x3;
	*hex->entry[2] = hex->pa[1] | 0x3;
	*hex->entry[1] = 0x0000001234567003;
}

static enum lab_walk_status hex_walk(struct hex *hex, u64 iova, int levels,
				     u8 leaf_levels, u8 oa_bits)
{
	hex->walk = (struct lab_walk){
		.iova = iova,
		.table = hex->pa[levels],
		.level = levels,
		.prot = 3,
		.leaf_levels = leaf_levels,
		.oa_bits = oa_bits,
		.trace = hex->trace,
	};
	memset(hex->trace, 0, sizeof(hex->trace));
	return lab_vtdss_walk(&hex->walk);
}

static void leaf_of_each_size(struct kunit *test)
{
	static const u64 iova[] = { 0, 0, 0, IOVA_39, IOVA_48, IOVA_57 };
	struct hex *hex = test->priv;
	struct lab_walk *walk = &hex->walk;
	int levels, i;

	for (levels = 3; levels <= 5; levels++) {
		hex_write_default(hex);
		KUNIT_EXPECT_EQ(test, hex_walk(hex, iova[levels], levels, 7, 46),
				LAB_WALK_LEAF);
		KUNIT_EXPECT_EQ(test, walk->oa, 0x1234567def);
		KUNIT_EXPECT_EQ(test, walk->level, 1);
		KUNIT_EXPECT_EQ(test, walk->prot, 3);
		KUNIT_EXPECT_EQ(test, walk->table_prot, 3);
		KUNIT_EXPECT_EQ(test, walk->steps, levels);
		KUNIT_EXPECT_EQ(test, walk->table, hex->pa[1]);
		KUNIT_EXPECT_PTR_EQ(test, walk->entryp, hex->entry[1]);
		KUNIT_EXPECT_EQ(test, walk->entry, 0x1234567003);
		for (i = 0; i < levels; i++)
			KUNIT_EXPECT_EQ(test, hex->trace[i],
					*hex->entry[levels - i]);

		*hex->entry[2] = 0x0000001234600083;
		KUNIT_EXPECT_EQ(test, hex_walk(hex, iova[levels], levels, 7, 46),
				LAB_WALK_LEAF);
		KUNIT_EXPECT_EQ(test, walk->oa, 0x12346bcdef);
		KUNIT_EXPECT_EQ(test, walk->level, 2);
		KUNIT_EXPECT_EQ(test, walk->prot, 3);
		KUNIT_EXPECT_EQ(test, walk->steps, levels - 1);
		KUNIT_EXPECT_PTR_EQ(test, walk->entryp, hex->entry[2]);

		*hex->entry[3] = 0x0000001240000083;
		KUNIT_EXPECT_EQ(test, hex_walk(hex, iova[levels], levels, 7, 46),
				LAB_WALK_LEAF);
		KUNIT_EXPECT_EQ(test, walk->oa, 0x1249abcdef);
		KUNIT_EXPECT_EQ(test, walk->level, 3);
		KUNIT_EXPECT_EQ(test, walk->prot, 3);
		KUNIT_EXPECT_EQ(test, walk->steps, levels - 2);
		KUNIT_EXPECT_PTR_EQ(test, walk->entryp, hex->entry[3]);
	}
}

/* bit 0 is read, bit 1 is write; each level can take away */
static void rights_of_all_levels(struct kunit *test)
{
	struct hex *hex = test->priv;
	struct lab_walk *walk = &hex->walk;
	u64 a, b, c;

	for (a = 0; a < 4; a++) {
		for (b = 0; b < 4; b++) {
			for (c = 0; c < 4; c++) {
				enum lab_walk_status status;

				*hex->entry[3] = hex->pa[2] | a;
				*hex->entry[2] = hex->pa[1] | b;
				*hex->entry[1] = 0x5000 | c;
				status = hex_walk(hex, IOVA_39, 3, 7, 46);
				if (!a || !b || !c) {
					KUNIT_EXPECT_EQ(test, status,
							LAB_WALK_NOT_PRESENT);
					KUNIT_EXPECT_EQ(test, walk->level,
							!a ? 3 : !b ? 2 : 1);
					KUNIT_EXPECT_EQ(test, walk->prot, 0);
					KUNIT_EXPECT_EQ(test, walk->table_prot,
							!a ? 3 : !b ? a : a & b);
					continue;
				}
				KUNIT_EXPECT_EQ(test, status, LAB_WALK_LEAF);
				KUNIT_EXPECT_EQ(test, walk->prot, a & b & c);
				KUNIT_EXPECT_EQ(test, walk->table_prot, a & b);
			}
		}
	}
}

/*
 * Each bit of each entry, on a host of 40 address bits: set when it should be
 * clear, either the walk stops there or nothing changes.
 */
static void reserved_bits(struct kunit *test)
{
	static const struct {
		int level;
		u64 leaf;	/* 0: refers to a table */
		u64 reserved;
		u64 address;	/* bits that may differ between entries */
	} kind[] = {
		{ 5, 0, 0x400fff0000000880, 0x000000fffffff000 },
		{ 4, 0, 0x400fff0000000880, 0x000000fffffff000 },
		{ 3, 0, 0x400fff0000000800, 0x000000fffffff080 },
		{ 2, 0, 0x400fff0000000800, 0x000000fffffff080 },
		{ 3, 0x83, 0x400fff003ffff800, 0x000000ffc0000080 },
		{ 2, 0x83, 0x400fff00001ff800, 0x000000ffffe00080 },
		{ 1, 0x03, 0x400fff0000000800, 0x000000fffffff000 },
	};
	struct hex *hex = test->priv;
	struct lab_walk *walk = &hex->walk;
	int i, bit;

	for (i = 0; i < ARRAY_SIZE(kind); i++) {
		int level = kind[i].level;
		u64 *entry = hex->entry[level];
		u64 good, oa;

		hex_write_default(hex);
		if (kind[i].leaf)
			*entry = kind[i].leaf;
		good = *entry;
		KUNIT_EXPECT_EQ(test, hex_walk(hex, IOVA_57, 5, 7, 40),
				LAB_WALK_LEAF);
		oa = walk->oa;
		for (bit = 2; bit < 64; bit++) {
			enum lab_walk_status status;
			u64 mask = 1ull << bit;

			if (kind[i].address & mask)
				continue;
			*entry = good | mask;
			status = hex_walk(hex, IOVA_57, 5, 7, 40);
			if (kind[i].reserved & mask) {
				KUNIT_EXPECT_EQ_MSG(test, status,
						    LAB_WALK_RESERVED,
						    "level %d, bit %d", level,
						    bit);
				KUNIT_EXPECT_PTR_EQ(test, walk->entryp, entry);
				KUNIT_EXPECT_EQ(test, walk->entry, good | mask);
				KUNIT_EXPECT_EQ(test, walk->prot, 0);
				/* without rights it is not present, only that */
				*entry = (good | mask) & ~3ull;
				KUNIT_EXPECT_EQ(test,
						hex_walk(hex, IOVA_57, 5, 7, 40),
						LAB_WALK_NOT_PRESENT);
				continue;
			}
			KUNIT_EXPECT_EQ_MSG(test, status, LAB_WALK_LEAF,
					    "level %d, bit %d", level, bit);
			KUNIT_EXPECT_EQ(test, walk->oa, oa);
		}
	}
}

/* the first address bit that is reserved moves with the host address width */
static void address_width(struct kunit *test)
{
	struct hex *hex = test->priv;
	int bits;

	for (bits = 40; bits <= 52; bits++) {
		hex_write_default(hex);
		*hex->entry[1] = (1ull << (bits - 1)) | 0x3;
		KUNIT_EXPECT_EQ(test, hex_walk(hex, IOVA_48, 4, 7, bits),
				LAB_WALK_LEAF);
		KUNIT_EXPECT_EQ(test, hex->walk.oa, (1ull << (bits - 1)) | 0xdef);
		*hex->entry[1] = (1ull << bits) | 0x3;
		/* bits 52 and up are ignored by the unit */
		KUNIT_EXPECT_EQ(test, hex_walk(hex, IOVA_48, 4, 7, bits),
				bits < 52 ? LAB_WALK_RESERVED : LAB_WALK_LEAF);
	}
}

/* bit 7 makes a leaf only where the unit has leaves */
static void page_size_where_not_allowed(struct kunit *test)
{
	struct hex *hex = test->priv;
	int leaf_levels;

	for (leaf_levels = 1; leaf_levels < 256; leaf_levels += 2) {
		hex_write_default(hex);
		*hex->entry[2] = 0x0000001234600083;
		KUNIT_EXPECT_EQ(test, hex_walk(hex, IOVA_57, 5, leaf_levels, 46),
				leaf_levels & 2 ? LAB_WALK_LEAF :
						  LAB_WALK_RESERVED);
		*hex->entry[3] = 0x0000001240000083;
		KUNIT_EXPECT_EQ(test, hex_walk(hex, IOVA_57, 5, leaf_levels, 46),
				leaf_levels & 4 ? LAB_WALK_LEAF :
						  LAB_WALK_RESERVED);
		*hex->entry[4] = 0x83;
		KUNIT_EXPECT_EQ(test, hex_walk(hex, IOVA_57, 5, leaf_levels, 46),
				LAB_WALK_RESERVED);
		KUNIT_EXPECT_EQ(test, hex->walk.level, 4);
		*hex->entry[5] = 0x83;
		KUNIT_EXPECT_EQ(test, hex_walk(hex, IOVA_57, 5, leaf_levels, 46),
				LAB_WALK_RESERVED);
		KUNIT_EXPECT_EQ(test, hex->walk.level, 5);
	}
}

static void bad_table_address(struct kunit *test)
{
	/* as high as an entry can say */
	const u64 nowhere = 0x000ffffffffff000;
	struct hex *hex = test->priv;
	struct lab_walk *walk = &hex->walk;
	int level;

	for (level = 2; level <= 5; level++) {
		hex_write_default(hex);
		*hex->entry[level] = nowhere | 0x3;
		KUNIT_EXPECT_EQ(test, hex_walk(hex, IOVA_57, 5, 7, 52),
				LAB_WALK_BAD_TABLE);
		KUNIT_EXPECT_EQ(test, walk->level, level);
		KUNIT_EXPECT_EQ(test, walk->steps, 6 - level);
		KUNIT_EXPECT_EQ(test, walk->table, hex->pa[level]);
		KUNIT_EXPECT_PTR_EQ(test, walk->entryp, hex->entry[level]);
		KUNIT_EXPECT_EQ(test, walk->entry, nowhere | 0x3);
		KUNIT_EXPECT_EQ(test, walk->prot, 0);
	}

	hex->pa[5] = nowhere;
	KUNIT_EXPECT_EQ(test, hex_walk(hex, IOVA_57, 5, 7, 52),
			LAB_WALK_BAD_TABLE);
	KUNIT_EXPECT_NULL(test, walk->entryp);
	KUNIT_EXPECT_EQ(test, walk->steps, 0);

	KUNIT_EXPECT_PTR_EQ(test, lab_table_ptr(hex->pa[1]), hex->table[1]);
	KUNIT_EXPECT_NULL(test, lab_table_ptr(hex->pa[1] + 8));
	KUNIT_EXPECT_NULL(test, lab_table_ptr(hex->pa[1] + 0x800));
	KUNIT_EXPECT_NULL(test, lab_table_ptr(hex->pa[1] | 1ull << 63));
	KUNIT_EXPECT_NULL(test, lab_table_ptr(0xfffffffffffff000));
	KUNIT_EXPECT_NULL(test, lab_table_ptr(page_to_phys(ZERO_PAGE(0))));
}

/* as from a cached paging structure */
static void start_below_the_top(struct kunit *test)
{
	struct hex *hex = test->priv;
	struct lab_walk walk = {
		.iova = IOVA_57,
		.table = hex->pa[1],
		.level = 1,
		.levels = 5,
		.prot = 1,
		.leaf_levels = 7,
		.oa_bits = 46,
	};

	hex_write_default(hex);
	KUNIT_EXPECT_EQ(test, lab_vtdss_walk(&walk), LAB_WALK_LEAF);
	KUNIT_EXPECT_EQ(test, walk.oa, 0x1234567def);
	KUNIT_EXPECT_EQ(test, walk.prot, 1);
	KUNIT_EXPECT_EQ(test, walk.table_prot, 1);
	KUNIT_EXPECT_EQ(test, walk.steps, 1);

	/* the IOVA has more bits than these levels */
	walk.levels = 4;
	walk.prot = 1;
	KUNIT_EXPECT_EQ(test, lab_vtdss_walk(&walk), LAB_WALK_BEYOND);
	KUNIT_EXPECT_EQ(test, walk.steps, 0);
	KUNIT_EXPECT_EQ(test, walk.prot, 0);
}

static void beyond_the_levels(struct kunit *test)
{
	struct hex *hex = test->priv;

	hex_write_default(hex);
	KUNIT_EXPECT_EQ(test, hex_walk(hex, 0x0000008000000000, 3, 7, 46),
			LAB_WALK_BEYOND);
	KUNIT_EXPECT_EQ(test, hex_walk(hex, 0x0000007fffffffff, 3, 7, 46),
			LAB_WALK_NOT_PRESENT);
	KUNIT_EXPECT_EQ(test, hex_walk(hex, 0x0001000000000000, 4, 7, 46),
			LAB_WALK_BEYOND);
	KUNIT_EXPECT_EQ(test, hex_walk(hex, 0x0000ffffffffffff, 4, 7, 46),
			LAB_WALK_NOT_PRESENT);
	KUNIT_EXPECT_EQ(test, hex_walk(hex, 0x0200000000000000, 5, 7, 46),
			LAB_WALK_BEYOND);
	KUNIT_EXPECT_EQ(test, hex_walk(hex, 0xffffffffffffffff, 5, 7, 46),
			LAB_WALK_BEYOND);
	KUNIT_EXPECT_EQ(test, hex_walk(hex, 0x01ffffffffffffff, 5, 7, 46),
			LAB_WALK_NOT_PRESENT);
}

/* the table that an entry with both rights and nothing else refers to */
static u64 *hex_follow(struct kunit *test, u64 *table, int index)
{
	int i;

	for (i = 0; i < 512; i++) {
		if (i != index)
			KUNIT_EXPECT_EQ(test, table[i], 0);
	}
	KUNIT_ASSERT_EQ(test, table[index] & 0xfff0000000000fff, 0x3);
	return phys_to_virt(table[index] & 0x000ffffffffff000);
}

/* one leaf of each size, at the IOVA above, read by hand */
static void built_tables(struct kunit *test)
{
	static const struct {
		u64 iova, oa, length, leaf;
		int level;
		u32 prot;
	} map[] = {
		{ 0x0123456789abc000, 0x0000001234567000, 0x1000,
		  0x0000001234567003, 1, 3 },
		{ 0x0123456789abc000, 0x0000001234567000, 0x1000,
		  0x0000001234567001, 1, 1 },
		{ 0x0123456789a00000, 0x0000001234600000, 0x200000,
		  0x0000001234600082, 2, 2 },
		{ 0x0123456789a00000, 0x0000001234600000, 0x200000,
		  0x0000001234600081, 2, 1 },
		{ 0x0123456780000000, 0x0000001240000000, 0x40000000,
		  0x0000001240000083, 3, 3 },
	};
	static const int index[6] = { 0, 0xbc, 0x4d, 0x19e, 0x8a, 0x123 };
	struct test_mem *mem = test_mem_create(test);
	int levels, i;

	for (levels = 3; levels <= 5; levels++) {
		const struct lab_pt_config config = { levels, 7, 46 };
		u64 mask = (1ull << (12 + 9 * levels)) - 1;

		for (i = 0; i < ARRAY_SIZE(map); i++) {
			LIST_HEAD(retired);
			struct lab_pt pt;
			int level, other;
			u64 *table;
			u64 mapped;

			KUNIT_ASSERT_EQ(test, 0,
					lab_vtdss_init(&pt, &config, &mem->mem,
						       GFP_KERNEL));
			KUNIT_EXPECT_EQ(test, 0,
					lab_vtdss_map(&pt, map[i].iova & mask,
						      map[i].oa, map[i].length,
						      map[i].prot, GFP_KERNEL,
						      &retired, &mapped));
			KUNIT_EXPECT_EQ(test, mapped, map[i].length);
			table = pt.top;
			for (level = levels; level > map[i].level; level--)
				table = hex_follow(test, table, index[level]);
			for (other = 0; other < 512; other++)
				KUNIT_EXPECT_EQ(test, table[other],
						other == index[level] ?
						map[i].leaf : 0);
			lab_vtdss_destroy(&pt);
		}
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&mem->live), 0);
}

/* a present leaf without A, in memory that the kernel may not write */
static const u64 read_only_table[512] __aligned(PAGE_SIZE) = { [0] = 3 };

static void table_that_cannot_be_written(struct kunit *test)
{
	struct lab_walk walk = {
		.level = 1,
		.prot = LAB_PROT_READ | LAB_PROT_WRITE,
		.leaf_levels = BIT(0),
		.oa_bits = 48,
	};

	if (IS_ENABLED(CONFIG_UML))
		kunit_skip(test, "its memory can be written by the kernel");
	walk.table = page_to_phys(vmalloc_to_page(read_only_table));
	KUNIT_EXPECT_EQ(test, lab_vtdss_walk(&walk), LAB_WALK_LEAF);
	walk.table = page_to_phys(vmalloc_to_page(read_only_table));
	walk.level = 1;
	walk.prot = LAB_PROT_READ | LAB_PROT_WRITE;
	walk.mark = LAB_PROT_READ;
	KUNIT_EXPECT_EQ(test, lab_vtdss_walk(&walk), LAB_WALK_BAD_TABLE);
	KUNIT_EXPECT_EQ(test, read_only_table[0], 3);
}

static struct kunit_case pgtable_hex_cases[] = {
	PGTABLE_CASE(table_that_cannot_be_written,
		     "hex: A and D in memory that cannot be written are a bad table"),
	PGTABLE_CASE(leaf_of_each_size, "hex: a leaf of each size is found"),
	PGTABLE_CASE(rights_of_all_levels, "hex: rights are the AND of all levels"),
	PGTABLE_CASE(reserved_bits, "hex: reserved bits stop the walk"),
	PGTABLE_CASE(address_width, "hex: host address width"),
	PGTABLE_CASE(page_size_where_not_allowed,
		     "hex: page-size bit where the unit has no leaves"),
	PGTABLE_CASE(bad_table_address, "hex: table address that is no RAM"),
	PGTABLE_CASE(start_below_the_top, "hex: walk from a cached structure"),
	PGTABLE_CASE(beyond_the_levels, "hex: IOVA beyond the levels"),
	PGTABLE_CASE(built_tables, "hex: built tables are the specification's"),
	{}
};

struct kunit_suite lab_pgtable_hex_suite = {
	.name = "iommu_lab_pgtable_hex",
	.init = hex_init,
	.exit = hex_exit,
	.test_cases = pgtable_hex_cases,
};
