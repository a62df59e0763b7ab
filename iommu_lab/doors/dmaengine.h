/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pci_driver that offers an endpoint as a channel of the kernel's dmaengine.
 *
 * It knows what any driver knows: config space, the register specification
 * (Documentation/function.rst) and the DMA API. Nothing else of the
 * module is used.
 *
 * A transfer is in one list, and moves on in this order: prepared, submitted (it
 * has a cookie), issued, running (it has a descriptor in the ring), done.
 * Termination moves it to dropped from any of these that is not the first or the
 * last. What is only prepared when the function goes moves to refused.
 */
#ifndef IOMMU_LAB_DOORS_DMAENGINE_H
#define IOMMU_LAB_DOORS_DMAENGINE_H

#include <linux/bitmap.h>
#include <linux/dmaengine.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/pci.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "../bus/registers.h"

#define LAB_CHAN_SIZE		256u	/* descriptors of the ring, a power of two */
#define LAB_CHAN_ORDER		ilog2(LAB_CHAN_SIZE)
#define LAB_POLL_JIFFIES	1	/* between looks at it without interrupts */
#define LAB_WATCH_JIFFIES	HZ	/* with: a message may have been lost */
#define LAB_CHAN_ENDED		4096u	/* last transfers to end, a power of two */

/**
 * struct lab_transfer - a transfer
 * @tx: what the client sees
 * @link: in one of the channel's lists
 * @op: operation of the engine
 * @length: bytes, 0 only for an interrupt
 * @src: device address
 * @dst: device address
 * @pattern: for the fill operation
 * @end: how it ended, for the callback
 */
struct lab_transfer {
	struct dma_async_tx_descriptor tx;
	struct list_head link;
	u32 op;
	u32 length;
	u64 src;
	u64 dst;
	u64 pattern;
	struct dmaengine_result end;
};

enum lab_chan_state {
	LAB_CHAN_OFF,		/* the engine is disabled */
	LAB_CHAN_RUNNING,	/* it runs what the ring holds */
	LAB_CHAN_STOPPING,	/* disabled, and may be in its last access */
};

/**
 * struct lab_chan - a channel, and the function behind it
 * @dma: the device that dmaengine sees; its reference count is this object's
 * @chan: its only channel
 * @pdev: the function (a reference)
 * @regs: offset of the register block in config space
 * @ring: LAB_CHAN_SIZE descriptors, shared with the engine
 * @ring_dma: where the engine finds them
 * @polled: no interrupt could be had
 * @lock: everything below. Taken in any context; config space is accessed in it
 * @state: of the engine
 * @open: a client has the channel
 * @ready: the function can be used: it is not being reset, and not gone
 * @gone: the driver has let go of the function: transfers are refused
 * @head: the next place of the ring to be looked at, in places since the start
 * @tail: the next place to be filled, likewise
 * @prepared: transfers without a cookie
 * @refused: without a cookie for ever, as the function has gone; they map nothing
 * @submitted: not to be run yet
 * @issued: to be run, no place in the ring yet
 * @running: in the ring, from @head to @tail
 * @done: ended, the client is to be told
 * @dropped: terminated, to be freed when the engine has stopped
 * @failed: of the LAB_CHAN_ENDED transfers that ended last, by cookie: those that
 *	did not do what they should
 * @work: looks at the ring, starts the engine again, tells clients
 * @release: frees this object
 */
struct lab_chan {
	struct dma_device dma;
	struct dma_chan chan;
	struct pci_dev *pdev;
	u16 regs;
	struct lab_descriptor *ring;
	dma_addr_t ring_dma;
	bool polled;
	spinlock_t lock; /* everything below */
	enum lab_chan_state state;
	bool open;
	bool ready;
	bool gone;
	u32 head;
	u32 tail;
	struct list_head prepared;
	struct list_head refused;
	struct list_head submitted;
	struct list_head issued;
	struct list_head running;
	struct list_head done;
	struct list_head dropped;
	DECLARE_BITMAP(failed, LAB_CHAN_ENDED);
	struct delayed_work work;
	struct work_struct release;
};

extern struct workqueue_struct *lab_chan_workqueue;
extern struct workqueue_struct *lab_chan_free_workqueue;

/* dmaengine.c */
struct lab_chan *lab_chan_create(struct pci_dev *pdev);
void lab_chan_destroy(struct lab_chan *lc);
void lab_chan_look(struct lab_chan *lc, unsigned long delay);
void lab_chan_halt(struct lab_chan *lc);
void lab_chan_abandon(struct lab_chan *lc);

/* dmaengine_ring.c */
int lab_chan_find_registers(struct lab_chan *lc);
unsigned long lab_chan_start(struct lab_chan *lc);
void lab_chan_stop(struct lab_chan *lc);
bool lab_chan_has_stopped(struct lab_chan *lc);
unsigned long lab_chan_push(struct lab_chan *lc);
unsigned long lab_chan_reap(struct lab_chan *lc);
void lab_chan_acknowledge(struct lab_chan *lc);
void lab_chan_end(struct lab_chan *lc, struct lab_transfer *transfer,
		  enum dmaengine_tx_result result, u32 done);
void lab_chan_record(struct lab_chan *lc, dma_cookie_t cookie, bool failed);

#endif
