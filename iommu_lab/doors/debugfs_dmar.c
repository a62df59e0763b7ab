// SPDX-License-Identifier: GPL-2.0
/*
 * dmar, dmar.json, firmware_dmar.json and host_units: the module's own DMAR table,
 * and what the machine that it runs on really has. The host's units are looked at
 * and never written to.
 */
#include "../compat/host_dmar.h"
#include "debugfs.h"

static void emit(void *ctx, const char *line)
{
	struct seq_file *m = ctx;

	seq_printf(m, "%s\n", line);
}

static void emit_piece(void *ctx, const char *text, size_t length)
{
	seq_write(ctx, text, length);
}

/**
 * parse_host_dmar - the DMAR table of this machine's firmware
 * @out: parsed, also when it is not valid; NULL when there is none. The caller
 *	frees it
 *
 * Return: as lab_dmar_parse(); -ENOENT: firmware has none.
 */
static int parse_host_dmar(struct lab_dmar **out)
{
	const void *table;
	size_t length;
	int err;

	*out = NULL;
	err = lab_host_dmar_get(&table, &length);
	if (err)
		return err;
	err = lab_dmar_parse(table, length, out);
	lab_host_dmar_put(table);
	return err;
}

static int dmar_show(struct seq_file *m, void *unused)
{
	struct lab_machine *machine = m->private;
	struct lab_dmar *host;
	int err;

	seq_printf(m, "source: %s\n", machine->source);
	lab_dmar_print(machine->dmar, emit, m);

	err = parse_host_dmar(&host);
	if (err == -ENOENT) {
		seq_puts(m, "firmware DMAR: absent\n");
		return 0;
	}
	if (err && !host)
		return err;
	seq_printf(m, "firmware DMAR: present and %s\n",
		   err ? "invalid" : "valid");
	lab_dmar_print(host, emit, m);
	lab_dmar_free(host);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(dmar);

static int dmar_json_show(struct seq_file *m, void *unused)
{
	struct lab_machine *machine = m->private;

	lab_dmar_json(machine->dmar, emit_piece, m);
	seq_putc(m, '\n');
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(dmar_json);

static int firmware_dmar_json_show(struct seq_file *m, void *unused)
{
	struct lab_dmar *host;
	int err;

	err = parse_host_dmar(&host);
	if (err == -ENOENT) {
		seq_puts(m, "null\n");
		return 0;
	}
	if (err && !host)
		return err;
	lab_dmar_json(host, emit_piece, m);
	seq_putc(m, '\n');
	lab_dmar_free(host);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(firmware_dmar_json);

static void show_host_unit(struct seq_file *m, unsigned int index,
			   const struct lab_dmar_drhd *drhd)
{
	u32 version;
	u64 cap, ecap;

	seq_printf(m, "unit %u: base 0x%llx segment %u\n", index, drhd->base,
		   drhd->segment);
	if (lab_host_unit_read(drhd->base, &version, &cap, &ecap))
		seq_puts(m, "registers: not accessible\n");
	else
		lab_seq_caps(m, version, cap, ecap);
}

static int host_units_show(struct seq_file *m, void *unused)
{
	struct lab_dmar *host;
	unsigned int i;
	int err;

	err = parse_host_dmar(&host);
	if (err == -ENOENT) {
		seq_puts(m, "no DMAR\n");
		return 0;
	}
	if (err && !host)
		return err;
	for (i = 0; i < host->nr_drhds; i++)
		show_host_unit(m, i, &host->drhds[i]);
	lab_dmar_free(host);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(host_units);

/**
 * lab_debugfs_dmar_files - make the files about DMAR tables
 * @machine: whose table
 * @dir: where to
 *
 * Context: may sleep.
 */
void lab_debugfs_dmar_files(struct lab_machine *machine, struct dentry *dir)
{
	debugfs_create_file("dmar", 0400, dir, machine, &dmar_fops);
	debugfs_create_file("dmar.json", 0400, dir, machine, &dmar_json_fops);
	debugfs_create_file("firmware_dmar.json", 0400, dir, machine,
			    &firmware_dmar_json_fops);
	debugfs_create_file("host_units", 0400, dir, machine, &host_units_fops);
}
