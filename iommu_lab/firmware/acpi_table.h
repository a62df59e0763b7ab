/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ACPI tables that are shown and checked, not used: IVRS, IORT, VIOT, RIMT.
 *
 * table      the whole: a header of 36 bytes, what the format adds to it, structures
 * structure  a block or a node: type and length at fixed places, then fields, then
 *            lists (device entries, ID mappings, interrupts, regions)
 * field      bytes at a fixed place of a structure, and what they mean: a row of a
 *            table, so that what is shown and what is checked cannot differ
 * offset     from the first byte of the table, if not said otherwise
 *
 * A table is read where it is, in one walk that tells a visitor each structure and
 * each field, and reports findings. The only memory is a byte for each byte of the
 * table, which says where nodes begin; so a reference to a node is judged at once,
 * and the walk needs time in proportion to the table. What compares structures with
 * earlier ones needs its square: LAB_ACPI_MAX_LENGTH bounds that.
 */
#ifndef IOMMU_LAB_FIRMWARE_ACPI_TABLE_H
#define IOMMU_LAB_FIRMWARE_ACPI_TABLE_H

#include "finding.h"
#include "json.h"

#define LAB_ACPI_HEADER		36	/* bytes of the common header */
#define LAB_ACPI_MAX_LENGTH	(256u << 10)	/* bytes; longer is refused */

/**
 * enum lab_acpi_meaning - what the bytes of a field are
 * @LAB_ACPI_NUMBER: a little-endian number of 1, 2, 4 or 8 bytes
 * @LAB_ACPI_CHARS: text
 * @LAB_ACPI_HEX: any bytes
 * @LAB_ACPI_RESERVED: bytes that must be zero
 */
enum lab_acpi_meaning {
	LAB_ACPI_NUMBER,
	LAB_ACPI_CHARS,
	LAB_ACPI_HEX,
	LAB_ACPI_RESERVED,
};

/**
 * struct lab_acpi_bits - some bits of a number that have a name; the last row has none
 * @name: the name
 * @shift: the lowest bit
 * @width: how many
 */
struct lab_acpi_bits {
	const char *name;
	u8 shift;
	u8 width;
};

/**
 * struct lab_acpi_field - a field of a structure; the last row has no name
 * @name: the name
 * @offset: from the first byte of the structure
 * @size: bytes
 * @meaning: what they are
 * @reserved: bits of a number that must be zero
 * @bits: named bits of a number, or NULL
 */
struct lab_acpi_field {
	const char *name;
	u16 offset;
	u32 size;
	enum lab_acpi_meaning meaning;
	u32 reserved;
	const struct lab_acpi_bits *bits;
};

/**
 * struct lab_acpi_visitor - who is told what a table has, in the table's order
 * @open: a structure begins: its kind, its offset
 * @close: the innermost structure ends
 * @list: a list of structures begins; NULL, as for all that follow but @field: no need
 * @end_list: it ends
 * @field: a field of the innermost structure: its offset, and its bytes
 * @bits: named bits of the last field
 * @findings: at the end: what there is to say
 * @ctx: first argument of all of them
 *
 * Called in the caller's context. Bytes are valid during the call.
 */
struct lab_acpi_visitor {
	void (*open)(void *ctx, const char *kind, u32 offset);
	void (*close)(void *ctx);
	void (*list)(void *ctx, const char *name);
	void (*end_list)(void *ctx);
	void (*field)(void *ctx, const struct lab_acpi_field *field, u32 offset,
		      const u8 *bytes);
	void (*bits)(void *ctx, const char *name, u32 value);
	void (*findings)(void *ctx, const struct lab_findings *findings);
	void *ctx;
};

/**
 * struct lab_acpi_table - a table while it is read
 * @bytes: the table
 * @length: what its length field says; so many bytes can be read
 * @visitor: who is told, or NULL
 * @findings: where findings go
 * @nodes: for each byte 0, or 1 + the type of the node that begins there (at most
 *	255); NULL for a format whose structures are not referred to
 * @first: where the first structure begins
 */
struct lab_acpi_table {
	const u8 *bytes;
	u32 length;
	const struct lab_acpi_visitor *visitor;
	struct lab_findings *findings;
	u8 *nodes;
	u32 first;
};

/**
 * struct lab_acpi_format - a kind of table
 * @signature: its four characters
 * @header: bytes before the first structure that is possible
 * @revisions: bit n: revision n is known
 * @known: the same in words
 * @fields: what it has behind the common header
 * @has_nodes: its structures are referred to by their offsets
 * @read: reads what follows the header
 */
struct lab_acpi_format {
	const char *signature;
	u32 header;
	u32 revisions;
	const char *known;
	const struct lab_acpi_field *fields;
	bool has_nodes;
	void (*read)(struct lab_acpi_table *table);
};

extern const struct lab_acpi_format lab_ivrs_format;
extern const struct lab_acpi_format lab_iort_format;
extern const struct lab_acpi_format lab_viot_format;
extern const struct lab_acpi_format lab_rimt_format;

/* acpi_table.c */
const struct lab_acpi_format *lab_acpi_format_of(const void *bytes, size_t length);
int lab_acpi_read(const struct lab_acpi_format *format, const void *bytes,
		  size_t length, const struct lab_acpi_visitor *visitor,
		  struct lab_findings *findings);
void lab_acpi_open(const struct lab_acpi_table *table, const char *kind, u32 offset);
void lab_acpi_close(const struct lab_acpi_table *table);
void lab_acpi_list(const struct lab_acpi_table *table, const char *name);
void lab_acpi_end_list(const struct lab_acpi_table *table);
u64 lab_acpi_get(const struct lab_acpi_table *table, u32 offset, u32 size);
u32 lab_acpi_fields(const struct lab_acpi_table *table,
		    const struct lab_acpi_field *fields, u32 offset, u32 length);
void lab_acpi_show(const struct lab_acpi_table *table, const char *name,
		   enum lab_acpi_meaning meaning, u32 from, u32 to);

/* acpi_header.c */
bool lab_acpi_header(const struct lab_acpi_format *format, const u8 *bytes,
		     size_t length, struct lab_findings *findings);
void lab_acpi_show_header(const struct lab_acpi_table *table);

/* acpi_json.c */
int lab_acpi_json(const struct lab_acpi_format *format, const void *bytes,
		  size_t length, struct lab_json *json);

/* acpi_print.c */
int lab_acpi_print(const struct lab_acpi_format *format, const void *bytes,
		   size_t length, void (*emit)(void *ctx, const char *line),
		   void *ctx);

#endif
