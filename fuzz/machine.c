// SPDX-License-Identifier: GPL-2.0
/* The machine's units (probe.h), whatever its firmware says. */
#include "../iommu_lab/firmware/dmar.h"
#include "machine.h"

/*
 * What they may take. A client has 152 bytes, and an entry of an IVRS or a cell of a
 * device tree, which can be one, has 4; lists grow by doubling, and the lists before
 * count as well. Fixed: the findings, and the reading of the module's own table.
 */
#define MEMORY_FIXED	65536
#define MEMORY_FACTOR	160

#define BUILT_IN_ENDPOINTS	4
#define BUILT_IN_RMRR		0x7a000000ULL

/**
 * struct desk - where a machine's tables are
 * @table: the only one, or NULL
 * @length: bytes of it
 * @out: how many are in use
 */
struct desk {
	const u8 *table;
	size_t length;
	int out;
};

static int desk_get(void *ctx, const char *signature, const void **bytes, size_t *length)
{
	struct desk *desk = ctx;

	if (desk->length < 4 || memcmp(desk->table, signature, 4))
		return -ENOENT;
	desk->out++;
	*bytes = desk->table;
	*length = desk->length;
	return 0;
}

static void desk_put(void *ctx, const void *bytes)
{
	struct desk *desk = ctx;

	fuzz_require(bytes == desk->table && desk->out--, "what is given back was got");
}

static bool is_name(const char *name)
{
	size_t i;

	for (i = 0; i < LAB_PROBE_NAME && name[i]; i++)
		if (name[i] < ' ' || name[i] > '~')
			return false;
	return i < LAB_PROBE_NAME;
}

static void check_units(const struct lab_probe *probe)
{
	const struct lab_probe_client *client;
	u32 i;

	for (i = 0; i < probe->nr_units; i++)
		fuzz_require(probe->units[i].type && probe->units[i].name[0] &&
			     is_name(probe->units[i].name),
			     "a unit has a type and a name");
	for (i = 0; i < probe->nr_clients; i++) {
		client = &probe->clients[i];
		fuzz_require(client->unit < probe->nr_units, "a client is behind a unit");
		fuzz_require(client->kind && is_name(client->name),
			     "a client is of a kind, and its name can be shown");
		fuzz_require(!client->has_ids || client->first <= client->last,
			     "the IDs of a client do not end before they begin");
	}
}

static u64 sum_of(const void *list, size_t length, u64 sum)
{
	const u8 *byte = list;

	for (; length--; byte++)
		sum = (sum ^ *byte) * 0x100000001b3ULL;
	return sum;
}

static u64 sum(const struct lab_probe *probe)
{
	u64 units = sum_of(probe->units, probe->nr_units * sizeof(*probe->units),
			   probe->source + 16 * probe->malformed);

	return sum_of(probe->clients, probe->nr_clients * sizeof(*probe->clients), units);
}

static void check_again(const struct lab_probe_host *host, const struct lab_probe *probe)
{
	struct lab_probe again;

	fuzz_require(!lab_probe_machine(host, &again) && sum(&again) == sum(probe),
		     "the same firmware has the same units");
	lab_probe_free(&again);
}

/* Return: whether there was memory; @probe is for lab_probe_free() in any case. */
static bool find(struct lab_probe_host *host, struct lab_probe *probe,
		 unsigned int fail_in, size_t length)
{
	static u8 *built_in;
	static size_t built_in_length;
	bool failed;
	int result;

	if (!built_in)
		built_in = lab_default_topology(BUILT_IN_ENDPOINTS, BUILT_IN_RMRR,
						&built_in_length);
	fuzz_require(built_in, "there is memory");
	host->built_in = built_in;
	host->built_in_length = built_in_length;

	fuzz_memory_begin(fail_in);
	result = lab_probe_machine(host, probe);
	failed = fuzz_memory_end();
	fuzz_require(result == (failed ? -ENOMEM : 0), "a failed allocation is ENOMEM");
	fuzz_require(fuzz_memory_taken() <= MEMORY_FIXED + MEMORY_FACTOR * length,
		     "memory is in proportion to the firmware");
	if (failed)
		return false;
	fuzz_require(probe->nr_units, "a machine has units, or the module's own");
	check_units(probe);
	check_again(host, probe);
	return true;
}

/**
 * fuzz_machine_of_table - a machine with one table
 * @input: the table
 * @valid: it has no error
 */
void fuzz_machine_of_table(const struct fuzz_input *input, bool valid)
{
	struct desk desk = { .table = input->table, .length = input->length };
	struct lab_probe_host host = { .get = desk_get, .put = desk_put, .ctx = &desk };
	struct lab_probe probe;
	u32 source;

	if (find(&host, &probe, input->fail_in, input->length))
		for (source = 0; source < LAB_PROBE_TREE; source++)
			fuzz_require(probe.state[source] == LAB_PROBE_ABSENT ||
				     probe.state[source] ==
				     (valid ? LAB_PROBE_VALID : LAB_PROBE_INVALID),
				     "a table with an error is passed over");
	fuzz_require(!desk.out, "each table is given back");
	lab_probe_free(&probe);
}

/* a machine without tables */
static int get_nothing(void *ctx, const char *signature, const void **bytes,
		       size_t *length)
{
	return -ENOENT;
}

/**
 * fuzz_machine_of_tree - a machine with a device tree
 * @tree: the tree
 * @length: bytes that it was made from
 * @fail_in: the allocation that fails, from 1 on; 0: none
 */
void fuzz_machine_of_tree(const struct lab_dt *tree, size_t length, unsigned int fail_in)
{
	struct lab_probe_host host = { .get = get_nothing, .put = desk_put, .tree = tree };
	struct lab_probe probe;

	find(&host, &probe, fail_in, length);
	lab_probe_free(&probe);
}
