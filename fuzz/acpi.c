// SPDX-License-Identifier: GPL-2.0
/*
 * Targets: IVRS, IORT, VIOT and RIMT read, checked and shown. -DFUZZ_FORMAT=ivrs and so
 * on says which.
 */
#include "../iommu_lab/firmware/acpi_table.h"
#include "machine.h"
#include "mutate.h"

#define JOINED(before, behind)	before ## behind
#define NAMED(before, behind)	JOINED(before, behind)

/* What a reading may take: the findings, and a byte for each byte. */
#define MEMORY_FIXED	16384

static const struct lab_acpi_format * const own =
	&NAMED(lab_, NAMED(FUZZ_FORMAT, _format));
const struct fuzz_layout * const fuzz_layout = &NAMED(fuzz_layout_, FUZZ_FORMAT);

/**
 * struct watch - what is looked at while a table is told
 * @length: bytes of the table
 * @opened: structures and lists that are open
 * @told: a sum of all that was told
 */
struct watch {
	size_t length;
	unsigned int opened;
	u64 told;
};

static void tell(struct watch *watch, u64 what)
{
	watch->told = (watch->told ^ what) * 0x100000001b3ULL;
}

static void watch_open(void *ctx, const char *kind, u32 offset)
{
	struct watch *watch = ctx;

	watch->opened++;
	fuzz_require(kind && *kind, "a structure has a name");
	fuzz_require(offset < watch->length || !offset, "a structure is in the table");
	tell(watch, offset);
}

static void watch_close(void *ctx)
{
	struct watch *watch = ctx;

	fuzz_require(watch->opened--, "what ends has begun");
}

static void watch_list(void *ctx, const char *name)
{
	struct watch *watch = ctx;

	watch->opened++;
	fuzz_require(name && *name, "a list has a name");
}

static void watch_field(void *ctx, const struct lab_acpi_field *field, u32 offset,
			const u8 *bytes)
{
	struct watch *watch = ctx;
	u32 i;

	fuzz_require(field->size && offset <= watch->length &&
		     field->size <= watch->length - offset, "a field is in the table");
	/* each byte is read, for the sanitizer */
	for (i = 0; i < field->size; i++)
		tell(watch, bytes[i]);
	tell(watch, offset);
}

static void watch_bits(void *ctx, const char *name, u32 value)
{
	fuzz_require(name && *name, "bits have a name");
	tell(ctx, value);
}

static void watch_findings(void *ctx, const struct lab_findings *findings)
{
	struct watch *watch = ctx;

	fuzz_check_findings(findings, watch->length);
	tell(watch, findings->nr);
}

/* Return: what the table was told to be; @watch has a sum of it. */
static int watched(const struct lab_acpi_format *format, const struct fuzz_input *input,
		   struct watch *watch)
{
	const struct lab_acpi_visitor visitor = {
		.open = watch_open,
		.close = watch_close,
		.list = watch_list,
		.end_list = watch_close,
		.field = watch_field,
		.bits = watch_bits,
		.findings = watch_findings,
		.ctx = watch,
	};
	struct lab_findings findings;
	int result;

	*watch = (struct watch){ .length = input->length };
	if (lab_findings_init(&findings))
		return -ENOMEM;
	result = lab_acpi_read(format, input->table, input->length, &visitor, &findings);
	fuzz_require(!watch->opened, "what begins ends");
	if (result != -ENOMEM)
		fuzz_require(result == (findings.nr_errors ? -EINVAL : 0),
			     "a table with an error is refused");
	lab_findings_free(&findings);
	return result;
}

static void check_json(const struct lab_acpi_format *format,
		       const struct fuzz_input *input, int result)
{
	struct fuzz_text text = { };
	struct lab_json json = { .emit = fuzz_json_piece, .ctx = &text };
	int said;

	fuzz_memory_begin(input->fail_in);
	said = lab_acpi_json(format, input->table, input->length, &json);
	if (fuzz_memory_end()) {
		fuzz_require(said == -ENOMEM && !text.bytes, "without memory there is no JSON");
		return;
	}
	fuzz_require(said == result, "all that read a table say the same of it");
	fuzz_json_end(&text);
}

static void check_text(const struct lab_acpi_format *format,
		       const struct fuzz_input *input, int result)
{
	struct fuzz_text text = { };
	int said;

	fuzz_memory_begin(input->fail_in);
	said = lab_acpi_print(format, input->table, input->length, fuzz_line, &text);
	if (fuzz_memory_end()) {
		fuzz_require(said == -ENOMEM && !text.lines, "without memory there is no text");
		return;
	}
	fuzz_require(said == result, "all that read a table say the same of it");
	fuzz_require(text.lines, "a table has a line");
}

/* Nobody is told: the same is found. */
static void check_unwatched(const struct lab_acpi_format *format,
			    const struct fuzz_input *input, int result)
{
	struct lab_findings findings;

	fuzz_require(!lab_findings_init(&findings), "there is memory");
	fuzz_require(lab_acpi_read(format, input->table, input->length, NULL, &findings) ==
		     result, "all that read a table say the same of it");
	lab_findings_free(&findings);
}

static void check(const struct lab_acpi_format *format, const struct fuzz_input *input)
{
	struct watch first, second;
	bool failed;
	int result;

	fuzz_memory_begin(input->fail_in);
	result = watched(format, input, &first);
	failed = fuzz_memory_end();
	fuzz_require(failed == (result == -ENOMEM), "a failed allocation is ENOMEM");
	fuzz_require(!failed || !first.told, "without memory nothing is told");
	fuzz_require(fuzz_memory_taken() <= MEMORY_FIXED + input->length,
		     "memory is in proportion to the table");
	if (failed)
		result = watched(format, input, &first);
	if (input->wants & FUZZ_MORE) {
		fuzz_require(watched(format, input, &second) == result &&
			     second.told == first.told,
			     "the same bytes are told as the same");
		check_unwatched(format, input, result);
		fuzz_machine_of_table(input, !result);
	}
	if (input->wants & FUZZ_JSON)
		check_json(format, input, result);
	if (input->wants & FUZZ_TEXT)
		check_text(format, input, result);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const struct lab_acpi_format *format;
	struct fuzz_input input;

	if (!fuzz_open(&input, data, size))
		return 0;
	format = lab_acpi_format_of(input.table, input.length);
	check(format ? format : own, &input);
	fuzz_close(&input);
	return 0;
}
