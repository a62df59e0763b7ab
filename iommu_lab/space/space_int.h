/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of space/ (and its tests) share.
 */
#ifndef IOMMU_LAB_SPACE_INT_H
#define IOMMU_LAB_SPACE_INT_H

#include <linux/atomic.h>
#include "space.h"

/* quota.c */

/**
 * enum lab_quota - what a user has a quota of
 * @LAB_QUOTA_DOMAINS: live domains
 * @LAB_QUOTA_MAPPINGS: live mappings
 * @LAB_QUOTA_PINNED: pinned pages
 * @LAB_QUOTA_TABLES: page-table pages
 * @LAB_NR_QUOTAS: how many there are
 */
enum lab_quota {
	LAB_QUOTA_DOMAINS,
	LAB_QUOTA_MAPPINGS,
	LAB_QUOTA_PINNED,
	LAB_QUOTA_TABLES,
	LAB_NR_QUOTAS,
};

/**
 * struct lab_user - what the domains of one uid use
 * @space: whose limits hold
 * @uid: key in space->users
 * @refs: one for each domain that exists, or that left something behind a dead
 *	unit
 * @used: live figures, by enum lab_quota
 */
struct lab_user {
	struct lab_space *space;
	unsigned long uid;
	refcount_t refs;
	atomic64_t used[LAB_NR_QUOTAS];
};

struct lab_user *lab_user_get(struct lab_space *space);
void lab_user_put(struct lab_user *user);
int lab_user_charge(struct lab_user *user, enum lab_quota quota, u64 amount);
void lab_user_uncharge(struct lab_user *user, enum lab_quota quota, u64 amount);
int lab_refuse_quota(struct lab_refusal *refusal, struct lab_user *user,
		     enum lab_quota quota, u64 amount);

/* space.c */
u64 lab_space_last_iova(const struct lab_space *space);
unsigned long lab_space_page_sizes(const struct lab_space *space);
bool lab_space_is_reserved(const struct lab_space *space, u64 start, u64 last);

/* attach.c */
void lab_domain_detach_all(struct lab_domain *domain);

/* iova.c */
int lab_iova_init(struct lab_domain *domain);
void lab_iova_destroy(struct lab_domain *domain);
struct lab_mapping *lab_iova_mapping(void *entry);
struct lab_mapping *lab_iova_next(struct lab_domain *domain, u64 start,
				  u64 last);
int lab_iova_check(struct lab_domain *domain, struct lab_map_request *request,
		   u64 length, struct lab_refusal *refusal);
int lab_iova_insert(struct lab_domain *domain, struct lab_mapping *mapping,
		    const struct lab_map_request *request, u64 length,
		    struct lab_refusal *refusal);
void lab_iova_erase(struct lab_domain *domain, struct lab_mapping *mapping);

/* core_map.c */
void lab_core_check(struct lab_domain *domain, int err);

/* core_hidden.c */
u64 lab_hidden_unmap(struct lab_domain *domain, u64 iova, u64 length,
		     struct lab_remap_gather *gather);
u64 lab_hidden_lookup(struct lab_domain *domain, u64 iova);

/* mark.c */
void lab_marks_init(struct lab_domain *domain);
void lab_marks_destroy(struct lab_domain *domain);
int lab_marks_check(struct lab_domain *domain,
		    const struct lab_map_request *request,
		    struct lab_refusal *refusal);

/* pfns.c */
int lab_pfns_add(struct xarray *pfns, const struct lab_mapping *mapping);
void lab_pfns_remove(struct xarray *pfns, const struct lab_mapping *mapping);
bool lab_pfns_allows(struct xarray *pfns, unsigned long pfn, bool write);

/* extent.c */
bool lab_extent_joins(const struct lab_extent *last, struct page *page);

/* pin.c */
struct lab_mapping *lab_mapping_alloc(u32 max_extents);
int lab_mapping_append(struct lab_mapping **mapping, struct page *page,
		       u64 most);
int lab_mapping_pin(struct lab_mapping **mapping,
		    const struct lab_map_request *request, u64 pages);
void lab_mapping_unpin(struct lab_mapping *mapping);

/* map.c */
int lab_check_memlock(struct lab_user *user, u64 pages);
int lab_refuse_memlock(struct lab_refusal *refusal, u64 pages);
int lab_mapping_check(struct lab_domain *domain,
		      const struct lab_map_request *request,
		      struct lab_refusal *refusal);
int lab_mapping_charge(struct lab_domain *domain, u64 pages,
		       struct lab_refusal *refusal);
void lab_mapping_uncharge(struct lab_domain *domain, u64 pages);
void lab_mapping_let_go(struct lab_domain *domain, struct lab_mapping *mapping,
			bool confirmed);
int lab_domain_sync(struct lab_domain *domain, struct lab_remap_gather *gather);
int lab_mapping_install(struct lab_domain *domain, struct lab_mapping *mapping,
			struct lab_map_request *request, u64 length,
			struct lab_refusal *refusal);

/* unmap.c */
void lab_domain_unmap_all(struct lab_domain *domain);
void lab_domain_unmap_association(struct lab_domain *domain,
				  struct lab_association *association);

/* buffer.c */
void lab_buffer_keep(struct lab_buffer *buffer);

/* map_buffer.c */
unsigned long lab_buffer_pinned(const struct lab_buffer *buffer);

/* association.c */
int lab_association_check(struct lab_domain *domain,
			  const struct lab_association *association,
			  struct lab_refusal *refusal);
void lab_association_bind(struct lab_association *association,
			  struct lab_mapping *mapping);
void lab_association_unbind(struct lab_mapping *mapping);

#endif
