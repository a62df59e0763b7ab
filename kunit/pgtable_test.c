// SPDX-License-Identifier: GPL-2.0
/* What map and unmap promise, case by case. */

#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "pgtable_test.h"
#include "suites.h"

/**
 * struct bench - a page table on the test bench
 * @mem: where its tables come from
 * @pt: 4 levels, leaves of all sizes, 46 address bits, unless made again
 * @retired: tables that calls have retired
 */
struct bench {
	struct test_mem *mem;
	struct lab_pt pt;
	struct list_head retired;
};

/* the only page table that an alloc hook can reach */
static struct bench *hooked;

static const struct lab_pt_config default_config = { 4, 7, 46 };

static int bench_init(struct kunit *test)
{
	struct bench *bench = kunit_kzalloc(test, sizeof(*bench), GFP_KERNEL);

	if (!bench)
		return -ENOMEM;
	bench->mem = test_mem_create(test);
	INIT_LIST_HEAD(&bench->retired);
	test->priv = bench;
	return lab_vtdss_init(&bench->pt, &default_config, &bench->mem->mem,
			      GFP_KERNEL);
}

static void bench_exit(struct kunit *test)
{
	struct bench *bench = test->priv;
	bool clean = true;

	if (!bench)
		return;
	lab_vtdss_destroy(&bench->pt);
	test_free_retired(bench->mem, &bench->retired, &clean);
	KUNIT_EXPECT_TRUE(test, clean);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->mem->live), 0);
}

static int bench_map(struct bench *bench, u64 iova, u64 oa, u64 length,
		     u64 *mapped)
{
	*mapped = ~0ull;
	return lab_vtdss_map(&bench->pt, iova, oa, length,
			     LAB_PROT_READ | LAB_PROT_WRITE, GFP_KERNEL,
			     &bench->retired, mapped);
}

/* mapped as a whole, from nothing */
static void bench_must_map(struct kunit *test, u64 iova, u64 oa, u64 length)
{
	u64 mapped;

	KUNIT_EXPECT_EQ(test, 0, bench_map(test->priv, iova, oa, length,
					   &mapped));
	KUNIT_EXPECT_EQ(test, mapped, length);
}

static u64 bench_unmap(struct bench *bench, u64 iova, u64 length)
{
	return lab_vtdss_unmap(&bench->pt, iova, length, &bench->retired);
}

static unsigned int bench_free_retired(struct kunit *test)
{
	struct bench *bench = test->priv;
	bool clean = true;
	unsigned int freed;

	freed = test_free_retired(bench->mem, &bench->retired, &clean);
	KUNIT_EXPECT_TRUE(test, clean);
	return freed;
}

/* level of the leaf at an IOVA, 0 if there is none; its OA must be right */
static unsigned int bench_level(struct kunit *test, u64 iova, u64 oa)
{
	struct bench *bench = test->priv;
	struct lab_walk walk = { };

	if (lab_vtdss_lookup(&bench->pt, iova, &walk) != LAB_WALK_LEAF)
		return 0;
	KUNIT_EXPECT_EQ(test, walk.oa, oa);
	return walk.level;
}

static void refused_kinds(struct kunit *test)
{
	static const struct lab_pt_config bad[] = {
		{ 2, 1, 46 }, { 6, 1, 46 }, { 0, 1, 46 }, { 4, 0, 46 },
		{ 4, 6, 46 }, { 4, 9, 46 }, { 4, 1, 11 }, { 4, 1, 53 },
	};
	struct bench *bench = test->priv;
	struct lab_pt pt;
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ(test, -EINVAL,
				lab_vtdss_init(&pt, &bad[i], &bench->mem->mem,
					       GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->mem->live), 1);
}

/* a table that the unit cannot address is none */
static void tables_beyond_the_address_width(struct kunit *test)
{
	const struct lab_pt_config narrow = { 4, 7, 12 };
	struct bench *bench = test->priv;
	struct lab_pt pt;

	KUNIT_EXPECT_EQ(test, -ENOMEM,
			lab_vtdss_init(&pt, &narrow, &bench->mem->mem,
				       GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, pt.top);
	lab_vtdss_destroy(&pt);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->mem->live), 1);
}

static void refused_arguments(struct kunit *test)
{
	static const struct {
		u64 iova, oa, length;
		u32 prot;
		int err;
	} bad[] = {
		{ 0x1000, 0x1000, 0, 3, -EINVAL },
		{ 0x1001, 0x1000, 0x1000, 3, -EINVAL },
		{ 0x1800, 0x1000, 0x1000, 3, -EINVAL },
		{ 0x1000, 0x1008, 0x1000, 3, -EINVAL },
		{ 0x1000, 0x1000, 0x1001, 3, -EINVAL },
		{ 0x1000, 0x1000, 0x1000, 0, -EINVAL },
		{ 0x1000, 0x1000, 0x1000, 4, -EINVAL },
		{ 0x1000, 0x1000, 0x1000, 7, -EINVAL },
		/* wrapping */
		{ 0xfffffffffffff000, 0x1000, 0x2000, 3, -EINVAL },
		{ 0x1000, 0xfffffffffffff000, 0x2000, 3, -EINVAL },
		{ 0x1000, 0x1000, 0xfffffffffffff000, 3, -ERANGE },
		{ 0x2000, 0x1000, 0xfffffffffffff000, 3, -EINVAL },
		/* 48 bits of IOVA */
		{ 0x0001000000000000, 0x1000, 0x1000, 3, -ERANGE },
		{ 0x0000fffffffff000, 0x1000, 0x2000, 3, -ERANGE },
		{ 0xfffffffffffff000, 0x1000, 0x1000, 3, -ERANGE },
		{ 0, 0, 0x0001000000001000, 3, -ERANGE },
		/* 46 bits of OA */
		{ 0x1000, 0x0000400000000000, 0x1000, 3, -ERANGE },
		{ 0x1000, 0x00003ffffffff000, 0x2000, 3, -ERANGE },
		{ 0x1000, 0xfffffffffffff000, 0x1000, 3, -ERANGE },
	};
	struct bench *bench = test->priv;
	u64 mapped;
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		mapped = ~0ull;
		KUNIT_EXPECT_EQ_MSG(test, bad[i].err,
				    lab_vtdss_map(&bench->pt, bad[i].iova,
						  bad[i].oa, bad[i].length,
						  bad[i].prot, GFP_KERNEL,
						  &bench->retired, &mapped),
				    "line %d", i);
		KUNIT_EXPECT_EQ(test, mapped, 0);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->mem->live), 1);

	/* the last page of both is fine */
	bench_must_map(test, 0x0000fffffffff000, 0x00003ffffffff000, 0x1000);
	bench_must_map(test, 0, 0, 0x1000);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, 1, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, 0, SZ_4K + 1), 0);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, 0, 0x0001000000001000), 0);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, 0x0001000000000000, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, 0xfffffffffffff000, 0x2000), 0);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, 0, 0x0001000000000000), 0x2000);
}

static void lookup_beyond(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct lab_walk walk = { };

	bench_must_map(test, 0, 0, SZ_4K);
	KUNIT_EXPECT_EQ(test, lab_vtdss_lookup(&bench->pt, 1ull << 48, &walk),
			LAB_WALK_BEYOND);
	KUNIT_EXPECT_EQ(test, lab_vtdss_lookup(&bench->pt, 0xfff, &walk),
			LAB_WALK_LEAF);
}

/* the largest leaf that IOVA, OA and what is left allow, begun anywhere */
static void largest_leaves(struct kunit *test)
{
	const u64 iova = SZ_1G - SZ_2M - SZ_4K;
	const u64 oa = 7ull * SZ_1G - SZ_2M - SZ_4K;
	const u64 length = SZ_4K + SZ_2M + SZ_1G + SZ_2M + SZ_4K;
	struct bench *bench = test->priv;

	bench_must_map(test, iova, oa, length);
	KUNIT_EXPECT_EQ(test, bench_level(test, iova, oa), 1);
	KUNIT_EXPECT_EQ(test, bench_level(test, SZ_1G - SZ_2M, 7ull * SZ_1G - SZ_2M), 2);
	KUNIT_EXPECT_EQ(test, bench_level(test, SZ_1G - 1, 7ull * SZ_1G - 1), 2);
	KUNIT_EXPECT_EQ(test, bench_level(test, SZ_1G, 7ull * SZ_1G), 3);
	KUNIT_EXPECT_EQ(test, bench_level(test, SZ_2G - 1, 8ull * SZ_1G - 1), 3);
	KUNIT_EXPECT_EQ(test, bench_level(test, SZ_2G, 8ull * SZ_1G), 2);
	KUNIT_EXPECT_EQ(test, bench_level(test, SZ_2G + SZ_2M, 8ull * SZ_1G + SZ_2M), 1);
	KUNIT_EXPECT_EQ(test, bench_level(test, iova - 1, 0), 0);
	KUNIT_EXPECT_EQ(test, bench_level(test, iova + length, 0), 0);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, iova, length), length);

	/* the OA is not aligned as the IOVA is */
	bench_must_map(test, SZ_2G, SZ_4K, SZ_4M);
	KUNIT_EXPECT_EQ(test, bench_level(test, SZ_2G, SZ_4K), 1);
	KUNIT_EXPECT_EQ(test, bench_level(test, SZ_2G + SZ_2M, SZ_2M + SZ_4K), 1);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, SZ_2G, SZ_4M), SZ_4M);
}

static void one_gib_of_small_pages(struct kunit *test)
{
	static const u8 levels[] = { 3, 4, 5 };
	struct bench *bench = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		const struct lab_pt_config config = { levels[i], 1, 46 };
		u64 iova = (512ull << (12 + 9 * (levels[i] - 1))) - SZ_1G - SZ_64K;

		lab_vtdss_destroy(&bench->pt);
		KUNIT_ASSERT_EQ(test, 0,
				lab_vtdss_init(&bench->pt, &config,
					       &bench->mem->mem, GFP_KERNEL));
		bench_must_map(test, iova, 0x345678000, SZ_1G);
		KUNIT_EXPECT_EQ(test, bench_level(test, iova, 0x345678000), 1);
		KUNIT_EXPECT_EQ(test, bench_level(test, iova + SZ_1G - 1,
						  0x345678000 + SZ_1G - 1), 1);
		KUNIT_EXPECT_EQ(test, bench_level(test, iova + SZ_1G, 0), 0);
		/*
		 * 511 tables of level 1 are covered; the first and the last
		 * are not, nor the two of level 2, nor what is above
		 */
		KUNIT_EXPECT_EQ(test, bench_unmap(bench, iova, SZ_1G), SZ_1G);
		KUNIT_EXPECT_EQ(test, bench_free_retired(test), 511);
		KUNIT_EXPECT_EQ(test, atomic_read(&bench->mem->live),
				2 + 2 + levels[i] - 2);
	}
}

static void existing_leaf_in_the_way(struct kunit *test)
{
	struct bench *bench = test->priv;
	u64 mapped;

	/* a small one in the middle */
	bench_must_map(test, SZ_2G + 5 * SZ_4K, SZ_1G, SZ_4K);
	KUNIT_EXPECT_EQ(test, -EEXIST, bench_map(bench, SZ_2G, SZ_4K, SZ_64K,
						 &mapped));
	KUNIT_EXPECT_EQ(test, mapped, 5 * SZ_4K);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, SZ_2G, mapped), mapped);
	KUNIT_EXPECT_EQ(test, bench_level(test, SZ_2G + 5 * SZ_4K, SZ_1G), 1);

	/* a small one where a large one would go */
	KUNIT_EXPECT_EQ(test, -EEXIST, bench_map(bench, SZ_2G - SZ_2M, SZ_2M,
						 SZ_4M, &mapped));
	KUNIT_EXPECT_EQ(test, mapped, SZ_2M);
	KUNIT_EXPECT_EQ(test, -EEXIST, bench_map(bench, SZ_2G, 0, SZ_1G,
						 &mapped));
	KUNIT_EXPECT_EQ(test, mapped, 0);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, 0, SZ_4G), SZ_2M + SZ_4K);

	/* a large one, where small and large ones would go */
	bench_must_map(test, SZ_2G, SZ_2G, SZ_2M);
	KUNIT_EXPECT_EQ(test, -EEXIST, bench_map(bench, SZ_2G + SZ_4K, 0, SZ_4K,
						 &mapped));
	KUNIT_EXPECT_EQ(test, mapped, 0);
	KUNIT_EXPECT_EQ(test, -EEXIST, bench_map(bench, SZ_2G, SZ_2G, SZ_2M,
						 &mapped));
	KUNIT_EXPECT_EQ(test, mapped, 0);
	KUNIT_EXPECT_EQ(test, -EEXIST, bench_map(bench, SZ_2G - SZ_8K, SZ_4K,
						 SZ_64K, &mapped));
	KUNIT_EXPECT_EQ(test, mapped, SZ_8K);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, SZ_2G - SZ_8K, SZ_8K), SZ_8K);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, SZ_2G, SZ_2M), SZ_2M);
}

/* a table that is left empty gives way to a leaf, with the tables below it */
static void leaf_over_an_empty_table(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct lab_walk cached = { };
	int i;

	/* 512 tables below one of level 2, each with one page, unmapped singly */
	for (i = 0; i < 512; i++)
		bench_must_map(test, SZ_1G + i * SZ_2M, 0x5000, SZ_4K);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->mem->live), 3 + 512);
	KUNIT_EXPECT_EQ(test, LAB_WALK_LEAF,
			lab_vtdss_lookup(&bench->pt, SZ_1G, &cached));
	for (i = 0; i < 512; i++)
		KUNIT_EXPECT_EQ(test, bench_unmap(bench, SZ_1G + i * SZ_2M,
						  SZ_4K), SZ_4K);
	KUNIT_EXPECT_EQ(test, bench_free_retired(test), 0);

	bench_must_map(test, SZ_1G, SZ_2G, SZ_2M);
	KUNIT_EXPECT_EQ(test, bench_level(test, SZ_1G, SZ_2G), 2);

	/* a walk from what a unit has cached finds nothing in the old table */
	cached.iova = SZ_1G;
	cached.levels = 4;
	cached.prot = 3;
	KUNIT_EXPECT_EQ(test, cached.level, 1);
	KUNIT_EXPECT_EQ(test, lab_vtdss_walk(&cached), LAB_WALK_NOT_PRESENT);
	KUNIT_EXPECT_EQ(test, bench_free_retired(test), 1);

	KUNIT_EXPECT_EQ(test, bench_unmap(bench, SZ_1G, SZ_2M), SZ_2M);
	bench_must_map(test, SZ_1G, SZ_2G, SZ_1G);
	KUNIT_EXPECT_EQ(test, bench_level(test, SZ_2G - 1, 3ull * SZ_1G - 1), 3);
	KUNIT_EXPECT_EQ(test, bench_free_retired(test), 1 + 511);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->mem->live), 2);
}

static void unmap_never_splits(struct kunit *test)
{
	struct bench *bench = test->priv;

	bench_must_map(test, SZ_2G - SZ_4K, SZ_2G - SZ_4K, SZ_4K + SZ_2M + SZ_8K);
	/* over the end: what is before it goes */
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, SZ_2G - SZ_4K, SZ_8K), SZ_4K);
	KUNIT_EXPECT_EQ(test, bench_level(test, SZ_2G, SZ_2G), 2);
	/* over the start: what is behind it stays */
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, SZ_2G + SZ_4K, SZ_4M), 0);
	KUNIT_EXPECT_EQ(test, bench_level(test, SZ_2G, SZ_2G), 2);
	KUNIT_EXPECT_EQ(test, bench_level(test, SZ_2G + SZ_2M, SZ_2G + SZ_2M), 1);
	/* a hole before it, and a hole behind it */
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, SZ_1G, SZ_2G), SZ_2M + SZ_8K);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, SZ_1G, SZ_2G), 0);
}

/* a table goes when its whole span is covered, and not before */
static void unmap_unlinks_covered_tables(struct kunit *test)
{
	struct bench *bench = test->priv;

	bench_must_map(test, SZ_2G, SZ_4K, SZ_4M);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->mem->live), 3 + 2);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, SZ_2G, SZ_2M - SZ_4K),
			SZ_2M - SZ_4K);
	KUNIT_EXPECT_EQ(test, bench_free_retired(test), 0);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, SZ_2G, SZ_2M + SZ_4K),
			SZ_8K);
	KUNIT_EXPECT_EQ(test, bench_free_retired(test), 1);
	/* 1 GiB is the span of the level-2 table; the level-1 table goes too */
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, SZ_2G, SZ_1G), SZ_2M - SZ_4K);
	KUNIT_EXPECT_EQ(test, bench_free_retired(test), 2);
	/* the level-3 table has nothing in it any more, and is covered here */
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, 0, 1ull << 48), 0);
	KUNIT_EXPECT_EQ(test, bench_free_retired(test), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->mem->live), 1);
}

/* the whole of 57 bits, mapped here and there: holes cost nothing */
static void unmap_all_of_57_bits(struct kunit *test)
{
	const struct lab_pt_config config = { 5, 7, 46 };
	struct bench *bench = test->priv;
	int bit;

	lab_vtdss_destroy(&bench->pt);
	KUNIT_ASSERT_EQ(test, 0, lab_vtdss_init(&bench->pt, &config,
						&bench->mem->mem, GFP_KERNEL));
	for (bit = 12; bit < 57; bit++)
		bench_must_map(test, 1ull << bit, 0x9000, SZ_4K);
	KUNIT_EXPECT_EQ(test, bench_level(test, 1ull << 56, 0x9000), 1);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, SZ_4K, (1ull << 57) - SZ_4K),
			45 * SZ_4K);
	/* only the path to page 0, which was not in the range, is left */
	bench_free_retired(test);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->mem->live), 5);
}

/* alloc fails the n-th time, for each n: an error, undone, nothing left */
static void allocation_failures(struct kunit *test)
{
	const struct lab_pt_config config = { 5, 7, 46 };
	/* small, 2 MiB, small, across a border of the top table's entries */
	const u64 iova = (1ull << 48) - SZ_2M - SZ_64K;
	const u64 length = SZ_64K + SZ_2M + SZ_2M + SZ_64K;
	const u64 oa = SZ_1G - SZ_64K;
	struct bench *bench = test->priv;
	int n, err = -ENOMEM;
	u64 mapped;

	lab_vtdss_destroy(&bench->pt);
	for (n = 0; err; n++) {
		atomic_set(&bench->mem->allocs, 0);
		bench->mem->fail_at = n;
		err = lab_vtdss_init(&bench->pt, &config, &bench->mem->mem,
				     GFP_KERNEL);
		KUNIT_EXPECT_EQ(test, err, n ? 0 : -ENOMEM);
		if (err)
			continue;
		err = bench_map(bench, iova, oa, length, &mapped);
		if (err) {
			KUNIT_EXPECT_EQ(test, err, -ENOMEM);
			KUNIT_EXPECT_LT(test, mapped, length);
		} else {
			KUNIT_EXPECT_EQ(test, mapped, length);
		}
		if (mapped) {
			KUNIT_EXPECT_EQ(test, bench_level(test, iova, oa), 1);
			KUNIT_EXPECT_NE(test, 0,
					bench_level(test, iova + mapped - 1,
						    oa + mapped - 1));
			KUNIT_EXPECT_EQ(test, bench_unmap(bench, iova, mapped),
					mapped);
		}
		KUNIT_EXPECT_EQ(test, bench_unmap(bench, 0, 1ull << 57), 0);
		bench_free_retired(test);
		KUNIT_EXPECT_EQ(test, atomic_read(&bench->mem->live), 1);
		lab_vtdss_destroy(&bench->pt);
		KUNIT_EXPECT_EQ(test, atomic_read(&bench->mem->live), 0);
	}
	bench->mem->fail_at = -1;
	/* the top, and to the left and the right of the border levels 4 to 1 */
	KUNIT_EXPECT_EQ(test, n - 1, 1 + 4 + 4);
}

static void map_next_page(struct test_mem *mem)
{
	u64 mapped;

	bench_map(hooked, SZ_2G + SZ_4K, SZ_8K, SZ_4K, &mapped);
}

/*
 * While a map allocates a table, another one on the page beside installs its
 * own there: the first goes on with that, and frees what it allocated.
 */
static void lost_race_for_a_table(struct kunit *test)
{
	struct bench *bench = test->priv;

	hooked = bench;
	bench->mem->before_alloc = map_next_page;
	bench_must_map(test, SZ_2G, SZ_4K, SZ_4K);
	KUNIT_EXPECT_EQ(test, bench_level(test, SZ_2G, SZ_4K), 1);
	KUNIT_EXPECT_EQ(test, bench_level(test, SZ_2G + SZ_4K, SZ_8K), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->mem->live), 4);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->mem->allocs), 1 + 3 + 1);
	KUNIT_EXPECT_EQ(test, bench_unmap(bench, 0, SZ_4G), SZ_8K);
}

static struct kunit_case pgtable_cases[] = {
	PGTABLE_CASE(refused_kinds, "refused kinds of table"),
	PGTABLE_CASE(tables_beyond_the_address_width,
		     "a table that the unit cannot address"),
	PGTABLE_CASE(refused_arguments, "refused arguments"),
	PGTABLE_CASE(lookup_beyond, "lookup beyond the levels"),
	PGTABLE_CASE(largest_leaves, "map takes the largest leaves"),
	PGTABLE_CASE(one_gib_of_small_pages, "N9 1 GiB of 4 KiB pages"),
	PGTABLE_CASE(existing_leaf_in_the_way, "map over an existing leaf"),
	PGTABLE_CASE(leaf_over_an_empty_table, "map a leaf over an empty table"),
	PGTABLE_CASE(unmap_never_splits, "unmap never splits a leaf"),
	PGTABLE_CASE(unmap_unlinks_covered_tables,
		     "unmap unlinks tables that it covers"),
	PGTABLE_CASE(unmap_all_of_57_bits, "unmap all of 57 bits"),
	PGTABLE_CASE(allocation_failures, "allocation fails at each table"),
	PGTABLE_CASE(lost_race_for_a_table, "a lost race for a table"),
	{}
};

struct kunit_suite lab_pgtable_suite = {
	.name = "iommu_lab_pgtable",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = pgtable_cases,
};
