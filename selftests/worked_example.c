// SPDX-License-Identifier: GPL-2.0
/*
 * The example of Documentation/concepts.rst, step by step, with its numbers.
 */
#include <string.h>
#include "lab.h"
#include "sys.h"

#define IOVA	ALLOC_START

/* what the accesses since the last call did */
static void expect_stats(int endpoint, struct iommu_lab_stats want)
{
	static struct iommu_lab_stats before;
	struct iommu_lab_stats now = lab_stats_since(endpoint, &before);

	EXPECT_EQ(now.lookups, want.lookups);
	EXPECT_EQ(now.hits, want.hits);
	EXPECT_EQ(now.misses, want.misses);
	EXPECT_EQ(now.walks, want.walks);
	EXPECT_EQ(now.walk_steps, want.walk_steps);
	EXPECT_EQ(now.psc_hits, want.psc_hits);
	EXPECT_EQ(now.context_hits, want.context_hits);
	EXPECT_EQ(now.context_misses, want.context_misses);
	EXPECT_EQ(now.insertions, want.insertions);
	EXPECT_EQ(now.faults, want.faults);
	before = lab_stats(endpoint);
}

static void expect_walk(int domain, u64 iova)
{
	static const u32 index[] = { 0, 4, 0, 1 };
	struct iommu_lab_walk_step steps[5] = {};
	struct iommu_lab_translate answer = {
		.size = sizeof(answer),
		.iova = iova,
		.steps = (u64)steps,
		.nr_steps = ARRAY_SIZE(steps),
	};
	unsigned int i;

	REQUIRE_EQ(lab_ioctl(domain, IOMMU_LAB_TRANSLATE, &answer), 0);
	EXPECT(answer.out_flags & IOMMU_LAB_TRANSLATE_MAPPED);
	EXPECT_EQ(answer.out_prot, READ_ONLY);
	EXPECT_EQ(answer.out_page_size, PAGE);
	REQUIRE_EQ(answer.nr_steps, ARRAY_SIZE(index));
	for (i = 0; i < ARRAY_SIZE(index); i++) {
		EXPECT_EQ(steps[i].level, 4 - i);
		EXPECT_EQ(steps[i].index, index[i]);
	}
}

static void expect_fault(struct iommu_lab_dma_result result, u32 reason,
			 u32 flags)
{
	EXPECT_EQ(result.status, IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(result.done, 0);
	EXPECT_EQ(result.fault_reason, reason);
	EXPECT_EQ(result.fault_flags, flags);
	EXPECT_EQ(result.fault_iova, IOVA + 0x1008);
}

static void one_dma(void)
{
	int control = control_open(), endpoint = endpoint_open(0);
	int domain = domain_create(control, IOMMU_LAB_POLICY_ALLOC);
	u8 *mem = pages_alloc(16 * PAGE);
	struct iommu_lab_sg list[] = {
		{ (u64)mem, PAGE },
		{ (u64)mem + 5 * PAGE, 2 * PAGE },
		{ (u64)mem + 12 * PAGE, PAGE },
	};
	char name[NAME_BYTES];
	u64 iova, data;

	endpoint_name(0, name);
	EXPECT(!strcmp(name, "10000:00:01.0"));
	memcpy(mem + 5 * PAGE + 8, "one DMA", 8);

	/* step 1: a domain, a mapping, an endpoint */
	REQUIRE(domain >= 0);
	REQUIRE_EQ(map_list(domain, list, ARRAY_SIZE(list), READ_ONLY, &iova),
		   0);
	REQUIRE_EQ(iova, IOVA);
	EXPECT_EQ(domain_info(domain).mapped_bytes, 4 * PAGE);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	expect_walk(domain, IOVA + 0x1008);
	expect_stats(endpoint, (struct iommu_lab_stats){});

	/* step 2: the first access */
	EXPECT_EQ(dma_read(endpoint, IOVA + 0x1008, &data, 8).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(&data, "one DMA", 8));
	expect_stats(endpoint, (struct iommu_lab_stats){
		.lookups = 1, .misses = 1, .walks = 1, .walk_steps = 4,
		.context_misses = 1, .insertions = 1 });

	/* step 3: the second access */
	EXPECT_EQ(dma_read(endpoint, IOVA + 0x1008, &data, 8).status,
		  IOMMU_LAB_DMA_OK);
	expect_stats(endpoint, (struct iommu_lab_stats){
		.lookups = 1, .hits = 1, .context_hits = 1 });

	/* step 4: a neighbouring page */
	EXPECT_EQ(dma_read(endpoint, IOVA + 0x2000, &data, 8).status,
		  IOMMU_LAB_DMA_OK);
	expect_stats(endpoint, (struct iommu_lab_stats){
		.lookups = 1, .misses = 1, .walks = 1, .walk_steps = 1,
		.psc_hits = 1, .context_hits = 1, .insertions = 1 });

	/* step 5: no right to write */
	expect_fault(dma_write(endpoint, IOVA + 0x1008, &data, 8), REASON_WRITE,
		     IOMMU_LAB_FAULT_WRITE);
	expect_stats(endpoint, (struct iommu_lab_stats){
		.lookups = 1, .hits = 1, .context_hits = 1, .faults = 1 });

	/* step 6: unmapped; the cached table is still right, the leaf is not */
	REQUIRE_EQ(unmap(domain, IOVA, 4 * PAGE), 0);
	expect_fault(dma_read(endpoint, IOVA + 0x1008, &data, 8), REASON_READ,
		     0);
	expect_stats(endpoint, (struct iommu_lab_stats){
		.lookups = 1, .misses = 1, .walks = 1, .walk_steps = 1,
		.psc_hits = 1, .context_hits = 1, .faults = 1 });
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "the worked example of concepts.rst", one_dma },
	};

	return RUN_CASES(cases);
}
