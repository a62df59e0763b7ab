/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An interrupt domain for the MSI of PCI functions: since 6.3 the parent of a domain
 * that the kernel makes for each device, before that the parent of one that all of
 * them share. The macro that is looked at came with the flag that tells VFIO that
 * messages are isolated.
 */
#ifndef IOMMU_LAB_COMPAT_MSI_H
#define IOMMU_LAB_COMPAT_MSI_H

#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/msi.h>

/**
 * struct lab_compat_msi - the domains
 * @parent: of its owner: allocates, composes messages, delivers
 * @functions: what functions are given, see dev_set_msi_domain()
 * @parent_fwnode: name of @parent
 * @fwnode: name of @functions, if that is another one
 */
struct lab_compat_msi {
	struct irq_domain *parent;
	struct irq_domain *functions;
	struct fwnode_handle *parent_fwnode;
	struct fwnode_handle *fwnode;
};

#ifdef arch_is_isolated_msi
static inline bool lab_compat_msi_device(struct device *dev,
					 struct irq_domain *domain,
					 struct irq_domain *parent,
					 struct msi_domain_info *info)
{
	if (info->bus_token != DOMAIN_BUS_PCI_DEVICE_MSI)
		return false;
	info->flags &= MSI_GENERIC_FLAGS_MASK;
	info->flags |= MSI_FLAG_USE_DEF_DOM_OPS | MSI_FLAG_USE_DEF_CHIP_OPS;
	info->chip->irq_ack = irq_chip_ack_parent;
	return true;
}

static const struct msi_parent_ops lab_compat_msi_parent_ops = {
	.supported_flags = MSI_GENERIC_FLAGS_MASK,
	.prefix = "iommu_lab-",
	.init_dev_msi_info = lab_compat_msi_device,
};

static inline bool lab_compat_msi_functions(struct lab_compat_msi *msi)
{
	msi->parent->flags |= IRQ_DOMAIN_FLAG_MSI_PARENT |
			      IRQ_DOMAIN_FLAG_ISOLATED_MSI;
	msi->parent->msi_parent_ops = &lab_compat_msi_parent_ops;
	msi->functions = msi->parent;
	return true;
}
#else
static struct irq_chip lab_compat_msi_chip = {
	.name = "iommu_lab-MSI",
	.irq_ack = irq_chip_ack_parent,
};

static struct msi_domain_info lab_compat_msi_info = {
	.flags = MSI_FLAG_USE_DEF_DOM_OPS | MSI_FLAG_USE_DEF_CHIP_OPS,
	.chip = &lab_compat_msi_chip,
};

static inline bool lab_compat_msi_functions(struct lab_compat_msi *msi)
{
	msi->fwnode = irq_domain_alloc_named_fwnode("iommu_lab-msi");
	if (msi->fwnode)
		msi->functions = pci_msi_create_irq_domain(msi->fwnode,
							   &lab_compat_msi_info,
							   msi->parent);
	return msi->functions;
}
#endif

/**
 * lab_compat_msi_exit - remove the domains
 * @msi: no function has an interrupt. Also one that was not made whole
 *
 * Context: may sleep.
 */
static inline void lab_compat_msi_exit(struct lab_compat_msi *msi)
{
	if (msi->functions && msi->functions != msi->parent)
		irq_domain_remove(msi->functions);
	if (msi->fwnode)
		irq_domain_free_fwnode(msi->fwnode);
	if (msi->parent)
		irq_domain_remove(msi->parent);
	if (msi->parent_fwnode)
		irq_domain_free_fwnode(msi->parent_fwnode);
}

/**
 * lab_compat_msi_init - make the domains
 * @msi: zeroed
 * @size: numbers of interrupts are below it
 * @ops: of the parent
 * @data: host_data of the parent
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
static inline int lab_compat_msi_init(struct lab_compat_msi *msi,
				      unsigned int size,
				      const struct irq_domain_ops *ops,
				      void *data)
{
	msi->parent_fwnode = irq_domain_alloc_named_fwnode("iommu_lab");
	if (msi->parent_fwnode)
		msi->parent = irq_domain_create_linear(msi->parent_fwnode, size,
						       ops, data);
	if (msi->parent && lab_compat_msi_functions(msi))
		return 0;
	lab_compat_msi_exit(msi);
	return -ENOMEM;
}

/**
 * lab_compat_msi_function - whose message an allocation is for
 * @arg: as struct irq_domain_ops.alloc has it
 *
 * Context: any. Return: the function.
 */
static inline struct pci_dev *lab_compat_msi_function(void *arg)
{
	msi_alloc_info_t *info = arg;

	return to_pci_dev(msi_desc_to_dev(info->desc));
}

#endif
