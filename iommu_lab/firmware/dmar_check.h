/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The checks that a DMAR table goes through. Each has an id, a severity that is
 * always the same, and a sentence in Documentation/dmar-checks.rst.
 */
#ifndef IOMMU_LAB_FIRMWARE_DMAR_CHECK_H
#define IOMMU_LAB_FIRMWARE_DMAR_CHECK_H

#include "dmar.h"

/*
 * Groups: what cannot be decoded (the parser), the header, structures and scopes
 * each for itself, structures compared with each other.
 */
enum lab_dmar_check_number {
	CHECK_HEADER_LENGTH,
	CHECK_SIGNATURE,
	CHECK_TABLE_LENGTH,
	CHECK_STRUCTURE_LENGTH,
	CHECK_STRUCTURE_OVERRUN,
	CHECK_STRUCTURE_TRAILING,
	CHECK_SCOPE_LENGTH,
	CHECK_SCOPE_OVERRUN,
	CHECK_SCOPE_TRAILING,

	CHECK_TABLE_TAIL,
	CHECK_REVISION,
	CHECK_CHECKSUM,
	CHECK_WIDTH,
	CHECK_X2APIC,

	CHECK_RESERVED,
	CHECK_FLAGS,
	CHECK_STRUCTURE_UNKNOWN,
	CHECK_STRUCTURE_TAIL,
	CHECK_DRHD_BASE,
	CHECK_DRHD_WIDTH,
	CHECK_DRHD_ALIGN,
	CHECK_DRHD_SIZE,
	CHECK_DRHD_EMPTY,
	CHECK_RMRR_RANGE,
	CHECK_RMRR_WIDTH,
	CHECK_RMRR_ALIGN,
	CHECK_RMRR_LARGE,
	CHECK_RMRR_LOW,
	CHECK_ATSR_SCOPES,
	CHECK_ANDD_NAME,
	CHECK_ANDD_RELATIVE,
	CHECK_SCOPE_MISSING,
	CHECK_SCOPE_TYPE,
	CHECK_SCOPE_PLACE,
	CHECK_SCOPE_FLAGS,
	CHECK_SCOPE_ENUM_ID,
	CHECK_SCOPE_PATH,
	CHECK_SCOPE_DEVICE,
	CHECK_SCOPE_FUNCTION,

	CHECK_NO_DRHD,
	CHECK_STRUCTURE_ORDER,
	CHECK_DRHD_SAME,
	CHECK_DRHD_OVERLAP,
	CHECK_INCLUDE_ALL_TWICE,
	CHECK_INCLUDE_ALL_LAST,
	CHECK_RMRR_SAME,
	CHECK_RMRR_OVERLAP,
	CHECK_SEGMENT_UNIT,
	CHECK_RHSA_UNIT,
	CHECK_RHSA_TWICE,
	CHECK_ANDD_TWICE,
	CHECK_ANDD_ORPHAN,
	CHECK_SCOPE_ANDD,

	LAB_DMAR_CHECKS
};

/**
 * struct lab_dmar_check - a check
 * @id: its name, in findings and in Documentation/dmar-checks.rst
 * @severity: of its findings
 */
struct lab_dmar_check {
	const char *id;
	enum lab_severity severity;
};

/* dmar_check.c */
extern const struct lab_dmar_check lab_dmar_checks[LAB_DMAR_CHECKS];
__printf(4, 5)
void lab_dmar_say(struct lab_dmar *dmar, enum lab_dmar_check_number check,
		  u32 offset, const char *format, ...);

/* dmar_lint.c */
int lab_dmar_lint(struct lab_dmar *dmar);

/* dmar_compare.c */
int lab_dmar_compare(struct lab_dmar *dmar);

#endif
