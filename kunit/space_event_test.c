// SPDX-License-Identifier: GPL-2.0
/* The queue of a domain's events. */

#include <kunit/test.h>
#include "../iommu_lab/space/event_queue.h"
#include "seed.h"
#include "suites.h"

static void put(struct lab_event_queue *queue, enum lab_event_type type,
		unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct lab_event event = {
			.type = type,
			.time = queue->seq + 1001,
			.lost = 99,	/* not the caller's to say */
		};

		lab_event_put(queue, &event);
	}
}

static void expect(struct kunit *test, struct lab_event_queue *queue,
		   enum lab_event_type type, u64 seq, u64 lost)
{
	struct lab_event event;

	KUNIT_EXPECT_TRUE(test, lab_event_ready(queue));
	KUNIT_ASSERT_TRUE(test, lab_event_take(queue, &event));
	KUNIT_EXPECT_EQ(test, event.type, (u8)type);
	KUNIT_EXPECT_EQ(test, event.seq, seq);
	KUNIT_EXPECT_EQ(test, event.lost, lost);
	KUNIT_EXPECT_EQ(test, event.time, seq + 1000);
	KUNIT_EXPECT_FALSE(test, event.records_lost);
}

static void expect_none(struct kunit *test, struct lab_event_queue *queue)
{
	struct lab_event event;

	KUNIT_EXPECT_FALSE(test, lab_event_ready(queue));
	KUNIT_EXPECT_FALSE(test, lab_event_take(queue, &event));
}

static void oldest_are_kept(struct kunit *test)
{
	struct lab_event_queue *queue = test->priv;
	struct lab_event_figures figures;
	u64 seq;

	expect_none(test, queue);
	put(queue, LAB_EVENT_FAULT, LAB_EVENT_ROOM + 5);
	lab_event_read_figures(queue, &figures);
	KUNIT_EXPECT_EQ(test, figures.queued, LAB_EVENT_ROOM);
	KUNIT_EXPECT_EQ(test, figures.seq, LAB_EVENT_ROOM + 5);
	KUNIT_EXPECT_EQ(test, figures.lost, 5);
	for (seq = 1; seq <= LAB_EVENT_ROOM; seq++)
		expect(test, queue, LAB_EVENT_FAULT, seq, 0);
	expect(test, queue, LAB_EVENT_LOST, LAB_EVENT_ROOM + 5, 5);
	expect_none(test, queue);
}

static void marker_in_place(struct kunit *test)
{
	struct lab_event_queue *queue = test->priv;
	u64 seq;

	put(queue, LAB_EVENT_FAULT, LAB_EVENT_ROOM + 3);
	expect(test, queue, LAB_EVENT_FAULT, 1, 0);
	/* one fits again, behind what was lost; then none does */
	put(queue, LAB_EVENT_FAULT, 1 + 4);
	for (seq = 2; seq <= LAB_EVENT_ROOM; seq++)
		expect(test, queue, LAB_EVENT_FAULT, seq, 0);
	expect(test, queue, LAB_EVENT_LOST, LAB_EVENT_ROOM + 3, 3);
	expect(test, queue, LAB_EVENT_FAULT, LAB_EVENT_ROOM + 4, 0);
	expect(test, queue, LAB_EVENT_LOST, LAB_EVENT_ROOM + 8, 4);
	expect_none(test, queue);
}

static void room_for_dead(struct kunit *test)
{
	struct lab_event_queue *queue = test->priv;
	unsigned int i;
	u64 seq;

	put(queue, LAB_EVENT_FAULT, LAB_EVENT_ROOM + 2);
	put(queue, LAB_EVENT_DEAD, LAB_EVENT_DEAD_ROOM + 1);
	put(queue, LAB_EVENT_FAULT, 1);
	for (seq = 1; seq <= LAB_EVENT_ROOM; seq++)
		expect(test, queue, LAB_EVENT_FAULT, seq, 0);
	expect(test, queue, LAB_EVENT_LOST, seq + 1, 2);
	for (i = 0; i < LAB_EVENT_DEAD_ROOM; i++)
		expect(test, queue, LAB_EVENT_DEAD, seq + 2 + i, 0);
	expect(test, queue, LAB_EVENT_LOST, seq + 2 + i + 1, 2);
	expect_none(test, queue);
}

static void records_of_the_unit(struct kunit *test)
{
	struct lab_event_queue *queue = test->priv;
	struct lab_event event;

	lab_event_records_lost(queue);
	KUNIT_EXPECT_TRUE(test, lab_event_ready(queue));
	KUNIT_ASSERT_TRUE(test, lab_event_take(queue, &event));
	KUNIT_EXPECT_EQ(test, event.type, (u8)LAB_EVENT_LOST);
	KUNIT_EXPECT_TRUE(test, event.records_lost);
	KUNIT_EXPECT_EQ(test, event.seq, 0);
	KUNIT_EXPECT_EQ(test, event.lost, 0);
	KUNIT_EXPECT_GT(test, event.time, 0);
	expect_none(test, queue);
	/* twice is no more than once, and it comes in its place */
	put(queue, LAB_EVENT_FAULT, 1);
	lab_event_records_lost(queue);
	lab_event_records_lost(queue);
	put(queue, LAB_EVENT_FAULT, 1);
	expect(test, queue, LAB_EVENT_FAULT, 1, 0);
	KUNIT_ASSERT_TRUE(test, lab_event_take(queue, &event));
	KUNIT_EXPECT_EQ(test, event.type, (u8)LAB_EVENT_LOST);
	KUNIT_EXPECT_TRUE(test, event.records_lost);
	KUNIT_EXPECT_EQ(test, event.seq, 1);
	expect(test, queue, LAB_EVENT_FAULT, 2, 0);
	expect_none(test, queue);
}

/* taken + lost = the number of the last, whatever the order of puts and takes */
static void sums(struct kunit *test)
{
	struct lab_event_queue *queue = test->priv;
	struct rnd_state rnd;
	struct lab_event event;
	unsigned int round, i;
	u64 sum = 0;

	lab_test_rnd_init(&rnd, 31);
	for (round = 0; round < 2000; round++) {
		unsigned int puts = lab_test_below(&rnd, 200);
		unsigned int takes = lab_test_below(&rnd, 200);

		put(queue, LAB_EVENT_FAULT, puts);
		for (i = 0; i < takes && lab_event_take(queue, &event); i++) {
			sum += event.type == LAB_EVENT_LOST ? event.lost : 1;
			KUNIT_ASSERT_EQ(test, sum, event.seq);
		}
	}
	while (lab_event_take(queue, &event))
		sum += event.type == LAB_EVENT_LOST ? event.lost : 1;
	KUNIT_EXPECT_EQ(test, sum, queue->seq);
}

static int make_queue(struct kunit *test)
{
	struct lab_event_queue *queue;

	queue = kunit_kzalloc(test, sizeof(*queue), GFP_KERNEL);
	if (!queue)
		return -ENOMEM;
	test->priv = queue;
	return lab_event_queue_init(queue, 7);
}

/* also after a failed assertion: an irq_work may be on its way */
static void destroy_queue(struct kunit *test)
{
	struct lab_event_queue *queue = test->priv;

	if (queue && queue->slots)
		lab_event_queue_destroy(queue);
}

static struct kunit_case cases[] = {
	{ .name = "a full queue keeps the oldest events",
	  .run_case = oldest_are_kept },
	{ .name = "a marker is in the place of what was lost",
	  .run_case = marker_in_place },
	{ .name = "a dead unit has room in a full queue",
	  .run_case = room_for_dead },
	{ .name = "records that a unit lost are told, but not counted",
	  .run_case = records_of_the_unit },
	{ .name = "events taken and lost add up", .run_case = sums },
	{}
};

struct kunit_suite lab_space_event_suite = {
	.name = "iommu_lab_space_event",
	.init = make_queue,
	.exit = destroy_queue,
	.test_cases = cases,
};
