// SPDX-License-Identifier: GPL-2.0
/*
 * Wrong values of each ioctl's own members: zero, misaligned, wrapping,
 * overlapping, out of range, and fds of every wrong kind. Nothing is changed by
 * any of them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT	(64 * MIB)
#define WRAP	(~0ull - PAGE + 1)	/* the last page of 64 bits */

static int control, domain, endpoint;
static u8 *mem;		/* 4 pages, the first 2 mapped at AT */
static struct iommu_lab_domain_info before;

static void set_up(u32 policy)
{
	u64 iova = AT;
	struct iommu_lab_sg sg;

	open_attached(policy, 0, &control, &domain, &endpoint);
	mem = pages_alloc(4 * PAGE);
	sg = (struct iommu_lab_sg){ (uintptr_t)mem, 2 * PAGE };
	if (policy == IOMMU_LAB_POLICY_ALLOC)
		iova = 0;
	REQUIRE_EQ(map_list(domain, &sg, 1, READ_WRITE, &iova), 0);
	before = domain_info(domain);
}

static void check_unchanged(void)
{
	struct iommu_lab_domain_info after = domain_info(domain);

	EXPECT_EQ(after.mappings, before.mappings);
	EXPECT_EQ(after.mapped_bytes, before.mapped_bytes);
	EXPECT_EQ(after.pinned_bytes, before.pinned_bytes);
	EXPECT_EQ(after.table_bytes, before.table_bytes);
	EXPECT_EQ(after.attached, before.attached);
	EXPECT_EQ(locked_bytes(), before.pinned_bytes);
}

static void check_map(struct iommu_lab_map map, int error, const char *why)
{
	map.size = sizeof(map);
	if (!EXPECT_EQ(lab_ioctl(domain, IOMMU_LAB_MAP, &map), -error))
		note("MAP: %s", why);
}

static void map_arguments(void)
{
	struct iommu_lab_map good = { .prot = READ_WRITE, .length = PAGE,
				      .iova = AT + 4 * PAGE }, bad;
	u8 *hole;

	set_up(IOMMU_LAB_POLICY_FIXED);
	good.user_va = (uintptr_t)mem;
	hole = pages_alloc(2 * PAGE);
	REQUIRE(!munmap(hole + PAGE, PAGE));

#define BAD(member, value, error) \
	do { \
		bad = good; \
		bad.member = (value); \
		check_map(bad, error, #member " " #value); \
	} while (0)
	BAD(length, 0, EINVAL);
	BAD(length, 1, EINVAL);
	BAD(length, PAGE - 1, EINVAL);
	BAD(length, PAGE + 1, EINVAL);
	BAD(length, WRAP, EINVAL);
	BAD(length, ~0ull, EINVAL);
	BAD(user_va, good.user_va + 1, EINVAL);
	BAD(user_va, good.user_va - 1, EINVAL);
	BAD(iova, good.iova + 1, EINVAL);
	BAD(iova, good.iova - 1, EINVAL);
	BAD(iova, AT, EEXIST);
	BAD(iova, AT + PAGE, EEXIST);
	BAD(iova, WRAP, EINVAL);
	BAD(iova, 1ull << 63, EINVAL);
	BAD(prot, 0, EINVAL);
	BAD(prot, 4 | READ_WRITE, EOPNOTSUPP);
	BAD(prot, 0x80000000 | READ_WRITE, EOPNOTSUPP);
	BAD(align, PAGE, EINVAL);
	BAD(align, 1, EINVAL);
	BAD(user_va, 0, EFAULT);
	BAD(user_va, 0xffff888000000000, EFAULT);
	BAD(user_va, (uintptr_t)hole + PAGE, EFAULT);
#undef BAD
	/* the range wraps, the end is not mapped, it reaches a mapping */
	bad = good;
	bad.user_va = WRAP;
	bad.length = 2 * PAGE;
	check_map(bad, EINVAL, "address + length wraps");
	bad = good;
	bad.iova = WRAP;
	bad.length = 2 * PAGE;
	check_map(bad, EINVAL, "iova + length wraps");
	bad = good;
	bad.user_va = (uintptr_t)hole;
	bad.length = 2 * PAGE;
	check_map(bad, EFAULT, "the second page is not there");
	bad = good;
	bad.iova = AT - PAGE;
	bad.length = 2 * PAGE;
	check_map(bad, EEXIST, "ends in a mapping");
	bad = good;
	bad.iova = AT - PAGE;
	bad.length = 4 * PAGE;
	check_map(bad, EEXIST, "covers a mapping");
	check_unchanged();
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, good.iova), 0);
}

static void alloc_arguments(void)
{
	static const u64 aligns[] = { 1, 3, 2048, PAGE - 1, PAGE + 1, 3 * PAGE,
				      ~0ull };
	u64 iova;
	size_t i;

	set_up(IOMMU_LAB_POLICY_ALLOC);
	for (i = 0; i < ARRAY_SIZE(aligns); i++)
		EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, aligns[i],
				  &iova), -EINVAL);
	/* the aperture has no such multiple that is free */
	EXPECT_EQ(map_any(domain, mem, PAGE, READ_WRITE, 1ull << 63, &iova),
		  -ENOSPC);
	EXPECT_EQ(map_any(domain, mem, 0, READ_WRITE, 0, &iova), -EINVAL);
	check_unchanged();
}

static void check_list(const struct iommu_lab_sg *list, u32 nents, u64 iova,
		       int error, const char *why)
{
	struct iommu_lab_map_sg map = {
		.size = sizeof(map),
		.prot = READ_WRITE,
		.nents = nents,
		.entries = (uintptr_t)list,
		.iova = iova,
	};

	if (!EXPECT_EQ(lab_ioctl(domain, IOMMU_LAB_MAP_SG, &map), -error))
		note("MAP_SG: %s", why);
}

static void list_arguments(void)
{
	struct iommu_lab_sg list[3];
	u64 va, iova = AT + 16 * PAGE;

	set_up(IOMMU_LAB_POLICY_FIXED);
	va = (uintptr_t)mem;

#define LIST(...) \
	memcpy(list, (struct iommu_lab_sg[3]){ __VA_ARGS__ }, sizeof(list))
	LIST({ va, PAGE }, { va, PAGE }, { va, PAGE });
	check_list(list, 0, iova, EINVAL, "no entry");
	check_list(list, IOMMU_LAB_MAX_SG + 1, iova, EINVAL, "too many");
	check_list(list, ~0u, iova, EINVAL, "far too many");
	check_list(NULL, 1, iova, EFAULT, "no list");
	check_list((void *)0xffff888000000000, 1, iova, EFAULT, "kernel list");
	check_list(list, 3, AT - 2 * PAGE, EEXIST, "ends in a mapping");
	check_list(list, 3, iova + 1, EINVAL, "misaligned IOVA");
	check_list(list, 3, WRAP, EINVAL, "IOVA wraps");
	LIST({ va, PAGE }, { va, 0 }, { va, PAGE });
	check_list(list, 3, iova, EINVAL, "a zero length");
	LIST({ va, PAGE }, { va + 1, PAGE }, { va, PAGE });
	check_list(list, 3, iova, EINVAL, "a misaligned address");
	LIST({ va, PAGE }, { va, PAGE }, { va, PAGE - 1 });
	check_list(list, 3, iova, EINVAL, "a misaligned length");
	LIST({ va, PAGE }, { WRAP, 2 * PAGE }, { va, PAGE });
	check_list(list, 3, iova, EINVAL, "an entry wraps");
	LIST({ va, PAGE }, { va, PAGE }, { 0, PAGE });
	check_list(list, 3, iova, EFAULT, "the last entry is not there");
	LIST({ PAGE, 1ull << 63 }, { PAGE, 1ull << 63 }, { va, PAGE });
	check_list(list, 3, iova, EOVERFLOW, "the sum wraps");
#undef LIST
	check_unchanged();
}

static void unmap_arguments(void)
{
	u64 unmapped;

	set_up(IOMMU_LAB_POLICY_FIXED);
	EXPECT_EQ(unmap(domain, AT, 0), -EINVAL);
	EXPECT_EQ(unmap(domain, AT, 1), -EINVAL);
	EXPECT_EQ(unmap(domain, AT + 1, 2 * PAGE), -EINVAL);
	EXPECT_EQ(unmap(domain, AT, 2 * PAGE - 1), -EINVAL);
	EXPECT_EQ(unmap(domain, AT, 2 * PAGE + 1), -EINVAL);
	EXPECT_EQ(unmap(domain, AT, ~0ull), -EINVAL);
	EXPECT_EQ(unmap(domain, AT, WRAP), -EINVAL);
	EXPECT_EQ(unmap(domain, WRAP, 2 * PAGE), -EINVAL);
	EXPECT_EQ(unmap_flags(domain, WRAP, 2 * PAGE,
			      IOMMU_LAB_UNMAP_ALLOW_HOLES, &unmapped), -EINVAL);
	check_unchanged();
}

static void query_arguments(void)
{
	struct iommu_lab_unit_info unit = { .size = sizeof(unit) };
	struct iommu_lab_endpoint_info info = { .size = sizeof(info) };
	struct iommu_lab_domain_info by_id = { .size = sizeof(by_id) };
	struct iommu_lab_iova_range range[2];
	struct iommu_lab_iova_ranges ranges = {
		.size = sizeof(ranges),
		.nr_ranges = 1,
		.ranges = (uintptr_t)range,
	};
	struct iommu_lab_translate walk = {
		.size = sizeof(walk),
		.iova = AT,
		.steps = 8,
		.nr_steps = 5,
	};
	static const u32 beyond[] = { 100000, 0x7fffffff, 0x80000000, ~0u };
	size_t i;

	set_up(IOMMU_LAB_POLICY_FIXED);
	for (i = 0; i < ARRAY_SIZE(beyond); i++) {
		unit.index = beyond[i];
		info.index = beyond[i];
		by_id.id = beyond[i];
		EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_UNIT_INFO, &unit), -ENOENT);
		EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_ENDPOINT_INFO, &info),
			  -ENOENT);
		EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_DOMAIN_INFO, &by_id),
			  -ENOENT);
	}
	unit.index = lab_info(control).units;
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_UNIT_INFO, &unit), -ENOENT);
	info.index = lab_info(control).endpoints;
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_ENDPOINT_INFO, &info), -ENOENT);
	by_id.id = 0;
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_DOMAIN_INFO, &by_id), -ENOENT);
	by_id.id = before.id + 1;
	EXPECT_EQ(lab_ioctl(domain, IOMMU_LAB_DOMAIN_INFO, &by_id), -EINVAL);
	EXPECT_EQ(lab_ioctl(domain, IOMMU_LAB_TRANSLATE, &walk), -EFAULT);
	EXPECT_EQ(lab_ioctl(domain, IOMMU_LAB_IOVA_RANGES, &ranges), -EMSGSIZE);
	/* the count is given, and the first range nevertheless */
	EXPECT(ranges.nr_ranges > 1);
	EXPECT_EQ(range[0].start, 0);
	ranges.nr_ranges = 100;
	ranges.ranges = 8;
	EXPECT_EQ(lab_ioctl(domain, IOMMU_LAB_IOVA_RANGES, &ranges), -EFAULT);
	check_unchanged();
}

static void check_addresses(u64 iova, u64 bytes, struct iommu_lab_sg *list,
			    u32 nents, int error, const char *why)
{
	if (!EXPECT_EQ(device_addresses(domain, iova, bytes,
					IOMMU_LAB_ADDRESSES_PHYS, list, &nents),
		       -error))
		note("ADDRESSES: %s", why);
}

static void address_arguments(void)
{
	struct iommu_lab_sg list[2] = { { 1, 1 }, { 1, 1 } };
	u8 *scattered = pages_alloc(4 * PAGE);
	struct iommu_lab_sg pages[2] = {
		{ (uintptr_t)scattered + 2 * PAGE, PAGE },
		{ (uintptr_t)scattered, PAGE },
	};
	u64 iova = AT + 2 * PAGE;
	u32 nents = 1;

	set_up(IOMMU_LAB_POLICY_FIXED);
	check_addresses(AT, 0, list, 2, EINVAL, "length 0");
	check_addresses(AT, ~0ull, list, 2, EINVAL, "wraps");
	check_addresses(WRAP, 2 * PAGE, list, 2, EINVAL, "wraps");
	check_addresses(AT, PAGE, list, IOMMU_LAB_MAX_SG + 1, EINVAL,
			"too many entries");
	check_addresses(AT, PAGE, list, ~0u, EINVAL, "far too many");
	check_addresses(AT - 1, 1, list, 2, ENOENT, "before a mapping");
	check_addresses(AT - 1, 2, list, 2, ENOENT, "begins before one");
	check_addresses(AT, 2 * PAGE + 1, list, 2, ENOENT, "ends behind one");
	check_addresses(MSI_START, 1, list, 2, ENOENT, "a reserved range");
	check_addresses(AT, PAGE, (void *)8, 2, EFAULT, "a bad list");
	check_addresses(AT, PAGE, NULL, 0, EMSGSIZE, "no room");
	EXPECT_EQ(list[0].addr, 1);
	check_unchanged();
	/* over the border of two mappings, in two runs or more */
	REQUIRE_EQ(map_list(domain, pages, 2, READ_WRITE, &iova), 0);
	EXPECT_EQ(device_addresses(domain, AT, 4 * PAGE, 0, list, &nents), 0);
	EXPECT_EQ(nents, 1);
	EXPECT_EQ(list[0].addr, AT);
	EXPECT_EQ(list[0].length, 4 * PAGE);
	/* the count is given, and the first entries nevertheless */
	EXPECT_EQ(device_addresses(domain, iova, 2 * PAGE,
				   IOMMU_LAB_ADDRESSES_PHYS, list, &nents),
		  phys_of(scattered + 2 * PAGE) + PAGE == phys_of(scattered) ?
		  0 : -EMSGSIZE);
	EXPECT(nents == 1 || nents == 2);
	EXPECT_EQ(list[0].addr, phys_of(scattered + 2 * PAGE));
	EXPECT_EQ(list[1].addr, 1);
}

static void check_create(u32 policy, u64 start, u64 last, int error)
{
	int fd = domain_create_in(control, policy, start, last);

	if (!EXPECT_EQ(fd, -error))
		note("DOMAIN_CREATE policy %u, %#llx to %#llx", policy,
		     (unsigned long long)start, (unsigned long long)last);
	if (fd >= 0)
		close(fd);
}

static void create_arguments(void)
{
	set_up(IOMMU_LAB_POLICY_FIXED);
	check_create(IOMMU_LAB_POLICY_VA, PAGE, 2 * PAGE, EINVAL);
	check_create(IOMMU_LAB_POLICY_VA, 0, ~0ull, EINVAL);
	check_create(4, 0, 0, EOPNOTSUPP);
	check_create(~0u, 0, 0, EOPNOTSUPP);
	check_create(IOMMU_LAB_POLICY_FIXED, 1, 2 * PAGE - 1, EINVAL);
	check_create(IOMMU_LAB_POLICY_FIXED, PAGE, 2 * PAGE, EINVAL);
	check_create(IOMMU_LAB_POLICY_FIXED, PAGE, 2 * PAGE - 2, EINVAL);
	check_create(IOMMU_LAB_POLICY_FIXED, 2 * PAGE, PAGE - 1, EINVAL);
	check_create(IOMMU_LAB_POLICY_FIXED, PAGE, 0, EINVAL);
	check_create(IOMMU_LAB_POLICY_ALLOC, 0, ~0ull, EINVAL);
	check_create(IOMMU_LAB_POLICY_FIXED, 1ull << 62, (1ull << 62) + PAGE - 1,
		     EINVAL);
	check_create(IOMMU_LAB_POLICY_IDENTITY, PAGE, 2 * PAGE - 1, EINVAL);
	EXPECT_EQ(lab_info(control).domains, 1);
	check_unchanged();
}

/* fds of every wrong kind, for attach and for detach */
static void wrong_fds(void)
{
	struct {
		const char *kind;
		int fd;
		int error;
	} wrong[] = {
		{ "-1", -1, EBADF },
		{ "a closed fd", 700, EBADF },
		{ "0x7fffffff", 0x7fffffff, EBADF },
		{ "/dev/null", open("/dev/null", O_RDWR), EINVAL },
		{ "a regular file", open("regular", O_RDWR | O_CREAT, 0600),
		  EINVAL },
		{ "a directory", open("/", O_RDONLY | O_DIRECTORY), EINVAL },
		{ "a pipe", -1, EINVAL },
		{ "a socket", socket(AF_UNIX, SOCK_STREAM, 0), EINVAL },
		{ "the control node", -1, EINVAL },
		{ "the domain itself", -1, EINVAL },
		{ "an endpoint by O_PATH", -1, EBADF },
	};
	int pipes[2];
	size_t i;

	set_up(IOMMU_LAB_POLICY_FIXED);
	REQUIRE(!pipe(pipes));
	wrong[6].fd = pipes[0];
	wrong[8].fd = control;
	wrong[9].fd = domain;
	wrong[10].fd = endpoint_open_flags(2, O_PATH);
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		REQUIRE(i < 3 || wrong[i].fd >= 0);
		if (!EXPECT_EQ(domain_attach(domain, wrong[i].fd),
			       -wrong[i].error) ||
		    !EXPECT_EQ(domain_detach(domain, wrong[i].fd),
			       -wrong[i].error))
			note("with %s", wrong[i].kind);
	}
	EXPECT_EQ(domain_attach(domain, endpoint_open_flags(2, O_RDONLY)),
		  -EACCES);
	EXPECT_EQ(domain_detach(domain, endpoint_open(2)), -ENOENT);
	EXPECT_EQ(domain_attach(domain, endpoint_open(0)), -EALREADY);
	/* another open file of the attached endpoint is not the one attached */
	EXPECT_EQ(domain_detach(domain, endpoint_open(0)), -ENOENT);
	unlink("regular");
	check_unchanged();
}

static void check_dma(const struct iommu_lab_dma *dma, int error,
		      const char *why)
{
	static const unsigned long cmds[] = { IOMMU_LAB_DMA,
					      IOMMU_LAB_DMA_SUBMIT };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		struct iommu_lab_dma bad = *dma;

		bad.size = sizeof(bad);
		if (!EXPECT_EQ(lab_ioctl(endpoint, cmds[i], &bad), -error))
			note("%s: %s", i ? "DMA_SUBMIT" : "DMA", why);
	}
}

static void dma_arguments(void)
{
	struct iommu_lab_sg one = { AT, 16 }, other = { AT + PAGE, 8 }, sg;
	struct iommu_lab_dma_reap reap = { .size = sizeof(reap) };
	u64 data[2] = { 0, 0 };
	struct iommu_lab_dma read = {
		.op = IOMMU_LAB_DMA_READ,
		.src_nents = 1,
		.src = (uintptr_t)&one,
		.data = (uintptr_t)data,
	}, copy = {
		.op = IOMMU_LAB_DMA_COPY,
		.src_nents = 1,
		.dst_nents = 1,
		.src = (uintptr_t)&one,
		.dst = (uintptr_t)&other,
	}, bad;
	u32 op;

	set_up(IOMMU_LAB_POLICY_FIXED);
	bad = read;
	for (op = 5; op; op <<= 1) {
		bad.op = op;
		check_dma(&bad, EOPNOTSUPP, "unknown op");
	}
	bad = read;
	bad.src_nents = 0;
	check_dma(&bad, EINVAL, "READ without a source");
	bad = read;
	bad.dst_nents = 1;
	bad.dst = (uintptr_t)&other;
	check_dma(&bad, EINVAL, "READ with a destination");
	bad = read;
	bad.src_nents = IOMMU_LAB_MAX_SG + 1;
	check_dma(&bad, EINVAL, "too many entries");
	bad = read;
	bad.src = 8;
	check_dma(&bad, EFAULT, "a bad list");
	check_dma(&copy, EINVAL, "lists of different length");
	bad = copy;
	bad.dst_nents = 0;
	check_dma(&bad, EINVAL, "COPY without a destination");
	bad = read;
	bad.src = (uintptr_t)&sg;
	sg = (struct iommu_lab_sg){ AT, 0 };
	check_dma(&bad, EINVAL, "an empty entry");
	sg = (struct iommu_lab_sg){ ~0ull, 2 };
	check_dma(&bad, EOVERFLOW, "an entry that wraps");
	EXPECT_EQ(lab_ioctl(endpoint, IOMMU_LAB_DMA_REAP, &reap), -ENOENT);
	check_unchanged();
	/* the data is looked at while it runs: a result, not an error */
	EXPECT_EQ(dma_read(endpoint, AT, (void *)8, 16).status,
		  IOMMU_LAB_DMA_DATA);
	EXPECT_EQ(dma_write(endpoint, AT, (void *)0xffff888000000000, 16).status,
		  IOMMU_LAB_DMA_DATA);
}

static int explain(int fd, u32 length, char *text, u32 *error, u32 *out)
{
	struct iommu_lab_explain explain = {
		.size = sizeof(explain),
		.length = length,
		.text = (uintptr_t)text,
	};
	int got = lab_ioctl(fd, IOMMU_LAB_EXPLAIN, &explain);

	*error = explain.error;
	*out = explain.length;
	return got;
}

static void explanation(void)
{
	char first[256], again[256];
	u32 error, length, needed;
	int other;

	set_up(IOMMU_LAB_POLICY_FIXED);
	other = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	EXPECT_EQ(explain(other, sizeof(first), first, &error, &length), 0);
	EXPECT_EQ(error, 0);
	EXPECT_EQ(unmap(domain, 2 * AT, PAGE), -ENOENT);
	EXPECT_EQ(explain(domain, sizeof(first), first, &error, &needed), 0);
	EXPECT_EQ(error, ENOENT);
	EXPECT_EQ(needed, strlen(first) + 1);
	/* says where */
	EXPECT(strstr(first, "0x8000000"));
	EXPECT_EQ(explain(domain, needed - 1, again, &error, &length),
		  -EMSGSIZE);
	EXPECT_EQ(length, needed);
	EXPECT_EQ(explain(domain, needed, again, &error, &length), 0);
	EXPECT(!strcmp(first, again));
	EXPECT_EQ(explain(domain, needed, NULL, &error, &length), -EFAULT);
	EXPECT_EQ(explain(domain, needed, (char *)0xffff888000000000,
			  &error, &length), -EFAULT);
	/* of this file only */
	EXPECT_EQ(explain(other, sizeof(again), again, &error, &length), 0);
	EXPECT_EQ(error, 0);
}

static const struct test_case cases[] = {
	{ "MAP refuses wrong arguments", map_arguments },
	{ "MAP refuses wrong alignments", alloc_arguments },
	{ "MAP_SG refuses wrong lists", list_arguments },
	{ "UNMAP refuses wrong ranges", unmap_arguments },
	{ "queries refuse what there is not", query_arguments },
	{ "ADDRESSES refuses ranges that are not mapped", address_arguments },
	{ "DOMAIN_CREATE refuses wrong policies and apertures",
	  create_arguments },
	{ "ATTACH and DETACH refuse fds of every wrong kind", wrong_fds },
	{ "DMA refuses wrong arguments", dma_arguments },
	{ "the last refusal of a file is explained", explanation },
};

int main(void)
{
	return RUN_CASES(cases);
}
