// SPDX-License-Identifier: GPL-2.0
/*
 * Accesses to the configuration space of a function, and what they make the
 * engine do. Any context: the kernel calls with pci_lock held, interrupts off.
 */
#include "../trace/trace.h"
#include "function.h"

/**
 * lab_function_init - make an endpoint a function, not plugged in
 * @fn: the function
 * @ep: the endpoint; it does no DMA until @fn is plugged in and a master
 * @params: of its configuration space
 *
 * Context: may sleep; nobody uses @ep.
 */
void lab_function_init(struct lab_function *fn, struct lab_endpoint *ep,
		       const struct lab_config_params *params)
{
	fn->ep = ep;
	fn->pdev = NULL;
	raw_spin_lock_init(&fn->lock);
	lab_config_init(&fn->config, params);
	fn->job = NULL;
	fn->messages = 0;
	INIT_WORK(&fn->work, lab_doorbell_work);
	ep->master = false;
	ep->gone = true;
}

/**
 * lab_function_release - end a function
 * @fn: the function, unplugged; nobody accesses its configuration space
 *
 * Its endpoint stays without DMA.
 *
 * Context: may sleep.
 */
void lab_function_release(struct lab_function *fn)
{
	flush_work(&fn->work);
}

static void lab_function_set_gone(struct lab_function *fn, bool gone)
{
	spin_lock(&fn->ep->lock);
	WRITE_ONCE(fn->ep->gone, gone);
	spin_unlock(&fn->ep->lock);
}

static void lab_function_follow_master(struct lab_function *fn)
{
	struct lab_endpoint *ep = fn->ep;
	bool on = lab_config_master(&fn->config);

	if (on == ep->master)
		return;
	WRITE_ONCE(ep->master, on);
	if (!on)
		lab_endpoint_revoke(fn->ep);
	trace_iommu_lab_bus_master(ep->segment, ep->bdf, ep->unit, on);
}

/* the engine forgets what it is doing */
static void lab_function_stop(struct lab_function *fn)
{
	fn->messages = 0;
	if (fn->job)
		WRITE_ONCE(fn->job->cancelled, true);
}

/**
 * lab_function_plug - the kernel has a device for a function
 * @fn: the function, unplugged
 *
 * Who still has a file of its last device open may have written to it.
 *
 * Context: may sleep.
 */
void lab_function_plug(struct lab_function *fn)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&fn->lock, flags);
	lab_config_plug(&fn->config);
	lab_function_stop(fn);
	lab_function_follow_master(fn);
	raw_spin_unlock_irqrestore(&fn->lock, flags);
	flush_work(&fn->work);
	lab_function_set_gone(fn, false);
}

/**
 * lab_function_unplug - the kernel's device goes away
 * @fn: the function
 *
 * Its registers are as after power-on. When it returns, its ring does nothing any
 * more, and no chunk of any job will start. One that has started is in flight for
 * a grace period at most.
 *
 * Context: may sleep.
 */
void lab_function_unplug(struct lab_function *fn)
{
	struct lab_config_params params = fn->config.params;
	unsigned long flags;
	bool running;

	lab_function_set_gone(fn, true);
	raw_spin_lock_irqsave(&fn->lock, flags);
	running = fn->config.running;
	lab_config_init(&fn->config, &params);
	fn->config.running = running;
	lab_function_stop(fn);
	lab_function_follow_master(fn);
	lab_endpoint_revoke(fn->ep);
	raw_spin_unlock_irqrestore(&fn->lock, flags);
	flush_work(&fn->work);
}

/**
 * lab_function_read - read configuration space
 * @fn: the function
 * @where: offset, a multiple of @size
 * @size: 1, 2 or 4 bytes
 *
 * Context: any. Return: the value.
 */
u32 lab_function_read(struct lab_function *fn, unsigned int where,
		      unsigned int size)
{
	unsigned long flags;
	u32 value;

	raw_spin_lock_irqsave(&fn->lock, flags);
	value = lab_config_read(&fn->config, where, size);
	raw_spin_unlock_irqrestore(&fn->lock, flags);
	return value;
}

/**
 * lab_function_write - write configuration space
 * @fn: the function
 * @where: offset, a multiple of @size
 * @size: 1, 2 or 4 bytes
 * @value: what is written
 *
 * Context: any.
 */
void lab_function_write(struct lab_function *fn, unsigned int where,
			unsigned int size, u32 value)
{
	unsigned long flags;
	u64 address;
	u32 asks;

	raw_spin_lock_irqsave(&fn->lock, flags);
	asks = lab_config_write(&fn->config, where, size, value);
	if (asks & LAB_ASKS_STOP)
		lab_function_stop(fn);
	if (asks & LAB_ASKS_MASTER)
		lab_function_follow_master(fn);
	if (asks & LAB_ASKS_FLR)
		lab_endpoint_revoke(fn->ep);
	if (asks & LAB_ASKS_MESSAGE)
		fn->messages++;
	if (fn->messages || (asks & LAB_ASKS_RUN &&
			     lab_config_next(&fn->config, &address))) {
		fn->config.running = true;
		queue_work(fn->ep->bus->engine, &fn->work);
	}
	raw_spin_unlock_irqrestore(&fn->lock, flags);
}
