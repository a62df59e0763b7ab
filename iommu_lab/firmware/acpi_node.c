// SPDX-License-Identifier: GPL-2.0
/* Structures one behind the other: the walk, and what all formats check the same way. */
#include "acpi_node.h"
#include "bytes.h"

/**
 * lab_acpi_rest - tell the visitor what is left of a structure's fixed part
 * @table: the table
 * @item: the structure
 * @end: bytes of it that were told
 */
void lab_acpi_rest(const struct lab_acpi_table *table,
		   const struct lab_acpi_item *item, u32 end)
{
	lab_acpi_show(table, "rest", LAB_ACPI_HEX, item->offset + end,
		      item->offset + item->fixed);
}

/**
 * lab_acpi_next - the next structure of a walk
 * @table: the table
 * @nodes: how its structures are laid out
 * @at: where it would begin, at most the table's length
 * @item: the structure, with LAB_ACPI_ITEM; with LAB_ACPI_SHORT and LAB_ACPI_OVERRUN
 *	what its header says
 *
 * Return: whether there is one.
 */
enum lab_acpi_step lab_acpi_next(const struct lab_acpi_table *table,
				 const struct lab_acpi_nodes *nodes, u32 at,
				 struct lab_acpi_item *item)
{
	if (at == table->length)
		return LAB_ACPI_END;
	if (table->length - at < nodes->header)
		return LAB_ACPI_TRAILING;
	item->offset = at;
	item->type = table->bytes[at];
	item->length = lab_get_le16(table->bytes + at + nodes->length_at);
	item->fixed = item->length;
	if (item->length < nodes->header)
		return LAB_ACPI_SHORT;
	if (item->length > table->length - at)
		return LAB_ACPI_OVERRUN;
	if (nodes->fixed)
		item->fixed = nodes->fixed(table, item);
	return LAB_ACPI_ITEM;
}

static const struct lab_acpi_kind *kind_of(const struct lab_acpi_nodes *nodes, u8 type)
{
	const struct lab_acpi_kind *kind;

	for (kind = nodes->kinds; kind->name; kind++) {
		if (kind->type == type)
			return kind;
	}
	return NULL;
}

/* So that references forward can be judged as well. */
static void mark_nodes(struct lab_acpi_table *table, const struct lab_acpi_nodes *nodes,
		       u32 at, u32 count)
{
	struct lab_acpi_item item;

	for (; count && lab_acpi_next(table, nodes, at, &item) == LAB_ACPI_ITEM; count--) {
		table->nodes[at] = (u8)(item.type < 254 ? item.type + 1 : 255);
		at += item.length;
	}
}

/* What is not understood is passed on as it is. */
static void read_opaque(const struct lab_acpi_table *table,
			const struct lab_acpi_nodes *nodes,
			const struct lab_acpi_item *item, const char *name)
{
	lab_acpi_open(table, name, item->offset);
	lab_acpi_fields(table, nodes->fields, item->offset, nodes->header);
	if (nodes->opaque)
		lab_acpi_fields(table, nodes->opaque, item->offset, nodes->header);
	lab_acpi_show(table, "data", LAB_ACPI_HEX, item->offset + nodes->header,
		      item->offset + item->length);
	lab_acpi_close(table);
}

static void read_node(const struct lab_acpi_table *table,
		      const struct lab_acpi_nodes *nodes,
		      struct lab_acpi_item *item)
{
	const struct lab_acpi_kind *kind = kind_of(nodes, item->type);
	u32 end;

	if (!kind) {
		lab_report(table->findings, item->offset, LAB_NOTE, "structure-unknown",
			   "structure of unknown type 0x%02x, %u bytes, skipped",
			   item->type, item->length);
		read_opaque(table, nodes, item, "unknown");
		return;
	}
	if (item->length < kind->least) {
		lab_report(table->findings, item->offset, LAB_ERROR, "structure-length",
			   "%s has length %u; %u is the least", kind->name,
			   item->length, kind->least);
		read_opaque(table, nodes, item, "short");
		return;
	}
	if (item->fixed < kind->least) {
		lab_report(table->findings, item->offset, LAB_ERROR, "array-offset",
			   "ID mappings from byte %u on, inside the fields of %s, %u bytes",
			   item->fixed, kind->name, kind->least);
		item->fixed = item->length;
	}
	lab_acpi_open(table, kind->name, item->offset);
	lab_acpi_fields(table, nodes->fields, item->offset, nodes->header);
	end = lab_acpi_fields(table, kind->fields, item->offset, item->fixed);
	if (kind->read)
		kind->read(table, item, end);
	else
		lab_acpi_rest(table, item, end);
	lab_acpi_close(table);
}

static void report_step(const struct lab_acpi_table *table,
			const struct lab_acpi_nodes *nodes, enum lab_acpi_step step,
			u32 at, const struct lab_acpi_item *item)
{
	switch (step) {
	case LAB_ACPI_TRAILING:
		lab_report(table->findings, at, LAB_WARNING, "structure-trailing",
			   "%u bytes behind the last structure, too few for one more",
			   table->length - at);
		break;
	case LAB_ACPI_SHORT:
		lab_report(table->findings, at, LAB_ERROR, "structure-length",
			   "structure of type 0x%02x has length %u; %u is the least",
			   item->type, item->length, nodes->header);
		break;
	case LAB_ACPI_OVERRUN:
		lab_report(table->findings, at, LAB_ERROR, "structure-overrun",
			   "structure of type 0x%02x has length %u; the table ends after %u bytes",
			   item->type, item->length, table->length - at);
		break;
	case LAB_ACPI_ITEM:
	case LAB_ACPI_END:
		break;
	}
}

/**
 * lab_acpi_read_nodes - read the structures of a table
 * @table: the table
 * @nodes: how they are laid out
 * @first: offset of the first one, at most the table's length
 * @count: how many the table says there are; ~0 if it does not say
 */
void lab_acpi_read_nodes(struct lab_acpi_table *table,
			 const struct lab_acpi_nodes *nodes, u32 first, u32 count)
{
	enum lab_acpi_step step = LAB_ACPI_END;
	struct lab_acpi_item item;
	u32 at = first, nr = 0;

	table->first = first;
	if (table->nodes)
		mark_nodes(table, nodes, first, count);
	lab_acpi_list(table, nodes->list);
	for (; nr < count; nr++) {
		step = lab_acpi_next(table, nodes, at, &item);
		if (step != LAB_ACPI_ITEM)
			break;
		read_node(table, nodes, &item);
		at += item.length;
	}
	lab_acpi_end_list(table);
	report_step(table, nodes, step, at, &item);

	if (!table->nodes)
		return;
	if (nr < count)
		lab_report(table->findings, 36, LAB_ERROR, "node-count",
			   "the table counts %u nodes, and has %u", count, nr);
	else if (at < table->length)
		lab_report(table->findings, at, LAB_WARNING, "node-count",
			   "%u bytes behind the last of %u nodes",
			   table->length - at, count);
}

/**
 * lab_acpi_first_node - check where the first node is
 * @table: the table
 * @at: offset of the field that says so
 * @first: what it says
 * @header: bytes of the table's header
 *
 * Return: whether nodes can be read from @first on.
 */
bool lab_acpi_first_node(const struct lab_acpi_table *table, u32 at, u32 first,
			 u32 header)
{
	if (first >= header && first <= table->length)
		return true;
	lab_report(table->findings, at, LAB_ERROR, "node-offset",
		   "the first node is at 0x%x, neither behind the header of 0x%x nor in the table of 0x%x bytes",
		   first, header, table->length);
	return false;
}

/**
 * lab_acpi_earlier - an earlier node with the same value
 * @table: a table with nodes
 * @nodes: how they are laid out
 * @item: the node that is compared with earlier ones
 * @types: bit n: with those of type n
 * @at: where the value is, from the first byte of the node
 * @size: its bytes: 1, 2, 4 or 8
 *
 * Return: the offset of the first such node, or 0.
 */
u32 lab_acpi_earlier(const struct lab_acpi_table *table,
		     const struct lab_acpi_nodes *nodes,
		     const struct lab_acpi_item *item, u32 types, u32 at, u32 size)
{
	u64 value = lab_acpi_get(table, item->offset + at, size);
	struct lab_acpi_item other;
	u32 offset;

	for (offset = table->first; offset < item->offset; offset += other.length) {
		if (lab_acpi_next(table, nodes, offset, &other) != LAB_ACPI_ITEM)
			return 0;
		if (other.type < 32 && (types >> other.type & 1) &&
		    other.fixed >= at + size &&
		    lab_acpi_get(table, offset + at, size) == value)
			return offset;
	}
	return 0;
}

/**
 * lab_acpi_array - how much of an array is inside its structure
 * @table: the table
 * @item: the structure
 * @start: where the array begins, from the first byte of the structure
 * @count: elements
 * @size: bytes of an element
 * @what: what they are, in the plural
 *
 * Return: elements that are wholly inside: @count, or less, with a finding.
 */
u32 lab_acpi_array(const struct lab_acpi_table *table,
		   const struct lab_acpi_item *item, u32 start, u32 count,
		   u32 size, const char *what)
{
	u32 room = start > item->length ? 0 : (item->length - start) / size;

	if (count <= room)
		return count;
	lab_report(table->findings, item->offset, LAB_ERROR, "array-overrun",
		   "%u %s from byte %u on; the structure ends after %u bytes",
		   count, what, start, item->length);
	return room;
}

/**
 * lab_acpi_name - tell the visitor a name of the ACPI namespace, and check it
 * @table: the table
 * @item: the structure
 * @at: where it begins, from the first byte of the structure; it ends with a NUL
 *
 * Return: bytes from the first byte of the structure to behind the NUL.
 */
u32 lab_acpi_name(const struct lab_acpi_table *table,
		  const struct lab_acpi_item *item, u32 at)
{
	const u8 *name = table->bytes + item->offset + at;
	u32 room = item->fixed - at, length = 0;

	while (length < room && name[length])
		length++;
	lab_acpi_show(table, "name", LAB_ACPI_CHARS, item->offset + at,
		      item->offset + at + length);
	if (length == room) {
		lab_report(table->findings, item->offset + at, LAB_ERROR, "name",
			   "the name has no NUL behind it in %u bytes", room);
		return at + length;
	}
	if (name[0] != '\\')
		lab_report(table->findings, item->offset + at, LAB_WARNING, "name",
			   "the name is not a full path, which begins with a backslash");
	return at + length + 1;
}

/**
 * lab_acpi_reference - check a reference to a node
 * @table: a table with nodes
 * @at: offset of the field that refers to it
 * @node: what the field says
 * @types: bit n: it can be a node of type n
 */
void lab_acpi_reference(const struct lab_acpi_table *table, u32 at, u32 node,
			u32 types)
{
	u32 type;

	if (node >= table->length || !table->nodes[node]) {
		lab_report(table->findings, at, LAB_ERROR, "reference",
			   "0x%x is not the offset of a node", node);
		return;
	}
	type = table->nodes[node] - 1u;
	if (type >= 32 || !(types >> type & 1))
		lab_report(table->findings, at, LAB_ERROR, "reference-type",
			   "the node at 0x%x is of type %u, which cannot be referred to here",
			   node, type);
}
