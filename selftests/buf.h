/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buffers and associations as short calls, in the manner of lab.h.
 */
#ifndef SELFTESTS_BUF_H
#define SELFTESTS_BUF_H

#include "lab.h"

#define COHERENT	IOMMU_LAB_CACHE_COHERENT
#define NONCOHERENT	IOMMU_LAB_CACHE_NONCOHERENT
#define WRITE_COMBINE	IOMMU_LAB_CACHE_WRITE_COMBINE
#define CONTIGUOUS	IOMMU_LAB_BUFFER_CONTIGUOUS
#define BELOW_4G	IOMMU_LAB_BUFFER_BELOW_4G
#define MAX_ORDER	10	/* of the page allocator, on x86 */
#define MAX_BLOCK	(PAGE << MAX_ORDER)

/* control node; fd or a negative errno, *bytes is rounded up */
int buffer_create_as(int control, u64 *bytes, u32 flags, u32 min_order,
		     u32 cache);
/* of single pages, coherent; ends the case on failure */
int buffer_create(int control, u64 bytes);
struct iommu_lab_buffer_info buffer_info(int control, int buffer);
/* its physical runs, malloc'ed */
struct iommu_lab_sg *buffer_blocks(int control, int buffer, u32 *nr);

/* the whole buffer in this process, shared; ends the case on failure */
void *buffer_mmap(int buffer, u64 bytes);
/* DMA_BUF_IOCTL_SYNC with these flags */
int buffer_sync(int buffer, u64 flags);

/* domain fd */
int map_buffer(int domain, int buffer, u64 offset, u64 bytes, u32 prot,
	       u64 iova);
int map_buffer_any(int domain, int buffer, u32 prot, u64 *iova);
/* association fd or a negative errno */
int buffer_begin(int domain, int buffer, u32 prot, u64 iova);

/* association fd */
int assoc_try(int assoc, struct iommu_lab_assoc_info *info);
struct iommu_lab_assoc_info assoc_info(int assoc);

/* domain or association fd; *nr: in room, out how many */
int addresses(int fd, u32 flags, u64 iova, u64 bytes, struct iommu_lab_sg *list,
	      u32 *nr);

/* bytes that this user has pinned */
u64 pinned_bytes(int control);

#endif
