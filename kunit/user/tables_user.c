// SPDX-License-Identifier: GPL-2.0
/*
 * IVRS, IORT, VIOT and RIMT in user space, for checks/tables-user.
 *
 *   tables_user json FILE       the table as JSON
 *   tables_user text FILE       the table as text
 *   tables_user torture FILE    FILE cut, corrupted, and without memory
 *
 * Built with AddressSanitizer and UndefinedBehaviorSanitizer. Each table under test
 * is in memory of exactly its length. Linked with --wrap=calloc, so that allocations
 * can be counted and made to fail.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../iommu_lab/firmware/acpi_table.h"
#include "../../iommu_lab/firmware/bytes.h"
#include "../../iommu_lab/firmware/probe.h"

#define FILE_MAX	1048576

/* What one table may take: the findings, and a byte for each byte. */
#define MEMORY_FIXED	16384

/* What a byte of a table may become, in the most talkative form */
#define TEXT_FIXED	65536
#define TEXT_FACTOR	256

static size_t allocated;	/* bytes, since it was last set to 0 */
static unsigned int fail_in;	/* the allocation that fails; 0: none */

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	if (fail_in && !--fail_in)
		return NULL;
	allocated += count * size;
	return __real_calloc(count, size);
}

static void die(const char *what)
{
	fprintf(stderr, "tables_user: %s\n", what);
	exit(1);
}

static u8 *read_file(const char *name, size_t *length)
{
	u8 *bytes = malloc(FILE_MAX);
	FILE *file = fopen(name, "rb");

	if (!file || !bytes)
		die("cannot read the table");
	*length = fread(bytes, 1, FILE_MAX, file);
	fclose(file);
	return bytes;
}

static void write_text(void *ctx, const char *text, size_t length)
{
	fwrite(text, 1, length, ctx);
}

static void write_line(void *ctx, const char *line)
{
	fprintf(ctx, "%s\n", line);
}

/**
 * struct watch - what is looked at while a table is told
 * @opened: structures that are open
 * @length: bytes of the table
 * @told: structures, fields and findings
 */
struct watch {
	int opened;
	size_t length;
	size_t told;
};

static void watch_open(void *ctx, const char *kind, u32 offset)
{
	struct watch *watch = ctx;

	watch->opened++;
	watch->told++;
	if (!kind || !*kind || (watch->length && offset >= watch->length))
		die("a structure outside the table");
}

static void watch_close(void *ctx)
{
	struct watch *watch = ctx;

	if (!watch->opened--)
		die("one structure more ended than began");
}

static void watch_list(void *ctx, const char *name)
{
	struct watch *watch = ctx;

	watch->opened++;
	if (!name || !*name)
		die("a list without a name");
}

static void watch_field(void *ctx, const struct lab_acpi_field *field, u32 offset,
			const u8 *bytes)
{
	struct watch *watch = ctx;
	u32 i, zeroes = 0;

	watch->told++;
	if (offset > watch->length || field->size > watch->length - offset)
		die("a field outside the table");
	/* each byte is read, for the sanitizer */
	for (i = 0; i < field->size; i++)
		zeroes += !bytes[i];
	if (!field->size || zeroes > field->size)
		die("a field without bytes");
}

static void watch_bits(void *ctx, const char *name, u32 value)
{
	struct watch *watch = ctx;

	watch->told++;
	if (!name || !*name || value == ~0u)
		die("bits without a name");
}

static void watch_findings(void *ctx, const struct lab_findings *findings)
{
	struct watch *watch = ctx;
	u32 i;

	for (i = 0; i < findings->nr; i++) {
		watch->told++;
		if (findings->list[i].offset > watch->length ||
		    !findings->list[i].check || !findings->list[i].text[0])
			die("a finding without a place, an id or a sentence");
	}
}

static void count_text(void *count, const char *text, size_t length)
{
	*(size_t *)count += length;
	if (memchr(text, 0, length))
		die("a NUL in JSON");
}

static void count_line(void *count, const char *line)
{
	*(size_t *)count += strlen(line);
	if (strlen(line) >= 192)
		die("a line is too long");
}

static void agree(int a, int b)
{
	if (a != b)
		die("two readings of the same table disagree");
}

/**
 * struct one_table - a machine that has one table
 * @bytes: the table
 * @length: its bytes
 */
struct one_table {
	const u8 *bytes;
	size_t length;
};

static int get_table(void *ctx, const char *signature, const void **bytes, size_t *length)
{
	struct one_table *table = ctx;

	if (table->length < 4 || memcmp(table->bytes, signature, 4))
		return -ENOENT;
	*bytes = table->bytes;
	*length = table->length;
	return 0;
}

static void put_table(void *ctx, const void *bytes)
{
	if (bytes != ((struct one_table *)ctx)->bytes)
		die("another table was given back");
}

static int probe_table(const u8 *bytes, size_t length, struct lab_probe *probe)
{
	struct one_table table = { bytes, length };
	const struct lab_probe_host host = {
		.get = get_table, .put = put_table, .ctx = &table, .built_in = "",
	};

	return lab_probe_machine(&host, probe);
}

/* A table is valid where it has no error; units and clients are whole. */
static void survive_probe(const u8 *bytes, size_t length, int result)
{
	enum lab_probe_source source = LAB_PROBE_IORT;
	struct lab_probe probe;
	u32 i;

	if (!memcmp(bytes, "IVRS", 4))
		source = LAB_PROBE_IVRS;
	if (probe_table(bytes, length, &probe))
		die("no memory");
	if (!memcmp(bytes, lab_probe_source_name(source), 4) &&
	    probe.state[source] != (result ? LAB_PROBE_INVALID : LAB_PROBE_VALID))
		die("a state that is not the linter's");
	if (result && probe.nr_units)
		die("units of an invalid table");
	for (i = 0; i < probe.nr_units; i++) {
		if (!memchr(probe.units[i].name, 0, LAB_PROBE_NAME) || !probe.units[i].name[0])
			die("a unit without a name");
	}
	for (i = 0; i < probe.nr_clients; i++) {
		if (probe.clients[i].unit >= probe.nr_units ||
		    probe.clients[i].last < probe.clients[i].first ||
		    !memchr(probe.clients[i].name, 0, LAB_PROBE_NAME))
			die("a client of nobody");
	}
	lab_probe_free(&probe);
}

/* Return: what was said of a copy of exactly @length bytes; -ENOENT: not one of ours. */
static int survive(const u8 *bytes, size_t length)
{
	struct watch watch = { .length = length };
	const struct lab_acpi_visitor visitor = {
		.open = watch_open, .close = watch_close,
		.list = watch_list, .end_list = watch_close,
		.field = watch_field, .bits = watch_bits,
		.findings = watch_findings, .ctx = &watch,
	};
	size_t text = 0, lines = 0;
	struct lab_json json = { .emit = count_text, .ctx = &text };
	const struct lab_acpi_format *format;
	struct lab_findings findings;
	u8 *copy = malloc(length ? length : 1);
	int result;

	if (!copy || lab_findings_init(&findings))
		die("no memory");
	memcpy(copy, bytes, length);
	format = lab_acpi_format_of(copy, length);
	if (!format) {
		result = -ENOENT;
		goto out;
	}
	allocated = 0;
	result = lab_acpi_read(format, copy, length, &visitor, &findings);
	if (watch.opened)
		die("a structure did not end");
	if (result != (findings.nr_errors ? -EINVAL : 0))
		die("result and findings disagree");
	agree(lab_acpi_read(format, copy, length, NULL, &findings), result);
	agree(lab_acpi_json(format, copy, length, &json), result);
	agree(lab_acpi_print(format, copy, length, count_line, &lines), result);
	if (allocated > 4 * (MEMORY_FIXED + length))
		die("memory out of proportion");
	if (text > TEXT_FIXED + TEXT_FACTOR * length || !lines)
		die("text out of proportion");
	survive_probe(copy, length, result);
out:
	lab_findings_free(&findings);
	free(copy);
	return result;
}

static void repair(u8 *bytes, size_t length)
{
	if (length < LAB_ACPI_HEADER)
		return;
	lab_put_le32(bytes + 4, (u32)length);
	bytes[9] = 0;
	bytes[9] = (u8)-lab_byte_sum(bytes, length);
}

static void cut(const u8 *bytes, size_t length)
{
	u8 *copy = malloc(length);
	size_t at;

	if (!copy)
		die("no memory");
	for (at = 0; at < length; at++) {
		if (!survive(bytes, at))
			die("truncated, and accepted");
		memcpy(copy, bytes, length);
		repair(copy, at);
		survive(copy, at);
	}
	free(copy);
}

/* Each byte set to values that are likely to matter, with a right checksum. */
static void corrupt(const u8 *bytes, size_t length)
{
	static const u8 values[] = { 0, 1, 2, 3, 4, 5, 0x10, 0x7f, 0x80, 0xf0, 0xff };
	u8 *copy = malloc(length);
	size_t at, i;

	if (!copy)
		die("no memory");
	for (at = 0; at < length; at++) {
		for (i = 0; i < sizeof(values); i++) {
			memcpy(copy, bytes, length);
			copy[at] = values[i];
			copy[9] = 0;
			copy[9] = (u8)-lab_byte_sum(copy, length);
			survive(copy, length);
		}
		/* and a pair, for fields of two bytes and more */
		if (at + 1 < length) {
			memcpy(copy, bytes, length);
			copy[at] = 0xff;
			copy[at + 1] = 0xff;
			copy[9] = (u8)(copy[9] - lab_byte_sum(copy, length));
			survive(copy, length);
		}
	}
	free(copy);
}

static void starve(const u8 *bytes, size_t length)
{
	const struct lab_acpi_format *format = lab_acpi_format_of(bytes, length);
	size_t text = 0;
	struct lab_json json = { .emit = count_text, .ctx = &text };
	struct lab_probe probe;
	unsigned int nth;
	int result;

	for (nth = 1; ; nth++) {
		fail_in = nth;
		result = probe_table(bytes, length, &probe);
		lab_probe_free(&probe);
		if (fail_in)
			break;
		if (result != -ENOMEM || probe.nr_units)
			die("a failed allocation was not ENOMEM, or left half a machine");
	}
	for (nth = 1; ; nth++) {
		fail_in = nth;
		result = lab_acpi_json(format, bytes, length, &json);
		if (fail_in)
			break;
		if (result != -ENOMEM || text)
			die("a failed allocation was not ENOMEM, or left half a text");
	}
	fail_in = 0;
}

int main(int argc, char **argv)
{
	const struct lab_acpi_format *format;
	struct lab_json json = { .emit = write_text, .ctx = stdout };
	size_t length;
	u8 *bytes;

	if (argc != 3)
		die("tables_user json|text|torture FILE");
	bytes = read_file(argv[2], &length);
	format = lab_acpi_format_of(bytes, length);
	if (!format)
		die("not IVRS, IORT, VIOT or RIMT");
	if (!strcmp(argv[1], "json")) {
		lab_acpi_json(format, bytes, length, &json);
	} else if (!strcmp(argv[1], "text")) {
		lab_acpi_print(format, bytes, length, write_line, stdout);
	} else if (!strcmp(argv[1], "torture")) {
		cut(bytes, length);
		corrupt(bytes, length);
		starve(bytes, length);
	} else {
		die("tables_user json|text|torture FILE");
	}
	free(bytes);
	return 0;
}
