// SPDX-License-Identifier: GPL-2.0
/*
 * The memory behind a mapping: user pages, pinned long-term, kept as runs of
 * physically contiguous pages.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "../compat/pin.h"
#include "space_int.h"

/* pages pinned at once: as many as one page of pointers holds */
#define BATCH		(PAGE_SIZE / sizeof(struct page *))
#define FIRST_EXTENTS	16u

/* one that is too large to be had is refused quietly: its user asked for it */
#define MAPPING_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN)

/**
 * lab_mapping_alloc - a mapping of nothing yet
 * @max_extents: extents that it can hold
 *
 * Context: may sleep.
 * Return: the mapping, to be freed with kvfree(), or NULL.
 */
struct lab_mapping *lab_mapping_alloc(u32 max_extents)
{
	struct lab_mapping *mapping;

	mapping = kvzalloc(struct_size(mapping, extents, max_extents),
			   MAPPING_GFP);
	if (mapping)
		mapping->max_extents = max_extents;
	return mapping;
}

/* moves a mapping to one that holds @max_extents; it stays as it is on failure */
static int resize(struct lab_mapping **mapping, u64 max_extents)
{
	struct lab_mapping *old = *mapping, *fresh;

	if (max_extents > U32_MAX)
		return -ENOMEM;
	fresh = lab_mapping_alloc(max_extents);
	if (!fresh)
		return -ENOMEM;
	fresh->prot = old->prot;
	fresh->pages = old->pages;
	fresh->nr_extents = old->nr_extents;
	memcpy(fresh->extents, old->extents,
	       flex_array_size(old, extents, old->nr_extents));
	kvfree(old);
	*mapping = fresh;
	return 0;
}

/**
 * lab_mapping_append - add a pinned page at the end
 * @mapping: mapping that is not entered anywhere; replaced when it has to grow
 * @page: page; its pin becomes the mapping's
 * @most: extents that are enough in the end, whatever comes
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM: @page is still the caller's.
 */
int lab_mapping_append(struct lab_mapping **mapping, struct page *page,
		       u64 most)
{
	struct lab_mapping *m = *mapping;
	struct lab_extent *last;

	if (m->nr_extents) {
		last = &m->extents[m->nr_extents - 1];
		if (lab_extent_joins(last, page)) {
			last->pages++;
			m->pages++;
			return 0;
		}
	}
	if (m->nr_extents == m->max_extents) {
		int err = resize(mapping, min(2 * (u64)m->max_extents, most));

		if (err)
			return err;
		m = *mapping;
	}
	m->extents[m->nr_extents++] = (struct lab_extent){ page, 1 };
	m->pages++;
	return 0;
}

static int pin_range(struct lab_mapping **mapping, struct page **batch,
		     const struct lab_range *range, u64 pages)
{
	u64 left = range->length >> PAGE_SHIFT;
	bool write = (*mapping)->prot & LAB_PROT_WRITE;
	unsigned long addr = range->addr;

	while (left) {
		long got, i;

		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();

		got = lab_pin_user(addr, min_t(u64, left, BATCH), write, batch);
		if (got <= 0)
			return got ?: -EFAULT;
		for (i = 0; i < got; i++) {
			int err = lab_mapping_append(mapping, batch[i], pages);

			if (err) {
				unpin_user_pages(batch + i, got - i);
				return err;
			}
		}
		addr += got << PAGE_SHIFT;
		left -= got;
	}
	return 0;
}

/**
 * lab_mapping_pin - pin user memory long-term
 * @mapping: out: a mapping of it, not entered anywhere
 * @request: ranges and prot: checked
 * @pages: pages in all ranges together
 *
 * Context: may sleep; takes mmap_lock, so no lock may be held. Runs in the
 * process whose memory it is.
 * Return: 0; -EFAULT: not mapped, or read-only and the device is to write to
 * it; -EINTR: killed; -ENOMEM; what else pin_user_pages_fast() says. On failure
 * nothing is pinned.
 */
int lab_mapping_pin(struct lab_mapping **mapping,
		    const struct lab_map_request *request, u64 pages)
{
	struct lab_mapping *m;
	struct page **batch;
	unsigned int i;
	int err = 0;

	m = lab_mapping_alloc(min_t(u64, pages, FIRST_EXTENTS));
	batch = (struct page **)__get_free_page(GFP_KERNEL);
	if (!m || !batch) {
		free_page((unsigned long)batch);
		kvfree(m);
		return -ENOMEM;
	}
	m->prot = request->prot;

	for (i = 0; i < request->nr && !err; i++)
		err = pin_range(&m, batch, &request->ranges[i], pages);
	free_page((unsigned long)batch);

	if (err) {
		lab_mapping_unpin(m);
		kvfree(m);
		return err;
	}
	/* it may live long: give back what doubling took too much, if possible */
	if (m->nr_extents < m->max_extents)
		resize(&m, m->nr_extents);
	*mapping = m;
	return 0;
}

/**
 * lab_mapping_unpin - let go of the memory behind a mapping
 * @mapping: mapping that no unit can reach
 *
 * What a device could write to is marked dirty.
 *
 * Context: may sleep.
 */
void lab_mapping_unpin(struct lab_mapping *mapping)
{
	bool dirty = mapping->prot & LAB_PROT_WRITE;
	u32 i;

	for (i = 0; i < mapping->nr_extents; i++) {
		unpin_user_page_range_dirty_lock(mapping->extents[i].page,
						 mapping->extents[i].pages,
						 dirty);
		cond_resched();
	}
	mapping->nr_extents = 0;
	mapping->pages = 0;
}
