// SPDX-License-Identifier: GPL-2.0
/* Fault records, as the driver reads them, and units that do not answer. */

#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "pair_rig.h"
#include "suites.h"

#define SID	0x0210
#define IOVA	0x40200000ULL
#define OA	0x80000000ULL

static struct lab_unit_faults *read_faults(struct kunit *test,
					   struct pair_rig *rig)
{
	struct lab_unit_faults *faults;

	faults = kunit_kzalloc(test, sizeof(*faults), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, faults);
	lab_unit_read_faults(rig->unit, faults);
	return faults;
}

static void mask_interrupt(struct pair_rig *rig)
{
	rig->real->ops->write32(rig->real, VTD_FECTL, VTD_FECTL_IM);
}

/* a pair with four records, whose @rq is attached and has nothing mapped */
static struct pair_rig *fault_bench(struct kunit *test,
				    struct lab_requester **rq)
{
	struct pair_config config = pair_default;
	struct pair_rig *rig;

	config.vtd.fault_records = 4;
	rig = pair_enable(test, &config);
	*rq = pair_requester(rig, SID);
	KUNIT_ASSERT_EQ(test, pair_attach(pair_domain(test, 4), rig, SID), 0);
	return rig;
}

static void by_interrupt(struct kunit *test)
{
	struct lab_requester *rq;
	struct pair_rig *rig = fault_bench(test, &rq);
	struct lab_requester *other = pair_requester(rig, SID + 1);
	struct lab_unit_faults *faults;
	struct lab_translation tr;
	ktime_t before = ktime_get_boottime();

	pair_access(rq, IOVA + 0x123, true, &tr);
	KUNIT_EXPECT_EQ(test, rig->unit->fault_total, 1);
	pair_access(other, IOVA, false, &tr);
	KUNIT_EXPECT_EQ(test, rig->unit->fault_total, 2);
	KUNIT_EXPECT_EQ(test, lab_unit_read32(rig->unit, VTD_FSTS) &
			(VTD_FSTS_PPF | VTD_FSTS_PFO), 0);

	faults = read_faults(test, rig);
	KUNIT_ASSERT_EQ(test, faults->nr, 2);
	KUNIT_EXPECT_EQ(test, faults->total, 2);
	KUNIT_EXPECT_EQ(test, faults->fault[0].seq, 1);
	KUNIT_EXPECT_EQ(test, faults->fault[0].sid, SID);
	KUNIT_EXPECT_EQ(test, faults->fault[0].reason, VTD_FAULT_WRITE);
	KUNIT_EXPECT_TRUE(test, faults->fault[0].write);
	KUNIT_EXPECT_EQ(test, faults->fault[0].iova, IOVA);
	KUNIT_EXPECT_GE(test, faults->fault[0].time, before);
	KUNIT_EXPECT_EQ(test, faults->fault[1].seq, 2);
	KUNIT_EXPECT_EQ(test, faults->fault[1].sid, SID + 1);
	KUNIT_EXPECT_EQ(test, faults->fault[1].reason,
			VTD_FAULT_CTX_NOT_PRESENT);
	KUNIT_EXPECT_FALSE(test, faults->fault[1].write);
	KUNIT_EXPECT_EQ(test, faults->by_reason[VTD_FAULT_WRITE], 1);
	KUNIT_EXPECT_EQ(test, faults->by_reason[VTD_FAULT_CTX_NOT_PRESENT], 1);
}

static void in_order(struct kunit *test)
{
	struct lab_requester *rq;
	struct pair_rig *rig = fault_bench(test, &rq);
	struct lab_unit_faults *faults;
	struct lab_translation tr;
	unsigned int round, i;

	/* 3 a round and 4 records: they begin at each record once */
	mask_interrupt(rig);
	for (round = 0; round < 4; round++) {
		for (i = 0; i < 3; i++)
			pair_access(rq, IOVA + (3 * round + i) * SZ_4K, i & 1,
				    &tr);
		KUNIT_EXPECT_EQ(test, rig->unit->fault_total, 3 * round);
		faults = read_faults(test, rig);
		KUNIT_EXPECT_EQ(test, faults->total, 3 * round + 3);
	}
	for (i = 0; i < 12; i++) {
		KUNIT_EXPECT_EQ(test, faults->fault[i].seq, i + 1);
		KUNIT_EXPECT_EQ(test, faults->fault[i].iova, IOVA + i * SZ_4K);
		KUNIT_EXPECT_EQ(test, faults->fault[i].write, i % 3 & 1);
	}
	KUNIT_EXPECT_EQ(test, faults->overflows, 0);
}

static void overflow(struct kunit *test)
{
	struct lab_requester *rq;
	struct pair_rig *rig = fault_bench(test, &rq);
	struct lab_unit_faults *faults;
	unsigned int i;

	mask_interrupt(rig);
	for (i = 0; i < 7; i++)
		pair_faults(rq, IOVA + i * SZ_4K);
	faults = read_faults(test, rig);
	KUNIT_EXPECT_EQ(test, faults->total, 4);
	KUNIT_EXPECT_EQ(test, faults->overflows, 1);
	KUNIT_EXPECT_EQ(test, faults->fault[3].iova, IOVA + 3 * SZ_4K);
	KUNIT_EXPECT_EQ(test, lab_unit_read32(rig->unit, VTD_FSTS) &
			(VTD_FSTS_PPF | VTD_FSTS_PFO), 0);
	/* and recording goes on */
	pair_faults(rq, IOVA + 9 * SZ_4K);
	faults = read_faults(test, rig);
	KUNIT_EXPECT_EQ(test, faults->total, 5);
	KUNIT_EXPECT_EQ(test, faults->fault[4].iova, IOVA + 9 * SZ_4K);
}

static void told(struct kunit *test)
{
	struct lab_requester *rq;
	struct pair_rig *rig = fault_bench(test, &rq);
	struct lab_translation tr;
	unsigned int i;

	pair_access(rq, IOVA + 0x123, true, &tr);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->faults), 1);
	KUNIT_EXPECT_EQ(test, rig->last_fault.record, 0);
	/* what no interrupt has told yet is told before the call returns */
	mask_interrupt(rig);
	for (i = 0; i < 3; i++)
		pair_faults(rq, IOVA + i * SZ_4K);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->faults), 1);
	lab_unit_take_faults(rig->unit);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->faults), 4);
	KUNIT_EXPECT_EQ(test, rig->last_fault.seq, 4);
	KUNIT_EXPECT_EQ(test, rig->last_fault.record, 3);
	KUNIT_EXPECT_EQ(test, rig->last_fault.sid, SID);
	KUNIT_EXPECT_EQ(test, rig->last_fault.iova, IOVA + 2 * SZ_4K);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->lost), 0);
	/* 4 registers */
	for (i = 0; i < 9; i++)
		pair_faults(rq, IOVA);
	lab_unit_take_faults(rig->unit);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->faults), 8);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->lost), 1);
	lab_unit_take_faults(rig->unit);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->faults), 8);
}

static void newest_stay(struct kunit *test)
{
	struct lab_requester *rq;
	struct pair_rig *rig = fault_bench(test, &rq);
	struct lab_unit_faults *faults;
	unsigned int i;

	for (i = 0; i < LAB_FAULT_LOG + 44; i++)
		pair_faults(rq, IOVA + i * SZ_4K);
	faults = read_faults(test, rig);
	KUNIT_EXPECT_EQ(test, faults->total, LAB_FAULT_LOG + 44);
	KUNIT_EXPECT_EQ(test, faults->by_reason[VTD_FAULT_READ],
			LAB_FAULT_LOG + 44);
	KUNIT_ASSERT_EQ(test, faults->nr, LAB_FAULT_LOG);
	for (i = 0; i < LAB_FAULT_LOG; i++) {
		KUNIT_EXPECT_EQ(test, faults->fault[i].seq, i + 45);
		KUNIT_EXPECT_EQ(test, faults->fault[i].iova,
				IOVA + (i + 44) * SZ_4K);
	}
}

static void while_read(struct kunit *test)
{
	struct lab_requester *rq;
	struct pair_rig *rig = fault_bench(test, &rq);

	/* as an interrupt would be while another CPU is at the records */
	set_bit(0, &rig->unit->collecting);
	pair_faults(rq, IOVA);
	clear_bit(0, &rig->unit->collecting);
	KUNIT_EXPECT_EQ(test, rig->unit->fault_total, 0);
	KUNIT_EXPECT_EQ(test, read_faults(test, rig)->total, 1);
}

static void old_records(struct kunit *test)
{
	struct lab_requester *rq;
	struct pair_rig *rig = fault_bench(test, &rq);
	unsigned int i;

	/* of whoever had the unit before: more than fit */
	mask_interrupt(rig);
	for (i = 0; i < 6; i++)
		pair_faults(rq, IOVA);
	lab_unit_disable(rig->unit);
	KUNIT_ASSERT_EQ(test, lab_unit_enable(rig->unit), 0);
	KUNIT_EXPECT_EQ(test, read_faults(test, rig)->total, 0);
	pair_faults(rq, IOVA);
	KUNIT_EXPECT_EQ(test, rig->unit->fault_total, 1);
}

static void stuck(struct kunit *test)
{
	struct pair_rig *rig = pair_enable(test, &pair_default);
	struct pair_domain *domain = pair_domain(test, 4);
	struct lab_unit_counts counts;
	struct lab_remap_gather gather;
	unsigned int i;
	u64 begin, ms;

	KUNIT_ASSERT_EQ(test, pair_attach(domain, rig, SID), 0);
	/* each slot of the queue has been used: no status word is new */
	for (i = 0; i < LAB_QUEUE_SLOTS; i++) {
		KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA, SZ_4K,
					       PAIR_RW), 0);
		KUNIT_ASSERT_EQ(test, pair_unmap(domain, IOVA, SZ_4K), 0);
	}
	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA + SZ_4K, 2 * SZ_2M,
				       PAIR_RW), 0);
	lab_vtd_set_defect(rig->vtd, LAB_DEFECT_STUCK);

	lab_remap_gather_init(&gather);
	KUNIT_EXPECT_EQ(test, lab_remap_unmap(&domain->rd, IOVA, SZ_2M,
					      &gather), SZ_2M);
	begin = ktime_get_mono_fast_ns();
	KUNIT_EXPECT_EQ(test, lab_remap_sync(&domain->rd, &gather), -ETIMEDOUT);
	ms = (ktime_get_mono_fast_ns() - begin) / NSEC_PER_MSEC;
	KUNIT_EXPECT_GE(test, ms, LAB_INVAL_TIMEOUT_MS);
	/* not a hang; the machine that runs this may be slow */
	KUNIT_EXPECT_LT(test, ms, 100 * LAB_INVAL_TIMEOUT_MS);
	KUNIT_EXPECT_TRUE(test, list_empty(&gather.retired));
	KUNIT_EXPECT_TRUE(test, lab_unit_is_dead(rig->unit));
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->dead), 1);

	/* from now on without a wait */
	KUNIT_EXPECT_EQ(test, lab_remap_unmap(&domain->rd, IOVA + SZ_2M, SZ_2M,
					      &gather), SZ_2M);
	KUNIT_EXPECT_EQ(test, lab_remap_sync(&domain->rd, &gather), -ENODEV);
	KUNIT_EXPECT_EQ(test, pair_attach(domain, rig, SID + 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, lab_unit_enable(rig->unit), -ENODEV);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->dead), 1);

	rcu_barrier();
	KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->rd.kept), 2);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->rd.tables), 5);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->charged), 5);
	lab_unit_read_counts(rig->unit, &counts);
	KUNIT_EXPECT_EQ(test, counts.kept_tables, 2);
	KUNIT_EXPECT_EQ(test, counts.timeouts, 1);

	/* even when it answers again: nobody knows what it missed */
	lab_vtd_set_defect(rig->vtd, LAB_DEFECT_NONE);
	KUNIT_EXPECT_EQ(test, lab_remap_detach(&domain->rd, rig->unit, SID),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, lab_unit_context(rig->unit, SID >> 8)
			[2 * (SID & 0xff)], 0);
	lab_unit_read_counts(rig->unit, &counts);
	KUNIT_EXPECT_EQ(test, counts.dids, 1);
	KUNIT_EXPECT_EQ(test, lab_remap_detach(&domain->rd, rig->unit, SID),
			-ENOENT);
}

static void stuck_detach(struct kunit *test)
{
	struct pair_rig *rig = pair_enable(test, &pair_default);
	struct pair_domain *domain = pair_domain(test, 4);

	KUNIT_ASSERT_EQ(test, pair_attach(domain, rig, SID), 0);
	lab_vtd_set_defect(rig->vtd, LAB_DEFECT_STUCK);
	KUNIT_EXPECT_EQ(test, lab_remap_detach(&domain->rd, rig->unit, SID),
			-ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, lab_remap_did(&domain->rd, rig->unit), 1);
	KUNIT_EXPECT_EQ(test, lab_unit_context(rig->unit, SID >> 8)
			[2 * (SID & 0xff)], 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->dead), 1);
}

static void stuck_attach(struct kunit *test)
{
	struct pair_rig *rig = pair_enable(test, &pair_default);
	struct pair_domain *domain = pair_domain(test, 4);

	lab_vtd_set_defect(rig->vtd, LAB_DEFECT_STUCK);
	KUNIT_EXPECT_EQ(test, pair_attach(domain, rig, SID), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, lab_unit_context(rig->unit, SID >> 8)
			[2 * (SID & 0xff)], 0);
	/* the unit may have read the entry */
	KUNIT_EXPECT_EQ(test, lab_remap_did(&domain->rd, rig->unit), 1);
}

static void stuck_enable(struct kunit *test)
{
	struct pair_config config = pair_default;
	struct pair_rig *rig;

	config.vtd.defect = LAB_DEFECT_STUCK;
	rig = pair_create(test, &config);
	KUNIT_ASSERT_EQ(test, pair_probe(rig, &rig->unit), 0);
	KUNIT_EXPECT_EQ(test, lab_unit_enable(rig->unit), -ETIMEDOUT);
	KUNIT_EXPECT_FALSE(test, lab_unit_is_enabled(rig->unit));
	KUNIT_EXPECT_EQ(test, lab_unit_read32(rig->unit, VTD_GSTS) &
			(VTD_GSTS_TES | VTD_GSTS_QIES), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->dead), 1);
}

static void stuck_by_register(struct kunit *test)
{
	struct pair_config config = pair_default;
	struct pair_domain *domain;
	struct pair_rig *rig;

	config.ecap_clear = VTD_ECAP_QI;
	rig = pair_enable(test, &config);
	domain = pair_domain(test, 4);
	KUNIT_ASSERT_EQ(test, pair_attach(domain, rig, SID), 0);
	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA, SZ_4K, PAIR_RW), 0);
	lab_vtd_set_defect(rig->vtd, LAB_DEFECT_STUCK);
	KUNIT_EXPECT_EQ(test, pair_unmap(domain, IOVA, SZ_4K), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, pair_unmap(domain, IOVA, SZ_2M), -ENODEV);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->dead), 1);
}

static void one_of_two(struct kunit *test)
{
	struct pair_rig *good = pair_enable(test, &pair_default);
	struct pair_rig *bad = pair_enable(test, &pair_default);
	struct pair_domain *domain = pair_domain(test, 4);
	struct lab_requester *rq = pair_requester(good, SID);
	struct lab_translation tr;

	KUNIT_ASSERT_EQ(test, pair_attach(domain, bad, SID), 0);
	KUNIT_ASSERT_EQ(test, pair_attach(domain, good, SID), 0);
	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA, SZ_4K, PAIR_RW), 0);
	KUNIT_EXPECT_EQ(test, pair_pa(rq, IOVA), OA);
	lab_vtd_set_defect(bad->vtd, LAB_DEFECT_STUCK);
	/* it fails, but the other one has been told, too */
	KUNIT_EXPECT_EQ(test, pair_unmap(domain, IOVA, SZ_4K), -ETIMEDOUT);
	pair_access(rq, IOVA, false, &tr);
	KUNIT_EXPECT_FALSE(test, tr.hit);
	KUNIT_EXPECT_FALSE(test, lab_unit_is_dead(good->unit));
	KUNIT_EXPECT_EQ(test, atomic_read(&good->dead), 0);
}

static struct kunit_case remap_fault_cases[] = {
	PAIR_CASE(by_interrupt, "a fault record is read by the interrupt"),
	PAIR_CASE(in_order, "fault records are read in order"),
	PAIR_CASE(overflow, "an overflow is seen, and recording goes on"),
	PAIR_CASE(told, "the owner is told of each record, on request at once"),
	PAIR_CASE(newest_stay, "the newest faults stay in the log"),
	PAIR_CASE(while_read, "a fault while records are read is not lost"),
	PAIR_CASE(old_records, "enable forgets old records"),
	PAIR_CASE(stuck, "a stuck unit times out once, and nothing behind it is freed"),
	PAIR_CASE(stuck_detach, "a detach that is not confirmed keeps the domain id"),
	PAIR_CASE(stuck_attach, "so does an attach"),
	PAIR_CASE(stuck_enable, "a stuck unit cannot be enabled"),
	PAIR_CASE(stuck_by_register, "a unit that is stuck by register times out"),
	PAIR_CASE(one_of_two, "a stuck unit does not keep others from being told"),
	{}
};

struct kunit_suite lab_remap_fault_suite = {
	.name = "iommu_lab_remap_fault",
	.test_cases = remap_fault_cases,
};
