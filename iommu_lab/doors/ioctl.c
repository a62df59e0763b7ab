// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctl table, and what is the same for each ioctl: the size rules, flags,
 * the kind of file, and who may use a domain.
 */
#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/nospec.h>
#include "doors.h"

/* how each struct of the ABI begins */
struct lab_head {
	u32 size;
	u32 flags;
};

union lab_cmd {
	struct lab_head head;
	struct iommu_lab_info info;
	struct iommu_lab_explain explain;
	struct iommu_lab_unit_info unit_info;
	struct iommu_lab_endpoint_info endpoint_info;
	struct iommu_lab_domain_create domain_create;
	struct iommu_lab_domain_info domain_info;
	struct iommu_lab_attach attach;
	struct iommu_lab_detach detach;
	struct iommu_lab_map map;
	struct iommu_lab_map_sg map_sg;
	struct iommu_lab_unmap unmap;
	struct iommu_lab_translate translate;
	struct iommu_lab_iova_ranges iova_ranges;
	struct iommu_lab_stats stats;
	struct iommu_lab_dma dma;
	struct iommu_lab_dma_reap dma_reap;
	struct iommu_lab_dirty_tracking dirty_tracking;
	struct iommu_lab_dirty_bitmap dirty_bitmap;
	struct iommu_lab_mark mark;
	struct iommu_lab_buffer_create buffer_create;
	struct iommu_lab_buffer_info buffer_info;
	struct iommu_lab_map_buffer map_buffer;
	struct iommu_lab_buffer_begin buffer_begin;
	struct iommu_lab_assoc_info assoc_info;
	struct iommu_lab_addresses addresses;
};

/**
 * struct lab_ioctl_op - one ioctl
 * @cmd: its number
 * @kinds: enum lab_door_kind: the kinds of file it works on
 * @size: of its struct
 * @min_size: of the first version of its struct
 * @flags: the flags that are known
 * @fn: what it does
 */
struct lab_ioctl_op {
	unsigned int cmd;
	unsigned int kinds;
	size_t size;
	size_t min_size;
	u32 flags;
	int (*fn)(struct lab_ucmd *ucmd);
};

#define LAB_ALL (LAB_DOOR_CONTROL | LAB_DOOR_DOMAIN | LAB_DOOR_ENDPOINT | \
		 LAB_DOOR_ASSOC)
#define LAB_ANY_DOMAIN (LAB_DOOR_DOMAIN | LAB_DOOR_AUTO)
#define IOCTL_OP_FLAGS(_cmd, _kinds, _fn, _struct, _last, _flags)	\
	{								\
		.cmd = (_cmd),						\
		.kinds = (_kinds),					\
		.size = sizeof(_struct) +				\
			BUILD_BUG_ON_ZERO(offsetof(_struct, flags) !=	\
					  offsetof(struct lab_head, flags)), \
		.min_size = offsetofend(_struct, _last),		\
		.flags = (_flags),					\
		.fn = (_fn),						\
	}
#define IOCTL_OP(_cmd, _kinds, _fn, _struct, _last)			\
	IOCTL_OP_FLAGS(_cmd, _kinds, _fn, _struct, _last, 0)

/* sorted by number, without a gap */
static const struct lab_ioctl_op lab_ioctl_ops[] = {
	IOCTL_OP(IOMMU_LAB_INFO, LAB_DOOR_CONTROL, lab_ioctl_info,
		 struct iommu_lab_info, tables_left),
	IOCTL_OP(IOMMU_LAB_EXPLAIN, LAB_ALL, lab_ioctl_explain,
		 struct iommu_lab_explain, text),
	IOCTL_OP(IOMMU_LAB_UNIT_INFO, LAB_DOOR_CONTROL, lab_ioctl_unit_info,
		 struct iommu_lab_unit_info, ecap),
	IOCTL_OP(IOMMU_LAB_ENDPOINT_INFO, LAB_DOOR_CONTROL | LAB_DOOR_ENDPOINT,
		 lab_ioctl_endpoint_info, struct iommu_lab_endpoint_info,
		 __reserved),
	IOCTL_OP_FLAGS(IOMMU_LAB_DOMAIN_CREATE, LAB_DOOR_CONTROL,
		       lab_ioctl_domain_create, struct iommu_lab_domain_create,
		       aperture_last,
		       IOMMU_LAB_DOMAIN_GUARD | IOMMU_LAB_DOMAIN_NATURAL |
		       IOMMU_LAB_DOMAIN_MARKED_ONLY),
	IOCTL_OP_FLAGS(IOMMU_LAB_DOMAIN_INFO,
		       LAB_DOOR_CONTROL | LAB_DOOR_DOMAIN,
		       lab_ioctl_domain_info, struct iommu_lab_domain_info,
		       levels, IOMMU_LAB_DOMAIN_INFO_AUTO),
	IOCTL_OP(IOMMU_LAB_ATTACH, LAB_DOOR_CONTROL | LAB_DOOR_DOMAIN,
		 lab_ioctl_attach, struct iommu_lab_attach, endpoint),
	IOCTL_OP(IOMMU_LAB_DETACH, LAB_ANY_DOMAIN, lab_ioctl_detach,
		 struct iommu_lab_detach, __reserved),
	IOCTL_OP_FLAGS(IOMMU_LAB_MAP, LAB_ANY_DOMAIN, lab_ioctl_map,
		       struct iommu_lab_map, align, IOMMU_LAB_MAP_IDENTITY),
	IOCTL_OP(IOMMU_LAB_MAP_SG, LAB_ANY_DOMAIN, lab_ioctl_map_sg,
		 struct iommu_lab_map_sg, out_length),
	IOCTL_OP_FLAGS(IOMMU_LAB_UNMAP, LAB_ANY_DOMAIN, lab_ioctl_unmap,
		       struct iommu_lab_unmap, out_unmapped,
		       IOMMU_LAB_UNMAP_ALLOW_HOLES),
	IOCTL_OP(IOMMU_LAB_TRANSLATE, LAB_ANY_DOMAIN, lab_ioctl_translate,
		 struct iommu_lab_translate, __reserved),
	IOCTL_OP(IOMMU_LAB_IOVA_RANGES, LAB_ANY_DOMAIN, lab_ioctl_iova_ranges,
		 struct iommu_lab_iova_ranges, out_alignment),
	IOCTL_OP(IOMMU_LAB_STATS, LAB_ANY_DOMAIN | LAB_DOOR_ENDPOINT,
		 lab_ioctl_stats, struct iommu_lab_stats, faults),
	IOCTL_OP(IOMMU_LAB_DMA, LAB_DOOR_ENDPOINT, lab_ioctl_dma,
		 struct iommu_lab_dma, result),
	IOCTL_OP(IOMMU_LAB_DMA_SUBMIT, LAB_DOOR_ENDPOINT, lab_ioctl_dma_submit,
		 struct iommu_lab_dma, result),
	IOCTL_OP(IOMMU_LAB_DMA_REAP, LAB_DOOR_ENDPOINT, lab_ioctl_dma_reap,
		 struct iommu_lab_dma_reap, result),
	IOCTL_OP_FLAGS(IOMMU_LAB_SET_DIRTY_TRACKING, LAB_ANY_DOMAIN,
		       lab_ioctl_dirty_tracking,
		       struct iommu_lab_dirty_tracking, flags,
		       IOMMU_LAB_DIRTY_TRACKING_ENABLE),
	IOCTL_OP_FLAGS(IOMMU_LAB_GET_DIRTY_BITMAP, LAB_ANY_DOMAIN,
		       lab_ioctl_dirty_bitmap, struct iommu_lab_dirty_bitmap,
		       data, IOMMU_LAB_DIRTY_BITMAP_NO_CLEAR),
	IOCTL_OP_FLAGS(IOMMU_LAB_MARK, LAB_ANY_DOMAIN, lab_ioctl_mark,
		       struct iommu_lab_mark, length, IOMMU_LAB_MARK_CLEAR),
	IOCTL_OP_FLAGS(IOMMU_LAB_BUFFER_CREATE, LAB_DOOR_CONTROL,
		       lab_ioctl_buffer_create, struct iommu_lab_buffer_create,
		       __reserved,
		       IOMMU_LAB_BUFFER_CONTIGUOUS | IOMMU_LAB_BUFFER_BELOW_4G),
	IOCTL_OP_FLAGS(IOMMU_LAB_BUFFER_INFO, LAB_DOOR_CONTROL,
		       lab_ioctl_buffer_info, struct iommu_lab_buffer_info,
		       blocks, IOMMU_LAB_BUFFER_INFO_PHYS),
	IOCTL_OP(IOMMU_LAB_MAP_BUFFER, LAB_ANY_DOMAIN, lab_ioctl_map_buffer,
		 struct iommu_lab_map_buffer, out_length),
	IOCTL_OP(IOMMU_LAB_BUFFER_BEGIN, LAB_ANY_DOMAIN,
		 lab_ioctl_buffer_begin, struct iommu_lab_buffer_begin,
		 __reserved),
	IOCTL_OP(IOMMU_LAB_ASSOC_INFO, LAB_DOOR_ASSOC, lab_ioctl_assoc_info,
		 struct iommu_lab_assoc_info, length),
	IOCTL_OP_FLAGS(IOMMU_LAB_ADDRESSES, LAB_ANY_DOMAIN | LAB_DOOR_ASSOC,
		       lab_ioctl_addresses, struct iommu_lab_addresses,
		       __reserved, IOMMU_LAB_ADDRESSES_PHYS),
};

static const struct lab_ioctl_op *lab_find_op(unsigned int cmd)
{
	unsigned int nr = _IOC_NR(cmd);
	const struct lab_ioctl_op *op;

	if (nr < IOMMU_LAB_CMD_BASE ||
	    nr - IOMMU_LAB_CMD_BASE >= ARRAY_SIZE(lab_ioctl_ops))
		return NULL;
	nr = array_index_nospec(nr - IOMMU_LAB_CMD_BASE,
				ARRAY_SIZE(lab_ioctl_ops));
	op = &lab_ioctl_ops[nr];
	return op->cmd == cmd ? op : NULL;
}

static bool lab_works_on(const struct lab_ioctl_op *op, enum lab_door_kind kind)
{
	if (kind == LAB_DOOR_CONTROL)
		return op->kinds & (LAB_DOOR_CONTROL | LAB_DOOR_AUTO);
	return op->kinds & kind;
}

/* the domain of a file that has one; others than its owner can only close it */
static int lab_find_open_domain(struct lab_ucmd *ucmd)
{
	struct lab_domain_fd *fd;

	switch (ucmd->door->kind) {
	case LAB_DOOR_DOMAIN:
		fd = container_of(ucmd->door, struct lab_domain_fd, door);
		ucmd->df = &fd->df;
		return lab_check_owner(fd->df.domain);
	case LAB_DOOR_ASSOC:
		return lab_check_owner(lab_ucmd_assoc(ucmd)->association.domain);
	default:
		return 0;
	}
}

/* all that is left to do with the file of an endpoint that has gone is to close it */
static int lab_find_endpoint(struct lab_ucmd *ucmd)
{
	const struct lab_endpoint_file *ef;

	if (ucmd->door->kind != LAB_DOOR_ENDPOINT)
		return 0;
	ef = lab_ucmd_endpoint(ucmd);
	return lab_endpoint_file_is_gone(ef) ?
	       lab_refuse_gone(ucmd->door->refusal, ef->node) : 0;
}

static int lab_find_auto_domain(struct lab_ucmd *ucmd,
				const struct lab_ioctl_op *op)
{
	if (ucmd->door->kind != LAB_DOOR_CONTROL ||
	    !(op->kinds & LAB_DOOR_AUTO))
		return 0;
	ucmd->df = lab_auto_domain(ucmd->door);
	return PTR_ERR_OR_ZERO(ucmd->df);
}

/**
 * lab_ioctl - the ioctl of each kind of file
 * @file: the file; private_data is its struct lab_door
 * @cmd: number
 * @arg: user pointer to the struct, its first u32 the size
 *
 * Context: may sleep.
 * Return: 0 or a negative errno; see the uapi header.
 */
long lab_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct lab_door *door = file->private_data;
	const struct lab_ioctl_op *op = lab_find_op(cmd);
	struct lab_ucmd ucmd = {
		.door = door,
		.file = file,
		.user = (void __user *)arg,
	};
	union lab_cmd buffer;
	int ret;

	if (!op || !lab_works_on(op, door->kind))
		return -ENOTTY;
	ret = lab_find_open_domain(&ucmd) ?: lab_find_endpoint(&ucmd);
	if (ret)
		return ret;
	if (get_user(ucmd.user_size, (u32 __user *)ucmd.user))
		return -EFAULT;
	if (ucmd.user_size < op->min_size)
		return lab_refuse(door->refusal, -EINVAL,
				  "size is %u, at least %zu is needed",
				  ucmd.user_size, op->min_size);
	/* what is unknown must be 0: a bound on how much there is to look at */
	if (ucmd.user_size > PAGE_SIZE)
		return lab_refuse(door->refusal, -E2BIG,
				  "size is %u, at most %lu is accepted",
				  ucmd.user_size, PAGE_SIZE);
	ucmd.size = op->size;
	ucmd.cmd = &buffer;
	ret = copy_struct_from_user(&buffer, op->size, ucmd.user,
				    ucmd.user_size);
	if (ret == -E2BIG)
		return lab_refuse(door->refusal, ret,
				  "bytes behind the first %zu must be 0",
				  op->size);
	if (ret)
		return ret;
	if (buffer.head.flags & ~op->flags)
		return lab_refuse(door->refusal, -EOPNOTSUPP,
				  "flags 0x%x: only those in 0x%x are known",
				  buffer.head.flags, op->flags);
	ret = lab_find_auto_domain(&ucmd, op);
	if (ret)
		return ret;
	return op->fn(&ucmd);
}
