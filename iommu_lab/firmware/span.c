// SPDX-License-Identifier: GPL-2.0
/*
 * Ranges sorted, so that a table of a million structures is compared with itself
 * in n log n steps and not in n * n. Heap sort: in place, without recursion.
 */
#include "span.h"

static bool before(const struct lab_span *a, const struct lab_span *b)
{
	if (a->start != b->start)
		return a->start < b->start;
	if (a->last != b->last)
		return a->last < b->last;
	return a->offset < b->offset;
}

static void swap_spans(struct lab_span *a, struct lab_span *b)
{
	struct lab_span other = *a;

	*a = *b;
	*b = other;
}

/* spans[@top] sinks until no child in the heap of @nr is behind it. */
static void sink(struct lab_span *spans, u32 top, u32 nr)
{
	u32 child;

	while ((child = 2 * top + 1) < nr) {
		if (child + 1 < nr && before(&spans[child], &spans[child + 1]))
			child++;
		if (!before(&spans[top], &spans[child]))
			return;
		swap_spans(&spans[top], &spans[child]);
		top = child;
	}
}

/**
 * lab_span_sort - sort ranges by start, then last, then offset
 * @spans: the ranges
 * @nr: how many; below 2^31
 *
 * Any context.
 */
void lab_span_sort(struct lab_span *spans, u32 nr)
{
	u32 i;

	for (i = nr / 2; i > 0; i--)
		sink(spans, i - 1, nr);
	for (i = nr; i > 1; i--) {
		swap_spans(&spans[0], &spans[i - 1]);
		sink(spans, 0, i - 1);
	}
}

/**
 * lab_span_has - whether a range starts at a number
 * @spans: ranges in the order of lab_span_sort()
 * @nr: how many
 * @start: the number
 *
 * Any context. Return: whether one does.
 */
bool lab_span_has(const struct lab_span *spans, u32 nr, u64 start)
{
	u32 low = 0, high = nr, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (spans[middle].start < start)
			low = middle + 1;
		else
			high = middle;
	}
	return low < nr && spans[low].start == start;
}
