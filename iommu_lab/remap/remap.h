/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The driver of remapping units: programs their structures, invalidates their
 * caches, reads their faults. It reaches a unit through the seam only, so that
 * what works here works on a real unit.
 *
 * Order, always: the table in memory is changed first, then the caches are
 * invalidated with drain, then (and only when the unit has confirmed it) memory
 * behind the old state is let go.
 *
 * A unit that does not confirm an invalidation within its time limit is
 * dead: the owner is told once (lab_unit_params.dead), each later call that
 * needs the unit fails, and what waits behind the invalidation (pages, tables,
 * domain ids) is kept, counted and never freed.
 */
#ifndef IOMMU_LAB_REMAP_H
#define IOMMU_LAB_REMAP_H

#include <linux/atomic.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include "../pgtable/pgtable.h"
#include "../seam/vtd_regs.h"

struct lab_fault;
struct lab_seam;
struct lab_unit;

#define LAB_IRQS_MIN		256u
#define LAB_IRQS_MAX		65536u
#define LAB_INVAL_TIMEOUT_MS	1000	/* unless the owner says otherwise */

/**
 * struct lab_unit_params - what a driver of a unit is given
 * @seam: how to reach the unit; outlives the driver
 * @segment: PCI segment
 * @index: for messages
 * @width: host address width in bits (DMAR header, VT-d 8.1), 12 to 52: wider
 *	physical addresses are reserved in entries
 * @irqs: entries of the interrupt remapping table; rounded to a power of two from
 *	LAB_IRQS_MIN to LAB_IRQS_MAX
 * @timeout_ms: how long to wait for the unit; 0: LAB_INVAL_TIMEOUT_MS
 * @dead: called once when the unit is found dead, in any context, with
 *	interrupts off and raw locks held: it may only set flags, and take raw
 *	locks that are never held while a unit is accessed. May be NULL
 * @fault: called for each fault record, in the context of @dead: when the unit's
 *	interrupt reads it, or whoever asks for faults. May be NULL
 * @lost: called, as @fault is, when the unit says that it lost records. May be
 *	NULL
 * @data: passed to all of them
 */
struct lab_unit_params {
	struct lab_seam *seam;
	u16 segment;
	unsigned int index;
	u8 width;
	unsigned int irqs;
	unsigned int timeout_ms;
	void (*dead)(void *data);
	void (*fault)(void *data, const struct lab_fault *fault);
	void (*lost)(void *data);
	void *data;
};

/**
 * struct lab_unit_caps - a unit's capabilities as the driver uses them
 * @version: VER register
 * @cap: CAP register
 * @ecap: ECAP register
 * @levels: bit n set: n-level tables are supported (3, 4, 5)
 * @leaf_levels: bit n - 1 set: leaves at level n are supported
 * @nr_dids: number of domain ids
 * @caching_mode: not-present entries may be cached: flush on map
 * @pass_through: TT = 2 is supported
 * @scalable: the unit is driven in scalable mode, since it can translate by second
 *	stage there (SMTS, SSTS), and has a queue
 * @dirty: in scalable mode, A and D can be set in second-stage tables (SSADS)
 * @interrupts: the unit remaps interrupts (IR), and has a queue to invalidate by
 */
struct lab_unit_caps {
	u32 version;
	u64 cap;
	u64 ecap;
	u8 levels;
	u8 leaf_levels;
	u32 nr_dids;
	bool caching_mode;
	bool pass_through;
	bool scalable;
	bool dirty;
	bool interrupts;
};

int lab_unit_create(const struct lab_unit_params *params,
		    struct lab_unit **out);
int lab_unit_enable(struct lab_unit *unit);
void lab_unit_disable(struct lab_unit *unit);
void lab_unit_destroy(struct lab_unit *unit);

const struct lab_unit_caps *lab_unit_caps(const struct lab_unit *unit);
const struct lab_unit_params *lab_unit_params(const struct lab_unit *unit);
bool lab_unit_is_dead(const struct lab_unit *unit);
bool lab_unit_is_enabled(const struct lab_unit *unit);
u32 lab_unit_read32(struct lab_unit *unit, u32 reg);
u64 lab_unit_read64(struct lab_unit *unit, u32 reg);
const u64 *lab_unit_root(const struct lab_unit *unit);
const u64 *lab_unit_context(const struct lab_unit *unit, u8 bus);

/**
 * struct lab_slot_view - how a source-id is attached
 * @did: domain id
 * @type: TT of the context entry, in scalable mode PGTT of the PASID table entry
 * @aw: AW of the same
 * @dirty: SSADE
 * @table: top table, 0 for pass-through
 */
struct lab_slot_view {
	u16 did;
	u8 type;
	u8 aw;
	bool dirty;
	u64 table;
};

bool lab_unit_read_slot(struct lab_unit *unit, u16 sid,
			struct lab_slot_view *out);

int lab_irq_alloc(struct lab_unit *unit, u16 sid);
int lab_irq_enable(struct lab_unit *unit, unsigned int index, u32 destination,
		   u8 vector);
int lab_irq_disable(struct lab_unit *unit, unsigned int index);
void lab_irq_free(struct lab_unit *unit, unsigned int index);
u32 lab_irq_message(unsigned int index, u32 *data);

/**
 * struct lab_irq_view - an entry of the interrupt remapping table
 * @sid: whose messages it is for
 * @enabled: they pass
 * @vector: vector
 * @destination: APIC id
 * @lo: low half of the entry
 * @hi: high half
 */
struct lab_irq_view {
	u16 sid;
	bool enabled;
	u8 vector;
	u32 destination;
	u64 lo;
	u64 hi;
};

unsigned int lab_unit_irqs(const struct lab_unit *unit);
bool lab_unit_read_irq(const struct lab_unit *unit, unsigned int index,
		       struct lab_irq_view *out);

/**
 * struct lab_cap_field - a field of CAP or ECAP by name
 * @name: as in the specification, for example "SAGAW"
 * @mask: its bits
 * @ecap: it is in ECAP
 * @what: one line
 */
struct lab_cap_field {
	const char *name;
	u64 mask;
	bool ecap;
	const char *what;
};

extern const struct lab_cap_field lab_cap_fields[];
extern const unsigned int lab_nr_cap_fields;

const char *lab_fault_reason_text(u8 reason);

/**
 * struct lab_fault - a fault record as the driver read it
 * @seq: 1 for the first of the unit
 * @time: when it was read (boot time)
 * @record: index of the fault recording register that it was read from
 * @sid: source-id
 * @reason: fault reason (VT-d 7.1.3)
 * @write: it was a write
 * @iova: page address; of an interrupt request (reasons 0x20 to 0x26) the index << 48
 */
struct lab_fault {
	u64 seq;
	ktime_t time;
	u16 record;
	u16 sid;
	u8 reason;
	bool write;
	u64 iova;
};

#define LAB_FAULT_LOG	256	/* the newest faults that a unit remembers */

/**
 * struct lab_unit_faults - the newest faults of a unit
 * @total: read from the unit since it was created
 * @overflows: times that the unit reported a lost record (PFO)
 * @by_reason: of @total, by vtd_fault_slot(); those with an unknown reason in
 *	by_reason[0]
 * @nr: valid entries of @fault
 * @fault: oldest first
 */
struct lab_unit_faults {
	u64 total;
	u64 overflows;
	u64 by_reason[VTD_NR_FAULT_SLOTS];
	unsigned int nr;
	struct lab_fault fault[LAB_FAULT_LOG];
};

void lab_unit_read_faults(struct lab_unit *unit, struct lab_unit_faults *out);
void lab_unit_take_faults(struct lab_unit *unit);

/**
 * struct lab_unit_counts - what the driver asked of a unit
 * @context_inval: context-cache invalidations
 * @pasid_inval: PASID-cache and PASID-based IOTLB invalidations
 * @iotlb_inval: IOTLB invalidations by granularity (VTD_GRAN_*)
 * @irte_inval: interrupt-entry-cache invalidations
 * @waits: waits that completed
 * @timeouts: waits that did not (0 or 1: then it is dead)
 * @kept_tables: table pages kept since the unit is dead
 * @dids: domain ids in use
 * @irqs: entries of the interrupt remapping table in use, or kept since the unit is
 *	dead
 */
struct lab_unit_counts {
	u64 context_inval;
	u64 pasid_inval;
	u64 iotlb_inval[4];
	u64 irte_inval;
	u64 waits;
	u64 timeouts;
	u64 kept_tables;
	u32 dids;
	u32 irqs;
};

void lab_unit_read_counts(struct lab_unit *unit, struct lab_unit_counts *out);

#define LAB_UNMAP_LOG	64	/* the newest unmaps that a domain remembers */

/**
 * struct lab_unmap_record - an unmap, kept to explain stale accesses
 * @start: first IOVA
 * @last: last IOVA (inclusive)
 * @time: when its leaves were cleared (ktime_get_mono_fast_ns())
 * @pid: who did it
 * @comm: its name
 */
struct lab_unmap_record {
	u64 start;
	u64 last;
	u64 time;
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

/**
 * struct lab_remap_config - what a domain's table looks like
 * @pt: levels and leaves; ignored with @identity
 * @identity: pass-through: no table
 * @charge: called before a table page is allocated (1) and after it was freed
 *	(-1); a negative return refuses. Any context. May be NULL
 * @data: passed to @charge
 */
struct lab_remap_config {
	struct lab_pt_config pt;
	bool identity;
	int (*charge)(void *data, long pages);
	void *data;
};

/**
 * struct lab_remap_domain - a translation that source-ids are attached to
 * @config: as given
 * @id: for tracepoints; set by the owner before the first attach, 0 for none
 * @pt: its table
 * @mem: where tables come from
 * @lock: raw; @units and the counts in it
 * @units: struct of each unit that has a domain id for it (RCU)
 * @tables: table pages that exist, retired and kept ones included
 * @kept: of @tables, those kept for good since an invalidation failed
 * @dirty: units set A and D (lab_remap_set_dirty_tracking())
 * @iotlb_inval: IOTLB invalidations asked for, by granularity
 * @log_lock: raw; the unmap log
 * @log_next: number of unmaps so far
 * @log: the newest of them
 */
struct lab_remap_domain {
	struct lab_remap_config config;
	u32 id;
	struct lab_pt pt;
	struct lab_table_mem mem;
	raw_spinlock_t lock;
	struct list_head units;
	atomic_long_t tables;
	atomic_long_t kept;
	bool dirty;
	atomic64_t iotlb_inval[4];
	raw_spinlock_t log_lock;
	u64 log_next;
	struct lab_unmap_record log[LAB_UNMAP_LOG];
};

/**
 * struct lab_remap_gather - what an invalidation still has to cover
 * @start: first IOVA
 * @last: last IOVA (inclusive); nothing to do while @start > @last
 * @retired: tables to free afterwards, through page->lru
 */
struct lab_remap_gather {
	u64 start;
	u64 last;
	struct list_head retired;
};

void lab_remap_gather_init(struct lab_remap_gather *gather);

int lab_remap_domain_init(struct lab_remap_domain *rd,
			  const struct lab_remap_config *config, gfp_t gfp);
void lab_remap_domain_destroy(struct lab_remap_domain *rd);

int lab_unit_prepare(struct lab_unit *unit, u16 sid);
int lab_remap_attach(struct lab_remap_domain *rd, struct lab_unit *unit,
		     u16 sid);
int lab_remap_detach(struct lab_remap_domain *rd, struct lab_unit *unit,
		     u16 sid);
int lab_remap_did(struct lab_remap_domain *rd, struct lab_unit *unit);

int lab_remap_map(struct lab_remap_domain *rd, u64 iova, u64 oa, u64 length,
		  u32 prot, gfp_t gfp, struct lab_remap_gather *gather,
		  u64 *mapped);
int lab_remap_map_sync(struct lab_remap_domain *rd,
		       struct lab_remap_gather *gather);
u64 lab_remap_unmap(struct lab_remap_domain *rd, u64 iova, u64 length,
		    struct lab_remap_gather *gather);
int lab_remap_sync(struct lab_remap_domain *rd,
		   struct lab_remap_gather *gather);
bool lab_remap_last_unmap(struct lab_remap_domain *rd, u64 iova,
			  struct lab_unmap_record *out);

bool lab_remap_can_track(const struct lab_unit *unit);
int lab_remap_set_dirty_tracking(struct lab_remap_domain *rd, bool on);
void lab_remap_read_dirty(struct lab_remap_domain *rd, u64 iova, u64 length,
			  lab_dirty_fn fn, void *ctx);
int lab_remap_sync_dirty(struct lab_remap_domain *rd, u64 iova, u64 length);

int lab_remap_flush(struct lab_remap_domain *rd, struct list_head *retired);

void lab_remap_exit(void);

#endif
