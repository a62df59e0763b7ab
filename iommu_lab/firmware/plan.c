// SPDX-License-Identifier: GPL-2.0
/*
 * A plan, from its making to its end.
 */
#include "plan_tree.h"

/**
 * lab_plan_refuse - say why there is no machine
 * @plan: the plan
 * @format: a sentence that says what would have been accepted
 *
 * Any context. Return: -EINVAL.
 */
int lab_plan_refuse(struct lab_plan *plan, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(plan->refusal, sizeof(plan->refusal), format, args);
	va_end(args);
	return -EINVAL;
}

static const struct lab_plan_bridge *find_bridge(const struct lab_plan *plan,
						 u16 segment, u16 bdf)
{
	u32 low = 0, high = plan->nr_bridges, middle;
	const struct lab_plan_bridge *bridge;

	while (low < high) {
		middle = low + (high - low) / 2;
		bridge = &plan->bridges[middle];
		if (bridge->segment == segment && bridge->bdf == bdf)
			return bridge;
		if (bridge->segment < segment ||
		    (bridge->segment == segment && bridge->bdf < bdf))
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static int secondary(void *ctx, u16 segment, u16 bdf)
{
	const struct lab_plan_bridge *bridge = find_bridge(ctx, segment, bdf);

	return bridge ? bridge->secondary : -ENOENT;
}

static int subordinate(void *ctx, u16 segment, u16 bdf)
{
	const struct lab_plan_bridge *bridge = find_bridge(ctx, segment, bdf);

	return bridge ? bridge->subordinate : -ENOENT;
}

static void free_tree(struct tree *tree)
{
	lab_port_free(tree->bridges);
	lab_port_free(tree->endpoints);
}

/* a plan, and a tree for it, both without anything */
static int begin(const struct lab_dmar *dmar, struct tree *tree)
{
	struct lab_plan *plan = lab_port_calloc(1, sizeof(*plan));

	if (!plan)
		return -ENOMEM;
	plan->dmar = dmar;
	plan->numbers.secondary = secondary;
	plan->numbers.subordinate = subordinate;
	plan->numbers.ctx = plan;
	plan->roots = lab_port_calloc(LAB_PLAN_ROOTS_MAX,
				      sizeof(*plan->roots));
	*tree = (struct tree){
		.plan = plan,
		.bridges = lab_port_calloc(LAB_PLAN_BRIDGES_MAX,
					   sizeof(*tree->bridges)),
		.endpoints = lab_port_calloc(LAB_PLAN_ENDPOINTS_MAX,
					     sizeof(*tree->endpoints)),
	};
	if (plan->roots && tree->bridges && tree->endpoints)
		return 0;
	free_tree(tree);
	lab_plan_free(plan);
	return -ENOMEM;
}

static int make(struct tree *tree)
{
	struct lab_plan *plan = tree->plan;
	int ret;

	ret = lab_tree_number(tree);
	if (ret)
		return ret;
	/* all units may be of other devices than PCI functions */
	if (tree->nr_bridges) {
		plan->bridges = lab_port_calloc(tree->nr_bridges,
						sizeof(*plan->bridges));
		if (!plan->bridges)
			return -ENOMEM;
	}
	if (tree->nr_endpoints) {
		plan->endpoints = lab_port_calloc(tree->nr_endpoints,
						  sizeof(*plan->endpoints));
		if (!plan->endpoints)
			return -ENOMEM;
	}
	lab_plan_take(plan, tree);
	return lab_plan_find_ranges(plan);
}

/* Return: @ret, or -ENOMEM without a plan. */
static int finish(struct tree *tree, int ret, struct lab_plan **out)
{
	if (!ret)
		ret = make(tree);
	free_tree(tree);
	*out = tree->plan;
	if (ret == -ENOMEM) {
		lab_plan_free(tree->plan);
		*out = NULL;
	}
	return ret;
}

static int check(struct tree *tree)
{
	const struct lab_dmar *dmar = tree->plan->dmar;

	if (dmar->nr_drhds <= LAB_PLAN_UNITS_MAX)
		return 0;
	return lab_plan_refuse(tree->plan, "there are %u units: up to %u are accepted",
			       dmar->nr_drhds, LAB_PLAN_UNITS_MAX);
}

/**
 * lab_plan_table - the machine that a table describes
 * @dmar: the table, without an error; outlives the plan
 * @out: the plan, for lab_plan_free(), a refused one too; NULL without memory
 *
 * May sleep.
 *
 * Return: 0; -EINVAL: (*@out)->refusal says why; -ENOMEM.
 */
int lab_plan_table(const struct lab_dmar *dmar, struct lab_plan **out)
{
	struct tree tree;
	int ret;

	*out = NULL;
	ret = begin(dmar, &tree);
	if (ret)
		return ret;
	ret = check(&tree);
	if (!ret)
		ret = lab_tree_add_scopes(&tree, dmar);
	if (!ret)
		ret = lab_tree_reach_units(&tree, dmar);
	return finish(&tree, ret, out);
}

/**
 * lab_plan_default - the built-in machine
 * @dmar: its table, of lab_default_topology(); outlives the plan
 * @endpoints: how many it was made with
 * @out: as for lab_plan_table()
 *
 * Its endpoints are where lab_default_bdf() says, whether a scope names them or
 * not, and there are no others.
 *
 * May sleep.
 *
 * Return: as lab_plan_table().
 */
int lab_plan_default(const struct lab_dmar *dmar, unsigned int endpoints,
		     struct lab_plan **out)
{
	unsigned int i, hops;
	struct tree tree;
	u8 path[4];
	int ret;

	*out = NULL;
	ret = begin(dmar, &tree);
	if (ret)
		return ret;
	for (i = 0; i < endpoints && !ret; i++) {
		hops = lab_default_path(i, path);
		ret = lab_tree_add_path(&tree, 0, 0, path, hops);
	}
	return finish(&tree, ret, out);
}

/**
 * lab_plan_free - the end of a plan
 * @plan: the plan, or NULL
 *
 * May sleep.
 */
void lab_plan_free(struct lab_plan *plan)
{
	if (!plan)
		return;
	lab_port_free(plan->ranges);
	lab_port_free(plan->endpoints);
	lab_port_free(plan->bridges);
	lab_port_free(plan->roots);
	lab_port_free(plan);
}
