// SPDX-License-Identifier: GPL-2.0
/*
 * Who picks an address, and what may be mapped: process addresses, guard pages
 * and natural alignment, one physical range, marked memory only.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)
#define GUARD	IOMMU_LAB_DOMAIN_GUARD
#define NATURAL	IOMMU_LAB_DOMAIN_NATURAL
#define MARKED	IOMMU_LAB_DOMAIN_MARKED_ONLY

static int control, domain, endpoint;

static void set_up(u32 policy, u32 flags)
{
	control = control_open();
	domain = domain_create_with(control, policy, flags);
	REQUIRE(domain >= 0);
	EXPECT_EQ(domain_info(domain).out_flags, flags);
	endpoint = endpoint_open(2);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
}

static void set_up_in(u32 flags, u64 start, u64 last)
{
	struct iommu_lab_domain_create create = {
		.size = sizeof(create),
		.flags = flags,
		.policy = IOMMU_LAB_POLICY_ALLOC,
		.aperture_start = start,
		.aperture_last = last,
	};

	control = control_open();
	REQUIRE_EQ(lab_ioctl(control, IOMMU_LAB_DOMAIN_CREATE, &create), 0);
	domain = create.out_fd;
	endpoint = endpoint_open(2);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
}

static u8 *random_pages(size_t bytes)
{
	u64 seed = test_seed();
	u8 *mem = pages_alloc(bytes);

	fill_random(mem, bytes, &seed);
	return mem;
}

static void expect_said(int fd, const char *words)
{
	if (!EXPECT(strstr(last_refusal(fd), words)))
		note("no '%s' in: %s", words, last_refusal(fd));
}

/* N5 */
static void process_addresses(void)
{
	u8 *mem = random_pages(8 * PAGE), *copy = pages_alloc(4 * PAGE);
	u64 va = (uintptr_t)mem, iova = 0;
	struct iommu_lab_sg list[3] = { { va, PAGE }, { va + PAGE, 2 * PAGE },
					{ va + 3 * PAGE, PAGE } };

	set_up(IOMMU_LAB_POLICY_VA, 0);
	EXPECT_EQ(domain_info(domain).aperture_start, 0);
	EXPECT_EQ(domain_info(domain).aperture_last, (1ull << 48) - 1);
	REQUIRE_EQ(map_any(domain, mem, 4 * PAGE, READ_WRITE, 0, &iova), 0);
	EXPECT_EQ(iova, va);
	EXPECT_EQ(dma_read(endpoint, va + 100, copy, 3 * PAGE).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(copy, mem + 100, 3 * PAGE));
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, 0), -EEXIST);
	EXPECT_EQ(map_at(domain, mem + 4 * PAGE, PAGE, READ_WRITE, va),
		  -EINVAL);
	expect_said(domain, "process address");
	EXPECT_EQ(map_any(domain, mem + 4 * PAGE, PAGE, READ_WRITE, PAGE, &iova),
		  -EINVAL);
	EXPECT_EQ(map_at(domain, mem + 4 * PAGE, PAGE, READ_WRITE, va + 4 * PAGE),
		  0);
	EXPECT_EQ(dma_poke(endpoint, va + 4 * PAGE), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(mem[4 * PAGE], 0xa5);
	EXPECT_EQ(dma_peek(endpoint, va + 5 * PAGE), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(unmap(domain, va, 5 * PAGE), 0);
	EXPECT_EQ(dma_peek(endpoint, va), IOMMU_LAB_DMA_FAULT);

	/* a list without a gap is one mapping, any other is none */
	iova = 0;
	REQUIRE_EQ(map_list(domain, list, 3, READ_WRITE, &iova), 0);
	EXPECT_EQ(iova, va);
	EXPECT_EQ(domain_info(domain).mappings, 1);
	EXPECT_EQ(unmap(domain, va, 4 * PAGE), 0);
	list[2].addr += PAGE;
	iova = 0;
	EXPECT_EQ(map_list(domain, list, 3, READ_WRITE, &iova), -EINVAL);
	expect_said(domain, "one by one");
	list[2].addr = va + 2 * PAGE;
	EXPECT_EQ(map_list(domain, list, 3, READ_WRITE, &iova), -EINVAL);
	EXPECT_EQ(domain_info(domain).mappings, 0);
	EXPECT_EQ(locked_bytes(), 0);
}

static u8 *pages_at(u64 va, size_t bytes)
{
	u8 *mem = mmap((void *)va, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE |
		       MAP_FIXED_NOREPLACE, -1, 0);

	REQUIRE_EQ((uintptr_t)mem, va);
	return mem;
}

/* process memory whose addresses mean something else on the bus */
static void reserved_addresses(void)
{
	static const u64 reserved[] = { MSI_START, MSI_LAST + 1 - PAGE,
					RMRR_START };
	size_t i;

	set_up(IOMMU_LAB_POLICY_VA, 0);
	for (i = 0; i < ARRAY_SIZE(reserved); i++) {
		u8 *mem = pages_at(reserved[i], PAGE);

		EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, 0), -EINVAL);
		expect_said(domain, "reserved range");
	}
	EXPECT_EQ(map_at(domain, pages_at(MSI_LAST + 1, PAGE), PAGE, READ_WRITE,
			 0), 0);
	EXPECT_EQ(dma_poke(endpoint, MSI_LAST + 1), IOMMU_LAB_DMA_OK);
}

/* loaded with aw_bits=39: half a TiB, and a process has more */
static void too_wide(void)
{
	u64 end = 1ull << 39;
	u8 *mem = pages_alloc(PAGE), *low = pages_at(end - PAGE, 2 * PAGE);

	set_up(IOMMU_LAB_POLICY_VA, 0);
	REQUIRE((uintptr_t)mem >= end);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, 0), -EINVAL);
	expect_said(domain, "aw_bits");
	EXPECT_EQ(map_at(domain, low, 2 * PAGE, READ_WRITE, 0), -EINVAL);
	expect_said(domain, "aw_bits");
	EXPECT_EQ(locked_bytes(), 0);
	EXPECT_EQ(map_at(domain, low, PAGE, READ_WRITE, 0), 0);
	EXPECT_EQ(dma_poke(endpoint, end - 1), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(low[PAGE - 1], 0xa5);
}

/* N16: an aperture of 8 pages: 4 buffers of one page, each with its guard */
static void guard_pages(void)
{
	u8 *mem = random_pages(8 * PAGE), *copy = pages_alloc(2 * PAGE);
	struct iommu_lab_dma_result r;
	u64 iova[4], unmapped, i;

	set_up_in(GUARD, GIB, GIB + 8 * PAGE - 1);
	EXPECT_EQ(domain_info(domain).out_flags, GUARD);
	EXPECT_EQ(map_any(domain, mem, 8 * PAGE, READ_WRITE, 0, &iova[0]),
		  -ENOSPC);
	for (i = 0; i < 4; i++) {
		REQUIRE_EQ(map_any(domain, mem + i * PAGE, PAGE, READ_WRITE, 0,
				   &iova[i]), 0);
		EXPECT_EQ(iova[i], GIB + 2 * i * PAGE);
	}
	EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, 0, &unmapped), -ENOSPC);
	EXPECT_EQ(domain_info(domain).mappings, 4);
	EXPECT_EQ(domain_info(domain).mapped_bytes, 4 * PAGE);
	EXPECT_EQ(domain_info(domain).pinned_bytes, 4 * PAGE);
	for (i = 0; i < 4; i++) {
		r = dma_read(endpoint, iova[i], copy, PAGE + 1);
		EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
		EXPECT_EQ(r.fault_reason, REASON_READ);
		EXPECT_EQ(r.done, PAGE);
		EXPECT_EQ(r.fault_iova, iova[i] + PAGE);
		EXPECT(!memcmp(copy, mem + i * PAGE, PAGE));
		EXPECT_EQ(dma_poke(endpoint, iova[i] + PAGE),
			  IOMMU_LAB_DMA_FAULT);
		EXPECT_EQ(unmap(domain, iova[i] + PAGE, PAGE), -ENOENT);
	}
	/* a guard page is a hole like any other */
	EXPECT_EQ(unmap(domain, iova[0], 2 * PAGE), -EINVAL);
	EXPECT_EQ(unmap(domain, iova[0], 3 * PAGE), -EINVAL);
	EXPECT_EQ(unmap(domain, iova[1] + PAGE, 2 * PAGE), -EINVAL);
	EXPECT_EQ(domain_info(domain).mappings, 4);
	EXPECT_EQ(unmap_flags(domain, iova[1] + PAGE, 3 * PAGE,
			      IOMMU_LAB_UNMAP_ALLOW_HOLES, &unmapped), 0);
	EXPECT_EQ(unmapped, PAGE);
	EXPECT(is_mapped(domain, iova[1]) && !is_mapped(domain, iova[2]));
	EXPECT_EQ(unmap(domain, iova[1], PAGE), 0);
	/* both gaps and both guards are free again: 3 pages and a guard */
	REQUIRE_EQ(map_any(domain, mem, 3 * PAGE, READ_WRITE, 0, &iova[1]), 0);
	EXPECT_EQ(iova[1], GIB + 2 * PAGE);
	EXPECT_EQ(dma_peek(endpoint, GIB + 5 * PAGE - 1), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_peek(endpoint, GIB + 5 * PAGE), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(unmap_flags(domain, GIB, 8 * PAGE,
			      IOMMU_LAB_UNMAP_ALLOW_HOLES, &unmapped), 0);
	EXPECT_EQ(unmapped, 5 * PAGE);
	EXPECT_EQ(map_any(domain, mem, 7 * PAGE, READ_WRITE, 0, &iova[0]), 0);
	EXPECT_EQ(dma_peek(endpoint, GIB + 7 * PAGE), IOMMU_LAB_DMA_FAULT);
}

/* without the flag a buffer ends where the next one begins */
static void no_guard_pages(void)
{
	u8 *mem = random_pages(2 * PAGE), *copy = pages_alloc(2 * PAGE);
	u64 iova[2];

	set_up(IOMMU_LAB_POLICY_ALLOC, 0);
	REQUIRE_EQ(map_any(domain, mem, PAGE, READ_WRITE, 0, &iova[0]), 0);
	REQUIRE_EQ(map_any(domain, mem + PAGE, PAGE, READ_WRITE, 0, &iova[1]), 0);
	EXPECT_EQ(iova[1], iova[0] + PAGE);
	EXPECT_EQ(dma_read(endpoint, iova[0], copy, PAGE + 1).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(copy[PAGE], mem[PAGE]);
}

/* N16 */
static void natural_alignment(void)
{
	static const u64 pages[] = { 1, 3, 5, 16, 2, 33, 512, 7 };
	static const u32 flags[] = { NATURAL, NATURAL | GUARD };
	u8 *mem = pages_alloc(512 * PAGE);
	u64 iova, natural;
	size_t f, i;

	for (f = 0; f < ARRAY_SIZE(flags); f++) {
		set_up(IOMMU_LAB_POLICY_ALLOC, flags[f]);
		for (i = 0; i < ARRAY_SIZE(pages); i++) {
			natural = PAGE;
			while (natural < pages[i] * PAGE)
				natural *= 2;
			REQUIRE_EQ(map_any(domain, mem, pages[i] * PAGE,
					   READ_WRITE, 0, &iova), 0);
			EXPECT_EQ(iova % natural, 0);
			REQUIRE_EQ(map_any(domain, mem, pages[i] * PAGE,
					   READ_WRITE, 1024 * PAGE, &iova), 0);
			EXPECT_EQ(iova % (1024 * PAGE), 0);
		}
		close(endpoint);
		close(domain);
	}
	/* without the flag, only what is asked for */
	set_up(IOMMU_LAB_POLICY_ALLOC, 0);
	REQUIRE_EQ(map_any(domain, mem, PAGE, READ_WRITE, 0, &iova), 0);
	REQUIRE_EQ(map_any(domain, mem, 16 * PAGE, READ_WRITE, 0, &iova), 0);
	EXPECT_EQ(iova, ALLOC_START + PAGE);
}

/* the domain's page table in debugfs: has it this leaf? */
static bool table_has(u64 iova, u64 pa, const char *rights)
{
	char file[64], line[96], *text;
	bool found;

	snprintf(file, sizeof(file), "domains/%u/page_table",
		 domain_info(domain).id);
	snprintf(line, sizeof(line), "\n0x%llx 4096 %s 0x%llx\n",
		 (unsigned long long)iova, rights, (unsigned long long)pa);
	text = debugfs_text(file);
	found = strstr(text, line);
	free(text);
	return found;
}

/* V9: memory of the test that another domain keeps where it is */
static void physical_range(void)
{
	u8 *mem = random_pages(2 * PAGE), *copy = pages_alloc(PAGE);
	struct iommu_lab_translate answer;
	u64 seed = test_seed(), phys, other;
	int pins;

	set_up(IOMMU_LAB_POLICY_FIXED, 0);
	pins = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE_EQ(map_at(pins, mem, 2 * PAGE, READ_WRITE, AT), 0);
	phys = phys_of(mem);
	other = phys_of(mem + PAGE);
	EXPECT_EQ(dma_peek(endpoint, phys), IOMMU_LAB_DMA_FAULT);
	EXPECT(!table_has(phys, phys, "rw"));

	REQUIRE_EQ(map_identity(domain, phys, PAGE, READ_WRITE), 0);
	EXPECT_EQ(domain_info(domain).mappings, 1);
	EXPECT_EQ(domain_info(domain).mapped_bytes, PAGE);
	EXPECT_EQ(domain_info(domain).pinned_bytes, 0);
	EXPECT_EQ(locked_bytes(), 2 * PAGE);
	EXPECT(table_has(phys, phys, "rw"));
	REQUIRE_EQ(translate(domain, phys + 17, &answer), 0);
	EXPECT_EQ(answer.out_phys, phys + 17);
	EXPECT_EQ(dma_read(endpoint, phys, copy, PAGE).status, IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(copy, mem, PAGE));
	fill_random(copy, PAGE, &seed);
	EXPECT_EQ(dma_write(endpoint, phys, copy, PAGE).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(copy, mem, PAGE));
	/* this page and no other */
	EXPECT_EQ(dma_peek(endpoint, other), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(map_identity(domain, phys, PAGE, READ_WRITE), -EEXIST);

	EXPECT_EQ(unmap(domain, phys, PAGE), 0);
	EXPECT(!table_has(phys, phys, "rw"));
	EXPECT_EQ(dma_peek(endpoint, phys), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(unmap(domain, phys, PAGE), -ENOENT);

	REQUIRE_EQ(map_identity(domain, other, PAGE, READ_ONLY), 0);
	EXPECT(table_has(other, other, "r-"));
	EXPECT_EQ(dma_peek(endpoint, other), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_poke(endpoint, other), IOMMU_LAB_DMA_FAULT);
	/* the HPET is no RAM: mapped, and not touched */
	REQUIRE_EQ(map_identity(domain, 0xfed00000, PAGE, READ_WRITE), 0);
	EXPECT_EQ(dma_peek(endpoint, 0xfed00000), IOMMU_LAB_DMA_ABORTED);
}

static int map_identity_at(u64 phys, u64 bytes, u64 iova, u64 align)
{
	struct iommu_lab_map map = {
		.size = sizeof(map),
		.flags = IOMMU_LAB_MAP_IDENTITY,
		.prot = READ_WRITE,
		.user_va = phys,
		.length = bytes,
		.iova = iova,
		.align = align,
	};

	return lab_ioctl(domain, IOMMU_LAB_MAP, &map);
}

/* V9: the right is asked for once more when somebody can use the range */
static void physical_range_at_attach(void)
{
	set_up(IOMMU_LAB_POLICY_FIXED, 0);
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	REQUIRE_EQ(map_identity(domain, 64 * MIB, PAGE, READ_WRITE), 0);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	drop_capability(CAP_SYS_RAWIO);
	EXPECT_EQ(domain_attach(domain, endpoint), -EPERM);
	expect_said(domain, "identity ranges");
	REQUIRE_EQ(unmap(domain, 64 * MIB, PAGE), 0);
	EXPECT_EQ(domain_attach(domain, endpoint), 0);
}

/* V9 */
static void physical_range_refused(void)
{
	static const u32 policies[] = { IOMMU_LAB_POLICY_ALLOC,
					IOMMU_LAB_POLICY_VA };
	u64 phys = 64 * MIB;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		set_up(policies[i], 0);
		EXPECT_EQ(map_identity(domain, phys, PAGE, READ_WRITE), -EINVAL);
		expect_said(domain, "POLICY_FIXED");
		close(endpoint);
	}
	set_up(IOMMU_LAB_POLICY_FIXED, MARKED);
	EXPECT_EQ(map_identity(domain, phys, PAGE, READ_WRITE), -EPERM);
	expect_said(domain, "marked");
	close(endpoint);

	set_up(IOMMU_LAB_POLICY_FIXED, 0);
	EXPECT_EQ(map_identity_at(phys, PAGE, phys + PAGE, 0), -EINVAL);
	EXPECT_EQ(map_identity_at(phys, PAGE, 0, PAGE), -EINVAL);
	EXPECT_EQ(map_identity_at(phys + 1, PAGE, 0, 0), -EINVAL);
	EXPECT_EQ(map_identity_at(phys, PAGE + 1, 0, 0), -EINVAL);
	EXPECT_EQ(map_identity_at(phys, 0, 0, 0), -EINVAL);
	EXPECT_EQ(map_identity_at(~0ull - PAGE + 1, 2 * PAGE, 0, 0), -EINVAL);
	EXPECT_EQ(map_identity_at(MSI_START, PAGE, 0, 0), -EINVAL);
	EXPECT_EQ(map_identity_at(RMRR_START, PAGE, 0, 0), -EINVAL);
	/* within the IOVAs, but beyond the host address width */
	EXPECT_EQ(map_identity_at(1ull << 47, PAGE, 0, 0), -EINVAL);
	expect_said(domain, "bits");
	EXPECT_EQ(map_identity(domain, phys, PAGE, 0), -EINVAL);
	EXPECT_EQ(map_identity(domain, phys, PAGE, 8), -EOPNOTSUPP);
	drop_capability(CAP_SYS_RAWIO);
	EXPECT_EQ(map_identity(domain, phys, PAGE, READ_WRITE), -EPERM);
	expect_said(domain, "CAP_SYS_RAWIO");
	EXPECT_EQ(domain_info(domain).mappings, 0);
}

static int map_as(u32 policy, const u8 *va, u64 bytes)
{
	u64 at = policy == IOMMU_LAB_POLICY_FIXED ? AT : 0;

	return map_at(domain, va, bytes, READ_ONLY, at);
}

/* N3 */
static void marked_only(void)
{
	static const u32 policies[] = { IOMMU_LAB_POLICY_FIXED,
					IOMMU_LAB_POLICY_ALLOC,
					IOMMU_LAB_POLICY_VA };
	u8 *mem = random_pages(8 * PAGE);
	u64 va = (uintptr_t)mem, iova = 0, unmapped;
	struct iommu_lab_sg list[2] = { { va, PAGE }, { va + PAGE, PAGE } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		set_up(policies[i], MARKED);
		EXPECT_EQ(map_as(policies[i], mem, PAGE), -EPERM);
		expect_said(domain, "IOMMU_LAB_MARK");
		EXPECT_EQ(mark(domain, mem, PAGE), 0);
		EXPECT_EQ(map_as(policies[i], mem, 2 * PAGE), -EPERM);
		EXPECT_EQ(map_as(policies[i], mem + PAGE, PAGE), -EPERM);
		iova = policies[i] == IOMMU_LAB_POLICY_FIXED ? AT : 0;
		EXPECT_EQ(map_list(domain, list, 2, READ_ONLY, &iova), -EPERM);
		EXPECT_EQ(domain_info(domain).mappings, 0);
		EXPECT_EQ(locked_bytes(), 0);
		/* what touches is one range: 2 and 1, then the gap between */
		EXPECT_EQ(mark(domain, mem + 2 * PAGE, 2 * PAGE), 0);
		EXPECT_EQ(map_as(policies[i], mem, 4 * PAGE), -EPERM);
		EXPECT_EQ(mark(domain, mem + PAGE, PAGE), 0);
		EXPECT_EQ(map_as(policies[i], mem, 5 * PAGE), -EPERM);
		EXPECT_EQ(map_as(policies[i], mem, 4 * PAGE), 0);
		EXPECT_EQ(unmap_flags(domain, 0, 1ull << 48,
				      IOMMU_LAB_UNMAP_ALLOW_HOLES, &unmapped), 0);
		close(endpoint);
		close(domain);
	}
}

/* N3: the process's own text, by the address that it has */
static void own_text(void)
{
	u8 *text = (u8 *)((uintptr_t)own_text & ~(PAGE - 1));
	u8 *mem = random_pages(PAGE), byte = 0;

	set_up(IOMMU_LAB_POLICY_VA, MARKED);
	REQUIRE_EQ(mark(domain, mem, PAGE), 0);
	REQUIRE_EQ(map_at(domain, mem, PAGE, READ_WRITE, 0), 0);
	EXPECT_EQ(dma_peek(endpoint, (uintptr_t)mem), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(map_at(domain, text, PAGE, READ_ONLY, 0), -EPERM);
	EXPECT_EQ(dma_read(endpoint, (uintptr_t)text, &byte, 1).status,
		  IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(byte, 0);
	EXPECT_EQ(dma_poke(endpoint, (uintptr_t)text), IOMMU_LAB_DMA_FAULT);
}

/* N3: clearing decides about later mappings */
static void clear_marks(void)
{
	u8 *mem = random_pages(8 * PAGE);

	set_up(IOMMU_LAB_POLICY_VA, MARKED);
	REQUIRE_EQ(mark(domain, mem, 8 * PAGE), 0);
	REQUIRE_EQ(map_at(domain, mem + 3 * PAGE, PAGE, READ_ONLY, 0), 0);
	/* a hole in the middle; twice is as good as once */
	EXPECT_EQ(mark_clear(domain, mem + 3 * PAGE, 2 * PAGE), 0);
	EXPECT_EQ(mark_clear(domain, mem + 3 * PAGE, 2 * PAGE), 0);
	EXPECT_EQ(dma_peek(endpoint, (uintptr_t)mem + 3 * PAGE),
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(unmap(domain, (uintptr_t)mem + 3 * PAGE, PAGE), 0);
	EXPECT_EQ(map_at(domain, mem + 3 * PAGE, PAGE, READ_ONLY, 0), -EPERM);
	EXPECT_EQ(map_at(domain, mem + 4 * PAGE, PAGE, READ_ONLY, 0), -EPERM);
	EXPECT_EQ(map_at(domain, mem, 3 * PAGE, READ_ONLY, 0), 0);
	EXPECT_EQ(map_at(domain, mem + 5 * PAGE, 3 * PAGE, READ_ONLY, 0), 0);
	/* all of it, and nothing that is there */
	EXPECT_EQ(mark_clear(domain, NULL, 1ull << 63), 0);
	EXPECT_EQ(mark_clear(domain, mem, PAGE), 0);
	EXPECT_EQ(unmap(domain, (uintptr_t)mem, 3 * PAGE), 0);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_ONLY, 0), -EPERM);
	/* each domain has its own */
	EXPECT_EQ(mark(domain, mem, PAGE), 0);
	close(endpoint);
	set_up(IOMMU_LAB_POLICY_VA, MARKED);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_ONLY, 0), -EPERM);
}

static void mark_arguments(void)
{
	u8 *mem = pages_alloc(2 * PAGE), *top = (u8 *)(~0ull - PAGE + 1);
	int plain;

	set_up(IOMMU_LAB_POLICY_VA, MARKED);
	plain = domain_create(control, IOMMU_LAB_POLICY_VA);
	EXPECT_EQ(mark(plain, mem, PAGE), -EOPNOTSUPP);
	expect_said(plain, "MARKED_ONLY");
	EXPECT_EQ(mark_clear(plain, mem, PAGE), -EOPNOTSUPP);
	EXPECT_EQ(mark(domain, mem, 0), -EINVAL);
	EXPECT_EQ(mark(domain, mem + 1, PAGE), -EINVAL);
	EXPECT_EQ(mark(domain, mem, PAGE + 1), -EINVAL);
	EXPECT_EQ(mark(domain, mem, ~0ull), -EINVAL);
	EXPECT_EQ(mark(domain, top, 2 * PAGE), -EINVAL);
	EXPECT_EQ(mark_clear(domain, mem, 0), -EINVAL);
	EXPECT_EQ(mark_clear(domain, top, 2 * PAGE), -EINVAL);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_ONLY, 0), -EPERM);
	/* the last page of 64 bits is one like the others */
	EXPECT_EQ(mark(domain, top, PAGE), 0);
	EXPECT_EQ(mark(domain, top - PAGE, PAGE), 0);
	EXPECT_EQ(mark_clear(domain, top, PAGE), 0);
}

/* ranges that do not touch, until there are no more */
static void many_marks(void)
{
	u8 *at = (u8 *)(1ull << 40);
	u64 i;

	set_up(IOMMU_LAB_POLICY_VA, MARKED);
	for (i = 0; i < IOMMU_LAB_MAX_MARKS; i++)
		REQUIRE_EQ(mark(domain, at + 2 * i * PAGE, PAGE), 0);
	EXPECT_EQ(mark(domain, at + 2 * i * PAGE, PAGE), -ENOSPC);
	expect_said(domain, "4096");
	/* what is marked already, or touches, needs no range of its own */
	EXPECT_EQ(mark(domain, at, PAGE), 0);
	EXPECT_EQ(mark(domain, at + 2 * i * PAGE - PAGE, 3 * PAGE), 0);
	EXPECT_EQ(mark_clear(domain, at + 2 * i * PAGE, PAGE), -ENOSPC);
	/* two ranges become one: there is room for one more */
	EXPECT_EQ(mark(domain, at + PAGE, PAGE), 0);
	EXPECT_EQ(mark_clear(domain, at + 2 * i * PAGE, PAGE), 0);
	EXPECT_EQ(mark(domain, at - 2 * PAGE, PAGE), -ENOSPC);
	EXPECT_EQ(mark(domain, at, 4 * i * PAGE), 0);
	EXPECT_EQ(mark(domain, at - 2 * PAGE, PAGE), 0);
}

static void wrong_flags(void)
{
	static const struct {
		u32 policy, flags;
	} wrong[] = {
		{ IOMMU_LAB_POLICY_FIXED, GUARD },
		{ IOMMU_LAB_POLICY_FIXED, NATURAL },
		{ IOMMU_LAB_POLICY_VA, GUARD },
		{ IOMMU_LAB_POLICY_VA, NATURAL | MARKED },
		{ IOMMU_LAB_POLICY_IDENTITY, GUARD },
		{ IOMMU_LAB_POLICY_IDENTITY, NATURAL },
		{ IOMMU_LAB_POLICY_IDENTITY, MARKED },
	};
	size_t i;

	control = control_open();
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		if (!EXPECT_EQ(domain_create_with(control, wrong[i].policy,
						  wrong[i].flags), -EINVAL))
			note("policy %u, flags %#x", wrong[i].policy,
			     wrong[i].flags);
		EXPECT(strlen(last_refusal(control)) > 10);
	}
	EXPECT_EQ(lab_info(control).domains, 0);
	set_up(IOMMU_LAB_POLICY_ALLOC, GUARD | NATURAL | MARKED);
}

static const struct test_case cases[] = {
	{ "with POLICY_VA the IOVA is the process address", process_addresses },
	{ "with POLICY_VA reserved ranges stay reserved", reserved_addresses },
	{ "with POLICY_VA an address that is too wide is refused", too_wide,
	  "aw_bits=39" },
	{ "N16 behind each buffer is a guard page, if asked for", guard_pages },
	{ "buffers are adjacent, if not", no_guard_pages },
	{ "N16 natural alignment, if asked for", natural_alignment },
	{ "V9 a physical range is mapped at itself, and gone when unmapped",
	  physical_range },
	{ "V9 a physical range needs the right, and a place",
	  physical_range_refused },
	{ "V9 a physical range needs the right at attach, too",
	  physical_range_at_attach },
	{ "N3 only marked memory can be mapped, if asked for", marked_only },
	{ "N3 DMA to the process's own text faults", own_text },
	{ "N3 cleared marks refuse later mappings", clear_marks },
	{ "MARK refuses wrong ranges", mark_arguments },
	{ "marks are bounded", many_marks },
	{ "flags of a domain that its policy has no use for are EINVAL",
	  wrong_flags },
};

int main(void)
{
	return RUN_CASES(cases);
}
