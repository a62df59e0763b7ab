// SPDX-License-Identifier: GPL-2.0
/* The queue of a domain's events: made, filled by units, emptied by the owner. */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include "event_queue.h"

#define SLOTS	(LAB_EVENT_ROOM + LAB_EVENT_DEAD_ROOM)

/* all of them: one that finds nothing waits again */
static void wake_readers(struct irq_work *work)
{
	struct lab_event_queue *queue = container_of(work,
						     struct lab_event_queue,
						     wake);

	wake_up_interruptible_all(&queue->wait);
}

/**
 * lab_event_queue_init - make an empty queue
 * @queue: what to fill in
 * @domain: id of the domain
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int lab_event_queue_init(struct lab_event_queue *queue, u32 domain)
{
	memset(queue, 0, sizeof(*queue));
	queue->slots = kvcalloc(SLOTS, sizeof(*queue->slots),
				GFP_KERNEL_ACCOUNT);
	if (!queue->slots)
		return -ENOMEM;
	queue->domain = domain;
	raw_spin_lock_init(&queue->lock);
	init_irq_work(&queue->wake, wake_readers);
	init_waitqueue_head(&queue->wait);
	return 0;
}

/**
 * lab_event_queue_destroy - the end of a queue
 * @queue: nobody puts anything in any more, and nobody reads
 *
 * Context: may sleep.
 */
void lab_event_queue_destroy(struct lab_event_queue *queue)
{
	irq_work_sync(&queue->wake);
	kvfree(queue->slots);
}

static bool is_lossy(const struct lab_event_loss *loss)
{
	return loss->number || loss->records;
}

static bool is_ready(const struct lab_event_queue *queue)
{
	lockdep_assert_held(&queue->lock);
	return queue->used || is_lossy(&queue->pending);
}

/**
 * lab_event_put - tell the owner, or count what is lost
 * @queue: the queue
 * @event: all but @seq and @lost, which are set
 *
 * Context: any.
 */
void lab_event_put(struct lab_event_queue *queue, struct lab_event *event)
{
	unsigned int room = event->type == LAB_EVENT_DEAD ? SLOTS :
							    LAB_EVENT_ROOM;
	struct lab_event_slot *slot;
	unsigned long flags;
	bool wake;

	raw_spin_lock_irqsave(&queue->lock, flags);
	wake = !is_ready(queue);
	event->seq = ++queue->seq;
	event->lost = 0;
	if (queue->used < room) {
		slot = &queue->slots[(queue->head + queue->used) % SLOTS];
		slot->before = queue->pending;
		slot->event = *event;
		queue->pending = (struct lab_event_loss){};
		queue->used++;
	} else {
		queue->lost++;
		queue->pending.number++;
		queue->pending.time = event->time;
	}
	if (wake)
		irq_work_queue(&queue->wake);
	raw_spin_unlock_irqrestore(&queue->lock, flags);
}

/**
 * lab_event_records_lost - a unit has lost fault records that may be of the domain
 * @queue: the queue
 *
 * Context: any.
 */
void lab_event_records_lost(struct lab_event_queue *queue)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&queue->lock, flags);
	if (!is_ready(queue))
		irq_work_queue(&queue->wake);
	if (!is_lossy(&queue->pending))
		queue->pending.time = ktime_get_boot_fast_ns();
	queue->pending.records = true;
	raw_spin_unlock_irqrestore(&queue->lock, flags);
}

static void make_marker(struct lab_event *event, struct lab_event_loss *loss,
			u64 seq)
{
	*event = (struct lab_event){
		.seq = seq,
		.time = loss->time,
		.lost = loss->number,
		.type = LAB_EVENT_LOST,
		.records_lost = loss->records,
	};
	*loss = (struct lab_event_loss){};
}

/**
 * lab_event_take - take the oldest event, or the marker in place of lost ones
 * @queue: the queue
 * @event: out
 *
 * Context: any. Return: false when there is none.
 */
bool lab_event_take(struct lab_event_queue *queue, struct lab_event *event)
{
	struct lab_event_slot *slot;
	unsigned long flags;
	bool found = true;

	raw_spin_lock_irqsave(&queue->lock, flags);
	slot = &queue->slots[queue->head];
	if (queue->used && !is_lossy(&slot->before)) {
		*event = slot->event;
		queue->head = (queue->head + 1) % SLOTS;
		queue->used--;
	} else if (queue->used) {
		make_marker(event, &slot->before, slot->event.seq - 1);
	} else if (is_lossy(&queue->pending)) {
		make_marker(event, &queue->pending, queue->seq);
	} else {
		found = false;
	}
	raw_spin_unlock_irqrestore(&queue->lock, flags);
	return found;
}

/**
 * lab_event_ready - whether lab_event_take() has something to give
 * @queue: the queue
 *
 * Context: any.
 */
bool lab_event_ready(struct lab_event_queue *queue)
{
	unsigned long flags;
	bool ready;

	raw_spin_lock_irqsave(&queue->lock, flags);
	ready = is_ready(queue);
	raw_spin_unlock_irqrestore(&queue->lock, flags);
	return ready;
}

/**
 * lab_event_read_figures - what a queue has seen
 * @queue: the queue
 * @out: the figures
 *
 * Context: any.
 */
void lab_event_read_figures(struct lab_event_queue *queue,
			    struct lab_event_figures *out)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&queue->lock, flags);
	out->queued = queue->used;
	out->seq = queue->seq;
	out->lost = queue->lost;
	raw_spin_unlock_irqrestore(&queue->lock, flags);
}
