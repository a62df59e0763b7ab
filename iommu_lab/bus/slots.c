// SPDX-License-Identifier: GPL-2.0
/*
 * What answers at each BDF below a host bridge.
 *
 * Ports on the root bus are root ports; below, upstream and downstream ports of
 * switches alternate. Below a root port or a downstream port is a link: all
 * functions there are those of one ARI device. On the other buses each device has
 * its functions.
 *
 * Kernels look for the functions of a device only where it has function 0: a
 * placeholder is there if nothing else is.
 */
#include <linux/pci_regs.h>
#include <linux/slab.h>
#include "function.h"

#define LAB_DEVFNS	256u	/* of a bus */
#define LAB_DEVICE	8u	/* devfns of a device */

/**
 * lab_slot_at - what answers at a BDF
 * @slots: configuration space
 * @bus: bus, one of a struct pci_bus below the host bridge
 * @devfn: device << 3 | function
 *
 * Context: any. Return: the slot.
 */
struct lab_slot *lab_slot_at(const struct lab_slots *slots, u8 bus,
			     unsigned int devfn)
{
	static struct lab_slot nothing;

	if (bus < slots->bus || bus > slots->last)
		return &nothing;
	return &slots->slots[(bus - slots->bus) * LAB_DEVFNS + devfn];
}

static bool lab_slot_is_free(const struct lab_slot *slot)
{
	return !slot->fn && !slot->plain;
}

static struct lab_slot *lab_slot_of(const struct lab_slots *slots, u16 bdf)
{
	return lab_slot_at(slots, bdf >> 8, bdf & 0xff);
}

static struct lab_endpoint *lab_endpoint_of(const struct lab_host_params *params,
					    unsigned int i)
{
	return params->endpoint(params->data, params->first + i);
}

static bool lab_is_link(u8 type)
{
	return type == PCI_EXP_TYPE_ROOT_PORT || type == PCI_EXP_TYPE_DOWNSTREAM;
}

/* the next function of an ARI device, 0 if there is none */
static u8 lab_next_function(const struct lab_slots *slots, u16 bdf)
{
	unsigned int devfn;

	for (devfn = (bdf & 0xff) + 1; devfn < LAB_DEVFNS; devfn++)
		if (!lab_slot_is_free(lab_slot_at(slots, bdf >> 8, devfn)))
			return devfn;
	return 0;
}

static bool lab_has_others(const struct lab_slots *slots, u16 bdf)
{
	unsigned int first = bdf & 0xff & ~(LAB_DEVICE - 1), devfn;

	for (devfn = first; devfn < first + LAB_DEVICE; devfn++)
		if (devfn != (bdf & 0xff) &&
		    !lab_slot_is_free(lab_slot_at(slots, bdf >> 8, devfn)))
			return true;
	return false;
}

/* the type of the port above each bus; 0 above the root bus */
static void lab_types_above(const struct lab_host_params *params, u8 *above)
{
	unsigned int i;

	/* in order of BDF: a port comes before those below it */
	for (i = 0; i < params->nr_ports; i++) {
		const struct lab_host_port *port = &params->ports[i];
		u8 bus = port->bdf >> 8;

		above[port->secondary] =
			bus == params->bus ? PCI_EXP_TYPE_ROOT_PORT :
			lab_is_link(above[bus]) ? PCI_EXP_TYPE_UPSTREAM :
			PCI_EXP_TYPE_DOWNSTREAM;
	}
}

static void lab_place(struct lab_slots *slots,
		      const struct lab_host_params *params)
{
	unsigned int i;

	for (i = 0; i < params->nr; i++) {
		u16 bdf = lab_endpoint_of(params, i)->bdf;

		lab_slot_of(slots, bdf)->fn = &slots->functions[i];
	}
	for (i = 0; i < params->nr_ports; i++)
		lab_slot_of(slots, params->ports[i].bdf)->plain =
			&slots->plains[slots->nr_plains++];
}

/* one for each device of @step devfns that has others than function 0 */
static void lab_place_placeholders(struct lab_slots *slots, u8 bus,
				   unsigned int step)
{
	unsigned int device, devfn;

	for (device = 0; device < LAB_DEVFNS; device += step) {
		for (devfn = device; devfn < device + step; devfn++)
			if (!lab_slot_is_free(lab_slot_at(slots, bus, devfn)))
				break;
		if (devfn == device || devfn == device + step)
			continue;
		lab_slot_at(slots, bus, device)->plain =
			&slots->plains[slots->nr_plains++];
	}
}

static void lab_describe(const struct lab_slots *slots, const u8 *above, u16 bdf,
			 struct lab_config_params *config)
{
	config->ari = lab_is_link(above[bdf >> 8]);
	config->multifunction = config->ari || lab_has_others(slots, bdf);
	if (config->ari)
		config->next_function = lab_next_function(slots, bdf);
}

static void lab_init_functions(struct lab_slots *slots, const u8 *above,
			       const struct lab_host_params *params)
{
	unsigned int i;

	for (i = 0; i < params->nr; i++) {
		struct lab_endpoint *ep = lab_endpoint_of(params, i);
		struct lab_config_params config = {
			.kind = ep->bdf >> 8 == slots->bus ?
				LAB_CONFIG_INTEGRATED : LAB_CONFIG_ENDPOINT,
		};

		lab_describe(slots, above, ep->bdf, &config);
		lab_function_init(&slots->functions[i], ep, &config);
		slots->nr_functions++;
	}
}

static void lab_init_plains(struct lab_slots *slots, const u8 *above,
			    const struct lab_host_params *params)
{
	unsigned int bdf, i;

	for (i = 0; i < slots->nr_plains; i++)
		raw_spin_lock_init(&slots->plains[i].lock);
	for (i = 0; i < params->nr_ports; i++) {
		const struct lab_host_port *port = &params->ports[i];
		struct lab_config_params config = {
			.kind = LAB_CONFIG_PORT,
			.type = above[port->secondary],
			.primary = port->bdf >> 8,
			.bus = port->secondary,
			.subordinate = port->subordinate,
		};

		lab_describe(slots, above, port->bdf, &config);
		lab_config_init(&slots->plains[i].config, &config);
	}
	for (bdf = slots->bus << 8; bdf < (slots->last + 1u) << 8; bdf++) {
		struct lab_plain *plain = lab_slot_of(slots, bdf)->plain;
		struct lab_config_params config = {
			.kind = LAB_CONFIG_PLACEHOLDER,
		};

		if (!plain || plain < slots->plains + params->nr_ports)
			continue;
		lab_describe(slots, above, bdf, &config);
		lab_config_init(&plain->config, &config);
	}
}

/**
 * lab_slots_make - make all functions below a host bridge
 * @slots: filled in
 * @params: of the bridge; each endpoint is on its root bus or below a port
 *
 * Context: may sleep; nobody uses the endpoints.
 * Return: 0, or -ENOMEM with nothing to free.
 */
int lab_slots_make(struct lab_slots *slots, const struct lab_host_params *params)
{
	/* a port or an endpoint needs one placeholder at most */
	unsigned int plains = 2 * params->nr_ports + params->nr;
	u8 above[256] = { };
	unsigned int bus;

	*slots = (struct lab_slots){
		.bus = params->bus,
		.last = params->last,
	};
	slots->functions = kvcalloc(params->nr, sizeof(*slots->functions),
				    GFP_KERNEL);
	slots->plains = kvcalloc(plains, sizeof(*slots->plains), GFP_KERNEL);
	slots->slots = kvcalloc((params->last - params->bus + 1) * LAB_DEVFNS,
				sizeof(*slots->slots), GFP_KERNEL);
	if (!slots->functions || !slots->plains || !slots->slots) {
		lab_slots_free(slots);
		return -ENOMEM;
	}
	lab_types_above(params, above);
	lab_place(slots, params);
	for (bus = params->bus; bus <= params->last; bus++)
		lab_place_placeholders(slots, bus, lab_is_link(above[bus]) ?
				       LAB_DEVFNS : LAB_DEVICE);
	lab_init_functions(slots, above, params);
	lab_init_plains(slots, above, params);
	return 0;
}

/**
 * lab_slots_free - end all functions below a host bridge
 * @slots: nobody accesses configuration space
 *
 * Context: may sleep.
 */
void lab_slots_free(struct lab_slots *slots)
{
	unsigned int i;

	for (i = 0; i < slots->nr_functions; i++)
		lab_function_release(&slots->functions[i]);
	kvfree(slots->slots);
	kvfree(slots->plains);
	kvfree(slots->functions);
}
