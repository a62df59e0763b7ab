/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the owner of a domain is told: a bounded queue of events.
 *
 * It keeps the oldest events. What finds no room is counted, and a marker that
 * says how many were lost is taken in their place, so that
 *
 *	events taken + the sum of lost events = the number of the last event
 *
 * holds at each marker and each event.
 *
 * Events are put in from any context, the interrupt of a unit included: nothing
 * is allocated then, and readers are woken later, by an irq_work.
 */
#ifndef IOMMU_LAB_EVENT_QUEUE_H
#define IOMMU_LAB_EVENT_QUEUE_H

#include <linux/irq_work.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#define LAB_EVENT_ROOM		256u	/* faults that a queue holds */
#define LAB_EVENT_DEAD_ROOM	16u	/* dead units that fit in beside them */

/* the numbers of enum iommu_lab_event_type */
enum lab_event_type {
	LAB_EVENT_FAULT = 1,
	LAB_EVENT_LOST = 2,
	LAB_EVENT_DEAD = 3,
};

/**
 * struct lab_event - an event
 * @seq: 1 for the first of the queue; of a marker, that of the last lost event,
 *	or, without one, of the event before
 * @time: ns of CLOCK_BOOTTIME; of a marker, when the last one was lost
 * @iova: page address that was refused
 * @lost: of a marker: how many were lost, 0 when only the unit has lost some
 * @unit: index
 * @segment: PCI segment
 * @bdf: source-id
 * @record: index of the fault recording register
 * @type: enum lab_event_type
 * @reason: fault reason
 * @write: it was a write
 * @records_lost: of a marker: a unit said that it had lost fault records, which
 *	nobody can count
 */
struct lab_event {
	u64 seq;
	u64 time;
	u64 iova;
	u64 lost;
	u32 unit;
	u16 segment;
	u16 bdf;
	u16 record;
	u8 type;
	u8 reason;
	bool write;
	bool records_lost;
};

/**
 * struct lab_event_loss - what was lost between two events
 * @number: events that found no room
 * @time: of the last of them
 * @records: a unit said that it had lost fault records
 */
struct lab_event_loss {
	u64 number;
	u64 time;
	bool records;
};

/**
 * struct lab_event_slot - a place of the queue
 * @before: what was lost before @event
 * @event: the event
 */
struct lab_event_slot {
	struct lab_event_loss before;
	struct lab_event event;
};

/**
 * struct lab_event_queue - the events of a domain
 * @domain: id of the domain
 * @lock: raw; what is below. Taken with any lock held but the scheduler's; takes
 *	none
 * @slots: a ring
 * @head: slot of the oldest event
 * @used: slots in use
 * @seq: events so far
 * @lost: events lost so far
 * @pending: what was lost after the newest event in @slots
 * @wake: wakes @wait
 * @wait: readers
 */
struct lab_event_queue {
	u32 domain;
	raw_spinlock_t lock; /* the ring and its figures */
	struct lab_event_slot *slots;
	unsigned int head;
	unsigned int used;
	u64 seq;
	u64 lost;
	struct lab_event_loss pending;
	struct irq_work wake;
	wait_queue_head_t wait;
};

/**
 * struct lab_event_figures - what a queue has seen
 * @queued: events that can be taken
 * @seq: events so far
 * @lost: of them, lost
 */
struct lab_event_figures {
	unsigned int queued;
	u64 seq;
	u64 lost;
};

int lab_event_queue_init(struct lab_event_queue *queue, u32 domain);
void lab_event_queue_destroy(struct lab_event_queue *queue);
void lab_event_put(struct lab_event_queue *queue, struct lab_event *event);
void lab_event_records_lost(struct lab_event_queue *queue);
bool lab_event_take(struct lab_event_queue *queue, struct lab_event *event);
bool lab_event_ready(struct lab_event_queue *queue);
void lab_event_read_figures(struct lab_event_queue *queue,
			    struct lab_event_figures *out);

#endif
