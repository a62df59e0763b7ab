// SPDX-License-Identifier: GPL-2.0
/*
 * From the fault records of units to whom they concern: the domain that the
 * endpoint is attached to, the log, the tracepoint.
 *
 * All of it runs in the interrupt of a unit, which may come with interrupts off
 * and raw locks held: nothing here allocates, sleeps, wakes or prints.
 */
#include <linux/rcupdate.h>
#include "../trace/trace.h"
#include "doors.h"

/**
 * lab_node_set_events - say who is told of an endpoint's faults
 * @node: the endpoint
 * @events: the queue, or NULL for nobody
 *
 * Context: any. When it returns, nothing is put into the queue before it any
 * more.
 */
void lab_node_set_events(struct lab_node *node, struct lab_event_queue *events)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&node->events_lock, flags);
	WRITE_ONCE(node->events, events);
	raw_spin_unlock_irqrestore(&node->events_lock, flags);
}

/* the id of the domain that was told, 0 if there is none */
static u32 lab_node_tell(struct lab_node *node, struct lab_event *event)
{
	unsigned long flags;
	u32 domain = 0;

	raw_spin_lock_irqsave(&node->events_lock, flags);
	if (node->events) {
		domain = node->events->domain;
		lab_event_put(node->events, event);
	}
	raw_spin_unlock_irqrestore(&node->events_lock, flags);
	return domain;
}

/**
 * lab_unit_fault - struct lab_unit_params.fault
 * @data: the struct lab_machine_unit
 * @fault: the record
 *
 * Context: any, see there.
 */
void lab_unit_fault(void *data, const struct lab_fault *fault)
{
	struct lab_machine_unit *mu = data;
	u16 segment = lab_unit_params(mu->unit)->segment;
	struct lab_event event = {
		.type = LAB_EVENT_FAULT,
		.time = ktime_to_ns(fault->time),
		.iova = fault->iova,
		.unit = mu->index,
		.segment = segment,
		.bdf = fault->sid,
		.record = fault->record,
		.reason = fault->reason,
		.write = fault->write,
	};
	struct lab_node *node;
	u32 domain = 0;

	rcu_read_lock();
	node = xa_load(&mu->machine->by_sid,
		       lab_route_key(mu->index, fault->sid));
	if (node)
		domain = lab_node_tell(node, &event);
	lab_fault_log_add(node ? &node->log : &mu->log, fault);
	rcu_read_unlock();
	trace_iommu_lab_fault(segment, fault->sid, domain, mu->index,
			      fault->iova, fault->record, fault->reason,
			      fault->write);
}

/**
 * lab_unit_lost - struct lab_unit_params.lost
 * @data: the struct lab_machine_unit
 *
 * Nobody knows whose records they were: each domain at the unit is told.
 *
 * Context: any, see there.
 */
void lab_unit_lost(void *data)
{
	struct lab_machine_unit *mu = data;
	struct lab_node *node;
	unsigned long flags, key;

	rcu_read_lock();
	xa_for_each_range(&mu->machine->by_sid, key, node,
			  lab_route_key(mu->index, 0),
			  lab_route_key(mu->index, U16_MAX)) {
		/* most are attached to nothing */
		if (!READ_ONCE(node->events))
			continue;
		raw_spin_lock_irqsave(&node->events_lock, flags);
		if (node->events)
			lab_event_records_lost(node->events);
		raw_spin_unlock_irqrestore(&node->events_lock, flags);
	}
	rcu_read_unlock();
}

/**
 * lab_unit_died - struct lab_unit_params.dead
 * @data: the struct lab_machine_unit
 *
 * Its DMA is cut off, and whoever is attached to it learns of it.
 *
 * Context: any, see there.
 */
void lab_unit_died(void *data)
{
	struct lab_machine_unit *mu = data;
	struct lab_event event = {
		.type = LAB_EVENT_DEAD,
		.time = ktime_get_boot_fast_ns(),
		.unit = mu->index,
	};
	struct lab_node *node;
	unsigned long key;

	lab_vtd_sever(mu->vtd);
	rcu_read_lock();
	xa_for_each_range(&mu->machine->by_sid, key, node,
			  lab_route_key(mu->index, 0),
			  lab_route_key(mu->index, U16_MAX)) {
		event.segment = node->ep.segment;
		event.bdf = node->ep.bdf;
		lab_node_tell(node, &event);
	}
	rcu_read_unlock();
}

/**
 * lab_fault_routes_init - let units find their endpoints
 * @machine: its endpoints are complete
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int lab_fault_routes_init(struct lab_machine *machine)
{
	unsigned int i;
	int ret;

	for (i = 0; i < machine->nr_nodes; i++) {
		struct lab_node *node = &machine->nodes[i];

		raw_spin_lock_init(&node->events_lock);
		lab_fault_log_init(&node->log, node->name);
	}
	for (i = 0; i < machine->nr_nodes; i++) {
		struct lab_node *node = &machine->nodes[i];

		ret = xa_err(xa_store(&machine->by_sid,
				      lab_route_key(node->ep.unit,
						    node->ep.bdf),
				      node, GFP_KERNEL));
		if (ret) {
			lab_fault_routes_exit(machine);
			return ret;
		}
	}
	return 0;
}

/**
 * lab_fault_routes_exit - let units find no endpoint any more
 * @machine: nothing is attached
 *
 * Context: may sleep. When it returns no interrupt of a unit uses an endpoint.
 */
void lab_fault_routes_exit(struct lab_machine *machine)
{
	unsigned int i;

	xa_destroy(&machine->by_sid);
	synchronize_rcu();
	for (i = 0; i < machine->nr_nodes; i++)
		lab_fault_log_end(&machine->nodes[i].log);
}
