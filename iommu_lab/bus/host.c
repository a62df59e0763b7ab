// SPDX-License-Identifier: GPL-2.0
/*
 * A virtual PCI host bridge: a root bus of its own, whose configuration space is in
 * memory (slots.c). Root buses of a segment are in one domain of the kernel's, with
 * bus numbers of their own.
 *
 * A function answers at the BDF that the topology gives it, whatever bus numbers
 * the ports above it were programmed with: source-ids do not change.
 */
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include "../compat/pci.h"
#include "function.h"

/**
 * struct lab_host - a host bridge
 * @params: see there, without ports
 * @sysdata: of the kernel: its domain, and how a struct pci_bus leads here
 * @busn: bus numbers
 * @parent: of the bridge
 * @bridge: the kernel's
 * @devices: tells of the devices that the kernel has, before the IOMMU core is told
 * @probed: tells of them after it
 * @slots: configuration space
 */
struct lab_host {
	struct lab_host_params params;
	struct lab_compat_sysdata sysdata;
	struct resource busn;
	struct platform_device *parent;
	struct pci_host_bridge *bridge;
	struct notifier_block devices;
	struct notifier_block probed;
	struct lab_slots slots;
};

static struct lab_host *lab_host_of(const struct pci_bus *bus)
{
	return container_of(bus->sysdata, struct lab_host, sysdata);
}

static int lab_host_read(struct pci_bus *bus, unsigned int devfn, int where,
			 int size, u32 *value)
{
	struct lab_host *host = lab_host_of(bus);
	struct lab_slot *slot = lab_slot_at(&host->slots, bus->number, devfn);
	unsigned long flags;

	if (slot->fn) {
		*value = lab_function_read(slot->fn, where, size);
	} else if (slot->plain) {
		raw_spin_lock_irqsave(&slot->plain->lock, flags);
		*value = lab_config_read(&slot->plain->config, where, size);
		raw_spin_unlock_irqrestore(&slot->plain->lock, flags);
	} else {
		*value = ~0u;
		return PCIBIOS_DEVICE_NOT_FOUND;
	}
	return PCIBIOS_SUCCESSFUL;
}

static int lab_host_write(struct pci_bus *bus, unsigned int devfn, int where,
			  int size, u32 value)
{
	struct lab_host *host = lab_host_of(bus);
	struct lab_slot *slot = lab_slot_at(&host->slots, bus->number, devfn);
	unsigned long flags;

	if (slot->fn) {
		lab_function_write(slot->fn, where, size, value);
	} else if (slot->plain) {
		raw_spin_lock_irqsave(&slot->plain->lock, flags);
		lab_config_write(&slot->plain->config, where, size, value);
		raw_spin_unlock_irqrestore(&slot->plain->lock, flags);
	} else {
		return PCIBIOS_DEVICE_NOT_FOUND;
	}
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops lab_host_pci_ops = {
	.read = lab_host_read,
	.write = lab_host_write,
};

static void lab_host_added(struct lab_host *host, struct lab_function *fn,
			   struct pci_dev *pdev)
{
	fn->pdev = pdev;
	/* the bus below a root port has no reset, which would seem to succeed */
	pdev->dev_flags |= PCI_DEV_FLAGS_NO_BUS_RESET;
	host->params.ops->added(host->params.data, fn, pdev);
}

static void lab_host_removed(struct lab_host *host, struct lab_function *fn,
			     struct pci_dev *pdev)
{
	lab_function_unplug(fn);
	host->params.ops->removed(host->params.data, fn, pdev);
	fn->pdev = NULL;
}

static bool lab_host_has(const struct lab_host *host,
			 const struct pci_dev *pdev)
{
	return pdev->bus->sysdata == &host->sysdata;
}

/* the function behind a device of the kernel; NULL if it is none of @host */
static struct lab_function *lab_host_find(const struct lab_host *host,
					  const struct pci_dev *pdev)
{
	if (!lab_host_has(host, pdev))
		return NULL;
	return lab_slot_at(&host->slots, pdev->bus->number, pdev->devfn)->fn;
}

static int lab_host_notify(struct notifier_block *nb, unsigned long action,
			   void *data)
{
	struct lab_host *host = container_of(nb, struct lab_host, devices);
	struct pci_dev *pdev = to_pci_dev(data);
	struct lab_function *fn = lab_host_find(host, pdev);

	if (fn && action == BUS_NOTIFY_ADD_DEVICE)
		lab_host_added(host, fn, pdev);
	else if (fn && action == BUS_NOTIFY_DEL_DEVICE)
		lab_host_removed(host, fn, pdev);
	else if (lab_host_has(host, pdev) && action == BUS_NOTIFY_ADD_DEVICE)
		host->params.ops->added_port(host->params.data, pdev);
	return NOTIFY_DONE;
}

/* a group is whole before anybody can claim it */
static int lab_host_notify_probed(struct notifier_block *nb,
				  unsigned long action, void *data)
{
	struct lab_host *host = container_of(nb, struct lab_host, probed);
	struct lab_function *fn = lab_host_find(host, to_pci_dev(data));

	if (fn && action == BUS_NOTIFY_ADD_DEVICE)
		lab_function_plug(fn);
	return NOTIFY_DONE;
}

/* how many functions the kernel has no device for */
static unsigned int lab_host_missing(const struct lab_host *host)
{
	unsigned int i, missing = 0;

	for (i = 0; i < host->slots.nr_functions; i++)
		missing += !host->slots.functions[i].pdev;
	return missing;
}

static int lab_host_scan(struct lab_host *host)
{
	struct pci_host_bridge *bridge = host->bridge;
	int ret;

	pci_lock_rescan_remove();
	ret = pci_scan_root_bus_bridge(bridge);
	if (!ret) {
		pci_bus_size_bridges(bridge->bus);
		pci_bus_assign_resources(bridge->bus);
		pci_bus_add_devices(bridge->bus);
	}
	pci_unlock_rescan_remove();
	return ret;
}

static void lab_host_remove(struct lab_host *host)
{
	struct pci_bus *bus = host->bridge->bus;

	pci_lock_rescan_remove();
	pci_stop_root_bus(bus);
	pci_remove_root_bus(bus);
	pci_unlock_rescan_remove();
}

static int lab_host_bring_up(struct lab_host *host)
{
	struct pci_host_bridge *bridge;
	int ret;

	host->parent = platform_device_register_simple("iommu_lab_host",
						       PLATFORM_DEVID_AUTO,
						       NULL, 0);
	if (IS_ERR(host->parent))
		return PTR_ERR(host->parent);
	bridge = pci_alloc_host_bridge(0);
	if (!bridge) {
		ret = -ENOMEM;
		goto out_parent;
	}
	host->bridge = bridge;
	bridge->dev.parent = &host->parent->dev;
	bridge->sysdata = &host->sysdata;
	bridge->ops = &lab_host_pci_ops;
	pci_add_resource(&bridge->windows, &host->busn);
	/* before and after the IOMMU core's, which has none */
	host->devices.notifier_call = lab_host_notify;
	host->devices.priority = 100;
	host->probed.notifier_call = lab_host_notify_probed;
	host->probed.priority = -100;
	ret = bus_register_notifier(&pci_bus_type, &host->devices);
	if (ret)
		goto out_bridge;
	ret = bus_register_notifier(&pci_bus_type, &host->probed);
	if (ret)
		goto out_devices;
	ret = lab_host_scan(host);
	if (ret)
		goto out_probed;
	if (!lab_host_missing(host))
		return 0;
	pr_err("%u PCI functions were not found by the kernel\n",
	       lab_host_missing(host));
	ret = -ENODEV;
	lab_host_remove(host);
out_probed:
	bus_unregister_notifier(&pci_bus_type, &host->probed);
out_devices:
	bus_unregister_notifier(&pci_bus_type, &host->devices);
out_bridge:
	pci_free_host_bridge(bridge);
out_parent:
	platform_device_unregister(host->parent);
	return ret;
}

/**
 * lab_host_free_domain - a PCI domain that nobody has
 *
 * Firmware's are below LAB_PCI_DOMAIN_BASE; who makes one takes the first behind all
 * others, as Intel's VMD does.
 *
 * Context: may sleep. Return: the domain.
 */
u32 lab_host_free_domain(void)
{
	u32 domain = LAB_PCI_DOMAIN_BASE;
	struct pci_bus *bus = NULL;

	pci_lock_rescan_remove();
	while ((bus = pci_find_next_bus(bus)))
		domain = max(domain, (u32)pci_domain_nr(bus) + 1);
	pci_unlock_rescan_remove();
	return domain;
}

/**
 * lab_host_create - make the host bridge, and have the kernel find its functions
 * @params: copied, but for its ports
 *
 * Context: may sleep; nobody uses the endpoints. Drivers can bind before it returns.
 * Return: the bridge or ERR_PTR().
 */
struct lab_host *lab_host_create(const struct lab_host_params *params)
{
	struct lab_host *host;
	int ret;

	host = kzalloc(sizeof(*host), GFP_KERNEL);
	if (!host)
		return ERR_PTR(-ENOMEM);
	host->params = *params;
	host->params.ports = NULL;
	lab_compat_sysdata_init(&host->sysdata, params->domain);
	ret = lab_slots_make(&host->slots, params);
	if (ret)
		goto out_host;
	host->busn.name = "iommu_lab";
	host->busn.start = params->bus;
	host->busn.end = params->last;
	host->busn.flags = IORESOURCE_BUS;
	ret = lab_host_bring_up(host);
	if (ret)
		goto out_slots;
	return host;

out_slots:
	lab_slots_free(&host->slots);
out_host:
	kfree(host);
	return ERR_PTR(ret);
}

/**
 * lab_host_destroy - take the functions away from the kernel
 * @host: the bridge
 *
 * Drivers are unbound, whoever holds a function through VFIO is waited for.
 *
 * Context: may sleep.
 */
void lab_host_destroy(struct lab_host *host)
{
	lab_host_remove(host);
	bus_unregister_notifier(&pci_bus_type, &host->probed);
	bus_unregister_notifier(&pci_bus_type, &host->devices);
	pci_free_host_bridge(host->bridge);
	platform_device_unregister(host->parent);
	lab_slots_free(&host->slots);
	kfree(host);
}
