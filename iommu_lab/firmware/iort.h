/* SPDX-License-Identifier: GPL-2.0 */
/* IORT: types of nodes (Arm DEN0049E.f, 3.1), for the files that read them. */
#ifndef IOMMU_LAB_FIRMWARE_IORT_H
#define IOMMU_LAB_FIRMWARE_IORT_H

#include "acpi_node.h"

enum lab_iort_type {
	LAB_IORT_ITS_GROUP = 0,
	LAB_IORT_NAMED_COMPONENT = 1,
	LAB_IORT_ROOT_COMPLEX = 2,
	LAB_IORT_SMMU = 3,
	LAB_IORT_SMMU_V3 = 4,
	LAB_IORT_PMCG = 5,
	LAB_IORT_RMR = 6,
	LAB_IORT_IWB = 7,
};

#define LAB_IORT_HEADER	16	/* bytes of a node's header */

#define LAB_IORT_TO_ITS	 LAB_ACPI_TYPE(LAB_IORT_ITS_GROUP)
#define LAB_IORT_TO_SMMU (LAB_ACPI_TYPE(LAB_IORT_SMMU) | \
			  LAB_ACPI_TYPE(LAB_IORT_SMMU_V3))

extern const struct lab_acpi_nodes lab_iort_nodes;

/* iort.c */
void lab_iort_mappings(const struct lab_acpi_table *table,
		       const struct lab_acpi_item *item, u32 targets);

/* iort_smmu.c */
extern const struct lab_acpi_field lab_iort_smmu_fields[];
extern const struct lab_acpi_field lab_iort_smmu_v3_fields[];
extern const struct lab_acpi_field lab_iort_pmcg_fields[];
extern const struct lab_acpi_field lab_iort_rmr_fields[];
void lab_iort_smmu(const struct lab_acpi_table *table,
		   const struct lab_acpi_item *item, u32 end);
void lab_iort_smmu_v3(const struct lab_acpi_table *table,
		      const struct lab_acpi_item *item, u32 end);
void lab_iort_pmcg(const struct lab_acpi_table *table,
		   const struct lab_acpi_item *item, u32 end);
void lab_iort_rmr(const struct lab_acpi_table *table,
		  const struct lab_acpi_item *item, u32 end);

#endif
