/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device tree of the machine that the module runs on: the kernel's live one, which
 * has what boot loaders and overlays have changed; the bytes that it was made from are
 * out of a module's reach. A kernel without CONFIG_OF has an empty one.
 *
 * Nodes are passed as they are, so that those who read them need nothing of the kernel.
 */
#ifndef IOMMU_LAB_COMPAT_HOST_TREE_H
#define IOMMU_LAB_COMPAT_HOST_TREE_H

#include <linux/kernel.h>
#include <linux/of.h>

/**
 * lab_host_node_next - the next node, parents before their children
 * @ctx: not used, as in all here
 * @node: the one before, given back; NULL for the first
 *
 * Context: may sleep, as all here. Return: the node, referenced, or NULL.
 */
static inline const void *lab_host_node_next(void *ctx, const void *node)
{
#ifdef CONFIG_OF
	return of_find_all_nodes((struct device_node *)node);
#else
	return NULL;
#endif
}

/**
 * lab_host_node_parent - the parent of a node
 * @ctx: not used
 * @node: the node
 *
 * Return: the parent, referenced, or NULL.
 */
static inline const void *lab_host_node_parent(void *ctx, const void *node)
{
	return of_get_parent(node);
}

/**
 * lab_host_node_by_phandle - the node with a phandle
 * @ctx: not used
 * @phandle: the phandle
 *
 * Return: the node, referenced, or NULL.
 */
static inline const void *lab_host_node_by_phandle(void *ctx, u32 phandle)
{
	return of_find_node_by_phandle(phandle);
}

/**
 * lab_host_node_put - give a node back
 * @ctx: not used
 * @node: the node
 */
static inline void lab_host_node_put(void *ctx, const void *node)
{
	of_node_put((struct device_node *)node);
}

/**
 * lab_host_node_property - a property of a node
 * @ctx: not used
 * @node: the node
 * @name: of the property
 * @length: its bytes
 *
 * Return: the bytes, as long as the node is referenced, or NULL.
 */
static inline const u8 *lab_host_node_property(void *ctx, const void *node,
					       const char *name, u32 *length)
{
	int bytes = 0;
	const u8 *value = of_get_property(node, name, &bytes);

	*length = bytes;
	return value;
}

/**
 * lab_host_node_path - the full name of a node
 * @ctx: not used
 * @node: the node
 * @text: where to
 * @room: bytes there
 */
static inline void lab_host_node_path(void *ctx, const void *node, char *text,
				      size_t room)
{
	snprintf(text, room, "%pOF", node);
}

#endif
