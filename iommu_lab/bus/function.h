/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Endpoints as PCI functions: configuration space with the registers of the
 * DMA engine, and the ring that it runs (Documentation/function.rst).
 *
 * A function is plugged in while the kernel has a device for it. A handler of
 * configuration space sets state and queues work; the work runs the descriptors.
 */
#ifndef IOMMU_LAB_BUS_FUNCTION_H
#define IOMMU_LAB_BUS_FUNCTION_H

#include "bus.h"
#include "config.h"

struct lab_host;
struct pci_dev;

/**
 * struct lab_function - an endpoint's configuration space and engine
 * @ep: the endpoint
 * @pdev: the kernel's device, NULL while there is none. Set by the host
 * @lock: raw, innermost but for the workqueue's; everything below, and
 *	ep->master. Taken under the kernel's pci_lock
 * @config: configuration space
 * @job: the descriptor that is running, NULL if there is none
 * @messages: messages that are to be sent
 * @work: runs descriptors and sends messages
 */
struct lab_function {
	struct lab_endpoint *ep;
	struct pci_dev *pdev;
	raw_spinlock_t lock; /* config, job, messages */
	struct lab_config config;
	struct lab_dma_job *job;
	unsigned int messages;
	struct work_struct work;
};

void lab_function_init(struct lab_function *fn, struct lab_endpoint *ep,
		       const struct lab_config_params *params);
void lab_function_release(struct lab_function *fn);
void lab_function_plug(struct lab_function *fn);
void lab_function_unplug(struct lab_function *fn);
u32 lab_function_read(struct lab_function *fn, unsigned int where,
		      unsigned int size);
void lab_function_write(struct lab_function *fn, unsigned int where,
			unsigned int size, u32 value);

/* doorbell.c */
void lab_doorbell_work(struct work_struct *work);

/**
 * struct lab_host_ops - what the owner of a host bridge is told
 * @added: the kernel has a device for a function; before the IOMMU core and any
 *	driver see it. The function is plugged in after the core has seen it
 * @removed: the device goes; no driver is bound. The function was unplugged
 * @added_port: the kernel has a device for a port or a placeholder; likewise
 *
 * All may sleep, and are called with the kernel's lock of rescan and remove held.
 */
struct lab_host_ops {
	void (*added)(void *data, struct lab_function *fn,
		      struct pci_dev *pdev);
	void (*removed)(void *data, struct lab_function *fn,
			struct pci_dev *pdev);
	void (*added_port)(void *data, struct pci_dev *pdev);
};

/**
 * struct lab_host_port - a port below a host bridge
 * @bdf: where it is
 * @secondary: the bus directly below it
 * @subordinate: the highest bus below it
 */
struct lab_host_port {
	u16 bdf;
	u8 secondary;
	u8 subordinate;
};

/**
 * struct lab_host_params - a host bridge
 * @domain: the kernel's PCI domain of the endpoints, from lab_host_free_domain() on
 * @bus: the root bus
 * @last: the highest bus below it, or @bus
 * @first: index of the first endpoint
 * @nr: how many endpoints, in order of BDF
 * @nr_ports: how many ports
 * @ports: in order of BDF; used by lab_host_create() only
 * @endpoint: the endpoint of an index
 * @ops: who is told
 * @data: passed to @endpoint and @ops
 */
struct lab_host_params {
	u32 domain;
	u8 bus;
	u8 last;
	unsigned int first;
	unsigned int nr;
	unsigned int nr_ports;
	const struct lab_host_port *ports;
	struct lab_endpoint *(*endpoint)(void *data, unsigned int index);
	const struct lab_host_ops *ops;
	void *data;
};

/**
 * struct lab_plain - a function without an engine: a port, or a placeholder
 * @lock: raw; @config
 * @config: configuration space
 */
struct lab_plain {
	raw_spinlock_t lock; /* config */
	struct lab_config config;
};

/**
 * struct lab_slot - what answers at a BDF; nothing where both are NULL
 * @fn: an endpoint
 * @plain: a port or a placeholder
 */
struct lab_slot {
	struct lab_function *fn;
	struct lab_plain *plain;
};

/**
 * struct lab_slots - configuration space below a host bridge
 * @bus: the root bus
 * @last: the highest bus below it
 * @slots: by bus from @bus on, and devfn
 * @functions: one for each endpoint
 * @nr_functions: how many
 * @plains: ports, then placeholders
 * @nr_plains: how many
 */
struct lab_slots {
	u8 bus;
	u8 last;
	struct lab_slot *slots;
	struct lab_function *functions;
	unsigned int nr_functions;
	struct lab_plain *plains;
	unsigned int nr_plains;
};

/* slots.c */
int lab_slots_make(struct lab_slots *slots, const struct lab_host_params *params);
void lab_slots_free(struct lab_slots *slots);
struct lab_slot *lab_slot_at(const struct lab_slots *slots, u8 bus,
			     unsigned int devfn);

/* host.c: in kernels with PCI of the kind that it knows */
#ifdef LAB_PCI
u32 lab_host_free_domain(void);
#else
static inline u32 lab_host_free_domain(void)
{
	return LAB_PCI_DOMAIN_BASE;
}
#endif
struct lab_host *lab_host_create(const struct lab_host_params *params);
void lab_host_destroy(struct lab_host *host);

#endif
