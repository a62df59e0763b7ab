// SPDX-License-Identifier: GPL-2.0
/*
 * Dirty tracking of a domain: on, off, and which pages were written.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/pagemap.h>
#include "doors.h"

/**
 * lab_ioctl_dirty_tracking - IOMMU_LAB_SET_DIRTY_TRACKING
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_dirty_tracking.
 */
int lab_ioctl_dirty_tracking(struct lab_ucmd *ucmd)
{
	struct iommu_lab_dirty_tracking *cmd = ucmd->cmd;
	struct lab_domain_file *df = ucmd->df;

	return lab_domain_track_dirty(df->domain,
				      cmd->flags & IOMMU_LAB_DIRTY_TRACKING_ENABLE,
				      ucmd->door->refusal);
}

static_assert(sizeof(unsigned long) == sizeof(u64));

/*
 * Sets bits in the caller's bitmap. That it can be written is found out even where
 * nothing is dirty; what is not mapped has no bits that could be set.
 */
static int lab_report_dirty(void *ctx, u64 word, const unsigned long *bits,
			    unsigned int words)
{
	u64 __user *to = u64_to_user_ptr(*(u64 *)ctx + word * sizeof(u64));
	unsigned int i;
	u64 old;

	if (fault_in_safe_writeable((const char __user *)to,
				    words * sizeof(u64)))
		return -EFAULT;
	for (i = 0; i < words; i++) {
		if (!bits[i])
			continue;
		if (get_user(old, to + i) || put_user(old | bits[i], to + i))
			return -EFAULT;
	}
	return 0;
}

/**
 * lab_ioctl_dirty_bitmap - IOMMU_LAB_GET_DIRTY_BITMAP
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_dirty_bitmap.
 */
int lab_ioctl_dirty_bitmap(struct lab_ucmd *ucmd)
{
	struct iommu_lab_dirty_bitmap *cmd = ucmd->cmd;
	struct lab_domain_file *df = ucmd->df;
	struct lab_dirty_request request = {
		.iova = cmd->iova,
		.length = cmd->length,
		.page_size = cmd->page_size,
		.clear = !(cmd->flags & IOMMU_LAB_DIRTY_BITMAP_NO_CLEAR),
		.report = lab_report_dirty,
		.ctx = &cmd->data,
	};
	int ret;

	if (cmd->data % sizeof(u64))
		return lab_refuse(ucmd->door->refusal, -EINVAL,
				  "data %#llx: a multiple of 8 is accepted",
				  cmd->data);
	ret = lab_domain_read_dirty(df->domain, &request, ucmd->door->refusal);
	if (ret == -EFAULT)
		lab_refuse(ucmd->door->refusal, ret,
			   "the bitmap must be memory that can be written: one bit for each page_size of length, in words of 8 bytes");
	return ret;
}
