// SPDX-License-Identifier: GPL-2.0
/* What the driver invalidates, when, and how; what a unit sees of memory. */

#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "../iommu_lab/pgtable/fmt_vtdss.h"
#include "pair_rig.h"
#include "seed.h"
#include "suites.h"

#define SID	0x0108
#define IOVA	0x40200000ULL
#define OA	0x80000000ULL

/* a pair with a domain of 4 levels, and somebody attached to it */
static struct pair_domain *bench(struct kunit *test,
				 const struct pair_config *config,
				 struct pair_rig **rig,
				 struct lab_requester **rq)
{
	struct pair_domain *domain;

	*rig = pair_enable(test, config);
	domain = pair_domain(test, 4);
	*rq = pair_requester(*rig, SID);
	KUNIT_ASSERT_EQ(test, pair_attach(domain, *rig, SID), 0);
	return domain;
}

static u64 iotlb_inval(struct pair_rig *rig, unsigned int gran)
{
	struct lab_vtd_stats stats;

	lab_vtd_read_stats(rig->vtd, &stats);
	return stats.iotlb_inval[gran];
}

static void flush_page_of(struct kunit *test, struct pair_rig *rig, u16 did)
{
	struct lab_inval inval[LAB_RANGE_DESCRIPTORS];
	unsigned int nr;

	nr = lab_inval_range(rig->unit, did, IOVA, IOVA + SZ_4K - 1, true,
			     inval);
	KUNIT_ASSERT_EQ(test, nr, 1);
	KUNIT_ASSERT_EQ(test, lab_unit_invalidate(rig->unit, inval, nr), 0);
}

static void leaf_rewritten(struct kunit *test)
{
	struct lab_requester *rq;
	struct pair_rig *rig;
	struct pair_domain *domain = bench(test, &pair_default, &rig, &rq);
	struct lab_walk walk = {};
	struct lab_translation tr;
	int did = lab_remap_did(&domain->rd, rig->unit);
	u64 leaf;

	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA, SZ_4K, PAIR_RW), 0);
	KUNIT_EXPECT_EQ(test, pair_pa(rq, IOVA), OA);
	rcu_read_lock();
	KUNIT_ASSERT_EQ(test, lab_vtdss_lookup(&domain->rd.pt, IOVA, &walk),
			LAB_WALK_LEAF);
	rcu_read_unlock();
	leaf = walk.entry;
	WRITE_ONCE(*walk.entryp, fmt_make_leaf(OA + SZ_4K, 1, PAIR_RW));

	KUNIT_EXPECT_EQ(test, pair_access(rq, IOVA, false, &tr), LAB_FAULTED);
	KUNIT_EXPECT_TRUE(test, tr.stale);
	flush_page_of(test, rig, did + 1);
	KUNIT_EXPECT_EQ(test, pair_access(rq, IOVA, false, &tr), LAB_FAULTED);
	KUNIT_EXPECT_TRUE(test, tr.stale);
	flush_page_of(test, rig, did);
	KUNIT_EXPECT_EQ(test, pair_pa(rq, IOVA), OA + SZ_4K);
	WRITE_ONCE(*walk.entryp, leaf);
}

static void map_access_unmap(struct kunit *test)
{
	struct lab_requester *rq;
	struct pair_rig *rig;
	struct pair_domain *domain = bench(test, &pair_default, &rig, &rq);
	struct lab_remap_gather gather;
	struct lab_translation tr;

	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA, 3 * SZ_4K, PAIR_RW),
			0);
	KUNIT_EXPECT_EQ(test, iotlb_inval(rig, VTD_GRAN_PAGE), 0);
	pair_pa(rq, IOVA);
	pair_pa(rq, IOVA + SZ_4K);
	pair_pa(rq, IOVA + 2 * SZ_4K);

	lab_remap_gather_init(&gather);
	KUNIT_EXPECT_EQ(test, lab_remap_unmap(&domain->rd, IOVA + SZ_4K, SZ_4K,
					      &gather), SZ_4K);
	KUNIT_EXPECT_EQ(test, pair_access(rq, IOVA + SZ_4K, true, &tr),
			LAB_FAULTED);
	KUNIT_EXPECT_TRUE(test, tr.stale);
	KUNIT_EXPECT_EQ(test, lab_remap_sync(&domain->rd, &gather), 0);
	KUNIT_EXPECT_EQ(test, pair_access(rq, IOVA + SZ_4K, true, &tr),
			LAB_FAULTED);
	KUNIT_EXPECT_FALSE(test, tr.stale);
	KUNIT_EXPECT_FALSE(test, tr.hit);
	KUNIT_EXPECT_EQ(test, iotlb_inval(rig, VTD_GRAN_PAGE), 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&domain->rd.iotlb_inval
					    [VTD_GRAN_PAGE]), 1);

	/* the neighbours are still cached */
	pair_access(rq, IOVA, false, &tr);
	KUNIT_EXPECT_TRUE(test, tr.hit);
	pair_access(rq, IOVA + 2 * SZ_4K, false, &tr);
	KUNIT_EXPECT_TRUE(test, tr.hit);
	/* a sync of nothing asks for nothing */
	KUNIT_EXPECT_EQ(test, lab_remap_sync(&domain->rd, &gather), 0);
	KUNIT_EXPECT_EQ(test, iotlb_inval(rig, VTD_GRAN_PAGE), 1);
}

static void caching_mode(struct kunit *test)
{
	struct pair_config config = pair_default;
	struct lab_remap_gather gather;
	struct pair_domain *domain;
	struct lab_translation tr;
	struct lab_requester *rq;
	struct pair_rig *rig;
	u64 before, mapped;

	config.vtd.caching_mode = true;
	domain = bench(test, &config, &rig, &rq);
	KUNIT_EXPECT_TRUE(test, pair_faults(rq, IOVA));
	pair_access(rq, IOVA, false, &tr);
	KUNIT_EXPECT_TRUE(test, tr.hit);

	/* without the flush the cached entry would go on to refuse */
	lab_remap_gather_init(&gather);
	KUNIT_ASSERT_EQ(test, lab_remap_map(&domain->rd, IOVA, OA, SZ_4K,
					    PAIR_RW, GFP_KERNEL, &gather,
					    &mapped), 0);
	KUNIT_EXPECT_TRUE(test, pair_faults(rq, IOVA));
	before = iotlb_inval(rig, VTD_GRAN_PAGE);
	KUNIT_EXPECT_EQ(test, lab_remap_map_sync(&domain->rd, &gather), 0);
	KUNIT_EXPECT_EQ(test, pair_pa(rq, IOVA), OA);
	KUNIT_EXPECT_EQ(test, iotlb_inval(rig, VTD_GRAN_PAGE), before + 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&domain->rd.iotlb_inval
					    [VTD_GRAN_PAGE]), 1);
}

static void caching_mode_context(struct kunit *test)
{
	struct pair_config config = pair_default;
	struct lab_translation tr;
	struct pair_domain *domain;
	struct lab_requester *rq;
	struct pair_rig *rig;

	config.vtd.caching_mode = true;
	rig = pair_enable(test, &config);
	domain = pair_domain(test, 4);
	rq = pair_requester(rig, SID);
	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA, SZ_4K, PAIR_RW), 0);
	pair_access(rq, IOVA, false, &tr);
	KUNIT_EXPECT_EQ(test, tr.reason, VTD_FAULT_ROOT_NOT_PRESENT);
	KUNIT_ASSERT_EQ(test, pair_attach(domain, rig, SID), 0);
	KUNIT_EXPECT_EQ(test, pair_pa(rq, IOVA), OA);
}

static void table_gives_way(struct kunit *test)
{
	struct lab_requester *rq;
	struct pair_rig *rig;
	struct pair_domain *domain = bench(test, &pair_default, &rig, &rq);
	struct lab_remap_gather gather;
	struct lab_vtd_stats stats;
	u64 mapped;
	long tables;

	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA, SZ_4K, PAIR_RW), 0);
	pair_pa(rq, IOVA);
	/* the table stays, and the unit may keep it in its cache */
	KUNIT_ASSERT_EQ(test, pair_unmap(domain, IOVA, SZ_4K), 0);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.psc_present, 1);
	tables = atomic_long_read(&domain->rd.tables);
	KUNIT_EXPECT_EQ(test, tables, 4);

	lab_remap_gather_init(&gather);
	KUNIT_ASSERT_EQ(test, lab_remap_map(&domain->rd, IOVA, OA, SZ_2M,
					    PAIR_RW, GFP_KERNEL, &gather,
					    &mapped), 0);
	KUNIT_EXPECT_FALSE(test, list_empty(&gather.retired));
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->rd.tables), tables);
	KUNIT_EXPECT_TRUE(test, pair_faults(rq, IOVA + SZ_4K));
	KUNIT_EXPECT_EQ(test, lab_remap_map_sync(&domain->rd, &gather), 0);
	KUNIT_EXPECT_EQ(test, pair_pa(rq, IOVA + SZ_4K), OA + SZ_4K);
	KUNIT_EXPECT_TRUE(test, list_empty(&gather.retired));
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->rd.tables),
			tables - 1);
}

static void table_retired(struct kunit *test)
{
	struct lab_requester *rq;
	struct pair_rig *rig;
	struct pair_domain *domain = bench(test, &pair_default, &rig, &rq);
	struct lab_remap_gather gather;
	struct lab_vtd_stats stats;
	struct page *page;

	/* 4 KiB leaves: the addresses are not congruent */
	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA + SZ_4K, SZ_2M,
				       PAIR_RW), 0);
	pair_pa(rq, IOVA);
	lab_remap_gather_init(&gather);
	KUNIT_EXPECT_EQ(test, lab_remap_unmap(&domain->rd, IOVA, SZ_2M,
					      &gather), SZ_2M);
	KUNIT_ASSERT_TRUE(test, list_is_singular(&gather.retired));
	page = list_first_entry(&gather.retired, struct page, lru);
	/* a reference of the test's own: freed is when only that one is left */
	get_page(page);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, page_count(page), 2);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.psc_present, 1);

	KUNIT_EXPECT_EQ(test, lab_remap_sync(&domain->rd, &gather), 0);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.psc_present, 0);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	put_page(page);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->charged), 3);
}

static void charge_refused(struct kunit *test)
{
	struct lab_requester *rq;
	struct pair_rig *rig;
	struct pair_domain *domain = bench(test, &pair_default, &rig, &rq);
	long before = atomic_long_read(&domain->charged);

	KUNIT_EXPECT_EQ(test, before, 1);
	domain->limit = 3;	/* a mapping needs 4 tables */
	KUNIT_EXPECT_EQ(test, pair_map(domain, IOVA, OA, SZ_4K, PAIR_RW),
			-ENOMEM);
	KUNIT_EXPECT_LE(test, atomic_long_read(&domain->charged), 3);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->charged),
			atomic_long_read(&domain->rd.tables));
	KUNIT_EXPECT_TRUE(test, pair_faults(rq, IOVA));
	domain->limit = 4;
	KUNIT_EXPECT_EQ(test, pair_map(domain, IOVA, OA, SZ_4K, PAIR_RW), 0);
	KUNIT_EXPECT_EQ(test, pair_pa(rq, IOVA), OA);
}

/* each block aligned, none overlaps, and all of [start, last] is in them */
static void expect_covers(struct kunit *test, const struct lab_inval *inval,
			  unsigned int nr, u64 start, u64 last,
			  unsigned int mamv)
{
	u64 next = start;
	unsigned int i;

	KUNIT_ASSERT_GE(test, nr, 1);
	KUNIT_ASSERT_LE(test, nr, LAB_RANGE_DESCRIPTORS);
	for (i = 0; i < nr; i++) {
		u64 bytes = 1ULL << (12 + inval[i].am);

		KUNIT_EXPECT_EQ(test, inval[i].gran, VTD_GRAN_PAGE);
		KUNIT_EXPECT_LE(test, inval[i].am, mamv);
		KUNIT_EXPECT_EQ(test, inval[i].addr & (bytes - 1), 0);
		if (nr == 1)
			KUNIT_EXPECT_LE(test, inval[i].addr, next);
		else
			KUNIT_EXPECT_EQ(test, inval[i].addr, next);
		next = inval[i].addr + bytes;
	}
	KUNIT_EXPECT_GT(test, next, last);
	if (nr > 1)
		KUNIT_EXPECT_EQ(test, next, last + 1);
}

static void ranges(struct kunit *test)
{
	struct pair_rig *rig = pair_create(test, &pair_default);
	struct lab_inval inval[LAB_RANGE_DESCRIPTORS];
	struct rnd_state rnd;
	unsigned int nr, i;

	KUNIT_ASSERT_EQ(test, pair_probe(rig, &rig->unit), 0);
	nr = lab_inval_range(rig->unit, 5, 0x3000, 0x3fff, true, inval);
	KUNIT_EXPECT_EQ(test, nr, 1);
	KUNIT_EXPECT_EQ(test, inval[0].addr, 0x3000);
	KUNIT_EXPECT_EQ(test, inval[0].am, 0);
	KUNIT_EXPECT_EQ(test, inval[0].did, 5);
	KUNIT_EXPECT_TRUE(test, inval[0].ih);
	nr = lab_inval_range(rig->unit, 5, SZ_2M, SZ_4M - 1, false, inval);
	KUNIT_EXPECT_EQ(test, nr, 1);
	KUNIT_EXPECT_EQ(test, inval[0].am, 9);
	KUNIT_EXPECT_FALSE(test, inval[0].ih);
	/* 1 + 2 + 4 pages */
	nr = lab_inval_range(rig->unit, 5, 0x1000, 0x7fff, true, inval);
	KUNIT_EXPECT_EQ(test, nr, 3);
	KUNIT_EXPECT_EQ(test, inval[2].am, 2);
	/* too many blocks: one around it */
	nr = lab_inval_range(rig->unit, 5, 0x1000, SZ_4M - 0x1001, true, inval);
	KUNIT_EXPECT_EQ(test, nr, 1);
	KUNIT_EXPECT_EQ(test, inval[0].gran, VTD_GRAN_PAGE);
	KUNIT_EXPECT_EQ(test, inval[0].addr, 0);
	KUNIT_EXPECT_EQ(test, inval[0].am, 10);
	/* 1 GiB is what MAMV 18 allows, 8 of them; then the domain */
	nr = lab_inval_range(rig->unit, 5, 0, SZ_8G - 1, true, inval);
	KUNIT_EXPECT_EQ(test, nr, 8);
	nr = lab_inval_range(rig->unit, 5, 0, SZ_8G, true, inval);
	KUNIT_EXPECT_EQ(test, nr, 1);
	KUNIT_EXPECT_EQ(test, inval[0].gran, VTD_GRAN_DOMAIN);
	KUNIT_EXPECT_EQ(test, inval[0].did, 5);
	nr = lab_inval_range(rig->unit, 5, 0, U64_MAX, true, inval);
	KUNIT_EXPECT_EQ(test, inval[0].gran, VTD_GRAN_DOMAIN);

	lab_test_rnd_init(&rnd, 0x7261);
	for (i = 0; i < 10000; i++) {
		u64 pages = 1 + lab_test_below(&rnd, 1 << lab_test_below(&rnd,
									 16));
		u64 start = lab_test_below(&rnd, 1 << 17) << 12;
		u64 last = start + (pages << 12) - 1;

		nr = lab_inval_range(rig->unit, 5, start, last, true, inval);
		expect_covers(test, inval, nr, start, last, 18);
	}

	rig->unit->caps.cap &= ~VTD_CAP_PSI;
	nr = lab_inval_range(rig->unit, 5, 0x3000, 0x3fff, true, inval);
	KUNIT_EXPECT_EQ(test, nr, 1);
	KUNIT_EXPECT_EQ(test, inval[0].gran, VTD_GRAN_DOMAIN);
}

static void by_register(struct kunit *test)
{
	struct pair_config config = pair_default;
	struct pair_domain *domain;
	struct lab_vtd_stats stats;
	struct lab_translation tr;
	struct lab_requester *rq;
	struct pair_rig *rig;

	config.ecap_clear = VTD_ECAP_QI;
	domain = bench(test, &config, &rig, &rq);
	KUNIT_EXPECT_EQ(test, lab_unit_read32(rig->unit, VTD_GSTS),
			VTD_GSTS_TES | VTD_GSTS_RTPS);
	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA + SZ_4K, SZ_2M,
				       PAIR_RW), 0);
	KUNIT_EXPECT_EQ(test, pair_pa(rq, IOVA), OA + SZ_4K);
	KUNIT_EXPECT_EQ(test, pair_pa(rq, IOVA + SZ_4K), OA + SZ_8K);
	/* leaves: the cached table may stay */
	KUNIT_EXPECT_EQ(test, pair_unmap(domain, IOVA, SZ_4K), 0);
	pair_access(rq, IOVA, false, &tr);
	KUNIT_EXPECT_FALSE(test, tr.hit);
	pair_access(rq, IOVA + SZ_4K, false, &tr);
	KUNIT_EXPECT_TRUE(test, tr.hit);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.psc_present, 1);
	/* the table: it may not */
	KUNIT_EXPECT_EQ(test, pair_unmap(domain, IOVA, SZ_2M), -ENOENT);
	KUNIT_EXPECT_TRUE(test, pair_faults(rq, IOVA + SZ_4K));
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.psc_present, 0);
	KUNIT_EXPECT_EQ(test, stats.iotlb_inval[VTD_GRAN_PAGE], 2);
	KUNIT_EXPECT_EQ(test, stats.waits, 0);
	KUNIT_EXPECT_GE(test, stats.register_inval, 5);
	/* IOTLB, TE and PMEN when enabled, then each unmap */
	KUNIT_EXPECT_EQ(test, stats.drains, 5);
	KUNIT_EXPECT_EQ(test, lab_remap_detach(&domain->rd, rig->unit, SID), 0);
	pair_access(rq, IOVA, false, &tr);
	KUNIT_EXPECT_EQ(test, tr.reason, VTD_FAULT_CTX_NOT_PRESENT);
}

static void each_one_drains(struct kunit *test)
{
	struct lab_requester *rq;
	struct pair_rig *rig;
	struct pair_domain *domain = bench(test, &pair_default, &rig, &rq);
	static struct lab_vtd_stats before, after;

	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA, SZ_4K, PAIR_RW), 0);
	lab_vtd_read_stats(rig->vtd, &before);
	KUNIT_EXPECT_EQ(test, pair_unmap(domain, IOVA, SZ_4K), 0);
	lab_vtd_read_stats(rig->vtd, &after);
	KUNIT_EXPECT_EQ(test, after.drains, before.drains + 1);
	KUNIT_EXPECT_EQ(test, lab_remap_detach(&domain->rd, rig->unit, SID), 0);
	lab_vtd_read_stats(rig->vtd, &before);
	KUNIT_EXPECT_EQ(test, before.drains, after.drains + 1);
}

/* root, context, tables and descriptors, as a unit that does not snoop sees them */
static void not_coherent(struct kunit *test)
{
	struct pair_config config = pair_default;
	struct lab_unit *unit;
	u64 trace[LAB_PT_MAX_LEVELS];
	struct lab_walk walk = { .trace = trace };
	struct pair_domain *domain;
	struct pair_rig *rig;
	const u64 *context;
	u64 *table;
	int i;

	config.ecap_clear = VTD_ECAP_C;
	rig = pair_enable(test, &config);
	unit = rig->unit;
	domain = pair_domain(test, 4);
	/* before it is attached nobody is there to flush for */
	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA, SZ_4K, PAIR_RW), 0);
	KUNIT_EXPECT_FALSE(test, pair_flushed(rig, domain->rd.pt.top,
					      PAGE_SIZE));
	KUNIT_ASSERT_EQ(test, pair_attach(domain, rig, SID), 0);
	KUNIT_EXPECT_TRUE(test, pair_flushed(rig, lab_unit_root(unit),
					     PAGE_SIZE));
	context = lab_unit_context(unit, SID >> 8);
	KUNIT_EXPECT_TRUE(test, pair_flushed(rig, context, PAGE_SIZE));
	/* the whole of 6 descriptors: enable, attach */
	KUNIT_EXPECT_TRUE(test, pair_flushed(rig, unit->queue,
					     5 * 2 * sizeof(u64)));

	for (i = 0; i < 2; i++) {
		rcu_read_lock();
		lab_vtdss_lookup(&domain->rd.pt, IOVA, &walk);
		rcu_read_unlock();
		KUNIT_ASSERT_EQ(test, walk.steps, 4);
		for (table = domain->rd.pt.top; table != walk.entryp;) {
			u64 *page = (u64 *)((unsigned long)table & PAGE_MASK);

			KUNIT_EXPECT_TRUE(test, pair_flushed(rig, page,
							     PAGE_SIZE));
			if (page == (u64 *)((unsigned long)walk.entryp &
					    PAGE_MASK))
				break;
			table = phys_to_virt(fmt_table_pa(*trace));
			memmove(trace, trace + 1, sizeof(trace) - 8);
		}
		/* and once more after a change with the unit attached */
		KUNIT_ASSERT_EQ(test, pair_unmap(domain, IOVA, SZ_4K), 0);
		KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA + SZ_4K, SZ_4K,
					       PAIR_RW), 0);
	}
	KUNIT_EXPECT_EQ(test, lab_remap_detach(&domain->rd, unit, SID), 0);
	KUNIT_EXPECT_TRUE(test, pair_flushed(rig, context, PAGE_SIZE));
}

static void count_write_buffer(struct pair_rig *rig, u32 reg, u64 value)
{
	if (reg == VTD_GCMD && (value & VTD_GCMD_WBF))
		atomic_inc(&rig->writes);
}

static void write_buffer(struct kunit *test)
{
	struct pair_config config = pair_default;
	struct pair_domain *domain;
	struct lab_requester *rq;
	struct pair_rig *rig;

	config.cap_set = VTD_CAP_RWBF;
	domain = bench(test, &config, &rig, &rq);
	rig->before_write = count_write_buffer;
	KUNIT_EXPECT_EQ(test, pair_map(domain, IOVA, OA, SZ_4K, PAIR_RW), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->writes), 1);
	KUNIT_EXPECT_EQ(test, pair_attach(domain, rig, SID + 1), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->writes), 2);
}

/* makes the next descriptor one that no unit knows */
static void spoil_descriptor(struct pair_rig *rig, u32 reg, u64 value)
{
	unsigned int slot;

	if (reg != VTD_IQT || atomic_xchg(&rig->writes, 1))
		return;
	slot = FIELD_GET(VTD_IQ_INDEX,
			 rig->real->ops->read64(rig->real, VTD_IQH));
	rig->unit->queue[2 * slot] = 0xf;
}

static void bad_descriptor(struct kunit *test)
{
	struct lab_requester *rq;
	struct pair_rig *rig;
	struct pair_domain *domain = bench(test, &pair_default, &rig, &rq);
	struct lab_vtd_stats stats;

	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA, SZ_8K, PAIR_RW), 0);
	rig->before_write = spoil_descriptor;
	KUNIT_EXPECT_EQ(test, pair_unmap(domain, IOVA, SZ_4K), -EIO);
	KUNIT_EXPECT_EQ(test, pair_unmap(domain, IOVA + SZ_4K, SZ_4K), 0);
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.queue_errors, 1);
	KUNIT_EXPECT_EQ(test, lab_unit_read32(rig->unit, VTD_FSTS), 0);
	KUNIT_EXPECT_FALSE(test, lab_unit_is_dead(rig->unit));
}

static void queue_wraps(struct kunit *test)
{
	struct lab_requester *rq;
	struct pair_rig *rig;
	struct pair_domain *domain = bench(test, &pair_default, &rig, &rq);
	struct lab_unit_counts before, after;
	unsigned int i;

	lab_unit_read_counts(rig->unit, &before);
	for (i = 0; i < 1000; i++) {
		KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA + i * SZ_4K, OA,
					       SZ_4K, PAIR_RW), 0);
		pair_pa(rq, IOVA + i * SZ_4K);
		KUNIT_ASSERT_EQ(test, pair_unmap(domain, IOVA + i * SZ_4K,
						 SZ_4K), 0);
		KUNIT_ASSERT_TRUE(test, pair_faults(rq, IOVA + i * SZ_4K));
	}
	lab_unit_read_counts(rig->unit, &after);
	KUNIT_EXPECT_EQ(test, after.waits, before.waits + 1000);
	KUNIT_EXPECT_EQ(test, after.iotlb_inval[VTD_GRAN_PAGE],
			before.iotlb_inval[VTD_GRAN_PAGE] + 1000);
	KUNIT_EXPECT_EQ(test, after.timeouts, 0);
	KUNIT_EXPECT_EQ(test, after.kept_tables, 0);
}

static void unmap_log(struct kunit *test)
{
	struct pair_domain *domain = pair_domain(test, 3);
	struct lab_unmap_record record;
	unsigned int i;
	u64 time;

	KUNIT_EXPECT_FALSE(test, lab_remap_last_unmap(&domain->rd, IOVA,
						      &record));
	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA, SZ_8K, PAIR_RW), 0);
	time = ktime_get_mono_fast_ns();
	KUNIT_ASSERT_EQ(test, pair_unmap(domain, IOVA, SZ_8K), 0);
	KUNIT_ASSERT_TRUE(test, lab_remap_last_unmap(&domain->rd,
						     IOVA + SZ_8K - 1,
						     &record));
	KUNIT_EXPECT_EQ(test, record.start, IOVA);
	KUNIT_EXPECT_EQ(test, record.last, IOVA + SZ_8K - 1);
	KUNIT_EXPECT_GE(test, record.time, time);
	KUNIT_EXPECT_EQ(test, record.pid, task_pid_nr(current));
	KUNIT_EXPECT_STREQ(test, record.comm, current->comm);
	KUNIT_EXPECT_FALSE(test, lab_remap_last_unmap(&domain->rd,
						      IOVA + SZ_8K, &record));
	KUNIT_EXPECT_FALSE(test, lab_remap_last_unmap(&domain->rd, IOVA - 1,
						      &record));

	/* the newest one counts; the oldest is forgotten */
	for (i = 0; i < LAB_UNMAP_LOG; i++) {
		KUNIT_EXPECT_TRUE(test, lab_remap_last_unmap(&domain->rd, IOVA,
							     &record));
		KUNIT_EXPECT_EQ(test, record.last, IOVA + SZ_8K - 1);
		pair_unmap(domain, IOVA + SZ_1M + i * SZ_4K, SZ_4K);
	}
	KUNIT_EXPECT_FALSE(test, lab_remap_last_unmap(&domain->rd, IOVA,
						      &record));
	pair_unmap(domain, IOVA + SZ_1M, SZ_1M);
	i = LAB_UNMAP_LOG - 1;
	KUNIT_ASSERT_TRUE(test, lab_remap_last_unmap(&domain->rd, IOVA + SZ_1M +
						     i * SZ_4K, &record));
	KUNIT_EXPECT_EQ(test, record.last, IOVA + SZ_2M - 1);
}

static struct kunit_case remap_inval_cases[] = {
	PAIR_CASE(leaf_rewritten, "a leaf rewritten behind the driver is stale until its flush"),
	PAIR_CASE(map_access_unmap, "N10 unmap and sync remove what was mapped, and no more"),
	PAIR_CASE(caching_mode, "N11 a mapping over a cached not-present entry works at once"),
	PAIR_CASE(caching_mode_context, "N11 so does an attach over a cached context entry"),
	PAIR_CASE(table_gives_way, "a table that gave way to a leaf is flushed, then freed"),
	PAIR_CASE(table_retired, "a retired table is freed after the flush, not before"),
	PAIR_CASE(charge_refused, "table pages are charged, a refusal leaves nothing"),
	PAIR_CASE(ranges, "ranges are covered by few invalidations"),
	PAIR_CASE(by_register, "a unit without a queue is told by registers"),
	PAIR_CASE(each_one_drains, "unmap and detach drain"),
	PAIR_CASE(not_coherent, "all that a unit reads is flushed for one that does not snoop"),
	PAIR_CASE(write_buffer, "the write buffer is flushed where the unit has one"),
	PAIR_CASE(bad_descriptor, "a refused descriptor is an error, and the queue goes on"),
	PAIR_CASE(queue_wraps, "the queue wraps"),
	PAIR_CASE(unmap_log, "the unmap log finds the newest unmap of an IOVA"),
	{}
};

struct kunit_suite lab_remap_inval_suite = {
	.name = "iommu_lab_remap_inval",
	.test_cases = remap_inval_cases,
};
