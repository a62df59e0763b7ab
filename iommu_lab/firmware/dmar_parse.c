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
#include "dmar.h"
#include "bytes.h"

#define STRUCTURE_HEADER	4	/* type and length, 2 bytes each */
#define SCOPE_HEADER		6	/* all that stands before the path */
#define HOP			2	/* device and function */
#define SCOPE_MIN		(SCOPE_HEADER + HOP)

#define MAX_ADDRESS_BITS	64

/**
 * struct layout - a type of structure that is decoded
 * @type: enum lab_dmar_type
 * @fixed: bytes before its scopes, the structure's header included
 */
struct layout {
	u16 type;
	u16 fixed;
};

static const struct layout layouts[] = {
	{ LAB_DMAR_DRHD, 16 },
	{ LAB_DMAR_RMRR, 24 },
	{ }
};

static const struct layout *layout_of(u16 type)
{
	const struct layout *layout;

	for (layout = layouts; layout->fixed; layout++) {
		if (layout->type == type)
			return layout;
	}
	return NULL;
}

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
 * @drhds: that are as long as a DRHD
 * @rmrrs: that are as long as an RMRR
 * @scopes: in structures that are decoded
 */
struct counts {
	u32 structures;
	u32 drhds;
	u32 rmrrs;
	u32 scopes;
};

static void count(const struct lab_dmar *dmar, struct counts *counts)
{
	struct item structure, scope;
	const struct layout *layout;
	u32 at, inner;

	for (at = LAB_DMAR_HEADER;
	     next_structure(dmar, at, &structure) == STEP_ITEM;
	     at += structure.length) {
		counts->structures++;
		layout = layout_of(structure.type);
		if (!layout || structure.length < layout->fixed)
			continue;
		switch (structure.type) {
		case LAB_DMAR_DRHD:
			counts->drhds++;
			break;
		case LAB_DMAR_RMRR:
			counts->rmrrs++;
			break;
		}
		for (inner = at + layout->fixed;
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
	dmar->drhds = array_of(counts.drhds, sizeof(*dmar->drhds), &failed);
	dmar->rmrrs = array_of(counts.rmrrs, sizeof(*dmar->rmrrs), &failed);
	dmar->scopes = array_of(counts.scopes, sizeof(*dmar->scopes), &failed);
	return !failed;
}

static void read_scope(struct lab_dmar *dmar, const struct item *item)
{
	struct lab_dmar_scope *scope = &dmar->scopes[dmar->nr_scopes++];
	const u8 *bytes = dmar->table + item->offset;

	scope->type = bytes[0];
	scope->flags = bytes[2];
	scope->enum_id = bytes[4];
	scope->start_bus = bytes[5];
	scope->hops = (u8)((item->length - SCOPE_HEADER) / HOP);
	scope->path = bytes + SCOPE_HEADER;
	scope->offset = item->offset;

	if (!scope->hops)
		lab_report(&dmar->findings, item->offset, LAB_ERROR, "scope-path",
		       "device scope of %u bytes has no path; %u is the least",
		       item->length, SCOPE_MIN);
	else if ((item->length - SCOPE_HEADER) % HOP)
		lab_report(&dmar->findings, item->offset, LAB_ERROR, "scope-path",
		       "device scope of %u bytes has half a hop at its end",
		       item->length);
}

/* Return: how many scopes were read from @at to @end. */
static u32 read_scopes(struct lab_dmar *dmar, u32 at, u32 end)
{
	u32 first = dmar->nr_scopes;
	struct item item;
	enum step step;

	while ((step = next_scope(dmar, at, end, &item)) == STEP_ITEM) {
		read_scope(dmar, &item);
		at += item.length;
	}

	switch (step) {
	case STEP_TRAILING:
		lab_report(&dmar->findings, at, LAB_WARNING, "scope-trailing",
		       "%u bytes behind the last device scope, too few for one more",
		       end - at);
		break;
	case STEP_SHORT:
		lab_report(&dmar->findings, at, LAB_ERROR, "scope-length",
		       "device scope has length %u; %u is the least",
		       item.length, SCOPE_MIN);
		break;
	case STEP_OVERRUN:
		lab_report(&dmar->findings, at, LAB_ERROR, "scope-overrun",
		       "device scope has length %u; its structure ends after %u bytes",
		       item.length, end - at);
		break;
	case STEP_ITEM:
	case STEP_END:
		break;
	}
	return dmar->nr_scopes - first;
}

static void read_drhd(struct lab_dmar *dmar, const struct item *item,
		      u32 scopes)
{
	struct lab_dmar_drhd *drhd = &dmar->drhds[dmar->nr_drhds++];
	const u8 *bytes = dmar->table + item->offset;

	drhd->flags = bytes[4];
	drhd->include_all = drhd->flags & LAB_DRHD_INCLUDE_PCI_ALL;
	/* Bits 3:0 are log2 of the number of 4 KiB pages, 7:4 are reserved. */
	drhd->size = 4096ULL << (bytes[5] & 0xf);
	drhd->segment = lab_get_le16(bytes + 6);
	drhd->base = lab_get_le64(bytes + 8);
	drhd->offset = item->offset;
	drhd->first_scope = dmar->nr_scopes;
	drhd->nr_scopes = read_scopes(dmar, scopes,
				      item->offset + item->length);
}

static void read_rmrr(struct lab_dmar *dmar, const struct item *item,
		      u32 scopes)
{
	struct lab_dmar_rmrr *rmrr = &dmar->rmrrs[dmar->nr_rmrrs++];
	const u8 *bytes = dmar->table + item->offset;

	rmrr->segment = lab_get_le16(bytes + 6);
	rmrr->base = lab_get_le64(bytes + 8);
	rmrr->limit = lab_get_le64(bytes + 16);
	rmrr->offset = item->offset;
	rmrr->first_scope = dmar->nr_scopes;
	rmrr->nr_scopes = read_scopes(dmar, scopes,
				      item->offset + item->length);

	/* Everyone who uses the region computes limit - base + 1. */
	if (rmrr->limit < rmrr->base)
		lab_report(&dmar->findings, item->offset + 8, LAB_ERROR, "rmrr-range",
		       "RMRR base 0x%llx is above its limit 0x%llx",
		       rmrr->base, rmrr->limit);
	else if (rmrr->limit - rmrr->base == ~0ULL)
		lab_report(&dmar->findings, item->offset + 8, LAB_ERROR, "rmrr-range",
		       "RMRR covers all 2^64 bytes");
}

static void read_structure(struct lab_dmar *dmar, const struct item *item)
{
	const struct layout *layout = layout_of(item->type);
	struct lab_dmar_structure *structure;

	structure = &dmar->structures[dmar->nr_structures++];
	structure->type = item->type;
	structure->length = (u16)item->length;
	structure->offset = item->offset;

	if (!layout) {
		if (item->type > LAB_DMAR_SIDP)
			lab_report(&dmar->findings, item->offset, LAB_NOTE, "structure-unknown",
			       "structure of unknown type 0x%x, %u bytes, skipped",
			       item->type, item->length);
		return;
	}
	if (item->length < layout->fixed) {
		lab_report(&dmar->findings, item->offset, LAB_ERROR, "structure-length",
		       "structure of type %u has length %u; %u is the least",
		       item->type, item->length, layout->fixed);
		return;
	}

	structure->decoded = true;
	switch (item->type) {
	case LAB_DMAR_DRHD:
		structure->index = dmar->nr_drhds;
		read_drhd(dmar, item, item->offset + layout->fixed);
		break;
	case LAB_DMAR_RMRR:
		structure->index = dmar->nr_rmrrs;
		read_rmrr(dmar, item, item->offset + layout->fixed);
		break;
	}
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
		lab_report(&dmar->findings, at, LAB_WARNING, "structure-trailing",
		       "%u bytes behind the last structure, too few for one more",
		       dmar->length - at);
		break;
	case STEP_SHORT:
		lab_report(&dmar->findings, at, LAB_ERROR, "structure-length",
		       "structure of type %u has length %u; %u is the least",
		       item.type, item.length, STRUCTURE_HEADER);
		break;
	case STEP_OVERRUN:
		lab_report(&dmar->findings, at, LAB_ERROR, "structure-overrun",
		       "structure of type %u has length %u; the table ends after %u bytes",
		       item.type, item.length, dmar->length - at);
		break;
	case STEP_ITEM:
	case STEP_END:
		break;
	}
}

/* Return: the header's length field when the table may be read, else 0. */
static u32 read_header(struct lab_dmar *dmar, const u8 *bytes, size_t length)
{
	u32 field;

	if (length < LAB_DMAR_HEADER) {
		lab_report(&dmar->findings, 0, LAB_ERROR, "header-length",
		       "%zu bytes; the header of a DMAR alone has %u",
		       length, LAB_DMAR_HEADER);
		return 0;
	}
	if (memcmp(bytes, "DMAR", 4)) {
		lab_report(&dmar->findings, 0, LAB_ERROR, "signature",
		       "signature is %02x %02x %02x %02x; DMAR is 44 4d 41 52",
		       bytes[0], bytes[1], bytes[2], bytes[3]);
		return 0;
	}

	dmar->revision = bytes[8];
	memcpy(dmar->oem_id, bytes + 10, sizeof(dmar->oem_id) - 1);
	memcpy(dmar->oem_table_id, bytes + 16, sizeof(dmar->oem_table_id) - 1);
	dmar->width = bytes[36] + 1;
	dmar->flags = bytes[37];
	if (dmar->width > MAX_ADDRESS_BITS)
		lab_report(&dmar->findings, 36, LAB_ERROR, "width",
		       "host address width is %u bits; %u is the most",
		       dmar->width, MAX_ADDRESS_BITS);

	field = lab_get_le32(bytes + 4);
	if (field < LAB_DMAR_HEADER) {
		lab_report(&dmar->findings, 4, LAB_ERROR, "table-length",
		       "length field is %u; the header of a DMAR alone has %u",
		       field, LAB_DMAR_HEADER);
		return 0;
	}
	if (field > length) {
		lab_report(&dmar->findings, 4, LAB_ERROR, "table-length",
		       "length field is %u; there are only %zu bytes",
		       field, length);
		return 0;
	}
	if (field > LAB_DMAR_MAX_LENGTH) {
		lab_report(&dmar->findings, 4, LAB_ERROR, "table-length",
		       "length field is %u; %u is the most that is read",
		       field, LAB_DMAR_MAX_LENGTH);
		return 0;
	}
	return field;
}

static int read_table(struct lab_dmar *dmar, const void *bytes, u32 length)
{
	u8 sum;

	dmar->table = lab_port_calloc(length, 1);
	if (!dmar->table)
		return -ENOMEM;
	memcpy(dmar->table, bytes, length);
	dmar->length = length;

	sum = lab_byte_sum(dmar->table, length);
	if (sum)
		lab_report(&dmar->findings, 9, LAB_ERROR, "checksum",
		       "checksum is 0x%02x; 0x%02x would make the sum of all bytes 0",
		       dmar->table[9], (u8)(dmar->table[9] - sum));

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
 * types are kept as they are. VT-d 8.1 to 8.4.
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
	lab_port_free(dmar->rmrrs);
	lab_port_free(dmar->drhds);
	lab_port_free(dmar->structures);
	lab_port_free(dmar->table);
	lab_port_free(dmar);
}
