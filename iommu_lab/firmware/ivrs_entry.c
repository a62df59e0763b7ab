// SPDX-License-Identifier: GPL-2.0
/*
 * IVRS: the device entries of an IVHD (AMD 48882 5.2.2.4 to 5.2.2.9).
 *
 * next_entry() decides what may be read, as lab_acpi_next() does for blocks. The
 * length of an entry follows from its type: an entry of a type whose length nobody
 * knows ends the walk.
 */
#include "bytes.h"
#include "ivrs.h"

#define ENTRY_MIN	4	/* bytes of the shortest entry */
#define HID_FIXED	22	/* bytes of an ACPI HID entry before its UID */

enum entry_type {
	PADDING_4 = 0x00,
	SELECT_ALL = 0x01,
	SELECT = 0x02,
	RANGE_START = 0x03,
	RANGE_END = 0x04,
	PADDING_8 = 0x40,
	ALIAS_SELECT = 0x42,
	ALIAS_START = 0x43,
	EXTENDED_SELECT = 0x46,
	EXTENDED_START = 0x47,
	SPECIAL = 0x48,
	ACPI_HID = 0xf0,
};

enum uid_format {
	UID_NONE = 0,
	UID_INTEGER = 1,
	UID_STRING = 2,
};

enum variety {
	IOAPIC = 1,
	HPET = 2,
};

/**
 * struct walk - what the entries of a block say together
 * @table: the table
 * @block: type of the block
 * @open: offset of the start of a range that has not ended, or 0
 * @special: bit per handle, of I/O APICs and HPETs that were named
 */
struct walk {
	const struct lab_acpi_table *table;
	u8 block;
	u32 open;
	u8 special[2][32];
};

static const struct lab_acpi_bits setting_bits[] = {
	{ "init_pass", 0, 1 },
	{ "eint_pass", 1, 1 },
	{ "nmi_pass", 2, 1 },
	{ "system_management", 4, 2 },
	{ "lint0_pass", 6, 1 },
	{ "lint1_pass", 7, 1 },
	{ }
};

/* of all entries */
static const struct lab_acpi_field entry_fields[] = {
	{ "type", 0, 1 },
	{ "device_id", 1, 2 },
	{ "data_setting", 3, 1, LAB_ACPI_NUMBER, 0x08, setting_bits },
	{ }
};

static const struct lab_acpi_field eight_fields[] = {
	{ "data", 4, 4, LAB_ACPI_HEX },
	{ }
};

static const struct lab_acpi_field alias_fields[] = {
	{ "reserved_4", 4, 1, LAB_ACPI_RESERVED },
	{ "source_device_id", 5, 2 },
	{ "reserved_7", 7, 1, LAB_ACPI_RESERVED },
	{ }
};

static const struct lab_acpi_bits extended_bits[] = {
	{ "ats_disabled", 31, 1 },
	{ }
};

static const struct lab_acpi_field extended_fields[] = {
	{ "extended_data", 4, 4, LAB_ACPI_NUMBER, 0x7fffffff, extended_bits },
	{ }
};

static const struct lab_acpi_field special_fields[] = {
	{ "handle", 4, 1 },
	{ "source_device_id", 5, 2 },
	{ "variety", 7, 1 },
	{ }
};

static const struct lab_acpi_field hid_fields[] = {
	{ "hid", 4, 8, LAB_ACPI_CHARS },
	{ "cid", 12, 8, LAB_ACPI_CHARS },
	{ "uid_format", 20, 1 },
	{ "uid_length", 21, 1 },
	{ }
};

/**
 * struct kind - a type of entry
 * @type: the type
 * @name: what it is called
 * @fields: its fields behind those of all entries, or NULL
 */
struct kind {
	u8 type;
	const char *name;
	const struct lab_acpi_field *fields;
};

static const struct kind kinds[] = {
	{ PADDING_4, "padding", NULL },
	{ SELECT_ALL, "all", NULL },
	{ SELECT, "select", NULL },
	{ RANGE_START, "range-start", NULL },
	{ RANGE_END, "range-end", NULL },
	{ PADDING_8, "padding", eight_fields },
	{ ALIAS_SELECT, "alias", alias_fields },
	{ ALIAS_START, "alias-range-start", alias_fields },
	{ EXTENDED_SELECT, "extended", extended_fields },
	{ EXTENDED_START, "extended-range-start", extended_fields },
	{ SPECIAL, "special", special_fields },
	{ ACPI_HID, "acpi-hid", hid_fields },
	{ }
};

static const struct kind *kind_of(u8 type)
{
	const struct kind *kind;

	for (kind = kinds; kind->name; kind++) {
		if (kind->type == type)
			return kind;
	}
	return NULL;
}

/* Return: bytes of an entry that begins at @at, or 0: nobody knows. */
static u32 entry_length(const struct lab_acpi_table *table, u32 at, u32 end)
{
	u8 type = table->bytes[at];

	if (type < 0x40)
		return 4;
	if (type < 0x80)
		return 8;
	if (type != ACPI_HID)
		return 0;
	/* its last field says how long it is, if that is still there */
	return end - at < HID_FIXED ? HID_FIXED : HID_FIXED + table->bytes[at + 21];
}

static enum lab_acpi_step next_entry(const struct lab_acpi_table *table, u32 at,
				     u32 end, struct lab_acpi_item *item)
{
	if (at == end)
		return LAB_ACPI_END;
	if (end - at < ENTRY_MIN)
		return LAB_ACPI_TRAILING;
	item->offset = at;
	item->type = table->bytes[at];
	item->length = entry_length(table, at, end);
	item->fixed = item->length;
	if (!item->length)
		return LAB_ACPI_SHORT;
	return item->length > end - at ? LAB_ACPI_OVERRUN : LAB_ACPI_ITEM;
}

/* A range is two entries, one right behind the other. */
static void check_range(struct walk *walk, const struct lab_acpi_item *item)
{
	const u8 *bytes = walk->table->bytes;
	u32 at = item->offset;

	if (walk->open && item->type != RANGE_END) {
		lab_report(walk->table->findings, walk->open, LAB_WARNING, "entry-range",
			   "the range is not ended by the next entry, at 0x%x", at);
		walk->open = 0;
	} else if (!walk->open && item->type == RANGE_END) {
		lab_report(walk->table->findings, at, LAB_WARNING, "entry-range",
			   "the end of a range that did not begin");
	} else if (walk->open) {
		if (lab_get_le16(bytes + at + 1) < lab_get_le16(bytes + walk->open + 1))
			lab_report(walk->table->findings, at + 1, LAB_WARNING, "entry-range",
				   "the range ends at %04x, before it begins at %04x",
				   lab_get_le16(bytes + at + 1),
				   lab_get_le16(bytes + walk->open + 1));
		walk->open = 0;
	}
	if (item->type == RANGE_START || item->type == ALIAS_START ||
	    item->type == EXTENDED_START)
		walk->open = at;
}

static void check_special(struct walk *walk, const struct lab_acpi_item *item)
{
	const u8 *bytes = walk->table->bytes + item->offset;
	u8 handle = bytes[4], variety = bytes[7], *seen;

	if (variety != IOAPIC && variety != HPET) {
		lab_report(walk->table->findings, item->offset + 7, LAB_WARNING,
			   "entry-variety",
			   "variety %u of a special device; 1 (I/O APIC) and 2 (HPET) are known",
			   variety);
		return;
	}
	seen = &walk->special[variety - IOAPIC][handle / 8];
	if (*seen & 1u << handle % 8)
		lab_report(walk->table->findings, item->offset + 4, LAB_WARNING,
			   "entry-duplicate", "%s %u was named before in this block",
			   variety == IOAPIC ? "I/O APIC" : "HPET", handle);
	*seen |= (u8)(1u << handle % 8);
}

static void read_hid(struct walk *walk, const struct lab_acpi_item *item)
{
	const u8 *bytes = walk->table->bytes + item->offset;
	u8 format = bytes[20], length = bytes[21];
	enum lab_acpi_meaning meaning = LAB_ACPI_HEX;

	if (walk->block != LAB_IVHD_40)
		lab_report(walk->table->findings, item->offset, LAB_WARNING, "entry-hid",
			   "an ACPI HID entry in an IVHD of type 0x%02x; it belongs into 0x40",
			   walk->block);
	if (!bytes[4])
		lab_report(walk->table->findings, item->offset + 4, LAB_WARNING, "entry-hid",
			   "the hardware ID is empty");
	if (format > UID_STRING)
		lab_report(walk->table->findings, item->offset + 20, LAB_WARNING,
			   "entry-uid", "UID format %u is not known; 2 is the last one",
			   format);
	else if ((format == UID_NONE && length) || (format == UID_INTEGER && length != 8) ||
		 (format == UID_STRING && !length))
		lab_report(walk->table->findings, item->offset + 21, LAB_WARNING,
			   "entry-uid", "a UID of format %u has %u bytes", format, length);
	if (format == UID_INTEGER && length == 8)
		meaning = LAB_ACPI_NUMBER;
	else if (format == UID_STRING)
		meaning = LAB_ACPI_CHARS;
	lab_acpi_show(walk->table, "uid", meaning, item->offset + HID_FIXED,
		      item->offset + item->length);
}

static void read_entry(struct walk *walk, const struct lab_acpi_item *item)
{
	const struct kind *kind = kind_of(item->type);
	const struct lab_acpi_field *fields = kind ? kind->fields : eight_fields;

	if (!kind)
		lab_report(walk->table->findings, item->offset, LAB_NOTE, "entry-unknown",
			   "device entry of unknown type 0x%02x, %u bytes, skipped",
			   item->type, item->length);
	lab_acpi_open(walk->table, kind ? kind->name : "unknown-entry", item->offset);
	lab_acpi_fields(walk->table, entry_fields, item->offset, item->length);
	if (fields)
		lab_acpi_fields(walk->table, fields, item->offset, item->length);
	if (item->type == SPECIAL)
		check_special(walk, item);
	else if (item->type == ACPI_HID)
		read_hid(walk, item);
	lab_acpi_close(walk->table);
	check_range(walk, item);
}

static void report_step(const struct lab_acpi_table *table, enum lab_acpi_step step,
			u32 at, u32 end, const struct lab_acpi_item *item)
{
	switch (step) {
	case LAB_ACPI_TRAILING:
		lab_report(table->findings, at, LAB_WARNING, "entry-trailing",
			   "%u bytes behind the last device entry, too few for one more",
			   end - at);
		break;
	case LAB_ACPI_SHORT:
		lab_report(table->findings, at, LAB_ERROR, "entry-length",
			   "nobody knows how long a device entry of type 0x%02x is: %u bytes not read",
			   item->type, end - at);
		break;
	case LAB_ACPI_OVERRUN:
		lab_report(table->findings, at, LAB_ERROR, "entry-overrun",
			   "device entry of type 0x%02x has %u bytes; its block ends after %u",
			   item->type, item->length, end - at);
		break;
	case LAB_ACPI_ITEM:
	case LAB_ACPI_END:
		break;
	}
}

/**
 * lab_ivhd_entries - the device entries of an IVHD
 * @table: the table
 * @item: the IVHD
 * @end: bytes before its first entry
 */
void lab_ivhd_entries(const struct lab_acpi_table *table,
		      const struct lab_acpi_item *item, u32 end)
{
	struct walk walk = { .table = table, .block = item->type };
	u32 at = item->offset + end, limit = item->offset + item->length;
	struct lab_acpi_item entry;
	enum lab_acpi_step step;

	lab_acpi_list(table, "entries");
	while ((step = next_entry(table, at, limit, &entry)) == LAB_ACPI_ITEM) {
		read_entry(&walk, &entry);
		at += entry.length;
	}
	lab_acpi_end_list(table);
	report_step(table, step, at, limit, &entry);
	if (walk.open)
		lab_report(table->findings, walk.open, LAB_WARNING, "entry-range",
			   "the range has no end");
	lab_acpi_show(table, "rest", LAB_ACPI_HEX, at, limit);
}
