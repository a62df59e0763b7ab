// SPDX-License-Identifier: GPL-2.0
/*
 * endpoints/<name>/hidden: a page of the domain of the DMA API that an endpoint is
 * in, taken away behind the back of the driver that mapped it (space/core_hidden.c).
 */
#include <linux/uaccess.h>
#include "debugfs.h"

static int show(struct seq_file *m, void *unused)
{
	struct lab_node *node = m->private;
	struct lab_domain *domain;
	u64 iova;

	mutex_lock(&node->machine->space.slots_lock);
	domain = node->dev.domain;
	if (domain && lab_core_hidden(domain, &iova))
		seq_printf(m, "0x%llx\n", iova);
	else
		seq_puts(m, "none\n");
	mutex_unlock(&node->machine->space.slots_lock);
	return 0;
}

static int hide(struct lab_node *node, struct lab_domain *domain, u64 iova)
{
	int err = lab_core_hide(domain, iova);

	if (err == -EOPNOTSUPP)
		pr_info("%s: a page can be hidden in a domain of the DMA API, and this is not one\n",
			node->name);
	return err;
}

static ssize_t hidden_write(struct file *file, const char __user *buffer,
			    size_t count, loff_t *pos)
{
	struct lab_node *node = file_inode(file)->i_private;
	struct lab_domain *domain;
	char text[24] = "";
	u64 iova;
	int ret;

	if (count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buffer, count))
		return -EFAULT;
	mutex_lock(&node->machine->space.slots_lock);
	domain = node->dev.domain;
	if (!domain)
		ret = -ENODEV;
	else if (sysfs_streq(text, "none"))
		ret = lab_core_restore(domain);
	else if (kstrtou64(text, 0, &iova))
		ret = -EINVAL;
	else
		ret = hide(node, domain, iova);
	mutex_unlock(&node->machine->space.slots_lock);
	return ret ? ret : count;
}

static int hidden_open(struct inode *inode, struct file *file)
{
	return single_open(file, show, inode->i_private);
}

const struct file_operations lab_debugfs_hidden_fops = {
	.owner = THIS_MODULE,
	.open = hidden_open,
	.read = seq_read,
	.write = hidden_write,
	.llseek = seq_lseek,
	.release = single_release,
};
