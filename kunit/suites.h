/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The suites of iommu_lab_kunit.ko, each defined in a file of its own.
 */
#ifndef IOMMU_LAB_KUNIT_SUITES_H
#define IOMMU_LAB_KUNIT_SUITES_H

#include <kunit/test.h>

extern struct kunit_suite lab_bus_suite;
extern struct kunit_suite lab_config_suite;
extern struct kunit_suite lab_function_suite;
extern struct kunit_suite lab_bus_ir_suite;
extern struct kunit_suite lab_space_suite;
extern struct kunit_suite lab_space_attach_suite;
extern struct kunit_suite lab_space_event_suite;
extern struct kunit_suite lab_space_buffer_suite;
extern struct kunit_suite lab_space_random_suite;
extern struct kunit_suite lab_space_marks_suite;
extern struct kunit_suite lab_space_off_suite;
extern struct kunit_suite lab_firmware_suite;
extern struct kunit_suite lab_dmar_decode_suite;
extern struct kunit_suite lab_dmar_lint_suite;
extern struct kunit_suite lab_ivrs_suite;
extern struct kunit_suite lab_iort_suite;
extern struct kunit_suite lab_viot_rimt_suite;
extern struct kunit_suite lab_topology_suite;
extern struct kunit_suite lab_plan_suite;
extern struct kunit_suite lab_probe_suite;
extern struct kunit_suite lab_probe_tree_suite;
extern struct kunit_suite lab_slots_suite;
extern struct kunit_suite lab_window_suite;
extern struct kunit_suite lab_pgtable_suite;
extern struct kunit_suite lab_pgtable_hex_suite;
extern struct kunit_suite lab_pgtable_property_suite;
extern struct kunit_suite lab_pgtable_race_suite;
extern struct kunit_suite lab_model_regs_suite;
extern struct kunit_suite lab_model_suite;
extern struct kunit_suite lab_model_fault_suite;
extern struct kunit_suite lab_model_queue_suite;
extern struct kunit_suite lab_model_iotlb_suite;
extern struct kunit_suite lab_model_race_suite;
extern struct kunit_suite lab_model_scalable_suite;
extern struct kunit_suite lab_model_dirty_suite;
extern struct kunit_suite lab_model_ir_suite;
extern struct kunit_suite lab_remap_suite;
extern struct kunit_suite lab_remap_inval_suite;
extern struct kunit_suite lab_remap_fault_suite;
extern struct kunit_suite lab_remap_race_suite;
extern struct kunit_suite lab_remap_property_suite;
extern struct kunit_suite lab_remap_scalable_suite;
extern struct kunit_suite lab_remap_ir_suite;
extern struct kunit_suite lab_space_dirty_suite;
extern struct kunit_suite lab_space_core_suite;

#endif
