// SPDX-License-Identifier: GPL-2.0
/*
 * ID mappings: IORT's of DEN0049 3.1 (the count is one less than the IDs) and RIMT's
 * (the count is the IDs).
 */
#include "acpi_node.h"
#include "bytes.h"

#define MAPPING	20	/* bytes */

/**
 * struct ids - the input IDs of a mapping
 * @first: the first one
 * @last: the last one (inclusive), may pass 32 bits
 * @counts: there are some, and it matters which
 */
struct ids {
	u64 first;
	u64 last;
	bool counts;
};

static struct ids ids_of(const struct lab_acpi_table *table, u32 at,
			 const struct lab_acpi_mappings *mappings)
{
	const u8 *bytes = table->bytes + at;
	u64 ids = (u64)lab_get_le32(bytes + 4) + mappings->last;
	struct ids range = {
		.first = lab_get_le32(bytes),
		.counts = ids && !(lab_get_le32(bytes + 16) & mappings->single),
	};

	range.last = range.first + (ids ? ids - 1 : 0);
	return range;
}

static void check_overlap(const struct lab_acpi_table *table, u32 first, u32 at,
			  const struct lab_acpi_mappings *mappings)
{
	struct ids range = ids_of(table, at, mappings), other;

	if (!range.counts)
		return;
	for (; first < at; first += MAPPING) {
		other = ids_of(table, first, mappings);
		if (!other.counts || other.last < range.first || range.last < other.first)
			continue;
		lab_report(table->findings, at, LAB_WARNING, "mapping-overlap",
			   "input IDs 0x%llx to 0x%llx overlap those of the mapping at 0x%x",
			   range.first, range.last, first);
		return;
	}
}

static void check_mapping(const struct lab_acpi_table *table, u32 at,
			  const struct lab_acpi_mappings *mappings)
{
	const u8 *bytes = table->bytes + at;
	u64 ids = (u64)lab_get_le32(bytes + 4) + mappings->last;
	u64 most = 1ULL << 32;

	lab_acpi_reference(table, at + 12, lab_get_le32(bytes + 12), mappings->targets);
	if (!ids)
		lab_report(table->findings, at + 4, LAB_WARNING, "mapping-empty",
			   "the mapping has no IDs");
	if (lab_get_le32(bytes) + ids > most || lab_get_le32(bytes + 8) + ids > most)
		lab_report(table->findings, at, LAB_ERROR, "mapping-range",
			   "%llu IDs from 0x%x to 0x%x pass 32 bits", ids,
			   lab_get_le32(bytes), lab_get_le32(bytes + 8));
	if ((lab_get_le32(bytes + 16) & mappings->single) && ids != 1)
		lab_report(table->findings, at + 4, LAB_WARNING, "mapping-single",
			   "a single mapping has %llu IDs", ids);
}

/**
 * lab_acpi_read_mappings - read and check the ID mappings of a node
 * @table: the table
 * @item: the node
 * @start: where they begin, from the first byte of the node
 * @count: how many
 * @mappings: what they are
 */
void lab_acpi_read_mappings(const struct lab_acpi_table *table,
			    const struct lab_acpi_item *item, u32 start, u32 count,
			    const struct lab_acpi_mappings *mappings)
{
	u32 first = item->offset + start, at = first;

	count = lab_acpi_array(table, item, start, count, MAPPING, "ID mappings");
	lab_acpi_list(table, "mappings");
	for (; count; count--, at += MAPPING) {
		lab_acpi_open(table, "mapping", at);
		lab_acpi_fields(table, mappings->fields, at, MAPPING);
		lab_acpi_close(table);
		check_mapping(table, at, mappings);
		check_overlap(table, first, at, mappings);
	}
	lab_acpi_end_list(table);
}
