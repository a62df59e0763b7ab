// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection: the first, second, ... allocation or user copy in each call
 * fails (/proc/self/fail-nth), until the call needs no more. A call that fails
 * has left nothing: by the module's own figures after each one, and by kmemleak,
 * which the VM runs at its end. Needs a kernel with fault injection.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "buf.h"
#include "exporters.h"
#include "inject.h"
#include "lab.h"
#include "sys.h"

#define AT		(GIB - 8 * PAGE)	/* across a 1 GiB border */

static void prepare_nothing(void)
{
}

/* a domain without tables but the top */
static void prepare_domain(void)
{
	if (inj.domain >= 0)
		close(inj.domain);
	inj.domain = domain_create(inj.control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE(inj.domain >= 0);
}

static void prepare_attached(void)
{
	prepare_domain();
	REQUIRE_EQ(domain_attach(inj.domain, inj.endpoint), 0);
}

static void prepare_mapped(void)
{
	u64 iova = AT;

	prepare_attached();
	REQUIRE_EQ(map_list(inj.domain, inj.list, 16, READ_WRITE, &iova), 0);
}

static int created;

static int call_create(void)
{
	created = domain_create(inj.control, IOMMU_LAB_POLICY_FIXED);
	return created < 0 ? created : 0;
}

static void undo_create(void)
{
	close(created);
}

static void create(void)
{
	static const struct step step = { "create", prepare_nothing, call_create, undo_create,
					  6 };

	set_up();
	run_step(&step);
	EXPECT(lab_is_empty());
}

static int call_attach(void)
{
	return domain_attach(inj.domain, inj.endpoint);
}

/* the reserved region stays reachable whatever happens */
static int call_attach_reserved(void)
{
	int error = domain_attach(inj.domain, inj.endpoint);

	if (error && dma_peek(inj.endpoint, RMRR_START) != IOMMU_LAB_DMA_OK)
		return -EIO;
	return error;
}

static void undo_attach(void)
{
	REQUIRE_EQ(domain_detach(inj.domain, inj.endpoint), 0);
}

static void attach(void)
{
	static const struct step step = { "attach", prepare_domain, call_attach, undo_attach,
					  3 };

	set_up();
	run_step(&step);
}

/* the reserved region of this one is mapped into the domain at attach */
static void attach_reserved(void)
{
	static const struct step step = { "attach with a reserved region",
					  prepare_domain, call_attach_reserved, undo_attach, 5 };
	u64 word = 0;

	set_up();
	close(inj.endpoint);
	inj.endpoint = endpoint_open(1);
	run_step(&step);
	EXPECT_EQ(dma_read(inj.endpoint, RMRR_START, &word, 8).status,
		  IOMMU_LAB_DMA_OK);
}

static int call_map(void)
{
	u64 iova = AT;
	int error = map_list(inj.domain, inj.list, 16, READ_WRITE, &iova);

	/* nothing of a mapping that failed can be reached */
	if (error && dma_peek(inj.endpoint, AT) != IOMMU_LAB_DMA_FAULT)
		return -EIO;
	return error;
}

static void undo_map(void)
{
	REQUIRE_EQ(unmap(inj.domain, AT, 16 * PAGE), 0);
}

static void map_sg(void)
{
	static const struct step step = { "map_sg", prepare_attached, call_map, undo_map, 10 };

	set_up();
	run_step(&step);
}

/* loaded with mode=off: tables, and the pages that devices reach */
static void prepare_off(void)
{
	if (inj.domain >= 0)
		close(inj.domain);
	inj.domain = domain_create(inj.control, IOMMU_LAB_POLICY_ALLOC);
	REQUIRE(inj.domain >= 0);
	REQUIRE_EQ(domain_attach(inj.domain, inj.endpoint), 0);
}

static u64 off_iova;

static int call_map_off(void)
{
	int error;

	off_iova = 0;
	error = map_list(inj.domain, inj.list, 16, READ_WRITE, &off_iova);
	if (error && dma_peek(inj.endpoint, phys_of(inj.mem)) != IOMMU_LAB_DMA_FAULT)
		return -EIO;
	return error;
}

static void undo_map_off(void)
{
	REQUIRE_EQ(dma_peek(inj.endpoint, phys_of(inj.mem)), IOMMU_LAB_DMA_OK);
	REQUIRE_EQ(unmap(inj.domain, off_iova, 16 * PAGE), 0);
	REQUIRE_EQ(dma_peek(inj.endpoint, phys_of(inj.mem)), IOMMU_LAB_DMA_FAULT);
}

static void map_off(void)
{
	static const struct step step = { "map_sg, IOMMU off", prepare_off, call_map_off,
					  undo_map_off, 10 };

	set_up();
	run_step(&step);
}

static int call_mark(void)
{
	return mark(inj.domain, inj.mem, PAGE);
}

static void prepare_marked(void)
{
	unsigned int i;

	if (inj.domain >= 0)
		close(inj.domain);
	inj.domain = domain_create_with(inj.control, IOMMU_LAB_POLICY_FIXED,
					IOMMU_LAB_DOMAIN_MARKED_ONLY);
	REQUIRE(inj.domain >= 0);
	/* so many that one more does not fit into a node of the tree */
	for (i = 2; i < 16; i += 2)
		REQUIRE_EQ(mark(inj.domain, inj.mem + i * PAGE, PAGE), 0);
}

static void undo_mark(void)
{
	REQUIRE_EQ(map_at(inj.domain, inj.mem, PAGE, READ_WRITE, AT), 0);
	REQUIRE_EQ(unmap(inj.domain, AT, PAGE), 0);
	REQUIRE_EQ(mark_clear(inj.domain, inj.mem, PAGE), 0);
}

static void mark_pages(void)
{
	static const struct step step = { "mark", prepare_marked, call_mark, undo_mark, 2 };

	set_up();
	run_step(&step);
}

static int call_addresses(void)
{
	struct iommu_lab_sg out[16];
	u32 nents = 16;

	return device_addresses(inj.domain, AT, 16 * PAGE,
				IOMMU_LAB_ADDRESSES_PHYS, out, &nents);
}

static void undo_nothing(void)
{
}

static void list_of_addresses(void)
{
	static const struct step step = { "addresses", prepare_nothing, call_addresses,
					  undo_nothing, 3 };

	set_up();
	prepare_mapped();
	run_step(&step);
}

/*
 * What is unmapped cannot be mapped again when the answer cannot be written: the
 * module tries that first, so only a pointer that goes bad in the call is late.
 */
static int call_unmap(void)
{
	u64 unmapped;
	int error = unmap_flags(inj.domain, AT, 16 * PAGE, 0, &unmapped);

	return error == -EFAULT && !is_mapped(inj.domain, AT) ? 0 : error;
}

static void undo_unmap(void)
{
	u64 iova = AT;

	REQUIRE_EQ(dma_peek(inj.endpoint, AT), IOMMU_LAB_DMA_FAULT);
	REQUIRE_EQ(map_list(inj.domain, inj.list, 16, READ_WRITE, &iova), 0);
}

static void unmap_mapped(void)
{
	static const struct step step = { "unmap", prepare_mapped, call_unmap, undo_unmap, 1 };
	set_up();
	run_step(&step);
	EXPECT_EQ(dma_peek(inj.endpoint, AT), IOMMU_LAB_DMA_OK);
}

/* a result that says DATA is an error, too: the caller's data was refused */
static int call_dma(void)
{
	struct iommu_lab_sg from = { AT, 3 * PAGE };
	static u8 data[3 * PAGE];
	struct iommu_lab_dma dma = {
		.op = IOMMU_LAB_DMA_READ,
		.src_nents = 1,
		.src = (uintptr_t)&from,
		.data = (uintptr_t)data,
	};
	int error;

	data[0] = data[PAGE] = data[2 * PAGE] = 0;
	error = dma_try(inj.endpoint, &dma);
	if (!error && dma.result.status == IOMMU_LAB_DMA_DATA)
		return -EFAULT;
	if (!error && (dma.result.status || dma.result.done != sizeof(data) ||
		       data[0] != 1 || data[PAGE] != 2 || data[2 * PAGE] != 3))
		return -EIO;
	return error;
}

static void dma(void)
{
	static const struct step step = { "DMA", prepare_nothing, call_dma, undo_nothing, 4 };
	set_up();
	prepare_mapped();
	run_step(&step);
}

static int call_submit(void)
{
	struct iommu_lab_sg to = { AT, PAGE };
	struct iommu_lab_dma dma = {
		.size = sizeof(dma),
		.op = IOMMU_LAB_DMA_FILL,
		.dst_nents = 1,
		.dst = (uintptr_t)&to,
	};

	return lab_ioctl(inj.endpoint, IOMMU_LAB_DMA_SUBMIT, &dma);
}

static void undo_submit(void)
{
	struct iommu_lab_dma_reap reap = { .size = sizeof(reap) };
	int error;

	do {
		error = lab_ioctl(inj.endpoint, IOMMU_LAB_DMA_REAP, &reap);
	} while (error == -EAGAIN);
	REQUIRE_EQ(error, 0);
	REQUIRE_EQ(reap.result.status, IOMMU_LAB_DMA_OK);
}

static void submit(void)
{
	static const struct step step = { "submit", prepare_nothing, call_submit, undo_submit,
					  3 };
	set_up();
	prepare_mapped();
	run_step(&step);
}

static int call_buffer(u32 cache)
{
	u64 bytes = 70 * PAGE;

	created = buffer_create_as(inj.control, &bytes, 0, 0, cache);
	return created < 0 ? created : 0;
}

static int call_buffer_coherent(void)
{
	return call_buffer(COHERENT);
}

static int call_buffer_wc(void)
{
	return call_buffer(WRITE_COMBINE);
}

static void create_buffer(void)
{
	static const struct step step = { "buffer", prepare_nothing,
					  call_buffer_coherent, undo_create, 6 };
	static const struct step wc = { "write-combining buffer",
					prepare_nothing, call_buffer_wc,
					undo_create, 6 };

	set_up();
	run_step(&step);
	run_step(&wc);
	EXPECT(lab_is_empty());
}

static int dmabuf;

static int call_map_buffer(void)
{
	int error = map_buffer(inj.domain, dmabuf, 0, 0, READ_WRITE, AT);

	if (error && dma_peek(inj.endpoint, AT) != IOMMU_LAB_DMA_FAULT)
		return -EIO;
	return error;
}

static int call_begin(void)
{
	created = buffer_begin(inj.domain, dmabuf, READ_WRITE, AT);
	if (created < 0 && dma_peek(inj.endpoint, AT) != IOMMU_LAB_DMA_FAULT)
		return -EIO;
	return created < 0 ? created : 0;
}

/* the handle that is closed is the association that ends */
static void undo_begin(void)
{
	EXPECT_EQ(dma_peek(inj.endpoint, AT), IOMMU_LAB_DMA_OK);
	close(created);
	EXPECT_EQ(dma_peek(inj.endpoint, AT), IOMMU_LAB_DMA_FAULT);
}

static void map_and_begin(void)
{
	static const struct step map = { "map_buffer", prepare_attached,
					 call_map_buffer, undo_map, 6 };
	static const struct step begin = { "begin", prepare_attached,
					   call_begin, undo_begin, 8 };

	run_step(&map);
	run_step(&begin);
}

static void map_own(void)
{
	set_up();
	dmabuf = buffer_create(inj.control, 16 * PAGE);
	map_and_begin();
}

static void map_foreign(void)
{
	static const struct exporter * const exporters[] = {
		&udmabuf_exporter, &heap_exporter,
	};
	size_t i;

	set_up();
	for (i = 0; i < ARRAY_SIZE(exporters); i++) {
		int file = exporters[i]->open();
		u8 *there;

		REQUIRE(file >= 0);
		dmabuf = exporters[i]->create(file, 16 * PAGE, O_RDWR, &there);
		map_and_begin();
		close(dmabuf);
	}
}

static const struct test_case cases[] = {
	{ "create: each failure is an error and leaves nothing", create,
	  .seconds = 200 },
	{ "attach: each failure is an error and leaves nothing", attach,
	  .seconds = 200 },
	{ "attach with a reserved region: the same", attach_reserved,
	  .seconds = 200 },
	{ "P5 map_sg: each failure is an error and leaves nothing", map_sg,
	  .seconds = 200 },
	{ "map_sg, IOMMU off: each failure is an error and leaves nothing",
	  map_off, "mode=off", .seconds = 200 },
	{ "mark: each failure is an error and leaves nothing", mark_pages,
	  .seconds = 200 },
	{ "addresses: each failure is an error and leaves nothing", list_of_addresses,
	  .seconds = 200 },
	{ "unmap: each failure is an error and leaves nothing", unmap_mapped,
	  .seconds = 200 },
	{ "DMA: each failure is an error and leaves nothing", dma,
	  .seconds = 200 },
	{ "submit: each failure is an error and leaves nothing", submit,
	  .seconds = 200 },
	{ "V10 buffers: each failure is an error and leaves nothing",
	  create_buffer, .seconds = 200 },
	{ "K10 mapping a buffer: each failure is an error and leaves nothing",
	  map_own, .seconds = 200 },
	{ "mapping a foreign dma-buf: each failure is an error and leaves nothing",
	  map_foreign, .seconds = 300 },
};

int main(void)
{
	return RUN_CASES(cases);
}
