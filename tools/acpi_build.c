// SPDX-License-Identifier: GPL-2.0
/* A DMAR from a short text, through the builder of iommu_lab/firmware/. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../iommu_lab/firmware/dmar.h"
#include "acpi.h"

#define MAX_BODY	(65535 - 4)	/* bytes of a structure behind type and length */

const char build_grammar[] =
	"Text of `build', one item a line. `#' begins a comment; numbers are decimal or 0x:\n"
	"  table WIDTH [FLAG...]          first: bits of a host address; flags below\n"
	"  drhd SEGMENT BASE [size BYTES] [all]\n"
	"                                 a unit: its registers, 4096 << 0 to 15 bytes\n"
	"  rmrr SEGMENT BASE LIMIT        a reserved region, to its last byte\n"
	"  structure TYPE [HEX]           another structure: what follows its length\n"
	"  scope KIND BUS:HOP[/HOP...] [id N] [flags N]\n"
	"                                 a device scope of the structure above; BUS\n"
	"                                 and HOP (DEVICE.FUNCTION) are hexadecimal\n"
	"  FLAG  intr-remap, x2apic-opt-out, dma-opt-in, remap-opt-out\n"
	"  KIND  endpoint, bridge, ioapic, hpet, namespace, or a number\n"
	"Example:\n"
	"  table 46 intr-remap\n"
	"  drhd 0 0xfed90000\n"
	"    scope endpoint 00:02.0\n"
	"  drhd 0 0xfed91000 all\n"
	"    scope ioapic f0:1f.0 id 2\n"
	"  rmrr 0 0x7a000000 0x7a001fff\n"
	"    scope endpoint 00:1c.7/00.0\n";

/**
 * struct word - a word that stands for a number
 * @word: the word, NULL in the last row
 * @value: the number
 */
struct word {
	const char *word;
	u32 value;
};

static const struct word table_flags[] = {
	{ "intr-remap", LAB_DMAR_INTR_REMAP },
	{ "x2apic-opt-out", LAB_DMAR_X2APIC_OPT_OUT },
	{ "dma-opt-in", LAB_DMAR_DMA_CTRL_OPT_IN },
	{ "remap-opt-out", LAB_DMAR_REMAP_OPT_OUT },
	{ NULL, 0 }
};

static const struct word scope_kinds[] = {
	{ "endpoint", LAB_SCOPE_ENDPOINT },
	{ "bridge", LAB_SCOPE_SUB_HIERARCHY },
	{ "ioapic", LAB_SCOPE_IOAPIC },
	{ "hpet", LAB_SCOPE_HPET },
	{ "namespace", LAB_SCOPE_NAMESPACE },
	{ NULL, 0 }
};

/**
 * struct reader - the text while it is read
 * @name: of the file
 * @line: number of the line
 * @next: what is left of the line
 * @begun: there was a `table`
 * @failed: a message was printed
 * @builder: the table
 */
struct reader {
	const char *name;
	unsigned int line;
	char *next;
	bool begun;
	bool failed;
	struct lab_dmar_builder builder;
};

/* The first mistake is the one that is told. */
__attribute__((format(printf, 2, 3)))
static void fail(struct reader *reader, const char *format, ...)
{
	va_list args;

	if (reader->failed)
		return;
	reader->failed = true;
	fprintf(stderr, "iommu-lab-acpi: %s:%u: ", reader->name, reader->line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

/* Return: the next word of the line, or NULL. */
static char *next_word(struct reader *reader)
{
	return strtok_r(NULL, " \t\r", &reader->next);
}

static u64 number(struct reader *reader, const char *word, const char *what, u64 most)
{
	u64 value;
	char *end;

	if (!word || !isdigit((unsigned char)*word)) {
		fail(reader, "%s is a number, not `%s'", what, word ? word : "");
		return 0;
	}
	errno = 0;
	value = strtoull(word, &end, 0);
	if (errno || *end || value > most) {
		fail(reader, "%s is a number up to 0x%llx, not `%s'", what, most, word);
		return 0;
	}
	return value;
}

static const struct word *find(const struct word *words, const char *word)
{
	for (; words->word; words++) {
		if (!strcmp(words->word, word))
			return words;
	}
	return NULL;
}

static void end_of_line(struct reader *reader)
{
	const char *word = next_word(reader);

	if (word)
		fail(reader, "`%s' is one word too many", word);
}

static void read_table(struct reader *reader)
{
	u64 width = number(reader, next_word(reader), "the width", 64);
	const struct word *flag;
	const char *word;
	u8 flags = 0;

	while ((word = next_word(reader))) {
		flag = find(table_flags, word);
		if (!flag) {
			fail(reader, "`%s' is none of intr-remap, x2apic-opt-out, dma-opt-in, remap-opt-out",
			     word);
			return;
		}
		flags |= (u8)flag->value;
	}
	if (!width)
		fail(reader, "the width is 1 to 64 bits");
	if (reader->begun)
		fail(reader, "a second `table'");
	if (reader->failed)
		return;
	lab_dmar_begin(&reader->builder, (unsigned int)width, flags);
	reader->begun = true;
}

static unsigned int pages_log2(struct reader *reader, u64 bytes)
{
	unsigned int log2;

	for (log2 = 0; log2 < 16; log2++) {
		if (bytes == 4096ULL << log2)
			return log2;
	}
	fail(reader, "the size is 4096 to 0x8000000, a power of two, not 0x%llx", bytes);
	return 0;
}

static void read_drhd(struct reader *reader)
{
	u64 segment = number(reader, next_word(reader), "the segment", 0xffff);
	u64 base = number(reader, next_word(reader), "the base address", ~0ULL);
	unsigned int log2 = 0;
	const char *word;
	u8 flags = 0;

	while ((word = next_word(reader))) {
		if (!strcmp(word, "all"))
			flags = LAB_DRHD_INCLUDE_PCI_ALL;
		else if (!strcmp(word, "size"))
			log2 = pages_log2(reader, number(reader, next_word(reader),
							 "the size", ~0ULL));
		else
			fail(reader, "`%s' is neither `size' nor `all'", word);
	}
	if (!reader->failed)
		lab_dmar_add_drhd(&reader->builder, (u16)segment, base, log2, flags);
}

static void read_rmrr(struct reader *reader)
{
	u64 segment = number(reader, next_word(reader), "the segment", 0xffff);
	u64 base = number(reader, next_word(reader), "the base address", ~0ULL);
	u64 limit = number(reader, next_word(reader), "the limit", ~0ULL);

	end_of_line(reader);
	if (limit < base)
		fail(reader, "the limit 0x%llx is below the base 0x%llx", limit, base);
	if (!reader->failed)
		lab_dmar_add_rmrr(&reader->builder, (u16)segment, base, limit);
}

static unsigned int nibble(char digit)
{
	return isdigit((unsigned char)digit) ? (unsigned int)(digit - '0') :
	       (unsigned int)(tolower((unsigned char)digit) - 'a' + 10);
}

static void read_structure(struct reader *reader)
{
	u64 type = number(reader, next_word(reader), "the type", 0xffff);
	const char *hex = next_word(reader);
	size_t length = hex ? strlen(hex) / 2 : 0, i;
	u8 *body;

	end_of_line(reader);
	if (hex && (strlen(hex) % 2 || hex[strspn(hex, "0123456789abcdefABCDEF")] ||
		    length > MAX_BODY))
		fail(reader, "the bytes are up to %d pairs of hexadecimal digits", MAX_BODY);
	if (reader->failed)
		return;
	body = malloc(length + 1);
	if (!body) {
		fail(reader, "no memory");
		return;
	}
	for (i = 0; i < length; i++)
		body[i] = (u8)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
	lab_dmar_add_structure(&reader->builder, (u16)type, body, (u32)length);
	free(body);
}

/*
 * Return: a hexadecimal number. It ends at @stop, which is passed; the last one, with a
 * slash for @stop, may end the word.
 */
static u8 hex_part(struct reader *reader, const char **at, char stop, unsigned int most)
{
	unsigned long value = ULONG_MAX;
	char *end = (char *)*at;

	if (isxdigit((unsigned char)**at))
		value = strtoul(*at, &end, 16);
	if (value > most || (*end != stop && (*end || stop != '/'))) {
		fail(reader, "a path is BUS:DEVICE.FUNCTION[/DEVICE.FUNCTION...], in hexadecimal; `%s' is not",
		     *at);
		return 0;
	}
	*at = *end ? end + 1 : end;
	return (u8)value;
}

static unsigned int read_path(struct reader *reader, const char *word, u8 *path)
{
	unsigned int hops = 0;

	do {
		if (hops == LAB_DMAR_MAX_HOPS) {
			fail(reader, "a path has at most %d hops", LAB_DMAR_MAX_HOPS);
			break;
		}
		path[2 * hops] = hex_part(reader, &word, '.', 31);
		if (reader->failed)
			break;
		path[2 * hops + 1] = hex_part(reader, &word, '/', 7);
		hops++;
	} while (word[-1] == '/' && !reader->failed);
	return hops;
}

static u8 scope_kind(struct reader *reader, const char *word)
{
	const struct word *kind = word ? find(scope_kinds, word) : NULL;

	return kind ? (u8)kind->value :
	       (u8)number(reader, word, "the kind (endpoint, bridge, ioapic, hpet, namespace)",
			  0xff);
}

static void read_scope(struct reader *reader)
{
	u8 kind = scope_kind(reader, next_word(reader)), id = 0, flags = 0, bus = 0;
	const char *path_word = next_word(reader), *word;
	u8 path[2 * LAB_DMAR_MAX_HOPS];
	unsigned int hops = 0;

	while ((word = next_word(reader))) {
		if (!strcmp(word, "id"))
			id = (u8)number(reader, next_word(reader), "the id", 0xff);
		else if (!strcmp(word, "flags"))
			flags = (u8)number(reader, next_word(reader), "the flags", 0xff);
		else
			fail(reader, "`%s' is neither `id' nor `flags'", word);
	}
	if (!path_word)
		fail(reader, "a scope has a path, such as 00:02.0");
	if (!reader->failed)
		bus = hex_part(reader, &path_word, ':', 0xff);
	if (!reader->failed)
		hops = read_path(reader, path_word, path);
	if (!reader->failed && !reader->builder.structure)
		fail(reader, "a scope belongs to a structure, and there is none above");
	if (!reader->failed)
		lab_dmar_add_scope(&reader->builder, kind, flags, id, bus, path, hops);
}

static void read_line(struct reader *reader, char *line)
{
	static const struct {
		const char *word;
		void (*read)(struct reader *reader);
	} items[] = {
		{ "table", read_table },
		{ "drhd", read_drhd },
		{ "rmrr", read_rmrr },
		{ "structure", read_structure },
		{ "scope", read_scope },
	};
	const char *word;
	size_t i;

	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, " \t\r", &reader->next);
	if (!word)
		return;
	for (i = 0; i < sizeof(items) / sizeof(*items) && strcmp(word, items[i].word); i++)
		;
	if (i == sizeof(items) / sizeof(*items))
		fail(reader, "`%s' is none of table, drhd, rmrr, structure, scope", word);
	else if (i && !reader->begun)
		fail(reader, "the first item is `table WIDTH'");
	else
		items[i].read(reader);
	if (reader->begun && reader->builder.error)
		fail(reader, "%s", reader->builder.error == -ENOMEM ? "no memory" :
		     "the structure would be longer than 65535 bytes");
}

/* Makes a DMAR of the text; nothing, with a message, when that cannot be done. */
unsigned char *build(const struct file *text, size_t *length)
{
	struct reader reader = { .name = text->name };
	char *line, *rest = (char *)text->bytes;
	unsigned char *table = NULL;

	if (strlen(rest) != text->length) {
		fail(&reader, "this is not a text");
		return NULL;
	}
	while (!reader.failed && (line = strsep(&rest, "\n"))) {
		reader.line++;
		read_line(&reader, line);
	}
	if (!reader.begun)
		fail(&reader, "there is no `table WIDTH'");
	if (!reader.failed) {
		table = lab_dmar_finish(&reader.builder, length);
		if (!table)
			fail(&reader, "the table could not be made");
	}
	if (reader.begun)
		lab_dmar_builder_free(&reader.builder);
	return table;
}
