// SPDX-License-Identifier: GPL-2.0
/*
 * What there is only so much of: domain ids of a unit, and the four quotas of a
 * user, which INFO and ENOSPC agree about.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT		(256 * MIB)
#define FIRST_OF_UNIT1	32	/* with endpoints=64 */
#define DIDS		16	/* with nd=0; 0 is never given to a domain */

static int control;

static void expect_said(int fd, const char *words)
{
	if (!EXPECT(strstr(last_refusal(fd), words)))
		note("no '%s' in: %s", words, last_refusal(fd));
}

static int new_domain(void)
{
	int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);

	REQUIRE(domain >= 0);
	return domain;
}

/* the domain's id at a unit, from debugfs */
static u64 did_of(int domain, unsigned int unit)
{
	char file[64], key[16];

	snprintf(file, sizeof(file), "domains/%u/info", domain_info(domain).id);
	snprintf(key, sizeof(key), "did_unit%u", unit);
	return debugfs_number(file, key);
}

/* domains with an endpoint of its own each, until there is no id; how many */
static unsigned int fill_unit(unsigned int first_endpoint, int *domain,
			      int *endpoint)
{
	unsigned int i;
	int error;

	for (i = 0; i < DIDS; i++) {
		domain[i] = new_domain();
		endpoint[i] = endpoint_open(first_endpoint + i);
		error = domain_attach(domain[i], endpoint[i]);
		if (error)
			break;
	}
	REQUIRE(i < DIDS);
	EXPECT_EQ(error, -ENOSPC);
	expect_said(domain[i], "domain id");
	EXPECT_EQ(domain_info(domain[i]).attached, 0);
	EXPECT_EQ(dma_peek(endpoint[i], AT), IOMMU_LAB_DMA_FAULT);
	return i;
}

/* takes all endpoints from the kernel, whose domains for them have ids, too */
static void take_all(void)
{
	struct iommu_lab_info info = { .size = sizeof(info) };
	unsigned int i;

	REQUIRE_EQ(lab_ioctl(control, IOMMU_LAB_INFO, &info), 0);
	for (i = 0; i < info.endpoints; i++)
		EXPECT_EQ(dma_peek(endpoint_open(i), AT), IOMMU_LAB_DMA_FAULT);
}

/* N12 */
static void out_of_domain_ids(void)
{
	struct iommu_lab_unit_info unit = { .size = sizeof(unit) };
	int domain[2][DIDS], endpoint[2][DIDS], more;
	bool seen[DIDS] = {};
	unsigned int n, i;
	u64 did;

	control = control_open();
	take_all();
	REQUIRE_EQ(lab_ioctl(control, IOMMU_LAB_UNIT_INFO, &unit), 0);
	EXPECT_EQ(unit.cap & 7, 0);
	REQUIRE_EQ(endpoint_info(control, FIRST_OF_UNIT1 - 1).unit, 0);
	REQUIRE_EQ(endpoint_info(control, FIRST_OF_UNIT1).unit, 1);

	n = fill_unit(FIRST_OF_UNIT1, domain[1], endpoint[1]);
	EXPECT_EQ(n, DIDS - 1);
	for (i = 0; i < n; i++) {
		did = did_of(domain[1][i], 1);
		EXPECT(did > 0 && did < DIDS && !seen[did]);
		seen[did % DIDS] = true;
	}
	/* the other unit has its own; one holds the reserved region there */
	EXPECT_EQ(fill_unit(2, domain[0], endpoint[0]), DIDS - 2);
	/* a second endpoint of a domain needs no second id */
	more = endpoint_open(FIRST_OF_UNIT1 + DIDS);
	EXPECT_EQ(domain_attach(domain[1][3], more), 0);
	EXPECT_EQ(domain_attach(domain[1][n], endpoint[1][n]), -ENOSPC);

	/* a closed domain's id can be had again, and so can a detached one's */
	did = did_of(domain[1][7], 1);
	close(domain[1][7]);
	EXPECT_EQ(domain_attach(domain[1][n], endpoint[1][n]), 0);
	EXPECT_EQ(did_of(domain[1][n], 1), did);
	EXPECT_EQ(domain_detach(domain[1][3], more), 0);
	EXPECT_EQ(domain_attach(domain[0][0], more), -ENOSPC);
	EXPECT_EQ(domain_detach(domain[1][3], endpoint[1][3]), 0);
	EXPECT_EQ(domain_attach(domain[0][0], more), 0);
}

/* an identity domain has an id, too */
static void identity_needs_an_id(void)
{
	int domain[DIDS], endpoint[DIDS], identity;
	unsigned int n;

	control = control_open();
	take_all();
	n = fill_unit(FIRST_OF_UNIT1, domain, endpoint);
	identity = domain_create(control, IOMMU_LAB_POLICY_IDENTITY);
	EXPECT_EQ(domain_attach(identity, endpoint[n]), -ENOSPC);
	close(domain[0]);
	EXPECT_EQ(domain_attach(identity, endpoint[n]), 0);
}

/*
 * N12: one free id, given from domain to domain. Each has its own page at the same
 * IOVA: what the IOTLB kept of the one before would be seen.
 */
static void recycled_safely(void)
{
	unsigned int rounds = is_debug_kernel() && !want_long() ? 60 : 300;
	int domain[DIDS], endpoint[DIDS], fd, ep;
	u8 *mem[2] = { pages_alloc(PAGE), pages_alloc(PAGE) };
	struct iommu_lab_stats stats;
	unsigned int n, i;
	u64 did, inval, word;

	control = control_open();
	take_all();
	n = fill_unit(FIRST_OF_UNIT1, domain, endpoint);
	ep = endpoint[n];
	did = did_of(domain[n - 1], 1);
	close(domain[n - 1]);
	for (i = 1; i <= rounds; i++) {
		u64 *mine = (u64 *)mem[i % 2], *other = (u64 *)mem[!(i % 2)];

		mine[0] = i;
		other[0] = 0;
		inval = debugfs_number("units/1/stats", "inval_iotlb_domain");
		fd = new_domain();
		REQUIRE_EQ(map_at(fd, mine, PAGE, READ_WRITE, AT), 0);
		REQUIRE_EQ(domain_attach(fd, ep), 0);
		REQUIRE_EQ(did_of(fd, 1), did);
		REQUIRE_EQ(dma_read(ep, AT, &word, 8).status, IOMMU_LAB_DMA_OK);
		REQUIRE_EQ(word, i);
		word = ~i;
		REQUIRE_EQ(dma_write(ep, AT, &word, 8).status, IOMMU_LAB_DMA_OK);
		REQUIRE_EQ(mine[0], word);
		REQUIRE_EQ(other[0], 0);
		/* nothing of the id was cached: the first access walks */
		stats = lab_stats(fd);
		REQUIRE_EQ(stats.misses, 1);
		REQUIRE_EQ(stats.hits, 1);
		REQUIRE_EQ(stats.stale, 0);
		/* by the end of the file, or by a detach; both invalidate */
		if (i % 3)
			REQUIRE_EQ(domain_detach(fd, ep), 0);
		close(fd);
		REQUIRE(debugfs_number("units/1/stats", "inval_iotlb_domain") >
			inval);
	}
	note("%u domains had domain id %llu one after the other", rounds,
	     (unsigned long long)did);
}

/*
 * The quotas: the module is loaded with small ones. Each: it fits exactly while
 * INFO says so, the sentence names the parameter, and another user has all.
 */
static void as_another_user(void)
{
	REQUIRE(!setresgid(1000, 1000, 1000));
	REQUIRE(!setresuid(1000, 1000, 1000));
}

static void domains(void)
{
	int domain, last = -1;
	u64 left;

	control = control_open();
	EXPECT_EQ(lab_info(control).domains_max, 3);
	do {
		left = lab_info(control).domains_left;
		domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
		if (!EXPECT_EQ(domain < 0 ? domain : 0, left ? 0 : -ENOSPC))
			return;
		last = domain < 0 ? last : domain;
	} while (domain >= 0);
	expect_said(control, "max_domains=");
	close(last);
	EXPECT_EQ(lab_info(control).domains_left, 1);
	as_another_user();
	EXPECT_EQ(lab_info(control).domains_left, 3);
	new_domain();
	EXPECT_EQ(lab_info(control).domains_left, 2);
}

static void mappings(void)
{
	u8 *mem = pages_alloc(PAGE);
	int domain, error;
	u64 left, i = 0;

	control = control_open();
	domain = new_domain();
	EXPECT_EQ(lab_info(control).mappings_max, 5);
	do {
		left = lab_info(control).mappings_left;
		error = map_at(domain, mem, PAGE, READ_WRITE, AT + i++ * PAGE);
		if (!EXPECT_EQ(error, left ? 0 : -ENOSPC))
			return;
	} while (!error);
	expect_said(domain, "max_mappings=");
	EXPECT_EQ(unmap(domain, AT, PAGE), 0);
	EXPECT_EQ(lab_info(control).mappings_left, 1);
	/* one that pins nothing is one, too */
	EXPECT_EQ(map_identity(domain, GIB, PAGE, READ_WRITE), 0);
	EXPECT_EQ(map_identity(domain, 2 * GIB, PAGE, READ_WRITE), -ENOSPC);
	as_another_user();
	EXPECT_EQ(lab_info(control).mappings_left, 5);
	EXPECT_EQ(map_at(new_domain(), mem, PAGE, READ_WRITE, AT), 0);
	EXPECT_EQ(lab_info(control).mappings_left, 4);
}

static void pinned(void)
{
	static const u64 pages[] = { 3, 5, 4, 2, 1, 1, 1 };
	u8 *mem = pages_alloc(5 * PAGE);
	int domain, error;
	size_t i;
	u64 left;

	control = control_open();
	domain = new_domain();
	EXPECT_EQ(lab_info(control).pinned_max, 10 * PAGE);
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		left = lab_info(control).pinned_left;
		error = map_at(domain, mem, pages[i] * PAGE, READ_WRITE,
			       AT + i * MIB);
		if (!EXPECT_EQ(error, pages[i] * PAGE <= left ? 0 : -ENOSPC))
			note("%llu pages, %llu bytes left",
			     (unsigned long long)pages[i],
			     (unsigned long long)left);
	}
	EXPECT_EQ(lab_info(control).pinned_left, 0);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, GIB), -ENOSPC);
	expect_said(domain, "max_pinned=");
	EXPECT_EQ(unmap(domain, AT, 3 * PAGE), 0);
	EXPECT_EQ(lab_info(control).pinned_left, 3 * PAGE);
	as_another_user();
	EXPECT_EQ(lab_info(control).pinned_left, 10 * PAGE);
	EXPECT_EQ(map_at(new_domain(), mem, 5 * PAGE, READ_WRITE, AT), 0);
	EXPECT_EQ(lab_info(control).pinned_left, 5 * PAGE);
}

/* each mapping is far from the others: a table of levels 3, 2 and 1 for each */
static void tables(void)
{
	u8 *mem = pages_alloc(PAGE);
	int domain, error;
	u64 left, i = 0;

	control = control_open();
	EXPECT_EQ(lab_info(control).tables_max, 12 * PAGE);
	domain = new_domain();
	EXPECT_EQ(lab_info(control).tables_left, 11 * PAGE);
	do {
		left = lab_info(control).tables_left;
		error = map_at(domain, mem, PAGE, READ_WRITE, i++ * 512 * GIB);
		if (!EXPECT_EQ(error, left >= 3 * PAGE ? 0 : -ENOSPC))
			return;
	} while (!error);
	EXPECT_EQ(i, 4);
	expect_said(domain, "max_tables=");
	EXPECT_EQ(locked_bytes(), 3 * PAGE);
	/* what needs no table fits */
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, PAGE), 0);
	as_another_user();
	EXPECT_EQ(lab_info(control).tables_left, 12 * PAGE);
	EXPECT_EQ(map_at(new_domain(), mem, PAGE, READ_WRITE, AT), 0);
	EXPECT_EQ(lab_info(control).tables_left, 8 * PAGE);
}

static const struct test_case cases[] = {
	{ "N12 domain ids run out as CAP.ND says: ENOSPC", out_of_domain_ids,
	  "nd=0 endpoints=64" },
	{ "N12 a pass-through domain needs a domain id, too",
	  identity_needs_an_id, "nd=0 endpoints=64" },
	{ "N12 a domain id is used again only after its invalidation",
	  recycled_safely, "nd=0 endpoints=64", .seconds = 200 },
	{ "INFO and ENOSPC agree: domains", domains, "max_domains=3" },
	{ "INFO and ENOSPC agree: mappings", mappings, "max_mappings=5" },
	{ "INFO and ENOSPC agree: pinned memory", pinned, "max_pinned=40960" },
	{ "INFO and ENOSPC agree: page tables", tables, "max_tables=49152" },
};

int main(void)
{
	return RUN_CASES(cases);
}
