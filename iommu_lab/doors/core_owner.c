// SPDX-License-Identifier: GPL-2.0
/*
 * Who has an endpoint: a driver of the kernel, VFIO, or the char device.
 *
 * The char device claims the endpoint's group from the core, and attaches its
 * domains through it: so each knows of the other, and one of them is refused. While
 * nobody has claimed it, the core's default domain is attached.
 *
 * The core's domains are used through one gate of the endpoint, which is opened here,
 * under the group mutex. A gate of the char device, and the one of the blocked state
 * after it, are opened by attach.c, which shuts them too.
 */
#include <linux/delay.h>
#include <linux/iommu.h>
#include <linux/pci.h>
#include <linux/rcupdate.h>
#include "core.h"
#include "doors.h"

#define LAB_SWITCH_TRIES	100	/* for memory, 20 ms apart */

/* does the core put the function there without a way back? */
static bool lab_cannot_fail(const struct lab_domain *domain)
{
	return domain->core && domain->iommu.type != IOMMU_DOMAIN_UNMANAGED;
}

/*
 * The core does not cope with an attach to a default domain that fails. Where there is
 * no way, the function is left blocked: behind a dead unit, which the log has; with no
 * domain id left; without memory.
 */
static int lab_node_move(struct lab_node *node, struct lab_domain *domain)
{
	unsigned int tries = LAB_SWITCH_TRIES;
	int ret;

	if (!domain || !lab_cannot_fail(domain))
		return lab_device_switch(&node->dev, domain, node->refusal);
	/* what is attached now is not come back to */
	lab_device_switch(&node->dev, NULL, NULL);
	while ((ret = lab_device_switch(&node->dev, domain, NULL)) == -ENOMEM &&
	       --tries)
		msleep(20);
	if (ret && !lab_device_is_dead(&node->dev))
		pr_err("%s: its default domain cannot be attached (%d%s): it is blocked until it is attached anew\n",
		       node->name, ret,
		       ret == -ENOSPC ? ", no domain id is left" : "");
	return 0;
}

static void lab_open_core_gate(struct lab_node *node)
{
	struct lab_endpoint *ep = &node->ep;
	const struct lab_domain *domain = node->dev.domain;

	if (domain)
		ep->core->domain = domain->id;
	lab_endpoint_open_gate(ep, domain ? ep->core : ep->blocked);
}

/**
 * lab_node_switch - attach an endpoint to a domain
 * @node: the endpoint
 * @domain: a domain of the core, or one of the char device; NULL: block it
 *
 * An attach that the core counts on does not fail: see lab_node_move().
 *
 * Context: a callback of the core, its group mutex held; may sleep.
 * Return: 0, or what lab_domain_attach() returns with the endpoint as it was.
 */
int lab_node_switch(struct lab_node *node, struct lab_domain *domain)
{
	struct lab_domain *old = node->dev.domain;
	bool doors = domain ? !domain->core : old && !old->core;
	int ret;

	if (domain == old) {
		if (!READ_ONCE(node->ep.gate) && !node->attaching)
			lab_open_core_gate(node);
		return 0;
	}
	if (READ_ONCE(node->ep.gate)) {
		lab_endpoint_open_gate(&node->ep, NULL);
		/* the core's domains share a gate: what was accepted before ends all the same */
		lab_endpoint_revoke(&node->ep);
		synchronize_rcu_expedited();
	}
	ret = lab_node_move(node, domain);
	if (!doors)
		lab_open_core_gate(node);
	return ret;
}

/* the endpoint's group with a reference; NULL: the core has nothing to do with it */
static struct iommu_group *lab_node_group(struct lab_node *node)
{
	return iommu_group_get(&node->pdev->dev);
}

static bool lab_node_in_core(const struct lab_node *node)
{
	lockdep_assert_held(&node->machine->space.attach_lock);
	return node->machine->core && node->pdev;
}

/**
 * lab_node_claim - take an endpoint from the kernel
 * @node: the endpoint
 * @refusal: of the file that asked
 *
 * It is blocked then, but for its reserved regions. Where the core was not joined
 * there is nobody to take it from.
 *
 * Context: attach_lock held; may sleep.
 * Return: 0; -EBUSY: a driver or VFIO has it; -ENODEV: the core does not know it.
 */
int lab_node_claim(struct lab_node *node, struct lab_refusal *refusal)
{
	struct iommu_group *group;
	int ret;

	if (!lab_node_in_core(node))
		return 0;
	group = lab_node_group(node);
	if (!group)
		return lab_refuse(refusal, -ENODEV,
				  "%s has no IOMMU group: see the kernel's log",
				  node->name);
	ret = iommu_group_claim_dma_owner(group, node);
	iommu_group_put(group);
	/* the core says so if it is claimed already, or in the DMA API's hands */
	if (ret == -EPERM || ret == -EBUSY)
		return lab_refuse(refusal, -EBUSY,
				  "%s is in use by a driver of the kernel or VFIO: unbind it first",
				  node->name);
	if (ret)
		lab_refuse(refusal, ret,
			   "the core does not give %s away: see the kernel's log",
			   node->name);
	return ret;
}

/**
 * lab_node_unclaim - give an endpoint back to the kernel
 * @node: the endpoint, claimed and not attached
 *
 * It is in its default domain then.
 *
 * Context: attach_lock held; may sleep.
 */
void lab_node_unclaim(struct lab_node *node)
{
	struct iommu_group *group;

	if (!lab_node_in_core(node))
		return;
	group = lab_node_group(node);
	if (!group)
		return;
	iommu_group_release_dma_owner(group);
	iommu_group_put(group);
}

/**
 * lab_node_enter - attach an endpoint's device to a domain of the char device
 * @node: the endpoint, claimed
 * @domain: the domain
 * @refusal: of the file that asked
 *
 * The gate is shut, or is being shut in it, and stays so.
 *
 * Context: attach_lock held; may sleep.
 * Return: 0, or what lab_domain_attach() returns.
 */
int lab_node_enter(struct lab_node *node, struct lab_domain *domain,
		   struct lab_refusal *refusal)
{
	struct iommu_group *group;
	int ret;

	if (!lab_node_in_core(node)) {
		lab_endpoint_shut_gate(&node->ep);
		return lab_domain_attach(domain, &node->dev, refusal);
	}
	group = lab_node_group(node);
	if (!group)
		return -ENODEV;
	lab_core_adopt(node->machine, domain);
	node->refusal = refusal;
	node->attaching = true;
	ret = iommu_attach_group(&domain->iommu, group);
	node->attaching = false;
	node->refusal = NULL;
	iommu_group_put(group);
	return ret;
}

/**
 * lab_node_leave - block an endpoint's device
 * @node: the endpoint; its gate is shut
 * @domain: what it is attached to
 *
 * Context: attach_lock held; may sleep.
 * Return: 0, or -ENODEV if the unit is dead: it is detached all the same.
 */
int lab_node_leave(struct lab_node *node, struct lab_domain *domain)
{
	struct iommu_group *group = NULL;

	if (lab_node_in_core(node))
		group = lab_node_group(node);
	if (!group)
		return lab_domain_detach(domain, &node->dev);
	iommu_detach_group(&domain->iommu, group);
	iommu_group_put(group);
	return lab_device_is_dead(&node->dev) ? -ENODEV : 0;
}
