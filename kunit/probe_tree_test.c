// SPDX-License-Identifier: GPL-2.0
/* firmware/: the SMMUs of a device tree. */
#include <linux/stdarg.h>

#include "firmware_help.h"
#include "probe_tree.h"
#include "suites.h"

static const void *tree_next(void *ctx, const void *node)
{
	struct lab_probe_tree *tree = ctx;
	const struct lab_tree_node *next = node;

	next = next ? next + 1 : tree->node;
	tree->held -= !!node;
	if (next == tree->node + tree->nr)
		return NULL;
	tree->held++;
	return next;
}

static const void *tree_parent(void *ctx, const void *node)
{
	struct lab_probe_tree *tree = ctx;
	const struct lab_tree_node *child = node;

	tree->held += !!child->parent;
	return child->parent;
}

static const u8 *tree_property(void *ctx, const void *node, const char *name, u32 *length)
{
	const struct lab_tree_node *one = node;
	u32 i;

	for (i = 0; i < LAB_TREE_PROPERTIES && one->properties[i].name; i++) {
		if (strcmp(one->properties[i].name, name))
			continue;
		*length = one->properties[i].length;
		return one->properties[i].value;
	}
	return NULL;
}

static const void *tree_by_phandle(void *ctx, u32 phandle)
{
	struct lab_probe_tree *tree = ctx;
	const u8 *value;
	u32 i, length;

	for (i = 0; i < tree->nr; i++) {
		value = tree_property(ctx, &tree->node[i], "phandle", &length);
		if (!value || lab_dt_cell(value) != phandle)
			continue;
		tree->held++;
		return &tree->node[i];
	}
	return NULL;
}

static void tree_put(void *ctx, const void *node)
{
	struct lab_probe_tree *tree = ctx;

	tree->held--;
}

static void tree_path(void *ctx, const void *node, char *text, size_t room)
{
	const struct lab_tree_node *one = node;

	snprintf(text, room, "%s", one->path);
}

void lab_tree_set(struct lab_tree_node *node, const char *name, const void *value,
		  u32 length)
{
	struct lab_tree_property *at = node->properties;

	while (at->name && strcmp(at->name, name))
		at++;
	at->name = name;
	at->length = length;
	memcpy(at->value, value, length);
}

void lab_tree_cells(struct lab_tree_node *node, const char *name, u32 nr, ...)
{
	u8 bytes[LAB_TREE_BYTES];
	va_list args;
	u32 i, cell;

	va_start(args, nr);
	for (i = 0; i < nr; i++) {
		cell = va_arg(args, u32);
		bytes[4 * i] = (u8)(cell >> 24);
		bytes[4 * i + 1] = (u8)(cell >> 16);
		bytes[4 * i + 2] = (u8)(cell >> 8);
		bytes[4 * i + 3] = (u8)cell;
	}
	va_end(args);
	lab_tree_set(node, name, bytes, 4 * nr);
}

static struct lab_tree_node *add(struct lab_probe_tree *tree, const char *path,
				 const struct lab_tree_node *parent)
{
	struct lab_tree_node *node = &tree->node[tree->nr++];

	node->path = path;
	node->parent = parent;
	return node;
}

static void add_smmu(struct lab_probe_tree *tree, const struct lab_tree_node *bus,
		     const char *path, const char *compatible, u32 length, u32 phandle)
{
	struct lab_tree_node *node = add(tree, path, bus);

	lab_tree_set(node, "compatible", compatible, length);
	lab_tree_cells(node, "reg", 2, phandle << 20, 0x20000);
	lab_tree_cells(node, "phandle", 1, phandle);
	lab_tree_cells(node, "#iommu-cells", 1, phandle == 2 ? 2 : 1);
}

/* 32-bit addresses in two buses, one in the other; the outer one is moved by 32 GiB. */
struct lab_probe_tree *lab_probe_tree_begin(struct kunit *test)
{
	struct lab_probe_tree *tree = kunit_kzalloc(test, sizeof(*tree), GFP_KERNEL);
	struct lab_tree_node *root, *outer, *soc, *node;

	KUNIT_ASSERT_NOT_NULL(test, tree);
	tree->dt = (struct lab_dt) {
		.next = tree_next,
		.parent = tree_parent,
		.by_phandle = tree_by_phandle,
		.put = tree_put,
		.property = tree_property,
		.path = tree_path,
		.ctx = tree,
	};
	root = add(tree, "/", NULL);
	lab_tree_cells(root, "#address-cells", 1, 2);
	lab_tree_cells(root, "#size-cells", 1, 2);
	outer = add(tree, "/outer", root);
	lab_tree_cells(outer, "#address-cells", 1, 1);
	lab_tree_cells(outer, "#size-cells", 1, 1);
	lab_tree_cells(outer, "ranges", 8, 0x10000000, 0, 0x70000000, 0x1000,
		       0x20000000, 8, 0x40000000, 0x1000000);
	soc = add(tree, "/outer/soc", outer);
	lab_tree_cells(soc, "#address-cells", 1, 1);
	lab_tree_cells(soc, "#size-cells", 1, 1);
	lab_tree_cells(soc, "ranges", 3, 0, 0x20000000, 0x1000000);
	add_smmu(tree, soc, "/outer/soc/iommu@100000", "arm,smmu-v3", 12, 1);
	add_smmu(tree, soc, "/outer/soc/iommu@200000", "lab,it\0arm,mmu-500", 19, 2);
	add_smmu(tree, soc, "/outer/soc/iommu@300000", "arm,smmu-v2", 12, 3);
	add_smmu(tree, soc, "/outer/soc/iommu@400000", "arm,smmu-v2x", 13, 4);
	node = add(tree, "/outer/soc/dma", soc);
	lab_tree_cells(node, "iommus", 7, 2, 0x10, 0x7f80, 4, 9, 3, 0x81);
	node = add(tree, "/pcie", root);
	lab_tree_cells(node, "iommu-map", 8, 0, 1, 0x10000, 0x100, 0x100, 4, 0, 0xff00);
	lab_tree_cells(node, "iommu-map-mask", 1, 0xfff8);
	return tree;
}

struct lab_tree_node *lab_tree_find(struct lab_probe_tree *tree, const char *path)
{
	u32 i = 0;

	while (strcmp(tree->node[i].path, path))
		i++;
	return &tree->node[i];
}

static void probe_tree(struct kunit *test, struct lab_probe_tree *tree,
		       struct lab_probe *probe, u32 units, u32 clients, u32 malformed)
{
	memset(probe, 0, sizeof(*probe));
	KUNIT_EXPECT_EQ(test, lab_probe_tree(probe, &tree->dt), units > 0);
	KUNIT_EXPECT_EQ(test, tree->held, 0);
	KUNIT_ASSERT_EQ(test, probe->nr_units, units);
	KUNIT_ASSERT_EQ(test, probe->nr_clients, clients);
	KUNIT_EXPECT_EQ(test, probe->malformed, malformed);
}

static void expect(struct kunit *test, struct lab_probe_tree *tree, u32 units, u32 clients,
		   u32 malformed)
{
	struct lab_probe probe;

	probe_tree(test, tree, &probe, units, clients, malformed);
	lab_probe_free(&probe);
}

static void expect_stream(struct kunit *test, const struct lab_probe_client *client,
			  u32 unit, u32 stream, u32 mask)
{
	KUNIT_EXPECT_EQ(test, client->unit, unit);
	KUNIT_EXPECT_TRUE(test, client->has_stream);
	KUNIT_EXPECT_EQ(test, client->stream, stream);
	KUNIT_EXPECT_EQ(test, client->mask, mask);
}

static void units(struct kunit *test)
{
	static const char * const types[] = { "smmu-v3", "mmu-500", "smmu-v2" };
	struct lab_probe_tree *tree = lab_probe_tree_begin(test);
	struct lab_probe probe;
	u32 i;

	probe_tree(test, tree, &probe, 3, 3, 0);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_STREQ(test, probe.units[i].type, types[i]);
		KUNIT_EXPECT_EQ(test, probe.units[i].base,
				0x840000000ULL + ((u64)(i + 1) << 20));
		KUNIT_EXPECT_EQ(test, probe.units[i].size, 0x20000);
	}
	expect_stream(test, &probe.clients[0], 1, 0x10, 0x7f80);
	/* behind the specifier of an IOMMU that is not one of ours */
	expect_stream(test, &probe.clients[1], 2, 0x81, 0);
	KUNIT_EXPECT_FALSE(test, probe.clients[1].has_ids);
	expect_stream(test, &probe.clients[2], 0, 0x10000, 0xfff8);
	KUNIT_EXPECT_TRUE(test, probe.clients[2].has_ids);
	KUNIT_EXPECT_EQ(test, probe.clients[2].first, 0);
	KUNIT_EXPECT_EQ(test, probe.clients[2].last, 0xff);
	lab_probe_free(&probe);

	lab_tree_find(tree, "/pcie")->path = "/p\033[2J";
	probe_tree(test, tree, &probe, 3, 3, 0);
	KUNIT_EXPECT_STREQ(test, probe.clients[2].name, "/p?[2J");
	lab_probe_free(&probe);
}

/* What is disabled, or below something that is, is not there. */
static void disabled(struct kunit *test)
{
	struct lab_probe_tree *tree = lab_probe_tree_begin(test);
	struct lab_tree_node *unit = lab_tree_find(tree, "/outer/soc/iommu@100000");

	lab_tree_set(unit, "status", "okay", 5);
	expect(test, tree, 3, 3, 0);
	lab_tree_set(unit, "status", "ok", 3);
	expect(test, tree, 3, 3, 0);
	lab_tree_set(unit, "status", "disabled", 9);
	expect(test, tree, 2, 2, 0);
	lab_tree_set(lab_tree_find(tree, "/outer/soc/dma"), "status", "disabled", 9);
	expect(test, tree, 2, 0, 0);
	lab_tree_set(lab_tree_find(tree, "/outer"), "status", "fail", 5);
	expect(test, tree, 0, 0, 0);
}

/* An address that no bridge passes on, or none at all */
static void registers(struct kunit *test)
{
	struct lab_probe_tree *tree = lab_probe_tree_begin(test);
	struct lab_tree_node *outer = lab_tree_find(tree, "/outer");
	struct lab_tree_node *soc = lab_tree_find(tree, "/outer/soc");
	struct lab_probe probe;

	lab_tree_set(soc, "ranges", "", 0);
	expect(test, tree, 3, 3, 3);
	lab_tree_cells(outer, "ranges", 4, 0, 1, 0, 0x200000);
	probe_tree(test, tree, &probe, 3, 3, 2);
	KUNIT_EXPECT_EQ(test, probe.units[0].base, 0x100100000ULL);
	KUNIT_EXPECT_EQ(test, probe.units[1].base, 0);
	lab_probe_free(&probe);
	/* half a row */
	lab_tree_cells(outer, "ranges", 3, 0, 1, 0);
	expect(test, tree, 3, 3, 3);
	lab_tree_set(outer, "ranges", "", 0);
	expect(test, tree, 3, 3, 0);
	lab_tree_cells(lab_tree_find(tree, "/outer/soc/iommu@200000"), "reg", 1, 0);
	expect(test, tree, 3, 3, 1);
	/* an address that nobody can count with */
	lab_tree_cells(soc, "#address-cells", 1, 3);
	expect(test, tree, 3, 3, 3);
}

static void malformed(struct kunit *test)
{
	struct lab_probe_tree *tree = lab_probe_tree_begin(test);
	struct lab_tree_node *dma = lab_tree_find(tree, "/outer/soc/dma");
	struct lab_tree_node *pcie = lab_tree_find(tree, "/pcie");

	lab_tree_cells(dma, "iommus", 2, 2, 0x10);	/* a cell is missing */
	expect(test, tree, 3, 1, 1);
	lab_tree_cells(dma, "iommus", 4, 3, 7, 77, 1);	/* nobody has that phandle */
	expect(test, tree, 3, 2, 1);
	lab_tree_set(dma, "iommus", "\0\0\0\3\0\0\0\7\0", 9);
	expect(test, tree, 3, 2, 1);
	lab_tree_cells(dma, "iommus", 2, 1, 7);
	expect(test, tree, 3, 2, 0);
	lab_tree_cells(lab_tree_find(tree, "/outer/soc/iommu@100000"), "#iommu-cells", 1,
		       0xffffffff);
	expect(test, tree, 3, 1, 1);
	lab_tree_cells(dma, "iommus", 0);

	lab_tree_cells(pcie, "iommu-map", 4, 0xff, 1, 0, 0xffffff01);
	expect(test, tree, 3, 1, 0);
	lab_tree_cells(pcie, "iommu-map", 4, 0x100, 1, 0, 0xffffff01);	/* wraps */
	expect(test, tree, 3, 0, 1);
	lab_tree_cells(pcie, "iommu-map", 4, 0, 1, 1, 0xffffffff);
	expect(test, tree, 3, 1, 0);
	lab_tree_cells(pcie, "iommu-map", 4, 0, 1, 2, 0xffffffff);	/* streams wrap */
	expect(test, tree, 3, 0, 1);
	lab_tree_cells(pcie, "iommu-map", 8, 0, 1, 0, 0, 0, 1, 0, 1);
	expect(test, tree, 3, 1, 1);
	lab_tree_cells(pcie, "iommu-map", 5, 0, 1, 0, 1, 0);
	expect(test, tree, 3, 1, 1);
}

static struct kunit_case cases[] = {
	LAB_FW_CASE(units, "H2 SMMUs of a device tree, and what is behind them"),
	LAB_FW_CASE(disabled, "H2 what is disabled is not there"),
	LAB_FW_CASE(registers, "H2 registers behind bridges"),
	LAB_FW_CASE(malformed, "H2 properties that are cut off or wrap"),
	{ }
};

struct kunit_suite lab_probe_tree_suite = {
	.name = "probe_tree",
	.test_cases = cases,
};
