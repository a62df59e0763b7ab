// SPDX-License-Identifier: GPL-2.0
/*
 * The units of an IORT (Arm DEN0049E.f, 3.1.1): SMMUs, and the ID mappings that lead to
 * them. A mapping names its SMMU by an offset, which may come later in the table: it is
 * looked up at the end.
 */
#include "acpi_table.h"
#include "bytes.h"
#include "probe.h"

#define NODE_DEPTH	2	/* the table is 1 */
#define MAPPING_DEPTH	3

#define PAGE_64K	0x10000ULL
#define MODEL_CN99XX	2	/* an SMMUv3 without the second page of registers */

/**
 * struct reader - what is known in the middle of the walk
 * @probe: where units and clients go
 * @depth: structures that are open
 * @unit: index of the SMMU that is open, or LAB_PROBE_NOBODY
 * @is_v3: it is an SMMUv3
 * @kind: of a client that is open, a constant, or NULL
 * @name: its name
 * @in_mapping: a mapping is open
 * @input: its first input ID
 * @count: IDs of it, minus one
 * @output: its first output ID
 * @reference: offset of the node that it leads to
 * @flags: its flags
 */
struct reader {
	struct lab_probe *probe;
	u32 depth;
	u32 unit;
	bool is_v3;
	const char *kind;
	char name[LAB_PROBE_NAME];
	bool in_mapping;
	u32 input;
	u32 count;
	u32 output;
	u32 reference;
	u32 flags;
};

static void open_node(struct reader *reader, const char *kind, u32 offset)
{
	struct lab_probe_unit *unit;

	reader->unit = LAB_PROBE_NOBODY;
	reader->kind = NULL;
	reader->name[0] = '\0';
	reader->is_v3 = !strcmp(kind, "smmu-v3");
	if (!strcmp(kind, "root-complex"))
		reader->kind = "root-complex";
	else if (!strcmp(kind, "named-component"))
		reader->kind = "named-component";
	if (!reader->is_v3 && strcmp(kind, "smmu"))
		return;
	unit = lab_probe_add_unit(reader->probe, reader->is_v3 ? "smmu-v3" : "smmu");
	if (!unit)
		return;
	unit->key = offset;
	unit->size = reader->is_v3 ? 2 * PAGE_64K : 0;
	snprintf(unit->name, sizeof(unit->name), "node 0x%04x", offset);
	reader->unit = reader->probe->nr_units - 1;
}

static void open_structure(void *ctx, const char *kind, u32 offset)
{
	struct reader *reader = ctx;

	reader->depth++;
	if (reader->depth == NODE_DEPTH)
		open_node(reader, kind, offset);
	else if (reader->depth == MAPPING_DEPTH)
		reader->in_mapping = reader->kind && !strcmp(kind, "mapping");
}

static void add_mapping(struct reader *reader)
{
	struct lab_probe_client *client;

	client = lab_probe_add_client(reader->probe, reader->reference, reader->kind);
	if (!client)
		return;
	memcpy(client->name, reader->name, sizeof(client->name));
	/* the input IDs of a single mapping do not matter */
	client->has_ids = !(reader->flags & 1);
	client->has_stream = true;
	client->first = reader->input;
	client->last = reader->input + reader->count;
	client->stream = reader->output;
}

static void close_structure(void *ctx)
{
	struct reader *reader = ctx;

	if (reader->depth == MAPPING_DEPTH && reader->in_mapping) {
		add_mapping(reader);
		reader->in_mapping = false;
	}
	reader->depth--;
}

static void node_field(struct reader *reader, const char *name, const u8 *bytes, u32 size)
{
	struct lab_probe_unit *unit;

	if (reader->kind && !strcmp(name, "segment"))
		snprintf(reader->name, sizeof(reader->name), "segment %04x",
			 lab_get_le32(bytes));
	else if (reader->kind && !strcmp(name, "name"))
		lab_probe_set_name(reader->name, bytes, size);
	if (reader->unit == LAB_PROBE_NOBODY)
		return;
	unit = &reader->probe->units[reader->unit];
	if (!strcmp(name, "base_address"))
		unit->base = lab_get_le64(bytes);
	else if (!strcmp(name, "span"))
		unit->size = lab_get_le64(bytes);
	else if (reader->is_v3 && !strcmp(name, "model") &&
		 lab_get_le32(bytes) == MODEL_CN99XX)
		unit->size = PAGE_64K;
}

static void mapping_field(struct reader *reader, const char *name, const u8 *bytes)
{
	if (!strcmp(name, "input_base"))
		reader->input = lab_get_le32(bytes);
	else if (!strcmp(name, "id_count"))
		reader->count = lab_get_le32(bytes);
	else if (!strcmp(name, "output_base"))
		reader->output = lab_get_le32(bytes);
	else if (!strcmp(name, "output_reference"))
		reader->reference = lab_get_le32(bytes);
	else if (!strcmp(name, "flags"))
		reader->flags = lab_get_le32(bytes);
}

static void field(void *ctx, const struct lab_acpi_field *row, u32 offset, const u8 *bytes)
{
	struct reader *reader = ctx;

	if (reader->depth == NODE_DEPTH)
		node_field(reader, row->name, bytes, row->size);
	else if (reader->in_mapping)
		mapping_field(reader, row->name, bytes);
}

static u32 unit_at(const struct lab_probe *probe, u32 offset)
{
	u32 i;

	for (i = 0; i < probe->nr_units; i++) {
		if (probe->units[i].key == offset)
			return i;
	}
	return LAB_PROBE_NOBODY;
}

/**
 * lab_probe_iort - the units of an IORT
 * @probe: where they go
 * @bytes: the table
 * @length: bytes that may be read
 *
 * May sleep. Return: whether the table is without an error.
 */
bool lab_probe_iort(struct lab_probe *probe, const void *bytes, size_t length)
{
	struct reader reader = { .probe = probe, .unit = LAB_PROBE_NOBODY };
	const struct lab_acpi_visitor visitor = {
		.open = open_structure,
		.close = close_structure,
		.field = field,
		.ctx = &reader,
	};
	struct lab_findings found;
	int err = lab_findings_init(&found);
	u32 i;

	if (!err) {
		err = lab_acpi_read(&lab_iort_format, bytes, length, &visitor, &found);
		lab_findings_free(&found);
	}
	if (err == -ENOMEM)
		probe->error = err;
	for (i = 0; i < probe->nr_clients; i++)
		probe->clients[i].unit = unit_at(probe, probe->clients[i].unit);
	/* what goes to an ITS without an SMMU is behind nobody */
	lab_probe_drop_clients(probe, LAB_PROBE_NOBODY);
	return !err;
}
