// SPDX-License-Identifier: GPL-2.0
/*
 * The memory that a DMA reaches. Nothing else in the module touches it.
 *
 * A translated address is trusted only as far as it is ordinary RAM of the host
 * in the direct map, or lies in the window of a reserved region. Even then the
 * access goes through the exception table: a page that cannot be touched ends
 * the DMA, and never the kernel.
 */
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include "bus.h"

/*
 * A reserved region is identity-mapped, and its IOVAs are reserved in every
 * domain: an address that equals its IOVA inside a window can only mean the
 * region, never a page of the host that happens to be there.
 */
static void *lab_target_in_window(struct lab_bus *bus, u64 iova, u64 pa)
{
	unsigned int i;

	if (iova != pa)
		return NULL;
	for (i = 0; i < bus->nr_windows; i++) {
		struct lab_window *window = &bus->windows[i];
		u64 offset = pa - window->start;

		if (pa < window->start || pa > window->last)
			continue;
		return page_address(window->pages[offset >> PAGE_SHIFT]) +
		       offset_in_page(pa);
	}
	return NULL;
}

static void *lab_target_in_ram(u64 pa, bool write)
{
	struct page *page;

	page = pfn_to_online_page(PHYS_PFN(pa));
	if (!page)
		return NULL;
	/* memory that was never written is the zero page, which is reserved */
	if (!write && page == ZERO_PAGE(0))
		return page_address(page) + offset_in_page(pa);
	if (PageReserved(page))
		return NULL;
	return page_address(page) + offset_in_page(pa);
}

static void *lab_target(struct lab_bus *bus, u64 iova, u64 pa, bool write)
{
	void *window = lab_target_in_window(bus, iova, pa);

	return window ?: lab_target_in_ram(pa, write);
}

static int lab_copy_from_target(void *to, const void *from, size_t bytes)
{
	pagefault_disable();
	for (; bytes >= sizeof(u64); bytes -= sizeof(u64)) {
		__get_kernel_nofault(to, from, u64, fault);
		to += sizeof(u64);
		from += sizeof(u64);
	}
	for (; bytes; bytes--) {
		__get_kernel_nofault(to, from, u8, fault);
		to++;
		from++;
	}
	pagefault_enable();
	return 0;
fault:
	pagefault_enable();
	return -EFAULT;
}

static int lab_copy_to_target(void *to, const void *from, size_t bytes)
{
	pagefault_disable();
	for (; bytes >= sizeof(u64); bytes -= sizeof(u64)) {
		__put_kernel_nofault(to, from, u64, fault);
		to += sizeof(u64);
		from += sizeof(u64);
	}
	for (; bytes; bytes--) {
		__put_kernel_nofault(to, from, u8, fault);
		to++;
		from++;
	}
	pagefault_enable();
	return 0;
fault:
	pagefault_enable();
	return -EFAULT;
}

/**
 * lab_target_read - read the memory behind a translated address
 * @bus: the bus, for its windows
 * @iova: the address that was translated
 * @pa: what it was translated to
 * @to: kernel memory
 * @bytes: within one page from @pa on
 *
 * Context: interrupts off, between lab_inflight_begin() and _end().
 * Return: 0, or -EFAULT when there is no memory that can be read.
 */
int lab_target_read(struct lab_bus *bus, u64 iova, u64 pa, void *to,
		    size_t bytes)
{
	void *target = lab_target(bus, iova, pa, false);

	return target ? lab_copy_from_target(to, target, bytes) : -EFAULT;
}

/**
 * lab_target_write - write the memory behind a translated address
 * @bus: the bus, for its windows
 * @iova: the address that was translated
 * @pa: what it was translated to
 * @from: kernel memory
 * @bytes: within one page from @pa on
 *
 * Context: interrupts off, between lab_inflight_begin() and _end().
 * Return: 0, or -EFAULT when there is no memory that can be written.
 */
int lab_target_write(struct lab_bus *bus, u64 iova, u64 pa, const void *from,
		     size_t bytes)
{
	void *target = lab_target(bus, iova, pa, true);

	return target ? lab_copy_to_target(target, from, bytes) : -EFAULT;
}
