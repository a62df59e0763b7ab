/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fuzzing of iommu_lab/firmware/ with libFuzzer: what the targets share.
 *
 * input      two bytes of options, then a table: of exactly its length in memory
 * target     a program, LLVMFuzzerTestOneInput(): one parser with all that works on
 *            what it gives. It aborts where a promise of the parser is not kept
 * unit       a structure, node or block of a table; or a scope, entry, mapping or
 *            other element inside one
 *
 * Linked with --wrap=calloc, so that allocations are counted and can fail.
 */
#ifndef IOMMU_LAB_FUZZ_H
#define IOMMU_LAB_FUZZ_H

#include "../iommu_lab/firmware/bytes.h"
#include "../iommu_lab/firmware/finding.h"

#define FUZZ_OPTIONS	2	/* bytes before the table */

/* second byte: what is asked of a table that was read; the first byte is fail_in */
#define FUZZ_JSON	0x01u
#define FUZZ_TEXT	0x02u
#define FUZZ_MORE	0x04u	/* the same again; which unit has a function */

/**
 * struct fuzz_input - an input, taken apart
 * @fail_in: the allocation that fails, from 1 on; 0: none
 * @wants: FUZZ_*
 * @table: a copy of exactly @length bytes, NULL for none
 * @length: bytes of @table
 */
struct fuzz_input {
	unsigned int fail_in;
	u8 wants;
	u8 *table;
	size_t length;
};

/* require.c */
void fuzz_broken(const char *promise);
bool fuzz_open(struct fuzz_input *input, const u8 *data, size_t size);
void fuzz_close(struct fuzz_input *input);
void fuzz_check_findings(const struct lab_findings *findings, size_t length);

/* memory.c */
void fuzz_memory_begin(unsigned int fail_in);
bool fuzz_memory_failed(void);
bool fuzz_memory_end(void);
size_t fuzz_memory_taken(void);

/**
 * fuzz_require - end the program, as a crash would, unless a promise is kept
 * @kept: whether it is
 * @promise: a sentence, printed if not
 */
static inline void fuzz_require(bool kept, const char *promise)
{
	if (!kept)
		fuzz_broken(promise);
}

/**
 * struct fuzz_text - JSON while it comes, or lines
 * @hash: of all that came
 * @bytes: how many came
 * @lines: how many
 * @depth: objects and lists that are open
 * @objects: bit n: what is open at depth n is an object
 * @state: what JSON may go on with
 * @word: what is left of true or false
 * @digits: hexadecimal digits that an escape still needs
 */
struct fuzz_text {
	u64 hash;
	size_t bytes;
	unsigned int lines;
	unsigned int depth;
	u64 objects;
	int state;
	const char *word;
	unsigned int digits;
};

/* text.c */
void fuzz_json_piece(void *text, const char *piece, size_t length);
void fuzz_json_end(const struct fuzz_text *text);
void fuzz_line(void *text, const char *line);

/* libFuzzer's */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t room, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const u8 *first, size_t first_size, const u8 *second,
				 size_t second_size, u8 *out, size_t room,
				 unsigned int seed);

#endif
