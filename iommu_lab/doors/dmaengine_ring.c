// SPDX-License-Identifier: GPL-2.0
/*
 * The ring of descriptors that a channel shares with the engine of its function,
 * and the registers of that engine. See Documentation/function.rst.
 *
 * An error halts the engine after it has written the descriptor's completion
 * record, or without one when the ring itself cannot be reached. The descriptor
 * is ended only when both have been seen, so that a halt is never blamed on the
 * next one.
 */
#include <linux/bitfield.h>
#include "dmaengine.h"

#define LAB_VERSION		1	/* of the register specification */

static u32 lab_read(struct lab_chan *lc, unsigned int reg)
{
	u32 value;

	/* all ones if the function is not there any more */
	pci_read_config_dword(lc->pdev, lc->regs + reg, &value);
	return value;
}

static void lab_write(struct lab_chan *lc, unsigned int reg, u32 value)
{
	pci_write_config_dword(lc->pdev, lc->regs + reg, value);
}

static bool lab_has_halted(struct lab_chan *lc)
{
	return lab_read(lc, LAB_REG_STATUS) & LAB_STATUS_HALTED;
}

/**
 * lab_chan_find_registers - look for the engine's registers in config space
 * @lc: @pdev is set
 *
 * Context: may sleep. Return: 0, or -ENODEV if this is no function with such an
 * engine.
 */
int lab_chan_find_registers(struct lab_chan *lc)
{
	u32 caps;

	lc->regs = pci_find_vsec_capability(lc->pdev, lc->pdev->vendor,
					    LAB_VSEC_ID);
	if (!lc->regs)
		return -ENODEV;
	caps = lab_read(lc, LAB_REG_CAPS);
	if (FIELD_GET(LAB_CAPS_VERSION, caps) != LAB_VERSION ||
	    FIELD_GET(LAB_CAPS_ORDER, caps) < LAB_CHAN_ORDER)
		return -ENODEV;
	return 0;
}

/**
 * lab_chan_start - enable the engine with an empty ring, and fill it
 * @lc: the channel; @open, @ready and OFF, or nothing is done
 *
 * Context: lock held. Return: as lab_chan_push().
 */
unsigned long lab_chan_start(struct lab_chan *lc)
{
	u32 control = LAB_CTRL_ENABLE;

	lockdep_assert_held(&lc->lock);
	if (!lc->open || !lc->ready || lc->state != LAB_CHAN_OFF)
		return 0;
	if (!lc->polled)
		control |= LAB_CTRL_INTR;
	lab_write(lc, LAB_REG_STATUS, LAB_STATUS_HALTED | LAB_STATUS_DONE);
	lab_write(lc, LAB_REG_RING_LO, lower_32_bits(lc->ring_dma));
	lab_write(lc, LAB_REG_RING_HI, upper_32_bits(lc->ring_dma));
	lab_write(lc, LAB_REG_RING_ORDER, LAB_CHAN_ORDER);
	lc->head = 0;
	lc->tail = 0;
	pci_set_master(lc->pdev);
	lab_write(lc, LAB_REG_CTRL, control);
	lc->state = LAB_CHAN_RUNNING;
	return lab_chan_push(lc);
}

/**
 * lab_chan_stop - disable the engine
 * @lc: the channel
 *
 * One access may still be on its way: memory of the transfers and the ring is
 * the engine's until lab_chan_has_stopped().
 *
 * Context: lock held.
 */
void lab_chan_stop(struct lab_chan *lc)
{
	lockdep_assert_held(&lc->lock);
	if (lc->state != LAB_CHAN_RUNNING)
		return;
	lab_write(lc, LAB_REG_CTRL, 0);
	lc->state = LAB_CHAN_STOPPING;
}

/**
 * lab_chan_has_stopped - is the engine done with all memory?
 * @lc: the channel
 *
 * Context: lock held. Return: true if it is; the state is OFF then.
 */
bool lab_chan_has_stopped(struct lab_chan *lc)
{
	u32 status;

	lockdep_assert_held(&lc->lock);
	if (lc->state == LAB_CHAN_RUNNING)
		return false;
	if (lc->state == LAB_CHAN_STOPPING) {
		status = lab_read(lc, LAB_REG_STATUS);
		if ((status & LAB_STATUS_RUNNING) && !PCI_POSSIBLE_ERROR(status))
			return false;
		lc->state = LAB_CHAN_OFF;
	}
	return true;
}

static struct lab_descriptor *lab_descriptor(struct lab_chan *lc, u32 place)
{
	return &lc->ring[place & (LAB_CHAN_SIZE - 1)];
}

static void lab_describe(struct lab_descriptor *descriptor,
			 const struct lab_transfer *transfer, bool interrupt)
{
	memset(descriptor, 0, sizeof(*descriptor));
	descriptor->control = cpu_to_le32(transfer->op |
					  (interrupt ? LAB_DESC_INTR : 0));
	descriptor->length = cpu_to_le32(transfer->length);
	descriptor->src = cpu_to_le64(transfer->src);
	descriptor->dst = cpu_to_le64(transfer->dst);
	descriptor->pattern = cpu_to_le64(transfer->pattern);
}

/**
 * lab_chan_push - give issued transfers to the engine, as many as the ring holds
 * @lc: the channel; nothing is done unless it is RUNNING
 *
 * One place stays empty: a full ring would look like an empty one. The last
 * transfer that is given asks for an interrupt even if its client does not, so that
 * the rest is given, and memory freed, when it has ended.
 *
 * Context: lock held.
 * Return: jiffies until the ring is to be looked at whether or not an interrupt comes,
 * 0 if it need not be.
 */
unsigned long lab_chan_push(struct lab_chan *lc)
{
	struct lab_transfer *transfer;
	u32 tail = lc->tail;

	lockdep_assert_held(&lc->lock);
	if (lc->state != LAB_CHAN_RUNNING)
		return 0;
	while (!list_empty(&lc->issued) && tail - lc->head < LAB_CHAN_SIZE - 1) {
		bool last = list_is_singular(&lc->issued) ||
			    tail - lc->head == LAB_CHAN_SIZE - 2;

		transfer = list_first_entry(&lc->issued, struct lab_transfer,
					    link);
		lab_describe(lab_descriptor(lc, tail), transfer,
			     last || transfer->tx.flags & DMA_PREP_INTERRUPT);
		list_move_tail(&transfer->link, &lc->running);
		tail++;
	}
	if (tail != lc->tail) {
		lc->tail = tail;
		/* the descriptors before the doorbell */
		dma_wmb();
		lab_write(lc, LAB_REG_TAIL, tail & (LAB_CHAN_SIZE - 1));
	}
	if (list_empty(&lc->running))
		return 0;
	return lc->polled ? LAB_POLL_JIFFIES : LAB_WATCH_JIFFIES;
}

/**
 * lab_chan_record - note how a transfer has ended, for tx_status
 * @lc: the channel
 * @cookie: of the oldest transfer that has one and has not ended
 * @failed: whether it did not do what it should
 *
 * What was noted for the transfer LAB_CHAN_ENDED before it is forgotten only now, so
 * any number may be under way.
 *
 * Context: lock held.
 */
void lab_chan_record(struct lab_chan *lc, dma_cookie_t cookie, bool failed)
{
	lockdep_assert_held(&lc->lock);
	__assign_bit(cookie % LAB_CHAN_ENDED, lc->failed, failed);
	lc->chan.completed_cookie = cookie;
}

/**
 * lab_chan_end - a transfer has ended: the work will tell the client
 * @lc: the channel
 * @transfer: the transfer; the oldest one that has a cookie and has not ended
 * @result: how it ended
 * @done: bytes it has done
 *
 * Context: lock held.
 */
void lab_chan_end(struct lab_chan *lc, struct lab_transfer *transfer,
		  enum dmaengine_tx_result result, u32 done)
{
	lockdep_assert_held(&lc->lock);
	transfer->end.result = result;
	transfer->end.residue = transfer->length - min(done, transfer->length);
	lab_chan_record(lc, transfer->tx.cookie, result != DMA_TRANS_NOERROR);
	list_move_tail(&transfer->link, &lc->done);
}

static enum dmaengine_tx_result
lab_result(const struct lab_transfer *transfer,
	   const struct lab_descriptor *descriptor)
{
	u64 refused = le64_to_cpu(descriptor->refused);

	switch (le32_to_cpu(descriptor->status)) {
	case LAB_DESC_OK:
		return DMA_TRANS_NOERROR;
	case LAB_DESC_FAULT:
	case LAB_DESC_ABORTED:
		return refused - transfer->src < transfer->length ?
		       DMA_TRANS_READ_FAILED : DMA_TRANS_WRITE_FAILED;
	}
	return DMA_TRANS_ABORTED;
}

/* the engine has halted at the oldest transfer: it may go on with the next */
static void lab_end_halted(struct lab_chan *lc, struct lab_transfer *transfer,
			   enum dmaengine_tx_result result, u32 done)
{
	lab_chan_end(lc, transfer, result, done);
	lc->head++;
	lab_write(lc, LAB_REG_STATUS, LAB_STATUS_HALTED);
}

/* true: the oldest transfer in the ring has ended */
static bool lab_reap_one(struct lab_chan *lc)
{
	struct lab_transfer *transfer = list_first_entry(&lc->running,
							 struct lab_transfer,
							 link);
	const struct lab_descriptor *descriptor = lab_descriptor(lc, lc->head);
	bool halted = false;
	u32 status;

	status = le32_to_cpu(READ_ONCE(descriptor->status));
	if (status != LAB_DESC_OK) {
		halted = lab_has_halted(lc);
		if (!halted)
			return false;
		/* its record was written before it halted, if it was */
		dma_rmb();
		status = le32_to_cpu(READ_ONCE(descriptor->status));
	}
	/* the status before the rest of the record */
	dma_rmb();
	if (!status) {
		lab_end_halted(lc, transfer, DMA_TRANS_ABORTED, 0);
	} else if (status != LAB_DESC_OK) {
		lab_end_halted(lc, transfer, lab_result(transfer, descriptor),
			       le32_to_cpu(descriptor->done));
	} else {
		lab_chan_end(lc, transfer, DMA_TRANS_NOERROR, transfer->length);
		lc->head++;
	}
	return true;
}

/**
 * lab_chan_reap - end the transfers that the engine has run, and give it others
 * @lc: the channel; nothing is done unless it is RUNNING
 *
 * Context: lock held. Return: as lab_chan_push().
 */
unsigned long lab_chan_reap(struct lab_chan *lc)
{
	unsigned long delay;

	lockdep_assert_held(&lc->lock);
	if (lc->state != LAB_CHAN_RUNNING)
		return 0;
	while (!list_empty(&lc->running) && lab_reap_one(lc))
		;
	delay = lab_chan_push(lc);
	/* a record without its halt is half an end */
	if (delay && READ_ONCE(lab_descriptor(lc, lc->head)->status))
		return LAB_POLL_JIFFIES;
	return delay;
}

/**
 * lab_chan_acknowledge - tell the function that its interrupt was seen
 * @lc: the channel
 *
 * Context: any.
 */
void lab_chan_acknowledge(struct lab_chan *lc)
{
	lab_write(lc, LAB_REG_STATUS, LAB_STATUS_DONE);
}
