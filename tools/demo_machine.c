// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include "demo.h"

static u64 bits(u64 value, unsigned int first, unsigned int last)
{
	return value >> first & (~0ull >> (63 - last + first));
}

/* a field as this program decodes it, and as debugfs does */
static u64 field(const char *text, const char *name, u64 value,
		 unsigned int first, unsigned int last)
{
	const char *shown = value_of(text, name);
	u64 number = bits(value, first, last);

	if (expect(shown, "debugfs does not name %s", name))
		same(name, strtoull(shown, NULL, 0), number);
	return number;
}

static void show_unit(u32 index)
{
	struct iommu_lab_unit_info unit = { .size = sizeof(unit),
					    .index = index };
	char *text = report_text("units/%u/capabilities", index);
	u64 nd, sagaw, mgaw, sslps, nfr, mamv;

	CALL(demo.control, IOMMU_LAB_UNIT_INFO, &unit);
	same("version", strtoull(value_of(text, "version") ?: "", NULL, 0),
	     unit.version);
	same("CAP", strtoull(value_of(text, "cap") ?: "", NULL, 0), unit.cap);
	same("ECAP", strtoull(value_of(text, "ecap") ?: "", NULL, 0),
	     unit.ecap);
	expect(unit.out_flags == IOMMU_LAB_INFO_ENABLED, "it is not enabled");
	nd = field(text, "CAP.ND", unit.cap, 0, 2);
	sagaw = field(text, "CAP.SAGAW", unit.cap, 8, 12);
	mgaw = field(text, "CAP.MGAW", unit.cap, 16, 21);
	sslps = field(text, "CAP.SSLPS", unit.cap, 34, 37);
	nfr = field(text, "CAP.NFR", unit.cap, 40, 47);
	mamv = field(text, "CAP.MAMV", unit.cap, 48, 53);
	say("unit %u at %#llx (an address of the lab, on no bus), VT-d %u.%u, on", index,
	    (unsigned long long)unit.base, unit.version >> 4,
	    unit.version & 15);
	say("  CAP  %016llx: %llu domain ids, tables for%s%s%s bits, addresses of",
	    (unsigned long long)unit.cap, 16ull << 2 * nd,
	    sagaw & 2 ? " 39" : "", sagaw & 4 ? " 48" : "",
	    sagaw & 8 ? " 57" : "");
	say("       %llu bits, leaves of 4 KiB%s%s, %llu fault records, caching mode %llu,",
	    (unsigned long long)mgaw + 1, sslps & 1 ? ", 2 MiB" : "",
	    sslps & 2 ? ", 1 GiB" : "", (unsigned long long)nfr + 1,
	    (unsigned long long)field(text, "CAP.CM", unit.cap, 7, 7));
	say("       page-selective invalidation %llu, of up to 2^%llu pages",
	    (unsigned long long)field(text, "CAP.PSI", unit.cap, 39, 39),
	    (unsigned long long)mamv);
	say("  ECAP %016llx: queued invalidation %llu, pass-through %llu, coherent %llu",
	    (unsigned long long)unit.ecap,
	    (unsigned long long)field(text, "ECAP.QI", unit.ecap, 1, 1),
	    (unsigned long long)field(text, "ECAP.PT", unit.ecap, 6, 6),
	    (unsigned long long)field(text, "ECAP.C", unit.ecap, 0, 0));
	free(text);
}

void show_units(void)
{
	struct iommu_lab_info info = { .size = sizeof(info) };
	u32 i;

	step("The units, found in the module's DMAR table");
	CALL(demo.control, IOMMU_LAB_INFO, &info);
	same("units", report_number("info", "units"), info.units);
	same("endpoints", report_number("info", "endpoints"), info.endpoints);
	for (i = 0; i < info.units; i++)
		show_unit(i);
	say("%u endpoints do DMA behind them", info.endpoints);
}

void show_dmar(void)
{
	char *text = report_text("dmar"), *firmware = strstr(text, "firmware DMAR:");
	struct iommu_lab_info info = { .size = sizeof(info) };
	const char *at;
	u32 drhds = 0;

	step("The DMAR tables: the module's own, and the machine's");
	CALL(demo.control, IOMMU_LAB_INFO, &info);
	say_text(text);
	for (at = text; (at = strstr(at, " DRHD ")) && (!firmware || at < firmware); at++)
		drhds++;
	same("DRHDs of the module's table", drhds, info.units);
	expect(firmware, "debugfs does not speak of the machine's table");
	free(text);
	text = report_text("host_units");
	if (!strncmp(text, "source: DMAR\n", 13)) {
		say("The machine's own units, by their registers (read only):");
		for (at = text; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
			if (!strncmp(at, "unit ", 5) || !strncmp(at, "version:", 8) ||
			    !strncmp(at, "cap:", 4) || !strncmp(at, "ecap:", 5))
				say("  %.*s", (int)strcspn(at, "\n"), at);
	}
	free(text);
}

void make_domain(void)
{
	struct iommu_lab_domain_create create = {
		.size = sizeof(create),
		.policy = IOMMU_LAB_POLICY_ALLOC,
	};
	struct iommu_lab_domain_info info = { .size = sizeof(info) };
	char file[64];

	step("A domain: an address space for devices");
	CALL(demo.control, IOMMU_LAB_DOMAIN_CREATE, &create);
	demo.domain = create.out_fd;
	demo.id = create.out_id;
	CALL(demo.domain, IOMMU_LAB_DOMAIN_INFO, &info);
	demo.levels = info.levels;
	snprintf(file, sizeof(file), "domains/%u/info", demo.id);
	same("id", report_number(file, "id"), info.id);
	same("levels", report_number(file, "levels"), info.levels);
	same("mappings", report_number(file, "mappings"), info.mappings);
	same("bytes of tables", report_number(file, "table_bytes"),
	     info.table_bytes);
	say("domain %u: the module picks IOVAs from %#llx to %#llx", info.id,
	    (unsigned long long)info.aperture_start,
	    (unsigned long long)info.aperture_last);
	say("a table of %u levels, %llu bytes so far, %llu mappings",
	    info.levels, (unsigned long long)info.table_bytes,
	    (unsigned long long)info.mappings);
	snprintf(demo.domain_stats, sizeof(demo.domain_stats),
		 "domains/%u/stats", demo.id);
}

void attach_endpoint(void)
{
	struct iommu_lab_info info = { .size = sizeof(info) };
	struct iommu_lab_endpoint_info ep = { .size = sizeof(ep) };
	struct iommu_lab_attach attach = { .size = sizeof(attach) };
	char path[128], file[64], key[32], *text;
	u64 did;

	CALL(demo.control, IOMMU_LAB_INFO, &info);
	ep.index = next_random() % info.endpoints;
	CALL(demo.control, IOMMU_LAB_ENDPOINT_INFO, &ep);
	demo.unit = ep.unit;
	demo.bdf = ep.bdf;
	snprintf(demo.name, sizeof(demo.name), "%04x:%02x:%02x.%x", ep.domain,
		 ep.bdf >> 8, ep.bdf >> 3 & 31, ep.bdf & 7);
	snprintf(demo.unit_stats, sizeof(demo.unit_stats), "units/%u/stats",
		 demo.unit);
	snprintf(demo.endpoint_stats, sizeof(demo.endpoint_stats),
		 "endpoints/%s/stats", demo.name);
	snprintf(path, sizeof(path), "/dev/iommu_lab-ep/%s", demo.name);
	step("An endpoint: %s", path);
	demo.endpoint = open(path, O_RDWR | O_CLOEXEC);
	if (demo.endpoint < 0)
		give_up("%s: %s", path, strerror(errno));
	attach.endpoint_fd = demo.endpoint;
	CALL(demo.domain, IOMMU_LAB_ATTACH, &attach);
	CALL(demo.control, IOMMU_LAB_ENDPOINT_INFO, &ep);
	same("its domain", ep.domain_id, demo.id);
	snprintf(file, sizeof(file), "domains/%u/info", demo.id);
	snprintf(key, sizeof(key), "did_unit%u", demo.unit);
	did = report_number(file, key);
	text = report_text("units/%u/context", demo.unit);
	snprintf(key, sizeof(key), "memory: %02x:%02x.%x %llu 0 ",
		 ep.bdf >> 8, ep.bdf >> 3 & 31, ep.bdf & 7,
		 (unsigned long long)did);
	expect(strstr(text, key), "no context entry '%s'", key);
	say("attached: unit %u translates for it; its context entry (source-id %#06x)",
	    demo.unit, ep.bdf);
	say("points to the tables of domain id %llu", (unsigned long long)did);
	free(text);
	text = report_text("units/%u/iotlb", demo.unit);
	demo.sets = strtoull(value_of(text, "sets") ?: "", NULL, 0);
	demo.ways = strtoull(value_of(text, "ways") ?: "", NULL, 0);
	say("the unit's IOTLB has %llu sets of %llu ways",
	    (unsigned long long)demo.sets, (unsigned long long)demo.ways);
	free(text);
	demo.unit_start = read_counters(demo.unit_stats);
	demo.endpoint_start = read_counters(demo.endpoint_stats);
}
