// SPDX-License-Identifier: GPL-2.0
/*
 * The automatic domain of a process: made by its first attach on the control
 * node, ended with its mm.
 *
 * It has no file, so an mmu_notifier tells of the end: release() runs when the
 * last thread has left the mm by exit or exec. Whoever works on the domain of
 * current->mm keeps that from happening, and needs no reference. While one
 * lives, the module cannot be removed.
 */
#include <linux/mmu_notifier.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "doors.h"

/**
 * struct lab_auto_domain - a process that has, or just wants, its domain
 * @mn: on the process's mm; one reference belongs to @df, one to each attach
 *	that found no domain
 * @df: the domain, NULL before the first attach (attach_lock)
 * @link: in machine->auto_domains, with @df (attach_lock)
 */
struct lab_auto_domain {
	struct mmu_notifier mn;
	struct lab_domain_file *df;
	struct list_head link;
};

static struct mmu_notifier *lab_auto_alloc(struct mm_struct *mm)
{
	struct lab_auto_domain *adom;

	adom = kzalloc(sizeof(*adom), GFP_KERNEL_ACCOUNT);
	return adom ? &adom->mn : ERR_PTR(-ENOMEM);
}

static void lab_auto_free(struct mmu_notifier *mn)
{
	kfree(container_of(mn, struct lab_auto_domain, mn));
}

static void lab_auto_end(struct mmu_notifier *mn, struct mm_struct *mm)
{
	struct lab_auto_domain *adom;
	struct lab_domain_file *df;
	struct mutex *lock; /* of the domain's machine */

	adom = container_of(mn, struct lab_auto_domain, mn);
	/* nobody else is left in this mm: no attach is running */
	df = adom->df;
	if (!df)
		return;
	lock = &df->machine->space.attach_lock;
	mutex_lock(lock);
	list_del(&adom->link);
	mutex_unlock(lock);
	lab_domain_file_release(df);
	kfree(df);
	mmu_notifier_put(mn);
	/* the rest of this function is waited for by lab_auto_domain_exit() */
	module_put(THIS_MODULE);
}

static const struct mmu_notifier_ops lab_auto_ops = {
	.release = lab_auto_end,
	.alloc_notifier = lab_auto_alloc,
	.free_notifier = lab_auto_free,
};

static struct lab_domain_file *lab_auto_find(struct lab_machine *machine)
{
	struct lab_auto_domain *adom;

	lockdep_assert_held(&machine->space.attach_lock);
	list_for_each_entry(adom, &machine->auto_domains, link)
		if (adom->df->domain->mm == current->mm)
			return adom->df;
	return NULL;
}

/**
 * lab_auto_domain - the automatic domain of the calling process
 * @door: of the file that asks for it
 *
 * Context: may sleep; takes attach_lock.
 * Return: the domain, which lives as long as the caller stays in its mm, or
 * ERR_PTR(-ENXIO): there is none.
 */
struct lab_domain_file *lab_auto_domain(struct lab_door *door)
{
	struct lab_machine *machine = door->machine;
	struct lab_domain_file *df;

	mutex_lock(&machine->space.attach_lock);
	df = lab_auto_find(machine);
	mutex_unlock(&machine->space.attach_lock);
	if (df)
		return df;
	return ERR_PTR(lab_refuse(door->refusal, -ENXIO,
				  "the process has no automatic domain: attach an endpoint first"));
}

static struct lab_domain_file *lab_auto_create(struct lab_machine *machine,
					       struct lab_refusal *refusal)
{
	struct lab_domain_params params = {
		.policy = LAB_POLICY_ALLOC,
		.mm = current->mm,
	};
	struct lab_domain_file *df;
	int ret;

	df = kzalloc(sizeof(*df), GFP_KERNEL_ACCOUNT);
	if (!df)
		return ERR_PTR(lab_refuse(refusal, -ENOMEM,
					  "no memory for the automatic domain"));
	ret = lab_domain_file_init(df, machine, &params, refusal);
	if (!ret)
		return df;
	kfree(df);
	return ERR_PTR(ret);
}

/* attaches to the process's domain: @fresh, if there is still none */
static int lab_auto_enter(struct lab_auto_domain *adom,
			  struct lab_domain_file *fresh, struct lab_node *node,
			  const struct file *file, struct lab_refusal *refusal)
{
	struct lab_machine *machine = fresh->machine;
	int ret;

	mutex_lock(&machine->space.attach_lock);
	ret = lab_node_attach(node, adom->df ?: fresh, file, refusal);
	if (!ret && !adom->df) {
		adom->df = fresh;
		list_add_tail(&adom->link, &machine->auto_domains);
		__module_get(THIS_MODULE);
	}
	mutex_unlock(&machine->space.attach_lock);
	return ret;
}

/* to the domain that there is; -ENXIO: there is none */
static int lab_auto_attach_again(struct lab_machine *machine,
				 struct lab_node *node,
				 const struct file *file,
				 struct lab_refusal *refusal)
{
	struct lab_domain_file *df;
	int ret = -ENXIO;

	if (mutex_lock_interruptible(&machine->space.attach_lock))
		return -EINTR;
	df = lab_auto_find(machine);
	if (df)
		ret = lab_node_attach(node, df, file, refusal);
	mutex_unlock(&machine->space.attach_lock);
	return ret;
}

static int lab_auto_attach_first(struct lab_machine *machine,
				 struct lab_node *node,
				 const struct file *file,
				 struct lab_refusal *refusal)
{
	struct lab_auto_domain *adom;
	struct lab_domain_file *fresh;
	struct mmu_notifier *mn;
	int ret;

	fresh = lab_auto_create(machine, refusal);
	if (IS_ERR(fresh)) {
		/* another thread may have made the last one that the quota allows */
		ret = lab_auto_attach_again(machine, node, file, refusal);
		return ret == -ENXIO ? PTR_ERR(fresh) : ret;
	}
	mn = mmu_notifier_get(&lab_auto_ops, current->mm);
	if (IS_ERR(mn)) {
		ret = lab_refuse(refusal, PTR_ERR(mn),
				 "the end of the process cannot be watched");
		goto discard;
	}
	adom = container_of(mn, struct lab_auto_domain, mn);
	ret = lab_auto_enter(adom, fresh, node, file, refusal);
	if (READ_ONCE(adom->df) == fresh)
		return 0;
	mmu_notifier_put(mn);
discard:
	lab_domain_file_release(fresh);
	kfree(fresh);
	return ret;
}

/**
 * lab_auto_attach - attach an endpoint to the automatic domain of the caller
 * @machine: the module
 * @node: the endpoint
 * @file: its open file
 * @refusal: of the control file that asked
 *
 * Makes the domain if there is none; a refused attach leaves none.
 *
 * Context: may sleep, no lock held: takes mmap_lock and attach_lock.
 * Return: 0, or what lab_domain_create(), lab_node_attach() return; -EINTR.
 */
int lab_auto_attach(struct lab_machine *machine, struct lab_node *node,
		    const struct file *file, struct lab_refusal *refusal)
{
	int ret;

	ret = lab_auto_attach_again(machine, node, file, refusal);
	if (ret != -ENXIO)
		return ret;
	return lab_auto_attach_first(machine, node, file, refusal);
}

/**
 * lab_auto_domain_exit - wait for the last steps of domains that have ended
 *
 * Context: may sleep; nothing can be opened any more.
 */
void lab_auto_domain_exit(void)
{
	mmu_notifier_synchronize();
}
