// SPDX-License-Identifier: GPL-2.0
/*
 * The memory that a DMA reaches. Nothing else in the module touches it.
 *
 * A translated address is trusted only as far as it is ordinary RAM of the host
 * in the direct map, or lies in a reserved region of the endpoint. Even then the
 * access goes through the exception table: a page that cannot be touched ends
 * the DMA, and never the kernel.
 */
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include "bus.h"

static bool lab_has_region(const struct lab_endpoint *ep, u64 pa)
{
	unsigned int i;

	for (i = 0; i < ep->nr_windows; i++)
		if (pa >= ep->windows[i].start && pa <= ep->windows[i].last)
			return true;
	return false;
}

/*
 * Interrupts are off. Another CPU may give the same page memory at the same time:
 * one of them wins.
 */
static struct page *lab_window_populate(struct lab_bus *bus, unsigned long pfn)
{
	/* whoever asks can write to a whole region: never from the reserves */
	const gfp_t gfp = GFP_NOWAIT | __GFP_NOMEMALLOC | __GFP_NOWARN;
	struct page *page, *old;

	if (!atomic_add_unless(&bus->nr_pages, 1, LAB_WINDOW_MAX_PAGES))
		return NULL;
	page = alloc_page(gfp | __GFP_ZERO);
	if (!page)
		goto out_count;
	old = xa_cmpxchg(&bus->pages, pfn, NULL, page, gfp);
	if (!old)
		return page;
	__free_page(page);
	page = xa_is_err(old) ? NULL : old;
out_count:
	atomic_dec(&bus->nr_pages);
	return page;
}

/* NULL: no memory, or no more of it is allowed */
static void *lab_target_in_window(struct lab_bus *bus, u64 pa, bool write)
{
	unsigned long pfn = PHYS_PFN(pa);
	struct page *page = xa_load(&bus->pages, pfn);

	if (!page)
		page = write ? lab_window_populate(bus, pfn) : ZERO_PAGE(0);
	return page ? page_address(page) + offset_in_page(pa) : NULL;
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

static void *lab_target_in_region(const struct lab_endpoint *ep, u64 pa,
				  bool write)
{
	if (!lab_has_region(ep, pa))
		return NULL;
	return lab_target_in_window(ep->bus, pa, write);
}

/*
 * A region's address may be one of this machine's RAM: the leaf that led there says
 * which is meant, and there is no way from the one to the other.
 */
static void *lab_target(const struct lab_endpoint *ep,
			const struct lab_translation *tr, bool write)
{
	void *target;

	switch (tr->memory) {
	case LAB_MEMORY_REGION:
		return lab_target_in_region(ep, tr->pa, write);
	case LAB_MEMORY_ANY:
		target = lab_target_in_ram(tr->pa, write);
		return target ?: lab_target_in_region(ep, tr->pa, write);
	case LAB_MEMORY_RAM:
		break;
	}
	return lab_target_in_ram(tr->pa, write);
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
 * @ep: whose DMA it is
 * @tr: the translated address
 * @to: kernel memory
 * @bytes: within one page from there on
 *
 * Context: interrupts off, between lab_inflight_begin() and _end().
 * Return: 0, or -EFAULT when there is no memory that can be read.
 */
int lab_target_read(const struct lab_endpoint *ep,
		    const struct lab_translation *tr, void *to, size_t bytes)
{
	void *target = lab_target(ep, tr, false);

	return target ? lab_copy_from_target(to, target, bytes) : -EFAULT;
}

/**
 * lab_target_write - write the memory behind a translated address
 * @ep: whose DMA it is
 * @tr: the translated address
 * @from: kernel memory
 * @bytes: within one page from there on
 *
 * Context: interrupts off, between lab_inflight_begin() and _end().
 * Return: 0, or -EFAULT when there is no memory that can be written.
 */
int lab_target_write(const struct lab_endpoint *ep,
		     const struct lab_translation *tr, const void *from,
		     size_t bytes)
{
	void *target = lab_target(ep, tr, true);

	return target ? lab_copy_to_target(target, from, bytes) : -EFAULT;
}
