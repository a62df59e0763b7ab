// SPDX-License-Identifier: GPL-2.0
/*
 * A root bus with nothing on it in the first PCI domain behind firmware's, 0x10000:
 * what a machine with Intel's VMD has there.
 */
#include <linux/module.h>
#include <linux/pci.h>

static int nothing(struct pci_bus *bus, unsigned int devfn, int where, int size,
		   u32 *value)
{
	*value = ~0u;
	return PCIBIOS_DEVICE_NOT_FOUND;
}

static struct pci_ops ops = { .read = nothing };
static struct pci_sysdata sysdata = { .domain = 0x10000, .node = NUMA_NO_NODE };
static struct resource buses = {
	.name = "root_bus",
	.flags = IORESOURCE_BUS,
};
static struct pci_bus *root;

static int __init root_bus_init(void)
{
	LIST_HEAD(resources);

	pci_add_resource(&resources, &buses);
	pci_lock_rescan_remove();
	root = pci_create_root_bus(NULL, 0, &ops, &sysdata, &resources);
	pci_unlock_rescan_remove();
	if (root)
		return 0;
	pci_free_resource_list(&resources);
	return -EEXIST;
}

static void __exit root_bus_exit(void)
{
	struct pci_host_bridge *bridge = to_pci_host_bridge(root->bridge);

	pci_lock_rescan_remove();
	pci_stop_root_bus(root);
	pci_remove_root_bus(root);
	pci_unlock_rescan_remove();
	pci_free_host_bridge(bridge);
}

module_init(root_bus_init);
module_exit(root_bus_exit);
MODULE_DESCRIPTION("A PCI domain for the selftests of iommu_lab");
MODULE_LICENSE("GPL");
