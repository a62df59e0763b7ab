// SPDX-License-Identifier: GPL-2.0
/* RIMT: I/O mapping on RISC-V (RISC-V IO Mapping Table Specification 1.0). */
#include "acpi_node.h"
#include "bytes.h"

#define HEADER	48	/* bytes before the first node */
#define WIRE	8	/* bytes */

enum rimt_type {
	IOMMU = 0,
	ROOT_COMPLEX = 1,
	PLATFORM_DEVICE = 2,
};

#define ALL_TYPES	(LAB_ACPI_TYPE(IOMMU) | LAB_ACPI_TYPE(ROOT_COMPLEX) | \
			 LAB_ACPI_TYPE(PLATFORM_DEVICE))

#define IOMMU_IS_PCI	1u
#define ATS_AND_PRI	3u

static const struct lab_acpi_field rimt_fields[] = {
	{ "node_count", 36, 4 },
	{ "node_offset", 40, 4 },
	{ "reserved", 44, 4, LAB_ACPI_RESERVED },
	{ }
};

static const struct lab_acpi_field header_fields[] = {
	{ "type", 0, 1 },
	{ "node_revision", 1, 1 },
	{ "length", 2, 2 },
	{ "reserved", 4, 2, LAB_ACPI_RESERVED },
	{ "id", 6, 2 },
	{ }
};

static const struct lab_acpi_bits iommu_flags[] = {
	{ "is_pci", 0, 1 },
	{ "proximity_domain_valid", 1, 1 },
	{ }
};

static const struct lab_acpi_field iommu_fields[] = {
	{ "hardware_id", 8, 8, LAB_ACPI_CHARS },
	{ "base_address", 16, 8 },
	{ "flags", 24, 4, LAB_ACPI_NUMBER, 0xfffffffc, iommu_flags },
	{ "proximity_domain", 28, 4 },
	{ "segment", 32, 2 },
	{ "bdf", 34, 2 },
	{ "wire_count", 36, 2 },
	{ "wire_offset", 38, 2 },
	{ }
};

static const struct lab_acpi_bits wire_flags[] = {
	{ "level_triggered", 0, 1 },
	{ "active_high", 1, 1 },
	{ }
};

static const struct lab_acpi_field wire_fields[] = {
	{ "interrupt", 0, 4 },
	{ "flags", 4, 4, LAB_ACPI_NUMBER, 0xfffffffc, wire_flags },
	{ }
};

static const struct lab_acpi_bits root_complex_flags[] = {
	{ "ats_supported", 0, 1 },
	{ "pri_supported", 1, 1 },
	{ }
};

static const struct lab_acpi_field root_complex_fields[] = {
	{ "flags", 8, 4, LAB_ACPI_NUMBER, 0xfffffffc, root_complex_flags },
	{ "reserved_12", 12, 2, LAB_ACPI_RESERVED },
	{ "segment", 14, 2 },
	{ "mapping_offset", 16, 2 },
	{ "mapping_count", 18, 2 },
	{ }
};

static const struct lab_acpi_field platform_device_fields[] = {
	{ "mapping_offset", 8, 2 },
	{ "mapping_count", 10, 2 },
	{ }
};

static const struct lab_acpi_bits mapping_flags[] = {
	{ "ats_required", 0, 1 },
	{ "pri_required", 1, 1 },
	{ }
};

static const struct lab_acpi_field mapping_fields[] = {
	{ "input_base", 0, 4 },
	{ "id_count", 4, 4 },
	{ "output_base", 8, 4 },
	{ "output_reference", 12, 4 },
	{ "flags", 16, 4, LAB_ACPI_NUMBER, 0xfffffffc, mapping_flags },
	{ }
};

static const struct lab_acpi_mappings mappings = {
	.fields = mapping_fields,
	.targets = LAB_ACPI_TYPE(IOMMU),
};

static const struct lab_acpi_nodes rimt_nodes;

static void check_id(const struct lab_acpi_table *table,
		     const struct lab_acpi_item *item)
{
	u32 other = lab_acpi_earlier(table, &rimt_nodes, item, ALL_TYPES, 6, 2);

	if (other)
		lab_report(table->findings, item->offset + 6, LAB_WARNING, "identifier",
			   "the node at 0x%x has the same ID %u", other,
			   lab_get_le16(table->bytes + item->offset + 6));
}

static void read_iommu(const struct lab_acpi_table *table,
		       const struct lab_acpi_item *item, u32 end)
{
	const u8 *bytes = table->bytes + item->offset;
	u32 count = lab_get_le16(bytes + 36), at = lab_get_le16(bytes + 38);

	check_id(table, item);
	if (!(lab_get_le32(bytes + 24) & IOMMU_IS_PCI) && !lab_get_le64(bytes + 16))
		lab_report(table->findings, item->offset + 16, LAB_WARNING, "base",
			   "the base address of a platform device is 0");
	if (count && at < end) {
		lab_report(table->findings, item->offset + 38, LAB_ERROR, "array-offset",
			   "interrupt wires from byte %u on, inside the fields", at);
		count = 0;
	}
	count = lab_acpi_array(table, item, at, count, WIRE, "interrupt wires");
	lab_acpi_list(table, "wires");
	for (at += item->offset; count; count--, at += WIRE) {
		lab_acpi_open(table, "wire", at);
		lab_acpi_fields(table, wire_fields, at, WIRE);
		lab_acpi_close(table);
	}
	lab_acpi_end_list(table);
}

/* Return: whether they could be read. */
static bool read_mappings(const struct lab_acpi_table *table,
			  const struct lab_acpi_item *item, u32 end, u32 at)
{
	const u8 *bytes = table->bytes + item->offset + at;
	u32 start = lab_get_le16(bytes), count = lab_get_le16(bytes + 2);

	check_id(table, item);
	if (!count) {
		lab_report(table->findings, item->offset + at, LAB_WARNING, "mapping-none",
			   "the node has no ID mappings");
		return false;
	}
	if (start < end) {
		lab_report(table->findings, item->offset + at, LAB_ERROR, "array-offset",
			   "ID mappings from byte %u on, inside the fields", start);
		return false;
	}
	lab_acpi_read_mappings(table, item, start, count, &mappings);
	return true;
}

/* What a mapping requires, its root complex has to support. */
static void check_required(const struct lab_acpi_table *table,
			   const struct lab_acpi_item *item)
{
	const u8 *bytes = table->bytes + item->offset;
	u32 at = lab_get_le16(bytes + 16), count = lab_get_le16(bytes + 18);
	u32 missing;

	for (; count && at + 20 <= item->length; count--, at += 20) {
		missing = lab_get_le32(bytes + at + 16) & ~lab_get_le32(bytes + 8) &
			  ATS_AND_PRI;
		if (missing)
			lab_report(table->findings, item->offset + at + 16, LAB_WARNING,
				   "mapping-required",
				   "the mapping requires 0x%x, which its root complex does not support",
				   missing);
	}
}

static void read_root_complex(const struct lab_acpi_table *table,
			      const struct lab_acpi_item *item, u32 end)
{
	if (read_mappings(table, item, end, 16))
		check_required(table, item);
}

static void read_platform_device(const struct lab_acpi_table *table,
				 const struct lab_acpi_item *item, u32 end)
{
	end = lab_acpi_name(table, item, end);
	lab_acpi_show(table, "padding", LAB_ACPI_HEX, item->offset + end,
		      item->offset + item->fixed);
	read_mappings(table, item, end, 8);
}

static u32 fixed_part(const struct lab_acpi_table *table,
		      const struct lab_acpi_item *item)
{
	const u8 *bytes = table->bytes + item->offset;
	u32 start;

	/* the name of a platform device ends before its mappings */
	if (item->type != PLATFORM_DEVICE || item->length < 12 ||
	    !lab_get_le16(bytes + 10))
		return item->length;
	start = lab_get_le16(bytes + 8);
	return start < item->length ? start : item->length;
}

static const struct lab_acpi_kind rimt_kinds[] = {
	{ IOMMU, "iommu", 40, iommu_fields, read_iommu },
	{ ROOT_COMPLEX, "root-complex", 20, root_complex_fields, read_root_complex },
	{ PLATFORM_DEVICE, "platform-device", 13, platform_device_fields,
	  read_platform_device },
	{ }
};

static const struct lab_acpi_nodes rimt_nodes = {
	.list = "nodes",
	.header = 8,
	.length_at = 2,
	.kinds = rimt_kinds,
	.fields = header_fields,
	.fixed = fixed_part,
};

static void read_rimt(struct lab_acpi_table *table)
{
	u32 first = lab_get_le32(table->bytes + 40);

	if (lab_acpi_first_node(table, 40, first, HEADER))
		lab_acpi_read_nodes(table, &rimt_nodes, first,
				    lab_get_le32(table->bytes + 36));
}

const struct lab_acpi_format lab_rimt_format = {
	.signature = "RIMT",
	.header = HEADER,
	.revisions = 1u << 1,
	.known = "1",
	.fields = rimt_fields,
	.has_nodes = true,
	.read = read_rimt,
};
