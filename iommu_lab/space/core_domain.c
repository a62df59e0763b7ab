// SPDX-License-Identifier: GPL-2.0
/*
 * Domains that the kernel's iommu core makes: of the DMA API, VFIO and iommufd.
 *
 * Such a domain has a table and domain ids, and that is all. IOVAs, pages and
 * their owners are somebody else's business, so it has no tree of mappings, no mm
 * and no quotas.
 *
 * The core holds no reference on the module for a domain, so the end of the module
 * waits until the last one is gone.
 */
#include <linux/jiffies.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>
#include "space_int.h"

static int init_paging(struct lab_domain *domain)
{
	struct lab_remap_config config = {
		.pt = domain->space->pt,
		.identity = domain->core == LAB_CORE_IDENTITY,
	};

	domain->iommu.geometry.force_aperture = true;
	domain->iommu.geometry.aperture_end = lab_space_last_iova(domain->space);
	domain->iommu.pgsize_bitmap = lab_space_page_sizes(domain->space);
	return lab_remap_domain_init(&domain->remap, &config, GFP_KERNEL);
}

/**
 * lab_core_domain_create - a domain for the core
 * @space: where
 * @kind: what for; the core sets iommu.type itself
 * @out: the domain, ended by lab_core_domain_free()
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int lab_core_domain_create(struct lab_space *space, enum lab_core_kind kind,
			   struct lab_domain **out)
{
	struct lab_domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	int err;

	if (!domain)
		return -ENOMEM;
	domain->space = space;
	domain->core = kind;
	domain->policy = kind == LAB_CORE_IDENTITY ? LAB_POLICY_IDENTITY :
						     LAB_POLICY_FIXED;
	domain->id = LAB_CORE_IDS +
		     (atomic_inc_return(&space->core_ids) & (LAB_CORE_IDS - 1));
	INIT_LIST_HEAD(&domain->devices);
	raw_spin_lock_init(&domain->retired_lock);
	INIT_LIST_HEAD(&domain->retired);
	raw_spin_lock_init(&domain->hidden.lock);
	if (kind != LAB_CORE_BLOCKED) {
		err = init_paging(domain);
		if (err) {
			kfree(domain);
			return err;
		}
	}
	domain->remap.id = domain->id;
	atomic_inc(&space->core_domains);
	*out = domain;
	return 0;
}

/**
 * lab_core_domain_free - the end of a domain of the core
 * @domain: nothing is attached, and nobody uses it; whatever is mapped in it
 *
 * Context: may sleep.
 */
void lab_core_domain_free(struct lab_domain *domain)
{
	struct lab_space *space = domain->space;

	WARN_ON(!list_empty(&domain->devices));
	if (domain->core != LAB_CORE_BLOCKED) {
		lab_remap_flush(&domain->remap, &domain->retired);
		lab_remap_domain_destroy(&domain->remap);
	}
	kfree(domain);
	/* who waits for it frees the space: not before this section has ended */
	preempt_disable();
	if (atomic_dec_and_test(&space->core_domains))
		wake_up_var(&space->core_domains);
	preempt_enable();
}

/**
 * lab_core_device_prepare - make sure that a device can be attached
 * @space: where
 * @dev: device at a unit
 *
 * Context: may sleep; takes slots_lock.
 * Return: 0 or -ENOMEM.
 */
int lab_core_device_prepare(struct lab_space *space, struct lab_device *dev)
{
	int err;

	mutex_lock(&space->slots_lock);
	err = lab_unit_prepare(dev->unit, dev->sid);
	mutex_unlock(&space->slots_lock);
	return err;
}

/**
 * lab_core_domains_wait - wait until the core has freed its last domain
 * @space: where; none is made any more
 *
 * A domain that user space has made through iommufd may outlive its devices.
 *
 * Context: may sleep, as long as somebody keeps one.
 */
void lab_core_domains_wait(struct lab_space *space)
{
	while (!wait_var_event_timeout(&space->core_domains,
				       !atomic_read(&space->core_domains),
				       5 * HZ))
		pr_info("waiting for %d domains that the kernel or user space still has (iommufd?)\n",
			atomic_read(&space->core_domains));
	/* until the last one who freed one does not use the space any more, */
	synchronize_rcu();
	/* and has left the code that did it, wherever it was preempted */
	synchronize_rcu_tasks();
}
