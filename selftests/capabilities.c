// SPDX-License-Identifier: GPL-2.0
/*
 * Units by their registers: each field of CAP and ECAP by the specification's
 * name, of the lab's units and of the host's. The host's are compared with what
 * the kernel's own driver says in sysfs: the VM has a VT-d unit, and
 * intel_iommu=on.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lab.h"
#include "raw.h"
#include "sys.h"

/* VT-d 11.4.2 and 11.4.3 */
static const struct field {
	const char *name;
	unsigned int first, last;
} cap_fields[] = {
	{ "ND", 0, 2 }, { "AFL", 3, 3 }, { "RWBF", 4, 4 }, { "PLMR", 5, 5 },
	{ "PHMR", 6, 6 }, { "CM", 7, 7 }, { "SAGAW", 8, 12 },
	{ "MGAW", 16, 21 }, { "ZLR", 22, 22 }, { "FRO", 24, 33 },
	{ "SSLPS", 34, 37 }, { "PSI", 39, 39 }, { "NFR", 40, 47 },
	{ "MAMV", 48, 53 }, { "DWD", 54, 54 }, { "DRD", 55, 55 },
	{ "FS1GP", 56, 56 }, { "PI", 59, 59 }, { "FS5LP", 60, 60 },
	{ "ECMDS", 61, 61 }, { "ESIRTPS", 62, 62 }, { "ESRTPS", 63, 63 },
}, ecap_fields[] = {
	{ "C", 0, 0 }, { "QI", 1, 1 }, { "DT", 2, 2 }, { "IR", 3, 3 },
	{ "EIM", 4, 4 }, { "PT", 6, 6 }, { "SC", 7, 7 }, { "IRO", 8, 17 },
	{ "MHMV", 20, 23 }, { "MTS", 25, 25 }, { "NEST", 26, 26 },
	{ "PRS", 29, 29 }, { "ERS", 30, 30 }, { "SRS", 31, 31 },
	{ "NWFS", 33, 33 }, { "EAFS", 34, 34 }, { "PSS", 35, 39 },
	{ "PASID", 40, 40 }, { "DIT", 41, 41 }, { "PDS", 42, 42 },
	{ "SMTS", 43, 43 }, { "VCS", 44, 44 }, { "SSADS", 45, 45 },
	{ "SSTS", 46, 46 }, { "FSTS", 47, 47 }, { "SMPWCS", 48, 48 },
	{ "RPS", 49, 49 }, { "PMS", 51, 51 }, { "ADMS", 52, 52 },
	{ "RPRIVS", 53, 53 },
};

static u64 number_of(const char *text, const char *key)
{
	const char *value = find_key(text, key);

	if (!value)
		note("no '%s' in:\n%s", key, text);
	REQUIRE(value);
	return strtoull(value, NULL, 0);
}

/* each field is a line with the right value, and no bit is left unnamed */
static void check_fields(const char *text, const char *name, u64 value,
			 const struct field *fields, size_t nr)
{
	u64 named = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		const struct field *f = &fields[i];
		u64 mask = ~0ull >> (63 - f->last + f->first);
		char key[32];

		snprintf(key, sizeof(key), "%s.%s", name, f->name);
		if (!EXPECT_EQ(number_of(text, key), value >> f->first & mask))
			note("%s", key);
		named |= mask << f->first;
	}
	if (!EXPECT_EQ(value & ~named, 0))
		note("bits of %s without a name", name);
}

static void check_decoded(const char *text, u32 version, u64 cap, u64 ecap)
{
	EXPECT_EQ(number_of(text, "version"), version);
	EXPECT_EQ(number_of(text, "cap"), cap);
	EXPECT_EQ(number_of(text, "ecap"), ecap);
	check_fields(text, "CAP", cap, cap_fields, ARRAY_SIZE(cap_fields));
	check_fields(text, "ECAP", ecap, ecap_fields, ARRAY_SIZE(ecap_fields));
}

/* the value of a register in units/<n>/registers: NAME OFFSET VALUE */
static u64 register_of(const char *text, const char *name)
{
	char want[16];
	const char *line;
	u64 value;

	snprintf(want, sizeof(want), "\n%s ", name);
	line = !strncmp(text, want + 1, strlen(want + 1)) ? text - 1 :
							     strstr(text, want);
	REQUIRE(line);
	REQUIRE_EQ(sscanf(line + strlen(want), "%*s %lli", (long long *)&value),
		   1);
	return value;
}

/* V6 */
static void lab_units(void)
{
	int control = control_open();
	u32 units = lab_info(control).units, i;

	EXPECT_EQ(units, 2);
	for (i = 0; i < units; i++) {
		struct iommu_lab_unit_info unit = {
			.size = sizeof(unit),
			.index = i,
		};
		char path[64], *text;

		REQUIRE_EQ(lab_ioctl(control, IOMMU_LAB_UNIT_INFO, &unit), 0);
		EXPECT_EQ(unit.base, 0xfed90000 + i * 0x1000);
		EXPECT_EQ(unit.segment, 0);
		EXPECT(unit.cap && ~unit.cap && unit.ecap && ~unit.ecap);
		snprintf(path, sizeof(path), "units/%u/capabilities", i);
		text = debugfs_text(path);
		check_decoded(text, unit.version, unit.cap, unit.ecap);
		free(text);
		snprintf(path, sizeof(path), "units/%u/registers", i);
		text = debugfs_text(path);
		EXPECT_EQ(register_of(text, "VER"), unit.version);
		EXPECT_EQ(register_of(text, "CAP"), unit.cap);
		EXPECT_EQ(register_of(text, "ECAP"), unit.ecap);
		/* translation, queue and root table are on */
		EXPECT_EQ(register_of(text, "GSTS"), 0xc7000000);
		free(text);
	}
}

static u64 sysfs_hex(const char *unit, const char *file)
{
	char path[512], *text;
	u64 value;

	snprintf(path, sizeof(path), "/sys/class/iommu/%s/intel-iommu/%s",
		 unit, file);
	text = read_text(path);
	REQUIRE(text);
	value = strtoull(text, NULL, 16);
	free(text);
	return value;
}

/* the section of host_units that is about the unit at base */
static char *host_unit(const char *text, u64 base)
{
	char want[32];
	const char *at, *end;

	snprintf(want, sizeof(want), ": base 0x%llx ", (unsigned long long)base);
	at = strstr(text, want);
	if (!at)
		note("no unit at %#llx in:\n%s", (unsigned long long)base, text);
	REQUIRE(at);
	at = strchr(at, '\n');
	REQUIRE(at);
	end = strstr(++at, "\nunit ");
	return end ? strndup(at, end - at + 1) : strdup(at);
}

/* V6 */
static void host_units(void)
{
	DIR *dir = opendir("/sys/class/iommu");
	char *text = debugfs_text("host_units"), *section, path[512], *version;
	struct dirent *entry;
	unsigned int units = 0, major, minor;

	REQUIRE(dir);
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, "dmar", 4))
			continue;
		units++;
		section = host_unit(text, sysfs_hex(entry->d_name, "address"));
		snprintf(path, sizeof(path),
			 "/sys/class/iommu/%s/intel-iommu/version",
			 entry->d_name);
		version = read_text(path);
		REQUIRE(version);
		REQUIRE_EQ(sscanf(version, "%u:%u", &major, &minor), 2);
		check_decoded(section, major << 4 | minor,
			      sysfs_hex(entry->d_name, "cap"),
			      sysfs_hex(entry->d_name, "ecap"));
		free(version);
		free(section);
	}
	closedir(dir);
	if (!units)
		note("the kernel's driver has no unit: boot a machine with a VT-d unit and intel_iommu=on");
	EXPECT(units > 0);
	free(text);
}

static unsigned int did_of(int domain, u32 unit)
{
	char file[64], key[32];

	snprintf(file, sizeof(file), "domains/%u/info", domain_info(domain).id);
	snprintf(key, sizeof(key), "did_unit%u", unit);
	return debugfs_number(file, key);
}

/* the line "where: BDF ..." of units/<n>/context, its did and tt */
static bool context_line(u32 unit, const char *where, u32 bdf, unsigned int *did,
			 unsigned int *type)
{
	char file[64], want[64], *text;
	const char *at;
	bool found;

	snprintf(file, sizeof(file), "units/%u/context", unit);
	snprintf(want, sizeof(want), "%s: %02x:%02x.%x ", where, bdf >> 8,
		 bdf >> 3 & 0x1f, bdf & 7);
	text = debugfs_text(file);
	at = strstr(text, want);
	found = at && sscanf(at + strlen(want), "%u %u", did, type) == 2;
	free(text);
	return found;
}

/* V7: in debugfs, and in the tables in memory, decoded by the specification */
static void context_entries(void)
{
	int control = control_open(), index;

	for (index = 0; index < 4; index++) {
		int endpoint = endpoint_open(index);
		int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
		struct iommu_lab_endpoint_info info = endpoint_info(control,
								    index);
		bool rmrr = info.out_flags & IOMMU_LAB_ENDPOINT_RMRR;
		unsigned int did, type, want;
		struct raw_context context;
		struct raw_dump dump;
		char raw[64];
		u64 table;

		snprintf(raw, sizeof(raw), DEBUGFS "/units/%u/raw", info.unit);
		EXPECT_EQ(rmrr, index == 1);
		/* taken from the kernel, whose domain it may be in: blocked */
		dma_peek(endpoint, 0x1000);
		EXPECT_EQ(context_line(info.unit, "memory", info.bdf, &did,
				       &type), rmrr);
		REQUIRE(domain >= 0);
		REQUIRE_EQ(domain_attach(domain, endpoint), 0);
		want = did_of(domain, info.unit);
		EXPECT(want > 0);
		REQUIRE(context_line(info.unit, "memory", info.bdf, &did, &type));
		EXPECT_EQ(did, want);
		EXPECT_EQ(type, 0);
		/* the cache has it after an access */
		dma_peek(endpoint, 0x1000);
		REQUIRE(context_line(info.unit, "cache", info.bdf, &did, &type));
		EXPECT_EQ(did, want);

		REQUIRE(raw_load(&dump, raw));
		REQUIRE(raw_context_of(&dump, info.bdf, &context));
		EXPECT_EQ(context.did, want);
		EXPECT_EQ(context.type, 0);
		EXPECT_EQ(context.levels, domain_info(domain).levels);
		table = context.table;
		raw_free(&dump);

		REQUIRE_EQ(domain_detach(domain, endpoint), 0);
		EXPECT_EQ(context_line(info.unit, "memory", info.bdf, &did,
				       &type), rmrr);
		EXPECT_EQ(context_line(info.unit, "cache", info.bdf, &did,
				       &type), false);
		REQUIRE(raw_load(&dump, raw));
		EXPECT_EQ(raw_context_of(&dump, info.bdf, &context), rmrr);
		/* back to the table that has the reserved region only */
		if (rmrr)
			EXPECT(context.table != table);
		raw_free(&dump);
		close(domain);
		close(endpoint);
	}
}

/* V7: pass-through is a type of context entry */
static void identity_entry(void)
{
	int control = control_open(), endpoint = endpoint_open(0);
	int domain = domain_create(control, IOMMU_LAB_POLICY_IDENTITY);
	struct iommu_lab_endpoint_info info = endpoint_info(control, 0);
	unsigned int did, type;

	REQUIRE(domain >= 0);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	REQUIRE(context_line(info.unit, "memory", info.bdf, &did, &type));
	EXPECT_EQ(did, did_of(domain, info.unit));
	EXPECT_EQ(type, 2);
}

static const struct test_case cases[] = {
	{ "V6 each field of the lab's units by name", lab_units },
	{ "V6 each field of the host's units, as the kernel's driver says",
	  host_units },
	{ "V7 an attached BDF is in its slot with its domain id",
	  context_entries },
	{ "V7 pass-through is a type of context entry", identity_entry },
};

int main(void)
{
	return RUN_CASES(cases);
}
