// SPDX-License-Identifier: GPL-2.0
/* What is asked of all parsers the same way. */
#include "fuzz.h"

/**
 * fuzz_broken - end the program, as a crash would
 * @promise: what was not kept, a sentence
 */
void fuzz_broken(const char *promise)
{
	fprintf(stderr, "broken: %s\n", promise);
	abort();
}

/**
 * fuzz_open - take an input apart
 * @input: out, for fuzz_close()
 * @data: the input
 * @size: its bytes
 *
 * Return: whether there are options.
 */
bool fuzz_open(struct fuzz_input *input, const u8 *data, size_t size)
{
	if (size < FUZZ_OPTIONS)
		return false;
	*input = (struct fuzz_input){
		.fail_in = data[0],
		.wants = data[1],
		.length = size - FUZZ_OPTIONS,
	};
	if (!input->length)
		return true;
	input->table = malloc(input->length);
	fuzz_require(input->table, "there is memory");
	memcpy(input->table, data + FUZZ_OPTIONS, input->length);
	return true;
}

/**
 * fuzz_close - give back what fuzz_open() made
 * @input: the input
 */
void fuzz_close(struct fuzz_input *input)
{
	free(input->table);
}

/* What is missing has its place behind what is there. */
static bool is_of_the_end(const struct lab_finding *finding)
{
	return !strcmp(finding->check, "no-drhd") || !strcmp(finding->check, "ivhd-none");
}

/**
 * fuzz_check_findings - what finding.h promises of any table
 * @findings: of a table
 * @length: bytes that could be read of it
 */
void fuzz_check_findings(const struct lab_findings *findings, size_t length)
{
	enum lab_severity worst = LAB_NOTE;
	const struct lab_finding *finding;
	u32 i;

	fuzz_require(findings->nr <= LAB_MAX_FINDINGS + 1, "findings are bounded");
	for (i = 0; i < findings->nr; i++) {
		finding = &findings->list[i];
		fuzz_require(finding->offset < length || !length ||
			     (finding->offset == length && is_of_the_end(finding)),
			     "a finding is at bytes of the table");
		fuzz_require(finding->check && finding->text[0] &&
			     memchr(finding->text, 0, sizeof(finding->text)),
			     "a finding has an id and a sentence");
		if (worst < finding->severity)
			worst = finding->severity;
	}
	fuzz_require(worst == findings->worst, "the worst finding is in the list");
	fuzz_require(!findings->nr_errors == (worst != LAB_ERROR),
		     "errors are counted");
}
