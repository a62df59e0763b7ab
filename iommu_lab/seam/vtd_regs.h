/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VT-d registers and in-memory structures, of legacy and of scalable mode (second
 * stage and pass-through), and of interrupt remapping. Section numbers are of the
 * Intel Virtualization Technology for Directed I/O specification, 4.1.
 */
#ifndef IOMMU_LAB_VTD_REGS_H
#define IOMMU_LAB_VTD_REGS_H

#include <linux/bits.h>
#include <linux/types.h>

/* 11.4: register offsets */
#define VTD_VER			0x00
#define VTD_CAP			0x08
#define VTD_ECAP		0x10
#define VTD_GCMD		0x18
#define VTD_GSTS		0x1c
#define VTD_RTADDR		0x20
#define VTD_CCMD		0x28
#define VTD_FSTS		0x34
#define VTD_FECTL		0x38
#define VTD_FEDATA		0x3c
#define VTD_FEADDR		0x40
#define VTD_FEUADDR		0x44
#define VTD_PMEN		0x64
#define VTD_PLMBASE		0x68
#define VTD_PLMLIMIT		0x6c
#define VTD_PHMBASE		0x70
#define VTD_PHMLIMIT		0x78
#define VTD_IQH			0x80
#define VTD_IQT			0x88
#define VTD_IQA			0x90
#define VTD_ICS			0x9c
#define VTD_IECTL		0xa0
#define VTD_IEDATA		0xa4
#define VTD_IEADDR		0xa8
#define VTD_IEUADDR		0xac
#define VTD_IRTA		0xb8
#define VTD_WINDOW		0x1000	/* bytes of the register window */

/* 11.4.2: CAP */
#define VTD_CAP_ND		GENMASK_ULL(2, 0)
#define VTD_CAP_AFL		BIT_ULL(3)
#define VTD_CAP_RWBF		BIT_ULL(4)
#define VTD_CAP_PLMR		BIT_ULL(5)
#define VTD_CAP_PHMR		BIT_ULL(6)
#define VTD_CAP_CM		BIT_ULL(7)
#define VTD_CAP_SAGAW		GENMASK_ULL(12, 8)	/* bit 9: 3 levels, 10: 4, 11: 5 */
#define VTD_CAP_MGAW		GENMASK_ULL(21, 16)	/* width - 1 */
#define VTD_CAP_ZLR		BIT_ULL(22)
#define VTD_CAP_FRO		GENMASK_ULL(33, 24)	/* in 16 bytes */
#define VTD_CAP_SSLPS		GENMASK_ULL(37, 34)	/* bit 34: 2 MiB, 35: 1 GiB */
#define VTD_CAP_PSI		BIT_ULL(39)
#define VTD_CAP_NFR		GENMASK_ULL(47, 40)	/* number - 1 */
#define VTD_CAP_MAMV		GENMASK_ULL(53, 48)
#define VTD_CAP_DWD		BIT_ULL(54)
#define VTD_CAP_DRD		BIT_ULL(55)
#define VTD_CAP_FS1GP		BIT_ULL(56)
#define VTD_CAP_PI		BIT_ULL(59)
#define VTD_CAP_FS5LP		BIT_ULL(60)
#define VTD_CAP_ECMDS		BIT_ULL(61)
#define VTD_CAP_ESIRTPS		BIT_ULL(62)
#define VTD_CAP_ESRTPS		BIT_ULL(63)

/* 11.4.3: ECAP */
#define VTD_ECAP_C		BIT_ULL(0)
#define VTD_ECAP_QI		BIT_ULL(1)
#define VTD_ECAP_DT		BIT_ULL(2)
#define VTD_ECAP_IR		BIT_ULL(3)
#define VTD_ECAP_EIM		BIT_ULL(4)
#define VTD_ECAP_PT		BIT_ULL(6)
#define VTD_ECAP_SC		BIT_ULL(7)
#define VTD_ECAP_IRO		GENMASK_ULL(17, 8)	/* in 16 bytes */
#define VTD_ECAP_MHMV		GENMASK_ULL(23, 20)
#define VTD_ECAP_SMTS		BIT_ULL(43)	/* scalable mode */
#define VTD_ECAP_SSADS		BIT_ULL(45)	/* second-stage A and D */
#define VTD_ECAP_SSTS		BIT_ULL(46)	/* second stage in scalable mode */
#define VTD_ECAP_SMPWCS		BIT_ULL(48)	/* walks snoop in scalable mode */
#define VTD_ECAP_RPS		BIT_ULL(49)	/* RID_PASID other than 0 */

/* 11.4.4: GCMD and GSTS */
#define VTD_GCMD_TE		BIT(31)
#define VTD_GCMD_SRTP		BIT(30)
#define VTD_GCMD_SFL		BIT(29)
#define VTD_GCMD_EAFL		BIT(28)
#define VTD_GCMD_WBF		BIT(27)
#define VTD_GCMD_QIE		BIT(26)
#define VTD_GCMD_IRE		BIT(25)
#define VTD_GCMD_SIRTP		BIT(24)
#define VTD_GCMD_CFI		BIT(23)
#define VTD_GSTS_TES		BIT(31)
#define VTD_GSTS_RTPS		BIT(30)
#define VTD_GSTS_WBFS		BIT(27)
#define VTD_GSTS_QIES		BIT(26)
#define VTD_GSTS_IRES		BIT(25)
#define VTD_GSTS_IRTPS		BIT(24)
#define VTD_GSTS_CFIS		BIT(23)
/* the bits of GSTS that are carried into the next GCMD write (one-shots out) */
#define VTD_GSTS_KEEP		0x96ffffffU

/* 11.4.5: RTADDR */
#define VTD_RTADDR_TTM		GENMASK_ULL(11, 10)
#define VTD_RTADDR_RTA		GENMASK_ULL(63, 12)
#define VTD_TTM_LEGACY		0
#define VTD_TTM_SCALABLE	1

/* 11.4.6: context command */
#define VTD_CCMD_ICC		BIT_ULL(63)
#define VTD_CCMD_CIRG		GENMASK_ULL(62, 61)
#define VTD_CCMD_CAIG		GENMASK_ULL(60, 59)
#define VTD_CCMD_FM		GENMASK_ULL(33, 32)
#define VTD_CCMD_SID		GENMASK_ULL(31, 16)
#define VTD_CCMD_DID		GENMASK_ULL(15, 0)

/* 11.4.8: IOTLB registers, at ECAP.IRO * 16 */
#define VTD_IVA			0x0
#define VTD_IVA_ADDR		GENMASK_ULL(63, 12)
#define VTD_IVA_IH		BIT_ULL(6)
#define VTD_IVA_AM		GENMASK_ULL(5, 0)
#define VTD_IOTLB		0x8
#define VTD_IOTLB_IVT		BIT_ULL(63)
#define VTD_IOTLB_IIRG		GENMASK_ULL(61, 60)
#define VTD_IOTLB_IAIG		GENMASK_ULL(58, 57)
#define VTD_IOTLB_DR		BIT_ULL(49)
#define VTD_IOTLB_DW		BIT_ULL(48)
#define VTD_IOTLB_DID		GENMASK_ULL(47, 32)

/* granularities of CCMD.CIRG, IOTLB.IIRG and the descriptors' G */
#define VTD_GRAN_GLOBAL		1
#define VTD_GRAN_DOMAIN		2
#define VTD_GRAN_DEVICE		3	/* context cache */
#define VTD_GRAN_PAGE		3	/* IOTLB */

/* 11.4.9: fault status, fault event control */
#define VTD_FSTS_PFO		BIT(0)
#define VTD_FSTS_PPF		BIT(1)
#define VTD_FSTS_IQE		BIT(4)
#define VTD_FSTS_ICE		BIT(5)
#define VTD_FSTS_ITE		BIT(6)
#define VTD_FSTS_FRI		GENMASK(15, 8)
#define VTD_FECTL_IM		BIT(31)
#define VTD_FECTL_IP		BIT(30)

/* 11.4.14: fault recording register, 16 bytes each, at CAP.FRO * 16 */
#define VTD_FRCD_FI		GENMASK_ULL(63, 12)	/* low half */
#define VTD_FRCD_SID		GENMASK_ULL(15, 0)	/* high half */
#define VTD_FRCD_FR		GENMASK_ULL(39, 32)
#define VTD_FRCD_T1		BIT_ULL(62)		/* 1: read */
#define VTD_FRCD_F		BIT_ULL(63)

/* 11.4.15: protected memory enable */
#define VTD_PMEN_EPM		BIT(31)
#define VTD_PMEN_PRS		BIT(0)

/* 11.4.16: invalidation queue registers */
#define VTD_IQ_INDEX		GENMASK_ULL(18, 4)	/* IQH, IQT: byte offset; DW: bit 4 is 0 */
#define VTD_IQA_ADDR		GENMASK_ULL(63, 12)
#define VTD_IQA_DW		BIT_ULL(11)	/* descriptors of 32 bytes */
#define VTD_IQA_QS		GENMASK_ULL(2, 0)	/* 4096 << QS bytes */
#define VTD_ICS_IWC		BIT(0)

/* interrupt remapping table address */
#define VTD_IRTA_IRTA		GENMASK_ULL(63, 12)
#define VTD_IRTA_EIME		BIT_ULL(11)		/* destinations of 32 bits */
#define VTD_IRTA_S		GENMASK_ULL(3, 0)	/* 2 << S entries */

/*
 * 6.5.2: invalidation descriptors, 16 bytes: lo, hi; with IQA.DW 32 bytes, of which
 * the upper 16 are reserved in all that are known here
 */
#define VTD_INV_TYPE		GENMASK_ULL(3, 0)
#define VTD_INV_CONTEXT		1
#define VTD_INV_IOTLB		2
#define VTD_INV_IEC		4
#define VTD_INV_WAIT		5
#define VTD_INV_PASID_IOTLB	6	/* 32 bytes only */
#define VTD_INV_PASID_CACHE	7	/* 32 bytes only */
#define VTD_INV_G		GENMASK_ULL(5, 4)
#define VTD_INV_DID		GENMASK_ULL(31, 16)
#define VTD_INV_CONTEXT_SID	GENMASK_ULL(47, 32)
#define VTD_INV_CONTEXT_FM	GENMASK_ULL(49, 48)
#define VTD_INV_IOTLB_DW	BIT_ULL(6)
#define VTD_INV_IOTLB_DR	BIT_ULL(7)
#define VTD_INV_IOTLB_AM	GENMASK_ULL(5, 0)	/* hi */
#define VTD_INV_IOTLB_IH	BIT_ULL(6)		/* hi */
#define VTD_INV_IOTLB_ADDR	GENMASK_ULL(63, 12)	/* hi */
#define VTD_INV_PASID		GENMASK_ULL(51, 32)
#define VTD_INV_IEC_G		BIT_ULL(4)		/* VTD_IEC_* */
#define VTD_INV_IEC_IM		GENMASK_ULL(31, 27)
#define VTD_INV_IEC_IIDX	GENMASK_ULL(47, 32)
#define VTD_INV_WAIT_IF		BIT_ULL(4)
#define VTD_INV_WAIT_SW		BIT_ULL(5)
#define VTD_INV_WAIT_FN		BIT_ULL(6)
#define VTD_INV_WAIT_DATA	GENMASK_ULL(63, 32)
#define VTD_INV_WAIT_ADDR	GENMASK_ULL(63, 2)	/* hi */

/* granularities of type 4 */
#define VTD_IEC_GLOBAL		0
#define VTD_IEC_INDEX		1	/* 1 << IM entries from IIDX on */

/* granularities of type 7, and of type 6 */
#define VTD_PASID_DOMAIN	0
#define VTD_PASID_ONE		1
#define VTD_PASID_GLOBAL	3
#define VTD_PASID_IOTLB_ALL	2	/* all addresses of a PASID */
#define VTD_PASID_IOTLB_PAGE	3

/* 9.1: root entry, 16 bytes, indexed by bus; the high half is reserved */
#define VTD_ROOT_P		BIT_ULL(0)
#define VTD_ROOT_CTP		GENMASK_ULL(63, 12)
#define VTD_ROOT_RSVD_LO	GENMASK_ULL(11, 1)

/* 9.3: context entry, 16 bytes, indexed by device and function */
#define VTD_CTX_P		BIT_ULL(0)		/* lo */
#define VTD_CTX_FPD		BIT_ULL(1)
#define VTD_CTX_TT		GENMASK_ULL(3, 2)
#define VTD_CTX_RSVD_LO		GENMASK_ULL(11, 4)
#define VTD_CTX_SSPTPTR		GENMASK_ULL(63, 12)
#define VTD_CTX_AW		GENMASK_ULL(2, 0)	/* hi; 1: 39, 2: 48, 3: 57 bits */
#define VTD_CTX_DID		GENMASK_ULL(23, 8)
#define VTD_CTX_RSVD_HI		(BIT_ULL(7) | GENMASK_ULL(63, 24))
#define VTD_TT_TRANSLATE	0
#define VTD_TT_PASS_THROUGH	2

/* 9.2: scalable-mode root entry, 16 bytes: a half for devices 0-15, one for 16-31 */
#define VTD_SM_ROOT_P		BIT_ULL(0)
#define VTD_SM_ROOT_CTP		GENMASK_ULL(63, 12)
#define VTD_SM_ROOT_RSVD	GENMASK_ULL(11, 1)

/* 9.4: scalable-mode context entry, 32 bytes, 128 in a table */
#define VTD_SM_CTX_WORDS	4
#define VTD_SM_CTX_P		BIT_ULL(0)		/* first word */
#define VTD_SM_CTX_FPD		BIT_ULL(1)
#define VTD_SM_CTX_DTE		BIT_ULL(2)
#define VTD_SM_CTX_PASIDE	BIT_ULL(3)
#define VTD_SM_CTX_PRE		BIT_ULL(4)
#define VTD_SM_CTX_PDTS		GENMASK_ULL(11, 9)	/* 128 << PDTS entries */
#define VTD_SM_CTX_PASIDDIRPTR	GENMASK_ULL(63, 12)
#define VTD_SM_CTX_RID_PASID	GENMASK_ULL(19, 0)	/* second word */
#define VTD_SM_CTX_RID_PRIV	BIT_ULL(20)

/* 9.5: PASID directory entry, 8 bytes, indexed by PASID >> 6 */
#define VTD_PASID_DIR_P		BIT_ULL(0)
#define VTD_PASID_DIR_FPD	BIT_ULL(1)
#define VTD_PASID_DIR_RSVD	GENMASK_ULL(11, 2)
#define VTD_PASID_DIR_PTR	GENMASK_ULL(63, 12)
#define VTD_PASID_TABLE_ENTRIES	64

/* 9.6: PASID table entry, 64 bytes, indexed by the low 6 bits of the PASID */
#define VTD_PE_WORDS		8
#define VTD_PE_P		BIT_ULL(0)		/* first word */
#define VTD_PE_FPD		BIT_ULL(1)
#define VTD_PE_AW		GENMASK_ULL(4, 2)	/* as VTD_CTX_AW */
#define VTD_PE_PGTT		GENMASK_ULL(8, 6)
#define VTD_PE_SSADE		BIT_ULL(9)
#define VTD_PE_RSVD_0		(BIT_ULL(5) | GENMASK_ULL(11, 10))
#define VTD_PE_SSPTPTR		GENMASK_ULL(63, 12)
#define VTD_PE_DID		GENMASK_ULL(15, 0)	/* second word */
#define VTD_PE_PWSNP		BIT_ULL(23)
#define VTD_PE_RSVD_1		(GENMASK_ULL(22, 16) | GENMASK_ULL(31, 24))
#define VTD_PGTT_SECOND_STAGE	2
#define VTD_PGTT_PASS_THROUGH	4

/* 3.14: where a write of 4 bytes is an interrupt request */
#define VTD_MSI_START		0xfee00000ULL
#define VTD_MSI_LAST		0xfeefffffULL

/* 5.1.2: the address and the data of an interrupt request */
#define VTD_MSI_FORMAT		BIT(4)			/* 1: remappable */
#define VTD_MSI_HANDLE_LOW	GENMASK(19, 5)		/* handle 14:0 */
#define VTD_MSI_HANDLE_HIGH	BIT(2)			/* handle 15 */
#define VTD_MSI_SHV		BIT(3)
#define VTD_MSI_DATA_SUBHANDLE	GENMASK(15, 0)
#define VTD_MSI_DATA_RSVD	GENMASK(31, 16)		/* with SHV */
#define VTD_MSI_COMPAT_DST	GENMASK(19, 12)
#define VTD_MSI_COMPAT_VECTOR	GENMASK(7, 0)		/* data */
#define VTD_MSI_COMPAT_DLM	GENMASK(10, 8)		/* data */

/* 9.10: interrupt remapping table entry, 16 bytes */
#define VTD_IRTE_P		BIT_ULL(0)		/* lo */
#define VTD_IRTE_FPD		BIT_ULL(1)
#define VTD_IRTE_DM		BIT_ULL(2)
#define VTD_IRTE_RH		BIT_ULL(3)
#define VTD_IRTE_TM		BIT_ULL(4)
#define VTD_IRTE_DLM		GENMASK_ULL(7, 5)
#define VTD_IRTE_AVAIL		GENMASK_ULL(11, 8)
#define VTD_IRTE_IM		BIT_ULL(15)		/* posted */
#define VTD_IRTE_V		GENMASK_ULL(23, 16)
#define VTD_IRTE_DST		GENMASK_ULL(63, 32)
#define VTD_IRTE_DST_8		GENMASK_ULL(47, 40)	/* with EIME = 0 */
#define VTD_IRTE_RSVD_LO	(GENMASK_ULL(14, 12) | GENMASK_ULL(31, 24))
#define VTD_IRTE_RSVD_DST_8	(VTD_IRTE_DST & ~VTD_IRTE_DST_8)
#define VTD_IRTE_SID		GENMASK_ULL(15, 0)	/* hi */
#define VTD_IRTE_SQ		GENMASK_ULL(17, 16)
#define VTD_IRTE_SVT		GENMASK_ULL(19, 18)
#define VTD_IRTE_RSVD_HI	GENMASK_ULL(63, 20)
#define VTD_SVT_NONE		0
#define VTD_SVT_SID		1
#define VTD_SVT_BUS		2
#define VTD_IRTE_WORDS		2
#define VTD_FRCD_FI_INDEX	GENMASK_ULL(63, 48)	/* of interrupt faults */

/* 7.1.3: fault reasons of legacy mode */
#define VTD_FAULT_ROOT_NOT_PRESENT	0x1
#define VTD_FAULT_CTX_NOT_PRESENT	0x2
#define VTD_FAULT_CTX_INVALID		0x3
#define VTD_FAULT_BEYOND_WIDTH		0x4
#define VTD_FAULT_WRITE			0x5
#define VTD_FAULT_READ			0x6
#define VTD_FAULT_TABLE_ACCESS		0x7
#define VTD_FAULT_ROOT_ACCESS		0x8
#define VTD_FAULT_CTX_ACCESS		0x9
#define VTD_FAULT_ROOT_RESERVED		0xa
#define VTD_FAULT_CTX_RESERVED		0xb
#define VTD_FAULT_PTE_RESERVED		0xc
#define VTD_FAULT_BLOCKED		0xd
#define VTD_FAULT_MSI_RANGE		0xe
#define VTD_NR_FAULT_REASONS		0x10

/* 7.1.3: fault reasons of interrupt remapping */
#define VTD_FAULT_IR_REQUEST_RESERVED	0x20
#define VTD_FAULT_IR_INDEX		0x21
#define VTD_FAULT_IRTE_NOT_PRESENT	0x22
#define VTD_FAULT_IR_TABLE_ACCESS	0x23
#define VTD_FAULT_IRTE_RESERVED		0x24
#define VTD_FAULT_IR_COMPAT_BLOCKED	0x25
#define VTD_FAULT_IR_SOURCE		0x26

/* 7.1.3: fault reasons of scalable mode, for requests without a PASID */
#define VTD_FAULT_SM_TTM		0x30
#define VTD_FAULT_SM_ROOT_ACCESS	0x38
#define VTD_FAULT_SM_ROOT_NOT_PRESENT	0x39
#define VTD_FAULT_SM_ROOT_RESERVED	0x3a
#define VTD_FAULT_SM_CTX_ACCESS		0x40
#define VTD_FAULT_SM_CTX_NOT_PRESENT	0x41
#define VTD_FAULT_SM_CTX_RESERVED	0x42
#define VTD_FAULT_SM_CTX_INVALID	0x43
#define VTD_FAULT_SM_RID_PASID		0x48
#define VTD_FAULT_PASID_DIR_ACCESS	0x50
#define VTD_FAULT_PASID_DIR_NOT_PRESENT	0x51
#define VTD_FAULT_PASID_DIR_RESERVED	0x52
#define VTD_FAULT_PASID_ACCESS		0x58
#define VTD_FAULT_PASID_NOT_PRESENT	0x59
#define VTD_FAULT_PASID_RESERVED	0x5a
#define VTD_FAULT_PASID_INVALID		0x5b
#define VTD_FAULT_SS_TABLE_ACCESS	0x78
#define VTD_FAULT_SS_RESERVED		0x7a
#define VTD_FAULT_SS_TOP_ACCESS		0x7b
#define VTD_FAULT_SM_BEYOND_HOST	0x83
#define VTD_FAULT_SM_BEYOND_WIDTH	0x84
#define VTD_FAULT_SM_WRITE		0x85
#define VTD_FAULT_SM_READ		0x86
#define VTD_FAULT_SM_MSI_RANGE		0x87

/* fault reasons are far apart: where a count of one is kept */
#define VTD_NR_FAULT_SLOTS		(VTD_NR_FAULT_REASONS + 31)

/**
 * vtd_fault_of_slot - the fault reason whose count is in a slot
 * @slot: below VTD_NR_FAULT_SLOTS
 *
 * Return: the reason; those of legacy mode are their own slots.
 */
static inline u8 vtd_fault_of_slot(unsigned int slot)
{
	static const u8 higher[VTD_NR_FAULT_SLOTS - VTD_NR_FAULT_REASONS] = {
		VTD_FAULT_IR_REQUEST_RESERVED, VTD_FAULT_IR_INDEX,
		VTD_FAULT_IRTE_NOT_PRESENT, VTD_FAULT_IR_TABLE_ACCESS,
		VTD_FAULT_IRTE_RESERVED, VTD_FAULT_IR_COMPAT_BLOCKED,
		VTD_FAULT_IR_SOURCE,
		VTD_FAULT_SM_TTM, VTD_FAULT_SM_ROOT_ACCESS,
		VTD_FAULT_SM_ROOT_NOT_PRESENT, VTD_FAULT_SM_ROOT_RESERVED,
		VTD_FAULT_SM_CTX_ACCESS, VTD_FAULT_SM_CTX_NOT_PRESENT,
		VTD_FAULT_SM_CTX_RESERVED, VTD_FAULT_SM_CTX_INVALID,
		VTD_FAULT_SM_RID_PASID, VTD_FAULT_PASID_DIR_ACCESS,
		VTD_FAULT_PASID_DIR_NOT_PRESENT, VTD_FAULT_PASID_DIR_RESERVED,
		VTD_FAULT_PASID_ACCESS, VTD_FAULT_PASID_NOT_PRESENT,
		VTD_FAULT_PASID_RESERVED, VTD_FAULT_PASID_INVALID,
		VTD_FAULT_SS_TABLE_ACCESS, VTD_FAULT_SS_RESERVED,
		VTD_FAULT_SS_TOP_ACCESS, VTD_FAULT_SM_BEYOND_HOST,
		VTD_FAULT_SM_BEYOND_WIDTH, VTD_FAULT_SM_WRITE,
		VTD_FAULT_SM_READ, VTD_FAULT_SM_MSI_RANGE,
	};

	return slot < VTD_NR_FAULT_REASONS ? slot :
	       higher[slot - VTD_NR_FAULT_REASONS];
}

/**
 * vtd_fault_slot - where the count of a fault reason is kept
 * @reason: as a fault record has it, may be anything
 *
 * Return: below VTD_NR_FAULT_SLOTS; 0 for a reason that is not known.
 */
static inline unsigned int vtd_fault_slot(u8 reason)
{
	unsigned int slot;

	for (slot = 0; slot < VTD_NR_FAULT_SLOTS; slot++)
		if (vtd_fault_of_slot(slot) == reason)
			return slot;
	return 0;
}

#endif
