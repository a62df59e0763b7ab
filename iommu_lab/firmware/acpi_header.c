// SPDX-License-Identifier: GPL-2.0
/* The header that all ACPI tables have (ACPI 5.2.6), checked and shown. */
#include "acpi_table.h"
#include "bytes.h"

static const struct lab_acpi_field header_fields[] = {
	{ "signature", 0, 4, LAB_ACPI_CHARS },
	{ "length", 4, 4 },
	{ "revision", 8, 1 },
	{ "checksum", 9, 1 },
	{ "oem_id", 10, 6, LAB_ACPI_CHARS },
	{ "oem_table_id", 16, 8, LAB_ACPI_CHARS },
	{ "oem_revision", 24, 4 },
	{ "creator_id", 28, 4, LAB_ACPI_CHARS },
	{ "creator_revision", 32, 4 },
	{ }
};

static bool check_length(const struct lab_acpi_format *format, const u8 *bytes,
			 size_t length, struct lab_findings *findings)
{
	u32 field = lab_get_le32(bytes + 4);

	if (field < format->header)
		lab_report(findings, 4, LAB_ERROR, "table-length",
			   "length field is %u; the header of %s alone has %u",
			   field, format->signature, format->header);
	else if (field > length)
		lab_report(findings, 4, LAB_ERROR, "table-length",
			   "length field is %u; there are only %zu bytes",
			   field, length);
	else if (field > LAB_ACPI_MAX_LENGTH)
		lab_report(findings, 4, LAB_ERROR, "table-length",
			   "length field is %u; %u is the most that is read",
			   field, LAB_ACPI_MAX_LENGTH);
	else
		return true;
	return false;
}

/**
 * lab_acpi_header - check the header of a table
 * @format: what the table should be
 * @bytes: the table
 * @length: bytes that may be read at @bytes
 * @findings: where findings go
 *
 * Any context. ACPI 5.2.6.
 *
 * Return: whether the table may be read, as far as its length field says.
 */
bool lab_acpi_header(const struct lab_acpi_format *format, const u8 *bytes,
		     size_t length, struct lab_findings *findings)
{
	u8 sum;

	if (length < format->header) {
		lab_report(findings, 0, LAB_ERROR, "header-length",
			   "%zu bytes; the header of %s alone has %u",
			   length, format->signature, format->header);
		return false;
	}
	if (memcmp(bytes, format->signature, 4)) {
		lab_report(findings, 0, LAB_ERROR, "signature",
			   "signature is %02x %02x %02x %02x, not %s",
			   bytes[0], bytes[1], bytes[2], bytes[3], format->signature);
		return false;
	}
	if (!check_length(format, bytes, length, findings))
		return false;

	if (bytes[8] > 31 || !(format->revisions >> bytes[8] & 1))
		lab_report(findings, 8, LAB_WARNING, "revision",
			   "revision is %u; known are %s", bytes[8], format->known);
	sum = lab_byte_sum(bytes, lab_get_le32(bytes + 4));
	if (sum)
		lab_report(findings, 9, LAB_ERROR, "checksum",
			   "checksum is 0x%02x; 0x%02x would make the sum of all bytes 0",
			   bytes[9], (u8)(bytes[9] - sum));
	return true;
}

/**
 * lab_acpi_show_header - tell the visitor the header that all tables have
 * @table: the table
 */
void lab_acpi_show_header(const struct lab_acpi_table *table)
{
	lab_acpi_fields(table, header_fields, 0, LAB_ACPI_HEADER);
}
