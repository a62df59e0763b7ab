// SPDX-License-Identifier: GPL-2.0
/*
 * A unit and its driver: create, enable, use, disable, destroy.
 *
 * The memory that the unit may access (root and context tables, queue, status
 * words) is given back only after the unit has confirmed that translation and
 * queue are off.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include "remap_int.h"

static void free_pages_of(struct lab_unit *unit)
{
	unsigned int bus;

	lab_sm_free_pages(unit);
	lab_ir_free(unit);
	for (bus = 0; bus < ARRAY_SIZE(unit->context); bus++)
		free_page((unsigned long)unit->context[bus]);
	free_page((unsigned long)unit->status);
	free_page((unsigned long)unit->queue);
	free_page((unsigned long)unit->root);
}

static int alloc_pages_of(struct lab_unit *unit)
{
	unit->root = (u64 *)get_zeroed_page(GFP_KERNEL);
	if (!unit->root)
		return -ENOMEM;
	lab_unit_flush(unit, unit->root, PAGE_SIZE);
	if (!(unit->caps.ecap & VTD_ECAP_QI))
		return 0;

	unit->queue = (u64 *)get_zeroed_page(GFP_KERNEL);
	unit->status = (u32 *)get_zeroed_page(GFP_KERNEL);
	if (!unit->queue || !unit->status)
		return -ENOMEM;
	unit->slots = unit->caps.scalable ? LAB_QUEUE_SLOTS / 2 :
					    LAB_QUEUE_SLOTS;
	lab_unit_flush(unit, unit->queue, PAGE_SIZE);
	return lab_ir_alloc(unit);
}

/**
 * lab_unit_create - look at a unit and make a driver for it
 * @params: copied; @params->seam outlives the driver
 * @out: the driver, for lab_unit_destroy()
 *
 * Nothing is written to the unit.
 *
 * Context: may sleep.
 * Return: 0; with a message: -ENODEV: registers all zero or all ones, or
 * capabilities that cannot be used; -EBUSY: somebody uses the unit already.
 * -ENOMEM.
 */
int lab_unit_create(const struct lab_unit_params *params,
		    struct lab_unit **out)
{
	struct lab_unit *unit;
	u32 status;
	int ret;

	unit = kvzalloc(sizeof(*unit), GFP_KERNEL);
	if (!unit)
		return -ENOMEM;
	unit->params = *params;
	raw_spin_lock_init(&unit->lock);
	lab_faults_init(unit);
	atomic_long_set(&unit->kept_tables, 0);
	atomic_set(&unit->nr_dids, 0);
	atomic_set(&unit->nr_irqs, 0);
	ida_init(&unit->dids);
	ida_init(&unit->irqs);
	xa_init(&unit->pasids);

	ret = lab_unit_decode(unit);
	if (ret)
		goto err_free;

	status = lab_read32(unit, VTD_GSTS);
	if (status & (VTD_GSTS_TES | VTD_GSTS_QIES | VTD_GSTS_IRES)) {
		pr_err("%s (0x%llx): in use: GSTS %08x, translation, queue and interrupt remapping must be off\n",
		       lab_unit_name(unit), params->seam->base, status);
		ret = -EBUSY;
		goto err_free;
	}

	ret = alloc_pages_of(unit);
	if (ret)
		goto err_pages;
	*out = unit;
	return 0;

err_pages:
	free_pages_of(unit);
err_free:
	lab_sm_exit(unit);
	ida_destroy(&unit->irqs);
	ida_destroy(&unit->dids);
	kvfree(unit);
	return ret;
}

/* scalable mode: the PASID cache between the two (VT-d 6.5.3) */
static const struct lab_inval flush_all[] = {
	{ .type = VTD_INV_CONTEXT, .gran = VTD_GRAN_GLOBAL },
	{ .type = VTD_INV_IOTLB, .gran = VTD_GRAN_GLOBAL },
};

static const struct lab_inval sm_flush_all[] = {
	{ .type = VTD_INV_CONTEXT, .gran = VTD_GRAN_GLOBAL },
	{ .type = VTD_INV_PASID_CACHE, .gran = VTD_PASID_GLOBAL },
	{ .type = VTD_INV_IOTLB, .gran = VTD_GRAN_GLOBAL },
};

static int flush_by_queue(struct lab_unit *unit)
{
	if (unit->caps.scalable)
		return lab_unit_invalidate_locked(unit, sm_flush_all,
						  ARRAY_SIZE(sm_flush_all));
	return lab_unit_invalidate_locked(unit, flush_all, ARRAY_SIZE(flush_all));
}

/* protected memory would stay blocked where translation allows it */
static int release_protected_memory(struct lab_unit *unit)
{
	if (!(unit->caps.cap & (VTD_CAP_PLMR | VTD_CAP_PHMR)))
		return 0;
	lab_write32(unit, VTD_PMEN, 0);
	if (lab_wait_until(unit, !(lab_read32(unit, VTD_PMEN) & VTD_PMEN_PRS)))
		return 0;
	return -ETIMEDOUT;
}

static int set_root(struct lab_unit *unit, u64 mode)
{
	lab_write64(unit, VTD_RTADDR, virt_to_phys(unit->root) |
		    FIELD_PREP(VTD_RTADDR_TTM, mode));
	return lab_command(unit, VTD_GCMD_SRTP, 0, VTD_GSTS_RTPS,
			   VTD_GSTS_RTPS);
}

/* each cache is flushed before translation is on, by both ways of doing so */
static int start_legacy(struct lab_unit *unit)
{
	int ret;

	ret = set_root(unit, VTD_TTM_LEGACY);
	if (ret)
		return ret;
	ret = lab_inval_by_register(unit, flush_all, ARRAY_SIZE(flush_all));
	if (ret || !unit->queue)
		return ret;
	ret = lab_queue_start(unit);
	return ret ?: flush_by_queue(unit);
}

/* in scalable mode there is the queue only: it is on before the mode is */
static int start_scalable(struct lab_unit *unit)
{
	int ret;

	ret = lab_queue_start(unit);
	if (ret)
		return ret;
	ret = set_root(unit, VTD_TTM_SCALABLE);
	return ret ?: flush_by_queue(unit);
}

static int start(struct lab_unit *unit)
{
	int ret;

	lockdep_assert_held(&unit->lock);
	unit->reachable = true;
	ret = unit->caps.scalable ? start_scalable(unit) : start_legacy(unit);
	if (ret)
		return ret;
	ret = lab_ir_start(unit);
	if (ret)
		return ret;
	ret = lab_command(unit, VTD_GCMD_TE, 0, VTD_GSTS_TES, VTD_GSTS_TES);
	if (ret)
		return ret;
	return release_protected_memory(unit);
}

/* true when the unit has confirmed that it accesses nothing of ours any more */
static bool stop(struct lab_unit *unit)
{
	bool stopped;

	lockdep_assert_held(&unit->lock);
	WRITE_ONCE(unit->enabled, false);
	stopped = !lab_command(unit, 0, VTD_GCMD_TE, VTD_GSTS_TES, 0);
	stopped &= lab_ir_stop(unit);
	if (!unit->dead && (lab_read32(unit, VTD_GSTS) & VTD_GSTS_QIES))
		stopped &= !flush_by_queue(unit);
	if (unit->queue)
		stopped &= !lab_queue_stop(unit);
	else if (!unit->dead)
		stopped &= !lab_inval_by_register(unit, flush_all,
						  ARRAY_SIZE(flush_all));
	lab_write64(unit, VTD_RTADDR, 0);
	return stopped && !unit->dead;
}

/**
 * lab_unit_enable - turn translation on
 * @unit: the unit; not enabled
 *
 * Root table, flush of all caches, invalidation queue (in scalable mode before the root
 * table), fault interrupt, interrupt remapping, translation, in this order (VT-d
 * 11.4.4); then protected memory regions are turned off. What is attached
 * keeps its entries over disable and enable.
 *
 * Context: may sleep; not beside lab_unit_disable().
 * Return: 0; -EALREADY; -ENODEV when the unit is dead; -ETIMEDOUT when it did
 * not confirm a step, -EIO when it refused one, both with a message and all
 * undone.
 */
int lab_unit_enable(struct lab_unit *unit)
{
	unsigned long flags;
	int ret;

	if (lab_unit_is_dead(unit))
		return -ENODEV;
	if (lab_unit_is_enabled(unit))
		return -EALREADY;

	lab_faults_start(unit);
	raw_spin_lock_irqsave(&unit->lock, flags);
	ret = start(unit);
	if (!ret)
		WRITE_ONCE(unit->enabled, true);
	else
		unit->reachable = !stop(unit);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	if (ret) {
		lab_faults_stop(unit);
		pr_err("%s (0x%llx): cannot be enabled: error %d, GSTS %08x\n",
		       lab_unit_name(unit), unit->params.seam->base, ret,
		       lab_read32(unit, VTD_GSTS));
	}
	return ret;
}

/**
 * lab_unit_disable - turn translation off
 * @unit: the unit; nothing is done when it is not enabled
 *
 * Accesses in flight are drained. A unit that does not confirm is reported, and
 * the memory that it may access is never freed.
 *
 * Context: may sleep; not beside lab_unit_enable().
 */
void lab_unit_disable(struct lab_unit *unit)
{
	unsigned long flags;

	if (!lab_unit_is_enabled(unit))
		return;

	raw_spin_lock_irqsave(&unit->lock, flags);
	unit->reachable = !stop(unit);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	lab_faults_stop(unit);
	if (unit->reachable)
		pr_err("%s (0x%llx): did not confirm that it is off, GSTS %08x: its tables are kept for good\n",
		       lab_unit_name(unit), unit->params.seam->base,
		       lab_read32(unit, VTD_GSTS));
}

/**
 * lab_unit_destroy - the end of a driver
 * @unit: not enabled; no domain is attached to it. NULL is fine
 *
 * Context: may sleep.
 */
void lab_unit_destroy(struct lab_unit *unit)
{
	if (!unit)
		return;
	lab_faults_end(unit);
	if (!unit->reachable)
		free_pages_of(unit);
	lab_sm_exit(unit);
	ida_destroy(&unit->irqs);
	ida_destroy(&unit->dids);
	kvfree(unit);
}

/**
 * lab_unit_caps - the capabilities of a unit
 * @unit: the unit
 *
 * Return: valid as long as @unit is. Any context.
 */
const struct lab_unit_caps *lab_unit_caps(const struct lab_unit *unit)
{
	return &unit->caps;
}

/**
 * lab_unit_params - what a unit was created with
 * @unit: the unit
 *
 * Return: valid as long as @unit is. Any context.
 */
const struct lab_unit_params *lab_unit_params(const struct lab_unit *unit)
{
	return &unit->params;
}

/**
 * lab_unit_is_dead - did a unit fail to confirm an invalidation?
 * @unit: the unit
 *
 * Return: true from then on, for good. Any context.
 */
bool lab_unit_is_dead(const struct lab_unit *unit)
{
	return READ_ONCE(unit->dead);
}

/**
 * lab_unit_is_enabled - is translation on?
 * @unit: the unit
 *
 * Return: as the driver left it. Any context.
 */
bool lab_unit_is_enabled(const struct lab_unit *unit)
{
	return READ_ONCE(unit->enabled);
}

/**
 * lab_unit_read32 - reads a 32-bit register
 * @unit: the unit
 * @reg: VTD_*, byte offset
 *
 * Return: what the unit answers. Any context.
 */
u32 lab_unit_read32(struct lab_unit *unit, u32 reg)
{
	return lab_read32(unit, reg);
}

/**
 * lab_unit_read64 - reads a 64-bit register
 * @unit: the unit
 * @reg: VTD_*, byte offset
 *
 * Return: what the unit answers. Any context.
 */
u64 lab_unit_read64(struct lab_unit *unit, u32 reg)
{
	return lab_read64(unit, reg);
}

/**
 * lab_unit_root - the root table
 * @unit: the unit
 *
 * Return: LAB_BUSES entries of two words (VT-d 9.1, 9.2), to be read only; valid as
 * long as @unit is. Any context.
 */
const u64 *lab_unit_root(const struct lab_unit *unit)
{
	return unit->root;
}

/**
 * lab_unit_context - the context table of a bus
 * @unit: the unit
 * @bus: bus number
 *
 * Return: 256 entries of two words (VT-d 9.3), in scalable mode the 128 entries of
 * four words of its lower half (9.4), to be read only; valid as long as @unit is.
 * NULL when nothing was ever attached there. Any context.
 */
const u64 *lab_unit_context(const struct lab_unit *unit, u8 bus)
{
	/* pairs with lab_slot_prepare() */
	return smp_load_acquire(&unit->context[2 * bus]);
}

/**
 * lab_unit_read_counts - what the driver asked of a unit so far
 * @unit: the unit
 * @out: the figures
 *
 * Context: any.
 */
void lab_unit_read_counts(struct lab_unit *unit, struct lab_unit_counts *out)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	*out = unit->counts;
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	out->kept_tables = atomic_long_read(&unit->kept_tables);
	out->dids = atomic_read(&unit->nr_dids);
	out->irqs = atomic_read(&unit->nr_irqs);
}
