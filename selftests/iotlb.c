// SPDX-License-Identifier: GPL-2.0
/*
 * The IOTLB seen through its counters: which access hits, misses, walks, evicts
 * or faults, exactly, and the same in the endpoint's, the domain's and the
 * unit's figures.
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

static int control, domain, endpoint;
static char unit_stats[64], domain_stats[64], endpoint_stats[64];

static void set_up(void)
{
	char name[NAME_BYTES];

	open_attached(IOMMU_LAB_POLICY_FIXED, 0, &control, &domain, &endpoint);
	endpoint_name(0, name);
	snprintf(unit_stats, sizeof(unit_stats), "units/%u/stats",
		 endpoint_info(control, 0).unit);
	snprintf(domain_stats, sizeof(domain_stats), "domains/%u/stats",
		 domain_info(domain).id);
	snprintf(endpoint_stats, sizeof(endpoint_stats), "endpoints/%s/stats",
		 name);
}

/* the figures that an access can move */
static const char * const keys[] = {
	"lookups", "hits", "misses", "stale", "walks", "insertions",
	"evictions", "faults", "context_misses",
};

struct figures {
	u64 unit[ARRAY_SIZE(keys)];
	u64 domain[ARRAY_SIZE(keys)];
	u64 endpoint[ARRAY_SIZE(keys)];
	struct iommu_lab_stats by_domain, by_endpoint;
};

static void take(struct figures *now)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		now->unit[i] = debugfs_number(unit_stats, keys[i]);
		now->domain[i] = debugfs_number(domain_stats, keys[i]);
		now->endpoint[i] = debugfs_number(endpoint_stats, keys[i]);
	}
	now->by_domain = lab_stats(domain);
	now->by_endpoint = lab_stats(endpoint);
}

static void check_stats(const struct iommu_lab_stats *d, const u64 *want,
			const char *what)
{
	const u64 got[] = { d->lookups, d->hits, d->misses, d->stale, d->walks,
			    d->insertions, d->evictions, d->faults,
			    d->context_misses };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!EXPECT_EQ(got[i], want[i]))
			note("%s: %s by ioctl", what, keys[i]);
}

/* moves: how much each of keys[] has to have moved, in all six places */
static void check_moved(const struct figures *before, const u64 *moves,
			const char *what)
{
	struct iommu_lab_stats by_domain, by_endpoint;
	struct figures now;
	size_t i;

	take(&now);
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!EXPECT_EQ(now.unit[i] - before->unit[i], moves[i]) ||
		    !EXPECT_EQ(now.domain[i] - before->domain[i], moves[i]) ||
		    !EXPECT_EQ(now.endpoint[i] - before->endpoint[i], moves[i]))
			note("%s: %s", what, keys[i]);
	by_domain = lab_stats_since(domain, &before->by_domain);
	by_endpoint = lab_stats_since(endpoint, &before->by_endpoint);
	check_stats(&by_domain, moves, what);
	check_stats(&by_endpoint, moves, what);
}

#define MOVES(...) ((const u64[ARRAY_SIZE(keys)]){ __VA_ARGS__ })
/*                       lookups hits misses stale walks ins evict faults ctx */
#define FIRST_MISS  MOVES(1,     0,   1,     0,    1,    1,  0,    0,     1)
#define MISS        MOVES(1,     0,   1,     0,    1,    1,  0,    0,     0)
#define MISS_EVICT  MOVES(1,     0,   1,     0,    1,    1,  1,    0,     0)
#define HIT         MOVES(1,     1,   0,     0,    0,    0,  0,    0,     0)
#define MISS_FAULT  MOVES(1,     0,   1,     0,    1,    0,  0,    1,     0)
#define HIT_FAULT   MOVES(1,     1,   0,     0,    0,    0,  0,    1,     0)
#define NEGATIVE    MOVES(1,     0,   1,     0,    1,    1,  0,    1,     1)

static void access_moves(u64 iova, u32 status, const u64 *moves,
			 const char *what)
{
	struct figures before;

	take(&before);
	if (!EXPECT_EQ(dma_peek(endpoint, iova), status))
		note("%s", what);
	check_moved(&before, moves, what);
}

/* N10 */
static void flushed_on_revoke(void)
{
	u8 *mem = pages_alloc(2 * PAGE);
	u64 present, removed, pages, steps, levels;
	struct iommu_lab_stats stats;

	set_up();
	levels = domain_info(domain).levels;
	REQUIRE_EQ(map_at(domain, mem, 2 * PAGE, READ_WRITE, AT), 0);
	present = debugfs_number(unit_stats, "present");
	access_moves(AT, IOMMU_LAB_DMA_OK, FIRST_MISS, "first access");
	EXPECT_EQ(lab_stats(endpoint).walk_steps, levels);
	access_moves(AT, IOMMU_LAB_DMA_OK, HIT, "second access");
	access_moves(AT + PAGE - 1, IOMMU_LAB_DMA_OK, HIT,
		     "last byte of the page");
	/* the page beside it: a walk of one step, by the paging-structure cache */
	steps = lab_stats(endpoint).walk_steps;
	access_moves(AT + PAGE, IOMMU_LAB_DMA_OK, MISS, "the next page");
	stats = lab_stats(endpoint);
	EXPECT_EQ(stats.psc_hits, 1);
	EXPECT_EQ(stats.walk_steps, steps + 1);
	EXPECT_EQ(debugfs_number(unit_stats, "present"), present + 2);

	removed = debugfs_number(unit_stats, "removed");
	pages = debugfs_number(unit_stats, "driver_inval_iotlb_page") +
		debugfs_number(unit_stats, "driver_inval_iotlb_domain");
	REQUIRE_EQ(unmap(domain, AT, 2 * PAGE), 0);
	EXPECT_EQ(debugfs_number(unit_stats, "present"), present);
	EXPECT_EQ(debugfs_number(unit_stats, "removed"), removed + 2);
	EXPECT(debugfs_number(unit_stats, "driver_inval_iotlb_page") +
	       debugfs_number(unit_stats, "driver_inval_iotlb_domain") > pages);
	access_moves(AT, IOMMU_LAB_DMA_FAULT, MISS_FAULT, "access after unmap");
	access_moves(AT + PAGE, IOMMU_LAB_DMA_FAULT, MISS_FAULT,
		     "access after unmap, next page");
	/* mapped again to other memory: the new one is seen at once */
	mem = pages_alloc(PAGE);
	REQUIRE_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT), 0);
	access_moves(AT, IOMMU_LAB_DMA_OK, MISS, "mapped again");
	EXPECT_EQ(dma_poke(endpoint, AT), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(mem[0], 0xa5);
	EXPECT_EQ(lab_stats(endpoint).stale, 0);
}

/* N10: the same with one entry; another page evicts it */
static void one_entry(void)
{
	u8 *mem = pages_alloc(2 * PAGE);

	set_up();
	REQUIRE_EQ(map_at(domain, mem, 2 * PAGE, READ_WRITE, AT), 0);
	access_moves(AT, IOMMU_LAB_DMA_OK, FIRST_MISS, "first access");
	access_moves(AT, IOMMU_LAB_DMA_OK, HIT, "second access");
	access_moves(AT + PAGE, IOMMU_LAB_DMA_OK, MISS_EVICT, "another page");
	access_moves(AT + PAGE, IOMMU_LAB_DMA_OK, HIT, "another page again");
	access_moves(AT, IOMMU_LAB_DMA_OK, MISS_EVICT, "the first page again");
	EXPECT_EQ(debugfs_number(unit_stats, "present"), 1);
	REQUIRE_EQ(unmap(domain, AT, 2 * PAGE), 0);
	EXPECT_EQ(debugfs_number(unit_stats, "present"), 0);
	access_moves(AT, IOMMU_LAB_DMA_FAULT, MISS_FAULT, "access after unmap");
	access_moves(AT + PAGE, IOMMU_LAB_DMA_FAULT, MISS_FAULT,
		     "access after unmap, next page");
}

/* as many pages as the IOTLB has ways stay, in a set of its own */
static void full_set(void)
{
	u64 ways = 4, i;
	u8 *mem = pages_alloc(8 * PAGE);
	struct figures before;

	set_up();
	REQUIRE_EQ(map_at(domain, mem, 8 * PAGE, READ_WRITE, AT), 0);
	for (i = 0; i < ways; i++)
		EXPECT_EQ(dma_peek(endpoint, AT + i * PAGE), IOMMU_LAB_DMA_OK);
	take(&before);
	for (i = 0; i < ways; i++)
		access_moves(AT + i * PAGE, IOMMU_LAB_DMA_OK, HIT, "filled");
	access_moves(AT + 5 * PAGE, IOMMU_LAB_DMA_OK, MISS_EVICT, "one more");
	EXPECT_EQ(debugfs_number(unit_stats, "present"), ways);
}

/* a 2 MiB leaf is one entry */
static void huge_entry(void)
{
	u8 *huge;

	set_up();
	huge = huge_alloc(HUGE);
	REQUIRE_EQ(map_at(domain, huge, HUGE, READ_ONLY, AT), 0);
	access_moves(AT + 5 * PAGE, IOMMU_LAB_DMA_OK, FIRST_MISS, "2 MiB leaf");
	access_moves(AT + HUGE - 1, IOMMU_LAB_DMA_OK, HIT, "its last byte");
	access_moves(AT, IOMMU_LAB_DMA_OK, HIT, "its first byte");
	REQUIRE_EQ(unmap(domain, AT, HUGE), 0);
	access_moves(AT + 5 * PAGE, IOMMU_LAB_DMA_FAULT, MISS_FAULT,
		     "after unmap");
}

/*
 * An unmap that covers whole tables takes them out: what is cached of them goes,
 * too, so that the next mapping is not looked up in a table that is gone.
 */
static void whole_tables(void)
{
	int rounds = is_debug_kernel() ? 3 : 10, i;
	u8 *mem[2], got[8];
	u64 seed = test_seed(), bytes = 2 * HUGE, at, n;

	set_up();
	for (i = 0; i < 2; i++) {
		mem[i] = pages_alloc(bytes);
		fill_random(mem[i], bytes, &seed);
	}
	for (i = 0; i < rounds; i++) {
		u8 *now = mem[i % 2];

		REQUIRE_EQ(map_at(domain, now, bytes, READ_ONLY, AT), 0);
		for (n = 0; n < 64; n++) {
			at = next_random(&seed) % (bytes - 8);
			at -= at % PAGE > PAGE - 8 ? 8 : 0;
			REQUIRE_EQ(dma_read(endpoint, AT + at, got, 8).status,
				   IOMMU_LAB_DMA_OK);
			REQUIRE(!memcmp(got, now + at, 8));
		}
		EXPECT(debugfs_number(unit_stats, "psc_present") >= 2);
		REQUIRE_EQ(unmap(domain, AT, bytes), 0);
		EXPECT_EQ(debugfs_number(unit_stats, "psc_present"), 0);
		EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
		EXPECT_EQ(dma_peek(endpoint, AT + HUGE), IOMMU_LAB_DMA_FAULT);
	}
	EXPECT_EQ(lab_stats(endpoint).stale, 0);
}

static u64 flushes(void)
{
	return debugfs_number(unit_stats, "driver_inval_iotlb_global") +
	       debugfs_number(unit_stats, "driver_inval_iotlb_domain") +
	       debugfs_number(unit_stats, "driver_inval_iotlb_page");
}

static bool caching_mode(void)
{
	struct iommu_lab_unit_info unit = {
		.size = sizeof(unit),
		.index = endpoint_info(control, 0).unit,
	};

	REQUIRE_EQ(lab_ioctl(control, IOMMU_LAB_UNIT_INFO, &unit), 0);
	return unit.cap >> 7 & 1;
}

/* N11, loaded with caching_mode=1 */
static void negative_entry(void)
{
	u8 *mem = pages_alloc(PAGE);
	u64 before;

	set_up();
	EXPECT(caching_mode());
	access_moves(AT, IOMMU_LAB_DMA_FAULT, NEGATIVE, "not mapped");
	access_moves(AT, IOMMU_LAB_DMA_FAULT, HIT_FAULT, "not mapped, cached");
	before = flushes();
	REQUIRE_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT), 0);
	EXPECT(flushes() > before);
	access_moves(AT, IOMMU_LAB_DMA_OK, MISS, "mapped");
	access_moves(AT, IOMMU_LAB_DMA_OK, HIT, "mapped, cached");
	EXPECT_EQ(lab_stats(endpoint).stale, 0);
}

/* N11: without caching mode nothing is cached, and nothing flushed */
static void no_negative_entry(void)
{
	u8 *mem = pages_alloc(PAGE);
	u64 before;

	set_up();
	EXPECT(!caching_mode());
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	access_moves(AT, IOMMU_LAB_DMA_FAULT, MISS_FAULT, "not mapped");
	before = flushes();
	REQUIRE_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT), 0);
	EXPECT_EQ(flushes(), before);
	access_moves(AT, IOMMU_LAB_DMA_OK, MISS, "mapped");
}

/* H14: memory that unmap has given back is not written to any more */
static volatile bool stop;
static u64 filled;

static void *keep_filling(void *bytes)
{
	while (!stop) {
		struct iommu_lab_dma_result r =
			dma_fill(endpoint, AT, *(u64 *)bytes, next_random(&filled));

		if (r.status != IOMMU_LAB_DMA_OK &&
		    r.status != IOMMU_LAB_DMA_FAULT) {
			EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
			break;
		}
	}
	return NULL;
}

static void unmap_under_dma(void)
{
	u64 bytes = 64 * PAGE;
	int rounds = is_debug_kernel() ? 30 : 100, i, faulted = 0;
	u8 *mem = pages_alloc(bytes), *kept = pages_alloc(bytes);
	pthread_t thread;

	set_up();
	filled = test_seed();
	REQUIRE_EQ(map_at(domain, mem, bytes, READ_WRITE, AT), 0);
	REQUIRE(!pthread_create(&thread, NULL, keep_filling, &bytes));
	for (i = 0; i < rounds; i++) {
		u64 faults = lab_stats(endpoint).faults;

		sleep_ms(1);
		REQUIRE_EQ(unmap(domain, AT, bytes), 0);
		memcpy(kept, mem, bytes);
		sleep_ms(2);
		REQUIRE(!memcmp(kept, mem, bytes));
		faulted += lab_stats(endpoint).faults != faults;
		REQUIRE_EQ(map_at(domain, mem, bytes, READ_WRITE, AT), 0);
	}
	stop = true;
	pthread_join(thread, NULL);
	note("%d of %d rounds met a running DMA", faulted, rounds);
	EXPECT(faulted > rounds / 4);
}

/* what attachments did stays in the domain's figures when they are over */
static void past_attachments(void)
{
	u8 *mem = pages_alloc(PAGE);
	struct iommu_lab_stats stats;
	int other, i;

	set_up();
	other = endpoint_open(2);
	REQUIRE_EQ(map_at(domain, mem, PAGE, READ_ONLY, AT), 0);
	for (i = 1; i <= 3; i++) {
		EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_OK);
		EXPECT_EQ(dma_poke(endpoint, AT), IOMMU_LAB_DMA_FAULT);
		REQUIRE_EQ(domain_detach(domain, endpoint), 0);
		stats = lab_stats(domain);
		EXPECT_EQ(stats.lookups, 2 * i);
		EXPECT_EQ(stats.misses, i);
		EXPECT_EQ(stats.faults, i);
		REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	}
	REQUIRE_EQ(domain_attach(domain, other), 0);
	EXPECT_EQ(dma_peek(other, AT), IOMMU_LAB_DMA_OK);
	close(other);
	EXPECT_EQ(lab_stats(domain).lookups, 7);
	EXPECT_EQ(debugfs_number(domain_stats, "lookups"), 7);
}

static const struct test_case cases[] = {
	{ "N10 miss, hit, unmap, fault: the counters move exactly so",
	  flushed_on_revoke },
	{ "N10 the same with an IOTLB of one entry", one_entry,
	  "iotlb_sets=1 iotlb_ways=1" },
	{ "a set holds as many pages as it has ways", full_set,
	  "iotlb_sets=1 iotlb_ways=4" },
	{ "a 2 MiB leaf is one IOTLB entry", huge_entry },
	{ "tables that are taken out are not cached any more", whole_tables },
	{ "N11 a mapping over a cached not-present entry works at once",
	  negative_entry, "caching_mode=1" },
	{ "N11 without caching mode map flushes nothing", no_negative_entry },
	{ "a domain's counters keep what past attachments did",
	  past_attachments },
	{ "H14 after unmap no byte of the memory changes", unmap_under_dma },
};

int main(void)
{
	return RUN_CASES(cases);
}
