// SPDX-License-Identifier: GPL-2.0
/*
 * Unmapping: whole mappings only, all or nothing.
 *
 * The order: leaves are cleared, each unit confirms an invalidation with drain
 * (without units: a grace period passes, see lab_domain_sync()),
 * the IOVAs become free, and only then (without a lock) pages are unpinned.
 * Nothing is allocated that could fail.
 */

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include "../trace/trace.h"
#include "buffer.h"
#include "space_int.h"

/* moves the mappings of @list out of table and tree */
static int take_out(struct lab_domain *domain, struct list_head *list,
		    u64 *bytes)
{
	struct lab_remap_gather gather;
	struct lab_mapping *mapping;
	int err;

	lockdep_assert_held(&domain->map_lock);

	*bytes = 0;
	lab_remap_gather_init(&gather);
	list_for_each_entry(mapping, list, link) {
		u64 length = mapping->last - mapping->start + 1;

		WARN_ON_ONCE(lab_remap_unmap(&domain->remap, mapping->start,
					     length, &gather) != length);
		if (domain->phys)
			lab_pfns_remove(&domain->pfns, mapping);
		*bytes += length;
		trace_iommu_lab_unmap(domain->id, mapping->start, mapping->last,
				      mapping->prot);
		cond_resched();
	}
	err = lab_domain_sync(domain, &gather);
	if (err && !READ_ONCE(domain->dead)) {
		WRITE_ONCE(domain->dead, true);
		pr_err("domain %u: an invalidation was not confirmed: what was mapped stays pinned, its tables stay\n",
		       domain->id);
	}

	list_for_each_entry(mapping, list, link) {
		lab_association_unbind(mapping);
		lab_iova_erase(domain, mapping);
		domain->nr_mappings--;
		if (mapping->direct)
			WRITE_ONCE(domain->nr_direct, domain->nr_direct - 1);
		domain->pinned_pages -= mapping->pages;
	}
	domain->mapped_bytes -= *bytes;
	return err;
}

static void let_go(struct lab_domain *domain, struct list_head *list, int err)
{
	struct lab_mapping *mapping, *next;

	list_for_each_entry_safe(mapping, next, list, link)
		lab_mapping_let_go(domain, mapping, !err);
}

/* lists the mappings of a range, and refuses one that is not whole mappings */
static int collect(struct lab_domain *domain, u64 start, u64 last,
		   bool allow_holes, struct list_head *list,
		   struct lab_refusal *refusal)
{
	MA_STATE(mas, &domain->mappings, start, start);
	struct lab_mapping *mapping;
	u64 hole = start;
	u64 covered = 0;
	void *entry;

	lockdep_assert_held(&domain->map_lock);

	mas_for_each(&mas, entry, last) {
		mapping = lab_iova_mapping(entry);
		/* the range may begin in the guard page of a mapping */
		if (!mapping || mapping->last < start)
			continue;
		if (mapping->start < start || mapping->last > last)
			return lab_refuse(refusal, -EINVAL,
					  "IOVAs %#llx-%#llx cut the mapping %#llx-%#llx: only whole mappings can be unmapped",
					  start, last, mapping->start,
					  mapping->last);
		if (mapping->association)
			return lab_refuse(refusal, -EBUSY,
					  "IOVAs %#llx-%#llx are an association: only closing its handle ends it",
					  mapping->start, mapping->last);
		/* where the first hole begins, if there is one */
		if (hole == mapping->start)
			hole = mapping->last + 1;
		covered += mapping->last - mapping->start + 1;
		list_add_tail(&mapping->link, list);
	}
	if (list_empty(list))
		return lab_refuse(refusal, -ENOENT,
				  "nothing is mapped at IOVAs %#llx-%#llx",
				  start, last);
	/* compared as lengths - 1: the range may be all 64 bits */
	if (!allow_holes && covered - 1 != last - start)
		return lab_refuse(refusal, -EINVAL,
				  "IOVAs %#llx-%#llx have a hole at %#llx: unmap mapping by mapping, or allow holes",
				  start, last, hole);
	return 0;
}

/**
 * lab_domain_unmap - unmap whole mappings
 * @domain: domain
 * @iova: first address of the range, page aligned
 * @length: bytes of the range, a multiple of the page size
 * @allow_holes: the range may have unmapped parts; it may still not cut a
 *	mapping
 * @unmapped: out: bytes unmapped, 0 when refused
 * @refusal: of the file that asked, or NULL
 *
 * When it returns, no unit can reach the memory, no access is in flight, and
 * the pages are unpinned.
 *
 * Context: may sleep. Takes map_lock, then mmap_lock and dma_resv: no lock may
 * be held.
 * Return: 0; -EINVAL: misaligned, zero, wrapping, cuts a mapping or has a hole;
 * -ENOENT: nothing is mapped there; -EBUSY: an association is. -ETIMEDOUT,
 * -ENODEV: a unit is dead: the mappings are gone, their memory is kept and
 * accounted for good.
 */
int lab_domain_unmap(struct lab_domain *domain, u64 iova, u64 length,
		     bool allow_holes, u64 *unmapped,
		     struct lab_refusal *refusal)
{
	LIST_HEAD(list);
	u64 last;
	int err;

	*unmapped = 0;
	if (!length || !PAGE_ALIGNED(length) || !PAGE_ALIGNED(iova))
		return lab_refuse(refusal, -EINVAL,
				  "IOVA %#llx and length %#llx must be multiples of %#lx, length not 0",
				  iova, length, PAGE_SIZE);
	if (check_add_overflow(iova, length - 1, &last))
		return lab_refuse(refusal, -EINVAL,
				  "IOVA %#llx + %#llx bytes wraps around", iova,
				  length);

	mutex_lock(&domain->map_lock);
	err = collect(domain, iova, last, allow_holes, &list, refusal);
	if (err) {
		mutex_unlock(&domain->map_lock);
		return err;
	}
	err = take_out(domain, &list, unmapped);
	mutex_unlock(&domain->map_lock);

	let_go(domain, &list, err);
	if (err)
		return lab_refuse(refusal, err,
				  "the unit did not confirm: the range is unmapped, its pages stay pinned");
	return 0;
}

/**
 * lab_domain_unmap_all - unmap whatever is mapped, with one invalidation
 * @domain: domain that is closed
 *
 * Context: may sleep. Takes map_lock, then mmap_lock of the owner, who may be
 * dead: no lock may be held.
 */
void lab_domain_unmap_all(struct lab_domain *domain)
{
	MA_STATE(mas, &domain->mappings, 0, 0);
	LIST_HEAD(list);
	void *entry;
	u64 bytes;
	int err = 0;

	mutex_lock(&domain->map_lock);
	mas_for_each(&mas, entry, ULONG_MAX) {
		struct lab_mapping *mapping = lab_iova_mapping(entry);

		if (mapping)
			list_add_tail(&mapping->link, &list);
	}
	if (!list_empty(&list))
		err = take_out(domain, &list, &bytes);
	mutex_unlock(&domain->map_lock);

	let_go(domain, &list, err);
}

/**
 * lab_domain_unmap_association - unmap what an association has mapped
 * @domain: its domain, closed or not
 * @association: association
 *
 * Context: may sleep. Takes map_lock, then mmap_lock and dma_resv: no lock may
 * be held.
 */
void lab_domain_unmap_association(struct lab_domain *domain,
				  struct lab_association *association)
{
	LIST_HEAD(list);
	u64 bytes;
	int err = 0;

	mutex_lock(&domain->map_lock);
	if (association->mapping) {
		list_add_tail(&association->mapping->link, &list);
		err = take_out(domain, &list, &bytes);
	}
	mutex_unlock(&domain->map_lock);

	let_go(domain, &list, err);
}
