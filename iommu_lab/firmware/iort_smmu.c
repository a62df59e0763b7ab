// SPDX-License-Identifier: GPL-2.0
/*
 * IORT: SMMUs, their performance counters, and memory that must stay mapped
 * (Arm DEN0049E.f, 3.1.1.3 to 3.1.1.7).
 */
#include "bytes.h"
#include "iort.h"

#define INTERRUPT	8	/* bytes: GSIV, flags */
#define DESCRIPTOR	20	/* bytes of a region of an RMR */
#define PAGE_64K	0x10000ULL

/* what has performance counters */
#define COUNTED		(LAB_IORT_TO_SMMU |				\
			 LAB_ACPI_TYPE(LAB_IORT_NAMED_COMPONENT) |	\
			 LAB_ACPI_TYPE(LAB_IORT_ROOT_COMPLEX))

#define SMMU_V3_INDEX_VALID	0x10u
#define SMMU_V3_MODELS		3u
#define SMMU_MODELS		6u
#define RMR_ATTRIBUTES		6u

static const struct lab_acpi_bits smmu_flags[] = {
	{ "dvm_supported", 0, 1 },
	{ "coherent_walk", 1, 1 },
	{ }
};

const struct lab_acpi_field lab_iort_smmu_fields[] = {
	{ "base_address", 16, 8 },
	{ "span", 24, 8 },
	{ "model", 32, 4 },
	{ "flags", 36, 4, LAB_ACPI_NUMBER, 0xfffffffc, smmu_flags },
	{ "global_interrupt_offset", 40, 4 },
	{ "context_interrupt_count", 44, 4 },
	{ "context_interrupt_offset", 48, 4 },
	{ "pmu_interrupt_count", 52, 4 },
	{ "pmu_interrupt_offset", 56, 4 },
	{ }
};

static const struct lab_acpi_bits interrupt_flags[] = {
	{ "edge_triggered", 0, 1 },
	{ }
};

static const struct lab_acpi_field interrupt_fields[] = {
	{ "gsiv", 0, 4 },
	{ "flags", 4, 4, LAB_ACPI_NUMBER, 0xfffffffe, interrupt_flags },
	{ }
};

static const struct lab_acpi_bits smmu_v3_flags[] = {
	{ "cohacc_override", 0, 1 },
	{ "httu_override", 1, 2 },
	{ "proximity_domain_valid", 3, 1 },
	{ "mapping_index_valid", 4, 1 },
	{ }
};

const struct lab_acpi_field lab_iort_smmu_v3_fields[] = {
	{ "base_address", 16, 8 },
	{ "flags", 24, 4, LAB_ACPI_NUMBER, 0xffffffe0, smmu_v3_flags },
	{ "reserved_28", 28, 4, LAB_ACPI_RESERVED },
	{ "vatos_address", 32, 8 },
	{ "model", 40, 4 },
	{ "event_gsiv", 44, 4 },
	{ "pri_gsiv", 48, 4 },
	{ "gerr_gsiv", 52, 4 },
	{ "sync_gsiv", 56, 4 },
	{ "proximity_domain", 60, 4 },
	{ "mapping_index", 64, 4 },
	{ }
};

const struct lab_acpi_field lab_iort_pmcg_fields[] = {
	{ "page0_base_address", 16, 8 },
	{ "overflow_gsiv", 24, 4 },
	{ "node_reference", 28, 4 },
	{ "page1_base_address", 32, 8 },
	{ }
};

static const struct lab_acpi_bits rmr_flags[] = {
	{ "remap_permitted", 0, 1 },
	{ "access_privileged", 1, 1 },
	{ "access_attributes", 2, 8 },
	{ }
};

const struct lab_acpi_field lab_iort_rmr_fields[] = {
	{ "flags", 16, 4, LAB_ACPI_NUMBER, 0xfffffc00, rmr_flags },
	{ "region_count", 20, 4 },
	{ "region_offset", 24, 4 },
	{ }
};

static const struct lab_acpi_field region_fields[] = {
	{ "base_address", 0, 8 },
	{ "region_length", 8, 8 },
	{ "reserved", 16, 4, LAB_ACPI_RESERVED },
	{ }
};

/* Registers of an SMMU: somewhere, on a page of @page bytes, and its own. */
static void check_base(const struct lab_acpi_table *table,
		       const struct lab_acpi_item *item, u64 page)
{
	u64 base = lab_get_le64(table->bytes + item->offset + 16);
	u32 other = lab_acpi_earlier(table, &lab_iort_nodes, item, LAB_IORT_TO_SMMU, 16, 8);

	if (!base)
		lab_report(table->findings, item->offset + 16, LAB_WARNING, "base",
			   "the base address is 0");
	else if (base & (page - 1))
		lab_report(table->findings, item->offset + 16, LAB_WARNING, "base",
			   "the base address 0x%llx is not a multiple of 0x%llx",
			   base, page);
	if (other)
		lab_report(table->findings, item->offset + 16, LAB_WARNING, "duplicate",
			   "the SMMU at 0x%x has the same base address", other);
}

static void check_model(const struct lab_acpi_table *table, u32 at, u32 models)
{
	u32 model = lab_get_le32(table->bytes + at);

	if (model >= models)
		lab_report(table->findings, at, LAB_NOTE, "model",
			   "model %u is not known; %u is the last one", model, models - 1);
}

static void read_interrupts(const struct lab_acpi_table *table,
			    const struct lab_acpi_item *item, const char *name,
			    u32 start, u32 count)
{
	u32 at = item->offset + start;

	if (count && start < 60) {
		lab_report(table->findings, item->offset, LAB_ERROR, "array-offset",
			   "%s from byte %u on, inside the fields of smmu", name, start);
		return;
	}
	count = lab_acpi_array(table, item, start, count, INTERRUPT, name);
	lab_acpi_list(table, name);
	for (; count; count--, at += INTERRUPT) {
		lab_acpi_open(table, "interrupt", at);
		lab_acpi_fields(table, interrupt_fields, at, INTERRUPT);
		lab_acpi_close(table);
	}
	lab_acpi_end_list(table);
}

/**
 * lab_iort_smmu - an SMMUv1 or SMMUv2 (DEN0049 3.1.1.3)
 * @table: the table
 * @item: the node
 * @end: bytes of its fields
 */
void lab_iort_smmu(const struct lab_acpi_table *table,
		   const struct lab_acpi_item *item, u32 end)
{
	const u8 *bytes = table->bytes + item->offset;

	check_base(table, item, 0x1000);
	check_model(table, item->offset + 32, SMMU_MODELS);
	if (!lab_get_le64(bytes + 24))
		lab_report(table->findings, item->offset + 24, LAB_WARNING, "span",
			   "the registers span 0 bytes");
	/* two of them: of the non-secure context, and of configuration faults */
	read_interrupts(table, item, "global_interrupts", lab_get_le32(bytes + 40), 2);
	read_interrupts(table, item, "context_interrupts", lab_get_le32(bytes + 48),
			lab_get_le32(bytes + 44));
	read_interrupts(table, item, "pmu_interrupts", lab_get_le32(bytes + 56),
			lab_get_le32(bytes + 52));
	lab_iort_mappings(table, item, LAB_IORT_TO_ITS);
}

/**
 * lab_iort_smmu_v3 - an SMMUv3 (DEN0049 3.1.1.2)
 * @table: the table
 * @item: the node
 * @end: bytes of its fields
 */
void lab_iort_smmu_v3(const struct lab_acpi_table *table,
		      const struct lab_acpi_item *item, u32 end)
{
	const u8 *bytes = table->bytes + item->offset;

	check_base(table, item, PAGE_64K);
	check_model(table, item->offset + 40, SMMU_V3_MODELS);
	if (end >= 68 && (lab_get_le32(bytes + 24) & SMMU_V3_INDEX_VALID) &&
	    lab_get_le32(bytes + 64) >= lab_get_le32(bytes + 8))
		lab_report(table->findings, item->offset + 64, LAB_ERROR, "mapping-index",
			   "device ID mapping index %u; there are %u mappings",
			   lab_get_le32(bytes + 64), lab_get_le32(bytes + 8));
	lab_acpi_rest(table, item, end);
	lab_iort_mappings(table, item, LAB_IORT_TO_ITS);
}

/**
 * lab_iort_pmcg - a group of performance counters (DEN0049 3.1.1.6)
 * @table: the table
 * @item: the node
 * @end: bytes of its fields
 */
void lab_iort_pmcg(const struct lab_acpi_table *table,
		   const struct lab_acpi_item *item, u32 end)
{
	const u8 *bytes = table->bytes + item->offset;

	if (!lab_get_le64(bytes + 16))
		lab_report(table->findings, item->offset + 16, LAB_WARNING, "base",
			   "the base address of page 0 is 0");
	lab_acpi_reference(table, item->offset + 28, lab_get_le32(bytes + 28), COUNTED);
	lab_acpi_rest(table, item, end);
	lab_iort_mappings(table, item, LAB_IORT_TO_ITS);
}

static void check_region(const struct lab_acpi_table *table, u32 first, u32 at)
{
	u64 base = lab_get_le64(table->bytes + at);
	u64 length = lab_get_le64(table->bytes + at + 8);
	u64 other, other_length;

	if (!length) {
		lab_report(table->findings, at + 8, LAB_WARNING, "region-length",
			   "the region has no bytes");
		return;
	}
	if (base + length - 1 < base) {
		lab_report(table->findings, at, LAB_ERROR, "region-range",
			   "0x%llx bytes from 0x%llx on pass 64 bits", length, base);
		return;
	}
	if ((base | length) & (PAGE_64K - 1))
		lab_report(table->findings, at, LAB_WARNING, "region-alignment",
			   "0x%llx bytes at 0x%llx are not whole pages of 64 KiB",
			   length, base);
	for (; first < at; first += DESCRIPTOR) {
		other = lab_get_le64(table->bytes + first);
		other_length = lab_get_le64(table->bytes + first + 8);
		/* as distances, which cannot overflow */
		if (base >= other ? base - other >= other_length : other - base >= length)
			continue;
		lab_report(table->findings, at, LAB_WARNING, "region-overlap",
			   "the region overlaps the one at 0x%x", first);
		return;
	}
}

/**
 * lab_iort_rmr - reserved memory regions (DEN0049 3.1.1.7)
 * @table: the table
 * @item: the node
 * @end: bytes of its fields
 */
void lab_iort_rmr(const struct lab_acpi_table *table,
		  const struct lab_acpi_item *item, u32 end)
{
	const u8 *bytes = table->bytes + item->offset;
	u32 count = lab_get_le32(bytes + 20), start = lab_get_le32(bytes + 24);
	u32 attributes = lab_get_le32(bytes + 16) >> 2 & 0xff;
	u32 first = item->offset + start, at = first;

	if (attributes >= RMR_ATTRIBUTES)
		lab_report(table->findings, item->offset + 16, LAB_WARNING, "attributes",
			   "access attributes 0x%x are not known", attributes);
	if (!count)
		lab_report(table->findings, item->offset + 20, LAB_WARNING, "region-none",
			   "the node has no memory regions");
	if (!lab_get_le32(bytes + 8))
		lab_report(table->findings, item->offset + 8, LAB_WARNING, "mapping-none",
			   "the node has no ID mappings: its regions are nobody's");
	if (count && start < end) {
		lab_report(table->findings, item->offset + 24, LAB_ERROR, "array-offset",
			   "memory regions from byte %u on, inside the fields of rmr",
			   start);
		count = 0;
	}
	count = lab_acpi_array(table, item, start, count, DESCRIPTOR, "memory regions");
	lab_acpi_list(table, "regions");
	for (; count; count--, at += DESCRIPTOR) {
		lab_acpi_open(table, "region", at);
		lab_acpi_fields(table, region_fields, at, DESCRIPTOR);
		lab_acpi_close(table);
		check_region(table, first, at);
	}
	lab_acpi_end_list(table);
	lab_iort_mappings(table, item, LAB_IORT_TO_SMMU);
}
