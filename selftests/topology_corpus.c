// SPDX-License-Identifier: GPL-2.0
/*
 * topology= with tables of real machines, where the VM was given any, and with the
 * built-in one. What there is then goes to /out/topology_truth/tables/, and how
 * debugfs shows the table: topology_truth.py compares it with another decoder's text,
 * and with what it resolves from that.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"
#include "tables.h"
#include "topology.h"

#define CORPUS	"/lib/firmware/corpus"
#define OUT	"/out/topology_truth"
#define TABLES	512u

static struct test_case cases[TABLES];
static unsigned int nr_cases;

static FILE *begin_report(const char *name, const char *kind)
{
	char path[512];
	FILE *file;

	mkdir(OUT, 0755);
	mkdir(OUT "/tables", 0755);
	snprintf(path, sizeof(path), OUT "/tables/%s.%s", name, kind);
	file = fopen(path, "w");
	REQUIRE(file);
	return file;
}

/* how the module has read the table */
static void report_decoded(const char *name)
{
	FILE *file = begin_report(name, "json");
	char *text = debugfs_text("dmar.json");

	EXPECT(fputs(text, file) >= 0);
	EXPECT(!fclose(file));
	free(text);
}

/* the lines of kunit/user/plan_user.c, as far as they are to be seen from here */
static void report_endpoint(FILE *file, int control, u32 index)
{
	struct iommu_lab_endpoint_info info = endpoint_info(control, index);
	char path[128], name[NAME_BYTES], *text, *at;
	unsigned long long start, last;

	fprintf(file, "endpoint %x %x %x", info.segment, info.bdf, info.unit);
	endpoint_name(index, name);
	snprintf(path, sizeof(path), "endpoints/%s/info", name);
	text = debugfs_text(path);
	for (at = text; (at = strstr(at, "rmrr: 0x")); at++) {
		REQUIRE_EQ(sscanf(at, "rmrr: 0x%llx-0x%llx", &start, &last), 2);
		fprintf(file, " %llx-%llx", start, last);
	}
	fprintf(file, "\n");
	free(text);
}

/* the first and the last bytes of each region can be read without a domain */
static void read_regions(int control)
{
	u32 nr = lab_info(control).endpoints;

	for (u32 i = 0; i < nr; i++) {
		char path[128], name[NAME_BYTES], *text, *at;
		unsigned long long start, last;
		int endpoint = endpoint_open(i);
		u64 value;

		endpoint_name(i, name);
		snprintf(path, sizeof(path), "endpoints/%s/info", name);
		text = debugfs_text(path);
		for (at = text; (at = strstr(at, "rmrr: 0x")); at++) {
			sscanf(at, "rmrr: 0x%llx-0x%llx", &start, &last);
			EXPECT_EQ(dma_read(endpoint, start, &value, 8).status,
				  IOMMU_LAB_DMA_OK);
			EXPECT_EQ(dma_read(endpoint, last - 7, &value, 8).status,
				  IOMMU_LAB_DMA_OK);
		}
		free(text);
		close(endpoint);
	}
}

static void real_table(void)
{
	const char *name = this_case->name;
	char params[512];
	int control, error;
	FILE *file = begin_report(name, "txt");

	snprintf(params, sizeof(params), "topology=corpus/%s", name);
	error = module_load(params);
	if (error) {
		REQUIRE_EQ(error, -EINVAL);
		fprintf(file, "refused\n");
		EXPECT(!fclose(file));
		return;
	}
	report_decoded(name);
	control = control_open();
	dma_at_each_endpoint(control);
	read_regions(control);
	for (u32 i = 0; i < lab_info(control).endpoints; i++)
		report_endpoint(file, control, i);
	close(control);
	EXPECT(!fclose(file));
	REQUIRE_EQ(module_unload(), 0);
}

/* its last endpoints are named by no scope: one of INCLUDE_PCI_ALL is there instead */
static void built_in(void)
{
	size_t length;
	unsigned char *table = table_built_in(4, &length);
	struct iommu_lab_unit_info unit = { .size = sizeof(unit), .index = 1 };
	int control;

	REQUIRE_EQ(table_put(table, length), 0);
	REQUIRE_EQ(module_load("topology=" TABLE_FILE), 0);
	control = control_open();
	REQUIRE_EQ(lab_ioctl(control, IOMMU_LAB_UNIT_INFO, &unit), 0);
	EXPECT_EQ(unit.base, 0xfed91000);
	EXPECT_EQ(lab_info(control).endpoints, 3);
	EXPECT_EQ(endpoint_at(control, 0, 1 << 3).unit, 0);
	EXPECT_EQ(endpoint_at(control, 0, 2 << 3).unit, 0);
	EXPECT_EQ(endpoint_at(control, 0, 3 << 3).unit, 1);
	dma_at_each_endpoint(control);
	read_regions(control);
	close(control);
}

static int is_table(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');

	return end && !strcmp(end, ".bin");
}

static void add_case(const char *name, void (*run)(void))
{
	cases[nr_cases++] = (struct test_case){
		.name = name,
		.run = run,
		.unloaded = true,
	};
}

int main(void)
{
	/* a debug kernel takes seconds for each */
	unsigned int step = is_debug_kernel() && !want_long() ? 10 : 1;
	struct dirent **tables;
	int nr = scandir(CORPUS, &tables, is_table, alphasort);

	add_case("the built-in machine, from a file", built_in);
	for (int i = 0; i < nr && nr_cases < TABLES; i += step)
		add_case(tables[i]->d_name, real_table);
	if (nr < 0)
		note("no " CORPUS ": no tables of real machines");
	return run_cases(cases, nr_cases);
}
