/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the demonstration share. */
#ifndef TOOLS_DEMO_H
#define TOOLS_DEMO_H

#include <errno.h>
#include <linux/iommu_lab.h>
#include <string.h>
#include <sys/ioctl.h>
#include "demo_report.h"

#define PAGE		4096ull
#define MAX_RANGES	8
#define SMALL_PAGES	2u

#define CALL(fd, cmd, arg) \
	do { \
		if (ioctl(fd, cmd, arg)) \
			give_up(#cmd ": %s", strerror(errno)); \
	} while (0)

/* everything the story is about */
struct demo {
	int control, domain, endpoint;
	u32 unit, bdf, id, levels;
	char name[32];
	char unit_stats[64], endpoint_stats[64], domain_stats[64];
	u64 sets, ways;
	struct iommu_lab_sg range[MAX_RANGES];
	u32 ranges;
	u64 bytes;
	u64 iova;	/* of the list */
	u8 *small;	/* SMALL_PAGES pages, mapped for reading */
	u64 small_iova;
	struct counters unit_start, endpoint_start;
};

extern struct demo demo;

/* from the seed */
u64 next_random(void);

/* demo_machine.c: what there is, a domain, an endpoint */
void show_units(void);
void show_dmar(void);
void make_domain(void);
void attach_endpoint(void);

/* demo_dma.c: memory, DMA, the IOTLB, faults */
void map_list(void);
void copy_list(void);
void show_iotlb(void);
void show_walk(void);
void refuse_write(void);
void unmap_and_touch(void);
void show_counters(void);

#endif
