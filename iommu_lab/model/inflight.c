// SPDX-License-Identifier: GPL-2.0
/*
 * Accesses in flight, and drains that wait for them (VT-d 6.5.4).
 *
 * Each CPU has one slot: an access runs with interrupts off, so a CPU has at
 * most one. The access writes its slot, then a full barrier, then looks at
 * caches and tables. A drain comes after the invalidation: a full barrier, then
 * it looks at the slots. Either the access sees the invalidation, or the drain
 * sees the access.
 */
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/percpu.h>
#include "vtd_int.h"

/**
 * struct lab_inflight - what a CPU has in flight
 * @vtd: through which unit, NULL if nothing
 * @seq: which access: a later one need not be waited for
 */
struct lab_inflight {
	struct lab_vtd *vtd;
	unsigned long seq;
};

static DEFINE_PER_CPU_SHARED_ALIGNED(struct lab_inflight, lab_inflight);

/**
 * lab_inflight_begin - an access through a unit begins on this CPU
 * @vtd: the unit; NULL where there is none, which no drain waits for
 *
 * Interrupts are off until lab_inflight_end(). Does not nest.
 */
void lab_inflight_begin(struct lab_vtd *vtd)
{
	struct lab_inflight *slot = this_cpu_ptr(&lab_inflight);

	lockdep_assert_irqs_disabled();
	WRITE_ONCE(slot->seq, slot->seq + 1);
	/* who sees the unit sees this seq, or a later one */
	smp_store_release(&slot->vtd, vtd);
	smp_mb(); /* pairs with the barrier in lab_drain() */
}

/**
 * lab_inflight_end - the access has ended
 * @vtd: the unit
 *
 * Interrupts are off. Memory is not touched for that access any more.
 */
void lab_inflight_end(struct lab_vtd *vtd)
{
	struct lab_inflight *slot = this_cpu_ptr(&lab_inflight);

	lockdep_assert_irqs_disabled();
	/* pairs with lab_access_gone(): the access is over for who sees it */
	smp_store_release(&slot->vtd, NULL);
}

static bool lab_access_gone(struct lab_inflight *slot, struct lab_vtd *vtd,
			    unsigned long seq)
{
	/* pairs with lab_inflight_end() */
	return smp_load_acquire(&slot->vtd) != vtd ||
	       READ_ONCE(slot->seq) != seq;
}

static bool lab_wait_access(struct lab_inflight *slot, struct lab_vtd *vtd)
{
	unsigned long seq;
	u64 deadline;
	bool late;

	/* pairs with lab_inflight_begin() and lab_inflight_end() */
	if (smp_load_acquire(&slot->vtd) != vtd)
		return true;
	seq = READ_ONCE(slot->seq);
	deadline = ktime_get_mono_fast_ns() +
		   (vtd->config.drain_ms ?: LAB_DRAIN_MS) * (u64)NSEC_PER_MSEC;
	/* the clock first: a CPU that was held up in between looks once more */
	for (;;) {
		late = ktime_get_mono_fast_ns() > deadline;
		if (lab_access_gone(slot, vtd, seq))
			return true;
		if (late)
			return false;
		cpu_relax();
	}
}

/**
 * lab_drain - wait until what is in flight now has ended
 * @vtd: the unit, queue_lock held and no other
 *
 * Waits lab_vtd_config.drain_ms for each CPU. If that is not enough, the unit is stuck
 * from then on: it completes no invalidation any more.
 *
 * Return: true if drained.
 */
bool lab_drain(struct lab_vtd *vtd)
{
	int this_cpu = smp_processor_id();
	int cpu;

	lockdep_assert_held(&vtd->queue_lock);
	smp_mb(); /* pairs with the barrier in lab_inflight_begin() */
	for_each_possible_cpu(cpu) {
		if (cpu == this_cpu ||
		    lab_wait_access(per_cpu_ptr(&lab_inflight, cpu), vtd))
			continue;
		vtd->stats.drain_timeouts++;
		vtd->defect = LAB_DEFECT_STUCK;
		return false;
	}
	vtd->stats.drains++;
	return true;
}
