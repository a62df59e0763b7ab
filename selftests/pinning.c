// SPDX-License-Identifier: GPL-2.0
/*
 * User memory behind mappings: pinned long-term, charged to RLIMIT_MEMLOCK, with
 * the rights that the process has, and let go whole when anything fails.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)

static int control, domain, endpoint;

static void set_up(void)
{
	open_attached(IOMMU_LAB_POLICY_FIXED, 0, &control, &domain, &endpoint);
}

/* what must be as before after a map that was refused */
struct figures {
	struct iommu_lab_domain_info domain;
	struct iommu_lab_info info;
	u64 locked;
};

static struct figures take_figures(void)
{
	struct figures now;

	memset(&now, 0, sizeof(now));
	now.domain = domain_info(domain);
	now.info = lab_info(control);
	now.locked = locked_bytes();
	return now;
}

/* tables go after a grace period */
static void check_figures(const struct figures *before, const char *what)
{
	struct figures now;
	int tries = 0;

	do {
		now = take_figures();
	} while (memcmp(&now, before, sizeof(now)) && tries++ < 100 &&
		 (sleep_ms(10), true));
	if (!EXPECT(!memcmp(&now, before, sizeof(now))))
		note("%s left: mappings %lld, pinned %lld, tables %lld, mappings_left %lld, pinned_left %lld, locked %lld",
		     what, (long long)(now.domain.mappings - before->domain.mappings),
		     (long long)(now.domain.pinned_bytes - before->domain.pinned_bytes),
		     (long long)(now.domain.table_bytes - before->domain.table_bytes),
		     (long long)(now.info.mappings_left - before->info.mappings_left),
		     (long long)(now.info.pinned_left - before->info.pinned_left),
		     (long long)(now.locked - before->locked));
}

/* P4 */
static void map_modes(void)
{
	static const u32 modes[] = { READ_ONLY, WRITE_ONLY, READ_WRITE };
	u64 seed = test_seed();
	u8 *mem = pages_alloc(4 * PAGE), *kept = pages_alloc(4 * PAGE);
	size_t i;

	set_up();
	EXPECT_EQ(map_at(domain, mem, PAGE, 0, AT), -EINVAL);
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		u64 iova = AT + i * 4 * PAGE;

		REQUIRE_EQ(map_at(domain, mem, 4 * PAGE, modes[i], iova), 0);
		EXPECT_EQ(dma_peek(endpoint, iova), modes[i] & READ_ONLY ?
			  IOMMU_LAB_DMA_OK : IOMMU_LAB_DMA_FAULT);
		EXPECT_EQ(dma_poke(endpoint, iova), modes[i] & WRITE_ONLY ?
			  IOMMU_LAB_DMA_OK : IOMMU_LAB_DMA_FAULT);
		EXPECT_EQ(locked_bytes(), (i + 1) * 4 * PAGE);
	}
	/* pinned: what the process gives away, the device still has */
	fill_random(mem, 4 * PAGE, &seed);
	memcpy(kept, mem, 4 * PAGE);
	REQUIRE(!munmap(mem, 4 * PAGE));
	mem = pages_alloc(4 * PAGE);
	memset(mem, 0xff, 4 * PAGE);
	EXPECT_EQ(dma_read(endpoint, AT, mem, 4 * PAGE).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(mem, kept, 4 * PAGE));
	for (i = 0; i < ARRAY_SIZE(modes); i++)
		EXPECT_EQ(unmap(domain, AT + i * 4 * PAGE, 4 * PAGE), 0);
	EXPECT_EQ(locked_bytes(), 0);
}

/* P4: a device that reads sees what the process writes later */
static void later_writes(void)
{
	u8 *fresh = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int file = open("private", O_RDWR | O_CREAT, 0600);
	u8 *private, byte;

	set_up();
	REQUIRE(fresh != MAP_FAILED && file >= 0);
	REQUIRE(!ftruncate(file, PAGE));
	private = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	REQUIRE(private != MAP_FAILED);
	/* never touched; read only once */
	byte = *(volatile u8 *)(fresh + PAGE);
	EXPECT_EQ(byte, 0);
	REQUIRE_EQ(map_at(domain, fresh, 2 * PAGE, READ_ONLY, AT), 0);
	REQUIRE_EQ(map_at(domain, private, PAGE, READ_ONLY, AT + 2 * PAGE), 0);
	fresh[0] = 1;
	fresh[PAGE] = 2;
	private[0] = 3;
	EXPECT_EQ(dma_read(endpoint, AT, &byte, 1).status, IOMMU_LAB_DMA_OK);
	EXPECT_EQ(byte, 1);
	EXPECT_EQ(dma_read(endpoint, AT + PAGE, &byte, 1).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(byte, 2);
	EXPECT_EQ(dma_read(endpoint, AT + 2 * PAGE, &byte, 1).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(byte, 3);
	unlink("private");
}

/* P4 */
static void memlock_limit(void)
{
	struct rlimit limit = { 8 * PAGE, 8 * PAGE };
	u8 *mem = pages_alloc(16 * PAGE);
	struct iommu_lab_sg list[2] = { { (uintptr_t)mem, 4 * PAGE },
					{ (uintptr_t)mem, 5 * PAGE } };
	struct figures before;
	u64 iova = AT;

	set_up();
	drop_capability(CAP_IPC_LOCK);
	REQUIRE(!setrlimit(RLIMIT_MEMLOCK, &limit));
	before = take_figures();
	EXPECT_EQ(map_at(domain, mem, 9 * PAGE, READ_WRITE, AT), -ENOMEM);
	check_figures(&before, "9 pages of 8");
	EXPECT_EQ(map_list(domain, list, 2, READ_WRITE, &iova), -ENOMEM);
	check_figures(&before, "a list of 9 pages of 8");
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	REQUIRE_EQ(map_at(domain, mem, 8 * PAGE, READ_WRITE, AT), 0);
	EXPECT_EQ(locked_bytes(), 8 * PAGE);
	before = take_figures();
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT + GIB), -ENOMEM);
	check_figures(&before, "one page more");
	REQUIRE_EQ(unmap(domain, AT, 8 * PAGE), 0);
	EXPECT_EQ(locked_bytes(), 0);
	EXPECT_EQ(map_at(domain, mem, 8 * PAGE, READ_WRITE, AT), 0);
	/* mlock() counts against the same limit */
	EXPECT_EQ(mlock(mem, PAGE), -1);
}

/* P5 */
static void wrong_values(void)
{
	u8 *mem = pages_alloc(2 * PAGE);
	struct figures before;

	set_up();
	REQUIRE_EQ(map_at(domain, mem, 2 * PAGE, READ_WRITE, AT), 0);
	before = take_figures();
	EXPECT_EQ(map_at(domain, mem, 0, READ_WRITE, AT + GIB), -EINVAL);
	EXPECT_EQ(map_at(domain, mem + 1, PAGE, READ_WRITE, AT + GIB), -EINVAL);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, ~0ull - PAGE + 1),
		  -EINVAL);
	EXPECT_EQ(map_at(domain, mem, 2 * PAGE, READ_WRITE, ~0ull - PAGE + 1),
		  -EINVAL);
	EXPECT_EQ(map_at(domain, (void *)(~0ull - PAGE + 1), 2 * PAGE,
			 READ_WRITE, AT + GIB), -EINVAL);
	EXPECT_EQ(map_at(domain, mem, 2 * PAGE, READ_WRITE, AT), -EEXIST);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT + PAGE), -EEXIST);
	EXPECT_EQ(map_at(domain, mem, 2 * PAGE, READ_WRITE, AT - PAGE), -EEXIST);
	check_figures(&before, "wrong values");
	EXPECT_EQ(dma_poke(endpoint, AT), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(mem[0], 0xa5);
}

/* P5: a list of 8 whose entry k is not there, or read-only, for each k */
static void partial_failure(void)
{
	u8 *mem = pages_alloc(8 * PAGE), *fixed = pages_alloc(PAGE);
	struct iommu_lab_sg list[8];
	struct figures before;
	u64 iova;
	int k, i, kind;

	set_up();
	REQUIRE(!mprotect(fixed, PAGE, PROT_READ));
	/* across a 2 MiB and a 1 GiB border: several tables */
	before = take_figures();
	for (kind = 0; kind < 2; kind++) {
		for (k = 0; k < 8; k++) {
			for (i = 0; i < 8; i++) {
				list[i].addr = (uintptr_t)mem + (7 - i) * PAGE;
				list[i].length = PAGE;
			}
			list[k].addr = kind ? (uintptr_t)fixed : PAGE;
			iova = GIB - 4 * PAGE;
			EXPECT_EQ(map_list(domain, list, 8, READ_WRITE, &iova),
				  -EFAULT);
			check_figures(&before, "a list with one bad entry");
			EXPECT_EQ(dma_peek(endpoint, GIB - 4 * PAGE),
				  IOMMU_LAB_DMA_FAULT);
		}
	}
}

/* P5, loads the module itself: tables run out at each step of a mapping */
static void table_quota(void)
{
	u8 *mem = pages_alloc(8 * PAGE);
	bool mapped = false, created = false;
	char params[64];
	int pages;

	for (pages = 1; pages < 16 && !mapped; pages++) {
		struct figures before;
		u64 at = GIB - 4 * PAGE;
		int error;

		snprintf(params, sizeof(params), "max_tables=%llu",
			 pages * PAGE);
		REQUIRE_EQ(module_load(params), 0);
		control = control_open();
		EXPECT_EQ(lab_info(control).tables_max, pages * PAGE);
		domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
		created = domain >= 0;
		EXPECT(created);
		if (!created) {
			EXPECT_EQ(domain, -ENOSPC);
			EXPECT(lab_is_empty());
		} else {
			before = take_figures();
			error = map_at(domain, mem, 8 * PAGE, READ_WRITE, at);
			mapped = !error;
			if (error) {
				EXPECT_EQ(error, -ENOSPC);
				EXPECT(!is_mapped(domain, at));
				/* empty tables may stay for the next one */
				before.domain.table_bytes =
					domain_info(domain).table_bytes;
				before.info.tables_left =
					lab_info(control).tables_left;
				check_figures(&before, params);
			}
			close(domain);
		}
		close(control);
		REQUIRE_EQ(module_unload(), 0);
	}
	EXPECT(mapped);
	note("mapped with a quota of %d tables", pages - 1);
	/* a top, and two of each lower level but the next to the top */
	EXPECT(pages - 1 >= 5);
}

/* P4: the limit is of the user: what dead processes left pinned counts */
static void memlock_of_dead_processes(void)
{
	struct rlimit limit = { 16 * PAGE, 16 * PAGE };
	u8 *mem = pages_alloc(16 * PAGE);
	int status, left, mine;
	pid_t child;

	control = control_open();
	drop_capability(CAP_IPC_LOCK);
	REQUIRE(!setrlimit(RLIMIT_MEMLOCK, &limit));
	/* with the files of this process, and a memory of its own */
	child = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	REQUIRE(child >= 0);
	if (!child) {
		left = domain_create(control, IOMMU_LAB_POLICY_FIXED);
		if (left < 0 || map_at(left, mem, 16 * PAGE, READ_WRITE, AT))
			left = 0;
		_exit(left);
	}
	REQUIRE_EQ(waitpid(child, &status, 0), child);
	REQUIRE(WIFEXITED(status) && WEXITSTATUS(status));
	left = WEXITSTATUS(status);
	mine = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE(mine >= 0);
	/* its owner is gone, its pages are not */
	EXPECT_EQ(map_at(mine, mem, PAGE, READ_WRITE, AT), -ENOMEM);
	close(left);
	EXPECT_EQ(map_at(mine, mem, 16 * PAGE, READ_WRITE, AT), 0);
	close(mine);
	close(control);
}

/* a user's tables do not fill the memory: empty ones stay with their domain */
static void default_of_tables(void)
{
	struct sysinfo ram;
	int fd = control_open();

	REQUIRE(!sysinfo(&ram));
	EXPECT(lab_info(fd).tables_max <= ram.totalram * ram.mem_unit / 8 + PAGE);
	EXPECT(lab_info(fd).tables_max > MIB);
	close(fd);
}

/* P5, loaded with max_pinned=32768: 8 pages */
static void pinned_quota(void)
{
	u8 *mem = pages_alloc(16 * PAGE);
	struct figures before;

	set_up();
	EXPECT_EQ(lab_info(control).pinned_max, 8 * PAGE);
	before = take_figures();
	EXPECT_EQ(map_at(domain, mem, 9 * PAGE, READ_WRITE, AT), -ENOSPC);
	check_figures(&before, "9 pages of 8");
	REQUIRE_EQ(map_at(domain, mem, 8 * PAGE, READ_WRITE, AT), 0);
	EXPECT_EQ(lab_info(control).pinned_left, 0);
	before = take_figures();
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT + GIB), -ENOSPC);
	check_figures(&before, "one page more");
	REQUIRE_EQ(unmap(domain, AT, 8 * PAGE), 0);
	EXPECT_EQ(lab_info(control).pinned_left, 8 * PAGE);
}

/* N4 */
static void rights_never_widen(void)
{
	u64 seed = test_seed();
	u8 *fixed = pages_alloc(2 * PAGE), *got = pages_alloc(PAGE), *shared;
	u8 *kept = pages_alloc(PAGE);
	struct figures before;
	u32 write_prots[] = { WRITE_ONLY, READ_WRITE };
	int file = open("shared", O_RDWR | O_CREAT, 0600), reader;
	size_t i;

	fill_random(fixed, 2 * PAGE, &seed);
	memcpy(kept, fixed, PAGE);
	REQUIRE(!mprotect(fixed, PAGE, PROT_READ));
	REQUIRE(file >= 0 && !ftruncate(file, PAGE));
	reader = open("shared", O_RDONLY);
	shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, reader, 0);
	REQUIRE(shared != MAP_FAILED);
	set_up();
	before = take_figures();
	for (i = 0; i < ARRAY_SIZE(write_prots); i++) {
		u32 prot = write_prots[i];

		EXPECT_EQ(map_at(domain, fixed, PAGE, prot, AT), -EFAULT);
		EXPECT_EQ(map_at(domain, fixed, 2 * PAGE, prot, AT), -EFAULT);
		EXPECT_EQ(map_at(domain, shared, PAGE, prot, AT), -EFAULT);
		/* the program's own text */
		EXPECT_EQ(map_at(domain, (void *)((uintptr_t)rights_never_widen &
						  ~(PAGE - 1)),
				 PAGE, prot, AT), -EFAULT);
	}
	check_figures(&before, "read-only memory for writing");
	EXPECT_EQ(dma_poke(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	/* for reading it is fine, and stays so */
	REQUIRE_EQ(map_at(domain, fixed, PAGE, READ_ONLY, AT), 0);
	EXPECT_EQ(dma_read(endpoint, AT, got, PAGE).status, IOMMU_LAB_DMA_OK);
	EXPECT(!memcmp(got, kept, PAGE));
	EXPECT_EQ(dma_poke(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	EXPECT(!memcmp(fixed, kept, PAGE));
	EXPECT_EQ(map_at(domain, shared, PAGE, READ_ONLY, AT + PAGE), 0);
	unlink("shared");
}

static const struct test_case cases[] = {
	{ "P4 READ, WRITE and READ+WRITE, pinned and accounted", map_modes },
	{ "P4 a device that reads sees what the process writes later",
	  later_writes },
	{ "P4 over RLIMIT_MEMLOCK is ENOMEM, nothing is pinned",
	  memlock_limit },
	{ "P5 zero, misaligned, wrapping is EINVAL, overlap is EEXIST",
	  wrong_values },
	{ "P5 a list with one bad entry is undone whole", partial_failure },
	{ "P5 a mapping that runs out of tables is undone whole", table_quota,
	  .unloaded = true, .seconds = 120 },
	{ "P5 beyond the quota of pinned memory is ENOSPC", pinned_quota,
	  "max_pinned=32768" },
	{ "N4 read-only memory cannot be mapped for device writes",
	  rights_never_widen },
	{ "P4 what dead processes left pinned counts against the limit",
	  memlock_of_dead_processes },
	{ "the default quota of tables is a part of the memory",
	  default_of_tables },
};

int main(void)
{
	return RUN_CASES(cases);
}
