// SPDX-License-Identifier: GPL-2.0
/* What types of structures and device scopes are called. */
#include "dmar.h"

/**
 * lab_dmar_type_name - the specification's name of a type of structures
 * @type: enum lab_dmar_type, or any other value
 *
 * Any context. VT-d 8.2. Return: the name, or NULL: not one of its types.
 */
const char *lab_dmar_type_name(u16 type)
{
	static const char * const names[] = {
		[LAB_DMAR_DRHD] = "DRHD",
		[LAB_DMAR_RMRR] = "RMRR",
		[LAB_DMAR_ATSR] = "ATSR",
		[LAB_DMAR_RHSA] = "RHSA",
		[LAB_DMAR_ANDD] = "ANDD",
		[LAB_DMAR_SATC] = "SATC",
		[LAB_DMAR_SIDP] = "SIDP",
	};

	return type <= LAB_DMAR_SIDP ? names[type] : NULL;
}

/**
 * lab_dmar_scope_name - a name of a type of device scopes
 * @type: enum lab_dmar_scope_type, or any other value
 *
 * Any context. VT-d 8.3.1. Return: the name, or NULL: not one of its types.
 */
const char *lab_dmar_scope_name(u8 type)
{
	static const char * const names[] = {
		[LAB_SCOPE_ENDPOINT] = "pci-endpoint",
		[LAB_SCOPE_SUB_HIERARCHY] = "pci-bridge",
		[LAB_SCOPE_IOAPIC] = "ioapic",
		[LAB_SCOPE_HPET] = "hpet",
		[LAB_SCOPE_NAMESPACE] = "acpi-namespace",
	};

	return type && type <= LAB_SCOPE_NAMESPACE ? names[type] : NULL;
}
