// SPDX-License-Identifier: GPL-2.0
/* A source of tables for the tests of pgtable/. */

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/string.h>
#include "pgtable_test.h"

static struct test_mem *test_mem_of(struct lab_table_mem *mem)
{
	return container_of(mem, struct test_mem, mem);
}

static u64 *test_mem_alloc(struct lab_table_mem *source, gfp_t gfp)
{
	struct test_mem *mem = test_mem_of(source);
	void (*hook)(struct test_mem *mem) = mem->before_alloc;
	u64 *table;

	mem->before_alloc = NULL;
	if (hook)
		hook(mem);
	if (atomic_fetch_inc(&mem->allocs) == mem->fail_at)
		return NULL;
	table = (u64 *)__get_free_pages(gfp | __GFP_ZERO, 1);
	if (!table)
		return NULL;
	memset(table + LAB_TABLE_ENTRIES, 0xff, PAGE_SIZE);
	atomic_inc(&mem->live);
	return table;
}

static void test_mem_free(struct lab_table_mem *source, u64 *table)
{
	memset(table, 0xff, PAGE_SIZE);
	free_pages((unsigned long)table, 1);
	atomic_dec(&test_mem_of(source)->live);
}

static void test_mem_flush(struct lab_table_mem *source, void *start,
			   size_t bytes)
{
	memcpy(start + PAGE_SIZE, start, bytes);
}

static const struct lab_table_mem_ops test_mem_ops = {
	.alloc = test_mem_alloc,
	.free = test_mem_free,
	.flush = test_mem_flush,
};

/* freed with the test; its tables are not */
struct test_mem *test_mem_create(struct kunit *test)
{
	struct test_mem *mem = kunit_kzalloc(test, sizeof(*mem), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mem);
	mem->mem.ops = &test_mem_ops;
	mem->fail_at = -1;
	return mem;
}

/* does a unit that does not snoop see the same? */
bool test_table_is_flushed(const u64 *table)
{
	return !memcmp(table, table + LAB_TABLE_ENTRIES, PAGE_SIZE);
}

/*
 * Frees tables and gives their number. @clean becomes false when one of them
 * still has content, and is not touched else.
 */
unsigned int test_free_retired(struct test_mem *mem, struct list_head *retired,
			       bool *clean)
{
	struct page *page, *next;
	unsigned int freed = 0;

	list_for_each_entry_safe(page, next, retired, lru) {
		u64 *table = page_address(page);

		if (memchr_inv(table, 0, PAGE_SIZE) ||
		    !test_table_is_flushed(table))
			*clean = false;
		list_del(&page->lru);
		mem->mem.ops->free(&mem->mem, table);
		freed++;
	}
	return freed;
}
