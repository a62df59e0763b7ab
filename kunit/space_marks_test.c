// SPDX-License-Identifier: GPL-2.0
/* space/: marked process addresses against a bitmap. */

#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/mm.h>
#include "seed.h"
#include "space_rig.h"
#include "suites.h"

#define PAGE(n)	((u64)(n) << PAGE_SHIFT)
#define BASE	0x7f0000000000ULL
#define PAGES	256u
#define ROUNDS	20000u

static struct lab_domain *marked_domain(struct space_rig *rig)
{
	struct lab_domain_params params = {
		.policy = LAB_POLICY_VA,
		.flags = LAB_DOMAIN_MARKED_ONLY,
	};

	return space_rig_domain_with(rig, &params);
}

/* may [first, first + nr) be mapped, as one range or page by page? */
static bool allowed(struct lab_domain *domain, unsigned int first,
		    unsigned int nr)
{
	struct lab_range range = { BASE + PAGE(first), PAGE(nr) };
	struct lab_map_request request = { .ranges = &range, .nr = 1 };

	return !lab_marks_check(domain, &request, NULL);
}

static unsigned int runs(const unsigned long *map)
{
	unsigned int i, n = 0;

	for (i = 0; i < PAGES; i++)
		n += test_bit(i, map) && !(i && test_bit(i - 1, map));
	return n;
}

static void random_marks(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = marked_domain(rig);
	unsigned long map[BITS_TO_LONGS(PAGES)] = {};
	unsigned int i, yes = 0;
	struct rnd_state rnd;

	lab_test_rnd_init(&rnd, 0x3a4c);
	for (i = 0; i < ROUNDS; i++) {
		unsigned int first = lab_test_below(&rnd, PAGES);
		unsigned int most = min(PAGES - first, 24u);
		unsigned int nr = 1 + lab_test_below(&rnd, most);
		unsigned int at, length;
		bool want;

		if (lab_test_below(&rnd, 2)) {
			KUNIT_ASSERT_EQ(test, 0,
					lab_domain_mark(domain, BASE + PAGE(first),
							PAGE(nr), true, NULL));
			bitmap_set(map, first, nr);
		} else {
			KUNIT_ASSERT_EQ(test, 0,
					lab_domain_mark(domain, BASE + PAGE(first),
							PAGE(nr), false, NULL));
			bitmap_clear(map, first, nr);
		}
		KUNIT_ASSERT_EQ(test, runs(map), domain->nr_marks);

		at = lab_test_below(&rnd, PAGES);
		length = 1 + lab_test_below(&rnd, min(PAGES - at, 8u));
		want = find_next_zero_bit(map, PAGES, at) >= at + length;
		KUNIT_ASSERT_EQ(test, want, allowed(domain, at, length));
		yes += want;
	}
	/* both answers were common */
	KUNIT_EXPECT_GT(test, yes, ROUNDS / 10);
	KUNIT_EXPECT_LT(test, yes, ROUNDS - ROUNDS / 10);
	lab_domain_close(domain);
}

static void ends_of_64_bits(struct kunit *test)
{
	struct lab_domain *domain = marked_domain(test->priv);
	u64 top = -PAGE(1);

	KUNIT_EXPECT_EQ(test, 0, lab_domain_mark(domain, 0, PAGE(1), true, NULL));
	KUNIT_EXPECT_EQ(test, 0, lab_domain_mark(domain, top, PAGE(1), true, NULL));
	KUNIT_EXPECT_EQ(test, 2, domain->nr_marks);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			lab_domain_mark(domain, top, PAGE(2), true, NULL));
	KUNIT_EXPECT_EQ(test, 0,
			lab_domain_mark(domain, PAGE(1), top - PAGE(1), true, NULL));
	KUNIT_EXPECT_EQ(test, 1, domain->nr_marks);
	KUNIT_EXPECT_EQ(test, 0, lab_domain_mark(domain, 0, -PAGE(1), false, NULL));
	KUNIT_EXPECT_EQ(test, 1, domain->nr_marks);
	KUNIT_EXPECT_EQ(test, 0, lab_domain_mark(domain, top, PAGE(1), false, NULL));
	KUNIT_EXPECT_EQ(test, 0, domain->nr_marks);
	lab_domain_close(domain);
}

static struct kunit_case cases[] = {
	{ .name = "N3 20000 random marks equal a bitmap",
	  .run_case = random_marks },
	{ .name = "marks reach both ends of 64 bits",
	  .run_case = ends_of_64_bits },
	{}
};

struct kunit_suite lab_space_marks_suite = {
	.name = "iommu_lab_space_marks",
	.init = space_rig_init,
	.exit = space_rig_exit,
	.test_cases = cases,
};
