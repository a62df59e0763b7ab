// SPDX-License-Identifier: GPL-2.0
/*
 * The IOTLB: sets times ways, tagged by domain id, page number and page size
 * (VT-d 6.2.4). An entry also keeps where its leaf is in memory and what it
 * was, so that a hit can tell whether it is stale.
 *
 * The tag, in one word that a lookup compares:
 *
 *   63        19 18    3 2     0
 *   page number | did   | level     level 0: no entry
 *
 * The page number is IOVA >> (bits of the level): 45 bits with 57-bit IOVAs.
 */
#include <linux/bitmap.h>
#include <linux/lockdep.h>
#include "../pgtable/fmt_vtdss.h"
#include "vtd_int.h"

#define LAB_TAG_LEVEL	GENMASK_ULL(2, 0)
#define LAB_TAG_DID_SHIFT	3
#define LAB_TAG_PAGE_SHIFT	19

static u64 lab_iotlb_tag(u64 page, u16 did, unsigned int level)
{
	return page << LAB_TAG_PAGE_SHIFT | (u64)did << LAB_TAG_DID_SHIFT | level;
}

static unsigned int lab_tag_level(u64 tag)
{
	return tag & LAB_TAG_LEVEL;
}

static u16 lab_tag_did(u64 tag)
{
	return tag >> LAB_TAG_DID_SHIFT;
}

static u64 lab_tag_iova(u64 tag)
{
	return tag >> LAB_TAG_PAGE_SHIFT << lab_level_shift(lab_tag_level(tag));
}

/* Neighbouring pages get neighbouring sets, domains are spread. */
static u32 lab_iotlb_set(const struct lab_vtd *vtd, u64 page, u16 did)
{
	return (u32)(page ^ lab_did_spread(did)) & vtd->set_mask;
}

static struct lab_iotlb_entry *lab_iotlb_ways(const struct lab_vtd *vtd, u32 set)
{
	return vtd->iotlb + (size_t)set * vtd->ways;
}

/* Reads an entry whole. Returns false if it is another one by now. */
static bool lab_iotlb_read(struct lab_iotlb_entry *entry, u64 tag,
			   struct lab_iotlb_hit *hit)
{
	u32 seq;

	do {
		seq = lab_seq_begin(&entry->seq);
		if (READ_ONCE(entry->tag) != tag)
			return false;
		hit->leaf = READ_ONCE(entry->leaf);
		hit->leafp = READ_ONCE(entry->leafp);
		hit->prot = READ_ONCE(entry->prot);
	} while (lab_seq_changed(&entry->seq, seq));
	return true;
}

/**
 * lab_iotlb_lookup - look an IOVA up
 * @vtd: the unit
 * @did: domain id
 * @iova: the address
 * @hit: out: what was found
 *
 * Only page sizes that are present are probed, the smallest first. Interrupts
 * are off. Writes nothing but a reference bit that is clear.
 *
 * Return: true on a hit.
 */
bool lab_iotlb_lookup(const struct lab_vtd *vtd, u16 did, u64 iova,
		      struct lab_iotlb_hit *hit)
{
	unsigned int levels = READ_ONCE(vtd->levels_present);

	for (; levels; levels &= levels - 1) {
		unsigned int level = __ffs(levels) + 1;
		u64 page = iova >> lab_level_shift(level);
		u64 tag = lab_iotlb_tag(page, did, level);
		struct lab_iotlb_entry *entry, *end;

		entry = lab_iotlb_ways(vtd, lab_iotlb_set(vtd, page, did));
		for (end = entry + vtd->ways; entry < end; entry++) {
			if (READ_ONCE(entry->tag) != tag ||
			    !lab_iotlb_read(entry, tag, hit))
				continue;
			if (!READ_ONCE(entry->referenced))
				WRITE_ONCE(entry->referenced, 1);
			hit->level = level;
			return true;
		}
	}
	return false;
}

static void lab_iotlb_account(struct lab_vtd *vtd, unsigned int level, int n)
{
	vtd->stats.present += n;
	vtd->level_count[level] += n;
	if (n > 0 && vtd->level_count[level] == 1)
		WRITE_ONCE(vtd->levels_present,
			   vtd->levels_present | BIT(level - 1));
	else if (!vtd->level_count[level])
		WRITE_ONCE(vtd->levels_present,
			   vtd->levels_present & ~BIT(level - 1));
}

/* Second chance: the first way from the hand on that was not used lately. */
static struct lab_iotlb_entry *lab_iotlb_victim(struct lab_vtd *vtd, u32 set)
{
	struct lab_iotlb_entry *ways = lab_iotlb_ways(vtd, set);
	unsigned int hand = vtd->hands[set];
	struct lab_iotlb_entry *victim;

	/* other CPUs may set the bits again: at most one turn and one step */
	for (unsigned int i = 0; i <= vtd->ways; i++) {
		victim = &ways[hand];
		hand = hand + 1 == vtd->ways ? 0 : hand + 1;
		if (!READ_ONCE(victim->referenced))
			break;
		WRITE_ONCE(victim->referenced, 0);
	}
	vtd->hands[set] = hand;
	return victim;
}

static void lab_iotlb_write(struct lab_iotlb_entry *entry, u64 tag,
			    const struct lab_walk *walk)
{
	lab_seq_write_begin(&entry->seq);
	WRITE_ONCE(entry->tag, tag);
	WRITE_ONCE(entry->leaf, walk->entry);
	WRITE_ONCE(entry->leafp, walk->entryp);
	WRITE_ONCE(entry->prot, walk->prot);
	WRITE_ONCE(entry->referenced, 0);
	lab_seq_write_end(&entry->seq);
}

static struct lab_iotlb_entry *lab_iotlb_find(struct lab_vtd *vtd, u32 set,
					      u64 tag)
{
	struct lab_iotlb_entry *ways = lab_iotlb_ways(vtd, set);

	for (unsigned int way = 0; way < vtd->ways; way++)
		if (ways[way].tag == tag)
			return &ways[way];
	return NULL;
}

/**
 * lab_iotlb_insert - cache where a walk ended
 * @vtd: the unit
 * @generation: as it was before the first table word was read
 * @did: domain id
 * @walk: ended at a leaf, or (caching mode) at a not-present entry
 *
 * Interrupts are off; takes cache_lock.
 *
 * Return: what became of it.
 */
enum lab_fill lab_iotlb_insert(struct lab_vtd *vtd, u64 generation, u16 did,
			       const struct lab_walk *walk)
{
	u64 page = walk->iova >> lab_level_shift(walk->level);
	u64 tag = lab_iotlb_tag(page, did, walk->level);
	u32 set = lab_iotlb_set(vtd, page, did);
	enum lab_fill fill = LAB_FILL_DONE;
	struct lab_iotlb_entry *entry;

	lockdep_assert_irqs_disabled();
	raw_spin_lock(&vtd->cache_lock);
	if (generation != vtd->generation) {
		fill = LAB_FILL_DROPPED;
	} else if (lab_iotlb_find(vtd, set, tag)) {
		fill = LAB_FILL_PRESENT;
	} else {
		entry = lab_iotlb_find(vtd, set, 0);
		if (!entry) {
			entry = lab_iotlb_victim(vtd, set);
			lab_iotlb_account(vtd, lab_tag_level(entry->tag), -1);
			fill = LAB_FILL_EVICTED;
		}
		lab_iotlb_write(entry, tag, walk);
		__set_bit(set, vtd->sets_used);
		lab_iotlb_account(vtd, walk->level, 1);
	}
	raw_spin_unlock(&vtd->cache_lock);
	return fill;
}

/**
 * lab_iotlb_set_leaf - remember that A or D is set in a cached leaf
 * @vtd: the unit
 * @generation: as it was before the lookup
 * @did: domain id
 * @iova: the address that was looked up
 * @hit: what was found
 * @leaf: the leaf as it is known now
 *
 * Nothing is done when an invalidation has run since: the entry may be another, of
 * a leaf whose D was cleared again. Interrupts are off; takes cache_lock.
 */
void lab_iotlb_set_leaf(struct lab_vtd *vtd, u64 generation, u16 did, u64 iova,
			const struct lab_iotlb_hit *hit, u64 leaf)
{
	u64 page = iova >> lab_level_shift(hit->level);
	u32 set = lab_iotlb_set(vtd, page, did);
	struct lab_iotlb_entry *entry;

	lockdep_assert_irqs_disabled();
	raw_spin_lock(&vtd->cache_lock);
	entry = lab_iotlb_find(vtd, set, lab_iotlb_tag(page, did, hit->level));
	if (generation == vtd->generation && entry &&
	    entry->leafp == hit->leafp) {
		lab_seq_write_begin(&entry->seq);
		WRITE_ONCE(entry->leaf, entry->leaf | leaf);
		lab_seq_write_end(&entry->seq);
	}
	raw_spin_unlock(&vtd->cache_lock);
}

static void lab_iotlb_remove(struct lab_vtd *vtd, struct lab_iotlb_entry *entry)
{
	unsigned int level = lab_tag_level(entry->tag);

	lab_seq_write_begin(&entry->seq);
	WRITE_ONCE(entry->tag, 0);
	WRITE_ONCE(entry->referenced, 0);
	lab_seq_write_end(&entry->seq);
	lab_iotlb_account(vtd, level, -1);
	vtd->stats.removed++;
}

static void lab_iotlb_settle_set(struct lab_vtd *vtd, u32 set)
{
	struct lab_iotlb_entry *ways = lab_iotlb_ways(vtd, set);

	for (unsigned int way = 0; way < vtd->ways; way++)
		if (ways[way].tag)
			return;
	__clear_bit(set, vtd->sets_used);
}

/**
 * lab_iotlb_invalidate_all - global invalidation
 * @vtd: the unit, cache_lock held
 */
void lab_iotlb_invalidate_all(struct lab_vtd *vtd)
{
	unsigned int set, way;

	lockdep_assert_held(&vtd->cache_lock);
	for_each_set_bit(set, vtd->sets_used, vtd->set_mask + 1) {
		struct lab_iotlb_entry *ways = lab_iotlb_ways(vtd, set);

		for (way = 0; way < vtd->ways; way++)
			if (ways[way].tag)
				lab_iotlb_remove(vtd, &ways[way]);
		__clear_bit(set, vtd->sets_used);
	}
}

static bool lab_tag_overlaps(u64 tag, u64 start, u64 last)
{
	u64 first = lab_tag_iova(tag);
	u64 span = 1ULL << lab_level_shift(lab_tag_level(tag));

	return first <= last && first + (span - 1) >= start;
}

/* The cost is that of the sets in use. */
static void lab_iotlb_scan(struct lab_vtd *vtd, u16 did, u64 start, u64 last)
{
	unsigned int set, way;

	for_each_set_bit(set, vtd->sets_used, vtd->set_mask + 1) {
		struct lab_iotlb_entry *ways = lab_iotlb_ways(vtd, set);

		for (way = 0; way < vtd->ways; way++)
			if (ways[way].tag && lab_tag_did(ways[way].tag) == did &&
			    lab_tag_overlaps(ways[way].tag, start, last))
				lab_iotlb_remove(vtd, &ways[way]);
		lab_iotlb_settle_set(vtd, set);
	}
}

/* The cost is that of the pages of one size in the range. */
static void lab_iotlb_probe(struct lab_vtd *vtd, u16 did, unsigned int level,
			    u64 start, u64 last)
{
	unsigned int shift = lab_level_shift(level);

	for (u64 page = start >> shift; page <= last >> shift; page++) {
		u32 set = lab_iotlb_set(vtd, page, did);
		struct lab_iotlb_entry *entry;

		entry = lab_iotlb_find(vtd, set,
				       lab_iotlb_tag(page, did, level));
		if (entry) {
			lab_iotlb_remove(vtd, entry);
			lab_iotlb_settle_set(vtd, set);
		}
	}
}

/**
 * lab_iotlb_invalidate - domain- and page-selective invalidation
 * @vtd: the unit, cache_lock held
 * @did: domain id
 * @start: first IOVA
 * @last: last IOVA (inclusive)
 *
 * Removes each entry of the domain whose page overlaps the range, whatever its
 * size. The cost is bounded by the number of entries, and by the pages in the
 * range.
 */
void lab_iotlb_invalidate(struct lab_vtd *vtd, u16 did, u64 start, u64 last)
{
	unsigned int levels = vtd->levels_present;

	lockdep_assert_held(&vtd->cache_lock);
	if ((last - start) >> lab_level_shift(1) >= vtd->stats.present) {
		lab_iotlb_scan(vtd, did, start, last);
		return;
	}
	for (; levels; levels &= levels - 1)
		lab_iotlb_probe(vtd, did, __ffs(levels) + 1, start, last);
}

unsigned int lab_vtd_iotlb_sets(const struct lab_vtd *vtd)
{
	return vtd->set_mask + 1;
}

unsigned int lab_vtd_iotlb_ways(const struct lab_vtd *vtd)
{
	return vtd->ways;
}

/**
 * lab_vtd_iotlb_view - look at an IOTLB entry without using it
 * @vtd: the unit
 * @set: below lab_vtd_iotlb_sets()
 * @way: below lab_vtd_iotlb_ways()
 * @view: out: the entry
 *
 * Any context. Takes cache_lock.
 *
 * Return: false if there is no entry.
 */
bool lab_vtd_iotlb_view(struct lab_vtd *vtd, unsigned int set, unsigned int way,
			struct lab_iotlb_view *view)
{
	struct lab_iotlb_entry *entry = lab_iotlb_ways(vtd, set) + way;
	unsigned long flags;
	bool present;
	u64 leaf;

	raw_spin_lock_irqsave(&vtd->cache_lock, flags);
	present = entry->tag;
	if (present)
		*view = (struct lab_iotlb_view) {
			.did = lab_tag_did(entry->tag),
			.level = lab_tag_level(entry->tag),
			.iova = lab_tag_iova(entry->tag),
			.leaf = entry->leaf,
			.prot = entry->prot,
			.referenced = READ_ONCE(entry->referenced),
			.stale = !lab_table_read(entry->leafp, &leaf) ||
				 (leaf ^ entry->leaf) & ~FMT_MARKS,
		};
	raw_spin_unlock_irqrestore(&vtd->cache_lock, flags);
	return present;
}
