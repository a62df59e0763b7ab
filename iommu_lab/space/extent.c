// SPDX-License-Identifier: GPL-2.0
/* Runs of physically contiguous pages: where one goes on, and the way through them. */
#include <linux/minmax.h>
#include <linux/mm.h>
#include "space_int.h"

/**
 * lab_extent_joins - whether a page goes on where a run ends
 * @last: the run
 * @page: the page, or the first one of a run
 *
 * Next in memory and in the array of struct page, which may have holes: a run is
 * walked in both ways.
 *
 * Context: any.
 * Return: true if @page can become a part of @last.
 */
bool lab_extent_joins(const struct lab_extent *last, struct page *page)
{
	return page_to_pfn(page) == page_to_pfn(last->page) + last->pages &&
	       page == last->page + last->pages;
}

/**
 * lab_extent_next - the next run of a range of pages
 * @cursor: where the way through the range is; moves on
 * @run: out: the part of an extent that is in the range
 *
 * Context: any.
 * Return: false when there is no more; @run is not written then.
 */
bool lab_extent_next(struct lab_extent_cursor *cursor, struct lab_extent *run)
{
	while (cursor->nr && cursor->left) {
		const struct lab_extent *extent = cursor->extents++;

		cursor->nr--;
		if (cursor->skip >= extent->pages) {
			cursor->skip -= extent->pages;
			continue;
		}
		run->page = extent->page + cursor->skip;
		run->pages = min(extent->pages - cursor->skip, cursor->left);
		cursor->skip = 0;
		cursor->left -= run->pages;
		return true;
	}
	return false;
}
