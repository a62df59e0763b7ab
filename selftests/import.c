// SPDX-License-Identifier: GPL-2.0
/*
 * dma-bufs of other drivers in our domains, and ours in another driver: real
 * ones, as far as the kernel has them.
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
#include <unistd.h>
#include "buf.h"
#include "exporters.h"
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)
#define BYTES	(32 * PAGE)

static int control, domain, endpoint, file;
static u64 seed;

static void set_up(const struct exporter *exporter)
{
	file = exporter->open();
	if (file < 0)
		skip("the kernel has no such driver");
	open_attached(IOMMU_LAB_POLICY_FIXED, 0, &control, &domain, &endpoint);
	seed = test_seed();
}

static void expect_same(u64 iova, const u8 *mem, u64 bytes)
{
	u8 *got = pages_alloc(bytes);

	EXPECT_EQ(dma_read(endpoint, iova, got, bytes).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(got, mem, bytes));
	REQUIRE(!munmap(got, bytes));
}

static void expect_pinned(u64 bytes)
{
	EXPECT_EQ(pinned_bytes(control), bytes);
	EXPECT_EQ(domain_info(domain).pinned_bytes, bytes);
	EXPECT_EQ(locked_bytes(), bytes);
}

static void check_debugfs(const char *name)
{
	char path[64], want[64], *text;

	snprintf(path, sizeof(path), "domains/%u/mappings",
		 domain_info(domain).id);
	snprintf(want, sizeof(want), " coherent imported %s\n", name);
	text = debugfs_text(path);
	if (!EXPECT(strstr(text, want)))
		note("no '%s' in:\n%s", want, text);
	free(text);
	/* it is not ours */
	EXPECT(!strchr(strchr(debugfs_text("buffers"), '\n') + 1, '\n'));
}

/* the device and the process see the same bytes, at the right places */
static void share(const struct exporter *exporter)
{
	struct iommu_lab_buffer_info info = { .size = sizeof(info) };
	u8 *mem, *data = pages_alloc(BYTES), *kept = pages_alloc(BYTES);
	int fd;

	set_up(exporter);
	fd = exporter->create(file, BYTES, O_RDWR, &mem);
	fill_random(mem, BYTES, &seed);
	REQUIRE_EQ(map_buffer(domain, fd, 0, 0, READ_WRITE, AT), 0);
	expect_pinned(BYTES);
	check_debugfs(exporter->name);
	info.buffer_fd = fd;
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_BUFFER_INFO, &info), -EINVAL);

	expect_same(AT, mem, BYTES);
	EXPECT_EQ(dma_peek(endpoint, AT + BYTES), IOMMU_LAB_DMA_FAULT);
	fill_random(data, BYTES, &seed);
	memcpy(kept, mem, BYTES);
	memcpy(kept + PAGE + 5, data, 3 * PAGE);
	EXPECT_EQ(dma_write(endpoint, AT + PAGE + 5, data, 3 * PAGE).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(mem, kept, BYTES));
	EXPECT_EQ(buffer_sync(fd, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_START), 0);
	EXPECT_EQ(buffer_sync(fd, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_END), 0);

	/* a part of it, read-only; the attachment is of the whole */
	REQUIRE_EQ(map_buffer(domain, fd, 7 * PAGE, 2 * PAGE, READ_ONLY,
			      2 * AT), 0);
	expect_pinned(2 * BYTES);
	expect_same(2 * AT, mem + 7 * PAGE, 2 * PAGE);
	EXPECT_EQ(dma_poke(endpoint, 2 * AT), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(dma_peek(endpoint, 2 * AT + 2 * PAGE), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(map_buffer(domain, fd, 31 * PAGE, 2 * PAGE, READ_ONLY,
			     3 * AT), -EINVAL);
	EXPECT_EQ(map_buffer(domain, fd, BYTES, 0, READ_ONLY, 3 * AT), -EINVAL);
	EXPECT_EQ(map_buffer(domain, fd, 0, 0, READ_ONLY, AT), -EEXIST);
	EXPECT_EQ(unmap(domain, 2 * AT, 2 * PAGE), 0);
	expect_pinned(BYTES);

	/* whatever the process lets go of, the mapping has it */
	REQUIRE(!munmap(mem, BYTES));
	close(fd);
	close(file);
	expect_same(AT, kept, BYTES);
	EXPECT_EQ(unmap(domain, AT, BYTES), 0);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	expect_pinned(0);
}

static void associate(const struct exporter *exporter)
{
	int fd, other, handle, second, endpoint2;
	struct iommu_lab_assoc_info info;
	u8 *mem;

	set_up(exporter);
	other = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	endpoint2 = endpoint_open(3);
	REQUIRE_EQ(domain_attach(other, endpoint2), 0);
	fd = exporter->create(file, BYTES, O_RDWR, &mem);
	handle = buffer_begin(domain, fd, READ_WRITE, AT);
	REQUIRE(handle >= 0);
	info = assoc_info(handle);
	EXPECT_EQ(info.length, BYTES);
	EXPECT_EQ(info.prot, READ_WRITE);
	EXPECT_EQ(buffer_begin(domain, fd, READ_WRITE, 2 * AT), -EEXIST);
	EXPECT_EQ(buffer_begin(domain, dup(fd), READ_WRITE, 2 * AT), -EEXIST);
	expect_pinned(BYTES);
	second = buffer_begin(other, fd, READ_WRITE, 2 * AT);
	REQUIRE(second >= 0);
	EXPECT_EQ(dma_poke(endpoint2, 2 * AT + 9), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(mem[9], 0xa5);
	expect_same(AT, mem, BYTES);
	EXPECT_EQ(unmap(domain, AT, BYTES), -EBUSY);
	close(handle);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(dma_peek(endpoint2, 2 * AT), IOMMU_LAB_DMA_OK);
	/* closed before its handle, with the exporter's file gone as well */
	close(fd);
	close(other);
	EXPECT_EQ(dma_peek(endpoint2, 2 * AT), IOMMU_LAB_DMA_FAULT);
	close(second);
}

/* rights never widen: the file says what a device may do */
static void rights(const struct exporter *exporter)
{
	static const int modes[] = { O_RDWR, O_RDONLY };
	u8 *mem;
	size_t i;

	set_up(exporter);
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		int fd = exporter->create(file, BYTES, modes[i], &mem);
		int denied = modes[i] == O_RDONLY ? -EACCES : 0;
		int handle;

		EXPECT_EQ(map_buffer(domain, fd, 0, 0, READ_ONLY, AT), 0);
		EXPECT_EQ(map_buffer(domain, fd, 0, 0, READ_WRITE, 2 * AT),
			  denied);
		EXPECT_EQ(map_buffer(domain, fd, 0, 0, WRITE_ONLY, 3 * AT),
			  denied);
		handle = buffer_begin(domain, fd, WRITE_ONLY, 4 * AT);
		EXPECT(denied ? handle == denied : handle >= 0);
		EXPECT_EQ(domain_info(domain).mappings, denied ? 1 : 4);
		close(domain);
		domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
		REQUIRE(domain >= 0);
	}
}

static void limits(const struct exporter *exporter)
{
	struct rlimit limit = { BYTES + PAGE, BYTES + PAGE };
	u8 *mem;
	int fd;

	set_up(exporter);
	fd = exporter->create(file, BYTES, O_RDWR, &mem);
	REQUIRE_EQ(map_buffer(domain, fd, 0, 0, READ_ONLY, AT), 0);
	EXPECT_EQ(map_buffer(domain, fd, 0, 0, READ_ONLY, 2 * AT), -ENOSPC);
	expect_pinned(BYTES);
	REQUIRE_EQ(unmap(domain, AT, BYTES), 0);
	drop_capability(CAP_IPC_LOCK);
	REQUIRE(!setrlimit(RLIMIT_MEMLOCK, &limit));
	REQUIRE_EQ(map_buffer(domain, fd, 0, 0, READ_ONLY, AT), 0);
	REQUIRE_EQ(unmap(domain, AT, BYTES), 0);
	limit.rlim_cur = BYTES - PAGE;
	REQUIRE(!setrlimit(RLIMIT_MEMLOCK, &limit));
	EXPECT_EQ(map_buffer(domain, fd, 0, 0, READ_ONLY, AT), -ENOMEM);
	expect_pinned(0);
}

static void udmabuf(void)
{
	share(&udmabuf_exporter);
}

static void udmabuf_association(void)
{
	associate(&udmabuf_exporter);
}

static void udmabuf_limits(void)
{
	limits(&udmabuf_exporter);
}

static void heap(void)
{
	share(&heap_exporter);
}

static void heap_association(void)
{
	associate(&heap_exporter);
}

/* a heap hands out write-only dma-bufs, too */
static void heap_rights(void)
{
	u8 *mem;
	int fd;

	rights(&heap_exporter);
	fd = heap_exporter.create(file, BYTES, O_WRONLY, &mem);
	EXPECT_EQ(map_buffer(domain, fd, 0, 0, READ_ONLY, AT), -EACCES);
	EXPECT_EQ(map_buffer(domain, fd, 0, 0, READ_WRITE, AT), -EACCES);
	EXPECT_EQ(map_buffer(domain, fd, 0, 0, WRITE_ONLY, AT), 0);
}

static void vgem(void)
{
	share(&vgem_exporter);
}

static void vgem_association(void)
{
	associate(&vgem_exporter);
}

static void vgem_rights(void)
{
	rights(&vgem_exporter);
}

/* ours, attached and mapped by the other driver for its device */
static void export_to_vgem(void)
{
	u32 caches[] = { COHERENT, NONCOHERENT, WRITE_COMBINE }, i, handle;
	u64 bytes = 3 * MIB + 7 * PAGE, before;
	struct iommu_lab_buffer_info info;
	int fd, back;
	u8 *mem;

	set_up(&vgem_exporter);
	before = pinned_bytes(control);
	for (i = 0; i < ARRAY_SIZE(caches); i++) {
		fd = buffer_create_as(control, &bytes, 0, 0, caches[i]);
		REQUIRE(fd >= 0);
		info = buffer_info(control, fd);
		handle = vgem_import(file, fd);
		mem = buffer_mmap(fd, bytes);
		fill_random(mem, bytes, &seed);
		REQUIRE_EQ(map_buffer(domain, fd, 0, 0, READ_WRITE, AT), 0);
		/* with a device attached these reach it */
		EXPECT_EQ(buffer_sync(fd, DMA_BUF_SYNC_RW |
				      DMA_BUF_SYNC_START), 0);
		EXPECT_EQ(buffer_sync(fd, DMA_BUF_SYNC_RW | DMA_BUF_SYNC_END),
			  0);
		EXPECT_EQ(buffer_info(control, fd).syncs,
			  caches[i] == NONCOHERENT ? 2 : 0);
		/* it hands out ours, not one of its own */
		back = vgem_export(file, handle, O_RDWR);
		EXPECT_EQ(buffer_info(control, back).id, info.id);
		EXPECT_EQ(buffer_info(control, back).mappings, 1);
		expect_same(AT, mem, bytes);
		close(back);
		close(fd);
		REQUIRE_EQ(unmap(domain, AT, bytes), 0);
		REQUIRE(!munmap(mem, bytes));
		/* the other driver's reference counts like any */
		EXPECT_EQ(pinned_bytes(control) - before, bytes);
		back = vgem_export(file, handle, O_RDWR);
		REQUIRE_EQ(map_buffer(domain, back, 0, PAGE, READ_ONLY, AT), 0);
		close(back);
		vgem_close(file, handle);
		EXPECT_EQ(pinned_bytes(control) - before, bytes);
		REQUIRE_EQ(unmap(domain, AT, PAGE), 0);
		EXPECT_EQ(pinned_bytes(control), before);
	}
}

static const struct test_case cases[] = {
	{ "a udmabuf is shared with devices", udmabuf },
	{ "a udmabuf is associated", udmabuf_association },
	{ "a udmabuf is held to the quota and to RLIMIT_MEMLOCK",
	  udmabuf_limits, .params = "max_pinned=200000" },
	{ "a buffer of the system heap is shared with devices", heap },
	{ "a buffer of the system heap is associated", heap_association },
	{ "a buffer of the system heap: the rights of the file are kept",
	  heap_rights },
	{ "a buffer of vgem is shared with devices", vgem },
	{ "a buffer of vgem is associated", vgem_association },
	{ "a buffer of vgem: the rights of the file are kept", vgem_rights },
	{ "our buffers are imported by vgem", export_to_vgem },
};

int main(void)
{
	return RUN_CASES(cases);
}
