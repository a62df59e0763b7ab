// SPDX-License-Identifier: GPL-2.0
/*
 * The interrupt remapping table (VT-d 5.1, 9.10): which messages of whom become which
 * interrupts.
 *
 * An entry is a source-id's from lab_irq_alloc() to lab_irq_free(), and passes
 * messages from lab_irq_enable() to lab_irq_disable(). It is given to somebody else
 * only when the unit has confirmed that it knows nothing of its old content: if it
 * does not, the entry is kept for good.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include "remap_int.h"

/* two of 64 bits each */
static u64 *irte_of(const struct lab_unit *unit, unsigned int index)
{
	return unit->irt + VTD_IRTE_WORDS * index;
}

static size_t table_bytes(const struct lab_unit *unit)
{
	return (size_t)unit->irqs_max * VTD_IRTE_WORDS * sizeof(u64);
}

/**
 * lab_ir_alloc - memory for the table of a new unit
 * @unit: the unit, its capabilities decoded
 *
 * Nothing is done for a unit that cannot remap interrupts.
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int lab_ir_alloc(struct lab_unit *unit)
{
	if (!unit->caps.interrupts)
		return 0;
	unit->irqs_max = clamp(roundup_pow_of_two(unit->params.irqs ?: 1),
			       (unsigned long)LAB_IRQS_MIN,
			       (unsigned long)LAB_IRQS_MAX);
	unit->irt = (u64 *)__get_free_pages(GFP_KERNEL | __GFP_ZERO,
					    get_order(table_bytes(unit)));
	if (!unit->irt)
		return -ENOMEM;
	lab_unit_flush(unit, unit->irt, table_bytes(unit));
	return 0;
}

/**
 * lab_ir_free - free the table
 * @unit: the unit; it does not access the table any more
 *
 * Context: may sleep.
 */
void lab_ir_free(struct lab_unit *unit)
{
	free_pages((unsigned long)unit->irt, get_order(table_bytes(unit)));
}

static const struct lab_inval flush_entries = {
	.type = VTD_INV_IEC,
	.gran = VTD_IEC_GLOBAL,
};

/**
 * lab_ir_start - turn interrupt remapping on
 * @unit: a unit whose queue, if it has one, is on; its lock is held
 *
 * Messages of the compatibility format are blocked from then on.
 *
 * Return: 0, or the error of a step that was not confirmed.
 */
int lab_ir_start(struct lab_unit *unit)
{
	int ret;

	lockdep_assert_held(&unit->lock);
	if (!unit->caps.interrupts)
		return 0;
	lab_write64(unit, VTD_IRTA, virt_to_phys(unit->irt) |
		    (unit->caps.ecap & VTD_ECAP_EIM ? VTD_IRTA_EIME : 0) |
		    FIELD_PREP(VTD_IRTA_S, ilog2(unit->irqs_max) - 1));
	ret = lab_command(unit, VTD_GCMD_SIRTP, 0, VTD_GSTS_IRTPS,
			  VTD_GSTS_IRTPS);
	if (ret)
		return ret;
	ret = lab_unit_invalidate_locked(unit, &flush_entries, 1);
	if (ret)
		return ret;
	ret = lab_command(unit, 0, VTD_GCMD_CFI, VTD_GSTS_CFIS, 0);
	return ret ?: lab_command(unit, VTD_GCMD_IRE, 0, VTD_GSTS_IRES,
				  VTD_GSTS_IRES);
}

/**
 * lab_ir_stop - turn interrupt remapping off
 * @unit: the unit, its queue not yet off; its lock is held
 *
 * Return: true when the unit has confirmed that it does not access the table.
 */
bool lab_ir_stop(struct lab_unit *unit)
{
	bool stopped;

	lockdep_assert_held(&unit->lock);
	if (!unit->caps.interrupts)
		return true;
	stopped = !lab_command(unit, 0, VTD_GCMD_IRE, VTD_GSTS_IRES, 0);
	lab_write64(unit, VTD_IRTA, 0);
	return stopped;
}

/**
 * lab_irq_alloc - give a source-id an entry of the table
 * @unit: the unit
 * @sid: source-id
 *
 * The entry passes nothing yet.
 *
 * Context: may sleep.
 * Return: index of the entry, for lab_irq_free(); -EOPNOTSUPP: the unit cannot remap
 * interrupts; -ENOSPC: all entries are in use; -ENODEV: the unit is dead; -ENOMEM.
 */
int lab_irq_alloc(struct lab_unit *unit, u16 sid)
{
	int index;

	if (!unit->irt)
		return -EOPNOTSUPP;
	if (lab_unit_is_dead(unit))
		return -ENODEV;
	index = ida_alloc_max(&unit->irqs, unit->irqs_max - 1, GFP_KERNEL);
	if (index < 0)
		return index;
	/* not present: nobody but us looks at it */
	WRITE_ONCE(irte_of(unit, index)[1],
		   FIELD_PREP(VTD_IRTE_SVT, VTD_SVT_SID) |
		   FIELD_PREP(VTD_IRTE_SID, sid));
	atomic_inc(&unit->nr_irqs);
	return index;
}

static int forget(struct lab_unit *unit, unsigned int index)
{
	const struct lab_inval inval = {
		.type = VTD_INV_IEC,
		.gran = VTD_IEC_INDEX,
		.index = index,
	};

	return lab_unit_invalidate(unit, &inval, 1);
}

/**
 * lab_irq_enable - let the messages of an entry pass
 * @unit: the unit
 * @index: of lab_irq_alloc(); it is not enabled
 * @destination: APIC id; without ECAP.EIM below 256
 * @vector: vector
 *
 * Context: any. Spins for a unit that caches what is not present.
 * Return: 0; -EINVAL: @destination is too large; what lab_unit_invalidate() and
 * lab_unit_flush_writes() return.
 */
int lab_irq_enable(struct lab_unit *unit, unsigned int index, u32 destination,
		   u8 vector)
{
	u64 *irte = irte_of(unit, index);
	u64 dst = FIELD_PREP(VTD_IRTE_DST, destination);

	if (!(unit->caps.ecap & VTD_ECAP_EIM)) {
		if (destination > U8_MAX)
			return -EINVAL;
		dst = FIELD_PREP(VTD_IRTE_DST_8, destination);
	}
	wmb(); /* the half with the source-id before the one with the present bit */
	WRITE_ONCE(irte[0], dst | FIELD_PREP(VTD_IRTE_V, vector) | VTD_IRTE_P);
	lab_unit_flush(unit, irte, VTD_IRTE_WORDS * sizeof(u64));
	return unit->caps.caching_mode ? forget(unit, index) :
					 lab_unit_flush_writes(unit);
}

/**
 * lab_irq_disable - let no message of an entry pass any more
 * @unit: the unit
 * @index: of lab_irq_alloc(). Nothing is done if it is not enabled
 *
 * When it returns, the unit has forgotten the entry. The interrupt of a message that
 * had passed before may still be on its way.
 *
 * Context: any. Spins for the unit, no longer than its time limit.
 * Return: what lab_unit_invalidate() returns.
 */
int lab_irq_disable(struct lab_unit *unit, unsigned int index)
{
	u64 *irte = irte_of(unit, index);

	if (!(READ_ONCE(irte[0]) & VTD_IRTE_P))
		return 0;
	WRITE_ONCE(irte[0], 0);
	lab_unit_flush(unit, irte, sizeof(*irte));
	return forget(unit, index);
}

/**
 * lab_irq_free - give an entry back
 * @unit: the unit
 * @index: of lab_irq_alloc()
 *
 * An entry that the unit may still know is never used again.
 *
 * Context: may sleep.
 */
void lab_irq_free(struct lab_unit *unit, unsigned int index)
{
	/* once more: nobody has looked whether the unit forgot it when it was disabled */
	if (lab_irq_disable(unit, index) || forget(unit, index))
		return;
	WRITE_ONCE(irte_of(unit, index)[1], 0);
	ida_free(&unit->irqs, index);
	atomic_dec(&unit->nr_irqs);
}

/**
 * lab_irq_message - what a function has to write, and where (VT-d 5.1.2.2)
 * @index: of lab_irq_alloc()
 * @data: out: 4 bytes
 *
 * Context: any.
 * Return: the address, in the interrupt address range.
 */
u32 lab_irq_message(unsigned int index, u32 *data)
{
	*data = 0;
	return (u32)VTD_MSI_START | VTD_MSI_FORMAT |
	       FIELD_PREP(VTD_MSI_HANDLE_LOW, index & 0x7fff) |
	       FIELD_PREP(VTD_MSI_HANDLE_HIGH, index >> 15);
}

/**
 * lab_unit_irqs - size of the interrupt remapping table
 * @unit: the unit
 *
 * Return: number of entries, 0 for a unit without one. Any context.
 */
unsigned int lab_unit_irqs(const struct lab_unit *unit)
{
	return unit->irt ? unit->irqs_max : 0;
}

/**
 * lab_unit_read_irq - an entry as the table in memory says
 * @unit: the unit
 * @index: below lab_unit_irqs()
 * @out: what it says
 *
 * Context: any.
 * Return: false when nobody has it.
 */
bool lab_unit_read_irq(const struct lab_unit *unit, unsigned int index,
		       struct lab_irq_view *out)
{
	const u64 *irte = irte_of(unit, index);
	u64 lo = READ_ONCE(irte[0]), hi = READ_ONCE(irte[1]);

	if (!hi)
		return false;
	*out = (struct lab_irq_view) {
		.sid = FIELD_GET(VTD_IRTE_SID, hi),
		.enabled = lo & VTD_IRTE_P,
		.vector = FIELD_GET(VTD_IRTE_V, lo),
		.destination = unit->caps.ecap & VTD_ECAP_EIM ?
			       FIELD_GET(VTD_IRTE_DST, lo) :
			       FIELD_GET(VTD_IRTE_DST_8, lo),
		.lo = lo,
		.hi = hi,
	};
	return true;
}
