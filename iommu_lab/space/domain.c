// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a domain: created, found by id, closed once by its owner, freed
 * with the last reference.
 *
 * A closed domain has no device and no mapping. Its struct, its empty table and
 * its id live on while somebody reads it.
 */

#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "space_int.h"

#define ALLOC_START	(4ULL * SZ_1G)
#define ALLOC_LAST	(8ULL * SZ_1G - 1)

/* lab_remap_config.charge; any context */
static int charge_tables(void *data, long pages)
{
	struct lab_domain *domain = data;
	int err;

	if (pages < 0) {
		lab_user_uncharge(domain->user, LAB_QUOTA_TABLES, -pages);
		return 0;
	}
	err = lab_user_charge(domain->user, LAB_QUOTA_TABLES, pages);
	if (err)
		WRITE_ONCE(domain->over_tables, true);
	return err;
}

static int check_flags(const struct lab_domain_params *params,
		       struct lab_refusal *refusal)
{
	if ((params->flags & (LAB_DOMAIN_GUARD | LAB_DOMAIN_NATURAL)) &&
	    params->policy != LAB_POLICY_ALLOC)
		return lab_refuse(refusal, -EINVAL,
				  "flags %#x: GUARD (1) and NATURAL (2) are for POLICY_ALLOC (1), where the module picks IOVAs",
				  params->flags);
	if ((params->flags & LAB_DOMAIN_MARKED_ONLY) &&
	    params->policy == LAB_POLICY_IDENTITY)
		return lab_refuse(refusal, -EINVAL,
				  "flags %#x: MARKED_ONLY (4) is for domains that something is mapped in, not for POLICY_IDENTITY (3)",
				  params->flags);
	return 0;
}

static int check_policy(const struct lab_domain_params *params,
			struct lab_refusal *refusal)
{
	switch (params->policy) {
	case LAB_POLICY_FIXED:
	case LAB_POLICY_ALLOC:
	case LAB_POLICY_VA:
		return 0;
	case LAB_POLICY_IDENTITY:
		if (params->start || params->last)
			return lab_refuse(refusal, -EINVAL,
					  "an identity domain has no aperture: give 0 and 0");
		if (!lab_may_use_phys())
			return lab_refuse(refusal, -EPERM,
					  "identity needs CAP_SYS_RAWIO and a kernel that is not locked down");
		return 0;
	default:
		return lab_refuse(refusal, -EOPNOTSUPP,
				  "policy %u: FIXED (0), ALLOC (1), VA (2) and IDENTITY (3) are supported",
				  params->policy);
	}
}

static int set_aperture(struct lab_domain *domain,
			const struct lab_domain_params *params,
			struct lab_refusal *refusal)
{
	struct iommu_domain_geometry *geometry = &domain->iommu.geometry;
	u64 start = params->start, last = params->last;
	u64 limit = lab_space_last_iova(domain->space);

	geometry->force_aperture = true;
	if (params->policy == LAB_POLICY_IDENTITY) {
		geometry->aperture_start = 0;
		geometry->aperture_end = U64_MAX;
		return 0;
	}
	if (!start && !last) {
		bool alloc = params->policy == LAB_POLICY_ALLOC;

		start = alloc ? ALLOC_START : 0;
		last = alloc ? ALLOC_LAST : limit;
	}
	if (!PAGE_ALIGNED(start) || !PAGE_ALIGNED(last + 1) || start > last ||
	    last > limit)
		return lab_refuse(refusal, -EINVAL,
				  "aperture %#llx-%#llx: must be whole pages within 0-%#llx",
				  start, last, limit);
	geometry->aperture_start = start;
	geometry->aperture_end = last;
	return 0;
}

static int init_remap(struct lab_domain *domain)
{
	struct lab_remap_config config = {
		.pt = domain->space->pt,
		.identity = domain->policy == LAB_POLICY_IDENTITY,
		.charge = charge_tables,
		.data = domain,
	};

	domain->iommu.type = config.identity ? IOMMU_DOMAIN_IDENTITY :
					       IOMMU_DOMAIN_UNMANAGED;
	domain->iommu.pgsize_bitmap = lab_space_page_sizes(domain->space);
	return lab_remap_domain_init(&domain->remap, &config,
				     GFP_KERNEL_ACCOUNT);
}

/**
 * lab_domain_create - make a domain
 * @space: where
 * @params: policy, flags, aperture, owner
 * @refusal: of the file that asked, or NULL
 * @out: the domain, with the owner's reference: ended by lab_domain_close()
 *
 * Uses the quotas of the current user, now and later.
 *
 * Context: may sleep.
 * Return: 0; -EOPNOTSUPP: no such policy; -EPERM: no right to identity;
 * -EINVAL: the aperture, or flags that the policy has no use for; -ENOSPC: a quota; -ENOMEM.
 */
int lab_domain_create(struct lab_space *space,
		      const struct lab_domain_params *params,
		      struct lab_refusal *refusal, struct lab_domain **out)
{
	struct lab_domain *domain;
	int err;

	err = check_policy(params, refusal);
	if (!err)
		err = check_flags(params, refusal);
	if (err)
		return err;
	domain = kzalloc(sizeof(*domain), GFP_KERNEL_ACCOUNT);
	if (!domain)
		return lab_refuse(refusal, -ENOMEM, "no memory for a domain");
	domain->space = space;
	domain->policy = params->policy;
	domain->flags = params->flags;
	refcount_set(&domain->refs, 1);
	mutex_init(&domain->map_lock);
	INIT_LIST_HEAD(&domain->associations);
	INIT_LIST_HEAD(&domain->devices);
	raw_spin_lock_init(&domain->retired_lock);
	INIT_LIST_HEAD(&domain->retired);

	err = set_aperture(domain, params, refusal);
	if (err)
		goto free;
	domain->user = lab_user_get(space);
	if (IS_ERR(domain->user)) {
		err = lab_refuse(refusal, PTR_ERR(domain->user),
				 "no memory for the user's account");
		goto free;
	}
	err = lab_user_charge(domain->user, LAB_QUOTA_DOMAINS, 1);
	if (err) {
		lab_refuse_quota(refusal, domain->user, LAB_QUOTA_DOMAINS, 1);
		goto user;
	}
	err = init_remap(domain);
	if (err) {
		if (READ_ONCE(domain->over_tables))
			err = lab_refuse_quota(refusal, domain->user,
					       LAB_QUOTA_TABLES, 1);
		else
			lab_refuse(refusal, err, "no page table can be made");
		goto quota;
	}
	err = lab_iova_init(domain);
	if (err) {
		lab_refuse(refusal, err, "no memory for the IOVA tree");
		goto remap;
	}
	lab_marks_init(domain);
	xa_init_flags(&domain->pfns, XA_FLAGS_ACCOUNT);
	domain->phys = lab_space_is_off(space) &&
		       domain->policy != LAB_POLICY_IDENTITY &&
		       lab_may_see_phys();

	/* last: it can be found from here on */
	if (params->mm) {
		domain->mm = params->mm;
		mmgrab(domain->mm);
	}
	err = xa_alloc(&space->domains, &domain->id, domain,
		       XA_LIMIT(1, INT_MAX), GFP_KERNEL);
	if (err) {
		err = lab_refuse(refusal, err == -EBUSY ? -ENOSPC : err,
				 "no domain id can be had");
		goto iova;
	}
	domain->remap.id = domain->id;
	atomic_inc(&space->nr_domains);
	*out = domain;
	return 0;

iova:
	if (domain->mm)
		mmdrop(domain->mm);
	lab_iova_destroy(domain);
remap:
	lab_remap_domain_destroy(&domain->remap);
quota:
	lab_user_uncharge(domain->user, LAB_QUOTA_DOMAINS, 1);
user:
	lab_user_put(domain->user);
free:
	mutex_destroy(&domain->map_lock);
	kfree(domain);
	return err;
}

/**
 * lab_domain_close - end a domain
 * @domain: domain, by its owner's reference: gone when it returns
 *
 * Devices that are still attached are blocked, then all is unmapped with one
 * invalidation, then the pages are unpinned. The owner may be dead.
 *
 * Context: may sleep. Takes slots_lock, map_lock and mmap_lock: no lock may be
 * held.
 */
void lab_domain_close(struct lab_domain *domain)
{
	struct lab_space *space = domain->space;

	/* the id stays taken, but nobody finds the domain by it any more */
	xa_store(&space->domains, domain->id, NULL, GFP_KERNEL);

	lab_domain_detach_all(domain);
	lab_domain_unmap_all(domain);
	lab_marks_destroy(domain);
	xa_destroy(&domain->pfns);
	lab_iova_destroy(domain);
	lab_user_uncharge(domain->user, LAB_QUOTA_DOMAINS, 1);
	atomic_dec(&space->nr_domains);
	lab_domain_put(domain);
}

/**
 * lab_domain_get - find a domain
 * @space: where
 * @id: its id
 *
 * Context: may sleep or not. Takes space->domains' lock.
 * Return: the domain with a reference, or NULL.
 */
struct lab_domain *lab_domain_get(struct lab_space *space, u32 id)
{
	struct lab_domain *domain;

	xa_lock(&space->domains);
	domain = xa_load(&space->domains, id);
	if (domain)
		refcount_inc(&domain->refs);
	xa_unlock(&space->domains);
	return domain;
}

/**
 * lab_domain_put - give back a reference
 * @domain: domain
 *
 * The last one frees it, and its id can be had again. Behind a dead unit its
 * tables and pages are kept and stay charged to the user for good.
 *
 * Context: may sleep.
 */
void lab_domain_put(struct lab_domain *domain)
{
	struct lab_space *space = domain->space;

	if (!refcount_dec_and_test(&domain->refs))
		return;
	if (domain->mm)
		mmdrop(domain->mm);
	lab_remap_domain_destroy(&domain->remap);
	if (!READ_ONCE(domain->dead))
		lab_user_put(domain->user);
	mutex_destroy(&domain->map_lock);
	xa_erase(&space->domains, domain->id);
	kfree(domain);
}
