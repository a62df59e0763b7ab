// SPDX-License-Identifier: GPL-2.0
/* VIOT: virtual I/O translation, paravirtualized IOMMUs (ACPI 6.5, 5.2.32). */
#include "acpi_node.h"
#include "bytes.h"

#define HEADER	48	/* bytes before the first node */

enum viot_type {
	PCI_RANGE = 1,
	MMIO = 2,
	VIRTIO_PCI = 3,
	VIRTIO_MMIO = 4,
};

#define UNITS	(LAB_ACPI_TYPE(VIRTIO_PCI) | LAB_ACPI_TYPE(VIRTIO_MMIO))

static const struct lab_acpi_field viot_fields[] = {
	{ "node_count", 36, 2 },
	{ "node_offset", 38, 2 },
	{ "reserved", 40, 8, LAB_ACPI_RESERVED },
	{ }
};

static const struct lab_acpi_field header_fields[] = {
	{ "type", 0, 1 },
	{ "reserved", 1, 1, LAB_ACPI_RESERVED },
	{ "length", 2, 2 },
	{ }
};

static const struct lab_acpi_field pci_range_fields[] = {
	{ "endpoint_start", 4, 4 },
	{ "segment_start", 8, 2 },
	{ "segment_end", 10, 2 },
	{ "bdf_start", 12, 2 },
	{ "bdf_end", 14, 2 },
	{ "output_node", 16, 2 },
	{ "reserved_18", 18, 6, LAB_ACPI_RESERVED },
	{ }
};

static const struct lab_acpi_field mmio_fields[] = {
	{ "endpoint", 4, 4 },
	{ "base_address", 8, 8 },
	{ "output_node", 16, 2 },
	{ "reserved_18", 18, 6, LAB_ACPI_RESERVED },
	{ }
};

static const struct lab_acpi_field virtio_pci_fields[] = {
	{ "segment", 4, 2 },
	{ "bdf", 6, 2 },
	{ "reserved_8", 8, 8, LAB_ACPI_RESERVED },
	{ }
};

static const struct lab_acpi_field virtio_mmio_fields[] = {
	{ "reserved_4", 4, 4, LAB_ACPI_RESERVED },
	{ "base_address", 8, 8 },
	{ }
};

static const struct lab_acpi_nodes viot_nodes;

static bool ranges_meet(const u8 *a, const u8 *b)
{
	return lab_get_le16(a + 8) <= lab_get_le16(b + 10) &&
	       lab_get_le16(b + 8) <= lab_get_le16(a + 10) &&
	       lab_get_le16(a + 12) <= lab_get_le16(b + 14) &&
	       lab_get_le16(b + 12) <= lab_get_le16(a + 14);
}

static void check_overlap(const struct lab_acpi_table *table,
			  const struct lab_acpi_item *item)
{
	struct lab_acpi_item other;
	u32 at;

	for (at = table->first; at < item->offset; at += other.length) {
		if (lab_acpi_next(table, &viot_nodes, at, &other) != LAB_ACPI_ITEM)
			return;
		if (other.type != PCI_RANGE || other.length < 24 ||
		    !ranges_meet(table->bytes + at, table->bytes + item->offset))
			continue;
		lab_report(table->findings, item->offset, LAB_WARNING, "range-overlap",
			   "the PCI functions overlap those of the range at 0x%x", at);
		return;
	}
}

static void read_pci_range(const struct lab_acpi_table *table,
			   const struct lab_acpi_item *item, u32 end)
{
	const u8 *bytes = table->bytes + item->offset;

	if (lab_get_le16(bytes + 10) < lab_get_le16(bytes + 8) ||
	    lab_get_le16(bytes + 14) < lab_get_le16(bytes + 12))
		lab_report(table->findings, item->offset + 8, LAB_ERROR, "range",
			   "the range ends at %04x:%04x, before it begins at %04x:%04x",
			   lab_get_le16(bytes + 10), lab_get_le16(bytes + 14),
			   lab_get_le16(bytes + 8), lab_get_le16(bytes + 12));
	else
		check_overlap(table, item);
	lab_acpi_reference(table, item->offset + 16, lab_get_le16(bytes + 16), UNITS);
	lab_acpi_rest(table, item, end);
}

static void read_mmio(const struct lab_acpi_table *table,
		      const struct lab_acpi_item *item, u32 end)
{
	u32 other = lab_acpi_earlier(table, &viot_nodes, item, LAB_ACPI_TYPE(MMIO), 8, 8);

	if (other)
		lab_report(table->findings, item->offset + 8, LAB_WARNING, "duplicate",
			   "the endpoint at 0x%x has the same base address", other);
	lab_acpi_reference(table, item->offset + 16,
			   lab_get_le16(table->bytes + item->offset + 16), UNITS);
	lab_acpi_rest(table, item, end);
}

static void read_virtio_pci(const struct lab_acpi_table *table,
			    const struct lab_acpi_item *item, u32 end)
{
	u32 other = lab_acpi_earlier(table, &viot_nodes, item, LAB_ACPI_TYPE(VIRTIO_PCI), 4, 4);

	if (other)
		lab_report(table->findings, item->offset + 4, LAB_WARNING, "duplicate",
			   "the IOMMU at 0x%x is the same PCI function", other);
	lab_acpi_rest(table, item, end);
}

static void read_virtio_mmio(const struct lab_acpi_table *table,
			     const struct lab_acpi_item *item, u32 end)
{
	u32 other = lab_acpi_earlier(table, &viot_nodes, item, LAB_ACPI_TYPE(VIRTIO_MMIO), 8, 8);

	if (!lab_get_le64(table->bytes + item->offset + 8))
		lab_report(table->findings, item->offset + 8, LAB_WARNING, "base",
			   "the base address is 0");
	if (other)
		lab_report(table->findings, item->offset + 8, LAB_WARNING, "duplicate",
			   "the IOMMU at 0x%x has the same base address", other);
	lab_acpi_rest(table, item, end);
}

static const struct lab_acpi_kind viot_kinds[] = {
	{ PCI_RANGE, "pci-range", 24, pci_range_fields, read_pci_range },
	{ MMIO, "mmio-endpoint", 24, mmio_fields, read_mmio },
	{ VIRTIO_PCI, "virtio-iommu-pci", 16, virtio_pci_fields, read_virtio_pci },
	{ VIRTIO_MMIO, "virtio-iommu-mmio", 16, virtio_mmio_fields, read_virtio_mmio },
	{ }
};

static const struct lab_acpi_nodes viot_nodes = {
	.list = "nodes",
	.header = 4,
	.length_at = 2,
	.kinds = viot_kinds,
	.fields = header_fields,
};

static void read_viot(struct lab_acpi_table *table)
{
	u32 first = lab_get_le16(table->bytes + 38);

	if (lab_acpi_first_node(table, 38, first, HEADER))
		lab_acpi_read_nodes(table, &viot_nodes, first,
				    lab_get_le16(table->bytes + 36));
}

const struct lab_acpi_format lab_viot_format = {
	.signature = "VIOT",
	.header = HEADER,
	.revisions = 1u << 0,
	.known = "0",
	.fields = viot_fields,
	.has_nodes = true,
	.read = read_viot,
};
