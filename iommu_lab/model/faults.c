// SPDX-License-Identifier: GPL-2.0
/*
 * Fault recording and fault events (VT-d 7.2, 7.3), and the completion event of
 * wait descriptors (6.5.2.8): the registers FSTS, FECTL, FRCD, ICS, IECTL and
 * where their messages go. All of them change with fault_lock held.
 *
 * A fault is recorded in the next of the fault recording registers, in turn. If
 * that one is still in use, or an overflow is pending, the fault is lost and
 * PFO says so. There is no compression of faults of one source.
 */
#include <linux/bitfield.h>
#include <linux/lockdep.h>
#include "vtd_int.h"

#define LAB_FSTS_W1C	(VTD_FSTS_PFO | VTD_FSTS_IQE | VTD_FSTS_ICE | \
			 VTD_FSTS_ITE)
#define LAB_FSTS_STATUS	(LAB_FSTS_W1C | VTD_FSTS_PPF)
#define LAB_FRCD_LAST	12	/* offset of the 32 bits that hold F */
#define LAB_FRCD_LAST_F	BIT(31)

static u32 lab_record_reg(unsigned int index)
{
	return LAB_FRO + 16 * index;
}

/* Whether @reg is the last quarter of a fault recording register */
static bool lab_is_record_end(const struct lab_vtd *vtd, u32 reg)
{
	return reg >= LAB_FRO &&
	       reg < lab_record_reg(vtd->config.fault_records) &&
	       reg % 16 == LAB_FRCD_LAST;
}

/**
 * lab_fault_owns - whether a register is written through lab_fault_write()
 * @reg: offset
 *
 * Return: true for the registers that change with fault_lock held.
 */
bool lab_fault_owns(u32 reg)
{
	switch (reg) {
	case VTD_FSTS:
	case VTD_FECTL:
	case VTD_FEDATA:
	case VTD_FEADDR:
	case VTD_FEUADDR:
	case VTD_ICS:
	case VTD_IECTL:
	case VTD_IEDATA:
	case VTD_IEADDR:
	case VTD_IEUADDR:
		return true;
	default:
		return reg >= LAB_FRO;
	}
}

/* An interrupt condition: a message, or a pending one if @control masks it */
static void lab_event(struct lab_vtd *vtd, u32 control)
{
	u32 value = lab_reg_get(vtd, control);

	if (value & VTD_FECTL_IM)
		lab_reg_set(vtd, control, value | VTD_FECTL_IP);
	else
		lab_line_raise(vtd);
}

static void lab_event_control(struct lab_vtd *vtd, u32 control, u32 value)
{
	u32 pending = lab_reg_get(vtd, control) & VTD_FECTL_IP;

	if (pending && !(value & VTD_FECTL_IM)) {
		pending = 0;
		lab_line_raise(vtd);
	}
	lab_reg_set(vtd, control, (value & VTD_FECTL_IM) | pending);
}

static void lab_event_serviced(struct lab_vtd *vtd, u32 control)
{
	lab_reg_set(vtd, control, lab_reg_get(vtd, control) & ~VTD_FECTL_IP);
}

/* 7.3: a condition is new only if no status was pending before. */
static void lab_status_set(struct lab_vtd *vtd, u32 bits)
{
	u32 fsts = lab_reg_get(vtd, VTD_FSTS);

	lab_reg_set(vtd, VTD_FSTS, fsts | bits);
	if (!(fsts & LAB_FSTS_STATUS))
		lab_event(vtd, VTD_FECTL);
}

static void lab_status_clear(struct lab_vtd *vtd, u32 bits)
{
	u32 fsts = lab_reg_get(vtd, VTD_FSTS) & ~bits;

	lab_reg_set(vtd, VTD_FSTS, fsts);
	if (!(fsts & LAB_FSTS_STATUS))
		lab_event_serviced(vtd, VTD_FECTL);
}

/* The quarter with F is written last: who sees F sees the record. */
static void lab_record_write(struct lab_vtd *vtd, u32 reg, u16 sid, u64 iova,
			     bool write, u8 reason)
{
	u64 hi = FIELD_PREP(VTD_FRCD_SID, sid) |
		 FIELD_PREP(VTD_FRCD_FR, reason) |
		 (write ? 0 : VTD_FRCD_T1) | VTD_FRCD_F;

	lab_reg_set64(vtd, reg, iova & VTD_FRCD_FI);
	lab_reg_set(vtd, reg + 8, (u32)hi);
	smp_wmb(); /* see above; a reader orders its register reads itself */
	lab_reg_set(vtd, reg + LAB_FRCD_LAST, hi >> 32);
}

static bool lab_record_used(const struct lab_vtd *vtd, u32 reg)
{
	return lab_reg_get(vtd, reg + LAB_FRCD_LAST) & LAB_FRCD_LAST_F;
}

/**
 * lab_fault_record - record a refused access
 * @vtd: the unit
 * @sid: source-id
 * @iova: address of the access
 * @write: kind of access
 * @reason: VT-d 7.1.3
 *
 * Interrupts are off; takes fault_lock. May call the handler of the interrupt
 * line.
 */
void lab_fault_record(struct lab_vtd *vtd, u16 sid, u64 iova, bool write,
		      u8 reason)
{
	unsigned int index;
	u32 reg, fsts;

	lockdep_assert_irqs_disabled();
	raw_spin_lock(&vtd->fault_lock);
	index = vtd->next_record;
	reg = lab_record_reg(index);
	fsts = lab_reg_get(vtd, VTD_FSTS);
	if (fsts & VTD_FSTS_PFO || lab_record_used(vtd, reg)) {
		vtd->stats.overflows++;
		lab_status_set(vtd, VTD_FSTS_PFO);
	} else {
		lab_record_write(vtd, reg, sid, iova, write, reason);
		vtd->next_record = (index + 1) % vtd->config.fault_records;
		vtd->stats.records++;
		if (!vtd->records_set++) {
			lab_reg_set(vtd, VTD_FSTS, fsts & ~VTD_FSTS_FRI);
			lab_status_set(vtd, VTD_FSTS_PPF |
				       FIELD_PREP(VTD_FSTS_FRI, index));
		}
	}
	raw_spin_unlock(&vtd->fault_lock);
	lab_line_deliver(vtd);
}

/**
 * lab_fault_queue_error - raise IQE
 * @vtd: the unit
 *
 * Interrupts are off; takes fault_lock. The caller delivers the message when it
 * has released its locks.
 */
void lab_fault_queue_error(struct lab_vtd *vtd)
{
	raw_spin_lock(&vtd->fault_lock);
	vtd->stats.queue_errors++;
	lab_status_set(vtd, VTD_FSTS_IQE);
	raw_spin_unlock(&vtd->fault_lock);
}

/**
 * lab_fault_wait_done - a wait descriptor with IF has completed
 * @vtd: the unit
 *
 * As lab_fault_queue_error().
 */
void lab_fault_wait_done(struct lab_vtd *vtd)
{
	raw_spin_lock(&vtd->fault_lock);
	if (!(lab_reg_get(vtd, VTD_ICS) & VTD_ICS_IWC)) {
		lab_reg_set(vtd, VTD_ICS, VTD_ICS_IWC);
		lab_event(vtd, VTD_IECTL);
	}
	raw_spin_unlock(&vtd->fault_lock);
}

static void lab_record_clear(struct lab_vtd *vtd, u32 reg)
{
	u32 value = lab_reg_get(vtd, reg);

	if (!(value & LAB_FRCD_LAST_F))
		return;
	lab_reg_set(vtd, reg, value & ~LAB_FRCD_LAST_F);
	if (!--vtd->records_set)
		lab_status_clear(vtd, VTD_FSTS_PPF);
}

/**
 * lab_fault_write - write a register that lab_fault_owns()
 * @vtd: the unit
 * @reg: offset, a multiple of 4
 * @value: what is written
 *
 * Any context; takes fault_lock.
 */
void lab_fault_write(struct lab_vtd *vtd, u32 reg, u32 value)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&vtd->fault_lock, flags);
	switch (reg) {
	case VTD_FSTS:
		lab_status_clear(vtd, value & LAB_FSTS_W1C);
		break;
	case VTD_FECTL:
	case VTD_IECTL:
		lab_event_control(vtd, reg, value);
		break;
	case VTD_ICS:
		if (value & VTD_ICS_IWC) {
			lab_reg_set(vtd, VTD_ICS, 0);
			lab_event_serviced(vtd, VTD_IECTL);
		}
		break;
	case VTD_FEDATA:
	case VTD_IEDATA:
		lab_reg_set(vtd, reg, value & GENMASK(15, 0));
		break;
	case VTD_FEADDR:
	case VTD_IEADDR:
		lab_reg_set(vtd, reg, value & GENMASK(31, 2));
		break;
	case VTD_FEUADDR:
	case VTD_IEUADDR:
		lab_reg_set(vtd, reg, value);
		break;
	default:
		if (lab_is_record_end(vtd, reg) && value & LAB_FRCD_LAST_F)
			lab_record_clear(vtd, reg);
		break;
	}
	raw_spin_unlock_irqrestore(&vtd->fault_lock, flags);
}
