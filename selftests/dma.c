// SPDX-License-Identifier: GPL-2.0
/*
 * The DMA engine: what it moves is what the process would have moved itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)
#define TO	(512 * MIB)

static int control, domain, endpoint;
static u64 seed;

static void set_up(void)
{
	open_attached(IOMMU_LAB_POLICY_FIXED, 0, &control, &domain, &endpoint);
	seed = test_seed();
}

/* cuts a buffer into pieces of 1 to 32 pages, in random order */
static u32 scatter(u8 *mem, u64 bytes, struct iommu_lab_sg *list)
{
	u32 nents = 0, i;
	u64 at = 0;

	while (at < bytes) {
		u64 length = (1 + next_random(&seed) % 32) * PAGE;

		if (length > bytes - at)
			length = bytes - at;
		list[nents++] = (struct iommu_lab_sg){ (uintptr_t)mem + at,
						       length };
		at += length;
	}
	for (i = nents - 1; i; i--) {
		u32 other = next_random(&seed) % (i + 1);
		struct iommu_lab_sg kept = list[i];

		list[i] = list[other];
		list[other] = kept;
	}
	return nents;
}

/* the process address of each page of a list */
static const u8 **pages_of(const struct iommu_lab_sg *list, u32 nents, u64 pages)
{
	const u8 **page = calloc(pages, sizeof(*page));
	u64 n = 0, i;
	u32 e;

	REQUIRE(page);
	for (e = 0; e < nents; e++)
		for (i = 0; i < list[e].length; i += PAGE)
			page[n++] = (const u8 *)(uintptr_t)list[e].addr + i;
	REQUIRE_EQ(n, pages);
	return page;
}

/* 64 MiB, both sides scattered in the process and contiguous for the device */
static void large_copy(void)
{
	u64 bytes = 64 * MIB, pages = bytes / PAGE, src = GIB, dst = 2 * GIB, n;
	struct iommu_lab_sg *from = calloc(pages, sizeof(*from));
	struct iommu_lab_sg *to = calloc(pages, sizeof(*to));
	u8 *mem = pages_alloc(bytes), *copy = pages_alloc(bytes);
	struct iommu_lab_dma_result result;
	struct iommu_lab_stats stats;
	u32 from_nents, to_nents;
	const u8 **a, **b;

	set_up();
	fill_random(mem, bytes, &seed);
	from_nents = scatter(mem, bytes, from);
	to_nents = scatter(copy, bytes, to);
	REQUIRE_EQ(map_list(domain, from, from_nents, READ_ONLY, &src), 0);
	REQUIRE_EQ(map_list(domain, to, to_nents, WRITE_ONLY, &dst), 0);
	result = dma_copy(endpoint, src, dst, bytes);
	EXPECT_EQ(result.status, IOMMU_LAB_DMA_OK);
	EXPECT_EQ(result.done, bytes);
	a = pages_of(from, from_nents, pages);
	b = pages_of(to, to_nents, pages);
	for (n = 0; n < pages; n++)
		REQUIRE(!memcmp(a[n], b[n], PAGE));
	stats = lab_stats(endpoint);
	EXPECT_EQ(stats.lookups, 2 * pages);
	EXPECT_EQ(stats.hits + stats.misses, stats.lookups);
	EXPECT_EQ(stats.faults, 0);
	note("%u and %u pieces, %llu walks", from_nents, to_nents,
	     (unsigned long long)stats.walks);
}

#define REGION	(64 * PAGE)

/* n fragments of 1 to 5000 bytes that lie in the region one after the other */
static u64 fragments(struct iommu_lab_sg *list, u32 n, u64 iova)
{
	u64 at = next_random(&seed) % 100, bytes = 0;
	u32 i;

	for (i = 0; i < n; i++) {
		list[i].addr = iova + at;
		list[i].length = 1 + next_random(&seed) % 5000;
		bytes += list[i].length;
		at += list[i].length + next_random(&seed) % 70;
	}
	REQUIRE(at <= REGION);
	/* any order */
	for (i = 0; i < n; i++) {
		u32 other = next_random(&seed) % n;
		struct iommu_lab_sg kept = list[i];

		list[i] = list[other];
		list[other] = kept;
	}
	return bytes;
}

/* makes a list exactly so long */
static u32 cut_to(struct iommu_lab_sg *list, u64 bytes)
{
	u32 i;

	for (i = 0; bytes; i++) {
		if (list[i].length > bytes)
			list[i].length = bytes;
		bytes -= list[i].length;
	}
	return i;
}

/* what the device does, done by the process */
static void gather(const struct iommu_lab_sg *list, u32 nents, const u8 *mem,
		   u64 iova, u8 *out)
{
	u32 i;

	for (i = 0; i < nents; out += list[i++].length)
		memcpy(out, mem + (list[i].addr - iova), list[i].length);
}

static void spread(const struct iommu_lab_sg *list, u32 nents, u8 *mem,
		   u64 iova, const u8 *in)
{
	u32 i;

	for (i = 0; i < nents; in += list[i++].length)
		memcpy(mem + (list[i].addr - iova), in, list[i].length);
}

static void scattered_lists(void)
{
	int rounds = is_debug_kernel() ? 10 : 60, i;
	u8 *mem, *copy, *want, *flow;

	set_up();
	mem = pages_alloc(REGION);
	copy = pages_alloc(REGION);
	want = pages_alloc(REGION);
	flow = pages_alloc(REGION);
	REQUIRE_EQ(map_at(domain, mem, REGION, READ_ONLY, AT), 0);
	REQUIRE_EQ(map_at(domain, copy, REGION, READ_WRITE, TO), 0);
	for (i = 0; i < rounds; i++) {
		struct iommu_lab_sg from[40], to[40];
		struct iommu_lab_dma dma = {
			.op = IOMMU_LAB_DMA_COPY,
			.src = (uintptr_t)from,
			.dst = (uintptr_t)to,
			.pattern = next_random(&seed),
			.data = (uintptr_t)flow,
			.cookie = i,
		};
		u64 bytes = fragments(from, 40, AT), other;
		struct iommu_lab_dma_result result;
		u64 k;

		other = fragments(to, 40, TO);
		bytes = bytes < other ? bytes : other;
		dma.src_nents = cut_to(from, bytes);
		dma.dst_nents = cut_to(to, bytes);
		fill_random(mem, REGION, &seed);
		memcpy(want, copy, REGION);

		/* copy */
		gather(from, dma.src_nents, mem, AT, flow);
		spread(to, dma.dst_nents, want, TO, flow);
		result = dma_run(endpoint, &dma);
		REQUIRE_EQ(result.status, IOMMU_LAB_DMA_OK);
		REQUIRE_EQ(result.done, bytes);
		REQUIRE_EQ(result.cookie, i);
		REQUIRE(!memcmp(copy, want, REGION));

		/* compare: equal, then different at one byte */
		dma.op = IOMMU_LAB_DMA_COMPARE;
		result = dma_run(endpoint, &dma);
		REQUIRE_EQ(result.status, IOMMU_LAB_DMA_OK);
		REQUIRE_EQ(result.done, bytes);
		k = next_random(&seed) % bytes;
		flow[k] ^= 1 << next_random(&seed) % 8;
		spread(to, dma.dst_nents, copy, TO, flow);
		result = dma_run(endpoint, &dma);
		REQUIRE_EQ(result.status, IOMMU_LAB_DMA_MISCOMPARE);
		REQUIRE_EQ(result.done, k);

		/* fill: the pattern goes on over the borders of entries */
		dma.op = IOMMU_LAB_DMA_FILL;
		other = dma.src_nents;
		dma.src_nents = 0;
		for (k = 0; k < bytes; k++)
			flow[k] = dma.pattern >> k % 8 * 8;
		memcpy(want, copy, REGION);
		spread(to, dma.dst_nents, want, TO, flow);
		result = dma_run(endpoint, &dma);
		REQUIRE_EQ(result.status, IOMMU_LAB_DMA_OK);
		REQUIRE(!memcmp(copy, want, REGION));

		/* write, then read back */
		dma.op = IOMMU_LAB_DMA_WRITE;
		fill_random(flow, bytes, &seed);
		spread(to, dma.dst_nents, want, TO, flow);
		result = dma_run(endpoint, &dma);
		REQUIRE_EQ(result.status, IOMMU_LAB_DMA_OK);
		REQUIRE(!memcmp(copy, want, REGION));
		dma.op = IOMMU_LAB_DMA_READ;
		dma.src_nents = other;
		dma.dst_nents = 0;
		memset(flow, 0, bytes);
		result = dma_run(endpoint, &dma);
		REQUIRE_EQ(result.status, IOMMU_LAB_DMA_OK);
		gather(from, dma.src_nents, mem, AT, want);
		REQUIRE(!memcmp(flow, want, bytes));
	}
}

/* it ends where the mapping ends, and what was before is done */
static void partial(void)
{
	u8 *mem, *copy, *data;
	struct iommu_lab_dma_result r;

	set_up();
	mem = pages_alloc(4 * PAGE);
	copy = pages_alloc(4 * PAGE);
	data = pages_alloc(4 * PAGE);
	fill_random(mem, 4 * PAGE, &seed);
	REQUIRE_EQ(map_at(domain, mem, 4 * PAGE, READ_WRITE, AT), 0);
	REQUIRE_EQ(map_at(domain, copy, 3 * PAGE, READ_WRITE, TO), 0);
	r = dma_copy(endpoint, AT, TO + 10, 4 * PAGE - 10);
	EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(r.done, 3 * PAGE - 10);
	EXPECT_EQ(r.fault_iova, TO + 3 * PAGE);
	EXPECT_EQ(r.fault_flags, IOMMU_LAB_FAULT_WRITE);
	EXPECT_EQ(r.fault_reason, REASON_WRITE);
	EXPECT(!memcmp(copy + 10, mem, 3 * PAGE - 10));
	EXPECT_EQ(copy[3 * PAGE], 0);
	r = dma_read(endpoint, AT + PAGE, data, 4 * PAGE);
	EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(r.done, 3 * PAGE);
	EXPECT_EQ(r.fault_iova, AT + 4 * PAGE);
	EXPECT_EQ(r.fault_reason, REASON_READ);
	EXPECT(!memcmp(data, mem + PAGE, 3 * PAGE));
	/* beyond what the tables can translate */
	r = dma_read(endpoint, 1ull << 60, data, 8);
	EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(r.fault_reason, REASON_BEYOND_WIDTH);
	/* the caller's data ends */
	REQUIRE(!munmap(data + 2 * PAGE, 2 * PAGE));
	r = dma_read(endpoint, AT, data, 4 * PAGE);
	EXPECT_EQ(r.status, IOMMU_LAB_DMA_DATA);
	EXPECT_EQ(r.done, 2 * PAGE);
	r = dma_write(endpoint, AT, data, 4 * PAGE);
	EXPECT_EQ(r.status, IOMMU_LAB_DMA_DATA);
	EXPECT_EQ(r.done, 2 * PAGE);
	EXPECT_EQ(r.fault_reason, 0);
}

/* N8: the reserved region of endpoint 1 is live before, during and after */
static void reserved_region(void)
{
	int claimed = endpoint_open(1), other = endpoint_open(0);
	u64 words[2] = { 0x0123456789abcdef, 0xfedcba9876543210 }, got[2], at;
	int phase;

	control = control_open();
	domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE(domain >= 0);
	for (phase = 0; phase < 3; phase++) {
		if (phase == 1)
			REQUIRE_EQ(domain_attach(domain, claimed), 0);
		if (phase == 2)
			REQUIRE_EQ(domain_detach(domain, claimed), 0);
		if (phase) {
			/* what was written in the phase before is still there */
			EXPECT_EQ(dma_read(claimed, RMRR_LAST - 15, got, 16).status,
				  IOMMU_LAB_DMA_OK);
			EXPECT(!memcmp(got, words, 16));
			words[0]++;
		}
		for (at = RMRR_START; at < RMRR_LAST; at += PAGE) {
			EXPECT_EQ(dma_write(claimed, at + PAGE - 16, words, 16).status,
				  IOMMU_LAB_DMA_OK);
			EXPECT_EQ(dma_read(claimed, at + PAGE - 16, got, 16).status,
				  IOMMU_LAB_DMA_OK);
			EXPECT(!memcmp(got, words, 16));
		}
		EXPECT_EQ(dma_peek(claimed, RMRR_START - 1), IOMMU_LAB_DMA_FAULT);
		EXPECT_EQ(dma_peek(claimed, RMRR_LAST + 1), IOMMU_LAB_DMA_FAULT);
		/* it is endpoint 1's alone */
		EXPECT_EQ(dma_peek(other, RMRR_START), IOMMU_LAB_DMA_FAULT);
	}
}

static const struct test_case cases[] = {
	{ "DMA of 64 MiB through scattered mappings equals the source",
	  large_copy, .seconds = 120 },
	{ "read, write, copy, fill and compare over unaligned lists",
	  scattered_lists, .seconds = 120 },
	{ "a DMA that is refused has done what was before", partial },
	{ "N8 a reserved region is live before, during and after attach",
	  reserved_region },
};

int main(void)
{
	return RUN_CASES(cases);
}
