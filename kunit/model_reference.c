// SPDX-License-Identifier: GPL-2.0
/* What a unit has cached, and what it must answer. */

#include "model_reference.h"

static u64 *table_of(const struct world *world, u64 iova, int level)
{
	for (int i = 0; i < 2; i++) {
		u64 *table = world->l1[iova >> 21][i];

		if (level == 1 &&
		    (world->tree.l2[iova >> 21] & ~0xfffull) == vtd_rig_pa(table))
			return table;
	}
	return level == 3 ? world->tree.l3 : world->tree.l2;
}

/* from a table of a level down to where it ends */
static void walk(const struct world *world, u64 iova, int level, u64 *table,
		 u64 prot, struct walked *w)
{
	*w = (struct walked){ .prot = prot };
	for (;; level--) {
		if (level == 1) {
			w->table = table;
			w->table_prot = w->prot;
		}
		w->steps++;
		w->level = level;
		w->entryp = &table[(iova >> (12 + 9 * (level - 1))) & 511];
		w->entry = *w->entryp;
		if (!(w->entry & RIG_RW)) {
			w->prot = 0;
			return;
		}
		if (w->entry & BIT_ULL(RIG_WIDTH)) {
			w->reason = 0xc;
			return;
		}
		w->prot &= w->entry & RIG_RW;
		if (level == 1 || w->entry & RIG_PS)
			return;
		table = table_of(world, iova, level - 1);
	}
}

static struct shadow *find(struct reference *ref, u16 did, int level, u64 page)
{
	for (int i = 0; i < ref->present; i++) {
		struct shadow *s = &ref->entries[i];

		if (s->did == did && s->level == level && s->page == page)
			return s;
	}
	return NULL;
}

void reference_forget(struct reference *ref, struct shadow *entry)
{
	*entry = ref->entries[--ref->present];
}

/* the newest is the last */
void reference_insert(struct reference *ref, int domain, u64 iova,
		      const struct walked *w)
{
	ref->entries[ref->present++] = (struct shadow) {
		.did = ref->worlds[domain].did,
		.level = w->level,
		.page = iova >> (12 + 9 * (w->level - 1)),
		.leafp = w->entryp,
		.leaf = w->entry,
		.prot = w->prot,
	};
	ref->expected[domain].c[LAB_CNT_INSERT]++;
}

static void answer_leaf(struct answer *a, u64 iova, bool write, int level,
			u64 leaf, u64 prot)
{
	u64 span = 4096ull << 9 * (level - 1);

	if (!(prot & (write ? RIG_W : RIG_R))) {
		a->tr.reason = write ? 5 : 6;
		return;
	}
	a->tr.pa = (leaf & 0x3ffffffff000 & ~(span - 1)) | (iova & (span - 1));
	a->tr.bytes = span - (iova & (span - 1));
}

static void predict_hit(struct lab_counters *c, const struct shadow *s,
			u64 iova, bool write, struct answer *a)
{
	c->c[LAB_CNT_HIT]++;
	a->tr.hit = true;
	if (*s->leafp == s->leaf) {
		answer_leaf(a, iova, write, s->level, s->leaf, s->prot);
		return;
	}
	c->c[LAB_CNT_STALE]++;
	a->tr.stale = true;
	a->tr.reason = write ? 5 : 6;
}

static void predict_miss(struct reference *ref, int domain, u64 iova,
			 bool write, struct answer *a)
{
	struct lab_counters *c = &ref->expected[domain];
	struct world *world = &ref->worlds[domain];
	struct shadow_psc *psc = NULL;
	struct walked *w = &a->fill;

	if (iova < BIT_ULL(30))
		psc = &ref->psc[domain][iova >> 21];
	c->c[LAB_CNT_MISS]++;
	c->c[LAB_CNT_WALK]++;
	if (psc && psc->table) {
		c->c[LAB_CNT_PSC_HIT]++;
		walk(world, iova, 1, psc->table, psc->prot, w);
	} else {
		walk(world, iova, 3, world->tree.l3, RIG_RW, w);
		w->steps++;
		if (psc && w->table)
			*psc = (struct shadow_psc){ w->table, w->table_prot };
	}
	c->c[LAB_CNT_WALK_STEP] += w->steps;
	if (w->reason)
		a->tr.reason = w->reason;
	else
		answer_leaf(a, iova, write, w->level, w->entry, w->prot);
	a->cached = !a->tr.reason ||
		    (ref->caching_mode && !w->reason);
}

/* Counts what the unit must count. */
void reference_predict(struct reference *ref, int domain, u64 iova, bool write,
		       struct answer *a)
{
	struct lab_counters *c = &ref->expected[domain];
	struct shadow *s;

	*a = (struct answer){};
	for (int level = 1; level <= 4; level++) {
		s = find(ref, ref->worlds[domain].did, level,
			 iova >> (12 + 9 * (level - 1)));
		if (s) {
			predict_hit(c, s, iova, write, a);
			break;
		}
	}
	if (!a->tr.hit)
		predict_miss(ref, domain, iova, write, a);
	if (a->tr.reason)
		c->c[LAB_CNT_FAULT + a->tr.reason]++;
}

/* what an invalidation of a range must remove; @did < 0: of all domains */
void reference_drop(struct reference *ref, int did, u64 start, u64 last,
		    bool psc)
{
	for (int i = ref->present - 1; i >= 0; i--) {
		struct shadow *s = &ref->entries[i];
		int shift = 12 + 9 * (s->level - 1);

		if ((did >= 0 && s->did != did) || s->page > last >> shift ||
		    s->page < start >> shift)
			continue;
		reference_forget(ref, s);
		ref->removed++;
	}
	if (!psc)
		return;
	for (int d = 0; d < DOMAINS; d++)
		for (u64 r = 0; r < REGIONS; r++)
			if ((did < 0 || ref->worlds[d].did == did) &&
			    r <= last >> 21 && r >= start >> 21)
				ref->psc[d][r].table = NULL;
}

int reference_psc_count(const struct reference *ref)
{
	int count = 0;

	for (int d = 0; d < DOMAINS; d++)
		for (int r = 0; r < REGIONS; r++)
			count += !!ref->psc[d][r].table;
	return count;
}
