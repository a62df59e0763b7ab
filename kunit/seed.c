// SPDX-License-Identifier: GPL-2.0
/* The seed of the property tests. */

#include <linux/hash.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/random.h>
#include "seed.h"

static unsigned long long seed;
module_param(seed, ullong, 0444);
MODULE_PARM_DESC(seed, "seed of the property tests; 0: a random one (default 0)");

static DEFINE_MUTEX(seed_lock);
static bool seed_printed;

/**
 * lab_test_seed - the seed of this run
 *
 * Prints it the first time.
 *
 * Context: may sleep.
 * Return: the module parameter, or what was drawn instead; not 0.
 */
u64 lab_test_seed(void)
{
	mutex_lock(&seed_lock);
	while (!seed)
		seed = get_random_u64();
	if (!seed_printed)
		pr_info("iommu_lab_kunit: seed=%llu\n", seed);
	seed_printed = true;
	mutex_unlock(&seed_lock);
	return seed;
}

/**
 * lab_test_rnd_init - begin a stream of random numbers
 * @rnd: what to initialise
 * @stream: streams of different numbers are independent; a test that has its own
 *	draws the same numbers whatever ran before it
 *
 * Context: may sleep.
 */
void lab_test_rnd_init(struct rnd_state *rnd, u64 stream)
{
	prandom_seed_state(rnd, lab_test_seed() + stream * GOLDEN_RATIO_64);
}
