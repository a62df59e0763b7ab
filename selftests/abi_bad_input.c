// SPDX-License-Identifier: GPL-2.0
/*
 * What is the same for each ioctl: size, tail, flags, reserved members, user
 * pointers, kind of file. Each ioctl is called with one thing wrong; it must say
 * which error it is, and must have changed nothing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "calls.h"
#include "lab.h"
#include "sys.h"

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

	calls_set_up();
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

	calls_set_up();
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

	calls_set_up();
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

	calls_set_up();
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

	calls_set_up();
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

	calls_set_up();
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
	static const int kinds[] = { CONTROL, DOMAIN, ENDPOINT, ASSOC };
	union argument arg;

	calls_set_up();
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
	static const int kinds[] = { CONTROL, DOMAIN, ENDPOINT, ASSOC };
	unsigned int i, rounds = is_debug_kernel() ? 3000 : 20000, done = 0;
	u64 seed = test_seed();
	union argument arg;

	calls_set_up();
	for (i = 0; i < rounds; i++) {
		const struct call *call =
			&calls[next_random(&seed) % nr_calls];
		u64 word = next_random(&seed);
		size_t at = 4 + word % (call->size - 4);
		int fd = file_of(kinds[next_random(&seed) % 4]);

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
		if (call->cmd == IOMMU_LAB_DOMAIN_CREATE ||
		    call->cmd == IOMMU_LAB_BUFFER_CREATE ||
		    call->cmd == IOMMU_LAB_BUFFER_BEGIN)
			call->undo(&arg);
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
	{ "random arguments leave nothing behind", random_arguments,
	  .params = "scalable=3 max_pinned=4194304", .seconds = 120 },
};

int main(void)
{
	return RUN_CASES(cases);
}
