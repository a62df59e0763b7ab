/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the fields of a DMAR table are (VT-d 8.1 to 8.9, ACPI 5.2.6): offsets in
 * bytes, from the beginning of the table, of its structure or of its scope.
 */
#ifndef IOMMU_LAB_FIRMWARE_DMAR_LAYOUT_H
#define IOMMU_LAB_FIRMWARE_DMAR_LAYOUT_H

/* the table */
#define DMAR_LENGTH		4	/* 4 bytes */
#define DMAR_REVISION		8
#define DMAR_CHECKSUM		9
#define DMAR_OEM_ID		10	/* 6 bytes */
#define DMAR_OEM_TABLE_ID	16	/* 8 bytes */
#define DMAR_OEM_REVISION	24	/* 4 bytes */
#define DMAR_CREATOR_ID		28	/* 4 bytes */
#define DMAR_CREATOR_REVISION	32	/* 4 bytes */
#define DMAR_WIDTH		36
#define DMAR_FLAGS		37
#define DMAR_RESERVED		38	/* 10 bytes */

/* each structure */
#define STRUCTURE_LENGTH	2	/* 2 bytes */
#define STRUCTURE_HEADER	4	/* bytes of type and length */
#define STRUCTURE_FLAGS		4	/* DRHD, ATSR, SATC */
#define STRUCTURE_SEGMENT	6	/* 2 bytes; all but RHSA and ANDD */

#define DRHD_SIZE		5
#define DRHD_BASE		8	/* 8 bytes */
#define DRHD_FIXED		16	/* bytes before its scopes */

#define RMRR_RESERVED		4	/* 2 bytes */
#define RMRR_BASE		8	/* 8 bytes */
#define RMRR_LIMIT		16	/* 8 bytes */
#define RMRR_FIXED		24

#define ATSR_RESERVED		5
#define ATSR_FIXED		8

#define RHSA_RESERVED		4	/* 4 bytes */
#define RHSA_BASE		8	/* 8 bytes */
#define RHSA_DOMAIN		16	/* 4 bytes */
#define RHSA_FIXED		20

#define ANDD_RESERVED		4	/* 3 bytes */
#define ANDD_NUMBER		7
#define ANDD_NAME		8	/* to the end */
#define ANDD_FIXED		8

#define SATC_RESERVED		5
#define SATC_FIXED		8

#define SIDP_RESERVED		4	/* 2 bytes */
#define SIDP_FIXED		8

/* each device scope */
#define SCOPE_LENGTH		1
#define SCOPE_FLAGS		2
#define SCOPE_RESERVED		3
#define SCOPE_ENUM_ID		4
#define SCOPE_BUS		5
#define SCOPE_PATH		6	/* pairs of device and function */
#define SCOPE_HEADER		6	/* bytes of all that stands before the path */
#define SCOPE_HOP		2	/* bytes of a pair */

#endif
