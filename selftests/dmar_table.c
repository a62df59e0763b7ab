// SPDX-License-Identifier: GPL-2.0
/*
 * DMAR tables whose bytes are laid out here, by VT-d 8.1 to 8.9: what the module
 * makes of them is seen in debugfs, and what it refuses. Shares nothing with the
 * module's builder.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "function.h"
#include "lab.h"
#include "sys.h"
#include "topology.h"

#define FILE_NAME	"iommu_lab_bytes.dmar"
#define PARAMS		"topology=" FILE_NAME
#define HEADER		48u
#define REGION		0xfd000000ull
#define REGION_LIMIT	0xfd002fffull

enum { AT_LENGTH = 4, AT_REVISION = 8, AT_CHECKSUM = 9, AT_WIDTH = 36, AT_FLAGS = 37 };

static u8 table[1024];
static u32 length;

static void put(u64 value, unsigned int bytes)
{
	while (bytes--) {
		table[length++] = value;
		value >>= 8;
	}
}

static void patch(u32 at, u64 value, unsigned int bytes)
{
	u32 end = length;

	length = at;
	put(value, bytes);
	length = end;
}

static void begin(void)
{
	memset(table, 0, sizeof(table));
	memcpy(table, "DMAR", 4);
	table[AT_REVISION] = 1;
	memcpy(table + 10, "SELFTS", 6);
	memcpy(table + 16, "BYTES   ", 8);
	table[AT_WIDTH] = 0x26;
	table[AT_FLAGS] = 1;
	length = HEADER;
}

static u32 structure(u32 type, u32 bytes)
{
	put(type, 2);
	put(bytes, 2);
	return length - 4;
}

static void drhd(u32 segment, u64 base, u8 flags, u8 size, u32 scopes)
{
	structure(0, 16 + scopes);
	put(flags, 1);
	put(size, 1);
	put(segment, 2);
	put(base, 8);
}

static void rmrr(u64 base, u64 limit, u32 scopes)
{
	structure(1, 24 + scopes);
	put(0, 4);
	put(base, 8);
	put(limit, 8);
}

/* hops: device and function of each */
static void scope(u8 type, u8 id, u8 bus, const u8 *hops, u8 nr)
{
	put(type, 1);
	put(6 + 2 * nr, 1);
	put(0, 2);
	put(id, 1);
	put(bus, 1);
	for (u8 i = 0; i < 2 * nr; i++)
		put(hops[i], 1);
}

static void write_bytes(u32 bytes)
{
	FILE *file;

	mkdir("/lib/firmware", 0755);
	file = fopen("/lib/firmware/" FILE_NAME, "w");
	REQUIRE(file);
	REQUIRE_EQ(fwrite(table, 1, bytes, file), bytes);
	REQUIRE_EQ(fclose(file), 0);
}

static void seal(void)
{
	u8 sum = 0;

	patch(AT_CHECKSUM, 0, 1);
	for (u32 i = 0; i < length; i++)
		sum += table[i];
	patch(AT_CHECKSUM, -sum, 1);
}

static void finish(void)
{
	patch(AT_LENGTH, length, 4);
	seal();
	write_bytes(length);
}

static void one_unit(void)
{
	begin();
	drhd(0, 0xfed90000, 1, 0, 8);
	scope(3, 2, 0xf0, (u8[]){ 0x1f, 7 }, 1);
	rmrr(REGION, REGION_LIMIT, 8);
	scope(1, 0, 0, (u8[]){ 2, 0 }, 1);
}

static void shows(const char *line)
{
	char *text = debugfs_text("dmar");

	if (!EXPECT(strstr(text, line)))
		note("no \"%s\" in:\n%s", line, text);
	free(text);
}

/* with a line of the log that says what is wrong */
static void refused(u32 bytes, const char *sentence)
{
	int log = kmsg_open();

	write_bytes(bytes);
	if (!EXPECT_EQ(module_load(PARAMS), -EINVAL))
		note("%s", sentence);
	EXPECT(!module_loaded());
	if (!EXPECT_EQ(kmsg_count(log, sentence), 1))
		note("%s", sentence);
	close(log);
}

static void header(void)
{
	one_unit();
	finish();
	REQUIRE_EQ(module_load(PARAMS), 0);
	shows("DMAR revision 1 104 bytes oem \"SELFTS\" \"BYTES   \"\n");
	shows("host address width 39 bits\nflags 0x01 INTR_REMAP\n");
	REQUIRE_EQ(module_unload(), 0);

	refused(47, "error header-length: ");
	memcpy(table, "XXXX", 4);
	seal();
	refused(length, "error signature: ");
	memcpy(table, "DMAR", 4);
	patch(AT_LENGTH, length + 1, 4);
	seal();
	refused(length, "error table-length: ");
	patch(AT_LENGTH, length, 4);
	seal();
	table[AT_CHECKSUM]++;
	refused(length, "error checksum: ");
	/* and nothing else was wrong with it */
	seal();
	write_bytes(length);
	EXPECT_EQ(module_load(PARAMS), 0);
}

static void units(void)
{
	struct iommu_lab_unit_info unit = { .size = sizeof(unit) };
	int control;

	begin();
	drhd(5, 0xfed80000, 1, 0, 0);
	drhd(0, 0xfed91000, 0, 0, 8);
	scope(1, 0, 0x20, (u8[]){ 4, 5 }, 1);
	drhd(0, 0xfedc0000, 1, 2, 0);
	finish();
	REQUIRE_EQ(module_load(PARAMS), 0);
	shows("[0x0030] DRHD 16 bytes segment 0005 registers 0x00000000fed80000 size 0x1000 flags 0x01 INCLUDE_PCI_ALL\n"
	      "[0x0040] DRHD 24 bytes segment 0000 registers 0x00000000fed91000 size 0x1000 flags 0x00\n"
	      "  [0x0050] pci-endpoint flags 0x00 id 0 bus 20 path 04.5\n"
	      "[0x0058] DRHD 16 bytes segment 0000 registers 0x00000000fedc0000 size 0x4000 flags 0x01 INCLUDE_PCI_ALL\n");
	control = control_open();
	REQUIRE_EQ(lab_info(control).units, 3);
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_UNIT_INFO, &unit), 0);
	EXPECT_EQ(unit.base, 0xfed80000);
	EXPECT_EQ(unit.segment, 5);
	/* one for each unit of all functions */
	EXPECT_EQ(lab_info(control).endpoints, 3);
	EXPECT_EQ(endpoint_at(control, 5, 1 << 3).unit, 0);
	EXPECT_EQ(endpoint_at(control, 0, 0x2025).unit, 1);
	EXPECT_EQ(endpoint_at(control, 0, 1 << 3).unit, 2);
	close(control);
}

static void region(void)
{
	struct iommu_lab_iova_range got[8];
	struct iommu_lab_iova_ranges ranges = {
		.size = sizeof(ranges),
		.nr_ranges = ARRAY_SIZE(got),
		.ranges = (uintptr_t)got,
	};
	u64 value = 0x1122334455667788ull, back = 0;
	int control, endpoint, domain;

	one_unit();
	finish();
	REQUIRE_EQ(module_load(PARAMS), 0);
	shows("RMRR 32 bytes segment 0000 memory 0x00000000fd000000-0x00000000fd002fff\n");
	control = control_open();
	endpoint = endpoint_open(endpoint_at(control, 0, 2 << 3).index);
	/* before it is attached: to its last byte, and not to the next one */
	EXPECT_EQ(dma_write(endpoint, REGION_LIMIT - 7, &value, 8).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_read(endpoint, REGION_LIMIT - 7, &back, 8).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(back, value);
	EXPECT_EQ(dma_peek(endpoint, REGION), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_peek(endpoint, REGION_LIMIT + 1), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(dma_peek(endpoint, REGION - 1), IOMMU_LAB_DMA_FAULT);

	domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE(domain >= 0);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	REQUIRE_EQ(lab_ioctl(domain, IOMMU_LAB_IOVA_RANGES, &ranges), 0);
	REQUIRE_EQ(ranges.nr_ranges, 3);
	EXPECT_EQ(got[0].last + 1, REGION);
	EXPECT_EQ(got[1].start, REGION_LIMIT + 1);
	EXPECT_EQ(dma_peek(endpoint, REGION_LIMIT), IOMMU_LAB_DMA_OK);
	close(domain);
	close(endpoint);
	close(control);
}

/* a bridge for each hop but the last one */
static void path(void)
{
	static const u8 hops[] = { 0x1c, 4, 0, 0, 2, 1, 0, 0, 3, 6 };
	char *route;
	int control;

	begin();
	drhd(0, 0xfed90000, 0, 0, 6 + sizeof(hops));
	scope(1, 9, 0, hops, sizeof(hops) / 2);
	drhd(0, 0xfed91000, 1, 0, 0);
	finish();
	REQUIRE_EQ(module_load(PARAMS), 0);
	shows("  [0x0040] pci-endpoint flags 0x00 id 9 bus 00 path 1c.4/00.0/02.1/00.0/03.6\n");
	control = control_open();
	EXPECT_EQ(endpoint_at(control, 0, 0x041e).unit, 0);
	route = realpath("/sys/bus/pci/devices/10000:04:03.6", NULL);
	if (!EXPECT(route && strstr(route, "/10000:00:1c.4/10000:01:00.0/10000:02:02.1/10000:03:00.0/10000:04:03.6")))
		note("%s", route ? route : "no such device");
	free(route);
	dma_at_each_endpoint(control);
	close(control);
}

static void every_structure(void)
{
	begin();
	drhd(0, 0xfed90000, 0, 0, 40);
	scope(1, 0, 0, (u8[]){ 2, 0 }, 1);
	scope(2, 0, 0, (u8[]){ 3, 0 }, 1);
	scope(3, 8, 0xf0, (u8[]){ 0x1f, 0 }, 1);
	scope(4, 1, 0xf0, (u8[]){ 0x1f, 1 }, 1);
	scope(5, 1, 0, (u8[]){ 4, 0 }, 1);
	drhd(0, 0xfed91000, 1, 0, 0);
	rmrr(REGION, REGION_LIMIT, 8);
	scope(1, 0, 0, (u8[]){ 2, 0 }, 1);
	structure(2, 8 + 8);
	put(0, 4);
	scope(2, 0, 0, (u8[]){ 3, 0 }, 1);
	structure(3, 20);
	put(0, 4);
	put(0xfed91000, 8);
	put(7, 4);
	structure(4, 8 + 12);
	put(0, 3);
	put(1, 1);
	memcpy(table + length, "\\_SB.I2C0\0\0", 12);
	length += 12;
	structure(5, 8 + 8);
	put(1, 4);
	scope(1, 0, 0, (u8[]){ 2, 0 }, 1);
	structure(6, 8 + 8);
	put(0, 4);
	scope(1, 0, 0, (u8[]){ 2, 0 }, 1);
	structure(0x55, 12);
	put(0x0123456789abcdefull, 8);
	finish();
	REQUIRE_EQ(module_load(PARAMS), 0);
	shows("[0x0030] DRHD 56 bytes segment 0000 registers 0x00000000fed90000 size 0x1000 flags 0x00\n"
	      "  [0x0040] pci-endpoint flags 0x00 id 0 bus 00 path 02.0\n"
	      "  [0x0048] pci-bridge flags 0x00 id 0 bus 00 path 03.0\n"
	      "  [0x0050] ioapic flags 0x00 id 8 bus f0 path 1f.0\n"
	      "  [0x0058] hpet flags 0x00 id 1 bus f0 path 1f.1\n"
	      "  [0x0060] acpi-namespace flags 0x00 id 1 bus 00 path 04.0\n"
	      "[0x0068] DRHD 16 bytes segment 0000 registers 0x00000000fed91000 size 0x1000 flags 0x01 INCLUDE_PCI_ALL\n"
	      "[0x0078] RMRR 32 bytes segment 0000 memory 0x00000000fd000000-0x00000000fd002fff\n"
	      "  [0x0090] pci-endpoint flags 0x00 id 0 bus 00 path 02.0\n"
	      "[0x0098] ATSR 16 bytes segment 0000 flags 0x00\n"
	      "  [0x00a0] pci-bridge flags 0x00 id 0 bus 00 path 03.0\n"
	      "[0x00a8] RHSA 20 bytes registers 0x00000000fed91000 proximity domain 7\n"
	      "[0x00bc] ANDD 20 bytes number 1 name \"\\_SB.I2C0\"\n"
	      "[0x00d0] SATC 16 bytes segment 0000 flags 0x01 ATC_REQUIRED\n"
	      "  [0x00d8] pci-endpoint flags 0x00 id 0 bus 00 path 02.0\n"
	      "[0x00e0] SIDP 16 bytes segment 0000\n"
	      "  [0x00e8] pci-endpoint flags 0x00 id 0 bus 00 path 02.0\n"
	      "[0x00f0] unknown type 0x55 12 bytes\n");
}

static const struct test_case cases[] = {
	{ "V1 the header is read, and a wrong one is refused", header, NULL, 0, true },
	{ "V2 units have the segment, registers, size and flags of the bytes", units,
	  NULL, 0, true },
	{ "V3 a region is from base to limit, before it is attached and after", region,
	  NULL, 0, true },
	{ "V4 a path of five hops is whole, and leads through four bridges", path,
	  NULL, 0, true },
	{ "V5 each type of structure, and one that nobody knows", every_structure,
	  NULL, 0, true },
};

int main(void)
{
	return RUN_CASES(cases);
}
