/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The structures of IVRS, IORT, VIOT and RIMT: one behind the other, each with its
 * type and length in a header.
 *
 * lab_acpi_next() decides what may be read: it gives a structure that lies wholly
 * inside its container and is at least one header long, or says why there is none.
 * So every walk ends. Arrays inside a structure go through lab_acpi_array().
 */
#ifndef IOMMU_LAB_FIRMWARE_ACPI_NODE_H
#define IOMMU_LAB_FIRMWARE_ACPI_NODE_H

#include "acpi_table.h"

/* a set of types of nodes */
#define LAB_ACPI_TYPE(type)	(1u << (type))

/**
 * enum lab_acpi_step - what a walk finds next
 * @LAB_ACPI_ITEM: a structure, wholly inside the container
 * @LAB_ACPI_END: the end of the container
 * @LAB_ACPI_TRAILING: bytes, too few for a structure's header
 * @LAB_ACPI_SHORT: a structure whose length is less than its header
 * @LAB_ACPI_OVERRUN: a structure that ends behind its container
 */
enum lab_acpi_step {
	LAB_ACPI_ITEM,
	LAB_ACPI_END,
	LAB_ACPI_TRAILING,
	LAB_ACPI_SHORT,
	LAB_ACPI_OVERRUN,
};

/**
 * struct lab_acpi_item - a structure, before a look inside
 * @offset: of its first byte
 * @length: bytes, as the table has it; sound with LAB_ACPI_ITEM only
 * @fixed: bytes from @offset that can be fields; arrays may follow
 * @type: as the table has it
 */
struct lab_acpi_item {
	u32 offset;
	u32 length;
	u32 fixed;
	u8 type;
};

/**
 * struct lab_acpi_kind - a type of structure that is decoded
 * @type: the type
 * @name: what it is called
 * @least: bytes without which it is none
 * @fields: its fields behind those of the header
 * @read: reads what follows the fields, which are @end bytes, and checks; or NULL:
 *	nothing follows
 *
 * The last row of a list has no name.
 */
struct lab_acpi_kind {
	u8 type;
	const char *name;
	u16 least;
	const struct lab_acpi_field *fields;
	void (*read)(const struct lab_acpi_table *table,
		     const struct lab_acpi_item *item, u32 end);
};

/**
 * struct lab_acpi_nodes - how the structures of a format are laid out
 * @list: what they are called together
 * @header: bytes of a structure's header
 * @length_at: where its length (2 bytes) is; the type is the first byte
 * @kinds: types that are decoded
 * @fields: fields of the header, of all types
 * @opaque: more of them, for types that are not decoded, or NULL
 * @fixed: bytes of a structure that can be fields, or NULL: all of them
 */
struct lab_acpi_nodes {
	const char *list;
	u8 header;
	u8 length_at;
	const struct lab_acpi_kind *kinds;
	const struct lab_acpi_field *fields;
	const struct lab_acpi_field *opaque;
	u32 (*fixed)(const struct lab_acpi_table *table,
		     const struct lab_acpi_item *item);
};

/**
 * struct lab_acpi_mappings - ID mappings (IORT, RIMT): 20 bytes each, with the first
 * input ID, a count, the first output ID, the offset of a node, flags
 * @fields: of a mapping
 * @last: IDs of a mapping are the count and so many
 * @targets: bit n: a node of type n can be referred to
 * @single: bits of the flags that say that input IDs do not matter
 */
struct lab_acpi_mappings {
	const struct lab_acpi_field *fields;
	u8 last;
	u32 targets;
	u32 single;
};

/* acpi_node.c */
enum lab_acpi_step lab_acpi_next(const struct lab_acpi_table *table,
				 const struct lab_acpi_nodes *nodes, u32 at,
				 struct lab_acpi_item *item);
void lab_acpi_read_nodes(struct lab_acpi_table *table,
			 const struct lab_acpi_nodes *nodes, u32 first, u32 count);
void lab_acpi_rest(const struct lab_acpi_table *table,
		   const struct lab_acpi_item *item, u32 end);
bool lab_acpi_first_node(const struct lab_acpi_table *table, u32 at, u32 first,
			 u32 header);
u32 lab_acpi_earlier(const struct lab_acpi_table *table,
		     const struct lab_acpi_nodes *nodes,
		     const struct lab_acpi_item *item, u32 types, u32 at, u32 size);
u32 lab_acpi_array(const struct lab_acpi_table *table,
		   const struct lab_acpi_item *item, u32 start, u32 count,
		   u32 size, const char *what);
u32 lab_acpi_name(const struct lab_acpi_table *table,
		  const struct lab_acpi_item *item, u32 at);
void lab_acpi_reference(const struct lab_acpi_table *table, u32 at, u32 node,
			u32 types);

/* acpi_mapping.c */
void lab_acpi_read_mappings(const struct lab_acpi_table *table,
			    const struct lab_acpi_item *item, u32 start, u32 count,
			    const struct lab_acpi_mappings *mappings);

#endif
