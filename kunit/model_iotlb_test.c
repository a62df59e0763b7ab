// SPDX-License-Identifier: GPL-2.0
/*
 * The IOTLB and the paging-structure cache against a reference that models
 * staleness: random accesses, random rewriting of table entries behind the
 * unit's back, random invalidations.
 *
 * The reference knows each cached entry, so it predicts each answer and each
 * counter. One thing it asks the unit: which entry was replaced when a set was
 * full (it checks that the set was, and that one entry went).
 */
#include "model_reference.h"
#include "seed.h"
#include "suites.h"

#define STREAM		0x70
#define PAGES		16	/* used in each region */
#define OPS		10000	/* a geometry and mode; 12 of them */
#define BATCH		100

static u64 below(struct reference *ref, u64 limit)
{
	return lab_test_below(&ref->rnd, limit);
}

static u64 random_iova(struct reference *ref)
{
	if (below(ref, 16) == 0)
		return BIT_ULL(30) + below(ref, BIT_ULL(30));
	return below(ref, REGIONS) << 21 | below(ref, PAGES) << 12 |
	       below(ref, 4096);
}

/* a leaf of a level, sometimes none, rarely with a reserved bit */
static u64 random_leaf(struct reference *ref, int level)
{
	int shift = 12 + 9 * (level - 1);
	u64 leaf = below(ref, BIT_ULL(RIG_WIDTH - shift)) << shift;

	if (below(ref, 5) == 0)
		return 0;
	if (below(ref, 40) == 0)
		leaf |= BIT_ULL(RIG_WIDTH);
	if (level > 1)
		leaf |= RIG_PS;
	return leaf | (1 + below(ref, 3));
}

/* behind the unit's back */
static void rewrite(struct reference *ref)
{
	struct world *world = &ref->worlds[below(ref, DOMAINS)];
	u64 region = below(ref, REGIONS);
	u64 kind = below(ref, 20);

	if (kind == 0) {
		world->tree.l3[1] = random_leaf(ref, 3);
	} else if (kind == 1) {
		world->tree.l2[region] = random_leaf(ref, 2);
	} else if (kind < 5) {
		world->tree.l2[region] =
			vtd_rig_pa(world->l1[region][below(ref, 2)]) |
			(below(ref, 4) ? RIG_RW : 1 + below(ref, 2));
	} else {
		world->l1[region][below(ref, 2)][below(ref, PAGES)] =
			random_leaf(ref, 1);
	}
}

/* Is the entry in the unit? If so: whether its set is full, in @full */
static bool viewed(struct reference *ref, const struct shadow *s, bool *full)
{
	struct lab_vtd *vtd = ref->rig->vtd;
	struct lab_iotlb_view view;
	bool found = false;

	for (u32 set = 0; set < lab_vtd_iotlb_sets(vtd) && !found; set++) {
		*full = true;
		for (u32 way = 0; way < lab_vtd_iotlb_ways(vtd); way++) {
			if (!lab_vtd_iotlb_view(vtd, set, way, &view))
				*full = false;
			else if (view.did == s->did && view.level == s->level &&
				 view.iova >> (12 + 9 * (s->level - 1)) == s->page)
				found = view.leaf == s->leaf &&
					view.prot == s->prot &&
					view.stale == (*s->leafp != s->leaf);
		}
	}
	return found;
}

static u64 view_count(struct reference *ref)
{
	struct lab_vtd *vtd = ref->rig->vtd;
	struct lab_iotlb_view view;
	u64 count = 0;

	for (u32 set = 0; set < lab_vtd_iotlb_sets(vtd); set++)
		for (u32 way = 0; way < lab_vtd_iotlb_ways(vtd); way++)
			count += lab_vtd_iotlb_view(vtd, set, way, &view);
	return count;
}

/* The unit has what the reference has, and nothing else. */
static void compare(struct reference *ref)
{
	struct kunit *test = ref->rig->test;
	bool full;

	for (int i = 0; i < ref->present; i++)
		KUNIT_ASSERT_TRUE(test, viewed(ref, &ref->entries[i], &full));
	KUNIT_ASSERT_EQ(test, view_count(ref), (u64)ref->present);
}

/* One entry was replaced: learns which. The newest is the last. */
static void replaced(struct reference *ref)
{
	struct kunit *test = ref->rig->test;
	bool full;

	KUNIT_ASSERT_TRUE(test, viewed(ref, &ref->entries[ref->present - 1],
				       &full));
	KUNIT_ASSERT_TRUE(test, full);
	for (int i = 0; i < ref->present - 1; i++) {
		if (!viewed(ref, &ref->entries[i], &full)) {
			reference_forget(ref, &ref->entries[i]);
			break;
		}
	}
	KUNIT_ASSERT_EQ(test, view_count(ref), (u64)ref->present);
}

static void insert(struct reference *ref, int domain, u64 iova,
		   const struct walked *w)
{
	struct lab_counters *c = &ref->expected[domain];
	struct lab_counters now;

	KUNIT_ASSERT_LT(ref->rig->test, ref->present, ENTRIES);
	reference_insert(ref, domain, iova, w);
	lab_requester_read(ref->worlds[domain].rq, &now);
	if (now.c[LAB_CNT_EVICT] != c->c[LAB_CNT_EVICT]) {
		c->c[LAB_CNT_EVICT]++;
		replaced(ref);
	}
}

static void access(struct reference *ref)
{
	struct kunit *test = ref->rig->test;
	int domain = below(ref, DOMAINS);
	u64 iova = random_iova(ref);
	bool write = below(ref, 2);
	struct lab_translation tr;
	struct answer a;

	reference_predict(ref, domain, iova, write, &a);
	KUNIT_ASSERT_EQ(test, vtd_rig_access(ref->worlds[domain].rq, iova, write,
					     &tr),
			a.tr.reason ? LAB_FAULTED : LAB_TRANSLATED);
	KUNIT_ASSERT_EQ(test, tr.hit, a.tr.hit);
	KUNIT_ASSERT_EQ(test, tr.stale, a.tr.stale);
	KUNIT_ASSERT_EQ(test, tr.reason, a.tr.reason);
	KUNIT_ASSERT_EQ(test, tr.pa, a.tr.pa);
	KUNIT_ASSERT_EQ(test, tr.bytes, a.tr.bytes);
	if (a.cached)
		insert(ref, domain, iova, &a.fill);
	ref->accesses++;
}

static void send(struct reference *ref, u64 granularity, u64 did, u64 address)
{
	struct vtd_rig *rig = ref->rig;

	if (ref->queued) {
		vtd_rig_submit(rig, 2 | granularity << 4 | did << 16, address);
		KUNIT_ASSERT_EQ(rig->test, vtd_rig_read64(rig, 0x80), rig->tail);
		return;
	}
	vtd_rig_write64(rig, RIG_IVA, address);
	vtd_rig_write64(rig, RIG_IOTLB, BIT_ULL(63) | granularity << 60 |
			did << 32);
	KUNIT_ASSERT_EQ(rig->test, vtd_rig_read64(rig, RIG_IOTLB) >> 57 & 3,
			granularity);
}

/* Now and then the domain id is nobody's. */
static void invalidate(struct reference *ref)
{
	u64 pick = below(ref, DOMAINS + 1);
	int did = pick < DOMAINS ? ref->worlds[pick].did : 0x204;
	u64 kind = below(ref, 20);
	u64 am = below(ref, 8) ? below(ref, 5) : below(ref, 19);
	u64 size = 4096ull << am;
	u64 start = random_iova(ref) & ~(size - 1);
	bool hint = below(ref, 2);

	if (kind == 0) {
		send(ref, 1, did, start);
		reference_drop(ref, -1, 0, U64_MAX, true);
	} else if (kind < 3) {
		send(ref, 2, did, start);
		reference_drop(ref, did, 0, U64_MAX, true);
	} else {
		send(ref, 3, did, start | hint << 6 | am);
		reference_drop(ref, did, start, start + size - 1, !hint);
	}
	compare(ref);
}

static void check_counters(struct reference *ref)
{
	struct kunit *test = ref->rig->test;
	static struct lab_vtd_stats stats;
	struct lab_counters now;

	for (int d = 0; d < DOMAINS; d++) {
		lab_requester_read(ref->worlds[d].rq, &now);
		KUNIT_ASSERT_MEMEQ(test, &now, &ref->expected[d], sizeof(now));
	}
	lab_vtd_read_stats(ref->rig->vtd, &stats);
	KUNIT_ASSERT_EQ(test, stats.sum.c[LAB_CNT_HIT] +
			stats.sum.c[LAB_CNT_MISS], ref->accesses);
	KUNIT_ASSERT_EQ(test, lab_counters_context_hits(&stats.sum),
			ref->accesses - DOMAINS);
	KUNIT_ASSERT_EQ(test, stats.removed, ref->removed);
	KUNIT_ASSERT_EQ(test, stats.present, (u64)ref->present);
	KUNIT_ASSERT_EQ(test, stats.sum.c[LAB_CNT_INSERT], stats.present +
			stats.removed + stats.sum.c[LAB_CNT_EVICT]);
	KUNIT_ASSERT_EQ(test, stats.psc_present, (u64)reference_psc_count(ref));
	compare(ref);
}

static void make_world(struct reference *ref, int d)
{
	static const u16 dids[DOMAINS] = { 1, 2, 0x102 };
	struct world *world = &ref->worlds[d];
	u16 sid = RIG_SID + 1 + d;

	world->did = dids[d];
	world->rq = vtd_rig_requester(ref->rig, sid);
	vtd_rig_tree(ref->rig, &world->tree);
	vtd_rig_context(ref->rig, sid, vtd_rig_pa(world->tree.top) | 1,
			world->did << 8 | RIG_AW4);
	for (int r = 0; r < REGIONS; r++) {
		world->l1[r][0] = vtd_rig_page(ref->rig);
		world->l1[r][1] = vtd_rig_page(ref->rig);
		world->tree.l2[r] = vtd_rig_pa(world->l1[r][0]) | RIG_RW;
	}
	ref->expected[d].c[LAB_CNT_CTX_MISS] = 1;
}

/* Each domain and region once: the paging-structure cache has room for all. */
static void first_accesses(struct reference *ref)
{
	struct lab_translation tr;
	struct lab_vtd_stats stats;
	struct answer a;

	for (int d = 0; d < DOMAINS; d++) {
		for (u64 r = 0; r < REGIONS; r++) {
			reference_predict(ref, d, r << 21, false, &a);
			vtd_rig_access(ref->worlds[d].rq, r << 21, false, &tr);
			if (a.cached)
				insert(ref, d, r << 21, &a.fill);
			ref->accesses++;
		}
	}
	lab_vtd_read_stats(ref->rig->vtd, &stats);
	KUNIT_ASSERT_EQ(ref->rig->test, stats.psc_present,
			(u64)DOMAINS * REGIONS);
}

static void run(struct kunit *test, struct reference *ref,
		const struct lab_vtd_config *config)
{
	ref->rig = vtd_rig_create(test, config);
	for (int d = 0; d < DOMAINS; d++)
		make_world(ref, d);
	vtd_rig_on(ref->rig);
	if (ref->queued)
		vtd_rig_queue_on(ref->rig, 0);
	first_accesses(ref);
	for (int i = 1; i <= OPS; i++) {
		u64 kind = below(ref, 10);

		if (kind < 7)
			access(ref);
		else if (kind < 9)
			rewrite(ref);
		else
			invalidate(ref);
		if (i % BATCH == 0)
			check_counters(ref);
	}
	vtd_rig_exit(test);
}

static void geometry(struct kunit *test, unsigned int sets, unsigned int ways)
{
	struct lab_vtd_config config = vtd_rig_config;
	struct reference *ref = kunit_kzalloc(test, sizeof(*ref), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ref);
	KUNIT_ASSERT_LE(test, sets * ways, ENTRIES - 1);
	config.iotlb_sets = sets;
	config.iotlb_ways = ways;
	for (int mode = 0; mode < 2; mode++) {
		memset(ref, 0, sizeof(*ref));
		lab_test_rnd_init(&ref->rnd, STREAM + 2 * sets + ways);
		config.caching_mode = mode;
		ref->caching_mode = mode;
		ref->queued = mode ^ (ways & 1);
		run(test, ref, &config);
	}
}

static void test_1x1(struct kunit *test)
{
	geometry(test, 1, 1);
}

static void test_1x16(struct kunit *test)
{
	geometry(test, 1, 16);
}

static void test_32x1(struct kunit *test)
{
	geometry(test, 32, 1);
}

static void test_4x2(struct kunit *test)
{
	geometry(test, 4, 2);
}

static void test_8x3(struct kunit *test)
{
	geometry(test, 8, 3);
}

static void test_8x7(struct kunit *test)
{
	geometry(test, 8, 7);
}

static struct kunit_case iotlb_cases[] = {
	RIG_SLOW_CASE(test_1x1, "equals the reference, 1 set of 1"),
	RIG_SLOW_CASE(test_1x16, "equals the reference, 1 set of 16"),
	RIG_SLOW_CASE(test_32x1, "equals the reference, 32 sets of 1"),
	RIG_SLOW_CASE(test_4x2, "equals the reference, 4 sets of 2"),
	RIG_SLOW_CASE(test_8x3, "equals the reference, 8 sets of 3"),
	RIG_SLOW_CASE(test_8x7, "equals the reference, 8 sets of 7"),
	{}
};

struct kunit_suite lab_model_iotlb_suite = {
	.name = "iommu_lab_model_iotlb",
	.exit = vtd_rig_exit,
	.test_cases = iotlb_cases,
};
