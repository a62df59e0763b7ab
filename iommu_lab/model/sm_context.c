// SPDX-License-Identifier: GPL-2.0
/*
 * Root and context tables of scalable mode (VT-d 9.2, 9.4): a root entry has two
 * halves, each for 16 devices of the bus, and each leads to a table of 128 context
 * entries of 32 bytes.
 */
#include <linux/bitfield.h>
#include "vtd_int.h"

/* Which bits of the first word must be 0: no device-TLB, PASIDs or page requests */
static u64 lab_sm_context_reserved(const struct lab_vtd *vtd)
{
	return VTD_SM_CTX_DTE | VTD_SM_CTX_PASIDE | VTD_SM_CTX_PRE |
	       GENMASK_ULL(8, 5) | lab_beyond_host(vtd);
}

/* 7.1.3: what is wrong with a present entry, in the order of checks */
static u8 lab_sm_context_check(const struct lab_vtd *vtd, const u64 *words)
{
	u64 pasids = (128ULL << FIELD_GET(VTD_SM_CTX_PDTS, words[0])) *
		     VTD_PASID_TABLE_ENTRIES;

	/* RID_PRIV is reserved too: there are no supervisor requests */
	if (words[0] & lab_sm_context_reserved(vtd) ||
	    words[1] & ~VTD_SM_CTX_RID_PASID || words[2] || words[3])
		return VTD_FAULT_SM_CTX_RESERVED;
	if (FIELD_GET(VTD_SM_CTX_RID_PASID, words[1]) >= pasids)
		return VTD_FAULT_SM_RID_PASID;
	return 0;
}

/*
 * The driver writes the word with the present bit last when it sets an entry, and
 * first when it clears one: here that word comes first.
 */
static bool lab_sm_context_read(u64 table, unsigned int index, u64 *words)
{
	const u64 *entry = lab_table_ptr(table);

	if (!entry)
		return false;
	entry += index * VTD_SM_CTX_WORDS;
	if (!lab_table_read(entry, words))
		return false;
	smp_rmb(); /* see above */
	for (unsigned int i = 1; i < VTD_SM_CTX_WORDS; i++)
		if (!lab_table_read(entry + i, words + i))
			return false;
	return true;
}

/**
 * lab_sm_context_fetch - read a scalable-mode context entry from memory
 * @vtd: the unit
 * @sid: source-id
 * @ctx: out: lo and hi, where the entry could be read; 0 before
 *
 * Interrupts are off.
 *
 * Return: 0, or a fault reason.
 */
u8 lab_sm_context_fetch(const struct lab_vtd *vtd, u16 sid,
			struct lab_context_entry *ctx)
{
	const u64 *root = lab_table_ptr(READ_ONCE(vtd->root) & VTD_RTADDR_RTA);
	u64 words[VTD_SM_CTX_WORDS];
	u64 half;

	/* two words for a bus: devices 0 to 15, and 16 to 31 */
	if (!root || !lab_table_read(root + (sid >> 7), &half))
		return VTD_FAULT_SM_ROOT_ACCESS;
	if (!(half & VTD_SM_ROOT_P))
		return VTD_FAULT_SM_ROOT_NOT_PRESENT;
	if (half & (VTD_SM_ROOT_RSVD | lab_beyond_host(vtd)))
		return VTD_FAULT_SM_ROOT_RESERVED;
	if (!lab_sm_context_read(half & VTD_SM_ROOT_CTP, sid & 0x7f, words))
		return VTD_FAULT_SM_CTX_ACCESS;
	ctx->lo = words[0];
	ctx->hi = words[1];
	if (!(words[0] & VTD_SM_CTX_P))
		return VTD_FAULT_SM_CTX_NOT_PRESENT;
	return lab_sm_context_check(vtd, words);
}
