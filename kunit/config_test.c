// SPDX-License-Identifier: GPL-2.0
/*
 * bus/: configuration space of functions and root ports, against numbers of the PCI
 * specifications and of Documentation/function.rst.
 */
#include <kunit/test.h>
#include "../iommu_lab/bus/config.h"
#include "function_regs.h"
#include "suites.h"

static const struct lab_config_params integrated = {
	.kind = LAB_CONFIG_INTEGRATED,
};

static void has(struct kunit *test, const struct lab_config *config,
		unsigned int at, u32 value)
{
	KUNIT_EXPECT_EQ_MSG(test, lab_config_read(config, at, 4), value,
			    "register 0x%x", at);
}

static void header_and_capabilities(struct kunit *test)
{
	struct lab_config config;

	lab_config_init(&config, &integrated);
	has(test, &config, 0x00, 0x1ab01234);
	has(test, &config, 0x04, 0x00100000);
	has(test, &config, 0x08, 0x08800001);
	has(test, &config, 0x0c, 0);
	has(test, &config, 0x34, 0x40);
	has(test, &config, 0x40, 0x01806005);
	has(test, &config, 0x60, 0x0092a010);
	/* FLR, RBER */
	has(test, &config, 0x64, 0x10008000);
	has(test, &config, 0xa0, 0x01100009);
	has(test, &config, 0x100, 0x0001000b);
	has(test, &config, 0x104, 0x04011ab0);
	has(test, &config, 0x108, 0x0000010c);
	has(test, &config, 0x140, 0);
	has(test, &config, 0xffc, 0);
	KUNIT_EXPECT_EQ(test, lab_config_read(&config, 0x0a, 2), 0x0880);
	KUNIT_EXPECT_EQ(test, lab_config_read(&config, 0x41, 1), 0x60);
}

static void endpoint_below_a_port(struct kunit *test)
{
	struct lab_config_params params = {
		.kind = LAB_CONFIG_ENDPOINT,
		.multifunction = true,
		.ari = true,
		.next_function = 0x42,
	};
	struct lab_config config;

	lab_config_init(&config, &params);
	KUNIT_EXPECT_EQ(test, lab_config_read(&config, 0x0e, 1), 0x80);
	has(test, &config, 0x60, 0x0002a010);
	has(test, &config, 0x100, 0x1401000b);
	has(test, &config, 0x140, 0x0001000e);
	has(test, &config, 0x144, 0x4200);
	/* and it keeps all that through a reset */
	lab_config_write(&config, DEVCTL, 2, 0x8000);
	KUNIT_EXPECT_EQ(test, lab_config_read(&config, 0x0e, 1), 0x80);
	has(test, &config, 0x144, 0x4200);
}

static void port(struct kunit *test)
{
	struct lab_config_params params = {
		.kind = LAB_CONFIG_PORT,
		.type = 4,
		.primary = 2,
		.bus = 3,
		.subordinate = 7,
	};
	struct lab_config config;

	lab_config_init(&config, &params);
	has(test, &config, 0x00, 0x1ab11234);
	has(test, &config, 0x08, 0x06040001);
	KUNIT_EXPECT_EQ(test, lab_config_read(&config, 0x0e, 1), 1);
	has(test, &config, 0x18, 0x00070302);
	/* windows are closed: base above limit */
	has(test, &config, 0x1c, 0x000000f0);
	has(test, &config, 0x20, 0x0000fff0);
	has(test, &config, 0x24, 0x0000fff0);
	has(test, &config, 0x40, 0x00420010);
	/* ARI can be switched on, and nothing is asked of an engine */
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, 0x68, 2, 0xffff), 0);
	has(test, &config, 0x68, 0x20);
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, COMMAND, 2, 0x4), 0);
	has(test, &config, 0x100, 0);
	has(test, &config, 0x110, 0);
}

/* below a root port, as a function of an ARI device */
static void port_of_a_switch(struct kunit *test)
{
	struct lab_config_params params = {
		.kind = LAB_CONFIG_PORT,
		.type = 5,
		.multifunction = true,
		.ari = true,
		.next_function = 9,
		.primary = 1,
		.bus = 2,
		.subordinate = 4,
	};
	struct lab_config config;

	lab_config_init(&config, &params);
	KUNIT_EXPECT_EQ(test, lab_config_read(&config, 0x0e, 1), 0x81);
	has(test, &config, 0x18, 0x00040201);
	has(test, &config, 0x40, 0x00520010);
	has(test, &config, 0x4c, 0x11);
	/* it does not forward ARI, and is a function itself */
	has(test, &config, 0x64, 0);
	has(test, &config, 0x100, 0x0001000e);
	has(test, &config, 0x104, 0x900);
	lab_config_write(&config, 0x104, 4, ~0u);
	has(test, &config, 0x104, 0x900);

	params.type = 6;
	params.ari = false;
	lab_config_init(&config, &params);
	has(test, &config, 0x40, 0x00620010);
	has(test, &config, 0x64, 0x20);
	has(test, &config, 0x100, 0);
}

static void placeholder(struct kunit *test)
{
	struct lab_config_params params = {
		.kind = LAB_CONFIG_PLACEHOLDER,
		.multifunction = true,
	};
	struct lab_config config;

	lab_config_init(&config, &params);
	has(test, &config, 0x00, 0x1ab21234);
	has(test, &config, 0x08, 0xff000001);
	KUNIT_EXPECT_EQ(test, lab_config_read(&config, 0x0e, 1), 0x80);
	has(test, &config, 0x34, 0x60);
	has(test, &config, 0x60, 0x00920010);
	has(test, &config, 0x100, 0);
	/* there is nothing that could be switched on */
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, COMMAND, 2, 0x4), 0);
	has(test, &config, COMMAND, 0x00100000);
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, 0x10c, 4, 1), 0);
	has(test, &config, 0x10c, 0);

	params.ari = true;
	params.next_function = 0x12;
	lab_config_init(&config, &params);
	has(test, &config, 0x60, 0x00020010);
	has(test, &config, 0x6c, 0x11);
	has(test, &config, 0x100, 0x0001000e);
	has(test, &config, 0x104, 0x1200);
}

/* what all ones and then all zeros leave in each register */
static void masks(struct kunit *test)
{
	static const struct {
		u16 at;
		u32 ones, zeros;
	} reg[] = {
		{ 0x00, 0x1ab01234, 0x1ab01234 },
		{ COMMAND, 0x00100544, 0x00100000 },
		{ 0x08, 0x08800001, 0x08800001 },
		{ 0x0c, 0x000000ff, 0 },
		{ 0x10, 0, 0 },
		{ 0x30, 0, 0 },
		{ 0x34, 0x40, 0x40 },
		{ 0x3c, 0x000000ff, 0 },
		{ MSI, 0x01816005, 0x01806005 },
		{ MSI_ADDRESS, 0xfffffffc, 0 },
		{ MSI_ADDRESS_HI, 0xffffffff, 0 },
		{ MSI_DATA, 0x0000ffff, 0 },
		{ MSI_MASK, 1, 0 },
		{ MSI_PENDING, 0, 0 },
		{ 0x60, 0x0092a010, 0x0092a010 },
		{ 0xa4, 0x6d6d6f69, 0x6d6d6f69 },
		{ 0x100, 0x0001000b, 0x0001000b },
		{ 0x108, 0x0000010c, 0x0000010c },
		{ RING_LO, 0xffffffc0, 0 },
		{ RING_HI, 0xffffffff, 0 },
		{ HEAD, 0, 0 },
		{ FAULT_LO, 0, 0 },
		{ COUNT, 0, 0 },
		{ 0x134, 0, 0 },
		{ 0x800, 0, 0 },
	};
	struct lab_config config;
	unsigned int i;

	lab_config_init(&config, &integrated);
	for (i = 0; i < ARRAY_SIZE(reg); i++) {
		lab_config_write(&config, reg[i].at, 4, ~0u);
		has(test, &config, reg[i].at, reg[i].ones);
		lab_config_write(&config, reg[i].at, 4, 0);
		has(test, &config, reg[i].at, reg[i].zeros);
	}
}

static void bytes_and_words(struct kunit *test)
{
	struct lab_config config;

	lab_config_init(&config, &integrated);
	lab_config_write(&config, RING_LO, 4, 0x11223340);
	lab_config_write(&config, RING_LO + 3, 1, 0xaa);
	lab_config_write(&config, RING_LO + 1, 1, 0xbb);
	has(test, &config, RING_LO, 0xaa22bb40);
	lab_config_write(&config, RING_LO + 2, 2, 0xccdd);
	has(test, &config, RING_LO, 0xccddbb40);
	lab_config_write(&config, RING_LO, 1, 0xff);
	has(test, &config, RING_LO, 0xccddbbc0);
	KUNIT_EXPECT_EQ(test, lab_config_read(&config, RING_LO + 1, 1), 0xbb);
	KUNIT_EXPECT_EQ(test, lab_config_read(&config, RING_LO + 2, 2), 0xccdd);
}

static void asks(struct kunit *test)
{
	struct lab_config config;

	lab_config_init(&config, &integrated);
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, COMMAND, 2, 4),
			LAB_ASKS_MASTER);
	KUNIT_EXPECT_TRUE(test, lab_config_master(&config));
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, COMMAND, 2, 0x404), 0);
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, COMMAND, 2, 0),
			LAB_ASKS_MASTER);
	KUNIT_EXPECT_FALSE(test, lab_config_master(&config));
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, CTRL, 4, 1), 0);
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, CTRL, 4, 3), 0);
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, TAIL, 4, 0), LAB_ASKS_RUN);
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, CTRL, 4, 2),
			LAB_ASKS_STOP);
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, CTRL, 4, 4),
			LAB_ASKS_STOP);
	has(test, &config, CTRL, 0);
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, DEVCTL, 2, 0x8000),
			LAB_ASKS_FLR | LAB_ASKS_STOP | LAB_ASKS_MASTER);
}

/* also after a reset, until the engine has ended what it was doing */
static void running(struct kunit *test)
{
	struct lab_config config;

	lab_config_init(&config, &integrated);
	KUNIT_EXPECT_EQ(test, lab_config_read(&config, DEVCTL + 2, 2), 0);
	config.running = true;
	KUNIT_EXPECT_EQ(test, lab_config_read(&config, DEVCTL + 2, 2), 0x20);
	KUNIT_EXPECT_EQ(test, lab_config_read(&config, STATUS, 4), 1);
	lab_config_write(&config, DEVCTL, 2, 0x8000);
	KUNIT_EXPECT_EQ(test, lab_config_read(&config, DEVCTL + 2, 2), 0x20);
	config.running = false;
	KUNIT_EXPECT_EQ(test, lab_config_read(&config, DEVCTL + 2, 2), 0);
}

static void flr_resets_everything(struct kunit *test)
{
	struct lab_config config, fresh;

	lab_config_init(&fresh, &integrated);
	config = fresh;
	lab_config_write(&config, COMMAND, 2, 4);
	lab_config_write(&config, MSI, 4, ~0u);
	lab_config_write(&config, MSI_ADDRESS, 4, 0xfee00000);
	lab_config_write(&config, RING_LO, 4, 0x1000);
	lab_config_write(&config, ORDER, 4, 5);
	lab_config_write(&config, CTRL, 4, 3);
	lab_config_write(&config, TAIL, 4, 7);
	/* the registers beside it are as they were until the bit is written */
	lab_config_write(&config, DEVCTL, 2, 0x2000);
	has(test, &config, TAIL, 7);
	lab_config_write(&config, DEVCTL + 1, 1, 0x80);
	KUNIT_EXPECT_MEMEQ(test, config.reg, fresh.reg, sizeof(fresh.reg));
}

static void ring_registers(struct kunit *test)
{
	struct lab_config config;
	u64 address;

	lab_config_init(&config, &integrated);
	/* a ring of more than 4096 descriptors is not taken */
	lab_config_write(&config, ORDER, 4, 12);
	lab_config_write(&config, ORDER, 4, 13);
	has(test, &config, ORDER, 12);
	/* the doorbell of a ring that is not enabled */
	lab_config_write(&config, TAIL, 4, 5);
	has(test, &config, TAIL, 0);
	lab_config_write(&config, RING_HI, 4, 0x12);
	lab_config_write(&config, RING_LO, 4, 0x80000000);
	lab_config_write(&config, ORDER, 4, 3);
	lab_config_write(&config, CTRL, 4, 1);
	KUNIT_EXPECT_FALSE(test, lab_config_next(&config, &address));
	/* while it is enabled the ring stays where it is */
	lab_config_write(&config, RING_LO, 4, 0);
	lab_config_write(&config, RING_HI, 4, 0);
	lab_config_write(&config, ORDER, 4, 0);
	has(test, &config, RING_LO, 0x80000000);
	has(test, &config, RING_HI, 0x12);
	has(test, &config, ORDER, 3);
	lab_config_write(&config, TAIL, 4, 0xffffffff);
	has(test, &config, TAIL, 7);
	KUNIT_EXPECT_TRUE(test, lab_config_next(&config, &address));
	KUNIT_EXPECT_EQ(test, address, 0x1280000000ULL);
	/* switched off and on again it is empty */
	lab_config_write(&config, CTRL, 4, 0);
	KUNIT_EXPECT_FALSE(test, lab_config_next(&config, &address));
	lab_config_write(&config, CTRL, 4, 1);
	has(test, &config, TAIL, 0);
	KUNIT_EXPECT_FALSE(test, lab_config_next(&config, &address));
}

/* HEAD against a counter that never wraps */
static void ring_wraps(struct kunit *test)
{
	struct lab_completion completion = {
		.status = LAB_DESC_OK,
		.recorded = true,
	};
	unsigned int order, i, size;
	struct lab_config config;
	u64 address;

	for (order = 1; order <= 12; order += 11) {
		size = 1 << order;
		lab_config_init(&config, &integrated);
		lab_config_write(&config, RING_LO, 4, 0x40000);
		lab_config_write(&config, ORDER, 4, order);
		lab_config_write(&config, CTRL, 4, 1);
		for (i = 0; i < 2 * size + 1; i++) {
			lab_config_write(&config, TAIL, 4, (i + 1) % size);
			KUNIT_ASSERT_TRUE(test, lab_config_next(&config, &address));
			KUNIT_ASSERT_EQ(test, address,
					0x40000 + (u64)(i % size) * 64);
			lab_config_complete(&config, &completion);
			KUNIT_ASSERT_FALSE(test, lab_config_next(&config, &address));
			KUNIT_ASSERT_EQ(test, lab_config_read(&config, HEAD, 4),
					(i + 1) % size);
		}
		has(test, &config, COUNT, 2 * size + 1);
		has(test, &config, STATUS, 0);
	}
}

static void halted(struct kunit *test)
{
	struct lab_completion completion = {
		.status = LAB_DESC_FAULT,
		.refused = 0x123456789abcULL,
	};
	struct lab_config config;
	u64 address;

	lab_config_init(&config, &integrated);
	lab_config_write(&config, ORDER, 4, 4);
	lab_config_write(&config, CTRL, 4, 1);
	lab_config_write(&config, TAIL, 4, 3);
	KUNIT_EXPECT_FALSE(test, lab_config_complete(&config, &completion));
	has(test, &config, STATUS, 0x206);
	has(test, &config, FAULT_LO, 0x56789abc);
	has(test, &config, FAULT_HI, 0x1234);
	/* its completion was not written, so it is not counted */
	has(test, &config, COUNT, 0);
	has(test, &config, HEAD, 1);
	KUNIT_EXPECT_FALSE(test, lab_config_next(&config, &address));
	/* DONE goes alone */
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, STATUS, 4, 4), 0);
	has(test, &config, STATUS, 0x202);
	KUNIT_EXPECT_FALSE(test, lab_config_next(&config, &address));
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, STATUS, 4, 2), LAB_ASKS_RUN);
	has(test, &config, STATUS, 0);
	KUNIT_EXPECT_TRUE(test, lab_config_next(&config, &address));
	KUNIT_EXPECT_EQ(test, address, 64);
}

static void messages(struct kunit *test)
{
	struct lab_completion completion = {
		.status = LAB_DESC_OK,
		.recorded = true,
		.intr = true,
	};
	struct lab_config config;
	u64 address;
	u32 data;

	lab_config_init(&config, &integrated);
	lab_config_write(&config, ORDER, 4, 4);
	lab_config_write(&config, MSI_ADDRESS, 4, 0xfee01000);
	lab_config_write(&config, MSI_ADDRESS_HI, 4, 0x5);
	lab_config_write(&config, MSI_DATA, 4, 0x4142);
	lab_config_write(&config, CTRL, 4, 3);
	/* CTRL.INTR alone, then MSI as well */
	KUNIT_EXPECT_FALSE(test, lab_config_complete(&config, &completion));
	has(test, &config, STATUS, 4);
	lab_config_write(&config, MSI + 2, 2, 1);
	KUNIT_EXPECT_TRUE(test, lab_config_complete(&config, &completion));
	lab_config_message(&config, &address, &data);
	KUNIT_EXPECT_EQ(test, address, 0x5fee01000ULL);
	KUNIT_EXPECT_EQ(test, data, 0x4142);
	completion.intr = false;
	KUNIT_EXPECT_FALSE(test, lab_config_complete(&config, &completion));
	completion.intr = true;
	/* masked: pending, and sent once when it is unmasked */
	lab_config_write(&config, MSI_MASK, 4, 1);
	KUNIT_EXPECT_FALSE(test, lab_config_complete(&config, &completion));
	KUNIT_EXPECT_FALSE(test, lab_config_complete(&config, &completion));
	has(test, &config, MSI_PENDING, 1);
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, MSI_MASK, 4, 0),
			LAB_ASKS_MESSAGE);
	has(test, &config, MSI_PENDING, 0);
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, MSI_MASK, 4, 0), 0);
	/* pending when messages are disabled: none of whoever enables them again */
	lab_config_write(&config, MSI_MASK, 4, 1);
	KUNIT_EXPECT_FALSE(test, lab_config_interrupt(&config));
	has(test, &config, MSI_PENDING, 1);
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, MSI + 2, 2, 0), 0);
	has(test, &config, MSI_PENDING, 0);
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, MSI + 2, 2, 1), 0);
	KUNIT_EXPECT_EQ(test, lab_config_write(&config, MSI_MASK, 4, 0), 0);
	/* without CTRL.INTR nothing is sent, and nothing is pending */
	lab_config_write(&config, CTRL, 4, 1);
	KUNIT_EXPECT_FALSE(test, lab_config_complete(&config, &completion));
	has(test, &config, MSI_PENDING, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(header_and_capabilities),
	KUNIT_CASE(endpoint_below_a_port),
	KUNIT_CASE(port),
	KUNIT_CASE(port_of_a_switch),
	KUNIT_CASE(placeholder),
	KUNIT_CASE(masks),
	KUNIT_CASE(bytes_and_words),
	KUNIT_CASE(asks),
	KUNIT_CASE(running),
	KUNIT_CASE(flr_resets_everything),
	KUNIT_CASE(ring_registers),
	KUNIT_CASE(ring_wraps),
	KUNIT_CASE(halted),
	KUNIT_CASE(messages),
	{}
};

struct kunit_suite lab_config_suite = {
	.name = "lab_config",
	.test_cases = cases,
};
