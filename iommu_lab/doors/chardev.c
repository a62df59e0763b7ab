// SPDX-License-Identifier: GPL-2.0
/*
 * The device nodes: /dev/iommu_lab and one for each endpoint.
 *
 * An open file holds the module: nodes end only when no file is open.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include "doors.h"

static struct lab_machine *lab_the_machine;
static dev_t lab_devt;
static struct cdev lab_control_cdev;
static struct cdev lab_endpoint_cdev;
static struct class lab_class = {
	.name = "iommu_lab",
};

static int lab_control_open(struct inode *inode, struct file *file)
{
	struct lab_control_file *cf;

	cf = kzalloc(sizeof(*cf), GFP_KERNEL_ACCOUNT);
	if (!cf)
		return -ENOMEM;
	cf->door.kind = LAB_DOOR_CONTROL;
	cf->door.machine = lab_the_machine;
	cf->door.refusal = &cf->refusal;
	lab_refusal_init(&cf->refusal);
	file->private_data = cf;
	return 0;
}

static int lab_control_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static const struct file_operations lab_control_fops = {
	.owner = THIS_MODULE,
	.open = lab_control_open,
	.release = lab_control_release,
	.unlocked_ioctl = lab_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

/**
 * lab_refuse_gone - refuse what is asked of an endpoint that has gone
 * @refusal: of the file
 * @node: the endpoint
 *
 * Context: may sleep. Return: -ENODEV.
 */
int lab_refuse_gone(struct lab_refusal *refusal, const struct lab_node *node)
{
	return lab_refuse(refusal, -ENODEV,
			  "%s was removed since the file was opened: open it again once it is back",
			  node->name);
}

static int lab_endpoint_file_open(struct inode *inode, struct file *file)
{
	struct lab_machine *machine = lab_the_machine;
	struct lab_endpoint_file *ef;

	ef = kzalloc(sizeof(*ef), GFP_KERNEL_ACCOUNT);
	if (!ef)
		return -ENOMEM;
	ef->door.kind = LAB_DOOR_ENDPOINT;
	ef->door.machine = machine;
	ef->door.refusal = &ef->refusal;
	lab_refusal_init(&ef->refusal);
	ef->node = &machine->nodes[MINOR(inode->i_rdev) - 1];
	ef->generation = READ_ONCE(ef->node->generation);
	if (lab_endpoint_file_is_gone(ef)) {
		kfree(ef);
		return -ENODEV;
	}
	lab_ring_init(&ef->ring, &machine->bus);
	file->private_data = ef;
	return 0;
}

static int lab_endpoint_file_release(struct inode *inode, struct file *file)
{
	struct lab_endpoint_file *ef = file->private_data;
	struct mutex *lock = &ef->door.machine->space.attach_lock;

	lab_ring_destroy(&ef->ring);
	mutex_lock(lock);
	if (ef->node->attached && ef->node->file == file)
		lab_node_detach(ef->node);
	if (ef->claims && ef->generation == ef->node->generation) {
		if (!ef->node->attached)
			lab_node_stop(ef->node);
		lab_node_unuse(ef->node);
	}
	mutex_unlock(lock);
	kfree(ef);
	return 0;
}

static __poll_t lab_endpoint_poll(struct file *file, poll_table *wait)
{
	struct lab_endpoint_file *ef = file->private_data;

	poll_wait(file, &ef->ring.wait, wait);
	if (lab_endpoint_file_is_gone(ef))
		return EPOLLERR | EPOLLHUP;
	return lab_ring_has_result(&ef->ring) ? EPOLLIN | EPOLLRDNORM : 0;
}

const struct file_operations lab_endpoint_fops = {
	.owner = THIS_MODULE,
	.open = lab_endpoint_file_open,
	.release = lab_endpoint_file_release,
	.unlocked_ioctl = lab_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.poll = lab_endpoint_poll,
	.llseek = noop_llseek,
};

static int lab_add_cdev(struct cdev *cdev, const struct file_operations *fops,
			unsigned int minor, unsigned int count)
{
	cdev_init(cdev, fops);
	cdev->owner = THIS_MODULE;
	return cdev_add(cdev, MKDEV(MAJOR(lab_devt), minor), count);
}

static void lab_remove_nodes(unsigned int nr)
{
	while (nr--)
		device_destroy(&lab_class, MKDEV(MAJOR(lab_devt), nr));
}

static int lab_create_nodes(struct lab_machine *machine)
{
	struct device *dev;
	unsigned int i;

	for (i = 0; i <= machine->nr_nodes; i++) {
		dev_t devt = MKDEV(MAJOR(lab_devt), i);

		if (i)
			dev = device_create(&lab_class, NULL, devt, NULL,
					    "iommu_lab-ep!%s",
					    machine->nodes[i - 1].name);
		else
			dev = device_create(&lab_class, NULL, devt, NULL,
					    "iommu_lab");
		if (IS_ERR(dev)) {
			lab_remove_nodes(i);
			return PTR_ERR(dev);
		}
	}
	return 0;
}

/**
 * lab_chardev_init - make the device nodes
 * @machine: complete but for its doors
 *
 * Context: may sleep; from now on files can be opened. Return: 0 or an errno.
 */
int lab_chardev_init(struct lab_machine *machine)
{
	int ret;

	lab_the_machine = machine;
	ret = alloc_chrdev_region(&lab_devt, 0, machine->nr_nodes + 1,
				  "iommu_lab");
	if (ret)
		return ret;
	ret = class_register(&lab_class);
	if (ret)
		goto out_region;
	ret = lab_add_cdev(&lab_control_cdev, &lab_control_fops, 0, 1);
	if (ret)
		goto out_class;
	ret = lab_add_cdev(&lab_endpoint_cdev, &lab_endpoint_fops, 1,
			   machine->nr_nodes);
	if (ret)
		goto out_control;
	ret = lab_create_nodes(machine);
	if (ret)
		goto out_endpoint;
	return 0;

out_endpoint:
	cdev_del(&lab_endpoint_cdev);
out_control:
	cdev_del(&lab_control_cdev);
out_class:
	class_unregister(&lab_class);
out_region:
	unregister_chrdev_region(lab_devt, machine->nr_nodes + 1);
	return ret;
}

/**
 * lab_chardev_exit - remove the device nodes
 * @machine: the module; no file is open
 *
 * Context: may sleep.
 */
void lab_chardev_exit(struct lab_machine *machine)
{
	lab_remove_nodes(machine->nr_nodes + 1);
	cdev_del(&lab_endpoint_cdev);
	cdev_del(&lab_control_cdev);
	class_unregister(&lab_class);
	unregister_chrdev_region(lab_devt, machine->nr_nodes + 1);
}
