// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <string.h>
#include "flight.h"

#define PATIENCE_MS	20000

struct iommu_lab_sg flight_list[FLIGHT_ENTRIES];

bool ring_has_result(int endpoint)
{
	struct pollfd fd = { .fd = endpoint, .events = POLLIN };

	return poll(&fd, 1, 0) == 1;
}

struct iommu_lab_dma_result ring_result(int endpoint)
{
	struct pollfd fd = { .fd = endpoint, .events = POLLIN };
	struct iommu_lab_dma_reap cmd = { .size = sizeof(cmd) };

	REQUIRE_EQ(poll(&fd, 1, PATIENCE_MS), 1);
	REQUIRE_EQ(lab_ioctl(endpoint, IOMMU_LAB_DMA_REAP, &cmd), 0);
	return cmd.result;
}

static u32 fill_list(struct iommu_lab_sg *list, u64 iova, u32 nr)
{
	for (u32 i = 0; i < nr; i++)
		list[i] = (struct iommu_lab_sg){ iova, PAGE };
	return nr;
}

void flight_start(struct flight *flight)
{
	static struct iommu_lab_sg from[FLIGHT_ENTRIES];
	static u64 data[IOMMU_LAB_RING_DATA / sizeof(u64)];
	u64 limit = now_ms() + PATIENCE_MS;
	struct iommu_lab_dma dma = {
		.size = sizeof(dma),
		.op = flight->op,
		.src = (uintptr_t)from,
		.dst = (uintptr_t)flight_list,
		.data = (uintptr_t)data,
		.pattern = flight->pattern,
		.cookie = flight->pattern,
	};

	if (flight->op == IOMMU_LAB_DMA_WRITE) {
		dma.dst_nents = FLIGHT_WRITES;
		for (size_t i = 0; i < ARRAY_SIZE(data); i++)
			data[i] = flight->pattern;
	} else {
		dma.dst_nents = FLIGHT_ENTRIES;
	}
	fill_list(flight_list, flight->iova, dma.dst_nents);
	if (flight->op == IOMMU_LAB_DMA_COPY)
		dma.src_nents = fill_list(from, flight->from, dma.dst_nents);
	flight->length = dma.dst_nents * PAGE;
	REQUIRE(flight->page[0] != flight->pattern);
	REQUIRE_EQ(lab_ioctl(flight->endpoint, IOMMU_LAB_DMA_SUBMIT, &dma), 0);
	/* a system call in this loop would leave the moment to chance */
	for (unsigned int i = 1; flight->page[0] != flight->pattern; i++)
		if (!(i % 65536) && ring_has_result(flight->endpoint))
			break;
	REQUIRE(now_ms() < limit);
}

struct iommu_lab_dma_result flight_land(struct flight *flight)
{
	struct iommu_lab_dma_result result = ring_result(flight->endpoint);

	EXPECT_EQ(result.cookie, flight->pattern);
	return result;
}

bool flight_was_cut(const struct flight *flight,
		    const struct iommu_lab_dma_result *result)
{
	return result->status != IOMMU_LAB_DMA_OK && result->done &&
	       result->done < flight->length;
}
