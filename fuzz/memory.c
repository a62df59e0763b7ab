// SPDX-License-Identifier: GPL-2.0
/* Allocations of iommu_lab/firmware/, counted, and one of them failing. */
#include "fuzz.h"

static size_t taken;
static unsigned int left;	/* allocations to the one that fails; 0: none fails */
static bool failed;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	if (left && !--left) {
		failed = true;
		return NULL;
	}
	taken += count * size;
	return __real_calloc(count, size);
}

/**
 * fuzz_memory_begin - count from here on
 * @fail_in: the allocation that fails, from 1 on; 0: none
 */
void fuzz_memory_begin(unsigned int fail_in)
{
	taken = 0;
	left = fail_in;
	failed = false;
}

/**
 * fuzz_memory_failed - whether an allocation has failed since fuzz_memory_begin()
 *
 * Return: whether one has.
 */
bool fuzz_memory_failed(void)
{
	return failed;
}

/**
 * fuzz_memory_end - none fails any more
 *
 * Return: whether one has failed.
 */
bool fuzz_memory_end(void)
{
	left = 0;
	return failed;
}

/**
 * fuzz_memory_taken - bytes that were allocated since fuzz_memory_begin()
 *
 * Return: how many, those that were given back too.
 */
size_t fuzz_memory_taken(void)
{
	return taken;
}
