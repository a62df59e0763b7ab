// SPDX-License-Identifier: GPL-2.0
/*
 * A parsed DMAR table as JSON: the fields of the table by the names that
 * Documentation/dmar-checks.rst lists, then what the parser and the checks found.
 */
#include "dmar.h"
#include "bytes.h"
#include "dmar_layout.h"
#include "json.h"

/* Text ends where NULs fill the field up. */
static void add_id(struct lab_json *json, const char *key, const u8 *bytes,
		   u32 length)
{
	while (length && !bytes[length - 1])
		length--;
	lab_json_chars(json, key, bytes, length);
}

static void add_header(struct lab_json *json, const struct lab_dmar *dmar)
{
	const u8 *bytes = dmar->table;

	lab_json_object(json, "header");
	lab_json_chars(json, "signature", bytes, 4);
	lab_json_number(json, "length", dmar->length);
	lab_json_number(json, "revision", dmar->revision);
	lab_json_number(json, "checksum", bytes[DMAR_CHECKSUM]);
	add_id(json, "oem_id", bytes + DMAR_OEM_ID, 6);
	add_id(json, "oem_table_id", bytes + DMAR_OEM_TABLE_ID, 8);
	lab_json_number(json, "oem_revision",
			lab_get_le32(bytes + DMAR_OEM_REVISION));
	add_id(json, "compiler_id", bytes + DMAR_CREATOR_ID, 4);
	lab_json_number(json, "compiler_revision",
			lab_get_le32(bytes + DMAR_CREATOR_REVISION));
	lab_json_end_object(json);

	lab_json_number(json, "host_address_width_field", bytes[DMAR_WIDTH]);
	lab_json_number(json, "host_address_width", dmar->width);
	lab_json_number(json, "flags", dmar->flags);
	lab_json_object(json, "flags_decoded");
	lab_json_number(json, "intr_remap",
			!!(dmar->flags & LAB_DMAR_INTR_REMAP));
	lab_json_number(json, "x2apic_opt_out",
			!!(dmar->flags & LAB_DMAR_X2APIC_OPT_OUT));
	lab_json_number(json, "dma_ctrl_platform_opt_in",
			!!(dmar->flags & LAB_DMAR_DMA_CTRL_OPT_IN));
	lab_json_end_object(json);
	lab_json_hex(json, "reserved", bytes + DMAR_RESERVED,
		     LAB_DMAR_HEADER - DMAR_RESERVED);
}

static void add_scope(struct lab_json *json, const struct lab_dmar *dmar,
		      const struct lab_dmar_scope *scope)
{
	const char *name = lab_dmar_scope_name(scope->type);
	const u8 *bytes = dmar->table + scope->offset;
	u32 hop;

	lab_json_object(json, NULL);
	lab_json_number(json, "offset", scope->offset);
	lab_json_number(json, "type_id", scope->type);
	lab_json_string(json, "type", name ? name : "unknown");
	lab_json_number(json, "length", bytes[SCOPE_LENGTH]);
	lab_json_number(json, "flags", scope->flags);
	lab_json_number(json, "reserved", bytes[SCOPE_RESERVED]);
	lab_json_number(json, "enumeration_id", scope->enum_id);
	lab_json_number(json, "start_bus", scope->start_bus);
	lab_json_list(json, "path");
	for (hop = 0; hop < scope->hops; hop++) {
		lab_json_list(json, NULL);
		lab_json_number(json, NULL, scope->path[SCOPE_HOP * hop]);
		lab_json_number(json, NULL, scope->path[SCOPE_HOP * hop + 1]);
		lab_json_end_list(json);
	}
	lab_json_end_list(json);
	lab_json_end_object(json);
}

static void add_scopes(struct lab_json *json, const struct lab_dmar *dmar,
		       const struct lab_dmar_structure *structure)
{
	u32 i;

	lab_json_list(json, "device_scopes");
	for (i = 0; i < structure->nr_scopes; i++)
		add_scope(json, dmar,
			  &dmar->scopes[structure->first_scope + i]);
	lab_json_end_list(json);
}

static void add_segment(struct lab_json *json, u16 segment)
{
	lab_json_number(json, "segment", segment);
}

static void add_drhd(struct lab_json *json, const struct lab_dmar_drhd *drhd,
		     const u8 *bytes)
{
	lab_json_number(json, "flags", drhd->flags);
	lab_json_bool(json, "include_pci_all", drhd->include_all);
	lab_json_number(json, "size", bytes[DRHD_SIZE]);
	lab_json_number(json, "register_set_pages_log2",
			bytes[DRHD_SIZE] & 0xf);
	add_segment(json, drhd->segment);
	lab_json_address(json, "register_base", drhd->base);
}

static void add_rmrr(struct lab_json *json, const struct lab_dmar_rmrr *rmrr,
		     const u8 *bytes)
{
	lab_json_number(json, "reserved", lab_get_le16(bytes + RMRR_RESERVED));
	add_segment(json, rmrr->segment);
	lab_json_address(json, "base", rmrr->base);
	lab_json_address(json, "limit", rmrr->limit);
}

static void add_atsr(struct lab_json *json, const struct lab_dmar_atsr *atsr,
		     const u8 *bytes)
{
	lab_json_number(json, "flags", atsr->flags);
	lab_json_bool(json, "all_ports", atsr->all_ports);
	lab_json_number(json, "reserved", bytes[ATSR_RESERVED]);
	add_segment(json, atsr->segment);
}

static void add_rhsa(struct lab_json *json, const struct lab_dmar_rhsa *rhsa,
		     const u8 *bytes)
{
	lab_json_number(json, "reserved", lab_get_le32(bytes + RHSA_RESERVED));
	lab_json_address(json, "base", rhsa->base);
	lab_json_number(json, "proximity_domain", rhsa->domain);
}

static void add_andd(struct lab_json *json, const struct lab_dmar_andd *andd,
		     const u8 *bytes)
{
	/* three bytes, and the number behind them */
	lab_json_number(json, "reserved",
			lab_get_le32(bytes + ANDD_RESERVED) & 0xffffff);
	lab_json_number(json, "device_number", andd->number);
	lab_json_chars(json, "object_name", andd->name, andd->name_length);
}

static void add_satc(struct lab_json *json, const struct lab_dmar_satc *satc,
		     const u8 *bytes)
{
	lab_json_number(json, "flags", satc->flags);
	lab_json_bool(json, "atc_required", satc->atc_required);
	lab_json_number(json, "reserved", bytes[SATC_RESERVED]);
	add_segment(json, satc->segment);
}

static void add_sidp(struct lab_json *json, const struct lab_dmar_sidp *sidp,
		     const u8 *bytes)
{
	lab_json_number(json, "reserved", lab_get_le16(bytes + SIDP_RESERVED));
	add_segment(json, sidp->segment);
}

static void add_decoded(struct lab_json *json, const struct lab_dmar *dmar,
			const struct lab_dmar_structure *structure)
{
	const u8 *bytes = dmar->table + structure->offset;

	switch (structure->type) {
	case LAB_DMAR_DRHD:
		add_drhd(json, &dmar->drhds[structure->index], bytes);
		break;
	case LAB_DMAR_RMRR:
		add_rmrr(json, &dmar->rmrrs[structure->index], bytes);
		break;
	case LAB_DMAR_ATSR:
		add_atsr(json, &dmar->atsrs[structure->index], bytes);
		break;
	case LAB_DMAR_RHSA:
		add_rhsa(json, &dmar->rhsas[structure->index], bytes);
		return;
	case LAB_DMAR_ANDD:
		add_andd(json, &dmar->andds[structure->index], bytes);
		return;
	case LAB_DMAR_SATC:
		add_satc(json, &dmar->satcs[structure->index], bytes);
		break;
	case LAB_DMAR_SIDP:
		add_sidp(json, &dmar->sidps[structure->index], bytes);
		break;
	}
	add_scopes(json, dmar, structure);
}

static void add_structure(struct lab_json *json, const struct lab_dmar *dmar,
			  const struct lab_dmar_structure *structure)
{
	const char *name = lab_dmar_type_name(structure->type);

	lab_json_object(json, NULL);
	lab_json_number(json, "offset", structure->offset);
	lab_json_number(json, "type_id", structure->type);
	lab_json_string(json, "type", name ? name : "unknown");
	lab_json_number(json, "length", structure->length);
	if (structure->decoded)
		add_decoded(json, dmar, structure);
	else
		lab_json_hex(json, "opaque",
			     dmar->table + structure->offset + STRUCTURE_HEADER,
			     structure->length - STRUCTURE_HEADER);
	lab_json_end_object(json);
}

/**
 * lab_dmar_json - a parsed table as JSON
 * @dmar: the parsed table, with or without errors
 * @emit: called with each piece of the text, which has no NUL behind it and is
 *	valid during the call only
 * @ctx: first argument of @emit
 *
 * One object, without white space. A table whose header is not one of a DMAR
 * has its findings only. Any context that @emit allows.
 */
void lab_dmar_json(const struct lab_dmar *dmar,
		   void (*emit)(void *ctx, const char *text, size_t length),
		   void *ctx)
{
	struct lab_json json = { .emit = emit, .ctx = ctx };
	u32 i;

	lab_json_object(&json, NULL);
	if (dmar->table) {
		add_header(&json, dmar);
		lab_json_list(&json, "structures");
		for (i = 0; i < dmar->nr_structures; i++)
			add_structure(&json, dmar, &dmar->structures[i]);
		lab_json_end_list(&json);
	}
	lab_findings_json(&dmar->findings, dmar->nr_unread, &json,
			  "diagnostics");
	lab_findings_json(&dmar->findings, dmar->findings.nr, &json, "findings");
	if (dmar->table)
		lab_json_bool(&json, "dmar_remap_opt_out",
			      dmar->flags & LAB_DMAR_REMAP_OPT_OUT);
	lab_json_end_object(&json);
}
