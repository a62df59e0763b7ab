// SPDX-License-Identifier: GPL-2.0
/*
 * All suites, run when the module is loaded.
 */
#include <linux/module.h>
#include "suites.h"

kunit_test_suites(&lab_bus_suite, &lab_config_suite,
		  &lab_function_suite, &lab_space_suite, &lab_space_attach_suite,
		  &lab_space_event_suite, &lab_space_buffer_suite,
		  &lab_space_random_suite,
		  &lab_space_marks_suite, &lab_space_off_suite,
		  &lab_firmware_suite, &lab_dmar_decode_suite, &lab_dmar_lint_suite,
		  &lab_ivrs_suite, &lab_iort_suite, &lab_viot_rimt_suite,
		  &lab_topology_suite, &lab_plan_suite, &lab_probe_suite,
		  &lab_probe_tree_suite, &lab_slots_suite,
		  &lab_window_suite, &lab_pgtable_suite,
		  &lab_pgtable_hex_suite, &lab_pgtable_property_suite,
		  &lab_pgtable_race_suite, &lab_model_regs_suite,
		  &lab_model_suite, &lab_model_fault_suite,
		  &lab_model_queue_suite, &lab_model_iotlb_suite,
		  &lab_model_race_suite, &lab_remap_suite,
		  &lab_remap_inval_suite, &lab_remap_fault_suite,
		  &lab_remap_race_suite, &lab_remap_property_suite,
		  &lab_model_scalable_suite, &lab_model_dirty_suite,
		  &lab_remap_scalable_suite, &lab_space_dirty_suite,
		  &lab_model_ir_suite, &lab_remap_ir_suite, &lab_bus_ir_suite,
		  &lab_space_core_suite);

MODULE_DESCRIPTION("Unit tests of iommu_lab");
MODULE_LICENSE("GPL");
