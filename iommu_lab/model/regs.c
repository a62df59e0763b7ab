// SPDX-License-Identifier: GPL-2.0
/*
 * The register file (VT-d 11.4): 4 KiB of 32-bit words. A 64-bit access is two
 * 32-bit ones, the low half first. What is not in lab_writable() is read-only
 * or reserved; an access that is not aligned, or outside of the window, reads 0
 * and writes nothing.
 */
#include <linux/bitfield.h>
#include <linux/lockdep.h>
#include "vtd_int.h"

#define LAB_VERSION	0x10u
#define LAB_REGION_BITS	GENMASK(31, 21)	/* protected memory: 2 MiB steps */
#define LAB_HIGH	4		/* offset of the high half */
#define LAB_HIGH_BIT	BIT(31)		/* ICC, IVT in the high half */

static u64 lab_cap(const struct lab_vtd_config *config)
{
	unsigned int levels = fls(config->levels) - 1;

	return FIELD_PREP(VTD_CAP_ND, config->nd) |
	       VTD_CAP_PLMR | VTD_CAP_PHMR |
	       (config->caching_mode ? VTD_CAP_CM : 0) |
	       FIELD_PREP(VTD_CAP_SAGAW, config->levels >> 2) |
	       FIELD_PREP(VTD_CAP_MGAW, lab_level_shift(levels + 1) - 1) |
	       FIELD_PREP(VTD_CAP_FRO, LAB_FRO / 16) |
	       FIELD_PREP(VTD_CAP_SSLPS, config->sslps) |
	       VTD_CAP_PSI |
	       FIELD_PREP(VTD_CAP_NFR, config->fault_records - 1) |
	       FIELD_PREP(VTD_CAP_MAMV, LAB_MAMV) |
	       VTD_CAP_DWD | VTD_CAP_DRD;
}

static u64 lab_ecap(const struct lab_vtd_config *config)
{
	return VTD_ECAP_C | VTD_ECAP_QI |
	       (config->pass_through ? VTD_ECAP_PT : 0) |
	       (config->scalable ? VTD_ECAP_SMTS | VTD_ECAP_SSTS |
				   VTD_ECAP_SSADS | VTD_ECAP_SMPWCS |
				   VTD_ECAP_RPS : 0) |
	       (config->interrupts ? VTD_ECAP_IR |
				     FIELD_PREP(VTD_ECAP_MHMV, LAB_MHMV) : 0) |
	       (config->eim ? VTD_ECAP_EIM : 0) |
	       FIELD_PREP(VTD_ECAP_IRO, LAB_IRO / 16);
}

/**
 * lab_regs_init - reset values
 * @vtd: the unit, its config set
 */
void lab_regs_init(struct lab_vtd *vtd)
{
	lab_reg_set(vtd, VTD_VER, LAB_VERSION);
	lab_reg_set64(vtd, VTD_CAP, lab_cap(&vtd->config));
	lab_reg_set64(vtd, VTD_ECAP, lab_ecap(&vtd->config));
	lab_reg_set(vtd, VTD_FECTL, VTD_FECTL_IM);
	lab_reg_set(vtd, VTD_IECTL, VTD_FECTL_IM);
	/* no address: until SRTP the root table cannot be accessed */
	vtd->root = ~VTD_RTADDR_TTM;
	/* the same until SIRTP, and with the smallest table */
	vtd->irta = VTD_IRTA_IRTA;
}

/* Which bits of a register software can write */
static u32 lab_writable(const struct lab_vtd *vtd, u32 reg)
{
	switch (reg) {
	case VTD_RTADDR:
		return (u32)(VTD_RTADDR_RTA | VTD_RTADDR_TTM);
	case VTD_CCMD:
		return (u32)(VTD_CCMD_SID | VTD_CCMD_DID);
	case VTD_CCMD + LAB_HIGH:
		return (VTD_CCMD_ICC | VTD_CCMD_CIRG | VTD_CCMD_FM) >> 32;
	case VTD_PLMBASE:
	case VTD_PLMLIMIT:
	case VTD_PHMBASE:
	case VTD_PHMLIMIT:
		return LAB_REGION_BITS;
	case VTD_IQT:
		return (u32)VTD_IQ_INDEX;
	case VTD_IQA:
		return (u32)(VTD_IQA_ADDR | VTD_IQA_QS |
			     (vtd->config.scalable ? VTD_IQA_DW : 0));
	case LAB_IRO + VTD_IVA:
		return (u32)(VTD_IVA_ADDR | VTD_IVA_IH | VTD_IVA_AM);
	case LAB_IRO + VTD_IOTLB + LAB_HIGH:
		return (VTD_IOTLB_IVT | VTD_IOTLB_IIRG | VTD_IOTLB_DR |
			VTD_IOTLB_DW | VTD_IOTLB_DID) >> 32;
	case VTD_IRTA:
		return !vtd->config.interrupts ? 0 :
		       (u32)(VTD_IRTA_IRTA | VTD_IRTA_S |
			     (vtd->config.eim ? VTD_IRTA_EIME : 0));
	case VTD_IRTA + LAB_HIGH:
		return vtd->config.interrupts ? U32_MAX : 0;
	case VTD_RTADDR + LAB_HIGH:
	case VTD_PHMBASE + LAB_HIGH:
	case VTD_PHMLIMIT + LAB_HIGH:
	case VTD_IQA + LAB_HIGH:
	case LAB_IRO + VTD_IVA + LAB_HIGH:
		return U32_MAX;
	default:
		return 0;
	}
}

static void lab_status_bit(struct lab_vtd *vtd, u32 bit, bool on)
{
	u32 gsts = lab_reg_get(vtd, VTD_GSTS);

	lab_reg_set(vtd, VTD_GSTS, on ? gsts | bit : gsts & ~bit);
}

/* 11.4.4.1, TE: what is in flight ends before the status changes. */
static void lab_set_translation(struct lab_vtd *vtd, bool on)
{
	if (on)
		set_bit(LAB_STATE_TRANSLATE, &vtd->state);
	else
		clear_bit(LAB_STATE_TRANSLATE, &vtd->state);
	if (lab_drain(vtd))
		lab_status_bit(vtd, VTD_GSTS_TES, on);
}

/* 11.4.4.1, QIE: goes off only when the queue is empty. */
static void lab_set_queue(struct lab_vtd *vtd, bool on)
{
	if (on) {
		lab_status_bit(vtd, VTD_GSTS_QIES, true);
		lab_queue_run(vtd);
	} else if (lab_reg_get64(vtd, VTD_IQH) == lab_reg_get64(vtd, VTD_IQT)) {
		lab_status_bit(vtd, VTD_GSTS_QIES, false);
		lab_reg_set64(vtd, VTD_IQH, 0);
	}
}

/*
 * 11.4.4.1, SIRTP, IRE, CFI. Requests that are in flight end before the status
 * changes. Nothing is invalidated (CAP.ESIRTPS = 0).
 */
static void lab_interrupt_command(struct lab_vtd *vtd, u32 command, u32 changed)
{
	if (command & VTD_GCMD_SIRTP) {
		WRITE_ONCE(vtd->irta, lab_reg_get64(vtd, VTD_IRTA));
		lab_status_bit(vtd, VTD_GSTS_IRTPS, true);
	}
	if (changed & VTD_GCMD_CFI)
		lab_status_bit(vtd, VTD_GSTS_CFIS, command & VTD_GCMD_CFI);
	if (!(changed & VTD_GCMD_IRE))
		return;
	WRITE_ONCE(vtd->remapping, !!(command & VTD_GCMD_IRE));
	if (lab_drain(vtd))
		lab_status_bit(vtd, VTD_GSTS_IRES, command & VTD_GCMD_IRE);
}

/*
 * Bits of features that the unit does not have are ignored. Neither SRTP nor TE
 * invalidates anything (CAP.ESRTPS = 0): that is left to software.
 */
static void lab_global_command(struct lab_vtd *vtd, u32 command)
{
	u32 changed = command ^ lab_reg_get(vtd, VTD_GSTS);

	if (command & VTD_GCMD_SRTP) {
		WRITE_ONCE(vtd->root, lab_reg_get64(vtd, VTD_RTADDR));
		lab_status_bit(vtd, VTD_GSTS_RTPS, true);
	}
	if (vtd->config.interrupts)
		lab_interrupt_command(vtd, command, changed);
	if (changed & VTD_GCMD_QIE)
		lab_set_queue(vtd, command & VTD_GCMD_QIE);
	if (changed & VTD_GCMD_TE)
		lab_set_translation(vtd, command & VTD_GCMD_TE);
}

static void lab_protect(struct lab_vtd *vtd, u32 value)
{
	u32 pmen = value & VTD_PMEN_EPM;

	lab_reg_set(vtd, VTD_PMEN, pmen ? pmen | VTD_PMEN_PRS : 0);
	lab_drain(vtd);
}

static bool lab_write_ignored(const struct lab_vtd *vtd, u32 reg)
{
	/* 11.4.16.3: not to be changed while the queue is enabled */
	return (reg & ~LAB_HIGH) == VTD_IQA &&
	       lab_reg_get(vtd, VTD_GSTS) & VTD_GSTS_QIES;
}

static void lab_reg_write(struct lab_vtd *vtd, u32 reg, u32 value)
{
	u32 mask = lab_writable(vtd, reg);

	lockdep_assert_held(&vtd->queue_lock);
	if (lab_write_ignored(vtd, reg))
		return;
	if (mask)
		lab_reg_set(vtd, reg, (lab_reg_get(vtd, reg) & ~mask) |
				      (value & mask));
	switch (reg) {
	case VTD_GCMD:
		lab_global_command(vtd, value);
		break;
	case VTD_PMEN:
		lab_protect(vtd, value);
		break;
	case VTD_IQT:
		if (lab_reg_get(vtd, VTD_GSTS) & VTD_GSTS_QIES)
			lab_queue_run(vtd);
		break;
	case VTD_CCMD + LAB_HIGH:
		if (value & LAB_HIGH_BIT)
			lab_context_command(vtd);
		break;
	case LAB_IRO + VTD_IOTLB + LAB_HIGH:
		if (value & LAB_HIGH_BIT)
			lab_iotlb_command(vtd);
		break;
	}
}

static bool lab_mute(const struct lab_vtd *vtd, u64 *value)
{
	if (likely(!test_bit(LAB_STATE_MUTE, &vtd->state)))
		return false;
	*value = READ_ONCE(vtd->defect) == LAB_DEFECT_ONES ? U64_MAX : 0;
	return true;
}

/* Write-only registers read 0: they hold nothing that software may rely on. */
static u32 lab_reg_read(const struct lab_vtd *vtd, u32 reg)
{
	if (reg % 4 || reg >= VTD_WINDOW ||
	    (reg & ~LAB_HIGH) == LAB_IRO + VTD_IVA)
		return 0;
	return lab_reg_get(vtd, reg);
}

static u32 lab_read32(struct lab_seam *seam, u32 reg)
{
	struct lab_vtd *vtd = lab_vtd_of(seam);
	u64 value;

	return lab_mute(vtd, &value) ? value : lab_reg_read(vtd, reg);
}

static u64 lab_read64(struct lab_seam *seam, u32 reg)
{
	struct lab_vtd *vtd = lab_vtd_of(seam);
	u64 value;

	if (lab_mute(vtd, &value))
		return value;
	if (reg % 8)
		return 0;
	return lab_reg_read(vtd, reg) |
	       (u64)lab_reg_read(vtd, reg + LAB_HIGH) << 32;
}

static void lab_write32(struct lab_seam *seam, u32 reg, u32 value)
{
	struct lab_vtd *vtd = lab_vtd_of(seam);
	unsigned long flags;

	if (reg % 4 || reg >= VTD_WINDOW ||
	    test_bit(LAB_STATE_MUTE, &vtd->state))
		return;
	if (lab_fault_owns(reg)) {
		lab_fault_write(vtd, reg, value);
	} else {
		raw_spin_lock_irqsave(&vtd->queue_lock, flags);
		lab_reg_write(vtd, reg, value);
		raw_spin_unlock_irqrestore(&vtd->queue_lock, flags);
	}
	lab_line_deliver(vtd);
}

static void lab_write64(struct lab_seam *seam, u32 reg, u64 value)
{
	if (reg % 8)
		return;
	lab_write32(seam, reg, (u32)value);
	lab_write32(seam, reg + LAB_HIGH, value >> 32);
}

/* ECAP.C = 1: the unit snoops, nothing is to do. */
static void lab_flush(struct lab_seam *seam, void *start, size_t bytes)
{
}

const struct lab_seam_ops lab_vtd_seam_ops = {
	.read32 = lab_read32,
	.read64 = lab_read64,
	.write32 = lab_write32,
	.write64 = lab_write64,
	.flush = lab_flush,
	.connect = lab_line_connect,
};
