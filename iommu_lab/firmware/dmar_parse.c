// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes of a DMAR table in, struct lab_dmar out (VT-d 8, ACPI 5.2.6).
 *
 * Two functions decide what may be read: next_structure() and next_scope().
 * Each gives an item that lies wholly inside its container and is at least one
 * header long, or says why there is none. So every walk ends, and what is read
 * of an item needs no check but of the item's own length.
 *
 * The table is walked twice, once to count and once to fill. Both walks use
 * these two functions on the same copy of the bytes, so the counts are exact.
 */
#include "dmar_check.h"
#include "dmar_decode.h"
#include "dmar_layout.h"
#include "bytes.h"

#define SCOPE_MIN		(SCOPE_HEADER + SCOPE_HOP)

/**
 * struct layout - how structures of a type are made up
 * @fixed: bytes before its scopes or its name, the structure's header included
 * @scopes: device scopes follow, to its end
 */
struct layout {
	u16 fixed;
	bool scopes;
};

static const struct layout layouts[LAB_DMAR_TYPES] = {
	[LAB_DMAR_DRHD] = { DRHD_FIXED, true },
	[LAB_DMAR_RMRR] = { RMRR_FIXED, true },
	[LAB_DMAR_ATSR] = { ATSR_FIXED, true },
	[LAB_DMAR_RHSA] = { RHSA_FIXED, false },
	[LAB_DMAR_ANDD] = { ANDD_FIXED, false },
	[LAB_DMAR_SATC] = { SATC_FIXED, true },
	[LAB_DMAR_SIDP] = { SIDP_FIXED, true },
};

/**
 * enum step - what a walk finds next
 * @STEP_ITEM: an item, wholly inside the container
 * @STEP_END: the end of the container
 * @STEP_TRAILING: bytes, too few for an item's header
 * @STEP_SHORT: an item whose length is less than its header
 * @STEP_OVERRUN: an item that ends behind its container
 */
enum step {
	STEP_ITEM,
	STEP_END,
	STEP_TRAILING,
	STEP_SHORT,
	STEP_OVERRUN,
};

/**
 * struct item - a structure or a scope, before a look inside
 * @type: as the table has it
 * @length: as the table has it; sound with STEP_ITEM only
 * @offset: of its first byte in the table
 */
struct item {
	u16 type;
	u32 length;
	u32 offset;
};

/* Is there room for a header of @header bytes from @at to @end? */
static enum step step_header(u32 at, u32 end, u32 header)
{
	if (at == end)
		return STEP_END;
	return end - at < header ? STEP_TRAILING : STEP_ITEM;
}

static enum step step_length(const struct item *item, u32 end, u32 header)
{
	if (item->length < header)
		return STEP_SHORT;
	return item->length > end - item->offset ? STEP_OVERRUN : STEP_ITEM;
}

static enum step next_structure(const struct lab_dmar *dmar, u32 at,
				struct item *item)
{
	enum step step = step_header(at, dmar->length, STRUCTURE_HEADER);

	if (step != STEP_ITEM)
		return step;
	item->offset = at;
	item->type = lab_get_le16(dmar->table + at);
	item->length = lab_get_le16(dmar->table + at + 2);
	return step_length(item, dmar->length, STRUCTURE_HEADER);
}

static enum step next_scope(const struct lab_dmar *dmar, u32 at, u32 end,
			    struct item *item)
{
	enum step step = step_header(at, end, SCOPE_HEADER);

	if (step != STEP_ITEM)
		return step;
	item->offset = at;
	item->type = dmar->table[at];
	item->length = dmar->table[at + 1];
	return step_length(item, end, SCOPE_HEADER);
}

/**
 * struct counts - how many of each a table has; all are at most its length
 * @structures: of any type
 * @of: of each type, as long as its fixed part at least
 * @scopes: in those structures
 */
struct counts {
	u32 structures;
	u32 of[LAB_DMAR_TYPES];
	u32 scopes;
};

/* Is it of a known type, and long enough for the type's fixed part? */
static bool can_be_decoded(const struct item *structure)
{
	return structure->type < LAB_DMAR_TYPES &&
	       structure->length >= layouts[structure->type].fixed;
}

static void count(const struct lab_dmar *dmar, struct counts *counts)
{
	struct item structure, scope;
	u32 at, inner;

	for (at = LAB_DMAR_HEADER;
	     next_structure(dmar, at, &structure) == STEP_ITEM;
	     at += structure.length) {
		counts->structures++;
		if (!can_be_decoded(&structure))
			continue;
		counts->of[structure.type]++;
		if (!layouts[structure.type].scopes)
			continue;
		for (inner = at + layouts[structure.type].fixed;
		     next_scope(dmar, inner, at + structure.length, &scope) ==
		     STEP_ITEM;
		     inner += scope.length)
			counts->scopes++;
	}
}

/* Return: NULL for no elements, which need no memory; or when @failed is set. */
static void *array_of(u32 count, size_t size, bool *failed)
{
	void *array;

	if (!count)
		return NULL;
	array = lab_port_calloc(count, size);
	if (!array)
		*failed = true;
	return array;
}

static bool make_arrays(struct lab_dmar *dmar)
{
	struct counts counts = { };
	bool failed = false;

	count(dmar, &counts);
	dmar->structures = array_of(counts.structures,
				    sizeof(*dmar->structures), &failed);
	dmar->drhds = array_of(counts.of[LAB_DMAR_DRHD], sizeof(*dmar->drhds),
			       &failed);
	dmar->rmrrs = array_of(counts.of[LAB_DMAR_RMRR], sizeof(*dmar->rmrrs),
			       &failed);
	dmar->atsrs = array_of(counts.of[LAB_DMAR_ATSR], sizeof(*dmar->atsrs),
			       &failed);
	dmar->rhsas = array_of(counts.of[LAB_DMAR_RHSA], sizeof(*dmar->rhsas),
			       &failed);
	dmar->andds = array_of(counts.of[LAB_DMAR_ANDD], sizeof(*dmar->andds),
			       &failed);
	dmar->satcs = array_of(counts.of[LAB_DMAR_SATC], sizeof(*dmar->satcs),
			       &failed);
	dmar->sidps = array_of(counts.of[LAB_DMAR_SIDP], sizeof(*dmar->sidps),
			       &failed);
	dmar->scopes = array_of(counts.scopes, sizeof(*dmar->scopes), &failed);
	return !failed;
}

/* Return: how many scopes were read from @at to @end. */
static u32 read_scopes(struct lab_dmar *dmar, u32 at, u32 end)
{
	u32 first = dmar->nr_scopes;
	struct item item;
	enum step step;

	while ((step = next_scope(dmar, at, end, &item)) == STEP_ITEM) {
		lab_dmar_decode_scope(dmar, at, item.length);
		at += item.length;
	}

	switch (step) {
	case STEP_TRAILING:
		lab_dmar_say(dmar, CHECK_SCOPE_TRAILING, at,
			     "%u bytes behind the last device scope, too few for one more",
			     end - at);
		break;
	case STEP_SHORT:
		lab_dmar_say(dmar, CHECK_SCOPE_LENGTH, at + SCOPE_LENGTH,
			     "device scope has length %u; %u is the least",
			     item.length, SCOPE_MIN);
		break;
	case STEP_OVERRUN:
		lab_dmar_say(dmar, CHECK_SCOPE_OVERRUN, at + SCOPE_LENGTH,
			     "device scope has length %u; its structure ends after %u bytes",
			     item.length, end - at);
		break;
	case STEP_ITEM:
	case STEP_END:
		break;
	}
	return dmar->nr_scopes - first;
}

static void read_structure(struct lab_dmar *dmar, const struct item *item)
{
	struct lab_dmar_structure *structure;
	const struct layout *layout;

	structure = &dmar->structures[dmar->nr_structures++];
	structure->type = item->type;
	structure->length = (u16)item->length;
	structure->offset = item->offset;
	structure->first_scope = dmar->nr_scopes;
	if (item->type >= LAB_DMAR_TYPES)
		return;

	layout = &layouts[item->type];
	if (!can_be_decoded(item)) {
		lab_dmar_say(dmar, CHECK_STRUCTURE_LENGTH,
			     item->offset + STRUCTURE_LENGTH,
			     "structure of type %u has length %u; %u is the least",
			     item->type, item->length, layout->fixed);
		return;
	}
	if (layout->scopes)
		structure->nr_scopes = read_scopes(dmar,
						   item->offset + layout->fixed,
						   item->offset + item->length);
	lab_dmar_decode_structure(dmar, structure);
}

static void read_structures(struct lab_dmar *dmar)
{
	u32 at = LAB_DMAR_HEADER;
	struct item item;
	enum step step;

	while ((step = next_structure(dmar, at, &item)) == STEP_ITEM) {
		read_structure(dmar, &item);
		at += item.length;
	}

	switch (step) {
	case STEP_TRAILING:
		lab_dmar_say(dmar, CHECK_STRUCTURE_TRAILING, at,
			     "%u bytes behind the last structure, too few for one more",
			     dmar->length - at);
		break;
	case STEP_SHORT:
		lab_dmar_say(dmar, CHECK_STRUCTURE_LENGTH, at + STRUCTURE_LENGTH,
			     "structure of type %u has length %u; %u is the least",
			     item.type, item.length, STRUCTURE_HEADER);
		break;
	case STEP_OVERRUN:
		lab_dmar_say(dmar, CHECK_STRUCTURE_OVERRUN,
			     at + STRUCTURE_LENGTH,
			     "structure of type %u has length %u; the table ends after %u bytes",
			     item.type, item.length, dmar->length - at);
		break;
	case STEP_ITEM:
	case STEP_END:
		break;
	}
}

static bool length_is_sound(struct lab_dmar *dmar, u32 field, size_t length)
{
	if (field < LAB_DMAR_HEADER)
		lab_dmar_say(dmar, CHECK_TABLE_LENGTH, DMAR_LENGTH,
			     "length field is %u; the header of a DMAR alone has %u",
			     field, LAB_DMAR_HEADER);
	else if (field > length)
		lab_dmar_say(dmar, CHECK_TABLE_LENGTH, DMAR_LENGTH,
			     "length field is %u; there are only %zu bytes",
			     field, length);
	else if (field > LAB_DMAR_MAX_LENGTH)
		lab_dmar_say(dmar, CHECK_TABLE_LENGTH, DMAR_LENGTH,
			     "length field is %u; %u is the most that is read",
			     field, LAB_DMAR_MAX_LENGTH);
	else
		return true;
	return false;
}

/* Return: the header's length field when the table may be read, else 0. */
static u32 read_header(struct lab_dmar *dmar, const u8 *bytes, size_t length)
{
	u32 field;

	if (length < LAB_DMAR_HEADER)
		lab_dmar_say(dmar, CHECK_HEADER_LENGTH, 0,
			     "%zu bytes; the header of a DMAR alone has %u",
			     length, LAB_DMAR_HEADER);
	if (length < DMAR_LENGTH + 4)
		return 0;
	if (memcmp(bytes, "DMAR", 4)) {
		lab_dmar_say(dmar, CHECK_SIGNATURE, 0,
			     "signature is %02x %02x %02x %02x; DMAR is 44 4d 41 52",
			     bytes[0], bytes[1], bytes[2], bytes[3]);
		return 0;
	}
	field = lab_get_le32(bytes + DMAR_LENGTH);
	return length_is_sound(dmar, field, length) ? field : 0;
}

static int read_table(struct lab_dmar *dmar, const void *bytes, u32 length)
{
	dmar->table = lab_port_calloc(length, 1);
	if (!dmar->table)
		return -ENOMEM;
	memcpy(dmar->table, bytes, length);
	dmar->length = length;
	lab_dmar_decode_header(dmar);
	if (!make_arrays(dmar))
		return -ENOMEM;
	read_structures(dmar);
	return 0;
}

/**
 * lab_dmar_parse - read a DMAR table
 * @bytes: the table; not changed, and not needed after the call
 * @length: bytes that may be read at @bytes; those behind the length that the
 *	table's header gives are ignored
 * @out: the result, for lab_dmar_free(); NULL with -ENOMEM only
 *
 * May sleep. Nobody may change @bytes during the call. Structures of unknown
 * types are kept as they are. VT-d 8.1 to 8.9.
 *
 * Return: 0; -EINVAL when there is an error finding: @out then has the findings
 * and what was sound; -ENOMEM.
 */
int lab_dmar_parse(const void *bytes, size_t length, struct lab_dmar **out)
{
	struct lab_dmar *dmar;
	u32 field;

	*out = NULL;
	dmar = lab_port_calloc(1, sizeof(*dmar));
	if (!dmar)
		return -ENOMEM;
	if (lab_findings_init(&dmar->findings))
		goto no_memory;

	field = read_header(dmar, bytes, length);
	if (field && read_table(dmar, bytes, field))
		goto no_memory;
	dmar->nr_unread = dmar->findings.nr;
	if (field && length > field)
		lab_dmar_say(dmar, CHECK_TABLE_TAIL, field,
			     "%zu bytes behind the table's end are not read",
			     length - field);
	if (dmar->table && lab_dmar_lint(dmar))
		goto no_memory;

	*out = dmar;
	return dmar->findings.nr_errors ? -EINVAL : 0;

no_memory:
	lab_dmar_free(dmar);
	return -ENOMEM;
}

/**
 * lab_dmar_free - give back what lab_dmar_parse() made
 * @dmar: the parsed table, or NULL
 *
 * May sleep. Paths of its scopes end with it.
 */
void lab_dmar_free(struct lab_dmar *dmar)
{
	if (!dmar)
		return;
	lab_findings_free(&dmar->findings);
	lab_port_free(dmar->scopes);
	lab_port_free(dmar->sidps);
	lab_port_free(dmar->satcs);
	lab_port_free(dmar->andds);
	lab_port_free(dmar->rhsas);
	lab_port_free(dmar->atsrs);
	lab_port_free(dmar->rmrrs);
	lab_port_free(dmar->drhds);
	lab_port_free(dmar->structures);
	lab_port_free(dmar->table);
	lab_port_free(dmar);
}
