// SPDX-License-Identifier: GPL-2.0
/*
 * Where a source-id is attached: its context entry in legacy mode (VT-d 9.1, 9.3: one
 * page of 256 entries a bus), its PASID table entry in scalable mode (sm_context.c).
 *
 * The caller's slots mutex is held over all that writes here. Invalidation is
 * the caller's work.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include "remap_int.h"

/* the two words of a context entry, NULL when the bus has no context table */
static u64 *context_entry(const struct lab_unit *unit, u16 sid)
{
	u64 *table = unit->context[2 * (sid >> 8)];

	return table ? table + 2 * (sid % LAB_CONTEXTS) : NULL;
}

static int legacy_prepare(struct lab_unit *unit, u8 bus)
{
	u64 *root = unit->root + 2 * bus;
	u64 *table;

	if (unit->context[2 * bus])
		return 0;
	table = (u64 *)get_zeroed_page(GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	lab_unit_flush(unit, table, PAGE_SIZE);

	/* pairs with lab_unit_context() */
	smp_store_release(&unit->context[2 * bus], table);
	wmb(); /* an empty table before the entry that leads to it */
	WRITE_ONCE(root[0], virt_to_phys(table) | VTD_ROOT_P);
	lab_unit_flush(unit, root, 2 * sizeof(*root));
	return 0;
}

/* AW: 1 for 3 levels, 2 for 4, 3 for 5 */
static void legacy_set(struct lab_unit *unit, u16 sid,
		       const struct lab_attachment *at)
{
	u64 *entry = context_entry(unit, sid);
	u64 tt = at->identity ? VTD_TT_PASS_THROUGH : VTD_TT_TRANSLATE;

	WRITE_ONCE(entry[1], FIELD_PREP(VTD_CTX_AW, at->levels - 2) |
			     FIELD_PREP(VTD_CTX_DID, at->did));
	wmb(); /* see lab_slot_set() */
	WRITE_ONCE(entry[0], VTD_CTX_P | FIELD_PREP(VTD_CTX_TT, tt) | at->table);
	lab_unit_flush(unit, entry, 2 * sizeof(*entry));
}

static void legacy_clear(struct lab_unit *unit, u16 sid)
{
	u64 *entry = context_entry(unit, sid);

	WRITE_ONCE(entry[0], 0);
	lab_unit_flush(unit, entry, sizeof(*entry));
}

/**
 * lab_slot_prepare - sees that a source-id has a place for its attachment
 * @unit: the unit
 * @sid: source-id
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or what lab_unit_invalidate() returns.
 */
int lab_slot_prepare(struct lab_unit *unit, u16 sid)
{
	return unit->caps.scalable ? lab_sm_prepare(unit, sid) :
				     legacy_prepare(unit, sid >> 8);
}

/**
 * lab_slot_did - which domain a source-id is attached to
 * @unit: the unit
 * @sid: source-id
 *
 * Return: domain id, or -ENOENT.
 */
int lab_slot_did(struct lab_unit *unit, u16 sid)
{
	const u64 *entry;

	if (unit->caps.scalable)
		return lab_sm_did(unit, sid);
	entry = context_entry(unit, sid);
	if (!entry || !(entry[0] & VTD_CTX_P))
		return -ENOENT;
	return FIELD_GET(VTD_CTX_DID, entry[1]);
}

/**
 * lab_slot_set - attach a source-id
 * @unit: the unit
 * @sid: source-id; lab_slot_prepare() was called, and it is not attached
 * @at: to what
 *
 * The word with the present bit is written last: the unit never sees an entry that
 * is half written.
 */
void lab_slot_set(struct lab_unit *unit, u16 sid, const struct lab_attachment *at)
{
	if (unit->caps.scalable)
		lab_sm_set(unit, sid, at);
	else
		legacy_set(unit, sid, at);
}

/**
 * lab_slot_clear - detach a source-id
 * @unit: the unit
 * @sid: source-id that is attached
 *
 * Only the word with the present bit: a unit that has read it before may read the
 * others after this. It must not find another domain id there than the one that is
 * invalidated now (VT-d 6.5.3.3); lab_slot_set() writes them before they count again.
 */
void lab_slot_clear(struct lab_unit *unit, u16 sid)
{
	if (unit->caps.scalable)
		lab_sm_clear(unit, sid);
	else
		legacy_clear(unit, sid);
}

/**
 * lab_slot_inval - what must follow a change of the entry of a source-id
 * @unit: the unit
 * @sid: source-id
 * @did: domain id that the entry was cached with
 * @identity: it is a pass-through entry
 * @inval: room for 2
 *
 * The cache of the entry first; then the translations of the domain, which drains.
 *
 * Return: how many of @inval are used.
 */
unsigned int lab_slot_inval(const struct lab_unit *unit, u16 sid, u16 did,
			    bool identity, struct lab_inval *inval)
{
	if (unit->caps.scalable)
		return lab_sm_inval(did, identity, inval);
	inval[0] = (struct lab_inval) {
		.type = VTD_INV_CONTEXT,
		.gran = VTD_GRAN_DEVICE,
		.did = did,
		.sid = sid,
	};
	inval[1] = (struct lab_inval) {
		.type = VTD_INV_IOTLB,
		.gran = VTD_GRAN_DOMAIN,
		.did = did,
	};
	return 2;
}

/**
 * lab_unit_read_slot - how a source-id is attached, as the tables in memory say
 * @unit: the unit
 * @sid: source-id
 * @out: what they say
 *
 * Context: the slots mutex is held.
 * Return: false when it is not attached.
 */
bool lab_unit_read_slot(struct lab_unit *unit, u16 sid, struct lab_slot_view *out)
{
	const u64 *entry;

	if (unit->caps.scalable)
		return lab_sm_read(unit, sid, out);
	entry = context_entry(unit, sid);
	if (!entry || !(entry[0] & VTD_CTX_P))
		return false;
	*out = (struct lab_slot_view) {
		.did = FIELD_GET(VTD_CTX_DID, entry[1]),
		.type = FIELD_GET(VTD_CTX_TT, entry[0]),
		.aw = FIELD_GET(VTD_CTX_AW, entry[1]),
		.table = entry[0] & VTD_CTX_SSPTPTR,
	};
	return true;
}
