// SPDX-License-Identifier: GPL-2.0
/*
 * Attach and detach: the endpoint's gate (bus/) and its context entry (space/)
 * change hands together. Without units there is only the gate, which then resolves
 * addresses by the domain: it is in force no longer than the domain is attached.
 */
#include <linux/rcupdate.h>
#include "doors.h"

/* the gate is shut */
static void lab_node_set_owner(struct lab_node *node,
			       struct lab_domain_file *df,
			       const struct file *file)
{
	spin_lock(&node->ep.lock);
	node->attached = df;
	node->file = file;
	node->mm = df ? df->domain->mm : NULL;
	spin_unlock(&node->ep.lock);
	/*
	 * Nothing is in flight, so all faults so far have their record: each is
	 * told to who owned the endpoint when it was refused.
	 */
	if (node->dev.unit)
		lab_unit_take_faults(node->dev.unit);
	lab_node_set_events(node, df ? &df->events : NULL);
}

/**
 * lab_node_attach - attach an endpoint to a domain
 * @node: the endpoint
 * @df: the domain
 * @file: the endpoint file that DMA will be accepted on
 * @refusal: of the file that asked
 *
 * Context: attach_lock held; may sleep.
 * Return: 0 or a negative errno with the endpoint as it was.
 */
int lab_node_attach(struct lab_node *node, struct lab_domain_file *df,
		    const struct file *file, struct lab_refusal *refusal)
{
	struct lab_gate *gate;
	int ret;

	lockdep_assert_held(&node->machine->space.attach_lock);
	if (lab_endpoint_file_is_gone(file->private_data))
		return lab_refuse_gone(refusal, node);
	if (node->attached == df)
		return lab_refuse(refusal, -EALREADY,
				  "%s is attached to this domain already",
				  node->name);
	if (node->attached)
		return lab_refuse(refusal, -EBUSY,
				  "%s is attached to domain %u: detach it there first",
				  node->name, node->attached->domain->id);
	ret = lab_node_use(node, refusal);
	if (ret)
		return ret;
	gate = lab_gate_create(&node->ep);
	if (IS_ERR(gate)) {
		ret = PTR_ERR(gate);
		goto unuse;
	}
	if (lab_space_is_off(&node->machine->space)) {
		gate->resolve = lab_domain_resolve;
		gate->resolve_data = df->domain;
	}
	ret = lab_node_enter(node, df->domain, refusal);
	if (ret) {
		lab_endpoint_fold_gate(&node->ep, gate, NULL);
		lab_endpoint_open_gate(&node->ep, node->ep.blocked);
		goto unuse;
	}
	lab_node_set_owner(node, df, file);
	gate->domain = df->domain->id;
	node->gate = gate;
	list_add_tail(&node->link, &df->nodes);
	lab_endpoint_open_gate(&node->ep, gate);
	return 0;

unuse:
	lab_node_stop(node);
	lab_node_unuse(node);
	return ret;
}

/* the rest of a detach, once nothing is in flight through the gate */
static int lab_node_block(struct lab_node *node)
{
	struct lab_domain_file *df = node->attached;
	int ret;

	ret = lab_node_leave(node, df->domain);
	list_del(&node->link);
	lab_node_set_owner(node, NULL, NULL);
	lab_endpoint_fold_gate(&node->ep, node->gate, &df->past);
	node->gate = NULL;
	lab_endpoint_open_gate(&node->ep, node->ep.blocked);
	lab_node_unuse(node);
	return ret;
}

/**
 * lab_node_detach - put an endpoint back into the blocked state
 * @node: the endpoint, attached
 *
 * When it returns, no access through the old domain is in flight, whatever it
 * returns.
 *
 * Context: attach_lock held; may sleep.
 * Return: 0, or -ETIMEDOUT / -ENODEV when the unit is dead: detached all the
 * same, the unit's DMA is cut off.
 */
int lab_node_detach(struct lab_node *node)
{
	lockdep_assert_held(&node->machine->space.attach_lock);
	lab_node_stop(node);
	lab_endpoint_shut_gate(&node->ep);
	return lab_node_block(node);
}

/**
 * lab_domain_file_detach - detach all endpoints of a domain
 * @df: the domain
 *
 * One grace period for all of them.
 *
 * Context: attach_lock held; may sleep.
 */
void lab_domain_file_detach(struct lab_domain_file *df)
{
	struct lab_node *node, *next;

	lockdep_assert_held(&df->machine->space.attach_lock);
	if (list_empty(&df->nodes))
		return;
	list_for_each_entry(node, &df->nodes, link) {
		lab_node_stop(node);
		lab_endpoint_open_gate(&node->ep, NULL);
	}
	synchronize_rcu();
	list_for_each_entry_safe(node, next, &df->nodes, link)
		lab_node_block(node);
}

/**
 * lab_domain_file_counters - what the attachments of a domain did
 * @df: the domain
 * @sum: set; past attachments included
 *
 * Context: attach_lock held.
 */
void lab_domain_file_counters(struct lab_domain_file *df,
			      struct lab_counters *sum)
{
	struct lab_node *node;

	lockdep_assert_held(&df->machine->space.attach_lock);
	*sum = df->past;
	list_for_each_entry(node, &df->nodes, link)
		lab_gate_add(node->gate, sum);
}
