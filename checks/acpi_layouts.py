# SPDX-License-Identifier: GPL-2.0
"""Where the fields of IVRS, IORT, VIOT and RIMT are, written down from the
specifications and not from iommu_lab/firmware/: (offset in the structure, bytes), by the
names that the JSON uses, and (shift, width) of named bits.

AMD 48882 chapter 5; Arm DEN0049E.f; ACPI 6.5 5.2.32; RISC-V IO Mapping Table 1.0."""


def run(start, *fields):
    """Fields one behind the other: `name bytes` each."""
    layout, at = {}, start
    for field in fields:
        name, size = field.split()
        layout[name] = (at, int(size))
        at += int(size)
    return layout


HEADER = run(0, "signature 4", "length 4", "revision 1", "checksum 1", "oem_id 6", "oem_table_id 8",
             "oem_revision 4", "creator_id 4", "creator_revision 4")
IVHD = run(0, "type 1", "flags 1", "length 2", "device_id 2", "capability_offset 2", "base_address 8",
           "segment 2", "info 2")
IVHD_11 = IVHD | run(20, "attributes 4", "efr_image 8", "efr2_image 8")
IVMD = run(0, "type 1", "flags 1", "length 2", "device_id 2", "auxiliary_data 2", "segment 2", "reserved 6",
           "start_address 8", "memory_length 8")
ENTRY = run(0, "type 1", "device_id 2", "data_setting 1")
ALIAS = ENTRY | run(4, "reserved_4 1", "source_device_id 2", "reserved_7 1")
EXTENDED = ENTRY | run(4, "extended_data 4")
NODE = run(0, "type 1", "length 2", "node_revision 1", "identifier 4", "mapping_count 4", "mapping_offset 4")
MEMORY = ("cache_coherent 4", "hints 1", "memory_reserved 2", "memory_flags 1")
INTERRUPT = run(0, "gsiv 4", "flags 4")
MAPPING = run(0, "input_base 4", "id_count 4", "output_base 4", "output_reference 4", "flags 4")
VIOT_NODE = run(0, "type 1", "reserved 1", "length 2")
RIMT_NODE = run(0, "type 1", "node_revision 1", "length 2", "reserved 2", "id 2")

# By signature, then by the kind that the JSON gives. `name`, `uid` and `data` are as
# long as what is in them: 0 here.
LAYOUTS = {
    "IVRS": {
        "IVRS": HEADER | run(36, "info 4", "reserved 8"),
        "ivhd-10": IVHD | run(20, "features 4"),
        "ivhd-11": IVHD_11, "ivhd-40": IVHD_11,
        "ivmd-all": IVMD, "ivmd-one": IVMD, "ivmd-range": IVMD,
        "unknown": run(0, "type 1", "flags 1", "length 2", "data 0"),
        "all": ENTRY, "select": ENTRY, "range-start": ENTRY, "range-end": ENTRY,
        "padding": ENTRY | run(4, "data 0"), "unknown-entry": ENTRY | run(4, "data 0"),
        "alias": ALIAS, "alias-range-start": ALIAS,
        "extended": EXTENDED, "extended-range-start": EXTENDED,
        "special": ENTRY | run(4, "handle 1", "source_device_id 2", "variety 1"),
        "acpi-hid": ENTRY | run(4, "hid 8", "cid 8", "uid_format 1", "uid_length 1", "uid 0"),
    },
    "IORT": {
        "IORT": HEADER | run(36, "node_count 4", "node_offset 4", "reserved 4"),
        "its-group": NODE | run(16, "its_count 4"),
        "its": run(0, "identifier 4"),
        "named-component": NODE | run(16, "flags 4", *MEMORY, "address_limit 1", "name 0"),
        "root-complex": NODE | run(16, *MEMORY, "ats_attribute 4", "segment 4", "address_limit 1",
                                   "pasid_capabilities 2", "reserved_35 1", "root_complex_flags 4"),
        "smmu": NODE | run(16, "base_address 8", "span 8", "model 4", "flags 4", "global_interrupt_offset 4",
                           "context_interrupt_count 4", "context_interrupt_offset 4", "pmu_interrupt_count 4",
                           "pmu_interrupt_offset 4"),
        "interrupt": INTERRUPT,
        "smmu-v3": NODE | run(16, "base_address 8", "flags 4", "reserved_28 4", "vatos_address 8", "model 4",
                              "event_gsiv 4", "pri_gsiv 4", "gerr_gsiv 4", "sync_gsiv 4", "proximity_domain 4",
                              "mapping_index 4"),
        "pmcg": NODE | run(16, "page0_base_address 8", "overflow_gsiv 4", "node_reference 4",
                           "page1_base_address 8"),
        "rmr": NODE | run(16, "flags 4", "region_count 4", "region_offset 4"),
        "region": run(0, "base_address 8", "region_length 8", "reserved 4"),
        "iwb": NODE | run(16, "base_address 8", "iwb_index 2", "name 0"),
        "mapping": MAPPING,
    },
    "VIOT": {
        "VIOT": HEADER | run(36, "node_count 2", "node_offset 2", "reserved 8"),
        "pci-range": VIOT_NODE | run(4, "endpoint_start 4", "segment_start 2", "segment_end 2", "bdf_start 2",
                                     "bdf_end 2", "output_node 2", "reserved_18 6"),
        "mmio-endpoint": VIOT_NODE | run(4, "endpoint 4", "base_address 8", "output_node 2", "reserved_18 6"),
        "virtio-iommu-pci": VIOT_NODE | run(4, "segment 2", "bdf 2", "reserved_8 8"),
        "virtio-iommu-mmio": VIOT_NODE | run(4, "reserved_4 4", "base_address 8"),
    },
    "RIMT": {
        "RIMT": HEADER | run(36, "node_count 4", "node_offset 4", "reserved 4"),
        "iommu": RIMT_NODE | run(8, "hardware_id 8", "base_address 8", "flags 4", "proximity_domain 4",
                                 "segment 2", "bdf 2", "wire_count 2", "wire_offset 2"),
        "wire": run(0, "interrupt 4", "flags 4"),
        "root-complex": RIMT_NODE | run(8, "flags 4", "reserved_12 2", "segment 2", "mapping_offset 2",
                                        "mapping_count 2"),
        "platform-device": RIMT_NODE | run(8, "mapping_offset 2", "mapping_count 2", "name 0"),
        "mapping": MAPPING,
    },
}

IVHD_FLAGS = {"ht_tunnel": (0, 1), "pass_pw": (1, 1), "response_pass_pw": (2, 1), "isochronous": (3, 1),
              "remote_iotlb": (4, 1), "coherent": (5, 1), "prefetch": (6, 1), "ppr": (7, 1)}
IVHD_INFO = {"msi_number": (0, 5), "unit_id": (8, 5)}
ATTRIBUTES = {"counters": (13, 4), "counter_banks": (17, 6), "msi_number_ppr": (23, 5)}
IVMD_FLAGS = {"unity": (0, 1), "read": (1, 1), "write": (2, 1), "exclusion_range": (3, 1)}
SETTING = {"init_pass": (0, 1), "eint_pass": (1, 1), "nmi_pass": (2, 1), "system_management": (4, 2),
           "lint0_pass": (6, 1), "lint1_pass": (7, 1)}
MEMORY_BITS = {
    "hints": {"transient": (0, 1), "write_allocate": (1, 1), "read_allocate": (2, 1), "override": (3, 1)},
    "memory_flags": {"coherency": (0, 1), "device_attribute": (1, 1), "canwbs": (2, 1)},
}

# By signature and kind, then by field
BITS = {
    ("IVRS", "IVRS"): {"info": {
        "efr_supported": (0, 1), "dma_remap": (1, 1), "guest_address_size": (5, 3),
        "physical_address_size": (8, 7), "virtual_address_size": (15, 7), "ats_reserved": (22, 1)}},
    ("IVRS", "ivhd-10"): {"flags": IVHD_FLAGS, "info": IVHD_INFO, "features": {
        "xt_supported": (0, 1), "nx_supported": (1, 1), "gt_supported": (2, 1), "glx_supported": (3, 2),
        "ia_supported": (5, 1), "ga_supported": (6, 1), "he_supported": (7, 1), "max_pasid": (8, 5),
        "counters": (13, 4), "counter_banks": (17, 6), "msi_number_ppr": (23, 5),
        "guest_translation_size": (28, 2), "host_translation_size": (30, 2)}},
    ("IVRS", "ivhd-11"): {"flags": IVHD_FLAGS, "info": IVHD_INFO, "attributes": ATTRIBUTES},
    ("IVRS", "ivhd-40"): {"flags": IVHD_FLAGS, "info": IVHD_INFO, "attributes": ATTRIBUTES},
    ("IVRS", "ivmd-all"): {"flags": IVMD_FLAGS},
    ("IVRS", "ivmd-one"): {"flags": IVMD_FLAGS},
    ("IVRS", "ivmd-range"): {"flags": IVMD_FLAGS},
    ("IVRS", "extended"): {"data_setting": SETTING, "extended_data": {"ats_disabled": (31, 1)}},
    ("IVRS", "extended-range-start"): {"data_setting": SETTING, "extended_data": {"ats_disabled": (31, 1)}},
    ("IORT", "named-component"): {"flags": {"stall_supported": (0, 1), "pasid_bits": (1, 5)}} | MEMORY_BITS,
    ("IORT", "root-complex"): {
        "ats_attribute": {"ats_supported": (0, 1), "pri_supported": (1, 1), "pasid_forward_supported": (2, 1)},
        "pasid_capabilities": {"max_pasid_width": (0, 5)}} | MEMORY_BITS,
    ("IORT", "smmu"): {"flags": {"dvm_supported": (0, 1), "coherent_walk": (1, 1)}},
    ("IORT", "interrupt"): {"flags": {"edge_triggered": (0, 1)}},
    ("IORT", "smmu-v3"): {"flags": {"cohacc_override": (0, 1), "httu_override": (1, 2),
                                    "proximity_domain_valid": (3, 1), "mapping_index_valid": (4, 1)}},
    ("IORT", "rmr"): {"flags": {"remap_permitted": (0, 1), "access_privileged": (1, 1),
                                "access_attributes": (2, 8)}},
    ("IORT", "mapping"): {"flags": {"single_mapping": (0, 1)}},
    ("RIMT", "iommu"): {"flags": {"is_pci": (0, 1), "proximity_domain_valid": (1, 1)}},
    ("RIMT", "wire"): {"flags": {"level_triggered": (0, 1), "active_high": (1, 1)}},
    ("RIMT", "root-complex"): {"flags": {"ats_supported": (0, 1), "pri_supported": (1, 1)}},
    ("RIMT", "mapping"): {"flags": {"ats_required": (0, 1), "pri_required": (1, 1)}},
}
for _kind in ("all", "select", "range-start", "range-end", "padding", "alias", "alias-range-start", "special",
              "acpi-hid", "unknown-entry"):
    BITS["IVRS", _kind] = {"data_setting": SETTING}
