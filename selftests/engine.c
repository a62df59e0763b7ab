// SPDX-License-Identifier: GPL-2.0
/*
 * The DMA engine of a PCI function: bus mastering, the doorbell and its ring, messages,
 * reset, removal and rescan while DMA is running.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "flight.h"
#include "function.h"
#include "sys.h"

#define AT		(256 * MIB)
#define RING		AT
#define DATA		(AT + PAGE)
#define ONLY_READ	(AT + MIB)
#define NOWHERE		(AT + GIB)
#define PAGES		17
#define ORDER_OF_RING	4

static int control, domain, endpoint, config;
static u8 *mem;
static struct descriptor *ring;
static u32 tail;

/* endpoint 0 attached; its ring at RING, 16 pages at DATA; one at ONLY_READ */
static void set_up(void)
{
	open_attached(IOMMU_LAB_POLICY_FIXED, 0, &control, &domain, &endpoint);
	mem = pages_alloc(PAGES * PAGE);
	REQUIRE_EQ(map_at(domain, mem, PAGES * PAGE, READ_WRITE, RING), 0);
	REQUIRE_EQ(map_at(domain, pages_alloc(PAGE), PAGE, READ_ONLY,
			  ONLY_READ), 0);
	ring = (struct descriptor *)mem;
	config = config_open(0);
	/* a function knows nothing of who used it last: it is as they left it */
	config_set(config, CTRL, RESET);
	config_set16(config, MSI_FLAGS, 0);
	wait_idle(config);
}

static u8 *seen(u64 iova)
{
	return mem + (iova - RING);
}

static void start(u32 ctrl)
{
	engine_start(config, RING, ORDER_OF_RING, ctrl);
	tail = 0;
}

static struct descriptor *put(u32 control_word, u64 src, u64 dst, u32 length)
{
	struct descriptor *desc = &ring[tail];

	*desc = (struct descriptor){
		.control = control_word,
		.length = length,
		.src = src,
		.dst = dst,
	};
	tail = (tail + 1) % (1 << ORDER_OF_RING);
	return desc;
}

static void doorbell(void)
{
	config_set(config, TAIL, tail);
}

/* runs one descriptor to its end: its status */
static u32 run(u32 control_word, u64 src, u64 dst, u32 length)
{
	volatile struct descriptor *desc = put(control_word, src, dst, length);

	doorbell();
	wait_idle(config);
	return desc->status;
}

static void mastering(void)
{
	set_up();
	EXPECT(config_get16(config, COMMAND) & MASTER);
	EXPECT_EQ(dma_poke(endpoint, DATA), IOMMU_LAB_DMA_OK);
	config_set16(config, COMMAND, 0);
	EXPECT_EQ(dma_poke(endpoint, DATA), IOMMU_LAB_DMA_REVOKED);
	EXPECT_EQ(dma_peek(endpoint, DATA), IOMMU_LAB_DMA_REVOKED);
	start(0);
	EXPECT_EQ(run(NOP, 0, 0, 0), DESC_PENDING);
	EXPECT_EQ(config_get(config, STATUS), DESC_REVOKED << 8 | HALTED | DONE);
	config_set16(config, COMMAND, MASTER);
	EXPECT_EQ(dma_poke(endpoint, DATA), IOMMU_LAB_DMA_OK);
	config_set(config, STATUS, HALTED);
	EXPECT_EQ(run(NOP, 0, 0, 0), DESC_OK);
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	EXPECT(!(config_get16(config, COMMAND) & MASTER));
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	EXPECT(config_get16(config, COMMAND) & MASTER);
	close(endpoint);
	EXPECT(!(config_get16(config, COMMAND) & MASTER));
}

static void transfers(void)
{
	u64 seed;

	set_up();
	seed = test_seed();
	start(0);
	fill_random(seen(DATA), 3 * PAGE, &seed);
	EXPECT_EQ(run(COPY, DATA + 5, DATA + 4 * PAGE + 9, 2 * PAGE + 77),
		  DESC_OK);
	EXPECT(!memcmp(seen(DATA + 5), seen(DATA + 4 * PAGE + 9), 2 * PAGE + 77));
	EXPECT_EQ(ring[0].done, 2 * PAGE + 77);
	EXPECT_EQ(run(COMPARE, DATA + 5, DATA + 4 * PAGE + 9, 2 * PAGE + 77),
		  DESC_OK);
	put(FILL, 0, DATA + 8 * PAGE, 16)->pattern = 0x1122334455667788;
	doorbell();
	EXPECT_EQ(wait_idle(config), 0);
	EXPECT_EQ(*(u64 *)seen(DATA + 8 * PAGE + 8), 0x1122334455667788);
	EXPECT_EQ(*(u64 *)seen(DATA + 8 * PAGE + 16), 0);
	seen(DATA + 4 * PAGE + 9)[PAGE] ^= 1;
	EXPECT_EQ(run(COMPARE, DATA + 5, DATA + 4 * PAGE + 9, 2 * PAGE + 77),
		  DESC_MISCOMPARE);
	EXPECT_EQ(ring[3].done, PAGE);
	EXPECT_EQ(config_get(config, HEAD), 4);
	EXPECT_EQ(config_get(config, COUNT), 4);
}

/* several at once, around the end of the ring */
static void wraps(void)
{
	struct descriptor *desc[15];

	set_up();
	start(0);
	for (unsigned int round = 0; round < 20; round++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(desc); i++) {
			desc[i] = put(FILL, 0, DATA + i * 8, 8);
			desc[i]->pattern = round << 8 | i;
		}
		doorbell();
		REQUIRE_EQ(wait_idle(config), 0);
		for (unsigned int i = 0; i < ARRAY_SIZE(desc); i++) {
			EXPECT_EQ(desc[i]->status, DESC_OK);
			EXPECT_EQ(((u64 *)seen(DATA))[i], round << 8 | i);
		}
	}
	EXPECT_EQ(config_get(config, COUNT), 20 * ARRAY_SIZE(desc));
}

static void errors(void)
{
	struct iommu_lab_stats before;
	struct descriptor *next;

	set_up();
	start(0);
	before = lab_stats(endpoint);
	put(COPY, DATA, ONLY_READ, 8);
	next = put(FILL, 0, DATA, 8);
	doorbell();
	EXPECT_EQ(wait_idle(config), DESC_FAULT << 8 | HALTED | DONE);
	EXPECT_EQ(ring[0].status, DESC_FAULT);
	EXPECT_EQ(ring[0].refused, ONLY_READ);
	EXPECT_EQ(config_get(config, FAULT_LO), ONLY_READ);
	EXPECT_EQ(config_get(config, FAULT_HI), 0);
	EXPECT_EQ(lab_stats_since(endpoint, &before).faults, 1);
	/* what comes behind it waits until it is told */
	EXPECT_EQ(next->status, DESC_PENDING);
	config_set(config, STATUS, DONE);
	EXPECT_EQ(wait_idle(config), DESC_FAULT << 8 | HALTED);
	EXPECT_EQ(next->status, DESC_PENDING);
	config_set(config, STATUS, HALTED);
	EXPECT_EQ(wait_idle(config), 0);
	EXPECT_EQ(next->status, DESC_OK);

	EXPECT_EQ(run(9, DATA, DATA, 8), DESC_BAD);
	config_set(config, STATUS, HALTED);
	EXPECT_EQ(run(FILL, 0, DATA, 0), DESC_BAD);
	config_set(config, STATUS, HALTED);
	EXPECT_EQ(run(COPY, NOWHERE, DATA, 8), DESC_FAULT);
	EXPECT_EQ(config_get(config, COUNT), 5);
	/* and RESET ends it all */
	config_set(config, CTRL, RESET);
	for (unsigned int at = CTRL; at <= COUNT; at += 4)
		EXPECT_EQ(config_get(config, at), 0);
	start(0);
	EXPECT_EQ(run(NOP, 0, 0, 0), DESC_OK);
}

/* the engine's own accesses fault like any other */
static void unreachable_ring(void)
{
	set_up();
	engine_start(config, NOWHERE, 2, 0);
	config_set(config, TAIL, 1);
	EXPECT_EQ(wait_idle(config), DESC_FAULT << 8 | HALTED | DONE);
	EXPECT_EQ(config_get(config, FAULT_LO), NOWHERE);
	config_set(config, CTRL, RESET);
	/* a completion that cannot be written */
	engine_start(config, ONLY_READ, 2, 0);
	config_set(config, TAIL, 1);
	EXPECT_EQ(wait_idle(config), DESC_FAULT << 8 | HALTED | DONE);
	EXPECT_EQ(config_get(config, FAULT_LO), ONLY_READ + 0x24);
	EXPECT_EQ(config_get(config, COUNT), 0);
}

/* one message for each descriptor with INTR: a write, to memory here */
static void messages(void)
{
	volatile u32 *message;

	set_up();
	message = (u32 *)seen(DATA + 5 * PAGE);
	config_set(config, MSI_ADDRESS, DATA + 5 * PAGE);
	config_set(config, MSI_DATA, 0xbeef);
	start(INTR);
	EXPECT_EQ(run(NOP | DESC_INTR, 0, 0, 0), DESC_OK);
	EXPECT_EQ(*message, 0);
	config_set16(config, MSI_FLAGS, 1);
	EXPECT_EQ(run(NOP, 0, 0, 0), DESC_OK);
	EXPECT_EQ(*message, 0);
	EXPECT_EQ(run(NOP | DESC_INTR, 0, 0, 0), DESC_OK);
	EXPECT_EQ(*message, 0xbeef);
	*message = 0;
	config_set(config, MSI_MASK, 1);
	EXPECT_EQ(run(NOP | DESC_INTR, 0, 0, 0), DESC_OK);
	EXPECT_EQ(*message, 0);
	EXPECT_EQ(config_get(config, MSI_PENDING), 1);
	config_set(config, MSI_MASK, 0);
	wait_idle(config);
	EXPECT_EQ(*message, 0xbeef);
	EXPECT_EQ(config_get(config, MSI_PENDING), 0);
	/* a halt sends one too */
	*message = 0;
	EXPECT_EQ(run(FILL, 0, DATA, 0), DESC_BAD);
	EXPECT_EQ(*message, 0xbeef);
	/* where nothing is mapped the message faults, the descriptor has ended */
	config_set(config, STATUS, HALTED | DONE);
	config_set(config, MSI_ADDRESS, NOWHERE);
	EXPECT_EQ(run(NOP | DESC_INTR, 0, 0, 0), DESC_OK);
	EXPECT_EQ(config_get(config, STATUS), DONE);
}

static struct flight take_off(void)
{
	struct flight flight = {
		.endpoint = endpoint,
		.op = IOMMU_LAB_DMA_FILL,
		.iova = DATA + 8 * PAGE,
		.page = (u64 *)seen(DATA + 8 * PAGE),
		.pattern = 0x7171717171717171,
	};

	flight.page[0] = 0;
	flight_start(&flight);
	return flight;
}

/* something for the ring that takes a while */
static void ring_busy(void)
{
	start(0);
	for (unsigned int i = 0; i < 15; i++)
		put(FILL, 0, DATA, 7 * PAGE);
	doorbell();
}

static void reset_under_dma(void)
{
	struct iommu_lab_dma_result result;
	struct flight flight;
	unsigned int cut = 0;

	set_up();
	for (unsigned int i = 0; i < 5; i++) {
		ring_busy();
		flight = take_off();
		REQUIRE_EQ(function_tell(0, "reset"), 0);
		result = flight_land(&flight);
		if (flight_was_cut(&flight, &result)) {
			EXPECT_EQ(result.status, IOMMU_LAB_DMA_REVOKED);
			cut++;
		}
		/* registers are at their defaults, what the kernel saved came back */
		EXPECT_EQ(wait_idle(config), 0);
		for (unsigned int at = CTRL; at <= COUNT; at += 4)
			EXPECT_EQ(config_get(config, at), 0);
		EXPECT(config_get16(config, COMMAND) & MASTER);
		EXPECT_EQ(dma_poke(endpoint, DATA), IOMMU_LAB_DMA_OK);
	}
	EXPECT(cut);
}

static void removed_for(int fd)
{
	struct pollfd look = { .fd = fd, .events = POLLIN };
	struct iommu_lab_dma_reap reap = { .size = sizeof(reap) };
	struct iommu_lab_dma dma = { .size = sizeof(dma) };

	EXPECT_EQ(dma_try(fd, &dma), -ENODEV);
	EXPECT_EQ(lab_ioctl(fd, IOMMU_LAB_DMA_SUBMIT, &dma), -ENODEV);
	EXPECT_EQ(lab_ioctl(fd, IOMMU_LAB_DMA_REAP, &reap), -ENODEV);
	EXPECT_EQ(domain_attach(domain, fd), -ENODEV);
	EXPECT(strstr(last_refusal(domain), "open it again"));
	EXPECT_EQ(poll(&look, 1, 0), 1);
	EXPECT_EQ(look.revents, POLLERR | POLLHUP);
}

static void remove_under_dma(void)
{
	char name[NAME_BYTES], node[128];
	int old, fd;

	set_up();
	endpoint_name(0, name);
	snprintf(node, sizeof(node), ENDPOINT_DIR "/%s", name);
	/* one more reason for bus mastering, which must end with the function too */
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	EXPECT_EQ(dma_poke(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	for (unsigned int i = 0; i < 10; i++) {
		ring_busy();
		take_off();
		old = endpoint;
		REQUIRE_EQ(function_tell(0, "remove"), 0);
		EXPECT(!function_exists(0));
		/* nothing is written once it has gone */
		memset(seen(DATA), 0x33, 9 * PAGE);
		EXPECT_EQ(domain_info(domain).attached, 0);
		EXPECT(endpoint_info(control, 0).out_flags &
		       IOMMU_LAB_ENDPOINT_GONE);
		removed_for(old);
		/* its node stays, and nobody can open it */
		fd = open(node, O_RDWR);
		EXPECT_EQ(fd < 0 ? -errno : fd, -ENODEV);
		for (unsigned int byte = 0; byte < 9 * PAGE; byte++)
			REQUIRE_EQ(seen(DATA)[byte], 0x33);
		close(config);

		REQUIRE_EQ(pci_rescan(), 0);
		REQUIRE(function_exists(0));
		removed_for(old);
		config = config_open(0);
		EXPECT_EQ(config_get(config, COMMAND) & MASTER, 0);
		EXPECT_EQ(config_get(config, CTRL), 0);
		endpoint = endpoint_open(0);
		REQUIRE_EQ(domain_attach(domain, endpoint), 0);
		EXPECT_EQ(dma_poke(endpoint, DATA), IOMMU_LAB_DMA_OK);
		/* the end of the old file is nobody's detach */
		close(old);
		EXPECT_EQ(dma_poke(endpoint, DATA), IOMMU_LAB_DMA_OK);
	}
}

static volatile int stop_opening;

/* whoever opens it while it comes back finds it whole, or not there */
static void *open_and_use(void *done)
{
	char name[NAME_BYTES], node[128];

	endpoint_name(2, name);
	snprintf(node, sizeof(node), ENDPOINT_DIR "/%s", name);
	while (!stop_opening) {
		struct iommu_lab_sg sg = { AT, 8 };
		struct iommu_lab_dma dma = {
			.size = sizeof(dma),
			.op = IOMMU_LAB_DMA_FILL,
			.dst_nents = 1,
			.dst = (uintptr_t)&sg,
		};
		int fd = open(node, O_RDWR);

		if (fd < 0)
			continue;
		if (!dma_try(fd, &dma))
			++*(unsigned int *)done;
		close(fd);
	}
	return NULL;
}

static void opened_while_it_comes_back(void)
{
	unsigned int done = 0, before;
	pthread_t thread;

	control = control_open();
	REQUIRE(!pthread_create(&thread, NULL, open_and_use, &done));
	for (unsigned int i = 0; i < 30; i++) {
		REQUIRE_EQ(function_tell(2, "remove"), 0);
		before = done;
		REQUIRE_EQ(pci_rescan(), 0);
		for (unsigned int wait = 0; done == before && wait < 5000; wait++)
			sleep_ms(1);
		EXPECT(done != before);
	}
	stop_opening = 1;
	pthread_join(thread, NULL);
}

/* a file that does DMA without a domain keeps bus mastering on, and only it */
static void unattached(void)
{
	config = config_open(1);
	endpoint = endpoint_open(1);
	EXPECT(!(config_get16(config, COMMAND) & MASTER));
	EXPECT_EQ(dma_poke(endpoint, RMRR_START), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_poke(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	EXPECT(config_get16(config, COMMAND) & MASTER);
	close(endpoint);
	EXPECT(!(config_get16(config, COMMAND) & MASTER));
	endpoint = endpoint_open(1);
	EXPECT_EQ(dma_poke(endpoint, RMRR_START), IOMMU_LAB_DMA_OK);
	REQUIRE_EQ(function_tell(1, "remove"), 0);
	REQUIRE_EQ(pci_rescan(), 0);
	close(config);
	config = config_open(1);
	close(endpoint);
	EXPECT(!(config_get16(config, COMMAND) & MASTER));
	endpoint = endpoint_open(1);
	EXPECT_EQ(dma_poke(endpoint, RMRR_START), IOMMU_LAB_DMA_OK);
}

static const struct test_case cases[] = {
	{ "no DMA while bus mastering is off", mastering },
	{ "descriptors move data", transfers },
	{ "a ring wraps", wraps },
	{ "an error halts the ring, which goes on when told", errors },
	{ "fetch and completion are translated", unreachable_ring },
	{ "messages are sent, kept while masked, and can fault", messages },
	{ "a reset ends what is running", reset_under_dma },
	{ "removed under DMA: ENODEV for old files, and it comes back",
	  remove_under_dma, NULL, 120 },
	{ "opened and used while it comes back", opened_while_it_comes_back,
	  NULL, 120 },
	{ "bus mastering follows files that do DMA without a domain",
	  unattached },
};

int main(void)
{
	return RUN_CASES(cases);
}
