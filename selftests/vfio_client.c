// SPDX-License-Identifier: GPL-2.0
/*
 * A driver in user space: stock vfio-pci, a container, and the registers of function.rst
 * in configuration space. vfio_cdev.c is the same with iommufd below it.
 */
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "sys.h"

#define FUNCTION	"10000:00:03.0"
#define SYSFS		"/sys/bus/pci/devices/" FUNCTION
#define BIND		"modprobe -a vfio_iommu_type1 vfio-pci; cd " SYSFS "; " \
			"echo vfio-pci > driver_override; [ -e driver ] || " \
			"echo " FUNCTION " > /sys/bus/pci/drivers_probe"
#define VSEC_ID		0x1ab0
#define RING		(1ull << 20)		/* where the ring is for the device */
#define DATA		(1ull << 30)		/* and what it works on */
#define ORDER		2

enum { CTRL = 0x0c, STATUS = 0x10, RING_LO = 0x14, RING_HI = 0x18, RING_ORDER = 0x1c,
       TAIL = 0x20, HEAD = 0x24, FAULT_LO = 0x28, FAULT_HI = 0x2c, COUNT = 0x30 };
enum { ENABLE = 1, INTR = 2, HALTED = 2, DONE = 4, COPY = 1, WITH_MESSAGE = 1 << 8,
       OK = 1, FAULT = 2 };

static struct descriptor {
	u32 control, length;
	u64 src, dst, pattern;
	u32 status, done;
	u64 refused, reserved[2];
} *ring;

static int device, message, iommu;
static u64 config, vsec, tail;

#ifndef WITH_IOMMUFD
static int open_device(void)
{
	struct vfio_group_status status = { sizeof(status) };
	char path[64];
	int group;

	snprintf(path, 64, "/dev/vfio%s", strrchr(realpath(SYSFS "/iommu_group", NULL), '/'));
	iommu = open("/dev/vfio/vfio", O_RDWR);
	group = open(path, O_RDWR);
	REQUIRE(group >= 0 && ioctl(iommu, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) == 1);
	REQUIRE(!ioctl(group, VFIO_GROUP_GET_STATUS, &status) &&
		status.flags & VFIO_GROUP_FLAGS_VIABLE);
	REQUIRE(!ioctl(group, VFIO_GROUP_SET_CONTAINER, &iommu) &&
		!ioctl(iommu, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU));
	return ioctl(group, VFIO_GROUP_GET_DEVICE_FD, FUNCTION);
}

static bool map(void *va, u64 bytes, u64 iova)
{
	struct vfio_iommu_type1_dma_map map = { sizeof(map),
		VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE, (u64)va, iova, bytes };

	return !ioctl(iommu, VFIO_IOMMU_MAP_DMA, &map);
}

static bool unmap(u64 iova, u64 bytes)
{
	struct vfio_iommu_type1_dma_unmap unmap = { sizeof(unmap), .iova = iova, .size = bytes };

	return !ioctl(iommu, VFIO_IOMMU_UNMAP_DMA, &unmap) && unmap.size == bytes;
}
#endif

static u32 config_read(u64 at)
{
	u32 value;

	REQUIRE(pread(device, &value, 4, config + at) == 4);
	return value;
}

static void config_write(u64 at, u32 value)
{
	REQUIRE(pwrite(device, &value, 4, config + at) == 4);
}

static void enable(void)
{
	config_write(PCI_COMMAND, config_read(PCI_COMMAND) | PCI_COMMAND_MASTER);
	config_write(vsec + RING_LO, (u32)RING);
	config_write(vsec + RING_HI, RING >> 32);
	config_write(vsec + RING_ORDER, ORDER);
	config_write(vsec + CTRL, ENABLE | INTR);
	tail = 0;
}

/* binds vfio-pci, opens the function, finds the engine, gives it a ring and an eventfd */
static void start(void)
{
	struct vfio_region_info region = { sizeof(region), .index = VFIO_PCI_CONFIG_REGION_INDEX };
	struct { struct vfio_irq_set set; int eventfd; } irq = { { sizeof(irq),
		VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, VFIO_PCI_MSI_IRQ_INDEX, 0, 1 } };

	REQUIRE(!system(BIND));
	device = open_device();
	REQUIRE(device >= 0 && !ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &region));
	config = region.offset;
	for (vsec = 0x100; (config_read(vsec + 4) & 0xffff) != VSEC_ID ||
	     PCI_EXT_CAP_ID(config_read(vsec)) != PCI_EXT_CAP_ID_VNDR;)
		REQUIRE((vsec = PCI_EXT_CAP_NEXT(config_read(vsec))));
	REQUIRE(map(ring = pages_alloc(PAGE), PAGE, RING));
	irq.eventfd = message = eventfd(0, EFD_NONBLOCK);
	REQUIRE(!ioctl(device, VFIO_DEVICE_SET_IRQS, &irq));
	enable();
}

/* has the engine copy; returns the status of the descriptor once the message is there */
static u32 copy(u64 dst, u64 src, u32 bytes)
{
	struct pollfd wait = { .fd = message, .events = POLLIN };
	volatile struct descriptor *desc = &ring[tail];
	u64 messages;

	*desc = (struct descriptor){ COPY | WITH_MESSAGE, bytes, src, dst };
	tail = (tail + 1) & ((1 << ORDER) - 1);
	config_write(vsec + TAIL, tail);
	REQUIRE(poll(&wait, 1, 20000) == 1 && read(message, &messages, 8) == 8);
	EXPECT_EQ(messages, 1);
	EXPECT(config_read(vsec + STATUS) & DONE);
	config_write(vsec + STATUS, DONE);
	return desc->status;
}

static void data(void)
{
	static const u64 sizes[] = { PAGE, 16 * PAGE, HUGE, 32 * MIB, 256 * MIB };
	unsigned int i;

	start();
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 bytes = sizes[i], last = bytes - PAGE / 2;
		u8 *va = pages_alloc(bytes);

		memset(va, 0x40 + i, PAGE / 2);
		REQUIRE(map(va, bytes, DATA));
		EXPECT_EQ(copy(DATA + last, DATA, PAGE / 2), OK);
		EXPECT(!memcmp(va + last, va, PAGE / 2));
		EXPECT(unmap(DATA, bytes));
	}
	EXPECT_EQ(config_read(vsec + COUNT), ARRAY_SIZE(sizes));
}

/* the copy is refused at that address, and the engine goes on after it */
static void check_fault(u64 dst, u64 src, u64 refused)
{
	EXPECT_EQ(copy(dst, src, 64), FAULT);
	EXPECT_EQ(config_read(vsec + FAULT_LO) | (u64)config_read(vsec + FAULT_HI) << 32, refused);
	EXPECT(config_read(vsec + STATUS) & HALTED);
	config_write(vsec + STATUS, HALTED);
}

static void faults(void)
{
	start();
	REQUIRE(map(pages_alloc(PAGE), PAGE, DATA) && map(pages_alloc(PAGE), PAGE, DATA + PAGE));
	check_fault(DATA, DATA + 2 * PAGE, DATA + 2 * PAGE);
	EXPECT_EQ(copy(DATA + PAGE, DATA, 64), OK);
	EXPECT(unmap(DATA + PAGE, PAGE));
	check_fault(DATA + PAGE, DATA, DATA + PAGE);
	EXPECT_EQ(copy(DATA + 64, DATA, 64), OK);
}

static void reset(void)
{
	char *va = pages_alloc(PAGE);

	start();
	strcpy(va, "before and after");
	REQUIRE(map(va, PAGE, DATA));
	EXPECT_EQ(copy(DATA + 64, DATA, 64), OK);
	REQUIRE(!ioctl(device, VFIO_DEVICE_RESET));
	EXPECT_EQ(config_read(vsec + CTRL) | config_read(vsec + COUNT), 0);
	enable();
	EXPECT_EQ(copy(DATA + 128, DATA, 64), OK);
	EXPECT(!strcmp(va + 128, "before and after"));
}

static const struct test_case cases[] = {
	{ "vfio-pci: maps of 4 KiB to 256 MiB, data, a message for each copy", data, .seconds = 120 },
	{ "vfio-pci: faults before a map and after its unmap, and the engine goes on", faults },
	{ "vfio-pci: a reset takes the engine to its defaults, and it works again", reset },
};

int main(void)
{
	return RUN_CASES(cases);
}
