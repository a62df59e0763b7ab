/* SPDX-License-Identifier: GPL-2.0 */
/* Blocks of pages and their cache attribute: what differs between kernels. */
#ifndef IOMMU_LAB_COMPAT_PAGES_H
#define IOMMU_LAB_COMPAT_PAGES_H

#include <linux/errno.h>
#include <linux/mm.h>

/*
 * The largest order of the page allocator. Before 6.8 there is MAX_ORDER; before
 * 6.4 that is one more than the largest order, and in between one less is given
 * away.
 */
#ifdef MAX_PAGE_ORDER
#define LAB_MAX_PAGE_ORDER	MAX_PAGE_ORDER
#else
#define LAB_MAX_PAGE_ORDER	(MAX_ORDER - 1)
#endif

#ifdef CONFIG_X86

#include <asm/set_memory.h>

/**
 * lab_pages_set_wc - make the kernel's own mapping of pages write-combining
 * @page: the first one
 * @nr: how many; physically contiguous
 *
 * All mappings of a page must have the same attribute. Process mappings that
 * are made later get it from this one.
 *
 * Context: may sleep.
 * Return: 0, or a negative errno: some of the pages may have it now, see
 * lab_pages_set_wb().
 */
static inline int lab_pages_set_wc(struct page *page, unsigned long nr)
{
	return set_memory_wc((unsigned long)page_address(page), nr);
}

/**
 * lab_pages_set_wb - undo lab_pages_set_wc(), which may have failed
 * @page: the first one
 * @nr: how many
 *
 * Context: may sleep.
 * Return: 0, or a negative errno: the pages must not be used for anything else.
 */
static inline int lab_pages_set_wb(struct page *page, unsigned long nr)
{
	return set_memory_wb((unsigned long)page_address(page), nr);
}

#else

static inline int lab_pages_set_wc(struct page *page, unsigned long nr)
{
	return -EOPNOTSUPP;
}

static inline int lab_pages_set_wb(struct page *page, unsigned long nr)
{
	return 0;
}

#endif

#endif
