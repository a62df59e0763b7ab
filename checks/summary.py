# SPDX-License-Identifier: GPL-2.0
"""Counts the TAP logs, judges skips and rows, and prints the result."""

import glob
import os

import boot
import tap

# A finished row must be proved on each of these that ran.
ROW_KERNELS = ("6.1", "6.12", "7.2", "debug")


def read(kernel, name):
    with open(os.path.join(boot.tap_directory(kernel), name + ".tap"), errors="replace") as log:
        return tap.parse(log.read())


def allowed_skips():
    """(test, kernel, reason) of selftests/skips; kernel may be `*`."""
    skips = []
    path = boot.in_tree("selftests/skips")
    if os.path.exists(path):
        with open(path) as lines:
            for line in lines:
                words = line.split(None, 2)
                if len(words) == 3 and not line.startswith("#"):
                    skips.append((words[0], words[1], words[2].strip()))
    return skips


def skip_allowed(skips, kernel, name, reason):
    return any(test == name.split("@")[0] and on in (kernel, "*") and text == reason for test, on, text in skips)


class Summary:
    def __init__(self):
        self.passed = self.skipped = 0
        self.failures = []
        self.skips = allowed_skips()

    def add_log(self, kernel, name):
        log = read(kernel, name)
        where = f"{kernel}/{name}"
        self.passed += len(log.passed())
        self.failures += [f"{where}: not ok {point.text}" for point in log.failed()]
        self.failures += [f"{where}: {error}" for error in log.errors]
        for point in log.skipped():
            self.skipped += 1
            if not skip_allowed(self.skips, kernel, name, point.skip):
                self.failures.append(f"{where}: SKIP that selftests/skips does not list: {point.text} ({point.skip})")

    def add_rows(self, kernels):
        """Prints rows x kernels; a finished row (checks/rows) that is not ok on a
        kernel of ROW_KERNELS among kernels is a failure."""
        rows = [words[0] for words in boot.listed("checks/rows")]
        columns = [kernel for kernel in ROW_KERNELS if kernel in kernels]
        if not rows or not columns:
            return
        states = {kernel: row_states(kernel) for kernel in columns}
        print("\nrow   " + "".join(f"{kernel:<9}" for kernel in columns))
        for row in rows:
            cells = [states[kernel].get(row, "missing") for kernel in columns]
            print(f"{row:<6}" + "".join(f"{cell:<9}" for cell in cells).rstrip())
            bad = [kernel for kernel, cell in zip(columns, cells) if cell != "ok"]
            if bad:
                self.failures.append(f"row {row} is not ok on {' '.join(bad)}")

    def finish(self):
        """Prints the failures and the counts, returns the exit status."""
        if self.failures:
            print("\nfailures:")
        for failure in self.failures:
            print(f"  {failure}")
        print(f"\n{self.passed} passed, {len(self.failures)} failed, {self.skipped} skipped")
        return 1 if self.failures else 0


def row_states(kernel):
    """row -> ok, not ok or skip, of all logs of a kernel"""
    rank = {"skip": 0, "ok": 1, "not ok": 2}
    states = {}
    for path in glob.glob(os.path.join(boot.tap_directory(kernel), "*.tap")):
        for point in read(kernel, os.path.basename(path)[:-4]).points:
            state = "not ok" if not point.ok else "skip" if point.skip is not None else "ok"
            for row in point.rows:
                states[row] = max(states.get(row, "skip"), state, key=rank.get)
    return states
