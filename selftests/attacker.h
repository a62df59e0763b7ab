/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An attacker (the process of the case) and its victim (a child): each with a
 * domain and an endpoint of its own, at the same unit. The victim's pages hold a
 * secret, 8 random bytes again and again; the attacker knows its complement only,
 * so that whatever equals the secret in its memory has leaked.
 */
#ifndef SELFTESTS_ATTACKER_H
#define SELFTESTS_ATTACKER_H

#include <linux/capability.h>
#include "lab.h"
#include "sys.h"

/* IOVAs. The victim has secrets at all of them and at VICTIM_ONLY */
#define ATTACK_AT		(32 * GIB)	/* more than there is memory */
#define ATTACK_READ_ONLY	(33 * GIB)
#define ATTACK_WRITE_ONLY	(34 * GIB)
#define VICTIM_ONLY		(35 * GIB)
#define VICTIM_SPAN		(16 * PAGE)	/* at each of them */

/* bytes in memory: never mapped or not any more; mapped; written by a DMA */
enum {
	CANARY = 0xca,
	MARK = 0x3d,
	WRITTEN = 0x77,
};

#define DATA_BYTES	(32 * PAGE)

/**
 * struct attacker - what the attacker has
 * @control: control node
 * @domain: its domain, POLICY_FIXED, attached
 * @endpoint: its endpoint's fd
 * @data: DATA_BYTES for the data of its DMAs
 * @victim_index: index of the victim's endpoint
 * @victim_domain: id of the victim's domain
 * @victim_phys: physical address of a page of the victim
 */
struct attacker {
	int control;
	int domain;
	int endpoint;
	u8 *data;
	u32 victim_index;
	u32 victim_domain;
	u64 victim_phys;
};

extern struct attacker attacker;

/* makes both; the victim keeps its device reading its secret */
void attacker_set_up(void);
/* the secret is nowhere in memory, and the victim says its pages are untouched */
void attacker_end(void);
/* the secret is not in a result */
void check_no_secret(const void *data, size_t bytes);

bool all_bytes(const void *data, u8 value, size_t bytes);

#endif
