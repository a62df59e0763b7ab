/* SPDX-License-Identifier: GPL-2.0 */
/* dma-bufs, from both sides: what differs between kernels. */
#ifndef IOMMU_LAB_COMPAT_DMA_BUF_H
#define IOMMU_LAB_COMPAT_DMA_BUF_H

#include <linux/dma-buf.h>
#include <linux/module.h>

/*
 * dma-buf's symbols are in a namespace. MODULE_IMPORT_NS() takes a word up to
 * 6.12 and a string since; what it makes of either is this.
 */
#define LAB_IMPORT_DMA_BUF MODULE_INFO(import_ns, "DMA_BUF")

#endif
