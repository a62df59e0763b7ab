// SPDX-License-Identifier: GPL-2.0
/*
 * Target: the built-in machine, from its arguments to its table to its plan.
 *
 * Input: which allocation of the table fails, which one of the plan, how many endpoints,
 * where the reserved region is (8 bytes, little-endian).
 */
#include "../kunit/user/plan_sound.h"
#include "fuzz.h"

#define INPUT		11	/* bytes */
#define MANY		254	/* from here on, four times as many endpoints for each */

static bool in_range(unsigned int endpoints, u64 base)
{
	u64 last = base + LAB_DEFAULT_RMRR_BYTES - 1;

	return endpoints && endpoints <= LAB_DEFAULT_ENDPOINTS_MAX && !(base % 4096) &&
	       last > base && !(last >> LAB_DEFAULT_WIDTH);
}

static void check_plan(const struct lab_dmar *dmar, unsigned int endpoints,
		       unsigned int fail_in)
{
	struct lab_plan *plan;
	const char *defect;
	bool failed;
	int result;
	u32 i;

	fuzz_memory_begin(fail_in);
	result = lab_plan_default(dmar, endpoints, &plan);
	failed = fuzz_memory_end();
	fuzz_require(failed == !plan && result == (failed ? -ENOMEM : 0),
		     "the built-in machine is one, but for memory");
	if (!plan)
		return;
	defect = plan_defect(plan);
	fuzz_require(!defect, defect ? defect : "");
	fuzz_require(plan->nr_endpoints == endpoints && !plan->nr_unclaimed,
		     "the built-in machine has its endpoints");
	for (i = 0; i < endpoints; i++)
		fuzz_require(plan->endpoints[i].bdf == lab_default_bdf(i),
			     "an endpoint is where it is said to be");
	lab_plan_free(plan);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct lab_dmar *dmar;
	unsigned int endpoints;
	size_t length;
	bool failed;
	u64 base;
	u8 *table;

	if (size < INPUT)
		return 0;
	endpoints = data[2] < MANY ? data[2] : 4u * data[2] + 8;
	base = lab_get_le64(data + 3);
	/* hardly any would be that of a page */
	if (base & 1)
		base &= ~4095ULL;
	fuzz_memory_begin(data[0]);
	table = lab_default_topology(endpoints, base, &length);
	failed = fuzz_memory_end();
	fuzz_require(!table == (failed || !in_range(endpoints, base)),
		     "there is a table of arguments in range");
	if (!table)
		return 0;
	/* a region below 1 MiB is worth a note */
	fuzz_require(!lab_dmar_parse(table, length, &dmar) &&
		     dmar->findings.worst == LAB_NOTE,
		     "the built-in machine has a sound table");
	lab_dmar_table_free(table);
	check_plan(dmar, endpoints, data[1]);
	lab_dmar_free(dmar);
	return 0;
}
