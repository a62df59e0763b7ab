// SPDX-License-Identifier: GPL-2.0
/*
 * Dirty tracking: the pages that DMA wrote to, the bitmap, and the D bits in a raw dump
 * of the tables are one and the same set.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "lab.h"
#include "raw.h"
#include "sys.h"

#define NO_CLEAR	IOMMU_LAB_DIRTY_BITMAP_NO_CLEAR
#define SMALL		600	/* 4 KiB pages, across the end of a level-1 table */
#define AT		(GIB - 300 * PAGE)	/* and across 1 GiB */
#define HUGE_AT		(GIB + 4 * HUGE)
#define HUGES		4
#define END		(HUGE_AT + HUGES * HUGE)
#define PAGES		((END - AT) / PAGE)
#define WORDS		((PAGES + 63) / 64)

static int control, domain, endpoint[2];
static u64 written[WORDS], told[WORDS];

static void set_up(void)
{
	int i;

	control = control_open();
	domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE(domain >= 0);
	for (i = 0; i < 2; i++) {
		endpoint[i] = endpoint_open(2 * i);
		REQUIRE_EQ(domain_attach(domain, endpoint[i]), 0);
	}
	EXPECT(endpoint_info(control, 0).unit != endpoint_info(control, 2).unit);
	REQUIRE_EQ(map_at(domain, pages_alloc(SMALL * PAGE), SMALL * PAGE,
			  READ_WRITE, AT), 0);
	REQUIRE_EQ(map_at(domain, huge_alloc(HUGES * HUGE), HUGES * HUGE,
			  READ_WRITE, HUGE_AT), 0);
	REQUIRE_EQ(track_dirty(domain, true), 0);
}

/* all that one leaf maps is dirty with it */
static void expect_dirty(u64 iova)
{
	u64 n = (iova - AT) / PAGE, last = n;

	if (iova >= HUGE_AT) {
		n = (iova / HUGE * HUGE - AT) / PAGE;
		last = n + HUGE / PAGE - 1;
	}
	for (; n <= last; n++)
		written[n / 64] |= 1ull << n % 64;
}

static u64 random_iova(u64 *seed)
{
	u64 word = next_random(seed);

	if (word >> 63)
		return HUGE_AT + word % (HUGES * HUGE);
	return AT + word % (SMALL * PAGE);
}

static void add_leaf(void *ctx, const struct raw_leaf *leaf)
{
	u64 n, *bits = ctx;

	if (leaf->iova < AT || leaf->iova >= END || !leaf->dirty)
		return;
	EXPECT(leaf->accessed);
	for (n = (leaf->iova - AT) / PAGE;
	     n < (leaf->iova + leaf->size - AT) / PAGE; n++)
		bits[n / 64] |= 1ull << n % 64;
}

static void add_table(void *ctx, unsigned int level, unsigned int index,
		      uint64_t entry)
{
	(void)ctx;
	(void)level;
	(void)index;
	(void)entry;
}

/* D bits of the tables, as the unit of an endpoint finds them */
static void check_raw(int index)
{
	struct iommu_lab_endpoint_info info = endpoint_info(control, index);
	struct raw_context context;
	u64 bits[WORDS] = { 0 };
	struct raw_dump dump;
	char path[64];

	snprintf(path, sizeof(path), DEBUGFS "/units/%u/raw", info.unit);
	REQUIRE(raw_load(&dump, path));
	REQUIRE(raw_context_of(&dump, info.bdf, &context));
	EXPECT(context.scalable && context.ssade);
	EXPECT_EQ(context.type, 2);
	EXPECT(raw_walk(&dump, &context, add_table, add_leaf, bits));
	EXPECT(!memcmp(bits, written, sizeof(bits)));
	raw_free(&dump);
}

static void check_told(u32 flags)
{
	memset(told, 0, sizeof(told));
	REQUIRE_EQ(read_dirty(domain, flags, AT, END - AT, PAGE, told), 0);
	EXPECT(!memcmp(told, written, sizeof(told)));
}

/* one access: at most 3 pages, of which each is written to or none */
static void random_access(u64 *seed)
{
	u64 iova = random_iova(seed), bytes = 1 + next_random(seed) % (2 * PAGE);
	int ep = endpoint[next_random(seed) % 2];
	u8 data[2 * PAGE] = { 0 };
	u64 at;

	if (iova < HUGE_AT && iova + bytes > AT + SMALL * PAGE)
		bytes = AT + SMALL * PAGE - iova;
	if (iova + bytes > END)
		bytes = END - iova;
	if (next_random(seed) % 3) {
		EXPECT_EQ(dma_read(ep, iova, data, bytes).status,
			  IOMMU_LAB_DMA_OK);
		return;
	}
	EXPECT_EQ(dma_write(ep, iova, data, bytes).status, IOMMU_LAB_DMA_OK);
	for (at = iova & ~(PAGE - 1); at < iova + bytes; at += PAGE)
		expect_dirty(at);
}

static void exact_set(void)
{
	int rounds = is_debug_kernel() ? 20 : 60, round, i;
	u64 seed = test_seed();

	set_up();
	for (round = 0; round < rounds; round++) {
		memset(written, 0, sizeof(written));
		for (i = next_random(&seed) % 60; i; i--)
			random_access(&seed);
		check_told(NO_CLEAR);
		check_raw(0);
		check_raw(2);
		check_told(NO_CLEAR);
		check_told(0);
		memset(written, 0, sizeof(written));
		check_told(NO_CLEAR);
		check_raw(0);
	}
}

/* a bit for more than a page, a part of a large leaf, bits that were set before */
static void granularity(void)
{
	u64 bits[2] = { 0 };

	set_up();
	EXPECT_EQ(dma_poke(endpoint[0], GIB + 5 * PAGE), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_poke(endpoint[1], HUGE_AT + HUGE), IOMMU_LAB_DMA_OK);
	REQUIRE_EQ(read_dirty(domain, NO_CLEAR, GIB, 8 * HUGE, HUGE, bits), 0);
	EXPECT_EQ(bits[0], 1 | 1 << 5);
	bits[0] = 1ull << 63;
	REQUIRE_EQ(read_dirty(domain, NO_CLEAR, GIB, 16 * PAGE, 4 * PAGE, bits),
		   0);
	EXPECT_EQ(bits[0], 1ull << 63 | 1 << 1);
	/* of a part of a leaf: told, but not cleared */
	bits[0] = bits[1] = 0;
	REQUIRE_EQ(read_dirty(domain, 0, HUGE_AT + HUGE - PAGE, 2 * PAGE, PAGE,
			      bits), 0);
	EXPECT_EQ(bits[0], 2);
	bits[0] = 0;
	REQUIRE_EQ(read_dirty(domain, 0, HUGE_AT + HUGE, HUGE, HUGE, bits), 0);
	EXPECT_EQ(bits[0], 1);
	bits[0] = 0;
	REQUIRE_EQ(read_dirty(domain, 0, HUGE_AT + HUGE, HUGE, HUGE, bits), 0);
	EXPECT_EQ(bits[0], 0);
	/* all that can be translated, by one bit */
	REQUIRE_EQ(read_dirty(domain, 0, 0, 1ull << 48, 1ull << 48, bits), 0);
	EXPECT_EQ(bits[0], 1);
	EXPECT_EQ(bits[1], 0);
}

/* enabling begins clean, disabling ends; unmap forgets */
static void on_and_off(void)
{
	u64 bits = 0;
	char path[64], *text;

	set_up();
	EXPECT_EQ(track_dirty(domain, true), 0);
	EXPECT_EQ(dma_poke(endpoint[0], AT), IOMMU_LAB_DMA_OK);
	snprintf(path, sizeof(path), "domains/%u/page_table",
		 domain_info(domain).id);
	text = debugfs_text(path);
	EXPECT(strstr(text, "accessed/dirty: supported in scalable mode (tracking on)"));
	EXPECT(strstr(text, " 4096 rw ad 0x"));
	EXPECT(strstr(text, " 4096 rw -- 0x"));
	EXPECT(!strstr(text, " 2097152 rw ad 0x"));
	free(text);
	EXPECT_EQ(track_dirty(domain, false), 0);
	EXPECT_EQ(track_dirty(domain, false), 0);
	EXPECT_EQ(read_dirty(domain, 0, AT, PAGE, PAGE, &bits), -EINVAL);
	EXPECT_EQ(dma_poke(endpoint[0], AT + PAGE), IOMMU_LAB_DMA_OK);
	REQUIRE_EQ(track_dirty(domain, true), 0);
	REQUIRE_EQ(read_dirty(domain, 0, AT, 64 * PAGE, PAGE, &bits), 0);
	EXPECT_EQ(bits, 0);
	/* the IOTLB knows both pages as they were before */
	EXPECT_EQ(dma_poke(endpoint[0], AT), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_poke(endpoint[0], AT + PAGE), IOMMU_LAB_DMA_OK);
	REQUIRE_EQ(read_dirty(domain, NO_CLEAR, AT, 64 * PAGE, PAGE, &bits), 0);
	EXPECT_EQ(bits, 3);
	REQUIRE_EQ(unmap(domain, AT, SMALL * PAGE), 0);
	bits = 0;
	REQUIRE_EQ(read_dirty(domain, NO_CLEAR, AT, 64 * PAGE, PAGE, &bits), 0);
	EXPECT_EQ(bits, 0);
	/* detach and attach again: still on */
	REQUIRE_EQ(domain_detach(domain, endpoint[0]), 0);
	REQUIRE_EQ(domain_attach(domain, endpoint[0]), 0);
	EXPECT_EQ(dma_poke(endpoint[0], HUGE_AT), IOMMU_LAB_DMA_OK);
	REQUIRE_EQ(read_dirty(domain, 0, HUGE_AT, HUGE, HUGE, &bits), 0);
	EXPECT_EQ(bits, 1);
}

static void bad_arguments(void)
{
	u64 last = (1ull << 48) - 1, bits = 0;
	int identity;

	set_up();
	EXPECT_EQ(dma_poke(endpoint[0], AT), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(domain_info(domain).aperture_last, last);
	EXPECT_EQ(read_dirty(domain, 0, AT, PAGE, 0, &bits), -EINVAL);
	EXPECT_EQ(read_dirty(domain, 0, AT, PAGE, 2048, &bits), -EINVAL);
	EXPECT_EQ(read_dirty(domain, 0, AT, 3 * PAGE, 3 * PAGE, &bits), -EINVAL);
	EXPECT_EQ(read_dirty(domain, 0, AT + 1, PAGE, PAGE, &bits), -EINVAL);
	EXPECT_EQ(read_dirty(domain, 0, AT, PAGE + 1, PAGE, &bits), -EINVAL);
	EXPECT_EQ(read_dirty(domain, 0, AT, PAGE, HUGE, &bits), -EINVAL);
	EXPECT_EQ(read_dirty(domain, 0, AT, 0, PAGE, &bits), -EINVAL);
	EXPECT_EQ(read_dirty(domain, 0, AT, -AT + PAGE, PAGE, &bits), -EINVAL);
	EXPECT_EQ(read_dirty(domain, 0, AT, -PAGE, PAGE, &bits), -EINVAL);
	EXPECT_EQ(read_dirty(domain, 0, last + 1, PAGE, PAGE, &bits), -EINVAL);
	EXPECT_EQ(read_dirty(domain, 0, last + 1 - PAGE, 2 * PAGE, PAGE, &bits),
		  -EINVAL);
	EXPECT_EQ(read_dirty(domain, 0, AT, PAGE, PAGE, (u8 *)&bits + 4),
		  -EINVAL);
	EXPECT_EQ(read_dirty(domain, 2, AT, PAGE, PAGE, &bits), -EOPNOTSUPP);
	EXPECT_EQ(read_dirty(domain, 1u << 31, AT, PAGE, PAGE, &bits),
		  -EOPNOTSUPP);
	/* there is no automatic domain */
	EXPECT_EQ(read_dirty(control, 0, AT, PAGE, PAGE, &bits), -ENXIO);
	EXPECT_EQ(read_dirty(endpoint[0], 0, AT, PAGE, PAGE, &bits), -ENOTTY);
	EXPECT_EQ(track_dirty(endpoint[0], true), -ENOTTY);
	EXPECT_EQ(bits, 0);
	identity = domain_create(control, IOMMU_LAB_POLICY_IDENTITY);
	REQUIRE(identity >= 0);
	EXPECT_EQ(track_dirty(identity, true), -EOPNOTSUPP);
	EXPECT_EQ(read_dirty(identity, 0, AT, PAGE, PAGE, &bits), -EOPNOTSUPP);
	/* none of them has cleared anything */
	REQUIRE_EQ(read_dirty(domain, 0, AT, PAGE, PAGE, &bits), 0);
	EXPECT_EQ(bits, 1);
}

/* a bitmap that ends too early, or cannot be written, loses nothing */
static void bad_pointer(void)
{
	u64 *two = pages_alloc(2 * PAGE);
	u64 bytes = 64 * 1024 * PAGE, bits = 0;
	void *bad[] = { NULL, (void *)0xffff888000000000, (void *)-8ull,
			two + PAGE / 8 };
	size_t i;

	set_up();
	REQUIRE(!mprotect(two + PAGE / 8, PAGE, PROT_READ));
	EXPECT_EQ(dma_poke(endpoint[0], AT), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_poke(endpoint[0], AT + 599 * PAGE), IOMMU_LAB_DMA_OK);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(read_dirty(domain, 0, AT, PAGE, PAGE, bad[i]), -EFAULT);
	/* the bitmap begins in the first page and ends in the second */
	EXPECT_EQ(read_dirty(domain, 0, AT, bytes, PAGE, two + PAGE / 8 - 8),
		  -EFAULT);
	/* clean pages make no difference; what is not mapped needs no bitmap */
	EXPECT_EQ(read_dirty(domain, 0, AT + PAGE, PAGE, PAGE, NULL), -EFAULT);
	EXPECT_EQ(read_dirty(domain, 0, 8 * GIB, PAGE, PAGE, NULL), 0);
	REQUIRE_EQ(read_dirty(domain, 0, AT, PAGE, PAGE, &bits), 0);
	bits |= two[PAGE / 8 - 8] & 1;
	EXPECT_EQ(bits, 1);
	bits = 0;
	REQUIRE_EQ(read_dirty(domain, 0, AT + 599 * PAGE, PAGE, PAGE, &bits), 0);
	EXPECT_EQ(bits, 1);
}

/* units in legacy mode */
static void legacy(void)
{
	u64 bits;

	control = control_open();
	domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	endpoint[0] = endpoint_open(0);
	EXPECT_EQ(track_dirty(domain, true), -EOPNOTSUPP);
	REQUIRE_EQ(domain_attach(domain, endpoint[0]), 0);
	EXPECT_EQ(track_dirty(domain, true), -EOPNOTSUPP);
	EXPECT_EQ(track_dirty(domain, false), 0);
	EXPECT_EQ(read_dirty(domain, 0, 0, PAGE, PAGE, &bits), -EINVAL);
}

/* one unit of each kind */
static void one_of_two(void)
{
	u64 bits = 0;

	control = control_open();
	domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	endpoint[0] = endpoint_open(0);
	endpoint[1] = endpoint_open(2);
	EXPECT_EQ(track_dirty(domain, true), -EOPNOTSUPP);
	REQUIRE_EQ(domain_attach(domain, endpoint[0]), 0);
	REQUIRE_EQ(map_at(domain, pages_alloc(PAGE), PAGE, READ_WRITE, AT), 0);
	EXPECT_EQ(track_dirty(domain, true), 0);
	EXPECT_EQ(domain_attach(domain, endpoint[1]), -EOPNOTSUPP);
	EXPECT_EQ(dma_poke(endpoint[0], AT), IOMMU_LAB_DMA_OK);
	REQUIRE_EQ(read_dirty(domain, 0, AT, PAGE, PAGE, &bits), 0);
	EXPECT_EQ(bits, 1);
	EXPECT_EQ(track_dirty(domain, false), 0);
	REQUIRE_EQ(domain_attach(domain, endpoint[1]), 0);
	EXPECT_EQ(track_dirty(domain, true), -EOPNOTSUPP);
	REQUIRE_EQ(domain_detach(domain, endpoint[1]), 0);
	EXPECT_EQ(track_dirty(domain, true), 0);
}

static const struct test_case cases[] = {
	{ "N18 pages written, bitmap and raw dump are one set", exact_set,
	  .params = "scalable=3 iotlb_sets=4", .seconds = 120 },
	{ "dirty pages: larger bits, parts of leaves, bits set before",
	  granularity, .params = "scalable=3" },
	{ "dirty tracking on and off", on_and_off, .params = "scalable=3" },
	{ "dirty tracking: wrong arguments", bad_arguments,
	  .params = "scalable=3" },
	{ "dirty tracking: a bitmap that cannot be written loses nothing",
	  bad_pointer, .params = "scalable=3" },
	{ "dirty tracking: EOPNOTSUPP in legacy mode", legacy },
	{ "dirty tracking: one unit of two can do it", one_of_two,
	  .params = "scalable=1" },
};

int main(void)
{
	return RUN_CASES(cases);
}
