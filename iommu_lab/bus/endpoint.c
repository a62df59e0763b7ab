// SPDX-License-Identifier: GPL-2.0
/*
 * Endpoints and their gates.
 *
 * To move an endpoint from one owner to another: shut the gate, change the
 * context entry and invalidate, open the new gate. While it is shut nothing is
 * accepted, and nothing accepted before is in flight.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "bus.h"

/**
 * lab_gate_create - a gate for a new owner of an endpoint
 * @ep: the endpoint
 *
 * Context: may sleep. Return: the gate with one reference, or ERR_PTR(-ENOMEM).
 */
struct lab_gate *lab_gate_create(struct lab_endpoint *ep)
{
	struct lab_gate *gate;
	int ret;

	gate = kzalloc(sizeof(*gate), GFP_KERNEL_ACCOUNT);
	if (!gate)
		return ERR_PTR(-ENOMEM);
	refcount_set(&gate->refs, 1);
	gate->attached = true;
	ret = lab_requester_init(&gate->rq, ep->vtd, ep->bdf);
	if (ret) {
		kfree(gate);
		return ERR_PTR(ret);
	}
	return gate;
}

/**
 * lab_gate_put - drop a reference
 * @gate: the gate. The first reference is dropped by lab_endpoint_fold_gate()
 *
 * Context: any.
 */
void lab_gate_put(struct lab_gate *gate)
{
	if (refcount_dec_and_test(&gate->refs))
		kfree(gate);
}

/**
 * lab_gate_add - add what was done through a gate
 * @gate: not folded yet
 * @sum: its counters are added to it
 *
 * Context: any.
 */
void lab_gate_add(const struct lab_gate *gate, struct lab_counters *sum)
{
	struct lab_counters counters;

	lab_requester_read(&gate->rq, &counters);
	lab_counters_add(sum, &counters);
}

/**
 * lab_endpoint_init - make an endpoint, blocked
 * @ep: the endpoint
 * @bus: its bus
 * @vtd: the unit that translates for it, or NULL
 * @index: 0 for the first one
 * @segment: PCI segment
 * @bdf: source-id
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int lab_endpoint_init(struct lab_endpoint *ep, struct lab_bus *bus,
		      struct lab_vtd *vtd, unsigned int index, u16 segment,
		      u16 bdf)
{
	struct lab_gate *blocked, *core;

	memset(ep, 0, sizeof(*ep));
	ep->bus = bus;
	ep->vtd = vtd;
	ep->index = index;
	ep->segment = segment;
	ep->bdf = bdf;
	ep->master = true;
	spin_lock_init(&ep->lock);
	blocked = lab_gate_create(ep);
	if (IS_ERR(blocked))
		return PTR_ERR(blocked);
	core = lab_gate_create(ep);
	if (IS_ERR(core)) {
		lab_endpoint_fold_gate(ep, blocked, NULL);
		return PTR_ERR(core);
	}
	core->core = true;
	ep->core = core;
	blocked->attached = false;
	ep->blocked = blocked;
	ep->gate = blocked;
	return 0;
}

/**
 * lab_endpoint_release - end an endpoint
 * @ep: the endpoint; blocked, no job left
 *
 * Context: may sleep.
 */
void lab_endpoint_release(struct lab_endpoint *ep)
{
	/* no job is left: there is nothing to wait for */
	lab_endpoint_open_gate(ep, NULL);
	lab_endpoint_fold_gate(ep, ep->core, NULL);
	lab_endpoint_fold_gate(ep, ep->blocked, NULL);
	ep->core = NULL;
	ep->blocked = NULL;
}

/**
 * lab_endpoint_gate - the gate in force
 * @ep: the endpoint
 *
 * Context: may sleep.
 * Return: the gate with a reference, or NULL: it is shut.
 */
struct lab_gate *lab_endpoint_gate(struct lab_endpoint *ep)
{
	struct lab_gate *gate;

	spin_lock(&ep->lock);
	gate = ep->gate;
	if (gate)
		refcount_inc(&gate->refs);
	spin_unlock(&ep->lock);
	return gate;
}

/**
 * lab_endpoint_revoke - whatever was accepted until now ends at its next chunk
 * @ep: the endpoint
 *
 * After a reset or removal of its function, where bus mastering is switched off, and
 * where a gate that is opened again leads to another domain.
 *
 * Context: any.
 */
void lab_endpoint_revoke(struct lab_endpoint *ep)
{
	atomic_inc(&ep->epoch);
}

/**
 * lab_endpoint_open_gate - accept DMA through a gate
 * @ep: the endpoint; its gate is shut
 * @gate: the gate
 *
 * Context: any.
 */
void lab_endpoint_open_gate(struct lab_endpoint *ep, struct lab_gate *gate)
{
	spin_lock(&ep->lock);
	WRITE_ONCE(ep->gate, gate);
	spin_unlock(&ep->lock);
}

/**
 * lab_endpoint_shut_gate - accept nothing, and wait for what was accepted
 * @ep: the endpoint
 *
 * When it returns, no chunk of an earlier job is in flight and none will start:
 * a chunk runs with interrupts off, which a grace period waits for.
 *
 * Context: may sleep.
 */
void lab_endpoint_shut_gate(struct lab_endpoint *ep)
{
	lab_endpoint_open_gate(ep, NULL);
	synchronize_rcu();
}

/**
 * lab_endpoint_fold_gate - end a gate and keep what it counted
 * @ep: the endpoint; the gate was shut
 * @gate: its first reference is dropped
 * @sum: its counters are added to it. May be NULL
 *
 * Context: may sleep.
 */
void lab_endpoint_fold_gate(struct lab_endpoint *ep, struct lab_gate *gate,
			    struct lab_counters *sum)
{
	struct lab_counters counters;

	WARN_ON(READ_ONCE(ep->gate) == gate);
	lab_requester_release(&gate->rq, &counters);
	spin_lock(&ep->lock);
	lab_counters_add(&ep->past, &counters);
	spin_unlock(&ep->lock);
	if (sum)
		lab_counters_add(sum, &counters);
	lab_gate_put(gate);
}

/**
 * lab_endpoint_read - what an endpoint did, whatever it was attached to
 * @ep: the endpoint
 * @sum: set; exact while no attach or detach is under way
 *
 * Context: any, but not while the endpoint is released.
 */
void lab_endpoint_read(struct lab_endpoint *ep, struct lab_counters *sum)
{
	spin_lock(&ep->lock);
	*sum = ep->past;
	lab_gate_add(ep->blocked, sum);
	lab_gate_add(ep->core, sum);
	if (ep->gate && ep->gate->attached && !ep->gate->core)
		lab_gate_add(ep->gate, sum);
	spin_unlock(&ep->lock);
}
