/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The DMAR table (VT-d 8): its bytes read, made and printed.
 *
 * table      the whole: a header of 48 bytes, then structures
 * structure  a remapping structure: type, length, fixed part, scopes
 * DRHD       the structure of one remapping unit
 * RMRR       a memory region that firmware's devices keep using
 * ATSR       root ports below which devices may use address translation services
 * RHSA       which memory is near a unit
 * ANDD       an ACPI name-space device that a unit has, by a number
 * SATC       devices of the SoC with an address translation cache
 * SIDP       properties of devices of the SoC
 * scope      a device scope: names one device, or one bridge and all below it,
 *            by a start bus and a path
 * hop        one element of a path: device and function; each hop but the last
 *            is a bridge, to whose secondary bus the next hop belongs
 * BDF        bus << 8 | device << 3 | function
 * offset     from the first byte of the table
 * finding    what the parser has to say about the bytes at an offset
 *
 * Invariants of a struct lab_dmar:
 * - Each offset, each length and each path lies inside its copy of the table.
 * - Structures and scopes are in the order of the table, without overlap.
 * - nr_structures <= length / 4 and nr_scopes <= length / 6: memory is in
 *   proportion to the table. Findings are bounded by LAB_MAX_FINDINGS.
 * - It never changes after lab_dmar_parse(): readers need no lock.
 */
#ifndef IOMMU_LAB_FIRMWARE_DMAR_H
#define IOMMU_LAB_FIRMWARE_DMAR_H

#include "finding.h"

#define LAB_DMAR_HEADER		48	/* bytes before the first structure */
#define LAB_DMAR_MAX_LENGTH	(16u << 20)	/* bytes; longer is refused */
#define LAB_DMAR_MAX_HOPS	124	/* a scope's length is one byte */

/* header flags (VT-d 8.1) */
#define LAB_DMAR_INTR_REMAP		0x01u
#define LAB_DMAR_X2APIC_OPT_OUT		0x02u
#define LAB_DMAR_DMA_CTRL_OPT_IN	0x04u
#define LAB_DMAR_REMAP_OPT_OUT		0x08u

#define LAB_DMAR_FLAGS			0x0fu	/* the others are reserved */

/* flags of structures: DRHD (VT-d 8.3), ATSR (8.5), SATC (8.8) */
#define LAB_DRHD_INCLUDE_PCI_ALL	0x01u
#define LAB_ATSR_ALL_PORTS		0x01u
#define LAB_SATC_ATC_REQUIRED		0x01u

/* flags of a scope in a SIDP (VT-d 8.9) */
#define LAB_SIDP_NESTED_NOT_ALLOWED	0x01u	/* of requests without a PASID */
#define LAB_SIDP_PWSNP_NOT_ALLOWED	0x02u
#define LAB_SIDP_PGSNP_NOT_ALLOWED	0x04u
#define LAB_SIDP_ATC_HARDENED		0x08u
#define LAB_SIDP_ATC_REQUIRED		0x10u
#define LAB_SIDP_FLAGS			0x1fu	/* the others are reserved */

/**
 * enum lab_dmar_type - types of structures (VT-d 8.2)
 * @LAB_DMAR_DRHD: DMA remapping hardware unit definition
 * @LAB_DMAR_RMRR: reserved memory region reporting
 * @LAB_DMAR_ATSR: root port ATS capability reporting
 * @LAB_DMAR_RHSA: remapping hardware static affinity
 * @LAB_DMAR_ANDD: ACPI name-space device declaration
 * @LAB_DMAR_SATC: SoC integrated address translation cache reporting
 * @LAB_DMAR_SIDP: SoC integrated device property reporting
 */
enum lab_dmar_type {
	LAB_DMAR_DRHD = 0,
	LAB_DMAR_RMRR = 1,
	LAB_DMAR_ATSR = 2,
	LAB_DMAR_RHSA = 3,
	LAB_DMAR_ANDD = 4,
	LAB_DMAR_SATC = 5,
	LAB_DMAR_SIDP = 6,
};

#define LAB_DMAR_TYPES		7	/* those that the specification has */

/**
 * enum lab_dmar_scope_type - types of device scopes (VT-d 8.3.1)
 * @LAB_SCOPE_ENDPOINT: the PCI device at the end of the path
 * @LAB_SCOPE_SUB_HIERARCHY: the bridge at the end of the path and all below it
 * @LAB_SCOPE_IOAPIC: an I/O APIC, whose requests carry this BDF
 * @LAB_SCOPE_HPET: an MSI capable timer block
 * @LAB_SCOPE_NAMESPACE: an ACPI name-space device of an ANDD
 */
enum lab_dmar_scope_type {
	LAB_SCOPE_ENDPOINT = 1,
	LAB_SCOPE_SUB_HIERARCHY = 2,
	LAB_SCOPE_IOAPIC = 3,
	LAB_SCOPE_HPET = 4,
	LAB_SCOPE_NAMESPACE = 5,
};

/**
 * struct lab_dmar_scope - a device scope (VT-d 8.3.1)
 * @type: enum lab_dmar_scope_type, or any other value as the table has it
 * @flags: of a scope in a SIDP; reserved elsewhere
 * @enum_id: I/O APIC, timer block or ANDD number
 * @start_bus: bus of the first hop
 * @hops: elements of @path; 0 only in a table with an error finding
 * @path: @hops pairs of device and function, in the parsed copy
 * @offset: of the scope
 */
struct lab_dmar_scope {
	u8 type;
	u8 flags;
	u8 enum_id;
	u8 start_bus;
	u8 hops;
	const u8 *path;
	u32 offset;
};

/**
 * struct lab_dmar_drhd - a remapping unit (VT-d 8.3)
 * @segment: PCI segment of its devices
 * @flags: LAB_DRHD_*, with reserved bits as the table has them
 * @include_all: it has the devices of the segment that no other unit names
 * @base: physical address of its registers
 * @size: bytes of its register window
 * @first_scope: its scopes are scopes[first_scope] and the following
 * @nr_scopes: how many
 * @offset: of the structure
 */
struct lab_dmar_drhd {
	u16 segment;
	u8 flags;
	bool include_all;
	u64 base;
	u64 size;
	u32 first_scope;
	u32 nr_scopes;
	u32 offset;
};

/**
 * struct lab_dmar_rmrr - a reserved memory region (VT-d 8.4)
 * @segment: PCI segment of its devices
 * @base: first physical address
 * @limit: last physical address (inclusive)
 * @first_scope: its scopes are scopes[first_scope] and the following
 * @nr_scopes: how many
 * @offset: of the structure
 *
 * In a table without an error, @limit - @base + 1 is its length in bytes, at
 * least 1.
 */
struct lab_dmar_rmrr {
	u16 segment;
	u64 base;
	u64 limit;
	u32 first_scope;
	u32 nr_scopes;
	u32 offset;
};

/**
 * struct lab_dmar_atsr - root ports with address translation services (VT-d 8.5)
 * @segment: PCI segment of its root ports
 * @flags: LAB_ATSR_*, with reserved bits as the table has them
 * @all_ports: all root ports of the segment, whatever its scopes are
 * @offset: of the structure
 */
struct lab_dmar_atsr {
	u16 segment;
	u8 flags;
	bool all_ports;
	u32 offset;
};

/**
 * struct lab_dmar_rhsa - which memory is near a unit (VT-d 8.6)
 * @base: physical address of the unit's registers
 * @domain: proximity domain, as in the machine's SRAT table
 * @offset: of the structure
 */
struct lab_dmar_rhsa {
	u64 base;
	u32 domain;
	u32 offset;
};

/**
 * struct lab_dmar_andd - an ACPI name-space device (VT-d 8.7)
 * @number: scopes of type LAB_SCOPE_NAMESPACE name it by this number
 * @name_length: bytes of @name before the first NUL, or all
 * @name: ACPI object name, raw bytes in the parsed copy
 * @offset: of the structure
 */
struct lab_dmar_andd {
	u8 number;
	u16 name_length;
	const u8 *name;
	u32 offset;
};

/**
 * struct lab_dmar_satc - devices with a translation cache (VT-d 8.8)
 * @segment: PCI segment of its devices
 * @flags: LAB_SATC_*, with reserved bits as the table has them
 * @atc_required: they do not work without it
 * @offset: of the structure
 */
struct lab_dmar_satc {
	u16 segment;
	u8 flags;
	bool atc_required;
	u32 offset;
};

/**
 * struct lab_dmar_sidp - properties of devices (VT-d 8.9), in its scopes' flags
 * @segment: PCI segment of its devices
 * @offset: of the structure
 */
struct lab_dmar_sidp {
	u16 segment;
	u32 offset;
};

/**
 * struct lab_dmar_structure - a structure, of whatever type
 * @type: enum lab_dmar_type, or any other value as the table has it
 * @length: bytes, of header and scopes too
 * @decoded: @index is valid: there is a decoded form of it
 * @index: into drhds, rmrrs, atsrs, rhsas, andds, satcs or sidps, as @type says
 * @first_scope: its scopes are scopes[first_scope] and the following
 * @nr_scopes: how many
 * @offset: of the structure
 */
struct lab_dmar_structure {
	u16 type;
	u16 length;
	bool decoded;
	u32 index;
	u32 first_scope;
	u32 nr_scopes;
	u32 offset;
};

/**
 * struct lab_dmar - a parsed table
 * @revision: of the header
 * @flags: LAB_DMAR_*, with reserved bits as the table has them
 * @width: host address width in bits (byte 36 + 1), 1 to 256
 * @oem_id: of the header, raw bytes, NUL behind them
 * @oem_table_id: of the header, raw bytes, NUL behind them
 * @table: copy of the bytes that the header's length field covers, or NULL
 *	when the header is not one of a DMAR
 * @length: bytes of @table
 * @structures: all structures, decoded or not
 * @nr_structures: how many
 * @drhds: remapping units
 * @nr_drhds: how many
 * @rmrrs: reserved memory regions
 * @nr_rmrrs: how many
 * @atsrs: root ports with address translation services
 * @nr_atsrs: how many
 * @rhsas: affinities of units
 * @nr_rhsas: how many
 * @andds: ACPI name-space devices
 * @nr_andds: how many
 * @satcs: devices with translation caches
 * @nr_satcs: how many
 * @sidps: properties of devices
 * @nr_sidps: how many
 * @scopes: the scopes of all structures
 * @nr_scopes: how many
 * @findings: what there is to say about it
 * @nr_unread: of @findings, the first ones: bytes that could not be decoded
 */
struct lab_dmar {
	u8 revision;
	u8 flags;
	u16 width;
	char oem_id[7];
	char oem_table_id[9];
	u8 *table;
	u32 length;
	struct lab_dmar_structure *structures;
	u32 nr_structures;
	struct lab_dmar_drhd *drhds;
	u32 nr_drhds;
	struct lab_dmar_rmrr *rmrrs;
	u32 nr_rmrrs;
	struct lab_dmar_atsr *atsrs;
	u32 nr_atsrs;
	struct lab_dmar_rhsa *rhsas;
	u32 nr_rhsas;
	struct lab_dmar_andd *andds;
	u32 nr_andds;
	struct lab_dmar_satc *satcs;
	u32 nr_satcs;
	struct lab_dmar_sidp *sidps;
	u32 nr_sidps;
	struct lab_dmar_scope *scopes;
	u32 nr_scopes;
	struct lab_findings findings;
	u32 nr_unread;
};

/**
 * struct lab_dmar_bridges - which buses are behind a bridge
 * @secondary: the bus directly behind the bridge at a BDF, or negative: no
 *	bridge there
 * @subordinate: the highest bus behind the bridge at a BDF, or negative: as
 *	@secondary
 * @ctx: first argument of both
 */
struct lab_dmar_bridges {
	int (*secondary)(void *ctx, u16 segment, u16 bdf);
	int (*subordinate)(void *ctx, u16 segment, u16 bdf);
	void *ctx;
};

/* dmar_parse.c */
int lab_dmar_parse(const void *bytes, size_t length, struct lab_dmar **out);
void lab_dmar_free(struct lab_dmar *dmar);

/* dmar_names.c */
const char *lab_dmar_type_name(u16 type);
const char *lab_dmar_scope_name(u8 type);

/* dmar_json.c */
void lab_dmar_json(const struct lab_dmar *dmar,
		   void (*emit)(void *ctx, const char *text, size_t length),
		   void *ctx);

/* dmar_scope.c */
int lab_dmar_scope_bdf(const struct lab_dmar_scope *scope, u16 segment,
		       const struct lab_dmar_bridges *bridges);
int lab_dmar_unit_of(const struct lab_dmar *dmar, u16 segment, u16 bdf,
		     const struct lab_dmar_bridges *bridges);
bool lab_dmar_rmrr_has(const struct lab_dmar *dmar,
		       const struct lab_dmar_rmrr *rmrr, u16 segment, u16 bdf,
		       const struct lab_dmar_bridges *bridges);

/* dmar_print.c */
void lab_dmar_print(const struct lab_dmar *dmar,
		    void (*emit)(void *ctx, const char *line), void *ctx);

/**
 * struct lab_dmar_builder - a table in the making
 * @bytes: what there is of it
 * @length: how much of @bytes is used
 * @room: bytes allocated
 * @structure: offset of the last structure, 0 when there is none
 * @error: 0, or the first error: -EINVAL or -ENOMEM. Nothing is added any more
 */
struct lab_dmar_builder {
	u8 *bytes;
	u32 length;
	u32 room;
	u32 structure;
	int error;
};

/* dmar_build.c */
void lab_dmar_begin(struct lab_dmar_builder *builder, unsigned int width_bits,
		    u8 flags);
void lab_dmar_add_structure(struct lab_dmar_builder *builder, u16 type,
			    const u8 *body, u32 length);
void lab_dmar_add_drhd(struct lab_dmar_builder *builder, u16 segment, u64 base,
		       unsigned int size_log2_pages, u8 flags);
void lab_dmar_add_rmrr(struct lab_dmar_builder *builder, u16 segment, u64 base,
		       u64 limit);
void lab_dmar_add_atsr(struct lab_dmar_builder *builder, u16 segment, u8 flags);
void lab_dmar_add_rhsa(struct lab_dmar_builder *builder, u64 base, u32 domain);
void lab_dmar_add_andd(struct lab_dmar_builder *builder, u8 number,
		       const char *name);
void lab_dmar_add_satc(struct lab_dmar_builder *builder, u16 segment, u8 flags);
void lab_dmar_add_sidp(struct lab_dmar_builder *builder, u16 segment);
void lab_dmar_add_scope(struct lab_dmar_builder *builder, u8 type, u8 flags,
			u8 enum_id, u8 start_bus, const u8 *path,
			unsigned int hops);
u8 *lab_dmar_finish(struct lab_dmar_builder *builder, size_t *length);
void lab_dmar_builder_free(struct lab_dmar_builder *builder);
void lab_dmar_table_free(u8 *table);

#define LAB_DEFAULT_ENDPOINTS_MAX	1024
#define LAB_DEFAULT_UNIT0_BASE		0xfed90000ULL
#define LAB_DEFAULT_UNIT1_BASE		0xfed91000ULL
#define LAB_DEFAULT_WIDTH		46	/* bits */
#define LAB_DEFAULT_RMRR_BYTES		8192

/* topology.c */
u8 *lab_default_topology(unsigned int endpoints, u64 rmrr_base, size_t *length);
u16 lab_default_bdf(unsigned int endpoint);
unsigned int lab_default_path(unsigned int endpoint, u8 path[4]);

#endif
