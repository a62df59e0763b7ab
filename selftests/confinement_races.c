// SPDX-License-Identifier: GPL-2.0
/*
 * The attacker of confinement.c takes the memory away from under a transfer that
 * is in flight, in each way there is: the page is one that the device must not
 * touch any more as soon as the call has returned. Each race counts the
 * transfers that were revoked in the middle: below 100 it has shown nothing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "attacker.h"
#include "buf.h"
#include "flight.h"

#define CUTS	100

static struct flight flight;
static u8 *arena;		/* three pages, of which the middle is mapped */

static void set_up(void)
{
	attacker_set_up();
	arena = pages_alloc(3 * PAGE);
	memset(arena, CANARY, 3 * PAGE);
	flight = (struct flight){
		.endpoint = attacker.endpoint,
		.op = IOMMU_LAB_DMA_FILL,
		.iova = ATTACK_AT,
		.page = (volatile u64 *)(arena + PAGE),
	};
}

static void map_page(int domain, void *page)
{
	REQUIRE_EQ(map_at(domain, page, PAGE, READ_WRITE, ATTACK_AT), 0);
}

/**
 * struct race - a way to lose the memory under a transfer. For memory of another
 * kind, e.g. a buffer that is freed: flight.page is set by @prepare
 * @name: for the message
 * @prepare: before the transfer: the page at flight.page is mapped
 * @revoke: ends what the transfer needs
 * @restore: after the transfer, for the next round. May be NULL
 * @by_fault: the transfer may end by a fault
 * @by_revocation: it may be revoked
 */
struct race {
	const char *name;
	void (*prepare)(void);
	void (*revoke)(void);
	void (*restore)(void);
	bool by_fault, by_revocation;
};

/*
 * After @revoke the page is the attacker's alone: it holds what the attacker
 * writes there. A round is a few milliseconds, many more on a busy machine; no canary
 * is written in any.
 */
static void run_race(const struct race *race)
{
	u64 limit = now_ms() + 90000;
	unsigned int cuts = 0, rounds = 0;

	while (cuts < CUTS + 20 && now_ms() < limit) {
		struct iommu_lab_dma_result result;

		/* neither CANARY nor MARK, and not that of the round before */
		flight.pattern = (0x80 + ++rounds % 32) * 0x0101010101010101ull;
		race->prepare();
		flight_start(&flight);
		race->revoke();
		memset((void *)flight.page, MARK, PAGE);
		result = flight_land(&flight);
		REQUIRE(all_bytes((void *)flight.page, MARK, PAGE));
		REQUIRE(all_bytes(arena, CANARY, PAGE));
		REQUIRE(all_bytes(arena + 2 * PAGE, CANARY, PAGE));
		if (result.status != IOMMU_LAB_DMA_OK)
			REQUIRE((race->by_fault &&
				 result.status == IOMMU_LAB_DMA_FAULT) ||
				(race->by_revocation &&
				 result.status == IOMMU_LAB_DMA_REVOKED));
		cuts += flight_was_cut(&flight, &result);
		if (race->restore)
			race->restore();
	}
	note("%s: %u of %u transfers were revoked in flight", race->name, cuts,
	     rounds);
	EXPECT(cuts >= CUTS);
}

static void prepare_mapped(void)
{
	map_page(attacker.domain, (void *)flight.page);
}

static void revoke_by_unmap(void)
{
	REQUIRE_EQ(unmap(attacker.domain, ATTACK_AT, PAGE), 0);
}

static void unmapped(void)
{
	static const struct race race = { "unmap", prepare_mapped,
					  revoke_by_unmap, NULL, true, false };

	set_up();
	run_race(&race);
	attacker_end();
}

/*
 * The process frees the page while the device writes it; the mapping holds it
 * until it is unmapped. Whoever gets it then is canaries all over: the page is
 * expected among those that are allocated next, and is looked for.
 */
#define REUSED	(128 * PAGE)
static u8 *orphan, *reused;
static u64 freed_phys;
static unsigned int reuses;	/* rounds in which the freed page was found */

static void check_reuses(void)
{
	note("in %u rounds the freed page was used again", reuses);
	/* all of them, but for what a thread on another CPU took */
	EXPECT(reuses >= CUTS / 2);
}

static void prepare_orphan(void)
{
	if (orphan)
		munmap(orphan, PAGE);
	orphan = pages_alloc(PAGE);
	freed_phys = phys_of(orphan);
	flight.page = (volatile u64 *)orphan;
	prepare_mapped();
}

static void revoke_orphan(void)
{
	REQUIRE(!munmap(orphan, PAGE));
	orphan = NULL;
	/* in flight still: the page is the device's alone */
	REQUIRE_EQ(unmap(attacker.domain, ATTACK_AT, PAGE), 0);
	/* now it is free: take it, and with it what was free before */
	reused = pages_alloc(REUSED);
	memset(reused, CANARY, REUSED);
	flight.page = (volatile u64 *)(arena + PAGE);
}

static void restore_orphan(void)
{
	REQUIRE(all_bytes(reused, CANARY, REUSED));
	for (u64 at = 0; at < REUSED; at += PAGE)
		if (phys_of(reused + at) == freed_phys) {
			reuses++;
			break;
		}
	munmap(reused, REUSED);
}

static void freed(void)
{
	static const struct race race = { "munmap and unmap", prepare_orphan,
					  revoke_orphan, restore_orphan, true,
					  false };

	set_up();
	run_race(&race);
	check_reuses();
	attacker_end();
}

/*
 * A buffer whose last fd and last mapping in the process are closed while the
 * device writes it: its place in the domain holds its page, which is free as soon
 * as that is gone. The kernel keeps pages of buffers apart from those of processes:
 * who gets it is another buffer, of one page, too.
 */
#define NEXT_BUFFERS	8
static int buffer, handle;
static struct {
	int fd;
	u8 *page;
} next[NEXT_BUFFERS];

static u64 phys_of_buffer(int of)
{
	u32 nr;
	struct iommu_lab_sg *list = buffer_blocks(attacker.control, of, &nr);
	u64 phys = list[0].addr;

	REQUIRE_EQ(nr, 1);
	free(list);
	return phys;
}

static void new_buffer(void)
{
	buffer = buffer_create(attacker.control, PAGE);
	freed_phys = phys_of_buffer(buffer);
	flight.page = buffer_mmap(buffer, PAGE);
}

static void prepare_associated(void)
{
	new_buffer();
	handle = buffer_begin(attacker.domain, buffer, READ_WRITE, ATTACK_AT);
	REQUIRE(handle >= 0);
}

static void prepare_mapped_buffer(void)
{
	new_buffer();
	REQUIRE_EQ(map_buffer(attacker.domain, buffer, 0, 0, READ_WRITE,
			      ATTACK_AT), 0);
}

static void drop_buffer(void)
{
	REQUIRE(!munmap((void *)flight.page, PAGE));
	REQUIRE(!close(buffer));
	flight.page = (volatile u64 *)(arena + PAGE);
}

static void take_freed(void)
{
	for (int i = 0; i < NEXT_BUFFERS; i++) {
		next[i].fd = buffer_create(attacker.control, PAGE);
		next[i].page = buffer_mmap(next[i].fd, PAGE);
		memset(next[i].page, CANARY, PAGE);
	}
}

static void revoke_by_handle(void)
{
	drop_buffer();
	REQUIRE(!close(handle));
	take_freed();
}

/* the fd goes last: what is freed by it was taken from the device before */
static void revoke_by_fd(void)
{
	REQUIRE(!close(handle));
	drop_buffer();
	take_freed();
}

static void revoke_by_unmap_buffer(void)
{
	drop_buffer();
	revoke_by_unmap();
	take_freed();
}

static void restore_freed(void)
{
	for (int i = 0; i < NEXT_BUFFERS; i++) {
		REQUIRE(all_bytes(next[i].page, CANARY, PAGE));
		reuses += phys_of_buffer(next[i].fd) == freed_phys;
		REQUIRE(!munmap(next[i].page, PAGE));
		REQUIRE(!close(next[i].fd));
	}
}

static void buffer_race(const struct race *race)
{
	set_up();
	run_race(race);
	check_reuses();
	attacker_end();
}

static void buffer_by_handle(void)
{
	static const struct race race = { "close of the buffer, then its handle",
					  prepare_associated, revoke_by_handle,
					  restore_freed, true, false };

	buffer_race(&race);
}

static void buffer_by_fd(void)
{
	static const struct race race = { "close of the handle, then its buffer",
					  prepare_associated, revoke_by_fd,
					  restore_freed, true, false };

	buffer_race(&race);
}

static void buffer_by_unmap(void)
{
	static const struct race race = { "close of the buffer and unmap",
					  prepare_mapped_buffer,
					  revoke_by_unmap_buffer, restore_freed,
					  true, false };

	buffer_race(&race);
}

static void revoke_by_close(void)
{
	close(attacker.domain);
}

static void restore_domain(void)
{
	attacker.domain = domain_create(attacker.control,
					IOMMU_LAB_POLICY_FIXED);
	REQUIRE(attacker.domain >= 0);
	REQUIRE_EQ(domain_attach(attacker.domain, attacker.endpoint), 0);
}

static void closed(void)
{
	static const struct race race = { "close of the domain", prepare_mapped,
					  revoke_by_close, restore_domain, false,
					  true };

	set_up();
	run_race(&race);
	attacker_end();
}

/*
 * To another domain, where the same IOVA is another page: that is the new
 * attachment's, and a transfer of the old one does not reach it either.
 */
static int other_domain;
static u8 *other_page;

static void prepare_two_domains(void)
{
	if (other_page)
		return;
	other_page = pages_alloc(PAGE);
	other_domain = domain_create(attacker.control, IOMMU_LAB_POLICY_FIXED);
	REQUIRE(other_domain >= 0);
	map_page(other_domain, other_page);
	prepare_mapped();
}

static void revoke_by_attach(void)
{
	memset(other_page, CANARY, PAGE);
	REQUIRE_EQ(domain_detach(attacker.domain, attacker.endpoint), 0);
	REQUIRE_EQ(domain_attach(other_domain, attacker.endpoint), 0);
}

static void restore_attachment(void)
{
	REQUIRE(all_bytes(other_page, CANARY, PAGE));
	/* and the new one works, on its own page */
	REQUIRE_EQ(dma_fill(attacker.endpoint, ATTACK_AT, PAGE, flight.pattern)
		   .status, IOMMU_LAB_DMA_OK);
	REQUIRE(all_bytes(other_page, flight.pattern, PAGE));
	REQUIRE(all_bytes((void *)flight.page, MARK, PAGE));
	REQUIRE_EQ(domain_detach(other_domain, attacker.endpoint), 0);
	REQUIRE_EQ(domain_attach(attacker.domain, attacker.endpoint), 0);
}

static void attached_elsewhere(void)
{
	static const struct race race = { "attach to another domain",
					  prepare_two_domains, revoke_by_attach,
					  restore_attachment, false, true };

	set_up();
	run_race(&race);
	attacker_end();
}

/*
 * Descriptors that are rewritten while their transfer is in flight: it goes on
 * with what was submitted, and ends by the unmap like each other. The list names
 * a page then that the device may write, and must not.
 */
static void revoke_after_rewriting(void)
{
	memset(other_page, CANARY, PAGE);
	for (u32 i = 0; i < FLIGHT_ENTRIES; i++)
		flight_list[i].addr = ATTACK_AT + PAGE;
	/* chunks of what was submitted go on */
	for (int i = 0; i < 20; i++) {
		flight.page[0] = 0;
		while (flight.page[0] != flight.pattern &&
		       !ring_has_result(flight.endpoint))
			;
	}
	for (u32 i = 0; i < FLIGHT_ENTRIES; i++)
		flight_list[i] = (struct iommu_lab_sg){ VICTIM_ONLY, -1ull };
	revoke_by_unmap();
}

static void restore_rewritten(void)
{
	REQUIRE(all_bytes(other_page, CANARY, PAGE));
}

static void rewritten_in_flight(void)
{
	static const struct race race = { "rewriting after submit",
					  prepare_mapped, revoke_after_rewriting,
					  restore_rewritten, true, false };

	set_up();
	other_page = pages_alloc(PAGE);
	REQUIRE_EQ(map_at(attacker.domain, other_page, PAGE, READ_WRITE,
			  ATTACK_AT + PAGE), 0);
	run_race(&race);
	attacker_end();
}

/* what the second thread writes over again and again, while the first submits */
static volatile struct iommu_lab_sg shared_list[2];
static volatile struct iommu_lab_dma shared_dma;
static volatile bool stop;

/*
 * Lists of one entry or two, of 8 and 32 bytes, and bad ones. Each version is good
 * or is refused, a mixture of two as well; what must not be is that one is checked
 * and another is used.
 */
static void *rewrite(void *unused)
{
	static const u64 lengths[] = { 8, 32, 0, -8ull };
	u64 state = 88172645463325252;

	(void)unused;
	while (!stop) {
		u64 random = next_random(&state);

		shared_list[0].length = lengths[random % 4];
		shared_list[1].length = lengths[random / 4 % 4];
		shared_list[1].addr = random / 16 % 2 ? ATTACK_AT + 64 :
							VICTIM_ONLY;
		shared_dma.src_nents = random / 64 % 3;
		shared_dma.op = random / 256 % 8 ? IOMMU_LAB_DMA_READ : 77;
	}
	return NULL;
}

static bool may_be_refused_by(int error)
{
	return error == -EINVAL || error == -EOVERFLOW || error == -EOPNOTSUPP;
}

static void check_torn(const struct iommu_lab_dma_result *result)
{
	/* sums of one or two entries of 8 and 32 bytes */
	static const u64 lengths[] = { 8, 16, 32, 40, 64 };
	bool whole = false;

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
		whole |= result->done == lengths[i];
	REQUIRE(whole);
	if (result->status != IOMMU_LAB_DMA_OK) {
		REQUIRE_EQ(result->status, IOMMU_LAB_DMA_FAULT);
		REQUIRE_EQ(result->fault_iova, VICTIM_ONLY);
	}
}

static void rewritten_while_submitted(void)
{
	unsigned int good = 0, faults = 0, refused = 0;
	u64 limit, least;
	pthread_t thread;

	set_up();
	least = now_ms() + 4000;
	limit = now_ms() + (is_debug_kernel() ? 120000 : 30000);
	memset(arena + PAGE, MARK, PAGE);
	prepare_mapped();
	shared_list[0].addr = ATTACK_AT;
	shared_list[1].addr = ATTACK_AT + 64;
	shared_dma.size = sizeof(shared_dma);
	shared_dma.src = (uintptr_t)shared_list;
	shared_dma.data = (uintptr_t)attacker.data;
	REQUIRE(!pthread_create(&thread, NULL, rewrite, NULL));
	while (now_ms() < least || ((good < CUTS || faults < CUTS ||
				     refused < CUTS) && now_ms() < limit)) {
		int error;

		memset(attacker.data, WRITTEN, PAGE);
		error = lab_ioctl(attacker.endpoint, IOMMU_LAB_DMA,
				  (void *)&shared_dma);
		refused += !!error;
		if (error) {
			if (!may_be_refused_by(error))
				REQUIRE_EQ(error, -EINVAL);
			REQUIRE(all_bytes(attacker.data, WRITTEN, PAGE));
			continue;
		}
		check_torn((void *)&shared_dma.result);
		good += shared_dma.result.status == IOMMU_LAB_DMA_OK;
		faults += shared_dma.result.status == IOMMU_LAB_DMA_FAULT;
		REQUIRE(all_bytes(attacker.data, MARK, shared_dma.result.done));
		REQUIRE(all_bytes(attacker.data + shared_dma.result.done, WRITTEN,
				  PAGE - shared_dma.result.done));
	}
	stop = true;
	pthread_join(thread, NULL);
	note("%u good, %u faults, %u refused", good, faults, refused);
	EXPECT(good >= CUTS);
	EXPECT(faults >= CUTS);
	EXPECT(refused >= CUTS);
	attacker_end();
}

/*
 * Where the transfer writes, memory to the device appears: that is never written,
 * whatever the IOTLB remembers of the IOVA.
 */
static void revoke_by_read_only(void)
{
	revoke_by_unmap();
	REQUIRE_EQ(map_at(attacker.domain, other_page, PAGE, READ_ONLY,
			  ATTACK_AT), 0);
}

static void restore_read_only(void)
{
	struct iommu_lab_dma_result result;

	result = dma_fill(attacker.endpoint, ATTACK_AT, PAGE, flight.pattern);
	REQUIRE_EQ(result.status, IOMMU_LAB_DMA_FAULT);
	REQUIRE_EQ(result.fault_reason, REASON_WRITE);
	REQUIRE_EQ(result.fault_flags, IOMMU_LAB_FAULT_WRITE);
	REQUIRE(all_bytes(other_page, CANARY, PAGE));
	revoke_by_unmap();
}

static void to_device(void)
{
	static const struct race race = { "memory to the device instead",
					  prepare_mapped, revoke_by_read_only,
					  restore_read_only, true, false };

	set_up();
	other_page = pages_alloc(PAGE);
	memset(other_page, CANARY, PAGE);
	run_race(&race);
	attacker_end();
}

static const struct test_case cases[] = {
	{ "confinement: unmapped in flight", unmapped, .seconds = 180 },
	{ "confinement: freed and unmapped in flight", freed, .seconds = 180 },
	{ "confinement: a buffer is freed in flight, its association last",
	  buffer_by_handle, .seconds = 180 },
	{ "confinement: a buffer is freed in flight, its fd last", buffer_by_fd,
	  .seconds = 180 },
	{ "confinement: a buffer is freed in flight, its mapping last",
	  buffer_by_unmap, .seconds = 180 },
	{ "confinement: the domain is closed under a transfer", closed,
	  .seconds = 180 },
	{ "confinement: attached to another domain under a transfer",
	  attached_elsewhere, .seconds = 180 },
	{ "confinement: descriptors rewritten in flight", rewritten_in_flight,
	  .seconds = 180 },
	{ "confinement: descriptors rewritten while they are submitted",
	  rewritten_while_submitted, .seconds = 180 },
	{ "confinement: memory to the device takes the place under a transfer",
	  to_device, .seconds = 180 },
};

int main(void)
{
	return RUN_CASES(cases);
}
