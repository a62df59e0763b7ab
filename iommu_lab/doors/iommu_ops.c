// SPDX-License-Identifier: GPL-2.0
/*
 * Joining the kernel's iommu core: units are registered with it, and it asks for
 * domains and attaches them to functions.
 *
 * The operations are in allocated memory and have no owner: the core takes a
 * reference on the owner for each device, and a module that makes its own devices
 * could never be removed. It is safe since the end of the module takes its devices
 * away, unregisters the units, and waits for the last domain.
 */
#include <linux/device.h>
#include <linux/security.h>
#include <linux/slab.h>
#include "../compat/iommu.h"
#include "../seam/seam.h"
#include "core.h"
#include "doors.h"

#define LAB_MSI_START	0xfee00000u	/* VT-d 3.14 */
#define LAB_MSI_BYTES	0x00100000u

/**
 * struct lab_core - what the core was given
 * @ops: operations of devices
 * @domain_ops: operations of domains
 * @identity: shared by all devices, where the core has such a domain
 * @blocked: the same
 * @nr_units: units registered
 */
struct lab_core {
	struct iommu_ops ops;
	struct iommu_domain_ops domain_ops;
	struct lab_domain *identity;
	struct lab_domain *blocked;
	unsigned int nr_units;
};

static struct lab_machine *lab_core_machine;

static const struct fwnode_operations lab_fwnode_ops;

/* NULL for a device of somebody else */
static struct lab_node *lab_device_node(struct device *dev)
{
	struct iommu_fwspec *fwspec = dev_iommu_fwspec_get(dev);
	struct lab_machine_unit *mu;

	if (!fwspec || !fwspec->iommu_fwnode || !fwspec->num_ids ||
	    fwspec->iommu_fwnode->ops != &lab_fwnode_ops)
		return NULL;
	mu = container_of(fwspec->iommu_fwnode, struct lab_machine_unit,
			  fwnode);
	return xa_load(&lab_core_machine->by_sid,
		       lab_route_key(mu->index, fwspec->ids[0]));
}

static struct iommu_domain *lab_op_alloc(enum lab_core_kind kind)
{
	struct lab_machine *machine = lab_core_machine;
	struct lab_domain *domain;
	int ret;

	ret = lab_core_domain_create(&machine->space, kind, &domain);
	if (ret)
		return ERR_PTR(ret);
	domain->iommu.ops = &machine->core->domain_ops;
	return &domain->iommu;
}

#ifdef LAB_IOMMU_ALLOC_PAGING
static struct iommu_domain *lab_op_alloc_paging(struct device *dev)
{
	return lab_op_alloc(LAB_CORE_PAGING);
}
#else
static struct iommu_domain *lab_op_alloc_type(unsigned int type)
{
	struct iommu_domain *domain;

	domain = lab_op_alloc(type == IOMMU_DOMAIN_BLOCKED ? LAB_CORE_BLOCKED :
			      type == IOMMU_DOMAIN_IDENTITY ?
			      LAB_CORE_IDENTITY : LAB_CORE_PAGING);
	return IS_ERR(domain) ? NULL : domain;
}
#endif

/* static domains are freed by lab_core_exit() */
static void lab_op_free(struct iommu_domain *iommu)
{
	struct lab_domain *domain = lab_domain_of(iommu);
	const struct lab_core *core = lab_core_machine->core;

	if (domain != core->identity && domain != core->blocked)
		lab_core_domain_free(domain);
}

static int lab_op_attach(struct iommu_domain *iommu, struct device *dev)
{
	struct lab_domain *domain = lab_domain_of(iommu);
	struct lab_node *node = dev_iommu_priv_get(dev);

	if (domain->core == LAB_CORE_BLOCKED)
		domain = NULL;
	/* the kernel may have been locked down since the group got it */
	if (domain && domain->core == LAB_CORE_IDENTITY &&
	    security_locked_down(LOCKDOWN_DEV_MEM)) {
		pr_warn_ratelimited("%s: identity is refused in a locked-down kernel, it is blocked: write DMA to its group's type\n",
				    node->name);
		domain = NULL;
	}
	return lab_node_switch(node, domain);
}

static int __maybe_unused lab_op_attach_from(struct iommu_domain *iommu,
					     struct device *dev,
					     struct iommu_domain *old)
{
	return lab_op_attach(iommu, dev);
}

static bool lab_op_capable(struct device *dev, enum iommu_cap cap)
{
	/* the model snoops; an engine reaches no interrupt but through the unit */
	return cap == IOMMU_CAP_CACHE_COHERENCY ||
	       lab_iommu_cap_is_deferred_flush(cap) ||
	       lab_iommu_cap_is_isolated_msi(cap);
}

static struct iommu_device *lab_op_probe(struct device *dev)
{
	struct lab_node *node = lab_device_node(dev);
	struct lab_machine *machine = lab_core_machine;
	int ret;

	if (!node)
		return ERR_PTR(-ENODEV);
	ret = lab_core_device_prepare(&machine->space, &node->dev);
	if (ret)
		return ERR_PTR(ret);
	dev_iommu_priv_set(dev, node);
	return &machine->units[node->ep.unit].iommu;
}

/* where the core has no release domain, this leaves the device blocked */
static void lab_op_release(struct device *dev)
{
	struct lab_node *node = dev_iommu_priv_get(dev);

	if (node)
		lab_node_switch(node, NULL);
}

/*
 * A doorbell has no caller whose right to all memory could be asked for; and see
 * struct lab_device.
 */
static int lab_op_default_type(struct device *dev)
{
	const struct lab_node *node = dev_iommu_priv_get(dev);

	return security_locked_down(LOCKDOWN_DEV_MEM) ||
	       node->dev.rmrr_is_ram ? IOMMU_DOMAIN_DMA : 0;
}

static void lab_add_resv(struct list_head *list, u64 start, u64 length,
			 int prot, enum iommu_resv_type type)
{
	struct iommu_resv_region *region;

	region = iommu_alloc_resv_region(start, length, prot, type, GFP_KERNEL);
	if (region)
		list_add_tail(&region->list, list);
	else
		pr_warn_ratelimited("no memory: the IOMMU core is not told of the reserved region at 0x%llx\n",
				    start);
}

/*
 * RMRRs are relaxable: a region that the core must have mapped at all times would
 * forbid to block the function. While it is blocked, our own table has them. MMIO is
 * how lab_op_map_pages() knows a region when the core maps it.
 */
static void lab_op_resv_regions(struct device *dev, struct list_head *list)
{
	const struct lab_node *node = dev_iommu_priv_get(dev);
	unsigned int i;

	for (i = 0; i < node->dev.nr_rmrrs; i++) {
		const struct lab_resv *rmrr = &node->dev.rmrrs[i];

		lab_add_resv(list, rmrr->start, rmrr->last - rmrr->start + 1,
			     IOMMU_READ | IOMMU_WRITE | IOMMU_MMIO,
			     IOMMU_RESV_DIRECT_RELAXABLE);
	}
	lab_add_resv(list, LAB_MSI_START, LAB_MSI_BYTES, 0, IOMMU_RESV_MSI);
}

static const struct iommu_ops lab_iommu_ops = {
	.capable = lab_op_capable,
#ifdef LAB_IOMMU_ALLOC_PAGING
	.domain_alloc_paging = lab_op_alloc_paging,
#else
	.domain_alloc = lab_op_alloc_type,
#endif
	.probe_device = lab_op_probe,
	.probe_finalize = lab_iommu_finalize,
	.release_device = lab_op_release,
	.device_group = generic_device_group,
	.get_resv_regions = lab_op_resv_regions,
	.def_domain_type = lab_op_default_type,
};

static const struct iommu_domain_ops lab_domain_ops = {
	.attach_dev =
		__builtin_choose_expr(lab_fits_domain_op(attach_dev,
							 lab_op_attach),
				      lab_op_attach, lab_op_attach_from),
	.map_pages = lab_op_map_pages,
	.unmap_pages = lab_op_unmap_pages,
	.iotlb_sync_map =
		__builtin_choose_expr(lab_fits_domain_op(iotlb_sync_map,
							 lab_op_sync_map),
				      lab_op_sync_map, lab_op_sync_map_void),
	.iotlb_sync = lab_op_sync,
	.flush_iotlb_all = lab_op_flush_all,
	.iova_to_phys = lab_op_iova_to_phys,
	.free = lab_op_free,
};

/* what the intel driver shows of a unit, under the names that tools know */
static struct lab_machine_unit *lab_shown_unit(struct device *dev)
{
	return container_of(dev_to_iommu_device(dev), struct lab_machine_unit,
			    iommu);
}

static ssize_t version_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	u32 version = lab_unit_caps(lab_shown_unit(dev)->unit)->version;

	return sysfs_emit(buf, "%u:%u\n", version >> 4 & 0xf, version & 0xf);
}
static DEVICE_ATTR_RO(version);

static ssize_t address_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	const struct lab_unit *unit = lab_shown_unit(dev)->unit;

	return sysfs_emit(buf, "%llx\n", lab_unit_params(unit)->seam->base);
}
static DEVICE_ATTR_RO(address);

static ssize_t cap_show(struct device *dev, struct device_attribute *attr,
			char *buf)
{
	return sysfs_emit(buf, "%llx\n",
			  lab_unit_caps(lab_shown_unit(dev)->unit)->cap);
}
static DEVICE_ATTR_RO(cap);

static ssize_t ecap_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%llx\n",
			  lab_unit_caps(lab_shown_unit(dev)->unit)->ecap);
}
static DEVICE_ATTR_RO(ecap);

static ssize_t domains_supported_show(struct device *dev,
				      struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n",
			  lab_unit_caps(lab_shown_unit(dev)->unit)->nr_dids);
}
static DEVICE_ATTR_RO(domains_supported);

static ssize_t domains_used_show(struct device *dev,
				 struct device_attribute *attr, char *buf)
{
	struct lab_unit_counts counts;

	lab_unit_read_counts(lab_shown_unit(dev)->unit, &counts);
	return sysfs_emit(buf, "%u\n", counts.dids);
}
static DEVICE_ATTR_RO(domains_used);

static struct attribute *lab_unit_attrs[] = {
	&dev_attr_version.attr,
	&dev_attr_address.attr,
	&dev_attr_cap.attr,
	&dev_attr_ecap.attr,
	&dev_attr_domains_supported.attr,
	&dev_attr_domains_used.attr,
	NULL
};

static const struct attribute_group lab_unit_group = {
	.name = "intel-iommu",
	.attrs = lab_unit_attrs,
};

static const struct attribute_group *lab_unit_groups[] = {
	&lab_unit_group,
	NULL
};

/* sysfs first: the core does not check for a unit without */
static int lab_register_unit(struct lab_core *core,
			     struct lab_machine_unit *mu)
{
	int ret;

	fwnode_init(&mu->fwnode, &lab_fwnode_ops);
	mu->iommu.fwnode = &mu->fwnode;
	ret = iommu_device_sysfs_add(&mu->iommu, NULL, lab_unit_groups,
				     "iommu_lab%u", mu->index);
	if (ret)
		return ret;
	ret = iommu_device_register(&mu->iommu, &core->ops, NULL);
	if (ret)
		iommu_device_sysfs_remove(&mu->iommu);
	return ret;
}

static void lab_unregister_units(struct lab_machine *machine)
{
	struct lab_core *core = machine->core;

	while (core->nr_units) {
		struct lab_machine_unit *mu = &machine->units[--core->nr_units];

		iommu_device_unregister(&mu->iommu);
		iommu_device_sysfs_remove(&mu->iommu);
	}
	lab_iommu_leave_buses(&core->ops);
}

static int lab_register_units(struct lab_machine *machine)
{
	struct lab_core *core = machine->core;
	int ret;

	while (core->nr_units < machine->nr_units) {
		ret = lab_register_unit(core, &machine->units[core->nr_units]);
		if (ret) {
			lab_unregister_units(machine);
			return ret;
		}
		core->nr_units++;
	}
	return 0;
}

static int lab_static_domains(struct lab_machine *machine)
{
	struct lab_core *core = machine->core;
	int ret;

	ret = lab_core_domain_create(&machine->space, LAB_CORE_IDENTITY,
				     &core->identity);
	if (ret)
		return ret;
	ret = lab_core_domain_create(&machine->space, LAB_CORE_BLOCKED,
				     &core->blocked);
	if (ret)
		return ret;
	core->identity->iommu.ops = &core->domain_ops;
	core->blocked->iommu.ops = &core->domain_ops;
	lab_iommu_set_static(&core->ops, &core->identity->iommu,
			     &core->blocked->iommu);
	return 0;
}

static void lab_core_free(struct lab_machine *machine)
{
	struct lab_core *core = machine->core;

	if (core->identity)
		lab_core_domain_free(core->identity);
	if (core->blocked)
		lab_core_domain_free(core->blocked);
	/* another domain may get their addresses, and is not static */
	core->identity = NULL;
	core->blocked = NULL;
	lab_core_domains_wait(&machine->space);
	machine->core = NULL;
	kfree(core);
}

static int lab_core_make(struct lab_machine *machine)
{
	struct lab_core *core = kzalloc(sizeof(*core), GFP_KERNEL);
	int ret;

	if (!core)
		return -ENOMEM;
	machine->core = core;
	lab_core_machine = machine;
	core->ops = lab_iommu_ops;
	core->domain_ops = lab_domain_ops;
	core->ops.default_domain_ops = &core->domain_ops;
	ret = lab_static_domains(machine);
	if (ret)
		goto out_free;
	lab_iommu_set_pgsizes(&core->ops, core->identity->iommu.pgsize_bitmap);
	ret = lab_register_units(machine);
	if (!ret)
		return 0;
out_free:
	lab_core_free(machine);
	return ret;
}

/**
 * lab_core_init - register the units with the kernel's iommu core
 * @machine: its endpoints and the routes to them are there, its functions are not
 *
 * Where the kernel has room for one driver only and has one, the core is not joined,
 * which the log says.
 *
 * Context: may sleep.
 * Return: 0, see machine->core; or a negative errno.
 */
int lab_core_init(struct lab_machine *machine)
{
	int ret;

	if (!machine->nr_units)
		return 0;
	ret = lab_core_make(machine);
	if (ret != -EBUSY)
		return ret;
	pr_warn("another IOMMU driver is active, and this kernel has room for one: the units are not registered and endpoints are no PCI functions; /dev/iommu_lab works. Boot with intel_iommu=off amd_iommu=off, or take a kernel from 6.12 on\n");
	return 0;
}

/**
 * lab_core_exit - unregister the units, and wait until no domain is left
 * @machine: its functions have gone
 *
 * Context: may sleep, as long as user space keeps a domain.
 */
void lab_core_exit(struct lab_machine *machine)
{
	if (!machine->core)
		return;
	lab_unregister_units(machine);
	lab_core_free(machine);
}

/**
 * lab_core_prepare - tell the core which unit translates for a function
 * @node: the endpoint; its machine has joined the core
 * @dev: the function's device, which the core does not know yet
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int lab_core_prepare(struct lab_node *node, struct device *dev)
{
	struct lab_machine *machine = node->machine;
	u32 sid = node->ep.bdf;

	return lab_iommu_fwspec(dev, &machine->units[node->ep.unit].fwnode,
				&machine->core->ops, &sid, 1);
}

/**
 * lab_core_disown - tell the core that a device does no DMA
 * @machine: whose device it is
 * @dev: a device of ours that is no endpoint
 *
 * Unless a unit of ours is asked about it, and says no, the driver of a unit in
 * hardware is asked, which may not know that PCI domains above 16 bits are not its own.
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int lab_core_disown(struct lab_machine *machine, struct device *dev)
{
	return lab_iommu_fwspec(dev, &machine->units[0].fwnode,
				&machine->core->ops, NULL, 0);
}

/**
 * lab_core_adopt - let the core attach a domain that it did not make
 * @machine: has joined the core
 * @domain: the domain
 *
 * Context: any.
 */
void lab_core_adopt(struct lab_machine *machine, struct lab_domain *domain)
{
	domain->iommu.ops = &machine->core->domain_ops;
	lab_iommu_set_owner(&domain->iommu, &machine->core->ops);
}
