/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls that are made to fail, allocation by allocation (/proc/self/fail-nth).
 */
#ifndef SELFTESTS_INJECT_H
#define SELFTESTS_INJECT_H

#include "lab.h"
#include "sys.h"

/* what set_up() opens; @list has one page of @mem in each entry */
extern struct injection {
	int control;
	int domain;
	int endpoint;
	u8 *mem;
	struct iommu_lab_sg list[16];
} inj;

/* skips the case without fault injection */
void set_up(void);

/**
 * struct step - a call that is made to fail
 * @name: for messages
 * @prepare: before each @call: nothing of the one before may be of use to it
 * @call: 0 or a negative errno
 * @undo: after @call succeeded
 * @min_points: at least so many of its allocations must have failed
 */
struct step {
	const char *name;
	void (*prepare)(void);
	int (*call)(void);
	void (*undo)(void);
	unsigned int min_points;
};

/* the first, second, ... allocation fails, until the call needs no more */
void run_step(const struct step *step);

#endif
