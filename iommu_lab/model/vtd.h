/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VT-d remapping unit in software: legacy mode, scalable mode with second
 * stage and pass-through, and interrupt remapping.
 *
 * It knows its registers and memory, as hardware does, and nothing of who
 * drives it. Its caches are real: an entry leaves them by an invalidation or
 * by replacement, never because a table in memory was changed.
 *
 * Locks, all raw, in order: queue_lock (register writes that run work: GCMD,
 * CCMD, IOTLB, IQT) -> cache_lock (the content of the caches) -> fault_lock
 * (fault registers). A translation never takes queue_lock: a drain spins for
 * translations with it held.
 */
#ifndef IOMMU_LAB_VTD_H
#define IOMMU_LAB_VTD_H

#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/types.h>
#include "../pgtable/pgtable.h"
#include "../seam/vtd_regs.h"

struct lab_seam;
struct lab_vtd;

/**
 * enum lab_counter - what is counted for each requester
 * @LAB_CNT_HIT: IOTLB hits, stale ones too
 * @LAB_CNT_MISS: IOTLB misses
 * @LAB_CNT_STALE: hits whose leaf in memory had changed
 * @LAB_CNT_PASS: accesses passed through by TT = 2, no IOTLB lookup
 * @LAB_CNT_CTX_MISS: context-cache misses
 * @LAB_CNT_CTX_FAULT: accesses refused before the IOTLB (root, context, PASID)
 * @LAB_CNT_PASID_HIT: PASID-cache hits
 * @LAB_CNT_PASID_MISS: PASID-cache misses
 * @LAB_CNT_MARK: paging entries in which A or D was set
 * @LAB_CNT_WALK: page-table walks
 * @LAB_CNT_WALK_STEP: entries read by walks
 * @LAB_CNT_PSC_HIT: walks that began at a cached paging structure
 * @LAB_CNT_INSERT: IOTLB entries inserted
 * @LAB_CNT_EVICT: IOTLB entries replaced while valid
 * @LAB_CNT_FILL_DROPPED: fills dropped since an invalidation ran during the walk
 * @LAB_CNT_BLOCKED: accesses refused without a fault record: translation off
 *	and protected memory, or a unit that is cut off
 * @LAB_CNT_INTERRUPT: interrupt requests that passed
 * @LAB_CNT_INTERRUPT_BLOCKED: interrupt requests that were refused with a reason
 * @LAB_CNT_IRTE_HIT: interrupt-entry-cache hits
 * @LAB_CNT_IRTE_MISS: interrupt-entry-cache misses
 * @LAB_CNT_FAULT: first of VTD_NR_FAULT_SLOTS counters, by vtd_fault_slot()
 *
 * The hit path increments LAB_CNT_HIT, in scalable mode also LAB_CNT_PASID_HIT, and
 * nothing else.
 */
enum lab_counter {
	LAB_CNT_HIT,
	LAB_CNT_MISS,
	LAB_CNT_STALE,
	LAB_CNT_PASS,
	LAB_CNT_CTX_MISS,
	LAB_CNT_CTX_FAULT,
	LAB_CNT_PASID_HIT,
	LAB_CNT_PASID_MISS,
	LAB_CNT_MARK,
	LAB_CNT_WALK,
	LAB_CNT_WALK_STEP,
	LAB_CNT_PSC_HIT,
	LAB_CNT_INSERT,
	LAB_CNT_EVICT,
	LAB_CNT_FILL_DROPPED,
	LAB_CNT_BLOCKED,
	LAB_CNT_INTERRUPT,
	LAB_CNT_INTERRUPT_BLOCKED,
	LAB_CNT_IRTE_HIT,
	LAB_CNT_IRTE_MISS,
	LAB_CNT_FAULT,
	LAB_NR_COUNTERS = LAB_CNT_FAULT + VTD_NR_FAULT_SLOTS,
};

/**
 * struct lab_counters - a set of counters, or a sum of them
 * @c: by enum lab_counter
 */
struct lab_counters {
	u64 c[LAB_NR_COUNTERS];
};

static inline u64 lab_counters_lookups(const struct lab_counters *sum)
{
	return sum->c[LAB_CNT_HIT] + sum->c[LAB_CNT_MISS];
}

static inline u64 lab_counters_context_hits(const struct lab_counters *sum)
{
	return lab_counters_lookups(sum) + sum->c[LAB_CNT_PASS] +
	       sum->c[LAB_CNT_CTX_FAULT] - sum->c[LAB_CNT_CTX_MISS];
}

static inline u64 lab_counters_faults(const struct lab_counters *sum)
{
	u64 all = 0;
	int i;

	for (i = 0; i < VTD_NR_FAULT_SLOTS; i++)
		all += sum->c[LAB_CNT_FAULT + i];
	return all;
}

static inline void lab_counters_add(struct lab_counters *sum,
				    const struct lab_counters *more)
{
	int i;

	for (i = 0; i < LAB_NR_COUNTERS; i++)
		sum->c[i] += more->c[i];
}

/**
 * enum lab_defect - a unit that is broken on purpose
 * @LAB_DEFECT_NONE: works
 * @LAB_DEFECT_ZERO: each register reads 0
 * @LAB_DEFECT_ONES: each register reads all ones
 * @LAB_DEFECT_STUCK: takes invalidations and never completes one
 */
enum lab_defect {
	LAB_DEFECT_NONE,
	LAB_DEFECT_ZERO,
	LAB_DEFECT_ONES,
	LAB_DEFECT_STUCK,
};

/**
 * struct lab_vtd_config - what a unit can do
 * @name: for messages; copied
 * @base: register base address, for messages
 * @levels: bit n set: n-level tables (3, 4, 5) are supported (CAP.SAGAW); the
 *	largest gives CAP.MGAW
 * @width: host address width in bits: physical address bits above are reserved
 * @nd: CAP.ND; 16 << 2 * nd domain ids
 * @sslps: CAP.SSLPS: bit 0: 2 MiB, bit 1: 1 GiB leaves
 * @fault_records: number of fault recording registers, 1 to
 *	LAB_MAX_FAULT_RECORDS
 * @caching_mode: CAP.CM: not-present and faulting entries are cached too
 * @pass_through: ECAP.PT
 * @scalable: ECAP.SMTS, with SSTS, SSADS, SMPWCS and RPS: the driver may choose
 *	scalable mode (RTADDR.TTM), and legacy mode as well
 * @interrupts: ECAP.IR
 * @eim: ECAP.EIM; needs @interrupts
 * @iotlb_sets: sets of the IOTLB, a power of two, 1 to LAB_MAX_SETS
 * @iotlb_ways: ways of each set, 1 to LAB_MAX_WAYS
 * @drain_ms: how long a drain waits for the access of a CPU before the unit is
 *	stuck; 0: LAB_DRAIN_MS
 * @defect: see enum lab_defect
 */
struct lab_vtd_config {
	const char *name;
	u64 base;
	u8 levels;
	u8 width;
	u8 nd;
	u8 sslps;
	u16 fault_records;
	bool caching_mode;
	bool pass_through;
	bool scalable;
	bool interrupts;
	bool eim;
	unsigned int iotlb_sets;
	unsigned int iotlb_ways;
	unsigned int drain_ms;
	enum lab_defect defect;
};

/* what fits behind the other registers in the 4 KiB window */
#define LAB_MAX_FAULT_RECORDS	222u
#define LAB_MAX_SETS	65536u
#define LAB_MAX_WAYS	16u
#define LAB_DRAIN_MS	1000u

struct lab_vtd *lab_vtd_create(const struct lab_vtd_config *config);
void lab_vtd_destroy(struct lab_vtd *vtd);
struct lab_seam *lab_vtd_seam(struct lab_vtd *vtd);
void lab_vtd_set_defect(struct lab_vtd *vtd, enum lab_defect defect);

/*
 * lab_vtd_sever - cut the unit off: each translation is refused from now on
 * lab_vtd_is_severed
 */
void lab_vtd_sever(struct lab_vtd *vtd);
bool lab_vtd_is_severed(const struct lab_vtd *vtd);

/**
 * struct lab_requester - who asks for translations: a source-id at a unit
 * @vtd: the unit; NULL where there is none: then it only counts
 * @sid: source-id: bus << 8 | device << 3 | function
 * @counters: its own, one set a CPU
 * @link: in the unit's list
 *
 * Several requesters may have the same @sid (one after the other attachments
 * of one function); each has its own counters.
 */
struct lab_requester {
	struct lab_vtd *vtd;
	u16 sid;
	struct lab_counters __percpu *counters;
	struct list_head link;
};

int lab_requester_init(struct lab_requester *rq, struct lab_vtd *vtd, u16 sid);
void lab_requester_release(struct lab_requester *rq, struct lab_counters *sum);
void lab_requester_read(const struct lab_requester *rq,
			struct lab_counters *sum);
u8 lab_requester_refuse(struct lab_requester *rq, bool write);

/**
 * enum lab_translate_status - the answer to a translation
 * @LAB_TRANSLATED: go on, at lab_translation.pa
 * @LAB_FAULTED: refused; lab_translation.reason, and a fault record
 * @LAB_UNTRANSLATED: translation is off (GSTS.TES = 0): the address is physical
 * @LAB_CUT_OFF: the unit is severed, or its registers do not answer
 */
enum lab_translate_status {
	LAB_TRANSLATED,
	LAB_FAULTED,
	LAB_UNTRANSLATED,
	LAB_CUT_OFF,
};

/**
 * struct lab_translation - a translated address
 * @pa: physical address of the IOVA
 * @bytes: how many bytes from there have the same answer (to the end of the
 *	leaf, or of the page with pass-through)
 * @memory: what may be there
 * @reason: fault reason (VT-d 7.1.3) when refused
 * @stale: refused since a cached entry no longer equals its leaf
 * @hit: an IOTLB entry was found
 */
struct lab_translation {
	u64 pa;
	u64 bytes;
	enum lab_memory memory;
	u8 reason;
	bool stale;
	bool hit;
};

enum lab_translate_status lab_vtd_translate(struct lab_requester *rq, u64 iova,
					    bool write,
					    struct lab_translation *tr);

/**
 * struct lab_interrupt - the answer to an interrupt request
 * @destination: APIC id
 * @vector: vector
 * @delivery: delivery mode (DLM): 0: fixed
 * @reason: fault reason (VT-d 7.1.3) when refused
 */
struct lab_interrupt {
	u32 destination;
	u8 vector;
	u8 delivery;
	u8 reason;
};

enum lab_translate_status lab_vtd_interrupt(struct lab_requester *rq,
					    u64 address, u32 data,
					    struct lab_interrupt *out);
enum lab_translate_status lab_vtd_refuse_range(struct lab_requester *rq,
					       u64 iova, bool write,
					       struct lab_interrupt *out);

/*
 * lab_inflight_begin - an access through a unit begins on this CPU
 * lab_inflight_end - it has ended
 *
 * Interrupts are off from begin to end, and at most 4 KiB are moved. The
 * translation, the access and everything that decides about it come between the
 * two. A drain waits for what other CPUs have begun.
 */
void lab_inflight_begin(struct lab_vtd *vtd);
void lab_inflight_end(struct lab_vtd *vtd);

/**
 * struct lab_vtd_stats - what a unit did
 * @sum: over its requesters, past ones too
 * @present: IOTLB entries valid now
 * @removed: IOTLB entries removed by invalidations (not by replacement)
 * @context_present: context-cache entries valid now
 * @pasid_present: PASID-cache entries valid now
 * @psc_present: paging-structure-cache entries valid now
 * @irte_present: interrupt-entry-cache entries valid now
 * @context_inval: context-cache invalidations by granularity (VTD_GRAN_*)
 * @pasid_inval: PASID-cache invalidations by granularity (VTD_PASID_*)
 * @pasid_iotlb_inval: PASID-based IOTLB invalidations
 * @iotlb_inval: IOTLB invalidations by granularity
 * @irte_inval: interrupt-entry-cache invalidations by granularity (VTD_IEC_*)
 * @waits: wait descriptors completed
 * @drains: drains done
 * @drain_timeouts: drains that did not end in time
 * @register_inval: of all invalidations, how many came by register
 * @queue_errors: IQE raised
 * @records: faults recorded in a register
 * @overflows: faults that found no free register (PFO)
 *
 * sum.c[LAB_CNT_INSERT] == present + removed + sum.c[LAB_CNT_EVICT], at rest.
 */
struct lab_vtd_stats {
	struct lab_counters sum;
	u64 present;
	u64 removed;
	u64 context_present;
	u64 pasid_present;
	u64 psc_present;
	u64 irte_present;
	u64 context_inval[4];
	u64 pasid_inval[4];
	u64 pasid_iotlb_inval;
	u64 iotlb_inval[4];
	u64 irte_inval[2];
	u64 waits;
	u64 drains;
	u64 drain_timeouts;
	u64 register_inval;
	u64 queue_errors;
	u64 records;
	u64 overflows;
};

void lab_vtd_read_stats(struct lab_vtd *vtd, struct lab_vtd_stats *stats);

/**
 * struct lab_iotlb_view - an IOTLB entry as debugfs shows it
 * @did: domain id
 * @level: 1: 4 KiB, 2: 2 MiB, 3: 1 GiB; with caching mode, of a not-present
 *	entry: up to 5
 * @iova: first IOVA it answers for
 * @leaf: the leaf as it was read
 * @prot: rights, 0 for a cached not-present entry
 * @referenced: the replacement's reference bit
 * @stale: the leaf in memory differs now, A and D aside
 */
struct lab_iotlb_view {
	u16 did;
	u8 level;
	u64 iova;
	u64 leaf;
	u8 prot;
	bool referenced;
	bool stale;
};

/**
 * struct lab_context_view - a context-cache entry as debugfs shows it
 * @sid: source-id
 * @scalable: it is a scalable-mode entry
 * @lo: low half of the context entry, or its first word
 * @hi: high half, or second word
 */
struct lab_context_view {
	u16 sid;
	bool scalable;
	u64 lo;
	u64 hi;
};

/**
 * struct lab_pasid_view - a PASID-cache entry as debugfs shows it
 * @sid: source-id
 * @pasid: PASID
 * @lo: first word of the PASID table entry
 * @hi: second word
 */
struct lab_pasid_view {
	u16 sid;
	u32 pasid;
	u64 lo;
	u64 hi;
};

/**
 * struct lab_irte - an interrupt remapping table entry as it was read
 * @lo: low half
 * @hi: high half
 * @index: in the table
 * @reason: fault reason; of a cached one not 0 only with caching mode
 */
struct lab_irte {
	u64 lo;
	u64 hi;
	u16 index;
	u8 reason;
};

unsigned int lab_vtd_iotlb_sets(const struct lab_vtd *vtd);
unsigned int lab_vtd_iotlb_ways(const struct lab_vtd *vtd);
bool lab_vtd_iotlb_view(struct lab_vtd *vtd, unsigned int set, unsigned int way,
			struct lab_iotlb_view *view);
unsigned int lab_vtd_context_slots(const struct lab_vtd *vtd);
bool lab_vtd_context_view(struct lab_vtd *vtd, unsigned int slot,
			  struct lab_context_view *view);
unsigned int lab_vtd_pasid_slots(const struct lab_vtd *vtd);
bool lab_vtd_pasid_view(struct lab_vtd *vtd, unsigned int slot,
			struct lab_pasid_view *view);
bool lab_vtd_irte_view(struct lab_vtd *vtd, u16 index, struct lab_irte *view);

#endif
