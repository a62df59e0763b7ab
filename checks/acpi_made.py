# SPDX-License-Identifier: GPL-2.0
"""Tables that checks/tables-user makes from acpi_layouts.py: each structure that there
is, each field with a value of its own."""

from acpi_layouts import LAYOUTS


def pack(signature, kind, tail=b"", /, **values):
    """Bytes of a structure; text is padded with blanks; `length` counts the tail too."""
    layout = LAYOUTS[signature][kind]
    size = max(at + bytes_ for at, bytes_ in layout.values())
    for name, value in values.items():
        if layout[name][1] == 0:
            size = max(size, layout[name][0] + len(value))
    data = bytearray(size) + tail
    if "length" in layout:
        values.setdefault("length", len(data))
    for name, value in values.items():
        at, width = layout[name]
        if isinstance(value, int):
            value = value.to_bytes(width, "little")
        elif width:
            value = value.ljust(width)
        data[at:at + len(value)] = value
    return bytes(data)


def finish(signature, revision, structures, **values):
    """The whole table, with length and checksum."""
    body = b"".join(structures)
    if "node_count" in LAYOUTS[signature][signature]:
        values |= {"node_count": len(structures), "node_offset": 48}
    table = bytearray(pack(signature, signature, body, signature=signature.encode(), revision=revision,
                           oem_id=b"LAB", oem_table_id=b"MADE", oem_revision=0x01020304, creator_id=b"ILAB",
                           creator_revision=0x05060708, **values))
    table[9] = -sum(table) & 0xff
    return bytes(table)


def ivrs_entries(with_hid):
    def entry(kind, kind_type, device, **values):
        return pack("IVRS", kind, type=kind_type, device_id=device, **values)
    entries = [
        entry("padding", 0x00, 0), entry("select", 0x02, 0x0010, data_setting=0xd7),
        entry("range-start", 0x03, 0x0018), entry("range-end", 0x04, 0x00ff),
        entry("alias", 0x42, 0x0108, source_device_id=0x0110),
        entry("alias-range-start", 0x43, 0x0200, source_device_id=0x00a5), entry("range-end", 0x04, 0x02ff),
        entry("extended", 0x46, 0x0300, extended_data=0x80000000),
        entry("extended-range-start", 0x47, 0x0400), entry("range-end", 0x04, 0x04ff),
        entry("special", 0x48, 0, handle=0x21, source_device_id=0x00a0, variety=1),
        entry("special", 0x48, 0, handle=0x21, source_device_id=0x00a1, variety=2),
    ]
    if with_hid:
        number = 0x1122334455667788.to_bytes(8, "little")
        for uid_format, uid in ((0, b""), (1, number), (2, rb"\_SB.FUR0")):
            entries.append(entry("acpi-hid", 0xf0, 0x00a5, hid=b"AMDI0020", cid=b"PNP0501", uid=uid,
                                 uid_format=uid_format, uid_length=len(uid)))
    else:
        entries.append(entry("padding", 0x40, 0, data=b"\0\0\0\0"))
    return b"".join(entries)


def ivrs():
    blocks = [pack("IVRS", "ivhd-10", ivrs_entries(False), type=0x10, flags=0xb1, device_id=2,
                   capability_offset=0x40, base_address=0xfeb80000, info=0x0a15, features=0x80048f6e)]
    for kind, kind_type in (("ivhd-11", 0x11), ("ivhd-40", 0x40)):
        blocks.append(pack("IVRS", kind, ivrs_entries(kind_type == 0x40), type=kind_type, flags=0x30, device_id=2,
                           capability_offset=0x40, base_address=0xfeb80000, attributes=0x08442000,
                           efr_image=0x246577efa2254afa, efr2_image=0x10))
    blocks.append(pack("IVRS", "ivhd-11", pack("IVRS", "all", type=1), type=0x11, device_id=0x4002, segment=3,
                       capability_offset=0x80, base_address=0x10feb8c000))
    for kind_type, kind, flags in ((0x20, "ivmd-all", 7), (0x21, "ivmd-one", 8), (0x22, "ivmd-range", 3)):
        blocks.append(pack("IVRS", kind, type=kind_type, flags=flags, device_id=0x300, auxiliary_data=0x3ff,
                           segment=1, start_address=0x3bc95000, memory_length=0x26000))
    return finish("IVRS", 2, blocks, info=0x00203043)


def mappings(signature, *rows):
    names = ("input_base", "id_count", "output_base", "output_reference", "flags")
    return b"".join(pack(signature, "mapping", **dict(zip(names, row))) for row in rows)


def iort(with_iwb):
    """Nodes in an order in which each offset is known when it is needed. iasl does not
    know the last type."""
    nodes, offsets, at = [], {}, 48

    def add(label, kind, rows=(), tail=b"", **values):
        nonlocal at
        node = pack("IORT", kind, tail, **values)
        if rows:
            node = node.ljust(-(-len(node) // 4) * 4, b"\0")
            start = len(node)
            node += mappings("IORT", *rows)
            node = node[:8] + len(rows).to_bytes(4, "little") + start.to_bytes(4, "little") + node[16:]
        node = node[:1] + len(node).to_bytes(2, "little") + node[3:4] + \
            len(nodes).to_bytes(4, "little") + node[8:]
        offsets[label] = at
        nodes.append(node)
        at += len(node)

    def interrupts(*numbers):
        return b"".join(pack("IORT", "interrupt", gsiv=n, flags=n & 1) for n in numbers)

    memory = {"cache_coherent": 1, "hints": 5, "memory_flags": 7}
    add("its", "its-group", type=0, node_revision=1, its_count=2, tail=(3).to_bytes(4, "little") + b"\x04\0\0\0")
    add("v3", "smmu-v3", [(0, 0xffff, 0x10, offsets["its"], 0), (0, 0, 0x77, offsets["its"], 1)],
        type=4, node_revision=5, base_address=0x2b400000, flags=0x1d, vatos_address=0x2b420000, model=1,
        event_gsiv=0x90, pri_gsiv=0x91, gerr_gsiv=0x93, sync_gsiv=0x92, proximity_domain=2, mapping_index=1)
    add("v2", "smmu", [(0, 0x7f, 0, offsets["its"], 0)], type=3, node_revision=3, base_address=0x2b500000,
        span=0x10000, model=3, flags=3, global_interrupt_offset=60, context_interrupt_count=2,
        context_interrupt_offset=76, pmu_interrupt_count=1, pmu_interrupt_offset=92,
        tail=interrupts(0x60, 0x61, 0x62, 0x63, 0x64))
    add("rc", "root-complex", [(0, 0xff, 0, offsets["v3"], 0), (0x100, 0xfeff, 0x100, offsets["its"], 0)],
        type=2, node_revision=4, ats_attribute=7, segment=4, address_limit=48, pasid_capabilities=0x14, **memory)
    add("nc", "named-component", [(0, 0, 0x81, offsets["v2"], 1)], type=1, node_revision=4, flags=0x29,
        address_limit=40, name=b"\\_SB.DMA0\0", **memory)
    add("pmcg", "pmcg", [(0, 0, 0x82, offsets["its"], 1)], type=5, node_revision=2,
        page0_base_address=0x2b402000, overflow_gsiv=0x94, node_reference=offsets["v3"],
        page1_base_address=0x2b412000)
    region = pack("IORT", "region", base_address=0x80000000, region_length=0x20000)
    region += pack("IORT", "region", base_address=0x80020000, region_length=0x10000)
    add("rmr", "rmr", [(0x30, 0, 0x30, offsets["v3"], 1)], type=6, node_revision=3, flags=0x17, region_count=2,
        region_offset=28, tail=region)
    if with_iwb:
        add("iwb", "iwb", [(0, 0xf, 0x40, offsets["its"], 0)], type=7, base_address=0x2f000000, iwb_index=5,
            name=b"\\_SB.IWB0\0")
    return finish("IORT", 6 if with_iwb else 5, nodes)


def viot():
    return finish("VIOT", 0, [
        pack("VIOT", "virtio-iommu-pci", type=3, segment=1, bdf=0x0108),
        pack("VIOT", "pci-range", type=1, endpoint_start=0x10000, segment_start=0, segment_end=1, bdf_start=0x100,
             bdf_end=0x1ff, output_node=48),
        pack("VIOT", "virtio-iommu-mmio", type=4, base_address=0x1fe000000),
        pack("VIOT", "mmio-endpoint", type=2, endpoint=0x20000, base_address=0x1fd000000, output_node=88),
    ])


def rimt():
    wires = pack("RIMT", "wire", interrupt=0x24, flags=3) + pack("RIMT", "wire", interrupt=0x25, flags=2)
    nodes = [pack("RIMT", "iommu", wires, type=0, node_revision=1, id=0, hardware_id=b"RSCV0004",
                  base_address=0x3010000, flags=2, proximity_domain=5, wire_count=2, wire_offset=40),
             pack("RIMT", "iommu", type=0, node_revision=1, id=1, hardware_id=b"\x36\x1b\x14\0\0\0\0\0", flags=1,
                  segment=2, bdf=0x0108, wire_offset=40)]
    second = 48 + len(nodes[0])
    nodes.append(pack("RIMT", "root-complex",
                      mappings("RIMT", (0, 0x100, 0, 48, 1), (0x100, 0xff00, 0x200, second, 2)), type=1,
                      node_revision=1, id=2, flags=3, segment=7, mapping_offset=20, mapping_count=2))
    name = b"\\_SB.DMA0\0\0\0"  # with padding: the mappings are at a multiple of 4
    nodes.append(pack("RIMT", "platform-device", mappings("RIMT", (0, 1, 0x90, 48, 0)), type=2, node_revision=1,
                      id=3, mapping_offset=12 + len(name), mapping_count=1, name=name))
    return finish("RIMT", 1, nodes)


# name, and the table
MADE = (("ivrs", ivrs()), ("iort", iort(False)), ("iort-iwb", iort(True)), ("viot", viot()), ("rimt", rimt()))
