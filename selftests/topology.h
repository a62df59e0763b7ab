/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which unit the DMA of an endpoint goes through, by the counters of all units.
 */
#ifndef SELFTESTS_TOPOLOGY_H
#define SELFTESTS_TOPOLOGY_H

#include "lab.h"

/*
 * Does a DMA at each endpoint: it must reach memory, and move the counters of one
 * unit, the one that the endpoint says it has. Ends the case on failure.
 */
void dma_at_each_endpoint(int control);

/* the endpoint at a BDF; ends the case if there is none */
struct iommu_lab_endpoint_info endpoint_at(int control, u32 segment, u32 bdf);

#endif
