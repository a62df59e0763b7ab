/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A function as its driver sees it, through sysfs: configuration space, the registers
 * of Documentation/function.rst, a ring in memory of this process.
 */
#ifndef SELFTESTS_FUNCTION_H
#define SELFTESTS_FUNCTION_H

#include "lab.h"
#include "sys.h"

#define PCI_DEVICES	"/sys/bus/pci/devices"

enum {
	COMMAND = 0x04,
	MASTER = 4,
	MSI_FLAGS = 0x42,
	MSI_ADDRESS = 0x44,
	MSI_ADDRESS_HI = 0x48,
	MSI_DATA = 0x4c,
	MSI_MASK = 0x50,
	MSI_PENDING = 0x54,
	CTRL = 0x10c,
	ENABLE = 1,
	INTR = 2,
	RESET = 4,
	STATUS = 0x110,
	RUNNING = 1,
	HALTED = 2,
	DONE = 4,
	RING_LO = 0x114,
	RING_HI = 0x118,
	ORDER = 0x11c,
	TAIL = 0x120,
	HEAD = 0x124,
	FAULT_LO = 0x128,
	FAULT_HI = 0x12c,
	COUNT = 0x130,
};

enum { NOP, COPY, FILL, COMPARE, DESC_INTR = 0x100 };
enum {
	DESC_PENDING, DESC_OK, DESC_FAULT, DESC_MISCOMPARE, DESC_BAD,
	DESC_ABORTED, DESC_DEAD, DESC_REVOKED,
};

struct descriptor {
	u32 control;
	u32 length;
	u64 src;
	u64 dst;
	u64 pattern;
	u32 status;
	u32 done;
	u64 refused;
	u64 reserved[2];
};

/* the path of a file of an endpoint's function; valid until the next call */
const char *function_path(unsigned int index, const char *file);
/* "1" into a file of an endpoint's function, or of all PCI: 0 or a negative errno */
int function_tell(unsigned int index, const char *file);
int pci_rescan(void);
bool function_exists(unsigned int index);

/* configuration space of an endpoint's function; end the case on failure */
int config_open(unsigned int index);
u32 config_get(int fd, unsigned int where);
u32 config_get16(int fd, unsigned int where);
void config_set(int fd, unsigned int where, u32 value);
void config_set16(int fd, unsigned int where, u32 value);

/* the engine of a function; wait_idle ends the case after some seconds */
void engine_start(int fd, u64 ring, unsigned int order, u32 ctrl);
u32 wait_idle(int fd);

#endif
