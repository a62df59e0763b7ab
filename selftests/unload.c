// SPDX-License-Identifier: GPL-2.0
/*
 * The module is removed while others use its functions: bound to its dmaengine
 * driver, with a client that does DMA, or held by a VFIO file with DMA running; and
 * loaded again.
 */
#include <errno.h>
#define main vfio_client_main
#include "vfio_client.c"
#undef main
#include <sys/syscall.h>
#include <sys/wait.h>

#define ROUNDS		20
#define BUSY_BYTES	(16 * MIB)
#define BUSY_ORDER	6			/* as much as the page of the ring has room for */
#define BUSY_LAST	((1 << BUSY_ORDER) - 1)
#define RUNNING		1
#define TRACEFS		"/sys/kernel/tracing"
#define ENDPOINT	"endpoint=0000:00:03.0 "
#define BUS_MASTER	": iommu_lab_bus_master: " ENDPOINT
#define UNMAP		": unmap: IOMMU: "
#define CLIENT		"/sys/module/dma_client/parameters/ok"

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

static u64 transfers(void)
{
	char *text = read_text(CLIENT);
	u64 number;

	REQUIRE(text);
	number = strtoull(text, NULL, 10);
	free(text);
	return number;
}

/* the client's transfers go on */
static void expect_progress(void)
{
	u64 before = transfers(), limit = now_ms() + 10000;

	while (transfers() == before && now_ms() < limit)
		sleep_ms(1);
	EXPECT(transfers() > before);
}

/* a client holds its channel, so that the module stays until the client goes */
static void refused_to_client(void)
{
	REQUIRE(!system("insmod /lab/selftests/dma_client.ko device=10000:00:01.0 rounds=0"));
	expect_progress();
	EXPECT(syscall(SYS_delete_module, "iommu_lab", O_NONBLOCK) && errno == EWOULDBLOCK);
	expect_progress();
	REQUIRE(!system("rmmod dma_client"));
}

static void bound(void)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		REQUIRE_EQ(module_load(""), 0);
		bind_dmaengine(0);
		bind_dmaengine(1);
		bind_dmaengine(3);
		refused_to_client();
		REQUIRE_EQ(module_unload(), 0);
		expect_gone();
	}
}

/* a larger ring than the one that start() gave it, of copies */
static void prepare_dma(void)
{
	unsigned int i;

	REQUIRE(map(huge_alloc(2 * BUSY_BYTES), 2 * BUSY_BYTES, DATA));
	for (i = 0; i <= BUSY_LAST; i++)
		ring[i] = (struct descriptor){ COPY, BUSY_BYTES, DATA, DATA + BUSY_BYTES };
	config_write(vsec + CTRL, 0);
	config_write(vsec + RING_ORDER, BUSY_ORDER);
	config_write(vsec + CTRL, ENABLE);
}

/* all descriptors but the one before the next: 1 GiB to copy */
static void fill_ring(void)
{
	config_write(vsec + TAIL, (config_read(vsec + HEAD) - 1) & BUSY_LAST);
}

/* in a process of its own: its end closes the files, in the middle of the copies */
static void hold(int ready, int release)
{
	struct pollfd told = { .fd = release, .events = POLLIN };
	char byte = 0;

	start();
	prepare_dma();
	fill_ring();
	REQUIRE(write(ready, &byte, 1) == 1);
	do
		fill_ring();
	while (!poll(&told, 1, 10));
	fill_ring();
	REQUIRE_EQ(config_read(vsec + STATUS) & (RUNNING | HALTED), RUNNING);
	_exit(0);
}

static void held(void)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		REQUIRE_EQ(module_load(""), 0);
		bind_dmaengine(0);
		while_held(module_unload_begin, hold, half_a_second);
		expect_gone();
	}
}

static pid_t function_remove_begin(void)
{
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (!pid)
		_exit(write_text(SYSFS "/remove", "1") ? 1 : 0);
	return pid;
}

static void switch_trace(const char *on)
{
	REQUIRE_EQ(write_text(TRACEFS "/events/iommu_lab/enable", on), 0);
	REQUIRE_EQ(write_text(TRACEFS "/events/iommu/unmap/enable", on), 0);
}

/* the next event of that name in which there is that text; NULL: none */
static const char *event(const char *trace, const char *name, const char *text)
{
	const char *found;

	while (trace && (trace = strstr(trace, name))) {
		found = strstr(trace, text);
		trace += strlen(name);
		if (found && found < trace + strcspn(trace, "\n"))
			return trace;
	}
	return NULL;
}

/*
 * The end of the module clears the trace: one function goes, in the same way. The flush
 * of a domain that nobody else uses is a part of detach; VFIO lets pages go as it unmaps.
 */
static void order(void)
{
	const char *master, *next, *off, *flush, *detach, *unmap;
	char *trace;

	REQUIRE_EQ(module_load(""), 0);
	switch_trace("1");
	while_held(function_remove_begin, hold, half_a_second);
	switch_trace("0");
	trace = read_text(TRACEFS "/trace");
	REQUIRE(trace);
	EXPECT(access(SYSFS, F_OK));
	master = event(trace, BUS_MASTER, "on=1");
	while ((next = event(master, BUS_MASTER, "on=1")))
		master = next;
	off = event(master, BUS_MASTER, "on=0");
	flush = event(off, ": iommu_lab_invalidate: bdf=-1 ", "type=2 granularity=2 error=0");
	detach = event(flush, ": iommu_lab_detach: " ENDPOINT, "did=-1");
	/* not what VFIO tries out before */
	unmap = event(trace, UNMAP, "iova=0x0000000040000000 ");
	if (!EXPECT(off && flush && detach && unmap > detach))
		note("off %d, flush %d, detach %d, unmap %d", !!off, !!flush, !!detach,
		     unmap > detach);
	EXPECT(event(detach, UNMAP, "iova=0x0000000000100000 "));
	free(trace);
	REQUIRE_EQ(module_unload(), 0);
}

static const struct test_case unload_cases[] = {
	{ "rmmod with functions bound, refused while a client does DMA, and insmod, 20 times",
	  bound, .unloaded = true, .seconds = 200 },
	{ "rmmod waits for a VFIO file with DMA running, and insmod, 20 times",
	  held, .unloaded = true, .seconds = 400 },
	{ "N19 a function removed under VFIO and DMA: bus mastering off, flush, detach, unmap",
	  order, .unloaded = true },
};

int main(void)
{
	return RUN_CASES(unload_cases);
}
