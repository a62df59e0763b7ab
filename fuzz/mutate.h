/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the tables of a target are made up, for the mutator: written down from the
 * specifications, not from iommu_lab/firmware/, and only as far as mutations need it.
 */
#ifndef IOMMU_LAB_FUZZ_MUTATE_H
#define IOMMU_LAB_FUZZ_MUTATE_H

#include "../iommu_lab/firmware/port.h"

#define FUZZ_ARRAYS	3	/* of a structure */

/**
 * enum fuzz_inner - what a structure has behind its fixed part
 * @FUZZ_NOTHING: nothing that the mutator knows
 * @FUZZ_SCOPES: device scopes, with a type and a length of one byte each
 * @FUZZ_ENTRIES: device entries of an IVHD, whose type says how long they are
 */
enum fuzz_inner {
	FUZZ_NOTHING,
	FUZZ_SCOPES,
	FUZZ_ENTRIES,
};

/**
 * struct fuzz_array - elements of one size in a structure
 * @count_at: offset of the field that counts them; 0: no array
 * @start_at: offset of the field that says where they begin; 0: behind the fixed part
 * @width: bytes of these two fields
 * @size: bytes of an element
 */
struct fuzz_array {
	u8 count_at;
	u8 start_at;
	u8 width;
	u8 size;
};

/**
 * struct fuzz_kind - a type of structure
 * @type: the type
 * @fixed: bytes before what is inside
 * @inner: what is inside
 * @arrays: what else is inside
 */
struct fuzz_kind {
	u8 type;
	u8 fixed;
	enum fuzz_inner inner;
	struct fuzz_array arrays[FUZZ_ARRAYS];
};

/**
 * struct fuzz_layout - a kind of table
 * @signature: its four characters
 * @header: bytes before the first structure
 * @smallest: bytes of a structure's header
 * @length_at: where its length (2 bytes) is; the type is the first byte
 * @count_at: offset of the field that counts structures; 0: there is none
 * @count_width: its bytes; the offset of the first structure follows, as wide
 * @kinds: types of structures; the last row has no fixed part
 */
struct fuzz_layout {
	const char *signature;
	u8 header;
	u8 smallest;
	u8 length_at;
	u8 count_at;
	u8 count_width;
	const struct fuzz_kind *kinds;
};

extern const struct fuzz_layout fuzz_layout_dmar;
extern const struct fuzz_layout fuzz_layout_ivrs;
extern const struct fuzz_layout fuzz_layout_iort;
extern const struct fuzz_layout fuzz_layout_viot;
extern const struct fuzz_layout fuzz_layout_rimt;

/* of the target */
extern const struct fuzz_layout * const fuzz_layout;

/**
 * struct fuzz_unit - a structure, or an element inside one
 * @offset: in the table
 * @length: bytes
 * @parent: index of the structure that it is inside, or -1
 * @count_at: offset in the table of a field that counts it and its like, or 0
 * @count_width: bytes of that
 */
struct fuzz_unit {
	u32 offset;
	u32 length;
	int parent;
	u32 count_at;
	u8 count_width;
};

#define FUZZ_UNITS_MAX	512

/* units.c */
unsigned int fuzz_find_units(const struct fuzz_layout *layout, const u8 *table,
			     u32 length, struct fuzz_unit *units);
const struct fuzz_kind *fuzz_kind_of(const struct fuzz_layout *layout, u8 type);
u64 fuzz_get(const u8 *at, unsigned int width);
void fuzz_put(u8 *at, unsigned int width, u64 value);

#endif
