/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reference of the IOTLB test: what a unit has cached, stale or not, and
 * what it must answer.
 */
#ifndef IOMMU_LAB_KUNIT_MODEL_REFERENCE_H
#define IOMMU_LAB_KUNIT_MODEL_REFERENCE_H

#include <linux/prandom.h>
#include "vtd_rig.h"

#define DOMAINS		3
#define REGIONS		4	/* of 2 MiB */
#define ENTRIES		64	/* most sets * ways */

/**
 * struct world - a domain's tables
 * @did: domain id
 * @rq: who accesses it
 * @tree: its tables; level-1 tables are in @l1
 * @l1: two level-1 tables for each region, one or none in use
 */
struct world {
	u16 did;
	struct lab_requester *rq;
	struct vtd_tree tree;
	u64 *l1[REGIONS][2];
};

/**
 * struct shadow - an IOTLB entry that must be there
 * @did: domain id
 * @level: of the leaf
 * @page: IOVA >> bits of the level
 * @leafp: where the leaf was
 * @leaf: what it was
 * @prot: rights, 0 to 3
 */
struct shadow {
	u16 did;
	int level;
	u64 page;
	u64 *leafp;
	u64 leaf;
	u64 prot;
};

/**
 * struct shadow_psc - a cached level-1 table
 * @table: the table, NULL if none is cached
 * @prot: rights above it
 */
struct shadow_psc {
	u64 *table;
	u64 prot;
};

/**
 * struct walked - where a walk ended
 * @level: level of the entry
 * @entryp: the entry
 * @entry: its value
 * @prot: rights above the entry; with a leaf's own, if it is one
 * @steps: entries read
 * @table: the level-1 table that was reached, or NULL
 * @table_prot: rights above @table
 * @reason: fault reason of an entry that cannot be used, else 0
 */
struct walked {
	int level;
	u64 *entryp;
	u64 entry;
	u64 prot;
	int steps;
	u64 *table;
	u64 table_prot;
	u8 reason;
};

/**
 * struct reference - what must be the case
 * @rig: the rig
 * @rnd: random numbers
 * @queued: invalidate by the queue
 * @caching_mode: the unit's
 * @worlds: the domains
 * @entries: IOTLB entries
 * @present: how many
 * @psc: cached tables
 * @removed: entries that invalidations have removed
 * @expected: counters of each domain's requester
 * @accesses: accesses so far
 */
struct reference {
	struct vtd_rig *rig;
	struct rnd_state rnd;
	bool queued;
	bool caching_mode;
	struct world worlds[DOMAINS];
	struct shadow entries[ENTRIES];
	int present;
	struct shadow_psc psc[DOMAINS][REGIONS];
	u64 removed;
	struct lab_counters expected[DOMAINS];
	u64 accesses;
};

/**
 * struct answer - what an access must give
 * @tr: the translation
 * @fill: what is cached then, if @cached
 * @cached: whether anything is
 */
struct answer {
	struct lab_translation tr;
	struct walked fill;
	bool cached;
};

void reference_predict(struct reference *ref, int domain, u64 iova, bool write,
		       struct answer *a);
void reference_insert(struct reference *ref, int domain, u64 iova,
		      const struct walked *w);
void reference_forget(struct reference *ref, struct shadow *entry);
void reference_drop(struct reference *ref, int did, u64 start, u64 last,
		    bool psc);
int reference_psc_count(const struct reference *ref);

#endif
