// SPDX-License-Identifier: GPL-2.0
/*
 * Fault records (VT-d 7.2): read from the unit's registers by its interrupt, and
 * by whoever asks, into a log, and given to the owner of the unit. Nothing is
 * printed here: the interrupt may come while an access is in flight that a drain
 * waits for, and a console may be slow.
 *
 * The interrupt may come while somebody, perhaps this CPU, is moving records to
 * the log: it then leaves them where they are, and the other one looks again
 * when it has finished.
 */
#include <linux/bitops.h>
#include <linux/irqflags.h>
#include <linux/minmax.h>
#include "remap_int.h"

/* looks in a row; a flood that goes on for longer waits for the next reader */
#define MAX_ROUNDS	64

static u32 record_reg(const struct lab_unit *unit, unsigned int index)
{
	return unit->fault_reg + 16 * index;
}

static void log_fault(struct lab_unit *unit, unsigned int index, u64 lo, u64 hi)
{
	struct lab_fault fault = {
		.time = ns_to_ktime(ktime_get_boot_fast_ns()),
		.record = index,
		.sid = FIELD_GET(VTD_FRCD_SID, hi),
		.reason = FIELD_GET(VTD_FRCD_FR, hi),
		.write = !(hi & VTD_FRCD_T1),
		.iova = lo & VTD_FRCD_FI,
	};

	raw_spin_lock(&unit->fault_lock);
	fault.seq = ++unit->fault_total;
	unit->fault_log[(fault.seq - 1) % LAB_FAULT_LOG] = fault;
	unit->fault_by_reason[vtd_fault_slot(fault.reason)]++;
	raw_spin_unlock(&unit->fault_lock);
	if (unit->params.fault)
		unit->params.fault(unit->params.data, &fault);
}

/* takes a record out of its register, if there is one */
static void take_record(struct lab_unit *unit, unsigned int index)
{
	u32 reg = record_reg(unit, index);
	u64 hi = (u64)lab_read32(unit, reg + 12) << 32;

	if (!(hi & VTD_FRCD_F))
		return;
	/* F is written last and keeps the rest as it is: it is read first */
	rmb();
	hi |= lab_read32(unit, reg + 8);
	log_fault(unit, index, lab_read64(unit, reg), hi);
	lab_write32(unit, reg + 12, upper_32_bits(VTD_FRCD_F));
}

static void take_records(struct lab_unit *unit)
{
	u32 status = lab_read32(unit, VTD_FSTS);
	unsigned int index = FIELD_GET(VTD_FSTS_FRI, status);
	unsigned int n;

	lockdep_assert_irqs_disabled();
	/* all of them: FRI may be of a record that is taken already */
	for (n = 0; n < unit->nr_fault_regs; n++)
		take_record(unit, (index + n) % unit->nr_fault_regs);
	/* last: while PFO is set the unit records nothing */
	if (status & VTD_FSTS_PFO) {
		raw_spin_lock(&unit->fault_lock);
		unit->fault_overflows++;
		raw_spin_unlock(&unit->fault_lock);
		if (unit->params.lost)
			unit->params.lost(unit->params.data);
		lab_write32(unit, VTD_FSTS, VTD_FSTS_PFO);
	}
}

/* a unit that reads as all ones is gone and has nothing to say */
static bool has_records(struct lab_unit *unit)
{
	u32 status = lab_read32(unit, VTD_FSTS);

	return ~status && (status & (VTD_FSTS_PPF | VTD_FSTS_PFO));
}

/*
 * The unit sends no message while a record is pending: if some are left, somebody
 * has to look again.
 */
static void look_for_more(struct lab_unit *unit)
{
	if (has_records(unit))
		irq_work_queue(&unit->left);
}

/* moves all records to the log, unless somebody else is at it */
static void collect(struct lab_unit *unit)
{
	unsigned long flags;
	unsigned int round;
	bool busy;

	for (round = 0; round < MAX_ROUNDS && has_records(unit); round++) {
		local_irq_save(flags);
		busy = test_and_set_bit(0, &unit->collecting);
		if (!busy) {
			take_records(unit);
			clear_bit_unlock(0, &unit->collecting);
			/* before the next look: what came since is ours */
			smp_mb__after_atomic();
		}
		local_irq_restore(flags);
		if (busy)
			break;
	}
	look_for_more(unit);
}

/* not at once: a flood would keep this CPU from anything else */
static void look_again(struct work_struct *work)
{
	collect(container_of(to_delayed_work(work), struct lab_unit, look));
}

/* with none of the locks held that the unit's interrupt may have come under */
static void look_later(struct irq_work *work)
{
	struct lab_unit *unit = container_of(work, struct lab_unit, left);

	if (!READ_ONCE(unit->ending))
		schedule_delayed_work(&unit->look, 1);
}

static void handle_interrupt(void *data)
{
	collect(data);
}

/**
 * lab_faults_end - wait for what reads fault records
 * @unit: the unit, disabled
 *
 * Context: may sleep.
 */
void lab_faults_end(struct lab_unit *unit)
{
	WRITE_ONCE(unit->ending, true);
	irq_work_sync(&unit->left);
	cancel_delayed_work_sync(&unit->look);
	irq_work_sync(&unit->left);
}

/**
 * lab_faults_init - the fault log of a new unit
 * @unit: the unit
 */
void lab_faults_init(struct lab_unit *unit)
{
	raw_spin_lock_init(&unit->fault_lock);
	init_irq_work(&unit->left, look_later);
	INIT_DELAYED_WORK(&unit->look, look_again);
}

/**
 * lab_faults_start - forget old records, then listen
 * @unit: the unit, translation off
 *
 * Context: may sleep.
 */
void lab_faults_start(struct lab_unit *unit)
{
	struct lab_seam *seam = unit->params.seam;
	unsigned int i;

	for (i = 0; i < unit->nr_fault_regs; i++)
		lab_write32(unit, record_reg(unit, i) + 12,
			    upper_32_bits(VTD_FRCD_F));
	lab_write32(unit, VTD_FSTS, VTD_FSTS_PFO | VTD_FSTS_IQE |
		    VTD_FSTS_ICE | VTD_FSTS_ITE);
	seam->ops->connect(seam, handle_interrupt, unit);
	lab_write32(unit, VTD_FECTL, 0);
}

/**
 * lab_faults_stop - listen no more
 * @unit: the unit
 *
 * Context: may sleep. The interrupt handler is not running when it has returned.
 */
void lab_faults_stop(struct lab_unit *unit)
{
	struct lab_seam *seam = unit->params.seam;

	lab_write32(unit, VTD_FECTL, VTD_FECTL_IM);
	seam->ops->connect(seam, NULL, NULL);
}

/**
 * lab_unit_take_faults - read what the unit has recorded until now
 * @unit: the unit
 *
 * When it returns, each fault that was recorded when it was called has been
 * given to lab_unit_params.fault, by this CPU or another one. What is recorded
 * meanwhile is not waited for.
 *
 * Context: any, but not from lab_unit_params.fault; no lock that it takes may be
 * held. Spins while another CPU reads the registers once.
 */
void lab_unit_take_faults(struct lab_unit *unit)
{
	unsigned long flags;
	bool busy;

	if (!lab_unit_is_enabled(unit))
		return;
	do {
		local_irq_save(flags);
		busy = test_and_set_bit_lock(0, &unit->collecting);
		if (!busy) {
			if (has_records(unit))
				take_records(unit);
			clear_bit_unlock(0, &unit->collecting);
			smp_mb__after_atomic(); /* as in collect() */
		}
		local_irq_restore(flags);
		if (busy)
			cpu_relax();
	} while (busy);
	look_for_more(unit);
}

/**
 * lab_unit_read_faults - the faults of a unit
 * @unit: the unit; its records are collected first
 * @out: the newest faults and their sums; too large for a stack
 *
 * Context: any.
 */
void lab_unit_read_faults(struct lab_unit *unit, struct lab_unit_faults *out)
{
	unsigned long flags;
	unsigned int i;
	u64 first;

	lab_unit_take_faults(unit);

	raw_spin_lock_irqsave(&unit->fault_lock, flags);
	out->total = unit->fault_total;
	out->overflows = unit->fault_overflows;
	memcpy(out->by_reason, unit->fault_by_reason, sizeof(out->by_reason));
	out->nr = min_t(u64, out->total, LAB_FAULT_LOG);
	first = out->total - out->nr;
	for (i = 0; i < out->nr; i++)
		out->fault[i] = unit->fault_log[(first + i) % LAB_FAULT_LOG];
	raw_spin_unlock_irqrestore(&unit->fault_lock, flags);
}
