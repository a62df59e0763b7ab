// SPDX-License-Identifier: GPL-2.0
/*
 * Accessed and dirty bits (VT-d 3.7.2): which are set by what, and what the IOTLB knows
 * of them.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "seed.h"
#include "sm_rig.h"
#include "suites.h"

#define PA	0x12345000ULL
#define PAGES	512u

static struct sm_rig *start(struct kunit *test)
{
	struct sm_rig *sm = sm_rig_create(test, &sm_rig_config);

	sm->table[0] |= SM_SSADE;
	sm->rig->tree.l1[1] = PA | RIG_RW;
	sm_rig_on(sm);
	return sm;
}

static void touch(struct sm_rig *sm, u64 iova, bool write)
{
	struct lab_translation tr;

	KUNIT_ASSERT_EQ(sm->rig->test,
			vtd_rig_access(sm->rig->rq, iova, write, &tr),
			LAB_TRANSLATED);
}

static void forget(struct sm_rig *sm)
{
	sm_rig_submit(sm, RIG_INV_IOTLB_DOMAIN | RIG_DID << 16, 0);
}

/* A on the whole way, D in the leaf of a write only */
static void set_by_walks(struct kunit *test)
{
	struct sm_rig *sm = start(test);
	struct vtd_tree *tree = &sm->rig->tree;
	u64 a = RIG_RW | SM_A;

	tree->l1[2] = PA | RIG_RW;
	tree->l2[5] = 0x40000000 | RIG_RW | RIG_PS;
	touch(sm, 0x1000, false);
	KUNIT_EXPECT_EQ(test, tree->top[0], vtd_rig_pa(tree->l3) | a);
	KUNIT_EXPECT_EQ(test, tree->l3[0], vtd_rig_pa(tree->l2) | a);
	KUNIT_EXPECT_EQ(test, tree->l2[0], vtd_rig_pa(tree->l1) | a);
	KUNIT_EXPECT_EQ(test, tree->l1[1], PA | a);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(sm->rig, LAB_CNT_MARK), 4ull);
	touch(sm, 0x2fff, true);
	KUNIT_EXPECT_EQ(test, tree->l1[2], PA | a | SM_D);
	KUNIT_EXPECT_EQ(test, tree->l2[0], vtd_rig_pa(tree->l1) | a);
	touch(sm, 0xa00000, true);
	KUNIT_EXPECT_EQ(test, tree->l2[5],
			0x40000000 | RIG_PS | RIG_RW | SM_A | SM_D);
}

/* the IOTLB knows the leaf by a read: the first write sets D, and only that one */
static void set_by_hits(struct kunit *test)
{
	struct sm_rig *sm = start(test);
	u64 *leaf = &sm->rig->tree.l1[1];

	touch(sm, 0x1000, false);
	touch(sm, 0x1004, false);
	KUNIT_EXPECT_EQ(test, *leaf, PA | RIG_RW | SM_A);
	touch(sm, 0x1008, true);
	KUNIT_EXPECT_EQ(test, *leaf, PA | RIG_RW | SM_A | SM_D);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(sm->rig, LAB_CNT_HIT), 2ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(sm->rig, LAB_CNT_MARK), 5ull);
	touch(sm, 0x1010, true);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(sm->rig, LAB_CNT_MARK), 5ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(sm->rig, LAB_CNT_STALE), 0ull);
}

/* read and clear: the IOTLB goes on to think that D is set, until it is told */
static void clear_needs_invalidation(struct kunit *test)
{
	struct sm_rig *sm = start(test);
	u64 *leaf = &sm->rig->tree.l1[1];
	bool by_hit;

	for (by_hit = false;; by_hit = true) {
		if (by_hit)
			touch(sm, 0x1000, false);
		touch(sm, 0x1000, true);
		KUNIT_EXPECT_EQ(test, *leaf & SM_D, SM_D);
		clear_bit(9, (unsigned long *)leaf);
		touch(sm, 0x1000, true);
		KUNIT_EXPECT_EQ(test, *leaf & SM_D, 0ull);
		forget(sm);
		touch(sm, 0x1000, true);
		KUNIT_EXPECT_EQ(test, *leaf & SM_D, SM_D);
		clear_bit(9, (unsigned long *)leaf);
		forget(sm);
		if (by_hit)
			break;
	}
	KUNIT_EXPECT_EQ(test, vtd_rig_count(sm->rig, LAB_CNT_STALE), 0ull);
}

/* an access that is refused, and a unit that is not to set them */
static void not_set(struct kunit *test)
{
	struct sm_rig *sm = start(test);
	struct vtd_tree *tree = &sm->rig->tree;

	tree->l1[3] = PA | RIG_R;
	vtd_rig_expect_fault(sm->rig, 0x3000, true, 0x85);
	KUNIT_EXPECT_EQ(test, tree->l1[3], PA | RIG_R);
	touch(sm, 0x3000, false);
	vtd_rig_expect_fault(sm->rig, 0x3000, true, 0x85);
	KUNIT_EXPECT_EQ(test, tree->l1[3], PA | RIG_R | SM_A);
	tree->l1[4] = PA | RIG_RW | 0x800;
	vtd_rig_expect_fault(sm->rig, 0x4000, true, 0x7a);
	KUNIT_EXPECT_EQ(test, tree->l1[4], PA | RIG_RW | 0x800);

	sm->table[0] &= ~SM_SSADE;
	sm_rig_flush(sm);
	tree->top[0] &= ~SM_A;
	touch(sm, 0x1000, true);
	KUNIT_EXPECT_EQ(test, tree->l1[1], PA | RIG_RW);
	KUNIT_EXPECT_EQ(test, tree->top[0] & SM_A, 0ull);
}

/* SSADE that is turned on later: nothing that was cached before hides a bit */
static void turned_on(struct kunit *test)
{
	struct sm_rig *sm = start(test);
	struct vtd_tree *tree = &sm->rig->tree;

	sm->table[0] &= ~SM_SSADE;
	sm_rig_flush(sm);
	touch(sm, 0x1000, true);
	sm->table[0] |= SM_SSADE;
	touch(sm, 0x1000, true);
	KUNIT_EXPECT_EQ(test, tree->l1[1], PA | RIG_RW);
	sm_rig_submit(sm, SM_INV_PASID_ONE | RIG_DID << 16, 0);
	/* by the entry of before, in which D is not known to be set */
	touch(sm, 0x1000, true);
	KUNIT_EXPECT_EQ(test, tree->l1[1], PA | RIG_RW | SM_A | SM_D);
}

/* D is to be set by a hit, but the leaf is another one by now */
static void changed_leaf(struct kunit *test)
{
	struct sm_rig *sm = start(test);
	u64 *leaf = &sm->rig->tree.l1[1];
	static const u64 other[] = { 0, (PA + 0x1000) | RIG_RW, PA | RIG_R };
	struct lab_translation tr;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(other); i++) {
		*leaf = PA | RIG_RW;
		forget(sm);
		touch(sm, 0x1000, false);
		*leaf = other[i];
		KUNIT_EXPECT_EQ(test, vtd_rig_access(sm->rig->rq, 0x1000, true,
						     &tr), LAB_FAULTED);
		KUNIT_EXPECT_TRUE(test, tr.stale);
		KUNIT_EXPECT_EQ(test, *leaf, other[i]);
	}
}

/* any accesses in any order, with an IOTLB that is too small, now and then cleared */
static void exact_set(struct kunit *test)
{
	struct sm_rig *sm = start(test);
	unsigned long *written = kunit_kzalloc(test, PAGES / 8, GFP_KERNEL);
	unsigned long *read = kunit_kzalloc(test, PAGES / 8, GFP_KERNEL);
	u64 *l1 = sm->rig->tree.l1;
	struct rnd_state rnd;
	unsigned int i, n;

	KUNIT_ASSERT_NOT_NULL(test, written);
	KUNIT_ASSERT_NOT_NULL(test, read);
	lab_test_rnd_init(&rnd, 0x64697274);
	for (n = 0; n < PAGES; n++)
		l1[n] = (PA + n * SZ_4K) | RIG_RW;
	for (i = 0; i < 20000; i++) {
		bool write = lab_test_chance(&rnd, 20);

		n = lab_test_below(&rnd, PAGES);
		touch(sm, n * SZ_4K + lab_test_below(&rnd, SZ_4K), write);
		set_bit(n, read);
		if (write)
			set_bit(n, written);
		if (lab_test_below(&rnd, 1000))
			continue;
		for (n = 0; n < PAGES; n++) {
			KUNIT_ASSERT_EQ(test, !!(l1[n] & SM_D),
					test_bit(n, written));
			KUNIT_ASSERT_EQ(test, !!(l1[n] & SM_A),
					test_bit(n, read));
			l1[n] &= ~(SM_A | SM_D);
		}
		bitmap_zero(written, PAGES);
		bitmap_zero(read, PAGES);
		forget(sm);
	}
	KUNIT_EXPECT_GT(test, vtd_rig_count(sm->rig, LAB_CNT_HIT), 0ull);
	KUNIT_EXPECT_GT(test, vtd_rig_count(sm->rig, LAB_CNT_EVICT), 0ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(sm->rig, LAB_CNT_STALE), 0ull);
}

static struct kunit_case model_dirty_cases[] = {
	RIG_CASE(set_by_walks, "walks set A on the way and D in the leaf of a write"),
	RIG_CASE(set_by_hits, "the first write through a cached leaf sets D"),
	RIG_CASE(clear_needs_invalidation,
		 "a cleared D stays clear until the IOTLB is invalidated"),
	RIG_CASE(not_set, "nothing is set by refused accesses, or without SSADE"),
	RIG_CASE(turned_on, "SSADE turned on needs the PASID cache invalidated"),
	RIG_CASE(changed_leaf, "D is never set in another leaf"),
	RIG_CASE(exact_set, "D is set in exactly the pages that were written"),
	{}
};

struct kunit_suite lab_model_dirty_suite = {
	.name = "iommu_lab_model_dirty",
	.exit = vtd_rig_exit,
	.test_cases = model_dirty_cases,
};
