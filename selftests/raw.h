/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Decodes a raw dump (units/<n>/raw) by the specification alone: VT-d 9.1 root
 * entry, 9.3 context entry, in scalable mode 9.2, 9.4, PASID 9.5, 9.6, and 9.8
 * second-stage paging entries. Nothing of the
 * module is included, not even its ABI.
 */
#ifndef SELFTESTS_RAW_H
#define SELFTESTS_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RAW_ENTRIES	512

/**
 * struct raw_page - a record of the dump
 * @address: physical address (RTADDR in the first record)
 * @entry: its 4096 bytes
 */
struct raw_page {
	uint64_t address;
	uint64_t entry[RAW_ENTRIES];
};

/**
 * struct raw_dump - a unit's tables
 * @page: the records, the first one the root table
 * @nr: how many
 */
struct raw_dump {
	struct raw_page *page;
	size_t nr;
};

/**
 * struct raw_context - a context entry
 * @scalable: it is a PASID table entry of scalable mode
 * @ssade: of that: A and D are set in the page table
 * @did: domain id
 * @type: TT: 0: second stage, 2: pass-through; PGTT: 2 and 4
 * @levels: of the page table
 * @table: physical address of the top table
 */
struct raw_context {
	bool scalable;
	bool ssade;
	unsigned int did;
	unsigned int type;
	unsigned int levels;
	uint64_t table;
};

/**
 * struct raw_leaf - what a present leaf maps
 * @iova: first IOVA
 * @size: bytes
 * @pa: physical address
 * @read: the device may read
 * @write: the device may write
 * @accessed: A
 * @dirty: D
 * @region: of a reserved region: bit 52, which units ignore
 */
struct raw_leaf {
	uint64_t iova;
	uint64_t size;
	uint64_t pa;
	bool read;
	bool write;
	bool accessed;
	bool dirty;
	bool region;
};

/* false: not readable, or no whole number of records */
bool raw_load(struct raw_dump *dump, const char *path);
void raw_free(struct raw_dump *dump);
bool raw_context_of(const struct raw_dump *dump, unsigned int bdf,
		    struct raw_context *context);
/*
 * Calls @leaf for each present leaf, ascending, and @table for each entry that
 * points to a table, before what is in it. False if a table is missing.
 */
bool raw_walk(const struct raw_dump *dump, const struct raw_context *context,
	      void (*table)(void *ctx, unsigned int level, unsigned int index,
			    uint64_t entry),
	      void (*leaf)(void *ctx, const struct raw_leaf *leaf), void *ctx);

#endif
