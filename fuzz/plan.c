// SPDX-License-Identifier: GPL-2.0
/* Target: from a DMAR to a machine. */
#include "../kunit/user/plan_sound.h"
#include "fuzz.h"
#include "mutate.h"

/*
 * What a plan may take. Fixed: room for as many root buses, bridges and endpoints as a
 * plan may have. For each bridge and endpoint, of which there is at most one for two
 * bytes and two more for a structure: 16. For each endpoint and RMRR: a range of 24.
 */
#define MEMORY_FIXED	262144
#define MEMORY_FACTOR	16
#define MEMORY_RANGE	24

const struct fuzz_layout * const fuzz_layout = &fuzz_layout_dmar;

static void check_plan(const struct lab_plan *plan)
{
	const char *defect = plan_defect(plan);

	fuzz_require(!defect, defect ? defect : "");
}

static bool same(const struct lab_plan *a, const struct lab_plan *b)
{
	return a->nr_roots == b->nr_roots && a->nr_bridges == b->nr_bridges &&
	       a->nr_endpoints == b->nr_endpoints && a->nr_ranges == b->nr_ranges &&
	       a->nr_unclaimed == b->nr_unclaimed && !strcmp(a->refusal, b->refusal);
}

static void check_again(const struct lab_dmar *dmar, const struct lab_plan *plan)
{
	struct lab_plan *again;

	lab_plan_table(dmar, &again);
	fuzz_require(again && same(plan, again), "the same table gives the same machine");
	lab_plan_free(again);
}

static void plan_table(const struct lab_dmar *dmar, const struct fuzz_input *input)
{
	struct lab_plan *plan;
	size_t most;
	bool failed;
	int result;

	fuzz_memory_begin(input->fail_in);
	result = lab_plan_table(dmar, &plan);
	failed = fuzz_memory_end();
	fuzz_require(failed == !plan && failed == (result == -ENOMEM),
		     "a failed allocation is ENOMEM");
	if (!plan)
		return;
	most = MEMORY_FIXED + MEMORY_FACTOR * input->length +
	       MEMORY_RANGE * (size_t)plan->nr_endpoints * dmar->nr_rmrrs;
	fuzz_require(fuzz_memory_taken() <= most, "memory is in proportion to the table");
	fuzz_require(!plan->refusal[0] == !result, "a refusal has a sentence");
	if (!result)
		check_plan(plan);
	if (input->wants & FUZZ_MORE)
		check_again(dmar, plan);
	lab_plan_free(plan);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input input;
	struct lab_dmar *dmar;

	if (!fuzz_open(&input, data, size))
		return 0;
	if (!lab_dmar_parse(input.table, input.length, &dmar))
		plan_table(dmar, &input);
	lab_dmar_free(dmar);
	fuzz_close(&input);
	return 0;
}
