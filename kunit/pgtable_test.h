/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A source of tables for the tests of pgtable/.
 *
 * Behind each table it keeps a second page: what a unit that does not snoop
 * sees of it, which is garbage at first and what was flushed since. A table
 * that is freed becomes garbage too.
 */
#ifndef IOMMU_LAB_KUNIT_PGTABLE_TEST_H
#define IOMMU_LAB_KUNIT_PGTABLE_TEST_H

#include <kunit/test.h>
#include <linux/atomic.h>
#include "../iommu_lab/pgtable/pgtable.h"

/**
 * struct test_mem - see above
 * @mem: the source
 * @live: tables allocated and not freed
 * @allocs: calls of alloc
 * @fail_at: alloc fails when @allocs has reached it; negative: never
 * @before_alloc: called once, by the next alloc, and forgotten; may be NULL
 */
struct test_mem {
	struct lab_table_mem mem;
	atomic_t live;
	atomic_t allocs;
	int fail_at;
	void (*before_alloc)(struct test_mem *mem);
};

#define PGTABLE_CASE(fn, text)						\
	{ .run_case = fn, .name = text, .module_name = KBUILD_MODNAME }

struct test_mem *test_mem_create(struct kunit *test);
bool test_table_is_flushed(const u64 *table);
unsigned int test_free_retired(struct test_mem *mem, struct list_head *retired,
			       bool *clean);

#endif
