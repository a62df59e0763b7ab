// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>
#include "attacker.h"

struct attacker attacker;

static const u64 victim_at[] = { ATTACK_AT, ATTACK_READ_ONLY, ATTACK_WRITE_ONLY,
				 VICTIM_ONLY };

/* what the victim tells the attacker, who could learn all of it elsewhere */
static struct message {
	volatile u64 complement;
	u32 domain_id;
	u64 phys;
} message;

static pid_t victim;
static int to_victim = -1;

/* its first and its last page are neighbours of the secret and not mapped */
static void victim_runs(int go, int ready, u32 index)
{
	u64 secret, word = 0, *pages;
	size_t words = (VICTIM_SPAN + 2 * PAGE) / 8, i;
	int control = control_open(), endpoint = endpoint_open(index);
	int domain = domain_create(control, IOMMU_LAB_POLICY_FIXED);
	unsigned int reads = 0;
	char byte;

	REQUIRE_EQ(getrandom(&secret, sizeof(secret), 0), sizeof(secret));
	pages = pages_alloc(words * 8);
	for (i = 0; i < words; i++)
		pages[i] = secret;
	REQUIRE_EQ(domain_attach(domain, endpoint), 0);
	for (i = 0; i < ARRAY_SIZE(victim_at); i++)
		REQUIRE_EQ(map_at(domain, pages + PAGE / 8, VICTIM_SPAN,
				  READ_WRITE, victim_at[i]), 0);
	message.complement = ~secret;
	message.domain_id = domain_info(domain).id;
	message.phys = phys_of(pages + PAGE / 8);
	REQUIRE_EQ(write(ready, &message, sizeof(message)), sizeof(message));
	/* its translations are in the IOTLB all the time */
	while (read(go, &byte, 1) < 0 && errno == EAGAIN) {
		u64 at = victim_at[reads % 4] + next_random(&secret) % VICTIM_SPAN / 8 * 8;

		REQUIRE_EQ(dma_read(endpoint, at, &word, 8).status,
			   IOMMU_LAB_DMA_OK);
		REQUIRE_EQ(word, ~message.complement);
		reads++;
		sleep_ms(1);
	}
	for (i = 0; i < words; i++)
		REQUIRE_EQ(pages[i], ~message.complement);
	EXPECT(reads > 0);
	_exit(0);
}

/* two endpoints without a reserved region at the same unit */
static void pick_endpoints(u32 *own, u32 *other)
{
	u32 nr = lab_info(attacker.control).endpoints, i, k;

	for (i = 0; i < nr; i++)
		for (k = i + 1; k < nr; k++) {
			struct iommu_lab_endpoint_info a, b;

			a = endpoint_info(attacker.control, i);
			b = endpoint_info(attacker.control, k);
			*own = i;
			*other = k;
			if (a.unit == b.unit && !a.out_flags && !b.out_flags)
				return;
		}
	note("no two endpoints at one unit");
	end_case();
}

void attacker_set_up(void)
{
	int go[2], ready[2];
	u32 own;

	attacker.control = control_open();
	pick_endpoints(&own, &attacker.victim_index);
	REQUIRE(!pipe2(go, O_CLOEXEC | O_NONBLOCK) && !pipe2(ready, O_CLOEXEC));
	victim = fork();
	REQUIRE(victim >= 0);
	if (!victim) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(go[1]);
		victim_runs(go[0], ready[1], attacker.victim_index);
	}
	close(ready[1]);
	REQUIRE_EQ(read(ready[0], &message, sizeof(message)), sizeof(message));
	to_victim = go[1];
	attacker.victim_domain = message.domain_id;
	attacker.victim_phys = message.phys;
	attacker.domain = domain_create(attacker.control,
					IOMMU_LAB_POLICY_FIXED);
	REQUIRE(attacker.domain >= 0);
	attacker.endpoint = endpoint_open(own);
	REQUIRE_EQ(domain_attach(attacker.domain, attacker.endpoint), 0);
	attacker.data = pages_alloc(DATA_BYTES);
}

/* the secret as it would look from its byte @shift on; never kept in memory */
static bool has_secret(const u8 *data, size_t bytes, unsigned int shift)
{
	u64 mask = message.complement;
	size_t i;

	if (shift)
		mask = mask >> 8 * shift | mask << (64 - 8 * shift);
	for (i = 0; i + 8 <= bytes; i += 8) {
		u64 word;

		memcpy(&word, data + i, 8);
		if ((word ^ mask) == ~0ull)
			return true;
	}
	return false;
}

void check_no_secret(const void *data, size_t bytes)
{
	for (unsigned int shift = 0; shift < 8; shift++)
		REQUIRE(!has_secret(data, bytes, shift));
}

bool all_bytes(const void *data, u8 value, size_t bytes)
{
	const u8 *at = data;

	return !bytes || (*at == value && !memcmp(at, at + 1, bytes - 1));
}

/* each mapping of this process that can be read */
static u64 scan_memory(void)
{
	static u8 buffer[64 * PAGE];
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	char *maps = read_text("/proc/self/maps"), *line;
	u64 scanned = 0;

	REQUIRE(mem >= 0 && maps);
	for (line = strtok(maps, "\n"); line; line = strtok(NULL, "\n")) {
		unsigned long start, end;
		ssize_t n;

		REQUIRE_EQ(sscanf(line, "%lx-%lx", &start, &end), 2);
		for (; start < end && start < 1ul << 63; start += n) {
			size_t bytes = end - start;

			if (bytes > sizeof(buffer))
				bytes = sizeof(buffer);
			n = pread(mem, buffer, bytes, start);
			if (n <= 0)
				break;
			check_no_secret(buffer, n);
			scanned += n;
		}
	}
	close(mem);
	free(maps);
	return scanned;
}

void attacker_end(void)
{
	u64 scanned = scan_memory();
	int status;

	note("%llu bytes of memory have no secret", (unsigned long long)scanned);
	EXPECT(scanned > DATA_BYTES);
	REQUIRE_EQ(write(to_victim, "", 1), 1);
	REQUIRE_EQ(waitpid(victim, &status, 0), victim);
	EXPECT_EQ(status, 0);
}
