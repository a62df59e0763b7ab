// SPDX-License-Identifier: GPL-2.0
/*
 * What each user has, and may have.
 *
 * Invariant: a figure is never above its limit, not even for a moment: it is
 * compared and raised in one step. So a request that is refused never makes
 * another one fail that would have fitted.
 */
#include <linux/cred.h>
#include <linux/slab.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include "space_int.h"

static const struct {
	const char *what;
	const char *parameter;
} quotas[LAB_NR_QUOTAS] = {
	[LAB_QUOTA_DOMAINS] = { "domains", "max_domains" },
	[LAB_QUOTA_MAPPINGS] = { "mappings", "max_mappings" },
	[LAB_QUOTA_PINNED] = { "pinned pages", "max_pinned" },
	[LAB_QUOTA_TABLES] = { "page-table pages", "max_tables" },
};

static u64 limit_of(const struct lab_space *space, enum lab_quota quota)
{
	switch (quota) {
	case LAB_QUOTA_DOMAINS:
		return space->limits.domains;
	case LAB_QUOTA_MAPPINGS:
		return space->limits.mappings;
	case LAB_QUOTA_PINNED:
		return space->limits.pinned;
	default:
		return space->limits.tables;
	}
}

static unsigned long current_key(void)
{
	return from_kuid(&init_user_ns, current_uid());
}

/**
 * lab_user_get - the account of the current user
 * @space: where it belongs
 *
 * Context: may sleep. Takes space->users' lock.
 * Return: the account with a reference, or ERR_PTR(-ENOMEM).
 */
struct lab_user *lab_user_get(struct lab_space *space)
{
	struct lab_user *fresh, *user;

	fresh = kzalloc(sizeof(*fresh), GFP_KERNEL_ACCOUNT);
	if (!fresh)
		return ERR_PTR(-ENOMEM);
	fresh->space = space;
	fresh->uid = current_key();
	refcount_set(&fresh->refs, 1);

	xa_lock(&space->users);
	user = __xa_cmpxchg(&space->users, fresh->uid, NULL, fresh, GFP_KERNEL);
	if (user && !xa_is_err(user))
		refcount_inc(&user->refs);
	xa_unlock(&space->users);

	if (!user)
		return fresh;
	kfree(fresh);
	return xa_is_err(user) ? ERR_PTR(xa_err(user)) : user;
}

/**
 * lab_user_put - give back a reference on an account
 * @user: account
 *
 * Context: process context. Takes space->users' lock.
 */
void lab_user_put(struct lab_user *user)
{
	struct lab_space *space = user->space;
	bool last;

	xa_lock(&space->users);
	last = refcount_dec_and_test(&user->refs);
	if (last)
		__xa_erase(&space->users, user->uid);
	xa_unlock(&space->users);
	if (last)
		kfree(user);
}

/**
 * lab_user_charge - take something of a quota
 * @user: whose
 * @quota: which one
 * @amount: how much; domains, mappings or pages
 *
 * Context: any.
 * Return: 0; -ENOSPC: there is not so much left, nothing was taken.
 */
int lab_user_charge(struct lab_user *user, enum lab_quota quota, u64 amount)
{
	u64 limit = limit_of(user->space, quota);
	s64 used = atomic64_read(&user->used[quota]);

	do {
		if ((u64)used > limit || amount > limit - (u64)used)
			return -ENOSPC;
	} while (!atomic64_try_cmpxchg(&user->used[quota], &used,
				       used + (s64)amount));
	return 0;
}

/**
 * lab_user_uncharge - give back what lab_user_charge() took
 * @user: whose
 * @quota: which one
 * @amount: how much
 *
 * Context: any.
 */
void lab_user_uncharge(struct lab_user *user, enum lab_quota quota, u64 amount)
{
	atomic64_sub(amount, &user->used[quota]);
}

/**
 * lab_refuse_quota - explain that a quota is reached
 * @refusal: of the file that asked, or NULL
 * @user: whose quota
 * @quota: which one
 * @amount: what was asked for; 0: not known
 *
 * Return: -ENOSPC.
 */
int lab_refuse_quota(struct lab_refusal *refusal, struct lab_user *user,
		     enum lab_quota quota, u64 amount)
{
	return lab_refuse(refusal, -ENOSPC,
			  "%llu more %s asked for with %lld of %llu in use: free some, or load with a larger %s=",
			  amount, quotas[quota].what,
			  (s64)atomic64_read(&user->used[quota]),
			  limit_of(user->space, quota),
			  quotas[quota].parameter);
}

/**
 * lab_space_usage - what the current user has
 * @space: where
 * @usage: out
 *
 * Context: may sleep or not. Takes space->users' lock.
 */
void lab_space_usage(struct lab_space *space, struct lab_usage *usage)
{
	struct lab_user *user;

	*usage = (struct lab_usage){ .limits = space->limits };
	xa_lock(&space->users);
	user = xa_load(&space->users, current_key());
	if (user) {
		atomic64_t *used = user->used;

		usage->used = (struct lab_limits){
			.domains = atomic64_read(&used[LAB_QUOTA_DOMAINS]),
			.mappings = atomic64_read(&used[LAB_QUOTA_MAPPINGS]),
			.pinned = atomic64_read(&used[LAB_QUOTA_PINNED]),
			.tables = atomic64_read(&used[LAB_QUOTA_TABLES]),
		};
	}
	xa_unlock(&space->users);
}
