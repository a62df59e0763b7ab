// SPDX-License-Identifier: GPL-2.0
/*
 * The dma-bufs of other exporters, as buffers.
 *
 * They are attached to a device of the module's own that no IOMMU stands before
 * and that reaches all memory, so what the exporter maps for it are physical
 * addresses. Nothing but these is used: struct page is the exporter's business.
 * A static attachment stays where it is until it is unmapped; an exporter that
 * moves its memory around is refused.
 */
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include "../compat/dma_buf.h"
#include "doors.h"

/**
 * struct lab_import - an attachment to another exporter's dma-buf
 * @buffer: what domains map
 * @link: in machine->imports (import_lock)
 * @dmabuf: the dma-buf, by a reference
 * @attachment: of @dev
 * @sgt: the addresses
 * @direction: what was mapped for
 * @dev: the importer, by a reference: behind a dead unit an attachment outlives
 *	the module
 *
 * However often a dma-buf is mapped in domains, it is attached once for reading
 * and once for what writes: the DMA API does not support overlapping mappings
 * for writing.
 */
struct lab_import {
	struct lab_buffer buffer;
	struct list_head link;
	struct dma_buf *dmabuf;
	struct dma_buf_attachment *attachment;
	struct sg_table *sgt;
	enum dma_data_direction direction;
	struct device *dev;
};

/* lab_buffer.release: import_lock is held, so that nobody attaches again yet */
static void lab_import_release(struct lab_buffer *buffer)
{
	struct lab_import *import = container_of(buffer, struct lab_import,
						 buffer);

	lockdep_assert_held(buffer->lock);
	list_del(&import->link);
	if (import->sgt)
		dma_buf_unmap_attachment_unlocked(import->attachment,
						  import->sgt,
						  import->direction);
	if (import->attachment)
		dma_buf_detach(import->dmabuf, import->attachment);
	dma_buf_put(import->dmabuf);
	put_device(import->dev);
	lab_buffer_free_extents(buffer);
	kfree(import);
}

static int lab_import_attach(struct lab_import *import)
{
	struct dma_buf_attachment *attachment;
	struct sg_table *sgt;

	attachment = dma_buf_attach(import->dmabuf, import->dev);
	if (IS_ERR(attachment))
		return PTR_ERR(attachment);
	import->attachment = attachment;
	sgt = dma_buf_map_attachment_unlocked(attachment, import->direction);
	if (IS_ERR(sgt))
		return PTR_ERR(sgt);
	import->sgt = sgt;
	return 0;
}

static int lab_import_fill(struct lab_import *import)
{
	struct scatterlist *sg;
	unsigned int i;
	int ret;

	for_each_sgtable_dma_sg(import->sgt, sg, i) {
		ret = lab_buffer_add_phys(&import->buffer, sg_dma_address(sg),
					  sg_dma_len(sg));
		if (ret)
			return ret;
	}
	return 0;
}

static int lab_import_make(struct lab_import *import,
			   struct lab_refusal *refusal)
{
	int ret;

	ret = lab_import_attach(import);
	if (ret)
		return lab_refuse(refusal, ret,
				  "%s does not give its dma-buf out",
				  import->dmabuf->exp_name);
	ret = lab_import_fill(import);
	if (ret)
		return lab_refuse(refusal, ret,
				  "the dma-buf of %s cannot be mapped: it must be whole pages of RAM",
				  import->dmabuf->exp_name);
	return 0;
}

static struct lab_import *lab_import_find(struct lab_machine *machine,
					  const struct dma_buf *dmabuf,
					  enum dma_data_direction direction)
{
	struct lab_import *import;

	lockdep_assert_held(&machine->import_lock);
	list_for_each_entry(import, &machine->imports, link)
		if (import->dmabuf == dmabuf && import->direction == direction)
			return import;
	return NULL;
}

static struct lab_import *lab_import_create(struct lab_machine *machine,
					    struct dma_buf *dmabuf,
					    enum dma_data_direction direction,
					    struct lab_refusal *refusal)
{
	struct lab_import *import;
	int ret;

	import = kzalloc(sizeof(*import), GFP_KERNEL_ACCOUNT);
	if (!import)
		return ERR_PTR(-ENOMEM);
	lab_buffer_init_import(&import->buffer, &machine->space,
			       dmabuf->exp_name, &machine->import_lock,
			       lab_import_release);
	get_dma_buf(dmabuf);
	import->dmabuf = dmabuf;
	import->dev = get_device(&machine->importer->dev);
	import->direction = direction;
	list_add_tail(&import->link, &machine->imports);
	ret = lab_import_make(import, refusal);
	if (!ret)
		return import;
	/* nobody else has seen it */
	lab_import_release(&import->buffer);
	return ERR_PTR(ret);
}

/**
 * lab_import - attach to the dma-buf of another exporter
 * @machine: the module
 * @dmabuf: dma-buf; gets one more reference
 * @prot: IOMMU_LAB_PROT_*: what devices will do
 * @refusal: of the file that asked
 *
 * Context: may sleep. Takes import_lock and, inside, dma_resv: no lock may be
 * held.
 * Return: a buffer with one reference, or an ERR_PTR(): -EOPNOTSUPP: the
 * exporter cannot pin, or its memory is not whole pages of ordinary RAM; -ENOMEM;
 * what the exporter says.
 */
struct lab_buffer *lab_import(struct lab_machine *machine,
			      struct dma_buf *dmabuf, u32 prot,
			      struct lab_refusal *refusal)
{
	enum dma_data_direction direction;
	struct lab_import *import;

	if (dma_buf_is_dynamic(dmabuf))
		return ERR_PTR(lab_refuse(refusal, -EOPNOTSUPP,
					  "the dma-buf of %s may move: only one that stays pinned can be mapped",
					  dmabuf->exp_name));
	direction = prot & IOMMU_LAB_PROT_WRITE ? DMA_BIDIRECTIONAL :
						  DMA_TO_DEVICE;
	mutex_lock(&machine->import_lock);
	import = lab_import_find(machine, dmabuf, direction);
	if (import)
		lab_buffer_get(&import->buffer);
	else
		import = lab_import_create(machine, dmabuf, direction, refusal);
	mutex_unlock(&machine->import_lock);
	return IS_ERR(import) ? ERR_CAST(import) : &import->buffer;
}

/**
 * lab_import_init - make the device that attaches
 * @machine: the module
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int lab_import_init(struct lab_machine *machine)
{
	struct platform_device *pdev;
	int ret;

	pdev = platform_device_register_simple("iommu_lab-importer",
					       PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	/* whatever the exporter has: all addresses, of any length and place */
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (ret) {
		platform_device_unregister(pdev);
		return ret;
	}
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
	dma_set_seg_boundary(&pdev->dev, ULONG_MAX);
	machine->importer = pdev;
	mutex_init(&machine->import_lock);
	INIT_LIST_HEAD(&machine->imports);
	return 0;
}

/**
 * lab_import_exit - take that device away
 * @machine: the module; nothing is imported, but what a dead unit holds
 *
 * Context: may sleep.
 */
void lab_import_exit(struct lab_machine *machine)
{
	mutex_destroy(&machine->import_lock);
	platform_device_unregister(machine->importer);
}
