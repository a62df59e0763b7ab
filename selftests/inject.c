// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "buf.h"
#include "inject.h"

#define MAX_POINTS	400
#define FAIL_NTH	"/proc/thread-self/fail-nth"

struct injection inj = { .domain = -1 };

static int fail_nth;

static void set_knob(const char *name, const char *knob, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", name, knob);
	REQUIRE_EQ(write_text(path, value), 0);
}

/* every allocation may fail, of any kind, and silently */
void set_up(void)
{
	static const char * const kinds[] = { "failslab", "fail_page_alloc",
					      "fail_usercopy" };
	size_t i;

	if (access(FAIL_NTH, F_OK) || access("/sys/kernel/debug/failslab", F_OK))
		skip("the kernel has no fault injection");
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		set_knob(kinds[i], "verbose", "0");
		set_knob(kinds[i], "probability", "0");
		set_knob(kinds[i], "times", "-1");
	}
	set_knob("failslab", "ignore-gfp-wait", "N");
	set_knob("fail_page_alloc", "ignore-gfp-wait", "N");
	set_knob("fail_page_alloc", "ignore-gfp-highmem", "N");
	set_knob("fail_page_alloc", "min-order", "0");
	fail_nth = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	REQUIRE(fail_nth >= 0);
	inj.control = control_open();
	inj.endpoint = endpoint_open(0);
	inj.mem = pages_alloc(16 * PAGE);
	for (i = 0; i < ARRAY_SIZE(inj.list); i++) {
		inj.list[i] = (struct iommu_lab_sg){
			(uintptr_t)inj.mem + (15 - i) * PAGE, PAGE };
		memset(inj.mem + (15 - i) * PAGE, i + 1, PAGE);
	}
}

static void arm(unsigned int nth)
{
	char number[16];
	int tries;

	snprintf(number, sizeof(number), "%u", nth);
	/* a failure that is armed still may hit this write, once */
	for (tries = 0; tries < 2; tries++)
		if (pwrite(fail_nth, number, strlen(number), 0) > 0)
			return;
	note("fail-nth: %s", strerror(errno));
	end_case();
}

/* whether the failure that was armed has happened; disarms */
static bool fired(void)
{
	char number[16] = "";
	ssize_t n = pread(fail_nth, number, sizeof(number) - 1, 0);

	arm(0);
	return n > 0 && atoi(number) == 0;
}

/* what a failed call must not have moved; free tables of the domain may stay */
struct figures {
	struct iommu_lab_info info;
	struct iommu_lab_domain_info domain;
	u32 endpoint_flags;
	u64 locked;
	u64 kept;
	int next_fd;
};

static struct figures take_figures(void)
{
	struct figures now;

	memset(&now, 0, sizeof(now));
	now.info = lab_info(inj.control);
	now.info.tables_left = 0;
	if (inj.domain >= 0) {
		now.domain = domain_info(inj.domain);
		now.domain.table_bytes = 0;
	}
	now.endpoint_flags = endpoint_info(inj.control, 0).out_flags;
	now.locked = locked_bytes();
	now.kept = debugfs_number("info", "kept pages") +
		   debugfs_number("info", "kept tables");
	now.next_fd = dup(0);
	close(now.next_fd);
	return now;
}

void run_step(const struct step *step)
{
	unsigned int nth, errors = 0, tolerated = 0;

	for (nth = 1; nth <= MAX_POINTS; nth++) {
		struct figures before, after;
		bool hit;
		int error;

		step->prepare();
		before = take_figures();
		arm(nth);
		error = step->call();
		hit = fired();
		if (!hit) {
			if (!EXPECT_EQ(error, 0))
				note("%s: nothing was made to fail", step->name);
			else
				step->undo();
			break;
		}
		if (!error) {
			/* there was another way, and all of it is done */
			tolerated++;
			step->undo();
			continue;
		}
		errors++;
		after = take_figures();
		if (!EXPECT(!memcmp(&before, &after, sizeof(before))) ||
		    !EXPECT(error == -ENOMEM || error == -EFAULT))
			note("%s: failure %u: error %d, mappings %+lld, pinned %+lld, domains %+d, attached %+d, locked %+lld, kept %+lld, fd %+d",
			     step->name, nth, error,
			     (long long)(after.domain.mappings - before.domain.mappings),
			     (long long)(after.domain.pinned_bytes - before.domain.pinned_bytes),
			     (int)(after.info.domains - before.info.domains),
			     (int)(after.domain.attached - before.domain.attached),
			     (long long)(after.locked - before.locked),
			     (long long)(after.kept - before.kept),
			     after.next_fd - before.next_fd);
	}
	note("%s: %u failures were errors, %u had another way", step->name,
	     errors, tolerated);
	EXPECT(nth <= MAX_POINTS);
	EXPECT(errors + tolerated >= step->min_points);
}
