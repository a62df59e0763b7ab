/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What firmware/ needs of its surroundings, in the kernel and in user space.
 *
 * The room is plain C: bytes in, topology out. It takes integer types, memory,
 * error numbers, string functions and vsnprintf() from here, and nothing else
 * from anywhere.
 */
#ifndef IOMMU_LAB_FIRMWARE_PORT_H
#define IOMMU_LAB_FIRMWARE_PORT_H

#ifdef __KERNEL__

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

#else

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

/* The kernel's build checks the formats. */
#define __printf(...)

#endif

/**
 * lab_port_calloc - zeroed memory
 * @count: number of elements, at least 1
 * @size: bytes of one, at least 1
 *
 * May sleep. Charged to the caller's memory control group, because a user can
 * load a table.
 *
 * Return: the memory, for lab_port_free(), or NULL: no memory, or
 * @count * @size overflows.
 */
static inline void *lab_port_calloc(size_t count, size_t size)
{
#ifdef __KERNEL__
	return kvcalloc(count, size, GFP_KERNEL_ACCOUNT);
#else
	return calloc(count, size);
#endif
}

/**
 * lab_port_free - give back memory of lab_port_calloc()
 * @memory: the memory, or NULL
 *
 * May sleep.
 */
static inline void lab_port_free(const void *memory)
{
#ifdef __KERNEL__
	kvfree(memory);
#else
	free((void *)memory);
#endif
}

/**
 * lab_port_resched - let others run, in the middle of something long
 *
 * May sleep.
 */
static inline void lab_port_resched(void)
{
#ifdef __KERNEL__
	cond_resched();
#endif
}

#endif
