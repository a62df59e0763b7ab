// SPDX-License-Identifier: GPL-2.0
/* The driver of units: the interrupt remapping table. */

#include <linux/io.h>
#include "pair_rig.h"
#include "seed.h"
#include "suites.h"

#define SID	0x1a3b	/* 1a:07.3 */
#define OTHER	0x1a3c
#define IRES	(VTD_GSTS_IRES | VTD_GSTS_IRTPS)

static struct pair_config with_interrupts(void)
{
	struct pair_config config = pair_default;

	config.vtd.interrupts = true;
	config.vtd.eim = true;
	return config;
}

static struct pair_rig *ir_pair(struct kunit *test)
{
	struct pair_config config = with_interrupts();

	return pair_enable(test, &config);
}

/* what a message of an entry becomes: vector, or the fault reason << 8 */
static u32 send(struct lab_requester *rq, unsigned int index)
{
	struct lab_interrupt out;
	unsigned long flags;
	u32 data, address = lab_irq_message(index, &data);

	local_irq_save(flags);
	lab_inflight_begin(rq->vtd);
	lab_vtd_interrupt(rq, address, data, &out);
	lab_inflight_end(rq->vtd);
	local_irq_restore(flags);
	return out.vector | out.reason << 8;
}

static void start_stop(struct kunit *test)
{
	struct pair_rig *rig = ir_pair(test);
	struct lab_unit *unit = rig->unit;
	struct lab_vtd_stats *stats;

	stats = kunit_kzalloc(test, sizeof(*stats), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, stats);
	KUNIT_EXPECT_EQ(test, lab_unit_read32(unit, VTD_GSTS) &
			(IRES | VTD_GSTS_CFIS), IRES);
	KUNIT_EXPECT_EQ(test, lab_unit_irqs(unit), 256u);
	/* EIME, 2 << 7 entries */
	KUNIT_EXPECT_EQ(test, lab_unit_read64(unit, VTD_IRTA),
			virt_to_phys(unit->irt) | 0x807);
	lab_vtd_read_stats(rig->vtd, stats);
	KUNIT_EXPECT_EQ(test, stats->irte_inval[VTD_IEC_GLOBAL], 1ull);

	lab_unit_disable(unit);
	KUNIT_EXPECT_EQ(test, lab_unit_read32(unit, VTD_GSTS) & VTD_GSTS_IRES,
			0u);
	KUNIT_EXPECT_EQ(test, lab_unit_read64(unit, VTD_IRTA), 0ull);
	KUNIT_EXPECT_FALSE(test, unit->reachable);
}

static unsigned int entries_of(struct kunit *test, unsigned int irqs)
{
	struct pair_config config = with_interrupts();
	struct pair_rig *rig = pair_create(test, &config);
	const struct lab_unit_params params = { .seam = &rig->seam,
						.irqs = irqs };

	KUNIT_ASSERT_EQ(test, lab_unit_create(&params, &rig->unit), 0);
	KUNIT_ASSERT_EQ(test, lab_unit_enable(rig->unit), 0);
	KUNIT_EXPECT_EQ(test, 2u << (lab_unit_read64(rig->unit, VTD_IRTA) & 15),
			lab_unit_irqs(rig->unit));
	return lab_unit_irqs(rig->unit);
}

static void table_sizes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, entries_of(test, 0), 256u);
	KUNIT_EXPECT_EQ(test, entries_of(test, 257), 512u);
	KUNIT_EXPECT_EQ(test, entries_of(test, 65536), 65536u);
	KUNIT_EXPECT_EQ(test, entries_of(test, 1000000), 65536u);
}

/* 9.10 and 5.1.2.2 as literal words */
static void literal_words(struct kunit *test)
{
	struct pair_rig *rig = ir_pair(test);
	struct lab_unit *unit = rig->unit;
	struct lab_irq_view view;
	int index;
	u32 data;

	KUNIT_ASSERT_EQ(test, lab_irq_alloc(unit, OTHER), 0);
	index = lab_irq_alloc(unit, SID);
	KUNIT_ASSERT_EQ(test, index, 1);
	KUNIT_EXPECT_EQ(test, unit->irt[2], 0ull);
	KUNIT_EXPECT_EQ(test, lab_irq_enable(unit, 1, 0x12345678, 0x9a), 0);
	KUNIT_EXPECT_EQ(test, unit->irt[2], 0x12345678009a0001ull);
	KUNIT_EXPECT_EQ(test, unit->irt[3], 0x41a3bull);
	KUNIT_EXPECT_TRUE(test, lab_unit_read_irq(unit, 1, &view));
	KUNIT_EXPECT_EQ(test, view.sid, SID);
	KUNIT_EXPECT_TRUE(test, view.enabled);
	KUNIT_EXPECT_EQ(test, view.vector, 0x9a);
	KUNIT_EXPECT_EQ(test, view.destination, 0x12345678u);
	KUNIT_EXPECT_FALSE(test, lab_unit_read_irq(unit, 2, &view));

	KUNIT_EXPECT_EQ(test, lab_irq_message(0, &data), 0xfee00010u);
	KUNIT_EXPECT_EQ(test, data, 0u);
	KUNIT_EXPECT_EQ(test, lab_irq_message(1, &data), 0xfee00030u);
	KUNIT_EXPECT_EQ(test, lab_irq_message(0x7fff, &data), 0xfeeffff0u);
	KUNIT_EXPECT_EQ(test, lab_irq_message(0x8000, &data), 0xfee00014u);
	KUNIT_EXPECT_EQ(test, lab_irq_message(0xffff, &data), 0xfeeffff4u);
	lab_irq_free(unit, 1);
	lab_irq_free(unit, 0);
	KUNIT_EXPECT_EQ(test, unit->irt[2] | unit->irt[3], 0ull);
}

/* without EIM: 8 bits of destination, at another place */
static void eight_bits(struct kunit *test)
{
	struct pair_config config = with_interrupts();
	struct lab_irq_view view;
	struct lab_unit *unit;

	config.vtd.eim = false;
	unit = pair_enable(test, &config)->unit;
	KUNIT_EXPECT_EQ(test, lab_unit_read64(unit, VTD_IRTA) & 0xfff, 0x7ull);
	KUNIT_ASSERT_EQ(test, lab_irq_alloc(unit, SID), 0);
	KUNIT_EXPECT_EQ(test, lab_irq_enable(unit, 0, 256, 0x9a), -EINVAL);
	KUNIT_EXPECT_EQ(test, unit->irt[0], 0ull);
	KUNIT_EXPECT_EQ(test, lab_irq_enable(unit, 0, 255, 0x9a), 0);
	KUNIT_EXPECT_EQ(test, unit->irt[0], 0x0000ff00009a0001ull);
	KUNIT_EXPECT_TRUE(test, lab_unit_read_irq(unit, 0, &view));
	KUNIT_EXPECT_EQ(test, view.destination, 255u);
}

/* the life of an entry, as the function and its neighbour see it */
static void whose(struct kunit *test)
{
	struct pair_rig *rig = ir_pair(test);
	struct lab_requester *ours = pair_requester(rig, SID);
	struct lab_requester *theirs = pair_requester(rig, OTHER);
	struct lab_unit *unit = rig->unit;
	struct lab_unit_counts counts;

	KUNIT_EXPECT_EQ(test, send(ours, 0), 0x2200u);
	KUNIT_ASSERT_EQ(test, lab_irq_alloc(unit, SID), 0);
	KUNIT_EXPECT_EQ(test, send(ours, 0), 0x2200u);
	KUNIT_ASSERT_EQ(test, lab_irq_enable(unit, 0, 7, 0x55), 0);
	KUNIT_EXPECT_EQ(test, send(ours, 0), 0x55u);
	KUNIT_EXPECT_EQ(test, send(theirs, 0), 0x2600u);
	KUNIT_EXPECT_EQ(test, rig->last_fault.reason, 0x26);
	KUNIT_EXPECT_EQ(test, rig->last_fault.sid, OTHER);
	KUNIT_EXPECT_TRUE(test, rig->last_fault.write);
	KUNIT_EXPECT_EQ(test, send(ours, 0), 0x55u);

	KUNIT_ASSERT_EQ(test, lab_irq_disable(unit, 0), 0);
	KUNIT_EXPECT_EQ(test, send(ours, 0), 0x2200u);
	KUNIT_EXPECT_EQ(test, lab_irq_disable(unit, 0), 0);
	lab_unit_read_counts(unit, &counts);
	KUNIT_EXPECT_EQ(test, counts.irqs, 1u);
	/* at start, and the one disable that did something */
	KUNIT_EXPECT_EQ(test, counts.irte_inval, 2ull);
	KUNIT_ASSERT_EQ(test, lab_irq_enable(unit, 0, 7, 0x56), 0);
	KUNIT_EXPECT_EQ(test, send(ours, 0), 0x56u);
	KUNIT_EXPECT_EQ(test, rig->last_fault.iova, 0ull);

	/* given to somebody else: nothing of the old owner is left */
	lab_irq_free(unit, 0);
	KUNIT_ASSERT_EQ(test, lab_irq_alloc(unit, OTHER), 0);
	KUNIT_ASSERT_EQ(test, lab_irq_enable(unit, 0, 7, 0x57), 0);
	KUNIT_EXPECT_EQ(test, send(ours, 0), 0x2600u);
	KUNIT_EXPECT_EQ(test, send(theirs, 0), 0x57u);
	lab_irq_free(unit, 0);
	lab_unit_read_counts(unit, &counts);
	KUNIT_EXPECT_EQ(test, counts.irqs, 0u);
	KUNIT_EXPECT_EQ(test, counts.timeouts, 0ull);
}

/* a unit that caches what is not present is told of what becomes present */
static void caching_mode(struct kunit *test)
{
	struct pair_config config = with_interrupts();
	struct lab_requester *rq;
	struct pair_rig *rig;

	config.vtd.caching_mode = true;
	rig = pair_enable(test, &config);
	rq = pair_requester(rig, SID);
	KUNIT_ASSERT_EQ(test, lab_irq_alloc(rig->unit, SID), 0);
	KUNIT_EXPECT_EQ(test, send(rq, 0), 0x2200u);
	KUNIT_ASSERT_EQ(test, lab_irq_enable(rig->unit, 0, 7, 0x55), 0);
	KUNIT_EXPECT_EQ(test, send(rq, 0), 0x55u);
}

/* each write of an entry is flushed for a unit that does not snoop */
static void flushed(struct kunit *test)
{
	struct pair_config config = with_interrupts();
	struct lab_unit *unit;
	struct pair_rig *rig;

	config.ecap_clear = VTD_ECAP_C;
	rig = pair_enable(test, &config);
	unit = rig->unit;
	KUNIT_EXPECT_TRUE(test, pair_flushed(rig, unit->irt, PAGE_SIZE));
	KUNIT_ASSERT_EQ(test, lab_irq_alloc(unit, SID), 0);
	KUNIT_ASSERT_EQ(test, lab_irq_enable(unit, 0, 7, 0x55), 0);
	KUNIT_EXPECT_TRUE(test, pair_flushed(rig, unit->irt, PAGE_SIZE));
	KUNIT_ASSERT_EQ(test, lab_irq_disable(unit, 0), 0);
	KUNIT_EXPECT_TRUE(test, pair_flushed(rig, unit->irt, PAGE_SIZE));
}

static void full_and_absent(struct kunit *test)
{
	struct pair_rig *rig = ir_pair(test);
	struct pair_config config = with_interrupts();

	for (int i = 0; i < 256; i++)
		KUNIT_ASSERT_EQ(test, lab_irq_alloc(rig->unit, SID), i);
	KUNIT_EXPECT_EQ(test, lab_irq_alloc(rig->unit, SID), -ENOSPC);
	lab_irq_free(rig->unit, 77);
	KUNIT_EXPECT_EQ(test, lab_irq_alloc(rig->unit, SID), 77);

	rig = pair_enable(test, &pair_default);
	KUNIT_EXPECT_EQ(test, lab_irq_alloc(rig->unit, SID), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, lab_unit_irqs(rig->unit), 0u);
	/* the queue is the only way to invalidate entries */
	config.ecap_clear = VTD_ECAP_QI;
	rig = pair_enable(test, &config);
	KUNIT_EXPECT_EQ(test, lab_irq_alloc(rig->unit, SID), -EOPNOTSUPP);
}

/* what a dead unit may still know is never given to anybody else */
static void stuck(struct kunit *test)
{
	struct pair_config config = with_interrupts();
	struct lab_unit_counts counts;
	struct pair_rig *rig;

	rig = pair_enable(test, &config);
	KUNIT_ASSERT_EQ(test, lab_irq_alloc(rig->unit, SID), 0);
	KUNIT_ASSERT_EQ(test, lab_irq_alloc(rig->unit, SID), 1);
	KUNIT_ASSERT_EQ(test, lab_irq_enable(rig->unit, 0, 7, 0x55), 0);
	lab_vtd_set_defect(rig->vtd, LAB_DEFECT_STUCK);
	KUNIT_EXPECT_EQ(test, lab_irq_disable(rig->unit, 0), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->dead), 1);
	lab_irq_free(rig->unit, 0);
	lab_irq_free(rig->unit, 1);
	lab_unit_read_counts(rig->unit, &counts);
	KUNIT_EXPECT_EQ(test, counts.irqs, 2u);
	KUNIT_EXPECT_EQ(test, lab_irq_alloc(rig->unit, SID), -ENODEV);
	lab_vtd_set_defect(rig->vtd, LAB_DEFECT_NONE);
}

/* entries stay over disable and enable, and nothing old is cached then */
static void over_disable(struct kunit *test)
{
	struct pair_rig *rig = ir_pair(test);
	struct lab_requester *rq = pair_requester(rig, SID);

	KUNIT_ASSERT_EQ(test, lab_irq_alloc(rig->unit, SID), 0);
	KUNIT_ASSERT_EQ(test, lab_irq_alloc(rig->unit, SID), 1);
	KUNIT_ASSERT_EQ(test, lab_irq_enable(rig->unit, 0, 7, 0x55), 0);
	KUNIT_ASSERT_EQ(test, lab_irq_enable(rig->unit, 1, 7, 0x56), 0);
	KUNIT_EXPECT_EQ(test, send(rq, 0), 0x55u);
	KUNIT_EXPECT_EQ(test, send(rq, 1), 0x56u);
	lab_unit_disable(rig->unit);
	KUNIT_EXPECT_EQ(test, lab_irq_disable(rig->unit, 1), 0);
	KUNIT_ASSERT_EQ(test, lab_unit_enable(rig->unit), 0);
	KUNIT_EXPECT_EQ(test, send(rq, 0), 0x55u);
	KUNIT_EXPECT_EQ(test, send(rq, 1), 0x2200u);
}

/* random owners: a message passes if, and only if, it is the enabled owner's */
static void property(struct kunit *test)
{
	struct pair_rig *rig = ir_pair(test);
	struct lab_requester *rq[2] = { pair_requester(rig, SID),
					pair_requester(rig, OTHER) };
	u8 owner[8] = {}, vector[8] = {};	/* 0: nobody; not enabled */
	struct rnd_state rnd;

	lab_test_rnd_init(&rnd, 0x141);
	for (int step = 0; step < 20000; step++) {
		u32 draw = prandom_u32_state(&rnd);
		unsigned int i = draw % 8, who = draw >> 3 & 1;
		u32 expected = 0x2200;
		int got;

		switch (draw >> 29) {
		case 0:
			got = lab_irq_alloc(rig->unit, rq[who]->sid);
			KUNIT_ASSERT_GE(test, got, 0);
			if (got < 8) {
				KUNIT_ASSERT_EQ(test, owner[got], 0);
				owner[got] = 1 + who;
			} else {
				lab_irq_free(rig->unit, got);
			}
			break;
		case 1:
			if (!owner[i])
				break;
			lab_irq_free(rig->unit, i);
			owner[i] = 0;
			vector[i] = 0;
			break;
		case 2:
			if (!owner[i] || vector[i])
				break;
			vector[i] = 1 + (draw >> 8) % 255;
			KUNIT_ASSERT_EQ(test, lab_irq_enable(rig->unit, i, draw,
							     vector[i]), 0);
			break;
		case 3:
			if (!owner[i])
				break;
			KUNIT_ASSERT_EQ(test, lab_irq_disable(rig->unit, i), 0);
			vector[i] = 0;
			break;
		default:
			if (vector[i])
				expected = owner[i] == 1 + who ? vector[i] :
								 0x2600;
			KUNIT_ASSERT_EQ_MSG(test, send(rq[who], i), expected,
					    "step %d, seed %llu", step,
					    lab_test_seed());
		}
	}
}

static struct kunit_case cases[] = {
	PAIR_CASE(start_stop, "N14 interrupt remapping goes on and off with the unit"),
	PAIR_CASE(table_sizes, "N14 tables of 256 to 65536 entries"),
	PAIR_CASE(literal_words, "N14 entries and messages word by word"),
	PAIR_CASE(eight_bits, "N14 destinations of 8 bits"),
	PAIR_CASE(whose, "N14 an entry passes its owner's messages only"),
	PAIR_CASE(caching_mode, "N14 caching mode: a new entry is invalidated"),
	PAIR_CASE(flushed, "N14 entries are flushed for a unit that does not snoop"),
	PAIR_CASE(full_and_absent, "N14 a full table, and units without one"),
	PAIR_CASE(stuck, "N14 entries of a dead unit are not used again"),
	PAIR_CASE(over_disable, "N14 entries stay over disable and enable"),
	PAIR_CASE(property, "N14 random owners of entries"),
	{}
};

struct kunit_suite lab_remap_ir_suite = {
	.name = "iommu_lab_remap_ir",
	.test_cases = cases,
};
