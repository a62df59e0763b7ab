// SPDX-License-Identifier: GPL-2.0
/*
 * Random map, unmap, sync and translate of one domain on two units, one of them
 * in caching mode, against a flat model: an array of pages.
 *
 * The window of IOVAs lies across a border of the top table, so that a range may
 * touch tables of each level. A page is free, mapped, or unmapped and not yet
 * synced. Of each translation the model knows the answer: mapped pages go where
 * they should, the rest is refused; a stale hit is allowed for pages that are
 * not yet synced, and for no others.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "pair_rig.h"
#include "seed.h"
#include "suites.h"

#define SID		0x0420
#define PAGES		4096u
#define WINDOW		(512ULL * SZ_1G - PAGES / 2 * SZ_4K)
#define OPERATIONS	50000
#define SWEEP_EVERY	10000

enum state { FREE, MAPPED, UNSYNCED };

/**
 * struct flat_page - what the model knows of a page
 * @state: see above
 * @prot: LAB_PROT_*, of a mapped one
 * @first: page that its mapping begins with
 * @oa: where it goes
 */
struct flat_page {
	enum state state;
	u32 prot;
	unsigned int first;
	u64 oa;
};

/**
 * struct flat - the model, and what it is held against
 * @test: the test
 * @domain: the domain
 * @rig: its units
 * @rq: somebody at each of them
 * @rnd: random numbers
 * @gather: what was unmapped and not synced
 * @low: no page below is unsynced
 * @high: no page from here on is unsynced
 * @page: the pages
 */
struct flat {
	struct kunit *test;
	struct pair_domain *domain;
	struct pair_rig *rig[2];
	struct lab_requester *rq[2];
	struct rnd_state rnd;
	struct lab_remap_gather gather;
	unsigned int low;
	unsigned int high;
	struct flat_page page[PAGES];
};

static u64 iova_of(unsigned int page)
{
	return WINDOW + (u64)page * SZ_4K;
}

static void check_page(struct flat *flat, unsigned int unit, unsigned int page)
{
	const struct flat_page *model = &flat->page[page];
	bool write = lab_test_chance(&flat->rnd, 50);
	u64 offset = lab_test_below(&flat->rnd, SZ_4K);
	u32 need = write ? LAB_PROT_WRITE : LAB_PROT_READ;
	struct lab_translation tr;
	enum lab_translate_status status;

	status = pair_access(flat->rq[unit], iova_of(page) + offset, write,
			     &tr);
	if (model->state == MAPPED && (model->prot & need)) {
		KUNIT_ASSERT_EQ(flat->test, status, LAB_TRANSLATED);
		KUNIT_ASSERT_EQ(flat->test, tr.pa, model->oa + offset);
		return;
	}
	KUNIT_ASSERT_EQ(flat->test, status, LAB_FAULTED);
	if (model->state != UNSYNCED)
		KUNIT_ASSERT_FALSE(flat->test, tr.stale);
}

static void do_translate(struct flat *flat)
{
	check_page(flat, lab_test_below(&flat->rnd, 2),
		   lab_test_below(&flat->rnd, PAGES));
}

static void do_map(struct flat *flat)
{
	unsigned int first = lab_test_below(&flat->rnd, PAGES);
	unsigned int want = 1u << lab_test_below(&flat->rnd, 11);
	u64 oa = SZ_4G + lab_test_below(&flat->rnd, 1 << 20) * SZ_4K;
	unsigned int pages, i;
	u32 prot;

	/* often with room for large leaves, and congruent so that they fit */
	if (lab_test_chance(&flat->rnd, 40)) {
		first &= ~511u;
		want = max(want, 512u);
	}
	if (lab_test_chance(&flat->rnd, 60))
		oa = ALIGN_DOWN(oa, SZ_2M) + iova_of(first) % SZ_2M;
	for (pages = 0; pages < want && first + pages < PAGES; pages++) {
		if (flat->page[first + pages].state != FREE)
			break;
	}
	if (!pages)
		return;
	prot = 1 + lab_test_below(&flat->rnd, 3);
	KUNIT_ASSERT_EQ(flat->test,
			pair_map(flat->domain, iova_of(first), oa,
				 (u64)pages * SZ_4K, prot), 0);
	for (i = 0; i < pages; i++)
		flat->page[first + i] = (struct flat_page) {
			.state = MAPPED,
			.prot = prot,
			.first = first,
			.oa = oa + (u64)i * SZ_4K,
		};
}

/* whole mappings, with what is between them */
static void unmap_range(struct flat *flat, unsigned int first,
			unsigned int last)
{
	u64 expected = 0;
	unsigned int i;

	while (flat->page[first].state == MAPPED && first &&
	       flat->page[first - 1].state == MAPPED &&
	       flat->page[first - 1].first == flat->page[first].first)
		first--;
	while (flat->page[last].state == MAPPED && last + 1 < PAGES &&
	       flat->page[last + 1].state == MAPPED &&
	       flat->page[last + 1].first == flat->page[last].first)
		last++;
	for (i = first; i <= last; i++) {
		if (flat->page[i].state != MAPPED)
			continue;
		flat->page[i].state = UNSYNCED;
		expected += SZ_4K;
	}
	flat->low = min(flat->low, first);
	flat->high = max(flat->high, last + 1);
	KUNIT_ASSERT_EQ(flat->test,
			lab_remap_unmap(&flat->domain->rd, iova_of(first),
					(u64)(last - first + 1) * SZ_4K,
					&flat->gather), expected);
}

static void do_unmap(struct flat *flat)
{
	unsigned int first = lab_test_below(&flat->rnd, PAGES);
	unsigned int pages = 1u << lab_test_below(&flat->rnd, 12);

	unmap_range(flat, first, min(first + pages, PAGES) - 1);
}

static void do_sync(struct flat *flat)
{
	unsigned int i;

	KUNIT_ASSERT_EQ(flat->test,
			lab_remap_sync(&flat->domain->rd, &flat->gather), 0);
	for (i = flat->low; i < flat->high; i++) {
		if (flat->page[i].state == UNSYNCED)
			flat->page[i].state = FREE;
	}
	flat->low = PAGES;
	flat->high = 0;
}

static void sweep(struct flat *flat)
{
	unsigned int i;

	for (i = 0; i < 2 * PAGES; i++)
		check_page(flat, i / PAGES, i % PAGES);
}

/* what a unit counted adds up */
static void check_counts(struct kunit *test, struct pair_rig *rig)
{
	struct lab_vtd_stats stats;

	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.sum.c[LAB_CNT_INSERT],
			stats.present + stats.removed +
			stats.sum.c[LAB_CNT_EVICT]);
	KUNIT_EXPECT_EQ(test, stats.queue_errors, 0);
	KUNIT_EXPECT_GT(test, stats.sum.c[LAB_CNT_HIT], 0);
	KUNIT_EXPECT_GT(test, stats.sum.c[LAB_CNT_STALE], 0);
	KUNIT_EXPECT_GT(test, stats.sum.c[LAB_CNT_PSC_HIT], 0);
}

/* @scalable: bit n: of unit n */
static struct flat *flat_create(struct kunit *test, unsigned int scalable)
{
	struct pair_config config = pair_default;
	struct flat *flat;
	unsigned int i;

	flat = kunit_kzalloc(test, sizeof(*flat), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, flat);
	flat->test = test;
	flat->low = PAGES;
	lab_test_rnd_init(&flat->rnd, 0x70726f70);
	for (i = 0; i < 2; i++) {
		config.vtd.caching_mode = i;
		config.vtd.scalable = scalable & BIT(i);
		config.vtd.iotlb_sets = 256 >> 4 * i;
		flat->rig[i] = pair_enable(test, &config);
		flat->rq[i] = pair_requester(flat->rig[i], SID + i);
	}
	flat->domain = pair_domain(test, 4);
	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_EQ(test, pair_attach(flat->domain, flat->rig[i],
						  SID + i), 0);
	lab_remap_gather_init(&flat->gather);
	return flat;
}

static void run(struct kunit *test, unsigned int scalable)
{
	struct flat *flat = flat_create(test, scalable);
	unsigned int i, dice;

	kunit_info(test, "seed=%llu\n", lab_test_seed());
	for (i = 1; i <= OPERATIONS; i++) {
		dice = lab_test_below(&flat->rnd, 100);
		if (dice < 70)
			do_translate(flat);
		else if (dice < 82)
			do_map(flat);
		else if (dice < 93)
			do_unmap(flat);
		else
			do_sync(flat);
		if (i % SWEEP_EVERY == 0)
			sweep(flat);
		if (i % 256 == 0)
			cond_resched();
	}
	unmap_range(flat, 0, PAGES - 1);
	do_sync(flat);
	sweep(flat);
	check_counts(test, flat->rig[0]);
	check_counts(test, flat->rig[1]);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&flat->domain->rd.kept), 0);
}

static void property(struct kunit *test)
{
	run(test, 0);
}

static void property_one_scalable(struct kunit *test)
{
	run(test, BIT(0));
}

static void property_scalable(struct kunit *test)
{
	run(test, BIT(0) | BIT(1));
}

static struct kunit_case remap_property_cases[] = {
	PAIR_CASE(property, "random map, unmap, sync, translate equal a flat model"),
	PAIR_CASE(property_one_scalable, "the same with a unit in each mode"),
	PAIR_CASE(property_scalable, "the same in scalable mode"),
	{}
};

struct kunit_suite lab_remap_property_suite = {
	.name = "iommu_lab_remap_property",
	.test_cases = remap_property_cases,
};
