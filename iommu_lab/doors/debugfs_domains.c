// SPDX-License-Identifier: GPL-2.0
/* domains/<id> and endpoints/<name>: who translates what, for whom. */
#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "debugfs.h"

static const char *policy_name(enum lab_policy policy)
{
	switch (policy) {
	case LAB_POLICY_FIXED:
		return "fixed";
	case LAB_POLICY_ALLOC:
		return "alloc";
	case LAB_POLICY_VA:
		return "va";
	case LAB_POLICY_IDENTITY:
		return "identity";
	}
	return "unknown";
}

static void show_table_kind(struct seq_file *m,
			    const struct lab_remap_config *config)
{
	unsigned long leaves = config->pt.leaf_levels;
	unsigned int bit;

	if (config->identity) {
		seq_puts(m, "levels: 0\nleaf_sizes: none\n");
		return;
	}
	seq_printf(m, "levels: %u\nleaf_sizes:", config->pt.levels);
	for_each_set_bit(bit, &leaves, LAB_PT_MAX_LEVELS)
		seq_printf(m, " %llu", BIT_ULL(lab_level_shift(bit + 1)));
	seq_putc(m, '\n');
}

/* what devices put on the bus */
static const char *addresses_name(const struct lab_domain *domain)
{
	if (domain->phys || domain->policy == LAB_POLICY_IDENTITY)
		return "physical";
	return "IOVA";
}

static void show_figures(struct seq_file *m, struct lab_domain *domain)
{
	u64 mappings, mapped, pinned;

	mutex_lock(&domain->map_lock);
	mappings = domain->nr_mappings;
	mapped = domain->mapped_bytes;
	pinned = domain->pinned_pages;
	mutex_unlock(&domain->map_lock);

	seq_printf(m, "mappings: %llu\n", mappings);
	seq_printf(m, "mapped_bytes: %llu\n", mapped);
	seq_printf(m, "pinned_bytes: %llu\n", pinned << PAGE_SHIFT);
	seq_printf(m, "table_bytes: %lu\n",
		   atomic_long_read(&domain->remap.tables) * PAGE_SIZE);
}

static void show_attached(struct seq_file *m, struct lab_domain_file *df)
{
	struct lab_machine *machine = df->machine;
	struct lab_node *node;
	unsigned int i;

	mutex_lock(&machine->space.attach_lock);
	seq_printf(m, "attached: %u\nendpoints:", df->domain->nr_devices);
	list_for_each_entry(node, &df->nodes, link)
		seq_printf(m, " %s", node->name);
	seq_putc(m, '\n');
	for (i = 0; i < machine->nr_units; i++) {
		int did = lab_remap_did(&df->domain->remap,
					machine->units[i].unit);

		if (did >= 0)
			seq_printf(m, "did_%s: %d\n", machine->units[i].name,
				   did);
	}
	mutex_unlock(&machine->space.attach_lock);
}

static int domain_info_show(struct seq_file *m, void *unused)
{
	struct lab_domain_file *df = m->private;
	struct lab_domain *domain = df->domain;

	seq_printf(m, "id: %u\n", domain->id);
	seq_printf(m, "policy: %s\n", policy_name(domain->policy));
	seq_printf(m, "flags:%s%s%s%s\n",
		   domain->flags & LAB_DOMAIN_GUARD ? " guard" : "",
		   domain->flags & LAB_DOMAIN_NATURAL ? " natural" : "",
		   domain->flags & LAB_DOMAIN_MARKED_ONLY ? " marked-only" : "",
		   domain->flags ? "" : " none");
	seq_printf(m, "aperture: 0x%llx-0x%llx\n",
		   (u64)domain->iommu.geometry.aperture_start,
		   (u64)domain->iommu.geometry.aperture_end);
	seq_printf(m, "addresses: %s\n", addresses_name(domain));
	show_table_kind(m, &domain->remap.config);
	seq_printf(m, "dirty_tracking: %s\n",
		   READ_ONCE(domain->remap.dirty) ? "on" : "off");
	seq_printf(m, "owner: %d\n", df->creator);
	show_figures(m, domain);
	show_attached(m, df);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(domain_info);

static int domain_stats_show(struct seq_file *m, void *unused)
{
	struct lab_domain_file *df = m->private;
	atomic64_t *inval = df->domain->remap.iotlb_inval;
	struct lab_counters sum;

	mutex_lock(&df->machine->space.attach_lock);
	lab_domain_file_counters(df, &sum);
	mutex_unlock(&df->machine->space.attach_lock);

	lab_seq_counters(m, &sum);
	seq_printf(m, "inval_iotlb_global: %lld\n",
		   (s64)atomic64_read(&inval[VTD_GRAN_GLOBAL]));
	seq_printf(m, "inval_iotlb_domain: %lld\n",
		   (s64)atomic64_read(&inval[VTD_GRAN_DOMAIN]));
	seq_printf(m, "inval_iotlb_page: %lld\n",
		   (s64)atomic64_read(&inval[VTD_GRAN_PAGE]));
	lab_seq_faults(m, &sum);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(domain_stats);

static int domain_events_show(struct seq_file *m, void *unused)
{
	struct lab_domain_file *df = m->private;
	struct lab_event_figures figures;

	lab_event_read_figures(&df->events, &figures);
	seq_printf(m, "queued: %u\n", figures.queued);
	seq_printf(m, "seq: %llu\n", figures.seq);
	seq_printf(m, "lost: %llu\n", figures.lost);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(domain_events);

/**
 * struct shown_mapping - a mapping as the mappings file shows it
 * @start: first IOVA
 * @last: last IOVA (inclusive)
 * @pages: pages behind it
 * @extents: runs of physically contiguous pages
 * @prot: LAB_PROT_*
 * @cache: enum lab_cache
 * @behind: what kind of memory it is
 */
struct shown_mapping {
	u64 start;
	u64 last;
	u64 pages;
	u32 extents;
	u32 prot;
	u32 cache;
	char behind[32];
};

/**
 * struct mappings_view - the mappings of a domain when the file was opened
 * @nr: valid entries of @mapping
 * @room: entries of @mapping
 * @overrun: there were more
 * @mapping: ascending
 */
struct mappings_view {
	u64 nr;
	u64 room;
	bool overrun;
	struct shown_mapping mapping[];
};

static void name_memory(struct shown_mapping *shown,
			const struct lab_buffer *buffer)
{
	if (!buffer)
		strscpy(shown->behind, "memory", sizeof(shown->behind));
	else if (buffer->exporter)
		snprintf(shown->behind, sizeof(shown->behind), "imported %s",
			 buffer->exporter);
	else
		snprintf(shown->behind, sizeof(shown->behind), "buffer %u",
			 buffer->id);
	if (buffer)
		shown->cache = buffer->params.cache;
}

static bool add_mapping(void *ctx, const struct lab_mapping *mapping)
{
	struct mappings_view *view = ctx;
	struct shown_mapping *shown;

	view->overrun = view->nr == view->room;
	if (view->overrun)
		return false;
	shown = &view->mapping[view->nr++];
	*shown = (struct shown_mapping){
		.start = mapping->start,
		.last = mapping->last,
		.pages = (mapping->last - mapping->start + 1) >> PAGE_SHIFT,
		.extents = mapping->nr_extents,
		.prot = mapping->prot,
		.cache = LAB_CACHE_COHERENT,
	};
	name_memory(shown, mapping->buffer);
	return true;
}

/*
 * One picture for the whole file: the tree can be searched from its beginning
 * only, and doing so for each read() would take quadratic time.
 */
static struct mappings_view *view_mappings(struct lab_domain *domain)
{
	struct mappings_view *view;
	u64 room;

	do {
		mutex_lock(&domain->map_lock);
		room = domain->nr_mappings;
		mutex_unlock(&domain->map_lock);

		view = kvzalloc(struct_size(view, mapping, room),
				GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
		if (!view)
			return NULL;
		view->room = room;
		lab_domain_visit_mappings(domain, add_mapping, view);
		if (!view->overrun)
			return view;
		kvfree(view);
	} while (!fatal_signal_pending(current));
	return NULL;
}

static void *mappings_start(struct seq_file *m, loff_t *pos)
{
	struct mappings_view *view = m->private;

	if (!*pos)
		return SEQ_START_TOKEN;
	return *pos <= view->nr ? &view->mapping[*pos - 1] : NULL;
}

static void *mappings_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return mappings_start(m, pos);
}

static void mappings_stop(struct seq_file *m, void *v)
{
}

static int mappings_show(struct seq_file *m, void *v)
{
	const struct shown_mapping *mapping = v;

	if (v == SEQ_START_TOKEN)
		seq_puts(m, "start last prot pages extents cache behind\n");
	else
		seq_printf(m, "0x%llx 0x%llx %s %llu %u %s %s\n",
			   mapping->start, mapping->last,
			   lab_prot_text(mapping->prot), mapping->pages,
			   mapping->extents, lab_cache_text(mapping->cache),
			   mapping->behind);
	return 0;
}

static const struct seq_operations mappings_ops = {
	.start = mappings_start,
	.next = mappings_next,
	.stop = mappings_stop,
	.show = mappings_show,
};

static int mappings_open(struct inode *inode, struct file *file)
{
	struct lab_domain_file *df = inode->i_private;
	struct mappings_view *view = view_mappings(df->domain);
	struct seq_file *m;
	int err;

	if (!view)
		return -ENOMEM;
	err = seq_open(file, &mappings_ops);
	if (err) {
		kvfree(view);
		return err;
	}
	m = file->private_data;
	m->private = view;
	return 0;
}

static int mappings_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	kvfree(m->private);
	return seq_release(inode, file);
}

static const struct file_operations mappings_fops = {
	.owner = THIS_MODULE,
	.open = mappings_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = mappings_release,
};

/**
 * lab_debugfs_domain_files - make the files of a domain
 * @df: what they show; outlives them
 * @dir: where to
 *
 * Context: may sleep.
 */
void lab_debugfs_domain_files(struct lab_domain_file *df, struct dentry *dir)
{
	debugfs_create_file("info", 0400, dir, df, &domain_info_fops);
	debugfs_create_file("stats", 0400, dir, df, &domain_stats_fops);
	debugfs_create_file("mappings", 0400, dir, df, &mappings_fops);
	debugfs_create_file("events", 0400, dir, df, &domain_events_fops);
	debugfs_create_file("page_table", 0400, dir, df,
			    &lab_debugfs_page_table_fops);
}

static void show_unit_of(struct seq_file *m, const struct lab_node *node)
{
	const struct lab_machine *machine = node->machine;
	unsigned int i;

	for (i = 0; i < machine->nr_units; i++)
		if (machine->units[i].unit == node->dev.unit)
			seq_printf(m, "unit: %u\n", i);
	if (!machine->nr_units)
		seq_puts(m, "unit: none\n");
}

/* of an endpoint that no process has attached */
static void show_kernel_state(struct seq_file *m, struct lab_node *node)
{
	struct lab_space *space = &node->machine->space;

	mutex_lock(&space->slots_lock);
	if (node->dev.domain)
		seq_printf(m, "state: in domain %u of the kernel\n",
			   node->dev.domain->id);
	else
		seq_puts(m, "state: not attached (blocked)\n");
	mutex_unlock(&space->slots_lock);
}

static int endpoint_info_show(struct seq_file *m, void *unused)
{
	struct lab_node *node = m->private;
	const struct lab_device *dev = &node->dev;
	bool gone = READ_ONCE(node->ep.gone) || lab_device_is_dead(dev);
	unsigned int i;

	seq_puts(m, "bdf: ");
	lab_seq_bdf(m, node->ep.bdf);
	seq_printf(m, "\nsegment: %u\n", node->ep.segment);
	show_unit_of(m, node);

	mutex_lock(&node->machine->space.attach_lock);
	if (node->attached)
		seq_printf(m, "state: attached to domain %u\n",
			   node->attached->domain->id);
	else
		show_kernel_state(m, node);
	mutex_unlock(&node->machine->space.attach_lock);

	for (i = 0; i < dev->nr_rmrrs; i++)
		seq_printf(m, "rmrr: 0x%llx-0x%llx\n", dev->rmrrs[i].start,
			   dev->rmrrs[i].last);
	if (!dev->nr_rmrrs)
		seq_puts(m, "rmrr: none\n");
	seq_printf(m, "gone: %s\n", gone ? "yes" : "no");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(endpoint_info);

static int endpoint_stats_show(struct seq_file *m, void *unused)
{
	struct lab_node *node = m->private;
	struct lab_counters sum;

	mutex_lock(&node->machine->space.attach_lock);
	lab_endpoint_read(&node->ep, &sum);
	mutex_unlock(&node->machine->space.attach_lock);

	lab_seq_counters(m, &sum);
	lab_seq_faults(m, &sum);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(endpoint_stats);

/**
 * lab_debugfs_endpoint_files - make the files of an endpoint
 * @node: what they show; outlives them
 * @dir: where to
 *
 * Context: may sleep.
 */
void lab_debugfs_endpoint_files(struct lab_node *node, struct dentry *dir)
{
	debugfs_create_file("info", 0400, dir, node, &endpoint_info_fops);
	debugfs_create_file("stats", 0400, dir, node, &endpoint_stats_fops);
	debugfs_create_file("hidden", 0600, dir, node,
			    &lab_debugfs_hidden_fops);
}
