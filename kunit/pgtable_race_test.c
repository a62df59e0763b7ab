// SPDX-License-Identifier: GPL-2.0
/*
 * Two threads map and unmap disjoint ranges that share tables, without a lock,
 * while a third walks. What a walk finds is either nothing or right.
 */

#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/sizes.h>
#include "pgtable_test.h"
#include "seed.h"
#include "suites.h"

#define ROUNDS		2000
#define BLOCKS		16	/* blocks of 2 MiB in use at a time */
#define OA_OFFSET	SZ_4G	/* each IOVA is mapped to itself plus this */

/**
 * struct race - what the threads share
 * @pt: the page table
 * @mem: where its tables come from
 * @round: the last that a worker has begun
 * @running: workers that have not ended
 * @errors: what should not have happened, counted
 */
struct race {
	struct lab_pt pt;
	struct test_mem *mem;
	unsigned int round;
	atomic_t running;
	atomic_t errors;
};

/**
 * struct racer - a worker
 * @race: what it shares
 * @slot: 0 or 1: which of two neighbours of 64 KiB is its own
 * @rnd: its random numbers
 * @retired: tables it has retired and not freed yet
 */
struct racer {
	struct race *race;
	unsigned int slot;
	struct rnd_state rnd;
	struct list_head retired;
};

static void racer_map(struct racer *racer, u64 iova, u64 length)
{
	struct race *race = racer->race;
	struct lab_walk walk = { };
	u64 mapped;

	if (lab_vtdss_map(&race->pt, iova, iova + OA_OFFSET, length,
			  LAB_PROT_READ | LAB_PROT_WRITE, GFP_KERNEL,
			  &racer->retired, &mapped) || mapped != length)
		atomic_inc(&race->errors);
	iova += length - 1;
	rcu_read_lock();
	if (lab_vtdss_lookup(&race->pt, iova, &walk) != LAB_WALK_LEAF ||
	    walk.oa != iova + OA_OFFSET)
		atomic_inc(&race->errors);
	rcu_read_unlock();
	/* with one CPU, this is where the others see what is mapped */
	cond_resched();
}

static void racer_unmap(struct racer *racer, u64 iova, u64 length)
{
	struct race *race = racer->race;
	struct lab_walk walk = { };

	if (lab_vtdss_unmap(&race->pt, iova, length, &racer->retired) != length)
		atomic_inc(&race->errors);
	rcu_read_lock();
	if (lab_vtdss_lookup(&race->pt, iova, &walk) != LAB_WALK_NOT_PRESENT)
		atomic_inc(&race->errors);
	rcu_read_unlock();
}

static void racer_free(struct racer *racer)
{
	bool clean = true;

	synchronize_rcu();
	test_free_retired(racer->race->mem, &racer->retired, &clean);
	if (!clean)
		atomic_inc(&racer->race->errors);
}

/* its pages of a table that both use, which is new in each round */
static void racer_share(struct racer *racer, u64 block)
{
	u64 length[16];
	int i;

	block += racer->slot * SZ_64K;
	for (i = 0; i < 16; i++) {
		length[i] = (1 + lab_test_below(&racer->rnd, 16)) * SZ_4K;
		racer_map(racer, block + i * SZ_128K, length[i]);
	}
	for (i = 0; i < 16; i++)
		racer_unmap(racer, block + i * SZ_128K, length[i]);
}

/* a block of its own: tables come and go, below one that both use */
static void racer_own(struct racer *racer, u64 block)
{
	switch (lab_test_below(&racer->rnd, 3)) {
	case 0: /* a table that gives way to a leaf */
		racer_map(racer, block + SZ_4K, SZ_4K);
		racer_unmap(racer, block + SZ_4K, SZ_4K);
		racer_map(racer, block, SZ_2M);
		break;
	case 1: /* a table that is unlinked */
		racer_map(racer, block, SZ_1M);
		racer_map(racer, block + SZ_1M, SZ_1M);
		break;
	case 2:
		racer_map(racer, block, SZ_2M);
		break;
	}
	racer_unmap(racer, block, SZ_2M);
}

static int racer_run(void *arg)
{
	struct racer *racer = arg;
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		u64 block = (u64)round * BLOCKS * SZ_2M;
		u64 other = 1 + racer->slot + 2 * lab_test_below(&racer->rnd, 7);

		WRITE_ONCE(racer->race->round, round);
		racer_share(racer, block);
		racer_own(racer, block + other * SZ_2M);
		if (round % 64 == 63)
			racer_free(racer);
		cond_resched();
	}
	racer_free(racer);
	atomic_dec(&racer->race->running);
	return 0;
}

/* gives how many walks ended at a leaf */
static unsigned int walk_along(struct race *race, struct rnd_state *rnd)
{
	unsigned int found = 0, i;

	for (i = 0; i < 1000; i++) {
		u64 iova = (u64)READ_ONCE(race->round) * BLOCKS * SZ_2M +
			   lab_test_below(rnd, i % 2 ? SZ_2M : BLOCKS * SZ_2M);
		enum lab_walk_status status;
		struct lab_walk walk = { };

		rcu_read_lock();
		status = lab_vtdss_lookup(&race->pt, iova, &walk);
		rcu_read_unlock();
		if (status == LAB_WALK_LEAF) {
			found++;
			if (walk.oa != iova + OA_OFFSET)
				atomic_inc(&race->errors);
		} else if (status != LAB_WALK_NOT_PRESENT) {
			atomic_inc(&race->errors);
		}
	}
	return found;
}

static void disjoint_ranges(struct kunit *test)
{
	static const struct lab_pt_config config = { 4, 7, 46 };
	struct race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	struct racer racer[2] = { };
	struct task_struct *task[2];
	struct rnd_state rnd;
	unsigned int found = 0, walks = 0;
	bool clean = true;
	LIST_HEAD(retired);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, race);
	race->mem = test_mem_create(test);
	lab_test_rnd_init(&rnd, 100);
	KUNIT_ASSERT_EQ(test, 0, lab_vtdss_init(&race->pt, &config,
						&race->mem->mem, GFP_KERNEL));
	for (i = 0; i < 2; i++) {
		racer[i].race = race;
		racer[i].slot = i;
		INIT_LIST_HEAD(&racer[i].retired);
		lab_test_rnd_init(&racer[i].rnd, 101 + i);
		task[i] = kthread_create(racer_run, &racer[i], "iommu_lab_race");
		if (IS_ERR(task[i])) {
			KUNIT_FAIL(test, "no thread");
			continue;
		}
		get_task_struct(task[i]);
		atomic_inc(&race->running);
		wake_up_process(task[i]);
	}
	while (atomic_read(&race->running)) {
		found += walk_along(race, &rnd);
		walks += 1000;
		cond_resched();
	}
	for (i = 0; i < 2; i++) {
		if (IS_ERR(task[i]))
			continue;
		kthread_stop(task[i]);
		put_task_struct(task[i]);
	}
	kunit_info(test, "%u of %u walks found a leaf", found, walks);
	KUNIT_EXPECT_EQ(test, atomic_read(&race->errors), 0);
	/* on one CPU it is chance whether a walk comes between map and unmap */
	if (num_online_cpus() > 1)
		KUNIT_EXPECT_GT(test, found, 0);

	/* both have unmapped all that they mapped; what is left is shared */
	KUNIT_EXPECT_EQ(test, 0, lab_vtdss_unmap(&race->pt, 0, 1ull << 48,
						 &retired));
	test_free_retired(race->mem, &retired, &clean);
	KUNIT_EXPECT_TRUE(test, clean);
	KUNIT_EXPECT_EQ(test, atomic_read(&race->mem->live), 1);
	lab_vtdss_destroy(&race->pt);
	KUNIT_EXPECT_EQ(test, atomic_read(&race->mem->live), 0);
}

static struct kunit_case pgtable_race_cases[] = {
	PGTABLE_CASE(disjoint_ranges,
		     "disjoint ranges are mapped and walked without a lock"),
	{}
};

struct kunit_suite lab_pgtable_race_suite = {
	.name = "iommu_lab_pgtable_race",
	.test_cases = pgtable_race_cases,
};
