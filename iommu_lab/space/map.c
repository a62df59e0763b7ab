// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping: a list of process memory becomes one range of IOVAs.
 *
 * The order: check, take quotas, account, pin (mmap_lock, none of ours), then
 * under map_lock: IOVAs, table, invalidation. A failure undoes what was done in
 * reverse.
 */

#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "../trace/trace.h"
#include "buffer.h"
#include "space_int.h"

/**
 * lab_check_memlock - hold what a user has pinned against RLIMIT_MEMLOCK
 * @user: whose; LAB_QUOTA_PINNED is charged already
 * @pages: what was asked for: nothing is never too much
 *
 * The account of an mm ends with its process, and a domain can outlive that; a
 * buffer belongs to no mm. So what all processes of a user have is held against
 * the limit as well.
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int lab_check_memlock(struct lab_user *user, u64 pages)
{
	u64 limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;

	if (!pages ||
	    (u64)atomic64_read(&user->used[LAB_QUOTA_PINNED]) <= limit ||
	    capable(CAP_IPC_LOCK))
		return 0;
	return -ENOMEM;
}

/**
 * lab_refuse_memlock - explain that RLIMIT_MEMLOCK is reached
 * @refusal: of the file that asked, or NULL
 * @pages: what was asked for
 *
 * Context: may sleep.
 * Return: -ENOMEM.
 */
int lab_refuse_memlock(struct lab_refusal *refusal, u64 pages)
{
	return lab_refuse(refusal, -ENOMEM,
			  "%llu pages are more than RLIMIT_MEMLOCK allows: raise it (ulimit -l), or free or unmap something",
			  pages);
}

/**
 * lab_mapping_charge - take what a mapping needs of the quotas and of memlock
 * @domain: where it will be
 * @pages: pages to pin, 0 for a buffer that is charged already
 * @refusal: of the file that asked, or NULL
 *
 * Context: may sleep; takes mmap_lock, so no lock may be held.
 * Return: 0; -ENOSPC: a quota; -ENOMEM: RLIMIT_MEMLOCK. On failure nothing is
 * taken.
 */
int lab_mapping_charge(struct lab_domain *domain, u64 pages,
		       struct lab_refusal *refusal)
{
	struct lab_user *user = domain->user;
	int err;

	if (lab_user_charge(user, LAB_QUOTA_MAPPINGS, 1))
		return lab_refuse_quota(refusal, user, LAB_QUOTA_MAPPINGS, 1);
	if (lab_user_charge(user, LAB_QUOTA_PINNED, pages)) {
		err = lab_refuse_quota(refusal, user, LAB_QUOTA_PINNED, pages);
		goto mapping;
	}
	err = lab_check_memlock(user, pages);
	if (!err)
		err = account_locked_vm(domain->mm, pages, true);
	if (err) {
		lab_refuse_memlock(refusal, pages);
		goto pinned;
	}
	return 0;

pinned:
	lab_user_uncharge(user, LAB_QUOTA_PINNED, pages);
mapping:
	lab_user_uncharge(user, LAB_QUOTA_MAPPINGS, 1);
	return err;
}

/**
 * lab_mapping_uncharge - give back what lab_mapping_charge() took
 * @domain: where the mapping was
 * @pages: as charged
 *
 * Context: may sleep; takes the mmap_lock of the owner, who may be dead.
 */
void lab_mapping_uncharge(struct lab_domain *domain, u64 pages)
{
	account_locked_vm(domain->mm, pages, false);
	lab_user_uncharge(domain->user, LAB_QUOTA_PINNED, pages);
	lab_user_uncharge(domain->user, LAB_QUOTA_MAPPINGS, 1);
}

/**
 * lab_mapping_let_go - the end of a mapping that is in no tree any more
 * @domain: where it was
 * @mapping: mapping; freed
 * @confirmed: each unit has confirmed that it cannot reach the pages. If not,
 *	they stay pinned and accounted for good, and a buffer is never freed
 *
 * Context: may sleep; takes mmap_lock, and dma_resv for an imported buffer, so
 * no lock may be held.
 */
void lab_mapping_let_go(struct lab_domain *domain, struct lab_mapping *mapping,
			bool confirmed)
{
	struct lab_buffer *buffer = mapping->buffer;
	unsigned long pages = mapping->pages;

	if (buffer)
		atomic_dec(&buffer->mappings);
	if (!confirmed) {
		if (buffer)
			lab_buffer_keep(buffer);
		else
			atomic_long_add(pages, &domain->space->kept_pages);
	} else {
		if (buffer)
			lab_buffer_put(buffer);
		else
			lab_mapping_unpin(mapping);
		lab_mapping_uncharge(domain, pages);
		trace_iommu_lab_free(domain->id, mapping->start, mapping->last,
				     mapping->prot);
	}
	kvfree(mapping);
}

static int fill(struct lab_domain *domain, const struct lab_mapping *mapping,
		struct lab_remap_gather *gather, u64 *done)
{
	int err;
	u32 i;

	*done = 0;
	if (mapping->direct) {
		err = lab_remap_map(&domain->remap, mapping->start,
				    mapping->start,
				    mapping->last - mapping->start + 1,
				    mapping->prot, GFP_KERNEL_ACCOUNT, gather,
				    done);
		return err ?: lab_remap_map_sync(&domain->remap, gather);
	}
	for (i = 0; i < mapping->nr_extents; i++) {
		const struct lab_extent *extent = &mapping->extents[i];
		u64 mapped;

		err = lab_remap_map(&domain->remap, mapping->start + *done,
				    page_to_phys(extent->page),
				    (u64)extent->pages << PAGE_SHIFT,
				    mapping->prot, GFP_KERNEL_ACCOUNT, gather,
				    &mapped);
		*done += mapped;
		if (err)
			return err;
		cond_resched();
	}
	return lab_remap_map_sync(&domain->remap, gather);
}

static int refuse_fill(struct lab_domain *domain, int err,
		       struct lab_refusal *refusal)
{
	if (err == -ENOMEM && READ_ONCE(domain->over_tables))
		return lab_refuse_quota(refusal, domain->user, LAB_QUOTA_TABLES,
					1);
	return lab_refuse(refusal, err,
			  "the page table or the unit refused the mapping");
}

/**
 * lab_mapping_install - give memory its IOVAs and map it
 * @domain: where
 * @mapping: pinned and charged memory, consumed: on failure it is let go
 * @request: in: iova or align; out: iova
 * @length: bytes behind @mapping
 * @refusal: of the file that asked, or NULL
 *
 * Context: may sleep. Takes map_lock; on failure mmap_lock after it.
 * Return: 0; -EEXIST, -ENOSPC, -ENOMEM; -ENODEV, -ETIMEDOUT: a unit is dead.
 */
int lab_mapping_install(struct lab_domain *domain, struct lab_mapping *mapping,
			struct lab_map_request *request, u64 length,
			struct lab_refusal *refusal)
{
	struct lab_remap_gather gather;
	bool confirmed = true;
	u64 done;
	int err;

	lab_remap_gather_init(&gather);
	mutex_lock(&domain->map_lock);
	if (READ_ONCE(domain->dead)) {
		err = lab_refuse(refusal, -ENODEV,
				 "a unit of this domain is dead: make a new domain, with endpoints at other units");
		goto unlock;
	}
	err = lab_association_check(domain, request->association, refusal);
	if (err)
		goto unlock;
	err = lab_iova_insert(domain, mapping, request, length, refusal);
	if (err)
		goto unlock;

	WRITE_ONCE(domain->over_tables, false);
	err = fill(domain, mapping, &gather, &done);
	if (!err && domain->phys)
		err = lab_pfns_add(&domain->pfns, mapping);
	if (err) {
		err = refuse_fill(domain, err, refusal);
		/* devices may have used what was mapped already */
		if (done)
			lab_remap_unmap(&domain->remap, mapping->start, done,
					&gather);
		confirmed = !lab_domain_sync(domain, &gather);
		if (!confirmed)
			WRITE_ONCE(domain->dead, true);
		lab_iova_erase(domain, mapping);
		goto unlock;
	}

	domain->nr_mappings++;
	if (mapping->direct)
		WRITE_ONCE(domain->nr_direct, domain->nr_direct + 1);
	domain->mapped_bytes += length;
	domain->pinned_pages += mapping->pages;
	if (request->association)
		lab_association_bind(request->association, mapping);
	request->iova = mapping->start;
	request->length = length;
	trace_iommu_lab_map(domain->id, mapping->start, mapping->last,
			    mapping->prot);
unlock:
	mutex_unlock(&domain->map_lock);
	if (err)
		lab_mapping_let_go(domain, mapping, confirmed);
	return err;
}

static int check_ranges(const struct lab_map_request *request, u64 *length,
			struct lab_refusal *refusal)
{
	unsigned int i;

	if (!request->nr)
		return lab_refuse(refusal, -EINVAL,
				  "an empty list: give at least one range");
	*length = 0;
	for (i = 0; i < request->nr; i++) {
		const struct lab_range *range = &request->ranges[i];
		u64 last;

		if (!range->length || !PAGE_ALIGNED(range->length) ||
		    !PAGE_ALIGNED(range->addr))
			return lab_refuse(refusal, -EINVAL,
					  "range %u: address %#llx and length %#llx must be multiples of %#lx, length not 0",
					  i, range->addr, range->length,
					  PAGE_SIZE);
		if (check_add_overflow(range->addr, range->length - 1, &last))
			return lab_refuse(refusal, -EINVAL,
					  "range %u: address %#llx + length %#llx wraps around",
					  i, range->addr, range->length);
		if (check_add_overflow(*length, range->length, length))
			return lab_refuse(refusal, -EOVERFLOW,
					  "the lengths of ranges 0 to %u add up to more than 64 bits",
					  i);
	}
	return 0;
}

static int refuse_pin(int err, struct lab_refusal *refusal)
{
	const char *why = "the memory could not be pinned";

	if (err == -EFAULT)
		why = "each page must be mapped, readable, and writable if the device may write";
	return lab_refuse(refusal, err, "%s", why);
}

/**
 * lab_mapping_check - refuse what no mapping could be
 * @domain: where to map
 * @request: what the caller wants: prot is looked at
 * @refusal: of the file that asked, or NULL
 *
 * Context: may sleep or not.
 * Return: 0; -EOPNOTSUPP: unknown rights, or a domain that cannot map; -EINVAL:
 * no rights.
 */
int lab_mapping_check(struct lab_domain *domain,
		      const struct lab_map_request *request,
		      struct lab_refusal *refusal)
{
	if (domain->policy == LAB_POLICY_IDENTITY)
		return lab_refuse(refusal, -EOPNOTSUPP,
				  "an identity domain reaches all memory: nothing can be mapped in it");
	if (domain->policy == LAB_POLICY_FIXED &&
	    lab_space_is_off(domain->space))
		return lab_refuse(refusal, -EOPNOTSUPP,
				  "no unit translates (mode=off): nobody can pick IOVAs: create a domain with POLICY_ALLOC (1) or POLICY_VA (2)");
	if (request->prot & ~(LAB_PROT_READ | LAB_PROT_WRITE))
		return lab_refuse(refusal, -EOPNOTSUPP,
				  "prot %#x: only READ (1) and WRITE (2) are known",
				  request->prot);
	if (!request->prot)
		return lab_refuse(refusal, -EINVAL,
				  "prot 0: give READ (1), WRITE (2) or both");
	return 0;
}

/**
 * lab_domain_map - map process memory for the devices of a domain
 * @domain: domain of the current process
 * @request: what to map and where; see there
 * @refusal: of the file that asked, or NULL
 *
 * Each device of @domain can use the mapping when it returns. On failure
 * nothing is left of it.
 *
 * Context: may sleep; takes mmap_lock, then map_lock: no lock may be held.
 * Return: 0; -EINVAL: misaligned, zero, wrapping, outside the aperture or
 * reserved; -EOPNOTSUPP: unknown rights, or a domain that cannot map;
 * -EOVERFLOW: the list is longer than 64 bits can say; -EEXIST: overlap;
 * -ENOSPC: a quota, or the aperture is full; -ENOMEM: memory or RLIMIT_MEMLOCK;
 * -EFAULT: see lab_mapping_pin(); -EPERM: not all of it is marked, in a domain
 * that asks for it; -EINTR: killed; -ENODEV, -ETIMEDOUT: a unit
 * is dead.
 */
int lab_domain_map(struct lab_domain *domain, struct lab_map_request *request,
		   struct lab_refusal *refusal)
{
	struct lab_mapping *mapping;
	u64 length, pages;
	int err;

	err = lab_mapping_check(domain, request, refusal);
	if (err)
		return err;
	err = check_ranges(request, &length, refusal);
	if (err)
		return err;
	err = lab_iova_check(domain, request, length, refusal);
	if (!err)
		err = lab_marks_check(domain, request, refusal);
	if (err)
		return err;

	pages = length >> PAGE_SHIFT;
	err = lab_mapping_charge(domain, pages, refusal);
	if (err)
		return err;
	err = lab_mapping_pin(&mapping, request, pages);
	if (err) {
		lab_mapping_uncharge(domain, pages);
		return refuse_pin(err, refusal);
	}
	return lab_mapping_install(domain, mapping, request, length, refusal);
}

static int check_identity(struct lab_domain *domain,
			  struct lab_map_request *request, u64 length,
			  struct lab_refusal *refusal)
{
	u64 phys = request->ranges[0].addr;

	if (domain->policy != LAB_POLICY_FIXED)
		return lab_refuse(refusal, -EINVAL,
				  "MAP_IDENTITY is for domains with POLICY_FIXED (0)");
	if (domain->flags & LAB_DOMAIN_MARKED_ONLY)
		return lab_refuse(refusal, -EPERM,
				  "only marked process memory can be mapped in this domain, no physical addresses");
	if (!lab_may_use_phys())
		return lab_refuse(refusal, -EPERM,
				  "MAP_IDENTITY needs CAP_SYS_RAWIO and a kernel that is not locked down");
	if (request->iova && request->iova != phys)
		return lab_refuse(refusal, -EINVAL,
				  "IOVA %#llx: with MAP_IDENTITY it is the physical address %#llx: give that, or 0",
				  request->iova, phys);
	if ((phys + length - 1) >> domain->space->pt.oa_bits)
		return lab_refuse(refusal, -EINVAL,
				  "physical addresses %#llx-%#llx: the units know %u bits",
				  phys, phys + length - 1,
				  domain->space->pt.oa_bits);
	request->iova = phys;
	return lab_iova_check(domain, request, length, refusal);
}

/**
 * lab_domain_map_identity - map physical addresses at the same IOVAs
 * @domain: domain of the current process, with LAB_POLICY_FIXED
 * @request: one range, of physical addresses; iova: 0 or the same
 * @refusal: of the file that asked, or NULL
 *
 * What is there is not pinned and not accounted, but for the mapping itself.
 *
 * Context: may sleep; takes map_lock: no lock may be held.
 * Return: as lab_domain_map(); -EPERM: no right to physical addresses.
 */
int lab_domain_map_identity(struct lab_domain *domain,
			    struct lab_map_request *request,
			    struct lab_refusal *refusal)
{
	struct lab_mapping *mapping;
	u64 length;
	int err;

	err = lab_mapping_check(domain, request, refusal);
	if (!err)
		err = check_ranges(request, &length, refusal);
	if (!err)
		err = check_identity(domain, request, length, refusal);
	if (err)
		return err;
	err = lab_mapping_charge(domain, 0, refusal);
	if (err)
		return err;
	mapping = lab_mapping_alloc(0);
	if (!mapping) {
		lab_mapping_uncharge(domain, 0);
		return -ENOMEM;
	}
	mapping->prot = request->prot;
	mapping->direct = true;
	return lab_mapping_install(domain, mapping, request, length, refusal);
}
