// SPDX-License-Identifier: GPL-2.0
/*
 * Domain fds: made by the control node, attached to endpoints, gone with the
 * last close. Their events are read in event_fd.c.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "doors.h"

static void lab_domain_fd_free(struct lab_domain_fd *fd)
{
	lab_domain_file_release(&fd->df);
	kfree(fd);
}

static int lab_domain_release(struct inode *inode, struct file *file)
{
	lab_domain_fd_free(file->private_data);
	return 0;
}

static const struct file_operations lab_domain_fops = {
	.owner = THIS_MODULE,
	.release = lab_domain_release,
	.read = lab_domain_read,
	.poll = lab_domain_poll,
	.unlocked_ioctl = lab_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct lab_domain_fd *lab_domain_fd_create(struct lab_ucmd *ucmd)
{
	struct lab_machine *machine = ucmd->door->machine;
	struct iommu_lab_domain_create *cmd = ucmd->cmd;
	struct lab_domain_params params = {
		.policy = cmd->policy,
		.flags = cmd->flags,
		.start = cmd->aperture_start,
		.last = cmd->aperture_last,
		.mm = current->mm,
	};
	struct lab_domain_fd *fd;
	int ret;

	fd = kzalloc(sizeof(*fd), GFP_KERNEL_ACCOUNT);
	if (!fd)
		return ERR_PTR(-ENOMEM);
	fd->door.kind = LAB_DOOR_DOMAIN;
	fd->door.machine = machine;
	fd->door.refusal = &fd->refusal;
	lab_refusal_init(&fd->refusal);
	mutex_init(&fd->read_lock);
	ret = lab_domain_file_init(&fd->df, machine, &params,
				   ucmd->door->refusal);
	if (ret) {
		kfree(fd);
		return ERR_PTR(ret);
	}
	return fd;
}

static_assert(LAB_DOMAIN_GUARD == IOMMU_LAB_DOMAIN_GUARD);
static_assert(LAB_DOMAIN_NATURAL == IOMMU_LAB_DOMAIN_NATURAL);
static_assert(LAB_DOMAIN_MARKED_ONLY == IOMMU_LAB_DOMAIN_MARKED_ONLY);
static_assert((int)LAB_POLICY_VA == (int)IOMMU_LAB_POLICY_VA);
static_assert((int)LAB_POLICY_IDENTITY == (int)IOMMU_LAB_POLICY_IDENTITY);

/**
 * lab_ioctl_domain_create - IOMMU_LAB_DOMAIN_CREATE
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_domain_create.
 */
int lab_ioctl_domain_create(struct lab_ucmd *ucmd)
{
	struct iommu_lab_domain_create *cmd = ucmd->cmd;
	struct lab_domain_fd *fd;
	struct file *file;
	int number, ret;

	ret = lab_check_reserved(ucmd->door->refusal, cmd->__reserved);
	if (ret)
		return ret;
	number = get_unused_fd_flags(O_CLOEXEC);
	if (number < 0)
		return lab_refuse(ucmd->door->refusal, number,
				  "no free file descriptor");
	fd = lab_domain_fd_create(ucmd);
	if (IS_ERR(fd)) {
		ret = PTR_ERR(fd);
		goto out_number;
	}
	file = anon_inode_getfile("[iommu_lab-domain]", &lab_domain_fops, fd,
				  O_RDWR);
	if (IS_ERR(file)) {
		ret = PTR_ERR(file);
		lab_domain_fd_free(fd);
		goto out_number;
	}
	cmd->out_fd = number;
	cmd->out_id = fd->df.domain->id;
	ret = lab_respond(ucmd);
	if (ret) {
		fput(file);
		goto out_number;
	}
	fd_install(number, file);
	return 0;

out_number:
	put_unused_fd(number);
	return ret;
}

static int lab_fill_domain_info(struct lab_ucmd *ucmd,
				struct lab_domain *domain)
{
	struct iommu_lab_domain_info *info = ucmd->cmd;

	info->id = domain->id;
	info->policy = domain->policy;
	info->out_flags = domain->flags;
	info->__reserved = 0;
	info->aperture_start = domain->iommu.geometry.aperture_start;
	info->aperture_last = domain->iommu.geometry.aperture_end;
	info->page_sizes = domain->iommu.pgsize_bitmap;
	info->levels = domain->remap.config.identity ?
		       0 : domain->remap.config.pt.levels;
	info->table_bytes = (u64)atomic_long_read(&domain->remap.tables)
			    << PAGE_SHIFT;
	mutex_lock(&domain->map_lock);
	info->mappings = domain->nr_mappings;
	info->mapped_bytes = domain->mapped_bytes;
	info->pinned_bytes = domain->pinned_pages << PAGE_SHIFT;
	mutex_unlock(&domain->map_lock);
	info->attached = READ_ONCE(domain->nr_devices);
	return lab_respond(ucmd);
}

static int lab_auto_info(struct lab_ucmd *ucmd)
{
	struct iommu_lab_domain_info *info = ucmd->cmd;
	struct lab_domain_file *df;

	if (ucmd->df || info->id)
		return lab_refuse(ucmd->door->refusal, -EINVAL,
				  "the automatic domain is asked for on the control node, with id 0");
	df = lab_auto_domain(ucmd->door);
	if (IS_ERR(df))
		return PTR_ERR(df);
	return lab_fill_domain_info(ucmd, df->domain);
}

/**
 * lab_ioctl_domain_info - IOMMU_LAB_DOMAIN_INFO
 * @ucmd: the ioctl, on the control node or a domain fd
 *
 * Context: may sleep. Return: see struct iommu_lab_domain_info.
 */
int lab_ioctl_domain_info(struct lab_ucmd *ucmd)
{
	struct iommu_lab_domain_info *info = ucmd->cmd;
	struct lab_refusal *refusal = ucmd->door->refusal;
	struct lab_domain *domain;
	int ret;

	if (info->flags & IOMMU_LAB_DOMAIN_INFO_AUTO)
		return lab_auto_info(ucmd);
	if (ucmd->df) {
		domain = ucmd->df->domain;
		if (info->id && info->id != domain->id)
			return lab_refuse(refusal, -EINVAL,
					  "id %u: this is domain %u; 0 or its own id is accepted",
					  info->id, domain->id);
		return lab_fill_domain_info(ucmd, domain);
	}
	domain = lab_domain_get(&ucmd->door->machine->space, info->id);
	if (!domain || domain->mm != current->mm) {
		ret = lab_refuse(refusal, -ENOENT,
				 "no domain %u of this process", info->id);
	} else {
		ret = lab_fill_domain_info(ucmd, domain);
	}
	if (domain)
		lab_domain_put(domain);
	return ret;
}

/* the endpoint file behind an fd, with a reference; ERR_PTR() if it is none */
static struct file *lab_get_endpoint(struct lab_ucmd *ucmd, int number)
{
	struct lab_refusal *refusal = ucmd->door->refusal;
	struct file *file = fget(number);
	int ret;

	if (!file)
		return ERR_PTR(lab_refuse(refusal, -EBADF,
					  "endpoint_fd %d is not open",
					  number));
	if (file->f_op != &lab_endpoint_fops)
		ret = lab_refuse(refusal, -EINVAL,
				 "endpoint_fd %d is not an endpoint: open one of /dev/iommu_lab-ep/",
				 number);
	else if (!(file->f_mode & FMODE_WRITE))
		ret = lab_refuse(refusal, -EACCES,
				 "endpoint_fd %d is not open for writing",
				 number);
	else
		return file;
	fput(file);
	return ERR_PTR(ret);
}

static struct lab_node *lab_file_node(struct file *file)
{
	struct lab_endpoint_file *ef = file->private_data;

	return ef->node;
}

/* whether the endpoint that the caller named is the one behind its fd */
static int lab_check_named(struct lab_ucmd *ucmd, const struct lab_node *node,
			   u32 named)
{
	unsigned int nr = ucmd->door->machine->nr_nodes;

	if (!named || named == node->ep.index + 1)
		return 0;
	if (named > nr)
		return lab_refuse(ucmd->door->refusal, -ENOENT,
				  "endpoint %u: 1 to %u name one, 0 is the one of endpoint_fd",
				  named, nr);
	return lab_refuse(ucmd->door->refusal, -EACCES,
			  "endpoint_fd proves the right to %s: endpoint %u, not %u",
			  node->name, node->ep.index + 1, named);
}

/**
 * lab_ioctl_attach - IOMMU_LAB_ATTACH
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_attach.
 */
int lab_ioctl_attach(struct lab_ucmd *ucmd)
{
	struct lab_machine *machine = ucmd->door->machine;
	struct mutex *lock = &machine->space.attach_lock;
	struct lab_refusal *refusal = ucmd->door->refusal;
	struct iommu_lab_attach *cmd = ucmd->cmd;
	struct lab_node *node;
	struct file *file;
	int ret;

	file = lab_get_endpoint(ucmd, cmd->endpoint_fd);
	if (IS_ERR(file))
		return PTR_ERR(file);
	node = lab_file_node(file);
	ret = lab_check_named(ucmd, node, cmd->endpoint);
	if (ret)
		goto out;
	if (!ucmd->df) {
		ret = lab_auto_attach(machine, node, file, refusal);
		goto out;
	}
	ret = mutex_lock_interruptible(lock);
	if (ret)
		goto out;
	ret = lab_node_attach(node, ucmd->df, file, refusal);
	mutex_unlock(lock);
out:
	fput(file);
	return ret;
}

/**
 * lab_ioctl_detach - IOMMU_LAB_DETACH
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_detach.
 */
int lab_ioctl_detach(struct lab_ucmd *ucmd)
{
	struct iommu_lab_detach *cmd = ucmd->cmd;
	struct lab_domain_file *df = ucmd->df;
	struct mutex *lock = &df->machine->space.attach_lock;
	struct lab_node *node;
	struct file *file;
	int ret;

	ret = lab_check_reserved(ucmd->door->refusal, cmd->__reserved);
	if (ret)
		return ret;
	file = lab_get_endpoint(ucmd, cmd->endpoint_fd);
	if (IS_ERR(file))
		return PTR_ERR(file);
	node = lab_file_node(file);
	ret = mutex_lock_interruptible(lock);
	if (ret)
		goto out;
	if (node->attached == df && node->file == file)
		ret = lab_node_detach(node);
	else
		ret = lab_refuse(ucmd->door->refusal, -ENOENT,
				 "%s is not attached to domain %u by this file",
				 node->name, df->domain->id);
	mutex_unlock(lock);
out:
	fput(file);
	return ret;
}
