// SPDX-License-Identifier: GPL-2.0
/*
 * firmware_help.h's functions, and the invariants of struct lab_dmar.
 */
#include <linux/slab.h>

#include "../iommu_lab/firmware/bytes.h"
#include "firmware_help.h"

static bool inside(const struct lab_dmar *dmar, u32 offset, u32 length)
{
	return offset >= LAB_DMAR_HEADER && offset <= dmar->length &&
	       length <= dmar->length - offset;
}

static bool scopes_are_sound(const struct lab_dmar *dmar, u32 first, u32 count,
			     const struct lab_dmar_structure *structure)
{
	u32 end = structure->offset + structure->length;
	const struct lab_dmar_scope *scope;

	if (first > dmar->nr_scopes || count > dmar->nr_scopes - first)
		return false;
	for (scope = dmar->scopes + first; count--; scope++) {
		if (scope->offset < structure->offset || scope->offset > end ||
		    end - scope->offset < 6u + 2u * scope->hops ||
		    scope->path != dmar->table + scope->offset + 6)
			return false;
	}
	return true;
}

static bool name_is_sound(const struct lab_dmar *dmar,
			  const struct lab_dmar_andd *andd,
			  const struct lab_dmar_structure *structure)
{
	return andd->name == dmar->table + structure->offset + 8 &&
	       andd->name_length <= structure->length - 8 &&
	       !memchr(andd->name, 0, andd->name_length);
}

/* offset of the decoded form of a structure, or 0: there is none of its index */
static u32 decoded_offset(const struct lab_dmar *dmar,
			  const struct lab_dmar_structure *structure)
{
	u32 i = structure->index;

	switch (structure->type) {
	case LAB_DMAR_DRHD:
		return i < dmar->nr_drhds ? dmar->drhds[i].offset : 0;
	case LAB_DMAR_RMRR:
		return i < dmar->nr_rmrrs ? dmar->rmrrs[i].offset : 0;
	case LAB_DMAR_ATSR:
		return i < dmar->nr_atsrs ? dmar->atsrs[i].offset : 0;
	case LAB_DMAR_RHSA:
		return i < dmar->nr_rhsas ? dmar->rhsas[i].offset : 0;
	case LAB_DMAR_ANDD:
		return i < dmar->nr_andds ? dmar->andds[i].offset : 0;
	case LAB_DMAR_SATC:
		return i < dmar->nr_satcs ? dmar->satcs[i].offset : 0;
	case LAB_DMAR_SIDP:
		return i < dmar->nr_sidps ? dmar->sidps[i].offset : 0;
	}
	return 0;
}

static bool structure_is_sound(const struct lab_dmar *dmar,
			       const struct lab_dmar_structure *structure)
{
	const struct lab_dmar_drhd *drhd;
	const struct lab_dmar_rmrr *rmrr;

	if (structure->length < 4 ||
	    !inside(dmar, structure->offset, structure->length) ||
	    !scopes_are_sound(dmar, structure->first_scope,
			      structure->nr_scopes, structure))
		return false;
	if (!structure->decoded)
		return !structure->nr_scopes;
	if (decoded_offset(dmar, structure) != structure->offset)
		return false;
	switch (structure->type) {
	case LAB_DMAR_DRHD:
		drhd = &dmar->drhds[structure->index];
		return drhd->first_scope == structure->first_scope &&
		       drhd->nr_scopes == structure->nr_scopes;
	case LAB_DMAR_RMRR:
		rmrr = &dmar->rmrrs[structure->index];
		return rmrr->first_scope == structure->first_scope &&
		       rmrr->nr_scopes == structure->nr_scopes;
	case LAB_DMAR_ANDD:
		return name_is_sound(dmar, &dmar->andds[structure->index],
				     structure);
	}
	return true;
}

/* The invariants of struct lab_dmar, for any input. */
static bool is_sound(const struct lab_dmar *dmar, size_t length)
{
	u32 i, end = LAB_DMAR_HEADER;

	if (dmar->length > length || dmar->nr_structures > length / 4 ||
	    dmar->nr_scopes > length / 6 ||
	    dmar->findings.nr > LAB_MAX_FINDINGS + 1 ||
	    dmar->nr_unread > dmar->findings.nr)
		return false;
	for (i = 0; i < dmar->nr_structures; i++) {
		if (dmar->structures[i].offset != end ||
		    !structure_is_sound(dmar, &dmar->structures[i]))
			return false;
		end += dmar->structures[i].length;
	}
	for (i = 0; i < dmar->findings.nr; i++) {
		if (dmar->findings.list[i].offset > length ||
		    !dmar->findings.list[i].check || !dmar->findings.list[i].text[0] ||
		    !memchr(dmar->findings.list[i].text, 0,
			    sizeof(dmar->findings.list[i].text)))
			return false;
	}
	return true;
}

static void release(void *dmar)
{
	lab_dmar_free(dmar);
}

static void release_table(void *table)
{
	lab_dmar_table_free(table);
}

/* Parses a copy of exactly @length bytes. The result lives as long as @test. */
struct lab_dmar *lab_fw_parse(struct kunit *test, const u8 *bytes,
			      size_t length, int expected)
{
	u8 *copy = kmalloc(length, GFP_KERNEL);
	struct lab_dmar *dmar;
	int result;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, bytes, length);
	result = lab_dmar_parse(copy, length, &dmar);
	kfree(copy);
	KUNIT_ASSERT_NOT_NULL(test, dmar);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, release, dmar));
	KUNIT_EXPECT_EQ(test, result, expected);
	KUNIT_EXPECT_TRUE(test, is_sound(dmar, length));
	return dmar;
}

static void ignore_line(void *longest, const char *line)
{
	size_t *length = longest;

	*length = max(*length, strlen(line));
}

static void count_piece(void *bytes, const char *text, size_t length)
{
	*(size_t *)bytes += length;
}

/*
 * Parses, checks the invariants, prints and resolves, for inputs of which
 * nothing is known. Return: what the parser returned.
 */
int lab_fw_survive(struct kunit *test, const u8 *bytes, size_t length)
{
	u8 *copy = kmalloc(length, GFP_KERNEL);
	struct lab_dmar *dmar;
	size_t longest = 0, json = 0;
	int result;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, bytes, length);
	result = lab_dmar_parse(copy, length, &dmar);
	kfree(copy);
	KUNIT_ASSERT_NOT_NULL(test, dmar);
	if (!is_sound(dmar, length) || !result != !dmar->findings.nr_errors)
		KUNIT_FAIL(test, "result %d, or invariants broken", result);
	lab_dmar_unit_of(dmar, 0, lab_default_bdf(0), NULL);
	lab_dmar_print(dmar, ignore_line, &longest);
	lab_dmar_json(dmar, count_piece, &json);
	if (longest >= 192 || (result && !longest))
		KUNIT_FAIL(test, "longest line %zu", longest);
	if (!json)
		KUNIT_FAIL(test, "no JSON");
	lab_dmar_free(dmar);
	return result;
}

void lab_fw_repair_checksum(u8 *table, u32 length)
{
	table[9] = 0;
	table[9] = (u8)-lab_byte_sum(table, length);
}

void lab_fw_repair(u8 *table, u32 length)
{
	lab_put_le32(table + 4, length);
	lab_fw_repair_checksum(table, length);
}

u8 *lab_fw_finish(struct kunit *test, struct lab_dmar_builder *builder,
		  size_t *length)
{
	u8 *table = lab_dmar_finish(builder, length);

	lab_dmar_builder_free(builder);
	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, release_table,
							   table));
	return table;
}

u8 *lab_fw_default(struct kunit *test, unsigned int endpoints, size_t *length)
{
	u8 *table = lab_default_topology(endpoints, LAB_FW_RMRR_BASE, length);

	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, release_table,
							   table));
	return table;
}
