/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inside of a unit: what the files of model/ share.
 *
 * The caches (context cache, PASID cache, paging-structure cache, IOTLB, interrupt
 * entry cache) are read without a lock: each entry has a sequence count, odd while
 * it is written, and a reader that saw it change reads again. They are written with
 * cache_lock held. Readers have interrupts off, and so have writers: a reader never spins
 * for a writer of its own CPU.
 *
 * The generation closes the race between a fill and an invalidation: it is read
 * before the first table word of a translation, incremented by each
 * invalidation of any cache, and a fill whose generation has passed is dropped.
 */
#ifndef IOMMU_LAB_VTD_INT_H
#define IOMMU_LAB_VTD_INT_H

#include <linux/compiler.h>
#include <linux/irq_work.h>
#include <linux/mutex.h>
#include <linux/processor.h>
#include <linux/spinlock.h>
#include "../pgtable/pgtable.h"
#include "../seam/seam.h"
#include "vtd.h"

#define LAB_IRO			0xf0	/* IVA, IOTLB */
#define LAB_FRO			0x220	/* first fault recording register */
#define LAB_MAMV		18
#define LAB_CONTEXT_SLOTS	1024u
#define LAB_PASID_SLOTS		1024u
#define LAB_PSC_SLOTS		256u
#define LAB_IRTE_SLOTS		1024u
#define LAB_MHMV		15	/* 32768 entries at a time */

/* bits of lab_vtd.state; a translation goes on if only the first is set */
enum {
	LAB_STATE_TRANSLATE,	/* GSTS.TES */
	LAB_STATE_SEVERED,
	LAB_STATE_MUTE,		/* LAB_DEFECT_ZERO, LAB_DEFECT_ONES */
};

/**
 * struct lab_context_entry - a context-cache entry
 * @lo: low half of the context entry, or its first word
 * @hi: high half, or second word
 * @seq: sequence count
 * @sid: source-id it answers for
 * @reason: fault reason; not 0 only with caching mode
 * @valid: holds something
 * @scalable: it was read in scalable mode
 */
struct lab_context_entry {
	u64 lo;
	u64 hi;
	u32 seq;
	u16 sid;
	u8 reason;
	u8 valid;
	u8 scalable;
};

/**
 * struct lab_pasid_entry - a PASID-cache entry
 * @lo: first word of the PASID table entry
 * @hi: second word
 * @seq: sequence count
 * @pasid: PASID it answers for
 * @sid: source-id it answers for
 * @reason: fault reason; not 0 only with caching mode
 * @fpd: FPD of the directory entry, or of the table entry, was set
 * @valid: holds something
 */
struct lab_pasid_entry {
	u64 lo;
	u64 hi;
	u32 seq;
	u32 pasid;
	u16 sid;
	u8 reason;
	u8 fpd;
	u8 valid;
};

/**
 * struct lab_path - how the accesses of a requester are translated, whichever the
 *	mode
 * @table: top table
 * @did: domain id
 * @levels: of the table
 * @reason: fault reason; 0: the rest can be used
 * @pass_through: no table
 * @scalable: fault reasons are those of scalable mode
 * @mark: A and D are set in entries (SSADE)
 * @fpd: faults are not recorded
 */
struct lab_path {
	u64 table;
	u16 did;
	u8 levels;
	u8 reason;
	bool pass_through;
	bool scalable;
	bool mark;
	bool fpd;
};

/**
 * struct lab_psc_entry - a paging-structure-cache entry: a level-2 entry
 * @tag: IOVA >> 21 and domain id, see psc.c; 0 when invalid
 * @table: physical address of the level-1 table
 * @seq: sequence count
 * @prot: rights accumulated above that table
 */
struct lab_psc_entry {
	u64 tag;
	u64 table;
	u32 seq;
	u8 prot;
};

/**
 * struct lab_irte_slot - an interrupt-entry-cache entry
 * @irte: what was read
 * @seq: sequence count
 * @valid: holds something
 */
struct lab_irte_slot {
	struct lab_irte irte;
	u32 seq;
	u8 valid;
};

/**
 * struct lab_iotlb_entry - an IOTLB entry, half a cache line
 * @tag: page number, domain id and level, see iotlb.c; 0 when invalid
 * @leaf: the leaf as it was read; with A and D as this unit knows them to be set
 * @leafp: where it was read
 * @seq: sequence count
 * @prot: rights accumulated over all levels
 * @referenced: used since the replacement looked at it last
 */
struct lab_iotlb_entry {
	u64 tag;
	u64 leaf;
	u64 *leafp;
	u32 seq;
	u8 prot;
	u8 referenced;
};

/**
 * struct lab_iotlb_hit - what a lookup found
 * @leaf: the leaf as it was read when it was cached
 * @leafp: where it is in memory
 * @prot: rights
 * @level: of the leaf
 */
struct lab_iotlb_hit {
	u64 leaf;
	u64 *leafp;
	u8 prot;
	u8 level;
};

/**
 * enum lab_fill - what became of an IOTLB fill
 * @LAB_FILL_DONE: inserted in a free way
 * @LAB_FILL_EVICTED: inserted in place of another entry
 * @LAB_FILL_DROPPED: an invalidation has run since the generation was read
 * @LAB_FILL_PRESENT: another CPU was first
 */
enum lab_fill {
	LAB_FILL_DONE,
	LAB_FILL_EVICTED,
	LAB_FILL_DROPPED,
	LAB_FILL_PRESENT,
};

/**
 * struct lab_line - who listens on the interrupt line
 * @handler: called for each message
 * @data: its argument
 */
struct lab_line {
	void (*handler)(void *data);
	void *data;
};

/**
 * struct lab_vtd - a unit
 * @state: LAB_STATE_* bits
 * @generation: see the top of this file
 * @iotlb: sets * ways entries
 * @contexts: LAB_CONTEXT_SLOTS entries
 * @pasids: LAB_PASID_SLOTS entries, NULL for a unit without scalable mode
 * @psc: LAB_PSC_SLOTS entries
 * @irtes: LAB_IRTE_SLOTS entries, NULL for a unit without interrupt remapping
 * @oa_mask: address bits of a leaf
 * @set_mask: sets - 1
 * @ways: ways of each set
 * @levels_present: bit n - 1 set: the IOTLB has entries of level n
 * @width: host address width in bits
 * @leaf_levels: bit n - 1 set: level n may have leaves
 * @root: RTADDR as it was latched by GCMD.SRTP
 * @irta: IRTA as it was latched by GCMD.SIRTP
 * @remapping: interrupt requests are remapped; GSTS.IRES follows after a drain
 * @seam: the way in
 * @config: as created
 * @name: of the unit
 * @queue_lock: serialises register writes that run work
 * @defect: changed with @queue_lock held
 * @regs: the register file
 * @cache_lock: serialises writers of the caches
 * @sets_used: bit n set: set n has an entry
 * @hands: of each set: the way that replacement looks at next
 * @level_count: IOTLB entries by level
 * @fault_lock: serialises fault registers and interrupt state
 * @next_record: index of the fault recording register to be used next
 * @records_set: fault recording registers with F set
 * @line_due: a message is to be sent
 * @line_busy: the handler is running
 * @line: who gets it
 * @lines: two of them, so that one can be set up while the other is in use
 * @line_work: sends what came while the handler ran
 * @line_mutex: serialises connecting
 * @requesters_mutex: guards @requesters and @stats.sum
 * @requesters: live requesters
 * @stats: @stats.sum is of past requesters; the rest: with the lock of its part
 */
struct lab_vtd {
	unsigned long state;
	u64 generation;
	struct lab_iotlb_entry *iotlb;
	struct lab_context_entry *contexts;
	struct lab_pasid_entry *pasids;
	struct lab_psc_entry *psc;
	struct lab_irte_slot *irtes;
	u64 oa_mask;
	u32 set_mask;
	u8 ways;
	u8 levels_present;
	u8 width;
	u8 leaf_levels;
	u64 root;
	u64 irta;
	bool remapping;
	struct lab_seam seam;
	struct lab_vtd_config config;
	char name[32];

	raw_spinlock_t queue_lock ____cacheline_aligned_in_smp;
	enum lab_defect defect;
	u32 regs[VTD_WINDOW / 4];

	raw_spinlock_t cache_lock ____cacheline_aligned_in_smp;
	unsigned long *sets_used;
	u8 *hands;
	u32 level_count[LAB_PT_MAX_LEVELS + 1];

	raw_spinlock_t fault_lock ____cacheline_aligned_in_smp;
	unsigned int next_record;
	unsigned int records_set;
	int line_due;
	unsigned long line_busy;
	struct lab_line __rcu *line;
	struct lab_line lines[2];
	struct irq_work line_work;
	struct mutex line_mutex; /* connecting */
	struct mutex requesters_mutex; /* requesters, stats.sum */
	struct list_head requesters;
	struct lab_vtd_stats stats;
};

static inline struct lab_vtd *lab_vtd_of(struct lab_seam *seam)
{
	return container_of(seam, struct lab_vtd, seam);
}

static inline u32 lab_reg_get(const struct lab_vtd *vtd, u32 reg)
{
	return READ_ONCE(vtd->regs[reg / 4]);
}

static inline void lab_reg_set(struct lab_vtd *vtd, u32 reg, u32 value)
{
	WRITE_ONCE(vtd->regs[reg / 4], value);
}

static inline u64 lab_reg_get64(const struct lab_vtd *vtd, u32 reg)
{
	return lab_reg_get(vtd, reg) | (u64)lab_reg_get(vtd, reg + 4) << 32;
}

static inline void lab_reg_set64(struct lab_vtd *vtd, u32 reg, u64 value)
{
	lab_reg_set(vtd, reg, (u32)value);
	lab_reg_set(vtd, reg + 4, value >> 32);
}

/* Interrupts are off: no other user of this CPU's counters comes between. */
static inline void lab_count_add(struct lab_requester *rq,
				 enum lab_counter which, u64 n)
{
	__this_cpu_add(rq->counters->c[which], n);
}

static inline void lab_count(struct lab_requester *rq, enum lab_counter which)
{
	lab_count_add(rq, which, 1);
}

/* Spreads domain ids over sets and slots: the upper half has all their bits. */
static inline u32 lab_did_spread(u16 did)
{
	return did * 0x9e3779b1u >> 16;
}

static inline u32 lab_seq_begin(const u32 *seq)
{
	u32 now;

	/* pairs with lab_seq_write_end(): the entry is at least that new */
	while ((now = smp_load_acquire(seq)) & 1)
		cpu_relax();
	return now;
}

static inline bool lab_seq_changed(const u32 *seq, u32 begin)
{
	/* pairs with lab_seq_write_begin(): new content, new count */
	smp_rmb();
	return READ_ONCE(*seq) != begin;
}

static inline void lab_seq_write_begin(u32 *seq)
{
	WRITE_ONCE(*seq, *seq + 1);
	/* pairs with lab_seq_changed() */
	smp_wmb();
}

static inline void lab_seq_write_end(u32 *seq)
{
	/* pairs with lab_seq_begin() */
	smp_store_release(seq, *seq + 1);
}

static inline bool lab_in_scalable_mode(const struct lab_vtd *vtd)
{
	return vtd->config.scalable &&
	       (READ_ONCE(vtd->root) & VTD_RTADDR_TTM) ==
	       VTD_TTM_SCALABLE << 10;
}

/* Address bits above the host address width are reserved. */
static inline u64 lab_beyond_host(const struct lab_vtd *vtd)
{
	return ~(BIT_ULL(vtd->width) - 1);
}

/* AW 1, 2, 3: 3, 4, 5 levels */
static inline bool lab_width_supported(const struct lab_vtd *vtd,
				       unsigned int aw)
{
	return aw && aw <= 3 && vtd->config.levels & BIT(aw + 2);
}

static inline u32 lab_nr_dids(const struct lab_vtd *vtd)
{
	return 16u << 2 * vtd->config.nd;
}

/* regs.c */
extern const struct lab_seam_ops lab_vtd_seam_ops;
void lab_regs_init(struct lab_vtd *vtd);

/* queue.c */
void lab_queue_run(struct lab_vtd *vtd);
void lab_context_command(struct lab_vtd *vtd);
void lab_iotlb_command(struct lab_vtd *vtd);

/* inflight.c */
bool lab_drain(struct lab_vtd *vtd);

/*
 * FM of an invalidation (11.4.6), SQ of an interrupt entry (9.10): the bits of a
 * source-id that are compared. 1 to 3: function bits 2, 2:1, 2:0 are not.
 */
static inline u16 lab_compared_sid(unsigned int function_mask)
{
	static const u8 ignored[] = { 0x0, 0x4, 0x6, 0x7 };

	return ~ignored[function_mask & 3];
}

/* faults.c */
bool lab_fault_owns(u32 reg);
void lab_fault_write(struct lab_vtd *vtd, u32 reg, u32 value);
void lab_fault_record(struct lab_vtd *vtd, u16 sid, u64 iova, bool write,
		      u8 reason);
void lab_fault_queue_error(struct lab_vtd *vtd);
void lab_fault_wait_done(struct lab_vtd *vtd);

/* line.c */
void lab_line_init(struct lab_vtd *vtd);
void lab_line_connect(struct lab_seam *seam, void (*handler)(void *data),
		      void *data);
void lab_line_raise(struct lab_vtd *vtd);
void lab_line_deliver(struct lab_vtd *vtd);

/* context.c */
void lab_context_get(struct lab_requester *rq, u64 generation,
		     struct lab_context_entry *ctx);
bool lab_context_insert(struct lab_vtd *vtd, u64 generation,
			const struct lab_context_entry *ctx);
void lab_context_invalidate(struct lab_vtd *vtd, unsigned int granularity,
			    u16 did, u16 sid, unsigned int function_mask);

/* sm_context.c */
u8 lab_sm_context_fetch(const struct lab_vtd *vtd, u16 sid,
			struct lab_context_entry *ctx);

/* pasid.c */
void lab_pasid_get(struct lab_requester *rq, u64 generation,
		   const struct lab_context_entry *ctx,
		   struct lab_pasid_entry *pe);
bool lab_pasid_insert(struct lab_vtd *vtd, u64 generation,
		      const struct lab_pasid_entry *pe);
void lab_pasid_invalidate(struct lab_vtd *vtd, unsigned int granularity,
			  u16 did, u32 pasid);

/* psc.c */
bool lab_psc_lookup(const struct lab_vtd *vtd, u16 did, struct lab_walk *walk);
bool lab_psc_insert(struct lab_vtd *vtd, u64 generation, u16 did,
		    const struct lab_walk *walk);
void lab_psc_invalidate_all(struct lab_vtd *vtd);
void lab_psc_invalidate(struct lab_vtd *vtd, u16 did, u64 start, u64 last);

/* ir.c */
void lab_irte_invalidate(struct lab_vtd *vtd, u32 first, u32 last);

/* iotlb.c */
bool lab_iotlb_lookup(const struct lab_vtd *vtd, u16 did, u64 iova,
		      struct lab_iotlb_hit *hit);
enum lab_fill lab_iotlb_insert(struct lab_vtd *vtd, u64 generation, u16 did,
			       const struct lab_walk *walk);
void lab_iotlb_set_leaf(struct lab_vtd *vtd, u64 generation, u16 did, u64 iova,
			const struct lab_iotlb_hit *hit, u64 leaf);
void lab_iotlb_invalidate_all(struct lab_vtd *vtd);
void lab_iotlb_invalidate(struct lab_vtd *vtd, u16 did, u64 start, u64 last);

#endif
