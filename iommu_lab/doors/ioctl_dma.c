// SPDX-License-Identifier: GPL-2.0
/*
 * DMA by an endpoint's engine, run at once or put into the file's ring.
 */
#include <linux/ktime.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "doors.h"

static_assert((int)LAB_DMA_COMPARE == (int)IOMMU_LAB_DMA_COMPARE);
static_assert((int)LAB_DMA_DEAD == (int)IOMMU_LAB_DMA_DEAD);
static_assert(LAB_RING_DATA == IOMMU_LAB_RING_DATA);
static_assert(sizeof(struct lab_dma_sg) == sizeof(struct iommu_lab_sg));
static_assert(offsetof(struct lab_dma_sg, length) ==
	      offsetof(struct iommu_lab_sg, length));

/* which lists an operation has */
static const struct {
	bool src;
	bool dst;
} lab_dma_lists[] = {
	[IOMMU_LAB_DMA_READ] = { .src = true },
	[IOMMU_LAB_DMA_WRITE] = { .dst = true },
	[IOMMU_LAB_DMA_COPY] = { .src = true, .dst = true },
	[IOMMU_LAB_DMA_FILL] = { .dst = true },
	[IOMMU_LAB_DMA_COMPARE] = { .src = true, .dst = true },
};

static int lab_check_dma(struct lab_refusal *refusal,
			 const struct iommu_lab_dma *cmd)
{
	bool src, dst;
	int ret;
	u32 op;

	ret = lab_check_reserved(refusal, cmd->__reserved);
	if (ret)
		return ret;
	if (cmd->op >= ARRAY_SIZE(lab_dma_lists))
		return lab_refuse(refusal, -EOPNOTSUPP,
				  "op %u: READ (0) to COMPARE (4) are supported",
				  cmd->op);
	op = array_index_nospec(cmd->op, ARRAY_SIZE(lab_dma_lists));
	src = lab_dma_lists[op].src;
	dst = lab_dma_lists[op].dst;
	if (!cmd->src_nents != !src || !cmd->dst_nents != !dst)
		return lab_refuse(refusal, -EINVAL,
				  "op %u takes %s source and %s destination list",
				  op, src ? "a" : "no", dst ? "a" : "no");
	if (cmd->src_nents > IOMMU_LAB_MAX_SG ||
	    cmd->dst_nents > IOMMU_LAB_MAX_SG)
		return lab_refuse(refusal, -EINVAL,
				  "%u and %u entries: up to %u are accepted",
				  cmd->src_nents, cmd->dst_nents,
				  IOMMU_LAB_MAX_SG);
	return 0;
}

/* a copy of the caller's list, checked; its length is added up */
static struct lab_dma_sg *lab_get_list(struct lab_refusal *refusal, u64 user,
				       u32 nr, u64 *length)
{
	struct lab_dma_sg *list;
	int ret = 0;
	u64 last;
	u32 i;

	*length = 0;
	if (!nr)
		return NULL;
	list = kvmalloc_array(nr, sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (!list)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(list, u64_to_user_ptr(user), nr * sizeof(*list)))
		ret = -EFAULT;
	for (i = 0; !ret && i < nr; i++) {
		if (!list[i].length)
			ret = lab_refuse(refusal, -EINVAL,
					 "entry %u has length 0", i);
		else if (check_add_overflow(list[i].iova, list[i].length - 1,
					    &last) ||
			 check_add_overflow(*length, list[i].length, length))
			ret = lab_refuse(refusal, -EOVERFLOW,
					 "entry %u wraps", i);
	}
	if (!ret)
		return list;
	kvfree(list);
	return ERR_PTR(ret);
}

static int lab_get_lists(struct lab_refusal *refusal, struct lab_dma_job *job,
			 const struct iommu_lab_dma *cmd)
{
	struct lab_dma_sg *list;
	u64 src, dst, end;

	list = lab_get_list(refusal, cmd->src, cmd->src_nents, &src);
	if (IS_ERR(list))
		return PTR_ERR(list);
	job->src = list;
	job->nr_src = cmd->src_nents;
	list = lab_get_list(refusal, cmd->dst, cmd->dst_nents, &dst);
	if (IS_ERR(list))
		return PTR_ERR(list);
	job->dst = list;
	job->nr_dst = cmd->dst_nents;
	if (src && dst && src != dst)
		return lab_refuse(refusal, -EINVAL,
				  "the source has %llu bytes, the destination %llu: they must be equal",
				  src, dst);
	job->length = src ?: dst;
	if (check_add_overflow(cmd->data, job->length, &end))
		return lab_refuse(refusal, -EOVERFLOW,
				  "data 0x%llx plus %llu bytes wraps",
				  cmd->data, job->length);
	return 0;
}

/* a file that does DMA without being attached is a user until it is closed */
static int lab_claim(struct lab_endpoint_file *ef)
{
	struct lab_node *node = ef->node;
	struct mutex *lock = &node->machine->space.attach_lock;
	int ret = 0;

	if (READ_ONCE(ef->claims) || READ_ONCE(node->attached))
		return 0;
	mutex_lock(lock);
	if (!ef->claims && !node->attached && !lab_endpoint_file_is_gone(ef)) {
		ret = lab_node_use(node, &ef->refusal);
		if (!ret)
			WRITE_ONCE(ef->claims, true);
	}
	mutex_unlock(lock);
	return ret;
}

/* the gate, for whoever may use it now */
static int lab_enter(struct lab_endpoint_file *ef, const struct file *file,
		     struct lab_dma_job *job)
{
	struct lab_node *node = ef->node;
	int ret = 0;

	if (!(file->f_mode & FMODE_WRITE))
		return lab_refuse(&ef->refusal, -EACCES,
				  "%s is not open for writing", node->name);
	ret = lab_claim(ef);
	if (ret)
		return ret;
	spin_lock(&node->ep.lock);
	if (node->attached &&
	    (node->file != file || node->mm != current->mm))
		ret = -EPERM;
	else if (lab_endpoint_file_is_gone(ef))
		ret = -ENODEV;
	else if (!node->ep.gate || node->ep.gate->core)
		ret = -EBUSY;
	/* detached since lab_claim() looked: the blocked state may be VFIO's by now */
	else if (!node->attached && !ef->claims)
		ret = -EBUSY;
	else
		refcount_inc(&node->ep.gate->refs);
	job->gate = node->ep.gate;
	job->epoch = atomic_read(&node->ep.epoch);
	spin_unlock(&node->ep.lock);
	if (ret == -EPERM)
		lab_refuse(&ef->refusal, ret,
			   "%s is attached by another file or process",
			   node->name);
	else if (ret)
		lab_refuse(&ef->refusal, ret, "%s is gone or changes hands",
			   node->name);
	return ret;
}

static struct lab_dma_job *lab_job_create(struct lab_ucmd *ucmd)
{
	struct lab_endpoint_file *ef = lab_ucmd_endpoint(ucmd);
	struct iommu_lab_dma *cmd = ucmd->cmd;
	struct lab_dma_job *job;
	int ret;

	ret = lab_check_dma(&ef->refusal, cmd);
	if (ret)
		return ERR_PTR(ret);
	job = kzalloc(sizeof(*job), GFP_KERNEL_ACCOUNT);
	if (!job)
		return ERR_PTR(-ENOMEM);
	ret = lab_enter(ef, ucmd->file, job);
	if (ret) {
		kfree(job);
		return ERR_PTR(ret);
	}
	job->ep = &ef->node->ep;
	job->op = (enum lab_dma_op)cmd->op;
	job->data = cmd->data;
	job->pattern = cmd->pattern;
	job->cookie = cmd->cookie;
	ret = lab_get_lists(&ef->refusal, job, cmd);
	if (ret) {
		lab_dma_job_free(job);
		return ERR_PTR(ret);
	}
	return job;
}

/* who unmapped what a stale IOTLB entry still answered for */
static void lab_report_stale(struct lab_node *node, u64 iova)
{
	struct mutex *lock = &node->machine->space.attach_lock;
	struct lab_unmap_record record;
	bool found = false;

	mutex_lock(lock);
	if (node->attached)
		found = lab_remap_last_unmap(&node->attached->domain->remap,
					     iova, &record);
	mutex_unlock(lock);
	if (found)
		pr_info_ratelimited("%s: stale IOTLB entry for 0x%llx: unmapped %llu us ago by %s[%d]\n",
				    node->name, iova,
				    (ktime_get_mono_fast_ns() - record.time) /
				    NSEC_PER_USEC, record.comm, record.pid);
	else
		pr_info_ratelimited("%s: stale IOTLB entry for 0x%llx: no unmap of it is remembered\n",
				    node->name, iova);
}

static void lab_fill_result(struct lab_node *node,
			    struct iommu_lab_dma_result *out,
			    const struct lab_dma_job *job)
{
	const struct lab_dma_result *result = &job->result;

	memset(out, 0, sizeof(*out));
	out->cookie = job->cookie;
	out->done = result->done;
	out->status = result->status;
	if (result->status != LAB_DMA_FAULT)
		return;
	out->fault_reason = result->reason;
	out->fault_iova = result->iova;
	if (result->write)
		out->fault_flags |= IOMMU_LAB_FAULT_WRITE;
	if (result->stale) {
		out->fault_flags |= IOMMU_LAB_FAULT_STALE;
		lab_report_stale(node, result->iova);
	}
	if (!result->attached)
		out->fault_flags |= IOMMU_LAB_FAULT_NOT_ATTACHED;
}

/**
 * lab_ioctl_dma - IOMMU_LAB_DMA
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_dma.
 */
int lab_ioctl_dma(struct lab_ucmd *ucmd)
{
	struct lab_dma_job *job = lab_job_create(ucmd);
	struct iommu_lab_dma *cmd = ucmd->cmd;
	int ret;

	if (IS_ERR(job))
		return PTR_ERR(job);
	ret = lab_dma_run(job);
	if (!ret)
		lab_fill_result(lab_ucmd_endpoint(ucmd)->node, &cmd->result,
				job);
	lab_dma_job_free(job);
	return ret ?: lab_respond(ucmd);
}

/* data passes through kernel memory: in when it is submitted, out when reaped */
static int lab_take_data(struct lab_refusal *refusal, struct lab_dma_job *job)
{
	if (job->op != LAB_DMA_READ && job->op != LAB_DMA_WRITE)
		return 0;
	if (job->length > LAB_RING_DATA)
		return lab_refuse(refusal, -EINVAL,
				  "%llu bytes of data: up to %u are accepted in the ring",
				  job->length, LAB_RING_DATA);
	job->copy = kvzalloc(job->length, GFP_KERNEL_ACCOUNT);
	if (!job->copy)
		return -ENOMEM;
	if (job->op == LAB_DMA_WRITE &&
	    copy_from_user(job->copy, u64_to_user_ptr(job->data), job->length))
		return -EFAULT;
	return 0;
}

/* what a READ has read before it ended */
static void lab_give_data(struct lab_dma_job *job)
{
	if (job->op != LAB_DMA_READ || !job->copy)
		return;
	if (copy_to_user(u64_to_user_ptr(job->data), job->copy,
			 job->result.done))
		job->result.status = LAB_DMA_DATA;
}

/**
 * lab_ioctl_dma_submit - IOMMU_LAB_DMA_SUBMIT
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_dma.
 */
int lab_ioctl_dma_submit(struct lab_ucmd *ucmd)
{
	struct lab_endpoint_file *ef = lab_ucmd_endpoint(ucmd);
	struct lab_dma_job *job = lab_job_create(ucmd);
	int ret;

	if (IS_ERR(job))
		return PTR_ERR(job);
	job->mm = current->mm;
	mmgrab(job->mm);
	ret = lab_take_data(&ef->refusal, job);
	if (!ret) {
		ret = lab_ring_submit(&ef->ring, job);
		if (!ret)
			return 0;
		lab_refuse(&ef->refusal, ret,
			   "the ring is full: %u jobs; reap a result first",
			   LAB_RING_SLOTS);
	}
	lab_dma_job_free(job);
	return ret;
}

/**
 * lab_ioctl_dma_reap - IOMMU_LAB_DMA_REAP
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_dma_reap.
 */
int lab_ioctl_dma_reap(struct lab_ucmd *ucmd)
{
	struct lab_endpoint_file *ef = lab_ucmd_endpoint(ucmd);
	struct iommu_lab_dma_reap *cmd = ucmd->cmd;
	struct lab_dma_job *job;
	int ret;

	/* a result that is taken cannot be put back: find a bad pointer first */
	if (lab_respond(ucmd))
		return -EFAULT;
	ret = lab_ring_reap(&ef->ring, current->mm, &job);
	if (ret == -ENOENT)
		return lab_refuse(&ef->refusal, ret,
				  "nothing is in the ring: submit first");
	if (ret == -EPERM)
		return lab_refuse(&ef->refusal, ret,
				  "the oldest result is of a job of another process");
	if (ret)
		return ret;
	lab_give_data(job);
	lab_fill_result(ef->node, &cmd->result, job);
	lab_dma_job_free(job);
	return lab_respond(ucmd);
}
