// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "sys.h"

#define MODULE_FILE "/lab/iommu_lab.ko"

bool module_loaded(void)
{
	return !access("/sys/module/iommu_lab", F_OK);
}

/*
 * A host with more to do than it has CPUs for stops a virtual CPU for longer
 * than a unit may take by default: in a test that would be a dead unit. Tests that
 * want a unit to die say timeout_ms= themselves.
 */
#define PATIENCE "timeout_ms=10000 "

int module_load(const char *params)
{
	const char *path = getenv("LAB_MODULE") ?: MODULE_FILE;
	char all[1024] = PATIENCE;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return -errno;
	strncat(all, params, sizeof(all) - sizeof(PATIENCE) - 1);
	if (syscall(SYS_finit_module, fd, all, 0))
		error = -errno;
	close(fd);
	return error;
}

/* The last fput() of a dead process may be a moment behind its wait(). */
int module_unload(void)
{
	u64 limit = now_ms() + 3000;

	while (syscall(SYS_delete_module, "iommu_lab", O_NONBLOCK)) {
		if (errno != EWOULDBLOCK || now_ms() > limit)
			return -errno;
		sleep_ms(10);
	}
	return 0;
}

pid_t module_unload_begin(void)
{
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (!pid)
		_exit(syscall(SYS_delete_module, "iommu_lab", O_NONBLOCK) ? 1 : 0);
	return pid;
}

bool module_unload_ended(pid_t pid, int *status)
{
	pid_t ended = waitpid(pid, status, WNOHANG);

	REQUIRE(ended >= 0);
	return ended == pid;
}

void half_a_second(void)
{
	sleep_ms(500);
}

void while_held(pid_t (*begin)(void), void (*hold)(int ready, int release),
		void (*wait)(void))
{
	int ready[2], release[2], status = -1;
	pid_t holder, waiter;
	char byte = 0;

	REQUIRE(!pipe(ready) && !pipe(release));
	holder = fork();
	REQUIRE(holder >= 0);
	if (!holder)
		hold(ready[1], release[0]);
	close(ready[1]);
	REQUIRE(read(ready[0], &byte, 1) == 1);
	waiter = begin();
	wait();
	EXPECT(!module_unload_ended(waiter, &status));
	REQUIRE(write(release[1], &byte, 1) == 1);
	REQUIRE(waitpid(holder, &status, 0) == holder && !status);
	REQUIRE(waitpid(waiter, &status, 0) == waiter);
	EXPECT_EQ(status, 0);
	close(ready[0]);
	close(release[0]);
	close(release[1]);
}

u64 now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

void sleep_ms(unsigned int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

bool booted(const char *name)
{
	return !strcmp(getenv("LAB_BOOT") ?: "default", name);
}

bool is_debug_kernel(void)
{
	return !access("/sys/kernel/debug/kmemleak", F_OK) ||
	       !access("/sys/kernel/debug/kcsan", F_OK);
}

bool want_long(void)
{
	const char *wish = getenv("LAB_LONG");

	return wish && !strcmp(wish, "1");
}

u64 test_seed(void)
{
	const char *wish = getenv("LAB_SEED");
	u64 seed = wish ? strtoull(wish, NULL, 0) : (u64)time(NULL);

	note("LAB_SEED=%llu", (unsigned long long)seed);
	return seed * 0x9e3779b97f4a7c15ull | 1;
}

/* xorshift64* (Marsaglia, Vigna) */
u64 next_random(u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

void fill_random(void *buf, size_t bytes, u64 *state)
{
	u8 *at = buf;

	while (bytes) {
		u64 value = next_random(state);
		size_t n = bytes < sizeof(value) ? bytes : sizeof(value);

		memcpy(at, &value, n);
		at += n;
		bytes -= n;
	}
}

char *read_text(const char *path)
{
	size_t used = 0, room = 16384;
	char *text = malloc(room);
	ssize_t n = -1;
	int fd, error;

	if (!text)
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0) {
		n = read(fd, text + used, room - used - 1);
		if (n <= 0)
			break;
		used += n;
		if (room - used < 4096) {
			room *= 2;
			text = realloc(text, room);
			if (!text)
				break;
		}
	}
	error = errno;
	if (fd >= 0)
		close(fd);
	if (!text || n < 0) {
		free(text);
		errno = error;
		return NULL;
	}
	text[used] = 0;
	return text;
}

const char *find_key(const char *text, const char *key)
{
	size_t length = strlen(key);

	while (text && *text) {
		if (!strncmp(text, key, length) && text[length] == ':')
			return text + length + 1 + strspn(text + length + 1, " ");
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return NULL;
}

int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		error = -errno;
	close(fd);
	return error;
}

char *debugfs_text(const char *file)
{
	char path[256];
	char *text;

	snprintf(path, sizeof(path), DEBUGFS "/%s", file);
	text = read_text(path);
	if (!text)
		note("%s: %s", path, strerror(errno));
	REQUIRE(text);
	return text;
}

u64 debugfs_number(const char *file, const char *key)
{
	char *text = debugfs_text(file);
	const char *value = find_key(text, key);
	char *end = NULL;
	u64 number = 0;

	if (value)
		number = strtoull(value, &end, 0);
	if (!value || end == value)
		note("%s has no number '%s'", file, key);
	REQUIRE(value && end != value);
	free(text);
	return number;
}

int kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	REQUIRE(fd >= 0);
	REQUIRE(lseek(fd, 0, SEEK_END) >= 0);
	return fd;
}

unsigned int kmsg_count(int fd, const char *text)
{
	unsigned int found = 0;
	char line[8192];

	REQUIRE(lseek(fd, 0, SEEK_CUR) >= 0 || errno == EINVAL || errno == ESPIPE);
	for (;;) {
		ssize_t n = read(fd, line, sizeof(line) - 1);

		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			return found;
		line[n] = 0;
		found += !!strstr(line, text);
	}
}

void drop_capability(int cap)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	REQUIRE(!syscall(SYS_capget, &header, data));
	data[cap / 32].effective &= ~(1u << cap % 32);
	data[cap / 32].permitted &= ~(1u << cap % 32);
	data[cap / 32].inheritable &= ~(1u << cap % 32);
	REQUIRE(!syscall(SYS_capset, &header, data));
}

u64 locked_bytes(void)
{
	char *text = read_text("/proc/self/status");
	const char *value;
	u64 kib;

	REQUIRE(text);
	value = find_key(text, "VmLck");
	REQUIRE(value);
	kib = strtoull(value + strspn(value, " \t"), NULL, 10);
	free(text);
	return kib * 1024;
}

void *pages_alloc(size_t bytes)
{
	void *va = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(va != MAP_FAILED);
	/* EINVAL from a kernel that has no transparent huge pages anyway */
	REQUIRE(!madvise(va, bytes, MADV_NOHUGEPAGE) || errno == EINVAL);
	REQUIRE(!madvise(va, bytes, MADV_POPULATE_WRITE));
	return va;
}

static u64 read_number(const char *path)
{
	char *text = read_text(path);
	u64 number;

	REQUIRE(text);
	number = strtoull(text, NULL, 0);
	free(text);
	return number;
}

void *huge_alloc(size_t bytes)
{
	static const char pool[] = "/proc/sys/vm/nr_hugepages";
	static const char avail[] =
		"/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages";
	u64 need = bytes / HUGE, left = read_number(avail);
	char number[32];
	void *va;

	if (left < need) {
		snprintf(number, sizeof(number), "%llu",
			 (unsigned long long)(read_number(pool) + need - left));
		REQUIRE_EQ(write_text(pool, number), 0);
	}
	va = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | MAP_HUGETLB, -1,
		  0);
	REQUIRE(va != MAP_FAILED);
	return va;
}

void *giant_alloc(void)
{
	void *va = mmap(NULL, GIB, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE |
			MAP_HUGETLB | 30 << MAP_HUGE_SHIFT, -1, 0);

	if (va == MAP_FAILED)
		note("no 1 GiB page: boot with hugepagesz=1G hugepages=1 and enough memory");
	REQUIRE(va != MAP_FAILED);
	return va;
}

u64 phys_of(const void *va)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	u64 entry = 0;

	REQUIRE(fd >= 0);
	REQUIRE_EQ(pread(fd, &entry, 8, (uintptr_t)va / PAGE * 8), 8);
	close(fd);
	REQUIRE(entry >> 63);
	REQUIRE(entry & ((1ull << 55) - 1));
	return (entry & ((1ull << 55) - 1)) * PAGE + (uintptr_t)va % PAGE;
}
