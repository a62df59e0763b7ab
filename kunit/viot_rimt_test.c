// SPDX-License-Identifier: GPL-2.0
/* firmware/: VIOT and RIMT, a table with each type of node, and each finding. */
#include "../iommu_lab/firmware/bytes.h"
#include "acpi_help.h"
#include "firmware_help.h"
#include "suites.h"

static void add_pci_range(struct lab_bytes *table, u32 endpoint, u16 first, u16 last)
{
	lab_acpi_add(table, 1 | 24 << 16, 4);
	lab_acpi_add(table, endpoint, 4);
	lab_acpi_add(table, 0, 2);
	lab_acpi_add(table, 1, 2);
	lab_acpi_add(table, first, 2);
	lab_acpi_add(table, last, 2);
	lab_acpi_add(table, 0x30, 8);
}

static struct lab_bytes *sound_viot(struct kunit *test)
{
	struct lab_bytes *table = lab_acpi_begin(test, "VIOT", 0);

	lab_acpi_add(table, 7, 2);
	lab_acpi_add(table, 0x30, 2);
	lab_acpi_add_zeroes(table, 8);

	lab_acpi_add(table, 3 | 16 << 16, 4);			/* 0x30 */
	lab_acpi_add(table, 1 | 0x108 << 16, 4);
	lab_acpi_add_zeroes(table, 8);
	add_pci_range(table, 0x10000, 0x100, 0x1ff);		/* 0x40 */
	add_pci_range(table, 0x20000, 0x200, 0x2ff);		/* 0x58 */
	lab_acpi_add(table, 4 | 16 << 16, 8);			/* 0x70 */
	lab_acpi_add(table, 0x1fe000000, 8);
	lab_acpi_add(table, 2 | 24 << 16 | 0x30000ULL << 32, 8);	/* 0x80 */
	lab_acpi_add(table, 0x1fd000000, 8);
	lab_acpi_add(table, 0x70, 8);
	lab_acpi_add(table, 4 | 16 << 16, 8);			/* 0x98 */
	lab_acpi_add(table, 0x1fe001000, 8);
	lab_acpi_add(table, 3 | 16 << 16, 4);			/* 0xa8 */
	lab_acpi_add(table, 1 | 0x110 << 16, 12);
	lab_acpi_repair(table);
	return table;
}

static void viot_values(struct kunit *test)
{
	struct lab_bytes *table = sound_viot(test);

	lab_acpi_expect_clean(test, table);
	lab_acpi_expect(test, table, 0x30, "virtio-iommu-pci", "bdf", 0x108);
	lab_acpi_expect(test, table, 0x40, "pci-range", "endpoint_start", 0x10000);
	lab_acpi_expect(test, table, 0x58, "pci-range", "segment_end", 1);
	lab_acpi_expect(test, table, 0x58, "pci-range", "bdf_end", 0x2ff);
	lab_acpi_expect(test, table, 0x58, "pci-range", "output_node", 0x30);
	lab_acpi_expect(test, table, 0x70, "virtio-iommu-mmio", "base_address", 0x1fe000000);
	lab_acpi_expect(test, table, 0x80, "mmio-endpoint", "endpoint", 0x30000);
	lab_acpi_expect(test, table, 0x80, "mmio-endpoint", "base_address", 0x1fd000000);
}

static const struct lab_acpi_damage viot_damages[] = {
	{ 8, 1, 1, "revision", LAB_WARNING, 8 },
	{ 0x24, 6, 2, "node-count", LAB_WARNING, 0xa8 },
	{ 0x24, 8, 2, "node-count", LAB_ERROR, 0x24 },
	{ 0x26, 0x28, 2, "node-offset", LAB_ERROR, 0x26 },
	{ 0x31, 1, 1, "reserved", LAB_NOTE, 0x31 },
	{ 0x42, 20, 2, "structure-length", LAB_ERROR, 0x40 },
	{ 0x4e, 0xff, 2, "range", LAB_ERROR, 0x48 },
	{ 0x48, 2, 2, "range", LAB_ERROR, 0x48 },
	{ 0x64, 0x1ff, 2, "range-overlap", LAB_WARNING, 0x58 },
	{ 0x50, 0x40, 2, "reference-type", LAB_ERROR, 0x50 },
	{ 0x90, 0x31, 2, "reference", LAB_ERROR, 0x90 },
	{ 0x78, 0, 8, "base", LAB_WARNING, 0x78 },
	{ 0x78, 0x1fe001000, 8, "duplicate", LAB_WARNING, 0xa0 },
	{ 0xae, 0x108, 2, "duplicate", LAB_WARNING, 0xac },
};

static void viot_damaged(struct kunit *test)
{
	lab_acpi_expect_damage(test, sound_viot(test), viot_damages,
			       ARRAY_SIZE(viot_damages));
}

static void viot_survives(struct kunit *test)
{
	lab_acpi_survive(test, sound_viot(test));
}

static void begin_node(struct lab_bytes *table, u8 type, u16 length, u16 id)
{
	lab_acpi_add(table, type, 1);
	lab_acpi_add(table, 1, 1);
	lab_acpi_add(table, length, 2);
	lab_acpi_add(table, 0, 2);
	lab_acpi_add(table, id, 2);
}

static void add_mapping(struct lab_bytes *table, u32 first, u32 count, u32 flags)
{
	lab_acpi_add(table, first, 4);
	lab_acpi_add(table, count, 4);
	lab_acpi_add(table, 0x200, 4);
	lab_acpi_add(table, 0x30, 4);
	lab_acpi_add(table, flags, 4);
}

static struct lab_bytes *sound_rimt(struct kunit *test)
{
	struct lab_bytes *table = lab_acpi_begin(test, "RIMT", 1);

	lab_acpi_add(table, 3, 4);
	lab_acpi_add(table, 0x30, 4);
	lab_acpi_add_zeroes(table, 4);

	begin_node(table, 0, 48, 10);			/* 0x30 */
	lab_acpi_add_text(table, "RSCV0004", 8);
	lab_acpi_add(table, 0x3010000, 8);
	lab_acpi_add(table, 2, 4);
	lab_acpi_add(table, 5, 4);
	lab_acpi_add_zeroes(table, 4);
	lab_acpi_add(table, 1 | 40 << 16, 4);
	lab_acpi_add(table, 0x24 | 3ULL << 32, 8);	/* 0x58 */
	begin_node(table, 1, 60, 11);			/* 0x60 */
	lab_acpi_add(table, 3, 6);
	lab_acpi_add(table, 7, 2);
	lab_acpi_add(table, 20 | 2 << 16, 4);
	add_mapping(table, 0, 0x100, 1);		/* 0x74 */
	add_mapping(table, 0x100, 0xff00, 0);		/* 0x88 */
	begin_node(table, 2, 40, 12);			/* 0x9c */
	lab_acpi_add(table, 20 | 1 << 16, 4);
	lab_acpi_add_text(table, "\\_SB.D", 8);
	add_mapping(table, 0, 1, 0);			/* 0xb0 */
	lab_acpi_repair(table);
	return table;
}

static void rimt_values(struct kunit *test)
{
	struct lab_bytes *table = sound_rimt(test);

	lab_acpi_expect_clean(test, table);
	lab_acpi_expect(test, table, 0x30, "iommu", "hardware_id",
			lab_get_le64((const u8 *)"RSCV0004"));
	lab_acpi_expect(test, table, 0x30, "iommu", "base_address", 0x3010000);
	lab_acpi_expect(test, table, 0x30, "iommu", "proximity_domain_valid", 1);
	lab_acpi_expect(test, table, 0x58, "wire", "interrupt", 0x24);
	lab_acpi_expect(test, table, 0x58, "wire", "active_high", 1);
	lab_acpi_expect(test, table, 0x60, "root-complex", "segment", 7);
	lab_acpi_expect(test, table, 0x74, "mapping", "ats_required", 1);
	lab_acpi_expect(test, table, 0x88, "mapping", "id_count", 0xff00);
	lab_acpi_expect(test, table, 0x9c, "platform-device", "name",
			lab_get_le64((const u8 *)"\\_SB.D\0"));
	lab_acpi_expect(test, table, 0xb0, "mapping", "output_base", 0x200);
}

static const struct lab_acpi_damage rimt_damages[] = {
	{ 0x28, 0x20, 4, "node-offset", LAB_ERROR, 0x28 },
	{ 0x40, 0, 8, "base", LAB_WARNING, 0x40 },
	{ 0x54, 2, 2, "array-overrun", LAB_ERROR, 0x30 },
	{ 0x56, 8, 2, "array-offset", LAB_ERROR, 0x56 },
	{ 0x66, 10, 2, "identifier", LAB_WARNING, 0x66 },
	{ 0x68, 2, 4, "mapping-required", LAB_WARNING, 0x84 },
	{ 0x70, 8, 2, "array-offset", LAB_ERROR, 0x70 },
	{ 0x72, 0, 2, "mapping-none", LAB_WARNING, 0x70 },
	{ 0x72, 3, 2, "array-overrun", LAB_ERROR, 0x60 },
	{ 0x78, 0, 4, "mapping-empty", LAB_WARNING, 0x78 },
	/* the count is the IDs: one more, and they overlap */
	{ 0x78, 0x101, 4, "mapping-overlap", LAB_WARNING, 0x88 },
	{ 0x80, 0x60, 4, "reference-type", LAB_ERROR, 0x80 },
	{ 0x84, 5, 1, "reserved", LAB_NOTE, 0x84 },
	{ 0xa4, 8, 2, "array-offset", LAB_ERROR, 0x9c },
	{ 0xa8, 'X', 1, "name", LAB_WARNING, 0xa8 },
};

static void rimt_damaged(struct kunit *test)
{
	lab_acpi_expect_damage(test, sound_rimt(test), rimt_damages,
			       ARRAY_SIZE(rimt_damages));
}

static void rimt_survives(struct kunit *test)
{
	lab_acpi_survive(test, sound_rimt(test));
}

static struct kunit_case cases[] = {
	LAB_FW_CASE(viot_values, "VIOT each field of each node"),
	LAB_FW_CASE(viot_damaged, "VIOT each change of a byte leads to its finding"),
	LAB_FW_CASE(viot_survives, "VIOT cut at each byte, and with other bytes"),
	LAB_FW_CASE(rimt_values, "RIMT each field of each node"),
	LAB_FW_CASE(rimt_damaged, "RIMT each change of a byte leads to its finding"),
	LAB_FW_CASE(rimt_survives, "RIMT cut at each byte, and with other bytes"),
	{ }
};

struct kunit_suite lab_viot_rimt_suite = {
	.name = "viot_rimt",
	.test_cases = cases,
};
