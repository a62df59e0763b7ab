// SPDX-License-Identifier: GPL-2.0
/*
 * firmware/: each check, on a sound table with something wrong in it.
 *
 * dmar_every.c says what is at which offset. A case must have exactly the findings
 * that it lists, so a check that says too much fails as well.
 */
#include <kunit/test.h>

#include "../iommu_lab/firmware/bytes.h"
#include "../iommu_lab/firmware/dmar_check.h"
#include "dmar_every.h"
#include "firmware_help.h"
#include "suites.h"

#define MAX_POKES	4
#define MAX_WANTS	2

/**
 * struct poke - a field made another
 * @at: its offset
 * @bytes: 1, 2, 4 or 8; 0: no more pokes
 * @value: its new value
 */
struct poke {
	u16 at;
	u8 bytes;
	u64 value;
};

/**
 * struct want - a finding
 * @check: its id; NULL: no more findings
 * @at: its offset
 */
struct want {
	const char *check;
	u32 at;
};

/**
 * struct lint_case - a table, and what must be found in it
 * @poke: what is done to the sound table, before the checksum is made right
 * @want: all findings, in any order
 * @given: bytes of the table that the parser is given; 0: LAB_EVERY_LENGTH
 */
struct lint_case {
	struct poke poke[MAX_POKES];
	struct want want[MAX_WANTS];
	u32 given;
};

/* what cannot be decoded */
static const struct lint_case layout_cases[] = {
	{ .given = 3, .want = { { "header-length", 0 } } },
	{ .given = 47,
	  .want = { { "header-length", 0 }, { "table-length", 4 } } },
	{ { { 3, 1, 'X' } }, { { "signature", 0 } } },
	{ { { 4, 4, 47 } }, { { "table-length", 4 } } },
	{ { { 4, 4, LAB_EVERY_LENGTH + 1 } }, { { "table-length", 4 } } },
	{ { { 0x14a, 2, 3 } }, { { "structure-length", 0x14a } } },
	{ { { 0x14a, 2, 7 }, { 4, 4, 0x14f } },
	  { { "structure-length", 0x14a } }, .given = 0x14f },
	{ { { 0x14a, 2, 0x11 } }, { { "structure-overrun", 0x14a } } },
	{ { { 4, 4, 0x159 } }, { { "structure-trailing", 0x158 } }, 0x159 },
	{ { { 4, 4, 0x15b } }, { { "structure-trailing", 0x158 } }, 0x15b },
	{ { { 0x151, 1, 0 } }, { { "scope-length", 0x151 } } },
	{ { { 0x151, 1, 5 } }, { { "scope-length", 0x151 } } },
	{ { { 0x151, 1, 9 } }, { { "scope-overrun", 0x151 } } },
	{ { { 0x14a, 2, 0x11 }, { 4, 4, 0x159 } },
	  { { "scope-trailing", 0x158 } }, 0x159 },
	{ { { 0x14a, 2, 0x15 }, { 4, 4, 0x15d } },
	  { { "scope-trailing", 0x158 } }, 0x15d },
};

static const struct lint_case header_cases[] = {
	{ .given = LAB_EVERY_LENGTH },
	{ .given = LAB_EVERY_LENGTH + 8,
	  .want = { { "table-tail", LAB_EVERY_LENGTH } } },
	{ { { 8, 1, 0 } }, { { "revision", 8 } } },
	{ { { 8, 1, 2 } }, { { "revision", 8 } } },
	{ { { 36, 1, 64 } }, { { "width", 36 } } },
	{ { { 36, 1, 10 } }, { { "width", 36 } } },
	{ { { 36, 1, 63 } } },
	{ { { 37, 1, 2 } }, { { "x2apic", 37 } } },
	{ { { 37, 1, 0x0f } } },
	{ { { 37, 1, 0x11 } }, { { "flags", 37 } } },
	{ { { 38, 1, 1 } }, { { "reserved", 38 } } },
	{ { { 47, 1, 1 } }, { { "reserved", 47 } } },
};

/* each structure for itself */
static const struct lint_case structure_cases[] = {
	{ { { 0x34, 1, 2 } }, { { "flags", 0x34 } } },
	{ { { 0xd4, 1, 2 } }, { { "flags", 0xd4 } } },
	{ { { 0x13c, 1, 3 } }, { { "flags", 0x13c } } },
	{ { { 0x94, 1, 1 } }, { { "reserved", 0x94 } } },
	{ { { 0x95, 1, 1 } }, { { "reserved", 0x95 } } },
	{ { { 0xd5, 1, 1 } }, { { "reserved", 0xd5 } } },
	{ { { 0xe4, 1, 1 } }, { { "reserved", 0xe4 } } },
	{ { { 0xe7, 1, 1 } }, { { "reserved", 0xe7 } } },
	{ { { 0x10c, 1, 1 } }, { { "reserved", 0x10c } } },
	{ { { 0x10e, 1, 1 } }, { { "reserved", 0x10e } } },
	{ { { 0x13d, 1, 1 } }, { { "reserved", 0x13d } } },
	{ { { 0x14c, 1, 1 } }, { { "reserved", 0x14c } } },
	{ { { 0x14d, 1, 1 } }, { { "reserved", 0x14d } } },
	{ { { 0x148, 2, 7 } }, { { "structure-unknown", 0x148 } } },
	{ { { 0x148, 2, 0xffff } }, { { "structure-unknown", 0x148 } } },
	/* the first RHSA swallows the second one */
	{ { { 0xe2, 2, 40 } }, { { "structure-tail", 0xf4 } } },
	{ { { 0x50, 8, 0 } }, { { "drhd-base", 0x50 } } },
	{ { { 0x50, 8, 0xfed92800 } }, { { "drhd-base", 0x50 } } },
	{ { { 0x50, 8, 1ULL << 39 } }, { { "drhd-width", 0x50 } } },
	{ { { 0x50, 8, (1ULL << 39) - 4096 } }, { { "drhd-width", 0x50 } } },
	{ { { 0x50, 8, (1ULL << 39) - 8192 } } },
	{ { { 0x50, 8, ~4095ULL }, { 36, 1, 63 } }, { { "drhd-width", 0x50 } } },
	{ { { 0x50, 8, 0xfed93000 } }, { { "drhd-align", 0x50 } } },
	{ { { 0x4d, 1, 0x11 } }, { { "drhd-size", 0x4d } } },
	/* the scope becomes a structure */
	{ { { 0x4a, 2, 16 }, { 0x58, 4, 0x000800ff } },
	  { { "drhd-empty", 0x48 }, { "structure-unknown", 0x58 } } },
	{ { { 0x4a, 2, 16 }, { 0x58, 4, 0x000800ff }, { 0x4c, 1, 1 } },
	  { { "structure-unknown", 0x58 } } },
	{ { { 0xa0, 8, 0x79ffffff } }, { { "rmrr-range", 0x98 } } },
	{ { { 0x98, 8, 0 }, { 0xa0, 8, ~0ULL } },
	  { { "rmrr-range", 0x98 }, { "rmrr-overlap", 0xb8 } } },
	{ { { 0xb8, 8, 1ULL << 39 }, { 0xc0, 8, (1ULL << 39) + 0xfff } },
	  { { "rmrr-width", 0xb8 } } },
	{ { { 0xb8, 8, (1ULL << 39) - 4096 }, { 0xc0, 8, (1ULL << 39) + 0xfff } },
	  { { "rmrr-width", 0xc0 } } },
	{ { { 0xb8, 8, (1ULL << 39) - 4096 }, { 0xc0, 8, (1ULL << 39) - 1 } } },
	{ { { 0x98, 8, 0x7a000800 } }, { { "rmrr-align", 0x98 } } },
	{ { { 0xa0, 8, 0x7a001ffe } }, { { "rmrr-align", 0xa0 } } },
	{ { { 0xa0, 8, 0x7a002000 } }, { { "rmrr-align", 0xa0 } } },
	{ { { 0xc0, 8, 0xbb800fff } }, { { "rmrr-large", 0xc0 } } },
	{ { { 0xc0, 8, 0xbb7fffff } } },
	{ { { 0x98, 8, 0xff000 }, { 0xa0, 8, 0xfffff } }, { { "rmrr-low", 0x98 } } },
	{ { { 0x98, 8, 0 }, { 0xa0, 8, 0 } },
	  { { "rmrr-low", 0x98 }, { "rmrr-align", 0xa0 } } },
	{ { { 0x98, 8, 0x100000 }, { 0xa0, 8, 0x100fff } } },
	{ { { 0xd4, 1, 1 } }, { { "atsr-scopes", 0xd4 } } },
	{ { { 0x11f, 1, 'x' } }, { { "andd-name", 0x110 } } },
	/* without a name, at bytes that are there: the name's would be outside of a table */
	{ { { 0x10a, 2, 8 }, { 0x110, 4, 0x001000ff } },
	  { { "andd-name", 0x10a }, { "structure-unknown", 0x110 } } },
	{ { { 0x110, 1, 'X' } }, { { "andd-relative", 0x110 } } },
	{ { { 0x110, 1, 0 } }, { { "andd-relative", 0x110 } } },
	{ { { 0x92, 2, 24 }, { 0xa8, 4, 0x000800ff } },
	  { { "scope-missing", 0x90 }, { "structure-unknown", 0xa8 } } },
	{ { { 0xd2, 2, 8 }, { 0xd8, 4, 0x000800ff } },
	  { { "scope-missing", 0xd0 }, { "structure-unknown", 0xd8 } } },
	{ { { 0xd2, 2, 8 }, { 0xd8, 4, 0x000800ff }, { 0xd4, 1, 1 } },
	  { { "structure-unknown", 0xd8 } } },
	{ { { 0x13a, 2, 8 }, { 0x140, 4, 0x000800ff } },
	  { { "scope-missing", 0x138 }, { "structure-unknown", 0x140 } } },
	{ { { 0x14a, 2, 8 }, { 4, 4, 0x150 } },
	  { { "scope-missing", 0x148 } }, 0x150 },
};

/* each device scope for itself */
static const struct lint_case scope_cases[] = {
	{ { { 0x40, 1, 0 } }, { { "scope-type", 0x40 } } },
	{ { { 0x40, 1, 6 } }, { { "scope-type", 0x40 } } },
	{ { { 0xa8, 1, 3 } }, { { "scope-place", 0xa8 } } },
	{ { { 0xa8, 1, 4 } }, { { "scope-place", 0xa8 } } },
	{ { { 0x78, 1, 1 } }, { { "scope-place", 0x78 } } },
	{ { { 0x78, 1, 2 } }, { { "scope-place", 0x78 } } },
	{ { { 0x42, 1, 1 } }, { { "scope-flags", 0x42 } } },
	{ { { 0x152, 1, 0x20 } }, { { "scope-flags", 0x152 } } },
	{ { { 0x43, 1, 1 } }, { { "reserved", 0x43 } } },
	{ { { 0x44, 1, 5 } }, { { "scope-enum-id", 0x44 } } },
	{ { { 0x5c, 1, 5 } }, { { "scope-enum-id", 0x5c } } },
	{ { { 0x151, 1, 6 }, { 0x14a, 2, 14 }, { 4, 4, 0x156 } },
	  { { "scope-path", 0x151 } }, 0x156 },
	{ { { 0x151, 1, 7 }, { 0x14a, 2, 15 }, { 4, 4, 0x157 } },
	  { { "scope-path", 0x151 } }, 0x157 },
	{ { { 0x151, 1, 9 }, { 0x14a, 2, 17 }, { 4, 4, 0x159 } },
	  { { "scope-path", 0x151 } }, 0x159 },
	{ { { 0x151, 1, 10 }, { 0x14a, 2, 18 }, { 4, 4, 0x15a },
	    { 0x158, 2, 0x0820 } },
	  { { "scope-device", 0x158 }, { "scope-function", 0x159 } }, 0x15a },
	{ { { 0x46, 1, 32 } }, { { "scope-device", 0x46 } } },
	{ { { 0x47, 1, 8 } }, { { "scope-function", 0x47 } } },
	{ { { 0x46, 2, 0x071f } } },
};

/* structures compared with each other */
static const struct lint_case compared_cases[] = {
	{ { { 4, 4, 48 } }, { { "no-drhd", 48 } }, 48 },
	/* the SATC becomes a SIDP, and the other way round */
	{ { { 0x138, 2, 6 }, { 0x13c, 1, 0 }, { 0x148, 2, 5 }, { 0x152, 1, 0 } },
	  { { "structure-order", 0x148 } } },
	/* the unit's RHSA moves, too */
	{ { { 0x68, 8, 0xfed90000 }, { 0xfc, 8, 0xfed92000 } },
	  { { "drhd-same", 0x68 } } },
	{ { { 0x35, 1, 1 } }, { { "drhd-overlap", 0x68 } } },
	/* both others are in its 64 KiB, and not in each other's */
	{ { { 0x35, 1, 4 } },
	  { { "drhd-overlap", 0x50 }, { "drhd-overlap", 0x68 } } },
	{ { { 0x35, 1, 0x11 } }, { { "drhd-size", 0x35 } } },
	/* the unit has an I/O APIC instead of a PCI device */
	{ { { 0x34, 1, 1 }, { 0x40, 1, 3 } },
	  { { "include-all-last", 0x34 }, { "include-all-twice", 0x64 } } },
	{ { { 0x34, 1, 1 }, { 0x40, 1, 3 }, { 0x64, 1, 0 } },
	  { { "include-all-last", 0x34 } } },
	{ { { 0x4c, 1, 1 }, { 0x58, 1, 3 } } },
	{ { { 0xb8, 8, 0x7a000000 }, { 0xc0, 8, 0x7a001fff } },
	  { { "rmrr-same", 0xb8 } } },
	{ { { 0xb8, 8, 0x7a001000 }, { 0xc0, 8, 0x7a002fff } },
	  { { "rmrr-overlap", 0xb8 } } },
	{ { { 0xb8, 8, 0x79fff000 }, { 0xc0, 8, 0x7a000fff } },
	  { { "rmrr-overlap", 0xb8 } } },
	{ { { 0xb8, 8, 0x7a002000 }, { 0xc0, 8, 0x7a002fff } } },
	{ { { 0x96, 2, 5 } }, { { "segment-unit", 0x96 } } },
	{ { { 0xd6, 2, 5 } }, { { "segment-unit", 0xd6 } } },
	{ { { 0x13e, 2, 5 } }, { { "segment-unit", 0x13e } } },
	{ { { 0x14e, 2, 5 } }, { { "segment-unit", 0x14e } } },
	{ { { 0x14e, 2, 1 } } },
	{ { { 0xe8, 8, 0xfed93000 } }, { { "rhsa-unit", 0xe8 } } },
	{ { { 0xfc, 8, 0xfed90000 } }, { { "rhsa-twice", 0xfc } } },
	{ { { 0x127, 1, 1 }, { 0x8c, 1, 1 } }, { { "andd-twice", 0x127 } } },
	{ { { 0x127, 1, 3 } }, { { "andd-orphan", 0x127 }, { "scope-andd", 0x8c } } },
	{ { { 0x127, 1, 3 }, { 0x8c, 1, 3 } } },
};

static void poke(u8 *table, const struct poke *poke)
{
	unsigned int i;

	for (i = 0; i < poke->bytes; i++)
		table[poke->at + i] = (u8)(poke->value >> 8 * i);
}

static enum lab_severity severity_of(struct kunit *test, const char *check)
{
	u32 i;

	for (i = 0; i < LAB_DMAR_CHECKS; i++) {
		if (!strcmp(lab_dmar_checks[i].id, check))
			return lab_dmar_checks[i].severity;
	}
	KUNIT_FAIL(test, "there is no check %s", check);
	return LAB_NOTE;
}

static bool found(const struct lab_dmar *dmar, const struct want *want,
		  enum lab_severity severity)
{
	const struct lab_finding *finding;
	u32 i;

	for (i = 0; i < dmar->findings.nr; i++) {
		finding = &dmar->findings.list[i];
		if (!strcmp(finding->check, want->check) &&
		    finding->offset == want->at &&
		    finding->severity == severity)
			return true;
	}
	return false;
}

static void run_case(struct kunit *test, const struct lint_case *c,
		     const char *group, size_t number)
{
	u32 given = c->given ? c->given : LAB_EVERY_LENGTH;
	enum lab_severity severity, worst = LAB_NOTE;
	u8 table[LAB_EVERY_LENGTH + 16] = { };
	struct lab_dmar *dmar;
	u32 i, wanted = 0;
	size_t length;
	u8 *every = lab_test_every_structure(&length);

	KUNIT_ASSERT_NOT_NULL(test, every);
	KUNIT_ASSERT_EQ(test, length, LAB_EVERY_LENGTH);
	memcpy(table, every, length);
	lab_dmar_table_free(every);
	for (i = 0; i < MAX_POKES; i++)
		poke(table, &c->poke[i]);
	length = lab_get_le32(table + 4);
	lab_fw_repair_checksum(table, min(length, sizeof(table)));

	for (i = 0; i < MAX_WANTS && c->want[i].check; i++) {
		severity = severity_of(test, c->want[i].check);
		worst = max(worst, severity);
		wanted++;
	}
	dmar = lab_fw_parse(test, table, given,
			    worst == LAB_ERROR ? -EINVAL : 0);
	KUNIT_EXPECT_EQ_MSG(test, dmar->findings.nr, wanted, "%s %zu: %s", group,
			    number, dmar->findings.list[0].text);
	for (i = 0; i < wanted; i++)
		KUNIT_EXPECT_TRUE_MSG(test,
				      found(dmar, &c->want[i],
					    severity_of(test, c->want[i].check)),
				      "%s %zu: no %s at 0x%x", group, number,
				      c->want[i].check, c->want[i].at);
}

static void run_cases(struct kunit *test, const struct lint_case *cases,
		      size_t nr, const char *group)
{
	size_t i;

	for (i = 0; i < nr; i++)
		run_case(test, &cases[i], group, i);
}

static void layout(struct kunit *test)
{
	run_cases(test, layout_cases, ARRAY_SIZE(layout_cases), "layout_cases");
}

static void header(struct kunit *test)
{
	run_cases(test, header_cases, ARRAY_SIZE(header_cases), "header_cases");
}

static void structures(struct kunit *test)
{
	run_cases(test, structure_cases, ARRAY_SIZE(structure_cases), "structure_cases");
}

static void scopes(struct kunit *test)
{
	run_cases(test, scope_cases, ARRAY_SIZE(scope_cases), "scope_cases");
}

static void compared(struct kunit *test)
{
	run_cases(test, compared_cases, ARRAY_SIZE(compared_cases), "compared_cases");
}

/* Without the checksum made right: any one bit of any byte is noticed. */
static void checksum(struct kunit *test)
{
	struct lab_dmar *dmar;
	size_t length, at;
	u8 *every = lab_test_every_structure(&length);

	KUNIT_ASSERT_NOT_NULL(test, every);
	for (at = 8; at < length; at++) {
		every[at] ^= 0x80;
		KUNIT_EXPECT_EQ(test, -EINVAL,
				lab_dmar_parse(every, length, &dmar));
		KUNIT_ASSERT_NOT_NULL(test, dmar);
		KUNIT_EXPECT_TRUE(test,
				  found(dmar, &(struct want){ "checksum", 9 },
					LAB_ERROR));
		lab_dmar_free(dmar);
		every[at] ^= 0x80;
	}
	lab_dmar_table_free(every);
}

static bool is_wanted(const struct lint_case *cases, size_t nr,
		      const char *check)
{
	size_t i, j;

	for (i = 0; i < nr; i++) {
		for (j = 0; j < MAX_WANTS && cases[i].want[j].check; j++) {
			if (!strcmp(cases[i].want[j].check, check))
				return true;
		}
	}
	return false;
}

/* A check without a case, but for the checksum, which has a test above. */
static void no_check_without_case(struct kunit *test)
{
	const char *id;
	u32 i;

	for (i = 0; i < LAB_DMAR_CHECKS; i++) {
		id = lab_dmar_checks[i].id;
		KUNIT_ASSERT_NOT_NULL(test, id);
		KUNIT_EXPECT_TRUE_MSG(test,
				      !strcmp(id, "checksum") ||
				      is_wanted(layout_cases, ARRAY_SIZE(layout_cases), id) ||
				      is_wanted(header_cases, ARRAY_SIZE(header_cases), id) ||
				      is_wanted(structure_cases, ARRAY_SIZE(structure_cases), id) ||
				      is_wanted(scope_cases, ARRAY_SIZE(scope_cases), id) ||
				      is_wanted(compared_cases, ARRAY_SIZE(compared_cases), id),
				      "check %s has no case", id);
	}
}

static struct kunit_case dmar_lint_cases[] = {
	LAB_FW_CASE(layout, "checks: bytes that cannot be decoded"),
	LAB_FW_CASE(header, "checks: the header"),
	LAB_FW_CASE(structures, "checks: each structure for itself"),
	LAB_FW_CASE(scopes, "checks: each device scope for itself"),
	LAB_FW_CASE(compared, "checks: structures compared with each other"),
	LAB_FW_CASE(checksum, "checks: any bit that the sum does not cover"),
	LAB_FW_CASE(no_check_without_case, "checks: each has a case"),
	{ }
};

struct kunit_suite lab_dmar_lint_suite = {
	.name = "dmar-lint",
	.test_cases = dmar_lint_cases,
};
