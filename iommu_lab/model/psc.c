// SPDX-License-Identifier: GPL-2.0
/*
 * The paging-structure cache (VT-d 6.2.5): level-2 entries that point to a
 * level-1 table, direct-mapped. A walk that finds one reads a single entry.
 *
 * The tag: IOVA >> 21 above bit 17, domain id in bits 16:1, bit 0 set.
 */
#include <linux/lockdep.h>
#include "vtd_int.h"

#define LAB_PSC_LEVEL	2

static u64 lab_psc_tag(u64 iova, u16 did)
{
	return iova >> lab_level_shift(LAB_PSC_LEVEL) << 17 | (u64)did << 1 | 1;
}

static u16 lab_psc_did(u64 tag)
{
	return tag >> 1;
}

static struct lab_psc_entry *lab_psc_slot(const struct lab_vtd *vtd, u64 tag)
{
	u64 hash = tag >> 17 ^ lab_did_spread(lab_psc_did(tag));

	return &vtd->psc[hash % LAB_PSC_SLOTS];
}

/**
 * lab_psc_lookup - where a walk can begin
 * @vtd: the unit
 * @did: domain id
 * @walk: in: iova; out, when found: table, level, prot
 *
 * Interrupts are off.
 *
 * Return: true if found.
 */
bool lab_psc_lookup(const struct lab_vtd *vtd, u16 did, struct lab_walk *walk)
{
	u64 tag = lab_psc_tag(walk->iova, did);
	struct lab_psc_entry *entry = lab_psc_slot(vtd, tag);
	u64 table;
	u32 seq;
	u8 prot;

	do {
		seq = lab_seq_begin(&entry->seq);
		if (READ_ONCE(entry->tag) != tag)
			return false;
		table = READ_ONCE(entry->table);
		prot = READ_ONCE(entry->prot);
	} while (lab_seq_changed(&entry->seq, seq));
	walk->table = table;
	walk->prot = prot;
	walk->level = LAB_PSC_LEVEL - 1;
	return true;
}

static void lab_psc_write(struct lab_vtd *vtd, struct lab_psc_entry *entry,
			  u64 tag, u64 table, u8 prot)
{
	vtd->stats.psc_present += !!tag - !!entry->tag;
	lab_seq_write_begin(&entry->seq);
	WRITE_ONCE(entry->tag, tag);
	WRITE_ONCE(entry->table, table);
	WRITE_ONCE(entry->prot, prot);
	lab_seq_write_end(&entry->seq);
}

/**
 * lab_psc_insert - cache the level-1 table where a walk ended
 * @vtd: the unit
 * @generation: as it was before the first table word was read
 * @did: domain id
 * @walk: ended at an entry of a level-1 table
 *
 * Interrupts are off; takes cache_lock.
 *
 * Return: false if an invalidation has run since.
 */
bool lab_psc_insert(struct lab_vtd *vtd, u64 generation, u16 did,
		    const struct lab_walk *walk)
{
	u64 tag = lab_psc_tag(walk->iova, did);
	bool current_fill;

	lockdep_assert_irqs_disabled();
	raw_spin_lock(&vtd->cache_lock);
	current_fill = generation == vtd->generation;
	if (current_fill)
		lab_psc_write(vtd, lab_psc_slot(vtd, tag), tag, walk->table,
			      walk->table_prot);
	raw_spin_unlock(&vtd->cache_lock);
	return current_fill;
}

/**
 * lab_psc_invalidate_all - with a global IOTLB invalidation
 * @vtd: the unit, cache_lock held
 */
void lab_psc_invalidate_all(struct lab_vtd *vtd)
{
	lockdep_assert_held(&vtd->cache_lock);
	for (unsigned int i = 0; i < LAB_PSC_SLOTS && vtd->stats.psc_present; i++)
		if (vtd->psc[i].tag)
			lab_psc_write(vtd, &vtd->psc[i], 0, 0, 0);
}

/**
 * lab_psc_invalidate - with a domain-selective one, and a page-selective one
 *	whose invalidation hint (IH) is 0
 * @vtd: the unit, cache_lock held
 * @did: domain id
 * @start: first IOVA
 * @last: last IOVA (inclusive)
 */
void lab_psc_invalidate(struct lab_vtd *vtd, u16 did, u64 start, u64 last)
{
	u64 step = 1ULL << lab_level_shift(LAB_PSC_LEVEL);
	u64 first = start & ~(step - 1);

	lockdep_assert_held(&vtd->cache_lock);
	if ((last - first) / step < LAB_PSC_SLOTS) {
		for (u64 n = 0; n <= (last - first) / step; n++) {
			u64 tag = lab_psc_tag(first + n * step, did);
			struct lab_psc_entry *entry = lab_psc_slot(vtd, tag);

			if (entry->tag == tag)
				lab_psc_write(vtd, entry, 0, 0, 0);
		}
		return;
	}
	for (unsigned int i = 0; i < LAB_PSC_SLOTS; i++) {
		struct lab_psc_entry *entry = &vtd->psc[i];
		u64 iova = entry->tag >> 17 << lab_level_shift(LAB_PSC_LEVEL);

		if (entry->tag && lab_psc_did(entry->tag) == did &&
		    iova >= first && iova <= last)
			lab_psc_write(vtd, entry, 0, 0, 0);
	}
}
