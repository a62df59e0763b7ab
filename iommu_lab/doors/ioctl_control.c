// SPDX-License-Identifier: GPL-2.0
/*
 * What there is: the module, units, endpoints, counters, the last refusal.
 */
#include <linux/nospec.h>
#include "../seam/seam.h"
#include "doors.h"

static u32 lab_unit_flags(const struct lab_unit *unit)
{
	u32 flags = 0;

	if (lab_unit_is_enabled(unit))
		flags |= IOMMU_LAB_INFO_ENABLED;
	if (lab_unit_is_dead(unit))
		flags |= IOMMU_LAB_INFO_DEAD;
	return flags;
}

static u64 lab_left(u64 limit, u64 used)
{
	return limit > used ? limit - used : 0;
}

/**
 * lab_ioctl_info - IOMMU_LAB_INFO
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_info.
 */
int lab_ioctl_info(struct lab_ucmd *ucmd)
{
	struct lab_machine *machine = ucmd->door->machine;
	struct iommu_lab_info *info = ucmd->cmd;
	struct lab_usage usage;
	unsigned int i;

	lab_space_usage(&machine->space, &usage);
	info->out_flags = machine->nr_units ? IOMMU_LAB_INFO_ENABLED : 0;
	for (i = 0; i < machine->nr_units; i++) {
		u32 flags = lab_unit_flags(machine->units[i].unit);

		if (!(flags & IOMMU_LAB_INFO_ENABLED))
			info->out_flags &= ~IOMMU_LAB_INFO_ENABLED;
		info->out_flags |= flags & IOMMU_LAB_INFO_DEAD;
	}
	info->api_version = IOMMU_LAB_API_VERSION;
	info->mode = machine->nr_units ? IOMMU_LAB_MODE_TRANSLATED :
					 IOMMU_LAB_MODE_PHYS;
	info->units = machine->nr_units;
	info->endpoints = machine->nr_nodes;
	info->domains = atomic_read(&machine->space.nr_domains);
	info->domains_max = usage.limits.domains;
	info->domains_left = lab_left(usage.limits.domains, usage.used.domains);
	info->mappings_max = usage.limits.mappings;
	info->mappings_left = lab_left(usage.limits.mappings,
				       usage.used.mappings);
	info->pinned_max = usage.limits.pinned << PAGE_SHIFT;
	info->pinned_left = lab_left(usage.limits.pinned, usage.used.pinned)
			    << PAGE_SHIFT;
	info->tables_max = usage.limits.tables << PAGE_SHIFT;
	info->tables_left = lab_left(usage.limits.tables, usage.used.tables)
			    << PAGE_SHIFT;
	return lab_respond(ucmd);
}

/**
 * lab_ioctl_explain - IOMMU_LAB_EXPLAIN
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_explain.
 */
int lab_ioctl_explain(struct lab_ucmd *ucmd)
{
	struct lab_refusal *refusal = ucmd->door->refusal;
	struct iommu_lab_explain *explain = ucmd->cmd;
	char text[sizeof(refusal->text)];
	u32 room = explain->length;
	size_t length;

	spin_lock(&refusal->lock);
	explain->error = refusal->error;
	length = strscpy(text, refusal->text, sizeof(text)) + 1;
	spin_unlock(&refusal->lock);
	explain->length = length;
	if (room < length)
		return lab_respond(ucmd) ?: -EMSGSIZE;
	if (copy_to_user(u64_to_user_ptr(explain->text), text, length))
		return -EFAULT;
	return lab_respond(ucmd);
}

/**
 * lab_ioctl_unit_info - IOMMU_LAB_UNIT_INFO
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_unit_info.
 */
int lab_ioctl_unit_info(struct lab_ucmd *ucmd)
{
	struct lab_machine *machine = ucmd->door->machine;
	struct iommu_lab_unit_info *info = ucmd->cmd;
	const struct lab_unit_params *params;
	const struct lab_unit_caps *caps;
	struct lab_unit *unit;
	u32 index;

	if (!machine->nr_units)
		return lab_refuse(ucmd->door->refusal, -ENOENT,
				  "unit %u: there is none: the IOMMU is off",
				  info->index);
	if (info->index >= machine->nr_units)
		return lab_refuse(ucmd->door->refusal, -ENOENT,
				  "unit %u: there are units 0 to %u",
				  info->index, machine->nr_units - 1);
	index = array_index_nospec(info->index, machine->nr_units);
	unit = machine->units[index].unit;
	params = lab_unit_params(unit);
	caps = lab_unit_caps(unit);
	info->segment = params->segment;
	info->version = caps->version;
	info->out_flags = lab_unit_flags(unit);
	info->base = params->seam->base;
	info->cap = caps->cap;
	info->ecap = caps->ecap;
	return lab_respond(ucmd);
}

static struct lab_node *lab_find_node(struct lab_ucmd *ucmd, u32 index)
{
	struct lab_machine *machine = ucmd->door->machine;

	if (ucmd->door->kind == LAB_DOOR_ENDPOINT)
		return index ? NULL : lab_ucmd_endpoint(ucmd)->node;
	if (index >= machine->nr_nodes)
		return NULL;
	return &machine->nodes[array_index_nospec(index, machine->nr_nodes)];
}

static u32 lab_unit_index(const struct lab_machine *machine,
			  const struct lab_unit *unit)
{
	u32 i;

	if (!unit)
		return IOMMU_LAB_NO_UNIT;
	for (i = 0; machine->units[i].unit != unit; i++)
		;
	return i;
}

/**
 * lab_ioctl_endpoint_info - IOMMU_LAB_ENDPOINT_INFO
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_endpoint_info.
 */
int lab_ioctl_endpoint_info(struct lab_ucmd *ucmd)
{
	struct lab_machine *machine = ucmd->door->machine;
	struct iommu_lab_endpoint_info *info = ucmd->cmd;
	struct lab_node *node = lab_find_node(ucmd, info->index);
	int ret;

	ret = lab_check_reserved(ucmd->door->refusal, info->__reserved);
	if (ret)
		return ret;
	if (!machine->nr_nodes)
		return lab_refuse(ucmd->door->refusal, -ENOENT,
				  "endpoint %u: there is none: no unit of the table has a PCI function",
				  info->index);
	if (!node)
		return lab_refuse(ucmd->door->refusal, -ENOENT,
				  "endpoint %u: there are endpoints 0 to %u here",
				  info->index,
				  ucmd->door->kind == LAB_DOOR_ENDPOINT ?
				  0 : machine->nr_nodes - 1);
	info->domain = machine->bus.pci_domain + node->ep.segment;
	info->segment = node->ep.segment;
	info->bdf = node->ep.bdf;
	info->unit = lab_unit_index(machine, node->dev.unit);
	info->out_flags = 0;
	info->domain_id = 0;
	if (node->dev.nr_rmrrs)
		info->out_flags |= IOMMU_LAB_ENDPOINT_RMRR;
	if (READ_ONCE(node->ep.gone) || lab_device_is_dead(&node->dev))
		info->out_flags |= IOMMU_LAB_ENDPOINT_GONE;
	if (mutex_lock_interruptible(&machine->space.attach_lock))
		return -EINTR;
	if (node->attached) {
		info->out_flags |= IOMMU_LAB_ENDPOINT_ATTACHED;
		info->domain_id = node->attached->domain->id;
	}
	mutex_unlock(&machine->space.attach_lock);
	return lab_respond(ucmd);
}

/**
 * lab_ioctl_stats - IOMMU_LAB_STATS
 * @ucmd: the ioctl
 *
 * Context: may sleep. Return: see struct iommu_lab_stats.
 */
int lab_ioctl_stats(struct lab_ucmd *ucmd)
{
	struct lab_machine *machine = ucmd->door->machine;
	struct iommu_lab_stats *stats = ucmd->cmd;
	struct lab_counters sum;

	if (mutex_lock_interruptible(&machine->space.attach_lock))
		return -EINTR;
	if (ucmd->df)
		lab_domain_file_counters(ucmd->df, &sum);
	else
		lab_endpoint_read(&lab_ucmd_endpoint(ucmd)->node->ep, &sum);
	mutex_unlock(&machine->space.attach_lock);
	stats->lookups = lab_counters_lookups(&sum);
	stats->hits = sum.c[LAB_CNT_HIT];
	stats->misses = sum.c[LAB_CNT_MISS];
	stats->stale = sum.c[LAB_CNT_STALE];
	stats->walks = sum.c[LAB_CNT_WALK];
	stats->walk_steps = sum.c[LAB_CNT_WALK_STEP];
	stats->psc_hits = sum.c[LAB_CNT_PSC_HIT];
	stats->context_hits = lab_counters_context_hits(&sum);
	stats->context_misses = sum.c[LAB_CNT_CTX_MISS];
	stats->insertions = sum.c[LAB_CNT_INSERT];
	stats->evictions = sum.c[LAB_CNT_EVICT];
	stats->faults = lab_counters_faults(&sum);
	return lab_respond(ucmd);
}
