// SPDX-License-Identifier: GPL-2.0
/*
 * Which addresses a device uses for a mapped range, as a list that can be given
 * to its engine.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/pfn.h>
#include <linux/sched.h>
#include "space_int.h"

/**
 * struct lab_address_list - a list that is being made
 * @out: where entries go
 * @room: how many of them
 * @nr: entries so far, those that found no room too
 * @last: the newest entry, which may grow
 */
struct lab_address_list {
	struct lab_address *out;
	u32 room;
	u32 nr;
	struct lab_address last;
};

/* what touches the entry before becomes one with it */
static void add(struct lab_address_list *list, u64 addr, u64 length)
{
	if (list->nr && list->last.addr + list->last.length == addr) {
		list->last.length += length;
	} else {
		list->last = (struct lab_address){ addr, length };
		list->nr++;
	}
	if (list->nr <= list->room)
		list->out[list->nr - 1] = list->last;
}

/* physical addresses of @length bytes from @skip bytes on in a mapping */
static void add_phys(struct lab_address_list *list,
		     const struct lab_mapping *mapping, u64 skip, u64 length)
{
	u64 before = offset_in_page(skip);
	struct lab_extent_cursor cursor = {
		.extents = mapping->extents,
		.nr = mapping->nr_extents,
		.skip = skip >> PAGE_SHIFT,
		.left = PFN_UP(before + length),
	};
	struct lab_extent run;

	if (mapping->direct) {
		add(list, mapping->start + skip, length);
		return;
	}
	while (lab_extent_next(&cursor, &run)) {
		u64 bytes = (u64)run.pages << PAGE_SHIFT;
		u64 part = min(bytes - before, length);

		add(list, page_to_phys(run.page) + before, part);
		length -= part;
		before = 0;
		cond_resched();
	}
}

static int collect(struct lab_domain *domain, u64 iova, u64 length, bool phys,
		   struct lab_address_list *list, struct lab_refusal *refusal)
{
	while (length) {
		const struct lab_mapping *mapping;
		u64 part;

		mapping = lab_iova_next(domain, iova, iova);
		if (!mapping)
			return lab_refuse(refusal, -ENOENT,
					  "nothing is mapped at IOVA %#llx: all of the range must be",
					  iova);
		part = min(mapping->last - iova + 1, length);
		if (phys)
			add_phys(list, mapping, iova - mapping->start, part);
		else
			add(list, iova, part);
		iova += part;
		length -= part;
		cond_resched();
	}
	return 0;
}

/**
 * lab_domain_addresses - the addresses that devices use for a mapped range
 * @domain: domain
 * @iova: first byte of the range, any alignment
 * @length: bytes, not 0
 * @phys: physical addresses, whatever devices use
 * @out: out: the list, in the range's order, what touches merged
 * @room: entries that @out has room for
 * @nr: out: entries of the whole list; only the first @room are in @out
 * @refusal: of the file that asked, or NULL
 *
 * Device addresses are IOVAs, or physical addresses where the domain has those
 * (domain->phys). The caller keeps the range mapped for as long as it uses them.
 *
 * Context: may sleep. Takes map_lock.
 * Return: 0; -EINVAL: empty or wrapping; -EPERM: no right to physical addresses;
 * -ENOENT: not all of it is mapped.
 */
int lab_domain_addresses(struct lab_domain *domain, u64 iova, u64 length,
			 bool phys, struct lab_address *out, u32 room, u32 *nr,
			 struct lab_refusal *refusal)
{
	struct lab_address_list list = { .out = out, .room = room };
	u64 last;
	int err;

	if (!length || check_add_overflow(iova, length - 1, &last))
		return lab_refuse(refusal, -EINVAL,
				  "IOVA %#llx and length %#llx: must not be empty, nor wrap around",
				  iova, length);
	phys |= domain->phys;
	if (phys && !lab_may_use_phys())
		return lab_refuse(refusal, -EPERM,
				  "physical addresses need CAP_SYS_RAWIO and a kernel that is not locked down");
	if (domain->policy == LAB_POLICY_IDENTITY) {
		add(&list, iova, length);
		*nr = list.nr;
		return 0;
	}
	mutex_lock(&domain->map_lock);
	err = collect(domain, iova, length, phys, &list, refusal);
	mutex_unlock(&domain->map_lock);
	*nr = list.nr;
	return err;
}
