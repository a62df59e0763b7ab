/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How an architecture knows the domain of a root bus: on x86 by what sysdata
 * points to.
 */
#ifndef IOMMU_LAB_COMPAT_PCI_H
#define IOMMU_LAB_COMPAT_PCI_H

#include <linux/numa.h>
#include <linux/pci.h>

/**
 * struct lab_compat_sysdata - sysdata of a root bus
 * @arch: the architecture's; first
 */
struct lab_compat_sysdata {
	struct pci_sysdata arch;
};

/**
 * lab_compat_sysdata_init - a root bus in a domain of its own
 * @sysdata: of the bus
 * @domain: the domain
 *
 * Context: any.
 */
static inline void lab_compat_sysdata_init(struct lab_compat_sysdata *sysdata,
					   int domain)
{
	sysdata->arch.domain = domain;
	sysdata->arch.node = NUMA_NO_NODE;
}

#endif
