// SPDX-License-Identifier: GPL-2.0
/*
 * Unmap and sync in a hard interrupt while a device writes through the mapping
 * on another CPU. When sync has returned, the page is nobody's: a single byte
 * that changes afterwards is a lost page of somebody else on a real machine.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include "pair_rig.h"
#include "seed.h"
#include "suites.h"

#define SID	0x0318
#define IOVA	0x40200000ULL
#define ROUNDS	1000
#define CHUNK	SZ_4K
#define STALLS	2	/* tolerated, see enum outcome */

/**
 * enum outcome - of a round
 * @DONE: as it should be
 * @STALLED: the drain waited in vain for the device's CPU. A virtual CPU that
 *	its host stops for so long looks like that (a busy host does so once in a
 *	hundred rounds), so some are tolerated; an access that never ends would
 *	be one each time
 * @TOUCHED: the device wrote to the page after it was let go
 * @BROKEN: makes no sense to go on
 */
enum outcome { DONE, STALLED, TOUCHED, BROKEN };

/**
 * struct race - what the three of them share: test, timer, device
 * @domain: whose table it is
 * @rq: the device
 * @page: what it writes to
 * @chunks: chunks that it wrote
 * @astray: translations to anywhere else
 * @timer: unmaps and syncs
 * @unmapped: what the unmap returned
 * @result: what the sync returned
 * @done: the timer has run
 * @canary: the page as it was right after the sync
 */
struct race {
	struct pair_domain *domain;
	struct lab_requester *rq;
	struct page *page;
	atomic_long_t chunks;
	atomic_long_t astray;
	struct hrtimer timer;
	u64 unmapped;
	int result;
	bool done;
	u8 canary[CHUNK];
};

/* one byte at a time, so that a chunk takes its time */
static void write_chunk(u8 *to, u8 value)
{
	unsigned int i;

	for (i = 0; i < CHUNK; i++)
		WRITE_ONCE(to[i], value);
}

/* a small DMA engine: what is translated is written before the access ends */
static int device(void *data)
{
	struct race *race = data;
	struct lab_translation tr;
	u8 value = 0;

	while (!kthread_should_stop()) {
		local_irq_disable();
		lab_inflight_begin(race->rq->vtd);
		if (lab_vtd_translate(race->rq, IOVA, true, &tr) ==
		    LAB_TRANSLATED) {
			if (tr.pa == page_to_phys(race->page)) {
				write_chunk(page_address(race->page), ++value);
				atomic_long_inc(&race->chunks);
			} else {
				atomic_long_inc(&race->astray);
			}
		}
		lab_inflight_end(race->rq->vtd);
		local_irq_enable();
		cond_resched();
	}
	return 0;
}

static enum hrtimer_restart revoke(struct hrtimer *timer)
{
	struct race *race = container_of(timer, struct race, timer);
	struct lab_remap_domain *rd = &race->domain->rd;
	struct lab_remap_gather gather;

	lab_remap_gather_init(&gather);
	race->unmapped = lab_remap_unmap(rd, IOVA, CHUNK, &gather);
	race->result = lab_remap_sync(rd, &gather);
	memcpy(race->canary, page_address(race->page), CHUNK);
	/* the test looks at the rest when it sees this */
	smp_store_release(&race->done, true);
	return HRTIMER_NORESTART;
}

static bool wait_for_chunk(struct race *race)
{
	long before = atomic_long_read(&race->chunks);
	unsigned int i;

	for (i = 0; i < 100000; i++) {
		if (atomic_long_read(&race->chunks) != before)
			return true;
		usleep_range(10, 20);
	}
	return false;
}

static bool wait_for_timer(struct race *race)
{
	unsigned int i;

	for (i = 0; i < 100000; i++) {
		/* pairs with revoke() */
		if (smp_load_acquire(&race->done))
			return true;
		usleep_range(10, 20);
	}
	return false;
}

static enum outcome one_round(struct kunit *test, struct race *race, u64 delay_ns)
{
	void *page = page_address(race->page);
	u64 pa = page_to_phys(race->page);

	if (pair_map(race->domain, IOVA, pa, CHUNK, PAIR_RW))
		return BROKEN;
	if (!wait_for_chunk(race))
		return BROKEN;

	race->done = false;
	hrtimer_start(&race->timer, ns_to_ktime(delay_ns),
		      HRTIMER_MODE_REL_PINNED_HARD);
	if (!wait_for_timer(race)) {
		hrtimer_cancel(&race->timer);
		return BROKEN;
	}
	KUNIT_EXPECT_EQ(test, race->unmapped, CHUNK);
	if (race->result)
		return race->result == -ETIMEDOUT ? STALLED : BROKEN;
	/* the device goes on trying */
	usleep_range(20, 40);
	return memcmp(page, race->canary, CHUNK) ? TOUCHED : DONE;
}

/* the rounds of one pair, until one is not as it should be; adds to @rounds */
static enum outcome run_pair(struct kunit *test,
			     const struct pair_config *config,
			     struct rnd_state *rnd, unsigned int *rounds)
{
	struct pair_rig *rig = pair_enable(test, config);
	struct lab_unmap_record record;
	struct lab_vtd_stats stats;
	struct task_struct *task;
	enum outcome outcome = DONE;
	struct race *race;

	race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, race);
	race->page = pair_page(test);
	race->rq = pair_requester(rig, SID);
	race->domain = pair_domain(test, 4);
	KUNIT_ASSERT_EQ(test, pair_attach(race->domain, rig, SID), 0);
	hrtimer_init(&race->timer, CLOCK_MONOTONIC,
		     HRTIMER_MODE_REL_PINNED_HARD);
	race->timer.function = revoke;
	task = kthread_create(device, race, "iommu_lab_device");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	kthread_bind(task, cpumask_last(cpu_online_mask));
	wake_up_process(task);
	while (*rounds < ROUNDS && outcome == DONE) {
		outcome = one_round(test, race, lab_test_below(rnd, 60000));
		*rounds += outcome == DONE;
	}
	kthread_stop(task);

	KUNIT_EXPECT_EQ(test, atomic_long_read(&race->astray), 0);
	KUNIT_ASSERT_TRUE(test, lab_remap_last_unmap(&race->domain->rd, IOVA,
						     &record));
	KUNIT_EXPECT_EQ(test, record.pid, 0);
	KUNIT_EXPECT_STREQ(test, record.comm, "interrupt");
	lab_vtd_read_stats(rig->vtd, &stats);
	/* dead or not: for the reason that is tolerated, or for none */
	KUNIT_EXPECT_EQ(test, stats.drain_timeouts, outcome == STALLED);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->dead), outcome == STALLED);
	kunit_info(test, "%u cpus, %u rounds, %ld chunks written, %llu refused\n",
		   num_online_cpus(), *rounds,
		   atomic_long_read(&race->chunks),
		   lab_counters_faults(&stats.sum));
	return outcome;
}

static void run(struct kunit *test, const struct pair_config *config)
{
	unsigned int rounds = 0, stalls = 0;
	enum outcome outcome;
	struct rnd_state rnd;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU: nothing can be in flight elsewhere");
	lab_test_rnd_init(&rnd, 0x72ace);
	/* each case has a thread of its own: nobody else is moved */
	set_cpus_allowed_ptr(current,
			     cpumask_of(cpumask_first(cpu_online_mask)));
	do {
		outcome = run_pair(test, config, &rnd, &rounds);
		stalls += outcome == STALLED;
	} while (outcome == STALLED && stalls <= STALLS);
	KUNIT_EXPECT_EQ(test, outcome, DONE);
	KUNIT_EXPECT_EQ(test, rounds, ROUNDS);
}

static void by_queue(struct kunit *test)
{
	run(test, &pair_default);
}

static void by_register(struct kunit *test)
{
	struct pair_config config = pair_default;

	config.ecap_clear = VTD_ECAP_QI;
	run(test, &config);
}

static struct kunit_case remap_race_cases[] = {
	PAIR_CASE(by_queue, "unmap in a hard interrupt over a running copy, by queue"),
	PAIR_CASE(by_register, "unmap in a hard interrupt over a running copy, by register"),
	{}
};

struct kunit_suite lab_remap_race_suite = {
	.name = "iommu_lab_remap_race",
	.test_cases = remap_race_cases,
};
