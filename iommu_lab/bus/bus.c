// SPDX-License-Identifier: GPL-2.0
/*
 * The bus: windows of reserved regions, and where asynchronous DMAs run.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include "bus.h"

#define LAB_WINDOW_MAX_PAGES	65536u	/* 256 MiB of the module's memory */

/**
 * lab_bus_init - make a bus without windows
 * @bus: the bus
 * @nr_windows: how many windows may be added
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int lab_bus_init(struct lab_bus *bus, unsigned int nr_windows)
{
	bus->nr_windows = 0;
	bus->interrupt = NULL;
	bus->windows = kcalloc(nr_windows, sizeof(*bus->windows), GFP_KERNEL);
	if (!bus->windows)
		return -ENOMEM;
	bus->engine = alloc_workqueue("iommu_lab", WQ_UNBOUND, 0);
	if (!bus->engine) {
		kfree(bus->windows);
		return -ENOMEM;
	}
	return 0;
}

static void lab_window_free(struct lab_window *window, u64 pages)
{
	while (pages--)
		__free_page(window->pages[pages]);
	kvfree(window->pages);
}

static u64 lab_window_pages(const struct lab_window *window)
{
	return (window->last - window->start + 1) >> PAGE_SHIFT;
}

/**
 * lab_bus_add_window - give a reserved region memory of its own
 * @bus: the bus; there is room for one more
 * @start: first physical address, page aligned
 * @last: last physical address (inclusive), the end of a page
 *
 * Context: may sleep; before any endpoint exists.
 * Return: 0, -ENOMEM, or -E2BIG for a region over 256 MiB.
 */
int lab_bus_add_window(struct lab_bus *bus, u64 start, u64 last)
{
	struct lab_window *window = &bus->windows[bus->nr_windows];
	u64 i, pages;

	window->start = start;
	window->last = last;
	pages = lab_window_pages(window);
	if (pages > LAB_WINDOW_MAX_PAGES)
		return -E2BIG;
	window->pages = kvcalloc(pages, sizeof(*window->pages), GFP_KERNEL);
	if (!window->pages)
		return -ENOMEM;
	for (i = 0; i < pages; i++) {
		window->pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!window->pages[i]) {
			lab_window_free(window, i);
			return -ENOMEM;
		}
	}
	bus->nr_windows++;
	return 0;
}

/**
 * lab_bus_destroy - free the windows
 * @bus: the bus; its endpoints are gone
 *
 * Context: may sleep.
 */
void lab_bus_destroy(struct lab_bus *bus)
{
	destroy_workqueue(bus->engine);
	while (bus->nr_windows--) {
		struct lab_window *window = &bus->windows[bus->nr_windows];

		lab_window_free(window, lab_window_pages(window));
	}
	kfree(bus->windows);
}
