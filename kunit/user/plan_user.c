// SPDX-License-Identifier: GPL-2.0
/*
 * From a table to a machine in user space, for checks/plan-user.
 *
 *   plan_user plan FILE      the machine, a line for each part:
 *                              root SEGMENT BUS LAST
 *                              bridge SEGMENT BDF SECONDARY SUBORDINATE
 *                              endpoint SEGMENT BDF UNIT [START-LAST]...
 *                              unclaimed NUMBER
 *                            or `refused SENTENCE`
 *   plan_user default N      the same of the built-in machine with N endpoints
 *   plan_user torture FILE   FILE with bytes set to others, and without memory
 *
 * Numbers are hexadecimal. Built with AddressSanitizer and UndefinedBehaviorSanitizer;
 * linked with --wrap=calloc, so that allocations can be made to fail.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../iommu_lab/firmware/bytes.h"
#include "plan_sound.h"

#define FILE_MAX	1048576
#define RMRR_BASE	0x7a000000ULL

static unsigned int fail_in;	/* the allocation that fails; 0: none */

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	if (fail_in && !--fail_in)
		return NULL;
	return __real_calloc(count, size);
}

static void die(const char *what)
{
	fprintf(stderr, "plan_user: %s\n", what);
	exit(1);
}

static u8 *read_file(const char *name, size_t *length)
{
	u8 *bytes = malloc(FILE_MAX);
	FILE *file = fopen(name, "rb");

	if (!file || !bytes)
		die("cannot read the table");
	*length = fread(bytes, 1, FILE_MAX, file);
	fclose(file);
	return bytes;
}

static void print_plan(const struct lab_plan *plan)
{
	u32 i, j;

	for (i = 0; i < plan->nr_roots; i++)
		printf("root %x %x %x\n", plan->roots[i].segment,
		       plan->roots[i].bus, plan->roots[i].last);
	for (i = 0; i < plan->nr_bridges; i++)
		printf("bridge %x %x %x %x\n", plan->bridges[i].segment,
		       plan->bridges[i].bdf, plan->bridges[i].secondary,
		       plan->bridges[i].subordinate);
	for (i = 0; i < plan->nr_endpoints; i++) {
		const struct lab_plan_endpoint *endpoint = &plan->endpoints[i];

		printf("endpoint %x %x %x", endpoint->segment, endpoint->bdf,
		       endpoint->unit);
		for (j = 0; j < endpoint->nr_ranges; j++)
			printf(" %llx-%llx",
			       plan->ranges[endpoint->first_range + j].start,
			       plan->ranges[endpoint->first_range + j].last);
		printf("\n");
	}
	printf("unclaimed %x\n", plan->nr_unclaimed);
}

static void check_plan(const struct lab_plan *plan)
{
	const char *defect = plan_defect(plan);

	if (defect)
		die(defect);
}

/* Return: what lab_plan_table() returned; -1: the parser refused the table. */
static int plan_bytes(const u8 *bytes, size_t length, bool print)
{
	struct lab_plan *plan;
	struct lab_dmar *dmar;
	int ret = -1;

	if (!lab_dmar_parse(bytes, length, &dmar)) {
		ret = lab_plan_table(dmar, &plan);
		if (!plan != (ret == -ENOMEM) ||
		    (plan && !plan->refusal[0] != !ret))
			die("result and refusal disagree");
		if (!ret)
			check_plan(plan);
		if (print && !ret)
			print_plan(plan);
		else if (print && plan)
			printf("refused %s\n", plan->refusal);
		lab_plan_free(plan);
	} else if (print) {
		printf("refused by the linter\n");
	}
	lab_dmar_free(dmar);
	return ret;
}

static void print_default(unsigned int endpoints)
{
	struct lab_plan *plan;
	struct lab_dmar *dmar;
	size_t length;
	u8 *table = lab_default_topology(endpoints, RMRR_BASE, &length);

	if (!table || lab_dmar_parse(table, length, &dmar))
		die("no built-in machine");
	lab_dmar_table_free(table);
	if (lab_plan_default(dmar, endpoints, &plan))
		die("no plan of the built-in machine");
	check_plan(plan);
	print_plan(plan);
	lab_plan_free(plan);
	lab_dmar_free(dmar);
}

static void starve(const u8 *bytes, size_t length)
{
	struct lab_plan *plan;
	struct lab_dmar *dmar;
	unsigned int nth;
	int ret;

	if (lab_dmar_parse(bytes, length, &dmar))
		die("refused");
	for (nth = 1; ; nth++) {
		fail_in = nth;
		ret = lab_plan_table(dmar, &plan);
		if (fail_in)
			break;
		if (ret != -ENOMEM || plan)
			die("a failed allocation was not ENOMEM");
	}
	fail_in = 0;
	lab_plan_free(plan);
	lab_dmar_free(dmar);
}

static void torture(const char *name)
{
	static const u8 values[] = { 0, 1, 2, 3, 5, 0x1f, 0x7f, 0x80, 0xff };
	unsigned int made = 0;
	size_t length, at, i;
	u8 *bytes = read_file(name, &length);
	u8 *copy = malloc(length);

	if (!copy)
		die("no memory");
	starve(bytes, length);
	for (at = LAB_DMAR_HEADER; at < length; at++) {
		for (i = 0; i < sizeof(values); i++) {
			memcpy(copy, bytes, length);
			copy[at] = values[i];
			copy[9] = 0;
			copy[9] = (u8)-lab_byte_sum(copy, length);
			made += !plan_bytes(copy, length, false);
		}
	}
	if (!made)
		die("no table was accepted");
	free(copy);
	free(bytes);
}

int main(int argc, char **argv)
{
	size_t length;
	u8 *bytes;

	if (argc == 3 && !strcmp(argv[1], "plan")) {
		bytes = read_file(argv[2], &length);
		plan_bytes(bytes, length, true);
		free(bytes);
	} else if (argc == 3 && !strcmp(argv[1], "default")) {
		print_default((unsigned int)atoi(argv[2]));
	} else if (argc == 3 && !strcmp(argv[1], "torture")) {
		torture(argv[2]);
	} else {
		die("plan_user plan|torture FILE, or default N");
	}
	return 0;
}
