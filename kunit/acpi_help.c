// SPDX-License-Identifier: GPL-2.0
/*
 * acpi_help.h's functions.
 */
#include <linux/slab.h>

#include "../iommu_lab/firmware/bytes.h"
#include "acpi_help.h"

void lab_acpi_set(struct lab_bytes *table, u32 offset, u64 value, u32 size)
{
	for (; size; size--, value >>= 8)
		table->bytes[offset++] = (u8)value;
}

void lab_acpi_add(struct lab_bytes *table, u64 value, u32 size)
{
	lab_acpi_set(table, table->length, value, size);
	table->length += size;
}

void lab_acpi_add_zeroes(struct lab_bytes *table, u32 size)
{
	table->length += size;
}

/* What the text does not fill is zero. */
void lab_acpi_add_text(struct lab_bytes *table, const char *text, u32 size)
{
	memcpy(table->bytes + table->length, text, min_t(u32, size, strlen(text)));
	table->length += size;
}

struct lab_bytes *lab_acpi_begin(struct kunit *test, const char *signature, u8 revision)
{
	struct lab_bytes *table = kunit_kzalloc(test, sizeof(*table), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, table);
	lab_acpi_add_text(table, signature, 4);
	lab_acpi_add(table, 0, 4);
	lab_acpi_add(table, revision, 1);
	lab_acpi_add(table, 0, 1);
	lab_acpi_add_text(table, "IOMLAB", 6);
	lab_acpi_add_text(table, "KUNIT   ", 8);
	lab_acpi_add(table, 1, 4);
	lab_acpi_add_text(table, "ILAB", 4);
	lab_acpi_add(table, 1, 4);
	return table;
}

/* The length field, and a right checksum. */
void lab_acpi_repair(struct lab_bytes *table)
{
	lab_acpi_set(table, 4, table->length, 4);
	table->bytes[9] = 0;
	table->bytes[9] = (u8)-lab_byte_sum(table->bytes, table->length);
}

static void note_open(void *ctx, const char *kind, u32 offset)
{
	struct lab_noted *noted = ctx;

	noted->structures++;
	noted->at[noted->depth++ % ARRAY_SIZE(noted->at)] = offset;
	if (offset == noted->wanted_at && (offset || noted->depth == 1))
		noted->kind = kind;
}

static void note_close(void *ctx)
{
	struct lab_noted *noted = ctx;

	noted->depth--;
}

static void note_list(void *ctx, const char *name)
{
}

static void note_end_list(void *ctx)
{
}

static void note_field(void *ctx, const struct lab_acpi_field *field, u32 offset,
		       const u8 *bytes)
{
	struct lab_noted *noted = ctx;
	u32 i;

	noted->fields++;
	if (!noted->wanted || strcmp(field->name, noted->wanted) ||
	    noted->at[(noted->depth - 1) % ARRAY_SIZE(noted->at)] != noted->wanted_at)
		return;
	noted->found++;
	noted->value = 0;
	for (i = min_t(u32, field->size, 8); i--;)
		noted->value = noted->value << 8 | bytes[i];
}

static void note_bits(void *ctx, const char *name, u32 value)
{
	struct lab_noted *noted = ctx;

	if (!noted->wanted || strcmp(name, noted->wanted) ||
	    noted->at[(noted->depth - 1) % ARRAY_SIZE(noted->at)] != noted->wanted_at)
		return;
	noted->found++;
	noted->value = value;
}

static void note_findings(void *ctx, const struct lab_findings *findings)
{
}

static void release(void *findings)
{
	lab_findings_free(findings);
}

/* Reads a copy of exactly @length bytes; notes @wanted of the structure at @wanted_at. */
struct lab_noted *lab_acpi_note(struct kunit *test, const struct lab_bytes *table,
				u32 length, u32 wanted_at, const char *wanted)
{
	struct lab_noted *noted = kunit_kzalloc(test, sizeof(*noted), GFP_KERNEL);
	const struct lab_acpi_visitor visitor = {
		.open = note_open,
		.close = note_close,
		.list = note_list,
		.end_list = note_end_list,
		.field = note_field,
		.bits = note_bits,
		.findings = note_findings,
		.ctx = noted,
	};
	const struct lab_acpi_format *format;
	u8 *copy;

	KUNIT_ASSERT_NOT_NULL(test, noted);
	copy = kmalloc(length, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, table->bytes, length);
	noted->wanted = wanted;
	noted->wanted_at = wanted_at;
	format = lab_acpi_format_of(copy, length);
	if (format && !lab_findings_init(&noted->findings))
		noted->result = lab_acpi_read(format, copy, length, &visitor,
					      &noted->findings);
	else
		noted->result = -ENOENT;
	kfree(copy);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, release,
							   &noted->findings));
	KUNIT_EXPECT_EQ(test, noted->depth, 0);
	return noted;
}

/* Is there at @at a structure of this kind, with a field or bits of this value? */
void lab_acpi_expect(struct kunit *test, const struct lab_bytes *table, u32 at,
		     const char *kind, const char *field, u64 value)
{
	struct lab_noted *noted = lab_acpi_note(test, table, table->length, at, field);

	KUNIT_EXPECT_STREQ_MSG(test, noted->kind ? noted->kind : "nothing", kind,
			       "at 0x%x", at);
	KUNIT_EXPECT_EQ_MSG(test, noted->found, 1, "%s at 0x%x", field, at);
	KUNIT_EXPECT_EQ_MSG(test, noted->value, value, "%s at 0x%x", field, at);
}

void lab_acpi_expect_clean(struct kunit *test, const struct lab_bytes *table)
{
	struct lab_noted *noted = lab_acpi_note(test, table, table->length, 0, NULL);

	KUNIT_EXPECT_EQ(test, noted->result, 0);
	KUNIT_ASSERT_EQ_MSG(test, noted->findings.nr, 0, "%s at 0x%x: %s",
			    noted->findings.list[0].check,
			    noted->findings.list[0].offset,
			    noted->findings.list[0].text);
}

static bool has_finding(const struct lab_findings *findings,
			const struct lab_acpi_damage *damage)
{
	u32 i;

	for (i = 0; i < findings->nr; i++) {
		if (!strcmp(findings->list[i].check, damage->check) &&
		    findings->list[i].severity == damage->severity &&
		    findings->list[i].offset == damage->at)
			return true;
	}
	return false;
}

/* Each change alone leads to its finding, and to an error only if that is one. */
void lab_acpi_expect_damage(struct kunit *test, const struct lab_bytes *table,
			    const struct lab_acpi_damage *damage, u32 count)
{
	struct lab_bytes *copy = kunit_kmalloc(test, sizeof(*copy), GFP_KERNEL);
	struct lab_noted *noted;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	for (; count; count--, damage++) {
		*copy = *table;
		lab_acpi_set(copy, damage->offset, damage->value, damage->size);
		copy->bytes[9] = 0;
		copy->bytes[9] = (u8)-lab_byte_sum(copy->bytes, copy->length);
		noted = lab_acpi_note(test, copy, copy->length, 0, NULL);
		KUNIT_EXPECT_TRUE_MSG(test, has_finding(&noted->findings, damage),
				      "byte 0x%x: no %s at 0x%x; first is %s at 0x%x",
				      damage->offset, damage->check, damage->at,
				      noted->findings.list[0].check ?: "none",
				      noted->findings.list[0].offset);
		KUNIT_EXPECT_EQ_MSG(test, noted->result,
				    damage->severity == LAB_ERROR ? -EINVAL : 0,
				    "byte 0x%x", damage->offset);
	}
}

static void ignore_text(void *length, const char *text, size_t size)
{
	*(size_t *)length += size;
}

static void ignore_line(void *longest, const char *line)
{
	*(size_t *)longest = max(*(size_t *)longest, strlen(line));
}

/* Shorter tables, and each byte set to a few values: they end, in all three forms. */
void lab_acpi_survive(struct kunit *test, const struct lab_bytes *table)
{
	static const u8 values[] = { 0, 1, 4, 0x7f, 0xff };
	struct lab_bytes *copy = kunit_kmalloc(test, sizeof(*copy), GFP_KERNEL);
	const struct lab_acpi_format *format = lab_acpi_format_of(table->bytes, 4);
	size_t text = 0, longest = 0;
	struct lab_json json = { .emit = ignore_text, .ctx = &text };
	u8 *exact;
	u32 at, i;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	for (at = 4; at < table->length; at++) {
		exact = kmemdup(table->bytes, at, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, exact);
		KUNIT_EXPECT_EQ(test, lab_acpi_json(format, exact, at, &json), -EINVAL);
		kfree(exact);
		for (i = 0; i < ARRAY_SIZE(values); i++) {
			*copy = *table;
			copy->bytes[at] = values[i];
			exact = kmemdup(copy->bytes, copy->length, GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, exact);
			lab_acpi_print(format, exact, copy->length, ignore_line, &longest);
			kfree(exact);
		}
	}
	KUNIT_EXPECT_GT(test, text, 0);
	KUNIT_EXPECT_GT(test, longest, 0);
	KUNIT_EXPECT_LT(test, longest, 192);
}
