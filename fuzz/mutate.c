// SPDX-License-Identifier: GPL-2.0
/*
 * The mutator: changes a table by its units, and repairs signature, length and checksum
 * in 9 of 10 inputs; in the others, what it changed may be these.
 */
#include "fuzz.h"
#include "mutate.h"

#define HEADER	36	/* bytes of the header that all tables have */

/**
 * struct mutation - a table while it is changed
 * @bytes: the table, behind the options
 * @length: bytes of it
 * @room: how many it may have
 * @random: state of the random numbers
 * @units: what it is made of
 * @nr_units: how many
 */
struct mutation {
	u8 *bytes;
	u32 length;
	u32 room;
	u64 random;
	struct fuzz_unit units[FUZZ_UNITS_MAX];
	unsigned int nr_units;
};

/* Return: a number below @below, which is at least 1 (splitmix64). */
static u32 below(struct mutation *mutation, u32 below)
{
	u64 z = mutation->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (u32)((z ^ z >> 31) >> 32) % below;
}

static void look(struct mutation *mutation)
{
	mutation->nr_units = fuzz_find_units(fuzz_layout, mutation->bytes,
					     mutation->length, mutation->units);
}

static struct fuzz_unit *any_unit(struct mutation *mutation)
{
	return &mutation->units[below(mutation, mutation->nr_units)];
}

static void add_to(u8 *at, unsigned int width, int more)
{
	fuzz_put(at, width, fuzz_get(at, width) + (u64)(long long)more);
}

/* Return: whether there was room for @more bytes at @at, which are zero, or -@more less. */
static bool resize(struct mutation *mutation, u32 at, int more)
{
	u32 from = more < 0 ? at + (u32)-more : at;

	if (more > 0 && (u32)more > mutation->room - mutation->length)
		return false;
	memmove(mutation->bytes + at + (more > 0 ? more : 0), mutation->bytes + from,
		mutation->length - from);
	if (more > 0)
		memset(mutation->bytes + at, 0, (u32)more);
	mutation->length += (u32)more;
	return true;
}

/*
 * What counts units like @unit, and the length of what they are in, follow mostly. Both
 * are before the place where bytes come or go.
 */
static void account(struct mutation *mutation, const struct fuzz_unit *unit, int units,
		    int bytes)
{
	u32 outer;

	if (unit->count_at && below(mutation, 8))
		add_to(mutation->bytes + unit->count_at, unit->count_width, units);
	if (unit->parent < 0 || !below(mutation, 16))
		return;
	outer = mutation->units[unit->parent].offset;
	add_to(mutation->bytes + outer + fuzz_layout->length_at, 2, bytes);
}

/* A copy of a unit before or behind one of the same level. */
static void duplicate(struct mutation *mutation)
{
	const struct fuzz_unit unit = *any_unit(mutation), place = *any_unit(mutation);
	u32 at = place.offset + (below(mutation, 2) ? place.length : 0);
	bool outer = unit.parent < 0, to_outer = place.parent < 0;
	u8 copy[4096];

	if (outer != to_outer || unit.length > sizeof(copy))
		return;
	memcpy(copy, mutation->bytes + unit.offset, unit.length);
	if (!resize(mutation, at, (int)unit.length))
		return;
	memcpy(mutation->bytes + at, copy, unit.length);
	account(mutation, &place, 1, (int)unit.length);
}

static void remove_unit(struct mutation *mutation)
{
	const struct fuzz_unit unit = *any_unit(mutation);

	account(mutation, &unit, -1, -(int)unit.length);
	resize(mutation, unit.offset, -(int)unit.length);
}

static void reverse(u8 *from, u8 *to)
{
	u8 other;

	while (from < to) {
		other = *from;
		*from++ = *--to;
		*to = other;
	}
}

/* A unit and the next one of its level change places. */
static void swap(struct mutation *mutation)
{
	const struct fuzz_unit *unit = any_unit(mutation), *next = unit + 1;
	const struct fuzz_unit *end = mutation->units + mutation->nr_units;
	u8 *first, *second, *behind;

	while (next < end && next->parent != unit->parent)
		next++;
	/* arrays may be on each other */
	if (next == end || next->offset < unit->offset + unit->length)
		return;
	first = mutation->bytes + unit->offset;
	second = mutation->bytes + next->offset;
	behind = second + next->length;
	reverse(first, second);
	reverse(second, behind);
	reverse(first, behind);
}

/* Types of elements that are known: device scopes, device entries */
static const u8 inner_types[] = {
	1, 2, 3, 4, 5, 0, 0x40, 0x42, 0x43, 0x46, 0x47, 0x48, 0xf0,
};

static u8 known_type(struct mutation *mutation)
{
	u32 nr = 0;

	while (fuzz_layout->kinds[nr].fixed)
		nr++;
	return fuzz_layout->kinds[below(mutation, nr)].type;
}

static void retype(struct mutation *mutation)
{
	const struct fuzz_unit *unit = any_unit(mutation);
	u8 *type = mutation->bytes + unit->offset;

	if (!below(mutation, 8))
		*type = (u8)below(mutation, 256);
	else if (unit->parent < 0)
		*type = known_type(mutation);
	else
		*type = inner_types[below(mutation, sizeof(inner_types))];
}

/* The length field alone. */
static void relength(struct mutation *mutation)
{
	static const short steps[] = { -256, -8, -4, -2, -1, 1, 2, 4, 8, 256 };
	const struct fuzz_unit *unit = any_unit(mutation);
	u32 at = unit->offset + fuzz_layout->length_at, width = 2;

	if (unit->parent >= 0) {
		/* of scopes; other elements have another field there */
		at = unit->offset + 1;
		width = 1;
	}
	if (below(mutation, 3))
		add_to(mutation->bytes + at, width,
		       steps[below(mutation, sizeof(steps) / sizeof(*steps))]);
	else
		fuzz_put(mutation->bytes + at, width, below(mutation, 48));
}

/* Bytes come or go at the end of a unit, and its length follows. */
static void stretch(struct mutation *mutation)
{
	const struct fuzz_unit unit = *any_unit(mutation);
	int more = (int)below(mutation, 65) - 32;
	u32 end = unit.offset + unit.length;

	if (unit.parent >= 0)
		more = more / 4 * 2;
	if (more < 0 && (u32)-more > unit.length)
		return;
	if (more < 0)
		end -= (u32)-more;
	if (!resize(mutation, end, more))
		return;
	if (unit.parent < 0) {
		add_to(mutation->bytes + unit.offset + fuzz_layout->length_at, 2, more);
		return;
	}
	if (!unit.count_at)
		add_to(mutation->bytes + unit.offset + 1, 1, more);
	account(mutation, &unit, 0, more);
}

/* A new structure of a known type, with nothing in it, behind a structure. */
static void insert(struct mutation *mutation)
{
	const struct fuzz_kind *kind = fuzz_kind_of(fuzz_layout, known_type(mutation));
	u32 at = fuzz_layout->header, length = kind->fixed + 2 * below(mutation, 8), i;

	if (mutation->length < at)
		return;
	if (mutation->nr_units) {
		const struct fuzz_unit *place = any_unit(mutation);

		if (place->parent >= 0)
			place = &mutation->units[place->parent];
		at = place->offset + place->length;
	}
	if (!resize(mutation, at, (int)length))
		return;
	for (i = below(mutation, 2) ? length : 0; i > 0; i--)
		mutation->bytes[at + i - 1] = (u8)below(mutation, 256);
	mutation->bytes[at] = kind->type;
	if (fuzz_layout->length_at == 2)
		mutation->bytes[at + 1] = 0;
	fuzz_put(mutation->bytes + at + fuzz_layout->length_at, 2, length);
}

/* A value that somebody may compare with */
static u64 telling_value(struct mutation *mutation)
{
	switch (below(mutation, 7)) {
	case 0:
		return below(mutation, 64);
	case 1:
		return 1ULL << below(mutation, 64);
	case 2:
		return (1ULL << below(mutation, 64)) - 1;
	case 3:
		return ~0ULL - below(mutation, 2) * 4095ULL;
	case 4:
		return mutation->length + below(mutation, 3) - 1;
	case 5:
		return mutation->nr_units ? any_unit(mutation)->offset : 48;
	default:
		return 0xfed90000ULL + 4096ULL * below(mutation, 16);
	}
}

/* A field of 1, 2, 4 or 8 bytes, at an even offset of a unit or of the header */
static void revalue(struct mutation *mutation)
{
	u32 width = 1u << below(mutation, 4), from = 0, length = fuzz_layout->header, at;

	if (mutation->nr_units && below(mutation, 16)) {
		const struct fuzz_unit *unit = any_unit(mutation);

		from = unit->offset;
		length = unit->length;
	}
	if (length < width || from + length > mutation->length)
		return;
	at = below(mutation, length - width + 1);
	if (at >= 2 && below(mutation, 8))
		at &= ~(width > 4 ? 3u : width - 1);
	fuzz_put(mutation->bytes + from + at, width, telling_value(mutation));
}

/* Bytes of a unit become those of another one, at the same place. */
static void transplant(struct mutation *mutation)
{
	const struct fuzz_unit *to = any_unit(mutation), *from = any_unit(mutation);
	u32 length = to->length < from->length ? to->length : from->length, at;

	at = below(mutation, length);
	length = 1 + below(mutation, length - at);
	memmove(mutation->bytes + to->offset + at, mutation->bytes + from->offset + at,
		length);
}

/* What libFuzzer does to bytes, to a unit or to all */
static void scramble(struct mutation *mutation)
{
	const struct fuzz_unit *unit;
	size_t length;

	if (!mutation->nr_units || !below(mutation, 8)) {
		mutation->length = (u32)LLVMFuzzerMutate(mutation->bytes, mutation->length,
							 mutation->room);
		return;
	}
	unit = any_unit(mutation);
	length = LLVMFuzzerMutate(mutation->bytes + unit->offset, unit->length,
				  unit->length);
	memset(mutation->bytes + unit->offset + length, 0, unit->length - length);
}

static void change(struct mutation *mutation)
{
	static void (* const changes[])(struct mutation *mutation) = {
		insert, scramble, revalue, revalue, duplicate, remove_unit, swap, retype,
		relength, stretch, transplant,
	};
	u32 nr = sizeof(changes) / sizeof(*changes);

	look(mutation);
	changes[below(mutation, mutation->nr_units ? nr : 3)](mutation);
}

/* Where the table counts its structures, and says where they begin */
static void repair_count(struct mutation *mutation)
{
	u8 *at = mutation->bytes + fuzz_layout->count_at;
	unsigned int i, structures = 0;

	look(mutation);
	for (i = 0; i < mutation->nr_units; i++)
		structures += mutation->units[i].parent < 0;
	fuzz_put(at, fuzz_layout->count_width, structures);
	fuzz_put(at + fuzz_layout->count_width, fuzz_layout->count_width,
		 fuzz_layout->header);
}

static void repair(struct mutation *mutation)
{
	u8 *bytes = mutation->bytes;

	if (mutation->length < HEADER)
		return;
	memcpy(bytes, fuzz_layout->signature, 4);
	lab_put_le32(bytes + 4, mutation->length);
	if (fuzz_layout->count_at && mutation->length >= fuzz_layout->header &&
	    below(mutation, 16))
		repair_count(mutation);
	bytes[9] = 0;
	bytes[9] = (u8)-lab_byte_sum(bytes, mutation->length);
}

/* Most inputs ask for little: to read a table takes less time than to write of it. */
static void change_options(struct mutation *mutation, u8 *options)
{
	options[0] = below(mutation, 8) ? 0 : (u8)(1 + below(mutation, 20));
	options[1] = below(mutation, 16) ? 0 : (u8)(1u << below(mutation, 3));
}

static void begin(struct mutation *mutation, u8 *data, size_t size, size_t room,
		  unsigned int seed)
{
	mutation->bytes = data + FUZZ_OPTIONS;
	mutation->length = (u32)(size - FUZZ_OPTIONS);
	mutation->room = (u32)(room - FUZZ_OPTIONS);
	mutation->random = seed;
}

/**
 * LLVMFuzzerCustomMutator - the next input, of one
 * @data: the input; changed
 * @size: its bytes
 * @room: bytes that it may have
 * @seed: of the random numbers
 *
 * Return: bytes that it has now.
 */
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t room, unsigned int seed)
{
	static struct mutation mutation;
	u32 changes;

	if (room < (size_t)FUZZ_OPTIONS + fuzz_layout->header)
		return LLVMFuzzerMutate(data, size, room);
	if (size < (size_t)FUZZ_OPTIONS + fuzz_layout->header) {
		memset(data + size, 0, FUZZ_OPTIONS + fuzz_layout->header - size);
		size = FUZZ_OPTIONS + fuzz_layout->header;
	}
	begin(&mutation, data, size, room, seed);
	change_options(&mutation, data);
	for (changes = 1u << below(&mutation, 3); changes; changes--)
		change(&mutation);
	if (below(&mutation, 10))
		repair(&mutation);
	return FUZZ_OPTIONS + mutation.length;
}

/* Return: bytes before the first structure, or behind any of them. */
static u32 cut(struct mutation *mutation)
{
	const struct fuzz_unit *unit;

	look(mutation);
	if (!mutation->nr_units || !below(mutation, 8))
		return mutation->length < fuzz_layout->header ? mutation->length :
		       fuzz_layout->header;
	unit = any_unit(mutation);
	if (unit->parent >= 0)
		unit = &mutation->units[unit->parent];
	return unit->offset + unit->length;
}

/**
 * LLVMFuzzerCustomCrossOver - the next input, of two
 * @first: whose options, header and first structures it has
 * @first_size: bytes of it
 * @second: whose last structures it has
 * @second_size: bytes of it
 * @out: the input
 * @room: bytes that it may have
 * @seed: of the random numbers
 *
 * Return: bytes of it.
 */
size_t LLVMFuzzerCustomCrossOver(const u8 *first, size_t first_size, const u8 *second,
				 size_t second_size, u8 *out, size_t room,
				 unsigned int seed)
{
	static struct mutation mutation;
	u32 length, from, more;

	if (first_size < FUZZ_OPTIONS || second_size < FUZZ_OPTIONS || first_size > room ||
	    second_size > room)
		return 0;
	memcpy(out, second, second_size);
	begin(&mutation, out, second_size, room, seed);
	from = cut(&mutation);
	more = mutation.length - from;

	memcpy(out, first, first_size);
	begin(&mutation, out, first_size, room, seed + 1);
	length = cut(&mutation);
	if (more > mutation.room - length)
		more = mutation.room - length;
	memcpy(mutation.bytes + length, second + FUZZ_OPTIONS + from, more);
	mutation.length = length + more;
	if (below(&mutation, 10))
		repair(&mutation);
	return FUZZ_OPTIONS + mutation.length;
}
