// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "function.h"

#define PATIENCE_MS	20000

const char *function_path(unsigned int index, const char *file)
{
	static char path[128];
	char name[NAME_BYTES];

	endpoint_name(index, name);
	snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", name, file);
	return path;
}

int function_tell(unsigned int index, const char *file)
{
	return write_text(function_path(index, file), "1");
}

int pci_rescan(void)
{
	return write_text("/sys/bus/pci/rescan", "1");
}

bool function_exists(unsigned int index)
{
	return !access(function_path(index, "config"), F_OK);
}

int config_open(unsigned int index)
{
	int fd = open(function_path(index, "config"), O_RDWR | O_CLOEXEC);

	REQUIRE(fd >= 0);
	return fd;
}

u32 config_get(int fd, unsigned int where)
{
	u32 value;

	REQUIRE_EQ(pread(fd, &value, sizeof(value), where), sizeof(value));
	return le32toh(value);
}

u32 config_get16(int fd, unsigned int where)
{
	uint16_t value;

	REQUIRE_EQ(pread(fd, &value, sizeof(value), where), sizeof(value));
	return le16toh(value);
}

void config_set(int fd, unsigned int where, u32 value)
{
	value = htole32(value);
	REQUIRE_EQ(pwrite(fd, &value, sizeof(value), where), sizeof(value));
}

void config_set16(int fd, unsigned int where, u32 value)
{
	uint16_t half = htole16(value);

	REQUIRE_EQ(pwrite(fd, &half, sizeof(half), where), sizeof(half));
}

void engine_start(int fd, u64 ring, unsigned int order, u32 ctrl)
{
	config_set(fd, RING_LO, (u32)ring);
	config_set(fd, RING_HI, ring >> 32);
	config_set(fd, ORDER, order);
	config_set(fd, CTRL, ctrl | ENABLE);
}

u32 wait_idle(int fd)
{
	u64 limit = now_ms() + PATIENCE_MS;
	u32 status;

	do
		status = config_get(fd, STATUS);
	while (status & RUNNING && now_ms() < limit);
	REQUIRE(!(status & RUNNING));
	return status;
}
