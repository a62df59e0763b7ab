/* SPDX-License-Identifier: GPL-2.0 */
/* A device tree with SMMUs, in memory, for the tests that read one. */
#ifndef IOMMU_LAB_KUNIT_PROBE_TREE_H
#define IOMMU_LAB_KUNIT_PROBE_TREE_H

#include <kunit/test.h>

#include "../iommu_lab/firmware/probe.h"

#define LAB_TREE_NODES		12
#define LAB_TREE_PROPERTIES	6
#define LAB_TREE_BYTES		48

/**
 * struct lab_tree_property - a property of a node
 * @name: its name, or NULL: there are no more
 * @length: bytes of @value
 * @value: as it is in a tree
 */
struct lab_tree_property {
	const char *name;
	u32 length;
	u8 value[LAB_TREE_BYTES];
};

/**
 * struct lab_tree_node - a node
 * @path: its full name
 * @parent: its parent
 * @properties: what it has
 */
struct lab_tree_node {
	const char *path;
	const struct lab_tree_node *parent;
	struct lab_tree_property properties[LAB_TREE_PROPERTIES];
};

/**
 * struct lab_probe_tree - a tree
 * @dt: access to it
 * @node: parents stand before their children
 * @nr: how many
 * @held: references to nodes that were not given back
 */
struct lab_probe_tree {
	struct lab_dt dt;
	struct lab_tree_node node[LAB_TREE_NODES];
	u32 nr;
	int held;
};

/* lives as long as @test */
struct lab_probe_tree *lab_probe_tree_begin(struct kunit *test);
struct lab_tree_node *lab_tree_find(struct lab_probe_tree *tree, const char *path);
void lab_tree_set(struct lab_tree_node *node, const char *name, const void *value,
		  u32 length);
void lab_tree_cells(struct lab_tree_node *node, const char *name, u32 nr, ...);

#endif
