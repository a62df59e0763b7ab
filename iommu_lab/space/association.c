// SPDX-License-Identifier: GPL-2.0
/*
 * Associations: a buffer in a domain for as long as a handle is open. The
 * handle and the domain can be closed in either order, at the same time too:
 * under map_lock an association has its mapping, or it is over.
 */
#include <linux/list.h>
#include "buffer.h"
#include "space_int.h"

/**
 * lab_association_init - an association that is not made yet
 * @association: what to fill in; lab_map_request.association makes it
 * @domain: domain; gets one more reference
 *
 * Its subject is set before it is made.
 *
 * Context: any. Ended by lab_association_end(), whether it was made or not.
 */
void lab_association_init(struct lab_association *association,
			  struct lab_domain *domain)
{
	refcount_inc(&domain->refs);
	*association = (struct lab_association){ .domain = domain };
	INIT_LIST_HEAD(&association->link);
}

/**
 * lab_association_check - whether an association can be made
 * @domain: where
 * @association: which one, or NULL: none is asked for
 * @refusal: of the file that asked, or NULL
 *
 * Context: map_lock held.
 * Return: 0; -EEXIST: the buffer is associated with the domain already.
 */
int lab_association_check(struct lab_domain *domain,
			  const struct lab_association *association,
			  struct lab_refusal *refusal)
{
	const struct lab_association *other;

	lockdep_assert_held(&domain->map_lock);

	if (!association)
		return 0;
	list_for_each_entry(other, &domain->associations, link)
		if (other->subject == association->subject)
			return lab_refuse(refusal, -EEXIST,
					  "the buffer is associated with domain %u already, at IOVA %#llx: close that handle first",
					  domain->id, other->mapping->start);
	return 0;
}

/**
 * lab_association_bind - an association has its mapping
 * @association: what lab_association_check() has accepted
 * @mapping: its mapping, in the tree
 *
 * Context: map_lock held.
 */
void lab_association_bind(struct lab_association *association,
			  struct lab_mapping *mapping)
{
	lockdep_assert_held(&association->domain->map_lock);

	association->mapping = mapping;
	mapping->association = association;
	list_add_tail(&association->link, &association->domain->associations);
}

/**
 * lab_association_unbind - the mapping of an association leaves the tree
 * @mapping: mapping, of an association or not
 *
 * Context: map_lock held.
 */
void lab_association_unbind(struct lab_mapping *mapping)
{
	struct lab_association *association = mapping->association;

	if (!association)
		return;
	lockdep_assert_held(&association->domain->map_lock);
	association->mapping = NULL;
	mapping->association = NULL;
	list_del_init(&association->link);
}

/**
 * lab_association_end - the handle is closed: revoke
 * @association: association; its domain may be closed, and its owner dead
 *
 * When it returns, no unit can reach the buffer through it, no access is in
 * flight, and its reference on the buffer is given back.
 *
 * Context: may sleep. Takes map_lock, then mmap_lock and dma_resv: no lock may
 * be held.
 */
void lab_association_end(struct lab_association *association)
{
	struct lab_domain *domain = association->domain;

	lab_domain_unmap_association(domain, association);
	lab_domain_put(domain);
}

/**
 * lab_association_read - what an association is
 * @association: association
 * @info: out
 * @refusal: of the file that asked, or NULL
 *
 * Context: may sleep. Takes map_lock.
 * Return: 0; -ENODEV: the domain was closed, so it is over.
 */
int lab_association_read(struct lab_association *association,
			 struct lab_association_info *info,
			 struct lab_refusal *refusal)
{
	struct lab_domain *domain = association->domain;
	const struct lab_mapping *mapping;

	mutex_lock(&domain->map_lock);
	mapping = association->mapping;
	if (mapping)
		*info = (struct lab_association_info){
			.iova = mapping->start,
			.length = mapping->last - mapping->start + 1,
			.prot = mapping->prot,
			.cache = mapping->buffer->params.cache,
		};
	mutex_unlock(&domain->map_lock);
	if (mapping)
		return 0;
	return lab_refuse(refusal, -ENODEV,
			  "domain %u was closed, and the association with it",
			  domain->id);
}
