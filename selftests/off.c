// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU off: no unit, and the same programs. What a device address is depends on
 * who made the domain; what a device reaches does not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lab.h"
#include "mapped.h"
#include "sys.h"

static void as_another_user(void)
{
	REQUIRE(!setresgid(1000, 1000, 1000));
	REQUIRE(!setresuid(1000, 1000, 1000));
}

static void stay(void)
{
}

/*
 * H12, N5: the program that passes both ways. It knows nothing of the mode: it
 * maps its memory, asks for the addresses, and has the device use them.
 */
static void the_program(u32 policy)
{
	u8 *copy = pages_alloc(PAGES * PAGE);
	u64 seed = test_seed() + 1, total = 0;
	struct iommu_lab_dma_result r;
	u32 i, again = PAGES;

	new_domain(policy);
	map_pages(READ_WRITE);
	if (policy == IOMMU_LAB_POLICY_VA)
		EXPECT_EQ(iova, (uintptr_t)mem);
	EXPECT(is_mapped(domain, iova + PAGES * PAGE - 1));
	EXPECT_EQ(domain_info(domain).pinned_bytes, PAGES * PAGE);
	for (i = 0; i < nents; i++)
		total += list[i].length;
	EXPECT_EQ(total, PAGES * PAGE);

	r = dma_list(IOMMU_LAB_DMA_READ, copy);
	EXPECT_EQ(r.status, IOMMU_LAB_DMA_OK);
	EXPECT_EQ(r.done, PAGES * PAGE);
	EXPECT(!memcmp(copy, mem, PAGES * PAGE));
	fill_random(copy, PAGES * PAGE, &seed);
	EXPECT_EQ(dma_list(IOMMU_LAB_DMA_WRITE, copy).status, IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(copy, mem, PAGES * PAGE));

	REQUIRE_EQ(unmap(domain, iova, PAGES * PAGE), 0);
	r = dma_list(IOMMU_LAB_DMA_READ, copy);
	EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(r.fault_reason, REASON_READ);
	EXPECT_EQ(r.done, 0);
	memset(mem, 0x77, PAGES * PAGE);
	r = dma_list(IOMMU_LAB_DMA_WRITE, copy);
	EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(r.fault_reason, REASON_WRITE);
	EXPECT_EQ(r.fault_iova, list[0].addr);
	EXPECT_EQ(mem[0], 0x77);
	EXPECT_EQ(device_addresses(domain, iova, PAGE, 0, list, &again),
		  -ENOENT);
	EXPECT_EQ(lab_stats(domain).faults, 2);
	EXPECT_EQ(domain_detach(domain, endpoint), 0);
	close(domain);
}

static void run_program(void (*become)(void), void (*check)(u32 policy))
{
	static const u32 policies[] = { IOMMU_LAB_POLICY_VA,
					IOMMU_LAB_POLICY_ALLOC };
	size_t i;

	open_files();
	become();
	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		the_program(policies[i]);
		/* the same memory once more, to look at the addresses */
		new_domain(policies[i]);
		map_pages(READ_WRITE);
		check(policies[i]);
		close(domain);
	}
}

static void check_iova(u32 policy)
{
	EXPECT_EQ(nents, 1);
	EXPECT_EQ(list[0].addr, policy == IOMMU_LAB_POLICY_VA ?
				(uintptr_t)mem : ALLOC_START);
	EXPECT_EQ(list[0].length, PAGES * PAGE);
}

/* the list is what pagemap says, page by page, merged where it can be */
static void check_phys(u32 policy)
{
	u64 at = 0, left = 0;
	u32 entry = 0, i;

	(void)policy;
	for (i = 0; i < PAGES; i++) {
		if (!left) {
			REQUIRE(entry < nents);
			/* else it would be one entry with the one before */
			EXPECT(!entry || at != list[entry].addr);
			at = list[entry].addr;
			left = list[entry++].length;
		}
		EXPECT_EQ(at, phys_of(mem + i * PAGE));
		at += PAGE;
		left -= PAGE;
	}
	EXPECT_EQ(entry, nents);
	EXPECT_EQ(left, 0);
}

static void check_phys_query(u32 policy)
{
	nents = PAGES;
	REQUIRE_EQ(device_addresses(domain, iova, PAGES * PAGE,
				    IOMMU_LAB_ADDRESSES_PHYS, list, &nents), 0);
	check_phys(policy);
}

static void check_translated(u32 policy)
{
	check_iova(policy);
	check_phys_query(policy);
}

static void check_physical(u32 policy)
{
	struct iommu_lab_sg device[PAGES];
	u32 n = nents;

	memcpy(device, list, sizeof(device));
	check_phys(policy);
	check_phys_query(policy);
	EXPECT_EQ(nents, n);
	EXPECT(!memcmp(device, list, n * sizeof(*list)));
	/* bytes in the middle of a page */
	n = PAGES;
	REQUIRE_EQ(device_addresses(domain, iova + PAGE + 5, 7, 0, list, &n), 0);
	EXPECT_EQ(n, 1);
	EXPECT_EQ(list[0].addr, phys_of(mem + PAGE) + 5);
	EXPECT_EQ(list[0].length, 7);
}

static void check_opaque(u32 policy)
{
	struct iommu_lab_translate answer;
	u32 n = PAGES;

	check_iova(policy);
	EXPECT_EQ(device_addresses(domain, iova, PAGE, IOMMU_LAB_ADDRESSES_PHYS,
				   list, &n), -EPERM);
	EXPECT(strstr(last_refusal(domain), "CAP_SYS_RAWIO"));
	REQUIRE_EQ(translate(domain, iova, &answer), 0);
	EXPECT_EQ(answer.out_flags, IOMMU_LAB_TRANSLATE_MAPPED);
	EXPECT_EQ(answer.out_phys, 0);
}

static void program_on(void)
{
	run_program(stay, check_translated);
}

static void program_on_unprivileged(void)
{
	run_program(without_rawio, check_opaque);
}

static void program_off(void)
{
	run_program(stay, check_physical);
}

static void program_off_unprivileged(void)
{
	run_program(without_rawio, check_opaque);
}

static void program_off_other_user(void)
{
	run_program(as_another_user, check_opaque);
}

/* P9 */
static void says_so(void)
{
	struct iommu_lab_unit_info unit = { .size = sizeof(unit) };
	struct iommu_lab_info info;
	struct iommu_lab_endpoint_info ep;
	unsigned int i;
	char *text;

	control = control_open();
	info = lab_info(control);
	EXPECT_EQ(info.mode, IOMMU_LAB_MODE_PHYS);
	EXPECT_EQ(info.out_flags, 0);
	EXPECT_EQ(info.units, 0);
	EXPECT_EQ(info.endpoints, 4);
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_UNIT_INFO, &unit), -ENOENT);
	EXPECT(strstr(last_refusal(control), "off"));
	for (i = 0; i < 4; i++) {
		ep = endpoint_info(control, i);
		EXPECT_EQ(ep.unit, IOMMU_LAB_NO_UNIT);
		EXPECT_EQ(ep.out_flags, i == 1 ? IOMMU_LAB_ENDPOINT_RMRR : 0);
	}
	text = debugfs_text("info");
	EXPECT(!strncmp(text, "mode: physical\nenabled: no\nunits: 0\n", 36));
	free(text);
}

static unsigned int files_read;

static int read_one(const char *path, const struct stat *st, int type,
		    struct FTW *ftw)
{
	char *text;

	(void)st;
	(void)ftw;
	if (type != FTW_F)
		return 0;
	text = read_text(path);
	if (!EXPECT(text))
		note("%s: %s", path, strerror(errno));
	free(text);
	files_read++;
	return 0;
}

/* each file of debugfs, with something to see in it */
static void debugfs(void)
{
	char *text, name[NAME_BYTES], file[64];

	open_files();
	new_domain(IOMMU_LAB_POLICY_ALLOC);
	map_pages(READ_WRITE);
	dma_peek(endpoint, 0);
	REQUIRE(!nftw(DEBUGFS, read_one, 16, FTW_PHYS));
	EXPECT(files_read >= 3 + 2 * 4 + 4);
	endpoint_name(2, name);
	snprintf(file, sizeof(file), "endpoints/%s/info", name);
	text = debugfs_text(file);
	EXPECT(strstr(text, "\nunit: none\n"));
	free(text);
	snprintf(file, sizeof(file), "domains/%u/info", domain_info(domain).id);
	text = debugfs_text(file);
	EXPECT(strstr(text, "\naddresses: physical\n"));
	free(text);
}

static int in_child(int (*call)(void))
{
	int status;
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (!pid)
		_exit(-call());
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	REQUIRE(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

static int child_dma(void)
{
	struct iommu_lab_dma dma = {
		.op = IOMMU_LAB_DMA_FILL,
		.dst_nents = nents,
		.dst = (uintptr_t)list,
	};

	return dma_try(endpoint, &dma);
}

static int child_attach(void)
{
	return domain_attach(domain, endpoint);
}

/* K7: nothing is programmed, and all rules hold */
static void attach_and_detach(void)
{
	struct iommu_lab_stats before, now;
	int other, second;
	u8 byte = 0;

	open_files();
	before = lab_stats(endpoint);
	check_refused(dma_read(endpoint, 0x1000, &byte, 1),
		      IOMMU_LAB_FAULT_NOT_ATTACHED);
	check_refused(dma_write(endpoint, 0x1000, &byte, 1),
		      IOMMU_LAB_FAULT_NOT_ATTACHED | IOMMU_LAB_FAULT_WRITE);
	now = lab_stats_since(endpoint, &before);
	EXPECT_EQ(now.faults, 2);
	EXPECT_EQ(now.lookups, 0);
	new_domain(IOMMU_LAB_POLICY_ALLOC);
	map_pages(READ_WRITE);
	EXPECT_EQ(endpoint_info(control, 2).out_flags,
		  IOMMU_LAB_ENDPOINT_ATTACHED);
	EXPECT_EQ(domain_info(domain).attached, 1);
	EXPECT_EQ(domain_attach(domain, endpoint), -EALREADY);
	other = domain_create(control, IOMMU_LAB_POLICY_ALLOC);
	EXPECT_EQ(domain_attach(other, endpoint), -EBUSY);
	second = endpoint_open(2);
	EXPECT_EQ(domain_attach(other, second), -EBUSY);
	EXPECT_EQ(domain_detach(domain, second), -ENOENT);
	EXPECT_EQ(in_child(child_dma), -EPERM);
	EXPECT_EQ(in_child(child_attach), -EPERM);
	EXPECT_EQ(dma_list(IOMMU_LAB_DMA_FILL, NULL).status, IOMMU_LAB_DMA_OK);

	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	EXPECT_EQ(domain_detach(domain, endpoint), -ENOENT);
	check_refused(dma_list(IOMMU_LAB_DMA_FILL, NULL),
		      IOMMU_LAB_FAULT_NOT_ATTACHED | IOMMU_LAB_FAULT_WRITE);
	REQUIRE_EQ(domain_attach(other, endpoint), 0);
	check_refused(dma_list(IOMMU_LAB_DMA_FILL, NULL), IOMMU_LAB_FAULT_WRITE);
	close(other);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	EXPECT_EQ(dma_list(IOMMU_LAB_DMA_FILL, NULL).status, IOMMU_LAB_DMA_OK);
	close(endpoint);
	EXPECT_EQ(domain_info(domain).attached, 0);
}

/* what makes no sense without a unit */
static void not_supported(void)
{
	struct iommu_lab_dirty_tracking tracking = { .size = sizeof(tracking) };
	struct iommu_lab_iova_range range[8];
	struct iommu_lab_iova_ranges ranges = {
		.size = sizeof(ranges),
		.nr_ranges = ARRAY_SIZE(range),
		.ranges = (uintptr_t)range,
	};

	open_files();
	new_domain(IOMMU_LAB_POLICY_FIXED);
	mem = pages_alloc(PAGE);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, GIB), -EOPNOTSUPP);
	EXPECT(strstr(last_refusal(domain), "POLICY_ALLOC"));
	EXPECT_EQ(map_identity(domain, GIB, PAGE, READ_WRITE), -EOPNOTSUPP);
	tracking.flags = IOMMU_LAB_DIRTY_TRACKING_ENABLE;
	EXPECT_EQ(lab_ioctl(domain, IOMMU_LAB_SET_DIRTY_TRACKING, &tracking),
		  -EOPNOTSUPP);
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	EXPECT_EQ(lab_ioctl(domain, IOMMU_LAB_SET_DIRTY_TRACKING, &tracking),
		  -EOPNOTSUPP);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	EXPECT_EQ(lab_ioctl(domain, IOMMU_LAB_IOVA_RANGES, &ranges), 0);
	EXPECT_EQ(ranges.nr_ranges, 0);
	EXPECT_EQ(locked_bytes(), 0);
	close(domain);
	new_domain(IOMMU_LAB_POLICY_ALLOC);
	ranges.nr_ranges = ARRAY_SIZE(range);
	EXPECT_EQ(lab_ioctl(domain, IOMMU_LAB_IOVA_RANGES, &ranges), 0);
	EXPECT_EQ(ranges.nr_ranges, 1);
	EXPECT_EQ(range[0].start, ALLOC_START);
	EXPECT_EQ(range[0].last, ALLOC_LAST);
	EXPECT_EQ(domain_info(domain).levels, 4);
}

/* POLICY_IDENTITY reaches all RAM, as with a unit */
static void identity(void)
{
	u8 *copy = pages_alloc(PAGE);
	int pins;

	open_files();
	pins = domain_create(control, IOMMU_LAB_POLICY_ALLOC);
	domain = pins;
	map_pages(READ_WRITE);
	new_domain(IOMMU_LAB_POLICY_IDENTITY);
	EXPECT_EQ(dma_read(endpoint, phys_of(mem), copy, PAGE).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(mem, copy, PAGE));
	EXPECT_EQ(dma_poke(endpoint, phys_of(mem + PAGE)), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(mem[PAGE], 0xa5);
	EXPECT_EQ(dma_poke(endpoint, 0xfed00000), IOMMU_LAB_DMA_ABORTED);
	EXPECT_EQ(dma_peek(endpoint, 1ull << 45), IOMMU_LAB_DMA_ABORTED);
	/* what it reaches is what it is asked about */
	nents = 1;
	EXPECT_EQ(device_addresses(domain, phys_of(mem), 3 * PAGE, 0, list,
				   &nents), 0);
	EXPECT_EQ(nents, 1);
	EXPECT_EQ(list[0].addr, phys_of(mem));
}

/* while an endpoint is blocked nobody maps its reserved region */
static void reserved_region(void)
{
	u64 word = 0x1234567890abcdef, got = 0;
	int pass;

	control = control_open();
	endpoint = endpoint_open(1);
	for (pass = 0; pass < 2; pass++) {
		EXPECT_EQ(dma_peek(endpoint, RMRR_START), IOMMU_LAB_DMA_FAULT);
		new_domain(IOMMU_LAB_POLICY_ALLOC);
		EXPECT_EQ(dma_write(endpoint, RMRR_LAST - 7, &word, 8).status,
			  IOMMU_LAB_DMA_OK);
		EXPECT_EQ(dma_read(endpoint, RMRR_LAST - 7, &got, 8).status,
			  IOMMU_LAB_DMA_OK);
		EXPECT_EQ(got, word);
		EXPECT_EQ(dma_peek(endpoint, RMRR_LAST + 1),
			  IOMMU_LAB_DMA_FAULT);
		EXPECT_EQ(dma_peek(endpoint, MSI_START), IOMMU_LAB_DMA_FAULT);
		close(domain);
		without_rawio();
	}
}

static void check_mode(const char *params, u32 mode, const char *message)
{
	int log = kmsg_open();

	REQUIRE_EQ(module_load(params), 0);
	control = control_open();
	if (!EXPECT_EQ(lab_info(control).mode, mode))
		note("%s", params);
	EXPECT_EQ(lab_info(control).units,
		  mode == IOMMU_LAB_MODE_TRANSLATED ? 2 : 0);
	if (message && !EXPECT_EQ(kmsg_count(log, message), 1))
		note("%s: no message '%s'", params, message);
	close(log);
	endpoint = endpoint_open(2);
	the_program(IOMMU_LAB_POLICY_VA);
	close(endpoint);
	close(control);
	REQUIRE_EQ(module_unload(), 0);
}

/* H12: the case where no unit can be used */
static void automatic(void)
{
	check_mode("mode=auto", IOMMU_LAB_MODE_TRANSLATED, NULL);
	check_mode("mode=on", IOMMU_LAB_MODE_TRANSLATED, NULL);
	check_mode("mode=off", IOMMU_LAB_MODE_PHYS, "4 endpoints, IOMMU off");
	check_mode("mode=off defect=zero", IOMMU_LAB_MODE_PHYS, NULL);
	check_mode("mode=auto defect=zero", IOMMU_LAB_MODE_PHYS,
		   "mode=auto: a unit cannot be used (error -19, see above): the IOMMU is off");
	check_mode("mode=auto defect=ones", IOMMU_LAB_MODE_PHYS,
		   "mode=auto: a unit cannot be used (error -19");
	check_mode("mode=auto defect=stuck timeout_ms=1000", IOMMU_LAB_MODE_PHYS,
		   "mode=auto: a unit cannot be used (error -110");
	EXPECT_EQ(module_load("mode=on defect=zero"), -ENODEV);
	EXPECT_EQ(module_load("mode=on defect=ones"), -ENODEV);
}

static const struct test_case cases[] = {
	{ "H12 N5 the program, IOMMU on", program_on },
	{ "H12 N5 the program without CAP_SYS_RAWIO, IOMMU on",
	  program_on_unprivileged },
	{ "H12 N5 the same program, IOMMU off: physical addresses", program_off,
	  "mode=off" },
	{ "H12 N5 the same program without CAP_SYS_RAWIO, IOMMU off",
	  program_off_unprivileged, "mode=off" },
	{ "H12 N5 the same program of another user, IOMMU off",
	  program_off_other_user, "mode=off" },
	{ "P9 INFO says that there is no unit", says_so, "mode=off" },
	{ "K7 attach and detach succeed, and the rules hold", attach_and_detach,
	  "mode=off" },
	{ "what needs a unit is EOPNOTSUPP", not_supported, "mode=off" },
	{ "POLICY_IDENTITY reaches all RAM", identity, "mode=off" },
	{ "a reserved region is reached while attached", reserved_region,
	  "mode=off" },
	{ "each file of debugfs can be read without units", debugfs,
	  "mode=off" },
	{ "H12 mode=auto is off when a unit cannot be used", automatic,
	  .unloaded = true, .seconds = 120 },
};

int main(void)
{
	return RUN_CASES(cases);
}
