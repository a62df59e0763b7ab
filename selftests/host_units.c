// SPDX-License-Identifier: GPL-2.0
/*
 * What the module finds of the machine that it runs on, on a machine for each kind of
 * firmware: selftests/boots says what they have. The files are copied to
 * /out/host_units/<boot>/ for selftests/host_units.py, which knows what must be in them.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define OUT	"/out/host_units"
#define ACPI	"/sys/firmware/acpi/tables/"
#define CLASS	"/sys/class/iommu"

/* what a boot has: NULL is a source that is absent */
static const struct machine {
	const char *boot, *source, *dmar, *iort, *ivrs, *tree;
} machines[] = {
	{ "hardware", "DMAR", "valid" },
	{ "vtd-wide", "DMAR", "valid" },
	{ "vtd-scalable", "DMAR", "valid" },
	{ "both", "DMAR", "valid", NULL, "valid" },
	{ "dmar-invalid", "built-in", "invalid" },
	{ "iort", "IORT", NULL, "valid", "valid" },
	{ "ivrs", "IVRS", NULL, NULL, "valid" },
	{ "tree", "device tree", NULL, NULL, NULL, "valid" },
	{ "no-unit", "built-in" },
};

/* what QEMU was told that its unit can do */
static const struct ability {
	const char *boot, *line;
} abilities[] = {
	{ "hardware", "\nCAP.MGAW: 0x26 " },
	{ "hardware", "\nCAP.CM: 0x0 " },
	{ "hardware", "\nECAP.DT: 0x0 " },
	{ "hardware", "\nECAP.SMTS: 0x0 " },
	{ "vtd-wide", "\nCAP.MGAW: 0x2f " },
	{ "vtd-wide", "\nCAP.CM: 0x1 " },
	{ "vtd-wide", "\nECAP.DT: 0x1 " },
	{ "vtd-wide", "\nECAP.IR: 0x1 " },
	{ "vtd-scalable", "\nECAP.SMTS: 0x1 " },
	{ "vtd-scalable", "\nECAP.IR: 0x0 " },
};

static const struct machine *this_machine(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(machines); i++)
		if (booted(machines[i].boot))
			return &machines[i];
	note("no machine of this test: selftests/boots has those that there are");
	REQUIRE(false);
	return NULL;
}

static bool has_line(const char *text, const char *line)
{
	const char *at;

	for (at = text; (at = strstr(at, line)); at++)
		if ((at == text || at[-1] == '\n') && at[strlen(line)] == '\n')
			return true;
	note("no line \"%s\" in:\n%s", line, text);
	return false;
}

static void expect_state(const char *text, const char *source, const char *state)
{
	char line[64];

	if (state)
		snprintf(line, sizeof(line), "%s: %s", source, state);
	else
		snprintf(line, sizeof(line), "no %s", source);
	EXPECT(has_line(text, line));
}

static void sources(void)
{
	const struct machine *machine = this_machine();
	char *text = debugfs_text("host_units"), line[64];

	snprintf(line, sizeof(line), "source: %s", machine->source);
	EXPECT(has_line(text, line));
	expect_state(text, "DMAR", machine->dmar);
	expect_state(text, "IORT", machine->iort);
	expect_state(text, "IVRS", machine->ivrs);
	expect_state(text, "device tree", machine->tree);
	EXPECT(strstr(text, "\nunit 0: base 0x"));
	free(text);

	text = debugfs_text("dmar");
	snprintf(line, sizeof(line), "firmware DMAR: %s%s",
		 machine->dmar ? "present and " : "", machine->dmar ?: "absent");
	EXPECT(has_line(text, line));
	EXPECT_EQ(!access(ACPI "DMAR", F_OK), !!machine->dmar);
	if (machine->dmar && !strcmp(machine->dmar, "invalid"))
		EXPECT(has_line(text, "error [0x0032] structure-length: structure of type 0 has length 0; 4 is the least"));
	free(text);
}

static void expect_same(const char *file, const char *before)
{
	char *now = debugfs_text(file);

	if (!EXPECT(!strcmp(now, before)))
		note("%s was:\n%s\nand is:\n%s", file, before, now);
	free(now);
}

static void again(void)
{
	char *dmar = debugfs_text("dmar"), *units = debugfs_text("host_units");
	int i;

	for (i = 0; i < 3; i++) {
		expect_same("dmar", dmar);
		expect_same("host_units", units);
	}
	EXPECT(module_load("") != 0);
	expect_same("host_units", units);
	REQUIRE_EQ(module_unload(), 0);
	REQUIRE_EQ(module_load(""), 0);
	expect_same("dmar", dmar);
	expect_same("host_units", units);
	free(dmar);
	free(units);
}

static u64 sysfs_number(const char *unit, const char *file)
{
	char path[512], *text;
	unsigned long long value;
	unsigned int major, minor;

	snprintf(path, sizeof(path), CLASS "/%s/intel-iommu/%s", unit, file);
	text = read_text(path);
	REQUIRE(text);
	if (sscanf(text, "%u:%u", &major, &minor) == 2)
		value = major << 4 | minor;
	else
		value = strtoull(text, NULL, 16);
	free(text);
	return value;
}

static void expect_unit(const char *text, const char *unit)
{
	static const char * const files[] = { "version", "cap", "ecap" };
	char begin[64], *section;
	const char *at, *value;
	size_t i;

	snprintf(begin, sizeof(begin), ": base 0x%llx ",
		 (unsigned long long)sysfs_number(unit, "address"));
	at = strstr(text, begin);
	REQUIRE(at);
	section = strdup(at);
	if (strstr(section, "\nunit "))
		*strstr(section, "\nunit ") = '\0';
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		value = find_key(section, files[i]);
		REQUIRE(value);
		EXPECT_EQ(strtoull(value, NULL, 16), sysfs_number(unit, files[i]));
	}
	free(section);
}

static void registers(void)
{
	bool drives = strcmp(this_machine()->source, "DMAR") == 0 && !booted("both");
	char *text = debugfs_text("host_units");
	unsigned int units = 0;
	struct dirent *entry;
	DIR *dir = opendir(CLASS);
	size_t i;

	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "dmar", 4))
			continue;
		units++;
		expect_unit(text, entry->d_name);
	}
	if (dir)
		closedir(dir);
	EXPECT_EQ(units > 0, drives);
	EXPECT_EQ(!!find_key(text, "cap"), !strcmp(this_machine()->source, "DMAR"));
	for (i = 0; i < ARRAY_SIZE(abilities); i++)
		if (booted(abilities[i].boot) && !EXPECT(strstr(text, abilities[i].line)))
			note("no%s in:\n%s", abilities[i].line, text);
	free(text);
}

/* Addresses of the host, and what contains some, are for CAP_SYS_RAWIO. */
static void hidden(void)
{
	bool ours = !strcmp(this_machine()->source, "built-in");
	char *text, *json;

	drop_capability(CAP_SYS_RAWIO);
	text = debugfs_text("host_units");
	json = debugfs_text("host_units.json");
	EXPECT_EQ(!!strstr(text, ": base - size "), !ours);
	EXPECT_EQ(!!strstr(text, ": base 0x"), ours);
	EXPECT_EQ(!!strstr(json, "\"base\":\"-\""), !ours);
	EXPECT_EQ(!!strstr(json, "\"base\":\"0x"), ours);
	free(text);
	free(json);
	text = debugfs_text("dmar");
	json = debugfs_text("firmware_dmar.json");
	if (this_machine()->dmar) {
		EXPECT(strstr(text, "\nfirmware DMAR: present and ") &&
		       !strcmp(text + strlen(text) - 3, "\n-\n"));
		EXPECT(!strcmp(json, "\"-\"\n"));
	} else {
		EXPECT(!strcmp(json, "null\n"));
	}
	free(text);
	free(json);
}

static void copy_file(const char *from, const char *name)
{
	char to[256], buf[4096];
	FILE *in = fopen(from, "r"), *out;
	size_t bytes;

	snprintf(to, sizeof(to), OUT "/%s/%s", this_machine()->boot, name);
	out = fopen(to, "w");
	REQUIRE(in && out);
	while ((bytes = fread(buf, 1, sizeof(buf), in)))
		REQUIRE_EQ(fwrite(buf, 1, bytes, out), bytes);
	REQUIRE(!ferror(in));
	fclose(in);
	REQUIRE_EQ(fclose(out), 0);
}

static void copy(void)
{
	char path[256];

	snprintf(path, sizeof(path), OUT "/%s", this_machine()->boot);
	REQUIRE(!mkdir(OUT, 0755) || errno == EEXIST);
	REQUIRE(!mkdir(path, 0755) || errno == EEXIST);
	copy_file(DEBUGFS "/host_units", "host_units");
	copy_file(DEBUGFS "/host_units.json", "host_units.json");
	if (!access(ACPI "DMAR", R_OK))
		copy_file(ACPI "DMAR", "DMAR");
	if (!access(ACPI "IVRS", R_OK))
		copy_file(ACPI "IVRS", "IVRS");
}

static const struct test_case cases[] = {
	{ "V16 V17 H2 the machine's units are those of the first source that has any",
	  sources },
	{ "V16 the same at each look, and when the module is loaded again", again },
	{ "V17 units by their registers, as the kernel's driver says", registers },
	{ "V17 addresses of the host are not shown to all", hidden },
	{ "files about the host's units are copied", copy },
};

int main(void)
{
	return RUN_CASES(cases);
}
