// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "mapped.h"

int control, domain, endpoint;
u8 *mem;
u64 iova;
struct iommu_lab_sg list[PAGES];
u32 nents;

void without_rawio(void)
{
	drop_capability(CAP_SYS_RAWIO);
}

void open_files(void)
{
	control = control_open();
	endpoint = endpoint_open(2);
}

void new_domain(u32 policy)
{
	domain = domain_create(control, policy);
	REQUIRE(domain >= 0);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
}

void map_pages(u32 prot)
{
	u64 seed = test_seed();

	mem = pages_alloc(PAGES * PAGE);
	fill_random(mem, PAGES * PAGE, &seed);
	REQUIRE_EQ(map_any(domain, mem, PAGES * PAGE, prot, 0, &iova), 0);
	nents = PAGES;
	REQUIRE_EQ(device_addresses(domain, iova, PAGES * PAGE, 0, list, &nents),
		   0);
}

struct iommu_lab_dma_result dma_list(u32 op, void *data)
{
	struct iommu_lab_dma dma = {
		.op = op,
		.data = (uintptr_t)data,
	};

	if (op == IOMMU_LAB_DMA_READ) {
		dma.src = (uintptr_t)list;
		dma.src_nents = nents;
	} else {
		dma.dst = (uintptr_t)list;
		dma.dst_nents = nents;
	}
	return dma_run(endpoint, &dma);
}

void check_refused(struct iommu_lab_dma_result r, u32 flags)
{
	EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(r.fault_reason, flags & IOMMU_LAB_FAULT_WRITE ?
		  REASON_WRITE : REASON_READ);
	EXPECT_EQ(r.fault_flags, flags);
	EXPECT_EQ(r.done, 0);
}
