// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers as dma-bufs: mapped into processes, and given to other drivers.
 *
 * A process mapping is made of raw page frames, so nobody can take a reference
 * on a page by it: when the last file, process mapping and mapping in a domain
 * is gone, the memory is free. It has the cache attribute of the kernel's own
 * mapping of the memory.
 */
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "../compat/dma_buf.h"
#include "doors.h"

LAB_IMPORT_DMA_BUF;

/* a length of a scatterlist is 32 bits */
#define MAX_SEGMENT	((u64)SZ_1G)

/**
 * struct lab_exporter - a buffer's file
 * @buffer: the buffer, by a reference
 * @lock: @attachments
 * @attachments: struct lab_export_sgt
 */
struct lab_exporter {
	struct lab_buffer *buffer;
	struct mutex lock; /* attachments */
	struct list_head attachments;
};

/**
 * struct lab_export_sgt - the buffer as another driver's device sees it
 * @link: in lab_exporter.attachments while it is mapped
 * @dev: the device
 * @direction: as it was mapped for @dev: a sync must say the same
 * @sgt: the list, mapped for @dev
 */
struct lab_export_sgt {
	struct list_head link;
	struct device *dev;
	enum dma_data_direction direction;
	struct sg_table sgt;
};

static int lab_export_fill(const struct lab_buffer *buffer,
			   struct sg_table *sgt)
{
	struct scatterlist *sg;
	unsigned int nr = 0;
	u32 i;
	int ret;

	for (i = 0; i < buffer->nr_extents; i++)
		nr += DIV_ROUND_UP((u64)buffer->extents[i].pages << PAGE_SHIFT,
				   MAX_SEGMENT);
	ret = sg_alloc_table(sgt, nr, GFP_KERNEL_ACCOUNT);
	if (ret)
		return ret;
	sg = sgt->sgl;
	for (i = 0; i < buffer->nr_extents; i++) {
		struct page *page = buffer->extents[i].page;
		u64 left = (u64)buffer->extents[i].pages << PAGE_SHIFT;

		while (left) {
			u64 bytes = min(left, MAX_SEGMENT);

			sg_set_page(sg, page, bytes, 0);
			sg = sg_next(sg);
			page += bytes >> PAGE_SHIFT;
			left -= bytes;
		}
	}
	return 0;
}

static struct sg_table *lab_export_map(struct dma_buf_attachment *attachment,
				       enum dma_data_direction direction)
{
	struct lab_exporter *exporter = attachment->dmabuf->priv;
	struct lab_export_sgt *map;
	int ret;

	map = kzalloc(sizeof(*map), GFP_KERNEL_ACCOUNT);
	if (!map)
		return ERR_PTR(-ENOMEM);
	map->dev = attachment->dev;
	map->direction = direction;
	ret = lab_export_fill(exporter->buffer, &map->sgt);
	if (ret)
		goto free;
	ret = dma_map_sgtable(map->dev, &map->sgt, direction, 0);
	if (ret)
		goto table;
	mutex_lock(&exporter->lock);
	list_add_tail(&map->link, &exporter->attachments);
	mutex_unlock(&exporter->lock);
	return &map->sgt;

table:
	sg_free_table(&map->sgt);
free:
	kfree(map);
	return ERR_PTR(ret);
}

static void lab_export_unmap(struct dma_buf_attachment *attachment,
			     struct sg_table *sgt,
			     enum dma_data_direction direction)
{
	struct lab_exporter *exporter = attachment->dmabuf->priv;
	struct lab_export_sgt *map = container_of(sgt, struct lab_export_sgt,
						  sgt);

	mutex_lock(&exporter->lock);
	list_del(&map->link);
	mutex_unlock(&exporter->lock);
	dma_unmap_sgtable(map->dev, sgt, direction, 0);
	sg_free_table(sgt);
	kfree(map);
}

static void lab_export_count_sync(struct lab_buffer *buffer)
{
	if (buffer->params.cache == LAB_CACHE_NONCOHERENT)
		atomic64_inc(&buffer->syncs);
}

static int lab_export_begin(struct dma_buf *dmabuf,
			    enum dma_data_direction direction)
{
	struct lab_exporter *exporter = dmabuf->priv;
	struct lab_export_sgt *map;

	mutex_lock(&exporter->lock);
	list_for_each_entry(map, &exporter->attachments, link)
		dma_sync_sgtable_for_cpu(map->dev, &map->sgt,
					 map->direction);
	mutex_unlock(&exporter->lock);
	lab_export_count_sync(exporter->buffer);
	return 0;
}

static int lab_export_end(struct dma_buf *dmabuf,
			  enum dma_data_direction direction)
{
	struct lab_exporter *exporter = dmabuf->priv;
	struct lab_export_sgt *map;

	mutex_lock(&exporter->lock);
	list_for_each_entry(map, &exporter->attachments, link)
		dma_sync_sgtable_for_device(map->dev, &map->sgt,
					    map->direction);
	mutex_unlock(&exporter->lock);
	lab_export_count_sync(exporter->buffer);
	return 0;
}

static int lab_export_mmap(struct dma_buf *dmabuf, struct vm_area_struct *vma)
{
	struct lab_exporter *exporter = dmabuf->priv;
	const struct lab_buffer *buffer = exporter->buffer;
	unsigned long all = lab_buffer_pages(buffer);
	struct lab_extent_cursor cursor = {
		.extents = buffer->extents,
		.nr = buffer->nr_extents,
		.skip = vma->vm_pgoff,
		.left = vma_pages(vma),
	};
	unsigned long addr = vma->vm_start;
	struct lab_extent run;

	/* a private copy of a page would be nobody's buffer */
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (cursor.skip > all || cursor.left > all - cursor.skip)
		return -EINVAL;
	if (buffer->params.cache == LAB_CACHE_WRITE_COMBINE)
		vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);

	while (lab_extent_next(&cursor, &run)) {
		unsigned long bytes = run.pages << PAGE_SHIFT;
		int ret;

		ret = remap_pfn_range(vma, addr, page_to_pfn(run.page), bytes,
				      vma->vm_page_prot);
		if (ret)
			return ret;
		addr += bytes;
	}
	return 0;
}

static void lab_export_release(struct dma_buf *dmabuf)
{
	struct lab_exporter *exporter = dmabuf->priv;

	lab_buffer_put(exporter->buffer);
	mutex_destroy(&exporter->lock);
	kfree(exporter);
}

static const struct dma_buf_ops lab_export_ops = {
	.map_dma_buf = lab_export_map,
	.unmap_dma_buf = lab_export_unmap,
	.begin_cpu_access = lab_export_begin,
	.end_cpu_access = lab_export_end,
	.mmap = lab_export_mmap,
	.release = lab_export_release,
};

/**
 * lab_export - make a dma-buf of a buffer
 * @buffer: buffer; the caller's reference becomes the dma-buf's, unless it fails
 *
 * It holds the module as long as it lives.
 *
 * Context: may sleep.
 * Return: the dma-buf with a reference, or an ERR_PTR().
 */
struct dma_buf *lab_export(struct lab_buffer *buffer)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct lab_exporter *exporter;
	struct dma_buf *dmabuf;

	exporter = kzalloc(sizeof(*exporter), GFP_KERNEL_ACCOUNT);
	if (!exporter)
		return ERR_PTR(-ENOMEM);
	exporter->buffer = buffer;
	mutex_init(&exporter->lock);
	INIT_LIST_HEAD(&exporter->attachments);
	info.ops = &lab_export_ops;
	info.size = buffer->params.length;
	info.flags = O_RDWR;
	info.priv = exporter;
	dmabuf = dma_buf_export(&info);
	if (IS_ERR(dmabuf)) {
		mutex_destroy(&exporter->lock);
		kfree(exporter);
	}
	return dmabuf;
}

/**
 * lab_exported - the buffer behind a dma-buf
 * @dmabuf: dma-buf, of whatever exporter
 *
 * Context: any.
 * Return: the buffer, alive as long as @dmabuf; or NULL: it is of another
 * exporter.
 */
struct lab_buffer *lab_exported(struct dma_buf *dmabuf)
{
	struct lab_exporter *exporter = dmabuf->priv;

	return dmabuf->ops == &lab_export_ops ? exporter->buffer : NULL;
}
