// SPDX-License-Identifier: GPL-2.0
/*
 * Rights: who may drive an endpoint (proved by an open file of its node), on
 * which file DMA is accepted, and that memory is never mapped for more than the
 * process may do with it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)

static int control, domain, endpoint;
static u8 *mem;

static void set_up(void)
{
	control = control_open();
	domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE(domain >= 0);
	endpoint = endpoint_open(0);
	mem = pages_alloc(PAGE);
	memset(mem, 0x5a, PAGE);
	REQUIRE_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT), 0);
}

static void check_not_attached(void)
{
	u32 nr = lab_info(control).endpoints, i;

	EXPECT_EQ(domain_info(domain).attached, 0);
	for (i = 0; i < nr; i++)
		EXPECT(!(endpoint_info(control, i).out_flags &
			 IOMMU_LAB_ENDPOINT_ATTACHED));
}

static void expect_sentence(int fd, int error, const char *part)
{
	char text[256] = "";
	struct iommu_lab_explain explain = {
		.size = sizeof(explain),
		.length = sizeof(text),
		.text = (uintptr_t)text,
	};

	EXPECT_EQ(lab_ioctl(fd, IOMMU_LAB_EXPLAIN, &explain), 0);
	EXPECT_EQ(explain.error, error);
	if (!EXPECT(strstr(text, part)))
		note("'%s' is not in: %s", part, text);
}

/* N2: each wrong proof has its errno, and attaches nothing */
static void proof(void)
{
	u32 nr;
	int other, file, reader;

	set_up();
	nr = lab_info(control).endpoints;
	other = endpoint_open(2);
	reader = endpoint_open_flags(0, O_RDONLY);
	file = open("regular", O_RDWR | O_CREAT, 0600);
	REQUIRE(file >= 0 && nr >= 3);

	/* another endpoint's fd, for endpoint 0: named as index + 1 */
	EXPECT_EQ(domain_attach_named(domain, other, 1), -EACCES);
	expect_sentence(domain, EACCES, "endpoint 3, not 1");
	EXPECT_EQ(domain_attach_named(domain, endpoint, 3), -EACCES);
	EXPECT_EQ(domain_attach_named(domain, endpoint, nr + 1), -ENOENT);
	expect_sentence(domain, ENOENT, "0 is the one of endpoint_fd");
	EXPECT_EQ(domain_attach_named(domain, endpoint, ~0u), -ENOENT);
	EXPECT_EQ(domain_attach_named(domain, file, 1), -EINVAL);
	EXPECT_EQ(domain_attach(domain, file), -EINVAL);
	EXPECT_EQ(domain_attach_named(domain, reader, 1), -EACCES);
	EXPECT_EQ(domain_attach(domain, reader), -EACCES);
	expect_sentence(domain, EACCES, "not open for writing");
	check_not_attached();

	/* the right one, named or not */
	REQUIRE_EQ(domain_attach_named(domain, endpoint, 1), 0);
	EXPECT_EQ(domain_attach_named(domain, endpoint, 1), -EALREADY);
	EXPECT_EQ(domain_detach(domain, other), -ENOENT);
	EXPECT_EQ(domain_detach(domain, reader), -EACCES);
	EXPECT_EQ(domain_info(domain).attached, 1);
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	REQUIRE_EQ(domain_attach_named(domain, other, 3), 0);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	EXPECT_EQ(domain_info(domain).attached, 2);
	unlink("regular");
}

/* N2: the mode of the node is the policy of who may open it */
static void node_mode(void)
{
	char name[NAME_BYTES], path[128];
	int status;
	pid_t pid;

	set_up();
	endpoint_name(0, name);
	snprintf(path, sizeof(path), ENDPOINT_DIR "/%s", name);
	pid = fork();
	if (!pid) {
		REQUIRE(!setgid(65534) && !setuid(65534));
		EXPECT_EQ(open(path, O_RDWR), -1);
		EXPECT_EQ(errno, EACCES);
		EXPECT_EQ(open(CONTROL_NODE, O_RDWR), -1);
		EXPECT_EQ(errno, EACCES);
		_exit(0);
	}
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

static int submit_fill(int fd)
{
	struct iommu_lab_sg to = { AT, 8 };
	struct iommu_lab_dma dma = {
		.size = sizeof(dma),
		.op = IOMMU_LAB_DMA_FILL,
		.dst_nents = 1,
		.dst = (uintptr_t)&to,
	};
	int error = lab_ioctl(fd, IOMMU_LAB_DMA, &dma);

	EXPECT_EQ(lab_ioctl(fd, IOMMU_LAB_DMA_SUBMIT, &dma), error);
	return error;
}

/* DMA is the attached file's: another opener, also of the owner's own process */
static void second_opener(void)
{
	int second, reader;

	set_up();
	second = endpoint_open(0);
	reader = endpoint_open_flags(0, O_RDONLY);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	EXPECT_EQ(submit_fill(second), -EPERM);
	expect_sentence(second, EPERM, "attached by another file");
	EXPECT_EQ(submit_fill(reader), -EACCES);
	EXPECT_EQ(domain_detach(domain, second), -ENOENT);
	EXPECT_EQ(mem[0], 0x5a);
	/* its close is nobody's end */
	close(second);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_OK);
	/* another endpoint is not attached: it reaches nothing */
	second = endpoint_open(2);
	EXPECT_EQ(dma_poke(second, AT), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(mem[0], 0x5a);
}

/* the last close of the endpoint's file detaches; dup() delays it */
static void closed_endpoint(void)
{
	int copy;

	set_up();
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	copy = dup(endpoint);
	REQUIRE(copy >= 0);
	close(endpoint);
	EXPECT_EQ(domain_info(domain).attached, 1);
	EXPECT_EQ(dma_peek(copy, AT), IOMMU_LAB_DMA_OK);
	close(copy);
	check_not_attached();
	/* what was mapped is the domain's, and is there for the next file */
	EXPECT_EQ(domain_info(domain).mappings, 1);
	endpoint = endpoint_open(0);
	EXPECT_EQ(dma_poke(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(mem[0], 0x5a);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	EXPECT_EQ(dma_poke(endpoint, AT), IOMMU_LAB_DMA_OK);
}

static int refused_at(const void *va, u64 bytes, u32 prot)
{
	struct iommu_lab_domain_info before = domain_info(domain), after;
	u64 locked = locked_bytes();
	int error = map_at(domain, va, bytes, prot, AT + GIB);

	after = domain_info(domain);
	/* nothing is mapped, pinned or charged; tables of a failed try may stay */
	before.table_bytes = 0;
	after.table_bytes = 0;
	EXPECT(!memcmp(&before, &after, sizeof(before)));
	EXPECT_EQ(locked_bytes(), locked);
	EXPECT(!is_mapped(domain, AT + GIB));
	EXPECT_EQ(dma_poke(endpoint, AT + GIB), IOMMU_LAB_DMA_FAULT);
	return error;
}

static void check_read_only(const void *va, u64 bytes, const char *what)
{
	if (!EXPECT_EQ(refused_at(va, bytes, WRITE_ONLY), -EFAULT) ||
	    !EXPECT_EQ(refused_at(va, bytes, READ_WRITE), -EFAULT))
		note("%s", what);
	REQUIRE_EQ(map_at(domain, va, bytes, READ_ONLY, AT + GIB), 0);
	EXPECT_EQ(dma_peek(endpoint, AT + GIB), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_poke(endpoint, AT + GIB), IOMMU_LAB_DMA_FAULT);
	REQUIRE_EQ(unmap(domain, AT + GIB, bytes), 0);
}

static void *map_file(int prot, int flags, int file)
{
	void *va = mmap(NULL, PAGE, prot, flags, file, 0);

	REQUIRE(va != MAP_FAILED);
	return va;
}

/* N4 */
static void never_widen(void)
{
	int file = open("shared", O_RDWR | O_CREAT, 0600), reader;
	u8 *private, *copied, *none;
	struct iommu_lab_sg list[3];
	char text[8] = "of file";
	u64 iova = AT + GIB;

	set_up();
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	REQUIRE(file >= 0 && !ftruncate(file, PAGE));
	REQUIRE_EQ(write(file, text, 8), 8);
	reader = open("shared", O_RDONLY);
	private = pages_alloc(2 * PAGE);
	REQUIRE(!mprotect(private, PAGE, PROT_READ));

	check_read_only(private, PAGE, "private memory");
	check_read_only(private, 2 * PAGE, "private memory, half of it");
	check_read_only(map_file(PROT_READ, MAP_SHARED, reader), PAGE,
			"a shared file");
	check_read_only(map_file(PROT_READ, MAP_SHARED, file), PAGE,
			"a shared file that is open for writing");
	check_read_only(map_file(PROT_READ, MAP_PRIVATE, reader), PAGE,
			"a private file");
	/* one bad entry is enough */
	list[0] = (struct iommu_lab_sg){ (uintptr_t)private + PAGE, PAGE };
	list[1] = (struct iommu_lab_sg){ (uintptr_t)private, PAGE };
	list[2] = list[0];
	EXPECT_EQ(map_list(domain, list, 3, READ_WRITE, &iova), -EFAULT);
	EXPECT_EQ(domain_info(domain).mappings, 1);
	/* what cannot be touched at all */
	none = pages_alloc(2 * PAGE);
	REQUIRE(!mprotect(none, PAGE, PROT_NONE));
	EXPECT_EQ(refused_at(none, PAGE, READ_ONLY), -EFAULT);
	EXPECT_EQ(refused_at(none, PAGE, WRITE_ONLY), -EFAULT);
	EXPECT_EQ(refused_at(none, 2 * PAGE, READ_WRITE), -EFAULT);
	EXPECT_EQ(refused_at(none, 2 * PAGE, READ_ONLY), -EFAULT);

	/* a private copy of a file is the process's own, and the file stays */
	copied = map_file(PROT_READ | PROT_WRITE, MAP_PRIVATE, reader);
	REQUIRE_EQ(map_at(domain, copied, PAGE, READ_WRITE, AT + GIB), 0);
	EXPECT_EQ(dma_poke(endpoint, AT + GIB), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(copied[0], 0xa5);
	REQUIRE_EQ(pread(file, text, 8, 0), 8);
	EXPECT(!strcmp(text, "of file"));
	unlink("shared");
}

/* N4: rights that the process gives up later are gone for the next mapping */
static void reduced(void)
{
	u8 *page = pages_alloc(PAGE);

	set_up();
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	REQUIRE_EQ(map_at(domain, page, PAGE, READ_WRITE, AT + 2 * GIB), 0);
	REQUIRE(!mprotect(page, PAGE, PROT_READ));
	EXPECT_EQ(refused_at(page, PAGE, READ_WRITE), -EFAULT);
	/* what was mapped before is pinned, and stays what it was */
	EXPECT_EQ(dma_poke(endpoint, AT + 2 * GIB), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(page[0], 0xa5);
	REQUIRE_EQ(unmap(domain, AT + 2 * GIB, PAGE), 0);
	check_read_only(page, PAGE, "after mprotect");
	REQUIRE(!mprotect(page, PAGE, PROT_NONE));
	EXPECT_EQ(refused_at(page, PAGE, READ_ONLY), -EFAULT);
	REQUIRE(!mprotect(page, PAGE, PROT_READ | PROT_WRITE));
	REQUIRE_EQ(map_at(domain, page, PAGE, READ_WRITE, AT + 2 * GIB), 0);
	EXPECT_EQ(dma_poke(endpoint, AT + 2 * GIB), IOMMU_LAB_DMA_OK);
}

static const struct test_case cases[] = {
	{ "N2 attach wants the endpoint's own file, open for writing", proof },
	{ "N2 the mode of a node says who may open it", node_mode },
	{ "DMA on another file of the endpoint is EPERM", second_opener },
	{ "the last close of an endpoint's file detaches", closed_endpoint },
	{ "N4 memory is never mapped for more than the process may do",
	  never_widen },
	{ "N4 rights given up are gone for the next mapping", reduced },
};

int main(void)
{
	return RUN_CASES(cases);
}
