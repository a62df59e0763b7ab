/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ABI as short calls. Unless said otherwise a call returns what the ioctl
 * returned: 0 or a negative errno; those that return a value end the case when
 * the ioctl fails.
 */
#ifndef SELFTESTS_LAB_H
#define SELFTESTS_LAB_H

#include <fcntl.h>
#include <linux/iommu_lab.h>
#include "tap.h"

#define CONTROL_NODE	"/dev/iommu_lab"
#define ENDPOINT_DIR	"/dev/iommu_lab-ep"
#define NAME_BYTES	32

#define ALLOC_START	(4 * GIB)	/* the default ALLOC aperture */
#define ALLOC_LAST	(8 * GIB - 1)
#define MSI_START	0xfee00000ull
#define MSI_LAST	0xfeefffffull
#define RMRR_START	0xfd000000ull	/* of endpoint 1 */
#define RMRR_LAST	0xfd001fffull

#define READ_ONLY	IOMMU_LAB_PROT_READ
#define WRITE_ONLY	IOMMU_LAB_PROT_WRITE
#define READ_WRITE	IOMMU_LAB_BIDIRECTIONAL

/* fault reasons of VT-d 7.1.3 */
enum {
	REASON_ROOT_NOT_PRESENT = 1,
	REASON_CONTEXT_NOT_PRESENT = 2,
	REASON_BEYOND_WIDTH = 4,
	REASON_WRITE = 5,
	REASON_READ = 6,
	REASON_SM_ROOT_NOT_PRESENT = 0x39,
	REASON_SM_CONTEXT_NOT_PRESENT = 0x41,
	REASON_PASID_NOT_PRESENT = 0x59,
	REASON_SM_WRITE = 0x85,
	REASON_SM_READ = 0x86,
};

int lab_ioctl(int fd, unsigned long cmd, void *arg);

/* open files; end the case on failure */
int control_open(void);
int endpoint_open(unsigned int index);
int endpoint_open_flags(unsigned int index, int flags);
void endpoint_name(unsigned int index, char name[NAME_BYTES]);

/* control node */
struct iommu_lab_info lab_info(int control);
struct iommu_lab_endpoint_info endpoint_info(int control, unsigned int index);
int domain_create(int control, u32 policy);	/* fd or a negative errno */
int domain_create_in(int control, u32 policy, u64 start, u64 last);
int domain_create_with(int control, u32 policy, u32 flags);

/* each kind of file: the sentence about the last refusal, "" if none */
const char *last_refusal(int fd);

/* domain fd */
struct iommu_lab_domain_info domain_info(int domain);
int domain_attach(int domain, int endpoint);
int domain_attach_named(int domain, int endpoint, u32 name);
int domain_detach(int domain, int endpoint);
int map_at(int domain, const void *va, u64 bytes, u32 prot, u64 iova);
int map_any(int domain, const void *va, u64 bytes, u32 prot, u64 align,
	    u64 *iova);
int map_list(int domain, const struct iommu_lab_sg *list, u32 nents, u32 prot,
	     u64 *iova);
int map_identity(int domain, u64 phys, u64 bytes, u32 prot);
int mark(int domain, const void *va, u64 bytes);
int mark_clear(int domain, const void *va, u64 bytes);
int device_addresses(int domain, u64 iova, u64 bytes, u32 flags,
		     struct iommu_lab_sg *list, u32 *nents);
int unmap(int domain, u64 iova, u64 bytes);
int unmap_flags(int domain, u64 iova, u64 bytes, u32 flags, u64 *unmapped);
int track_dirty(int domain, bool on);
int read_dirty(int domain, u32 flags, u64 iova, u64 bytes, u64 page_size,
	       void *bitmap);
int translate(int domain, u64 iova, struct iommu_lab_translate *answer);
bool is_mapped(int domain, u64 iova);

/**
 * open_attached() - what most cases begin with: an endpoint in a new domain
 * @policy: of the domain, IOMMU_LAB_POLICY_*
 * @index: of the endpoint
 * @control: out: fd of the control node
 * @domain: out: fd of the domain
 * @endpoint: out: fd of the endpoint, attached to @domain
 *
 * Ends the case on failure.
 */
void open_attached(u32 policy, unsigned int index, int *control, int *domain,
		   int *endpoint);

/* domain fd or endpoint; lab_stats_since: the difference to before */
struct iommu_lab_stats lab_stats(int fd);
struct iommu_lab_stats lab_stats_since(int fd,
				       const struct iommu_lab_stats *before);

/* endpoint; dma_* return the result, dma_try what the ioctl returned */
int dma_try(int endpoint, struct iommu_lab_dma *dma);
struct iommu_lab_dma_result dma_run(int endpoint, struct iommu_lab_dma *dma);
struct iommu_lab_dma_result dma_read(int endpoint, u64 iova, void *data,
				     u64 bytes);
struct iommu_lab_dma_result dma_write(int endpoint, u64 iova, const void *data,
				      u64 bytes);
struct iommu_lab_dma_result dma_copy(int endpoint, u64 src, u64 dst, u64 bytes);
struct iommu_lab_dma_result dma_fill(int endpoint, u64 dst, u64 bytes,
				     u64 pattern);
struct iommu_lab_dma_result dma_compare(int endpoint, u64 src, u64 dst,
					u64 bytes);
/* the status of a read (device writes) of one byte at an IOVA */
u32 dma_peek(int endpoint, u64 iova);
u32 dma_poke(int endpoint, u64 iova);

/*
 * Whether nothing is left: no domain, and all quotas of this user free. Waits a
 * moment, since tables are freed after a grace period; says what is left.
 */
bool lab_is_empty(void);

#endif
