// SPDX-License-Identifier: GPL-2.0
/*
 * A machine with an IOMMU that the kernel's own driver runs: the module's units are
 * beside it where the kernel has room for both, and else it says why not.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define CLASS		"/sys/class/iommu"
#define FUNCTIONS	"/sys/bus/pci/devices"
#define OURS		"10000:"

/* entries of a directory whose name begins so; 0 if there is none */
static unsigned int entries(const char *path, const char *prefix)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned int count = 0;

	while (dir && (entry = readdir(dir)))
		count += entry->d_name[0] != '.' &&
			 !strncmp(entry->d_name, prefix, strlen(prefix));
	if (dir)
		closedir(dir);
	return count;
}

static void works(void)
{
	int control = control_open(), endpoint = endpoint_open(0), domain;
	u8 *mem = pages_alloc(PAGE), data[16];

	memset(mem, 0x5a, PAGE);
	domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE(domain >= 0);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	REQUIRE_EQ(map_at(domain, mem, PAGE, READ_ONLY, MIB), 0);
	EXPECT_EQ(dma_read(endpoint, MIB, data, sizeof(data)).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(data, mem, sizeof(data)));
}

/* what the machine's own unit has, without the module and with it */
static void side_by_side(void)
{
	unsigned int devices = entries(CLASS "/dmar0/devices", "");
	char link[256];
	ssize_t length;

	REQUIRE_EQ(module_unload(), 0);
	EXPECT_EQ(entries(CLASS, "dmar"), 1);
	EXPECT(devices > 0);
	EXPECT_EQ(entries(CLASS, "iommu_lab"), 0);
	REQUIRE_EQ(module_load(""), 0);
	EXPECT_EQ(entries(CLASS, "dmar"), 1);
	EXPECT_EQ(entries(CLASS "/dmar0/devices", ""), devices);
	EXPECT_EQ(entries(CLASS "/dmar0/devices", OURS), 0);
	EXPECT_EQ(entries(CLASS, "iommu_lab"), 2);
	EXPECT_EQ(entries(CLASS "/iommu_lab0/devices", OURS), 2);
	EXPECT_EQ(entries(CLASS "/iommu_lab1/devices", OURS), 2);
	length = readlink(FUNCTIONS "/10000:00:01.0/iommu", link, sizeof(link));
	EXPECT(length > 0 && !strncmp(link + length - 10, "iommu_lab0", 10));
	works();
}

static void no_room(void)
{
	int log = kmsg_open();

	REQUIRE_EQ(module_unload(), 0);
	EXPECT_EQ(entries(CLASS, "dmar"), 1);
	REQUIRE_EQ(module_load(""), 0);
	EXPECT_EQ(kmsg_count(log, "another IOMMU driver is active"), 1);
	EXPECT_EQ(entries(CLASS, "iommu_lab"), 0);
	EXPECT_EQ(entries(FUNCTIONS, OURS), 0);
	works();
}

static const struct test_case both[] = {
	{ "the machine's unit and the module's side by side", side_by_side },
};

static const struct test_case one[] = {
	{ "another driver in the only place: the log says so, the device files work",
	  no_room },
};

int main(void)
{
	const char *kernel = getenv("LAB_KERNEL") ?: "";

	return strcmp(kernel, "6.1") ? RUN_CASES(both) : RUN_CASES(one);
}
