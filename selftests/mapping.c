// SPDX-License-Identifier: GPL-2.0
/*
 * What a mapping is: directions, lists, page sizes, and what TRANSLATE says of
 * each byte. Physical addresses are compared with /proc/self/pagemap, which
 * knows nothing of the module.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)

static int control, domain, endpoint;

static void set_up(void)
{
	open_attached(IOMMU_LAB_POLICY_FIXED, 0, &control, &domain, &endpoint);
}

static u8 *random_pages(size_t bytes, u64 *seed)
{
	u8 *mem = pages_alloc(bytes);

	fill_random(mem, bytes, seed);
	return mem;
}

/* V13 */
static void directions(void)
{
	static const struct {
		u32 prot;
		bool read, write;
	} want[] = {
		{ IOMMU_LAB_TO_DEVICE, true, false },
		{ IOMMU_LAB_FROM_DEVICE, false, true },
		{ IOMMU_LAB_BIDIRECTIONAL, true, true },
	};
	u64 seed = test_seed();
	u8 *kept = pages_alloc(2 * PAGE), *data = random_pages(PAGE, &seed);
	struct iommu_lab_translate answer;
	size_t i;

	set_up();
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		u8 *mem = random_pages(2 * PAGE, &seed), *got = pages_alloc(PAGE);
		u64 iova = AT + i * 16 * PAGE + 100;
		struct iommu_lab_dma_result r;

		memcpy(kept, mem, 2 * PAGE);
		REQUIRE_EQ(map_at(domain, mem, 2 * PAGE, want[i].prot, iova - 100),
			   0);
		REQUIRE_EQ(translate(domain, iova, &answer), 0);
		EXPECT_EQ(answer.out_prot, want[i].prot);

		r = dma_read(endpoint, iova, got, PAGE);
		EXPECT_EQ(r.status, want[i].read ? IOMMU_LAB_DMA_OK :
						   IOMMU_LAB_DMA_FAULT);
		if (want[i].read) {
			EXPECT(!memcmp(got, mem + 100, PAGE));
		} else {
			EXPECT_EQ(r.fault_reason, REASON_READ);
			EXPECT_EQ(r.fault_flags, 0);
			EXPECT_EQ(r.fault_iova, iova);
			EXPECT(!got[0] && !memcmp(got, got + 1, PAGE - 1));
		}
		r = dma_write(endpoint, iova, data, PAGE);
		EXPECT_EQ(r.status, want[i].write ? IOMMU_LAB_DMA_OK :
						    IOMMU_LAB_DMA_FAULT);
		if (want[i].write) {
			EXPECT(!memcmp(data, mem + 100, PAGE));
			memcpy(kept + 100, data, PAGE);
		} else {
			EXPECT_EQ(r.fault_reason, REASON_WRITE);
			EXPECT_EQ(r.fault_flags, IOMMU_LAB_FAULT_WRITE);
			EXPECT_EQ(r.fault_iova, iova);
			EXPECT_EQ(r.done, 0);
		}
		EXPECT(!memcmp(mem, kept, 2 * PAGE));
		/* the same now that the IOTLB has what was allowed */
		EXPECT_EQ(dma_peek(endpoint, iova), want[i].read ?
			  IOMMU_LAB_DMA_OK : IOMMU_LAB_DMA_FAULT);
		EXPECT_EQ(dma_poke(endpoint, iova), want[i].write ?
			  IOMMU_LAB_DMA_OK : IOMMU_LAB_DMA_FAULT);
	}
	/* the fault is by the same engine that then works: nothing is stuck */
	EXPECT_EQ(dma_copy(endpoint, AT, AT + 16 * PAGE, PAGE).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_copy(endpoint, AT + 16 * PAGE, AT + 32 * PAGE, PAGE).status,
		  IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(dma_fill(endpoint, AT, 2 * PAGE, 0).status,
		  IOMMU_LAB_DMA_FAULT);
}

/* V15: 4096 + 8192 */
static void scatter_list(void)
{
	u64 seed = test_seed(), iova;
	u8 *first = random_pages(PAGE, &seed), *got = pages_alloc(3 * PAGE);
	u8 *second = random_pages(2 * PAGE, &seed);
	struct iommu_lab_sg list[2] = { { (uintptr_t)first, PAGE },
					{ (uintptr_t)second, 2 * PAGE } };
	struct iommu_lab_map_sg map = {
		.size = sizeof(map),
		.prot = READ_ONLY,
		.nents = 2,
		.entries = (uintptr_t)list,
	};
	int alloc, other;
	u64 unmapped;
	char path[64];

	control = control_open();
	alloc = domain_create(control, IOMMU_LAB_POLICY_ALLOC);
	other = endpoint_open(2);
	REQUIRE_EQ(lab_ioctl(alloc, IOMMU_LAB_MAP_SG, &map), 0);
	iova = map.iova;
	EXPECT_EQ(map.out_length, 12288);
	EXPECT_EQ(domain_info(alloc).mappings, 1);
	EXPECT_EQ(domain_info(alloc).mapped_bytes, 12288);
	EXPECT_EQ(domain_info(alloc).pinned_bytes, 12288);
	REQUIRE_EQ(domain_attach(alloc, other), 0);
	EXPECT_EQ(dma_read(other, iova, got, 12288).status, IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(got, first, PAGE));
	EXPECT(!memcmp(got + PAGE, second, 2 * PAGE));
	EXPECT_EQ(dma_peek(other, iova + 12288), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(dma_peek(other, iova - 1), IOMMU_LAB_DMA_FAULT);
	/* debugfs has it as one line */
	snprintf(path, sizeof(path), "domains/%u/mappings", domain_info(alloc).id);
	{
		char *text = debugfs_text(path), range[64];

		snprintf(range, sizeof(range), "0x%llx 0x%llx",
			 (unsigned long long)iova,
			 (unsigned long long)iova + 12287);
		if (!EXPECT(strstr(text, range)))
			note("no '%s' in:\n%s", range, text);
		free(text);
	}
	/* as one it goes */
	EXPECT_EQ(unmap_flags(alloc, iova, PAGE, 0, &unmapped), -EINVAL);
	EXPECT_EQ(unmap(alloc, iova, 12288), 0);
	EXPECT_EQ(domain_info(alloc).mappings, 0);
}

/* H9: each page of 2 MiB, by 4 KiB pages and by one 2 MiB page */
static void check_pages(u64 iova, const u8 *mem, u64 page_size, bool phys)
{
	u64 seed = 1, offset;

	for (offset = 0; offset < HUGE; offset += PAGE) {
		u64 at = offset + next_random(&seed) % PAGE;
		u32 flags = IOMMU_LAB_TRANSLATE_MAPPED;
		struct iommu_lab_translate answer;

		if (phys)
			flags |= IOMMU_LAB_TRANSLATE_PHYS_VALID;
		REQUIRE_EQ(translate(domain, iova + at, &answer), 0);
		REQUIRE_EQ(answer.out_flags, flags);
		REQUIRE_EQ(answer.out_prot, READ_ONLY);
		REQUIRE_EQ(answer.out_page_size, page_size);
		REQUIRE_EQ(answer.out_phys, phys ? phys_of(mem + at) : 0);
	}
	EXPECT(!is_mapped(domain, iova - 1));
	EXPECT(!is_mapped(domain, iova + HUGE));
}

static void check_walk(u64 iova, u64 page_size, bool phys)
{
	struct iommu_lab_walk_step step[8];
	struct iommu_lab_translate answer = {
		.size = sizeof(answer),
		.iova = iova,
		.steps = (uintptr_t)step,
		.nr_steps = ARRAY_SIZE(step),
	};
	u32 levels = domain_info(domain).levels, i;
	u64 address = 0xffffffffff000ull;

	memset(step, 0xff, sizeof(step));
	REQUIRE_EQ(lab_ioctl(domain, IOMMU_LAB_TRANSLATE, &answer), 0);
	REQUIRE_EQ(answer.nr_steps, levels - (page_size == HUGE));
	for (i = 0; i < answer.nr_steps; i++) {
		EXPECT_EQ(step[i].level, levels - i);
		EXPECT_EQ(step[i].index,
			  iova >> (12 + 9 * (levels - i - 1)) & 511);
		EXPECT(step[i].entry & 3);
		EXPECT_EQ(!!(step[i].entry & address), phys);
	}
	i--;
	/* VT-d 9.8: a leaf at level 2 has bit 7; R and W are bits 0 and 1 */
	EXPECT_EQ(!!(step[i].entry & 1 << 7), page_size == HUGE);
	EXPECT_EQ(step[i].entry & 3, READ_ONLY);
	if (phys)
		EXPECT_EQ((step[i].entry & address) + iova % page_size,
			  answer.out_phys);
	EXPECT_EQ(step[i + 1].level, ~0u);
}

static void every_byte(void)
{
	u64 big = 2 * GIB, small = 3 * GIB + PAGE;
	u8 *huge, *mem;

	set_up();
	huge = huge_alloc(HUGE);
	mem = pages_alloc(HUGE);
	REQUIRE_EQ(map_at(domain, huge, HUGE, READ_ONLY, big), 0);
	REQUIRE_EQ(map_at(domain, mem, HUGE, READ_ONLY, small), 0);
	check_pages(big, huge, HUGE, true);
	check_pages(small, mem, PAGE, true);
	check_walk(big + 12345, HUGE, true);
	check_walk(small + 12345, PAGE, true);
	drop_capability(CAP_SYS_RAWIO);
	check_pages(big, huge, HUGE, false);
	check_pages(small, mem, PAGE, false);
	check_walk(big + 12345, HUGE, false);
	check_walk(small + 12345, PAGE, false);
}

/* P8: by endpoints at both units */
static void seen_by_all(void)
{
	u64 seed = test_seed(), iova = AT + 77;
	u8 *mem = pages_alloc(2 * PAGE), *data = random_pages(PAGE, &seed);
	u8 *got = pages_alloc(PAGE);
	int all[4], i;

	set_up();
	all[0] = endpoint;
	for (i = 1; i < 4; i++) {
		all[i] = endpoint_open(i);
		REQUIRE_EQ(domain_attach(domain, all[i]), 0);
	}
	REQUIRE_EQ(map_at(domain, mem, 2 * PAGE, READ_WRITE, AT), 0);
	for (i = 0; i < 4; i++) {
		fill_random(data, PAGE, &seed);
		EXPECT_EQ(dma_write(all[i], iova, data, PAGE).status,
			  IOMMU_LAB_DMA_OK);
		EXPECT(!memcmp(mem + 77, data, PAGE));
		EXPECT_EQ(dma_read(all[(i + 1) % 4], iova, got, PAGE).status,
			  IOMMU_LAB_DMA_OK);
		EXPECT(!memcmp(got, data, PAGE));
	}
	REQUIRE_EQ(unmap(domain, AT, 2 * PAGE), 0);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(dma_peek(all[i], iova), IOMMU_LAB_DMA_FAULT);
}

/* N9: one mapping of 4 KiB, 2 MiB, 1 GiB, 2 MiB, 4 KiB */
static void all_sizes(void)
{
	struct part {
		u8 *va;
		u64 bytes;
	} part[5];
	struct iommu_lab_sg list[5];
	u64 iova = 16 * GIB - HUGE - PAGE, start = iova, seed = test_seed();
	u64 tables;
	int i, round;

	set_up();
	part[0] = (struct part){ pages_alloc(PAGE), PAGE };
	part[1] = (struct part){ huge_alloc(HUGE), HUGE };
	part[2] = (struct part){ giant_alloc(), GIB };
	part[3] = (struct part){ huge_alloc(HUGE), HUGE };
	part[4] = (struct part){ pages_alloc(PAGE), PAGE };
	for (i = 0; i < 5; i++)
		list[i] = (struct iommu_lab_sg){ (uintptr_t)part[i].va,
						 part[i].bytes };
	REQUIRE_EQ(map_list(domain, list, 5, READ_WRITE, &iova), 0);
	REQUIRE_EQ(iova, start);
	for (i = 0; i < 5; iova += part[i].bytes, i++) {
		for (round = 0; round < 200; round++) {
			u64 at = next_random(&seed) % (part[i].bytes - 7);
			u64 word = next_random(&seed), got = 0;
			struct iommu_lab_translate answer;

			if (round < 2)
				at = round ? part[i].bytes - 8 : 0;
			REQUIRE_EQ(translate(domain, iova + at, &answer), 0);
			REQUIRE_EQ(answer.out_page_size, part[i].bytes);
			REQUIRE_EQ(answer.out_phys, phys_of(part[i].va + at));
			REQUIRE_EQ(dma_write(endpoint, iova + at, &word, 8).status,
				   IOMMU_LAB_DMA_OK);
			REQUIRE(!memcmp(part[i].va + at, &word, 8));
			REQUIRE_EQ(dma_read(endpoint, iova + at, &got, 8).status,
				   IOMMU_LAB_DMA_OK);
			REQUIRE_EQ(got, word);
		}
	}
	EXPECT_EQ(domain_info(domain).mappings, 1);
	REQUIRE_EQ(unmap(domain, start, iova - start), 0);
	EXPECT_EQ(dma_peek(endpoint, start), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(dma_peek(endpoint, 16 * GIB), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(dma_peek(endpoint, iova - 1), IOMMU_LAB_DMA_FAULT);
	/* tables that are not covered whole stay, and are used again */
	tables = domain_info(domain).table_bytes;
	REQUIRE_EQ(map_list(domain, list, 5, READ_WRITE, &start), 0);
	EXPECT_EQ(domain_info(domain).table_bytes, tables);
}

/* the flat reference: which byte of the process each page of a window maps */
#define WINDOW_PAGES	(64 * MIB / PAGE)
#define WINDOW		(GIB - 32 * MIB)	/* across a 1 GiB border */
/* one at levels 5, 4 and 3, 2 at level 2, one for each 2 MiB */
#define WINDOW_TABLES	(3 + 2 + 64 * MIB / HUGE)
#define ARENA_HUGE	(4 * HUGE)
#define ARENA_SMALL	(256 * PAGE)

static struct flat {
	const u8 *page[WINDOW_PAGES];
	u32 mapping[WINDOW_PAGES];	/* number of the mapping, 0: none */
	u8 *huge, *small;
	u64 seed;
	u32 next, live;
} flat;

static void check_flat_page(u64 n)
{
	u64 iova = WINDOW + n * PAGE + next_random(&flat.seed) % (PAGE - 8);
	struct iommu_lab_translate answer;
	u64 word = 0;

	REQUIRE_EQ(translate(domain, iova, &answer), 0);
	REQUIRE_EQ(!!answer.out_flags, !!flat.mapping[n]);
	if (!flat.mapping[n]) {
		REQUIRE_EQ(dma_peek(endpoint, iova), IOMMU_LAB_DMA_FAULT);
		return;
	}
	REQUIRE_EQ(answer.out_phys, phys_of(flat.page[n] + iova % PAGE));
	REQUIRE_EQ(dma_read(endpoint, iova, &word, 8).status, IOMMU_LAB_DMA_OK);
	REQUIRE(!memcmp(&word, flat.page[n] + iova % PAGE, 8));
}

static void random_map(void)
{
	u64 first = next_random(&flat.seed) % WINDOW_PAGES, n, i, bytes = 0;
	struct iommu_lab_sg list[6];
	u32 nents = 1 + next_random(&flat.seed) % 6, e;
	u64 iova;
	bool overlap = false;
	int error;

	if (next_random(&flat.seed) % 2)
		first &= ~511ull;
	for (e = 0; e < nents; e++) {
		u64 kind = next_random(&flat.seed) % 3, at, length;

		if (kind == 0) {	/* whole 2 MiB pages */
			at = next_random(&flat.seed) % 4 * HUGE;
			length = HUGE;
			list[e].addr = (uintptr_t)flat.huge + at;
		} else if (kind == 1) {	/* part of them */
			at = next_random(&flat.seed) % (4 * 512) * PAGE;
			length = next_random(&flat.seed) %
				 ((ARENA_HUGE - at) / PAGE) * PAGE + PAGE;
			list[e].addr = (uintptr_t)flat.huge + at;
		} else {
			at = next_random(&flat.seed) % 256 * PAGE;
			length = next_random(&flat.seed) %
				 ((ARENA_SMALL - at) / PAGE) * PAGE + PAGE;
			list[e].addr = (uintptr_t)flat.small + at;
		}
		list[e].length = length;
		bytes += length;
	}
	if (first + bytes / PAGE > WINDOW_PAGES)
		return;
	for (n = first; n < first + bytes / PAGE; n++)
		overlap |= !!flat.mapping[n];
	iova = WINDOW + first * PAGE;
	error = map_list(domain, list, nents, READ_WRITE, &iova);
	REQUIRE_EQ(error, overlap ? -EEXIST : 0);
	if (error)
		return;
	flat.next++;
	flat.live++;
	n = first;
	for (e = 0; e < nents; e++) {
		for (i = 0; i < list[e].length / PAGE; i++, n++) {
			flat.page[n] = (const u8 *)(uintptr_t)list[e].addr +
				       i * PAGE;
			flat.mapping[n] = flat.next;
		}
	}
}

static void random_unmap(void)
{
	u64 n = next_random(&flat.seed) % WINDOW_PAGES, first, last;
	bool next = next_random(&flat.seed) % 4 == 0;
	u32 id;

	/* the next one, also if it is small: else those would fill the window */
	while (next && n < WINDOW_PAGES - 1 && !flat.mapping[n])
		n++;
	id = flat.mapping[n];
	if (!id)
		return;
	for (first = n; first && flat.mapping[first - 1] == id; first--)
		;
	for (last = n; last + 1 < WINDOW_PAGES && flat.mapping[last + 1] == id;)
		last++;
	REQUIRE_EQ(unmap(domain, WINDOW + first * PAGE,
			 (last - first + 1) * PAGE), 0);
	for (n = first; n <= last; n++)
		flat.mapping[n] = 0;
	flat.live--;
}

/* N9 */
static void against_flat_model(void)
{
	unsigned int rounds = is_debug_kernel() ? 300 : 2000, i, k;
	u64 unmapped;

	if (want_long())
		rounds *= 20;
	set_up();
	flat.seed = test_seed();
	flat.huge = huge_alloc(ARENA_HUGE);
	flat.small = pages_alloc(ARENA_SMALL);
	fill_random(flat.huge, ARENA_HUGE, &flat.seed);
	fill_random(flat.small, ARENA_SMALL, &flat.seed);
	for (i = 0; i < rounds; i++) {
		if (next_random(&flat.seed) % 3)
			random_map();
		else
			random_unmap();
		for (k = 0; k < 8; k++)
			check_flat_page(next_random(&flat.seed) % WINDOW_PAGES);
		if (i % 50 == 0)
			EXPECT_EQ(domain_info(domain).mappings, flat.live);
	}
	for (k = 0; k < WINDOW_PAGES; k += is_debug_kernel() ? 64 : 8)
		check_flat_page(k);
	note("%u mappings made, %u live at the end", flat.next, flat.live);
	EXPECT(flat.next > rounds / 20);
	EXPECT_EQ(unmap_flags(domain, WINDOW, WINDOW_PAGES * PAGE,
			      IOMMU_LAB_UNMAP_ALLOW_HOLES, &unmapped), 0);
	EXPECT_EQ(domain_info(domain).mappings, 0);
	EXPECT_EQ(domain_info(domain).mapped_bytes, 0);
	EXPECT_EQ(domain_info(domain).pinned_bytes, 0);
	/* replaced tables are freed after a grace period */
	sleep_ms(200);
	EXPECT(domain_info(domain).table_bytes <= WINDOW_TABLES * PAGE);
}

static const struct test_case cases[] = {
	{ "V13 a device only does what the direction of a mapping allows",
	  directions },
	{ "V15 4096 + 8192 bytes are one range of 12288", scatter_list },
	{ "H9 TRANSLATE answers for every page, to both kinds of caller",
	  every_byte },
	{ "P8 a mapping is seen by each endpoint of the domain", seen_by_all },
	{ "N9 pages of 4 KiB, 2 MiB and 1 GiB in one mapping", all_sizes,
	  .seconds = 120 },
	{ "N9 random mappings of mixed page sizes equal a flat model",
	  against_flat_model, .seconds = 300 },
};

int main(void)
{
	return RUN_CASES(cases);
}
