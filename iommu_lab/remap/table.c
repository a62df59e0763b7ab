// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of page tables: each page is charged, counted, and freed after a grace
 * period when a walker may still be in it.
 *
 * page->private of a table is the domain that it belongs to; page->lru and then
 * page->rcu_head are in use once it is retired.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include "../pgtable/fmt_vtdss.h"
#include "remap_int.h"

static u64 *table_alloc(struct lab_table_mem *mem, gfp_t gfp)
{
	struct lab_remap_domain *rd =
		container_of(mem, struct lab_remap_domain, mem);
	const struct lab_remap_config *config = &rd->config;
	struct page *page;

	if (config->charge && config->charge(config->data, 1) < 0)
		return NULL;
	page = alloc_page(gfp | __GFP_ZERO);
	if (!page) {
		if (config->charge)
			config->charge(config->data, -1);
		return NULL;
	}
	set_page_private(page, (unsigned long)rd);
	atomic_long_inc(&rd->tables);
	return page_address(page);
}

/* the count is last: lab_remap_domain_destroy() lets go of @rd when it is 0 */
static void free_table_page(struct page *page)
{
	struct lab_remap_domain *rd = (void *)page_private(page);

	set_page_private(page, 0);
	__free_page(page);
	if (rd->config.charge)
		rd->config.charge(rd->config.data, -1);
	atomic_long_dec(&rd->tables);
}

static void table_free(struct lab_table_mem *mem, u64 *table)
{
	free_table_page(virt_to_page(table));
}

/*
 * The barrier is for a unit that is attached at the same time: either it is in
 * the list here, or lab_tables_flush() comes after what was written.
 */
static void table_flush(struct lab_table_mem *mem, void *start, size_t bytes)
{
	struct lab_remap_domain *rd =
		container_of(mem, struct lab_remap_domain, mem);
	struct lab_binding *binding;

	smp_mb(); /* pairs with lab_tables_flush() */
	rcu_read_lock();
	list_for_each_entry_rcu(binding, &rd->units, link)
		lab_unit_flush_table(binding->unit, start, bytes);
	rcu_read_unlock();
}

const struct lab_table_mem_ops lab_remap_table_ops = {
	.alloc = table_alloc,
	.free = table_free,
	.flush = table_flush,
};

static void free_table_rcu(struct rcu_head *head)
{
	free_table_page(container_of(head, struct page, rcu_head));
}

/**
 * lab_tables_free_rcu - frees tables after a grace period
 * @rd: their domain
 * @retired: tables that no unit can reach any more; empty afterwards
 *
 * Context: any.
 */
void lab_tables_free_rcu(struct lab_remap_domain *rd,
			 struct list_head *retired)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, retired, lru) {
		list_del(&page->lru);
		call_rcu(&page->rcu_head, free_table_rcu);
	}
}

/**
 * lab_tables_keep - keeps tables for good
 * @rd: their domain
 * @unit: the unit that may still reach them
 * @retired: the tables; empty afterwards
 *
 * Context: any.
 */
void lab_tables_keep(struct lab_remap_domain *rd, struct lab_unit *unit,
		     struct list_head *retired)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, retired, lru) {
		list_del_init(&page->lru);
		atomic_long_inc(&rd->kept);
		atomic_long_inc(&unit->kept_tables);
	}
}

static void flush_below(struct lab_unit *unit, u64 *table, unsigned int level)
{
	unsigned int i;
	u64 *next;
	u64 entry;

	lab_unit_flush_table(unit, table, PAGE_SIZE);
	if (level == 1)
		return;
	for (i = 0; i < LAB_TABLE_ENTRIES; i++) {
		entry = READ_ONCE(table[i]);
		if (!fmt_present(entry) || fmt_is_leaf(entry, level))
			continue;
		next = lab_table_ptr(fmt_table_pa(entry));
		if (next)
			flush_below(unit, next, level - 1);
	}
}

/**
 * lab_tables_flush - makes all tables of a domain visible to a unit
 * @rd: the domain; @unit is in its list, so that each later write is flushed
 * @unit: the unit; nothing is done for one that snoops
 *
 * Context: any. Takes time in proportion to the number of tables.
 */
void lab_tables_flush(struct lab_remap_domain *rd, struct lab_unit *unit)
{
	if (lab_unit_snoops_tables(unit))
		return;
	smp_mb(); /* pairs with table_flush() */
	rcu_read_lock();
	flush_below(unit, rd->pt.top, rd->pt.config.levels);
	rcu_read_unlock();
}

/**
 * lab_remap_exit - waits until nothing of this room will run any more
 *
 * To be called after the last domain is gone, before the code is.
 *
 * Context: may sleep.
 */
void lab_remap_exit(void)
{
	rcu_barrier();
}
