// SPDX-License-Identifier: GPL-2.0
/*
 * Which IOVAs of a domain are taken: one maple tree, protected by map_lock.
 *
 * An entry is a struct lab_mapping, or RESERVED for a range that is never
 * handed out. Ranges are kept in bytes, inclusive, as the tree does. The guard
 * page of a mapping belongs to its entry, so nothing else can be put there.
 */
#include <linux/align.h>
#include <linux/build_bug.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include "space_int.h"

/* an IOVA is a key of the tree */
static_assert(sizeof(unsigned long) == sizeof(u64));

#define RESERVED	xa_mk_value(1)

static int store(struct lab_domain *domain, u64 start, u64 last, void *entry,
		 gfp_t gfp)
{
	MA_STATE(mas, &domain->mappings, start, last);

	lockdep_assert_held(&domain->map_lock);
	return mas_store_gfp(&mas, entry, gfp);
}

/**
 * lab_iova_init - an empty tree, but for the reserved ranges
 * @domain: domain whose map_lock is initialised
 *
 * Context: may sleep. Takes map_lock.
 * Return: 0 or -ENOMEM.
 */
int lab_iova_init(struct lab_domain *domain)
{
	const struct lab_space *space = domain->space;
	unsigned int i;
	int err = 0;

	mt_init_flags(&domain->mappings,
		      MT_FLAGS_ALLOC_RANGE | MT_FLAGS_LOCK_EXTERN);
	mt_set_external_lock(&domain->mappings, &domain->map_lock);

	mutex_lock(&domain->map_lock);
	for (i = 0; i < space->nr_resv && !err; i++)
		err = store(domain, space->resv[i].start, space->resv[i].last,
			    RESERVED, GFP_KERNEL_ACCOUNT);
	if (err)
		__mt_destroy(&domain->mappings);
	mutex_unlock(&domain->map_lock);
	return err;
}

/**
 * lab_iova_destroy - free the tree
 * @domain: domain without mappings
 *
 * Context: may sleep. Takes map_lock.
 */
void lab_iova_destroy(struct lab_domain *domain)
{
	mutex_lock(&domain->map_lock);
	__mt_destroy(&domain->mappings);
	mutex_unlock(&domain->map_lock);
}

/**
 * lab_iova_mapping - what an entry of the tree stands for
 * @entry: entry, not NULL
 *
 * Return: the mapping, or NULL for a reserved range.
 */
struct lab_mapping *lab_iova_mapping(void *entry)
{
	return entry == RESERVED ? NULL : entry;
}

/**
 * lab_iova_next - the first mapping in a range
 * @domain: where
 * @start: first IOVA
 * @last: last IOVA (inclusive)
 *
 * Context: may sleep or not, map_lock held.
 * Return: a mapping that meets the range, or NULL.
 */
struct lab_mapping *lab_iova_next(struct lab_domain *domain, u64 start, u64 last)
{
	MA_STATE(mas, &domain->mappings, start, start);
	void *entry;

	lockdep_assert_held(&domain->map_lock);
	mas_for_each(&mas, entry, last) {
		struct lab_mapping *mapping = lab_iova_mapping(entry);

		/* the range may begin in a guard page */
		if (mapping && mapping->last >= start)
			return mapping;
	}
	return NULL;
}

/* where the policy says: an address, and each range where it belongs */
static int check_va(const struct lab_domain *domain,
		    struct lab_map_request *request, u64 length,
		    struct lab_refusal *refusal)
{
	unsigned int bits = lab_level_shift(domain->space->pt.levels + 1);
	u64 start = request->nr ? request->ranges[0].addr : request->iova;
	u64 next = start;
	unsigned int i;

	if (!start)
		return lab_refuse(refusal, -EINVAL,
				  "IOVA 0: with POLICY_VA a buffer needs the process address where it is mapped");
	if (request->iova && request->iova != start)
		return lab_refuse(refusal, -EINVAL,
				  "IOVA %#llx: with POLICY_VA it is the process address %#llx: give that, or 0",
				  request->iova, start);
	for (i = 0; i < request->nr; i++) {
		if (request->ranges[i].addr != next)
			return lab_refuse(refusal, -EINVAL,
					  "range %u begins at %#llx, not at %#llx: with POLICY_VA each range keeps its own address: map them one by one",
					  i, request->ranges[i].addr, next);
		next += request->ranges[i].length;
	}
	if ((start + length - 1) >> bits)
		return lab_refuse(refusal, -EINVAL,
				  "process addresses %#llx-%#llx: IOVAs have %u bits: load with a larger aw_bits=",
				  start, start + length - 1, bits);
	request->iova = start;
	return 0;
}

static int check_fixed(const struct lab_domain *domain, u64 iova, u64 length,
		       struct lab_refusal *refusal)
{
	u64 first = domain->iommu.geometry.aperture_start;
	u64 end = domain->iommu.geometry.aperture_end;
	const struct lab_space *space = domain->space;
	unsigned int i;
	u64 last;

	if (!PAGE_ALIGNED(iova))
		return lab_refuse(refusal, -EINVAL,
				  "IOVA %#llx: must be a multiple of %#lx", iova,
				  PAGE_SIZE);
	if (check_add_overflow(iova, length - 1, &last))
		return lab_refuse(refusal, -EINVAL,
				  "IOVA %#llx + %#llx bytes wraps around", iova,
				  length);
	if (iova < first || last > end)
		return lab_refuse(refusal, -EINVAL,
				  "IOVAs %#llx-%#llx: must lie in the aperture %#llx-%#llx",
				  iova, last, first, end);
	for (i = 0; i < space->nr_resv; i++) {
		const struct lab_resv *resv = &space->resv[i];

		if (iova <= resv->last && last >= resv->start)
			return lab_refuse(refusal, -EINVAL,
					  "IOVAs %#llx-%#llx: must not touch the reserved range %#llx-%#llx",
					  iova, last, resv->start, resv->last);
	}
	return 0;
}

/**
 * lab_iova_check - refuse an address that no mapping could have
 * @domain: where to map
 * @request: what the caller wants: iova and align are looked at, and the ranges
 *	(none: a buffer) with LAB_POLICY_VA, which sets iova
 * @length: bytes, a multiple of the page size, not 0
 * @refusal: of the file that asked, or NULL
 *
 * Looks at nothing that changes, so that a hopeless request is refused before
 * its memory is pinned.
 *
 * Context: may sleep or not.
 * Return: 0; -EINVAL: misaligned, wrapping, outside the aperture or in a
 * reserved range.
 */
int lab_iova_check(struct lab_domain *domain, struct lab_map_request *request,
		   u64 length, struct lab_refusal *refusal)
{
	int err;

	if (domain->policy == LAB_POLICY_ALLOC) {
		if (!request->align || (is_power_of_2(request->align) &&
					request->align >= PAGE_SIZE))
			return 0;
		return lab_refuse(refusal, -EINVAL,
				  "alignment %#llx: give 0 or a power of two of at least %#lx",
				  request->align, PAGE_SIZE);
	}

	if (request->align)
		return lab_refuse(refusal, -EINVAL,
				  "alignment %#llx: must be 0 where the module does not pick the IOVA",
				  request->align);
	if (domain->policy == LAB_POLICY_VA) {
		err = check_va(domain, request, length, refusal);
		if (err)
			return err;
	}
	return check_fixed(domain, request->iova, length, refusal);
}

/* the lowest free range that fits: exact, whatever @align is */
static int find_free(struct lab_domain *domain, u64 length, u64 align,
		     u64 *start)
{
	MA_STATE(mas, &domain->mappings, 0, 0);
	u64 from = domain->iommu.geometry.aperture_start;
	u64 end = domain->iommu.geometry.aperture_end;
	u64 last;

	while (from <= end && length - 1 <= end - from) {
		mas_set(&mas, 0);
		if (mas_empty_area(&mas, from, end, length))
			break;
		if (check_add_overflow((u64)mas.index, align - 1, start))
			break;
		*start = ALIGN_DOWN(*start, align);
		if (check_add_overflow(*start, length - 1, &last) || last > end)
			break;
		if (*start == mas.index)
			return 0;

		/* aligned up: what follows may be in the way now */
		mas_set(&mas, *start);
		if (!mas_find(&mas, last))
			return 0;
		if (check_add_overflow((u64)mas.last, 1ULL, &from))
			break;
		cond_resched();
	}
	return -ENOSPC;
}

/* the lowest free range for a mapping, with what the flags of the domain add */
static int pick(struct lab_domain *domain, u64 length, u64 guard, u64 align,
		u64 *start)
{
	u64 taken;

	if (check_add_overflow(length, guard, &taken))
		return -ENOSPC;
	if (domain->flags & LAB_DOMAIN_NATURAL) {
		if (length > BIT_ULL(63))
			return -ENOSPC;
		align = max_t(u64, align, roundup_pow_of_two(length));
	}
	return find_free(domain, taken, align, start);
}

/**
 * lab_iova_insert - give a mapping its IOVAs
 * @domain: where
 * @mapping: gets start and last, and is entered
 * @request: what lab_iova_check() has accepted
 * @length: bytes, a multiple of the page size, not 0
 * @refusal: of the file that asked, or NULL
 *
 * Context: may sleep, map_lock held.
 * Return: 0; -EEXIST: something is mapped there; -ENOSPC: no free range fits;
 * -ENOMEM.
 */
int lab_iova_insert(struct lab_domain *domain, struct lab_mapping *mapping,
		    const struct lab_map_request *request, u64 length,
		    struct lab_refusal *refusal)
{
	u64 start = request->iova;
	u64 guard = 0;
	int err;

	lockdep_assert_held(&domain->map_lock);

	if (domain->policy == LAB_POLICY_ALLOC) {
		u64 align = request->align ?: PAGE_SIZE;

		if (domain->flags & LAB_DOMAIN_GUARD)
			guard = PAGE_SIZE;
		err = pick(domain, length, guard, align, &start);
		if (err)
			return lab_refuse(refusal, err,
					  "no %#llx free bytes at a multiple of %#llx in the aperture %#llx-%#llx: unmap something",
					  length, align,
					  (u64)domain->iommu.geometry.aperture_start,
					  (u64)domain->iommu.geometry.aperture_end);
	} else {
		MA_STATE(mas, &domain->mappings, start, start);

		if (mas_find(&mas, start + length - 1))
			return lab_refuse(refusal, -EEXIST,
					  "IOVAs %#lx-%#lx are mapped: unmap them first, or map elsewhere",
					  mas.index, mas.last);
	}

	mapping->start = start;
	mapping->last = start + length - 1;
	mapping->guard = guard;
	err = store(domain, mapping->start, mapping->last + guard, mapping,
		    GFP_KERNEL_ACCOUNT);
	if (err)
		return lab_refuse(refusal, err,
				  "no memory to remember the mapping");
	return 0;
}

/**
 * lab_iova_erase - the IOVAs of a mapping are free again
 * @domain: where
 * @mapping: what lab_iova_insert() entered
 *
 * The tree may need a node for it. It must not fail: whoever unmaps to get
 * memory back has no way out.
 *
 * Context: may sleep, map_lock held.
 */
void lab_iova_erase(struct lab_domain *domain, struct lab_mapping *mapping)
{
	store(domain, mapping->start, mapping->last + mapping->guard, NULL,
	      GFP_KERNEL | __GFP_NOFAIL);
}

/**
 * lab_domain_ranges - the IOVAs that can be mapped
 * @domain: domain
 * @ranges: out: the aperture without the reserved ranges: sorted, merged; to be
 *	freed with kfree()
 * @nr: out: how many; 0 for a domain that nothing can be mapped in
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int lab_domain_ranges(struct lab_domain *domain, struct lab_resv **ranges,
		      unsigned int *nr)
{
	u64 from = domain->iommu.geometry.aperture_start;
	u64 end = domain->iommu.geometry.aperture_end;
	const struct lab_space *space = domain->space;
	struct lab_resv *out;
	unsigned int i, n = 0;

	out = kcalloc(space->nr_resv + 1, sizeof(*out), GFP_KERNEL_ACCOUNT);
	if (!out)
		return -ENOMEM;
	*ranges = out;
	*nr = 0;
	if (domain->policy == LAB_POLICY_IDENTITY ||
	    (domain->policy == LAB_POLICY_FIXED && lab_space_is_off(space)))
		return 0;

	for (i = 0; i < space->nr_resv; i++) {
		const struct lab_resv *resv = &space->resv[i];

		if (resv->last < from)
			continue;
		if (resv->start > end)
			break;
		if (resv->start > from)
			out[n++] = (struct lab_resv){ from, resv->start - 1 };
		if (resv->last >= end) {
			*nr = n;
			return 0;
		}
		from = resv->last + 1;
	}
	out[n++] = (struct lab_resv){ from, end };
	*nr = n;
	return 0;
}

/**
 * lab_domain_visit_mappings - call a function for each mapping, ascending
 * @domain: the domain
 * @fn: returns false to stop
 * @ctx: passed to @fn
 *
 * Context: may sleep. map_lock is held while @fn runs: it must not touch user
 * memory.
 */
void lab_domain_visit_mappings(struct lab_domain *domain, lab_mapping_fn fn,
			       void *ctx)
{
	MA_STATE(mas, &domain->mappings, 0, 0);
	void *entry;

	mutex_lock(&domain->map_lock);
	mas_for_each(&mas, entry, ULONG_MAX) {
		const struct lab_mapping *mapping = lab_iova_mapping(entry);

		if (mapping && !fn(ctx, mapping))
			break;
	}
	mutex_unlock(&domain->map_lock);
}
