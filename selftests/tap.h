/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Test cases in TAP version 13. Each case runs in a process of its own, with
 * the module loaded with the parameters that the case asks for, and has a time
 * limit. A case is `ok` when all of its checks held and, after its process has
 * ended, the module has nothing left: no domain, mapping, pin or table.
 */
#ifndef SELFTESTS_TAP_H
#define SELFTESTS_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/**
 * struct test_case - one line of the result
 * @name: what holds when it is ok; begins with the rows that it proves
 * @run: the checks
 * @params: module parameters, NULL: none
 * @seconds: time limit, 0: 60
 * @unloaded: begins without the module, and does its own loading
 * @dirty: what it did to the module cannot be undone: not looked at, unloaded
 */
struct test_case {
	const char *name;
	void (*run)(void);
	const char *params;
	unsigned int seconds;
	bool unloaded;
	bool dirty;
};

/* in the process of a case: which one */
extern const struct test_case *this_case;

int run_cases(const struct test_case *cases, size_t nr);
#define RUN_CASES(cases) run_cases(cases, ARRAY_SIZE(cases))

/* a line of diagnostics */
__attribute__((format(printf, 1, 2)))
void note(const char *fmt, ...);

/* ends the case as skipped; only for what selftests/skips lists */
__attribute__((format(printf, 1, 2), noreturn))
void skip(const char *fmt, ...);

bool check(bool good, const char *file, int line, const char *what);
bool check_eq(long long got, long long want, const char *file, int line,
	      const char *what);
__attribute__((noreturn))
void end_case(void);

/* EXPECT goes on after a failure, REQUIRE ends the case */
#define EXPECT(cond) check(cond, __FILE__, __LINE__, #cond)
#define EXPECT_EQ(got, want) \
	check_eq((long long)(got), (long long)(want), __FILE__, __LINE__, \
		 #got " == " #want)
#define REQUIRE(cond) \
	do { \
		if (!EXPECT(cond)) \
			end_case(); \
	} while (0)
#define REQUIRE_EQ(got, want) \
	do { \
		if (!EXPECT_EQ(got, want)) \
			end_case(); \
	} while (0)

#endif
