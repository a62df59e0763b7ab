/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test's own driver of a unit: it knows the specification and the seam, and
 * writes registers and tables as literal words.
 *
 * The rig has one bus with a root entry, and one 4-level table with a level-1
 * table for IOVA 0 to 2 MiB - 1. A context entry is made by vtd_rig_context().
 */
#ifndef IOMMU_LAB_KUNIT_VTD_RIG_H
#define IOMMU_LAB_KUNIT_VTD_RIG_H

#include <kunit/test.h>
#include <linux/list.h>
#include "../iommu_lab/model/vtd.h"
#include "../iommu_lab/seam/seam.h"

#define RIG_BUS		0x3a
#define RIG_SID		0x3a08		/* 3a:01.0 */
#define RIG_DID		0x21
#define RIG_WIDTH	46		/* host address width */
#define RIG_IVA		0xf0
#define RIG_IOTLB	0xf8
#define RIG_FRCD	0x220
#define RIG_MAX_REQUESTERS	8

/* the words of the specification that the tests need most */
#define RIG_R		1ULL
#define RIG_W		2ULL
#define RIG_RW		3ULL
#define RIG_PS		0x80ULL
#define RIG_AW4		2ULL		/* context entry, hi: 4 levels */

/* descriptors, low half */
#define RIG_INV_CONTEXT_GLOBAL	0x11ULL
#define RIG_INV_IOTLB_GLOBAL	0x12ULL
#define RIG_INV_IOTLB_DOMAIN	0x22ULL	/* | domain id << 16 */
#define RIG_INV_IOTLB_PAGE	0x32ULL	/* | domain id << 16 */
#define RIG_INV_WAIT		0x25ULL	/* status write; | data << 32 */

/**
 * struct vtd_tree - a 4-level table: one table a level
 * @top: level 4
 * @l3: level 3
 * @l2: level 2
 * @l1: level 1
 */
struct vtd_tree {
	u64 *top;
	u64 *l3;
	u64 *l2;
	u64 *l1;
};

/**
 * struct vtd_rig - a unit and what a driver of it owns
 * @test: the test, for its assertions
 * @vtd: the unit
 * @seam: its seam
 * @root: root table
 * @context: context table of RIG_BUS
 * @tree: page table of RIG_DID
 * @queue: invalidation queue, NULL until vtd_rig_queue_on()
 * @queue_bytes: its size
 * @tail: byte offset of the next descriptor
 * @status: where wait descriptors write
 * @rq: requester of RIG_SID
 * @requesters: all requesters, @rq the first
 * @nr_requesters: how many
 * @blocks: struct rig_block: memory to be freed
 */
struct vtd_rig {
	struct kunit *test;
	struct lab_vtd *vtd;
	struct lab_seam *seam;
	u64 *root;
	u64 *context;
	struct vtd_tree tree;
	u64 *queue;
	u64 queue_bytes;
	u64 tail;
	u32 *status;
	struct lab_requester *rq;
	struct lab_requester requesters[RIG_MAX_REQUESTERS];
	unsigned int nr_requesters;
	struct list_head blocks;
};

#define RIG_CASE(fn, text)	\
	{ .run_case = fn, .name = text, .module_name = KBUILD_MODNAME }
#define RIG_SLOW_CASE(fn, text)	\
	{ .run_case = fn, .name = text, .module_name = KBUILD_MODNAME, \
	  .attr.speed = KUNIT_SPEED_SLOW }

extern const struct lab_vtd_config vtd_rig_config;

struct vtd_rig *vtd_rig_create(struct kunit *test,
			       const struct lab_vtd_config *config);
void vtd_rig_exit(struct kunit *test);

u64 *vtd_rig_pages(struct vtd_rig *rig, unsigned int order);
u64 *vtd_rig_page(struct vtd_rig *rig);
u64 vtd_rig_pa(const void *memory);
void vtd_rig_tree(struct vtd_rig *rig, struct vtd_tree *tree);
void vtd_rig_context(struct vtd_rig *rig, u16 sid, u64 lo, u64 hi);
struct lab_requester *vtd_rig_requester(struct vtd_rig *rig, u16 sid);

u32 vtd_rig_read32(struct vtd_rig *rig, u32 reg);
u64 vtd_rig_read64(struct vtd_rig *rig, u32 reg);
void vtd_rig_write32(struct vtd_rig *rig, u32 reg, u32 value);
void vtd_rig_write64(struct vtd_rig *rig, u32 reg, u64 value);
void vtd_rig_command(struct vtd_rig *rig, u32 bit, bool on);
void vtd_rig_on(struct vtd_rig *rig);

void vtd_rig_queue_on(struct vtd_rig *rig, unsigned int order);
void vtd_rig_put(struct vtd_rig *rig, u64 lo, u64 hi);
void vtd_rig_ring(struct vtd_rig *rig);
void vtd_rig_submit(struct vtd_rig *rig, u64 lo, u64 hi);

enum lab_translate_status vtd_rig_access(struct lab_requester *rq, u64 iova,
					 bool write,
					 struct lab_translation *tr);
void vtd_rig_expect_pa(struct vtd_rig *rig, u64 iova, bool write, u64 pa);
void vtd_rig_expect_fault(struct vtd_rig *rig, u64 iova, bool write, u8 reason);
u64 vtd_rig_count(struct vtd_rig *rig, enum lab_counter which);

#endif
