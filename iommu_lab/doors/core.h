/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of doors/ that belong to the kernel's iommu core share.
 */
#ifndef IOMMU_LAB_DOORS_CORE_H
#define IOMMU_LAB_DOORS_CORE_H

#include <linux/iommu.h>
#include "../machine.h"

static inline struct lab_domain *lab_domain_of(struct iommu_domain *domain)
{
	return container_of(domain, struct lab_domain, iommu);
}

/* paging_ops.c: members of struct iommu_domain_ops */
int lab_op_map_pages(struct iommu_domain *domain, unsigned long iova,
		     phys_addr_t pa, size_t pgsize, size_t pgcount, int prot,
		     gfp_t gfp, size_t *mapped);
size_t lab_op_unmap_pages(struct iommu_domain *domain, unsigned long iova,
			  size_t pgsize, size_t pgcount,
			  struct iommu_iotlb_gather *gather);
int lab_op_sync_map(struct iommu_domain *domain, unsigned long iova,
		    size_t size);
void lab_op_sync_map_void(struct iommu_domain *domain, unsigned long iova,
			  size_t size);
void lab_op_sync(struct iommu_domain *domain,
		 struct iommu_iotlb_gather *gather);
void lab_op_flush_all(struct iommu_domain *domain);
phys_addr_t lab_op_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova);

/* core_owner.c */
int lab_node_switch(struct lab_node *node, struct lab_domain *domain);

#endif
