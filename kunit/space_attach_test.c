// SPDX-License-Identifier: GPL-2.0
/* space/: quotas, devices, reserved direct ranges, dead units. */

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/page_ref.h>
#include <linux/sizes.h>
#include "seed.h"
#include "space_rig.h"
#include "suites.h"

#define RW	(LAB_PROT_READ | LAB_PROT_WRITE)
#define PAGE(n)	((u64)(n) << PAGE_SHIFT)

static void used(struct kunit *test, u64 domains, u64 mappings, u64 pinned)
{
	struct space_rig *rig = test->priv;
	struct lab_usage usage;

	lab_space_usage(&rig->space, &usage);
	KUNIT_EXPECT_EQ(test, domains, usage.used.domains);
	KUNIT_EXPECT_EQ(test, mappings, usage.used.mappings);
	KUNIT_EXPECT_EQ(test, pinned, usage.used.pinned);
	KUNIT_EXPECT_EQ(test, RIG_MAPPINGS, usage.limits.mappings);
}

static void quota_of_mappings(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = space_rig_domain(rig, LAB_POLICY_ALLOC, 0,
						     0);
	struct lab_map_request request = { .prot = RW };
	struct lab_mapping *mapping;
	unsigned int i;

	for (i = 0; i < RIG_MAPPINGS; i++)
		KUNIT_ASSERT_EQ(test, 0, space_rig_map_at(rig, domain, 0,
							  0, 1, RW));
	used(test, 1, RIG_MAPPINGS, RIG_MAPPINGS);
	KUNIT_EXPECT_EQ(test, -ENOSPC,
			space_rig_map_at(rig, domain, 0, 0, 1, RW));
	KUNIT_EXPECT_NOT_NULL(test, strstr(rig->refusal.text, "max_mappings"));
	used(test, 1, RIG_MAPPINGS, RIG_MAPPINGS);
	KUNIT_EXPECT_EQ(test, RIG_MAPPINGS, domain->nr_mappings);

	/* one goes, one comes: at the IOVA of the one that went */
	KUNIT_EXPECT_EQ(test, PAGE(1),
			space_rig_unmap(rig, domain, 4ULL * SZ_1G + PAGE(7),
					4ULL * SZ_1G + PAGE(8) - 1));
	KUNIT_ASSERT_EQ(test, 0,
			lab_mapping_charge(domain, 1, &rig->refusal));
	mapping = space_rig_pin(rig, 1, 1, RW);
	KUNIT_ASSERT_EQ(test, 0,
			lab_mapping_install(domain, mapping, &request, PAGE(1),
					    &rig->refusal));
	KUNIT_EXPECT_EQ(test, 4ULL * SZ_1G + PAGE(7), request.iova);
	KUNIT_EXPECT_EQ(test, PAGE(1), request.length);
	lab_domain_close(domain);
	used(test, 0, 0, 0);
}

static void quota_of_pages_and_domains(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain_params params = { .policy = LAB_POLICY_FIXED };
	struct lab_domain *domains[RIG_DOMAINS], *more;
	unsigned int i;

	for (i = 0; i < RIG_DOMAINS; i++)
		domains[i] = space_rig_domain(rig, LAB_POLICY_FIXED, 0, 0);
	KUNIT_EXPECT_EQ(test, -ENOSPC,
			lab_domain_create(&rig->space, &params, &rig->refusal,
					  &more));
	KUNIT_EXPECT_NOT_NULL(test, strstr(rig->refusal.text, "max_domains"));

	/* the quota is the user's, over all domains */
	for (i = 0; i < RIG_PINNED / 10; i++)
		KUNIT_ASSERT_EQ(test, 0,
				space_rig_map_at(rig, domains[i % 2], PAGE(10 * i),
						 0, 10, RW));
	KUNIT_EXPECT_EQ(test, -ENOSPC,
			space_rig_map_at(rig, domains[2], 0, 0, 1, RW));
	KUNIT_EXPECT_NOT_NULL(test, strstr(rig->refusal.text, "max_pinned"));
	used(test, RIG_DOMAINS, RIG_PINNED / 10, RIG_PINNED);

	lab_domain_close(domains[0]);
	used(test, RIG_DOMAINS - 1, RIG_PINNED / 20, RIG_PINNED / 2);
	KUNIT_EXPECT_EQ(test, 0,
			space_rig_map_at(rig, domains[2], 0, 0, 1, RW));
	for (i = 1; i < RIG_DOMAINS; i++)
		lab_domain_close(domains[i]);
}

static void quota_of_tables(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = space_rig_domain(rig, LAB_POLICY_FIXED, 0,
						     0);
	struct lab_map_request request = { .prot = RW };
	struct lab_mapping *mapping;
	u64 i, bytes = 0;
	int err = 0;

	/* each needs a table of its own at three levels */
	for (i = 1; i < RIG_TABLES && !err; i++)
		err = space_rig_map_at(rig, domain, i << 39, 0, 1, RW);
	KUNIT_EXPECT_EQ(test, -ENOSPC, err);
	KUNIT_EXPECT_NOT_NULL(test, strstr(rig->refusal.text, "max_tables"));
	KUNIT_EXPECT_EQ(test, RIG_TABLES / 3, i - 2);
	KUNIT_EXPECT_EQ(test, i - 2, domain->nr_mappings);
	KUNIT_EXPECT_EQ(test, i - 2, space_rig_pins(rig));
	used(test, 1, i - 2, i - 2);
	KUNIT_EXPECT_EQ(test, -ENOENT,
			space_rig_unmap(rig, domain, (i - 1) << 39,
					((i - 1) << 39) + PAGE(1) - 1));

	/* a failure behind the first extent takes back the first one */
	request.iova = (1ULL << 39) + SZ_2M - PAGE(1);
	KUNIT_ASSERT_EQ(test, 0, lab_mapping_charge(domain, 2, NULL));
	mapping = space_rig_pin(rig, 0, 1, RW);
	page_ref_add(rig->pages + 2, GUP_PIN_COUNTING_BIAS);
	KUNIT_ASSERT_EQ(test, 0,
			lab_mapping_append(&mapping, rig->pages + 2, 2));
	rig->space.limits.tables = atomic64_read(&domain->user->used[LAB_QUOTA_TABLES]);
	KUNIT_EXPECT_EQ(test, -ENOSPC,
			lab_mapping_install(domain, mapping, &request, PAGE(2),
					    &rig->refusal));
	KUNIT_EXPECT_FALSE(test, space_rig_mapped(domain, request.iova));
	KUNIT_EXPECT_EQ(test, i - 2, space_rig_pins(rig));
	used(test, 1, i - 2, i - 2);

	KUNIT_EXPECT_EQ(test, 0,
			lab_domain_unmap(domain, 0, BIT_ULL(48), true, &bytes,
					 NULL));
	KUNIT_EXPECT_EQ(test, PAGE(i - 2), bytes);
	lab_domain_close(domain);
}

#define CHARGERS	4
#define CHARGES		20000

struct charger {
	struct lab_user *user;
	struct completion done;
	unsigned int number;
	unsigned int refused;
	bool over;
};

/* takes and gives back up to 3 at once; 4 threads want up to 12 of 7 */
static int charge_again_and_again(void *data)
{
	struct charger *charger = data;
	struct rnd_state rnd;
	unsigned int i;

	lab_test_rnd_init(&rnd, charger->number);
	for (i = 0; i < CHARGES; i++) {
		u64 amount = 1 + lab_test_below(&rnd, 3);

		if (lab_user_charge(charger->user, LAB_QUOTA_PINNED, amount)) {
			charger->refused++;
			cond_resched();
			continue;
		}
		if (atomic64_read(&charger->user->used[LAB_QUOTA_PINNED]) > 7)
			charger->over = true;
		if (i % 64 == 0)
			schedule();
		lab_user_uncharge(charger->user, LAB_QUOTA_PINNED, amount);
	}
	complete(&charger->done);
	return 0;
}

static void quotas_hold_under_concurrent_use(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct charger *chargers;
	struct lab_user *user;
	unsigned int i, nr;

	chargers = kunit_kcalloc(test, CHARGERS, sizeof(*chargers), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, chargers);
	user = lab_user_get(&rig->space);
	KUNIT_ASSERT_FALSE(test, IS_ERR(user));
	rig->space.limits.pinned = 7;
	for (nr = 0; nr < CHARGERS; nr++) {
		struct task_struct *task;

		chargers[nr].user = user;
		chargers[nr].number = nr;
		init_completion(&chargers[nr].done);
		task = kthread_run(charge_again_and_again, &chargers[nr],
				   "lab_charger/%u", nr);
		if (IS_ERR(task))
			break;
	}
	for (i = 0; i < nr; i++) {
		wait_for_completion(&chargers[i].done);
		KUNIT_EXPECT_FALSE(test, chargers[i].over);
		KUNIT_EXPECT_LT(test, chargers[i].refused, CHARGES);
	}
	KUNIT_EXPECT_EQ(test, CHARGERS, nr);
	KUNIT_EXPECT_EQ(test, 0,
			atomic64_read(&user->used[LAB_QUOTA_PINNED]));
	KUNIT_EXPECT_EQ(test, 0, lab_user_charge(user, LAB_QUOTA_PINNED, 7));
	KUNIT_EXPECT_EQ(test, -ENOSPC,
			lab_user_charge(user, LAB_QUOTA_PINNED, 1));
	KUNIT_EXPECT_EQ(test, -ENOSPC,
			lab_user_charge(user, LAB_QUOTA_PINNED, U64_MAX));
	lab_user_uncharge(user, LAB_QUOTA_PINNED, 7);
	lab_user_put(user);
}

static int attach(struct space_rig *rig, struct lab_domain *domain,
		  struct lab_device *dev)
{
	return lab_domain_attach(domain, dev, &rig->refusal);
}

static int detach(struct space_rig *rig, struct lab_domain *domain,
		  struct lab_device *dev)
{
	return lab_domain_detach(domain, dev);
}

static void one_domain_per_device(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *a = space_rig_domain(rig, LAB_POLICY_FIXED, 0, 0);
	struct lab_domain *b = space_rig_domain(rig, LAB_POLICY_ALLOC, 0, 0);
	struct lab_device dev[3];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dev); i++) {
		KUNIT_ASSERT_EQ(test, 0,
				lab_device_init(&dev[i], rig->unit[i % 2],
						0x108 + 8 * i, NULL, 0));
		KUNIT_EXPECT_EQ(test, -ENOENT, detach(rig, a, &dev[i]));
		KUNIT_EXPECT_EQ(test, 0, attach(rig, a, &dev[i]));
		KUNIT_EXPECT_EQ(test, -EALREADY, attach(rig, a, &dev[i]));
		KUNIT_EXPECT_EQ(test, -EBUSY, attach(rig, b, &dev[i]));
		KUNIT_EXPECT_EQ(test, EBUSY, rig->refusal.error);
		KUNIT_EXPECT_EQ(test, -ENOENT, detach(rig, b, &dev[i]));
	}
	KUNIT_EXPECT_EQ(test, 3, a->nr_devices);
	KUNIT_EXPECT_EQ(test, 0, detach(rig, a, &dev[0]));
	KUNIT_EXPECT_EQ(test, 0, attach(rig, b, &dev[0]));
	KUNIT_EXPECT_EQ(test, 0, detach(rig, b, &dev[0]));
	KUNIT_EXPECT_EQ(test, 0, attach(rig, a, &dev[0]));
	/* the end of a domain blocks whatever is attached */
	lab_domain_close(a);
	for (i = 0; i < ARRAY_SIZE(dev); i++) {
		KUNIT_EXPECT_NULL(test, dev[i].domain);
		KUNIT_EXPECT_EQ(test, 0, attach(rig, b, &dev[i]));
	}
	lab_domain_close(b);
	for (i = 0; i < ARRAY_SIZE(dev); i++)
		lab_device_release(&dev[i]);
}

static void identity_maps_nothing(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_range range = { .addr = PAGE(16), .length = PAGE(1) };
	struct lab_map_request request = {
		.ranges = &range,
		.nr = 1,
		.prot = RW,
	};
	struct lab_domain *domain;
	struct lab_device dev;
	struct lab_resv *ranges;
	unsigned int nr;

	if (!lab_may_use_phys()) {
		kunit_skip(test, "the kernel is locked down");
		return;
	}
	domain = space_rig_domain(rig, LAB_POLICY_IDENTITY, 0, 0);
	KUNIT_EXPECT_EQ(test, IOMMU_DOMAIN_IDENTITY, domain->iommu.type);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			lab_domain_map(domain, &request, NULL));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			space_rig_unmap(rig, domain, 0, PAGE(1) - 1));
	KUNIT_ASSERT_EQ(test, 0, lab_domain_ranges(domain, &ranges, &nr));
	KUNIT_EXPECT_EQ(test, 0, nr);
	kfree(ranges);
	KUNIT_ASSERT_EQ(test, 0,
			lab_device_init(&dev, rig->unit[0], 0x108,
					space_rig_rmrrs, 1));
	KUNIT_EXPECT_EQ(test, 0, attach(rig, domain, &dev));
	KUNIT_EXPECT_EQ(test, 0, detach(rig, domain, &dev));
	lab_device_release(&dev);
	lab_domain_close(domain);
}

/* which of the two reserved pages, and the page behind, have a leaf */
static unsigned int rmrr_pages(struct lab_domain *domain)
{
	return space_rig_mapped(domain, RIG_RMRR) |
	       space_rig_mapped(domain, RIG_RMRR + PAGE(1)) << 1 |
	       space_rig_mapped(domain, RIG_RMRR + PAGE(2)) << 2;
}

static void rmrrs_go_with_their_last_device(struct kunit *test)
{
	static const struct lab_resv both = { RIG_RMRR, RIG_RMRR_LAST };
	static const struct lab_resv elsewhere = { 0x100000, 0x100fff };
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = space_rig_domain(rig, LAB_POLICY_FIXED, 0,
						     0);
	struct lab_device upper, lower, wide, wrong;

	KUNIT_ASSERT_EQ(test, 0,
			lab_device_init(&upper, rig->unit[0], 0x108,
					&space_rig_rmrrs[0], 1));
	KUNIT_ASSERT_EQ(test, 0,
			lab_device_init(&lower, rig->unit[1], 0x110,
					&space_rig_rmrrs[1], 1));
	KUNIT_ASSERT_EQ(test, 0,
			lab_device_init(&wide, rig->unit[0], 0x118, &both, 1));
	KUNIT_ASSERT_EQ(test, 0,
			lab_device_init(&wrong, rig->unit[0], 0x120,
					&elsewhere, 1));
	KUNIT_ASSERT_NOT_NULL(test, upper.blocked);
	KUNIT_EXPECT_EQ(test, 1,
			lab_remap_did(upper.blocked, rig->unit[0]));

	KUNIT_EXPECT_EQ(test, 0, attach(rig, domain, &upper));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			lab_remap_did(upper.blocked, rig->unit[0]));
	KUNIT_EXPECT_EQ(test, 2, rmrr_pages(domain));
	KUNIT_EXPECT_EQ(test, 0, attach(rig, domain, &wide));
	KUNIT_EXPECT_EQ(test, 3, rmrr_pages(domain));
	KUNIT_EXPECT_EQ(test, 0, attach(rig, domain, &lower));
	KUNIT_EXPECT_EQ(test, 0, detach(rig, domain, &upper));
	KUNIT_EXPECT_LT(test, 0, lab_remap_did(upper.blocked, rig->unit[0]));
	KUNIT_EXPECT_EQ(test, 3, rmrr_pages(domain));
	KUNIT_EXPECT_EQ(test, 0, detach(rig, domain, &wide));
	KUNIT_EXPECT_EQ(test, 1, rmrr_pages(domain));
	KUNIT_EXPECT_EQ(test, 0, detach(rig, domain, &lower));
	KUNIT_EXPECT_EQ(test, 0, rmrr_pages(domain));
	/* they are no mappings of a user */
	KUNIT_EXPECT_EQ(test, 0, domain->nr_mappings);
	/* what is not reserved in each domain cannot be promised */
	KUNIT_EXPECT_EQ(test, -EINVAL, attach(rig, domain, &wrong));
	KUNIT_EXPECT_FALSE(test, space_rig_mapped(domain, elsewhere.start));
	KUNIT_EXPECT_LT(test, 0, lab_remap_did(wrong.blocked, rig->unit[0]));

	lab_domain_close(domain);
	lab_device_release(&upper);
	lab_device_release(&lower);
	lab_device_release(&wide);
	lab_device_release(&wrong);
}

static void dead_unit_keeps_pages(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = space_rig_domain(rig, LAB_POLICY_FIXED, 0,
						     0);
	struct lab_domain *other = space_rig_domain(rig, LAB_POLICY_FIXED, 0,
						    0);
	struct lab_device dev, dev2;
	unsigned int i;
	u64 unmapped;

	KUNIT_ASSERT_EQ(test, 0,
			lab_device_init(&dev, rig->unit[0], 0x108, NULL, 0));
	KUNIT_ASSERT_EQ(test, 0,
			lab_device_init(&dev2, rig->unit[0], 0x110, NULL, 0));
	KUNIT_ASSERT_EQ(test, 0, attach(rig, domain, &dev));
	KUNIT_ASSERT_EQ(test, 0, space_rig_map_at(rig, domain, 0, 0, 3, RW));
	KUNIT_ASSERT_EQ(test, 0,
			space_rig_map_at(rig, domain, PAGE(9), 3, 2, RW));
	KUNIT_ASSERT_EQ(test, 0, space_rig_map_at(rig, other, 0, 0, 1, RW));

	lab_vtd_set_defect(rig->vtd[0], LAB_DEFECT_STUCK);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
			lab_domain_unmap(domain, 0, PAGE(3), false, &unmapped,
					 &rig->refusal));
	KUNIT_EXPECT_FALSE(test, space_rig_mapped(domain, 0));
	KUNIT_EXPECT_EQ(test, 1, domain->nr_mappings);
	KUNIT_EXPECT_EQ(test, 6, space_rig_pins(rig));
	used(test, 2, 3, 6);
	KUNIT_EXPECT_EQ(test, -ENODEV,
			space_rig_map_at(rig, domain, PAGE(20), 0, 1, RW));
	KUNIT_EXPECT_EQ(test, 6, space_rig_pins(rig));
	KUNIT_EXPECT_EQ(test, -ENODEV, attach(rig, domain, &dev2));
	KUNIT_EXPECT_EQ(test, -ENODEV, attach(rig, other, &dev2));
	KUNIT_EXPECT_NE(test, 0, detach(rig, domain, &dev));
	KUNIT_EXPECT_NULL(test, dev.domain);

	/* a domain that the unit never knew is not touched by it */
	lab_domain_close(other);
	KUNIT_EXPECT_EQ(test, 5, space_rig_pins(rig));
	lab_domain_close(domain);
	KUNIT_EXPECT_EQ(test, 5, space_rig_pins(rig));
	KUNIT_EXPECT_EQ(test, 5, atomic_long_read(&rig->space.kept_pages));
	used(test, 0, 2, 5);
	lab_device_release(&dev);
	lab_device_release(&dev2);

	/* they are the rig's */
	for (i = 0; i < 5; i++)
		page_ref_sub(rig->pages + i, GUP_PIN_COUNTING_BIAS);
}

static void refusals_are_remembered(struct kunit *test)
{
	struct lab_refusal refusal;

	lab_refusal_init(&refusal);
	KUNIT_EXPECT_EQ(test, 0, refusal.error);
	KUNIT_EXPECT_STREQ(test, "", refusal.text);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			lab_refuse(&refusal, -EINVAL, "give %u", 4096));
	KUNIT_EXPECT_EQ(test, EINVAL, refusal.error);
	KUNIT_EXPECT_STREQ(test, "give 4096", refusal.text);
	KUNIT_EXPECT_EQ(test, -EPERM, lab_refuse(NULL, -EPERM, "nobody asks"));
	KUNIT_EXPECT_EQ(test, -ENOSPC,
			lab_refuse(&refusal, -ENOSPC, "%0*d", 500, 7));
	KUNIT_EXPECT_EQ(test, sizeof(refusal.text) - 1, strlen(refusal.text));
}

/* after a block that failed, for want of memory or of a domain id */
static void attach_of_a_device_without_its_table(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *domain = space_rig_domain(rig, LAB_POLICY_FIXED, 0,
						     0);
	struct lab_device dev;

	KUNIT_ASSERT_EQ(test, 0,
			lab_device_init(&dev, rig->unit[0], 0x108,
					&space_rig_rmrrs[0], 1));
	KUNIT_ASSERT_EQ(test, 0,
			lab_remap_detach(dev.blocked, dev.unit, dev.sid));
	KUNIT_EXPECT_EQ(test, 0, attach(rig, domain, &dev));
	KUNIT_EXPECT_EQ(test, 0, detach(rig, domain, &dev));
	KUNIT_EXPECT_LT(test, 0, lab_remap_did(dev.blocked, dev.unit));
	lab_domain_close(domain);
	lab_device_release(&dev);
}

/* where the host has RAM at a reserved range, an address could mean either */
static void no_identity_where_a_range_is_ram(struct kunit *test)
{
	struct space_rig *rig = test->priv;
	struct lab_domain *fixed = space_rig_domain(rig, LAB_POLICY_FIXED, 0, 0);
	struct lab_domain *identity = space_rig_domain(rig, LAB_POLICY_IDENTITY,
						       0, 0);
	struct lab_device dev;

	KUNIT_ASSERT_EQ(test, 0,
			lab_device_init(&dev, rig->unit[0], 0x110,
					&space_rig_rmrrs[0], 1));
	dev.rmrr_is_ram = true;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, attach(rig, identity, &dev));
	KUNIT_EXPECT_PTR_EQ(test, dev.domain, NULL);
	KUNIT_EXPECT_EQ(test, 0, attach(rig, fixed, &dev));
	KUNIT_EXPECT_EQ(test, 0, detach(rig, fixed, &dev));
	dev.rmrr_is_ram = false;
	KUNIT_EXPECT_EQ(test, 0, attach(rig, identity, &dev));
	KUNIT_EXPECT_EQ(test, 0, detach(rig, identity, &dev));
	lab_domain_close(identity);
	lab_domain_close(fixed);
	lab_device_release(&dev);
}

static struct kunit_case cases[] = {
	{ .name = "H7 at the quota ENOSPC, no IOVA leaked",
	  .run_case = quota_of_mappings },
	{ .name = "quotas of pages and domains hold over all domains of a user",
	  .run_case = quota_of_pages_and_domains },
	{ .name = "P5 a table that cannot be had undoes the whole mapping",
	  .run_case = quota_of_tables },
	{ .name = "quotas hold under concurrent use",
	  .run_case = quotas_hold_under_concurrent_use },
	{ .name = "K3 one domain per device, many devices per domain",
	  .run_case = one_domain_per_device },
	{ .name = "an identity domain maps nothing",
	  .run_case = identity_maps_nothing },
	{ .name = "reserved direct ranges go with their last device",
	  .run_case = rmrrs_go_with_their_last_device },
	{ .name = "no identity where a reserved range is RAM of the host",
	  .run_case = no_identity_where_a_range_is_ram },
	{ .name = "a device that could not be blocked can be attached",
	  .run_case = attach_of_a_device_without_its_table },
	{ .name = "pages behind a dead unit stay pinned and accounted",
	  .run_case = dead_unit_keeps_pages },
	{ .name = "a refusal is remembered, the last one",
	  .run_case = refusals_are_remembered },
	{}
};

struct kunit_suite lab_space_attach_suite = {
	.name = "iommu_lab_space_attach",
	.init = space_rig_init,
	.exit = space_rig_exit,
	.test_cases = cases,
};
