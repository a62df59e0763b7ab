// SPDX-License-Identifier: GPL-2.0
/*
 * A sound DMAR table with a structure of each type and a scope of each type. Used
 * by KUnit and by user space: the offsets below are relied upon in both.
 *
 *   0x030 DRHD  segment 0, 0xfed90000, 4 KiB
 *   0x040   PCI endpoint 00:02.0
 *   0x048 DRHD  segment 1, 0xfed92000, 8 KiB
 *   0x058   PCI bridge 00:1c.0
 *   0x060 DRHD  segment 0, 0xfed91000, 4 KiB, INCLUDE_PCI_ALL
 *   0x070   I/O APIC 2, f0:1f.0
 *   0x078   HPET 0, f0:1f.0
 *   0x080   name-space device 1, 00:15.0
 *   0x088   name-space device 2, 00:15.1
 *   0x090 RMRR  segment 0, 0x7a000000 to 0x7a001fff
 *   0x0a8   PCI endpoint 00:14.0
 *   0x0b0 RMRR  segment 0, 0x7b800000 to 0x7fffffff
 *   0x0c8   PCI endpoint 00:02.0
 *   0x0d0 ATSR  segment 0
 *   0x0d8   PCI bridge 00:01.0
 *   0x0e0 RHSA  0xfed90000, domain 0
 *   0x0f4 RHSA  0xfed91000, domain 1
 *   0x108 ANDD  1
 *   0x120 ANDD  2
 *   0x138 SATC  segment 0, ATC_REQUIRED
 *   0x140   PCI endpoint 00:02.0
 *   0x148 SIDP  segment 0
 *   0x150   PCI endpoint 00:02.0, all flags
 *   0x158 end
 */
#include "dmar_every.h"

static void add_scope(struct lab_dmar_builder *builder, u8 type, u8 id, u8 bus,
		      u8 device, u8 function)
{
	u8 path[2] = { device, function };

	lab_dmar_add_scope(builder, type, 0, id, bus, path, 1);
}

/**
 * lab_test_every_structure - the table
 * @length: where to put its length in bytes
 *
 * Return: the table, for lab_dmar_table_free(), or NULL: no memory.
 */
u8 *lab_test_every_structure(size_t *length)
{
	static const u8 igd[2] = { 2, 0 };
	struct lab_dmar_builder builder;
	u8 *table;

	lab_dmar_begin(&builder, 39, LAB_DMAR_INTR_REMAP);
	lab_dmar_add_drhd(&builder, 0, 0xfed90000, 0, 0);
	add_scope(&builder, LAB_SCOPE_ENDPOINT, 0, 0, 2, 0);
	lab_dmar_add_drhd(&builder, 1, 0xfed92000, 1, 0);
	add_scope(&builder, LAB_SCOPE_SUB_HIERARCHY, 0, 0, 0x1c, 0);
	lab_dmar_add_drhd(&builder, 0, 0xfed91000, 0, LAB_DRHD_INCLUDE_PCI_ALL);
	add_scope(&builder, LAB_SCOPE_IOAPIC, 2, 0xf0, 0x1f, 0);
	add_scope(&builder, LAB_SCOPE_HPET, 0, 0xf0, 0x1f, 0);
	add_scope(&builder, LAB_SCOPE_NAMESPACE, 1, 0, 0x15, 0);
	add_scope(&builder, LAB_SCOPE_NAMESPACE, 2, 0, 0x15, 1);
	lab_dmar_add_rmrr(&builder, 0, 0x7a000000, 0x7a001fff);
	add_scope(&builder, LAB_SCOPE_ENDPOINT, 0, 0, 0x14, 0);
	lab_dmar_add_rmrr(&builder, 0, 0x7b800000, 0x7fffffff);
	add_scope(&builder, LAB_SCOPE_ENDPOINT, 0, 0, 2, 0);
	lab_dmar_add_atsr(&builder, 0, 0);
	add_scope(&builder, LAB_SCOPE_SUB_HIERARCHY, 0, 0, 1, 0);
	lab_dmar_add_rhsa(&builder, 0xfed90000, 0);
	lab_dmar_add_rhsa(&builder, 0xfed91000, 1);
	lab_dmar_add_andd(&builder, 1, "\\_SB.PCI0.UART0");
	lab_dmar_add_andd(&builder, 2, "\\_SB.PCI0.UART1");
	lab_dmar_add_satc(&builder, 0, LAB_SATC_ATC_REQUIRED);
	add_scope(&builder, LAB_SCOPE_ENDPOINT, 0, 0, 2, 0);
	lab_dmar_add_sidp(&builder, 0);
	lab_dmar_add_scope(&builder, LAB_SCOPE_ENDPOINT, LAB_SIDP_FLAGS, 0, 0,
			   igd, 1);
	table = lab_dmar_finish(&builder, length);
	lab_dmar_builder_free(&builder);
	return table;
}
