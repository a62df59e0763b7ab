/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the machine that the module runs on has of ACPI: its tables, and the
 * registers of VT-d units, which only a DMAR names. Without ACPI there is nothing.
 */
#ifndef IOMMU_LAB_COMPAT_HOST_ACPI_H
#define IOMMU_LAB_COMPAT_HOST_ACPI_H

#include <linux/errno.h>
#include <linux/types.h>

#ifdef CONFIG_ACPI

#include <linux/acpi.h>
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include "../seam/vtd_regs.h"

/**
 * lab_host_table_get - one of firmware's tables
 * @signature: which one; the first, if there are several
 * @table: its bytes, for lab_host_table_put()
 * @length: bytes
 *
 * Context: may sleep. Return: 0 or -ENOENT.
 */
static inline int lab_host_table_get(const char *signature, const void **table,
				     size_t *length)
{
	struct acpi_table_header *header;

	if (acpi_disabled ||
	    ACPI_FAILURE(acpi_get_table((char *)signature, 0, &header)))
		return -ENOENT;
	*table = header;
	*length = header->length;
	return 0;
}

/**
 * lab_host_table_put - give back what lab_host_table_get() got
 * @table: the table
 *
 * Context: may sleep.
 */
static inline void lab_host_table_put(const void *table)
{
	acpi_put_table((struct acpi_table_header *)table);
}

/**
 * lab_host_unit_read - read the identification registers of a real unit
 * @base: physical address of its registers, as firmware says
 * @version: VER
 * @cap: CAP
 * @ecap: ECAP
 *
 * Reading them has no side effect, whoever drives the unit.
 *
 * Context: may sleep.
 * Return: 0; -ENXIO: there are no registers at @base; -ENOMEM.
 */
static inline int lab_host_unit_read(u64 base, u32 *version, u64 *cap,
				     u64 *ecap)
{
	void __iomem *window;

	/* firmware can be wrong: RAM is not to be mapped uncached */
	if (base & (VTD_WINDOW - 1) ||
	    region_intersects(base, VTD_WINDOW, IORESOURCE_SYSTEM_RAM,
			      IORES_DESC_NONE) != REGION_DISJOINT)
		return -ENXIO;
	window = ioremap(base, VTD_WINDOW);
	if (!window)
		return -ENOMEM;
	*version = readl(window + VTD_VER);
	*cap = readq(window + VTD_CAP);
	*ecap = readq(window + VTD_ECAP);
	iounmap(window);
	return 0;
}

#else

static inline int lab_host_table_get(const char *signature, const void **table,
				     size_t *length)
{
	return -ENOENT;
}

static inline void lab_host_table_put(const void *table)
{
}

static inline int lab_host_unit_read(u64 base, u32 *version, u64 *cap,
				     u64 *ecap)
{
	return -ENXIO;
}

#endif

#endif
