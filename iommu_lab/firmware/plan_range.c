// SPDX-License-Identifier: GPL-2.0
/*
 * The reserved regions of a plan, in whole pages.
 */
#include "plan_tree.h"

static struct lab_span pages_of(const struct lab_dmar_rmrr *rmrr)
{
	return (struct lab_span){
		.start = rmrr->base & ~(u64)(LAB_PLAN_PAGE - 1),
		.last = rmrr->limit | (LAB_PLAN_PAGE - 1),
		.offset = rmrr->offset,
	};
}

/* Return: how many are left. */
static u32 join_overlapping(struct lab_span *spans, u32 nr)
{
	u32 i, out = 0;

	if (!nr)
		return 0;
	lab_span_sort(spans, nr);
	for (i = 1; i < nr; i++) {
		struct lab_span *top = &spans[out];

		if (spans[i].start > top->last)
			spans[++out] = spans[i];
		else if (spans[i].last > top->last)
			top->last = spans[i].last;
	}
	return out + 1;
}

static bool has(const struct lab_plan *plan,
		const struct lab_plan_endpoint *endpoint, u32 rmrr)
{
	return lab_dmar_rmrr_has(plan->dmar, &plan->dmar->rmrrs[rmrr],
				 endpoint->segment, endpoint->bdf,
				 &plan->numbers);
}

static u32 count_ranges(const struct lab_plan *plan)
{
	u32 i, rmrr, nr = 0;

	for (i = 0; i < plan->nr_endpoints; i++) {
		lab_port_resched();
		for (rmrr = 0; rmrr < plan->dmar->nr_rmrrs; rmrr++)
			nr += has(plan, &plan->endpoints[i], rmrr);
	}
	return nr;
}

/* Return: whether they are too many bytes. */
static bool are_too_large(const struct lab_plan *plan)
{
	u64 left = LAB_PLAN_RANGE_BYTES;
	u32 i;

	for (i = 0; i < plan->nr_ranges; i++) {
		u64 more = plan->ranges[i].last - plan->ranges[i].start;

		if (more >= left)
			return true;
		left -= more + 1;
	}
	return false;
}

static void take_ranges(struct lab_plan *plan,
			struct lab_plan_endpoint *endpoint)
{
	struct lab_span *ranges = plan->ranges + plan->nr_ranges;
	u32 rmrr, nr = 0;

	lab_port_resched();
	for (rmrr = 0; rmrr < plan->dmar->nr_rmrrs; rmrr++)
		if (has(plan, endpoint, rmrr))
			ranges[nr++] = pages_of(&plan->dmar->rmrrs[rmrr]);
	endpoint->first_range = plan->nr_ranges;
	endpoint->nr_ranges = join_overlapping(ranges, nr);
	plan->nr_ranges += endpoint->nr_ranges;
}

/**
 * lab_plan_find_ranges - the reserved regions of each endpoint
 * @plan: it has endpoints
 *
 * May sleep.
 *
 * Return: 0; -ENOMEM; -EINVAL with a refusal: too many, or too large.
 */
int lab_plan_find_ranges(struct lab_plan *plan)
{
	u32 i, nr = count_ranges(plan);

	if (!nr)
		return 0;
	if (nr > LAB_PLAN_RANGES_MAX)
		return lab_plan_refuse(plan, "%u regions of all endpoints: up to %u are accepted",
				       nr, LAB_PLAN_RANGES_MAX);
	plan->ranges = lab_port_calloc(nr, sizeof(*plan->ranges));
	if (!plan->ranges)
		return -ENOMEM;
	for (i = 0; i < plan->nr_endpoints; i++)
		take_ranges(plan, &plan->endpoints[i]);
	if (are_too_large(plan))
		return lab_plan_refuse(plan, "regions in all: up to %llu GiB are accepted",
				       LAB_PLAN_RANGE_BYTES >> 30);
	return 0;
}
