// SPDX-License-Identifier: GPL-2.0
/*
 * Domains, and who is attached to them.
 *
 * A domain id belongs to a domain on a unit from the first attach of a source-id
 * until the invalidation after the last detach has completed; only then may
 * another domain get it.
 */
#include <linux/io.h>
#include <linux/printk.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include "remap_int.h"

/**
 * lab_remap_domain_init - make a domain
 * @rd: what to fill in
 * @config: its table; copied
 * @gfp: for the top table
 *
 * Context: what @gfp allows.
 * Return: 0, or what lab_vtdss_init() returns.
 */
int lab_remap_domain_init(struct lab_remap_domain *rd,
			  const struct lab_remap_config *config, gfp_t gfp)
{
	memset(rd, 0, sizeof(*rd));
	rd->config = *config;
	rd->mem.ops = &lab_remap_table_ops;
	raw_spin_lock_init(&rd->lock);
	INIT_LIST_HEAD(&rd->units);
	raw_spin_lock_init(&rd->log_lock);
	if (config->identity)
		return 0;
	return lab_vtdss_init(&rd->pt, &config->pt, &rd->mem, gfp);
}

/* what may still be reached by a unit that did not confirm is never freed */
static void keep_all(struct lab_remap_domain *rd)
{
	struct lab_binding *binding, *next;
	struct lab_unit *unit;
	long rest = atomic_long_read(&rd->tables) -
		    atomic_long_read(&rd->kept);

	unit = list_first_entry(&rd->units, struct lab_binding, link)->unit;
	pr_err("%s (0x%llx): %ld page tables of a domain that it may still reach are kept for good\n",
	       lab_unit_name(unit), unit->params.seam->base, rest);
	atomic_long_add(rest, &unit->kept_tables);
	atomic_long_add(rest, &rd->kept);
	list_for_each_entry_safe(binding, next, &rd->units, link) {
		list_del_rcu(&binding->link);
		kfree_rcu(binding, rcu);
	}
}

/**
 * lab_remap_domain_destroy - the end of a domain
 * @rd: a domain that nothing is attached to, whatever is mapped in it. Nobody
 *	walks its table, and no call on it is running
 *
 * Frees each table, retired ones included. When a detach could not be confirmed
 * by its unit, all tables are kept for good instead, with a message, and stay
 * charged.
 *
 * Context: may sleep. When it has returned, config.charge is not called any more.
 */
void lab_remap_domain_destroy(struct lab_remap_domain *rd)
{
	/* retired tables that wait for the end of a grace period */
	if (!list_empty(&rd->units)) {
		rcu_barrier();
		keep_all(rd);
		return;
	}
	if (!rd->config.identity)
		lab_vtdss_destroy(&rd->pt);
	if (atomic_long_read(&rd->tables))
		rcu_barrier();
}

static struct lab_binding *find_binding(struct lab_remap_domain *rd,
					const struct lab_unit *unit)
{
	struct lab_binding *binding;

	list_for_each_entry_rcu(binding, &rd->units, link, true) {
		if (binding->unit == unit)
			return binding;
	}
	return NULL;
}

/* a domain id for @rd on @unit; the one that it has, or a new one */
static struct lab_binding *bind(struct lab_remap_domain *rd,
				struct lab_unit *unit)
{
	struct lab_binding *binding = find_binding(rd, unit);
	unsigned long flags;
	int did;

	if (binding)
		return binding;
	/* the kernel's own domains are attached in the context of whoever lets go */
	binding = kzalloc(sizeof(*binding), rd->config.charge ?
					    GFP_KERNEL_ACCOUNT : GFP_KERNEL);
	if (!binding)
		return ERR_PTR(-ENOMEM);

	/* 0 is the tag of what caching mode caches without a domain */
	did = ida_alloc_range(&unit->dids, 1, unit->caps.nr_dids - 1,
			      GFP_KERNEL);
	if (did < 0) {
		kfree(binding);
		return ERR_PTR(did);
	}
	atomic_inc(&unit->nr_dids);
	binding->unit = unit;
	binding->did = did;
	raw_spin_lock_irqsave(&rd->lock, flags);
	list_add_tail_rcu(&binding->link, &rd->units);
	raw_spin_unlock_irqrestore(&rd->lock, flags);
	return binding;
}

/* gives the domain id back when no source-id uses it */
static void unbind(struct lab_remap_domain *rd, struct lab_binding *binding)
{
	unsigned long flags;

	if (binding->sids)
		return;
	raw_spin_lock_irqsave(&rd->lock, flags);
	list_del_rcu(&binding->link);
	raw_spin_unlock_irqrestore(&rd->lock, flags);
	atomic_dec(&binding->unit->nr_dids);
	ida_free(&binding->unit->dids, binding->did);
	kfree_rcu(binding, rcu);
}

/* can @unit use the table of @rd? */
static int check_fit(const struct lab_remap_domain *rd,
		     const struct lab_unit *unit)
{
	const struct lab_unit_caps *caps = &unit->caps;
	const struct lab_pt_config *pt = &rd->config.pt;

	if (rd->config.identity)
		return caps->pass_through ? 0 : -EOPNOTSUPP;
	if (rd->dirty && !caps->dirty)
		return -EOPNOTSUPP;
	if (!(caps->levels & BIT(pt->levels))) {
		pr_err("%s: a table of %u levels cannot be attached, SAGAW 0x%llx allows others\n",
		       lab_unit_name(unit), pt->levels,
		       FIELD_GET(VTD_CAP_SAGAW, caps->cap));
		return -EINVAL;
	}
	if (rd->pt.config.leaf_levels & ~caps->leaf_levels) {
		pr_err("%s: a table with leaves at levels 0x%x cannot be attached, the unit knows 0x%x (bit 0: level 1)\n",
		       lab_unit_name(unit), rd->pt.config.leaf_levels,
		       caps->leaf_levels);
		return -EINVAL;
	}
	return 0;
}

static struct lab_attachment attachment(const struct lab_remap_domain *rd,
					const struct lab_unit *unit, u16 did)
{
	struct lab_attachment at = {
		.did = did,
		.levels = rd->config.pt.levels,
		.identity = rd->config.identity,
		.dirty = rd->dirty,
	};

	if (at.identity)
		at.levels = fls(unit->caps.levels) - 1;
	else
		at.table = virt_to_phys(rd->pt.top);
	return at;
}

/*
 * What the unit may have cached while the entry was not present: with caching
 * mode that it was not (tagged with domain id 0), and not-present leaves.
 */
static int flush_not_present(const struct lab_remap_domain *rd,
			     struct lab_unit *unit, u16 sid, u16 did)
{
	bool cm = unit->caps.caching_mode;
	struct lab_inval inval[2];

	lab_slot_inval(unit, sid, cm ? 0 : did, false, inval);
	inval[1] = (struct lab_inval) {
		.type = VTD_INV_IOTLB,
		.gran = VTD_GRAN_DOMAIN,
		.did = did,
	};
	lab_inval_of(rd, inval, ARRAY_SIZE(inval));
	return lab_unit_invalidate(unit, inval, cm ? ARRAY_SIZE(inval) : 1);
}

/**
 * lab_unit_prepare - what a source-id needs to be attached, whatever to
 * @unit: the unit
 * @sid: source-id
 *
 * Later attaches of it allocate nothing but a domain id.
 *
 * Context: may sleep; the caller's mutex is held, see lab_remap_attach().
 * Return: 0 or -ENOMEM.
 */
int lab_unit_prepare(struct lab_unit *unit, u16 sid)
{
	return lab_slot_prepare(unit, sid);
}

/**
 * lab_remap_attach - let a source-id use a domain
 * @rd: the domain
 * @unit: the unit that translates for @sid; outlives @rd
 * @sid: source-id
 *
 * Context: may sleep. The caller's mutex serializes all attaches and detaches;
 * maps and unmaps may run at the same time.
 * Return: 0; -EALREADY: attached to @rd; -EBUSY: attached to another domain;
 * -EINVAL with a message: the unit cannot use such a table; -EOPNOTSUPP: no
 * pass-through, or dirty tracking is on and the unit cannot do it; -ENOSPC: no
 * domain id left; -ENOMEM; -ENODEV: the unit is dead.
 * -ETIMEDOUT (the unit is dead from now on) and -EIO: not attached, but the unit
 * may have read the entry, so the domain id is kept.
 */
int lab_remap_attach(struct lab_remap_domain *rd, struct lab_unit *unit,
		     u16 sid)
{
	struct lab_binding *binding;
	struct lab_attachment at;
	int did, ret;

	if (lab_unit_is_dead(unit))
		return -ENODEV;
	ret = check_fit(rd, unit);
	if (ret)
		return ret;
	ret = lab_slot_prepare(unit, sid);
	if (ret)
		return ret;
	did = lab_slot_did(unit, sid);
	if (did >= 0)
		return lab_remap_did(rd, unit) == did ? -EALREADY : -EBUSY;

	binding = bind(rd, unit);
	if (IS_ERR(binding))
		return PTR_ERR(binding);
	binding->sids++;

	/*
	 * The unit is in the list now: an invalidation that does not see it
	 * there follows a change of the table that the unit will see.
	 */
	smp_mb();
	if (!rd->config.identity)
		lab_tables_flush(rd, unit);
	at = attachment(rd, unit, binding->did);
	lab_slot_set(unit, sid, &at);
	ret = lab_unit_flush_writes(unit);
	if (!ret)
		ret = flush_not_present(rd, unit, sid, binding->did);
	if (ret)
		lab_slot_clear(unit, sid);
	return ret;
}

/**
 * lab_remap_detach - take a domain away from a source-id
 * @rd: the domain
 * @unit: the unit
 * @sid: source-id
 *
 * When it has returned 0, no access of @sid through @rd is in flight and none
 * will begin.
 *
 * Context: may sleep, see lab_remap_attach().
 * Return: 0; -ENOENT: not attached; -ENODEV, -ETIMEDOUT, -EIO: the entry is
 * cleared, but the unit is dead, or did not confirm: the domain id is kept, and
 * so are all tables when the domain is destroyed.
 */
int lab_remap_detach(struct lab_remap_domain *rd, struct lab_unit *unit,
		     u16 sid)
{
	struct lab_binding *binding = find_binding(rd, unit);
	struct lab_inval inval[2];
	unsigned int nr;
	int ret;

	if (!binding || lab_slot_did(unit, sid) != binding->did)
		return -ENOENT;

	lab_slot_clear(unit, sid);
	/* drains, and empties the caches before the domain id is used again */
	nr = lab_slot_inval(unit, sid, binding->did, rd->config.identity, inval);
	lab_inval_of(rd, inval, nr);
	ret = lab_unit_invalidate(unit, inval, nr);
	if (ret)
		return ret;
	binding->sids--;
	unbind(rd, binding);
	return 0;
}

/**
 * lab_remap_did - the domain id of a domain on a unit
 * @rd: the domain
 * @unit: the unit
 *
 * Context: any.
 * Return: the domain id, 1 or more, or -ENOENT.
 */
int lab_remap_did(struct lab_remap_domain *rd, struct lab_unit *unit)
{
	struct lab_binding *binding;
	int did = -ENOENT;

	rcu_read_lock();
	binding = find_binding(rd, unit);
	if (binding)
		did = binding->did;
	rcu_read_unlock();
	return did;
}
