// SPDX-License-Identifier: GPL-2.0
/*
 * The units and endpoints as the kernel's iommu core has them, and who may have an
 * endpoint: a driver, VFIO, or the char device.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "function.h"

#define AT		(256 * MIB)
#define UNIT		"/sys/class/iommu/iommu_lab%u"
#define TRACEFS		"/sys/kernel/tracing"

static int control;

static bool one_driver_only(void)
{
	struct utsname name;

	uname(&name);
	return booted("hardware") && !strncmp(name.release, "6.1.", 4);
}

static void need_core(void)
{
	if (one_driver_only())
		skip("the kernel has room for the machine's own IOMMU only");
	control = control_open();
}

static char *text_of(const char *path)
{
	char *text = read_text(path);

	REQUIRE(text);
	text[strcspn(text, "\n")] = 0;
	return text;
}

static u64 unit_number(unsigned int unit, const char *file, int base)
{
	char path[128], *text;
	u64 value;

	snprintf(path, sizeof(path), UNIT "/intel-iommu/%s", unit, file);
	text = text_of(path);
	value = strtoull(text, NULL, base);
	free(text);
	return value;
}

static void units(void)
{
	struct iommu_lab_unit_info info = { .size = sizeof(info) };
	char path[160], name[NAME_BYTES], version[16], *text;
	unsigned int i;

	need_core();
	for (i = 0; i < 2; i++) {
		info.index = i;
		REQUIRE_EQ(lab_ioctl(control, IOMMU_LAB_UNIT_INFO, &info), 0);
		EXPECT_EQ(unit_number(i, "cap", 16), info.cap);
		EXPECT_EQ(unit_number(i, "ecap", 16), info.ecap);
		EXPECT_EQ(unit_number(i, "domains_supported", 10), 65536);
		/* of two groups, or one that passes through for both */
		EXPECT(unit_number(i, "domains_used", 10) >=
		       (booted("passthrough") ? 1 : 2));
		snprintf(path, sizeof(path), UNIT "/intel-iommu/version", i);
		text = text_of(path);
		snprintf(version, sizeof(version), "%u:%u",
			 info.version >> 4 & 0xf, info.version & 0xf);
		EXPECT(!strcmp(text, version));
		free(text);
	}
	for (i = 0; i < 4; i++) {
		endpoint_name(i, name);
		snprintf(path, sizeof(path), UNIT "/devices/%s", i / 2, name);
		EXPECT(!access(path, F_OK));
	}
}

static int group_of(unsigned int index)
{
	char link[128], *number;
	ssize_t length = readlink(function_path(index, "iommu_group"), link,
				  sizeof(link) - 1);

	if (length < 0)
		return -1;
	link[length] = 0;
	number = strrchr(link, '/');
	return number ? atoi(number + 1) : -1;
}

static bool type_is(unsigned int index, const char *wanted)
{
	char *type = text_of(function_path(index, "iommu_group/type"));
	bool same = !strcmp(type, wanted);

	if (!same)
		note("type %s, not %s", type, wanted);
	free(type);
	return same;
}

static int set_type(unsigned int index, const char *type)
{
	return write_text(function_path(index, "iommu_group/type"), type);
}

static const char *default_type(void)
{
	return booted("strict") ? "DMA" :
	       booted("passthrough") ? "identity" : "DMA-FQ";
}

static void groups(void)
{
	unsigned int i, k;

	need_core();
	for (i = 0; i < 4; i++) {
		EXPECT(group_of(i) >= 0);
		for (k = 0; k < i; k++)
			EXPECT(group_of(i) != group_of(k));
		EXPECT(type_is(i, default_type()));
	}
}

static void reserved(void)
{
	static const char msi[] = "0x00000000fee00000 0x00000000feefffff msi\n";
	static const char rmrr[] =
		"0x00000000fd000000 0x00000000fd001fff direct-relaxable\n";
	char *text;

	need_core();
	text = read_text(function_path(0, "iommu_group/reserved_regions"));
	EXPECT(text && !strcmp(text, msi));
	free(text);
	text = read_text(function_path(1, "iommu_group/reserved_regions"));
	EXPECT(text && strlen(text) == strlen(msi) + strlen(rmrr) &&
	       strstr(text, msi) && strstr(text, rmrr));
	free(text);
}

/* the type of the context entry of an endpoint, -1: there is none */
static int context_type(unsigned int index)
{
	struct iommu_lab_endpoint_info info = endpoint_info(control, index);
	char file[32], key[32];
	unsigned int did, type;
	char *text, *line;

	snprintf(file, sizeof(file), "units/%u/context", info.unit);
	snprintf(key, sizeof(key), "memory: %02x:%02x.%u ", info.bdf >> 8,
		 info.bdf >> 3 & 31, info.bdf & 7);
	text = debugfs_text(file);
	REQUIRE(text);
	line = strstr(text, key);
	if (!line || sscanf(line + strlen(key), "%u %u", &did, &type) != 2)
		type = -1;
	free(text);
	return type;
}

static void works(unsigned int index)
{
	int endpoint = endpoint_open(index);
	int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	u8 *mem = pages_alloc(PAGE), one = 0x5a;

	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	EXPECT_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT), 0);
	EXPECT_EQ(dma_write(endpoint, AT, &one, 1).status, IOMMU_LAB_DMA_OK);
	EXPECT_EQ(mem[0], one);
	close(domain);
	close(endpoint);
}

static void types(void)
{
	static const char * const order[] = {
		"identity", "DMA", "DMA-FQ", "DMA", "identity", "DMA-FQ",
	};
	int endpoint, domain;
	unsigned int i;

	need_core();
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		EXPECT_EQ(set_type(1, order[i]), 0);
		EXPECT(type_is(1, order[i]));
		EXPECT_EQ(context_type(1), strcmp(order[i], "identity") ? 0 : 2);
		works(1);
		/* it is back */
		EXPECT_EQ(context_type(1), strcmp(order[i], "identity") ? 0 : 2);
	}
	endpoint = endpoint_open(1);
	domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	EXPECT(set_type(1, "identity") < 0);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_FAULT);
	close(endpoint);
	EXPECT_EQ(set_type(1, "auto"), 0);
	EXPECT(type_is(1, default_type()));
}

/* one that leaves DMA to the DMA API */
static const char *a_driver(void)
{
	if (!access("/sys/bus/pci/drivers/iommu_lab_dma", F_OK))
		return "iommu_lab_dma";
	return "uio_pci_generic";
}

/* binds a driver to an endpoint's function: false, if it did not come to that */
static bool bind(unsigned int index, const char *driver)
{
	char name[NAME_BYTES], command[128];

	snprintf(command, sizeof(command),
		 "test -d /sys/bus/pci/drivers/%s || modprobe %s", driver, driver);
	if (system(command))
		skip("the kernel has no %s", driver);
	endpoint_name(index, name);
	REQUIRE_EQ(write_text(function_path(index, "driver_override"), driver), 0);
	write_text("/sys/bus/pci/drivers_probe", name);
	return !access(function_path(index, "driver"), F_OK);
}

static void unbind(unsigned int index)
{
	char name[NAME_BYTES];

	endpoint_name(index, name);
	EXPECT_EQ(write_text(function_path(index, "driver/unbind"), name), 0);
}

static void refused(int domain, int endpoint)
{
	EXPECT_EQ(domain_attach(domain, endpoint), -EBUSY);
	EXPECT(strstr(last_refusal(domain), "driver of the kernel or VFIO"));
	EXPECT_EQ(domain_info(domain).attached, 0);
}

static void no_dma(int endpoint)
{
	struct iommu_lab_sg sg = { .addr = RMRR_START, .length = 1 };
	struct iommu_lab_dma dma = {
		.size = sizeof(dma),
		.op = IOMMU_LAB_DMA_FILL,
		.dst = (u64)(uintptr_t)&sg,
		.dst_nents = 1,
	};

	EXPECT_EQ(dma_try(endpoint, &dma), -EBUSY);
	EXPECT_EQ(lab_ioctl(endpoint, IOMMU_LAB_DMA_SUBMIT, &dma), -EBUSY);
	EXPECT(strstr(last_refusal(endpoint), "driver of the kernel or VFIO"));
}

static void driver_first(void)
{
	int endpoint, domain;

	need_core();
	endpoint = endpoint_open(1);
	domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE(bind(1, a_driver()));
	refused(domain, endpoint);
	no_dma(endpoint);
	works(0);
	unbind(1);
	EXPECT_EQ(dma_poke(endpoint, RMRR_START), IOMMU_LAB_DMA_OK);
	EXPECT_EQ(domain_attach(domain, endpoint), 0);
}

static void device_first(void)
{
	int endpoint, domain;

	need_core();
	endpoint = endpoint_open(1);
	domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	EXPECT(!bind(1, a_driver()));
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	/* DMA without a domain: until the file is closed */
	EXPECT_EQ(dma_poke(endpoint, RMRR_START), IOMMU_LAB_DMA_OK);
	EXPECT(!bind(1, a_driver()));
	close(endpoint);
	EXPECT(bind(1, a_driver()));
	unbind(1);
	/* a driver that leaves DMA to others is in nobody's way */
	EXPECT(bind(1, "pci-stub"));
	works(1);
	unbind(1);
}

/* a group of VFIO's, with the endpoint bound to vfio-pci */
static int vfio_group(unsigned int index)
{
	char path[32];

	REQUIRE(bind(index, "vfio-pci"));
	snprintf(path, sizeof(path), "/dev/vfio/%d", group_of(index));
	return open(path, O_RDWR);
}

static int vfio_container(int group)
{
	int container = open("/dev/vfio/vfio", O_RDWR);

	REQUIRE(container >= 0);
	REQUIRE_EQ(ioctl(group, VFIO_GROUP_SET_CONTAINER, &container), 0);
	REQUIRE_EQ(ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	return container;
}

static void need_vfio(void)
{
	if (system("modprobe vfio-pci && modprobe vfio_iommu_type1"))
		skip("the kernel has no vfio-pci");
}

static void vfio(void)
{
	int endpoint, domain, group, container, other;

	need_core();
	need_vfio();
	endpoint = endpoint_open(0);
	domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	/* bound to vfio-pci, and nobody uses it */
	group = vfio_group(0);
	REQUIRE(group >= 0);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	other = open("/dev/vfio/vfio", O_RDWR);
	EXPECT_EQ(ioctl(group, VFIO_GROUP_SET_CONTAINER, &other) ? errno : 0,
		  EPERM);
	REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	container = vfio_container(group);
	refused(domain, endpoint);
	no_dma(endpoint);
	/* one group, one container */
	EXPECT_EQ(ioctl(group, VFIO_GROUP_SET_CONTAINER, &other) ? errno : 0,
		  EINVAL);
	/* and an endpoint that there is not is not another one */
	EXPECT_EQ(domain_attach_named(domain, endpoint, 1 + 256), -ENOENT);
	close(group);
	close(container);
	EXPECT_EQ(domain_attach(domain, endpoint), 0);
}

/* the sum of a field of the events of a kind in the trace; bytes are 0x... or decimal */
static u64 traced(const char *text, const char *event, const char *field)
{
	u64 sum = 0;

	while ((text = strstr(text, event))) {
		const char *end = strchr(text, '\n');
		const char *value = strstr(text, field);

		if (value && (!end || value < end))
			sum += strtoull(value + strlen(field), NULL, 0);
		text += strlen(event);
	}
	return sum;
}

static void counters(void)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.iova = AT,
		.size = 4 * MIB,
	};
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = AT,
		.size = 4 * MIB,
	};
	u64 maps, unmaps, syncs;
	int group, container;
	char *text;

	need_core();
	need_vfio();
	group = vfio_group(0);
	REQUIRE(group >= 0);
	container = vfio_container(group);
	map.vaddr = (u64)(uintptr_t)pages_alloc(4 * MIB);
	maps = debugfs_number("core", "mapped_bytes");
	unmaps = debugfs_number("core", "unmapped_bytes");
	syncs = debugfs_number("core", "iotlb_sync");
	if (access(TRACEFS "/events", F_OK))
		system("mount -t tracefs none " TRACEFS);
	write_text(TRACEFS "/trace", "");
	REQUIRE_EQ(write_text(TRACEFS "/events/iommu/enable", "1"), 0);
	EXPECT_EQ(ioctl(container, VFIO_IOMMU_MAP_DMA, &map), 0);
	EXPECT_EQ(ioctl(container, VFIO_IOMMU_UNMAP_DMA, &unmap), 0);
	REQUIRE_EQ(write_text(TRACEFS "/events/iommu/enable", "0"), 0);
	text = read_text(TRACEFS "/trace");
	REQUIRE(text);
	EXPECT_EQ(debugfs_number("core", "mapped_bytes") - maps, 4 * MIB);
	EXPECT_EQ(debugfs_number("core", "unmapped_bytes") - unmaps, 4 * MIB);
	EXPECT_EQ(traced(text, ": map: ", "size="), 4 * MIB);
	EXPECT_EQ(traced(text, ": unmap: ", "unmapped_size="), 4 * MIB);
	/* VFIO lets go of no page before that */
	EXPECT(debugfs_number("core", "iotlb_sync") > syncs);
	free(text);
}

/* N8: a descriptor and its data in the reserved region, run by the doorbell */
static void doorbell(u8 pattern)
{
	struct descriptor desc = {
		.control = FILL,
		.length = 64,
		.dst = RMRR_START + PAGE,
		.pattern = pattern * 0x0101010101010101ull,
	};
	int endpoint = endpoint_open(1), config = config_open(1);
	u8 seen[64];

	EXPECT_EQ(dma_write(endpoint, RMRR_START, &desc, sizeof(desc)).status,
		  IOMMU_LAB_DMA_OK);
	close(endpoint);
	config_set16(config, COMMAND, MASTER);
	engine_start(config, RMRR_START, 4, 0);
	config_set(config, TAIL, 1);
	EXPECT_EQ(wait_idle(config) & HALTED, 0);
	config_set(config, CTRL, RESET);
	wait_idle(config);
	config_set16(config, COMMAND, 0);
	close(config);
	endpoint = endpoint_open(1);
	EXPECT_EQ(dma_read(endpoint, RMRR_START + PAGE, seen, 64).status,
		  IOMMU_LAB_DMA_OK);
	for (unsigned int i = 0; i < 64; i++)
		REQUIRE_EQ(seen[i], pattern);
	close(endpoint);
}

/* in the kernel's domain, blocked, in one of ours, and again in all of them */
static void rmrr(void)
{
	int domain, endpoint, round;

	need_core();
	if (booted("passthrough"))
		REQUIRE_EQ(set_type(1, "DMA"), 0);
	for (round = 0; round < 3; round++) {
		doorbell(0x11 + round);
		endpoint = endpoint_open(1);
		EXPECT_EQ(dma_poke(endpoint, RMRR_START), IOMMU_LAB_DMA_OK);
		EXPECT_EQ(dma_poke(endpoint, RMRR_LAST + 1), IOMMU_LAB_DMA_FAULT);
		domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
		REQUIRE_EQ(domain_attach(domain, endpoint), 0);
		EXPECT_EQ(dma_poke(endpoint, RMRR_LAST), IOMMU_LAB_DMA_OK);
		EXPECT_EQ(dma_poke(endpoint, RMRR_LAST + 1), IOMMU_LAB_DMA_FAULT);
		REQUIRE_EQ(domain_detach(domain, endpoint), 0);
		EXPECT_EQ(dma_poke(endpoint, RMRR_LAST), IOMMU_LAB_DMA_OK);
		close(endpoint);
		close(domain);
		EXPECT_EQ(set_type(1, round ? "DMA-FQ" : "DMA"), 0);
	}
}

/* default domains map nothing but reserved regions, and as the boot says */
static void defaults(void)
{
	need_core();
	EXPECT_EQ(debugfs_number("core", "mapped_bytes"),
		  booted("passthrough") ? 0 : RMRR_LAST + 1 - RMRR_START);
	EXPECT_EQ(debugfs_number("core", "unmap_pages"), 0);
	EXPECT_EQ(context_type(0), booted("passthrough") ? 2 : 0);
}

static void beside_hardware(void)
{
	int kmsg;

	if (!one_driver_only()) {
		EXPECT(!access("/sys/class/iommu/iommu_lab0", F_OK));
		EXPECT(function_exists(0));
		return;
	}
	REQUIRE_EQ(module_unload(), 0);
	kmsg = kmsg_open();
	REQUIRE_EQ(module_load(""), 0);
	EXPECT_EQ(kmsg_count(kmsg, "another IOMMU driver is active"), 1);
	EXPECT(!access("/sys/class/iommu/dmar0", F_OK));
	EXPECT(access("/sys/class/iommu/iommu_lab0", F_OK));
	EXPECT(!function_exists(0));
	control = control_open();
	works(0);
	works(3);
}

static void reload(void)
{
	need_core();
	close(control);
	for (unsigned int i = 0; i < 5; i++) {
		REQUIRE_EQ(module_unload(), 0);
		EXPECT(access("/sys/class/iommu/iommu_lab0", F_OK));
		REQUIRE_EQ(module_load(""), 0);
		EXPECT(!access("/sys/class/iommu/iommu_lab1", F_OK));
		EXPECT(group_of(3) >= 0);
	}
}

static const struct test_case cases[] = {
	{ "default domains are of the type that the kernel was told", defaults },
	{ "units are in /sys/class/iommu with their registers", units },
	{ "each endpoint is in a group of its own", groups },
	{ "reserved regions are the core's", reserved },
	{ "the type of a group can be changed while nobody uses it", types },
	{ "P10 an endpoint that a driver has cannot be attached", driver_first },
	{ "P10 no driver gets an endpoint that is attached or used", device_first },
	{ "P10 V18 an endpoint is in one group of VFIO or attached, in one container",
	  vfio },
	{ "what the core maps and unmaps is what we count", counters },
	{ "N8 the reserved region is there in each state", rmrr },
	{ "a hardware IOMMU beside it, or why not", beside_hardware },
	{ "the module comes and goes", reload, NULL, 180 },
};

int main(void)
{
	return RUN_CASES(cases);
}
