// SPDX-License-Identifier: GPL-2.0
/*
 * What domain fds and automatic domains have in common: the domain, its
 * endpoints, its place in debugfs.
 */
#include <linux/sched.h>
#include "doors.h"

/**
 * lab_domain_file_init - make a domain, and let debugfs show it
 * @df: what to fill in; zeroed
 * @machine: where
 * @params: of the domain
 * @refusal: of the file that asked
 *
 * Context: the process that creates the domain; may sleep, no lock held.
 * Return: 0, -ENOMEM, or what lab_domain_create() returns.
 */
int lab_domain_file_init(struct lab_domain_file *df,
			 struct lab_machine *machine,
			 const struct lab_domain_params *params,
			 struct lab_refusal *refusal)
{
	int ret;

	df->machine = machine;
	INIT_LIST_HEAD(&df->nodes);
	ret = lab_domain_create(&machine->space, params, refusal, &df->domain);
	if (ret)
		return ret;
	ret = lab_event_queue_init(&df->events, df->domain->id);
	if (ret) {
		lab_domain_close(df->domain);
		return ret;
	}
	mutex_lock(&machine->space.attach_lock);
	list_add_tail(&df->link, &machine->domain_files);
	mutex_unlock(&machine->space.attach_lock);
	lab_debugfs_add_domain(df);
	return 0;
}

/**
 * lab_domain_file_release - the end of a domain
 * @df: nobody uses it any more
 *
 * Detaches its endpoints, unmaps all, lets the memory go.
 *
 * Context: may sleep, no lock held; the owner may be dead.
 */
void lab_domain_file_release(struct lab_domain_file *df)
{
	struct mutex *lock = &df->machine->space.attach_lock;

	/* debugfs files may take the lock: they go first, without it */
	lab_debugfs_remove_domain(df);
	mutex_lock(lock);
	lab_domain_file_detach(df);
	list_del(&df->link);
	mutex_unlock(lock);
	/* no endpoint is attached: nobody puts events in any more */
	lab_event_queue_destroy(&df->events);
	lab_domain_close(df->domain);
}

/**
 * lab_check_owner - whether the caller may use a domain, or only close its files
 * @domain: domain
 *
 * The sentence is only logged: what the file remembers is for its owner.
 *
 * Context: may sleep. Return: 0 or -EPERM.
 */
int lab_check_owner(const struct lab_domain *domain)
{
	if (domain->mm == current->mm)
		return 0;
	return lab_refuse(NULL, -EPERM,
			  "domain %u belongs to the process that created it, others can only close its files",
			  domain->id);
}
