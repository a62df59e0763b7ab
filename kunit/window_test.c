// SPDX-License-Identifier: GPL-2.0
/*
 * bus/: memory of reserved regions.
 */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/mm.h>
#include "../iommu_lab/bus/bus.h"
#include "suites.h"

/* where hosts have nothing */
#define WINDOW		0xfd000000ULL
#define AT		(WINDOW + PAGE_SIZE + 8)
#define NEXT		(AT + PAGE_SIZE)

static const struct lab_window windows[] = {
	{ 0x10000000000ULL, 0x1ffffffffffULL },
	{ WINDOW, WINDOW + 4 * PAGE_SIZE - 1 },
};

struct rig {
	struct lab_bus bus;
	struct lab_endpoint ep;
	struct lab_endpoint other;
};

static int put_as(const struct lab_endpoint *ep, u64 pa, u64 value,
		  enum lab_memory memory)
{
	struct lab_translation tr = { .pa = pa, .memory = memory };
	unsigned long flags;
	int ret;

	local_irq_save(flags);
	ret = lab_target_write(ep, &tr, &value, sizeof(value));
	local_irq_restore(flags);
	return ret;
}

static int put(const struct lab_endpoint *ep, u64 pa, u64 value)
{
	return put_as(ep, pa, value, LAB_MEMORY_REGION);
}

static int get(const struct lab_endpoint *ep, u64 pa, u64 *value)
{
	struct lab_translation tr = { .pa = pa, .memory = LAB_MEMORY_REGION };
	unsigned long flags;
	int ret;

	local_irq_save(flags);
	ret = lab_target_read(ep, &tr, value, sizeof(*value));
	local_irq_restore(flags);
	return ret;
}

static void expect(struct kunit *test, const struct lab_endpoint *ep, u64 at,
		   u64 value)
{
	u64 found = ~value;

	KUNIT_EXPECT_EQ(test, get(ep, at, &found), 0);
	KUNIT_EXPECT_EQ(test, found, value);
}

static int rig_make(struct kunit *test)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rig);
	KUNIT_ASSERT_EQ(test, lab_bus_init(&rig->bus), 0);
	rig->ep.bus = &rig->bus;
	rig->ep.windows = windows;
	rig->ep.nr_windows = ARRAY_SIZE(windows);
	rig->other.bus = &rig->bus;
	rig->other.windows = windows + 1;
	rig->other.nr_windows = 1;
	test->priv = rig;
	return 0;
}

static void rig_end(struct kunit *test)
{
	struct rig *rig = test->priv;

	if (rig)
		lab_bus_destroy(&rig->bus);
}

static void memory_comes_with_the_first_write(struct kunit *test)
{
	struct rig *rig = test->priv;

	expect(test, &rig->ep, AT, 0);
	KUNIT_EXPECT_TRUE(test, xa_empty(&rig->bus.pages));
	KUNIT_EXPECT_EQ(test, put(&rig->ep, AT, 0x55aa55aaULL), 0);
	KUNIT_EXPECT_EQ(test, put(&rig->ep, AT + 8, 1), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->bus.nr_pages), 1);
	expect(test, &rig->ep, AT, 0x55aa55aaULL);
	expect(test, &rig->ep, AT + 16, 0);
	/* far into the large one, too */
	KUNIT_EXPECT_EQ(test, put(&rig->ep, windows[0].last - 7, 3), 0);
	expect(test, &rig->ep, windows[0].last - 7, 3);
	expect(test, &rig->ep, windows[0].start, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->bus.nr_pages), 2);
}

/* regions can be larger than what there is to give them */
static void memory_has_a_bound(struct kunit *test)
{
	struct rig *rig = test->priv;

	atomic_set(&rig->bus.nr_pages, LAB_WINDOW_MAX_PAGES - 1);
	KUNIT_EXPECT_EQ(test, put(&rig->ep, AT, 1), 0);
	KUNIT_EXPECT_EQ(test, put(&rig->ep, NEXT, 1), -EFAULT);
	/* what has memory keeps it, and the rest can be read */
	KUNIT_EXPECT_EQ(test, put(&rig->ep, AT, 2), 0);
	expect(test, &rig->ep, AT, 2);
	expect(test, &rig->ep, NEXT, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->bus.nr_pages),
			LAB_WINDOW_MAX_PAGES);
}

static void of_the_endpoints_that_have_it(struct kunit *test)
{
	struct rig *rig = test->priv;
	u64 value;

	KUNIT_EXPECT_EQ(test, put(&rig->ep, AT, 7), 0);
	/* shared */
	expect(test, &rig->other, AT, 7);
	/* not its own; behind the end */
	KUNIT_EXPECT_EQ(test, get(&rig->other, windows[0].last - 7, &value),
			-EFAULT);
	KUNIT_EXPECT_EQ(test, put(&rig->ep, WINDOW + 4 * PAGE_SIZE, 8), -EFAULT);
	expect(test, &rig->ep, AT, 7);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->bus.nr_pages), 1);
}

/* a region where this machine has RAM: the leaf says which is meant */
static void never_ram(struct kunit *test)
{
	struct rig *rig = test->priv;
	u64 *ram = (u64 *)get_zeroed_page(GFP_KERNEL);
	u64 at = virt_to_phys(ram), value = 1;
	struct lab_window window = { at, at + PAGE_SIZE - 1 };
	struct lab_endpoint owner = { .bus = &rig->bus, .windows = &window, .nr_windows = 1 };

	KUNIT_ASSERT_NOT_NULL(test, ram);
	KUNIT_EXPECT_EQ(test, put(&owner, at, 5), 0);
	KUNIT_EXPECT_EQ(test, *ram, 0);
	/* who does not have it reaches neither by that leaf */
	KUNIT_EXPECT_EQ(test, put(&rig->other, at, 6), -EFAULT);
	KUNIT_EXPECT_EQ(test, get(&rig->other, at, &value), -EFAULT);
	KUNIT_EXPECT_EQ(test, *ram, 0);
	/* a mapping of RAM is RAM for both, and leaves the region alone */
	KUNIT_EXPECT_EQ(test, put_as(&owner, at, 7, LAB_MEMORY_RAM), 0);
	KUNIT_EXPECT_EQ(test, *ram, 7);
	KUNIT_EXPECT_EQ(test, put_as(&rig->other, at, 8, LAB_MEMORY_RAM), 0);
	KUNIT_EXPECT_EQ(test, *ram, 8);
	/* so is an address that was not translated */
	KUNIT_EXPECT_EQ(test, put_as(&owner, at, 9, LAB_MEMORY_ANY), 0);
	KUNIT_EXPECT_EQ(test, *ram, 9);
	expect(test, &owner, at, 5);
	/* and a region is none of RAM's mappings */
	KUNIT_EXPECT_EQ(test, put_as(&rig->ep, AT, 1, LAB_MEMORY_RAM), -EFAULT);
	KUNIT_EXPECT_EQ(test, put_as(&rig->ep, AT, 1, LAB_MEMORY_ANY), 0);
	free_page((unsigned long)ram);
}

static struct kunit_case cases[] = {
	{ .name = "a region is never RAM, and RAM never a region",
	  .run_case = never_ram },
	{ .name = "a page of a region gets memory when it is written to",
	  .run_case = memory_comes_with_the_first_write },
	{ .name = "memory of regions has a bound",
	  .run_case = memory_has_a_bound },
	{ .name = "a region is that of the endpoints that have it",
	  .run_case = of_the_endpoints_that_have_it },
	{}
};

struct kunit_suite lab_window_suite = {
	.name = "lab_window",
	.init = rig_make,
	.exit = rig_end,
	.test_cases = cases,
};
