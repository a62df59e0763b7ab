# SPDX-License-Identifier: GPL-2.0
"""What the firmware of selftests' machines has, where QEMU has nothing of its own:
tables for -acpitable, and a device tree for -dtb."""

import struct

from acpi_made import MADE

DMAR_HEADER = 48


def invalid_dmar():
    """A DRHD without a length. The kernel's own parser stops there, without a WARN."""
    body = struct.pack("<BB10x", 38, 0) + struct.pack("<HH", 0, 0)
    table = bytearray(b"DMAR" + struct.pack("<IBB", 36 + len(body), 1, 0) + b"IOMLABINVALID " +
                      struct.pack("<I4sI", 1, b"ILAB", 1) + body)
    assert len(table) == DMAR_HEADER + 4
    table[9] = -sum(table) & 0xff
    return bytes(table)


def cells(*numbers):
    return struct.pack(f">{len(numbers)}I", *numbers)


class FlatTree:
    """A flattened device tree (Devicetree Specification 0.4, chapter 5)."""

    def __init__(self):
        self.structure, self.strings = bytearray(), bytearray()

    def token(self, number, data=b""):
        self.structure += cells(number) + data
        self.structure += bytes(-len(self.structure) % 4)

    def node(self, name, properties, children=()):
        self.token(1, name.encode() + b"\0")
        for key, value in properties.items():
            offset = len(self.strings)
            self.strings += key.encode() + b"\0"
            self.token(3, cells(len(value), offset) + value)
        for child in children:
            self.node(*child)
        self.token(2)

    def finish(self):
        self.token(9)
        reserved, header = bytes(16), 40
        structure = header + len(reserved)
        strings = structure + len(self.structure)
        total = strings + len(self.strings)
        return cells(0xd00dfeed, total, structure, strings, header, 17, 16, 0, len(self.strings),
                     len(self.structure)) + reserved + bytes(self.structure) + bytes(self.strings)


def smmu_tree():
    """Four SMMUs, one of them disabled, on a bus with addresses of its own."""
    def smmu(name, phandle, at, compatible, iommu_cells=1, **more):
        return (name, {"compatible": compatible, "reg": cells(at, 0x20000), "phandle": cells(phandle),
                       "#iommu-cells": cells(iommu_cells), **more})
    units = [smmu("iommu@400000", 1, 0x400000, b"arm,smmu-v3\0"),
             smmu("iommu@500000", 2, 0x500000, b"lab,smmu-500\0arm,mmu-500\0", iommu_cells=2),
             smmu("iommu@600000", 3, 0x600000, b"arm,smmu-v2\0", status=b"disabled\0"),
             smmu("iommu@700000", 4, 0x700000, b"arm,smmu-v2\0", status=b"okay\0")]
    devices = [("dma@800000", {"iommus": cells(1, 0x81, 2, 0x10, 0x7f80)}),
               ("usb@810000", {"iommus": cells(3, 5)}),
               ("gpu@820000", {"iommus": cells(4, 0x20), "status": b"disabled\0"}),
               ("net@830000", {"iommus": cells(9, 0x30)}),
               ("mmc@840000", {"iommus": cells(4, 0x40, 4, 0x41)})]
    soc = ("soc", {"#address-cells": cells(1), "#size-cells": cells(1),
                   "ranges": cells(0, 8, 0x2b000000, 0x1000000)}, [*units, *devices])
    # no device_type and no bus-range: the kernel must not take it for its own host bridge
    pcie = ("pcie@40000000", {"iommu-map": cells(0, 1, 0x10000, 0x100, 0x100, 2, 0, 0xff00),
                              "iommu-map-mask": cells(0xfff8)})
    tree = FlatTree()
    tree.node("", {"#address-cells": cells(2), "#size-cells": cells(2), "compatible": b"lab,machine\0"},
              [soc, pcie])
    return tree.finish()


def made():
    """(name of the file, its bytes)"""
    tables = dict(MADE)
    return [("dmar-invalid.bin", invalid_dmar()), ("iort.bin", tables["iort"]), ("ivrs.bin", tables["ivrs"]),
            ("smmu.dtb", smmu_tree())]
