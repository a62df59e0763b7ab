// SPDX-License-Identifier: GPL-2.0
/*
 * The module is removed while others use its functions: bound to its dmaengine
 * driver, or held by a VFIO file with DMA running; and loaded again.
 */
#define main vfio_client_main
#include "vfio_client.c"
#undef main
#include <sys/wait.h>

#define ROUNDS		20
#define BUSY_BYTES	(16 * MIB)

static void bind_dmaengine(unsigned int index)
{
	char path[96], name[32];

	snprintf(name, sizeof(name), "10000:00:%02x.0", index + 1);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", name);
	REQUIRE_EQ(write_text(path, "iommu_lab_dma"), 0);
	REQUIRE_EQ(write_text("/sys/bus/pci/drivers_probe", name), 0);
	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/iommu_lab_dma/%s", name);
	EXPECT(!access(path, F_OK));
}

/* nothing of the module is left in sysfs */
static void expect_gone(void)
{
	EXPECT(!module_loaded());
	EXPECT(access("/sys/class/iommu/iommu_lab0", F_OK));
	EXPECT(access("/sys/bus/pci/devices/10000:00:01.0", F_OK));
	EXPECT(access("/sys/bus/pci/drivers/iommu_lab_dma", F_OK));
}

static void bound(void)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		REQUIRE_EQ(module_load(""), 0);
		bind_dmaengine(0);
		bind_dmaengine(1);
		bind_dmaengine(3);
		REQUIRE_EQ(module_unload(), 0);
		expect_gone();
	}
}

/* copies that take longer than the removal is waited for */
static void start_dma(void)
{
	unsigned int i;

	REQUIRE(map(huge_alloc(2 * BUSY_BYTES), 2 * BUSY_BYTES, DATA));
	for (i = 0; i < (1 << ORDER) - 1; i++)
		ring[i] = (struct descriptor){ COPY, BUSY_BYTES, DATA, DATA + BUSY_BYTES };
	config_write(vsec + TAIL, i);
}

/* in a process of its own: its end closes the files */
static void hold(int ready, int release)
{
	char byte = 0;

	start();
	start_dma();
	REQUIRE(write(ready, &byte, 1) == 1);
	REQUIRE(read(release, &byte, 1) == 1);
	_exit(0);
}

static void held_once(void)
{
	int ready[2], release[2], status = -1;
	pid_t holder, unload;
	char byte = 0;

	REQUIRE(!pipe(ready) && !pipe(release));
	REQUIRE_EQ(module_load(""), 0);
	bind_dmaengine(0);
	holder = fork();
	REQUIRE(holder >= 0);
	if (!holder)
		hold(ready[1], release[0]);
	close(ready[1]);
	REQUIRE(read(ready[0], &byte, 1) == 1);
	unload = module_unload_begin();
	sleep_ms(200);
	EXPECT(!module_unload_ended(unload, &status));
	REQUIRE(write(release[1], &byte, 1) == 1);
	REQUIRE(waitpid(holder, &status, 0) == holder && !status);
	REQUIRE(waitpid(unload, &status, 0) == unload);
	EXPECT_EQ(status, 0);
	expect_gone();
	close(ready[0]);
	close(release[0]);
	close(release[1]);
}

static void held(void)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++)
		held_once();
}

static const struct test_case unload_cases[] = {
	{ "rmmod with functions bound to the dmaengine driver, and insmod, 20 times",
	  bound, .unloaded = true, .seconds = 200 },
	{ "rmmod waits for a VFIO file with DMA running, and insmod, 20 times",
	  held, .unloaded = true, .seconds = 400 },
};

int main(void)
{
	return RUN_CASES(unload_cases);
}
