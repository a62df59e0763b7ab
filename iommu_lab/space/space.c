// SPDX-License-Identifier: GPL-2.0
/* What all domains share: the units' common table, reserved ranges, quotas. */

#include <linux/bitops.h>
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include "space_int.h"

/*
 * The interrupt address range of x86 (VT-d 3.14): requests to it are never
 * translated.
 */
static const struct lab_resv interrupt_window = { 0xfee00000, 0xfeefffff };

/* levels that pgtable/ has, as in struct lab_unit_caps */
#define ALL_LEVELS	(BIT(3) | BIT(4) | BIT(5))
#define ALL_LEAVES	(BIT(0) | BIT(1) | BIT(2))
#define MAX_OA_BITS	52

static int common_table(struct lab_space *space)
{
	unsigned long levels = ALL_LEVELS;
	unsigned long leaves = ALL_LEAVES;
	u8 width = MAX_OA_BITS;
	unsigned int i;

	for (i = 0; i < space->nr_units; i++) {
		const struct lab_unit_caps *caps;

		caps = lab_unit_caps(space->units[i]);
		levels &= caps->levels;
		leaves &= caps->leaf_levels | BIT(0);
		width = min(width, lab_unit_params(space->units[i])->width);
	}
	if (!levels) {
		pr_err("the units have no number of table levels in common: one domain cannot serve all of them\n");
		return -ENODEV;
	}
	space->pt.levels = __fls(levels);
	space->pt.leaf_levels = leaves;
	space->pt.oa_bits = width;
	return 0;
}

static int compare_resv(const void *a, const void *b)
{
	const struct lab_resv *x = a, *y = b;

	if (x->start == y->start)
		return 0;
	return x->start < y->start ? -1 : 1;
}

/* sorts, and merges what overlaps or touches */
static unsigned int merge_resv(struct lab_resv *resv, unsigned int nr)
{
	unsigned int i, out = 0;

	sort(resv, nr, sizeof(*resv), compare_resv, NULL);
	for (i = 1; i < nr; i++) {
		struct lab_resv *top = &resv[out];

		if (resv[i].start && resv[i].start - 1 > top->last)
			resv[++out] = resv[i];
		else
			top->last = max(top->last, resv[i].last);
	}
	return out + 1;
}

/**
 * lab_space_init - where domains live
 * @space: what to fill in
 * @units: units that domains can be attached to; the array and they outlive
 *	@space
 * @nr_units: how many; with 0 domains get the largest tables there are
 * @rmrrs: reserved direct ranges of all devices (copied); page aligned
 * @nr_rmrrs: how many
 * @limits: quotas for each user (copied)
 *
 * Context: may sleep.
 * Return: 0; -EINVAL: a range that is not whole pages; -ENODEV: units without a
 * common table; -ENOMEM.
 */
int lab_space_init(struct lab_space *space, struct lab_unit **units,
		   unsigned int nr_units, const struct lab_resv *rmrrs,
		   unsigned int nr_rmrrs, const struct lab_limits *limits)
{
	unsigned int i;
	int err;

	*space = (struct lab_space){
		.units = units,
		.nr_units = nr_units,
		.limits = *limits,
	};
	err = common_table(space);
	if (err)
		return err;

	for (i = 0; i < nr_rmrrs; i++) {
		if (PAGE_ALIGNED(rmrrs[i].start) &&
		    PAGE_ALIGNED(rmrrs[i].last + 1) &&
		    rmrrs[i].start < rmrrs[i].last)
			continue;
		pr_err("reserved region %#llx-%#llx is no range of whole pages\n",
		       rmrrs[i].start, rmrrs[i].last);
		return -EINVAL;
	}
	space->resv = kcalloc(nr_rmrrs + 1, sizeof(*rmrrs), GFP_KERNEL);
	space->core_counters = alloc_percpu(struct lab_core_counters);
	if (!space->resv || !space->core_counters) {
		free_percpu(space->core_counters);
		kfree(space->resv);
		space->resv = NULL;
		return -ENOMEM;
	}
	space->resv[0] = interrupt_window;
	for (i = 0; i < nr_rmrrs; i++)
		space->resv[i + 1] = rmrrs[i];
	space->nr_resv = merge_resv(space->resv, nr_rmrrs + 1);

	mutex_init(&space->attach_lock);
	mutex_init(&space->slots_lock);
	xa_init_flags(&space->domains, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	xa_init_flags(&space->users, XA_FLAGS_ACCOUNT);
	xa_init_flags(&space->buffers, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	atomic_set(&space->nr_domains, 0);
	atomic_long_set(&space->kept_pages, 0);
	atomic_set(&space->core_domains, 0);
	atomic_set(&space->core_ids, 0);
	return 0;
}

/**
 * lab_space_destroy - the end; each domain was closed and put
 * @space: what lab_space_init() made
 *
 * Context: may sleep.
 */
void lab_space_destroy(struct lab_space *space)
{
	long kept = atomic_long_read(&space->kept_pages);
	struct lab_user *user;
	unsigned long uid;

	WARN_ON(atomic_read(&space->nr_domains));
	WARN_ON(atomic_read(&space->core_domains));
	if (kept)
		pr_warn("%ld pages are kept for good behind a dead unit\n",
			kept);
	/* accounts that something behind a dead unit is still charged to */
	xa_for_each(&space->users, uid, user)
		kfree(user);
	xa_destroy(&space->users);
	xa_destroy(&space->buffers);
	xa_destroy(&space->domains);
	mutex_destroy(&space->slots_lock);
	mutex_destroy(&space->attach_lock);
	free_percpu(space->core_counters);
	kfree(space->resv);
}

/**
 * lab_space_last_iova - the last IOVA that a table of a domain can map
 * @space: where
 *
 * Context: any. Return: the IOVA.
 */
u64 lab_space_last_iova(const struct lab_space *space)
{
	return (1ULL << lab_level_shift(space->pt.levels + 1)) - 1;
}

/**
 * lab_space_page_sizes - the sizes of leaves that a domain can have
 * @space: where
 *
 * Context: any. Return: bit n set: pages of 2^n bytes.
 */
unsigned long lab_space_page_sizes(const struct lab_space *space)
{
	unsigned long sizes = 0;
	unsigned int level;

	for (level = 1; level <= space->pt.levels; level++)
		if (space->pt.leaf_levels & BIT(level - 1))
			sizes |= BIT(lab_level_shift(level));
	return sizes;
}

/**
 * lab_space_is_reserved - whether a range is never handed out as IOVA
 * @space: where
 * @start: first address
 * @last: last address (inclusive)
 *
 * Context: any.
 * Return: true when all of it lies in one reserved range.
 */
bool lab_space_is_reserved(const struct lab_space *space, u64 start, u64 last)
{
	unsigned int i;

	for (i = 0; i < space->nr_resv; i++)
		if (space->resv[i].start <= start && last <= space->resv[i].last)
			return true;
	return false;
}

/**
 * lab_may_use_phys - whether the caller may know and choose physical addresses
 *
 * Asked for identity domains, at creation and at attach.
 *
 * Context: may sleep.
 * Return: true with CAP_SYS_RAWIO and no kernel lockdown.
 */
bool lab_may_use_phys(void)
{
	return capable(CAP_SYS_RAWIO) && !security_locked_down(LOCKDOWN_DEV_MEM);
}

/**
 * lab_may_see_phys - whether the caller is told physical addresses
 *
 * A question that everybody's queries ask: a no is not logged.
 *
 * Context: may sleep.
 * Return: as lab_may_use_phys().
 */
bool lab_may_see_phys(void)
{
	return ns_capable_noaudit(&init_user_ns, CAP_SYS_RAWIO) &&
	       !security_locked_down(LOCKDOWN_DEV_MEM);
}
