/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Little-endian fields at any alignment: ACPI tables pack their structures.
 */
#ifndef IOMMU_LAB_FIRMWARE_BYTES_H
#define IOMMU_LAB_FIRMWARE_BYTES_H

#include "port.h"

static inline u16 lab_get_le16(const u8 *at)
{
	return (u16)(at[0] | at[1] << 8);
}

static inline u32 lab_get_le32(const u8 *at)
{
	return lab_get_le16(at) | (u32)lab_get_le16(at + 2) << 16;
}

static inline u64 lab_get_le64(const u8 *at)
{
	return lab_get_le32(at) | (u64)lab_get_le32(at + 4) << 32;
}

static inline void lab_put_le16(u8 *at, u16 value)
{
	at[0] = (u8)value;
	at[1] = (u8)(value >> 8);
}

static inline void lab_put_le32(u8 *at, u32 value)
{
	lab_put_le16(at, (u16)value);
	lab_put_le16(at + 2, (u16)(value >> 16));
}

static inline void lab_put_le64(u8 *at, u64 value)
{
	lab_put_le32(at, (u32)value);
	lab_put_le32(at + 4, (u32)(value >> 32));
}

/**
 * lab_byte_sum - sum of bytes, modulo 256
 * @at: the bytes
 * @length: how many
 *
 * Return: the sum: 0 over a whole ACPI table (ACPI 5.2.6, Checksum).
 */
static inline u8 lab_byte_sum(const u8 *at, size_t length)
{
	u8 sum = 0;

	while (length--)
		sum = (u8)(sum + *at++);
	return sum;
}

#endif
