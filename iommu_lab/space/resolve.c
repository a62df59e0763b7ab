// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU off: what is behind a device address, without a unit.
 *
 * Two kinds of domain, decided when it is made:
 *
 * - physical (domain->phys), of somebody who may use physical addresses: these
 *   are the device addresses. Only pages that are mapped in the domain, with the
 *   right that is asked for, are reached: see pfns.c.
 * - opaque: the device address is the IOVA, which says nothing of physical
 *   memory. The domain's own table is walked.
 *
 * An identity domain reaches all RAM, as with a unit.
 *
 * Who takes something away changes table and pfns first, then waits for an RCU
 * grace period (lab_domain_sync()): the engine runs each chunk with interrupts
 * off, and resolves its address in there.
 */
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include "space_int.h"

static bool walk(const struct lab_domain *domain, u64 address, bool write,
		 u64 *pa, enum lab_memory *memory)
{
	struct lab_walk walk = {};

	if (lab_vtdss_lookup(&domain->remap.pt, address, &walk) !=
	    LAB_WALK_LEAF ||
	    !(walk.prot & (write ? LAB_PROT_WRITE : LAB_PROT_READ)))
		return false;
	*pa = walk.oa;
	*memory = lab_memory(walk.prot);
	return true;
}

/**
 * lab_domain_resolve - the physical address of a device address
 * @data: struct lab_domain that the device is attached to; no unit
 * @address: device address, any byte
 * @write: kind of access
 * @pa: out: physical address
 * @memory: out: what may be there
 *
 * Context: interrupts off until the access is over.
 * Return: false: nothing is mapped there, or not for this kind of access.
 */
bool lab_domain_resolve(void *data, u64 address, bool write, u64 *pa,
			enum lab_memory *memory)
{
	struct lab_domain *domain = data;

	lockdep_assert_irqs_disabled();
	/* reserved direct ranges are in the table, at their own addresses */
	if (domain->policy != LAB_POLICY_IDENTITY &&
	    (!domain->phys ||
	     lab_space_is_reserved(domain->space, address, address)))
		return walk(domain, address, write, pa, memory);
	if (domain->phys &&
	    !lab_pfns_allows(&domain->pfns, PHYS_PFN(address), write))
		return false;
	*pa = address;
	*memory = domain->phys ? LAB_MEMORY_RAM : LAB_MEMORY_ANY;
	return true;
}

/**
 * lab_domain_sync - wait until nobody uses what was unmapped
 * @domain: domain
 * @gather: as for lab_remap_sync()
 *
 * Context: may sleep.
 * Return: as lab_remap_sync().
 */
int lab_domain_sync(struct lab_domain *domain, struct lab_remap_gather *gather)
{
	/* no unit that could be asked: each chunk in flight is an RCU reader */
	if (lab_space_is_off(domain->space))
		synchronize_rcu();
	return lab_remap_sync(&domain->remap, gather);
}
