// SPDX-License-Identifier: GPL-2.0
/*
 * Do the structures of a table fit together? Units, regions and affinities are
 * sorted before they are compared; a finding is at the later of two in the table.
 */
#include "dmar_check.h"
#include "bytes.h"
#include "dmar_layout.h"
#include "span.h"

/**
 * struct comparison - what one table's structures are compared by
 * @dmar: the table
 * @spans: room for one span of each unit, region or affinity
 */
struct comparison {
	struct lab_dmar *dmar;
	struct lab_span *spans;
};

static u32 later(const struct lab_span *a, const struct lab_span *b)
{
	return a->offset > b->offset ? a->offset : b->offset;
}

static void check_order(struct lab_dmar *dmar)
{
	const struct lab_dmar_structure *structure;
	u16 before = 0;
	u32 i;

	for (i = 0; i < dmar->nr_structures; i++) {
		structure = &dmar->structures[i];
		/* where later revisions put their types, nobody knows */
		if (structure->type >= LAB_DMAR_TYPES)
			continue;
		if (structure->type < before)
			lab_dmar_say(dmar, CHECK_STRUCTURE_ORDER,
				     structure->offset,
				     "%s behind %s; structures are in the order of their types",
				     lab_dmar_type_name(structure->type),
				     lab_dmar_type_name(before));
		before = structure->type;
	}
}

static void check_same_base(struct lab_dmar *dmar, const struct lab_span *a,
			    const struct lab_span *b)
{
	lab_dmar_say(dmar, CHECK_DRHD_SAME, later(a, b) + DRHD_BASE,
		     "register base 0x%llx is that of another unit", b->start);
}

/* Windows of units. Base 0 is no place, however many units have it. */
static void check_windows(struct comparison *comparison)
{
	struct lab_dmar *dmar = comparison->dmar;
	struct lab_span *spans = comparison->spans;
	const struct lab_span *widest;
	u64 pages;
	u32 i, nr = 0;

	for (i = 0; i < dmar->nr_drhds; i++) {
		if (!dmar->drhds[i].base)
			continue;
		/* a size with reserved bits is not believed */
		pages = dmar->table[dmar->drhds[i].offset + DRHD_SIZE] & 0xf0 ?
			4096 : dmar->drhds[i].size;
		spans[nr].start = dmar->drhds[i].base;
		spans[nr].last = dmar->drhds[i].base + (pages - 1);
		if (spans[nr].last < spans[nr].start)
			spans[nr].last = ~0ULL;
		spans[nr++].offset = dmar->drhds[i].offset;
	}
	lab_span_sort(spans, nr);

	for (i = 1, widest = spans; i < nr; i++) {
		if (spans[i].start == spans[i - 1].start)
			check_same_base(dmar, &spans[i - 1], &spans[i]);
		else if (spans[i].start <= widest->last)
			lab_dmar_say(dmar, CHECK_DRHD_OVERLAP,
				     later(widest, &spans[i]) + DRHD_BASE,
				     "register window at 0x%llx overlaps the one at 0x%llx",
				     spans[i].start, widest->start);
		if (spans[i].last > widest->last)
			widest = &spans[i];
	}
}

static void check_regions(struct comparison *comparison)
{
	struct lab_dmar *dmar = comparison->dmar;
	struct lab_span *spans = comparison->spans;
	const struct lab_span *widest;
	u32 i, nr = 0;

	for (i = 0; i < dmar->nr_rmrrs; i++) {
		if (dmar->rmrrs[i].limit < dmar->rmrrs[i].base)
			continue;
		spans[nr].start = dmar->rmrrs[i].base;
		spans[nr].last = dmar->rmrrs[i].limit;
		spans[nr++].offset = dmar->rmrrs[i].offset;
	}
	lab_span_sort(spans, nr);

	for (i = 1, widest = spans; i < nr; i++) {
		if (spans[i].start == spans[i - 1].start &&
		    spans[i].last == spans[i - 1].last)
			lab_dmar_say(dmar, CHECK_RMRR_SAME,
				     later(&spans[i - 1], &spans[i]) + RMRR_BASE,
				     "RMRR 0x%llx to 0x%llx is there twice",
				     spans[i].start, spans[i].last);
		else if (spans[i].start <= widest->last)
			lab_dmar_say(dmar, CHECK_RMRR_OVERLAP,
				     later(widest, &spans[i]) + RMRR_BASE,
				     "RMRR at 0x%llx overlaps 0x%llx to 0x%llx",
				     spans[i].start, widest->start,
				     widest->last);
		if (spans[i].last > widest->last)
			widest = &spans[i];
	}
}

/* spans: one for each unit, by segment, then by its place in the table */
static void sort_by_segment(struct comparison *comparison)
{
	const struct lab_dmar *dmar = comparison->dmar;
	u32 i;

	for (i = 0; i < dmar->nr_drhds; i++)
		comparison->spans[i] = (struct lab_span){
			.start = dmar->drhds[i].segment,
			.last = i,
			.offset = dmar->drhds[i].offset,
		};
	lab_span_sort(comparison->spans, dmar->nr_drhds);
}

static void check_include_all(struct comparison *comparison)
{
	const struct lab_span *spans = comparison->spans;
	struct lab_dmar *dmar = comparison->dmar;
	const struct lab_dmar_drhd *drhd;
	bool found = false;
	u32 i;

	for (i = 0; i < dmar->nr_drhds; i++) {
		drhd = &dmar->drhds[spans[i].last];
		if (i && spans[i - 1].start != spans[i].start)
			found = false;
		if (!drhd->include_all)
			continue;
		if (found)
			lab_dmar_say(dmar, CHECK_INCLUDE_ALL_TWICE,
				     drhd->offset + STRUCTURE_FLAGS,
				     "segment %u has another unit with INCLUDE_PCI_ALL",
				     drhd->segment);
		found = true;
		if (i + 1 < dmar->nr_drhds &&
		    spans[i + 1].start == spans[i].start)
			lab_dmar_say(dmar, CHECK_INCLUDE_ALL_LAST,
				     drhd->offset + STRUCTURE_FLAGS,
				     "unit with INCLUDE_PCI_ALL is not the last of segment %u",
				     drhd->segment);
	}
}

/* Has what is said of a segment's devices a unit that it is said to? */
static void check_segments(struct comparison *comparison)
{
	struct lab_dmar *dmar = comparison->dmar;
	const struct lab_dmar_structure *structure;
	u16 segment;
	u32 i;

	for (i = 0; i < dmar->nr_structures; i++) {
		structure = &dmar->structures[i];
		if (!structure->decoded || structure->type == LAB_DMAR_DRHD ||
		    structure->type == LAB_DMAR_RHSA ||
		    structure->type == LAB_DMAR_ANDD)
			continue;
		segment = lab_get_le16(dmar->table + structure->offset +
				       STRUCTURE_SEGMENT);
		if (!lab_span_has(comparison->spans, dmar->nr_drhds, segment))
			lab_dmar_say(dmar, CHECK_SEGMENT_UNIT,
				     structure->offset + STRUCTURE_SEGMENT,
				     "%s of segment %u, which has no unit",
				     lab_dmar_type_name(structure->type),
				     segment);
	}
}

static void check_affinity_units(struct comparison *comparison)
{
	struct lab_dmar *dmar = comparison->dmar;
	struct lab_span *spans = comparison->spans;
	u32 i;

	for (i = 0; i < dmar->nr_drhds; i++)
		spans[i].start = dmar->drhds[i].base;
	lab_span_sort(spans, dmar->nr_drhds);
	for (i = 0; i < dmar->nr_rhsas; i++) {
		if (!lab_span_has(spans, dmar->nr_drhds, dmar->rhsas[i].base))
			lab_dmar_say(dmar, CHECK_RHSA_UNIT,
				     dmar->rhsas[i].offset + RHSA_BASE,
				     "RHSA of register base 0x%llx, which no unit has",
				     dmar->rhsas[i].base);
	}
}

static void check_affinities(struct comparison *comparison)
{
	struct lab_dmar *dmar = comparison->dmar;
	struct lab_span *spans = comparison->spans;
	u32 i;

	check_affinity_units(comparison);
	for (i = 0; i < dmar->nr_rhsas; i++)
		spans[i] = (struct lab_span){
			.start = dmar->rhsas[i].base,
			.last = dmar->rhsas[i].base,
			.offset = dmar->rhsas[i].offset,
		};
	lab_span_sort(spans, dmar->nr_rhsas);
	for (i = 1; i < dmar->nr_rhsas; i++) {
		if (spans[i].start == spans[i - 1].start)
			lab_dmar_say(dmar, CHECK_RHSA_TWICE,
				     spans[i].offset + RHSA_BASE,
				     "register base 0x%llx has an RHSA already",
				     spans[i].start);
	}
}

/* Numbers of ANDDs, and those that scopes name, must be the same. */
static void check_names(struct lab_dmar *dmar)
{
	bool declared[256] = { }, named[256] = { };
	const struct lab_dmar_andd *andd;
	u32 i;

	for (i = 0; i < dmar->nr_scopes; i++) {
		if (dmar->scopes[i].type == LAB_SCOPE_NAMESPACE)
			named[dmar->scopes[i].enum_id] = true;
	}
	for (i = 0; i < dmar->nr_andds; i++) {
		andd = &dmar->andds[i];
		if (declared[andd->number])
			lab_dmar_say(dmar, CHECK_ANDD_TWICE,
				     andd->offset + ANDD_NUMBER,
				     "ACPI device number %u is declared twice",
				     andd->number);
		else if (!named[andd->number])
			lab_dmar_say(dmar, CHECK_ANDD_ORPHAN,
				     andd->offset + ANDD_NUMBER,
				     "ACPI device number %u has no device scope",
				     andd->number);
		declared[andd->number] = true;
	}
	for (i = 0; i < dmar->nr_scopes; i++) {
		if (dmar->scopes[i].type == LAB_SCOPE_NAMESPACE &&
		    !declared[dmar->scopes[i].enum_id])
			lab_dmar_say(dmar, CHECK_SCOPE_ANDD,
				     dmar->scopes[i].offset + SCOPE_ENUM_ID,
				     "ACPI device number %u has no ANDD",
				     dmar->scopes[i].enum_id);
	}
}

/**
 * lab_dmar_compare - the checks of structures against each other
 * @dmar: the table, decoded; its findings are added to
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int lab_dmar_compare(struct lab_dmar *dmar)
{
	struct comparison comparison = { .dmar = dmar };
	u32 most = dmar->nr_drhds;

	if (!dmar->nr_drhds)
		lab_dmar_say(dmar, CHECK_NO_DRHD, LAB_DMAR_HEADER,
			     "no DRHD: there is no remapping unit");
	check_order(dmar);
	check_names(dmar);

	if (dmar->nr_rmrrs > most)
		most = dmar->nr_rmrrs;
	if (dmar->nr_rhsas > most)
		most = dmar->nr_rhsas;
	comparison.spans = lab_port_calloc(most + 1,
					   sizeof(*comparison.spans));
	if (!comparison.spans)
		return -ENOMEM;
	check_windows(&comparison);
	check_regions(&comparison);
	sort_by_segment(&comparison);
	check_include_all(&comparison);
	check_segments(&comparison);
	check_affinities(&comparison);
	lab_port_free(comparison.spans);
	return 0;
}
