// SPDX-License-Identifier: GPL-2.0
/*
 * Scalable mode: root entries of two halves, context entries, PASID directories and
 * PASID tables (VT-d 9.2 to 9.6).
 *
 * Each source-id that was ever attached has a context entry, which stays, with a
 * PASID directory and a PASID table of its own. Its requests have no PASID: RID_PASID
 * is 0, so entry 0 of the table is theirs, and present while a domain is attached.
 *
 * The caller's slots mutex is held over all that writes here. Invalidation is the
 * caller's work.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "remap_int.h"

/* the table that holds the context entry of a source-id: half a bus */
static u64 **context_table(struct lab_unit *unit, u16 sid)
{
	return &unit->context[sid >> 7];
}

static u64 *context_entry(struct lab_unit *unit, u16 sid)
{
	return *context_table(unit, sid) + VTD_SM_CTX_WORDS * (sid & 0x7f);
}

/* a zeroed page that the unit can read */
static u64 *table_page(struct lab_unit *unit)
{
	u64 *page = (u64 *)get_zeroed_page(GFP_KERNEL);

	if (page)
		lab_unit_flush(unit, page, PAGE_SIZE);
	return page;
}

static int prepare_table(struct lab_unit *unit, u16 sid)
{
	u64 *root = unit->root + (sid >> 7);
	u64 *table;

	if (*context_table(unit, sid))
		return 0;
	table = table_page(unit);
	if (!table)
		return -ENOMEM;
	/* pairs with lab_unit_context() */
	smp_store_release(context_table(unit, sid), table);
	wmb(); /* an empty table before the entry that leads to it */
	WRITE_ONCE(*root, virt_to_phys(table) | VTD_SM_ROOT_P);
	lab_unit_flush(unit, root, sizeof(*root));
	return 0;
}

static void free_pasid_pages(struct lab_pasids *pasids)
{
	free_page((unsigned long)pasids->table);
	free_page((unsigned long)pasids->directory);
}

/* a directory of 128 entries, of which the first has a table */
static struct lab_pasids *alloc_pasids(struct lab_unit *unit)
{
	struct lab_pasids *pasids = kzalloc(sizeof(*pasids), GFP_KERNEL);

	if (!pasids)
		return NULL;
	pasids->directory = table_page(unit);
	pasids->table = table_page(unit);
	if (!pasids->directory || !pasids->table) {
		free_pasid_pages(pasids);
		kfree(pasids);
		return NULL;
	}
	pasids->directory[0] = virt_to_phys(pasids->table) | VTD_PASID_DIR_P;
	lab_unit_flush(unit, pasids->directory, sizeof(u64));
	return pasids;
}

/* a unit in caching mode may have cached that there was no context entry */
static int flush_context(struct lab_unit *unit, u16 sid)
{
	const struct lab_inval inval = {
		.type = VTD_INV_CONTEXT,
		.gran = VTD_GRAN_DEVICE,
		.sid = sid,
	};

	if (!unit->caps.caching_mode)
		return 0;
	return lab_unit_invalidate(unit, &inval, 1);
}

/**
 * lab_sm_prepare - sees that a source-id has a context entry and a PASID table
 * @unit: a unit in scalable mode
 * @sid: source-id
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or what lab_unit_invalidate() returns.
 */
int lab_sm_prepare(struct lab_unit *unit, u16 sid)
{
	struct lab_pasids *pasids;
	u64 *entry;
	int ret;

	/* flushed again: the first time it may have failed */
	if (xa_load(&unit->pasids, sid))
		return flush_context(unit, sid);
	ret = prepare_table(unit, sid);
	if (ret)
		return ret;
	pasids = alloc_pasids(unit);
	if (!pasids)
		return -ENOMEM;
	ret = xa_err(xa_store(&unit->pasids, sid, pasids, GFP_KERNEL));
	if (ret) {
		free_pasid_pages(pasids);
		kfree(pasids);
		return ret;
	}
	/* the other words are 0: RID_PASID, no RID_PRIV, and what is reserved */
	entry = context_entry(unit, sid);
	wmb(); /* an empty table before the entry that leads to it */
	WRITE_ONCE(entry[0], virt_to_phys(pasids->directory) | VTD_SM_CTX_P);
	lab_unit_flush(unit, entry, VTD_SM_CTX_WORDS * sizeof(*entry));
	return flush_context(unit, sid);
}

/**
 * lab_sm_free_pages - frees PASID directories and PASID tables
 * @unit: a unit that can reach nothing of them; lab_sm_exit() follows
 */
void lab_sm_free_pages(struct lab_unit *unit)
{
	struct lab_pasids *pasids;
	unsigned long sid;

	xa_for_each(&unit->pasids, sid, pasids)
		free_pasid_pages(pasids);
}

/**
 * lab_sm_exit - forgets which source-id has which PASID directory
 * @unit: the unit, at its end
 *
 * Context: may sleep.
 */
void lab_sm_exit(struct lab_unit *unit)
{
	struct lab_pasids *pasids;
	unsigned long sid;

	xa_for_each(&unit->pasids, sid, pasids)
		kfree(pasids);
	xa_destroy(&unit->pasids);
}

/* the PASID table entry of the requests of a source-id, NULL before its first attach */
static u64 *pasid_entry(struct lab_unit *unit, u16 sid)
{
	struct lab_pasids *pasids = xa_load(&unit->pasids, sid);

	return pasids ? pasids->table : NULL;
}

/**
 * lab_sm_did - which domain a source-id is attached to
 * @unit: a unit in scalable mode
 * @sid: source-id
 *
 * Return: domain id, or -ENOENT.
 */
int lab_sm_did(struct lab_unit *unit, u16 sid)
{
	const u64 *entry = pasid_entry(unit, sid);

	if (!entry || !(entry[0] & VTD_PE_P))
		return -ENOENT;
	return FIELD_GET(VTD_PE_DID, entry[1]);
}

static u64 first_word(const struct lab_attachment *at)
{
	u64 word = VTD_PE_P | FIELD_PREP(VTD_PE_AW, at->levels - 2);

	if (at->identity)
		return word | FIELD_PREP(VTD_PE_PGTT, VTD_PGTT_PASS_THROUGH);
	return word | FIELD_PREP(VTD_PE_PGTT, VTD_PGTT_SECOND_STAGE) |
	       (at->dirty ? VTD_PE_SSADE : 0) | at->table;
}

/**
 * lab_sm_set - attach a source-id
 * @unit: a unit in scalable mode
 * @sid: source-id; lab_sm_prepare() was called, and it is not attached
 * @at: to what
 *
 * The word with the present bit is written last.
 */
void lab_sm_set(struct lab_unit *unit, u16 sid, const struct lab_attachment *at)
{
	u64 *entry = pasid_entry(unit, sid);
	u64 snoop = unit->caps.ecap & VTD_ECAP_SMPWCS ? VTD_PE_PWSNP : 0;

	WRITE_ONCE(entry[1], FIELD_PREP(VTD_PE_DID, at->did) | snoop);
	wmb(); /* see above */
	WRITE_ONCE(entry[0], first_word(at));
	lab_unit_flush(unit, entry, VTD_PE_WORDS * sizeof(*entry));
}

/**
 * lab_sm_clear - detach a source-id
 * @unit: a unit in scalable mode
 * @sid: source-id that is attached
 *
 * Only the word with the present bit, see lab_slot_clear().
 */
void lab_sm_clear(struct lab_unit *unit, u16 sid)
{
	u64 *entry = pasid_entry(unit, sid);

	WRITE_ONCE(entry[0], 0);
	lab_unit_flush(unit, entry, sizeof(*entry));
}

/**
 * lab_sm_set_dirty - whether A and D are set for a domain
 * @unit: a unit in scalable mode, with SSADS to turn it on
 * @did: domain id
 * @on: SSADE
 *
 * Changes each PASID table entry of the domain.
 */
void lab_sm_set_dirty(struct lab_unit *unit, u16 did, bool on)
{
	struct lab_pasids *pasids;
	unsigned long sid;

	xa_for_each(&unit->pasids, sid, pasids) {
		u64 *entry = pasids->table;

		if (lab_sm_did(unit, sid) != did)
			continue;
		WRITE_ONCE(entry[0], on ? entry[0] | VTD_PE_SSADE :
					  entry[0] & ~VTD_PE_SSADE);
		lab_unit_flush(unit, entry, sizeof(*entry));
	}
}

/**
 * lab_sm_inval - what must follow a change of PASID table entries (VT-d 6.5.3.3)
 * @did: domain id that they were cached with
 * @identity: they are pass-through ones
 * @inval: room for 2
 *
 * The PASID cache, then what was cached of translations by way of it; the second one
 * drains.
 *
 * Return: how many of @inval are used.
 */
unsigned int lab_sm_inval(u16 did, bool identity, struct lab_inval *inval)
{
	inval[0] = (struct lab_inval) {
		.type = VTD_INV_PASID_CACHE,
		.gran = VTD_PASID_ONE,
		.did = did,
	};
	inval[1] = (struct lab_inval) {
		.type = identity ? VTD_INV_PASID_IOTLB : VTD_INV_IOTLB,
		.gran = identity ? VTD_PASID_IOTLB_ALL : VTD_GRAN_DOMAIN,
		.did = did,
	};
	return 2;
}

/**
 * lab_sm_read - the PASID table entry of a source-id in short
 * @unit: a unit in scalable mode
 * @sid: source-id
 * @out: what it says
 *
 * Return: false when it is not present.
 */
bool lab_sm_read(struct lab_unit *unit, u16 sid, struct lab_slot_view *out)
{
	const u64 *entry = pasid_entry(unit, sid);
	u64 word = entry ? READ_ONCE(entry[0]) : 0;

	if (!(word & VTD_PE_P))
		return false;
	*out = (struct lab_slot_view) {
		.did = FIELD_GET(VTD_PE_DID, READ_ONCE(entry[1])),
		.type = FIELD_GET(VTD_PE_PGTT, word),
		.aw = FIELD_GET(VTD_PE_AW, word),
		.dirty = !!(word & VTD_PE_SSADE),
		.table = word & VTD_PE_SSPTPTR,
	};
	return true;
}
