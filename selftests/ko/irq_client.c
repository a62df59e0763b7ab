// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that does nothing but take the interrupt of a PCI function, for those that
 * name it in their driver_override. In the directory of the function:
 *
 * irq_requested: 0: the vector is allocated, 1: it is requested, too
 * irq_count: how often the handler ran
 *
 * It leaves DMA to others (driver_managed_dma).
 */
#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>

struct irq_client {
	struct pci_dev *pdev;
	struct mutex lock; /* requested */
	bool requested;
	atomic64_t count;
};

static irqreturn_t irq_client_handle(int irq, void *data)
{
	struct irq_client *client = data;

	atomic64_inc(&client->count);
	return IRQ_HANDLED;
}

static int irq_client_request(struct irq_client *client, bool on)
{
	int irq = pci_irq_vector(client->pdev, 0), ret = 0;

	mutex_lock(&client->lock);
	if (on && !client->requested)
		ret = request_irq(irq, irq_client_handle, 0, "irq_client",
				  client);
	else if (!on && client->requested)
		free_irq(irq, client);
	if (!ret)
		client->requested = on;
	mutex_unlock(&client->lock);
	return ret;
}

static ssize_t irq_requested_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	struct irq_client *client = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%d\n", client->requested);
}

static ssize_t irq_requested_store(struct device *dev,
				   struct device_attribute *attr,
				   const char *buf, size_t bytes)
{
	bool on;
	int ret;

	ret = kstrtobool(buf, &on);
	if (!ret)
		ret = irq_client_request(dev_get_drvdata(dev), on);
	return ret ?: bytes;
}
static DEVICE_ATTR_RW(irq_requested);

static ssize_t irq_count_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	struct irq_client *client = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%llu\n",
			  (unsigned long long)atomic64_read(&client->count));
}
static DEVICE_ATTR_RO(irq_count);

static struct attribute *irq_client_attrs[] = {
	&dev_attr_irq_requested.attr,
	&dev_attr_irq_count.attr,
	NULL
};
ATTRIBUTE_GROUPS(irq_client);

static int irq_client_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct irq_client *client;
	int ret;

	client = devm_kzalloc(&pdev->dev, sizeof(*client), GFP_KERNEL);
	if (!client)
		return -ENOMEM;
	client->pdev = pdev;
	mutex_init(&client->lock);
	dev_set_drvdata(&pdev->dev, client);
	ret = pci_enable_device(pdev);
	if (ret)
		return ret;
	ret = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI);
	if (ret < 0)
		pci_disable_device(pdev);
	return ret < 0 ? ret : 0;
}

static void irq_client_remove(struct pci_dev *pdev)
{
	irq_client_request(dev_get_drvdata(&pdev->dev), false);
	pci_free_irq_vectors(pdev);
	pci_disable_device(pdev);
}

static struct pci_driver irq_client_driver = {
	.name = "irq_client",
	.probe = irq_client_probe,
	.remove = irq_client_remove,
	.dev_groups = irq_client_groups,
	.driver_managed_dma = true,
};
module_pci_driver(irq_client_driver);
MODULE_DESCRIPTION("Takes the interrupt of a function, for tests");
MODULE_LICENSE("GPL");
