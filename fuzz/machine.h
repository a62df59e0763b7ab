/* SPDX-License-Identifier: GPL-2.0 */
/* A machine whose firmware is the input: what is asked of the units that are found. */
#ifndef IOMMU_LAB_FUZZ_MACHINE_H
#define IOMMU_LAB_FUZZ_MACHINE_H

#include "../iommu_lab/firmware/probe.h"
#include "fuzz.h"

/* machine.c */
void fuzz_machine_of_table(const struct fuzz_input *input, bool valid);
void fuzz_machine_of_tree(const struct lab_dt *tree, size_t length, unsigned int fail_in);

#endif
