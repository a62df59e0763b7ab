/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random numbers of the property tests. All of them come from one seed, the
 * module parameter "seed", so that a run can be repeated.
 */
#ifndef IOMMU_LAB_KUNIT_SEED_H
#define IOMMU_LAB_KUNIT_SEED_H

#include <linux/prandom.h>
#include <linux/types.h>

u64 lab_test_seed(void);
void lab_test_rnd_init(struct rnd_state *rnd, u64 stream);

static inline u64 lab_test_u64(struct rnd_state *rnd)
{
	u64 high = prandom_u32_state(rnd);

	return high << 32 | prandom_u32_state(rnd);
}

/* 0 to @limit - 1; @limit is not 0 */
static inline u64 lab_test_below(struct rnd_state *rnd, u64 limit)
{
	return lab_test_u64(rnd) % limit;
}

/* true @percent times out of a hundred */
static inline bool lab_test_chance(struct rnd_state *rnd, unsigned int percent)
{
	return lab_test_below(rnd, 100) < percent;
}

#endif
