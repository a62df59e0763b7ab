// SPDX-License-Identifier: GPL-2.0
/*
 * A DMAR table made piece by piece (VT-d 8, ACPI 5.2.6).
 *
 * The builder makes sound structures only: what cannot be encoded is an error.
 * The first error sticks, so the caller looks once, at lab_dmar_finish().
 */
#include "dmar.h"
#include "bytes.h"
#include "dmar_layout.h"

#define FIRST_ROOM		256	/* bytes */
#define STRUCTURE_MAX		0xffff	/* its length is two bytes */

static void fail(struct lab_dmar_builder *builder, int error)
{
	if (!builder->error)
		builder->error = error;
}

/* Return: @length zeroed bytes at the end of the table, or NULL. */
static u8 *append(struct lab_dmar_builder *builder, u32 length)
{
	u32 room = builder->room ? builder->room : FIRST_ROOM;
	u8 *bytes;

	if (builder->error)
		return NULL;
	if (length > LAB_DMAR_MAX_LENGTH - builder->length) {
		fail(builder, -EINVAL);
		return NULL;
	}

	while (room - builder->length < length)
		room *= 2;
	if (room != builder->room) {
		bytes = lab_port_calloc(room, 1);
		if (!bytes) {
			fail(builder, -ENOMEM);
			return NULL;
		}
		if (builder->length)
			memcpy(bytes, builder->bytes, builder->length);
		lab_port_free(builder->bytes);
		builder->bytes = bytes;
		builder->room = room;
	}

	bytes = builder->bytes + builder->length;
	builder->length += length;
	return bytes;
}

/**
 * lab_dmar_begin - start a table
 * @builder: the builder; whatever is in it is not looked at
 * @width_bits: host address width in bits, 1 to 64
 * @flags: LAB_DMAR_*
 *
 * May sleep. lab_dmar_builder_free() must follow, on every path. VT-d 8.1.
 */
void lab_dmar_begin(struct lab_dmar_builder *builder, unsigned int width_bits,
		    u8 flags)
{
	u8 *header;

	memset(builder, 0, sizeof(*builder));
	if (!width_bits || width_bits > 64) {
		fail(builder, -EINVAL);
		return;
	}
	header = append(builder, LAB_DMAR_HEADER);
	if (!header)
		return;
	memcpy(header, "DMAR", 4);
	header[8] = 1;				/* revision */
	memcpy(header + 10, "IOMLAB", 6);	/* OEM id */
	memcpy(header + 16, "TOPOLOGY", 8);	/* OEM table id */
	lab_put_le32(header + 24, 1);		/* OEM revision */
	memcpy(header + 28, "ILAB", 4);		/* creator id */
	lab_put_le32(header + 32, 1);		/* creator revision */
	header[36] = (u8)(width_bits - 1);
	header[37] = flags;
}

/**
 * lab_dmar_add_structure - add a structure of any type
 * @builder: the builder
 * @type: enum lab_dmar_type, or any other value
 * @body: what follows type and length, or NULL when @length is 0
 * @length: bytes of @body
 *
 * May sleep. The error is -EINVAL when the structure is too long, -ENOMEM.
 */
void lab_dmar_add_structure(struct lab_dmar_builder *builder, u16 type,
			    const u8 *body, u32 length)
{
	u32 offset = builder->length;
	u8 *bytes;

	if (length > STRUCTURE_MAX - STRUCTURE_HEADER) {
		fail(builder, -EINVAL);
		return;
	}
	bytes = append(builder, STRUCTURE_HEADER + length);
	if (!bytes)
		return;
	lab_put_le16(bytes, type);
	lab_put_le16(bytes + 2, (u16)(STRUCTURE_HEADER + length));
	if (length)
		memcpy(bytes + STRUCTURE_HEADER, body, length);
	builder->structure = offset;
}

/**
 * lab_dmar_add_drhd - add a remapping unit
 * @builder: the builder
 * @segment: PCI segment of its devices
 * @base: physical address of its registers
 * @size_log2_pages: log2 of its register window in pages of 4 KiB, 0 to 15
 * @flags: LAB_DRHD_*
 *
 * May sleep. The error is -EINVAL or -ENOMEM. VT-d 8.3.
 */
void lab_dmar_add_drhd(struct lab_dmar_builder *builder, u16 segment, u64 base,
		       unsigned int size_log2_pages, u8 flags)
{
	u8 body[12] = { flags, (u8)size_log2_pages };

	if (size_log2_pages > 15) {
		fail(builder, -EINVAL);
		return;
	}
	lab_put_le16(body + 2, segment);
	lab_put_le64(body + 4, base);
	lab_dmar_add_structure(builder, LAB_DMAR_DRHD, body, sizeof(body));
}

/**
 * lab_dmar_add_rmrr - add a reserved memory region
 * @builder: the builder
 * @segment: PCI segment of its devices
 * @base: first physical address
 * @limit: last physical address (inclusive), not below @base
 *
 * May sleep. The error is -EINVAL or -ENOMEM. VT-d 8.4.
 */
void lab_dmar_add_rmrr(struct lab_dmar_builder *builder, u16 segment, u64 base,
		       u64 limit)
{
	u8 body[20] = { };

	if (limit < base) {
		fail(builder, -EINVAL);
		return;
	}
	lab_put_le16(body + 2, segment);
	lab_put_le64(body + 4, base);
	lab_put_le64(body + 12, limit);
	lab_dmar_add_structure(builder, LAB_DMAR_RMRR, body, sizeof(body));
}

/* ATSR, SATC and SIDP: one byte of flags, a segment, then scopes */
static void add_short(struct lab_dmar_builder *builder, u16 type, u8 flags,
		      u16 segment)
{
	u8 body[4] = { flags };

	lab_put_le16(body + 2, segment);
	lab_dmar_add_structure(builder, type, body, sizeof(body));
}

/**
 * lab_dmar_add_atsr - add root ports with address translation services
 * @builder: the builder
 * @segment: PCI segment of the root ports
 * @flags: LAB_ATSR_*
 *
 * May sleep. The error is -EINVAL or -ENOMEM. VT-d 8.5.
 */
void lab_dmar_add_atsr(struct lab_dmar_builder *builder, u16 segment, u8 flags)
{
	add_short(builder, LAB_DMAR_ATSR, flags, segment);
}

/**
 * lab_dmar_add_rhsa - add the affinity of a unit
 * @builder: the builder
 * @base: physical address of the unit's registers
 * @domain: proximity domain
 *
 * May sleep. The error is -EINVAL or -ENOMEM. VT-d 8.6.
 */
void lab_dmar_add_rhsa(struct lab_dmar_builder *builder, u64 base, u32 domain)
{
	u8 body[16] = { };

	lab_put_le64(body + 4, base);
	lab_put_le32(body + 12, domain);
	lab_dmar_add_structure(builder, LAB_DMAR_RHSA, body, sizeof(body));
}

/**
 * lab_dmar_add_andd - add an ACPI name-space device
 * @builder: the builder
 * @number: by which scopes of type LAB_SCOPE_NAMESPACE name it
 * @name: its ACPI object name, from the root: it begins with a backslash
 *
 * May sleep. The error is -EINVAL when @name is relative or the structure would
 * be too long, -ENOMEM. VT-d 8.7.
 */
void lab_dmar_add_andd(struct lab_dmar_builder *builder, u8 number,
		       const char *name)
{
	u8 body[4] = { 0, 0, 0, number };
	size_t length = strlen(name) + 1;
	u8 *bytes;

	if (*name != '\\' ||
	    length > STRUCTURE_MAX - STRUCTURE_HEADER - sizeof(body)) {
		fail(builder, -EINVAL);
		return;
	}
	lab_dmar_add_structure(builder, LAB_DMAR_ANDD, body, sizeof(body));
	bytes = append(builder, (u32)length);
	if (!bytes)
		return;
	memcpy(bytes, name, length);
	lab_put_le16(builder->bytes + builder->structure + STRUCTURE_LENGTH,
		     (u16)(builder->length - builder->structure));
}

/**
 * lab_dmar_add_satc - add devices with a translation cache
 * @builder: the builder
 * @segment: PCI segment of the devices
 * @flags: LAB_SATC_*
 *
 * May sleep. The error is -EINVAL or -ENOMEM. VT-d 8.8.
 */
void lab_dmar_add_satc(struct lab_dmar_builder *builder, u16 segment, u8 flags)
{
	add_short(builder, LAB_DMAR_SATC, flags, segment);
}

/**
 * lab_dmar_add_sidp - add properties of devices, which are its scopes' flags
 * @builder: the builder
 * @segment: PCI segment of the devices
 *
 * May sleep. The error is -EINVAL or -ENOMEM. VT-d 8.9.
 */
void lab_dmar_add_sidp(struct lab_dmar_builder *builder, u16 segment)
{
	add_short(builder, LAB_DMAR_SIDP, 0, segment);
}

static bool path_is_sound(const u8 *path, unsigned int hops)
{
	unsigned int hop;

	if (!hops || hops > LAB_DMAR_MAX_HOPS)
		return false;
	for (hop = 0; hop < hops; hop++) {
		if (path[2 * hop] > 31 || path[2 * hop + 1] > 7)
			return false;
	}
	return true;
}

/**
 * lab_dmar_add_scope - add a device scope to the last structure
 * @builder: the builder
 * @type: enum lab_dmar_scope_type
 * @flags: of a scope in a SIDP, else 0
 * @enum_id: I/O APIC, timer block or ANDD number, else 0
 * @start_bus: bus of the first hop
 * @path: pairs of device (0 to 31) and function (0 to 7)
 * @hops: how many pairs, 1 to LAB_DMAR_MAX_HOPS
 *
 * May sleep. The error is -EINVAL when there is no structure, when it would
 * grow beyond 65535 bytes, or when the path is wrong; -ENOMEM. VT-d 8.3.1.
 */
void lab_dmar_add_scope(struct lab_dmar_builder *builder, u8 type, u8 flags,
			u8 enum_id, u8 start_bus, const u8 *path,
			unsigned int hops)
{
	u32 length = SCOPE_HEADER + 2 * hops;
	u8 *bytes;

	if (!builder->structure || !path_is_sound(path, hops) ||
	    builder->length - builder->structure > STRUCTURE_MAX - length) {
		fail(builder, -EINVAL);
		return;
	}
	bytes = append(builder, length);
	if (!bytes)
		return;
	bytes[0] = type;
	bytes[1] = (u8)length;
	bytes[2] = flags;
	bytes[4] = enum_id;
	bytes[5] = start_bus;
	memcpy(bytes + SCOPE_HEADER, path, 2 * hops);
	lab_put_le16(builder->bytes + builder->structure + 2,
		     (u16)(builder->length - builder->structure));
}

/**
 * lab_dmar_finish - the table, with length and checksum
 * @builder: the builder; it keeps nothing of the table, and lab_dmar_begin()
 *	starts the next one
 * @length: where to put its length in bytes
 *
 * Any context.
 *
 * Return: the table, for lab_dmar_table_free(), or NULL: builder->error says
 * why.
 */
u8 *lab_dmar_finish(struct lab_dmar_builder *builder, size_t *length)
{
	u8 *table = builder->bytes;

	if (!table)
		fail(builder, -EINVAL);
	if (builder->error)
		return NULL;
	lab_put_le32(table + 4, builder->length);
	table[9] = (u8)-lab_byte_sum(table, builder->length);
	*length = builder->length;
	builder->bytes = NULL;
	builder->length = 0;
	builder->room = 0;
	builder->structure = 0;
	return table;
}

/**
 * lab_dmar_builder_free - give back what a builder still holds
 * @builder: the builder, after lab_dmar_begin()
 *
 * May sleep.
 */
void lab_dmar_builder_free(struct lab_dmar_builder *builder)
{
	lab_port_free(builder->bytes);
	builder->bytes = NULL;
}

/**
 * lab_dmar_table_free - give back a table of lab_dmar_finish()
 * @table: the table, or NULL
 *
 * May sleep.
 */
void lab_dmar_table_free(u8 *table)
{
	lab_port_free(table);
}
