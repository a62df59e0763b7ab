// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading: again and again, with parameters out of range, at the
 * ends of the ranges, and while files are open.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)

/* delete_module(2) once, without the patience of module_unload() */
static int unload_now(void)
{
	return syscall(SYS_delete_module, "iommu_lab", O_NONBLOCK) ? -errno : 0;
}

static void use_it(void)
{
	int control = control_open(), endpoint = endpoint_open(0);
	int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	u8 *mem = pages_alloc(PAGE);

	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	REQUIRE_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT), 0);
	EXPECT_EQ(dma_poke(endpoint, AT), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(mem[0], 0xa5);
	/* ended by its files alone: nothing is unmapped or detached first */
	close(endpoint);
	close(domain);
	close(control);
}

static void again_and_again(void)
{
	int i;

	for (i = 0; i < 50; i++) {
		REQUIRE_EQ(module_load(""), 0);
		use_it();
		EXPECT_EQ(module_load(""), -EEXIST);
		REQUIRE_EQ(module_unload(), 0);
		EXPECT(access(CONTROL_NODE, F_OK));
		EXPECT(access(ENDPOINT_DIR "/10000:00:01.0", F_OK));
		EXPECT(access(DEBUGFS, F_OK));
	}
}

static void out_of_range(void)
{
	static const struct {
		const char *params;
		const char *message;	/* says the range */
	} bad[] = {
		{ "endpoints=0", "1 to 1024" },
		{ "endpoints=1025", "1 to 1024" },
		{ "endpoints=4294967295", "1 to 1024" },
		{ "iotlb_sets=0", "power of two from 1 to 65536" },
		{ "iotlb_sets=3", "power of two from 1 to 65536" },
		{ "iotlb_sets=131072", "power of two from 1 to 65536" },
		{ "iotlb_ways=0", "1 to 16" },
		{ "iotlb_ways=17", "1 to 16" },
		{ "defect=broken", "none, zero, ones, stuck" },
		{ "aw_bits=40", "39, 48, 57" },
		{ "timeout_ms=9", "10 to 10000" },
		{ "mode=maybe", "on, off, auto" },
		{ "mode=", "on, off, auto" },
		{ "nd=7", "0 to 6" },
		{ "nd=4294967295", "0 to 6" },
		{ "timeout_ms=10001", "10 to 10000" },
	};
	char wanted[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		int log = kmsg_open();

		if (!EXPECT_EQ(module_load(bad[i].params), -EINVAL)) {
			note("%s", bad[i].params);
			module_unload();
		}
		snprintf(wanted, sizeof(wanted), "iommu_lab: %s:",
			 bad[i].params);
		if (!EXPECT_EQ(kmsg_count(log, wanted), 1))
			note("no message '%s'", wanted);
		close(log);
		log = kmsg_open();
		EXPECT_EQ(module_load(bad[i].params), -EINVAL);
		if (!EXPECT_EQ(kmsg_count(log, bad[i].message), 1))
			note("%s: no message with '%s'", bad[i].params,
			     bad[i].message);
		close(log);
		EXPECT(!module_loaded());
	}
	/* what cannot be parsed is the kernel's to refuse */
	EXPECT_EQ(module_load("endpoints=many"), -EINVAL);
	EXPECT_EQ(module_load("endpoints=-1"), -EINVAL);
}

static unsigned int count_nodes(void)
{
	DIR *dir = opendir(ENDPOINT_DIR);
	unsigned int nodes = 0;
	struct dirent *entry;

	REQUIRE(dir);
	while ((entry = readdir(dir)))
		nodes += entry->d_name[0] != '.';
	closedir(dir);
	return nodes;
}

/* a domain has all that the units can translate, and its top is reached */
static void expect_levels(int control, u32 levels)
{
	u64 end = 1ull << (12 + 9 * levels);
	int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	struct iommu_lab_domain_info info = domain_info(domain);
	int endpoint = endpoint_open(0);
	u8 *mem = pages_alloc(PAGE);

	EXPECT_EQ(info.levels, levels);
	EXPECT_EQ(info.aperture_last, end - 1);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	REQUIRE_EQ(map_at(domain, mem, PAGE, READ_WRITE, end - PAGE), 0);
	EXPECT_EQ(dma_poke(endpoint, end - 1), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(mem[PAGE - 1], 0xa5);
	EXPECT_EQ(dma_poke(endpoint, end), IOMMU_LAB_DMA_FAULT);
	close(endpoint);
	close(domain);
}

static void ends_of_ranges(void)
{
	static const struct {
		const char *params;
		u32 endpoints;
		u32 levels;
	} good[] = {
		{ "endpoints=1", 1, 4 },
		{ "endpoints=1024", 1024, 4 },
		{ "iotlb_sets=1 iotlb_ways=1", 4, 4 },
		{ "iotlb_sets=65536 iotlb_ways=16", 4, 4 },
		{ "caching_mode=1 endpoints=33", 33, 4 },
		{ "aw_bits=39", 4, 3 },
		{ "aw_bits=57", 4, 5 },
		{ "timeout_ms=10000", 4, 4 },
		{ "nd=0 mode=auto", 4, 4 },
		{ "nd=6 mode=on", 4, 4 },
	};
	char first[NAME_BYTES], last[NAME_BYTES];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		int control, endpoint;

		/* a grace period each: minutes on a debug kernel */
		if (good[i].endpoints > 100 && is_debug_kernel() && !want_long())
			continue;
		REQUIRE_EQ(module_load(good[i].params), 0);
		control = control_open();
		EXPECT_EQ(lab_info(control).endpoints, good[i].endpoints);
		EXPECT_EQ(count_nodes(), good[i].endpoints);
		endpoint_name(0, first);
		endpoint_name(good[i].endpoints - 1, last);
		EXPECT(!strcmp(first, "10000:00:01.0"));
		EXPECT(good[i].endpoints == 1 || strcmp(first, last));
		endpoint = endpoint_open(good[i].endpoints - 1);
		EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
		close(endpoint);
		expect_levels(control, good[i].levels);
		close(control);
		use_it();
		REQUIRE_EQ(module_unload(), 0);
	}
}

/* each kind of open file holds the module by the kernel's own reference */
static void open_files(void)
{
	int control, endpoint, domain, debugfs, error;

	REQUIRE_EQ(module_load(""), 0);
	control = control_open();
	EXPECT_EQ(unload_now(), -EWOULDBLOCK);
	domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	endpoint = endpoint_open(0);
	close(control);
	EXPECT_EQ(unload_now(), -EWOULDBLOCK);
	close(domain);
	EXPECT_EQ(unload_now(), -EWOULDBLOCK);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	close(endpoint);
	debugfs = open(DEBUGFS "/info", O_RDONLY | O_CLOEXEC);
	REQUIRE(debugfs >= 0);
	error = unload_now();
	EXPECT(error == -EWOULDBLOCK || !error);
	close(debugfs);
	if (error)
		EXPECT_EQ(module_unload(), 0);
	EXPECT(!module_loaded());
}

static const struct test_case cases[] = {
	{ "insmod and rmmod 50 times", again_and_again, .unloaded = true,
	  .seconds = 300 },
	{ "a parameter out of range is EINVAL, with the range in the log",
	  out_of_range, .unloaded = true },
	{ "the ends of the ranges work", ends_of_ranges, .unloaded = true,
	  .seconds = 600 },
	{ "rmmod with an open file is refused", open_files, .unloaded = true },
};

int main(void)
{
	return RUN_CASES(cases);
}
