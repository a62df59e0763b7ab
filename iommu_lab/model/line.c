// SPDX-License-Identifier: GPL-2.0
/*
 * The interrupt line. A message becomes due with a lock of the unit held, and
 * is delivered when none is: the handler may access registers. As with an
 * interrupt, the handler never runs twice at a time, and a message that comes
 * while it runs makes it run once more.
 */
#include <linux/irqflags.h>
#include <linux/rcupdate.h>
#include "vtd_int.h"

/* Runs of the handler in one go: a storm of faults must not hold a CPU. */
#define LAB_LINE_RUNS	4

static void lab_line_work(struct irq_work *work)
{
	lab_line_deliver(container_of(work, struct lab_vtd, line_work));
}

void lab_line_init(struct lab_vtd *vtd)
{
	init_irq_work(&vtd->line_work, lab_line_work);
	mutex_init(&vtd->line_mutex);
}

/**
 * lab_line_connect - struct lab_seam_ops.connect
 * @seam: the unit
 * @handler: called for each message from now on, NULL for none
 * @data: its argument
 *
 * May sleep. When it returns, no earlier handler is running.
 */
void lab_line_connect(struct lab_seam *seam, void (*handler)(void *data),
		      void *data)
{
	struct lab_vtd *vtd = lab_vtd_of(seam);
	struct lab_line *old, *line;

	mutex_lock(&vtd->line_mutex);
	old = rcu_dereference_protected(vtd->line,
					lockdep_is_held(&vtd->line_mutex));
	line = old == &vtd->lines[0] ? &vtd->lines[1] : &vtd->lines[0];
	line->handler = handler;
	line->data = data;
	rcu_assign_pointer(vtd->line, handler ? line : NULL);
	synchronize_rcu();
	mutex_unlock(&vtd->line_mutex);
}

/**
 * lab_line_raise - a message is due
 * @vtd: the unit
 *
 * Any context. lab_line_deliver() must follow when no lock is held.
 */
void lab_line_raise(struct lab_vtd *vtd)
{
	WRITE_ONCE(vtd->line_due, 1);
}

static void lab_line_run(struct lab_vtd *vtd)
{
	struct lab_line *line;

	rcu_read_lock();
	line = rcu_dereference(vtd->line);
	if (line)
		line->handler(line->data);
	rcu_read_unlock();
}

/**
 * lab_line_deliver - send the message that is due, if any
 * @vtd: the unit, none of its locks held
 *
 * Any context. Called from the handler itself, or while it runs on another
 * CPU, it leaves the message to that run.
 */
void lab_line_deliver(struct lab_vtd *vtd)
{
	unsigned long flags;
	int runs = 0;

	if (likely(!READ_ONCE(vtd->line_due)))
		return;
	local_irq_save(flags);
	while (READ_ONCE(vtd->line_due) &&
	       !test_and_set_bit(0, &vtd->line_busy)) {
		if (runs++ == LAB_LINE_RUNS) {
			clear_bit(0, &vtd->line_busy);
			irq_work_queue(&vtd->line_work);
			break;
		}
		if (xchg(&vtd->line_due, 0))
			lab_line_run(vtd);
		clear_bit(0, &vtd->line_busy);
		/* look again: who saw the bit set left its message to us */
		smp_mb__after_atomic();
	}
	local_irq_restore(flags);
}
