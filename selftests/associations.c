// SPDX-License-Identifier: GPL-2.0
/*
 * Associations: a buffer in a domain for as long as a handle is open; and the
 * addresses of what is mapped.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "buf.h"
#include "flight.h"
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)
#define BYTES	(8 * PAGE)
#define CUTS	100	/* transfers to be revoked in flight */

static int control, domain, endpoint, buffer;
static u8 *mem;
static u64 seed;

static void set_up(void)
{
	open_attached(IOMMU_LAB_POLICY_FIXED, 0, &control, &domain, &endpoint);
	seed = test_seed();
	buffer = buffer_create(control, BYTES);
	mem = buffer_mmap(buffer, BYTES);
	fill_random(mem, BYTES, &seed);
}

/* K4 */
static void many_domains(void)
{
	int domains[4], endpoints[4], handle[4], i, gone;
	u8 *got = pages_alloc(BYTES);

	set_up();
	domains[0] = domain;
	endpoints[0] = endpoint;
	for (i = 0; i < 4; i++) {
		if (i) {
			domains[i] = domain_create(control,
						   IOMMU_LAB_POLICY_FIXED);
			REQUIRE(domains[i] >= 0);
			endpoints[i] = endpoint_open(i);
			REQUIRE_EQ(domain_attach(domains[i], endpoints[i]), 0);
		}
		handle[i] = buffer_begin(domains[i], buffer, READ_WRITE,
					 AT + i * MIB);
		REQUIRE(handle[i] >= 0);
		EXPECT_EQ(buffer_info(control, buffer).mappings, i + 1);
	}
	for (gone = 0; gone < 4; gone++) {
		for (i = 0; i < 4; i++) {
			struct iommu_lab_dma_result r;

			r = dma_read(endpoints[i], AT + i * MIB, got, BYTES);
			EXPECT_EQ(r.status, i < gone ? IOMMU_LAB_DMA_FAULT :
						       IOMMU_LAB_DMA_OK);
			if (i >= gone)
				EXPECT(!memcmp(got, mem, BYTES));
		}
		/* what one device writes all others read */
		fill_random(got, BYTES, &seed);
		EXPECT_EQ(dma_write(endpoints[3], AT + 3 * MIB, got, BYTES).status,
			  IOMMU_LAB_DMA_OK);
		EXPECT(!memcmp(got, mem, BYTES));
		close(handle[gone]);
	}
	EXPECT_EQ(buffer_info(control, buffer).mappings, 0);
	EXPECT_EQ(dma_peek(endpoints[3], AT + 3 * MIB), IOMMU_LAB_DMA_FAULT);
}

/* K10 */
static void once(void)
{
	int handle, copy, other = buffer_create(control_open(), PAGE);
	u64 unmapped;
	u8 *page = pages_alloc(PAGE);

	set_up();
	handle = buffer_begin(domain, buffer, READ_ONLY, AT);
	REQUIRE(handle >= 0);
	EXPECT_EQ(fcntl(handle, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(buffer_begin(domain, buffer, READ_ONLY, 2 * AT), -EEXIST);
	copy = dup(buffer);
	EXPECT_EQ(buffer_begin(domain, copy, READ_ONLY, 2 * AT), -EEXIST);
	EXPECT_EQ(domain_info(domain).mappings, 1);
	/* a mapping is no association, another buffer is another one */
	EXPECT_EQ(map_buffer(domain, buffer, 0, 0, READ_ONLY, 2 * AT), 0);
	EXPECT_EQ(unmap(domain, 2 * AT, BYTES), 0);
	close(copy);
	copy = buffer_begin(domain, other, READ_ONLY, 2 * AT);
	EXPECT(copy >= 0);
	close(copy);

	/* only its handle ends it */
	REQUIRE_EQ(map_at(domain, page, PAGE, READ_ONLY, AT + BYTES), 0);
	EXPECT_EQ(unmap(domain, AT, BYTES), -EBUSY);
	EXPECT_EQ(unmap(domain, AT, BYTES + PAGE), -EBUSY);
	EXPECT_EQ(unmap_flags(domain, 0, 2 * AT, IOMMU_LAB_UNMAP_ALLOW_HOLES,
			      &unmapped), -EBUSY);
	EXPECT_EQ(domain_info(domain).mappings, 2);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(unmap(domain, AT + BYTES, PAGE), 0);

	/* the last close, that is; then it can be made again */
	copy = dup(handle);
	close(handle);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_OK);
	close(copy);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(domain_info(domain).mappings, 0);
	handle = buffer_begin(domain, buffer, READ_WRITE, AT);
	EXPECT(handle >= 0);
	EXPECT_EQ(dma_poke(endpoint, AT), IOMMU_LAB_DMA_OK);
	/* the handle is what keeps it, and it keeps the buffer */
	close(buffer);
	EXPECT_EQ(mem[0], 0xa5);
	EXPECT_EQ(assoc_info(handle).length, BYTES);
}

/* K10: what the CPU writes after close() returned stays */
static void revoked_in_flight(void)
{
	u64 limit = now_ms() + (is_debug_kernel() ? 90000 : 30000);
	unsigned int cuts = 0, rounds = 0;
	struct flight flight = {
		.op = IOMMU_LAB_DMA_FILL,
	};

	set_up();
	flight.endpoint = endpoint;
	memset(mem, 0, BYTES);
	while (cuts < CUTS && now_ms() < limit) {
		int handle = buffer_begin(domain, buffer, READ_WRITE, AT);
		u64 offset = ++rounds * PAGE % BYTES;
		struct iommu_lab_dma_result result;

		REQUIRE(handle >= 0);
		flight.iova = AT + offset;
		flight.page = (volatile u64 *)(mem + offset);
		/* never 0 */
		flight.pattern = rounds * 0x0101010101010101ull;
		flight_start(&flight);
		close(handle);
		memset(mem, 0, BYTES);
		result = flight_land(&flight);
		if (result.status != IOMMU_LAB_DMA_OK) {
			REQUIRE_EQ(result.status, IOMMU_LAB_DMA_FAULT);
			EXPECT_EQ(result.fault_iova, flight.iova);
		}
		cuts += flight_was_cut(&flight, &result);
		/* and one that begins after it */
		EXPECT_EQ(dma_fill(endpoint, flight.iova, PAGE, flight.pattern)
			  .status, IOMMU_LAB_DMA_FAULT);
		REQUIRE(!mem[0] && !memcmp(mem, mem + 1, BYTES - 1));
	}
	note("%u of %u transfers were in flight when they were revoked", cuts,
	     rounds);
	EXPECT(cuts >= CUTS);
}

static void domain_first(void)
{
	struct iommu_lab_assoc_info info;
	struct iommu_lab_sg sg;
	u64 before;
	u32 nr = 1;
	int handle;

	set_up();
	before = pinned_bytes(control);
	handle = buffer_begin(domain, buffer, READ_WRITE, AT);
	REQUIRE(handle >= 0);
	EXPECT_EQ(lab_info(control).domains, 1);
	close(domain);
	EXPECT_EQ(lab_info(control).domains, 0);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(buffer_info(control, buffer).mappings, 0);
	EXPECT_EQ(assoc_try(handle, &info), -ENODEV);
	EXPECT_EQ(addresses(handle, 0, 0, 0, &sg, &nr), -ENODEV);
	EXPECT_EQ(addresses(handle, 0, AT, PAGE, &sg, &nr), -ENODEV);
	/* a domain with the same number is another one */
	domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE(domain >= 0);
	REQUIRE_EQ(map_buffer(domain, buffer, 0, 0, READ_ONLY, AT), 0);
	close(handle);
	EXPECT_EQ(domain_info(domain).mappings, 1);
	EXPECT_EQ(pinned_bytes(control), before);
}

static pthread_barrier_t start;

static void *close_fd(void *fd)
{
	pthread_barrier_wait(&start);
	close(*(int *)fd);
	return NULL;
}

/* domain, handle, buffer and endpoint, all at once */
static void closed_together(void)
{
	int rounds = is_debug_kernel() ? 30 : 120, i, k;

	set_up();
	close(domain);
	for (i = 0; i < rounds; i++) {
		pthread_t thread[4];
		int fd[4];

		fd[0] = domain_create(control, IOMMU_LAB_POLICY_FIXED);
		REQUIRE(fd[0] >= 0);
		fd[1] = buffer_create(control, BYTES);
		fd[2] = buffer_begin(fd[0], fd[1], READ_WRITE, AT);
		REQUIRE(fd[2] >= 0);
		fd[3] = endpoint_open(2);
		REQUIRE_EQ(domain_attach(fd[0], fd[3]), 0);
		EXPECT_EQ(dma_poke(fd[3], AT), IOMMU_LAB_DMA_OK);
		REQUIRE(!pthread_barrier_init(&start, NULL, 4));
		for (k = 0; k < 4; k++)
			REQUIRE(!pthread_create(&thread[k], NULL, close_fd,
						&fd[k]));
		for (k = 0; k < 4; k++)
			REQUIRE(!pthread_join(thread[k], NULL));
		pthread_barrier_destroy(&start);
	}
	EXPECT_EQ(lab_info(control).domains, 0);
	EXPECT_EQ(pinned_bytes(control), BYTES);
}

static void other_process(void)
{
	struct iommu_lab_assoc_info info;
	struct iommu_lab_sg sg;
	int handle, status;
	u32 nr = 1;
	pid_t pid;

	set_up();
	handle = buffer_begin(domain, buffer, READ_WRITE, AT);
	REQUIRE(handle >= 0);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		EXPECT_EQ(assoc_try(handle, &info), -EPERM);
		EXPECT_EQ(addresses(handle, 0, 0, 0, &sg, &nr), -EPERM);
		EXPECT_EQ(buffer_begin(domain, buffer, READ_WRITE, 2 * AT),
			  -EPERM);
		EXPECT_EQ(map_buffer(domain, buffer, 0, 0, READ_WRITE, 2 * AT),
			  -EPERM);
		/* the buffer is nobody's: in a domain of its own it may */
		domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
		EXPECT(buffer_begin(domain, buffer, READ_WRITE, AT) >= 0);
		close(handle);
		_exit(0);
	}
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(assoc_info(handle).iova, AT);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(buffer_info(control, buffer).mappings, 1);
}

/* a child with the automatic domain; ends when it is told to, by a kill or not */
static pid_t child_with_association(int ready[2], int go[2])
{
	pid_t pid = fork();
	char byte = 0;
	int handle;

	REQUIRE(pid >= 0);
	if (pid)
		return pid;
	EXPECT_EQ(buffer_begin(control, buffer, READ_WRITE, 0), -ENXIO);
	REQUIRE_EQ(domain_attach(control, endpoint_open(3)), 0);
	handle = buffer_begin(control, buffer, READ_WRITE, 0);
	REQUIRE(handle >= 0);
	close(go[1]);
	REQUIRE_EQ(write(ready[1], &byte, 1), 1);
	REQUIRE_EQ(read(go[0], &byte, 1), 0);
	_exit(0);
}

static void automatic_in_child(bool kill_it)
{
	int ready[2], go[2], status, tries = 0;
	char byte;
	pid_t pid;

	REQUIRE(!pipe(ready) && !pipe(go));
	pid = child_with_association(ready, go);
	close(ready[1]);
	REQUIRE_EQ(read(ready[0], &byte, 1), 1);
	EXPECT_EQ(buffer_info(control, buffer).mappings, 1);
	if (kill_it)
		kill(pid, SIGKILL);
	close(go[1]);
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, kill_it ? SIGKILL : 0);
	while (buffer_info(control, buffer).mappings && tries++ < 300)
		sleep_ms(10);
	EXPECT_EQ(buffer_info(control, buffer).mappings, 0);
	close(ready[0]);
	close(go[0]);
}

/* K10: begin, where begin-ex has a domain */
static void automatic(void)
{
	struct iommu_lab_sg sg;
	int handle, given, same, other;
	u8 *got = pages_alloc(BYTES);
	u32 nr = 1;
	u64 iova;

	set_up();
	other = endpoint_open(2);
	EXPECT_EQ(buffer_begin(control, buffer, READ_ONLY, 0), -ENXIO);
	EXPECT_EQ(map_buffer_any(control, buffer, READ_ONLY, &iova), -ENXIO);
	EXPECT_EQ(addresses(control, 0, ALLOC_START, PAGE, &sg, &nr), -ENXIO);
	REQUIRE_EQ(domain_attach(control, other), 0);
	handle = buffer_begin(control, buffer, READ_ONLY, 0);
	REQUIRE(handle >= 0);
	iova = assoc_info(handle).iova;
	EXPECT_EQ(iova, ALLOC_START);
	EXPECT(assoc_info(handle).domain_id != domain_info(domain).id);
	/* by whatever open of the node, it is the same domain */
	same = control_open();
	EXPECT_EQ(buffer_begin(same, buffer, READ_ONLY, 0), -EEXIST);
	EXPECT_EQ(addresses(same, 0, iova, BYTES, &sg, &nr), 0);
	EXPECT_EQ(sg.addr, iova);
	EXPECT_EQ(unmap(same, iova, BYTES), -EBUSY);
	/* a given domain is another one */
	given = buffer_begin(domain, buffer, READ_ONLY, AT);
	REQUIRE(given >= 0);
	EXPECT_EQ(dma_read(other, iova, got, BYTES).status, IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(got, mem, BYTES));
	close(given);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(dma_peek(other, iova), IOMMU_LAB_DMA_OK);
	close(handle);
	EXPECT_EQ(dma_peek(other, iova), IOMMU_LAB_DMA_FAULT);
	REQUIRE_EQ(map_buffer_any(control, buffer, READ_ONLY, &iova), 0);
	EXPECT_EQ(dma_peek(other, iova), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(unmap(control, iova, BYTES), 0);
	/* it ends with the process, and the association with it */
	automatic_in_child(false);
	automatic_in_child(true);
}

static void check_addresses(int fd, u64 iova, u64 bytes)
{
	struct iommu_lab_sg sg = { 0, 0 };
	u32 nr = 1;

	REQUIRE_EQ(addresses(fd, 0, iova, bytes, &sg, &nr), 0);
	EXPECT_EQ(nr, 1);
	EXPECT_EQ(sg.addr, iova);
	EXPECT_EQ(sg.length, bytes);
}

static int phys_error(int fd, u64 iova, u64 bytes)
{
	struct iommu_lab_sg sg;
	u32 nr = 1;

	return addresses(fd, IOMMU_LAB_ADDRESSES_PHYS, iova, bytes, &sg, &nr);
}

/* K11: each byte's address, by the walk of the table, which is another way */
static void check_phys(int fd, u64 iova, u64 bytes)
{
	struct iommu_lab_sg list[64];
	u32 nr = ARRAY_SIZE(list), i;
	u64 at = iova, offset;

	REQUIRE_EQ(addresses(fd, IOMMU_LAB_ADDRESSES_PHYS, iova, bytes, list,
			     &nr), 0);
	for (i = 0; i < nr; at += list[i++].length) {
		/* runs are merged */
		if (i)
			EXPECT(list[i - 1].addr + list[i - 1].length !=
			       list[i].addr);
		for (offset = 0; offset < list[i].length; offset += 512) {
			struct iommu_lab_translate answer;

			REQUIRE_EQ(translate(domain, at + offset, &answer), 0);
			EXPECT_EQ(answer.out_phys, list[i].addr + offset);
		}
	}
	EXPECT_EQ(at, iova + bytes);
}

static void all_addresses(void)
{
	u8 *own = pages_alloc(16 * PAGE), data[100];
	struct iommu_lab_buffer_info info = { .size = sizeof(info) };
	struct iommu_lab_sg sg[2], list[16];
	u32 nr, needed, i;
	u64 iova = AT + BYTES;
	int handle;

	set_up();
	handle = buffer_begin(domain, buffer, READ_WRITE, AT);
	REQUIRE(handle >= 0);
	/* a mapping behind it whose pages are in reverse order */
	for (i = 0; i < 16; i++)
		list[i] = (struct iommu_lab_sg){
			(uintptr_t)own + (15 - i) * PAGE, PAGE };
	REQUIRE_EQ(map_list(domain, list, 16, READ_ONLY, &iova), 0);

	check_addresses(handle, AT, BYTES);
	check_addresses(handle, AT + 100, PAGE);
	check_addresses(domain, AT, BYTES);
	check_addresses(domain, AT + BYTES - 3, 7 * PAGE);
	nr = 1;
	REQUIRE_EQ(addresses(handle, 0, 0, 0, sg, &nr), 0);
	EXPECT_EQ(sg[0].addr, AT);
	EXPECT_EQ(sg[0].length, BYTES);
	/* as it is, it is the list of a DMA */
	REQUIRE_EQ(addresses(handle, 0, AT + 50, 100, sg, &nr), 0);
	EXPECT_EQ(dma_read(endpoint, sg[0].addr, data, sg[0].length).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(data, mem + 50, 100));

	check_phys(handle, AT, BYTES);
	check_phys(handle, AT + 512, BYTES - 1024);
	check_phys(domain, AT, BYTES + 16 * PAGE);
	check_phys(domain, AT + PAGE, BYTES);
	nr = 1;
	REQUIRE_EQ(addresses(domain, IOMMU_LAB_ADDRESSES_PHYS, iova + 5, 10, sg,
			     &nr), 0);
	EXPECT_EQ(sg[0].addr, phys_of(own + 15 * PAGE) + 5);
	EXPECT_EQ(sg[0].length, 10);

	/* too small: it says how much there is */
	needed = 0;
	EXPECT_EQ(addresses(domain, IOMMU_LAB_ADDRESSES_PHYS, iova, 16 * PAGE,
			    list, &needed), -EMSGSIZE);
	REQUIRE(needed > 1 && needed <= ARRAY_SIZE(list));
	nr = needed - 1;
	memset(list, 0xff, sizeof(list));
	EXPECT_EQ(addresses(domain, IOMMU_LAB_ADDRESSES_PHYS, iova, 16 * PAGE,
			    list, &nr), -EMSGSIZE);
	EXPECT_EQ(nr, needed);
	EXPECT_EQ(list[0].addr, phys_of(own + 15 * PAGE));
	EXPECT_EQ(list[needed - 1].addr, ~0ull);
	nr = needed;
	EXPECT_EQ(addresses(domain, IOMMU_LAB_ADDRESSES_PHYS, iova, 16 * PAGE,
			    list, &nr), 0);
	/* not all of it mapped, or not by this association */
	nr = 1;
	EXPECT_EQ(addresses(domain, 0, AT - 1, 2, sg, &nr), -ENOENT);
	EXPECT_EQ(addresses(domain, 0, iova, 17 * PAGE, sg, &nr), -ENOENT);
	EXPECT_EQ(phys_error(domain, iova, 17 * PAGE), -ENOENT);
	EXPECT_EQ(addresses(handle, 0, AT, BYTES + 1, sg, &nr), -ENOENT);
	EXPECT_EQ(addresses(handle, 0, AT - 1, 1, sg, &nr), -ENOENT);
	EXPECT_EQ(addresses(domain, 0, AT, 0, sg, &nr), -EINVAL);
	EXPECT_EQ(addresses(domain, 0, ~0ull, 2, sg, &nr), -EINVAL);

	drop_capability(CAP_SYS_RAWIO);
	EXPECT_EQ(phys_error(domain, AT, PAGE), -EPERM);
	EXPECT_EQ(phys_error(handle, 0, 0), -EPERM);
	info.buffer_fd = buffer;
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_BUFFER_INFO, &info), 0);
	info.flags = IOMMU_LAB_BUFFER_INFO_PHYS;
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_BUFFER_INFO, &info), -EPERM);
	check_addresses(handle, AT, BYTES);
	check_addresses(domain, AT, BYTES + 16 * PAGE);
}

static const struct test_case cases[] = {
	{ "K4 one buffer in many domains: closing one association leaves the others",
	  many_domains },
	{ "K10 a buffer is associated once, until the handle is closed", once },
	{ "K10 closing the handle revokes what is in flight", revoked_in_flight,
	  .seconds = 120 },
	{ "K10 a domain that is closed first ends the association",
	  domain_first },
	{ "K10 domain, handle, buffer and endpoint closed at once",
	  closed_together, .seconds = 120 },
	{ "K10 another process can only close an association", other_process },
	{ "K10 the automatic domain: ENXIO before the first attach, then as a given one",
	  automatic },
	{ "K11 addresses for the device, and in memory for who may know",
	  all_addresses },
};

int main(void)
{
	return RUN_CASES(cases);
}
