// SPDX-License-Identifier: GPL-2.0
/*
 * The newest unmaps of a domain: written by each unmap, read only when a stale
 * access has to be explained.
 */
#include <linux/minmax.h>
#include <linux/pid.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/string.h>
#include "remap_int.h"

/**
 * lab_unmap_log_add - notes an unmap
 * @rd: the domain
 * @start: first IOVA
 * @last: last IOVA (inclusive)
 *
 * The current process is noted, or pid 0 and "interrupt" when there is none.
 *
 * Context: any.
 */
void lab_unmap_log_add(struct lab_remap_domain *rd, u64 start, u64 last)
{
	struct lab_unmap_record record = {
		.start = start,
		.last = last,
		.time = ktime_get_mono_fast_ns(),
	};
	unsigned long flags;

	if (in_task()) {
		record.pid = task_pid_nr(current);
		strscpy(record.comm, current->comm, sizeof(record.comm));
	} else {
		strscpy(record.comm, "interrupt", sizeof(record.comm));
	}
	raw_spin_lock_irqsave(&rd->log_lock, flags);
	rd->log[rd->log_next++ % LAB_UNMAP_LOG] = record;
	raw_spin_unlock_irqrestore(&rd->log_lock, flags);
}

/**
 * lab_remap_last_unmap - who unmapped an IOVA last
 * @rd: the domain
 * @iova: bytes
 * @out: the newest unmap that covered it
 *
 * Context: any.
 * Return: false when it is not among the newest LAB_UNMAP_LOG unmaps.
 */
bool lab_remap_last_unmap(struct lab_remap_domain *rd, u64 iova,
			  struct lab_unmap_record *out)
{
	const struct lab_unmap_record *record;
	unsigned long flags;
	bool found = false;
	u64 nr, i;

	raw_spin_lock_irqsave(&rd->log_lock, flags);
	nr = min_t(u64, rd->log_next, LAB_UNMAP_LOG);
	for (i = 1; i <= nr && !found; i++) {
		record = &rd->log[(rd->log_next - i) % LAB_UNMAP_LOG];
		found = iova >= record->start && iova <= record->last;
		if (found)
			*out = *record;
	}
	raw_spin_unlock_irqrestore(&rd->log_lock, flags);
	return found;
}
