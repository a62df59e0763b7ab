// SPDX-License-Identifier: GPL-2.0
/*
 * Target: the units of a device tree. The tree counts its references, and each property
 * is in memory of exactly its length.
 *
 * Input: which allocation fails; then nodes: which one is the parent, how many properties;
 * of each property its name, and either the number of a word or a length and bytes.
 */
#include "machine.h"

#define NODES		16
#define PROPERTIES	8	/* of a node */
#define RAW		0x80u	/* from here on, words; below, lengths */
#define RAW_MAX		64u	/* bytes */

static const char * const names[] = {
	"compatible", "reg", "ranges", "phandle", "iommus", "iommu-map", "#iommu-cells",
	"#address-cells", "#size-cells", "status", "iommu-map-mask", "interrupts",
};

static const char * const words[] = {
	"arm,smmu-v3", "arm,mmu-500", "arm,smmu-v2", "okay", "ok", "disabled",
};

/**
 * struct property - a property of a node
 * @name: its name
 * @value: its bytes, not NULL
 * @length: how many
 */
struct property {
	const char *name;
	u8 *value;
	u32 length;
};

/**
 * struct node - a node
 * @parent: the parent, or NULL
 * @properties: what it has
 * @nr: how many
 * @held: references to it
 */
struct node {
	struct node *parent;
	struct property properties[PROPERTIES];
	u32 nr;
	int held;
};

/**
 * struct tree - a tree, and the input that it is made from
 * @at: the next byte
 * @end: behind the last one
 * @nodes: parents before their children
 * @nr: how many
 */
struct tree {
	const u8 *at;
	const u8 *end;
	struct node nodes[NODES];
	u32 nr;
};

static u8 next_byte(struct tree *tree)
{
	return tree->at < tree->end ? *tree->at++ : 0;
}

static void add_property(struct tree *tree, struct node *node)
{
	struct property *property = &node->properties[node->nr++];
	u8 form;
	const void *from;

	property->name = names[next_byte(tree) % (sizeof(names) / sizeof(*names))];
	form = next_byte(tree);
	if (form >= RAW) {
		from = words[form % (sizeof(words) / sizeof(*words))];
		property->length = (u32)strlen(from) + 1;
	} else {
		from = tree->at;
		property->length = form % (RAW_MAX + 1);
		if (property->length > (size_t)(tree->end - tree->at))
			property->length = (u32)(tree->end - tree->at);
		tree->at += property->length;
	}
	property->value = malloc(property->length ? property->length : 1);
	fuzz_require(property->value, "there is memory");
	if (property->length)
		memcpy(property->value, from, property->length);
}

static void grow(struct tree *tree, const u8 *data, size_t size)
{
	struct node *node;
	u32 properties;

	*tree = (struct tree){ .at = data, .end = data + size };
	while (tree->nr < NODES && tree->at < tree->end) {
		node = &tree->nodes[tree->nr];
		if (tree->nr)
			node->parent = &tree->nodes[next_byte(tree) % tree->nr];
		tree->nr++;
		for (properties = next_byte(tree) % (PROPERTIES + 1); properties; properties--)
			add_property(tree, node);
	}
}

static void fell(struct tree *tree)
{
	u32 i, j;

	for (i = 0; i < tree->nr; i++) {
		fuzz_require(!tree->nodes[i].held, "each node is given back");
		for (j = 0; j < tree->nodes[i].nr; j++)
			free(tree->nodes[i].properties[j].value);
	}
}

/* Nodes are asked while they are held. */
static struct node *asked(const void *node)
{
	struct node *one = (struct node *)node;

	fuzz_require(one && one->held > 0, "a node is held as long as it is used");
	return one;
}

static struct node *hold(struct node *node)
{
	if (node)
		node->held++;
	return node;
}

static const void *tree_next(void *ctx, const void *node)
{
	struct tree *tree = ctx;
	struct node *next = tree->nodes;

	if (node) {
		next = asked(node);
		next->held--;
		next++;
	}
	return next < tree->nodes + tree->nr ? hold(next) : NULL;
}

static const void *tree_parent(void *ctx, const void *node)
{
	return hold(asked(node)->parent);
}

static const u8 *tree_property(void *ctx, const void *node, const char *name, u32 *length)
{
	const struct node *one = asked(node);
	u32 i;

	for (i = 0; i < one->nr; i++) {
		if (strcmp(one->properties[i].name, name))
			continue;
		*length = one->properties[i].length;
		return one->properties[i].value;
	}
	return NULL;
}

static const void *tree_by_phandle(void *ctx, u32 phandle)
{
	struct tree *tree = ctx;
	const u8 *value;
	u32 i, length;
	bool found;

	for (i = 0; i < tree->nr; i++) {
		hold(&tree->nodes[i]);
		value = tree_property(ctx, &tree->nodes[i], "phandle", &length);
		found = value && length == 4 && lab_dt_cell(value) == phandle;
		if (found)
			return &tree->nodes[i];
		tree->nodes[i].held--;
	}
	return NULL;
}

static void tree_put(void *ctx, const void *node)
{
	asked(node)->held--;
}

/* As odd as its number, and longer than there is room for with its parents' */
static void tree_path(void *ctx, const void *node, char *text, size_t room)
{
	const struct tree *tree = ctx;
	long number = asked(node) - tree->nodes;

	snprintf(text, room, "/node%c@%0*ld", (int)(1 + 17 * number), (int)number * 12, number);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct tree tree;
	const struct lab_dt dt = {
		.next = tree_next,
		.parent = tree_parent,
		.by_phandle = tree_by_phandle,
		.put = tree_put,
		.property = tree_property,
		.path = tree_path,
		.ctx = &tree,
	};

	if (!size)
		return 0;
	grow(&tree, data + 1, size - 1);
	fuzz_machine_of_tree(&dt, size, data[0]);
	fell(&tree);
	return 0;
}
