// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"
#include "tap.h"

#define DEFAULT_SECONDS	60
#define MAX_COMPLAINTS	20

/* what the process of a case tells its parent; threads and children write too */
static struct shared {
	unsigned int failures;
	char skipped[160];
} *shared;

const struct test_case *this_case;

static const char *loaded_with;

void note(const char *fmt, ...)
{
	char line[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	printf("# %s\n", line);
	fflush(stdout);
}

void skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(shared->skipped, sizeof(shared->skipped), fmt, args);
	va_end(args);
	_exit(0);
}

static bool complain(void)
{
	return __atomic_add_fetch(&shared->failures, 1, __ATOMIC_RELAXED) <=
	       MAX_COMPLAINTS;
}

bool check(bool good, const char *file, int line, const char *what)
{
	if (!good && complain())
		note("%s:%d: does not hold: %s", file, line, what);
	return good;
}

bool check_eq(long long got, long long want, const char *file, int line,
	      const char *what)
{
	if (got != want && complain())
		note("%s:%d: %s: got %lld (%#llx), want %lld (%#llx)", file,
		     line, what, got, got, want, want);
	return got == want;
}

void end_case(void)
{
	fflush(stdout);
	_exit(1);
}

static bool unload(void)
{
	int error = module_loaded() ? module_unload() : 0;

	loaded_with = NULL;
	if (error)
		note("the module cannot be unloaded: %s", strerror(-error));
	return !error;
}

static bool prepare(const struct test_case *test)
{
	const char *params = test->params ?: "";
	int error;

	if (!test->unloaded && loaded_with && !strcmp(loaded_with, params))
		return true;
	if (!unload())
		return false;
	if (test->unloaded)
		return true;
	error = module_load(params);
	if (error) {
		note("insmod iommu_lab.ko %s: %s", params, strerror(-error));
		return false;
	}
	loaded_with = params;
	return true;
}

static bool run_in_child(const struct test_case *test)
{
	unsigned int seconds = test->seconds ?: DEFAULT_SECONDS;
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		note("fork: %s", strerror(errno));
		return false;
	}
	if (!pid) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(seconds);
		this_case = test;
		test->run();
		fflush(stdout);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	kill(-pid, SIGKILL);
	if (WIFSIGNALED(status)) {
		if (WTERMSIG(status) == SIGALRM)
			note("not done after %u s", seconds);
		else
			note("killed by signal %d", WTERMSIG(status));
		return false;
	}
	return !WEXITSTATUS(status);
}

static bool run_case(const struct test_case *test)
{
	bool good;

	memset(shared, 0, sizeof(*shared));
	if (!prepare(test))
		return false;
	good = run_in_child(test) && !shared->failures;
	if (test->dirty || test->unloaded)
		return unload() && good;
	if (!lab_is_empty()) {
		unload();
		return false;
	}
	return good;
}

int run_cases(const struct test_case *cases, size_t nr)
{
	size_t i, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		printf("Bail out! no memory\n");
		return 1;
	}
	printf("TAP version 13\n1..%zu\n", nr);
	for (i = 0; i < nr; i++) {
		u64 start = now_ms();
		bool good = run_case(&cases[i]);

		failed += !good;
		if (good && shared->skipped[0])
			printf("ok %zu %s # SKIP %s\n", i + 1, cases[i].name,
			       shared->skipped);
		else
			printf("%sok %zu %s\n", good ? "" : "not ", i + 1,
			       cases[i].name);
		printf("# %llu ms\n", (unsigned long long)(now_ms() - start));
	}
	if (!unload())
		failed++;
	return failed ? 1 : 0;
}
