// SPDX-License-Identifier: GPL-2.0
/*
 * Process addresses that are marked as memory for devices.
 *
 * A maple tree with one entry for each marked range; ranges neither overlap nor
 * touch. Protected by map_lock, as the tree of IOVAs.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include "space_int.h"

#define MARKED	xa_mk_value(1)

/**
 * lab_marks_init - nothing is marked
 * @domain: domain whose map_lock is initialised
 *
 * Context: any.
 */
void lab_marks_init(struct lab_domain *domain)
{
	mt_init_flags(&domain->marks, MT_FLAGS_LOCK_EXTERN);
	mt_set_external_lock(&domain->marks, &domain->map_lock);
	domain->nr_marks = 0;
}

/**
 * lab_marks_destroy - free the tree
 * @domain: domain that is closed
 *
 * Context: may sleep. Takes map_lock.
 */
void lab_marks_destroy(struct lab_domain *domain)
{
	mutex_lock(&domain->map_lock);
	__mt_destroy(&domain->marks);
	mutex_unlock(&domain->map_lock);
}

static int check_range(const struct lab_domain *domain, u64 addr, u64 length,
		       u64 *last, struct lab_refusal *refusal)
{
	if (!(domain->flags & LAB_DOMAIN_MARKED_ONLY))
		return lab_refuse(refusal, -EOPNOTSUPP,
				  "this domain maps unmarked memory, too: create one with MARKED_ONLY (4)");
	if (!length || !PAGE_ALIGNED(length) || !PAGE_ALIGNED(addr))
		return lab_refuse(refusal, -EINVAL,
				  "address %#llx and length %#llx must be multiples of %#lx, length not 0",
				  addr, length, PAGE_SIZE);
	if (check_add_overflow(addr, length - 1, last))
		return lab_refuse(refusal, -EINVAL,
				  "address %#llx + %#llx bytes wraps around",
				  addr, length);
	return 0;
}

/* ranges that meet [start, last] */
static unsigned int count(struct lab_domain *domain, u64 start, u64 last)
{
	MA_STATE(mas, &domain->marks, start, start);
	unsigned int n = 0;
	void *entry;

	mas_for_each(&mas, entry, last)
		n++;
	return n;
}

/* the mark that @addr is in */
static bool find(struct lab_domain *domain, u64 addr, u64 *start, u64 *last)
{
	MA_STATE(mas, &domain->marks, addr, addr);

	if (!mas_walk(&mas))
		return false;
	*start = mas.index;
	*last = mas.last;
	return true;
}

static int store(struct lab_domain *domain, u64 start, u64 last, void *entry,
		 struct lab_refusal *refusal)
{
	MA_STATE(mas, &domain->marks, start, last);
	int err = mas_store_gfp(&mas, entry, GFP_KERNEL_ACCOUNT);

	return err ? lab_refuse(refusal, err, "no memory to remember the marks") :
		     0;
}

static int refuse_full(struct lab_refusal *refusal)
{
	return lab_refuse(refusal, -ENOSPC,
			  "%u separate ranges are marked, the most there can be: mark larger ones, or clear some",
			  LAB_MAX_MARKS);
}

static int mark(struct lab_domain *domain, u64 start, u64 last,
		struct lab_refusal *refusal)
{
	u64 first, end;
	unsigned int merged;
	int err;

	/* what touches the range becomes one with it */
	if (start && find(domain, start - 1, &first, &end))
		start = first;
	if (last != U64_MAX && find(domain, last + 1, &first, &end))
		last = end;
	merged = count(domain, start, last);
	if (!merged && domain->nr_marks >= LAB_MAX_MARKS)
		return refuse_full(refusal);
	err = store(domain, start, last, MARKED, refusal);
	if (!err)
		domain->nr_marks = domain->nr_marks - merged + 1;
	return err;
}

static int unmark(struct lab_domain *domain, u64 start, u64 last,
		  struct lab_refusal *refusal)
{
	unsigned int met = count(domain, start, last), left = 0;
	u64 first, end;
	int err;

	if (!met)
		return 0;
	/* what sticks out at either end stays, as a range of its own */
	if (find(domain, start, &first, &end) && first < start)
		left++;
	if (find(domain, last, &first, &end) && end > last)
		left++;
	if (domain->nr_marks - met + left > LAB_MAX_MARKS)
		return refuse_full(refusal);
	err = store(domain, start, last, NULL, refusal);
	if (!err)
		domain->nr_marks = domain->nr_marks - met + left;
	return err;
}

/**
 * lab_domain_mark - say whether process memory may be mapped
 * @domain: domain with LAB_DOMAIN_MARKED_ONLY
 * @addr: process address, page aligned
 * @length: bytes, a multiple of the page size, not 0
 * @on: from now on it may; else it may not any more, but what is mapped stays so
 * @refusal: of the file that asked, or NULL
 *
 * Context: may sleep. Takes map_lock.
 * Return: 0; -EOPNOTSUPP: the domain asks for no marks; -EINVAL: misaligned,
 * zero, wrapping; -ENOSPC: LAB_MAX_MARKS; -ENOMEM.
 */
int lab_domain_mark(struct lab_domain *domain, u64 addr, u64 length, bool on,
		    struct lab_refusal *refusal)
{
	u64 last;
	int err;

	err = check_range(domain, addr, length, &last, refusal);
	if (err)
		return err;
	mutex_lock(&domain->map_lock);
	err = on ? mark(domain, addr, last, refusal) :
		   unmark(domain, addr, last, refusal);
	mutex_unlock(&domain->map_lock);
	return err;
}

/**
 * lab_marks_check - refuse to map memory that is not marked
 * @domain: where to map
 * @request: its ranges are looked at
 * @refusal: of the file that asked, or NULL
 *
 * Once is enough: clearing leaves what is mapped, so a clear that comes while the
 * request is carried out might as well have come after it.
 *
 * Context: may sleep. Takes map_lock.
 * Return: 0, at once where the domain asks for no marks; -EPERM.
 */
int lab_marks_check(struct lab_domain *domain,
		    const struct lab_map_request *request,
		    struct lab_refusal *refusal)
{
	const struct lab_range *bad = NULL;
	unsigned int i;
	u64 first, end;

	if (!(domain->flags & LAB_DOMAIN_MARKED_ONLY))
		return 0;
	mutex_lock(&domain->map_lock);
	for (i = 0; i < request->nr && !bad; i++) {
		const struct lab_range *range = &request->ranges[i];

		/* touching ranges are one: a range lies in one mark, or not at all */
		if (!find(domain, range->addr, &first, &end) ||
		    range->addr + range->length - 1 > end)
			bad = range;
	}
	mutex_unlock(&domain->map_lock);
	if (!bad)
		return 0;
	return lab_refuse(refusal, -EPERM,
			  "%#llx bytes at process address %#llx: not all of it is marked: IOMMU_LAB_MARK it first",
			  bad->length, bad->addr);
}
