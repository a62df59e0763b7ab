// SPDX-License-Identifier: GPL-2.0
/*
 * endpoints/<name>/hidden: a page of the domain that the kernel's iommu core has
 * put an endpoint in, taken away behind the back of the driver that mapped it. For
 * tests: what a driver does when its device is refused.
 */
#include <linux/uaccess.h>
#include "debugfs.h"

static int show(struct seq_file *m, void *unused)
{
	struct lab_node *node = m->private;

	mutex_lock(&node->machine->space.slots_lock);
	if (node->hidden.prot)
		seq_printf(m, "0x%llx\n", node->hidden.iova);
	else
		seq_puts(m, "none\n");
	mutex_unlock(&node->machine->space.slots_lock);
	return 0;
}

/* clears the leaf, and has the unit forget it */
static int hide(struct lab_node *node, u64 iova)
{
	struct lab_domain *domain = node->dev.domain;
	struct lab_walk walk = {};
	enum lab_walk_status status;
	bool done;

	if (node->hidden.prot)
		return -EBUSY;
	if (!domain || domain->core != LAB_CORE_PAGING)
		return -ENODEV;
	rcu_read_lock();
	status = lab_vtdss_lookup(&domain->remap.pt, iova, &walk);
	rcu_read_unlock();
	if (status != LAB_WALK_LEAF || walk.level != 1)
		return -ENOENT;
	iova &= PAGE_MASK;
	if (lab_core_unmap(domain, iova, PAGE_SIZE, false, &done) != PAGE_SIZE)
		return -ENOENT;
	if (!done)
		lab_core_sync(domain, iova, iova + PAGE_SIZE - 1);
	node->hidden.domain = domain->id;
	node->hidden.iova = iova;
	node->hidden.pa = walk.oa & PAGE_MASK;
	node->hidden.prot = walk.prot;
	return 0;
}

/* the leaf as it was, unless the endpoint is somewhere else meanwhile */
static int restore(struct lab_node *node)
{
	struct lab_hidden hidden = node->hidden;
	struct lab_domain *domain = node->dev.domain;
	u64 mapped;
	int ret;

	node->hidden.prot = 0;
	if (!hidden.prot || !domain || domain->id != hidden.domain)
		return -ENOENT;
	ret = lab_core_map(domain, hidden.iova, hidden.pa, PAGE_SIZE,
			   hidden.prot, GFP_KERNEL, &mapped);
	if (!ret)
		lab_core_map_sync(domain, hidden.iova, PAGE_SIZE);
	return ret;
}

static ssize_t hidden_write(struct file *file, const char __user *buffer,
			    size_t count, loff_t *pos)
{
	struct lab_node *node = file_inode(file)->i_private;
	char text[24] = "";
	u64 iova;
	int ret;

	if (count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buffer, count))
		return -EFAULT;
	mutex_lock(&node->machine->space.slots_lock);
	if (sysfs_streq(text, "none"))
		ret = restore(node);
	else if (kstrtou64(text, 0, &iova))
		ret = -EINVAL;
	else
		ret = hide(node, iova);
	mutex_unlock(&node->machine->space.slots_lock);
	return ret ? ret : count;
}

static int hidden_open(struct inode *inode, struct file *file)
{
	return single_open(file, show, inode->i_private);
}

/**
 * lab_debugfs_hidden_fops - files of an endpoint: a page hidden from it
 */
const struct file_operations lab_debugfs_hidden_fops = {
	.owner = THIS_MODULE,
	.open = hidden_open,
	.read = seq_read,
	.write = hidden_write,
	.llseek = seq_lseek,
	.release = single_release,
};
