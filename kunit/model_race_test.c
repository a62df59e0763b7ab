// SPDX-License-Identifier: GPL-2.0
/*
 * What races: fills and invalidations, accesses in flight and drains. Where two
 * CPUs are needed and there is one, the test is skipped.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include "../iommu_lab/model/vtd_int.h"
#include "sm_rig.h"
#include "suites.h"
#include "vtd_rig.h"

#define IOVA	0x3000

static void invalidate(struct vtd_rig *rig, bool drain)
{
	vtd_rig_write64(rig, RIG_IVA, IOVA | BIT(6));
	vtd_rig_write64(rig, RIG_IOTLB, BIT_ULL(63) | 3ull << 60 |
			(drain ? 3ull << 48 : 0) | (u64)RIG_DID << 32);
}

/*
 * Where the host of a virtual machine takes a CPU away for longer than a drain
 * waits, the unit gets stuck: again, but not for ever.
 */
static void invalidate_until_done(struct vtd_rig *rig)
{
	int again = 0;

	invalidate(rig, true);
	while (vtd_rig_read64(rig, RIG_IOTLB) >> 63 && again++ < 2) {
		lab_vtd_set_defect(rig->vtd, LAB_DEFECT_NONE);
		invalidate(rig, true);
	}
}

/* What was read before an invalidation is not cached after it. */
static void test_fills(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	struct lab_context_entry ctx = { .sid = RIG_SID };
	struct lab_walk walk = {
		.iova = IOVA, .level = 1, .entryp = &rig->tree.l1[3],
		.table = vtd_rig_pa(rig->tree.l1),
	};
	u64 before = rig->vtd->generation;
	struct lab_vtd_stats stats;
	unsigned long flags;

	vtd_rig_on(rig);
	invalidate(rig, false);
	local_irq_save(flags);
	KUNIT_EXPECT_EQ(test, lab_iotlb_insert(rig->vtd, before, RIG_DID, &walk),
			LAB_FILL_DROPPED);
	KUNIT_EXPECT_FALSE(test, lab_psc_insert(rig->vtd, before, RIG_DID,
						&walk));
	local_irq_restore(flags);
	before = rig->vtd->generation;
	vtd_rig_write64(rig, 0x28, BIT_ULL(63) | 1ull << 61);
	local_irq_save(flags);
	KUNIT_EXPECT_FALSE(test, lab_context_insert(rig->vtd, before, &ctx));
	local_irq_restore(flags);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.present, 0ull);
	KUNIT_EXPECT_EQ(test, stats.psc_present, 0ull);
	KUNIT_EXPECT_EQ(test, stats.context_present, 0ull);

	/* the generation of now: inserted; the second time it is there */
	before = rig->vtd->generation;
	local_irq_save(flags);
	KUNIT_EXPECT_EQ(test, lab_iotlb_insert(rig->vtd, before, RIG_DID, &walk),
			LAB_FILL_DONE);
	KUNIT_EXPECT_EQ(test, lab_iotlb_insert(rig->vtd, before, RIG_DID, &walk),
			LAB_FILL_PRESENT);
	KUNIT_EXPECT_TRUE(test, lab_psc_insert(rig->vtd, before, RIG_DID, &walk));
	KUNIT_EXPECT_TRUE(test, lab_context_insert(rig->vtd, before, &ctx));
	local_irq_restore(flags);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.present, 1ull);
	KUNIT_EXPECT_EQ(test, stats.psc_present, 1ull);
	KUNIT_EXPECT_EQ(test, stats.context_present, 1ull);
}

/* the leaf of IOVA as the IOTLB has it */
static u64 cached_leaf(struct vtd_rig *rig)
{
	struct lab_iotlb_hit hit = { .leaf = 0 };
	unsigned long flags;

	local_irq_save(flags);
	KUNIT_EXPECT_TRUE(rig->test, lab_iotlb_lookup(rig->vtd, RIG_DID, IOVA,
						      &hit));
	local_irq_restore(flags);
	return hit.leaf;
}

static void set_leaf(struct vtd_rig *rig, u64 generation, u64 leaf)
{
	const struct lab_iotlb_hit hit = {
		.leafp = &rig->tree.l1[3], .level = 1,
	};
	unsigned long flags;

	local_irq_save(flags);
	lab_iotlb_set_leaf(rig->vtd, generation, RIG_DID, IOVA, &hit, leaf);
	local_irq_restore(flags);
}

static void insert_pasid(struct vtd_rig *rig, u64 generation, bool done)
{
	const struct lab_pasid_entry pe = { .sid = RIG_SID };
	struct lab_vtd_stats stats;
	unsigned long flags;

	local_irq_save(flags);
	KUNIT_EXPECT_EQ(rig->test, lab_pasid_insert(rig->vtd, generation, &pe),
			done);
	local_irq_restore(flags);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(rig->test, stats.pasid_present, (u64)done);
}

/* The same of what only scalable mode has: PASID entries, A and D. */
static void test_fills_scalable(struct kunit *test)
{
	struct sm_rig *sm = sm_rig_create(test, &sm_rig_config);
	struct vtd_rig *rig = sm->rig;
	struct lab_walk walk = {
		.iova = IOVA, .level = 1, .entryp = &rig->tree.l1[3],
		.table = vtd_rig_pa(rig->tree.l1),
	};
	unsigned long flags;
	u64 before;

	sm_rig_on(sm);
	before = rig->vtd->generation;
	sm_rig_flush(sm);
	insert_pasid(rig, before, false);

	/* the entry is another one than was found before, of the same leaf */
	local_irq_save(flags);
	KUNIT_EXPECT_EQ(test, lab_iotlb_insert(rig->vtd, rig->vtd->generation,
					       RIG_DID, &walk), LAB_FILL_DONE);
	local_irq_restore(flags);
	set_leaf(rig, before, SM_A | SM_D);
	KUNIT_EXPECT_EQ(test, cached_leaf(rig), 0ull);

	insert_pasid(rig, rig->vtd->generation, true);
	set_leaf(rig, rig->vtd->generation, SM_A | SM_D);
	KUNIT_EXPECT_EQ(test, cached_leaf(rig), SM_A | SM_D);
}

/* A way that was used keeps its entry, one that was not is replaced. */
static void test_replacement(struct kunit *test)
{
	struct lab_vtd_config config = vtd_rig_config;
	struct lab_iotlb_view view;
	struct vtd_rig *rig;

	config.iotlb_sets = 1;
	config.iotlb_ways = 3;
	rig = vtd_rig_create(test, &config);
	vtd_rig_on(rig);
	for (u64 i = 0; i < 8; i++)
		rig->tree.l1[i] = 0x40000003 + (i << 12);
	for (u64 i = 0; i < 3; i++)
		vtd_rig_expect_pa(rig, i << 12, false, 0x40000000 + (i << 12));
	for (u64 i = 3; i < 8; i++) {
		vtd_rig_expect_pa(rig, 0x1000, false, 0x40001000);
		vtd_rig_expect_pa(rig, i << 12, false, 0x40000000 + (i << 12));
	}
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_HIT), 5ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_EVICT), 5ull);
	KUNIT_EXPECT_TRUE(test, lab_vtd_iotlb_view(rig->vtd, 0, 1, &view));
	KUNIT_EXPECT_EQ(test, view.iova, 0x1000ull);
	/* all used: one goes all the same */
	for (u64 i = 0; i < 8; i++) {
		vtd_rig_expect_pa(rig, i << 12, false, 0x40000000 + (i << 12));
		vtd_rig_expect_pa(rig, i << 12, false, 0x40000000 + (i << 12));
	}
}

/**
 * struct other_cpu - what a thread on another CPU does
 * @rig: the rig
 * @vtd: the unit it has an access in flight through
 * @hold_ns: ends the access after that time
 * @in: the access has begun
 * @release: ends it at once
 * @ended: it is about to end
 * @phase: odd while tables and caches change
 * @using: physical address that is in use, 0: none
 * @pages: what the leaf maps in phases 0 and 2 modulo 4
 * @accesses: accesses in an even phase
 * @wrong: of them, how many got an old answer
 */
struct other_cpu {
	struct vtd_rig *rig;
	struct lab_vtd *vtd;
	u64 hold_ns;
	int in;
	int release;
	int ended;
	unsigned int phase;
	u64 using;
	u64 pages[2];
	u64 accesses;
	u64 wrong;
};

static void need_two_cpus(struct kunit *test)
{
	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU: nothing can be in flight elsewhere");
}

/* a thread on another CPU; the caller stays on its own until join() */
static struct task_struct *start(struct kunit *test, int (*fn)(void *data),
				 struct other_cpu *other)
{
	struct task_struct *task;
	unsigned int cpu;

	task = kthread_create(fn, other, "lab-other-cpu");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	migrate_disable();
	cpu = cpumask_any_but(cpu_online_mask, smp_processor_id());
	kthread_bind(task, cpu);
	get_task_struct(task);
	wake_up_process(task);
	/* pairs with the thread's release */
	while (!smp_load_acquire(&other->in))
		usleep_range(10, 100);
	return task;
}

static void join(struct task_struct *task)
{
	kthread_stop(task);
	put_task_struct(task);
	migrate_enable();
}

static int hold(void *data)
{
	struct other_cpu *other = data;
	unsigned long flags;
	u64 end;

	local_irq_save(flags);
	lab_inflight_begin(other->vtd);
	end = ktime_get_mono_fast_ns() + other->hold_ns;
	smp_store_release(&other->in, 1); /* pairs with start() */
	while (ktime_get_mono_fast_ns() < end && !READ_ONCE(other->release))
		cpu_relax();
	WRITE_ONCE(other->ended, 1);
	lab_inflight_end(other->vtd);
	local_irq_restore(flags);
	while (!kthread_should_stop())
		usleep_range(500, 1000);
	return 0;
}

static struct other_cpu *other_cpu(struct kunit *test, struct vtd_rig *rig)
{
	struct other_cpu *other = kunit_kzalloc(test, sizeof(*other),
						GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, other);
	other->rig = rig;
	other->vtd = rig->vtd;
	return other;
}

static void test_drain_waits(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	struct other_cpu *other = other_cpu(test, rig);
	struct task_struct *task;

	need_two_cpus(test);
	vtd_rig_on(rig);
	other->hold_ns = 30 * NSEC_PER_MSEC;
	task = start(test, hold, other);
	invalidate(rig, false);
	KUNIT_EXPECT_EQ(test, READ_ONCE(other->ended), 0);
	invalidate_until_done(rig);
	KUNIT_EXPECT_EQ(test, READ_ONCE(other->ended), 1);
	join(task);
}

/* 100 ms, then the unit is stuck: it never says that it has invalidated. */
static void test_drain_times_out(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	struct other_cpu *other = other_cpu(test, rig);
	struct lab_vtd_stats stats;
	struct task_struct *task;
	u64 begin, took;

	need_two_cpus(test);
	vtd_rig_on(rig);
	vtd_rig_queue_on(rig, 0);
	other->hold_ns = 5 * NSEC_PER_SEC;
	task = start(test, hold, other);
	vtd_rig_put(rig, RIG_INV_IOTLB_GLOBAL | 3 << 6, 0);
	vtd_rig_put(rig, RIG_INV_WAIT | 1ull << 32, vtd_rig_pa(rig->status));
	begin = ktime_get_mono_fast_ns();
	vtd_rig_ring(rig);
	took = ktime_get_mono_fast_ns() - begin;
	KUNIT_EXPECT_EQ(test, READ_ONCE(other->ended), 0);
	WRITE_ONCE(other->release, 1);
	join(task);
	KUNIT_EXPECT_GE(test, took, 100 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, *rig->status, 0u);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x80), 0ull);
	vtd_rig_ring(rig);
	KUNIT_EXPECT_EQ(test, *rig->status, 0u);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.drain_timeouts, 1ull);
	KUNIT_EXPECT_EQ(test, stats.waits, 0ull);
}

/* Another unit's accesses are none of its business. */
static void test_drain_of_one_unit(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	struct other_cpu *other = other_cpu(test, rig);
	struct task_struct *task;

	need_two_cpus(test);
	other->vtd = lab_vtd_create(&vtd_rig_config);
	KUNIT_ASSERT_FALSE(test, IS_ERR(other->vtd));
	other->hold_ns = 5 * NSEC_PER_SEC;
	task = start(test, hold, other);
	invalidate(rig, true);
	KUNIT_EXPECT_EQ(test, READ_ONCE(other->ended), 0);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, RIG_IOTLB) >> 63, 0ull);
	WRITE_ONCE(other->release, 1);
	join(task);
	lab_vtd_destroy(other->vtd);
}

static void one_access(struct other_cpu *other)
{
	unsigned int phase = READ_ONCE(other->phase);
	struct lab_translation tr;
	unsigned long flags;
	bool same;

	smp_mb(); /* the phase of before, then the access */
	local_irq_save(flags);
	lab_inflight_begin(other->vtd);
	lab_vtd_translate(other->rig->rq, IOVA, true, &tr);
	WRITE_ONCE(other->using, tr.pa);
	for (int i = 0; i < 20; i++)
		cpu_relax();
	WRITE_ONCE(other->using, 0);
	lab_inflight_end(other->vtd);
	local_irq_restore(flags);
	smp_mb(); /* the access, then the phase of after */
	same = READ_ONCE(other->phase) == phase;
	if (!same || phase & 1)
		return;
	other->accesses++;
	if (tr.stale || tr.pa != other->pages[phase / 2 & 1])
		other->wrong++;
}

static int access_all_the_time(void *data)
{
	struct other_cpu *other = data;

	smp_store_release(&other->in, 1); /* pairs with start() */
	while (!kthread_should_stop()) {
		one_access(other);
		cond_resched();
	}
	return 0;
}

/* After an invalidation with drain the old page is neither found nor in use. */
static void test_against_accesses(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	struct other_cpu *other = other_cpu(test, rig);
	struct lab_vtd_stats stats;
	struct task_struct *task;
	u64 in_use = 0;

	need_two_cpus(test);
	other->pages[0] = 0x40003000;
	other->pages[1] = 0x50003000;
	rig->tree.l1[3] = other->pages[0] | RIG_RW;
	vtd_rig_on(rig);
	task = start(test, access_all_the_time, other);
	for (unsigned int i = 1; i <= 5000; i++) {
		WRITE_ONCE(other->phase, 2 * i - 1);
		smp_mb(); /* the phase, then the change */
		WRITE_ONCE(rig->tree.l1[3], other->pages[i & 1] | RIG_RW);
		invalidate_until_done(rig);
		in_use += READ_ONCE(other->using) == other->pages[~i & 1];
		smp_mb(); /* the change, then the phase */
		WRITE_ONCE(other->phase, 2 * i);
		if (i % 16 == 0)
			usleep_range(10, 20);
	}
	join(task);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, in_use, 0ull);
	KUNIT_EXPECT_EQ(test, other->wrong, 0ull);
	KUNIT_EXPECT_GT(test, other->accesses, 0ull);
	KUNIT_EXPECT_EQ(test, stats.sum.c[LAB_CNT_INSERT], stats.present +
			stats.removed + stats.sum.c[LAB_CNT_EVICT]);
	kunit_info(test, "%llu accesses checked, %llu fills dropped",
		   other->accesses, stats.sum.c[LAB_CNT_FILL_DROPPED]);
}

static struct kunit_case race_cases[] = {
	RIG_CASE(test_fills, "a fill that an invalidation has overtaken"),
	RIG_CASE(test_fills_scalable,
		 "a PASID entry, or A and D, that one has overtaken"),
	RIG_CASE(test_replacement, "replacement by reference bit"),
	RIG_CASE(test_drain_waits, "a drain waits for another CPU"),
	RIG_SLOW_CASE(test_drain_times_out, "a drain that times out"),
	RIG_CASE(test_drain_of_one_unit, "a drain waits for its own unit only"),
	RIG_SLOW_CASE(test_against_accesses, "invalidations against accesses"),
	{}
};

struct kunit_suite lab_model_race_suite = {
	.name = "iommu_lab_model_races",
	.exit = vtd_rig_exit,
	.test_cases = race_cases,
};
