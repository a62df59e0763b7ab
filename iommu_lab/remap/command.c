// SPDX-License-Identifier: GPL-2.0
/*
 * Global commands of a unit (VT-d 11.4.4), and the end of one that no longer
 * answers.
 */
#include <linux/printk.h>
#include "remap_int.h"

/**
 * lab_command - change one bit of the global command register
 * @unit: the unit; its lock is held
 * @set: VTD_GCMD_* to set, or 0
 * @clear: VTD_GCMD_* to clear, or 0
 * @status: VTD_GSTS_* to look at
 * @want: what they must become
 *
 * One-shot bits are not carried over from GSTS, and one bit is changed at a
 * time, as VT-d 11.4.4 asks.
 *
 * Return: 0, or -ETIMEDOUT.
 */
int lab_command(struct lab_unit *unit, u32 set, u32 clear, u32 status,
		u32 want)
{
	u32 command;

	lockdep_assert_held(&unit->lock);
	command = lab_read32(unit, VTD_GSTS) & VTD_GSTS_KEEP;
	lab_write32(unit, VTD_GCMD, (command | set) & ~clear);
	if (lab_wait_until(unit, (lab_read32(unit, VTD_GSTS) & status) == want))
		return 0;
	return -ETIMEDOUT;
}

/**
 * lab_unit_mark_dead - a unit did not answer in time
 * @unit: the unit; its lock is held
 * @what: what it did not do, for the message
 *
 * Tells the owner and the log, the first time only.
 */
void lab_unit_mark_dead(struct lab_unit *unit, const char *what)
{
	lockdep_assert_held(&unit->lock);
	if (unit->dead)
		return;
	WRITE_ONCE(unit->dead, true);
	if (unit->params.dead)
		unit->params.dead(unit->params.data);
	pr_err("%s (0x%llx): %s not confirmed within %u ms: the unit is dead, what waits for it is kept for good\n",
	       lab_unit_name(unit), unit->params.seam->base, what,
	       lab_unit_timeout_ms(unit));
}

/**
 * lab_unit_flush_writes - write-buffer flush (VT-d 6.8)
 * @unit: the unit; nothing to do for one without CAP.RWBF
 *
 * Such a unit has buffers between memory and itself that must be flushed after
 * an entry became present and no invalidation is needed.
 *
 * Context: any.
 * Return: 0, -ENODEV when the unit is dead, -ETIMEDOUT when it is from now on.
 */
int lab_unit_flush_writes(struct lab_unit *unit)
{
	unsigned long flags;
	int ret = 0;

	if (!(unit->caps.cap & VTD_CAP_RWBF))
		return 0;

	raw_spin_lock_irqsave(&unit->lock, flags);
	if (unit->dead) {
		ret = -ENODEV;
	} else if (unit->enabled) {
		ret = lab_command(unit, VTD_GCMD_WBF, 0, VTD_GSTS_WBFS, 0);
		if (ret)
			lab_unit_mark_dead(unit, "write-buffer flush");
	}
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return ret;
}
