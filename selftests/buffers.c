// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers: what was asked for is what there is, in the process, for devices and
 * in memory; and they live exactly as long as somebody uses them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/dma-buf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "buf.h"
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)
#define SYNC	(DMA_BUF_SYNC_RW)

static int control, domain, endpoint;
static u64 seed;

static void set_up(void)
{
	open_attached(IOMMU_LAB_POLICY_FIXED, 0, &control, &domain, &endpoint);
	seed = test_seed();
}

static bool is_zero(const u8 *mem, u64 bytes)
{
	return !mem[0] && !memcmp(mem, mem + 1, bytes - 1);
}

/* V10 */
static void allocation(void)
{
	u64 bytes = 1;
	u8 *mem, *got = pages_alloc(MAX_BLOCK);
	struct iommu_lab_translate answer;
	struct iommu_lab_sg *block;
	int buffer, i;
	u32 nr;

	set_up();
	buffer = buffer_create_as(control, &bytes, 0, 0, COHERENT);
	REQUIRE(buffer >= 0);
	EXPECT_EQ(fcntl(buffer, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(buffer, F_GETFL) & O_ACCMODE, O_RDWR);
	EXPECT_EQ(bytes, 4096);
	EXPECT_EQ(lseek(buffer, 0, SEEK_END), 4096);
	mem = buffer_mmap(buffer, bytes);
	EXPECT(is_zero(mem, bytes));
	REQUIRE_EQ(map_buffer(domain, buffer, 0, 0, READ_WRITE, AT), 0);
	EXPECT_EQ(domain_info(domain).mapped_bytes, 4096);
	memset(got, 0xff, bytes);
	EXPECT_EQ(dma_read(endpoint, AT, got, bytes).status, IOMMU_LAB_DMA_OK);
	EXPECT(is_zero(got, bytes));
	EXPECT_EQ(dma_peek(endpoint, AT + bytes), IOMMU_LAB_DMA_FAULT);

	/* zeroed each time, also where somebody has written before */
	for (i = 0; i < 8; i++) {
		int other = buffer_create(control, MIB);
		u8 *there = buffer_mmap(other, MIB);

		EXPECT(is_zero(there, MIB));
		memset(there, 0xaa, MIB);
		REQUIRE(!munmap(there, MIB));
		close(other);
	}

	/* contiguous, and no page more than asked for */
	for (i = 1; i <= 1024; i = i * 3 + 1) {
		u64 before = pinned_bytes(control), at;

		bytes = i * PAGE - 100;
		buffer = buffer_create_as(control, &bytes, CONTIGUOUS, 0,
					  COHERENT);
		REQUIRE(buffer >= 0);
		REQUIRE_EQ(bytes, i * PAGE);
		EXPECT_EQ(pinned_bytes(control) - before, bytes);
		block = buffer_blocks(control, buffer, &nr);
		REQUIRE_EQ(nr, 1);
		EXPECT_EQ(block->length, bytes);
		/* by the table that the device's accesses go through */
		REQUIRE_EQ(map_buffer(domain, buffer, 0, 0, READ_ONLY, 2 * AT),
			   0);
		for (at = 0; at < bytes; at += PAGE) {
			REQUIRE_EQ(translate(domain, 2 * AT + at, &answer), 0);
			REQUIRE_EQ(answer.out_phys, block->addr + at);
		}
		REQUIRE_EQ(unmap(domain, 2 * AT, bytes), 0);
		free(block);
		close(buffer);
	}
	bytes = MAX_BLOCK;
	buffer = buffer_create_as(control, &bytes, CONTIGUOUS, 0, COHERENT);
	REQUIRE(buffer >= 0);
	EXPECT_EQ(buffer_info(control, buffer).nr_blocks, 1);
	bytes = MAX_BLOCK + 1;
	EXPECT_EQ(buffer_create_as(control, &bytes, CONTIGUOUS, 0, COHERENT),
		  -EOPNOTSUPP);
	bytes = 0;
	EXPECT_EQ(buffer_create_as(control, &bytes, 0, 0, COHERENT), -EINVAL);
}

/* the line of a buffer in debugfs, NULL if it has none */
static char *debugfs_line(u32 id)
{
	char *text = debugfs_text("buffers"), *line, *end;
	char key[16];

	snprintf(key, sizeof(key), "\n%u ", id);
	line = strstr(text, key);
	if (line) {
		line = strdup(line + 1);
		REQUIRE(line);
		end = strchr(line, '\n');
		if (end)
			*end = 0;
	}
	free(text);
	return line;
}

static void check_line(u32 id, const char *want)
{
	char *line = debugfs_line(id);

	if (!EXPECT(line && !strcmp(line, want)))
		note("buffers has '%s', not '%s'", line ?: "nothing", want);
	free(line);
}

/* V11 */
static void lifetime(void)
{
	u64 bytes = 16 * PAGE, before;
	u8 *mem, *got = pages_alloc(bytes), *kept = pages_alloc(bytes);
	int other, buffer, last;
	char want[64];
	u32 id;

	set_up();
	other = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	last = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	before = pinned_bytes(control);
	buffer = buffer_create(control, bytes);
	id = buffer_info(control, buffer).id;
	mem = buffer_mmap(buffer, bytes);
	fill_random(mem, bytes, &seed);
	memcpy(kept, mem, bytes);
	REQUIRE_EQ(map_buffer(domain, buffer, 0, 0, READ_WRITE, AT), 0);
	REQUIRE_EQ(map_buffer(other, buffer, 0, 0, READ_ONLY, 2 * AT), 0);
	REQUIRE_EQ(map_buffer(last, buffer, PAGE, PAGE, READ_ONLY, AT), 0);
	EXPECT_EQ(buffer_info(control, buffer).mappings, 3);
	/* charged once, however often it is mapped, and to nobody's mm */
	EXPECT_EQ(pinned_bytes(control) - before, bytes);
	EXPECT_EQ(domain_info(domain).pinned_bytes, 0);
	EXPECT_EQ(locked_bytes(), 0);

	/* closed while mapped */
	close(buffer);
	EXPECT(!memcmp(mem, kept, bytes));
	REQUIRE(!munmap(mem, bytes));
	EXPECT_EQ(pinned_bytes(control) - before, bytes);
	snprintf(want, sizeof(want), "%u %llu coherent 0 none ", id,
		 (unsigned long long)bytes);
	mem = (u8 *)debugfs_line(id);
	EXPECT(mem && !strncmp((char *)mem, want, strlen(want)));
	free(mem);
	EXPECT_EQ(dma_read(endpoint, AT, got, bytes).status, IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(got, kept, bytes));
	REQUIRE_EQ(unmap(domain, AT, bytes), 0);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	REQUIRE_EQ(domain_attach(other, endpoint), 0);
	EXPECT_EQ(dma_read(endpoint, 2 * AT, got, bytes).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(got, kept, bytes));
	REQUIRE_EQ(unmap(other, 2 * AT, bytes), 0);
	EXPECT_EQ(pinned_bytes(control) - before, bytes);
	/* the last one goes with its domain */
	close(last);
	EXPECT_EQ(pinned_bytes(control), before);
	EXPECT(!debugfs_line(id));

	/* a process mapping keeps it as well */
	buffer = buffer_create(control, bytes);
	mem = buffer_mmap(buffer, bytes);
	close(buffer);
	EXPECT_EQ(pinned_bytes(control) - before, bytes);
	memset(mem, 1, bytes);
	REQUIRE(!munmap(mem, bytes));
	EXPECT_EQ(pinned_bytes(control), before);
}

/* KPF_ARCH of /proc/kpageflags: the kernel maps the page write-combining */
static bool is_write_combining(u64 phys)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	u64 flags = 0;

	REQUIRE(fd >= 0);
	REQUIRE_EQ(pread(fd, &flags, 8, phys / PAGE * 8), 8);
	close(fd);
	return flags >> 38 & 1;
}

static unsigned int count_write_combining(const struct iommu_lab_sg *block,
					  u32 nr)
{
	unsigned int found = 0;
	u64 at;
	u32 i;

	for (i = 0; i < nr; i++)
		for (at = 0; at < block[i].length; at += PAGE)
			found += is_write_combining(block[i].addr + at);
	return found;
}

static void check_mapping_line(const char *want)
{
	char path[64], *text;

	snprintf(path, sizeof(path), "domains/%u/mappings",
		 domain_info(domain).id);
	text = debugfs_text(path);
	if (!EXPECT(strstr(text, want)))
		note("no '%s' in:\n%s", want, text);
	free(text);
}

/* V14, and V12 where the device is */
static void cache_modes(void)
{
	static const char * const names[] = { "coherent", "noncoherent",
					      "write-combine" };
	u64 bytes = 48 * PAGE;
	u8 *got = pages_alloc(bytes);
	u32 cache;

	set_up();
	for (cache = COHERENT; cache <= WRITE_COMBINE; cache++) {
		bool counted = cache == NONCOHERENT;
		bool wc = cache == WRITE_COMBINE;
		struct iommu_lab_assoc_info assoc;
		struct iommu_lab_buffer_info info;
		struct iommu_lab_sg *block;
		int buffer, handle, i;
		char line[128];
		u8 *mem;
		u32 nr;

		buffer = buffer_create_as(control, &bytes, 0, 0, cache);
		REQUIRE(buffer >= 0);
		handle = buffer_begin(domain, buffer, READ_WRITE, AT);
		REQUIRE(handle >= 0);
		info = buffer_info(control, buffer);
		assoc = assoc_info(handle);
		EXPECT_EQ(info.cache, cache);
		EXPECT_EQ(assoc.cache, cache);
		snprintf(line, sizeof(line), "%u %llu %s 0 none %llu 1 0",
			 info.id, (unsigned long long)bytes, names[cache],
			 (unsigned long long)info.nr_blocks);
		check_line(info.id, line);
		snprintf(line, sizeof(line), "rw 48 %llu %s buffer %u\n",
			 (unsigned long long)info.nr_blocks, names[cache],
			 info.id);
		check_mapping_line(line);

		for (i = 0; i < 3; i++) {
			EXPECT_EQ(buffer_info(control, buffer).syncs,
				  counted ? 2 * i : 0);
			EXPECT_EQ(buffer_sync(buffer, SYNC | DMA_BUF_SYNC_START),
				  0);
			EXPECT_EQ(buffer_info(control, buffer).syncs,
				  counted ? 2 * i + 1 : 0);
			EXPECT_EQ(buffer_sync(buffer, SYNC | DMA_BUF_SYNC_END),
				  0);
		}

		mem = buffer_mmap(buffer, bytes);
		fill_random(mem, bytes, &seed);
		EXPECT_EQ(dma_read(endpoint, AT, got, bytes).status,
			  IOMMU_LAB_DMA_OK);
		EXPECT(!memcmp(got, mem, bytes));
		fill_random(got, bytes, &seed);
		EXPECT_EQ(dma_write(endpoint, AT, got, bytes).status,
			  IOMMU_LAB_DMA_OK);
		EXPECT(!memcmp(got, mem, bytes));

		block = buffer_blocks(control, buffer, &nr);
		EXPECT_EQ(count_write_combining(block, nr), wc ? 48 : 0);
		REQUIRE(!munmap(mem, bytes));
		close(buffer);
		close(handle);
		EXPECT_EQ(count_write_combining(block, nr), 0);
		free(block);
	}
}

/* V12 */
static void queries(void)
{
	static const struct {
		u64 length, rounded;
		u32 flags, order, cache, prot;
	} asked[] = {
		{ 1, PAGE, 0, 0, COHERENT, READ_ONLY },
		{ 3 * PAGE + 1, 4 * PAGE, 0, 1, NONCOHERENT, WRITE_ONLY },
		{ 5 * PAGE, 5 * PAGE, CONTIGUOUS, 0, WRITE_COMBINE, READ_WRITE },
		{ MIB, MIB, BELOW_4G, 4, COHERENT, READ_WRITE },
		{ 17 * PAGE, 24 * PAGE, CONTIGUOUS | BELOW_4G, 3, NONCOHERENT,
		  READ_ONLY },
	};
	size_t i;

	set_up();
	for (i = 0; i < ARRAY_SIZE(asked); i++) {
		struct iommu_lab_buffer_info info;
		struct iommu_lab_assoc_info assoc;
		u64 bytes = asked[i].length;
		struct iommu_lab_sg sg;
		int buffer, handle;
		u32 nr = 1;

		buffer = buffer_create_as(control, &bytes, asked[i].flags,
					  asked[i].order, asked[i].cache);
		REQUIRE(buffer >= 0);
		EXPECT_EQ(bytes, asked[i].rounded);
		info = buffer_info(control, buffer);
		EXPECT_EQ(info.length, bytes);
		EXPECT_EQ(info.create_flags, asked[i].flags);
		EXPECT_EQ(info.min_order, asked[i].order);
		EXPECT_EQ(info.cache, asked[i].cache);
		EXPECT_EQ(info.mappings, 0);
		EXPECT_EQ(info.syncs, 0);
		handle = buffer_begin(domain, buffer, asked[i].prot, AT);
		REQUIRE(handle >= 0);
		assoc = assoc_info(handle);
		EXPECT_EQ(assoc.domain_id, domain_info(domain).id);
		EXPECT_EQ(assoc.iova, AT);
		EXPECT_EQ(assoc.length, bytes);
		EXPECT_EQ(assoc.prot, asked[i].prot);
		EXPECT_EQ(assoc.cache, asked[i].cache);
		EXPECT_EQ(addresses(handle, 0, 0, 0, &sg, &nr), 0);
		EXPECT_EQ(nr, 1);
		EXPECT_EQ(sg.addr, AT);
		EXPECT_EQ(sg.length, bytes);
		EXPECT_EQ(buffer_info(control, buffer).mappings, 1);
		/* the direction is what the device finds, too */
		EXPECT_EQ(dma_peek(endpoint, AT), asked[i].prot & READ_ONLY ?
			  IOMMU_LAB_DMA_OK : IOMMU_LAB_DMA_FAULT);
		EXPECT_EQ(dma_poke(endpoint, AT), asked[i].prot & WRITE_ONLY ?
			  IOMMU_LAB_DMA_OK : IOMMU_LAB_DMA_FAULT);
		close(handle);
		close(buffer);
	}
}

/* highest address of the blocks, each of which is whole blocks of an order */
static u64 check_blocks(int buffer, u64 bytes, u32 order)
{
	u64 block = PAGE << order, sum = 0, top = 0;
	struct iommu_lab_sg *list;
	u32 nr, i;

	list = buffer_blocks(control, buffer, &nr);
	for (i = 0; i < nr; i++) {
		EXPECT_EQ(list[i].addr % block, 0);
		EXPECT_EQ(list[i].length % block, 0);
		EXPECT(list[i].length >= block);
		sum += list[i].length;
		if (list[i].addr + list[i].length > top)
			top = list[i].addr + list[i].length;
	}
	EXPECT_EQ(sum, bytes);
	free(list);
	return top;
}

/* K12 */
static void placement(void)
{
	bool high = false;
	u32 order;
	u64 bytes;
	int fd, i;

	set_up();
	for (order = 0; order <= MAX_ORDER; order++) {
		bytes = 5 * MIB + 1;
		fd = buffer_create_as(control, &bytes, 0, order, COHERENT);
		REQUIRE(fd >= 0);
		EXPECT_EQ(bytes % (PAGE << order), 0);
		EXPECT(bytes > 5 * MIB && bytes <= 5 * MIB + (PAGE << order));
		high |= check_blocks(fd, bytes, order) > 4 * GIB;
		close(fd);

		bytes = 5 * MIB + 1;
		fd = buffer_create_as(control, &bytes, BELOW_4G, order,
				      COHERENT);
		REQUIRE(fd >= 0);
		EXPECT(check_blocks(fd, bytes, order) <= 4 * GIB);
		close(fd);

		bytes = 3 * (PAGE << order) / 4 + 1;
		fd = buffer_create_as(control, &bytes, BELOW_4G | CONTIGUOUS,
				      order, COHERENT);
		REQUIRE(fd >= 0);
		EXPECT_EQ(bytes, PAGE << order);
		EXPECT_EQ(buffer_info(control, fd).nr_blocks, 1);
		EXPECT(check_blocks(fd, bytes, order) <= 4 * GIB);
		close(fd);
	}
	/* without the flag some of it lies above: the flag did that */
	EXPECT(high);
	for (i = 0; i < 3; i++) {
		u64 size = (u64[]){ 1, 64 * MIB, 100 * MIB + 5 }[i];

		bytes = size;
		fd = buffer_create_as(control, &bytes, 0, 0, COHERENT);
		REQUIRE(fd >= 0);
		EXPECT_EQ(bytes, (size + PAGE - 1) / PAGE * PAGE);
		check_blocks(fd, bytes, 0);
		close(fd);
	}
}

static void check_no_mmap(int buffer, u64 bytes, int prot, int flags,
			  u64 offset)
{
	void *va = mmap(NULL, bytes, prot, flags, buffer, offset);

	if (!EXPECT(va == MAP_FAILED && errno == EINVAL))
		note("%llu bytes at offset %llu, flags %d",
		     (unsigned long long)bytes, (unsigned long long)offset,
		     flags);
}

static void in_child(u8 *mem, u64 bytes, int buffer)
{
	pid_t pid = fork();
	int status;

	REQUIRE(pid >= 0);
	if (!pid) {
		bool good = mem[1] == 0x11;
		u8 *again = buffer_mmap(buffer, bytes);

		mem[2] = 0x22;
		again[3] = 0x33;
		_exit(!good);
	}
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

/* K13 */
static void process_mappings(void)
{
	u64 bytes = 8 * PAGE, total = 3 * MIB, i;
	u8 *mem, *part, *whole, *data = pages_alloc(bytes);
	const int rw = PROT_READ | PROT_WRITE;
	int buffer, big;

	set_up();
	buffer = buffer_create(control, bytes);
	check_no_mmap(buffer, bytes + 1, rw, MAP_SHARED, 0);
	check_no_mmap(buffer, 9 * PAGE, rw, MAP_SHARED, 0);
	check_no_mmap(buffer, bytes, rw, MAP_SHARED, PAGE);
	check_no_mmap(buffer, PAGE, rw, MAP_SHARED, bytes);
	check_no_mmap(buffer, PAGE, PROT_READ, MAP_SHARED, 1ull << 62);
	check_no_mmap(buffer, PAGE, rw, MAP_PRIVATE, 0);
	check_no_mmap(buffer, PAGE, PROT_READ, MAP_PRIVATE, 0);

	mem = buffer_mmap(buffer, bytes);
	REQUIRE_EQ(map_buffer(domain, buffer, 0, 0, READ_WRITE, AT), 0);
	/* either side sees what the other writes */
	fill_random(mem, bytes, &seed);
	EXPECT_EQ(dma_read(endpoint, AT, data, bytes).status, IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(mem, data, bytes));
	fill_random(data, bytes, &seed);
	EXPECT_EQ(dma_write(endpoint, AT, data, bytes).status, IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(mem, data, bytes));
	/* a part of it, by the process and by the device */
	part = mmap(NULL, 2 * PAGE, rw, MAP_SHARED, buffer, 3 * PAGE);
	REQUIRE(part != MAP_FAILED);
	EXPECT(!memcmp(part, data + 3 * PAGE, 2 * PAGE));
	part[PAGE] ^= 0xff;
	EXPECT_EQ(mem[4 * PAGE], part[PAGE]);
	REQUIRE_EQ(map_buffer(domain, buffer, 6 * PAGE, PAGE, READ_WRITE,
			      2 * AT), 0);
	EXPECT_EQ(dma_fill(endpoint, 2 * AT, PAGE, ~0ull).status,
		  IOMMU_LAB_DMA_OK);
	for (i = 0; i < bytes; i++)
		if (i / PAGE != 4)
			REQUIRE_EQ(mem[i], i / PAGE == 6 ? 0xff : data[i]);
	EXPECT_EQ(dma_peek(endpoint, 2 * AT + PAGE), IOMMU_LAB_DMA_FAULT);
	/* it does not grow, and nobody can get hold of its pages by address */
	EXPECT(mremap(part, 2 * PAGE, 6 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, 3 * AT), -EFAULT);
	mem[1] = 0x11;
	in_child(mem, bytes, buffer);
	EXPECT_EQ(mem[2], 0x22);
	EXPECT_EQ(mem[3], 0x33);
	/* gone from the process, there for the device */
	REQUIRE(!munmap(mem, bytes));
	REQUIRE(!munmap(part, 2 * PAGE));
	EXPECT_EQ(dma_read(endpoint, AT, data, 4).status, IOMMU_LAB_DMA_OK);
	EXPECT_EQ(data[3], 0x33);

	/* any part, over borders of blocks */
	big = buffer_create(control, total);
	whole = buffer_mmap(big, total);
	fill_random(whole, total, &seed);
	for (i = 0; i < 100; i++) {
		u64 first = next_random(&seed) % (total / PAGE);
		u64 pages = 1 + next_random(&seed) % (total / PAGE - first);
		u64 iova = 4 * AT, at = first * PAGE;

		REQUIRE_EQ(map_buffer(domain, big, at, pages * PAGE, READ_ONLY,
				      iova), 0);
		mem = mmap(NULL, pages * PAGE, PROT_READ, MAP_SHARED, big, at);
		REQUIRE(mem != MAP_FAILED);
		REQUIRE(!memcmp(mem, whole + at, pages * PAGE));
		if (pages > 8)
			iova += (pages - 8) * PAGE, at += (pages - 8) * PAGE;
		REQUIRE_EQ(dma_read(endpoint, iova, data, PAGE).status,
			   IOMMU_LAB_DMA_OK);
		REQUIRE(!memcmp(data, whole + at, PAGE));
		REQUIRE(!munmap(mem, pages * PAGE));
		REQUIRE_EQ(unmap(domain, 4 * AT, pages * PAGE), 0);
	}
}

static void quotas(void)
{
	struct rlimit limit = { 16 * PAGE, 16 * PAGE };
	u64 bytes = 33 * PAGE;
	int first;

	set_up();
	EXPECT_EQ(buffer_create_as(control, &bytes, 0, 0, COHERENT), -ENOSPC);
	first = buffer_create(control, 32 * PAGE);
	bytes = 1;
	EXPECT_EQ(buffer_create_as(control, &bytes, 0, 0, COHERENT), -ENOSPC);
	/* mapping it takes no more pages, but mappings */
	REQUIRE_EQ(map_buffer(domain, first, 0, 0, READ_ONLY, AT), 0);
	REQUIRE_EQ(map_buffer(domain, first, 0, 0, READ_ONLY, 2 * AT), 0);
	EXPECT_EQ(map_buffer(domain, first, 0, 0, READ_ONLY, 3 * AT), -ENOSPC);
	EXPECT_EQ(buffer_begin(domain, first, READ_ONLY, 3 * AT), -ENOSPC);
	REQUIRE_EQ(unmap(domain, AT, 32 * PAGE), 0);
	REQUIRE_EQ(unmap(domain, 2 * AT, 32 * PAGE), 0);
	close(first);
	/* RLIMIT_MEMLOCK holds for all that the user has */
	drop_capability(CAP_IPC_LOCK);
	REQUIRE(!setrlimit(RLIMIT_MEMLOCK, &limit));
	first = buffer_create(control, 10 * PAGE);
	bytes = 7 * PAGE;
	EXPECT_EQ(buffer_create_as(control, &bytes, 0, 0, COHERENT), -ENOMEM);
	bytes = 6 * PAGE;
	EXPECT(buffer_create_as(control, &bytes, 0, 0, COHERENT) >= 0);
	EXPECT_EQ(map_buffer(domain, first, 0, 0, READ_ONLY, AT), 0);
}

static const struct test_case cases[] = {
	{ "V10 a buffer is zeroed whole pages, contiguous on request",
	  allocation },
	{ "V11 a buffer that is closed while mapped lives until the last mapping goes",
	  lifetime },
	{ "V12 the queries equal what was asked", queries },
	{ "V14 cache modes are real, visible, and syncs are counted",
	  cache_modes },
	{ "K12 blocks are as large, as low and as contiguous as asked",
	  placement, .seconds = 120 },
	{ "K13 a buffer in the process, in bounds, as the device sees it",
	  process_mappings, .seconds = 120 },
	{ "V10 buffers are held to the quota and to RLIMIT_MEMLOCK", quotas,
	  .params = "max_pinned=131072 max_mappings=2" },
};

int main(void)
{
	return RUN_CASES(cases);
}
