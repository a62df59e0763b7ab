// SPDX-License-Identifier: GPL-2.0
/*
 * IVRS: IOMMUs of AMD (AMD I/O Virtualization Technology Specification 48882, rev 3.10,
 * chapter 5). The table and its blocks; device entries are in ivrs_entry.c.
 */
#include "bytes.h"
#include "ivrs.h"

#define HEADER	48	/* bytes before the first block */

#define UNIT_ALIGNMENT	0x4000ULL	/* of an IOMMU's registers */
#define PAGE		0x1000ULL

#define IVMD_UNITY	0x01u
#define IVMD_EXCLUSION	0x08u

static const struct lab_acpi_bits info_bits[] = {
	{ "efr_supported", 0, 1 },
	{ "dma_remap", 1, 1 },
	{ "guest_address_size", 5, 3 },
	{ "physical_address_size", 8, 7 },
	{ "virtual_address_size", 15, 7 },
	{ "ats_reserved", 22, 1 },
	{ }
};

static const struct lab_acpi_field ivrs_fields[] = {
	{ "info", 36, 4, LAB_ACPI_NUMBER, 0xff80001c, info_bits },
	{ "reserved", 40, 8, LAB_ACPI_RESERVED },
	{ }
};

static const struct lab_acpi_field header_fields[] = {
	{ "type", 0, 1 },
	{ }
};

/* the flags of types that are decoded have names */
static const struct lab_acpi_field opaque_fields[] = {
	{ "flags", 1, 1 },
	{ "length", 2, 2 },
	{ }
};

static const struct lab_acpi_bits ivhd_flags[] = {
	{ "ht_tunnel", 0, 1 },
	{ "pass_pw", 1, 1 },
	{ "response_pass_pw", 2, 1 },
	{ "isochronous", 3, 1 },
	{ "remote_iotlb", 4, 1 },
	{ "coherent", 5, 1 },
	{ "prefetch", 6, 1 },
	{ "ppr", 7, 1 },
	{ }
};

static const struct lab_acpi_bits ivhd_info[] = {
	{ "msi_number", 0, 5 },
	{ "unit_id", 8, 5 },
	{ }
};

static const struct lab_acpi_bits feature_bits[] = {
	{ "xt_supported", 0, 1 },
	{ "nx_supported", 1, 1 },
	{ "gt_supported", 2, 1 },
	{ "glx_supported", 3, 2 },
	{ "ia_supported", 5, 1 },
	{ "ga_supported", 6, 1 },
	{ "he_supported", 7, 1 },
	{ "max_pasid", 8, 5 },
	{ "counters", 13, 4 },
	{ "counter_banks", 17, 6 },
	{ "msi_number_ppr", 23, 5 },
	{ "guest_translation_size", 28, 2 },
	{ "host_translation_size", 30, 2 },
	{ }
};

static const struct lab_acpi_field ivhd_10_fields[] = {
	{ "flags", 1, 1, LAB_ACPI_NUMBER, 0, ivhd_flags },
	{ "length", 2, 2 },
	{ "device_id", 4, 2 },
	{ "capability_offset", 6, 2 },
	{ "base_address", 8, 8 },
	{ "segment", 16, 2 },
	{ "info", 18, 2, LAB_ACPI_NUMBER, 0xe0e0, ivhd_info },
	{ "features", 20, 4, LAB_ACPI_NUMBER, 0, feature_bits },
	{ }
};

static const struct lab_acpi_bits attribute_bits[] = {
	{ "counters", 13, 4 },
	{ "counter_banks", 17, 6 },
	{ "msi_number_ppr", 23, 5 },
	{ }
};

static const struct lab_acpi_field ivhd_11_fields[] = {
	{ "flags", 1, 1, LAB_ACPI_NUMBER, 0xc0, ivhd_flags },
	{ "length", 2, 2 },
	{ "device_id", 4, 2 },
	{ "capability_offset", 6, 2 },
	{ "base_address", 8, 8 },
	{ "segment", 16, 2 },
	{ "info", 18, 2, LAB_ACPI_NUMBER, 0xe0e0, ivhd_info },
	{ "attributes", 20, 4, LAB_ACPI_NUMBER, 0xf0001fff, attribute_bits },
	{ "efr_image", 24, 8 },
	{ "efr2_image", 32, 8 },
	{ }
};

static const struct lab_acpi_bits ivmd_flags[] = {
	{ "unity", 0, 1 },
	{ "read", 1, 1 },
	{ "write", 2, 1 },
	{ "exclusion_range", 3, 1 },
	{ }
};

static const struct lab_acpi_field ivmd_fields[] = {
	{ "flags", 1, 1, LAB_ACPI_NUMBER, 0xf0, ivmd_flags },
	{ "length", 2, 2 },
	{ "device_id", 4, 2 },
	{ "auxiliary_data", 6, 2 },
	{ "segment", 8, 2 },
	{ "reserved", 10, 6, LAB_ACPI_RESERVED },
	{ "start_address", 16, 8 },
	{ "memory_length", 24, 8 },
	{ }
};

static const struct lab_acpi_nodes ivrs_nodes;

static bool is_ivhd(u8 type)
{
	return type == LAB_IVHD_10 || type == LAB_IVHD_11 || type == LAB_IVHD_40;
}

/*
 * An IOMMU may have a block of each type, which agree; software takes the highest
 * type that it knows (5.2.2).
 */
static void check_earlier(const struct lab_acpi_table *table,
			  const struct lab_acpi_item *item)
{
	const u8 *bytes = table->bytes + item->offset, *before;
	struct lab_acpi_item other;
	bool same_device, same_base;
	u32 at;

	for (at = table->first; at < item->offset; at += other.length) {
		if (lab_acpi_next(table, &ivrs_nodes, at, &other) != LAB_ACPI_ITEM)
			return;
		if (!is_ivhd(other.type) || other.length < 24)
			continue;
		before = table->bytes + at;
		same_base = !memcmp(before + 8, bytes + 8, 8);
		same_device = !memcmp(before + 16, bytes + 16, 2) &&
			      !memcmp(before + 4, bytes + 4, 2);
		if (other.type == item->type && (same_base || same_device)) {
			lab_report(table->findings, item->offset, LAB_WARNING, "duplicate",
				   "the IVHD at 0x%x, of the same type, is of the same IOMMU",
				   at);
			return;
		}
		if (same_base != same_device) {
			lab_report(table->findings, item->offset + 4, LAB_WARNING,
				   "ivhd-disagree",
				   "the IVHD at 0x%x has the same device or base address, not both",
				   at);
			return;
		}
	}
}

static void read_ivhd(const struct lab_acpi_table *table,
		      const struct lab_acpi_item *item, u32 end)
{
	const u8 *bytes = table->bytes + item->offset;
	u64 base = lab_get_le64(bytes + 8);
	u16 capability = lab_get_le16(bytes + 6);

	if (!base || base & (UNIT_ALIGNMENT - 1))
		lab_report(table->findings, item->offset + 8, LAB_WARNING, "base",
			   "the base address 0x%llx is 0 or not a multiple of 0x%llx",
			   base, UNIT_ALIGNMENT);
	if (capability < 0x40 || capability > 0xfc || capability & 3)
		lab_report(table->findings, item->offset + 6, LAB_WARNING, "capability",
			   "the capability is at 0x%x, not at a multiple of 4 from 0x40 to 0xfc",
			   capability);
	if (table->bytes[8] < 2 && item->type != LAB_IVHD_10)
		lab_report(table->findings, item->offset, LAB_NOTE, "ivhd-revision",
			   "an IVHD of type 0x%02x belongs into revision 2, not %u",
			   item->type, table->bytes[8]);
	check_earlier(table, item);
	lab_ivhd_entries(table, item, end);
}

static void check_memory(const struct lab_acpi_table *table,
			 const struct lab_acpi_item *item)
{
	const u8 *bytes = table->bytes + item->offset;
	u64 start = lab_get_le64(bytes + 16), length = lab_get_le64(bytes + 24);
	u32 bits = lab_get_le32(table->bytes + 36) >> 8 & 0x7f;

	if (!length) {
		lab_report(table->findings, item->offset + 24, LAB_WARNING, "memory-length",
			   "the memory has no bytes");
		return;
	}
	if (start + length - 1 < start) {
		lab_report(table->findings, item->offset + 16, LAB_ERROR, "memory-range",
			   "0x%llx bytes from 0x%llx on pass 64 bits", length, start);
		return;
	}
	if ((start | length) & (PAGE - 1))
		lab_report(table->findings, item->offset + 16, LAB_WARNING,
			   "memory-alignment",
			   "0x%llx bytes at 0x%llx are not whole pages of 4 KiB",
			   length, start);
	if (bits && bits < 64 && (start + length - 1) >> bits)
		lab_report(table->findings, item->offset + 16, LAB_WARNING,
			   "address-width",
			   "0x%llx is above the %u bits of a physical address",
			   start + length - 1, bits);
}

static void read_ivmd(const struct lab_acpi_table *table,
		      const struct lab_acpi_item *item, u32 end)
{
	const u8 *bytes = table->bytes + item->offset;
	u8 flags = bytes[1];

	if (item->type == LAB_IVMD_RANGE && lab_get_le16(bytes + 6) < lab_get_le16(bytes + 4))
		lab_report(table->findings, item->offset + 4, LAB_ERROR, "range",
			   "the range of devices ends at %04x, before it begins at %04x",
			   lab_get_le16(bytes + 6), lab_get_le16(bytes + 4));
	if (flags & IVMD_UNITY && flags & IVMD_EXCLUSION)
		lab_report(table->findings, item->offset + 1, LAB_WARNING, "ivmd-flags",
			   "flags 0x%02x say unity mapping and exclusion range", flags);
	else if (!(flags & (IVMD_UNITY | IVMD_EXCLUSION)))
		lab_report(table->findings, item->offset + 1, LAB_WARNING, "ivmd-flags",
			   "flags 0x%02x say neither unity mapping nor exclusion range",
			   flags);
	check_memory(table, item);
	lab_acpi_rest(table, item, end);
}

static const struct lab_acpi_kind ivrs_kinds[] = {
	{ LAB_IVHD_10, "ivhd-10", 24, ivhd_10_fields, read_ivhd },
	{ LAB_IVHD_11, "ivhd-11", 40, ivhd_11_fields, read_ivhd },
	{ LAB_IVHD_40, "ivhd-40", 40, ivhd_11_fields, read_ivhd },
	{ LAB_IVMD_ALL, "ivmd-all", 32, ivmd_fields, read_ivmd },
	{ LAB_IVMD_ONE, "ivmd-one", 32, ivmd_fields, read_ivmd },
	{ LAB_IVMD_RANGE, "ivmd-range", 32, ivmd_fields, read_ivmd },
	{ }
};

static const struct lab_acpi_nodes ivrs_nodes = {
	.list = "blocks",
	.header = 4,
	.length_at = 2,
	.kinds = ivrs_kinds,
	.fields = header_fields,
	.opaque = opaque_fields,
};

static void read_ivrs(struct lab_acpi_table *table)
{
	struct lab_acpi_item item;
	u32 at = HEADER, units = 0;

	lab_acpi_read_nodes(table, &ivrs_nodes, HEADER, ~0u);
	while (lab_acpi_next(table, &ivrs_nodes, at, &item) == LAB_ACPI_ITEM) {
		units += is_ivhd(item.type);
		at += item.length;
	}
	if (!units)
		lab_report(table->findings, HEADER, LAB_WARNING, "ivhd-none",
			   "the table has no IVHD, so no IOMMU");
}

const struct lab_acpi_format lab_ivrs_format = {
	.signature = "IVRS",
	.header = HEADER,
	.revisions = 1u << 1 | 1u << 2,
	.known = "1 and 2",
	.fields = ivrs_fields,
	.read = read_ivrs,
};
