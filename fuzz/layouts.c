// SPDX-License-Identifier: GPL-2.0
/* VT-d 8; AMD 48882 5; Arm DEN0049E.f 3; ACPI 6.5 5.2.32; RISC-V IO Mapping Table 1.0. */
#include "mutate.h"

static const struct fuzz_kind dmar_kinds[] = {
	{ 0, 16, FUZZ_SCOPES },		/* DRHD */
	{ 1, 24, FUZZ_SCOPES },		/* RMRR */
	{ 2, 8, FUZZ_SCOPES },		/* ATSR */
	{ 3, 20 },			/* RHSA */
	{ 4, 8 },			/* ANDD */
	{ 5, 8, FUZZ_SCOPES },		/* SATC */
	{ 6, 8, FUZZ_SCOPES },		/* SIDP */
	{ }
};

/* The second byte of a type is 0 in all that are known. */
const struct fuzz_layout fuzz_layout_dmar = {
	.signature = "DMAR",
	.header = 48,
	.smallest = 4,
	.length_at = 2,
	.kinds = dmar_kinds,
};

static const struct fuzz_kind ivrs_kinds[] = {
	{ 0x10, 24, FUZZ_ENTRIES },	/* IVHD */
	{ 0x11, 40, FUZZ_ENTRIES },
	{ 0x40, 40, FUZZ_ENTRIES },
	{ 0x20, 32 },			/* IVMD */
	{ 0x21, 32 },
	{ 0x22, 32 },
	{ }
};

const struct fuzz_layout fuzz_layout_ivrs = {
	.signature = "IVRS",
	.header = 48,
	.smallest = 4,
	.length_at = 2,
	.kinds = ivrs_kinds,
};

#define IORT_MAPPINGS	{ 8, 12, 4, 20 }

static const struct fuzz_kind iort_kinds[] = {
	{ 0, 20, FUZZ_NOTHING, { { 16, 0, 4, 4 } } },		/* ITS group */
	{ 1, 30, FUZZ_NOTHING, { IORT_MAPPINGS } },		/* named component */
	{ 2, 36, FUZZ_NOTHING, { IORT_MAPPINGS } },		/* root complex */
	{ 3, 60, FUZZ_NOTHING, { IORT_MAPPINGS, { 44, 48, 4, 8 },
				 { 52, 56, 4, 8 } } },		/* SMMU */
	{ 4, 68, FUZZ_NOTHING, { IORT_MAPPINGS } },		/* SMMUv3 */
	{ 5, 40, FUZZ_NOTHING, { IORT_MAPPINGS } },		/* PMCG */
	{ 6, 28, FUZZ_NOTHING, { IORT_MAPPINGS, { 20, 24, 4, 20 } } },	/* RMR */
	{ 7, 27, FUZZ_NOTHING, { IORT_MAPPINGS } },		/* IWB */
	{ }
};

const struct fuzz_layout fuzz_layout_iort = {
	.signature = "IORT",
	.header = 48,
	.smallest = 16,
	.length_at = 1,
	.count_at = 36,
	.count_width = 4,
	.kinds = iort_kinds,
};

static const struct fuzz_kind viot_kinds[] = {
	{ 1, 24 },	/* PCI range */
	{ 2, 24 },	/* MMIO endpoint */
	{ 3, 16 },	/* virtio-iommu on PCI */
	{ 4, 16 },	/* virtio-iommu on MMIO */
	{ }
};

const struct fuzz_layout fuzz_layout_viot = {
	.signature = "VIOT",
	.header = 48,
	.smallest = 4,
	.length_at = 2,
	.count_at = 36,
	.count_width = 2,
	.kinds = viot_kinds,
};

static const struct fuzz_kind rimt_kinds[] = {
	{ 0, 40, FUZZ_NOTHING, { { 36, 38, 2, 8 } } },	/* IOMMU: wires */
	{ 1, 20, FUZZ_NOTHING, { { 18, 16, 2, 20 } } },	/* root complex: mappings */
	{ 2, 13, FUZZ_NOTHING, { { 10, 8, 2, 20 } } },	/* platform device: mappings */
	{ }
};

const struct fuzz_layout fuzz_layout_rimt = {
	.signature = "RIMT",
	.header = 48,
	.smallest = 8,
	.length_at = 2,
	.count_at = 36,
	.count_width = 4,
	.kinds = rimt_kinds,
};
