// SPDX-License-Identifier: GPL-2.0
/*
 * A demonstration of iommu_lab through its ABI: a domain, an endpoint, a
 * scatter-gather list, DMA, the IOTLB, faults. What is shown is what the ioctls
 * answered, and is compared with debugfs; the exit status is 1 when anything
 * differs. Data, sizes and the order of ranges come from a seed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "demo.h"

struct demo demo;

static struct {
	const char *module;
	const char *parameters;
	bool keep;
	u64 seed;
} option = { .module = "/lab/iommu_lab.ko", .parameters = "" };

static u64 random_state;

/* xorshift64* */
u64 next_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1dull;
}

static void parse_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "module", required_argument, NULL, 'm' },
		{ "parameters", required_argument, NULL, 'p' },
		{ "keep", no_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL },
	};
	int c;

	option.seed = time(NULL);
	while ((c = getopt_long(argc, argv, "s:m:p:kh", options, NULL)) != -1) {
		switch (c) {
		case 's':
			option.seed = strtoull(optarg, NULL, 0);
			break;
		case 'm':
			option.module = optarg;
			break;
		case 'p':
			option.parameters = optarg;
			break;
		case 'k':
			option.keep = true;
			break;
		default:
			printf("demo [--seed N] [--module FILE] [--parameters TEXT] [--keep]\n"
			       "  --seed        data, sizes and order (default: the time)\n"
			       "  --module      iommu_lab.ko (default /lab/iommu_lab.ko); not\n"
			       "                used when the module is loaded already\n"
			       "  --parameters  of the module, e.g. \"iotlb_sets=1 iotlb_ways=1\"\n"
			       "  --keep        do not unload it at the end\n");
			exit(c == 'h' ? 0 : 2);
		}
	}
	random_state = option.seed * 0x9e3779b97f4a7c15ull | 1;
}

static void load(void)
{
	int fd;

	if (!access("/sys/module/iommu_lab", F_OK)) {
		option.keep = true;
		return;
	}
	fd = open(option.module, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, option.parameters, 0))
		give_up("%s: %s", option.module, strerror(errno));
	close(fd);
}

static void finish(void)
{
	struct iommu_lab_info info = { .size = sizeof(info) };

	step("The end: the files are closed, and nothing is left");
	close(demo.domain);
	close(demo.endpoint);
	CALL(demo.control, IOMMU_LAB_INFO, &info);
	same("domains", info.domains, 0);
	same("domains", report_number("info", "domains"), 0);
	same("pinned memory left", info.pinned_left, info.pinned_max);
	say("%u domains, %llu bytes pinned", info.domains,
	    (unsigned long long)(info.pinned_max - info.pinned_left));
	close(demo.control);
	if (!option.keep && syscall(SYS_delete_module, "iommu_lab", O_NONBLOCK))
		expect(false, "the module cannot be unloaded: %s",
		       strerror(errno));
}

int main(int argc, char **argv)
{
	parse_options(argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("iommu_lab: a demonstration with seed %llu%s%s\n",
	       (unsigned long long)option.seed,
	       *option.parameters ? ", loaded with " : "", option.parameters);
	load();
	demo.control = open("/dev/iommu_lab", O_RDWR | O_CLOEXEC);
	if (demo.control < 0)
		give_up("/dev/iommu_lab: %s", strerror(errno));
	show_units();
	show_dmar();
	make_domain();
	attach_endpoint();
	map_list();
	copy_list();
	show_iotlb();
	show_walk();
	refuse_write();
	unmap_and_touch();
	show_counters();
	finish();
	if (differences()) {
		printf("\n%u of %u comparisons DIFFER (seed %llu)\n",
		       differences(), comparisons(),
		       (unsigned long long)option.seed);
		return 1;
	}
	printf("\nAll %u comparisons between what was asked for, the ABI and debugfs agree.\n",
	       comparisons());
	return 0;
}
