/* SPDX-License-Identifier: GPL-2.0 */
/* The invariants of iommu_lab/firmware/plan.h, for who makes plans in user space. */
#ifndef IOMMU_LAB_PLAN_SOUND_H
#define IOMMU_LAB_PLAN_SOUND_H

#include "../../iommu_lab/firmware/plan.h"

const char *plan_defect(const struct lab_plan *plan);

#endif
