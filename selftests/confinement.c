// SPDX-License-Identifier: GPL-2.0
/*
 * An attacker with one endpoint and one domain, and a victim: another process
 * with another endpoint of the same unit, in its own domain, at the same IOVAs.
 * Whatever the attacker's device is asked to do, it writes no byte outside of
 * what is mapped for it: canaries stand in pages of the attacker that were never
 * mapped, in those that are not mapped any more, and in the victim's. And it
 * reads none: the victim's pages hold a secret that may appear in no result and
 * nowhere in the attacker's memory. (The races are in confinement_races.c.)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include "attacker.h"

#define PAGES	8

/* where the attacker's pages are: those with odd numbers were never mapped */
static u8 *arena;

static u8 *mapped_page(unsigned int i)
{
	return arena + (2 * i + 1) * PAGE;
}

/* CANARY in each page that is not mapped, own marks in the mapped ones */
static void set_up(void)
{
	struct iommu_lab_sg list[PAGES];
	u64 iova = ATTACK_AT;

	attacker_set_up();
	arena = pages_alloc((2 * PAGES + 1) * PAGE);
	memset(arena, CANARY, (2 * PAGES + 1) * PAGE);
	for (unsigned int i = 0; i < PAGES; i++) {
		memset(mapped_page(i), MARK, PAGE);
		list[i] = (struct iommu_lab_sg){ (uintptr_t)mapped_page(i), PAGE };
	}
	REQUIRE_EQ(map_list(attacker.domain, list, PAGES, READ_WRITE, &iova), 0);
	REQUIRE_EQ(map_at(attacker.domain, mapped_page(0), PAGE, READ_ONLY,
			  ATTACK_READ_ONLY), 0);
	REQUIRE_EQ(map_at(attacker.domain, mapped_page(0), PAGE, WRITE_ONLY,
			  ATTACK_WRITE_ONLY), 0);
}

static void check_arena(void)
{
	for (unsigned int i = 0; i <= PAGES; i++)
		REQUIRE(all_bytes(arena + 2 * i * PAGE, CANARY, PAGE));
}

/* what a DMA may read is what is mapped, and what the attacker wrote there */
static void check_read(const u8 *data, u64 bytes)
{
	for (u64 i = 0; i < bytes; i++)
		if (data[i] != MARK && data[i] != WRITTEN)
			REQUIRE_EQ(data[i], MARK);
}

/**
 * struct attempt - an access, and how it is refused
 * @what: for messages
 * @iova: first byte
 * @bytes: of it
 * @error: errno of the ioctl; 0: the fault below
 * @read: fault reason of a read, 0: it is allowed whole
 * @write: of a write
 * @done: bytes before the fault
 */
struct attempt {
	const char *what;
	u64 iova, bytes;
	int error;
	u32 read, write;
	u64 done;
};

#define LAST	(ATTACK_AT + PAGES * PAGE)	/* behind the mapping */

static const struct attempt attempts[] = {
	{ "behind the mapping", LAST, 8, 0, REASON_READ, REASON_WRITE, 0 },
	{ "before the mapping", ATTACK_AT - 8, 8, 0, REASON_READ, REASON_WRITE,
	  0 },
	{ "before it and into it", ATTACK_AT - 8, 16, 0, REASON_READ,
	  REASON_WRITE, 0 },
	{ "a length over the border", LAST - 8, 16, 0, REASON_READ,
	  REASON_WRITE, 8 },
	{ "a length over the border by one", LAST - PAGE, PAGE + 1, 0,
	  REASON_READ, REASON_WRITE, PAGE },
	{ "a length far over the border", ATTACK_AT, DATA_BYTES, 0,
	  REASON_READ, REASON_WRITE, PAGES * PAGE },
	{ "what only the victim has mapped", VICTIM_ONLY, 8, 0, REASON_READ,
	  REASON_WRITE, 0 },
	{ "IOVA 0", 0, 8, 0, REASON_READ, REASON_WRITE, 0 },
	{ "the first GiB", GIB - PAGE, PAGE, 0, REASON_READ, REASON_WRITE, 0 },
	{ "the reserved region of another endpoint", RMRR_START, 8, 0,
	  REASON_READ, REASON_WRITE, 0 },
	{ "beyond the address width", 1ull << 62, 8, 0, REASON_BEYOND_WIDTH,
	  REASON_BEYOND_WIDTH, 0 },
	{ "the mapping's IOVA with a high bit", ATTACK_AT | 1ull << 57, 8, 0,
	  REASON_BEYOND_WIDTH, REASON_BEYOND_WIDTH, 0 },
	{ "a kernel address", 0xffff888000000000, 8, 0, REASON_BEYOND_WIDTH,
	  REASON_BEYOND_WIDTH, 0 },
	{ "up to the last byte", -8ull, 8, 0, REASON_BEYOND_WIDTH,
	  REASON_BEYOND_WIDTH, 0 },
	{ "over the last byte", -8ull, 9, EOVERFLOW, 0, 0, 0 },
	{ "all 64 bits but one, from the mapping on", ATTACK_AT, -1ull,
	  EOVERFLOW, 0, 0, 0 },
	{ "nothing", ATTACK_AT, 0, EINVAL, 0, 0, 0 },
	{ "writing what is to the device", ATTACK_READ_ONLY, PAGE, 0, 0,
	  REASON_WRITE, 0 },
	{ "reading what is from the device", ATTACK_WRITE_ONLY, PAGE, 0,
	  REASON_READ, 0, 0 },
};

static void check_attempt(const struct attempt *a, u32 op)
{
	bool write = op == IOMMU_LAB_DMA_WRITE || op == IOMMU_LAB_DMA_FILL;
	struct iommu_lab_sg sg = { a->iova, a->bytes };
	struct iommu_lab_dma dma = {
		.op = op,
		.src_nents = !write,
		.dst_nents = write,
		.src = (uintptr_t)&sg,
		.dst = (uintptr_t)&sg,
		.data = (uintptr_t)attacker.data,
		.pattern = WRITTEN * 0x0101010101010101ull,
	};
	u32 reason = write ? a->write : a->read;
	bool good;
	int error;

	memset(attacker.data, WRITTEN, DATA_BYTES);
	error = dma_try(attacker.endpoint, &dma);
	good = EXPECT_EQ(error, -a->error);
	if (!error)
		good = good &&
		       EXPECT_EQ(dma.result.status, reason ? IOMMU_LAB_DMA_FAULT :
							     IOMMU_LAB_DMA_OK) &&
		       EXPECT_EQ(dma.result.fault_reason, reason) &&
		       EXPECT_EQ(dma.result.done, reason ? a->done : a->bytes);
	if (!good)
		note("%s, op %u", a->what, op);
	check_no_secret(attacker.data, DATA_BYTES);
	if (!error && !write)
		check_read(attacker.data, dma.result.done);
	check_arena();
}

/* each in the list of READ, WRITE and FILL */
static void refused(void)
{
	static const u32 ops[] = { IOMMU_LAB_DMA_READ, IOMMU_LAB_DMA_WRITE,
				   IOMMU_LAB_DMA_FILL };

	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++)
		for (size_t op = 0; op < ARRAY_SIZE(ops); op++)
			check_attempt(&attempts[i], ops[op]);
	/* by physical address: of its own page, and of the victim's */
	for (int i = 0; i < 2; i++) {
		u64 phys = i ? attacker.victim_phys : phys_of(mapped_page(0));
		struct attempt by_phys = { "by physical address", phys, 8, 0,
					   REASON_READ, REASON_WRITE, 0 };

		check_attempt(&by_phys, IOMMU_LAB_DMA_READ);
		check_attempt(&by_phys, IOMMU_LAB_DMA_WRITE);
	}
	attacker_end();
}

/* domain and endpoint of the victim, by whatever the attacker can name */
static void names(void)
{
	struct iommu_lab_domain_info info = { .size = sizeof(info) };
	int foreign, domain;

	set_up();
	/* by the right to open the node: held, not attached */
	foreign = endpoint_open(attacker.victim_index);
	EXPECT_EQ(domain_attach(attacker.domain, foreign), -EBUSY);
	EXPECT_EQ(domain_detach(attacker.domain, foreign), -ENOENT);
	EXPECT_EQ(dma_try(foreign, &(struct iommu_lab_dma){
			.op = IOMMU_LAB_DMA_READ, .src_nents = 1,
			.src = (uintptr_t)&(struct iommu_lab_sg){ ATTACK_AT, 8 },
			.data = (uintptr_t)attacker.data }), -EPERM);
	EXPECT_EQ(domain_attach_named(attacker.domain, attacker.endpoint,
				      attacker.victim_index + 1), -EACCES);
	info.id = attacker.victim_domain;
	EXPECT_EQ(lab_ioctl(attacker.control, IOMMU_LAB_DOMAIN_INFO, &info),
		  -ENOENT);
	/* pass-through reaches everything: not for who may not read memory */
	drop_capability(CAP_SYS_RAWIO);
	domain = domain_create(attacker.control, IOMMU_LAB_POLICY_IDENTITY);
	EXPECT_EQ(domain, -EPERM);
	check_no_secret(attacker.data, DATA_BYTES);
	check_arena();
	attacker_end();
}

/* the IOVAs that interest an attacker */
static u64 random_iova(u64 *seed)
{
	static const u64 base[] = { ATTACK_AT, LAST, VICTIM_ONLY, 0, -PAGE,
				    ATTACK_READ_ONLY, ATTACK_WRITE_ONLY };
	u64 iova = base[next_random(seed) % ARRAY_SIZE(base)];

	iova += (int)(next_random(seed) % (4 * PAGE)) - (int)(2 * PAGE);
	if (next_random(seed) % 4 == 0)
		iova ^= 1ull << next_random(seed) % 64;
	return iova;
}

/* lists of random entries: mapped ones and others, with COPY and COMPARE, too */
static void random_lists(void)
{
	unsigned int good = 0, faults = 0, errors = 0;
	u64 seed = test_seed(), limit = now_ms() + 80000;

	set_up();
	for (int round = 0; (round < 1000 || good < 40) && now_ms() < limit;
	     round++) {
		u32 op = next_random(&seed) % 5, nents = 1 + next_random(&seed) % 4;
		struct iommu_lab_sg src[4], dst[4];
		struct iommu_lab_dma dma = {
			.op = op,
			.src_nents = op == IOMMU_LAB_DMA_WRITE ||
				     op == IOMMU_LAB_DMA_FILL ? 0 : nents,
			.dst_nents = op == IOMMU_LAB_DMA_READ ? 0 : nents,
			.src = (uintptr_t)src,
			.dst = (uintptr_t)dst,
			.data = (uintptr_t)attacker.data,
			.pattern = WRITTEN * 0x0101010101010101ull,
		};
		int error;

		for (u32 i = 0; i < nents; i++) {
			src[i].addr = random_iova(&seed);
			dst[i].addr = random_iova(&seed);
			src[i].length = 1 + next_random(&seed) % (2 * PAGE);
			dst[i].length = src[i].length;
		}
		memset(attacker.data, WRITTEN, DATA_BYTES);
		error = dma_try(attacker.endpoint, &dma);
		check_no_secret(attacker.data, DATA_BYTES);
		check_arena();
		errors += !!error;
		if (error) {
			REQUIRE_EQ(error, -EOVERFLOW);
			continue;
		}
		good += dma.result.status == IOMMU_LAB_DMA_OK;
		faults += dma.result.status == IOMMU_LAB_DMA_FAULT;
		REQUIRE(dma.result.status <= IOMMU_LAB_DMA_MISCOMPARE);
		if (op == IOMMU_LAB_DMA_READ)
			check_read(attacker.data, dma.result.done);
	}
	note("%u good, %u faults, %u errors", good, faults, errors);
	EXPECT(good > 20);
	EXPECT(faults > 100);
	EXPECT(errors > 20);
	attacker_end();
}

static const struct test_case cases[] = {
	{ "confinement: addresses and lengths outside are refused", refused },
	{ "confinement: what is the victim's cannot be named", names },
	{ "confinement: random lists stay within what is mapped", random_lists,
	  .seconds = 120 },
};

int main(void)
{
	return RUN_CASES(cases);
}
