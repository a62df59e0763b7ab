/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of firmware/ share: tables, and parsing them with every
 * invariant of struct lab_dmar checked. A table under test is always in memory
 * of exactly its length: a read behind it is a KASAN report.
 */
#ifndef IOMMU_LAB_KUNIT_FIRMWARE_HELP_H
#define IOMMU_LAB_KUNIT_FIRMWARE_HELP_H

#include <kunit/test.h>

#include "../iommu_lab/firmware/dmar.h"

#define LAB_FW_RMRR_BASE	0x7a000000ULL

#define LAB_FW_CASE(function, sentence) {	\
	.run_case = (function),			\
	.name = (sentence),			\
	.module_name = KBUILD_MODNAME,		\
}

/* Each of these results lives as long as @test. */
struct lab_dmar *lab_fw_parse(struct kunit *test, const u8 *bytes,
			      size_t length, int expected);
u8 *lab_fw_finish(struct kunit *test, struct lab_dmar_builder *builder,
		  size_t *length);
u8 *lab_fw_default(struct kunit *test, unsigned int endpoints, size_t *length);

int lab_fw_survive(struct kunit *test, const u8 *bytes, size_t length);
void lab_fw_repair_checksum(u8 *table, u32 length);
void lab_fw_repair(u8 *table, u32 length);

#endif
