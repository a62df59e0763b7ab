// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt remapping by the unit: registers, entries and messages are literal
 * words (VT-d chapter 5, 9.10).
 */
#include <linux/irqflags.h>
#include <linux/prandom.h>
#include "seed.h"
#include "suites.h"
#include "vtd_rig.h"

#define GCMD	0x18
#define GSTS	0x1c
#define FSTS	0x34
#define IRTA	0xb8
#define IRE	BIT(25)
#define SIRTP	BIT(24)
#define CFI	BIT(23)
#define F	BIT_ULL(63)

/* 16 entries; SVT = 1, SID = RIG_SID */
#define OURS	0x43a08ULL
/* remappable format: handle 0, SHV = 0 */
#define MSI	0xfee00010ULL

/**
 * struct ir_rig - a unit that remaps interrupts
 * @rig: the unit, its queue on
 * @table: 256 entries of two words
 */
struct ir_rig {
	struct vtd_rig *rig;
	u64 *table;
};

static void start(struct ir_rig *ir, u64 low_bits)
{
	vtd_rig_write64(ir->rig, IRTA, vtd_rig_pa(ir->table) | low_bits);
	vtd_rig_command(ir->rig, SIRTP, true);
	vtd_rig_command(ir->rig, IRE, true);
	KUNIT_ASSERT_EQ(ir->rig->test, vtd_rig_read32(ir->rig, GSTS) &
			(IRE | SIRTP), IRE | SIRTP);
}

static struct ir_rig ir_create(struct kunit *test,
			       const struct lab_vtd_config *base)
{
	struct lab_vtd_config config = *base;
	struct ir_rig ir;

	config.interrupts = true;
	config.eim = true;
	ir.rig = vtd_rig_create(test, &config);
	ir.table = vtd_rig_page(ir.rig);
	vtd_rig_on(ir.rig);
	vtd_rig_queue_on(ir.rig, 0);
	return ir;
}

/* EIME = 1, 16 entries */
static struct ir_rig ir_on(struct kunit *test)
{
	struct ir_rig ir = ir_create(test, &vtd_rig_config);

	start(&ir, 0x803);
	return ir;
}

static void set(struct ir_rig *ir, unsigned int index, u64 lo, u64 hi)
{
	ir->table[2 * index] = lo;
	ir->table[2 * index + 1] = hi;
}

static enum lab_translate_status message(struct lab_requester *rq, u64 address,
					 u32 data, struct lab_interrupt *out)
{
	enum lab_translate_status status;
	unsigned long flags;

	local_irq_save(flags);
	lab_inflight_begin(rq->vtd);
	status = lab_vtd_interrupt(rq, address, data, out);
	lab_inflight_end(rq->vtd);
	local_irq_restore(flags);
	return status;
}

static void expect_vector(struct ir_rig *ir, u64 address, u32 data,
			  u32 destination, u8 vector)
{
	struct lab_interrupt out;

	KUNIT_EXPECT_EQ(ir->rig->test, message(ir->rig->rq, address, data, &out),
			LAB_TRANSLATED);
	KUNIT_EXPECT_EQ(ir->rig->test, out.destination, destination);
	KUNIT_EXPECT_EQ(ir->rig->test, out.vector, vector);
	KUNIT_EXPECT_EQ(ir->rig->test, out.reason, 0);
}

/* the record and its content; then it is cleared */
static void expect_record(struct ir_rig *ir, u64 lo, u64 hi)
{
	unsigned int fri = vtd_rig_read32(ir->rig, FSTS) >> 8 & 0xff;
	u32 reg = RIG_FRCD + 16 * fri;

	KUNIT_EXPECT_EQ(ir->rig->test, vtd_rig_read64(ir->rig, reg), lo);
	KUNIT_EXPECT_EQ(ir->rig->test, vtd_rig_read64(ir->rig, reg + 8), hi | F);
	vtd_rig_write32(ir->rig, reg + 12, BIT(31));
}

static void expect_blocked(struct ir_rig *ir, struct lab_requester *rq,
			   u64 address, u32 data, u8 reason, u64 info)
{
	struct lab_interrupt out;

	KUNIT_EXPECT_EQ_MSG(ir->rig->test, message(rq, address, data, &out),
			    LAB_FAULTED, "%llx %x", address, data);
	KUNIT_EXPECT_EQ(ir->rig->test, out.reason, reason);
	expect_record(ir, info, (u64)reason << 32 | rq->sid);
}

static void test_registers(struct kunit *test)
{
	struct ir_rig ir = ir_create(test, &vtd_rig_config);
	struct vtd_rig *rig = ir.rig;
	struct lab_vtd_config bad = vtd_rig_config;

	/* ECAP: IR, EIM, MHMV 15 */
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x10) & 0xf00018, 0xf00018ull);
	vtd_rig_write64(rig, IRTA, U64_MAX);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, IRTA), 0xfffffffffffff80full);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, GSTS) >> 23 & 7, 0u);
	vtd_rig_command(rig, SIRTP, true);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, GSTS) >> 23 & 7, 2u);
	vtd_rig_command(rig, CFI, true);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, GSTS) >> 23 & 7, 3u);
	vtd_rig_command(rig, IRE, true);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, GSTS) >> 23 & 7, 7u);
	vtd_rig_command(rig, CFI, false);
	vtd_rig_command(rig, IRE, false);
	/* translation and queue were not touched */
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, GSTS), 0xc5000000u);

	bad.eim = true;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(lab_vtd_create(&bad)), -EINVAL);
}

/* a unit without the feature has none of it */
static void test_absent(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	struct lab_interrupt out;

	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x10) & 0xf00018, 0ull);
	vtd_rig_write64(rig, IRTA, U64_MAX);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, IRTA), 0ull);
	vtd_rig_write32(rig, GCMD, IRE | SIRTP | CFI);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, GSTS), 0u);
	/* nothing is remapped: compatibility format, whatever bit 4 says */
	KUNIT_EXPECT_EQ(test, message(rig->rq, 0xfee5a010, 0x41, &out),
			LAB_TRANSLATED);
	KUNIT_EXPECT_EQ(test, out.destination, 0x5au);
	KUNIT_EXPECT_EQ(test, out.vector, 0x41);
	/* type 4 is not known */
	vtd_rig_on(rig);
	vtd_rig_queue_on(rig, 0);
	vtd_rig_submit(rig, 0x4, 0);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, FSTS) & 0x10, 0x10u);
}

/**
 * struct entry_case - an entry, and what becomes of a message of it
 * @what: for messages
 * @lo: low half
 * @hi: high half
 * @reason: fault reason, 0: it passes
 * @destination: APIC id
 * @vector: vector
 * @eight: with EIME = 0
 */
struct entry_case {
	const char *what;
	u64 lo;
	u64 hi;
	u8 reason;
	u32 destination;
	u8 vector;
	bool eight;
};

static const struct entry_case entry_cases[] = {
	{ "fixed", 0x0000000500310001, OURS, 0, 5, 0x31 },
	{ "32 bits of destination", 0xdeadbeef00fe0001, OURS, 0, 0xdeadbeef,
	  0xfe },
	{ "8 bits of destination", 0x0000a70000420001, OURS, 0, 0xa7, 0x42, true },
	{ "AVAIL, DM, RH, TM", 0x0000000500310f1d, OURS, 0, 5, 0x31 },
	{ "nobody's source-id is looked at", 0x0000000500310001, 0xffff, 0, 5,
	  0x31 },
	{ "not present", 0x0000000500310000, OURS, 0x22 },
	{ "bit 12", 0x0000000500311001, OURS, 0x24 },
	{ "bit 14", 0x0000000500314001, OURS, 0x24 },
	{ "posted", 0x0000000500318001, OURS, 0x24 },
	{ "bit 24", 0x0000000501310001, OURS, 0x24 },
	{ "bit 31", 0x0000000580310001, OURS, 0x24 },
	{ "bit 84", 0x0000000500310001, OURS | BIT_ULL(20), 0x24 },
	{ "bit 127", 0x0000000500310001, OURS | BIT_ULL(63), 0x24 },
	{ "SVT 3", 0x0000000500310001, OURS | 0x80000, 0x24 },
	{ "9 bits of destination", 0x0001a70000420001, OURS, 0x24, .eight = true },
	{ "destination below 8 bits", 0x0000a78000420001, OURS, 0x24,
	  .eight = true },
	{ "SID of a neighbour", 0x0000000500310001, 0x43a09, 0x26 },
	{ "SID of another bus", 0x0000000500310001, 0x43b08, 0x26 },
	{ "SQ 1 ignores bit 2", 0x0000000500310001, 0x53a0c, 0, 5, 0x31 },
	{ "SQ 1 compares bit 1", 0x0000000500310001, 0x53a0a, 0x26 },
	{ "SQ 2 ignores bits 2:1", 0x0000000500310001, 0x63a0e, 0, 5, 0x31 },
	{ "SQ 2 compares bit 0", 0x0000000500310001, 0x63a09, 0x26 },
	{ "SQ 3 ignores bits 2:0", 0x0000000500310001, 0x73a0f, 0, 5, 0x31 },
	{ "SQ 3 compares bit 3", 0x0000000500310001, 0x73a00, 0x26 },
	{ "buses 39 to 3b", 0x0000000500310001, 0x8393b, 0, 5, 0x31 },
	{ "bus 3a alone", 0x0000000500310001, 0x83a3a, 0, 5, 0x31 },
	{ "buses 3b to 40", 0x0000000500310001, 0x83b40, 0x26 },
	{ "buses 0 to 39", 0x0000000500310001, 0x80039, 0x26 },
};

static void run_entries(struct kunit *test, bool eight)
{
	struct ir_rig ir = ir_create(test, &vtd_rig_config);
	unsigned int i, passed = 0, blocked = 0;

	start(&ir, eight ? 0x3 : 0x803);
	for (i = 0; i < ARRAY_SIZE(entry_cases); i++) {
		const struct entry_case *c = &entry_cases[i];

		if (c->eight != eight)
			continue;
		kunit_info(test, "%s", c->what);
		set(&ir, 9, c->lo, c->hi);
		vtd_rig_submit(ir.rig, 0x4, 0);
		if (c->reason) {
			blocked++;
			expect_blocked(&ir, ir.rig->rq, MSI | 9 << 5, 0,
				       c->reason, 9ull << 48);
		} else {
			passed++;
			expect_vector(&ir, MSI | 9 << 5, 0x12345678,
				      c->destination, c->vector);
		}
	}
	KUNIT_EXPECT_EQ(test, vtd_rig_count(ir.rig, LAB_CNT_INTERRUPT),
			(u64)passed);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(ir.rig, LAB_CNT_INTERRUPT_BLOCKED),
			(u64)blocked);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(ir.rig, FSTS) & 0xff, 0u);
}

static void test_entries(struct kunit *test)
{
	run_entries(test, false);
}

static void test_entries_eight(struct kunit *test)
{
	run_entries(test, true);
}

/* 5.1.2.2, 5.1.3: which entry a message is of */
static void test_messages(struct kunit *test)
{
	struct ir_rig ir = ir_create(test, &vtd_rig_config);
	u64 *large = vtd_rig_pages(ir.rig, 8);

	ir.table = large;
	start(&ir, 0x80f);
	set(&ir, 0x8000, 0x0000000100500001, OURS);
	set(&ir, 0x7fff, 0x0000000200510001, OURS);
	set(&ir, 0x8003, 0x0000000300520001, OURS);
	set(&ir, 0xffff, 0x0000000400530001, OURS);
	expect_vector(&ir, 0xfee00014, 0, 1, 0x50);
	expect_vector(&ir, 0xfeefff10 | 0xe0, 0, 2, 0x51);
	expect_vector(&ir, 0xfeefffff & ~8, 0, 4, 0x53);
	/* SHV: the data is added; without it the data is not looked at */
	expect_vector(&ir, 0xfee0001c, 3, 3, 0x52);
	expect_vector(&ir, 0xfee00014, 0xffff0003, 1, 0x50);
	expect_blocked(&ir, ir.rig->rq, 0xfee0001c, 0x10003, 0x20,
		       0x8003ull << 48);
	/* the sum goes beyond 16 bits */
	expect_blocked(&ir, ir.rig->rq, 0xfee0001c, 0x8000, 0x21, 0);
}

static void test_table_size(struct kunit *test)
{
	struct ir_rig ir = ir_on(test);

	for (unsigned int i = 0; i < 32; i++)
		set(&ir, i, 0x0000000100500001, OURS);
	expect_vector(&ir, MSI | 15 << 5, 0, 1, 0x50);
	expect_blocked(&ir, ir.rig->rq, MSI | 16 << 5, 0, 0x21, 16ull << 48);
	/* no RAM behind the address that was latched */
	vtd_rig_write64(ir.rig, IRTA, BIT_ULL(45) | 0x803);
	expect_vector(&ir, MSI | 15 << 5, 0, 1, 0x50);
	vtd_rig_command(ir.rig, SIRTP, true);
	vtd_rig_submit(ir.rig, 0x4, 0);
	expect_blocked(&ir, ir.rig->rq, MSI | 15 << 5, 0, 0x23, 15ull << 48);
}

/* 5.1.4: CFIS decides, and EIME forbids */
static void test_compatibility(struct kunit *test)
{
	struct ir_rig ir = ir_create(test, &vtd_rig_config);

	start(&ir, 0x3);
	expect_blocked(&ir, ir.rig->rq, 0xfee5a000, 0x4031, 0x25, 0);
	vtd_rig_command(ir.rig, CFI, true);
	expect_vector(&ir, 0xfee5a000, 0x4031, 0x5a, 0x31);
	vtd_rig_command(ir.rig, CFI, false);
	expect_blocked(&ir, ir.rig->rq, 0xfee5a000, 0x4031, 0x25, 0);
	vtd_rig_command(ir.rig, CFI, true);
	start(&ir, 0x803);
	expect_blocked(&ir, ir.rig->rq, 0xfee5a000, 0x4031, 0x25, 0);
	vtd_rig_command(ir.rig, IRE, false);
	expect_vector(&ir, 0xfee5a000, 0x4031, 0x5a, 0x31);
}

/* FPD hides faults that are found in a present entry, and none before it */
static void test_fpd(struct kunit *test)
{
	struct ir_rig ir = ir_on(test);
	struct lab_interrupt out;
	struct lab_vtd_stats *stats;

	stats = kunit_kzalloc(test, sizeof(*stats), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, stats);
	set(&ir, 1, 0x0000000500310003, 0x43a09);
	set(&ir, 2, 0x0000000500310002, OURS);
	KUNIT_EXPECT_EQ(test, message(ir.rig->rq, MSI | 1 << 5, 0, &out),
			LAB_FAULTED);
	KUNIT_EXPECT_EQ(test, out.reason, 0x26);
	KUNIT_EXPECT_EQ(test, message(ir.rig->rq, MSI | 2 << 5, 0, &out),
			LAB_FAULTED);
	KUNIT_EXPECT_EQ(test, out.reason, 0x22);
	lab_vtd_read_stats(ir.rig->vtd, stats);
	KUNIT_EXPECT_EQ(test, stats->records, 0ull);
	KUNIT_EXPECT_EQ(test, stats->sum.c[LAB_CNT_INTERRUPT_BLOCKED], 2ull);
}

/* What is cached stays until an invalidation that covers it. */
static void test_stale(struct kunit *test)
{
	struct ir_rig ir = ir_on(test);
	struct lab_irte view;

	set(&ir, 4, 0x0000000500310001, OURS);
	set(&ir, 5, 0x0000000600320001, OURS);
	expect_vector(&ir, MSI | 4 << 5, 0, 5, 0x31);
	expect_vector(&ir, MSI | 5 << 5, 0, 6, 0x32);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(ir.rig, LAB_CNT_IRTE_MISS), 2ull);
	set(&ir, 4, 0x0000000700330001, OURS);
	set(&ir, 5, 0, 0);
	expect_vector(&ir, MSI | 4 << 5, 0, 5, 0x31);
	expect_vector(&ir, MSI | 5 << 5, 0, 6, 0x32);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(ir.rig, LAB_CNT_IRTE_HIT), 2ull);
	KUNIT_EXPECT_TRUE(test, lab_vtd_irte_view(ir.rig->vtd, 4, &view));
	KUNIT_EXPECT_EQ(test, view.lo, 0x0000000500310001ull);

	/* others: 6 and 7; all context entries, all of the IOTLB */
	vtd_rig_submit(ir.rig, 0x608000014, 0);
	vtd_rig_submit(ir.rig, RIG_INV_CONTEXT_GLOBAL, 0);
	vtd_rig_submit(ir.rig, RIG_INV_IOTLB_GLOBAL, 0);
	expect_vector(&ir, MSI | 5 << 5, 0, 6, 0x32);
	/* index 5 alone */
	vtd_rig_submit(ir.rig, 0x500000014, 0);
	expect_blocked(&ir, ir.rig->rq, MSI | 5 << 5, 0, 0x22, 5ull << 48);
	expect_vector(&ir, MSI | 4 << 5, 0, 5, 0x31);
	/* 4 and 5: IM = 1 */
	vtd_rig_submit(ir.rig, 0x508000014, 0);
	expect_vector(&ir, MSI | 4 << 5, 0, 7, 0x33);
	/* a refused entry was not cached */
	set(&ir, 5, 0x0000000800340001, OURS);
	expect_vector(&ir, MSI | 5 << 5, 0, 8, 0x34);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(ir.rig, FSTS) & 0xff, 0u);
}

/* CAP.CM: what was refused is cached, too */
static void test_caching_mode(struct kunit *test)
{
	struct lab_vtd_config config = vtd_rig_config;
	struct ir_rig ir;

	config.caching_mode = true;
	ir = ir_create(test, &config);
	start(&ir, 0x803);
	expect_blocked(&ir, ir.rig->rq, MSI | 5 << 5, 0, 0x22, 5ull << 48);
	set(&ir, 5, 0x0000000800340001, OURS);
	expect_blocked(&ir, ir.rig->rq, MSI | 5 << 5, 0, 0x22, 5ull << 48);
	vtd_rig_submit(ir.rig, 0x500000014, 0);
	expect_vector(&ir, MSI | 5 << 5, 0, 8, 0x34);
}

static void test_bad_descriptors(struct kunit *test)
{
	static const struct { u64 lo, hi; } bad[] = {
		{ 0x24, 0 },			/* bit 5 */
		{ 0x4 | BIT_ULL(26), 0 },
		{ 0x4 | BIT_ULL(48), 0 },
		{ 0x14, 1 },
		{ 0x14 | 16ull << 27, 0 },	/* IM beyond MHMV */
	};
	struct ir_rig ir = ir_on(test);

	for (int i = 0; i < ARRAY_SIZE(bad); i++) {
		u64 head = ir.rig->tail;

		vtd_rig_submit(ir.rig, bad[i].lo, bad[i].hi);
		KUNIT_EXPECT_EQ_MSG(test, vtd_rig_read32(ir.rig, FSTS) & 0x10,
				    0x10u, "%d", i);
		KUNIT_EXPECT_EQ(test, vtd_rig_read64(ir.rig, 0x80), head);
		ir.rig->queue[head / 8] = 0x4;
		ir.rig->queue[head / 8 + 1] = 0;
		vtd_rig_write32(ir.rig, FSTS, 0x10);
		vtd_rig_ring(ir.rig);
		KUNIT_EXPECT_EQ(test, vtd_rig_read64(ir.rig, 0x80), ir.rig->tail);
	}
}

/* 3.14: whatever is no interrupt request, and units that do not answer */
static void test_range(struct kunit *test)
{
	struct ir_rig ir = ir_on(test);
	struct lab_interrupt out;
	unsigned long flags;

	local_irq_save(flags);
	lab_inflight_begin(ir.rig->vtd);
	KUNIT_EXPECT_EQ(test, lab_vtd_refuse_range(ir.rig->rq, 0xfee01234,
						   false, &out), LAB_FAULTED);
	lab_inflight_end(ir.rig->vtd);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, out.reason, 0xe);
	expect_record(&ir, 0xfee01000, BIT_ULL(62) | 0xeull << 32 | RIG_SID);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(ir.rig, LAB_CNT_FAULT + 0xe), 1ull);

	lab_vtd_sever(ir.rig->vtd);
	KUNIT_EXPECT_EQ(test, message(ir.rig->rq, MSI, 0, &out), LAB_CUT_OFF);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(ir.rig, LAB_CNT_BLOCKED), 1ull);
}

/**
 * struct reference - the unit as the specification's words have it
 * @memory: entries in memory: vector, 0: not present
 * @owner: whose they are
 * @cached: vector as it was cached, 0: it is not
 * @cached_owner: whose it was then
 */
struct reference {
	u8 memory[16];
	u16 owner[16];
	u8 cached[16];
	u16 cached_owner[16];
};

static void reference_invalidate(struct reference *ref, unsigned int first,
				 unsigned int nr)
{
	memset(&ref->cached[first], 0, nr);
}

/* the vector, or the reason << 8 */
static u32 reference_message(struct reference *ref, unsigned int i, u16 sid)
{
	if (!ref->cached[i]) {
		if (!ref->memory[i])
			return 0x2200;
		ref->cached[i] = ref->memory[i];
		ref->cached_owner[i] = ref->owner[i];
	}
	return ref->cached_owner[i] == sid ? ref->cached[i] : 0x2600;
}

static void test_property(struct kunit *test)
{
	struct ir_rig ir = ir_on(test);
	struct reference ref = {};
	struct lab_requester *rq[3];
	struct rnd_state rnd;
	u64 blocked = 0;

	lab_test_rnd_init(&rnd, 0x14);
	rq[0] = ir.rig->rq;
	rq[1] = vtd_rig_requester(ir.rig, 0x3a09);
	rq[2] = vtd_rig_requester(ir.rig, 0x4108);
	for (int step = 0; step < 20000; step++) {
		u32 draw = prandom_u32_state(&rnd);
		unsigned int i = draw % 16, who = draw / 16 % 3;
		unsigned int im = draw >> 20 & 3;
		struct lab_interrupt out;
		u32 expected;

		switch (draw >> 28) {
		case 0:
		case 1:
			ref.memory[i] = 0x20 + (draw >> 8) % 0xe0;
			ref.owner[i] = rq[who]->sid;
			set(&ir, i, 1 | ref.memory[i] << 16,
			    0x40000 | ref.owner[i]);
			break;
		case 2:
			ref.memory[i] = 0;
			set(&ir, i, 0, 0);
			break;
		case 3:
			reference_invalidate(&ref, i >> im << im, 1 << im);
			vtd_rig_submit(ir.rig, 0x14 | (u64)i << 32 | im << 27,
				       0);
			break;
		default:
			expected = reference_message(&ref, i, rq[who]->sid);
			message(rq[who], MSI | i << 5, draw, &out);
			KUNIT_ASSERT_EQ_MSG(test, out.vector | out.reason << 8,
					    expected, "step %d, seed %llu",
					    step, lab_test_seed());
			blocked += expected > 0xff;
		}
	}
	for (int i = 0; i < 3; i++) {
		struct lab_counters *sum = kunit_kzalloc(test, sizeof(*sum),
							 GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, sum);
		lab_requester_read(rq[i], sum);
		KUNIT_EXPECT_EQ(test, sum->c[LAB_CNT_IRTE_HIT] +
				sum->c[LAB_CNT_IRTE_MISS],
				sum->c[LAB_CNT_INTERRUPT] +
				sum->c[LAB_CNT_INTERRUPT_BLOCKED]);
		blocked -= sum->c[LAB_CNT_INTERRUPT_BLOCKED];
	}
	KUNIT_EXPECT_EQ(test, blocked, 0ull);
}

static struct kunit_case cases[] = {
	RIG_CASE(test_registers, "N14 registers of interrupt remapping"),
	RIG_CASE(test_absent, "N14 a unit without interrupt remapping"),
	RIG_CASE(test_entries, "N14 table entries word by word"),
	RIG_CASE(test_entries_eight, "N14 table entries with 8-bit destinations"),
	RIG_CASE(test_messages, "N14 which entry a message is of"),
	RIG_CASE(test_table_size, "N14 messages beyond the table"),
	RIG_CASE(test_compatibility, "N14 compatibility format is blocked"),
	RIG_CASE(test_fpd, "N14 fault processing disabled in an entry"),
	RIG_CASE(test_stale, "N14 a cached entry is used until it is invalidated"),
	RIG_CASE(test_caching_mode, "N14 refused entries are cached in caching mode"),
	RIG_CASE(test_bad_descriptors, "N14 invalidation descriptors are checked"),
	RIG_CASE(test_range, "N14 other accesses to the interrupt range fault"),
	RIG_CASE(test_property, "N14 messages against a reference"),
	{}
};

struct kunit_suite lab_model_ir_suite = {
	.name = "iommu_lab_model_ir",
	.exit = vtd_rig_exit,
	.test_cases = cases,
};
