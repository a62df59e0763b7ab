// SPDX-License-Identifier: GPL-2.0
/*
 * Findings, bounded: a table of errors alone needs no more memory than others.
 */
#include "finding.h"

/**
 * lab_findings_init - no findings yet
 * @findings: to be set up, for lab_findings_free()
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int lab_findings_init(struct lab_findings *findings)
{
	*findings = (struct lab_findings){
		.list = lab_port_calloc(LAB_MAX_FINDINGS + 1,
					sizeof(*findings->list)),
	};
	return findings->list ? 0 : -ENOMEM;
}

/**
 * lab_findings_free - give back what lab_findings_init() made
 * @findings: the findings, or zeroed memory
 *
 * May sleep.
 */
void lab_findings_free(struct lab_findings *findings)
{
	lab_port_free(findings->list);
	findings->list = NULL;
}

static void report_dropped(struct lab_findings *findings, u32 offset,
			   enum lab_severity severity)
{
	struct lab_finding *last = &findings->list[LAB_MAX_FINDINGS];

	if (!findings->nr_dropped++) {
		findings->nr++;
		last->offset = offset;
		last->severity = severity;
		last->check = "dropped";
	}
	if (last->severity < severity)
		last->severity = severity;
	snprintf(last->text, sizeof(last->text),
		 "further findings dropped: %u, the first one at this offset",
		 findings->nr_dropped);
}

/**
 * lab_vreport - one more finding, for functions that have a va_list
 * @findings: where it is added
 * @offset: of the bytes at fault, from the first byte of the table
 * @severity: what it means for the table
 * @check: id of the check, a constant that lives as long as the code
 * @format: one sentence, as for printf; what does not fit is cut
 * @args: what @format takes
 *
 * Any context.
 */
void lab_vreport(struct lab_findings *findings, u32 offset,
		 enum lab_severity severity, const char *check,
		 const char *format, va_list args)
{
	struct lab_finding *finding;

	if (severity == LAB_ERROR)
		findings->nr_errors++;
	if (findings->worst < severity)
		findings->worst = severity;
	if (findings->nr >= LAB_MAX_FINDINGS) {
		report_dropped(findings, offset, severity);
		return;
	}
	finding = &findings->list[findings->nr++];
	finding->offset = offset;
	finding->severity = severity;
	finding->check = check;
	vsnprintf(finding->text, sizeof(finding->text), format, args);
}

/**
 * lab_report - one more finding
 * @findings: where it is added
 * @offset: of the bytes at fault, from the first byte of the table
 * @severity: what it means for the table
 * @check: id of the check, a constant that lives as long as the code
 * @format: one sentence, as for printf; what does not fit is cut
 *
 * Any context.
 */
void lab_report(struct lab_findings *findings, u32 offset,
		enum lab_severity severity, const char *check,
		const char *format, ...)
{
	va_list args;

	va_start(args, format);
	lab_vreport(findings, offset, severity, check, format, args);
	va_end(args);
}

/**
 * lab_severity_name - a severity as text
 * @severity: the severity
 *
 * Any context. Return: "note", "warning" or "error".
 */
const char *lab_severity_name(enum lab_severity severity)
{
	static const char * const names[] = {
		[LAB_NOTE] = "note",
		[LAB_WARNING] = "warning",
		[LAB_ERROR] = "error",
	};

	return names[severity];
}

static void add_finding(struct lab_json *json,
			const struct lab_finding *finding)
{
	lab_json_object(json, NULL);
	lab_json_number(json, "offset", finding->offset);
	lab_json_string(json, "severity", lab_severity_name(finding->severity));
	lab_json_string(json, "check", finding->check);
	lab_json_string(json, "text", finding->text);
	lab_json_end_object(json);
}

/**
 * lab_findings_json - findings as JSON
 * @findings: the findings
 * @nr: how many of them, from the first one on
 * @json: where they go, as a list of objects
 * @key: the list's name
 *
 * Any context that emit() allows.
 */
void lab_findings_json(const struct lab_findings *findings, u32 nr,
		       struct lab_json *json, const char *key)
{
	u32 i;

	lab_json_list(json, key);
	for (i = 0; i < nr; i++)
		add_finding(json, &findings->list[i]);
	lab_json_end_list(json);
}
