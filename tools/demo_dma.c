// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "demo.h"

static u8 *memory(u64 bytes)
{
	u8 *mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	u64 i;

	if (mem == MAP_FAILED)
		give_up("no memory: %s", strerror(errno));
	for (i = 0; i < bytes; i++)
		mem[i] = next_random() >> 56;
	return mem;
}

static struct iommu_lab_translate translate(u64 iova,
					    struct iommu_lab_walk_step *steps,
					    u32 nr_steps)
{
	struct iommu_lab_translate answer = {
		.size = sizeof(answer),
		.iova = iova,
		.steps = (uintptr_t)steps,
		.nr_steps = nr_steps,
	};

	CALL(demo.domain, IOMMU_LAB_TRANSLATE, &answer);
	return answer;
}

/* maps the list; compares the mapping with debugfs */
static u64 map(const struct iommu_lab_sg *list, u32 nents, u32 prot, u64 *bytes)
{
	static const char * const rights[] = { "--", "r-", "-w", "rw" };
	struct iommu_lab_map_sg map = {
		.size = sizeof(map),
		.prot = prot,
		.nents = nents,
		.entries = (uintptr_t)list,
	};
	char *text, line[96];
	u32 i;

	CALL(demo.domain, IOMMU_LAB_MAP_SG, &map);
	for (*bytes = 0, i = 0; i < nents; i++)
		*bytes += list[i].length;
	same("bytes mapped", map.out_length, *bytes);
	text = report_text("domains/%u/mappings", demo.id);
	snprintf(line, sizeof(line), "0x%llx 0x%llx %s %llu ",
		 (unsigned long long)map.iova,
		 (unsigned long long)(map.iova + *bytes - 1), rights[prot],
		 (unsigned long long)(*bytes / PAGE));
	expect(strstr(text, line), "no mapping '%s'", line);
	free(text);
	return map.iova;
}

void map_list(void)
{
	u32 total = 3 + next_random() % (MAX_RANGES - 2), i;
	char *tables;
	u64 iova;
	u8 *arena;

	step("A scatter-gather list: %u ranges of this process, one range of IOVAs",
	     total);
	/* pieces of one area, with holes, in an order of their own */
	arena = memory(MAX_RANGES * 32 * PAGE);
	demo.ranges = total;
	for (i = 0; i < total; i++) {
		demo.range[i].addr = (uintptr_t)arena + i * 32 * PAGE +
				     next_random() % 8 * PAGE;
		demo.range[i].length = (1 + next_random() % 24) * PAGE;
	}
	for (i = total - 1; i; i--) {
		u32 other = next_random() % (i + 1);
		struct iommu_lab_sg kept = demo.range[i];

		demo.range[i] = demo.range[other];
		demo.range[other] = kept;
	}
	demo.iova = map(demo.range, total, IOMMU_LAB_BIDIRECTIONAL, &demo.bytes);
	tables = report_text("domains/%u/page_table", demo.id);
	iova = demo.iova;
	for (i = 0; i < total; iova += demo.range[i++].length) {
		struct iommu_lab_translate answer = translate(iova, NULL, 0);

		expect(answer.out_flags & IOMMU_LAB_TRANSLATE_PHYS_VALID,
		       "IOVA %#llx has no physical address",
		       (unsigned long long)iova);
		expect(has_line(tables, "0x%llx %llu rw 0x%llx",
				(unsigned long long)iova,
				(unsigned long long)answer.out_page_size,
				(unsigned long long)answer.out_phys),
		       "debugfs has another leaf at IOVA %#llx",
		       (unsigned long long)iova);
		say("process %#llx, %6llu bytes -> IOVA %#llx (first byte at physical %#llx)",
		    (unsigned long long)demo.range[i].addr,
		    (unsigned long long)demo.range[i].length,
		    (unsigned long long)iova,
		    (unsigned long long)answer.out_phys);
	}
	say("one mapping of %llu bytes, from %#llx to %#llx",
	    (unsigned long long)demo.bytes, (unsigned long long)demo.iova,
	    (unsigned long long)(demo.iova + demo.bytes - 1));
	free(tables);
}

static struct iommu_lab_dma_result dma(u32 op, u64 src, u64 dst, u64 bytes,
				       void *data)
{
	struct iommu_lab_sg from = { src, bytes }, to = { dst, bytes };
	struct iommu_lab_dma cmd = {
		.size = sizeof(cmd),
		.op = op,
		.src_nents = op != IOMMU_LAB_DMA_WRITE,
		.dst_nents = op != IOMMU_LAB_DMA_READ,
		.src = (uintptr_t)&from,
		.dst = (uintptr_t)&to,
		.data = (uintptr_t)data,
	};

	CALL(demo.endpoint, IOMMU_LAB_DMA, &cmd);
	return cmd.result;
}

void copy_list(void)
{
	struct counters before = read_counters(demo.endpoint_stats), moved;
	struct iommu_lab_dma_result result;
	struct iommu_lab_sg whole;
	u64 bytes, iova, at = 0, offset = next_random() % 1000;
	u8 *target = memory(demo.bytes);
	bool equal = true;
	u32 i;

	step("DMA: the device copies the whole list to another buffer");
	whole = (struct iommu_lab_sg){ (uintptr_t)target, demo.bytes };
	iova = map(&whole, 1, IOMMU_LAB_FROM_DEVICE, &bytes);
	result = dma(IOMMU_LAB_DMA_COPY, demo.iova + offset, iova + offset,
		     demo.bytes - offset, NULL);
	same("status", result.status, IOMMU_LAB_DMA_OK);
	same("bytes copied", result.done, demo.bytes - offset);
	for (i = 0; i < demo.ranges; at += demo.range[i++].length) {
		u64 skip = i ? 0 : offset;

		equal &= !memcmp(target + at + skip,
				 (u8 *)(uintptr_t)demo.range[i].addr + skip,
				 demo.range[i].length - skip);
	}
	expect(equal, "the copy is not what the %u ranges hold", demo.ranges);
	moved = counters_since(demo.endpoint_stats, &before);
	same("hits + misses", moved.hits + moved.misses, moved.lookups);
	same("faults", moved.faults, 0);
	/* each side, page by page */
	same("accesses", moved.lookups, 2 * (demo.bytes / PAGE));
	say("%llu bytes, all behind byte %llu, read at IOVA %#llx, written at %#llx: %s",
	    (unsigned long long)result.done, (unsigned long long)offset,
	    (unsigned long long)(demo.iova + offset),
	    (unsigned long long)(iova + offset),
	    equal ? "equal, byte for byte" : "NOT EQUAL");
	say("%llu accesses of at most a page: %llu IOTLB hits, %llu misses, %llu walks of %llu steps",
	    (unsigned long long)moved.lookups, (unsigned long long)moved.hits,
	    (unsigned long long)moved.misses, (unsigned long long)moved.walks,
	    (unsigned long long)moved.walk_steps);
}

/* one access of one byte; by how much the endpoint's counters moved */
static struct counters touch(const char *what, u64 iova)
{
	struct counters before = read_counters(demo.endpoint_stats), moved;
	u8 byte = 0;
	struct iommu_lab_dma_result result = dma(IOMMU_LAB_DMA_READ, iova, 0, 1,
						 &byte);

	same("status", result.status, IOMMU_LAB_DMA_OK);
	same("the byte", byte, demo.small[iova - demo.small_iova]);
	moved = counters_since(demo.endpoint_stats, &before);
	same("lookups", moved.lookups, 1);
	say("%s: IOVA %#llx reads %#04x: lookups +%llu, hits +%llu, misses +%llu, walk steps +%llu, evictions +%llu",
	    what, (unsigned long long)iova, byte,
	    (unsigned long long)moved.lookups, (unsigned long long)moved.hits,
	    (unsigned long long)moved.misses,
	    (unsigned long long)moved.walk_steps,
	    (unsigned long long)moved.evictions);
	return moved;
}

void show_iotlb(void)
{
	struct iommu_lab_sg list;
	struct counters moved;
	u64 bytes, at;

	step("The IOTLB: the first access misses, the second hits");
	demo.small = memory(SMALL_PAGES * PAGE);
	list = (struct iommu_lab_sg){ (uintptr_t)demo.small,
				      SMALL_PAGES * PAGE };
	demo.small_iova = map(&list, 1, IOMMU_LAB_TO_DEVICE, &bytes);
	at = demo.small_iova + next_random() % PAGE;
	moved = touch("first ", at);
	same("misses", moved.misses, 1);
	same("entries inserted", moved.insertions, 1);
	moved = touch("second", at);
	same("hits", moved.hits, 1);
	same("walks", moved.walks, 0);
	if (demo.sets * demo.ways > 1)
		return;
	say("this IOTLB has one entry: the next page takes it");
	moved = touch("other ", at - at % PAGE + PAGE);
	same("misses", moved.misses, 1);
	same("evictions", moved.evictions, 1);
	moved = touch("first ", at);
	same("misses", moved.misses, 1);
	same("evictions", moved.evictions, 1);
}

void show_walk(void)
{
	struct iommu_lab_walk_step steps[8];
	u64 iova = demo.small_iova + next_random() % PAGE;
	struct iommu_lab_translate answer = translate(iova, steps, 8);
	char *tables = report_text("domains/%u/page_table", demo.id);
	u32 i;

	step("The walk of IOVA %#llx through the tables, level by level",
	     (unsigned long long)iova);
	same("steps", answer.nr_steps, demo.levels);
	for (i = 0; i < answer.nr_steps; i++) {
		u32 level = steps[i].level;
		bool leaf = i + 1 == answer.nr_steps;

		same("index", steps[i].index, iova >> (3 + 9 * level) & 511);
		if (leaf)
			same("address in the leaf",
			     steps[i].entry & 0xffffffffff000,
			     answer.out_phys & ~(PAGE - 1));
		else
			expect(has_line(tables, "%*slevel %u index %u entry 0x%llx",
					2 * (demo.levels - level + 1), "", level,
					steps[i].index,
					(unsigned long long)steps[i].entry),
			       "debugfs has another entry at level %u", level);
		say("level %u, entry %3u: %016llx  %s%s%s", level,
		    steps[i].index, (unsigned long long)steps[i].entry,
		    steps[i].entry & 1 ? "r" : "-",
		    steps[i].entry & 2 ? "w" : "-",
		    leaf ? "  leaf" : "  table");
	}
	expect(has_line(tables, "0x%llx 4096 r- 0x%llx",
			(unsigned long long)(iova & ~(PAGE - 1)),
			(unsigned long long)(answer.out_phys & ~(PAGE - 1))),
	       "debugfs has another leaf");
	say("physical %#llx, a page of %llu bytes, the device may %s%s",
	    (unsigned long long)answer.out_phys,
	    (unsigned long long)answer.out_page_size,
	    answer.out_prot & IOMMU_LAB_PROT_READ ? "read" : "",
	    answer.out_prot & IOMMU_LAB_PROT_WRITE ? "write" : "");
	free(tables);
}

/* one refused access: the result, the unit's fault record, the counters */
static void refused(bool write, u64 iova)
{
	struct counters before = read_counters(demo.unit_stats), moved;
	char file[64], record[128], *text, *found;
	struct iommu_lab_dma_result result;
	u8 byte = 0x5a;
	u64 total;

	snprintf(file, sizeof(file), "units/%u/faults", demo.unit);
	total = report_number(file, "total");
	result = dma(write ? IOMMU_LAB_DMA_WRITE : IOMMU_LAB_DMA_READ, iova,
		     iova, 1, &byte);
	same("status", result.status, IOMMU_LAB_DMA_FAULT);
	same("bytes done", result.done, 0);
	same("refused address", result.fault_iova, iova);
	same("fault reason", result.fault_reason, write ? 5 : 6);
	same("flags", result.fault_flags, write ? IOMMU_LAB_FAULT_WRITE : 0);
	moved = counters_since(demo.unit_stats, &before);
	same("faults", moved.faults, 1);
	same("fault records", report_number(file, "total"), total + 1);
	say("%s of IOVA %#llx: refused, reason %u, %llu bytes done",
	    write ? "write" : "read", (unsigned long long)iova,
	    result.fault_reason, (unsigned long long)result.done);
	text = report_text("%s", file);
	snprintf(record, sizeof(record), "%s %s iova 0x%llx reason %u (",
		 demo.name, write ? "write" : "read",
		 (unsigned long long)(iova & ~(PAGE - 1)), result.fault_reason);
	found = strstr(text, record);
	if (expect(found, "no fault record '%s'", record))
		say("the unit's record %llu: %.*s", (unsigned long long)total + 1,
		    (int)strcspn(found, "\n"), found);
	free(text);
}

void refuse_write(void)
{
	u8 kept[SMALL_PAGES * PAGE];

	step("A write to the mapping that the device may only read");
	memcpy(kept, demo.small, sizeof(kept));
	refused(true, demo.small_iova + next_random() % PAGE);
	if (expect(!memcmp(kept, demo.small, sizeof(kept)),
		   "the memory has changed"))
		say("the memory is unchanged");
}

void unmap_and_touch(void)
{
	struct iommu_lab_unmap cmd = {
		.size = sizeof(cmd),
		.iova = demo.small_iova,
		.length = SMALL_PAGES * PAGE,
	};
	struct iommu_lab_translate answer;
	char *text, line[32];
	u64 at;

	step("Unmap, and the same access again");
	at = demo.small_iova + next_random() % PAGE;
	touch("before", at);
	CALL(demo.domain, IOMMU_LAB_UNMAP, &cmd);
	same("bytes unmapped", cmd.out_unmapped, SMALL_PAGES * PAGE);
	answer = translate(at, NULL, 0);
	same("TRANSLATE says", answer.out_flags, 0);
	text = report_text("units/%u/iotlb", demo.unit);
	snprintf(line, sizeof(line), " 0x%llx ",
		 (unsigned long long)demo.small_iova);
	expect(!strstr(text, line), "the IOTLB still has it");
	free(text);
	say("unmapped %llu bytes; the IOTLB has no entry for them any more",
	    (unsigned long long)cmd.out_unmapped);
	refused(false, at);
}

static void show_counter(const char *name, u64 before, u64 now, u64 endpoint,
			 u64 abi)
{
	same(name, now - before, endpoint);
	same(name, endpoint, abi);
	say("%-18s %8llu -> %8llu  (+%llu)", name, (unsigned long long)before,
	    (unsigned long long)now, (unsigned long long)(now - before));
}

/* only this endpoint was active: unit, endpoint and domain moved alike */
void show_counters(void)
{
	struct counters unit = read_counters(demo.unit_stats);
	struct counters ep = counters_since(demo.endpoint_stats,
					    &demo.endpoint_start);
	struct counters *start = &demo.unit_start;
	struct counters domain = read_counters(demo.domain_stats);
	struct iommu_lab_stats abi = { .size = sizeof(abi) };
	struct iommu_lab_stats by_domain = { .size = sizeof(by_domain) };

	step("The counters of unit %u, before and after", demo.unit);
	CALL(demo.endpoint, IOMMU_LAB_STATS, &abi);
	CALL(demo.domain, IOMMU_LAB_STATS, &by_domain);
#define SHOW(name, member) \
	show_counter(name, start->member, unit.member, ep.member, \
		     abi.member - demo.endpoint_start.member)
	SHOW("IOTLB lookups", lookups);
	SHOW("hits", hits);
	SHOW("misses", misses);
	SHOW("stale hits", stale);
	SHOW("walks", walks);
	SHOW("walk steps", walk_steps);
	SHOW("entries inserted", insertions);
	SHOW("entries evicted", evictions);
	SHOW("faults", faults);
#undef SHOW
	same("hits + misses", ep.hits + ep.misses, ep.lookups);
	same("the domain's lookups", domain.lookups, by_domain.lookups);
	same("the domain's lookups", by_domain.lookups, ep.lookups);
	same("the domain's faults", domain.faults, by_domain.faults);
	same("faults", ep.faults, 2);
	same("stale hits", ep.stale, 0);
}
