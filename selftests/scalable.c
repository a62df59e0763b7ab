// SPDX-License-Identifier: GPL-2.0
/*
 * The ABI over units in scalable mode: all as in legacy mode, but for the fault reasons.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)

static int control;

static int new_domain(u32 policy)
{
	int domain = domain_create(control, policy);

	REQUIRE(domain >= 0);
	return domain;
}

/* attach, map, DMA, fault, unmap, detach: with each of two endpoints at two units */
static void path(bool first_scalable, bool second_scalable)
{
	bool scalable[2] = { first_scalable, second_scalable };
	u64 seed = test_seed();
	u8 *mem = pages_alloc(2 * PAGE), *data = pages_alloc(2 * PAGE);
	struct iommu_lab_dma_result r;
	int domain, endpoint[2], i;

	control = control_open();
	domain = new_domain(IOMMU_LAB_POLICY_FIXED);
	REQUIRE_EQ(map_at(domain, mem, 2 * PAGE, READ_WRITE, AT), 0);
	REQUIRE_EQ(map_at(domain, mem, PAGE, READ_ONLY, AT + 4 * PAGE), 0);
	for (i = 0; i < 2; i++) {
		endpoint[i] = endpoint_open(2 * i);
		EXPECT_EQ(endpoint_info(control, 2 * i).unit, i);
		/* blocked: never attached */
		r = dma_read(endpoint[i], AT, data, 1);
		EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
		/* the kernel had it in a domain of its own */
		EXPECT_EQ(r.fault_reason, scalable[i] ?
			  REASON_PASID_NOT_PRESENT : REASON_CONTEXT_NOT_PRESENT);
		EXPECT_EQ(r.fault_flags, IOMMU_LAB_FAULT_NOT_ATTACHED);
		REQUIRE_EQ(domain_attach(domain, endpoint[i]), 0);
		EXPECT_EQ(domain_attach(domain, endpoint[i]), -EALREADY);
	}
	for (i = 0; i < 2; i++) {
		fill_random(data, 2 * PAGE, &seed);
		EXPECT_EQ(dma_write(endpoint[i], AT, data, 2 * PAGE).status,
			  IOMMU_LAB_DMA_OK);
		EXPECT(!memcmp(mem, data, 2 * PAGE));
		fill_random(mem, 2 * PAGE, &seed);
		EXPECT_EQ(dma_read(endpoint[i], AT, data, 2 * PAGE).status,
			  IOMMU_LAB_DMA_OK);
		EXPECT(!memcmp(mem, data, 2 * PAGE));
		r = dma_write(endpoint[i], AT + 4 * PAGE, data, 1);
		EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
		EXPECT_EQ(r.fault_reason, scalable[i] ? REASON_SM_WRITE :
							REASON_WRITE);
		r = dma_read(endpoint[i], AT + 8 * PAGE, data, 1);
		EXPECT_EQ(r.fault_reason, scalable[i] ? REASON_SM_READ :
							REASON_READ);
		EXPECT_EQ(r.fault_iova, AT + 8 * PAGE);
	}
	REQUIRE_EQ(unmap(domain, AT, 2 * PAGE), 0);
	for (i = 0; i < 2; i++) {
		char key[32], file[64];

		r = dma_read(endpoint[i], AT, data, 1);
		EXPECT_EQ(r.fault_reason, scalable[i] ? REASON_SM_READ :
							REASON_READ);
		/* by the table, not by a stale entry */
		EXPECT_EQ(r.fault_flags, 0);
		REQUIRE_EQ(domain_detach(domain, endpoint[i]), 0);
		r = dma_read(endpoint[i], AT + 4 * PAGE, data, 1);
		EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
		EXPECT_EQ(r.fault_reason, scalable[i] ?
			  REASON_PASID_NOT_PRESENT : REASON_CONTEXT_NOT_PRESENT);
		snprintf(file, sizeof(file), "units/%d/stats", i);
		snprintf(key, sizeof(key), "fault_reason_%u", r.fault_reason);
		EXPECT_EQ(debugfs_number(file, key), 2);
		EXPECT_EQ(!!debugfs_number(file, "pasid_hits"), scalable[i]);
		EXPECT_EQ(debugfs_number(file, "queue_errors"), 0);
		snprintf(file, sizeof(file), "units/%d/capabilities", i);
		EXPECT_EQ(debugfs_number(file, "ECAP.SMTS"), scalable[i]);
	}
	/* nothing is left in the tables that debugfs shows */
	EXPECT_EQ(domain_attach(domain, endpoint[0]), 0);
	EXPECT_EQ(dma_peek(endpoint[0], AT + 4 * PAGE), IOMMU_LAB_DMA_OK);
}

static void both(void)
{
	path(true, true);
}

static void first_only(void)
{
	path(true, false);
}

/* endpoint 1 keeps its reserved region, attached or not */
static void reserved_region(void)
{
	u64 word = 0x1122334455667788, got = 0;
	int domain, endpoint;

	control = control_open();
	domain = new_domain(IOMMU_LAB_POLICY_FIXED);
	endpoint = endpoint_open(1);
	EXPECT_EQ(dma_write(endpoint, RMRR_START, &word, 8).status,
		  IOMMU_LAB_DMA_OK);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	EXPECT_EQ(dma_read(endpoint, RMRR_START, &got, 8).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(got, word);
	EXPECT_EQ(dma_peek(endpoint, RMRR_LAST + 1), IOMMU_LAB_DMA_FAULT);
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	got = 0;
	EXPECT_EQ(dma_read(endpoint, RMRR_START, &got, 8).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(got, word);
	EXPECT_EQ(dma_peek(endpoint, RMRR_LAST + 1), IOMMU_LAB_DMA_FAULT);
}

static void identity(void)
{
	u8 *mem = pages_alloc(PAGE);
	int domain, other, endpoint;
	u64 phys;

	control = control_open();
	domain = new_domain(IOMMU_LAB_POLICY_IDENTITY);
	other = new_domain(IOMMU_LAB_POLICY_FIXED);
	endpoint = endpoint_open(0);
	mem[0] = 1;
	phys = phys_of(mem);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	EXPECT_EQ(domain_attach(other, endpoint), -EBUSY);
	EXPECT_EQ(dma_poke(endpoint, phys + 5), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(mem[5], 0xa5);
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	EXPECT_EQ(dma_poke(endpoint, phys + 6), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(mem[6], 0);
}

/* many domains one after the other, and the file closed under an attachment */
static void again_and_again(void)
{
	u8 *mem = pages_alloc(PAGE);
	int i;

	control = control_open();
	for (i = 0; i < 50; i++) {
		int domain = new_domain(IOMMU_LAB_POLICY_FIXED);
		int endpoint = endpoint_open(i % 4);

		REQUIRE_EQ(domain_attach(domain, endpoint), 0);
		REQUIRE_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT), 0);
		EXPECT_EQ(dma_poke(endpoint, AT + i), IOMMU_LAB_DMA_OK);
		EXPECT_EQ(mem[i], 0xa5);
		close(i & 1 ? endpoint : domain);
		if (!(i & 1))
			EXPECT_EQ(dma_poke(endpoint, AT), IOMMU_LAB_DMA_FAULT);
		close(i & 1 ? domain : endpoint);
	}
}

/* the parameter: one bit for each of the two units */
static void parameter(void)
{
	int log = kmsg_open();

	EXPECT_EQ(module_load("scalable=4"), -EINVAL);
	EXPECT_EQ(kmsg_count(log, "scalable=0x4: bits 0 to 1 are accepted"), 1);
	EXPECT_EQ(module_load("scalable=2"), 0);
	EXPECT_EQ(debugfs_number("units/0/capabilities", "ECAP.SMTS"), 0);
	EXPECT_EQ(debugfs_number("units/1/capabilities", "ECAP.SMTS"), 1);
	EXPECT_EQ(module_unload(), 0);
}

static const struct test_case cases[] = {
	{ "scalable mode: attach, map, DMA, faults, unmap, detach", both,
	  .params = "scalable=3" },
	{ "the same in caching mode", both,
	  .params = "scalable=3 caching_mode=1" },
	{ "the same with 5 levels", both, .params = "scalable=3 aw_bits=57" },
	{ "one unit in scalable mode, one in legacy mode, one domain", first_only,
	  .params = "scalable=1" },
	{ "scalable mode: reserved regions stay mapped", reserved_region,
	  .params = "scalable=3" },
	{ "scalable mode: identity", identity, .params = "scalable=3" },
	{ "scalable mode: domains come and go", again_and_again,
	  .params = "scalable=3" },
	{ "the module parameter", parameter, .unloaded = true },
};

int main(void)
{
	return RUN_CASES(cases);
}
