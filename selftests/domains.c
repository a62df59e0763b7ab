// SPDX-License-Identifier: GPL-2.0
/*
 * Domains and endpoints: who reaches what, and what ends a domain.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)

static u8 *random_pages(size_t bytes, u64 *seed)
{
	u8 *mem = pages_alloc(bytes);

	fill_random(mem, bytes, seed);
	return mem;
}

static void check_fault(struct iommu_lab_dma_result result, u32 flags,
			u64 iova, const char *what)
{
	if (!EXPECT_EQ(result.status, IOMMU_LAB_DMA_FAULT) ||
	    !EXPECT_EQ(result.fault_flags, flags) ||
	    !EXPECT_EQ(result.fault_iova, iova) ||
	    !EXPECT_EQ(result.done, 0))
		note("%s", what);
}

/* K1 */
static void unattached(void)
{
	int control = control_open(), endpoint = endpoint_open(0);
	struct iommu_lab_dma_result result;
	int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	u64 seed = test_seed(), word = 0x1122334455667788;
	u8 *mem = random_pages(PAGE, &seed), *copy = pages_alloc(PAGE);
	struct iommu_lab_stats before = lab_stats(endpoint), now;

	memcpy(copy, mem, PAGE);
	REQUIRE(domain >= 0);
	REQUIRE_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT), 0);
	result = dma_read(endpoint, AT, &word, sizeof(word));
	check_fault(result, IOMMU_LAB_FAULT_NOT_ATTACHED, AT, "read");
	EXPECT(result.fault_reason == REASON_ROOT_NOT_PRESENT ||
	       result.fault_reason == REASON_CONTEXT_NOT_PRESENT);
	EXPECT_EQ(word, 0x1122334455667788);
	result = dma_write(endpoint, AT, &word, sizeof(word));
	check_fault(result,
		    IOMMU_LAB_FAULT_NOT_ATTACHED | IOMMU_LAB_FAULT_WRITE, AT,
		    "write");
	/* nor by its physical address */
	check_fault(dma_write(endpoint, phys_of(mem), &word, sizeof(word)),
		    IOMMU_LAB_FAULT_NOT_ATTACHED | IOMMU_LAB_FAULT_WRITE,
		    phys_of(mem), "write to a physical address");
	now = lab_stats_since(endpoint, &before);
	EXPECT_EQ(now.faults, 3);
	EXPECT_EQ(now.lookups, 0);
	/* attached and detached again: the same */
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_OK);
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	result = dma_write(endpoint, AT, &word, sizeof(word));
	check_fault(result,
		    IOMMU_LAB_FAULT_NOT_ATTACHED | IOMMU_LAB_FAULT_WRITE, AT,
		    "write after detach");
	EXPECT_EQ(result.fault_reason, REASON_CONTEXT_NOT_PRESENT);
	EXPECT(!memcmp(mem, copy, PAGE));
}

/* K2, N1: two domains; each endpoint reaches all of its own and nothing else */
static void own_domain_only(void)
{
	int control = control_open();
	int endpoint[2] = { endpoint_open(0), endpoint_open(2) };
	u64 seed = test_seed(), iova[2][2] = { { AT, AT + 8 * PAGE },
					       { AT, AT + 16 * PAGE } };
	u8 *mem[2][2], *copy = pages_alloc(PAGE), *kept = pages_alloc(PAGE);
	int domain[2], d, b;

	for (d = 0; d < 2; d++) {
		domain[d] = domain_create(control, IOMMU_LAB_POLICY_FIXED);
		REQUIRE(domain[d] >= 0);
		REQUIRE_EQ(domain_attach(domain[d], endpoint[d]), 0);
		for (b = 0; b < 2; b++) {
			mem[d][b] = random_pages(PAGE, &seed);
			REQUIRE_EQ(map_at(domain[d], mem[d][b], PAGE,
					  READ_WRITE, iova[d][b]), 0);
		}
	}
	for (d = 0; d < 2; d++) {
		int other = !d;

		for (b = 0; b < 2; b++) {
			EXPECT_EQ(dma_read(endpoint[d], iova[d][b], copy, PAGE).status,
				  IOMMU_LAB_DMA_OK);
			EXPECT(!memcmp(copy, mem[d][b], PAGE));
			fill_random(copy, PAGE, &seed);
			EXPECT_EQ(dma_write(endpoint[d], iova[d][b], copy, PAGE).status,
				  IOMMU_LAB_DMA_OK);
			EXPECT(!memcmp(copy, mem[d][b], PAGE));
		}
		/* only the other one has this IOVA */
		memcpy(kept, mem[other][1], PAGE);
		EXPECT_EQ(dma_write(endpoint[d], iova[other][1], copy, PAGE).status,
			  IOMMU_LAB_DMA_FAULT);
		EXPECT(!memcmp(kept, mem[other][1], PAGE));
		EXPECT_EQ(dma_peek(endpoint[d], iova[other][1]),
			  IOMMU_LAB_DMA_FAULT);
	}
	/* the same unit, the same IOVA: the IOTLB tells them apart */
	close(endpoint[1]);
	endpoint[1] = endpoint_open(1);
	REQUIRE_EQ(domain_attach(domain[1], endpoint[1]), 0);
	for (d = 0; d < 2; d++) {
		EXPECT_EQ(dma_read(endpoint[d], AT, copy, PAGE).status,
			  IOMMU_LAB_DMA_OK);
		EXPECT(!memcmp(copy, mem[d][0], PAGE));
	}
}

/* N1 */
static void assign(void)
{
	int control = control_open(), endpoint = endpoint_open(3);
	int domain = domain_create(control, IOMMU_LAB_POLICY_ALLOC);
	u64 seed = test_seed(), iova;
	u8 *mem = random_pages(4 * PAGE, &seed), *copy = pages_alloc(4 * PAGE);
	struct iommu_lab_endpoint_info info = endpoint_info(control, 3);

	EXPECT_EQ(info.out_flags, 0);
	EXPECT_EQ(info.domain_id, 0);
	REQUIRE_EQ(map_any(domain, mem, 4 * PAGE, READ_ONLY, 0, &iova), 0);
	EXPECT_EQ(dma_peek(endpoint, iova), IOMMU_LAB_DMA_FAULT);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	info = endpoint_info(control, 3);
	EXPECT_EQ(info.out_flags, IOMMU_LAB_ENDPOINT_ATTACHED);
	EXPECT_EQ(info.domain_id, domain_info(domain).id);
	EXPECT_EQ(domain_info(domain).attached, 1);
	EXPECT_EQ(dma_read(endpoint, iova, copy, 4 * PAGE).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(mem, copy, 4 * PAGE));
	/* the last close of the endpoint's file takes it away again */
	close(endpoint);
	info = endpoint_info(control, 3);
	EXPECT_EQ(info.out_flags, 0);
	EXPECT_EQ(domain_info(domain).attached, 0);
}

/* K3: three endpoints at two units */
static void many_endpoints(void)
{
	static const unsigned int index[] = { 0, 1, 2 };
	int control = control_open();
	int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	int other = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	int endpoint[3];
	u64 seed = test_seed();
	u8 *mem = random_pages(PAGE, &seed), *copy = pages_alloc(PAGE);
	size_t i;

	EXPECT(endpoint_info(control, 0).unit != endpoint_info(control, 2).unit);
	REQUIRE_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT), 0);
	for (i = 0; i < ARRAY_SIZE(index); i++) {
		endpoint[i] = endpoint_open(index[i]);
		REQUIRE_EQ(domain_attach(domain, endpoint[i]), 0);
		EXPECT_EQ(domain_info(domain).attached, i + 1);
	}
	for (i = 0; i < ARRAY_SIZE(index); i++) {
		EXPECT_EQ(dma_read(endpoint[i], AT, copy, PAGE).status,
			  IOMMU_LAB_DMA_OK);
		EXPECT(!memcmp(mem, copy, PAGE));
		EXPECT_EQ(domain_attach(other, endpoint[i]), -EBUSY);
		EXPECT_EQ(domain_attach(domain, endpoint[i]), -EALREADY);
		/* by another open file of it, too */
		EXPECT_EQ(domain_attach(other, endpoint_open(index[i])), -EBUSY);
		EXPECT_EQ(domain_attach(domain, endpoint_open(index[i])),
			  -EALREADY);
	}
	EXPECT_EQ(domain_info(domain).attached, 3);
	EXPECT_EQ(domain_info(other).attached, 0);
	/* one leaves, the others stay */
	REQUIRE_EQ(domain_detach(domain, endpoint[1]), 0);
	EXPECT_EQ(dma_peek(endpoint[1], AT), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(dma_peek(endpoint[0], AT), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_peek(endpoint[2], AT), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(domain_attach(other, endpoint[1]), 0);
}

/* K8 */
static void create(void)
{
	struct rlimit limit = { 64, 64 }, old;
	int control = control_open(), endpoint = endpoint_open(0);
	int before = lab_info(control).domains, fd, last = -1;
	int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);

	REQUIRE(domain >= 0);
	EXPECT_EQ(fcntl(domain, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(domain_attach(domain, endpoint), 0);
	EXPECT_EQ(domain_detach(domain, endpoint), 0);
	EXPECT_EQ(domain_detach(domain, endpoint), -ENOENT);
	REQUIRE(!getrlimit(RLIMIT_NOFILE, &old));
	limit.rlim_max = old.rlim_max;
	REQUIRE(!setrlimit(RLIMIT_NOFILE, &limit));
	while ((fd = dup(control)) >= 0)
		last = fd;
	EXPECT_EQ(domain_create(control, IOMMU_LAB_POLICY_FIXED), -EMFILE);
	EXPECT_EQ(lab_info(control).domains, before + 1);
	close(last);
	EXPECT_EQ(domain_create(control, IOMMU_LAB_POLICY_FIXED), last);
	EXPECT_EQ(domain_create(control, IOMMU_LAB_POLICY_FIXED), -EMFILE);
	EXPECT_EQ(lab_info(control).domains, before + 2);
}

/* K8: loaded with max_domains=3 */
static void domain_quota(void)
{
	int control = control_open(), domain[3], i;
	struct iommu_lab_explain explain = { .size = sizeof(explain) };
	char text[256] = "";

	for (i = 0; i < 3; i++) {
		EXPECT_EQ(lab_info(control).domains_left, 3 - i);
		domain[i] = domain_create(control, IOMMU_LAB_POLICY_ALLOC);
		REQUIRE(domain[i] >= 0);
	}
	EXPECT_EQ(lab_info(control).domains_max, 3);
	EXPECT_EQ(lab_info(control).domains_left, 0);
	EXPECT_EQ(domain_create(control, IOMMU_LAB_POLICY_ALLOC), -ENOSPC);
	explain.text = (uintptr_t)text;
	explain.length = sizeof(text);
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_EXPLAIN, &explain), 0);
	EXPECT_EQ(explain.error, ENOSPC);
	/* the sentence names the parameter that there is */
	if (!EXPECT(strstr(text, "max_domains")))
		note("%s", text);
	close(domain[1]);
	EXPECT_EQ(lab_info(control).domains_left, 1);
	EXPECT(domain_create(control, IOMMU_LAB_POLICY_ALLOC) >= 0);
	/* another user has a quota of its own */
	REQUIRE(!setresuid(1000, 1000, 1000));
	EXPECT_EQ(lab_info(control).domains_left, 3);
	EXPECT(domain_create(control, IOMMU_LAB_POLICY_ALLOC) >= 0);
	EXPECT_EQ(lab_info(control).domains_left, 2);
}

/* K5: one process, many domains */
static void hundred_domains(void)
{
	int control = control_open(), domain[100], i;
	u32 first = 0;
	u64 iova;

	for (i = 0; i < 100; i++) {
		u8 *mem = pages_alloc(PAGE);

		domain[i] = domain_create(control, IOMMU_LAB_POLICY_ALLOC);
		REQUIRE(domain[i] >= 0);
		REQUIRE_EQ(map_any(domain[i], mem, PAGE, READ_WRITE, 0, &iova),
			   0);
		EXPECT_EQ(iova, ALLOC_START);
		first = first ?: domain_info(domain[i]).id;
		EXPECT_EQ(domain_info(domain[i]).id, first + i);
	}
	EXPECT_EQ(lab_info(control).domains, 100);
	for (i = 0; i < 100; i++)
		EXPECT_EQ(domain_info(domain[i]).mappings, 1);
}

/* H10 */
static void info_by_id(void)
{
	int control = control_open(), domain[3], i;
	struct iommu_lab_domain_info info = { .size = sizeof(info) };
	struct iommu_lab_domain_create bad = { .size = sizeof(bad) };
	u32 id[3];

	for (i = 0; i < 3; i++) {
		domain[i] = domain_create_in(control, IOMMU_LAB_POLICY_ALLOC,
					     (i + 1) * GIB, (i + 2) * GIB - 1);
		REQUIRE(domain[i] >= 0);
		id[i] = domain_info(domain[i]).id;
		EXPECT_EQ(lab_info(control).domains, i + 1);
	}
	EXPECT(id[0] && id[1] && id[2]);
	EXPECT(id[0] != id[1] && id[1] != id[2] && id[0] != id[2]);
	for (i = 0; i < 3; i++) {
		info.id = id[i];
		EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_DOMAIN_INFO, &info), 0);
		EXPECT_EQ(info.id, id[i]);
		EXPECT_EQ(info.policy, IOMMU_LAB_POLICY_ALLOC);
		EXPECT_EQ(info.aperture_start, (i + 1) * GIB);
		EXPECT_EQ(info.aperture_last, (i + 2) * GIB - 1);
		EXPECT_EQ(info.mappings, 0);
		EXPECT(info.page_sizes & PAGE);
	}
	bad.flags = 1 << 7;
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_DOMAIN_CREATE, &bad),
		  -EOPNOTSUPP);
	/* a new domain has an id that nobody has; a freed one can be had again */
	i = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	EXPECT(domain_info(i).id != id[0] && domain_info(i).id != id[1] &&
	       domain_info(i).id != id[2]);
	close(domain[1]);
	info.id = id[1];
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_DOMAIN_INFO, &info), -ENOENT);
	i = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	EXPECT_EQ(domain_info(i).id, id[1]);
	EXPECT_EQ(lab_info(control).domains, 4);
}

/* H11 */
static void own_tables(void)
{
	int control = control_open(), endpoint = endpoint_open(0);
	int domain[2], d;
	u64 seed = test_seed(), unmapped;
	u8 *mem = random_pages(8 * PAGE, &seed), byte = 0;

	for (d = 0; d < 2; d++) {
		domain[d] = domain_create(control, IOMMU_LAB_POLICY_FIXED);
		REQUIRE(domain[d] >= 0);
		EXPECT_EQ(domain_info(domain[d]).mappings, 0);
		EXPECT(!is_mapped(domain[d], 0));
	}
	REQUIRE_EQ(domain_attach(domain[0], endpoint), 0);
	EXPECT_EQ(dma_peek(endpoint, 0), IOMMU_LAB_DMA_FAULT);
	for (d = 0; d < 8; d++) {
		REQUIRE_EQ(map_at(domain[0], mem + d * PAGE, PAGE, READ_WRITE,
				  d * PAGE), 0);
		EXPECT_EQ(domain_info(domain[0]).mappings, d + 1);
	}
	/* IOVA 0 is one like the others, and of this domain only */
	EXPECT(is_mapped(domain[0], 0));
	EXPECT(!is_mapped(domain[1], 0));
	EXPECT_EQ(domain_info(domain[1]).mappings, 0);
	EXPECT_EQ(dma_read(endpoint, 0, &byte, 1).status, IOMMU_LAB_DMA_OK);
	EXPECT_EQ(byte, mem[0]);
	REQUIRE_EQ(unmap_flags(domain[0], 0, 3 * PAGE, 0, &unmapped), 0);
	EXPECT_EQ(domain_info(domain[0]).mappings, 5);
	EXPECT_EQ(domain_info(domain[0]).mapped_bytes, 5 * PAGE);
	EXPECT_EQ(debugfs_number("info", "mappings"), 5);
	EXPECT(!is_mapped(domain[0], 0));
}

/* V8: a buffer stays where it is while another domain pins it */
static void identity(void)
{
	int control = control_open(), endpoint = endpoint_open(2);
	int pins = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	int domain = domain_create(control, IOMMU_LAB_POLICY_IDENTITY);
	u64 seed = test_seed(), passed, phys;
	u8 *mem = random_pages(PAGE, &seed), *copy = pages_alloc(PAGE);
	struct iommu_lab_translate answer;
	char stats[64];

	REQUIRE(pins >= 0 && domain >= 0);
	REQUIRE_EQ(map_at(pins, mem, PAGE, READ_WRITE, AT), 0);
	REQUIRE_EQ(translate(pins, AT, &answer), 0);
	EXPECT_EQ(answer.out_flags, IOMMU_LAB_TRANSLATE_MAPPED |
				    IOMMU_LAB_TRANSLATE_PHYS_VALID);
	phys = answer.out_phys;
	EXPECT_EQ(phys, phys_of(mem));
	REQUIRE_EQ(translate(domain, phys + 123, &answer), 0);
	EXPECT_EQ(answer.out_flags, IOMMU_LAB_TRANSLATE_MAPPED |
				    IOMMU_LAB_TRANSLATE_PHYS_VALID);
	EXPECT_EQ(answer.out_phys, phys + 123);
	EXPECT_EQ(answer.out_prot, READ_WRITE);
	EXPECT_EQ(domain_info(domain).levels, 0);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT), -EOPNOTSUPP);

	snprintf(stats, sizeof(stats), "units/%u/stats",
		 endpoint_info(control, 2).unit);
	passed = debugfs_number(stats, "passed");
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	EXPECT_EQ(dma_read(endpoint, phys, copy, PAGE).status, IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(mem, copy, PAGE));
	fill_random(copy, PAGE, &seed);
	EXPECT_EQ(dma_write(endpoint, phys + 5, copy, 100).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(mem + 5, copy, 100));
	EXPECT_EQ(debugfs_number(stats, "passed"), passed + 2);
	EXPECT_EQ(lab_stats(endpoint).lookups, 0);
	/* what is no RAM is not touched: the HPET, and beyond all memory */
	EXPECT_EQ(dma_poke(endpoint, 0xfed00000), IOMMU_LAB_DMA_ABORTED);
	EXPECT_EQ(dma_peek(endpoint, 1ull << 45), IOMMU_LAB_DMA_ABORTED);
}

/* V8: CAP_SYS_RAWIO is asked for at creation and at attach */
static void identity_rights(void)
{
	int control = control_open(), endpoint = endpoint_open(2);
	int domain = domain_create(control, IOMMU_LAB_POLICY_IDENTITY);

	REQUIRE(domain >= 0);
	drop_capability(CAP_SYS_RAWIO);
	EXPECT_EQ(domain_create(control, IOMMU_LAB_POLICY_IDENTITY), -EPERM);
	EXPECT_EQ(domain_attach(domain, endpoint), -EPERM);
	EXPECT_EQ(endpoint_info(control, 2).out_flags, 0);
	EXPECT_EQ(lab_info(control).domains, 1);
	EXPECT(dma_peek(endpoint, 0x100000) == IOMMU_LAB_DMA_FAULT);
}

static const struct test_case cases[] = {
	{ "K1 the DMA of an endpoint that is not attached faults", unattached },
	{ "K2 an endpoint reaches its own domain and no other",
	  own_domain_only },
	{ "N1 attach assigns an endpoint to an address space", assign },
	{ "K3 many endpoints in a domain, one domain for an endpoint",
	  many_endpoints },
	{ "K5 a process has 100 domains", hundred_domains },
	{ "K8 create gives a handle, and honours the limit of fds", create },
	{ "K8 beyond the quota of domains is ENOSPC", domain_quota,
	  "max_domains=3" },
	{ "H10 id, base, size and flags of a domain; ids come back when free",
	  info_by_id },
	{ "H11 each domain has its own table, and nothing at IOVA 0",
	  own_tables },
	{ "V8 an identity domain translates x to x", identity },
	{ "V8 an identity domain needs CAP_SYS_RAWIO", identity_rights },
};

int main(void)
{
	return RUN_CASES(cases);
}
