// SPDX-License-Identifier: GPL-2.0
/*
 * bus/: the engine on a real pair of model and driver. Jobs that need no process
 * memory: COPY, FILL and COMPARE.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "../iommu_lab/bus/bus.h"
#include "../iommu_lab/remap/remap.h"
#include "../iommu_lab/seam/seam.h"
#include "seed.h"
#include "suites.h"

#define SID		0x0108
#define PAGES		8u
#define IOVA		0x100000ULL
#define WINDOW		0xfd000000ULL
#define WINDOW_LAST	0xfd001fffULL

static const struct lab_window window = {
	.start = WINDOW,
	.last = WINDOW_LAST,
};

struct rig {
	struct lab_vtd *vtd;
	struct lab_unit *unit;
	struct lab_remap_domain rd;
	struct lab_bus bus;
	struct lab_endpoint ep;
	struct page *pages[PAGES];
	unsigned int nr_pages;
	bool identity;
};

static struct lab_remap_config translated = {
	.pt = { .levels = 4, .leaf_levels = 7, .oa_bits = 46 },
};

static struct lab_remap_config identity = { .identity = true };

static u8 *page_bytes(struct rig *rig, unsigned int i)
{
	return page_address(rig->pages[i]);
}

/* pages at IOVA, IOVA + 4096, ...; the last one can only be read */
static void rig_map(struct kunit *test, struct rig *rig)
{
	struct lab_remap_gather gather;
	unsigned int i;
	u64 mapped;

	lab_remap_gather_init(&gather);
	for (i = 0; i < PAGES; i++) {
		u32 prot = LAB_PROT_READ;

		if (i < PAGES - 1)
			prot |= LAB_PROT_WRITE;
		KUNIT_ASSERT_EQ(test, 0,
				lab_remap_map(&rig->rd, IOVA + i * PAGE_SIZE,
					      page_to_phys(rig->pages[i]),
					      PAGE_SIZE, prot, GFP_KERNEL,
					      &gather, &mapped));
	}
	KUNIT_ASSERT_EQ(test, 0,
			lab_remap_map(&rig->rd, WINDOW, WINDOW,
				      WINDOW_LAST - WINDOW + 1,
				      LAB_PROT_RIGHTS | LAB_PROT_REGION,
				      GFP_KERNEL, &gather, &mapped));
	KUNIT_ASSERT_EQ(test, 0, lab_remap_map_sync(&rig->rd, &gather));
}

static struct rig *rig_make(struct kunit *test, struct lab_remap_config *kind)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	struct lab_vtd_config config = {
		.name = "test",
		.levels = BIT(4),
		.width = 46,
		.nd = 2,
		.sslps = 3,
		.fault_records = 4,
		.pass_through = true,
		.iotlb_sets = 4,
		.iotlb_ways = 2,
	};
	struct lab_unit_params params = { .width = 46 };
	struct lab_gate *gate;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	test->priv = rig;
	rig->vtd = lab_vtd_create(&config);
	KUNIT_ASSERT_FALSE(test, IS_ERR(rig->vtd));
	params.seam = lab_vtd_seam(rig->vtd);
	KUNIT_ASSERT_EQ(test, 0, lab_unit_create(&params, &rig->unit));
	KUNIT_ASSERT_EQ(test, 0, lab_unit_enable(rig->unit));
	KUNIT_ASSERT_EQ(test, 0,
			lab_remap_domain_init(&rig->rd, kind, GFP_KERNEL));
	KUNIT_ASSERT_EQ(test, 0, lab_bus_init(&rig->bus));
	for (; rig->nr_pages < PAGES; rig->nr_pages++) {
		rig->pages[rig->nr_pages] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		KUNIT_ASSERT_NOT_NULL(test, rig->pages[rig->nr_pages]);
	}
	if (!kind->identity)
		rig_map(test, rig);
	KUNIT_ASSERT_EQ(test, 0,
			lab_endpoint_init(&rig->ep, &rig->bus, rig->vtd, 0, 0,
					  SID));
	rig->ep.windows = &window;
	rig->ep.nr_windows = 1;
	KUNIT_ASSERT_EQ(test, 0, lab_remap_attach(&rig->rd, rig->unit, SID));
	gate = lab_gate_create(&rig->ep);
	KUNIT_ASSERT_FALSE(test, IS_ERR(gate));
	lab_endpoint_shut_gate(&rig->ep);
	lab_endpoint_open_gate(&rig->ep, gate);
	return rig;
}

/* a rig that could not be made whole fails its test and is left as it is */
static void rig_end(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct lab_gate *gate;

	if (!rig || !rig->ep.gate)
		return;
	gate = rig->ep.gate;
	if (gate != rig->ep.blocked) {
		lab_endpoint_shut_gate(&rig->ep);
		lab_endpoint_fold_gate(&rig->ep, gate, NULL);
	}
	lab_remap_detach(&rig->rd, rig->unit, SID);
	lab_endpoint_release(&rig->ep);
	lab_remap_domain_destroy(&rig->rd);
	lab_bus_destroy(&rig->bus);
	lab_unit_disable(rig->unit);
	lab_unit_destroy(rig->unit);
	lab_vtd_destroy(rig->vtd);
	while (rig->nr_pages--)
		__free_page(rig->pages[rig->nr_pages]);
	lab_remap_exit();
}

static struct lab_dma_result run(struct kunit *test, struct rig *rig,
				 enum lab_dma_op op,
				 const struct lab_dma_sg *src,
				 unsigned int nr_src,
				 const struct lab_dma_sg *dst,
				 unsigned int nr_dst, u64 pattern)
{
	struct lab_dma_job job = {
		.ep = &rig->ep,
		.gate = rig->ep.gate,
		.op = op,
		.src = (struct lab_dma_sg *)src,
		.dst = (struct lab_dma_sg *)dst,
		.nr_src = nr_src,
		.nr_dst = nr_dst,
		.pattern = pattern,
	};
	unsigned int i;

	for (i = 0; i < max(nr_src, nr_dst); i++)
		job.length += nr_src ? src[i].length : dst[i].length;
	KUNIT_ASSERT_EQ(test, 0, lab_dma_run(&job));
	return job.result;
}

static struct lab_dma_result copy(struct kunit *test, struct rig *rig, u64 src,
				  u64 dst, u64 length)
{
	struct lab_dma_sg from = { src, length }, to = { dst, length };

	return run(test, rig, LAB_DMA_COPY, &from, 1, &to, 1, 0);
}

static struct lab_dma_result fill(struct kunit *test, struct rig *rig, u64 dst,
				  u64 length, u64 pattern)
{
	struct lab_dma_sg to = { dst, length };

	return run(test, rig, LAB_DMA_FILL, NULL, 0, &to, 1, pattern);
}

static void lists_of_odd_pieces(struct kunit *test)
{
	struct rig *rig = rig_make(test, &translated);
	const struct lab_dma_sg src[] = {
		{ IOVA + 1, 4097 }, { IOVA + 3 * PAGE_SIZE - 5, 10 },
	};
	const struct lab_dma_sg dst[] = {
		{ IOVA + 5 * PAGE_SIZE + 7, 100 },
		{ IOVA + 4 * PAGE_SIZE, 4007 },
	};
	struct lab_dma_result result;
	struct rnd_state rnd;
	u8 *expected = kunit_kzalloc(test, 4107, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, expected);
	lab_test_rnd_init(&rnd, 0xb05);
	for (i = 0; i < 4; i++)
		prandom_bytes_state(&rnd, page_bytes(rig, i), PAGE_SIZE);
	memcpy(expected, page_bytes(rig, 0) + 1, 4095);
	memcpy(expected + 4095, page_bytes(rig, 1), 2);
	memcpy(expected + 4097, page_bytes(rig, 2) + 4091, 5);
	memcpy(expected + 4102, page_bytes(rig, 3), 5);

	result = run(test, rig, LAB_DMA_COPY, src, 2, dst, 2, 0);
	KUNIT_EXPECT_EQ(test, LAB_DMA_OK, result.status);
	KUNIT_EXPECT_EQ(test, 4107ULL, result.done);
	KUNIT_EXPECT_EQ(test, 0,
			memcmp(page_bytes(rig, 5) + 7, expected, 100));
	KUNIT_EXPECT_EQ(test, 0,
			memcmp(page_bytes(rig, 4), expected + 100, 4007));
	/* the neighbours of what was written are untouched */
	KUNIT_EXPECT_EQ(test, 0, page_bytes(rig, 5)[6]);
	KUNIT_EXPECT_EQ(test, 0, page_bytes(rig, 5)[107]);
	KUNIT_EXPECT_EQ(test, 0, page_bytes(rig, 4)[4007]);

	result = run(test, rig, LAB_DMA_COMPARE, src, 2, dst, 2, 0);
	KUNIT_EXPECT_EQ(test, LAB_DMA_OK, result.status);
	page_bytes(rig, 4)[4000] ^= 1;
	result = run(test, rig, LAB_DMA_COMPARE, src, 2, dst, 2, 0);
	KUNIT_EXPECT_EQ(test, LAB_DMA_MISCOMPARE, result.status);
	KUNIT_EXPECT_EQ(test, 4100ULL, result.done);
}

static void fill_keeps_its_phase(struct kunit *test)
{
	const u8 bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct rig *rig = rig_make(test, &translated);
	struct lab_dma_result result;
	unsigned int i;

	/* crosses a page 3 bytes into the pattern */
	result = fill(test, rig, IOVA + PAGE_SIZE - 11, 40,
		      0x0807060504030201ULL);
	KUNIT_EXPECT_EQ(test, LAB_DMA_OK, result.status);
	for (i = 0; i < 40; i++) {
		u8 *page = page_bytes(rig, i < 11 ? 0 : 1);
		u8 byte = page[(PAGE_SIZE - 11 + i) % PAGE_SIZE];

		KUNIT_EXPECT_EQ(test, bytes[i % 8], byte);
	}
	KUNIT_EXPECT_EQ(test, 0, page_bytes(rig, 0)[PAGE_SIZE - 12]);
	KUNIT_EXPECT_EQ(test, 0, page_bytes(rig, 1)[29]);
}

static void refused_write_changes_nothing(struct kunit *test)
{
	struct rig *rig = rig_make(test, &translated);
	u64 last = IOVA + (PAGES - 1) * PAGE_SIZE;
	struct lab_dma_result result;

	result = fill(test, rig, last - 16, 32, ~0ULL);
	KUNIT_EXPECT_EQ(test, LAB_DMA_FAULT, result.status);
	KUNIT_EXPECT_EQ(test, 16ULL, result.done);
	KUNIT_EXPECT_EQ(test, VTD_FAULT_WRITE, result.reason);
	KUNIT_EXPECT_EQ(test, last, result.iova);
	KUNIT_EXPECT_TRUE(test, result.write);
	KUNIT_EXPECT_FALSE(test, result.stale);
	KUNIT_EXPECT_EQ(test, 0, page_bytes(rig, PAGES - 1)[0]);

	result = copy(test, rig, IOVA + PAGES * PAGE_SIZE, IOVA, 8);
	KUNIT_EXPECT_EQ(test, LAB_DMA_FAULT, result.status);
	KUNIT_EXPECT_EQ(test, VTD_FAULT_READ, result.reason);
	KUNIT_EXPECT_FALSE(test, result.write);
}

static void window_is_the_modules_memory(struct kunit *test)
{
	struct rig *rig = rig_make(test, &translated);
	struct lab_dma_result result;

	result = fill(test, rig, WINDOW + PAGE_SIZE + 8, 8, 0x55aa55aaULL);
	KUNIT_EXPECT_EQ(test, LAB_DMA_OK, result.status);
	result = copy(test, rig, WINDOW + PAGE_SIZE + 8, IOVA, 8);
	KUNIT_EXPECT_EQ(test, LAB_DMA_OK, result.status);
	KUNIT_EXPECT_EQ(test, 0x55aa55aaULL, *(u64 *)page_bytes(rig, 0));
}

static void map_one(struct kunit *test, struct rig *rig, u64 iova, u64 pa)
{
	struct lab_remap_gather gather;
	u64 mapped;

	lab_remap_gather_init(&gather);
	KUNIT_ASSERT_EQ(test, 0,
			lab_remap_map(&rig->rd, iova, pa, PAGE_SIZE,
				      LAB_PROT_READ | LAB_PROT_WRITE,
				      GFP_KERNEL, &gather, &mapped));
	KUNIT_ASSERT_EQ(test, 0, lab_remap_map_sync(&rig->rd, &gather));
}

static void target_is_ram_or_nothing(struct kunit *test)
{
	struct rig *rig = rig_make(test, &translated);
	struct lab_dma_result result;

	/* no memory there at all */
	map_one(test, rig, 0x40000000, 1ULL << 45);
	result = copy(test, rig, 0x40000000, IOVA, 8);
	KUNIT_EXPECT_EQ(test, LAB_DMA_ABORTED, result.status);
	KUNIT_EXPECT_EQ(test, 0ULL, result.done);

	/* a window is reached by leaves of a region only */
	map_one(test, rig, 0x40001000, WINDOW);
	result = fill(test, rig, 0x40001000, 8, ~0ULL);
	KUNIT_EXPECT_EQ(test, LAB_DMA_ABORTED, result.status);
	KUNIT_EXPECT_TRUE(test, xa_empty(&rig->bus.pages));

	/* the zero page: memory that was never written. Read, not written */
	map_one(test, rig, 0x40002000, page_to_phys(ZERO_PAGE(0)));
	result = copy(test, rig, 0x40002000, IOVA, 8);
	KUNIT_EXPECT_EQ(test, LAB_DMA_OK, result.status);
	result = fill(test, rig, 0x40002000, 8, 0);
	KUNIT_EXPECT_EQ(test, LAB_DMA_ABORTED, result.status);
}

static void identity_reaches_ram_and_nothing_else_V8(struct kunit *test)
{
	struct rig *rig = rig_make(test, &identity);
	u64 pa = page_to_phys(rig->pages[0]);
	struct lab_dma_result result;

	result = fill(test, rig, pa + 24, 8, 0x1122334455667788ULL);
	KUNIT_EXPECT_EQ(test, LAB_DMA_OK, result.status);
	KUNIT_EXPECT_EQ(test, 0x1122334455667788ULL,
			*(u64 *)(page_bytes(rig, 0) + 24));
	/* no RAM there: refused, and no oops */
	result = fill(test, rig, 1ULL << 45, 8, 0);
	KUNIT_EXPECT_EQ(test, LAB_DMA_ABORTED, result.status);
	result = copy(test, rig, 1ULL << 45, pa, 8);
	KUNIT_EXPECT_EQ(test, LAB_DMA_ABORTED, result.status);
	/* beyond the host address width */
	result = fill(test, rig, 1ULL << 46, 8, 0);
	KUNIT_EXPECT_EQ(test, LAB_DMA_FAULT, result.status);
	KUNIT_EXPECT_EQ(test, VTD_FAULT_BEYOND_WIDTH, result.reason);
}

static void old_gate_is_revoked(struct kunit *test)
{
	struct rig *rig = rig_make(test, &translated);
	struct lab_gate *old = rig->ep.gate;
	struct lab_dma_sg to = { IOVA, 64 };
	struct lab_counters sum = {};
	struct lab_dma_job job = {
		.ep = &rig->ep,
		.gate = old,
		.op = LAB_DMA_FILL,
		.dst = &to,
		.nr_dst = 1,
		.length = 64,
		.pattern = ~0ULL,
	};
	struct lab_gate *gate = lab_gate_create(&rig->ep);

	KUNIT_ASSERT_FALSE(test, IS_ERR(gate));
	KUNIT_ASSERT_EQ(test, 0, lab_dma_run(&job));
	KUNIT_EXPECT_EQ(test, LAB_DMA_OK, job.result.status);
	memset(page_bytes(rig, 0), 0, 64);

	refcount_inc(&old->refs);
	lab_endpoint_shut_gate(&rig->ep);
	KUNIT_ASSERT_EQ(test, 0, lab_dma_run(&job));
	KUNIT_EXPECT_EQ(test, LAB_DMA_REVOKED, job.result.status);
	lab_endpoint_fold_gate(&rig->ep, old, &sum);
	KUNIT_EXPECT_EQ(test, 1ULL, lab_counters_lookups(&sum));
	lab_endpoint_open_gate(&rig->ep, gate);
	KUNIT_ASSERT_EQ(test, 0, lab_dma_run(&job));
	KUNIT_EXPECT_EQ(test, LAB_DMA_REVOKED, job.result.status);
	KUNIT_EXPECT_EQ(test, 0, page_bytes(rig, 0)[0]);
	lab_gate_put(old);

	/* the endpoint's figure has the past gate's lookup */
	lab_endpoint_read(&rig->ep, &sum);
	KUNIT_EXPECT_EQ(test, 1ULL, lab_counters_lookups(&sum));
}

static void gone_dead_and_untranslated_do_nothing(struct kunit *test)
{
	struct rig *rig = rig_make(test, &translated);
	struct lab_seam *seam = lab_vtd_seam(rig->vtd);
	u32 status = lab_unit_read32(rig->unit, VTD_GSTS);
	struct lab_dma_result result;

	/* translation off: physical addresses, which are nobody's to touch */
	seam->ops->write32(seam, VTD_GCMD,
			   status & VTD_GSTS_KEEP & ~VTD_GCMD_TE);
	result = fill(test, rig, page_to_phys(rig->pages[0]), 8, ~0ULL);
	KUNIT_EXPECT_EQ(test, LAB_DMA_ABORTED, result.status);
	seam->ops->write32(seam, VTD_GCMD, status & VTD_GSTS_KEEP);

	rig->ep.gone = true;
	result = fill(test, rig, IOVA, 8, ~0ULL);
	KUNIT_EXPECT_EQ(test, LAB_DMA_REVOKED, result.status);
	rig->ep.gone = false;

	lab_vtd_sever(rig->vtd);
	result = fill(test, rig, IOVA, 8, ~0ULL);
	KUNIT_EXPECT_EQ(test, LAB_DMA_DEAD, result.status);
	KUNIT_EXPECT_EQ(test, 0, page_bytes(rig, 0)[0]);
}

struct hard_unmap {
	struct hrtimer timer;
	struct rig *rig;
	u64 iova;
	u64 unmapped;
	int ret;
	bool done;
};

/* in a hard interrupt: after it, the page is somebody else's */
static enum hrtimer_restart unmap_in_hardirq(struct hrtimer *timer)
{
	struct hard_unmap *unmap = container_of(timer, struct hard_unmap, timer);
	struct lab_remap_gather gather;

	lab_remap_gather_init(&gather);
	unmap->unmapped = lab_remap_unmap(&unmap->rig->rd, unmap->iova,
					  PAGE_SIZE, &gather);
	unmap->ret = lab_remap_sync(&unmap->rig->rd, &gather);
	memset(page_bytes(unmap->rig, 1), 0xcc, PAGE_SIZE);
	/* pairs with the loop of the test: the page was written before */
	smp_store_release(&unmap->done, true);
	return HRTIMER_NORESTART;
}

static int copy_all_the_time(void *data)
{
	struct rig *rig = data;
	struct lab_dma_sg from = { IOVA, PAGE_SIZE };
	struct lab_dma_sg to = { IOVA + PAGE_SIZE, PAGE_SIZE };
	struct lab_dma_job job = {
		.ep = &rig->ep,
		.gate = rig->ep.gate,
		.op = LAB_DMA_COPY,
		.src = &from,
		.dst = &to,
		.nr_src = 1,
		.nr_dst = 1,
		.length = PAGE_SIZE,
	};

	while (!kthread_should_stop()) {
		lab_dma_run(&job);
		cond_resched();
	}
	return 0;
}

static bool page_is(const u8 *page, u8 byte)
{
	return !memchr_inv(page, byte, PAGE_SIZE);
}

static void unmap_from_hardirq_over_a_running_copy(struct kunit *test)
{
	struct rig *rig = rig_make(test, &translated);
	unsigned long limit = jiffies + 120 * HZ;
	unsigned int round, untouched = 0, copied = 0;
	struct hard_unmap *unmap;
	struct task_struct *copier;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU: nothing can be in flight elsewhere");
	unmap = kunit_kzalloc(test, sizeof(*unmap), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, unmap);
	unmap->rig = rig;
	unmap->iova = IOVA + PAGE_SIZE;
	memset(page_bytes(rig, 0), 0x11, PAGE_SIZE);
	/* the timer comes on the CPU that starts it */
	set_cpus_allowed_ptr(current,
			     cpumask_of(cpumask_first(cpu_online_mask)));
	hrtimer_init(&unmap->timer, CLOCK_MONOTONIC,
		     HRTIMER_MODE_REL_PINNED_HARD);
	unmap->timer.function = unmap_in_hardirq;
	copier = kthread_create(copy_all_the_time, rig, "lab-copier");
	KUNIT_ASSERT_FALSE(test, IS_ERR(copier));
	kthread_bind(copier, cpumask_last(cpu_online_mask));
	wake_up_process(copier);
	/* more rounds where the copier's CPU is busy with others */
	for (round = 0; round < 200 || (copied <= 20 && time_before(jiffies, limit));
	     round++) {
		struct lab_remap_gather gather;
		u64 mapped;

		unmap->done = false;
		hrtimer_start(&unmap->timer,
			      ns_to_ktime(20000 + 1000 * (round % 100)),
			      HRTIMER_MODE_REL_PINNED_HARD);
		/* pairs with unmap_in_hardirq() */
		while (!smp_load_acquire(&unmap->done))
			usleep_range(50, 100);
		KUNIT_EXPECT_EQ(test, 0, unmap->ret);
		KUNIT_EXPECT_EQ(test, (u64)PAGE_SIZE, unmap->unmapped);
		usleep_range(50, 200);
		untouched += page_is(page_bytes(rig, 1), 0xcc);

		lab_remap_gather_init(&gather);
		lab_remap_map(&rig->rd, IOVA + PAGE_SIZE,
			      page_to_phys(rig->pages[1]), PAGE_SIZE,
			      LAB_PROT_READ | LAB_PROT_WRITE, GFP_KERNEL,
			      &gather, &mapped);
		lab_remap_map_sync(&rig->rd, &gather);
		usleep_range(200, 400);
		copied += page_is(page_bytes(rig, 1), 0x11);
	}
	kthread_stop(copier);
	KUNIT_EXPECT_EQ(test, round, untouched);
	/* the copy did run in between, or this has shown nothing */
	KUNIT_EXPECT_GT(test, copied, 20u);
}

static void ring_is_bounded_and_in_order(struct kunit *test)
{
	struct rig *rig = rig_make(test, &translated);
	struct lab_ring *ring = kunit_kzalloc(test, sizeof(*ring), GFP_KERNEL);
	struct lab_dma_job *job;
	unsigned int i;
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, ring);
	lab_ring_init(ring, &rig->bus);
	KUNIT_EXPECT_EQ(test, -ENOENT, lab_ring_reap(ring, NULL, &job));
	for (i = 0; i <= LAB_RING_SLOTS; i++) {
		job = kzalloc(sizeof(*job), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, job);
		job->ep = &rig->ep;
		job->gate = rig->ep.gate;
		refcount_inc(&job->gate->refs);
		job->op = LAB_DMA_FILL;
		job->cookie = i;
		job->dst = kmalloc(sizeof(*job->dst), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, job->dst);
		*job->dst = (struct lab_dma_sg){ IOVA + i, 1 };
		job->nr_dst = 1;
		job->length = 1;
		job->pattern = i + 1;
		job->mm = NULL;
		ret = lab_ring_submit(ring, job);
		KUNIT_EXPECT_EQ(test, i < LAB_RING_SLOTS ? 0 : -ENOSPC, ret);
		if (ret)
			lab_dma_job_free(job);
	}
	for (i = 0; i < LAB_RING_SLOTS; i++) {
		wait_event_interruptible(ring->wait, lab_ring_has_result(ring));
		KUNIT_ASSERT_EQ(test, 0, lab_ring_reap(ring, NULL, &job));
		KUNIT_EXPECT_EQ(test, (u64)i, job->cookie);
		KUNIT_EXPECT_EQ(test, LAB_DMA_OK, job->result.status);
		KUNIT_EXPECT_EQ(test, (u8)(i + 1), page_bytes(rig, 0)[i]);
		lab_dma_job_free(job);
	}
	lab_ring_destroy(ring);
}

static struct kunit_case cases[] = {
	{ .name = "lists of odd pieces", .run_case = lists_of_odd_pieces },
	{ .name = "a fill keeps its phase", .run_case = fill_keeps_its_phase },
	{ .name = "a refused write changes nothing",
	  .run_case = refused_write_changes_nothing },
	{ .name = "a window is the module's memory",
	  .run_case = window_is_the_modules_memory },
	{ .name = "a target that is no RAM ends the DMA",
	  .run_case = target_is_ram_or_nothing },
	{ .name = "V8 identity reaches RAM and nothing else",
	  .run_case = identity_reaches_ram_and_nothing_else_V8 },
	{ .name = "a job of an old gate is revoked",
	  .run_case = old_gate_is_revoked },
	{ .name = "gone, dead and untranslated do nothing",
	  .run_case = gone_dead_and_untranslated_do_nothing },
	{ .name = "unmap from hardirq over a running copy",
	  .run_case = unmap_from_hardirq_over_a_running_copy },
	{ .name = "a ring is bounded and in order",
	  .run_case = ring_is_bounded_and_in_order },
	{}
};

struct kunit_suite lab_bus_suite = {
	.name = "iommu_lab_bus",
	.exit = rig_end,
	.test_cases = cases,
};
