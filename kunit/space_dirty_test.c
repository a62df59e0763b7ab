// SPDX-License-Identifier: GPL-2.0
/*
 * Dirty tracking of a domain: what is told, what is cleared, and what is not when the
 * report fails.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "../iommu_lab/space/space_int.h"
#include "space_rig.h"
#include "suites.h"

#define AT	(SZ_1G - 4 * (u64)SZ_4K)	/* 4 pages below the end of a part */
#define PAGES	8u
#define SID	0x0110

/**
 * struct told - what a request has told
 * @bits: all of it
 * @fail_at: the report that fails, from 1 on; 0: none
 * @reports: how many there were
 */
struct told {
	unsigned long bits[2];
	unsigned int fail_at;
	unsigned int reports;
};

static int report(void *ctx, u64 word, const unsigned long *bits,
		  unsigned int words)
{
	struct told *told = ctx;
	unsigned int i;

	if (++told->reports == told->fail_at)
		return -EFAULT;
	for (i = 0; i < words && word + i < ARRAY_SIZE(told->bits); i++)
		told->bits[word + i] |= bits[i];
	return 0;
}

static struct lab_dirty_request request_of(struct told *told, bool clear)
{
	*told = (struct told){};
	return (struct lab_dirty_request) {
		.iova = AT,
		.length = PAGES * SZ_4K,
		.page_size = SZ_4K,
		.clear = clear,
		.report = report,
		.ctx = told,
	};
}

static void write_page(struct kunit *test, struct lab_requester *rq,
		       unsigned int page)
{
	struct lab_translation tr;
	unsigned long flags;

	local_irq_save(flags);
	lab_inflight_begin(rq->vtd);
	KUNIT_EXPECT_EQ(test, lab_vtd_translate(rq, AT + page * SZ_4K, true,
						&tr), LAB_TRANSLATED);
	lab_inflight_end(rq->vtd);
	local_irq_restore(flags);
}

struct bench {
	struct space_rig *rig;
	struct lab_domain *domain;
	struct lab_device dev;
	struct lab_requester rq;
};

static void set_up(struct kunit *test, struct bench *bench)
{
	struct space_rig *rig = test->priv;

	bench->rig = rig;
	bench->domain = space_rig_domain(rig, LAB_POLICY_FIXED, 0, 0);
	KUNIT_ASSERT_EQ(test, lab_device_init(&bench->dev, rig->unit[0], SID,
					      NULL, 0), 0);
	KUNIT_ASSERT_EQ(test, lab_requester_init(&bench->rq, rig->vtd[0], SID),
			0);
	KUNIT_ASSERT_EQ(test, lab_domain_attach(bench->domain, &bench->dev,
						&rig->refusal), 0);
	KUNIT_ASSERT_EQ(test, space_rig_map_at(rig, bench->domain, AT, 0, PAGES,
					       LAB_PROT_READ | LAB_PROT_WRITE),
			0);
	KUNIT_ASSERT_EQ(test, lab_domain_track_dirty(bench->domain, true,
						     &rig->refusal), 0);
}

static void tear_down(struct kunit *test, struct bench *bench)
{
	struct space_rig *rig = bench->rig;
	struct lab_counters sum;

	KUNIT_EXPECT_EQ(test, space_rig_unmap(rig, bench->domain, AT,
					      AT + PAGES * SZ_4K - 1),
			PAGES * SZ_4K);
	KUNIT_EXPECT_EQ(test, lab_domain_detach(bench->domain, &bench->dev), 0);
	lab_requester_release(&bench->rq, &sum);
	lab_device_release(&bench->dev);
	lab_domain_close(bench->domain);
}

/* over the end of a part: two reports, of one word of the bitmap */
static void across_parts(struct kunit *test)
{
	struct lab_dirty_request request;
	struct bench bench;
	struct told told;

	set_up(test, &bench);
	write_page(test, &bench.rq, 1);
	write_page(test, &bench.rq, 3);
	write_page(test, &bench.rq, 4);
	request = request_of(&told, false);
	KUNIT_EXPECT_EQ(test, lab_domain_read_dirty(bench.domain, &request,
						    NULL), 0);
	KUNIT_EXPECT_EQ(test, told.reports, 2);
	KUNIT_EXPECT_EQ(test, told.bits[0], 0x1a);
	request = request_of(&told, true);
	KUNIT_EXPECT_EQ(test, lab_domain_read_dirty(bench.domain, &request,
						    NULL), 0);
	KUNIT_EXPECT_EQ(test, told.bits[0], 0x1a);
	request = request_of(&told, true);
	KUNIT_EXPECT_EQ(test, lab_domain_read_dirty(bench.domain, &request,
						    NULL), 0);
	KUNIT_EXPECT_EQ(test, told.bits[0], 0);
	/* a bit for two pages */
	write_page(test, &bench.rq, 1);
	write_page(test, &bench.rq, 6);
	request = request_of(&told, true);
	request.page_size = SZ_8K;
	KUNIT_EXPECT_EQ(test, lab_domain_read_dirty(bench.domain, &request,
						    NULL), 0);
	KUNIT_EXPECT_EQ(test, told.bits[0], 0x9);
	tear_down(test, &bench);
}

/* nothing is made clean that was not told */
static void failed_report(struct kunit *test)
{
	struct lab_dirty_request request;
	struct bench bench;
	struct told told;

	set_up(test, &bench);
	write_page(test, &bench.rq, 0);
	write_page(test, &bench.rq, 7);
	request = request_of(&told, true);
	told.fail_at = 1;
	KUNIT_EXPECT_EQ(test, lab_domain_read_dirty(bench.domain, &request,
						    NULL), -EFAULT);
	request = request_of(&told, false);
	KUNIT_EXPECT_EQ(test, lab_domain_read_dirty(bench.domain, &request,
						    NULL), 0);
	KUNIT_EXPECT_EQ(test, told.bits[0], 0x81);
	request = request_of(&told, true);
	told.fail_at = 2;
	KUNIT_EXPECT_EQ(test, lab_domain_read_dirty(bench.domain, &request,
						    NULL), -EFAULT);
	KUNIT_EXPECT_EQ(test, told.bits[0], 0x1);
	/* the first part is clean, and its next write is seen */
	request = request_of(&told, false);
	KUNIT_EXPECT_EQ(test, lab_domain_read_dirty(bench.domain, &request,
						    NULL), 0);
	KUNIT_EXPECT_EQ(test, told.bits[0], 0x80);
	write_page(test, &bench.rq, 0);
	request = request_of(&told, false);
	KUNIT_EXPECT_EQ(test, lab_domain_read_dirty(bench.domain, &request,
						    NULL), 0);
	KUNIT_EXPECT_EQ(test, told.bits[0], 0x81);
	tear_down(test, &bench);
}

static int refused(struct bench *bench, u64 iova, u64 length, u64 page_size)
{
	struct lab_dirty_request request;
	struct told told;
	int err;

	request = request_of(&told, true);
	request.iova = iova;
	request.length = length;
	request.page_size = page_size;
	err = lab_domain_read_dirty(bench->domain, &request,
				    &bench->rig->refusal);
	KUNIT_EXPECT_EQ(bench->rig->test, told.reports, 0);
	KUNIT_EXPECT_EQ(bench->rig->test, bench->rig->refusal.error, -err);
	return err;
}

static void refusals(struct kunit *test)
{
	struct bench bench;

	set_up(test, &bench);
	KUNIT_EXPECT_EQ(test, refused(&bench, AT, SZ_4K, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, refused(&bench, AT, SZ_4K, SZ_2K), -EINVAL);
	KUNIT_EXPECT_EQ(test, refused(&bench, AT, 3 * SZ_4K, 3 * SZ_4K),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, refused(&bench, AT + 1, SZ_4K, SZ_4K), -EINVAL);
	KUNIT_EXPECT_EQ(test, refused(&bench, AT, SZ_4K + 1, SZ_4K), -EINVAL);
	KUNIT_EXPECT_EQ(test, refused(&bench, AT, SZ_4K, SZ_8K), -EINVAL);
	KUNIT_EXPECT_EQ(test, refused(&bench, AT, 0, SZ_4K), -EINVAL);
	KUNIT_EXPECT_EQ(test, refused(&bench, -(u64)SZ_4K, SZ_8K, SZ_4K),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, refused(&bench, 1ULL << 60, SZ_4K, SZ_4K),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, lab_domain_track_dirty(bench.domain, false, NULL),
			0);
	KUNIT_EXPECT_EQ(test, refused(&bench, AT, SZ_4K, SZ_4K), -EINVAL);
	tear_down(test, &bench);
}

static struct kunit_case space_dirty_cases[] = {
	{ .run_case = across_parts, .name = "a bitmap over the end of a part",
	  .module_name = KBUILD_MODNAME },
	{ .run_case = failed_report, .name = "a report that fails loses nothing",
	  .module_name = KBUILD_MODNAME },
	{ .run_case = refusals, .name = "refused requests",
	  .module_name = KBUILD_MODNAME },
	{}
};

struct kunit_suite lab_space_dirty_suite = {
	.name = "iommu_lab_space_dirty",
	.init = space_rig_init_scalable,
	.exit = space_rig_exit,
	.test_cases = space_dirty_cases,
};
