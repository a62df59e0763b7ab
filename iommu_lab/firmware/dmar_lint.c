// SPDX-License-Identifier: GPL-2.0
/*
 * Do the values of a decoded table make sense? Here: the header, each structure
 * and each scope for itself. Documentation/dmar-checks.rst has a sentence on each
 * check, by its id.
 */
#include "dmar_check.h"
#include "bytes.h"
#include "dmar_layout.h"

#define PAGE_MASK_4K		4095ULL
#define MIN_WIDTH		12	/* bits: an address within a page */
#define MAX_WIDTH		64
#define LOW_END			0x100000ULL	/* 1 MiB */
#define LARGE_BYTES		0x40000000ULL	/* 1 GiB */

/* Is @last beyond the host address width? Nothing is when the width is wrong. */
static bool above_width(const struct lab_dmar *dmar, u64 last)
{
	return dmar->width >= MIN_WIDTH && dmar->width < MAX_WIDTH &&
	       last >> dmar->width;
}

/* One finding, at the first byte that is not zero. */
static void check_reserved(struct lab_dmar *dmar, u32 offset, u32 length)
{
	u32 i;

	for (i = offset; i < offset + length; i++) {
		if (dmar->table[i]) {
			lab_dmar_say(dmar, CHECK_RESERVED, i,
				     "reserved byte is 0x%02x; it must be 0",
				     dmar->table[i]);
			return;
		}
	}
}

static void check_flags(struct lab_dmar *dmar, u32 offset, u8 known)
{
	u8 unknown = dmar->table[offset] & (u8)~known;

	if (unknown)
		lab_dmar_say(dmar, CHECK_FLAGS, offset,
			     "flags have the reserved bits 0x%02x; 0x%02x are the known ones",
			     unknown, known);
}

static void check_header(struct lab_dmar *dmar)
{
	u8 sum = lab_byte_sum(dmar->table, dmar->length);

	if (dmar->revision != 1)
		lab_dmar_say(dmar, CHECK_REVISION, DMAR_REVISION,
			     "revision is %u; the specification has 1",
			     dmar->revision);
	if (sum)
		lab_dmar_say(dmar, CHECK_CHECKSUM, DMAR_CHECKSUM,
			     "checksum is 0x%02x; 0x%02x would make the sum of all bytes 0",
			     dmar->table[DMAR_CHECKSUM],
			     (u8)(dmar->table[DMAR_CHECKSUM] - sum));
	if (dmar->width < MIN_WIDTH || dmar->width > MAX_WIDTH)
		lab_dmar_say(dmar, CHECK_WIDTH, DMAR_WIDTH,
			     "host address width is %u bits; it is %u to %u",
			     dmar->width, MIN_WIDTH, MAX_WIDTH);
	check_flags(dmar, DMAR_FLAGS, LAB_DMAR_FLAGS);
	if (dmar->flags & LAB_DMAR_X2APIC_OPT_OUT &&
	    !(dmar->flags & LAB_DMAR_INTR_REMAP))
		lab_dmar_say(dmar, CHECK_X2APIC, DMAR_FLAGS,
			     "X2APIC_OPT_OUT means nothing without INTR_REMAP");
	check_reserved(dmar, DMAR_RESERVED, LAB_DMAR_HEADER - DMAR_RESERVED);
}

static void check_path(struct lab_dmar *dmar,
		       const struct lab_dmar_scope *scope)
{
	u32 length = dmar->table[scope->offset + SCOPE_LENGTH];
	u32 hop, at;

	if (!scope->hops)
		lab_dmar_say(dmar, CHECK_SCOPE_PATH,
			     scope->offset + SCOPE_LENGTH,
			     "device scope of %u bytes has no path; %u is the least",
			     length, SCOPE_HEADER + SCOPE_HOP);
	else if ((length - SCOPE_HEADER) % SCOPE_HOP)
		lab_dmar_say(dmar, CHECK_SCOPE_PATH,
			     scope->offset + SCOPE_LENGTH,
			     "device scope of %u bytes has half a hop at its end",
			     length);

	for (hop = 0; hop < scope->hops; hop++) {
		at = scope->offset + SCOPE_PATH + SCOPE_HOP * hop;
		if (dmar->table[at] > 31)
			lab_dmar_say(dmar, CHECK_SCOPE_DEVICE, at,
				     "hop %u of the path has device %u; 31 is the highest",
				     hop, dmar->table[at]);
		if (dmar->table[at + 1] > 7)
			lab_dmar_say(dmar, CHECK_SCOPE_FUNCTION, at + 1,
				     "hop %u of the path has function %u; 7 is the highest",
				     hop, dmar->table[at + 1]);
	}
}

/* Interrupt sources are of a unit; a unit that has all devices names no others. */
static void check_place(struct lab_dmar *dmar,
			const struct lab_dmar_structure *structure,
			const struct lab_dmar_scope *scope)
{
	bool pci = scope->type == LAB_SCOPE_ENDPOINT ||
		   scope->type == LAB_SCOPE_SUB_HIERARCHY;

	if (structure->type != LAB_DMAR_DRHD &&
	    (scope->type == LAB_SCOPE_IOAPIC || scope->type == LAB_SCOPE_HPET))
		lab_dmar_say(dmar, CHECK_SCOPE_PLACE, scope->offset,
			     "scope of type %u (%s) is of use in a DRHD only",
			     scope->type, lab_dmar_scope_name(scope->type));
	if (structure->type == LAB_DMAR_DRHD && pci &&
	    dmar->drhds[structure->index].include_all)
		lab_dmar_say(dmar, CHECK_SCOPE_PLACE, scope->offset,
			     "scope of type %u (%s) in a unit with INCLUDE_PCI_ALL",
			     scope->type, lab_dmar_scope_name(scope->type));
}

static void check_scope(struct lab_dmar *dmar,
			const struct lab_dmar_structure *structure,
			const struct lab_dmar_scope *scope)
{
	u8 flags = structure->type == LAB_DMAR_SIDP ? LAB_SIDP_FLAGS : 0;
	bool known = lab_dmar_scope_name(scope->type);

	if (!known)
		lab_dmar_say(dmar, CHECK_SCOPE_TYPE, scope->offset,
			     "device scope of unknown type %u; %u to %u are known",
			     scope->type, LAB_SCOPE_ENDPOINT,
			     LAB_SCOPE_NAMESPACE);
	if (scope->flags & (u8)~flags)
		lab_dmar_say(dmar, CHECK_SCOPE_FLAGS,
			     scope->offset + SCOPE_FLAGS,
			     "device scope has flags 0x%02x; 0x%02x may be set here",
			     scope->flags, flags);
	check_reserved(dmar, scope->offset + SCOPE_RESERVED, 1);
	if (scope->enum_id && (scope->type == LAB_SCOPE_ENDPOINT ||
			       scope->type == LAB_SCOPE_SUB_HIERARCHY))
		lab_dmar_say(dmar, CHECK_SCOPE_ENUM_ID,
			     scope->offset + SCOPE_ENUM_ID,
			     "enumeration id of a PCI device is %u; it must be 0",
			     scope->enum_id);
	check_place(dmar, structure, scope);
	check_path(dmar, scope);
}

static void check_drhd(struct lab_dmar *dmar, const struct lab_dmar_drhd *drhd)
{
	u8 size = dmar->table[drhd->offset + DRHD_SIZE];
	u64 last = drhd->base + (drhd->size - 1);
	u32 at = drhd->offset + DRHD_BASE;

	check_flags(dmar, drhd->offset + STRUCTURE_FLAGS,
		    LAB_DRHD_INCLUDE_PCI_ALL);
	/* what a later revision makes of these bits may change the size */
	if (size & 0xf0)
		lab_dmar_say(dmar, CHECK_DRHD_SIZE, drhd->offset + DRHD_SIZE,
			     "size byte is 0x%02x; bits 7 to 4 are reserved",
			     size);
	if (!drhd->base || drhd->base & PAGE_MASK_4K)
		lab_dmar_say(dmar, CHECK_DRHD_BASE, at,
			     "register base is 0x%llx; it is a multiple of 4096 above 0",
			     drhd->base);
	else if (above_width(dmar, drhd->base) || last < drhd->base ||
		 (!(size & 0xf0) && above_width(dmar, last)))
		lab_dmar_say(dmar, CHECK_DRHD_WIDTH, at,
			     "0x%llx bytes of registers at 0x%llx are beyond %u address bits",
			     drhd->size, drhd->base, dmar->width);
	else if (!(size & 0xf0) && drhd->base & (drhd->size - 1))
		lab_dmar_say(dmar, CHECK_DRHD_ALIGN, at,
			     "register base 0x%llx is no multiple of the window's 0x%llx",
			     drhd->base, drhd->size);
}

static void check_rmrr(struct lab_dmar *dmar, const struct lab_dmar_rmrr *rmrr)
{
	u32 base_at = rmrr->offset + RMRR_BASE;
	u32 limit_at = rmrr->offset + RMRR_LIMIT;

	check_reserved(dmar, rmrr->offset + RMRR_RESERVED, 2);
	/* Everyone who uses the region computes limit - base + 1. */
	if (rmrr->limit < rmrr->base) {
		lab_dmar_say(dmar, CHECK_RMRR_RANGE, base_at,
			     "RMRR base 0x%llx is above its limit 0x%llx",
			     rmrr->base, rmrr->limit);
		return;
	}
	if (rmrr->limit - rmrr->base == ~0ULL) {
		lab_dmar_say(dmar, CHECK_RMRR_RANGE, base_at,
			     "RMRR covers all 2^64 bytes");
		return;
	}

	if (above_width(dmar, rmrr->limit))
		lab_dmar_say(dmar, CHECK_RMRR_WIDTH,
			     above_width(dmar, rmrr->base) ? base_at : limit_at,
			     "RMRR 0x%llx to 0x%llx does not fit in %u address bits",
			     rmrr->base, rmrr->limit, dmar->width);
	if (rmrr->base & PAGE_MASK_4K)
		lab_dmar_say(dmar, CHECK_RMRR_ALIGN, base_at,
			     "RMRR base 0x%llx is no multiple of 4096",
			     rmrr->base);
	if ((rmrr->limit + 1) & PAGE_MASK_4K)
		lab_dmar_say(dmar, CHECK_RMRR_ALIGN, limit_at,
			     "RMRR limit 0x%llx is not the last byte of a page",
			     rmrr->limit);
	if (rmrr->limit - rmrr->base >= LARGE_BYTES)
		lab_dmar_say(dmar, CHECK_RMRR_LARGE, limit_at,
			     "RMRR of 0x%llx bytes; more than 1 GiB is hardly meant",
			     rmrr->limit - rmrr->base + 1);
	if (rmrr->base < LOW_END)
		lab_dmar_say(dmar, CHECK_RMRR_LOW, base_at,
			     "RMRR at 0x%llx is below 1 MiB", rmrr->base);
}

static void check_atsr(struct lab_dmar *dmar, const struct lab_dmar_atsr *atsr,
		       u32 nr_scopes)
{
	u32 at = atsr->offset + STRUCTURE_FLAGS;

	check_flags(dmar, at, LAB_ATSR_ALL_PORTS);
	check_reserved(dmar, atsr->offset + ATSR_RESERVED, 1);
	if (atsr->all_ports && nr_scopes)
		lab_dmar_say(dmar, CHECK_ATSR_SCOPES, at,
			     "ATSR has ALL_PORTS; its %u scopes mean nothing",
			     nr_scopes);
}

static void check_andd(struct lab_dmar *dmar, const struct lab_dmar_andd *andd,
		       u32 length)
{
	u32 at = andd->offset + ANDD_NAME;

	check_reserved(dmar, andd->offset + ANDD_RESERVED, 3);
	/* behind it there need not be any bytes */
	if (length == ANDD_NAME)
		lab_dmar_say(dmar, CHECK_ANDD_NAME, andd->offset + STRUCTURE_LENGTH,
			     "ANDD of %u bytes has no ACPI object name", length);
	else if (andd->name_length == length - ANDD_NAME)
		lab_dmar_say(dmar, CHECK_ANDD_NAME, at,
			     "ACPI object name of %u bytes has no NUL at its end",
			     andd->name_length);
	else if (andd->name[0] != '\\')
		lab_dmar_say(dmar, CHECK_ANDD_RELATIVE, at,
			     "ACPI object name does not begin with a backslash");
}

static void check_fixed_part(struct lab_dmar *dmar,
			     const struct lab_dmar_structure *structure)
{
	u32 at = structure->offset;

	switch (structure->type) {
	case LAB_DMAR_DRHD:
		check_drhd(dmar, &dmar->drhds[structure->index]);
		break;
	case LAB_DMAR_RMRR:
		check_rmrr(dmar, &dmar->rmrrs[structure->index]);
		break;
	case LAB_DMAR_ATSR:
		check_atsr(dmar, &dmar->atsrs[structure->index],
			   structure->nr_scopes);
		break;
	case LAB_DMAR_RHSA:
		check_reserved(dmar, at + RHSA_RESERVED, 4);
		if (structure->length > RHSA_FIXED)
			lab_dmar_say(dmar, CHECK_STRUCTURE_TAIL, at + RHSA_FIXED,
				     "RHSA has %u bytes behind its %u",
				     structure->length - RHSA_FIXED, RHSA_FIXED);
		break;
	case LAB_DMAR_ANDD:
		check_andd(dmar, &dmar->andds[structure->index],
			   structure->length);
		break;
	case LAB_DMAR_SATC:
		check_flags(dmar, at + STRUCTURE_FLAGS, LAB_SATC_ATC_REQUIRED);
		check_reserved(dmar, at + SATC_RESERVED, 1);
		break;
	case LAB_DMAR_SIDP:
		check_reserved(dmar, at + SIDP_RESERVED, 2);
		break;
	}
}

/* For a structure that ends with its fixed part: does it mean anything? */
static void check_empty(struct lab_dmar *dmar,
			const struct lab_dmar_structure *structure)
{
	switch (structure->type) {
	case LAB_DMAR_DRHD:
		if (structure->length == DRHD_FIXED &&
		    !dmar->drhds[structure->index].include_all)
			lab_dmar_say(dmar, CHECK_DRHD_EMPTY, structure->offset,
				     "unit without device scopes and without INCLUDE_PCI_ALL");
		return;
	case LAB_DMAR_RMRR:
		if (structure->length != RMRR_FIXED)
			return;
		break;
	case LAB_DMAR_ATSR:
		if (structure->length != ATSR_FIXED ||
		    dmar->atsrs[structure->index].all_ports)
			return;
		break;
	case LAB_DMAR_SATC:
		if (structure->length != SATC_FIXED)
			return;
		break;
	case LAB_DMAR_SIDP:
		if (structure->length != SIDP_FIXED)
			return;
		break;
	default:
		return;
	}
	lab_dmar_say(dmar, CHECK_SCOPE_MISSING, structure->offset,
		     "%s without a device scope has no effect",
		     lab_dmar_type_name(structure->type));
}

static void check_structure(struct lab_dmar *dmar,
			    const struct lab_dmar_structure *structure)
{
	u32 i;

	if (structure->type >= LAB_DMAR_TYPES)
		lab_dmar_say(dmar, CHECK_STRUCTURE_UNKNOWN, structure->offset,
			     "structure of unknown type 0x%x, %u bytes, skipped",
			     structure->type, structure->length);
	if (!structure->decoded)
		return;
	check_fixed_part(dmar, structure);
	check_empty(dmar, structure);
	for (i = 0; i < structure->nr_scopes; i++)
		check_scope(dmar, structure,
			    &dmar->scopes[structure->first_scope + i]);
}

/**
 * lab_dmar_lint - all checks of what was decoded
 * @dmar: the table, decoded; its findings are added to
 *
 * May sleep. Time is n log n for n structures.
 *
 * Return: 0 or -ENOMEM.
 */
int lab_dmar_lint(struct lab_dmar *dmar)
{
	u32 i;

	check_header(dmar);
	for (i = 0; i < dmar->nr_structures; i++)
		check_structure(dmar, &dmar->structures[i]);
	return lab_dmar_compare(dmar);
}
