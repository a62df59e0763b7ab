/* SPDX-License-Identifier: GPL-2.0 */
/* Ranges of numbers, each with the place in the table that it comes from. */
#ifndef IOMMU_LAB_FIRMWARE_SPAN_H
#define IOMMU_LAB_FIRMWARE_SPAN_H

#include "port.h"

/**
 * struct lab_span - a range
 * @start: its first number
 * @last: its last number (inclusive), not below @start
 * @offset: in the table, of what it comes from
 */
struct lab_span {
	u64 start;
	u64 last;
	u32 offset;
};

void lab_span_sort(struct lab_span *spans, u32 nr);
bool lab_span_has(const struct lab_span *spans, u32 nr, u64 start);

#endif
