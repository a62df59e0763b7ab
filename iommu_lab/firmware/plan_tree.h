/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where things are before buses have numbers: a tree of bridges below root
 * buses. For plan*.c only.
 */
#ifndef IOMMU_LAB_FIRMWARE_PLAN_TREE_H
#define IOMMU_LAB_FIRMWARE_PLAN_TREE_H

#include "plan.h"

#define ABOVE_ROOT	(-1)	/* on the root bus */

/**
 * struct place - where a function is
 * @above: index of the bridge whose secondary bus it is on, or ABOVE_ROOT
 * @segment: PCI segment
 * @root: number of the root bus that it is on, or behind
 * @devfn: device << 3 | function
 */
struct place {
	int above;
	u16 segment;
	u8 root;
	u8 devfn;
};

/**
 * struct tree_bridge - a bridge
 * @place: where it is
 * @claimed: a scope has all that is behind it
 * @secondary: the bus directly behind it, once buses are numbered
 * @subordinate: the highest bus behind it, once buses are numbered
 */
struct tree_bridge {
	struct place place;
	bool claimed;
	u8 secondary;
	u8 subordinate;
};

/**
 * struct tree - what is where
 * @plan: what is being made; its roots, and its refusal
 * @bridges: LAB_PLAN_BRIDGES_MAX of them; one above another comes before it
 * @nr_bridges: how many are used
 * @endpoints: LAB_PLAN_ENDPOINTS_MAX of them
 * @nr_endpoints: how many are used
 */
struct tree {
	struct lab_plan *plan;
	struct tree_bridge *bridges;
	u32 nr_bridges;
	struct place *endpoints;
	u32 nr_endpoints;
};

/* plan.c */
__printf(2, 3)
int lab_plan_refuse(struct lab_plan *plan, const char *format, ...);

/* plan_tree.c */
int lab_tree_add_scopes(struct tree *tree, const struct lab_dmar *dmar);
int lab_tree_add_path(struct tree *tree, u16 segment, u8 start_bus,
		      const u8 *path, unsigned int hops);
int lab_tree_reach_units(struct tree *tree, const struct lab_dmar *dmar);

/* plan_bus.c */
int lab_tree_number(struct tree *tree);
void lab_plan_take(struct lab_plan *plan, const struct tree *tree);

/* plan_range.c */
int lab_plan_find_ranges(struct lab_plan *plan);

#endif
