/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything that main.c brings up, for main.c and doors/.
 */
#ifndef IOMMU_LAB_MACHINE_H
#define IOMMU_LAB_MACHINE_H

#include <linux/fwnode.h>
#include <linux/iommu.h>
#include <linux/irq_work.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include "bus/bus.h"
#include "bus/function.h"
#include "firmware/plan.h"
#include "model/vtd.h"
#include "remap/remap.h"
#include "space/buffer.h"
#include "space/event_queue.h"
#include "space/space.h"

struct dentry;
struct device;
struct lab_core;
struct lab_debugfs;
struct lab_msi;
struct pci_dev;
struct platform_device;
struct lab_domain_file;

#define LAB_FAULT_LOG_BURST	10	/* lines in LAB_FAULT_LOG_INTERVAL */
#define LAB_FAULT_LOG_INTERVAL	(5 * HZ)

/**
 * struct lab_fault_log - what the kernel's log is told of somebody's faults
 * @name: whose, for messages
 * @lock: raw; @pending, @nr, @printed, @unlogged. Taken with any lock held but the
 *	scheduler's; takes none but that of @limit
 * @limit: how many lines there may be
 * @pending: faults to be printed
 * @nr: how many
 * @printed: of @nr, taken to be printed
 * @unlogged: faults that were left out since they were counted in the log last
 * @print: prints @pending
 * @summary: prints @unlogged, one interval after the first of them
 */
struct lab_fault_log {
	const char *name;
	raw_spinlock_t lock; /* pending, nr, printed, unlogged */
	struct ratelimit_state limit;
	struct lab_fault pending[LAB_FAULT_LOG_BURST];
	unsigned int nr;
	unsigned int printed;
	u64 unlogged;
	struct irq_work print;
	struct delayed_work summary;
};

/**
 * struct lab_machine_unit - a unit and its driver
 * @machine: where it belongs
 * @index: in machine->units
 * @vtd: the unit in software
 * @unit: its driver
 * @name: "unit0", ...
 * @log: of faults whose source-id is no endpoint's
 * @iommu: how the kernel's iommu core knows it
 * @fwnode: how functions name it to the core
 */
struct lab_machine_unit {
	struct lab_machine *machine;
	u32 index;
	struct lab_vtd *vtd;
	struct lab_unit *unit;
	char name[16];
	struct lab_fault_log log;
	struct iommu_device iommu;
	struct fwnode_handle fwnode;
};

/**
 * struct lab_node - an endpoint with its node, and who is attached
 * @machine: where it belongs
 * @ep: its engine
 * @dev: its source-id at the unit, as domains see it
 * @name: "10000:00:01.0"
 * @attached: the domain file it is attached to (attach_lock), NULL if blocked
 * @file: the endpoint file that was given to attach; only compared
 * @mm: the mm that attached it; only compared, kept alive by the domain
 * @gate: the attachment's gate
 * @fn: the endpoint as a PCI function, NULL if there is no host bridge
 * @pdev: the kernel's device for @fn (attach_lock), NULL while there is none
 * @users: why the group is claimed and bus mastering is on: the attachment, and
 *	files that do DMA without one (attach_lock)
 * @generation: of @pdev: a file of an earlier one is of an endpoint that has gone
 *	(written with attach_lock and ep.lock held)
 * @refusal: of who attaches it through the core just now (attach_lock)
 * @attaching: somebody does, and will open the gate (attach_lock)
 * @link: in attached->nodes
 * @events_lock: raw; @events. Taken by the interrupt of a unit, so with any lock
 *	held that a unit is accessed under; a queue's lock is taken in it
 * @events: the queue of @attached, NULL if there is none
 * @log: of its faults
 */
struct lab_node {
	struct lab_machine *machine;
	struct lab_endpoint ep;
	struct lab_device dev;
	char name[16];
	struct lab_domain_file *attached;
	const struct file *file;
	const struct mm_struct *mm;
	struct lab_gate *gate;
	struct lab_function *fn;
	struct pci_dev *pdev;
	unsigned int users;
	u32 generation;
	struct lab_refusal *refusal;
	bool attaching;
	struct list_head link;
	raw_spinlock_t events_lock; /* events */
	struct lab_event_queue *events;
	struct lab_fault_log log;
};

/**
 * struct lab_domain_file - a domain in use: open, or automatic
 * @machine: where it belongs
 * @domain: the domain
 * @events: what its owner is told
 * @nodes: attached struct lab_node (attach_lock)
 * @past: counters of past attachments (attach_lock)
 * @link: in machine->domain_files (attach_lock)
 * @debugfs: its directory; set by lab_debugfs_add_domain()
 * @creator: process that made it; set by lab_debugfs_add_domain()
 */
struct lab_domain_file {
	struct lab_machine *machine;
	struct lab_domain *domain;
	struct lab_event_queue events;
	struct list_head nodes;
	struct lab_counters past;
	struct list_head link;
	struct dentry *debugfs;
	pid_t creator;
};

/**
 * struct lab_machine - the whole module
 * @source: where @dmar is from, for people: "built-in", or the file's name
 * @dmar: the table that the machine was made from, parsed
 * @plan: what there is in it, and where
 * @rmrrs: reserved regions of the endpoints, as @plan has them
 * @windows: the same ones, as endpoints know them
 * @units: its units, in the table's order
 * @drivers: the drivers of @units
 * @core: what the kernel's iommu core was given; NULL: it was not joined
 * @nr_units: how many; 0: IOMMU off
 * @space: domains; space.attach_lock also covers what is marked attach_lock here
 * @bus: shared by the endpoints
 * @nodes: the endpoints
 * @nr_nodes: how many
 * @hosts: host bridges, one for each root bus of @plan
 * @nr_hosts: how many
 * @msi: doors/msi.c's own, NULL without interrupts
 * @by_sid: struct lab_node by unit << 16 | source-id, for the interrupts of units;
 *	fixed while endpoints are there
 * @domain_files: open domains and automatic ones (attach_lock)
 * @auto_domains: automatic domains (attach_lock)
 * @importer: who attaches to the dma-bufs of others
 * @import_lock: @imports. Outside of dma_resv
 * @imports: doors/import.c's own
 * @debugfs: doors/debugfs.c's own
 */
struct lab_machine {
	const char *source;
	struct lab_dmar *dmar;
	struct lab_plan *plan;
	struct lab_resv *rmrrs;
	struct lab_window *windows;
	struct lab_machine_unit *units;
	struct lab_unit **drivers;
	struct lab_core *core;
	unsigned int nr_units;
	struct lab_space space;
	struct lab_bus bus;
	struct lab_node *nodes;
	unsigned int nr_nodes;
	struct lab_host **hosts;
	unsigned int nr_hosts;
	struct lab_msi *msi;
	struct xarray by_sid;
	struct list_head domain_files;
	struct list_head auto_domains;
	struct platform_device *importer;
	struct mutex import_lock; /* imports */
	struct list_head imports;
	struct lab_debugfs *debugfs;
};

/* table.c */
int lab_table_init(struct lab_machine *machine, const char *topology,
		   unsigned int endpoints);
void lab_table_exit(struct lab_machine *machine);

/* doors/chardev.c */
int lab_chardev_init(struct lab_machine *machine);
void lab_chardev_exit(struct lab_machine *machine);

/* doors/auto_domain.c: after lab_chardev_exit() */
void lab_auto_domain_exit(void);

/* doors/dmaengine_driver.c: between the bring-up and the tear-down of the functions */
#if defined(LAB_PCI) && IS_ENABLED(CONFIG_DMA_ENGINE)
int lab_dmaengine_init(void);
void lab_dmaengine_exit(void);
#else
static inline int lab_dmaengine_init(void)
{
	return 0;
}

static inline void lab_dmaengine_exit(void)
{
}
#endif

/* doors/import.c */
int lab_import_init(struct lab_machine *machine);
void lab_import_exit(struct lab_machine *machine);

/* doors/attach.c */
int lab_node_attach(struct lab_node *node, struct lab_domain_file *df,
		    const struct file *file, struct lab_refusal *refusal);
int lab_node_detach(struct lab_node *node);
void lab_domain_file_detach(struct lab_domain_file *df);
void lab_domain_file_counters(struct lab_domain_file *df,
			      struct lab_counters *sum);

/* doors/function.c: a kernel without PCI has no host bridge */
#ifdef LAB_PCI
int lab_functions_init(struct lab_machine *machine);
void lab_functions_exit(struct lab_machine *machine);
int lab_node_use(struct lab_node *node, struct lab_refusal *refusal);
void lab_node_stop(struct lab_node *node);
void lab_node_unuse(struct lab_node *node);
#else
static inline int lab_functions_init(struct lab_machine *machine)
{
	return 0;
}

static inline void lab_functions_exit(struct lab_machine *machine)
{
}

static inline int lab_node_use(struct lab_node *node,
			       struct lab_refusal *refusal)
{
	return 0;
}

static inline void lab_node_stop(struct lab_node *node)
{
}

static inline void lab_node_unuse(struct lab_node *node)
{
}
#endif

/* doors/msi.c: a kernel without MSI has no interrupts for functions */
#ifdef LAB_MSI
int lab_msi_init(struct lab_machine *machine);
void lab_msi_exit(struct lab_machine *machine);
void lab_msi_prepare(struct lab_node *node, struct pci_dev *pdev);
u64 lab_msi_unclaimed(const struct lab_machine *machine);
#else
static inline int lab_msi_init(struct lab_machine *machine)
{
	return 0;
}

static inline void lab_msi_exit(struct lab_machine *machine)
{
}

static inline void lab_msi_prepare(struct lab_node *node, struct pci_dev *pdev)
{
}

static inline u64 lab_msi_unclaimed(const struct lab_machine *machine)
{
	return 0;
}
#endif

/* doors/iommu_ops.c */
int lab_core_init(struct lab_machine *machine);
void lab_core_exit(struct lab_machine *machine);
int lab_core_prepare(struct lab_node *node, struct device *dev);
int lab_core_disown(struct lab_machine *machine, struct device *dev);

/* key in machine->by_sid */
static inline unsigned long lab_route_key(u32 unit, u16 sid)
{
	return (unsigned long)unit << 16 | sid;
}

/* doors/faults.c */
int lab_fault_routes_init(struct lab_machine *machine);
void lab_fault_routes_exit(struct lab_machine *machine);
void lab_node_set_events(struct lab_node *node, struct lab_event_queue *events);
void lab_unit_fault(void *data, const struct lab_fault *fault);
void lab_unit_lost(void *data);
void lab_unit_died(void *data);

/* doors/fault_log.c */
void lab_fault_log_init(struct lab_fault_log *log, const char *name);
void lab_fault_log_add(struct lab_fault_log *log,
		       const struct lab_fault *fault);
void lab_fault_log_end(struct lab_fault_log *log);

/*
 * doors/debugfs.c: never fails; without debugfs there is nothing to see. Not
 * with attach_lock held: removal waits for readers, which take it.
 */
void lab_debugfs_init(struct lab_machine *machine);
void lab_debugfs_exit(struct lab_machine *machine);
void lab_debugfs_add_domain(struct lab_domain_file *df);
void lab_debugfs_remove_domain(struct lab_domain_file *df);

#endif
