// SPDX-License-Identifier: GPL-2.0
/*
 * bus/: what answers at each BDF below a host bridge.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include "../iommu_lab/bus/function.h"
#include "suites.h"

#define BDF(bus, device, function) ((bus) << 8 | (device) << 3 | (function))

static const u16 endpoints[] = {
	BDF(0x20, 3, 2), BDF(0x20, 4, 0), BDF(0x21, 2, 1), BDF(0x21, 2, 3),
	BDF(0x23, 1, 0), BDF(0x24, 0, 0),
};

/*
 * A root port with two endpoints and an upstream port below it; an endpoint and a
 * downstream port below that, with an endpoint.
 */
static const struct lab_host_port ports[] = {
	{ BDF(0x20, 1, 1), 0x21, 0x24 },
	{ BDF(0x21, 5, 0), 0x23, 0x24 },
	{ BDF(0x23, 1, 4), 0x24, 0x24 },
};

struct rig {
	struct lab_bus bus;
	struct lab_endpoint ep[ARRAY_SIZE(endpoints)];
	struct lab_slots slots;
};

static struct lab_endpoint *endpoint(void *data, unsigned int index)
{
	struct rig *rig = data;

	return &rig->ep[index - 10];
}

static u32 at(const struct rig *rig, u16 bdf, unsigned int where,
	      unsigned int size)
{
	struct lab_slot *slot = lab_slot_at(&rig->slots, bdf >> 8, bdf & 0xff);

	if (slot->fn)
		return lab_function_read(slot->fn, where, size);
	return slot->plain ? lab_config_read(&slot->plain->config, where, size) :
	       ~0u;
}

/* vendor and device, header type, PCIe capability's type */
static void is(struct kunit *test, const struct rig *rig, u16 bdf, u16 device,
	       u8 header, u8 type)
{
	unsigned int exp = device == 0x1ab1 ? 0x40 : 0x60;

	KUNIT_EXPECT_EQ_MSG(test, at(rig, bdf, 0, 4), device << 16 | 0x1234,
			    "%04x", bdf);
	KUNIT_EXPECT_EQ_MSG(test, at(rig, bdf, 0xe, 1), header, "%04x", bdf);
	KUNIT_EXPECT_EQ_MSG(test, at(rig, bdf, exp + 2, 2) >> 4, type, "%04x",
			    bdf);
}

static void every_slot(struct kunit *test)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	struct lab_host_params params = {
		.bus = 0x20,
		.last = 0x24,
		.first = 10,
		.nr = ARRAY_SIZE(endpoints),
		.nr_ports = ARRAY_SIZE(ports),
		.ports = ports,
		.endpoint = endpoint,
		.data = rig,
	};
	unsigned int i, bdf, taken = 0;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	KUNIT_ASSERT_EQ(test, lab_bus_init(&rig->bus), 0);
	for (i = 0; i < ARRAY_SIZE(endpoints); i++)
		KUNIT_ASSERT_EQ(test, lab_endpoint_init(&rig->ep[i], &rig->bus,
							NULL, i, 0,
							endpoints[i]), 0);
	KUNIT_ASSERT_EQ(test, lab_slots_make(&rig->slots, &params), 0);

	/* the root bus: devices with functions, function 0 wherever there are others */
	is(test, rig, BDF(0x20, 1, 0), 0x1ab2, 0x80, 9);
	is(test, rig, BDF(0x20, 1, 1), 0x1ab1, 0x81, 4);
	is(test, rig, BDF(0x20, 3, 0), 0x1ab2, 0x80, 9);
	is(test, rig, BDF(0x20, 3, 2), 0x1ab0, 0x80, 9);
	is(test, rig, BDF(0x20, 4, 0), 0x1ab0, 0, 9);
	KUNIT_EXPECT_EQ(test, at(rig, BDF(0x20, 1, 1), 0x18, 4), 0x242120);

	/* below the root port: one ARI device, linked in order */
	is(test, rig, BDF(0x21, 0, 0), 0x1ab2, 0x80, 0);
	is(test, rig, BDF(0x21, 2, 1), 0x1ab0, 0x80, 0);
	is(test, rig, BDF(0x21, 2, 3), 0x1ab0, 0x80, 0);
	is(test, rig, BDF(0x21, 5, 0), 0x1ab1, 0x81, 5);
	KUNIT_EXPECT_EQ(test, at(rig, BDF(0x21, 0, 0), 0x104, 4), 0x1100);
	KUNIT_EXPECT_EQ(test, at(rig, BDF(0x21, 2, 1), 0x144, 4), 0x1300);
	KUNIT_EXPECT_EQ(test, at(rig, BDF(0x21, 2, 3), 0x144, 4), 0x2800);
	KUNIT_EXPECT_EQ(test, at(rig, BDF(0x21, 5, 0), 0x104, 4), 0);

	/* inside the switch: devices again */
	is(test, rig, BDF(0x23, 1, 0), 0x1ab0, 0x80, 0);
	is(test, rig, BDF(0x23, 1, 4), 0x1ab1, 0x81, 6);
	KUNIT_EXPECT_EQ(test, at(rig, BDF(0x23, 1, 0), 0x140, 4), 0);
	is(test, rig, BDF(0x24, 0, 0), 0x1ab0, 0x80, 0);
	KUNIT_EXPECT_EQ(test, at(rig, BDF(0x24, 0, 0), 0x140, 4), 0x1000e);

	/* and nothing else */
	for (bdf = 0; bdf < 0x10000; bdf++)
		taken += at(rig, bdf, 0, 4) != ~0u;
	KUNIT_EXPECT_EQ(test, taken, 12);

	lab_slots_free(&rig->slots);
	for (i = 0; i < ARRAY_SIZE(endpoints); i++)
		lab_endpoint_release(&rig->ep[i]);
	lab_bus_destroy(&rig->bus);
}

static struct kunit_case lab_slots_cases[] = {
	{ .name = "functions, ports and placeholders are where they should be",
	  .run_case = every_slot },
	{ }
};

struct kunit_suite lab_slots_suite = {
	.name = "iommu_lab_slots",
	.test_cases = lab_slots_cases,
};
