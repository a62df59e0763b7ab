// SPDX-License-Identifier: GPL-2.0
/*
 * The addresses of what is mapped, for devices and (for who may see them) in
 * memory.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include "doors.h"

static_assert(sizeof(struct lab_segment) == sizeof(struct iommu_lab_sg));
static_assert(offsetof(struct lab_segment, length) ==
	      offsetof(struct iommu_lab_sg, length));

/**
 * lab_give_segments - write a list to where the caller wants it
 * @refusal: of the file
 * @list: as many entries as there is room for
 * @user: user pointer to an array of struct iommu_lab_sg
 * @room: entries at @user
 * @nr: entries that there are
 *
 * Context: may sleep.
 * Return: 0; -EFAULT; -EMSGSIZE: the first @room have been written.
 */
int lab_give_segments(struct lab_refusal *refusal,
		      const struct lab_segment *list, u64 user, u32 room,
		      u32 nr)
{
	if (copy_to_user(u64_to_user_ptr(user), list,
			 min(room, nr) * sizeof(*list)))
		return -EFAULT;
	if (room < nr)
		return lab_refuse(refusal, -EMSGSIZE,
				  "there are %u entries, nr was %u", nr, room);
	return 0;
}

static int lab_list(struct lab_domain *domain, u64 start, u64 last, u32 flags,
		    struct lab_segments *out)
{
	out->nr = 0;
	if (flags & IOMMU_LAB_ADDRESSES_PHYS)
		return lab_domain_phys(domain, start, last, out);
	return lab_domain_addresses(domain, start, last, out);
}

/* counted first: what is behind the range may change until it is listed */
static int lab_answer_addresses(struct lab_ucmd *ucmd,
				struct lab_domain *domain, u64 start, u64 last)
{
	struct iommu_lab_addresses *cmd = ucmd->cmd;
	struct lab_segments list = {};
	int ret;

	ret = lab_list(domain, start, last, cmd->flags, &list);
	if (ret)
		goto refuse;
	list.room = min(list.nr, cmd->nr);
	list.segment = kvmalloc_array(list.room, sizeof(*list.segment),
				      GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!list.segment)
		return -ENOMEM;
	ret = lab_list(domain, start, last, cmd->flags, &list);
	if (!ret) {
		cmd->nr = list.nr;
		ret = lab_give_segments(ucmd->door->refusal, list.segment,
					cmd->segments, list.room, list.nr);
	}
	kvfree(list.segment);
	if (!ret || ret == -EMSGSIZE)
		return lab_respond(ucmd) ?: ret;
refuse:
	if (ret == -ENOENT)
		lab_refuse(ucmd->door->refusal, ret,
			   "not all of IOVAs %#llx-%#llx is mapped", start,
			   last);
	return ret;
}

/* the range that is asked for; on an association fd it lies in the association */
static int lab_addresses_range(struct lab_ucmd *ucmd, u64 *start, u64 *last)
{
	struct iommu_lab_addresses *cmd = ucmd->cmd;
	struct lab_refusal *refusal = ucmd->door->refusal;
	struct lab_association_info info = { .length = 0 };
	u64 iova = cmd->iova, length = cmd->length;
	int ret;

	if (ucmd->door->kind == LAB_DOOR_ASSOC) {
		ret = lab_association_read(&lab_ucmd_assoc(ucmd)->association,
					   &info, refusal);
		if (ret)
			return ret;
		if (!iova && !length) {
			iova = info.iova;
			length = info.length;
		}
	}
	if (!length || check_add_overflow(iova, length - 1, last))
		return lab_refuse(refusal, -EINVAL,
				  "IOVA %#llx and length %#llx: must not be empty, nor wrap around",
				  iova, length);
	if (info.length && (iova < info.iova ||
			    *last > info.iova + info.length - 1))
		return lab_refuse(refusal, -ENOENT,
				  "IOVAs %#llx-%#llx: the association has %#llx bytes from %#llx on",
				  iova, *last, info.length, info.iova);
	*start = iova;
	return 0;
}

/**
 * lab_ioctl_addresses - IOMMU_LAB_ADDRESSES
 * @ucmd: the ioctl, on a domain fd, an association fd or (for the automatic
 *	domain) the control node
 *
 * Context: may sleep. Return: see struct iommu_lab_addresses.
 */
int lab_ioctl_addresses(struct lab_ucmd *ucmd)
{
	struct iommu_lab_addresses *cmd = ucmd->cmd;
	struct lab_refusal *refusal = ucmd->door->refusal;
	struct lab_domain *domain;
	u64 start, last;
	int ret;

	ret = lab_check_reserved(refusal, cmd->__reserved);
	if (ret)
		return ret;
	if (cmd->flags & IOMMU_LAB_ADDRESSES_PHYS && !lab_may_use_phys())
		return lab_refuse(refusal, -EPERM,
				  "physical addresses need CAP_SYS_RAWIO and a kernel that is not locked down");
	ret = lab_addresses_range(ucmd, &start, &last);
	if (ret)
		return ret;
	if (ucmd->door->kind == LAB_DOOR_ASSOC)
		domain = lab_ucmd_assoc(ucmd)->association.domain;
	else
		domain = ucmd->df->domain;
	return lab_answer_addresses(ucmd, domain, start, last);
}
