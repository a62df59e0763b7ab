/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VT-d second-stage paging entries: SS-PTE (level 1), SS-PDE (2), SS-PDPE (3),
 * SS-PML4E (4), SS-PML5E (5).
 *
 * "VT-d n" is a section of the Intel Virtualization Technology for Directed I/O
 * Architecture Specification. All bits here are those of VT-d 9.8, the walk is
 * that of VT-d 3.7.
 *
 * Ignored by hardware without the features that use them, and never set by the
 * builder: X (2), EMT (5:3), IPAT (6), A (8), D (9), bit 10, bits 61:53 and 63. A and
 * D are set by a unit where the PASID entry says so (SSADE, VT-d 3.7.2, 9.6). Bit 52,
 * ignored by hardware too, is software's: a leaf of a reserved region.
 */
#ifndef IOMMU_LAB_FMT_VTDSS_H
#define IOMMU_LAB_FMT_VTDSS_H

#include <linux/bits.h>
#include <linux/types.h>
#include "pgtable.h"

/* VT-d 9.8 */
#define VTDSS_R		BIT_ULL(0)
#define VTDSS_W		BIT_ULL(1)
#define VTDSS_PS	BIT_ULL(7)	/* a leaf; SS-PDE and SS-PDPE only */
#define VTDSS_A		BIT_ULL(8)	/* the entry was used */
#define VTDSS_D		BIT_ULL(9)	/* a leaf: written through it */
#define VTDSS_SNP	BIT_ULL(11)	/* reserved in tables; in leaves without ECAP.SC */
#define VTDSS_ADDR	GENMASK_ULL(51, 12)
#define VTDSS_REGION	BIT_ULL(52)	/* ignored: LAB_PROT_REGION */
#define VTDSS_RSVD_62	BIT_ULL(62)	/* once TM of leaves */

/* what a unit may change in an entry */
#define FMT_MARKS	(VTDSS_A | VTDSS_D)
#define FMT_DIRTY	VTDSS_D

/* levels that can have leaves, bit n - 1: level n (CAP.SSLPS, VT-d 11.4.2) */
#define FMT_LEAF_LEVELS	(BIT(0) | BIT(1) | BIT(2))

/* VT-d 3.7: nine bits of the IOVA select an entry of each table */
static inline unsigned int fmt_index(u64 iova, unsigned int level)
{
	return (iova >> lab_level_shift(level)) & (LAB_TABLE_ENTRIES - 1);
}

/* VT-d 9.8: an entry without R and W is not present, whatever else it holds */
static inline bool fmt_present(u64 entry)
{
	return entry & (VTDSS_R | VTDSS_W);
}

/*
 * VT-d 9.8: does a present entry without reserved bits end the walk? PS of a
 * SS-PTE is ignored, that of a SS-PML4E or SS-PML5E is a reserved bit.
 */
static inline bool fmt_is_leaf(u64 entry, unsigned int level)
{
	return level == 1 || (entry & VTDSS_PS);
}

/* VT-d 3.7.2: what an access sets in a leaf; in an entry above it, A only */
static inline u64 fmt_leaf_marks(bool write)
{
	return VTDSS_A | (write ? VTDSS_D : 0);
}

#define FMT_TABLE_MARKS	VTDSS_A

/* VT-d 9.8, ADDR of an entry that refers to a table */
static inline u64 fmt_table_pa(u64 entry)
{
	return entry & VTDSS_ADDR;
}

/* VT-d 9.8, ADDR of a leaf: bits below the page it maps are not part of it */
static inline u64 fmt_oa(u64 entry, unsigned int level)
{
	return entry & VTDSS_ADDR & ~(BIT_ULL(lab_level_shift(level)) - 1);
}

/* VT-d 3.7: what one entry allows; the rights of an IOVA are the AND of all */
static inline u8 fmt_prot(u64 entry)
{
	return ((entry & VTDSS_R) ? LAB_PROT_READ : 0) |
	       ((entry & VTDSS_W) ? LAB_PROT_WRITE : 0);
}

/* what the builder notes in a leaf beside the rights */
static inline u8 fmt_leaf_note(u64 leaf)
{
	return (leaf & VTDSS_REGION) ? LAB_PROT_REGION : 0;
}

/*
 * VT-d 9.8, which bits of a present entry must be 0: bit 62; bit 11 (there is no
 * snoop control here: ECAP.SC is 0); address bits above the host address width;
 * PS where leaves are not supported (always so in SS-PML4E and SS-PML5E); of a
 * leaf, the address bits below the page it maps.
 */
static inline u64 fmt_reserved(u64 entry, unsigned int level, u8 leaf_levels,
			       u8 oa_bits)
{
	u64 mask = VTDSS_RSVD_62 | VTDSS_SNP |
		   (VTDSS_ADDR & ~(BIT_ULL(oa_bits) - 1));

	if (level == 1 || !(entry & VTDSS_PS))
		return mask;
	if (!(leaf_levels & FMT_LEAF_LEVELS & BIT(level - 1)))
		return mask | VTDSS_PS;
	return mask | (VTDSS_ADDR & (BIT_ULL(lab_level_shift(level)) - 1));
}

/* VT-d 9.8: rights are given by leaves, tables above them allow everything */
static inline u64 fmt_make_table(u64 pa)
{
	return pa | VTDSS_R | VTDSS_W;
}

/* VT-d 9.8; @prot: LAB_PROT_*, with a right */
static inline u64 fmt_make_leaf(u64 oa, unsigned int level, u32 prot)
{
	return oa | ((prot & LAB_PROT_READ) ? VTDSS_R : 0) |
	       ((prot & LAB_PROT_WRITE) ? VTDSS_W : 0) |
	       ((prot & LAB_PROT_REGION) ? VTDSS_REGION : 0) |
	       (level > 1 ? VTDSS_PS : 0);
}

/* the leaf that maps what follows: ADDR is not shifted, so it can be counted up */
static inline u64 fmt_next_leaf(u64 leaf, unsigned int level)
{
	return leaf + BIT_ULL(lab_level_shift(level));
}

#endif
