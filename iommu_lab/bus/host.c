// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual PCI host bridge: a domain of its own, whose configuration space is
 * in memory. Endpoints of bus 0 are integrated into the root complex; those of
 * another bus are functions 0 to 255 of one ARI device below a root port, which
 * is a function of device 0 of bus 0.
 *
 * A function answers at the BDF that the topology gives it, whatever bus numbers
 * the root port was programmed with: source-ids do not change.
 */
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include "../compat/pci.h"
#include "function.h"

#define LAB_HOST_PORTS		8u	/* functions of device 0 of bus 0 */

/**
 * struct lab_port - a root port
 * @lock: raw; @config
 * @config: configuration space
 */
struct lab_port {
	raw_spinlock_t lock; /* config */
	struct lab_config config;
};

/**
 * struct lab_host - a host bridge
 * @params: see there
 * @sysdata: of the kernel: its domain, and how a struct pci_bus leads here
 * @busn: bus numbers
 * @parent: of the bridge
 * @bridge: the kernel's
 * @devices: tells of the devices that the kernel has, before the IOMMU core is told
 * @probed: tells of them after it
 * @functions: one for each endpoint
 * @slots: by BDF
 * @ports: root ports
 * @nr_ports: how many; bus n is below port n - 1
 */
struct lab_host {
	struct lab_host_params params;
	struct lab_compat_sysdata sysdata;
	struct resource busn;
	struct platform_device *parent;
	struct pci_host_bridge *bridge;
	struct notifier_block devices;
	struct notifier_block probed;
	struct lab_function *functions;
	struct lab_function **slots;
	struct lab_port ports[LAB_HOST_PORTS];
	unsigned int nr_ports;
};

static struct lab_host *lab_host_of(const struct pci_bus *bus)
{
	return container_of(bus->sysdata, struct lab_host, sysdata);
}

static struct lab_function *lab_host_function(const struct lab_host *host,
					      u8 bus, unsigned int devfn)
{
	return bus > host->nr_ports ? NULL : host->slots[bus << 8 | devfn];
}

static struct lab_port *lab_host_port(struct lab_host *host, u8 bus,
				      unsigned int devfn)
{
	return bus || devfn >= host->nr_ports ? NULL : &host->ports[devfn];
}

static int lab_host_read(struct pci_bus *bus, unsigned int devfn, int where,
			 int size, u32 *value)
{
	struct lab_host *host = lab_host_of(bus);
	struct lab_function *fn = lab_host_function(host, bus->number, devfn);
	struct lab_port *port = lab_host_port(host, bus->number, devfn);
	unsigned long flags;

	if (fn) {
		*value = lab_function_read(fn, where, size);
	} else if (port) {
		raw_spin_lock_irqsave(&port->lock, flags);
		*value = lab_config_read(&port->config, where, size);
		raw_spin_unlock_irqrestore(&port->lock, flags);
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
	struct lab_function *fn = lab_host_function(host, bus->number, devfn);
	struct lab_port *port = lab_host_port(host, bus->number, devfn);
	unsigned long flags;

	if (fn) {
		lab_function_write(fn, where, size, value);
	} else if (port) {
		raw_spin_lock_irqsave(&port->lock, flags);
		lab_config_write(&port->config, where, size, value);
		raw_spin_unlock_irqrestore(&port->lock, flags);
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
	return lab_host_function(host, pdev->bus->number, pdev->devfn);
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

static struct lab_endpoint *lab_host_endpoint(const struct lab_host *host,
					      unsigned int index)
{
	return host->params.endpoint(host->params.data, index);
}

/* the next function on the bus of an endpoint: endpoints are in order of BDF */
static u8 lab_host_next_function(const struct lab_host *host, unsigned int index)
{
	const struct lab_endpoint *ep = lab_host_endpoint(host, index), *next;

	if (index + 1 == host->params.nr)
		return 0;
	next = lab_host_endpoint(host, index + 1);
	return next->bdf >> 8 == ep->bdf >> 8 ? (u8)next->bdf : 0;
}

static int lab_host_make_functions(struct lab_host *host)
{
	unsigned int i, nr = host->params.nr;

	host->nr_ports = lab_host_endpoint(host, nr - 1)->bdf >> 8;
	if (host->nr_ports > LAB_HOST_PORTS)
		return -E2BIG;
	host->functions = kvcalloc(nr, sizeof(*host->functions), GFP_KERNEL);
	host->slots = kvcalloc((host->nr_ports + 1) << 8, sizeof(*host->slots),
			       GFP_KERNEL);
	if (!host->functions || !host->slots)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		struct lab_endpoint *ep = lab_host_endpoint(host, i);
		bool integrated = ep->bdf < 256;
		struct lab_config_params params = {
			.kind = integrated ? LAB_CONFIG_INTEGRATED :
					     LAB_CONFIG_ENDPOINT,
			.multifunction = !integrated,
			.next_function = integrated ? 0 :
					 lab_host_next_function(host, i),
		};

		lab_function_init(&host->functions[i], ep, &params);
		host->slots[ep->bdf] = &host->functions[i];
	}
	for (i = 0; i < host->nr_ports; i++) {
		struct lab_config_params params = {
			.kind = LAB_CONFIG_PORT,
			.multifunction = host->nr_ports > 1,
			.bus = i + 1,
		};

		raw_spin_lock_init(&host->ports[i].lock);
		lab_config_init(&host->ports[i].config, &params);
	}
	return 0;
}

static void lab_host_free(struct lab_host *host)
{
	unsigned int i;

	for (i = 0; host->functions && i < host->params.nr; i++)
		lab_function_release(&host->functions[i]);
	kvfree(host->slots);
	kvfree(host->functions);
	kfree(host);
}

/* how many functions the kernel has no device for */
static unsigned int lab_host_missing(const struct lab_host *host)
{
	unsigned int i, missing = 0;

	for (i = 0; i < host->params.nr; i++)
		missing += !host->functions[i].pdev;
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
						       0, NULL, 0);
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
 * @params: copied; endpoints are in order of BDF
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
	lab_compat_sysdata_init(&host->sysdata,
				params->domain);
	ret = lab_host_make_functions(host);
	if (ret)
		goto out_host;
	host->busn.name = "iommu_lab";
	host->busn.end = host->nr_ports;
	host->busn.flags = IORESOURCE_BUS;
	ret = lab_host_bring_up(host);
	if (ret)
		goto out_host;
	return host;

out_host:
	lab_host_free(host);
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
	lab_host_free(host);
}
