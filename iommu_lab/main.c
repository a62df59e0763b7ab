// SPDX-License-Identifier: GPL-2.0
/*
 * The order of bring-up and tear-down: table -> units -> domains -> endpoints
 * -> iommu core -> PCI functions -> doors.
 */
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "machine.h"

#define LAB_WIDTH_MAX	52	/* bits of a physical address that tables have room for */

static char *mode = "on";
module_param(mode, charp, 0444);
MODULE_PARM_DESC(mode,
		 "on: units translate; off: no unit; auto: off if a unit cannot be used (default on)");

static char *topology = "";
module_param(topology, charp, 0444);
MODULE_PARM_DESC(topology,
		 "file below /lib/firmware with a DMAR: the machine is the one that it describes (default: the built-in one)");

static unsigned int endpoints = 4;
static bool endpoints_given;

static int lab_set_endpoints(const char *value, const struct kernel_param *kp)
{
	endpoints_given = true;
	return param_set_uint(value, kp);
}

static const struct kernel_param_ops lab_endpoints_ops = {
	.set = lab_set_endpoints,
	.get = param_get_uint,
};
module_param_cb(endpoints, &lab_endpoints_ops, &endpoints, 0444);
__MODULE_PARM_TYPE(endpoints, "uint");
MODULE_PARM_DESC(endpoints,
		 "number of endpoints of the built-in machine, 1 to 1024 (default 4)");

static unsigned int iotlb_sets = 64;
module_param(iotlb_sets, uint, 0444);
MODULE_PARM_DESC(iotlb_sets,
		 "IOTLB sets of each unit, a power of two from 1 to 65536 (default 64)");

static unsigned int iotlb_ways = 4;
module_param(iotlb_ways, uint, 0444);
MODULE_PARM_DESC(iotlb_ways, "IOTLB ways, 1 to 16 (default 4)");

static unsigned int aw_bits = 48;
module_param(aw_bits, uint, 0444);
MODULE_PARM_DESC(aw_bits,
		 "width of IOVAs in bits: 39, 48 or 57, for tables of 3, 4 or 5 levels (default 48)");

static unsigned int nd = 6;
module_param(nd, uint, 0444);
MODULE_PARM_DESC(nd,
		 "16 << 2 * nd domain ids at each unit (CAP.ND), 0 to 6 (default 6)");

static bool caching_mode;
module_param(caching_mode, bool, 0444);
MODULE_PARM_DESC(caching_mode,
		 "units cache not-present entries too (CAP.CM; default N)");

static unsigned int scalable;
module_param(scalable, uint, 0444);
MODULE_PARM_DESC(scalable,
		 "units in scalable mode: bit n for unit n (default 0: none)");

static unsigned int irq_entries = 1024;
module_param(irq_entries, uint, 0444);
MODULE_PARM_DESC(irq_entries,
		 "entries of each unit's interrupt remapping table, a power of two from 256 to 65536 (default 1024)");

static unsigned int timeout_ms = LAB_INVAL_TIMEOUT_MS;
module_param(timeout_ms, uint, 0444);
MODULE_PARM_DESC(timeout_ms,
		 "how long to wait for a unit before it is dead, 10 to 10000 ms (default 1000)");

static char *defect = "none";
module_param(defect, charp, 0444);
MODULE_PARM_DESC(defect,
		 "units that are broken on purpose: none, zero, ones, stuck (default none)");

static ulong max_domains = 65536;
module_param(max_domains, ulong, 0444);
MODULE_PARM_DESC(max_domains, "live domains of a user (default 65536)");

static ulong max_mappings = 1UL << 32;
module_param(max_mappings, ulong, 0444);
MODULE_PARM_DESC(max_mappings, "live mappings of a user (default 2^32)");

static ulong max_pinned = 1UL << 46;
module_param(max_pinned, ulong, 0444);
MODULE_PARM_DESC(max_pinned, "bytes a user may pin (default 2^46)");

static ulong max_tables;
module_param(max_tables, ulong, 0444);
MODULE_PARM_DESC(max_tables,
		 "bytes of page tables of a user (default 0: an eighth of the RAM)");

static struct lab_machine lab_machine;

static const char * const lab_defects[] = {
	[LAB_DEFECT_NONE] = "none",
	[LAB_DEFECT_ZERO] = "zero",
	[LAB_DEFECT_ONES] = "ones",
	[LAB_DEFECT_STUCK] = "stuck",
};

enum lab_mode {
	LAB_MODE_ON,
	LAB_MODE_OFF,
	LAB_MODE_AUTO,
};

static const char * const lab_modes[] = {
	[LAB_MODE_ON] = "on",
	[LAB_MODE_OFF] = "off",
	[LAB_MODE_AUTO] = "auto",
};

static int lab_mode(void)
{
	return match_string(lab_modes, ARRAY_SIZE(lab_modes), mode);
}

static int lab_check_parameters(void)
{
	if (lab_mode() < 0) {
		pr_err("mode=%s: on, off, auto are accepted\n", mode);
		return -EINVAL;
	}
	if (*topology && endpoints_given) {
		pr_err("endpoints=%u: it is accepted without topology= only, whose table says what there is\n",
		       endpoints);
		return -EINVAL;
	}
	if (!endpoints || endpoints > LAB_DEFAULT_ENDPOINTS_MAX) {
		pr_err("endpoints=%u: 1 to %u is accepted\n", endpoints,
		       LAB_DEFAULT_ENDPOINTS_MAX);
		return -EINVAL;
	}
	if (!is_power_of_2(iotlb_sets) || iotlb_sets > LAB_MAX_SETS) {
		pr_err("iotlb_sets=%u: a power of two from 1 to %u is accepted\n",
		       iotlb_sets, LAB_MAX_SETS);
		return -EINVAL;
	}
	if (!iotlb_ways || iotlb_ways > LAB_MAX_WAYS) {
		pr_err("iotlb_ways=%u: 1 to %u is accepted\n", iotlb_ways,
		       LAB_MAX_WAYS);
		return -EINVAL;
	}
	if (aw_bits != 39 && aw_bits != 48 && aw_bits != 57) {
		pr_err("aw_bits=%u: 39, 48, 57 are accepted\n", aw_bits);
		return -EINVAL;
	}
	if (nd > 6) {
		pr_err("nd=%u: 0 to 6 is accepted\n", nd);
		return -EINVAL;
	}
	if (!is_power_of_2(irq_entries) || irq_entries < LAB_IRQS_MIN ||
	    irq_entries > LAB_IRQS_MAX) {
		pr_err("irq_entries=%u: a power of two from %u to %u is accepted\n",
		       irq_entries, LAB_IRQS_MIN, LAB_IRQS_MAX);
		return -EINVAL;
	}
	if (timeout_ms < 10 || timeout_ms > 10000) {
		pr_err("timeout_ms=%u: 10 to 10000 is accepted\n", timeout_ms);
		return -EINVAL;
	}
	if (match_string(lab_defects, ARRAY_SIZE(lab_defects), defect) < 0) {
		pr_err("defect=%s: none, zero, ones, stuck are accepted\n",
		       defect);
		return -EINVAL;
	}
	return 0;
}

/*
 * A unit of the lab translates to memory of the host, whatever host the table
 * is of.
 */
static u8 lab_width(const struct lab_machine *machine)
{
	int host = fls64(virt_to_phys(high_memory - 1));

	return clamp_t(int, machine->dmar->width, host, LAB_WIDTH_MAX);
}

static int lab_bring_up_unit(struct lab_machine *machine, unsigned int i)
{
	const struct lab_dmar_drhd *drhd = &machine->dmar->drhds[i];
	struct lab_machine_unit *mu = &machine->units[i];
	struct lab_vtd_config config = {
		.name = mu->name,
		.base = drhd->base,
		/* all that are not wider: 3 levels, then 9 bits a level */
		.levels = GENMASK((aw_bits - 12) / 9, 3),
		.width = lab_width(machine),
		.nd = nd,
		.sslps = 3,
		.fault_records = 8,
		.caching_mode = caching_mode,
		.pass_through = true,
		.scalable = i < 32 && scalable & BIT(i),
		.interrupts = machine->dmar->flags & LAB_DMAR_INTR_REMAP,
		.eim = machine->dmar->flags & LAB_DMAR_INTR_REMAP,
		.iotlb_sets = iotlb_sets,
		.iotlb_ways = iotlb_ways,
		.drain_ms = timeout_ms,
		.defect = match_string(lab_defects, ARRAY_SIZE(lab_defects),
				       defect),
	};
	struct lab_unit_params params = {
		.segment = drhd->segment,
		.index = i,
		.width = lab_width(machine),
		.irqs = irq_entries,
		.timeout_ms = timeout_ms,
		.dead = lab_unit_died,
		.fault = lab_unit_fault,
		.lost = lab_unit_lost,
		.data = mu,
	};
	int ret;

	snprintf(mu->name, sizeof(mu->name), "unit%u", i);
	mu->machine = machine;
	mu->index = i;
	mu->vtd = lab_vtd_create(&config);
	if (IS_ERR(mu->vtd))
		return PTR_ERR(mu->vtd);
	lab_fault_log_init(&mu->log, mu->name);
	params.seam = lab_vtd_seam(mu->vtd);
	ret = lab_unit_create(&params, &mu->unit);
	if (ret)
		goto out_vtd;
	ret = lab_unit_enable(mu->unit);
	if (ret)
		goto out_unit;
	return 0;

out_unit:
	lab_unit_destroy(mu->unit);
	lab_fault_log_end(&mu->log);
out_vtd:
	lab_vtd_destroy(mu->vtd);
	return ret;
}

static void lab_tear_down_units(struct lab_machine *machine)
{
	while (machine->nr_units) {
		struct lab_machine_unit *mu = &machine->units[--machine->nr_units];

		lab_unit_disable(mu->unit);
		lab_unit_destroy(mu->unit);
		lab_fault_log_end(&mu->log);
		lab_vtd_destroy(mu->vtd);
	}
	kfree(machine->drivers);
	kfree(machine->units);
	machine->drivers = NULL;
	machine->units = NULL;
}

static int lab_bring_up_all_units(struct lab_machine *machine)
{
	u32 i;
	int ret;

	machine->units = kcalloc(machine->dmar->nr_drhds,
				 sizeof(*machine->units), GFP_KERNEL);
	machine->drivers = kcalloc(machine->dmar->nr_drhds,
				   sizeof(*machine->drivers), GFP_KERNEL);
	machine->nr_units = 0;
	if (!machine->units || !machine->drivers) {
		lab_tear_down_units(machine);
		return -ENOMEM;
	}
	for (i = 0; i < machine->dmar->nr_drhds; i++) {
		ret = lab_bring_up_unit(machine, i);
		if (ret) {
			lab_tear_down_units(machine);
			return ret;
		}
		machine->drivers[i] = machine->units[i].unit;
		machine->nr_units++;
	}
	return 0;
}

/* all units, or none */
static int lab_bring_up_units(struct lab_machine *machine)
{
	int ret;

	/* a wrong parameter is refused in each mode */
	if (fls(scalable) > machine->dmar->nr_drhds) {
		pr_err("scalable=0x%x: bits 0 to %u are accepted, one for each unit\n",
		       scalable, machine->dmar->nr_drhds - 1);
		return -EINVAL;
	}
	if (lab_mode() == LAB_MODE_OFF)
		return 0;
	ret = lab_bring_up_all_units(machine);
	if (!ret || ret == -ENOMEM || lab_mode() == LAB_MODE_ON)
		return ret;
	pr_warn("mode=auto: a unit cannot be used (error %d, see above): the IOMMU is off\n",
		ret);
	return 0;
}

static int lab_bring_up_space(struct lab_machine *machine)
{
	struct lab_limits limits = {
		.domains = max_domains,
		.mappings = max_mappings,
		.pinned = max_pinned >> PAGE_SHIFT,
		.tables = max_tables ? max_tables >> PAGE_SHIFT :
				       totalram_pages() / 8,
	};
	int ret;

	ret = lab_space_init(&machine->space, machine->drivers,
			     machine->nr_units, machine->rmrrs,
			     machine->plan->nr_ranges, &limits);
	/* no unit that says how wide IOVAs are */
	if (!ret && !machine->nr_units)
		machine->space.pt.levels = (aw_bits - 12) / 9;
	return ret;
}

/* does the host have RAM where a reserved region of the endpoint is? */
static bool lab_rmrr_is_ram(const struct lab_device *dev)
{
	unsigned int i;

	for (i = 0; i < dev->nr_rmrrs; i++) {
		const struct lab_resv *rmrr = &dev->rmrrs[i];

		if (region_intersects(rmrr->start, rmrr->last - rmrr->start + 1,
				      IORESOURCE_SYSTEM_RAM,
				      IORES_DESC_NONE) != REGION_DISJOINT)
			return true;
	}
	return false;
}

static int lab_bring_up_node(struct lab_machine *machine, unsigned int i)
{
	const struct lab_plan_endpoint *planned = &machine->plan->endpoints[i];
	const struct lab_machine_unit *mu = NULL;
	struct lab_node *node = &machine->nodes[i];
	u16 bdf = planned->bdf;
	int ret;

	if (machine->nr_units)
		mu = &machine->units[planned->unit];
	node->machine = machine;
	snprintf(node->name, sizeof(node->name), "%05x:%02x:%02x.%u",
		 machine->bus.pci_domain + planned->segment, bdf >> 8,
		 (bdf >> 3) & 0x1f, bdf & 7);
	ret = lab_endpoint_init(&node->ep, &machine->bus, mu ? mu->vtd : NULL,
				i, planned->segment, bdf);
	if (ret)
		return ret;
	node->ep.unit = mu ? mu->index : U32_MAX;
	node->ep.windows = machine->windows + planned->first_range;
	node->ep.nr_windows = planned->nr_ranges;
	ret = lab_device_init(&node->dev, mu ? mu->unit : NULL, bdf,
			      machine->rmrrs + planned->first_range,
			      planned->nr_ranges);
	if (ret) {
		pr_err("%s: its reserved regions cannot be mapped (%d)\n",
		       node->name, ret);
		lab_endpoint_release(&node->ep);
		return ret;
	}
	node->dev.rmrr_is_ram = lab_rmrr_is_ram(&node->dev);
	return 0;
}

static void lab_tear_down_nodes(struct lab_machine *machine)
{
	while (machine->nr_nodes--) {
		struct lab_node *node = &machine->nodes[machine->nr_nodes];

		lab_device_release(&node->dev);
		lab_endpoint_release(&node->ep);
	}
	kvfree(machine->nodes);
}

static int lab_bring_up_nodes(struct lab_machine *machine)
{
	unsigned int i, nr = machine->plan->nr_endpoints;
	int ret;

	machine->nodes = kvcalloc(nr, sizeof(*machine->nodes), GFP_KERNEL);
	if (!machine->nodes)
		return -ENOMEM;
	machine->nr_nodes = 0;
	for (i = 0; i < nr; i++) {
		ret = lab_bring_up_node(machine, i);
		if (ret) {
			lab_tear_down_nodes(machine);
			return ret;
		}
		machine->nr_nodes++;
	}
	/* what sysfs shows, whatever table it was */
	endpoints = nr;
	return 0;
}

static int __init lab_init(void)
{
	struct lab_machine *machine = &lab_machine;
	int ret;

	ret = lab_check_parameters();
	if (ret)
		return ret;
	INIT_LIST_HEAD(&machine->domain_files);
	INIT_LIST_HEAD(&machine->auto_domains);
	xa_init(&machine->by_sid);
	ret = lab_table_init(machine, topology, endpoints);
	if (ret)
		return ret;
	ret = lab_bring_up_units(machine);
	if (ret)
		goto out_table;
	ret = lab_bring_up_space(machine);
	if (ret)
		goto out_units;
	ret = lab_bus_init(&machine->bus);
	if (ret)
		goto out_space;
	machine->bus.pci_domain = lab_host_free_domain();
	ret = lab_bring_up_nodes(machine);
	if (ret)
		goto out_bus;
	ret = lab_fault_routes_init(machine);
	if (ret)
		goto out_nodes;
	ret = lab_core_init(machine);
	if (ret)
		goto out_routes;
	ret = lab_msi_init(machine);
	if (ret)
		goto out_core;
	ret = lab_functions_init(machine);
	if (ret)
		goto out_msi;
	ret = lab_import_init(machine);
	if (ret)
		goto out_functions;
	lab_debugfs_init(machine);
	ret = lab_dmaengine_init();
	if (ret)
		goto out_import;
	ret = lab_chardev_init(machine);
	if (ret)
		goto out_dmaengine;
	pr_info("%u units, %u endpoints%s\n", machine->nr_units,
		machine->nr_nodes, machine->nr_units ? "" : ", IOMMU off");
	return 0;

out_dmaengine:
	lab_dmaengine_exit();
out_import:
	lab_debugfs_exit(machine);
	lab_import_exit(machine);
out_functions:
	lab_functions_exit(machine);
out_msi:
	lab_msi_exit(machine);
out_core:
	lab_core_exit(machine);
out_routes:
	lab_fault_routes_exit(machine);
out_nodes:
	lab_tear_down_nodes(machine);
out_bus:
	lab_bus_destroy(&machine->bus);
out_space:
	lab_space_destroy(&machine->space);
out_units:
	lab_tear_down_units(machine);
out_table:
	lab_table_exit(machine);
	lab_remap_exit();
	return ret;
}

static void __exit lab_exit(void)
{
	struct lab_machine *machine = &lab_machine;

	lab_chardev_exit(machine);
	lab_auto_domain_exit();
	lab_dmaengine_exit();
	lab_debugfs_exit(machine);
	lab_import_exit(machine);
	lab_functions_exit(machine);
	lab_msi_exit(machine);
	lab_core_exit(machine);
	lab_fault_routes_exit(machine);
	lab_tear_down_nodes(machine);
	lab_bus_destroy(&machine->bus);
	lab_space_destroy(&machine->space);
	lab_tear_down_units(machine);
	lab_table_exit(machine);
	lab_remap_exit();
}

module_init(lab_init);
module_exit(lab_exit);
MODULE_DESCRIPTION("A complete IOMMU in software, with devices behind it");
MODULE_LICENSE("GPL");
