// SPDX-License-Identifier: GPL-2.0
/*
 * Which device is attached to which domain, and its reserved direct ranges,
 * which stay mapped wherever it is.
 *
 * These ranges are reserved in each domain, so no mapping of a user is ever in
 * their way, and slots_lock is enough to change them in a table: map_lock
 * covers other IOVAs.
 */

#include <linux/lockdep.h>
#include <linux/printk.h>
#include "../trace/trace.h"
#include "space_int.h"

/*
 * Finds the next part of *part that no reserved range of another device of the
 * domain covers. False when there is none.
 */
static bool next_own_part(const struct lab_domain *domain,
			  const struct lab_device *dev, u64 last,
			  struct lab_resv *part)
{
	const struct lab_device *other;
	unsigned int i;

again:
	part->last = last;
	list_for_each_entry(other, &domain->devices, link) {
		for (i = 0; other != dev && i < other->nr_rmrrs; i++) {
			const struct lab_resv *r = &other->rmrrs[i];

			if (r->last < part->start || r->start > part->last)
				continue;
			if (r->start > part->start) {
				part->last = r->start - 1;
				continue;
			}
			if (r->last >= last)
				return false;
			part->start = r->last + 1;
			goto again;
		}
	}
	return true;
}

/* unmaps what only @dev needs of its first @nr reserved ranges */
static int unmap_rmrrs(struct lab_domain *domain, const struct lab_device *dev,
		       unsigned int nr)
{
	struct lab_remap_gather gather;
	struct lab_resv part;
	unsigned int i;

	lab_remap_gather_init(&gather);
	for (i = 0; i < nr; i++) {
		u64 last = dev->rmrrs[i].last;

		part.start = dev->rmrrs[i].start;
		while (next_own_part(domain, dev, last, &part)) {
			lab_remap_unmap(&domain->remap, part.start,
					part.last - part.start + 1, &gather);
			if (part.last == last)
				break;
			part.start = part.last + 1;
		}
	}
	return lab_remap_sync(&domain->remap, &gather);
}

static int map_rmrrs(struct lab_domain *domain, const struct lab_device *dev)
{
	struct lab_remap_gather gather;
	struct lab_resv part;
	unsigned int i;
	u64 mapped;
	int err;

	lab_remap_gather_init(&gather);
	for (i = 0; i < dev->nr_rmrrs; i++) {
		u64 last = dev->rmrrs[i].last;

		part.start = dev->rmrrs[i].start;
		if (!lab_space_is_reserved(domain->space, part.start, last)) {
			err = -EINVAL;
			goto undo;
		}
		while (next_own_part(domain, dev, last, &part)) {
			err = lab_remap_map(&domain->remap, part.start,
					    part.start,
					    part.last - part.start + 1,
					    LAB_PROT_RIGHTS | LAB_PROT_REGION,
					    GFP_KERNEL_ACCOUNT, &gather,
					    &mapped);
			if (err) {
				i++;
				goto undo;
			}
			if (part.last == last)
				break;
			part.start = part.last + 1;
		}
	}
	err = lab_remap_map_sync(&domain->remap, &gather);
	if (!err)
		return 0;
undo:
	lab_remap_sync(&domain->remap, &gather);
	if (unmap_rmrrs(domain, dev, i))
		WRITE_ONCE(domain->dead, true);
	return err;
}

static void block(struct lab_device *dev)
{
	int err;

	if (!dev->blocked || lab_device_is_dead(dev))
		return;
	err = lab_remap_attach(dev->blocked, dev->unit, dev->sid);
	if (err)
		pr_err("source-id %#06x: its reserved regions cannot be mapped (%d): all its DMA is blocked\n",
		       dev->sid, err);
}

static int check_attach(struct lab_domain *domain, struct lab_device *dev,
			struct lab_refusal *refusal)
{
	if (dev->domain == domain)
		return lab_refuse(refusal, -EALREADY,
				  "the endpoint is attached to this domain already");
	if (dev->domain)
		return lab_refuse(refusal, -EBUSY,
				  "the endpoint is attached to domain %u: detach it there first",
				  dev->domain->id);
	if (lab_device_is_dead(dev))
		return lab_refuse(refusal, -ENODEV,
				  "the unit of the endpoint is dead: reload the module, or take an endpoint at another unit");
	if (READ_ONCE(domain->dead))
		return lab_refuse(refusal, -ENODEV,
				  "a unit of this domain is dead: make a new domain");
	/* without units nothing can be tracked, and tracking is never on */
	if (domain->remap.dirty && !lab_remap_can_track(dev->unit))
		return lab_refuse(refusal, -EOPNOTSUPP,
				  "dirty tracking is on, and the unit of the endpoint is not in scalable mode with SSADS: turn it off, or take an endpoint at another unit");
	if (domain->policy == LAB_POLICY_IDENTITY && dev->rmrr_is_ram)
		return lab_refuse(refusal, -EOPNOTSUPP,
				  "a reserved region of the endpoint is where this machine has RAM: take a domain that is not POLICY_IDENTITY (3)");
	/* for a domain of the core, the core has asked */
	if (domain->core)
		return 0;
	if ((domain->policy == LAB_POLICY_IDENTITY || domain->phys ||
	     READ_ONCE(domain->nr_direct)) && !lab_may_use_phys())
		return lab_refuse(refusal, -EPERM,
				  "%s needs CAP_SYS_RAWIO and a kernel that is not locked down",
				  domain->phys ?
				  "a domain with physical addresses" :
				  READ_ONCE(domain->nr_direct) ?
				  "a domain with identity ranges" :
				  "identity");
	return 0;
}

static int refuse_attach(int err, struct lab_refusal *refusal)
{
	const char *why = "the unit refused the endpoint";

	if (err == -ENOSPC)
		why = "the unit has no free domain id: close a domain";
	else if (err == -EOPNOTSUPP)
		why = "the unit of the endpoint cannot pass through: take a translated domain";
	return lab_refuse(refusal, err, "%s", why);
}

/* a domain's id on the unit of a device, -1 if it has none there */
static int did_of(struct lab_domain *domain, struct lab_device *dev)
{
	if (!dev->unit)
		return -1;
	return max(lab_remap_did(&domain->remap, dev->unit), -1);
}

/* for tracepoints: where the unit of a device is, -1 without one */
static int index_of(const struct lab_device *dev)
{
	return dev->unit ? (int)lab_unit_params(dev->unit)->index : -1;
}

static int segment_of(const struct lab_device *dev)
{
	return dev->unit ? lab_unit_params(dev->unit)->segment : 0;
}

static void trace_attach(struct lab_domain *domain, struct lab_device *dev)
{
	const struct iommu_domain_geometry *aperture = &domain->iommu.geometry;

	trace_iommu_lab_attach(segment_of(dev), dev->sid, domain->id,
			       index_of(dev), aperture->aperture_start,
			       aperture->aperture_end, did_of(domain, dev));
}

static void trace_detach(struct lab_domain *domain, struct lab_device *dev)
{
	const struct iommu_domain_geometry *aperture = &domain->iommu.geometry;

	trace_iommu_lab_detach(segment_of(dev), dev->sid, domain->id,
			       index_of(dev), aperture->aperture_start,
			       aperture->aperture_end, did_of(domain, dev));
}

/*
 * Does a domain get the reserved direct ranges of what is attached? In its own
 * domains the core maps them as long as they are to be there.
 */
static bool has_rmrrs(const struct lab_domain *domain)
{
	return !domain->core && domain->policy != LAB_POLICY_IDENTITY;
}

static int attach(struct lab_domain *domain, struct lab_device *dev,
		  struct lab_refusal *refusal)
{
	bool rmrrs = has_rmrrs(domain);
	int err;

	lockdep_assert_held(&domain->space->slots_lock);

	err = check_attach(domain, dev, refusal);
	if (err)
		return err;
	if (rmrrs) {
		err = map_rmrrs(domain, dev);
		if (err)
			return lab_refuse(refusal, err,
					  "the reserved regions of the endpoint cannot be mapped in this domain");
	}
	if (dev->blocked) {
		err = lab_remap_detach(dev->blocked, dev->unit, dev->sid);
		/* not there: the last attempt to block it has failed */
		if (err && err != -ENOENT)
			goto unmap;
	}
	if (dev->unit)
		err = lab_remap_attach(&domain->remap, dev->unit, dev->sid);
	if (err) {
		/* the unit may have read the entry before it stopped answering */
		if (err == -ETIMEDOUT || err == -EIO)
			WRITE_ONCE(domain->dead, true);
		block(dev);
		goto unmap;
	}

	list_add_tail(&dev->link, &domain->devices);
	domain->nr_devices++;
	dev->domain = domain;
	trace_attach(domain, dev);
	return 0;

unmap:
	if (rmrrs && unmap_rmrrs(domain, dev, dev->nr_rmrrs))
		WRITE_ONCE(domain->dead, true);
	return refuse_attach(err, refusal);
}

static int detach(struct lab_domain *domain, struct lab_device *dev)
{
	int err = 0;

	lockdep_assert_held(&domain->space->slots_lock);

	if (dev->domain != domain)
		return -ENOENT;
	if (dev->unit)
		err = lab_remap_detach(&domain->remap, dev->unit, dev->sid);
	list_del_init(&dev->link);
	domain->nr_devices--;
	dev->domain = NULL;
	block(dev);
	if (has_rmrrs(domain)) {
		int unmap_err = unmap_rmrrs(domain, dev, dev->nr_rmrrs);

		err = err ?: unmap_err;
	}
	if (err)
		WRITE_ONCE(domain->dead, true);
	trace_detach(domain, dev);
	return err;
}

/**
 * lab_domain_attach - let a device use a domain
 * @domain: domain
 * @dev: device, blocked so far
 * @refusal: of the file that asked, or NULL
 *
 * On failure it is blocked as before. Without a unit nothing is programmed: the
 * caller has the engine use lab_domain_resolve().
 *
 * Context: may sleep; takes slots_lock.
 * Return: 0; -EALREADY, -EBUSY: attached to this, to another domain; -EPERM: no
 * right to identity; -EOPNOTSUPP: the unit cannot pass through, or cannot track dirty
 * pages and that is on; -ENOSPC: the
 * unit has no free domain id, or the quota of tables; -ENOMEM; -ENODEV,
 * -ETIMEDOUT: the unit is dead.
 */
int lab_domain_attach(struct lab_domain *domain, struct lab_device *dev,
		      struct lab_refusal *refusal)
{
	int err;

	mutex_lock(&domain->space->slots_lock);
	err = attach(domain, dev, refusal);
	mutex_unlock(&domain->space->slots_lock);
	return err;
}

/**
 * lab_domain_detach - block a device
 * @domain: where it is attached
 * @dev: device
 *
 * When it returns, the device reaches nothing but its reserved direct ranges,
 * and no access of it is in flight. Without a unit that is so already: the caller
 * has stopped its engine.
 *
 * Context: may sleep; takes slots_lock.
 * Return: 0; -ENOENT: not attached to @domain; -ENODEV, -ETIMEDOUT: its unit is
 * dead: it is detached all the same, and the domain's tables are kept.
 */
int lab_domain_detach(struct lab_domain *domain, struct lab_device *dev)
{
	int err;

	mutex_lock(&domain->space->slots_lock);
	err = detach(domain, dev);
	mutex_unlock(&domain->space->slots_lock);
	return err;
}

/**
 * lab_domain_detach_all - block each device that is attached to a domain
 * @domain: domain
 *
 * Context: may sleep; takes slots_lock.
 */
void lab_domain_detach_all(struct lab_domain *domain)
{
	struct lab_device *dev, *next;

	mutex_lock(&domain->space->slots_lock);
	list_for_each_entry_safe(dev, next, &domain->devices, link)
		detach(domain, dev);
	mutex_unlock(&domain->space->slots_lock);
}

/**
 * lab_device_switch - move a device from one domain to another
 * @dev: device
 * @domain: where to; NULL: it shall be blocked
 * @refusal: of the file that asked, or NULL
 *
 * In between it is blocked. On failure it is where it was.
 *
 * Context: may sleep; takes slots_lock. Nobody else moves @dev.
 * Return: 0, or what lab_domain_attach() returns.
 */
int lab_device_switch(struct lab_device *dev, struct lab_domain *domain,
		      struct lab_refusal *refusal)
{
	struct lab_domain *old = dev->domain;
	struct lab_space *space;
	int err = 0;

	if (old == domain)
		return 0;
	space = (domain ?: old)->space;
	mutex_lock(&space->slots_lock);
	/* a dead unit does not confirm it: it is detached all the same */
	if (old)
		detach(old, dev);
	if (domain)
		err = attach(domain, dev, refusal);
	if (err && old && attach(old, dev, NULL))
		pr_err("source-id %#06x: cannot be attached to domain %u again: it is blocked\n",
		       dev->sid, old->id);
	mutex_unlock(&space->slots_lock);
	return err;
}
