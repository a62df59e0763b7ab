/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DMAR tables for the tests of topology=, made with the builder of
 * iommu_lab/firmware/. Of its headers only tables.c knows: their integer types are
 * others than those of the tests.
 */
#ifndef SELFTESTS_TABLES_H
#define SELFTESTS_TABLES_H

#include <stddef.h>

#define TABLE_FILE	"iommu_lab_test.dmar"

/* the structures of the big table, which is the same machine in any order */
#define TABLE_PARTS	7u

#define UNIT_OF_SCOPES	0xfed90000ull	/* 00:02.0, and 00:00:03.1 behind 3 bridges */
#define UNIT_BELOW	0xfed91000ull	/* sub-hierarchies of 00:1c.4 and 40:01.0 */
#define UNIT_OF_ALL	0xfed92000ull
#define UNIT_SEGMENT_3	0xfed93000ull

/* of 00:02.0: two regions; of 00:02.0 and 00:04.0: the second one */
#define REGION_OWN	0xfd000000ull
#define REGION_SHARED	0xfd100000ull
#define REGION_BYTES	0x2000ull

/* at 64 GiB, where the VM has nothing; of 00:06.0. 3 GiB of it */
#define REGION_LARGE		0x1000000000ull
#define REGION_LARGE_BYTES	0xc0000000ull

enum table_kind {
	TABLE_LARGE,		/* a large region */
	TABLE_IN_RAM,		/* a region of 00:02.0 in RAM of the VM */
	TABLE_NO_NUMBERS,	/* more bridges than bus numbers behind a root bus */
	TABLE_NO_FUNCTION,	/* a unit of a timer only */
	TABLE_TWO_ERRORS,	/* two units at one address, and one at 0 */
};

/* these return a malloc'ed table, NULL: it cannot be made */
unsigned char *table_in_order(unsigned int first, unsigned int step,
			      size_t *length);
unsigned char *table_of(enum table_kind kind, unsigned long long ram,
			size_t *length);
unsigned char *table_built_in(unsigned int endpoints, size_t *length);

/* writes it where topology=TABLE_FILE finds it; frees it; 0 or -1 */
int table_put(unsigned char *table, size_t length);

#endif
