// SPDX-License-Identifier: GPL-2.0
/* space/: buffers: how they are allocated, charged, mapped and let go. */

#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include "../iommu_lab/compat/pages.h"
#include "../iommu_lab/space/buffer.h"
#include "space_rig.h"
#include "suites.h"

#define RW	(LAB_PROT_READ | LAB_PROT_WRITE)
#define PAGE(n)	((u64)(n) << PAGE_SHIFT)

static void used(struct kunit *test, u64 mappings, u64 pinned)
{
	struct space_rig *rig = test->priv;
	struct lab_usage usage;

	lab_space_usage(&rig->space, &usage);
	KUNIT_EXPECT_EQ(test, mappings, usage.used.mappings);
	KUNIT_EXPECT_EQ(test, pinned, usage.used.pinned);
}

static struct lab_buffer *create(struct kunit *test, u64 length, u32 min_order,
				 u32 flags)
{
	struct space_rig *rig = test->priv;
	struct lab_buffer_params params = {
		.length = length,
		.min_order = min_order,
		.flags = flags,
	};
	struct lab_buffer *buffer;

	KUNIT_ASSERT_EQ_MSG(test, 0,
			    lab_buffer_create(&rig->space, &params,
					      &rig->refusal, &buffer),
			    "%s", rig->refusal.text);
	return buffer;
}

static int map(struct kunit *test, struct lab_domain *domain,
	       struct lab_buffer *buffer, u64 offset, u64 length, u64 iova,
	       struct lab_association *association)
{
	struct space_rig *rig = test->priv;
	struct lab_buffer_part part = { buffer, offset, length };
	struct lab_map_request request = {
		.prot = RW,
		.iova = iova,
		.association = association,
	};

	return lab_domain_map_buffer(domain, &part, &request, &rig->refusal);
}

static u64 phys_of(struct lab_domain *domain, u64 iova)
{
	struct lab_walk walk = {};

	rcu_read_lock();
	lab_vtdss_lookup(&domain->remap.pt, iova, &walk);
	rcu_read_unlock();
	return walk.oa;
}

/* and dirtied, for whoever gets the pages next */
static void expect_zero(struct kunit *test, const struct lab_buffer *buffer)
{
	u32 i;

	for (i = 0; i < buffer->nr_extents; i++) {
		const struct lab_extent *extent = &buffer->extents[i];
		size_t bytes = extent->pages << PAGE_SHIFT;
		void *mem = page_address(extent->page);

		KUNIT_EXPECT_NULL(test, memchr_inv(mem, 0, bytes));
		memset(mem, 0xaa, bytes);
	}
}

static void orders(struct kunit *test)
{
	unsigned int order;

	for (order = 0; order <= 6; order++) {
		u64 block = PAGE(1) << order, sum = 0;
		struct lab_buffer *buffer;
		u32 i;

		buffer = create(test, PAGE(65) + 1, order, 0);
		KUNIT_EXPECT_EQ(test, round_up(PAGE(65) + 1, block),
				buffer->params.length);
		for (i = 0; i < buffer->nr_extents; i++) {
			const struct lab_extent *extent = &buffer->extents[i];

			KUNIT_EXPECT_EQ(test, 0,
					page_to_phys(extent->page) % block);
			KUNIT_EXPECT_EQ(test, 0, PAGE(extent->pages) % block);
			sum += PAGE(extent->pages);
		}
		KUNIT_EXPECT_EQ(test, buffer->params.length, sum);
		expect_zero(test, buffer);
		used(test, 0, lab_buffer_pages(buffer));
		lab_buffer_put(buffer);
		used(test, 0, 0);
	}
}

static void contiguous(struct kunit *test)
{
	static const unsigned int pages[] = { 1, 2, 3, 5, 17, 63, 64, 100 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		struct lab_buffer *buffer;

		buffer = create(test, PAGE(pages[i]) - 7, 0,
				LAB_BUFFER_CONTIGUOUS);
		KUNIT_EXPECT_EQ(test, 1, buffer->nr_extents);
		KUNIT_EXPECT_EQ(test, pages[i], buffer->extents[0].pages);
		expect_zero(test, buffer);
		used(test, 0, pages[i]);
		lab_buffer_put(buffer);
	}
	used(test, 0, 0);
}

static void refused(struct kunit *test)
{
	static const struct {
		struct lab_buffer_params params;
		int err;
	} bad[] = {
		{ { .length = 0 }, -EINVAL },
		{ { .length = 1, .min_order = LAB_MAX_PAGE_ORDER + 1 },
		  -EINVAL },
		{ { .length = 1, .min_order = 64 }, -EINVAL },
		{ { .length = U64_MAX }, -EINVAL },
		{ { .length = U64_MAX - SZ_64K + 2, .min_order = 4 }, -EINVAL },
		{ { .length = BIT_ULL(62) }, -ENOMEM },
		{ { .length = (PAGE_SIZE << LAB_MAX_PAGE_ORDER) + 1,
		    .flags = LAB_BUFFER_CONTIGUOUS }, -EOPNOTSUPP },
		{ { .length = (RIG_PINNED + 1) * PAGE_SIZE }, -ENOSPC },
	};
	struct space_rig *rig = test->priv;
	struct lab_buffer *buffer;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ_MSG(test, bad[i].err,
				    lab_buffer_create(&rig->space,
						      &bad[i].params,
						      &rig->refusal, &buffer),
				    "case %u", i);
		KUNIT_EXPECT_EQ(test, -bad[i].err, rig->refusal.error);
		used(test, 0, 0);
	}
	KUNIT_EXPECT_TRUE(test, xa_empty(&rig->space.buffers));
	/* all of the quota, and then one page more */
	buffer = create(test, RIG_PINNED * PAGE_SIZE, 0, 0);
	KUNIT_EXPECT_EQ(test, -ENOSPC,
			lab_buffer_create(&rig->space,
					  &(struct lab_buffer_params){
						.length = 1 },
					  &rig->refusal, &buffer));
	KUNIT_EXPECT_NOT_NULL(test, strstr(rig->refusal.text, "max_pinned"));
	lab_buffer_put(xa_load(&rig->space.buffers, 1));
}

static void parts(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = space_rig_domain(rig, LAB_POLICY_FIXED, 0,
						     0);
	struct lab_buffer *buffer = create(test, PAGE(100), 0, 0);
	unsigned int first, pages, i;

	/* the flat truth: the page of each offset */
	KUNIT_ASSERT_EQ(test, 0, map(test, domain, buffer, 0, 0, SZ_1G, NULL));
	for (first = 0; first < 100; first += 7) {
		for (pages = 1; first + pages <= 100; pages = pages * 2 + 1) {
			KUNIT_ASSERT_EQ(test, 0,
					map(test, domain, buffer, PAGE(first),
					    PAGE(pages), 0, NULL));
			for (i = 0; i < pages; i++)
				KUNIT_EXPECT_EQ(test,
						phys_of(domain, SZ_1G +
							PAGE(first + i)),
						phys_of(domain, PAGE(i)));
			KUNIT_EXPECT_FALSE(test,
					   space_rig_mapped(domain,
							    PAGE(pages)));
			KUNIT_EXPECT_EQ(test, PAGE(pages),
					space_rig_unmap(rig, domain, 0,
							PAGE(pages) - 1));
		}
	}
	KUNIT_EXPECT_EQ(test, -EINVAL,
			map(test, domain, buffer, PAGE(100), 0, 0, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			map(test, domain, buffer, PAGE(99), PAGE(2), 0, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			map(test, domain, buffer, PAGE(1), -PAGE(1), 0, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			map(test, domain, buffer, 1, PAGE(1), 0, NULL));
	KUNIT_EXPECT_EQ(test, -EEXIST,
			map(test, domain, buffer, 0, 0, SZ_1G, NULL));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&buffer->mappings));
	used(test, 1, 100);
	KUNIT_EXPECT_EQ(test, 0, domain->pinned_pages);
	lab_domain_close(domain);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&buffer->mappings));
	lab_buffer_put(buffer);
}

static void lives_until_the_last_mapping_goes(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *a = space_rig_domain(rig, LAB_POLICY_FIXED, 0, 0);
	struct lab_domain *b = space_rig_domain(rig, LAB_POLICY_FIXED, 0, 0);
	struct lab_buffer *buffer = create(test, PAGE(3), 0, 0);

	KUNIT_ASSERT_EQ(test, 0, map(test, a, buffer, 0, 0, 0, NULL));
	KUNIT_ASSERT_EQ(test, 0, map(test, b, buffer, 0, 0, 0, NULL));
	lab_buffer_put(buffer);
	used(test, 2, 3);
	KUNIT_EXPECT_EQ(test, PAGE(3),
			space_rig_unmap(rig, a, 0, PAGE(3) - 1));
	used(test, 1, 3);
	KUNIT_EXPECT_TRUE(test, space_rig_mapped(b, 0));
	lab_domain_close(b);
	used(test, 0, 0);
	KUNIT_EXPECT_TRUE(test, xa_empty(&rig->space.buffers));
	lab_domain_close(a);
}

/* each part of three extents: its pages, in order and once */
static void runs(struct kunit *test)
{
	struct lab_buffer *buffer = create(test, PAGE(8), 0,
					   LAB_BUFFER_CONTIGUOUS);
	struct page *page = buffer->extents[0].page;
	const struct lab_extent extents[] = {
		{ page, 3 }, { page + 3, 1 }, { page + 4, 4 },
	};
	unsigned long first, pages, seen;
	struct lab_extent run;

	for (first = 0; first <= 8; first++) {
		for (pages = 0; pages <= 8 - first; pages++) {
			struct lab_extent_cursor cursor = {
				extents, ARRAY_SIZE(extents), first, pages,
			};

			for (seen = 0; lab_extent_next(&cursor, &run);) {
				KUNIT_EXPECT_PTR_EQ(test, run.page,
						    page + first + seen);
				KUNIT_EXPECT_NE(test, run.pages, 0);
				seen += run.pages;
			}
			KUNIT_EXPECT_EQ(test, seen, pages);
		}
	}
	KUNIT_EXPECT_TRUE(test, lab_extent_joins(&extents[0], page + 3));
	KUNIT_EXPECT_FALSE(test, lab_extent_joins(&extents[0], page + 4));
	KUNIT_EXPECT_FALSE(test, lab_extent_joins(&extents[1], page + 3));
	lab_buffer_put(buffer);
}

static void associations(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = space_rig_domain(rig, LAB_POLICY_FIXED, 0,
						     0);
	struct lab_buffer *buffer = create(test, PAGE(2), 0, 0);
	struct lab_association one, two;
	struct lab_association_info info;
	u64 unmapped;

	lab_association_init(&one, domain);
	lab_association_init(&two, domain);
	one.subject = buffer;
	two.subject = buffer;
	KUNIT_ASSERT_EQ(test, 0,
			map(test, domain, buffer, 0, 0, PAGE(16), &one));
	KUNIT_EXPECT_EQ(test, -EEXIST,
			map(test, domain, buffer, 0, 0, PAGE(32), &two));
	KUNIT_EXPECT_EQ(test, 1, domain->nr_mappings);
	KUNIT_EXPECT_EQ(test, -ENODEV,
			lab_association_read(&two, &info, NULL));
	KUNIT_ASSERT_EQ(test, 0, lab_association_read(&one, &info, NULL));
	KUNIT_EXPECT_EQ(test, PAGE(16), info.iova);
	KUNIT_EXPECT_EQ(test, PAGE(2), info.length);
	KUNIT_EXPECT_EQ(test, -EBUSY,
			lab_domain_unmap(domain, 0, SZ_1G, true, &unmapped,
					 &rig->refusal));
	KUNIT_EXPECT_TRUE(test, space_rig_mapped(domain, PAGE(16)));

	lab_association_end(&one);
	KUNIT_EXPECT_FALSE(test, space_rig_mapped(domain, PAGE(16)));
	KUNIT_EXPECT_EQ(test, 0, domain->nr_mappings);
	KUNIT_EXPECT_EQ(test, 0,
			map(test, domain, buffer, 0, 0, PAGE(32), &two));
	/* the domain first: it is over, and its end is harmless */
	lab_domain_close(domain);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&buffer->mappings));
	KUNIT_EXPECT_EQ(test, -ENODEV,
			lab_association_read(&two, &info, NULL));
	lab_association_end(&two);
	lab_buffer_put(buffer);
}

static void addresses(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = space_rig_domain(rig, LAB_POLICY_FIXED, 0,
						     0);
	struct lab_buffer *buffer = create(test, PAGE(4), 0,
					   LAB_BUFFER_CONTIGUOUS);
	u64 phys = page_to_phys(buffer->extents[0].page);
	struct lab_address list[2];
	u32 nr;

	/* pages 2 and 3, then 0 and 1, then a hole, then all */
	map(test, domain, buffer, PAGE(2), PAGE(2), PAGE(1), NULL);
	map(test, domain, buffer, 0, PAGE(2), PAGE(3), NULL);
	map(test, domain, buffer, 0, 0, PAGE(6), NULL);
	KUNIT_ASSERT_EQ(test, 0,
			lab_domain_addresses(domain, PAGE(1) + 5, PAGE(3) + 5,
					     false, list, 2, &nr, NULL));
	KUNIT_ASSERT_EQ(test, 1, nr);
	KUNIT_EXPECT_EQ(test, PAGE(1) + 5, list[0].addr);
	KUNIT_EXPECT_EQ(test, PAGE(3) + 5, list[0].length);
	KUNIT_ASSERT_EQ(test, 0,
			lab_domain_addresses(domain, PAGE(1) + 5, PAGE(3) + 5,
					     true, list, 2, &nr, NULL));
	KUNIT_ASSERT_EQ(test, 2, nr);
	KUNIT_EXPECT_EQ(test, phys + PAGE(2) + 5, list[0].addr);
	KUNIT_EXPECT_EQ(test, PAGE(2) - 5, list[0].length);
	KUNIT_EXPECT_EQ(test, phys, list[1].addr);
	KUNIT_EXPECT_EQ(test, PAGE(1) + 10, list[1].length);
	/* counted, and no more than there is room for is written */
	list[1].addr = 7;
	KUNIT_ASSERT_EQ(test, 0,
			lab_domain_addresses(domain, PAGE(1), PAGE(4), true,
					     list, 1, &nr, NULL));
	KUNIT_EXPECT_EQ(test, 2, nr);
	KUNIT_EXPECT_EQ(test, 7, list[1].addr);
	KUNIT_EXPECT_EQ(test, -ENOENT,
			lab_domain_addresses(domain, PAGE(1), PAGE(5) + 1, true,
					     list, 2, &nr, NULL));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			lab_domain_addresses(domain, PAGE(1) - 1, 2, false,
					     list, 2, &nr, NULL));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			lab_domain_addresses(domain, PAGE(9), PAGE(1) + 1,
					     false, list, 2, &nr, NULL));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			lab_domain_addresses(domain, PAGE(20), PAGE(1), false,
					     list, 2, &nr, NULL));
	lab_domain_close(domain);
	lab_buffer_put(buffer);
}

static DEFINE_MUTEX(import_lock);

static void free_import(struct lab_buffer *buffer)
{
	lockdep_assert_held(&import_lock);
	lab_buffer_free_extents(buffer);
	buffer->exporter = NULL;
}

/* somebody else's memory: pages of the rig */
static void imported(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = space_rig_domain(rig, LAB_POLICY_FIXED, 0,
						     0);
	u64 phys = page_to_phys(rig->pages);
	const struct lab_domain_params marked_only = {
		.policy = LAB_POLICY_FIXED,
		.flags = LAB_DOMAIN_MARKED_ONLY,
		.mm = domain->mm,
	};
	struct lab_domain *marked = space_rig_domain_with(rig, &marked_only);
	struct lab_buffer *own = create(test, PAGE(1), 0, 0);
	struct lab_buffer import;

	lab_buffer_init_import(&import, &rig->space, "rig", &import_lock,
			       free_import);
	KUNIT_ASSERT_EQ(test, 0,
			lab_buffer_add_phys(&import, phys + PAGE(3), PAGE(2)));
	KUNIT_ASSERT_EQ(test, 0,
			lab_buffer_add_phys(&import, phys + PAGE(5), PAGE(1)));
	KUNIT_ASSERT_EQ(test, 0, lab_buffer_add_phys(&import, phys, PAGE(1)));
	KUNIT_EXPECT_EQ(test, 2, import.nr_extents);
	KUNIT_EXPECT_EQ(test, PAGE(4), import.params.length);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			lab_buffer_add_phys(&import, phys + 1, PAGE(1)));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			lab_buffer_add_phys(&import, phys, PAGE_SIZE - 1));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			lab_buffer_add_phys(&import, phys, 0));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			lab_buffer_add_phys(&import, BIT_ULL(51), PAGE(1)));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			lab_buffer_add_phys(&import, -PAGE(1), PAGE(2)));
	KUNIT_EXPECT_EQ(test, PAGE(4), import.params.length);

	/* nobody has marked it; an own buffer needs no mark */
	KUNIT_EXPECT_EQ(test, -EPERM,
			map(test, marked, &import, 0, 0, 0, NULL));
	KUNIT_EXPECT_EQ(test, 0, map(test, marked, own, 0, 0, 0, NULL));
	lab_domain_close(marked);
	lab_buffer_put(own);

	/* pinned as a whole for each mapping of it */
	KUNIT_ASSERT_EQ(test, 0,
			map(test, domain, &import, PAGE(2), PAGE(2), 0, NULL));
	used(test, 1, 4);
	KUNIT_EXPECT_EQ(test, 4, domain->pinned_pages);
	KUNIT_EXPECT_EQ(test, phys + PAGE(5), phys_of(domain, 0));
	KUNIT_EXPECT_EQ(test, phys, phys_of(domain, PAGE(1)));
	lab_buffer_put(&import);
	KUNIT_EXPECT_NOT_NULL(test, import.exporter);
	KUNIT_EXPECT_EQ(test, PAGE(2),
			space_rig_unmap(rig, domain, 0, PAGE(2) - 1));
	KUNIT_EXPECT_NULL(test, import.exporter);
	used(test, 0, 0);
	lab_domain_close(domain);
}

static void kept_behind_a_dead_unit(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = space_rig_domain(rig, LAB_POLICY_FIXED, 0,
						     0);
	struct lab_buffer *buffer = create(test, PAGE(5), 0, 0);
	struct lab_device dev;
	u64 unmapped;
	u32 i;

	KUNIT_ASSERT_EQ(test, 0,
			lab_device_init(&dev, rig->unit[0], 0x108, NULL, 0));
	KUNIT_ASSERT_EQ(test, 0, lab_domain_attach(domain, &dev, NULL));
	KUNIT_ASSERT_EQ(test, 0, map(test, domain, buffer, 0, 0, 0, NULL));
	KUNIT_ASSERT_EQ(test, 0, map(test, domain, buffer, 0, 0, SZ_1G, NULL));

	lab_vtd_set_defect(rig->vtd[0], LAB_DEFECT_STUCK);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			lab_domain_unmap(domain, 0, PAGE(5), false, &unmapped,
					 &rig->refusal));
	lab_domain_close(domain);
	/* once, however often it was mapped; and nobody frees it any more */
	KUNIT_EXPECT_EQ(test, 5, atomic_long_read(&rig->space.kept_pages));
	KUNIT_EXPECT_EQ(test, 3, refcount_read(&buffer->refs));
	lab_buffer_put(buffer);
	used(test, 2, 5);
	lab_device_release(&dev);

	/* the unit is the rig's, and does nothing */
	for (i = 0; i < 2; i++)
		lab_buffer_put(buffer);
}

static struct kunit_case cases[] = {
	{ .name = "K12 blocks are as large and aligned as asked",
	  .run_case = orders },
	{ .name = "V10 contiguous means one run and no page more",
	  .run_case = contiguous },
	{ .name = "wrong sizes and quotas are refused", .run_case = refused },
	{ .name = "any part of a buffer can be mapped", .run_case = parts },
	{ .name = "runs of any part, each page once", .run_case = runs },
	{ .name = "V11 a buffer lives until the last mapping goes",
	  .run_case = lives_until_the_last_mapping_goes },
	{ .name = "K10 associations", .run_case = associations },
	{ .name = "K11 addresses of devices and in memory",
	  .run_case = addresses },
	{ .name = "imported memory is charged to each mapping",
	  .run_case = imported },
	{ .name = "a buffer behind a dead unit is kept, and counted once",
	  .run_case = kept_behind_a_dead_unit },
	{}
};

struct kunit_suite lab_space_buffer_suite = {
	.name = "iommu_lab_space_buffer",
	.init = space_rig_init,
	.exit = space_rig_exit,
	.test_cases = cases,
};
