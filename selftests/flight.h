/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A transfer that is certainly in flight: a job of the ring whose list names the
 * same page again and again, so that it takes long, and one look at that page
 * tells that it has begun.
 */
#ifndef SELFTESTS_FLIGHT_H
#define SELFTESTS_FLIGHT_H

#include "lab.h"
#include "sys.h"

#define FLIGHT_ENTRIES	4096
/* WRITE in the ring has up to IOMMU_LAB_RING_DATA bytes of data */
#define FLIGHT_WRITES	(IOMMU_LAB_RING_DATA / PAGE)

/**
 * struct flight - one transfer
 * @endpoint: its fd, attached
 * @op: IOMMU_LAB_DMA_FILL, WRITE, or COPY from the page at @from
 * @iova: of the page that is written
 * @from: of the page that COPY reads
 * @page: the page that is written, as the process sees it
 * @pattern: what is written, 8 bytes again and again. COPY: what is at @from
 * @length: bytes of the whole transfer; set by flight_start()
 */
struct flight {
	int endpoint;
	u32 op;
	u64 iova;
	u64 from;
	volatile u64 *page;
	u64 pattern;
	u64 length;
};

/* submits; returns when the page has the first bytes, or the job has ended */
void flight_start(struct flight *flight);
/* waits for the result and reaps it */
struct iommu_lab_dma_result flight_land(struct flight *flight);
/* whether it was ended in the middle: it was in flight when it was revoked */
bool flight_was_cut(const struct flight *flight,
		    const struct iommu_lab_dma_result *result);

/* the list that was given to the last flight_start() in this process */
extern struct iommu_lab_sg flight_list[FLIGHT_ENTRIES];

/* the poll and the reap of any job of a ring */
struct iommu_lab_dma_result ring_result(int endpoint);
bool ring_has_result(int endpoint);

#endif
