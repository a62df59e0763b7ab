// SPDX-License-Identifier: GPL-2.0
/* The unit's translations: contexts, tables, caches, counters. */

#include "suites.h"
#include "vtd_rig.h"

/**
 * struct context_case - root and context entry, and the fault of an access
 * @what: for messages
 * @root_lo: root entry, low half; bit 63 (never set otherwise): the rig's own
 * @root_hi: high half
 * @lo: context entry, low half; the page table is added if @tree
 * @hi: high half
 * @tree: the rig's page table
 * @reason: VT-d 7.1.3
 */
struct context_case {
	const char *what;
	u64 root_lo;
	u64 root_hi;
	u64 lo;
	u64 hi;
	bool tree;
	u8 reason;
};

#define OWN_ROOT	BIT_ULL(63)

static const struct context_case context_cases[] = {
	{ "root not present", 0, 0, 1, 0x2102, true, 1 },
	{ "root reserved, low", OWN_ROOT | 2, 0, 1, 0x2102, true, 0xa },
	{ "root reserved, bit 11", OWN_ROOT | 0x800, 0, 1, 0x2102, true, 0xa },
	{ "root reserved, high", OWN_ROOT, 1, 1, 0x2102, true, 0xa },
	{ "context table beyond the host", BIT_ULL(46) | 1, 0, 1, 0x2102, true,
	  0xa },
	{ "context table no memory", 0x3ffffffff001, 0, 1, 0x2102, true, 9 },
	{ "context not present", OWN_ROOT, 0, 0, 0x2102, true, 2 },
	{ "context reserved, low", OWN_ROOT, 0, 0x11, 0x2102, true, 0xb },
	{ "context reserved, bit 11", OWN_ROOT, 0, 0x801, 0x2102, true, 0xb },
	{ "context reserved, bit 71", OWN_ROOT, 0, 1, 0x2182, true, 0xb },
	{ "context reserved, bit 88", OWN_ROOT, 0, 1, 0x1002102, true, 0xb },
	{ "context reserved, bit 127", OWN_ROOT, 0, 1, BIT_ULL(63) | 0x2102,
	  true, 0xb },
	{ "page table beyond the host", OWN_ROOT, 0, BIT_ULL(46) | 1, 0x2102,
	  false, 0xb },
	{ "TT 1", OWN_ROOT, 0, 5, 0x2102, true, 3 },
	{ "TT 3", OWN_ROOT, 0, 0xd, 0x2102, true, 3 },
	{ "AW 0", OWN_ROOT, 0, 1, 0x2100, true, 3 },
	{ "AW 4", OWN_ROOT, 0, 1, 0x2104, true, 3 },
	{ "AW 3 without 57 bits", OWN_ROOT, 0, 1, 0x2103, true, 3 },
	{ "DID beyond ND", OWN_ROOT, 0, 1, 0x1000002, true, 0xb },
	{ "DID beyond ND", OWN_ROOT, 0, 1, 0x10002, true, 3 },
	{ "page table no memory", OWN_ROOT, 0, 0x3ffffffff001, 0x2102, false,
	  7 },
	{ "available bits", OWN_ROOT, 0, 1, 0x217a, true, 0 },
	{ "largest domain id", OWN_ROOT, 0, 1, 0xff02, true, 0 },
};

static void flush(struct vtd_rig *rig)
{
	vtd_rig_write64(rig, 0x28, BIT_ULL(63) | 1ull << 61);
	vtd_rig_write64(rig, RIG_IOTLB, BIT_ULL(63) | 1ull << 60);
}

static void run_context_case(struct vtd_rig *rig, const struct context_case *c)
{
	struct lab_translation tr;
	u64 root = c->root_lo;
	enum lab_translate_status status;

	if (root & OWN_ROOT)
		root ^= OWN_ROOT | vtd_rig_pa(rig->context) | 1;
	rig->root[2 * RIG_BUS] = root;
	rig->root[2 * RIG_BUS + 1] = c->root_hi;
	vtd_rig_context(rig, RIG_SID,
			c->lo | (c->tree ? vtd_rig_pa(rig->tree.top) : 0),
			c->hi);
	flush(rig);
	for (int i = 0; i < 2; i++) {
		status = vtd_rig_access(rig->rq, 0x1234, false, &tr);
		KUNIT_EXPECT_EQ_MSG(rig->test, tr.reason, c->reason, "%s",
				    c->what);
		KUNIT_EXPECT_EQ_MSG(rig->test, status,
				    c->reason ? LAB_FAULTED : LAB_TRANSLATED,
				    "%s", c->what);
	}
}

/* nd 2: 256 domains; 3 and 4 levels */
static void context_faults(struct kunit *test, bool caching_mode)
{
	struct lab_vtd_config config = vtd_rig_config;
	struct lab_vtd_stats stats;
	struct vtd_rig *rig;
	int reasons[VTD_NR_FAULT_REASONS] = { 0 };

	config.nd = 2;
	config.levels = BIT(3) | BIT(4);
	config.caching_mode = caching_mode;
	rig = vtd_rig_create(test, &config);
	rig->tree.l1[1] = 0x5000 | RIG_R;
	vtd_rig_on(rig);
	for (int i = 0; i < ARRAY_SIZE(context_cases); i++) {
		const struct context_case *c = &context_cases[i];
		bool cached = !c->reason || c->reason == 7 ||
			      (caching_mode && c->reason != 8 && c->reason != 9);

		run_context_case(rig, c);
		reasons[c->reason] += 2;
		lab_vtd_read_stats(rig->vtd, &stats);
		KUNIT_EXPECT_EQ_MSG(test, stats.context_present, cached, "%s",
				    c->what);
	}
	for (int i = 1; i < VTD_NR_FAULT_REASONS; i++)
		KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_FAULT + i),
				(u64)reasons[i]);
}

static void test_context_faults(struct kunit *test)
{
	context_faults(test, false);
}

static void test_context_faults_caching_mode(struct kunit *test)
{
	context_faults(test, true);
}

static void test_no_pass_through(struct kunit *test)
{
	struct lab_vtd_config config = vtd_rig_config;
	struct vtd_rig *rig;

	config.pass_through = false;
	rig = vtd_rig_create(test, &config);
	vtd_rig_context(rig, RIG_SID, 9, 0x2102);
	vtd_rig_on(rig);
	vtd_rig_expect_fault(rig, 0x1234, false, 3);
}

static void test_pass_through(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	struct lab_translation tr;

	/* the address of a page table is ignored */
	vtd_rig_context(rig, RIG_SID, 0xfffffffffffff009, 0x2102);
	vtd_rig_on(rig);
	vtd_rig_expect_pa(rig, 0x12345678, true, 0x12345678);
	vtd_rig_expect_pa(rig, BIT_ULL(RIG_WIDTH) - 1, false,
			  BIT_ULL(RIG_WIDTH) - 1);
	KUNIT_EXPECT_EQ(test, vtd_rig_access(rig->rq, 0x5ff0, false, &tr),
			LAB_TRANSLATED);
	KUNIT_EXPECT_EQ(test, tr.bytes, 16ull);
	KUNIT_EXPECT_FALSE(test, tr.hit);
	vtd_rig_expect_fault(rig, BIT_ULL(RIG_WIDTH), false, 4);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_PASS), 3ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_CTX_FAULT), 1ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_MISS), 0ull);
}

/* AW decides, not the largest width of the unit. */
static void test_beyond_width(struct kunit *test)
{
	static const u8 bits[] = { 39, 48, 57 };
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	u64 lo = vtd_rig_pa(vtd_rig_page(rig)) | 1;

	vtd_rig_on(rig);
	for (int i = 0; i < ARRAY_SIZE(bits); i++) {
		vtd_rig_context(rig, RIG_SID, lo, 0x2100 | (i + 1));
		flush(rig);
		vtd_rig_expect_fault(rig, BIT_ULL(bits[i]) - 1, false, 6);
		vtd_rig_expect_fault(rig, BIT_ULL(bits[i]), false, 4);
		vtd_rig_expect_fault(rig, BIT_ULL(63), true, 4);
	}
}

/* Literal tables of each depth; all index bits count. */
static void test_levels(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	u64 *table = vtd_rig_page(rig);
	u64 lo = vtd_rig_pa(table) | 1;

	for (int i = 0; i < 512; i++)
		table[i] = vtd_rig_pa(table) | RIG_RW;
	vtd_rig_on(rig);
	/* the table is its own next table: each level ends at its index */
	for (u64 aw = 1; aw <= 3; aw++) {
		u64 iova = 0x1234567890abcdef & (BIT_ULL(30 + 9 * aw) - 1);
		static struct lab_counters before, after;

		vtd_rig_context(rig, RIG_SID, lo, 0x2100 | aw);
		flush(rig);
		table[(iova >> 12) & 511] = 0x123456789000 | RIG_R;
		if (((iova >> 12) & 511) == ((iova >> 21) & 511))
			continue;
		lab_requester_read(rig->rq, &before);
		vtd_rig_expect_pa(rig, iova, false,
				  0x123456789000 | (iova & 4095));
		lab_requester_read(rig->rq, &after);
		KUNIT_EXPECT_EQ(test, after.c[LAB_CNT_WALK_STEP] -
				before.c[LAB_CNT_WALK_STEP], aw + 2);
		vtd_rig_expect_fault(rig, iova, true, 5);
	}
}

/**
 * struct leaf_case - an entry of a level, and what reads and writes get
 * @level: where it is
 * @entry: the word; a table is at the next level otherwise
 * @read: fault reason, 0: translated
 * @write: the same
 */
struct leaf_case {
	int level;
	u64 entry;
	u8 read;
	u8 write;
};

static const struct leaf_case leaf_cases[] = {
	{ 1, 0, 6, 5 },
	{ 1, 0x40003000, 6, 5 },
	{ 1, 0x40003001, 0, 5 },
	{ 1, 0x40003002, 6, 0 },
	{ 1, 0x40003003, 0, 0 },
	{ 1, 0x40003003 | BIT_ULL(63), 0, 0 },		/* ignored */
	{ 1, 0x40003003 | BIT_ULL(46), 0xc, 0xc },	/* beyond the host */
	{ 1, 0x40003003 | BIT_ULL(51), 0xc, 0xc },
	{ 2, 0, 6, 5 },
	{ 2, 0x40000083, 0, 0 },
	{ 2, 0x40000081, 0, 5 },
	{ 2, 0x40001083, 0xc, 0xc },			/* below 2 MiB */
	{ 2, 0x40100083, 0xc, 0xc },
	{ 2, 0x3ffffffff003, 7, 7 },			/* no memory */
	{ 3, 0, 6, 5 },
	{ 3, 0x40000083, 0, 0 },
	{ 3, 0x40200083, 0xc, 0xc },
	{ 4, 0, 6, 5 },
	{ 4, 0x40000083, 0xc, 0xc },			/* no leaves here */
	{ 4, 0x3ffffffff003, 7, 7 },
};

static u64 *level_entry(struct vtd_rig *rig, int level)
{
	switch (level) {
	case 1:
		return &rig->tree.l1[7];
	case 2:
		return &rig->tree.l2[0];
	case 3:
		return &rig->tree.l3[0];
	default:
		return &rig->tree.top[0];
	}
}

static void run_leaf_case(struct vtd_rig *rig, const struct leaf_case *c,
			  bool write)
{
	u64 below = (4096ull << 9 * (c->level - 1)) - 1;
	u8 reason = write ? c->write : c->read;
	u64 *entry = level_entry(rig, c->level);
	u64 saved = *entry;
	u64 pa = (c->entry & 0x3ffffffff000 & ~below) | (0x7654 & below);

	*entry = c->entry;
	for (int i = 0; i < 2; i++) {
		if (reason)
			vtd_rig_expect_fault(rig, 0x7654, write, reason);
		else
			vtd_rig_expect_pa(rig, 0x7654, write, pa);
	}
	*entry = saved;
	flush(rig);
}

static void test_leaves(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);

	vtd_rig_on(rig);
	for (int i = 0; i < ARRAY_SIZE(leaf_cases); i++) {
		run_leaf_case(rig, &leaf_cases[i], false);
		run_leaf_case(rig, &leaf_cases[i], true);
	}
}

/* Leaf sizes that CAP.SSLPS does not offer are a reserved bit. */
static void test_small_leaves_only(struct kunit *test)
{
	struct lab_vtd_config config = vtd_rig_config;
	struct vtd_rig *rig;

	config.sslps = 1;
	rig = vtd_rig_create(test, &config);
	vtd_rig_on(rig);
	rig->tree.l2[1] = 0x40000083;
	rig->tree.l3[1] = 0x40000083;
	vtd_rig_expect_pa(rig, 0x200000, false, 0x40000000);
	vtd_rig_expect_fault(rig, 0x40000000, false, 0xc);
}

/* Rights are the AND of all levels, also when the walk begins at a cached one. */
static void test_rights_of_levels(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);

	rig->tree.l3[0] = vtd_rig_pa(rig->tree.l2) | RIG_R;
	rig->tree.l1[0] = 0x40000003;
	rig->tree.l1[1] = 0x40001003;
	rig->tree.l1[2] = 0x40002002;
	vtd_rig_on(rig);
	vtd_rig_expect_pa(rig, 0x0000, false, 0x40000000);
	vtd_rig_expect_fault(rig, 0x0000, true, 5);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_PSC_HIT), 0ull);
	vtd_rig_expect_fault(rig, 0x1000, true, 5);
	vtd_rig_expect_pa(rig, 0x1000, false, 0x40001000);
	vtd_rig_expect_fault(rig, 0x2000, false, 6);
	vtd_rig_expect_fault(rig, 0x2000, true, 5);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_PSC_HIT), 4ull);
}

/* How many bytes go the same way: to the end of the leaf. */
static void test_bytes(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	static const struct { u64 iova; u64 bytes; } cases[] = {
		{ 0x0ffc, 4 }, { 0x200000, 0x200000 }, { 0x5fffff, 1 },
		{ 0x40000001, 0x3fffffff },
	};
	struct lab_translation tr;

	rig->tree.l1[0] = 0x40000003;
	rig->tree.l2[1] = 0x80000083;
	rig->tree.l2[2] = 0x80000083;
	rig->tree.l3[1] = 0xc0000083;
	vtd_rig_on(rig);
	for (int i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		vtd_rig_access(rig->rq, cases[i / 2].iova, true, &tr);
		KUNIT_EXPECT_EQ(test, tr.bytes, cases[i / 2].bytes);
		KUNIT_EXPECT_EQ(test, tr.hit, i % 2);
	}
}

/* One miss, then hits: each counter as it must be, the rest 0. */
static void test_counters(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	static struct lab_counters sum, expected;
	static struct lab_vtd_stats stats;

	memset(&expected, 0, sizeof(expected));
	rig->tree.l1[3] = 0x40003003;
	vtd_rig_on(rig);
	for (int i = 0; i < 3; i++)
		vtd_rig_expect_pa(rig, 0x3000, false, 0x40003000);
	expected.c[LAB_CNT_MISS] = 1;
	expected.c[LAB_CNT_HIT] = 2;
	expected.c[LAB_CNT_CTX_MISS] = 1;
	expected.c[LAB_CNT_WALK] = 1;
	expected.c[LAB_CNT_WALK_STEP] = 4;
	expected.c[LAB_CNT_INSERT] = 1;
	lab_requester_read(rig->rq, &sum);
	KUNIT_EXPECT_MEMEQ(test, &sum, &expected, sizeof(sum));

	/* unmapped and invalidated: a fault, from the cached level-1 table */
	rig->tree.l1[3] = 0;
	vtd_rig_write64(rig, RIG_IVA, 0x3000 | BIT(6));
	vtd_rig_write64(rig, RIG_IOTLB, BIT_ULL(63) | 3ull << 60 |
			(u64)RIG_DID << 32);
	vtd_rig_expect_fault(rig, 0x3000, false, 6);
	expected.c[LAB_CNT_MISS]++;
	expected.c[LAB_CNT_WALK]++;
	expected.c[LAB_CNT_WALK_STEP]++;
	expected.c[LAB_CNT_PSC_HIT]++;
	expected.c[LAB_CNT_FAULT + 6]++;
	lab_requester_read(rig->rq, &sum);
	KUNIT_EXPECT_MEMEQ(test, &sum, &expected, sizeof(sum));
	KUNIT_EXPECT_EQ(test, lab_counters_lookups(&sum), 4ull);
	KUNIT_EXPECT_EQ(test, lab_counters_context_hits(&sum), 3ull);
	KUNIT_EXPECT_EQ(test, lab_counters_faults(&sum), 1ull);

	/* what a requester counted stays with the unit */
	vtd_rig_expect_fault(rig, BIT_ULL(50), false, 4);
	rig->nr_requesters = 0;
	lab_requester_release(rig->rq, &sum);
	rig->rq = vtd_rig_requester(rig, RIG_SID);
	vtd_rig_expect_fault(rig, 0x3000, true, 5);
	lab_vtd_read_stats(rig->vtd, &stats);
	expected.c[LAB_CNT_CTX_FAULT]++;
	expected.c[LAB_CNT_FAULT + 4]++;
	expected.c[LAB_CNT_MISS]++;
	expected.c[LAB_CNT_WALK]++;
	expected.c[LAB_CNT_WALK_STEP]++;
	expected.c[LAB_CNT_PSC_HIT]++;
	expected.c[LAB_CNT_FAULT + 5]++;
	KUNIT_EXPECT_MEMEQ(test, &stats.sum, &expected, sizeof(expected));
	KUNIT_EXPECT_EQ(test, stats.present, 0ull);
	KUNIT_EXPECT_EQ(test, stats.removed, 1ull);
	KUNIT_EXPECT_EQ(test, stats.register_inval, 1ull);
	KUNIT_EXPECT_EQ(test, stats.iotlb_inval[3], 1ull);
	KUNIT_EXPECT_EQ(test, stats.records, 3ull);
}

static void expect_stale(struct vtd_rig *rig, u64 iova, bool write)
{
	struct lab_translation tr;

	KUNIT_EXPECT_EQ(rig->test, vtd_rig_access(rig->rq, iova, write, &tr),
			LAB_FAULTED);
	KUNIT_EXPECT_TRUE(rig->test, tr.stale);
	KUNIT_EXPECT_TRUE(rig->test, tr.hit);
	KUNIT_EXPECT_EQ(rig->test, tr.reason, write ? 5 : 6);
	KUNIT_EXPECT_EQ(rig->test, tr.pa, 0ull);
	KUNIT_EXPECT_EQ(rig->test, tr.bytes, 0ull);
}

/* A leaf rewritten behind the driver: stale until the right invalidation. */
static void test_stale(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);

	rig->tree.l1[3] = 0x40003003;
	vtd_rig_on(rig);
	vtd_rig_expect_pa(rig, 0x3abc, true, 0x40003abc);
	rig->tree.l1[3] = 0x50003003;
	expect_stale(rig, 0x3abc, false);
	expect_stale(rig, 0x3abc, true);
	/* a wrong domain, a wrong page, a wrong cache */
	vtd_rig_write64(rig, RIG_IOTLB, BIT_ULL(63) | 2ull << 60 |
			(u64)(RIG_DID + 1) << 32);
	expect_stale(rig, 0x3abc, false);
	vtd_rig_write64(rig, RIG_IVA, 0x3000);
	vtd_rig_write64(rig, RIG_IOTLB, BIT_ULL(63) | 3ull << 60 |
			(u64)(RIG_DID ^ 0x100) << 32);
	expect_stale(rig, 0x3abc, false);
	vtd_rig_write64(rig, RIG_IVA, 0x4000);
	vtd_rig_write64(rig, RIG_IOTLB, BIT_ULL(63) | 3ull << 60 |
			(u64)RIG_DID << 32);
	expect_stale(rig, 0x3abc, false);
	vtd_rig_write64(rig, 0x28, BIT_ULL(63) | 1ull << 61);
	expect_stale(rig, 0x3abc, false);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_STALE), 6ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_HIT), 6ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_FAULT + 6), 5ull);

	vtd_rig_write64(rig, RIG_IVA, 0x3000);
	vtd_rig_write64(rig, RIG_IOTLB, BIT_ULL(63) | 3ull << 60 |
			(u64)RIG_DID << 32);
	vtd_rig_expect_pa(rig, 0x3abc, true, 0x50003abc);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_STALE), 6ull);
}

/* CAP.CM: what was not present is cached, and a new mapping must be flushed. */
static void test_caching_mode(struct kunit *test)
{
	struct lab_vtd_config config = vtd_rig_config;
	struct lab_vtd_stats stats;
	struct vtd_rig *rig;
	u64 sid = (u64)RIG_SID << 16;

	config.caching_mode = true;
	rig = vtd_rig_create(test, &config);
	rig->context[2 * 0x08] &= ~1ull;
	vtd_rig_on(rig);
	vtd_rig_expect_fault(rig, 0x3000, false, 2);
	rig->context[2 * 0x08] |= 1;
	vtd_rig_expect_fault(rig, 0x3000, false, 2);
	/* cached with domain id 0: any other leaves it */
	vtd_rig_write64(rig, 0x28, BIT_ULL(63) | 3ull << 61 | sid | RIG_DID);
	vtd_rig_expect_fault(rig, 0x3000, false, 2);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_CTX_MISS), 1ull);
	vtd_rig_write64(rig, 0x28, BIT_ULL(63) | 3ull << 61 | sid);

	vtd_rig_expect_fault(rig, 0x3000, false, 6);
	vtd_rig_expect_fault(rig, 0x3000, true, 5);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_HIT), 1ull);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.present, 1ull);
	rig->tree.l1[3] = 0x40003003;
	expect_stale(rig, 0x3000, true);
	vtd_rig_write64(rig, RIG_IVA, 0x3000 | BIT(6));
	vtd_rig_write64(rig, RIG_IOTLB, BIT_ULL(63) | 3ull << 60 |
			(u64)RIG_DID << 32);
	vtd_rig_expect_pa(rig, 0x3000, true, 0x40003000);

	/* a hole of 1 GiB is one entry, found from any page in it */
	vtd_rig_expect_fault(rig, 0x40000000, false, 6);
	vtd_rig_expect_fault(rig, 0x7ffff000, false, 6);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_HIT), 3ull);
	rig->tree.l3[1] = 0x80000083;
	vtd_rig_write64(rig, RIG_IVA, 0x7ffff000);
	vtd_rig_write64(rig, RIG_IOTLB, BIT_ULL(63) | 3ull << 60 |
			(u64)RIG_DID << 32);
	vtd_rig_expect_pa(rig, 0x40000000, true, 0x80000000);
}

/* Without caching mode a fault leaves nothing behind. */
static void test_no_caching_mode(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	struct lab_vtd_stats stats;

	rig->context[2 * 0x08] &= ~1ull;
	vtd_rig_on(rig);
	vtd_rig_expect_fault(rig, 0x3000, false, 2);
	rig->context[2 * 0x08] |= 1;
	vtd_rig_expect_fault(rig, 0x3000, false, 6);
	rig->tree.l1[3] = 0x40003001;
	vtd_rig_expect_fault(rig, 0x3000, true, 5);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.present, 0ull);
	vtd_rig_expect_pa(rig, 0x3000, false, 0x40003000);
}

/* Two source-ids, two domains, the same IOVAs. */
static void test_domains(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	struct lab_requester *other = vtd_rig_requester(rig, RIG_SID + 1);
	struct lab_context_view view;
	struct lab_translation tr;
	struct vtd_tree tree;
	int contexts = 0;

	vtd_rig_tree(rig, &tree);
	vtd_rig_context(rig, RIG_SID + 1, vtd_rig_pa(tree.top) | 1,
			(RIG_DID + 1) << 8 | RIG_AW4);
	rig->tree.l1[0] = 0x40000003;
	tree.l1[0] = 0x50000003;
	vtd_rig_on(rig);
	for (int i = 0; i < 3; i++) {
		vtd_rig_expect_pa(rig, 0, true, 0x40000000);
		KUNIT_EXPECT_EQ(test, vtd_rig_access(other, 0, true, &tr),
				LAB_TRANSLATED);
		KUNIT_EXPECT_EQ(test, tr.pa, 0x50000000ull);
	}
	for (u32 i = 0; i < lab_vtd_context_slots(rig->vtd); i++) {
		if (!lab_vtd_context_view(rig->vtd, i, &view))
			continue;
		contexts++;
		KUNIT_EXPECT_EQ(test, view.sid & ~1, RIG_SID);
		KUNIT_EXPECT_EQ(test, view.lo, rig->context[2 * (view.sid & 0xff)]);
		KUNIT_EXPECT_EQ(test, view.hi,
				rig->context[2 * (view.sid & 0xff) + 1]);
	}
	KUNIT_EXPECT_EQ(test, contexts, 2);
}

static struct kunit_case model_cases[] = {
	RIG_CASE(test_context_faults, "root and context faults"),
	RIG_CASE(test_context_faults_caching_mode,
		 "root and context faults, caching mode"),
	RIG_CASE(test_pass_through, "pass-through"),
	RIG_CASE(test_no_pass_through, "no pass-through without ECAP.PT"),
	RIG_CASE(test_beyond_width, "addresses beyond the width"),
	RIG_CASE(test_levels, "3, 4 and 5 levels"),
	RIG_CASE(test_leaves, "leaves of each level"),
	RIG_CASE(test_small_leaves_only, "leaf sizes by CAP.SSLPS"),
	RIG_CASE(test_rights_of_levels, "rights are those of all levels"),
	RIG_CASE(test_bytes, "bytes to the end of the leaf"),
	RIG_CASE(test_counters, "N10 counters of miss, hit, unmap and fault"),
	RIG_CASE(test_stale, "a rewritten leaf is stale until it is invalidated"),
	RIG_CASE(test_caching_mode, "N11 caching mode"),
	RIG_CASE(test_no_caching_mode, "no negative entries without caching mode"),
	RIG_CASE(test_domains, "domains do not see each other's entries"),
	{}
};

struct kunit_suite lab_model_suite = {
	.name = "iommu_lab_model",
	.exit = vtd_rig_exit,
	.test_cases = model_cases,
};
