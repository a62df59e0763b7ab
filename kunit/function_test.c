// SPDX-License-Identifier: GPL-2.0
/*
 * bus/: the ring of a function, on an endpoint without a unit.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "../iommu_lab/bus/function.h"
#include "function_regs.h"
#include "suites.h"

#define IOVA		0x10000ULL
#define PAGES		4u
#define RING		IOVA
#define DATA		(IOVA + PAGE_SIZE)
#define MESSAGE		(IOVA + 3 * PAGE_SIZE)

static const struct lab_config_params integrated = {
	.kind = LAB_CONFIG_INTEGRATED,
};

struct rig {
	struct lab_bus bus;
	struct lab_endpoint ep;
	struct lab_function fn;
	struct page *pages[PAGES];
	unsigned int nr_pages;
	struct lab_gate *gate;
	unsigned int stop_where;
	u32 stop_value;
};

static void *at(struct rig *rig, u64 iova)
{
	u64 offset = iova - IOVA;

	return page_address(rig->pages[offset / PAGE_SIZE]) + offset % PAGE_SIZE;
}

static bool resolve(void *data, u64 address, bool write, u64 *pa,
		    enum lab_memory *memory)
{
	struct rig *rig = data;

	if (address < IOVA || address >= IOVA + PAGES * PAGE_SIZE)
		return false;
	/* in the middle of a transfer, on whatever CPU it runs */
	if (address == DATA && rig->stop_where)
		lab_function_write(&rig->fn, rig->stop_where, 4,
				   rig->stop_value);
	*pa = virt_to_phys(at(rig, address));
	*memory = LAB_MEMORY_RAM;
	return true;
}

static struct rig *rig_make(struct kunit *test)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rig);
	KUNIT_ASSERT_EQ(test, 0, lab_bus_init(&rig->bus));
	for (; rig->nr_pages < PAGES; rig->nr_pages++) {
		rig->pages[rig->nr_pages] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		KUNIT_ASSERT_NOT_NULL(test, rig->pages[rig->nr_pages]);
	}
	KUNIT_ASSERT_EQ(test, 0,
			lab_endpoint_init(&rig->ep, &rig->bus, NULL, 0, 0, 8));
	rig->gate = lab_gate_create(&rig->ep);
	KUNIT_ASSERT_FALSE(test, IS_ERR(rig->gate));
	rig->gate->resolve = resolve;
	rig->gate->resolve_data = rig;
	lab_endpoint_shut_gate(&rig->ep);
	lab_endpoint_open_gate(&rig->ep, rig->gate);
	lab_function_init(&rig->fn, &rig->ep, &integrated);
	lab_function_plug(&rig->fn);
	test->priv = rig;
	return rig;
}

/* a rig that could not be made whole fails its test and is left as it is */
static void rig_end(struct kunit *test)
{
	struct rig *rig = test->priv;

	if (!rig)
		return;
	lab_function_unplug(&rig->fn);
	lab_function_release(&rig->fn);
	lab_endpoint_shut_gate(&rig->ep);
	lab_endpoint_fold_gate(&rig->ep, rig->gate, NULL);
	lab_endpoint_release(&rig->ep);
	lab_bus_destroy(&rig->bus);
	while (rig->nr_pages--)
		__free_page(rig->pages[rig->nr_pages]);
}

static u32 get(struct rig *rig, unsigned int where)
{
	return lab_function_read(&rig->fn, where, 4);
}

static void set(struct rig *rig, unsigned int where, u32 value)
{
	lab_function_write(&rig->fn, where, 4, value);
}

static void start(struct rig *rig)
{
	set(rig, COMMAND, 4);
	set(rig, RING_LO, RING);
	set(rig, ORDER, 4);
	set(rig, CTRL, 3);
}

static struct lab_descriptor *descriptor(struct rig *rig, unsigned int i,
					 u32 control, u32 length, u64 src,
					 u64 dst)
{
	struct lab_descriptor *desc = at(rig, RING + i * sizeof(*desc));

	memset(desc, 0, sizeof(*desc));
	desc->control = cpu_to_le32(control);
	desc->length = cpu_to_le32(length);
	desc->src = cpu_to_le64(src);
	desc->dst = cpu_to_le64(dst);
	return desc;
}

/* RUNNING, and then not any more */
static void wait_until_idle(struct kunit *test, struct rig *rig)
{
	unsigned int ms = 0;

	while (get(rig, STATUS) & LAB_STATUS_RUNNING && ms++ < 5000)
		usleep_range(1000, 2000);
	KUNIT_ASSERT_LT(test, ms, 5000);
}

static void ring(struct kunit *test, struct rig *rig, u32 tail)
{
	set(rig, TAIL, tail);
	wait_until_idle(test, rig);
}

static void runs_descriptors(struct kunit *test)
{
	struct rig *rig = rig_make(test);
	struct lab_descriptor *nop, *fill, *copy, *same;

	start(rig);
	nop = descriptor(rig, 0, LAB_DESC_NOP, 0, 0, 0);
	fill = descriptor(rig, 1, LAB_DESC_FILL, 100, 0, DATA + 1);
	fill->pattern = cpu_to_le64(0x5a5a5a5a5a5a5a5aULL);
	copy = descriptor(rig, 2, LAB_DESC_COPY, 100, DATA + 1, DATA + 200);
	same = descriptor(rig, 3, LAB_DESC_COMPARE, 101, DATA + 1, DATA + 200);
	ring(test, rig, 3);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(nop->status), LAB_DESC_OK);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(fill->status), LAB_DESC_OK);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(fill->done), 100);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(copy->status), LAB_DESC_OK);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(same->status), LAB_DESC_PENDING);
	KUNIT_EXPECT_NULL(test, memchr_inv(at(rig, DATA + 200), 0x5a, 100));
	KUNIT_EXPECT_EQ(test, get(rig, STATUS), 0);
	KUNIT_EXPECT_EQ(test, get(rig, HEAD), 3);
	KUNIT_EXPECT_EQ(test, get(rig, COUNT), 3);
	*(u8 *)at(rig, DATA + 101) = 1;
	ring(test, rig, 4);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(same->status), LAB_DESC_MISCOMPARE);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(same->done), 100);
	KUNIT_EXPECT_EQ(test, get(rig, STATUS), 0x306);
}

static void bad_descriptors(struct kunit *test)
{
	static const struct {
		u32 control, length;
		u64 src, dst, rest;
	} bad[] = {
		{ 4, 8, DATA, DATA },
		{ LAB_DESC_COPY | 0x200, 8, DATA, DATA },
		{ LAB_DESC_COPY | 0x80000000, 8, DATA, DATA },
		{ LAB_DESC_COPY, 0, DATA, DATA },
		{ LAB_DESC_FILL, 0, 0, DATA },
		{ LAB_DESC_COPY, 9, U64_MAX - 7, DATA },
		{ LAB_DESC_FILL, 9, 0, U64_MAX - 7 },
		{ LAB_DESC_NOP, 0, 0, 0, 1 },
	};
	struct rig *rig = rig_make(test);
	struct lab_descriptor *desc;
	unsigned int i;

	start(rig);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		desc = descriptor(rig, i, bad[i].control, bad[i].length,
				  bad[i].src, bad[i].dst);
		desc->reserved[1] = cpu_to_le64(bad[i].rest);
		ring(test, rig, i + 1);
		KUNIT_EXPECT_EQ_MSG(test, le32_to_cpu(desc->status),
				    LAB_DESC_BAD, "descriptor %u", i);
		KUNIT_EXPECT_EQ(test, get(rig, STATUS), 0x406);
		set(rig, STATUS, 6);
		KUNIT_EXPECT_EQ(test, get(rig, STATUS), 0);
	}
	KUNIT_EXPECT_EQ(test, get(rig, COUNT), ARRAY_SIZE(bad));
}

/* halts, keeps what comes behind it, and goes on when told */
static void halts_and_goes_on(struct kunit *test)
{
	struct rig *rig = rig_make(test);
	struct lab_descriptor *bad, *good;
	u64 nowhere = IOVA + PAGES * PAGE_SIZE;

	start(rig);
	bad = descriptor(rig, 0, LAB_DESC_FILL, PAGE_SIZE + 8, 0,
			 nowhere - PAGE_SIZE);
	good = descriptor(rig, 1, LAB_DESC_FILL, 8, 0, DATA);
	good->pattern = cpu_to_le64(7);
	ring(test, rig, 2);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(bad->status), LAB_DESC_FAULT);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(bad->done), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(bad->refused), nowhere);
	KUNIT_EXPECT_EQ(test, get(rig, STATUS), 0x206);
	KUNIT_EXPECT_EQ(test, get(rig, FAULT_LO), nowhere);
	KUNIT_EXPECT_EQ(test, get(rig, FAULT_HI), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(good->status), LAB_DESC_PENDING);
	set(rig, STATUS, 2);
	wait_until_idle(test, rig);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(good->status), LAB_DESC_OK);
	KUNIT_EXPECT_EQ(test, *(u64 *)at(rig, DATA), 7);
}

/* the engine's own accesses are refused like any other */
static void ring_out_of_reach(struct kunit *test)
{
	struct rig *rig = rig_make(test);

	set(rig, COMMAND, 4);
	set(rig, RING_LO, 0x40);
	set(rig, RING_HI, 1);
	set(rig, ORDER, 4);
	set(rig, CTRL, 1);
	ring(test, rig, 1);
	KUNIT_EXPECT_EQ(test, get(rig, STATUS), 0x206);
	KUNIT_EXPECT_EQ(test, get(rig, FAULT_LO), 0x40);
	KUNIT_EXPECT_EQ(test, get(rig, FAULT_HI), 1);
	KUNIT_EXPECT_EQ(test, get(rig, COUNT), 0);
	KUNIT_EXPECT_EQ(test, get(rig, HEAD), 1);
}

static void no_master_no_dma(struct kunit *test)
{
	struct rig *rig = rig_make(test);
	struct lab_descriptor *desc;

	start(rig);
	desc = descriptor(rig, 0, LAB_DESC_NOP, 0, 0, 0);
	set(rig, COMMAND, 0);
	ring(test, rig, 1);
	KUNIT_EXPECT_EQ(test, get(rig, STATUS), 0x706);
	KUNIT_EXPECT_EQ(test, get(rig, FAULT_LO), RING);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(desc->status), LAB_DESC_PENDING);
}

/* a message is a write like any other where no interrupts are */
static void sends_messages(struct kunit *test)
{
	struct rig *rig = rig_make(test);
	u32 *message = at(rig, MESSAGE);

	start(rig);
	set(rig, MSI_ADDRESS, MESSAGE);
	set(rig, MSI_DATA, 0x4321);
	set(rig, MSI, 1 << 16);
	descriptor(rig, 0, LAB_DESC_NOP, 0, 0, 0);
	ring(test, rig, 1);
	KUNIT_EXPECT_EQ(test, *message, 0);
	descriptor(rig, 1, LAB_DESC_NOP | LAB_DESC_INTR, 0, 0, 0);
	ring(test, rig, 2);
	KUNIT_EXPECT_EQ(test, *message, 0x4321);
	KUNIT_EXPECT_EQ(test, get(rig, STATUS), 4);
	*message = 0;
	set(rig, MSI_MASK, 1);
	descriptor(rig, 2, LAB_DESC_NOP | LAB_DESC_INTR, 0, 0, 0);
	ring(test, rig, 3);
	KUNIT_EXPECT_EQ(test, *message, 0);
	KUNIT_EXPECT_EQ(test, get(rig, MSI_PENDING), 1);
	set(rig, MSI_MASK, 0);
	wait_until_idle(test, rig);
	KUNIT_EXPECT_EQ(test, *message, 0x4321);
}

/* stopped at the first of three pages: nothing more is written */
static void stopped(struct kunit *test)
{
	static const struct {
		unsigned int where;
		u32 value, status;
	} stop[] = {
		{ CTRL, 0, 0 },
		{ CTRL, LAB_CTRL_RESET, 0 },
		{ DEVCTL, 0x8000, 0 },
		{ COMMAND, 0, 0x706 },
	};
	struct rig *rig = rig_make(test);
	struct lab_descriptor *desc;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(stop); i++) {
		start(rig);
		desc = descriptor(rig, 0, LAB_DESC_FILL, 3 * PAGE_SIZE, 0, DATA);
		desc->pattern = cpu_to_le64(~0ULL);
		rig->stop_where = stop[i].where;
		rig->stop_value = stop[i].value;
		ring(test, rig, 1);
		rig->stop_where = 0;
		KUNIT_EXPECT_EQ(test, *(u8 *)at(rig, DATA), 0xff);
		KUNIT_EXPECT_NULL(test, memchr_inv(at(rig, DATA + PAGE_SIZE), 0,
						   PAGE_SIZE));
		KUNIT_EXPECT_EQ(test, le32_to_cpu(desc->status),
				LAB_DESC_PENDING);
		KUNIT_EXPECT_EQ(test, get(rig, STATUS), stop[i].status);
		KUNIT_EXPECT_EQ(test, get(rig, COUNT), 0);
		set(rig, CTRL, LAB_CTRL_RESET);
		memset(at(rig, DATA), 0, PAGE_SIZE);
	}
}

/* what was accepted before does nothing after */
static void old_jobs_end(struct kunit *test)
{
	struct rig *rig = rig_make(test);
	struct lab_dma_sg to = { DATA, 8 };
	struct lab_dma_job job = {
		.ep = &rig->ep,
		.gate = rig->gate,
		.op = LAB_DMA_FILL,
		.dst = &to,
		.nr_dst = 1,
		.length = 8,
	};

	set(rig, COMMAND, 4);
	job.epoch = atomic_read(&rig->ep.epoch);
	KUNIT_EXPECT_EQ(test, 0, lab_dma_run(&job));
	KUNIT_EXPECT_EQ(test, job.result.status, LAB_DMA_OK);
	/* off and on again */
	set(rig, COMMAND, 0);
	set(rig, COMMAND, 4);
	KUNIT_EXPECT_EQ(test, 0, lab_dma_run(&job));
	KUNIT_EXPECT_EQ(test, job.result.status, LAB_DMA_REVOKED);
	job.epoch = atomic_read(&rig->ep.epoch);
	set(rig, DEVCTL, 0x8000);
	set(rig, COMMAND, 4);
	KUNIT_EXPECT_EQ(test, 0, lab_dma_run(&job));
	KUNIT_EXPECT_EQ(test, job.result.status, LAB_DMA_REVOKED);
	job.epoch = atomic_read(&rig->ep.epoch);
	lab_function_unplug(&rig->fn);
	lab_function_plug(&rig->fn);
	KUNIT_EXPECT_EQ(test, get(rig, COMMAND), 0x00100000);
	set(rig, COMMAND, 4);
	KUNIT_EXPECT_EQ(test, 0, lab_dma_run(&job));
	KUNIT_EXPECT_EQ(test, job.result.status, LAB_DMA_REVOKED);
	job.epoch = atomic_read(&rig->ep.epoch);
	KUNIT_EXPECT_EQ(test, 0, lab_dma_run(&job));
	KUNIT_EXPECT_EQ(test, job.result.status, LAB_DMA_OK);
}

/* who has a file of the last device open writes to nobody */
static void written_while_unplugged(struct kunit *test)
{
	struct rig *rig = rig_make(test);

	lab_function_unplug(&rig->fn);
	descriptor(rig, 0, LAB_DESC_FILL, 8, 0, DATA)->pattern =
		cpu_to_le64(~0ULL);
	start(rig);
	set(rig, MSI, 1 << 16);
	lab_function_plug(&rig->fn);
	KUNIT_EXPECT_EQ(test, get(rig, COMMAND), 0x00100000);
	KUNIT_EXPECT_FALSE(test, rig->ep.master);
	KUNIT_EXPECT_EQ(test, get(rig, MSI) & 1 << 16, 0);
	KUNIT_EXPECT_EQ(test, get(rig, CTRL), 0);
	ring(test, rig, 1);
	KUNIT_EXPECT_EQ(test, *(u8 *)at(rig, DATA), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(runs_descriptors),
	KUNIT_CASE(bad_descriptors),
	KUNIT_CASE(halts_and_goes_on),
	KUNIT_CASE(ring_out_of_reach),
	KUNIT_CASE(no_master_no_dma),
	KUNIT_CASE(sends_messages),
	KUNIT_CASE(stopped),
	KUNIT_CASE(old_jobs_end),
	KUNIT_CASE(written_while_unplugged),
	{}
};

struct kunit_suite lab_function_suite = {
	.name = "lab_function",
	.exit = rig_end,
	.test_cases = cases,
};
