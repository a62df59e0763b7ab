// SPDX-License-Identifier: GPL-2.0
/*
 * Asynchronous jobs of one open file: a bounded ring, run in order by one work
 * item. A job leaves the ring when its result is reaped.
 *
 * The work item touches no process memory: a page fault can take as long as some
 * process wants, and whoever closes the file waits for the work item.
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include "bus.h"

static struct lab_dma_job *lab_ring_first(struct lab_ring *ring)
{
	struct lab_dma_job *job;

	spin_lock(&ring->lock);
	job = list_first_entry_or_null(&ring->queued, struct lab_dma_job, link);
	spin_unlock(&ring->lock);
	return job;
}

static void lab_ring_work(struct work_struct *work)
{
	struct lab_ring *ring = container_of(work, struct lab_ring, work);
	struct lab_dma_job *job;

	while ((job = lab_ring_first(ring))) {
		if (lab_dma_run(job))
			job->result.status = LAB_DMA_ABORTED;
		spin_lock(&ring->lock);
		list_move_tail(&job->link, &ring->done);
		spin_unlock(&ring->lock);
		wake_up_interruptible(&ring->wait);
	}
}

/**
 * lab_ring_init - make an empty ring
 * @ring: the ring
 * @bus: whose engine runs it
 *
 * Context: any.
 */
void lab_ring_init(struct lab_ring *ring, struct lab_bus *bus)
{
	ring->bus = bus;
	spin_lock_init(&ring->lock);
	INIT_LIST_HEAD(&ring->queued);
	INIT_LIST_HEAD(&ring->done);
	ring->used = 0;
	INIT_WORK(&ring->work, lab_ring_work);
	init_waitqueue_head(&ring->wait);
}

/**
 * lab_ring_submit - put a job into the ring
 * @ring: the ring
 * @job: READ and WRITE have their @copy; the ring owns it on success
 *
 * Context: may sleep. Return: 0, or -ENOSPC when the ring is full.
 */
int lab_ring_submit(struct lab_ring *ring, struct lab_dma_job *job)
{
	int ret = -ENOSPC;

	spin_lock(&ring->lock);
	if (ring->used < LAB_RING_SLOTS) {
		list_add_tail(&job->link, &ring->queued);
		ring->used++;
		ret = 0;
	}
	spin_unlock(&ring->lock);
	if (!ret)
		queue_work(ring->bus->engine, &ring->work);
	return ret;
}

/**
 * lab_ring_reap - take the oldest result
 * @ring: the ring
 * @mm: who asks: each gets the results of its own jobs only
 * @job: out: the job; the caller frees it
 *
 * Context: any. Return: 0, -EAGAIN when there is no result yet, -ENOENT when
 * there is nothing to wait for, -EPERM when it is another one's.
 */
int lab_ring_reap(struct lab_ring *ring, const struct mm_struct *mm,
		  struct lab_dma_job **job)
{
	int ret = 0;

	spin_lock(&ring->lock);
	*job = list_first_entry_or_null(&ring->done, struct lab_dma_job, link);
	if (*job && (*job)->mm != mm) {
		ret = -EPERM;
	} else if (*job) {
		list_del(&(*job)->link);
		ring->used--;
	} else {
		ret = ring->used ? -EAGAIN : -ENOENT;
	}
	spin_unlock(&ring->lock);
	return ret;
}

/**
 * lab_ring_has_result - whether lab_ring_reap() has something to give
 * @ring: the ring
 *
 * Context: any.
 */
bool lab_ring_has_result(struct lab_ring *ring)
{
	bool has;

	spin_lock(&ring->lock);
	has = !list_empty(&ring->done);
	spin_unlock(&ring->lock);
	return has;
}

/**
 * lab_ring_destroy - end all jobs and free them
 * @ring: the ring; nobody submits any more
 *
 * Context: may sleep, as long as the chunk that is running.
 */
void lab_ring_destroy(struct lab_ring *ring)
{
	struct lab_dma_job *job, *next;

	spin_lock(&ring->lock);
	list_for_each_entry(job, &ring->queued, link)
		WRITE_ONCE(job->cancelled, true);
	spin_unlock(&ring->lock);
	flush_work(&ring->work);
	list_for_each_entry_safe(job, next, &ring->done, link)
		lab_dma_job_free(job);
}
