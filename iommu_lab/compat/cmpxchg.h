/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A compare-and-exchange that fails, and does not oops, where the memory cannot be
 * written: a register may name any page of RAM as a table, one with kernel text
 * too. x86 has the instruction with an exception table for user memory; the
 * address is not looked at. Other architectures map all of the RAM that tables can
 * be in for writing.
 */
#ifndef IOMMU_LAB_COMPAT_CMPXCHG_H
#define IOMMU_LAB_COMPAT_CMPXCHG_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <linux/uaccess.h>

/**
 * lab_cmpxchg_nofault - exchange a word if it is what it was
 * @ptr: in the direct map, perhaps not writable
 * @old: in: what is expected there; out: what was there
 * @new: what to write
 *
 * Context: any.
 * Return: 1: exchanged; 0: something else was there; -EFAULT: not writable.
 */
static inline int lab_cmpxchg_nofault(u64 *ptr, u64 *old, u64 new)
{
#ifdef unsafe_try_cmpxchg_user
	u64 __user *word = (u64 __user __force *)ptr;
	bool done;

	done = unsafe_try_cmpxchg_user(word, old, new, fault);
	return done;
fault:
	return -EFAULT;
#else
	return try_cmpxchg64(ptr, old, new);
#endif
}

#endif
