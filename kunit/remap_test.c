// SPDX-License-Identifier: GPL-2.0
/* The driver of units: bring-up, context entries, domain ids, capabilities. */

#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "pair_rig.h"
#include "suites.h"

#define SID	0x1a3b	/* 1a:07.3 */
#define IOVA	0x7f0000200000ULL
#define OA	0x40000000ULL

static void refuse_mute(struct kunit *test)
{
	struct pair_config config = pair_default;
	struct lab_unit *unit = NULL;

	config.vtd.defect = LAB_DEFECT_ZERO;
	KUNIT_EXPECT_EQ(test, pair_probe(pair_create(test, &config), &unit),
			-ENODEV);
	config.vtd.defect = LAB_DEFECT_ONES;
	KUNIT_EXPECT_EQ(test, pair_probe(pair_create(test, &config), &unit),
			-ENODEV);
	KUNIT_EXPECT_NULL(test, unit);
}

static int probe_with(struct kunit *test, u64 cap_set, u64 cap_clear,
		      u64 ecap_set, u64 ecap_clear)
{
	struct pair_config config = pair_default;
	struct lab_unit *unit;
	int ret;

	config.cap_set = cap_set;
	config.cap_clear = cap_clear;
	config.ecap_set = ecap_set;
	config.ecap_clear = ecap_clear;
	ret = pair_probe(pair_create(test, &config), &unit);
	if (!ret)
		lab_unit_destroy(unit);
	return ret;
}

static void refuse_unusable(struct kunit *test)
{
	struct pair_rig *rig;
	struct lab_unit *second;

	KUNIT_EXPECT_EQ(test, probe_with(test, 0, 0, 0, 0), 0);
	/* SAGAW: nothing, and only bits that are no width */
	KUNIT_EXPECT_EQ(test, probe_with(test, 0, VTD_CAP_SAGAW, 0, 0),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, probe_with(test, BIT_ULL(8) | BIT_ULL(12),
					 GENMASK_ULL(11, 9), 0, 0), -ENODEV);
	/* ND 7 */
	KUNIT_EXPECT_EQ(test, probe_with(test, VTD_CAP_ND, 0, 0, 0), -ENODEV);
	/* fault records at the end of the window, and over the fixed registers */
	KUNIT_EXPECT_EQ(test, probe_with(test, VTD_CAP_FRO, 0, 0, 0), -ENODEV);
	KUNIT_EXPECT_EQ(test, probe_with(test, 0, VTD_CAP_FRO, 0, 0), -ENODEV);
	/* 0xff0 is the last place where IOTLB registers fit */
	KUNIT_EXPECT_EQ(test, probe_with(test, 0, 0, 0xffULL << 8,
					 VTD_ECAP_IRO), 0);
	KUNIT_EXPECT_EQ(test, probe_with(test, 0, 0, 0x100ULL << 8,
					 VTD_ECAP_IRO), -ENODEV);
	KUNIT_EXPECT_EQ(test, probe_with(test, 0, 0, 0, VTD_ECAP_IRO),
			-ENODEV);

	rig = pair_enable(test, &pair_default);
	KUNIT_EXPECT_EQ(test, pair_probe(rig, &second), -EBUSY);
}

static u64 pa_of(const u64 *table)
{
	return virt_to_phys((void *)table);
}

/* one-shot commands must not be carried over into other commands */
static void count_root_pointers(struct pair_rig *rig, u32 reg, u64 value)
{
	if (reg == VTD_GCMD && (value & VTD_GCMD_SRTP))
		atomic_inc(&rig->writes);
}

static void enable_disable(struct kunit *test)
{
	struct pair_rig *rig = pair_create(test, &pair_default);
	const u32 on = VTD_GSTS_TES | VTD_GSTS_RTPS | VTD_GSTS_QIES;
	struct lab_vtd_stats stats;
	struct lab_unit *unit;

	KUNIT_ASSERT_EQ(test, pair_probe(rig, &rig->unit), 0);
	unit = rig->unit;
	KUNIT_EXPECT_FALSE(test, lab_unit_is_enabled(unit));
	KUNIT_EXPECT_EQ(test, lab_unit_read32(unit, VTD_GSTS), 0);
	rig->before_write = count_root_pointers;
	rig->real->ops->write32(rig->real, VTD_PMEN, VTD_PMEN_EPM);
	KUNIT_ASSERT_NE(test, lab_unit_read32(unit, VTD_PMEN), 0);

	KUNIT_ASSERT_EQ(test, lab_unit_enable(unit), 0);
	KUNIT_EXPECT_TRUE(test, lab_unit_is_enabled(unit));
	KUNIT_EXPECT_EQ(test, lab_unit_read32(unit, VTD_GSTS), on);
	KUNIT_EXPECT_EQ(test, lab_unit_read64(unit, VTD_RTADDR),
			pa_of(lab_unit_root(unit)));
	KUNIT_EXPECT_EQ(test, lab_unit_read32(unit, VTD_PMEN), 0);
	KUNIT_EXPECT_EQ(test, lab_unit_read32(unit, VTD_FECTL), 0);
	KUNIT_EXPECT_EQ(test, lab_unit_enable(unit), -EALREADY);
	/* both ways of flushing everything were used */
	lab_vtd_read_stats(rig->vtd, &stats);
	KUNIT_EXPECT_EQ(test, stats.register_inval, 2);
	KUNIT_EXPECT_EQ(test, stats.context_inval[VTD_GRAN_GLOBAL], 2);
	KUNIT_EXPECT_EQ(test, stats.iotlb_inval[VTD_GRAN_GLOBAL], 2);

	lab_unit_disable(unit);
	KUNIT_EXPECT_FALSE(test, lab_unit_is_enabled(unit));
	KUNIT_EXPECT_EQ(test, lab_unit_read32(unit, VTD_GSTS) &
			(VTD_GSTS_TES | VTD_GSTS_QIES), 0);
	KUNIT_EXPECT_EQ(test, lab_unit_read64(unit, VTD_RTADDR), 0);
	KUNIT_EXPECT_EQ(test, lab_unit_read32(unit, VTD_FECTL), VTD_FECTL_IM);
	KUNIT_EXPECT_FALSE(test, unit->reachable);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->writes), 1);
	lab_unit_disable(unit);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->dead), 0);
}

static void keep_over_disable(struct kunit *test)
{
	struct pair_rig *rig = pair_enable(test, &pair_default);
	struct pair_domain *domain = pair_domain(test, 4);
	struct lab_requester *rq = pair_requester(rig, SID);
	struct lab_translation tr;

	KUNIT_ASSERT_EQ(test, pair_attach(domain, rig, SID), 0);
	KUNIT_ASSERT_EQ(test, pair_map(domain, IOVA, OA, SZ_4K, PAIR_RW), 0);
	KUNIT_EXPECT_EQ(test, pair_pa(rq, IOVA), OA);

	lab_unit_disable(rig->unit);
	KUNIT_EXPECT_EQ(test, pair_access(rq, IOVA, false, &tr),
			LAB_UNTRANSLATED);
	/* nothing to invalidate now: enabling flushes */
	KUNIT_EXPECT_EQ(test, pair_unmap(domain, IOVA, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, pair_map(domain, IOVA, OA + SZ_4K, SZ_4K,
				       PAIR_RW), 0);

	KUNIT_ASSERT_EQ(test, lab_unit_enable(rig->unit), 0);
	KUNIT_EXPECT_EQ(test, pair_pa(rq, IOVA), OA + SZ_4K);
}

static void context_entry(struct kunit *test)
{
	struct pair_rig *rig = pair_enable(test, &pair_default);
	struct lab_requester *rq = pair_requester(rig, SID);
	unsigned int levels, i;
	const u64 *root, *table;
	u64 lo, hi;

	root = lab_unit_root(rig->unit);
	for (levels = 3; levels <= 5; levels++) {
		struct pair_domain *other = pair_domain(test, 4);
		struct pair_domain *domain = pair_domain(test, levels);

		/* the second domain id of the unit, so that it is not 1 */
		KUNIT_ASSERT_EQ(test, pair_attach(other, rig, 0x1a00), 0);
		KUNIT_ASSERT_EQ(test,
				lab_remap_attach(&domain->rd, rig->unit, SID),
				0);
		KUNIT_EXPECT_EQ(test, lab_remap_did(&domain->rd, rig->unit), 2);

		table = lab_unit_context(rig->unit, 0x1a);
		KUNIT_ASSERT_NOT_NULL(test, table);
		KUNIT_EXPECT_TRUE(test, PAGE_ALIGNED(table));
		KUNIT_EXPECT_EQ(test, root[2 * 0x1a],
				pa_of(table) | 1);
		KUNIT_EXPECT_EQ(test, root[2 * 0x1a + 1], 0);
		lo = table[2 * 0x3b];
		hi = table[2 * 0x3b + 1];
		KUNIT_EXPECT_EQ(test, lo,
				virt_to_phys(domain->rd.pt.top) | 1);
		KUNIT_EXPECT_EQ(test, hi, 2 << 8 | (levels - 2));
		for (i = 0; i < 256; i++) {
			if (i != 0 && i != 0x3b)
				KUNIT_EXPECT_EQ(test, table[2 * i] |
						table[2 * i + 1], 0);
		}

		KUNIT_EXPECT_EQ(test, pair_map(domain, SZ_1G, OA, SZ_4K,
					       PAIR_RW), 0);
		KUNIT_EXPECT_EQ(test, pair_pa(rq, SZ_1G + 5), OA + 5);

		KUNIT_EXPECT_EQ(test, lab_remap_detach(&domain->rd, rig->unit,
						       SID), 0);
		/* who has read the first word finds the same second one */
		KUNIT_EXPECT_EQ(test, table[2 * 0x3b], 0);
		KUNIT_EXPECT_EQ(test, table[2 * 0x3b + 1], hi);
		KUNIT_EXPECT_TRUE(test, pair_faults(rq, SZ_1G));
		KUNIT_EXPECT_EQ(test, lab_remap_detach(&other->rd, rig->unit,
						       0x1a00), 0);
		other->nr = 0;
	}
	for (i = 0; i < 256; i++) {
		if (i != 0x1a)
			KUNIT_EXPECT_NULL(test,
					  lab_unit_context(rig->unit, i));
	}
}

static void attach_rules(struct kunit *test)
{
	struct pair_rig *rig = pair_enable(test, &pair_default);
	struct pair_domain *one = pair_domain(test, 4);
	struct pair_domain *two = pair_domain(test, 4);
	struct lab_unit_counts counts;

	KUNIT_EXPECT_EQ(test, lab_remap_detach(&one->rd, rig->unit, SID),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, lab_remap_did(&one->rd, rig->unit), -ENOENT);
	KUNIT_ASSERT_EQ(test, pair_attach(one, rig, SID), 0);
	KUNIT_EXPECT_EQ(test, lab_remap_attach(&one->rd, rig->unit, SID),
			-EALREADY);
	KUNIT_EXPECT_EQ(test, lab_remap_attach(&two->rd, rig->unit, SID),
			-EBUSY);
	/* another function shares the domain id */
	KUNIT_ASSERT_EQ(test, pair_attach(one, rig, SID + 1), 0);
	KUNIT_ASSERT_EQ(test, pair_attach(two, rig, SID + 2), 0);
	lab_unit_read_counts(rig->unit, &counts);
	KUNIT_EXPECT_EQ(test, counts.dids, 2);
	KUNIT_EXPECT_EQ(test, lab_remap_attach(&two->rd, rig->unit, SID + 1),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, lab_remap_detach(&two->rd, rig->unit, SID),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, lab_remap_detach(&one->rd, rig->unit, SID), 0);
	KUNIT_EXPECT_EQ(test, lab_remap_detach(&one->rd, rig->unit, SID),
			-ENOENT);
	lab_unit_read_counts(rig->unit, &counts);
	KUNIT_EXPECT_EQ(test, counts.dids, 2);
	KUNIT_EXPECT_EQ(test, lab_remap_detach(&one->rd, rig->unit, SID + 1),
			0);
	lab_unit_read_counts(rig->unit, &counts);
	KUNIT_EXPECT_EQ(test, counts.dids, 1);
	KUNIT_EXPECT_EQ(test, pair_attach(two, rig, SID), 0);
}

static void attach_unfit(struct kunit *test)
{
	const struct lab_remap_config identity = { .identity = true };
	struct pair_config config = pair_default;
	struct pair_rig *rig;

	config.vtd.levels = BIT(3);
	config.vtd.sslps = 0;
	config.vtd.pass_through = false;
	rig = pair_enable(test, &config);
	KUNIT_EXPECT_EQ(test, pair_attach(pair_domain(test, 4), rig, SID),
			-EINVAL);
	/* right levels, but it may have large leaves */
	KUNIT_EXPECT_EQ(test, pair_attach(pair_domain(test, 3), rig, SID),
			-EINVAL);
	KUNIT_EXPECT_EQ(test,
			pair_attach(pair_domain_config(test, &identity), rig,
				    SID), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->unit->nr_dids), 0);
}

static void pass_through(struct kunit *test)
{
	const struct lab_remap_config config = { .identity = true };
	struct pair_rig *rig = pair_enable(test, &pair_default);
	struct pair_domain *domain = pair_domain_config(test, &config);
	struct lab_requester *rq = pair_requester(rig, SID);
	struct lab_remap_gather gather;
	u64 mapped;

	KUNIT_ASSERT_EQ(test, pair_attach(domain, rig, SID), 0);
	KUNIT_EXPECT_EQ(test, pair_pa(rq, 0x123456789ULL), 0x123456789ULL);
	lab_remap_gather_init(&gather);
	KUNIT_EXPECT_EQ(test, lab_remap_map(&domain->rd, IOVA, OA, SZ_4K,
					    PAIR_RW, GFP_KERNEL, &gather,
					    &mapped), -EINVAL);
	KUNIT_EXPECT_EQ(test, lab_remap_unmap(&domain->rd, IOVA, SZ_4K,
					      &gather), 0);
	KUNIT_EXPECT_EQ(test, lab_remap_sync(&domain->rd, &gather), 0);
	KUNIT_EXPECT_EQ(test, lab_remap_detach(&domain->rd, rig->unit, SID), 0);
	KUNIT_EXPECT_TRUE(test, pair_faults(rq, 0x123456789ULL));
}

static void did_bound(struct kunit *test)
{
	struct pair_config config = pair_default;
	struct pair_domain *domain[16];
	struct pair_rig *rig;
	unsigned int i;

	config.vtd.nd = 0;	/* 16 ids */
	rig = pair_enable(test, &config);
	for (i = 0; i < 16; i++)
		domain[i] = pair_domain(test, 4);
	for (i = 0; i < 15; i++) {
		KUNIT_ASSERT_EQ(test, pair_attach(domain[i], rig, SID + i), 0);
		KUNIT_EXPECT_EQ(test, lab_remap_did(&domain[i]->rd, rig->unit),
				i + 1);
	}
	KUNIT_EXPECT_EQ(test, pair_attach(domain[15], rig, SID + 15), -ENOSPC);
	KUNIT_EXPECT_EQ(test, lab_unit_context(rig->unit, 0x1a)[2 * 0x4a], 0);
	KUNIT_EXPECT_EQ(test, lab_remap_detach(&domain[6]->rd, rig->unit,
					       SID + 6), 0);
	KUNIT_EXPECT_EQ(test, pair_attach(domain[15], rig, SID + 15), 0);
	KUNIT_EXPECT_EQ(test, lab_remap_did(&domain[15]->rd, rig->unit), 7);
}

/* the domain id must be in use while the unit is told to forget it */
static void see_dids(struct pair_rig *rig, u32 reg, u64 value)
{
	if (reg == VTD_IQT)
		atomic_set(&rig->writes, atomic_read(&rig->unit->nr_dids));
}

static void did_recycled(struct kunit *test)
{
	struct pair_rig *rig = pair_enable(test, &pair_default);
	struct pair_domain *one = pair_domain(test, 4);
	struct pair_domain *two = pair_domain(test, 4);
	struct lab_requester *rq = pair_requester(rig, SID);
	struct lab_requester *other = pair_requester(rig, SID + 1);
	struct lab_translation tr;
	int did;

	KUNIT_ASSERT_EQ(test, pair_attach(one, rig, SID), 0);
	did = lab_remap_did(&one->rd, rig->unit);
	KUNIT_ASSERT_EQ(test, pair_map(one, IOVA, OA, SZ_4K, PAIR_RW), 0);
	KUNIT_ASSERT_EQ(test, pair_map(two, IOVA, OA + SZ_4K, SZ_4K, PAIR_RW),
			0);
	KUNIT_EXPECT_EQ(test, pair_pa(rq, IOVA), OA);

	rig->before_write = see_dids;
	KUNIT_EXPECT_EQ(test, lab_remap_detach(&one->rd, rig->unit, SID), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->writes), 1);
	rig->before_write = NULL;

	/* same id, other table: nothing of the old one is left */
	KUNIT_ASSERT_EQ(test, pair_attach(two, rig, SID + 1), 0);
	KUNIT_EXPECT_EQ(test, lab_remap_did(&two->rd, rig->unit), did);
	KUNIT_EXPECT_EQ(test, pair_access(other, IOVA, false, &tr),
			LAB_TRANSLATED);
	KUNIT_EXPECT_FALSE(test, tr.hit);
	KUNIT_EXPECT_EQ(test, tr.pa, OA + SZ_4K);
	KUNIT_EXPECT_TRUE(test, pair_faults(rq, IOVA));
}

static void cap_fields(struct kunit *test)
{
	u64 cap = 0, ecap = 0;
	unsigned int i;

	for (i = 0; i < lab_nr_cap_fields; i++) {
		const struct lab_cap_field *field = &lab_cap_fields[i];
		u64 *seen = field->ecap ? &ecap : &cap;
		u64 lowest = field->mask & -field->mask;

		/* contiguous, and no bit has two names */
		KUNIT_EXPECT_NE(test, field->mask, 0);
		KUNIT_EXPECT_EQ(test, field->mask & (field->mask + lowest), 0);
		KUNIT_EXPECT_EQ(test, *seen & field->mask, 0);
		*seen |= field->mask;
	}
	/* the reserved bits of VT-d 11.4.2 and 11.4.3 have no name */
	KUNIT_EXPECT_EQ(test, ~cap, GENMASK_ULL(58, 57) | BIT_ULL(38) |
			BIT_ULL(23) | GENMASK_ULL(15, 13));
	KUNIT_EXPECT_EQ(test, ~ecap, GENMASK_ULL(63, 54) | BIT_ULL(50) |
			BIT_ULL(32) | GENMASK_ULL(28, 27) | BIT_ULL(24) |
			GENMASK_ULL(19, 18) | BIT_ULL(5));
	for (i = 1; i <= VTD_FAULT_BLOCKED; i++)
		KUNIT_EXPECT_STRNEQ(test, lab_fault_reason_text(i),
				    lab_fault_reason_text(0xff));
}

static void caps_seen(struct kunit *test)
{
	struct pair_config config = pair_default;
	const struct lab_unit_caps *caps;

	config.vtd.levels = BIT(3) | BIT(4);
	config.vtd.sslps = 1;
	config.vtd.nd = 2;
	config.vtd.caching_mode = true;
	config.vtd.pass_through = false;
	caps = lab_unit_caps(pair_enable(test, &config)->unit);
	KUNIT_EXPECT_EQ(test, caps->version, 0x10);
	KUNIT_EXPECT_EQ(test, caps->levels, BIT(3) | BIT(4));
	KUNIT_EXPECT_EQ(test, caps->leaf_levels, 3);
	KUNIT_EXPECT_EQ(test, caps->nr_dids, 256);
	KUNIT_EXPECT_TRUE(test, caps->caching_mode);
	KUNIT_EXPECT_FALSE(test, caps->pass_through);
}

static struct kunit_case remap_cases[] = {
	PAIR_CASE(refuse_mute, "H3 all-zero and all-one registers are refused"),
	PAIR_CASE(refuse_unusable, "units that cannot be used are refused"),
	PAIR_CASE(enable_disable, "H3 enable and disable leave the right status"),
	PAIR_CASE(keep_over_disable, "attachments live on over disable and enable"),
	PAIR_CASE(context_entry, "V7 a BDF stands in its slot with its domain id"),
	PAIR_CASE(attach_rules, "attach once, to one domain"),
	PAIR_CASE(attach_unfit, "attach of what the unit cannot do is refused"),
	PAIR_CASE(pass_through, "V8 pass-through goes to the same address"),
	PAIR_CASE(did_bound, "domain ids are bounded by ND and recycled"),
	PAIR_CASE(did_recycled, "a domain id is free after its invalidation"),
	PAIR_CASE(cap_fields, "each bit of CAP and ECAP has at most one name"),
	PAIR_CASE(caps_seen, "capabilities are what the registers say"),
	{}
};

struct kunit_suite lab_remap_suite = {
	.name = "iommu_lab_remap",
	.test_cases = remap_cases,
};
