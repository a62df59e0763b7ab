// SPDX-License-Identifier: GPL-2.0
/*
 * The pci_driver of the channels of dmaengine. It has no id table: it binds where
 * driver_override names it, so that the other endpoints stay free.
 */
#include <linux/interrupt.h>
#include "../machine.h"
#include "dmaengine.h"

/* MSI, or whatever the function was given */
static irqreturn_t lab_chan_interrupt(int irq, void *data)
{
	struct lab_chan *lc = data;

	lab_chan_acknowledge(lc);
	lab_chan_look(lc, 0);
	return IRQ_HANDLED;
}

/* without a vector the work looks at the ring by itself */
static int lab_chan_get_interrupt(struct lab_chan *lc)
{
	struct pci_dev *pdev = lc->pdev;
	int ret;

	if (pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI) < 1) {
		pci_info(pdev, "no interrupt: completions are polled\n");
		lc->polled = true;
		return 0;
	}
	ret = request_irq(pci_irq_vector(pdev, 0), lab_chan_interrupt, 0,
			  pci_name(pdev), lc);
	if (ret)
		pci_free_irq_vectors(pdev);
	return ret;
}

static void lab_chan_put_interrupt(struct lab_chan *lc)
{
	if (lc->polled)
		return;
	free_irq(pci_irq_vector(lc->pdev, 0), lc);
	pci_free_irq_vectors(lc->pdev);
}

static int lab_dmaengine_probe(struct pci_dev *pdev,
			       const struct pci_device_id *id)
{
	struct lab_chan *lc;
	int ret = -ENOMEM;

	lc = lab_chan_create(pdev);
	if (!lc)
		return ret;
	ret = lab_chan_find_registers(lc);
	if (ret) {
		pci_err(pdev, "not an endpoint of iommu_lab: it has no DMA engine that this driver knows\n");
		goto out_destroy;
	}
	ret = pci_enable_device(pdev);
	if (ret)
		goto out_destroy;
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (ret)
		goto out_disable;
	ret = -ENOMEM;
	lc->ring = dma_alloc_coherent(&pdev->dev,
				      LAB_CHAN_SIZE * sizeof(*lc->ring),
				      &lc->ring_dma, GFP_KERNEL);
	if (!lc->ring)
		goto out_disable;
	pci_set_master(pdev);
	ret = lab_chan_get_interrupt(lc);
	if (ret)
		goto out_ring;
	lc->ready = true;
	pci_set_drvdata(pdev, lc);
	ret = dma_async_device_register(&lc->dma);
	if (ret)
		goto out_interrupt;
	return 0;

out_interrupt:
	lab_chan_put_interrupt(lc);
	cancel_delayed_work_sync(&lc->work);
out_ring:
	pci_clear_master(pdev);
	dma_free_coherent(&pdev->dev, LAB_CHAN_SIZE * sizeof(*lc->ring),
			  lc->ring, lc->ring_dma);
out_disable:
	pci_disable_device(pdev);
out_destroy:
	lab_chan_destroy(lc);
	return ret;
}

/* transfers under way end, aborted; a client may go on holding the channel */
static void lab_dmaengine_remove(struct pci_dev *pdev)
{
	struct lab_chan *lc = pci_get_drvdata(pdev);

	lab_chan_abandon(lc);
	lab_chan_put_interrupt(lc);
	pci_clear_master(pdev);
	dma_free_coherent(&pdev->dev, LAB_CHAN_SIZE * sizeof(*lc->ring),
			  lc->ring, lc->ring_dma);
	pci_disable_device(pdev);
	dma_async_device_unregister(&lc->dma);
}

/* before a reset of the function: what the ring holds ends, the rest waits */
static void lab_dmaengine_reset_prepare(struct pci_dev *pdev)
{
	struct lab_chan *lc = pci_get_drvdata(pdev);

	spin_lock_irq(&lc->lock);
	lc->ready = false;
	spin_unlock_irq(&lc->lock);
	lab_chan_halt(lc);
}

static void lab_dmaengine_reset_done(struct pci_dev *pdev)
{
	struct lab_chan *lc = pci_get_drvdata(pdev);
	unsigned long delay;

	spin_lock_irq(&lc->lock);
	lc->ready = true;
	delay = lab_chan_start(lc);
	spin_unlock_irq(&lc->lock);
	if (delay)
		lab_chan_look(lc, delay);
}

static const struct pci_error_handlers lab_dmaengine_err_handler = {
	.reset_prepare = lab_dmaengine_reset_prepare,
	.reset_done = lab_dmaengine_reset_done,
};

static struct pci_driver lab_dmaengine_driver = {
	.name = "iommu_lab_dma",
	.probe = lab_dmaengine_probe,
	.remove = lab_dmaengine_remove,
	.err_handler = &lab_dmaengine_err_handler,
};

/**
 * lab_dmaengine_init - register the driver; it binds to no function by itself
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int lab_dmaengine_init(void)
{
	int ret = -ENOMEM;

	lab_chan_workqueue = alloc_workqueue("iommu_lab_dma",
					     WQ_UNBOUND | WQ_HIGHPRI |
					     WQ_MEM_RECLAIM, 0);
	if (!lab_chan_workqueue)
		return ret;
	lab_chan_free_workqueue = alloc_workqueue("iommu_lab_dma_free",
						  WQ_UNBOUND, 0);
	if (!lab_chan_free_workqueue)
		goto out_workqueue;
	ret = pci_register_driver(&lab_dmaengine_driver);
	if (ret)
		goto out_free_workqueue;
	return 0;

out_free_workqueue:
	destroy_workqueue(lab_chan_free_workqueue);
out_workqueue:
	destroy_workqueue(lab_chan_workqueue);
	return ret;
}

/**
 * lab_dmaengine_exit - let go of all functions
 *
 * No client holds a channel any more: each has a reference on the module.
 *
 * Context: may sleep. Functions are still there.
 */
void lab_dmaengine_exit(void)
{
	pci_unregister_driver(&lab_dmaengine_driver);
	/* the channels cancel their work on the other one */
	destroy_workqueue(lab_chan_free_workqueue);
	destroy_workqueue(lab_chan_workqueue);
}
