// SPDX-License-Identifier: GPL-2.0
/*
 * Asynchronous DMA: a bounded ring for each open endpoint file, run in order,
 * with completions by poll().
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sys/mman.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)
#define TO	(512 * MIB)
#define BYTES	(16 * PAGE)

static int control, domain, endpoint;
static u8 *mem, *copy;

static void set_up(void)
{
	u64 seed = test_seed();

	open_attached(IOMMU_LAB_POLICY_FIXED, 0, &control, &domain, &endpoint);
	mem = pages_alloc(BYTES);
	copy = pages_alloc(BYTES);
	fill_random(mem, BYTES, &seed);
	REQUIRE_EQ(map_at(domain, mem, BYTES, IOMMU_LAB_TO_DEVICE, AT), 0);
	REQUIRE_EQ(map_at(domain, copy, BYTES, READ_WRITE, TO), 0);
}

static int submit(u32 op, u64 src, u64 dst, u64 bytes, void *data, u64 cookie)
{
	struct iommu_lab_sg from = { src, bytes }, to = { dst, bytes };
	struct iommu_lab_dma dma = {
		.size = sizeof(dma),
		.op = op,
		.src_nents = !!src,
		.dst_nents = !!dst,
		.src = (uintptr_t)&from,
		.dst = (uintptr_t)&to,
		.data = (uintptr_t)data,
		.pattern = 0xabababababababab,
		.cookie = cookie,
	};

	return lab_ioctl(endpoint, IOMMU_LAB_DMA_SUBMIT, &dma);
}

static int reap(struct iommu_lab_dma_result *result)
{
	struct iommu_lab_dma_reap cmd = { .size = sizeof(cmd) };
	int error = lab_ioctl(endpoint, IOMMU_LAB_DMA_REAP, &cmd);

	*result = cmd.result;
	return error;
}

/* waits with poll(), which must not say POLLIN for nothing */
static struct iommu_lab_dma_result wait_for_result(void)
{
	struct pollfd fd = { .fd = endpoint, .events = POLLIN };
	struct iommu_lab_dma_result result;

	REQUIRE_EQ(poll(&fd, 1, 20000), 1);
	REQUIRE_EQ(fd.revents, POLLIN);
	REQUIRE_EQ(reap(&result), 0);
	return result;
}

static bool has_result(void)
{
	struct pollfd fd = { .fd = endpoint, .events = POLLIN };

	return poll(&fd, 1, 0) == 1;
}

/* H13: each result is its own, and they come in order */
static void in_order(void)
{
	static const struct {
		u32 op;
		u64 src, dst, bytes;
		u32 status, reason;
		u64 done;
	} job[] = {
		{ IOMMU_LAB_DMA_COPY, AT, TO, BYTES, IOMMU_LAB_DMA_OK, 0,
		  BYTES },
		{ IOMMU_LAB_DMA_COMPARE, AT, TO, BYTES, IOMMU_LAB_DMA_OK, 0,
		  BYTES },
		{ IOMMU_LAB_DMA_FILL, 0, TO + 9, 8, IOMMU_LAB_DMA_OK, 0, 8 },
		{ IOMMU_LAB_DMA_COMPARE, AT, TO, BYTES,
		  IOMMU_LAB_DMA_MISCOMPARE, 0, 9 },
		{ IOMMU_LAB_DMA_FILL, 0, AT, 8, IOMMU_LAB_DMA_FAULT,
		  REASON_WRITE, 0 },
		{ IOMMU_LAB_DMA_COPY, AT + BYTES - PAGE, TO, 2 * PAGE,
		  IOMMU_LAB_DMA_FAULT, REASON_READ, PAGE },
		{ IOMMU_LAB_DMA_READ, AT + 5, 0, 100, IOMMU_LAB_DMA_OK, 0, 100 },
		{ IOMMU_LAB_DMA_WRITE, 0, TO + 77, 100, IOMMU_LAB_DMA_OK, 0,
		  100 },
		{ IOMMU_LAB_DMA_COPY, AT, TO + 2 * PAGE, PAGE,
		  IOMMU_LAB_DMA_OK, 0, PAGE },
	};
	struct iommu_lab_dma_result result;
	u8 *kept = pages_alloc(BYTES), data[100], sent[100];
	size_t i;

	set_up();
	memcpy(kept, mem, BYTES);
	memset(data, 0x77, sizeof(data));
	memcpy(sent, data, sizeof(sent));
	EXPECT_EQ(reap(&result), -ENOENT);
	EXPECT(!has_result());
	for (i = 0; i < ARRAY_SIZE(job); i++)
		REQUIRE_EQ(submit(job[i].op, job[i].src, job[i].dst,
				  job[i].bytes, data, 1000 + i), 0);
	for (i = 0; i < ARRAY_SIZE(job); i++) {
		result = wait_for_result();
		if (!EXPECT_EQ(result.cookie, 1000 + i) ||
		    !EXPECT_EQ(result.status, job[i].status) ||
		    !EXPECT_EQ(result.fault_reason, job[i].reason) ||
		    !EXPECT_EQ(result.done, job[i].done))
			note("job %zu", i);
	}
	EXPECT_EQ(reap(&result), -ENOENT);
	EXPECT(!has_result());
	/* V13 by the ring: the mapping to the device was not written to */
	EXPECT(!memcmp(mem, kept, BYTES));
	/* READ went before WRITE: what was read has been written */
	EXPECT(!memcmp(data, mem + 5, 100));
	/* what WRITE sent is what was there when it was submitted */
	EXPECT(!memcmp(data, mem + 5, 100));
	EXPECT(!memcmp(copy + 77, sent, 100));
	EXPECT(!memcmp(copy + 2 * PAGE, mem, PAGE));
}

/* H13 */
static void full_ring(void)
{
	struct iommu_lab_dma_result result;
	unsigned int slots = 0, i;
	int error;

	set_up();
	while (!(error = submit(IOMMU_LAB_DMA_COPY, AT, TO, BYTES, NULL, slots)))
		REQUIRE(++slots <= 4096);
	EXPECT_EQ(error, -ENOSPC);
	EXPECT(slots >= 2);
	note("%u slots", slots);
	EXPECT_EQ(submit(IOMMU_LAB_DMA_COPY, AT, TO, BYTES, NULL, 0), -ENOSPC);
	/* a reaped result makes room for one */
	result = wait_for_result();
	EXPECT_EQ(result.cookie, 0);
	EXPECT_EQ(submit(IOMMU_LAB_DMA_COPY, AT, TO, BYTES, NULL, slots), 0);
	EXPECT_EQ(submit(IOMMU_LAB_DMA_COPY, AT, TO, BYTES, NULL, 0), -ENOSPC);
	/* synchronous DMA is not held up by a full ring */
	EXPECT_EQ(dma_copy(endpoint, AT, TO, PAGE).status, IOMMU_LAB_DMA_OK);
	for (i = 1; i <= slots; i++) {
		result = wait_for_result();
		EXPECT_EQ(result.cookie, i);
		EXPECT_EQ(result.status, IOMMU_LAB_DMA_OK);
	}
	EXPECT_EQ(reap(&result), -ENOENT);
	EXPECT(!memcmp(mem, copy, BYTES));
}

static u64 large_mapping(u64 bytes)
{
	u64 iova = GIB;
	struct iommu_lab_sg list[64];
	u8 *huge = pages_alloc(bytes / 64);
	int i;

	for (i = 0; i < 64; i++)
		list[i] = (struct iommu_lab_sg){ (uintptr_t)huge, bytes / 64 };
	REQUIRE_EQ(map_list(domain, list, 64, READ_WRITE, &iova), 0);
	return iova;
}

/* a detach ends what was accepted before it */
static void detached(void)
{
	struct iommu_lab_dma_result result;
	u64 bytes = 64 * MIB, iova;
	unsigned int i, revoked = 0;

	set_up();
	iova = large_mapping(bytes);
	for (i = 0; i < 8; i++)
		REQUIRE_EQ(submit(IOMMU_LAB_DMA_FILL, 0, iova, bytes, NULL, i),
			   0);
	EXPECT_EQ(reap(&result), -EAGAIN);
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	memset(copy, 0, BYTES);
	for (i = 0; i < 8; i++) {
		result = wait_for_result();
		EXPECT_EQ(result.cookie, i);
		EXPECT(result.status == IOMMU_LAB_DMA_OK ||
		       result.status == IOMMU_LAB_DMA_REVOKED);
		EXPECT(result.done <= bytes);
		revoked += result.status == IOMMU_LAB_DMA_REVOKED;
	}
	EXPECT(revoked >= 6);
	/* nothing accepted before runs under the next attachment */
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	EXPECT_EQ(reap(&result), -ENOENT);
}

/* a close ends it, too, and at once */
static void closed(void)
{
	u64 bytes = 64 * MIB, iova, start;
	unsigned int i;

	set_up();
	iova = large_mapping(bytes);
	for (i = 0; i < 32; i++)
		REQUIRE_EQ(submit(IOMMU_LAB_DMA_FILL, 0, iova, bytes, NULL, i),
			   0);
	start = now_ms();
	close(endpoint);
	/* 2 GiB would take far longer */
	EXPECT(now_ms() - start < 1000);
	EXPECT_EQ(endpoint_info(control, 0).out_flags, 0);
	memset(copy, 0x33, BYTES);
	sleep_ms(20);
	for (i = 0; i < BYTES; i++)
		REQUIRE_EQ(copy[i], 0x33);
}

/* data of the ring: bounded, taken at once, given when it is reaped */
static void data(void)
{
	struct iommu_lab_dma_result result;
	void *nowhere = mmap(NULL, PAGE, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	u8 got[100], sent[100];

	set_up();
	REQUIRE(nowhere != MAP_FAILED);
	EXPECT_EQ(submit(IOMMU_LAB_DMA_READ, AT, 0, IOMMU_LAB_RING_DATA + 1,
			 mem, 1), -EINVAL);
	EXPECT_EQ(submit(IOMMU_LAB_DMA_WRITE, 0, TO, IOMMU_LAB_RING_DATA + 1,
			 mem, 1), -EINVAL);
	EXPECT_EQ(submit(IOMMU_LAB_DMA_WRITE, 0, TO, 8, nowhere, 1), -EFAULT);
	EXPECT_EQ(reap(&result), -ENOENT);

	/* what is changed after submit does not count */
	memset(sent, 0x11, sizeof(sent));
	REQUIRE_EQ(submit(IOMMU_LAB_DMA_WRITE, 0, TO, sizeof(sent), sent, 2), 0);
	memset(sent, 0x22, sizeof(sent));
	EXPECT_EQ(wait_for_result().status, IOMMU_LAB_DMA_OK);
	EXPECT_EQ(copy[0], 0x11);
	EXPECT_EQ(copy[sizeof(sent) - 1], 0x11);

	/* the engine itself touches no process memory */
	memset(got, 0xee, sizeof(got));
	REQUIRE_EQ(submit(IOMMU_LAB_DMA_READ, AT, 0, sizeof(got), got, 3), 0);
	while (!has_result())
		sleep_ms(1);
	EXPECT_EQ(got[0], 0xee);
	EXPECT_EQ(got[sizeof(got) - 1], 0xee);
	EXPECT_EQ(wait_for_result().status, IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(got, mem, sizeof(got)));

	/* nor does a bad address there end anything but this job */
	REQUIRE_EQ(submit(IOMMU_LAB_DMA_READ, AT, 0, 8, nowhere, 4), 0);
	EXPECT_EQ(wait_for_result().status, IOMMU_LAB_DMA_DATA);
	munmap(nowhere, PAGE);
}

/* another process can have the file, and not the results */
static void results_of_another(void)
{
	struct iommu_lab_dma_result result;
	int status;
	pid_t child;

	set_up();
	REQUIRE_EQ(submit(IOMMU_LAB_DMA_FILL, 0, TO, 8, NULL, 77), 0);
	while (!has_result())
		sleep_ms(1);
	child = fork();
	REQUIRE(child >= 0);
	if (!child)
		_exit(reap(&result) != -EPERM);
	REQUIRE_EQ(waitpid(child, &status, 0), child);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(wait_for_result().cookie, 77);
}

static const struct test_case cases[] = {
	{ "H13 V13 results come in order, each with its own error", in_order },
	{ "H13 a full ring is ENOSPC", full_ring },
	{ "a detach revokes what is in the ring", detached },
	{ "a close ends what is in the ring", closed },
	{ "data of the ring passes through the kernel, bounded", data },
	{ "results are the submitter's", results_of_another },
};

int main(void)
{
	return RUN_CASES(cases);
}
