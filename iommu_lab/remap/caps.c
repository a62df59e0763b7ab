// SPDX-License-Identifier: GPL-2.0
/*
 * What the capability registers of a unit say (VT-d 11.4.2, 11.4.3), by the
 * specification's names, and which units the driver refuses.
 */
#include <linux/kernel.h>
#include <linux/printk.h>
#include "remap_int.h"

#define CAP(field, bits, text)						\
	{ .name = #field, .mask = (bits), .ecap = false, .what = text }
#define ECAP(field, bits, text)						\
	{ .name = #field, .mask = (bits), .ecap = true, .what = text }

const struct lab_cap_field lab_cap_fields[] = {
	CAP(ND, VTD_CAP_ND, "domain ids: 2 ^ (4 + 2 * ND)"),
	CAP(AFL, VTD_CAP_AFL, "advanced fault logging"),
	CAP(RWBF, VTD_CAP_RWBF, "write-buffer flush is required"),
	CAP(PLMR, VTD_CAP_PLMR, "protected low memory region"),
	CAP(PHMR, VTD_CAP_PHMR, "protected high memory region"),
	CAP(CM, VTD_CAP_CM, "caching mode: not-present entries may be cached"),
	CAP(SAGAW, VTD_CAP_SAGAW, "second-stage widths: bit 1: 39, 2: 48, 3: 57 bits"),
	CAP(MGAW, VTD_CAP_MGAW, "maximum guest address width - 1"),
	CAP(ZLR, VTD_CAP_ZLR, "zero-length reads"),
	CAP(FRO, VTD_CAP_FRO, "offset of the fault recording registers / 16"),
	CAP(SSLPS, VTD_CAP_SSLPS, "second-stage large pages: bit 0: 2 MiB, 1: 1 GiB"),
	CAP(PSI, VTD_CAP_PSI, "page-selective invalidation"),
	CAP(NFR, VTD_CAP_NFR, "number of fault recording registers - 1"),
	CAP(MAMV, VTD_CAP_MAMV, "maximum address mask of an invalidation"),
	CAP(DWD, VTD_CAP_DWD, "drain of writes"),
	CAP(DRD, VTD_CAP_DRD, "drain of reads"),
	CAP(FS1GP, VTD_CAP_FS1GP, "first-stage 1 GiB pages"),
	CAP(PI, VTD_CAP_PI, "posted interrupts"),
	CAP(FS5LP, VTD_CAP_FS5LP, "first-stage 5-level paging"),
	CAP(ECMDS, VTD_CAP_ECMDS, "enhanced commands"),
	CAP(ESIRTPS, VTD_CAP_ESIRTPS, "SIRTP flushes the interrupt entry cache"),
	CAP(ESRTPS, VTD_CAP_ESRTPS, "SRTP flushes the translation caches"),
	ECAP(C, VTD_ECAP_C, "the unit snoops CPU caches when it reads tables"),
	ECAP(QI, VTD_ECAP_QI, "queued invalidation"),
	ECAP(DT, VTD_ECAP_DT, "device-TLBs"),
	ECAP(IR, VTD_ECAP_IR, "interrupt remapping"),
	ECAP(EIM, VTD_ECAP_EIM, "extended interrupt mode"),
	ECAP(PT, VTD_ECAP_PT, "pass-through"),
	ECAP(SC, VTD_ECAP_SC, "snoop control"),
	ECAP(IRO, VTD_ECAP_IRO, "offset of the IOTLB registers / 16"),
	ECAP(MHMV, VTD_ECAP_MHMV, "maximum handle mask"),
	ECAP(MTS, BIT_ULL(25), "memory types"),
	ECAP(NEST, BIT_ULL(26), "nested translation"),
	ECAP(PRS, BIT_ULL(29), "page requests"),
	ECAP(ERS, BIT_ULL(30), "execute requests"),
	ECAP(SRS, BIT_ULL(31), "supervisor requests"),
	ECAP(NWFS, BIT_ULL(33), "no-write flag"),
	ECAP(EAFS, BIT_ULL(34), "extended accessed flag"),
	ECAP(PSS, GENMASK_ULL(39, 35), "PASID size - 1"),
	ECAP(PASID, BIT_ULL(40), "process address space ids"),
	ECAP(DIT, BIT_ULL(41), "device-TLB invalidation throttle"),
	ECAP(PDS, BIT_ULL(42), "page-request drain"),
	ECAP(SMTS, VTD_ECAP_SMTS, "scalable mode"),
	ECAP(VCS, BIT_ULL(44), "virtual commands"),
	ECAP(SSADS, VTD_ECAP_SSADS, "second-stage accessed and dirty bits"),
	ECAP(SSTS, VTD_ECAP_SSTS, "second-stage translation in scalable mode"),
	ECAP(FSTS, BIT_ULL(47), "first-stage translation"),
	ECAP(SMPWCS, VTD_ECAP_SMPWCS, "page walks snoop in scalable mode"),
	ECAP(RPS, VTD_ECAP_RPS, "RID_PASID"),
	ECAP(PMS, BIT_ULL(51), "performance monitoring"),
	ECAP(ADMS, BIT_ULL(52), "abort DMA mode"),
	ECAP(RPRIVS, BIT_ULL(53), "RID_PRIV"),
};

const unsigned int lab_nr_cap_fields = ARRAY_SIZE(lab_cap_fields);

static const char * const fault_reasons[] = {
	[VTD_FAULT_ROOT_NOT_PRESENT] = "root entry not present",
	[VTD_FAULT_CTX_NOT_PRESENT] = "context entry not present",
	[VTD_FAULT_CTX_INVALID] = "context entry invalid",
	[VTD_FAULT_BEYOND_WIDTH] = "address beyond the width",
	[VTD_FAULT_WRITE] = "write not permitted",
	[VTD_FAULT_READ] = "read not permitted",
	[VTD_FAULT_TABLE_ACCESS] = "page table not accessible",
	[VTD_FAULT_ROOT_ACCESS] = "root table not accessible",
	[VTD_FAULT_CTX_ACCESS] = "context table not accessible",
	[VTD_FAULT_ROOT_RESERVED] = "reserved bit in the root entry",
	[VTD_FAULT_CTX_RESERVED] = "reserved bit in the context entry",
	[VTD_FAULT_PTE_RESERVED] = "reserved bit in a paging entry",
	[VTD_FAULT_BLOCKED] = "request type blocked",
	[VTD_FAULT_MSI_RANGE] = "no interrupt request, in their range",
	[VTD_FAULT_IR_REQUEST_RESERVED] = "reserved bit in the interrupt request",
	[VTD_FAULT_IR_INDEX] = "interrupt index beyond the table",
	[VTD_FAULT_IRTE_NOT_PRESENT] = "interrupt table entry not present",
	[VTD_FAULT_IR_TABLE_ACCESS] = "interrupt table not accessible",
	[VTD_FAULT_IRTE_RESERVED] = "reserved bit in the interrupt table entry",
	[VTD_FAULT_IR_COMPAT_BLOCKED] = "compatibility-format interrupt blocked",
	[VTD_FAULT_IR_SOURCE] = "interrupt of another source-id",
	[VTD_FAULT_SM_TTM] = "translation table mode not supported",
	[VTD_FAULT_SM_ROOT_ACCESS] = "scalable-mode root table not accessible",
	[VTD_FAULT_SM_ROOT_NOT_PRESENT] = "scalable-mode root entry not present",
	[VTD_FAULT_SM_ROOT_RESERVED] = "reserved bit in the scalable-mode root entry",
	[VTD_FAULT_SM_CTX_ACCESS] = "scalable-mode context table not accessible",
	[VTD_FAULT_SM_CTX_NOT_PRESENT] = "scalable-mode context entry not present",
	[VTD_FAULT_SM_CTX_RESERVED] = "reserved bit in the scalable-mode context entry",
	[VTD_FAULT_SM_CTX_INVALID] = "scalable-mode context entry invalid",
	[VTD_FAULT_SM_RID_PASID] = "RID_PASID beyond the PASID directory",
	[VTD_FAULT_PASID_DIR_ACCESS] = "PASID directory not accessible",
	[VTD_FAULT_PASID_DIR_NOT_PRESENT] = "PASID directory entry not present",
	[VTD_FAULT_PASID_DIR_RESERVED] = "reserved bit in the PASID directory entry",
	[VTD_FAULT_PASID_ACCESS] = "PASID table not accessible",
	[VTD_FAULT_PASID_NOT_PRESENT] = "PASID table entry not present",
	[VTD_FAULT_PASID_RESERVED] = "reserved bit in the PASID table entry",
	[VTD_FAULT_PASID_INVALID] = "PASID table entry invalid",
	[VTD_FAULT_SS_TABLE_ACCESS] = "second-stage table not accessible",
	[VTD_FAULT_SS_RESERVED] = "reserved bit in a second-stage entry",
	[VTD_FAULT_SS_TOP_ACCESS] = "second-stage top table not accessible",
	[VTD_FAULT_SM_BEYOND_HOST] = "address beyond the host address width",
	[VTD_FAULT_SM_BEYOND_WIDTH] = "address beyond the second stage's width",
	[VTD_FAULT_SM_WRITE] = "write not permitted (scalable mode)",
	[VTD_FAULT_SM_READ] = "read not permitted (scalable mode)",
	[VTD_FAULT_SM_MSI_RANGE] = "no interrupt request, in their range (scalable mode)",
};

/**
 * lab_fault_reason_text - a fault reason in words
 * @reason: VTD_FAULT_*, or anything
 *
 * Return: a few words (VT-d 7.1.3), never NULL. Any context.
 */
const char *lab_fault_reason_text(u8 reason)
{
	if (reason < ARRAY_SIZE(fault_reasons) && fault_reasons[reason])
		return fault_reasons[reason];
	return "unknown reason";
}

/* is [offset, offset + bytes) free of the fixed registers and in the window? */
static bool in_window(u32 offset, u32 bytes)
{
	return offset > VTD_IEUADDR && offset + bytes <= VTD_WINDOW;
}

/**
 * lab_unit_decode - reads the capabilities of a unit
 * @unit: params are set; caps and register offsets are filled in
 *
 * Return: 0; -ENODEV with a message: no unit there, or one that the driver
 * cannot use.
 */
int lab_unit_decode(struct lab_unit *unit)
{
	struct lab_unit_caps *caps = &unit->caps;
	u64 base = unit->params.seam->base;
	const u64 scalable = VTD_ECAP_SMTS | VTD_ECAP_SSTS | VTD_ECAP_QI;
	const char *name = lab_unit_name(unit);
	unsigned int nd;

	caps->version = lab_read32(unit, VTD_VER);
	caps->cap = lab_read64(unit, VTD_CAP);
	caps->ecap = lab_read64(unit, VTD_ECAP);
	if ((!caps->version && !caps->cap && !caps->ecap) ||
	    (!~caps->version && !~caps->cap && !~caps->ecap)) {
		pr_err("%s (0x%llx): no unit answers: VER %08x CAP %016llx ECAP %016llx\n",
		       name, base, caps->version, caps->cap, caps->ecap);
		return -ENODEV;
	}

	/* bit n of SAGAW is for tables of n + 2 levels */
	caps->levels = (FIELD_GET(VTD_CAP_SAGAW, caps->cap) << 2) &
		       (BIT(3) | BIT(4) | BIT(5));
	if (!caps->levels) {
		pr_err("%s (0x%llx): SAGAW of CAP %016llx has none of 39, 48 and 57 bits\n",
		       name, base, caps->cap);
		return -ENODEV;
	}
	caps->leaf_levels = BIT(0) |
			    (FIELD_GET(VTD_CAP_SSLPS, caps->cap) & 3) << 1;

	nd = FIELD_GET(VTD_CAP_ND, caps->cap);
	if (nd > 6) {
		pr_err("%s (0x%llx): ND of CAP %016llx is reserved, 0 to 6 are known\n",
		       name, base, caps->cap);
		return -ENODEV;
	}
	caps->nr_dids = 16u << (2 * nd);

	unit->fault_reg = FIELD_GET(VTD_CAP_FRO, caps->cap) * 16;
	unit->nr_fault_regs = FIELD_GET(VTD_CAP_NFR, caps->cap) + 1;
	if (!in_window(unit->fault_reg, unit->nr_fault_regs * 16)) {
		pr_err("%s (0x%llx): CAP %016llx puts %u fault records at 0x%x, not within the registers\n",
		       name, base, caps->cap, unit->nr_fault_regs,
		       unit->fault_reg);
		return -ENODEV;
	}
	unit->iotlb_reg = FIELD_GET(VTD_ECAP_IRO, caps->ecap) * 16;
	if (!in_window(unit->iotlb_reg, 16)) {
		pr_err("%s (0x%llx): ECAP %016llx puts the IOTLB registers at 0x%x, not within the registers\n",
		       name, base, caps->ecap, unit->iotlb_reg);
		return -ENODEV;
	}

	caps->caching_mode = caps->cap & VTD_CAP_CM;
	caps->pass_through = caps->ecap & VTD_ECAP_PT;
	caps->interrupts = caps->ecap & VTD_ECAP_IR && caps->ecap & VTD_ECAP_QI;
	/* 256-bit descriptors are the only way to invalidate in scalable mode */
	caps->scalable = (caps->ecap & scalable) == scalable;
	/* 3.7.2: a unit cannot set bits in tables that it does not snoop */
	caps->dirty = caps->scalable && caps->ecap & VTD_ECAP_SSADS &&
		      caps->ecap & VTD_ECAP_SMPWCS;
	return 0;
}
