// SPDX-License-Identifier: GPL-2.0
/* units/<n>/irq_table: the interrupt remapping table, entries that somebody has. */
#include <linux/sched.h>
#include "debugfs.h"

static const char *cached_text(struct lab_vtd *vtd, unsigned int index,
			       const struct lab_irq_view *irq)
{
	struct lab_irte irte;

	if (!lab_vtd_irte_view(vtd, index, &irte))
		return "no";
	return irte.lo == irq->lo && irte.hi == irq->hi ? "yes" : "stale";
}

static int irq_table_show(struct seq_file *m, void *unused)
{
	struct lab_debugfs_unit *du = m->private;
	struct lab_unit *unit = du->mu->unit;
	struct lab_irq_view irq;
	unsigned int index;

	seq_printf(m, "entries: %u\n", lab_unit_irqs(unit));
	seq_puts(m, "index bdf destination vector state cached\n");
	for (index = 0; index < lab_unit_irqs(unit); index++) {
		cond_resched();
		if (!lab_unit_read_irq(unit, index, &irq))
			continue;
		seq_printf(m, "%u ", index);
		lab_seq_bdf(m, irq.sid);
		seq_printf(m, " %u %u %s %s\n", irq.destination, irq.vector,
			   irq.enabled ? "enabled" : "blocked",
			   cached_text(du->mu->vtd, index, &irq));
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(irq_table);

/**
 * lab_debugfs_irq_files - make the files of a unit that are about interrupts
 * @du: what they show; outlives them
 * @dir: where to
 *
 * Context: may sleep.
 */
void lab_debugfs_irq_files(struct lab_debugfs_unit *du, struct dentry *dir)
{
	debugfs_create_file("irq_table", 0400, dir, du, &irq_table_fops);
}
