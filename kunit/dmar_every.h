/* SPDX-License-Identifier: GPL-2.0 */
/* A sound table with everything in it, for the tests of firmware/. */
#ifndef IOMMU_LAB_KUNIT_DMAR_EVERY_H
#define IOMMU_LAB_KUNIT_DMAR_EVERY_H

#include "../iommu_lab/firmware/dmar.h"

#define LAB_EVERY_LENGTH	0x158

u8 *lab_test_every_structure(size_t *length);

#endif
