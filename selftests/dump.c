// SPDX-License-Identifier: GPL-2.0
/*
 * The report tree against a raw dump of the tables, decoded by raw.c, which
 * knows the specification and nothing of the module. What was compared is left
 * in $LAB_OUT/dump (/out/dump) for decoders outside the VM.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lab.h"
#include "raw.h"
#include "sys.h"

#define AT	(GIB - 3 * PAGE)

/* a report that the decoder writes: the lines of page_table without a header */
struct report {
	char *text;
	size_t used, room;
	unsigned int levels;
	unsigned int tables, leaves;
	u64 bytes;
	u64 next;		/* IOVA behind the last leaf: they ascend */
};

__attribute__((format(printf, 2, 3)))
static void add_line(struct report *report, const char *fmt, ...)
{
	va_list args;

	if (report->room - report->used < 256) {
		report->room = 2 * report->room + 4096;
		report->text = realloc(report->text, report->room);
		REQUIRE(report->text);
	}
	va_start(args, fmt);
	report->used += vsnprintf(report->text + report->used, 256, fmt, args);
	va_end(args);
}

static void add_table(void *ctx, unsigned int level, unsigned int index,
		      uint64_t entry)
{
	struct report *report = ctx;

	add_line(report, "%*slevel %u index %u entry 0x%llx\n",
		 2 * (report->levels - level + 1), "", level, index,
		 (unsigned long long)entry);
	report->tables++;
}

static void add_leaf(void *ctx, const struct raw_leaf *leaf)
{
	static const char * const rights[] = { "--", "r-", "-w", "rw" };
	struct report *report = ctx;

	EXPECT(leaf->iova >= report->next);
	report->next = leaf->iova + leaf->size;
	add_line(report, "0x%llx %llu %s 0x%llx%s\n",
		 (unsigned long long)leaf->iova, (unsigned long long)leaf->size,
		 rights[leaf->read | leaf->write << 1],
		 (unsigned long long)leaf->pa, leaf->region ? " region" : "");
	report->leaves++;
	report->bytes += leaf->size;
}

/* the part of page_table behind its header */
static const char *table_lines(const char *text)
{
	static const char columns[] = "\niova size rw pa\n";
	const char *at = strstr(text, columns);

	REQUIRE(!strncmp(text, "accessed/dirty: not supported", 29));
	REQUIRE(at);
	return at + strlen(columns);
}

static void keep(const char *name, const void *bytes, size_t size)
{
	const char *out = getenv("LAB_OUT") ?: "/out";
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/dump", out);
	mkdir(out, 0755);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/dump/%s", out, name);
	file = fopen(path, "w");
	if (!file)
		note("%s: %s", path, strerror(errno));
	REQUIRE(file);
	EXPECT_EQ(fwrite(bytes, 1, size, file), size);
	EXPECT(!fclose(file));
}

static void keep_text(const char *name, const char *file)
{
	char *text = debugfs_text(file);

	keep(name, text, strlen(text));
	free(text);
}

/* an endpoint's tables by the raw dump of its unit, and by its domain's file */
static void compare(int control, int index, int domain, struct report *report)
{
	struct iommu_lab_endpoint_info info = endpoint_info(control, index);
	u32 id = domain_info(domain).id;
	struct raw_context context;
	struct raw_dump dump;
	char path[64], name[64], *text;

	snprintf(path, sizeof(path), DEBUGFS "/units/%u/raw", info.unit);
	REQUIRE(raw_load(&dump, path));
	snprintf(name, sizeof(name), "raw%u", info.unit);
	keep(name, dump.page, dump.nr * sizeof(*dump.page));
	REQUIRE(raw_context_of(&dump, info.bdf, &context));
	memset(report, 0, sizeof(*report));
	report->levels = context.levels;
	add_line(report, "%s", "");
	EXPECT(raw_walk(&dump, &context, add_table, add_leaf, report));
	raw_free(&dump);

	snprintf(path, sizeof(path), "domains/%u/page_table", id);
	text = debugfs_text(path);
	snprintf(name, sizeof(name), "page_table_%u", id);
	keep(name, text, strlen(text));
	if (!EXPECT(!strcmp(table_lines(text), report->text)))
		note("debugfs says\n%.1500s\nthe dump says\n%.1500s",
		     table_lines(text), report->text);
	free(text);
	snprintf(path, sizeof(path), "domains/%u/info", id);
	snprintf(name, sizeof(name), "info_%u", id);
	keep_text(name, path);
	snprintf(path, sizeof(path), "units/%u/context", info.unit);
	snprintf(name, sizeof(name), "context%u", info.unit);
	keep_text(name, path);
	snprintf(path, sizeof(path), "units/%u/registers", info.unit);
	snprintf(name, sizeof(name), "registers%u", info.unit);
	keep_text(name, path);
}

/* N18: 4 KiB and 2 MiB pages, three rights, two domains, two units */
static void report_tree(void)
{
	int control = control_open(), domain[2], endpoint[3], i;
	u8 *mem = pages_alloc(600 * PAGE), *huge = huge_alloc(2 * HUGE);
	struct iommu_lab_translate answer;
	struct report report;
	u64 mapped, n;

	for (i = 0; i < 2; i++) {
		domain[i] = domain_create(control, IOMMU_LAB_POLICY_FIXED);
		REQUIRE(domain[i] >= 0);
	}
	for (i = 0; i < 3; i++) {
		endpoint[i] = endpoint_open(i);
		REQUIRE_EQ(domain_attach(domain[i > 1], endpoint[i]), 0);
	}
	/* a whole table and more, across a 1 GiB border; the IOVA at 0 */
	REQUIRE_EQ(map_at(domain[0], mem, 600 * PAGE, READ_WRITE, AT), 0);
	REQUIRE_EQ(map_at(domain[0], mem, PAGE, READ_ONLY, 0), 0);
	REQUIRE_EQ(map_at(domain[0], huge, 2 * HUGE, WRITE_ONLY, 4 * GIB), 0);
	REQUIRE_EQ(map_at(domain[0], mem, PAGE, READ_WRITE,
			  domain_info(domain[0]).aperture_last - PAGE + 1), 0);
	REQUIRE_EQ(map_at(domain[1], mem, 3 * PAGE, READ_ONLY, 5 * GIB), 0);

	compare(control, 0, domain[0], &report);
	mapped = domain_info(domain[0]).mapped_bytes;
	/* endpoint 1 is attached, and its reserved region is in the table */
	EXPECT_EQ(report.bytes, mapped + RMRR_LAST - RMRR_START + 1);
	EXPECT_EQ(report.leaves, 600 + 1 + 2 + 1 + 2);
	/* the top is no entry of a table */
	EXPECT_EQ((report.tables + 1) * PAGE, domain_info(domain[0]).table_bytes);
	for (n = 0; n < 600; n++) {
		char line[128];

		snprintf(line, sizeof(line), "\n0x%llx 4096 rw 0x%llx\n",
			 (unsigned long long)(AT + n * PAGE),
			 (unsigned long long)phys_of(mem + n * PAGE));
		if (!EXPECT(strstr(report.text, line)))
			note("no line%s", line);
		REQUIRE_EQ(translate(domain[0], AT + n * PAGE, &answer), 0);
		EXPECT_EQ(answer.out_phys, phys_of(mem + n * PAGE));
	}
	free(report.text);
	compare(control, 1, domain[0], &report);
	free(report.text);
	compare(control, 2, domain[1], &report);
	EXPECT_EQ(report.leaves, 3);
	free(report.text);

	/* it is live */
	REQUIRE_EQ(unmap(domain[0], AT, 600 * PAGE), 0);
	compare(control, 0, domain[0], &report);
	EXPECT_EQ(report.leaves, 1 + 2 + 1 + 2);
	free(report.text);
	REQUIRE_EQ(map_at(domain[0], mem, 600 * PAGE, READ_ONLY, AT), 0);
	compare(control, 0, domain[0], &report);
	EXPECT_EQ(report.leaves, 600 + 1 + 2 + 1 + 2);
	free(report.text);
}

/* N18: a table larger than what one read(2) gives, read by pieces */
static void large_table(void)
{
	int control = control_open(), endpoint = endpoint_open(0);
	int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	u8 *mem = pages_alloc(4096 * PAGE);
	struct report report;
	u64 n;

	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	/* with gaps */
	for (n = 0; n < 8; n++)
		REQUIRE_EQ(map_at(domain, mem + n * 512 * PAGE, 511 * PAGE,
				  READ_WRITE, GIB + n * 513 * PAGE), 0);
	compare(control, 0, domain, &report);
	EXPECT_EQ(report.leaves, 8 * 511);
	free(report.text);
}

static const struct test_case cases[] = {
	{ "N18 the report tree equals a raw dump, decoded independently",
	  report_tree },
	{ "N18 a large table is reported whole", large_table },
};

int main(void)
{
	return RUN_CASES(cases);
}
