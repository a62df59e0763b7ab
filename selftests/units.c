// SPDX-License-Identifier: GPL-2.0
/*
 * Units as a whole: what is live in debugfs, units that do not answer, and a
 * unit that stops answering.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)

/* far more than a time-out of a unit, far less than for ever */
#define BOUND_MS	10000u

/* the line of debugfs' info that begins so */
static char *info_line(const char *begin)
{
	char *text = debugfs_text("info"), *copy = NULL;
	const char *value = find_key(text, begin);

	if (value)
		copy = strndup(value, strcspn(value, "\n"));
	free(text);
	return copy;
}

static void check_unit(u32 index, u64 base, bool enabled, bool dead)
{
	char key[16], want[128], *line;

	snprintf(key, sizeof(key), "unit%u", index);
	snprintf(want, sizeof(want), "base 0x%llx enabled %s dead %s ",
		 (unsigned long long)base, enabled ? "yes" : "no",
		 dead ? "yes" : "no");
	line = info_line(key);
	if (!EXPECT(line && !strncmp(line, want, strlen(want))))
		note("unit%u: %s, want %s", index, line ?: "no line", want);
	free(line);
}

static void check_next_iova(u32 id, u64 want)
{
	char key[32], *line;
	u64 got = 0;

	snprintf(key, sizeof(key), "domain %u", id);
	line = info_line(key);
	REQUIRE(line);
	if (!strcmp(line, "next IOVA none"))
		got = 0;
	else
		REQUIRE_EQ(sscanf(line, "next IOVA %lli", (long long *)&got), 1);
	EXPECT_EQ(got, want);
	free(line);
}

/* H1 */
static void live_state(void)
{
	int control = control_open(), i;
	int domain = domain_create_in(control, IOMMU_LAB_POLICY_ALLOC, GIB,
				      GIB + 8 * PAGE - 1);
	u32 id = domain_info(domain).id;
	u8 *mem = pages_alloc(PAGE);
	u64 iova;
	char *line;

	line = info_line("mode");
	EXPECT(line && !strcmp(line, "translated"));
	line = info_line("enabled");
	EXPECT(line && !strcmp(line, "yes"));
	check_unit(0, 0xfed90000, true, false);
	check_unit(1, 0xfed91000, true, false);
	EXPECT_EQ(debugfs_number("info", "units"), 2);
	EXPECT_EQ(debugfs_number("info", "endpoints"), 4);
	EXPECT_EQ(debugfs_number("info", "domains"), 1);
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(debugfs_number("info", "mappings"), i);
		check_next_iova(id, GIB + i * PAGE);
		REQUIRE_EQ(map_any(domain, mem, PAGE, READ_WRITE, 0, &iova), 0);
		EXPECT_EQ(iova, GIB + i * PAGE);
	}
	EXPECT_EQ(debugfs_number("info", "mappings"), 8);
	check_next_iova(id, 0);
	REQUIRE_EQ(unmap(domain, GIB + 5 * PAGE, PAGE), 0);
	EXPECT_EQ(debugfs_number("info", "mappings"), 7);
	check_next_iova(id, GIB + 5 * PAGE);
	close(domain);
	EXPECT_EQ(debugfs_number("info", "mappings"), 0);
	EXPECT_EQ(debugfs_number("info", "domains"), 0);
}

static struct iommu_lab_unit_info unit_info(int control, u32 index)
{
	struct iommu_lab_unit_info unit = {
		.size = sizeof(unit),
		.index = index,
	};

	REQUIRE_EQ(lab_ioctl(control, IOMMU_LAB_UNIT_INFO, &unit), 0);
	return unit;
}

/* H4 */
static void enabled_flag(void)
{
	int control = control_open();

	EXPECT_EQ(lab_info(control).out_flags, IOMMU_LAB_INFO_ENABLED);
	EXPECT_EQ(unit_info(control, 0).out_flags, IOMMU_LAB_INFO_ENABLED);
	EXPECT_EQ(unit_info(control, 1).out_flags, IOMMU_LAB_INFO_ENABLED);
	EXPECT_EQ(lab_info(control).mode, IOMMU_LAB_MODE_TRANSLATED);
	EXPECT_EQ(lab_info(control).api_version, IOMMU_LAB_API_VERSION);
}

/* H3: the message says which unit, where, and what was read */
static void check_refused(const char *params, int error, const char *message)
{
	int log = kmsg_open();
	u64 start = now_ms();

	if (!EXPECT_EQ(module_load(params), -error))
		note("%s", params);
	EXPECT(now_ms() - start < BOUND_MS);
	EXPECT(!module_loaded());
	EXPECT(access(CONTROL_NODE, F_OK));
	EXPECT(access(DEBUGFS, F_OK));
	if (!EXPECT_EQ(kmsg_count(log, message), 1))
		note("%s: no message with '%s'", params, message);
	close(log);
}

static void no_unit(void)
{
	check_refused("defect=zero", ENODEV,
		      "unit0 (0xfed90000): no unit answers: VER 00000000 CAP 0000000000000000");
	check_refused("defect=ones", ENODEV,
		      "unit0 (0xfed90000): no unit answers: VER ffffffff CAP ffffffffffffffff");
	/* and nothing of it stands in the way of a sound unit */
	EXPECT_EQ(module_load("defect=none"), 0);
	EXPECT_EQ(unit_info(control_open(), 0).out_flags,
		  IOMMU_LAB_INFO_ENABLED);
}

/* N13: a unit that never confirms is refused in bounded time */
static void stuck_from_the_start(void)
{
	int log = kmsg_open(), error;
	u64 start = now_ms();

	error = module_load("defect=stuck timeout_ms=1000");
	EXPECT_EQ(error, -ETIMEDOUT);
	EXPECT(now_ms() - start < BOUND_MS);
	EXPECT(!module_loaded());
	EXPECT(kmsg_count(log, "unit0 (0xfed90000)") > 0);
}

/* a refused access is recorded by the unit, and read by its driver */
static void fault_records(void)
{
	int control = control_open(), endpoint = endpoint_open(2), write;
	int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	char want[128], *text, name[NAME_BYTES];
	struct iommu_lab_dma_result r;
	u64 total, byte = 0, i;

	endpoint_name(2, name);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	for (write = 0; write < 2; write++) {
		u64 iova = AT + (write + 1) * 7 * PAGE + 0x123;

		total = debugfs_number("units/1/faults", "total");
		r = write ? dma_write(endpoint, iova, &byte, 1) :
			    dma_read(endpoint, iova, &byte, 1);
		EXPECT_EQ(r.fault_iova, iova);
		EXPECT_EQ(debugfs_number("units/1/faults", "total"), total + 1);
		snprintf(want, sizeof(want), " %s %s iova 0x%llx reason %u (",
			 name, write ? "write" : "read",
			 (unsigned long long)(iova & ~(PAGE - 1)),
			 r.fault_reason);
		text = debugfs_text("units/1/faults");
		if (!EXPECT(strstr(text, want)))
			note("no '%s' in:\n%s", want, text);
		free(text);
	}
	/* more than there are registers for, one by one: none is lost */
	for (i = 0; i < 100; i++)
		dma_peek(endpoint, AT);
	EXPECT_EQ(debugfs_number("units/1/faults", "total"), total + 1 + 100);
	EXPECT_EQ(debugfs_number("units/1/faults", "overflows"), 0);
	EXPECT_EQ(debugfs_number("units/1/stats", "records"), total + 1 + 100);
	EXPECT_EQ(debugfs_number("units/1/stats", "faults"), total + 1 + 100);
	EXPECT_EQ(debugfs_number("units/0/faults", "total"), 0);
}

#define PAGES	16u

/* N13: unit 0 stops answering under a mapping; unit 1 goes on */
static void stuck_later(void)
{
	int control = control_open(), log = kmsg_open();
	int endpoint = endpoint_open(0), other_endpoint = endpoint_open(2);
	int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	int other = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	u8 *mem = pages_alloc(PAGES * PAGE), byte = 0;
	u64 start, unmapped;

	memset(mem, 0x77, PAGES * PAGE);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	REQUIRE_EQ(domain_attach(other, other_endpoint), 0);
	REQUIRE_EQ(map_at(domain, mem, PAGES * PAGE, READ_WRITE, AT), 0);
	REQUIRE_EQ(map_at(other, mem, PAGE, READ_WRITE, AT), 0);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(debugfs_number("info", "kept pages"), 0);
	EXPECT_EQ(write_text(DEBUGFS "/units/0/defect", "broken"), -EINVAL);
	REQUIRE_EQ(write_text(DEBUGFS "/units/0/defect", "stuck"), 0);

	start = now_ms();
	EXPECT_EQ(unmap_flags(domain, AT, PAGES * PAGE, 0, &unmapped),
		  -ETIMEDOUT);
	EXPECT(now_ms() - start >= 50);
	EXPECT(now_ms() - start < BOUND_MS);

	/* what the unit may still reach is kept, and said so */
	EXPECT_EQ(debugfs_number("info", "kept pages"), PAGES);
	EXPECT_EQ(locked_bytes(), (PAGES + 1) * PAGE);
	EXPECT_EQ(domain_info(domain).mappings, 0);
	check_unit(0, 0xfed90000, unit_info(control, 0).out_flags &
				  IOMMU_LAB_INFO_ENABLED, true);
	EXPECT_EQ(lab_info(control).out_flags & IOMMU_LAB_INFO_DEAD,
		  IOMMU_LAB_INFO_DEAD);
	EXPECT_EQ(unit_info(control, 0).out_flags & IOMMU_LAB_INFO_DEAD,
		  IOMMU_LAB_INFO_DEAD);
	EXPECT_EQ(endpoint_info(control, 0).out_flags &
		  IOMMU_LAB_ENDPOINT_GONE, IOMMU_LAB_ENDPOINT_GONE);

	/* all DMA behind it is refused, and touches nothing */
	EXPECT_EQ(dma_poke(endpoint, AT), IOMMU_LAB_DMA_DEAD);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_DEAD);
	EXPECT_EQ(mem[0], 0x77);
	/* whatever comes next is refused at once, not after a time-out each */
	start = now_ms();
	EXPECT(map_at(domain, mem, PAGE, READ_WRITE, AT + GIB) < 0);
	EXPECT(domain_attach(domain, endpoint_open(1)) < 0);
	EXPECT(now_ms() - start < BOUND_MS);
	close(domain);
	EXPECT_EQ(lab_info(control).domains, 1);

	/* the other unit does not notice */
	EXPECT_EQ(unit_info(control, 1).out_flags, IOMMU_LAB_INFO_ENABLED);
	EXPECT_EQ(dma_read(other_endpoint, AT, &byte, 1).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(byte, 0x77);
	EXPECT_EQ(unmap(other, AT, PAGE), 0);
	EXPECT_EQ(kmsg_count(log, "the unit is dead"), 1);
}

/* after that the module can be removed and loaded again, and is as new */
static void reload_after_stuck(void)
{
	int control;

	stuck_later();
	/* the files of the case are closed by now but these */
	closefrom(3);
	EXPECT_EQ(module_unload(), 0);
	EXPECT_EQ(module_load(""), 0);
	control = control_open();
	EXPECT_EQ(lab_info(control).out_flags, IOMMU_LAB_INFO_ENABLED);
	EXPECT_EQ(debugfs_number("info", "kept pages"), 0);
	EXPECT_EQ(dma_peek(endpoint_open(0), AT), IOMMU_LAB_DMA_FAULT);
}

static const struct test_case cases[] = {
	{ "H1 base, enabled, mappings and next IOVA are live in debugfs",
	  live_state },
	{ "H4 INFO says that translation is enabled", enabled_flag },
	{ "H3 registers of all zeros or all ones are ENODEV with a message",
	  no_unit, .unloaded = true },
	{ "each refused access leaves a fault record", fault_records,
	  "endpoints=4" },
	{ "N13 a unit that is stuck at load is an error in bounded time",
	  stuck_from_the_start, .unloaded = true },
	{ "N13 a unit that gets stuck is dead, and nothing of it is freed",
	  stuck_later, "timeout_ms=1000", .dirty = true },
	{ "after a dead unit the module can be removed and loaded again",
	  reload_after_stuck, "timeout_ms=1000", .dirty = true },
};

int main(void)
{
	return RUN_CASES(cases);
}
