// SPDX-License-Identifier: GPL-2.0
/*
 * A client of dmaengine, for kernels without dmatest: asks for the channel of a
 * named device and runs rounds of transfers through it, each round on the same
 * two mappings. What happened can be read under /sys/module/dma_client/parameters;
 * loading fails if it does not run forever and anything went wrong.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>

#define LONGEST	(5 * HZ)

static char *device = "";
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "whose channel, e.g. 10000:00:01.0");

static char *op = "memcpy";
module_param(op, charp, 0444);
MODULE_PARM_DESC(op, "memcpy, memset or interrupt");

static unsigned int rounds = 10;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "rounds to be run at load; 0: in the background, until unload");

static unsigned int size = 16384;
module_param(size, uint, 0444);
MODULE_PARM_DESC(size, "bytes of a transfer");

static unsigned int depth = 8;
module_param(depth, uint, 0444);
MODULE_PARM_DESC(depth, "transfers of a round, all submitted before the first is waited for");

static bool terminate;
module_param(terminate, bool, 0444);
MODULE_PARM_DESC(terminate, "terminate each round instead of waiting for it");

static bool polled;
module_param(polled, bool, 0444);
MODULE_PARM_DESC(polled, "wait with dma_sync_wait() instead of callbacks");

static unsigned long ok, read_failed, write_failed, aborted, late, wrong, lost,
		     refused, unlike;
#define COUNTER(name, text) \
	module_param(name, ulong, 0444); \
	MODULE_PARM_DESC(name, "result: " text)
COUNTER(ok, "transfers that ended without error");
COUNTER(read_failed, "callbacks with DMA_TRANS_READ_FAILED");
COUNTER(write_failed, "callbacks with DMA_TRANS_WRITE_FAILED");
COUNTER(aborted, "callbacks with DMA_TRANS_ABORTED");
COUNTER(late, "callbacks after their termination was synchronized with");
COUNTER(wrong, "transfers whose data is not what it should be");
COUNTER(lost, "transfers of which nothing was heard");
COUNTER(refused, "transfers that the channel did not take");
COUNTER(unlike, "transfers whose status or residue is not what it should be");

static unsigned long long src_iova, dst_iova;
module_param(src_iova, ullong, 0444);
module_param(dst_iova, ullong, 0444);

struct transfer {
	struct completion done;
	dma_cookie_t cookie;
	bool over;	/* no callback may come any more */
	bool failed;
};

static struct dma_chan *chan;
static struct device *dev;
static struct transfer *transfers;
static struct task_struct *task;
static u8 *src, *dst;

static bool is_named(struct dma_chan *candidate, void *param)
{
	return !strcmp(dev_name(candidate->device->dev), device);
}

static void ended(void *param, const struct dmaengine_result *result)
{
	struct transfer *transfer = param;

	if (transfer->over)
		late++;
	transfer->failed = result->result != DMA_TRANS_NOERROR;
	switch (result->result) {
	case DMA_TRANS_NOERROR:
		ok++;
		break;
	case DMA_TRANS_READ_FAILED:
		read_failed++;
		break;
	case DMA_TRANS_WRITE_FAILED:
		write_failed++;
		break;
	case DMA_TRANS_ABORTED:
		aborted++;
		break;
	}
	complete(&transfer->done);
}

/* transfer i of a round has its own part of the memory */
static struct dma_async_tx_descriptor *prepare(unsigned int i, u8 value)
{
	unsigned long flags = DMA_CTRL_ACK;

	if (!polled)
		flags |= DMA_PREP_INTERRUPT;
	if (!strcmp(op, "memcpy"))
		return dmaengine_prep_dma_memcpy(chan, dst_iova + i * size,
						 src_iova + i * size, size,
						 flags);
	if (!strcmp(op, "memset"))
		return dmaengine_prep_dma_memset(chan, dst_iova + i * size,
						 value, size, flags);
	return chan->device->device_prep_dma_interrupt(chan, flags);
}

static bool is_right(unsigned int i, u8 value)
{
	if (!strcmp(op, "memcpy"))
		return !memcmp(dst + i * size, src + i * size, size);
	if (!strcmp(op, "memset"))
		return !memchr_inv(dst + i * size, value, size);
	return true;
}

/* not issued yet: nothing of it is done */
static void check_residue(const struct transfer *transfer)
{
	struct dma_tx_state state;
	enum dma_status status;

	status = dmaengine_tx_status(chan, transfer->cookie, &state);
	if (status == DMA_IN_PROGRESS &&
	    state.residue != (strcmp(op, "interrupt") ? size : 0))
		unlike++;
}

static bool submit(unsigned int i, u8 value)
{
	struct dma_async_tx_descriptor *tx = prepare(i, value);
	struct transfer *transfer = &transfers[i];

	init_completion(&transfer->done);
	transfer->over = false;
	transfer->failed = false;
	if (!tx)
		return false;
	if (!polled) {
		tx->callback_result = ended;
		tx->callback_param = transfer;
	}
	transfer->cookie = dmaengine_submit(tx);
	if (dma_submit_error(transfer->cookie))
		return false;
	check_residue(transfer);
	return true;
}

static void await(unsigned int i, u8 value)
{
	struct transfer *transfer = &transfers[i];
	enum dma_status status;

	if (polled) {
		status = dma_sync_wait(chan, transfer->cookie);
		if (status == DMA_COMPLETE)
			ok++;
		else
			lost++;
		transfer->failed = status != DMA_COMPLETE;
	} else if (!wait_for_completion_timeout(&transfer->done,
						lost ? 1 : LONGEST)) {
		lost++;
		return;
	}
	status = dma_async_is_tx_complete(chan, transfer->cookie, NULL, NULL);
	if (status != (transfer->failed ? DMA_ERROR : DMA_COMPLETE))
		unlike++;
	if (!transfer->failed && !is_right(i, value))
		wrong++;
}

static void run_round(unsigned int number)
{
	unsigned int i, nr = 0;
	u8 value = number + 1;

	get_random_bytes(src, depth * size);
	memset(dst, 0, depth * size);
	dma_sync_single_for_device(dev, src_iova, depth * size, DMA_TO_DEVICE);
	while (nr < depth && submit(nr, value + nr))
		nr++;
	refused += depth - nr;
	dma_async_issue_pending(chan);
	if (terminate) {
		dmaengine_terminate_sync(chan);
		for (i = 0; i < nr; i++)
			transfers[i].over = true;
	}
	for (i = 0; i < nr && !terminate; i++)
		await(i, value + i);
	if (nr < depth)
		msleep(20);
}

static int run_forever(void *unused)
{
	unsigned int number = 0;

	while (!kthread_should_stop())
		run_round(number++);
	return 0;
}

static int map(void)
{
	dev = dmaengine_get_dma_device(chan);
	transfers = kcalloc(depth, sizeof(*transfers), GFP_KERNEL);
	src = kzalloc(depth * size, GFP_KERNEL);
	dst = kzalloc(depth * size, GFP_KERNEL);
	if (!transfers || !src || !dst)
		goto out_memory;
	src_iova = dma_map_single(dev, src, depth * size, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, src_iova))
		goto out_memory;
	dst_iova = dma_map_single(dev, dst, depth * size, DMA_FROM_DEVICE);
	if (dma_mapping_error(dev, dst_iova))
		goto out_src;
	return 0;

out_src:
	dma_unmap_single(dev, src_iova, depth * size, DMA_TO_DEVICE);
out_memory:
	kfree(dst);
	kfree(src);
	kfree(transfers);
	return -ENOMEM;
}

static void unmap(void)
{
	dma_unmap_single(dev, dst_iova, depth * size, DMA_FROM_DEVICE);
	dma_unmap_single(dev, src_iova, depth * size, DMA_TO_DEVICE);
	kfree(dst);
	kfree(src);
	kfree(transfers);
}

static int run_at_load(void)
{
	unsigned int number;

	for (number = 0; number < rounds; number++)
		run_round(number);
	dmaengine_terminate_sync(chan);
	pr_info("dma_client: %s: ok %lu, read_failed %lu, write_failed %lu, aborted %lu, late %lu, wrong %lu, lost %lu, refused %lu, unlike %lu\n",
		op, ok, read_failed, write_failed, aborted, late, wrong, lost,
		refused, unlike);
	if (read_failed || write_failed || aborted || late || wrong || lost ||
	    refused || unlike || (!terminate && ok != (u64)rounds * depth))
		return -EIO;
	return 0;
}

static int __init client_init(void)
{
	dma_cap_mask_t mask;
	int ret;

	if (!size || !depth || size > KMALLOC_MAX_SIZE / depth)
		return -EINVAL;
	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, is_named, NULL);
	if (!chan)
		return -ENODEV;
	ret = map();
	if (ret)
		goto out_channel;
	if (rounds) {
		ret = run_at_load();
	} else {
		task = kthread_run(run_forever, NULL, "dma_client");
		ret = PTR_ERR_OR_ZERO(task);
	}
	if (!ret)
		return 0;
	unmap();
out_channel:
	dma_release_channel(chan);
	return ret;
}

static void __exit client_exit(void)
{
	if (task)
		kthread_stop(task);
	dmaengine_terminate_sync(chan);
	unmap();
	dma_release_channel(chan);
}

module_init(client_init);
module_exit(client_exit);
MODULE_DESCRIPTION("A client of dmaengine for the selftests of iommu_lab");
MODULE_LICENSE("GPL");
