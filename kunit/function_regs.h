/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Registers of a function, written out: Documentation/function.rst, and the MSI and
 * PCI Express capabilities where they are.
 */
#ifndef IOMMU_LAB_KUNIT_FUNCTION_H
#define IOMMU_LAB_KUNIT_FUNCTION_H

enum {
	COMMAND = 0x04,
	MSI = 0x40,
	MSI_ADDRESS = 0x44,
	MSI_ADDRESS_HI = 0x48,
	MSI_DATA = 0x4c,
	MSI_MASK = 0x50,
	MSI_PENDING = 0x54,
	DEVCTL = 0x68,
	CTRL = 0x10c,
	STATUS = 0x110,
	RING_LO = 0x114,
	RING_HI = 0x118,
	ORDER = 0x11c,
	TAIL = 0x120,
	HEAD = 0x124,
	FAULT_LO = 0x128,
	FAULT_HI = 0x12c,
	COUNT = 0x130,
};

#endif
