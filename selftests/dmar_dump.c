// SPDX-License-Identifier: GPL-2.0
/*
 * Copies what debugfs says of DMAR tables to /out/dmar_json/debugfs/, with the bytes
 * of the machine's own table, for selftests/dmar_json.py: it decodes the bytes by the
 * specification, and says whether text and JSON tell the same.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define OUT	"/out/dmar_json"
#define TABLE	"/sys/firmware/acpi/tables/DMAR"

static void copy_file(const char *from, const char *name)
{
	char to[128], buf[4096];
	FILE *in = fopen(from, "r"), *out;
	size_t bytes, copied = 0;

	REQUIRE(!mkdir(OUT, 0755) || errno == EEXIST);
	REQUIRE(!mkdir(OUT "/debugfs", 0755) || errno == EEXIST);
	snprintf(to, sizeof(to), OUT "/debugfs/%s", name);
	out = fopen(to, "w");
	if (!in || !out) {
		note("%s: %s", from, strerror(errno));
		REQUIRE(in && out);
	}
	while ((bytes = fread(buf, 1, sizeof(buf), in))) {
		REQUIRE_EQ(fwrite(buf, 1, bytes, out), bytes);
		copied += bytes;
	}
	REQUIRE(!ferror(in));
	EXPECT(copied);
	fclose(in);
	REQUIRE_EQ(fclose(out), 0);
}

static void copy(void)
{
	copy_file(DEBUGFS "/dmar", "dmar");
	copy_file(DEBUGFS "/dmar.json", "dmar.json");
	copy_file(DEBUGFS "/firmware_dmar.json", "firmware_dmar.json");
	if (!access(TABLE, R_OK))
		copy_file(TABLE, "DMAR");
}

/* absent, valid, invalid: text, JSON and the kernel say the same */
static void states(void)
{
	char *text = debugfs_text("dmar");
	char *json = debugfs_text("firmware_dmar.json");
	bool absent = access(TABLE, F_OK);
	bool error = strstr(json, "\"severity\":\"error\"");

	EXPECT(!strncmp(text, "source: built-in\n", 17));
	EXPECT_EQ(!strcmp(json, "null\n"), absent);
	EXPECT_EQ(!!strstr(text, "\nfirmware DMAR: absent\n"), absent);
	EXPECT_EQ(!!strstr(text, "\nfirmware DMAR: present and valid\n"),
		  !absent && !error);
	EXPECT_EQ(!!strstr(text, "\nfirmware DMAR: present and invalid\n"),
		  !absent && error);
	free(text);
	free(json);
}

/* The JSON can be read in pieces of any size. */
static void pieces(void)
{
	char *whole = debugfs_text("dmar.json"), *text;
	size_t length = strlen(whole), used, piece;
	FILE *file;

	REQUIRE(length > 2 && whole[0] == '{' && whole[length - 2] == '}');
	text = malloc(length + 8);
	REQUIRE(text);
	for (piece = 1; piece < 8; piece++) {
		file = fopen(DEBUGFS "/dmar.json", "r");
		REQUIRE(file);
		setbuf(file, NULL);
		for (used = 0; used < length; used += piece) {
			if (fread(text + used, 1, piece, file) < piece)
				break;
		}
		EXPECT_EQ(memcmp(text, whole, length), 0);
		fclose(file);
	}
	free(text);
	free(whole);
}

static const struct test_case cases[] = {
	{ "V16 V17 the machine's DMAR is absent, valid or invalid", states },
	{ "V17 JSON of a DMAR, in pieces", pieces },
	{ "files about DMAR tables are copied", copy },
};

int main(void)
{
	return RUN_CASES(cases);
}
