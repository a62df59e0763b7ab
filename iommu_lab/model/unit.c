// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a unit and of its requesters, and what they counted.
 */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "vtd_int.h"

#define LAB_ALL_LEVELS	(BIT(3) | BIT(4) | BIT(5))
#define LAB_MAX_ND	6	/* 65536 domain ids: all that a tag holds */

static bool lab_config_valid(const struct lab_vtd_config *config)
{
	return config->levels && !(config->levels & ~LAB_ALL_LEVELS) &&
	       config->width >= 12 && config->width <= 52 &&
	       config->nd <= LAB_MAX_ND && config->sslps <= 3 &&
	       config->fault_records >= 1 &&
	       config->fault_records <= LAB_MAX_FAULT_RECORDS &&
	       is_power_of_2(config->iotlb_sets) &&
	       config->iotlb_sets <= LAB_MAX_SETS &&
	       config->iotlb_ways >= 1 && config->iotlb_ways <= LAB_MAX_WAYS &&
	       (config->interrupts || !config->eim) &&
	       config->defect <= LAB_DEFECT_STUCK;
}

static void lab_vtd_init(struct lab_vtd *vtd, const struct lab_vtd_config *config)
{
	vtd->config = *config;
	strscpy(vtd->name, config->name, sizeof(vtd->name));
	vtd->config.name = vtd->name;
	vtd->seam.ops = &lab_vtd_seam_ops;
	vtd->seam.name = vtd->name;
	vtd->seam.base = config->base;
	vtd->oa_mask = GENMASK_ULL(config->width - 1, 0) & ~4095ULL;
	vtd->set_mask = config->iotlb_sets - 1;
	vtd->ways = config->iotlb_ways;
	vtd->width = config->width;
	vtd->leaf_levels = 1 | config->sslps << 1;
	raw_spin_lock_init(&vtd->queue_lock);
	raw_spin_lock_init(&vtd->cache_lock);
	raw_spin_lock_init(&vtd->fault_lock);
	mutex_init(&vtd->requesters_mutex);
	INIT_LIST_HEAD(&vtd->requesters);
	lab_line_init(vtd);
	lab_regs_init(vtd);
	lab_vtd_set_defect(vtd, config->defect);
}

static bool lab_vtd_alloc_caches(struct lab_vtd *vtd)
{
	size_t sets = vtd->config.iotlb_sets;

	vtd->iotlb = kvcalloc(sets * vtd->config.iotlb_ways,
			      sizeof(*vtd->iotlb), GFP_KERNEL);
	vtd->hands = kvcalloc(sets, sizeof(*vtd->hands), GFP_KERNEL);
	vtd->sets_used = bitmap_zalloc(sets, GFP_KERNEL);
	vtd->contexts = kvcalloc(LAB_CONTEXT_SLOTS, sizeof(*vtd->contexts),
				 GFP_KERNEL);
	if (vtd->config.scalable)
		vtd->pasids = kvcalloc(LAB_PASID_SLOTS, sizeof(*vtd->pasids),
				       GFP_KERNEL);
	vtd->psc = kvcalloc(LAB_PSC_SLOTS, sizeof(*vtd->psc), GFP_KERNEL);
	if (vtd->config.interrupts)
		vtd->irtes = kvcalloc(LAB_IRTE_SLOTS, sizeof(*vtd->irtes),
				      GFP_KERNEL);
	return vtd->iotlb && vtd->hands && vtd->sets_used && vtd->contexts &&
	       (vtd->pasids || !vtd->config.scalable) && vtd->psc &&
	       (vtd->irtes || !vtd->config.interrupts);
}

/* Also undoes a create that stopped half way. */
static void lab_vtd_free(struct lab_vtd *vtd)
{
	kvfree(vtd->irtes);
	kvfree(vtd->psc);
	kvfree(vtd->pasids);
	kvfree(vtd->contexts);
	bitmap_free(vtd->sets_used);
	kvfree(vtd->hands);
	kvfree(vtd->iotlb);
	kvfree(vtd);
}

/**
 * lab_vtd_create - make a unit, in its state after reset
 * @config: what it can do
 *
 * May sleep.
 *
 * Return: the unit, or ERR_PTR: -EINVAL a value of @config is out of range,
 * -ENOMEM.
 */
struct lab_vtd *lab_vtd_create(const struct lab_vtd_config *config)
{
	struct lab_vtd *vtd;

	if (!lab_config_valid(config))
		return ERR_PTR(-EINVAL);
	vtd = kvzalloc(sizeof(*vtd), GFP_KERNEL);
	if (!vtd)
		return ERR_PTR(-ENOMEM);
	lab_vtd_init(vtd, config);
	if (!lab_vtd_alloc_caches(vtd)) {
		lab_vtd_free(vtd);
		return ERR_PTR(-ENOMEM);
	}
	return vtd;
}

/**
 * lab_vtd_destroy - free a unit
 * @vtd: the unit; it has no requester, and its line is disconnected
 *
 * May sleep.
 */
void lab_vtd_destroy(struct lab_vtd *vtd)
{
	WARN_ON(!list_empty(&vtd->requesters));
	irq_work_sync(&vtd->line_work);
	lab_vtd_free(vtd);
}

/**
 * lab_vtd_seam - the way for a driver to reach a unit
 * @vtd: the unit
 *
 * Return: its seam, valid as long as the unit.
 */
struct lab_seam *lab_vtd_seam(struct lab_vtd *vtd)
{
	return &vtd->seam;
}

/**
 * lab_vtd_set_defect - break a unit, or repair it
 * @vtd: the unit
 * @defect: what is wrong with it from now on
 *
 * Any context. What a stuck unit left undone is done after the next write to
 * IQT, CCMD or IOTLB.
 */
void lab_vtd_set_defect(struct lab_vtd *vtd, enum lab_defect defect)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&vtd->queue_lock, flags);
	WRITE_ONCE(vtd->defect, defect);
	if (defect == LAB_DEFECT_ZERO || defect == LAB_DEFECT_ONES)
		set_bit(LAB_STATE_MUTE, &vtd->state);
	else
		clear_bit(LAB_STATE_MUTE, &vtd->state);
	raw_spin_unlock_irqrestore(&vtd->queue_lock, flags);
}

/**
 * lab_vtd_sever - cut a unit off: each translation is refused from now on
 * @vtd: the unit
 *
 * Any context, any lock held. Does not wait for what is in flight.
 */
void lab_vtd_sever(struct lab_vtd *vtd)
{
	set_bit(LAB_STATE_SEVERED, &vtd->state);
}

/**
 * lab_vtd_is_severed - whether a unit was cut off
 * @vtd: the unit
 *
 * Return: true after lab_vtd_sever().
 */
bool lab_vtd_is_severed(const struct lab_vtd *vtd)
{
	return test_bit(LAB_STATE_SEVERED, &vtd->state);
}

/**
 * lab_requester_init - a new requester
 * @rq: the requester
 * @vtd: its unit, or NULL
 * @sid: its source-id
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int lab_requester_init(struct lab_requester *rq, struct lab_vtd *vtd, u16 sid)
{
	rq->counters = alloc_percpu(struct lab_counters);
	if (!rq->counters)
		return -ENOMEM;
	rq->vtd = vtd;
	rq->sid = sid;
	INIT_LIST_HEAD(&rq->link);
	if (!vtd)
		return 0;
	mutex_lock(&vtd->requesters_mutex);
	list_add_tail(&rq->link, &vtd->requesters);
	mutex_unlock(&vtd->requesters_mutex);
	return 0;
}

/**
 * lab_requester_read - what a requester counted
 * @rq: the requester
 * @sum: out: over all CPUs, exact when no translation runs
 *
 * Any context.
 */
void lab_requester_read(const struct lab_requester *rq,
			struct lab_counters *sum)
{
	int cpu, i;

	*sum = (struct lab_counters){};
	for_each_possible_cpu(cpu) {
		const struct lab_counters *c = per_cpu_ptr(rq->counters, cpu);

		for (i = 0; i < LAB_NR_COUNTERS; i++)
			sum->c[i] += READ_ONCE(c->c[i]);
	}
}

/**
 * lab_requester_release - the end of a requester
 * @rq: the requester; no translation of it runs
 * @sum: out: what it counted, for the last time
 *
 * May sleep. The counts stay in the sums of the unit.
 */
void lab_requester_release(struct lab_requester *rq, struct lab_counters *sum)
{
	struct lab_vtd *vtd = rq->vtd;

	if (vtd) {
		mutex_lock(&vtd->requesters_mutex);
		lab_requester_read(rq, sum);
		lab_counters_add(&vtd->stats.sum, sum);
		list_del(&rq->link);
		mutex_unlock(&vtd->requesters_mutex);
	} else {
		lab_requester_read(rq, sum);
	}
	free_percpu(rq->counters);
}

/**
 * lab_requester_refuse - count an access that is refused where there is no unit
 * @rq: requester without a unit
 * @write: kind of access
 *
 * Context: interrupts off.
 *
 * Return: the reason that a unit would record for an address that is not mapped,
 * or not for this kind of access (VT-d 7.1.3).
 */
u8 lab_requester_refuse(struct lab_requester *rq, bool write)
{
	u8 reason = write ? VTD_FAULT_WRITE : VTD_FAULT_READ;

	lockdep_assert_irqs_disabled();
	lab_count(rq, LAB_CNT_FAULT + reason);
	return reason;
}

/**
 * lab_vtd_read_stats - what a unit did
 * @vtd: the unit
 * @stats: out: exact when nothing runs
 *
 * May sleep.
 */
void lab_vtd_read_stats(struct lab_vtd *vtd, struct lab_vtd_stats *stats)
{
	struct lab_requester *rq;
	struct lab_counters one;

	mutex_lock(&vtd->requesters_mutex);
	raw_spin_lock_irq(&vtd->queue_lock);
	raw_spin_lock(&vtd->cache_lock);
	raw_spin_lock(&vtd->fault_lock);
	*stats = vtd->stats;
	raw_spin_unlock(&vtd->fault_lock);
	raw_spin_unlock(&vtd->cache_lock);
	raw_spin_unlock_irq(&vtd->queue_lock);
	list_for_each_entry(rq, &vtd->requesters, link) {
		lab_requester_read(rq, &one);
		lab_counters_add(&stats->sum, &one);
	}
	mutex_unlock(&vtd->requesters_mutex);
}
