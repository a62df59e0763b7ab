// SPDX-License-Identifier: GPL-2.0
/*
 * A page of a domain of the DMA API that is taken away behind the back of the driver
 * that mapped it, for tests: what a driver does when its device is refused.
 *
 * The range stays the driver's, and it may unmap at any time, in any context. So
 * while domain->hidden.armed is set, whoever unmaps does it under hidden.lock, and
 * so do hiding and restoring: a page is put back only while its owner has not
 * unmapped it, and its table cannot go meanwhile. Who has seen the flag clear unmaps
 * without the lock, in an RCU read-side critical section that hiding waits for.
 */
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include "space_int.h"

/* whether [@iova, @iova + @length) has the hidden page; hidden.lock is held */
static bool covers(const struct lab_hidden *hidden, u64 iova, u64 length)
{
	return hidden->prot && hidden->iova >= iova &&
	       hidden->iova - iova < length;
}

/* no page is hidden any more; hidden.lock is held */
static void forget(struct lab_hidden *hidden)
{
	hidden->prot = 0;
	/* whoever sees it clear sees a leaf that was put back */
	smp_store_release(&hidden->armed, false);
}

/**
 * lab_hidden_unmap - lab_remap_unmap() while a page may be hidden
 * @domain: LAB_CORE_PAGING
 * @iova: begin of the range; bytes, multiple of 4 KiB
 * @length: bytes, multiple of 4 KiB
 * @gather: as for lab_remap_unmap()
 *
 * A hidden page in the range is unmapped as any other, and stays so.
 *
 * Context: any; takes hidden.lock.
 * Return: bytes unmapped, a hidden page among them.
 */
u64 lab_hidden_unmap(struct lab_domain *domain, u64 iova, u64 length,
		     struct lab_remap_gather *gather)
{
	struct lab_hidden *hidden = &domain->hidden;
	unsigned long flags;
	u64 unmapped = 0;

	raw_spin_lock_irqsave(&hidden->lock, flags);
	if (covers(hidden, iova, length)) {
		forget(hidden);
		unmapped = PAGE_SIZE;
	}
	unmapped += lab_remap_unmap(&domain->remap, iova, length, gather);
	raw_spin_unlock_irqrestore(&hidden->lock, flags);
	return unmapped;
}

/**
 * lab_hidden_lookup - where an IOVA leads while a page may be hidden
 * @domain: LAB_CORE_PAGING
 * @iova: the IOVA
 *
 * Context: any, in an RCU read-side critical section; takes hidden.lock.
 * Return: the physical address, 0 if there is none. That of a hidden page is what
 * its owner has mapped.
 */
u64 lab_hidden_lookup(struct lab_domain *domain, u64 iova)
{
	struct lab_hidden *hidden = &domain->hidden;
	struct lab_walk walk = {};
	unsigned long flags;
	u64 pa = 0;

	raw_spin_lock_irqsave(&hidden->lock, flags);
	if (covers(hidden, iova & PAGE_MASK, PAGE_SIZE))
		pa = hidden->pa | (iova & ~PAGE_MASK);
	else if (lab_vtdss_lookup(&domain->remap.pt, iova, &walk) ==
		 LAB_WALK_LEAF)
		pa = walk.oa;
	raw_spin_unlock_irqrestore(&hidden->lock, flags);
	return pa;
}

/* clears the leaf of a page and keeps what it was */
static int take(struct lab_domain *domain, u64 iova,
		struct lab_remap_gather *gather)
{
	struct lab_hidden *hidden = &domain->hidden;
	struct lab_walk walk = {};
	enum lab_walk_status status;
	unsigned long flags;
	int err = 0;

	raw_spin_lock_irqsave(&hidden->lock, flags);
	rcu_read_lock();
	/* nobody else clears a leaf meanwhile: what is found is what goes */
	status = lab_vtdss_lookup(&domain->remap.pt, iova, &walk);
	if (status == LAB_WALK_LEAF && walk.level == 1 &&
	    lab_remap_unmap(&domain->remap, iova, PAGE_SIZE, gather)) {
		hidden->iova = iova;
		hidden->pa = walk.oa & PAGE_MASK;
		hidden->prot = walk.prot;
	} else {
		forget(hidden);
		err = -ENOENT;
	}
	rcu_read_unlock();
	raw_spin_unlock_irqrestore(&hidden->lock, flags);
	return err;
}

/**
 * lab_core_hide - take a page away from the devices of a domain
 * @domain: a domain that a device is attached to
 * @iova: any IOVA of the page
 *
 * Its owner is not told, and may unmap it as before. A page that is hidden already
 * is put back first, whatever comes of this one. When it has returned 0, devices are
 * refused.
 *
 * Context: may sleep; slots_lock is held.
 * Return: 0; -ENODEV: the core did not make the domain, or it has no table;
 * -EOPNOTSUPP: it is not the DMA API's: other owners look for their pages in the
 * table; -ENOENT: no leaf of 4 KiB is there; what lab_core_restore() returns.
 */
int lab_core_hide(struct lab_domain *domain, u64 iova)
{
	struct lab_remap_gather gather;
	int err;

	lockdep_assert_held(&domain->space->slots_lock);
	if (domain->core != LAB_CORE_PAGING)
		return -ENODEV;
	if (!(domain->iommu.type & __IOMMU_DOMAIN_DMA_API))
		return -EOPNOTSUPP;
	err = lab_core_restore(domain);
	if (err && err != -ENOENT)
		return err;

	WRITE_ONCE(domain->hidden.armed, true);
	/* until the last one who unmaps without the lock is through */
	synchronize_rcu();
	lab_remap_gather_init(&gather);
	err = take(domain, iova & PAGE_MASK, &gather);
	lab_core_check(domain, lab_remap_sync(&domain->remap, &gather));
	return err;
}

/**
 * lab_core_restore - put the hidden page back
 * @domain: a domain that a device is attached to
 *
 * Context: may sleep; slots_lock is held.
 * Return: 0; -ENODEV: as lab_core_hide(); -ENOENT: no page is hidden, or its owner
 * has unmapped it meanwhile; what lab_remap_map() returns: the page is still hidden.
 */
int lab_core_restore(struct lab_domain *domain)
{
	struct lab_hidden *hidden = &domain->hidden;
	struct lab_remap_gather gather;
	unsigned long flags;
	int err = -ENOENT;
	u64 mapped;

	lockdep_assert_held(&domain->space->slots_lock);
	if (domain->core != LAB_CORE_PAGING)
		return -ENODEV;
	lab_remap_gather_init(&gather);
	raw_spin_lock_irqsave(&hidden->lock, flags);
	if (hidden->prot) {
		/* its table is there: only its owner's unmap takes that away */
		err = lab_remap_map(&domain->remap, hidden->iova, hidden->pa,
				    PAGE_SIZE, hidden->prot, GFP_ATOMIC,
				    &gather, &mapped);
		if (!err)
			forget(hidden);
	}
	raw_spin_unlock_irqrestore(&hidden->lock, flags);
	lab_core_check(domain, lab_remap_map_sync(&domain->remap, &gather));
	return err;
}

/**
 * lab_core_hidden - which page is hidden
 * @domain: any domain
 * @iova: out: first IOVA of the page, if there is one
 *
 * Context: any; takes hidden.lock.
 * Return: whether a page is hidden.
 */
bool lab_core_hidden(struct lab_domain *domain, u64 *iova)
{
	struct lab_hidden *hidden = &domain->hidden;
	unsigned long flags;
	bool found;

	if (domain->core != LAB_CORE_PAGING)
		return false;
	raw_spin_lock_irqsave(&hidden->lock, flags);
	found = hidden->prot;
	*iova = hidden->iova;
	raw_spin_unlock_irqrestore(&hidden->lock, flags);
	return found;
}
