// SPDX-License-Identifier: GPL-2.0
/* The engine and the interrupt address range: what is a message, and of whom. */

#include <linux/mm.h>
#include "../iommu_lab/bus/bus.h"
#include "pair_rig.h"
#include "suites.h"

#define SID	0x0108
#define OTHER	0x0110
#define RANGE	0xfee00000ULL

/**
 * struct ir_bus - two endpoints at a unit that remaps interrupts
 * @pair: the unit and its driver
 * @bus: the bus
 * @ep: of SID, and of OTHER; both blocked
 * @delivered: calls of bus.interrupt
 * @last: of the last one
 */
struct ir_bus {
	struct pair_rig *pair;
	struct lab_bus bus;
	struct lab_endpoint ep[2];
	unsigned int delivered;
	struct lab_interrupt last;
};

static void deliver(void *data, const struct lab_interrupt *interrupt)
{
	struct ir_bus *ir = data;

	lockdep_assert_irqs_disabled();
	ir->delivered++;
	ir->last = *interrupt;
}

static void bus_gone(void *bus)
{
	lab_bus_destroy(bus);
}

static void endpoint_gone(void *ep)
{
	lab_endpoint_release(ep);
}

static struct ir_bus *ir_bus(struct kunit *test)
{
	struct ir_bus *ir = kunit_kzalloc(test, sizeof(*ir), GFP_KERNEL);
	struct pair_config config = pair_default;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, ir);
	config.vtd.interrupts = true;
	config.vtd.eim = true;
	ir->pair = pair_enable(test, &config);
	KUNIT_ASSERT_EQ(test, lab_bus_init(&ir->bus), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, bus_gone,
							&ir->bus), 0);
	ir->bus.interrupt = deliver;
	ir->bus.interrupt_data = ir;
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test,
				lab_endpoint_init(&ir->ep[i], &ir->bus,
						  ir->pair->vtd, i, 0,
						  i ? OTHER : SID), 0);
		KUNIT_ASSERT_EQ(test,
				kunit_add_action_or_reset(test, endpoint_gone,
							  &ir->ep[i]), 0);
	}
	return ir;
}

static struct lab_dma_result fill(struct kunit *test, struct lab_endpoint *ep,
				  u64 iova, u64 length, u32 data)
{
	struct lab_dma_sg to = { iova, length };
	struct lab_dma_job job = {
		.ep = ep,
		.gate = ep->gate,
		.op = LAB_DMA_FILL,
		.dst = &to,
		.nr_dst = 1,
		.length = length,
		.pattern = data,
	};

	KUNIT_ASSERT_EQ(test, lab_dma_run(&job), 0);
	return job.result;
}

static struct lab_dma_result compare(struct kunit *test,
				     struct lab_endpoint *ep, u64 iova)
{
	struct lab_dma_sg from = { iova, 4 };
	struct lab_dma_job job = {
		.ep = ep,
		.gate = ep->gate,
		.op = LAB_DMA_COMPARE,
		.src = &from,
		.dst = &from,
		.nr_src = 1,
		.nr_dst = 1,
		.length = 4,
	};

	KUNIT_ASSERT_EQ(test, lab_dma_run(&job), 0);
	return job.result;
}

static void messages(struct kunit *test)
{
	struct ir_bus *ir = ir_bus(test);
	struct lab_dma_result r;
	u32 data, address = lab_irq_message(0, &data);

	KUNIT_ASSERT_EQ(test, lab_irq_alloc(ir->pair->unit, SID), 0);
	KUNIT_ASSERT_EQ(test, lab_irq_enable(ir->pair->unit, 0, 3, 0x77), 0);
	r = fill(test, &ir->ep[0], address, 4, data);
	KUNIT_EXPECT_EQ(test, r.status, LAB_DMA_OK);
	KUNIT_EXPECT_EQ(test, r.done, 4ull);
	KUNIT_EXPECT_EQ(test, ir->delivered, 1u);
	KUNIT_EXPECT_EQ(test, ir->last.vector, 0x77);
	KUNIT_EXPECT_EQ(test, ir->last.destination, 3u);

	/* the neighbour; a vector that nobody was given; compatibility format */
	r = fill(test, &ir->ep[1], address, 4, data);
	KUNIT_EXPECT_EQ(test, r.status, LAB_DMA_FAULT);
	KUNIT_EXPECT_EQ(test, r.reason, 0x26);
	KUNIT_EXPECT_TRUE(test, r.write);
	KUNIT_EXPECT_EQ(test, r.iova, (u64)address);
	KUNIT_EXPECT_EQ(test, ir->pair->last_fault.sid, OTHER);
	r = fill(test, &ir->ep[0], address + 32, 4, data);
	KUNIT_EXPECT_EQ(test, r.reason, 0x22);
	r = fill(test, &ir->ep[0], RANGE, 4, 0x4077);
	KUNIT_EXPECT_EQ(test, r.reason, 0x25);
	KUNIT_EXPECT_EQ(test, ir->delivered, 1u);
	KUNIT_EXPECT_EQ(test, atomic_read(&ir->pair->faults), 3);
}

/* 3.14: sizes, alignment and reads; and where the range ends */
static void no_messages(struct kunit *test)
{
	struct ir_bus *ir = ir_bus(test);
	static const struct { u64 iova, length; } bad[] = {
		{ RANGE, 1 }, { RANGE + 2, 2 }, { RANGE, 8 }, { RANGE + 2, 4 },
		{ 0xfeeffffe, 2 }, { 0xfee7f000, 4096 },
	};
	struct lab_dma_result r;
	int i;

	KUNIT_ASSERT_EQ(test, lab_irq_alloc(ir->pair->unit, SID), 0);
	KUNIT_ASSERT_EQ(test, lab_irq_enable(ir->pair->unit, 0, 3, 0x77), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		r = fill(test, &ir->ep[0], bad[i].iova | 0x10, bad[i].length, 0);
		KUNIT_EXPECT_EQ_MSG(test, r.status, LAB_DMA_FAULT, "%d", i);
		KUNIT_EXPECT_EQ(test, r.reason, 0xe);
		KUNIT_EXPECT_EQ(test, r.done, 0ull);
		KUNIT_EXPECT_EQ(test, ir->pair->last_fault.iova,
				bad[i].iova & ~0xfffull);
	}
	r = compare(test, &ir->ep[0], RANGE | 0x10);
	KUNIT_EXPECT_EQ(test, r.reason, 0xe);
	KUNIT_EXPECT_FALSE(test, r.write);
	/* the neighbours of the range are translated (no context entry) */
	r = fill(test, &ir->ep[0], RANGE - 4, 4, 0);
	KUNIT_EXPECT_EQ(test, r.reason, VTD_FAULT_ROOT_NOT_PRESENT);
	r = fill(test, &ir->ep[0], 0xfef00000, 4, 0);
	KUNIT_EXPECT_EQ(test, r.reason, VTD_FAULT_ROOT_NOT_PRESENT);
	r = fill(test, &ir->ep[0], 0x1fee00010, 4, 0);
	KUNIT_EXPECT_EQ(test, r.reason, VTD_FAULT_ROOT_NOT_PRESENT);
	KUNIT_EXPECT_EQ(test, ir->delivered, 0u);
}

/* without the right to do DMA, and at a unit that is cut off */
static void revoked(struct kunit *test)
{
	struct ir_bus *ir = ir_bus(test);
	struct lab_dma_result r;

	KUNIT_ASSERT_EQ(test, lab_irq_alloc(ir->pair->unit, SID), 0);
	KUNIT_ASSERT_EQ(test, lab_irq_enable(ir->pair->unit, 0, 3, 0x77), 0);
	ir->ep[0].gone = true;
	r = fill(test, &ir->ep[0], RANGE | 0x10, 4, 0);
	KUNIT_EXPECT_EQ(test, r.status, LAB_DMA_REVOKED);
	ir->ep[0].gone = false;
	lab_vtd_sever(ir->pair->vtd);
	r = fill(test, &ir->ep[0], RANGE | 0x10, 4, 0);
	KUNIT_EXPECT_EQ(test, r.status, LAB_DMA_DEAD);
	KUNIT_EXPECT_EQ(test, ir->delivered, 0u);
}

static struct kunit_case cases[] = {
	PAIR_CASE(messages, "N14 the engine sends its own messages only"),
	PAIR_CASE(no_messages, "N14 other accesses to the interrupt range"),
	PAIR_CASE(revoked, "N14 no message without the right to do DMA"),
	{}
};

struct kunit_suite lab_bus_ir_suite = {
	.name = "iommu_lab_bus_ir",
	.test_cases = cases,
};
