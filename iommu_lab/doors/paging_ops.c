// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's iommu core asks of a paging domain, in any context: also with
 * interrupts off and any lock held.
 */
#include <linux/overflow.h>
#include "core.h"

static_assert(LAB_PROT_READ == IOMMU_READ);
static_assert(LAB_PROT_WRITE == IOMMU_WRITE);

/**
 * lab_op_map_pages - struct iommu_domain_ops.map_pages
 * @domain: ours
 * @iova: begin of the range; bytes, multiple of @pgsize
 * @pa: physical address; bytes, multiple of @pgsize
 * @pgsize: bytes, one of the domain's page sizes
 * @pgcount: how many pages
 * @prot: IOMMU_READ, IOMMU_WRITE; other rights and hints mean nothing to a unit
 * @gfp: for tables
 * @mapped: bytes that are mapped now are added to it
 *
 * Context: what @gfp allows.
 * Return: 0; -EINVAL: no right is given, or the range wraps; what lab_core_map()
 * returns.
 */
int lab_op_map_pages(struct iommu_domain *domain, unsigned long iova,
		     phys_addr_t pa, size_t pgsize, size_t pgcount, int prot,
		     gfp_t gfp, size_t *mapped)
{
	u32 rights = prot & (LAB_PROT_READ | LAB_PROT_WRITE);
	size_t length;
	u64 done;
	int ret;

	if (!rights || check_mul_overflow(pgsize, pgcount, &length))
		return -EINVAL;
	/* RAM is nothing that a driver maps as MMIO, least of all at its own address */
	if (prot & IOMMU_MMIO && iova == pa)
		rights |= LAB_PROT_REGION;
	ret = lab_core_map(lab_domain_of(domain), iova, pa, length, rights, gfp,
			   &done);
	*mapped += done;
	return ret;
}

/**
 * lab_op_unmap_pages - struct iommu_domain_ops.unmap_pages
 * @domain: ours
 * @iova: begin of the range; bytes, multiple of @pgsize
 * @pgsize: bytes, one of the domain's page sizes
 * @pgcount: how many pages
 * @gather: what lab_op_sync() will cover; queued: lab_op_flush_all() will be called
 *	instead
 *
 * Context: any.
 * Return: bytes unmapped.
 */
size_t lab_op_unmap_pages(struct iommu_domain *domain, unsigned long iova,
			  size_t pgsize, size_t pgcount,
			  struct iommu_iotlb_gather *gather)
{
	bool queued = iommu_iotlb_gather_queued(gather);
	size_t unmapped;
	bool done;

	unmapped = lab_core_unmap(lab_domain_of(domain), iova,
				  pgsize * pgcount, queued, &done);
	/* holes are skipped: what was cleared may lie behind @unmapped bytes */
	if (unmapped && !queued && !done)
		iommu_iotlb_gather_add_range(gather, iova, pgsize * pgcount);
	return unmapped;
}

/**
 * lab_op_sync_map - struct iommu_domain_ops.iotlb_sync_map
 * @domain: ours
 * @iova: begin of a range that was mapped
 * @size: bytes
 *
 * Context: any. Return: 0.
 */
int lab_op_sync_map(struct iommu_domain *domain, unsigned long iova,
		    size_t size)
{
	lab_core_map_sync(lab_domain_of(domain), iova, size);
	return 0;
}

/**
 * lab_op_sync_map_void - the same for kernels where it returns nothing
 * @domain: ours
 * @iova: begin of a range that was mapped
 * @size: bytes
 *
 * Context: any.
 */
void lab_op_sync_map_void(struct iommu_domain *domain, unsigned long iova,
			  size_t size)
{
	lab_op_sync_map(domain, iova, size);
}

/**
 * lab_op_sync - struct iommu_domain_ops.iotlb_sync
 * @domain: ours
 * @gather: ranges that were unmapped
 *
 * Context: any.
 */
void lab_op_sync(struct iommu_domain *domain,
		 struct iommu_iotlb_gather *gather)
{
	lab_core_sync(lab_domain_of(domain), gather->start, gather->end);
}

/**
 * lab_op_flush_all - struct iommu_domain_ops.flush_iotlb_all
 * @domain: ours
 *
 * Context: any.
 */
void lab_op_flush_all(struct iommu_domain *domain)
{
	lab_core_flush(lab_domain_of(domain));
}

/**
 * lab_op_iova_to_phys - struct iommu_domain_ops.iova_to_phys
 * @domain: ours
 * @iova: the IOVA
 *
 * Context: any. Return: the physical address, 0 if there is none.
 */
phys_addr_t lab_op_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova)
{
	return lab_core_lookup(lab_domain_of(domain), iova);
}
