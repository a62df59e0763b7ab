// SPDX-License-Identifier: GPL-2.0
/* firmware/: IORT, a table with each type of node, and each finding. */
#include "../iommu_lab/firmware/bytes.h"
#include "acpi_help.h"
#include "firmware_help.h"
#include "suites.h"

/* where the nodes are */
#define ITS	0x30
#define SMMU_V3	0x48
#define SMMU	0xb4
#define RC	0x124
#define NC	0x174
#define PMCG	0x1ac
#define RMR	0x1d4
#define IWB	0x22c

static void begin_node(struct lab_bytes *table, u8 type, u16 length, u32 mappings,
		       u32 mapping_offset)
{
	/* the last ones that there are, or a bit older */
	static const u8 revisions[] = { 1, 3, 3, 3, 3, 2, 3, 0 };

	lab_acpi_add(table, type, 1);
	lab_acpi_add(table, length, 2);
	lab_acpi_add(table, revisions[type], 1);
	lab_acpi_add(table, type + 100, 4);
	lab_acpi_add(table, mappings, 4);
	lab_acpi_add(table, mapping_offset, 4);
}

static void add_mapping(struct lab_bytes *table, u32 input, u32 count, u32 output,
			u32 node, u32 flags)
{
	lab_acpi_add(table, input, 4);
	lab_acpi_add(table, count, 4);
	lab_acpi_add(table, output, 4);
	lab_acpi_add(table, node, 4);
	lab_acpi_add(table, flags, 4);
}

/* memory access properties: coherent, hints, memory flags */
static void add_memory_access(struct lab_bytes *table)
{
	lab_acpi_add(table, 1, 4);
	lab_acpi_add(table, 5, 1);
	lab_acpi_add_zeroes(table, 2);
	lab_acpi_add(table, 3, 1);
}

static void add_smmus(struct lab_bytes *table)
{
	begin_node(table, 4, 108, 2, 68);		/* SMMUv3 */
	lab_acpi_add(table, 0x2b400000, 8);
	lab_acpi_add(table, 0x1d, 4);
	lab_acpi_add_zeroes(table, 4);
	lab_acpi_add(table, 0x2b420000, 8);
	lab_acpi_add(table, 1, 4);
	lab_acpi_add(table, 0x90, 4);
	lab_acpi_add(table, 0x91, 4);
	lab_acpi_add(table, 0x93, 4);
	lab_acpi_add(table, 0x92, 4);
	lab_acpi_add(table, 7, 4);
	lab_acpi_add(table, 1, 4);
	add_mapping(table, 0, 0xffff, 0x10, ITS, 0);
	add_mapping(table, 0, 0, 0x77, ITS, 1);

	begin_node(table, 3, 112, 1, 92);		/* SMMUv2 */
	lab_acpi_add(table, 0x2b500000, 8);
	lab_acpi_add(table, 0x10000, 8);
	lab_acpi_add(table, 3, 4);
	lab_acpi_add(table, 2, 4);
	lab_acpi_add(table, 60, 4);
	lab_acpi_add(table, 1, 4);
	lab_acpi_add(table, 76, 4);
	lab_acpi_add(table, 1, 4);
	lab_acpi_add(table, 84, 4);
	lab_acpi_add(table, 0x60, 8);
	lab_acpi_add(table, 0x61 | 1ULL << 32, 8);
	lab_acpi_add(table, 0x62, 8);
	lab_acpi_add(table, 0x63, 8);
	add_mapping(table, 0, 0x7f, 0, ITS, 0);
}

static void add_devices(struct lab_bytes *table)
{
	begin_node(table, 2, 80, 2, 40);		/* root complex */
	add_memory_access(table);
	lab_acpi_add(table, 3, 4);
	lab_acpi_add(table, 4, 4);
	lab_acpi_add(table, 48, 1);
	lab_acpi_add(table, 20, 2);
	lab_acpi_add_zeroes(table, 5);
	add_mapping(table, 0, 0xff, 0, SMMU_V3, 0);
	add_mapping(table, 0x100, 0xfeff, 0x100, ITS, 0);

	begin_node(table, 1, 56, 1, 36);		/* named component */
	lab_acpi_add(table, 0x29, 4);
	add_memory_access(table);
	lab_acpi_add(table, 40, 1);
	lab_acpi_add_text(table, "\\_SB.D", 7);
	add_mapping(table, 0, 0, 0x81, SMMU, 1);
}

static struct lab_bytes *sound_iort(struct kunit *test)
{
	struct lab_bytes *table = lab_acpi_begin(test, "IORT", 6);

	lab_acpi_add(table, 8, 4);
	lab_acpi_add(table, ITS, 4);
	lab_acpi_add_zeroes(table, 4);

	begin_node(table, 0, 24, 0, 0);
	lab_acpi_add(table, 1, 4);
	lab_acpi_add(table, 5, 4);
	add_smmus(table);
	add_devices(table);

	begin_node(table, 5, 40, 0, 0);			/* PMCG */
	lab_acpi_add(table, 0x2b402000, 8);
	lab_acpi_add(table, 0x94, 4);
	lab_acpi_add(table, SMMU_V3, 4);
	lab_acpi_add(table, 0x2b412000, 8);

	begin_node(table, 6, 88, 1, 68);		/* RMR */
	lab_acpi_add(table, 0x15, 4);
	lab_acpi_add(table, 2, 4);
	lab_acpi_add(table, 28, 4);
	lab_acpi_add(table, 0x80000000, 8);
	lab_acpi_add(table, 0x20000, 12);
	lab_acpi_add(table, 0x80020000, 8);
	lab_acpi_add(table, 0x10000, 12);
	add_mapping(table, 0x30, 0, 0x30, SMMU_V3, 1);

	begin_node(table, 7, 36, 0, 0);			/* IWB */
	lab_acpi_add(table, 0x2f000000, 8);
	lab_acpi_add(table, 5, 2);
	lab_acpi_add_text(table, "\\_SB.I", 10);
	lab_acpi_repair(table);
	return table;
}

static void iort_values(struct kunit *test)
{
	struct lab_bytes *table = sound_iort(test);

	KUNIT_ASSERT_EQ(test, table->length, 0x250);
	lab_acpi_expect_clean(test, table);
	lab_acpi_expect(test, table, 0, "IORT", "node_count", 8);
	lab_acpi_expect(test, table, ITS, "its-group", "its_count", 1);
	lab_acpi_expect(test, table, 0x44, "its", "identifier", 5);
	lab_acpi_expect(test, table, SMMU_V3, "smmu-v3", "base_address", 0x2b400000);
	lab_acpi_expect(test, table, SMMU_V3, "smmu-v3", "httu_override", 2);
	lab_acpi_expect(test, table, SMMU_V3, "smmu-v3", "sync_gsiv", 0x92);
	lab_acpi_expect(test, table, SMMU_V3, "smmu-v3", "mapping_index", 1);
	lab_acpi_expect(test, table, 0x8c, "mapping", "output_base", 0x10);
	lab_acpi_expect(test, table, 0xa0, "mapping", "single_mapping", 1);
	lab_acpi_expect(test, table, SMMU, "smmu", "span", 0x10000);
	lab_acpi_expect(test, table, SMMU, "smmu", "coherent_walk", 1);
	lab_acpi_expect(test, table, 0xf8, "interrupt", "edge_triggered", 1);
	lab_acpi_expect(test, table, 0x100, "interrupt", "gsiv", 0x62);
	lab_acpi_expect(test, table, 0x108, "interrupt", "gsiv", 0x63);
	lab_acpi_expect(test, table, RC, "root-complex", "segment", 4);
	lab_acpi_expect(test, table, RC, "root-complex", "max_pasid_width", 20);
	lab_acpi_expect(test, table, 0x160, "mapping", "id_count", 0xfeff);
	lab_acpi_expect(test, table, NC, "named-component", "pasid_bits", 20);
	lab_acpi_expect(test, table, NC, "named-component", "address_limit", 40);
	lab_acpi_expect(test, table, NC, "named-component", "name",
			lab_get_le64((const u8 *)"\\_SB.D\0"));
	lab_acpi_expect(test, table, PMCG, "pmcg", "node_reference", SMMU_V3);
	lab_acpi_expect(test, table, RMR, "rmr", "access_attributes", 5);
	lab_acpi_expect(test, table, 0x204, "region", "region_length", 0x10000);
	lab_acpi_expect(test, table, IWB, "iwb", "iwb_index", 5);
}

static const struct lab_acpi_damage iort_damages[] = {
	{ 8, 4, 1, "revision", LAB_WARNING, 8 },
	{ 0x24, 9, 4, "node-count", LAB_ERROR, 0x24 },
	{ 0x24, ~0u, 4, "node-count", LAB_ERROR, 0x24 },
	{ 0x24, 7, 4, "node-count", LAB_WARNING, IWB },
	{ 0x28, 0x2f, 4, "node-offset", LAB_ERROR, 0x28 },
	{ 0x28, 0x251, 4, "node-offset", LAB_ERROR, 0x28 },
	{ ITS + 1, 0, 2, "structure-length", LAB_ERROR, ITS },
	{ ITS + 1, 15, 2, "structure-length", LAB_ERROR, ITS },
	{ IWB + 1, 37, 2, "structure-overrun", LAB_ERROR, IWB },
	{ IWB, 9, 1, "structure-unknown", LAB_NOTE, IWB },
	{ ITS + 16, 0, 4, "its-none", LAB_WARNING, ITS + 16 },
	{ ITS + 16, 2, 4, "array-overrun", LAB_ERROR, ITS },
	{ SMMU_V3 + 4, 100, 4, "identifier", LAB_WARNING, SMMU_V3 + 4 },
	{ SMMU_V3 + 8, ~0u, 4, "array-overrun", LAB_ERROR, SMMU_V3 },
	{ SMMU_V3 + 12, 40, 4, "array-offset", LAB_ERROR, SMMU_V3 },
	{ SMMU_V3 + 12, 100, 4, "array-overrun", LAB_ERROR, SMMU_V3 },
	{ SMMU_V3 + 12, ~0u, 4, "array-overrun", LAB_ERROR, SMMU_V3 },
	{ SMMU_V3 + 16, 0x2b401000, 8, "base", LAB_WARNING, SMMU_V3 + 16 },
	{ SMMU_V3 + 16, 0, 8, "base", LAB_WARNING, SMMU_V3 + 16 },
	{ SMMU_V3 + 16, 0x2b500000, 8, "duplicate", LAB_WARNING, SMMU + 16 },
	{ SMMU_V3 + 28, 1, 1, "reserved", LAB_NOTE, SMMU_V3 + 28 },
	{ SMMU_V3 + 40, 3, 4, "model", LAB_NOTE, SMMU_V3 + 40 },
	{ SMMU_V3 + 64, 2, 4, "mapping-index", LAB_ERROR, SMMU_V3 + 64 },
	{ SMMU + 24, 0, 8, "span", LAB_WARNING, SMMU + 24 },
	{ SMMU + 40, 8, 4, "array-offset", LAB_ERROR, SMMU },
	{ SMMU + 44, 6, 4, "array-overrun", LAB_ERROR, SMMU },
	{ RC + 16, 2, 4, "cache-coherent", LAB_WARNING, RC + 16 },
	{ RC + 16, 0, 4, "memory-attributes", LAB_WARNING, RC + 16 },
	{ RC + 23, 2, 1, "memory-attributes", LAB_WARNING, RC + 16 },
	{ NC + 27, 4, 1, "memory-attributes", LAB_WARNING, NC + 20 },
	{ RC + 36, 2, 4, "reserved", LAB_NOTE, RC + 36 },
	{ ITS + 3, 2, 1, "node-revision", LAB_NOTE, ITS + 3 },
	{ SMMU_V3 + 3, 6, 1, "node-revision", LAB_NOTE, SMMU_V3 + 3 },
	{ RC + 3, 5, 1, "node-revision", LAB_NOTE, RC + 3 },
	{ IWB + 3, 1, 1, "node-revision", LAB_NOTE, IWB + 3 },
	{ ITS + 12, 20, 4, "its-mappings", LAB_WARNING, ITS + 8 },
	{ RC + 32, 0, 1, "address-limit", LAB_WARNING, RC + 32 },
	{ NC + 28, 65, 1, "address-limit", LAB_WARNING, NC + 28 },
	/* ID mappings; those of the root complex are at 0x14c and 0x160 */
	{ 0x14c, ~0u, 4, "mapping-range", LAB_ERROR, 0x14c },
	{ 0x154, ~0u - 0xfe, 4, "mapping-range", LAB_ERROR, 0x14c },
	{ 0x150, 0x100, 4, "mapping-overlap", LAB_WARNING, 0x160 },
	{ 0x158, SMMU_V3 + 1, 4, "reference", LAB_ERROR, 0x158 },
	{ 0x158, ~0u, 4, "reference", LAB_ERROR, 0x158 },
	{ 0x158, 0, 4, "reference", LAB_ERROR, 0x158 },
	{ 0x158, RC, 4, "reference-type", LAB_ERROR, 0x158 },
	{ 0x19c, 5, 4, "mapping-single", LAB_WARNING, 0x19c },
	{ NC + 35, 'X', 1, "name", LAB_ERROR, NC + 29 },
	{ NC + 29, 'X', 1, "name", LAB_WARNING, NC + 29 },
	{ PMCG + 16, 0, 8, "base", LAB_WARNING, PMCG + 16 },
	{ PMCG + 28, ITS, 4, "reference-type", LAB_ERROR, PMCG + 28 },
	{ RMR + 8, 0, 4, "mapping-none", LAB_WARNING, RMR + 8 },
	{ RMR + 16, 0x18, 4, "attributes", LAB_WARNING, RMR + 16 },
	{ RMR + 20, 0, 4, "region-none", LAB_WARNING, RMR + 20 },
	{ RMR + 20, 4, 4, "array-overrun", LAB_ERROR, RMR },
	{ RMR + 24, 8, 4, "array-offset", LAB_ERROR, RMR + 24 },
	{ 0x20c, 0, 8, "region-length", LAB_WARNING, 0x20c },
	{ 0x20c, ~0ULL, 8, "region-range", LAB_ERROR, 0x204 },
	{ 0x20c, 0x1000, 8, "region-alignment", LAB_WARNING, 0x204 },
	{ 0x204, 0x80010000, 8, "region-overlap", LAB_WARNING, 0x204 },
	{ IWB + 16, 0, 8, "base", LAB_WARNING, IWB + 16 },
};

static void iort_damaged(struct kunit *test)
{
	lab_acpi_expect_damage(test, sound_iort(test), iort_damages,
			       ARRAY_SIZE(iort_damages));
}

static void iort_survives(struct kunit *test)
{
	lab_acpi_survive(test, sound_iort(test));
}

/* What of an array is inside its node is shown. */
static void half_an_array(struct kunit *test)
{
	struct lab_bytes *table = sound_iort(test);

	lab_acpi_set(table, RC + 8, 3, 4);
	lab_acpi_repair(table);
	lab_acpi_expect(test, table, 0x160, "mapping", "id_count", 0xfeff);
	lab_acpi_expect(test, table, NC, "named-component", "address_limit", 40);
}

/* Revisions before 3 have no identifiers: the bytes are reserved there. */
static void old_revision(struct kunit *test)
{
	struct lab_bytes *table = sound_iort(test);

	table->bytes[8] = 0;
	lab_acpi_set(table, SMMU_V3 + 4, 100, 4);
	lab_acpi_repair(table);
	lab_acpi_expect_clean(test, table);
}

static struct kunit_case cases[] = {
	LAB_FW_CASE(iort_values, "IORT each field of each node"),
	LAB_FW_CASE(iort_damaged, "IORT each change of a byte leads to its finding"),
	LAB_FW_CASE(iort_survives, "IORT cut at each byte, and with other bytes"),
	LAB_FW_CASE(half_an_array, "IORT array that ends behind its node"),
	LAB_FW_CASE(old_revision, "IORT of revision 0 has no identifiers"),
	{ }
};

struct kunit_suite lab_iort_suite = {
	.name = "iort",
	.test_cases = cases,
};
