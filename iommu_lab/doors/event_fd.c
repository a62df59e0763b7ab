// SPDX-License-Identifier: GPL-2.0
/* Events on a domain fd: read() and poll(). */
#include <linux/printk.h>
#include <linux/sched.h>
#include "doors.h"

static_assert((int)LAB_EVENT_FAULT == (int)IOMMU_LAB_EVENT_FAULT);
static_assert((int)LAB_EVENT_LOST == (int)IOMMU_LAB_EVENT_LOST);
static_assert((int)LAB_EVENT_DEAD == (int)IOMMU_LAB_EVENT_DEAD);

static struct lab_domain_fd *lab_file_domain(struct file *file)
{
	return container_of(file->private_data, struct lab_domain_fd, door);
}

static void lab_fill_event(struct iommu_lab_event *out, u32 domain,
			   const struct lab_event *event)
{
	*out = (struct iommu_lab_event){
		.size = sizeof(*out),
		.type = event->type,
		.seq = event->seq,
		.time = event->time,
		.unit = event->unit,
		.record = event->record,
		.segment = event->segment,
		.bdf = event->bdf,
		.domain = domain,
		.reason = event->reason,
		.iova = event->iova,
		.lost = event->lost,
	};
	if (event->write)
		out->flags |= IOMMU_LAB_FAULT_WRITE;
	if (event->records_lost)
		out->flags |= IOMMU_LAB_EVENT_RECORDS_LOST;
}

/* the next event, one that could not be copied last time first */
static bool lab_stage_event(struct lab_domain_fd *fd)
{
	lockdep_assert_held(&fd->read_lock);
	if (!fd->has_staged)
		fd->has_staged = lab_event_take(&fd->df.events, &fd->staged);
	return fd->has_staged;
}

static bool lab_has_event(struct lab_domain_fd *fd)
{
	return READ_ONCE(fd->has_staged) || lab_event_ready(&fd->df.events);
}

/* bytes copied, as many events as there are and fit; 0 if there is none */
static ssize_t lab_copy_events(struct lab_domain_fd *fd, char __user *to,
			       size_t count)
{
	struct iommu_lab_event out;
	ssize_t done = 0;

	while (count - done >= sizeof(out) && lab_stage_event(fd)) {
		lab_fill_event(&out, fd->df.domain->id, &fd->staged);
		if (copy_to_user(to + done, &out, sizeof(out)))
			return done ?: -EFAULT;
		WRITE_ONCE(fd->has_staged, false);
		done += sizeof(out);
		cond_resched();
	}
	return done;
}

/**
 * lab_domain_read - read() of a domain fd
 * @file: the file
 * @to: where whole struct iommu_lab_event go
 * @count: bytes there
 * @pos: not used
 *
 * Context: may sleep. Return: bytes, or see struct iommu_lab_event.
 */
ssize_t lab_domain_read(struct file *file, char __user *to, size_t count,
			loff_t *pos)
{
	struct lab_domain_fd *fd = lab_file_domain(file);
	ssize_t ret;

	ret = lab_check_owner(fd->df.domain);
	if (ret)
		return ret;
	if (count < sizeof(struct iommu_lab_event))
		return lab_refuse(&fd->refusal, -EINVAL,
				  "%zu bytes: an event has %zu", count,
				  sizeof(struct iommu_lab_event));
	for (;;) {
		if (mutex_lock_interruptible(&fd->read_lock))
			return -ERESTARTSYS;
		ret = lab_copy_events(fd, to, count);
		mutex_unlock(&fd->read_lock);
		if (ret)
			return ret;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(fd->df.events.wait,
					     lab_has_event(fd)))
			return -ERESTARTSYS;
	}
}

/**
 * lab_domain_poll - poll() of a domain fd
 * @file: the file
 * @wait: who waits
 *
 * Context: may sleep. Return: readable when there is an event; an error for who
 * may not read it.
 */
__poll_t lab_domain_poll(struct file *file, poll_table *wait)
{
	struct lab_domain_fd *fd = lab_file_domain(file);

	if (fd->df.domain->mm != current->mm)
		return EPOLLERR;
	poll_wait(file, &fd->df.events.wait, wait);
	return lab_has_event(fd) ? EPOLLIN | EPOLLRDNORM : 0;
}
