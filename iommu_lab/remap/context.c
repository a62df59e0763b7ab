// SPDX-License-Identifier: GPL-2.0
/*
 * Root and context tables (VT-d 9.1, 9.3): one page of 256 entries a bus.
 *
 * The caller's attach mutex is held over all that writes here. Invalidation is
 * the caller's work.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include "remap_int.h"

/**
 * lab_unit_context_entry - the context entry of a source-id
 * @unit: the unit
 * @sid: source-id
 *
 * Return: its two words, or NULL when the bus has no context table.
 */
u64 *lab_unit_context_entry(struct lab_unit *unit, u16 sid)
{
	u64 *table = unit->context[sid >> 8];

	return table ? table + 2 * (sid % LAB_CONTEXTS) : NULL;
}

/**
 * lab_unit_context_prepare - sees that a bus has a context table
 * @unit: the unit
 * @bus: bus number
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM.
 */
int lab_unit_context_prepare(struct lab_unit *unit, u8 bus)
{
	u64 *root = unit->root + 2 * bus;
	u64 *table;

	if (unit->context[bus])
		return 0;
	table = (u64 *)get_zeroed_page(GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	lab_unit_flush(unit, table, PAGE_SIZE);

	/* pairs with lab_unit_context() */
	smp_store_release(&unit->context[bus], table);
	wmb(); /* an empty table before the entry that leads to it */
	WRITE_ONCE(root[0], virt_to_phys(table) | VTD_ROOT_P);
	lab_unit_flush(unit, root, 2 * sizeof(*root));
	return 0;
}

/**
 * lab_unit_context_write - makes a context entry present
 * @unit: the unit
 * @entry: of lab_unit_context_entry(), not present
 * @lo: low half, with VTD_CTX_P
 * @hi: high half
 *
 * The half with the present bit is written last: the unit never sees one that
 * is half written.
 */
void lab_unit_context_write(struct lab_unit *unit, u64 *entry, u64 lo, u64 hi)
{
	WRITE_ONCE(entry[1], hi);
	wmb(); /* see above */
	WRITE_ONCE(entry[0], lo);
	lab_unit_flush(unit, entry, 2 * sizeof(*entry));
}

/**
 * lab_unit_context_clear - makes a context entry not present
 * @unit: the unit
 * @entry: of lab_unit_context_entry()
 *
 * The half with the present bit is written first.
 */
void lab_unit_context_clear(struct lab_unit *unit, u64 *entry)
{
	WRITE_ONCE(entry[0], 0);
	wmb(); /* see above */
	WRITE_ONCE(entry[1], 0);
	lab_unit_flush(unit, entry, 2 * sizeof(*entry));
}
