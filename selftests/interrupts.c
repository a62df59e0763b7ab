// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts of functions: selftests/ko/irq_client.c takes them as any driver does;
 * messages are sent by the ring of the function, and by writes of DMA to wherever
 * an attacker likes. Only what was given to a function passes; the rest is blocked
 * and counted.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "buf.h"
#include "function.h"

#define CLIENT	"/lab/selftests/irq_client.ko"

/* fault reasons of VT-d 7.1.3 */
enum {
	REASON_RANGE = 0xe,
	REASON_INDEX = 0x21,
	REASON_NOT_PRESENT = 0x22,
	REASON_COMPATIBILITY = 0x25,
	REASON_SOURCE = 0x26,
	REASON_SM_RANGE = 0x87,
};

/**
 * struct message - what a function was told to write, and where
 * @address: MSI address
 * @data: MSI data
 */
struct message {
	u64 address;
	u32 data;
};

static void client_load(void)
{
	int fd = open(CLIENT, O_RDONLY | O_CLOEXEC);

	REQUIRE(fd >= 0);
	REQUIRE(!syscall(SYS_finit_module, fd, "", 0) || errno == EEXIST);
	close(fd);
}

static void client_unload(void)
{
	EXPECT_EQ(syscall(SYS_delete_module, "irq_client", 0), 0);
}

static int driver_tell(const char *file, unsigned int index)
{
	char name[NAME_BYTES];

	endpoint_name(index, name);
	return write_text(file, name);
}

/* the driver of a function is the client; its vector is allocated */
static void client_bind(unsigned int index)
{
	REQUIRE_EQ(write_text(function_path(index, "driver_override"),
			      "irq_client"), 0);
	REQUIRE_EQ(driver_tell("/sys/bus/pci/drivers_probe", index), 0);
	REQUIRE(!access(function_path(index, "irq_count"), F_OK));
}

static void client_unbind(unsigned int index)
{
	EXPECT_EQ(driver_tell("/sys/bus/pci/drivers/irq_client/unbind", index),
		  0);
}

static void client_request(unsigned int index, bool on)
{
	EXPECT_EQ(write_text(function_path(index, "irq_requested"),
			     on ? "1" : "0"), 0);
}

static u64 client_count(unsigned int index)
{
	char *text = read_text(function_path(index, "irq_count"));
	u64 count;

	REQUIRE(text);
	count = strtoull(text, NULL, 10);
	free(text);
	return count;
}

static struct message message_of(unsigned int index)
{
	int fd = config_open(index);
	struct message message = {
		.address = config_get(fd, MSI_ADDRESS) |
			   (u64)config_get(fd, MSI_ADDRESS_HI) << 32,
		.data = config_get16(fd, MSI_DATA),
	};

	EXPECT(config_get16(fd, MSI_FLAGS) & 1);
	close(fd);
	EXPECT(message.address >= MSI_START && message.address <= MSI_LAST);
	/* remappable format (5.1.2.2) */
	EXPECT(message.address & 0x10);
	return message;
}

static struct iommu_lab_dma_result send_to(int endpoint, u64 address, u32 data)
{
	return dma_write(endpoint, address, &data, sizeof(data));
}

static void expect_sent(int endpoint, const struct message *message)
{
	struct iommu_lab_dma_result r = send_to(endpoint, message->address,
						message->data);

	EXPECT_EQ(r.status, IOMMU_LAB_DMA_OK);
	EXPECT_EQ(r.done, 4);
}

static void expect_blocked(int endpoint, u64 address, u32 data, u32 reason)
{
	struct iommu_lab_dma_result r = send_to(endpoint, address, data);

	EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(r.fault_reason, reason);
	EXPECT_EQ(r.done, 0);
}

/* endpoints 0 and 1, attached to one domain, and the client for both */
struct pair {
	int control;
	int domain;
	int endpoint[2];
	struct message message[2];
};

static struct pair pair_make(void)
{
	struct pair pair;

	client_load();
	pair.control = control_open();
	pair.domain = domain_create(pair.control, IOMMU_LAB_POLICY_ALLOC);
	REQUIRE(pair.domain >= 0);
	for (unsigned int i = 0; i < 2; i++) {
		client_bind(i);
		pair.endpoint[i] = endpoint_open(i);
		REQUIRE_EQ(domain_attach(pair.domain, pair.endpoint[i]), 0);
		client_request(i, true);
		pair.message[i] = message_of(i);
	}
	EXPECT(pair.message[0].address != pair.message[1].address);
	return pair;
}

static void pair_end(struct pair *pair)
{
	for (unsigned int i = 0; i < 2; i++)
		client_unbind(i);
	client_unload();
	close(pair->endpoint[0]);
	close(pair->endpoint[1]);
	close(pair->domain);
	EXPECT_EQ(debugfs_number("units/0/stats", "driver_irqs"), 0);
}

static void own_message(void)
{
	struct pair pair = pair_make();
	u64 before = debugfs_number("units/0/stats", "interrupts");

	for (unsigned int i = 1; i <= 10; i++) {
		expect_sent(pair.endpoint[0], &pair.message[0]);
		EXPECT_EQ(client_count(0), i);
	}
	EXPECT_EQ(client_count(1), 0);
	expect_sent(pair.endpoint[1], &pair.message[1]);
	EXPECT_EQ(client_count(1), 1);
	EXPECT_EQ(client_count(0), 10);
	EXPECT_EQ(debugfs_number("units/0/stats", "interrupts") - before, 11);
	pair_end(&pair);
}

/* the whole range, slot by slot: what is not ours is blocked */
static void whitelist(void)
{
	struct pair pair = pair_make();
	u64 passed = debugfs_number("units/0/stats", "interrupts");
	u64 blocked = debugfs_number("units/0/stats", "interrupts_blocked");
	u64 sent = 0, own = 0;

	for (u64 handle = 0; handle < 2048; handle++) {
		struct iommu_lab_dma_result r =
			send_to(pair.endpoint[0], MSI_START | handle << 5 | 0x10,
				0);
		u64 address = MSI_START | handle << 5 | 0x10;
		u32 reason = address == pair.message[1].address ? REASON_SOURCE :
			     handle < 1024 ? REASON_NOT_PRESENT : REASON_INDEX;

		sent++;
		if (address == pair.message[0].address) {
			EXPECT_EQ(r.status, IOMMU_LAB_DMA_OK);
			own++;
			continue;
		}
		EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
		EXPECT_EQ(r.fault_reason, reason);
	}
	/* all of the compatibility format, any vector */
	for (u32 vector = 0; vector < 256; vector++, sent++)
		expect_blocked(pair.endpoint[0], MSI_START | vector << 12,
			       0x4000 | vector, REASON_COMPATIBILITY);
	EXPECT_EQ(own, 1);
	EXPECT_EQ(client_count(0), 1);
	EXPECT_EQ(client_count(1), 0);
	EXPECT_EQ(debugfs_number("units/0/stats", "interrupts") - passed, 1);
	EXPECT_EQ(debugfs_number("units/0/stats", "interrupts_blocked") -
		  blocked, sent - 1);
	EXPECT_EQ(debugfs_number("info", "unclaimed interrupts"), 0);
	pair_end(&pair);
}

/* a vector passes from request_irq() to free_irq() */
static void requested_only(void)
{
	struct pair pair = pair_make();
	struct message *message = &pair.message[0];
	char *table = debugfs_text("units/0/irq_table");

	EXPECT(strstr(table, " 00:01.0 0 32 enabled "));
	EXPECT(strstr(table, " 00:02.0 0 33 enabled "));
	free(table);
	expect_sent(pair.endpoint[0], message);
	for (unsigned int i = 0; i < 20; i++) {
		u64 count = client_count(0);

		client_request(0, false);
		expect_blocked(pair.endpoint[0], message->address, message->data,
			       REASON_NOT_PRESENT);
		EXPECT_EQ(client_count(0), count);
		client_request(0, true);
		EXPECT_EQ(message_of(0).address, message->address);
		expect_sent(pair.endpoint[0], message);
		EXPECT_EQ(client_count(0), count + 1);
	}
	/* nor when it was given back; the driver has turned bus mastering off */
	client_unbind(0);
	REQUIRE_EQ(domain_detach(pair.domain, pair.endpoint[0]), 0);
	REQUIRE_EQ(domain_attach(pair.domain, pair.endpoint[0]), 0);
	expect_blocked(pair.endpoint[0], message->address, message->data,
		       REASON_NOT_PRESENT);
	/* and not before somebody requests it again */
	client_bind(0);
	EXPECT_EQ(message_of(0).address, message->address);
	expect_blocked(pair.endpoint[0], message->address, message->data,
		       REASON_NOT_PRESENT);
	client_request(0, true);
	expect_sent(pair.endpoint[0], message);
	EXPECT_EQ(client_count(0), 1);
	pair_end(&pair);
}

static void no_message_in(int endpoint, u32 reason)
{
	u64 two[2] = { 0 };
	struct iommu_lab_dma_result r;
	struct message message = message_of(0);

	r = dma_write(endpoint, message.address, two, 8);
	EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(r.fault_reason, reason);
	r = dma_write(endpoint, message.address, two, 2);
	EXPECT_EQ(r.fault_reason, reason);
	r = dma_write(endpoint, message.address + 1, two, 4);
	EXPECT_EQ(r.fault_reason, reason);
	r = dma_read(endpoint, message.address, two, 4);
	EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(r.fault_reason, reason);
	EXPECT(!(r.fault_flags & IOMMU_LAB_FAULT_WRITE));
	EXPECT_EQ(client_count(0), 0);
}

static void no_message(void)
{
	struct pair pair = pair_make();

	no_message_in(pair.endpoint[0], REASON_RANGE);
	pair_end(&pair);
}

static void no_message_scalable(void)
{
	struct pair pair = pair_make();

	no_message_in(pair.endpoint[0], REASON_SM_RANGE);
	expect_sent(pair.endpoint[0], &pair.message[0]);
	expect_blocked(pair.endpoint[1], pair.message[0].address, 0,
		       REASON_SOURCE);
	EXPECT_EQ(client_count(0), 1);
	pair_end(&pair);
}

/* the engine's own messages: one for each descriptor that asks; masked: pending */
static void by_the_ring(void)
{
	struct pair pair = pair_make();
	struct descriptor *ring = pages_alloc(PAGE);
	int fd = config_open(0);
	u64 iova;

	for (unsigned int i = 0; i < 8; i++)
		ring[i].control = NOP | (i % 2 ? DESC_INTR : 0);
	REQUIRE_EQ(map_any(pair.domain, ring, PAGE, READ_WRITE, PAGE, &iova), 0);
	engine_start(fd, iova, 3, INTR);
	config_set(fd, TAIL, 4);
	wait_idle(fd);
	EXPECT_EQ(client_count(0), 2);
	EXPECT_EQ(ring[3].status, DESC_OK);

	config_set(fd, MSI_MASK, 1);
	config_set(fd, TAIL, 7);
	wait_idle(fd);
	EXPECT_EQ(client_count(0), 2);
	EXPECT_EQ(config_get(fd, MSI_PENDING), 1);
	config_set(fd, MSI_MASK, 0);
	wait_idle(fd);
	EXPECT_EQ(client_count(0), 3);
	EXPECT_EQ(config_get(fd, MSI_PENDING), 0);
	EXPECT_EQ(client_count(1), 0);
	config_set(fd, CTRL, 0);
	wait_idle(fd);
	close(fd);
	EXPECT_EQ(unmap(pair.domain, iova, PAGE), 0);
	pair_end(&pair);
}

/**
 * struct sender - a thread that sends the messages of two functions by one of them
 * @endpoint: of the one
 * @own: its message
 * @other: the other's
 * @passed: own messages that passed
 * @wrong: messages of the other that did
 * @stop: set by the case
 */
struct sender {
	int endpoint;
	struct message own;
	struct message other;
	u64 passed;
	u64 wrong;
	bool *stop;
};

static void *sender_run(void *data)
{
	struct sender *sender = data;

	while (!__atomic_load_n(sender->stop, __ATOMIC_RELAXED)) {
		struct iommu_lab_dma_result r;

		r = send_to(sender->endpoint, sender->own.address, 0);
		sender->passed += r.status == IOMMU_LAB_DMA_OK;
		r = send_to(sender->endpoint, sender->other.address, 0);
		sender->wrong += r.status == IOMMU_LAB_DMA_OK;
	}
	return NULL;
}

/* both send without end, while the interrupt of one comes and goes */
static void under_stress(void)
{
	struct pair pair = pair_make();
	u64 limit = now_ms() + (want_long() ? 60000 : 3000), rounds = 0;
	struct sender sender[2];
	pthread_t thread[2];
	bool stop = false;

	for (unsigned int i = 0; i < 2; i++) {
		sender[i] = (struct sender) {
			.endpoint = pair.endpoint[i],
			.own = pair.message[i],
			.other = pair.message[!i],
			.stop = &stop,
		};
		REQUIRE_EQ(pthread_create(&thread[i], NULL, sender_run,
					  &sender[i]), 0);
	}
	for (; now_ms() < limit; rounds++) {
		client_request(0, false);
		client_request(0, true);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < 2; i++) {
		pthread_join(thread[i], NULL);
		EXPECT_EQ(sender[i].wrong, 0);
		EXPECT(sender[i].passed);
	}
	note("%llu rounds, %llu and %llu messages", (unsigned long long)rounds,
	     (unsigned long long)sender[0].passed,
	     (unsigned long long)sender[1].passed);
	/* nobody disturbed the other one */
	EXPECT_EQ(client_count(1), sender[1].passed);
	/* a message that passed just before free_irq() may find nobody there */
	EXPECT(client_count(0) <= sender[0].passed);
	EXPECT_EQ(debugfs_number("units/0/stats", "driver_timeouts"), 0);
	pair_end(&pair);
}

static void table_sizes(void)
{
	EXPECT_EQ(module_load("irq_entries=128"), -EINVAL);
	EXPECT_EQ(module_load("irq_entries=131072"), -EINVAL);
	EXPECT_EQ(module_load("irq_entries=300"), -EINVAL);
	REQUIRE_EQ(module_load("irq_entries=65536"), 0);
	EXPECT_EQ(debugfs_number("units/0/irq_table", "entries"), 65536);
	REQUIRE_EQ(module_unload(), 0);
	REQUIRE_EQ(module_load("irq_entries=256"), 0);
	EXPECT_EQ(debugfs_number("units/0/irq_table", "entries"), 256);
}

static const struct test_case cases[] = {
	{ "N14 a function's message reaches whoever requested it", own_message },
	{ "N14 messages outside of the whitelist are blocked and counted",
	  whitelist },
	{ "N14 a vector passes while it is requested", requested_only },
	{ "N14 other accesses to the interrupt range fault", no_message },
	{ "N14 in scalable mode", no_message_scalable, "scalable=3" },
	{ "N14 messages of the ring, masked and unmasked", by_the_ring },
	{ "N14 interrupts come and go under fire", under_stress,
	  .seconds = 120 },
	{ "N14 sizes of the table", table_sizes, .unloaded = true },
};

int main(void)
{
	return RUN_CASES(cases);
}
