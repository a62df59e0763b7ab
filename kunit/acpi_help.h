/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of IVRS, IORT, VIOT and RIMT share: a builder of bytes, and a reading
 * that notes each field. A table under test is always in memory of exactly its length:
 * a read behind it is a KASAN report.
 */
#ifndef IOMMU_LAB_KUNIT_ACPI_HELP_H
#define IOMMU_LAB_KUNIT_ACPI_HELP_H

#include <kunit/test.h>

#include "../iommu_lab/firmware/acpi_table.h"

#define LAB_ACPI_ROOM	1024	/* bytes of the longest table that is built */

/**
 * struct lab_bytes - a table in the making
 * @bytes: the table
 * @length: how much there is of it
 * @structure: offset of the last structure that began
 */
struct lab_bytes {
	u8 bytes[LAB_ACPI_ROOM];
	u32 length;
	u32 structure;
};

/**
 * struct lab_noted - what a reading told
 * @structures: how many
 * @fields: how many
 * @wanted: name of a field of the structure at @wanted_at, whose value is noted
 * @wanted_at: offset of that structure
 * @value: of the field; the first 8 bytes of text
 * @found: how often the field was there
 * @kind: of the structure at @wanted_at
 * @at: offsets of the structures that are open
 * @depth: how many are open
 * @findings: what was found, until the test ends
 * @result: what lab_acpi_read() returned
 */
struct lab_noted {
	u32 structures;
	u32 fields;
	const char *wanted;
	u32 wanted_at;
	u64 value;
	u32 found;
	const char *kind;
	u32 at[8];
	u32 depth;
	struct lab_findings findings;
	int result;
};

/* Each returns the table, and lives as long as @test. */
struct lab_bytes *lab_acpi_begin(struct kunit *test, const char *signature,
				 u8 revision);
void lab_acpi_add(struct lab_bytes *table, u64 value, u32 size);
void lab_acpi_add_zeroes(struct lab_bytes *table, u32 size);
void lab_acpi_add_text(struct lab_bytes *table, const char *text, u32 size);
void lab_acpi_set(struct lab_bytes *table, u32 offset, u64 value, u32 size);
void lab_acpi_repair(struct lab_bytes *table);

struct lab_noted *lab_acpi_note(struct kunit *test, const struct lab_bytes *table,
				u32 length, u32 wanted_at, const char *wanted);
void lab_acpi_expect(struct kunit *test, const struct lab_bytes *table, u32 at,
		     const char *kind, const char *field, u64 value);
void lab_acpi_expect_clean(struct kunit *test, const struct lab_bytes *table);
void lab_acpi_survive(struct kunit *test, const struct lab_bytes *table);

/**
 * struct lab_acpi_damage - a change to a sound table, and the finding that it leads to
 * @offset: where
 * @value: the new value
 * @size: its bytes
 * @check: id of a finding
 * @severity: its severity
 * @at: its offset
 */
struct lab_acpi_damage {
	u32 offset;
	u64 value;
	u32 size;
	const char *check;
	enum lab_severity severity;
	u32 at;
};

void lab_acpi_expect_damage(struct kunit *test, const struct lab_bytes *table,
			    const struct lab_acpi_damage *damage, u32 count);

#endif
