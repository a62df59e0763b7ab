// SPDX-License-Identifier: GPL-2.0
/* The unit's registers, field by field (VT-d 11.4), as literal words. */

#include "suites.h"
#include "vtd_rig.h"

/**
 * struct reg_case - what a register does with writes
 * @reg: offset
 * @bytes: 4 or 8
 * @reset: value after creation
 * @writable: what reads back after all ones were written
 */
struct reg_case {
	u32 reg;
	u32 bytes;
	u64 reset;
	u64 writable;
};

/* Registers whose writes start nothing. What is not writable reads its reset. */
static const struct reg_case reg_cases[] = {
	{ 0x00, 4, 0x10, 0 },				/* VER */
	{ 0x10, 8, 0xf43, 0 },				/* ECAP */
	{ 0x18, 4, 0, 0 },				/* GCMD */
	{ 0x1c, 4, 0, 0 },				/* GSTS */
	{ 0x20, 8, 0, 0xfffffffffffffc00 },		/* RTADDR, TTM too */
	{ 0x30, 4, 0, 0 },
	{ 0x34, 4, 0, 0 },				/* FSTS */
	{ 0x38, 4, 0x80000000, 0x80000000 },		/* FECTL */
	{ 0x3c, 4, 0, 0xffff },				/* FEDATA */
	{ 0x40, 4, 0, 0xfffffffc },			/* FEADDR */
	{ 0x44, 4, 0, 0xffffffff },			/* FEUADDR */
	{ 0x58, 8, 0, 0 },				/* AFLOG */
	{ 0x64, 4, 0, 0x80000001 },			/* PMEN */
	{ 0x68, 4, 0, 0xffe00000 },			/* PLMBASE */
	{ 0x6c, 4, 0, 0xffe00000 },			/* PLMLIMIT */
	{ 0x70, 8, 0, 0xffffffffffe00000 },		/* PHMBASE */
	{ 0x78, 8, 0, 0xffffffffffe00000 },		/* PHMLIMIT */
	{ 0x80, 8, 0, 0 },				/* IQH */
	{ 0x88, 8, 0, 0x7fff0 },			/* IQT */
	{ 0x90, 8, 0, 0xfffffffffffff007 },		/* IQA, DW 0 */
	{ 0x98, 4, 0, 0 },
	{ 0x9c, 4, 0, 0 },				/* ICS */
	{ 0xa0, 4, 0x80000000, 0x80000000 },		/* IECTL */
	{ 0xa4, 4, 0, 0xffff },				/* IEDATA */
	{ 0xa8, 4, 0, 0xfffffffc },			/* IEADDR */
	{ 0xac, 4, 0, 0xffffffff },			/* IEUADDR */
	{ 0xb0, 8, 0, 0 },
	{ 0xb8, 8, 0, 0 },				/* IRTA */
	{ 0xe8, 8, 0, 0 },
	{ RIG_IVA, 8, 0, 0 },				/* write-only */
	{ RIG_FRCD, 8, 0, 0 },
	{ RIG_FRCD + 8, 8, 0, 0 },
	{ 0xff8, 8, 0, 0 },
};

static u64 read_reg(struct vtd_rig *rig, const struct reg_case *c)
{
	return c->bytes == 8 ? vtd_rig_read64(rig, c->reg) :
			       vtd_rig_read32(rig, c->reg);
}

static void write_reg(struct vtd_rig *rig, const struct reg_case *c, u64 value)
{
	if (c->bytes == 8)
		vtd_rig_write64(rig, c->reg, value);
	else
		vtd_rig_write32(rig, c->reg, value);
}

static void test_fields(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);

	for (int i = 0; i < ARRAY_SIZE(reg_cases); i++) {
		const struct reg_case *c = &reg_cases[i];

		KUNIT_EXPECT_EQ_MSG(test, read_reg(rig, c), c->reset,
				    "reset of register %#x", c->reg);
		/* a one-shot command would do something */
		if (c->reg != 0x18)
			write_reg(rig, c, U64_MAX);
		KUNIT_EXPECT_EQ_MSG(test, read_reg(rig, c),
				    c->writable ?: c->reset,
				    "ones in register %#x", c->reg);
		write_reg(rig, c, 0);
		KUNIT_EXPECT_EQ_MSG(test, read_reg(rig, c),
				    c->writable ? 0 : c->reset,
				    "zeros in register %#x", c->reg);
	}
}

/* The halves of a 64-bit register are 32-bit registers of their own. */
static void test_halves(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);

	vtd_rig_write32(rig, 0x20, 0x89abcdef);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x20), 0x89abcc00ull);
	vtd_rig_write32(rig, 0x24, 0x01234567);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x20), 0x0123456789abcc00ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0x24), 0x01234567u);
	vtd_rig_write64(rig, 0x20, 0xfedcba9876543000);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0x20), 0x76543000u);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0x24), 0xfedcba98u);
}

static void test_bad_accesses(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);

	vtd_rig_write64(rig, 0x20, 0x11111111000);
	vtd_rig_write32(rig, 0x21, U32_MAX);
	vtd_rig_write32(rig, 0x22, U32_MAX);
	vtd_rig_write64(rig, 0x1c, U64_MAX);
	vtd_rig_write64(rig, 0x24, U64_MAX);
	vtd_rig_write32(rig, 0x1000, U32_MAX);
	vtd_rig_write64(rig, 0x1000, U64_MAX);
	vtd_rig_write32(rig, 0xfffffffc, U32_MAX);
	vtd_rig_write64(rig, 0xfffffff8, U64_MAX);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x20), 0x11111111000ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0x1c), 0u);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0x21), 0u);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x24), 0ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0x1000), 0u);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x1000), 0ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0xfffffff8), 0ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0xfffffffc), 0u);
}

/**
 * struct cap_case - a configuration and what CAP and ECAP say of it
 * @config: the configuration
 * @cap: VT-d 11.4.2
 * @ecap: VT-d 11.4.3
 */
struct cap_case {
	struct lab_vtd_config config;
	u64 cap;
	u64 ecap;
};

static const struct cap_case cap_cases[] = {
	{ { .name = "a", .levels = BIT(3), .width = 39, .nd = 2, .sslps = 0,
	    .fault_records = 1, .iotlb_sets = 1, .iotlb_ways = 1 },
	  0x00d2008022260262, 0xf03 },
	{ { .name = "b", .levels = BIT(3) | BIT(4), .width = 46, .nd = 6,
	    .sslps = 3, .fault_records = 8, .caching_mode = true,
	    .pass_through = true, .iotlb_sets = 1, .iotlb_ways = 1 },
	  0x00d2078c222f06e6, 0xf43 },
	{ { .name = "c", .levels = BIT(5), .width = 52, .nd = 0,
	    .sslps = 1, .fault_records = 222, .iotlb_sets = 1,
	    .iotlb_ways = 1 },
	  0x00d2dd8422380860, 0xf03 },
};

static void test_capabilities(struct kunit *test)
{
	for (int i = 0; i < ARRAY_SIZE(cap_cases); i++) {
		struct vtd_rig *rig = vtd_rig_create(test, &cap_cases[i].config);

		KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x08),
				cap_cases[i].cap);
		vtd_rig_write64(rig, 0x08, 0);
		KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0x08),
				(u32)cap_cases[i].cap);
		KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x10),
				cap_cases[i].ecap);
		KUNIT_EXPECT_STREQ(test, rig->seam->name,
				   cap_cases[i].config.name);
		vtd_rig_exit(test);
	}
}

static void expect_refused(struct kunit *test,
			   const struct lab_vtd_config *config)
{
	struct lab_vtd *vtd = lab_vtd_create(config);

	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(vtd), -EINVAL);
	if (!IS_ERR(vtd))
		lab_vtd_destroy(vtd);
}

#define EXPECT_REFUSED(test, member, value) do {		\
	struct lab_vtd_config config = vtd_rig_config;		\
								\
	config.member = value;					\
	expect_refused(test, &config);				\
} while (0)

static void test_config_ranges(struct kunit *test)
{
	EXPECT_REFUSED(test, levels, 0);
	EXPECT_REFUSED(test, levels, BIT(2) | BIT(3));
	EXPECT_REFUSED(test, levels, BIT(6));
	EXPECT_REFUSED(test, width, 11);
	EXPECT_REFUSED(test, width, 53);
	EXPECT_REFUSED(test, nd, 7);
	EXPECT_REFUSED(test, sslps, 4);
	EXPECT_REFUSED(test, fault_records, 0);
	EXPECT_REFUSED(test, fault_records, 223);
	EXPECT_REFUSED(test, iotlb_sets, 0);
	EXPECT_REFUSED(test, iotlb_sets, 3);
	EXPECT_REFUSED(test, iotlb_sets, 2 * LAB_MAX_SETS);
	EXPECT_REFUSED(test, iotlb_ways, 0);
	EXPECT_REFUSED(test, iotlb_ways, LAB_MAX_WAYS + 1);
	EXPECT_REFUSED(test, defect, LAB_DEFECT_STUCK + 1);
}

/* GCMD: each bit follows alone; features that are not there are ignored */
static void test_global_command(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	u64 *queue = vtd_rig_page(rig);

	/* SFL, EAFL, WBF, IRE, SIRTP, CFI, reserved bits */
	vtd_rig_write32(rig, 0x18, 0x3bffffff);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0x1c), 0u);
	vtd_rig_write64(rig, 0x20, vtd_rig_pa(rig->root));
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0x1c), 0u);
	vtd_rig_command(rig, BIT(30), true);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0x1c), 0x40000000u);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0x18), 0u);
	vtd_rig_command(rig, BIT(31), true);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0x1c), 0xc0000000u);
	vtd_rig_write64(rig, 0x90, vtd_rig_pa(queue));
	vtd_rig_command(rig, BIT(26), true);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0x1c), 0xc4000000u);
	/* IQA does not change while the queue is on */
	vtd_rig_write64(rig, 0x90, 0);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x90), vtd_rig_pa(queue));
	vtd_rig_command(rig, BIT(31), false);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0x1c), 0x44000000u);
	vtd_rig_command(rig, BIT(26), false);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0x1c), 0x40000000u);
}

/* The root pointer is the one of the last SRTP, not of the last write. */
static void test_root_pointer(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	u64 *other_root = vtd_rig_page(rig);

	rig->tree.l1[5] = 0x12345000 | RIG_RW;
	vtd_rig_command(rig, BIT(31), true);
	vtd_rig_expect_fault(rig, 0x5000, false, 8);
	vtd_rig_write64(rig, 0x20, vtd_rig_pa(rig->root));
	vtd_rig_expect_fault(rig, 0x5000, false, 8);
	vtd_rig_command(rig, BIT(30), true);
	vtd_rig_expect_pa(rig, 0x5678, false, 0x12345678);

	/* the other root is empty; no cache is flushed by SRTP */
	vtd_rig_write64(rig, 0x20, vtd_rig_pa(other_root));
	vtd_rig_write64(rig, 0x28, BIT_ULL(63) | 1ull << 61);
	vtd_rig_expect_pa(rig, 0x5678, false, 0x12345678);
	vtd_rig_command(rig, BIT(30), true);
	vtd_rig_expect_pa(rig, 0x5678, false, 0x12345678);
	vtd_rig_write64(rig, 0x28, BIT_ULL(63) | 1ull << 61);
	vtd_rig_expect_fault(rig, 0x5678, false, 1);
}

static void test_protected_memory(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	static const struct { u64 address; bool blocked; } cases[] = {
		{ 0x00200000 - 1, false }, { 0x00200000, true },
		{ 0x005fffff, true }, { 0x00600000, false },
		{ 0x1ffffffff, false }, { 0x200000000, true },
		{ 0x2001fffff, true }, { 0x200200000, false },
	};
	struct lab_translation tr;

	vtd_rig_write32(rig, 0x68, 0x00200000);
	vtd_rig_write32(rig, 0x6c, 0x00400000);
	vtd_rig_write64(rig, 0x70, 0x200000000);
	vtd_rig_write64(rig, 0x78, 0x200000000);
	for (int on = 0; on < 2; on++) {
		vtd_rig_write32(rig, 0x64, on ? 0x80000000 : 0);
		for (int i = 0; i < ARRAY_SIZE(cases); i++) {
			enum lab_translate_status status;
			bool blocked = on && cases[i].blocked;

			status = vtd_rig_access(rig->rq, cases[i].address,
						i & 1, &tr);
			KUNIT_EXPECT_EQ(test, status == LAB_FAULTED, blocked);
			KUNIT_EXPECT_EQ(test, status == LAB_UNTRANSLATED,
					!blocked);
			KUNIT_EXPECT_EQ(test, tr.reason, 0);
		}
	}
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_BLOCKED), 4ull);
	KUNIT_EXPECT_EQ(test, vtd_rig_read32(rig, 0x34), 0u);

	/* with translation on the regions say nothing */
	rig->tree.l1[1] = 0x00400000 | RIG_R;
	vtd_rig_on(rig);
	vtd_rig_expect_pa(rig, 0x1000, false, 0x00400000);
}

static void test_mute(struct kunit *test, enum lab_defect defect, u64 value)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	struct lab_translation tr;

	rig->tree.l1[0] = 0x7000 | RIG_RW;
	vtd_rig_on(rig);
	vtd_rig_expect_pa(rig, 0, true, 0x7000);
	lab_vtd_set_defect(rig->vtd, defect);
	for (u32 reg = 0; reg < 0x1000; reg += 8) {
		KUNIT_ASSERT_EQ(test, vtd_rig_read64(rig, reg), value);
		KUNIT_ASSERT_EQ(test, vtd_rig_read32(rig, reg), (u32)value);
	}
	vtd_rig_write64(rig, 0x20, 0);
	KUNIT_EXPECT_EQ(test, vtd_rig_access(rig->rq, 0, true, &tr),
			LAB_CUT_OFF);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_BLOCKED), 1ull);
	lab_vtd_set_defect(rig->vtd, LAB_DEFECT_NONE);
	KUNIT_EXPECT_EQ(test, vtd_rig_read64(rig, 0x20), vtd_rig_pa(rig->root));
	vtd_rig_expect_pa(rig, 0, true, 0x7000);
}

static void test_zero(struct kunit *test)
{
	test_mute(test, LAB_DEFECT_ZERO, 0);
}

static void test_ones(struct kunit *test)
{
	test_mute(test, LAB_DEFECT_ONES, U64_MAX);
}

static void test_sever(struct kunit *test)
{
	struct vtd_rig *rig = vtd_rig_create(test, &vtd_rig_config);
	struct lab_translation tr;

	rig->tree.l1[0] = 0x7000 | RIG_RW;
	KUNIT_EXPECT_EQ(test, vtd_rig_access(rig->rq, 0, true, &tr),
			LAB_UNTRANSLATED);
	vtd_rig_on(rig);
	vtd_rig_expect_pa(rig, 0, true, 0x7000);
	KUNIT_EXPECT_FALSE(test, lab_vtd_is_severed(rig->vtd));
	lab_vtd_sever(rig->vtd);
	KUNIT_EXPECT_TRUE(test, lab_vtd_is_severed(rig->vtd));
	KUNIT_EXPECT_EQ(test, vtd_rig_access(rig->rq, 0, true, &tr),
			LAB_CUT_OFF);
	vtd_rig_command(rig, BIT(31), false);
	KUNIT_EXPECT_EQ(test, vtd_rig_access(rig->rq, 0, true, &tr),
			LAB_CUT_OFF);
	KUNIT_EXPECT_EQ(test, vtd_rig_count(rig, LAB_CNT_BLOCKED), 2ull);
}

static struct kunit_case regs_cases[] = {
	RIG_CASE(test_fields, "each register's fields"),
	RIG_CASE(test_halves, "64-bit registers by halves"),
	RIG_CASE(test_bad_accesses, "unaligned and outside of the window"),
	RIG_CASE(test_capabilities, "CAP and ECAP"),
	RIG_CASE(test_config_ranges, "configurations refused"),
	RIG_CASE(test_global_command, "GCMD and GSTS"),
	RIG_CASE(test_root_pointer, "root pointer latched by SRTP"),
	RIG_CASE(test_protected_memory, "protected memory"),
	RIG_CASE(test_zero, "a unit that reads all zeros"),
	RIG_CASE(test_ones, "a unit that reads all ones"),
	RIG_CASE(test_sever, "a unit that is cut off"),
	{}
};

struct kunit_suite lab_model_regs_suite = {
	.name = "iommu_lab_model_registers",
	.exit = vtd_rig_exit,
	.test_cases = regs_cases,
};
