// SPDX-License-Identifier: GPL-2.0
/*
 * The module is removed while an iommufd has a page table (HWPT) that was made for
 * one of its units; the function's file is closed already.
 */
#define main vfio_cdev_main
#include "vfio_cdev.c"
#undef main

#define HWPT_ALLOC	_IO(VFIO_TYPE, 0x89)
#define ROUNDS		5

/* in a process of its own: its end closes the iommufd */
static void hold(int ready, int release)
{
	struct { u32 argsz, flags; int iommufd; u32 devid; } bind = { sizeof(bind) };
	struct { u32 size, flags, ioas; } alloc = { sizeof(alloc) };
	struct {
		u32 size, flags, device, pt, hwpt, reserved, type, length;
		u64 data;
		u32 fault, reserved2;
	} hwpt = { sizeof(hwpt) };
	char byte = 0;
	int fd;

	REQUIRE(!system(BIND));
	fd = open_cdev();
	bind.iommufd = open("/dev/iommu", O_RDWR);
	REQUIRE(bind.iommufd >= 0);
	REQUIRE(!ioctl(fd, BIND_IOMMUFD, &bind));
	REQUIRE(!ioctl(bind.iommufd, IOAS_ALLOC, &alloc));
	hwpt.device = bind.devid;
	hwpt.pt = alloc.ioas;
	REQUIRE(!ioctl(bind.iommufd, HWPT_ALLOC, &hwpt));
	close(fd);
	REQUIRE(write(ready, &byte, 1) == 1);
	REQUIRE(read(release, &byte, 1) == 1);
	_exit(0);
}

static int log_fd;
static unsigned int told;

static void held_during(void (*wait)(void))
{
	REQUIRE_EQ(module_load(""), 0);
	while_held(module_unload_begin, hold, wait);
	EXPECT(!module_loaded());
}

/* from the fifth second on it tells why */
static void until_told(void)
{
	u64 limit = now_ms() + 60000;

	while (!told && now_ms() < limit) {
		sleep_ms(100);
		told = kmsg_count(log_fd, "waiting for 1 domains");
	}
}

static void held(void)
{
	unsigned int round;

	log_fd = kmsg_open();
	for (round = 1; round < ROUNDS; round++)
		held_during(half_a_second);
	EXPECT_EQ(kmsg_count(log_fd, "waiting for"), 0);
	held_during(until_told);
	EXPECT_EQ(told, 1);
	close(log_fd);
}

static const struct test_case unload_cases[] = {
	{ "rmmod waits for a page table of iommufd whose function has gone",
	  held, .unloaded = true, .seconds = 100 },
};

int main(void)
{
	return RUN_CASES(unload_cases);
}
