// SPDX-License-Identifier: GPL-2.0
/*
 * The driver of a unit in scalable mode: its tables word by word, the invalidations
 * after a change of a PASID entry, dirty tracking, and unmap against units that set A
 * and D on another CPU.
 */
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include "pair_rig.h"
#include "seed.h"
#include "suites.h"

#define SID	0x1a3b
#define OTHER	0x1aff		/* of the other half of the same bus */
#define IOVA	0x40000000ULL
#define OA	0x100000000ULL
#define PAGES	64u
#define ROUNDS	500

static struct pair_rig *enable(struct kunit *test, bool caching_mode)
{
	struct pair_config config = pair_default;

	config.vtd.scalable = true;
	config.vtd.caching_mode = caching_mode;
	return pair_enable(test, &config);
}

static const u64 *table_at(struct kunit *test, u64 entry)
{
	const u64 *table = lab_table_ptr(entry & ~0xfffULL);

	KUNIT_ASSERT_EQ(test, entry & 0xfff, 1);
	KUNIT_ASSERT_NOT_NULL(test, table);
	return table;
}

/* the first two words of the PASID entry of a source-id; the rest is 0 */
static const u64 *pasid_entry(struct kunit *test, struct pair_rig *rig, u16 sid)
{
	const u64 *root = lab_unit_root(rig->unit);
	const u64 *context = table_at(test, root[sid >> 7]) + 4 * (sid & 0x7f);
	const u64 *dir = table_at(test, context[0]);
	const u64 *table = table_at(test, dir[0]);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, context[1] | context[2] | context[3], 0);
	for (i = 1; i < 512; i++)
		KUNIT_ASSERT_EQ(test, dir[i], 0);
	for (i = 2; i < 512; i++)
		KUNIT_ASSERT_EQ(test, table[i], 0);
	return table;
}

static void tables(struct kunit *test)
{
	struct pair_rig *rig = enable(test, false);
	struct lab_requester *rq = pair_requester(rig, SID);
	unsigned int levels;
	const u64 *entry;

	/* TTM 1, DW */
	KUNIT_EXPECT_EQ(test, lab_unit_read64(rig->unit, VTD_RTADDR),
			virt_to_phys((void *)lab_unit_root(rig->unit)) | 0x400);
	KUNIT_EXPECT_EQ(test, lab_unit_read64(rig->unit, VTD_IQA) & 0xfff,
			0x800);
	for (levels = 3; levels <= 5; levels++) {
		struct pair_domain *domain = pair_domain(test, levels);
		u64 top = virt_to_phys(domain->rd.pt.top);

		KUNIT_ASSERT_EQ(test, lab_remap_attach(&domain->rd, rig->unit,
						       SID), 0);
		entry = pasid_entry(test, rig, SID);
		KUNIT_EXPECT_EQ(test, entry[0], top | 2 << 6 |
				(levels - 2) << 2 | 1);
		KUNIT_EXPECT_EQ(test, entry[1], 1 | BIT_ULL(23));
		KUNIT_EXPECT_EQ(test, pair_map(domain, IOVA, OA, SZ_4K,
					       PAIR_RW), 0);
		KUNIT_EXPECT_EQ(test, pair_pa(rq, IOVA + 5), OA + 5);
		KUNIT_EXPECT_EQ(test, lab_remap_detach(&domain->rd, rig->unit,
						       SID), 0);
		KUNIT_EXPECT_EQ(test, entry[0], 0);
		/* who has read the first word before reads the rest now */
		KUNIT_EXPECT_EQ(test, entry[1], 1 | BIT_ULL(23));
		KUNIT_EXPECT_TRUE(test, pair_faults(rq, IOVA));
	}
}

/* pass-through; the halves of a bus; the same refusals as in legacy mode */
static void attach_rules(struct kunit *test)
{
	const struct lab_remap_config identity = { .identity = true };
	struct pair_rig *rig = enable(test, false);
	struct lab_requester *rq = pair_requester(rig, OTHER);
	struct pair_domain *pass = pair_domain_config(test, &identity);
	struct pair_domain *one = pair_domain(test, 4);
	struct lab_unit_counts before, after;
	const u64 *entry;

	KUNIT_EXPECT_EQ(test, lab_remap_detach(&one->rd, rig->unit, SID),
			-ENOENT);
	KUNIT_ASSERT_EQ(test, pair_attach(one, rig, SID), 0);
	KUNIT_EXPECT_EQ(test, lab_remap_attach(&one->rd, rig->unit, SID),
			-EALREADY);
	KUNIT_EXPECT_EQ(test, lab_remap_attach(&pass->rd, rig->unit, SID),
			-EBUSY);
	KUNIT_ASSERT_EQ(test, lab_remap_attach(&pass->rd, rig->unit, OTHER), 0);
	entry = pasid_entry(test, rig, OTHER);
	KUNIT_EXPECT_EQ(test, entry[0], 4 << 6 | 3 << 2 | 1);
	KUNIT_EXPECT_EQ(test, entry[1], 2 | BIT_ULL(23));
	KUNIT_EXPECT_EQ(test, pair_pa(rq, 0x123456789), 0x123456789);
	lab_unit_read_counts(rig->unit, &before);
	KUNIT_EXPECT_EQ(test, lab_remap_detach(&pass->rd, rig->unit, OTHER), 0);
	lab_unit_read_counts(rig->unit, &after);
	/* PASID cache, and the IOTLB by PASID: nothing by domain */
	KUNIT_EXPECT_EQ(test, after.pasid_inval, before.pasid_inval + 2);
	KUNIT_EXPECT_EQ(test, after.iotlb_inval[VTD_GRAN_DOMAIN],
			before.iotlb_inval[VTD_GRAN_DOMAIN]);
	KUNIT_EXPECT_TRUE(test, pair_faults(rq, 0x123456789));
	KUNIT_EXPECT_EQ(test, lab_remap_set_dirty_tracking(&pass->rd, true),
			-EOPNOTSUPP);
}

/* what caching mode cached of the time before is not in the way */
static void caching_mode(struct kunit *test)
{
	struct pair_rig *rig = enable(test, true);
	struct lab_requester *rq = pair_requester(rig, SID);
	struct pair_domain *domain = pair_domain(test, 4);
	unsigned int i;

	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_TRUE(test, pair_faults(rq, IOVA));
		KUNIT_ASSERT_EQ(test, lab_remap_attach(&domain->rd, rig->unit,
						       SID), 0);
		KUNIT_EXPECT_TRUE(test, pair_faults(rq, IOVA));
		KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA, SZ_4K,
					       PAIR_RW), 0);
		KUNIT_EXPECT_EQ(test, pair_pa(rq, IOVA), OA);
		KUNIT_ASSERT_EQ(test, pair_unmap(domain, IOVA, SZ_4K), 0);
		KUNIT_ASSERT_EQ(test, lab_remap_detach(&domain->rd, rig->unit,
						       SID), 0);
	}
}

static void write_page(struct kunit *test, struct lab_requester *rq, u64 iova)
{
	struct lab_translation tr;

	KUNIT_ASSERT_EQ(test, pair_access(rq, iova, true, &tr), LAB_TRANSLATED);
}

struct noted {
	unsigned long bits[BITS_TO_LONGS(PAGES)];
	bool clear;
};

static bool note(void *ctx, u64 start, u64 last)
{
	struct noted *noted = ctx;

	bitmap_set(noted->bits, (start - IOVA) / SZ_4K,
		   (last - start + 1) / SZ_4K);
	return noted->clear;
}

static unsigned int dirty_pages(struct pair_domain *domain, u64 pages, bool clear,
				struct noted *noted)
{
	memset(noted, 0, sizeof(*noted));
	noted->clear = clear;
	lab_remap_read_dirty(&domain->rd, IOVA, pages * SZ_4K, note, noted);
	if (clear)
		KUNIT_EXPECT_EQ(domain->test,
				lab_remap_sync_dirty(&domain->rd, IOVA,
						     pages * SZ_4K), 0);
	return bitmap_weight(noted->bits, PAGES);
}

/* on, off, and on again, with two source-ids, one attached later */
static void tracking(struct kunit *test)
{
	struct pair_rig *rig = enable(test, false);
	struct lab_requester *rq = pair_requester(rig, SID);
	struct lab_requester *late = pair_requester(rig, OTHER);
	struct pair_domain *domain = pair_domain(test, 4);
	struct noted noted;

	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA, PAGES * SZ_4K,
				       PAIR_RW), 0);
	KUNIT_ASSERT_EQ(test, pair_attach(domain, rig, SID), 0);
	write_page(test, rq, IOVA);
	KUNIT_EXPECT_EQ(test, dirty_pages(domain, PAGES, false, &noted), 0);

	KUNIT_ASSERT_EQ(test, lab_remap_set_dirty_tracking(&domain->rd, true),
			0);
	KUNIT_EXPECT_EQ(test, pasid_entry(test, rig, SID)[0] & BIT(9), BIT(9));
	KUNIT_ASSERT_EQ(test, pair_attach(domain, rig, OTHER), 0);
	write_page(test, rq, IOVA + 3 * SZ_4K);
	write_page(test, late, IOVA + 5 * SZ_4K);
	KUNIT_EXPECT_FALSE(test, pair_faults(rq, IOVA));
	KUNIT_EXPECT_EQ(test, dirty_pages(domain, PAGES, false, &noted), 2);
	KUNIT_EXPECT_TRUE(test, test_bit(3, noted.bits));
	KUNIT_EXPECT_TRUE(test, test_bit(5, noted.bits));
	/* of a part only: the other page stays dirty */
	KUNIT_EXPECT_EQ(test, dirty_pages(domain, 4, true, &noted), 1);
	KUNIT_EXPECT_EQ(test, dirty_pages(domain, PAGES, true, &noted), 1);
	KUNIT_EXPECT_EQ(test, dirty_pages(domain, PAGES, true, &noted), 0);
	/* the invalidation of lab_remap_sync_dirty() was enough */
	write_page(test, rq, IOVA + 3 * SZ_4K);
	KUNIT_EXPECT_EQ(test, dirty_pages(domain, PAGES, false, &noted), 1);

	KUNIT_ASSERT_EQ(test, lab_remap_set_dirty_tracking(&domain->rd, false),
			0);
	write_page(test, rq, IOVA + 7 * SZ_4K);
	KUNIT_EXPECT_EQ(test, dirty_pages(domain, PAGES, false, &noted), 1);
	/* begins clean */
	KUNIT_ASSERT_EQ(test, lab_remap_set_dirty_tracking(&domain->rd, true),
			0);
	KUNIT_EXPECT_EQ(test, dirty_pages(domain, PAGES, false, &noted), 0);
	write_page(test, late, IOVA + 3 * SZ_4K);
	KUNIT_EXPECT_EQ(test, dirty_pages(domain, PAGES, true, &noted), 1);
}

static bool count(void *ctx, u64 start, u64 last)
{
	*(u64 *)ctx += last - start + 1;
	return true;
}

/* a 2 MiB leaf is dirty as a whole; a part of it is told and not cleared */
static void huge_leaf(struct kunit *test)
{
	struct pair_rig *rig = enable(test, false);
	struct lab_requester *rq = pair_requester(rig, SID);
	struct pair_domain *domain = pair_domain(test, 4);
	u64 bytes = 0;

	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA, SZ_2M + SZ_4K,
				       PAIR_RW), 0);
	KUNIT_ASSERT_EQ(test, pair_attach(domain, rig, SID), 0);
	KUNIT_ASSERT_EQ(test, lab_remap_set_dirty_tracking(&domain->rd, true),
			0);
	write_page(test, rq, IOVA + SZ_1M);
	lab_remap_read_dirty(&domain->rd, IOVA + SZ_4K, SZ_2M, count, &bytes);
	KUNIT_EXPECT_EQ(test, bytes, SZ_2M - SZ_4K);
	bytes = 0;
	lab_remap_read_dirty(&domain->rd, 0, 1ULL << 48, count, &bytes);
	KUNIT_EXPECT_EQ(test, bytes, SZ_2M);
	bytes = 0;
	lab_remap_read_dirty(&domain->rd, 0, 1ULL << 48, count, &bytes);
	KUNIT_EXPECT_EQ(test, bytes, 0);
}

/* a unit in legacy mode; one without SSADS, one that does not snoop page tables */
static void cannot_track(struct kunit *test)
{
	static const u64 without[] = { VTD_ECAP_SMTS, VTD_ECAP_SSADS,
				       VTD_ECAP_SMPWCS };
	struct pair_rig *good = enable(test, false);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(without); i++) {
		struct pair_config config = pair_default;
		struct pair_domain *domain;
		struct pair_rig *rig;

		config.vtd.scalable = true;
		config.ecap_clear = without[i];
		rig = pair_enable(test, &config);
		domain = pair_domain(test, 4);
		KUNIT_EXPECT_FALSE(test, lab_remap_can_track(rig->unit));
		KUNIT_EXPECT_EQ(test, lab_unit_caps(rig->unit)->scalable,
				i != 0);
		KUNIT_ASSERT_EQ(test, pair_attach(domain, good, SID + i), 0);
		KUNIT_ASSERT_EQ(test, lab_remap_set_dirty_tracking(&domain->rd,
								   true), 0);
		KUNIT_EXPECT_EQ(test, pair_attach(domain, rig, SID),
				-EOPNOTSUPP);
		KUNIT_ASSERT_EQ(test, lab_remap_set_dirty_tracking(&domain->rd,
								   false), 0);
		KUNIT_EXPECT_EQ(test, pair_attach(domain, rig, SID), 0);
		KUNIT_EXPECT_EQ(test, lab_remap_set_dirty_tracking(&domain->rd,
								   true),
				-EOPNOTSUPP);
		/* one that does not snoop is told of each table */
		KUNIT_EXPECT_EQ(test, pair_flushed(rig, domain->rd.pt.top,
						   PAGE_SIZE),
				without[i] == VTD_ECAP_SMPWCS);
	}
}

static void dead_unit(struct kunit *test)
{
	struct pair_rig *rig = enable(test, false);
	struct pair_domain *domain = pair_domain(test, 4);

	KUNIT_ASSERT_EQ(test, pair_attach(domain, rig, SID), 0);
	lab_vtd_set_defect(rig->vtd, LAB_DEFECT_STUCK);
	KUNIT_EXPECT_EQ(test, lab_remap_set_dirty_tracking(&domain->rd, true),
			-ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->dead), 1);
	KUNIT_EXPECT_EQ(test, lab_remap_set_dirty_tracking(&domain->rd, true),
			-ENODEV);
	/* what it may still reach is kept for good: not for the leak checker */
	lab_vtd_set_defect(rig->vtd, LAB_DEFECT_NONE);
}

/**
 * struct device - writes wherever it may, on another CPU
 * @rq: who
 * @writes: accesses that were allowed
 */
struct device {
	struct lab_requester *rq;
	atomic_long_t writes;
};

static int run_device(void *data)
{
	struct device *device = data;
	struct lab_translation tr;
	unsigned int page = 0;

	while (!kthread_should_stop()) {
		page = (page + 7) % PAGES;
		if (pair_access(device->rq, IOVA + page * SZ_4K, page & 1,
				&tr) == LAB_TRANSLATED)
			atomic_long_inc(&device->writes);
		cond_resched();
	}
	return 0;
}

/* all leaves of the range, as they are in memory; no leaf of it is present */
static void expect_no_leaf(struct kunit *test, struct pair_domain *domain)
{
	unsigned int page;

	for (page = 0; page < PAGES; page++) {
		struct lab_walk walk = {};

		rcu_read_lock();
		lab_vtdss_lookup(&domain->rd.pt, IOVA + page * SZ_4K, &walk);
		rcu_read_unlock();
		KUNIT_ASSERT_EQ(test, walk.entry, 0);
	}
}

static void unmap_race(struct kunit *test)
{
	struct pair_rig *rig = enable(test, false);
	struct device device = { .rq = pair_requester(rig, SID) };
	struct pair_domain *domain = pair_domain(test, 4);
	struct task_struct *task;
	unsigned int i, met = 0;
	unsigned int cpu;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU: nothing can be in flight elsewhere");
	KUNIT_ASSERT_EQ(test, pair_attach(domain, rig, SID), 0);
	KUNIT_ASSERT_EQ(test, lab_remap_set_dirty_tracking(&domain->rd, true),
			0);
	/* beside the range, so that its table stays */
	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA + PAGES * SZ_4K, OA, SZ_4K,
				       PAIR_RW), 0);
	task = kthread_create(run_device, &device, "lab-device");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	migrate_disable();
	cpu = cpumask_any_but(cpu_online_mask, smp_processor_id());
	kthread_bind(task, cpu);
	wake_up_process(task);
	for (i = 0; i < ROUNDS; i++) {
		long before = atomic_long_read(&device.writes);

		if (pair_map(domain, IOVA, OA, PAGES * SZ_4K, PAIR_RW))
			break;
		if (i % 4 == 0)
			usleep_range(10, 20);
		else
			udelay(i % 16);
		met += atomic_long_read(&device.writes) != before;
		if (pair_unmap(domain, IOVA, PAGES * SZ_4K))
			break;
		expect_no_leaf(test, domain);
	}
	kthread_stop(task);
	migrate_enable();
	KUNIT_EXPECT_EQ(test, i, ROUNDS);
	KUNIT_EXPECT_GT(test, met, ROUNDS / 20);
}

static struct kunit_case remap_scalable_cases[] = {
	PAIR_CASE(tables, "root, context, PASID directory and PASID entry"),
	PAIR_CASE(attach_rules, "pass-through, both halves of a bus, refusals"),
	PAIR_CASE(caching_mode, "entries that caching mode cached as not present"),
	PAIR_CASE(tracking, "dirty tracking on, off, and for who comes later"),
	PAIR_CASE(huge_leaf, "a large leaf that is partly asked for"),
	PAIR_CASE(cannot_track, "units that cannot track"),
	PAIR_CASE(dead_unit, "a unit that does not confirm dirty tracking"),
	PAIR_CASE(unmap_race, "no leaf comes back when A or D is set during an unmap"),
	{}
};

struct kunit_suite lab_remap_scalable_suite = {
	.name = "iommu_lab_remap_scalable",
	.test_cases = remap_scalable_cases,
};
