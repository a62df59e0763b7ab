// SPDX-License-Identifier: GPL-2.0
/*
 * The automatic domain of a process: when it is made, what it can do, when it
 * ends; and that a process may own many others.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sys/mman.h>
#include <unistd.h>
#include "buf.h"
#include "lab.h"
#include "sys.h"

/* DOMAIN_INFO of the automatic domain: 0 or a negative errno */
static int automatic_info(int control, struct iommu_lab_domain_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	info->flags = IOMMU_LAB_DOMAIN_INFO_AUTO;
	return lab_ioctl(control, IOMMU_LAB_DOMAIN_INFO, info);
}

static u32 automatic_id(int control)
{
	struct iommu_lab_domain_info info;

	REQUIRE_EQ(automatic_info(control, &info), 0);
	return info.id;
}

static bool has_automatic(int control)
{
	struct iommu_lab_domain_info info;
	int error = automatic_info(control, &info);

	REQUIRE(!error || error == -ENXIO);
	return !error;
}

/* waits for a child that has done its checks */
static void join(pid_t pid)
{
	int status;

	REQUIRE(pid > 0);
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

/* an endpoint is blocked, and no domain is left */
static void expect_none(int control)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		EXPECT_EQ(endpoint_info(control, i).domain_id, 0);
	EXPECT_EQ(lab_info(control).domains, 0);
	EXPECT(lab_is_empty());
}

/* K6 K10: nothing works on it before the first attach has succeeded */
static void none_before_attach(void)
{
	int control = control_open(), endpoint = endpoint_open(0);
	int reader = endpoint_open_flags(2, O_RDONLY);
	struct iommu_lab_stats stats = { .size = sizeof(stats) };
	struct iommu_lab_iova_ranges ranges = { .size = sizeof(ranges) };
	struct iommu_lab_translate answer;
	u8 *mem = pages_alloc(PAGE);
	int other, null = open("/dev/null", O_RDWR);
	u64 iova, unmapped;

	EXPECT(!has_automatic(control));
	EXPECT_EQ(map_any(control, mem, PAGE, READ_WRITE, 0, &iova), -ENXIO);
	EXPECT_EQ(unmap_flags(control, ALLOC_START, PAGE, 0, &unmapped),
		  -ENXIO);
	EXPECT_EQ(translate(control, ALLOC_START, &answer), -ENXIO);
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_STATS, &stats), -ENXIO);
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_IOVA_RANGES, &ranges), -ENXIO);
	EXPECT_EQ(domain_detach(control, endpoint), -ENXIO);

	/* refused attaches make none */
	EXPECT_EQ(domain_attach(control, reader), -EACCES);
	EXPECT_EQ(domain_attach(control, null), -EINVAL);
	EXPECT_EQ(domain_attach(control, -1), -EBADF);
	EXPECT(!has_automatic(control));
	EXPECT_EQ(lab_info(control).domains, 0);
	other = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE(other >= 0);
	REQUIRE_EQ(domain_attach(other, endpoint), 0);
	EXPECT_EQ(domain_attach(control, endpoint), -EBUSY);
	EXPECT(!has_automatic(control));
	EXPECT_EQ(lab_info(control).domains, 1);
	EXPECT_EQ(map_any(control, mem, PAGE, READ_WRITE, 0, &iova), -ENXIO);
	EXPECT_EQ(locked_bytes(), 0);
}

/* K7: map, DMA, unmap and detach on the control node */
static void attach_and_detach(void)
{
	int control = control_open(), endpoint = endpoint_open(0);
	u8 *mem = pages_alloc(2 * PAGE), *copy = pages_alloc(2 * PAGE);
	struct iommu_lab_stats stats;
	u64 seed = test_seed(), iova;

	fill_random(mem, 2 * PAGE, &seed);
	REQUIRE_EQ(domain_attach(control, endpoint), 0);
	EXPECT_EQ(domain_attach(control, endpoint), -EALREADY);
	REQUIRE_EQ(map_any(control, mem, 2 * PAGE, READ_ONLY, 0, &iova), 0);
	EXPECT_EQ(iova, ALLOC_START);
	EXPECT(is_mapped(control, iova + PAGE));
	EXPECT_EQ(dma_read(endpoint, iova, copy, 2 * PAGE).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(mem, copy, 2 * PAGE));
	EXPECT_EQ(dma_poke(endpoint, iova), IOMMU_LAB_DMA_FAULT);
	stats = lab_stats(control);
	EXPECT_EQ(stats.lookups, 3);
	EXPECT_EQ(stats.faults, 1);
	REQUIRE_EQ(domain_detach(control, endpoint), 0);
	EXPECT_EQ(domain_detach(control, endpoint), -ENOENT);
	EXPECT_EQ(dma_peek(endpoint, iova), IOMMU_LAB_DMA_FAULT);
	/* what is mapped stays, and is there for the next one */
	REQUIRE_EQ(domain_attach(control, endpoint), 0);
	EXPECT_EQ(dma_peek(endpoint, iova), IOMMU_LAB_DMA_OK);
	REQUIRE_EQ(unmap(control, iova, 2 * PAGE), 0);
	EXPECT_EQ(dma_peek(endpoint, iova), IOMMU_LAB_DMA_FAULT);
}

/* K6: the same one while the process lives, whatever is detached and closed */
static void one_for_life(void)
{
	int control = control_open(), second = control_open();
	int endpoint[2] = { endpoint_open(0), endpoint_open(2) };
	u32 id;

	REQUIRE_EQ(domain_attach(control, endpoint[0]), 0);
	id = automatic_id(control);
	EXPECT_EQ(automatic_id(second), id);
	REQUIRE_EQ(domain_attach(second, endpoint[1]), 0);
	EXPECT_EQ(endpoint_info(control, 0).domain_id, id);
	EXPECT_EQ(endpoint_info(control, 2).domain_id, id);
	EXPECT_EQ(lab_info(control).domains, 1);

	REQUIRE_EQ(domain_detach(second, endpoint[0]), 0);
	REQUIRE_EQ(domain_detach(control, endpoint[1]), 0);
	EXPECT_EQ(automatic_id(control), id);
	close(control);
	close(second);
	close(endpoint[0]);
	control = control_open();
	EXPECT_EQ(automatic_id(control), id);
	endpoint[0] = endpoint_open(0);
	REQUIRE_EQ(domain_attach(control, endpoint[0]), 0);
	EXPECT_EQ(endpoint_info(control, 0).domain_id, id);
	EXPECT_EQ(lab_info(control).domains, 1);
}

/* K6: not inherited by fork */
static void not_inherited(void)
{
	int control = control_open(), endpoint = endpoint_open(0);
	u8 *mem = pages_alloc(PAGE);
	u64 iova;
	pid_t pid;
	u32 id;

	REQUIRE_EQ(domain_attach(control, endpoint), 0);
	REQUIRE_EQ(map_any(control, mem, PAGE, READ_WRITE, 0, &iova), 0);
	id = automatic_id(control);
	pid = fork();
	if (!pid) {
		struct iommu_lab_domain_info info = { .size = sizeof(info) };
		int own = endpoint_open(2);

		EXPECT(!has_automatic(control));
		info.id = id;
		EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_DOMAIN_INFO, &info),
			  -ENOENT);
		EXPECT_EQ(map_any(control, mem, PAGE, READ_WRITE, 0, &iova),
			  -ENXIO);
		EXPECT_EQ(domain_attach(control, endpoint), -EBUSY);
		REQUIRE_EQ(domain_attach(control, own), 0);
		EXPECT(automatic_id(control) != id);
		EXPECT(!is_mapped(control, iova));
		EXPECT_EQ(lab_info(control).domains, 2);
		_exit(0);
	}
	join(pid);
	/* the child's has ended with it, the parent's goes on */
	EXPECT_EQ(lab_info(control).domains, 1);
	EXPECT_EQ(endpoint_info(control, 2).domain_id, 0);
	EXPECT_EQ(automatic_id(control), id);
	EXPECT_EQ(dma_peek(endpoint, iova), IOMMU_LAB_DMA_OK);
}

static void use_it(void)
{
	int control = control_open(), i;
	u8 *mem = pages_alloc(4 * PAGE);
	u64 iova;

	for (i = 0; i < 4; i++) {
		/* not closed by exec: only the end of the mm ends the domain */
		int endpoint = endpoint_open(i);

		REQUIRE(!fcntl(endpoint, F_SETFD, 0));
		REQUIRE_EQ(domain_attach(control, endpoint), 0);
	}
	REQUIRE_EQ(map_any(control, mem, 4 * PAGE, READ_WRITE, 0, &iova), 0);
}

/* K6: exec is the end of it, though the endpoint's fd survives */
static void ends_with_exec(void)
{
	int control = control_open(), from[2], to[2];
	pid_t pid;
	char byte;

	REQUIRE(!pipe(from) && !pipe(to));
	pid = fork();
	if (!pid) {
		use_it();
		dup2(to[0], 0);
		dup2(from[1], 1);
		/* else it would never see the end of its input */
		close(to[1]);
		execl("/bin/cat", "cat", NULL);
		_exit(1);
	}
	/* cat answers: exec is over */
	REQUIRE_EQ(write(to[1], "x", 1), 1);
	close(from[1]);
	REQUIRE_EQ(read(from[0], &byte, 1), 1);
	expect_none(control);
	close(to[0]);
	close(to[1]);
	join(pid);
}

/* K6: a kill ends it, whoever has its endpoint files still open */
static void ends_with_sigkill(void)
{
	int control = control_open(), kept = endpoint_open(1), ready[2], round;
	char byte;

	for (round = 0; round < 20; round++) {
		pid_t pid;

		REQUIRE(!pipe(ready));
		pid = fork();
		if (!pid) {
			u8 *mem = pages_alloc(PAGE);
			int mine = control_open();
			u64 iova;

			REQUIRE_EQ(domain_attach(mine, kept), 0);
			REQUIRE_EQ(map_any(mine, mem, PAGE, READ_WRITE, 0,
					   &iova), 0);
			REQUIRE_EQ(write(ready[1], "x", 1), 1);
			for (;;)
				dma_poke(kept, iova);
		}
		REQUIRE_EQ(read(ready[0], &byte, 1), 1);
		EXPECT(endpoint_info(control, 1).domain_id);
		kill(pid, SIGKILL);
		REQUIRE_EQ(waitpid(pid, NULL, 0), pid);
		/* `kept` is open here: closing is not what has detached it */
		expect_none(control);
		close(ready[0]);
		close(ready[1]);
	}
}

static void *attach_one(void *arg)
{
	int control = control_open();

	EXPECT_EQ(domain_attach(control, *(int *)arg), 0);
	return NULL;
}

/* K6: four first attaches at once */
static void raced(void)
{
	int control = control_open(), endpoint[4], round, i;
	pid_t pid;

	for (round = 0; round < 30; round++) {
		pid = fork();
		if (!pid) {
			pthread_t thread[4];

			for (i = 0; i < 4; i++) {
				endpoint[i] = endpoint_open(i);
				REQUIRE(!pthread_create(&thread[i], NULL,
							attach_one,
							&endpoint[i]));
			}
			for (i = 0; i < 4; i++)
				pthread_join(thread[i], NULL);
			EXPECT_EQ(lab_info(control).domains, 1);
			for (i = 0; i < 4; i++)
				EXPECT_EQ(endpoint_info(control, i).domain_id,
					  automatic_id(control));
			_exit(0);
		}
		join(pid);
		EXPECT_EQ(lab_info(control).domains, 0);
	}
}

/* with all files closed it still holds the module */
static void holds_the_module(void)
{
	int ready[2], end[2];
	pid_t pid;
	char byte;

	REQUIRE(!pipe(ready) && !pipe(end));
	pid = fork();
	if (!pid) {
		int control = control_open(), endpoint = endpoint_open(0);

		REQUIRE_EQ(domain_attach(control, endpoint), 0);
		close(endpoint);
		close(control);
		REQUIRE_EQ(write(ready[1], "x", 1), 1);
		REQUIRE_EQ(read(end[0], &byte, 1), 1);
		_exit(0);
	}
	REQUIRE_EQ(read(ready[0], &byte, 1), 1);
	EXPECT_EQ(module_unload(), -EAGAIN);
	REQUIRE_EQ(write(end[1], "x", 1), 1);
	join(pid);
	/* and at once not any more */
	EXPECT_EQ(module_unload(), 0);
	EXPECT_EQ(module_load(""), 0);
}

/* K5 */
static void many_domains(void)
{
	int control = control_open(), domain[100], i;
	u8 *mem = pages_alloc(PAGE);
	int endpoint = endpoint_open(0);
	pid_t pid;
	u64 iova;

	REQUIRE_EQ(domain_attach(control, endpoint), 0);
	for (i = 0; i < 100; i++) {
		domain[i] = domain_create(control, IOMMU_LAB_POLICY_ALLOC);
		REQUIRE(domain[i] >= 0);
		EXPECT_EQ(map_any(domain[i], mem, PAGE, READ_WRITE, 0, &iova),
			  0);
	}
	EXPECT_EQ(lab_info(control).domains, 101);
	pid = fork();
	if (!pid) {
		struct iommu_lab_domain_info info = { .size = sizeof(info) };

		for (i = 0; i < 100; i++) {
			EXPECT_EQ(map_any(domain[i], mem, PAGE, READ_WRITE, 0,
					  &iova), -EPERM);
			EXPECT_EQ(lab_ioctl(domain[i], IOMMU_LAB_DOMAIN_INFO,
					    &info), -EPERM);
			close(domain[i]);
		}
		_exit(0);
	}
	join(pid);
	for (i = 0; i < 100; i++)
		EXPECT_EQ(domain_info(domain[i]).mappings, 1);
}

/* K7: without units an attach programs nothing, and all goes on */
static void attach_without_units(void)
{
	int control = control_open(), endpoint = endpoint_open(0);
	u8 *mem = pages_alloc(PAGE);
	struct iommu_lab_sg sg;
	u32 nr = 1, id;
	u64 iova;

	EXPECT_EQ(lab_info(control).mode, IOMMU_LAB_MODE_PHYS);
	EXPECT_EQ(lab_info(control).units, 0);
	EXPECT_EQ(dma_peek(endpoint, ALLOC_START), IOMMU_LAB_DMA_FAULT);
	REQUIRE_EQ(domain_attach(control, endpoint), 0);
	EXPECT_EQ(domain_attach(control, endpoint), -EALREADY);
	id = automatic_id(control);
	REQUIRE_EQ(map_any(control, mem, PAGE, READ_WRITE, 0, &iova), 0);
	REQUIRE_EQ(addresses(control, 0, iova, PAGE, &sg, &nr), 0);
	EXPECT_EQ(nr, 1);
	EXPECT_EQ(sg.addr, phys_of(mem));
	EXPECT_EQ(dma_fill(endpoint, sg.addr, PAGE, 0x1122334455667788).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(*(u64 *)mem, 0x1122334455667788);
	REQUIRE_EQ(domain_detach(control, endpoint), 0);
	EXPECT_EQ(domain_detach(control, endpoint), -ENOENT);
	EXPECT_EQ(dma_peek(endpoint, sg.addr), IOMMU_LAB_DMA_FAULT);
	REQUIRE_EQ(domain_attach(control, endpoint), 0);
	EXPECT_EQ(automatic_id(control), id);
	EXPECT_EQ(dma_peek(endpoint, sg.addr), IOMMU_LAB_DMA_OK);
	REQUIRE_EQ(unmap(control, iova, PAGE), 0);
	EXPECT_EQ(dma_peek(endpoint, sg.addr), IOMMU_LAB_DMA_FAULT);
}

/* K10: a buffer in the automatic domain; its address is asked of either file */
static void associations(void)
{
	int control = control_open(), endpoint = endpoint_open(0);
	int buffer = buffer_create(control, 2 * PAGE), assoc, again;
	struct iommu_lab_assoc_info info;
	struct iommu_lab_sg sg;
	u32 nr = 1;
	u64 *mem;

	EXPECT_EQ(buffer_begin(control, buffer, READ_WRITE, 0), -ENXIO);
	EXPECT_EQ(domain_attach(control, -1), -EBADF);
	EXPECT_EQ(buffer_begin(control, buffer, READ_WRITE, 0), -ENXIO);
	REQUIRE_EQ(domain_attach(control, endpoint), 0);
	assoc = buffer_begin(control, buffer, READ_WRITE, 0);
	REQUIRE(assoc >= 0);
	EXPECT_EQ(buffer_begin(control, buffer, READ_WRITE, 0), -EEXIST);
	info = assoc_info(assoc);
	EXPECT_EQ(info.domain_id, automatic_id(control));
	EXPECT_EQ(info.length, 2 * PAGE);
	REQUIRE_EQ(addresses(assoc, 0, 0, 0, &sg, &nr), 0);
	mem = buffer_mmap(buffer, 2 * PAGE);
	EXPECT_EQ(dma_fill(endpoint, sg.addr, sg.length, 7).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(mem[2 * PAGE / 8 - 1], 7);
	EXPECT_EQ(unmap(control, info.iova, 2 * PAGE), -EBUSY);
	REQUIRE(!close(assoc));
	EXPECT_EQ(dma_peek(endpoint, sg.addr), IOMMU_LAB_DMA_FAULT);
	again = buffer_begin(control, buffer, READ_ONLY, 0);
	REQUIRE(again >= 0);
	EXPECT_EQ(dma_poke(endpoint, assoc_info(again).iova),
		  IOMMU_LAB_DMA_FAULT);
}

/* N5: with POLICY_VA a buffer's IOVA is where the process has it */
static void buffer_at_its_address(void)
{
	int control = control_open(), endpoint = endpoint_open(0);
	int domain = domain_create(control, IOMMU_LAB_POLICY_VA);
	int buffer = buffer_create(control, 4 * PAGE), assoc;
	u8 *mem = buffer_mmap(buffer, 4 * PAGE), *other = pages_alloc(4 * PAGE);
	u64 at = (uintptr_t)mem;

	REQUIRE(domain >= 0);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	EXPECT_EQ(buffer_begin(domain, buffer, READ_WRITE, 0), -EINVAL);
	EXPECT_EQ(buffer_begin(domain, buffer, READ_WRITE, (uintptr_t)other),
		  -EINVAL);
	EXPECT_EQ(buffer_begin(domain, buffer, READ_WRITE, at + PAGE), -EINVAL);
	EXPECT_EQ(map_buffer(domain, buffer, PAGE, PAGE, READ_WRITE, at),
		  -EINVAL);
	EXPECT_EQ(map_buffer(domain, buffer, 4 * PAGE, PAGE, READ_WRITE, at),
		  -EINVAL);
	EXPECT_EQ(map_buffer(domain, buffer, 5 * PAGE, 0, READ_WRITE, at),
		  -EINVAL);
	EXPECT_EQ(map_buffer(domain, buffer, 0, 5 * PAGE, READ_WRITE, at),
		  -EINVAL);
	/* all of the buffer is asked for, the process has a part of it */
	EXPECT_EQ(buffer_begin(domain, buffer, READ_WRITE,
			       (uintptr_t)buffer_mmap(buffer, 2 * PAGE)),
		  -EINVAL);
	assoc = buffer_begin(domain, buffer, READ_WRITE, at);
	REQUIRE(assoc >= 0);
	EXPECT_EQ(assoc_info(assoc).iova, at);
	EXPECT_EQ(dma_fill(endpoint, at + 3 * PAGE, PAGE, ~0ull).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(mem[4 * PAGE - 1], 0xff);
	EXPECT_EQ(mem[0], 0);
	close(assoc);
	EXPECT_EQ(map_buffer(domain, buffer, PAGE, PAGE, READ_WRITE, at + PAGE),
		  0);
	EXPECT_EQ(dma_peek(endpoint, at + PAGE), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_peek(endpoint, at), IOMMU_LAB_DMA_FAULT);
	REQUIRE(!munmap(mem, 4 * PAGE));
	/* the memory is the buffer's, the address only a name */
	EXPECT_EQ(dma_peek(endpoint, at + PAGE), IOMMU_LAB_DMA_OK);
}

/* the flag belongs to the control node, and names no id */
static void wrong_queries(void)
{
	int control = control_open(), endpoint = endpoint_open(0);
	int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	struct iommu_lab_domain_info info;

	REQUIRE(domain >= 0);
	EXPECT_EQ(automatic_info(domain, &info), -EINVAL);
	EXPECT_EQ(automatic_info(endpoint, &info), -ENOTTY);
	REQUIRE_EQ(domain_attach(control, endpoint), 0);
	EXPECT_EQ(automatic_info(control, &info), 0);
	info.flags = IOMMU_LAB_DOMAIN_INFO_AUTO;
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_DOMAIN_INFO, &info), -EINVAL);
	info.flags = 2;
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_DOMAIN_INFO, &info),
		  -EOPNOTSUPP);
}

static const struct test_case cases[] = {
	{ "K6 no automatic domain before an attach has succeeded",
	  none_before_attach },
	{ "K7 attach, map, DMA, unmap, detach by endpoint only",
	  attach_and_detach },
	{ "K7 IOMMU off: the same succeeds, and programs nothing",
	  attach_without_units, "mode=off" },
	{ "K10 K11 a buffer in the automatic domain: ENXIO, EEXIST, revoked",
	  associations },
	{ "K10 K11 the same without units", associations, "mode=off" },
	{ "N5 a buffer is mapped at its process address", buffer_at_its_address },
	{ "K6 one automatic domain for the life of the process", one_for_life },
	{ "K6 fork does not inherit it", not_inherited },
	{ "K6 exec ends it", ends_with_exec },
	{ "K6 SIGKILL ends it", ends_with_sigkill },
	{ "K6 first attaches at the same time make one domain", raced },
	{ "an automatic domain holds the module", holds_the_module },
	{ "K5 a process owns 101 domains, another one none of them",
	  many_domains },
	{ "wrong questions about the automatic domain", wrong_queries },
};

int main(void)
{
	return RUN_CASES(cases);
}
