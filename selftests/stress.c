// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once: 8 threads share domains, endpoints and memory, and do what
 * comes to mind, while child processes with threads of their own, which fight for
 * the same endpoints, are killed at random moments. Each call may end in the ways
 * that a table says and in no other, and in the end nothing is left.
 *
 * The fds are at fixed numbers: what closes one puts another of its kind there
 * (dup2), so that no call is made on a file of another kind.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "buf.h"
#include "lab.h"
#include "sys.h"

#define THREADS		8
#define CHILDREN	2
#define CHILD_THREADS	3
#define DOMAINS		3
#define ENDPOINTS	4
#define BUFFERS		3
#define ASSOCIATIONS	4	/* their slots may be empty */
#define FIRST_FD	100	/* domains, then endpoints, buffers, associations */
#define FIRST_BUFFER	(FIRST_FD + DOMAINS + ENDPOINTS)
#define FIRST_HANDLE	(FIRST_BUFFER + BUFFERS)
#define END_FD		(FIRST_HANDLE + ASSOCIATIONS)

#define AT		(256 * MIB)
#define SPAN		64	/* pages of IOVA space that all of them use */
#define MEM_PAGES	64

enum op {
	MAP, MAP_SG, UNMAP, ATTACH, DETACH, CLOSE_DOMAIN, CLOSE_ENDPOINT, DMA,
	SUBMIT, REAP, STATS, INFO, DOMAIN_INFO, TRANSLATE, READ_DEBUGFS,
	CLOSE_BUFFER, MAP_BUFFER, BEGIN, END, READ_EVENTS, NR_OPS
};

/**
 * struct kind - what is known about an operation
 * @name: of it
 * @weight: how often it is done. Whatever waits for a grace period with a lock
 *	held is rare, or all threads would wait for it
 * @errors: how it may be refused; an allocation may fail only when made to
 * @successes: at least so many must be seen in 10 seconds on a stock kernel
 * @refused: so many of them must have been refused
 */
static const struct kind {
	const char *name;
	unsigned int weight;
	int errors[5];
	unsigned int successes, refused;
} kinds[NR_OPS] = {
	[MAP] = { "map", 60, { EEXIST, EINVAL, EFAULT }, 100, 100 },
	[MAP_SG] = { "map_sg", 40, { EEXIST }, 100, 10 },
	[UNMAP] = { "unmap", 60, { ENOENT, EINVAL, EBUSY }, 100, 10 },
	[ATTACH] = { "attach", 8, { EBUSY, EALREADY }, 20, 20 },
	[DETACH] = { "detach", 2, { ENOENT }, 5, 5 },
	[CLOSE_DOMAIN] = { "close of a domain", 1, { 0 }, 10, 0 },
	[CLOSE_ENDPOINT] = { "close of an endpoint", 2, { 0 }, 10, 0 },
	[DMA] = { "DMA", 100, { EPERM, EBUSY }, 100, 10 },
	[SUBMIT] = { "submit", 80, { EPERM, EBUSY, ENOSPC }, 100, 10 },
	[REAP] = { "reap", 80, { EAGAIN, ENOENT }, 100, 10 },
	[STATS] = { "stats", 6, { 0 }, 50, 0 },
	[INFO] = { "info", 10, { 0 }, 50, 0 },
	[DOMAIN_INFO] = { "domain info", 10, { 0 }, 50, 0 },
	[TRANSLATE] = { "translate", 10, { 0 }, 50, 0 },
	/* the file of a domain goes with it, also under the reader */
	[READ_DEBUGFS] = { "debugfs", 4, { ENOENT, EIO }, 20, 0 },
	[CLOSE_BUFFER] = { "close of a buffer", 10, { 0 }, 50, 0 },
	[MAP_BUFFER] = { "map of a buffer", 20, { EEXIST }, 50, 10 },
	[BEGIN] = { "association", 20, { EEXIST }, 50, 10 },
	[END] = { "its end", 20, { EBADF }, 50, 10 },
	[READ_EVENTS] = { "events", 10, { EAGAIN }, 50, 10 },
};

static struct counts {
	unsigned long done[NR_OPS];
	unsigned long refused[NR_OPS];
	unsigned long out_of_memory[NR_OPS];
	unsigned long statuses[IOMMU_LAB_DMA_DEAD + 1];
} *counts;

static int control;
static u8 *mem;
static volatile bool *stop;
static bool allocations_fail;

static int domain_slot(u64 *state)
{
	return FIRST_FD + next_random(state) % DOMAINS;
}

static int endpoint_slot(u64 *state)
{
	return FIRST_FD + DOMAINS + next_random(state) % ENDPOINTS;
}

/* the new file takes the number of the old one, whose last close that may be */
static int put_into_slot(int slot, int fd)
{
	if (fd < 0)
		return fd;
	if (dup3(fd, slot, O_CLOEXEC) < 0)
		fd = -errno;
	else
		close(fd);
	return fd < 0 ? fd : 0;
}

static int fill_domain_slot(int slot)
{
	int fd = domain_create(control, IOMMU_LAB_POLICY_FIXED);

	if (fd >= 0)
		REQUIRE_EQ(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return put_into_slot(slot, fd);
}

static char endpoint_paths[ENDPOINTS][128];

static int fill_endpoint_slot(int slot)
{
	int fd = open(endpoint_paths[slot - FIRST_FD - DOMAINS],
		      O_RDWR | O_CLOEXEC);

	return put_into_slot(slot, fd < 0 ? -errno : fd);
}

static int fill_buffer_slot(int slot)
{
	u64 bytes = 2 * PAGE;

	return put_into_slot(slot, buffer_create_as(control, &bytes, 0, 0,
						    COHERENT));
}

static u64 some_iova(u64 *state)
{
	return AT + next_random(state) % SPAN * PAGE;
}

static int do_map(u64 *state)
{
	u64 pages = 1 + next_random(state) % 8;
	u8 *va = mem + next_random(state) % (MEM_PAGES - 8) * PAGE;

	switch (next_random(state) % 32) {
	case 0:
		va += 1;
		break;
	case 1:
		va = (u8 *)PAGE;
		break;
	}
	return map_at(domain_slot(state), va, pages * PAGE,
		      1 + next_random(state) % 3, some_iova(state));
}

static int do_map_sg(u64 *state)
{
	struct iommu_lab_sg list[4];
	u64 iova = some_iova(state);
	u32 nents = 1 + next_random(state) % 4;

	for (u32 i = 0; i < nents; i++)
		list[i] = (struct iommu_lab_sg){
			(uintptr_t)mem + next_random(state) % MEM_PAGES * PAGE,
			PAGE };
	return map_list(domain_slot(state), list, nents, READ_WRITE, &iova);
}

static int do_unmap(u64 *state)
{
	u64 unmapped, pages = 1 + next_random(state) % 16;
	u32 flags = next_random(state) % 8 ? IOMMU_LAB_UNMAP_ALLOW_HOLES : 0;

	return unmap_flags(domain_slot(state), some_iova(state), pages * PAGE,
			   flags, &unmapped);
}

static int do_attach(u64 *state)
{
	return domain_attach(domain_slot(state), endpoint_slot(state));
}

static int do_detach(u64 *state)
{
	return domain_detach(domain_slot(state), endpoint_slot(state));
}

static int do_close_domain(u64 *state)
{
	return fill_domain_slot(domain_slot(state));
}

static int do_close_endpoint(u64 *state)
{
	return fill_endpoint_slot(endpoint_slot(state));
}

/* what a result may say: the unit never dies, and there is RAM behind each leaf */
static void count_status(u32 status)
{
	if (status == IOMMU_LAB_DMA_OK || status == IOMMU_LAB_DMA_FAULT ||
	    status == IOMMU_LAB_DMA_MISCOMPARE ||
	    status == IOMMU_LAB_DMA_REVOKED ||
	    /* the work item had no memory for its buffer */
	    (status == IOMMU_LAB_DMA_ABORTED && allocations_fail))
		__atomic_add_fetch(&counts->statuses[status], 1,
				   __ATOMIC_RELAXED);
	else
		REQUIRE_EQ(status, IOMMU_LAB_DMA_OK);
}

static int dma_on(u64 *state, unsigned long cmd)
{
	struct iommu_lab_sg src[2], dst[2];
	u8 data[2 * 5000];
	u32 op = next_random(state) % 5, nents = 1 + next_random(state) % 2;
	struct iommu_lab_dma dma = {
		.size = sizeof(dma),
		.op = op,
		.src_nents = op == IOMMU_LAB_DMA_WRITE ||
			     op == IOMMU_LAB_DMA_FILL ? 0 : nents,
		.dst_nents = op == IOMMU_LAB_DMA_READ ? 0 : nents,
		.src = (uintptr_t)src,
		.dst = (uintptr_t)dst,
		.pattern = next_random(state),
		/* of the ring: given when it is reaped, by whichever thread */
		.data = cmd == IOMMU_LAB_DMA ? (uintptr_t)data : (uintptr_t)mem,
	};
	int error;

	for (u32 i = 0; i < nents; i++) {
		src[i].addr = some_iova(state) + next_random(state) % 100;
		dst[i].addr = some_iova(state) + next_random(state) % 100;
		src[i].length = 1 + next_random(state) % 5000;
		dst[i].length = src[i].length;
	}
	error = lab_ioctl(endpoint_slot(state), cmd, &dma);
	if (!error && cmd == IOMMU_LAB_DMA)
		count_status(dma.result.status);
	return error;
}

static int do_dma(u64 *state)
{
	return dma_on(state, IOMMU_LAB_DMA);
}

static int do_submit(u64 *state)
{
	return dma_on(state, IOMMU_LAB_DMA_SUBMIT);
}

static int do_reap(u64 *state)
{
	struct iommu_lab_dma_reap reap = { .size = sizeof(reap) };
	int error = lab_ioctl(endpoint_slot(state), IOMMU_LAB_DMA_REAP, &reap);

	if (!error)
		count_status(reap.result.status);
	return error;
}

static int do_stats(u64 *state)
{
	struct iommu_lab_stats stats = { .size = sizeof(stats) };

	return lab_ioctl(next_random(state) % 2 ? domain_slot(state) :
						  endpoint_slot(state),
			 IOMMU_LAB_STATS, &stats);
}

static int do_info(u64 *state)
{
	struct iommu_lab_endpoint_info endpoint = { .size = sizeof(endpoint) };
	struct iommu_lab_info info = { .size = sizeof(info) };

	if (next_random(state) % 2)
		return lab_ioctl(control, IOMMU_LAB_INFO, &info);
	endpoint.index = next_random(state) % ENDPOINTS;
	return lab_ioctl(control, IOMMU_LAB_ENDPOINT_INFO, &endpoint);
}

static int do_domain_info(u64 *state)
{
	struct iommu_lab_domain_info info = { .size = sizeof(info) };

	return lab_ioctl(domain_slot(state), IOMMU_LAB_DOMAIN_INFO, &info);
}

static int do_translate(u64 *state)
{
	struct iommu_lab_translate answer;

	return translate(domain_slot(state), some_iova(state), &answer);
}

static int do_debugfs(u64 *state)
{
	static const char * const of_all[] = { "info", "units/0/stats",
					       "units/1/stats" };
	static const char * const of_domain[] = { "info", "stats", "mappings" };
	struct iommu_lab_domain_info info = { .size = sizeof(info) };
	char path[128], *text;
	int error = 0;

	if (next_random(state) % 2) {
		snprintf(path, sizeof(path), DEBUGFS "/%s",
			 of_all[next_random(state) % ARRAY_SIZE(of_all)]);
	} else {
		if (lab_ioctl(domain_slot(state), IOMMU_LAB_DOMAIN_INFO, &info))
			return -ENOENT;
		snprintf(path, sizeof(path), DEBUGFS "/domains/%u/%s", info.id,
			 of_domain[next_random(state) % ARRAY_SIZE(of_domain)]);
	}
	text = read_text(path);
	if (!text)
		error = -errno;
	free(text);
	return error;
}

static int buffer_slot(u64 *state)
{
	return FIRST_BUFFER + next_random(state) % BUFFERS;
}

static int do_close_buffer(u64 *state)
{
	return fill_buffer_slot(buffer_slot(state));
}

static int do_map_buffer(u64 *state)
{
	return map_buffer(domain_slot(state), buffer_slot(state), PAGE, PAGE,
			  READ_WRITE, some_iova(state));
}

static int do_begin(u64 *state)
{
	return put_into_slot(FIRST_HANDLE + next_random(state) % ASSOCIATIONS,
			     buffer_begin(domain_slot(state), buffer_slot(state),
					  READ_WRITE, some_iova(state)));
}

static int do_end(u64 *state)
{
	return close(FIRST_HANDLE + next_random(state) % ASSOCIATIONS) ? -errno : 0;
}

static int do_read_events(u64 *state)
{
	struct iommu_lab_event events[4];

	return read(domain_slot(state), events, sizeof(events)) < 0 ? -errno : 0;
}

static int (* const functions[NR_OPS])(u64 *state) = {
	[MAP] = do_map,
	[MAP_SG] = do_map_sg,
	[UNMAP] = do_unmap,
	[ATTACH] = do_attach,
	[DETACH] = do_detach,
	[CLOSE_DOMAIN] = do_close_domain,
	[CLOSE_ENDPOINT] = do_close_endpoint,
	[DMA] = do_dma,
	[SUBMIT] = do_submit,
	[REAP] = do_reap,
	[STATS] = do_stats,
	[INFO] = do_info,
	[DOMAIN_INFO] = do_domain_info,
	[TRANSLATE] = do_translate,
	[READ_DEBUGFS] = do_debugfs,
	[CLOSE_BUFFER] = do_close_buffer,
	[MAP_BUFFER] = do_map_buffer,
	[BEGIN] = do_begin,
	[END] = do_end,
	[READ_EVENTS] = do_read_events,
};

static void account(enum op op, int error)
{
	unsigned long *count = &counts->refused[op];
	size_t i;

	if (!error) {
		count = &counts->done[op];
	} else if (error == -ENOMEM && allocations_fail) {
		count = &counts->out_of_memory[op];
	} else {
		for (i = 0; i < ARRAY_SIZE(kinds[op].errors); i++)
			if (error == -kinds[op].errors[i])
				break;
		if (i == ARRAY_SIZE(kinds[op].errors)) {
			note("%s: %s", kinds[op].name, strerror(-error));
			REQUIRE(!"an errno of this operation");
		}
	}
	__atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
}

static enum op some_op(u64 *state)
{
	unsigned int sum = 0, pick;
	enum op op;

	for (op = 0; op < NR_OPS; op++)
		sum += kinds[op].weight;
	pick = next_random(state) % sum;
	for (op = 0; pick >= kinds[op].weight; op++)
		pick -= kinds[op].weight;
	return op;
}

static void *work(void *seed)
{
	u64 state = (uintptr_t)seed;

	if (allocations_fail)
		REQUIRE_EQ(write_text("/proc/thread-self/make-it-fail", "1"), 0);
	while (!*stop) {
		enum op op = some_op(&state);

		account(op, functions[op](&state));
	}
	return NULL;
}

static void fill_slots(void)
{
	for (int i = 0; i < DOMAINS; i++)
		REQUIRE_EQ(fill_domain_slot(FIRST_FD + i), 0);
	for (int i = 0; i < ENDPOINTS; i++)
		REQUIRE_EQ(fill_endpoint_slot(FIRST_FD + DOMAINS + i), 0);
	for (int i = FIRST_BUFFER; i < FIRST_HANDLE; i++)
		REQUIRE_EQ(fill_buffer_slot(i), 0);
	for (int i = FIRST_HANDLE; i < END_FD; i++)
		close(i);
}

static void start_threads(pthread_t *threads, unsigned int nr, u64 *state)
{
	for (unsigned int i = 0; i < nr; i++)
		REQUIRE(!pthread_create(&threads[i], NULL, work,
					(void *)(next_random(state) | 1)));
}

/* a process that will be killed; the files of its parent are gone first */
static pid_t start_child(u64 *state)
{
	pthread_t threads[CHILD_THREADS];
	u64 own = next_random(state);
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fill_slots();
	start_threads(threads, CHILD_THREADS, &own);
	for (;;)
		pause();
}

static unsigned int kill_for(unsigned int seconds, u64 *state)
{
	u64 end = now_ms() + seconds * 1000;
	pid_t children[CHILDREN];
	unsigned int kills = 0;
	int i, status;

	for (i = 0; i < CHILDREN; i++)
		children[i] = start_child(state);
	while (now_ms() < end) {
		sleep_ms(20 + next_random(state) % 300);
		i = next_random(state) % CHILDREN;
		/* one that ended before had seen what it must not see */
		REQUIRE_EQ(waitpid(children[i], &status, WNOHANG), 0);
		kill(children[i], SIGKILL);
		REQUIRE_EQ(waitpid(children[i], &status, 0), children[i]);
		children[i] = start_child(state);
		kills++;
	}
	for (i = 0; i < CHILDREN; i++) {
		kill(children[i], SIGKILL);
		REQUIRE_EQ(waitpid(children[i], &status, 0), children[i]);
	}
	return kills;
}

static void report(unsigned int kills)
{
	unsigned int slower = is_debug_kernel() ? 5 : 1;

	for (enum op op = 0; op < NR_OPS; op++) {
		note("%-20s %8lu done, %8lu refused, %6lu out of memory",
		     kinds[op].name, counts->done[op], counts->refused[op],
		     counts->out_of_memory[op]);
		EXPECT(counts->done[op] >= kinds[op].successes / slower);
		EXPECT(counts->refused[op] >= kinds[op].refused / slower);
	}
	note("%lu good DMAs, %lu faults, %lu miscompares, %lu revoked; %u kills",
	     counts->statuses[IOMMU_LAB_DMA_OK],
	     counts->statuses[IOMMU_LAB_DMA_FAULT],
	     counts->statuses[IOMMU_LAB_DMA_MISCOMPARE],
	     counts->statuses[IOMMU_LAB_DMA_REVOKED], kills);
	EXPECT(counts->statuses[IOMMU_LAB_DMA_OK] >= 50 / slower);
	EXPECT(counts->statuses[IOMMU_LAB_DMA_FAULT] >= 50 / slower);
	EXPECT(kills >= 10 / slower);
}

static void stress(void)
{
	unsigned int seconds = is_debug_kernel() || want_long() ? 60 : 10, kills;
	pthread_t threads[THREADS];
	u64 state = test_seed();

	counts = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(counts != MAP_FAILED);
	stop = (void *)((u8 *)counts + PAGE);
	control = control_open();
	for (int i = 0; i < ENDPOINTS; i++) {
		char name[NAME_BYTES];

		endpoint_name(i, name);
		snprintf(endpoint_paths[i], sizeof(endpoint_paths[i]),
			 ENDPOINT_DIR "/%s", name);
	}
	mem = pages_alloc(MEM_PAGES * PAGE);
	fill_slots();
	start_threads(threads, THREADS, &state);
	kills = kill_for(seconds, &state);
	*stop = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	report(kills);
	EXPECT_EQ(lab_info(control).out_flags, IOMMU_LAB_INFO_ENABLED);
	for (int i = FIRST_FD; i < END_FD; i++)
		close(i);
	EXPECT(lab_is_empty());
	EXPECT_EQ(debugfs_number("info", "kept pages"), 0);
	EXPECT_EQ(debugfs_number("info", "kept tables"), 0);
	EXPECT_EQ(locked_bytes(), 0);
}

static void set_failslab(const char *knob, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/debug/failslab/%s", knob);
	REQUIRE_EQ(write_text(path, value), 0);
}

/* one allocation in 50 of those threads, and of no other task */
static void stress_failslab(void)
{
	unsigned long failures = 0;

	if (access("/proc/self/make-it-fail", F_OK) ||
	    access("/sys/kernel/debug/failslab", F_OK))
		skip("the kernel has no fault injection");
	set_failslab("verbose", "0");
	set_failslab("task-filter", "1");
	set_failslab("ignore-gfp-wait", "0");
	set_failslab("interval", "1");
	set_failslab("times", "-1");
	set_failslab("probability", "2");
	allocations_fail = true;
	stress();
	set_failslab("probability", "0");
	set_failslab("task-filter", "0");
	for (enum op op = 0; op < NR_OPS; op++)
		failures += counts->out_of_memory[op];
	EXPECT(failures >= 50);
	EXPECT(counts->out_of_memory[MAP] && counts->out_of_memory[DMA]);
}

static const struct test_case cases[] = {
	{ "P11 stress of 8 threads, with processes that are killed", stress,
	  .seconds = 150 },
	{ "P11 stress while allocations fail", stress_failslab, .seconds = 150 },
};

int main(void)
{
	return RUN_CASES(cases);
}
