/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Configuration space of a function and the registers of its DMA engine:
 * Documentation/function.rst. For bus/ and for drivers of a function.
 */
#ifndef IOMMU_LAB_BUS_REGISTERS_H
#define IOMMU_LAB_BUS_REGISTERS_H

#include <linux/bits.h>
#include <linux/types.h>

#define LAB_PCI_VENDOR		0x1234
#define LAB_PCI_DEVICE		0x1ab0	/* a function with a DMA engine */
#define LAB_PCI_DEVICE_PORT	0x1ab1	/* a root port, or a port of a switch */
#define LAB_PCI_DEVICE_NONE	0x1ab2	/* a placeholder: see there */
#define LAB_PCI_CLASS		0x088000 /* system peripheral, other */
#define LAB_PCI_CLASS_NONE	0xff0000 /* unassigned */
#define LAB_PCI_REVISION	1

/* where the capabilities are */
#define LAB_PCI_MSI		0x40
#define LAB_PCI_EXP		0x60
#define LAB_PCI_VENDOR_CAP	0xa0
#define LAB_PCI_VSEC		0x100
#define LAB_PCI_ARI		0x140
#define LAB_PCI_PORT_EXP	0x40	/* the only one of a port */
#define LAB_PCI_PORT_ARI	0x100

#define LAB_VSEC_ID		0x1ab0
#define LAB_VSEC_REVISION	1
#define LAB_VSEC_LENGTH		0x40

/* registers of the engine, from LAB_PCI_VSEC on */
#define LAB_REG_CAPS		0x08
#define LAB_REG_CTRL		0x0c
#define LAB_REG_STATUS		0x10
#define LAB_REG_RING_LO		0x14
#define LAB_REG_RING_HI		0x18
#define LAB_REG_RING_ORDER	0x1c
#define LAB_REG_TAIL		0x20
#define LAB_REG_HEAD		0x24
#define LAB_REG_FAULT_LO	0x28
#define LAB_REG_FAULT_HI	0x2c
#define LAB_REG_COUNT		0x30

#define LAB_CAPS_ORDER		GENMASK(7, 0)
#define LAB_CAPS_VERSION	GENMASK(15, 8)
#define LAB_CTRL_ENABLE		BIT(0)
#define LAB_CTRL_INTR		BIT(1)
#define LAB_CTRL_RESET		BIT(2)
#define LAB_STATUS_RUNNING	BIT(0)
#define LAB_STATUS_HALTED	BIT(1)
#define LAB_STATUS_DONE		BIT(2)
#define LAB_STATUS_ERROR	GENMASK(15, 8)

#define LAB_RING_ORDER_MAX	12
#define LAB_RING_ALIGN		64

/* how a descriptor ended: its status, and STATUS.ERROR */
enum lab_descriptor_status {
	LAB_DESC_PENDING,
	LAB_DESC_OK,
	LAB_DESC_FAULT,
	LAB_DESC_MISCOMPARE,
	LAB_DESC_BAD,
	LAB_DESC_ABORTED,
	LAB_DESC_DEAD,
	LAB_DESC_REVOKED,
};

/* struct lab_descriptor.control */
#define LAB_DESC_OP		GENMASK(7, 0)
#define LAB_DESC_INTR		BIT(8)

enum lab_descriptor_op {
	LAB_DESC_NOP,
	LAB_DESC_COPY,
	LAB_DESC_FILL,
	LAB_DESC_COMPARE,
};

/**
 * struct lab_descriptor - one entry of the ring
 * @control: LAB_DESC_OP, LAB_DESC_INTR; other bits 0
 * @length: bytes, not 0 but for NOP
 * @src: device address, COPY and COMPARE
 * @dst: device address, COPY, FILL and COMPARE
 * @pattern: FILL
 * @status: written last by the engine: enum lab_descriptor_status
 * @done: bytes that were done before the end
 * @refused: address of the refused access
 * @reserved: 0
 */
struct lab_descriptor {
	__le32 control;
	__le32 length;
	__le64 src;
	__le64 dst;
	__le64 pattern;
	__le32 status;
	__le32 done;
	__le64 refused;
	__le64 reserved[2];
};

#endif
