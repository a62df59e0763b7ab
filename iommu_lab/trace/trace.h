/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: what happens to a domain, a unit and an endpoint, in order.
 * Documentation/tracepoints.rst has each field. They take plain numbers, so that
 * each room can call them.
 *
 * Each event has @segment and @bdf (the endpoint), @domain (its id in debugfs),
 * @unit and a range of IOVAs; -1, or 0 for a domain, where there is none.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM iommu_lab

#if !defined(IOMMU_LAB_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define IOMMU_LAB_TRACE_H

#include <linux/tracepoint.h>

/* how the fields that all events have are shown */
#define LAB_TRACE_RANGE		"domain=%d unit=%d iova=0x%llx-0x%llx"
#define LAB_TRACE_ENDPOINT	"endpoint=%04x:%02x:%02x.%x " LAB_TRACE_RANGE

DECLARE_EVENT_CLASS(iommu_lab_binding,
	TP_PROTO(int segment, int bdf, int domain, int unit, u64 start,
		 u64 last, int did),
	TP_ARGS(segment, bdf, domain, unit, start, last, did),
	TP_STRUCT__entry(
		__field(int, segment)
		__field(int, bdf)
		__field(int, domain)
		__field(int, unit)
		__field(u64, start)
		__field(u64, last)
		__field(int, did)
	),
	TP_fast_assign(
		__entry->segment = segment;
		__entry->bdf = bdf;
		__entry->domain = domain;
		__entry->unit = unit;
		__entry->start = start;
		__entry->last = last;
		__entry->did = did;
	),
	TP_printk(LAB_TRACE_ENDPOINT " did=%d",
		  __entry->segment, __entry->bdf >> 8, __entry->bdf >> 3 & 0x1f,
		  __entry->bdf & 7, __entry->domain, __entry->unit, __entry->start,
		  __entry->last, __entry->did)
);

/* the endpoint can use the domain: its aperture, and its id on the unit */
DEFINE_EVENT(iommu_lab_binding, iommu_lab_attach,
	TP_PROTO(int segment, int bdf, int domain, int unit, u64 start,
		 u64 last, int did),
	TP_ARGS(segment, bdf, domain, unit, start, last, did)
);

/* it cannot any more; @did is -1 if the unit has none for the domain now */
DEFINE_EVENT(iommu_lab_binding, iommu_lab_detach,
	TP_PROTO(int segment, int bdf, int domain, int unit, u64 start,
		 u64 last, int did),
	TP_ARGS(segment, bdf, domain, unit, start, last, did)
);

DECLARE_EVENT_CLASS(iommu_lab_mapping,
	TP_PROTO(int domain, u64 start, u64 last, u32 prot),
	TP_ARGS(domain, start, last, prot),
	TP_STRUCT__entry(
		__field(int, segment)
		__field(int, bdf)
		__field(int, domain)
		__field(int, unit)
		__field(u64, start)
		__field(u64, last)
		__field(u32, prot)
	),
	TP_fast_assign(
		__entry->segment = -1;
		__entry->bdf = -1;
		__entry->domain = domain;
		__entry->unit = -1;
		__entry->start = start;
		__entry->last = last;
		__entry->prot = prot;
	),
	TP_printk("bdf=%d " LAB_TRACE_RANGE " prot=%u",
		  __entry->bdf, __entry->domain, __entry->unit,
		  __entry->start, __entry->last, __entry->prot)
);

/* the devices of the domain can use the mapping */
DEFINE_EVENT(iommu_lab_mapping, iommu_lab_map,
	TP_PROTO(int domain, u64 start, u64 last, u32 prot),
	TP_ARGS(domain, start, last, prot)
);

/* its leaves are cleared; the invalidation follows */
DEFINE_EVENT(iommu_lab_mapping, iommu_lab_unmap,
	TP_PROTO(int domain, u64 start, u64 last, u32 prot),
	TP_ARGS(domain, start, last, prot)
);

/* its memory is let go: no unit can reach it any more */
DEFINE_EVENT(iommu_lab_mapping, iommu_lab_free,
	TP_PROTO(int domain, u64 start, u64 last, u32 prot),
	TP_ARGS(domain, start, last, prot)
);

/* a unit was asked for an invalidation, and has confirmed it if @error is 0 */
TRACE_EVENT(iommu_lab_invalidate,
	TP_PROTO(int segment, int bdf, int domain, int unit, int did, int type,
		 int granularity, u64 start, u64 last, int error),
	TP_ARGS(segment, bdf, domain, unit, did, type, granularity, start, last,
		error),
	TP_STRUCT__entry(
		__field(int, segment)
		__field(int, bdf)
		__field(int, domain)
		__field(int, unit)
		__field(u64, start)
		__field(u64, last)
		__field(int, did)
		__field(int, type)
		__field(int, granularity)
		__field(int, error)
	),
	TP_fast_assign(
		__entry->segment = segment;
		__entry->bdf = bdf;
		__entry->domain = domain;
		__entry->unit = unit;
		__entry->start = start;
		__entry->last = last;
		__entry->did = did;
		__entry->type = type;
		__entry->granularity = granularity;
		__entry->error = error;
	),
	TP_printk("bdf=%d " LAB_TRACE_RANGE " did=%d type=%d granularity=%d error=%d",
		  __entry->bdf, __entry->domain, __entry->unit,
		  __entry->start, __entry->last, __entry->did,
		  __entry->type, __entry->granularity, __entry->error)
);

/* a fault record was read; @domain is 0 if the endpoint is not attached */
TRACE_EVENT(iommu_lab_fault,
	TP_PROTO(int segment, int bdf, int domain, int unit, u64 iova,
		 unsigned int record, unsigned int reason, bool write),
	TP_ARGS(segment, bdf, domain, unit, iova, record, reason, write),
	TP_STRUCT__entry(
		__field(int, segment)
		__field(int, bdf)
		__field(int, domain)
		__field(int, unit)
		__field(u64, start)
		__field(u64, last)
		__field(u32, record)
		__field(u32, reason)
		__field(u32, write)
	),
	TP_fast_assign(
		__entry->segment = segment;
		__entry->bdf = bdf;
		__entry->domain = domain;
		__entry->unit = unit;
		__entry->start = iova;
		__entry->last = iova | 0xfff;
		__entry->record = record;
		__entry->reason = reason;
		__entry->write = write;
	),
	TP_printk(LAB_TRACE_ENDPOINT " record=%u reason=0x%x write=%u",
		  __entry->segment, __entry->bdf >> 8, __entry->bdf >> 3 & 0x1f,
		  __entry->bdf & 7, __entry->domain, __entry->unit, __entry->start,
		  __entry->last, __entry->record, __entry->reason,
		  __entry->write)
);

/* bus mastering of a function was switched */
TRACE_EVENT(iommu_lab_bus_master,
	TP_PROTO(int segment, int bdf, int unit, bool on),
	TP_ARGS(segment, bdf, unit, on),
	TP_STRUCT__entry(
		__field(int, segment)
		__field(int, bdf)
		__field(int, domain)
		__field(int, unit)
		__field(u64, start)
		__field(u64, last)
		__field(u32, on)
	),
	TP_fast_assign(
		__entry->segment = segment;
		__entry->bdf = bdf;
		__entry->domain = 0;
		__entry->unit = unit;
		__entry->start = 0;
		__entry->last = 0;
		__entry->on = on;
	),
	TP_printk(LAB_TRACE_ENDPOINT " on=%u",
		  __entry->segment, __entry->bdf >> 8, __entry->bdf >> 3 & 0x1f,
		  __entry->bdf & 7, __entry->domain, __entry->unit, __entry->start,
		  __entry->last, __entry->on)
);

/* an engine begins a DMA; of its lists, the first entry is shown */
TRACE_EVENT(iommu_lab_dma_begin,
	TP_PROTO(int segment, int bdf, int domain, int unit, unsigned int op,
		 u64 start, u64 last, unsigned int entries, u64 length),
	TP_ARGS(segment, bdf, domain, unit, op, start, last, entries, length),
	TP_STRUCT__entry(
		__field(int, segment)
		__field(int, bdf)
		__field(int, domain)
		__field(int, unit)
		__field(u64, start)
		__field(u64, last)
		__field(u32, op)
		__field(u32, entries)
		__field(u64, length)
	),
	TP_fast_assign(
		__entry->segment = segment;
		__entry->bdf = bdf;
		__entry->domain = domain;
		__entry->unit = unit;
		__entry->start = start;
		__entry->last = last;
		__entry->op = op;
		__entry->entries = entries;
		__entry->length = length;
	),
	TP_printk(LAB_TRACE_ENDPOINT " op=%u entries=%u length=%llu",
		  __entry->segment, __entry->bdf >> 8, __entry->bdf >> 3 & 0x1f,
		  __entry->bdf & 7, __entry->domain, __entry->unit, __entry->start,
		  __entry->last, __entry->op, __entry->entries,
		  __entry->length)
);

/* it has ended; @reason and what was refused are 0 unless @status is a fault */
TRACE_EVENT(iommu_lab_dma_end,
	TP_PROTO(int segment, int bdf, int domain, int unit, unsigned int op,
		 u64 start, u64 last, unsigned int status, u64 done,
		 unsigned int reason, u64 refused),
	TP_ARGS(segment, bdf, domain, unit, op, start, last, status, done,
		reason, refused),
	TP_STRUCT__entry(
		__field(int, segment)
		__field(int, bdf)
		__field(int, domain)
		__field(int, unit)
		__field(u64, start)
		__field(u64, last)
		__field(u32, op)
		__field(u32, status)
		__field(u64, done)
		__field(u32, reason)
		__field(u64, refused)
	),
	TP_fast_assign(
		__entry->segment = segment;
		__entry->bdf = bdf;
		__entry->domain = domain;
		__entry->unit = unit;
		__entry->start = start;
		__entry->last = last;
		__entry->op = op;
		__entry->status = status;
		__entry->done = done;
		__entry->reason = reason;
		__entry->refused = refused;
	),
	TP_printk(LAB_TRACE_ENDPOINT " op=%u status=%u done=%llu reason=0x%x refused=0x%llx",
		  __entry->segment, __entry->bdf >> 8, __entry->bdf >> 3 & 0x1f,
		  __entry->bdf & 7, __entry->domain, __entry->unit, __entry->start,
		  __entry->last, __entry->op, __entry->status, __entry->done,
		  __entry->reason, __entry->refused)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
