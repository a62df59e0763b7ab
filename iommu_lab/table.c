// SPDX-License-Identifier: GPL-2.0
/*
 * The table that the machine is made from: the built-in one, or a file.
 */
#include <linux/firmware.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include "machine.h"

#define LAB_RMRR_BASE	0xfd000000ULL	/* in the hole below 4 GiB, never RAM */
#define LAB_TABLE_MAX	262144u		/* bytes */

static int lab_parse_default(struct lab_machine *machine, unsigned int endpoints)
{
	size_t length;
	u8 *table;
	int ret;

	table = lab_default_topology(endpoints, LAB_RMRR_BASE, &length);
	if (!table)
		return -ENOMEM;
	ret = lab_dmar_parse(table, length, &machine->dmar);
	lab_dmar_table_free(table);
	if (ret)
		return ret;
	return lab_plan_default(machine->dmar, endpoints, &machine->plan);
}

/* errors are why a table is refused; the rest is for who looks for a cause */
static void lab_tell_findings(const struct lab_dmar *dmar, const char *topology)
{
	const struct lab_finding *finding;
	u32 i;

	for (i = 0; i < dmar->findings.nr; i++) {
		finding = &dmar->findings.list[i];
		if (finding->severity == LAB_ERROR)
			pr_err("topology=%s: offset 0x%x: error %s: %s\n",
			       topology, finding->offset, finding->check,
			       finding->text);
		else if (finding->severity == LAB_WARNING)
			pr_warn("topology=%s: offset 0x%x: warning %s: %s\n",
				topology, finding->offset, finding->check,
				finding->text);
	}
}

/* units that no endpoint has: what they name is no function, or another one's */
static void lab_tell_unreached(const struct lab_dmar *dmar,
			       const struct lab_plan *plan, const char *topology)
{
	u32 i, unit;

	for (unit = 0; unit < dmar->nr_drhds; unit++) {
		for (i = 0; i < plan->nr_endpoints; i++)
			if (plan->endpoints[i].unit == unit)
				break;
		if (i == plan->nr_endpoints)
			pr_info("topology=%s: offset 0x%x: no endpoint is behind this unit\n",
				topology, dmar->drhds[unit].offset);
	}
}

static int lab_parse_file(struct lab_machine *machine, const char *topology,
			  const struct firmware *file)
{
	int ret;

	if (file->size > LAB_TABLE_MAX) {
		pr_err("topology=%s: it has %zu bytes: up to %u are accepted\n",
		       topology, file->size, LAB_TABLE_MAX);
		return -EINVAL;
	}
	ret = lab_dmar_parse(file->data, file->size, &machine->dmar);
	if (machine->dmar)
		lab_tell_findings(machine->dmar, topology);
	if (ret)
		return ret;
	ret = lab_plan_table(machine->dmar, &machine->plan);
	if (ret == -EINVAL)
		pr_err("topology=%s: %s\n", topology, machine->plan->refusal);
	if (ret)
		return ret;
	lab_tell_unreached(machine->dmar, machine->plan, topology);
	if (machine->plan->nr_unclaimed)
		pr_info("topology=%s: %u functions that it names have no unit: they are left out\n",
			topology, machine->plan->nr_unclaimed);
	return 0;
}

static int lab_read_file(struct lab_machine *machine, const char *topology)
{
	struct platform_device *reader;
	const struct firmware *file;
	int ret;

	/* the kernel's messages about the file name a device */
	reader = platform_device_register_simple("iommu_lab_topology",
						 PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(reader))
		return PTR_ERR(reader);
	ret = request_firmware_direct(&file, topology, &reader->dev);
	if (ret) {
		pr_err("topology=%s: it cannot be read (%d): the name of a file below /lib/firmware is accepted\n",
		       topology, ret);
	} else {
		ret = lab_parse_file(machine, topology, file);
		release_firmware(file);
	}
	platform_device_unregister(reader);
	return ret;
}

static int lab_copy_rmrrs(struct lab_machine *machine)
{
	const struct lab_plan *plan = machine->plan;
	u32 i;

	machine->rmrrs = kvcalloc(plan->nr_ranges, sizeof(*machine->rmrrs),
				  GFP_KERNEL);
	machine->windows = kvcalloc(plan->nr_ranges, sizeof(*machine->windows),
				    GFP_KERNEL);
	if (!machine->rmrrs || !machine->windows)
		return -ENOMEM;
	for (i = 0; i < plan->nr_ranges; i++) {
		machine->rmrrs[i].start = plan->ranges[i].start;
		machine->rmrrs[i].last = plan->ranges[i].last;
		machine->windows[i].start = plan->ranges[i].start;
		machine->windows[i].last = plan->ranges[i].last;
	}
	return 0;
}

/**
 * lab_table_init - the table, and what there is in the machine
 * @machine: the machine, empty
 * @topology: name of a file that has a DMAR, as for request_firmware(), kept;
 *	NULL or "": the built-in machine
 * @endpoints: of the built-in machine
 *
 * A table with an error is refused, and the log says why.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL: the table is refused; -ENOENT and others: it cannot be read;
 * -ENOMEM.
 */
int lab_table_init(struct lab_machine *machine, const char *topology,
		   unsigned int endpoints)
{
	int ret;

	if (topology && *topology) {
		machine->source = topology;
		ret = lab_read_file(machine, topology);
	} else {
		machine->source = "built-in";
		ret = lab_parse_default(machine, endpoints);
	}
	if (!ret)
		ret = lab_copy_rmrrs(machine);
	if (ret)
		lab_table_exit(machine);
	return ret;
}

/**
 * lab_table_exit - forget the table
 * @machine: nothing that was made from it is left
 *
 * Context: may sleep.
 */
void lab_table_exit(struct lab_machine *machine)
{
	kvfree(machine->windows);
	kvfree(machine->rmrrs);
	lab_plan_free(machine->plan);
	lab_dmar_free(machine->dmar);
	machine->windows = NULL;
	machine->rmrrs = NULL;
	machine->plan = NULL;
	machine->dmar = NULL;
}
