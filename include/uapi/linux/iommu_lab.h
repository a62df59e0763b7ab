/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The whole ABI of iommu_lab: a software IOMMU with devices behind it.
 *
 * The kinds of file:
 *
 *   /dev/iommu_lab               the control node: what there is, new domains
 *                                and buffers
 *   /dev/iommu_lab-ep/<S:B:D.F>  one endpoint: its DMA engine
 *   a domain fd                  from IOMMU_LAB_DOMAIN_CREATE; read() gives events
 *   a buffer fd                  from IOMMU_LAB_BUFFER_CREATE: a dma-buf, with
 *                                the ioctls of dma-bufs, not these
 *   an association fd            from IOMMU_LAB_BUFFER_BEGIN
 *
 * Each process (mm) also has one automatic domain (policy ALLOC, the default
 * aperture) that needs no fd: IOMMU_LAB_ATTACH on the control node makes it the
 * first time that it succeeds, and the ioctls of a domain fd work on it when they
 * are made on a control node. It ends with the process (exit, exec, a kill) and is
 * not inherited by fork. ENXIO before the first attach.
 *
 * Rules for each ioctl: the first member of its struct is @size, set by the
 * caller to the size of the struct it was built with. A shorter struct is the
 * older ABI and is accepted down to the last member of the first version; a
 * longer one, up to a page, is accepted while the bytes that the module does not
 * know are zero.
 *
 *   ENOTTY      no such ioctl on this kind of file
 *   E2BIG       a non-zero byte behind the struct that the module knows
 *   EOPNOTSUPP  an unknown flag, or a value of a known member that is not
 *               supported
 *   EINVAL      a wrong value: zero, misaligned, wrapping, outside the ranges of
 *               the domain, a wrong kind of fd, a non-zero reserved member, @size
 *               too small
 *   ENOENT      no mapping at this IOVA, no domain with this id
 *   ENXIO       the process has no automatic domain yet
 *   EEXIST      the range overlaps a mapping; the buffer is associated already
 *   EBUSY       the endpoint belongs to another domain; the mapping ends only
 *               with the handle of its association
 *   EALREADY    the endpoint is attached to this domain already
 *   EPERM       the domain or the attachment belongs to another process (mm);
 *               physical addresses without CAP_SYS_RAWIO or under lockdown;
 *               memory that is not marked in a domain that asks for it
 *   EACCES      the endpoint fd is not open for writing, or proves the right to
 *               another endpoint; the dma-buf is not open for what the device is
 *               to do
 *   ENODEV      the endpoint or its unit is gone or dead; the domain of an
 *               association was closed
 *   ENOSPC      a quota, the aperture or the ring is full
 *   ENOMEM      memory, or RLIMIT_MEMLOCK
 *   EFAULT      a bad address, or memory that may not be written mapped for
 *               device writes
 *   EOVERFLOW   the lengths of a list add up to more than 64 bits, or an entry of
 *               a DMA's list wraps
 *   ETIMEDOUT   the unit did not answer an invalidation: it is dead from now on
 *
 * An ioctl that fails has done nothing, with one exception: after ETIMEDOUT or
 * ENODEV from a unit that died, what was to be unmapped or detached is so, and
 * its memory is kept for good. IOMMU_LAB_EXPLAIN returns the sentence
 * that explains the last refusal on the same file.
 */
#ifndef _UAPI_LINUX_IOMMU_LAB_H
#define _UAPI_LINUX_IOMMU_LAB_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define IOMMU_LAB_API_VERSION	1
#define IOMMU_LAB_TYPE		0xE7

enum {
	IOMMU_LAB_CMD_BASE = 0x40,
	IOMMU_LAB_CMD_INFO = IOMMU_LAB_CMD_BASE,
	IOMMU_LAB_CMD_EXPLAIN,
	IOMMU_LAB_CMD_UNIT_INFO,
	IOMMU_LAB_CMD_ENDPOINT_INFO,
	IOMMU_LAB_CMD_DOMAIN_CREATE,
	IOMMU_LAB_CMD_DOMAIN_INFO,
	IOMMU_LAB_CMD_ATTACH,
	IOMMU_LAB_CMD_DETACH,
	IOMMU_LAB_CMD_MAP,
	IOMMU_LAB_CMD_MAP_SG,
	IOMMU_LAB_CMD_UNMAP,
	IOMMU_LAB_CMD_TRANSLATE,
	IOMMU_LAB_CMD_IOVA_RANGES,
	IOMMU_LAB_CMD_STATS,
	IOMMU_LAB_CMD_DMA,
	IOMMU_LAB_CMD_DMA_SUBMIT,
	IOMMU_LAB_CMD_DMA_REAP,
	IOMMU_LAB_CMD_SET_DIRTY_TRACKING,
	IOMMU_LAB_CMD_GET_DIRTY_BITMAP,
	IOMMU_LAB_CMD_MARK,
	IOMMU_LAB_CMD_BUFFER_CREATE,
	IOMMU_LAB_CMD_BUFFER_INFO,
	IOMMU_LAB_CMD_MAP_BUFFER,
	IOMMU_LAB_CMD_BUFFER_BEGIN,
	IOMMU_LAB_CMD_ASSOC_INFO,
	IOMMU_LAB_CMD_ADDRESSES,
};

/**
 * struct iommu_lab_info - ioctl(IOMMU_LAB_INFO), control node
 * @size: sizeof(struct iommu_lab_info)
 * @flags: must be 0
 * @out_flags: IOMMU_LAB_INFO_*
 * @api_version: IOMMU_LAB_API_VERSION
 * @mode: enum iommu_lab_mode
 * @units: number of remapping units, 0 with IOMMU_LAB_MODE_PHYS
 * @endpoints: number of endpoints
 * @domains: live domains
 * @domains_max: quota of domains for the caller's user
 * @domains_left: how many more the caller's user can create now
 * @mappings_max: quota of live mappings
 * @mappings_left: how many more mappings can be made now
 * @pinned_max: quota of pinned memory in bytes
 * @pinned_left: bytes that can still be pinned
 * @tables_max: quota of page-table memory in bytes
 * @tables_left: bytes of page tables that can still be allocated
 */
struct iommu_lab_info {
	__u32 size;
	__u32 flags;
	__u32 out_flags;
	__u32 api_version;
	__u32 mode;
	__u32 units;
	__u32 endpoints;
	__u32 domains;
	__aligned_u64 domains_max;
	__aligned_u64 domains_left;
	__aligned_u64 mappings_max;
	__aligned_u64 mappings_left;
	__aligned_u64 pinned_max;
	__aligned_u64 pinned_left;
	__aligned_u64 tables_max;
	__aligned_u64 tables_left;
};

#define IOMMU_LAB_INFO _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_INFO)

/* iommu_lab_info.out_flags */
#define IOMMU_LAB_INFO_ENABLED	(1 << 0) /* there are units, and all translate */
#define IOMMU_LAB_INFO_DEAD	(1 << 1) /* at least one unit is dead */

/**
 * enum iommu_lab_mode - how DMA addresses are made
 * @IOMMU_LAB_MODE_TRANSLATED: by the units, through the tables of a domain
 * @IOMMU_LAB_MODE_PHYS: no unit (module parameter mode=off): a DMA address is a
 *	physical address
 *
 * In IOMMU_LAB_MODE_PHYS the engines still reach only what is mapped in the
 * attached domain, with the rights of the mapping. What a device address is
 * depends on who created the domain:
 *
 * - With CAP_SYS_RAWIO and no kernel lockdown it is a physical address. The IOVA of
 *   a mapping is only its name, for UNMAP, TRANSLATE and ADDRESSES. Attaching such
 *   a domain needs the capability again (EPERM).
 * - For others it is the IOVA, which says nothing of physical memory.
 *
 * IOMMU_LAB_ADDRESSES tells the device addresses of a mapped range in all modes.
 * Mappings in a domain with POLICY_FIXED are EOPNOTSUPP. Refused accesses end a
 * DMA as FAULT, with reason 5 or 6, and are counted, but there is no unit to
 * record them. An endpoint's reserved region is mapped while it is attached only.
 */
enum iommu_lab_mode {
	IOMMU_LAB_MODE_TRANSLATED = 0,
	IOMMU_LAB_MODE_PHYS = 1,
};

/**
 * struct iommu_lab_explain - ioctl(IOMMU_LAB_EXPLAIN), each kind of file
 * @size: sizeof(struct iommu_lab_explain)
 * @flags: must be 0
 * @error: out: the errno (positive) of the last refusal on this file, 0 if none
 * @length: in: bytes at @text; out: bytes of the sentence with its NUL. If the
 *	sentence is longer, EMSGSIZE, and @length says how much is needed
 * @text: user pointer to where the sentence goes
 *
 * Reading it does not clear it.
 */
struct iommu_lab_explain {
	__u32 size;
	__u32 flags;
	__u32 error;
	__u32 length;
	__aligned_u64 text;
};

#define IOMMU_LAB_EXPLAIN _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_EXPLAIN)

/**
 * struct iommu_lab_unit_info - ioctl(IOMMU_LAB_UNIT_INFO), control node
 * @size: sizeof(struct iommu_lab_unit_info)
 * @flags: must be 0
 * @index: in: which unit, 0 to iommu_lab_info.units - 1; ENOENT beyond
 * @segment: PCI segment
 * @version: VER register (VT-d 11.4.1)
 * @out_flags: IOMMU_LAB_INFO_ENABLED, IOMMU_LAB_INFO_DEAD
 * @base: register base address in the topology
 * @cap: CAP register (VT-d 11.4.2)
 * @ecap: ECAP register (VT-d 11.4.3)
 */
struct iommu_lab_unit_info {
	__u32 size;
	__u32 flags;
	__u32 index;
	__u32 segment;
	__u32 version;
	__u32 out_flags;
	__aligned_u64 base;
	__aligned_u64 cap;
	__aligned_u64 ecap;
};

#define IOMMU_LAB_UNIT_INFO _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_UNIT_INFO)

/**
 * struct iommu_lab_endpoint_info - ioctl(IOMMU_LAB_ENDPOINT_INFO)
 * @size: sizeof(struct iommu_lab_endpoint_info)
 * @flags: must be 0
 * @index: in: which endpoint (control node), 0 to iommu_lab_info.endpoints - 1,
 *	ENOENT beyond; on an endpoint's own node it must be 0
 * @domain: PCI domain of the endpoint's node name (0x10000 + segment)
 * @segment: PCI segment of its unit
 * @bdf: bus << 8 | device << 3 | function: the source-id of its DMA
 * @unit: index of the unit that translates for it, IOMMU_LAB_NO_UNIT with
 *	IOMMU_LAB_MODE_PHYS
 * @out_flags: IOMMU_LAB_ENDPOINT_*
 * @domain_id: id of the attached domain, 0 if none
 */
struct iommu_lab_endpoint_info {
	__u32 size;
	__u32 flags;
	__u32 index;
	__u32 domain;
	__u32 segment;
	__u32 bdf;
	__u32 unit;
	__u32 out_flags;
	__u32 domain_id;
	__u32 __reserved;
};

#define IOMMU_LAB_ENDPOINT_INFO _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_ENDPOINT_INFO)

#define IOMMU_LAB_NO_UNIT		0xffffffff

#define IOMMU_LAB_ENDPOINT_ATTACHED	(1 << 0) /* a domain is attached */
#define IOMMU_LAB_ENDPOINT_RMRR		(1 << 1) /* has a reserved region */
#define IOMMU_LAB_ENDPOINT_GONE		(1 << 2) /* removed, or its unit is dead */

/**
 * enum iommu_lab_policy - who picks the IOVA of a mapping
 * @IOMMU_LAB_POLICY_FIXED: the caller, in iommu_lab_map.iova
 * @IOMMU_LAB_POLICY_ALLOC: the module, inside the aperture
 * @IOMMU_LAB_POLICY_VA: nobody: the IOVA is the process address
 * @IOMMU_LAB_POLICY_IDENTITY: IOVA = physical address, by pass-through; nothing
 *	can be mapped. Needs CAP_SYS_RAWIO and no kernel lockdown, at creation
 *	and at attach
 */
enum iommu_lab_policy {
	IOMMU_LAB_POLICY_FIXED = 0,
	IOMMU_LAB_POLICY_ALLOC = 1,
	IOMMU_LAB_POLICY_VA = 2,
	IOMMU_LAB_POLICY_IDENTITY = 3,
};

/**
 * struct iommu_lab_domain_create - ioctl(IOMMU_LAB_DOMAIN_CREATE), control node
 * @size: sizeof(struct iommu_lab_domain_create)
 * @flags: IOMMU_LAB_DOMAIN_*; EINVAL where the policy has no use for it
 * @policy: enum iommu_lab_policy
 * @out_fd: the new domain fd (O_CLOEXEC). It can be used by the mm that created
 *	it, by others only closed (EPERM)
 * @out_id: the id of the domain in debugfs, reused only after it is freed
 * @__reserved: must be 0
 * @aperture_start: first IOVA that can be mapped, page aligned
 * @aperture_last: last IOVA that can be mapped (inclusive), the last byte of a
 *	page. Both 0: 4 GiB to 8 GiB - 1 for POLICY_ALLOC, all that the units
 *	can translate for POLICY_FIXED and POLICY_VA. Must be 0 for
 *	POLICY_IDENTITY
 *
 * EMFILE when there is no free fd, ENOSPC at the quota.
 */
struct iommu_lab_domain_create {
	__u32 size;
	__u32 flags;
	__u32 policy;
	__s32 out_fd;
	__u32 out_id;
	__u32 __reserved;
	__aligned_u64 aperture_start;
	__aligned_u64 aperture_last;
};

#define IOMMU_LAB_DOMAIN_CREATE _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_DOMAIN_CREATE)

/*
 * iommu_lab_domain_create.flags, iommu_lab_domain_info.out_flags
 *
 * GUARD: behind each range that the module picks is a page that is never mapped
 * while the range is. It lies within the aperture, and counts nowhere.
 * NATURAL: each range that the module picks begins at a multiple of its length,
 * rounded up to a power of two.
 * Both: POLICY_ALLOC only.
 * MARKED_ONLY: only memory that IOMMU_LAB_MARK has marked can be mapped, and
 * buffers of IOMMU_LAB_BUFFER_CREATE, which were made for devices. Each policy but
 * POLICY_IDENTITY.
 */
#define IOMMU_LAB_DOMAIN_GUARD		(1 << 0)
#define IOMMU_LAB_DOMAIN_NATURAL	(1 << 1)
#define IOMMU_LAB_DOMAIN_MARKED_ONLY	(1 << 2)

/* iommu_lab_domain_info.flags */
#define IOMMU_LAB_DOMAIN_INFO_AUTO	(1 << 0) /* control node: the automatic domain */

/**
 * struct iommu_lab_domain_info - ioctl(IOMMU_LAB_DOMAIN_INFO)
 * @size: sizeof(struct iommu_lab_domain_info)
 * @flags: IOMMU_LAB_DOMAIN_INFO_AUTO on the control node: the automatic domain of
 *	the caller (@id must be 0), ENXIO if there is none
 * @id: on the control node, in: the domain's id (only domains of the caller's
 *	mm are found: ENOENT otherwise); on a domain fd 0, or the domain's own
 *	id; out: the id
 * @policy: enum iommu_lab_policy
 * @aperture_start: first IOVA of the aperture
 * @aperture_last: last IOVA of the aperture (inclusive)
 * @mappings: live mappings
 * @mapped_bytes: bytes of IOVA space that are mapped
 * @pinned_bytes: bytes of process memory and of imported buffers that are pinned
 *	for its mappings. Buffers of the module's own do not count here: they are
 *	charged to who created them
 * @table_bytes: bytes of page tables, retired ones that are not freed yet too
 * @page_sizes: bitmap of leaf sizes: bit 12, 21, 30
 * @attached: number of endpoints attached
 * @levels: levels of the page table (0 for POLICY_IDENTITY)
 * @out_flags: IOMMU_LAB_DOMAIN_*
 * @__reserved: 0
 */
struct iommu_lab_domain_info {
	__u32 size;
	__u32 flags;
	__u32 id;
	__u32 policy;
	__aligned_u64 aperture_start;
	__aligned_u64 aperture_last;
	__aligned_u64 mappings;
	__aligned_u64 mapped_bytes;
	__aligned_u64 pinned_bytes;
	__aligned_u64 table_bytes;
	__aligned_u64 page_sizes;
	__u32 attached;
	__u32 levels;
	__u32 out_flags;
	__u32 __reserved;
};

#define IOMMU_LAB_DOMAIN_INFO _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_DOMAIN_INFO)

/**
 * struct iommu_lab_attach - ioctl(IOMMU_LAB_ATTACH), domain fd, control node
 * @size: sizeof(struct iommu_lab_attach)
 * @flags: must be 0
 * @endpoint_fd: an endpoint node, open for writing: the proof of the right to
 *	drive it. EBADF no such fd; EINVAL not an endpoint; EACCES not open for
 *	writing; EBUSY attached to another domain; EALREADY to this one; EPERM
 *	no right to identity, or to the physical addresses of the domain
 *	(IOMMU_LAB_MAP_IDENTITY ranges, or mode=off); EOPNOTSUPP identity, and
 *	a reserved region of the endpoint is where the machine has RAM; ENOSPC
 *	no free domain id
 * @endpoint: 1 + index of the endpoint that is meant (as in
 *	IOMMU_LAB_ENDPOINT_INFO): EACCES if @endpoint_fd is another one's and so
 *	proves nothing, ENOENT if there is none. 0: whatever @endpoint_fd is
 *
 * From here on DMA is accepted only on this open file and from this mm. The
 * last close of the file detaches. On the control node: to the automatic domain,
 * which is made if there is none; a refused attach makes none.
 */
struct iommu_lab_attach {
	__u32 size;
	__u32 flags;
	__s32 endpoint_fd;
	__u32 endpoint;
};

#define IOMMU_LAB_ATTACH _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_ATTACH)

/**
 * struct iommu_lab_detach - ioctl(IOMMU_LAB_DETACH), domain fd, control node
 * @size: sizeof(struct iommu_lab_detach)
 * @flags: must be 0
 * @endpoint_fd: the endpoint file that was attached; ENOENT if it is not
 *	attached to this domain
 * @__reserved: must be 0
 *
 * When it returns, the endpoint is blocked and no access of it is in flight.
 */
struct iommu_lab_detach {
	__u32 size;
	__u32 flags;
	__s32 endpoint_fd;
	__u32 __reserved;
};

#define IOMMU_LAB_DETACH _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_DETACH)

/* iommu_lab_map.prot, as the device sees the memory */
#define IOMMU_LAB_PROT_READ		(1 << 0)
#define IOMMU_LAB_PROT_WRITE		(1 << 1)
/* the same as directions */
#define IOMMU_LAB_TO_DEVICE		IOMMU_LAB_PROT_READ
#define IOMMU_LAB_FROM_DEVICE		IOMMU_LAB_PROT_WRITE
#define IOMMU_LAB_BIDIRECTIONAL		(IOMMU_LAB_PROT_READ | IOMMU_LAB_PROT_WRITE)

/**
 * struct iommu_lab_map - ioctl(IOMMU_LAB_MAP), domain fd, control node
 * @size: sizeof(struct iommu_lab_map)
 * @flags: IOMMU_LAB_MAP_*
 * @prot: IOMMU_LAB_PROT_*, at least one. A mapping without PROT_READ can be
 *	written but not read by the device
 * @__reserved: must be 0
 * @user_va: process address, page aligned; with IOMMU_LAB_MAP_IDENTITY a
 *	physical address
 * @length: bytes, a multiple of the page size
 * @iova: in with POLICY_FIXED, out with POLICY_ALLOC; page aligned. With
 *	POLICY_VA and with IOMMU_LAB_MAP_IDENTITY in: 0 or @user_va, out: @user_va
 * @align: alignment of the IOVA in bytes for POLICY_ALLOC: 0 (one page) or a
 *	power of two of at least one page. Must be 0 for the other policies
 *
 * Pins the memory long-term and charges it to RLIMIT_MEMLOCK until it is
 * unmapped. EPERM: the domain has IOMMU_LAB_DOMAIN_MARKED_ONLY, and not all of it
 * is marked.
 */
struct iommu_lab_map {
	__u32 size;
	__u32 flags;
	__u32 prot;
	__u32 __reserved;
	__aligned_u64 user_va;
	__aligned_u64 length;
	__aligned_u64 iova;
	__aligned_u64 align;
};

#define IOMMU_LAB_MAP _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_MAP)

/*
 * iommu_lab_map.flags
 *
 * IDENTITY: a range of physical addresses is mapped at the same IOVAs. POLICY_FIXED
 * only (EINVAL), and not with IOMMU_LAB_DOMAIN_MARKED_ONLY (EPERM). Needs
 * CAP_SYS_RAWIO and no kernel lockdown (EPERM). Nothing is pinned or charged but
 * the mapping itself: whoever maps knows what is there. Addresses that are no
 * RAM of the host can be mapped too; a DMA to them ends as ABORTED.
 */
#define IOMMU_LAB_MAP_IDENTITY		(1 << 0)

/**
 * struct iommu_lab_sg - one entry of a scatter-gather list
 * @addr: process address (MAP_SG), IOVA (DMA, ADDRESSES) or physical address
 *	(ADDRESSES, BUFFER_INFO)
 * @length: bytes
 */
struct iommu_lab_sg {
	__aligned_u64 addr;
	__aligned_u64 length;
};

#define IOMMU_LAB_MAX_SG	65536

/**
 * struct iommu_lab_map_sg - ioctl(IOMMU_LAB_MAP_SG), domain fd, control node
 * @size: sizeof(struct iommu_lab_map_sg)
 * @flags: must be 0
 * @prot: IOMMU_LAB_PROT_*
 * @nents: entries of the list, 1 to IOMMU_LAB_MAX_SG
 * @entries: user pointer to @nents struct iommu_lab_sg: process addresses; each
 *	page aligned, each length a multiple of the page size, not 0
 * @iova: as in struct iommu_lab_map
 * @align: as in struct iommu_lab_map
 * @out_length: bytes mapped: the sum of the lengths
 *
 * The list becomes one mapping of one contiguous IOVA range: unmapped as a
 * whole. With POLICY_VA each entry must begin where the one before it ends.
 */
struct iommu_lab_map_sg {
	__u32 size;
	__u32 flags;
	__u32 prot;
	__u32 nents;
	__aligned_u64 entries;
	__aligned_u64 iova;
	__aligned_u64 align;
	__aligned_u64 out_length;
};

#define IOMMU_LAB_MAP_SG _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_MAP_SG)

/* iommu_lab_unmap.flags */
#define IOMMU_LAB_UNMAP_ALLOW_HOLES	(1 << 0)

/**
 * struct iommu_lab_unmap - ioctl(IOMMU_LAB_UNMAP), domain fd, control node
 * @size: sizeof(struct iommu_lab_unmap)
 * @flags: IOMMU_LAB_UNMAP_ALLOW_HOLES: gaps between whole mappings are fine
 * @iova: start of the range
 * @length: bytes, not 0
 * @out_unmapped: bytes unmapped
 *
 * The range must be exactly one whole mapping or several whole ones without a
 * gap: EINVAL if it cuts one or has a gap, ENOENT if nothing is mapped in it,
 * EBUSY if there is an association in it. When it returns, the IOTLBs are
 * flushed, no access to the memory is in flight and the pages are unpinned.
 */
struct iommu_lab_unmap {
	__u32 size;
	__u32 flags;
	__aligned_u64 iova;
	__aligned_u64 length;
	__aligned_u64 out_unmapped;
};

#define IOMMU_LAB_UNMAP _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_UNMAP)

/**
 * struct iommu_lab_walk_step - one level of a page-table walk
 * @level: 1 (4 KiB leaves) to 5
 * @index: index of the entry in its table, 0 to 511
 * @entry: the raw entry; its address bits are 0 for a caller that may not see
 *	physical addresses
 */
struct iommu_lab_walk_step {
	__u32 level;
	__u32 index;
	__aligned_u64 entry;
};

/**
 * struct iommu_lab_translate - ioctl(IOMMU_LAB_TRANSLATE), domain fd, control node
 * @size: sizeof(struct iommu_lab_translate)
 * @flags: must be 0
 * @iova: the address to look up; any byte of a mapping
 * @out_flags: IOMMU_LAB_TRANSLATE_*
 * @out_prot: IOMMU_LAB_PROT_* of the leaf
 * @out_page_size: bytes that the leaf maps
 * @out_phys: physical address of that byte, only with
 *	IOMMU_LAB_TRANSLATE_PHYS_VALID: for CAP_SYS_RAWIO without lockdown
 * @steps: user pointer to an array of struct iommu_lab_walk_step, or 0
 * @nr_steps: in: entries at @steps; out: entries written
 * @__reserved: must be 0
 *
 * Walks the domain's tables as the driver knows them; no unit and no IOTLB is
 * involved. An address that is not mapped is no error: @out_flags says so.
 */
struct iommu_lab_translate {
	__u32 size;
	__u32 flags;
	__aligned_u64 iova;
	__u32 out_flags;
	__u32 out_prot;
	__aligned_u64 out_page_size;
	__aligned_u64 out_phys;
	__aligned_u64 steps;
	__u32 nr_steps;
	__u32 __reserved;
};

#define IOMMU_LAB_TRANSLATE _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_TRANSLATE)

#define IOMMU_LAB_TRANSLATE_MAPPED	(1 << 0)
#define IOMMU_LAB_TRANSLATE_PHYS_VALID	(1 << 1)

/**
 * struct iommu_lab_iova_range - a range of IOVAs
 * @start: first address
 * @last: last address (inclusive)
 */
struct iommu_lab_iova_range {
	__aligned_u64 start;
	__aligned_u64 last;
};

/**
 * struct iommu_lab_iova_ranges - ioctl(IOMMU_LAB_IOVA_RANGES), domain fd, control node
 * @size: sizeof(struct iommu_lab_iova_ranges)
 * @flags: must be 0
 * @nr_ranges: in: entries at @ranges; out: how many ranges there are
 * @__reserved: must be 0
 * @ranges: user pointer to an array of struct iommu_lab_iova_range
 * @out_alignment: of IOVA, address and length of a mapping, in bytes
 *
 * The ranges that can be mapped: none in a domain that nothing can be mapped in,
 * else the aperture without the interrupt window
 * (0xfee00000 to 0xfeefffff) and the reserved regions of the machine's
 * endpoints. Sorted, merged, inclusive. EMSGSIZE if @ranges is too small; the first
 * ones are written nevertheless.
 */
struct iommu_lab_iova_ranges {
	__u32 size;
	__u32 flags;
	__u32 nr_ranges;
	__u32 __reserved;
	__aligned_u64 ranges;
	__aligned_u64 out_alignment;
};

#define IOMMU_LAB_IOVA_RANGES _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_IOVA_RANGES)

/**
 * struct iommu_lab_stats - ioctl(IOMMU_LAB_STATS), each kind of file
 * @size: sizeof(struct iommu_lab_stats)
 * @flags: must be 0
 * @lookups: IOTLB lookups: hits + misses
 * @hits: of them, found (a stale entry was found too)
 * @misses: of them, not found
 * @stale: hits whose leaf in memory had changed: faulted
 * @walks: page-table walks
 * @walk_steps: entries read by them
 * @psc_hits: walks that began at a cached paging structure
 * @context_hits: context-cache hits
 * @context_misses: context-cache misses
 * @insertions: IOTLB entries inserted
 * @evictions: IOTLB entries replaced
 * @faults: refused accesses
 *
 * For a domain (on the control node: the automatic one): what its attachments
 * did, past ones too. For an endpoint: what
 * it did, whatever it was attached to.
 */
struct iommu_lab_stats {
	__u32 size;
	__u32 flags;
	__aligned_u64 lookups;
	__aligned_u64 hits;
	__aligned_u64 misses;
	__aligned_u64 stale;
	__aligned_u64 walks;
	__aligned_u64 walk_steps;
	__aligned_u64 psc_hits;
	__aligned_u64 context_hits;
	__aligned_u64 context_misses;
	__aligned_u64 insertions;
	__aligned_u64 evictions;
	__aligned_u64 faults;
};

#define IOMMU_LAB_STATS _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_STATS)

/**
 * enum iommu_lab_dma_op - what the engine of an endpoint does
 * @IOMMU_LAB_DMA_READ: device reads memory at @src into the caller's @data
 * @IOMMU_LAB_DMA_WRITE: device writes the caller's @data to memory at @dst
 * @IOMMU_LAB_DMA_COPY: device copies memory at @src to memory at @dst
 * @IOMMU_LAB_DMA_FILL: device fills memory at @dst with @pattern, 8 bytes in
 *	little-endian order, again and again
 * @IOMMU_LAB_DMA_COMPARE: device compares memory at @src with memory at @dst
 */
enum iommu_lab_dma_op {
	IOMMU_LAB_DMA_READ = 0,
	IOMMU_LAB_DMA_WRITE = 1,
	IOMMU_LAB_DMA_COPY = 2,
	IOMMU_LAB_DMA_FILL = 3,
	IOMMU_LAB_DMA_COMPARE = 4,
};

/**
 * enum iommu_lab_dma_status - how a DMA ended
 * @IOMMU_LAB_DMA_OK: all of it was done
 * @IOMMU_LAB_DMA_FAULT: the unit refused an access: see the fault members
 * @IOMMU_LAB_DMA_MISCOMPARE: the first difference is at offset @done
 * @IOMMU_LAB_DMA_REVOKED: the endpoint was detached or its file closed, or the
 *	process died, before the end
 * @IOMMU_LAB_DMA_DATA: the caller's @data could not be accessed
 * @IOMMU_LAB_DMA_ABORTED: translated, but the target is no RAM of the host
 * @IOMMU_LAB_DMA_DEAD: the unit is dead
 */
enum iommu_lab_dma_status {
	IOMMU_LAB_DMA_OK = 0,
	IOMMU_LAB_DMA_FAULT = 1,
	IOMMU_LAB_DMA_MISCOMPARE = 2,
	IOMMU_LAB_DMA_REVOKED = 3,
	IOMMU_LAB_DMA_DATA = 4,
	IOMMU_LAB_DMA_ABORTED = 5,
	IOMMU_LAB_DMA_DEAD = 6,
};

/* iommu_lab_dma_result.fault_flags, iommu_lab_event.flags (WRITE only) */
#define IOMMU_LAB_FAULT_WRITE		(1 << 0) /* it was a write */
#define IOMMU_LAB_FAULT_STALE		(1 << 1) /* by a stale IOTLB entry */
#define IOMMU_LAB_FAULT_NOT_ATTACHED	(1 << 2) /* the endpoint is blocked */

/**
 * struct iommu_lab_dma_result - how a DMA ended
 * @cookie: iommu_lab_dma.cookie
 * @done: bytes done before the end; a write up to there has happened
 * @status: enum iommu_lab_dma_status
 * @fault_reason: fault reason code (VT-d 7.1.3, table "fault conditions")
 * @fault_flags: IOMMU_LAB_FAULT_*
 * @__reserved: 0
 * @fault_iova: the address that was refused
 */
struct iommu_lab_dma_result {
	__aligned_u64 cookie;
	__aligned_u64 done;
	__u32 status;
	__u32 fault_reason;
	__u32 fault_flags;
	__u32 __reserved;
	__aligned_u64 fault_iova;
};

/**
 * struct iommu_lab_dma - ioctl(IOMMU_LAB_DMA, IOMMU_LAB_DMA_SUBMIT), endpoint
 * @size: sizeof(struct iommu_lab_dma)
 * @flags: must be 0
 * @op: enum iommu_lab_dma_op
 * @src_nents: entries at @src, 0 if @op has no source in memory
 * @dst_nents: entries at @dst, 0 if @op has no destination in memory
 * @__reserved: must be 0
 * @src: user pointer to an array of struct iommu_lab_sg: IOVAs, any alignment
 * @dst: the same for the destination; COPY and COMPARE: as long as @src in all
 * @data: user pointer to the data of READ and WRITE, as long as the list
 * @pattern: of FILL
 * @cookie: returned in the result
 * @result: out, IOMMU_LAB_DMA only
 *
 * IOMMU_LAB_DMA runs it and returns 0 whatever its @result; a signal that kills
 * ends it. IOMMU_LAB_DMA_SUBMIT puts it into the endpoint file's ring (ENOSPC
 * if full), from where it is run in order; poll() says POLLIN when a result can
 * be had by IOMMU_LAB_DMA_REAP. There, READ and WRITE have up to
 * IOMMU_LAB_RING_DATA bytes: those of WRITE are taken when it is submitted, those
 * of READ are in @data when its result has been reaped. EPERM: the endpoint is attached, but not by
 * this file and this mm.
 */
struct iommu_lab_dma {
	__u32 size;
	__u32 flags;
	__u32 op;
	__u32 src_nents;
	__u32 dst_nents;
	__u32 __reserved;
	__aligned_u64 src;
	__aligned_u64 dst;
	__aligned_u64 data;
	__aligned_u64 pattern;
	__aligned_u64 cookie;
	struct iommu_lab_dma_result result;
};

#define IOMMU_LAB_DMA _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_DMA)
#define IOMMU_LAB_DMA_SUBMIT _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_DMA_SUBMIT)

/* bytes of data of a READ or WRITE in the ring */
#define IOMMU_LAB_RING_DATA	(1 << 20)

/**
 * struct iommu_lab_dma_reap - ioctl(IOMMU_LAB_DMA_REAP), endpoint node
 * @size: sizeof(struct iommu_lab_dma_reap)
 * @flags: must be 0
 * @result: out: the oldest result that was not reaped
 *
 * EAGAIN when there is none yet, ENOENT when nothing was submitted, EPERM when it
 * is of a job that another process submitted.
 */
struct iommu_lab_dma_reap {
	__u32 size;
	__u32 flags;
	struct iommu_lab_dma_result result;
};

#define IOMMU_LAB_DMA_REAP _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_DMA_REAP)

/**
 * enum iommu_lab_event_type - what the owner of a domain is told
 * @IOMMU_LAB_EVENT_FAULT: a unit refused an access of an attached endpoint, and
 *	recorded it
 * @IOMMU_LAB_EVENT_LOST: events were lost here: the queue holds 256, and keeps
 *	the oldest ones
 * @IOMMU_LAB_EVENT_DEAD: the unit of an attached endpoint is dead; one for each
 *	such endpoint
 */
enum iommu_lab_event_type {
	IOMMU_LAB_EVENT_FAULT = 1,
	IOMMU_LAB_EVENT_LOST = 2,
	IOMMU_LAB_EVENT_DEAD = 3,
};

/* iommu_lab_event.flags, beside IOMMU_LAB_FAULT_WRITE */
#define IOMMU_LAB_EVENT_RECORDS_LOST	(1 << 8) /* see @flags below */

/**
 * struct iommu_lab_event - read() on a domain fd
 * @size: sizeof(struct iommu_lab_event)
 * @type: enum iommu_lab_event_type
 * @seq: number of the event, 1 for the first of the domain, lost ones counted
 *	too. EVENT_LOST has none of its own, but that of the last event that is
 *	known of: FAULT and DEAD events read, plus the sum of @lost, is @seq
 * @time: ns of CLOCK_BOOTTIME when the record was read; EVENT_LOST: when the
 *	last event was lost
 * @unit: index of the unit; of FAULT and DEAD, as the members down to @bdf
 * @record: index of the fault recording register; FAULT only
 * @segment: PCI segment of the endpoint
 * @bdf: bus << 8 | device << 3 | function: the source-id
 * @domain: id of the domain, as in debugfs
 * @reason: fault reason code (VT-d 7.1.3); FAULT only
 * @flags: IOMMU_LAB_FAULT_WRITE. IOMMU_LAB_EVENT_RECORDS_LOST with EVENT_LOST: a
 *	unit had no free register for a fault. How many, and whose, nobody knows:
 *	each domain that is attached there is told, and @lost has none of them
 * @__reserved: 0
 * @iova: page address that was refused; FAULT only. A record says no more, nor
 *	whether a stale IOTLB entry was the cause; the result of the DMA does. Of an
 *	interrupt request (reasons 0x20 to 0x26) the index of its entry << 48
 * @lost: EVENT_LOST: how many events were lost since the one read before
 *
 * read() gives whole events, as many as there are and fit. It waits for the first
 * one unless the fd is O_NONBLOCK (EAGAIN). EINVAL: no room for one event; EPERM:
 * the domain belongs to another process (mm); EFAULT: a bad address, and no event
 * is lost by it. poll() says POLLIN when there is an event, POLLERR to another
 * process.
 *
 * An event is of the domain that the endpoint was attached to when the access was
 * refused. What is not attached has no events.
 */
struct iommu_lab_event {
	__u32 size;
	__u32 type;
	__aligned_u64 seq;
	__aligned_u64 time;
	__u32 unit;
	__u32 record;
	__u32 segment;
	__u32 bdf;
	__u32 domain;
	__u32 reason;
	__u32 flags;
	__u32 __reserved;
	__aligned_u64 iova;
	__aligned_u64 lost;
};

/* iommu_lab_dirty_tracking.flags */
#define IOMMU_LAB_DIRTY_TRACKING_ENABLE	(1 << 0)

/**
 * struct iommu_lab_dirty_tracking - ioctl(IOMMU_LAB_SET_DIRTY_TRACKING), domain
 *	fd, control node
 * @size: sizeof(struct iommu_lab_dirty_tracking)
 * @flags: IOMMU_LAB_DIRTY_TRACKING_ENABLE: from now on units note which pages they
 *	write; without it: they do not. Nothing is done when it is so already
 *
 * Enabling begins with all pages clean. While it is on, only endpoints whose unit can
 * do it can be attached (EOPNOTSUPP).
 *
 * EOPNOTSUPP: a domain of POLICY_IDENTITY; or a unit of an attached endpoint (when
 * there is none: any unit of the machine) is not in scalable mode with second-stage
 * accessed and dirty bits (ECAP.SSADS, VT-d 11.4.3). ENODEV, ETIMEDOUT: a unit is dead.
 */
struct iommu_lab_dirty_tracking {
	__u32 size;
	__u32 flags;
};

#define IOMMU_LAB_SET_DIRTY_TRACKING \
	_IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_SET_DIRTY_TRACKING)

/* iommu_lab_dirty_bitmap.flags */
#define IOMMU_LAB_DIRTY_BITMAP_NO_CLEAR	(1 << 0)

/**
 * struct iommu_lab_dirty_bitmap - ioctl(IOMMU_LAB_GET_DIRTY_BITMAP), domain fd,
 *	control node
 * @size: sizeof(struct iommu_lab_dirty_bitmap)
 * @flags: IOMMU_LAB_DIRTY_BITMAP_NO_CLEAR: look only; without it: pages that are
 *	reported are clean afterwards
 * @iova: first address of the range, a multiple of @page_size
 * @length: bytes, a multiple of @page_size, not 0
 * @page_size: bytes that one bit stands for: a power of two, at least 4096
 * @data: user pointer, a multiple of 8, to the bitmap: @length / @page_size bits in
 *	words of 64 bits, the lowest bit of the first word for @iova
 *
 * The bit of each page that a device wrote to is set. Bits are only ever set, never
 * cleared: the caller clears the bitmap before. A leaf larger than @page_size is dirty
 * as a whole; one that reaches over an end of the range is reported, but stays dirty.
 *
 * When it returns 0 and bits were cleared, the IOTLBs are flushed and what was written
 * to reported pages is in memory; later writes are reported by the next call. A write
 * that happens at the same time is reported by this call or by the next one.
 *
 * EINVAL: tracking is off (as iommufd does), or a member is misaligned, zero, wraps, or
 * the range is not within the aperture. EOPNOTSUPP: a domain of POLICY_IDENTITY. EFAULT:
 * the bitmap cannot be written; EINTR: killed. With these two the parts of the range
 * that were reported before (each 1 GiB) are cleared; no page is made clean that was not
 * reported. ENODEV, ETIMEDOUT: a unit is dead.
 */
struct iommu_lab_dirty_bitmap {
	__u32 size;
	__u32 flags;
	__aligned_u64 iova;
	__aligned_u64 length;
	__aligned_u64 page_size;
	__aligned_u64 data;
};

#define IOMMU_LAB_GET_DIRTY_BITMAP \
	_IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_GET_DIRTY_BITMAP)

/**
 * struct iommu_lab_mark - ioctl(IOMMU_LAB_MARK), domain fd, control node
 * @size: sizeof(struct iommu_lab_mark)
 * @flags: IOMMU_LAB_MARK_CLEAR: take marks away instead
 * @user_va: process address, page aligned
 * @length: bytes, a multiple of the page size, not 0
 *
 * Marks process addresses as memory that devices may be given, for a domain with
 * IOMMU_LAB_DOMAIN_MARKED_ONLY (EOPNOTSUPP for another one). Ranges may overlap and
 * are merged; what is marked already is marked, what is not marked can be
 * cleared. It is the address that is marked, whatever is mapped there in the
 * process, now or later.
 *
 * Clearing decides about later mappings: what is mapped stays mapped until it is
 * unmapped. ENOSPC: there would be more than IOMMU_LAB_MAX_MARKS separate ranges.
 */
struct iommu_lab_mark {
	__u32 size;
	__u32 flags;
	__aligned_u64 user_va;
	__aligned_u64 length;
};

#define IOMMU_LAB_MARK _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_MARK)

#define IOMMU_LAB_MARK_CLEAR		(1 << 0)
#define IOMMU_LAB_MAX_MARKS		4096

/**
 * enum iommu_lab_cache - how the CPU sees the memory of a buffer
 * @IOMMU_LAB_CACHE_COHERENT: cached; the device sees what the CPU wrote
 * @IOMMU_LAB_CACHE_NONCOHERENT: cached, and the process says when it accesses the
 *	memory, with DMA_BUF_IOCTL_SYNC on the buffer fd; these calls are counted
 * @IOMMU_LAB_CACHE_WRITE_COMBINE: not cached, writes are combined. EOPNOTSUPP
 *	where the architecture has no such thing
 */
enum iommu_lab_cache {
	IOMMU_LAB_CACHE_COHERENT = 0,
	IOMMU_LAB_CACHE_NONCOHERENT = 1,
	IOMMU_LAB_CACHE_WRITE_COMBINE = 2,
};

/* iommu_lab_buffer_create.flags */
#define IOMMU_LAB_BUFFER_CONTIGUOUS	(1 << 0) /* one physical block */
#define IOMMU_LAB_BUFFER_BELOW_4G	(1 << 1) /* physical addresses below 4 GiB */

/**
 * struct iommu_lab_buffer_create - ioctl(IOMMU_LAB_BUFFER_CREATE), control node
 * @size: sizeof(struct iommu_lab_buffer_create)
 * @flags: IOMMU_LAB_BUFFER_*
 * @length: in: bytes, not 0; out: rounded up to whole blocks
 * @min_order: the memory consists of blocks of at least 2^@min_order pages, each
 *	aligned to that; 0: of pages. EINVAL beyond the largest order of the
 *	machine's page allocator (10 on x86)
 * @cache: enum iommu_lab_cache
 * @out_fd: the new buffer fd (O_CLOEXEC, O_RDWR): a dma-buf, that can be mapped
 *	into processes with mmap(MAP_SHARED), and given to others
 * @__reserved: must be 0
 *
 * The memory is zeroed. It is charged to the quota of pinned memory of the
 * caller's user, and held against RLIMIT_MEMLOCK together with what else the user
 * has pinned, until its last file, process mapping and mapping in a domain is
 * gone.
 *
 * EMFILE when there is no free fd, ENOSPC at the quota, ENOMEM without memory or
 * beyond RLIMIT_MEMLOCK; EOPNOTSUPP for a contiguous buffer that is larger than
 * the largest block of the page allocator (4 MiB on x86).
 */
struct iommu_lab_buffer_create {
	__u32 size;
	__u32 flags;
	__aligned_u64 length;
	__u32 min_order;
	__u32 cache;
	__s32 out_fd;
	__u32 __reserved;
};

#define IOMMU_LAB_BUFFER_CREATE _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_BUFFER_CREATE)

/* iommu_lab_buffer_info.flags */
#define IOMMU_LAB_BUFFER_INFO_PHYS	(1 << 0) /* fill in @blocks */

/**
 * struct iommu_lab_buffer_info - ioctl(IOMMU_LAB_BUFFER_INFO), control node
 * @size: sizeof(struct iommu_lab_buffer_info)
 * @flags: IOMMU_LAB_BUFFER_INFO_PHYS: @blocks is wanted. Needs CAP_SYS_RAWIO and
 *	no kernel lockdown: EPERM
 * @buffer_fd: a buffer of this module. EBADF no such fd; EINVAL no dma-buf, or
 *	one of another exporter
 * @cache: enum iommu_lab_cache
 * @min_order: as it was created
 * @create_flags: IOMMU_LAB_BUFFER_*, as it was created
 * @id: its id in debugfs
 * @nr: in: entries at @blocks; out: @nr_blocks. Not looked at without
 *	IOMMU_LAB_BUFFER_INFO_PHYS
 * @length: bytes
 * @nr_blocks: physically contiguous runs that it consists of
 * @mappings: mappings of it in all domains
 * @syncs: times that DMA_BUF_IOCTL_SYNC began or ended an access (a begin and its
 *	end are two); 0 unless it is NONCOHERENT
 * @blocks: user pointer to an array of struct iommu_lab_sg: physical addresses,
 *	in the order of the buffer. EMSGSIZE if it is too small; the first ones
 *	are written nevertheless
 */
struct iommu_lab_buffer_info {
	__u32 size;
	__u32 flags;
	__s32 buffer_fd;
	__u32 cache;
	__u32 min_order;
	__u32 create_flags;
	__u32 id;
	__u32 nr;
	__aligned_u64 length;
	__aligned_u64 nr_blocks;
	__aligned_u64 mappings;
	__aligned_u64 syncs;
	__aligned_u64 blocks;
};

#define IOMMU_LAB_BUFFER_INFO _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_BUFFER_INFO)

/**
 * struct iommu_lab_map_buffer - ioctl(IOMMU_LAB_MAP_BUFFER), domain fd, control
 *	node
 * @size: sizeof(struct iommu_lab_map_buffer)
 * @flags: must be 0
 * @buffer_fd: a dma-buf, of this module or of another exporter. EBADF no such fd;
 *	EINVAL no dma-buf; EACCES not open for reading (PROT_READ) or writing
 *	(PROT_WRITE)
 * @prot: IOMMU_LAB_PROT_*, at least one
 * @offset: where in the buffer the mapping begins; page aligned
 * @length: bytes, a multiple of the page size; 0: up to the end of the buffer
 * @iova: as in struct iommu_lab_map
 * @align: as in struct iommu_lab_map
 * @out_length: bytes mapped
 *
 * One mapping, removed by IOMMU_LAB_UNMAP. It has a reference on the buffer,
 * which can be mapped any number of times, in any number of domains.
 *
 * The dma-buf of another exporter is attached as a whole, and pinned, until its
 * last mapping is removed; for each mapping it counts against quota and
 * RLIMIT_MEMLOCK as process memory does. EOPNOTSUPP if the exporter cannot pin
 * it, or if it is not whole pages of ordinary RAM; else, what the exporter says.
 */
struct iommu_lab_map_buffer {
	__u32 size;
	__u32 flags;
	__s32 buffer_fd;
	__u32 prot;
	__aligned_u64 offset;
	__aligned_u64 length;
	__aligned_u64 iova;
	__aligned_u64 align;
	__aligned_u64 out_length;
};

#define IOMMU_LAB_MAP_BUFFER _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_MAP_BUFFER)

/**
 * struct iommu_lab_buffer_begin - ioctl(IOMMU_LAB_BUFFER_BEGIN), domain fd,
 *	control node
 * @size: sizeof(struct iommu_lab_buffer_begin)
 * @flags: must be 0
 * @buffer_fd: as in struct iommu_lab_map_buffer
 * @prot: as in struct iommu_lab_map_buffer
 * @offset: as in struct iommu_lab_map_buffer
 * @length: as in struct iommu_lab_map_buffer
 * @iova: as in struct iommu_lab_map_buffer
 * @align: as in struct iommu_lab_map_buffer
 * @out_length: bytes mapped
 * @out_fd: the association fd (O_CLOEXEC), for the domain's mm
 * @__reserved: must be 0
 *
 * Maps like IOMMU_LAB_MAP_BUFFER, but the mapping belongs to the association fd:
 * the last close of that revokes it. When close() returns, no access through it
 * is in flight. IOMMU_LAB_UNMAP of it is EBUSY. A buffer has one association with a
 * domain: EEXIST. When the domain is closed first, the association is over.
 *
 * EMFILE when there is no free fd.
 */
struct iommu_lab_buffer_begin {
	__u32 size;
	__u32 flags;
	__s32 buffer_fd;
	__u32 prot;
	__aligned_u64 offset;
	__aligned_u64 length;
	__aligned_u64 iova;
	__aligned_u64 align;
	__aligned_u64 out_length;
	__s32 out_fd;
	__u32 __reserved;
};

#define IOMMU_LAB_BUFFER_BEGIN _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_BUFFER_BEGIN)

/**
 * struct iommu_lab_assoc_info - ioctl(IOMMU_LAB_ASSOC_INFO), association fd
 * @size: sizeof(struct iommu_lab_assoc_info)
 * @flags: must be 0
 * @domain_id: id of the domain
 * @prot: IOMMU_LAB_PROT_*: the direction
 * @cache: enum iommu_lab_cache; COHERENT for the dma-buf of another exporter
 * @__reserved: must be 0
 * @iova: first IOVA
 * @length: bytes
 *
 * ENODEV when the domain was closed.
 */
struct iommu_lab_assoc_info {
	__u32 size;
	__u32 flags;
	__u32 domain_id;
	__u32 prot;
	__u32 cache;
	__u32 __reserved;
	__aligned_u64 iova;
	__aligned_u64 length;
};

#define IOMMU_LAB_ASSOC_INFO _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_ASSOC_INFO)

/**
 * struct iommu_lab_addresses - ioctl(IOMMU_LAB_ADDRESSES), domain fd, association
 *	fd, control node
 * @size: sizeof(struct iommu_lab_addresses)
 * @flags: IOMMU_LAB_ADDRESSES_PHYS: physical addresses, whatever devices use
 * @iova: first byte of the range, any alignment
 * @length: bytes, not 0. On an association fd, both 0: all of it. All of the range
 *	must be mapped, on an association fd by it (ENOENT)
 * @segments: user pointer to an array of struct iommu_lab_sg
 * @nr: in: entries at @segments, 0 to IOMMU_LAB_MAX_SG; out: how many there are
 * @__reserved: must be 0
 *
 * The addresses by which devices of the domain reach the range, in its order, as a
 * list for iommu_lab_dma. Translated, and where device addresses are IOVAs, it is
 * one entry: the range. Physical addresses are as many entries as there are runs
 * of pages; they need CAP_SYS_RAWIO and no kernel lockdown (EPERM), and are right
 * until the range is unmapped. EMSGSIZE if @segments is too small; the first ones
 * are written nevertheless. ENODEV when the domain of an association was closed.
 */
struct iommu_lab_addresses {
	__u32 size;
	__u32 flags;
	__aligned_u64 iova;
	__aligned_u64 length;
	__aligned_u64 segments;
	__u32 nr;
	__u32 __reserved;
};

#define IOMMU_LAB_ADDRESSES _IO(IOMMU_LAB_TYPE, IOMMU_LAB_CMD_ADDRESSES)

#define IOMMU_LAB_ADDRESSES_PHYS	(1 << 0)

#endif
