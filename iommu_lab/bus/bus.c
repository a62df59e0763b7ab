// SPDX-License-Identifier: GPL-2.0
/*
 * The bus: memory of reserved regions, and where asynchronous DMAs run.
 */
#include <linux/mm.h>
#include "bus.h"

/**
 * lab_bus_init - make a bus
 * @bus: the bus
 *
 * Reserved regions can be larger than the memory that there is: a page of one gets
 * memory when it is written to for the first time, up to LAB_WINDOW_MAX_PAGES in all.
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int lab_bus_init(struct lab_bus *bus)
{
	xa_init(&bus->pages);
	atomic_set(&bus->nr_pages, 0);
	bus->interrupt = NULL;
	bus->engine = alloc_workqueue("iommu_lab", WQ_UNBOUND, 0);
	return bus->engine ? 0 : -ENOMEM;
}

/**
 * lab_bus_destroy - free the memory of reserved regions
 * @bus: the bus; its endpoints are gone
 *
 * Context: may sleep.
 */
void lab_bus_destroy(struct lab_bus *bus)
{
	struct page *page;
	unsigned long pfn;

	destroy_workqueue(bus->engine);
	xa_for_each(&bus->pages, pfn, page)
		__free_page(page);
	xa_destroy(&bus->pages);
}
