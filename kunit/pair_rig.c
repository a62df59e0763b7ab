// SPDX-License-Identifier: GPL-2.0
/* A unit in software and its driver, for the tests of remap/. */

#include <linux/mm.h>
#include <linux/slab.h>
#include "pair_rig.h"

const struct pair_config pair_default = {
	.vtd = {
		.name = "pair",
		.base = 0xfed90000,
		.levels = BIT(3) | BIT(4) | BIT(5),
		.width = 46,
		.nd = 6,
		.sslps = 3,
		.fault_records = 8,
		.pass_through = true,
		.iotlb_sets = 16,
		.iotlb_ways = 4,
	},
};

static struct pair_rig *rig_of(struct lab_seam *seam)
{
	return container_of(seam, struct pair_rig, seam);
}

static u32 pair_read32(struct lab_seam *seam, u32 reg)
{
	struct lab_seam *real = rig_of(seam)->real;

	return real->ops->read32(real, reg);
}

static u64 pair_read64(struct lab_seam *seam, u32 reg)
{
	struct pair_rig *rig = rig_of(seam);
	u64 value = rig->real->ops->read64(rig->real, reg);

	if (reg == VTD_CAP)
		value = (value & ~rig->config.cap_clear) | rig->config.cap_set;
	if (reg == VTD_ECAP)
		value = (value & ~rig->config.ecap_clear) |
			rig->config.ecap_set;
	return value;
}

static void pair_write32(struct lab_seam *seam, u32 reg, u32 value)
{
	struct pair_rig *rig = rig_of(seam);

	if (rig->before_write)
		rig->before_write(rig, reg, value);
	rig->real->ops->write32(rig->real, reg, value);
}

static void pair_write64(struct lab_seam *seam, u32 reg, u64 value)
{
	struct pair_rig *rig = rig_of(seam);

	if (rig->before_write)
		rig->before_write(rig, reg, value);
	rig->real->ops->write64(rig->real, reg, value);
}

/* no flush crosses a page: tables, entries, descriptors */
static void pair_flush(struct lab_seam *seam, void *start, size_t bytes)
{
	struct pair_rig *rig = rig_of(seam);
	unsigned long index = (unsigned long)start >> PAGE_SHIFT;
	u8 *copy = xa_load(&rig->shadow, index);
	unsigned long flags;

	if (!copy) {
		copy = kmalloc(PAGE_SIZE, GFP_ATOMIC);
		if (!copy)
			return;
		/* garbage, until it is flushed */
		memset(copy, 0xa5, PAGE_SIZE);
		xa_lock_irqsave(&rig->shadow, flags);
		__xa_store(&rig->shadow, index, copy, GFP_ATOMIC);
		xa_unlock_irqrestore(&rig->shadow, flags);
	}
	memcpy(copy + offset_in_page(start), start, bytes);
}

static void pair_connect(struct lab_seam *seam, void (*handler)(void *data),
			 void *data)
{
	struct lab_seam *real = rig_of(seam)->real;

	real->ops->connect(real, handler, data);
}

static const struct lab_seam_ops pair_ops = {
	.read32 = pair_read32,
	.read64 = pair_read64,
	.write32 = pair_write32,
	.write64 = pair_write64,
	.flush = pair_flush,
	.connect = pair_connect,
};

static void pair_fault(void *data, const struct lab_fault *fault)
{
	struct pair_rig *rig = data;

	lockdep_assert_irqs_disabled();
	rig->last_fault = *fault;
	atomic_inc(&rig->faults);
}

static void pair_lost(void *data)
{
	struct pair_rig *rig = data;

	atomic_inc(&rig->lost);
}

static void pair_dead(void *data)
{
	struct pair_rig *rig = data;

	atomic_inc(&rig->dead);
}

static void pair_destroy(void *data)
{
	struct pair_rig *rig = data;
	unsigned long index;
	void *copy;

	rig->before_write = NULL;
	if (rig->unit) {
		lab_unit_disable(rig->unit);
		lab_unit_destroy(rig->unit);
	}
	lab_vtd_destroy(rig->vtd);
	xa_for_each(&rig->shadow, index, copy)
		kfree(copy);
	xa_destroy(&rig->shadow);
}

/**
 * pair_create - a unit, and a seam for a driver to come
 * @test: whose it is
 * @config: what it is like
 *
 * Return: the pair; its unit is after reset.
 */
struct pair_rig *pair_create(struct kunit *test,
			     const struct pair_config *config)
{
	struct pair_rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->test = test;
	rig->config = *config;
	xa_init_flags(&rig->shadow, XA_FLAGS_LOCK_IRQ);
	rig->vtd = lab_vtd_create(&config->vtd);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, rig->vtd);
	rig->real = lab_vtd_seam(rig->vtd);
	rig->seam = *rig->real;
	rig->seam.ops = &pair_ops;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, pair_destroy, rig),
			0);
	return rig;
}

/**
 * pair_probe - make a driver
 * @rig: the pair
 * @out: the driver
 *
 * Return: what lab_unit_create() returns.
 */
int pair_probe(struct pair_rig *rig, struct lab_unit **out)
{
	const struct lab_unit_params params = {
		.seam = &rig->seam,
		.segment = 1,
		.dead = pair_dead,
		.fault = pair_fault,
		.lost = pair_lost,
		.data = rig,
	};

	return lab_unit_create(&params, out);
}

/**
 * pair_enable - a unit with a driver, translation on
 * @test: whose it is
 * @config: what it is like
 *
 * Return: the pair.
 */
struct pair_rig *pair_enable(struct kunit *test,
			     const struct pair_config *config)
{
	struct pair_rig *rig = pair_create(test, config);

	KUNIT_ASSERT_EQ(test, pair_probe(rig, &rig->unit), 0);
	KUNIT_ASSERT_EQ(test, lab_unit_enable(rig->unit), 0);
	return rig;
}

/**
 * pair_flushed - would a unit that does not snoop see memory as it is?
 * @rig: the pair
 * @start: first byte
 * @bytes: how many, within a page
 *
 * Return: true if what was flushed last equals what is there.
 */
bool pair_flushed(struct pair_rig *rig, const void *start, size_t bytes)
{
	u8 *copy = xa_load(&rig->shadow, (unsigned long)start >> PAGE_SHIFT);

	return copy && !memcmp(copy + offset_in_page(start), start, bytes);
}

static int pair_charge(void *data, long pages)
{
	struct pair_domain *domain = data;

	if (atomic_long_add_return(pages, &domain->charged) <= domain->limit)
		return 0;
	atomic_long_sub(pages, &domain->charged);
	return -ENOSPC;
}

static void pair_domain_destroy(void *data)
{
	struct pair_domain *domain = data;
	struct lab_remap_domain *rd = &domain->rd;

	while (domain->nr--)
		lab_remap_detach(rd, domain->attached[domain->nr].rig->unit,
				 domain->attached[domain->nr].sid);
	lab_remap_domain_destroy(rd);
	KUNIT_EXPECT_EQ(domain->test, atomic_long_read(&domain->charged),
			atomic_long_read(&rd->kept));
	KUNIT_EXPECT_EQ(domain->test, atomic_long_read(&rd->tables),
			atomic_long_read(&rd->kept));
}

/**
 * pair_domain_config - a domain
 * @test: whose it is
 * @config: its table; charge and data are set here
 *
 * Return: the domain, not attached.
 */
struct pair_domain *pair_domain_config(struct kunit *test,
				       const struct lab_remap_config *config)
{
	struct pair_domain *domain;
	struct lab_remap_config with_charge = *config;

	domain = kunit_kzalloc(test, sizeof(*domain), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, domain);
	domain->test = test;
	domain->limit = LONG_MAX;
	with_charge.charge = pair_charge;
	with_charge.data = domain;
	KUNIT_ASSERT_EQ(test, lab_remap_domain_init(&domain->rd, &with_charge,
						    GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test,
			kunit_add_action_or_reset(test, pair_domain_destroy,
						  domain), 0);
	return domain;
}

/**
 * pair_domain - a domain with leaves of all sizes
 * @test: whose it is
 * @levels: of its table
 *
 * Return: the domain, not attached.
 */
struct pair_domain *pair_domain(struct kunit *test, unsigned int levels)
{
	const struct lab_remap_config config = {
		.pt = { .levels = levels, .leaf_levels = 7, .oa_bits = 46 },
	};

	return pair_domain_config(test, &config);
}

/**
 * pair_attach - attach a source-id; it is detached with the domain
 * @domain: the domain
 * @rig: the pair
 * @sid: source-id
 *
 * Return: what lab_remap_attach() returns.
 */
int pair_attach(struct pair_domain *domain, struct pair_rig *rig, u16 sid)
{
	int ret = lab_remap_attach(&domain->rd, rig->unit, sid);

	if (ret)
		return ret;
	KUNIT_ASSERT_LT(domain->test, domain->nr, PAIR_ATTACHED);
	domain->attached[domain->nr].rig = rig;
	domain->attached[domain->nr++].sid = sid;
	return 0;
}

/**
 * pair_map - map, and make it usable
 * @domain: the domain
 * @iova: bytes
 * @oa: physical address
 * @length: bytes
 * @prot: LAB_PROT_*
 *
 * Return: the first error of lab_remap_map() and lab_remap_map_sync().
 */
int pair_map(struct pair_domain *domain, u64 iova, u64 oa, u64 length,
	     u32 prot)
{
	struct lab_remap_gather gather;
	u64 mapped;
	int ret, err;

	lab_remap_gather_init(&gather);
	ret = lab_remap_map(&domain->rd, iova, oa, length, prot, GFP_KERNEL,
			    &gather, &mapped);
	err = lab_remap_map_sync(&domain->rd, &gather);
	return ret ?: err;
}

/**
 * pair_unmap - unmap, and make each unit forget it
 * @domain: the domain
 * @iova: bytes
 * @length: bytes
 *
 * Return: what lab_remap_sync() returns; -ENOENT: not all was mapped.
 */
int pair_unmap(struct pair_domain *domain, u64 iova, u64 length)
{
	struct lab_remap_gather gather;
	u64 unmapped;
	int ret;

	lab_remap_gather_init(&gather);
	unmapped = lab_remap_unmap(&domain->rd, iova, length, &gather);
	ret = lab_remap_sync(&domain->rd, &gather);
	if (!ret && unmapped != length)
		ret = -ENOENT;
	return ret;
}

static void release_requester(void *data)
{
	struct lab_counters sum;

	lab_requester_release(data, &sum);
}

/**
 * pair_requester - somebody who asks for translations
 * @rig: the pair
 * @sid: source-id
 *
 * Return: the requester; released with the test.
 */
struct lab_requester *pair_requester(struct pair_rig *rig, u16 sid)
{
	struct kunit *test = rig->test;
	struct lab_requester *rq = kunit_kzalloc(test, sizeof(*rq), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rq);
	KUNIT_ASSERT_EQ(test, lab_requester_init(rq, rig->vtd, sid), 0);
	KUNIT_ASSERT_EQ(test,
			kunit_add_action_or_reset(test, release_requester, rq),
			0);
	return rq;
}

/**
 * pair_access - translate an address, as an access does
 * @rq: the requester
 * @iova: bytes
 * @write: kind of access
 * @tr: out
 *
 * Return: what lab_vtd_translate() returns.
 */
enum lab_translate_status pair_access(struct lab_requester *rq, u64 iova,
				      bool write, struct lab_translation *tr)
{
	enum lab_translate_status status;
	unsigned long flags;

	local_irq_save(flags);
	lab_inflight_begin(rq->vtd);
	status = lab_vtd_translate(rq, iova, write, tr);
	lab_inflight_end(rq->vtd);
	local_irq_restore(flags);
	return status;
}

/**
 * pair_pa - where a read goes
 * @rq: the requester
 * @iova: bytes
 *
 * Return: physical address, or U64_MAX when it is refused.
 */
u64 pair_pa(struct lab_requester *rq, u64 iova)
{
	struct lab_translation tr;

	return pair_access(rq, iova, false, &tr) == LAB_TRANSLATED ? tr.pa :
								     U64_MAX;
}

/**
 * pair_faults - is a read refused?
 * @rq: the requester
 * @iova: bytes
 *
 * Return: true if so.
 */
bool pair_faults(struct lab_requester *rq, u64 iova)
{
	struct lab_translation tr;

	return pair_access(rq, iova, false, &tr) == LAB_FAULTED;
}

static void free_test_page(void *page)
{
	__free_page(page);
}

/**
 * pair_page - a page of memory for a device
 * @test: whose it is
 *
 * Return: zeroed; freed with the test.
 */
struct page *pair_page(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test,
			kunit_add_action_or_reset(test, free_test_page, page),
			0);
	return page;
}
