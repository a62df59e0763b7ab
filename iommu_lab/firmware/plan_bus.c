// SPDX-License-Identifier: GPL-2.0
/*
 * Bus numbers for a tree, and the plan that comes of it.
 */
#include "plan_tree.h"

/**
 * struct walk - a walk over the bridges behind a root bus, in the order of paths
 * @above: where it is: the bridge on whose secondary bus it looks, or ABOVE_ROOT
 * @after: devfn of the bridge on that bus that it comes from, or -1: of none
 * @next: the number that the next bridge gets
 */
struct walk {
	int above;
	int after;
	unsigned int next;
};

/* Return: index of the first bridge on a bus behind @walk->after, or -ENOENT. */
static int next_bridge(const struct tree *tree, const struct lab_plan_root *root,
		       const struct walk *walk)
{
	int found = -ENOENT;
	u32 i;

	for (i = 0; i < tree->nr_bridges; i++) {
		const struct place *place = &tree->bridges[i].place;

		if (place->above != walk->above ||
		    place->segment != root->segment ||
		    place->root != root->bus || place->devfn <= walk->after)
			continue;
		if (found < 0 ||
		    place->devfn < tree->bridges[found].place.devfn)
			found = (int)i;
	}
	return found;
}

static int refuse_numbers(const struct tree *tree,
			  const struct lab_plan_root *root, unsigned int end)
{
	return lab_plan_refuse(tree->plan,
			       "segment %u: up to %u bridges are accepted behind bus 0x%02x",
			       root->segment, end - root->bus - 1, root->bus);
}

/* @end: the first number that is not this root bus's */
static int number_root(struct tree *tree, struct lab_plan_root *root,
		       unsigned int end)
{
	struct walk walk = {
		.above = ABOVE_ROOT,
		.after = -1,
		.next = root->bus + 1u,
	};
	struct tree_bridge *bridge;
	int found;

	for (;;) {
		found = next_bridge(tree, root, &walk);
		if (found < 0 && walk.above == ABOVE_ROOT)
			break;
		if (found < 0) {
			bridge = &tree->bridges[walk.above];
			bridge->subordinate = (u8)(walk.next - 1);
			walk.above = bridge->place.above;
			walk.after = bridge->place.devfn;
			continue;
		}
		if (walk.next == end)
			return refuse_numbers(tree, root, end);
		tree->bridges[found].secondary = (u8)walk.next++;
		walk.above = found;
		walk.after = -1;
	}
	root->last = (u8)(walk.next - 1);
	return 0;
}

/**
 * lab_tree_number - give each bridge the numbers of the buses behind it
 * @tree: it is whole
 *
 * Any context.
 *
 * Return: 0, or -EINVAL with a refusal: too few numbers between two root buses.
 */
int lab_tree_number(struct tree *tree)
{
	struct lab_plan_root *roots = tree->plan->roots;
	u32 i, nr = tree->plan->nr_roots;
	unsigned int end;
	int ret;

	for (i = 0; i < nr; i++) {
		end = 256;
		if (i + 1 < nr && roots[i + 1].segment == roots[i].segment)
			end = roots[i + 1].bus;
		ret = number_root(tree, &roots[i], end);
		if (ret)
			return ret;
	}
	return 0;
}

static u16 bdf_of(const struct tree *tree, const struct place *place)
{
	u8 bus = place->above == ABOVE_ROOT ? place->root :
		 tree->bridges[place->above].secondary;

	return (u16)(bus << 8 | place->devfn);
}

static bool bridge_before(const struct lab_plan_bridge *a,
			  const struct lab_plan_bridge *b)
{
	return a->segment != b->segment ? a->segment < b->segment :
	       a->bdf < b->bdf;
}

static bool endpoint_before(const struct lab_plan_endpoint *a,
			    const struct lab_plan_endpoint *b)
{
	return a->segment != b->segment ? a->segment < b->segment :
	       a->bdf < b->bdf;
}

/* insertion sorts: there are few, and those of a table are mostly in order */
static void take_bridges(struct lab_plan *plan, const struct tree *tree)
{
	struct lab_plan_bridge bridge;
	u32 i, at;

	for (i = 0; i < tree->nr_bridges; i++) {
		bridge = (struct lab_plan_bridge){
			.segment = tree->bridges[i].place.segment,
			.bdf = bdf_of(tree, &tree->bridges[i].place),
			.secondary = tree->bridges[i].secondary,
			.subordinate = tree->bridges[i].subordinate,
		};
		for (at = plan->nr_bridges++;
		     at && bridge_before(&bridge, &plan->bridges[at - 1]); at--)
			plan->bridges[at] = plan->bridges[at - 1];
		plan->bridges[at] = bridge;
	}
}

/* those that a unit has */
static void take_endpoints(struct lab_plan *plan, const struct tree *tree)
{
	struct lab_plan_endpoint endpoint;
	u32 i, at;
	int unit;

	for (i = 0; i < tree->nr_endpoints; i++) {
		endpoint = (struct lab_plan_endpoint){
			.segment = tree->endpoints[i].segment,
			.bdf = bdf_of(tree, &tree->endpoints[i]),
		};
		lab_port_resched();
		unit = lab_dmar_unit_of(plan->dmar, endpoint.segment,
					endpoint.bdf, &plan->numbers);
		if (unit < 0) {
			plan->nr_unclaimed++;
			continue;
		}
		endpoint.unit = (u32)unit;
		for (at = plan->nr_endpoints++;
		     at && endpoint_before(&endpoint,
					   &plan->endpoints[at - 1]); at--)
			plan->endpoints[at] = plan->endpoints[at - 1];
		plan->endpoints[at] = endpoint;
	}
}

static bool is_behind(const struct lab_plan_root *root, u16 segment, u16 bdf)
{
	return segment == root->segment && bdf >> 8 >= root->bus &&
	       bdf >> 8 <= root->last;
}

static void share_out(struct lab_plan *plan)
{
	u32 i, endpoint = 0, bridge = 0;

	for (i = 0; i < plan->nr_roots; i++) {
		struct lab_plan_root *root = &plan->roots[i];

		root->first_endpoint = endpoint;
		while (endpoint < plan->nr_endpoints &&
		       is_behind(root, plan->endpoints[endpoint].segment,
				 plan->endpoints[endpoint].bdf))
			endpoint++;
		root->nr_endpoints = endpoint - root->first_endpoint;
		root->first_bridge = bridge;
		while (bridge < plan->nr_bridges &&
		       is_behind(root, plan->bridges[bridge].segment,
				 plan->bridges[bridge].bdf))
			bridge++;
		root->nr_bridges = bridge - root->first_bridge;
	}
}

/**
 * lab_plan_take - the plan that a tree is
 * @plan: has the root buses of @tree, and room for its bridges and endpoints
 * @tree: its buses have numbers
 *
 * May sleep.
 */
void lab_plan_take(struct lab_plan *plan, const struct tree *tree)
{
	take_bridges(plan, tree);
	take_endpoints(plan, tree);
	share_out(plan);
}
