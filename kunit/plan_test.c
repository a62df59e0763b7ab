// SPDX-License-Identifier: GPL-2.0
/*
 * firmware/: from a table to a machine. Expected numbers are written out; the rules
 * are those of plan.h.
 */
#include <kunit/test.h>

#include "../iommu_lab/firmware/plan.h"
#include "firmware_help.h"
#include "suites.h"

#define BDF(bus, device, function) ((bus) << 8 | (device) << 3 | (function))

#define SCOPE(builder, kind, bus, ...)					\
	lab_dmar_add_scope(builder, kind, 0, 0, bus,			\
			   (const u8[]){ __VA_ARGS__ },			\
			   sizeof((const u8[]){ __VA_ARGS__ }) / 2)

#define ENDPOINT	LAB_SCOPE_ENDPOINT
#define SUB		LAB_SCOPE_SUB_HIERARCHY

static void release_plan(void *plan)
{
	lab_plan_free(plan);
}

static struct lab_plan *plan_of(struct kunit *test,
				struct lab_dmar_builder *builder, int expected)
{
	struct lab_plan *plan;
	struct lab_dmar *dmar;
	size_t length;
	u8 *table = lab_fw_finish(test, builder, &length);

	dmar = lab_fw_parse(test, table, length, 0);
	KUNIT_EXPECT_EQ(test, lab_plan_table(dmar, &plan), expected);
	KUNIT_ASSERT_NOT_NULL(test, plan);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, release_plan, plan),
			0);
	KUNIT_EXPECT_EQ(test, !expected, !plan->refusal[0]);
	return plan;
}

static void has_endpoint(struct kunit *test, const struct lab_plan *plan,
			 u16 segment, u16 bdf, u64 base)
{
	u32 i;

	for (i = 0; i < plan->nr_endpoints; i++) {
		const struct lab_plan_endpoint *endpoint = &plan->endpoints[i];

		if (endpoint->segment != segment || endpoint->bdf != bdf)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, plan->dmar->drhds[endpoint->unit].base,
				    base, "endpoint %x:%04x", segment, bdf);
		return;
	}
	KUNIT_FAIL(test, "no endpoint %x:%04x", segment, bdf);
}

static void has_bridge(struct kunit *test, const struct lab_plan *plan,
		       u16 segment, u16 bdf, u8 secondary, u8 subordinate)
{
	u32 i;

	for (i = 0; i < plan->nr_bridges; i++) {
		const struct lab_plan_bridge *bridge = &plan->bridges[i];

		if (bridge->segment != segment || bridge->bdf != bdf)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, bridge->secondary, secondary,
				    "bridge %04x", bdf);
		KUNIT_EXPECT_EQ_MSG(test, bridge->subordinate, subordinate,
				    "bridge %04x", bdf);
		return;
	}
	KUNIT_FAIL(test, "no bridge %x:%04x", segment, bdf);
}

/* one structure after the other, in whatever order */
static void add_part(struct lab_dmar_builder *builder, unsigned int part)
{
	switch (part) {
	case 0:
		lab_dmar_add_drhd(builder, 0, 0xfed90000, 0, 0);
		SCOPE(builder, ENDPOINT, 0, 2, 0);
		SCOPE(builder, LAB_SCOPE_IOAPIC, 0, 0x1e, 7);
		break;
	case 1:
		lab_dmar_add_drhd(builder, 0, 0xfed91000, 0, 0);
		SCOPE(builder, SUB, 0, 0x1c, 4);
		SCOPE(builder, SUB, 0x40, 1, 0);
		break;
	case 2:
		lab_dmar_add_drhd(builder, 0, 0xfed92000, 0,
				  LAB_DRHD_INCLUDE_PCI_ALL);
		break;
	case 3:
		lab_dmar_add_rmrr(builder, 0, 0x7a000000, 0x7a001fff);
		SCOPE(builder, ENDPOINT, 0, 0x1c, 4, 0, 2);
		SCOPE(builder, ENDPOINT, 0, 1, 0, 0, 0, 3, 0, 0, 1);
		SCOPE(builder, ENDPOINT, 0, 2, 0);
		break;
	case 4:
		lab_dmar_add_satc(builder, 0, 0);
		SCOPE(builder, ENDPOINT, 0, 4, 0);
		break;
	case 5:
		lab_dmar_add_drhd(builder, 3, 0xfed93000, 0,
				  LAB_DRHD_INCLUDE_PCI_ALL);
		break;
	}
}

#define PARTS	6u

static struct lab_plan *plan_in_order(struct kunit *test, unsigned int first,
				      unsigned int step)
{
	struct lab_dmar_builder builder;
	unsigned int i;

	lab_dmar_begin(&builder, 39, 0);
	for (i = 0; i < PARTS; i++)
		add_part(&builder, (first + i * step) % PARTS);
	return plan_of(test, &builder, 0);
}

static void expect_parts(struct kunit *test, const struct lab_plan *plan)
{
	KUNIT_EXPECT_EQ(test, plan->nr_endpoints, 8);
	KUNIT_EXPECT_EQ(test, plan->nr_bridges, 5);
	KUNIT_EXPECT_EQ(test, plan->nr_roots, 3);
	KUNIT_EXPECT_EQ(test, plan->nr_unclaimed, 0);

	/* 00:01.0 -> 1, behind it 01:00.0 -> 2, 02:03.0 -> 3; 00:1c.4 -> 4 */
	has_bridge(test, plan, 0, BDF(0, 1, 0), 1, 3);
	has_bridge(test, plan, 0, BDF(1, 0, 0), 2, 3);
	has_bridge(test, plan, 0, BDF(2, 3, 0), 3, 3);
	has_bridge(test, plan, 0, BDF(0, 0x1c, 4), 4, 4);
	has_bridge(test, plan, 0, BDF(0x40, 1, 0), 0x41, 0x41);

	/* named */
	has_endpoint(test, plan, 0, BDF(0, 2, 0), 0xfed90000);
	has_endpoint(test, plan, 0, BDF(0, 4, 0), 0xfed92000);
	has_endpoint(test, plan, 0, BDF(3, 0, 1), 0xfed92000);
	has_endpoint(test, plan, 0, BDF(4, 0, 2), 0xfed91000);
	/* below the bridges of the sub-hierarchies, beside what is named there */
	has_endpoint(test, plan, 0, BDF(4, 0, 0), 0xfed91000);
	has_endpoint(test, plan, 0, BDF(0x41, 0, 0), 0xfed91000);
	/* of INCLUDE_PCI_ALL: the first device that nothing else is */
	has_endpoint(test, plan, 0, BDF(0, 3, 0), 0xfed92000);
	has_endpoint(test, plan, 3, BDF(0, 1, 0), 0xfed93000);

	KUNIT_EXPECT_EQ(test, plan->roots[0].last, 4);
	KUNIT_EXPECT_EQ(test, plan->roots[0].nr_endpoints, 6);
	KUNIT_EXPECT_EQ(test, plan->roots[0].nr_bridges, 4);
	KUNIT_EXPECT_EQ(test, plan->roots[1].bus, 0x40);
	KUNIT_EXPECT_EQ(test, plan->roots[1].last, 0x41);
	KUNIT_EXPECT_EQ(test, plan->roots[1].first_endpoint, 6);
	KUNIT_EXPECT_EQ(test, plan->roots[1].nr_endpoints, 1);
	KUNIT_EXPECT_EQ(test, plan->roots[1].first_bridge, 4);
	KUNIT_EXPECT_EQ(test, plan->roots[2].segment, 3);
	KUNIT_EXPECT_EQ(test, plan->roots[2].first_endpoint, 7);
}

static void order_is_nothing(struct kunit *test)
{
	unsigned int first;

	for (first = 0; first < PARTS; first++) {
		expect_parts(test, plan_in_order(test, first, 1));
		expect_parts(test, plan_in_order(test, first, PARTS - 1));
	}
}

static void in_order(struct kunit *test)
{
	const struct lab_plan *plan = plan_in_order(test, 0, 5);
	u32 i;

	for (i = 1; i < plan->nr_endpoints; i++)
		KUNIT_EXPECT_LT(test, (u32)plan->endpoints[i - 1].segment << 16 |
				plan->endpoints[i - 1].bdf,
				(u32)plan->endpoints[i].segment << 16 |
				plan->endpoints[i].bdf);
	for (i = 1; i < plan->nr_bridges; i++)
		KUNIT_EXPECT_LT(test, plan->bridges[i - 1].bdf,
				plan->bridges[i].bdf);
}

/* two segments with the same numbers are strangers */
static void segments(struct kunit *test)
{
	struct lab_dmar_builder builder;
	const struct lab_plan *plan;

	lab_dmar_begin(&builder, 39, 0);
	lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0, 0);
	SCOPE(&builder, ENDPOINT, 0, 1, 0, 0, 0);
	lab_dmar_add_drhd(&builder, 1, 0xfed91000, 0, 0);
	SCOPE(&builder, ENDPOINT, 0, 1, 0, 0, 0);
	SCOPE(&builder, SUB, 0x80, 0, 0);
	lab_dmar_add_rmrr(&builder, 1, 0x2000, 0x2fff);
	SCOPE(&builder, ENDPOINT, 0, 1, 0, 0, 0);
	/* of a segment without a unit: left out */
	lab_dmar_add_rmrr(&builder, 2, 0x5000, 0x5fff);
	SCOPE(&builder, ENDPOINT, 0, 1, 0);
	plan = plan_of(test, &builder, 0);
	KUNIT_EXPECT_EQ(test, plan->nr_endpoints, 3);
	KUNIT_EXPECT_EQ(test, plan->nr_unclaimed, 1);
	has_endpoint(test, plan, 0, BDF(1, 0, 0), 0xfed90000);
	has_endpoint(test, plan, 1, BDF(1, 0, 0), 0xfed91000);
	has_endpoint(test, plan, 1, BDF(0x81, 0, 0), 0xfed91000);
	KUNIT_EXPECT_EQ(test, plan->endpoints[0].nr_ranges, 0);
	KUNIT_ASSERT_EQ(test, plan->endpoints[1].nr_ranges, 1);
	KUNIT_EXPECT_EQ(test, plan->ranges[plan->endpoints[1].first_range].start,
			0x2000);
	KUNIT_EXPECT_EQ(test, plan->nr_roots, 4);
}

static void ranges(struct kunit *test)
{
	struct lab_dmar_builder builder;
	const struct lab_plan *plan;

	lab_dmar_begin(&builder, 39, 0);
	lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0,
			  LAB_DRHD_INCLUDE_PCI_ALL);
	/* two that overlap, one that touches, one for all below a bridge */
	lab_dmar_add_rmrr(&builder, 0, 0x7a004000, 0x7a007fff);
	SCOPE(&builder, ENDPOINT, 0, 2, 0);
	SCOPE(&builder, ENDPOINT, 0, 5, 0);
	lab_dmar_add_rmrr(&builder, 0, 0x7a001800, 0x7a0047ff);
	SCOPE(&builder, ENDPOINT, 0, 2, 0);
	lab_dmar_add_rmrr(&builder, 0, 0x7a008000, 0x7a008fff);
	SCOPE(&builder, ENDPOINT, 0, 2, 0);
	lab_dmar_add_rmrr(&builder, 0, 0, 0);
	SCOPE(&builder, SUB, 0, 1, 0);
	plan = plan_of(test, &builder, 0);

	/* 00:02.0, 00:03.0 of INCLUDE_PCI_ALL, 00:05.0, 01:00.0 */
	KUNIT_ASSERT_EQ(test, plan->nr_endpoints, 4);
	KUNIT_ASSERT_EQ(test, plan->nr_ranges, 4);
	KUNIT_EXPECT_EQ(test, plan->endpoints[0].nr_ranges, 2);
	KUNIT_EXPECT_EQ(test, plan->ranges[0].start, 0x7a001000);
	KUNIT_EXPECT_EQ(test, plan->ranges[0].last, 0x7a007fff);
	KUNIT_EXPECT_EQ(test, plan->ranges[1].start, 0x7a008000);
	KUNIT_EXPECT_EQ(test, plan->ranges[1].last, 0x7a008fff);
	KUNIT_EXPECT_EQ(test, plan->endpoints[1].nr_ranges, 0);
	KUNIT_EXPECT_EQ(test, plan->endpoints[2].first_range, 2);
	KUNIT_EXPECT_EQ(test, plan->ranges[2].start, 0x7a004000);
	KUNIT_EXPECT_EQ(test, plan->endpoints[3].nr_ranges, 1);
	KUNIT_EXPECT_EQ(test, plan->ranges[3].start, 0);
	KUNIT_EXPECT_EQ(test, plan->ranges[3].last, 0xfff);
}

/* what one scope calls an endpoint, and another one's path goes through */
static void bridge_and_endpoint(struct kunit *test)
{
	struct lab_dmar_builder builder;
	const struct lab_plan *plan;

	lab_dmar_begin(&builder, 39, 0);
	lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0, 0);
	SCOPE(&builder, ENDPOINT, 0, 1, 0);
	SCOPE(&builder, ENDPOINT, 0, 1, 0, 0, 0);
	SCOPE(&builder, ENDPOINT, 0, 1, 0, 0, 0);
	plan = plan_of(test, &builder, 0);
	KUNIT_EXPECT_EQ(test, plan->nr_endpoints, 1);
	has_endpoint(test, plan, 0, BDF(1, 0, 0), 0xfed90000);
}

static void add_ports(struct lab_dmar_builder *builder, u8 bus, unsigned int nr)
{
	u8 path[2];
	unsigned int i;

	for (i = 0; i < nr; i++) {
		path[0] = (u8)(i >> 3);
		path[1] = i & 7;
		lab_dmar_add_scope(builder, SUB, 0, 0, bus, path, 1);
	}
}

static void too_few_numbers(struct kunit *test)
{
	struct lab_dmar_builder builder;
	const struct lab_plan *plan;
	unsigned int more;

	for (more = 0; more < 2; more++) {
		lab_dmar_begin(&builder, 39, 0);
		lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0, 0);
		add_ports(&builder, 0x10, 3 + more);
		SCOPE(&builder, ENDPOINT, 0x14, 0, 0);
		plan = plan_of(test, &builder, more ? -EINVAL : 0);
		if (more)
			KUNIT_EXPECT_NOT_NULL(test, strstr(plan->refusal,
							   "bus 0x10"));

		lab_dmar_begin(&builder, 39, 0);
		lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0, 0);
		add_ports(&builder, 0, 255 + more);
		plan_of(test, &builder, more ? -EINVAL : 0);
	}
}

static void limits(struct kunit *test)
{
	struct lab_dmar_builder builder;
	const struct lab_plan *plan;
	unsigned int i, more;
	u8 path[2];

	for (more = 0; more < 2; more++) {
		lab_dmar_begin(&builder, 39, 0);
		lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0, 0);
		for (i = 0; i < LAB_PLAN_ENDPOINTS_MAX + more; i++) {
			path[0] = i >> 3 & 0x1f;
			path[1] = i & 7;
			lab_dmar_add_scope(&builder, ENDPOINT, 0, 0,
					   (u8)(i >> 8), path, 1);
		}
		plan = plan_of(test, &builder, more ? -EINVAL : 0);
		if (!more)
			KUNIT_EXPECT_EQ(test, plan->nr_endpoints, 1024);
	}

	lab_dmar_begin(&builder, 39, 0);
	for (i = 0; i <= LAB_PLAN_UNITS_MAX; i++)
		lab_dmar_add_drhd(&builder, (u16)i, 0xfe000000 + i * 4096, 0,
				  LAB_DRHD_INCLUDE_PCI_ALL);
	plan = plan_of(test, &builder, -EINVAL);
	KUNIT_EXPECT_NOT_NULL(test, strstr(plan->refusal, "257 units"));

	lab_dmar_begin(&builder, 39, 0);
	lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0, 0);
	SCOPE(&builder, LAB_SCOPE_HPET, 0, 0x1f, 0);
	plan = plan_of(test, &builder, 0);
	KUNIT_EXPECT_EQ(test, plan->nr_endpoints, 0);
	KUNIT_EXPECT_EQ(test, plan->nr_roots, 0);
}

/* the kernel's scan recurses, and looks at each page of a region */
static void depth_and_bytes(struct kunit *test)
{
	static const u8 deep[2 * (LAB_PLAN_DEPTH_MAX + 1)];
	struct lab_dmar_builder builder;
	const struct lab_plan *plan;
	unsigned int more;

	for (more = 0; more < 2; more++) {
		lab_dmar_begin(&builder, 39, 0);
		lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0, 0);
		lab_dmar_add_scope(&builder, ENDPOINT, 0, 0, 0, deep,
				   LAB_PLAN_DEPTH_MAX + more);
		plan = plan_of(test, &builder, more ? -EINVAL : 0);
		KUNIT_EXPECT_EQ(test, plan->nr_bridges, more ? 0 : 15);
	}
	KUNIT_EXPECT_NOT_NULL(test, strstr(plan->refusal, "17 hops"));

	/* 32 GiB for each of two; then a page more */
	for (more = 0; more < 2; more++) {
		lab_dmar_begin(&builder, 46, 0);
		lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0,
				  LAB_DRHD_INCLUDE_PCI_ALL);
		lab_dmar_add_rmrr(&builder, 0, 1ULL << 30,
				  (33ULL << 30) - 1 + more * 4096);
		SCOPE(&builder, ENDPOINT, 0, 2, 0);
		SCOPE(&builder, ENDPOINT, 0, 3, 0);
		plan = plan_of(test, &builder, more ? -EINVAL : 0);
	}
	KUNIT_EXPECT_NOT_NULL(test, strstr(plan->refusal, "64 GiB"));

	/* rounded to pages it is all there is */
	lab_dmar_begin(&builder, 64, 0);
	lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0, LAB_DRHD_INCLUDE_PCI_ALL);
	lab_dmar_add_rmrr(&builder, 0, 0, ~0ULL - 4096);
	SCOPE(&builder, ENDPOINT, 0, 2, 0);
	plan_of(test, &builder, -EINVAL);
}

/* all of bus 0 is named, so that device 0 is what is left, and then nothing */
static void full_bus(struct kunit *test)
{
	struct lab_dmar_builder builder;
	const struct lab_plan *plan;
	unsigned int i;
	u8 path[2];

	for (i = 0; i < 2; i++) {
		unsigned int devfn;

		lab_dmar_begin(&builder, 39, 0);
		lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0, 0);
		for (devfn = 8 * (1 - i); devfn < 256; devfn++) {
			path[0] = (u8)(devfn >> 3);
			path[1] = devfn & 7;
			lab_dmar_add_scope(&builder, ENDPOINT, 0, 0, 0, path, 1);
		}
		lab_dmar_add_drhd(&builder, 0, 0xfed91000, 0,
				  LAB_DRHD_INCLUDE_PCI_ALL);
		plan = plan_of(test, &builder, 0);
		KUNIT_EXPECT_EQ(test, plan->nr_endpoints, i ? 256 : 249);
		if (!i)
			has_endpoint(test, plan, 0, 0, 0xfed91000);
	}
}

static void expect_built_in(struct kunit *test, unsigned int endpoints)
{
	size_t length;
	u8 *table = lab_fw_default(test, endpoints, &length);
	struct lab_dmar *dmar = lab_fw_parse(test, table, length, 0);
	struct lab_plan *plan;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, lab_plan_default(dmar, endpoints, &plan), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, release_plan, plan),
			0);
	KUNIT_ASSERT_EQ(test, plan->nr_endpoints, endpoints);
	KUNIT_EXPECT_EQ(test, plan->nr_roots, 1);
	/* bus n is below function n - 1 of 00:00 */
	KUNIT_EXPECT_EQ(test, plan->nr_bridges,
			lab_default_bdf(endpoints - 1) >> 8);
	for (i = 0; i < plan->nr_bridges; i++)
		has_bridge(test, plan, 0, i, i + 1, i + 1);
	for (i = 0; i < endpoints; i++) {
		KUNIT_EXPECT_EQ(test, plan->endpoints[i].bdf,
				lab_default_bdf(i));
		KUNIT_EXPECT_EQ_MSG(test, plan->endpoints[i].unit,
				    i >= (endpoints + 1) / 2, "endpoint %u", i);
		KUNIT_EXPECT_EQ_MSG(test, plan->endpoints[i].nr_ranges,
				    i == (endpoints > 1), "endpoint %u", i);
	}
}

static void built_in(struct kunit *test)
{
	expect_built_in(test, 1);
	expect_built_in(test, 2);
	expect_built_in(test, 3);
	expect_built_in(test, 32);
	expect_built_in(test, 1024);
}

static struct kunit_case lab_plan_cases[] = {
	LAB_FW_CASE(order_is_nothing, "the order of a table changes nothing"),
	LAB_FW_CASE(in_order, "endpoints and bridges are in order"),
	LAB_FW_CASE(segments, "segments have buses of their own"),
	LAB_FW_CASE(ranges, "regions are whole pages, joined where they overlap"),
	LAB_FW_CASE(bridge_and_endpoint, "a bridge is no endpoint"),
	LAB_FW_CASE(too_few_numbers, "bridges need numbers before the next root bus"),
	LAB_FW_CASE(limits, "what is too much is refused with a sentence"),
	LAB_FW_CASE(depth_and_bytes, "deep paths and large regions are refused"),
	LAB_FW_CASE(built_in, "the built-in machine is where it always was"),
	LAB_FW_CASE(full_bus, "INCLUDE_PCI_ALL gets what is left of bus 0"),
	{ }
};

struct kunit_suite lab_plan_suite = {
	.name = "iommu_lab_plan",
	.test_cases = lab_plan_cases,
};
