// SPDX-License-Identifier: GPL-2.0
/*
 * Invalidations: which ones a range of IOVAs needs, and how the unit is told,
 * by its queue or, when it has none, by its registers (VT-d 6.5.1).
 *
 * Drain bits are always set: a unit that does not know them drains by itself.
 */
#include <linux/minmax.h>
#include <linux/printk.h>
#include "../trace/trace.h"
#include "remap_int.h"

static bool context_done(const struct lab_unit *unit, u64 *answer)
{
	*answer = lab_read64(unit, VTD_CCMD);
	return !(*answer & VTD_CCMD_ICC);
}

static int context_by_register(struct lab_unit *unit,
			       const struct lab_inval *inval)
{
	u64 command = VTD_CCMD_ICC | FIELD_PREP(VTD_CCMD_CIRG, inval->gran) |
		      FIELD_PREP(VTD_CCMD_SID, inval->sid) |
		      FIELD_PREP(VTD_CCMD_DID, inval->did);
	u64 answer;

	lab_write64(unit, VTD_CCMD, command);
	if (!lab_wait_until(unit, context_done(unit, &answer)))
		return -ETIMEDOUT;
	return FIELD_GET(VTD_CCMD_CAIG, answer) ? 0 : -EIO;
}

static bool iotlb_done(const struct lab_unit *unit, u64 *answer)
{
	*answer = lab_read64(unit, unit->iotlb_reg + VTD_IOTLB);
	return !(*answer & VTD_IOTLB_IVT);
}

static int iotlb_by_register(struct lab_unit *unit,
			     const struct lab_inval *inval)
{
	u64 command = VTD_IOTLB_IVT | VTD_IOTLB_DR | VTD_IOTLB_DW |
		      FIELD_PREP(VTD_IOTLB_IIRG, inval->gran) |
		      FIELD_PREP(VTD_IOTLB_DID, inval->did);
	u64 answer;

	if (inval->gran == VTD_GRAN_PAGE)
		lab_write64(unit, unit->iotlb_reg + VTD_IVA,
			    inval->addr | FIELD_PREP(VTD_IVA_AM, inval->am) |
			    (inval->ih ? VTD_IVA_IH : 0));
	lab_write64(unit, unit->iotlb_reg + VTD_IOTLB, command);
	if (!lab_wait_until(unit, iotlb_done(unit, &answer)))
		return -ETIMEDOUT;
	return FIELD_GET(VTD_IOTLB_IAIG, answer) ? 0 : -EIO;
}

/**
 * lab_inval_by_register - have invalidations done by command registers
 * @unit: a unit in legacy mode whose queue is off; its lock is held
 * @inval: the invalidations
 * @nr: how many
 *
 * Return: 0; -EIO when the unit reports that it did nothing; -ETIMEDOUT: the
 * unit is dead from now on.
 */
int lab_inval_by_register(struct lab_unit *unit, const struct lab_inval *inval,
			  unsigned int nr)
{
	unsigned int i;
	int ret = 0;

	lockdep_assert_held(&unit->lock);
	wmb(); /* tables first, then the command */
	for (i = 0; i < nr && !ret; i++) {
		if (inval[i].type == VTD_INV_CONTEXT)
			ret = context_by_register(unit, &inval[i]);
		else
			ret = iotlb_by_register(unit, &inval[i]);
	}
	if (ret == -ETIMEDOUT) {
		unit->counts.timeouts++;
		lab_unit_mark_dead(unit, "invalidation");
	} else if (ret) {
		pr_err("%s (0x%llx): invalidation by register refused\n",
		       lab_unit_name(unit), unit->params.seam->base);
	} else {
		unit->counts.waits++;
	}
	return ret;
}

/* -1 and all IOVAs where an invalidation is not for one source-id or range */
static void trace_inval(const struct lab_unit *unit,
			const struct lab_inval *inval, int error)
{
	bool page = inval->type == VTD_INV_IOTLB &&
		    inval->gran == VTD_GRAN_PAGE;
	bool device = inval->type == VTD_INV_CONTEXT &&
		      inval->gran == VTD_GRAN_DEVICE;
	bool all = inval->type == VTD_INV_PASID_CACHE ?
		   inval->gran == VTD_PASID_GLOBAL :
		   inval->gran == VTD_GRAN_GLOBAL &&
		   (inval->type == VTD_INV_CONTEXT ||
		    inval->type == VTD_INV_IOTLB);
	bool one = !all && inval->type != VTD_INV_IEC;
	u64 bytes = 4096ULL << inval->am;

	trace_iommu_lab_invalidate(unit->params.segment,
				   device ? inval->sid : -1, inval->domain,
				   unit->params.index, one ? inval->did : -1,
				   inval->type, inval->gran,
				   page ? inval->addr : 0,
				   page ? inval->addr + bytes - 1 : U64_MAX,
				   error);
}

/**
 * lab_unit_invalidate_locked - have invalidations done, whichever way
 * @unit: a unit whose queue, if it has one, is on; its lock is held
 * @inval: the invalidations
 * @nr: how many, at most LAB_RANGE_DESCRIPTORS
 *
 * Return: see lab_queue_submit() and lab_inval_by_register().
 */
int lab_unit_invalidate_locked(struct lab_unit *unit,
			       const struct lab_inval *inval, unsigned int nr)
{
	unsigned int i;
	int ret;

	lockdep_assert_held(&unit->lock);
	for (i = 0; i < nr; i++) {
		if (inval[i].type == VTD_INV_CONTEXT)
			unit->counts.context_inval++;
		else if (inval[i].type == VTD_INV_IOTLB)
			unit->counts.iotlb_inval[inval[i].gran]++;
		else if (inval[i].type == VTD_INV_IEC)
			unit->counts.irte_inval++;
		else
			unit->counts.pasid_inval++;
	}
	if (unit->queue)
		ret = lab_queue_submit(unit, inval, nr);
	else
		ret = lab_inval_by_register(unit, inval, nr);
	for (i = 0; i < nr && trace_iommu_lab_invalidate_enabled(); i++)
		trace_inval(unit, &inval[i], ret);
	return ret;
}

/**
 * lab_unit_invalidate - have invalidations done by a unit in use
 * @unit: the unit. One that is not enabled holds nothing that it could use:
 *	disabling drains, and enabling flushes before translation is on
 * @inval: the invalidations
 * @nr: how many, at most LAB_RANGE_DESCRIPTORS
 *
 * Context: any. Spins for the unit, no longer than its time limit.
 * Return: 0; -ENODEV when the unit is dead; -ETIMEDOUT when it is from now on;
 * -EIO when the unit refused.
 */
int lab_unit_invalidate(struct lab_unit *unit, const struct lab_inval *inval,
			unsigned int nr)
{
	unsigned long flags;
	int ret = 0;

	raw_spin_lock_irqsave(&unit->lock, flags);
	if (unit->dead)
		ret = -ENODEV;
	else if (unit->enabled)
		ret = lab_unit_invalidate_locked(unit, inval, nr);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return ret;
}

/* log2 of the largest aligned block of pages at @page, no larger than @pages */
static unsigned int block_order(u64 page, u64 pages)
{
	unsigned int order = fls64(pages) - 1;

	return page ? min_t(unsigned int, order, __ffs64(page)) : order;
}

/**
 * lab_inval_range - the invalidations that cover a range of IOVAs
 * @unit: whose limits (CAP.PSI, CAP.MAMV) count
 * @did: domain id
 * @start: first IOVA
 * @last: last IOVA (inclusive)
 * @ih: no table was changed in the range, only leaves
 * @inval: room for LAB_RANGE_DESCRIPTORS
 *
 * In this order: blocks that cover the range exactly, if they are few; one
 * larger block around it; the whole domain.
 *
 * Return: how many of @inval are used. Any context.
 */
unsigned int lab_inval_range(const struct lab_unit *unit, u16 did, u64 start,
			     u64 last, bool ih, struct lab_inval *inval)
{
	unsigned int mamv = FIELD_GET(VTD_CAP_MAMV, unit->caps.cap);
	struct lab_inval one = {
		.type = VTD_INV_IOTLB,
		.gran = VTD_GRAN_PAGE,
		.did = did,
		.ih = ih,
	};
	u64 page = start >> 12;
	u64 end = (last >> 12) + 1;
	unsigned int around = fls64(page ^ (end - 1));
	unsigned int nr;

	if (unit->caps.cap & VTD_CAP_PSI) {
		for (nr = 0; nr < LAB_RANGE_DESCRIPTORS && page < end; nr++) {
			one.addr = page << 12;
			one.am = min(block_order(page, end - page), mamv);
			page += 1ULL << one.am;
			inval[nr] = one;
		}
		if (page >= end)
			return nr;

		if (around <= mamv) {
			one.am = around;
			one.addr = (start >> 12 >> around) << around << 12;
			inval[0] = one;
			return 1;
		}
	}

	inval[0] = (struct lab_inval) {
		.type = VTD_INV_IOTLB,
		.gran = VTD_GRAN_DOMAIN,
		.did = did,
	};
	return 1;
}
