/* SPDX-License-Identifier: GPL-2.0 */
/* Long-term pins of user memory: what differs between kernels. */
#ifndef IOMMU_LAB_COMPAT_PIN_H
#define IOMMU_LAB_COMPAT_PIN_H

#include <linux/mm.h>

/**
 * lab_pin_user - pin memory of the current process long-term
 * @start: page-aligned process address
 * @nr: pages
 * @write: the device will write to it
 * @pages: out: the pages
 *
 * A read-only pin has to survive the process's next write: the device must then
 * read what the process wrote. Since 6.2 the kernel breaks copy-on-write before
 * such a pin. Older ones pin the page that the write will replace (the zero
 * page, for memory not touched yet), so there the copy is forced by pinning
 * for write; that is refused for shared read-only memory, which is never copied
 * and is pinned as it is, one page at a time as the next may be private.
 *
 * Context: may sleep; takes mmap_lock.
 * Return: pages pinned, may be less than @nr; or a negative errno.
 */
static inline long lab_pin_user(unsigned long start, int nr, bool write,
				struct page **pages)
{
	unsigned int flags = FOLL_LONGTERM;

	if (write)
		return pin_user_pages_fast(start, nr, flags | FOLL_WRITE, pages);
#ifdef FOLL_WRITE /* a macro up to 6.2, an enumerator since */
	{
		long got = pin_user_pages_fast(start, nr, 0, pages);

		if (got <= 0)
			return got;
		unpin_user_pages(pages, got);
		nr = got;
		got = pin_user_pages_fast(start, nr,
					  flags | FOLL_WRITE | FOLL_FORCE,
					  pages);
		if (got != -EFAULT)
			return got;
		nr = 1;
	}
#endif
	return pin_user_pages_fast(start, nr, flags, pages);
}

#endif
