// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU off: a device reaches what is mapped in its domain and nothing else, by
 * physical addresses or others, and nothing after it was unmapped.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "flight.h"
#include "lab.h"
#include "mapped.h"
#include "sys.h"

#define CUTS	100	/* transfers to be revoked in flight */

/* a page of another mapping, or of none, by an address that was right once */
static void confined(void)
{
	struct iommu_lab_sg own;
	u8 *foreign, kept[PAGES], data[16] = { 1, 2, 3 };
	u64 beyond, at;
	u32 i, one = 1;
	int other;

	new_domain(IOMMU_LAB_POLICY_ALLOC);
	other = domain_create(control, IOMMU_LAB_POLICY_ALLOC);
	REQUIRE(other >= 0);
	foreign = pages_alloc(PAGES * PAGE);
	REQUIRE_EQ(map_any(other, foreign, PAGES * PAGE, READ_WRITE, 0, &at), 0);
	map_pages(READ_ONLY);
	memcpy(kept, mem, sizeof(kept));
	own = list[0];

	/* read-only */
	check_refused(dma_write(endpoint, own.addr, data, 16),
		      IOMMU_LAB_FAULT_WRITE);
	EXPECT(!memcmp(kept, mem, sizeof(kept)));
	EXPECT_EQ(dma_read(endpoint, own.addr, data, 16).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(data, mem, 16));

	/* up to the end, and not a byte more: of an entry, or of all */
	for (i = 0; i < nents; i++) {
		struct iommu_lab_dma_result r;
		u8 two[2];

		beyond = list[i].addr + list[i].length;
		if (i + 1 < nents && list[i + 1].addr == beyond)
			continue;
		r = dma_read(endpoint, beyond - 1, two, 2);
		/* unless another page of the mapping happens to be there */
		if (r.status == IOMMU_LAB_DMA_OK) {
			u32 j;

			for (j = 0; j < nents && list[j].addr != beyond; j++)
				;
			EXPECT(j < nents);
			continue;
		}
		EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
		EXPECT_EQ(r.done, 1);
		EXPECT_EQ(r.fault_iova, beyond);
	}

	/* a second mapping of the same page: each gives what it allows */
	REQUIRE_EQ(map_any(domain, mem, PAGE, WRITE_ONLY, 0, &at), 0);
	REQUIRE_EQ(device_addresses(domain, at, PAGE, 0, &own, &one), 0);
	EXPECT_EQ(dma_poke(endpoint, own.addr), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(mem[0], 0xa5);
	REQUIRE_EQ(unmap(domain, at, PAGE), 0);
	check_refused(dma_write(endpoint, own.addr, data, 1),
		      IOMMU_LAB_FAULT_WRITE);
	EXPECT_EQ(dma_peek(endpoint, list[0].addr), IOMMU_LAB_DMA_OK);
}

/* H12: by physical addresses that are known, and may not be used */
static void confined_physical(void)
{
	u8 *secret, data[16] = { 0 }, kept[16];
	u64 seed = test_seed();
	int i;

	open_files();
	secret = pages_alloc(PAGE);
	fill_random(secret, PAGE, &seed);
	memcpy(kept, secret, sizeof(kept));
	REQUIRE(!mlock(secret, PAGE));
	confined();
	for (i = 0; i < 2; i++) {
		check_refused(dma_read(endpoint, phys_of(secret), data, 16), 0);
		EXPECT(!data[0] && !memcmp(data, data + 1, 15));
		check_refused(dma_write(endpoint, phys_of(secret), data, 16),
			      IOMMU_LAB_FAULT_WRITE);
		EXPECT(!memcmp(kept, secret, 16));
		/* the IOVA is a name, no address */
		check_refused(dma_read(endpoint, iova, data, 16), 0);
		check_refused(dma_read(endpoint, 0, data, 16), 0);
		check_refused(dma_read(endpoint, ~0ull - 15, data, 16), 0);
		check_refused(dma_read(endpoint, 1 * MIB, data, 16), 0);
		REQUIRE_EQ(unmap(domain, iova, PAGES * PAGE), 0);
		map_pages(READ_WRITE);
	}
}

static void confined_opaque(void)
{
	u64 phys;
	u8 byte;

	open_files();
	without_rawio();
	confined();
	check_refused(dma_read(endpoint, iova - 1, &byte, 1), 0);
	check_refused(dma_read(endpoint, iova + PAGES * PAGE, &byte, 1), 0);
	check_refused(dma_read(endpoint, (uintptr_t)mem, &byte, 1), 0);
	check_refused(dma_read(endpoint, 1ull << 60, &byte, 1), 0);
	for (phys = 0; phys < 64 * MIB; phys += MIB)
		check_refused(dma_read(endpoint, phys, &byte, 1), 0);
}

/* a domain with physical addresses is of no use without the right to them */
static void rights_again(void)
{
	u32 n = PAGES;

	open_files();
	new_domain(IOMMU_LAB_POLICY_VA);
	map_pages(READ_WRITE);
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	without_rawio();
	EXPECT_EQ(domain_attach(domain, endpoint), -EPERM);
	EXPECT(strstr(last_refusal(domain), "CAP_SYS_RAWIO"));
	EXPECT_EQ(device_addresses(domain, iova, PAGE, 0, list, &n), -EPERM);
	EXPECT_EQ(domain_create(control, IOMMU_LAB_POLICY_IDENTITY), -EPERM);
	EXPECT_EQ(unmap(domain, iova, PAGES * PAGE), 0);
}

/*
 * Once an unmap has returned no byte changes, however busy the device was: what
 * the CPU writes then stays. Counted are the transfers that were in the middle.
 */
static void unmapped_in_flight(void)
{
	u64 limit = now_ms() + (is_debug_kernel() ? 90000 : 30000);
	u8 *pages = pages_alloc(PAGES * PAGE);
	unsigned int cuts = 0, rounds = 0;
	struct flight flight = {
		.endpoint = endpoint,
		.op = IOMMU_LAB_DMA_FILL,
	};

	new_domain(IOMMU_LAB_POLICY_ALLOC);
	while (cuts < CUTS && now_ms() < limit) {
		u64 offset = ++rounds % PAGES * PAGE;
		struct iommu_lab_dma_result result;
		u32 n = 1;

		REQUIRE_EQ(map_any(domain, pages, PAGES * PAGE, READ_WRITE, 0,
				   &iova), 0);
		REQUIRE_EQ(device_addresses(domain, iova + offset, PAGE, 0, list,
					    &n), 0);
		flight.iova = list[0].addr;
		flight.page = (volatile u64 *)(pages + offset);
		/* never 0 */
		flight.pattern = rounds * 0x0101010101010101ull;
		flight_start(&flight);
		REQUIRE_EQ(unmap(domain, iova, PAGES * PAGE), 0);
		memset(pages, 0, PAGES * PAGE);
		result = flight_land(&flight);
		if (result.status != IOMMU_LAB_DMA_OK) {
			REQUIRE_EQ(result.status, IOMMU_LAB_DMA_FAULT);
			EXPECT_EQ(result.fault_iova, flight.iova);
		}
		cuts += flight_was_cut(&flight, &result);
		/* and one that begins after it */
		check_refused(dma_fill(endpoint, flight.iova, PAGE,
				       flight.pattern), IOMMU_LAB_FAULT_WRITE);
		REQUIRE(!pages[0] &&
			!memcmp(pages, pages + 1, PAGES * PAGE - 1));
	}
	note("%u of %u transfers were in flight when they were revoked", cuts,
	     rounds);
	EXPECT(cuts >= CUTS);
	close(domain);
}

static void in_flight(void)
{
	open_files();
	unmapped_in_flight();
	without_rawio();
	unmapped_in_flight();
}

/* the ring runs in a kernel thread */
static void ring(void)
{
	struct iommu_lab_dma_reap reap = { .size = sizeof(reap) };
	u8 *copy = pages_alloc(PAGES * PAGE);
	int error, pass;

	open_files();
	for (pass = 0; pass < 2; pass++) {
		struct iommu_lab_dma dma = {
			.size = sizeof(dma),
			.op = IOMMU_LAB_DMA_READ,
			.data = (uintptr_t)copy,
			.cookie = 7 + pass,
		};

		new_domain(IOMMU_LAB_POLICY_VA);
		map_pages(READ_ONLY);
		dma.src_nents = nents;
		dma.src = (uintptr_t)list;
		REQUIRE_EQ(lab_ioctl(endpoint, IOMMU_LAB_DMA_SUBMIT, &dma), 0);
		do {
			error = lab_ioctl(endpoint, IOMMU_LAB_DMA_REAP, &reap);
		} while (error == -EAGAIN);
		REQUIRE_EQ(error, 0);
		EXPECT_EQ(reap.result.status, IOMMU_LAB_DMA_OK);
		EXPECT_EQ(reap.result.cookie, 7 + pass);
		EXPECT(!memcmp(mem, copy, PAGES * PAGE));
		close(domain);
		without_rawio();
	}
}

static const struct test_case cases[] = {
	{ "H12 by physical address only what is mapped is reached",
	  confined_physical, "mode=off" },
	{ "H12 without the right to physical addresses, too", confined_opaque,
	  "mode=off" },
	{ "physical addresses need the right again at attach", rights_again,
	  "mode=off" },
	{ "after an unmap under DMA no byte changes", in_flight, "mode=off",
	  .seconds = 200 },
	{ "the ring resolves addresses, too", ring, "mode=off" },
};

int main(void)
{
	return RUN_CASES(cases);
}
