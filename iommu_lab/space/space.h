/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Domains, their mappings, the memory behind them, and who may have how much.
 *
 * Invariants:
 * - mappings (a maple tree) has one entry for each mapped or reserved range; the
 *   page table has leaves for each mapped one and for nothing else, but while
 *   map_lock is held.
 * - A page is pinned before it is mapped, and unpinned after an invalidation
 *   with drain has confirmed that no unit can reach it.
 * - No lock of this file is held while mmap_lock may be taken.
 *
 * Locks: space->slots_lock (which device is attached to what) -> domain->map_lock.
 * Both are mutexes. space->attach_lock is outside of them, and the doors' own.
 * See Documentation/locking.rst.
 */
#ifndef IOMMU_LAB_SPACE_H
#define IOMMU_LAB_SPACE_H

#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/maple_tree.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/xarray.h>
#include "../remap/remap.h"

struct mm_struct;
struct lab_association;
struct lab_buffer;
struct lab_user;

/**
 * struct lab_refusal - why the last request on a file was refused
 * @lock: @error and @text
 * @error: positive errno, 0 when nothing was refused yet
 * @text: a sentence that says what would have been accepted
 */
struct lab_refusal {
	spinlock_t lock; /* error, text */
	int error;
	char text[192];
};

void lab_refusal_init(struct lab_refusal *refusal);
__printf(3, 4)
int lab_refuse(struct lab_refusal *refusal, int error, const char *fmt, ...);

/**
 * struct lab_limits - quotas; each is for one user (uid)
 * @domains: live domains
 * @mappings: live mappings
 * @pinned: pinned pages
 * @tables: page-table pages
 */
struct lab_limits {
	u64 domains;
	u64 mappings;
	u64 pinned;
	u64 tables;
};

/**
 * struct lab_resv - a range of IOVAs that is never handed out
 * @start: first address, page aligned
 * @last: last address (inclusive), the end of a page
 */
struct lab_resv {
	u64 start;
	u64 last;
};

/**
 * struct lab_space - all domains of the module, and what they may use
 * @units: the units that domains can be attached to; fixed while it exists
 * @nr_units: how many. 0: IOMMU off, see resolve.c
 * @pt: the table that each unit can walk: most levels, largest leaves
 * @resv: ranges reserved in each domain: the interrupt window and the RMRRs of
 *	the machine; sorted, merged
 * @nr_resv: how many
 * @limits: quotas for each user
 * @attach_lock: who of user space has which device; taken by doors/ only
 * @slots_lock: which device is attached to which domain: context and PASID entries,
 *	domain ids, dirty tracking, reserved direct ranges in tables. The iommu core's
 *	group mutex may be held outside of it
 * @domains: struct lab_domain by id, from 1 (has its own lock)
 * @nr_domains: live domains
 * @users: struct lab_user by uid
 * @buffers: own struct lab_buffer by id, from 1 (has its own lock)
 * @kept_pages: pages kept for good behind a dead unit
 * @core_domains: live domains that the core made
 * @core_ids: ids that these have had
 * @core_counters: what the core has asked for
 */
struct lab_space {
	struct lab_unit **units;
	unsigned int nr_units;
	struct lab_pt_config pt;
	struct lab_resv *resv;
	unsigned int nr_resv;
	struct lab_limits limits;
	struct mutex attach_lock; /* who has which device */
	struct mutex slots_lock; /* which device is where */
	struct xarray domains;
	atomic_t nr_domains;
	struct xarray users;
	struct xarray buffers;
	atomic_long_t kept_pages;
	atomic_t core_domains;
	atomic_t core_ids;
	struct lab_core_counters __percpu *core_counters;
};

int lab_space_init(struct lab_space *space, struct lab_unit **units,
		   unsigned int nr_units, const struct lab_resv *rmrrs,
		   unsigned int nr_rmrrs, const struct lab_limits *limits);
void lab_space_destroy(struct lab_space *space);

/* policies: the numbers of enum iommu_lab_policy */
enum lab_policy {
	LAB_POLICY_FIXED = 0,
	LAB_POLICY_ALLOC = 1,
	LAB_POLICY_VA = 2,
	LAB_POLICY_IDENTITY = 3,
};

/**
 * enum lab_core_kind - what a domain is to the kernel's iommu core
 * @LAB_CORE_NONE: a domain of user space; the core may attach it
 * @LAB_CORE_PAGING: made by the core: of the DMA API, VFIO, iommufd
 * @LAB_CORE_IDENTITY: made by the core: device addresses are physical addresses
 * @LAB_CORE_BLOCKED: made by the core: stands for being attached to nothing
 */
enum lab_core_kind {
	LAB_CORE_NONE,
	LAB_CORE_PAGING,
	LAB_CORE_IDENTITY,
	LAB_CORE_BLOCKED,
};

/**
 * enum lab_core_counter - what the core has asked for
 * @LAB_CORE_MAPS: calls of map_pages
 * @LAB_CORE_MAPPED: bytes mapped by them
 * @LAB_CORE_UNMAPS: calls of unmap_pages
 * @LAB_CORE_UNMAPPED: bytes unmapped by them
 * @LAB_CORE_SYNCS: calls of iotlb_sync: strict mode, VFIO
 * @LAB_CORE_FLUSHES: calls of flush_iotlb_all: lazy mode
 * @LAB_CORE_LOOKUPS: calls of iova_to_phys
 * @LAB_NR_CORE_COUNTERS: how many there are
 */
enum lab_core_counter {
	LAB_CORE_MAPS,
	LAB_CORE_MAPPED,
	LAB_CORE_UNMAPS,
	LAB_CORE_UNMAPPED,
	LAB_CORE_SYNCS,
	LAB_CORE_FLUSHES,
	LAB_CORE_LOOKUPS,
	LAB_NR_CORE_COUNTERS,
};

/* one CPU's part of enum lab_core_counter */
struct lab_core_counters {
	u64 c[LAB_NR_CORE_COUNTERS];
};

/* the bits of IOMMU_LAB_DOMAIN_* */
#define LAB_DOMAIN_GUARD	BIT(0)
#define LAB_DOMAIN_NATURAL	BIT(1)
#define LAB_DOMAIN_MARKED_ONLY	BIT(2)

#define LAB_MAX_MARKS	4096u	/* ranges of marked memory of a domain */

/**
 * struct lab_hidden - a page taken away behind the back of who mapped it
 * @lock: raw; the page, and while @armed is set each unmap in the domain
 * @armed: a page is hidden, or is about to be (set under space->slots_lock; cleared
 *	under @lock)
 * @iova: first IOVA of the page
 * @pa: where it leads
 * @prot: LAB_PROT_*; 0: no page is hidden
 */
struct lab_hidden {
	raw_spinlock_t lock; /* the page; unmaps while armed */
	bool armed;
	u64 iova;
	u64 pa;
	u32 prot;
};

/**
 * struct lab_domain - a translation, whoever made it
 * @iommu: the core's view: type, aperture (geometry), page sizes
 * @remap: its table and its domain id on each unit
 * @space: where it belongs
 * @core: who made it. What a domain of the core does not have: @user and all from
 *	@mm to @associations but @policy
 * @id: key in space->domains; from LAB_CORE_IDS on if the core made it
 * @policy: who picks IOVAs
 * @flags: LAB_DOMAIN_*
 * @refs: the file, each reader in debugfs
 * @mm: the owner (mmgrab), NULL for a domain of the module itself
 * @user: whose quotas it uses
 * @map_lock: @mappings and the figures below it
 * @mappings: struct lab_mapping, or a reserved marker, by IOVA range
 * @nr_mappings: live mappings
 * @nr_direct: of them, those of physical addresses
 * @mapped_bytes: IOVA space mapped
 * @pinned_pages: pages of user memory and of imported buffers, pinned
 * @phys: IOMMU off, and device addresses are physical addresses: made by somebody
 *	who may use them
 * @pfns: the pages that devices reach, with @phys (changed under map_lock)
 * @marks: process addresses that may be mapped, with LAB_DOMAIN_MARKED_ONLY
 *	(map_lock)
 * @nr_marks: ranges in @marks (map_lock)
 * @associations: struct lab_association that have a mapping
 * @devices: attached struct lab_device (space->slots_lock)
 * @nr_devices: how many
 * @dead: an invalidation behind it failed: its tables and domain ids are kept
 * @over_tables: a table page was refused by the quota
 * @retired_lock: raw; @retired
 * @retired: tables of a domain of the core that its next flush lets go, through
 *	page->lru
 * @hidden: of a domain of the core: see core_hidden.c
 */
struct lab_domain {
	struct iommu_domain iommu;
	struct lab_remap_domain remap;
	struct lab_space *space;
	enum lab_core_kind core;
	u32 id;
	enum lab_policy policy;
	u32 flags;
	refcount_t refs;
	struct mm_struct *mm;
	struct lab_user *user;
	struct mutex map_lock; /* mappings and figures */
	struct maple_tree mappings;
	u64 nr_mappings;
	u64 nr_direct;
	u64 mapped_bytes;
	u64 pinned_pages;
	bool phys;
	struct xarray pfns;
	struct maple_tree marks;
	unsigned int nr_marks;
	struct list_head associations;
	struct list_head devices;
	unsigned int nr_devices;
	bool dead;
	bool over_tables;
	raw_spinlock_t retired_lock; /* retired */
	struct list_head retired;
	struct lab_hidden hidden;
};

#define LAB_CORE_IDS	0x40000000u

/**
 * struct lab_device - a source-id at a unit, as domains see it
 * @unit: the unit that translates for it, NULL with IOMMU off
 * @sid: source-id
 * @rmrrs: its reserved direct ranges (identity-mapped in each domain that it is
 *	attached to, and, where there is a unit, while it is blocked)
 * @nr_rmrrs: how many
 * @rmrr_is_ram: the host has RAM there: with an identity domain nobody could say
 *	which of the two an address means, so it gets none. Set by who made it
 * @blocked: the table of its blocked state when it has RMRRs, else NULL (its
 *	context entry is then not present)
 * @domain: attached domain, NULL while blocked (space->slots_lock)
 * @link: in domain->devices
 */
struct lab_device {
	struct lab_unit *unit;
	u16 sid;
	const struct lab_resv *rmrrs;
	unsigned int nr_rmrrs;
	bool rmrr_is_ram;
	struct lab_remap_domain *blocked;
	struct lab_domain *domain;
	struct list_head link;
};

/* whether there is no unit: IOMMU off */
static inline bool lab_space_is_off(const struct lab_space *space)
{
	return !space->nr_units;
}

static inline bool lab_device_is_dead(const struct lab_device *dev)
{
	return dev->unit && lab_unit_is_dead(dev->unit);
}

int lab_device_init(struct lab_device *dev, struct lab_unit *unit, u16 sid,
		    const struct lab_resv *rmrrs, unsigned int nr_rmrrs);
void lab_device_release(struct lab_device *dev);

/**
 * struct lab_domain_params - how a domain is made
 * @policy: who picks IOVAs
 * @flags: LAB_DOMAIN_*
 * @start: first IOVA of the aperture; with @last both 0: the policy's default
 * @last: last IOVA of the aperture (inclusive)
 * @mm: the owner, or NULL
 */
struct lab_domain_params {
	enum lab_policy policy;
	u32 flags;
	u64 start;
	u64 last;
	struct mm_struct *mm;
};

int lab_domain_create(struct lab_space *space,
		      const struct lab_domain_params *params,
		      struct lab_refusal *refusal, struct lab_domain **out);
void lab_domain_close(struct lab_domain *domain);
struct lab_domain *lab_domain_get(struct lab_space *space, u32 id);
void lab_domain_put(struct lab_domain *domain);

int lab_domain_attach(struct lab_domain *domain, struct lab_device *dev,
		      struct lab_refusal *refusal);
int lab_domain_detach(struct lab_domain *domain, struct lab_device *dev);
int lab_device_switch(struct lab_device *dev, struct lab_domain *domain,
		      struct lab_refusal *refusal);

/* core_domain.c */
int lab_core_domain_create(struct lab_space *space, enum lab_core_kind kind,
			   struct lab_domain **out);
void lab_core_domain_free(struct lab_domain *domain);
int lab_core_device_prepare(struct lab_space *space, struct lab_device *dev);
void lab_core_domains_wait(struct lab_space *space);

/* core_map.c */
int lab_core_map(struct lab_domain *domain, u64 iova, u64 pa, u64 length,
		 u32 prot, gfp_t gfp, u64 *mapped);
void lab_core_map_sync(struct lab_domain *domain, u64 iova, u64 length);
u64 lab_core_unmap(struct lab_domain *domain, u64 iova, u64 length,
		   bool flushed_later, bool *done);
void lab_core_sync(struct lab_domain *domain, u64 start, u64 last);
void lab_core_flush(struct lab_domain *domain);
u64 lab_core_lookup(struct lab_domain *domain, u64 iova);
void lab_core_read_counters(struct lab_space *space,
			    struct lab_core_counters *sum);

/* core_hidden.c */
int lab_core_hide(struct lab_domain *domain, u64 iova);
int lab_core_restore(struct lab_domain *domain);
bool lab_core_hidden(struct lab_domain *domain, u64 *iova);

/**
 * struct lab_range - a range of process memory
 * @addr: page-aligned process address
 * @length: bytes, a multiple of the page size
 */
struct lab_range {
	u64 addr;
	u64 length;
};

/**
 * struct lab_map_request - something to map, as one mapping
 * @ranges: a scatter-gather list of process memory
 * @nr: entries of @ranges
 * @prot: LAB_PROT_*
 * @iova: in with LAB_POLICY_FIXED, out with LAB_POLICY_ALLOC; with
 *	LAB_POLICY_VA 0 or the address of the first range
 * @align: bytes, LAB_POLICY_ALLOC only; 0: one page
 * @association: of a buffer: the mapping ends only with it; else NULL
 * @length: out: bytes mapped
 */
struct lab_map_request {
	const struct lab_range *ranges;
	unsigned int nr;
	u32 prot;
	u64 iova;
	u64 align;
	struct lab_association *association;
	u64 length;
};

int lab_domain_map(struct lab_domain *domain, struct lab_map_request *request,
		   struct lab_refusal *refusal);
int lab_domain_map_identity(struct lab_domain *domain,
			    struct lab_map_request *request,
			    struct lab_refusal *refusal);
int lab_domain_unmap(struct lab_domain *domain, u64 iova, u64 length,
		     bool allow_holes, u64 *unmapped,
		     struct lab_refusal *refusal);

/**
 * struct lab_dirty_request - which dirty pages are asked for, and by whom
 * @iova: begin of the range; a multiple of @page_size
 * @length: bytes, a multiple of @page_size, not 0
 * @page_size: bytes that one bit stands for; a power of two, at least 4 KiB
 * @clear: pages that were told are clean afterwards
 * @report: told of each part of the range, ascending: @bits has the words from number
 *	@word of the bitmap on; a bit is set for a dirty page, the others say nothing. No
 *	lock is held. Not 0: stop
 * @ctx: for @report
 */
struct lab_dirty_request {
	u64 iova;
	u64 length;
	u64 page_size;
	bool clear;
	int (*report)(void *ctx, u64 word, const unsigned long *bits,
		      unsigned int words);
	void *ctx;
};

int lab_domain_track_dirty(struct lab_domain *domain, bool on,
			   struct lab_refusal *refusal);
int lab_domain_read_dirty(struct lab_domain *domain,
			  const struct lab_dirty_request *request,
			  struct lab_refusal *refusal);
int lab_domain_mark(struct lab_domain *domain, u64 addr, u64 length, bool on,
		    struct lab_refusal *refusal);

/* a range of device addresses */
struct lab_address {
	u64 addr;
	u64 length;
};

int lab_domain_addresses(struct lab_domain *domain, u64 iova, u64 length,
			 bool phys, struct lab_address *out, u32 room, u32 *nr,
			 struct lab_refusal *refusal);
bool lab_domain_resolve(void *data, u64 address, bool write, u64 *pa,
			enum lab_memory *memory);

int lab_domain_ranges(struct lab_domain *domain, struct lab_resv **ranges,
		      unsigned int *nr);

/**
 * struct lab_extent - a run of physically contiguous pages
 * @page: the first one
 * @pages: how many
 */
struct lab_extent {
	struct page *page;
	unsigned long pages;
};

/**
 * struct lab_extent_cursor - a way through the runs of a range of pages
 * @extents: the next one
 * @nr: how many there are from there on
 * @skip: pages from the begin of @extents to the range
 * @left: pages of the range that are still to come
 */
struct lab_extent_cursor {
	const struct lab_extent *extents;
	u32 nr;
	unsigned long skip;
	unsigned long left;
};

bool lab_extent_next(struct lab_extent_cursor *cursor, struct lab_extent *run);

/**
 * struct lab_mapping - one mapping of a domain
 * @start: first IOVA
 * @last: last IOVA (inclusive)
 * @guard: bytes behind @last that are taken, too, and never mapped
 * @direct: IOVA = physical address: memory that is not ours, and no extents
 * @prot: LAB_PROT_*
 * @nr_extents: entries of @extents
 * @max_extents: entries that there is memory for
 * @pages: pages that are pinned and charged for it
 * @buffer: the buffer behind it, by a reference; NULL: pinned process memory
 * @association: that it ends with, or NULL (map_lock)
 * @link: in the list of what one unmap removes (map_lock)
 * @extents: the memory in IOVA order
 */
struct lab_mapping {
	u64 start;
	u64 last;
	u64 guard;
	bool direct;
	u32 prot;
	u32 nr_extents;
	u32 max_extents;
	unsigned long pages;
	struct lab_buffer *buffer;
	struct lab_association *association;
	struct list_head link;
	struct lab_extent extents[];
};

/* what is called for a mapping; returns false to stop */
typedef bool (*lab_mapping_fn)(void *ctx, const struct lab_mapping *mapping);

void lab_domain_visit_mappings(struct lab_domain *domain, lab_mapping_fn fn,
			       void *ctx);

/*
 * lab_may_use_phys - whether the caller may know and choose physical addresses
 */
bool lab_may_use_phys(void);
bool lab_may_see_phys(void);

/**
 * struct lab_usage - what a user has, and what is left
 * @used: live figures
 * @limits: the quotas
 */
struct lab_usage {
	struct lab_limits used;
	struct lab_limits limits;
};

void lab_space_usage(struct lab_space *space, struct lab_usage *usage);

#endif
