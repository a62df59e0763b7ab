/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The seam between a remapping unit and its driver: registers, table memory
 * made visible to the unit, and one interrupt line. Nothing else passes between
 * model/ and remap/, as nothing else passes between a real unit and its driver.
 */
#ifndef IOMMU_LAB_SEAM_H
#define IOMMU_LAB_SEAM_H

#include <linux/types.h>

struct lab_seam;

/**
 * struct lab_seam_ops - what a unit offers to its driver
 * @read32: reads a 32-bit register
 * @read64: reads a 64-bit register
 * @write32: writes a 32-bit register. A write may run work to its end (the
 *	invalidation queue) and may raise the interrupt before it returns
 * @write64: writes a 64-bit register; the same
 * @flush: makes CPU writes to memory visible to a unit that does not snoop
 *	(ECAP.C = 0)
 * @connect: sets the handler of the interrupt line, NULL to disconnect; when
 *	it returns no call of an earlier handler is running. May sleep
 *
 * Registers are byte offsets into the unit's window. All but @connect: any
 * context, hardirq included; none sleeps. The handler is called in any context
 * with interrupts off; it may access FSTS, FECTL and the fault recording
 * registers, but may not wait for the unit and may not write to IQT, CCMD, the
 * IOTLB registers, GCMD or PMEN, nor take a lock that is held over such a write:
 * a drain waits for the access whose fault the handler is told of.
 */
struct lab_seam_ops {
	u32 (*read32)(struct lab_seam *seam, u32 reg);
	u64 (*read64)(struct lab_seam *seam, u32 reg);
	void (*write32)(struct lab_seam *seam, u32 reg, u32 value);
	void (*write64)(struct lab_seam *seam, u32 reg, u64 value);
	void (*flush)(struct lab_seam *seam, void *start, size_t bytes);
	void (*connect)(struct lab_seam *seam, void (*handler)(void *data),
			void *data);
};

/**
 * struct lab_seam - a unit as its driver reaches it
 * @ops: accessors
 * @name: for messages, for example "unit0"
 * @base: register base address, for messages and debugfs
 */
struct lab_seam {
	const struct lab_seam_ops *ops;
	const char *name;
	u64 base;
};

#endif
