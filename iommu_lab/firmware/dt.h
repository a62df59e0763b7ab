/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The properties of a device tree (Devicetree Specification 0.4, chapter 2), wherever
 * its nodes are: the kernel has a live tree, and tests have one of their own.
 *
 * cell  a big-endian number of four bytes
 */
#ifndef IOMMU_LAB_FIRMWARE_DT_H
#define IOMMU_LAB_FIRMWARE_DT_H

#include "port.h"

/**
 * struct lab_dt - access to a tree
 * @next: the node behind @node, parents before their children; @node is NULL: the
 *	root. Gives @node back. NULL at the end
 * @parent: the parent of a node, or NULL, to be given back
 * @by_phandle: the node with a phandle, or NULL, to be given back
 * @put: gives a node back
 * @property: the bytes of a property and how many, or NULL; valid as long as the node
 * @path: writes a node's full name, cut to the room that there is
 * @ctx: first argument of all of them
 */
struct lab_dt {
	const void *(*next)(void *ctx, const void *node);
	const void *(*parent)(void *ctx, const void *node);
	const void *(*by_phandle)(void *ctx, u32 phandle);
	void (*put)(void *ctx, const void *node);
	const u8 *(*property)(void *ctx, const void *node, const char *name,
			      u32 *length);
	void (*path)(void *ctx, const void *node, char *text, size_t room);
	void *ctx;
};

static inline u32 lab_dt_cell(const u8 *at)
{
	return (u32)at[0] << 24 | (u32)at[1] << 16 | (u32)at[2] << 8 | at[3];
}

bool lab_dt_is_compatible(const struct lab_dt *dt, const void *node, const char *with);
bool lab_dt_is_available(const struct lab_dt *dt, const void *node);
u32 lab_dt_number(const struct lab_dt *dt, const void *node, const char *name,
		  u32 otherwise);
bool lab_dt_registers(const struct lab_dt *dt, const void *node, u64 *base, u64 *size);

#endif
