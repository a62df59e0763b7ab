// SPDX-License-Identifier: GPL-2.0
/*
 * A table as JSON: structures are objects with `kind` and `offset`, then their fields
 * in the order of the table. Numbers of 8 bytes are hexadecimal strings.
 */
#include "acpi_table.h"
#include "bytes.h"

static void write_open(void *ctx, const char *kind, u32 offset)
{
	lab_json_object(ctx, NULL);
	lab_json_string(ctx, "kind", kind);
	lab_json_number(ctx, "offset", offset);
}

static void write_close(void *ctx)
{
	lab_json_end_object(ctx);
}

static void write_list(void *ctx, const char *name)
{
	lab_json_list(ctx, name);
}

static void write_end_list(void *ctx)
{
	lab_json_end_list(ctx);
}

static void write_field(void *ctx, const struct lab_acpi_field *field, u32 offset,
			const u8 *bytes)
{
	struct lab_json *json = ctx;

	switch (field->meaning) {
	case LAB_ACPI_CHARS:
		lab_json_chars(json, field->name, bytes, field->size);
		break;
	case LAB_ACPI_HEX:
	case LAB_ACPI_RESERVED:
		lab_json_hex(json, field->name, bytes, field->size);
		break;
	case LAB_ACPI_NUMBER:
		if (field->size == 1)
			lab_json_number(json, field->name, bytes[0]);
		else if (field->size == 2)
			lab_json_number(json, field->name, lab_get_le16(bytes));
		else if (field->size == 4)
			lab_json_number(json, field->name, lab_get_le32(bytes));
		else
			lab_json_address(json, field->name, lab_get_le64(bytes));
		break;
	}
}

static void write_bits(void *ctx, const char *name, u32 value)
{
	lab_json_number(ctx, name, value);
}

static void write_findings(void *ctx, const struct lab_findings *findings)
{
	lab_findings_json(findings, findings->nr, ctx, "findings");
}

/**
 * lab_acpi_json - a table as JSON, with its findings
 * @format: what it is, of lab_acpi_format_of()
 * @bytes: the table; not changed
 * @length: bytes that may be read at @bytes
 * @json: where the text goes, one object
 *
 * May sleep. Nobody may change @bytes during the call.
 *
 * Return: 0; -EINVAL when there is an error finding: @json has what was sound;
 * -ENOMEM: @json has nothing.
 */
int lab_acpi_json(const struct lab_acpi_format *format, const void *bytes,
		  size_t length, struct lab_json *json)
{
	const struct lab_acpi_visitor visitor = {
		.open = write_open,
		.close = write_close,
		.list = write_list,
		.end_list = write_end_list,
		.field = write_field,
		.bits = write_bits,
		.findings = write_findings,
		.ctx = json,
	};
	struct lab_findings findings;
	int result;

	if (lab_findings_init(&findings))
		return -ENOMEM;
	result = lab_acpi_read(format, bytes, length, &visitor, &findings);
	lab_findings_free(&findings);
	return result;
}
