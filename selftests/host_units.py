#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Compares debugfs' host_units and host_units.json with each other, and with what the
firmware of the machine has, which is decoded or written down here. Shares nothing with
the module.

usage: host_units.py DIR...    compare; TAP on stdout. DIR is one that the selftest
                               host_units left, and has the name of its boot;
                               directories without host_units.json are those of others"""

import json
import os
import re
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import dmar_json

PLAIN, ALIAS = False, True
SCOPES = {2: "pci-bridge"}

# Units as (type, name, base, size, clients); a client is
# (kind, name, first and last ID or None, stream or None, one for all, mask).
# What checks/acpi_made.py and checks/firmware_made.py put into their tables:
MADE = {
    "iort": [
        ("smmu-v3", "node 0x004c", 0x2b400000, 0x20000,
         [("root-complex", "segment 0004", (0, 0xff), 0, PLAIN, 0)]),
        ("smmu", "node 0x00b8", 0x2b500000, 0x10000,
         [("named-component", r"\_SB.DMA0", None, 0x81, PLAIN, 0)])],
    "tree": [
        ("smmu-v3", "/soc/iommu@400000", 0x82b400000, 0x20000,
         [("iommus", "/soc/dma@800000", None, 0x81, PLAIN, 0),
          ("iommu-map", "/pcie@40000000", (0, 0xff), 0x10000, PLAIN, 0xfff8)]),
        ("mmu-500", "/soc/iommu@500000", 0x82b500000, 0x20000,
         [("iommus", "/soc/dma@800000", None, 0x10, PLAIN, 0x7f80),
          ("iommu-map", "/pcie@40000000", (0x100, 0xffff), 0, PLAIN, 0xfff8)]),
        ("smmu-v2", "/soc/iommu@700000", 0x82b700000, 0x20000,
         [("iommus", "/soc/mmc@840000", None, 0x40, PLAIN, 0),
          ("iommus", "/soc/mmc@840000", None, 0x41, PLAIN, 0)])],
    # the module's own
    "built-in": [
        ("vt-d", "segment 0000", 0xfed90000, 0x1000,
         [("pci-endpoint", "00:01.0", (8, 8), None, PLAIN, 0),
          ("pci-endpoint", "00:02.0", (16, 16), None, PLAIN, 0)]),
        ("vt-d", "segment 0000", 0xfed91000, 0x1000,
         [("all-others", "segment 0000", None, None, PLAIN, 0)])],
}
# net@830000 of the tree names an IOMMU that is not there
MALFORMED = {"tree": 1}


def scope_client(scope):
    path = "/".join(f"{device:02x}.{function:x}" for device, function in scope["path"])
    bdf, ids = f"{scope['start_bus']:02x}:{path}", None
    if len(scope["path"]) == 1 and scope["type_id"] not in SCOPES:
        device, function = scope["path"][0]
        number = scope["start_bus"] << 8 | device << 3 | function
        ids = (number, number)
    return (scope["type"], bdf, ids, None, PLAIN, 0)


def units_of_dmar(data):
    for structure in dmar_json.decode(data)["structures"]:
        if structure["type"] != "DRHD":
            continue
        segment = f"segment {structure['segment']:04x}"
        clients = [scope_client(scope) for scope in structure["device_scopes"]]
        if structure["include_pci_all"]:
            clients.append(("all-others", segment, None, None, PLAIN, 0))
        yield ("vt-d", segment, int(structure["register_base"], 16),
               4096 << structure["register_set_pages_log2"], clients)


def clients_of_ivhd(data, at, end):
    """AMD 48882, 5.2.2.4 to 5.2.2.8, as far as QEMU goes."""
    start = None
    while at < end:
        kind, device = struct.unpack_from("<BH", data, at)
        if kind == 1:
            yield ("all", "", (0, 0xffff), None, PLAIN, 0)
        elif kind == 2:
            yield ("select", "", (device, device), None, PLAIN, 0)
        elif kind == 3:
            start = device
        elif kind == 4:
            yield ("range", "", (start, device), None, PLAIN, 0)
        elif kind == 0x48:
            handle, source, variety = struct.unpack_from("<BHB", data, at + 4)
            yield ("ioapic" if variety == 1 else "hpet", str(handle), (source, source), None, PLAIN, 0)
        elif kind:
            raise ValueError(f"an entry of type {kind:#x}: QEMU has more than this test knows")
        at += 4 << (kind >> 6)


def units_of_ivrs(data):
    """Blocks of type 0x10: QEMU has no others."""
    at = 48
    while at < len(data):
        kind, _, length, device, _, base, segment = struct.unpack_from("<BBHHHQH", data, at)
        if kind == 0x10:
            name = f"function {segment:04x}:{device >> 8:02x}:{device >> 3 & 31:02x}.{device & 7:x}"
            yield ("amd-vi", name, base, 0x4000, list(clients_of_ivhd(data, at + 24, at + length)))
        at += length


def units_of_json(whole):
    for unit in whole["units"]:
        clients = []
        for client in unit["clients"]:
            ids = (client["first"], client["last"]) if "first" in client else None
            clients.append((client["kind"], client["name"], ids, client.get("stream"),
                            client.get("one_stream", PLAIN), client["mask"]))
        yield (unit["type"], unit["name"], int(unit["base"], 16), int(unit["size"], 16), clients)


def lines_of(unit, index):
    kind, name, base, size, clients = unit
    yield f"unit {index}: base {base:#x} size {size:#x} type {kind} {name}"
    for client, name, ids, stream, one_stream, mask in clients:
        line = f"behind: {client}" + (f" {name}" if name else "")
        if ids:
            line += f" ids {ids[0]:#x}-{ids[1]:#x}"
        if stream is not None and ids and not one_stream:
            line += f" streams {stream:#x}-{stream + ids[1] - ids[0]:#x}"
        elif stream is not None:
            line += f" stream {stream:#x}"
        yield line + (f" mask {mask:#x}" if mask else "")


def read(directory, name):
    with open(os.path.join(directory, name), "rb") as file:
        return file.read()


def wanted_units(directory, whole):
    if whole["source"] == "DMAR":
        return list(units_of_dmar(read(directory, "DMAR")))
    if whole["source"] == "IVRS":
        return list(units_of_ivrs(read(directory, "IVRS")))
    return MADE[os.path.basename(directory) if whole["source"] != "built-in" else "built-in"]


def compare_registers(text, whole):
    """Lines of the registers, unit by unit, against the JSON's members."""
    sections = re.split(r"^unit \d+: .*\n", text, flags=re.M)[1:]
    for section, unit in zip(sections, whole["units"]):
        lines = dict(re.findall(r"^(version|cap|ecap|E?CAP\.\w+): (0x[0-9a-f]+)", section, re.M))
        got = {key: int(value, 16) for key, value in lines.items()}
        want = dict(unit.get("fields", {}))
        if "cap" in unit:
            want |= {"version": unit["version"], "cap": int(unit["cap"], 16), "ecap": int(unit["ecap"], 16)}
        if got != want:
            return f"{got} is not {want}"
    return None


def differ(got, want):
    for one, other in zip(got, want):
        if one != other:
            return f"{one!r} is not {other!r}"
    return f"{len(got)} is not {len(want)}" if len(got) != len(want) else None


def compare(directory):
    """(name of the point, what is wrong or None)"""
    name = os.path.basename(directory)
    whole = json.loads(read(directory, "host_units.json"))
    text = read(directory, "host_units").decode()
    got, want = list(units_of_json(whole)), wanted_units(directory, whole)
    yield f"H2 {name}: each unit, and what is behind it", differ(got, want) or \
        differ([whole["malformed"]], [MALFORMED.get(name, 0)])
    lines = [line for line in text.splitlines() if line.startswith(("unit ", "behind: "))]
    yield f"V17 {name}: text and JSON", \
        differ(lines, [line for index, unit in enumerate(want) for line in lines_of(unit, index)]) or \
        compare_registers(text, whole)


def main(arguments):
    if not all(os.path.isdir(path) for path in arguments):
        print(__doc__, file=sys.stderr)
        return 2
    paths = [path.rstrip("/") for path in arguments]
    points = [point for path in paths if os.path.exists(os.path.join(path, "host_units.json"))
              for point in compare(path)]
    points = points or [("a directory of the test host_units", "there is none")]
    print(f"TAP version 13\n1..{len(points)}")
    for number, (name, wrong) in enumerate(points, 1):
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
        if wrong:
            print(f"# {wrong}")
    return 1 if any(wrong for _, wrong in points) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
