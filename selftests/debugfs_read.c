// SPDX-License-Identifier: GPL-2.0
/*
 * Each file of debugfs is read in a loop, by threads, while domains are created,
 * mapped, used, attached, detached and closed. What a reader sees is whole lines
 * of the file's form; a file may be gone, nothing else.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

#define AT	(256 * MIB)
#define READERS	3

static volatile bool stop;
static u64 reads, gone;

static void check_text(const char *path, const char *text, size_t bytes)
{
	const char *name = strrchr(path, '/') + 1;
	const char *line;

	if (!strcmp(name, "raw")) {
		if (!EXPECT_EQ(bytes % (PAGE + 8), 0))
			note("%s", path);
		return;
	}
	if (bytes && !EXPECT(text[bytes - 1] == '\n'))
		note("%s does not end with a whole line", path);
	if (!EXPECT_EQ(strlen(text), bytes))
		note("%s has a zero byte", path);
	if (strcmp(name, "stats"))
		return;
	for (line = text; line && *line; line = strchr(line, '\n')) {
		unsigned long long value;

		line += *line == '\n';
		if (!*line)
			break;
		if (!EXPECT_EQ(sscanf(line, "%*[a-z_0-9]: %llu", &value), 1)) {
			note("%s: %.60s", path, line);
			break;
		}
	}
}

static void read_file(const char *path, size_t piece)
{
	size_t used = 0, room = 1 << 20;
	char *text = malloc(room + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	REQUIRE(text);
	if (fd < 0) {
		if (!EXPECT(errno == ENOENT || errno == ENODEV))
			note("open %s: %s", path, strerror(errno));
		__atomic_add_fetch(&gone, 1, __ATOMIC_RELAXED);
		free(text);
		return;
	}
	do {
		n = read(fd, text + used, piece);
		if (n > 0)
			used += n;
	} while (n > 0 && used + piece <= room);
	if (n < 0 && !EXPECT(errno == EIO || errno == ENODEV || errno == ENOENT))
		note("read %s: %s", path, strerror(errno));
	text[used] = 0;
	if (!n)
		check_text(path, text, used);
	__atomic_add_fetch(&reads, 1, __ATOMIC_RELAXED);
	close(fd);
	free(text);
}

static unsigned int read_all(const char *top, size_t piece)
{
	DIR *dir = opendir(top);
	struct dirent *entry;
	unsigned int files = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		struct stat st;
		char path[512];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", top, entry->d_name);
		if (lstat(path, &st))
			continue;
		if (S_ISDIR(st.st_mode)) {
			files += read_all(path, piece);
		} else if (st.st_mode & 0444) {
			read_file(path, piece);
			files++;
		}
	}
	closedir(dir);
	return files;
}

/* in small pieces, whole pages, at once; one reads only what comes and goes */
static void *reader(void *arg)
{
	static const struct {
		const char *top;
		size_t piece;
	} way[READERS] = {
		{ DEBUGFS, 100 },
		{ DEBUGFS, PAGE },
		{ DEBUGFS "/domains", 1 << 16 },
	};
	uintptr_t i = (uintptr_t)arg;

	while (!stop)
		read_all(way[i].top, way[i].piece);
	return NULL;
}

/* a life of a domain */
static void live(int control, u8 *mem, u8 *huge, u64 *seed)
{
	u32 policy = next_random(seed) % 8 ? next_random(seed) % 2 :
					     IOMMU_LAB_POLICY_IDENTITY;
	int domain = domain_create(control, policy), endpoint, i;
	u64 iova, unmapped;

	REQUIRE(domain >= 0);
	endpoint = endpoint_open(next_random(seed) % 4);
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	for (i = 0; i < 12 && policy != IOMMU_LAB_POLICY_IDENTITY; i++) {
		bool big = next_random(seed) % 4 == 0;
		struct iommu_lab_sg sg = { (uintptr_t)mem, 64 * PAGE };

		if (big)
			sg = (struct iommu_lab_sg){ (uintptr_t)huge, HUGE };
		iova = AT + i * 4 * MIB;
		REQUIRE_EQ(map_list(domain, &sg, 1, READ_WRITE, &iova), 0);
		dma_fill(endpoint, iova, 16 * PAGE, *seed);
		if (next_random(seed) % 2)
			REQUIRE_EQ(unmap(domain, iova, sg.length), 0);
		dma_peek(endpoint, iova);
	}
	if (next_random(seed) % 2)
		REQUIRE_EQ(domain_detach(domain, endpoint), 0);
	if (next_random(seed) % 2)
		unmap_flags(domain, 0, 1ull << 40, IOMMU_LAB_UNMAP_ALLOW_HOLES,
			    &unmapped);
	close(domain);
	close(endpoint);
}

static void under_load(void)
{
	u64 seed = test_seed(), limit, lives = 0;
	int control = control_open();
	u8 *mem = pages_alloc(64 * PAGE), *huge = huge_alloc(HUGE);
	pthread_t thread[READERS];
	uintptr_t i;

	limit = now_ms() + (want_long() ? 60000 : 6000);
	for (i = 0; i < READERS; i++)
		REQUIRE(!pthread_create(&thread[i], NULL, reader, (void *)i));
	while (now_ms() < limit || lives < 10) {
		live(control, mem, huge, &seed);
		lives++;
	}
	stop = true;
	for (i = 0; i < READERS; i++)
		pthread_join(thread[i], NULL);
	note("%llu domains lived, %llu files read, %llu were gone",
	     (unsigned long long)lives, (unsigned long long)reads,
	     (unsigned long long)gone);
	EXPECT(reads > 100);
}

/* what is there, and that nothing is missing */
static void every_file(void)
{
	static const char * const files[] = {
		"info", "dmar", "dmar.json", "firmware_dmar.json",
		"host_units", "host_units.json", "units/0/registers",
		"units/0/capabilities", "units/0/stats", "units/0/iotlb",
		"units/0/context", "units/0/faults", "units/1/registers",
		"units/1/raw", "endpoints/10000:00:01.0/info",
		"endpoints/10000:00:04.0/stats",
	};
	static const char * const of_domain[] = { "info", "page_table",
						  "mappings", "stats",
						  "events" };
	int control = control_open();
	int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	char path[64], *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		text = debugfs_text(files[i]);
		if (!EXPECT(files[i][8] == 'r' || text[0]))
			note("%s is empty", files[i]);
		free(text);
	}
	for (i = 0; i < ARRAY_SIZE(of_domain); i++) {
		snprintf(path, sizeof(path), "domains/%u/%s",
			 domain_info(domain).id, of_domain[i]);
		text = debugfs_text(path);
		EXPECT(text[0]);
		free(text);
	}
	EXPECT_EQ(read_all(DEBUGFS, PAGE), 8 + 2 * 8 + 4 * 3 + 5);
}

/* an open file of a domain that is closed: refused or empty, no more */
static void closed_under_reader(void)
{
	int control = control_open();
	int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED), fd;
	char path[128], text[256];
	ssize_t n;

	snprintf(path, sizeof(path), DEBUGFS "/domains/%u/page_table",
		 domain_info(domain).id);
	fd = open(path, O_RDONLY);
	REQUIRE(fd >= 0);
	EXPECT(read(fd, text, 10) == 10);
	close(domain);
	EXPECT_EQ(lab_info(control).domains, 0);
	n = read(fd, text, sizeof(text));
	EXPECT(n <= 0);
	close(fd);
	EXPECT(access(path, F_OK));
}

/* physical addresses are for CAP_SYS_RAWIO, by whoever opened the file */
static void without_rawio(void)
{
	int control = control_open(), endpoint = endpoint_open(0);
	int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	u8 *mem = pages_alloc(PAGE);
	char path[64], *text, phys[32];

	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	REQUIRE_EQ(map_at(domain, mem, PAGE, READ_WRITE, AT), 0);
	EXPECT_EQ(dma_peek(endpoint, AT), IOMMU_LAB_DMA_OK);
	snprintf(phys, sizeof(phys), "0x%llx", (unsigned long long)phys_of(mem));
	snprintf(path, sizeof(path), "domains/%u/page_table",
		 domain_info(domain).id);
	text = debugfs_text(path);
	EXPECT(strstr(text, phys));
	free(text);
	drop_capability(CAP_SYS_RAWIO);
	text = debugfs_text(path);
	EXPECT(strstr(text, "0x10000000 4096 rw -\n"));
	EXPECT(!strstr(text, phys));
	free(text);
	text = debugfs_text("units/0/iotlb");
	EXPECT(strstr(text, "0x10000000 4096 rw - "));
	free(text);
	text = debugfs_text("units/0/registers");
	EXPECT(strstr(text, "RTADDR 0x20 -\n"));
	free(text);
	EXPECT_EQ(open(DEBUGFS "/units/0/raw", O_RDONLY), -1);
	EXPECT_EQ(errno, EPERM);
}

static const struct test_case cases[] = {
	{ "each file of debugfs is there", every_file },
	{ "debugfs can be read while domains come and go", under_load,
	  .seconds = 120 },
	{ "a file of a domain ends with the domain", closed_under_reader },
	{ "debugfs shows physical addresses to CAP_SYS_RAWIO only",
	  without_rawio },
};

int main(void)
{
	return RUN_CASES(cases);
}
