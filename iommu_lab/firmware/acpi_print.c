// SPDX-License-Identifier: GPL-2.0
/*
 * A table as text, one line at a time: each structure, each field and each finding
 * with its offset.
 *
 * Bytes that firmware chose are printed as they are only when they are printable:
 * the text ends up on terminals.
 */
#include "acpi_table.h"
#include "bytes.h"

#define LINE_BYTES	192
#define INDENT		2	/* blanks for each structure that is open */

struct printer {
	void (*emit)(void *ctx, const char *line);
	void *ctx;
	u32 depth;
	char line[LINE_BYTES];
	u32 used;
};

__printf(2, 3)
static void add(struct printer *printer, const char *format, ...)
{
	u32 room = LINE_BYTES - printer->used;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(printer->line + printer->used, room, format, args);
	va_end(args);
	if (length > 0)
		printer->used += (u32)length < room ? (u32)length : room - 1;
}

static void end_line(struct printer *printer)
{
	printer->emit(printer->ctx, printer->line);
	printer->line[0] = '\0';
	printer->used = 0;
}

static void begin_line(struct printer *printer, u32 offset)
{
	add(printer, "%*s[0x%04x] ", (int)(INDENT * printer->depth), "", offset);
}

static void print_open(void *ctx, const char *kind, u32 offset)
{
	struct printer *printer = ctx;

	begin_line(printer, offset);
	add(printer, "%s", kind);
	end_line(printer);
	printer->depth++;
}

static void print_close(void *ctx)
{
	struct printer *printer = ctx;

	printer->depth--;
}

static void add_number(struct printer *printer, const u8 *bytes, u32 size)
{
	switch (size) {
	case 1:
		add(printer, "%u (0x%02x)", bytes[0], bytes[0]);
		break;
	case 2:
		add(printer, "%u (0x%04x)", lab_get_le16(bytes), lab_get_le16(bytes));
		break;
	case 4:
		add(printer, "%u (0x%08x)", lab_get_le32(bytes), lab_get_le32(bytes));
		break;
	default:
		add(printer, "0x%016llx", lab_get_le64(bytes));
		break;
	}
}

/* What does not fit ends in dots. */
static void add_bytes(struct printer *printer, const u8 *bytes, u32 size, bool as_text)
{
	u32 i;

	for (i = 0; i < size; i++) {
		if (printer->used + 8 > LINE_BYTES) {
			add(printer, "...");
			return;
		}
		if (!as_text)
			add(printer, "%02x", bytes[i]);
		else
			add(printer, "%c", bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : '?');
	}
}

static void print_field(void *ctx, const struct lab_acpi_field *field, u32 offset,
			const u8 *bytes)
{
	struct printer *printer = ctx;

	begin_line(printer, offset);
	add(printer, "%s ", field->name);
	switch (field->meaning) {
	case LAB_ACPI_CHARS:
		add(printer, "\"");
		add_bytes(printer, bytes, field->size, true);
		add(printer, "\"");
		break;
	case LAB_ACPI_HEX:
	case LAB_ACPI_RESERVED:
		add_bytes(printer, bytes, field->size, false);
		break;
	case LAB_ACPI_NUMBER:
		add_number(printer, bytes, field->size);
		break;
	}
	end_line(printer);
}

static void print_bits(void *ctx, const char *name, u32 value)
{
	struct printer *printer = ctx;

	add(printer, "%*s%s %u", (int)(INDENT * (printer->depth + 1) + 9), "", name, value);
	end_line(printer);
}

static void print_findings(void *ctx, const struct lab_findings *findings)
{
	struct printer *printer = ctx;
	const struct lab_finding *finding;
	u32 i;

	for (i = 0; i < findings->nr; i++) {
		finding = &findings->list[i];
		add(printer, "%s [0x%04x] %s: %s", lab_severity_name(finding->severity),
		    finding->offset, finding->check, finding->text);
		end_line(printer);
	}
}

/**
 * lab_acpi_print - a table as text, with its findings
 * @format: what it is, of lab_acpi_format_of()
 * @bytes: the table; not changed
 * @length: bytes that may be read at @bytes
 * @emit: called with each line, which has no newline and is valid during the call only
 * @ctx: first argument of @emit
 *
 * May sleep. Nobody may change @bytes during the call.
 *
 * Return: 0; -EINVAL when there is an error finding: what was sound was shown;
 * -ENOMEM: nothing was.
 */
int lab_acpi_print(const struct lab_acpi_format *format, const void *bytes,
		   size_t length, void (*emit)(void *ctx, const char *line),
		   void *ctx)
{
	struct printer printer = { .emit = emit, .ctx = ctx };
	const struct lab_acpi_visitor visitor = {
		.open = print_open,
		.close = print_close,
		.field = print_field,
		.bits = print_bits,
		.findings = print_findings,
		.ctx = &printer,
	};
	struct lab_findings findings;
	int result;

	if (lab_findings_init(&findings))
		return -ENOMEM;
	result = lab_acpi_read(format, bytes, length, &visitor, &findings);
	lab_findings_free(&findings);
	return result;
}
