// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "demo_report.h"

static unsigned int compared, different, steps;

void give_up(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("\nThe demonstration cannot go on: ");
	vprintf(fmt, args);
	printf("\n");
	va_end(args);
	fflush(stdout);
	exit(2);
}

void step(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("\n%u. ", ++steps);
	vprintf(fmt, args);
	printf("\n");
	va_end(args);
}

void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("   ");
	vprintf(fmt, args);
	printf("\n");
	va_end(args);
}

bool expect(bool holds, const char *fmt, ...)
{
	va_list args;

	compared++;
	if (holds)
		return true;
	different++;
	va_start(args, fmt);
	printf("   DIFFERENT: ");
	vprintf(fmt, args);
	printf("\n");
	va_end(args);
	return false;
}

bool same(const char *what, u64 got, u64 want)
{
	return expect(got == want, "%s is %llu (%#llx), expected %llu (%#llx)",
		      what, (unsigned long long)got, (unsigned long long)got,
		      (unsigned long long)want, (unsigned long long)want);
}

unsigned int comparisons(void)
{
	return compared;
}

unsigned int differences(void)
{
	return different;
}

static char *read_whole(const char *path)
{
	size_t used = 0, room = 65536;
	char *text = malloc(room);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	while (text && fd >= 0) {
		n = read(fd, text + used, room - used - 1);
		if (n <= 0)
			break;
		used += n;
		if (room - used < 4096) {
			room *= 2;
			text = realloc(text, room);
		}
	}
	if (!text || n < 0)
		give_up("%s: %s", path, strerror(errno));
	close(fd);
	text[used] = 0;
	return text;
}

char *report_text(const char *fmt, ...)
{
	char path[256] = DEBUGFS "/";
	size_t used = strlen(path);
	va_list args;

	va_start(args, fmt);
	vsnprintf(path + used, sizeof(path) - used, fmt, args);
	va_end(args);
	return read_whole(path);
}

const char *value_of(const char *text, const char *key)
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

u64 report_number(const char *file, const char *key)
{
	char *text = report_text("%s", file);
	const char *value = value_of(text, key);
	u64 number;

	if (!value)
		give_up("%s/%s does not have '%s'", DEBUGFS, file, key);
	number = strtoull(value, NULL, 0);
	free(text);
	return number;
}

bool has_line(const char *text, const char *fmt, ...)
{
	size_t length;
	char line[256];
	va_list args;

	va_start(args, fmt);
	length = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	while (text && *text) {
		if (!strncmp(text, line, length) && text[length] == '\n')
			return true;
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return false;
}

void say_text(const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		say("  %.*s", (int)length, text);
		text += length + (text[length] == '\n');
	}
}

struct counters read_counters(const char *file)
{
	return (struct counters){
		.lookups = report_number(file, "lookups"),
		.hits = report_number(file, "hits"),
		.misses = report_number(file, "misses"),
		.stale = report_number(file, "stale"),
		.walks = report_number(file, "walks"),
		.walk_steps = report_number(file, "walk_steps"),
		.psc_hits = report_number(file, "psc_hits"),
		.insertions = report_number(file, "insertions"),
		.evictions = report_number(file, "evictions"),
		.faults = report_number(file, "faults"),
	};
}

struct counters counters_since(const char *file, const struct counters *before)
{
	struct counters now = read_counters(file);

	now.lookups -= before->lookups;
	now.hits -= before->hits;
	now.misses -= before->misses;
	now.stale -= before->stale;
	now.walks -= before->walks;
	now.walk_steps -= before->walk_steps;
	now.psc_hits -= before->psc_hits;
	now.insertions -= before->insertions;
	now.evictions -= before->evictions;
	now.faults -= before->faults;
	return now;
}
