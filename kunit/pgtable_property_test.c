// SPDX-License-Identifier: GPL-2.0
/*
 * Property test of pgtable/: random operations on a page table and on a flat
 * model of it, one word for each 4 KiB page. Model and raw check know the
 * format by the numbers written here, and use nothing of pgtable/.
 */

#include <kunit/test.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "pgtable_test.h"
#include "seed.h"
#include "suites.h"

#define OPERATIONS	9000	/* for each kind of table; there are 12 kinds */
#define BATCH		500	/* operations between two checks of everything */
#define WALKS		2000	/* of random IOVAs, in each of these checks */

#define WINDOW		SZ_4G
#define PAGES		(WINDOW / SZ_4K)
#define BUSY		SZ_64M	/* in the middle: all that is less than 1 GiB */

/* a word of the model: OA, level of the leaf in bits 4:2, rights in bits 1:0 */
#define FLAT_PROT(word)		((word) & 3)
#define FLAT_LEVEL(word)	(((word) >> 2) & 7)
#define FLAT_OA(word)		((word) & ~0xfffull)

static const u64 leaf_size[] = { 0, SZ_4K, SZ_2M, SZ_1G };

/**
 * struct flat - the model, and the page table it stands beside
 * @test: for reports
 * @mem: where tables come from
 * @pt: the page table
 * @rnd: random numbers
 * @base: IOVA of page[0]
 * @page: a word a page, 0: not mapped
 * @mapped: pages that are mapped
 * @leaves: leaves mapped so far, by level
 * @replaced: tables that gave way to leaves
 * @unlinked: tables that were unlinked by unmap
 * @refused: maps that met a leaf
 * @stopped: unmaps that met a leaf over an end of the range
 * @raw: pages that the raw check has found
 * @tables: tables that the raw check has found
 */
struct flat {
	struct kunit *test;
	struct test_mem *mem;
	struct lab_pt pt;
	struct rnd_state rnd;
	u64 base;
	u64 *page;
	u64 mapped;
	unsigned int leaves[4];
	unsigned int replaced;
	unsigned int unlinked;
	unsigned int refused;
	unsigned int stopped;
	u64 raw;
	int tables;
};

static u64 flat_index(const struct flat *flat, u64 iova)
{
	return (iova - flat->base) / SZ_4K;
}

/* what map has to do: all of it, or up to the first leaf that is in the way */
static int flat_map(struct flat *flat, u64 iova, u64 oa, u64 length, u32 prot,
		    u64 *mapped)
{
	for (*mapped = 0; *mapped < length;) {
		u64 first = flat_index(flat, iova + *mapped);
		u64 left = length - *mapped;
		u64 i, size;
		int level;

		for (level = 3; level > 1; level--) {
			size = leaf_size[level];
			if (flat->pt.config.leaf_levels & 1 << (level - 1) &&
			    (iova + *mapped) % size == 0 &&
			    (oa + *mapped) % size == 0 && left >= size)
				break;
		}
		size = leaf_size[level];
		for (i = 0; i < size / SZ_4K; i++)
			if (flat->page[first + i]) {
				flat->refused++;
				return -EEXIST;
			}
		for (i = 0; i < size / SZ_4K; i++)
			flat->page[first + i] = (oa + *mapped + i * SZ_4K) |
						level << 2 | prot;
		flat->leaves[level]++;
		flat->mapped += size / SZ_4K;
		*mapped += size;
	}
	return 0;
}

/* what unmap has to do: skip holes, stop at a leaf that is not all inside */
static u64 flat_unmap(struct flat *flat, u64 iova, u64 length)
{
	u64 end = iova + length;
	u64 cleared = 0;

	while (iova < end) {
		u64 i = flat_index(flat, iova);
		u64 size = leaf_size[FLAT_LEVEL(flat->page[i])];

		if (!size) {
			iova += SZ_4K;
			continue;
		}
		if (iova % size || end - iova < size) {
			flat->stopped++;
			break;
		}
		memset(&flat->page[i], 0, size / SZ_4K * sizeof(u64));
		flat->mapped -= size / SZ_4K;
		cleared += size;
		iova += size;
	}
	return cleared;
}

/* tables in memory, read as literal bits: each leaf is in the model? */
static bool raw_agrees(struct flat *flat, const u64 *table, int level, u64 iova)
{
	u64 span = 1ull << (12 + 9 * (level - 1));
	u64 i, j;

	flat->tables++;
	if (!test_table_is_flushed(table)) {
		KUNIT_FAIL(flat->test, "table at %#llx, level %d: not flushed",
			   iova, level);
		return false;
	}
	for (i = 0; i < 512; i++, iova += span) {
		u64 entry = table[i];
		u64 first = flat_index(flat, iova);

		if (!entry)
			continue;
		if (level > 1 && !(entry & 0x80)) {
			if ((entry & 0xfff) != 3) {
				KUNIT_FAIL(flat->test, "table entry %#llx",
					   entry);
				return false;
			}
			if (!raw_agrees(flat, phys_to_virt(entry & ~0xfffull),
					level - 1, iova))
				return false;
			continue;
		}
		if (level > 3 || iova < flat->base ||
		    iova + span > flat->base + WINDOW) {
			KUNIT_FAIL(flat->test, "leaf %#llx at %#llx, level %d",
				   entry, iova, level);
			return false;
		}
		for (j = 0; j < span / SZ_4K; j++) {
			u64 word = flat->page[first + j];
			u64 leaf = (FLAT_OA(word) - j * SZ_4K) |
				   FLAT_PROT(word) | (level > 1 ? 0x80 : 0);

			if (FLAT_LEVEL(word) != level || leaf != entry) {
				KUNIT_FAIL(flat->test,
					   "leaf %#llx at %#llx, level %d, page %llu: model has %#llx",
					   entry, iova, level, j, word);
				return false;
			}
		}
		flat->raw += span / SZ_4K;
	}
	return true;
}

/* one IOVA, through the walker */
static bool walk_agrees(struct flat *flat, u64 iova, struct lab_walk *walk)
{
	u64 word = flat->page[flat_index(flat, iova)];
	enum lab_walk_status status;

	status = lab_vtdss_lookup(&flat->pt, iova, walk);
	if (!word && status == LAB_WALK_NOT_PRESENT && !walk->prot)
		return true;
	if (word && status == LAB_WALK_LEAF && walk->prot == FLAT_PROT(word) &&
	    walk->level == FLAT_LEVEL(word) &&
	    walk->oa == (FLAT_OA(word) | iova % SZ_4K) &&
	    walk->steps == flat->pt.config.levels - walk->level + 1)
		return true;
	KUNIT_FAIL(flat->test,
		   "walk of %#llx: status %d, level %u, prot %u, oa %#llx: model has %#llx",
		   iova, status, walk->level, walk->prot, walk->oa, word);
	return false;
}

/* an IOVA where something may be */
static u64 random_iova(struct flat *flat)
{
	u64 at = WINDOW / 2 - BUSY / 2 + lab_test_below(&flat->rnd, BUSY);

	if (lab_test_chance(&flat->rnd, 20))
		at = lab_test_below(&flat->rnd, WINDOW);
	return flat->base + at;
}

/* model, raw tables, and walks of random IOVAs; no table is lost */
static bool all_agree(struct flat *flat)
{
	struct lab_walk walk = { };
	int i;

	flat->raw = 0;
	flat->tables = 0;
	if (!raw_agrees(flat, flat->pt.top, flat->pt.config.levels, 0))
		return false;
	for (i = 0; i < WALKS; i++)
		if (!walk_agrees(flat, random_iova(flat), &walk))
			return false;
	cond_resched();
	KUNIT_EXPECT_EQ(flat->test, flat->raw, flat->mapped);
	KUNIT_EXPECT_EQ(flat->test, flat->tables, atomic_read(&flat->mem->live));
	return flat->raw == flat->mapped &&
	       flat->tables == atomic_read(&flat->mem->live);
}

/* the whole window through the walker, leaf by leaf and hole by hole */
static void all_walks_agree(struct flat *flat)
{
	struct lab_walk walk = { };
	u64 iova = flat->base;
	u64 walked = 0;

	while (iova < flat->base + WINDOW) {
		u64 span;

		if (!walk_agrees(flat, iova + lab_test_below(&flat->rnd, SZ_4K),
				 &walk))
			return;
		span = 1ull << (12 + 9 * (walk.level - 1));
		span -= iova % span;
		if (walk.prot)
			walked += span / SZ_4K;
		iova += span;
	}
	KUNIT_EXPECT_EQ(flat->test, walked, flat->mapped);
}

static void random_range(struct flat *flat, u64 *iova, u64 *length)
{
	struct rnd_state *rnd = &flat->rnd;
	u64 kind = lab_test_below(rnd, 100);
	u64 at = random_iova(flat);
	u64 align = SZ_4K;
	u64 units;

	if (kind < 60) {
		units = 1 + lab_test_below(rnd, 32);
	} else if (kind < 85) {
		units = 1 + lab_test_below(rnd, 1536);
	} else if (kind < 99 || !(flat->pt.config.leaf_levels & 4)) {
		units = 1 + lab_test_below(rnd, 8);
		align = SZ_2M;
	} else {
		units = 1 + lab_test_below(rnd, 2);
		align = SZ_1G;
		at = flat->base + lab_test_below(rnd, WINDOW);
	}
	*iova = ALIGN_DOWN(at, align);
	*length = units * align;
	/* a large one with small ones before and behind it; the window may begin at 0 */
	if (align > SZ_4K && lab_test_chance(rnd, 20)) {
		*iova -= min_t(u64, *iova - flat->base, SZ_64K);
		*length += SZ_128K;
	}
	*length = min(*length, flat->base + WINDOW - *iova);
}

/* often congruent to the IOVA, so that large leaves are possible */
static u64 random_oa(struct flat *flat, u64 iova, u64 length)
{
	u64 limit = (1ull << flat->pt.config.oa_bits) - SZ_8G;
	u64 oa = lab_test_below(&flat->rnd, limit);
	u64 kind = lab_test_below(&flat->rnd, 4);
	u64 size = kind < 2 ? SZ_1G : kind < 3 ? SZ_2M : SZ_4K;

	/* 1 GiB of small leaves takes its time: not so often */
	if (length >= SZ_1G && lab_test_chance(&flat->rnd, 80))
		size = SZ_1G;
	return ALIGN_DOWN(oa, size) + iova % size;
}

static bool map_agrees(struct flat *flat, u64 iova, u64 length)
{
	u32 prot = 1 + lab_test_below(&flat->rnd, 3);
	u64 oa = random_oa(flat, iova, length);
	u64 mapped, expected;
	bool clean = true;
	LIST_HEAD(retired);
	int err, wanted;

	wanted = flat_map(flat, iova, oa, length, prot, &expected);
	err = lab_vtdss_map(&flat->pt, iova, oa, length, prot, GFP_KERNEL,
			    &retired, &mapped);
	flat->replaced += test_free_retired(flat->mem, &retired, &clean);
	if (err == wanted && mapped == expected && clean)
		return true;
	KUNIT_FAIL(flat->test,
		   "map %#llx to %#llx, %#llx bytes: %d, %#llx mapped, not %d, %#llx; clean %d",
		   iova, oa, length, err, mapped, wanted, expected, clean);
	return false;
}

static bool unmap_agrees(struct flat *flat, u64 iova, u64 length)
{
	u64 expected = flat_unmap(flat, iova, length);
	bool clean = true;
	LIST_HEAD(retired);
	u64 cleared;

	cleared = lab_vtdss_unmap(&flat->pt, iova, length, &retired);
	flat->unlinked += test_free_retired(flat->mem, &retired, &clean);
	if (cleared == expected && clean)
		return true;
	KUNIT_FAIL(flat->test,
		   "unmap %#llx, %#llx bytes: %#llx cleared, not %#llx; clean %d",
		   iova, length, cleared, expected, clean);
	return false;
}

/*
 * A range of the size of a leaf is cleared, gets a few pages, loses them again
 * without being covered, and is then mapped as a whole.
 */
static bool hollow_agrees(struct flat *flat)
{
	bool huge = flat->pt.config.leaf_levels & 4 &&
		    lab_test_chance(&flat->rnd, 10);
	u64 size = huge ? SZ_1G : SZ_2M;
	u64 at = huge ? lab_test_below(&flat->rnd, WINDOW) :
			WINDOW / 2 - BUSY / 2 + lab_test_below(&flat->rnd, BUSY);
	u64 iova = ALIGN_DOWN(flat->base + at, size);
	u64 length = (1 + lab_test_below(&flat->rnd, 32)) * SZ_4K;
	u64 small = ALIGN_DOWN(iova + lab_test_below(&flat->rnd, size - length),
			       SZ_4K);

	return unmap_agrees(flat, iova, size) &&
	       map_agrees(flat, small, length) &&
	       unmap_agrees(flat, small, length) &&
	       map_agrees(flat, iova, size);
}

static bool random_operation(struct flat *flat)
{
	u64 kind = lab_test_below(&flat->rnd, 100);
	struct lab_walk walk = { };
	u64 iova, length;

	if (kind < 4)
		return hollow_agrees(flat);
	random_range(flat, &iova, &length);
	if (kind < 45)
		return map_agrees(flat, iova, length);
	if (kind < 80)
		return unmap_agrees(flat, iova, length);
	return walk_agrees(flat, iova + lab_test_below(&flat->rnd, length), &walk);
}

/*
 * The window begins 2 GiB before a border of the top table's entries, so that
 * each level has one inside, or ends where the IOVAs end.
 */
static u64 random_base(struct flat *flat)
{
	int levels = flat->pt.config.levels;
	u64 span = 1ull << (12 + 9 * (levels - 1));

	if (lab_test_chance(&flat->rnd, 25))
		return 512 * span - WINDOW;
	return (2 + lab_test_below(&flat->rnd, 500)) * span - WINDOW / 2;
}

/* has the run met what it is there for? */
static void expect_coverage(struct flat *flat)
{
	u8 leaf_levels = flat->pt.config.leaf_levels;
	int level;

	kunit_info(flat->test,
		   "leaves %u, %u, %u; tables replaced %u, unlinked %u; maps refused %u, unmaps stopped %u",
		   flat->leaves[1], flat->leaves[2], flat->leaves[3],
		   flat->replaced, flat->unlinked, flat->refused, flat->stopped);
	for (level = 1; level <= 3; level++)
		KUNIT_EXPECT_EQ(flat->test, flat->leaves[level] > 0,
				!!(leaf_levels & 1 << (level - 1)));
	KUNIT_EXPECT_GT(flat->test, flat->unlinked, 0);
	KUNIT_EXPECT_GT(flat->test, flat->refused, 0);
	if (leaf_levels > 1) {
		KUNIT_EXPECT_GT(flat->test, flat->replaced, 0);
		KUNIT_EXPECT_GT(flat->test, flat->stopped, 0);
	}
}

static void run_kind(struct flat *flat)
{
	bool clean = true;
	LIST_HEAD(retired);
	int i;

	flat->base = random_base(flat);
	KUNIT_ASSERT_EQ(flat->test, 0,
			lab_vtdss_init(&flat->pt, &flat->pt.config,
				       &flat->mem->mem, GFP_KERNEL));
	for (i = 1; i <= OPERATIONS; i++) {
		if (!random_operation(flat) ||
		    (i % BATCH == 0 && !all_agree(flat))) {
			KUNIT_FAIL(flat->test,
				   "levels %u, leaf levels %#x, base %#llx, operation %d, seed=%llu",
				   flat->pt.config.levels,
				   flat->pt.config.leaf_levels, flat->base, i,
				   lab_test_seed());
			break;
		}
	}
	all_walks_agree(flat);
	expect_coverage(flat);
	/* half of the time the table goes with all that is mapped in it */
	if (lab_test_chance(&flat->rnd, 50)) {
		lab_vtdss_unmap(&flat->pt, 0,
				1ull << (12 + 9 * flat->pt.config.levels),
				&retired);
		test_free_retired(flat->mem, &retired, &clean);
		KUNIT_EXPECT_TRUE(flat->test, clean);
		KUNIT_EXPECT_EQ(flat->test, atomic_read(&flat->mem->live), 1);
	}
	lab_vtdss_destroy(&flat->pt);
	KUNIT_EXPECT_EQ(flat->test, atomic_read(&flat->mem->live), 0);
}

/* each number of levels with each set of leaves */
static const struct lab_pt_config kinds[] = {
	{ 3, 1 }, { 3, 3 }, { 3, 5 }, { 3, 7 },
	{ 4, 1 }, { 4, 3 }, { 4, 5 }, { 4, 7 },
	{ 5, 1 }, { 5, 3 }, { 5, 5 }, { 5, 7 },
};

static void describe_kind(const struct lab_pt_config *kind, char *text)
{
	snprintf(text, KUNIT_PARAM_DESC_SIZE, "%u levels, 4 KiB%s%s leaves",
		 kind->levels, kind->leaf_levels & 2 ? ", 2 MiB" : "",
		 kind->leaf_levels & 4 ? ", 1 GiB" : "");
}

KUNIT_ARRAY_PARAM(kind, kinds, describe_kind);

KUNIT_DEFINE_ACTION_WRAPPER(free_pages_of_model, kvfree, const void *);

static void mixed_sizes(struct kunit *test)
{
	const struct lab_pt_config *kind = test->param_value;
	struct flat *flat = kunit_kzalloc(test, sizeof(*flat), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, flat);
	flat->test = test;
	flat->mem = test_mem_create(test);
	flat->page = kvcalloc(PAGES, sizeof(u64), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, flat->page);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_pages_of_model,
							   flat->page));
	lab_test_rnd_init(&flat->rnd, kind - kinds);
	flat->pt.config = *kind;
	flat->pt.config.oa_bits = 40 + lab_test_below(&flat->rnd, 13);
	run_kind(flat);
}

static struct kunit_case pgtable_property_cases[] = {
	{
		.run_case = mixed_sizes,
		.name = "N9 mixed page sizes equal a flat model",
		.generate_params = kind_gen_params,
		.attr.speed = KUNIT_SPEED_SLOW,
		.module_name = KBUILD_MODNAME,
	},
	{}
};

struct kunit_suite lab_pgtable_property_suite = {
	.name = "iommu_lab_pgtable_property",
	.test_cases = pgtable_property_cases,
};
