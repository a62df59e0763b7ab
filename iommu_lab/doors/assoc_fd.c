// SPDX-License-Identifier: GPL-2.0
/*
 * Association fds: a buffer is mapped in a domain until the last close.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "doors.h"

static int lab_assoc_release(struct inode *inode, struct file *file)
{
	struct lab_assoc_file *af = file->private_data;

	lab_association_end(&af->association);
	kfree(af);
	return 0;
}

static const struct file_operations lab_assoc_fops = {
	.owner = THIS_MODULE,
	.release = lab_assoc_release,
	.unlocked_ioctl = lab_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

/* an open association that has no mapping yet */
static struct file *lab_assoc_file(struct lab_domain_file *df)
{
	struct lab_assoc_file *af;
	struct file *file;

	af = kzalloc(sizeof(*af), GFP_KERNEL_ACCOUNT);
	if (!af)
		return ERR_PTR(-ENOMEM);
	af->door.kind = LAB_DOOR_ASSOC;
	af->door.machine = df->machine;
	af->door.refusal = &af->refusal;
	lab_refusal_init(&af->refusal);
	lab_association_init(&af->association, df->domain);
	file = anon_inode_getfile("[iommu_lab-association]", &lab_assoc_fops,
				  af, O_RDWR);
	if (IS_ERR(file)) {
		lab_association_end(&af->association);
		kfree(af);
	}
	return file;
}

/* the file of a new association, mapped and answered */
static struct file *lab_associate(struct lab_ucmd *ucmd, int number)
{
	struct iommu_lab_buffer_begin *cmd = ucmd->cmd;
	struct lab_buffer_use use = {
		.fd = cmd->buffer_fd,
		.prot = cmd->prot,
		.offset = cmd->offset,
		.length = cmd->length,
		.iova = cmd->iova,
		.align = cmd->align,
	};
	struct lab_assoc_file *af;
	struct file *file;
	int ret;

	file = lab_assoc_file(ucmd->df);
	if (IS_ERR(file))
		return file;
	af = file->private_data;
	use.association = &af->association;
	ret = lab_use_buffer(ucmd, &use);
	if (!ret) {
		cmd->iova = use.iova;
		cmd->out_length = use.mapped;
		cmd->out_fd = number;
		ret = lab_respond(ucmd);
	}
	if (ret) {
		fput(file);
		file = ERR_PTR(ret);
	}
	return file;
}

/**
 * lab_ioctl_buffer_begin - IOMMU_LAB_BUFFER_BEGIN
 * @ucmd: the ioctl, on a domain fd or (for the automatic domain) the control node
 *
 * Context: may sleep. Return: see struct iommu_lab_buffer_begin.
 */
int lab_ioctl_buffer_begin(struct lab_ucmd *ucmd)
{
	struct iommu_lab_buffer_begin *cmd = ucmd->cmd;
	struct lab_refusal *refusal = ucmd->door->refusal;
	struct file *file;
	int number, ret;

	ret = lab_check_reserved(refusal, cmd->__reserved);
	if (ret)
		return ret;
	ret = lab_check_prot(refusal, cmd->prot);
	if (ret)
		return ret;
	number = get_unused_fd_flags(O_CLOEXEC);
	if (number < 0)
		return lab_refuse(refusal, number, "no free file descriptor");
	file = lab_associate(ucmd, number);
	if (IS_ERR(file)) {
		put_unused_fd(number);
		return PTR_ERR(file);
	}
	fd_install(number, file);
	return 0;
}

/**
 * lab_ioctl_assoc_info - IOMMU_LAB_ASSOC_INFO
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_assoc_info.
 */
int lab_ioctl_assoc_info(struct lab_ucmd *ucmd)
{
	struct lab_assoc_file *af = lab_ucmd_assoc(ucmd);
	struct iommu_lab_assoc_info *cmd = ucmd->cmd;
	struct lab_association_info info;
	int ret;

	ret = lab_check_reserved(&af->refusal, cmd->__reserved);
	if (ret)
		return ret;
	ret = lab_association_read(&af->association, &info, &af->refusal);
	if (ret)
		return ret;
	cmd->domain_id = af->association.domain->id;
	cmd->prot = info.prot;
	cmd->cache = info.cache;
	cmd->iova = info.iova;
	cmd->length = info.length;
	return lab_respond(ucmd);
}
