/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two units with their drivers, a space over them, and pages that look pinned.
 *
 * The machine has two reserved direct regions, RIG_RMRR0 and RIG_RMRR1, which
 * touch: one range of two pages.
 */
#ifndef IOMMU_LAB_KUNIT_SPACE_RIG_H
#define IOMMU_LAB_KUNIT_SPACE_RIG_H

#include <kunit/test.h>
#include "../iommu_lab/model/vtd.h"
#include "../iommu_lab/space/space_int.h"

#define RIG_UNITS	2
#define RIG_PAGES	16u
#define RIG_RMRR	0xfd000000ULL
#define RIG_RMRR_LAST	0xfd001fffULL
#define RIG_DOMAINS	8u	/* quotas */
#define RIG_MAPPINGS	100u
#define RIG_PINNED	200u
#define RIG_TABLES	64u

/**
 * struct space_rig - what the tests of space/ stand on
 * @test: the test, for its assertions
 * @vtd: the units
 * @unit: their drivers
 * @space: what is tested
 * @pages: physically contiguous pages, each with a reference of the rig's own
 * @refusal: of the last refused request
 */
struct space_rig {
	struct kunit *test;
	struct lab_vtd *vtd[RIG_UNITS];
	struct lab_unit *unit[RIG_UNITS];
	struct lab_space space;
	struct page *pages;
	struct lab_refusal refusal;
};

extern const struct lab_resv space_rig_rmrrs[2];

int space_rig_init(struct kunit *test);
int space_rig_init_scalable(struct kunit *test);
void space_rig_exit(struct kunit *test);

struct lab_domain *space_rig_domain(struct space_rig *rig,
				    enum lab_policy policy, u64 start,
				    u64 last);
struct lab_domain *space_rig_domain_with(struct space_rig *rig,
					 const struct lab_domain_params *params);
struct lab_mapping *space_rig_pin(struct space_rig *rig, unsigned int first,
				  unsigned int nr, u32 prot);
int space_rig_map(struct space_rig *rig, struct lab_domain *domain,
		  struct lab_map_request *request, unsigned int first,
		  unsigned int nr);
int space_rig_map_at(struct space_rig *rig, struct lab_domain *domain, u64 iova,
		     unsigned int first, unsigned int nr, u32 prot);
int space_rig_unmap(struct space_rig *rig, struct lab_domain *domain, u64 start,
		    u64 last);
int space_rig_pins(struct space_rig *rig);
bool space_rig_mapped(struct lab_domain *domain, u64 iova);
int space_rig_take(struct lab_domain *domain, struct lab_mapping *mapping,
		   u64 length, u64 align);
void space_rig_give_back(struct lab_domain *domain,
			 struct lab_mapping *mapping);

#endif
