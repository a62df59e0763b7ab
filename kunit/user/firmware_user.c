// SPDX-License-Identifier: GPL-2.0
/*
 * firmware/ in user space, for checks/firmware-user.
 *
 *   firmware_user json FILE       what the parser read and found, as JSON
 *   firmware_user text FILE       the same for people
 *   firmware_user checks          id and severity of each check, a line each
 *   firmware_user default N       the built-in machine with N endpoints, bytes
 *   firmware_user every           a table with a structure of each type, bytes
 *   firmware_user torture FILE    FILE cut, corrupted, and without memory
 *   firmware_user exhaust FILE    FILE with each byte set to each value
 *
 * Built with AddressSanitizer and UndefinedBehaviorSanitizer. Each table under
 * test is in memory of exactly its length. Linked with --wrap=calloc, so that
 * allocations can be counted and made to fail.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../iommu_lab/firmware/bytes.h"
#include "../../iommu_lab/firmware/dmar_check.h"
#include "../dmar_every.h"

#define FILE_MAX	1048576
#define RMRR_BASE	0x7a000000ULL

/* What one parsed table may take: the findings, and 8 bytes for each byte. */
#define MEMORY_FIXED	16384
#define MEMORY_FACTOR	8

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
	fprintf(stderr, "firmware_user: %s\n", what);
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

/* lab_dmar_parse() of a copy that has exactly @length bytes */
static int parse(const u8 *bytes, size_t length, struct lab_dmar **dmar)
{
	u8 *copy = malloc(length ? length : 1);
	int result;

	if (!copy)
		die("no memory");
	memcpy(copy, bytes, length);
	/* not even one byte for an empty table */
	result = lab_dmar_parse(length ? copy : NULL, length, dmar);
	free(copy);
	return result;
}

static void print_piece(void *file, const char *text, size_t length)
{
	fwrite(text, 1, length, file);
}

static void print_line(void *file, const char *line)
{
	fprintf(file, "%s\n", line);
}

static struct lab_dmar *parse_file(const char *name)
{
	struct lab_dmar *dmar;
	size_t length;
	u8 *bytes = read_file(name, &length);
	int result = parse(bytes, length, &dmar);

	free(bytes);
	if (!dmar)
		die("no memory");
	if (result != (dmar->findings.worst == LAB_ERROR ? -EINVAL : 0))
		die("result and findings disagree");
	return dmar;
}

static void print_json(const char *name)
{
	struct lab_dmar *dmar = parse_file(name);

	lab_dmar_json(dmar, print_piece, stdout);
	printf("\n");
	lab_dmar_free(dmar);
}

static void print_text(const char *name)
{
	struct lab_dmar *dmar = parse_file(name);

	lab_dmar_print(dmar, print_line, stdout);
	lab_dmar_free(dmar);
}

static void print_checks(void)
{
	unsigned int i;

	for (i = 0; i < LAB_DMAR_CHECKS; i++)
		printf("%s %s\n", lab_dmar_checks[i].id,
		       lab_severity_name(lab_dmar_checks[i].severity));
}

/* The builder says what went wrong first, not what followed from it. */
static void first_error(void)
{
	static const u8 path[2] = { 2, 0 };
	struct lab_dmar_builder builder;

	fail_in = 1;
	lab_dmar_begin(&builder, 39, 0);
	lab_dmar_add_scope(&builder, LAB_SCOPE_ENDPOINT, 0, 0, 0, path, 1);
	if (builder.error != -ENOMEM)
		die("the builder lost its first error");
	lab_dmar_builder_free(&builder);
}

static void write_default(unsigned int endpoints)
{
	size_t length = 0;
	unsigned int nth;
	u8 *table;

	first_error();
	/* without the first allocation, the second, ...: nothing, and no leak */
	for (nth = 1; ; nth++) {
		fail_in = nth;
		table = lab_default_topology(endpoints, RMRR_BASE, &length);
		if (fail_in)
			break;
		if (table)
			die("a table in spite of a failed allocation");
	}
	fail_in = 0;
	if (!table || fwrite(table, 1, length, stdout) != length)
		die("no table");
	lab_dmar_table_free(table);
}

static void write_every(void)
{
	size_t length = 0;
	unsigned int nth;
	u8 *table;

	for (nth = 1; ; nth++) {
		fail_in = nth;
		table = lab_test_every_structure(&length);
		if (fail_in)
			break;
		if (table)
			die("a table in spite of a failed allocation");
	}
	fail_in = 0;
	if (!table || fwrite(table, 1, length, stdout) != length)
		die("no table");
	lab_dmar_table_free(table);
}

/**
 * struct shape - what can be said of any JSON text while it comes
 * @depth: objects and lists that are open
 * @string: inside a string
 * @escaped: behind a backslash
 * @bytes: seen
 */
struct shape {
	unsigned int depth;
	bool string;
	bool escaped;
	size_t bytes;
};

static void follow(void *ctx, const char *text, size_t length)
{
	struct shape *shape = ctx;

	for (; length--; text++) {
		if (*text < ' ' || *text > '~' || (shape->bytes++ && !shape->depth))
			die("JSON has a wrong character");
		if (shape->escaped)
			shape->escaped = false;
		else if (*text == '"')
			shape->string = !shape->string;
		else if (shape->string)
			shape->escaped = *text == '\\';
		else if (*text == '{' || *text == '[')
			shape->depth++;
		else if (*text == '}' || *text == ']')
			shape->depth--;
	}
}

static void count_line(void *lines, const char *line)
{
	++*(unsigned int *)lines;
	if (strlen(line) >= 192)
		die("a line is too long");
}

/* Return: what the parser returned. */
static int survive(const u8 *bytes, size_t length)
{
	struct shape shape = { };
	unsigned int lines = 0;
	struct lab_dmar *dmar;
	unsigned int bdf;
	int result;

	allocated = 0;
	result = parse(bytes, length, &dmar);
	if (!dmar)
		die("no memory");
	if (allocated > MEMORY_FIXED + MEMORY_FACTOR * length)
		die("memory out of proportion");
	if (result != (dmar->findings.nr_errors ? -EINVAL : 0))
		die("result and findings disagree");
	for (bdf = 0; bdf < 0x10000; bdf += 0x999)
		lab_dmar_unit_of(dmar, 0, (u16)bdf, NULL);
	lab_dmar_print(dmar, count_line, &lines);
	if (result && !lines)
		die("refused without a word");
	lab_dmar_json(dmar, follow, &shape);
	if (shape.depth || shape.string || !shape.bytes)
		die("JSON is not complete");
	lab_dmar_free(dmar);
	return result;
}

static void repair(u8 *bytes, size_t length)
{
	if (length < LAB_DMAR_HEADER)
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
		if (survive(bytes, at) != -EINVAL)
			die("truncated, and accepted");
		memcpy(copy, bytes, length);
		repair(copy, at);
		survive(copy, at);
	}
	free(copy);
}

/* Each byte, in turn, set to each of @values; the checksum is right. */
static void corrupt(const u8 *bytes, size_t length, const u8 *values,
		    size_t nr_values)
{
	u8 *copy = malloc(length);
	size_t at, i;

	if (!copy)
		die("no memory");
	for (at = 0; at < length; at++) {
		for (i = 0; i < nr_values; i++) {
			memcpy(copy, bytes, length);
			copy[at] = values[i];
			copy[9] = 0;
			copy[9] = (u8)-lab_byte_sum(copy, length);
			survive(copy, length);
		}
	}
	free(copy);
}

static void starve(const u8 *bytes, size_t length)
{
	struct lab_dmar *dmar;
	unsigned int nth;
	int result;

	for (nth = 1; ; nth++) {
		fail_in = nth;
		result = parse(bytes, length, &dmar);
		if (fail_in)
			break;
		if (result != -ENOMEM || dmar)
			die("a failed allocation was not ENOMEM");
	}
	fail_in = 0;
	lab_dmar_free(dmar);
	printf("allocations %u\n", nth - 1);
}

static void torture(const char *name)
{
	static const u8 values[] = { 0, 1, 3, 5, 6, 7, 0x7f, 0x80, 0xff };
	size_t length;
	u8 *bytes = read_file(name, &length);

	cut(bytes, length);
	corrupt(bytes, length, values, sizeof(values));
	starve(bytes, length);
	free(bytes);
}

static void exhaust(const char *name)
{
	u8 values[256];
	size_t length, i;
	u8 *bytes = read_file(name, &length);

	for (i = 0; i < sizeof(values); i++)
		values[i] = (u8)i;
	corrupt(bytes, length, values, sizeof(values));
	free(bytes);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "json"))
		print_json(argv[2]);
	else if (argc == 3 && !strcmp(argv[1], "text"))
		print_text(argv[2]);
	else if (argc == 2 && !strcmp(argv[1], "checks"))
		print_checks();
	else if (argc == 2 && !strcmp(argv[1], "every"))
		write_every();
	else if (argc == 3 && !strcmp(argv[1], "default"))
		write_default((unsigned int)atoi(argv[2]));
	else if (argc == 3 && !strcmp(argv[1], "torture"))
		torture(argv[2]);
	else if (argc == 3 && !strcmp(argv[1], "exhaust"))
		exhaust(argv[2]);
	else
		die("json|text|torture|exhaust FILE, default N, checks or every");
	return 0;
}
