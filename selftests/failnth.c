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
#include "lab.h"
#include "sys.h"

#define AT		(GIB - 8 * PAGE)	/* across a 1 GiB border */
#define MAX_POINTS	400
#define FAIL_NTH	"/proc/thread-self/fail-nth"

static int control, domain = -1, endpoint, fail_nth;
static u8 *mem;
static struct iommu_lab_sg list[16];

static void set_knob(const char *name, const char *knob, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", name, knob);
	REQUIRE_EQ(write_text(path, value), 0);
}

/* every allocation may fail, of any kind, and silently */
static void set_up(void)
{
	static const char * const kinds[] = { "failslab", "fail_page_alloc",
					      "fail_usercopy" };
	size_t i;

	if (access(FAIL_NTH, F_OK) || access("/sys/kernel/debug/failslab", F_OK))
		skip("the kernel has no fault injection");
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		set_knob(kinds[i], "verbose", "0");
		set_knob(kinds[i], "probability", "0");
		set_knob(kinds[i], "times", "-1");
	}
	set_knob("failslab", "ignore-gfp-wait", "N");
	set_knob("fail_page_alloc", "ignore-gfp-wait", "N");
	set_knob("fail_page_alloc", "ignore-gfp-highmem", "N");
	set_knob("fail_page_alloc", "min-order", "0");
	fail_nth = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	REQUIRE(fail_nth >= 0);
	control = control_open();
	endpoint = endpoint_open(0);
	mem = pages_alloc(16 * PAGE);
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		list[i] = (struct iommu_lab_sg){
			(uintptr_t)mem + (15 - i) * PAGE, PAGE };
		memset(mem + (15 - i) * PAGE, i + 1, PAGE);
	}
}

static void arm(unsigned int nth)
{
	char number[16];
	int tries;

	snprintf(number, sizeof(number), "%u", nth);
	/* a failure that is armed still may hit this write, once */
	for (tries = 0; tries < 2; tries++)
		if (pwrite(fail_nth, number, strlen(number), 0) > 0)
			return;
	note("fail-nth: %s", strerror(errno));
	end_case();
}

/* whether the failure that was armed has happened; disarms */
static bool fired(void)
{
	char number[16] = "";
	ssize_t n = pread(fail_nth, number, sizeof(number) - 1, 0);

	arm(0);
	return n > 0 && atoi(number) == 0;
}

/* what a failed call must not have moved; free tables of the domain may stay */
struct figures {
	struct iommu_lab_info info;
	struct iommu_lab_domain_info domain;
	u32 endpoint_flags;
	u64 locked;
	u64 kept;
	int next_fd;
};

static struct figures take_figures(void)
{
	struct figures now;

	memset(&now, 0, sizeof(now));
	now.info = lab_info(control);
	now.info.tables_left = 0;
	if (domain >= 0) {
		now.domain = domain_info(domain);
		now.domain.table_bytes = 0;
	}
	now.endpoint_flags = endpoint_info(control, 0).out_flags;
	now.locked = locked_bytes();
	now.kept = debugfs_number("info", "kept pages") +
		   debugfs_number("info", "kept tables");
	now.next_fd = dup(0);
	close(now.next_fd);
	return now;
}

/**
 * struct step - a call that is made to fail
 * @name: for messages
 * @prepare: before each @call: nothing of the one before may be of use to it
 * @call: 0 or a negative errno
 * @undo: after @call succeeded
 * @min_points: at least so many of its allocations must have failed
 */
struct step {
	const char *name;
	void (*prepare)(void);
	int (*call)(void);
	void (*undo)(void);
	unsigned int min_points;
};

static void run_step(const struct step *step)
{
	unsigned int nth, errors = 0, tolerated = 0;

	for (nth = 1; nth <= MAX_POINTS; nth++) {
		struct figures before, after;
		bool hit;
		int error;

		step->prepare();
		before = take_figures();
		arm(nth);
		error = step->call();
		hit = fired();
		if (!hit) {
			if (!EXPECT_EQ(error, 0))
				note("%s: nothing was made to fail", step->name);
			else
				step->undo();
			break;
		}
		if (!error) {
			/* there was another way, and all of it is done */
			tolerated++;
			step->undo();
			continue;
		}
		errors++;
		after = take_figures();
		if (!EXPECT(!memcmp(&before, &after, sizeof(before))) ||
		    !EXPECT(error == -ENOMEM || error == -EFAULT))
			note("%s: failure %u: error %d, mappings %+lld, pinned %+lld, domains %+d, attached %+d, locked %+lld, kept %+lld, fd %+d",
			     step->name, nth, error,
			     (long long)(after.domain.mappings - before.domain.mappings),
			     (long long)(after.domain.pinned_bytes - before.domain.pinned_bytes),
			     (int)(after.info.domains - before.info.domains),
			     (int)(after.domain.attached - before.domain.attached),
			     (long long)(after.locked - before.locked),
			     (long long)(after.kept - before.kept),
			     after.next_fd - before.next_fd);
	}
	note("%s: %u failures were errors, %u had another way", step->name,
	     errors, tolerated);
	EXPECT(nth <= MAX_POINTS);
	EXPECT(errors + tolerated >= step->min_points);
}

static void prepare_nothing(void)
{
}

/* a domain without tables but the top */
static void prepare_domain(void)
{
	if (domain >= 0)
		close(domain);
	domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE(domain >= 0);
}

static void prepare_attached(void)
{
	prepare_domain();
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
}

static void prepare_mapped(void)
{
	u64 iova = AT;

	prepare_attached();
	REQUIRE_EQ(map_list(domain, list, 16, READ_WRITE, &iova), 0);
}

static int created;

static int call_create(void)
{
	created = domain_create(control, IOMMU_LAB_POLICY_FIXED);
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
	return domain_attach(domain, endpoint);
}

/* the reserved region stays reachable whatever happens */
static int call_attach_reserved(void)
{
	int error = domain_attach(domain, endpoint);

	if (error && dma_peek(endpoint, RMRR_START) != IOMMU_LAB_DMA_OK)
		return -EIO;
	return error;
}

static void undo_attach(void)
{
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
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
	close(endpoint);
	endpoint = endpoint_open(1);
	run_step(&step);
	EXPECT_EQ(dma_read(endpoint, RMRR_START, &word, 8).status,
		  IOMMU_LAB_DMA_OK);
}

static int call_map(void)
{
	u64 iova = AT;
	int error = map_list(domain, list, 16, READ_WRITE, &iova);

	/* nothing of a mapping that failed can be reached */
	if (error && dma_peek(endpoint, AT) != IOMMU_LAB_DMA_FAULT)
		return -EIO;
	return error;
}

static void undo_map(void)
{
	REQUIRE_EQ(unmap(domain, AT, 16 * PAGE), 0);
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
	if (domain >= 0)
		close(domain);
	domain = domain_create(control, IOMMU_LAB_POLICY_ALLOC);
	REQUIRE(domain >= 0);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
}

static u64 off_iova;

static int call_map_off(void)
{
	int error;

	off_iova = 0;
	error = map_list(domain, list, 16, READ_WRITE, &off_iova);
	if (error && dma_peek(endpoint, phys_of(mem)) != IOMMU_LAB_DMA_FAULT)
		return -EIO;
	return error;
}

static void undo_map_off(void)
{
	REQUIRE_EQ(dma_peek(endpoint, phys_of(mem)), IOMMU_LAB_DMA_OK);
	REQUIRE_EQ(unmap(domain, off_iova, 16 * PAGE), 0);
	REQUIRE_EQ(dma_peek(endpoint, phys_of(mem)), IOMMU_LAB_DMA_FAULT);
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
	return mark(domain, mem, PAGE);
}

static void prepare_marked(void)
{
	unsigned int i;

	if (domain >= 0)
		close(domain);
	domain = domain_create_with(control, IOMMU_LAB_POLICY_FIXED,
				    IOMMU_LAB_DOMAIN_MARKED_ONLY);
	REQUIRE(domain >= 0);
	/* so many that one more does not fit into a node of the tree */
	for (i = 2; i < 16; i += 2)
		REQUIRE_EQ(mark(domain, mem + i * PAGE, PAGE), 0);
}

static void undo_mark(void)
{
	REQUIRE_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT), 0);
	REQUIRE_EQ(unmap(domain, AT, PAGE), 0);
	REQUIRE_EQ(mark_clear(domain, mem, PAGE), 0);
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

	return device_addresses(domain, AT, 16 * PAGE,
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
	int error = unmap_flags(domain, AT, 16 * PAGE, 0, &unmapped);

	return error == -EFAULT && !is_mapped(domain, AT) ? 0 : error;
}

static void undo_unmap(void)
{
	u64 iova = AT;

	REQUIRE_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	REQUIRE_EQ(map_list(domain, list, 16, READ_WRITE, &iova), 0);
}

static void unmap_mapped(void)
{
	static const struct step step = { "unmap", prepare_mapped, call_unmap, undo_unmap, 1 };
	set_up();
	run_step(&step);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_OK);
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
	error = dma_try(endpoint, &dma);
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

	return lab_ioctl(endpoint, IOMMU_LAB_DMA_SUBMIT, &dma);
}

static void undo_submit(void)
{
	struct iommu_lab_dma_reap reap = { .size = sizeof(reap) };
	int error;

	do {
		error = lab_ioctl(endpoint, IOMMU_LAB_DMA_REAP, &reap);
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

	created = buffer_create_as(control, &bytes, 0, 0, cache);
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
	int error = map_buffer(domain, dmabuf, 0, 0, READ_WRITE, AT);

	if (error && dma_peek(endpoint, AT) != IOMMU_LAB_DMA_FAULT)
		return -EIO;
	return error;
}

static int call_begin(void)
{
	created = buffer_begin(domain, dmabuf, READ_WRITE, AT);
	if (created < 0 && dma_peek(endpoint, AT) != IOMMU_LAB_DMA_FAULT)
		return -EIO;
	return created < 0 ? created : 0;
}

/* the handle that is closed is the association that ends */
static void undo_begin(void)
{
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_OK);
	close(created);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
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
	dmabuf = buffer_create(control, 16 * PAGE);
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
