// SPDX-License-Identifier: GPL-2.0
/* space/ without units: what devices reach, and until when. */

#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include "seed.h"
#include "space_rig.h"
#include "suites.h"

#define PAGE(n)		((u64)(n) << PAGE_SHIFT)
#define RW		(LAB_PROT_READ | LAB_PROT_WRITE)
#define SLOTS		24u
#define ROUNDS		5000u

/* the rig's own space is over two units: another one takes its place */
static int off_init(struct kunit *test)
{
	struct space_rig *rig;
	struct lab_limits limits;
	int err;

	err = space_rig_init(test);
	if (err)
		return err;
	rig = test->priv;
	limits = rig->space.limits;
	lab_space_destroy(&rig->space);
	return lab_space_init(&rig->space, NULL, 0, space_rig_rmrrs,
			      ARRAY_SIZE(space_rig_rmrrs), &limits);
}

static struct lab_domain *off_domain(struct space_rig *rig, bool phys)
{
	struct lab_domain *domain;

	domain = space_rig_domain(rig, LAB_POLICY_ALLOC, 0, 0);
	domain->phys = phys;
	return domain;
}

static bool resolve(struct lab_domain *domain, u64 address, bool write, u64 *pa)
{
	enum lab_memory memory;
	unsigned long flags;
	bool found;

	local_irq_save(flags);
	found = lab_domain_resolve(domain, address, write, pa, &memory);
	local_irq_restore(flags);
	return found;
}

/* whether an access goes where it should; @pa is 0 if it should be refused */
static void expect(struct kunit *test, struct lab_domain *domain, u64 address,
		   bool write, u64 pa)
{
	u64 got = 0;

	KUNIT_EXPECT_EQ_MSG(test, pa != 0,
			    resolve(domain, address, write, &got),
			    "address %#llx write %d", address, write);
	if (pa)
		KUNIT_EXPECT_EQ(test, pa, got);
}

static u64 map(struct space_rig *rig, struct lab_domain *domain,
	       unsigned int first, unsigned int nr, u32 prot)
{
	struct lab_map_request request = { .prot = prot };

	KUNIT_ASSERT_EQ(rig->test, 0,
			space_rig_map(rig, domain, &request, first, nr));
	return request.iova;
}

static void opaque(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = off_domain(rig, false);
	u64 pa = page_to_phys(rig->pages);
	u64 iova = map(rig, domain, 0, 2, LAB_PROT_READ);
	u64 more = map(rig, domain, 5, 1, LAB_PROT_WRITE);

	expect(test, domain, iova + 5, false, pa + 5);
	expect(test, domain, iova + PAGE(2) - 1, false, pa + PAGE(2) - 1);
	expect(test, domain, iova, true, 0);
	expect(test, domain, iova - 1, false, 0);
	expect(test, domain, more + 7, true, pa + PAGE(5) + 7);
	expect(test, domain, more, false, 0);
	expect(test, domain, more + PAGE(1), true, 0);
	/* a physical address means nothing */
	expect(test, domain, pa, false, 0);
	KUNIT_EXPECT_EQ(test, PAGE(2),
			space_rig_unmap(rig, domain, iova, iova + PAGE(2) - 1));
	expect(test, domain, iova, false, 0);
	lab_domain_close(domain);
}

static void physical(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = off_domain(rig, true);
	u64 pa = page_to_phys(rig->pages);
	u64 iova = map(rig, domain, 0, 2, LAB_PROT_READ);
	u64 more = map(rig, domain, 1, 1, LAB_PROT_WRITE);

	expect(test, domain, pa + 5, false, pa + 5);
	expect(test, domain, pa, true, 0);
	expect(test, domain, pa + PAGE(1) + 9, true, pa + PAGE(1) + 9);
	expect(test, domain, pa + PAGE(1), false, pa + PAGE(1));
	expect(test, domain, pa + PAGE(2), false, 0);
	expect(test, domain, pa - 1, false, 0);
	expect(test, domain, U64_MAX, false, 0);
	/* the IOVA is a name */
	expect(test, domain, iova, false, 0);
	KUNIT_EXPECT_EQ(test, PAGE(2),
			space_rig_unmap(rig, domain, iova, iova + PAGE(2) - 1));
	expect(test, domain, pa, false, 0);
	expect(test, domain, pa + PAGE(1), false, 0);
	expect(test, domain, pa + PAGE(1), true, pa + PAGE(1));
	KUNIT_EXPECT_EQ(test, PAGE(1),
			space_rig_unmap(rig, domain, more, more + PAGE(1) - 1));
	expect(test, domain, pa + PAGE(1), true, 0);
	KUNIT_EXPECT_TRUE(test, xa_empty(&domain->pfns));
	lab_domain_close(domain);
}

static void reserved_direct_range(struct kunit *test)
{
	static const struct lab_resv rmrr = { RIG_RMRR, RIG_RMRR_LAST };
	struct space_rig *rig = test->priv;
	struct lab_device dev;
	unsigned int kind;

	KUNIT_ASSERT_EQ(test, 0, lab_device_init(&dev, NULL, 8, &rmrr, 1));
	for (kind = 0; kind < 2; kind++) {
		struct lab_domain *domain = off_domain(rig, kind);

		expect(test, domain, RIG_RMRR, false, 0);
		KUNIT_EXPECT_EQ(test, 0, lab_domain_attach(domain, &dev, NULL));
		expect(test, domain, RIG_RMRR, true, RIG_RMRR);
		expect(test, domain, RIG_RMRR_LAST, false, RIG_RMRR_LAST);
		expect(test, domain, RIG_RMRR_LAST + 1, false, 0);
		KUNIT_EXPECT_EQ(test, -EALREADY,
				lab_domain_attach(domain, &dev, NULL));
		KUNIT_EXPECT_EQ(test, 0, lab_domain_detach(domain, &dev));
		expect(test, domain, RIG_RMRR, false, 0);
		lab_domain_close(domain);
	}
	lab_device_release(&dev);
}

/* whoever looked an address up with interrupts off is done when unmap returns */
static void waits_for_readers(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	unsigned int kind;

	for (kind = 0; kind < 2; kind++) {
		struct lab_domain *domain = off_domain(rig, kind);
		u64 iova = map(rig, domain, 0, 1, RW);
		unsigned long cookie = get_state_synchronize_rcu();

		KUNIT_EXPECT_EQ(test, PAGE(1),
				space_rig_unmap(rig, domain, iova,
						iova + PAGE(1) - 1));
		KUNIT_EXPECT_TRUE(test, poll_state_synchronize_rcu(cookie));
		lab_domain_close(domain);
	}
}

/**
 * struct flat - the table as it should be
 * @readers: readable mappings of each page
 * @writers: writable ones
 */
struct flat {
	unsigned int readers[RIG_PAGES];
	unsigned int writers[RIG_PAGES];
};

static void flat_add(struct flat *flat, struct page *pages,
		     const struct lab_mapping *mapping, int step)
{
	u32 i;

	for (i = 0; i < mapping->nr_extents; i++) {
		unsigned long first = mapping->extents[i].page - pages, n;

		for (n = first; n < first + mapping->extents[i].pages; n++) {
			if (mapping->prot & LAB_PROT_READ)
				flat->readers[n] += step;
			if (mapping->prot & LAB_PROT_WRITE)
				flat->writers[n] += step;
		}
	}
}

/* runs of pages in any order, the same page more than once */
static struct lab_mapping *random_mapping(struct kunit *test,
					  struct rnd_state *rnd)
{
	struct space_rig *rig = test->priv;
	u32 i, nr = 1 + lab_test_below(rnd, 4);
	struct lab_mapping *mapping = lab_mapping_alloc(nr);

	KUNIT_ASSERT_NOT_NULL(test, mapping);
	mapping->prot = 1 + lab_test_below(rnd, 3);
	mapping->nr_extents = nr;
	for (i = 0; i < nr; i++) {
		u32 first = lab_test_below(rnd, RIG_PAGES);

		mapping->extents[i].page = rig->pages + first;
		mapping->extents[i].pages =
			1 + lab_test_below(rnd, RIG_PAGES - first);
	}
	return mapping;
}

static void random_pfns(struct kunit *test)
{
	struct lab_mapping *slot[SLOTS] = {};
	struct space_rig *rig = test->priv;
	unsigned long first = page_to_pfn(rig->pages), n;
	struct flat flat = {};
	struct rnd_state rnd;
	struct xarray pfns;
	unsigned int i;

	xa_init(&pfns);
	lab_test_rnd_init(&rnd, 0x9f45);
	for (i = 0; i < ROUNDS; i++) {
		struct lab_mapping **s = &slot[lab_test_below(&rnd, SLOTS)];

		if (*s) {
			lab_pfns_remove(&pfns, *s);
			flat_add(&flat, rig->pages, *s, -1);
			kvfree(*s);
			*s = NULL;
		} else {
			*s = random_mapping(test, &rnd);
			KUNIT_ASSERT_EQ(test, 0, lab_pfns_add(&pfns, *s));
			flat_add(&flat, rig->pages, *s, 1);
		}
		for (n = 0; n < RIG_PAGES; n++) {
			KUNIT_ASSERT_EQ(test, flat.readers[n] > 0,
					lab_pfns_allows(&pfns, first + n, false));
			KUNIT_ASSERT_EQ(test, flat.writers[n] > 0,
					lab_pfns_allows(&pfns, first + n, true));
		}
		KUNIT_ASSERT_FALSE(test, lab_pfns_allows(&pfns, first - 1, false));
		KUNIT_ASSERT_FALSE(test, lab_pfns_allows(&pfns,
							 first + RIG_PAGES,
							 true));
	}
	for (i = 0; i < SLOTS; i++) {
		if (slot[i])
			lab_pfns_remove(&pfns, slot[i]);
		kvfree(slot[i]);
	}
	KUNIT_EXPECT_TRUE(test, xa_empty(&pfns));
	xa_destroy(&pfns);
}

static void addresses(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = off_domain(rig, true);
	u64 pa = page_to_phys(rig->pages);
	u64 iova = map(rig, domain, 4, 2, RW), next = map(rig, domain, 1, 3, RW);
	struct lab_address out[3];
	u32 nr;

	KUNIT_ASSERT_EQ(test, iova + PAGE(2), next);
	/* two mappings, two runs, which are not in order */
	KUNIT_EXPECT_EQ(test, 0,
			lab_domain_addresses(domain, iova + 5, PAGE(5) - 5,
					     false, out, 3, &nr, NULL));
	KUNIT_EXPECT_EQ(test, 2, nr);
	KUNIT_EXPECT_EQ(test, pa + PAGE(4) + 5, out[0].addr);
	KUNIT_EXPECT_EQ(test, PAGE(2) - 5, out[0].length);
	KUNIT_EXPECT_EQ(test, pa + PAGE(1), out[1].addr);
	KUNIT_EXPECT_EQ(test, PAGE(3), out[1].length);
	/* too small an array has the first ones, whole */
	memset(out, 0, sizeof(out));
	KUNIT_EXPECT_EQ(test, 0,
			lab_domain_addresses(domain, iova, PAGE(5), false, out,
					     1, &nr, NULL));
	KUNIT_EXPECT_EQ(test, 2, nr);
	KUNIT_EXPECT_EQ(test, PAGE(2), out[0].length);
	KUNIT_EXPECT_EQ(test, 0, out[1].length);
	KUNIT_EXPECT_EQ(test, -ENOENT,
			lab_domain_addresses(domain, iova, PAGE(5) + 1, false,
					     out, 3, &nr, NULL));
	/* next to each other in memory: one run over two mappings */
	map(rig, domain, 4, 1, RW);
	KUNIT_EXPECT_EQ(test, 0,
			lab_domain_addresses(domain, next + 1, PAGE(4) - 2,
					     false, out, 3, &nr, NULL));
	KUNIT_EXPECT_EQ(test, 1, nr);
	KUNIT_EXPECT_EQ(test, pa + PAGE(1) + 1, out[0].addr);
	KUNIT_EXPECT_EQ(test, PAGE(4) - 2, out[0].length);
	lab_domain_close(domain);
}

static struct kunit_case cases[] = {
	{ .name = "H12 opaque addresses resolve through the table",
	  .run_case = opaque },
	{ .name = "H12 physical addresses are those that are mapped",
	  .run_case = physical },
	{ .name = "reserved direct ranges are there while attached",
	  .run_case = reserved_direct_range },
	{ .name = "unmap waits for accesses in flight",
	  .run_case = waits_for_readers },
	{ .name = "H12 5000 random mappings equal flat counts",
	  .run_case = random_pfns },
	{ .name = "address lists are merged runs", .run_case = addresses },
	{}
};

struct kunit_suite lab_space_off_suite = {
	.name = "iommu_lab_space_off",
	.init = off_init,
	.exit = space_rig_exit,
	.test_cases = cases,
};
