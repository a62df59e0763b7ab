// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers: created and looked at on the control node, mapped on a domain.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/mm.h>
#include "../compat/dma_buf.h"
#include "doors.h"

static_assert((int)LAB_CACHE_COHERENT == (int)IOMMU_LAB_CACHE_COHERENT);
static_assert((int)LAB_CACHE_NONCOHERENT == (int)IOMMU_LAB_CACHE_NONCOHERENT);
static_assert((int)LAB_CACHE_WRITE_COMBINE ==
	      (int)IOMMU_LAB_CACHE_WRITE_COMBINE);
static_assert(LAB_BUFFER_CONTIGUOUS == IOMMU_LAB_BUFFER_CONTIGUOUS);
static_assert(LAB_BUFFER_BELOW_4G == IOMMU_LAB_BUFFER_BELOW_4G);

static struct dma_buf *lab_make_buffer(struct lab_ucmd *ucmd)
{
	const struct iommu_lab_buffer_create *cmd = ucmd->cmd;
	struct lab_buffer_params params = {
		.length = cmd->length,
		.min_order = cmd->min_order,
		.cache = (enum lab_cache)cmd->cache,
		.flags = cmd->flags,
	};
	struct lab_refusal *refusal = ucmd->door->refusal;
	struct lab_buffer *buffer;
	struct dma_buf *dmabuf;
	int ret;

	ret = lab_buffer_create(&ucmd->door->machine->space, &params, refusal,
				&buffer);
	if (ret)
		return ERR_PTR(ret);
	dmabuf = lab_export(buffer);
	if (IS_ERR(dmabuf)) {
		lab_refuse(refusal, PTR_ERR(dmabuf), "no dma-buf can be made");
		lab_buffer_put(buffer);
	}
	return dmabuf;
}

/**
 * lab_ioctl_buffer_create - IOMMU_LAB_BUFFER_CREATE
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_buffer_create.
 */
int lab_ioctl_buffer_create(struct lab_ucmd *ucmd)
{
	struct iommu_lab_buffer_create *cmd = ucmd->cmd;
	struct lab_refusal *refusal = ucmd->door->refusal;
	struct dma_buf *dmabuf;
	int number, ret;

	ret = lab_check_reserved(refusal, cmd->__reserved);
	if (ret)
		return ret;
	if (cmd->cache > IOMMU_LAB_CACHE_WRITE_COMBINE)
		return lab_refuse(refusal, -EOPNOTSUPP,
				  "cache %u: COHERENT (0), NONCOHERENT (1) and WRITE_COMBINE (2) are supported",
				  cmd->cache);
	number = get_unused_fd_flags(O_CLOEXEC);
	if (number < 0)
		return lab_refuse(refusal, number, "no free file descriptor");
	dmabuf = lab_make_buffer(ucmd);
	if (IS_ERR(dmabuf)) {
		ret = PTR_ERR(dmabuf);
		goto out_number;
	}
	cmd->out_fd = number;
	cmd->length = dmabuf->size;
	ret = lab_respond(ucmd);
	if (ret) {
		dma_buf_put(dmabuf);
		goto out_number;
	}
	fd_install(number, dmabuf->file);
	return 0;

out_number:
	put_unused_fd(number);
	return ret;
}

static struct dma_buf *lab_get_dma_buf(struct lab_refusal *refusal, int fd)
{
	struct dma_buf *dmabuf = dma_buf_get(fd);

	if (IS_ERR(dmabuf))
		lab_refuse(refusal, PTR_ERR(dmabuf),
			   "fd %d: must be an open dma-buf", fd);
	return dmabuf;
}

static int lab_give_blocks(struct lab_refusal *refusal,
			   struct iommu_lab_buffer_info *cmd,
			   const struct lab_buffer *buffer)
{
	struct lab_address *list;
	u32 i, nr = buffer->nr_extents, room = cmd->nr;
	int ret;

	list = kvmalloc_array(min(nr, room), sizeof(*list),
			      GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!list)
		return -ENOMEM;
	for (i = 0; i < min(nr, room); i++) {
		const struct lab_extent *extent = &buffer->extents[i];

		list[i].addr = page_to_phys(extent->page);
		list[i].length = (u64)extent->pages << PAGE_SHIFT;
	}
	cmd->nr = nr;
	ret = lab_give_segments(refusal, list, cmd->blocks, room, nr);
	kvfree(list);
	return ret;
}

/**
 * lab_ioctl_buffer_info - IOMMU_LAB_BUFFER_INFO
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_buffer_info.
 */
int lab_ioctl_buffer_info(struct lab_ucmd *ucmd)
{
	struct iommu_lab_buffer_info *cmd = ucmd->cmd;
	struct lab_refusal *refusal = ucmd->door->refusal;
	const struct lab_buffer *buffer;
	struct dma_buf *dmabuf;
	int ret = 0;

	if (cmd->flags & IOMMU_LAB_BUFFER_INFO_PHYS && !lab_may_use_phys())
		return lab_refuse(refusal, -EPERM,
				  "physical addresses need CAP_SYS_RAWIO and a kernel that is not locked down");
	dmabuf = lab_get_dma_buf(refusal, cmd->buffer_fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	buffer = lab_exported(dmabuf);
	if (!buffer) {
		ret = lab_refuse(refusal, -EINVAL,
				 "fd %d is a dma-buf of %s: only those of IOMMU_LAB_BUFFER_CREATE can be looked at",
				 cmd->buffer_fd, dmabuf->exp_name);
		goto put;
	}
	cmd->cache = buffer->params.cache;
	cmd->min_order = buffer->params.min_order;
	cmd->create_flags = buffer->params.flags;
	cmd->id = buffer->id;
	cmd->length = buffer->params.length;
	cmd->nr_blocks = buffer->nr_extents;
	cmd->mappings = atomic_read(&buffer->mappings);
	cmd->syncs = atomic64_read(&buffer->syncs);
	if (cmd->flags & IOMMU_LAB_BUFFER_INFO_PHYS)
		ret = lab_give_blocks(refusal, cmd, buffer);
	if (!ret || ret == -EMSGSIZE)
		ret = lab_respond(ucmd) ?: ret;
put:
	dma_buf_put(dmabuf);
	return ret;
}

/* a device may do what the holder of the file could do */
static int lab_check_mode(struct lab_refusal *refusal,
			  const struct dma_buf *dmabuf, u32 prot)
{
	fmode_t mode = dmabuf->file->f_mode;

	if (prot & IOMMU_LAB_PROT_READ && !(mode & FMODE_READ))
		return lab_refuse(refusal, -EACCES,
				  "the dma-buf is not open for reading: prot READ (1) is refused");
	if (prot & IOMMU_LAB_PROT_WRITE && !(mode & FMODE_WRITE))
		return lab_refuse(refusal, -EACCES,
				  "the dma-buf is not open for writing: prot WRITE (2) is refused");
	return 0;
}

/*
 * With POLICY_VA the IOVA of a buffer is where the process has it. Only the name
 * is checked: the memory is the buffer's, whatever the process does there later.
 */
static int lab_check_process_mapping(struct lab_refusal *refusal,
				     const struct dma_buf *dmabuf,
				     const struct lab_buffer_use *use)
{
	const struct vm_area_struct *vma;
	u64 length = use->length;
	bool good = false;

	/* behind the end there is nothing, which lab_domain_map_buffer() refuses */
	if (!length && use->offset < dmabuf->size)
		length = dmabuf->size - use->offset;
	mmap_read_lock(current->mm);
	vma = find_vma(current->mm, use->iova);
	if (vma && vma->vm_start <= use->iova &&
	    length <= vma->vm_end - use->iova)
		good = vma->vm_file == dmabuf->file &&
		       ((u64)vma->vm_pgoff << PAGE_SHIFT) + use->iova -
		       vma->vm_start == use->offset;
	mmap_read_unlock(current->mm);
	if (good)
		return 0;
	return lab_refuse(refusal, -EINVAL,
			  "IOVA %#llx: with POLICY_VA it is where the process has mapped this part of the buffer, in one piece",
			  use->iova);
}

/*
 * The memory behind a dma-buf fd, with a reference, and what tells it from others
 * while it is mapped.
 */
static struct lab_buffer *lab_buffer_of_fd(struct lab_ucmd *ucmd,
					   const struct lab_buffer_use *use,
					   const void **subject)
{
	struct lab_refusal *refusal = ucmd->door->refusal;
	struct lab_buffer *buffer;
	struct dma_buf *dmabuf;
	int ret;

	dmabuf = lab_get_dma_buf(refusal, use->fd);
	if (IS_ERR(dmabuf))
		return ERR_CAST(dmabuf);
	ret = lab_check_mode(refusal, dmabuf, use->prot);
	if (!ret && ucmd->df->domain->policy == LAB_POLICY_VA)
		ret = lab_check_process_mapping(refusal, dmabuf, use);
	if (ret) {
		buffer = ERR_PTR(ret);
		goto put;
	}
	buffer = lab_exported(dmabuf);
	if (buffer) {
		lab_buffer_get(buffer);
		*subject = buffer;
	} else {
		buffer = lab_import(ucmd->door->machine, dmabuf, use->prot,
				    refusal);
		*subject = dmabuf;
	}
put:
	dma_buf_put(dmabuf);
	return buffer;
}

/**
 * lab_use_buffer - map a part of a dma-buf, as MAP_BUFFER and BUFFER_BEGIN do
 * @ucmd: the ioctl, on a domain
 * @use: which part, how and where; on success its out members are filled in
 *
 * Context: may sleep. Takes dma_resv, mmap_lock and map_lock: no lock may be
 * held.
 * Return: 0; -EBADF, -EINVAL, -EACCES, see struct iommu_lab_map_buffer; as
 * lab_import() and lab_domain_map_buffer().
 */
int lab_use_buffer(struct lab_ucmd *ucmd, struct lab_buffer_use *use)
{
	struct lab_buffer_part part = {
		.offset = use->offset,
		.length = use->length,
	};
	struct lab_map_request request = {
		.prot = use->prot,
		.iova = use->iova,
		.align = use->align,
		.association = use->association,
	};
	const void *subject;
	int ret;

	part.buffer = lab_buffer_of_fd(ucmd, use, &subject);
	if (IS_ERR(part.buffer))
		return PTR_ERR(part.buffer);
	if (use->association)
		use->association->subject = subject;
	ret = lab_domain_map_buffer(ucmd->df->domain, &part, &request,
				    ucmd->door->refusal);
	lab_buffer_put(part.buffer);
	if (ret)
		return ret;
	use->iova = request.iova;
	use->mapped = request.length;
	return 0;
}

/**
 * lab_ioctl_map_buffer - IOMMU_LAB_MAP_BUFFER
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_map_buffer.
 */
int lab_ioctl_map_buffer(struct lab_ucmd *ucmd)
{
	struct iommu_lab_map_buffer *cmd = ucmd->cmd;
	struct lab_buffer_use use = {
		.fd = cmd->buffer_fd,
		.prot = cmd->prot,
		.offset = cmd->offset,
		.length = cmd->length,
		.iova = cmd->iova,
		.align = cmd->align,
	};
	u64 unmapped;
	int ret;

	ret = lab_check_prot(ucmd->door->refusal, cmd->prot);
	if (ret)
		return ret;
	ret = lab_use_buffer(ucmd, &use);
	if (ret)
		return ret;
	cmd->iova = use.iova;
	cmd->out_length = use.mapped;
	ret = lab_respond(ucmd);
	if (ret)
		lab_domain_unmap(ucmd->df->domain, use.iova, use.mapped, false,
				 &unmapped, NULL);
	return ret;
}
