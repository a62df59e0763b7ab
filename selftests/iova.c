// SPDX-License-Identifier: GPL-2.0
/*
 * IOVA space: apertures, reserved ranges, alignment, allocation, quotas, and
 * what exactly can be unmapped.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)
#define WRAP	(~0ull - PAGE + 1)

static int new_domain(u32 policy, u64 start, u64 last)
{
	int control = control_open();
	int domain = domain_create_in(control, policy, start, last);

	REQUIRE(domain >= 0);
	close(control);
	return domain;
}

static int fixed_domain(void)
{
	return new_domain(IOMMU_LAB_POLICY_FIXED, 0, 0);
}

/* H5: 2 MiB of memory, 2048 times in one list */
static void default_aperture(void)
{
	int domain = new_domain(IOMMU_LAB_POLICY_ALLOC, 0, 0);
	struct iommu_lab_sg *list = calloc(2048, sizeof(*list));
	u8 *huge = huge_alloc(HUGE), *mem = pages_alloc(PAGE);
	u64 iova = 0, other;
	int i;

	EXPECT_EQ(domain_info(domain).aperture_start, 4 * GIB);
	EXPECT_EQ(domain_info(domain).aperture_last, 8 * GIB - 1);
	for (i = 0; i < 2048; i++)
		list[i] = (struct iommu_lab_sg){ (uintptr_t)huge, HUGE };
	REQUIRE_EQ(map_list(domain, list, 2048, READ_WRITE, &iova), 0);
	EXPECT_EQ(iova, 4 * GIB);
	EXPECT_EQ(domain_info(domain).mapped_bytes, 4 * GIB);
	EXPECT(is_mapped(domain, 8 * GIB - 1));
	EXPECT(!is_mapped(domain, 8 * GIB));
	EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, 0, &other), -ENOSPC);
	REQUIRE_EQ(unmap(domain, 4 * GIB, 4 * GIB), 0);
	EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, 0, &other), 0);
	EXPECT_EQ(other, 4 * GIB);
	/* now it does not fit any more */
	EXPECT_EQ(map_list(domain, list, 2048, READ_WRITE, &iova), -ENOSPC);
	EXPECT_EQ(domain_info(domain).mapped_bytes, PAGE);
}

static void asked_aperture(void)
{
	int domain = new_domain(IOMMU_LAB_POLICY_ALLOC, 3 * GIB,
				3 * GIB + 4 * PAGE - 1);
	u8 *mem = pages_alloc(4 * PAGE);
	u64 iova;
	int i;

	EXPECT_EQ(domain_info(domain).aperture_start, 3 * GIB);
	EXPECT_EQ(domain_info(domain).aperture_last, 3 * GIB + 4 * PAGE - 1);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, 0, &iova), 0);
		EXPECT(iova >= 3 * GIB && iova < 3 * GIB + 4 * PAGE);
	}
	EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, 0, &iova), -ENOSPC);
}

/* H6 */
static void alignment_of_allocation(void)
{
	int domain = new_domain(IOMMU_LAB_POLICY_ALLOC, 0, 0);
	u8 *mem = pages_alloc(3 * PAGE);
	u64 align, iova, again;

	for (align = PAGE; align <= GIB; align <<= 1) {
		EXPECT_EQ(map_any(domain, mem, 3 * PAGE, READ_WRITE, align,
				  &iova), 0);
		EXPECT_EQ(iova % align, 0);
		EXPECT(iova >= ALLOC_START && iova + 3 * PAGE - 1 <= ALLOC_LAST);
	}
	EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, HUGE, &iova), 0);
	EXPECT_EQ(iova % HUGE, 0);
	EXPECT_EQ(map_any(domain, mem, 0, READ_WRITE, 0, &again), -EINVAL);
	EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, 3, &again), -EINVAL);
	/* freed space is used again */
	REQUIRE_EQ(unmap(domain, iova, PAGE), 0);
	EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, HUGE, &again), 0);
	EXPECT_EQ(again, iova);
}

/*
 * H6: an aperture of 16 pages: a page of IOVA space lost in a round would be
 * seen after 16 rounds, a table after few more.
 */
struct rounds {
	pthread_t thread;
	unsigned int rounds;
	u64 seed;
};

static void *map_and_unmap(void *arg)
{
	struct rounds *r = arg;
	u64 end = ALLOC_START + 16 * PAGE, iova, tables = 0;
	int domain = new_domain(IOMMU_LAB_POLICY_ALLOC, ALLOC_START, end - 1);
	u8 *mem = pages_alloc(16 * PAGE);
	unsigned int i;

	for (i = 0; i < r->rounds; i++) {
		u64 bytes = PAGE;

		if (i % 4 == 0)
			bytes += next_random(&r->seed) % 16 * PAGE;
		REQUIRE_EQ(map_any(domain, mem, bytes, READ_WRITE, 0, &iova),
			   0);
		REQUIRE(iova >= ALLOC_START && iova + bytes <= end);
		if (i == 16)
			tables = domain_info(domain).table_bytes;
		REQUIRE_EQ(unmap(domain, iova, bytes), 0);
	}
	REQUIRE_EQ(map_any(domain, mem, 16 * PAGE, READ_WRITE, 0, &iova), 0);
	EXPECT_EQ(domain_info(domain).mappings, 1);
	EXPECT(domain_info(domain).table_bytes <= tables + 4 * PAGE);
	close(domain);
	return NULL;
}

/* two threads, each with a domain; 1 million rounds, fewer on a debug kernel */
static void many_rounds(void)
{
	unsigned int rounds = !is_debug_kernel() ? 500000 :
			      want_long() ? 100000 : 2500;
	struct rounds r[2];
	u64 seed = test_seed();
	int i;

	for (i = 0; i < 2; i++) {
		r[i].rounds = rounds;
		r[i].seed = next_random(&seed) | 1;
		REQUIRE(!pthread_create(&r[i].thread, NULL, map_and_unmap,
					&r[i]));
	}
	for (i = 0; i < 2; i++)
		pthread_join(r[i].thread, NULL);
	note("%u rounds", 2 * rounds);
}

/* H7: loaded with max_mappings=4 */
static void mapping_quota(void)
{
	int control = control_open();
	int domain = new_domain(IOMMU_LAB_POLICY_ALLOC, ALLOC_START,
				ALLOC_START + 5 * PAGE - 1);
	u8 *mem = pages_alloc(PAGE);
	u64 iova[4], other;
	int i;

	EXPECT_EQ(lab_info(control).mappings_max, 4);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(lab_info(control).mappings_left, 4 - i);
		EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, 0, &iova[i]),
			  0);
	}
	EXPECT_EQ(lab_info(control).mappings_left, 0);
	for (i = 0; i < 100; i++)
		EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, 0, &other),
			  -ENOSPC);
	EXPECT_EQ(domain_info(domain).mappings, 4);
	EXPECT_EQ(domain_info(domain).pinned_bytes, 4 * PAGE);
	/* the one page that is left was not leaked by the 100 refusals */
	REQUIRE_EQ(unmap(domain, iova[0], PAGE), 0);
	REQUIRE_EQ(unmap(domain, iova[1], PAGE), 0);
	EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, 0, &iova[0]), 0);
	EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, 0, &iova[1]), 0);
	REQUIRE_EQ(unmap(domain, iova[2], PAGE), 0);
	REQUIRE_EQ(unmap(domain, iova[3], PAGE), 0);
	mem = pages_alloc(3 * PAGE);
	EXPECT_EQ(map_any(domain, mem, 3 * PAGE, READ_WRITE, 0, &other), 0);
}

/* H7: the address is the buffer's */
static void map_gives_iova(void)
{
	int domain = new_domain(IOMMU_LAB_POLICY_ALLOC, 0, 0);
	int endpoint = endpoint_open(0);
	u64 seed = test_seed(), iova;
	u8 *mem = pages_alloc(5 * PAGE), *copy = pages_alloc(5 * PAGE);

	fill_random(mem, 5 * PAGE, &seed);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	REQUIRE_EQ(map_any(domain, mem, 5 * PAGE, READ_ONLY, 0, &iova), 0);
	EXPECT_EQ(iova, ALLOC_START);
	EXPECT_EQ(dma_read(endpoint, iova, copy, 5 * PAGE).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(mem, copy, 5 * PAGE));
}

/* H8 */
static void unmap_twice(void)
{
	int domain = new_domain(IOMMU_LAB_POLICY_ALLOC, 0, 0);
	u8 *mem = pages_alloc(3 * PAGE);
	u64 iova, unmapped;

	REQUIRE_EQ(map_any(domain, mem, 3 * PAGE, READ_WRITE, 0, &iova), 0);
	EXPECT(is_mapped(domain, iova));
	EXPECT_EQ(unmap_flags(domain, iova, 3 * PAGE, 0, &unmapped), 0);
	EXPECT_EQ(unmapped, 3 * PAGE);
	EXPECT(!is_mapped(domain, iova));
	EXPECT_EQ(unmap_flags(domain, iova, 3 * PAGE, 0, &unmapped), -ENOENT);
	EXPECT_EQ(unmap_flags(domain, iova, 3 * PAGE,
			      IOMMU_LAB_UNMAP_ALLOW_HOLES, &unmapped), -ENOENT);
	EXPECT_EQ(locked_bytes(), 0);
}

/* P1 */
static void off_by_one(void)
{
	static const long off[] = { 1, -1, 2048, -2048, 4095 };
	int domain = fixed_domain();
	u8 *mem = pages_alloc(4 * PAGE) + PAGE;
	struct iommu_lab_iova_range range[8];
	struct iommu_lab_iova_ranges ranges = {
		.size = sizeof(ranges),
		.nr_ranges = ARRAY_SIZE(range),
		.ranges = (uintptr_t)range,
	};
	size_t i;

	REQUIRE_EQ(lab_ioctl(domain, IOMMU_LAB_IOVA_RANGES, &ranges), 0);
	EXPECT_EQ(ranges.out_alignment, PAGE);
	for (i = 0; i < ARRAY_SIZE(off); i++) {
		EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT + off[i]),
			  -EINVAL);
		EXPECT_EQ(map_at(domain, mem + off[i], PAGE, READ_WRITE, AT),
			  -EINVAL);
		EXPECT_EQ(map_at(domain, mem, PAGE + off[i], READ_WRITE, AT),
			  -EINVAL);
	}
	EXPECT_EQ(domain_info(domain).mappings, 0);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT), 0);
	for (i = 0; i < ARRAY_SIZE(off); i++) {
		EXPECT_EQ(unmap(domain, AT + off[i], PAGE), -EINVAL);
		EXPECT_EQ(unmap(domain, AT, PAGE + off[i]), -EINVAL);
	}
	EXPECT_EQ(domain_info(domain).mappings, 1);
}

static void check_ranges(int domain, const struct iommu_lab_iova_range *want,
			 u32 nr)
{
	struct iommu_lab_iova_range got[16];
	struct iommu_lab_iova_ranges ranges = {
		.size = sizeof(ranges),
		.nr_ranges = ARRAY_SIZE(got),
		.ranges = (uintptr_t)got,
	};
	u32 i;

	REQUIRE_EQ(lab_ioctl(domain, IOMMU_LAB_IOVA_RANGES, &ranges), 0);
	REQUIRE_EQ(ranges.nr_ranges, nr);
	for (i = 0; i < nr; i++) {
		EXPECT_EQ(got[i].start, want[i].start);
		EXPECT_EQ(got[i].last, want[i].last);
	}
}

/* P2 */
static void valid_ranges(void)
{
	int domain = fixed_domain(), part;
	u64 last = domain_info(domain).aperture_last, border;
	struct iommu_lab_iova_range all[] = {
		{ 0, RMRR_START - 1 },
		{ RMRR_LAST + 1, MSI_START - 1 },
		{ MSI_LAST + 1, last },
	};
	static const u64 borders[] = { RMRR_START, RMRR_LAST + 1, MSI_START,
				       MSI_LAST + 1 };
	struct iommu_lab_iova_range in_part = { RMRR_LAST + 1, MSI_START - 1 };
	u8 *mem = pages_alloc(4 * PAGE);
	size_t i;

	check_ranges(domain, all, 3);
	for (i = 0; i < ARRAY_SIZE(borders); i++) {
		border = borders[i];
		EXPECT_EQ(map_at(domain, mem, 2 * PAGE, READ_WRITE,
				 border - PAGE), -EINVAL);
		/* right up to it, on the side that is valid */
		if (i % 2)
			EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, border),
				  0);
		else
			EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE,
					 border - PAGE), 0);
	}
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, MSI_START), -EINVAL);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, MSI_LAST - PAGE + 1),
		  -EINVAL);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, last - PAGE + 1), 0);
	EXPECT_EQ(map_at(domain, mem, 2 * PAGE, READ_WRITE, last - PAGE + 1),
		  -EINVAL);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, last + 1), -EINVAL);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, 0), 0);

	/* a smaller aperture, with one reserved range in and one at its end */
	part = new_domain(IOMMU_LAB_POLICY_FIXED, RMRR_START + PAGE, MSI_LAST);
	check_ranges(part, &in_part, 1);
	EXPECT_EQ(map_at(part, mem, PAGE, READ_WRITE, MSI_LAST + 1), -EINVAL);
	EXPECT_EQ(map_at(part, mem, PAGE, READ_WRITE, AT), -EINVAL);
	EXPECT_EQ(map_at(part, mem, PAGE, READ_WRITE, in_part.start), 0);
	/* the default ALLOC aperture has nothing reserved in it */
	in_part = (struct iommu_lab_iova_range){ ALLOC_START, ALLOC_LAST };
	check_ranges(new_domain(IOMMU_LAB_POLICY_ALLOC, 0, 0), &in_part, 1);
}

/* P3 */
static void mappings_left(void)
{
	int control = control_open(), domain[2] = { fixed_domain(),
						    fixed_domain() };
	u8 *mem = pages_alloc(PAGE);
	u64 max = lab_info(control).mappings_max, unmapped;
	int i;

	EXPECT_EQ(max, 1ull << 32);
	EXPECT_EQ(lab_info(control).mappings_left, max);
	for (i = 0; i < 10; i++) {
		REQUIRE_EQ(map_at(domain[i % 2], mem, PAGE, READ_WRITE,
				  AT + (i / 2) * PAGE), 0);
		EXPECT_EQ(lab_info(control).mappings_left, max - i - 1);
		EXPECT_EQ(map_at(domain[i % 2], mem, PAGE, READ_WRITE, AT),
			  -EEXIST);
		EXPECT_EQ(lab_info(control).mappings_left, max - i - 1);
	}
	REQUIRE_EQ(unmap(domain[0], AT, PAGE), 0);
	EXPECT_EQ(lab_info(control).mappings_left, max - 9);
	EXPECT_EQ(unmap(domain[0], AT, PAGE), -ENOENT);
	EXPECT_EQ(lab_info(control).mappings_left, max - 9);
	REQUIRE_EQ(unmap_flags(domain[1], AT, 5 * PAGE, 0, &unmapped), 0);
	EXPECT_EQ(lab_info(control).mappings_left, max - 4);
	close(domain[0]);
	EXPECT_EQ(lab_info(control).mappings_left, max);
}

/* P6: A, B and D of 2 pages each, with a gap before D */
static void whole_mappings(void)
{
	static const u64 a = AT, b = AT + 2 * PAGE, gap = AT + 4 * PAGE,
			 d = AT + 6 * PAGE;
	static const struct {
		u64 iova, bytes;
		u32 flags;
		int error;
		const char *what;
	} bad[] = {
		{ a, PAGE, 0, EINVAL, "the first half of A" },
		{ a + PAGE, PAGE, 0, EINVAL, "the second half of A" },
		{ a, 3 * PAGE, 0, EINVAL, "A and half of B" },
		{ a + PAGE, 3 * PAGE, 0, EINVAL, "half of A, and B" },
		{ a, 8 * PAGE, 0, EINVAL, "A, B, the gap and D" },
		{ b, 6 * PAGE, 0, EINVAL, "B, the gap and D" },
		{ a, 5 * PAGE, 0, EINVAL, "A, B and some of the gap" },
		{ a - PAGE, 3 * PAGE, 0, EINVAL, "A and what is before it" },
		{ d - PAGE, 3 * PAGE, 0, EINVAL, "some of the gap, and D" },
		{ gap, 2 * PAGE, 0, ENOENT, "the gap" },
		{ gap, 2 * PAGE, 1, ENOENT, "the gap, holes allowed" },
		{ GIB, PAGE, 0, ENOENT, "nothing" },
		{ WRAP, PAGE, 0, ENOENT, "the last page of 64 bits" },
		{ WRAP, PAGE, 1, ENOENT, "the same, holes allowed" },
		{ a + PAGE, WRAP - a - PAGE, 1, EINVAL,
		  "all behind the middle of A, holes allowed" },
		{ a, 7 * PAGE, 1, EINVAL, "half of D, holes allowed" },
	};
	int domain = fixed_domain(), endpoint = endpoint_open(0);
	u8 *mem = pages_alloc(2 * PAGE);
	u64 unmapped;
	size_t i;

	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	REQUIRE_EQ(map_at(domain, mem, 2 * PAGE, READ_WRITE, a), 0);
	REQUIRE_EQ(map_at(domain, mem, 2 * PAGE, READ_WRITE, b), 0);
	REQUIRE_EQ(map_at(domain, mem, 2 * PAGE, READ_WRITE, d), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		unmapped = 0;
		if (!EXPECT_EQ(unmap_flags(domain, bad[i].iova, bad[i].bytes,
					   bad[i].flags, &unmapped),
			       -bad[i].error) ||
		    !EXPECT_EQ(unmapped, 0) ||
		    !EXPECT_EQ(domain_info(domain).mappings, 3))
			note("unmap of %s", bad[i].what);
	}
	for (i = 0; i < 8; i++)
		EXPECT_EQ(dma_poke(endpoint, a + i * PAGE),
			  i == 4 || i == 5 ? IOMMU_LAB_DMA_FAULT :
					     IOMMU_LAB_DMA_OK);
	EXPECT_EQ(unmap_flags(domain, a, 4 * PAGE, 0, &unmapped), 0);
	EXPECT_EQ(unmapped, 4 * PAGE);
	EXPECT_EQ(domain_info(domain).mappings, 1);
	REQUIRE_EQ(map_at(domain, mem, 2 * PAGE, READ_WRITE, a), 0);
	EXPECT_EQ(unmap_flags(domain, 0, WRAP, IOMMU_LAB_UNMAP_ALLOW_HOLES,
			      &unmapped), 0);
	EXPECT_EQ(unmapped, 4 * PAGE);
	EXPECT_EQ(domain_info(domain).mappings, 0);
}

/* N17: everything from 2 MiB below the window to 1 MiB above, page by page */
static void interrupt_window(void)
{
	u64 start = MSI_START - MIB, last = MSI_LAST + MIB, iova;
	int domain = new_domain(IOMMU_LAB_POLICY_ALLOC, start, last);
	u8 *mem = pages_alloc(PAGE);
	unsigned int pages = 0;

	while (!map_any(domain, mem, PAGE, READ_WRITE, 0, &iova)) {
		REQUIRE(iova >= start && iova + PAGE - 1 <= last);
		REQUIRE(iova + PAGE - 1 < MSI_START || iova > MSI_LAST);
		pages++;
		REQUIRE(pages <= 512);
	}
	EXPECT_EQ(pages, 512);
	EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, 0, &iova), -ENOSPC);
	/* nor by an alignment that points right into it */
	domain = new_domain(IOMMU_LAB_POLICY_ALLOC, start, last);
	EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, 2 * MIB, &iova),
		  -ENOSPC);
	EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, MIB, &iova), 0);
	EXPECT_EQ(iova, start);
	EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, MIB, &iova), 0);
	EXPECT_EQ(iova, MSI_LAST + 1);
}

static const struct test_case cases[] = {
	{ "H5 4 GiB fit into the default aperture, no page more",
	  default_aperture },
	{ "H5 another aperture on request", asked_aperture },
	{ "H6 an allocation is aligned, freed space is used again",
	  alignment_of_allocation },
	{ "H6 map and unmap rounds never run out", many_rounds,
	  .seconds = 900 },
	{ "H7 map gives the IOVA of a buffer", map_gives_iova },
	{ "H7 beyond the quota is ENOSPC, no IOVA is leaked", mapping_quota,
	  "max_mappings=4" },
	{ "H8 the second unmap is ENOENT", unmap_twice },
	{ "P1 off by one in IOVA, address or length is EINVAL", off_by_one },
	{ "P2 the valid ranges are the aperture without what is reserved",
	  valid_ranges },
	{ "P3 the mappings left change by one", mappings_left },
	{ "P6 only whole contiguous mappings are unmapped", whole_mappings },
	{ "N17 the interrupt window is never handed out", interrupt_window },
};

int main(void)
{
	return RUN_CASES(cases);
}
