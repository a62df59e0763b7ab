/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One mapped buffer, and a DMA by its device addresses: what a program has that
 * does not know whether there is a unit.
 */
#ifndef SELFTESTS_MAPPED_H
#define SELFTESTS_MAPPED_H

#include "lab.h"
#include "sys.h"

#define PAGES	5u

extern int control, domain, endpoint;	/* endpoint 2 */
extern u8 *mem;		/* PAGES pages of random bytes, mapped at `iova` */
extern u64 iova;
extern struct iommu_lab_sg list[PAGES];	/* their device addresses */
extern u32 nents;

void without_rawio(void);

/* each ends the case when it fails */
void open_files(void);
void new_domain(u32 policy);	/* attached */
void map_pages(u32 prot);

/* READ, WRITE or FILL of the whole list */
struct iommu_lab_dma_result dma_list(u32 op, void *data);
/* a FAULT with these fault_flags, nothing done, as without a unit */
void check_refused(struct iommu_lab_dma_result r, u32 flags);

#endif
