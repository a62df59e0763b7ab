// SPDX-License-Identifier: GPL-2.0
/*
 * The built-in machine, as a DMAR table: two units, one reserved region.
 *
 *   unit 0   explicit scopes: the first half of the endpoints
 *   unit 1   INCLUDE_PCI_ALL: the other endpoints
 *   RMRR     of the second endpoint, or of the first if there is only one
 *
 * Bus n, from 1 on, is below a root port, function n - 1 of device 0 of bus 0.
 */
#include "dmar.h"

#define FIRST_BUS_ENDPOINTS	31	/* devices 1 to 31, function 0 */

/**
 * lab_default_bdf - where an endpoint of the built-in machine is
 * @endpoint: its number, 0 to LAB_DEFAULT_ENDPOINTS_MAX - 1
 *
 * The first 31 are devices of their own on bus 0; the others fill bus 1 and the
 * following, 256 to a bus. Any context.
 *
 * Return: the BDF.
 */
u16 lab_default_bdf(unsigned int endpoint)
{
	unsigned int rest;

	if (endpoint < FIRST_BUS_ENDPOINTS)
		return (u16)((endpoint + 1) << 3);
	rest = endpoint - FIRST_BUS_ENDPOINTS;
	return (u16)((1 + rest / 256) << 8 | rest % 256);
}

/**
 * lab_default_path - how scopes name an endpoint of the built-in machine
 * @endpoint: its number, 0 to LAB_DEFAULT_ENDPOINTS_MAX - 1
 * @path: out: pairs of device and function, from bus 0 on, as firmware names what
 *	is below a port (VT-d 8.3.1)
 *
 * Any context.
 *
 * Return: how many pairs, 1 or 2.
 */
unsigned int lab_default_path(unsigned int endpoint, u8 path[4])
{
	u16 bdf = lab_default_bdf(endpoint);
	unsigned int hops = 0;

	if (bdf >> 8) {
		path[0] = 0;
		path[1] = (u8)((bdf >> 8) - 1);
		hops = 1;
	}
	path[2 * hops] = bdf >> 3 & 0x1f;
	path[2 * hops + 1] = bdf & 7;
	return hops + 1;
}

static void add_endpoint(struct lab_dmar_builder *builder,
			 unsigned int endpoint)
{
	u8 path[4];
	unsigned int hops = lab_default_path(endpoint, path);

	lab_dmar_add_scope(builder, LAB_SCOPE_ENDPOINT, 0, 0, 0, path, hops);
}

/**
 * lab_default_topology - the built-in machine
 * @endpoints: how many, 1 to LAB_DEFAULT_ENDPOINTS_MAX
 * @rmrr_base: physical address of the reserved region of LAB_DEFAULT_RMRR_BYTES;
 *	a multiple of 4096, below 2^LAB_DEFAULT_WIDTH
 * @length: where to put the table's length in bytes
 *
 * May sleep.
 *
 * Return: a DMAR table, for lab_dmar_table_free(), or NULL: no memory, or an
 * argument out of range.
 */
u8 *lab_default_topology(unsigned int endpoints, u64 rmrr_base, size_t *length)
{
	struct lab_dmar_builder builder;
	unsigned int i;
	u8 *table;

	if (!endpoints || endpoints > LAB_DEFAULT_ENDPOINTS_MAX ||
	    rmrr_base % 4096 ||
	    rmrr_base > (1ULL << LAB_DEFAULT_WIDTH) - LAB_DEFAULT_RMRR_BYTES)
		return NULL;

	lab_dmar_begin(&builder, LAB_DEFAULT_WIDTH, LAB_DMAR_INTR_REMAP);
	lab_dmar_add_drhd(&builder, 0, LAB_DEFAULT_UNIT0_BASE, 0, 0);
	for (i = 0; i < (endpoints + 1) / 2; i++)
		add_endpoint(&builder, i);
	lab_dmar_add_drhd(&builder, 0, LAB_DEFAULT_UNIT1_BASE, 0,
			  LAB_DRHD_INCLUDE_PCI_ALL);
	lab_dmar_add_rmrr(&builder, 0, rmrr_base,
			  rmrr_base + LAB_DEFAULT_RMRR_BYTES - 1);
	add_endpoint(&builder, endpoints > 1 ? 1 : 0);
	table = lab_dmar_finish(&builder, length);
	lab_dmar_builder_free(&builder);
	return table;
}
