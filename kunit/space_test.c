// SPDX-License-Identifier: GPL-2.0
/* space/: IOVAs, unmap, ids: what needs no device and no process memory. */

#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "space_rig.h"
#include "suites.h"

#define RW	(LAB_PROT_READ | LAB_PROT_WRITE)
#define PAGE(n)	((u64)(n) << PAGE_SHIFT)

static void alignment(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = space_rig_domain(rig, LAB_POLICY_ALLOC, 0,
						     0);
	struct lab_mapping a, b, c;

	KUNIT_ASSERT_EQ(test, 0, space_rig_take(domain, &a, PAGE(1), 0));
	KUNIT_EXPECT_EQ(test, 4ULL * SZ_1G, a.start);
	KUNIT_ASSERT_EQ(test, 0, space_rig_take(domain, &b, PAGE(3), SZ_2M));
	KUNIT_EXPECT_EQ(test, 4ULL * SZ_1G + SZ_2M, b.start);
	KUNIT_EXPECT_EQ(test, b.start + PAGE(3) - 1, b.last);
	/* the gap before the aligned one is used */
	KUNIT_ASSERT_EQ(test, 0, space_rig_take(domain, &c, SZ_2M - PAGE(1), 0));
	KUNIT_EXPECT_EQ(test, a.last + 1, c.start);
	/* and what is freed, lowest first */
	space_rig_give_back(domain, &a);
	space_rig_give_back(domain, &b);
	KUNIT_ASSERT_EQ(test, 0, space_rig_take(domain, &b, PAGE(1), 0));
	KUNIT_EXPECT_EQ(test, 4ULL * SZ_1G, b.start);
	space_rig_give_back(domain, &b);
	space_rig_give_back(domain, &c);
	lab_domain_close(domain);
}

static void bad_arguments(struct kunit *test)
{
	static const u64 bad_aligns[] = { 1, 3, SZ_2K, SZ_4K + 1, 3 * SZ_4K };
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = space_rig_domain(rig, LAB_POLICY_ALLOC, 0,
						     0);
	struct lab_range range = { .addr = PAGE(16), .length = 0 };
	struct lab_map_request request = {
		.ranges = &range,
		.nr = 1,
		.prot = RW,
	};
	struct lab_range twice[2] = {
		{ .length = BIT_ULL(63) }, { .length = BIT_ULL(63) },
	};
	unsigned int i;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			lab_domain_map(domain, &request, &rig->refusal));
	KUNIT_EXPECT_EQ(test, EINVAL, rig->refusal.error);
	range.length = PAGE_SIZE + 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, lab_domain_map(domain, &request, NULL));
	range.length = PAGE_SIZE;
	range.addr++;
	KUNIT_EXPECT_EQ(test, -EINVAL, lab_domain_map(domain, &request, NULL));
	range.addr = -PAGE(1);
	range.length = PAGE(2);
	KUNIT_EXPECT_EQ(test, -EINVAL, lab_domain_map(domain, &request, NULL));
	range.addr = PAGE(16);
	request.prot = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, lab_domain_map(domain, &request, NULL));
	request.prot = 4;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			lab_domain_map(domain, &request, NULL));
	request.prot = RW;
	request.nr = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, lab_domain_map(domain, &request, NULL));
	request.nr = 1;
	for (i = 0; i < ARRAY_SIZE(bad_aligns); i++) {
		request.align = bad_aligns[i];
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    lab_domain_map(domain, &request, NULL),
				    "alignment %llu", bad_aligns[i]);
	}
	request.align = 0;
	request.ranges = twice;
	request.nr = 2;
	KUNIT_EXPECT_EQ(test, -EOVERFLOW,
			lab_domain_map(domain, &request, NULL));
	lab_domain_close(domain);
}

static void default_aperture_is_4_gib(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = space_rig_domain(rig, LAB_POLICY_ALLOC, 0,
						     0);
	struct lab_mapping all, one;

	KUNIT_ASSERT_EQ(test, -ENOSPC,
			space_rig_take(domain, &all, 4ULL * SZ_1G + PAGE(1), 0));
	KUNIT_ASSERT_EQ(test, 0, space_rig_take(domain, &all, 4ULL * SZ_1G, 0));
	KUNIT_EXPECT_EQ(test, 4ULL * SZ_1G, all.start);
	KUNIT_EXPECT_EQ(test, 8ULL * SZ_1G - 1, all.last);
	KUNIT_EXPECT_EQ(test, -ENOSPC, space_rig_take(domain, &one, PAGE(1), 0));
	space_rig_give_back(domain, &all);
	KUNIT_EXPECT_EQ(test, 0, space_rig_take(domain, &one, PAGE(1), 0));
	space_rig_give_back(domain, &one);
	lab_domain_close(domain);
}

static void apertures(struct kunit *test)
{
	static const struct {
		u64 start;
		u64 last;
	} bad[] = {
		{ 1, SZ_1M - 1 }, { 0, SZ_1M }, { SZ_1M, SZ_64K - 1 },
		{ 0, U64_MAX }, { 0, BIT_ULL(48) + SZ_4K - 1 }, { SZ_1M, 0 },
	};
	struct space_rig *rig = test->priv;
	struct lab_domain *domain;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct lab_domain_params params = {
			.start = bad[i].start,
			.last = bad[i].last,
		};

		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    lab_domain_create(&rig->space, &params,
						      &rig->refusal, &domain),
				    "aperture %u", i);
	}
	/* what both units can walk: 4 levels, 2 MiB leaves */
	domain = space_rig_domain(rig, LAB_POLICY_FIXED, 0, 0);
	KUNIT_EXPECT_EQ(test, 0, domain->iommu.geometry.aperture_start);
	KUNIT_EXPECT_EQ(test, BIT_ULL(48) - 1,
			domain->iommu.geometry.aperture_end);
	KUNIT_EXPECT_EQ(test, SZ_4K | SZ_2M, domain->iommu.pgsize_bitmap);
	KUNIT_EXPECT_FALSE(test, space_rig_mapped(domain, 0));
	KUNIT_EXPECT_EQ(test, 0,
			space_rig_map_at(rig, domain, 0, 0, 1, RW));
	KUNIT_EXPECT_TRUE(test, space_rig_mapped(domain, 0));
	lab_domain_close(domain);
}

static void expect_ranges(struct kunit *test, struct lab_domain *domain,
			  const struct lab_resv *want, unsigned int nr_want)
{
	struct lab_resv *ranges;
	unsigned int nr, i;

	KUNIT_ASSERT_EQ(test, 0, lab_domain_ranges(domain, &ranges, &nr));
	KUNIT_EXPECT_EQ(test, nr_want, nr);
	for (i = 0; i < min(nr, nr_want); i++) {
		KUNIT_EXPECT_EQ(test, want[i].start, ranges[i].start);
		KUNIT_EXPECT_EQ(test, want[i].last, ranges[i].last);
	}
	kfree(ranges);
}

static void ranges_of(struct kunit *test, u64 start, u64 last,
		      const struct lab_resv *want, unsigned int nr)
{
	struct lab_domain *domain = space_rig_domain(test->priv,
						     LAB_POLICY_FIXED, start,
						     last);

	expect_ranges(test, domain, want, nr);
	lab_domain_close(domain);
}

static void ranges_are_aperture_minus_reserved(struct kunit *test)
{
	static const struct lab_resv whole[] = {
		{ 0, RIG_RMRR - 1 },
		{ RIG_RMRR_LAST + 1, 0xfedfffff },
		{ 0xfef00000, BIT_ULL(48) - 1 },
	};
	static const struct lab_resv cut = { 0xfee00000 - SZ_64K, 0xfedfffff };
	static const struct lab_resv above = { 0xfef00000, 0xfef00fff };

	ranges_of(test, 0, 0, whole, ARRAY_SIZE(whole));
	/* an aperture that ends or begins in a window */
	ranges_of(test, cut.start, 0xfee00fff, &cut, 1);
	ranges_of(test, 0xfeeff000, above.last, &above, 1);
	ranges_of(test, 0xfee00000, 0xfeefffff, NULL, 0);
	ranges_of(test, above.start, above.last, &above, 1);
}

static void reserved_is_sorted_and_merged(struct kunit *test)
{
	static const struct lab_resv rmrrs[] = {
		{ 0xfef00000, 0xfef0ffff },	/* touches the window's end */
		{ 0x3000, 0x4fff },
		{ 0xfedff000, 0xfee00fff },	/* reaches into it */
		{ 0x1000, 0x3fff },
		{ 0x2000, 0x2fff },
		{ 0x6000, 0x6fff },
	};
	static const struct lab_resv want[] = {
		{ 0x1000, 0x4fff }, { 0x6000, 0x6fff },
		{ 0xfedff000, 0xfef0ffff },
	};
	static const struct lab_resv odd = { 0x1000, 0x1ffe };
	static const struct lab_limits none;
	struct lab_space space;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0,
			lab_space_init(&space, NULL, 0, rmrrs,
				       ARRAY_SIZE(rmrrs), &none));
	KUNIT_ASSERT_EQ(test, ARRAY_SIZE(want), space.nr_resv);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		KUNIT_EXPECT_EQ(test, want[i].start, space.resv[i].start);
		KUNIT_EXPECT_EQ(test, want[i].last, space.resv[i].last);
	}
	lab_space_destroy(&space);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			lab_space_init(&space, NULL, 0, &odd, 1, &none));
}

static void fixed_stays_in_a_range(struct kunit *test)
{
	static const struct {
		u64 iova;
		int err;
	} tries[] = {
		{ 0xfedfe000, 0 },		/* up to the window */
		{ 0xfedff000, -EINVAL },	/* into it */
		{ 0xfee00000, -EINVAL },
		{ 0xfee80000, -EINVAL },
		{ 0xfeeff000, -EINVAL },	/* out of it */
		{ 0xfef00000, 0 },
		{ RIG_RMRR - 0x1000, -EINVAL },
		{ 0xfc000000, 0 },		/* the aperture's first */
		{ 0xfbfff000, -EINVAL },	/* across its border */
		{ 0xffffe000, 0 },		/* its last */
		{ 0xfffff000, -EINVAL },
		{ 0xfe000800, -EINVAL },
		{ -0x2000ULL, -EINVAL },
		{ -0x1000ULL, -EINVAL },	/* wraps */
		{ 0xfc001000, -EEXIST },
		{ 0xffffd000, -EEXIST },
	};
	struct space_rig *rig = test->priv;
	struct lab_domain *domain;
	unsigned int i;

	domain = space_rig_domain(rig, LAB_POLICY_FIXED, 0xfc000000,
				  0xffffffff);
	for (i = 0; i < ARRAY_SIZE(tries); i++)
		KUNIT_EXPECT_EQ_MSG(test, tries[i].err,
				    space_rig_map_at(rig, domain,
						     tries[i].iova, 0, 2, RW),
				    "IOVA %#llx", tries[i].iova);
	KUNIT_EXPECT_EQ(test, 4, domain->nr_mappings);
	KUNIT_EXPECT_EQ(test, 8, space_rig_pins(rig));
	/* what was there is untouched */
	KUNIT_EXPECT_TRUE(test, space_rig_mapped(domain, 0xfc001000));
	KUNIT_EXPECT_FALSE(test, space_rig_mapped(domain, 0xfc002000));
	lab_domain_close(domain);
}

static void alloc_leaves_the_window_out(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_mapping *mappings;
	struct lab_domain *domain;
	unsigned int i, n;

	domain = space_rig_domain(rig, LAB_POLICY_ALLOC, 0xfedf0000,
				  0xfef07fff);
	mappings = kunit_kcalloc(test, 64, sizeof(*mappings), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mappings);
	for (n = 0; n < 64 && !space_rig_take(domain, &mappings[n], PAGE(1), 0); n++)
		KUNIT_EXPECT_TRUE(test, mappings[n].last < 0xfee00000 ||
				  mappings[n].start > 0xfeefffff);
	KUNIT_EXPECT_EQ(test, 24, n);
	for (i = 0; i < n; i++)
		space_rig_give_back(domain, &mappings[i]);
	lab_domain_close(domain);
}

static void strict_unmap(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = space_rig_domain(rig, LAB_POLICY_FIXED, 0,
						     0);
	const u64 a = 0x10000, b = a + PAGE(2), gap = b + PAGE(3);
	const u64 c = gap + PAGE(1), end = c + PAGE(1) - 1;
	u64 unmapped;

	KUNIT_ASSERT_EQ(test, 0, space_rig_map_at(rig, domain, a, 0, 2, RW));
	KUNIT_ASSERT_EQ(test, 0, space_rig_map_at(rig, domain, b, 2, 3, RW));
	KUNIT_ASSERT_EQ(test, 0, space_rig_map_at(rig, domain, c, 5, 1, RW));

	KUNIT_EXPECT_EQ(test, -EINVAL,
			space_rig_unmap(rig, domain, a, a + PAGE(1) - 1));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			space_rig_unmap(rig, domain, a + PAGE(1), b - 1));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			space_rig_unmap(rig, domain, a, b + PAGE(1) - 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, space_rig_unmap(rig, domain, a, end));
	KUNIT_EXPECT_EQ(test, EINVAL, rig->refusal.error);
	KUNIT_EXPECT_NOT_NULL(test, strstr(rig->refusal.text, "0x15000"));
	KUNIT_EXPECT_EQ(test, -EINVAL, space_rig_unmap(rig, domain, 0, gap - 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, space_rig_unmap(rig, domain, a, gap + 5));
	KUNIT_EXPECT_EQ(test, -EINVAL, space_rig_unmap(rig, domain, a, a - 1));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			space_rig_unmap(rig, domain, gap, c - 1));
	/* holes may be allowed, cuts never are */
	KUNIT_EXPECT_EQ(test, -EINVAL,
			lab_domain_unmap(domain, a + PAGE(1), PAGE(8), true,
					 &unmapped, NULL));
	KUNIT_EXPECT_EQ(test, 0, unmapped);
	KUNIT_EXPECT_EQ(test, 3, domain->nr_mappings);
	KUNIT_EXPECT_EQ(test, 6, space_rig_pins(rig));
	KUNIT_EXPECT_TRUE(test, space_rig_mapped(domain, a));

	KUNIT_EXPECT_EQ(test, PAGE(5),
			space_rig_unmap(rig, domain, a, gap - 1));
	KUNIT_EXPECT_FALSE(test, space_rig_mapped(domain, a));
	KUNIT_EXPECT_FALSE(test, space_rig_mapped(domain, gap - 1));
	KUNIT_EXPECT_TRUE(test, space_rig_mapped(domain, c));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			space_rig_unmap(rig, domain, a, gap - 1));
	KUNIT_EXPECT_EQ(test, 1, domain->nr_mappings);
	KUNIT_EXPECT_EQ(test, PAGE(1), domain->mapped_bytes);
	KUNIT_EXPECT_EQ(test, 1, domain->pinned_pages);
	KUNIT_EXPECT_EQ(test, 1, space_rig_pins(rig));
	lab_domain_close(domain);
}

static void unmap_at_the_end_of_64_bits(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = space_rig_domain(rig, LAB_POLICY_FIXED, 0,
						     0);
	const u64 top = BIT_ULL(48) - PAGE(1);
	u64 unmapped;

	KUNIT_EXPECT_EQ(test, -ENOENT,
			space_rig_unmap(rig, domain, -PAGE(1), U64_MAX));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			lab_domain_unmap(domain, -PAGE(1), PAGE(2), true,
					 &unmapped, NULL));
	KUNIT_ASSERT_EQ(test, 0, space_rig_map_at(rig, domain, top, 0, 1, RW));
	KUNIT_ASSERT_EQ(test, 0,
			space_rig_map_at(rig, domain, PAGE(4), 1, 2, RW));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			space_rig_unmap(rig, domain, top, U64_MAX));
	KUNIT_EXPECT_EQ(test, 0,
			lab_domain_unmap(domain, PAGE(1), -PAGE(1), true,
					 &unmapped, NULL));
	KUNIT_EXPECT_EQ(test, PAGE(3), unmapped);
	KUNIT_EXPECT_EQ(test, 0, domain->nr_mappings);
	lab_domain_close(domain);
}

static void ids(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *a, *b, *c, *reader;
	u32 id;

	a = space_rig_domain(rig, LAB_POLICY_FIXED, 0, 0);
	id = a->id;
	KUNIT_EXPECT_NE(test, 0, id);
	reader = lab_domain_get(&rig->space, id);
	KUNIT_EXPECT_PTR_EQ(test, a, reader);
	lab_domain_close(a);
	KUNIT_EXPECT_NULL(test, lab_domain_get(&rig->space, id));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&rig->space.nr_domains));
	/* closed, but not free yet */
	b = space_rig_domain(rig, LAB_POLICY_FIXED, 0, 0);
	KUNIT_EXPECT_NE(test, id, b->id);
	lab_domain_put(reader);
	c = space_rig_domain(rig, LAB_POLICY_FIXED, 0, 0);
	KUNIT_EXPECT_EQ(test, id, c->id);
	lab_domain_close(b);
	lab_domain_close(c);
}

static void dirty_as_the_device_may_write(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = space_rig_domain(rig, LAB_POLICY_FIXED, 0,
						     0);

	KUNIT_ASSERT_EQ(test, 0,
			space_rig_map_at(rig, domain, 0, 0, 1, LAB_PROT_READ));
	KUNIT_ASSERT_EQ(test, 0,
			space_rig_map_at(rig, domain, PAGE(1), 1, 1,
					 LAB_PROT_WRITE));
	KUNIT_EXPECT_EQ(test, PAGE(2),
			space_rig_unmap(rig, domain, 0, PAGE(2) - 1));
	KUNIT_EXPECT_FALSE(test, PageDirty(rig->pages));
	KUNIT_EXPECT_TRUE(test, PageDirty(rig->pages + 1));
	ClearPageDirty(rig->pages + 1);
	lab_domain_close(domain);
}

static void extents(struct kunit *test)
{
	static const u8 order[] = { 0, 1, 2, 4, 3, 6, 7, 7 };
	static const u8 firsts[] = { 0, 4, 3, 6, 7 };
	static const u8 lengths[] = { 3, 1, 1, 2, 1 };
	struct space_rig *rig = test->priv;
	struct lab_mapping *mapping = lab_mapping_alloc(1);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, mapping);
	mapping->prot = LAB_PROT_READ;
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		page_ref_add(rig->pages + order[i], GUP_PIN_COUNTING_BIAS);
		KUNIT_ASSERT_EQ(test, 0,
				lab_mapping_append(&mapping,
						   rig->pages + order[i],
						   ARRAY_SIZE(order)));
	}
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(order), mapping->pages);
	KUNIT_EXPECT_EQ(test, LAB_PROT_READ, mapping->prot);
	KUNIT_ASSERT_EQ(test, ARRAY_SIZE(firsts), mapping->nr_extents);
	for (i = 0; i < ARRAY_SIZE(firsts); i++) {
		KUNIT_EXPECT_PTR_EQ(test, rig->pages + firsts[i],
				    mapping->extents[i].page);
		KUNIT_EXPECT_EQ(test, lengths[i], mapping->extents[i].pages);
	}
	lab_mapping_unpin(mapping);
	KUNIT_EXPECT_EQ(test, 0, space_rig_pins(rig));
	kvfree(mapping);
}

static struct kunit_case cases[] = {
	{ .name = "H6 an aligned IOVA is a multiple, freed space is used again",
	  .run_case = alignment },
	{ .name = "H6 P1 bad sizes, addresses and alignments are EINVAL",
	  .run_case = bad_arguments },
	{ .name = "H5 the default aperture holds 4 GiB, the next is ENOSPC",
	  .run_case = default_aperture_is_4_gib },
	{ .name = "H11 an aperture is whole pages in reach, IOVA 0 is not pre-mapped",
	  .run_case = apertures },
	{ .name = "P2 N17 ranges are the aperture minus what is reserved",
	  .run_case = ranges_are_aperture_minus_reserved },
	{ .name = "P2 reserved ranges are sorted and merged",
	  .run_case = reserved_is_sorted_and_merged },
	{ .name = "P2 N17 a fixed IOVA lies inside one range",
	  .run_case = fixed_stays_in_a_range },
	{ .name = "N17 the interrupt window is never handed out",
	  .run_case = alloc_leaves_the_window_out },
	{ .name = "P6 H8 whole mappings only, all or nothing",
	  .run_case = strict_unmap },
	{ .name = "P6 an end at the last address does not wrap",
	  .run_case = unmap_at_the_end_of_64_bits },
	{ .name = "H10 an id is used again only after free", .run_case = ids },
	{ .name = "pages that the device may write to are marked dirty",
	  .run_case = dirty_as_the_device_may_write },
	{ .name = "adjacent pages become one extent", .run_case = extents },
	{}
};

struct kunit_suite lab_space_suite = {
	.name = "iommu_lab_space",
	.init = space_rig_init,
	.exit = space_rig_exit,
	.test_cases = cases,
};
