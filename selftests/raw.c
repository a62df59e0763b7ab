// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include "raw.h"

#define ADDRESS		0x000ffffffffff000ull	/* bits 51:12 */
#define PRESENT		1ull

bool raw_load(struct raw_dump *dump, const char *path)
{
	size_t used = 0, room = 64 * sizeof(struct raw_page);
	char *bytes = malloc(room);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	while (bytes && fd >= 0) {
		n = read(fd, bytes + used, room - used);
		if (n <= 0)
			break;
		used += n;
		if (used == room) {
			room *= 2;
			bytes = realloc(bytes, room);
		}
	}
	if (fd >= 0)
		close(fd);
	dump->page = (struct raw_page *)bytes;
	dump->nr = used / sizeof(struct raw_page);
	return bytes && !n && used && used % sizeof(struct raw_page) == 0;
}

void raw_free(struct raw_dump *dump)
{
	free(dump->page);
	dump->page = NULL;
	dump->nr = 0;
}

static const struct raw_page *find_page(const struct raw_dump *dump,
					uint64_t address)
{
	size_t i;

	for (i = 0; i < dump->nr; i++)
		if ((dump->page[i].address & ADDRESS) == address)
			return &dump->page[i];
	return NULL;
}

/* a word of a table, false if that is not in the dump */
static bool word_of(const struct raw_dump *dump, uint64_t address,
		    unsigned int index, uint64_t *word)
{
	const struct raw_page *page = find_page(dump, address & ADDRESS);

	if (page)
		*word = page->entry[index];
	return page;
}

/* the request has no PASID: RID_PASID, below 64 here */
static bool scalable_context_of(const struct raw_dump *dump, unsigned int bdf,
				struct raw_context *context)
{
	uint64_t root = dump->page[0].entry[bdf >> 7], lo, hi, dir;
	unsigned int at = 4 * (bdf & 0x7f);

	if (!(root & PRESENT) || !word_of(dump, root, at, &lo) ||
	    !(lo & PRESENT) || !word_of(dump, root, at + 1, &hi) || hi >> 6 ||
	    !word_of(dump, lo, 0, &dir) || !(dir & PRESENT))
		return false;
	at = 8 * (hi & 0x3f);
	if (!word_of(dump, dir, at, &lo) || !(lo & PRESENT) ||
	    !word_of(dump, dir, at + 1, &hi))
		return false;
	context->scalable = true;
	context->ssade = lo >> 9 & 1;
	context->type = lo >> 6 & 7;
	context->table = lo & ADDRESS;
	context->levels = (lo >> 2 & 7) + 2;
	context->did = hi & 0xffff;
	return true;
}

bool raw_context_of(const struct raw_dump *dump, unsigned int bdf,
		    struct raw_context *context)
{
	uint64_t root = dump->page[0].entry[2 * (bdf >> 8)], lo, hi;
	const struct raw_page *table;

	*context = (struct raw_context){ 0 };
	/* RTADDR, TTM */
	if ((dump->page[0].address >> 10 & 3) == 1)
		return scalable_context_of(dump, bdf, context);
	if (!(root & PRESENT))
		return false;
	table = find_page(dump, root & ADDRESS);
	if (!table)
		return false;
	lo = table->entry[2 * (bdf & 0xff)];
	hi = table->entry[2 * (bdf & 0xff) + 1];
	if (!(lo & PRESENT))
		return false;
	context->type = lo >> 2 & 3;
	context->table = lo & ADDRESS;
	context->levels = (hi & 7) + 2;
	context->did = hi >> 8 & 0xffff;
	return true;
}

struct walk {
	const struct raw_dump *dump;
	void (*table)(void *ctx, unsigned int level, unsigned int index,
		      uint64_t entry);
	void (*leaf)(void *ctx, const struct raw_leaf *leaf);
	void *ctx;
};

static bool walk_table(const struct walk *walk, uint64_t address,
		       unsigned int level, uint64_t iova, bool read, bool write)
{
	const struct raw_page *page = find_page(walk->dump, address);
	uint64_t span = 1ull << (12 + 9 * (level - 1));
	unsigned int i;

	if (!page)
		return false;
	for (i = 0; i < RAW_ENTRIES; i++, iova += span) {
		uint64_t entry = page->entry[i];
		bool r = entry & 1, w = entry & 2;

		if (!r && !w)
			continue;
		if (level == 1 || entry >> 7 & 1) {
			struct raw_leaf leaf = { iova, span,
						 entry & ADDRESS & ~(span - 1),
						 read && r, write && w,
						 entry >> 8 & 1,
						 entry >> 9 & 1,
						 entry >> 52 & 1 };

			walk->leaf(walk->ctx, &leaf);
			continue;
		}
		walk->table(walk->ctx, level, i, entry);
		if (!walk_table(walk, entry & ADDRESS, level - 1, iova,
				read && r, write && w))
			return false;
	}
	return true;
}

bool raw_walk(const struct raw_dump *dump, const struct raw_context *context,
	      void (*table)(void *ctx, unsigned int level, unsigned int index,
			    uint64_t entry),
	      void (*leaf)(void *ctx, const struct raw_leaf *leaf), void *ctx)
{
	struct walk walk = { dump, table, leaf, ctx };

	return walk_table(&walk, context->table, context->levels, 0, true, true);
}
