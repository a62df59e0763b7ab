// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "../iommu_lab/firmware/dmar.h"
#include "tables.h"

#define SCOPE(builder, kind, bus, ...)					\
	lab_dmar_add_scope(builder, kind, 0, 0, bus,			\
			   (const u8[]){ __VA_ARGS__ },			\
			   sizeof((const u8[]){ __VA_ARGS__ }) / 2)

#define ENDPOINT	LAB_SCOPE_ENDPOINT
#define SUB		LAB_SCOPE_SUB_HIERARCHY

static unsigned char *finish(struct lab_dmar_builder *builder, size_t *length)
{
	u8 *table = lab_dmar_finish(builder, length);

	lab_dmar_builder_free(builder);
	return table;
}

static void add_part(struct lab_dmar_builder *builder, unsigned int part)
{
	switch (part) {
	case 0:
		lab_dmar_add_drhd(builder, 0, UNIT_OF_SCOPES, 0, 0);
		SCOPE(builder, ENDPOINT, 0, 2, 0);
		SCOPE(builder, ENDPOINT, 0, 1, 0, 0, 0, 3, 0, 0, 1);
		SCOPE(builder, LAB_SCOPE_IOAPIC, 0, 0x1e, 7);
		break;
	case 1:
		lab_dmar_add_drhd(builder, 0, UNIT_BELOW, 0, 0);
		SCOPE(builder, SUB, 0, 0x1c, 4);
		SCOPE(builder, SUB, 0x40, 1, 0);
		break;
	case 2:
		lab_dmar_add_drhd(builder, 0, UNIT_OF_ALL, 0,
				  LAB_DRHD_INCLUDE_PCI_ALL);
		break;
	case 3:
		lab_dmar_add_rmrr(builder, 0, REGION_OWN,
				  REGION_OWN + REGION_BYTES - 1);
		SCOPE(builder, ENDPOINT, 0, 2, 0);
		break;
	case 4:
		lab_dmar_add_rmrr(builder, 0, REGION_SHARED,
				  REGION_SHARED + REGION_BYTES - 1);
		SCOPE(builder, ENDPOINT, 0, 2, 0);
		SCOPE(builder, ENDPOINT, 0, 4, 0);
		break;
	case 5:
		lab_dmar_add_satc(builder, 0, 0);
		SCOPE(builder, ENDPOINT, 0, 0x1c, 4, 0, 2);
		SCOPE(builder, ENDPOINT, 0x80, 5, 3);
		break;
	case 6:
		lab_dmar_add_drhd(builder, 3, UNIT_SEGMENT_3, 0,
				  LAB_DRHD_INCLUDE_PCI_ALL);
		break;
	}
}

unsigned char *table_in_order(unsigned int first, unsigned int step,
			      size_t *length)
{
	struct lab_dmar_builder builder;
	unsigned int i;

	lab_dmar_begin(&builder, 46, LAB_DMAR_INTR_REMAP);
	for (i = 0; i < TABLE_PARTS; i++)
		add_part(&builder, (first + i * step) % TABLE_PARTS);
	return finish(&builder, length);
}

unsigned char *table_of(enum table_kind kind, unsigned long long ram,
			size_t *length)
{
	struct lab_dmar_builder builder;

	lab_dmar_begin(&builder, 46, LAB_DMAR_INTR_REMAP);
	lab_dmar_add_drhd(&builder, 0, UNIT_OF_SCOPES, 0, 0);
	switch (kind) {
	case TABLE_LARGE:
		SCOPE(&builder, ENDPOINT, 0, 6, 0);
		lab_dmar_add_rmrr(&builder, 0, REGION_LARGE,
				  REGION_LARGE + REGION_LARGE_BYTES - 1);
		SCOPE(&builder, ENDPOINT, 0, 6, 0);
		break;
	case TABLE_IN_RAM:
		SCOPE(&builder, ENDPOINT, 0, 2, 0);
		SCOPE(&builder, ENDPOINT, 0, 3, 0);
		lab_dmar_add_rmrr(&builder, 0, ram, ram + 4095);
		SCOPE(&builder, ENDPOINT, 0, 2, 0);
		break;
	case TABLE_NO_NUMBERS:
		SCOPE(&builder, SUB, 0x10, 1, 0);
		SCOPE(&builder, ENDPOINT, 0x11, 0, 0);
		break;
	case TABLE_NO_FUNCTION:
		SCOPE(&builder, LAB_SCOPE_HPET, 0, 0x1f, 0);
		break;
	case TABLE_TWO_ERRORS:
		SCOPE(&builder, ENDPOINT, 0, 2, 0);
		lab_dmar_add_drhd(&builder, 0, UNIT_OF_SCOPES, 0, 0);
		lab_dmar_add_drhd(&builder, 0, 0, 0, LAB_DRHD_INCLUDE_PCI_ALL);
		break;
	}
	return finish(&builder, length);
}

unsigned char *table_built_in(unsigned int endpoints, size_t *length)
{
	return lab_default_topology(endpoints, REGION_OWN, length);
}

int table_put(unsigned char *table, size_t length)
{
	FILE *file;
	int ret = -1;

	mkdir("/lib/firmware", 0755);
	file = table ? fopen("/lib/firmware/" TABLE_FILE, "w") : NULL;
	if (file) {
		ret = fwrite(table, 1, length, file) == length ? 0 : -1;
		ret |= fclose(file) ? -1 : 0;
	}
	lab_dmar_table_free(table);
	return ret;
}
