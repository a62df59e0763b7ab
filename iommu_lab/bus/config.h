/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Configuration space, in memory: what a read gives, what a write changes, and
 * what the engine is to do about it. Pure: no lock, no device, no clock.
 */
#ifndef IOMMU_LAB_BUS_CONFIG_H
#define IOMMU_LAB_BUS_CONFIG_H

#include "registers.h"

#define LAB_CONFIG_DWORDS	(0x148 / 4)

/**
 * enum lab_config_kind - what a function is
 * @LAB_CONFIG_INTEGRATED: on a root bus: a root complex integrated endpoint
 * @LAB_CONFIG_ENDPOINT: on another bus
 * @LAB_CONFIG_PORT: a root port, or a port of a switch
 * @LAB_CONFIG_PLACEHOLDER: function 0 of a device that has others, without an
 *	engine: the kernel looks for others only where there is function 0
 */
enum lab_config_kind {
	LAB_CONFIG_INTEGRATED,
	LAB_CONFIG_ENDPOINT,
	LAB_CONFIG_PORT,
	LAB_CONFIG_PLACEHOLDER,
};

/**
 * struct lab_config_params - what differs between functions of a kind
 * @kind: see there
 * @type: PORT: PCI_EXP_TYPE_*
 * @multifunction: there are other functions of this device
 * @ari: it is a function of an ARI device: on a bus below a root port, or a
 *	downstream port of a switch
 * @next_function: with @ari: the next function on its bus, 0 if there is none
 * @primary: PORT: the bus that it is on
 * @bus: PORT: the bus below it
 * @subordinate: PORT: the highest bus below it
 */
struct lab_config_params {
	enum lab_config_kind kind;
	u8 type;
	bool multifunction;
	bool ari;
	u8 next_function;
	u8 primary;
	u8 bus;
	u8 subordinate;
};

/**
 * struct lab_config - configuration space
 * @params: see there
 * @running: the engine has something to do: STATUS.RUNNING
 * @reg: what a read gives, STATUS.RUNNING aside
 */
struct lab_config {
	struct lab_config_params params;
	bool running;
	u32 reg[LAB_CONFIG_DWORDS];
};

/* what a write asks for beside the register's new value */
#define LAB_ASKS_MASTER		BIT(0)	/* COMMAND.MASTER has changed */
#define LAB_ASKS_STOP		BIT(1)	/* forget what is running */
#define LAB_ASKS_FLR		BIT(2)	/* the function was reset; with STOP */
#define LAB_ASKS_RUN		BIT(3)	/* there may be descriptors to run */
#define LAB_ASKS_MESSAGE	BIT(4)	/* send the message that was pending */

/**
 * struct lab_completion - how a descriptor ended
 * @status: enum lab_descriptor_status
 * @refused: address of the refused access
 * @intr: its control has INTR
 * @recorded: its completion was written
 */
struct lab_completion {
	u32 status;
	u64 refused;
	bool intr;
	bool recorded;
};

void lab_config_init(struct lab_config *config,
		     const struct lab_config_params *params);
u32 lab_config_read(const struct lab_config *config, unsigned int where,
		    unsigned int size);
u32 lab_config_write(struct lab_config *config, unsigned int where,
		     unsigned int size, u32 value);
void lab_config_plug(struct lab_config *config);
bool lab_config_master(const struct lab_config *config);
bool lab_config_next(const struct lab_config *config, u64 *address);
bool lab_config_complete(struct lab_config *config,
			 const struct lab_completion *completion);
bool lab_config_interrupt(struct lab_config *config);
void lab_config_message(const struct lab_config *config, u64 *address,
			u32 *data);

#endif
