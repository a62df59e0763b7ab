#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Compares debugfs' JSON of DMAR tables with its text, and with the bytes of the
machine's own table, decoded here by the VT-d specification (8.1 to 8.9). Shares
nothing with the module.

usage: dmar_json.py DIR...        compare; TAP on stdout
       dmar_json.py --self-test   a table with each type: each of its bytes made
                                  another must be noticed

DIR has dmar, dmar.json and firmware_dmar.json of debugfs, and DMAR, the bytes of the
machine's table, if it has one."""

import json
import os
import struct
import sys

# what only the module says: no fields of the table
OURS = ("diagnostics", "findings", "dmar_remap_opt_out")
SCOPES = {1: "pci-endpoint", 2: "pci-bridge", 3: "ioapic", 4: "hpet", 5: "acpi-namespace"}
# type: name, bytes before the scopes or None, and the fields between
STRUCTURES = {
    0: ("DRHD", 16, "<BBHQ", ("flags", "size", "segment", "register_base")),
    1: ("RMRR", 24, "<HHQQ", ("reserved", "segment", "base", "limit")),
    2: ("ATSR", 8, "<BBH", ("flags", "reserved", "segment")),
    3: ("RHSA", None, "<IQI", ("reserved", "base", "proximity_domain")),
    4: ("ANDD", None, None, ()),
    5: ("SATC", 8, "<BBH", ("flags", "reserved", "segment")),
    6: ("SIDP", 8, "<HH", ("reserved", "segment")),
}
FLAG = {0: "include_pci_all", 2: "all_ports", 5: "atc_required"}
SIDP_FLAGS = ("NESTED_NOTALLOWED", "PWSNP_NOTALLOWED", "PGSNP_NOTALLOWED", "ATC_HARDENED",
              "ATC_REQUIRED")
ADDRESSES = ("register_base", "base", "limit")


def require(condition):
    if not condition:
        raise ValueError("not a sound table")


def decode_scopes(data, at, end):
    while at < end:
        kind, length, flags, reserved, number, bus = struct.unpack_from("<6B", data, at)
        require(8 <= length <= end - at and length % 2 == 0)
        path = data[at + 6:at + length]
        yield {"offset": at, "type_id": kind, "type": SCOPES.get(kind, "unknown"),
               "length": length, "flags": flags, "reserved": reserved,
               "enumeration_id": number, "start_bus": bus,
               "path": [list(path[i:i + 2]) for i in range(0, len(path), 2)]}
        at += length


def decode_structure(data, at):
    kind, length = struct.unpack_from("<HH", data, at)
    require(4 <= length <= len(data) - at)
    out = {"offset": at, "type_id": kind, "type": "unknown", "length": length}
    if kind not in STRUCTURES:
        return {**out, "opaque": data[at + 4:at + length].hex()}
    out["type"], fixed, layout, names = STRUCTURES[kind]
    if out["type"] == "ANDD":
        out["reserved"] = int.from_bytes(data[at + 4:at + 7], "little")
        out["device_number"] = data[at + 7]
        out["object_name"] = data[at + 8:at + length].split(b"\0")[0].decode("latin-1")
        return out
    for name, value in zip(names, struct.unpack_from(layout, data, at + 4)):
        out[name] = f"0x{value:016x}" if name in ADDRESSES else value
    if kind in FLAG:
        out[FLAG[kind]] = bool(out["flags"] & 1)
    if kind == 0:
        out["register_set_pages_log2"] = out["size"] & 15
    if fixed:
        out["device_scopes"] = list(decode_scopes(data, at + fixed, at + length))
    return out


def decode(data):
    """What the JSON must have, for a sound table."""
    length, revision, checksum = struct.unpack_from("<IBB", data, 4)
    texts = [data[a:b].rstrip(b"\0").decode("latin-1") for a, b in ((10, 16), (16, 24), (28, 32))]
    flags, structures, at = data[37], [], 48
    require(length <= len(data))
    while at < length:
        structures.append(decode_structure(data, at))
        at += structures[-1]["length"]
    return {
        "header": {"signature": data[:4].decode("latin-1"), "length": length,
                   "revision": revision, "checksum": checksum,
                   "oem_id": texts[0], "oem_table_id": texts[1],
                   "oem_revision": struct.unpack_from("<I", data, 24)[0],
                   "compiler_id": texts[2],
                   "compiler_revision": struct.unpack_from("<I", data, 32)[0]},
        "host_address_width_field": data[36], "host_address_width": data[36] + 1,
        "flags": flags,
        "flags_decoded": {"intr_remap": flags & 1, "x2apic_opt_out": flags >> 1 & 1,
                          "dma_ctrl_platform_opt_in": flags >> 2 & 1},
        "reserved": data[38:48].hex(), "structures": structures}


def scope_line(scope, structure):
    path = "/".join(f"{device:02x}.{function:x}" for device, function in scope["path"])
    names = SIDP_FLAGS if structure["type"] == "SIDP" else ()
    flags = "".join(f" {name}" for bit, name in enumerate(names) if scope["flags"] >> bit & 1)
    return (f"  [0x{scope['offset']:04x}] {scope['type']} flags 0x{scope['flags']:02x}{flags} "
            f"id {scope['enumeration_id']} bus {scope['start_bus']:02x} path {path}")


def structure_line(structure):
    """The beginning of the structure's line: addresses, flags and numbers."""
    line = f"[0x{structure['offset']:04x}] {structure['type']} {structure['length']} bytes"
    if "segment" in structure:
        line += f" segment {structure['segment']:04x}"
    if structure["type"] == "DRHD":
        size = 4096 << structure["register_set_pages_log2"]
        line += f" registers {structure['register_base']} size 0x{size:x}"
    elif structure["type"] == "RMRR":
        line += f" memory {structure['base']}-{structure['limit']}"
    if structure["type_id"] in FLAG:
        line += f" flags 0x{structure['flags']:02x}"
    return line


def text_lines(table):
    for structure in table["structures"]:
        yield structure_line(structure)
        for scope in structure.get("device_scopes", []):
            yield scope_line(scope, structure)


def compare_text(text, table):
    """What is wrong: each structure and scope has its line, in order; and no other."""
    got = [line for line in text if line.lstrip().startswith("[0x")]
    want = list(text_lines(table))
    if len(got) != len(want):
        return f"{len(got)} lines for {len(want)} structures and scopes"
    for line, begin in zip(got, want):
        if not line.startswith(begin):
            return f"{line!r} is not {begin!r}"
    return None


def compare_bytes(data, table):
    got = {key: value for key, value in table.items() if key not in OURS}
    want = decode(data)
    for key in sorted(set(got) | set(want)):
        if got.get(key) != want.get(key):
            return f"{key}: JSON {got.get(key)!r}, bytes {want.get(key)!r}"
    return None


def read(directory, name):
    with open(os.path.join(directory, name), "rb") as file:
        return file.read()


def compare(directory):
    """(name of the point, what is wrong or None)"""
    text = read(directory, "dmar").decode().split("firmware DMAR: ")
    own = json.loads(read(directory, "dmar.json"))
    yield "V2 V3 V4 V17 JSON and text of the module's table", compare_text(text[0].splitlines(), own)
    yield "nothing is found in the module's table", "; ".join(f["text"] for f in own["findings"]) or None
    firmware = json.loads(read(directory, "firmware_dmar.json"))
    if firmware is None:
        return
    yield "V17 JSON and text of the machine's table", compare_text(text[1].splitlines(), firmware)
    yield "V1 V2 V3 V4 V5 JSON and bytes of the machine's table", \
        compare_bytes(read(directory, "DMAR"), firmware)


def made_up():
    """A table with a structure of each type; the bytes behind names are 0."""
    scope = bytes((1, 10, 0, 0, 0, 3, 2, 1, 4, 5))
    parts = [(0, struct.pack("<BBHQ", 1, 2, 3, 0xfed90000) + scope),
             (1, struct.pack("<HHQQ", 0, 1, 0x1000, 0x1fff) + scope),
             (2, struct.pack("<BBH", 0, 0, 1) + scope), (3, struct.pack("<IQI", 0, 0xfed90000, 7)),
             (4, b"\0\0\0\7\\_SB.X\0"), (5, struct.pack("<BBH", 1, 0, 1) + scope),
             (6, struct.pack("<HH", 0, 1) + scope), (0x55, b"abc")]
    body = b"".join(struct.pack("<HH", kind, 4 + len(part)) + part for kind, part in parts)
    return b"DMAR" + struct.pack("<IBB", 48 + len(body), 1, 9) + b"OEM-IDTABLE-ID" + \
        struct.pack("<I4sIBB", 1, b"COMP", 2, 38, 5) + bytes(10) + body


def self_test():
    table = made_up()
    missed = []
    for at in range(len(table)):
        changed = bytearray(table)
        changed[at] ^= 0x11
        try:
            if not compare_bytes(bytes(changed), decode(table)):
                missed.append(f"0x{at:x}")
        except (struct.error, ValueError):
            continue  # a length: not decoded any more is noticed, too
    lines = list(text_lines(decode(table)))
    return [("a table is like itself", compare_bytes(table, decode(table))),
            ("each byte counts", ", ".join(missed) or None),
            ("a text is like itself", compare_text(lines, decode(table))),
            ("a line less is noticed", None if compare_text(lines[1:], decode(table)) else "no"),
            ("another line is noticed",
             None if compare_text(lines[:-1] + lines[:1], decode(table)) else "no")]


def main(arguments):
    if not arguments or arguments[0].startswith("-") and arguments != ["--self-test"]:
        print(__doc__, file=sys.stderr)
        return 2
    points = self_test()
    for directory in arguments if arguments != ["--self-test"] else []:
        points += compare(directory)
    if len(points) == 5 and arguments != ["--self-test"]:
        points.append(("a directory of the test dmar_dump", "there is none"))
    print(f"TAP version 13\n1..{len(points)}")
    for number, (name, wrong) in enumerate(points, 1):
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
        if wrong:
            print(f"# {wrong}")
    return 1 if any(wrong for _, wrong in points) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
