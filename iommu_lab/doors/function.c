// SPDX-License-Identifier: GPL-2.0
/*
 * Endpoints as PCI functions of the kernel: its devices come and go, and the claim
 * on their groups and bus mastering follow the users of the char device.
 *
 * The callbacks of the host bridge run with the kernel's lock of rescan and remove
 * held, and take attach_lock in it: nothing takes that lock with attach_lock held.
 */
#include <linux/pci.h>
#include <linux/rcupdate.h>
#include "doors.h"

/**
 * lab_node_use - one more user of the char device
 * @node: the endpoint
 * @refusal: of the file that asked
 *
 * The first one claims it, and has it master the bus.
 *
 * Context: attach_lock held; may sleep.
 * Return: 0, or what lab_node_claim() returns with nothing done.
 */
int lab_node_use(struct lab_node *node, struct lab_refusal *refusal)
{
	int ret;

	lockdep_assert_held(&node->machine->space.attach_lock);
	if (!node->users) {
		ret = lab_node_claim(node, refusal);
		if (ret)
			return ret;
		if (node->pdev)
			pci_set_master(node->pdev);
	}
	node->users++;
	return 0;
}

/**
 * lab_node_stop - switch bus mastering off
 * @node: the endpoint, used
 *
 * The first step of a release; lab_node_unuse() is the last.
 *
 * Context: attach_lock held.
 */
void lab_node_stop(struct lab_node *node)
{
	lockdep_assert_held(&node->machine->space.attach_lock);
	if (node->pdev)
		pci_clear_master(node->pdev);
}

/**
 * lab_node_unuse - one user of the char device less
 * @node: the endpoint, stopped, and not attached any more if that was the use
 *
 * The last one gives it back to the kernel. For the others it masters the bus again.
 *
 * Context: attach_lock held; may sleep.
 */
void lab_node_unuse(struct lab_node *node)
{
	lockdep_assert_held(&node->machine->space.attach_lock);
	if (!--node->users)
		lab_node_unclaim(node);
	else if (node->pdev && !READ_ONCE(node->ep.gone))
		pci_set_master(node->pdev);
}

static struct lab_node *lab_function_node(const struct lab_function *fn)
{
	return container_of(fn->ep, struct lab_node, ep);
}

static void lab_function_added(void *data, struct lab_function *fn,
			       struct pci_dev *pdev)
{
	struct lab_machine *machine = data;
	struct lab_node *node = lab_function_node(fn);

	int ret;

	ret = lab_core_prepare(node, &pdev->dev);
	if (ret)
		pr_err("%s: the IOMMU core cannot be told of it (%d): it can be used by nobody\n",
		       node->name, ret);
	mutex_lock(&machine->space.attach_lock);
	node->fn = fn;
	WRITE_ONCE(node->pdev, pdev);
	mutex_unlock(&machine->space.attach_lock);
	lab_msi_prepare(node, pdev);
}

/* files that are open now are of an endpoint that has gone */
static void lab_function_removed(void *data, struct lab_function *fn,
				 struct pci_dev *pdev)
{
	struct lab_machine *machine = data;
	struct lab_node *node = lab_function_node(fn);

	mutex_lock(&machine->space.attach_lock);
	/* both wait for what is in flight of the files' jobs */
	if (node->attached)
		lab_node_detach(node);
	if (node->users) {
		lab_node_stop(node);
		synchronize_rcu();
		lab_node_unclaim(node);
	}
	node->users = 0;
	node->pdev = NULL;
	spin_lock(&node->ep.lock);
	WRITE_ONCE(node->generation, node->generation + 1);
	spin_unlock(&node->ep.lock);
	mutex_unlock(&machine->space.attach_lock);
}

static void lab_port_added(void *data, struct pci_dev *pdev)
{
	int ret = lab_core_disown(data, &pdev->dev);

	if (ret)
		pr_err("%s: the IOMMU core cannot be told of it (%d)\n",
		       pci_name(pdev), ret);
}

static struct lab_endpoint *lab_function_endpoint(void *data, unsigned int index)
{
	struct lab_machine *machine = data;

	return &machine->nodes[index].ep;
}

static const struct lab_host_ops lab_function_ops = {
	.added = lab_function_added,
	.removed = lab_function_removed,
	.added_port = lab_port_added,
};

static int lab_root_create(struct lab_machine *machine,
			   const struct lab_plan_root *root,
			   struct lab_host_port *ports)
{
	struct lab_host_params params = {
		.domain = machine->bus.pci_domain + root->segment,
		.bus = root->bus,
		.last = root->last,
		.first = root->first_endpoint,
		.nr = root->nr_endpoints,
		.nr_ports = root->nr_bridges,
		.ports = ports,
		.endpoint = lab_function_endpoint,
		.ops = &lab_function_ops,
		.data = machine,
	};
	struct lab_host *host;
	u32 i;

	for (i = 0; i < root->nr_bridges; i++) {
		const struct lab_plan_bridge *bridge =
			&machine->plan->bridges[root->first_bridge + i];

		ports[i].bdf = bridge->bdf;
		ports[i].secondary = bridge->secondary;
		ports[i].subordinate = bridge->subordinate;
	}
	host = lab_host_create(&params);
	if (IS_ERR(host))
		return PTR_ERR(host);
	machine->hosts[machine->nr_hosts++] = host;
	return 0;
}

static int lab_roots_create(struct lab_machine *machine)
{
	const struct lab_plan *plan = machine->plan;
	struct lab_host_port *ports;
	int ret = 0;
	u32 i;

	ports = kvcalloc(plan->nr_bridges, sizeof(*ports), GFP_KERNEL);
	machine->hosts = kvcalloc(plan->nr_roots, sizeof(*machine->hosts),
				  GFP_KERNEL);
	if (!ports || !machine->hosts)
		ret = -ENOMEM;
	for (i = 0; i < plan->nr_roots && !ret; i++)
		ret = lab_root_create(machine, &plan->roots[i], ports);
	kvfree(ports);
	return ret;
}

/**
 * lab_functions_init - make the endpoints PCI functions
 * @machine: its endpoints are there, no file of them is open
 *
 * Without units, or if the iommu core does not know these, there are none: nothing
 * would stand between a driver's DMA and the memory of the host.
 *
 * Context: may sleep. Return: 0 or an errno.
 */
int lab_functions_init(struct lab_machine *machine)
{
	int ret;

	if (!machine->nr_units) {
		pr_info("IOMMU off: endpoints are no PCI functions\n");
		return 0;
	}
	if (!machine->core)
		return 0;
	ret = lab_roots_create(machine);
	if (ret)
		lab_functions_exit(machine);
	return ret;
}

/**
 * lab_functions_exit - take the PCI functions away
 * @machine: no file of its endpoints is open
 *
 * Context: may sleep.
 */
void lab_functions_exit(struct lab_machine *machine)
{
	while (machine->nr_hosts)
		lab_host_destroy(machine->hosts[--machine->nr_hosts]);
	kvfree(machine->hosts);
	machine->hosts = NULL;
}
