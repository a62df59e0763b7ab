// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/iommu_lab: what there is, to be read and not to be used by
 * programs. See Documentation/debugfs.rst for each file.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/maple_tree.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <linux/slab.h>
#include "../seam/seam.h"
#include "debugfs.h"

/**
 * struct lab_debugfs - the tree
 * @top: its directory
 * @domains: where the directories of domains are
 * @units: data of the files of each unit
 */
struct lab_debugfs {
	struct dentry *top;
	struct dentry *domains;
	struct lab_debugfs_unit units[];
};

/**
 * lab_debugfs_shows_phys - may a file show physical addresses?
 * @file: the open file: whoever opened it counts, not who reads
 *
 * Each refusal by lockdown is logged: ask once a read.
 *
 * Context: may sleep. Return: true if it may.
 */
bool lab_debugfs_shows_phys(const struct file *file)
{
	return file_ns_capable(file, &init_user_ns, CAP_SYS_RAWIO) &&
	       !security_locked_down(LOCKDOWN_DEV_MEM);
}

/**
 * lab_seq_phys - print a value that contains a physical address
 * @m: where to
 * @visible: what lab_debugfs_shows_phys() said
 * @value: the value; "-" is printed when it is not visible
 */
void lab_seq_phys(struct seq_file *m, bool visible, u64 value)
{
	if (visible)
		seq_printf(m, "0x%llx", value);
	else
		seq_putc(m, '-');
}

/**
 * lab_seq_bdf - print a source-id as bus:device.function
 * @m: where to
 * @sid: source-id
 */
void lab_seq_bdf(struct seq_file *m, u16 sid)
{
	seq_printf(m, "%02x:%02x.%x", sid >> 8, (sid >> 3) & 0x1f, sid & 0x7);
}

/**
 * lab_prot_text - rights as text
 * @prot: LAB_PROT_*
 *
 * Return: "rw", "r-", "-w" or "--".
 */
const char *lab_prot_text(u32 prot)
{
	static const char * const text[] = { "--", "r-", "-w", "rw" };

	return text[prot & (LAB_PROT_READ | LAB_PROT_WRITE)];
}

/**
 * lab_seq_counters - print what IOMMU_LAB_STATS answers, but the faults
 * @m: where to
 * @sum: the counters
 */
void lab_seq_counters(struct seq_file *m, const struct lab_counters *sum)
{
	seq_printf(m, "lookups: %llu\n", lab_counters_lookups(sum));
	seq_printf(m, "hits: %llu\n", sum->c[LAB_CNT_HIT]);
	seq_printf(m, "misses: %llu\n", sum->c[LAB_CNT_MISS]);
	seq_printf(m, "stale: %llu\n", sum->c[LAB_CNT_STALE]);
	seq_printf(m, "passed: %llu\n", sum->c[LAB_CNT_PASS]);
	seq_printf(m, "context_hits: %llu\n", lab_counters_context_hits(sum));
	seq_printf(m, "context_misses: %llu\n", sum->c[LAB_CNT_CTX_MISS]);
	seq_printf(m, "pasid_hits: %llu\n", sum->c[LAB_CNT_PASID_HIT]);
	seq_printf(m, "pasid_misses: %llu\n", sum->c[LAB_CNT_PASID_MISS]);
	seq_printf(m, "marks: %llu\n", sum->c[LAB_CNT_MARK]);
	seq_printf(m, "walks: %llu\n", sum->c[LAB_CNT_WALK]);
	seq_printf(m, "walk_steps: %llu\n", sum->c[LAB_CNT_WALK_STEP]);
	seq_printf(m, "psc_hits: %llu\n", sum->c[LAB_CNT_PSC_HIT]);
	seq_printf(m, "insertions: %llu\n", sum->c[LAB_CNT_INSERT]);
	seq_printf(m, "evictions: %llu\n", sum->c[LAB_CNT_EVICT]);
	seq_printf(m, "fills_dropped: %llu\n", sum->c[LAB_CNT_FILL_DROPPED]);
	seq_printf(m, "blocked: %llu\n", sum->c[LAB_CNT_BLOCKED]);
	seq_printf(m, "interrupts: %llu\n", sum->c[LAB_CNT_INTERRUPT]);
	seq_printf(m, "interrupts_blocked: %llu\n",
		   sum->c[LAB_CNT_INTERRUPT_BLOCKED]);
	seq_printf(m, "irte_hits: %llu\n", sum->c[LAB_CNT_IRTE_HIT]);
	seq_printf(m, "irte_misses: %llu\n", sum->c[LAB_CNT_IRTE_MISS]);
}

/**
 * lab_seq_faults - print how many accesses were refused, and why
 * @m: where to
 * @sum: the counters
 */
void lab_seq_faults(struct seq_file *m, const struct lab_counters *sum)
{
	unsigned int slot;

	seq_printf(m, "faults: %llu\n", lab_counters_faults(sum));
	for (slot = VTD_FAULT_ROOT_NOT_PRESENT; slot < VTD_NR_FAULT_SLOTS;
	     slot++)
		if (vtd_fault_of_slot(slot) <= VTD_FAULT_MSI_RANGE ||
		    slot >= VTD_NR_FAULT_REASONS)
			seq_printf(m, "fault_reason_%u: %llu\n",
				   vtd_fault_of_slot(slot),
				   sum->c[LAB_CNT_FAULT + slot]);
}

static const char *yes_no(bool yes)
{
	return yes ? "yes" : "no";
}

/* the lowest id that no domain has */
static u32 next_domain_id(struct lab_space *space)
{
	struct lab_domain *domain;
	unsigned long id, next = 1;

	xa_for_each(&space->domains, id, domain) {
		if (id != next)
			break;
		next++;
	}
	return next;
}

static bool is_enabled(const struct lab_machine *machine)
{
	unsigned int i;

	if (!machine->nr_units)
		return false;
	for (i = 0; i < machine->nr_units; i++) {
		const struct lab_unit *unit = machine->units[i].unit;

		if (!lab_unit_is_enabled(unit) || lab_unit_is_dead(unit))
			return false;
	}
	return true;
}

static u64 kept_tables(const struct lab_machine *machine)
{
	struct lab_unit_counts counts;
	unsigned int i;
	u64 kept = 0;

	for (i = 0; i < machine->nr_units; i++) {
		lab_unit_read_counts(machine->units[i].unit, &counts);
		kept += counts.kept_tables;
	}
	return kept;
}

static void show_unit(struct seq_file *m, const struct lab_machine_unit *mu)
{
	struct lab_unit_counts counts;

	lab_unit_read_counts(mu->unit, &counts);
	seq_printf(m, "%s: base 0x%llx enabled %s dead %s dids %u\n", mu->name,
		   lab_unit_params(mu->unit)->seam->base,
		   yes_no(lab_unit_is_enabled(mu->unit)),
		   yes_no(lab_unit_is_dead(mu->unit)), counts.dids);
}

static u64 live_mappings(struct lab_machine *machine)
{
	struct lab_domain_file *df;
	u64 mappings = 0;

	lockdep_assert_held(&machine->space.attach_lock);
	list_for_each_entry(df, &machine->domain_files, link) {
		mutex_lock(&df->domain->map_lock);
		mappings += df->domain->nr_mappings;
		mutex_unlock(&df->domain->map_lock);
	}
	return mappings;
}

/* the lowest IOVA that a mapping of one page would get */
static void show_next_iova(struct seq_file *m, struct lab_domain *domain)
{
	const struct iommu_domain_geometry *aperture = &domain->iommu.geometry;
	u64 pages = domain->flags & LAB_DOMAIN_GUARD ? 2 : 1;
	int err;

	MA_STATE(mas, &domain->mappings, 0, 0);

	mutex_lock(&domain->map_lock);
	err = mas_empty_area(&mas, aperture->aperture_start,
			     aperture->aperture_end, pages * PAGE_SIZE);
	mutex_unlock(&domain->map_lock);

	if (err)
		seq_printf(m, "domain %u: next IOVA none\n", domain->id);
	else
		seq_printf(m, "domain %u: next IOVA 0x%lx\n", domain->id,
			   mas.index);
}

static int info_show(struct seq_file *m, void *unused)
{
	struct lab_machine *machine = m->private;
	struct lab_space *space = &machine->space;
	struct lab_domain_file *df;
	unsigned int i;

	mutex_lock(&space->attach_lock);
	seq_printf(m, "mode: %s\n",
		   machine->nr_units ? "translated" : "physical");
	seq_printf(m, "enabled: %s\n", yes_no(is_enabled(machine)));
	seq_printf(m, "units: %u\n", machine->nr_units);
	seq_printf(m, "endpoints: %u\n", machine->nr_nodes);
	seq_printf(m, "domains: %d\n", atomic_read(&space->nr_domains));
	seq_printf(m, "mappings: %llu\n", live_mappings(machine));
	seq_printf(m, "next domain id: %u\n", next_domain_id(space));
	seq_printf(m, "kept pages: %ld\n", atomic_long_read(&space->kept_pages));
	seq_printf(m, "kept tables: %llu\n", kept_tables(machine));
	seq_printf(m, "unclaimed interrupts: %llu\n",
		   lab_msi_unclaimed(machine));
	for (i = 0; i < machine->nr_units; i++)
		show_unit(m, &machine->units[i]);
	list_for_each_entry(df, &machine->domain_files, link)
		if (df->domain->policy == LAB_POLICY_ALLOC)
			show_next_iova(m, df->domain);
	mutex_unlock(&space->attach_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(info);

static struct dentry *numbered_dir(unsigned int number, struct dentry *parent)
{
	char name[12];

	snprintf(name, sizeof(name), "%u", number);
	return debugfs_create_dir(name, parent);
}

/**
 * lab_debugfs_init - make the tree
 * @machine: what it shows; complete
 *
 * Context: may sleep. attach_lock is not held.
 */
void lab_debugfs_init(struct lab_machine *machine)
{
	struct lab_debugfs *tree;
	struct dentry *dir;
	unsigned int i;

	tree = kzalloc(struct_size(tree, units, machine->nr_units), GFP_KERNEL);
	machine->debugfs = tree;
	if (!tree)
		return;
	tree->top = debugfs_create_dir("iommu_lab", NULL);
	debugfs_create_file("info", 0400, tree->top, machine, &info_fops);
	lab_debugfs_dmar_files(machine, tree->top);
	lab_debugfs_host_files(machine, tree->top);
	lab_debugfs_buffer_files(machine, tree->top);
	lab_debugfs_core_files(machine, tree->top);

	dir = debugfs_create_dir("units", tree->top);
	for (i = 0; i < machine->nr_units; i++) {
		tree->units[i].machine = machine;
		tree->units[i].mu = &machine->units[i];
		lab_debugfs_unit_files(&tree->units[i], numbered_dir(i, dir));
	}

	dir = debugfs_create_dir("endpoints", tree->top);
	for (i = 0; i < machine->nr_nodes; i++) {
		struct lab_node *node = &machine->nodes[i];

		lab_debugfs_endpoint_files(node,
					   debugfs_create_dir(node->name, dir));
	}

	tree->domains = debugfs_create_dir("domains", tree->top);
}

/**
 * lab_debugfs_exit - take the tree away
 * @machine: what lab_debugfs_init() was called with
 *
 * Context: may sleep. attach_lock is not held.
 */
void lab_debugfs_exit(struct lab_machine *machine)
{
	if (!machine->debugfs)
		return;
	debugfs_remove_recursive(machine->debugfs->top);
	kfree(machine->debugfs);
	machine->debugfs = NULL;
}

/**
 * lab_debugfs_add_domain - make the directory of a domain
 * @df: the domain, in machine->domain_files already
 *
 * Context: the process that creates the domain; may sleep. attach_lock is not
 * held.
 */
void lab_debugfs_add_domain(struct lab_domain_file *df)
{
	struct lab_debugfs *tree = df->machine->debugfs;

	df->creator = task_tgid_nr(current);
	df->debugfs = NULL;
	if (!tree)
		return;
	df->debugfs = numbered_dir(df->domain->id, tree->domains);
	lab_debugfs_domain_files(df, df->debugfs);
}

/**
 * lab_debugfs_remove_domain - take the directory of a domain away
 * @df: the domain; when this returns no file of debugfs reads it any more
 *
 * Context: may sleep. attach_lock is not held. Before the domain's id can be
 * given to another one.
 */
void lab_debugfs_remove_domain(struct lab_domain_file *df)
{
	debugfs_remove_recursive(df->debugfs);
	df->debugfs = NULL;
}
