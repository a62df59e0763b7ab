// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a buffer: allocated and charged, or filled with the addresses of
 * somebody else's memory; freed with the last reference.
 *
 * The memory of an own buffer is a list of single pages that happen to come from
 * blocks: what is behind the end of the last block of a contiguous one goes back
 * at once.
 */
#include <linux/kmemleak.h>
#include <linux/log2.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "../compat/pages.h"
#include "buffer.h"
#include "space_int.h"

#define FIRST_EXTENTS	16u

/* one that is too large is refused quietly, and nobody is killed for it */
#define BLOCK_GFP	(GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN)

static int grow(struct lab_buffer *buffer)
{
	u32 max = buffer->max_extents ? 2 * buffer->max_extents : FIRST_EXTENTS;
	struct lab_extent *extents;

	if (max < buffer->max_extents)
		return -ENOMEM;
	extents = kvmalloc_array(max, sizeof(*extents),
				 GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!extents)
		return -ENOMEM;
	memcpy(extents, buffer->extents,
	       buffer->nr_extents * sizeof(*extents));
	kvfree(buffer->extents);
	buffer->extents = extents;
	buffer->max_extents = max;
	return 0;
}

/* adds a run at the end, to the one before it if that goes on there */
static int append(struct lab_buffer *buffer, struct page *page,
		  unsigned long pages)
{
	struct lab_extent *last;
	int err;

	if (buffer->nr_extents) {
		last = &buffer->extents[buffer->nr_extents - 1];
		if (lab_extent_joins(last, page)) {
			last->pages += pages;
			return 0;
		}
	}
	if (buffer->nr_extents == buffer->max_extents) {
		err = grow(buffer);
		if (err)
			return err;
	}
	buffer->extents[buffer->nr_extents++] =
		(struct lab_extent){ page, pages };
	return 0;
}

static void free_run(struct page *page, unsigned long pages)
{
	for (; pages; pages--)
		__free_page(page++);
}

static gfp_t block_gfp(const struct lab_buffer *buffer)
{
	if (buffer->params.flags & LAB_BUFFER_BELOW_4G)
		return BLOCK_GFP | __GFP_DMA32;
	return BLOCK_GFP;
}

/* a block of the buffer; what is behind its first @pages pages is given back */
static int add_block(struct lab_buffer *buffer, unsigned int order,
		     unsigned long pages, gfp_t gfp)
{
	struct page *page = alloc_pages(gfp, order);
	u64 last;
	int err = 0;

	if (!page)
		return -ENOMEM;
	split_page(page, order);
	free_run(page + pages, (1UL << order) - pages);
	last = page_to_phys(page) + ((u64)pages << PAGE_SHIFT) - 1;
	/* a kernel without a zone for it gives what it has */
	if (buffer->params.flags & LAB_BUFFER_BELOW_4G && last > U32_MAX)
		err = -ENOMEM;
	if (!err)
		err = append(buffer, page, pages);
	if (err)
		free_run(page, pages);
	return err;
}

static int alloc_blocks(struct lab_buffer *buffer)
{
	unsigned int order = LAB_MAX_PAGE_ORDER;
	unsigned int least = buffer->params.min_order;
	unsigned long left = lab_buffer_pages(buffer);

	while (left) {
		gfp_t gfp = block_gfp(buffer);
		int err;

		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();

		order = min_t(unsigned int, order, ilog2(left));
		/* large blocks are taken while they are to be had for free */
		if (order > least)
			gfp = (gfp & ~__GFP_RECLAIM) | __GFP_NORETRY;
		else
			gfp |= __GFP_RETRY_MAYFAIL;
		err = add_block(buffer, order, 1UL << order, gfp);
		if (err && order == least)
			return err;
		if (err)
			order--;
		else
			left -= 1UL << order;
	}
	return 0;
}

static int alloc_contiguous(struct lab_buffer *buffer)
{
	unsigned long pages = lab_buffer_pages(buffer);

	return add_block(buffer, order_base_2(pages), pages,
			 block_gfp(buffer) | __GFP_RETRY_MAYFAIL);
}

/* pages that cannot be made ordinary again must not be used again */
static void free_pages_of(struct lab_buffer *buffer)
{
	bool wc = buffer->params.cache == LAB_CACHE_WRITE_COMBINE;
	u32 i;

	for (i = 0; i < buffer->nr_extents; i++) {
		const struct lab_extent *extent = &buffer->extents[i];

		cond_resched();
		if (wc && lab_pages_set_wb(extent->page, extent->pages))
			pr_err("%lu pages stay write-combining, and are lost\n",
			       extent->pages);
		else
			free_run(extent->page, extent->pages);
	}
	lab_buffer_free_extents(buffer);
}

/*
 * Before anybody else can map the pages; free_pages_of() undoes it. The kernel's
 * mapping is what a process's one gets its attribute from.
 */
static int make_write_combining(const struct lab_buffer *buffer)
{
	u32 i;

	for (i = 0; i < buffer->nr_extents; i++) {
		const struct lab_extent *extent = &buffer->extents[i];
		int err = lab_pages_set_wc(extent->page, extent->pages);

		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static int alloc_memory(struct lab_buffer *buffer, struct lab_refusal *refusal)
{
	int err;

	if (buffer->params.flags & LAB_BUFFER_CONTIGUOUS)
		err = alloc_contiguous(buffer);
	else
		err = alloc_blocks(buffer);
	if (err) {
		lab_refuse(refusal, err,
			   "no memory for %#llx bytes in blocks of %lu pages: ask for less, or for smaller blocks",
			   buffer->params.length,
			   1UL << buffer->params.min_order);
		goto free;
	}
	if (buffer->params.cache != LAB_CACHE_WRITE_COMBINE)
		return 0;
	err = make_write_combining(buffer);
	if (err) {
		lab_refuse(refusal, err,
			   "the memory cannot be made write-combining: use COHERENT (0) or NONCOHERENT (1)");
		goto free;
	}
	return 0;

free:
	free_pages_of(buffer);
	return err;
}

static void release_own(struct lab_buffer *buffer)
{
	struct lab_user *user = buffer->user;

	/* from here on nobody sees it in a list */
	xa_erase(&buffer->space->buffers, buffer->id);
	free_pages_of(buffer);
	lab_user_uncharge(user, LAB_QUOTA_PINNED, lab_buffer_pages(buffer));
	lab_user_put(user);
	kfree(buffer);
}

static int check_params(struct lab_buffer_params *params,
			struct lab_refusal *refusal)
{
	u64 block;

	if (!params->length)
		return lab_refuse(refusal, -EINVAL,
				  "length 0: give at least one byte");
	if (params->min_order > LAB_MAX_PAGE_ORDER)
		return lab_refuse(refusal, -EINVAL,
				  "min_order %u: 0 to %u is accepted",
				  params->min_order, LAB_MAX_PAGE_ORDER);
	block = PAGE_SIZE << params->min_order;
	if (params->length > round_down(U64_MAX, block))
		return lab_refuse(refusal, -EINVAL,
				  "length %#llx wraps when it is rounded up to blocks of %#llx bytes",
				  params->length, block);
	params->length = round_up(params->length, block);
	if (params->flags & LAB_BUFFER_CONTIGUOUS &&
	    params->length > PAGE_SIZE << LAB_MAX_PAGE_ORDER)
		return lab_refuse(refusal, -EOPNOTSUPP,
				  "%#llx contiguous bytes: up to %#lx are supported",
				  params->length,
				  PAGE_SIZE << LAB_MAX_PAGE_ORDER);
	if (params->length >> PAGE_SHIFT > totalram_pages())
		return lab_refuse(refusal, -ENOMEM,
				  "%#llx bytes are more than this machine has",
				  params->length);
	return 0;
}

/* pages of no process: what the user has pinned in all is held to the limit */
static int charge(struct lab_user *user, u64 pages, struct lab_refusal *refusal)
{
	int err;

	if (lab_user_charge(user, LAB_QUOTA_PINNED, pages))
		return lab_refuse_quota(refusal, user, LAB_QUOTA_PINNED, pages);
	err = lab_check_memlock(user, pages);
	if (!err)
		return 0;
	lab_refuse_memlock(refusal, pages);
	lab_user_uncharge(user, LAB_QUOTA_PINNED, pages);
	return err;
}

/**
 * lab_buffer_create - allocate a buffer
 * @space: where
 * @params: what is wanted
 * @refusal: of the file that asked, or NULL
 * @out: the buffer, zeroed, with one reference
 *
 * Its pages are charged to the current user until it is freed.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL: length or min_order; -EOPNOTSUPP: more contiguous memory
 * than the page allocator has blocks for, or a cache mode that the architecture
 * has not; -ENOSPC: the quota; -ENOMEM: memory or RLIMIT_MEMLOCK; -EINTR:
 * killed.
 */
int lab_buffer_create(struct lab_space *space,
		      const struct lab_buffer_params *params,
		      struct lab_refusal *refusal, struct lab_buffer **out)
{
	struct lab_buffer *buffer;
	int err;

	buffer = kzalloc(sizeof(*buffer), GFP_KERNEL_ACCOUNT);
	if (!buffer)
		return lab_refuse(refusal, -ENOMEM, "no memory for a buffer");
	refcount_set(&buffer->refs, 1);
	buffer->space = space;
	buffer->params = *params;
	buffer->release = release_own;
	err = check_params(&buffer->params, refusal);
	if (err)
		goto free;
	buffer->user = lab_user_get(space);
	if (IS_ERR(buffer->user)) {
		err = lab_refuse(refusal, PTR_ERR(buffer->user),
				 "no memory for the user's account");
		goto free;
	}
	err = charge(buffer->user, lab_buffer_pages(buffer), refusal);
	if (err)
		goto user;
	err = alloc_memory(buffer, refusal);
	if (err)
		goto uncharge;
	/* last: it can be seen from here on */
	err = xa_alloc(&space->buffers, &buffer->id, buffer,
		       XA_LIMIT(1, INT_MAX), GFP_KERNEL);
	if (err) {
		err = lab_refuse(refusal, err == -EBUSY ? -ENOSPC : err,
				 "no buffer id can be had");
		goto memory;
	}
	*out = buffer;
	return 0;

memory:
	free_pages_of(buffer);
uncharge:
	lab_user_uncharge(buffer->user, LAB_QUOTA_PINNED,
			  lab_buffer_pages(buffer));
user:
	lab_user_put(buffer->user);
free:
	kfree(buffer);
	return err;
}

/**
 * lab_buffer_get - take one more reference
 * @buffer: buffer that the caller has one of
 *
 * Context: any.
 */
void lab_buffer_get(struct lab_buffer *buffer)
{
	refcount_inc(&buffer->refs);
}

/**
 * lab_buffer_put - give back a reference; the last one frees the memory
 * @buffer: buffer
 *
 * Context: may sleep; takes @buffer->lock, and dma_resv for an imported one, so
 * no lock may be held.
 */
void lab_buffer_put(struct lab_buffer *buffer)
{
	struct mutex *lock = buffer->lock;

	if (!lock) {
		if (refcount_dec_and_test(&buffer->refs))
			buffer->release(buffer);
	} else if (refcount_dec_and_mutex_lock(&buffer->refs, lock)) {
		buffer->release(buffer);
		mutex_unlock(lock);
	}
}

/**
 * lab_buffer_keep - a mapping's reference is never given back
 * @buffer: buffer that a dead unit may still reach
 *
 * Its memory is counted as kept, once, and stays charged.
 *
 * Context: any.
 */
void lab_buffer_keep(struct lab_buffer *buffer)
{
	if (atomic_xchg(&buffer->kept, 1))
		return;
	atomic_long_add(lab_buffer_pages(buffer), &buffer->space->kept_pages);
	kmemleak_not_leak(buffer);
}

/**
 * lab_buffer_init_import - a buffer of somebody else's memory, none yet
 * @buffer: what to fill in
 * @space: where
 * @exporter: whose memory it is; lives as long as the buffer
 * @lock: see struct lab_buffer
 * @release: called with @lock held; lets the memory go and frees @buffer; calls
 *	lab_buffer_free_extents()
 *
 * Context: any. The caller has the one reference.
 */
void lab_buffer_init_import(struct lab_buffer *buffer, struct lab_space *space,
			    const char *exporter, struct mutex *lock,
			    void (*release)(struct lab_buffer *buffer))
{
	*buffer = (struct lab_buffer){
		.space = space,
		.exporter = exporter,
		.lock = lock,
		.release = release,
	};
	refcount_set(&buffer->refs, 1);
}

/* what a device may reach: ordinary RAM of the host, in the direct map */
static bool is_ram(unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);

	return page && !PageReserved(page);
}

/**
 * lab_buffer_add_phys - add memory at the end of an imported buffer
 * @buffer: buffer that nobody else sees yet
 * @phys: physical address
 * @length: bytes
 *
 * Context: may sleep.
 * Return: 0; -EOPNOTSUPP: no whole pages, or not ordinary RAM; -ENOMEM; -EINTR:
 * killed.
 */
int lab_buffer_add_phys(struct lab_buffer *buffer, u64 phys, u64 length)
{
	u64 end;

	if (!PAGE_ALIGNED(phys) || !length || !PAGE_ALIGNED(length) ||
	    check_add_overflow(phys, length, &end))
		return -EOPNOTSUPP;
	for (; phys < end; phys += PAGE_SIZE) {
		unsigned long pfn = PHYS_PFN(phys);
		int err;

		if (!is_ram(pfn))
			return -EOPNOTSUPP;
		err = append(buffer, pfn_to_page(pfn), 1);
		if (err)
			return err;
		buffer->params.length += PAGE_SIZE;
		if (!(pfn % PTRS_PER_PTE)) {
			cond_resched();
			if (fatal_signal_pending(current))
				return -EINTR;
		}
	}
	return 0;
}

/**
 * lab_buffer_free_extents - forget which memory it was
 * @buffer: buffer that nobody sees any more
 *
 * Context: may sleep.
 */
void lab_buffer_free_extents(struct lab_buffer *buffer)
{
	kvfree(buffer->extents);
	buffer->extents = NULL;
	buffer->nr_extents = 0;
}

/**
 * lab_space_visit_buffers - call a function for each own buffer, by rising id
 * @space: where
 * @fn: returns false to stop
 * @ctx: passed to @fn
 *
 * Context: may sleep or not. The xarray's lock, a spinlock, is held while @fn
 * runs: no buffer ends meanwhile.
 */
void lab_space_visit_buffers(struct lab_space *space, lab_buffer_fn fn,
			     void *ctx)
{
	struct lab_buffer *buffer;
	unsigned long id;

	xa_lock(&space->buffers);
	xa_for_each(&space->buffers, id, buffer)
		if (!fn(ctx, buffer))
			break;
	xa_unlock(&space->buffers);
}
