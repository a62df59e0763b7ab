// SPDX-License-Identifier: GPL-2.0
/*
 * The ring of a function: fetch a descriptor, run it, write its completion, send
 * its message. Each of them is DMA of the function: the unit checks it.
 */
#include <linux/build_bug.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/stddef.h>
#include "function.h"

#define LAB_COMPLETION		offsetof(struct lab_descriptor, status)
#define LAB_COMPLETION_REST	offsetof(struct lab_descriptor, done)
#define LAB_COMPLETION_END	offsetof(struct lab_descriptor, reserved)

static_assert(sizeof(struct lab_descriptor) == LAB_RING_ALIGN);
static_assert(LAB_COMPLETION == 0x20);

/* how a DMA ended, as a descriptor says it */
static u32 lab_descriptor_status(enum lab_dma_status status)
{
	switch (status) {
	case LAB_DMA_OK:
		return LAB_DESC_OK;
	case LAB_DMA_FAULT:
		return LAB_DESC_FAULT;
	case LAB_DMA_MISCOMPARE:
		return LAB_DESC_MISCOMPARE;
	case LAB_DMA_REVOKED:
		return LAB_DESC_REVOKED;
	case LAB_DMA_DEAD:
		return LAB_DESC_DEAD;
	case LAB_DMA_DATA:
	case LAB_DMA_ABORTED:
		break;
	}
	return LAB_DESC_ABORTED;
}

static void lab_take_result(struct lab_completion *completion,
			    const struct lab_dma_job *job)
{
	completion->status = lab_descriptor_status(job->result.status);
	completion->refused = job->result.iova;
}

/* an access of the engine itself; its result is the completion's if refused */
static bool lab_engine_access(struct lab_dma_job *job,
			      struct lab_completion *completion, u64 address,
			      void *buffer, size_t bytes, bool write)
{
	if (lab_chunk(job, address, buffer, bytes, write))
		return true;
	lab_take_result(completion, job);
	return false;
}

static bool lab_descriptor_is_bad(const struct lab_descriptor *descriptor)
{
	u32 control = le32_to_cpu(descriptor->control);
	u64 length = le32_to_cpu(descriptor->length);
	u64 last;

	if (control & ~(u32)(LAB_DESC_OP | LAB_DESC_INTR) ||
	    descriptor->reserved[0] || descriptor->reserved[1])
		return true;
	switch (control & LAB_DESC_OP) {
	case LAB_DESC_NOP:
		return false;
	case LAB_DESC_COPY:
	case LAB_DESC_COMPARE:
		if (!length ||
		    check_add_overflow(le64_to_cpu(descriptor->src), length - 1,
				       &last))
			return true;
		fallthrough;
	case LAB_DESC_FILL:
		return !length ||
		       check_add_overflow(le64_to_cpu(descriptor->dst),
					  length - 1, &last);
	default:
		return true;
	}
}

/* the transfer that a good descriptor asks for */
static void lab_descriptor_run(struct lab_dma_job *job,
			       const struct lab_descriptor *descriptor,
			       struct lab_completion *completion)
{
	static const enum lab_dma_op ops[] = {
		[LAB_DESC_COPY] = LAB_DMA_COPY,
		[LAB_DESC_FILL] = LAB_DMA_FILL,
		[LAB_DESC_COMPARE] = LAB_DMA_COMPARE,
	};
	u32 op = le32_to_cpu(descriptor->control) & LAB_DESC_OP;
	struct lab_dma_sg src = { le64_to_cpu(descriptor->src),
				  le32_to_cpu(descriptor->length) };
	struct lab_dma_sg dst = { le64_to_cpu(descriptor->dst), src.length };

	completion->status = LAB_DESC_OK;
	if (op == LAB_DESC_NOP)
		return;
	job->op = ops[op];
	job->src = &src;
	job->nr_src = op != LAB_DESC_FILL;
	job->dst = &dst;
	job->nr_dst = 1;
	job->length = src.length;
	job->pattern = le64_to_cpu(descriptor->pattern);
	if (lab_dma_run(job))
		completion->status = LAB_DESC_ABORTED;
	else
		lab_take_result(completion, job);
}

/* the status last: who sees it sees the rest */
static bool lab_descriptor_record(struct lab_dma_job *job,
				  struct lab_completion *completion, u64 address,
				  struct lab_descriptor *descriptor)
{
	descriptor->status = cpu_to_le32(completion->status);
	descriptor->done = cpu_to_le32(job->result.done);
	descriptor->refused = cpu_to_le64(completion->refused);
	if (!lab_engine_access(job, completion, address + LAB_COMPLETION_REST,
			       &descriptor->done,
			       LAB_COMPLETION_END - LAB_COMPLETION_REST, true))
		return false;
	/* pairs with the dma_rmb() of a driver that has seen the status */
	smp_wmb();
	return lab_engine_access(job, completion, address + LAB_COMPLETION,
				 &descriptor->status,
				 sizeof(descriptor->status), true);
}

static void lab_descriptor_handle(struct lab_dma_job *job, u64 address,
				  struct lab_completion *completion)
{
	struct lab_descriptor descriptor;

	if (!job->gate) {
		completion->status = LAB_DESC_REVOKED;
		completion->refused = address;
		return;
	}
	if (!lab_engine_access(job, completion, address, &descriptor,
			       sizeof(descriptor), false))
		return;
	completion->intr = le32_to_cpu(descriptor.control) & LAB_DESC_INTR;
	if (lab_descriptor_is_bad(&descriptor))
		completion->status = LAB_DESC_BAD;
	else
		lab_descriptor_run(job, &descriptor, completion);
	completion->recorded = lab_descriptor_record(job, completion, address,
						     &descriptor);
}

/* a message is a write of 4 bytes; whoever refuses it has recorded that */
static void lab_message_send(struct lab_dma_job *job, u64 address, u32 data)
{
	__le32 message = cpu_to_le32(data);

	if (job->gate)
		lab_chunk(job, address, &message, sizeof(message), true);
}

/* false: nothing is left to do, and RUNNING says so */
static bool lab_doorbell_begin(struct lab_function *fn, struct lab_dma_job *job,
			       u64 *address, bool *is_message, u32 *data)
{
	bool more;

	raw_spin_lock_irq(&fn->lock);
	/* the vector may have been masked since the descriptor ended */
	while (fn->messages && !lab_config_interrupt(&fn->config))
		fn->messages--;
	*is_message = fn->messages;
	if (*is_message) {
		fn->messages--;
		lab_config_message(&fn->config, address, data);
		more = true;
	} else {
		more = lab_config_next(&fn->config, address);
	}
	if (more) {
		job->epoch = atomic_read(&fn->ep->epoch);
		fn->job = job;
	} else {
		fn->config.running = false;
	}
	raw_spin_unlock_irq(&fn->lock);
	return more;
}

/* unless it was stopped meanwhile */
static void lab_doorbell_end(struct lab_function *fn, struct lab_dma_job *job,
			     const struct lab_completion *completion)
{
	raw_spin_lock_irq(&fn->lock);
	if (completion && !job->cancelled &&
	    lab_config_complete(&fn->config, completion))
		fn->messages++;
	fn->job = NULL;
	raw_spin_unlock_irq(&fn->lock);
}

/* one message, or one descriptor */
static bool lab_doorbell_step(struct lab_function *fn)
{
	struct lab_completion completion = {};
	struct lab_dma_job job = {
		.ep = fn->ep,
	};
	bool more, is_message;
	u64 address;
	u32 data;

	more = lab_doorbell_begin(fn, &job, &address, &is_message, &data);
	/* after the epoch: who changes hands revokes what was asked for before */
	if (more)
		job.gate = lab_endpoint_gate(fn->ep);
	if (more && is_message) {
		lab_message_send(&job, address, data);
		lab_doorbell_end(fn, &job, NULL);
	} else if (more) {
		lab_descriptor_handle(&job, address, &completion);
		lab_doorbell_end(fn, &job, &completion);
	}
	if (job.gate)
		lab_gate_put(job.gate);
	return more;
}

/**
 * lab_doorbell_work - run the ring of a function until there is nothing to do
 * @work: of the function
 *
 * Context: may sleep.
 */
void lab_doorbell_work(struct work_struct *work)
{
	struct lab_function *fn = container_of(work, struct lab_function, work);

	while (lab_doorbell_step(fn))
		cond_resched();
}
