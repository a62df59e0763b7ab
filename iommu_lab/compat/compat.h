/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before everything else in each object: what differs between kernels
 * and is needed everywhere, and the prefix of messages.
 */
#ifndef IOMMU_LAB_COMPAT_H
#define IOMMU_LAB_COMPAT_H

#define pr_fmt(fmt) "iommu_lab: " fmt

#endif
