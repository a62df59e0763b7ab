// SPDX-License-Identifier: GPL-2.0
/* Target: DMAR read, checked, shown, asked which unit has a function, and probed. */
#include "../iommu_lab/firmware/dmar.h"
#include "machine.h"
#include "mutate.h"

/*
 * What a parsed table may take. For each byte at most 8: its copy, 1; a DRHD of 16
 * bytes has a structure of 24, a unit of 40 and a span of 24; an ATSR or ANDD of 8 has
 * 24 and at most 24; a scope of 6 has 24. Fixed: the findings, and the whole.
 */
#define MEMORY_FIXED	16384
#define MEMORY_FACTOR	8

const struct fuzz_layout * const fuzz_layout = &fuzz_layout_dmar;

/* Return: where the last scope of a structure ends. */
static u32 check_scopes(const struct lab_dmar *dmar,
			const struct lab_dmar_structure *structure)
{
	u32 i, end = structure->offset + 4;
	const struct lab_dmar_scope *scope;

	for (i = 0; i < structure->nr_scopes; i++) {
		scope = &dmar->scopes[structure->first_scope + i];
		fuzz_require(scope->offset >= end, "scopes follow each other");
		fuzz_require(scope->path == dmar->table + scope->offset + 6,
			     "a path is in the table");
		end = scope->offset + 6 + 2u * scope->hops;
	}
	return end;
}

/* dmar.h: all is inside the table, in its order, without overlap. */
static void check_structures(const struct lab_dmar *dmar)
{
	const struct lab_dmar_structure *structure;
	u32 end = LAB_DMAR_HEADER, scopes = 0, i;

	for (i = 0; i < dmar->nr_structures; i++) {
		structure = &dmar->structures[i];
		fuzz_require(structure->offset == end && structure->length >= 4 &&
			     structure->length <= dmar->length - end,
			     "structures follow each other, inside the table");
		fuzz_require(structure->first_scope == scopes,
			     "a structure has the scopes that follow");
		scopes += structure->nr_scopes;
		end += structure->length;
		fuzz_require(scopes <= dmar->nr_scopes &&
			     check_scopes(dmar, structure) <= end,
			     "scopes are inside their structure");
	}
	fuzz_require(scopes == dmar->nr_scopes, "each scope is of a structure");
	for (i = 0; i < dmar->nr_andds; i++)
		fuzz_require(dmar->andds[i].name == dmar->table + dmar->andds[i].offset + 8 &&
			     dmar->andds[i].offset + 8 + dmar->andds[i].name_length <=
			     dmar->length, "a name is in the table");
}

/* Two texts of one table are the same; so are two readings, of other memory. */
static void check_json(const struct lab_dmar *dmar, const struct fuzz_input *input)
{
	struct fuzz_text text = { }, again = { };
	struct lab_dmar *other;

	lab_dmar_json(dmar, fuzz_json_piece, &text);
	fuzz_json_end(&text);
	lab_dmar_parse(input->table, input->length, &other);
	fuzz_require(other, "there is memory");
	lab_dmar_json(other, fuzz_json_piece, &again);
	fuzz_require(text.bytes == again.bytes && text.hash == again.hash,
		     "the same bytes give the same JSON");
	lab_dmar_free(other);
}

static void check_text(const struct lab_dmar *dmar)
{
	struct fuzz_text text = { };

	lab_dmar_print(dmar, fuzz_line, &text);
	fuzz_require(text.lines >= dmar->nr_structures + dmar->nr_scopes + dmar->findings.nr,
		     "each structure, scope and finding has a line");
}

/* Buses as no machine numbers them: in circles, backwards, and out of range. */
static int odd_secondary(void *ctx, u16 segment, u16 bdf)
{
	return (int)((bdf >> 3) * 37u + segment) % 300 - 20;
}

static int odd_subordinate(void *ctx, u16 segment, u16 bdf)
{
	return (int)((bdf >> 3) * 53u + segment) % 300 - 20;
}

static void check_units(const struct lab_dmar *dmar,
			const struct lab_dmar_bridges *bridges)
{
	u16 segment = dmar->nr_drhds ? dmar->drhds[0].segment : 0;
	unsigned int bdf;
	int unit;
	u32 i;

	for (bdf = 0; bdf < 0x10000; bdf += 0x1999) {
		unit = lab_dmar_unit_of(dmar, segment, (u16)bdf, bridges);
		fuzz_require(unit == -ENOENT ||
			     (unit >= 0 && (u32)unit < dmar->nr_drhds &&
			      dmar->drhds[unit].segment == segment),
			     "the unit of a function is one of its segment");
		for (i = 0; i < dmar->nr_rmrrs; i++)
			lab_dmar_rmrr_has(dmar, &dmar->rmrrs[i], segment, (u16)bdf,
					  bridges);
	}
	for (i = 0; i < dmar->nr_scopes; i++) {
		int named = lab_dmar_scope_bdf(&dmar->scopes[i], segment, bridges);

		fuzz_require(named == -ENOENT || (named >= 0 && named <= 0xffff),
			     "a scope names a function, or none");
		if (named < 0)
			continue;
		unit = lab_dmar_unit_of(dmar, segment, (u16)named, bridges);
		fuzz_require(unit < (int)dmar->nr_drhds, "a unit is one");
	}
}

static void check(const struct lab_dmar *dmar, const struct fuzz_input *input)
{
	const struct lab_dmar_bridges bridges = {
		.secondary = odd_secondary,
		.subordinate = odd_subordinate,
	};

	fuzz_check_findings(&dmar->findings, input->length);
	fuzz_require(dmar->nr_unread <= dmar->findings.nr, "what was not read was found");
	check_structures(dmar);
	if (input->wants & FUZZ_JSON)
		check_json(dmar, input);
	if (input->wants & FUZZ_TEXT)
		check_text(dmar);
	if (input->wants & FUZZ_MORE) {
		check_units(dmar, NULL);
		check_units(dmar, &bridges);
		fuzz_machine_of_table(input, !dmar->findings.nr_errors);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input input;
	struct lab_dmar *dmar;
	bool failed;
	int result;

	if (!fuzz_open(&input, data, size))
		return 0;
	fuzz_memory_begin(input.fail_in);
	result = lab_dmar_parse(input.table, input.length, &dmar);
	failed = fuzz_memory_end();
	fuzz_require(fuzz_memory_taken() <= MEMORY_FIXED + MEMORY_FACTOR * input.length,
		     "memory is in proportion to the table");
	fuzz_require(failed == !dmar && failed == (result == -ENOMEM),
		     "a failed allocation is ENOMEM");
	if (dmar) {
		fuzz_require(result == (dmar->findings.nr_errors ? -EINVAL : 0),
			     "a table with an error is refused");
		check(dmar, &input);
		lab_dmar_free(dmar);
	}
	fuzz_close(&input);
	return 0;
}
