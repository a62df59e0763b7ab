// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings of a domain: map, unmap, translate, ranges.
 */
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "doors.h"

/**
 * lab_check_prot - refuse rights that the ABI does not know
 * @refusal: of the file
 * @prot: the rights
 *
 * Context: may sleep. Return: 0 or -EOPNOTSUPP.
 */
int lab_check_prot(struct lab_refusal *refusal, u32 prot)
{
	if (prot & ~IOMMU_LAB_BIDIRECTIONAL)
		return lab_refuse(refusal, -EOPNOTSUPP,
				  "prot 0x%x: READ (1) and WRITE (2) are known",
				  prot);
	return 0;
}

/* says where it was mapped, and unmaps it again if that cannot be said */
static int lab_map_respond(struct lab_ucmd *ucmd,
			   struct lab_map_request *request, u64 *iova,
			   u64 *length)
{
	struct lab_domain_file *df = ucmd->df;
	u64 unmapped;
	int ret;

	*iova = request->iova;
	if (length)
		*length = request->length;
	ret = lab_respond(ucmd);
	if (ret)
		lab_domain_unmap(df->domain, request->iova, request->length,
				 false, &unmapped, NULL);
	return ret;
}

/**
 * lab_ioctl_map - IOMMU_LAB_MAP
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_map.
 */
int lab_ioctl_map(struct lab_ucmd *ucmd)
{
	struct iommu_lab_map *cmd = ucmd->cmd;
	struct lab_range range = {
		.addr = cmd->user_va,
		.length = cmd->length,
	};
	struct lab_map_request request = {
		.ranges = &range,
		.nr = 1,
		.prot = cmd->prot,
		.iova = cmd->iova,
		.align = cmd->align,
	};
	int ret;

	ret = lab_check_prot(ucmd->door->refusal, cmd->prot);
	if (ret)
		return ret;
	ret = lab_check_reserved(ucmd->door->refusal, cmd->__reserved);
	if (ret)
		return ret;
	if (cmd->flags & IOMMU_LAB_MAP_IDENTITY)
		ret = lab_domain_map_identity(ucmd->df->domain, &request,
					      ucmd->door->refusal);
	else
		ret = lab_domain_map(ucmd->df->domain, &request,
				     ucmd->door->refusal);
	return ret ?: lab_map_respond(ucmd, &request, &cmd->iova, NULL);
}

static_assert(sizeof(struct lab_range) == sizeof(struct iommu_lab_sg));
static_assert(offsetof(struct lab_range, length) ==
	      offsetof(struct iommu_lab_sg, length));

/**
 * lab_ioctl_map_sg - IOMMU_LAB_MAP_SG
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_map_sg.
 */
int lab_ioctl_map_sg(struct lab_ucmd *ucmd)
{
	struct iommu_lab_map_sg *cmd = ucmd->cmd;
	struct lab_map_request request = {
		.nr = cmd->nents,
		.prot = cmd->prot,
		.iova = cmd->iova,
		.align = cmd->align,
	};
	struct lab_range *ranges;
	int ret;

	ret = lab_check_prot(ucmd->door->refusal, cmd->prot);
	if (ret)
		return ret;
	if (!cmd->nents || cmd->nents > IOMMU_LAB_MAX_SG)
		return lab_refuse(ucmd->door->refusal, -EINVAL,
				  "nents %u: 1 to %u is accepted", cmd->nents,
				  IOMMU_LAB_MAX_SG);
	ranges = kvmalloc_array(cmd->nents, sizeof(*ranges),
				GFP_KERNEL_ACCOUNT);
	if (!ranges)
		return -ENOMEM;
	request.ranges = ranges;
	if (copy_from_user(ranges, u64_to_user_ptr(cmd->entries),
			   cmd->nents * sizeof(*ranges)))
		ret = -EFAULT;
	else
		ret = lab_domain_map(ucmd->df->domain, &request,
				     ucmd->door->refusal);
	if (!ret)
		ret = lab_map_respond(ucmd, &request, &cmd->iova,
				      &cmd->out_length);
	kvfree(ranges);
	return ret;
}

/**
 * lab_ioctl_unmap - IOMMU_LAB_UNMAP
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_unmap.
 */
int lab_ioctl_unmap(struct lab_ucmd *ucmd)
{
	struct iommu_lab_unmap *cmd = ucmd->cmd;
	struct lab_domain_file *df = ucmd->df;
	int ret;

	/* what is unmapped cannot be mapped again: find a bad pointer first */
	cmd->out_unmapped = 0;
	if (lab_respond(ucmd))
		return -EFAULT;
	ret = lab_domain_unmap(df->domain, cmd->iova, cmd->length,
			       cmd->flags & IOMMU_LAB_UNMAP_ALLOW_HOLES,
			       &cmd->out_unmapped, ucmd->door->refusal);
	return ret ?: lab_respond(ucmd);
}

/**
 * lab_ioctl_mark - IOMMU_LAB_MARK
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_mark.
 */
int lab_ioctl_mark(struct lab_ucmd *ucmd)
{
	struct iommu_lab_mark *cmd = ucmd->cmd;

	return lab_domain_mark(ucmd->df->domain, cmd->user_va, cmd->length,
			       !(cmd->flags & IOMMU_LAB_MARK_CLEAR),
			       ucmd->door->refusal);
}

static_assert(LAB_MAX_MARKS == IOMMU_LAB_MAX_MARKS);

static void lab_translate_walk(struct lab_domain *domain, u64 iova,
			       struct lab_walk *walk, u64 *trace,
			       struct iommu_lab_translate *cmd)
{
	enum lab_walk_status status;

	walk->trace = trace;
	rcu_read_lock();
	status = lab_vtdss_lookup(&domain->remap.pt, iova, walk);
	rcu_read_unlock();
	if (status != LAB_WALK_LEAF)
		return;
	cmd->out_flags = IOMMU_LAB_TRANSLATE_MAPPED;
	cmd->out_prot = walk->prot & LAB_PROT_RIGHTS;
	cmd->out_page_size = BIT_ULL(lab_level_shift(walk->level));
	cmd->out_phys = walk->oa;
}

static int lab_copy_steps(struct lab_domain *domain,
			  struct iommu_lab_translate *cmd,
			  const struct lab_walk *walk, bool phys)
{
	struct iommu_lab_walk_step steps[LAB_PT_MAX_LEVELS] = {};
	unsigned int level = domain->remap.config.pt.levels;
	u32 i, nr = min_t(u32, cmd->nr_steps, walk->steps);

	for (i = 0; i < nr; i++, level--) {
		steps[i].level = level;
		steps[i].index = (cmd->iova >> lab_level_shift(level)) %
				 LAB_TABLE_ENTRIES;
		steps[i].entry = walk->trace[i];
		if (!phys)
			steps[i].entry &= ~GENMASK_ULL(51, 12);
	}
	cmd->nr_steps = nr;
	if (copy_to_user(u64_to_user_ptr(cmd->steps), steps,
			 nr * sizeof(*steps)))
		return -EFAULT;
	return 0;
}

/**
 * lab_ioctl_translate - IOMMU_LAB_TRANSLATE
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_translate.
 */
int lab_ioctl_translate(struct lab_ucmd *ucmd)
{
	struct iommu_lab_translate *cmd = ucmd->cmd;
	struct lab_domain_file *df = ucmd->df;
	u64 trace[LAB_PT_MAX_LEVELS] = {};
	bool phys = lab_may_see_phys();
	struct lab_walk walk = {};
	int ret;

	ret = lab_check_reserved(ucmd->door->refusal, cmd->__reserved);
	if (ret)
		return ret;
	cmd->out_flags = 0;
	cmd->out_prot = 0;
	cmd->out_page_size = 0;
	cmd->out_phys = 0;
	if (df->domain->remap.config.identity) {
		cmd->out_flags = IOMMU_LAB_TRANSLATE_MAPPED;
		cmd->out_prot = IOMMU_LAB_BIDIRECTIONAL;
		cmd->out_page_size = PAGE_SIZE;
		cmd->out_phys = cmd->iova;
	} else {
		lab_translate_walk(df->domain, cmd->iova, &walk, trace, cmd);
	}
	if (!phys)
		cmd->out_phys = 0;
	else if (cmd->out_flags & IOMMU_LAB_TRANSLATE_MAPPED)
		cmd->out_flags |= IOMMU_LAB_TRANSLATE_PHYS_VALID;
	if (lab_copy_steps(df->domain, cmd, &walk, phys))
		return -EFAULT;
	return lab_respond(ucmd);
}

static_assert(sizeof(struct lab_resv) == sizeof(struct iommu_lab_iova_range));
static_assert(offsetof(struct lab_resv, last) ==
	      offsetof(struct iommu_lab_iova_range, last));

/**
 * lab_ioctl_iova_ranges - IOMMU_LAB_IOVA_RANGES
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_iova_ranges.
 */
int lab_ioctl_iova_ranges(struct lab_ucmd *ucmd)
{
	struct iommu_lab_iova_ranges *cmd = ucmd->cmd;
	struct lab_domain_file *df = ucmd->df;
	u32 room = cmd->nr_ranges;
	struct lab_resv *ranges;
	unsigned int nr;
	int ret;

	ret = lab_check_reserved(ucmd->door->refusal, cmd->__reserved);
	if (ret)
		return ret;
	ret = lab_domain_ranges(df->domain, &ranges, &nr);
	if (ret)
		return ret;
	cmd->nr_ranges = nr;
	cmd->out_alignment = PAGE_SIZE;
	if (copy_to_user(u64_to_user_ptr(cmd->ranges), ranges,
			 min(room, nr) * sizeof(*ranges)))
		ret = -EFAULT;
	kfree(ranges);
	if (!ret)
		ret = lab_respond(ucmd);
	if (!ret && room < nr)
		return lab_refuse(ucmd->door->refusal, -EMSGSIZE,
				  "there are %u ranges, nr_ranges was %u", nr,
				  room);
	return ret;
}
