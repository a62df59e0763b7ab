// SPDX-License-Identifier: GPL-2.0
/*
 * A storm of faults by one endpoint: the log stays readable, each endpoint has
 * its own limit there, the counters are exact, and the unit can be used by others.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT		(256 * MIB)
#define STORM		1000000u
#define STORM_DEBUG	20000u

/* the module's limit: so many lines, and one that counts the rest, in 5 s */
#define INTERVAL_MS	5000u
#define LINES		11u

#define NAME		"10000:00:01.0"	/* of endpoint 0, which storms */
#define OTHER		"10000:00:02.0"	/* of endpoint 1, at the same unit */

static struct {
	int domain;
	int endpoint;
	u32 nr;
	atomic_uint done;
	u64 delivered;
	u64 lost;
	u64 last;
	u64 records_lost;
	u32 other_bdf;
} storm;

static void *run_storm(void *endpoint)
{
	u32 i;

	for (i = 0; i < storm.nr; i++) {
		if (dma_peek(*(int *)endpoint, AT) != IOMMU_LAB_DMA_FAULT)
			break;
		storm.done++;
	}
	return NULL;
}

/* counts what there is, and holds each event against the sum so far */
static void read_all(void)
{
	struct iommu_lab_event events[64];
	ssize_t n, i;

	while ((n = read(storm.domain, events, sizeof(events))) > 0) {
		for (i = 0; i < n / (ssize_t)sizeof(*events); i++) {
			const struct iommu_lab_event *event = &events[i];

			if (event->type == IOMMU_LAB_EVENT_LOST) {
				storm.lost += event->lost;
				storm.records_lost += !!event->flags;
			} else {
				storm.delivered++;
				REQUIRE_EQ(event->type, IOMMU_LAB_EVENT_FAULT);
				REQUIRE(event->bdf == 0x08 ||
					event->bdf == storm.other_bdf);
			}
			storm.last = event->seq;
			REQUIRE_EQ(storm.delivered + storm.lost, storm.last);
		}
	}
	EXPECT_EQ(errno, EAGAIN);
}

/* what the log says of an endpoint: lines, and the faults that they stand for */
static void count_log(int log, const char *name, u64 *lines, u64 *faults)
{
	char line[1024], begin[32], *text;
	unsigned long long more;
	ssize_t n;

	snprintf(begin, sizeof(begin), "%s: ", name);
	for (;;) {
		n = read(log, line, sizeof(line) - 1);
		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			return;
		line[n] = 0;
		text = strstr(line, begin);
		if (!text)
			continue;
		text += strlen(begin);
		if (!strncmp(text, "fault: ", 7))
			more = 1;
		else if (sscanf(text, "%llu more faults were not logged",
				&more) != 1)
			continue;
		*lines += 1;
		*faults += more;
	}
}

static u64 file_number(const char *name, const char *key)
{
	char file[64];

	snprintf(file, sizeof(file), "endpoints/%s/stats", name);
	return debugfs_number(file, key);
}

/* another endpoint at the same unit goes on as ever, and is heard */
static void use_other(int control)
{
	int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED), i;
	int endpoint = endpoint_open(1), log = kmsg_open();
	u8 *mem = pages_alloc(PAGE);
	u64 lines = 0, faults = 0, limit;

	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	for (i = 0; i < 20; i++) {
		REQUIRE_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT), 0);
		EXPECT_EQ(dma_poke(endpoint, AT), IOMMU_LAB_DMA_OK);
		REQUIRE_EQ(unmap(domain, AT, PAGE), 0);
	}
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	limit = now_ms() + 3000;
	while (!lines && now_ms() < limit) {
		count_log(log, OTHER, &lines, &faults);
		sleep_ms(10);
	}
	EXPECT_EQ(lines, 1);
	EXPECT_EQ(faults, 1);
	close(log);
	close(endpoint);
	close(domain);
}

static void a_storm(void)
{
	u64 start, ms, lines = 0, logged = 0, records, overflows, limit;
	int control = control_open(), log = kmsg_open();
	struct iommu_lab_event event;
	pthread_t thread;

	storm.nr = is_debug_kernel() ? STORM_DEBUG : STORM;
	storm.endpoint = endpoint_open(0);
	storm.domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE_EQ(fcntl(storm.domain, F_SETFL, O_NONBLOCK), 0);
	REQUIRE_EQ(domain_attach(storm.domain, storm.endpoint), 0);
	start = now_ms();
	REQUIRE(!pthread_create(&thread, NULL, run_storm,
				&storm.endpoint));
	/* at first nobody reads, then somebody does */
	while (storm.done < storm.nr / 4)
		sleep_ms(1);
	use_other(control);
	EXPECT(storm.done < storm.nr);
	while (storm.done < storm.nr) {
		read_all();
		sleep_ms(5);
	}
	pthread_join(thread, NULL);
	ms = now_ms() - start;
	EXPECT_EQ(storm.done, storm.nr);

	/* counters: exact, whatever became of the records */
	EXPECT_EQ(lab_stats(storm.domain).faults, storm.nr);
	EXPECT_EQ(lab_stats(storm.endpoint).faults, storm.nr);
	EXPECT_EQ(file_number(NAME, "faults"), storm.nr);
	EXPECT_EQ(file_number(OTHER, "faults"), 1);
	records = debugfs_number("units/0/stats", "records");
	overflows = debugfs_number("units/0/stats", "overflows");
	EXPECT_EQ(debugfs_number("units/0/stats", "faults"), storm.nr + 1);
	EXPECT_EQ(records + overflows, storm.nr + 1);
	EXPECT_EQ(debugfs_number("units/0/faults", "total"), records);

	/* events: all are accounted for */
	read_all();
	EXPECT_EQ(storm.delivered + storm.lost + 1, records);
	EXPECT_EQ(!!storm.records_lost, !!overflows);
	EXPECT(storm.lost > 0);
	EXPECT_EQ(read(storm.domain, &event, sizeof(event)), -1);

	/* the log: bounded, and complete one interval later */
	limit = now_ms() + 3 * INTERVAL_MS;
	while (logged != records - 1 && now_ms() < limit) {
		count_log(log, NAME, &lines, &logged);
		sleep_ms(50);
	}
	ms += INTERVAL_MS;
	note("%u faults in %llu ms: %llu records, %llu overflows; %llu events read, %llu lost; %llu lines",
	     storm.nr, (unsigned long long)ms - INTERVAL_MS,
	     (unsigned long long)records, (unsigned long long)overflows,
	     (unsigned long long)storm.delivered,
	     (unsigned long long)storm.lost, (unsigned long long)lines);
	EXPECT_EQ(logged, records - 1);
	/* each interval that was begun has its lines */
	EXPECT(lines <= LINES * (ms / INTERVAL_MS + 1));
	EXPECT(lines >= 2);
}

/* the unit may lose records when several CPUs storm: that is told, too */
static void two_at_once(void)
{
	int control = control_open(), other = endpoint_open(1);
	u64 records, overflows, before;
	pthread_t thread[2];

	storm.nr = is_debug_kernel() ? STORM_DEBUG / 10 : STORM / 10;
	storm.endpoint = endpoint_open(0);
	storm.other_bdf = 0x10;
	storm.domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE_EQ(fcntl(storm.domain, F_SETFL, O_NONBLOCK), 0);
	REQUIRE_EQ(domain_attach(storm.domain, storm.endpoint), 0);
	REQUIRE_EQ(domain_attach(storm.domain, other), 0);
	records = debugfs_number("units/0/stats", "records");
	overflows = debugfs_number("units/0/stats", "overflows");
	before = debugfs_number("units/0/faults", "total");
	EXPECT_EQ(before, records);
	REQUIRE(!pthread_create(&thread[0], NULL, run_storm, &storm.endpoint));
	REQUIRE(!pthread_create(&thread[1], NULL, run_storm, &other));
	while (storm.done < 2 * storm.nr) {
		read_all();
		sleep_ms(5);
	}
	pthread_join(thread[0], NULL);
	pthread_join(thread[1], NULL);
	EXPECT_EQ(lab_stats(storm.domain).faults, 2 * storm.nr);
	EXPECT_EQ(debugfs_number("units/0/faults", "total"),
		  debugfs_number("units/0/stats", "records"));
	records = debugfs_number("units/0/stats", "records") - records;
	overflows = debugfs_number("units/0/stats", "overflows") - overflows;
	EXPECT_EQ(records + overflows, 2 * storm.nr);
	read_all();
	EXPECT_EQ(storm.delivered + storm.lost, records);
	EXPECT_EQ(!!storm.records_lost, !!overflows);
	note("%llu records, %llu overflows, told of %llu times",
	     (unsigned long long)records, (unsigned long long)overflows,
	     (unsigned long long)storm.records_lost);
}

static const struct test_case cases[] = {
	{ "N15 a storm of faults: bounded log lines, exact counters", a_storm,
	  "endpoints=4", .seconds = 380 },
	{ "N15 a storm of two endpoints: each fault is an event, lost, or told of",
	  two_at_once, "endpoints=5", .seconds = 120 },
};

int main(void)
{
	return RUN_CASES(cases);
}
