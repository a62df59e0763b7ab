/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's iommu core: what differs between kernels. LAB_IOMMU_* say what its
 * header has (Kbuild looks).
 *
 * Up to 6.6 the core asks for a domain by its type, and has one set of operations
 * for each bus; since then paging domains have an operation of their own, identity
 * and blocked are two domains for all devices, and each device finds its operations
 * by the firmware node of its unit.
 */
#ifndef IOMMU_LAB_COMPAT_IOMMU_H
#define IOMMU_LAB_COMPAT_IOMMU_H

#include <linux/dma-map-ops.h>
#include <linux/iommu.h>
#include <linux/lockdep.h>
#include <linux/pci.h>
#include <linux/platform_device.h>

#if !defined(LAB_IOMMU_ALLOC_PAGING) && !defined(LAB_IOMMU_ALLOC_BY_TYPE)
#error "this kernel's struct iommu_ops has no way to allocate a domain that is known here"
#endif

/*
 * attach_dev() is told the old domain since 6.19, and iotlb_sync_map() can fail since
 * 6.7: whether a function has the type of the member.
 */
#define lab_fits_domain_op(member, fn) \
	__same_type(typeof_member(struct iommu_domain_ops, member), &(fn))

/**
 * lab_iommu_set_owner - say whose a domain is that the core did not make
 * @domain: the domain; the core attaches it only to devices of @ops
 * @ops: the operations that the units are registered with
 */
static inline void lab_iommu_set_owner(struct iommu_domain *domain,
				       const struct iommu_ops *ops)
{
#ifdef LAB_IOMMU_DOMAIN_OWNER
	domain->owner = ops;
#endif
}

/**
 * lab_iommu_set_pgsizes - page sizes of domains that do not say it themselves
 * @ops: the operations
 * @sizes: a bit for each
 */
static inline void lab_iommu_set_pgsizes(struct iommu_ops *ops,
					 unsigned long sizes)
{
#ifdef LAB_IOMMU_OPS_PGSIZES
	ops->pgsize_bitmap = sizes;
#endif
}

/**
 * lab_iommu_set_static - the domains that all devices share
 * @ops: the operations
 * @identity: IOMMU_DOMAIN_IDENTITY
 * @blocked: IOMMU_DOMAIN_BLOCKED, and where a device is when it is released
 *
 * Where the core allocates these as it does others, they are not used.
 */
static inline void lab_iommu_set_static(struct iommu_ops *ops,
					struct iommu_domain *identity,
					struct iommu_domain *blocked)
{
#ifdef LAB_IOMMU_ALLOC_PAGING
	identity->type = IOMMU_DOMAIN_IDENTITY;
	blocked->type = IOMMU_DOMAIN_BLOCKED;
	ops->identity_domain = identity;
	ops->blocked_domain = blocked;
	ops->release_domain = blocked;
#endif
}

/* capabilities that the core does not ask for on each kernel */
static inline bool lab_iommu_cap_is_deferred_flush(enum iommu_cap cap)
{
#ifdef LAB_IOMMU_CAP_DEFERRED_FLUSH
	return cap == IOMMU_CAP_DEFERRED_FLUSH;
#else
	return false;
#endif
}

/* since 6.3 the interrupt domain of a device says so (IRQ_DOMAIN_FLAG_ISOLATED_MSI) */
static inline bool lab_iommu_cap_is_isolated_msi(enum iommu_cap cap)
{
#ifdef LAB_IOMMU_CAP_INTR_REMAP
	return cap == IOMMU_CAP_INTR_REMAP;
#else
	return false;
#endif
}

/**
 * lab_iommu_fwspec - tell the core which unit translates for a device
 * @dev: device that the core has not been told of yet
 * @fwnode: of the unit, which is registered
 * @ops: the operations that it is registered with
 * @sids: its source-ids
 * @nr: how many; 0: it does no DMA
 *
 * dev_iommu_get() asserts a lock of the core's that no module can take. Nobody else
 * knows the device yet, so there is nothing to serialize against; an assertion
 * does not complain while lockdep is off for the task.
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
static inline int lab_iommu_fwspec(struct device *dev,
				   struct fwnode_handle *fwnode,
				   const struct iommu_ops *ops,
				   u32 *sids, int nr)
{
	int ret;

	lockdep_off();
#ifdef LAB_IOMMU_ALLOC_PAGING
	ret = iommu_fwspec_init(dev, fwnode);
#else
	ret = iommu_fwspec_init(dev, fwnode, ops);
#endif
	if (!ret && nr)
		ret = iommu_fwspec_add_ids(dev, sids, nr);
	lockdep_on();
	return ret;
}

/**
 * lab_iommu_finalize - struct iommu_ops.probe_finalize
 * @dev: device with a default domain
 *
 * Since 6.11 the core itself has the DMA API go through it.
 *
 * Context: may sleep.
 */
static inline void lab_iommu_finalize(struct device *dev)
{
#ifndef LAB_IOMMU_ALLOC_PAGING
	set_dma_ops(dev, NULL);
	iommu_setup_dma_ops(dev, 0, U64_MAX);
#endif
}

/**
 * lab_iommu_leave_buses - after the last unit was unregistered, or the first refused
 * @ops: ours; a bus with others is left alone
 *
 * Where operations belong to a bus, unregistering leaves them there, and the next
 * driver that registers would be refused.
 *
 * Context: may sleep.
 */
static inline void lab_iommu_leave_buses(const struct iommu_ops *ops)
{
#ifndef LAB_IOMMU_ALLOC_PAGING
	if (platform_bus_type.iommu_ops == ops)
		platform_bus_type.iommu_ops = NULL;
	if (pci_bus_type.iommu_ops == ops)
		pci_bus_type.iommu_ops = NULL;
#endif
}

#endif
