/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a parser has to say about a table: findings, in the order they were made.
 */
#ifndef IOMMU_LAB_FIRMWARE_FINDING_H
#define IOMMU_LAB_FIRMWARE_FINDING_H

#include "json.h"

#define LAB_MAX_FINDINGS	64

/**
 * enum lab_severity - what a finding means for the table
 * @LAB_NOTE: worth knowing
 * @LAB_WARNING: wrong, and the table can be used all the same
 * @LAB_ERROR: the table is refused; what is sound in it can be shown
 */
enum lab_severity {
	LAB_NOTE,
	LAB_WARNING,
	LAB_ERROR,
};

/**
 * struct lab_finding - one remark about a table
 * @offset: of the bytes at fault, from the first byte of the table
 * @severity: what it means for the table
 * @check: id of the check that found it, a constant such as "scope-length"
 * @text: one sentence
 */
struct lab_finding {
	u32 offset;
	enum lab_severity severity;
	const char *check;
	char text[120];
};

/**
 * struct lab_findings - the remarks about a table
 * @list: in the order they were made; when there were more than LAB_MAX_FINDINGS,
 *	one more that says how many were dropped and has the severity of the worst
 *	of them
 * @nr: how many, at most LAB_MAX_FINDINGS + 1
 * @nr_dropped: how many were dropped
 * @nr_errors: how many errors were found, dropped ones too
 * @worst: the highest severity, dropped ones too; LAB_NOTE without findings
 */
struct lab_findings {
	struct lab_finding *list;
	u32 nr;
	u32 nr_dropped;
	u32 nr_errors;
	enum lab_severity worst;
};

int lab_findings_init(struct lab_findings *findings);
void lab_findings_free(struct lab_findings *findings);
__printf(5, 6)
void lab_report(struct lab_findings *findings, u32 offset,
		enum lab_severity severity, const char *check,
		const char *format, ...);
__printf(5, 0)
void lab_vreport(struct lab_findings *findings, u32 offset,
		 enum lab_severity severity, const char *check,
		 const char *format, va_list args);
const char *lab_severity_name(enum lab_severity severity);
void lab_findings_json(const struct lab_findings *findings, u32 nr,
		       struct lab_json *json, const char *key);

#endif
