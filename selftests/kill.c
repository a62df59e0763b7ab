// SPDX-License-Identifier: GPL-2.0
/*
 * SIGKILL in the middle of maps and DMA from 8 threads: everything is freed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define THREADS	8
#define AT	(256 * MIB)
#define SPAN	(64 * PAGE)

static int control, domain[2], endpoint[4];
static u8 *mem;
static struct progress {
	u64 maps, dmas, jobs;
} *progress;

static void map_and_unmap(int which, u64 seed)
{
	struct iommu_lab_sg list[4];
	u64 base = AT + which * GIB, iova, unmapped;
	u32 i;

	for (;;) {
		for (i = 0; i < 4; i++)
			list[i] = (struct iommu_lab_sg){
				(uintptr_t)mem + next_random(&seed) % 32 * PAGE,
				(1 + next_random(&seed) % 16) * PAGE,
			};
		iova = base + next_random(&seed) % 64 * PAGE;
		if (!map_list(domain[which & 1], list, 4, READ_WRITE, &iova))
			__atomic_add_fetch(&progress->maps, 1, __ATOMIC_RELAXED);
		if (next_random(&seed) % 2)
			unmap_flags(domain[which & 1], base, GIB / 2,
				    IOMMU_LAB_UNMAP_ALLOW_HOLES, &unmapped);
	}
}

static void keep_dma_going(int which, u64 seed)
{
	struct iommu_lab_sg sg = { AT, SPAN };
	struct iommu_lab_dma dma = {
		.op = IOMMU_LAB_DMA_FILL,
		.dst_nents = 1,
		.dst = (uintptr_t)&sg,
		.pattern = seed,
	};

	for (;;) {
		sg.addr = AT + (which & 3) * GIB + next_random(&seed) % SPAN;
		/* EBUSY while the endpoint changes hands */
		if (!dma_try(endpoint[which & 3], &dma))
			__atomic_add_fetch(&progress->dmas, 1, __ATOMIC_RELAXED);
	}
}

static void keep_ring_full(int which, u64 seed)
{
	struct iommu_lab_sg sg = { AT, SPAN };
	struct iommu_lab_dma_reap reap = { .size = sizeof(reap) };
	struct iommu_lab_dma dma = {
		.size = sizeof(dma),
		.op = IOMMU_LAB_DMA_READ,
		.src_nents = 1,
		.src = (uintptr_t)&sg,
		.data = (uintptr_t)mem,
	};

	for (;;) {
		sg.addr = AT + (which & 3) * GIB + next_random(&seed) % SPAN;
		if (lab_ioctl(endpoint[which & 3], IOMMU_LAB_DMA_SUBMIT, &dma))
			lab_ioctl(endpoint[which & 3], IOMMU_LAB_DMA_REAP, &reap);
		else
			__atomic_add_fetch(&progress->jobs, 1, __ATOMIC_RELAXED);
	}
}

static void attach_and_detach(u64 seed)
{
	for (;;) {
		int e = next_random(&seed) % 4, d = next_random(&seed) % 2;

		domain_attach(domain[d], endpoint[e]);
		usleep(next_random(&seed) % 500);
		if (next_random(&seed) % 2)
			domain_detach(domain[d], endpoint[e]);
	}
}

static void *worker(void *arg)
{
	int which = (uintptr_t)arg;
	u64 seed = (u64)getpid() << 8 | (which + 1);

	if (which < 3)
		map_and_unmap(which, seed);
	else if (which < 6)
		keep_dma_going(which, seed);
	else if (which < 7)
		keep_ring_full(which, seed);
	else
		attach_and_detach(seed);
	return NULL;
}

/* in the process that will be killed; its endpoints may change hands */
static void victim(int ready)
{
	pthread_t thread;
	char go = 0;
	uintptr_t i;

	control = control_open();
	for (i = 0; i < 2; i++)
		domain[i] = domain_create(control, i ? IOMMU_LAB_POLICY_ALLOC :
						       IOMMU_LAB_POLICY_FIXED);
	for (i = 0; i < 4; i++)
		endpoint[i] = endpoint_open(i);
	mem = pages_alloc(64 * PAGE);
	for (i = 0; i < 4; i++)
		domain_attach(domain[i & 1], endpoint[i]);
	for (i = 0; i < THREADS; i++)
		REQUIRE(!pthread_create(&thread, NULL, worker, (void *)i));
	REQUIRE_EQ(write(ready, &go, 1), 1);
	for (;;)
		pause();
}

/* domain ids of the default domains that the kernel gives endpoints */
static u64 dids;

static void check_nothing_left(int round)
{
	struct iommu_lab_info info;
	bool good;
	int i;

	good = EXPECT(lab_is_empty());
	info = lab_info(control);
	good = good && EXPECT_EQ(info.domains, 0) &&
	       EXPECT_EQ(info.pinned_left, info.pinned_max) &&
	       EXPECT_EQ(info.out_flags, IOMMU_LAB_INFO_ENABLED) &&
	       EXPECT_EQ(debugfs_number("info", "mappings"), 0) &&
	       EXPECT_EQ(debugfs_number("info", "kept pages"), 0) &&
	       EXPECT_EQ(debugfs_number("info", "kept tables"), 0) &&
	       EXPECT_EQ(debugfs_number("units/0/stats", "present"), 0) &&
	       EXPECT_EQ(debugfs_number("units/1/stats", "present"), 0) &&
	       EXPECT_EQ(debugfs_number("units/1/stats", "driver_dids"), dids);
	for (i = 0; i < 4; i++)
		good = EXPECT_EQ(endpoint_info(control, i).out_flags,
				 i == 1 ? IOMMU_LAB_ENDPOINT_RMRR : 0) && good;
	if (!good) {
		note("round %d", round);
		end_case();
	}
}

static void killed_in_the_middle(void)
{
	u64 seed = test_seed();
	int round;

	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(progress != MAP_FAILED);
	control = control_open();
	dids = debugfs_number("units/1/stats", "driver_dids");
	for (round = 0; round < 50; round++) {
		int pipes[2];
		char go;
		pid_t pid;

		REQUIRE(!pipe(pipes));
		pid = fork();
		if (!pid) {
			victim(pipes[1]);
			_exit(0);
		}
		close(pipes[1]);
		REQUIRE_EQ(read(pipes[0], &go, 1), 1);
		close(pipes[0]);
		usleep(next_random(&seed) % 40000);
		kill(pid, SIGKILL);
		REQUIRE_EQ(waitpid(pid, NULL, 0), pid);
		check_nothing_left(round);
	}
	note("%llu maps, %llu DMAs, %llu jobs in 50 rounds",
	     (unsigned long long)progress->maps,
	     (unsigned long long)progress->dmas,
	     (unsigned long long)progress->jobs);
	EXPECT(progress->maps > 50);
	EXPECT(progress->dmas > 50);
	EXPECT(progress->jobs > 50);
}

static const struct test_case cases[] = {
	{ "K9 SIGKILL in the middle of maps and DMA from 8 threads, 50 times",
	  killed_in_the_middle, .seconds = 300 },
};

int main(void)
{
	return RUN_CASES(cases);
}
