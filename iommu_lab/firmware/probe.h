/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What remapping units the machine has that the module runs on, by what its firmware
 * says. Only looked at: the units belong to the kernel's own drivers.
 *
 * source    where units are found: a DMAR, an IORT, an IVRS, or the device tree
 * client    what is behind a unit: a device, or a range of IDs
 * ID        what a request carries into the mapping: a requester ID (BDF), or the
 *           input ID of an IORT mapping
 * stream    what the unit sees of it: a stream ID, or the BDF of an alias
 *
 * The sources are asked in this order, and the first one that is valid and names a unit
 * is the machine's; without one it is the module's own table. Sources are never mixed:
 * two of them may describe the same unit.
 */
#ifndef IOMMU_LAB_FIRMWARE_PROBE_H
#define IOMMU_LAB_FIRMWARE_PROBE_H

#include "dt.h"
#include "port.h"

#define LAB_PROBE_NAME	96	/* bytes of a name, with its NUL */
#define LAB_PROBE_NOBODY (~0u)	/* index of no unit */

/**
 * enum lab_probe_source - where units are found, in the order in which it is asked
 * @LAB_PROBE_DMAR: Intel
 * @LAB_PROBE_IORT: Arm
 * @LAB_PROBE_IVRS: AMD
 * @LAB_PROBE_TREE: the device tree
 * @LAB_PROBE_BUILT_IN: none of them: the module's own table. There are so many others
 */
enum lab_probe_source {
	LAB_PROBE_DMAR,
	LAB_PROBE_IORT,
	LAB_PROBE_IVRS,
	LAB_PROBE_TREE,
	LAB_PROBE_BUILT_IN,
};

/**
 * enum lab_probe_state - what there is of a source
 * @LAB_PROBE_ABSENT: nothing
 * @LAB_PROBE_VALID: it can be used
 * @LAB_PROBE_INVALID: it is there, and is passed over: the table has an error
 */
enum lab_probe_state {
	LAB_PROBE_ABSENT,
	LAB_PROBE_VALID,
	LAB_PROBE_INVALID,
};

/**
 * struct lab_probe_unit - a remapping unit
 * @type: what it is, a constant
 * @name: where firmware has it: a segment, a node, a function
 * @base: physical address of its registers, or 0: nobody says
 * @size: bytes of its registers, or 0: nobody says
 * @key: by what clients name it in its source: the offset of its node, its phandle,
 *	the type of its block
 */
struct lab_probe_unit {
	const char *type;
	char name[LAB_PROBE_NAME];
	u64 base;
	u64 size;
	u32 key;
};

/**
 * struct lab_probe_client - what is behind a unit
 * @unit: index of the unit
 * @kind: what it is, a constant
 * @name: which one
 * @has_ids: @first to @last are its IDs
 * @has_stream: @stream is of the first ID, those of the others follow
 * @one_stream: with @has_stream: all of them have that one
 * @first: first ID
 * @last: last ID
 * @stream: stream ID, or the BDF of an alias
 * @mask: of an iommu-map: bits of an ID that count; of the iommus of a unit with two
 *	cells: bits of a stream ID that do not; or 0: there is none
 */
struct lab_probe_client {
	u32 unit;
	const char *kind;
	char name[LAB_PROBE_NAME];
	bool has_ids;
	bool has_stream;
	bool one_stream;
	u32 first;
	u32 last;
	u32 stream;
	u32 mask;
};

/**
 * struct lab_probe - what was found
 * @source: where
 * @state: what there is of each source but the last
 * @units: all units of @source
 * @nr_units: how many
 * @clients: what is behind them, in the order of the source
 * @nr_clients: how many
 * @malformed: properties of the device tree that could not be read
 * @room_units: units that there is memory for
 * @room_clients: clients that there is memory for
 * @error: 0 or -ENOMEM; nothing is added any more
 */
struct lab_probe {
	enum lab_probe_source source;
	enum lab_probe_state state[LAB_PROBE_BUILT_IN];
	struct lab_probe_unit *units;
	u32 nr_units;
	struct lab_probe_client *clients;
	u32 nr_clients;
	u32 malformed;
	u32 room_units;
	u32 room_clients;
	int error;
};

/**
 * struct lab_probe_host - the machine that is asked
 * @get: a table by its signature: its bytes, and how many; 0 or -ENOENT
 * @put: gives back what @get got
 * @ctx: first argument of both
 * @tree: the device tree, or NULL
 * @built_in: the module's own table, a DMAR
 * @built_in_length: its bytes
 */
struct lab_probe_host {
	int (*get)(void *ctx, const char *signature, const void **bytes,
		   size_t *length);
	void (*put)(void *ctx, const void *bytes);
	void *ctx;
	const struct lab_dt *tree;
	const void *built_in;
	size_t built_in_length;
};

/* probe.c */
int lab_probe_machine(const struct lab_probe_host *host, struct lab_probe *probe);
void lab_probe_free(struct lab_probe *probe);
const char *lab_probe_source_name(enum lab_probe_source source);
struct lab_probe_unit *lab_probe_add_unit(struct lab_probe *probe, const char *type);
struct lab_probe_client *lab_probe_add_client(struct lab_probe *probe, u32 unit,
					      const char *kind);
void lab_probe_drop_clients(struct lab_probe *probe, u32 unit);
void lab_probe_set_name(char name[LAB_PROBE_NAME], const u8 *bytes, size_t length);

/* One of these reads each source; each returns whether it is valid. */
bool lab_probe_dmar(struct lab_probe *probe, const void *bytes, size_t length);
bool lab_probe_iort(struct lab_probe *probe, const void *bytes, size_t length);
bool lab_probe_ivrs(struct lab_probe *probe, const void *bytes, size_t length);
bool lab_probe_tree(struct lab_probe *probe, const struct lab_dt *tree);

#endif
