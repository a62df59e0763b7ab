/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of remap/ share.
 *
 * Locks, all raw, taken with interrupts off:
 * unit->lock		command registers, the invalidation queue, counts. Held
 *			while the driver waits for the unit (bounded)
 * unit->fault_lock	the fault log. The interrupt handler takes this one and
 *			no other: it may run while unit->lock is held, on the
 *			same CPU too. Nothing that could raise the interrupt is
 *			done with it held
 * rd->lock		the list of bindings
 * rd->log_lock		the unmap log
 * None is taken inside another.
 *
 * The slots mutex of the caller protects context and PASID entries, domain ids and
 * bindings against each other (lab_remap_attach(), lab_remap_detach()).
 */
#ifndef IOMMU_LAB_REMAP_INT_H
#define IOMMU_LAB_REMAP_INT_H

#include <linux/bitfield.h>
#include <linux/idr.h>
#include <linux/irq_work.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <linux/processor.h>
#include <linux/rcupdate.h>
#include <linux/timekeeping.h>
#include "../seam/seam.h"
#include "../seam/vtd_regs.h"
#include "remap.h"

#define LAB_CONTEXTS		256	/* entries of a context table: one bus */
#define LAB_BUSES		256	/* entries of the root table */
#define LAB_QUEUE_SLOTS		256	/* descriptors in one page (QS = 0), or half */
#define LAB_RANGE_DESCRIPTORS	8	/* at most, for one range of IOVAs */

/**
 * struct lab_pasids - what a source-id has in scalable mode
 * @directory: PASID directory, of which the first entry leads to @table
 * @table: PASID table, of which the first entry is used
 */
struct lab_pasids {
	u64 *directory;
	u64 *table;
};

/**
 * struct lab_unit - a unit as its driver knows it
 * @params: as given
 * @caps: decoded registers
 * @iotlb_reg: offset of the IOTLB registers
 * @fault_reg: offset of the first fault recording register
 * @nr_fault_regs: how many
 * @lock: raw, see above
 * @enabled: translation is on (written under @lock)
 * @dead: an invalidation was not confirmed (written under @lock, once)
 * @reachable: the unit may access @root, @context, @pasids, @queue, @status and @irt
 * @root: root table
 * @context: two for each bus: context tables of devices 0 to 15 and 16 to 31; in
 *	legacy mode the first one is for all. NULL until needed
 * @pasids: struct lab_pasids by source-id, in scalable mode
 * @queue: ring of invalidation descriptors, NULL when the unit has no queue
 * @slots: descriptors in @queue
 * @status: one status word for each slot of @queue, written by the unit
 * @tail: next free slot of @queue
 * @counts: what was asked of the unit, but @kept_tables, @dids and @irqs
 * @kept_tables: table pages kept behind it
 * @dids: domain ids in use; 0 is never
 * @nr_dids: how many
 * @irt: interrupt remapping table, NULL for a unit that remaps no interrupts
 * @irqs_max: its entries
 * @irqs: those in use
 * @nr_irqs: how many
 * @collecting: bit 0: somebody moves fault records to the log
 * @fault_lock: raw; what is below
 * @fault_total: faults read
 * @fault_overflows: PFO seen
 * @fault_by_reason: of @fault_total
 * @fault_log: the newest ones; number n is in slot (n - 1) % LAB_FAULT_LOG
 * @left: starts @look
 * @look: moves records that were left
 * @ending: @look is not started any more
 */
struct lab_unit {
	struct lab_unit_params params;
	struct lab_unit_caps caps;
	u32 iotlb_reg;
	u32 fault_reg;
	unsigned int nr_fault_regs;
	raw_spinlock_t lock;
	bool enabled;
	bool dead;
	bool reachable;
	u64 *root;
	u64 *context[2 * LAB_BUSES];
	struct xarray pasids;
	u64 *queue;
	unsigned int slots;
	u32 *status;
	unsigned int tail;
	struct lab_unit_counts counts;
	atomic_long_t kept_tables;
	struct ida dids;
	atomic_t nr_dids;
	u64 *irt;
	unsigned int irqs_max;
	struct ida irqs;
	atomic_t nr_irqs;
	unsigned long collecting;
	raw_spinlock_t fault_lock;
	u64 fault_total;
	u64 fault_overflows;
	u64 fault_by_reason[VTD_NR_FAULT_SLOTS];
	struct lab_fault fault_log[LAB_FAULT_LOG];
	struct irq_work left;
	struct delayed_work look;
	bool ending;
};

/**
 * struct lab_binding - a unit that has a domain id for a domain
 * @link: in lab_remap_domain.units; readers use RCU
 * @unit: the unit
 * @did: domain id
 * @sids: source-ids attached; one more for each whose detach failed
 * @rcu: to free it
 */
struct lab_binding {
	struct list_head link;
	struct lab_unit *unit;
	u16 did;
	unsigned int sids;
	struct rcu_head rcu;
};

/**
 * struct lab_inval - an invalidation, whichever way the unit is told of it
 * @type: VTD_INV_CONTEXT, VTD_INV_IOTLB or VTD_INV_IEC; in scalable mode also VTD_INV_PASID_CACHE
 *	and VTD_INV_PASID_IOTLB, always of PASID 0
 * @gran: VTD_GRAN_*, VTD_IEC_*, VTD_PASID_*
 * @did: domain id, unless global
 * @sid: source-id (context, VTD_GRAN_DEVICE)
 * @index: of the interrupt remapping table (IEC, VTD_IEC_INDEX)
 * @am: address mask: 4 KiB << @am bytes (IOTLB, VTD_GRAN_PAGE)
 * @ih: no table was changed, only leaves (IOTLB, VTD_GRAN_PAGE)
 * @addr: IOVA, a multiple of 4 KiB << @am (IOTLB, VTD_GRAN_PAGE)
 * @domain: for tracepoints: lab_remap_domain.id, 0 for none
 */
struct lab_inval {
	u8 type;
	u8 gran;
	u16 did;
	u16 sid;
	u16 index;
	u8 am;
	bool ih;
	u64 addr;
	u32 domain;
};

/**
 * struct lab_attachment - what a source-id is attached to
 * @table: physical address of the top table; 0 with @identity
 * @did: domain id
 * @levels: of the table
 * @identity: pass-through
 * @dirty: A and D are set in the table
 */
struct lab_attachment {
	u64 table;
	u16 did;
	u8 levels;
	bool identity;
	bool dirty;
};

static inline unsigned int lab_unit_timeout_ms(const struct lab_unit *unit)
{
	return unit->params.timeout_ms ?: LAB_INVAL_TIMEOUT_MS;
}

/*
 * Waits until @condition holds, no longer than the unit may take; true when it did.
 * The clock is looked at only when it does not hold at once, and before the
 * condition: a CPU that was held up between the two looks once more. Any context.
 */
#define lab_wait_until(unit, condition)				\
({									\
	u64 end_ns__ = 0;						\
	bool late__, holds__;						\
									\
	for (;;) {							\
		late__ = end_ns__ && ktime_get_mono_fast_ns() > end_ns__; \
		holds__ = (condition);					\
		if (holds__ || late__)					\
			break;						\
		if (!end_ns__)						\
			end_ns__ = ktime_get_mono_fast_ns() +		\
				   lab_unit_timeout_ms(unit) *		\
				   (u64)NSEC_PER_MSEC;			\
		cpu_relax();						\
	}								\
	holds__;							\
})

static inline u32 lab_read32(const struct lab_unit *unit, u32 reg)
{
	return unit->params.seam->ops->read32(unit->params.seam, reg);
}

static inline u64 lab_read64(const struct lab_unit *unit, u32 reg)
{
	return unit->params.seam->ops->read64(unit->params.seam, reg);
}

static inline void lab_write32(struct lab_unit *unit, u32 reg, u32 value)
{
	unit->params.seam->ops->write32(unit->params.seam, reg, value);
}

static inline void lab_write64(struct lab_unit *unit, u32 reg, u64 value)
{
	unit->params.seam->ops->write64(unit->params.seam, reg, value);
}

static inline const char *lab_unit_name(const struct lab_unit *unit)
{
	return unit->params.seam->name;
}

/**
 * lab_unit_flush - makes CPU writes to memory visible to a unit
 * @unit: the unit; one that snoops needs nothing
 * @start: first byte written
 * @bytes: how many
 *
 * Context: any.
 */
static inline void lab_unit_flush(struct lab_unit *unit, void *start,
				  size_t bytes)
{
	struct lab_seam *seam = unit->params.seam;

	if (!(unit->caps.ecap & VTD_ECAP_C))
		seam->ops->flush(seam, start, bytes);
}

/* does the unit snoop when it reads page tables? (ECAP.C; scalable mode: PWSNP) */
static inline bool lab_unit_snoops_tables(const struct lab_unit *unit)
{
	return unit->caps.ecap &
	       (unit->caps.scalable ? VTD_ECAP_SMPWCS : VTD_ECAP_C);
}

/**
 * lab_unit_flush_table - makes CPU writes to a page table visible to a unit
 * @unit: the unit; one that snoops there needs nothing
 * @start: first byte written
 * @bytes: how many
 *
 * Context: any.
 */
static inline void lab_unit_flush_table(struct lab_unit *unit, void *start,
					size_t bytes)
{
	struct lab_seam *seam = unit->params.seam;

	if (!lab_unit_snoops_tables(unit))
		seam->ops->flush(seam, start, bytes);
}

/* caps.c */
int lab_unit_decode(struct lab_unit *unit);

/* command.c */
int lab_command(struct lab_unit *unit, u32 set, u32 clear, u32 status,
		u32 want);
void lab_unit_mark_dead(struct lab_unit *unit, const char *what);
int lab_unit_flush_writes(struct lab_unit *unit);

/* queue.c */
int lab_queue_start(struct lab_unit *unit);
int lab_queue_stop(struct lab_unit *unit);
int lab_queue_submit(struct lab_unit *unit, const struct lab_inval *inval,
		     unsigned int nr);

/* inval.c */
int lab_inval_by_register(struct lab_unit *unit, const struct lab_inval *inval,
			  unsigned int nr);
int lab_unit_invalidate_locked(struct lab_unit *unit,
			       const struct lab_inval *inval, unsigned int nr);
int lab_unit_invalidate(struct lab_unit *unit, const struct lab_inval *inval,
			unsigned int nr);
unsigned int lab_inval_range(const struct lab_unit *unit, u16 did, u64 start,
			     u64 last, bool ih, struct lab_inval *inval);

/* tracepoints tell whose invalidations they are */
static inline void lab_inval_of(const struct lab_remap_domain *rd,
				struct lab_inval *inval, unsigned int nr)
{
	while (nr--)
		inval[nr].domain = rd->id;
}

/* context.c */
int lab_slot_prepare(struct lab_unit *unit, u16 sid);
int lab_slot_did(struct lab_unit *unit, u16 sid);
void lab_slot_set(struct lab_unit *unit, u16 sid,
		  const struct lab_attachment *at);
void lab_slot_clear(struct lab_unit *unit, u16 sid);
unsigned int lab_slot_inval(const struct lab_unit *unit, u16 sid, u16 did,
			    bool identity, struct lab_inval *inval);

/* sm_context.c */
int lab_sm_prepare(struct lab_unit *unit, u16 sid);
void lab_sm_free_pages(struct lab_unit *unit);
void lab_sm_exit(struct lab_unit *unit);
int lab_sm_did(struct lab_unit *unit, u16 sid);
void lab_sm_set(struct lab_unit *unit, u16 sid, const struct lab_attachment *at);
void lab_sm_clear(struct lab_unit *unit, u16 sid);
void lab_sm_set_dirty(struct lab_unit *unit, u16 did, bool on);
unsigned int lab_sm_inval(u16 did, bool identity, struct lab_inval *inval);
bool lab_sm_read(struct lab_unit *unit, u16 sid, struct lab_slot_view *out);

/* faults.c */
void lab_faults_init(struct lab_unit *unit);
void lab_faults_end(struct lab_unit *unit);
void lab_faults_start(struct lab_unit *unit);
void lab_faults_stop(struct lab_unit *unit);

/* ir.c */
int lab_ir_alloc(struct lab_unit *unit);
void lab_ir_free(struct lab_unit *unit);
int lab_ir_start(struct lab_unit *unit);
bool lab_ir_stop(struct lab_unit *unit);

/* table.c */
extern const struct lab_table_mem_ops lab_remap_table_ops;
void lab_tables_free_rcu(struct lab_remap_domain *rd,
			 struct list_head *retired);
void lab_tables_keep(struct lab_remap_domain *rd, struct lab_unit *unit,
		     struct list_head *retired);
void lab_tables_flush(struct lab_remap_domain *rd, struct lab_unit *unit);

/* unmap_log.c */
void lab_unmap_log_add(struct lab_remap_domain *rd, u64 start, u64 last);

#endif
