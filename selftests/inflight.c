// SPDX-License-Identifier: GPL-2.0
/*
 * The queue under pressure: a full ring of descriptors that each end in a way of
 * their own, and unmap against transfers that are in flight.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include "flight.h"

#define SLOTS		64		/* of the ring */
#define CUTS		100		/* transfers to be revoked in flight */
#define PATIENCE_MS	150000		/* for that many, on a machine with other work */

#define READABLE	(256 * MIB)	/* 8 pages to the device */
#define WRITABLE	(512 * MIB)	/* 8 pages from the device */
#define BOTH		(768 * MIB)	/* 8 pages both ways */
#define SPAN		(8 * PAGE)

static int control, domain, endpoint;
static u8 *mem[3];
static u64 seed;

static void set_up(void)
{
	seed = test_seed();
	open_attached(IOMMU_LAB_POLICY_FIXED, 0, &control, &domain, &endpoint);
}

/* a range of IOVAs that may begin before a mapping or end behind it */
static struct iommu_lab_sg random_range(u64 bytes)
{
	static const u64 base[] = { READABLE, WRITABLE, BOTH };
	u64 at = base[next_random(&seed) % 3];

	at += next_random(&seed) % (SPAN + PAGE);
	if (next_random(&seed) % 8 == 0)
		at -= 2 * PAGE;
	return (struct iommu_lab_sg){ at, bytes };
}

/* the bytes from an IOVA on that a device may access in this way */
static u64 allowed(const struct iommu_lab_sg *range, bool write)
{
	static const struct {
		u64 base;
		bool can_read, can_write;
	} maps[] = {
		{ READABLE, true, false },
		{ WRITABLE, false, true },
		{ BOTH, true, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		u64 left = maps[i].base + SPAN - range->addr;

		if (range->addr < maps[i].base ||
		    range->addr >= maps[i].base + SPAN ||
		    !(write ? maps[i].can_write : maps[i].can_read))
			continue;
		return left < range->length ? left : range->length;
	}
	return 0;
}

static u8 *memory_of(u64 iova)
{
	u64 base = iova >= BOTH ? BOTH : iova >= WRITABLE ? WRITABLE : READABLE;

	return mem[base / (256 * MIB) - 1] + (iova - base);
}

/**
 * struct descriptor - a job and how it ends
 * @op: enum iommu_lab_dma_op
 * @src: IOVAs that are read, if any
 * @dst: IOVAs that are written (COMPARE: read), if any
 * @bytes: of it
 * @end: the result that it must have; its cookie, too
 */
struct descriptor {
	u32 op;
	struct iommu_lab_sg src, dst;
	u64 bytes;
	struct iommu_lab_dma_result end;
};

/* the next access begins at a page border of the source or the destination */
static u64 chunk_start(const struct descriptor *d, u64 done)
{
	u64 start = 0, next;

	for (;;) {
		next = d->bytes;
		if (d->op != IOMMU_LAB_DMA_FILL &&
		    ((d->src.addr + start) | (PAGE - 1)) + 1 - d->src.addr < next)
			next = ((d->src.addr + start) | (PAGE - 1)) + 1 - d->src.addr;
		if (d->op != IOMMU_LAB_DMA_READ &&
		    ((d->dst.addr + start) | (PAGE - 1)) + 1 - d->dst.addr < next)
			next = ((d->dst.addr + start) | (PAGE - 1)) + 1 - d->dst.addr;
		if (next > done || next == d->bytes)
			return start;
		start = next;
	}
}

/* what the specification makes of a descriptor; does its writes to memory, too */
static void predict(struct descriptor *d)
{
	u64 src = d->op == IOMMU_LAB_DMA_FILL ? d->bytes :
						allowed(&d->src, false);
	bool writes = d->op == IOMMU_LAB_DMA_FILL || d->op == IOMMU_LAB_DMA_COPY;
	u64 dst = d->op == IOMMU_LAB_DMA_READ ? d->bytes :
						allowed(&d->dst, writes);
	u64 good = src < dst ? src : dst, i;

	/* in a chunk that both refuse, the source is asked first */
	if (good < d->bytes) {
		bool by_src = src < d->bytes &&
			      (dst == d->bytes ||
			       chunk_start(d, src) <= chunk_start(d, dst));

		d->end.status = IOMMU_LAB_DMA_FAULT;
		good = chunk_start(d, by_src ? src : dst);
		d->end.fault_iova = (by_src ? d->src : d->dst).addr + good;
		d->end.fault_reason = !by_src && writes ? REASON_WRITE :
							  REASON_READ;
		d->end.fault_flags = !by_src && writes ?
				     IOMMU_LAB_FAULT_WRITE : 0;
	}
	d->end.done = good;
	for (i = 0; i < good; i++) {
		if (d->op == IOMMU_LAB_DMA_FILL) {
			*memory_of(d->dst.addr + i) = 0x11;
		} else if (d->op == IOMMU_LAB_DMA_COPY) {
			*memory_of(d->dst.addr + i) = *memory_of(d->src.addr + i);
		} else if (d->op == IOMMU_LAB_DMA_COMPARE &&
			   *memory_of(d->dst.addr + i) !=
			   *memory_of(d->src.addr + i)) {
			d->end = (struct iommu_lab_dma_result){
				.status = IOMMU_LAB_DMA_MISCOMPARE,
				.done = i,
				.cookie = d->end.cookie,
			};
			return;
		}
	}
}

static struct descriptor random_descriptor(u64 cookie)
{
	static const u32 ops[] = { IOMMU_LAB_DMA_COPY, IOMMU_LAB_DMA_FILL,
				   IOMMU_LAB_DMA_COMPARE, IOMMU_LAB_DMA_READ };
	struct descriptor d = {
		.op = ops[next_random(&seed) % ARRAY_SIZE(ops)],
		.bytes = 1 + next_random(&seed) % (3 * PAGE),
		.end.cookie = cookie,
	};

	d.src = random_range(d.bytes);
	/* source and destination overlap in no way that order would matter for */
	do {
		d.dst = random_range(d.bytes);
	} while (d.dst.addr < d.src.addr + d.bytes &&
		 d.src.addr < d.dst.addr + d.bytes);
	return d;
}

static int submit(const struct descriptor *d, void *data)
{
	struct iommu_lab_dma dma = {
		.size = sizeof(dma),
		.op = d->op,
		.src_nents = d->op != IOMMU_LAB_DMA_FILL,
		.dst_nents = d->op != IOMMU_LAB_DMA_READ,
		.src = (uintptr_t)&d->src,
		.dst = (uintptr_t)&d->dst,
		.data = (uintptr_t)data,
		.pattern = 0x1111111111111111,
		.cookie = d->end.cookie,
	};

	return lab_ioctl(endpoint, IOMMU_LAB_DMA_SUBMIT, &dma);
}

static bool same_result(const struct descriptor *d,
			const struct iommu_lab_dma_result *got)
{
	bool good = EXPECT_EQ(got->cookie, d->end.cookie) &
		    EXPECT_EQ(got->status, d->end.status) &
		    EXPECT_EQ(got->done, d->end.done) &
		    EXPECT_EQ(got->fault_reason, d->end.fault_reason) &
		    EXPECT_EQ(got->fault_flags, d->end.fault_flags) &
		    EXPECT_EQ(got->fault_iova, d->end.fault_iova);

	if (!good)
		note("op %u, %#llx to %#llx, %llu bytes", d->op,
		     (unsigned long long)d->src.addr,
		     (unsigned long long)d->dst.addr,
		     (unsigned long long)d->bytes);
	return good;
}

/*
 * Rounds of one full ring each. What they do to memory is what the prediction
 * did, on a copy, in the order of the ring.
 */
static void mixed_ring(void)
{
	unsigned int ends[IOMMU_LAB_DMA_DEAD + 1] = { 0 }, round, i;
	static struct descriptor ring[SLOTS];
	static const u32 prots[] = { READ_ONLY, WRITE_ONLY, READ_WRITE };
	u8 *real = pages_alloc(3 * SPAN), *data = pages_alloc(3 * PAGE);
	u8 *wanted = pages_alloc(3 * SPAN);

	set_up();
	for (i = 0; i < 3; i++) {
		mem[i] = wanted + i * SPAN;
		REQUIRE_EQ(map_at(domain, real + i * SPAN, SPAN, prots[i],
				  (i + 1) * 256 * MIB), 0);
	}
	for (round = 0; round < 25; round++) {
		/* few values, so that some compares are equal for a while */
		for (i = 0; i < 3 * SPAN; i++)
			real[i] = next_random(&seed) % 997 ? 0x11 : 0x22;
		memcpy(wanted, real, 3 * SPAN);
		for (i = 0; i < SLOTS; i++) {
			ring[i] = random_descriptor(round * 1000 + i);
			REQUIRE_EQ(submit(&ring[i], data), 0);
		}
		EXPECT_EQ(submit(&ring[0], data), -ENOSPC);
		for (i = 0; i < SLOTS; i++) {
			struct iommu_lab_dma_result got = ring_result(endpoint);

			predict(&ring[i]);
			REQUIRE(same_result(&ring[i], &got));
			ends[got.status]++;
		}
		EXPECT(!ring_has_result(endpoint));
		REQUIRE(!memcmp(real, wanted, 3 * SPAN));
	}
	note("%u good, %u faults, %u miscompares", ends[IOMMU_LAB_DMA_OK],
	     ends[IOMMU_LAB_DMA_FAULT], ends[IOMMU_LAB_DMA_MISCOMPARE]);
	EXPECT(ends[IOMMU_LAB_DMA_OK] > 100);
	EXPECT(ends[IOMMU_LAB_DMA_FAULT] > 100);
	EXPECT(ends[IOMMU_LAB_DMA_MISCOMPARE] > 20);
}

static bool is_zero(volatile u64 *page)
{
	static const u64 zero[PAGE / 8];

	return !memcmp(zero, (void *)page, PAGE);
}

/*
 * unmap has returned: the page is the CPU's alone, and what that writes stays until
 * the transfer has ended. No pattern is 0, so that a late write of any is seen,
 * also one of what was there before.
 */
static bool stays_zero(volatile u64 *page, int of)
{
	memset((void *)page, 0, PAGE);
	do {
		if (!is_zero(page))
			return false;
	} while (!ring_has_result(of));
	return is_zero(page);
}

/* a test wants more cuts than it needs, but does not wait for those for long */
static bool goes_on(u64 began, unsigned int cuts)
{
	u64 spent = now_ms() - began;

	return spent < (is_debug_kernel() ? 90000 : 30000) ||
	       (cuts < CUTS && spent < PATIENCE_MS);
}

static void unmap_against(u32 op)
{
	u64 began = now_ms();
	/* more where a round is short: to meet the moment needs luck */
	unsigned int target = is_debug_kernel() || op == IOMMU_LAB_DMA_WRITE ?
			      3 * CUTS / 2 : 6 * CUTS;
	unsigned int cuts = 0, rounds = 0;
	u64 *source;
	struct flight flight = {
		.op = op,
		.iova = BOTH,
		.from = READABLE,
	};

	set_up();
	source = pages_alloc(PAGE);
	flight.endpoint = endpoint;
	flight.page = pages_alloc(PAGE);
	REQUIRE_EQ(map_at(domain, source, PAGE, READ_ONLY, READABLE), 0);
	while (cuts < target && goes_on(began, cuts)) {
		struct iommu_lab_dma_result result;

		flight.pattern = ++rounds * 0x0101010101010101ull;
		for (size_t i = 0; i < PAGE / 8; i++)
			source[i] = flight.pattern;
		REQUIRE_EQ(map_at(domain, (void *)flight.page, PAGE, WRITE_ONLY,
				  BOTH), 0);
		flight_start(&flight);
		REQUIRE_EQ(unmap(domain, BOTH, PAGE), 0);
		REQUIRE(stays_zero(flight.page, endpoint));
		result = flight_land(&flight);
		if (result.status != IOMMU_LAB_DMA_OK) {
			EXPECT_EQ(result.status, IOMMU_LAB_DMA_FAULT);
			EXPECT_EQ(result.fault_reason, REASON_WRITE);
			EXPECT_EQ(result.fault_iova, BOTH);
			EXPECT(result.fault_flags & IOMMU_LAB_FAULT_WRITE);
		}
		cuts += flight_was_cut(&flight, &result);
		/* flushed before it returned: nothing stale is found any more */
		result = dma_fill(endpoint, BOTH, 8, 0);
		REQUIRE_EQ(result.status, IOMMU_LAB_DMA_FAULT);
		REQUIRE_EQ(result.fault_flags, IOMMU_LAB_FAULT_WRITE);
	}
	note("%u of %u transfers were in flight when they were revoked", cuts,
	     rounds);
	EXPECT(cuts >= CUTS);
}

static void unmap_against_fill(void)
{
	unmap_against(IOMMU_LAB_DMA_FILL);
}

static void unmap_against_copy(void)
{
	unmap_against(IOMMU_LAB_DMA_COPY);
}

static void unmap_against_write(void)
{
	unmap_against(IOMMU_LAB_DMA_WRITE);
}

static volatile bool stop;
static u64 pass;
static unsigned int thread_cuts;

/* DMA of another thread, without the ring; each pass has a pattern of its own */
static void *write_from_thread(void *page_of_data)
{
	static struct iommu_lab_sg list[256];
	static u64 data[ARRAY_SIZE(list) * PAGE / 8];
	struct iommu_lab_dma dma = {
		.op = IOMMU_LAB_DMA_WRITE,
		.dst_nents = ARRAY_SIZE(list),
		.dst = (uintptr_t)list,
		.data = (uintptr_t)data,
	};
	size_t i;

	(void)page_of_data;
	for (i = 0; i < ARRAY_SIZE(list); i++)
		list[i] = (struct iommu_lab_sg){ BOTH, PAGE };
	while (!stop) {
		u64 value = __atomic_add_fetch(&pass, 1, __ATOMIC_RELAXED);

		for (i = 0; i < ARRAY_SIZE(data); i++)
			data[i] = value << 32 | i;
		if (!EXPECT_EQ(dma_try(endpoint, &dma), 0))
			break;
		if (dma.result.status == IOMMU_LAB_DMA_OK)
			continue;
		EXPECT_EQ(dma.result.status, IOMMU_LAB_DMA_FAULT);
		__atomic_add_fetch(&thread_cuts, dma.result.done != 0,
				   __ATOMIC_RELAXED);
	}
	return NULL;
}

/* for as long as another transfer of that thread could need to begin */
static void check_stays_zero(volatile u64 *page)
{
	u64 began;

	memset((void *)page, 0, PAGE);
	began = __atomic_load_n(&pass, __ATOMIC_RELAXED);
	while (__atomic_load_n(&pass, __ATOMIC_RELAXED) < began + 2)
		REQUIRE(is_zero(page));
	REQUIRE(is_zero(page));
}

static void unmap_against_thread(void)
{
	volatile u64 *page = pages_alloc(PAGE);
	unsigned int rounds = 0, cuts = 0;
	u64 began = now_ms(), state;
	pthread_t thread;

	set_up();
	REQUIRE(!pthread_create(&thread, NULL, write_from_thread, NULL));
	while ((rounds < 3 * CUTS || cuts < CUTS) && goes_on(began, cuts)) {
		u64 first = page[0];

		REQUIRE_EQ(map_at(domain, (void *)page, PAGE, WRITE_ONLY, BOTH), 0);
		while (page[0] == first)
			;
		/* somewhere in the transfer */
		for (state = next_random(&seed) % 4096; state; state--)
			__asm__ volatile("");
		REQUIRE_EQ(unmap(domain, BOTH, PAGE), 0);
		check_stays_zero(page);
		cuts = __atomic_load_n(&thread_cuts, __ATOMIC_RELAXED);
		rounds++;
	}
	stop = true;
	pthread_join(thread, NULL);
	note("%u of %u transfers were in flight when they were revoked",
	     thread_cuts, rounds);
	EXPECT(thread_cuts >= CUTS);
}

static const struct test_case cases[] = {
	{ "H13 in a full ring each descriptor has its own result", mixed_ring },
	{ "H14 unmap waits for a FILL in flight", unmap_against_fill,
	  .seconds = 180 },
	{ "H14 unmap waits for a COPY in flight", unmap_against_copy,
	  .seconds = 180 },
	{ "H14 unmap waits for a WRITE in flight", unmap_against_write,
	  .seconds = 180 },
	{ "H14 unmap waits for a transfer of another thread",
	  unmap_against_thread, .seconds = 180 },
};

int main(void)
{
	return RUN_CASES(cases);
}
