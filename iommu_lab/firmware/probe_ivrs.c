// SPDX-License-Identifier: GPL-2.0
/*
 * The units of an IVRS (AMD 48882, 5.2.2): an IOMMU may have a block of each type of
 * IVHD, of which software takes the highest type that it knows.
 */
#include "acpi_table.h"
#include "bytes.h"
#include "probe.h"

#define BLOCK_DEPTH	2	/* the table is 1 */
#define ENTRY_DEPTH	3

#define REGISTERS	0x4000ULL	/* bytes */
#define WITH_COUNTERS	0x80000ULL	/* the same, with performance counters */
#define COUNTER_BITS	0x007fe000u	/* how many there are, in features or attributes */
#define IOAPIC		1

/**
 * struct reader - what is known in the middle of the walk
 * @probe: where units and clients go
 * @depth: structures that are open
 * @type: of the block that is open
 * @function: BDF of its IOMMU
 * @segment: of its IOMMU
 * @base: of its registers
 * @counters: its IOMMU has performance counters
 * @unit: index of the unit that its entries are of, or LAB_PROBE_NOBODY
 * @entry: kind of the entry that is open
 * @device: its BDF
 * @source: the BDF that it makes requests with
 * @handle: of a special device
 * @variety: of a special device
 * @name: of an ACPI device
 * @start: kind of the range that has begun, a constant, or NULL
 * @start_device: its first BDF
 * @start_source: the BDF that all of it make requests with
 */
struct reader {
	struct lab_probe *probe;
	u32 depth;
	u8 type;
	u16 function;
	u16 segment;
	u64 base;
	bool counters;
	u32 unit;
	const char *entry;
	u16 device;
	u16 source;
	u8 handle;
	u8 variety;
	char name[LAB_PROBE_NAME];
	const char *start;
	u16 start_device;
	u16 start_source;
};

/**
 * struct form - what an entry of some kind is
 * @entry: the kind
 * @kind: of the client, or NULL: it is none for itself
 * @starts: it is the first of a range
 * @alias: requests carry another BDF
 */
struct form {
	const char *entry;
	const char *kind;
	bool starts;
	bool alias;
};

static const struct form forms[] = {
	{ "all", "all" },
	{ "select", "select" },
	{ "extended", "select" },
	{ "alias", "alias", false, true },
	{ "range-start", "range", true },
	{ "extended-range-start", "range", true },
	{ "alias-range-start", "alias-range", true, true },
	{ "special", "special" },
	{ "acpi-hid", "acpi-hid" },
	{ }
};

static struct lab_probe_client *add(struct reader *reader, const char *kind, u32 first,
				    u32 last)
{
	struct lab_probe_client *client;

	client = lab_probe_add_client(reader->probe, reader->unit, kind);
	if (!client)
		return NULL;
	client->has_ids = true;
	client->first = first;
	client->last = last;
	return client;
}

static void set_alias(struct lab_probe_client *client, u16 source)
{
	if (!client)
		return;
	client->has_stream = true;
	client->one_stream = true;
	client->stream = source;
}

static void end_range(struct reader *reader)
{
	struct lab_probe_client *client;

	/* the linter has warned of an end without a start, or below it */
	if (!reader->start || reader->device < reader->start_device)
		return;
	client = add(reader, reader->start, reader->start_device, reader->device);
	if (!strcmp(reader->start, "alias-range"))
		set_alias(client, reader->start_source);
}

static void add_special(struct reader *reader)
{
	struct lab_probe_client *client;

	client = add(reader, reader->variety == IOAPIC ? "ioapic" : "hpet",
		     reader->source, reader->source);
	if (client)
		snprintf(client->name, sizeof(client->name), "%u", reader->handle);
}

static void add_entry(struct reader *reader)
{
	struct lab_probe_client *client;
	const struct form *form;

	if (!strcmp(reader->entry, "range-end"))
		end_range(reader);
	reader->start = NULL;
	for (form = forms; form->entry && strcmp(form->entry, reader->entry);)
		form++;
	if (!form->entry)
		return;
	if (form->starts) {
		reader->start = form->kind;
		reader->start_device = reader->device;
		reader->start_source = reader->source;
	} else if (!strcmp(form->kind, "special")) {
		add_special(reader);
	} else if (!strcmp(form->kind, "all")) {
		add(reader, form->kind, 0, 0xffff);
	} else {
		client = add(reader, form->kind, reader->device, reader->device);
		if (form->alias)
			set_alias(client, reader->source);
		else if (client)
			memcpy(client->name, reader->name, sizeof(client->name));
	}
}

static void open_structure(void *ctx, const char *kind, u32 offset)
{
	struct reader *reader = ctx;

	reader->depth++;
	if (reader->depth == BLOCK_DEPTH) {
		reader->unit = LAB_PROBE_NOBODY;
		reader->start = NULL;
		reader->counters = false;
	} else if (reader->depth == ENTRY_DEPTH) {
		reader->entry = kind;
		reader->name[0] = '\0';
	}
}

static void close_structure(void *ctx)
{
	struct reader *reader = ctx;

	if (reader->depth == ENTRY_DEPTH && reader->unit != LAB_PROBE_NOBODY)
		add_entry(reader);
	reader->depth--;
}

/* The unit of a block, whose fields are known: a new one, or an earlier block's. */
static void begin_entries(struct reader *reader)
{
	struct lab_probe *probe = reader->probe;
	struct lab_probe_unit *unit = NULL;
	u32 i;

	for (i = 0; i < probe->nr_units; i++) {
		if (probe->units[i].base == reader->base)
			unit = &probe->units[i];
	}
	if (unit && unit->key >= reader->type)
		return;
	if (unit)
		lab_probe_drop_clients(probe, (u32)(unit - probe->units));
	else
		unit = lab_probe_add_unit(probe, "amd-vi");
	if (!unit)
		return;
	reader->unit = (u32)(unit - probe->units);
	unit->key = reader->type;
	unit->base = reader->base;
	unit->size = reader->counters ? WITH_COUNTERS : REGISTERS;
	snprintf(unit->name, sizeof(unit->name), "function %04x:%02x:%02x.%x",
		 reader->segment, reader->function >> 8, reader->function >> 3 & 0x1f,
		 reader->function & 7);
}

static void list(void *ctx, const char *name)
{
	struct reader *reader = ctx;

	if (reader->depth == BLOCK_DEPTH && !strcmp(name, "entries"))
		begin_entries(reader);
}

static void block_field(struct reader *reader, const char *name, const u8 *bytes)
{
	if (!strcmp(name, "type"))
		reader->type = bytes[0];
	else if (!strcmp(name, "device_id"))
		reader->function = lab_get_le16(bytes);
	else if (!strcmp(name, "segment"))
		reader->segment = lab_get_le16(bytes);
	else if (!strcmp(name, "base_address"))
		reader->base = lab_get_le64(bytes);
	else if (!strcmp(name, "features") || !strcmp(name, "attributes"))
		reader->counters = lab_get_le32(bytes) & COUNTER_BITS;
}

static void entry_field(struct reader *reader, const char *name, const u8 *bytes,
			u32 size)
{
	if (!strcmp(name, "device_id"))
		reader->device = lab_get_le16(bytes);
	else if (!strcmp(name, "source_device_id"))
		reader->source = lab_get_le16(bytes);
	else if (!strcmp(name, "handle"))
		reader->handle = bytes[0];
	else if (!strcmp(name, "variety"))
		reader->variety = bytes[0];
	else if (!strcmp(name, "hid"))
		lab_probe_set_name(reader->name, bytes, size);
}

static void field(void *ctx, const struct lab_acpi_field *row, u32 offset, const u8 *bytes)
{
	struct reader *reader = ctx;

	if (reader->depth == BLOCK_DEPTH)
		block_field(reader, row->name, bytes);
	else if (reader->depth == ENTRY_DEPTH)
		entry_field(reader, row->name, bytes, row->size);
}

/**
 * lab_probe_ivrs - the units of an IVRS
 * @probe: where they go
 * @bytes: the table
 * @length: bytes that may be read
 *
 * May sleep. Return: whether the table is without an error.
 */
bool lab_probe_ivrs(struct lab_probe *probe, const void *bytes, size_t length)
{
	struct reader reader = { .probe = probe, .unit = LAB_PROBE_NOBODY };
	const struct lab_acpi_visitor visitor = {
		.open = open_structure,
		.close = close_structure,
		.list = list,
		.field = field,
		.ctx = &reader,
	};
	struct lab_findings found;
	int err = lab_findings_init(&found);

	if (!err) {
		err = lab_acpi_read(&lab_ivrs_format, bytes, length, &visitor, &found);
		lab_findings_free(&found);
	}
	if (err == -ENOMEM)
		probe->error = err;
	return !err;
}
