/* SPDX-License-Identifier: GPL-2.0 */
/* The fields of what the parser found to be wholly inside the table. */
#ifndef IOMMU_LAB_FIRMWARE_DMAR_DECODE_H
#define IOMMU_LAB_FIRMWARE_DMAR_DECODE_H

#include "dmar.h"

void lab_dmar_decode_header(struct lab_dmar *dmar);
void lab_dmar_decode_scope(struct lab_dmar *dmar, u32 offset, u32 length);
void lab_dmar_decode_structure(struct lab_dmar *dmar,
			       struct lab_dmar_structure *structure);

#endif
