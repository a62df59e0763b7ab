// SPDX-License-Identifier: GPL-2.0
/*
 * Invalidation, by the queue (VT-d 6.5.2) and by registers (6.5.1): descriptors
 * are written as literal words.
 */
#include "suites.h"
#include "vtd_rig.h"

#define IQH	0x80
#define IQT	0x88
#define FSTS	0x34
#define FECTL	0x38
#define ICS	0x9c
#define IECTL	0xa0
#define IQE	0x10u
#define CCMD	0x28
#define BUSY	BIT_ULL(63)
#define DID	((u64)RIG_DID << 16)

static struct vtd_rig *queue_rig(struct kunit *test, unsigned int order)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);

	vtd_rig_on(rig);
	vtd_rig_queue_on(rig, order);
	return rig;
}

static void put_wait(struct vtd_rig *rig, u32 status)
{
	vtd_rig_put(rig, RIG_INV_WAIT | (u64)status << 32,
		    vtd_rig_pa(rig->status));
}

/* Fills caches: pages 0 to 7, and 2 MiB at 2 MiB. */
static void fill(struct vtd_rig *rig)
{
	for (u64 i = 0; i < 8; i++) {
		rig->tree.l1[i] = 0x40000003 + (i << 12);
		vtd_rig_expect_pa(rig, i << 12, false, 0x40000000 + (i << 12));
	}
	rig->tree.l2[1] = 0x80000083;
	vtd_rig_expect_pa(rig, 0x200000, false, 0x80000000);
}

/* How many of them are still there: bit n: page n, bit 8: the 2 MiB */
static u32 cached(struct vtd_rig *rig)
{
	struct lab_iotlb_view view;
	u32 found = 0;

	for (u32 set = 0; set < lab_vtd_iotlb_sets(rig->vtd); set++)
		for (u32 way = 0; way < lab_vtd_iotlb_ways(rig->vtd); way++)
			if (lab_vtd_iotlb_view(rig->vtd, set, way, &view))
				found |= view.level == 2 ? BIT(8) :
					 BIT(view.iova >> 12);
	return found;
}

/* 300 wait descriptors in a queue of 256: it wraps. */
static void test_wrap(struct kunit *test)
{
	struct vtd_rig *rig = queue_rig(test, 0);
	struct lab_vtd_stats stats;

	for (u32 i = 1; i <= 300; i++) {
		put_wait(rig, i);
		if (i % 3)
			continue;
		vtd_rig_ring(rig);
		KUNIT_ASSERT_EQ(test, READ_ONCE(*rig->status), i);
		KUNIT_ASSERT_EQ(test, vtd_rig_read64(rig, IQH), rig->tail);
	}
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, IQH), 44ull * 16);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), 0u);
	KUNIT_EXPECT_EQ(test, rig->status[1], 0u);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.waits, 300ull);
}

/* A queue of several pages, status words anywhere in a page. */
static void test_long_queue(struct kunit *test)
{
	struct vtd_rig *rig = queue_rig(test, 2);

	for (u32 i = 0; i < 1023; i++)
		vtd_rig_put(rig, RIG_INV_WAIT | (u64)(i + 1) << 32,
			    vtd_rig_pa(rig->status) + 4 * i);
	vtd_rig_ring(rig);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, IQH), 1023ull * 16);
	for (u32 i = 0; i < 1023; i++)
		KUNIT_ASSERT_EQ(test, rig->status[i], i + 1);
	put_wait(rig, 0xffffffff);
	vtd_rig_ring(rig);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, IQH), 0ull);
	KUNIT_EXPECT_EQ(test, rig->status[0], 0xffffffffu);
}

/**
 * struct bad_case - a descriptor that is refused
 * @lo: low half
 * @hi: high half; the status address is added if @wait
 * @wait: a wait descriptor
 */
struct bad_case {
	u64 lo;
	u64 hi;
	bool wait;
};

static const struct bad_case bad_cases[] = {
	{ 0x0, 0 },				/* no such type */
	{ 0x3, 0 }, { 0x4, 0 }, { 0x6, 0 }, { 0xf, 0 },
	{ 0x211, 0 },				/* type, high part */
	{ 0x01, 0 }, { 0x02, 0 },		/* granularity 0 */
	{ 0x51, 0 },				/* reserved bits */
	{ 0x11 | BIT_ULL(8), 0 }, { 0x11 | BIT_ULL(50), 0 },
	{ 0x11 | BIT_ULL(63), 0 }, { 0x11, 1 }, { 0x11, BIT_ULL(63) },
	{ 0x12 | BIT_ULL(8), 0 }, { 0x12 | BIT_ULL(32), 0 },
	{ 0x32, BIT_ULL(7) }, { 0x32, BIT_ULL(11) },
	{ 0x32, 19 },				/* AM beyond MAMV */
	{ 0x25 | BIT_ULL(7), 0, true }, { 0x25 | BIT_ULL(31), 0, true },
	{ 0x25, 1, true }, { 0x25, 2, true },
	{ 0x25, 0x3ffffffff000 },		/* status: no memory */
	{ 0x25, BIT_ULL(62) },
};

/* IQE: the head stays; nothing runs until it is replaced and IQE cleared */
static void run_bad_case(struct vtd_rig *rig, const struct bad_case *c, u32 n)
{
	struct kunit *test = rig->test;
	u64 at = rig->tail;

	put_wait(rig, 3 * n);
	at = rig->tail;
	vtd_rig_put(rig, c->lo, c->hi | (c->wait ? vtd_rig_pa(rig->status) : 0));
	put_wait(rig, 3 * n + 1);
	vtd_rig_ring(rig);
	KUNIT_EXPECT_EQ_MSG(test, vtd_rig_read32(rig, FSTS), IQE,
			    "descriptor %#llx %#llx", c->lo, c->hi);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, IQH), at);
	KUNIT_EXPECT_EQ(test, *rig->status, 3 * n);
	vtd_rig_ring(rig);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, IQH), at);
	rig->queue[at / 8] = RIG_INV_WAIT | (3ull * n + 2) << 32;
	rig->queue[at / 8 + 1] = vtd_rig_pa(rig->status) + 4;
	vtd_rig_ring(rig);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, IQH), at);
	vtd_rig_write32(rig, FSTS, ~IQE);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), IQE);
	vtd_rig_write32(rig, FSTS, IQE);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), 0u);
	vtd_rig_ring(rig);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, IQH), rig->tail);
	KUNIT_EXPECT_EQ(test, rig->status[0], 3 * n + 1);
	KUNIT_EXPECT_EQ(test, rig->status[1], 3 * n + 2);
}

static void test_bad_descriptors(struct kunit *test)
{
	struct vtd_rig *rig = queue_rig(test, 0);
	struct lab_vtd_stats stats;

	for (int i = 0; i < ARRAY_SIZE(bad_cases); i++)
		run_bad_case(rig, &bad_cases[i], i + 1);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.queue_errors, (u64)ARRAY_SIZE(bad_cases));
}

static void test_bad_queue(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);

	vtd_rig_write64(rig, 0x90, 0x3ffffffff000);
	vtd_rig_command(rig, BIT(26), true);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), 0u);
	vtd_rig_write64(rig, IQT, 16);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), IQE);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, IQH), 0ull);
	/* not empty: it stays on */
	vtd_rig_command(rig, BIT(26), false);
	KUNIT_EXPECT_TRUE(test, vtd_rig_read32(rig, 0x1c) & BIT(26));
	vtd_rig_write64(rig, IQT, 0);
	vtd_rig_command(rig, BIT(26), false);
	KUNIT_EXPECT_FALSE(test, vtd_rig_read32(rig, 0x1c) & BIT(26));
}

static void test_bad_tail(struct kunit *test)
{
	struct vtd_rig *rig = queue_rig(test, 0);

	put_wait(rig, 1);
	vtd_rig_write64(rig, IQT, 4096);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), IQE);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, IQH), 0ull);
	KUNIT_EXPECT_EQ(test, *rig->status, 0u);
	vtd_rig_write32(rig, FSTS, IQE);
	vtd_rig_ring(rig);
	KUNIT_EXPECT_EQ(test, *rig->status, 1u);
}

/* What was written to IQT before runs when the queue goes on; off resets IQH. */
static void test_on_and_off(struct kunit *test)
{
	struct vtd_rig *rig = queue_rig(test, 0);

	put_wait(rig, 1);
	vtd_rig_ring(rig);
	vtd_rig_command(rig, BIT(26), false);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, IQH), 0ull);
	vtd_rig_write64(rig, IQT, 0);
	*rig->status = 0;
	vtd_rig_ring(rig);
	KUNIT_EXPECT_EQ(test, *rig->status, 0u);
	vtd_rig_command(rig, BIT(26), true);
	KUNIT_EXPECT_EQ(test, *rig->status, 1u);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, IQH), 16ull);
}

/**
 * struct inval_case - an invalidation of what fill() cached
 * @lo: low half; IOTLB
 * @hi: high half
 * @left: see cached()
 * @psc: the cached level-1 table is still there
 */
struct inval_case {
	u64 lo;
	u64 hi;
	u32 left;
	bool psc;
};

static const struct inval_case inval_cases[] = {
	{ 0x12, 0, 0, false },				/* global */
	{ 0x12 | DID, 0x5040, 0, false },
	{ 0x22 | DID, 0, 0, false },			/* domain */
	{ 0x22 | 0x10000, 0, 0x1ff, true },
	{ 0x22 | (DID ^ 0x80000000), 0, 0x1ff, true },
	{ 0x32 | DID, 0x3000, 0x1f7, false },		/* page */
	{ 0x32 | DID, 0x3040, 0x1f7, true },
	{ 0x32 | (DID + 0x10000), 0x3000, 0x1ff, true },
	{ 0x32 | DID, 0x2001, 0x1f3, false },		/* 2 pages */
	{ 0x32 | DID, 0x3001, 0x1f3, false },		/* low bits ignored */
	{ 0x32 | DID, 0x4042, 0x10f, true },		/* 4 pages */
	{ 0x32 | DID, 0x5043, 0x100, true },		/* 8 pages */
	{ 0x32 | DID, 0x0049, 0x100, true },		/* 2 MiB */
	{ 0x32 | DID, 0x004a, 0x000, true },		/* 4 MiB */
	{ 0x32 | DID, 0x2ff040, 0x0ff, true },		/* inside the 2 MiB */
	{ 0x32 | DID, 0x3ff000, 0x0ff, true },		/* other table's page */
	{ 0x32 | DID, 0x400000, 0x1ff, true },
	{ 0x32 | DID, 0x0012, 0, false },		/* 1 GiB */
	{ 0x32 | DID, 0x40000012, 0x1ff, true },	/* the next */
};

static void run_inval_case(struct vtd_rig *rig, const struct inval_case *c)
{
	static struct lab_vtd_stats before, after;
	u32 gone = 0x1ff & ~c->left;

	vtd_rig_submit(rig, RIG_INV_IOTLB_GLOBAL, 0);
	fill(rig);
	KUNIT_ASSERT_EQ(rig->test, cached(rig), 0x1ffu);
	lab_vtd_read_stats(rig->vtd, &before);
	vtd_rig_submit(rig, c->lo, c->hi);
	lab_vtd_read_stats(rig->vtd, &after);
	KUNIT_EXPECT_EQ_MSG(rig->test, cached(rig), c->left, "%#llx %#llx",
			    c->lo, c->hi);
	KUNIT_EXPECT_EQ_MSG(rig->test, after.psc_present, (u64)c->psc,
			    "%#llx %#llx", c->lo, c->hi);
	KUNIT_EXPECT_EQ(rig->test, after.removed - before.removed,
			(u64)hweight32(gone));
	KUNIT_EXPECT_EQ(rig->test, after.present, (u64)hweight32(c->left));
	KUNIT_EXPECT_EQ(rig->test, after.context_present, 1ull);
}

static void test_iotlb_invalidations(struct kunit *test)
{
	struct vtd_rig *rig = queue_rig(test, 0);
	struct lab_vtd_stats stats;

	for (int i = 0; i < ARRAY_SIZE(inval_cases); i++)
		run_inval_case(rig, &inval_cases[i]);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.iotlb_inval[1],
			2ull + ARRAY_SIZE(inval_cases));
	KUNIT_EXPECT_EQ(test, stats.iotlb_inval[2], 3ull);
	KUNIT_EXPECT_EQ(test, stats.iotlb_inval[3], 14ull);
	KUNIT_EXPECT_EQ(test, stats.register_inval, 0ull);
	KUNIT_EXPECT_EQ(test, stats.drains, 1ull);	/* by TE */
	vtd_rig_submit(rig, 0x12 | BIT(6), 0);
	vtd_rig_submit(rig, 0x12 | BIT(7), 0);
	vtd_rig_submit(rig, 0x32 | DID | 3 << 6, 0);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.drains, 4ull);
}

/**
 * struct context_inval_case - a context-cache invalidation
 * @lo: descriptor
 * @left: bit n: the context of RIG_SID + n is still cached
 */
struct context_inval_case {
	u64 lo;
	u32 left;
};

/* functions 0, 1, 3, 5, 7 of domain 0x100 + function; 6 of domain 0x100 */
static const struct context_inval_case context_inval_cases[] = {
	{ 0x11, 0 },
	{ 0x11 | 0x3b00ull << 32 | 0x200ull << 16, 0 },
	{ 0x21 | 0x101ull << 16, 0xeb & ~0x02 },
	{ 0x21 | 0x100ull << 16, 0xeb & ~0x41 },
	{ 0x21 | 0x200ull << 16, 0xeb },
	{ 0x31 | 0x3a09ull << 32 | 0x101ull << 16, 0xeb & ~0x02 },
	{ 0x31 | 0x3a09ull << 32 | 0x100ull << 16, 0xeb },
	{ 0x31 | 0x3b09ull << 32 | 0x101ull << 16, 0xeb },
	{ 0x31 | 0x3a08ull << 32 | 0x100ull << 16, 0xeb & ~0x01 },
	/* FM 1: bit 2; FM 2: bits 2:1; FM 3: all */
	{ 0x31 | 1ull << 48 | 0x3a0aull << 32 | 0x100ull << 16, 0xeb & ~0x40 },
	{ 0x31 | 2ull << 48 | 0x3a0aull << 32 | 0x100ull << 16, 0xeb & ~0x41 },
	{ 0x31 | 2ull << 48 | 0x3a09ull << 32 | 0x100ull << 16, 0xeb },
	{ 0x31 | 3ull << 48 | 0x3a09ull << 32 | 0x100ull << 16, 0xeb & ~0x41 },
};

static u32 cached_contexts(struct vtd_rig *rig)
{
	struct lab_context_view view;
	u32 found = 0;

	for (u32 i = 0; i < lab_vtd_context_slots(rig->vtd); i++)
		if (lab_vtd_context_view(rig->vtd, i, &view))
			found |= BIT(view.sid - RIG_SID);
	return found;
}

static void test_context_invalidations(struct kunit *test)
{
	struct vtd_rig *rig = queue_rig(test, 0);
	static const u8 functions[] = { 0, 1, 3, 5, 6, 7 };
	struct lab_requester *rqs[ARRAY_SIZE(functions)];
	struct lab_translation tr;
	struct lab_vtd_stats stats;

	for (int i = 0; i < ARRAY_SIZE(functions); i++) {
		u64 did = 0x100 + (functions[i] == 6 ? 0 : functions[i]);

		rqs[i] = vtd_rig_requester(rig, RIG_SID + functions[i]);
		vtd_rig_context(rig, RIG_SID + functions[i],
				vtd_rig_pa(rig->tree.top) | 1,
				did << 8 | RIG_AW4);
	}
	for (int i = 0; i < ARRAY_SIZE(context_inval_cases); i++) {
		u64 lo = context_inval_cases[i].lo;

		for (int j = 0; j < ARRAY_SIZE(functions); j++)
			vtd_rig_access(rqs[j], 0, false, &tr);
		KUNIT_ASSERT_EQ(test, cached_contexts(rig), 0xebu);
		vtd_rig_submit(rig, lo, 0);
		KUNIT_EXPECT_EQ_MSG(test, cached_contexts(rig),
				    context_inval_cases[i].left, "%#llx", lo);
		lab_vtd_read_stats(rig->vtd, &stats);
		KUNIT_EXPECT_EQ(test, stats.context_present,
				(u64)hweight32(context_inval_cases[i].left));
	}
	KUNIT_EXPECT_EQ(test, stats.context_inval[1], 2ull);
	KUNIT_EXPECT_EQ(test, stats.context_inval[2], 3ull);
	KUNIT_EXPECT_EQ(test, stats.context_inval[3], 8ull);
}

static void count_message(void *data)
{
	++*(int *)data;
}

/* IF: ICS, and a message through IECTL; IQE: a message through FECTL */
static void test_events(struct kunit *test)
{
	struct vtd_rig *rig = queue_rig(test, 0);
	int messages = 0;

	rig->seam->ops->connect(rig->seam, count_message, &messages);
	put_wait(rig, 1);
	vtd_rig_ring(rig);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, ICS), 0u);
	vtd_rig_submit(rig, 0x15, 0);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, ICS), 1u);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, IECTL), 0xc0000000u);
	vtd_rig_write32(rig, ICS, ~1u);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, ICS), 1u);
	vtd_rig_write32(rig, ICS, 1);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, ICS), 0u);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, IECTL), 0x80000000u);
	vtd_rig_write32(rig, IECTL, 0);
	KUNIT_EXPECT_EQ(test, messages, 0);
	vtd_rig_submit(rig, 0x15 | BIT(6), 0);
	vtd_rig_submit(rig, 0x15, 0);
	KUNIT_EXPECT_EQ(test, messages, 1);
	vtd_rig_write32(rig, FECTL, 0);
	vtd_rig_submit(rig, 0, 0);
	KUNIT_EXPECT_EQ(test, messages, 2);
	vtd_rig_write32(rig, FSTS, IQE);
	vtd_rig_ring(rig);
	KUNIT_EXPECT_EQ(test, messages, 3);
	rig->seam->ops->connect(rig->seam, NULL, NULL);
}

static void iotlb_command(struct vtd_rig *rig, u64 command, u64 left)
{
	vtd_rig_write64(rig, RIG_IOTLB, BUSY | command);
	KUNIT_EXPECT_EQ_MSG(rig->test, vtd_rig_read64(rig, RIG_IOTLB), left,
			    "command %#llx", command);
}

/* The actual granularity is reported, 0 for a request that makes no sense. */
static void test_registers(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	u64 did = (u64)RIG_DID << 32;
	struct lab_vtd_stats stats;

	vtd_rig_on(rig);
	fill(rig);
	iotlb_command(rig, 0, 0);
	vtd_rig_write64(rig, RIG_IVA, 19);
	iotlb_command(rig, 3ull << 60 | did, 3ull << 60 | did);
	KUNIT_EXPECT_EQ(test, cached(rig), 0x1ffu);
	vtd_rig_write64(rig, RIG_IVA, 0x2001);
	iotlb_command(rig, 3ull << 60 | 3ull << 48 | did,
		      3ull << 60 | 3ull << 57 | 3ull << 48 | did);
	KUNIT_EXPECT_EQ(test, cached(rig), 0x1f3u);
	/* by halves: the high half is the command */
	vtd_rig_write32(rig, RIG_IOTLB, 0);
	KUNIT_EXPECT_EQ(test, cached(rig), 0x1f3u);
	vtd_rig_write32(rig, RIG_IOTLB + 4, 0xa0000000 | RIG_DID);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, RIG_IOTLB + 4),
			0x24000000u | RIG_DID);
	KUNIT_EXPECT_EQ(test, cached(rig), 0u);
	fill(rig);
	iotlb_command(rig, 1ull << 60, 1ull << 60 | 1ull << 57);
	KUNIT_EXPECT_EQ(test, cached(rig), 0u);

	vtd_rig_write64(rig, CCMD, BUSY | 3ull << 61 | 0x3a080000 |
			(RIG_DID + 1));
	KUNIT_EXPECT_EQ(test, cached_contexts(rig), 1u);
	vtd_rig_write64(rig, CCMD, BUSY);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, CCMD), 0ull);
	KUNIT_EXPECT_EQ(test, cached_contexts(rig), 1u);
	vtd_rig_write64(rig, CCMD, BUSY | 3ull << 61 | 0x3a080000 | RIG_DID);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, CCMD),
			3ull << 61 | 3ull << 59 | 0x3a080000 | RIG_DID);
	KUNIT_EXPECT_EQ(test, cached_contexts(rig), 0u);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.register_inval, 5ull);
	KUNIT_EXPECT_EQ(test, stats.drains, 2ull);
}

/* While the queue is on, the registers do nothing and say so. */
static void test_registers_refused(struct kunit *test)
{
	struct vtd_rig *rig = queue_rig(test, 0);

	fill(rig);
	iotlb_command(rig, 1ull << 60, 1ull << 60);
	vtd_rig_write64(rig, CCMD, BUSY | 1ull << 61);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, CCMD), 1ull << 61);
	KUNIT_EXPECT_EQ(test, cached(rig), 0x1ffu);
	KUNIT_EXPECT_EQ(test, cached_contexts(rig), 1u);
}

/* Takes invalidations, completes none. */
static void test_stuck(struct kunit *test)
{
	struct vtd_rig *rig = queue_rig(test, 0);

	fill(rig);
	lab_vtd_set_defect(rig->vtd, LAB_DEFECT_STUCK);
	vtd_rig_put(rig, RIG_INV_IOTLB_GLOBAL, 0);
	put_wait(rig, 1);
	vtd_rig_ring(rig);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, IQH), 0ull);
	KUNIT_EXPECT_EQ(test, *rig->status, 0u);
	KUNIT_EXPECT_EQ(test, cached(rig), 0x1ffu);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS), 0u);
	vtd_rig_command(rig, BIT(26), false);
	KUNIT_EXPECT_TRUE(test, vtd_rig_read32(rig, 0x1c) & BIT(26));
	vtd_rig_expect_pa(rig, 0x3000, false, 0x40003000);
	lab_vtd_set_defect(rig->vtd, LAB_DEFECT_NONE);
	vtd_rig_ring(rig);
	KUNIT_EXPECT_EQ(test, *rig->status, 1u);
	KUNIT_EXPECT_EQ(test, cached(rig), 0u);
	vtd_rig_command(rig, BIT(26), false);
	fill(rig);
	lab_vtd_set_defect(rig->vtd, LAB_DEFECT_STUCK);
	iotlb_command(rig, 1ull << 60, BUSY | 1ull << 60);
	vtd_rig_write64(rig, CCMD, BUSY | 1ull << 61);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, CCMD), BUSY | 1ull << 61);
	KUNIT_EXPECT_EQ(test, cached(rig), 0x1ffu);
	KUNIT_EXPECT_EQ(test, cached_contexts(rig), 1u);
}

static struct kunit_case queue_cases[] = {
	RIG_CASE(test_wrap, "a queue that wraps, waits that write their status"),
	RIG_CASE(test_long_queue, "a queue of several pages"),
	RIG_CASE(test_bad_descriptors, "bad descriptors raise IQE"),
	RIG_CASE(test_bad_queue, "a queue that is no memory"),
	RIG_CASE(test_bad_tail, "a tail beyond the queue"),
	RIG_CASE(test_on_and_off, "the queue on and off"),
	RIG_CASE(test_iotlb_invalidations, "IOTLB invalidations"),
	RIG_CASE(test_context_invalidations, "context-cache invalidations"),
	RIG_CASE(test_events, "invalidation events"),
	RIG_CASE(test_registers, "invalidation by registers"),
	RIG_CASE(test_registers_refused, "registers while the queue is on"),
	RIG_CASE(test_stuck, "N13 a unit that is stuck"),
	{}
};

struct kunit_suite lab_model_queue_suite = {
	.name = "iommu_lab_model_queue",
	.exit = vtd_rig_exit,
	.test_cases = queue_cases,
};
