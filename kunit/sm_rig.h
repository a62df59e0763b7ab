/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rig of vtd_rig.h in scalable mode: 3a:01.0 has a context entry, a PASID
 * directory and a PASID table, of which entry 0 leads to the rig's page table. All
 * words are literal.
 */
#ifndef IOMMU_LAB_KUNIT_SM_RIG_H
#define IOMMU_LAB_KUNIT_SM_RIG_H

#include "vtd_rig.h"

#define SM_CONTEXT	32		/* word of 3a:01.0 in the lower context table */
#define SM_TTM		0x400ULL	/* RTADDR: scalable mode */
#define SM_DW		0x800ULL	/* IQA: 256-bit descriptors */
#define SM_SECOND_STAGE	0x89ULL		/* present, AW 2 (4 levels), PGTT 2 */
#define SM_SSADE	0x200ULL
#define SM_PWSNP	0x800000ULL
#define SM_A		0x100ULL
#define SM_D		0x200ULL

#define SM_INV_PASID_GLOBAL	0x37ULL
#define SM_INV_PASID_DOMAIN	0x07ULL	/* | domain id << 16 */
#define SM_INV_PASID_ONE	0x17ULL	/* | domain id << 16 | PASID << 32 */
#define SM_INV_PASID_IOTLB	0x26ULL	/* the same */

/**
 * struct sm_rig - a unit in scalable mode
 * @rig: the unit, root, context table, page table, queue
 * @dir: PASID directory
 * @table: PASID table
 */
struct sm_rig {
	struct vtd_rig *rig;
	u64 *dir;
	u64 *table;
};

extern const struct lab_vtd_config sm_rig_config;

struct sm_rig *sm_rig_create(struct kunit *test,
			     const struct lab_vtd_config *config);
void sm_rig_on(struct sm_rig *sm);
void sm_rig_put(struct sm_rig *sm, u64 lo, u64 hi, u64 third, u64 fourth);
void sm_rig_submit(struct sm_rig *sm, u64 lo, u64 hi);
void sm_rig_flush(struct sm_rig *sm);
bool sm_rig_queue_error(struct sm_rig *sm);

#endif
