// SPDX-License-Identifier: GPL-2.0
/*
 * What is the same for each ioctl: size, tail, flags, reserved members, user
 * pointers, kind of file. Each ioctl is called with one thing wrong; it must say
 * which error it is, and must have changed nothing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

enum { CONTROL = 1, DOMAIN = 2, ENDPOINT = 4, ALL = 7 };

#define MAPPED_IOVA	(64 * MIB)	/* always mapped, one page */
#define FREE_IOVA	(128 * MIB)

/* one of each kind, with something in it */
static struct fixture {
	int control;
	int domain;
	int attached;	/* endpoint 0 */
	int spare;	/* endpoint 2, not attached */
	u8 *page;
	struct iommu_lab_sg list;
	u8 data;
	u64 bitmap;
	char text[256];
	bool submitted;
} fx;

union argument {
	u32 size;
	u8 bytes[2 * PAGE];
	struct iommu_lab_info info;
	struct iommu_lab_explain explain;
	struct iommu_lab_unit_info unit;
	struct iommu_lab_endpoint_info endpoint;
	struct iommu_lab_domain_create create;
	struct iommu_lab_domain_info domain;
	struct iommu_lab_attach attach;
	struct iommu_lab_detach detach;
	struct iommu_lab_map map;
	struct iommu_lab_map_sg map_sg;
	struct iommu_lab_unmap unmap;
	struct iommu_lab_translate translate;
	struct iommu_lab_iova_ranges ranges;
	struct iommu_lab_stats stats;
	struct iommu_lab_dma dma;
	struct iommu_lab_dma_reap reap;
	struct iommu_lab_dirty_tracking tracking;
	struct iommu_lab_dirty_bitmap bitmap;
	struct iommu_lab_mark mark;
	struct iommu_lab_addresses addresses;
};

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

static void wait_and_reap(void)
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

/* on already: set_up() */
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

static void good_addresses(union argument *arg)
{
	arg->addresses.iova = MAPPED_IOVA;
	arg->addresses.length = PAGE;
	arg->addresses.segments = (uintptr_t)&fx.list;
	arg->addresses.nr = 1;
}

#define RESERVED(type) offsetof(type, __reserved)

/*
 * Each ioctl. `first` is the first kind of file that it is tried on; `good` makes
 * arguments that succeed, `undo` undoes that.
 */
static const struct call {
	const char *name;
	unsigned long cmd;
	size_t size;
	int kinds;
	int first;
	u32 flags;
	size_t reserved;
	void (*good)(union argument *arg);
	void (*undo)(const union argument *arg);
	size_t first_size;	/* of the first version of its struct, 0: @size */
} calls[] = {
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
	{ "SET_DIRTY_TRACKING", IOMMU_LAB_SET_DIRTY_TRACKING,
	  sizeof(struct iommu_lab_dirty_tracking), DOMAIN, DOMAIN,
	  IOMMU_LAB_DIRTY_TRACKING_ENABLE, 0, good_tracking, undo_nothing },
	{ "GET_DIRTY_BITMAP", IOMMU_LAB_GET_DIRTY_BITMAP,
	  sizeof(struct iommu_lab_dirty_bitmap), DOMAIN, DOMAIN,
	  IOMMU_LAB_DIRTY_BITMAP_NO_CLEAR, 0, good_bitmap, undo_nothing },
	{ "MARK", IOMMU_LAB_MARK, sizeof(struct iommu_lab_mark),
	  CONTROL | DOMAIN, DOMAIN, IOMMU_LAB_MARK_CLEAR, 0, good_mark, undo_nothing },
	{ "ADDRESSES", IOMMU_LAB_ADDRESSES, sizeof(struct iommu_lab_addresses),
	  CONTROL | DOMAIN, DOMAIN, IOMMU_LAB_ADDRESSES_PHYS,
	  RESERVED(struct iommu_lab_addresses), good_addresses, undo_nothing },
};

#define FOR_EACH_CALL(call) \
	for (const struct call *call = calls; \
	     call < calls + ARRAY_SIZE(calls); call++)

static void set_up(void)
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
}

static int file_of(int kind)
{
	if (kind == CONTROL)
		return fx.control;
	return kind == DOMAIN ? fx.domain : fx.attached;
}

static void good_argument(const struct call *call, union argument *arg)
{
	memset(arg, 0, sizeof(*arg));
	arg->size = call->size;
	call->good(arg);
}

/* everything that a refused call could have changed */
struct snapshot {
	struct iommu_lab_info info;
	struct iommu_lab_domain_info domain;
	struct iommu_lab_endpoint_info endpoint[4];
	u64 locked;
	int next_fd;
};

static struct snapshot take_snapshot(void)
{
	struct snapshot now;
	int i;

	memset(&now, 0, sizeof(now));
	now.info = lab_info(fx.control);
	now.domain = domain_info(fx.domain);
	for (i = 0; i < 4; i++)
		now.endpoint[i] = endpoint_info(fx.control, i);
	now.locked = locked_bytes();
	now.next_fd = dup(0);
	close(now.next_fd);
	return now;
}

static void check_explained(const struct call *call, int error)
{
	struct iommu_lab_explain answer = {
		.size = sizeof(answer),
		.length = sizeof(fx.text),
		.text = (uintptr_t)fx.text,
	};

	REQUIRE_EQ(lab_ioctl(file_of(call->first), IOMMU_LAB_EXPLAIN, &answer),
		   0);
	if (!EXPECT_EQ(answer.error, error) ||
	    !EXPECT_EQ(answer.length, strlen(fx.text) + 1) ||
	    !EXPECT(strlen(fx.text) > 10))
		note("after %s: \"%s\"", call->name, fx.text);
}

static void check_refused(const struct call *call, void *arg, int error,
			  const char *why)
{
	struct snapshot before = take_snapshot(), after;
	int got = lab_ioctl(file_of(call->first), call->cmd, arg);

	after = take_snapshot();
	if (!EXPECT_EQ(got, -error) ||
	    !EXPECT(!memcmp(&before, &after, sizeof(before))))
		note("%s with %s", call->name, why);
	if (got == -error && error != EFAULT && call->cmd != IOMMU_LAB_EXPLAIN)
		check_explained(call, error);
}

static void check_accepted(const struct call *call, union argument *arg)
{
	int got = lab_ioctl(file_of(call->first), call->cmd, arg);

	if (!EXPECT_EQ(got, 0))
		note("%s", call->name);
	else
		call->undo(arg);
}

static void short_size(void)
{
	union argument arg;

	set_up();
	FOR_EACH_CALL(call) {
		size_t first = call->first_size ?: call->size;
		size_t sizes[] = { 0, 1, 4, first - 1, 8 };
		size_t nr = ARRAY_SIZE(sizes) - (first == 8);

		for (size_t i = 0; i < nr; i++) {
			good_argument(call, &arg);
			arg.size = sizes[i];
			check_refused(call, &arg, EINVAL, "a short size");
		}
		good_argument(call, &arg);
		check_accepted(call, &arg);
		/* the older one is answered as far as it goes */
		good_argument(call, &arg);
		arg.size = first;
		memset(&arg.bytes[first], 0xee, 16);
		check_accepted(call, &arg);
		EXPECT_EQ(arg.bytes[first], 0xee);
	}
}

static void tail(void)
{
	static const size_t more[] = { 1, 8, 64, PAGE / 2 };
	union argument arg;

	set_up();
	FOR_EACH_CALL(call) {
		for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
			good_argument(call, &arg);
			arg.size += more[i];
			check_accepted(call, &arg);
			good_argument(call, &arg);
			arg.size += more[i];
			arg.bytes[call->size] = 1;
			check_refused(call, &arg, E2BIG, "first tail byte");
			good_argument(call, &arg);
			arg.size += more[i];
			arg.bytes[arg.size - 1] = 0x80;
			check_refused(call, &arg, E2BIG, "last tail byte");
			/* a bound, so that nobody has it look at gigabytes */
			good_argument(call, &arg);
			arg.size = PAGE + 1;
			check_refused(call, &arg, E2BIG, "more than a page");
		}
	}
}

static void unknown_flags(void)
{
	union argument arg;

	set_up();
	FOR_EACH_CALL(call) {
		for (int bit = 0; bit < 32; bit += is_debug_kernel() ? 5 : 1) {
			u32 flag = 1u << bit;

			if (flag & call->flags)
				continue;
			good_argument(call, &arg);
			memcpy(&arg.bytes[4], &flag, sizeof(flag));
			check_refused(call, &arg, EOPNOTSUPP, "unknown flag");
		}
	}
}

static void reserved(void)
{
	static const u32 values[] = { 1, 0x80000000, ~0u };
	union argument arg;

	set_up();
	FOR_EACH_CALL(call) {
		for (size_t i = 0; call->reserved && i < ARRAY_SIZE(values); i++) {
			good_argument(call, &arg);
			memcpy(&arg.bytes[call->reserved], &values[i], 4);
			check_refused(call, &arg, EINVAL, "__reserved");
		}
	}
}

static void bad_pointers(void)
{
	u8 *two = pages_alloc(2 * PAGE);
	union argument arg;

	set_up();
	REQUIRE(!munmap(two + PAGE, PAGE));
	FOR_EACH_CALL(call) {
		u8 *cut = two + PAGE - 8;

		check_refused(call, NULL, EFAULT, "NULL");
		check_refused(call, (void *)1, EFAULT, "address 1");
		check_refused(call, (void *)0xffff888000000000, EFAULT,
			      "a kernel address");
		check_refused(call, two + PAGE, EFAULT, "unmapped memory");
		if (call->size == 8)
			continue;	/* would not be cut off */
		good_argument(call, &arg);
		memcpy(cut, &arg, 8);
		check_refused(call, cut, EFAULT, "a struct that is cut off");
	}
}

/* what cannot be answered has not been done */
static void read_only_argument(void)
{
	union argument *arg = pages_alloc(sizeof(*arg));

	set_up();
	FOR_EACH_CALL(call) {
		struct snapshot before, after;
		int got;

		good_argument(call, arg);
		before = take_snapshot();
		REQUIRE(!mprotect(arg, sizeof(*arg), PROT_READ));
		got = lab_ioctl(file_of(call->first), call->cmd, arg);
		REQUIRE(!mprotect(arg, sizeof(*arg), PROT_READ | PROT_WRITE));
		after = take_snapshot();
		if (!got) {
			call->undo(arg);
			continue;
		}
		if (!EXPECT_EQ(got, -EFAULT) ||
		    !EXPECT(!memcmp(&before, &after, sizeof(before))))
			note("%s into read-only memory", call->name);
	}
	if (fx.submitted)
		wait_and_reap();
}

static void not_this_file(void)
{
	static const int kinds[] = { CONTROL, DOMAIN, ENDPOINT };
	union argument arg;

	set_up();
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		int fd = file_of(kinds[k]);

		FOR_EACH_CALL(call) {
			unsigned int nr = _IOC_NR(call->cmd);

			good_argument(call, &arg);
			if (!(call->kinds & kinds[k]) &&
			    !EXPECT_EQ(lab_ioctl(fd, call->cmd, &arg), -ENOTTY))
				note("%s on kind %d", call->name, kinds[k]);
			EXPECT_EQ(lab_ioctl(fd, _IOR(IOMMU_LAB_TYPE, nr, int),
					    &arg), -ENOTTY);
			EXPECT_EQ(lab_ioctl(fd, _IO(IOMMU_LAB_TYPE + 1, nr),
					    &arg), -ENOTTY);
		}
		for (int nr = 0; nr < 256; nr++) {
			if (nr >= IOMMU_LAB_CMD_BASE &&
			    nr <= IOMMU_LAB_CMD_ADDRESSES)
				continue;
			EXPECT_EQ(lab_ioctl(fd, _IO(IOMMU_LAB_TYPE, nr), &arg),
				  -ENOTTY);
		}
	}
}

/* arguments as they come: nothing may break, and nothing may be left over */
static void random_arguments(void)
{
	static const int kinds[] = { CONTROL, DOMAIN, ENDPOINT };
	unsigned int i, rounds = is_debug_kernel() ? 3000 : 20000, done = 0;
	u64 seed = test_seed();
	union argument arg;

	set_up();
	for (i = 0; i < rounds; i++) {
		const struct call *call =
			&calls[next_random(&seed) % ARRAY_SIZE(calls)];
		u64 word = next_random(&seed);
		size_t at = 4 + word % (call->size - 4);
		int fd = file_of(kinds[next_random(&seed) % 3]);

		if (call->cmd == IOMMU_LAB_DMA_REAP ||
		    call->cmd == IOMMU_LAB_DMA_SUBMIT)
			memset(&arg, 0, sizeof(arg));
		else
			good_argument(call, &arg);
		arg.size = call->size;
		at &= ~3ull;
		if (word >> 60)
			memcpy(&arg.bytes[at], (u8 *)&word + 4, 4);
		if (lab_ioctl(fd, call->cmd, &arg))
			continue;
		done++;
		if (call->cmd == IOMMU_LAB_DOMAIN_CREATE)
			close(arg.create.out_fd);
	}
	note("%u of %u calls succeeded", done, rounds);
	EXPECT(done > rounds / 100);
}

#define SCALABLE	.params = "scalable=3"	/* can track dirty pages */

static const struct test_case cases[] = {
	{ "each ioctl: a short size is EINVAL", short_size, SCALABLE },
	{ "each ioctl: a zero tail is accepted, a non-zero one is E2BIG", tail, SCALABLE },
	{ "each ioctl: an unknown flag is EOPNOTSUPP", unknown_flags, SCALABLE,
	  .seconds = 120 },
	{ "each ioctl: a non-zero reserved member is EINVAL", reserved, SCALABLE },
	{ "each ioctl: a bad pointer is EFAULT", bad_pointers, SCALABLE },
	{ "each ioctl: what cannot be answered has not been done",
	  read_only_argument, SCALABLE },
	{ "each ioctl: ENOTTY on another kind of file, or as another number",
	  not_this_file, SCALABLE },
	{ "random arguments leave nothing behind", random_arguments, SCALABLE,
	  .seconds = 120 },
};

int main(void)
{
	return RUN_CASES(cases);
}
