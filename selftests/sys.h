/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a test needs of the kernel beside the module's ABI: modules, debugfs,
 * the log, capabilities, huge pages, physical addresses.
 */
#ifndef SELFTESTS_SYS_H
#define SELFTESTS_SYS_H

#include <sys/types.h>
#include "tap.h"

#define PAGE	4096ull
#define MIB	(1024ull * 1024)
#define GIB	(1024ull * MIB)
#define HUGE	(2 * MIB)

#define DEBUGFS	"/sys/kernel/debug/iommu_lab"

/* the module; 0 or a negative errno */
bool module_loaded(void);
int module_load(const char *params);
int module_unload(void);

/*
 * Unloading that may have to wait for the caller: in a process of its own, whose
 * status is 0 if it succeeded. module_unload_ended: whether it has ended by now.
 */
pid_t module_unload_begin(void);
bool module_unload_ended(pid_t pid, int *status);
/*
 * What begin() starts in a process of its own has to wait for what hold() has, which
 * runs in another one: it writes a byte to `ready`, and ends when it reads one from
 * `release`, after wait(). Then the first succeeds.
 */
void while_held(pid_t (*begin)(void), void (*hold)(int ready, int release),
		void (*wait)(void));
void half_a_second(void);

/* monotonic milliseconds */
u64 now_ms(void);
void sleep_ms(unsigned int ms);

/* a kernel with KASAN or KCSAN: everything is about ten times slower */
bool is_debug_kernel(void);

/* what the kernel was booted with is that line of the file `boots` (LAB_BOOT) */
bool booted(const char *name);

/* the long variant of a test is wanted (LAB_LONG=1) */
bool want_long(void);

/* random numbers from one seed (LAB_SEED, or the time; printed) */
u64 test_seed(void);
u64 next_random(u64 *state);
void fill_random(void *buf, size_t bytes, u64 *state);

/*
 * Files. read_text: the whole file, NUL-terminated, malloc'ed; NULL with errno.
 * find_key: the text behind "key:" at the beginning of a line, NULL if none.
 */
char *read_text(const char *path);
const char *find_key(const char *text, const char *key);
int write_text(const char *path, const char *text);

/* the number behind "key:" of a file below DEBUGFS; ends the case if none */
u64 debugfs_number(const char *file, const char *key);
/* the file below DEBUGFS; ends the case if it cannot be read */
char *debugfs_text(const char *file);

/* the kernel's log from now on; kmsg_count: lines with that text since then */
int kmsg_open(void);
unsigned int kmsg_count(int fd, const char *text);

/* takes a capability from this process for good */
void drop_capability(int cap);

/* VmLck of this process in bytes */
u64 locked_bytes(void);

/* present private memory in 4 KiB pages, zeroed; ends the case on failure */
void *pages_alloc(size_t bytes);
/* the same in 2 MiB pages: physically contiguous and aligned */
void *huge_alloc(size_t bytes);
/* one 1 GiB page; the VM is booted with hugepagesz=1G hugepages=1 */
void *giant_alloc(void);
/* physical address of a present address, from /proc/self/pagemap */
u64 phys_of(const void *va);

#endif
