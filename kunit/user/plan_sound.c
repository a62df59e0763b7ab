// SPDX-License-Identifier: GPL-2.0
/* The invariants of iommu_lab/firmware/plan.h, of any plan without a refusal. */
#include "plan_sound.h"

static u32 key(u16 segment, u16 bdf)
{
	return (u32)segment << 16 | bdf;
}

static const char *roots_defect(const struct lab_plan *plan)
{
	u32 i, endpoints = 0, bridges = 0;

	for (i = 0; i < plan->nr_roots; i++) {
		const struct lab_plan_root *root = &plan->roots[i];

		if (i && key(root->segment, (u16)(root->bus << 8)) <=
		    key(root[-1].segment, (u16)(root[-1].last << 8)))
			return "root buses overlap";
		if (root->first_endpoint != endpoints ||
		    root->first_bridge != bridges || root->last < root->bus)
			return "root buses do not share out what there is";
		endpoints += root->nr_endpoints;
		bridges += root->nr_bridges;
	}
	if (endpoints != plan->nr_endpoints || bridges != plan->nr_bridges)
		return "something is behind no root bus";
	return NULL;
}

static const char *bridges_defect(const struct lab_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->nr_bridges; i++) {
		const struct lab_plan_bridge *bridge = &plan->bridges[i];

		if (i && key(bridge->segment, bridge->bdf) <=
		    key(bridge[-1].segment, bridge[-1].bdf))
			return "bridges are not in order";
		if (bridge->secondary <= bridge->bdf >> 8 ||
		    bridge->subordinate < bridge->secondary)
			return "a bridge leads nowhere";
	}
	return NULL;
}

static const char *ranges_defect(const struct lab_span *ranges, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (ranges[i].start % LAB_PLAN_PAGE || ~ranges[i].last % LAB_PLAN_PAGE ||
		    ranges[i].last < ranges[i].start ||
		    (i && ranges[i].start <= ranges[i - 1].last))
			return "reserved regions overlap";
	return NULL;
}

static const char *endpoints_defect(const struct lab_plan *plan)
{
	const char *defect;
	u32 i;

	for (i = 0; i < plan->nr_endpoints; i++) {
		const struct lab_plan_endpoint *endpoint = &plan->endpoints[i];

		if (i && key(endpoint->segment, endpoint->bdf) <=
		    key(endpoint[-1].segment, endpoint[-1].bdf))
			return "endpoints are not in order";
		if (endpoint->unit >= plan->dmar->nr_drhds ||
		    endpoint->first_range + endpoint->nr_ranges > plan->nr_ranges)
			return "an endpoint has what is not there";
		if (!endpoint->nr_ranges)
			continue;
		defect = ranges_defect(plan->ranges + endpoint->first_range,
				       endpoint->nr_ranges);
		if (defect)
			return defect;
	}
	return NULL;
}

/**
 * plan_defect - which invariant of plan.h a plan breaks
 * @plan: a plan without a refusal
 *
 * Return: a sentence, or NULL: none.
 */
const char *plan_defect(const struct lab_plan *plan)
{
	const char *defect = roots_defect(plan);

	if (!defect)
		defect = bridges_defect(plan);
	return defect ? defect : endpoints_defect(plan);
}
