// SPDX-License-Identifier: GPL-2.0
/* Fault recording, fault events and the interrupt line (VT-d 7.2, 7.3). */

#include "suites.h"
#include "vtd_rig.h"

#define FSTS		0x34
#define FECTL		0x38
#define PFO		0x1u
#define PPF		0x2u
#define IQE		0x10u
#define IM		0x80000000u
#define IP		0x40000000u
#define F		0x80000000u

/**
 * struct listener - the handler of the interrupt line
 * @rig: the rig
 * @messages: how often it was called
 * @service: clears what it finds
 * @refault: raises that many faults of its own, before it clears
 * @depth: calls that are running
 */
struct listener {
	struct vtd_rig *rig;
	int messages;
	bool service;
	int refault;
	int depth;
};

static void clear_records(struct vtd_rig *rig)
{
	for (int i = 0; i < vtd_rig_config.fault_records; i++)
		vtd_rig_write32(rig, RIG_FRCD + 16 * i + 12, F);
	vtd_rig_write32(rig, FSTS, PFO | IQE);
}

static void on_message(void *data)
{
	struct listener *listener = data;
	struct lab_translation tr;

	KUNIT_EXPECT_TRUE(listener->rig->test, irqs_disabled());
	KUNIT_EXPECT_EQ(listener->rig->test, listener->depth++, 0);
	listener->messages++;
	if (listener->service)
		clear_records(listener->rig);
	if (listener->refault) {
		listener->refault--;
		lab_vtd_translate(listener->rig->rq, 0xf000, false, &tr);
	}
	listener->depth--;
}

static void connect(struct vtd_rig *rig, struct listener *listener)
{
	listener->rig = rig;
	rig->seam->ops->connect(rig->seam, on_message, listener);
}

static struct vtd_rig *fault_rig(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);

	vtd_rig_on(rig);
	return rig;
}

static void test_record(struct kunit *test)
{
	struct vtd_rig *rig = fault_rig(test);

	rig->tree.l1[5] = 0x40005002;
	vtd_rig_expect_fault(rig, 0x5678, false, 6);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, RIG_FRCD), 0x5000ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, RIG_FRCD + 8),
			0xc000000600003a08ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), PPF);
	vtd_rig_expect_fault(rig, 0xfffffffff6789, true, 4);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, RIG_FRCD + 16),
			0xfffffffff6000ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, RIG_FRCD + 24),
			0x8000000400003a08ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), PPF);
}

/* F is cleared by a one, and only in its own 32 bits. */
static void test_record_cleared(struct kunit *test)
{
	struct vtd_rig *rig = fault_rig(test);

	vtd_rig_expect_fault(rig, 0x5000, true, 5);
	vtd_rig_expect_fault(rig, 0x6000, true, 5);
	vtd_rig_write64(rig, RIG_FRCD, U64_MAX);
	vtd_rig_write32(rig, RIG_FRCD + 8, U32_MAX);
	vtd_rig_write32(rig, RIG_FRCD + 12, ~F);
	vtd_rig_write32(rig, RIG_FRCD + 16 * 4 + 12, U32_MAX);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, RIG_FRCD + 8),
			0x8000000500003a08ull);
	vtd_rig_write32(rig, RIG_FRCD + 12, F);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, RIG_FRCD + 8),
			0x0000000500003a08ull);
	vtd_rig_write32(rig, RIG_FRCD + 12, F);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), PPF);
	vtd_rig_write64(rig, RIG_FRCD + 24, U64_MAX);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), 0u);
}

/* Records are used in turn; FRI is the oldest of a series. */
static void test_order(struct kunit *test)
{
	struct vtd_rig *rig = fault_rig(test);

	for (u32 i = 0; i < 11; i++) {
		u32 at = RIG_FRCD + 16 * (i % 4);

		vtd_rig_expect_fault(rig, i << 12, false, 6);
		KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, at), i << 12);
		KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS),
				PPF | (i % 4) << 8);
		vtd_rig_write32(rig, at + 12, F);
		KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS) & 0xff, 0u);
	}
	/* next is 3: a series over the end */
	for (u32 i = 0; i < 3; i++)
		vtd_rig_expect_fault(rig, 0x100000 + (i << 12), false, 6);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), PPF | 3 << 8);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, RIG_FRCD + 48), 0x100000ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, RIG_FRCD + 16), 0x102000ull);
}

static void test_overflow(struct kunit *test)
{
	struct vtd_rig *rig = fault_rig(test);
	struct lab_vtd_stats stats;

	for (u64 i = 0; i < 4; i++)
		vtd_rig_expect_fault(rig, i << 12, true, 5);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), PPF);
	vtd_rig_expect_fault(rig, 0x9000, true, 5);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), PPF | PFO);
	for (u64 i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, RIG_FRCD + 16 * i),
				i << 12);
	/* a record is free again, but the overflow is pending */
	vtd_rig_write32(rig, RIG_FRCD + 12, F);
	vtd_rig_expect_fault(rig, 0xa000, true, 5);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, RIG_FRCD), 0ull);
	vtd_rig_write32(rig, FSTS, PPF | 0xff00);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), PPF | PFO);
	vtd_rig_write32(rig, FSTS, PFO);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), PPF);
	vtd_rig_expect_fault(rig, 0xb000, true, 5);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, RIG_FRCD), 0xb000ull);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.records, 5ull);
	KUNIT_EXPECT_EQ(test, stats.overflows, 2ull);
	KUNIT_EXPECT_EQ(test, stats.sum.c[LAB_CNT_FAULT + 5], 7ull);
}

/* FPD: refused and counted, not recorded; not for faults before it is read. */
static void test_processing_disabled(struct kunit *test)
{
	struct vtd_rig *rig = fault_rig(test);
	u64 root = rig->root[2 * RIG_BUS];

	rig->context[2 * 0x08] |= 2;
	vtd_rig_expect_fault(rig, 0x5000, true, 5);
	vtd_rig_expect_fault(rig, BIT_ULL(60), true, 4);
	rig->context[2 * 0x08] &= ~1ull;
	vtd_rig_write64(rig, 0x28, BIT_ULL(63) | 1ull << 61);
	vtd_rig_expect_fault(rig, 0x5000, true, 2);
	rig->context[2 * 0x08] |= 0x801;
	vtd_rig_expect_fault(rig, 0x5000, true, 0xb);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), 0u);
	rig->root[2 * RIG_BUS] = 0;
	vtd_rig_expect_fault(rig, 0x5000, true, 1);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), PPF);
	rig->root[2 * RIG_BUS] = root;
	rig->context[2 * 0x08] &= ~0x802ull;
	vtd_rig_expect_fault(rig, 0x5000, true, 5);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_FAULT + 5), 2ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_FAULT + 0xb), 1ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, RIG_FRCD + 24) >> 32 & 0xff,
			5ull);
}

/* One message a series; the next when all was serviced. */
static void test_messages(struct kunit *test)
{
	struct listener listener = {};
	struct vtd_rig *rig = fault_rig(test);

	connect(rig, &listener);
	vtd_rig_write32(rig, FECTL, 0);
	vtd_rig_expect_fault(rig, 0x1000, true, 5);
	KUNIT_EXPECT_EQ(test, listener.messages, 1);
	for (int i = 0; i < 5; i++)
		vtd_rig_expect_fault(rig, 0x2000, true, 5);
	KUNIT_EXPECT_EQ(test, listener.messages, 1);
	clear_records(rig);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS) & 0xff, 0u);
	vtd_rig_expect_fault(rig, 0x3000, true, 5);
	KUNIT_EXPECT_EQ(test, listener.messages, 2);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FECTL), 0u);
	clear_records(rig);
	rig->seam->ops->connect(rig->seam, NULL, NULL);
	vtd_rig_expect_fault(rig, 0x4000, true, 5);
	KUNIT_EXPECT_EQ(test, listener.messages, 2);
}

static void test_masked(struct kunit *test)
{
	struct listener listener = {};
	struct vtd_rig *rig = fault_rig(test);

	connect(rig, &listener);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FECTL), IM);
	vtd_rig_expect_fault(rig, 0x1000, true, 5);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FECTL), IM | IP);
	KUNIT_EXPECT_EQ(test, listener.messages, 0);
	vtd_rig_write32(rig, FECTL, IM);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FECTL), IM | IP);
	vtd_rig_write32(rig, FECTL, 0);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FECTL), 0u);
	KUNIT_EXPECT_EQ(test, listener.messages, 1);
	/* serviced while it was pending: no message */
	clear_records(rig);
	vtd_rig_write32(rig, FECTL, IM);
	vtd_rig_expect_fault(rig, 0x1000, true, 5);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FECTL), IM | IP);
	clear_records(rig);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FECTL), IM);
	vtd_rig_write32(rig, FECTL, 0);
	KUNIT_EXPECT_EQ(test, listener.messages, 1);
	rig->seam->ops->connect(rig->seam, NULL, NULL);
}

/* A message that comes while the handler runs makes it run again, not twice. */
static void test_handler_refaults(struct kunit *test)
{
	struct listener listener = { .service = true, .refault = 2 };
	struct vtd_rig *rig = fault_rig(test);

	connect(rig, &listener);
	vtd_rig_write32(rig, FECTL, 0);
	vtd_rig_expect_fault(rig, 0x1000, true, 5);
	KUNIT_EXPECT_EQ(test, listener.messages, 3);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS) & 0xff, 0u);
	rig->seam->ops->connect(rig->seam, NULL, NULL);
}

static struct kunit_case fault_cases[] = {
	RIG_CASE(test_record, "N6 a fault record's fields"),
	RIG_CASE(test_record_cleared, "F is written one to clear"),
	RIG_CASE(test_order, "records in turn, FRI the first"),
	RIG_CASE(test_overflow, "overflow"),
	RIG_CASE(test_processing_disabled, "fault processing disabled"),
	RIG_CASE(test_messages, "one message a series"),
	RIG_CASE(test_masked, "masked messages are pending"),
	RIG_CASE(test_handler_refaults, "faults while the handler runs"),
	{}
};

struct kunit_suite lab_model_fault_suite = {
	.name = "iommu_lab_model_faults",
	.exit = vtd_rig_exit,
	.test_cases = fault_cases,
};
