// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <unistd.h>
#include "buf.h"
#include "calls.h"
#include "lab.h"
#include "sys.h"

struct fixture fx;

static void undo_nothing(const union argument *arg)
{
	(void)arg;
}

static void good_plain(union argument *arg)
{
	(void)arg;
}

static void good_explain(union argument *arg)
{
	arg->explain.length = sizeof(fx.text);
	arg->explain.text = (uintptr_t)fx.text;
}

static void undo_create(const union argument *arg)
{
	close(arg->create.out_fd);
}

static void good_attach(union argument *arg)
{
	arg->attach.endpoint_fd = fx.spare;
}

static void undo_attach(const union argument *arg)
{
	REQUIRE_EQ(domain_detach(fx.domain, arg->attach.endpoint_fd), 0);
}

static void good_detach(union argument *arg)
{
	arg->detach.endpoint_fd = fx.attached;
}

static void undo_detach(const union argument *arg)
{
	REQUIRE_EQ(domain_attach(fx.domain, arg->detach.endpoint_fd), 0);
}

static void good_map(union argument *arg)
{
	arg->map.prot = READ_WRITE;
	arg->map.user_va = (uintptr_t)fx.page;
	arg->map.length = PAGE;
	arg->map.iova = FREE_IOVA;
}

static void undo_map(const union argument *arg)
{
	(void)arg;
	REQUIRE_EQ(unmap(fx.domain, FREE_IOVA, PAGE), 0);
}

static void good_map_sg(union argument *arg)
{
	fx.list = (struct iommu_lab_sg){ (uintptr_t)fx.page, PAGE };
	arg->map_sg.prot = READ_WRITE;
	arg->map_sg.nents = 1;
	arg->map_sg.entries = (uintptr_t)&fx.list;
	arg->map_sg.iova = FREE_IOVA;
}

static void good_unmap(union argument *arg)
{
	arg->unmap.iova = MAPPED_IOVA;
	arg->unmap.length = PAGE;
}

static void undo_unmap(const union argument *arg)
{
	(void)arg;
	REQUIRE_EQ(map_at(fx.domain, fx.page, PAGE, READ_WRITE, MAPPED_IOVA), 0);
}

static void good_translate(union argument *arg)
{
	arg->translate.iova = MAPPED_IOVA;
}

static void good_ranges(union argument *arg)
{
	static struct iommu_lab_iova_range ranges[16];

	arg->ranges.nr_ranges = ARRAY_SIZE(ranges);
	arg->ranges.ranges = (uintptr_t)ranges;
}

static void good_dma(union argument *arg)
{
	fx.list = (struct iommu_lab_sg){ MAPPED_IOVA, 1 };
	arg->dma.op = IOMMU_LAB_DMA_READ;
	arg->dma.src_nents = 1;
	arg->dma.src = (uintptr_t)&fx.list;
	arg->dma.data = (uintptr_t)&fx.data;
}

void wait_and_reap(void)
{
	struct iommu_lab_dma_reap reap = { .size = sizeof(reap) };
	u64 limit = now_ms() + 10000;
	int error;

	do {
		error = lab_ioctl(fx.attached, IOMMU_LAB_DMA_REAP, &reap);
	} while (error == -EAGAIN && now_ms() < limit);
	REQUIRE_EQ(error, 0);
}

static void undo_submit(const union argument *arg)
{
	(void)arg;
	wait_and_reap();
}

/* one finished job waits to be reaped until a call succeeds */
static void good_reap(union argument *arg)
{
	union argument submit = { .dma.size = sizeof(submit.dma) };

	(void)arg;
	if (fx.submitted)
		return;
	good_dma(&submit);
	REQUIRE_EQ(lab_ioctl(fx.attached, IOMMU_LAB_DMA_SUBMIT, &submit), 0);
	sleep_ms(is_debug_kernel() ? 300 : 100);
	fx.submitted = true;
}

static void undo_reap(const union argument *arg)
{
	(void)arg;
	fx.submitted = false;
}

static void good_buffer_create(union argument *arg)
{
	arg->buffer_create.length = PAGE;
}

static void undo_buffer_create(const union argument *arg)
{
	close(arg->buffer_create.out_fd);
}

static void good_buffer_info(union argument *arg)
{
	arg->buffer_info.buffer_fd = fx.buffer;
}

static void good_map_buffer(union argument *arg)
{
	arg->map_buffer.buffer_fd = fx.buffer;
	arg->map_buffer.prot = READ_WRITE;
	arg->map_buffer.iova = FREE_IOVA;
}

static void good_begin(union argument *arg)
{
	arg->begin.buffer_fd = fx.buffer;
	arg->begin.prot = READ_WRITE;
	arg->begin.iova = FREE_IOVA;
}

static void undo_begin(const union argument *arg)
{
	close(arg->begin.out_fd);
}

static void good_addresses(union argument *arg)
{
	arg->addresses.iova = MAPPED_IOVA;
	arg->addresses.length = PAGE;
	arg->addresses.segments = (uintptr_t)&fx.list;
	arg->addresses.nr = 1;
}

/* on already: calls_set_up() */
static void good_tracking(union argument *arg)
{
	arg->tracking.flags = IOMMU_LAB_DIRTY_TRACKING_ENABLE;
}

static void good_bitmap(union argument *arg)
{
	arg->bitmap.iova = MAPPED_IOVA;
	arg->bitmap.length = PAGE;
	arg->bitmap.page_size = PAGE;
	arg->bitmap.data = (uintptr_t)&fx.bitmap;
}

static void good_mark(union argument *arg)
{
	arg->mark.user_va = (uintptr_t)fx.page + 16 * PAGE;
	arg->mark.length = PAGE;
}

#define RESERVED(type) offsetof(type, __reserved)

const struct call calls[] = {
	{ "INFO", IOMMU_LAB_INFO, sizeof(struct iommu_lab_info), CONTROL,
	  CONTROL, 0, 0, good_plain, undo_nothing },
	{ "EXPLAIN", IOMMU_LAB_EXPLAIN, sizeof(struct iommu_lab_explain), ALL,
	  DOMAIN, 0, 0, good_explain, undo_nothing },
	{ "UNIT_INFO", IOMMU_LAB_UNIT_INFO, sizeof(struct iommu_lab_unit_info),
	  CONTROL, CONTROL, 0, 0, good_plain, undo_nothing },
	{ "ENDPOINT_INFO", IOMMU_LAB_ENDPOINT_INFO,
	  sizeof(struct iommu_lab_endpoint_info), CONTROL | ENDPOINT, CONTROL,
	  0, RESERVED(struct iommu_lab_endpoint_info), good_plain,
	  undo_nothing },
	{ "DOMAIN_CREATE", IOMMU_LAB_DOMAIN_CREATE,
	  sizeof(struct iommu_lab_domain_create), CONTROL, CONTROL,
	  IOMMU_LAB_DOMAIN_GUARD | IOMMU_LAB_DOMAIN_NATURAL | IOMMU_LAB_DOMAIN_MARKED_ONLY,
	  RESERVED(struct iommu_lab_domain_create), good_plain, undo_create },
	{ "DOMAIN_INFO", IOMMU_LAB_DOMAIN_INFO,
	  sizeof(struct iommu_lab_domain_info), CONTROL | DOMAIN, DOMAIN,
	  IOMMU_LAB_DOMAIN_INFO_AUTO, 0, good_plain, undo_nothing,
	  offsetof(struct iommu_lab_domain_info, out_flags) },
	{ "ATTACH", IOMMU_LAB_ATTACH, sizeof(struct iommu_lab_attach),
	  CONTROL | DOMAIN, DOMAIN, 0, 0, good_attach, undo_attach },
	{ "DETACH", IOMMU_LAB_DETACH, sizeof(struct iommu_lab_detach),
	  CONTROL | DOMAIN, DOMAIN, 0, RESERVED(struct iommu_lab_detach),
	  good_detach, undo_detach },
	{ "MAP", IOMMU_LAB_MAP, sizeof(struct iommu_lab_map),
	  CONTROL | DOMAIN, DOMAIN, IOMMU_LAB_MAP_IDENTITY,
	  RESERVED(struct iommu_lab_map), good_map, undo_map },
	{ "MAP_SG", IOMMU_LAB_MAP_SG, sizeof(struct iommu_lab_map_sg),
	  CONTROL | DOMAIN, DOMAIN, 0, 0, good_map_sg, undo_map },
	{ "UNMAP", IOMMU_LAB_UNMAP, sizeof(struct iommu_lab_unmap),
	  CONTROL | DOMAIN, DOMAIN, IOMMU_LAB_UNMAP_ALLOW_HOLES, 0,
	  good_unmap, undo_unmap },
	{ "TRANSLATE", IOMMU_LAB_TRANSLATE, sizeof(struct iommu_lab_translate),
	  CONTROL | DOMAIN, DOMAIN, 0, RESERVED(struct iommu_lab_translate),
	  good_translate, undo_nothing },
	{ "IOVA_RANGES", IOMMU_LAB_IOVA_RANGES,
	  sizeof(struct iommu_lab_iova_ranges), CONTROL | DOMAIN, DOMAIN, 0,
	  RESERVED(struct iommu_lab_iova_ranges), good_ranges, undo_nothing },
	{ "STATS", IOMMU_LAB_STATS, sizeof(struct iommu_lab_stats),
	  ALL, DOMAIN, 0, 0, good_plain, undo_nothing },
	{ "DMA", IOMMU_LAB_DMA, sizeof(struct iommu_lab_dma), ENDPOINT,
	  ENDPOINT, 0, RESERVED(struct iommu_lab_dma), good_dma,
	  undo_nothing },
	{ "DMA_SUBMIT", IOMMU_LAB_DMA_SUBMIT, sizeof(struct iommu_lab_dma),
	  ENDPOINT, ENDPOINT, 0, RESERVED(struct iommu_lab_dma), good_dma,
	  undo_submit },
	{ "DMA_REAP", IOMMU_LAB_DMA_REAP, sizeof(struct iommu_lab_dma_reap),
	  ENDPOINT, ENDPOINT, 0, 0, good_reap, undo_reap },
	{ "BUFFER_CREATE", IOMMU_LAB_BUFFER_CREATE,
	  sizeof(struct iommu_lab_buffer_create), CONTROL, CONTROL,
	  CONTIGUOUS | BELOW_4G, RESERVED(struct iommu_lab_buffer_create),
	  good_buffer_create, undo_buffer_create },
	{ "BUFFER_INFO", IOMMU_LAB_BUFFER_INFO,
	  sizeof(struct iommu_lab_buffer_info), CONTROL, CONTROL,
	  IOMMU_LAB_BUFFER_INFO_PHYS, 0, good_buffer_info, undo_nothing },
	{ "MAP_BUFFER", IOMMU_LAB_MAP_BUFFER,
	  sizeof(struct iommu_lab_map_buffer), CONTROL | DOMAIN, DOMAIN, 0, 0,
	  good_map_buffer, undo_map },
	{ "BUFFER_BEGIN", IOMMU_LAB_BUFFER_BEGIN,
	  sizeof(struct iommu_lab_buffer_begin), CONTROL | DOMAIN, DOMAIN, 0,
	  RESERVED(struct iommu_lab_buffer_begin), good_begin, undo_begin },
	{ "ASSOC_INFO", IOMMU_LAB_ASSOC_INFO,
	  sizeof(struct iommu_lab_assoc_info), ASSOC, ASSOC, 0,
	  RESERVED(struct iommu_lab_assoc_info), good_plain, undo_nothing },
	{ "ADDRESSES", IOMMU_LAB_ADDRESSES, sizeof(struct iommu_lab_addresses),
	  CONTROL | DOMAIN | ASSOC, DOMAIN, IOMMU_LAB_ADDRESSES_PHYS,
	  RESERVED(struct iommu_lab_addresses), good_addresses,
	  undo_nothing },
	{ "SET_DIRTY_TRACKING", IOMMU_LAB_SET_DIRTY_TRACKING,
	  sizeof(struct iommu_lab_dirty_tracking), CONTROL | DOMAIN, DOMAIN,
	  IOMMU_LAB_DIRTY_TRACKING_ENABLE, 0, good_tracking, undo_nothing },
	{ "GET_DIRTY_BITMAP", IOMMU_LAB_GET_DIRTY_BITMAP,
	  sizeof(struct iommu_lab_dirty_bitmap), CONTROL | DOMAIN, DOMAIN,
	  IOMMU_LAB_DIRTY_BITMAP_NO_CLEAR, 0, good_bitmap, undo_nothing },
	{ "MARK", IOMMU_LAB_MARK, sizeof(struct iommu_lab_mark),
	  CONTROL | DOMAIN, DOMAIN, IOMMU_LAB_MARK_CLEAR, 0, good_mark,
	  undo_nothing },
};

const size_t nr_calls = ARRAY_SIZE(calls);

void calls_set_up(void)
{
	struct iommu_lab_dirty_tracking tracking = {
		.size = sizeof(tracking),
		.flags = IOMMU_LAB_DIRTY_TRACKING_ENABLE,
	};

	fx.control = control_open();
	fx.domain = domain_create_with(fx.control, IOMMU_LAB_POLICY_FIXED,
				       IOMMU_LAB_DOMAIN_MARKED_ONLY);
	REQUIRE(fx.domain >= 0);
	fx.attached = endpoint_open(0);
	fx.spare = endpoint_open(2);
	fx.page = pages_alloc(PAGE);
	REQUIRE_EQ(mark(fx.domain, fx.page, PAGE), 0);
	REQUIRE_EQ(domain_attach(fx.domain, fx.attached), 0);
	REQUIRE_EQ(lab_ioctl(fx.domain, IOMMU_LAB_SET_DIRTY_TRACKING, &tracking),
		   0);
	REQUIRE_EQ(map_at(fx.domain, fx.page, PAGE, READ_WRITE, MAPPED_IOVA), 0);
	/* the tables are there from now on */
	REQUIRE_EQ(map_at(fx.domain, fx.page, PAGE, READ_WRITE, FREE_IOVA), 0);
	REQUIRE_EQ(unmap(fx.domain, FREE_IOVA, PAGE), 0);
	fx.buffer = buffer_create(fx.control, PAGE);
	fx.assoc = buffer_begin(fx.domain, buffer_create(fx.control, PAGE),
				READ_WRITE, ASSOC_IOVA);
	REQUIRE(fx.assoc >= 0);
}

int file_of(int kind)
{
	switch (kind) {
	case CONTROL:
		return fx.control;
	case DOMAIN:
		return fx.domain;
	case ASSOC:
		return fx.assoc;
	default:
		return fx.attached;
	}
}
