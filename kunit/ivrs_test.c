// SPDX-License-Identifier: GPL-2.0
/*
 * firmware/: IVRS, a table with each form of block and entry, and each finding; and the
 * header, which all tables have.
 */
#include "../iommu_lab/firmware/bytes.h"
#include "acpi_help.h"
#include "firmware_help.h"
#include "suites.h"

#define UNIT	0xfeb80000ULL

/* type, flags, length, device, capability, base, segment, info */
static void add_ivhd(struct lab_bytes *table, u8 type, u16 length)
{
	lab_acpi_add(table, type, 1);
	lab_acpi_add(table, 0x30, 1);
	lab_acpi_add(table, length, 2);
	lab_acpi_add(table, 2, 2);
	lab_acpi_add(table, 0x40, 2);
	lab_acpi_add(table, UNIT, 8);
	lab_acpi_add(table, 0, 2);
	lab_acpi_add(table, 0x0a15, 2);
}

/* type, device, data setting */
static void add_entry(struct lab_bytes *table, u8 type, u16 device, u8 setting)
{
	lab_acpi_add(table, type, 1);
	lab_acpi_add(table, device, 2);
	lab_acpi_add(table, setting, 1);
}

/* what aliases and special devices have behind that */
static void add_source(struct lab_bytes *table, u8 handle, u16 source, u8 variety)
{
	lab_acpi_add(table, handle, 1);
	lab_acpi_add(table, source, 2);
	lab_acpi_add(table, variety, 1);
}

static void add_ivmd(struct lab_bytes *table)
{
	lab_acpi_add(table, 0x22, 1);
	lab_acpi_add(table, 3, 1);
	lab_acpi_add(table, 32, 2);
	lab_acpi_add(table, 0x300, 2);
	lab_acpi_add(table, 0x3ff, 2);
	lab_acpi_add(table, 1, 2);
	lab_acpi_add_zeroes(table, 6);
	lab_acpi_add(table, 0x3bc95000, 8);
	lab_acpi_add(table, 0x26000, 8);
}

static struct lab_bytes *sound_ivrs(struct kunit *test)
{
	struct lab_bytes *table = lab_acpi_begin(test, "IVRS", 2);

	lab_acpi_add(table, 0x00203043, 4);
	lab_acpi_add_zeroes(table, 8);

	add_ivhd(table, 0x10, 0x40);			/* 0x30 */
	lab_acpi_add(table, 0x80048f6e, 4);
	add_entry(table, 0x02, 0x0010, 0xd7);		/* 0x48 */
	add_entry(table, 0x03, 0x0018, 0);		/* 0x4c */
	add_entry(table, 0x04, 0x00ff, 0);		/* 0x50 */
	add_entry(table, 0x43, 0x0200, 0);		/* 0x54 */
	add_source(table, 0, 0x00a5, 0);
	add_entry(table, 0x04, 0x02ff, 0);		/* 0x5c */
	add_entry(table, 0x48, 0, 0);			/* 0x60 */
	add_source(table, 0x21, 0x00a0, 1);
	add_entry(table, 0x48, 0, 0);			/* 0x68 */
	add_source(table, 0x22, 0x00a1, 1);

	add_ivhd(table, 0x40, 0x4e);			/* 0x70 */
	lab_acpi_add(table, 0x00042000, 4);
	lab_acpi_add(table, 0x1002, 8);
	lab_acpi_add_zeroes(table, 8);
	add_entry(table, 0x46, 0x0300, 0);		/* 0x98 */
	lab_acpi_add(table, 0x80000000, 4);
	add_entry(table, 0xf0, 0x00a5, 0x40);		/* 0xa0 */
	lab_acpi_add_text(table, "AMDI0020", 8);
	lab_acpi_add_zeroes(table, 8);
	lab_acpi_add(table, 1, 1);
	lab_acpi_add(table, 8, 1);
	lab_acpi_add(table, 0x1122334455667788, 8);

	add_ivmd(table);				/* 0xbe */
	lab_acpi_repair(table);
	return table;
}

static void ivrs_values(struct kunit *test)
{
	struct lab_bytes *table = sound_ivrs(test);

	lab_acpi_expect_clean(test, table);
	lab_acpi_expect(test, table, 0, "IVRS", "physical_address_size", 48);
	lab_acpi_expect(test, table, 0, "IVRS", "virtual_address_size", 64);
	lab_acpi_expect(test, table, 0x30, "ivhd-10", "base_address", UNIT);
	lab_acpi_expect(test, table, 0x30, "ivhd-10", "features", 0x80048f6e);
	lab_acpi_expect(test, table, 0x30, "ivhd-10", "unit_id", 10);
	lab_acpi_expect(test, table, 0x48, "select", "data_setting", 0xd7);
	lab_acpi_expect(test, table, 0x48, "select", "system_management", 1);
	lab_acpi_expect(test, table, 0x4c, "range-start", "device_id", 0x18);
	lab_acpi_expect(test, table, 0x50, "range-end", "device_id", 0xff);
	lab_acpi_expect(test, table, 0x54, "alias-range-start", "source_device_id", 0xa5);
	lab_acpi_expect(test, table, 0x60, "special", "handle", 0x21);
	lab_acpi_expect(test, table, 0x60, "special", "source_device_id", 0xa0);
	lab_acpi_expect(test, table, 0x70, "ivhd-40", "attributes", 0x00042000);
	lab_acpi_expect(test, table, 0x70, "ivhd-40", "efr_image", 0x1002);
	lab_acpi_expect(test, table, 0x98, "extended", "ats_disabled", 1);
	lab_acpi_expect(test, table, 0xa0, "acpi-hid", "hid",
			lab_get_le64((const u8 *)"AMDI0020"));
	lab_acpi_expect(test, table, 0xa0, "acpi-hid", "uid", 0x1122334455667788);
	lab_acpi_expect(test, table, 0xbe, "ivmd-range", "auxiliary_data", 0x3ff);
	lab_acpi_expect(test, table, 0xbe, "ivmd-range", "memory_length", 0x26000);
}

static const struct lab_acpi_damage ivrs_damages[] = {
	{ 4, 47, 4, "table-length", LAB_ERROR, 4 },
	{ 4, 0xdf, 4, "table-length", LAB_ERROR, 4 },
	{ 4, 0x80000000, 4, "table-length", LAB_ERROR, 4 },
	{ 8, 3, 1, "revision", LAB_WARNING, 8 },
	{ 8, 255, 1, "revision", LAB_WARNING, 8 },
	{ 8, 1, 1, "ivhd-revision", LAB_NOTE, 0x70 },
	{ 0x27, 0x80, 1, "reserved", LAB_NOTE, 0x24 },
	{ 0x29, 1, 1, "reserved", LAB_NOTE, 0x29 },
	{ 0x71, 0x40, 1, "reserved", LAB_NOTE, 0x71 },
	{ 0x84, 0x02, 1, "reserved", LAB_NOTE, 0x84 },
	{ 0x87, 0x10, 1, "reserved", LAB_NOTE, 0x84 },
	/* blocks: no length ends the walk, a wrong one too */
	{ 0x32, 0, 2, "structure-length", LAB_ERROR, 0x30 },
	{ 0x32, 3, 2, "structure-length", LAB_ERROR, 0x30 },
	{ 0x32, 0x14, 2, "structure-length", LAB_ERROR, 0x30 },
	{ 0xc0, 0x21, 2, "structure-overrun", LAB_ERROR, 0xbe },
	{ 0xc0, 0xffff, 2, "structure-overrun", LAB_ERROR, 0xbe },
	{ 0xbe, 0x51, 1, "structure-unknown", LAB_NOTE, 0xbe },
	{ 0x36, 0x41, 2, "capability", LAB_WARNING, 0x36 },
	{ 0x38, 0, 8, "base", LAB_WARNING, 0x38 },
	{ 0x38, UNIT + 0x1000, 8, "base", LAB_WARNING, 0x38 },
	{ 0x38, UNIT + 0x4000, 8, "ivhd-disagree", LAB_WARNING, 0x74 },
	{ 0x34, 3, 2, "ivhd-disagree", LAB_WARNING, 0x74 },
	{ 0x70, 0x10, 1, "duplicate", LAB_WARNING, 0x70 },
	/* entries */
	{ 0x48, 0x80, 1, "entry-length", LAB_ERROR, 0x48 },
	{ 0xb5, 9, 1, "entry-overrun", LAB_ERROR, 0xa0 },
	{ 0x48, 0x05, 1, "entry-unknown", LAB_NOTE, 0x48 },
	{ 0x50, 0x02, 1, "entry-range", LAB_WARNING, 0x4c },
	{ 0x48, 0x04, 1, "entry-range", LAB_WARNING, 0x48 },
	{ 0x51, 0x17, 2, "entry-range", LAB_WARNING, 0x51 },
	{ 0x68, 0x43, 1, "entry-range", LAB_WARNING, 0x68 },
	{ 0x67, 3, 1, "entry-variety", LAB_WARNING, 0x67 },
	{ 0x6c, 0x21, 1, "entry-duplicate", LAB_WARNING, 0x6c },
	{ 0xa4, 0, 1, "entry-hid", LAB_WARNING, 0xa4 },
	{ 0xb4, 3, 1, "entry-uid", LAB_WARNING, 0xb4 },
	{ 0xb4, 0, 1, "entry-uid", LAB_WARNING, 0xb5 },
	/* memory */
	{ 0xbf, 9, 1, "ivmd-flags", LAB_WARNING, 0xbf },
	{ 0xbf, 6, 1, "ivmd-flags", LAB_WARNING, 0xbf },
	{ 0xc4, 0x2ff, 2, "range", LAB_ERROR, 0xc2 },
	{ 0xd6, 0, 8, "memory-length", LAB_WARNING, 0xd6 },
	{ 0xd6, ~0ULL, 8, "memory-range", LAB_ERROR, 0xce },
	{ 0xce, 0x3bc95800, 8, "memory-alignment", LAB_WARNING, 0xce },
	{ 0xce, 1ULL << 48, 8, "address-width", LAB_WARNING, 0xce },
};

static void ivrs_damaged(struct kunit *test)
{
	lab_acpi_expect_damage(test, sound_ivrs(test), ivrs_damages,
			       ARRAY_SIZE(ivrs_damages));
}

static void ivrs_survives(struct kunit *test)
{
	lab_acpi_survive(test, sound_ivrs(test));
}

/* A block of a type that nobody knows hides nothing of those behind it. */
static void unknown_block(struct kunit *test)
{
	struct lab_bytes *table = sound_ivrs(test);

	table->bytes[0x30] = 0x51;
	lab_acpi_repair(table);
	lab_acpi_expect(test, table, 0x30, "unknown", "type", 0x51);
	lab_acpi_expect(test, table, 0x30, "unknown", "data",
			lab_get_le64(table->bytes + 0x34));
	lab_acpi_expect(test, table, 0x70, "ivhd-40", "base_address", UNIT);
}

static void expect_one(struct kunit *test, const struct lab_bytes *table, u32 length,
		       const char *check, enum lab_severity severity, u32 at)
{
	struct lab_noted *noted = lab_acpi_note(test, table, length, 0, NULL);

	KUNIT_ASSERT_EQ(test, noted->findings.nr, 1);
	KUNIT_EXPECT_STREQ(test, noted->findings.list[0].check, check);
	KUNIT_EXPECT_EQ(test, noted->findings.list[0].severity, severity);
	KUNIT_EXPECT_EQ(test, noted->findings.list[0].offset, at);
}

static void trailing_bytes(struct kunit *test)
{
	struct lab_bytes *table = lab_acpi_begin(test, "IVRS", 1);

	lab_acpi_add_zeroes(table, 12);
	add_ivhd(table, 0x10, 0x1f);
	lab_acpi_add(table, 0, 4);
	add_entry(table, 0x01, 0, 0);
	lab_acpi_add_zeroes(table, 3);
	lab_acpi_repair(table);
	expect_one(test, table, table->length, "entry-trailing", LAB_WARNING, 0x4c);

	table = sound_ivrs(test);
	lab_acpi_add_zeroes(table, 3);
	lab_acpi_repair(table);
	expect_one(test, table, table->length, "structure-trailing", LAB_WARNING, 0xde);
}

static void no_ivhd(struct kunit *test)
{
	struct lab_bytes *table = lab_acpi_begin(test, "IVRS", 1);

	lab_acpi_add_zeroes(table, 12);
	add_ivmd(table);
	lab_acpi_repair(table);
	expect_one(test, table, table->length, "ivhd-none", LAB_WARNING, 0x30);
}

static void header_checks(struct kunit *test)
{
	struct lab_bytes *table = sound_ivrs(test);
	struct lab_findings findings;

	expect_one(test, table, 47, "header-length", LAB_ERROR, 0);
	expect_one(test, table, 48, "table-length", LAB_ERROR, 4);
	table->bytes[9]++;
	expect_one(test, table, table->length, "checksum", LAB_ERROR, 9);
	KUNIT_EXPECT_PTR_EQ(test, lab_acpi_format_of("IVRS", 4), &lab_ivrs_format);
	KUNIT_EXPECT_NULL(test, lab_acpi_format_of("IVRS", 3));
	KUNIT_EXPECT_NULL(test, lab_acpi_format_of("DMAR", 4));

	KUNIT_ASSERT_EQ(test, 0, lab_findings_init(&findings));
	KUNIT_EXPECT_FALSE(test, lab_acpi_header(&lab_viot_format, table->bytes,
						 table->length, &findings));
	KUNIT_EXPECT_EQ(test, findings.nr, 1);
	KUNIT_EXPECT_STREQ(test, findings.list[0].check, "signature");
	lab_findings_free(&findings);
}

/* Bytes behind the length field are not the table's. */
static void longer_than_its_length(struct kunit *test)
{
	struct lab_bytes *table = sound_ivrs(test);
	struct lab_noted *noted;

	noted = lab_acpi_note(test, table, table->length + 64, 0xbe, "memory_length");
	KUNIT_EXPECT_EQ(test, noted->result, 0);
	KUNIT_EXPECT_EQ(test, noted->value, 0x26000);
	KUNIT_EXPECT_EQ(test, noted->findings.nr, 0);
}

static struct kunit_case cases[] = {
	LAB_FW_CASE(ivrs_values, "IVRS each field of each block and entry"),
	LAB_FW_CASE(ivrs_damaged, "IVRS each change of a byte leads to its finding"),
	LAB_FW_CASE(ivrs_survives, "IVRS cut at each byte, and with other bytes"),
	LAB_FW_CASE(unknown_block, "IVRS block of unknown type is skipped and listed"),
	LAB_FW_CASE(trailing_bytes, "IVRS bytes behind the last entry and the last block"),
	LAB_FW_CASE(no_ivhd, "IVRS without an IOMMU"),
	LAB_FW_CASE(header_checks, "ACPI header"),
	LAB_FW_CASE(longer_than_its_length, "ACPI table in a longer buffer"),
	{ }
};

struct kunit_suite lab_ivrs_suite = {
	.name = "ivrs",
	.test_cases = cases,
};
