// SPDX-License-Identifier: GPL-2.0
/*
 * Wrong values in the ioctls of buffers and associations, each with its error,
 * and nothing is changed by any of them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "buf.h"
#include "lab.h"
#include "sys.h"

#define AT	(64 * MIB)
#define BYTES	(4 * PAGE)
#define WRAP	(~0ull - PAGE + 1)	/* the last page of 64 bits */

static int control, domain, buffer, assoc;

/* everything that a refused call could have changed */
static struct figures {
	struct iommu_lab_info info;
	struct iommu_lab_domain_info domain;
	struct iommu_lab_buffer_info buffer;
	u64 locked;
	int next_fd;
} before;

static struct figures take_figures(void)
{
	struct figures now;

	memset(&now, 0, sizeof(now));
	now.info = lab_info(control);
	now.domain = domain_info(domain);
	now.buffer = buffer_info(control, buffer);
	now.locked = locked_bytes();
	now.next_fd = dup(0);
	close(now.next_fd);
	return now;
}

/* the buffer is associated at AT, and its second page mapped far behind that */
static void set_up(void)
{
	control = control_open();
	domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE(domain >= 0);
	buffer = buffer_create(control, BYTES);
	assoc = buffer_begin(domain, buffer, READ_WRITE, AT);
	REQUIRE(assoc >= 0);
	REQUIRE_EQ(map_buffer(domain, buffer, PAGE, PAGE, READ_ONLY, 2 * AT),
		   0);
	before = take_figures();
}

static void check_unchanged(void)
{
	struct figures now = take_figures();

	EXPECT(!memcmp(&now, &before, sizeof(now)));
}

static void create_arguments(void)
{
	static const struct {
		u64 length;
		u32 flags, order, cache;
		int error;
		const char *why;
	} bad[] = {
		{ 0, 0, 0, 0, EINVAL, "length 0" },
		{ 0, CONTIGUOUS, 3, 0, EINVAL, "length 0" },
		{ ~0ull, 0, 0, 0, EINVAL, "a length that wraps" },
		{ WRAP + 1, 0, 0, 0, EINVAL, "a length that wraps" },
		{ WRAP, 0, 4, 0, EINVAL, "a length that wraps" },
		{ WRAP, 0, 0, 0, ENOMEM, "all there could ever be" },
		{ 1ull << 45, 0, 0, 0, ENOMEM, "more than the machine has" },
		{ 1ull << 45, CONTIGUOUS, 0, 0, EOPNOTSUPP, "contiguous" },
		{ MAX_BLOCK + 1, CONTIGUOUS, 0, 0, EOPNOTSUPP, "contiguous" },
		{ MAX_BLOCK + 1, CONTIGUOUS | BELOW_4G, MAX_ORDER, 0,
		  EOPNOTSUPP, "contiguous" },
		{ PAGE, 0, MAX_ORDER + 1, 0, EINVAL, "min_order" },
		{ PAGE, 0, 63, 0, EINVAL, "min_order" },
		{ PAGE, 0, 64, 0, EINVAL, "min_order" },
		{ PAGE, 0, ~0u, 0, EINVAL, "min_order" },
		{ PAGE, 0, 0, 3, EOPNOTSUPP, "cache" },
		{ PAGE, 0, 0, 0x80000000, EOPNOTSUPP, "cache" },
	};
	struct rlimit limit;
	u64 bytes = PAGE;
	size_t i;

	set_up();
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		u64 length = bad[i].length;

		if (!EXPECT_EQ(buffer_create_as(control, &length, bad[i].flags,
						bad[i].order, bad[i].cache),
			       -bad[i].error))
			note("%s: %#llx", bad[i].why,
			     (unsigned long long)bad[i].length);
		EXPECT_EQ(length, bad[i].length);
	}
	REQUIRE(!getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = before.next_fd;
	REQUIRE(!setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(buffer_create_as(control, &bytes, 0, 0, COHERENT), -EMFILE);
	EXPECT_EQ(buffer_begin(domain, buffer, READ_ONLY, 3 * AT), -EMFILE);
	limit.rlim_cur = limit.rlim_max;
	REQUIRE(!setrlimit(RLIMIT_NOFILE, &limit));
	check_unchanged();
}

static void check_both(struct iommu_lab_buffer_begin bad, int error,
		       const char *why)
{
	struct iommu_lab_map_buffer map = {
		.size = sizeof(map),
		.buffer_fd = bad.buffer_fd,
		.prot = bad.prot,
		.offset = bad.offset,
		.length = bad.length,
		.iova = bad.iova,
		.align = bad.align,
	};

	bad.size = sizeof(bad);
	if (!EXPECT_EQ(lab_ioctl(domain, IOMMU_LAB_MAP_BUFFER, &map), -error))
		note("MAP_BUFFER: %s", why);
	if (!EXPECT_EQ(lab_ioctl(domain, IOMMU_LAB_BUFFER_BEGIN, &bad), -error))
		note("BUFFER_BEGIN: %s", why);
}

static void map_arguments(void)
{
	struct iommu_lab_buffer_begin good = { .prot = READ_WRITE,
					       .iova = 4 * AT }, bad;
	struct iommu_lab_map_buffer any = { .size = sizeof(any),
					    .prot = READ_ONLY };
	int other, alloc;

	set_up();
	other = buffer_create(control, BYTES);
	alloc = domain_create(control, IOMMU_LAB_POLICY_ALLOC);
	before = take_figures();
	good.buffer_fd = other;
#define BAD(member, value, error) \
	do { \
		bad = good; \
		bad.member = (value); \
		check_both(bad, error, #member " " #value); \
	} while (0)
	BAD(prot, 0, EINVAL);
	BAD(prot, 4 | READ_WRITE, EOPNOTSUPP);
	BAD(prot, 0x80000000, EOPNOTSUPP);
	BAD(offset, 1, EINVAL);
	BAD(offset, PAGE - 1, EINVAL);
	BAD(offset, BYTES, EINVAL);
	BAD(offset, WRAP, EINVAL);
	BAD(length, 1, EINVAL);
	BAD(length, PAGE + 1, EINVAL);
	BAD(length, BYTES + PAGE, EINVAL);
	BAD(length, WRAP, EINVAL);
	BAD(iova, 4 * AT + 1, EINVAL);
	BAD(iova, WRAP, EINVAL);
	BAD(iova, MSI_START, EINVAL);
	BAD(iova, RMRR_START - PAGE, EINVAL);
	BAD(iova, AT, EEXIST);
	BAD(iova, AT - PAGE, EEXIST);
	BAD(iova, 2 * AT, EEXIST);
	BAD(align, PAGE, EINVAL);
#undef BAD
	bad = good;
	bad.offset = 3 * PAGE;
	bad.length = 2 * PAGE;
	check_both(bad, EINVAL, "a part that reaches over the end");
	bad.length = WRAP;
	check_both(bad, EINVAL, "a part that wraps");
	any.buffer_fd = other;
	any.align = PAGE + 1;
	EXPECT_EQ(lab_ioctl(alloc, IOMMU_LAB_MAP_BUFFER, &any), -EINVAL);
	any.align = 1ull << 63;
	EXPECT_EQ(lab_ioctl(alloc, IOMMU_LAB_MAP_BUFFER, &any), -ENOSPC);
	EXPECT_EQ(buffer_begin(domain, buffer, READ_ONLY, 4 * AT), -EEXIST);
	check_unchanged();
	bad = good;
	bad.size = sizeof(bad);
	EXPECT_EQ(lab_ioctl(domain, IOMMU_LAB_BUFFER_BEGIN, &bad), 0);
	EXPECT_EQ(bad.out_length, BYTES);
}

static void check_identity(void)
{
	int identity;

	set_up();
	identity = domain_create(control, IOMMU_LAB_POLICY_IDENTITY);
	REQUIRE(identity >= 0);
	before = take_figures();
	EXPECT_EQ(map_buffer(identity, buffer, 0, 0, READ_ONLY, AT),
		  -EOPNOTSUPP);
	EXPECT_EQ(buffer_begin(identity, buffer, READ_ONLY, AT), -EOPNOTSUPP);
	check_unchanged();
}

/* whatever is given in place of a dma-buf */
static void wrong_fds(void)
{
	struct {
		const char *kind;
		int fd, error;
	} wrong[] = {
		{ "-1", -1, EBADF },
		{ "a free number", 1000, EBADF },
		{ "a negative number", -1000000, EBADF },
		{ "a file", open("regular", O_RDWR | O_CREAT, 0600), EINVAL },
		{ "a directory", open("/", O_RDONLY), EINVAL },
		{ "a socket", socket(AF_UNIX, SOCK_STREAM, 0), EINVAL },
		{ "a memfd", memfd_create("m", 0), EINVAL },
		{ "/dev/null", open("/dev/null", O_RDWR), EINVAL },
		{ "an endpoint", endpoint_open(1), EINVAL },
		{ "the control node", -1, EINVAL },
		{ "a domain", -1, EINVAL },
		{ "an association", -1, EINVAL },
		{ "a buffer by O_PATH", -1, EBADF },
	};
	char path[64];
	size_t i;

	set_up();
	wrong[9].fd = control;
	wrong[10].fd = domain;
	wrong[11].fd = assoc;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", buffer);
	wrong[12].fd = open(path, O_PATH);
	before = take_figures();
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct iommu_lab_buffer_info info = {
			.size = sizeof(info),
			.buffer_fd = wrong[i].fd,
		};

		REQUIRE(i < 3 || wrong[i].fd >= 0);
		if (!EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_BUFFER_INFO, &info),
			       -wrong[i].error) ||
		    !EXPECT_EQ(map_buffer(domain, wrong[i].fd, 0, 0, READ_ONLY,
					  4 * AT), -wrong[i].error) ||
		    !EXPECT_EQ(buffer_begin(domain, wrong[i].fd, READ_ONLY,
					    4 * AT), -wrong[i].error))
			note("with %s", wrong[i].kind);
	}
	/* nor is a buffer or an association an endpoint */
	EXPECT_EQ(domain_attach(domain, buffer), -EINVAL);
	EXPECT_EQ(domain_attach(domain, assoc), -EINVAL);
	/* and nobody opens a buffer anew, with other rights */
	EXPECT(open(path, O_RDWR) < 0);
	check_unchanged();
	unlink("regular");
}

static void address_arguments(void)
{
	struct iommu_lab_addresses ask = { .size = sizeof(ask), .iova = AT,
					   .length = PAGE, .nr = 1 };
	struct iommu_lab_buffer_info info = {
		.size = sizeof(info),
		.flags = IOMMU_LAB_BUFFER_INFO_PHYS,
	};
	struct iommu_lab_sg sg;
	const u64 bad_pointers[] = { 0, 8, 0xffff888000000000 };
	u32 nr = 1;
	size_t i;

	set_up();
	EXPECT_EQ(addresses(domain, 0, 0, 0, &sg, &nr), -EINVAL);
	EXPECT_EQ(addresses(domain, 0, AT, 0, &sg, &nr), -EINVAL);
	EXPECT_EQ(addresses(assoc, 0, AT, 0, &sg, &nr), -EINVAL);
	EXPECT_EQ(addresses(domain, 0, WRAP, PAGE + 1, &sg, &nr), -EINVAL);
	EXPECT_EQ(addresses(domain, 0, WRAP, PAGE, &sg, &nr), -ENOENT);
	EXPECT_EQ(addresses(domain, 0, 0, ~0ull, &sg, &nr), -ENOENT);
	EXPECT_EQ(addresses(domain, 0, 4 * AT, 1, &sg, &nr), -ENOENT);
	EXPECT_EQ(addresses(domain, 0, MSI_START, PAGE, &sg, &nr), -ENOENT);
	EXPECT_EQ(addresses(assoc, 0, 2 * AT, PAGE, &sg, &nr), -ENOENT);
	EXPECT_EQ(addresses(assoc, 0, 0, ~0ull, &sg, &nr), -ENOENT);
	nr = 0;
	EXPECT_EQ(addresses(domain, 0, AT, PAGE, &sg, &nr), -EMSGSIZE);
	EXPECT_EQ(nr, 1);
	info.buffer_fd = buffer;
	for (i = 0; i < ARRAY_SIZE(bad_pointers); i++) {
		ask.segments = bad_pointers[i];
		EXPECT_EQ(lab_ioctl(domain, IOMMU_LAB_ADDRESSES, &ask),
			  -EFAULT);
		info.blocks = bad_pointers[i];
		info.nr = ~0u;
		EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_BUFFER_INFO, &info),
			  -EFAULT);
	}
	info.nr = 0;
	EXPECT_EQ(lab_ioctl(control, IOMMU_LAB_BUFFER_INFO, &info), -EMSGSIZE);
	EXPECT(info.nr >= 1);
	EXPECT_EQ(info.nr, info.nr_blocks);
	check_unchanged();
}

static const struct test_case cases[] = {
	{ "BUFFER_CREATE refuses wrong sizes, orders and modes",
	  create_arguments },
	{ "MAP_BUFFER and BUFFER_BEGIN refuse wrong arguments", map_arguments },
	{ "an identity domain maps no buffer", check_identity },
	{ "fds of every wrong kind are refused", wrong_fds },
	{ "ADDRESSES and BUFFER_INFO refuse wrong arguments",
	  address_arguments },
};

int main(void)
{
	return RUN_CASES(cases);
}
