// SPDX-License-Identifier: GPL-2.0
/*
 * Properties of a device tree that mean the same wherever they stand (Devicetree
 * Specification 0.4, 2.3).
 */
#include "dt.h"

#define CELL	4u	/* bytes */

/**
 * lab_dt_is_compatible - is a word in a node's list of what it is compatible with?
 * @dt: the tree
 * @node: the node
 * @with: the word
 *
 * Context as the functions of @dt need it, as for all here. Return: true if it is.
 */
bool lab_dt_is_compatible(const struct lab_dt *dt, const void *node, const char *with)
{
	u32 length, at, word = (u32)strlen(with) + 1;
	const u8 *list = dt->property(dt->ctx, node, "compatible", &length);

	if (!list)
		return false;
	for (at = 0; at < length; at += (u32)strnlen((const char *)list + at, length - at) + 1) {
		if (length - at >= word && !memcmp(list + at, with, word))
			return true;
	}
	return false;
}

static bool is_okay(const struct lab_dt *dt, const void *node)
{
	u32 length;
	const u8 *status = dt->property(dt->ctx, node, "status", &length);

	return !status || (length == 5 && !memcmp(status, "okay", 5)) ||
	       (length == 3 && !memcmp(status, "ok", 3));
}

/**
 * lab_dt_is_available - is there what a node describes?
 * @dt: the tree
 * @node: the node
 *
 * Return: whether its status, and that of all it is below, is okay.
 */
bool lab_dt_is_available(const struct lab_dt *dt, const void *node)
{
	const void *up, *above;
	bool okay = is_okay(dt, node);

	up = okay ? dt->parent(dt->ctx, node) : NULL;
	while (up) {
		okay = is_okay(dt, up);
		above = okay ? dt->parent(dt->ctx, up) : NULL;
		dt->put(dt->ctx, up);
		up = above;
	}
	return okay;
}

/**
 * lab_dt_number - a property that is one cell
 * @dt: the tree
 * @node: the node
 * @name: the property
 * @otherwise: what holds without it, or when it is no single cell
 *
 * Return: the number.
 */
u32 lab_dt_number(const struct lab_dt *dt, const void *node, const char *name,
		  u32 otherwise)
{
	u32 length;
	const u8 *cell = dt->property(dt->ctx, node, name, &length);

	return cell && length == CELL ? lab_dt_cell(cell) : otherwise;
}

/* 0 to 2 cells: an address that fits */
static u64 number_of(const u8 *at, u32 cells)
{
	u64 number = 0;

	for (; cells; cells--, at += CELL)
		number = number << 32 | lab_dt_cell(at);
	return number;
}

/* The cells of an address and of a size on the bus that a node is. */
static bool bus_cells(const struct lab_dt *dt, const void *bus, u32 *address, u32 *size)
{
	*address = lab_dt_number(dt, bus, "#address-cells", 2);
	*size = lab_dt_number(dt, bus, "#size-cells", 1);
	return *address >= 1 && *address <= 2 && *size <= 2;
}

/* An address on the bus @bus as one on the bus above it, @above. */
static bool through_bridge(const struct lab_dt *dt, const void *bus, const void *above,
			   u64 *base)
{
	u32 address, size, upper, upper_size, length, entry, at;
	const u8 *ranges = dt->property(dt->ctx, bus, "ranges", &length);

	if (!ranges)
		return false;
	/* the same addresses */
	if (!length)
		return true;
	if (!bus_cells(dt, bus, &address, &size) ||
	    !bus_cells(dt, above, &upper, &upper_size))
		return false;
	entry = (address + upper + size) * CELL;
	for (at = 0; length - at >= entry; at += entry) {
		const u8 *row = ranges + at;
		u64 start = number_of(row, address);
		u64 bytes = number_of(row + (address + upper) * CELL, size);

		if (*base < start || *base - start >= bytes)
			continue;
		*base = number_of(row + address * CELL, upper) + (*base - start);
		return true;
	}
	return false;
}

/* From the bus that a node is on to the root, whose addresses are the processor's. */
static bool to_processor(const struct lab_dt *dt, const void *bus, u64 *base)
{
	const void *above = dt->parent(dt->ctx, bus);
	bool reached = true;

	while (above && reached) {
		const void *top = NULL;

		reached = through_bridge(dt, bus, above, base);
		dt->put(dt->ctx, bus);
		bus = above;
		if (reached)
			top = dt->parent(dt->ctx, bus);
		above = top;
	}
	dt->put(dt->ctx, bus);
	return reached;
}

/**
 * lab_dt_registers - where the registers of a node are
 * @dt: the tree
 * @node: the node
 * @base: physical address of the first region of its property reg
 * @size: bytes of it
 *
 * Return: true; false: it has none, or they cannot be reached by the processor.
 */
bool lab_dt_registers(const struct lab_dt *dt, const void *node, u64 *base, u64 *size)
{
	u32 length, address, bytes;
	const u8 *reg = dt->property(dt->ctx, node, "reg", &length);
	const void *bus = dt->parent(dt->ctx, node);

	if (!bus)
		return false;
	if (!reg || !bus_cells(dt, bus, &address, &bytes) ||
	    length < (address + bytes) * CELL) {
		dt->put(dt->ctx, bus);
		return false;
	}
	*base = number_of(reg, address);
	*size = number_of(reg + address * CELL, bytes);
	return to_processor(dt, bus, base);
}
