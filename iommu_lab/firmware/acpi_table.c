// SPDX-License-Identifier: GPL-2.0
/* The walk over a table, and what all formats tell the visitor the same way. */
#include "acpi_table.h"
#include "bytes.h"

static const struct lab_acpi_format * const formats[] = {
	&lab_ivrs_format,
	&lab_iort_format,
	&lab_viot_format,
	&lab_rimt_format,
	NULL
};

/**
 * lab_acpi_format_of - the format of a table
 * @bytes: the table
 * @length: bytes that may be read at @bytes
 *
 * Any context. Return: by its signature, or NULL: too short, or none of these.
 */
const struct lab_acpi_format *lab_acpi_format_of(const void *bytes, size_t length)
{
	const struct lab_acpi_format * const *format;

	if (length < 4)
		return NULL;
	for (format = formats; *format; format++) {
		if (!memcmp(bytes, (*format)->signature, 4))
			return *format;
	}
	return NULL;
}

/**
 * lab_acpi_open - a structure begins
 * @table: the table
 * @kind: what it is, a constant
 * @offset: where
 */
void lab_acpi_open(const struct lab_acpi_table *table, const char *kind, u32 offset)
{
	if (table->visitor)
		table->visitor->open(table->visitor->ctx, kind, offset);
}

/**
 * lab_acpi_close - the innermost structure ends
 * @table: the table
 */
void lab_acpi_close(const struct lab_acpi_table *table)
{
	if (table->visitor)
		table->visitor->close(table->visitor->ctx);
}

/**
 * lab_acpi_list - a list of structures begins
 * @table: the table
 * @name: what they are, a constant
 */
void lab_acpi_list(const struct lab_acpi_table *table, const char *name)
{
	if (table->visitor && table->visitor->list)
		table->visitor->list(table->visitor->ctx, name);
}

/**
 * lab_acpi_end_list - the innermost list ends
 * @table: the table
 */
void lab_acpi_end_list(const struct lab_acpi_table *table)
{
	if (table->visitor && table->visitor->end_list)
		table->visitor->end_list(table->visitor->ctx);
}

/**
 * lab_acpi_get - a number
 * @table: the table
 * @offset: of its first byte; @size bytes from there are in the table
 * @size: 1, 2, 4 or 8
 *
 * Return: the number.
 */
u64 lab_acpi_get(const struct lab_acpi_table *table, u32 offset, u32 size)
{
	const u8 *bytes = table->bytes + offset;

	switch (size) {
	case 1:
		return bytes[0];
	case 2:
		return lab_get_le16(bytes);
	case 4:
		return lab_get_le32(bytes);
	default:
		return lab_get_le64(bytes);
	}
}

static void check_reserved(const struct lab_acpi_table *table,
			   const struct lab_acpi_field *field, u32 at)
{
	u32 i;

	if (field->meaning == LAB_ACPI_RESERVED) {
		for (i = 0; i < field->size; i++) {
			if (!table->bytes[at + i])
				continue;
			lab_report(table->findings, at + i, LAB_NOTE, "reserved",
				   "reserved byte is 0x%02x, not zero",
				   table->bytes[at + i]);
			break;
		}
	} else if (field->reserved) {
		u32 value = (u32)lab_acpi_get(table, at, field->size);

		if (value & field->reserved)
			lab_report(table->findings, at, LAB_NOTE, "reserved",
				   "%s is 0x%x; the bits 0x%x of it are reserved",
				   field->name, value, value & field->reserved);
	}
}

static void show_field(const struct lab_acpi_table *table,
		       const struct lab_acpi_field *field, u32 at)
{
	if (table->visitor)
		table->visitor->field(table->visitor->ctx, field, at, table->bytes + at);
}

static void show_bits(const struct lab_acpi_table *table,
		      const struct lab_acpi_field *field, u32 at)
{
	const struct lab_acpi_bits *bits;
	u32 value;

	if (!table->visitor || !table->visitor->bits || !field->bits)
		return;
	value = (u32)lab_acpi_get(table, at, field->size);
	for (bits = field->bits; bits->name; bits++)
		table->visitor->bits(table->visitor->ctx, bits->name,
				     value >> bits->shift & ((1u << bits->width) - 1));
}

/**
 * lab_acpi_fields - tell the visitor the fields of a structure, and check reserved ones
 * @table: the table
 * @fields: in the order of their offsets
 * @offset: of the structure
 * @length: bytes of it that can be fields; fields that are not wholly inside are
 *	not there: older revisions are shorter
 *
 * Return: bytes from @offset to the end of the last field that is there.
 */
u32 lab_acpi_fields(const struct lab_acpi_table *table,
		    const struct lab_acpi_field *fields, u32 offset, u32 length)
{
	const struct lab_acpi_field *field;
	u32 end = 0;

	for (field = fields; field->name; field++) {
		if ((u32)field->offset + field->size > length)
			break;
		end = (u32)field->offset + field->size;
		show_field(table, field, offset + field->offset);
		check_reserved(table, field, offset + field->offset);
		show_bits(table, field, offset + field->offset);
	}
	return end;
}

/**
 * lab_acpi_show - tell the visitor bytes whose place is not fixed
 * @table: the table
 * @name: what they are, a constant
 * @meaning: what they are
 * @from: offset of the first
 * @to: offset of the one behind the last; nothing is told if there is none
 */
void lab_acpi_show(const struct lab_acpi_table *table, const char *name,
		   enum lab_acpi_meaning meaning, u32 from, u32 to)
{
	struct lab_acpi_field field = {
		.name = name,
		.size = to - from,
		.meaning = meaning,
	};

	if (from < to)
		show_field(table, &field, from);
}

/**
 * lab_acpi_read - read a table
 * @format: what it is, of lab_acpi_format_of()
 * @bytes: the table; not changed
 * @length: bytes that may be read at @bytes; those behind the length that the
 *	table's header gives are ignored
 * @visitor: who is told, or NULL: nobody
 * @findings: where findings go, of lab_findings_init()
 *
 * May sleep. Nobody may change @bytes during the call.
 *
 * Return: 0; -EINVAL when there is an error finding: the visitor was told what was
 * sound; -ENOMEM: it was told nothing.
 */
int lab_acpi_read(const struct lab_acpi_format *format, const void *bytes,
		  size_t length, const struct lab_acpi_visitor *visitor,
		  struct lab_findings *findings)
{
	struct lab_acpi_table table = {
		.bytes = bytes,
		.visitor = visitor,
		.findings = findings,
	};

	if (lab_acpi_header(format, bytes, length, findings)) {
		table.length = lab_get_le32(table.bytes + 4);
		if (format->has_nodes) {
			table.nodes = lab_port_calloc(table.length, 1);
			if (!table.nodes)
				return -ENOMEM;
		}
	}
	lab_acpi_open(&table, format->signature, 0);
	if (table.length) {
		lab_acpi_show_header(&table);
		lab_acpi_fields(&table, format->fields, 0, format->header);
		format->read(&table);
	}
	if (visitor && visitor->findings)
		visitor->findings(visitor->ctx, findings);
	lab_acpi_close(&table);
	lab_port_free(table.nodes);
	return findings->nr_errors ? -EINVAL : 0;
}
