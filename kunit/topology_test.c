// SPDX-License-Identifier: GPL-2.0
/*
 * firmware/: the builder, the built-in machine, which unit has which device,
 * and the printed table.
 */
#include <kunit/test.h>

#include "firmware_help.h"
#include "suites.h"

/* A scope as the builder takes it. */
#define SCOPE(builder, type, bus, ...)					\
	lab_dmar_add_scope(builder, type, 0, 0, bus,			\
			   (const u8[]){ __VA_ARGS__ },			\
			   sizeof((const u8[]){ __VA_ARGS__ }) / 2)

#define BDF(bus, device, function) ((bus) << 8 | (device) << 3 | (function))

/**
 * struct bridge - one bridge of the machine that the tests resolve paths in
 * @bdf: where it is
 * @secondary: the bus directly behind it
 * @subordinate: the highest bus behind it
 */
struct bridge {
	u16 bdf;
	u8 secondary;
	u8 subordinate;
};

/* A chain of 4 bridges from 00:1c.7 to bus 9, and one bridge beside it. */
static const struct bridge machine[] = {
	{ BDF(0, 0x1c, 7), 3, 9 },
	{ BDF(3, 3, 2), 5, 9 },
	{ BDF(5, 0, 1), 8, 9 },
	{ BDF(8, 4, 5), 9, 9 },
	{ BDF(0, 1, 0), 0x20, 0x2f },
	{ BDF(0x20, 0, 0), 0x21, 0x22 },
};

static const struct bridge *bridge_at(u16 segment, u16 bdf)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(machine); i++) {
		if (!segment && machine[i].bdf == bdf)
			return &machine[i];
	}
	return NULL;
}

static int secondary(void *calls, u16 segment, u16 bdf)
{
	const struct bridge *bridge = bridge_at(segment, bdf);

	++*(u32 *)calls;
	return bridge ? bridge->secondary : -ENOENT;
}

static int subordinate(void *calls, u16 segment, u16 bdf)
{
	const struct bridge *bridge = bridge_at(segment, bdf);

	++*(u32 *)calls;
	return bridge ? bridge->subordinate : -ENOENT;
}

static void five_hops(struct kunit *test)
{
	static const u8 path[] = { 0x1c, 7, 3, 2, 0, 1, 4, 5, 0x1f, 6 };
	u32 calls = 0;
	const struct lab_dmar_bridges bridges = { secondary, subordinate,
						  &calls };
	struct lab_dmar_builder builder;
	struct lab_dmar *dmar;
	size_t length;
	u8 *table;

	lab_dmar_begin(&builder, 39, 0);
	lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0, 0);
	lab_dmar_add_scope(&builder, LAB_SCOPE_ENDPOINT, 0x1f, 0x77, 0, path,
			   5);
	table = lab_fw_finish(test, &builder, &length);
	dmar = lab_fw_parse(test, table, length, 0);
	/* the path is in the parser's copy: the table may go */
	memset(table, 0xee, length);

	KUNIT_ASSERT_EQ(test, dmar->nr_scopes, 1);
	KUNIT_EXPECT_EQ(test, dmar->scopes[0].flags, 0x1f);
	KUNIT_EXPECT_EQ(test, dmar->scopes[0].enum_id, 0x77);
	KUNIT_ASSERT_EQ(test, dmar->scopes[0].hops, 5);
	KUNIT_EXPECT_MEMEQ(test, dmar->scopes[0].path, path, sizeof(path));

	KUNIT_EXPECT_EQ(test, lab_dmar_scope_bdf(&dmar->scopes[0], 0, &bridges),
			BDF(9, 0x1f, 6));
	KUNIT_EXPECT_EQ(test, calls, 4);
	KUNIT_EXPECT_EQ(test, lab_dmar_scope_bdf(&dmar->scopes[0], 1, &bridges),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, lab_dmar_scope_bdf(&dmar->scopes[0], 0, NULL),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, lab_dmar_unit_of(dmar, 0, BDF(9, 0x1f, 6),
					       &bridges), 0);
	KUNIT_EXPECT_EQ(test, lab_dmar_unit_of(dmar, 0, BDF(0, 0x1c, 7),
					       &bridges), -ENOENT);
}

/* A path is never masked into a device that exists. */
static void path_out_of_range(struct kunit *test)
{
	static const u8 paths[][2] = { { 32, 0 }, { 0x3f, 7 }, { 31, 8 } };
	struct lab_dmar_scope scope = { .type = LAB_SCOPE_ENDPOINT, .hops = 1 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		scope.path = paths[i];
		KUNIT_EXPECT_EQ(test, lab_dmar_scope_bdf(&scope, 0, NULL),
				-ENOENT);
	}
	scope.path = (const u8[]){ 31, 7 };
	scope.start_bus = 0xff;
	KUNIT_EXPECT_EQ(test, lab_dmar_scope_bdf(&scope, 0, NULL), 0xffff);
	scope.hops = 0;
	KUNIT_EXPECT_EQ(test, lab_dmar_scope_bdf(&scope, 0, NULL), -ENOENT);
}

#define UNITS	5

/* Unit @which of the shuffled table; its base says which it is. */
static void add_unit(struct lab_dmar_builder *builder, unsigned int which)
{
	u64 base = 0xfed90000 + which * 4096;

	switch (which) {
	case 0:
		lab_dmar_add_drhd(builder, 0, base, 0,
				  LAB_DRHD_INCLUDE_PCI_ALL);
		SCOPE(builder, LAB_SCOPE_IOAPIC, 0, 2, 0);
		break;
	case 1:
		lab_dmar_add_drhd(builder, 0, base, 0, 0);
		SCOPE(builder, LAB_SCOPE_ENDPOINT, 0, 2, 0);
		SCOPE(builder, LAB_SCOPE_ENDPOINT, 0, 1, 0, 0, 0, 7, 1);
		SCOPE(builder, LAB_SCOPE_ENDPOINT, 0, 0x1c, 7);
		break;
	case 2:
		lab_dmar_add_drhd(builder, 0, base, 0, 0);
		SCOPE(builder, LAB_SCOPE_SUB_HIERARCHY, 0, 1, 0);
		break;
	case 3:
		lab_dmar_add_drhd(builder, 0, base, 0, 0);
		SCOPE(builder, LAB_SCOPE_SUB_HIERARCHY, 0, 1, 0, 0, 0);
		SCOPE(builder, LAB_SCOPE_ENDPOINT, 0, 2, 0);
		break;
	case 4:
		lab_dmar_add_drhd(builder, 1, base, 0, 0);
		SCOPE(builder, LAB_SCOPE_ENDPOINT, 0, 3, 0);
		break;
	}
}

/**
 * struct belongs - a device and its unit
 * @segment: PCI segment of the device
 * @bdf: the device
 * @unit: number of add_unit(), or -1
 */
struct belongs {
	u16 segment;
	u16 bdf;
	int unit;
};

static const struct belongs belongs[] = {
	{ 0, BDF(0, 3, 0), 0 },		/* no scope: INCLUDE_PCI_ALL */
	{ 0, BDF(0, 2, 1), 0 },
	{ 0, BDF(0x30, 0, 0), 0 },
	{ 0, BDF(0, 2, 0), 1 },		/* twice: the lower base */
	{ 0, BDF(0, 0x1c, 7), 1 },	/* a bridge named as an endpoint */
	{ 0, BDF(3, 0, 0), 0 },		/* ... without what is below it */
	{ 0, BDF(0, 1, 0), 2 },		/* the bridge itself */
	{ 0, BDF(0x20, 9, 0), 2 },	/* directly below */
	{ 0, BDF(0x23, 0, 0), 2 },
	{ 0, BDF(0x2f, 31, 7), 2 },
	{ 0, BDF(0x20, 0, 0), 3 },	/* the inner bridge */
	{ 0, BDF(0x21, 0, 0), 3 },	/* below both: the inner */
	{ 0, BDF(0x22, 31, 7), 3 },
	{ 0, BDF(0x21, 7, 1), 1 },	/* an endpoint below both */
	{ 1, BDF(0, 3, 0), 4 },
	{ 1, BDF(0, 2, 0), -1 },	/* segment 1 has no INCLUDE_PCI_ALL */
	{ 2, BDF(0, 3, 0), -1 },
};

static void expect_units(struct kunit *test, const unsigned int *order)
{
	u32 calls = 0;
	const struct lab_dmar_bridges bridges = { secondary, subordinate,
						  &calls };
	struct lab_dmar_builder builder;
	struct lab_dmar *dmar;
	size_t length, i;
	u8 *table;
	int unit;

	lab_dmar_begin(&builder, 39, 0);
	for (i = 0; i < UNITS; i++)
		add_unit(&builder, order[i]);
	table = lab_fw_finish(test, &builder, &length);
	dmar = lab_fw_parse(test, table, length, 0);
	KUNIT_ASSERT_EQ(test, dmar->nr_drhds, UNITS);

	for (i = 0; i < ARRAY_SIZE(belongs); i++) {
		unit = lab_dmar_unit_of(dmar, belongs[i].segment,
					belongs[i].bdf, &bridges);
		KUNIT_EXPECT_EQ_MSG(test, unit < 0 ? -1 : (int)order[unit],
				    belongs[i].unit,
				    "%04x:%04x, order %u %u %u %u %u",
				    belongs[i].segment, belongs[i].bdf,
				    order[0], order[1], order[2], order[3],
				    order[4]);
	}
}

/* Every permutation of @order from @fixed on (Heap's way: swap, go on, swap). */
static void permute(struct kunit *test, unsigned int *order, unsigned int fixed)
{
	unsigned int i;

	if (fixed == UNITS) {
		expect_units(test, order);
		return;
	}
	for (i = fixed; i < UNITS; i++) {
		swap(order[fixed], order[i]);
		permute(test, order, fixed + 1);
		swap(order[fixed], order[i]);
	}
}

static void shuffled(struct kunit *test)
{
	unsigned int order[UNITS] = { 0, 1, 2, 3, 4 };

	permute(test, order, 0);
}

/* Without bus numbers a bridge has itself only, or its secondary bus only. */
static void unknown_bridges(struct kunit *test)
{
	u32 calls = 0;
	const struct lab_dmar_bridges none = { };
	const struct lab_dmar_bridges secondary_only = { .secondary = secondary,
							 .ctx = &calls };
	struct lab_dmar_builder builder;
	struct lab_dmar *dmar;
	size_t length;
	u8 *table;

	lab_dmar_begin(&builder, 39, 0);
	add_unit(&builder, 2);
	table = lab_fw_finish(test, &builder, &length);
	dmar = lab_fw_parse(test, table, length, 0);
	KUNIT_EXPECT_EQ(test, lab_dmar_unit_of(dmar, 0, BDF(0, 1, 0), NULL), 0);
	KUNIT_EXPECT_EQ(test, lab_dmar_unit_of(dmar, 0, BDF(0x20, 0, 0), NULL),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, lab_dmar_unit_of(dmar, 0, BDF(0x20, 0, 0), &none),
			-ENOENT);
	KUNIT_EXPECT_EQ(test, lab_dmar_unit_of(dmar, 0, BDF(0x20, 0, 0),
					       &secondary_only), 0);
	KUNIT_EXPECT_EQ(test, lab_dmar_unit_of(dmar, 0, BDF(0x21, 0, 0),
					       &secondary_only), -ENOENT);
}

static void regions_of_devices(struct kunit *test)
{
	u32 calls = 0;
	const struct lab_dmar_bridges bridges = { secondary, subordinate,
						  &calls };
	const struct lab_dmar_rmrr *rmrr;
	struct lab_dmar_builder builder;
	struct lab_dmar *dmar;
	size_t length;
	u8 *table;

	lab_dmar_begin(&builder, 39, 0);
	lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0, LAB_DRHD_INCLUDE_PCI_ALL);
	lab_dmar_add_rmrr(&builder, 0, 0x1000, 0x1fff);
	SCOPE(&builder, LAB_SCOPE_ENDPOINT, 0, 2, 0);
	SCOPE(&builder, LAB_SCOPE_SUB_HIERARCHY, 0, 1, 0);
	lab_dmar_add_rmrr(&builder, 1, 0x2000, 0x3fff);
	SCOPE(&builder, LAB_SCOPE_ENDPOINT, 0, 2, 0);
	table = lab_fw_finish(test, &builder, &length);
	dmar = lab_fw_parse(test, table, length, 0);
	KUNIT_ASSERT_EQ(test, dmar->nr_rmrrs, 2);
	KUNIT_EXPECT_EQ(test, dmar->rmrrs[1].limit - dmar->rmrrs[1].base + 1,
			8192);

	rmrr = &dmar->rmrrs[0];
	KUNIT_EXPECT_TRUE(test, lab_dmar_rmrr_has(dmar, rmrr, 0, BDF(0, 2, 0),
						  NULL));
	KUNIT_EXPECT_FALSE(test, lab_dmar_rmrr_has(dmar, rmrr, 0, BDF(0, 3, 0),
						   NULL));
	KUNIT_EXPECT_FALSE(test, lab_dmar_rmrr_has(dmar, rmrr, 1, BDF(0, 2, 0),
						   NULL));
	KUNIT_EXPECT_TRUE(test, lab_dmar_rmrr_has(dmar, rmrr, 0,
						  BDF(0x22, 0, 0), &bridges));
	KUNIT_EXPECT_TRUE(test, lab_dmar_rmrr_has(dmar, &dmar->rmrrs[1], 1,
						  BDF(0, 2, 0), NULL));
	KUNIT_EXPECT_FALSE(test, lab_dmar_rmrr_has(dmar, &dmar->rmrrs[1], 1,
						   BDF(0x22, 0, 0), NULL));
}

static void expect_default(struct kunit *test, unsigned int endpoints)
{
	unsigned int named = (endpoints + 1) / 2;
	/* those that are not on bus 0 have a hop more */
	unsigned int below = named > 31 ? named - 31 : 0;
	struct lab_dmar *dmar;
	size_t length;
	u8 *table = lab_fw_default(test, endpoints, &length);

	KUNIT_EXPECT_EQ(test, length, 48 + 16 + 8 * named + 2 * below + 16 + 24 + 8);
	dmar = lab_fw_parse(test, table, length, 0);
	KUNIT_EXPECT_EQ(test, dmar->findings.nr, 0);
	KUNIT_EXPECT_EQ(test, dmar->width, 46);
	KUNIT_EXPECT_EQ(test, dmar->flags, LAB_DMAR_INTR_REMAP);
	KUNIT_ASSERT_EQ(test, dmar->nr_structures, 3);
	KUNIT_ASSERT_EQ(test, dmar->nr_drhds, 2);
	KUNIT_ASSERT_EQ(test, dmar->nr_rmrrs, 1);
	KUNIT_EXPECT_EQ(test, dmar->nr_scopes, named + 1);
	KUNIT_EXPECT_EQ(test, dmar->drhds[0].base, 0xfed90000ULL);
	KUNIT_EXPECT_EQ(test, dmar->drhds[0].size, 4096);
	KUNIT_EXPECT_EQ(test, dmar->drhds[0].flags, 0);
	KUNIT_EXPECT_EQ(test, dmar->drhds[0].nr_scopes, named);
	KUNIT_EXPECT_EQ(test, dmar->drhds[1].base, 0xfed91000ULL);
	KUNIT_EXPECT_EQ(test, dmar->drhds[1].flags, 1);
	KUNIT_EXPECT_EQ(test, dmar->drhds[1].nr_scopes, 0);
	KUNIT_EXPECT_EQ(test, dmar->rmrrs[0].base, LAB_FW_RMRR_BASE);
	KUNIT_EXPECT_EQ(test, dmar->rmrrs[0].limit, LAB_FW_RMRR_BASE + 8191);
}

static void default_topology(struct kunit *test)
{
	static const u64 bad_bases[] = { 1, 0x7a000800, (1ULL << 46) - 4096,
					 1ULL << 46, U64_MAX - 4095 };
	size_t length, i;

	expect_default(test, 1);
	expect_default(test, 2);
	expect_default(test, 3);
	expect_default(test, 4);
	expect_default(test, 1024);
	KUNIT_EXPECT_NULL(test, lab_default_topology(0, 0x1000, &length));
	KUNIT_EXPECT_NULL(test, lab_default_topology(1025, 0x1000, &length));
	for (i = 0; i < ARRAY_SIZE(bad_bases); i++)
		KUNIT_EXPECT_NULL(test, lab_default_topology(4, bad_bases[i],
							     &length));
}

static void default_bdfs(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, lab_default_bdf(0), BDF(0, 1, 0));
	KUNIT_EXPECT_EQ(test, lab_default_bdf(30), BDF(0, 31, 0));
	KUNIT_EXPECT_EQ(test, lab_default_bdf(31), BDF(1, 0, 0));
	KUNIT_EXPECT_EQ(test, lab_default_bdf(286), BDF(1, 31, 7));
	KUNIT_EXPECT_EQ(test, lab_default_bdf(287), BDF(2, 0, 0));
	KUNIT_EXPECT_EQ(test, lab_default_bdf(1023), BDF(4, 28, 0));
	for (i = 1; i < LAB_DEFAULT_ENDPOINTS_MAX; i++)
		KUNIT_EXPECT_GT(test, lab_default_bdf(i),
				lab_default_bdf(i - 1));
}

static void builder_errors(struct kunit *test)
{
	static const u8 path[2 * (LAB_DMAR_MAX_HOPS + 1)] = { };
	static const u8 bad_device[] = { 32, 0 };
	static const u8 bad_function[] = { 0, 0, 31, 8 };
	struct lab_dmar_builder builder;
	size_t length = 77;
	unsigned int fault;
	u8 *table;

	for (fault = 0; fault < 11; fault++) {
		lab_dmar_begin(&builder, fault == 0 ? 0 : fault == 1 ? 65 : 64,
			       0);
		if (fault == 2)
			SCOPE(&builder, LAB_SCOPE_ENDPOINT, 0, 1, 0);
		lab_dmar_add_rmrr(&builder, 0, fault == 3 ? 8192 : 8191, 8191);
		lab_dmar_add_drhd(&builder, 0, 0, fault == 4 ? 16 : 15, 0);
		lab_dmar_add_scope(&builder, 1, 0, 0, 0, path, fault != 5);
		lab_dmar_add_scope(&builder, 1, 0, 0, 0, path,
				   LAB_DMAR_MAX_HOPS + (fault == 6));
		if (fault == 7)
			lab_dmar_add_scope(&builder, 1, 0, 0, 0, bad_device, 1);
		if (fault == 8)
			lab_dmar_add_scope(&builder, 1, 0, 0, 0, bad_function,
					   2);
		if (fault == 9)
			lab_dmar_add_structure(&builder, 2, path, 0xfffc);
		KUNIT_EXPECT_EQ_MSG(test, builder.error,
				    fault < 10 ? -EINVAL : 0, "%u", fault);
		/* an error stays */
		lab_dmar_add_rmrr(&builder, 0, 0, 8191);
		table = lab_dmar_finish(&builder, &length);
		KUNIT_EXPECT_EQ_MSG(test, !table, fault < 10, "%u", fault);
		KUNIT_EXPECT_NULL(test, lab_dmar_finish(&builder, &length));
		lab_dmar_builder_free(&builder);
		lab_dmar_table_free(table);
	}
	/* of all of these, only the sound one has a length */
	KUNIT_EXPECT_EQ(test, length, 48 + 24 + 16 + 8 + 254 + 24);
}

/* 8189 scopes of 8 bytes are the most behind the 16 bytes of a DRHD. */
static void longest_structure(struct kunit *test)
{
	struct lab_dmar_builder builder;
	struct lab_dmar *dmar;
	size_t length;
	unsigned int i;
	u8 *table;

	lab_dmar_begin(&builder, 64, 0);
	lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0, 0);
	for (i = 0; i < 8189; i++)
		SCOPE(&builder, LAB_SCOPE_ENDPOINT, i >> 8, i >> 3 & 31, i & 7);
	KUNIT_EXPECT_EQ(test, builder.error, 0);
	table = lab_fw_finish(test, &builder, &length);
	dmar = lab_fw_parse(test, table, length, 0);
	KUNIT_ASSERT_EQ(test, dmar->nr_scopes, 8189);
	KUNIT_EXPECT_EQ(test, dmar->structures[0].length, 16 + 8 * 8189);
	KUNIT_EXPECT_EQ(test, lab_dmar_unit_of(dmar, 0, 8188, NULL), 0);
	KUNIT_EXPECT_EQ(test, lab_dmar_unit_of(dmar, 0, 8189, NULL), -ENOENT);

	lab_dmar_begin(&builder, 64, 0);
	lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0, 0);
	for (i = 0; i < 8190; i++)
		SCOPE(&builder, LAB_SCOPE_ENDPOINT, i >> 8, i >> 3 & 31, i & 7);
	KUNIT_EXPECT_EQ(test, builder.error, -EINVAL);
	lab_dmar_builder_free(&builder);
}

static const char * const printed[] = {
	"DMAR revision 1 136 bytes oem \"IOMLAB\" \"TOPOLOGY\"",
	"host address width 39 bits",
	"flags 0x07 INTR_REMAP X2APIC_OPT_OUT DMA_CTRL_PLATFORM_OPT_IN",
	"[0x0030] DRHD 32 bytes segment 0001 registers 0x00000000fed90000 size 0x4000 flags 0x81 INCLUDE_PCI_ALL",
	"  [0x0040] pci-endpoint flags 0x00 id 0 bus 03 path 1c.7/03.2/00.1/04.5/1f.6",
	"[0x0050] RMRR 32 bytes segment 0000 memory 0x000000007a000000-0x000000007a001fff",
	"  [0x0068] unknown type 0x09 flags 0x00 id 0 bus 00 path 02.0",
	"[0x0070] unknown type 0x55 24 bytes",
	"warning [0x0034] flags: flags have the reserved bits 0x80; 0x01 are the known ones",
	"note [0x0040] scope-place: scope of type 1 (pci-endpoint) in a unit with INCLUDE_PCI_ALL",
	"warning [0x0068] scope-type: device scope of unknown type 9; 1 to 5 are known",
	"note [0x0070] structure-unknown: structure of unknown type 0x55, 24 bytes, skipped",
	"warning [0x0056] segment-unit: RMRR of segment 0, which has no unit",
};

/**
 * struct expected - the lines still to come
 * @test: the test
 * @next: index into printed
 */
struct expected {
	struct kunit *test;
	unsigned int next;
};

static void expect_line(void *ctx, const char *line)
{
	struct expected *expected = ctx;
	unsigned int i = expected->next++;

	KUNIT_ASSERT_LT(expected->test, i, ARRAY_SIZE(printed));
	KUNIT_EXPECT_STREQ(expected->test, line, printed[i]);
}

static void print(struct kunit *test)
{
	struct expected expected = { .test = test };
	static const u8 body[20] = { };
	struct lab_dmar_builder builder;
	size_t length;
	u8 *table;

	lab_dmar_begin(&builder, 39, 7);
	lab_dmar_add_drhd(&builder, 1, 0xfed90000, 2, 0x81);
	SCOPE(&builder, LAB_SCOPE_ENDPOINT, 3, 0x1c, 7, 3, 2, 0, 1, 4, 5, 0x1f,
	      6);
	lab_dmar_add_rmrr(&builder, 0, 0x7a000000, 0x7a001fff);
	SCOPE(&builder, 9, 0, 2, 0);
	lab_dmar_add_structure(&builder, 0x55, body, sizeof(body));
	table = lab_fw_finish(test, &builder, &length);
	lab_dmar_print(lab_fw_parse(test, table, length, 0), expect_line,
		       &expected);
	KUNIT_EXPECT_EQ(test, expected.next, ARRAY_SIZE(printed));
}

/**
 * struct collected - what a hostile table prints
 * @hops: separators and spaces before a hop
 * @longest: characters of the longest line
 * @control: there was a character that is not printable
 */
struct collected {
	unsigned int hops;
	size_t longest;
	bool control;
};

static void collect_line(void *ctx, const char *line)
{
	struct collected *collected = ctx;
	const char *c;

	collected->longest = max(collected->longest, strlen(line));
	for (c = line; *c; c++) {
		collected->control |= *c < ' ' || *c > '~';
		collected->hops += *c == '.' && c[1] == '5';
	}
}

static void print_hostile(struct kunit *test)
{
	struct collected collected = { };
	u8 path[2 * LAB_DMAR_MAX_HOPS];
	struct lab_dmar_builder builder;
	struct lab_dmar *dmar;
	size_t length;
	u8 *table;
	int i;

	for (i = 0; i < LAB_DMAR_MAX_HOPS; i++) {
		path[2 * i] = 31;
		path[2 * i + 1] = 5;
	}
	lab_dmar_begin(&builder, 39, 0);
	lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0, 0);
	lab_dmar_add_scope(&builder, LAB_SCOPE_ENDPOINT, 0, 0, 0, path,
			   LAB_DMAR_MAX_HOPS);
	table = lab_fw_finish(test, &builder, &length);
	memcpy(table + 10, "\033[31m\n", 6);
	memcpy(table + 16, "\377\200\001\r\177%s", 7);
	lab_fw_repair(table, length);
	dmar = lab_fw_parse(test, table, length, 0);
	lab_dmar_print(dmar, collect_line, &collected);
	KUNIT_EXPECT_EQ(test, collected.hops, LAB_DMAR_MAX_HOPS);
	KUNIT_EXPECT_FALSE(test, collected.control);
	KUNIT_EXPECT_LT(test, collected.longest, 192);
}

static struct kunit_case topology_cases[] = {
	LAB_FW_CASE(five_hops, "V4 a path of 5 hops is kept whole and resolved"),
	LAB_FW_CASE(path_out_of_range, "a path out of range names no device"),
	LAB_FW_CASE(shuffled, "N7 units of devices, in each order of the table"),
	LAB_FW_CASE(unknown_bridges, "units of devices without bus numbers"),
	LAB_FW_CASE(regions_of_devices, "which devices a reserved region has"),
	LAB_FW_CASE(default_topology, "the built-in machine, built and parsed"),
	LAB_FW_CASE(default_bdfs, "endpoints of the built-in machine differ"),
	LAB_FW_CASE(builder_errors, "the builder refuses what cannot be encoded"),
	LAB_FW_CASE(longest_structure, "a structure of 65535 bytes at most"),
	LAB_FW_CASE(print, "the printed table, line by line"),
	LAB_FW_CASE(print_hostile, "a printed table is printable"),
	{ }
};

struct kunit_suite lab_topology_suite = {
	.name = "topology",
	.test_cases = topology_cases,
};
