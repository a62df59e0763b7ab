// SPDX-License-Identifier: GPL-2.0
/*
 * A parsed DMAR table as text, one line at a time.
 *
 * Bytes that firmware chose are printed as they are only when they are
 * printable: the text ends up on terminals.
 */
#include "dmar.h"

#define LINE_BYTES	192
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
 * struct name - a value and its name in the specification
 * @value: a type, or a bit
 * @name: the name
 */
struct name {
	u32 value;
	const char *name;
};

static const struct name structure_names[] = {
	{ LAB_DMAR_DRHD, "DRHD" },
	{ LAB_DMAR_RMRR, "RMRR" },
	{ LAB_DMAR_ATSR, "ATSR" },
	{ LAB_DMAR_RHSA, "RHSA" },
	{ LAB_DMAR_ANDD, "ANDD" },
	{ LAB_DMAR_SATC, "SATC" },
	{ LAB_DMAR_SIDP, "SIDP" },
	{ }
};

static const struct name scope_names[] = {
	{ LAB_SCOPE_ENDPOINT, "pci-endpoint" },
	{ LAB_SCOPE_SUB_HIERARCHY, "pci-bridge" },
	{ LAB_SCOPE_IOAPIC, "ioapic" },
	{ LAB_SCOPE_HPET, "hpet" },
	{ LAB_SCOPE_NAMESPACE, "acpi-namespace" },
	{ }
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

static void add_type(struct line *line, const struct name *names, u32 type)
{
	for (; names->name; names++) {
		if (names->value == type) {
			add(line, "%s", names->name);
			return;
		}
	}
	add(line, "unknown type 0x%02x", type);
}

static void add_flags(struct line *line, const struct name *names, u8 flags)
{
	add(line, "flags 0x%02x", flags);
	for (; names->name; names++) {
		if (flags & names->value)
			add(line, " %s", names->name);
	}
}

static void add_id(struct line *line, const char *id)
{
	add(line, " \"");
	for (; *id; id++)
		add(line, "%c", *id >= ' ' && *id <= '~' ? *id : '?');
	add(line, "\"");
}

static void print_scope(struct line *line, const struct lab_dmar_scope *scope)
{
	unsigned int hop;

	add(line, "  [0x%04x] ", scope->offset);
	add_type(line, scope_names, scope->type);
	add(line, " flags 0x%02x id %u bus %02x path", scope->flags,
	    scope->enum_id, scope->start_bus);
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

static void print_scopes(struct line *line, const struct lab_dmar *dmar,
			 u32 first, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		print_scope(line, &dmar->scopes[first + i]);
}

static void print_drhd(struct line *line, const struct lab_dmar *dmar,
		       const struct lab_dmar_drhd *drhd)
{
	add(line, " segment %04x registers 0x%016llx size 0x%llx ",
	    drhd->segment, drhd->base, drhd->size);
	add_flags(line, drhd_flags, drhd->flags);
	end_line(line);
	print_scopes(line, dmar, drhd->first_scope, drhd->nr_scopes);
}

static void print_rmrr(struct line *line, const struct lab_dmar *dmar,
		       const struct lab_dmar_rmrr *rmrr)
{
	add(line, " segment %04x memory 0x%016llx-0x%016llx", rmrr->segment,
	    rmrr->base, rmrr->limit);
	end_line(line);
	print_scopes(line, dmar, rmrr->first_scope, rmrr->nr_scopes);
}

static void print_structure(struct line *line, const struct lab_dmar *dmar,
			    const struct lab_dmar_structure *structure)
{
	add(line, "[0x%04x] ", structure->offset);
	add_type(line, structure_names, structure->type);
	add(line, " %u bytes", structure->length);
	if (!structure->decoded)
		end_line(line);
	else if (structure->type == LAB_DMAR_DRHD)
		print_drhd(line, dmar, &dmar->drhds[structure->index]);
	else
		print_rmrr(line, dmar, &dmar->rmrrs[structure->index]);
}

static void print_finding(struct line *line,
			  const struct lab_finding *finding)
{
	add(line, "%s [0x%04x] %s: %s",
	    lab_severity_name(finding->severity), finding->offset, finding->check, finding->text);
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
