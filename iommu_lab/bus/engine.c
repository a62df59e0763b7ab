// SPDX-License-Identifier: GPL-2.0
/*
 * The DMA engine: runs a job in chunks that stay within one page.
 *
 * Data passes through buffers of the engine's own between chunks, so that user
 * memory is copied with interrupts on, outside of any chunk.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "../trace/trace.h"
#include "bus.h"

/**
 * struct lab_cursor - a position in a list of IOVAs
 * @sg: the entry
 * @offset: bytes of it that are done
 */
struct lab_cursor {
	const struct lab_dma_sg *sg;
	u64 offset;
};

static u64 lab_cursor_iova(const struct lab_cursor *cursor)
{
	return cursor->sg->iova + cursor->offset;
}

/* bytes that can be moved at the cursor in one chunk */
static size_t lab_cursor_room(const struct lab_cursor *cursor)
{
	u64 in_page = LAB_CHUNK - (lab_cursor_iova(cursor) & (LAB_CHUNK - 1));

	return min(in_page, cursor->sg->length - cursor->offset);
}

static void lab_cursor_advance(struct lab_cursor *cursor, size_t bytes)
{
	cursor->offset += bytes;
	if (cursor->offset == cursor->sg->length) {
		cursor->sg++;
		cursor->offset = 0;
	}
}

static bool lab_refused(struct lab_dma_job *job, enum lab_dma_status status,
			u64 iova, bool write)
{
	job->result.status = status;
	job->result.iova = iova;
	job->result.write = write;
	return false;
}

/* without a unit: whoever attached the endpoint says what is behind an address */
static enum lab_translate_status lab_resolve(struct lab_gate *gate, u64 address,
					     bool write,
					     struct lab_translation *tr)
{
	if (gate->resolve &&
	    gate->resolve(gate->resolve_data, address, write, &tr->pa,
			  &tr->memory))
		return LAB_TRANSLATED;
	tr->reason = lab_requester_refuse(&gate->rq, write);
	return LAB_FAULTED;
}

static enum lab_translate_status lab_translate(struct lab_dma_job *job,
					       u64 iova, bool write,
					       struct lab_translation *tr)
{
	if (job->ep->vtd)
		return lab_vtd_translate(&job->gate->rq, iova, write, tr);
	return lab_resolve(job->gate, iova, write, tr);
}

/* whether the job may not do DMA any more */
static bool lab_is_revoked(const struct lab_dma_job *job)
{
	const struct lab_endpoint *ep = job->ep;

	return READ_ONCE(ep->gate) != job->gate || READ_ONCE(ep->gone) ||
	       !READ_ONCE(ep->master) || atomic_read(&ep->epoch) != job->epoch ||
	       READ_ONCE(job->cancelled);
}

static bool lab_in_interrupt_range(const struct lab_endpoint *ep, u64 iova)
{
	return ep->vtd && iova >= VTD_MSI_START && iova <= VTD_MSI_LAST;
}

/* 3.14: not a translated access, whatever the endpoint is attached to */
static enum lab_translate_status lab_message(struct lab_requester *rq, u64 iova,
					     const void *buffer, size_t bytes,
					     bool write,
					     struct lab_interrupt *interrupt)
{
	const __le32 *data = buffer;

	if (!write || bytes != sizeof(*data) || iova % sizeof(*data))
		return lab_vtd_refuse_range(rq, iova, write, interrupt);
	return lab_vtd_interrupt(rq, iova, le32_to_cpup(data), interrupt);
}

/*
 * One interrupt request, if the access is in that range. The interrupt is delivered
 * behind the section that drains wait for: its handler may invalidate, and wait for
 * such a drain. Interrupts stay off until then, so that a grace period waits for it.
 */
static bool lab_message_chunk(struct lab_dma_job *job, u64 iova, void *buffer,
			      size_t bytes, bool write)
{
	struct lab_endpoint *ep = job->ep;
	struct lab_interrupt interrupt = {};
	enum lab_translate_status status = LAB_CUT_OFF;
	unsigned long flags;
	bool revoked;

	local_irq_save(flags);
	lab_inflight_begin(ep->vtd);
	revoked = lab_is_revoked(job);
	if (!revoked)
		status = lab_message(&job->gate->rq, iova, buffer, bytes, write,
				     &interrupt);
	lab_inflight_end(ep->vtd);
	if (status == LAB_TRANSLATED && ep->bus->interrupt)
		ep->bus->interrupt(ep->bus->interrupt_data, &interrupt);
	local_irq_restore(flags);

	if (revoked)
		return lab_refused(job, LAB_DMA_REVOKED, iova, write);
	if (status == LAB_TRANSLATED)
		return true;
	job->result.reason = interrupt.reason;
	return lab_refused(job, status == LAB_FAULTED ? LAB_DMA_FAULT :
			   LAB_DMA_DEAD, iova, write);
}

/**
 * lab_chunk - one access
 * @job: whose; @result is set if it is refused
 * @iova: first address
 * @buffer: kernel memory
 * @bytes: within one page from @iova on
 * @write: to @iova, else from it
 *
 * Everything between begin and end runs with interrupts off. The gate is checked
 * inside, so that whoever replaced it and waited for a grace period or drained the
 * unit has seen the last access through the old one. Without a unit there is no
 * drain: who takes an address away waits for a grace period.
 *
 * Context: any. Return: whether it was done.
 */
bool lab_chunk(struct lab_dma_job *job, u64 iova, void *buffer, size_t bytes,
	       bool write)
{
	struct lab_endpoint *ep = job->ep;
	struct lab_translation tr = {};
	enum lab_translate_status status = LAB_CUT_OFF;
	unsigned long flags;
	bool revoked;
	int ret = 0;

	if (unlikely(lab_in_interrupt_range(ep, iova)))
		return lab_message_chunk(job, iova, buffer, bytes, write);

	local_irq_save(flags);
	lab_inflight_begin(ep->vtd);
	revoked = lab_is_revoked(job);
	if (!revoked)
		status = lab_translate(job, iova, write, &tr);
	if (status == LAB_TRANSLATED)
		ret = write ?
		      lab_target_write(ep, &tr, buffer, bytes) :
		      lab_target_read(ep, &tr, buffer, bytes);
	lab_inflight_end(ep->vtd);
	local_irq_restore(flags);

	if (revoked)
		return lab_refused(job, LAB_DMA_REVOKED, iova, write);
	switch (status) {
	case LAB_TRANSLATED:
		if (ret)
			return lab_refused(job, LAB_DMA_ABORTED, iova, write);
		return true;
	case LAB_FAULTED:
		job->result.reason = tr.reason;
		job->result.stale = tr.stale;
		return lab_refused(job, LAB_DMA_FAULT, iova, write);
	case LAB_UNTRANSLATED:
		/* a physical address: nobody's to touch */
		return lab_refused(job, LAB_DMA_ABORTED, iova, write);
	case LAB_CUT_OFF:
		break;
	}
	return lab_refused(job, LAB_DMA_DEAD, iova, write);
}

static bool lab_bad_data(struct lab_dma_job *job)
{
	job->result.status = LAB_DMA_DATA;
	return false;
}

static bool lab_read(struct lab_dma_job *job, struct lab_cursor *src,
		     void *buffer, size_t bytes)
{
	void __user *data = u64_to_user_ptr(job->data + job->result.done);

	if (!lab_chunk(job, lab_cursor_iova(src), buffer, bytes, false))
		return false;
	if (job->copy)
		memcpy(job->copy + job->result.done, buffer, bytes);
	else if (copy_to_user(data, buffer, bytes))
		return lab_bad_data(job);
	return true;
}

static bool lab_write(struct lab_dma_job *job, struct lab_cursor *dst,
		      void *buffer, size_t bytes)
{
	void __user *data = u64_to_user_ptr(job->data + job->result.done);

	if (job->copy)
		memcpy(buffer, job->copy + job->result.done, bytes);
	else if (copy_from_user(buffer, data, bytes))
		return lab_bad_data(job);
	return lab_chunk(job, lab_cursor_iova(dst), buffer, bytes, true);
}

static bool lab_fill(struct lab_dma_job *job, struct lab_cursor *dst,
		     void *buffer, size_t bytes)
{
	unsigned int phase = (job->result.done % sizeof(u64)) * BITS_PER_BYTE;
	__le64 pattern = cpu_to_le64(ror64(job->pattern, phase));
	__le64 *word = buffer;
	size_t i;

	for (i = 0; i < bytes; i += sizeof(pattern))
		*word++ = pattern;
	return lab_chunk(job, lab_cursor_iova(dst), buffer, bytes, true);
}

static bool lab_compare(struct lab_dma_job *job, struct lab_cursor *src,
			struct lab_cursor *dst, u8 *one, u8 *other,
			size_t bytes)
{
	size_t i;

	if (!lab_chunk(job, lab_cursor_iova(src), one, bytes, false) ||
	    !lab_chunk(job, lab_cursor_iova(dst), other, bytes, false))
		return false;
	if (!memcmp(one, other, bytes))
		return true;
	for (i = 0; one[i] == other[i]; i++)
		;
	job->result.done += i;
	job->result.status = LAB_DMA_MISCOMPARE;
	return false;
}

static bool lab_step(struct lab_dma_job *job, struct lab_cursor *src,
		     struct lab_cursor *dst, u8 *buffer, size_t bytes)
{
	switch (job->op) {
	case LAB_DMA_READ:
		return lab_read(job, src, buffer, bytes);
	case LAB_DMA_WRITE:
		return lab_write(job, dst, buffer, bytes);
	case LAB_DMA_COPY:
		return lab_chunk(job, lab_cursor_iova(src), buffer, bytes,
				 false) &&
		       lab_chunk(job, lab_cursor_iova(dst), buffer, bytes,
				 true);
	case LAB_DMA_FILL:
		return lab_fill(job, dst, buffer, bytes);
	case LAB_DMA_COMPARE:
		return lab_compare(job, src, dst, buffer, buffer + LAB_CHUNK,
				   bytes);
	}
	return false;
}

/* the first entry of a job's list; of two, that of the source */
static const struct lab_dma_sg *lab_first_entry(const struct lab_dma_job *job)
{
	return job->nr_src ? job->src : job->dst;
}

static void lab_trace_begin(const struct lab_dma_job *job)
{
	const struct lab_dma_sg *sg = lab_first_entry(job);
	const struct lab_endpoint *ep = job->ep;

	trace_iommu_lab_dma_begin(ep->segment, ep->bdf, job->gate->domain,
				  ep->unit, job->op, sg->iova,
				  sg->iova + sg->length - 1,
				  job->nr_src + job->nr_dst, job->length);
}

static void lab_trace_end(const struct lab_dma_job *job)
{
	const struct lab_dma_result *result = &job->result;
	const struct lab_dma_sg *sg = lab_first_entry(job);
	const struct lab_endpoint *ep = job->ep;

	trace_iommu_lab_dma_end(ep->segment, ep->bdf, job->gate->domain,
				ep->unit, job->op, sg->iova,
				sg->iova + sg->length - 1, result->status,
				result->done, result->reason,
				result->status == LAB_DMA_FAULT ?
				result->iova : 0);
}

/**
 * lab_dma_run - run a job to its end
 * @job: checked by the caller: its lists fit its @op, cover @length bytes and
 *	do not wrap. @result is set
 *
 * Ends at the first access that is refused, when the gate is replaced, when the
 * job is cancelled, or when the running process is killed.
 *
 * Context: may sleep; READ and WRITE without @copy use the current mm.
 * Return: 0 (see @result) or -ENOMEM with nothing done.
 */
int lab_dma_run(struct lab_dma_job *job)
{
	struct lab_cursor src = { .sg = job->src };
	struct lab_cursor dst = { .sg = job->dst };
	u8 *buffer;

	memset(&job->result, 0, sizeof(job->result));
	job->result.attached = job->gate->attached;
	buffer = kmalloc(2 * LAB_CHUNK, GFP_KERNEL_ACCOUNT);
	if (!buffer)
		return -ENOMEM;
	if (trace_iommu_lab_dma_begin_enabled())
		lab_trace_begin(job);

	while (job->result.done < job->length) {
		size_t bytes = LAB_CHUNK;

		if (job->nr_src)
			bytes = min(bytes, lab_cursor_room(&src));
		if (job->nr_dst)
			bytes = min(bytes, lab_cursor_room(&dst));
		if (fatal_signal_pending(current)) {
			job->result.status = LAB_DMA_REVOKED;
			break;
		}
		if (!lab_step(job, &src, &dst, buffer, bytes))
			break;
		if (job->nr_src)
			lab_cursor_advance(&src, bytes);
		if (job->nr_dst)
			lab_cursor_advance(&dst, bytes);
		job->result.done += bytes;
		cond_resched();
	}
	/* what the buffer held may belong to somebody else */
	kfree_sensitive(buffer);
	if (trace_iommu_lab_dma_end_enabled())
		lab_trace_end(job);
	return 0;
}

/**
 * lab_dma_job_free - free a job and what it holds
 * @job: not running, in no list
 *
 * Context: may sleep.
 */
void lab_dma_job_free(struct lab_dma_job *job)
{
	if (job->mm)
		mmdrop(job->mm);
	lab_gate_put(job->gate);
	kvfree_sensitive(job->copy, job->copy ? job->length : 0);
	kvfree(job->src);
	kvfree(job->dst);
	kfree(job);
}
