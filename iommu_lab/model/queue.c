// SPDX-License-Identifier: GPL-2.0
/*
 * Invalidation: the queue (VT-d 6.5.2) and the registers (6.5.1).
 *
 * A write to IQT runs the queue to its end, in the caller's context, with
 * queue_lock held. Each descriptor is complete, its drain included, before the
 * next is read, so a wait descriptor has nothing to wait for, fenced (FN) or
 * not.
 *
 * A descriptor with an unknown type, a reserved bit, granularity 0 or a mask
 * beyond CAP.MAMV raises IQE and stays at the head; so does a wait descriptor
 * whose status address is no memory, a queue that cannot be read, a tail that is not
 * at a descriptor, and descriptors of 128 bits in scalable mode. Nothing runs until
 * software has cleared IQE and written IQT.
 *
 * Descriptors of 256 bits (IQA.DW) are those of 128 bits with an upper half that is
 * reserved. Only they can be of the types that scalable mode adds.
 */
#include <linux/bitfield.h>
#include <linux/lockdep.h>
#include <linux/uaccess.h>
#include "vtd_int.h"

#define LAB_CONTEXT_LO_KNOWN	(VTD_INV_TYPE | VTD_INV_G | VTD_INV_DID | \
				 VTD_INV_CONTEXT_SID | VTD_INV_CONTEXT_FM)
#define LAB_IOTLB_LO_KNOWN	(VTD_INV_TYPE | VTD_INV_G | VTD_INV_DID | \
				 VTD_INV_IOTLB_DW | VTD_INV_IOTLB_DR)
#define LAB_IOTLB_HI_KNOWN	(VTD_INV_IOTLB_AM | VTD_INV_IOTLB_IH | \
				 VTD_INV_IOTLB_ADDR)
#define LAB_PASID_LO_KNOWN	(VTD_INV_TYPE | VTD_INV_G | VTD_INV_DID | \
				 VTD_INV_PASID)
#define LAB_IEC_LO_KNOWN	(VTD_INV_TYPE | VTD_INV_IEC_G | \
				 VTD_INV_IEC_IM | VTD_INV_IEC_IIDX)
#define LAB_WAIT_LO_KNOWN	(VTD_INV_TYPE | VTD_INV_WAIT_IF | \
				 VTD_INV_WAIT_SW | VTD_INV_WAIT_FN | \
				 VTD_INV_WAIT_DATA)

/**
 * enum lab_step - how a descriptor ended
 * @LAB_STEP_DONE: complete
 * @LAB_STEP_BAD: IQE
 * @LAB_STEP_STUCK: never completes
 */
enum lab_step {
	LAB_STEP_DONE,
	LAB_STEP_BAD,
	LAB_STEP_STUCK,
};

/**
 * struct lab_iotlb_request - an IOTLB invalidation, from either interface
 * @granularity: VTD_GRAN_*, not 0
 * @did: domain id
 * @address: IVA or ADDR with its AM and IH, for page-selective
 * @drain: of reads or of writes; both wait for all that is in flight
 */
struct lab_iotlb_request {
	unsigned int granularity;
	u16 did;
	u64 address;
	bool drain;
};

/* Fills of translations that began earlier are dropped from now on. */
static void lab_new_generation(struct lab_vtd *vtd)
{
	lockdep_assert_held(&vtd->cache_lock);
	/* pairs with the load in lab_vtd_translate() */
	smp_store_release(&vtd->generation, vtd->generation + 1);
}

static void lab_invalidate_context(struct lab_vtd *vtd, unsigned int granularity,
				   u16 did, u16 sid, unsigned int function_mask)
{
	raw_spin_lock(&vtd->cache_lock);
	lab_new_generation(vtd);
	lab_context_invalidate(vtd, granularity, did, sid, function_mask);
	raw_spin_unlock(&vtd->cache_lock);
	vtd->stats.context_inval[granularity]++;
}

static void lab_invalidate_pages(struct lab_vtd *vtd, u16 did, u64 address)
{
	unsigned int mask = FIELD_GET(VTD_IVA_AM, address);
	u64 below = (4096ULL << mask) - 1;
	u64 start = address & VTD_IVA_ADDR & ~below;

	lab_iotlb_invalidate(vtd, did, start, start | below);
	if (!(address & VTD_IVA_IH))
		lab_psc_invalidate(vtd, did, start, start | below);
}

/* Returns false if the drain timed out. */
static bool lab_invalidate_iotlb(struct lab_vtd *vtd,
				 const struct lab_iotlb_request *rq)
{
	raw_spin_lock(&vtd->cache_lock);
	lab_new_generation(vtd);
	switch (rq->granularity) {
	case VTD_GRAN_GLOBAL:
		lab_iotlb_invalidate_all(vtd);
		lab_psc_invalidate_all(vtd);
		break;
	case VTD_GRAN_DOMAIN:
		lab_iotlb_invalidate(vtd, rq->did, 0, U64_MAX);
		lab_psc_invalidate(vtd, rq->did, 0, U64_MAX);
		break;
	case VTD_GRAN_PAGE:
		lab_invalidate_pages(vtd, rq->did, rq->address);
		break;
	}
	raw_spin_unlock(&vtd->cache_lock);
	vtd->stats.iotlb_inval[rq->granularity]++;
	return !rq->drain || lab_drain(vtd);
}

static enum lab_step lab_do_context(struct lab_vtd *vtd, u64 lo, u64 hi)
{
	unsigned int granularity = FIELD_GET(VTD_INV_G, lo);

	if (lo & ~LAB_CONTEXT_LO_KNOWN || hi || !granularity)
		return LAB_STEP_BAD;
	lab_invalidate_context(vtd, granularity, FIELD_GET(VTD_INV_DID, lo),
			       FIELD_GET(VTD_INV_CONTEXT_SID, lo),
			       FIELD_GET(VTD_INV_CONTEXT_FM, lo));
	return LAB_STEP_DONE;
}

static enum lab_step lab_do_iotlb(struct lab_vtd *vtd, u64 lo, u64 hi)
{
	struct lab_iotlb_request rq = {
		.granularity = FIELD_GET(VTD_INV_G, lo),
		.did = FIELD_GET(VTD_INV_DID, lo),
		.address = hi,
		.drain = lo & (VTD_INV_IOTLB_DR | VTD_INV_IOTLB_DW),
	};

	if (lo & ~LAB_IOTLB_LO_KNOWN || hi & ~LAB_IOTLB_HI_KNOWN ||
	    !rq.granularity)
		return LAB_STEP_BAD;
	if (rq.granularity == VTD_GRAN_PAGE &&
	    FIELD_GET(VTD_INV_IOTLB_AM, hi) > LAB_MAMV)
		return LAB_STEP_BAD;
	return lab_invalidate_iotlb(vtd, &rq) ? LAB_STEP_DONE : LAB_STEP_STUCK;
}

static enum lab_step lab_do_pasid_cache(struct lab_vtd *vtd, u64 lo, u64 hi)
{
	unsigned int granularity = FIELD_GET(VTD_INV_G, lo);

	if (lo & ~LAB_PASID_LO_KNOWN || hi ||
	    (granularity != VTD_PASID_DOMAIN && granularity != VTD_PASID_ONE &&
	     granularity != VTD_PASID_GLOBAL))
		return LAB_STEP_BAD;
	raw_spin_lock(&vtd->cache_lock);
	lab_new_generation(vtd);
	lab_pasid_invalidate(vtd, granularity, FIELD_GET(VTD_INV_DID, lo),
			     FIELD_GET(VTD_INV_PASID, lo));
	raw_spin_unlock(&vtd->cache_lock);
	vtd->stats.pasid_inval[granularity]++;
	return LAB_STEP_DONE;
}

/*
 * 6.5.2.4: entries that are tagged by a PASID. Here there are none (they are of first
 * stage and nested translation; pass-through is not cached), so what remains is
 * the drain, which this descriptor always implies.
 */
static enum lab_step lab_do_pasid_iotlb(struct lab_vtd *vtd, u64 lo, u64 hi)
{
	unsigned int granularity = FIELD_GET(VTD_INV_G, lo);

	if (lo & ~LAB_PASID_LO_KNOWN)
		return LAB_STEP_BAD;
	switch (granularity) {
	case VTD_PASID_IOTLB_ALL:
		if (hi)
			return LAB_STEP_BAD;
		break;
	case VTD_PASID_IOTLB_PAGE:
		if (hi & ~LAB_IOTLB_HI_KNOWN ||
		    FIELD_GET(VTD_INV_IOTLB_AM, hi) > LAB_MAMV)
			return LAB_STEP_BAD;
		break;
	default:
		return LAB_STEP_BAD;
	}
	vtd->stats.pasid_iotlb_inval++;
	return lab_drain(vtd) ? LAB_STEP_DONE : LAB_STEP_STUCK;
}

/*
 * 6.5.2.7: the interrupt entry cache. Requests in flight that found the old entry
 * have ended when it is done.
 */
static enum lab_step lab_do_iec(struct lab_vtd *vtd, u64 lo, u64 hi)
{
	unsigned int granularity = FIELD_GET(VTD_INV_IEC_G, lo);
	unsigned int mask = FIELD_GET(VTD_INV_IEC_IM, lo);
	u32 below, first = FIELD_GET(VTD_INV_IEC_IIDX, lo);

	if (!vtd->config.interrupts || lo & ~LAB_IEC_LO_KNOWN || hi ||
	    mask > LAB_MHMV)
		return LAB_STEP_BAD;
	below = granularity == VTD_IEC_GLOBAL ? U16_MAX : BIT(mask) - 1;
	raw_spin_lock(&vtd->cache_lock);
	lab_new_generation(vtd);
	lab_irte_invalidate(vtd, first & ~below, first | below);
	raw_spin_unlock(&vtd->cache_lock);
	vtd->stats.irte_inval[granularity]++;
	return lab_drain(vtd) ? LAB_STEP_DONE : LAB_STEP_STUCK;
}

/* Returns false if there is no memory at the address. */
static bool lab_write_status(u64 address, u32 status)
{
	u64 *page = lab_table_ptr(address & ~4095ULL);

	if (!page)
		return false;
	/* pairs with the driver's read: all before it is complete */
	smp_mb();
	__put_kernel_nofault((void *)page + address % 4096, &status, u32,
			     unwritable);
	return true;
unwritable:
	return false;
}

static enum lab_step lab_do_wait(struct lab_vtd *vtd, u64 lo, u64 hi)
{
	if (lo & ~LAB_WAIT_LO_KNOWN || hi & ~VTD_INV_WAIT_ADDR)
		return LAB_STEP_BAD;
	if (lo & VTD_INV_WAIT_SW &&
	    !lab_write_status(hi, FIELD_GET(VTD_INV_WAIT_DATA, lo)))
		return LAB_STEP_BAD;
	if (lo & VTD_INV_WAIT_IF)
		lab_fault_wait_done(vtd);
	vtd->stats.waits++;
	return LAB_STEP_DONE;
}

/* Bytes of a descriptor: 11.4.16.3, DW */
static unsigned int lab_descriptor_bytes(const struct lab_vtd *vtd)
{
	return lab_reg_get(vtd, VTD_IQA) & VTD_IQA_DW ? 32 : 16;
}

static bool lab_descriptor_read(struct lab_vtd *vtd, u64 head, u64 *words,
				unsigned int bytes)
{
	u64 address = (lab_reg_get64(vtd, VTD_IQA) & VTD_IQA_ADDR) + head;
	const u64 *page = lab_table_ptr(address & ~4095ULL);

	if (!page)
		return false;
	page += address % 4096 / sizeof(u64);
	for (unsigned int i = 0; i < bytes / sizeof(u64); i++)
		if (!lab_table_read(&page[i], &words[i]))
			return false;
	return true;
}

static enum lab_step lab_do_descriptor(struct lab_vtd *vtd, u64 head,
				       unsigned int bytes)
{
	u64 words[4] = {};
	u64 lo, hi;

	if (!lab_descriptor_read(vtd, head, words, bytes) ||
	    words[2] || words[3])
		return LAB_STEP_BAD;
	lo = words[0];
	hi = words[1];
	switch (FIELD_GET(VTD_INV_TYPE, lo)) {
	case VTD_INV_CONTEXT:
		return lab_do_context(vtd, lo, hi);
	case VTD_INV_IOTLB:
		return lab_do_iotlb(vtd, lo, hi);
	case VTD_INV_IEC:
		return lab_do_iec(vtd, lo, hi);
	case VTD_INV_WAIT:
		return lab_do_wait(vtd, lo, hi);
	case VTD_INV_PASID_IOTLB:
		return bytes == 32 ? lab_do_pasid_iotlb(vtd, lo, hi) :
				     LAB_STEP_BAD;
	case VTD_INV_PASID_CACHE:
		return bytes == 32 ? lab_do_pasid_cache(vtd, lo, hi) :
				     LAB_STEP_BAD;
	default:
		return LAB_STEP_BAD;
	}
}

/**
 * lab_queue_run - run the invalidation queue to its end
 * @vtd: the unit, queue_lock held, the queue enabled
 *
 * Stops at the tail, at a descriptor in error, or where it gets stuck. The
 * caller delivers messages after it has released the lock.
 */
void lab_queue_run(struct lab_vtd *vtd)
{
	u64 bytes = 4096ULL << (lab_reg_get(vtd, VTD_IQA) & VTD_IQA_QS);
	unsigned int step_bytes = lab_descriptor_bytes(vtd);
	u64 tail = lab_reg_get64(vtd, VTD_IQT);

	lockdep_assert_held(&vtd->queue_lock);
	if (lab_reg_get(vtd, VTD_FSTS) & VTD_FSTS_IQE)
		return;
	if (tail >= bytes || tail % step_bytes ||
	    (lab_in_scalable_mode(vtd) && step_bytes != 32)) {
		lab_fault_queue_error(vtd);
		return;
	}
	for (;;) {
		u64 head = lab_reg_get64(vtd, VTD_IQH);
		enum lab_step step;

		if (head == tail || vtd->defect == LAB_DEFECT_STUCK)
			return;
		step = lab_do_descriptor(vtd, head, step_bytes);
		if (step == LAB_STEP_BAD)
			lab_fault_queue_error(vtd);
		if (step != LAB_STEP_DONE)
			return;
		lab_reg_set64(vtd, VTD_IQH, (head + step_bytes) % bytes);
	}
}

/*
 * Register-based invalidation is refused while the queue is enabled, in scalable
 * mode (6.5.1), and when the request makes no sense: the actual granularity reads 0
 * then, nothing was
 * invalidated (11.4.6, 11.4.8).
 */
static bool lab_registers_usable(const struct lab_vtd *vtd)
{
	return !(lab_reg_get(vtd, VTD_GSTS) & VTD_GSTS_QIES) &&
	       !lab_in_scalable_mode(vtd);
}

/**
 * lab_context_command - CCMD was written with ICC set
 * @vtd: the unit, queue_lock held
 */
void lab_context_command(struct lab_vtd *vtd)
{
	u64 ccmd = lab_reg_get64(vtd, VTD_CCMD);
	unsigned int granularity = FIELD_GET(VTD_CCMD_CIRG, ccmd);

	lockdep_assert_held(&vtd->queue_lock);
	if (vtd->defect == LAB_DEFECT_STUCK)
		return;
	if (!lab_registers_usable(vtd))
		granularity = 0;
	if (granularity) {
		lab_invalidate_context(vtd, granularity,
				       FIELD_GET(VTD_CCMD_DID, ccmd),
				       FIELD_GET(VTD_CCMD_SID, ccmd),
				       FIELD_GET(VTD_CCMD_FM, ccmd));
		vtd->stats.register_inval++;
	}
	ccmd &= ~(VTD_CCMD_ICC | VTD_CCMD_CAIG);
	ccmd |= FIELD_PREP(VTD_CCMD_CAIG, granularity);
	lab_reg_set64(vtd, VTD_CCMD, ccmd);
}

/**
 * lab_iotlb_command - the IOTLB register was written with IVT set
 * @vtd: the unit, queue_lock held
 */
void lab_iotlb_command(struct lab_vtd *vtd)
{
	u64 command = lab_reg_get64(vtd, LAB_IRO + VTD_IOTLB);
	struct lab_iotlb_request rq = {
		.granularity = FIELD_GET(VTD_IOTLB_IIRG, command),
		.did = FIELD_GET(VTD_IOTLB_DID, command),
		.address = lab_reg_get64(vtd, LAB_IRO + VTD_IVA),
		.drain = command & (VTD_IOTLB_DR | VTD_IOTLB_DW),
	};

	lockdep_assert_held(&vtd->queue_lock);
	if (vtd->defect == LAB_DEFECT_STUCK)
		return;
	if (!lab_registers_usable(vtd) ||
	    (rq.granularity == VTD_GRAN_PAGE &&
	     FIELD_GET(VTD_IVA_AM, rq.address) > LAB_MAMV))
		rq.granularity = 0;
	if (rq.granularity) {
		vtd->stats.register_inval++;
		if (!lab_invalidate_iotlb(vtd, &rq))
			return;
	}
	command &= ~(VTD_IOTLB_IVT | VTD_IOTLB_IAIG);
	command |= FIELD_PREP(VTD_IOTLB_IAIG, rq.granularity);
	lab_reg_set64(vtd, LAB_IRO + VTD_IOTLB, command);
}
