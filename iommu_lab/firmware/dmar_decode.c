// SPDX-License-Identifier: GPL-2.0
/*
 * From bytes to fields (VT-d 8.1 to 8.9). The parser has checked that all bytes
 * of an item are there, and has made room for it; whether its values make sense
 * is for the checks to say.
 */
#include "dmar_decode.h"
#include "bytes.h"
#include "dmar_layout.h"

/**
 * lab_dmar_decode_header - the fields of the header
 * @dmar: the table; its copy of the bytes has a whole header
 *
 * Any context.
 */
void lab_dmar_decode_header(struct lab_dmar *dmar)
{
	const u8 *bytes = dmar->table;

	dmar->revision = bytes[DMAR_REVISION];
	memcpy(dmar->oem_id, bytes + DMAR_OEM_ID, sizeof(dmar->oem_id) - 1);
	memcpy(dmar->oem_table_id, bytes + DMAR_OEM_TABLE_ID,
	       sizeof(dmar->oem_table_id) - 1);
	dmar->width = bytes[DMAR_WIDTH] + 1;
	dmar->flags = bytes[DMAR_FLAGS];
}

/**
 * lab_dmar_decode_scope - one more device scope
 * @dmar: the table, with room for it
 * @offset: of the scope
 * @length: bytes of it, SCOPE_HEADER at least, all in the table
 *
 * Any context.
 */
void lab_dmar_decode_scope(struct lab_dmar *dmar, u32 offset, u32 length)
{
	struct lab_dmar_scope *scope = &dmar->scopes[dmar->nr_scopes++];
	const u8 *bytes = dmar->table + offset;

	scope->type = bytes[0];
	scope->flags = bytes[SCOPE_FLAGS];
	scope->enum_id = bytes[SCOPE_ENUM_ID];
	scope->start_bus = bytes[SCOPE_BUS];
	scope->hops = (u8)((length - SCOPE_HEADER) / SCOPE_HOP);
	scope->path = bytes + SCOPE_PATH;
	scope->offset = offset;
}

static void decode_drhd(struct lab_dmar *dmar, const u8 *bytes,
			const struct lab_dmar_structure *structure)
{
	u8 flags = bytes[STRUCTURE_FLAGS];

	dmar->drhds[dmar->nr_drhds++] = (struct lab_dmar_drhd){
		.segment = lab_get_le16(bytes + STRUCTURE_SEGMENT),
		.flags = flags,
		.include_all = flags & LAB_DRHD_INCLUDE_PCI_ALL,
		.base = lab_get_le64(bytes + DRHD_BASE),
		/* bits 3:0: log2 of the number of 4 KiB pages; 7:4: reserved */
		.size = 4096ULL << (bytes[DRHD_SIZE] & 0xf),
		.first_scope = structure->first_scope,
		.nr_scopes = structure->nr_scopes,
		.offset = structure->offset,
	};
}

static void decode_rmrr(struct lab_dmar *dmar, const u8 *bytes,
			const struct lab_dmar_structure *structure)
{
	dmar->rmrrs[dmar->nr_rmrrs++] = (struct lab_dmar_rmrr){
		.segment = lab_get_le16(bytes + STRUCTURE_SEGMENT),
		.base = lab_get_le64(bytes + RMRR_BASE),
		.limit = lab_get_le64(bytes + RMRR_LIMIT),
		.first_scope = structure->first_scope,
		.nr_scopes = structure->nr_scopes,
		.offset = structure->offset,
	};
}

static void decode_atsr(struct lab_dmar *dmar, const u8 *bytes, u32 offset)
{
	u8 flags = bytes[STRUCTURE_FLAGS];

	dmar->atsrs[dmar->nr_atsrs++] = (struct lab_dmar_atsr){
		.segment = lab_get_le16(bytes + STRUCTURE_SEGMENT),
		.flags = flags,
		.all_ports = flags & LAB_ATSR_ALL_PORTS,
		.offset = offset,
	};
}

static void decode_rhsa(struct lab_dmar *dmar, const u8 *bytes, u32 offset)
{
	dmar->rhsas[dmar->nr_rhsas++] = (struct lab_dmar_rhsa){
		.base = lab_get_le64(bytes + RHSA_BASE),
		.domain = lab_get_le32(bytes + RHSA_DOMAIN),
		.offset = offset,
	};
}

static void decode_andd(struct lab_dmar *dmar, const u8 *bytes,
			const struct lab_dmar_structure *structure)
{
	struct lab_dmar_andd *andd = &dmar->andds[dmar->nr_andds++];
	u16 room = structure->length - ANDD_NAME;

	andd->number = bytes[ANDD_NUMBER];
	andd->name = bytes + ANDD_NAME;
	while (andd->name_length < room && andd->name[andd->name_length])
		andd->name_length++;
	andd->offset = structure->offset;
}

static void decode_satc(struct lab_dmar *dmar, const u8 *bytes, u32 offset)
{
	u8 flags = bytes[STRUCTURE_FLAGS];

	dmar->satcs[dmar->nr_satcs++] = (struct lab_dmar_satc){
		.segment = lab_get_le16(bytes + STRUCTURE_SEGMENT),
		.flags = flags,
		.atc_required = flags & LAB_SATC_ATC_REQUIRED,
		.offset = offset,
	};
}

static void decode_sidp(struct lab_dmar *dmar, const u8 *bytes, u32 offset)
{
	dmar->sidps[dmar->nr_sidps++] = (struct lab_dmar_sidp){
		.segment = lab_get_le16(bytes + STRUCTURE_SEGMENT),
		.offset = offset,
	};
}

/**
 * lab_dmar_decode_structure - the fixed part of a structure
 * @dmar: the table, with room for a decoded form of it
 * @structure: of a type that the specification has, as long as its fixed part at
 *	least; its scopes are decoded. It becomes a decoded one
 *
 * Any context.
 */
void lab_dmar_decode_structure(struct lab_dmar *dmar,
			       struct lab_dmar_structure *structure)
{
	const u8 *bytes = dmar->table + structure->offset;

	structure->decoded = true;
	switch (structure->type) {
	case LAB_DMAR_DRHD:
		structure->index = dmar->nr_drhds;
		decode_drhd(dmar, bytes, structure);
		break;
	case LAB_DMAR_RMRR:
		structure->index = dmar->nr_rmrrs;
		decode_rmrr(dmar, bytes, structure);
		break;
	case LAB_DMAR_ATSR:
		structure->index = dmar->nr_atsrs;
		decode_atsr(dmar, bytes, structure->offset);
		break;
	case LAB_DMAR_RHSA:
		structure->index = dmar->nr_rhsas;
		decode_rhsa(dmar, bytes, structure->offset);
		break;
	case LAB_DMAR_ANDD:
		structure->index = dmar->nr_andds;
		decode_andd(dmar, bytes, structure);
		break;
	case LAB_DMAR_SATC:
		structure->index = dmar->nr_satcs;
		decode_satc(dmar, bytes, structure->offset);
		break;
	case LAB_DMAR_SIDP:
		structure->index = dmar->nr_sidps;
		decode_sidp(dmar, bytes, structure->offset);
		break;
	}
}
