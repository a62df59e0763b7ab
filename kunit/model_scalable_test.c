// SPDX-License-Identifier: GPL-2.0
/*
 * A unit in scalable mode: its tables as literal words, the fault reasons of each of
 * them, 256-bit descriptors, and the PASID cache.
 */
#include <linux/mm.h>
#include <linux/string.h>
#include "sm_rig.h"
#include "suites.h"

#define PA		0x12345000ULL
#define OUTSIDE		0x3ffffff000000ULL	/* no RAM; within 52, beyond 46 bits */
#define NO_RAM		0x3ffffff00000ULL	/* no RAM, within 46 bits */

static struct sm_rig *start(struct kunit *test)
{
	struct sm_rig *sm = sm_rig_create(test, &sm_rig_config);

	sm->rig->tree.l1[1] = PA | RIG_RW;
	sm_rig_on(sm);
	return sm;
}

/* by 3a:01.0, a root entry's lower half, RID_PASID 0 */
static void walk(struct kunit *test)
{
	struct sm_rig *sm = start(test);
	struct vtd_rig *rig = sm->rig;

	vtd_rig_expect_pa(rig, 0x1234, false, PA + 0x234);
	vtd_rig_expect_pa(rig, 0x1008, true, PA + 8);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_CTX_MISS), 1ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_PASID_MISS), 1ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_PASID_HIT), 1ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_HIT), 1ull);
	/* SSADE is 0: nothing was written */
	KUNIT_EXPECT_EQ(test, rig->tree.l1[1], PA | RIG_RW);
	/* 2 MiB, and 5 levels */
	rig->tree.l2[3] = 0x40000000 | RIG_RW | RIG_PS;
	vtd_rig_expect_pa(rig, 0x612345, false, 0x40012345);
}

/* 3a:1f.7: the upper half; RID_PASID 0x12345: directory entry 0x48d, entry 5 */
static void upper_half(struct kunit *test)
{
	struct sm_rig *sm = sm_rig_create(test, &sm_rig_config);
	struct vtd_rig *rig = sm->rig;
	struct lab_requester *rq = vtd_rig_requester(rig, 0x3aff);
	u64 *upper = vtd_rig_page(rig);
	u64 *dir = vtd_rig_pages(rig, 3);
	u64 *table = vtd_rig_page(rig);
	struct lab_translation tr;

	rig->tree.l1[1] = PA | RIG_RW;
	rig->root[2 * RIG_BUS + 1] = vtd_rig_pa(upper) | 1;
	/* PDTS 4: 2048 entries, 131072 PASIDs */
	upper[4 * 0x7f] = vtd_rig_pa(dir) | 4 << 9 | 1;
	upper[4 * 0x7f + 1] = 0x12345;
	dir[0x48d] = vtd_rig_pa(table) | 1;
	table[8 * 5] = vtd_rig_pa(rig->tree.top) | SM_SECOND_STAGE;
	table[8 * 5 + 1] = 0xfffe | SM_PWSNP;
	sm_rig_on(sm);
	KUNIT_EXPECT_EQ(test, vtd_rig_access(rq, 0x1fff, false, &tr),
			LAB_TRANSLATED);
	KUNIT_EXPECT_EQ(test, tr.pa, PA + 0xfff);
	/* the other device is as before, and has another domain id */
	vtd_rig_expect_pa(rig, 0x1000, false, PA);
	/* PDTS 3: the directory ends before it */
	upper[4 * 0x7f] = vtd_rig_pa(dir) | 3 << 9 | 1;
	sm_rig_flush(sm);
	KUNIT_EXPECT_EQ(test, vtd_rig_access(rq, 0x1fff, false, &tr),
			LAB_FAULTED);
	KUNIT_EXPECT_EQ(test, tr.reason, 0x48);
}

/**
 * struct sm_case - a word of the tables, and what comes of it
 * @what: for messages
 * @word: which one
 * @value: its value; with OWN added to what it was
 * @own: @value is or'ed to what was there
 * @iova: of the access
 * @reason: fault reason, 0: none
 */
struct sm_case {
	const char *what;
	enum { ROOT, CTX, CTX1, CTX2, DIR, PE, PE1, PE2, PE3, PE7, TOP, L3, L1 } word;
	bool own;
	u64 value;
	u64 iova;
	u8 reason;
};

static const struct sm_case sm_cases[] = {
	{ "as it is", ROOT, true, 0, 0x1000, 0 },
	{ "root half not present", ROOT, false, 0, 0x1000, 0x39 },
	{ "root reserved bit 1", ROOT, true, 2, 0x1000, 0x3a },
	{ "root reserved bit 11", ROOT, true, 0x800, 0x1000, 0x3a },
	{ "root beyond the width", ROOT, false, OUTSIDE | 1, 0x1000, 0x3a },
	{ "no context table", ROOT, false, NO_RAM | 1, 0x1000, 0x40 },
	{ "context not present", CTX, false, 0, 0x1000, 0x41 },
	{ "DTE without device-TLBs", CTX, true, 4, 0x1000, 0x42 },
	{ "PASIDE without PASIDs", CTX, true, 8, 0x1000, 0x42 },
	{ "PRE without page requests", CTX, true, 0x10, 0x1000, 0x42 },
	{ "context reserved bit 8", CTX, true, 0x100, 0x1000, 0x42 },
	{ "directory beyond the width", CTX, false, OUTSIDE | 1, 0x1000, 0x42 },
	{ "RID_PRIV", CTX1, false, BIT_ULL(20), 0x1000, 0x42 },
	{ "third word", CTX2, false, 1, 0x1000, 0x42 },
	{ "RID_PASID beyond 8192", CTX1, false, 8192, 0x1000, 0x48 },
	{ "RID_PASID of another table", CTX1, false, 64, 0x1000, 0x51 },
	{ "RID_PASID of another entry", CTX1, false, 63, 0x1000, 0x59 },
	{ "no directory", CTX, false, NO_RAM | 1, 0x1000, 0x50 },
	{ "directory not present", DIR, false, 0, 0x1000, 0x51 },
	{ "directory reserved bit 2", DIR, true, 4, 0x1000, 0x52 },
	{ "table beyond the width", DIR, false, OUTSIDE | 1, 0x1000, 0x52 },
	{ "no PASID table", DIR, false, NO_RAM | 1, 0x1000, 0x58 },
	{ "PASID entry not present", PE, false, 0, 0x1000, 0x59 },
	{ "PASID entry bit 5", PE, true, 0x20, 0x1000, 0x5a },
	{ "PASID entry bit 10", PE, true, 0x400, 0x1000, 0x5a },
	{ "second stage beyond the width", PE, false, OUTSIDE | SM_SECOND_STAGE,
	  0x1000, 0x5a },
	{ "PASID entry bit 80", PE1, true, 0x10000, 0x1000, 0x5a },
	{ "PGSNP without snoop control", PE1, true, BIT_ULL(24), 0x1000, 0x5a },
	{ "third word is of the first stage", PE2, false, ~0ULL, 0x1000, 0 },
	{ "fourth word", PE3, false, 1, 0x1000, 0x5a },
	{ "eighth word", PE7, false, BIT_ULL(63), 0x1000, 0x5a },
	{ "PGTT 0", PE, false, 0x9, 0x1000, 0x5b },
	{ "PGTT 1: first stage", PE, false, 0x49, 0x1000, 0x5b },
	{ "PGTT 3: nested", PE, false, 0xc9, 0x1000, 0x5b },
	{ "AW 0", PE, false, 0x81, 0x1000, 0x5b },
	{ "AW 4", PE, false, 0x91, 0x1000, 0x5b },
	{ "domain id 256 of 256", PE1, false, 0x100 | SM_PWSNP, 0x1000, 0x5b },
	{ "domain id 255", PE1, false, 0xff | SM_PWSNP, 0x1000, 0 },
	{ "pass-through", PE, false, 0x109, 0x12345678, 0 },
	{ "pass-through beyond the width", PE, false, 0x109, 1ULL << 46, 0x83 },
	{ "IOVA beyond 48 bits", ROOT, true, 0, 1ULL << 48, 0x84 },
	{ "no top table", PE, false, NO_RAM | SM_SECOND_STAGE, 0x1000, 0x7b },
	{ "no level-3 table", TOP, false, NO_RAM | RIG_RW, 0x1000, 0x78 },
	{ "no level-2 table", L3, false, NO_RAM | RIG_RW, 0x1000, 0x78 },
	{ "reserved bit 62 in a table", TOP, true, BIT_ULL(62), 0x1000, 0x7a },
	{ "reserved bit 11 in a leaf", L1, true, 0x800, 0x1000, 0x7a },
	{ "not present", L1, false, 0, 0x1000, 0x86 },
	{ "not readable", L1, false, PA | RIG_W, 0x1000, 0x86 },
};

static u64 *word_of(struct sm_rig *sm, const struct sm_case *c)
{
	switch (c->word) {
	case ROOT: return &sm->rig->root[2 * RIG_BUS];
	case CTX: return &sm->rig->context[SM_CONTEXT];
	case CTX1: return &sm->rig->context[SM_CONTEXT + 1];
	case CTX2: return &sm->rig->context[SM_CONTEXT + 2];
	case DIR: return &sm->dir[0];
	case PE: return &sm->table[0];
	case PE1: return &sm->table[1];
	case PE2: return &sm->table[2];
	case PE3: return &sm->table[3];
	case PE7: return &sm->table[7];
	case TOP: return &sm->rig->tree.top[0];
	case L3: return &sm->rig->tree.l3[0];
	case L1: return &sm->rig->tree.l1[1];
	}
	return NULL;
}

static bool is_cached(bool caching_mode, u8 reason)
{
	if (reason == 0x50 || reason == 0x58)
		return false;
	if (reason >= 0x38 && reason <= 0x48)
		return false;
	return caching_mode || reason < 0x50 || reason > 0x5b;
}

static void run_cases(struct kunit *test, bool caching_mode)
{
	struct lab_vtd_config config = sm_rig_config;
	static struct lab_vtd_stats stats;
	static u64 faults[0x90];
	struct sm_rig *sm;
	unsigned int i, n;

	memset(faults, 0, sizeof(faults));
	config.nd = 2;
	config.levels = BIT(3) | BIT(4);
	config.caching_mode = caching_mode;
	sm = sm_rig_create(test, &config);
	sm->rig->tree.l1[1] = PA | RIG_RW;
	sm_rig_on(sm);
	for (i = 0; i < ARRAY_SIZE(sm_cases); i++) {
		const struct sm_case *c = &sm_cases[i];
		u64 *word = word_of(sm, c);
		u64 old = *word;

		*word = c->own ? old | c->value : c->value;
		sm_rig_flush(sm);
		/* from memory, then from the caches */
		for (n = 0; n < 2; n++) {
			struct lab_translation tr;
			enum lab_translate_status status;

			status = vtd_rig_access(sm->rig->rq, c->iova, false,
						&tr);
			KUNIT_EXPECT_EQ_MSG(test, tr.reason, c->reason, "%s",
					    c->what);
			KUNIT_EXPECT_EQ_MSG(test, status, c->reason ?
					    LAB_FAULTED : LAB_TRANSLATED, "%s",
					    c->what);
			faults[c->reason]++;
		}
		lab_vtd_read_stats(sm->rig->vtd, &stats);
		KUNIT_EXPECT_EQ_MSG(test, stats.pasid_present,
				    is_cached(caching_mode, c->reason), "%s",
				    c->what);
		*word = old;
	}
	for (i = 1; i < VTD_NR_FAULT_SLOTS; i++)
		KUNIT_EXPECT_EQ(test,
				vtd_rig_count(sm->rig, LAB_CNT_FAULT + i),
				faults[vtd_fault_of_slot(i)]);
	KUNIT_EXPECT_EQ(test, stats.queue_errors, 0ull);
}

static void fault_reasons(struct kunit *test)
{
	run_cases(test, false);
}

static void fault_reasons_caching_mode(struct kunit *test)
{
	run_cases(test, true);
}

/* what cannot be a row of the table above */
static void more_faults(struct kunit *test)
{
	struct lab_vtd_config config = sm_rig_config;
	struct sm_rig *sm;

	config.pass_through = false;
	sm = sm_rig_create(test, &config);
	sm->rig->tree.l1[1] = PA | RIG_R;
	sm_rig_on(sm);
	vtd_rig_expect_fault(sm->rig, 0x1000, true, 0x85);
	sm->table[0] = 0x109;
	sm_rig_flush(sm);
	vtd_rig_expect_fault(sm->rig, 0x1000, false, 0x5b);
	/* no root table, and a mode that nobody has */
	vtd_rig_write64(sm->rig, 0x20, NO_RAM | SM_TTM);
	vtd_rig_command(sm->rig, BIT(30), true);
	sm_rig_flush(sm);
	vtd_rig_expect_fault(sm->rig, 0x1000, false, 0x38);
	vtd_rig_write64(sm->rig, 0x20, vtd_rig_pa(sm->rig->root) | 0xc00);
	vtd_rig_command(sm->rig, BIT(30), true);
	sm_rig_flush(sm);
	vtd_rig_expect_fault(sm->rig, 0x1000, false, 0x30);
}

/* FPD of context, directory and PASID entry: no record */
static void fault_processing_disabled(struct kunit *test)
{
	struct sm_rig *sm = start(test);
	static struct lab_vtd_stats stats;
	u64 *word[] = { &sm->rig->context[SM_CONTEXT], &sm->dir[0],
			&sm->table[0] };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(word); i++) {
		*word[i] |= 2;
		sm_rig_flush(sm);
		vtd_rig_expect_fault(sm->rig, 0x5000, false, 0x86);
		vtd_rig_expect_fault(sm->rig, 0x5000, false, 0x86);
		*word[i] &= ~2ULL;
	}
	lab_vtd_read_stats(sm->rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.records, 0ull);
	sm_rig_flush(sm);
	vtd_rig_expect_fault(sm->rig, 0x5000, false, 0x86);
	/* the record has the reason of scalable mode */
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(sm->rig, RIG_FRCD), 0x5000ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(sm->rig, RIG_FRCD + 8),
			0xc000008600000000ull | RIG_SID);
}

/* the mode and its descriptors are not for a unit without SMTS */
static void legacy_unit_refuses(struct kunit *test)
{
	struct lab_vtd_config config = sm_rig_config;
	struct vtd_rig *rig;

	config.scalable = false;
	rig = vtd_rig_create(test, &config);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x10) >> 43, 0ull);
	vtd_rig_write64(rig, 0x20, vtd_rig_pa(rig->root) | SM_TTM);
	vtd_rig_command(rig, BIT(30), true);
	vtd_rig_command(rig, BIT(31), true);
	vtd_rig_expect_fault(rig, 0x1000, false, 0x30);
	/* nothing of it is cached, with the right mode it works */
	rig->tree.l1[1] = PA | RIG_RW;
	vtd_rig_on(rig);
	vtd_rig_expect_pa(rig, 0x1000, false, PA);
	vtd_rig_write64(rig, 0x90, 0x7f800);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x90), 0x7f000ull);
	vtd_rig_queue_on(rig, 0);
	vtd_rig_submit(rig, SM_INV_PASID_GLOBAL, 0);
	KUNIT_EXPECT_TRUE(test, vtd_rig_read32(rig, 0x34) & BIT(4));
}

/* a unit that has scalable mode can be driven in legacy mode all the same */
static void scalable_unit_in_legacy_mode(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &sm_rig_config);

	/* SMTS, SSADS, SSTS, SMPWCS, RPS */
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x10) >> 43, 0x6dull);
	rig->tree.l1[1] = PA | RIG_RW;
	vtd_rig_queue_on(rig, 0);
	vtd_rig_on(rig);
	vtd_rig_expect_pa(rig, 0x1000, true, PA);
	KUNIT_EXPECT_EQ(test, rig->tree.l1[1], PA | RIG_RW);
	rig->tree.l1[1] = 0;
	vtd_rig_submit(rig, RIG_INV_IOTLB_GLOBAL, 0);
	vtd_rig_expect_fault(rig, 0x1000, true, 5);
}

struct descriptor {
	u64 lo;
	u64 hi;
	u64 third;
	u64 fourth;
	bool bad;
};

static const struct descriptor descriptors[] = {
	{ RIG_INV_CONTEXT_GLOBAL },
	{ RIG_INV_CONTEXT_GLOBAL, 0, 1, 0, true },
	{ RIG_INV_CONTEXT_GLOBAL, 0, 0, BIT_ULL(63), true },
	{ RIG_INV_IOTLB_GLOBAL },
	{ RIG_INV_IOTLB_GLOBAL, 0, BIT_ULL(12), 0, true },
	{ SM_INV_PASID_GLOBAL },
	{ SM_INV_PASID_GLOBAL, 0, 0, 1, true },
	{ SM_INV_PASID_GLOBAL, 1, 0, 0, true },
	{ SM_INV_PASID_DOMAIN | RIG_DID << 16 },
	{ SM_INV_PASID_ONE | RIG_DID << 16 | 0xfffffULL << 32 },
	{ 0x27, 0, 0, 0, true },			/* granularity 2 */
	{ SM_INV_PASID_GLOBAL | BIT_ULL(6), 0, 0, 0, true },
	{ SM_INV_PASID_GLOBAL | BIT_ULL(52), 0, 0, 0, true },
	{ SM_INV_PASID_IOTLB | RIG_DID << 16 },
	{ SM_INV_PASID_IOTLB, 0, 1, 0, true },
	{ SM_INV_PASID_IOTLB, 0x1000, 0, 0, true },
	{ 0x36 | RIG_DID << 16, 0x1000 | 18 },
	{ 0x36, 0x1000 | 19, 0, 0, true },		/* beyond MAMV */
	{ 0x16, 0, 0, 0, true },
	{ 0x5 },
	{ 0x5, 0, 1, 0, true },
	{ 0x8, 0, 0, 0, true },
};

/* each of them at each place of the ring, which wraps after 128 */
static void descriptors_of_256_bits(struct kunit *test)
{
	struct sm_rig *sm = start(test);
	struct vtd_rig *rig = sm->rig;
	static struct lab_vtd_stats stats;
	unsigned int i, bad = 0;

	for (i = 0; i < 300; i++) {
		const struct descriptor *d =
			&descriptors[i % ARRAY_SIZE(descriptors)];

		KUNIT_EXPECT_EQ(test, rig->tail, i % 128 * 32ull);
		sm_rig_put(sm, d->lo, d->hi, d->third, d->fourth);
		vtd_rig_ring(rig);
		bad += d->bad;
		KUNIT_EXPECT_EQ_MSG(test, sm_rig_queue_error(sm), d->bad,
				    "descriptor %llx", d->lo);
		KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x80), rig->tail);
	}
	/* a status is written, of which the address is in the second word */
	sm_rig_put(sm, RIG_INV_WAIT | 0xabcdULL << 32,
		   vtd_rig_pa(rig->status), 0, 0);
	vtd_rig_ring(rig);
	KUNIT_EXPECT_EQ(test, READ_ONCE(*rig->status), 0xabcdu);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.queue_errors, (u64)bad);
}

/* a tail between two descriptors; 128-bit descriptors in scalable mode */
static void bad_queue(struct kunit *test)
{
	struct sm_rig *sm = start(test);
	struct vtd_rig *rig = sm->rig;

	vtd_rig_write64(rig, 0x88, 16);
	KUNIT_EXPECT_TRUE(test, vtd_rig_read32(rig, 0x34) & BIT(4));
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x80), 0ull);
	vtd_rig_write64(rig, 0x88, 0);
	vtd_rig_write32(rig, 0x34, BIT(4));
	vtd_rig_command(rig, BIT(26), false);
	KUNIT_ASSERT_FALSE(test, vtd_rig_read32(rig, 0x1c) & BIT(26));
	vtd_rig_queue_on(rig, 0);
	vtd_rig_submit(rig, RIG_INV_IOTLB_GLOBAL, 0);
	KUNIT_EXPECT_TRUE(test, vtd_rig_read32(rig, 0x34) & BIT(4));
}

/* in scalable mode the registers invalidate nothing, and say so */
static void no_register_invalidation(struct kunit *test)
{
	struct sm_rig *sm = start(test);
	struct vtd_rig *rig = sm->rig;
	static struct lab_vtd_stats stats;

	vtd_rig_expect_pa(rig, 0x1000, false, PA);
	vtd_rig_command(rig, BIT(26), false);
	KUNIT_ASSERT_FALSE(test, vtd_rig_read32(rig, 0x1c) & BIT(26));
	vtd_rig_write64(rig, 0x28, BIT_ULL(63) | 1ULL << 61);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x28) >> 59, 0x4ull);
	vtd_rig_write64(rig, RIG_IOTLB, BIT_ULL(63) | 1ULL << 60);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, RIG_IOTLB) >> 57 & 3, 0ull);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.context_present, 1ull);
	KUNIT_EXPECT_EQ(test, stats.present, 1ull);
}

/* a PASID entry that was changed is not seen before the PASID cache is invalidated */
static void pasid_cache(struct kunit *test)
{
	static const struct {
		u64 lo;
		bool seen;
	} inval[] = {
		{ RIG_INV_CONTEXT_GLOBAL, false },
		{ RIG_INV_IOTLB_GLOBAL, false },
		{ SM_INV_PASID_IOTLB | RIG_DID << 16, false },
		{ SM_INV_PASID_DOMAIN | (RIG_DID + 1) << 16, false },
		{ SM_INV_PASID_ONE | (RIG_DID + 1) << 16, false },
		{ SM_INV_PASID_ONE | RIG_DID << 16 | 1ULL << 32, false },
		{ SM_INV_PASID_ONE | RIG_DID << 16, true },
		{ SM_INV_PASID_DOMAIN | RIG_DID << 16, true },
		{ SM_INV_PASID_GLOBAL, true },
	};
	struct sm_rig *sm = start(test);
	u64 present = sm->table[0];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(inval); i++) {
		sm->table[0] = present;
		sm_rig_flush(sm);
		vtd_rig_expect_pa(sm->rig, 0x1000, false, PA);
		sm->table[0] = 0;
		vtd_rig_expect_pa(sm->rig, 0x1000, false, PA);
		sm_rig_submit(sm, inval[i].lo, 0);
		if (inval[i].seen)
			vtd_rig_expect_fault(sm->rig, 0x1000, false, 0x59);
		else
			vtd_rig_expect_pa(sm->rig, 0x1000, false, PA);
	}
}

/* 9.4 has no domain id: a context entry goes by its source-id */
static void context_cache(struct kunit *test)
{
	static const struct {
		u64 lo;
		bool seen;
	} inval[] = {
		{ SM_INV_PASID_GLOBAL, false },
		{ RIG_INV_IOTLB_GLOBAL, false },
		{ 0x31 | (u64)(RIG_SID + 8) << 32, false },
		{ 0x31 | (u64)RIG_SID << 32, true },
		{ 0x21, true },
		{ RIG_INV_CONTEXT_GLOBAL, true },
	};
	struct sm_rig *sm = start(test);
	u64 *entry = &sm->rig->context[SM_CONTEXT];
	u64 present = *entry;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(inval); i++) {
		*entry = present;
		sm_rig_flush(sm);
		vtd_rig_expect_pa(sm->rig, 0x1000, false, PA);
		*entry = 0;
		sm_rig_submit(sm, inval[i].lo, 0);
		if (inval[i].seen)
			vtd_rig_expect_fault(sm->rig, 0x1000, false, 0x41);
		else
			vtd_rig_expect_pa(sm->rig, 0x1000, false, PA);
	}
}

static struct kunit_case model_scalable_cases[] = {
	RIG_CASE(walk, "tables of scalable mode as literal words"),
	RIG_CASE(upper_half, "upper half of a root entry, RID_PASID, PDTS"),
	RIG_CASE(fault_reasons, "each fault reason of scalable mode"),
	RIG_CASE(fault_reasons_caching_mode,
		 "each fault reason of scalable mode, caching mode"),
	RIG_CASE(more_faults, "fault reasons of RTADDR, of writes, without pass-through"),
	RIG_CASE(fault_processing_disabled, "FPD of context, directory and PASID entry"),
	RIG_CASE(legacy_unit_refuses, "a unit without SMTS refuses TTM and DW"),
	RIG_CASE(scalable_unit_in_legacy_mode, "a unit with SMTS in legacy mode"),
	RIG_CASE(descriptors_of_256_bits, "256-bit descriptors, good and bad, wrap"),
	RIG_CASE(bad_queue, "a tail within a descriptor, 128-bit descriptors"),
	RIG_CASE(no_register_invalidation, "no invalidation by register"),
	RIG_CASE(pasid_cache, "which descriptor empties the PASID cache"),
	RIG_CASE(context_cache, "which descriptor empties the context cache"),
	{}
};

struct kunit_suite lab_model_scalable_suite = {
	.name = "iommu_lab_model_scalable",
	.exit = vtd_rig_exit,
	.test_cases = model_scalable_cases,
};
