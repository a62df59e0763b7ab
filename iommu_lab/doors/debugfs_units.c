// SPDX-License-Identifier: GPL-2.0
/* units/<n>: a unit's registers and caches, and what its driver knows. */
#include <linux/bitfield.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "debugfs.h"

/**
 * struct shown_register - a register as the registers file shows it
 * @name: as in the specification, without _REG
 * @offset: bytes
 * @wide: 64 bits
 * @phys: it holds a physical address of the host
 */
struct shown_register {
	const char *name;
	u16 offset;
	bool wide;
	bool phys;
};

static const struct shown_register registers[] = {
	{ "VER", VTD_VER },
	{ "CAP", VTD_CAP, .wide = true },
	{ "ECAP", VTD_ECAP, .wide = true },
	{ "GCMD", VTD_GCMD },
	{ "GSTS", VTD_GSTS },
	{ "RTADDR", VTD_RTADDR, .wide = true, .phys = true },
	{ "CCMD", VTD_CCMD, .wide = true },
	{ "FSTS", VTD_FSTS },
	{ "FECTL", VTD_FECTL },
	{ "FEDATA", VTD_FEDATA },
	{ "FEADDR", VTD_FEADDR },
	{ "FEUADDR", VTD_FEUADDR },
	{ "PMEN", VTD_PMEN },
	{ "PLMBASE", VTD_PLMBASE },
	{ "PLMLIMIT", VTD_PLMLIMIT },
	{ "PHMBASE", VTD_PHMBASE, .wide = true },
	{ "PHMLIMIT", VTD_PHMLIMIT, .wide = true },
	{ "IQH", VTD_IQH, .wide = true },
	{ "IQT", VTD_IQT, .wide = true },
	{ "IQA", VTD_IQA, .wide = true, .phys = true },
	{ "ICS", VTD_ICS },
	{ "IECTL", VTD_IECTL },
	{ "IEDATA", VTD_IEDATA },
	{ "IEADDR", VTD_IEADDR },
	{ "IEUADDR", VTD_IEUADDR },
	{ "IRTA", VTD_IRTA, .wide = true, .phys = true },
};

static void show_register(struct seq_file *m, const char *name, u32 offset,
			  u64 value)
{
	seq_printf(m, "%s 0x%x 0x%llx\n", name, offset, value);
}

static int registers_show(struct seq_file *m, void *unused)
{
	struct lab_debugfs_unit *du = m->private;
	struct lab_unit *unit = du->mu->unit;
	const struct lab_unit_caps *caps = lab_unit_caps(unit);
	bool phys = lab_debugfs_shows_phys(m->file);
	u32 iro = FIELD_GET(VTD_ECAP_IRO, caps->ecap) * 16;
	u32 fro = FIELD_GET(VTD_CAP_FRO, caps->cap) * 16;
	unsigned int records = FIELD_GET(VTD_CAP_NFR, caps->cap) + 1;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(registers); i++) {
		const struct shown_register *r = &registers[i];

		if (r->phys && !phys)
			seq_printf(m, "%s 0x%x -\n", r->name, r->offset);
		else
			show_register(m, r->name, r->offset,
				      r->wide ? lab_unit_read64(unit, r->offset) :
						lab_unit_read32(unit, r->offset));
	}
	show_register(m, "IVA", iro + VTD_IVA,
		      lab_unit_read64(unit, iro + VTD_IVA));
	show_register(m, "IOTLB", iro + VTD_IOTLB,
		      lab_unit_read64(unit, iro + VTD_IOTLB));
	for (i = 0; i < records; i++, fro += 16) {
		seq_printf(m, "FRCD%u_LO 0x%x 0x%llx\n", i, fro,
			   lab_unit_read64(unit, fro));
		seq_printf(m, "FRCD%u_HI 0x%x 0x%llx\n", i, fro + 8,
			   lab_unit_read64(unit, fro + 8));
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(registers);

/**
 * lab_seq_caps - print what a unit can do, field by field
 * @m: where to
 * @version: VER
 * @cap: CAP
 * @ecap: ECAP
 */
void lab_seq_caps(struct seq_file *m, u32 version, u64 cap, u64 ecap)
{
	unsigned int i;

	seq_printf(m, "version: 0x%x\ncap: 0x%llx\necap: 0x%llx\n", version,
		   cap, ecap);
	for (i = 0; i < lab_nr_cap_fields; i++) {
		const struct lab_cap_field *field = &lab_cap_fields[i];
		u64 value = (field->ecap ? ecap : cap) & field->mask;

		seq_printf(m, "%s.%s: 0x%llx (%s)\n",
			   field->ecap ? "ECAP" : "CAP", field->name,
			   value >> __ffs64(field->mask), field->what);
	}
}

static int capabilities_show(struct seq_file *m, void *unused)
{
	struct lab_debugfs_unit *du = m->private;
	const struct lab_unit_caps *caps = lab_unit_caps(du->mu->unit);

	lab_seq_caps(m, caps->version, caps->cap, caps->ecap);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(capabilities);

static void show_model_stats(struct seq_file *m,
			     const struct lab_vtd_stats *stats)
{
	lab_seq_counters(m, &stats->sum);
	seq_printf(m, "removed: %llu\n", stats->removed);
	seq_printf(m, "present: %llu\n", stats->present);
	seq_printf(m, "context_present: %llu\n", stats->context_present);
	seq_printf(m, "pasid_present: %llu\n", stats->pasid_present);
	seq_printf(m, "psc_present: %llu\n", stats->psc_present);
	seq_printf(m, "irte_present: %llu\n", stats->irte_present);
	seq_printf(m, "inval_context_global: %llu\n",
		   stats->context_inval[VTD_GRAN_GLOBAL]);
	seq_printf(m, "inval_context_domain: %llu\n",
		   stats->context_inval[VTD_GRAN_DOMAIN]);
	seq_printf(m, "inval_context_device: %llu\n",
		   stats->context_inval[VTD_GRAN_DEVICE]);
	seq_printf(m, "inval_pasid_global: %llu\n",
		   stats->pasid_inval[VTD_PASID_GLOBAL]);
	seq_printf(m, "inval_pasid_domain: %llu\n",
		   stats->pasid_inval[VTD_PASID_DOMAIN]);
	seq_printf(m, "inval_pasid_one: %llu\n",
		   stats->pasid_inval[VTD_PASID_ONE]);
	seq_printf(m, "inval_pasid_iotlb: %llu\n", stats->pasid_iotlb_inval);
	seq_printf(m, "inval_iotlb_global: %llu\n",
		   stats->iotlb_inval[VTD_GRAN_GLOBAL]);
	seq_printf(m, "inval_iotlb_domain: %llu\n",
		   stats->iotlb_inval[VTD_GRAN_DOMAIN]);
	seq_printf(m, "inval_iotlb_page: %llu\n",
		   stats->iotlb_inval[VTD_GRAN_PAGE]);
	seq_printf(m, "inval_irte_global: %llu\n",
		   stats->irte_inval[VTD_IEC_GLOBAL]);
	seq_printf(m, "inval_irte_index: %llu\n",
		   stats->irte_inval[VTD_IEC_INDEX]);
	seq_printf(m, "waits: %llu\n", stats->waits);
	seq_printf(m, "drains: %llu\n", stats->drains);
	seq_printf(m, "drain_timeouts: %llu\n", stats->drain_timeouts);
	seq_printf(m, "register_inval: %llu\n", stats->register_inval);
	seq_printf(m, "queue_errors: %llu\n", stats->queue_errors);
	seq_printf(m, "records: %llu\n", stats->records);
	seq_printf(m, "overflows: %llu\n", stats->overflows);
	lab_seq_faults(m, &stats->sum);
}

static int stats_show(struct seq_file *m, void *unused)
{
	struct lab_debugfs_unit *du = m->private;
	struct lab_unit_counts counts;
	struct lab_vtd_stats stats;

	lab_vtd_read_stats(du->mu->vtd, &stats);
	show_model_stats(m, &stats);

	lab_unit_read_counts(du->mu->unit, &counts);
	seq_printf(m, "driver_inval_context: %llu\n", counts.context_inval);
	seq_printf(m, "driver_inval_pasid: %llu\n", counts.pasid_inval);
	seq_printf(m, "driver_inval_iotlb_global: %llu\n",
		   counts.iotlb_inval[VTD_GRAN_GLOBAL]);
	seq_printf(m, "driver_inval_iotlb_domain: %llu\n",
		   counts.iotlb_inval[VTD_GRAN_DOMAIN]);
	seq_printf(m, "driver_inval_iotlb_page: %llu\n",
		   counts.iotlb_inval[VTD_GRAN_PAGE]);
	seq_printf(m, "driver_inval_irte: %llu\n", counts.irte_inval);
	seq_printf(m, "driver_waits: %llu\n", counts.waits);
	seq_printf(m, "driver_timeouts: %llu\n", counts.timeouts);
	seq_printf(m, "driver_kept_tables: %llu\n", counts.kept_tables);
	seq_printf(m, "driver_dids: %u\n", counts.dids);
	seq_printf(m, "driver_irqs: %u\n", counts.irqs);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static void show_slot(struct seq_file *m, const char *where, u16 sid,
		      const struct lab_slot_view *slot, bool scalable, bool phys)
{
	seq_printf(m, "%s: ", where);
	lab_seq_bdf(m, sid);
	seq_printf(m, " %u %u %u ", slot->did, slot->type, slot->aw);
	lab_seq_phys(m, phys, slot->table);
	if (scalable)
		seq_printf(m, " %u", slot->dirty);
	seq_putc(m, '\n');
}

static void show_legacy_cache(struct seq_file *m, struct lab_vtd *vtd, bool phys)
{
	struct lab_context_view view;
	unsigned int i;

	for (i = 0; i < lab_vtd_context_slots(vtd); i++) {
		struct lab_slot_view slot;

		if (!lab_vtd_context_view(vtd, i, &view))
			continue;
		slot = (struct lab_slot_view) {
			.did = FIELD_GET(VTD_CTX_DID, view.hi),
			.type = FIELD_GET(VTD_CTX_TT, view.lo),
			.aw = FIELD_GET(VTD_CTX_AW, view.hi),
			.table = view.lo & VTD_CTX_SSPTPTR,
		};
		show_slot(m, "cache", view.sid, &slot, false, phys);
	}
}

static void show_scalable_cache(struct seq_file *m, struct lab_vtd *vtd,
				bool phys)
{
	struct lab_context_view context;
	struct lab_pasid_view pasid;
	unsigned int i;

	for (i = 0; i < lab_vtd_context_slots(vtd); i++) {
		if (!lab_vtd_context_view(vtd, i, &context))
			continue;
		seq_puts(m, "context: ");
		lab_seq_bdf(m, context.sid);
		seq_printf(m, " rid_pasid %llu pdts %llu directory ",
			   FIELD_GET(VTD_SM_CTX_RID_PASID, context.hi),
			   FIELD_GET(VTD_SM_CTX_PDTS, context.lo));
		lab_seq_phys(m, phys, context.lo & VTD_SM_CTX_PASIDDIRPTR);
		seq_putc(m, '\n');
	}
	for (i = 0; i < lab_vtd_pasid_slots(vtd); i++) {
		struct lab_slot_view slot;

		if (!lab_vtd_pasid_view(vtd, i, &pasid))
			continue;
		slot = (struct lab_slot_view) {
			.did = FIELD_GET(VTD_PE_DID, pasid.hi),
			.type = FIELD_GET(VTD_PE_PGTT, pasid.lo),
			.aw = FIELD_GET(VTD_PE_AW, pasid.lo),
			.dirty = !!(pasid.lo & VTD_PE_SSADE),
			.table = pasid.lo & VTD_PE_SSPTPTR,
		};
		show_slot(m, "cache", pasid.sid, &slot, true, phys);
	}
}

/* slots_lock: an entry is not shown half written */
static int context_show(struct seq_file *m, void *unused)
{
	struct lab_debugfs_unit *du = m->private;
	bool scalable = lab_unit_caps(du->mu->unit)->scalable;
	bool phys = lab_debugfs_shows_phys(m->file);
	struct lab_slot_view slot;
	unsigned int sid;

	mutex_lock(&du->machine->space.slots_lock);
	if (scalable) {
		seq_puts(m, "where: bdf did pgtt aw ssptptr ssade\n");
		show_scalable_cache(m, du->mu->vtd, phys);
	} else {
		seq_puts(m, "where: bdf did tt aw ssptptr\n");
		show_legacy_cache(m, du->mu->vtd, phys);
	}
	for (sid = 0; sid <= U16_MAX; sid++)
		if (lab_unit_read_slot(du->mu->unit, sid, &slot))
			show_slot(m, "memory", sid, &slot, scalable, phys);
	mutex_unlock(&du->machine->space.slots_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(context);

static int faults_show(struct seq_file *m, void *unused)
{
	struct lab_debugfs_unit *du = m->private;
	struct lab_unit *unit = du->mu->unit;
	u32 domain = du->machine->bus.pci_domain +
		     lab_unit_params(unit)->segment;
	struct lab_unit_faults *faults;
	unsigned int i;

	faults = kzalloc(sizeof(*faults), GFP_KERNEL);
	if (!faults)
		return -ENOMEM;
	lab_unit_read_faults(unit, faults);
	seq_printf(m, "total: %llu\noverflows: %llu\n", faults->total,
		   faults->overflows);
	for (i = 0; i < faults->nr; i++) {
		const struct lab_fault *fault = &faults->fault[i];
		struct timespec64 ts = ktime_to_timespec64(fault->time);

		seq_printf(m, "%llu %lld.%06ld %04x:", fault->seq,
			   (s64)ts.tv_sec, ts.tv_nsec / NSEC_PER_USEC, domain);
		lab_seq_bdf(m, fault->sid);
		seq_printf(m, " %s iova 0x%llx reason %u (%s) record %u\n",
			   fault->write ? "write" : "read", fault->iova,
			   fault->reason, lab_fault_reason_text(fault->reason),
			   fault->record);
	}
	kfree(faults);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(faults);

/**
 * struct iotlb_iter - an open iotlb file
 * @vtd: the unit
 * @phys: physical addresses are shown
 * @slot: set * ways + way of @view
 * @view: the entry there
 */
struct iotlb_iter {
	struct lab_vtd *vtd;
	bool phys;
	unsigned int slot;
	struct lab_iotlb_view view;
};

/* position 0 is the header, n + 1 is slot n */
static void *iotlb_find(struct iotlb_iter *iter, loff_t *pos)
{
	unsigned int ways = lab_vtd_iotlb_ways(iter->vtd);
	loff_t slots = (loff_t)lab_vtd_iotlb_sets(iter->vtd) * ways;

	for (; *pos <= slots; ++*pos) {
		iter->slot = *pos - 1;
		if (lab_vtd_iotlb_view(iter->vtd, iter->slot / ways,
				       iter->slot % ways, &iter->view))
			return iter;
		cond_resched();
	}
	return NULL;
}

static void *iotlb_start(struct seq_file *m, loff_t *pos)
{
	struct iotlb_iter *iter = m->private;

	iter->phys = lab_debugfs_shows_phys(m->file);
	return *pos ? iotlb_find(iter, pos) : SEQ_START_TOKEN;
}

static void *iotlb_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return iotlb_find(m->private, pos);
}

static void iotlb_stop(struct seq_file *m, void *v)
{
}

static int iotlb_show(struct seq_file *m, void *v)
{
	const struct iotlb_iter *iter = m->private;
	const struct lab_iotlb_view *view = &iter->view;
	unsigned int ways = lab_vtd_iotlb_ways(iter->vtd);

	if (v == SEQ_START_TOKEN) {
		seq_printf(m, "sets: %u\nways: %u\n",
			   lab_vtd_iotlb_sets(iter->vtd), ways);
		seq_puts(m, "set way did iova size prot leaf referenced stale\n");
		return 0;
	}
	seq_printf(m, "%u %u %u 0x%llx %llu %s ", iter->slot / ways,
		   iter->slot % ways, view->did, view->iova,
		   BIT_ULL(lab_level_shift(view->level)),
		   lab_prot_text(view->prot));
	lab_seq_phys(m, iter->phys, view->leaf);
	seq_printf(m, " %s %s\n", view->referenced ? "yes" : "no",
		   view->stale ? "yes" : "no");
	return 0;
}

static const struct seq_operations iotlb_ops = {
	.start = iotlb_start,
	.next = iotlb_next,
	.stop = iotlb_stop,
	.show = iotlb_show,
};

static int iotlb_open(struct inode *inode, struct file *file)
{
	struct lab_debugfs_unit *du = inode->i_private;
	struct iotlb_iter *iter;

	iter = __seq_open_private(file, &iotlb_ops, sizeof(*iter));
	if (!iter)
		return -ENOMEM;
	iter->vtd = du->mu->vtd;
	return 0;
}

static const struct file_operations iotlb_fops = {
	.owner = THIS_MODULE,
	.open = iotlb_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

static ssize_t defect_write(struct file *file, const char __user *from,
			    size_t count, loff_t *pos)
{
	struct lab_debugfs_unit *du = file->private_data;
	char text[16];
	size_t bytes = min(count, sizeof(text) - 1);

	if (copy_from_user(text, from, bytes))
		return -EFAULT;
	text[bytes] = '\0';
	if (bytes == count && sysfs_streq(text, "stuck")) {
		lab_vtd_set_defect(du->mu->vtd, LAB_DEFECT_STUCK);
	} else if (bytes == count && sysfs_streq(text, "none")) {
		lab_vtd_set_defect(du->mu->vtd, LAB_DEFECT_NONE);
	} else {
		pr_info("%s: defect: write \"stuck\" or \"none\"\n",
			du->mu->name);
		return -EINVAL;
	}
	return count;
}

static const struct file_operations defect_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = defect_write,
	.llseek = noop_llseek,
};

/**
 * lab_debugfs_unit_files - make the files of a unit
 * @du: what they show; outlives them
 * @dir: where to
 *
 * Context: may sleep.
 */
void lab_debugfs_unit_files(struct lab_debugfs_unit *du, struct dentry *dir)
{
	debugfs_create_file("registers", 0400, dir, du, &registers_fops);
	debugfs_create_file("capabilities", 0400, dir, du, &capabilities_fops);
	debugfs_create_file("stats", 0400, dir, du, &stats_fops);
	debugfs_create_file("iotlb", 0400, dir, du, &iotlb_fops);
	debugfs_create_file("context", 0400, dir, du, &context_fops);
	debugfs_create_file("faults", 0400, dir, du, &faults_fops);
	lab_debugfs_irq_files(du, dir);
	debugfs_create_file("raw", 0400, dir, du, &lab_debugfs_raw_fops);
	debugfs_create_file("defect", 0200, dir, du, &defect_fops);
}
