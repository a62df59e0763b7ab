// SPDX-License-Identifier: GPL-2.0
/*
 * firmware/: the fields of each type of structure, as they are decoded, printed and
 * written as JSON. dmar_every.c says what is in the table.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "../iommu_lab/firmware/bytes.h"
#include "../iommu_lab/firmware/span.h"
#include "dmar_every.h"
#include "firmware_help.h"
#include "seed.h"
#include "suites.h"

#define RANDOM_SPANS	0xf3	/* a stream of random numbers */
#define MAX_SPANS	70

static void release_table(void *table)
{
	lab_dmar_table_free(table);
}

static u8 *every(struct kunit *test)
{
	size_t length;
	u8 *table = lab_test_every_structure(&length);

	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, release_table,
							   table));
	KUNIT_ASSERT_EQ(test, length, LAB_EVERY_LENGTH);
	return table;
}

static void expect_name(struct kunit *test, const struct lab_dmar_andd *andd,
			const char *name)
{
	KUNIT_ASSERT_EQ(test, andd->name_length, strlen(name));
	KUNIT_EXPECT_MEMEQ(test, andd->name, name, strlen(name));
}

/* each field that differs from 0, in at least one structure of its type */
static void fields(struct kunit *test)
{
	u8 *table = every(test);
	struct lab_dmar *dmar;

	lab_put_le16(table + 0xd6, 1);		/* segments: ATSR, SATC, SIDP */
	lab_put_le16(table + 0x13e, 1);
	lab_put_le16(table + 0x14e, 1);
	table[0xd4] = LAB_ATSR_ALL_PORTS;
	lab_put_le32(table + 0x104, 0x12345678);	/* RHSA */
	lab_fw_repair(table, LAB_EVERY_LENGTH);
	dmar = lab_fw_parse(test, table, LAB_EVERY_LENGTH, 0);

	KUNIT_ASSERT_EQ(test, dmar->nr_structures, 12);
	KUNIT_ASSERT_EQ(test, dmar->nr_drhds, 3);
	KUNIT_ASSERT_EQ(test, dmar->nr_rmrrs, 2);
	KUNIT_ASSERT_EQ(test, dmar->nr_atsrs, 1);
	KUNIT_ASSERT_EQ(test, dmar->nr_rhsas, 2);
	KUNIT_ASSERT_EQ(test, dmar->nr_andds, 2);
	KUNIT_ASSERT_EQ(test, dmar->nr_satcs, 1);
	KUNIT_ASSERT_EQ(test, dmar->nr_sidps, 1);
	KUNIT_ASSERT_EQ(test, dmar->nr_scopes, 11);

	KUNIT_EXPECT_EQ(test, dmar->drhds[1].size, 8192);
	KUNIT_EXPECT_EQ(test, dmar->drhds[1].segment, 1);
	KUNIT_EXPECT_EQ(test, dmar->rmrrs[1].limit, 0x7fffffff);
	KUNIT_EXPECT_EQ(test, dmar->atsrs[0].segment, 1);
	KUNIT_EXPECT_EQ(test, dmar->atsrs[0].flags, LAB_ATSR_ALL_PORTS);
	KUNIT_EXPECT_TRUE(test, dmar->atsrs[0].all_ports);
	KUNIT_EXPECT_EQ(test, dmar->rhsas[0].base, 0xfed90000);
	KUNIT_EXPECT_EQ(test, dmar->rhsas[0].domain, 0);
	KUNIT_EXPECT_EQ(test, dmar->rhsas[1].base, 0xfed91000);
	KUNIT_EXPECT_EQ(test, dmar->rhsas[1].domain, 0x12345678);
	KUNIT_EXPECT_EQ(test, dmar->andds[0].number, 1);
	expect_name(test, &dmar->andds[0], "\\_SB.PCI0.UART0");
	KUNIT_EXPECT_EQ(test, dmar->andds[1].number, 2);
	expect_name(test, &dmar->andds[1], "\\_SB.PCI0.UART1");
	KUNIT_EXPECT_EQ(test, dmar->satcs[0].segment, 1);
	KUNIT_EXPECT_TRUE(test, dmar->satcs[0].atc_required);
	KUNIT_EXPECT_EQ(test, dmar->sidps[0].segment, 1);
	KUNIT_EXPECT_EQ(test, dmar->scopes[10].flags, LAB_SIDP_FLAGS);
}

/* without their flags: each is a bit of its own */
static void flags_clear(struct kunit *test)
{
	u8 *table = every(test);
	struct lab_dmar *dmar;

	table[0x13c] = 0;
	lab_fw_repair(table, LAB_EVERY_LENGTH);
	dmar = lab_fw_parse(test, table, LAB_EVERY_LENGTH, 0);
	KUNIT_EXPECT_FALSE(test, dmar->atsrs[0].all_ports);
	KUNIT_EXPECT_FALSE(test, dmar->satcs[0].atc_required);
}

/* A name ends at the first NUL, or with its structure. */
static void names(struct kunit *test)
{
	u8 *table = every(test);
	struct lab_dmar *dmar;

	table[0x114] = 0;
	table[0x137] = '!';
	lab_fw_repair(table, LAB_EVERY_LENGTH);
	dmar = lab_fw_parse(test, table, LAB_EVERY_LENGTH, -EINVAL);
	expect_name(test, &dmar->andds[0], "\\_SB");
	expect_name(test, &dmar->andds[1], "\\_SB.PCI0.UART1!");
}

static const char * const text[] = {
	"DMAR revision 1 344 bytes oem \"IOMLAB\" \"TOPOLOGY\"",
	"host address width 39 bits",
	"flags 0x01 INTR_REMAP",
	"[0x0030] DRHD 24 bytes segment 0000 registers 0x00000000fed90000 size 0x1000 flags 0x00",
	"  [0x0040] pci-endpoint flags 0x00 id 0 bus 00 path 02.0",
	"[0x0048] DRHD 24 bytes segment 0001 registers 0x00000000fed92000 size 0x2000 flags 0x00",
	"  [0x0058] pci-bridge flags 0x00 id 0 bus 00 path 1c.0",
	"[0x0060] DRHD 48 bytes segment 0000 registers 0x00000000fed91000 size 0x1000 flags 0x01 INCLUDE_PCI_ALL",
	"  [0x0070] ioapic flags 0x00 id 2 bus f0 path 1f.0",
	"  [0x0078] hpet flags 0x00 id 0 bus f0 path 1f.0",
	"  [0x0080] acpi-namespace flags 0x00 id 1 bus 00 path 15.0",
	"  [0x0088] acpi-namespace flags 0x00 id 2 bus 00 path 15.1",
	"[0x0090] RMRR 32 bytes segment 0000 memory 0x000000007a000000-0x000000007a001fff",
	"  [0x00a8] pci-endpoint flags 0x00 id 0 bus 00 path 14.0",
	"[0x00b0] RMRR 32 bytes segment 0000 memory 0x000000007b800000-0x000000007fffffff",
	"  [0x00c8] pci-endpoint flags 0x00 id 0 bus 00 path 02.0",
	"[0x00d0] ATSR 16 bytes segment 0000 flags 0x00",
	"  [0x00d8] pci-bridge flags 0x00 id 0 bus 00 path 01.0",
	"[0x00e0] RHSA 20 bytes registers 0x00000000fed90000 proximity domain 0",
	"[0x00f4] RHSA 20 bytes registers 0x00000000fed91000 proximity domain 1",
	"[0x0108] ANDD 24 bytes number 1 name \"\\_SB.PCI0.UART0\"",
	"[0x0120] ANDD 24 bytes number 2 name \"\\_SB.PCI0.UART1\"",
	"[0x0138] SATC 16 bytes segment 0000 flags 0x01 ATC_REQUIRED",
	"  [0x0140] pci-endpoint flags 0x00 id 0 bus 00 path 02.0",
	"[0x0148] SIDP 16 bytes segment 0000",
	"  [0x0150] pci-endpoint flags 0x1f NESTED_NOTALLOWED PWSNP_NOTALLOWED PGSNP_NOTALLOWED ATC_HARDENED ATC_REQUIRED id 0 bus 00 path 02.0",
};

/**
 * struct lines - the lines still to come
 * @test: the test
 * @next: index into text
 */
struct lines {
	struct kunit *test;
	unsigned int next;
};

static void expect_line(void *ctx, const char *line)
{
	struct lines *lines = ctx;
	unsigned int i = lines->next++;

	KUNIT_ASSERT_LT(lines->test, i, ARRAY_SIZE(text));
	KUNIT_EXPECT_STREQ(lines->test, line, text[i]);
}

static void print(struct kunit *test)
{
	struct lines lines = { .test = test };

	lab_dmar_print(lab_fw_parse(test, every(test), LAB_EVERY_LENGTH, 0),
		       expect_line, &lines);
	KUNIT_EXPECT_EQ(test, lines.next, ARRAY_SIZE(text));
}

/* Written by hand: a header with one flag, a unit, what nobody knows, an ANDD. */
static const char * const json_text[] = {
	"{\"header\":{\"signature\":\"DMAR\",\"length\":99,\"revision\":1,",
	"\"checksum\":",
	"%u",	/* the checksum */
	",\"oem_id\":\"IOMLAB\",\"oem_table_id\":\"TOPO\\\"\\u00e9\\u0007\",",
	"\"oem_revision\":1,\"compiler_id\":\"ILAB\",\"compiler_revision\":1},",
	"\"host_address_width_field\":38,\"host_address_width\":39,\"flags\":12,",
	"\"flags_decoded\":{\"intr_remap\":0,\"x2apic_opt_out\":0,",
	"\"dma_ctrl_platform_opt_in\":1},\"reserved\":\"00000000000000000000\",",
	"\"structures\":[{\"offset\":48,\"type_id\":0,\"type\":\"DRHD\",\"length\":26,",
	"\"flags\":1,\"include_pci_all\":true,\"size\":1,\"register_set_pages_log2\":1,",
	"\"segment\":258,\"register_base\":\"0x00000001fed90000\",\"device_scopes\":[",
	"{\"offset\":64,\"type_id\":3,\"type\":\"ioapic\",\"length\":10,\"flags\":0,",
	"\"reserved\":0,\"enumeration_id\":2,\"start_bus\":240,",
	"\"path\":[[31,7],[0,1]]}]},",
	"{\"offset\":74,\"type_id\":4,\"type\":\"ANDD\",\"length\":13,\"reserved\":0,",
	"\"device_number\":9,\"object_name\":\"\\\\_SB\"},",
	"{\"offset\":87,\"type_id\":2,\"type\":\"ATSR\",\"length\":7,",
	"\"opaque\":\"00ff10\"},",
	"{\"offset\":94,\"type_id\":255,\"type\":\"unknown\",\"length\":5,",
	"\"opaque\":\"00\"}],",
	"\"diagnostics\":[{\"offset\":89,\"severity\":\"error\",",
	"\"check\":\"structure-length\",",
	"\"text\":\"structure of type 2 has length 7; 8 is the least\"}],",
	"\"findings\":[{\"offset\":89,\"severity\":\"error\",",
	"\"check\":\"structure-length\",",
	"\"text\":\"structure of type 2 has length 7; 8 is the least\"},",
	"{\"offset\":94,\"severity\":\"note\",\"check\":\"structure-unknown\",",
	"\"text\":\"structure of unknown type 0xff, 5 bytes, skipped\"},",
	"{\"offset\":87,\"severity\":\"warning\",\"check\":\"structure-order\",",
	"\"text\":\"ATSR behind ANDD; structures are in the order of their types\"},",
	"{\"offset\":81,\"severity\":\"warning\",\"check\":\"andd-orphan\",",
	"\"text\":\"ACPI device number 9 has no device scope\"}],",
	"\"dmar_remap_opt_out\":true}",
};

/**
 * struct written - a text that is put together
 * @text: the text
 * @used: bytes of it; more than there are: it was too long
 */
struct written {
	char text[4096];
	size_t used;
};

static void append(void *ctx, const char *piece, size_t length)
{
	struct written *written = ctx;

	if (length < sizeof(written->text) - written->used)
		memcpy(written->text + written->used, piece, length);
	written->used += length;
}

static void json(struct kunit *test)
{
	static const u8 path[] = { 31, 7, 0, 1 }, opaque[] = { 0, 0xff, 0x10 };
	struct written *written = kunit_kzalloc(test, sizeof(*written),
						GFP_KERNEL);
	char *want = kunit_kzalloc(test, sizeof(written->text), GFP_KERNEL);
	struct lab_dmar_builder builder;
	size_t length, used = 0, i;
	u8 *table;

	KUNIT_ASSERT_NOT_NULL(test, written);
	KUNIT_ASSERT_NOT_NULL(test, want);
	lab_dmar_begin(&builder, 39,
		       LAB_DMAR_DMA_CTRL_OPT_IN | LAB_DMAR_REMAP_OPT_OUT);
	lab_dmar_add_drhd(&builder, 258, 0x1fed90000, 1,
			  LAB_DRHD_INCLUDE_PCI_ALL);
	lab_dmar_add_scope(&builder, LAB_SCOPE_IOAPIC, 0, 2, 0xf0, path, 2);
	lab_dmar_add_andd(&builder, 9, "\\_SB");
	lab_dmar_add_structure(&builder, LAB_DMAR_ATSR, opaque, 3);
	lab_dmar_add_structure(&builder, 255, opaque, 1);
	table = lab_fw_finish(test, &builder, &length);
	memcpy(table + 16, "TOPO\"\351\a", 8);
	lab_fw_repair(table, length);
	for (i = 0; i < ARRAY_SIZE(json_text); i++) {
		if (!strcmp(json_text[i], "%u"))
			used += scnprintf(want + used,
					  sizeof(written->text) - used, "%u",
					  table[9]);
		else
			used += scnprintf(want + used,
					  sizeof(written->text) - used, "%s",
					  json_text[i]);
	}

	lab_dmar_json(lab_fw_parse(test, table, length, -EINVAL), append,
		      written);
	KUNIT_ASSERT_LT(test, written->used, sizeof(written->text));
	KUNIT_EXPECT_STREQ(test, written->text, want);
}

/* Without a header there is nothing but the finding. */
static void json_of_nothing(struct kunit *test)
{
	struct written *written = kunit_kzalloc(test, sizeof(*written),
						GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, written);
	lab_dmar_json(lab_fw_parse(test, (const u8 *)"DMA", 3, -EINVAL), append,
		      written);
	KUNIT_EXPECT_STREQ(test, written->text,
			   "{\"diagnostics\":[{\"offset\":0,\"severity\":\"error\",\"check\":\"header-length\",\"text\":\"3 bytes; the header of a DMAR alone has 48\"}],\"findings\":[{\"offset\":0,\"severity\":\"error\",\"check\":\"header-length\",\"text\":\"3 bytes; the header of a DMAR alone has 48\"}]}");
}

/* What cannot be encoded, or names nothing, is refused; the longest name is not. */
static void builder_names(struct kunit *test)
{
	char *name = kunit_kmalloc(test, 0x10000, GFP_KERNEL);
	struct lab_dmar_builder builder;
	unsigned int fault;

	KUNIT_ASSERT_NOT_NULL(test, name);
	memset(name, 'A', 0xffff);
	for (fault = 0; fault < 4; fault++) {
		name[0] = fault == 0 ? 'A' : '\\';
		name[0xfff6] = fault == 1 ? '\0' : 'A';
		name[0xfff7] = fault == 2 ? '\0' : 'A';
		name[0xffff] = '\0';
		lab_dmar_begin(&builder, 39, 0);
		lab_dmar_add_andd(&builder, 1, name);
		KUNIT_EXPECT_EQ_MSG(test, builder.error,
				    fault == 1 ? 0 : -EINVAL, "%u", fault);
		if (fault == 1)
			KUNIT_EXPECT_EQ(test, builder.length, 48 + 0xffff);
		lab_dmar_builder_free(&builder);
	}
}

static bool in_order(const struct lab_span *a, const struct lab_span *b)
{
	if (a->start != b->start)
		return a->start < b->start;
	return a->last < b->last ||
	       (a->last == b->last && a->offset < b->offset);
}

/* Each number of ranges from 0 on; many are the same but for their offsets. */
static void sorted_spans(struct kunit *test)
{
	struct lab_span *spans;
	struct rnd_state random;
	u32 nr, i, start, offsets, starts;

	spans = kunit_kcalloc(test, MAX_SPANS, sizeof(*spans), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, spans);
	lab_test_rnd_init(&random, RANDOM_SPANS);
	for (nr = 0; nr < MAX_SPANS; nr++) {
		for (i = 0, starts = 0; i < nr; i++) {
			spans[i].start = lab_test_below(&random, 20);
			spans[i].last = spans[i].start +
					lab_test_below(&random, 2);
			spans[i].offset = i;
			starts |= BIT(spans[i].start);
		}
		lab_span_sort(spans, nr);
		for (i = 0, offsets = 0; i < nr; i++) {
			offsets += spans[i].offset;
			if (i && !in_order(&spans[i - 1], &spans[i]))
				KUNIT_FAIL(test, "%u of %u", i, nr);
		}
		KUNIT_EXPECT_EQ(test, offsets, nr ? nr * (nr - 1) / 2 : 0);
		for (start = 0; start < 21; start++)
			KUNIT_EXPECT_EQ(test, lab_span_has(spans, nr, start),
					!!(starts & BIT(start)));
	}
}

static struct kunit_case dmar_decode_cases[] = {
	LAB_FW_CASE(fields, "V5 the fields of each type of structure"),
	LAB_FW_CASE(flags_clear, "flags that are clear"),
	LAB_FW_CASE(names, "names of ACPI devices end at their NUL"),
	LAB_FW_CASE(print, "V5 each type of structure, printed"),
	LAB_FW_CASE(json, "a table as JSON, compared with a text by hand"),
	LAB_FW_CASE(json_of_nothing, "JSON without a header"),
	LAB_FW_CASE(builder_names, "the builder refuses wrong ACPI names"),
	LAB_FW_CASE(sorted_spans, "ranges are sorted, and found"),
	{ }
};

struct kunit_suite lab_dmar_decode_suite = {
	.name = "dmar-decode",
	.test_cases = dmar_decode_cases,
};
