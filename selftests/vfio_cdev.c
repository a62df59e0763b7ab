// SPDX-License-Identifier: GPL-2.0
/*
 * The driver of vfio_client.c over iommufd: the function's own character device,
 * bound to an iommufd and attached to an address space in it. The requests are
 * spelled out, since the headers of older distributions do not have them.
 */
#include <glob.h>
#include <linux/ioctl.h>
#include "sys.h"

static int open_device(void);
static bool map(void *va, u64 bytes, u64 iova);
static bool unmap(u64 iova, u64 bytes);

#define WITH_IOMMUFD
#include "vfio_client.c"

#define BIND_IOMMUFD	_IO(VFIO_TYPE, VFIO_BASE + 18)
#define ATTACH_PT	_IO(VFIO_TYPE, VFIO_BASE + 19)
#define IOAS_ALLOC	_IO(VFIO_TYPE, 0x81)
#define IOAS_MAP	_IO(VFIO_TYPE, 0x85)
#define IOAS_UNMAP	_IO(VFIO_TYPE, 0x86)

enum { FIXED = 1, WRITEABLE = 2, READABLE = 4 };	/* flags of IOAS_MAP */

static u32 space;

/* the name below /dev/vfio/devices is the one in sysfs */
static int open_cdev(void)
{
	char path[64];
	glob_t found;
	int fd;

	REQUIRE(!glob(SYSFS "/vfio-dev/vfio*", 0, NULL, &found));
	snprintf(path, sizeof(path), "/dev/vfio/devices%s",
		 strrchr(found.gl_pathv[0], '/'));
	globfree(&found);
	fd = open(path, O_RDWR);
	REQUIRE(fd >= 0);
	return fd;
}

static int open_device(void)
{
	struct { u32 argsz, flags; int iommufd; u32 devid; } bind = { sizeof(bind) };
	struct { u32 size, flags, ioas; } alloc = { sizeof(alloc) };
	struct { u32 argsz, flags, pt; } attach = { sizeof(attach) };
	int fd = open_cdev();

	iommu = bind.iommufd = open("/dev/iommu", O_RDWR);
	REQUIRE(iommu >= 0);
	REQUIRE(!ioctl(fd, BIND_IOMMUFD, &bind));
	REQUIRE(!ioctl(iommu, IOAS_ALLOC, &alloc));
	space = attach.pt = alloc.ioas;
	REQUIRE(!ioctl(fd, ATTACH_PT, &attach));
	return fd;
}

static bool map(void *va, u64 bytes, u64 iova)
{
	struct { u32 size, flags, ioas, reserved; u64 va, length, iova; } map = {
		sizeof(map), FIXED | WRITEABLE | READABLE, space, 0,
		(u64)va, bytes, iova };

	return !ioctl(iommu, IOAS_MAP, &map);
}

static bool unmap(u64 iova, u64 bytes)
{
	struct { u32 size, ioas; u64 iova, length; } unmap = {
		sizeof(unmap), space, iova, bytes };

	return !ioctl(iommu, IOAS_UNMAP, &unmap) && unmap.length == bytes;
}
