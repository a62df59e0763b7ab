#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Decodes raw dumps of a unit's tables by the VT-d specification, and compares
them with what the text files of debugfs say. Shares nothing with the module.

usage: decode_tables.py DIR...              compare; TAP on stdout
       decode_tables.py --self-test [DIR]   plant differences, each must be found

DIR has copies of debugfs files: units/<n>/{raw,registers,context} of each unit,
and domains/<id>/{info,page_table} of each domain, taken while nothing changed.
Without DIR the self-test uses tables that it makes up.

Sections: root entry 9.1, context entry 9.3; in scalable mode root entry 9.2, context
entry 9.4, PASID directory 9.5, PASID table 9.6; second-stage entries 9.8, walk 3.7.
"""

import os
import random
import re
import struct
import sys
from collections import namedtuple

PAGE = 4096
RECORD = 8 + PAGE
ADDRESS = 0x000FFFFFFFFFF000  # bits 51:12 of a page-table entry
READ, WRITE, LARGE, SNOOP, BIT62 = 1 << 0, 1 << 1, 1 << 7, 1 << 11, 1 << 62
ACCESSED, DIRTY = 1 << 8, 1 << 9
REGION = 1 << 52  # ignored by units: a leaf of a reserved region
TRANSLATE, PASS_THROUGH = 0, 2  # TT
SECOND_STAGE, SM_PASS_THROUGH = 2, 4  # PGTT

# How a source-id is attached: kind is TT or PGTT, walked says that top is a table,
# ssade is None in legacy mode.
Context = namedtuple("Context", "did kind aw top walked ssade")


class Mismatch(Exception):
    """The dump and the specification, or the dump and the text, disagree."""


def require(condition, text):
    if not condition:
        raise Mismatch(text)


class Dump:
    """A raw file: tables by physical address. Notes which bits decided."""

    def __init__(self, data):
        require(data and len(data) % RECORD == 0,
                f"{len(data)} bytes are not records of {RECORD}")
        self.data, self.tables, self.used = data, {}, set()
        for at in range(0, len(data), RECORD):
            (address,) = struct.unpack_from("<Q", data, at)
            if at == 0:
                require(address & 0xFFF in (0, 0x400), f"RTADDR 0x{address:x}: unknown mode")
                self.register, self.scalable = address, address & 0x400 != 0
                address &= ~0xFFF
            require(address % PAGE == 0, f"record at 0x{address:x}: not aligned")
            require(address not in self.tables, f"two records at 0x{address:x}")
            self.tables[address] = at + 8
            if at == 0:
                self.root = address

    def words(self, address, what):
        require(address in self.tables, f"{what} 0x{address:x} is not in the dump")
        self.used.add(address)
        return struct.unpack_from("<512Q", self.data, self.tables[address])

    def unused(self):
        return sorted(set(self.tables) - self.used)


def bdf_text(sid):
    return f"{sid >> 8:02x}:{sid >> 3 & 0x1f:02x}.{sid & 7}"


def decode_contexts(dump):
    """How source-ids are attached: sid -> Context."""
    return decode_scalable(dump) if dump.scalable else decode_legacy(dump)


def decode_pasid(words, where):
    """A present PASID table entry."""
    did, kind, aw = words[1] & 0xFFFF, words[0] >> 6 & 7, words[0] >> 2 & 7
    require(words[0] & 0xC20 == 0 and words[1] & 0xFF7F0000 == 0 and not any(words[3:]),
            f"{where}: reserved bits in the PASID entry")
    require(did, f"{where}: domain id 0")
    require(kind in (SECOND_STAGE, SM_PASS_THROUGH), f"{where}: PGTT {kind}")
    require(aw in (1, 2, 3), f"{where}: AW {aw}")
    return Context(did, kind, aw, words[0] & ~0xFFF, kind == SECOND_STAGE, words[0] >> 9 & 1)


def decode_directory(dump, low, rid_pasid, where):
    """The PASID entry that requests without a PASID use, or None."""
    found = None
    directory = dump.words(low & ~0xFFF, f"{where}: PASID directory")
    require(rid_pasid >> 6 < 128 << (low >> 9 & 7), f"{where}: RID_PASID beyond the directory")
    for number, entry in enumerate(directory[:min(512, 128 << (low >> 9 & 7))]):
        if not entry & 1:
            continue
        require(entry & 0xFFC == 0, f"{where}: reserved bits in PASID directory entry {number}")
        table = dump.words(entry & ~0xFFF, f"{where}: PASID table {number}")
        for index in range(64):
            if not table[8 * index] & 1:
                continue
            require(number << 6 | index == rid_pasid, f"{where}: an entry of another PASID")
            found = decode_pasid(table[8 * index:8 * index + 8], where)
    return found


def decode_scalable(dump):
    contexts = {}
    for half, entry in enumerate(dump.words(dump.root, "root table")):
        if not entry & 1:
            continue
        require(entry & 0xFFE == 0, f"root entry {half}: reserved bits")
        table = dump.words(entry & ~0xFFF, f"context table {half}")
        for number in range(128):
            words = table[4 * number:4 * number + 4]
            if not words[0] & 1:
                continue
            where = f"context entry {bdf_text(half << 7 | number)}"
            require(words[0] & 0x1FC == 0 and words[1] >> 20 == 0 and not words[2] | words[3],
                    f"{where}: reserved bits")
            found = decode_directory(dump, words[0], words[1], where)
            if found:
                contexts[half << 7 | number] = found
    return contexts


def decode_legacy(dump):
    contexts = {}
    root = dump.words(dump.root, "root table")
    for bus in range(256):
        low, high = root[2 * bus], root[2 * bus + 1]
        if not low & 1:
            continue
        require(low & 0xFFE == 0 and high == 0, f"root entry {bus}: reserved bits")
        table = dump.words(low & ~0xFFF, f"context table of bus {bus}")
        for devfn in range(256):
            low, high = table[2 * devfn], table[2 * devfn + 1]
            if not low & 1:
                continue
            where = f"context entry {bdf_text(bus << 8 | devfn)}"
            require(low & 0xFF0 == 0 and high & 0x80 == 0 and high >> 24 == 0,
                    f"{where}: reserved bits")
            did, tt, aw = high >> 8 & 0xFFFF, low >> 2 & 3, high & 7
            require(did, f"{where}: domain id 0")
            require(tt in (TRANSLATE, PASS_THROUGH), f"{where}: TT {tt}")
            require(aw in (1, 2, 3), f"{where}: AW {aw}")
            contexts[bus << 8 | devfn] = Context(did, tt, aw, low & ~0xFFF,
                                                 tt == TRANSLATE, None)
    return contexts


def decode_page_table(dump, address, level, iova=0):
    """The present entries in the order of the page_table file, each as
    (iova, level, index, entry)."""
    table = dump.words(address, f"level {level} table")
    found = []
    for index, entry in enumerate(table):
        if not entry & (READ | WRITE):
            continue
        shift = 12 + 9 * (level - 1)
        here = iova + (index << shift)
        where = f"IOVA 0x{here:x}, level {level}, entry 0x{entry:x}"
        require(entry & (SNOOP | BIT62) == 0, f"{where}: reserved bit")
        found.append((here, level, index, entry))
        if level == 1 or level <= 3 and entry & LARGE:
            require(entry & ADDRESS & ((1 << shift) - 1) == 0,
                    f"{where}: address not aligned to the page")
        else:
            require(entry & LARGE == 0, f"{where}: a leaf at this level")
            found += decode_page_table(dump, entry & ADDRESS, level - 1, here)
    return found


def text_of(entries, levels, marks):
    """Decoded entries as lines of the page_table file, with accessed and dirty bits
    or without. A leaf whose bits the line does not account for is one that the file
    would hide."""
    shown = ADDRESS | READ | WRITE | REGION | (ACCESSED | DIRTY if marks else 0)
    lines = []
    for iova, level, index, entry in entries:
        if level == 1 or entry & LARGE:
            large = LARGE if level > 1 else 0
            require(entry & ~shown == large,
                    f"IOVA 0x{iova:x}: bits that page_table does not show: 0x{entry:x}")
            rights = ("r" if entry & READ else "-") + ("w" if entry & WRITE else "-")
            if marks:
                rights += " " + ("a" if entry & ACCESSED else "-") + ("d" if entry & DIRTY else "-")
            size = 1 << 12 + 9 * (level - 1)
            lines.append(f"0x{iova:x} {size} {rights} 0x{entry & ADDRESS:x}" +
                         (" region" if entry & REGION else ""))
        else:
            indent = "  " * (levels - level + 1)
            lines.append(f"{indent}level {level} index {index} entry 0x{entry:x}")
    return lines


def same_lines(decoded, shown):
    for number, (a, b) in enumerate(zip(decoded, shown), 1):
        require(a == b, f"line {number}: the dump says `{a}`, debugfs `{b}`")
    require(len(decoded) == len(shown),
            f"{len(decoded)} lines in the dump, {len(shown)} in debugfs")


def keys(text):
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


class Copy:
    """A copy of debugfs: path -> content."""

    def __init__(self, files):
        self.files = files

    @classmethod
    def read(cls, directory):
        files = {}
        for folder, _, names in os.walk(directory):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    files[os.path.relpath(path, directory)] = file.read()
        return cls(files)

    def numbers(self, folder, file):
        pattern = re.compile(rf"{folder}/(\d+)/{file}$")
        return sorted(int(m.group(1)) for m in map(pattern.match, self.files) if m)

    def text(self, path):
        require(path in self.files, f"{path} is missing")
        return self.files[path].decode()

    def with_file(self, path, content):
        return Copy({**self.files, path: content})


class Unit:
    def __init__(self, copy, number):
        self.number = number
        self.dump = Dump(copy.files[f"units/{number}/raw"])
        self.contexts = decode_contexts(self.dump)


def check_root(copy, unit):
    registers = copy.text(f"units/{unit.number}/registers")
    shown = re.search(r"^RTADDR 0x20 (\S+)$", registers, re.M)
    require(shown and int(shown.group(1), 16) == unit.dump.register,
            f"the dump begins with 0x{unit.dump.register:x}, RTADDR is {shown and shown.group(1)}")


def check_context_file(copy, unit):
    decoded = [f"{bdf_text(sid)} {c.did} {c.kind} {c.aw} 0x{c.top:x}"
               + ("" if c.ssade is None else f" {c.ssade}")
               for sid, c in sorted(unit.contexts.items())]
    lines = copy.text(f"units/{unit.number}/context").splitlines()
    shown = [line.split(": ", 1)[1] for line in lines if line.startswith("memory: ")]
    same_lines(decoded, shown)


def check_attached(copy, units, domain):
    """Each attached endpoint has a context entry with the domain's id, and nobody
    else has."""
    info = keys(copy.text(f"domains/{domain}/info"))
    attached = sorted(name.split(":", 1)[1] for name in info["endpoints"].split())
    found = []
    for unit in units:
        did = info.get(f"did_unit{unit.number}")
        found += [bdf_text(sid) for sid, context in unit.contexts.items()
                  if did is not None and context.did == int(did)]
    require(sorted(found) == attached,
            f"attached are {attached}, context entries have {sorted(found)}")


def check_page_table(copy, units, domain):
    """Returns how many tables of units were compared: one for each unit that has
    the domain. The table of a domain that no unit has is not in any dump."""
    info = keys(copy.text(f"domains/{domain}/info"))
    text = copy.text(f"domains/{domain}/page_table")
    marks = text.startswith("accessed/dirty: supported in scalable mode")
    require(marks or text.startswith("accessed/dirty: not supported"), "no accessed/dirty line")
    require(marks == any(unit.dump.scalable for unit in units), "accessed/dirty of the wrong machine")
    head, _, body = text.partition(f"iova size rw {'ad ' if marks else ''}pa\n")
    compared = 0
    for unit in units:
        did = info.get(f"did_unit{unit.number}")
        tops = {context for context in unit.contexts.values()
                if did is not None and context.did == int(did)}
        require(len(tops) <= 1, f"unit {unit.number}: domain id {did} has {len(tops)} tables")
        for context in tops:
            levels, top = context.aw + 2, context.top
            compared += 1
            require(context.ssade is None or not context.walked or
                    bool(context.ssade) == ("(tracking on)" in text),
                    f"unit {unit.number}: SSADE {context.ssade}, {head}")
            if not context.walked:
                require("identity" in text and not body, "pass-through with a page table")
                continue
            require(keys(head)["levels"].split()[0] == str(levels), f"{context}, {head}")
            require(int(keys(head)["top"], 16) == top, f"top 0x{top:x}, {head}")
            entries = decode_page_table(unit.dump, top, levels)
            same_lines(text_of(entries, levels, marks), body.splitlines())
    return compared


def check_coverage(unit):
    """All tables are well-formed, and nothing else is in the dump."""
    for context in unit.contexts.values():
        if context.walked:
            decode_page_table(unit.dump, context.top, context.aw + 2)
    unused = unit.dump.unused()
    require(not unused, f"{len(unused)} records that no table refers to, "
                        f"the first at 0x{(unused or [0])[0]:x}")


def compare(copy):
    """Yields (name, what is wrong or None)."""
    units = []
    for number in copy.numbers("units", "raw"):
        try:
            units.append(Unit(copy, number))
        except Mismatch as wrong:
            yield f"V7 unit {number}: root and context tables can be decoded", str(wrong)
    points = [(f"V7 unit {unit.number}: the dump begins at RTADDR",
               lambda unit=unit: check_root(copy, unit)) for unit in units]
    points += [(f"V7 unit {unit.number}: root and context tables equal debugfs",
                lambda unit=unit: check_context_file(copy, unit)) for unit in units]
    compared = []
    for domain in copy.numbers("domains", "page_table"):
        points.append((f"V7 domain {domain}: attached endpoints stand in their slots",
                       lambda domain=domain: check_attached(copy, units, domain)))
        points.append((f"N18 domain {domain}: page table of the raw dump equals debugfs",
                       lambda domain=domain: compared.append(
                           check_page_table(copy, units, domain))))
    points += [(f"N18 unit {unit.number}: each record belongs to a valid table",
                lambda unit=unit: check_coverage(unit)) for unit in units]
    points.append(("N18 there was something to compare",
                   lambda: require(units and sum(compared), "no page table in a dump")))
    for name, check in points:
        try:
            check()
            yield name, None
        except (Mismatch, KeyError, ValueError) as wrong:
            yield name, f"{type(wrong).__name__}: {wrong}"


def is_same(copy):
    return not any(wrong for _, wrong in compare(copy))


# The self-test: what a copy is changed to, so that it is wrong.

def legacy_bits(dump, word):
    root = dump.words(dump.root, "root")
    for bus in range(256):
        word(dump.root, 2 * bus, ~0 if root[2 * bus] & 1 else 1)
        if root[2 * bus] & 1:
            word(dump.root, 2 * bus + 1, ~0)
            table = root[2 * bus] & ~0xFFF
            context = dump.words(table, "context")
            for devfn in range(256):
                present = context[2 * devfn] & 1
                word(table, 2 * devfn, ~2 if present else 1)  # FPD is not shown
                if present:
                    word(table, 2 * devfn + 1, ~0x78)  # ignored bits


def scalable_bits(dump, word):
    """Not shown: FPD, PDTS while the directory is as large as that, PWSNP, and what
    hardware ignores."""
    for half, root in enumerate(dump.words(dump.root, "root")):
        word(dump.root, half, ~0 if root & 1 else 1)
        if not root & 1:
            continue
        contexts = dump.words(root & ~0xFFF, "context")
        for number in range(128):
            low = contexts[4 * number]
            word(root & ~0xFFF, 4 * number, ~0xE02 if low & 1 else 1)
            if not low & 1:
                continue
            word(root & ~0xFFF, 4 * number + 1, ~0xFFFFF)
            word(root & ~0xFFF, 4 * number + 2, ~0)
            word(root & ~0xFFF, 4 * number + 3, ~0)
            entry = dump.words(low & ~0xFFF, "directory")[0]
            for other in range(1, 128):
                word(low & ~0xFFF, other, 1)
            word(low & ~0xFFF, 0, ~2)
            table = dump.words(entry & ~0xFFF, "PASID table")
            for index in range(64):
                word(entry & ~0xFFF, 8 * index, ~2 if table[8 * index] & 1 else 1)
            if table[0] & 1:
                word(entry & ~0xFFF, 1, 0xFF7FFFFF)
                for index in range(3, 8):
                    word(entry & ~0xFFF, index, ~0)


def deciding_bits(copy, number):
    """Bits of a raw file that must not change: (offset, bit)."""
    unit = Unit(copy, number)
    dump, bits = unit.dump, []

    def word(address, index, mask):
        at = dump.tables[address] + 8 * index
        bits.extend((at + bit // 8, bit % 8) for bit in range(64) if mask >> bit & 1)

    decide = scalable_bits if dump.scalable else legacy_bits
    decide(dump, word)
    shown = {int(keys(copy.text(f"domains/{domain}/page_table")).get("top", "0"), 16)
             for domain in copy.numbers("domains", "page_table")}
    for context in set(unit.contexts.values()):
        if context.walked and context.top in shown:
            entries = decode_page_table(dump, context.top, context.aw + 2)
            tables = {context.top} | {entry & ADDRESS for _, level, _, entry in entries
                              if level > 1 and not entry & LARGE}
            for address in tables:
                for index, entry in enumerate(dump.words(address, "table")):
                    word(address, index, ~0 if entry & 3 else 3)
    return bits


def planted(copy, rng):
    """Yields (what was changed, the changed copy)."""
    for number in copy.numbers("units", "raw"):
        path = f"units/{number}/raw"
        data = copy.files[path]
        bits = deciding_bits(copy, number)
        for offset, bit in rng.sample(bits, min(300, len(bits))):
            changed = bytearray(data)
            changed[offset] ^= 1 << bit
            yield f"{path}: bit {bit} of byte {offset}", copy.with_file(path, bytes(changed))
        records = range(0, len(data), RECORD)
        for at in rng.sample(records, min(20, len(records))):
            yield f"{path}: without record {at // RECORD}", copy.with_file(
                path, data[:at] + data[at + RECORD:])
        extra = struct.pack("<Q", 0xFFFFF000) + bytes(PAGE)
        yield f"{path}: one more record", copy.with_file(path, data + extra)
    for path, content in sorted(copy.files.items()):
        if not re.search(r"/(context|page_table|registers)$", path):
            continue
        lines = content.decode().splitlines(keepends=True)
        places = [n for n, line in enumerate(lines) if re.match(r"memory:|RTADDR|0x|\s+level", line)]
        for n in rng.sample(places, min(20, len(places))):
            yield f"{path}: without line {n + 1}", copy.with_file(
                path, "".join(lines[:n] + lines[n + 1:]).encode())
            changed = re.sub(r"[0-9a-f]$", lambda m: "1" if m[0] != "1" else "2",
                             lines[n].rstrip("\n")) + "\n"
            yield f"{path}: other digit in line {n + 1}", copy.with_file(
                path, "".join(lines[:n] + [changed] + lines[n + 1:]).encode())


def made_up():
    """A copy with four-level tables of all three page sizes: of a unit in legacy mode
    for two endpoints, and of one in scalable mode for another."""
    def table(entries):
        return b"".join(struct.pack("<Q", entries.get(n, 0)) for n in range(512))

    def raw(tables):
        return b"".join(struct.pack("<Q", pa) + table(t) for pa, t in tables)
    context = {16: 0x14001, 17: 0x302, 24: 0x14001, 25: 0x302}
    legacy = [(0x10000, {0: 0x11001}), (0x11000, context),
              (0x14000, {0: 0x15003, 511: 0x18003}), (0x15000, {1: 0x40000083, 4: 0x16003}),
              (0x16000, {0: 0x17003, 3: 0x600081}),
              (0x17000, {0: 0x123456003, 7: 0x1001, 511: 0x2002}), (0x18000, {})]
    scalable = [(0x50400, {1: 0x51001}), (0x51000, {32: 0x52001}), (0x52000, {0: 0x53001}),
                (0x53000, {0: 0x54289, 1: 0x800005}),
                (0x54000, {0: 0x55103, 511: 0x58003}), (0x55000, {1: 0x40000183, 4: 0x56103}),
                (0x56000, {0: 0x57103, 3: 0x600081}),
                (0x57000, {0: 0x123456303, 7: 0x1101, 511: 0x2202}), (0x58000, {})]
    entries = """\
  level 4 index 0 entry 0x15003
0x40000000 1073741824 rw -- 0x40000000
    level 3 index 4 entry 0x16003
      level 2 index 0 entry 0x17003
0x100000000 4096 rw -- 0x123456000
0x100007000 4096 r- -- 0x1000
0x1001ff000 4096 -w -- 0x2000
0x100600000 2097152 r- -- 0x600000
  level 4 index 511 entry 0x18003
"""
    marked = """\
  level 4 index 0 entry 0x55103
0x40000000 1073741824 rw a- 0x40000000
    level 3 index 4 entry 0x56103
      level 2 index 0 entry 0x57103
0x100000000 4096 rw ad 0x123456000
0x100007000 4096 r- a- 0x1000
0x1001ff000 4096 -w -d 0x2000
0x100600000 2097152 r- -- 0x600000
  level 4 index 511 entry 0x58003
"""
    head = """\
accessed/dirty: supported in scalable mode (tracking {})
levels: 4
top: {}
iova size rw ad pa
"""
    files = {
        "units/0/raw": raw(legacy),
        "units/0/registers": b"GSTS 0x1c 0xc4000000\nRTADDR 0x20 0x10000\n",
        "units/0/context": b"cache: 00:01.0 3 0 2 0x14000\n"
                           b"memory: 00:01.0 3 0 2 0x14000\nmemory: 00:01.4 3 0 2 0x14000\n",
        "units/1/raw": raw(scalable),
        "units/1/registers": b"GSTS 0x1c 0xc4000000\nRTADDR 0x20 0x50400\n",
        "units/1/context": b"cache: 00:11.0 5 2 2 0x54000 1\nmemory: 00:11.0 5 2 2 0x54000 1\n",
        "domains/1/info": b"id: 1\nendpoints: 10000:00:01.0 10000:00:01.4\ndid_unit0: 3\n",
        "domains/1/page_table": (head.format("off", "0x14000") + entries).encode(),
        "domains/2/info": b"id: 2\nendpoints: 10000:00:11.0\ndid_unit1: 5\n",
        "domains/2/page_table": (head.format("on", "0x54000") + marked).encode(),
    }
    return Copy(files)


def self_test(copy, seed):
    rng = random.Random(seed)
    points = [("the copy as it is has no mismatch",
               "; ".join(wrong for _, wrong in compare(copy) if wrong) or None)]
    missed = [what for what, changed in planted(copy, rng) if is_same(changed)]
    count = sum(1 for _ in planted(copy, random.Random(seed)))
    points.append((f"each of {count} planted differences is found (seed {seed})",
                   "; ".join(missed[:5]) or (None if count else "nothing was planted")))
    return points


def print_tap(points):
    print(f"TAP version 13\n1..{len(points)}")
    for number, (name, wrong) in enumerate(points, 1):
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
        if wrong:
            print(f"# {wrong}")
    return 1 if any(wrong for _, wrong in points) else 0


def main(arguments):
    if arguments[:1] == ["--self-test"] and len(arguments) <= 2:
        copy = Copy.read(arguments[1]) if arguments[1:] else made_up()
        return print_tap(self_test(copy, int(os.environ.get("LAB_SEED", "1"))))
    if not arguments or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    points = []
    # other tests leave directories of their own
    for directory in (d for d in arguments if os.path.isdir(os.path.join(d, "units"))):
        label = os.path.basename(os.path.normpath(directory))
        points += [(f"{name} ({label})", wrong) for name, wrong in compare(Copy.read(directory))]
    return print_tap(points)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
