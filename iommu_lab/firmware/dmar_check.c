// SPDX-License-Identifier: GPL-2.0
/* The list of checks, and the way of a finding into the table's list. */
#include "dmar_check.h"

const struct lab_dmar_check lab_dmar_checks[LAB_DMAR_CHECKS] = {
	[CHECK_HEADER_LENGTH] = { "header-length", LAB_ERROR },
	[CHECK_SIGNATURE] = { "signature", LAB_ERROR },
	[CHECK_TABLE_LENGTH] = { "table-length", LAB_ERROR },
	[CHECK_STRUCTURE_LENGTH] = { "structure-length", LAB_ERROR },
	[CHECK_STRUCTURE_OVERRUN] = { "structure-overrun", LAB_ERROR },
	[CHECK_STRUCTURE_TRAILING] = { "structure-trailing", LAB_WARNING },
	[CHECK_SCOPE_LENGTH] = { "scope-length", LAB_ERROR },
	[CHECK_SCOPE_OVERRUN] = { "scope-overrun", LAB_ERROR },
	[CHECK_SCOPE_TRAILING] = { "scope-trailing", LAB_WARNING },
	[CHECK_TABLE_TAIL] = { "table-tail", LAB_NOTE },
	[CHECK_REVISION] = { "revision", LAB_NOTE },
	[CHECK_CHECKSUM] = { "checksum", LAB_ERROR },
	[CHECK_WIDTH] = { "width", LAB_ERROR },
	[CHECK_X2APIC] = { "x2apic", LAB_NOTE },
	[CHECK_RESERVED] = { "reserved", LAB_WARNING },
	[CHECK_FLAGS] = { "flags", LAB_WARNING },
	[CHECK_STRUCTURE_UNKNOWN] = { "structure-unknown", LAB_NOTE },
	[CHECK_STRUCTURE_TAIL] = { "structure-tail", LAB_WARNING },
	[CHECK_DRHD_BASE] = { "drhd-base", LAB_ERROR },
	[CHECK_DRHD_WIDTH] = { "drhd-width", LAB_ERROR },
	[CHECK_DRHD_ALIGN] = { "drhd-align", LAB_WARNING },
	[CHECK_DRHD_SIZE] = { "drhd-size", LAB_WARNING },
	[CHECK_DRHD_EMPTY] = { "drhd-empty", LAB_NOTE },
	[CHECK_RMRR_RANGE] = { "rmrr-range", LAB_ERROR },
	[CHECK_RMRR_WIDTH] = { "rmrr-width", LAB_ERROR },
	[CHECK_RMRR_ALIGN] = { "rmrr-align", LAB_WARNING },
	[CHECK_RMRR_LARGE] = { "rmrr-large", LAB_WARNING },
	[CHECK_RMRR_LOW] = { "rmrr-low", LAB_NOTE },
	[CHECK_ATSR_SCOPES] = { "atsr-scopes", LAB_NOTE },
	[CHECK_ANDD_NAME] = { "andd-name", LAB_ERROR },
	[CHECK_ANDD_RELATIVE] = { "andd-relative", LAB_WARNING },
	[CHECK_SCOPE_MISSING] = { "scope-missing", LAB_WARNING },
	[CHECK_SCOPE_TYPE] = { "scope-type", LAB_WARNING },
	[CHECK_SCOPE_PLACE] = { "scope-place", LAB_NOTE },
	[CHECK_SCOPE_FLAGS] = { "scope-flags", LAB_WARNING },
	[CHECK_SCOPE_ENUM_ID] = { "scope-enum-id", LAB_WARNING },
	[CHECK_SCOPE_PATH] = { "scope-path", LAB_ERROR },
	[CHECK_SCOPE_DEVICE] = { "scope-device", LAB_ERROR },
	[CHECK_SCOPE_FUNCTION] = { "scope-function", LAB_ERROR },
	[CHECK_NO_DRHD] = { "no-drhd", LAB_ERROR },
	[CHECK_STRUCTURE_ORDER] = { "structure-order", LAB_WARNING },
	[CHECK_DRHD_SAME] = { "drhd-same", LAB_ERROR },
	[CHECK_DRHD_OVERLAP] = { "drhd-overlap", LAB_WARNING },
	[CHECK_INCLUDE_ALL_TWICE] = { "include-all-twice", LAB_WARNING },
	[CHECK_INCLUDE_ALL_LAST] = { "include-all-last", LAB_WARNING },
	[CHECK_RMRR_SAME] = { "rmrr-same", LAB_NOTE },
	[CHECK_RMRR_OVERLAP] = { "rmrr-overlap", LAB_WARNING },
	[CHECK_SEGMENT_UNIT] = { "segment-unit", LAB_WARNING },
	[CHECK_RHSA_UNIT] = { "rhsa-unit", LAB_WARNING },
	[CHECK_RHSA_TWICE] = { "rhsa-twice", LAB_WARNING },
	[CHECK_ANDD_TWICE] = { "andd-twice", LAB_WARNING },
	[CHECK_ANDD_ORPHAN] = { "andd-orphan", LAB_WARNING },
	[CHECK_SCOPE_ANDD] = { "scope-andd", LAB_WARNING },
};

/**
 * lab_dmar_say - what a check found
 * @dmar: the table, being parsed
 * @check: which check
 * @offset: of the bytes at fault
 * @format: one sentence, as for printf
 *
 * Any context.
 */
void lab_dmar_say(struct lab_dmar *dmar, enum lab_dmar_check_number check,
		  u32 offset, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	lab_vreport(&dmar->findings, offset, lab_dmar_checks[check].severity,
		    lab_dmar_checks[check].id, format, args);
	va_end(args);
}
