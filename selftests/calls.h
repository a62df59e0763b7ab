/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Each ioctl with arguments that succeed, and how to undo that.
 */
#ifndef SELFTESTS_CALLS_H
#define SELFTESTS_CALLS_H

#include "lab.h"
#include "sys.h"

enum { CONTROL = 1, DOMAIN = 2, ENDPOINT = 4, ASSOC = 8, ALL = 15 };

#define MAPPED_IOVA	(64 * MIB)	/* always mapped, one page */
#define FREE_IOVA	(128 * MIB)
#define ASSOC_IOVA	(192 * MIB)	/* of the association */

/* one of each kind, with something in it */
struct fixture {
	int control;
	int domain;
	int attached;	/* endpoint 0 */
	int spare;	/* endpoint 2, not attached */
	int buffer;	/* not associated */
	int assoc;	/* of another one */
	u8 *page;
	struct iommu_lab_sg list;
	u8 data;
	u64 bitmap;
	char text[256];
	bool submitted;
};

extern struct fixture fx;

union argument {
	u32 size;
	u8 bytes[2 * PAGE];
	struct iommu_lab_info info;
	struct iommu_lab_explain explain;
	struct iommu_lab_unit_info unit;
	struct iommu_lab_endpoint_info endpoint;
	struct iommu_lab_domain_create create;
	struct iommu_lab_domain_info domain;
	struct iommu_lab_attach attach;
	struct iommu_lab_detach detach;
	struct iommu_lab_map map;
	struct iommu_lab_map_sg map_sg;
	struct iommu_lab_unmap unmap;
	struct iommu_lab_translate translate;
	struct iommu_lab_iova_ranges ranges;
	struct iommu_lab_stats stats;
	struct iommu_lab_dma dma;
	struct iommu_lab_dma_reap reap;
	struct iommu_lab_buffer_create buffer_create;
	struct iommu_lab_buffer_info buffer_info;
	struct iommu_lab_map_buffer map_buffer;
	struct iommu_lab_buffer_begin begin;
	struct iommu_lab_assoc_info assoc;
	struct iommu_lab_addresses addresses;
	struct iommu_lab_dirty_tracking tracking;
	struct iommu_lab_dirty_bitmap bitmap;
	struct iommu_lab_mark mark;
};

/*
 * Each ioctl. `first` is the first kind of file that it is tried on; `good` makes
 * arguments that succeed, `undo` undoes that.
 */
struct call {
	const char *name;
	unsigned long cmd;
	size_t size;
	int kinds;
	int first;
	u32 flags;
	size_t reserved;
	void (*good)(union argument *arg);
	void (*undo)(const union argument *arg);
	size_t first_size;	/* of the first version of its struct, 0: @size */
};

extern const struct call calls[];
extern const size_t nr_calls;

#define FOR_EACH_CALL(call) \
	for (const struct call *call = calls; \
	     call < calls + nr_calls; call++)

/* makes the fixture */
void calls_set_up(void);

/* the file of a kind */
int file_of(int kind);

/* the result of the job that waits */
void wait_and_reap(void);

#endif
