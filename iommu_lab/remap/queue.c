// SPDX-License-Identifier: GPL-2.0
/*
 * The invalidation queue (VT-d 6.5.2): a ring in one page, of 256 descriptors of 128
 * bits, or in scalable mode of 128 descriptors of 256 bits.
 *
 * Each submission ends with a wait descriptor and is waited for with the lock
 * held, so the ring is empty between two submissions and never full. The unit
 * writes the status of a wait to the word of the wait's own slot: a write that
 * comes late cannot be taken for that of another wait.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include "remap_int.h"

#define STATUS_PENDING	0
#define STATUS_DONE	1

static size_t slot_bytes(const struct lab_unit *unit)
{
	return PAGE_SIZE / unit->slots;
}

static u64 *slot_of(struct lab_unit *unit, unsigned int slot)
{
	return unit->queue + slot * slot_bytes(unit) / sizeof(u64);
}

/* the register value of a slot: a byte offset */
static u64 index_of(const struct lab_unit *unit, unsigned int slot)
{
	return slot * slot_bytes(unit);
}

/* writes a descriptor; its upper half stays 0, as the page was when it was made */
static void fill_slot(struct lab_unit *unit, u64 *slot, u64 lo, u64 hi)
{
	WRITE_ONCE(slot[0], lo);
	WRITE_ONCE(slot[1], hi);
	lab_unit_flush(unit, slot, slot_bytes(unit));
}

/* puts a descriptor at the tail and moves the driver's own tail */
static void put(struct lab_unit *unit, u64 lo, u64 hi)
{
	fill_slot(unit, slot_of(unit, unit->tail), lo, hi);
	unit->tail = (unit->tail + 1) % unit->slots;
}

static void put_inval(struct lab_unit *unit, const struct lab_inval *inval)
{
	u64 lo = FIELD_PREP(VTD_INV_TYPE, inval->type) |
		 FIELD_PREP(VTD_INV_G, inval->gran) |
		 FIELD_PREP(VTD_INV_DID, inval->did);
	u64 hi = 0;

	if (inval->type == VTD_INV_IEC) {
		lo |= FIELD_PREP(VTD_INV_IEC_IIDX, inval->index);
	} else if (inval->type == VTD_INV_CONTEXT) {
		lo |= FIELD_PREP(VTD_INV_CONTEXT_SID, inval->sid);
	} else if (inval->type == VTD_INV_IOTLB) {
		lo |= VTD_INV_IOTLB_DR | VTD_INV_IOTLB_DW;
		hi = inval->addr | FIELD_PREP(VTD_INV_IOTLB_AM, inval->am);
		if (inval->ih)
			hi |= VTD_INV_IOTLB_IH;
	}
	put(unit, lo, hi);
}

/*
 * The unit stopped at a descriptor that it does not understand. A wait in its
 * place lets it go on (VT-d 6.5.2.10); what it asked for was not done.
 */
static void skip_bad_descriptor(struct lab_unit *unit)
{
	u64 head = lab_read64(unit, VTD_IQH);
	unsigned int index = (head & VTD_IQ_INDEX) / slot_bytes(unit) %
			     unit->slots;
	u64 *slot = slot_of(unit, index);

	pr_err("%s (0x%llx): invalidation descriptor %u refused: %016llx %016llx\n",
	       lab_unit_name(unit), unit->params.seam->base, index, slot[0],
	       slot[1]);
	fill_slot(unit, slot, FIELD_PREP(VTD_INV_TYPE, VTD_INV_WAIT), 0);
	lab_write32(unit, VTD_FSTS, VTD_FSTS_IQE);
	lab_write64(unit, VTD_IQT, index_of(unit, unit->tail));
}

/* true when the wait is done; @refused counts descriptors that were skipped */
static bool wait_done(struct lab_unit *unit, const u32 *status,
		      unsigned int *refused)
{
	/* what the unit did before it wrote the status is seen, too */
	if (smp_load_acquire(status) == STATUS_DONE)
		return true;
	if (lab_read32(unit, VTD_FSTS) & VTD_FSTS_IQE) {
		(*refused)++;
		skip_bad_descriptor(unit);
	}
	return false;
}

/**
 * lab_queue_submit - have invalidations done, and wait for them
 * @unit: a unit with a queue; its lock is held
 * @inval: the invalidations
 * @nr: how many, less than unit->slots - 1
 *
 * Return: 0 when all are done, drains included; -EIO when the unit refused a
 * descriptor; -ETIMEDOUT: the unit is dead from now on.
 */
int lab_queue_submit(struct lab_unit *unit, const struct lab_inval *inval,
		     unsigned int nr)
{
	unsigned int refused = 0;
	unsigned int i;
	u32 *status;

	lockdep_assert_held(&unit->lock);
	for (i = 0; i < nr; i++)
		put_inval(unit, &inval[i]);

	status = &unit->status[unit->tail];
	WRITE_ONCE(*status, STATUS_PENDING);
	lab_unit_flush(unit, status, sizeof(*status));
	put(unit, FIELD_PREP(VTD_INV_TYPE, VTD_INV_WAIT) | VTD_INV_WAIT_SW |
		  FIELD_PREP(VTD_INV_WAIT_DATA, STATUS_DONE),
	    virt_to_phys(status));

	wmb(); /* tables and descriptors first, then the tail */
	lab_write64(unit, VTD_IQT, index_of(unit, unit->tail));

	if (!lab_wait_until(unit, wait_done(unit, status, &refused))) {
		unit->counts.timeouts++;
		lab_unit_mark_dead(unit, "invalidation");
		return -ETIMEDOUT;
	}
	unit->counts.waits++;
	return refused ? -EIO : 0;
}

/**
 * lab_queue_start - turn the queue on
 * @unit: a unit with a queue that is off; its lock is held
 *
 * Return: 0, or -ETIMEDOUT.
 */
int lab_queue_start(struct lab_unit *unit)
{
	/* the tail first: a unit must never see one beyond what is written */
	unit->tail = 0;
	lab_write64(unit, VTD_IQT, 0);
	lab_write64(unit, VTD_IQA, virt_to_phys(unit->queue) |
		    (unit->caps.scalable ? VTD_IQA_DW : 0));
	return lab_command(unit, VTD_GCMD_QIE, 0, VTD_GSTS_QIES,
			   VTD_GSTS_QIES);
}

/**
 * lab_queue_stop - turn the queue off
 * @unit: a unit with a queue; its lock is held
 *
 * The unit does so when its queue is empty and the last descriptor was a wait,
 * as it is after each submission that was confirmed.
 *
 * Return: 0, or -ETIMEDOUT.
 */
int lab_queue_stop(struct lab_unit *unit)
{
	return lab_command(unit, 0, VTD_GCMD_QIE, VTD_GSTS_QIES, 0);
}
