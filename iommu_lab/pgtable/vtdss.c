// SPDX-License-Identifier: GPL-2.0
/* VT-d second-stage page tables (VT-d 3.7, 9.8). */

#include "fmt_vtdss.h"
#include "pt_build.h"
#include "pt_dirty.h"
#include "pt_walk.h"

/**
 * lab_vtdss_init - make an empty page table
 * @pt: what to fill in
 * @config: its kind; copied
 * @mem: where its tables come from; lives as long as @pt
 * @gfp: for the top table
 *
 * Context: what @gfp allows.
 * Return: 0; -EINVAL: no such kind; -ENOMEM: @mem gave nothing, or a page beyond
 * config->oa_bits.
 */
int lab_vtdss_init(struct lab_pt *pt, const struct lab_pt_config *config,
		   struct lab_table_mem *mem, gfp_t gfp)
{
	return build_init(pt, config, mem, gfp);
}

/**
 * lab_vtdss_destroy - free each table, whatever is mapped
 * @pt: page table that no unit and no walker can reach
 *
 * Tables that were put on a list of retired ones are not part of it any more.
 * May be called again.
 *
 * Context: what mem->ops->free allows.
 */
void lab_vtdss_destroy(struct lab_pt *pt)
{
	build_destroy(pt);
}

/**
 * lab_vtdss_map - map a range, with the largest leaves that fit
 * @pt: page table
 * @iova: begin of the range; bytes, multiple of 4 KiB
 * @oa: physical address that it is mapped to; bytes, multiple of 4 KiB
 * @length: bytes, multiple of 4 KiB
 * @prot: LAB_PROT_*
 * @gfp: for tables
 * @retired: empty tables that gave way to a leaf are added to it. When there are
 *	any, the unit may have cached them: invalidate before the mapping is used
 * @mapped: out: bytes from @iova that are mapped now, always set
 *
 * On failure the caller unmaps the first *@mapped bytes. Tables that were
 * installed stay until a call covers their span, or the end.
 *
 * Context: what @gfp and mem->ops allow; the range is the caller's alone.
 * Return: 0; -EINVAL: not aligned, empty, wrapping, no or unknown rights;
 * -ERANGE: beyond the levels or beyond oa_bits; -EEXIST: something is mapped at
 * @iova + *@mapped or in the leaf that would begin there; -ENOMEM.
 */
int lab_vtdss_map(struct lab_pt *pt, u64 iova, u64 oa, u64 length, u32 prot,
		  gfp_t gfp, struct list_head *retired, u64 *mapped)
{
	return build_map(pt, iova, oa, length, prot, gfp, retired, mapped);
}

/**
 * lab_vtdss_unmap - unmap what is mapped in a range
 * @pt: page table
 * @iova: begin of the range; bytes, multiple of 4 KiB
 * @length: bytes, multiple of 4 KiB
 * @retired: tables whose whole span is in the range are unlinked and added to it
 *
 * Holes are skipped. A leaf is never split: it stops before one that reaches
 * over an end of the range.
 *
 * Context: atomic is fine; the range is the caller's alone.
 * Return: bytes that were mapped and are not any more; 0 for a range that
 * lab_vtdss_map() would refuse.
 */
u64 lab_vtdss_unmap(struct lab_pt *pt, u64 iova, u64 length,
		    struct list_head *retired)
{
	return build_unmap(pt, iova, length, retired);
}

/**
 * lab_vtdss_dirty - visit each dirty leaf of a range
 * @pt: page table
 * @iova: begin of the range; bytes, multiple of 4 KiB
 * @length: bytes, multiple of 4 KiB
 * @fn: called for each, ascending; says whether the dirty bit is to be cleared
 * @ctx: for @fn
 *
 * The bit is cleared atomically, after @fn was called: a page that is written
 * meanwhile is clean then. Units may take a page for dirty (and set no bit) until
 * an invalidation of the range is confirmed. Nothing is visited of a range that
 * lab_vtdss_map() would refuse.
 *
 * Context: what @fn allows. The range is the caller's alone, or nobody unmaps in
 * it and the caller is in an RCU read-side critical section.
 */
void lab_vtdss_dirty(struct lab_pt *pt, u64 iova, u64 length, lab_dirty_fn fn,
		     void *ctx)
{
	dirty_walk(pt, iova, length, fn, ctx);
}

/**
 * lab_vtdss_walk - translate an IOVA as the unit does
 * @walk: where to start, and what was found; see struct lab_walk
 *
 * Rights do not end a walk: the caller compares @walk->prot with the access.
 *
 * Context: any, under rcu_read_lock() or with interrupts off, so that no table
 * is freed on the way.
 * Return: how it ended.
 */
enum lab_walk_status lab_vtdss_walk(struct lab_walk *walk)
{
	return walk_table(walk);
}

/**
 * lab_vtdss_lookup - translate an IOVA from the top of a page table
 * @pt: page table
 * @iova: bytes, any
 * @walk: out, but for @walk->trace, which the caller sets
 *
 * Context: as lab_vtdss_walk().
 * Return: how it ended.
 */
enum lab_walk_status lab_vtdss_lookup(const struct lab_pt *pt, u64 iova,
				      struct lab_walk *walk)
{
	return walk_lookup(pt, iova, walk);
}
