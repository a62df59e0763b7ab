# SPDX-License-Identifier: GPL-2.0
"""Builds the module for a kernel, boots it, and makes TAP logs of what the tests
print."""

import glob
import os
import re
import secrets
import shutil
import subprocess
import threading

import firmware_made

TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TAP = os.path.join(TREE, "out/tap")
# User Mode Linux runs the pure rooms only: no row of the contract is judged on it.
TAP_OF = {"uml": os.path.join(TREE, "out/kunit-uml")}
LOGS = os.path.join(TREE, "out/log")
NOT_OFFERED = 3

# The vm/run processes that are alive, for stop_all()
running = set()


def stop_all(number, _frame):
    """Signal handler: ends the VMs, and with them this program."""
    for process in list(running):
        process.terminate()
    for process in list(running):
        process.wait()
    os._exit(128 + number)


class BuildFailed(Exception):
    pass


class NotOffered(Exception):
    pass


def in_tree(*path):
    return os.path.join(TREE, *path)


def ensure_kernel(kernel):
    """Fetches or builds the kernel, with its progress on stderr."""
    done = subprocess.run([in_tree("vm/kernel"), kernel], stdout=subprocess.DEVNULL)
    if done.returncode == NOT_OFFERED:
        raise NotOffered(kernel)
    if done.returncode:
        raise BuildFailed(f"vm/kernel {kernel} failed")


def build(*arguments):
    """vm/build; returns the directory."""
    done = subprocess.run([in_tree("vm/build"), *arguments], capture_output=True, text=True)
    if done.returncode:
        raise BuildFailed(f"vm/build {' '.join(arguments)} failed:\n{done.stderr}")
    return done.stdout.strip()


def firmware():
    """The directory with the tables that boots give to their machines."""
    directory = in_tree("out/firmware")
    os.makedirs(directory, exist_ok=True)
    for name, data in firmware_made.made():
        path = os.path.join(directory, name)
        # whole, or not at all: another boot may be using it
        with open(f"{path}.{os.getpid()}.{threading.get_ident()}", "wb") as file:
            file.write(data)
        os.rename(file.name, path)
    return directory


def listed(path):
    """The lines of a list file without comments, each as its words."""
    if not os.path.exists(in_tree(path)):
        return []
    with open(in_tree(path)) as lines:
        stripped = [line.split("#")[0].split() for line in lines]
    return [words for words in stripped if words]


def test_files():
    """--file options for the test programs, the scripts and their data, and the
    programs of tools/."""
    options = []
    for directory, target in (("out/selftests", "selftests"), ("out/tools", "tools"),
                              ("selftests", "selftests")):
        full = in_tree(directory)
        for name in sorted(os.listdir(full)) if os.path.isdir(full) else []:
            path = os.path.join(full, name)
            if directory != "selftests" and not os.access(path, os.X_OK) and not name.endswith(".txt"):
                continue
            if name == "Makefile" or name.endswith((".c", ".h", ".o", ".d", ".py")):
                continue
            options += ["--file", f"{path}:/lab/{target}/{name}"]
    return options


def log_name(test):
    return re.sub(r"\.(sh|py)$", "", test)


def left_directories(kernel, test):
    """The directories that tests left in the VM for one on the host, as
    /out/<its name>/<part>."""
    found = glob.glob(os.path.join(LOGS, kernel, "boot*", log_name(test), "*", ""))
    return sorted(found)


class Boot:
    """One start of a VM. `results` maps each test that ended to (status, left);
    `started` is the test that was running when the VM ended, or None."""

    def __init__(self, kernel, label, options, command, time_limit, on_end):
        self.kernel, self.label, self.on_end = kernel, label, on_end
        self.mark = "lab-" + secrets.token_hex(8)
        self.results, self.texts, self.started = {}, {}, None
        self.directory = os.path.join(LOGS, kernel, label)
        shutil.rmtree(self.directory, ignore_errors=True)
        os.makedirs(self.directory)
        self.status = self.run([
            in_tree("vm/run"), "--kernel", kernel, "--time-limit", str(time_limit),
            "--out", self.directory, *options, "--",
            f"export LAB_KERNEL={kernel} LAB_MARK={self.mark} {settings()}; {command}"])

    def run(self, arguments):
        with open(os.path.join(self.directory, "vm.log"), "w") as log:
            process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=log,
                                       text=True, errors="replace")
            running.add(process)
            try:
                for line in process.stdout:
                    self.read(line)
                return process.wait()
            finally:
                running.discard(process)

    def read(self, line):
        if line.startswith(self.mark):
            verb, name, *rest = line.split()[1:]
            if verb == "begin":
                self.started, self.texts[name] = name, ""
            else:
                self.results[name] = (int(rest[0]), rest[1])
                self.started = None
                self.on_end(self, name)
        elif self.started:
            self.texts[self.started] += line

    def reports(self):
        """The console's reports, each as (test that ran, text)."""
        console = os.path.join(self.directory, "console.log")
        if not os.path.exists(console):
            return []
        found = subprocess.run([in_tree("vm/reports"), console], capture_output=True,
                               text=True, errors="replace").stdout.splitlines()
        with open(console, errors="replace") as lines:
            marks = [(number, match.group(1)) for number, line in enumerate(lines, 1)
                     if (match := re.search(self.mark + r" begin (\S+)", line))]
        reports = []
        for line in found:
            number, text = line.split(":", 1)
            before = [name for at, name in marks if at < int(number)]
            reports.append((before[-1] if before else None, text.strip()))
        return reports


def settings():
    """What of our environment the tests in a VM see, too: LAB_LONG=1, LAB_SEED=N."""
    wanted = [name for name in ("LAB_LONG", "LAB_SEED") if os.environ.get(name)]
    return " ".join(f"{name}={int(os.environ[name])}" for name in wanted)


def tap_directory(kernel):
    return TAP_OF.get(kernel, os.path.join(TAP, kernel))


def store(kernel, name, text):
    os.makedirs(tap_directory(kernel), exist_ok=True)
    with open(os.path.join(tap_directory(kernel), log_name(name) + ".tap"), "w") as log:
        log.write(text)
