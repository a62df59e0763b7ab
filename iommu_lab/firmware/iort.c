// SPDX-License-Identifier: GPL-2.0
/*
 * IORT: I/O remapping on Arm (Arm DEN0049E.f). The table, its ID mappings, and the
 * nodes of what makes requests; SMMUs and what belongs to them are in iort_smmu.c.
 */
#include "bytes.h"
#include "iort.h"

#define HEADER	48	/* bytes before the first node that is possible */

#define ALL_TYPES	0xffu
#define WITH_IDENTIFIER	3	/* the first revision in which nodes have one */

static const struct lab_acpi_field iort_fields[] = {
	{ "node_count", 36, 4 },
	{ "node_offset", 40, 4 },
	{ "reserved", 44, 4, LAB_ACPI_RESERVED },
	{ }
};

static const struct lab_acpi_field header_fields[] = {
	{ "type", 0, 1 },
	{ "length", 1, 2 },
	{ "node_revision", 3, 1 },
	{ "identifier", 4, 4 },
	{ "mapping_count", 8, 4 },
	{ "mapping_offset", 12, 4 },
	{ }
};

static const struct lab_acpi_field its_group_fields[] = {
	{ "its_count", 16, 4 },
	{ }
};

static const struct lab_acpi_field its_fields[] = {
	{ "identifier", 0, 4 },
	{ }
};

static const struct lab_acpi_bits hints[] = {
	{ "transient", 0, 1 },
	{ "write_allocate", 1, 1 },
	{ "read_allocate", 2, 1 },
	{ "override", 3, 1 },
	{ }
};

static const struct lab_acpi_bits memory_flags[] = {
	{ "coherency", 0, 1 },
	{ "device_attribute", 1, 1 },
	{ "canwbs", 2, 1 },
	{ }
};

/* Memory access properties (DEN0049 3.1.1, table 14) are 8 bytes of two types. */
static const struct lab_acpi_bits named_component_flags[] = {
	{ "stall_supported", 0, 1 },
	{ "pasid_bits", 1, 5 },
	{ }
};

static const struct lab_acpi_field named_component_fields[] = {
	{ "flags", 16, 4, LAB_ACPI_NUMBER, 0xffffffc0, named_component_flags },
	{ "cache_coherent", 20, 4 },
	{ "hints", 24, 1, LAB_ACPI_NUMBER, 0xf0, hints },
	{ "memory_reserved", 25, 2, LAB_ACPI_RESERVED },
	{ "memory_flags", 27, 1, LAB_ACPI_NUMBER, 0xf8, memory_flags },
	{ "address_limit", 28, 1 },
	{ }
};

static const struct lab_acpi_bits ats_attribute[] = {
	{ "ats_supported", 0, 1 },
	{ "pri_supported", 1, 1 },
	{ "pasid_forward_supported", 2, 1 },
	{ }
};

static const struct lab_acpi_bits pasid_capabilities[] = {
	{ "max_pasid_width", 0, 5 },
	{ }
};

static const struct lab_acpi_field root_complex_fields[] = {
	{ "cache_coherent", 16, 4 },
	{ "hints", 20, 1, LAB_ACPI_NUMBER, 0xf0, hints },
	{ "memory_reserved", 21, 2, LAB_ACPI_RESERVED },
	{ "memory_flags", 23, 1, LAB_ACPI_NUMBER, 0xf8, memory_flags },
	{ "ats_attribute", 24, 4, LAB_ACPI_NUMBER, 0xfffffff8, ats_attribute },
	{ "segment", 28, 4 },
	{ "address_limit", 32, 1 },
	{ "pasid_capabilities", 33, 2, LAB_ACPI_NUMBER, 0xffe0, pasid_capabilities },
	{ "reserved_35", 35, 1, LAB_ACPI_RESERVED },
	{ "root_complex_flags", 36, 4, LAB_ACPI_NUMBER, 0xfffffffe },
	{ }
};

static const struct lab_acpi_field iwb_fields[] = {
	{ "base_address", 16, 8 },
	{ "iwb_index", 24, 2 },
	{ }
};

static const struct lab_acpi_bits mapping_flags[] = {
	{ "single_mapping", 0, 1 },
	{ }
};

static const struct lab_acpi_field mapping_fields[] = {
	{ "input_base", 0, 4 },
	{ "id_count", 4, 4 },
	{ "output_base", 8, 4 },
	{ "output_reference", 12, 4 },
	{ "flags", 16, 4, LAB_ACPI_NUMBER, 0xfffffffe, mapping_flags },
	{ }
};

/* the last revision of each type of node in DEN0049E.f */
static const u8 last_revision[] = {
	[LAB_IORT_ITS_GROUP] = 1,
	[LAB_IORT_NAMED_COMPONENT] = 4,
	[LAB_IORT_ROOT_COMPLEX] = 4,
	[LAB_IORT_SMMU] = 3,
	[LAB_IORT_SMMU_V3] = 5,
	[LAB_IORT_PMCG] = 2,
	[LAB_IORT_RMR] = 3,
	[LAB_IORT_IWB] = 0,
};

static void check_node_revision(const struct lab_acpi_table *table,
				const struct lab_acpi_item *item)
{
	u8 revision = table->bytes[item->offset + 3];

	if (revision > last_revision[item->type])
		lab_report(table->findings, item->offset + 3, LAB_NOTE, "node-revision",
			   "revision %u of this type of node is not known; %u is the last one",
			   revision, last_revision[item->type]);
}

static void check_identifier(const struct lab_acpi_table *table,
			     const struct lab_acpi_item *item)
{
	u32 other;

	if (table->bytes[8] < WITH_IDENTIFIER)
		return;
	other = lab_acpi_earlier(table, &lab_iort_nodes, item, ALL_TYPES, 4, 4);
	if (other)
		lab_report(table->findings, item->offset + 4, LAB_WARNING, "identifier",
			   "the node at 0x%x has the same identifier %u", other,
			   lab_get_le32(table->bytes + item->offset + 4));
}

/**
 * lab_iort_mappings - the ID mappings of a node, and its identifier
 * @table: the table
 * @item: the node
 * @targets: bit n: they can refer to a node of type n
 */
void lab_iort_mappings(const struct lab_acpi_table *table,
		       const struct lab_acpi_item *item, u32 targets)
{
	const struct lab_acpi_mappings mappings = {
		.fields = mapping_fields,
		.last = 1,
		.targets = targets,
		.single = 1,
	};
	const u8 *bytes = table->bytes + item->offset;
	u32 count = lab_get_le32(bytes + 8);

	check_node_revision(table, item);
	check_identifier(table, item);
	/* inside the fields, which the walk has reported */
	if (count && lab_get_le32(bytes + 12) >= item->fixed)
		lab_acpi_read_mappings(table, item, lab_get_le32(bytes + 12), count,
				       &mappings);
}

static void check_memory_access(const struct lab_acpi_table *table, u32 at)
{
	u32 coherent = lab_get_le32(table->bytes + at);
	u8 flags = table->bytes[at + 7];
	bool path = flags & 1, device = flags & 2;

	/* DEN0049 3.1.1, table 15 */
	if (coherent == 1 && !path)
		lab_report(table->findings, at, LAB_WARNING, "memory-attributes",
			   "fully coherent, without a coherent path to memory");
	else if (!coherent && path && device)
		lab_report(table->findings, at, LAB_WARNING, "memory-attributes",
			   "not coherent, with a coherent path and the attributes that make it so");
	if (coherent > 1)
		lab_report(table->findings, at, LAB_WARNING, "cache-coherent",
			   "the cache coherency attribute is 0x%x, neither 0 nor 1",
			   coherent);
}

static void check_address_limit(const struct lab_acpi_table *table, u32 at)
{
	u8 bits = table->bytes[at];

	if (!bits || bits > 64)
		lab_report(table->findings, at, LAB_WARNING, "address-limit",
			   "the memory address limit is %u bits, not 1 to 64", bits);
}

static void read_its_group(const struct lab_acpi_table *table,
			   const struct lab_acpi_item *item, u32 end)
{
	u32 count = lab_get_le32(table->bytes + item->offset + 16);
	u32 at = item->offset + end;

	if (!count)
		lab_report(table->findings, item->offset + 16, LAB_WARNING, "its-none",
			   "the group has no ITS");
	if (lab_get_le64(table->bytes + item->offset + 8))
		lab_report(table->findings, item->offset + 8, LAB_WARNING, "its-mappings",
			   "the group has ID mappings, which lead nowhere from there");
	count = lab_acpi_array(table, item, end, count, 4, "ITS identifiers");
	lab_acpi_list(table, "identifiers");
	for (; count; count--, at += 4) {
		lab_acpi_open(table, "its", at);
		lab_acpi_fields(table, its_fields, at, 4);
		lab_acpi_close(table);
	}
	lab_acpi_end_list(table);
	lab_iort_mappings(table, item, 0);
}

static void read_named_component(const struct lab_acpi_table *table,
				 const struct lab_acpi_item *item, u32 end)
{
	check_memory_access(table, item->offset + 20);
	check_address_limit(table, item->offset + 28);
	end = lab_acpi_name(table, item, end);
	lab_acpi_show(table, "padding", LAB_ACPI_HEX, item->offset + end,
		      item->offset + item->fixed);
	lab_iort_mappings(table, item, LAB_IORT_TO_ITS | LAB_IORT_TO_SMMU);
}

static void read_root_complex(const struct lab_acpi_table *table,
			      const struct lab_acpi_item *item, u32 end)
{
	check_memory_access(table, item->offset + 16);
	/* nodes of revision 0 have none */
	if (table->bytes[item->offset + 3])
		check_address_limit(table, item->offset + 32);
	lab_acpi_rest(table, item, end);
	lab_iort_mappings(table, item, LAB_IORT_TO_ITS | LAB_IORT_TO_SMMU);
}

static void read_iwb(const struct lab_acpi_table *table,
		     const struct lab_acpi_item *item, u32 end)
{
	if (!lab_get_le64(table->bytes + item->offset + 16))
		lab_report(table->findings, item->offset + 16, LAB_WARNING, "base",
			   "the base address is 0");
	end = lab_acpi_name(table, item, end);
	lab_acpi_show(table, "padding", LAB_ACPI_HEX, item->offset + end,
		      item->offset + item->fixed);
	lab_iort_mappings(table, item, LAB_IORT_TO_ITS);
}

static u32 fixed_part(const struct lab_acpi_table *table,
		      const struct lab_acpi_item *item)
{
	const u8 *bytes = table->bytes + item->offset;
	u32 start = lab_get_le32(bytes + 12);

	if (!lab_get_le32(bytes + 8) || start > item->length)
		return item->length;
	return start;
}

static const struct lab_acpi_kind iort_kinds[] = {
	{ LAB_IORT_ITS_GROUP, "its-group", 20, its_group_fields, read_its_group },
	{ LAB_IORT_NAMED_COMPONENT, "named-component", 30, named_component_fields,
	  read_named_component },
	{ LAB_IORT_ROOT_COMPLEX, "root-complex", 33, root_complex_fields,
	  read_root_complex },
	{ LAB_IORT_SMMU, "smmu", 60, lab_iort_smmu_fields, lab_iort_smmu },
	{ LAB_IORT_SMMU_V3, "smmu-v3", 60, lab_iort_smmu_v3_fields, lab_iort_smmu_v3 },
	{ LAB_IORT_PMCG, "pmcg", 32, lab_iort_pmcg_fields, lab_iort_pmcg },
	{ LAB_IORT_RMR, "rmr", 28, lab_iort_rmr_fields, lab_iort_rmr },
	{ LAB_IORT_IWB, "iwb", 27, iwb_fields, read_iwb },
	{ }
};

const struct lab_acpi_nodes lab_iort_nodes = {
	.list = "nodes",
	.header = LAB_IORT_HEADER,
	.length_at = 1,
	.kinds = iort_kinds,
	.fields = header_fields,
	.fixed = fixed_part,
};

static void read_iort(struct lab_acpi_table *table)
{
	u32 first = lab_get_le32(table->bytes + 40);

	if (!lab_acpi_first_node(table, 40, first, HEADER))
		return;
	lab_acpi_show(table, "padding", LAB_ACPI_HEX, HEADER, first);
	lab_acpi_read_nodes(table, &lab_iort_nodes, first,
			    lab_get_le32(table->bytes + 36));
}

const struct lab_acpi_format lab_iort_format = {
	.signature = "IORT",
	.header = HEADER,
	.revisions = 1u << 0 | 1u << 3 | 1u << 5 | 1u << 6 | 1u << 7,
	.known = "0, 3, 5, 6 and 7 (1, 2 and 4 were withdrawn)",
	.fields = iort_fields,
	.has_nodes = true,
	.read = read_iort,
};
