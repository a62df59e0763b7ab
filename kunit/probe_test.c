// SPDX-License-Identifier: GPL-2.0
/* firmware/: which source the machine's units are from, and what each source has. */
#include "acpi_help.h"
#include "firmware_help.h"
#include "probe_tree.h"
#include "suites.h"

#define IORT_UNIT	0x30	/* offset of the SMMU */
#define IVHD_LENGTH	0x34

/**
 * struct desk - a machine that is put together by a test
 * @tables: DMAR, IORT, IVRS, or NULL
 * @length: of each
 * @out: how many are in use
 */
struct desk {
	const u8 *tables[LAB_PROBE_TREE];
	size_t length[LAB_PROBE_TREE];
	int out;
};

static int desk_get(void *ctx, const char *signature, const void **bytes, size_t *length)
{
	struct desk *desk = ctx;
	int i;

	for (i = 0; i < LAB_PROBE_TREE; i++) {
		if (strcmp(lab_probe_source_name(i), signature) || !desk->tables[i])
			continue;
		desk->out++;
		*bytes = desk->tables[i];
		*length = desk->length[i];
		return 0;
	}
	return -ENOENT;
}

static void desk_put(void *ctx, const void *bytes)
{
	struct desk *desk = ctx;

	desk->out--;
}

static struct lab_bytes *iort(struct kunit *test)
{
	struct lab_bytes *table = lab_acpi_begin(test, "IORT", 6);

	lab_acpi_add(table, 1, 4);
	lab_acpi_add(table, IORT_UNIT, 4);
	lab_acpi_add_zeroes(table, 4);
	lab_acpi_add(table, 4, 1);
	lab_acpi_add(table, 68, 2);
	lab_acpi_add(table, 3, 1);
	lab_acpi_add_zeroes(table, 12);
	lab_acpi_add(table, 0x2b400000, 8);
	lab_acpi_add_zeroes(table, 44);
	lab_acpi_repair(table);
	return table;
}

/* An IVHD with a range and an alias; the range ends at @last. */
static void add_ivhd(struct lab_bytes *table, u8 type, u64 base, u32 attributes, u16 last)
{
	u32 more = type == 0x10 ? 0 : 16;

	lab_acpi_add(table, type, 1);
	lab_acpi_add(table, 0, 1);
	lab_acpi_add(table, IVHD_LENGTH + more, 2);
	lab_acpi_add(table, 2, 2);
	lab_acpi_add(table, 0x40, 2);
	lab_acpi_add(table, base, 8);
	lab_acpi_add(table, 3, 2);
	lab_acpi_add(table, 0, 2);
	lab_acpi_add(table, attributes, 4);
	lab_acpi_add_zeroes(table, more);
	lab_acpi_add(table, 0x43 | 0x0100 << 8, 4);	/* alias range, 01:00.0 */
	lab_acpi_add(table, 0x00a5 << 8, 4);		/* 00:14.5 */
	lab_acpi_add(table, 0x04 | (u32)last << 8, 4);
	lab_acpi_add(table, 0x02 | 0x0300 << 8, 4);
	lab_acpi_add(table, 0x48, 4);			/* special */
	lab_acpi_add(table, 0x21 | 0x00a0 << 8 | 1 << 24, 4);
	lab_acpi_add(table, 0, 4);
}

static struct lab_bytes *ivrs(struct kunit *test)
{
	struct lab_bytes *table = lab_acpi_begin(test, "IVRS", 2);

	lab_acpi_add(table, 0x00203043, 4);
	lab_acpi_add_zeroes(table, 8);
	add_ivhd(table, 0x11, 0xfeb80000, 0x00042000, 0x01ff);
	add_ivhd(table, 0x10, 0xfeb80000, 0, 0x01fe);
	add_ivhd(table, 0x10, 0xfec00000, 0, 0x02fd);
	add_ivhd(table, 0x11, 0xfec00000, 0, 0x02fc);
	lab_acpi_repair(table);
	return table;
}

static u8 *dmar(struct kunit *test, size_t *length)
{
	return lab_fw_default(test, 4, length);
}

static const u8 *damaged(struct kunit *test, const u8 *table, size_t length)
{
	u8 *copy = kunit_kzalloc(test, length, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, table, length);
	copy[9] ^= 1;
	return copy;
}

static void find(struct kunit *test, struct desk *desk, const struct lab_dt *tree,
		 struct lab_probe *probe)
{
	struct lab_probe_host host = {
		.get = desk_get,
		.put = desk_put,
		.ctx = desk,
		.tree = tree,
	};

	host.built_in = dmar(test, &host.built_in_length);
	KUNIT_ASSERT_EQ(test, lab_probe_machine(&host, probe), 0);
	KUNIT_EXPECT_EQ(test, desk->out, 0);
}

/* Each source absent, valid or invalid: 54 machines. */
static void first_valid_source(struct kunit *test)
{
	const u8 *sound[LAB_PROBE_TREE], *broken[LAB_PROBE_TREE];
	struct lab_bytes *table = iort(test), *other = ivrs(test);
	size_t length[LAB_PROBE_TREE] = { 0, table->length, other->length };
	struct lab_probe_tree *tree = lab_probe_tree_begin(test);
	int states, left, i;

	sound[LAB_PROBE_DMAR] = dmar(test, &length[LAB_PROBE_DMAR]);
	sound[LAB_PROBE_IORT] = table->bytes;
	sound[LAB_PROBE_IVRS] = other->bytes;
	for (i = 0; i < LAB_PROBE_TREE; i++)
		broken[i] = damaged(test, sound[i], length[i]);

	for (states = 0; states < 54; states++) {
		enum lab_probe_source want = LAB_PROBE_BUILT_IN;
		struct desk desk = { };
		struct lab_probe probe;

		if (states >= 27)
			want = LAB_PROBE_TREE;
		for (i = LAB_PROBE_TREE - 1, left = states % 27; i >= 0; i--, left /= 3) {
			if (left % 3 == LAB_PROBE_ABSENT)
				continue;
			desk.tables[i] = left % 3 == LAB_PROBE_VALID ? sound[i] : broken[i];
			desk.length[i] = length[i];
			if (left % 3 == LAB_PROBE_VALID)
				want = i;
		}
		find(test, &desk, states >= 27 ? &tree->dt : NULL, &probe);
		KUNIT_EXPECT_EQ_MSG(test, probe.source, want, "states %d", states);
		KUNIT_EXPECT_GT(test, probe.nr_units, 0);
		for (i = LAB_PROBE_TREE - 1, left = states % 27; i >= 0; i--, left /= 3)
			KUNIT_EXPECT_EQ(test, (int)probe.state[i], left % 3);
		KUNIT_EXPECT_EQ(test, probe.state[LAB_PROBE_TREE] == LAB_PROBE_VALID,
				states >= 27);
		lab_probe_free(&probe);
	}
	KUNIT_EXPECT_EQ(test, tree->held, 0);
}

/* A valid table without a unit is passed over, too. */
static void table_without_units(struct kunit *test)
{
	struct lab_bytes *table = lab_acpi_begin(test, "IORT", 6);
	struct lab_bytes *other = ivrs(test);
	struct desk desk = { };
	struct lab_probe probe;

	lab_acpi_add(table, 0, 4);
	lab_acpi_add(table, IORT_UNIT, 4);
	lab_acpi_add_zeroes(table, 4);
	lab_acpi_repair(table);
	desk.tables[LAB_PROBE_IORT] = table->bytes;
	desk.length[LAB_PROBE_IORT] = table->length;
	desk.tables[LAB_PROBE_IVRS] = other->bytes;
	desk.length[LAB_PROBE_IVRS] = other->length;
	find(test, &desk, NULL, &probe);
	KUNIT_EXPECT_EQ(test, probe.source, LAB_PROBE_IVRS);
	KUNIT_EXPECT_EQ(test, probe.state[LAB_PROBE_IORT], LAB_PROBE_VALID);
	lab_probe_free(&probe);
}

static void expect_client(struct kunit *test, const struct lab_probe_client *client,
			  u32 unit, const char *kind, u32 first, u32 last)
{
	KUNIT_EXPECT_EQ(test, client->unit, unit);
	KUNIT_EXPECT_STREQ(test, client->kind, kind);
	KUNIT_EXPECT_TRUE(test, client->has_ids);
	KUNIT_EXPECT_EQ(test, client->first, first);
	KUNIT_EXPECT_EQ(test, client->last, last);
}

/* Of the blocks of one IOMMU the highest type counts, wherever it stands. */
static void ivrs_units(struct kunit *test)
{
	struct lab_bytes *table = ivrs(test);
	struct lab_probe probe = { };
	u32 i;

	KUNIT_ASSERT_TRUE(test, lab_probe_ivrs(&probe, table->bytes, table->length));
	KUNIT_ASSERT_EQ(test, probe.nr_units, 2);
	KUNIT_ASSERT_EQ(test, probe.nr_clients, 6);
	KUNIT_EXPECT_EQ(test, probe.units[0].base, 0xfeb80000);
	KUNIT_EXPECT_EQ(test, probe.units[0].size, 0x80000);
	KUNIT_EXPECT_EQ(test, probe.units[1].base, 0xfec00000);
	KUNIT_EXPECT_EQ(test, probe.units[1].size, 0x4000);
	KUNIT_EXPECT_STREQ(test, probe.units[1].name, "function 0003:00:00.2");
	for (i = 0; i < 2; i++) {
		const struct lab_probe_client *client = &probe.clients[3 * i];

		expect_client(test, client, i, "alias-range", 0x100, i ? 0x2fc : 0x1ff);
		KUNIT_EXPECT_TRUE(test, client->has_stream && client->one_stream);
		KUNIT_EXPECT_EQ(test, client->stream, 0xa5);
		expect_client(test, client + 1, i, "select", 0x300, 0x300);
		KUNIT_EXPECT_FALSE(test, client[1].has_stream);
		expect_client(test, client + 2, i, "ioapic", 0xa0, 0xa0);
		KUNIT_EXPECT_STREQ(test, client[2].name, "33");
	}
	lab_probe_free(&probe);
}

static void dmar_units(struct kunit *test)
{
	struct lab_dmar_builder builder;
	struct lab_probe probe = { };
	const u8 far[4] = { 0x1c, 0, 2, 1 };
	size_t length;
	u8 *table;

	lab_dmar_begin(&builder, 46, 0);
	lab_dmar_add_drhd(&builder, 1, 0xfed90000, 1, 0);
	lab_dmar_add_scope(&builder, LAB_SCOPE_ENDPOINT, 0, 0, 3, far, 2);
	lab_dmar_add_scope(&builder, LAB_SCOPE_IOAPIC, 0, 2, 0xf0, far, 1);
	/* of no known type: a warning, so the table is in use */
	lab_dmar_add_scope(&builder, 9, 0, 0, 0, far, 1);
	lab_dmar_add_drhd(&builder, 1, 0xfed92000, 0, LAB_DRHD_INCLUDE_PCI_ALL);
	table = lab_fw_finish(test, &builder, &length);
	KUNIT_ASSERT_TRUE(test, lab_probe_dmar(&probe, table, length));
	KUNIT_ASSERT_EQ(test, probe.nr_units, 2);
	KUNIT_ASSERT_EQ(test, probe.nr_clients, 4);
	KUNIT_EXPECT_EQ(test, probe.units[0].size, 0x2000);
	KUNIT_EXPECT_STREQ(test, probe.units[0].name, "segment 0001");
	KUNIT_EXPECT_STREQ(test, probe.clients[0].name, "03:1c.0/02.1");
	KUNIT_EXPECT_FALSE(test, probe.clients[0].has_ids);
	expect_client(test, &probe.clients[1], 0, "ioapic", 0xf0e0, 0xf0e0);
	KUNIT_ASSERT_NOT_NULL(test, probe.clients[2].kind);
	KUNIT_EXPECT_STREQ(test, probe.clients[2].kind, "unknown");
	KUNIT_EXPECT_STREQ(test, probe.clients[2].name, "00:1c.0");
	KUNIT_EXPECT_FALSE(test, probe.clients[2].has_ids);
	KUNIT_EXPECT_STREQ(test, probe.clients[3].kind, "all-others");
	KUNIT_EXPECT_EQ(test, probe.clients[3].unit, 1);
	lab_probe_free(&probe);
}

/* More than there is memory for at first; each one is kept. */
static void many_units(struct kunit *test)
{
	struct lab_dmar_builder builder;
	struct lab_probe probe = { };
	const u8 path[2] = { 3, 1 };
	size_t length;
	u8 *table;
	u32 i;

	lab_dmar_begin(&builder, 46, 0);
	for (i = 0; i < 100; i++) {
		lab_dmar_add_drhd(&builder, (u16)i, 0x100000000ULL + i * 0x1000, 0, 0);
		lab_dmar_add_scope(&builder, LAB_SCOPE_ENDPOINT, 0, 0, (u8)i, path, 1);
	}
	table = lab_fw_finish(test, &builder, &length);
	KUNIT_ASSERT_TRUE(test, lab_probe_dmar(&probe, table, length));
	KUNIT_ASSERT_EQ(test, probe.nr_units, 100);
	KUNIT_ASSERT_EQ(test, probe.nr_clients, 100);
	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_EQ(test, probe.units[i].base, 0x100000000ULL + i * 0x1000);
		expect_client(test, &probe.clients[i], i, "pci-endpoint",
			      i << 8 | 0x19, i << 8 | 0x19);
	}
	lab_probe_free(&probe);
}

static struct kunit_case cases[] = {
	LAB_FW_CASE(first_valid_source, "H2 the first valid source has the machine's units"),
	LAB_FW_CASE(table_without_units, "H2 a table without units is passed over"),
	LAB_FW_CASE(dmar_units, "H2 units of a DMAR, and what is behind them"),
	LAB_FW_CASE(ivrs_units, "H2 units of an IVRS, and what is behind them"),
	LAB_FW_CASE(many_units, "H2 all units, however many"),
	{ }
};

struct kunit_suite lab_probe_suite = {
	.name = "probe",
	.test_cases = cases,
};
