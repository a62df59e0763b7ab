/* SPDX-License-Identifier: GPL-2.0 */
/* IVRS: device entries of an IVHD, for the file that reads blocks. */
#ifndef IOMMU_LAB_FIRMWARE_IVRS_H
#define IOMMU_LAB_FIRMWARE_IVRS_H

#include "acpi_node.h"

enum lab_ivrs_type {
	LAB_IVHD_10 = 0x10,
	LAB_IVHD_11 = 0x11,
	LAB_IVMD_ALL = 0x20,
	LAB_IVMD_ONE = 0x21,
	LAB_IVMD_RANGE = 0x22,
	LAB_IVHD_40 = 0x40,
};

/* ivrs_entry.c */
void lab_ivhd_entries(const struct lab_acpi_table *table,
		      const struct lab_acpi_item *item, u32 end);

#endif
