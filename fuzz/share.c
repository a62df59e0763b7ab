// SPDX-License-Identifier: GPL-2.0
/*
 * Not a target: counts in how many inputs of the mutator signature, length and checksum
 * are right, and says so at the end.
 */
#include "fuzz.h"
#include "mutate.h"

const struct fuzz_layout * const fuzz_layout = &fuzz_layout_dmar;

static unsigned int right;
static unsigned int all;

static void say(void)
{
	printf("repaired %u of %u\n", right, all);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const u8 *table = data + FUZZ_OPTIONS;

	if (!all++)
		atexit(say);
	if (size < (size_t)FUZZ_OPTIONS + fuzz_layout->header)
		return 0;
	size -= FUZZ_OPTIONS;
	right += !memcmp(table, fuzz_layout->signature, 4) &&
		 lab_get_le32(table + 4) == size && !lab_byte_sum(table, size);
	return 0;
}
