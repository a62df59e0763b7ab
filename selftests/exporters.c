// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "exporters.h"
#include "lab.h"
#include "sys.h"

/*
 * What is used of DRM's ABI. Its header is not with the kernel's others in each
 * distribution.
 */
struct gem_close {
	u32 handle;
	u32 pad;
};

struct gem_prime {
	u32 handle;
	u32 flags;
	int fd;
};

struct gem_dumb {
	u32 height;
	u32 width;
	u32 bpp;
	u32 flags;
	u32 handle;
	u32 pitch;
	u64 size;
};

struct gem_map {
	u32 handle;
	u32 pad;
	u64 offset;
};

#define GEM_CLOSE		_IOW('d', 0x09, struct gem_close)
#define GEM_HANDLE_TO_FD	_IOWR('d', 0x2d, struct gem_prime)
#define GEM_FD_TO_HANDLE	_IOWR('d', 0x2e, struct gem_prime)
#define GEM_CREATE_DUMB		_IOWR('d', 0xb2, struct gem_dumb)
#define GEM_MAP_DUMB		_IOWR('d', 0xb3, struct gem_map)

static u8 *map_shared(int fd, u64 bytes, u64 offset)
{
	u8 *mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		       offset);

	REQUIRE(mem != MAP_FAILED);
	return mem;
}

static int udmabuf_open(void)
{
	return open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
}

/* pages of a memfd, last one first: nothing is contiguous but by chance */
static int udmabuf_create(int file, u64 bytes, int mode, u8 **mem)
{
	u32 pages = bytes / PAGE, i;
	int memfd = memfd_create("udmabuf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct udmabuf_create_list *list;
	int fd;

	REQUIRE_EQ(mode, O_RDWR);
	REQUIRE(memfd >= 0);
	REQUIRE(!ftruncate(memfd, bytes));
	REQUIRE(!fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK));
	list = calloc(1, sizeof(*list) + pages * sizeof(list->list[0]));
	REQUIRE(list);
	list->flags = UDMABUF_FLAGS_CLOEXEC;
	list->count = pages;
	for (i = 0; i < pages; i++) {
		list->list[i].memfd = memfd;
		list->list[i].offset = (pages - 1 - i) * PAGE;
		list->list[i].size = PAGE;
	}
	fd = ioctl(file, UDMABUF_CREATE_LIST, list);
	REQUIRE(fd >= 0);
	/* in the order of the dma-buf, whoever looks at it */
	*mem = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(*mem != MAP_FAILED);
	for (i = 0; i < pages; i++)
		REQUIRE(mmap(*mem + i * PAGE, PAGE, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_FIXED, memfd,
			     (pages - 1 - i) * PAGE) != MAP_FAILED);
	free(list);
	close(memfd);
	return fd;
}

static int heap_open(void)
{
	return open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC);
}

static int heap_create(int file, u64 bytes, int mode, u8 **mem)
{
	struct dma_heap_allocation_data alloc = {
		.len = bytes,
		.fd_flags = mode | O_CLOEXEC,
	};

	REQUIRE(!ioctl(file, DMA_HEAP_IOCTL_ALLOC, &alloc));
	*mem = mode == O_RDWR ? map_shared(alloc.fd, bytes, 0) : NULL;
	return alloc.fd;
}

static int vgem_open(void)
{
	if (access("/dev/dri/card0", F_OK) &&
	    system("modprobe vgem > /dev/null 2>&1"))
		return -1;
	return open("/dev/dri/card0", O_RDWR | O_CLOEXEC);
}

int vgem_export(int file, u32 handle, int mode)
{
	struct gem_prime prime = {
		.handle = handle,
		.flags = O_CLOEXEC | (mode == O_RDWR ? O_RDWR : 0),
	};

	REQUIRE(!ioctl(file, GEM_HANDLE_TO_FD, &prime));
	return prime.fd;
}

u32 vgem_import(int file, int dmabuf)
{
	struct gem_prime prime = { .fd = dmabuf };

	if (!EXPECT(!ioctl(file, GEM_FD_TO_HANDLE, &prime))) {
		note("%s", strerror(errno));
		end_case();
	}
	return prime.handle;
}

void vgem_close(int file, u32 handle)
{
	struct gem_close gem = { .handle = handle };

	REQUIRE(!ioctl(file, GEM_CLOSE, &gem));
}

static int vgem_create(int file, u64 bytes, int mode, u8 **mem)
{
	struct gem_dumb dumb = {
		.width = PAGE / 4,
		.height = bytes / PAGE,
		.bpp = 32,
	};
	struct gem_map map = { 0 };
	int fd;

	REQUIRE(!ioctl(file, GEM_CREATE_DUMB, &dumb));
	REQUIRE_EQ(dumb.size, bytes);
	map.handle = dumb.handle;
	REQUIRE(!ioctl(file, GEM_MAP_DUMB, &map));
	*mem = map_shared(file, bytes, map.offset);
	fd = vgem_export(file, dumb.handle, mode);
	/* the dma-buf has it from here on */
	vgem_close(file, dumb.handle);
	return fd;
}

const struct exporter udmabuf_exporter = {
	"udmabuf", udmabuf_open, udmabuf_create,
};

const struct exporter heap_exporter = {
	"system", heap_open, heap_create,
};

const struct exporter vgem_exporter = {
	"drm", vgem_open, vgem_create,
};
