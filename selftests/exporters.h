/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Other drivers that hand out dma-bufs, each in its own way.
 */
#ifndef SELFTESTS_EXPORTERS_H
#define SELFTESTS_EXPORTERS_H

#include "tap.h"

/**
 * struct exporter - who hands out dma-bufs
 * @name: as debugfs shows it
 * @open: a file of it, or -1: the kernel does not have it
 * @create: a dma-buf, open as @mode (O_RDWR, O_RDONLY), and the memory behind it in
 *	this process; ends the case on failure
 */
struct exporter {
	const char *name;
	int (*open)(void);
	int (*create)(int file, u64 bytes, int mode, u8 **mem);
};

extern const struct exporter udmabuf_exporter;
extern const struct exporter heap_exporter;
extern const struct exporter vgem_exporter;

/* a GEM object of somebody's dma-buf, at an open vgem; ends the case */
u32 vgem_import(int file, int dmabuf);
/* a dma-buf of a GEM object */
int vgem_export(int file, u32 handle, int mode);
void vgem_close(int file, u32 handle);

#endif
