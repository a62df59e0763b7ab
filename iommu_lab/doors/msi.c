// SPDX-License-Identifier: GPL-2.0
/*
 * Message-signaled interrupts of the functions: what request_irq() of a driver, or
 * VFIO, gets for them.
 *
 * Each function has one interrupt. When it is allocated the function gets an entry
 * of its unit's interrupt remapping table; the entry passes messages only as long as
 * somebody has requested the interrupt. A message that passes comes back as a
 * destination and a vector, which here are no more than the number of the function:
 * there are no processors of that name, the handler runs where the message was sent.
 */
#include <linux/pci.h>
#include <linux/slab.h>
#include "../compat/msi.h"
#include "doors.h"

/* vectors of a destination; those below are exceptions */
#define LAB_FIRST_VECTOR	0x20u
#define LAB_VECTORS		(256u - LAB_FIRST_VECTOR)

/**
 * struct lab_msi - the interrupts of all functions
 * @machine: whose
 * @domains: numbered by the index of the endpoint
 * @unclaimed: messages that units let pass, and that nobody has
 */
struct lab_msi {
	struct lab_machine *machine;
	struct lab_compat_msi domains;
	atomic64_t unclaimed;
};

/**
 * struct lab_msi_irq - the interrupt of a function
 * @unit: its unit
 * @index: of its entry in the unit's table
 */
struct lab_msi_irq {
	struct lab_unit *unit;
	unsigned int index;
};

static void lab_msi_compose(struct irq_data *data, struct msi_msg *message)
{
	const struct lab_msi_irq *irq = irq_data_get_irq_chip_data(data);
	u32 value;

	message->address_lo = lab_irq_message(irq->index, &value);
	message->address_hi = 0;
	message->data = value;
}

/* a message is over when it was sent */
static void lab_msi_ack(struct irq_data *data)
{
}

/* the handler runs on the processor that the function's engine runs on */
static int lab_msi_set_affinity(struct irq_data *data,
				const struct cpumask *mask, bool force)
{
	irq_data_update_effective_affinity(data, mask);
	return IRQ_SET_MASK_OK_DONE;
}

static struct irq_chip lab_msi_chip = {
	.name = "iommu_lab",
	.irq_ack = lab_msi_ack,
	.irq_compose_msi_msg = lab_msi_compose,
	.irq_set_affinity = lab_msi_set_affinity,
};

static struct lab_node *lab_msi_node(struct lab_machine *machine,
				     struct pci_dev *pdev)
{
	unsigned int i;

	for (i = 0; i < machine->nr_nodes; i++) {
		struct lab_node *node = &machine->nodes[i];

		if (READ_ONCE(node->pdev) == pdev)
			return node;
	}
	return NULL;
}

static int lab_msi_alloc(struct irq_domain *domain, unsigned int virq,
			 unsigned int nr, void *arg)
{
	struct lab_msi *msi = domain->host_data;
	struct lab_node *node = lab_msi_node(msi->machine,
					     lab_compat_msi_function(arg));
	struct lab_msi_irq *irq;
	int index;

	if (!node || nr != 1)
		return -EINVAL;
	irq = kzalloc(sizeof(*irq), GFP_KERNEL);
	if (!irq)
		return -ENOMEM;
	irq->unit = msi->machine->units[node->ep.unit].unit;
	index = lab_irq_alloc(irq->unit, node->ep.bdf);
	if (index < 0) {
		kfree(irq);
		return index;
	}
	irq->index = index;
	irq_domain_set_info(domain, virq, node->ep.index, &lab_msi_chip, irq,
			    handle_edge_irq, NULL, "edge");
	return 0;
}

static void lab_msi_free(struct irq_domain *domain, unsigned int virq,
			 unsigned int nr)
{
	struct irq_data *data = irq_domain_get_irq_data(domain, virq);
	struct lab_msi_irq *irq = irq_data_get_irq_chip_data(data);

	irq_domain_reset_irq_data(data);
	lab_irq_free(irq->unit, irq->index);
	kfree(irq);
}

/*
 * Reserved: the function is told the address now, and somebody may request the
 * interrupt later.
 */
static int lab_msi_activate(struct irq_domain *domain, struct irq_data *data,
			    bool reserve)
{
	const struct lab_msi_irq *irq = irq_data_get_irq_chip_data(data);
	unsigned int number = data->hwirq;

	if (reserve)
		return 0;
	return lab_irq_enable(irq->unit, irq->index, number / LAB_VECTORS,
			      LAB_FIRST_VECTOR + number % LAB_VECTORS);
}

/* a unit that does not confirm it is dead, and sends nothing any more */
static void lab_msi_deactivate(struct irq_domain *domain,
			       struct irq_data *data)
{
	const struct lab_msi_irq *irq = irq_data_get_irq_chip_data(data);

	lab_irq_disable(irq->unit, irq->index);
}

static const struct irq_domain_ops lab_msi_ops = {
	.alloc = lab_msi_alloc,
	.free = lab_msi_free,
	.activate = lab_msi_activate,
	.deactivate = lab_msi_deactivate,
};

/* struct lab_bus.interrupt: delivery modes other than fixed are no device's */
static void lab_msi_deliver(void *data, const struct lab_interrupt *interrupt)
{
	struct lab_msi *msi = data;
	u64 number = (u64)interrupt->destination * LAB_VECTORS +
		     interrupt->vector - LAB_FIRST_VECTOR;

	if (interrupt->delivery || interrupt->vector < LAB_FIRST_VECTOR ||
	    number >= msi->machine->nr_nodes ||
	    generic_handle_domain_irq_safe(msi->domains.parent, number))
		atomic64_inc(&msi->unclaimed);
}

/**
 * lab_msi_prepare - say where the interrupts of a function come from
 * @node: the endpoint
 * @pdev: the function, not yet seen by any driver
 *
 * Context: may sleep.
 */
void lab_msi_prepare(struct lab_node *node, struct pci_dev *pdev)
{
	dev_set_msi_domain(&pdev->dev, node->machine->msi->domains.functions);
}

/**
 * lab_msi_unclaimed - messages that passed, and that nobody has
 * @machine: the machine
 *
 * Context: any. Return: how many.
 */
u64 lab_msi_unclaimed(const struct lab_machine *machine)
{
	return machine->msi ? atomic64_read(&machine->msi->unclaimed) : 0;
}

/**
 * lab_msi_init - be ready for the interrupts of functions
 * @machine: its endpoints are there, and have no functions yet
 *
 * Nothing is done without units: then there are no functions.
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int lab_msi_init(struct lab_machine *machine)
{
	struct lab_msi *msi;
	int ret;

	if (!machine->nr_units)
		return 0;
	msi = kzalloc(sizeof(*msi), GFP_KERNEL);
	if (!msi)
		return -ENOMEM;
	msi->machine = machine;
	ret = lab_compat_msi_init(&msi->domains, machine->nr_nodes,
				  &lab_msi_ops, msi);
	if (ret) {
		kfree(msi);
		return ret;
	}
	machine->msi = msi;
	machine->bus.interrupt_data = msi;
	machine->bus.interrupt = lab_msi_deliver;
	return 0;
}

/**
 * lab_msi_exit - the end of it
 * @machine: its functions are gone, and no DMA is running
 *
 * Context: may sleep.
 */
void lab_msi_exit(struct lab_machine *machine)
{
	struct lab_msi *msi = machine->msi;

	if (!msi)
		return;
	machine->bus.interrupt = NULL;
	machine->msi = NULL;
	lab_compat_msi_exit(&msi->domains);
	kfree(msi);
}
