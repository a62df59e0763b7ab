// SPDX-License-Identifier: GPL-2.0
/*
 * A buffer, or a part of it, becomes a range of IOVAs: by MAP_BUFFER until it is
 * unmapped, by an association until its handle is closed.
 */
#include <linux/mm.h>
#include "buffer.h"
#include "space_int.h"

/* a buffer was made for devices; what others export has no mark */
static int check_marked(const struct lab_domain *domain,
			const struct lab_buffer *buffer,
			struct lab_refusal *refusal)
{
	if (!(domain->flags & LAB_DOMAIN_MARKED_ONLY) || !buffer->exporter)
		return 0;
	return lab_refuse(refusal, -EPERM,
			  "only marked process memory and buffers of IOMMU_LAB_BUFFER_CREATE can be mapped in this domain, no dma-buf of %s",
			  buffer->exporter);
}

static int check_part(const struct lab_buffer_part *part, u64 *length,
		      struct lab_refusal *refusal)
{
	u64 all = part->buffer->params.length;

	if (!PAGE_ALIGNED(part->offset) || !PAGE_ALIGNED(part->length))
		return lab_refuse(refusal, -EINVAL,
				  "offset %#llx and length %#llx must be multiples of %#lx",
				  part->offset, part->length, PAGE_SIZE);
	if (part->offset >= all || part->length > all - part->offset)
		return lab_refuse(refusal, -EINVAL,
				  "offset %#llx and length %#llx: the buffer has %#llx bytes",
				  part->offset, part->length, all);
	*length = part->length ?: all - part->offset;
	return 0;
}

/*
 * The runs of a buffer from page @first on, as far as @pages reach. Writes them
 * if @out is set.
 */
static u32 cut(const struct lab_buffer *buffer, unsigned long first,
	       unsigned long pages, struct lab_extent *out)
{
	struct lab_extent_cursor cursor = {
		.extents = buffer->extents,
		.nr = buffer->nr_extents,
		.skip = first,
		.left = pages,
	};
	struct lab_extent run;
	u32 nr;

	for (nr = 0; lab_extent_next(&cursor, &run); nr++)
		if (out)
			out[nr] = run;
	return nr;
}

static struct lab_mapping *mapping_of(const struct lab_buffer_part *part,
				      u64 length, u32 prot)
{
	struct lab_buffer *buffer = part->buffer;
	unsigned long first = part->offset >> PAGE_SHIFT;
	unsigned long pages = length >> PAGE_SHIFT;
	struct lab_mapping *mapping;

	mapping = lab_mapping_alloc(cut(buffer, first, pages, NULL));
	if (!mapping)
		return NULL;
	mapping->nr_extents = cut(buffer, first, pages, mapping->extents);
	mapping->prot = prot;
	mapping->pages = lab_buffer_pinned(buffer);
	mapping->buffer = buffer;
	lab_buffer_get(buffer);
	atomic_inc(&buffer->mappings);
	return mapping;
}

/**
 * lab_buffer_pinned - the pages that a mapping of a buffer is charged for
 * @buffer: buffer
 *
 * Return: pages: all of an imported one, which is pinned as a whole; none of an
 * own one, which is charged to who made it.
 */
unsigned long lab_buffer_pinned(const struct lab_buffer *buffer)
{
	return buffer->exporter ? lab_buffer_pages(buffer) : 0;
}

/**
 * lab_domain_map_buffer - map a part of a buffer for the devices of a domain
 * @domain: domain of the current process
 * @part: what to map
 * @request: how and where; its ranges are not looked at
 * @refusal: of the file that asked, or NULL
 *
 * Each device of @domain can use the mapping when it returns. It has a reference
 * on the buffer. On failure nothing is left of it.
 *
 * Context: may sleep; takes mmap_lock, then map_lock: no lock may be held.
 * Return: 0; -EINVAL, -EOPNOTSUPP, -EEXIST, -ENOSPC, -ENOMEM, -ENODEV,
 * -ETIMEDOUT as lab_domain_map(); -EPERM: the dma-buf of another exporter in a
 * domain of marked memory; -EINVAL: the part is no whole pages within the
 * buffer; -EEXIST: @request->association is one that there is already.
 */
int lab_domain_map_buffer(struct lab_domain *domain,
			  const struct lab_buffer_part *part,
			  struct lab_map_request *request,
			  struct lab_refusal *refusal)
{
	struct lab_mapping *mapping;
	u64 length, pages;
	int err;

	err = lab_mapping_check(domain, request, refusal);
	if (err)
		return err;
	err = check_marked(domain, part->buffer, refusal);
	if (!err)
		err = check_part(part, &length, refusal);
	if (err)
		return err;
	err = lab_iova_check(domain, request, length, refusal);
	if (err)
		return err;

	pages = lab_buffer_pinned(part->buffer);
	err = lab_mapping_charge(domain, pages, refusal);
	if (err)
		return err;
	mapping = mapping_of(part, length, request->prot);
	if (!mapping) {
		lab_mapping_uncharge(domain, pages);
		return lab_refuse(refusal, -ENOMEM, "no memory for a mapping");
	}
	return lab_mapping_install(domain, mapping, request, length, refusal);
}
