// SPDX-License-Identifier: GPL-2.0
/* space/: random requests for IOVAs against a bitmap. */

#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/mm.h>
#include "seed.h"
#include "space_rig.h"
#include "suites.h"

#define PAGE(n)	((u64)(n) << PAGE_SHIFT)

#define PROPERTY_PAGES	2048u
#define PROPERTY_SLOTS	64u
#define PROPERTY_ROUNDS	25000u	/* of each test */

/**
 * struct shape - what random requests look like
 * @stream: of random numbers
 * @most_pages: of a request
 * @aligns: alignments are 1 page << 0 to @aligns - 1
 * @flags: LAB_DOMAIN_* of the domain
 * @crowded: PROPERTY_SLOTS of them do not always fit
 */
struct shape {
	u64 stream;
	unsigned int most_pages;
	unsigned int aligns;
	bool crowded;
	u32 flags;
};

/* a page of the bitmap is a page of the aperture */
static void random_round(struct kunit *test, struct lab_domain *domain,
			 unsigned long *used, struct lab_mapping *slot,
			 unsigned long nr, unsigned long align,
			 unsigned int *full)
{
	unsigned long guard = domain->flags & LAB_DOMAIN_GUARD ? 1 : 0;
	u64 base = domain->iommu.geometry.aperture_start;
	unsigned long natural = align, want;
	int err;

	if (slot->last) {
		bitmap_clear(used, (slot->start - base) >> PAGE_SHIFT,
			     ((slot->last - slot->start + 1) >> PAGE_SHIFT) +
			     guard);
		space_rig_give_back(domain, slot);
		slot->last = 0;
		return;
	}
	while (domain->flags & LAB_DOMAIN_NATURAL && natural < nr)
		natural *= 2;
	want = bitmap_find_next_zero_area(used, PROPERTY_PAGES, 0, nr + guard,
					  natural - 1);
	err = space_rig_take(domain, slot, PAGE(nr), PAGE(align));
	if (want >= PROPERTY_PAGES) {
		KUNIT_ASSERT_EQ(test, -ENOSPC, err);
		(*full)++;
		return;
	}
	KUNIT_ASSERT_EQ(test, 0, err);
	KUNIT_ASSERT_EQ(test, base + PAGE(want), slot->start);
	KUNIT_ASSERT_EQ(test, PAGE(nr), slot->last - slot->start + 1);
	bitmap_set(used, want, nr + guard);
}

/*
 * Random rounds against a bitmap that is searched page by page: the same
 * address each time, and ENOSPC only when nothing fits.
 */
static void random_rounds(struct kunit *test, const struct shape *shape)
{
	const u64 base = 0x40000000;
	struct lab_domain_params params = {
		.policy = LAB_POLICY_ALLOC,
		.flags = shape->flags,
		.start = base,
		.last = base + PAGE(PROPERTY_PAGES) - 1,
	};
	unsigned int guard = shape->flags & LAB_DOMAIN_GUARD ? 1 : 0;
	struct space_rig *rig = test->priv;
	struct lab_mapping *slots;
	unsigned long *used;
	struct lab_domain *domain;
	struct rnd_state rnd;
	unsigned int i, full = 0;

	lab_test_rnd_init(&rnd, shape->stream);
	slots = kunit_kcalloc(test, PROPERTY_SLOTS, sizeof(*slots), GFP_KERNEL);
	used = kunit_kcalloc(test, BITS_TO_LONGS(PROPERTY_PAGES), sizeof(*used),
			     GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, slots && used);
	domain = space_rig_domain_with(rig, &params);

	for (i = 0; i < PROPERTY_ROUNDS; i++)
		random_round(test, domain, used,
			     &slots[lab_test_below(&rnd, PROPERTY_SLOTS)],
			     1 + lab_test_below(&rnd, shape->most_pages),
			     1UL << lab_test_below(&rnd, shape->aligns), &full);
	if (shape->crowded)
		KUNIT_EXPECT_GT(test, full, 50);
	else
		KUNIT_EXPECT_EQ(test, full, 0);

	for (i = 0; i < PROPERTY_SLOTS; i++)
		if (slots[i].last)
			space_rig_give_back(domain, &slots[i]);
	KUNIT_EXPECT_EQ(test, -ENOSPC,
			space_rig_take(domain, &slots[0],
				       PAGE(PROPERTY_PAGES + 1 - guard), 0));
	KUNIT_EXPECT_EQ(test, 0,
			space_rig_take(domain, &slots[0],
				       PAGE(PROPERTY_PAGES - guard), 0));
	space_rig_give_back(domain, &slots[0]);
	lab_domain_close(domain);
}

static void random_small(struct kunit *test)
{
	static const struct shape shape = { 0x5ace, 16, 1, false };

	random_rounds(test, &shape);
}

static void random_aligned(struct kunit *test)
{
	static const struct shape shape = { 0x5acf, 24, 10, true };

	random_rounds(test, &shape);
}

static void random_crowded(struct kunit *test)
{
	static const struct shape shape = { 0x5ad0, 160, 1, true };

	random_rounds(test, &shape);
}

static void random_mixed(struct kunit *test)
{
	static const struct shape shape = { 0x5ad1, 100, 8, true };

	random_rounds(test, &shape);
}

static void random_guarded(struct kunit *test)
{
	static const struct shape shape = { 0x5ad2, 120, 4, true,
					    LAB_DOMAIN_GUARD };

	random_rounds(test, &shape);
}

static void random_natural(struct kunit *test)
{
	static const struct shape shape = { 0x5ad3, 140, 3, true,
					    LAB_DOMAIN_NATURAL };

	random_rounds(test, &shape);
}

static void random_guarded_natural(struct kunit *test)
{
	static const struct shape shape = { 0x5ad4, 120, 2, true,
					    LAB_DOMAIN_GUARD |
					    LAB_DOMAIN_NATURAL };

	random_rounds(test, &shape);
}

static struct kunit_case cases[] = {
	{ .name = "H6 25000 random rounds never run out",
	  .run_case = random_small },
	{ .name = "H6 25000 random aligned rounds equal a bitmap",
	  .run_case = random_aligned },
	{ .name = "H6 25000 random crowded rounds equal a bitmap",
	  .run_case = random_crowded },
	{ .name = "H6 25000 random mixed rounds equal a bitmap",
	  .run_case = random_mixed },
	{ .name = "N16 25000 random guarded rounds equal a bitmap",
	  .run_case = random_guarded },
	{ .name = "N16 25000 random natural rounds equal a bitmap",
	  .run_case = random_natural },
	{ .name = "N16 25000 random rounds with both equal a bitmap",
	  .run_case = random_guarded_natural },
	{}
};

struct kunit_suite lab_space_random_suite = {
	.name = "iommu_lab_space_random",
	.init = space_rig_init,
	.exit = space_rig_exit,
	.test_cases = cases,
};
