// SPDX-License-Identifier: GPL-2.0
/*
 * dmar, dmar.json, firmware_dmar.json: the module's own DMAR table, and the one of the
 * machine that it runs on.
 */
#include "../compat/host_acpi.h"
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
	err = lab_host_table_get("DMAR", &table, &length);
	if (err)
		return err;
	err = lab_dmar_parse(table, length, out);
	lab_host_table_put(table);
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
	/* each line of it may have an address of the host's */
	if (lab_debugfs_shows_phys(m->file))
		lab_dmar_print(host, emit, m);
	else
		seq_puts(m, "-\n");
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
	if (lab_debugfs_shows_phys(m->file))
		lab_dmar_json(host, emit_piece, m);
	else
		seq_puts(m, "\"-\"");
	seq_putc(m, '\n');
	lab_dmar_free(host);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(firmware_dmar_json);

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
}
