/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The other witness of the demonstration: what debugfs says. Each number that is
 * shown is compared with it; a difference is said, and makes the demonstration
 * fail.
 */
#ifndef TOOLS_DEMO_REPORT_H
#define TOOLS_DEMO_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;

#define DEBUGFS "/sys/kernel/debug/iommu_lab"

/* ends the demonstration: it cannot go on */
__attribute__((format(printf, 1, 2), noreturn))
void give_up(const char *fmt, ...);

/* a headline, and a line of the story below it */
__attribute__((format(printf, 1, 2)))
void step(const char *fmt, ...);
__attribute__((format(printf, 1, 2)))
void say(const char *fmt, ...);

/* what must hold; counted, and said if it does not */
__attribute__((format(printf, 2, 3)))
bool expect(bool holds, const char *fmt, ...);
bool same(const char *what, u64 got, u64 want);
unsigned int comparisons(void);
unsigned int differences(void);

/* a file below DEBUGFS; the caller frees it */
__attribute__((format(printf, 1, 2)))
char *report_text(const char *fmt, ...);
/* the text behind "key:" in a text, to the end of its line; NULL if none */
const char *value_of(const char *text, const char *key);
/* the number behind "key:" of a file below DEBUGFS */
u64 report_number(const char *file, const char *key);
/* a printf-made line is in the text as a whole line */
__attribute__((format(printf, 2, 3)))
bool has_line(const char *text, const char *fmt, ...);
/* says a text line by line */
void say_text(const char *text);

/* the counters of a stats file */
struct counters {
	u64 lookups, hits, misses, stale, walks, walk_steps, psc_hits,
	    insertions, evictions, faults;
};

struct counters read_counters(const char *file);
struct counters counters_since(const char *file, const struct counters *before);

#endif
