// SPDX-License-Identifier: GPL-2.0
/*
 * The functions and bridges that a table names, as a tree: bus numbers come
 * later, so that they do not depend on the order of the table.
 */
#include "plan_tree.h"

#define FUNCTIONS	256u	/* of a bus */

static bool same_place(const struct place *a, const struct place *b)
{
	return a->above == b->above && a->segment == b->segment &&
	       a->root == b->root && a->devfn == b->devfn;
}

/* Return: index, or -ENOENT. */
static int bridge_at(const struct tree *tree, const struct place *place)
{
	u32 i;

	for (i = 0; i < tree->nr_bridges; i++)
		if (same_place(&tree->bridges[i].place, place))
			return (int)i;
	return -ENOENT;
}

static bool is_endpoint(const struct tree *tree, const struct place *place)
{
	u32 i;

	for (i = 0; i < tree->nr_endpoints; i++)
		if (same_place(&tree->endpoints[i], place))
			return true;
	return false;
}

/* roots are kept in order */
static int add_root(struct tree *tree, u16 segment, u8 bus)
{
	struct lab_plan *plan = tree->plan;
	struct lab_plan_root *root;
	u32 i, at;

	for (at = 0; at < plan->nr_roots; at++) {
		root = &plan->roots[at];
		if (root->segment == segment && root->bus == bus)
			return 0;
		if (root->segment > segment ||
		    (root->segment == segment && root->bus > bus))
			break;
	}
	if (plan->nr_roots == LAB_PLAN_ROOTS_MAX)
		return lab_plan_refuse(plan, "up to %u root buses are accepted",
				       LAB_PLAN_ROOTS_MAX);
	for (i = plan->nr_roots++; i > at; i--)
		plan->roots[i] = plan->roots[i - 1];
	plan->roots[at] = (struct lab_plan_root){
		.segment = segment,
		.bus = bus,
	};
	return 0;
}

/* Return: index, or -EINVAL. */
static int add_bridge(struct tree *tree, const struct place *place)
{
	int index = bridge_at(tree, place);

	if (index >= 0)
		return index;
	if (tree->nr_bridges == LAB_PLAN_BRIDGES_MAX)
		return lab_plan_refuse(tree->plan, "up to %u bridges are accepted",
				       LAB_PLAN_BRIDGES_MAX);
	tree->bridges[tree->nr_bridges].place = *place;
	return (int)tree->nr_bridges++;
}

static int add_endpoint(struct tree *tree, const struct place *place)
{
	if (is_endpoint(tree, place))
		return 0;
	if (tree->nr_endpoints == LAB_PLAN_ENDPOINTS_MAX)
		return lab_plan_refuse(tree->plan, "up to %u endpoints are accepted",
				       LAB_PLAN_ENDPOINTS_MAX);
	tree->endpoints[tree->nr_endpoints++] = *place;
	return 0;
}

/* the place at the end of a path of a checked table, with the bridges above it */
static int follow(struct tree *tree, u16 segment, u8 start_bus,
		  const u8 *path, unsigned int hops, struct place *place)
{
	unsigned int hop;
	int ret;

	ret = add_root(tree, segment, start_bus);
	if (ret)
		return ret;
	*place = (struct place){
		.above = ABOVE_ROOT,
		.segment = segment,
		.root = start_bus,
	};
	if (hops > LAB_PLAN_DEPTH_MAX)
		return lab_plan_refuse(tree->plan, "a path has %u hops: up to %u are accepted",
				       hops, LAB_PLAN_DEPTH_MAX);
	for (hop = 0; hop < hops; hop++) {
		if (hop) {
			place->above = add_bridge(tree, place);
			if (place->above < 0)
				return place->above;
		}
		place->devfn = (u8)(path[2 * hop] << 3 | path[2 * hop + 1]);
	}
	return 0;
}

/**
 * lab_tree_add_path - an endpoint at the end of a path
 * @tree: where
 * @segment: PCI segment
 * @start_bus: bus of the first hop
 * @path: pairs of device (0 to 31) and function (0 to 7)
 * @hops: how many pairs, at least 1
 *
 * Any context.
 *
 * Return: 0, or -EINVAL with a refusal: too many.
 */
int lab_tree_add_path(struct tree *tree, u16 segment, u8 start_bus,
		      const u8 *path, unsigned int hops)
{
	struct place place;
	int ret;

	ret = follow(tree, segment, start_bus, path, hops, &place);
	return ret ? ret : add_endpoint(tree, &place);
}

static int add_scope(struct tree *tree, u16 segment,
		     const struct lab_dmar_scope *scope)
{
	struct place place;
	int ret;

	if (scope->type == LAB_SCOPE_ENDPOINT)
		return lab_tree_add_path(tree, segment, scope->start_bus,
					 scope->path, scope->hops);
	if (scope->type != LAB_SCOPE_SUB_HIERARCHY)
		return 0;
	ret = follow(tree, segment, scope->start_bus, scope->path, scope->hops,
		     &place);
	if (ret)
		return ret;
	ret = add_bridge(tree, &place);
	if (ret < 0)
		return ret;
	tree->bridges[ret].claimed = true;
	return 0;
}

static u16 segment_of(const struct lab_dmar *dmar,
		      const struct lab_dmar_structure *structure)
{
	switch (structure->type) {
	case LAB_DMAR_DRHD:
		return dmar->drhds[structure->index].segment;
	case LAB_DMAR_RMRR:
		return dmar->rmrrs[structure->index].segment;
	case LAB_DMAR_ATSR:
		return dmar->atsrs[structure->index].segment;
	case LAB_DMAR_SATC:
		return dmar->satcs[structure->index].segment;
	default:
		return dmar->sidps[structure->index].segment;
	}
}

/* where one scope has an endpoint and another one a bridge, there is a bridge */
static void drop_bridges(struct tree *tree)
{
	u32 i, nr = 0;

	for (i = 0; i < tree->nr_endpoints; i++)
		if (bridge_at(tree, &tree->endpoints[i]) < 0)
			tree->endpoints[nr++] = tree->endpoints[i];
	tree->nr_endpoints = nr;
}

/**
 * lab_tree_add_scopes - what the scopes of a table name
 * @tree: where; empty
 * @dmar: a table without an error
 *
 * May sleep.
 *
 * Return: 0, or -EINVAL with a refusal: too many.
 */
int lab_tree_add_scopes(struct tree *tree, const struct lab_dmar *dmar)
{
	const struct lab_dmar_structure *structure;
	u32 i, scope;
	int ret;

	for (i = 0; i < dmar->nr_structures; i++) {
		structure = &dmar->structures[i];
		lab_port_resched();
		for (scope = 0; scope < structure->nr_scopes; scope++) {
			ret = add_scope(tree, segment_of(dmar, structure),
					&dmar->scopes[structure->first_scope +
						      scope]);
			if (ret)
				return ret;
		}
	}
	drop_bridges(tree);
	return 0;
}

static bool is_free(const struct tree *tree, const struct place *place)
{
	return !is_endpoint(tree, place) && bridge_at(tree, place) < 0;
}

/* the first function that no scope names, behind a bridge that is claimed */
static int reach_behind(struct tree *tree, u32 bridge)
{
	struct place place = tree->bridges[bridge].place;
	unsigned int devfn;

	place.above = (int)bridge;
	for (devfn = 0; devfn < FUNCTIONS; devfn++) {
		place.devfn = (u8)devfn;
		if (is_free(tree, &place))
			return add_endpoint(tree, &place);
	}
	return 0;
}

/*
 * Finds @functions free functions at a multiple of it, after the first ones of a
 * bus: these are of device 0, on real machines the host bridge, and come last.
 */
static bool find_free(const struct tree *tree, struct place *place,
		      unsigned int functions)
{
	struct place probe = *place;
	unsigned int at, i;

	for (at = functions; at <= FUNCTIONS; at += functions) {
		for (i = 0; i < functions; i++) {
			probe.devfn = (u8)(at + i);
			if (!is_free(tree, &probe))
				break;
		}
		if (i < functions)
			continue;
		place->devfn = (u8)at;
		return true;
	}
	return false;
}

/* on bus 0: a device of its own, or else any function */
static int reach_segment(struct tree *tree, u16 segment)
{
	struct place place = {
		.above = ABOVE_ROOT,
		.segment = segment,
	};
	int ret;

	ret = add_root(tree, segment, 0);
	if (ret)
		return ret;
	if (find_free(tree, &place, 8) || find_free(tree, &place, 1))
		return add_endpoint(tree, &place);
	return 0;
}

/**
 * lab_tree_reach_units - endpoints where only INCLUDE_PCI_ALL or a sub-hierarchy
 *	claims them
 * @tree: where; it has all that scopes name
 * @dmar: the table
 *
 * Any context.
 *
 * Return: 0, or -EINVAL with a refusal: too many.
 */
int lab_tree_reach_units(struct tree *tree, const struct lab_dmar *dmar)
{
	u32 i, j;
	int ret;

	for (i = 0; i < tree->nr_bridges; i++) {
		ret = tree->bridges[i].claimed ? reach_behind(tree, i) : 0;
		if (ret)
			return ret;
	}
	for (i = 0; i < dmar->nr_drhds; i++) {
		bool first = dmar->drhds[i].include_all;

		for (j = 0; j < i; j++)
			first &= !dmar->drhds[j].include_all ||
				 dmar->drhds[j].segment !=
				 dmar->drhds[i].segment;
		ret = first ? reach_segment(tree, dmar->drhds[i].segment) : 0;
		if (ret)
			return ret;
	}
	return 0;
}
