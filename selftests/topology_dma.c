// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "sys.h"
#include "topology.h"

#define UNITS	256u

static void read_lookups(u32 units, u64 *lookups)
{
	char file[64];

	for (u32 i = 0; i < units; i++) {
		snprintf(file, sizeof(file), "units/%u/stats", i);
		lookups[i] = debugfs_number(file, "lookups");
	}
}

static void dma_at(int control, u32 units, u32 index)
{
	struct iommu_lab_endpoint_info info = endpoint_info(control, index);
	u64 before[UNITS], after[UNITS], iova;
	int domain, endpoint = endpoint_open(index);
	char *page = pages_alloc(PAGE);

	domain = domain_create(control, IOMMU_LAB_POLICY_ALLOC);
	REQUIRE(domain >= 0);
	REQUIRE_EQ(map_any(domain, page, PAGE, IOMMU_LAB_PROT_READ |
			   IOMMU_LAB_PROT_WRITE, 0, &iova), 0);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	read_lookups(units, before);
	EXPECT_EQ(dma_write(endpoint, iova, "reached", 8).status,
		  IOMMU_LAB_DMA_OK);
	read_lookups(units, after);
	EXPECT(!strcmp(page, "reached"));
	for (u32 i = 0; i < units; i++)
		if (!EXPECT_EQ(after[i] > before[i], i == info.unit))
			note("endpoint %u, %x:%04x, unit %u", index,
			     info.segment, info.bdf, i);
	close(endpoint);
	close(domain);
}

void dma_at_each_endpoint(int control)
{
	struct iommu_lab_info info = lab_info(control);

	REQUIRE(info.units && info.units <= UNITS);
	for (u32 i = 0; i < info.endpoints; i++)
		dma_at(control, info.units, i);
}

struct iommu_lab_endpoint_info endpoint_at(int control, u32 segment, u32 bdf)
{
	u32 nr = lab_info(control).endpoints;

	for (u32 i = 0; i < nr; i++) {
		struct iommu_lab_endpoint_info info = endpoint_info(control, i);

		if (info.segment == segment && info.bdf == bdf)
			return info;
	}
	note("no endpoint %x:%04x", segment, bdf);
	REQUIRE(false);
	__builtin_unreachable();
}
