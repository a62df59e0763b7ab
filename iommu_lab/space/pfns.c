// SPDX-License-Identifier: GPL-2.0
/*
 * The pages that the devices of a domain reach by their physical addresses, where
 * there is no unit: an xarray by page frame number, whose value counts the
 * readable and the writable mappings of the page.
 *
 * Changed with the domain's map_lock held; read with RCU, with interrupts off.
 */
#include <linux/bits.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/xarray.h>
#include "space_int.h"

/*
 * Two counters in the 63 bits of a value. A page cannot be pinned 2^31 times, so
 * none runs over into the other.
 */
#define READABLE	1UL
#define WRITABLE	BIT(31)
#define READERS		GENMASK(30, 0)
#define WRITERS		GENMASK(61, 31)

static unsigned long step_of(u32 prot)
{
	return (prot & LAB_PROT_READ ? READABLE : 0) +
	       (prot & LAB_PROT_WRITE ? WRITABLE : 0);
}

static unsigned long load(struct xarray *pfns, unsigned long pfn)
{
	void *entry = xa_load(pfns, pfn);

	return entry ? xa_to_value(entry) : 0;
}

/* the first @nr pages of an extent once less; needs no memory */
static void remove_run(struct xarray *pfns, unsigned long pfn,
		       unsigned long nr, unsigned long step)
{
	for (; nr--; pfn++) {
		unsigned long left = load(pfns, pfn) - step;

		if (left)
			xa_store(pfns, pfn, xa_mk_value(left), GFP_KERNEL);
		else
			xa_erase(pfns, pfn);
		if (!(pfn % 1024))
			cond_resched();
	}
}

static int add_run(struct xarray *pfns, unsigned long pfn, unsigned long nr,
		   unsigned long step)
{
	unsigned long i;

	for (i = 0; i < nr; i++) {
		unsigned long count = load(pfns, pfn + i) + step;
		int err = xa_err(xa_store(pfns, pfn + i, xa_mk_value(count),
					  GFP_KERNEL));

		if (err) {
			remove_run(pfns, pfn, i, step);
			return err;
		}
		if (!((pfn + i) % 1024))
			cond_resched();
	}
	return 0;
}

static void remove_extents(struct xarray *pfns,
			   const struct lab_mapping *mapping, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		remove_run(pfns, page_to_pfn(mapping->extents[i].page),
			   mapping->extents[i].pages, step_of(mapping->prot));
}

/**
 * lab_pfns_add - devices reach the pages of a mapping from now on
 * @pfns: the table
 * @mapping: pinned memory, with the rights that devices get
 *
 * Context: may sleep, map_lock held.
 * Return: 0; -ENOMEM: nothing was changed.
 */
int lab_pfns_add(struct xarray *pfns, const struct lab_mapping *mapping)
{
	u32 i;

	for (i = 0; i < mapping->nr_extents; i++) {
		int err = add_run(pfns, page_to_pfn(mapping->extents[i].page),
				  mapping->extents[i].pages,
				  step_of(mapping->prot));

		if (err) {
			remove_extents(pfns, mapping, i);
			return err;
		}
	}
	return 0;
}

/**
 * lab_pfns_remove - undo lab_pfns_add()
 * @pfns: the table
 * @mapping: the same mapping
 *
 * An access that has looked already goes on: wait for a grace period before the
 * pages are unpinned.
 *
 * Context: may sleep, map_lock held.
 */
void lab_pfns_remove(struct xarray *pfns, const struct lab_mapping *mapping)
{
	remove_extents(pfns, mapping, mapping->nr_extents);
}

/**
 * lab_pfns_allows - whether devices may touch a page
 * @pfns: the table
 * @pfn: page frame number
 * @write: kind of access
 *
 * Context: any.
 * Return: true when at least one mapping of the page allows it.
 */
bool lab_pfns_allows(struct xarray *pfns, unsigned long pfn, bool write)
{
	return load(pfns, pfn) & (write ? WRITERS : READERS);
}
