// SPDX-License-Identifier: GPL-2.0
/*
 * An endpoint as a channel of the kernel's dmaengine: copies, fills, interrupts.
 *
 * It is private (DMA_PRIVATE): only who asks for a channel gets it, never the
 * kernel's own offload of copies.
 */
#include <linux/iopoll.h>
#include <linux/slab.h>
#include "dmaengine.h"

#define LAB_STOP_US	10000000	/* an access takes microseconds, if its CPU runs */

/* both are made before the driver is registered */
struct workqueue_struct *lab_chan_workqueue;

/*
 * Frees channels. dmaengine waits for the other workqueue with the lock held that
 * this one takes, and a queue with a rescuer may run its works one after the other.
 */
struct workqueue_struct *lab_chan_free_workqueue;

static struct lab_chan *to_lab_chan(struct dma_chan *chan)
{
	return container_of(chan, struct lab_chan, chan);
}

static struct lab_transfer *to_lab_transfer(struct dma_async_tx_descriptor *tx)
{
	return container_of(tx, struct lab_transfer, tx);
}

/**
 * lab_chan_look - have the work look at the ring
 * @lc: the channel
 * @delay: jiffies until then; LAB_WATCH_JIFFIES puts off no look that is due before
 *
 * Context: any.
 */
void lab_chan_look(struct lab_chan *lc, unsigned long delay)
{
	if (delay < LAB_WATCH_JIFFIES)
		mod_delayed_work(lab_chan_workqueue, &lc->work, delay);
	else
		queue_delayed_work(lab_chan_workqueue, &lc->work, delay);
}

/* frees transfers without a word to their clients, and what they mapped */
static void lab_free_transfers(struct list_head *list)
{
	struct lab_transfer *transfer, *next;

	list_for_each_entry_safe(transfer, next, list, link) {
		dma_descriptor_unmap(&transfer->tx);
		kfree(transfer);
	}
}

/* A callback may take what its client takes with bottom halves off. */
static void lab_tell(struct lab_transfer *transfer)
{
	struct dma_async_tx_descriptor *tx = &transfer->tx;

	dma_descriptor_unmap(tx);
	local_bh_disable();
	if (tx->callback_result)
		tx->callback_result(tx->callback_param, &transfer->end);
	else if (tx->callback)
		tx->callback(tx->callback_param);
	local_bh_enable();
	kfree(transfer);
}

static void lab_chan_work(struct work_struct *work)
{
	struct lab_chan *lc = container_of(to_delayed_work(work),
					   struct lab_chan, work);
	struct lab_transfer *transfer, *next;
	unsigned long flags;
	LIST_HEAD(dropped);
	unsigned long delay;
	LIST_HEAD(done);

	spin_lock_irqsave(&lc->lock, flags);
	delay = lab_chan_reap(lc);
	list_splice_init(&lc->done, &done);
	if (lab_chan_has_stopped(lc)) {
		list_splice_init(&lc->dropped, &dropped);
		delay = lab_chan_start(lc);
	} else if (lc->state == LAB_CHAN_STOPPING) {
		delay = LAB_POLL_JIFFIES;
	}
	spin_unlock_irqrestore(&lc->lock, flags);

	list_for_each_entry_safe(transfer, next, &done, link)
		lab_tell(transfer);
	lab_free_transfers(&dropped);
	if (delay)
		lab_chan_look(lc, delay);
}

static bool lab_chan_stopped(struct lab_chan *lc)
{
	unsigned long flags;
	bool stopped;

	spin_lock_irqsave(&lc->lock, flags);
	/* or the work has seen it, and started it again */
	stopped = lab_chan_has_stopped(lc) || lc->state == LAB_CHAN_RUNNING;
	spin_unlock_irqrestore(&lc->lock, flags);
	return stopped;
}

/* may sleep: the engine is disabled, and uses no memory any more */
static void lab_chan_wait_stopped(struct lab_chan *lc)
{
	bool stopped;

	if (!read_poll_timeout(lab_chan_stopped, stopped, stopped, 50,
			       LAB_STOP_US, false, lc))
		return;
	spin_lock_irq(&lc->lock);
	if (lc->state == LAB_CHAN_STOPPING) {
		/* what it may not do, it does not do */
		pci_err(lc->pdev, "the engine does not stop: bus mastering off until it starts again\n");
		pci_clear_master(lc->pdev);
		lc->state = LAB_CHAN_OFF;
	}
	spin_unlock_irq(&lc->lock);
}

/**
 * lab_chan_halt - take the engine out of service
 * @lc: the channel; @open or @ready is false, so that nothing starts it again
 *
 * What was in the ring has ended, aborted, and the clients know. What waits for a
 * place in it goes on waiting.
 *
 * Context: may sleep; not in a callback of the channel.
 */
void lab_chan_halt(struct lab_chan *lc)
{
	struct lab_transfer *transfer, *next;
	LIST_HEAD(dropped);

	spin_lock_irq(&lc->lock);
	lab_chan_stop(lc);
	spin_unlock_irq(&lc->lock);
	lab_chan_wait_stopped(lc);

	spin_lock_irq(&lc->lock);
	list_for_each_entry_safe(transfer, next, &lc->running, link)
		lab_chan_end(lc, transfer, DMA_TRANS_ABORTED, 0);
	list_splice_init(&lc->dropped, &dropped);
	spin_unlock_irq(&lc->lock);
	lab_free_transfers(&dropped);
	lab_chan_look(lc, 0);
	flush_delayed_work(&lc->work);
}

/* lock held; the client may still be handing it over, but only before it submits */
static struct dmaengine_unmap_data *lab_take_unmap(struct lab_transfer *transfer)
{
	struct dmaengine_unmap_data *unmap = transfer->tx.unmap;

	if (unmap)
		transfer->tx.unmap = NULL;
	return unmap;
}

/*
 * Unmaps what is prepared, while there is a device to unmap from. The transfers
 * themselves are their clients' until the channel is let go of, which may happen
 * whenever the lock is not held.
 */
static void lab_chan_refuse_prepared(struct lab_chan *lc)
{
	struct dmaengine_unmap_data *unmap;
	struct lab_transfer *transfer;

	spin_lock_irq(&lc->lock);
	while (!list_empty(&lc->prepared)) {
		transfer = list_first_entry(&lc->prepared, struct lab_transfer,
					    link);
		list_move_tail(&transfer->link, &lc->refused);
		unmap = lab_take_unmap(transfer);
		spin_unlock_irq(&lc->lock);
		dmaengine_unmap_put(unmap);
		spin_lock_irq(&lc->lock);
	}
	spin_unlock_irq(&lc->lock);
}

/**
 * lab_chan_abandon - the function goes: end all transfers, take no others
 * @lc: the channel; its clients go on holding it
 *
 * What transfers have mapped for their clients is unmapped, also if they were never
 * submitted.
 *
 * Context: may sleep; not in a callback of the channel.
 */
void lab_chan_abandon(struct lab_chan *lc)
{
	struct lab_transfer *transfer, *next;

	spin_lock_irq(&lc->lock);
	lc->gone = true;
	lc->ready = false;
	spin_unlock_irq(&lc->lock);
	lab_chan_halt(lc);
	lab_chan_refuse_prepared(lc);

	spin_lock_irq(&lc->lock);
	list_splice_tail_init(&lc->submitted, &lc->issued);
	list_for_each_entry_safe(transfer, next, &lc->issued, link)
		lab_chan_end(lc, transfer, DMA_TRANS_ABORTED, 0);
	spin_unlock_irq(&lc->lock);
	lab_chan_look(lc, 0);
	flush_delayed_work(&lc->work);
}

static dma_cookie_t lab_next_cookie(dma_cookie_t cookie)
{
	return cookie == INT_MAX ? DMA_MIN_COOKIE : cookie + 1;
}

static dma_cookie_t lab_transfer_submit(struct dma_async_tx_descriptor *tx)
{
	struct lab_transfer *transfer = to_lab_transfer(tx);
	struct lab_chan *lc = to_lab_chan(tx->chan);
	struct dmaengine_unmap_data *unmap = NULL;
	dma_cookie_t cookie = -ENODEV;
	unsigned long flags;

	spin_lock_irqsave(&lc->lock, flags);
	if (lc->gone) {
		unmap = lab_take_unmap(transfer);
	} else {
		cookie = lab_next_cookie(lc->chan.cookie);
		tx->cookie = cookie;
		lc->chan.cookie = cookie;
		list_move_tail(&transfer->link, &lc->submitted);
	}
	spin_unlock_irqrestore(&lc->lock, flags);
	dmaengine_unmap_put(unmap);
	return cookie;
}

static struct dma_async_tx_descriptor *lab_prepare(struct dma_chan *chan,
						   const struct lab_transfer *what,
						   unsigned long ctrl_flags)
{
	struct lab_chan *lc = to_lab_chan(chan);
	struct lab_transfer *transfer;
	unsigned long flags;
	bool gone;

	transfer = kmemdup(what, sizeof(*what), GFP_NOWAIT);
	if (!transfer)
		return NULL;
	dma_async_tx_descriptor_init(&transfer->tx, chan);
	transfer->tx.flags = ctrl_flags;
	transfer->tx.tx_submit = lab_transfer_submit;
	spin_lock_irqsave(&lc->lock, flags);
	gone = lc->gone;
	if (!gone)
		list_add_tail(&transfer->link, &lc->prepared);
	spin_unlock_irqrestore(&lc->lock, flags);
	if (gone) {
		kfree(transfer);
		return NULL;
	}
	return &transfer->tx;
}

static struct dma_async_tx_descriptor *
lab_prep_memcpy(struct dma_chan *chan, dma_addr_t dst, dma_addr_t src,
		size_t length, unsigned long flags)
{
	struct lab_transfer what = {
		.op = LAB_DESC_COPY,
		.length = length,
		.src = src,
		.dst = dst,
	};

	if (!length || length > U32_MAX)
		return NULL;
	return lab_prepare(chan, &what, flags);
}

static struct dma_async_tx_descriptor *
lab_prep_memset(struct dma_chan *chan, dma_addr_t dst, int value, size_t length,
		unsigned long flags)
{
	struct lab_transfer what = {
		.op = LAB_DESC_FILL,
		.length = length,
		.dst = dst,
		.pattern = REPEAT_BYTE((u8)value),
	};

	if (!length || length > U32_MAX)
		return NULL;
	return lab_prepare(chan, &what, flags);
}

static struct dma_async_tx_descriptor *
lab_prep_interrupt(struct dma_chan *chan, unsigned long flags)
{
	struct lab_transfer what = { .op = LAB_DESC_NOP };

	return lab_prepare(chan, &what, flags);
}

static void lab_issue_pending(struct dma_chan *chan)
{
	struct lab_chan *lc = to_lab_chan(chan);
	unsigned long delay;
	unsigned long flags;

	spin_lock_irqsave(&lc->lock, flags);
	list_splice_tail_init(&lc->submitted, &lc->issued);
	delay = lab_chan_push(lc);
	spin_unlock_irqrestore(&lc->lock, flags);
	if (delay)
		lab_chan_look(lc, delay);
}

static enum dma_status lab_cookie_status(const struct lab_chan *lc,
					 dma_cookie_t cookie)
{
	enum dma_status status;

	status = dma_async_is_complete(cookie, lc->chan.completed_cookie,
				       lc->chan.cookie);
	if (status == DMA_COMPLETE && test_bit(cookie % LAB_CHAN_ENDED, lc->failed))
		return DMA_ERROR;
	return status;
}

/* what is left of a transfer that has not ended: all of it */
static u32 lab_cookie_residue(const struct lab_chan *lc, dma_cookie_t cookie)
{
	const struct list_head *lists[] = {
		&lc->running, &lc->issued, &lc->submitted,
	};
	const struct lab_transfer *transfer;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		list_for_each_entry(transfer, lists[i], link) {
			if (transfer->tx.cookie == cookie)
				return transfer->length;
		}
	}
	return 0;
}

/* Who polls need not wait for the interrupt, nor for the work. */
static enum dma_status lab_tx_status(struct dma_chan *chan, dma_cookie_t cookie,
				     struct dma_tx_state *state)
{
	struct lab_chan *lc = to_lab_chan(chan);
	enum dma_status status;
	unsigned long flags;
	bool look = false;
	u32 residue = 0;

	spin_lock_irqsave(&lc->lock, flags);
	status = lab_cookie_status(lc, cookie);
	if (status == DMA_IN_PROGRESS) {
		lab_chan_reap(lc);
		look = !list_empty(&lc->done);
		status = lab_cookie_status(lc, cookie);
	}
	if (state && status == DMA_IN_PROGRESS)
		residue = lab_cookie_residue(lc, cookie);
	dma_set_tx_state(state, chan->completed_cookie, chan->cookie, residue);
	spin_unlock_irqrestore(&lc->lock, flags);
	if (look)
		lab_chan_look(lc, 0);
	return status;
}

/* lock held: nothing that has a cookie will be run, and nobody will be told */
static void lab_chan_drop(struct lab_chan *lc)
{
	dma_cookie_t cookie = lc->chan.completed_cookie;

	list_splice_tail_init(&lc->running, &lc->dropped);
	list_splice_tail_init(&lc->issued, &lc->dropped);
	list_splice_tail_init(&lc->submitted, &lc->dropped);
	while (cookie != lc->chan.cookie) {
		cookie = lab_next_cookie(cookie);
		lab_chan_record(lc, cookie, true);
	}
}

/* any context: what the engine may still use is freed by the work */
static int lab_terminate_all(struct dma_chan *chan)
{
	struct lab_chan *lc = to_lab_chan(chan);
	unsigned long flags;

	spin_lock_irqsave(&lc->lock, flags);
	lab_chan_reap(lc);
	lab_chan_drop(lc);
	if (!list_empty(&lc->dropped))
		lab_chan_stop(lc);
	spin_unlock_irqrestore(&lc->lock, flags);
	lab_chan_look(lc, 0);
	return 0;
}

static bool lab_chan_settled(struct lab_chan *lc)
{
	unsigned long flags;
	bool settled;

	spin_lock_irqsave(&lc->lock, flags);
	settled = lc->state != LAB_CHAN_STOPPING && list_empty(&lc->done);
	spin_unlock_irqrestore(&lc->lock, flags);
	return settled;
}

/* may sleep: what was terminated is freed, and no callback runs any more */
static void lab_synchronize(struct dma_chan *chan)
{
	struct lab_chan *lc = to_lab_chan(chan);
	bool settled;

	if (read_poll_timeout(lab_chan_settled, settled, settled, 50,
			      LAB_STOP_US, false, lc))
		lab_chan_wait_stopped(lc);
	flush_delayed_work(&lc->work);
}

static int lab_alloc_chan_resources(struct dma_chan *chan)
{
	struct lab_chan *lc = to_lab_chan(chan);

	spin_lock_irq(&lc->lock);
	chan->cookie = DMA_MIN_COOKIE;
	chan->completed_cookie = DMA_MIN_COOKIE;
	bitmap_zero(lc->failed, LAB_CHAN_ENDED);
	lc->open = true;
	lab_chan_start(lc);
	spin_unlock_irq(&lc->lock);
	return LAB_CHAN_SIZE - 1;
}

static void lab_free_chan_resources(struct dma_chan *chan)
{
	struct lab_chan *lc = to_lab_chan(chan);
	LIST_HEAD(left);

	spin_lock_irq(&lc->lock);
	lc->open = false;
	lab_chan_drop(lc);
	list_splice_init(&lc->prepared, &left);
	list_splice_init(&lc->refused, &left);
	spin_unlock_irq(&lc->lock);
	lab_chan_halt(lc);
	lab_free_transfers(&left);
}

static bool lab_no_channel(struct dma_chan *chan, void *param)
{
	return false;
}

/*
 * Who lets go of the last channel of a device that is gone looks at it once
 * more, under dmaengine's own lock: this waits for that lock, which only the
 * search for a channel takes without side effects.
 */
static void lab_chan_free(struct work_struct *work)
{
	struct lab_chan *lc = container_of(work, struct lab_chan, release);
	dma_cap_mask_t all;

	dma_cap_zero(all);
	WARN_ON(dma_request_channel(all, lab_no_channel, NULL));
	/* a late interrupt may have queued it once more */
	cancel_delayed_work_sync(&lc->work);
	put_device(&lc->pdev->dev);
	kfree(lc);
}

/* dmaengine has let go of the device, with its lock held */
static void lab_chan_release(struct dma_device *dma)
{
	struct lab_chan *lc = container_of(dma, struct lab_chan, dma);

	queue_work(lab_chan_free_workqueue, &lc->release);
}

/**
 * lab_chan_create - a channel for a function
 * @pdev: the function
 *
 * After it is registered with dmaengine it frees itself: when it is unregistered and
 * no client holds it. Until then lab_chan_destroy() does.
 *
 * Context: may sleep. Return: the channel, or NULL without memory.
 */
struct lab_chan *lab_chan_create(struct pci_dev *pdev)
{
	struct lab_chan *lc;

	lc = kzalloc(sizeof(*lc), GFP_KERNEL);
	if (!lc)
		return NULL;
	get_device(&pdev->dev);
	lc->pdev = pdev;
	spin_lock_init(&lc->lock);
	INIT_LIST_HEAD(&lc->prepared);
	INIT_LIST_HEAD(&lc->refused);
	INIT_LIST_HEAD(&lc->submitted);
	INIT_LIST_HEAD(&lc->issued);
	INIT_LIST_HEAD(&lc->running);
	INIT_LIST_HEAD(&lc->done);
	INIT_LIST_HEAD(&lc->dropped);
	INIT_DELAYED_WORK(&lc->work, lab_chan_work);
	INIT_WORK(&lc->release, lab_chan_free);

	dma_cap_set(DMA_MEMCPY, lc->dma.cap_mask);
	dma_cap_set(DMA_MEMSET, lc->dma.cap_mask);
	dma_cap_set(DMA_INTERRUPT, lc->dma.cap_mask);
	dma_cap_set(DMA_PRIVATE, lc->dma.cap_mask);
	lc->dma.dev = &pdev->dev;
	lc->dma.residue_granularity = DMA_RESIDUE_GRANULARITY_DESCRIPTOR;
	lc->dma.device_alloc_chan_resources = lab_alloc_chan_resources;
	lc->dma.device_free_chan_resources = lab_free_chan_resources;
	lc->dma.device_prep_dma_memcpy = lab_prep_memcpy;
	lc->dma.device_prep_dma_memset = lab_prep_memset;
	lc->dma.device_prep_dma_interrupt = lab_prep_interrupt;
	lc->dma.device_issue_pending = lab_issue_pending;
	lc->dma.device_tx_status = lab_tx_status;
	lc->dma.device_terminate_all = lab_terminate_all;
	lc->dma.device_synchronize = lab_synchronize;
	lc->dma.device_release = lab_chan_release;
	INIT_LIST_HEAD(&lc->dma.channels);
	lc->chan.device = &lc->dma;
	list_add_tail(&lc->chan.device_node, &lc->dma.channels);
	return lc;
}

/**
 * lab_chan_destroy - the end of a channel that was not registered
 * @lc: the channel
 *
 * Context: may sleep.
 */
void lab_chan_destroy(struct lab_chan *lc)
{
	put_device(&lc->pdev->dev);
	kfree(lc);
}
