/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a table to a machine: which functions there are and where, which unit
 * each has, and the bridges that paths and sub-hierarchies need.
 *
 * root bus   the start bus of a scope; bus 0 of a segment whose unit with
 *            INCLUDE_PCI_ALL needs an endpoint
 * bridge     a hop of a path that is not the last one, or what a scope of type
 *            sub-hierarchy names
 * endpoint   what a scope of type endpoint names, unless it is a bridge
 * claimed    by a scope, or a unit, that has devices beside those it names
 *
 * A table does not say how buses behind bridges are numbered: the plan does.
 * In each segment, behind each root bus, bridges get the numbers that follow it,
 * in the order of their paths (a bridge before what is behind it, a device
 * before a higher one); none of them may reach the next root bus.
 *
 * One endpoint more is made behind each claimed bridge, and one for
 * INCLUDE_PCI_ALL in a segment, where no scope names a function: only so can
 * each unit be reached. Interrupt sources and name-space devices are no
 * functions.
 *
 * Invariants of a plan without a refusal:
 * - Endpoints, bridges and root buses are each in order of segment and BDF, and
 *   no two of them share a place.
 * - It does not depend on the order of structures and scopes in the table.
 * - Ranges are whole pages, and those of an endpoint ascend without overlap.
 * - It never changes: readers need no lock.
 */
#ifndef IOMMU_LAB_FIRMWARE_PLAN_H
#define IOMMU_LAB_FIRMWARE_PLAN_H

#include "dmar.h"
#include "span.h"

#define LAB_PLAN_ENDPOINTS_MAX	1024
#define LAB_PLAN_BRIDGES_MAX	4096
#define LAB_PLAN_ROOTS_MAX	1024
#define LAB_PLAN_UNITS_MAX	256
#define LAB_PLAN_RANGES_MAX	65536	/* of all endpoints together */
#define LAB_PLAN_PAGE		4096u
#define LAB_PLAN_DEPTH_MAX	16	/* bridges in a row: the kernel's scan recurses */
/* bytes of all regions of all endpoints: the kernel looks at each page of them */
#define LAB_PLAN_RANGE_BYTES	(64ULL << 30)

/**
 * struct lab_plan_root - a root bus
 * @segment: PCI segment
 * @bus: its number
 * @last: the highest number behind it, or @bus
 * @first_endpoint: endpoints of @bus to @last: endpoints[first_endpoint] and
 *	the following
 * @nr_endpoints: how many
 * @first_bridge: bridges of @bus to @last: bridges[first_bridge] and the following
 * @nr_bridges: how many
 */
struct lab_plan_root {
	u16 segment;
	u8 bus;
	u8 last;
	u32 first_endpoint;
	u32 nr_endpoints;
	u32 first_bridge;
	u32 nr_bridges;
};

/**
 * struct lab_plan_bridge - a bridge
 * @segment: PCI segment
 * @bdf: where it is
 * @secondary: the bus directly behind it
 * @subordinate: the highest bus behind it
 */
struct lab_plan_bridge {
	u16 segment;
	u16 bdf;
	u8 secondary;
	u8 subordinate;
};

/**
 * struct lab_plan_endpoint - a function with a DMA engine
 * @segment: PCI segment
 * @bdf: where it is
 * @unit: index into the table's drhds, of the unit that remaps its requests
 * @first_range: its reserved regions are ranges[first_range] and the following
 * @nr_ranges: how many
 */
struct lab_plan_endpoint {
	u16 segment;
	u16 bdf;
	u32 unit;
	u32 first_range;
	u32 nr_ranges;
};

/**
 * struct lab_plan - a machine
 * @dmar: the table; outlives it
 * @roots: root buses
 * @nr_roots: how many
 * @bridges: bridges
 * @nr_bridges: how many
 * @endpoints: endpoints
 * @nr_endpoints: how many
 * @nr_unclaimed: functions that the table names and no unit has: they are left out
 * @ranges: reserved regions of the endpoints
 * @nr_ranges: how many
 * @numbers: how buses are numbered, for lab_dmar_unit_of()
 * @refusal: why there is no machine, a sentence; "" if there is one
 */
struct lab_plan {
	const struct lab_dmar *dmar;
	struct lab_plan_root *roots;
	u32 nr_roots;
	struct lab_plan_bridge *bridges;
	u32 nr_bridges;
	struct lab_plan_endpoint *endpoints;
	u32 nr_endpoints;
	u32 nr_unclaimed;
	struct lab_span *ranges;
	u32 nr_ranges;
	struct lab_dmar_bridges numbers;
	char refusal[160];
};

/* plan.c */
int lab_plan_table(const struct lab_dmar *dmar, struct lab_plan **out);
int lab_plan_default(const struct lab_dmar *dmar, unsigned int endpoints,
		     struct lab_plan **out);
void lab_plan_free(struct lab_plan *plan);

#endif
