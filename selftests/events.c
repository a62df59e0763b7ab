// SPDX-License-Identifier: GPL-2.0
/*
 * Events on a domain fd: faults, lost events, dead units. What they say, who gets
 * them, and how reading them behaves.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT		(256 * MIB)
#define ROOM		256u	/* events that a queue holds */
#define EVENT		sizeof(struct iommu_lab_event)
/* far more than a time-out of a unit, far less than for ever */
#define BOUND_MS	10000u

static struct {
	int control;
	int domain;
	int endpoint;
	u32 id;
} own;

static void set_up(unsigned int endpoint)
{
	open_attached(IOMMU_LAB_POLICY_FIXED, endpoint, &own.control,
		      &own.domain, &own.endpoint);
	own.id = domain_info(own.domain).id;
	REQUIRE_EQ(fcntl(own.domain, F_SETFL, O_NONBLOCK), 0);
}

static void faults(int endpoint, unsigned int nr)
{
	while (nr--)
		EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
}

static int read_events(int domain, void *events, size_t bytes)
{
	ssize_t n = read(domain, events, bytes);

	return n < 0 ? -errno : n;
}

static struct iommu_lab_event next_event(int domain)
{
	struct iommu_lab_event event;

	REQUIRE_EQ(read_events(domain, &event, EVENT), EVENT);
	EXPECT_EQ(event.size, EVENT);
	EXPECT_EQ(event.__reserved, 0);
	return event;
}

static void expect_none(int domain)
{
	struct pollfd pfd = { .fd = domain, .events = POLLIN };
	struct iommu_lab_event event;

	EXPECT_EQ(poll(&pfd, 1, 0), 0);
	EXPECT_EQ(read_events(domain, &event, EVENT), -EAGAIN);
}

static u64 boot_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* the event of a DMA that was refused, and the unit's record in debugfs */
static void check_fault(u32 unit, u32 bdf, const char *name, bool write,
			u64 iova, u32 reason)
{
	u64 before = boot_ns(), total, seq;
	char file[32], want[160], *text;
	struct iommu_lab_dma_result r;
	struct iommu_lab_event event;
	static u64 last_seq;
	u8 byte = 0;

	snprintf(file, sizeof(file), "units/%u/faults", unit);
	total = debugfs_number(file, "total");
	r = write ? dma_write(own.endpoint, iova, &byte, 1) :
		    dma_read(own.endpoint, iova, &byte, 1);
	EXPECT_EQ(r.status, IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(r.fault_reason, reason);
	event = next_event(own.domain);
	EXPECT_EQ(event.type, IOMMU_LAB_EVENT_FAULT);
	seq = last_seq + 1;
	last_seq = event.seq;
	EXPECT_EQ(event.seq, seq);
	EXPECT(event.time >= before && event.time <= boot_ns());
	EXPECT_EQ(event.unit, unit);
	EXPECT_EQ(event.segment, 0);
	EXPECT_EQ(event.bdf, bdf);
	EXPECT_EQ(event.domain, own.id);
	EXPECT_EQ(event.reason, reason);
	EXPECT_EQ(event.flags, write ? IOMMU_LAB_FAULT_WRITE : 0);
	EXPECT_EQ(event.iova, iova & ~(PAGE - 1));
	EXPECT_EQ(event.lost, 0);
	/* 8 registers, used in turn */
	EXPECT_EQ(event.record, total % 8);

	text = debugfs_text(file);
	snprintf(want, sizeof(want), "%llu %llu.%06llu %s %s iova 0x%llx reason %u (",
		 (unsigned long long)total + 1,
		 (unsigned long long)event.time / 1000000000,
		 (unsigned long long)event.time / 1000 % 1000000, name,
		 write ? "write" : "read", (unsigned long long)event.iova,
		 reason);
	if (!EXPECT(strstr(text, want)))
		note("no '%s' in:\n%s", want, text);
	snprintf(want, sizeof(want), ") record %u\n", event.record);
	EXPECT(strlen(text) > strlen(want) &&
	       !strcmp(text + strlen(text) - strlen(want), want));
	free(text);
	expect_none(own.domain);
}

static void fields(void)
{
	u8 *mem = pages_alloc(2 * PAGE);

	set_up(2);
	REQUIRE_EQ(map_at(own.domain, mem, PAGE, READ_ONLY, AT), 0);
	REQUIRE_EQ(map_at(own.domain, mem, PAGE, WRITE_ONLY, AT + PAGE), 0);
	expect_none(own.domain);
	/* not permitted */
	check_fault(1, 0x18, "10000:00:03.0", true, AT + 0x123, REASON_WRITE);
	check_fault(1, 0x18, "10000:00:03.0", false, AT + PAGE + 0xfff,
		    REASON_READ);
	/* not present */
	check_fault(1, 0x18, "10000:00:03.0", false, AT + 2 * PAGE,
		    REASON_READ);
	check_fault(1, 0x18, "10000:00:03.0", true, AT + 7 * GIB, REASON_WRITE);
	/* beyond what the unit can translate */
	check_fault(1, 0x18, "10000:00:03.0", false, 1ull << 48,
		    REASON_BEYOND_WIDTH);
	check_fault(1, 0x18, "10000:00:03.0", true, ~0xfffull,
		    REASON_BEYOND_WIDTH);
	/* and what is permitted is no event */
	EXPECT_EQ(dma_peek(own.endpoint, AT), IOMMU_LAB_DMA_OK);
	expect_none(own.domain);
}

static void *fault_soon(void *unused)
{
	(void)unused;
	sleep_ms(100);
	dma_poke(own.endpoint, AT + PAGE);
	return NULL;
}

static void on_signal(int signal)
{
	(void)signal;
}

static void waiting(void)
{
	struct sigaction act = { .sa_handler = on_signal };
	struct pollfd pfd = { .events = POLLIN | POLLRDNORM };
	struct iommu_lab_event event;
	pthread_t thread;
	u64 start;

	set_up(0);
	pfd.fd = own.domain;
	start = now_ms();
	EXPECT_EQ(poll(&pfd, 1, 50), 0);
	EXPECT(now_ms() - start >= 50);
	REQUIRE(!pthread_create(&thread, NULL, fault_soon, NULL));
	EXPECT_EQ(poll(&pfd, 1, BOUND_MS), 1);
	EXPECT_EQ(pfd.revents, POLLIN | POLLRDNORM);
	pthread_join(thread, NULL);
	EXPECT_EQ(next_event(own.domain).iova, AT + PAGE);

	/* now in read() */
	REQUIRE_EQ(fcntl(own.domain, F_SETFL, 0), 0);
	REQUIRE(!pthread_create(&thread, NULL, fault_soon, NULL));
	EXPECT_EQ(read_events(own.domain, &event, EVENT), EVENT);
	EXPECT_EQ(event.seq, 2);
	EXPECT_EQ(event.flags, IOMMU_LAB_FAULT_WRITE);
	pthread_join(thread, NULL);

	/* a signal ends it: the case's own alarm, for a moment */
	REQUIRE(!sigaction(SIGUSR1, &act, NULL));
	if (!fork()) {
		sleep_ms(200);
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	EXPECT_EQ(read_events(own.domain, &event, EVENT), -EINTR);
	wait(NULL);
}

static void buffers(void)
{
	struct iommu_lab_event *events, event;
	u8 *page = pages_alloc(2 * PAGE);
	size_t i;

	set_up(0);
	faults(own.endpoint, 10);
	EXPECT_EQ(read_events(own.domain, &event, 0), -EINVAL);
	EXPECT_EQ(read_events(own.domain, &event, EVENT - 1), -EINVAL);
	events = (void *)page;
	/* whole events only */
	EXPECT_EQ(read_events(own.domain, events, 3 * EVENT - 1), 2 * EVENT);
	EXPECT_EQ(events[0].seq, 1);
	EXPECT_EQ(events[1].seq, 2);
	EXPECT_EQ(events[2].size, 0);
	/* a bad address loses nothing */
	EXPECT_EQ(read_events(own.domain, (void *)PAGE, EVENT), -EFAULT);
	EXPECT_EQ(next_event(own.domain).seq, 3);
	/* nor one that is bad in part: one event and a half can be written */
	REQUIRE(!mprotect(page + PAGE, PAGE, PROT_NONE));
	events = (void *)(page + PAGE - EVENT - EVENT / 2);
	EXPECT_EQ(read_events(own.domain, events, 4 * EVENT), EVENT);
	EXPECT_EQ(events[0].seq, 4);
	EXPECT_EQ(read_events(own.domain, page + PAGE - 8, EVENT), -EFAULT);
	/* as many as there are */
	events = (void *)page;
	EXPECT_EQ(read_events(own.domain, events, PAGE), 6 * EVENT);
	for (i = 0; i < 6; i++)
		EXPECT_EQ(events[i].seq, 5 + i);
	expect_none(own.domain);
	/* other kinds of file have no events */
	EXPECT_EQ(read_events(own.control, &event, EVENT), -EINVAL);
	EXPECT_EQ(read_events(own.endpoint, &event, EVENT), -EINVAL);
}

static void other_process(void)
{
	struct pollfd pfd = { .events = POLLIN };
	struct iommu_lab_event event;
	int status;

	set_up(0);
	faults(own.endpoint, 1);
	if (!fork()) {
		pfd.fd = own.domain;
		EXPECT_EQ(read_events(own.domain, &event, EVENT), -EPERM);
		EXPECT_EQ(poll(&pfd, 1, 0), 1);
		EXPECT_EQ(pfd.revents, POLLERR);
		_exit(0);
	}
	REQUIRE(wait(&status) > 0);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(next_event(own.domain).seq, 1);
}

static void expect_run(u64 first, u64 last)
{
	for (; first <= last; first++) {
		struct iommu_lab_event event = next_event(own.domain);

		REQUIRE_EQ(event.type, IOMMU_LAB_EVENT_FAULT);
		REQUIRE_EQ(event.seq, first);
	}
}

static void expect_marker(u64 seq, u64 lost)
{
	struct iommu_lab_event event = next_event(own.domain);

	EXPECT_EQ(event.type, IOMMU_LAB_EVENT_LOST);
	EXPECT_EQ(event.seq, seq);
	EXPECT_EQ(event.lost, lost);
	EXPECT_EQ(event.flags, 0);
	EXPECT_EQ(event.domain, own.id);
	EXPECT(event.time && event.time <= boot_ns());
}

static void expect_figures(u64 queued, u64 seq, u64 lost)
{
	char file[32];

	snprintf(file, sizeof(file), "domains/%u/events", own.id);
	EXPECT_EQ(debugfs_number(file, "queued"), queued);
	EXPECT_EQ(debugfs_number(file, "seq"), seq);
	EXPECT_EQ(debugfs_number(file, "lost"), lost);
}

static void lost(void)
{
	set_up(0);
	expect_figures(0, 0, 0);
	faults(own.endpoint, ROOM + 100);
	expect_figures(ROOM, ROOM + 100, 100);
	/* the oldest are kept, and what was lost is said behind them */
	expect_run(1, ROOM);
	expect_marker(356, 100);
	expect_none(own.domain);
	faults(own.endpoint, 1);
	expect_run(357, 357);
	/* and before what comes after it */
	faults(own.endpoint, ROOM + 10);
	expect_run(358, 359);
	faults(own.endpoint, 1);
	expect_run(360, 357 + ROOM);
	expect_marker(357 + ROOM + 10, 10);
	expect_run(357 + ROOM + 11, 357 + ROOM + 11);
	expect_none(own.domain);
	expect_figures(0, 357 + ROOM + 11, 110);
}

/* a fault is of whoever had the endpoint then; nobody's is nobody's */
static void previous_owner(void)
{
	int next;

	own.control = control_open();
	own.endpoint = endpoint_open(0);
	faults(own.endpoint, 3);
	close(own.endpoint);
	set_up(0);
	expect_none(own.domain);
	next = domain_create(own.control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE_EQ(fcntl(next, F_SETFL, O_NONBLOCK), 0);
	faults(own.endpoint, 2);
	REQUIRE_EQ(domain_detach(own.domain, own.endpoint), 0);
	faults(own.endpoint, 5);
	REQUIRE_EQ(domain_attach(next, own.endpoint), 0);
	expect_none(next);
	faults(own.endpoint, 1);
	EXPECT_EQ(next_event(next).seq, 1);
	expect_none(next);
	expect_run(1, 2);
	expect_none(own.domain);
}

#define ROUNDS	60u
#define JOBS	32u

/* faults of two owners, told apart by IOVA, while the endpoint changes hands */
static void hand_over(void)
{
	static const u64 base[2] = { GIB, 2 * GIB };
	struct iommu_lab_dma_reap reap = { .size = sizeof(reap) };
	int domain[2], i, j, which;
	struct pollfd ended = { .events = POLLIN };
	u64 told = 0, refused = 0;

	own.control = control_open();
	own.endpoint = endpoint_open(0);
	ended.fd = own.endpoint;
	for (i = 0; i < 2; i++) {
		domain[i] = domain_create(own.control, IOMMU_LAB_POLICY_FIXED);
		REQUIRE_EQ(fcntl(domain[i], F_SETFL, O_NONBLOCK), 0);
	}
	for (i = 0; i < (int)ROUNDS; i++) {
		struct iommu_lab_event event;

		which = i & 1;
		REQUIRE_EQ(domain_attach(domain[which], own.endpoint), 0);
		for (j = 0; j < (int)JOBS; j++) {
			struct iommu_lab_sg sg = {
				base[which] + (u64)i * PAGE, 8
			};
			struct iommu_lab_dma dma = {
				.size = sizeof(dma),
				.op = IOMMU_LAB_DMA_FILL,
				.dst_nents = 1,
				.dst = (uintptr_t)&sg,
			};

			REQUIRE_EQ(lab_ioctl(own.endpoint, IOMMU_LAB_DMA_SUBMIT,
					     &dma), 0);
		}
		/* the first has ended, the others are under way */
		REQUIRE_EQ(poll(&ended, 1, BOUND_MS), 1);
		REQUIRE_EQ(domain_detach(domain[which], own.endpoint), 0);
		for (j = 0; j < (int)JOBS; j++) {
			while (lab_ioctl(own.endpoint, IOMMU_LAB_DMA_REAP,
					 &reap) == -EAGAIN)
				sleep_ms(1);
			refused += reap.result.status == IOMMU_LAB_DMA_FAULT;
		}
		while (read_events(domain[which], &event, EVENT) > 0) {
			EXPECT_EQ(event.type, IOMMU_LAB_EVENT_FAULT);
			EXPECT_EQ(event.iova, base[which] + (u64)i * PAGE);
			told++;
		}
		expect_none(domain[!which]);
	}
	note("%llu refused while the endpoint was taken away %u times",
	     (unsigned long long)refused, ROUNDS);
	EXPECT_EQ(told, refused);
	EXPECT(refused >= ROUNDS);
}

static void expect_dead(int domain, u32 bdf, u64 seq)
{
	struct iommu_lab_event event = next_event(domain);

	EXPECT_EQ(event.type, IOMMU_LAB_EVENT_DEAD);
	EXPECT_EQ(event.unit, 0);
	EXPECT_EQ(event.bdf, bdf);
	EXPECT_EQ(event.seq, seq);
	EXPECT_EQ(event.reason, 0);
	EXPECT_EQ(event.iova, 0);
}

/* unit 0 dies by @step; who is attached there is told, full queue or not */
static void dies(int (*step)(void *mem))
{
	int other, other_endpoint = endpoint_open(2), second = endpoint_open(1);
	int log = kmsg_open();
	u8 *mem = pages_alloc(2 * PAGE);
	u64 start;

	set_up(0);
	REQUIRE_EQ(domain_attach(own.domain, second), 0);
	other = domain_create(own.control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE_EQ(fcntl(other, F_SETFL, O_NONBLOCK), 0);
	REQUIRE_EQ(domain_attach(other, other_endpoint), 0);
	REQUIRE_EQ(map_at(own.domain, mem, PAGE, READ_WRITE, AT + PAGE), 0);
	EXPECT_EQ(dma_peek(own.endpoint, AT + PAGE), IOMMU_LAB_DMA_OK);
	faults(own.endpoint, ROOM + 44);
	REQUIRE_EQ(write_text(DEBUGFS "/units/0/defect", "stuck"), 0);

	start = now_ms();
	EXPECT_EQ(step(mem), -ETIMEDOUT);
	EXPECT(now_ms() - start >= 50);
	EXPECT(now_ms() - start < BOUND_MS);
	EXPECT_EQ(endpoint_info(own.control, 0).out_flags &
		  IOMMU_LAB_ENDPOINT_GONE, IOMMU_LAB_ENDPOINT_GONE);
	EXPECT_EQ(debugfs_number("info", "kept pages"), 1);
	EXPECT_EQ(dma_peek(own.endpoint, AT), IOMMU_LAB_DMA_DEAD);

	expect_run(1, ROOM);
	expect_marker(ROOM + 44, 44);
	expect_dead(own.domain, 0x08, ROOM + 45);
	expect_dead(own.domain, 0x10, ROOM + 46);
	expect_none(own.domain);
	expect_none(other);
	EXPECT_EQ(kmsg_count(log, "the unit is dead"), 1);
	/* and the process can end, with all of it open */
}

static int unmap_it(void *mem)
{
	(void)mem;
	return unmap(own.domain, AT + PAGE, PAGE);
}

static int map_it(void *mem)
{
	return map_at(own.domain, mem, PAGE, READ_WRITE, AT + 3 * PAGE);
}

static void dies_by_unmap(void)
{
	dies(unmap_it);
}

static void dies_by_map(void)
{
	dies(map_it);
}

static const struct test_case cases[] = {
	{ "N6 an event says unit, record, reason, endpoint, address and type",
	  fields, "endpoints=4" },
	{ "N6 a fault wakes who waits in read or poll; a signal does, too",
	  waiting },
	{ "N6 whole events only, and none is lost by a bad buffer", buffers },
	{ "N6 another process cannot read events", other_process },
	{ "N6 a full queue keeps the oldest, and counts what it loses", lost },
	{ "N6 the fault of a previous owner is not told to the next",
	  previous_owner },
	{ "N6 nor while the endpoint changes hands in flight", hand_over,
	  .seconds = 120 },
	{ "N13 an unmap times out, and the owner is told that the unit is dead",
	  dies_by_unmap, "timeout_ms=1000", .dirty = true },
	{ "N13 so does a map with caching mode", dies_by_map,
	  "caching_mode=1 timeout_ms=1000", .dirty = true },
};

int main(void)
{
	return RUN_CASES(cases);
}
