// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "lab.h"
#include "sys.h"

int lab_ioctl(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) ? -errno : 0;
}

int control_open(void)
{
	int fd = open(CONTROL_NODE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		note(CONTROL_NODE ": %s", strerror(errno));
	REQUIRE(fd >= 0);
	return fd;
}

void endpoint_name(unsigned int index, char name[NAME_BYTES])
{
	int control = control_open();
	struct iommu_lab_endpoint_info info = endpoint_info(control, index);

	close(control);
	snprintf(name, NAME_BYTES, "%04x:%02x:%02x.%x", info.domain,
		 info.bdf >> 8 & 0xff, info.bdf >> 3 & 0x1f, info.bdf & 7);
}

int endpoint_open_flags(unsigned int index, int flags)
{
	char path[128], name[NAME_BYTES];
	int fd;

	endpoint_name(index, name);
	snprintf(path, sizeof(path), ENDPOINT_DIR "/%s", name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		note("%s: %s", path, strerror(errno));
	REQUIRE(fd >= 0);
	return fd;
}

int endpoint_open(unsigned int index)
{
	return endpoint_open_flags(index, O_RDWR);
}

struct iommu_lab_info lab_info(int control)
{
	struct iommu_lab_info info = { .size = sizeof(info) };

	REQUIRE_EQ(lab_ioctl(control, IOMMU_LAB_INFO, &info), 0);
	return info;
}

struct iommu_lab_endpoint_info endpoint_info(int control, unsigned int index)
{
	struct iommu_lab_endpoint_info info = {
		.size = sizeof(info),
		.index = index,
	};

	REQUIRE_EQ(lab_ioctl(control, IOMMU_LAB_ENDPOINT_INFO, &info), 0);
	return info;
}

int domain_create_with(int control, u32 policy, u32 flags)
{
	struct iommu_lab_domain_create create = {
		.size = sizeof(create),
		.flags = flags,
		.policy = policy,
		.out_fd = -1,
	};
	int error = lab_ioctl(control, IOMMU_LAB_DOMAIN_CREATE, &create);

	return error ?: create.out_fd;
}

const char *last_refusal(int fd)
{
	static char text[256];
	struct iommu_lab_explain explain = {
		.size = sizeof(explain),
		.length = sizeof(text),
		.text = (uintptr_t)text,
	};

	REQUIRE_EQ(lab_ioctl(fd, IOMMU_LAB_EXPLAIN, &explain), 0);
	return text;
}

int domain_create_in(int control, u32 policy, u64 start, u64 last)
{
	struct iommu_lab_domain_create create = {
		.size = sizeof(create),
		.policy = policy,
		.out_fd = -1,
		.aperture_start = start,
		.aperture_last = last,
	};
	int error = lab_ioctl(control, IOMMU_LAB_DOMAIN_CREATE, &create);

	return error ?: create.out_fd;
}

int domain_create(int control, u32 policy)
{
	return domain_create_in(control, policy, 0, 0);
}

struct iommu_lab_domain_info domain_info(int domain)
{
	struct iommu_lab_domain_info info = { .size = sizeof(info) };

	REQUIRE_EQ(lab_ioctl(domain, IOMMU_LAB_DOMAIN_INFO, &info), 0);
	return info;
}

int domain_attach_named(int domain, int endpoint, u32 name)
{
	struct iommu_lab_attach attach = {
		.size = sizeof(attach),
		.endpoint_fd = endpoint,
		.endpoint = name,
	};

	return lab_ioctl(domain, IOMMU_LAB_ATTACH, &attach);
}

int domain_attach(int domain, int endpoint)
{
	return domain_attach_named(domain, endpoint, 0);
}

void open_attached(u32 policy, unsigned int index, int *control, int *domain,
		   int *endpoint)
{
	*control = control_open();
	*domain = domain_create(*control, policy);
	REQUIRE(*domain >= 0);
	*endpoint = endpoint_open(index);
	REQUIRE_EQ(domain_attach(*domain, *endpoint), 0);
}

int domain_detach(int domain, int endpoint)
{
	struct iommu_lab_detach detach = {
		.size = sizeof(detach),
		.endpoint_fd = endpoint,
	};

	return lab_ioctl(domain, IOMMU_LAB_DETACH, &detach);
}

int map_at(int domain, const void *va, u64 bytes, u32 prot, u64 iova)
{
	struct iommu_lab_map map = {
		.size = sizeof(map),
		.prot = prot,
		.user_va = (uintptr_t)va,
		.length = bytes,
		.iova = iova,
	};

	return lab_ioctl(domain, IOMMU_LAB_MAP, &map);
}

int map_any(int domain, const void *va, u64 bytes, u32 prot, u64 align,
	    u64 *iova)
{
	struct iommu_lab_map map = {
		.size = sizeof(map),
		.prot = prot,
		.user_va = (uintptr_t)va,
		.length = bytes,
		.align = align,
	};
	int error = lab_ioctl(domain, IOMMU_LAB_MAP, &map);

	*iova = map.iova;
	return error;
}

int map_list(int domain, const struct iommu_lab_sg *list, u32 nents, u32 prot,
	     u64 *iova)
{
	struct iommu_lab_map_sg map = {
		.size = sizeof(map),
		.prot = prot,
		.nents = nents,
		.entries = (uintptr_t)list,
		.iova = *iova,
	};
	u64 sum = 0;
	int error = lab_ioctl(domain, IOMMU_LAB_MAP_SG, &map);
	u32 i;

	if (error)
		return error;
	for (i = 0; i < nents; i++)
		sum += list[i].length;
	EXPECT_EQ(map.out_length, sum);
	*iova = map.iova;
	return 0;
}

int map_identity(int domain, u64 phys, u64 bytes, u32 prot)
{
	struct iommu_lab_map map = {
		.size = sizeof(map),
		.flags = IOMMU_LAB_MAP_IDENTITY,
		.prot = prot,
		.user_va = phys,
		.length = bytes,
	};
	int error = lab_ioctl(domain, IOMMU_LAB_MAP, &map);

	if (!error)
		EXPECT_EQ(map.iova, phys);
	return error;
}

static int change_marks(int domain, const void *va, u64 bytes, u32 flags)
{
	struct iommu_lab_mark mark = {
		.size = sizeof(mark),
		.flags = flags,
		.user_va = (uintptr_t)va,
		.length = bytes,
	};

	return lab_ioctl(domain, IOMMU_LAB_MARK, &mark);
}

int mark(int domain, const void *va, u64 bytes)
{
	return change_marks(domain, va, bytes, 0);
}

int mark_clear(int domain, const void *va, u64 bytes)
{
	return change_marks(domain, va, bytes, IOMMU_LAB_MARK_CLEAR);
}

int device_addresses(int domain, u64 iova, u64 bytes, u32 flags,
		     struct iommu_lab_sg *list, u32 *nents)
{
	struct iommu_lab_addresses query = {
		.size = sizeof(query),
		.flags = flags,
		.iova = iova,
		.length = bytes,
		.segments = (uintptr_t)list,
		.nr = *nents,
	};
	int error = lab_ioctl(domain, IOMMU_LAB_ADDRESSES, &query);

	*nents = query.nr;
	return error;
}

int unmap_flags(int domain, u64 iova, u64 bytes, u32 flags, u64 *unmapped)
{
	struct iommu_lab_unmap unmap = {
		.size = sizeof(unmap),
		.flags = flags,
		.iova = iova,
		.length = bytes,
	};
	int error = lab_ioctl(domain, IOMMU_LAB_UNMAP, &unmap);

	*unmapped = unmap.out_unmapped;
	return error;
}

int unmap(int domain, u64 iova, u64 bytes)
{
	u64 unmapped;
	int error = unmap_flags(domain, iova, bytes, 0, &unmapped);

	if (!error)
		EXPECT_EQ(unmapped, bytes);
	return error;
}

int track_dirty(int domain, bool on)
{
	struct iommu_lab_dirty_tracking tracking = {
		.size = sizeof(tracking),
		.flags = on ? IOMMU_LAB_DIRTY_TRACKING_ENABLE : 0,
	};

	return lab_ioctl(domain, IOMMU_LAB_SET_DIRTY_TRACKING, &tracking);
}

int read_dirty(int domain, u32 flags, u64 iova, u64 bytes, u64 page_size,
	       void *bitmap)
{
	struct iommu_lab_dirty_bitmap get = {
		.size = sizeof(get),
		.flags = flags,
		.iova = iova,
		.length = bytes,
		.page_size = page_size,
		.data = (uintptr_t)bitmap,
	};

	return lab_ioctl(domain, IOMMU_LAB_GET_DIRTY_BITMAP, &get);
}

int translate(int domain, u64 iova, struct iommu_lab_translate *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->size = sizeof(*answer);
	answer->iova = iova;
	return lab_ioctl(domain, IOMMU_LAB_TRANSLATE, answer);
}

bool is_mapped(int domain, u64 iova)
{
	struct iommu_lab_translate answer;

	REQUIRE_EQ(translate(domain, iova, &answer), 0);
	return answer.out_flags & IOMMU_LAB_TRANSLATE_MAPPED;
}

struct iommu_lab_stats lab_stats(int fd)
{
	struct iommu_lab_stats stats = { .size = sizeof(stats) };

	REQUIRE_EQ(lab_ioctl(fd, IOMMU_LAB_STATS, &stats), 0);
	return stats;
}

struct iommu_lab_stats lab_stats_since(int fd,
				       const struct iommu_lab_stats *before)
{
	struct iommu_lab_stats now = lab_stats(fd);

	now.lookups -= before->lookups;
	now.hits -= before->hits;
	now.misses -= before->misses;
	now.stale -= before->stale;
	now.walks -= before->walks;
	now.walk_steps -= before->walk_steps;
	now.psc_hits -= before->psc_hits;
	now.context_hits -= before->context_hits;
	now.context_misses -= before->context_misses;
	now.insertions -= before->insertions;
	now.evictions -= before->evictions;
	now.faults -= before->faults;
	return now;
}

int dma_try(int endpoint, struct iommu_lab_dma *dma)
{
	dma->size = sizeof(*dma);
	return lab_ioctl(endpoint, IOMMU_LAB_DMA, dma);
}

struct iommu_lab_dma_result dma_run(int endpoint, struct iommu_lab_dma *dma)
{
	memset(&dma->result, 0xff, sizeof(dma->result));
	REQUIRE_EQ(dma_try(endpoint, dma), 0);
	return dma->result;
}

struct iommu_lab_dma_result dma_read(int endpoint, u64 iova, void *data,
				     u64 bytes)
{
	struct iommu_lab_sg sg = { iova, bytes };
	struct iommu_lab_dma dma = {
		.op = IOMMU_LAB_DMA_READ,
		.src_nents = 1,
		.src = (uintptr_t)&sg,
		.data = (uintptr_t)data,
	};

	return dma_run(endpoint, &dma);
}

struct iommu_lab_dma_result dma_write(int endpoint, u64 iova, const void *data,
				      u64 bytes)
{
	struct iommu_lab_sg sg = { iova, bytes };
	struct iommu_lab_dma dma = {
		.op = IOMMU_LAB_DMA_WRITE,
		.dst_nents = 1,
		.dst = (uintptr_t)&sg,
		.data = (uintptr_t)data,
	};

	return dma_run(endpoint, &dma);
}

static struct iommu_lab_dma_result dma_two(int endpoint, u32 op, u64 src,
					   u64 dst, u64 bytes)
{
	struct iommu_lab_sg from = { src, bytes }, to = { dst, bytes };
	struct iommu_lab_dma dma = {
		.op = op,
		.src_nents = 1,
		.dst_nents = 1,
		.src = (uintptr_t)&from,
		.dst = (uintptr_t)&to,
	};

	return dma_run(endpoint, &dma);
}

struct iommu_lab_dma_result dma_copy(int endpoint, u64 src, u64 dst, u64 bytes)
{
	return dma_two(endpoint, IOMMU_LAB_DMA_COPY, src, dst, bytes);
}

struct iommu_lab_dma_result dma_compare(int endpoint, u64 src, u64 dst,
					u64 bytes)
{
	return dma_two(endpoint, IOMMU_LAB_DMA_COMPARE, src, dst, bytes);
}

struct iommu_lab_dma_result dma_fill(int endpoint, u64 dst, u64 bytes,
				     u64 pattern)
{
	struct iommu_lab_sg sg = { dst, bytes };
	struct iommu_lab_dma dma = {
		.op = IOMMU_LAB_DMA_FILL,
		.dst_nents = 1,
		.dst = (uintptr_t)&sg,
		.pattern = pattern,
	};

	return dma_run(endpoint, &dma);
}

u32 dma_peek(int endpoint, u64 iova)
{
	u8 byte;

	return dma_read(endpoint, iova, &byte, 1).status;
}

u32 dma_poke(int endpoint, u64 iova)
{
	u8 byte = 0xa5;

	return dma_write(endpoint, iova, &byte, 1).status;
}

static bool is_free(const struct iommu_lab_info *info)
{
	return !info->domains && info->domains_left == info->domains_max &&
	       info->mappings_left == info->mappings_max &&
	       info->pinned_left == info->pinned_max &&
	       info->tables_left == info->tables_max;
}

bool lab_is_empty(void)
{
	struct iommu_lab_info info = { .size = sizeof(info) };
	int fd = open(CONTROL_NODE, O_RDWR | O_CLOEXEC);
	u64 limit = now_ms() + 5000;
	bool empty;

	if (fd < 0) {
		note(CONTROL_NODE ": %s", strerror(errno));
		return false;
	}
	do {
		empty = !ioctl(fd, IOMMU_LAB_INFO, &info) && is_free(&info);
	} while (!empty && now_ms() < limit && (sleep_ms(10), true));
	close(fd);
	if (!empty)
		note("left behind: %u domains, %lld mappings, %lld bytes pinned, %lld bytes of tables",
		     info.domains,
		     (long long)(info.mappings_max - info.mappings_left),
		     (long long)(info.pinned_max - info.pinned_left),
		     (long long)(info.tables_max - info.tables_left));
	return empty;
}
