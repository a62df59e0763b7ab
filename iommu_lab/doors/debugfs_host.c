// SPDX-License-Identifier: GPL-2.0
/*
 * host_units and host_units.json: the remapping units that the machine has by what its
 * firmware says. They belong to the kernel's drivers: of VT-d units the registers that
 * say what they can do are read, and nothing is ever written.
 */
#include "../compat/host_acpi.h"
#include "../compat/host_tree.h"
#include "../firmware/probe.h"
#include "debugfs.h"

/**
 * struct found - what a file shows
 * @probe: the units
 * @phys: physical addresses of the host are shown, too
 */
struct found {
	struct lab_probe probe;
	bool phys;
};

/**
 * struct identity - what a VT-d unit says of itself
 * @version: VER
 * @cap: CAP
 * @ecap: ECAP
 */
struct identity {
	u32 version;
	u64 cap;
	u64 ecap;
};

static const char * const states[] = {
	[LAB_PROBE_ABSENT] = "absent",
	[LAB_PROBE_VALID] = "valid",
	[LAB_PROBE_INVALID] = "invalid",
};

static int get_table(void *ctx, const char *signature, const void **bytes, size_t *length)
{
	return lab_host_table_get(signature, bytes, length);
}

static void put_table(void *ctx, const void *bytes)
{
	lab_host_table_put(bytes);
}

static int find_units(struct seq_file *m, struct found *found)
{
	static const struct lab_dt tree = {
		.next = lab_host_node_next,
		.parent = lab_host_node_parent,
		.by_phandle = lab_host_node_by_phandle,
		.put = lab_host_node_put,
		.property = lab_host_node_property,
		.path = lab_host_node_path,
	};
	const struct lab_machine *machine = m->private;
	const struct lab_probe_host host = {
		.get = get_table,
		.put = put_table,
		.tree = &tree,
		.built_in = machine->dmar->table,
		.built_in_length = machine->dmar->length,
	};

	found->phys = lab_debugfs_shows_phys(m->file);
	return lab_probe_machine(&host, &found->probe);
}

/* The addresses of the module's own table are none of the host's. */
static bool is_shown(const struct found *found)
{
	return found->phys || found->probe.source == LAB_PROBE_BUILT_IN;
}

/* Only a unit of the host's, and of VT-d, has such registers. */
static bool has_identity(const struct found *found)
{
	return found->probe.source == LAB_PROBE_DMAR;
}

static bool read_identity(const struct lab_probe_unit *unit, struct identity *identity)
{
	return !lab_host_unit_read(unit->base, &identity->version, &identity->cap,
				   &identity->ecap);
}

/* The module's own table may come from a file. */
static const char *source_name(struct seq_file *m, const struct lab_probe *probe)
{
	const struct lab_machine *machine = m->private;

	if (probe->source == LAB_PROBE_BUILT_IN)
		return machine->source;
	return lab_probe_source_name(probe->source);
}

static void show_sources(struct seq_file *m, const struct lab_probe *probe)
{
	unsigned int i;

	seq_printf(m, "source: %s\n", source_name(m, probe));
	for (i = 0; i < LAB_PROBE_BUILT_IN; i++) {
		if (probe->state[i] == LAB_PROBE_ABSENT)
			seq_printf(m, "no %s\n", lab_probe_source_name(i));
		else
			seq_printf(m, "%s: %s\n", lab_probe_source_name(i),
				   states[probe->state[i]]);
	}
	if (probe->source == LAB_PROBE_TREE)
		seq_printf(m, "malformed properties: %u\n", probe->malformed);
}

static void show_client(struct seq_file *m, const struct lab_probe_client *client)
{
	seq_printf(m, "behind: %s", client->kind);
	if (*client->name)
		seq_printf(m, " %s", client->name);
	if (client->has_ids)
		seq_printf(m, " ids 0x%x-0x%x", client->first, client->last);
	if (client->has_stream && client->has_ids && !client->one_stream)
		seq_printf(m, " streams 0x%x-0x%x", client->stream,
			   client->stream + (client->last - client->first));
	else if (client->has_stream)
		seq_printf(m, " stream 0x%x", client->stream);
	if (client->mask)
		seq_printf(m, " mask 0x%x", client->mask);
	seq_putc(m, '\n');
}

static void show_unit(struct seq_file *m, const struct found *found, unsigned int index)
{
	const struct lab_probe_unit *unit = &found->probe.units[index];
	struct identity identity;
	unsigned int i;

	seq_printf(m, "unit %u: base ", index);
	lab_seq_phys(m, is_shown(found), unit->base);
	seq_printf(m, " size 0x%llx type %s %s\n", unit->size, unit->type, unit->name);
	for (i = 0; i < found->probe.nr_clients; i++)
		if (found->probe.clients[i].unit == index)
			show_client(m, &found->probe.clients[i]);
	if (!has_identity(found))
		return;
	if (read_identity(unit, &identity))
		lab_seq_caps(m, identity.version, identity.cap, identity.ecap);
	else
		seq_puts(m, "registers: not accessible\n");
}

static int host_units_show(struct seq_file *m, void *unused)
{
	struct found found;
	unsigned int i;
	int ret;

	ret = find_units(m, &found);
	if (!ret) {
		show_sources(m, &found.probe);
		for (i = 0; i < found.probe.nr_units; i++)
			show_unit(m, &found, i);
	}
	lab_probe_free(&found.probe);
	return ret;
}
DEFINE_SHOW_ATTRIBUTE(host_units);

static void emit_piece(void *ctx, const char *text, size_t length)
{
	struct seq_file *m = ctx;

	seq_write(m, text, length);
}

static void write_sources(struct lab_json *json, struct seq_file *m,
			  const struct lab_probe *probe)
{
	unsigned int i;

	lab_json_string(json, "source", source_name(m, probe));
	lab_json_object(json, "sources");
	for (i = 0; i < LAB_PROBE_BUILT_IN; i++)
		lab_json_string(json, lab_probe_source_name(i), states[probe->state[i]]);
	lab_json_end_object(json);
	lab_json_number(json, "malformed", probe->malformed);
}

static void write_client(struct lab_json *json, const struct lab_probe_client *client)
{
	lab_json_object(json, NULL);
	lab_json_string(json, "kind", client->kind);
	lab_json_string(json, "name", client->name);
	if (client->has_ids) {
		lab_json_number(json, "first", client->first);
		lab_json_number(json, "last", client->last);
	}
	if (client->has_stream) {
		lab_json_number(json, "stream", client->stream);
		lab_json_bool(json, "one_stream", client->one_stream);
	}
	lab_json_number(json, "mask", client->mask);
	lab_json_end_object(json);
}

static void write_identity(struct lab_json *json, const struct identity *identity)
{
	char name[32];
	unsigned int i;

	lab_json_number(json, "version", identity->version);
	lab_json_address(json, "cap", identity->cap);
	lab_json_address(json, "ecap", identity->ecap);
	lab_json_object(json, "fields");
	for (i = 0; i < lab_nr_cap_fields; i++) {
		const struct lab_cap_field *field = &lab_cap_fields[i];
		u64 value = (field->ecap ? identity->ecap : identity->cap) & field->mask;

		snprintf(name, sizeof(name), "%s.%s", field->ecap ? "ECAP" : "CAP",
			 field->name);
		lab_json_number(json, name, value >> __ffs64(field->mask));
	}
	lab_json_end_object(json);
}

static void write_unit(struct lab_json *json, const struct found *found, unsigned int index)
{
	const struct lab_probe_unit *unit = &found->probe.units[index];
	struct identity identity;
	unsigned int i;

	lab_json_object(json, NULL);
	lab_json_string(json, "type", unit->type);
	lab_json_string(json, "name", unit->name);
	if (is_shown(found))
		lab_json_address(json, "base", unit->base);
	else
		lab_json_string(json, "base", "-");
	lab_json_address(json, "size", unit->size);
	lab_json_list(json, "clients");
	for (i = 0; i < found->probe.nr_clients; i++)
		if (found->probe.clients[i].unit == index)
			write_client(json, &found->probe.clients[i]);
	lab_json_end_list(json);
	if (has_identity(found) && read_identity(unit, &identity))
		write_identity(json, &identity);
	lab_json_end_object(json);
}

static int host_units_json_show(struct seq_file *m, void *unused)
{
	struct lab_json json = { .emit = emit_piece, .ctx = m };
	struct found found;
	unsigned int i;
	int ret;

	ret = find_units(m, &found);
	if (!ret) {
		lab_json_object(&json, NULL);
		write_sources(&json, m, &found.probe);
		lab_json_list(&json, "units");
		for (i = 0; i < found.probe.nr_units; i++)
			write_unit(&json, &found, i);
		lab_json_end_list(&json);
		lab_json_end_object(&json);
		seq_putc(m, '\n');
	}
	lab_probe_free(&found.probe);
	return ret;
}
DEFINE_SHOW_ATTRIBUTE(host_units_json);

/**
 * lab_debugfs_host_files - make the files about the machine's own units
 * @machine: whose table is shown where the machine has none
 * @dir: where to
 *
 * Context: may sleep.
 */
void lab_debugfs_host_files(struct lab_machine *machine, struct dentry *dir)
{
	debugfs_create_file("host_units", 0400, dir, machine, &host_units_fops);
	debugfs_create_file("host_units.json", 0400, dir, machine,
			    &host_units_json_fops);
}
