// SPDX-License-Identifier: GPL-2.0
/*
 * firmware/: the parser against sound, wrong, cut, corrupted and random tables.
 *
 * One table is written by hand, byte by byte, so that parser and builder cannot
 * share a mistake.
 */
#include <kunit/test.h>

#include "../iommu_lab/firmware/bytes.h"
#include "firmware_help.h"
#include "seed.h"
#include "suites.h"

/* A kernel with KASAN needs a millisecond and more for each table. */
#define ROUNDS		(IS_ENABLED(CONFIG_KASAN) ? 1000 : 20000)
#define FLIP_STEP	(IS_ENABLED(CONFIG_KASAN) ? 37 : 1)

/* streams of random numbers */
#define RANDOM_BYTES		0xf1
#define RANDOM_STRUCTURES	0xf2

/* Two units, a reserved region of 8 KiB; 39 bits, INTR_REMAP. */
static const u8 by_hand[] = {
	0x44, 0x4d, 0x41, 0x52, 0x86, 0x00, 0x00, 0x00,	/* DMAR, 134 bytes */
	0x01, 0x33, 0x4c, 0x41, 0x42, 0x20, 0x20, 0x20,	/* checksum, OEM id */
	0x42, 0x59, 0x20, 0x48, 0x41, 0x4e, 0x44, 0x20,	/* OEM table id */
	0x01, 0x00, 0x00, 0x00, 0x54, 0x45, 0x53, 0x54,
	0x01, 0x00, 0x00, 0x00, 0x26, 0x01, 0x00, 0x00,	/* width, flags */
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	/* 0x30 DRHD, 24 bytes: segment 1, 16 KiB at 0xfed90000 */
	0x00, 0x00, 0x18, 0x00, 0x00, 0x02, 0x01, 0x00,
	0x00, 0x00, 0xd9, 0xfe, 0x00, 0x00, 0x00, 0x00,
	0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00,	/* 0x40 00:02.0 */
	/* 0x48 DRHD, 24 bytes: INCLUDE_PCI_ALL, 4 KiB at 0x1fed91000 */
	0x00, 0x00, 0x18, 0x00, 0x01, 0x00, 0x00, 0x00,
	0x00, 0x10, 0xd9, 0xfe, 0x01, 0x00, 0x00, 0x00,
	0x03, 0x08, 0x00, 0x00, 0x02, 0xf0, 0x1f, 0x00,	/* 0x58 I/O APIC 2 */
	/* 0x60 RMRR, 38 bytes: 0x7a000000 to 0x7a001fff */
	0x01, 0x00, 0x26, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x7a, 0x00, 0x00, 0x00, 0x00,
	0xff, 0x1f, 0x00, 0x7a, 0x00, 0x00, 0x00, 0x00,
	/* 0x78 endpoint, four hops: 00:1c.7, 03.2, 00.1, 04.5 */
	0x01, 0x0e, 0x00, 0x00, 0x00, 0x00, 0x1c, 0x07,
	0x03, 0x02, 0x00, 0x01, 0x04, 0x05,
};

/* Is there exactly one finding, of this check, severity and offset? */
static void expect_only(struct kunit *test, const struct lab_dmar *dmar,
			const char *check, enum lab_severity severity,
			u32 offset)
{
	KUNIT_ASSERT_EQ(test, dmar->findings.nr, 1);
	KUNIT_EXPECT_STREQ(test, dmar->findings.list[0].check, check);
	KUNIT_EXPECT_EQ(test, dmar->findings.list[0].severity, severity);
	KUNIT_EXPECT_EQ(test, dmar->findings.list[0].offset, offset);
}

static u8 *copy_by_hand(struct kunit *test)
{
	u8 *table = kunit_kmalloc(test, sizeof(by_hand), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, table);
	memcpy(table, by_hand, sizeof(by_hand));
	return table;
}

static void expect_scope(struct kunit *test, const struct lab_dmar *dmar,
			 u32 index, const struct lab_dmar_scope *want,
			 const u8 *path)
{
	const struct lab_dmar_scope *scope = &dmar->scopes[index];

	KUNIT_ASSERT_LT(test, index, dmar->nr_scopes);
	KUNIT_EXPECT_EQ(test, scope->type, want->type);
	KUNIT_EXPECT_EQ(test, scope->flags, want->flags);
	KUNIT_EXPECT_EQ(test, scope->enum_id, want->enum_id);
	KUNIT_EXPECT_EQ(test, scope->start_bus, want->start_bus);
	KUNIT_EXPECT_EQ(test, scope->offset, want->offset);
	KUNIT_ASSERT_EQ(test, scope->hops, want->hops);
	KUNIT_EXPECT_MEMEQ(test, scope->path, path, 2 * want->hops);
}

static void table_by_hand(struct kunit *test)
{
	static const u8 rmrr_path[] = { 0x1c, 7, 3, 2, 0, 1, 4, 5 };
	struct lab_dmar *dmar = lab_fw_parse(test, by_hand, sizeof(by_hand), 0);

	KUNIT_EXPECT_EQ(test, dmar->findings.nr, 0);
	KUNIT_EXPECT_EQ(test, dmar->revision, 1);
	KUNIT_EXPECT_EQ(test, dmar->width, 39);
	KUNIT_EXPECT_EQ(test, dmar->flags, LAB_DMAR_INTR_REMAP);
	KUNIT_EXPECT_STREQ(test, dmar->oem_id, "LAB   ");
	KUNIT_EXPECT_STREQ(test, dmar->oem_table_id, "BY HAND ");
	KUNIT_ASSERT_EQ(test, dmar->nr_structures, 3);
	KUNIT_ASSERT_EQ(test, dmar->nr_drhds, 2);
	KUNIT_ASSERT_EQ(test, dmar->nr_rmrrs, 1);
	KUNIT_ASSERT_EQ(test, dmar->nr_scopes, 3);

	KUNIT_EXPECT_EQ(test, dmar->drhds[0].segment, 1);
	KUNIT_EXPECT_EQ(test, dmar->drhds[0].base, 0xfed90000ULL);
	KUNIT_EXPECT_EQ(test, dmar->drhds[0].size, 16384);
	KUNIT_EXPECT_FALSE(test, dmar->drhds[0].include_all);
	KUNIT_EXPECT_EQ(test, dmar->drhds[0].offset, 0x30);
	KUNIT_EXPECT_EQ(test, dmar->drhds[1].segment, 0);
	KUNIT_EXPECT_EQ(test, dmar->drhds[1].base, 0x1fed91000ULL);
	KUNIT_EXPECT_EQ(test, dmar->drhds[1].size, 4096);
	KUNIT_EXPECT_TRUE(test, dmar->drhds[1].include_all);
	KUNIT_EXPECT_EQ(test, dmar->drhds[1].first_scope, 1);
	KUNIT_EXPECT_EQ(test, dmar->drhds[1].nr_scopes, 1);
	KUNIT_EXPECT_EQ(test, dmar->rmrrs[0].base, 0x7a000000ULL);
	KUNIT_EXPECT_EQ(test, dmar->rmrrs[0].limit, 0x7a001fffULL);
	KUNIT_EXPECT_EQ(test, dmar->rmrrs[0].offset, 0x60);

	expect_scope(test, dmar, 0,
		     &(struct lab_dmar_scope){ .type = 1, .hops = 1,
					       .offset = 0x40 },
		     (const u8[]){ 2, 0 });
	expect_scope(test, dmar, 1,
		     &(struct lab_dmar_scope){ .type = 3, .enum_id = 2,
					       .start_bus = 0xf0, .hops = 1,
					       .offset = 0x58 },
		     (const u8[]){ 0x1f, 0 });
	expect_scope(test, dmar, 2,
		     &(struct lab_dmar_scope){ .type = 1, .hops = 4,
					       .offset = 0x78 },
		     rmrr_path);
}

/**
 * struct damage - one change to the table by hand, and what it must lead to
 * @offset: where
 * @value: the new byte
 * @check: the finding, the only one
 * @at: its offset
 * @severity: its severity
 * @drhds: units that can still be shown
 */
struct damage {
	u32 offset;
	u8 value;
	const char *check;
	u32 at;
	enum lab_severity severity;
	u32 drhds;
};

static const struct damage damages[] = {
	{ 0, 'X', "signature", 0, LAB_ERROR, 0 },
	{ 3, 'X', "signature", 0, LAB_ERROR, 0 },
	{ 4, 47, "table-length", 4, LAB_ERROR, 0 },
	{ 4, 135, "table-length", 4, LAB_ERROR, 0 },
	{ 7, 0x80, "table-length", 4, LAB_ERROR, 0 },
	{ 36, 64, "width", 36, LAB_ERROR, 2 },
	{ 36, 255, "width", 36, LAB_ERROR, 2 },
	/* structures: no length ends the walk, a wrong one too */
	{ 0x4a, 0, "structure-length", 0x4a, LAB_ERROR, 1 },
	{ 0x4a, 3, "structure-length", 0x4a, LAB_ERROR, 1 },
	{ 0x62, 0x27, "structure-overrun", 0x62, LAB_ERROR, 2 },
	{ 0x63, 0xff, "structure-overrun", 0x62, LAB_ERROR, 2 },
	{ 0x60, 0x55, "structure-unknown", 0x60, LAB_NOTE, 2 },
	/* scopes: the structures behind are still read */
	{ 0x41, 0, "scope-length", 0x41, LAB_ERROR, 2 },
	{ 0x41, 1, "scope-length", 0x41, LAB_ERROR, 2 },
	{ 0x41, 5, "scope-length", 0x41, LAB_ERROR, 2 },
	{ 0x41, 9, "scope-overrun", 0x41, LAB_ERROR, 2 },
	{ 0x41, 255, "scope-overrun", 0x41, LAB_ERROR, 2 },
	{ 0x79, 0, "scope-length", 0x79, LAB_ERROR, 2 },
	{ 0x79, 15, "scope-overrun", 0x79, LAB_ERROR, 2 },
	{ 0x6f, 0xff, "rmrr-range", 0x68, LAB_ERROR, 2 },
};

static void damaged_table(struct kunit *test)
{
	const struct damage *damage;
	struct lab_dmar *dmar;
	size_t i;
	u8 *table;

	for (i = 0; i < ARRAY_SIZE(damages); i++) {
		damage = &damages[i];
		table = copy_by_hand(test);
		table[damage->offset] = damage->value;
		lab_fw_repair_checksum(table, sizeof(by_hand));
		dmar = lab_fw_parse(test, table, sizeof(by_hand),
				    damage->severity == LAB_ERROR ? -EINVAL : 0);
		KUNIT_EXPECT_EQ_MSG(test, dmar->nr_drhds, damage->drhds,
				    "byte 0x%x", damage->offset);
		expect_only(test, dmar, damage->check, damage->severity,
			    damage->at);
	}
}

static void v1_header(struct kunit *test)
{
	u8 *table = copy_by_hand(test);
	struct lab_dmar *dmar;

	dmar = lab_fw_parse(test, table, 47, -EINVAL);
	KUNIT_ASSERT_EQ(test, dmar->findings.nr, 2);
	KUNIT_EXPECT_STREQ(test, dmar->findings.list[0].check, "header-length");
	KUNIT_EXPECT_STREQ(test, dmar->findings.list[1].check, "table-length");
	dmar = lab_fw_parse(test, table, 0, -EINVAL);
	expect_only(test, dmar, "header-length", LAB_ERROR, 0);

	/* 48 bytes are a table, without a unit */
	lab_fw_repair(table, 48);
	dmar = lab_fw_parse(test, table, 48, -EINVAL);
	expect_only(test, dmar, "no-drhd", LAB_ERROR, 48);
	KUNIT_EXPECT_EQ(test, dmar->width, 39);
	KUNIT_EXPECT_EQ(test, dmar->nr_structures, 0);
	table[36] = 0x3f;
	table[37] = 0x0f;
	lab_fw_repair(table, 48);
	dmar = lab_fw_parse(test, table, 48, -EINVAL);
	expect_only(test, dmar, "no-drhd", LAB_ERROR, 48);
	KUNIT_EXPECT_EQ(test, dmar->width, 64);
	KUNIT_EXPECT_EQ(test, dmar->flags, 0x0f);

	memcpy(table, "XXXX", 4);
	lab_fw_repair(table, 48);
	dmar = lab_fw_parse(test, table, 48, -EINVAL);
	expect_only(test, dmar, "signature", LAB_ERROR, 0);

	/* the length field may be below what there is, never above */
	memcpy(table, by_hand, sizeof(by_hand));
	lab_fw_repair(table, 0x60);
	dmar = lab_fw_parse(test, table, sizeof(by_hand), 0);
	KUNIT_EXPECT_EQ(test, dmar->length, 0x60);
	KUNIT_EXPECT_EQ(test, dmar->nr_structures, 2);
	lab_put_le32(table + 4, sizeof(by_hand) + 1);
	lab_fw_repair_checksum(table, sizeof(by_hand));
	dmar = lab_fw_parse(test, table, sizeof(by_hand), -EINVAL);
	expect_only(test, dmar, "table-length", LAB_ERROR, 4);

	/* a wrong sum refuses the table, and hides nothing of it */
	memcpy(table, by_hand, sizeof(by_hand));
	table[9]++;
	dmar = lab_fw_parse(test, table, sizeof(by_hand), -EINVAL);
	expect_only(test, dmar, "checksum", LAB_ERROR, 9);
	KUNIT_EXPECT_EQ(test, dmar->nr_drhds, 2);
}

/* An RMRR of all 2^64 bytes has a length that no u64 holds. */
static void rmrr_of_everything(struct kunit *test)
{
	u8 *table = copy_by_hand(test);

	table[36] = 63;		/* of address bits there are enough */
	lab_put_le64(table + 0x68, 0);
	lab_put_le64(table + 0x70, U64_MAX);
	lab_fw_repair(table, sizeof(by_hand));
	expect_only(test, lab_fw_parse(test, table, sizeof(by_hand), -EINVAL),
		    "rmrr-range", LAB_ERROR, 0x68);
	lab_put_le64(table + 0x68, 1);
	lab_fw_repair(table, sizeof(by_hand));
	lab_fw_parse(test, table, sizeof(by_hand), 0);
	lab_put_le64(table + 0x70, 1);
	lab_fw_repair(table, sizeof(by_hand));
	lab_fw_parse(test, table, sizeof(by_hand), 0);
}

static void truncated(struct kunit *test)
{
	size_t length, cut;
	u8 *table = lab_fw_default(test, 4, &length);
	bool error;

	for (cut = 0; cut < length; cut++)
		KUNIT_EXPECT_EQ_MSG(test, lab_fw_survive(test, table, cut), -EINVAL,
				    "%zu bytes", cut);

	/*
	 * The same with a right header: DRHDs at 0x30, 0x50, an RMRR at 0x60.
	 * Less than 4 bytes behind a structure are a warning; no unit is an
	 * error.
	 */
	KUNIT_ASSERT_EQ(test, length, 0x80);
	for (cut = length - 1; cut >= LAB_DMAR_HEADER; cut--) {
		lab_fw_repair(table, cut);
		error = cut - 0x50 > 3 && cut - 0x60 > 3;
		KUNIT_EXPECT_EQ_MSG(test, lab_fw_survive(test, table, cut),
				    error ? -EINVAL : 0, "%zu bytes", cut);
	}
}

static void zero_length_scope(struct kunit *test)
{
	struct lab_dmar *dmar;
	size_t length;
	u8 *table = lab_fw_default(test, 4, &length);

	table[0x49] = 0;	/* the second scope of the first unit */
	lab_fw_repair(table, length);
	dmar = lab_fw_parse(test, table, length, -EINVAL);
	expect_only(test, dmar, "scope-length", LAB_ERROR, 0x49);
	KUNIT_EXPECT_EQ(test, dmar->drhds[0].nr_scopes, 1);
	KUNIT_EXPECT_EQ(test, dmar->nr_drhds, 2);
	KUNIT_EXPECT_EQ(test, dmar->nr_rmrrs, 1);
}

static void path_lengths(struct kunit *test)
{
	u8 body[12 + 255] = { };
	struct lab_dmar_builder builder;
	struct lab_dmar *dmar;
	unsigned int bytes;
	size_t length;
	u8 *table;

	lab_put_le64(body + 4, 0xfed90000);
	for (bytes = 6; bytes <= 255; bytes += bytes == 20 ? 225 : 1) {
		body[12] = LAB_SCOPE_ENDPOINT;
		body[13] = bytes;
		lab_dmar_begin(&builder, 39, 0);
		lab_dmar_add_structure(&builder, LAB_DMAR_DRHD, body,
				       12 + bytes);
		table = lab_fw_finish(test, &builder, &length);
		dmar = lab_fw_parse(test, table, length,
				    bytes >= 8 && bytes % 2 == 0 ? 0 : -EINVAL);
		KUNIT_ASSERT_EQ(test, dmar->nr_scopes, 1);
		KUNIT_EXPECT_EQ(test, dmar->scopes[0].hops, (bytes - 6) / 2);
		if (dmar->findings.nr_errors)
			expect_only(test, dmar, "scope-path", LAB_ERROR, 0x41);
	}
}

/* Bits 3:0 of the size byte count, whatever the reserved bits are. */
static void register_window_sizes(struct kunit *test)
{
	u8 *table = copy_by_hand(test);
	struct lab_dmar *dmar;
	unsigned int size;

	/* 0x00, 0x11, ... 0xff: each value of both halves */
	for (size = 0; size < 256; size += 0x11) {
		table[0x35] = size;
		lab_fw_repair(table, sizeof(by_hand));
		dmar = lab_fw_parse(test, table, sizeof(by_hand), 0);
		KUNIT_EXPECT_EQ(test, dmar->drhds[0].size,
				4096ULL << size % 16);
	}
}

/* Too few bytes for one more structure, or for one more scope, are a warning. */
static void trailing_bytes(struct kunit *test)
{
	u8 body[12 + 8 + 5] = { };
	struct lab_dmar_builder builder;
	struct lab_dmar *dmar;
	unsigned int extra;
	u8 table[80] = { };
	size_t length;

	memcpy(table, by_hand, sizeof(table));
	for (extra = 1; extra <= 3; extra++) {
		lab_fw_repair(table, 0x48 + extra);
		dmar = lab_fw_parse(test, table, 0x48 + extra, 0);
		expect_only(test, dmar, "structure-trailing", LAB_WARNING,
			    0x48);
	}
	lab_fw_repair(table, 0x48);
	KUNIT_EXPECT_EQ(test, lab_fw_parse(test, table, 0x48, 0)->findings.nr,
			0);

	lab_put_le64(body + 4, 0xfed90000);
	memcpy(body + 12, by_hand + 0x40, 8);
	for (extra = 1; extra <= 5; extra++) {
		lab_dmar_begin(&builder, 39, 0);
		lab_dmar_add_structure(&builder, LAB_DMAR_DRHD, body,
				       12 + 8 + extra);
		dmar = lab_fw_parse(test,
				    lab_fw_finish(test, &builder, &length),
				    0x48 + extra, 0);
		expect_only(test, dmar, "scope-trailing", LAB_WARNING, 0x48);
		KUNIT_EXPECT_EQ(test, dmar->drhds[0].nr_scopes, 1);
	}
}

/* Shorter than its fixed part: listed, not decoded, and the walk goes on. */
static void short_structures(struct kunit *test)
{
	static const u8 fixed[LAB_DMAR_TYPES] = { 16, 24, 8, 20, 8, 8, 8 };
	static const u8 body[20] = { };
	struct lab_dmar_builder builder;
	struct lab_dmar *dmar;
	size_t length;
	u32 type, bytes;
	u8 *table;

	for (type = 0; type < LAB_DMAR_TYPES; type++) {
		for (bytes = 4; bytes < fixed[type]; bytes++) {
			lab_dmar_begin(&builder, 39, 0);
			lab_dmar_add_drhd(&builder, 0, 4096, 0,
					  LAB_DRHD_INCLUDE_PCI_ALL);
			lab_dmar_add_structure(&builder, type, body, bytes - 4);
			lab_dmar_add_structure(&builder, type, body, 0);
			table = lab_fw_finish(test, &builder, &length);
			dmar = lab_fw_parse(test, table, length, -EINVAL);
			KUNIT_ASSERT_EQ(test, dmar->findings.nr, 2);
			KUNIT_EXPECT_STREQ(test, dmar->findings.list[0].check,
					   "structure-length");
			KUNIT_EXPECT_EQ(test, dmar->findings.list[0].offset, 0x42);
			KUNIT_EXPECT_EQ(test, dmar->findings.list[1].offset,
					0x42 + bytes);
			KUNIT_EXPECT_EQ(test, dmar->nr_structures, 3);
			KUNIT_EXPECT_EQ(test, dmar->nr_drhds, 1);
			KUNIT_EXPECT_FALSE(test, dmar->structures[1].decoded);
			KUNIT_EXPECT_FALSE(test, dmar->structures[2].decoded);
		}
	}
}

/* V5: types that nobody knows are kept, wherever they are. */
static void other_structures(struct kunit *test)
{
	static const u16 types[] = { 7, 0x55, 0xff, 0x100, 0xffff };
	static const u8 body[16] = { 0xff, 0xff, 0xff, 0xff };
	struct lab_dmar_builder builder;
	struct lab_dmar *dmar;
	size_t length;
	u32 i, at = LAB_DMAR_HEADER;
	u8 *table;

	lab_dmar_begin(&builder, 39, 0);
	for (i = 0; i < ARRAY_SIZE(types); i++)
		lab_dmar_add_structure(&builder, types[i], body, i);
	lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0, LAB_DRHD_INCLUDE_PCI_ALL);
	table = lab_fw_finish(test, &builder, &length);
	dmar = lab_fw_parse(test, table, length, 0);

	KUNIT_ASSERT_EQ(test, dmar->nr_structures, ARRAY_SIZE(types) + 1);
	KUNIT_EXPECT_EQ(test, dmar->nr_drhds, 1);
	KUNIT_ASSERT_EQ(test, dmar->findings.nr, ARRAY_SIZE(types));
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		KUNIT_EXPECT_EQ(test, dmar->structures[i].type, types[i]);
		KUNIT_EXPECT_EQ(test, dmar->structures[i].length, 4 + i);
		KUNIT_EXPECT_EQ(test, dmar->structures[i].offset, at);
		KUNIT_EXPECT_FALSE(test, dmar->structures[i].decoded);
		KUNIT_EXPECT_STREQ(test, dmar->findings.list[i].check,
				   "structure-unknown");
		KUNIT_EXPECT_EQ(test, dmar->findings.list[i].severity, LAB_NOTE);
		KUNIT_EXPECT_EQ(test, dmar->findings.list[i].offset, at);
		at += 4 + i;
	}
}

/* 100 notes, then an error: kept are 64 notes and the count of the rest. */
static void many_findings(struct kunit *test)
{
	const struct lab_finding *last;
	struct lab_dmar_builder builder;
	struct lab_dmar *dmar;
	size_t length;
	u8 *table;
	int i;

	lab_dmar_begin(&builder, 39, 0);
	for (i = 0; i < 100; i++)
		lab_dmar_add_structure(&builder, 0x55, NULL, 0);
	table = lab_fw_finish(test, &builder, &length);
	dmar = lab_fw_parse(test, table, length, -EINVAL);

	KUNIT_EXPECT_EQ(test, dmar->nr_structures, 100);
	KUNIT_EXPECT_EQ(test, dmar->findings.nr_errors, 1);
	KUNIT_EXPECT_EQ(test, dmar->findings.nr_dropped, 37);
	KUNIT_ASSERT_EQ(test, dmar->findings.nr, LAB_MAX_FINDINGS + 1);
	last = &dmar->findings.list[LAB_MAX_FINDINGS];
	KUNIT_EXPECT_EQ(test, last[-1].severity, LAB_NOTE);
	KUNIT_EXPECT_EQ(test, last->severity, LAB_ERROR);
	KUNIT_EXPECT_EQ(test, last->offset, LAB_DMAR_HEADER + 64 * 4);
	KUNIT_EXPECT_NOT_NULL(test, strstr(last->text, "dropped: 37,"));
}

static void corrupted(struct kunit *test)
{
	size_t length, at;
	u8 *table = lab_fw_default(test, 4, &length);
	u32 tried = 0, refused = 0;
	unsigned int flip;

	for (at = 0; at < length; at++) {
		for (flip = 1; flip < 256; flip += FLIP_STEP) {
			table[at] ^= flip;
			if (at != 9)
				lab_fw_repair_checksum(table, length);
			refused += !!lab_fw_survive(test, table, length);
			table[at] ^= flip;
			tried++;
		}
		cond_resched();
	}
	/* always an error: 4 bytes of signature, 3 of length, the checksum */
	KUNIT_EXPECT_GT(test, refused, tried / length * 8);
	KUNIT_EXPECT_LT(test, refused, tried);
}

static void random_bytes(struct kunit *test)
{
	struct rnd_state random;
	size_t length;
	u8 bytes[512];
	u32 round;

	lab_test_rnd_init(&random, RANDOM_BYTES);
	for (round = 0; round < ROUNDS; round++) {
		length = lab_test_below(&random, sizeof(bytes));
		prandom_bytes_state(&random, bytes, length);
		lab_fw_survive(test, bytes, length);
	}
}

/* A structure of 40 bytes with scopes of 8 bytes, and values without an error */
static void make_sound(u8 *bytes, u32 type, u32 number)
{
	static const u8 fixed[LAB_DMAR_TYPES] = { 16, 24, 8, 40, 40, 8, 8 };
	u32 scope;

	if (type >= LAB_DMAR_TYPES)
		return;
	for (scope = fixed[type]; scope < 40; scope += 8) {
		bytes[scope + 1] = 8;
		bytes[scope + 6] &= 31;
		bytes[scope + 7] &= 7;
	}
	if (type == LAB_DMAR_DRHD) {
		lab_put_le64(bytes + 8, 0xfed00000 + 4096 * number);
	} else if (type == LAB_DMAR_RMRR) {
		lab_put_le64(bytes + 8, lab_get_le32(bytes + 8));
		lab_put_le64(bytes + 16, lab_get_le64(bytes + 8) + 4095);
	} else if (type == LAB_DMAR_ANDD) {
		bytes[39] = 0;
	}
}

/*
 * A unit, then structures whose types, lengths and values are often, but not always,
 * sound. One of 32 is not, and one of 32 is followed by some bytes too many.
 */
static void random_structures(struct kunit *test)
{
	struct rnd_state random;
	u32 round, at, type, accepted = 0;
	u8 bytes[512];

	lab_test_rnd_init(&random, RANDOM_STRUCTURES);
	for (round = 0; round < ROUNDS; round++) {
		prandom_bytes_state(&random, bytes, sizeof(bytes));
		memcpy(bytes, by_hand, LAB_DMAR_HEADER);
		for (at = LAB_DMAR_HEADER; at < sizeof(bytes) - 44;) {
			type = at == LAB_DMAR_HEADER ?
			       LAB_DMAR_DRHD : lab_test_below(&random, 8);
			lab_put_le16(bytes + at, type);
			lab_put_le16(bytes + at + 2, 40);
			if (lab_test_below(&random, 32))
				make_sound(bytes + at, type, at);
			at += 40;
			if (!lab_test_below(&random, 32))
				at += lab_test_below(&random, 8);
		}
		lab_fw_repair(bytes, LAB_DMAR_HEADER + round % 440);
		accepted += !lab_fw_survive(test, bytes, sizeof(bytes));
	}
	KUNIT_EXPECT_GT(test, accepted, ROUNDS / 200);
	KUNIT_EXPECT_LT(test, accepted, ROUNDS - ROUNDS / 200);
}

static struct kunit_case firmware_cases[] = {
	LAB_FW_CASE(table_by_hand, "a table written by hand is read as it is"),
	LAB_FW_CASE(v1_header, "V1 header: size, signature, length, checksum, width"),
	LAB_FW_CASE(damaged_table, "each wrong byte has one finding at its place"),
	LAB_FW_CASE(rmrr_of_everything, "an RMRR of 2^64 bytes is refused"),
	LAB_FW_CASE(truncated, "a table cut at any byte is EINVAL"),
	LAB_FW_CASE(zero_length_scope, "a scope of length 0 ends its structure only"),
	LAB_FW_CASE(path_lengths, "paths short and long, whole hops only"),
	LAB_FW_CASE(register_window_sizes, "sizes of register windows"),
	LAB_FW_CASE(trailing_bytes, "bytes left over are a warning"),
	LAB_FW_CASE(short_structures, "structures too short are not decoded"),
	LAB_FW_CASE(other_structures, "structures of other types are listed"),
	LAB_FW_CASE(many_findings, "findings are bounded, errors are counted"),
	LAB_FW_CASE(corrupted, "any one byte wrong, checksum right: no crash"),
	LAB_FW_CASE(random_bytes, "random bytes: no crash"),
	LAB_FW_CASE(random_structures, "random structures: no crash"),
	{ }
};

struct kunit_suite lab_firmware_suite = {
	.name = "firmware",
	.test_cases = firmware_cases,
};
