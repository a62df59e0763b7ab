/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A pair for the tests of remap/: a unit in software and its driver, with a seam
 * of the test's own between them, which can
 *
 * - show the driver other capabilities than the unit has,
 * - call the test before a register write,
 * - remember what was flushed, as a unit sees it that does not snoop.
 *
 * Everything made here goes away with the test, in reverse order: what is
 * attached is detached, and when a domain is destroyed its charge must be what
 * was kept (0 but for dead units).
 */
#ifndef IOMMU_LAB_KUNIT_PAIR_RIG_H
#define IOMMU_LAB_KUNIT_PAIR_RIG_H

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/xarray.h>
#include "../iommu_lab/model/vtd.h"
#include "../iommu_lab/remap/remap_int.h"

#define PAIR_CASE(fn, text)						\
	{ .run_case = fn, .name = text, .module_name = KBUILD_MODNAME }

#define PAIR_RW		(LAB_PROT_READ | LAB_PROT_WRITE)
#define PAIR_ATTACHED	4	/* source-ids that a domain here can have */

/**
 * struct pair_config - what a pair is like
 * @vtd: the unit
 * @cap_set: bits of CAP that the driver sees set
 * @cap_clear: bits of CAP that it sees clear
 * @ecap_set: the same for ECAP
 * @ecap_clear: the same for ECAP
 */
struct pair_config {
	struct lab_vtd_config vtd;
	u64 cap_set;
	u64 cap_clear;
	u64 ecap_set;
	u64 ecap_clear;
};

/**
 * struct pair_rig - a unit and its driver
 * @test: whose it is
 * @config: what it is like
 * @vtd: the unit
 * @seam: what the driver is given
 * @real: the unit's own seam
 * @unit: the driver; NULL until pair_enable()
 * @dead: calls of the dead callback
 * @faults: calls of the fault callback
 * @last_fault: of the last one
 * @lost: calls of the lost callback
 * @before_write: called before a write reaches the unit; may be NULL
 * @writes: for @before_write to count
 * @shadow: what was flushed, a copy of each page by its number
 */
struct pair_rig {
	struct kunit *test;
	struct pair_config config;
	struct lab_vtd *vtd;
	struct lab_seam seam;
	struct lab_seam *real;
	struct lab_unit *unit;
	atomic_t dead;
	atomic_t faults;
	struct lab_fault last_fault;
	atomic_t lost;
	void (*before_write)(struct pair_rig *rig, u32 reg, u64 value);
	atomic_t writes;
	struct xarray shadow;
};

/**
 * struct pair_domain - a domain with accounting
 * @rd: the domain
 * @test: whose it is
 * @charged: table pages charged
 * @limit: charge refuses beyond it
 * @nr: entries of @attached
 * @attached: what pair_attach() did
 */
struct pair_domain {
	struct lab_remap_domain rd;
	struct kunit *test;
	atomic_long_t charged;
	long limit;
	unsigned int nr;
	struct {
		struct pair_rig *rig;
		u16 sid;
	} attached[PAIR_ATTACHED];
};

extern const struct pair_config pair_default;

struct pair_rig *pair_create(struct kunit *test,
			     const struct pair_config *config);
struct pair_rig *pair_enable(struct kunit *test,
			     const struct pair_config *config);
int pair_probe(struct pair_rig *rig, struct lab_unit **out);
bool pair_flushed(struct pair_rig *rig, const void *start, size_t bytes);

struct pair_domain *pair_domain(struct kunit *test, unsigned int levels);
struct pair_domain *pair_domain_config(struct kunit *test,
				       const struct lab_remap_config *config);
int pair_attach(struct pair_domain *domain, struct pair_rig *rig, u16 sid);
int pair_map(struct pair_domain *domain, u64 iova, u64 oa, u64 length,
	     u32 prot);
int pair_unmap(struct pair_domain *domain, u64 iova, u64 length);

struct lab_requester *pair_requester(struct pair_rig *rig, u16 sid);
enum lab_translate_status pair_access(struct lab_requester *rq, u64 iova,
				      bool write, struct lab_translation *tr);
u64 pair_pa(struct lab_requester *rq, u64 iova);
bool pair_faults(struct lab_requester *rq, u64 iova);
struct page *pair_page(struct kunit *test);

#endif
