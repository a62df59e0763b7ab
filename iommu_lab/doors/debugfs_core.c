// SPDX-License-Identifier: GPL-2.0
/* debugfs: what the kernel's iommu core has asked for. */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "debugfs.h"

static const char * const counter_names[LAB_NR_CORE_COUNTERS] = {
	[LAB_CORE_MAPS] = "map_pages",
	[LAB_CORE_MAPPED] = "mapped_bytes",
	[LAB_CORE_UNMAPS] = "unmap_pages",
	[LAB_CORE_UNMAPPED] = "unmapped_bytes",
	[LAB_CORE_SYNCS] = "iotlb_sync",
	[LAB_CORE_FLUSHES] = "flush_iotlb_all",
	[LAB_CORE_LOOKUPS] = "iova_to_phys",
};

static int core_show(struct seq_file *m, void *unused)
{
	struct lab_machine *machine = m->private;
	struct lab_core_counters sum;
	unsigned int i;

	seq_printf(m, "joined: %s\n", machine->core ? "yes" : "no");
	seq_printf(m, "domains: %d\n",
		   atomic_read(&machine->space.core_domains));
	lab_core_read_counters(&machine->space, &sum);
	for (i = 0; i < LAB_NR_CORE_COUNTERS; i++)
		seq_printf(m, "%s: %llu\n", counter_names[i], sum.c[i]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(core);

/**
 * lab_debugfs_core_files - show what the kernel's iommu core has asked for
 * @machine: the module
 * @dir: the top directory
 *
 * Context: may sleep.
 */
void lab_debugfs_core_files(struct lab_machine *machine, struct dentry *dir)
{
	debugfs_create_file("core", 0400, dir, machine, &core_fops);
}
