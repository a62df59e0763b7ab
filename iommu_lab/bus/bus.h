/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Endpoints and their DMA engines: the only callers of the unit's translate,
 * and (in target.c) the only code that touches the memory of a DMA.
 *
 * Invariants:
 * - A chunk of a DMA (at most 4 KiB, within one page) runs with interrupts off
 *   between lab_inflight_begin() and lab_inflight_end(); in between it checks
 *   its gate, translates, and touches memory at the translated address.
 * - A gate is the right to do DMA at an endpoint. A job keeps the gate that it
 *   was accepted through, and ends at the next chunk when the endpoint has
 *   another one. So whoever replaces the gate, and then drains the unit, knows
 *   that nothing accepted before is in flight.
 */
#ifndef IOMMU_LAB_BUS_H
#define IOMMU_LAB_BUS_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include "../model/vtd.h"

struct mm_struct;

#define LAB_CHUNK		4096u	/* bytes moved with interrupts off */
#define LAB_RING_SLOTS		64u	/* jobs of one open file, done ones too */
#define LAB_RING_DATA		1048576u	/* bytes of data of such a job */
#define LAB_PCI_DOMAIN_BASE	0x10000u
#define LAB_WINDOW_MAX_PAGES	65536u	/* 256 MiB of the module's memory */

/**
 * struct lab_window - a reserved region's window in physical address space,
 *	which is decoded to memory of the module for the endpoints that have it
 * @start: first physical address, page aligned
 * @last: last physical address (inclusive), the end of a page
 */
struct lab_window {
	u64 start;
	u64 last;
};

/**
 * struct lab_bus - what all endpoints share
 * @pci_domain: the kernel's PCI domain of segment 0; set by who makes the bus
 * @pages: memory of windows, struct page by physical page number: the pages that
 *	were written to. The others read as zeros. Stored with interrupts off
 * @nr_pages: how many, at most LAB_WINDOW_MAX_PAGES
 * @engine: where asynchronous jobs run
 * @interrupt: called for each interrupt that a unit lets pass, with interrupts off
 *	and no lock held, outside of sections that a drain waits for. NULL: nobody
 *	listens. Set while no DMA runs
 * @interrupt_data: passed to @interrupt
 */
struct lab_bus {
	u32 pci_domain;
	struct xarray pages;
	atomic_t nr_pages;
	struct workqueue_struct *engine;
	void (*interrupt)(void *data, const struct lab_interrupt *interrupt);
	void *interrupt_data;
};

int lab_bus_init(struct lab_bus *bus);
void lab_bus_destroy(struct lab_bus *bus);

/*
 * Finds the physical address of a DMA address where there is no unit. Called
 * with interrupts off; the answer is used before they are on again. False: the
 * access is refused.
 */
typedef bool (*lab_resolve_fn)(void *data, u64 address, bool write, u64 *pa,
			       enum lab_memory *memory);

/**
 * struct lab_gate - the right to do DMA at an endpoint
 * @refs: the endpoint, and each job
 * @rq: the requester at the unit, with this gate's counters
 * @attached: false for the gate of the blocked state
 * @core: of the kernel's iommu core: no process does DMA through it
 * @domain: id of the domain, for tracepoints; 0 in the blocked state
 * @resolve: at an endpoint without a unit: who knows the addresses; NULL: all are
 *	refused. Set by the owner before the gate is opened
 * @resolve_data: passed to @resolve
 */
struct lab_gate {
	refcount_t refs;
	struct lab_requester rq;
	bool attached;
	bool core;
	u32 domain;
	lab_resolve_fn resolve;
	void *resolve_data;
};

/**
 * struct lab_endpoint - a function with a DMA engine
 * @bus: its bus
 * @vtd: the unit that translates for it, NULL where there is none
 * @index: 0 for the first one
 * @segment: PCI segment
 * @bdf: source-id
 * @unit: index of @vtd, for tracepoints; U32_MAX where there is none
 * @windows: its reserved regions; outlive it. Fixed while DMA runs
 * @nr_windows: how many
 * @gone: removed: no DMA any more
 * @master: bus mastering is on; always, where it is no PCI function
 * @epoch: of accepted jobs: a job of another one ends at its next chunk. Changed by
 *	lab_endpoint_revoke()
 * @gate: the gate in force
 * @blocked: the gate of the blocked state
 * @core: the gate of all domains of the kernel's iommu core
 * @lock: @gate, @past
 * @past: counters of the gates that are closed
 */
struct lab_endpoint {
	struct lab_bus *bus;
	struct lab_vtd *vtd;
	unsigned int index;
	u16 segment;
	u16 bdf;
	u32 unit;
	const struct lab_window *windows;
	unsigned int nr_windows;
	bool gone;
	bool master;
	atomic_t epoch;
	struct lab_gate *gate;
	struct lab_gate *blocked;
	struct lab_gate *core;
	spinlock_t lock;	/* gate, past; and who is attached, in doors/ */
	struct lab_counters past;
};

int lab_endpoint_init(struct lab_endpoint *ep, struct lab_bus *bus,
		      struct lab_vtd *vtd, unsigned int index, u16 segment,
		      u16 bdf);
void lab_endpoint_release(struct lab_endpoint *ep);
struct lab_gate *lab_gate_create(struct lab_endpoint *ep);
void lab_gate_put(struct lab_gate *gate);
void lab_gate_add(const struct lab_gate *gate, struct lab_counters *sum);
struct lab_gate *lab_endpoint_gate(struct lab_endpoint *ep);
void lab_endpoint_revoke(struct lab_endpoint *ep);
void lab_endpoint_open_gate(struct lab_endpoint *ep, struct lab_gate *gate);
void lab_endpoint_shut_gate(struct lab_endpoint *ep);
void lab_endpoint_fold_gate(struct lab_endpoint *ep, struct lab_gate *gate,
			    struct lab_counters *sum);
void lab_endpoint_read(struct lab_endpoint *ep, struct lab_counters *sum);

/* what a DMA does; the numbers of enum iommu_lab_dma_op */
enum lab_dma_op {
	LAB_DMA_READ,
	LAB_DMA_WRITE,
	LAB_DMA_COPY,
	LAB_DMA_FILL,
	LAB_DMA_COMPARE,
};

/* how it ended; the numbers of enum iommu_lab_dma_status */
enum lab_dma_status {
	LAB_DMA_OK,
	LAB_DMA_FAULT,
	LAB_DMA_MISCOMPARE,
	LAB_DMA_REVOKED,
	LAB_DMA_DATA,
	LAB_DMA_ABORTED,
	LAB_DMA_DEAD,
};

/**
 * struct lab_dma_sg - a range of IOVAs
 * @iova: first address, any alignment
 * @length: bytes, not 0; @iova + @length - 1 does not wrap
 */
struct lab_dma_sg {
	u64 iova;
	u64 length;
};

/**
 * struct lab_dma_result - how a DMA ended
 * @status: see there
 * @done: bytes done before the end
 * @reason: fault reason (VT-d 7.1.3) with LAB_DMA_FAULT
 * @write: the refused access was a write
 * @stale: it was refused for a stale IOTLB entry
 * @attached: the endpoint was attached when the job was accepted
 * @iova: the refused address
 */
struct lab_dma_result {
	enum lab_dma_status status;
	u64 done;
	u8 reason;
	bool write;
	bool stale;
	bool attached;
	u64 iova;
};

/**
 * struct lab_dma_job - a DMA
 * @ep: whose engine runs it
 * @gate: the gate it was accepted through (a reference)
 * @op: what it does
 * @src: source list, READ, COPY, COMPARE
 * @dst: destination list, WRITE, COPY, FILL, COMPARE
 * @nr_src: entries of @src
 * @nr_dst: entries of @dst
 * @length: bytes of each list that there is
 * @data: READ, WRITE: process address, in the mm of whoever runs it
 * @copy: READ, WRITE: data in kernel memory instead, or NULL (kvmalloc)
 * @pattern: FILL
 * @cookie: the submitter's
 * @epoch: of the endpoint when it was accepted
 * @cancelled: set to end it at the next chunk
 * @result: how it ended
 * @mm: whose it is (mmgrab): only compared. May be NULL
 * @link: in a ring
 */
struct lab_dma_job {
	struct lab_endpoint *ep;
	struct lab_gate *gate;
	enum lab_dma_op op;
	struct lab_dma_sg *src;
	struct lab_dma_sg *dst;
	unsigned int nr_src;
	unsigned int nr_dst;
	u64 length;
	u64 data;
	void *copy;
	u64 pattern;
	u64 cookie;
	int epoch;
	bool cancelled;
	struct lab_dma_result result;
	struct mm_struct *mm;
	struct list_head link;
};

int lab_dma_run(struct lab_dma_job *job);
bool lab_chunk(struct lab_dma_job *job, u64 iova, void *buffer, size_t bytes,
	       bool write);
void lab_dma_job_free(struct lab_dma_job *job);

/**
 * struct lab_ring - the asynchronous jobs of one open file, run in order
 * @bus: where they run
 * @lock: everything below
 * @queued: jobs that wait, the running one first
 * @done: jobs with a result
 * @used: jobs in both lists
 * @work: runs @queued to its end
 * @wait: woken by each result
 */
struct lab_ring {
	struct lab_bus *bus;
	spinlock_t lock;	/* queued, done, used */
	struct list_head queued;
	struct list_head done;
	unsigned int used;
	struct work_struct work;
	wait_queue_head_t wait;
};

void lab_ring_init(struct lab_ring *ring, struct lab_bus *bus);
int lab_ring_submit(struct lab_ring *ring, struct lab_dma_job *job);
int lab_ring_reap(struct lab_ring *ring, const struct mm_struct *mm,
		  struct lab_dma_job **job);
bool lab_ring_has_result(struct lab_ring *ring);
void lab_ring_destroy(struct lab_ring *ring);

/* target.c */
int lab_target_read(const struct lab_endpoint *ep,
		    const struct lab_translation *tr, void *to, size_t bytes);
int lab_target_write(const struct lab_endpoint *ep,
		     const struct lab_translation *tr, const void *from,
		     size_t bytes);

#endif
