// SPDX-License-Identifier: GPL-2.0
/* The rig of vtd_rig.c in scalable mode. */

#include <linux/mm.h>
#include <linux/string.h>
#include "sm_rig.h"

const struct lab_vtd_config sm_rig_config = {
	.name = "sm",
	.base = 0xfed90000,
	.levels = BIT(3) | BIT(4) | BIT(5),
	.width = RIG_WIDTH,
	.nd = 6,
	.sslps = 3,
	.fault_records = 4,
	.pass_through = true,
	.scalable = true,
	.iotlb_sets = 16,
	.iotlb_ways = 4,
};

/* the root entry of vtd_rig_create() is that of devices 0 to 15 here */
struct sm_rig *sm_rig_create(struct kunit *test,
			     const struct lab_vtd_config *config)
{
	struct sm_rig *sm = kunit_kzalloc(test, sizeof(*sm), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sm);
	sm->rig = vtd_rig_create(test, config);
	sm->dir = vtd_rig_page(sm->rig);
	sm->table = vtd_rig_page(sm->rig);
	memset(sm->rig->context, 0, PAGE_SIZE);
	sm->rig->context[SM_CONTEXT] = vtd_rig_pa(sm->dir) | 1;
	sm->dir[0] = vtd_rig_pa(sm->table) | 1;
	sm->table[0] = vtd_rig_pa(sm->rig->tree.top) | SM_SECOND_STAGE;
	sm->table[1] = RIG_DID | SM_PWSNP;
	return sm;
}

/* queue, root table, translation */
void sm_rig_on(struct sm_rig *sm)
{
	struct vtd_rig *rig = sm->rig;

	rig->queue = vtd_rig_page(rig);
	rig->queue_bytes = PAGE_SIZE;
	vtd_rig_write64(rig, 0x88, 0);
	vtd_rig_write64(rig, 0x90, vtd_rig_pa(rig->queue) | SM_DW);
	vtd_rig_command(rig, BIT(26), true);
	vtd_rig_write64(rig, 0x20, vtd_rig_pa(rig->root) | SM_TTM);
	vtd_rig_command(rig, BIT(30), true);
	vtd_rig_command(rig, BIT(31), true);
	KUNIT_ASSERT_EQ(rig->test, vtd_rig_read32(rig, 0x1c) & 0xc4000000,
			0xc4000000u);
}

/* a descriptor of 32 bytes behind the others; the unit is not told */
void sm_rig_put(struct sm_rig *sm, u64 lo, u64 hi, u64 third, u64 fourth)
{
	struct vtd_rig *rig = sm->rig;
	u64 *slot = rig->queue + rig->tail / 8;

	slot[0] = lo;
	slot[1] = hi;
	slot[2] = third;
	slot[3] = fourth;
	rig->tail = (rig->tail + 32) % rig->queue_bytes;
}

void sm_rig_submit(struct sm_rig *sm, u64 lo, u64 hi)
{
	sm_rig_put(sm, lo, hi, 0, 0);
	vtd_rig_ring(sm->rig);
}

void sm_rig_flush(struct sm_rig *sm)
{
	sm_rig_submit(sm, RIG_INV_CONTEXT_GLOBAL, 0);
	sm_rig_submit(sm, SM_INV_PASID_GLOBAL, 0);
	sm_rig_submit(sm, RIG_INV_IOTLB_GLOBAL, 0);
}

/* clears it, too: the queue goes on behind what was bad */
bool sm_rig_queue_error(struct sm_rig *sm)
{
	struct vtd_rig *rig = sm->rig;
	u64 head = vtd_rig_read64(rig, 0x80);
	bool error = vtd_rig_read32(rig, 0x34) & BIT(4);

	if (!error)
		return false;
	rig->queue[head / 8] = 0x5;	/* a wait that does nothing */
	rig->queue[head / 8 + 1] = 0;
	rig->queue[head / 8 + 2] = 0;
	rig->queue[head / 8 + 3] = 0;
	vtd_rig_write32(rig, 0x34, BIT(4));
	vtd_rig_ring(rig);
	KUNIT_EXPECT_EQ(rig->test, vtd_rig_read64(rig, 0x80), rig->tail);
	return true;
}
