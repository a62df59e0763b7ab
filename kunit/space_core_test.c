// SPDX-License-Identifier: GPL-2.0
/*
 * Domains of the kernel's iommu core: what the core calls, by the functions that it
 * is given.
 */
#include <linux/rcupdate.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include "../iommu_lab/doors/core.h"
#include "space_rig.h"
#include "suites.h"

#define AT	(16ULL * SZ_1M)
#define SID	0x108
#define RW	(IOMMU_READ | IOMMU_WRITE)

struct bench {
	struct space_rig *rig;
	struct lab_domain *domain;
	struct iommu_domain *iommu;
	struct lab_device dev;
	struct lab_requester rq;
	u64 pa;
};

static void set_up(struct kunit *test, struct bench *bench)
{
	struct space_rig *rig = test->priv;

	bench->rig = rig;
	KUNIT_ASSERT_EQ(test, 0,
			lab_core_domain_create(&rig->space, LAB_CORE_PAGING,
					       &bench->domain));
	bench->iommu = &bench->domain->iommu;
	bench->pa = page_to_phys(rig->pages);
	KUNIT_ASSERT_EQ(test, 0, lab_device_init(&bench->dev, rig->unit[0], SID,
						 NULL, 0));
	KUNIT_ASSERT_EQ(test, 0, lab_requester_init(&bench->rq, rig->vtd[0],
						    SID));
	KUNIT_ASSERT_EQ(test, 0,
			lab_device_switch(&bench->dev, bench->domain, NULL));
}

static void tear_down(struct kunit *test, struct bench *bench)
{
	struct lab_counters sum;

	KUNIT_EXPECT_EQ(test, 0, lab_device_switch(&bench->dev, NULL, NULL));
	KUNIT_EXPECT_NULL(test, bench->dev.domain);
	lab_requester_release(&bench->rq, &sum);
	lab_device_release(&bench->dev);
	lab_core_domain_free(bench->domain);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&bench->rig->space.core_domains));
}

static int map(struct bench *bench, u64 iova, u64 pa, size_t size, size_t nr,
	       gfp_t gfp)
{
	size_t mapped = 0;
	int ret = lab_op_map_pages(bench->iommu, iova, pa, size, nr, RW, gfp,
				   &mapped);

	if (!ret)
		ret = lab_op_sync_map(bench->iommu, iova, mapped);
	return ret ?: mapped == size * nr ? 0 : -EIO;
}

/* what the unit says to a write */
static enum lab_translate_status
translate(struct bench *bench, u64 iova, struct lab_translation *tr)
{
	enum lab_translate_status status;
	unsigned long flags;

	memset(tr, 0, sizeof(*tr));
	local_irq_save(flags);
	lab_inflight_begin(bench->rq.vtd);
	status = lab_vtd_translate(&bench->rq, iova, true, tr);
	lab_inflight_end(bench->rq.vtd);
	local_irq_restore(flags);
	return status;
}

/* does the device reach @pa at @iova? */
static bool reaches(struct bench *bench, u64 iova, u64 pa)
{
	struct lab_translation tr;

	return translate(bench, iova, &tr) == LAB_TRANSLATED && tr.pa == pa;
}

static bool is_stale(struct bench *bench, u64 iova)
{
	struct lab_translation tr;

	return translate(bench, iova, &tr) == LAB_FAULTED && tr.stale;
}

static size_t unmap(struct bench *bench, u64 iova, size_t size, size_t nr,
		    bool queued)
{
	struct iommu_iotlb_gather gather;
	size_t unmapped;

	iommu_iotlb_gather_init(&gather);
	gather.queued = queued;
	unmapped = lab_op_unmap_pages(bench->iommu, iova, size, nr, &gather);
	if (!queued)
		lab_op_sync(bench->iommu, &gather);
	return unmapped;
}

static u64 counter(struct bench *bench, enum lab_core_counter counter)
{
	struct lab_core_counters sum;

	lab_core_read_counters(&bench->rig->space, &sum);
	return sum.c[counter];
}

static long tables(struct bench *bench)
{
	rcu_barrier();
	return atomic_long_read(&bench->domain->remap.tables);
}

/* each operation with interrupts off and a raw lock held, allocating tables too */
static void in_atomic_context(struct kunit *test)
{
	static DEFINE_RAW_SPINLOCK(lock);
	struct bench bench;
	unsigned long flags;
	u64 iova, found = 0;
	size_t unmapped = 0;
	bool reached = true;
	unsigned int i;
	long before;
	int ret = 0;

	set_up(test, &bench);
	before = tables(&bench);
	for (i = 0; i < 64; i++) {
		/* in tables of its own each time */
		iova = AT + i * (u64)SZ_1G;
		raw_spin_lock_irqsave(&lock, flags);
		ret = ret ?: map(&bench, iova, bench.pa, SZ_4K, 4, GFP_ATOMIC);
		found += lab_op_iova_to_phys(bench.iommu, iova + 5) ==
			 bench.pa + 5;
		reached &= reaches(&bench, iova + SZ_4K, bench.pa + SZ_4K);
		/* every other time the last table goes too */
		unmapped += i & 2 ? unmap(&bench, iova, SZ_2M, 1, i & 1) :
				    unmap(&bench, iova, SZ_4K, 4, i & 1);
		lab_op_flush_all(bench.iommu);
		reached &= !reaches(&bench, iova + SZ_4K, bench.pa + SZ_4K);
		raw_spin_unlock_irqrestore(&lock, flags);
	}
	KUNIT_EXPECT_EQ(test, 0, ret);
	KUNIT_EXPECT_EQ(test, 64, found);
	KUNIT_EXPECT_EQ(test, 64 * 4 * SZ_4K, unmapped);
	KUNIT_EXPECT_TRUE(test, reached);
	/* 64 of the second level, half as many of the first, the third's */
	KUNIT_EXPECT_EQ(test, 64 + 32 + 1, tables(&bench) - before);
	KUNIT_EXPECT_EQ(test, 64, counter(&bench, LAB_CORE_MAPS));
	KUNIT_EXPECT_EQ(test, 64, counter(&bench, LAB_CORE_UNMAPS));
	KUNIT_EXPECT_EQ(test, 64 * 4 * SZ_4K, counter(&bench, LAB_CORE_MAPPED));
	KUNIT_EXPECT_EQ(test, 32, counter(&bench, LAB_CORE_SYNCS));
	KUNIT_EXPECT_EQ(test, 64, counter(&bench, LAB_CORE_FLUSHES));
	tear_down(test, &bench);
}

/* a range with a hole: what is behind it was cleared too */
static void stale_behind_a_hole(struct kunit *test)
{
	struct bench bench;

	set_up(test, &bench);
	KUNIT_ASSERT_EQ(test, 0, map(&bench, AT, bench.pa, SZ_4K, 1,
				     GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, map(&bench, AT + 2 * SZ_4K, bench.pa, SZ_4K, 1,
				     GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, reaches(&bench, AT, bench.pa));
	KUNIT_EXPECT_TRUE(test, reaches(&bench, AT + 2 * SZ_4K, bench.pa));
	KUNIT_EXPECT_EQ(test, 2 * SZ_4K, unmap(&bench, AT, SZ_4K, 3, false));
	KUNIT_EXPECT_FALSE(test, is_stale(&bench, AT));
	KUNIT_EXPECT_FALSE(test, is_stale(&bench, AT + 2 * SZ_4K));
	tear_down(test, &bench);
}

/* strict: when sync returns, nothing is stale; lazy: until the flush it is */
static void stale_until_flushed(struct kunit *test)
{
	struct bench bench;
	unsigned int i;

	set_up(test, &bench);
	KUNIT_ASSERT_EQ(test, 0, map(&bench, AT, bench.pa, SZ_4K, 4,
				     GFP_KERNEL));
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_TRUE(test, reaches(&bench, AT + i * SZ_4K,
						bench.pa + i * SZ_4K));
	KUNIT_EXPECT_EQ(test, 3 * SZ_4K, unmap(&bench, AT, SZ_4K, 3, false));
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_FALSE(test, is_stale(&bench, AT + i * SZ_4K));
	KUNIT_EXPECT_EQ(test, SZ_4K, unmap(&bench, AT + 3 * SZ_4K, SZ_4K, 1,
					   true));
	KUNIT_EXPECT_TRUE(test, is_stale(&bench, AT + 3 * SZ_4K));
	lab_op_flush_all(bench.iommu);
	KUNIT_EXPECT_FALSE(test, is_stale(&bench, AT + 3 * SZ_4K));
	tear_down(test, &bench);
}

/* an unlinked table is freed after the invalidation that covers it, not before */
static void tables_wait_for_the_flush(struct kunit *test)
{
	struct bench bench;
	long full;

	set_up(test, &bench);
	KUNIT_ASSERT_EQ(test, 0, map(&bench, SZ_1G, bench.pa, SZ_4K, 1,
				     GFP_KERNEL));
	full = tables(&bench);
	KUNIT_EXPECT_EQ(test, SZ_4K, unmap(&bench, SZ_1G, SZ_2M, 1, true));
	KUNIT_EXPECT_EQ(test, full, tables(&bench));
	/* a sync of another range does not cover it */
	KUNIT_ASSERT_EQ(test, 0, map(&bench, AT, bench.pa, SZ_4K, 1,
				     GFP_KERNEL));
	full = tables(&bench);
	KUNIT_EXPECT_EQ(test, SZ_4K, unmap(&bench, AT, SZ_4K, 1, false));
	KUNIT_EXPECT_EQ(test, full, tables(&bench));
	lab_op_flush_all(bench.iommu);
	KUNIT_EXPECT_EQ(test, full - 1, tables(&bench));
	/* strict: at once */
	KUNIT_ASSERT_EQ(test, 0, map(&bench, SZ_1G, bench.pa, SZ_4K, 1,
				     GFP_KERNEL));
	full = tables(&bench);
	KUNIT_EXPECT_EQ(test, SZ_4K, unmap(&bench, SZ_1G, SZ_2M, 1, false));
	KUNIT_EXPECT_EQ(test, full - 1, tables(&bench));
	/* some wait when the domain ends: the rig counts pages */
	KUNIT_ASSERT_EQ(test, 0, map(&bench, SZ_1G, bench.pa, SZ_4K, 1,
				     GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, SZ_4K, unmap(&bench, SZ_1G, SZ_2M, 1, true));
	tear_down(test, &bench);
}

static void rights_and_bad_ranges(struct kunit *test)
{
	struct lab_translation tr = {};
	struct bench bench;
	size_t mapped = 0;
	unsigned long flags;

	set_up(test, &bench);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			lab_op_map_pages(bench.iommu, AT, bench.pa, SZ_4K, 1,
					 IOMMU_CACHE, GFP_KERNEL, &mapped));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			lab_op_map_pages(bench.iommu, AT, bench.pa, SZ_2M,
					 SIZE_MAX / SZ_1M, RW, GFP_KERNEL,
					 &mapped));
	KUNIT_EXPECT_EQ(test, 0, mapped);
	/* refused before anything was done */
	KUNIT_EXPECT_EQ(test, 0, counter(&bench, LAB_CORE_MAPS));
	KUNIT_EXPECT_EQ(test, 0, lab_op_iova_to_phys(bench.iommu, AT));
	KUNIT_ASSERT_EQ(test, 0,
			lab_op_map_pages(bench.iommu, AT, bench.pa, SZ_4K, 1,
					 IOMMU_READ | IOMMU_CACHE, GFP_KERNEL,
					 &mapped));
	KUNIT_EXPECT_EQ(test, SZ_4K, mapped);
	local_irq_save(flags);
	lab_inflight_begin(bench.rq.vtd);
	KUNIT_EXPECT_EQ(test, LAB_TRANSLATED,
			lab_vtd_translate(&bench.rq, AT, false, &tr));
	KUNIT_EXPECT_EQ(test, LAB_FAULTED,
			lab_vtd_translate(&bench.rq, AT, true, &tr));
	lab_inflight_end(bench.rq.vtd);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, SZ_4K, unmap(&bench, AT, SZ_4K, 1, false));
	KUNIT_EXPECT_EQ(test, 0, unmap(&bench, AT, SZ_4K, 1, false));
	tear_down(test, &bench);
}

/* from domain to domain; what fails leaves the device where it was */
static void switched(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *identity, *own;
	struct bench bench;
	u64 taken;

	set_up(test, &bench);
	KUNIT_ASSERT_EQ(test, 0,
			lab_core_domain_create(&rig->space, LAB_CORE_IDENTITY,
					       &identity));
	own = space_rig_domain(rig, LAB_POLICY_FIXED, 0, 0);
	KUNIT_ASSERT_EQ(test, 0, map(&bench, AT, bench.pa, SZ_4K, 1,
				     GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, reaches(&bench, AT, bench.pa));
	KUNIT_EXPECT_EQ(test, 0, lab_device_switch(&bench.dev, identity, NULL));
	KUNIT_EXPECT_TRUE(test, reaches(&bench, bench.pa, bench.pa));
	KUNIT_EXPECT_EQ(test, bench.pa,
			lab_op_iova_to_phys(&identity->iommu, bench.pa));
	KUNIT_EXPECT_EQ(test, 0, lab_device_switch(&bench.dev, own, NULL));
	KUNIT_EXPECT_FALSE(test, reaches(&bench, bench.pa, bench.pa));
	KUNIT_EXPECT_FALSE(test, reaches(&bench, AT, bench.pa));
	KUNIT_EXPECT_EQ(test, 0,
			lab_device_switch(&bench.dev, bench.domain, NULL));
	/* tracking is on, and the unit cannot: refused */
	taken = bench.domain->nr_devices;
	own->remap.dirty = true;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			lab_device_switch(&bench.dev, own, NULL));
	own->remap.dirty = false;
	KUNIT_EXPECT_EQ(test, taken, bench.domain->nr_devices);
	KUNIT_EXPECT_PTR_EQ(test, bench.domain, bench.dev.domain);
	KUNIT_EXPECT_TRUE(test, reaches(&bench, AT, bench.pa));
	lab_domain_close(own);
	lab_core_domain_free(identity);
	tear_down(test, &bench);
}

static int hide(struct bench *bench, u64 iova)
{
	int err;

	mutex_lock(&bench->rig->space.slots_lock);
	err = lab_core_hide(bench->domain, iova);
	mutex_unlock(&bench->rig->space.slots_lock);
	return err;
}

static int restore(struct bench *bench)
{
	int err;

	mutex_lock(&bench->rig->space.slots_lock);
	err = lab_core_restore(bench->domain);
	mutex_unlock(&bench->rig->space.slots_lock);
	return err;
}

static bool is_hidden(struct bench *bench, u64 page)
{
	u64 iova = 0;

	return lab_core_hidden(bench->domain, &iova) && iova == page;
}

/* a hidden page faults, is mapped to its owner all the same, and comes back */
static void hidden_and_restored(struct kunit *test)
{
	u64 page = AT + SZ_4K, last = AT + 3 * SZ_4K, iova;
	struct bench bench;

	set_up(test, &bench);
	KUNIT_ASSERT_EQ(test, 0, map(&bench, AT, bench.pa, SZ_4K, 4,
				     GFP_KERNEL));
	/* VFIO's and iommufd's are refused, and nothing is changed */
	bench.iommu->type = IOMMU_DOMAIN_UNMANAGED;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, hide(&bench, page));
	KUNIT_EXPECT_TRUE(test, reaches(&bench, page, bench.pa + SZ_4K));
	bench.iommu->type = IOMMU_DOMAIN_DMA;
	KUNIT_EXPECT_EQ(test, -ENOENT, restore(&bench));
	KUNIT_EXPECT_EQ(test, -ENOENT, hide(&bench, AT + SZ_1M));
	KUNIT_EXPECT_FALSE(test, READ_ONCE(bench.domain->hidden.armed));

	KUNIT_EXPECT_EQ(test, 0, hide(&bench, page + 7));
	KUNIT_EXPECT_TRUE(test, is_hidden(&bench, page));
	KUNIT_EXPECT_FALSE(test, reaches(&bench, page, bench.pa + SZ_4K));
	KUNIT_EXPECT_FALSE(test, is_stale(&bench, page));
	for (iova = AT; iova < AT + 4 * SZ_4K; iova += SZ_1K)
		KUNIT_EXPECT_EQ(test, bench.pa + (iova - AT),
				lab_op_iova_to_phys(bench.iommu, iova));
	KUNIT_EXPECT_EQ(test, 0, lab_op_iova_to_phys(bench.iommu,
						     AT + 4 * SZ_4K));
	/* another one: the first comes back */
	KUNIT_EXPECT_EQ(test, 0, hide(&bench, last));
	KUNIT_EXPECT_TRUE(test, is_hidden(&bench, last));
	KUNIT_EXPECT_TRUE(test, reaches(&bench, page, bench.pa + SZ_4K));
	KUNIT_EXPECT_FALSE(test, reaches(&bench, last, bench.pa + 3 * SZ_4K));
	/* an unmap next to it leaves it alone */
	KUNIT_EXPECT_EQ(test, 3 * SZ_4K, unmap(&bench, AT, SZ_4K, 3, false));
	KUNIT_EXPECT_TRUE(test, is_hidden(&bench, last));
	KUNIT_EXPECT_EQ(test, 0, restore(&bench));
	KUNIT_EXPECT_FALSE(test, is_hidden(&bench, last));
	KUNIT_EXPECT_TRUE(test, reaches(&bench, last, bench.pa + 3 * SZ_4K));
	KUNIT_EXPECT_EQ(test, -ENOENT, restore(&bench));
	KUNIT_EXPECT_EQ(test, SZ_4K, unmap(&bench, last, SZ_4K, 1, false));
	tear_down(test, &bench);
}

/* its owner unmaps it while it is hidden: all of it, and it is gone for good */
static void unmapped_while_hidden(struct kunit *test)
{
	struct bench bench;
	unsigned int queued;

	set_up(test, &bench);
	bench.iommu->type = IOMMU_DOMAIN_DMA;
	for (queued = 0; queued < 2; queued++) {
		KUNIT_ASSERT_EQ(test, 0, map(&bench, AT, bench.pa, SZ_4K, 4,
					     GFP_KERNEL));
		KUNIT_ASSERT_EQ(test, 0, hide(&bench, AT + 3 * SZ_4K));
		/* the table of the page goes, too, in the second round */
		KUNIT_EXPECT_EQ(test, 4 * SZ_4K,
				unmap(&bench, AT, queued ? SZ_2M : SZ_4K,
				      queued ? 1 : 4, queued));
		lab_op_flush_all(bench.iommu);
		KUNIT_EXPECT_FALSE(test, is_hidden(&bench, AT + 3 * SZ_4K));
		KUNIT_EXPECT_EQ(test, 0, lab_op_iova_to_phys(bench.iommu,
							     AT + 3 * SZ_4K));
		KUNIT_EXPECT_EQ(test, -ENOENT, restore(&bench));
		KUNIT_EXPECT_FALSE(test, reaches(&bench, AT + 3 * SZ_4K,
						 bench.pa + 3 * SZ_4K));
		KUNIT_EXPECT_EQ(test, 0, unmap(&bench, AT, SZ_4K, 4, false));
		/* somebody else's there is not mistaken for it */
		KUNIT_ASSERT_EQ(test, 0, map(&bench, AT + 3 * SZ_4K, bench.pa,
					     SZ_4K, 1, GFP_KERNEL));
		KUNIT_EXPECT_EQ(test, -ENOENT, restore(&bench));
		KUNIT_EXPECT_TRUE(test, reaches(&bench, AT + 3 * SZ_4K,
						bench.pa));
		KUNIT_EXPECT_EQ(test, SZ_4K, unmap(&bench, AT + 3 * SZ_4K,
						   SZ_4K, 1, false));
	}
	/* a domain may end with a page hidden */
	KUNIT_ASSERT_EQ(test, 0, map(&bench, AT, bench.pa, SZ_4K, 1,
				     GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, hide(&bench, AT));
	tear_down(test, &bench);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(in_atomic_context),
	KUNIT_CASE(stale_until_flushed),
	KUNIT_CASE(stale_behind_a_hole),
	KUNIT_CASE(tables_wait_for_the_flush),
	KUNIT_CASE(rights_and_bad_ranges),
	KUNIT_CASE(switched),
	KUNIT_CASE(hidden_and_restored),
	KUNIT_CASE(unmapped_while_hidden),
	{}
};

struct kunit_suite lab_space_core_suite = {
	.name = "iommu_lab_space_core",
	.init = space_rig_init,
	.exit = space_rig_exit,
	.test_cases = cases,
};
