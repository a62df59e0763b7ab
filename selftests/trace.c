// SPDX-License-Identifier: GPL-2.0
/* Tracepoints: what they say, and in which order. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)
#define TRACEFS	"/sys/kernel/tracing"

/* the lines of this module, from the event's name on; read_line walks over them */
static char *trace, *at;

static void start_trace(void)
{
	int fd;

	if (access(TRACEFS "/trace", F_OK))
		REQUIRE(!mount("tracefs", TRACEFS, "tracefs", 0, NULL));
	REQUIRE_EQ(write_text(TRACEFS "/events/iommu_lab/enable", "1"), 0);
	/* opening it so empties it */
	fd = open(TRACEFS "/trace", O_WRONLY | O_TRUNC | O_CLOEXEC);
	REQUIRE(fd >= 0);
	close(fd);
	REQUIRE_EQ(write_text(TRACEFS "/tracing_on", "1"), 0);
}

static void stop_trace(void)
{
	REQUIRE_EQ(write_text(TRACEFS "/events/iommu_lab/enable", "0"), 0);
	trace = read_text(TRACEFS "/trace");
	REQUIRE(trace);
	at = trace;
}

static char *next_line(void)
{
	char *line = strstr(at, ": iommu_lab_");
	size_t length;

	if (!line)
		return NULL;
	line += 2;
	length = strcspn(line, "\n");
	at = line + length;
	return strndup(line, length);
}

__attribute__((format(printf, 1, 2)))
static void want(const char *fmt, ...)
{
	char wanted[512], *line = next_line();
	va_list args;

	va_start(args, fmt);
	vsnprintf(wanted, sizeof(wanted), fmt, args);
	va_end(args);
	if (!EXPECT(line && !strcmp(line, wanted)))
		note("got  %s\n# want %s", line ?: "nothing", wanted);
	free(line);
}

static int did_of(u32 id, const char *unit)
{
	char file[32];

	snprintf(file, sizeof(file), "domains/%u/info", id);
	return debugfs_number(file, unit);
}

#define HERE	"endpoint=0000:00:01.0 domain=%u unit=0 "
#define ALL	"iova=0x0-0xffffffffffffffff "
#define CONTEXT	"iommu_lab_invalidate: bdf=8 domain=%u unit=0 " ALL \
		"did=%d type=1 granularity=3 error=0"
#define DOMAIN	"iommu_lab_invalidate: bdf=-1 domain=%u unit=0 " ALL \
		"did=%d type=2 granularity=2 error=0"
#define MASTER	"iommu_lab_bus_master: endpoint=0000:00:01.0 domain=0 unit=0 " \
		"iova=0x0-0x0 on=%d"
#define FIRST	(unsigned long long)AT
#define LAST	(unsigned long long)(AT + 4 * PAGE - 1)

static void exact(void)
{
	int control = control_open(), endpoint = endpoint_open(0), did;
	int domain = domain_create_in(control, IOMMU_LAB_POLICY_FIXED, 0,
				      4 * GIB - 1);
	u32 id = domain_info(domain).id, record;
	u8 *mem = pages_alloc(4 * PAGE), data[PAGE];

	/* taken from the kernel, so that its domain is out of the way */
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	record = debugfs_number("units/0/faults", "total") % 8;
	start_trace();
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	did = did_of(id, "did_unit0");
	REQUIRE_EQ(map_at(domain, mem, 4 * PAGE, READ_ONLY, AT), 0);
	EXPECT_EQ(dma_read(endpoint, AT + 0x10, data, 0x100).status,
		  IOMMU_LAB_DMA_OK);
	EXPECT_EQ(dma_fill(endpoint, AT + PAGE + 8, 16, 0).status,
		  IOMMU_LAB_DMA_FAULT);
	EXPECT_EQ(dma_copy(endpoint, AT, AT + GIB, 64).status,
		  IOMMU_LAB_DMA_FAULT);
	REQUIRE_EQ(unmap(domain, AT, 4 * PAGE), 0);
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	stop_trace();

	want(CONTEXT, id, did);
	want("iommu_lab_attach: " HERE "iova=0x0-0xffffffff did=%d", id, did);
	want("iommu_lab_map: bdf=-1 domain=%u unit=-1 iova=0x%llx-0x%llx prot=1",
	     id, FIRST, LAST);
	want("iommu_lab_dma_begin: " HERE "iova=0x10000010-0x1000010f op=0 entries=1 length=256",
	     id);
	want("iommu_lab_dma_end: " HERE "iova=0x10000010-0x1000010f op=0 status=0 done=256 reason=0x0 refused=0x0",
	     id);
	want("iommu_lab_dma_begin: " HERE "iova=0x10001008-0x10001017 op=3 entries=1 length=16",
	     id);
	want("iommu_lab_fault: " HERE "iova=0x10001000-0x10001fff record=%u reason=0x5 write=1",
	     id, record);
	want("iommu_lab_dma_end: " HERE "iova=0x10001008-0x10001017 op=3 status=1 done=0 reason=0x5 refused=0x10001008",
	     id);
	want("iommu_lab_dma_begin: " HERE "iova=0x10000000-0x1000003f op=2 entries=2 length=64",
	     id);
	want("iommu_lab_fault: " HERE "iova=0x50000000-0x50000fff record=%u reason=0x5 write=1",
	     id, (record + 1) % 8);
	want("iommu_lab_dma_end: " HERE "iova=0x10000000-0x1000003f op=2 status=1 done=0 reason=0x5 refused=0x50000000",
	     id);
	want("iommu_lab_unmap: bdf=-1 domain=%u unit=-1 iova=0x%llx-0x%llx prot=1",
	     id, FIRST, LAST);
	want("iommu_lab_invalidate: bdf=-1 domain=%u unit=0 iova=0x%llx-0x%llx did=%d type=2 granularity=3 error=0",
	     id, FIRST, LAST, did);
	want("iommu_lab_free: bdf=-1 domain=%u unit=-1 iova=0x%llx-0x%llx prot=1",
	     id, FIRST, LAST);
	want(MASTER, 0);
	want(CONTEXT, id, did);
	want(DOMAIN, id, did);
	want("iommu_lab_detach: " HERE "iova=0x0-0xffffffff did=-1", id);
	/* blocked: no context entry, no domain */
	want(MASTER, 1);
	want("iommu_lab_dma_begin: " HERE "iova=0x10000000-0x10000000 op=0 entries=1 length=1",
	     0);
	want("iommu_lab_fault: " HERE "iova=0x10000000-0x10000fff record=%u reason=0x2 write=0",
	     0, (record + 2) % 8);
	want("iommu_lab_dma_end: " HERE "iova=0x10000000-0x10000000 op=0 status=1 done=0 reason=0x2 refused=0x10000000",
	     0);
	EXPECT(!next_line());
	free(trace);
}

/* the kernel attaches its own domain to the endpoint again */
static void want_default(void)
{
	char *line = next_line();

	EXPECT(line && strstr(line, "iommu_lab_invalidate: bdf=8 "));
	free(line);
	line = next_line();
	EXPECT(line && strstr(line, "iommu_lab_attach: endpoint=0000:00:01.0 "));
	free(line);
}

/* N19. The end of a domain that nobody else uses: the flush is a part of detach */
static void order_on_release(void)
{
	int control = control_open(), endpoint = endpoint_open(0), did;
	int domain = domain_create_in(control, IOMMU_LAB_POLICY_FIXED, 0,
				      4 * GIB - 1);
	u8 *mem = pages_alloc(4 * PAGE);
	u32 id = domain_info(domain).id;

	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	did = did_of(id, "did_unit0");
	REQUIRE_EQ(map_at(domain, mem, 4 * PAGE, READ_WRITE, AT), 0);
	start_trace();
	close(domain);
	stop_trace();
	want(MASTER, 0);
	want(CONTEXT, id, did);
	want(DOMAIN, id, did);
	want("iommu_lab_detach: " HERE "iova=0x0-0xffffffff did=-1", id);
	want_default();
	want("iommu_lab_unmap: bdf=-1 domain=%u unit=-1 iova=0x%llx-0x%llx prot=3",
	     id, FIRST, LAST);
	want("iommu_lab_free: bdf=-1 domain=%u unit=-1 iova=0x%llx-0x%llx prot=3",
	     id, FIRST, LAST);
	EXPECT(!next_line());
	free(trace);
}

/* N19. A domain that another endpoint of the unit still uses is flushed after it */
static void order_with_another(void)
{
	int control = control_open(), endpoint = endpoint_open(0), did;
	int other = endpoint_open(1);
	int domain = domain_create_in(control, IOMMU_LAB_POLICY_FIXED, 0,
				      4 * GIB - 1);
	u8 *mem = pages_alloc(4 * PAGE);
	u32 id = domain_info(domain).id;

	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	REQUIRE_EQ(domain_attach(domain, other), 0);
	did = did_of(id, "did_unit0");
	REQUIRE_EQ(map_at(domain, mem, 4 * PAGE, READ_WRITE, AT), 0);
	start_trace();
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	REQUIRE_EQ(unmap(domain, AT, 4 * PAGE), 0);
	stop_trace();
	want(MASTER, 0);
	want(CONTEXT, id, did);
	want(DOMAIN, id, did);
	want("iommu_lab_detach: " HERE "iova=0x0-0xffffffff did=%d", id, did);
	want_default();
	want("iommu_lab_unmap: bdf=-1 domain=%u unit=-1 iova=0x%llx-0x%llx prot=3",
	     id, FIRST, LAST);
	want("iommu_lab_invalidate: bdf=-1 domain=%u unit=0 iova=0x%llx-0x%llx did=%d type=2 granularity=3 error=0",
	     id, FIRST, LAST, did);
	want("iommu_lab_free: bdf=-1 domain=%u unit=-1 iova=0x%llx-0x%llx prot=3",
	     id, FIRST, LAST);
	EXPECT(!next_line());
	free(trace);
}

/* endpoint 0 without a unit: there is no flush */
#define NO_UNIT	"endpoint=0000:00:01.0 domain=%u unit=-1 iova=0x100000000-0x1ffffffff did=-1"
#define NO_UNIT_LAST	(unsigned long long)(ALLOC_START + 4 * PAGE - 1)

static void without_unit(void)
{
	int control = control_open(), endpoint = endpoint_open(0);
	int domain = domain_create(control, IOMMU_LAB_POLICY_ALLOC);
	u32 id = domain_info(domain).id, one = 1;
	u8 *mem = pages_alloc(4 * PAGE), data[16];
	struct iommu_lab_sg own;
	u64 iova;

	start_trace();
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	REQUIRE_EQ(map_any(domain, mem, 4 * PAGE, READ_ONLY, 0, &iova), 0);
	EXPECT_EQ(iova, ALLOC_START);
	REQUIRE_EQ(device_addresses(domain, iova + PAGE, PAGE, 0, &own, &one),
		   0);
	EXPECT_EQ(dma_read(endpoint, own.addr, data, 16).status,
		  IOMMU_LAB_DMA_OK);
	REQUIRE_EQ(unmap(domain, iova, 4 * PAGE), 0);
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	stop_trace();

	want("iommu_lab_attach: " NO_UNIT, id);
	want("iommu_lab_map: bdf=-1 domain=%u unit=-1 iova=0x100000000-0x%llx prot=1",
	     id, NO_UNIT_LAST);
	want("iommu_lab_dma_begin: endpoint=0000:00:01.0 domain=%u unit=-1 iova=0x%llx-0x%llx op=0 entries=1 length=16",
	     id, (unsigned long long)own.addr,
	     (unsigned long long)own.addr + 15);
	want("iommu_lab_dma_end: endpoint=0000:00:01.0 domain=%u unit=-1 iova=0x%llx-0x%llx op=0 status=0 done=16 reason=0x0 refused=0x0",
	     id, (unsigned long long)own.addr,
	     (unsigned long long)own.addr + 15);
	want("iommu_lab_unmap: bdf=-1 domain=%u unit=-1 iova=0x100000000-0x%llx prot=1",
	     id, NO_UNIT_LAST);
	want("iommu_lab_free: bdf=-1 domain=%u unit=-1 iova=0x100000000-0x%llx prot=1",
	     id, NO_UNIT_LAST);
	want("iommu_lab_detach: " NO_UNIT, id);
	EXPECT(!next_line());
	free(trace);
}

static const struct test_case cases[] = {
	{ "N6 tracepoints have endpoint, domain, unit and IOVA, in order",
	  exact },
	{ "N19 a domain that is closed: bus mastering off, detach, flush, unmap, free",
	  order_on_release },
	{ "N19 another endpoint in the domain: detach, unmap, flush, free",
	  order_with_another },
	{ "N6 tracepoints of a domain without a unit", without_unit, "mode=off" },
};

int main(void)
{
	return RUN_CASES(cases);
}
