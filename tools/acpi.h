/* SPDX-License-Identifier: GPL-2.0 */
/* iommu-lab-acpi: what its files share. */
#ifndef IOMMU_LAB_TOOLS_ACPI_H
#define IOMMU_LAB_TOOLS_ACPI_H

#include <stddef.h>

/* What the program ends with. */
enum status {
	STATUS_OK = 0,
	STATUS_FINDINGS = 1,	/* with the severity `error` */
	STATUS_UNUSABLE = 2,	/* cannot be read or written, or bad usage */
};

/**
 * struct file - a file in memory
 * @name: for messages
 * @bytes: what is in it, and a NUL behind it
 * @length: bytes, without that NUL
 */
struct file {
	const char *name;
	unsigned char *bytes;
	size_t length;
};

extern const char build_grammar[];

/* acpi_build.c */
unsigned char *build(const struct file *text, size_t *length);

#endif
