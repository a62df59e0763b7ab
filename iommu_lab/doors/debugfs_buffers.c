// SPDX-License-Identifier: GPL-2.0
/* buffers: what was allocated, and who uses it. */
#include "debugfs.h"

static const char * const lab_cache_names[] = {
	[LAB_CACHE_COHERENT] = "coherent",
	[LAB_CACHE_NONCOHERENT] = "noncoherent",
	[LAB_CACHE_WRITE_COMBINE] = "write-combine",
};

/**
 * lab_cache_text - the name of a cache mode
 * @cache: cache mode
 *
 * Return: its name.
 */
const char *lab_cache_text(enum lab_cache cache)
{
	return lab_cache_names[cache];
}

static const char *flags_text(u32 flags)
{
	switch (flags & (LAB_BUFFER_CONTIGUOUS | LAB_BUFFER_BELOW_4G)) {
	case LAB_BUFFER_CONTIGUOUS:
		return "contiguous";
	case LAB_BUFFER_BELOW_4G:
		return "below-4g";
	case LAB_BUFFER_CONTIGUOUS | LAB_BUFFER_BELOW_4G:
		return "contiguous,below-4g";
	default:
		return "none";
	}
}

static bool show_buffer(void *ctx, const struct lab_buffer *buffer)
{
	const struct lab_buffer_params *params = &buffer->params;

	seq_printf(ctx, "%u %llu %s %u %s %u %d %lld\n", buffer->id,
		   params->length, lab_cache_text(params->cache),
		   params->min_order, flags_text(params->flags),
		   buffer->nr_extents, atomic_read(&buffer->mappings),
		   (s64)atomic64_read(&buffer->syncs));
	return !seq_has_overflowed(ctx);
}

static int buffers_show(struct seq_file *m, void *unused)
{
	struct lab_machine *machine = m->private;

	seq_puts(m, "id length cache min_order flags blocks mappings syncs\n");
	lab_space_visit_buffers(&machine->space, show_buffer, m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(buffers);

/**
 * lab_debugfs_buffer_files - make the file of the buffers
 * @machine: what it shows; outlives it
 * @dir: where to
 *
 * Context: may sleep.
 */
void lab_debugfs_buffer_files(struct lab_machine *machine, struct dentry *dir)
{
	debugfs_create_file("buffers", 0400, dir, machine, &buffers_fops);
}
