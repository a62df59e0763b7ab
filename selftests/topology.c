// SPDX-License-Identifier: GPL-2.0
/*
 * topology=: the machine is the one of a table, and tables that cannot be one are
 * refused. The tables are made by tables.c.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "function.h"
#include "lab.h"
#include "sys.h"
#include "tables.h"
#include "topology.h"

#define TOPOLOGY	"topology=" TABLE_FILE
#define BDF(bus, device, function) ((bus) << 8 | (device) << 3 | (function))
#define DEVICES		"/sys/bus/pci/devices/"

static void load(unsigned char *table, size_t length)
{
	REQUIRE_EQ(table_put(table, length), 0);
	REQUIRE_EQ(module_load(TOPOLOGY), 0);
}

static void load_in_order(unsigned int first, unsigned int step)
{
	size_t length;
	unsigned char *table = table_in_order(first, step, &length);

	load(table, length);
}

static void load_kind(enum table_kind kind, u64 ram)
{
	size_t length;
	unsigned char *table = table_of(kind, ram, &length);

	load(table, length);
}

/* what tables.h says the table is, and where */
static const struct {
	u32 segment, bdf;
	u64 unit;
} machine[] = {
	{ 0, BDF(0, 2, 0), UNIT_OF_SCOPES },
	{ 0, BDF(0, 3, 0), UNIT_OF_ALL },
	{ 0, BDF(0, 4, 0), UNIT_OF_ALL },
	{ 0, BDF(3, 0, 1), UNIT_OF_SCOPES },
	{ 0, BDF(4, 0, 0), UNIT_BELOW },
	{ 0, BDF(4, 0, 2), UNIT_BELOW },
	{ 0, BDF(0x41, 0, 0), UNIT_BELOW },
	{ 0, BDF(0x80, 5, 3), UNIT_OF_ALL },
	{ 3, BDF(0, 1, 0), UNIT_SEGMENT_3 },
};

static void expect_machine(int control)
{
	EXPECT_EQ(lab_info(control).units, 4);
	REQUIRE_EQ(lab_info(control).endpoints, ARRAY_SIZE(machine));
	for (u32 i = 0; i < ARRAY_SIZE(machine); i++) {
		struct iommu_lab_endpoint_info info = endpoint_info(control, i);
		struct iommu_lab_unit_info unit = {
			.size = sizeof(unit),
			.index = info.unit,
		};

		EXPECT_EQ(info.segment, machine[i].segment);
		EXPECT_EQ(info.domain, 0x10000 + machine[i].segment);
		EXPECT_EQ(info.bdf, machine[i].bdf);
		REQUIRE_EQ(lab_ioctl(control, IOMMU_LAB_UNIT_INFO, &unit), 0);
		EXPECT_EQ(unit.base, machine[i].unit);
		EXPECT_EQ(unit.segment, machine[i].segment);
	}
}

static void any_order(void)
{
	unsigned int steps = is_debug_kernel() ? 2 : TABLE_PARTS;

	for (unsigned int step = 1; step < steps + 1 && step < TABLE_PARTS; step++) {
		int control;

		load_in_order(step, step);
		control = control_open();
		expect_machine(control);
		dma_at_each_endpoint(control);
		close(control);
		REQUIRE_EQ(module_unload(), 0);
	}
}

static void device_is(const char *name, const char *device)
{
	char path[128], *text;

	snprintf(path, sizeof(path), DEVICES "%s/device", name);
	text = read_text(path);
	if (!EXPECT(text && !strncmp(text, device, strlen(device))))
		note("%s: %s", name, text ?: "missing");
	free(text);
}

static unsigned int count_devices(const char *begin)
{
	DIR *dir = opendir(DEVICES);
	unsigned int nr = 0;
	struct dirent *entry;

	REQUIRE(dir);
	while ((entry = readdir(dir)))
		nr += !strncmp(entry->d_name, begin, strlen(begin));
	closedir(dir);
	return nr;
}

/* the directory of a device below those of the ports above it */
static void is_behind(const char *name, const char *above)
{
	char path[128], *real;

	snprintf(path, sizeof(path), DEVICES "%s", name);
	real = realpath(path, NULL);
	if (!EXPECT(real && strstr(real, above)))
		note("%s: %s", name, real ?: "missing");
	free(real);
}

static void functions(void)
{
	struct iommu_lab_endpoint_info deep;
	int control;

	load_in_order(0, 1);
	control = control_open();
	deep = endpoint_at(control, 0, BDF(3, 0, 1));

	/* endpoints, ports, and function 0 of what has others */
	device_is("10000:00:02.0", "0x1ab0");
	device_is("10003:00:01.0", "0x1ab0");
	device_is("10000:00:01.0", "0x1ab1");
	device_is("10000:01:00.0", "0x1ab1");
	device_is("10000:02:03.0", "0x1ab1");
	device_is("10000:00:1c.4", "0x1ab1");
	device_is("10000:40:01.0", "0x1ab1");
	device_is("10000:00:1c.0", "0x1ab2");
	device_is("10000:03:00.0", "0x1ab2");
	device_is("10000:80:05.0", "0x1ab2");
	EXPECT_EQ(count_devices("10000:"), 8 + 5 + 3);
	EXPECT_EQ(count_devices("10003:"), 1);

	/* paths, and root buses */
	is_behind("10000:03:00.1", "/pci10000:00/10000:00:01.0/10000:01:00.0/10000:02:03.0/");
	is_behind("10000:04:00.2", "/pci10000:00/10000:00:1c.4/");
	is_behind("10000:41:00.0", "/pci10000:40/10000:40:01.0/");
	is_behind("10000:80:05.3", "/pci10000:80/");
	is_behind("10003:00:01.0", "/pci10003:00/");

	/* it can go, and comes back where it was */
	EXPECT_EQ(function_tell(deep.index, "remove"), 0);
	EXPECT_EQ(count_devices("10000:03:00.1"), 0);
	EXPECT_EQ(pci_rescan(), 0);
	device_is("10000:03:00.1", "0x1ab0");
	dma_at_each_endpoint(control);
	close(control);
}

/* a DMA to a reserved region, without any domain */
static u32 region_write(int endpoint, u64 at, u64 value)
{
	return dma_write(endpoint, at, &value, sizeof(value)).status;
}

static u64 region_read(int endpoint, u64 at)
{
	u64 value = ~0ull;

	EXPECT_EQ(dma_read(endpoint, at, &value, sizeof(value)).status,
		  IOMMU_LAB_DMA_OK);
	return value;
}

static void regions(void)
{
	int control, owner, sharer, other;

	load_in_order(0, 1);
	control = control_open();
	owner = endpoint_open(endpoint_at(control, 0, BDF(0, 2, 0)).index);
	sharer = endpoint_open(endpoint_at(control, 0, BDF(0, 4, 0)).index);
	other = endpoint_open(endpoint_at(control, 0, BDF(0, 3, 0)).index);

	EXPECT_EQ(region_write(owner, REGION_OWN, 1), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(region_write(owner, REGION_SHARED + PAGE, 2),
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(region_write(sharer, REGION_SHARED, 3),
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(region_write(sharer, REGION_OWN, 4),
		  IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(region_write(other, REGION_SHARED, 5),
		  IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(region_read(owner, REGION_OWN), 1);
	EXPECT_EQ(region_read(owner, REGION_OWN + PAGE), 0);
	/* one memory for both */
	EXPECT_EQ(region_read(owner, REGION_SHARED), 3);
	EXPECT_EQ(region_read(sharer, REGION_SHARED + PAGE), 2);
	close(other);
	close(sharer);
	close(owner);
	close(control);
}

static void large_region(void)
{
	int control, endpoint;

	load_kind(TABLE_LARGE, 0);
	control = control_open();
	endpoint = endpoint_open(0);
	for (u64 at = 0; at < REGION_LARGE_BYTES; at += REGION_LARGE_BYTES / 16)
		EXPECT_EQ(region_write(endpoint, REGION_LARGE + at, at),
			  IOMMU_LAB_DMA_OK);
	for (u64 at = 0; at < REGION_LARGE_BYTES; at += REGION_LARGE_BYTES / 16)
		EXPECT_EQ(region_read(endpoint, REGION_LARGE + at), at);
	EXPECT_EQ(region_write(endpoint, REGION_LARGE + REGION_LARGE_BYTES - 8, 1),
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(region_write(endpoint, REGION_LARGE + REGION_LARGE_BYTES, 1),
		  IOMMU_LAB_DMA_FAULT);
	close(endpoint);
	dma_at_each_endpoint(control);
	close(control);
}

/* the memory of the machine stays what it is */
static void region_in_ram(void)
{
	char *page = pages_alloc(PAGE), type[64], *text;
	int control, domain, owner, other;
	u64 ram = phys_of(page);

	strcpy(page, "untouched");
	load_kind(TABLE_IN_RAM, ram);
	control = control_open();
	owner = endpoint_open(endpoint_at(control, 0, BDF(0, 2, 0)).index);
	other = endpoint_open(endpoint_at(control, 0, BDF(0, 3, 0)).index);
	EXPECT_EQ(region_write(owner, ram, 7), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(region_read(owner, ram), 7);
	EXPECT(!strcmp(page, "untouched"));

	/* an identity domain could mean either: not for this endpoint */
	domain = domain_create(control, IOMMU_LAB_POLICY_IDENTITY);
	REQUIRE(domain >= 0);
	EXPECT_EQ(domain_attach(domain, owner), -EOPNOTSUPP);
	EXPECT(strstr(last_refusal(domain), "RAM"));
	REQUIRE_EQ(domain_attach(domain, other), 0);
	EXPECT_EQ(region_write(other, ram, 0x6465747265ull),
		  IOMMU_LAB_DMA_OK);
	EXPECT(!strcmp(page, "erted"));
	close(domain);

	/* who shares a domain with the owner shares neither its region nor the RAM there */
	domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE(domain >= 0);
	REQUIRE_EQ(domain_attach(domain, owner), 0);
	REQUIRE_EQ(domain_attach(domain, other), 0);
	EXPECT_EQ(region_read(owner, ram), 7);
	EXPECT_EQ(region_write(other, ram, 8), IOMMU_LAB_DMA_ABORTED);
	EXPECT_EQ(dma_peek(other, ram), IOMMU_LAB_DMA_ABORTED);
	EXPECT_EQ(region_read(owner, ram), 7);
	EXPECT(!strcmp(page, "erted"));
	close(domain);
	close(other);
	close(owner);
	snprintf(type, sizeof(type), DEVICES "10000:00:02.0/iommu_group/type");
	EXPECT(write_text(type, "identity") < 0);
	text = read_text(type);
	EXPECT(text && !strncmp(text, "DMA", 3));
	free(text);
	close(control);
}

/* loading it fails with an error, and the log has a sentence */
static void refused(const char *params, int error, const char *sentence)
{
	int log = kmsg_open();

	EXPECT_EQ(module_load(params), error);
	EXPECT(!module_loaded());
	if (!EXPECT_EQ(kmsg_count(log, sentence), 1))
		note("%s: %s", params, sentence);
	close(log);
}

static void refused_table(unsigned char *table, size_t length,
			  const char *sentence)
{
	REQUIRE_EQ(table_put(table, length), 0);
	refused(TOPOLOGY, -EINVAL, sentence);
}

static void refused_kind(enum table_kind kind, const char *sentence)
{
	size_t length;
	unsigned char *table = table_of(kind, 0, &length);

	refused_table(table, length, sentence);
}

static void refusals(void)
{
	unsigned char *table;
	size_t length;

	refused_kind(TABLE_TWO_ERRORS, "error drhd-base: ");
	refused_kind(TABLE_TWO_ERRORS, "error drhd-same: ");
	refused_kind(TABLE_NO_NUMBERS, "up to 0 bridges are accepted behind bus 0x10");
	table = table_in_order(0, 1, &length);
	REQUIRE(table);
	table[length - 1] ^= 1;
	refused_table(table, length, "error checksum: ");
	table = table_in_order(0, 1, &length);
	refused_table(table, 47, "error header-length: ");
	refused_table(calloc(1, 300000), 300000, "up to 262144 are accepted");
	refused("topology=no-such-file", -ENOENT, "it cannot be read");
	table = table_in_order(0, 1, &length);
	REQUIRE_EQ(table_put(table, length), 0);
	refused("endpoints=4 " TOPOLOGY, -EINVAL, "without topology= only");
	refused(TOPOLOGY " endpoints=4", -EINVAL, "without topology= only");
	refused(TOPOLOGY " scalable=16", -EINVAL, "bits 0 to 3 are accepted");
}

static void no_function(void)
{
	struct iommu_lab_endpoint_info info = { .size = sizeof(info) };
	int control;

	load_kind(TABLE_NO_FUNCTION, 0);
	control = control_open();
	EXPECT_EQ(lab_info(control).units, 1);
	EXPECT_EQ(lab_info(control).endpoints, 0);
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_ENDPOINT_INFO, &info), -ENOENT);
	EXPECT(strstr(last_refusal(control), "there is none"));
	close(control);
}

/* the example of Documentation/topology.rst */
static void own_table(void)
{
	unsigned char *table = malloc(65536);
	FILE *file = fopen("/sys/firmware/acpi/tables/DMAR", "r");
	size_t length;
	int control;
	char *text;

	REQUIRE(table && file);
	length = fread(table, 1, 65536, file);
	fclose(file);
	load(table, length);
	control = control_open();
	EXPECT(lab_info(control).endpoints > 0);
	dma_at_each_endpoint(control);
	close(control);
	text = debugfs_text("dmar");
	EXPECT(!strncmp(text, "source: " TABLE_FILE "\n", strlen("source: " TABLE_FILE "\n")));
	free(text);
}

static void off(void)
{
	size_t length;
	unsigned char *table = table_in_order(0, 1, &length);
	int control;

	REQUIRE_EQ(table_put(table, length), 0);
	REQUIRE_EQ(module_load("mode=off " TOPOLOGY), 0);
	control = control_open();
	EXPECT_EQ(lab_info(control).units, 0);
	EXPECT_EQ(lab_info(control).endpoints, ARRAY_SIZE(machine));
	EXPECT_EQ(count_devices("10000:"), 0);
	close(control);
}

static const struct test_case cases[] = {
	{ "N7 any order of a table is the same machine", any_order, NULL, 120, true },
	{ "functions are where paths, root buses and segments say", functions,
	  NULL, 0, true },
	{ "an endpoint has all its regions, and no other one", regions, NULL, 0, true },
	{ "a region may be larger than memory", large_region, NULL, 0, true },
	{ "a region where the machine has RAM leaves that alone", region_in_ram,
	  NULL, 0, true },
	{ "tables that cannot be a machine are refused with a sentence", refusals,
	  NULL, 0, true },
	{ "units without any function", no_function, NULL, 0, true },
	{ "the table of the machine itself", own_table, NULL, 0, true },
	{ "a table without units that translate", off, NULL, 0, true },
};

int main(void)
{
	return RUN_CASES(cases);
}
