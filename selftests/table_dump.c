// SPDX-License-Identifier: GPL-2.0
/*
 * Makes tables of all kinds and copies what debugfs says of them to
 * /out/decode_tables/<state>/, for selftests/decode_tables.py: it decodes the raw
 * dumps, and says whether the text files tell the same.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define OUT	"/out/decode_tables"

/* the directories of @path, not its last part */
static void make_directories(char *path)
{
	char *slash;

	for (slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		REQUIRE(!mkdir(path, 0755) || errno == EEXIST);
		*slash = '/';
	}
}

/* returns bytes copied */
static u64 copy_file(const char *state, const char *name)
{
	char from[256], to[256], buf[65536];
	FILE *in, *out;
	u64 copied = 0;
	size_t bytes;

	snprintf(from, sizeof(from), DEBUGFS "/%s", name);
	snprintf(to, sizeof(to), OUT "/%s/%s", state, name);
	make_directories(to);
	in = fopen(from, "r");
	out = fopen(to, "w");
	if (!in || !out) {
		note("%s: %s", name, strerror(errno));
		REQUIRE(in && out);
	}
	while ((bytes = fread(buf, 1, sizeof(buf), in))) {
		REQUIRE_EQ(fwrite(buf, 1, bytes, out), bytes);
		copied += bytes;
	}
	REQUIRE(!ferror(in));
	fclose(in);
	REQUIRE_EQ(fclose(out), 0);
	return copied;
}

static void copy_unit(const char *state, unsigned int unit)
{
	char name[64];

	snprintf(name, sizeof(name), "units/%u/registers", unit);
	EXPECT(copy_file(state, name));
	snprintf(name, sizeof(name), "units/%u/context", unit);
	EXPECT(copy_file(state, name));
	snprintf(name, sizeof(name), "units/%u/raw", unit);
	EXPECT(copy_file(state, name) >= 8 + PAGE);
}

static void copy_domain(const char *state, int domain)
{
	u32 id = domain_info(domain).id;
	char name[64];

	snprintf(name, sizeof(name), "domains/%u/info", id);
	EXPECT(copy_file(state, name));
	snprintf(name, sizeof(name), "domains/%u/page_table", id);
	EXPECT(copy_file(state, name));
}

/* all page sizes that can be had, all rights, far apart, and a hole */
static void map_much(int domain)
{
	u8 *small = pages_alloc(16 * PAGE);
	u8 *large = huge_alloc(2 * HUGE);
	u64 last = domain_info(domain).aperture_last;

	REQUIRE_EQ(map_at(domain, small, 4 * PAGE, READ_WRITE, 0), 0);
	REQUIRE_EQ(map_at(domain, small, PAGE, READ_ONLY, GIB - PAGE), 0);
	REQUIRE_EQ(map_at(domain, small, 16 * PAGE, WRITE_ONLY,
			  512 * GIB - 8 * PAGE), 0);
	REQUIRE_EQ(map_at(domain, small, PAGE, READ_ONLY, last + 1 - PAGE), 0);
	REQUIRE_EQ(map_at(domain, large, 2 * HUGE, READ_WRITE, 16 * GIB), 0);
	REQUIRE_EQ(map_at(domain, large, HUGE, READ_ONLY, 32 * GIB + PAGE), 0);
	/* leaves empty tables */
	REQUIRE_EQ(map_at(domain, small, PAGE, READ_WRITE, 64 * GIB), 0);
	REQUIRE_EQ(unmap(domain, 64 * GIB, PAGE), 0);
}

/* a scatter-gather list, its pages in reverse */
static u64 map_scattered(int domain)
{
	struct iommu_lab_sg list[256];
	u8 *mem = pages_alloc(2 * ARRAY_SIZE(list) * PAGE);
	unsigned int i;
	u64 iova;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		list[i].addr = (u64)(mem + 2 * (ARRAY_SIZE(list) - 1 - i) * PAGE);
		list[i].length = PAGE;
	}
	REQUIRE_EQ(map_list(domain, list, ARRAY_SIZE(list), READ_WRITE, &iova),
		   0);
	return iova;
}

/* a table on both units, one shared by two endpoints, a blocked RMRR */
static void dump_tables(const char *state)
{
	int control = control_open();
	int fixed = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	int alloc = domain_create(control, IOMMU_LAB_POLICY_ALLOC);
	int endpoints[] = { endpoint_open(0), endpoint_open(2), endpoint_open(3) };
	u64 iova;

	REQUIRE(fixed >= 0 && alloc >= 0);
	map_much(fixed);
	iova = map_scattered(alloc);
	REQUIRE_EQ(domain_attach(fixed, endpoints[0]), 0);
	REQUIRE_EQ(domain_attach(fixed, endpoints[1]), 0);
	REQUIRE_EQ(domain_attach(alloc, endpoints[2]), 0);
	EXPECT_EQ(dma_peek(endpoints[0], PAGE), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_peek(endpoints[2], iova), IOMMU_LAB_DMA_OK);

	copy_unit(state, 0);
	copy_unit(state, 1);
	copy_domain(state, fixed);
	copy_domain(state, alloc);
}

static void dump_mapped(void)
{
	dump_tables("mapped");
}

static void dump_scalable(void)
{
	dump_tables("scalable");
}

static void dump_one_scalable(void)
{
	dump_tables("one_scalable");
}

/* some pages accessed, some dirty */
static void dump_dirty(void)
{
	int control = control_open();
	int fixed = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	int endpoint = endpoint_open(0);

	REQUIRE(fixed >= 0);
	map_much(fixed);
	REQUIRE_EQ(domain_attach(fixed, endpoint), 0);
	REQUIRE_EQ(track_dirty(fixed, true), 0);
	EXPECT_EQ(dma_peek(endpoint, 0), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_poke(endpoint, PAGE), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_poke(endpoint, 16 * GIB + HUGE), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_poke(endpoint, 512 * GIB), IOMMU_LAB_DMA_OK);

	copy_unit("dirty", 0);
	copy_unit("dirty", 1);
	copy_domain("dirty", fixed);
}

/* pass-through, and an endpoint attached with its RMRR mapped */
static void dump_pass_through(const char *state)
{
	int control = control_open();
	int fixed = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	int identity = domain_create(control, IOMMU_LAB_POLICY_IDENTITY);
	int first = endpoint_open(0), second = endpoint_open(1);

	REQUIRE(fixed >= 0 && identity >= 0);
	REQUIRE_EQ(domain_attach(identity, first), 0);
	REQUIRE_EQ(domain_attach(fixed, second), 0);
	EXPECT_EQ(dma_peek(second, RMRR_START), IOMMU_LAB_DMA_OK);

	copy_unit(state, 0);
	copy_unit(state, 1);
	copy_domain(state, fixed);
	copy_domain(state, identity);
}

static void dump_identity(void)
{
	dump_pass_through("identity");
}

static void dump_scalable_identity(void)
{
	dump_pass_through("scalable_identity");
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "N18 tables of all page sizes are dumped", dump_mapped },
		{ "N18 tables of an identity domain and of an RMRR are dumped",
		  dump_identity },
		{ "N18 tables of scalable mode are dumped", dump_scalable,
		  .params = "scalable=3" },
		{ "N18 tables of a unit in each mode are dumped",
		  dump_one_scalable, .params = "scalable=1" },
		{ "N18 accessed and dirty bits are dumped", dump_dirty,
		  .params = "scalable=3" },
		{ "N18 tables of scalable mode with pass-through are dumped",
		  dump_scalable_identity, .params = "scalable=3" },
	};

	return RUN_CASES(cases);
}
