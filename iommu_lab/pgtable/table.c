// SPDX-License-Identifier: GPL-2.0
/* Which memory of the host can be read as a table. */

#include <linux/build_bug.h>
#include <linux/io.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include "pgtable.h"

static_assert(LAB_TABLE_ENTRIES * sizeof(u64) == PAGE_SIZE);

/**
 * lab_table_ptr - a physical address as a table, if it is one
 * @pa: physical address from a register or an entry, in bytes; may be anything
 *
 * Online RAM only: no hole, no memory of a device, nothing that firmware or the
 * kernel image keeps for itself. Entries are read with lab_table_read().
 *
 * Return: the table in the direct map, or NULL when @pa is not page aligned or
 * not ordinary RAM of the host. Any context.
 */
u64 *lab_table_ptr(u64 pa)
{
	struct page *page;

	if (!PAGE_ALIGNED(pa))
		return NULL;
	page = pfn_to_online_page(PHYS_PFN(pa));
	if (!page || PageReserved(page))
		return NULL;
	return phys_to_virt(pa);
}
