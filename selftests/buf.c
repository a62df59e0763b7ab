// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <linux/dma-buf.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "buf.h"

int buffer_create_as(int control, u64 *bytes, u32 flags, u32 min_order,
		     u32 cache)
{
	struct iommu_lab_buffer_create create = {
		.size = sizeof(create),
		.flags = flags,
		.length = *bytes,
		.min_order = min_order,
		.cache = cache,
		.out_fd = -1,
	};
	int error = lab_ioctl(control, IOMMU_LAB_BUFFER_CREATE, &create);

	*bytes = create.length;
	return error ?: create.out_fd;
}

int buffer_create(int control, u64 bytes)
{
	int fd = buffer_create_as(control, &bytes, 0, 0, COHERENT);

	REQUIRE(fd >= 0);
	return fd;
}

struct iommu_lab_buffer_info buffer_info(int control, int buffer)
{
	struct iommu_lab_buffer_info info = {
		.size = sizeof(info),
		.buffer_fd = buffer,
	};

	REQUIRE_EQ(lab_ioctl(control, IOMMU_LAB_BUFFER_INFO, &info), 0);
	return info;
}

struct iommu_lab_sg *buffer_blocks(int control, int buffer, u32 *nr)
{
	struct iommu_lab_buffer_info info = buffer_info(control, buffer);
	struct iommu_lab_sg *list = calloc(info.nr_blocks, sizeof(*list));

	REQUIRE(list);
	info.flags = IOMMU_LAB_BUFFER_INFO_PHYS;
	info.blocks = (uintptr_t)list;
	info.nr = info.nr_blocks;
	REQUIRE_EQ(lab_ioctl(control, IOMMU_LAB_BUFFER_INFO, &info), 0);
	REQUIRE_EQ(info.nr, info.nr_blocks);
	*nr = info.nr;
	return list;
}

void *buffer_mmap(int buffer, u64 bytes)
{
	void *va = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, buffer,
			0);

	REQUIRE(va != MAP_FAILED);
	return va;
}

int buffer_sync(int buffer, u64 flags)
{
	struct dma_buf_sync sync = { .flags = flags };

	return lab_ioctl(buffer, DMA_BUF_IOCTL_SYNC, &sync);
}

int map_buffer(int domain, int buffer, u64 offset, u64 bytes, u32 prot,
	       u64 iova)
{
	struct iommu_lab_map_buffer map = {
		.size = sizeof(map),
		.buffer_fd = buffer,
		.prot = prot,
		.offset = offset,
		.length = bytes,
		.iova = iova,
	};
	int error = lab_ioctl(domain, IOMMU_LAB_MAP_BUFFER, &map);

	if (!error && bytes)
		EXPECT_EQ(map.out_length, bytes);
	return error;
}

int map_buffer_any(int domain, int buffer, u32 prot, u64 *iova)
{
	struct iommu_lab_map_buffer map = {
		.size = sizeof(map),
		.buffer_fd = buffer,
		.prot = prot,
	};
	int error = lab_ioctl(domain, IOMMU_LAB_MAP_BUFFER, &map);

	*iova = map.iova;
	return error;
}

int buffer_begin(int domain, int buffer, u32 prot, u64 iova)
{
	struct iommu_lab_buffer_begin begin = {
		.size = sizeof(begin),
		.buffer_fd = buffer,
		.prot = prot,
		.iova = iova,
		.out_fd = -1,
	};
	int error = lab_ioctl(domain, IOMMU_LAB_BUFFER_BEGIN, &begin);

	return error ?: begin.out_fd;
}

int assoc_try(int assoc, struct iommu_lab_assoc_info *info)
{
	*info = (struct iommu_lab_assoc_info){ .size = sizeof(*info) };
	return lab_ioctl(assoc, IOMMU_LAB_ASSOC_INFO, info);
}

struct iommu_lab_assoc_info assoc_info(int assoc)
{
	struct iommu_lab_assoc_info info;

	REQUIRE_EQ(assoc_try(assoc, &info), 0);
	return info;
}

int addresses(int fd, u32 flags, u64 iova, u64 bytes, struct iommu_lab_sg *list,
	      u32 *nr)
{
	struct iommu_lab_addresses ask = {
		.size = sizeof(ask),
		.flags = flags,
		.iova = iova,
		.length = bytes,
		.segments = (uintptr_t)list,
		.nr = *nr,
	};
	int error = lab_ioctl(fd, IOMMU_LAB_ADDRESSES, &ask);

	*nr = ask.nr;
	return error;
}

u64 pinned_bytes(int control)
{
	struct iommu_lab_info info = lab_info(control);

	return info.pinned_max - info.pinned_left;
}
