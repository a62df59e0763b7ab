#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Compares the machines that topology_corpus.c found, made by the module from tables of
real machines, with those that checks/resolve.py makes of another decoder's truth; and the
tables as debugfs shows them with that truth, field for field.

usage: topology_truth.py DIR...   each with a file NAME.bin.txt, the machine, for each
                                  table, and NAME.bin.json where it was not refused; TAP"""

import json
import os
import sys

TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TRUTH = os.path.join(TREE, "../shared/corpus/dmar/truth")
sys.path.insert(0, os.path.join(TREE, "checks"))
sys.dont_write_bytecode = True
import resolve

# two units of one I/O APIC each, one of them at 00:1f.0; a bridge and what is below
SAMPLE = {"structures": [
    {"type": "DRHD", "segment": 0, "register_base": "0x2000", "include_pci_all": True,
     "device_scopes": []},
    {"type": "DRHD", "segment": 0, "register_base": "0x1000", "include_pci_all": False,
     "device_scopes": [{"type": "pci-bridge", "start_bus": 0, "path": [[1, 0]]}]},
    {"type": "RMRR", "segment": 0, "base": "0x5000", "limit": "0x5fff",
     "device_scopes": [{"type": "pci-endpoint", "start_bus": 0, "path": [[1, 0], [0, 1]]}]}]}
SAMPLE_LINES = ["root 0 0 1", "bridge 0 8 1 1", "endpoint 0 10 0", "endpoint 0 100 1",
                "endpoint 0 101 1 5000-5fff", "unclaimed 0"]


def expected(name):
    with open(os.path.join(TRUTH, name + ".json")) as file:
        truth = json.load(file)
    if any(int(s["register_base"], 16) == 0 for s in truth["structures"] if s["type"] == "DRHD"):
        return ["refused"]
    return [line for line in resolve.Machine(truth).lines() if line.startswith("endpoint")]


def compare(path):
    with open(path) as file:
        got = file.read().splitlines()
    want = expected(os.path.basename(path)[:-len(".bin.txt")])
    return [f"{mark} {line}" for mark, line in
            [("-", line) for line in want if line not in got] +
            [("+", line) for line in got if line not in want]] or \
        (["another order, or a line twice"] if got != want else [])


# what only the module says: no fields of the table
OURS = ("findings", "dmar_remap_opt_out")
LOSSY = ("oem_id", "oem_table_id", "compiler_id")


def compare_decoded(path):
    with open(path) as file:
        got = json.load(file)
    with open(os.path.join(TRUTH, os.path.basename(path)[:-len(".bin.json")] + ".json")) as file:
        want = json.load(file)
    for name in OURS:
        del got[name]
    # the other decoder prints what is not ASCII in another way
    if want.pop("header_text_lossy", None):
        for name in LOSSY:
            del got["header"][name], want["header"][name]
    return [f"{key}: - {want.get(key)!r} + {got.get(key)!r}"
            for key in sorted(set(got) | set(want)) if got.get(key) != want.get(key)]


def points_of(directory):
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        if name.endswith(".txt"):
            yield f"N7 each endpoint has the unit and regions of {name[:-8]}", compare(path)
        else:
            yield f"V2 V3 V4 V5 the module has read all of {name[:-9]}", compare_decoded(path)


def main(arguments):
    got = list(resolve.Machine(SAMPLE).lines())
    points = [("the script resolves a table written by hand",
               [] if got == SAMPLE_LINES else got)]
    for directory in arguments:
        points += points_of(directory)
    if os.path.isdir(TRUTH) and len(points) == 1:
        points.append(("there are tables of real machines", ["the VM had none"]))
    print(f"TAP version 13\n1..{len(points)}")
    for number, (name, wrong) in enumerate(points, 1):
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
        for line in wrong[:20]:
            print(f"# {line}")
    return 1 if any(wrong for _, wrong in points) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
