// SPDX-License-Identifier: GPL-2.0
/*
 * Dirty tracking: which IOVAs devices have written to.
 *
 * A part of the range is read in three steps: the dirty leaves are noted, with
 * map_lock held; the caller is told, with no lock held, since it touches process
 * memory; and only then the bits of what it was told are cleared. So a report that
 * fails loses nothing. A page that is written between the first and the last step is
 * either one that was told already, or stays dirty.
 *
 * A part ends at a multiple of the largest leaf: none is cut but by the caller's own
 * range, and one that is cut stays dirty.
 */
#include <linux/bitmap.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "space_int.h"

#define LARGEST_LEAF	((u64)SZ_1G)
#define MOST_BITS	(LARGEST_LEAF / SZ_4K)

/**
 * struct part - a part of the range
 * @start: first IOVA
 * @last: last IOVA (inclusive)
 * @shift: log2 of the bytes of a bit
 * @offset: bit of @start in @bits
 * @nr: bits from there on
 * @bits: dirty pages; begins with a whole word of the caller's bitmap
 * @cleared: something was
 */
struct part {
	u64 start;
	u64 last;
	unsigned int shift;
	unsigned int offset;
	unsigned int nr;
	unsigned long *bits;
	bool cleared;
};

static unsigned int bit_of(const struct part *part, u64 iova)
{
	return part->offset + ((iova - part->start) >> part->shift);
}

static bool note_dirty(void *ctx, u64 start, u64 last)
{
	struct part *part = ctx;
	unsigned int first = bit_of(part, start);

	bitmap_set(part->bits, first, bit_of(part, last) - first + 1);
	return false;
}

/* only what was told: all bits of the leaf */
static bool clear_noted(void *ctx, u64 start, u64 last)
{
	struct part *part = ctx;
	unsigned int end = bit_of(part, last) + 1;

	if (find_next_zero_bit(part->bits, end, bit_of(part, start)) < end)
		return false;
	part->cleared = true;
	return true;
}

/* moves *start on to the first mapping there, false if there is none up to @last */
static bool next_mapped(struct lab_domain *domain, u64 *start, u64 last,
			u64 page_size)
{
	const struct lab_mapping *mapping;

	mutex_lock(&domain->map_lock);
	mapping = lab_iova_next(domain, *start, last);
	/* a page of the bitmap may begin in front of it */
	if (mapping && mapping->start > *start)
		*start = max(*start, ALIGN_DOWN(mapping->start, page_size));
	mutex_unlock(&domain->map_lock);
	return mapping;
}

/* no more than the span of the largest leaf with the lock held */
static void visit(struct lab_domain *domain, struct part *part, lab_dirty_fn fn)
{
	u64 start = part->start, last;

	while (next_mapped(domain, &start, part->last, SZ_4K)) {
		last = min(part->last, start | (LARGEST_LEAF - 1));
		mutex_lock(&domain->map_lock);
		lab_remap_read_dirty(&domain->remap, start, last - start + 1,
				     fn, part);
		mutex_unlock(&domain->map_lock);
		if (last == part->last || fatal_signal_pending(current))
			return;
		start = last + 1;
		cond_resched();
	}
}

static int read_part(struct lab_domain *domain,
		     const struct lab_dirty_request *request, struct part *part)
{
	u64 bit = (part->start - request->iova) >> part->shift;
	unsigned int words;
	int err;

	part->offset = bit % BITS_PER_LONG;
	part->nr = (part->last - part->start + 1) >> part->shift;
	words = BITS_TO_LONGS(part->offset + part->nr);
	bitmap_zero(part->bits, words * BITS_PER_LONG);

	visit(domain, part, note_dirty);
	err = request->report(request->ctx, bit / BITS_PER_LONG, part->bits,
			      words);
	if (!err && request->clear &&
	    !bitmap_empty(part->bits, words * BITS_PER_LONG))
		visit(domain, part, clear_noted);
	return err;
}

static int read_all(struct lab_domain *domain,
		    const struct lab_dirty_request *request, struct part *part)
{
	u64 last = request->iova + request->length - 1;
	u64 step = max(LARGEST_LEAF, request->page_size);
	int err = 0;

	for (part->start = request->iova;
	     next_mapped(domain, &part->start, last, request->page_size);
	     part->start = part->last + 1) {
		part->last = min(last, part->start | (step - 1));
		err = read_part(domain, request, part);
		if (err || part->last == last)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return err;
}

static int check_request(struct lab_domain *domain,
			 const struct lab_dirty_request *request,
			 struct lab_refusal *refusal)
{
	const struct iommu_domain_geometry *aperture = &domain->iommu.geometry;
	u64 last;

	if (request->page_size < SZ_4K || !is_power_of_2(request->page_size))
		return lab_refuse(refusal, -EINVAL,
				  "page_size %#llx: a power of two of at least %#x is accepted",
				  request->page_size, SZ_4K);
	if (!request->length ||
	    (request->iova | request->length) & (request->page_size - 1))
		return lab_refuse(refusal, -EINVAL,
				  "IOVA %#llx and length %#llx must be multiples of page_size %#llx, length not 0",
				  request->iova, request->length,
				  request->page_size);
	if (check_add_overflow(request->iova, request->length - 1, &last))
		return lab_refuse(refusal, -EINVAL,
				  "IOVA %#llx + %#llx bytes wraps around",
				  request->iova, request->length);
	if (request->iova < aperture->aperture_start ||
	    last > aperture->aperture_end)
		return lab_refuse(refusal, -EINVAL,
				  "IOVAs %#llx-%#llx are not within the aperture %#llx-%#llx",
				  request->iova, last,
				  (u64)aperture->aperture_start,
				  (u64)aperture->aperture_end);
	return 0;
}

static int refuse_identity(struct lab_refusal *refusal)
{
	return lab_refuse(refusal, -EOPNOTSUPP,
			  "an identity domain has no page table that could be marked: take a translated domain");
}

/**
 * lab_domain_read_dirty - tell which pages were written
 * @domain: domain
 * @request: which range, and who is told
 * @refusal: of the file that asked, or NULL
 *
 * When it has returned 0 and bits were to be cleared, what was written to the pages
 * that were told is in memory, and each later write to them makes them dirty again.
 *
 * Context: may sleep. Takes map_lock, but not while request->report is called: no lock
 * may be held.
 * Return: 0; -EINVAL: tracking is off, or the range or page_size is wrong;
 * -EOPNOTSUPP: an identity domain; -ENOMEM; -EINTR: killed; what request->report
 * returned: what was told before is cleared, the rest is not; -ENODEV, -ETIMEDOUT: a
 * unit is dead.
 */
int lab_domain_read_dirty(struct lab_domain *domain,
			  const struct lab_dirty_request *request,
			  struct lab_refusal *refusal)
{
	struct part part = { .shift = __ffs64(request->page_size ?: 1) };
	int err, sync_err = 0;

	if (domain->policy == LAB_POLICY_IDENTITY)
		return refuse_identity(refusal);
	err = check_request(domain, request, refusal);
	if (err)
		return err;
	if (!READ_ONCE(domain->remap.dirty))
		return lab_refuse(refusal, -EINVAL,
				  "dirty tracking is off: turn it on with IOMMU_LAB_SET_DIRTY_TRACKING first");
	part.bits = kvmalloc_array(MOST_BITS / BITS_PER_LONG + 1,
				   sizeof(*part.bits), GFP_KERNEL_ACCOUNT);
	if (!part.bits)
		return lab_refuse(refusal, -ENOMEM, "no memory for a bitmap");
	err = read_all(domain, request, &part);
	kvfree(part.bits);
	if (part.cleared)
		sync_err = lab_remap_sync_dirty(&domain->remap, request->iova,
						part.last - request->iova + 1);
	if (sync_err) {
		WRITE_ONCE(domain->dead, true);
		return lab_refuse(refusal, sync_err,
				  "the unit did not confirm: later writes may be missed, make a new domain");
	}
	return err;
}

/* the units that count: those of the domain, or all while it is attached nowhere */
static bool can_track(const struct lab_domain *domain)
{
	const struct lab_space *space = domain->space;
	const struct lab_device *dev;
	unsigned int i;

	if (lab_space_is_off(space))
		return false;
	list_for_each_entry(dev, &domain->devices, link)
		if (!lab_remap_can_track(dev->unit))
			return false;
	if (domain->nr_devices)
		return true;
	for (i = 0; i < space->nr_units; i++)
		if (!lab_remap_can_track(space->units[i]))
			return false;
	return true;
}

/**
 * lab_domain_track_dirty - begin or end to track which pages devices write
 * @domain: domain
 * @on: which of the two; nothing is done when it is so already
 * @refusal: of the file that asked, or NULL
 *
 * It begins with all pages clean.
 *
 * Context: may sleep. Takes slots_lock, then map_lock.
 * Return: 0; -EOPNOTSUPP: an identity domain, or a unit that the domain is attached to
 * (while it is attached nowhere: any unit) cannot; -ENODEV, -ETIMEDOUT: a unit is dead.
 */
int lab_domain_track_dirty(struct lab_domain *domain, bool on,
			   struct lab_refusal *refusal)
{
	struct lab_space *space = domain->space;
	int err;

	if (domain->policy == LAB_POLICY_IDENTITY)
		return refuse_identity(refusal);
	mutex_lock(&space->slots_lock);
	if (on && !can_track(domain)) {
		err = lab_refuse(refusal, -EOPNOTSUPP,
				 "dirty tracking needs units in scalable mode with SSADS: load the module with scalable=, and attach endpoints of such units only");
	} else {
		mutex_lock(&domain->map_lock);
		err = lab_remap_set_dirty_tracking(&domain->remap, on);
		mutex_unlock(&domain->map_lock);
		if (err) {
			WRITE_ONCE(domain->dead, true);
			lab_refuse(refusal, err,
				   "the unit did not confirm: make a new domain");
		}
	}
	mutex_unlock(&space->slots_lock);
	return err;
}
