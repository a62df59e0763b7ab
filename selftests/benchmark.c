// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's dma_map_benchmark (kernel/dma/map_benchmark.c) at a function: how
 * often it called the DMA API is what the core's tracepoints and the module's
 * counters say. It has no count of its own that it tells; kprobes count its calls.
 * Lazy and strict mode differ in who is asked to invalidate, and how often; where DMA
 * passes through, nothing is asked for at all.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "sys.h"

#define FUNCTION	"10000:00:03.0"
#define SYSFS		"/sys/bus/pci/devices/" FUNCTION
#define DRIVER		"/sys/bus/pci/drivers/dma_map_benchmark"
#define TRACEFS		"/sys/kernel/tracing"
#define INSTANCES	TRACEFS "/instances"
#define PAGES		4		/* of a mapping */

/* include/linux/map_benchmark.h, which is no uapi header */
struct map_benchmark {
	u64 avg_map_100ns, map_stddev, avg_unmap_100ns, unmap_stddev;
	u32 threads, seconds;
	int node;
	u32 dma_bits, dma_dir, dma_trans_ns, granule;
	u8 expansion[76];
};

#define DMA_MAP_BENCHMARK	_IOWR('d', 1, struct map_benchmark)

struct counts {
	u64 maps, unmaps, syncs, flushes;
};

/* what the API calls it differs between kernels */
static bool probe(const char *event, const char *function, const char *newer)
{
	char line[128];

	snprintf(line, sizeof(line), "p:lab/%s %s", event, function);
	if (!write_text(TRACEFS "/kprobe_events", line))
		return true;
	snprintf(line, sizeof(line), "p:lab/%s %s", event, newer);
	return !write_text(TRACEFS "/kprobe_events", line);
}

static void switch_counting(bool on)
{
	const char *text = on ? "1" : "0";

	REQUIRE_EQ(write_text(TRACEFS "/events/lab/enable", text), 0);
	REQUIRE_EQ(write_text(INSTANCES "/lab_map/events/iommu/map/enable", text), 0);
	REQUIRE_EQ(write_text(INSTANCES "/lab_unmap/events/iommu/unmap/enable", text), 0);
}

static void start_counting(void)
{
	REQUIRE(probe("maps", "dma_map_page_attrs", "dma_map_phys"));
	REQUIRE(probe("unmaps", "dma_unmap_page_attrs", "dma_unmap_phys"));
	REQUIRE(!mkdir(INSTANCES "/lab_map", 0700) && !mkdir(INSTANCES "/lab_unmap", 0700));
	switch_counting(true);
}

/* the line of an event: its name, hits, misses */
static u64 calls(const char *event)
{
	char *text = read_text(TRACEFS "/kprobe_profile"), *at;
	u64 hits;

	REQUIRE(text);
	at = strstr(text, event);
	REQUIRE(at);
	hits = strtoull(at + strlen(event), NULL, 10);
	free(text);
	return hits;
}

/* all events, also those that later ones have overwritten */
static u64 events(const char *instance)
{
	unsigned int cpu;
	u64 sum = 0;

	for (cpu = 0; ; cpu++) {
		const char *entries, *overrun;
		char path[96], *text;

		snprintf(path, sizeof(path), INSTANCES "/%s/per_cpu/cpu%u/stats", instance, cpu);
		text = read_text(path);
		if (!text)
			return sum;
		entries = find_key(text, "entries");
		overrun = find_key(text, "overrun");
		REQUIRE(entries && overrun);
		sum += strtoull(entries, NULL, 10) + strtoull(overrun, NULL, 10);
		free(text);
	}
}

static struct counts counters(void)
{
	return (struct counts){
		.maps = debugfs_number("core", "map_pages"),
		.unmaps = debugfs_number("core", "unmap_pages"),
		.syncs = debugfs_number("core", "iotlb_sync"),
		.flushes = debugfs_number("core", "flush_iotlb_all"),
	};
}

/* binds it, and gives its file; where the kernel has it not built in, it is a module */
static int open_benchmark(void)
{
	int fd;

	if (access(DRIVER, F_OK))
		REQUIRE(!system("insmod /lab/selftests/map_benchmark.ko"));
	REQUIRE_EQ(write_text(SYSFS "/driver_override", "dma_map_benchmark"), 0);
	REQUIRE_EQ(write_text("/sys/bus/pci/drivers_probe", FUNCTION), 0);
	fd = open("/sys/kernel/debug/dma_map_benchmark", O_RDWR);
	REQUIRE(fd >= 0);
	return fd;
}

static void check_invalidations(u64 unmaps, u64 syncs, u64 flushes)
{
	note("%llu unmaps, %llu iotlb_sync, %llu flush_iotlb_all", (unsigned long long)unmaps,
	     (unsigned long long)syncs, (unsigned long long)flushes);
	if (booted("strict")) {
		EXPECT_EQ(syncs, unmaps);
		EXPECT_EQ(flushes, 0);
	} else if (booted("passthrough")) {
		EXPECT_EQ(syncs, 0);
		EXPECT_EQ(flushes, 0);
	} else {
		EXPECT(syncs <= unmaps / 100);
		EXPECT(flushes >= 1 && flushes < unmaps / 2);
	}
}

/*
 * dma-debug forgets a mapping after its IOVA was freed: another thread may have mapped
 * and unmapped there by then, and the kernel warns of an overlap that is none.
 */
static u32 threads(void)
{
	return access("/sys/kernel/debug/dma-api", F_OK) ? 2 : 1;
}

static void benchmark(void)
{
	struct map_benchmark params = { .threads = threads(), .seconds = 2, .node = -1, .dma_bits = 48,
					.dma_dir = 0, .granule = PAGES };
	struct counts before, after;
	int fd = open_benchmark();
	u64 maps, mapped;

	before = counters();
	start_counting();
	REQUIRE(!ioctl(fd, DMA_MAP_BENCHMARK, &params));
	switch_counting(false);
	after = counters();
	maps = calls("maps");
	note("%llu maps; a map %llu ns, an unmap %llu ns", (unsigned long long)maps,
	     (unsigned long long)params.avg_map_100ns * 100,
	     (unsigned long long)params.avg_unmap_100ns * 100);
	EXPECT(maps > 100);
	EXPECT_EQ(calls("unmaps"), maps);
	mapped = booted("passthrough") ? 0 : maps;
	EXPECT_EQ(events("lab_map"), mapped);
	EXPECT_EQ(events("lab_unmap"), mapped);
	EXPECT_EQ(after.maps - before.maps, mapped);
	EXPECT_EQ(after.unmaps - before.unmaps, mapped);
	check_invalidations(mapped, after.syncs - before.syncs, after.flushes - before.flushes);
}

static const struct test_case cases[] = {
	{ "dma_map_benchmark: its calls, the core's tracepoints and the module's counters agree",
	  benchmark, .dirty = true },
};

int main(void)
{
	return RUN_CASES(cases);
}
