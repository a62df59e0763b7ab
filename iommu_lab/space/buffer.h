/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buffers: memory that belongs to no process, and that any number of domains can
 * map at once.
 *
 * A buffer lives as long as somebody has a reference: its file, and each mapping
 * of it. A mapping gives its reference back after an invalidation with drain has
 * been confirmed, so the order is always: unmap, invalidate, free.
 *
 * An own buffer is allocated here and charged to the user who made it, once. An
 * imported one is somebody else's memory, pinned there as long as we map it; each
 * mapping is charged for it.
 */
#ifndef IOMMU_LAB_SPACE_BUFFER_H
#define IOMMU_LAB_SPACE_BUFFER_H

#include "space.h"

/* the numbers of enum iommu_lab_cache */
enum lab_cache {
	LAB_CACHE_COHERENT = 0,
	LAB_CACHE_NONCOHERENT = 1,
	LAB_CACHE_WRITE_COMBINE = 2,
};

/* the bits of IOMMU_LAB_BUFFER_* */
#define LAB_BUFFER_CONTIGUOUS	BIT(0)
#define LAB_BUFFER_BELOW_4G	BIT(1)

/**
 * struct lab_buffer_params - how an own buffer is made
 * @length: bytes, not 0; rounded up to whole blocks
 * @min_order: blocks are of 2^@min_order pages at least
 * @cache: how the CPU sees it
 * @flags: LAB_BUFFER_*
 */
struct lab_buffer_params {
	u64 length;
	u32 min_order;
	enum lab_cache cache;
	u32 flags;
};

/**
 * struct lab_buffer - memory that can be mapped in domains
 * @refs: the file, each mapping
 * @space: where it belongs
 * @user: who is charged for an own buffer; NULL for an imported one
 * @id: key in space->buffers, from 1; 0 for an imported one
 * @params: what was asked for, @params.length rounded up
 * @mappings: live mappings in all domains
 * @syncs: times that the CPU's access was begun or ended (NONCOHERENT only)
 * @kept: it is behind a dead unit, and is never freed
 * @exporter: who an imported one belongs to, NULL for an own one; lives as long
 *	as the buffer
 * @lock: held by who gives back the last reference of an imported one until
 *	@release has returned; whoever holds it can find the buffer and take a
 *	reference. NULL for an own one
 * @release: lets the memory go and frees the struct, with the last reference;
 *	may sleep
 * @nr_extents: entries of @extents
 * @max_extents: entries that there is memory for
 * @extents: its memory, in order: runs that are as long as they can be. They do
 *	not change once others can see the buffer
 */
struct lab_buffer {
	refcount_t refs;
	struct lab_space *space;
	struct lab_user *user;
	u32 id;
	struct lab_buffer_params params;
	atomic_t mappings;
	atomic64_t syncs;
	atomic_t kept;
	const char *exporter;
	struct mutex *lock; /* the last reference */
	void (*release)(struct lab_buffer *buffer);
	u32 nr_extents;
	u32 max_extents;
	struct lab_extent *extents;
};

int lab_buffer_create(struct lab_space *space,
		      const struct lab_buffer_params *params,
		      struct lab_refusal *refusal, struct lab_buffer **out);
void lab_buffer_get(struct lab_buffer *buffer);
void lab_buffer_put(struct lab_buffer *buffer);

void lab_buffer_init_import(struct lab_buffer *buffer, struct lab_space *space,
			    const char *exporter, struct mutex *lock,
			    void (*release)(struct lab_buffer *buffer));
int lab_buffer_add_phys(struct lab_buffer *buffer, u64 phys, u64 length);
void lab_buffer_free_extents(struct lab_buffer *buffer);

/**
 * lab_buffer_pages - how large a buffer is
 * @buffer: buffer
 *
 * Return: pages.
 */
static inline unsigned long lab_buffer_pages(const struct lab_buffer *buffer)
{
	return buffer->params.length >> PAGE_SHIFT;
}

/**
 * struct lab_buffer_part - what of a buffer is mapped
 * @buffer: buffer, by a reference of the caller's
 * @offset: bytes, page aligned
 * @length: bytes, a multiple of the page size; 0: all from @offset on
 */
struct lab_buffer_part {
	struct lab_buffer *buffer;
	u64 offset;
	u64 length;
};

int lab_domain_map_buffer(struct lab_domain *domain,
			  const struct lab_buffer_part *part,
			  struct lab_map_request *request,
			  struct lab_refusal *refusal);

/**
 * struct lab_association - a buffer in a domain for as long as a handle is open
 * @domain: with a reference
 * @subject: which buffer it is: alive while it is mapped, and only compared; set by
 *	who makes the association
 * @mapping: NULL when the domain was closed (map_lock)
 * @link: in domain->associations while @mapping is set (map_lock)
 */
struct lab_association {
	struct lab_domain *domain;
	const void *subject;
	struct lab_mapping *mapping;
	struct list_head link;
};

/**
 * struct lab_association_info - what an association is
 * @iova: first IOVA
 * @length: bytes
 * @prot: LAB_PROT_*
 * @cache: of the buffer
 */
struct lab_association_info {
	u64 iova;
	u64 length;
	u32 prot;
	enum lab_cache cache;
};

void lab_association_init(struct lab_association *association,
			  struct lab_domain *domain);
void lab_association_end(struct lab_association *association);
int lab_association_read(struct lab_association *association,
			 struct lab_association_info *info,
			 struct lab_refusal *refusal);

/* what is called for a live own buffer; returns false to stop */
typedef bool (*lab_buffer_fn)(void *ctx, const struct lab_buffer *buffer);

void lab_space_visit_buffers(struct lab_space *space, lab_buffer_fn fn,
			     void *ctx);

#endif
