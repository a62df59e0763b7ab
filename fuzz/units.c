// SPDX-License-Identifier: GPL-2.0
/* Where the structures of a table are, and what is inside them. */
#include "../iommu_lab/firmware/bytes.h"
#include "mutate.h"

/**
 * struct finder - units as they are found
 * @table: the table
 * @units: where they go, FUZZ_UNITS_MAX of them
 * @nr: how many
 */
struct finder {
	const u8 *table;
	struct fuzz_unit *units;
	unsigned int nr;
};

/**
 * fuzz_get - a little-endian number
 * @at: its first byte
 * @width: its bytes, 1 to 8
 *
 * Return: the number.
 */
u64 fuzz_get(const u8 *at, unsigned int width)
{
	u64 value = 0;

	while (width--)
		value = value << 8 | at[width];
	return value;
}

/**
 * fuzz_put - write a little-endian number
 * @at: its first byte
 * @width: its bytes, 1 to 8
 * @value: the number; what does not fit is cut
 */
void fuzz_put(u8 *at, unsigned int width, u64 value)
{
	for (; width--; value >>= 8)
		*at++ = (u8)value;
}

/**
 * fuzz_kind_of - what is known of a type
 * @layout: of the table
 * @type: the type
 *
 * Return: the row, or NULL: nothing is known.
 */
const struct fuzz_kind *fuzz_kind_of(const struct fuzz_layout *layout, u8 type)
{
	const struct fuzz_kind *kind;

	for (kind = layout->kinds; kind->fixed; kind++)
		if (kind->type == type)
			return kind;
	return NULL;
}

/* Return: the new unit, or NULL: there are too many. */
static struct fuzz_unit *found(struct finder *finder, u32 offset, u32 length, int parent)
{
	struct fuzz_unit *unit;

	if (finder->nr == FUZZ_UNITS_MAX)
		return NULL;
	unit = &finder->units[finder->nr++];
	*unit = (struct fuzz_unit){ .offset = offset, .length = length, .parent = parent };
	return unit;
}

/* Return: bytes of the element at @at; 0 if that cannot be said. */
static u32 element_length(const struct finder *finder, enum fuzz_inner inner, u32 at,
			  u32 end)
{
	u8 type = finder->table[at];

	if (inner == FUZZ_SCOPES)
		return end - at < 6 ? 0 : finder->table[at + 1];
	if (type < 0x40)
		return 4;
	if (type < 0x80)
		return 8;
	return end - at < 22 ? 0 : 22u + finder->table[at + 21];
}

static void find_elements(struct finder *finder, const struct fuzz_kind *kind, int parent)
{
	const struct fuzz_unit outer = finder->units[parent];
	u32 at = outer.offset + kind->fixed, end = outer.offset + outer.length, length;

	for (; at < end; at += length) {
		length = element_length(finder, kind->inner, at, end);
		if (!length || length > end - at || !found(finder, at, length, parent))
			return;
	}
}

static void find_array(struct finder *finder, const struct fuzz_kind *kind,
		       const struct fuzz_array *array, int parent)
{
	const struct fuzz_unit outer = finder->units[parent];
	const u8 *bytes = finder->table + outer.offset;
	u64 count = fuzz_get(bytes + array->count_at, array->width);
	u64 start = array->start_at ? fuzz_get(bytes + array->start_at, array->width) :
		    kind->fixed;
	struct fuzz_unit *unit;

	for (; count && start + array->size <= outer.length; count--, start += array->size) {
		unit = found(finder, outer.offset + (u32)start, array->size, parent);
		if (!unit)
			return;
		unit->count_at = outer.offset + array->count_at;
		unit->count_width = array->width;
	}
}

static void find_inside(struct finder *finder, const struct fuzz_layout *layout, int parent)
{
	const struct fuzz_unit outer = finder->units[parent];
	const struct fuzz_kind *kind = fuzz_kind_of(layout, finder->table[outer.offset]);
	unsigned int i;

	if (!kind || outer.length < kind->fixed)
		return;
	if (kind->inner != FUZZ_NOTHING)
		find_elements(finder, kind, parent);
	for (i = 0; i < FUZZ_ARRAYS && kind->arrays[i].count_at; i++)
		find_array(finder, kind, &kind->arrays[i], parent);
}

/**
 * fuzz_find_units - the structures of a table, and what is inside
 * @layout: of the table
 * @table: its bytes
 * @length: how many
 * @units: out: FUZZ_UNITS_MAX of them; a structure comes before what is inside it
 *
 * Return: how many there are.
 */
unsigned int fuzz_find_units(const struct fuzz_layout *layout, const u8 *table,
			     u32 length, struct fuzz_unit *units)
{
	struct finder finder = { .table = table, .units = units };
	u32 at, size;

	for (at = layout->header; at < length && length - at >= layout->smallest;
	     at += size) {
		size = lab_get_le16(table + at + layout->length_at);
		if (size < layout->smallest || size > length - at ||
		    !found(&finder, at, size, -1))
			break;
		find_inside(&finder, layout, (int)finder.nr - 1);
	}
	return finder.nr;
}
