# SPDX-License-Identifier: GPL-2.0
"""Builds and runs the targets of fuzz/, for checks/fuzz."""

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from acpi_made import MADE

TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUT = os.path.join(TREE, "out/fuzz")
ROOM = "iommu_lab/firmware"
CLANG = os.environ.get("CLANG", "clang")

WARNINGS = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wno-missing-field-initializers",
            "-Wno-unused-parameter"]
# libFuzzer keeps a table by addresses of code: without PIE a seed repeats a run.
SANITIZERS = ["-O2", "-gline-tables-only", "-fno-omit-frame-pointer", "-fno-pie", "-fsanitize=address,undefined",
              "-fno-sanitize-recover=all"]
# Comparisons are not traced: most of them are UBSan's own, and the mutator knows what
# tables compare. That doubles the executions in a second.
GUIDED = ["-fsanitize=fuzzer-no-link", "-fno-sanitize-coverage=trace-cmp,indirect-calls"]
COUNTED = ["-fprofile-instr-generate", "-fcoverage-mapping"]
ENVIRONMENT = {"ASAN_OPTIONS": "quarantine_size_mb=1:malloc_context_size=4"}
MAX_LENGTH = 1024
MEMORY = 1024  # MiB
INPUT_SECONDS = 10

# Source files beside the target's own, with what is defined for them
SHARED = [("fuzz/memory.c", ()), ("fuzz/require.c", ()), ("fuzz/text.c", ())]
MUTATOR = [("fuzz/mutate.c", ()), ("fuzz/units.c", ()), ("fuzz/layouts.c", ())]
ACPI = ("ivrs", "iort", "viot", "rimt")
PROBED = [("fuzz/machine.c", ()), *MUTATOR]
TARGETS = {
    "dmar": [("fuzz/dmar.c", ()), *PROBED],
    "plan": [("fuzz/plan.c", ()), ("kunit/user/plan_sound.c", ()), *MUTATOR],
    "build": [("fuzz/build.c", ())],
    "built-in": [("fuzz/built_in.c", ()), ("kunit/user/plan_sound.c", ())],
    "tree": [("fuzz/tree.c", ()), ("fuzz/machine.c", ())],
} | {name: [("fuzz/acpi.c", (f"-DFUZZ_FORMAT={name}",)), *PROBED] for name in ACPI}
# without anything to see, libFuzzer would end
SHARE = [("fuzz/share.c", ("-fsanitize=fuzzer-no-link",)), ("fuzz/memory.c", ()), *MUTATOR]
TOOL = [("tools/acpi.c", ()), ("tools/acpi_build.c", ())]
# what looks at each byte of a text is not instrumented: it would be half the time
PLAIN = ("fuzz/text.c",)

# Options of an input: none, or all that is asked of a table
OPTIONS = (b"\0\0", b"\0\7")
# Inputs of the built-in machine: nothing fails, 4 and 40 endpoints
BUILT_IN = [bytes((0, 0, endpoints)) + (0x7a000000).to_bytes(8, "little") for endpoints in (4, 40)]

# An input of the device tree, node by node: the number of the parent (of the root: none),
# and its properties, by their places in fuzz/tree.c: a word, or cells
NAMES = ("compatible", "reg", "ranges", "phandle", "iommus", "iommu-map", "#iommu-cells", "#address-cells",
         "#size-cells", "status", "iommu-map-mask", "interrupts")
WORDS = ("arm,smmu-v3", "arm,mmu-500", "arm,smmu-v2", "okay", "ok", "disabled")
NODES = (
    (None, {"#address-cells": (2,), "#size-cells": (1,)}),
    (0, {"ranges": (0, 0, 0x10000000, 0x1000000), "#address-cells": (1,), "#size-cells": (1,)}),
    (1, {"compatible": "arm,smmu-v3", "reg": (0x40000, 0x20000), "phandle": (1,), "#iommu-cells": (1,)}),
    (1, {"compatible": "arm,mmu-500", "reg": (0x80000, 0x10000), "phandle": (2,), "#iommu-cells": (2,),
         "status": "okay"}),
    (0, {"iommu-map": (0, 1, 0x10000, 0x10000), "iommu-map-mask": (0xffff,)}),
    (0, {"iommus": (1, 7, 2, 8, 0x7f80)}),
    (0, {"iommus": (2, 9, 0), "status": "disabled"}),
)


class Unusable(Exception):
    """Something is missing or does not compile; the text says what."""


def need_clang():
    if not shutil.which(CLANG):
        raise Unusable(f"{CLANG} is missing, and with it libFuzzer: run vm/deps check")


def room_sources():
    return [(f"{ROOM}/{name}", ()) for name in sorted(os.listdir(os.path.join(TREE, ROOM))) if name.endswith(".c")]


def newest_header():
    folders = [os.path.join(TREE, name) for name in (ROOM, "fuzz", "kunit/user", "tools")]
    headers = [os.path.join(folder, name) for folder in folders for name in os.listdir(folder) if name.endswith(".h")]
    return max(os.path.getmtime(path) for path in [*headers, os.path.abspath(__file__)])


class Build:
    """Objects and programs in a directory of their own. `own` are flags of all files,
    `room` of iommu_lab/firmware/ beside them, `link` of programs."""

    def __init__(self, name, own, room, link):
        self.directory, self.own, self.room, self.link = os.path.join(OUT, name), own, room, link
        self.headers = newest_header()

    def clang(self, *arguments):
        done = subprocess.run([CLANG, *arguments], capture_output=True, text=True)
        if done.returncode:
            raise Unusable(f"{CLANG} {arguments[-1]}: status {done.returncode}\n{done.stderr}")

    def compile(self, source, defines=(), tree=TREE):
        """The object of a source file, which may be in another tree."""
        path = os.path.join(tree, source)
        stem = "-".join([source.replace("/", "-")[:-2], *(define.split("=")[-1] for define in defines)])
        folder = self.directory if tree == TREE else tree
        target = os.path.join(folder, stem + ".o")
        if os.path.exists(target) and os.path.getmtime(target) > max(os.path.getmtime(path), self.headers):
            return target
        os.makedirs(folder, exist_ok=True)
        flags = list(WARNINGS) + (["-O2"] if source in PLAIN else self.own)
        if source.startswith(ROOM):
            flags += [*self.room, "-iquote", os.path.join(TREE, ROOM)]
        self.clang(*flags, *defines, "-c", "-o", target, path)
        return target

    def program(self, name, sources, replaced=None, tree=TREE):
        """A program; `replaced` is a source file that is taken from `tree`."""
        objects = [self.compile(source, defines, tree if source == replaced else TREE)
                   for source, defines in sources + room_sources()]
        path = os.path.join(self.directory if tree == TREE else tree, name)
        self.clang(*self.own, *self.link, "-o", path, *objects)
        return path

    def target(self, name, replaced=None, tree=TREE):
        return self.program(name, TARGETS[name] + SHARED, replaced, tree)


def sanitized():
    return Build("sanitized", SANITIZERS, GUIDED, ["-no-pie", "-fsanitize=fuzzer", "-Wl,--wrap=calloc"])


def counted():
    return Build("counted", ["-O1", "-g"], COUNTED,
                 ["-fsanitize=fuzzer", "-fprofile-instr-generate", "-Wl,--wrap=calloc"])


def empty_directory(*names):
    path = os.path.join(OUT, *names)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def tree_input():
    data = bytearray(1)
    for parent, properties in NODES:
        data += bytes(() if parent is None else (parent,)) + bytes((len(properties),))
        for name, value in properties.items():
            data.append(NAMES.index(name))
            if isinstance(value, str):
                # the next number that is this word, from 0x80 on
                data.append(next(n for n in range(0x80, 0x100) if n % len(WORDS) == WORDS.index(value)))
            else:
                data.append(4 * len(value))
                data += b"".join(cell.to_bytes(4, "big") for cell in value)
    return bytes(data)


def make_seeds():
    """target -> directory of the tables that it grows from, made by our builder."""
    tool = Build("tool", ["-O1", "-g"], [], []).program("iommu-lab-acpi", TOOL)
    seeds = {target: empty_directory("seeds", target) for target in TARGETS}

    def put(target, name, table):
        for number, options in enumerate(OPTIONS):
            with open(os.path.join(seeds[target], f"{name}-{number}"), "wb") as file:
                file.write(options + table)

    texts = os.path.join(TREE, "fuzz/seeds")
    for name in sorted(os.listdir(texts)):
        done = subprocess.run([tool, "build", os.path.join(texts, name)], capture_output=True)
        if done.returncode:
            raise Unusable(done.stderr.decode())
        for target in ("dmar", "plan"):
            put(target, name, done.stdout)
    for number, machine in enumerate(BUILT_IN):
        with open(os.path.join(seeds["built-in"], str(number)), "wb") as file:
            file.write(machine)
    with open(os.path.join(seeds["tree"], "tree"), "wb") as file:
        file.write(tree_input())
    for name, table in MADE:
        put(table[:4].decode().lower(), name, table)
    return seeds


@dataclass
class Result:
    """What a program did: `found` is a file that repeats a finding, or None."""
    status: int
    executions: int
    seconds: float
    output: str
    found: str


def command(program, folders, seed, found, *limits):
    return [program, *folders, f"-max_len={MAX_LENGTH}", f"-seed={seed}", f"-rss_limit_mb={MEMORY}",
            f"-artifact_prefix={found}", "-print_final_stats=1", *limits]


def fuzz(program, folders, seed, *limits, timeout=INPUT_SECONDS, place="scratch"):
    """Runs a target until it finds something, which goes to `place`, or reaches a limit."""
    found = os.path.join(empty_directory(place, os.path.basename(program)), "")
    began = time.time()
    # what it kept is read again by the clock, which no seed repeats: not here
    line = command(program, folders, seed, found, "-verbosity=0", "-reload=0", f"-timeout={timeout}", *limits)
    done = subprocess.run(line, capture_output=True, env=os.environ | ENVIRONMENT)
    output = (done.stdout + done.stderr).decode(errors="replace")
    count = re.search(r"number_of_executed_units: (\d+)", output)
    files = [found + name for name in os.listdir(found)]
    return Result(done.returncode, int(count.group(1)) if count else 0, time.time() - began, output,
                  files[0] if files else None)


def llvm(name, *arguments):
    """Output of the LLVM tool that belongs to this clang."""
    path = subprocess.run([CLANG, f"-print-prog-name={name}"], capture_output=True, text=True).stdout.strip()
    try:
        done = subprocess.run([path, *arguments], capture_output=True, text=True)
    except FileNotFoundError:
        raise Unusable(f"{name} is missing: run vm/deps check") from None
    if done.returncode:
        raise Unusable(f"{name}: status {done.returncode}\n{done.stderr}")
    return done.stdout


def line_counts(corpora):
    """file -> {line: how often it ran} of iommu_lab/firmware/, when each target reads
    each input of its corpus once. corpora: target -> directories."""
    build, folder = counted(), empty_directory("profiles")
    programs, profiles = [], []
    for target, folders in corpora.items():
        programs.append(build.target(target))
        profiles.append(os.path.join(folder, target + ".profraw"))
        done = subprocess.run([programs[-1], *folders, "-runs=0", "-verbosity=0", f"-max_len={MAX_LENGTH}"],
                              capture_output=True, text=True, env=os.environ | {"LLVM_PROFILE_FILE": profiles[-1]})
        if done.returncode:
            raise Unusable(f"{target}: the corpus cannot be replayed\n{done.stderr}")
    merged = os.path.join(folder, "merged")
    llvm("llvm-profdata", "merge", "-sparse", "-o", merged, *profiles)
    objects = [word for program in programs[1:] for word in ("-object", program)]
    text = llvm("llvm-cov", "export", "-format=lcov", f"-instr-profile={merged}", programs[0], *objects,
                os.path.join(TREE, ROOM))
    counts, lines = {}, {}
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key == "SF":
            lines = {}
            # of a header, uses of macros would be counted
            if value.endswith(".c"):
                counts[os.path.basename(value)] = lines
        elif key == "DA":
            number, count = value.split(",")[:2]
            lines[int(number)] = int(count)
    return counts
