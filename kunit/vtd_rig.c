// SPDX-License-Identifier: GPL-2.0
/* A test's own driver of a unit. */

#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "vtd_rig.h"

/**
 * struct rig_block - memory that the unit may see
 * @link: in vtd_rig.blocks
 * @memory: page aligned
 * @order: log2 of the pages
 */
struct rig_block {
	struct list_head link;
	unsigned long memory;
	unsigned int order;
};

const struct lab_vtd_config vtd_rig_config = {
	.name = "rig",
	.base = 0xfed90000,
	.levels = BIT(3) | BIT(4) | BIT(5),
	.width = RIG_WIDTH,
	.nd = 6,
	.sslps = 3,
	.fault_records = 4,
	.pass_through = true,
	.iotlb_sets = 16,
	.iotlb_ways = 4,
};

/* zeroed, freed by vtd_rig_exit() */
u64 *vtd_rig_pages(struct vtd_rig *rig, unsigned int order)
{
	struct rig_block *block = kzalloc(sizeof(*block), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(rig->test, block);
	list_add(&block->link, &rig->blocks);
	block->order = order;
	block->memory = __get_free_pages(GFP_KERNEL | __GFP_ZERO, order);
	KUNIT_ASSERT_NE(rig->test, block->memory, 0ul);
	return (u64 *)block->memory;
}

u64 *vtd_rig_page(struct vtd_rig *rig)
{
	return vtd_rig_pages(rig, 0);
}

u64 vtd_rig_pa(const void *memory)
{
	return virt_to_phys((void *)memory);
}

u32 vtd_rig_read32(struct vtd_rig *rig, u32 reg)
{
	return rig->seam->ops->read32(rig->seam, reg);
}

u64 vtd_rig_read64(struct vtd_rig *rig, u32 reg)
{
	return rig->seam->ops->read64(rig->seam, reg);
}

void vtd_rig_write32(struct vtd_rig *rig, u32 reg, u32 value)
{
	rig->seam->ops->write32(rig->seam, reg, value);
}

void vtd_rig_write64(struct vtd_rig *rig, u32 reg, u64 value)
{
	rig->seam->ops->write64(rig->seam, reg, value);
}

/* 11.4.4: one bit at a time, the one-shots left out */
void vtd_rig_command(struct vtd_rig *rig, u32 bit, bool on)
{
	u32 keep = vtd_rig_read32(rig, 0x1c) & 0x96ffffff;

	vtd_rig_write32(rig, 0x18, on ? keep | bit : keep & ~bit);
}

/* root table set, translation on */
void vtd_rig_on(struct vtd_rig *rig)
{
	vtd_rig_write64(rig, 0x20, vtd_rig_pa(rig->root));
	vtd_rig_command(rig, BIT(30), true);
	vtd_rig_command(rig, BIT(31), true);
	KUNIT_ASSERT_EQ(rig->test, vtd_rig_read32(rig, 0x1c) >> 30, 3u);
}

void vtd_rig_tree(struct vtd_rig *rig, struct vtd_tree *tree)
{
	tree->top = vtd_rig_page(rig);
	tree->l3 = vtd_rig_page(rig);
	tree->l2 = vtd_rig_page(rig);
	tree->l1 = vtd_rig_page(rig);
	tree->top[0] = vtd_rig_pa(tree->l3) | RIG_RW;
	tree->l3[0] = vtd_rig_pa(tree->l2) | RIG_RW;
	tree->l2[0] = vtd_rig_pa(tree->l1) | RIG_RW;
}

/* 9.3: the high half first */
void vtd_rig_context(struct vtd_rig *rig, u16 sid, u64 lo, u64 hi)
{
	WRITE_ONCE(rig->context[2 * (sid & 0xff) + 1], hi);
	smp_wmb(); /* the unit reads the low half first */
	WRITE_ONCE(rig->context[2 * (sid & 0xff)], lo);
}

struct lab_requester *vtd_rig_requester(struct vtd_rig *rig, u16 sid)
{
	struct lab_requester *rq = &rig->requesters[rig->nr_requesters];

	KUNIT_ASSERT_LT(rig->test, rig->nr_requesters, RIG_MAX_REQUESTERS);
	KUNIT_ASSERT_EQ(rig->test, lab_requester_init(rq, rig->vtd, sid), 0);
	rig->nr_requesters++;
	return rq;
}

/* ends in test->priv, where vtd_rig_exit() finds it; translation is off */
struct vtd_rig *vtd_rig_create(struct kunit *test,
			       const struct lab_vtd_config *config)
{
	struct vtd_rig *rig = kzalloc(sizeof(*rig), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rig);
	INIT_LIST_HEAD(&rig->blocks);
	rig->test = test;
	test->priv = rig;
	rig->vtd = lab_vtd_create(config);
	if (IS_ERR(rig->vtd))
		rig->vtd = NULL;
	KUNIT_ASSERT_NOT_NULL(test, rig->vtd);
	rig->seam = lab_vtd_seam(rig->vtd);
	rig->root = vtd_rig_page(rig);
	rig->context = vtd_rig_page(rig);
	rig->root[2 * RIG_BUS] = vtd_rig_pa(rig->context) | 1;
	vtd_rig_tree(rig, &rig->tree);
	vtd_rig_context(rig, RIG_SID, vtd_rig_pa(rig->tree.top) | 1,
			RIG_DID << 8 | RIG_AW4);
	rig->status = (u32 *)vtd_rig_page(rig);
	rig->rq = vtd_rig_requester(rig, RIG_SID);
	return rig;
}

/* the exit of each suite that uses a rig; also after a failed assertion */
void vtd_rig_exit(struct kunit *test)
{
	struct vtd_rig *rig = test->priv;
	struct rig_block *block, *next;
	struct lab_counters sum;

	if (!rig)
		return;
	test->priv = NULL;
	while (rig->nr_requesters)
		lab_requester_release(&rig->requesters[--rig->nr_requesters],
				      &sum);
	if (rig->vtd)
		lab_vtd_destroy(rig->vtd);
	list_for_each_entry_safe(block, next, &rig->blocks, link) {
		if (block->memory)
			free_pages(block->memory, block->order);
		kfree(block);
	}
	kfree(rig);
}

/* 256 << @order descriptors */
void vtd_rig_queue_on(struct vtd_rig *rig, unsigned int order)
{
	rig->queue = vtd_rig_pages(rig, order);
	rig->queue_bytes = PAGE_SIZE << order;
	rig->tail = 0;
	vtd_rig_write64(rig, 0x88, 0);
	vtd_rig_write64(rig, 0x90, vtd_rig_pa(rig->queue) | order);
	vtd_rig_command(rig, BIT(26), true);
	KUNIT_ASSERT_TRUE(rig->test, vtd_rig_read32(rig, 0x1c) & BIT(26));
}

/* a descriptor behind the others; the unit is not told */
void vtd_rig_put(struct vtd_rig *rig, u64 lo, u64 hi)
{
	rig->queue[rig->tail / 8] = lo;
	rig->queue[rig->tail / 8 + 1] = hi;
	rig->tail = (rig->tail + 16) % rig->queue_bytes;
}

void vtd_rig_ring(struct vtd_rig *rig)
{
	vtd_rig_write64(rig, 0x88, rig->tail);
}

void vtd_rig_submit(struct vtd_rig *rig, u64 lo, u64 hi)
{
	vtd_rig_put(rig, lo, hi);
	vtd_rig_ring(rig);
}

/* as an access of a device that moves nothing */
enum lab_translate_status vtd_rig_access(struct lab_requester *rq, u64 iova,
					 bool write,
					 struct lab_translation *tr)
{
	enum lab_translate_status status;
	unsigned long flags;

	local_irq_save(flags);
	lab_inflight_begin(rq->vtd);
	status = lab_vtd_translate(rq, iova, write, tr);
	lab_inflight_end(rq->vtd);
	local_irq_restore(flags);
	return status;
}

void vtd_rig_expect_pa(struct vtd_rig *rig, u64 iova, bool write, u64 pa)
{
	struct lab_translation tr;

	KUNIT_EXPECT_EQ(rig->test, vtd_rig_access(rig->rq, iova, write, &tr),
			LAB_TRANSLATED);
	KUNIT_EXPECT_EQ(rig->test, tr.reason, 0);
	KUNIT_EXPECT_EQ(rig->test, tr.pa, pa);
}

/* refused, and not since something is stale */
void vtd_rig_expect_fault(struct vtd_rig *rig, u64 iova, bool write, u8 reason)
{
	struct lab_translation tr;

	KUNIT_EXPECT_EQ(rig->test, vtd_rig_access(rig->rq, iova, write, &tr),
			LAB_FAULTED);
	KUNIT_EXPECT_EQ(rig->test, tr.reason, reason);
	KUNIT_EXPECT_FALSE(rig->test, tr.stale);
}

/* of the rig's first requester */
u64 vtd_rig_count(struct vtd_rig *rig, enum lab_counter which)
{
	struct lab_counters sum;

	lab_requester_read(rig->rq, &sum);
	return sum.c[which];
}
