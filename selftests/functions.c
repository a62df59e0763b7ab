// SPDX-License-Identifier: GPL-2.0
/*
 * Endpoints as PCI functions: what the kernel sees of them, few and many, and any
 * driver can have one.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "function.h"

#define AT	(256 * MIB)

static unsigned int count_devices(const char *domain_name)
{
	DIR *dir = opendir(PCI_DEVICES);
	struct dirent *entry;
	unsigned int nr = 0;

	REQUIRE(dir);
	while ((entry = readdir(dir)))
		nr += !strncmp(entry->d_name, domain_name, strlen(domain_name));
	closedir(dir);
	return nr;
}

static void attribute(const char *path, const char *wanted)
{
	char *text = read_text(path);

	if (!EXPECT(text && !strncmp(text, wanted, strlen(wanted))))
		note("%s: %s", path, text ?: "missing");
	free(text);
}

static void four_functions(void)
{
	EXPECT_EQ(count_devices("10000:"), 4);
	for (unsigned int i = 0; i < 4; i++) {
		attribute(function_path(i, "vendor"), "0x1234\n");
		attribute(function_path(i, "device"), "0x1ab0\n");
		attribute(function_path(i, "class"), "0x088000\n");
		attribute(function_path(i, "reset_method"), "flr");
	}
}

static void many_functions(void)
{
	/* 31 on bus 0, 256 on each bus behind a root port */
	static const struct many {
		unsigned int nr;
		char ports;
		const char *params, *last, *behind;
	} all = {
		1024, 4, "endpoints=1024", PCI_DEVICES "/10000:04:1c.0/class",
		PCI_DEVICES "/10000:04:1c.1",
	}, some = {
		300, 2, "endpoints=300", PCI_DEVICES "/10000:02:01.4/class",
		PCI_DEVICES "/10000:02:01.5",
	};
	const struct many *many = is_debug_kernel() && !want_long() ? &some : &all;
	int control, domain, endpoint;
	unsigned int last = many->nr - 1;

	REQUIRE_EQ(module_unload(), 0);
	REQUIRE_EQ(module_load(many->params), 0);
	EXPECT_EQ(count_devices("10000:"), many->nr + many->ports);
	for (char port = '0'; port < '0' + many->ports; port++) {
		char path[] = PCI_DEVICES "/10000:00:00.x/class";

		*strchr(path, 'x') = port;
		attribute(path, "0x060400\n");
	}
	attribute(PCI_DEVICES "/10000:00:1f.0/ari_enabled", "0\n");
	attribute(PCI_DEVICES "/10000:01:00.0/ari_enabled", "1\n");
	attribute(PCI_DEVICES "/10000:01:1f.7/class", "0x088000\n");
	attribute(many->last, "0x088000\n");
	EXPECT(access(many->behind, F_OK));
	/* one behind a port does DMA, goes, and comes back */
	EXPECT_EQ(function_tell(last, "remove"), 0);
	EXPECT(!function_exists(last));
	EXPECT_EQ(pci_rescan(), 0);
	EXPECT(function_exists(last));
	open_attached(IOMMU_LAB_POLICY_FIXED, last, &control, &domain, &endpoint);
	REQUIRE_EQ(map_at(domain, pages_alloc(PAGE), PAGE, READ_WRITE, AT), 0);
	EXPECT_EQ(dma_poke(endpoint, AT), IOMMU_LAB_DMA_OK);
	/* the next case has four again */
	close(endpoint);
	close(domain);
	close(control);
	REQUIRE_EQ(module_unload(), 0);
	REQUIRE_EQ(module_load(""), 0);
}

/* the capability lists, as any program walks them */
static void capabilities(void)
{
	static const u8 expected[] = { 0x05, 0x10, 0x09 };
	int config = config_open(2);
	unsigned int at, nr = 0;

	for (at = config_get(config, 0x34) & 0xff; at && nr < 8;
	     at = config_get16(config, at) >> 8)
		EXPECT_EQ(config_get16(config, at) & 0xff,
			  nr < 3 ? expected[nr++] : 0);
	EXPECT_EQ(nr, 3);
	/* FLR; 64-bit MSI with a mask; the name in the vendor's capability */
	EXPECT(config_get(config, 0x64) & 1 << 28);
	EXPECT_EQ(config_get16(config, MSI_FLAGS), 0x180);
	EXPECT_EQ(config_get(config, 0xa4), 0x6d6d6f69);
	/* the registers: VSEC 0x1ab0, revision 1, 64 bytes; rings of 2^12, version 1 */
	EXPECT_EQ(config_get(config, 0x100), 0x0001000b);
	EXPECT_EQ(config_get(config, 0x104), 0x04011ab0);
	EXPECT_EQ(config_get(config, 0x108), 0x0000010c);
	/* read-only where it says so */
	config_set(config, 0x00, 0);
	config_set(config, 0x108, 0);
	EXPECT_EQ(config_get(config, 0x00), 0x1ab01234);
	EXPECT_EQ(config_get(config, 0x108), 0x0000010c);
	EXPECT_EQ(config_get(config, COMMAND), 0x00100000);
}

/* any driver can have one by its name */
static void override(void)
{
	char name[NAME_BYTES];

	if (system("modprobe -q pci-stub"))
		skip("the kernel has no such driver");
	endpoint_name(2, name);
	REQUIRE_EQ(write_text(function_path(2, "driver_override"), "pci-stub"), 0);
	REQUIRE_EQ(write_text("/sys/bus/pci/drivers_probe", name), 0);
	EXPECT(!access(function_path(2, "driver/unbind"), F_OK));
	EXPECT(access(function_path(3, "driver"), F_OK));
	REQUIRE_EQ(function_tell(2, "remove"), 0);
	REQUIRE_EQ(pci_rescan(), 0);
	EXPECT(access(function_path(2, "driver"), F_OK));
	REQUIRE_EQ(write_text(function_path(2, "driver_override"), "pci-stub"), 0);
	REQUIRE_EQ(write_text("/sys/bus/pci/drivers_probe", name), 0);
	/* and the module can be removed from under it */
	REQUIRE_EQ(module_unload(), 0);
	EXPECT_EQ(count_devices("10000:"), 0);
	REQUIRE_EQ(module_load(""), 0);
	EXPECT(function_exists(2));
}

static void no_unit(void)
{
	int control, domain, endpoint;

	EXPECT_EQ(count_devices("10000:"), 0);
	control = control_open();
	domain = domain_create(control, IOMMU_LAB_POLICY_ALLOC);
	endpoint = endpoint_open(0);
	EXPECT_EQ(domain_attach(domain, endpoint), 0);
}

static const struct test_case cases[] = {
	{ "endpoints are functions of domain 0x10000", four_functions },
	{ "hundreds of them, behind root ports", many_functions, NULL, 600 },
	{ "capabilities and registers are where the specification says",
	  capabilities },
	{ "driver_override binds any driver, and lets go", override },
	{ "without a unit there are no functions", no_unit, "mode=off" },
};

int main(void)
{
	return RUN_CASES(cases);
}
