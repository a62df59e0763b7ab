// SPDX-License-Identifier: GPL-2.0
/*
 * Faults in the kernel's log. Each endpoint has a limit of its own, so that a
 * storm of one leaves the others their lines. What is left out is counted, and
 * the count is printed when the storm has lasted for one interval: no fault goes
 * unmentioned, and n intervals have LAB_FAULT_LOG_BURST + 1 lines each, at most.
 */
#include <linux/printk.h>
#include "doors.h"

static void print_fault(const struct lab_fault_log *log,
			const struct lab_fault *fault)
{
	/* a source-id of a unit, and no name of a PCI device of the host */
	pr_warn("%s: fault: source-id %02x:%02x.%x %s of 0x%llx: reason 0x%x (%s), record %u\n",
		log->name, fault->sid >> 8, fault->sid >> 3 & 0x1f,
		fault->sid & 7, fault->write ? "write" : "read", fault->iova,
		fault->reason, lab_fault_reason_text(fault->reason),
		fault->record);
}

/* the oldest fault to print; false when there is none */
static bool next_pending(struct lab_fault_log *log, struct lab_fault *fault)
{
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&log->lock, flags);
	found = log->printed < log->nr;
	if (found) {
		*fault = log->pending[log->printed++];
	} else {
		log->printed = 0;
		log->nr = 0;
	}
	raw_spin_unlock_irqrestore(&log->lock, flags);
	return found;
}

static void print_pending(struct irq_work *work)
{
	struct lab_fault_log *log = container_of(work, struct lab_fault_log,
						 print);
	struct lab_fault fault;

	while (next_pending(log, &fault))
		print_fault(log, &fault);
	if (READ_ONCE(log->unlogged))
		schedule_delayed_work(&log->summary, LAB_FAULT_LOG_INTERVAL);
}

static void print_summary(struct work_struct *work)
{
	struct lab_fault_log *log = container_of(to_delayed_work(work),
						 struct lab_fault_log, summary);
	u64 unlogged;

	raw_spin_lock_irq(&log->lock);
	unlogged = log->unlogged;
	WRITE_ONCE(log->unlogged, 0);
	raw_spin_unlock_irq(&log->lock);
	if (unlogged)
		pr_warn("%s: %llu more faults were not logged\n", log->name,
			unlogged);
}

/**
 * lab_fault_log_init - a log that has said nothing yet
 * @log: what to fill in
 * @name: whose, for messages; outlives it
 *
 * Context: any.
 */
void lab_fault_log_init(struct lab_fault_log *log, const char *name)
{
	log->name = name;
	raw_spin_lock_init(&log->lock);
	ratelimit_state_init(&log->limit, LAB_FAULT_LOG_INTERVAL,
			     LAB_FAULT_LOG_BURST);
	/* nothing is said by ratelimit itself: it knows no name */
	ratelimit_set_flags(&log->limit, RATELIMIT_MSG_ON_RELEASE);
	log->nr = 0;
	log->printed = 0;
	log->unlogged = 0;
	init_irq_work(&log->print, print_pending);
	INIT_DELAYED_WORK(&log->summary, print_summary);
}

/**
 * lab_fault_log_add - have a fault logged, or counted
 * @log: the log
 * @fault: the fault; copied
 *
 * Context: any. It is printed a moment later.
 */
void lab_fault_log_add(struct lab_fault_log *log, const struct lab_fault *fault)
{
	bool print = true;
	unsigned long flags;

	raw_spin_lock_irqsave(&log->lock, flags);
	if (log->nr < LAB_FAULT_LOG_BURST && __ratelimit(&log->limit)) {
		log->pending[log->nr++] = *fault;
	} else {
		/* the first one starts the summary */
		print = !log->unlogged;
		WRITE_ONCE(log->unlogged, log->unlogged + 1);
	}
	raw_spin_unlock_irqrestore(&log->lock, flags);
	if (print)
		irq_work_queue(&log->print);
}

/**
 * lab_fault_log_end - the last of a log
 * @log: nobody adds to it any more
 *
 * Context: may sleep.
 */
void lab_fault_log_end(struct lab_fault_log *log)
{
	irq_work_sync(&log->print);
	cancel_delayed_work_sync(&log->summary);
	print_summary(&log->summary.work);
}
