// SPDX-License-Identifier: GPL-2.0
/*
 * A parsed DMAR table as text, one line at a time.
 *
 * Bytes that firmware chose are printed as they are only when they are
 * printable: the text ends up on terminals.
 */
#include "dmar.h"

#define LINE_BYTES	192
#define NAME_SHOWN	96	/* characters of an ACPI object name */
#define HOP_BYTES	8	/* room for a separator and "ff.ff" */

struct line {
	char text[LINE_BYTES];
	size_t used;
	void (*emit)(void *ctx, const char *line);
	void *ctx;
};

__printf(2, 3)
static void add(struct line *line, const char *format, ...)
{
	size_t room = sizeof(line->text) - line->used;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line->text + line->used, room, format, args);
	va_end(args);
	if (length < 0)
		return;
	line->used += (size_t)length < room ? (size_t)length : room - 1;
}

static void end_line(struct line *line)
{
	line->emit(line->ctx, line->text);
	line->text[0] = '\0';
	line->used = 0;
}

/**
 * struct name - a bit and its name in the specification
 * @bit: the bit
 * @name: the name
 */
struct name {
	u8 bit;
	const char *name;
};

static const struct name header_flags[] = {
	{ LAB_DMAR_INTR_REMAP, "INTR_REMAP" },
	{ LAB_DMAR_X2APIC_OPT_OUT, "X2APIC_OPT_OUT" },
	{ LAB_DMAR_DMA_CTRL_OPT_IN, "DMA_CTRL_PLATFORM_OPT_IN" },
	{ LAB_DMAR_REMAP_OPT_OUT, "DMAR_REMAP_OPT_OUT" },
	{ }
};

static const struct name drhd_flags[] = {
	{ LAB_DRHD_INCLUDE_PCI_ALL, "INCLUDE_PCI_ALL" },
	{ }
};

static const struct name atsr_flags[] = {
	{ LAB_ATSR_ALL_PORTS, "ALL_PORTS" },
	{ }
};

static const struct name satc_flags[] = {
	{ LAB_SATC_ATC_REQUIRED, "ATC_REQUIRED" },
	{ }
};

static const struct name sidp_flags[] = {
	{ LAB_SIDP_NESTED_NOT_ALLOWED, "NESTED_NOTALLOWED" },
	{ LAB_SIDP_PWSNP_NOT_ALLOWED, "PWSNP_NOTALLOWED" },
	{ LAB_SIDP_PGSNP_NOT_ALLOWED, "PGSNP_NOTALLOWED" },
	{ LAB_SIDP_ATC_HARDENED, "ATC_HARDENED" },
	{ LAB_SIDP_ATC_REQUIRED, "ATC_REQUIRED" },
	{ }
};

/* flags of scopes: reserved in all structures but one */
static const struct name no_flags[] = {
	{ }
};

static void add_type(struct line *line, const char *name, u32 type)
{
	if (name)
		add(line, "%s", name);
	else
		add(line, "unknown type 0x%02x", type);
}

static void add_flags(struct line *line, const struct name *names, u8 flags)
{
	add(line, "flags 0x%02x", flags);
	for (; names->name; names++) {
		if (flags & names->bit)
			add(line, " %s", names->name);
	}
}

static void add_chars(struct line *line, const u8 *bytes, u32 length)
{
	for (; length--; bytes++)
		add(line, "%c", *bytes >= ' ' && *bytes <= '~' ? *bytes : '?');
}

static void add_id(struct line *line, const char *id)
{
	add(line, " \"");
	add_chars(line, (const u8 *)id, (u32)strlen(id));
	add(line, "\"");
}

static void print_scope(struct line *line, const struct lab_dmar_scope *scope,
			const struct name *flags)
{
	unsigned int hop;

	add(line, "  [0x%04x] ", scope->offset);
	add_type(line, lab_dmar_scope_name(scope->type), scope->type);
	add(line, " ");
	add_flags(line, flags, scope->flags);
	add(line, " id %u bus %02x path", scope->enum_id, scope->start_bus);
	for (hop = 0; hop < scope->hops; hop++) {
		if (line->used + HOP_BYTES > sizeof(line->text)) {
			end_line(line);
			add(line, "    ...");
		}
		add(line, "%s%02x.%x", hop ? "/" : " ", scope->path[2 * hop],
		    scope->path[2 * hop + 1]);
	}
	end_line(line);
}

static void add_drhd(struct line *line, const struct lab_dmar_drhd *drhd)
{
	add(line, " segment %04x registers 0x%016llx size 0x%llx ",
	    drhd->segment, drhd->base, drhd->size);
	add_flags(line, drhd_flags, drhd->flags);
}

static void add_andd(struct line *line, const struct lab_dmar_andd *andd)
{
	u32 shown = andd->name_length;

	add(line, " number %u name \"", andd->number);
	if (shown > NAME_SHOWN)
		shown = NAME_SHOWN;
	add_chars(line, andd->name, shown);
	add(line, "\"%s", shown < andd->name_length ? " ..." : "");
}

static void add_decoded(struct line *line, const struct lab_dmar *dmar,
			const struct lab_dmar_structure *structure)
{
	u32 index = structure->index;

	switch (structure->type) {
	case LAB_DMAR_DRHD:
		add_drhd(line, &dmar->drhds[index]);
		break;
	case LAB_DMAR_RMRR:
		add(line, " segment %04x memory 0x%016llx-0x%016llx",
		    dmar->rmrrs[index].segment, dmar->rmrrs[index].base,
		    dmar->rmrrs[index].limit);
		break;
	case LAB_DMAR_ATSR:
		add(line, " segment %04x ", dmar->atsrs[index].segment);
		add_flags(line, atsr_flags, dmar->atsrs[index].flags);
		break;
	case LAB_DMAR_RHSA:
		add(line, " registers 0x%016llx proximity domain %u",
		    dmar->rhsas[index].base, dmar->rhsas[index].domain);
		break;
	case LAB_DMAR_ANDD:
		add_andd(line, &dmar->andds[index]);
		break;
	case LAB_DMAR_SATC:
		add(line, " segment %04x ", dmar->satcs[index].segment);
		add_flags(line, satc_flags, dmar->satcs[index].flags);
		break;
	case LAB_DMAR_SIDP:
		add(line, " segment %04x", dmar->sidps[index].segment);
		break;
	}
}

static void print_structure(struct line *line, const struct lab_dmar *dmar,
			    const struct lab_dmar_structure *structure)
{
	const struct name *flags = structure->type == LAB_DMAR_SIDP ?
				   sidp_flags : no_flags;
	u32 i;

	add(line, "[0x%04x] ", structure->offset);
	add_type(line, lab_dmar_type_name(structure->type), structure->type);
	add(line, " %u bytes", structure->length);
	if (structure->decoded)
		add_decoded(line, dmar, structure);
	end_line(line);
	for (i = 0; i < structure->nr_scopes; i++)
		print_scope(line, &dmar->scopes[structure->first_scope + i],
			    flags);
}

static void print_finding(struct line *line,
			  const struct lab_finding *finding)
{
	add(line, "%s [0x%04x] %s: %s",
	    lab_severity_name(finding->severity), finding->offset,
	    finding->check, finding->text);
	end_line(line);
}

/**
 * lab_dmar_print - a parsed table as text
 * @dmar: the parsed table, with or without errors
 * @emit: called with each line, which has no newline and is valid during the
 *	call only
 * @ctx: first argument of @emit
 *
 * The header, each structure with its offset and its scopes, each finding. A
 * path too long for a line goes on in the next one. Any context that @emit
 * allows.
 */
void lab_dmar_print(const struct lab_dmar *dmar,
		    void (*emit)(void *ctx, const char *line), void *ctx)
{
	struct line line = { .emit = emit, .ctx = ctx };
	u32 i;

	if (dmar->table) {
		add(&line, "DMAR revision %u %u bytes oem", dmar->revision,
		    dmar->length);
		add_id(&line, dmar->oem_id);
		add_id(&line, dmar->oem_table_id);
		end_line(&line);
		add(&line, "host address width %u bits", dmar->width);
		end_line(&line);
		add_flags(&line, header_flags, dmar->flags);
		end_line(&line);
	}
	for (i = 0; i < dmar->nr_structures; i++)
		print_structure(&line, dmar, &dmar->structures[i]);
	for (i = 0; i < dmar->findings.nr; i++)
		print_finding(&line, &dmar->findings.list[i]);
}
