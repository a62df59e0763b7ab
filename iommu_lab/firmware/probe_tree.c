// SPDX-License-Identifier: GPL-2.0
/*
 * The units of a device tree, and what is behind them: a device with the property
 * iommus (an SMMU's phandle, and a stream ID for each interface), or a host bridge with
 * iommu-map (which requester IDs have which stream IDs). Linux' bindings iommu/iommu.txt,
 * iommu/arm,smmu.yaml, iommu/arm,smmu-v3.yaml and pci/pci-iommu.txt say what they are.
 */
#include "probe.h"

#define CELL	4u		/* bytes */
#define MAPPING	(4 * CELL)	/* first ID, phandle, first stream ID, how many */

static const char * const types[] = { "smmu-v3", "mmu-500", "smmu-v2" };
static const char * const compatibles[] = {
	"arm,smmu-v3", "arm,mmu-500", "arm,smmu-v2"
};

#define TYPES	(sizeof(types) / sizeof(*types))

/* A path has what firmware chose. */
static void name_node(char name[LAB_PROBE_NAME], const struct lab_dt *dt, const void *node)
{
	dt->path(dt->ctx, node, name, LAB_PROBE_NAME);
	lab_probe_set_name(name, (const u8 *)name, LAB_PROBE_NAME);
}

static void add_unit(struct lab_probe *probe, const struct lab_dt *dt, const void *node)
{
	struct lab_probe_unit *unit;
	size_t type = 0;

	while (type < TYPES && !lab_dt_is_compatible(dt, node, compatibles[type]))
		type++;
	if (type == TYPES || !lab_dt_is_available(dt, node))
		return;
	unit = lab_probe_add_unit(probe, types[type]);
	if (!unit)
		return;
	name_node(unit->name, dt, node);
	unit->key = lab_dt_number(dt, node, "phandle", 0);
	if (!lab_dt_registers(dt, node, &unit->base, &unit->size)) {
		unit->base = 0;
		unit->size = 0;
		probe->malformed++;
	}
}

/* 0 is no phandle: nothing leads to a unit that has none. */
static u32 unit_of(const struct lab_probe *probe, u32 phandle)
{
	u32 i;

	for (i = 0; phandle && i < probe->nr_units; i++) {
		if (probe->units[i].key == phandle)
			return i;
	}
	return LAB_PROBE_NOBODY;
}

static struct lab_probe_client *add_client(struct lab_probe *probe, const struct lab_dt *dt,
					   const void *node, u32 unit, const char *kind)
{
	struct lab_probe_client *client = lab_probe_add_client(probe, unit, kind);

	if (client)
		name_node(client->name, dt, node);
	return client;
}

/* Cells behind the phandle of an iommu, or LAB_PROBE_NOBODY. */
static u32 specifier_cells(const struct lab_dt *dt, u32 phandle)
{
	const void *node = dt->by_phandle(dt->ctx, phandle);
	u32 cells;

	if (!node)
		return LAB_PROBE_NOBODY;
	cells = lab_dt_number(dt, node, "#iommu-cells", LAB_PROBE_NOBODY);
	dt->put(dt->ctx, node);
	return cells;
}

static void read_iommus(struct lab_probe *probe, const struct lab_dt *dt, const void *node)
{
	u32 length, at, phandle, cells, unit;
	const u8 *list = dt->property(dt->ctx, node, "iommus", &length);
	struct lab_probe_client *client;

	if (!list)
		return;
	for (at = 0; length - at >= CELL; at += (1 + cells) * CELL) {
		phandle = lab_dt_cell(list + at);
		cells = specifier_cells(dt, phandle);
		if (cells > (length - at) / CELL - 1)
			break;
		unit = unit_of(probe, phandle);
		/* of another kind of IOMMU */
		if (unit == LAB_PROBE_NOBODY)
			continue;
		client = add_client(probe, dt, node, unit, "iommus");
		if (!client)
			return;
		client->has_stream = cells > 0;
		client->stream = cells > 0 ? lab_dt_cell(list + at + CELL) : 0;
		client->mask = cells > 1 ? lab_dt_cell(list + at + 2 * CELL) : 0;
	}
	if (at < length)
		probe->malformed++;
}

static bool is_range(u32 first, u32 count)
{
	return count && first + (count - 1) >= first;
}

static void read_map(struct lab_probe *probe, const struct lab_dt *dt, const void *node)
{
	u32 length, at, unit, first, stream, count;
	const u8 *map = dt->property(dt->ctx, node, "iommu-map", &length);
	u32 mask = lab_dt_number(dt, node, "iommu-map-mask", 0);
	struct lab_probe_client *client;

	if (!map)
		return;
	for (at = 0; length - at >= MAPPING; at += MAPPING) {
		first = lab_dt_cell(map + at);
		stream = lab_dt_cell(map + at + 2 * CELL);
		count = lab_dt_cell(map + at + 3 * CELL);
		if (!is_range(first, count) || !is_range(stream, count)) {
			probe->malformed++;
			continue;
		}
		unit = unit_of(probe, lab_dt_cell(map + at + CELL));
		if (unit == LAB_PROBE_NOBODY)
			continue;
		client = add_client(probe, dt, node, unit, "iommu-map");
		if (!client)
			return;
		client->has_ids = true;
		client->has_stream = true;
		client->first = first;
		client->last = first + (count - 1);
		client->stream = stream;
		client->mask = mask;
	}
	if (at < length)
		probe->malformed++;
}

/**
 * lab_probe_tree - the units of a device tree
 * @probe: where they go, and how many properties could not be read
 * @tree: the tree; its functions may sleep
 *
 * May sleep. Return: whether there is any.
 */
bool lab_probe_tree(struct lab_probe *probe, const struct lab_dt *tree)
{
	const void *node = NULL;

	while ((node = tree->next(tree->ctx, node)))
		add_unit(probe, tree, node);
	while (probe->nr_units && (node = tree->next(tree->ctx, node))) {
		if (!lab_dt_is_available(tree, node))
			continue;
		read_iommus(probe, tree, node);
		read_map(probe, tree, node);
	}
	return probe->nr_units;
}
