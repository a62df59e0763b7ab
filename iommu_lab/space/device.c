// SPDX-License-Identifier: GPL-2.0
/*
 * A device and its blocked state: no context entry, or, with reserved direct
 * ranges, one whose table holds nothing else.
 */

#include <linux/printk.h>
#include <linux/slab.h>
#include "space_int.h"

static int fill_blocked(struct lab_remap_domain *rd,
			const struct lab_resv *rmrrs, unsigned int nr_rmrrs)
{
	struct lab_remap_gather gather;
	unsigned int i;
	u64 mapped;
	int err;

	lab_remap_gather_init(&gather);
	for (i = 0; i < nr_rmrrs; i++) {
		err = lab_remap_map(rd, rmrrs[i].start, rmrrs[i].start,
				    rmrrs[i].last - rmrrs[i].start + 1,
				    LAB_PROT_RIGHTS | LAB_PROT_REGION, GFP_KERNEL,
				    &gather, &mapped);
		if (err)
			return err;
	}
	return lab_remap_map_sync(rd, &gather);
}

static int init_blocked(struct lab_device *dev)
{
	const struct lab_unit_caps *caps = lab_unit_caps(dev->unit);
	struct lab_remap_config config = {
		.pt = {
			.levels = fls(caps->levels) - 1,
			.leaf_levels = caps->leaf_levels | BIT(0),
			.oa_bits = lab_unit_params(dev->unit)->width,
		},
	};
	struct lab_remap_domain *rd;
	int err;

	rd = kzalloc(sizeof(*rd), GFP_KERNEL);
	if (!rd)
		return -ENOMEM;
	err = lab_remap_domain_init(rd, &config, GFP_KERNEL);
	if (err)
		goto free;
	err = fill_blocked(rd, dev->rmrrs, dev->nr_rmrrs);
	if (!err)
		err = lab_remap_attach(rd, dev->unit, dev->sid);
	if (err)
		goto destroy;
	dev->blocked = rd;
	return 0;

destroy:
	lab_remap_domain_destroy(rd);
free:
	kfree(rd);
	return err;
}

/**
 * lab_device_init - a device, blocked
 * @dev: what to fill in
 * @unit: unit that translates for it; outlives it. NULL: IOMMU off; then its
 *	ranges are mapped while it is attached only
 * @sid: source-id
 * @rmrrs: its reserved direct ranges, which lab_space_init() was told of too;
 *	they do not overlap; outlive it
 * @nr_rmrrs: how many
 *
 * Context: may sleep. Nobody else attaches meanwhile.
 * Return: 0, -ENOMEM, or why the unit refused the table of the ranges.
 */
int lab_device_init(struct lab_device *dev, struct lab_unit *unit, u16 sid,
		    const struct lab_resv *rmrrs, unsigned int nr_rmrrs)
{
	*dev = (struct lab_device){
		.unit = unit,
		.sid = sid,
		.rmrrs = rmrrs,
		.nr_rmrrs = nr_rmrrs,
	};
	INIT_LIST_HEAD(&dev->link);
	return unit && nr_rmrrs ? init_blocked(dev) : 0;
}

/**
 * lab_device_release - the end of a device
 * @dev: device that is attached to no domain
 *
 * Behind a dead unit the tables of its blocked state are kept for good, which
 * lab_remap_domain_destroy() takes care of.
 *
 * Context: may sleep. Nobody else attaches meanwhile.
 */
void lab_device_release(struct lab_device *dev)
{
	WARN_ON(dev->domain);
	if (!dev->blocked)
		return;
	lab_remap_detach(dev->blocked, dev->unit, dev->sid);
	lab_remap_domain_destroy(dev->blocked);
	kfree(dev->blocked);
	dev->blocked = NULL;
}
