// SPDX-License-Identifier: GPL-2.0
/*
 * The addresses of what is mapped, for devices and (for who may see them) in
 * memory.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include "doors.h"

static_assert(sizeof(struct lab_address) == sizeof(struct iommu_lab_sg));
static_assert(offsetof(struct lab_address, length) ==
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
		      const struct lab_address *list, u64 user, u32 room,
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

/* the range that is asked for; on an association fd it lies in the association */
static int lab_addresses_range(struct lab_ucmd *ucmd, u64 *iova, u64 *length)
{
	struct iommu_lab_addresses *cmd = ucmd->cmd;
	struct lab_refusal *refusal = ucmd->door->refusal;
	struct lab_association_info info;
	int ret;

	*iova = cmd->iova;
	*length = cmd->length;
	if (ucmd->door->kind != LAB_DOOR_ASSOC)
		return 0;
	ret = lab_association_read(&lab_ucmd_assoc(ucmd)->association, &info,
				   refusal);
	if (ret)
		return ret;
	if (!*iova && !*length) {
		*iova = info.iova;
		*length = info.length;
	}
	if (*iova < info.iova || *iova - info.iova >= info.length ||
	    *length > info.length - (*iova - info.iova))
		return lab_refuse(refusal, -ENOENT,
				  "IOVA %#llx and length %#llx: the association has %#llx bytes from %#llx on",
				  *iova, *length, info.length, info.iova);
	return 0;
}

static struct lab_domain *lab_addresses_domain(struct lab_ucmd *ucmd)
{
	if (ucmd->door->kind == LAB_DOOR_ASSOC)
		return lab_ucmd_assoc(ucmd)->association.domain;
	return ucmd->df->domain;
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
	u32 room = cmd->nr, nr;
	struct lab_address *list;
	u64 iova, length;
	int ret;

	ret = lab_check_reserved(refusal, cmd->__reserved);
	if (ret)
		return ret;
	if (room > IOMMU_LAB_MAX_SG)
		return lab_refuse(refusal, -EINVAL,
				  "nr %u: 0 to %u is accepted", room,
				  IOMMU_LAB_MAX_SG);
	ret = lab_addresses_range(ucmd, &iova, &length);
	if (ret)
		return ret;
	list = kvcalloc(room, sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (room && !list)
		return -ENOMEM;
	ret = lab_domain_addresses(lab_addresses_domain(ucmd), iova, length,
				   cmd->flags & IOMMU_LAB_ADDRESSES_PHYS, list,
				   room, &nr, refusal);
	if (!ret) {
		cmd->nr = nr;
		ret = lab_give_segments(refusal, list, cmd->segments, room, nr);
	}
	kvfree(list);
	if (!ret || ret == -EMSGSIZE)
		ret = lab_respond(ucmd) ?: ret;
	return ret;
}
