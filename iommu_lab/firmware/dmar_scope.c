// SPDX-License-Identifier: GPL-2.0
/*
 * Which device a scope names, and which unit a device belongs to (VT-d 8.3.1).
 *
 * A unit's claim to a device has a rank, and the highest rank wins, wherever in
 * the table it stands:
 *
 *   0            no claim
 *   1            INCLUDE_PCI_ALL
 *   2 to 257     below the bridge of a sub-hierarchy scope: the fewer buses
 *                behind the bridge, the higher
 *   258          named itself, as an endpoint or as the bridge
 *
 * Two claims of one rank are a mistake in the table; the unit with the lower
 * register base then wins, so that the answer still does not depend on order.
 */
#include "dmar.h"

#define RANK_NONE	0
#define RANK_ALL	1
#define RANK_BELOW	257
#define RANK_NAMED	258

static int secondary_bus(const struct lab_dmar_bridges *bridges, u16 segment,
			 u16 bdf)
{
	int bus;

	if (!bridges || !bridges->secondary)
		return -ENOENT;
	bus = bridges->secondary(bridges->ctx, segment, bdf);
	return bus < 0 || bus > 0xff ? -ENOENT : bus;
}

/* Return: never less than @secondary. */
static int subordinate_bus(const struct lab_dmar_bridges *bridges, u16 segment,
			   u16 bdf, int secondary)
{
	int bus;

	if (!bridges->subordinate)
		return secondary;
	bus = bridges->subordinate(bridges->ctx, segment, bdf);
	return bus < secondary || bus > 0xff ? secondary : bus;
}

/**
 * lab_dmar_scope_bdf - the device at the end of a scope's path
 * @scope: the scope
 * @segment: PCI segment of the scope's structure
 * @bridges: how buses are numbered, or NULL: not known, and only paths of one
 *	hop can be followed
 *
 * Any context that @bridges allows.
 *
 * Return: the BDF, or -ENOENT: there is no bridge where the path needs one, or
 * the path is empty or has a device above 31 or a function above 7.
 */
int lab_dmar_scope_bdf(const struct lab_dmar_scope *scope, u16 segment,
		       const struct lab_dmar_bridges *bridges)
{
	int bus = scope->start_bus;
	int bdf = -ENOENT;
	unsigned int hop;
	u8 device, function;

	for (hop = 0; hop < scope->hops; hop++) {
		if (hop)
			bus = secondary_bus(bridges, segment, (u16)bdf);
		if (bus < 0)
			return bus;
		device = scope->path[2 * hop];
		function = scope->path[2 * hop + 1];
		if (device > 31 || function > 7)
			return -ENOENT;
		bdf = bus << 8 | device << 3 | function;
	}
	return bdf;
}

static unsigned int rank_of_scope(const struct lab_dmar_scope *scope,
				  u16 segment, u16 bdf,
				  const struct lab_dmar_bridges *bridges)
{
	int named, secondary, subordinate;

	if (scope->type != LAB_SCOPE_ENDPOINT &&
	    scope->type != LAB_SCOPE_SUB_HIERARCHY)
		return RANK_NONE;

	named = lab_dmar_scope_bdf(scope, segment, bridges);
	if (named < 0)
		return RANK_NONE;
	if (named == bdf)
		return RANK_NAMED;
	if (scope->type == LAB_SCOPE_ENDPOINT)
		return RANK_NONE;

	secondary = secondary_bus(bridges, segment, (u16)named);
	if (secondary < 0)
		return RANK_NONE;
	subordinate = subordinate_bus(bridges, segment, (u16)named, secondary);
	if (bdf >> 8 < secondary || bdf >> 8 > subordinate)
		return RANK_NONE;
	return RANK_BELOW - (unsigned int)(subordinate - secondary);
}

static unsigned int rank_of_scopes(const struct lab_dmar *dmar, u32 first,
				   u32 count, u16 segment, u16 bdf,
				   const struct lab_dmar_bridges *bridges)
{
	unsigned int best = RANK_NONE;
	unsigned int rank;
	u32 i;

	for (i = 0; i < count; i++) {
		rank = rank_of_scope(&dmar->scopes[first + i], segment, bdf,
				     bridges);
		if (rank > best)
			best = rank;
	}
	return best;
}

static unsigned int rank_of_unit(const struct lab_dmar *dmar,
				 const struct lab_dmar_drhd *drhd, u16 segment,
				 u16 bdf,
				 const struct lab_dmar_bridges *bridges)
{
	unsigned int rank;

	if (drhd->segment != segment)
		return RANK_NONE;
	rank = rank_of_scopes(dmar, drhd->first_scope, drhd->nr_scopes, segment,
			      bdf, bridges);
	return rank == RANK_NONE && drhd->include_all ? RANK_ALL : rank;
}

/**
 * lab_dmar_unit_of - the unit that remaps a device's requests
 * @dmar: the parsed table
 * @segment: PCI segment of the device
 * @bdf: the device
 * @bridges: how buses are numbered, or NULL: not known, so that paths of
 *	several hops name nothing and a sub-hierarchy scope has only its bridge
 *
 * Any context that @bridges allows.
 *
 * Return: index into @dmar->drhds, or -ENOENT: no unit has this device.
 */
int lab_dmar_unit_of(const struct lab_dmar *dmar, u16 segment, u16 bdf,
		     const struct lab_dmar_bridges *bridges)
{
	unsigned int best = RANK_NONE;
	const struct lab_dmar_drhd *drhd;
	unsigned int rank;
	int unit = -ENOENT;
	u32 i;

	for (i = 0; i < dmar->nr_drhds; i++) {
		drhd = &dmar->drhds[i];
		rank = rank_of_unit(dmar, drhd, segment, bdf, bridges);
		if (rank == RANK_NONE || rank < best)
			continue;
		if (rank > best || drhd->base < dmar->drhds[unit].base) {
			best = rank;
			unit = (int)i;
		}
	}
	return unit;
}

/**
 * lab_dmar_rmrr_has - whether a reserved region is one of a device
 * @dmar: the parsed table
 * @rmrr: one of its regions
 * @segment: PCI segment of the device
 * @bdf: the device
 * @bridges: how buses are numbered, or NULL, as for lab_dmar_unit_of()
 *
 * Any context that @bridges allows. VT-d 8.4.
 *
 * Return: whether a scope of @rmrr names the device, or a bridge above it.
 */
bool lab_dmar_rmrr_has(const struct lab_dmar *dmar,
		       const struct lab_dmar_rmrr *rmrr, u16 segment, u16 bdf,
		       const struct lab_dmar_bridges *bridges)
{
	return rmrr->segment == segment &&
	       rank_of_scopes(dmar, rmrr->first_scope, rmrr->nr_scopes, segment,
			      bdf, bridges) != RANK_NONE;
}
