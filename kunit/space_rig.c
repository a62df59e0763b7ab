// SPDX-License-Identifier: GPL-2.0
/* Two units with their drivers, a space over them, and pages that look pinned. */

#include <linux/mm.h>
#include <linux/page_ref.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "space_rig.h"

const struct lab_resv space_rig_rmrrs[2] = {
	{ RIG_RMRR + 0x1000, RIG_RMRR_LAST },
	{ RIG_RMRR, RIG_RMRR + 0xfff },
};

static const struct lab_limits limits = {
	.domains = RIG_DOMAINS,
	.mappings = RIG_MAPPINGS,
	.pinned = RIG_PINNED,
	.tables = RIG_TABLES,
};

static void add_unit(struct space_rig *rig, unsigned int i, bool scalable)
{
	struct lab_vtd_config config = {
		.name = i ? "rig1" : "rig0",
		.base = 0xfed90000 + i * 0x1000,
		/* the second one cannot walk 5 levels, nor map 1 GiB at once */
		.levels = BIT(3) | BIT(4) | (i ? 0 : BIT(5)),
		.width = 52,
		.nd = 6,
		.sslps = i ? 1 : 3,
		.fault_records = 1,
		.pass_through = true,
		.scalable = scalable,
		.iotlb_sets = 4,
		.iotlb_ways = 2,
	};
	struct lab_unit_params params = { .index = i, .width = 52 };

	rig->vtd[i] = lab_vtd_create(&config);
	KUNIT_ASSERT_FALSE(rig->test, IS_ERR_OR_NULL(rig->vtd[i]));
	params.seam = lab_vtd_seam(rig->vtd[i]);
	KUNIT_ASSERT_EQ(rig->test, 0,
			lab_unit_create(&params, &rig->unit[i]));
	KUNIT_ASSERT_EQ(rig->test, 0, lab_unit_enable(rig->unit[i]));
}

static int make(struct kunit *test, bool scalable)
{
	struct space_rig *rig;
	unsigned int i;

	rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rig);
	test->priv = rig;
	rig->test = test;
	lab_refusal_init(&rig->refusal);

	rig->pages = alloc_pages(GFP_KERNEL, ilog2(RIG_PAGES));
	KUNIT_ASSERT_NOT_NULL(test, rig->pages);
	split_page(rig->pages, ilog2(RIG_PAGES));
	for (i = 0; i < RIG_UNITS; i++)
		add_unit(rig, i, scalable);
	KUNIT_ASSERT_EQ(test, 0,
			lab_space_init(&rig->space, rig->unit, RIG_UNITS,
				       space_rig_rmrrs,
				       ARRAY_SIZE(space_rig_rmrrs), &limits));
	return 0;
}

/* kunit_suite.init */
int space_rig_init(struct kunit *test)
{
	return make(test, false);
}

/* the same, with units in scalable mode */
int space_rig_init_scalable(struct kunit *test)
{
	return make(test, true);
}

/* kunit_suite.exit: by now each test has let go of what it had */
void space_rig_exit(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_usage usage;
	unsigned int i;

	if (rig->space.resv) {
		if (!atomic_long_read(&rig->space.kept_pages)) {
			lab_space_usage(&rig->space, &usage);
			KUNIT_EXPECT_EQ(test, 0, usage.used.domains);
			KUNIT_EXPECT_EQ(test, 0, usage.used.mappings);
			KUNIT_EXPECT_EQ(test, 0, usage.used.pinned);
			KUNIT_EXPECT_EQ(test, 0, usage.used.tables);
			KUNIT_EXPECT_TRUE(test, xa_empty(&rig->space.users));
			KUNIT_EXPECT_TRUE(test, xa_empty(&rig->space.domains));
		}
		lab_space_destroy(&rig->space);
	}
	for (i = 0; i < RIG_UNITS; i++) {
		if (rig->unit[i]) {
			lab_unit_disable(rig->unit[i]);
			lab_unit_destroy(rig->unit[i]);
		}
		if (!IS_ERR_OR_NULL(rig->vtd[i]))
			lab_vtd_destroy(rig->vtd[i]);
	}
	KUNIT_EXPECT_EQ(test, 0, space_rig_pins(rig));
	for (i = 0; rig->pages && i < RIG_PAGES; i++)
		__free_page(rig->pages + i);
}

/* a domain without an owner; both ends of the aperture 0: the default */
struct lab_domain *space_rig_domain(struct space_rig *rig,
				    enum lab_policy policy, u64 start,
				    u64 last)
{
	struct lab_domain_params params = {
		.policy = policy,
		.start = start,
		.last = last,
	};

	return space_rig_domain_with(rig, &params);
}

struct lab_domain *space_rig_domain_with(struct space_rig *rig,
					 const struct lab_domain_params *params)
{
	struct lab_domain *domain;

	KUNIT_ASSERT_EQ_MSG(rig->test, 0,
			    lab_domain_create(&rig->space, params,
					      &rig->refusal, &domain),
			    "%s", rig->refusal.text);
	return domain;
}

/* a mapping of pages of the rig, which have got the references of a pin */
struct lab_mapping *space_rig_pin(struct space_rig *rig, unsigned int first,
				  unsigned int nr, u32 prot)
{
	struct lab_mapping *mapping = lab_mapping_alloc(1);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(rig->test, mapping);
	mapping->prot = prot;
	for (i = first; i < first + nr; i++) {
		page_ref_add(rig->pages + i, GUP_PIN_COUNTING_BIAS);
		KUNIT_ASSERT_EQ(rig->test, 0,
				lab_mapping_append(&mapping, rig->pages + i,
						   nr));
	}
	return mapping;
}

/* what lab_domain_map() does, with pages of the rig in place of a process's */
int space_rig_map(struct space_rig *rig, struct lab_domain *domain,
		  struct lab_map_request *request, unsigned int first,
		  unsigned int nr)
{
	u64 length = (u64)nr << PAGE_SHIFT;
	struct lab_mapping *mapping;
	int err;

	err = lab_iova_check(domain, request, length, &rig->refusal);
	if (err)
		return err;
	err = lab_mapping_charge(domain, nr, &rig->refusal);
	if (err)
		return err;
	mapping = space_rig_pin(rig, first, nr, request->prot);
	return lab_mapping_install(domain, mapping, request, length,
				   &rig->refusal);
}

int space_rig_map_at(struct space_rig *rig, struct lab_domain *domain, u64 iova,
		     unsigned int first, unsigned int nr, u32 prot)
{
	struct lab_map_request request = { .prot = prot, .iova = iova };

	return space_rig_map(rig, domain, &request, first, nr);
}

/* strict unmap; bytes unmapped in the end, or the errno */
int space_rig_unmap(struct space_rig *rig, struct lab_domain *domain, u64 start,
		    u64 last)
{
	u64 unmapped;
	int err;

	err = lab_domain_unmap(domain, start, last - start + 1, false,
			       &unmapped, &rig->refusal);
	return err ?: unmapped;
}

/* pins that are held on pages of the rig */
int space_rig_pins(struct space_rig *rig)
{
	int pins = 0;
	unsigned int i;

	for (i = 0; rig->pages && i < RIG_PAGES; i++)
		pins += (page_ref_count(rig->pages + i) - 1) /
			GUP_PIN_COUNTING_BIAS;
	return pins;
}

/* whether the table of a domain has a leaf for an IOVA */
bool space_rig_mapped(struct lab_domain *domain, u64 iova)
{
	struct lab_walk walk = {};
	bool leaf;

	rcu_read_lock();
	leaf = lab_vtdss_lookup(&domain->remap.pt, iova, &walk) ==
	       LAB_WALK_LEAF;
	rcu_read_unlock();
	return leaf;
}

/* enters a range of nothing into the tree of an ALLOC domain, and no more */
int space_rig_take(struct lab_domain *domain, struct lab_mapping *mapping,
		   u64 length, u64 align)
{
	struct lab_map_request request = { .align = align };
	int err;

	mutex_lock(&domain->map_lock);
	err = lab_iova_insert(domain, mapping, &request, length, NULL);
	mutex_unlock(&domain->map_lock);
	return err;
}

/* undoes space_rig_take() */
void space_rig_give_back(struct lab_domain *domain,
			 struct lab_mapping *mapping)
{
	mutex_lock(&domain->map_lock);
	lab_iova_erase(domain, mapping);
	mutex_unlock(&domain->map_lock);
}
