# SPDX-License-Identifier: GPL-2.0
"""The two kinds of run: the selftests on a kernel, and KUnit on a kernel."""

import glob
import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass

import boot
from boot import build, in_tree, listed, store

# The debug kernels' checkers make them that much slower.
SLOWER = {"debug": 3, "kcsan": 3}

# Runs only tests that name it: it is for races, not for rows.
NAMED_ONLY = {"kcsan"}

# A page of 1 GiB, for which a smaller machine has no aligned place.
MACHINE = ["--append", "hugepagesz=1G hugepages=1", "--mem", "4096"]
DEFAULT = "default"


class Run:
    """What a run did beside its logs: `logs` are (kernel, name), `errors` are
    failures that no test point stands for."""

    def __init__(self, kernel, say):
        self.kernel, self.say, self.logs, self.errors = kernel, say, [], []

    def fail(self, text):
        self.errors.append(f"{self.kernel}: {text}")
        self.say(f"{self.kernel}: FAILED {text}")

    def keep(self, name, text):
        store(self.kernel, name, text)
        self.logs.append((self.kernel, boot.log_name(name)))


@dataclass(frozen=True)
class Test:
    """A line of selftests/tests for one kernel and one boot."""
    name: str
    seconds: int
    boot: str

    @property
    def on_host(self):
        return self.name.endswith(".py")

    @property
    def label(self):
        return boot.log_name(self.name) + ("" if self.boot == DEFAULT else "@" + self.boot)


def tests_for(kernel, only):
    """The tests that run on a kernel; `only` names tests, or test@boot; none: all."""
    tests = []
    factor = SLOWER.get(kernel, 1) * (10 if os.environ.get("LAB_LONG") else 1)
    for name, seconds, *words in listed("selftests/tests"):
        kernels = [word for word in words if word[0] != "@"]
        if kernel not in kernels and (kernels or kernel in NAMED_ONLY):
            continue
        boots = [word[1:] for word in words if word[0] == "@"] or [DEFAULT]
        tests += [Test(name, int(seconds) * factor, label) for label in boots]
    return [test for test in tests
            if not only or {test.name, boot.log_name(test.name), test.label} & set(only)]


def machine(kernel, wanted):
    """vm/run's options for a boot: kernel parameters, and QEMU's arguments."""
    for name, kernels, *words in listed("selftests/boots"):
        if name != wanted or (kernels != "*" and kernel not in kernels.split(",")):
            continue
        if "|" not in words:
            return [*MACHINE, "--intel-iommu", "--append", " ".join(words)]
        bar = words.index("|")
        arguments = [word.replace("{firmware}", boot.firmware()) for word in words[bar + 1:]]
        return [*MACHINE, "--append", " ".join(words[:bar]),
                *[option for word in arguments for option in ("--qemu-arg", word)]]
    raise boot.BuildFailed(f"selftests/tests names the boot @{wanted}, which selftests/boots does not have for {kernel}")


def unlisted_scripts():
    """Test scripts that selftests/tests forgot."""
    known = {words[0] for words in listed("selftests/tests")}
    folder = in_tree("selftests")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return [name for name in names if name.endswith(".sh") and name not in known
            and os.access(os.path.join(folder, name), os.X_OK)]


# Of these the tests of one boot are spread over several VMs, which run at a time; it
# does not pay where their limits are less.
VMS = {"debug": 2}
WORTH_A_BOOT = 5000


def vms(kernel, tests):
    return min(VMS.get(kernel, 1), 1 + sum(test.seconds for test in tests) // WORTH_A_BOOT)


def parts(kernel, only, say):
    """The runs of a kernel's selftests: a VM for each boot, or several; and one for
    the tests that look at what the others left."""
    tests = tests_for(kernel, only)
    runs = []
    for name in dict.fromkeys(test.boot for test in tests):
        inside = [test for test in tests if test.boot == name and not test.on_host]
        shares = spread(inside, vms(kernel, inside))
        for number, share in enumerate(shares):
            runs.append(Selftests(kernel, share, name + (f"-{'abc'[number]}" if len(shares) > 1 else ""), say))
    outside = [test for test in tests if test.on_host]
    return runs + ([OnHost(kernel, outside, say)] if outside else [])


def spread(tests, most):
    """Lists of about the same time, each in the order of `tests`; none is empty."""
    shares = [[] for _ in range(most)]
    for test in sorted(tests, key=lambda test: -test.seconds):
        min(shares, key=lambda share: sum(test.seconds for test in share)).append(test)
    return [sorted(share, key=tests.index) for share in shares if share]


class Tests(Run):
    """Some selftests on a kernel."""

    def __init__(self, kernel, tests, say):
        super().__init__(kernel, say)
        self.tests = tests

    def judge_status(self, name, status, text):
        if status in (124, 143):
            self.fail(f"{name} reached its time limit")
        elif status and not re.search(r"^\s*not ok|^1\.\.0", text, re.M):
            self.fail(f"{name} ended with status {status} and no `not ok` line")


class OnHost(Tests):
    """The tests whose name ends in .py run on the host after the others, with the
    directories that these left in /out/<name>/ for them as their arguments."""

    def __call__(self):
        for test in self.tests:
            self.run(test)

    def run(self, test):
        try:
            done = subprocess.run(["python3", "-B", in_tree("selftests", test.name),
                                   *boot.left_directories(self.kernel, test.name)],
                                  capture_output=True, text=True, timeout=test.seconds)
        except subprocess.TimeoutExpired:
            self.fail(f"{test.name} reached its time limit")
            return
        self.keep(test.label, done.stdout + done.stderr)
        self.say(f"{self.kernel}: {test.label} ended with status {done.returncode}, on the host")
        self.judge_status(test.label, done.returncode, done.stdout)


class Selftests(Tests):
    """Selftests of one boot (selftests/boots) in one VM; in another one after a VM
    died."""

    def __init__(self, kernel, tests, label, say):
        super().__init__(kernel, tests, say)
        self.label = label

    def __call__(self):
        directory = build(self.kernel)
        self.modules = build("ko", self.kernel)
        waiting, boots = self.tests, 0
        while waiting:
            boots += 1
            waiting = self.start(directory, waiting, f"boot-{self.label}-{boots}")

    def start(self, directory, tests, label):
        """Boots once; returns the tests that are still to run."""
        self.began, self.by_name = time.time(), {test.name: test for test in tests}
        wanted = tests[0].boot
        self.say(f"{self.kernel}: booting for {len(tests)} tests ({self.label})")
        with tempfile.NamedTemporaryFile("w", prefix="tests") as plan:
            plan.writelines(f"{test.name} {test.seconds}\n" for test in tests)
            plan.flush()
            options = ["--file", f"{directory}/iommu_lab.ko", "--file", f"{plan.name}:/lab/tests",
                       "--file", in_tree("checks/guest") + ":/lab/guest", *boot.test_files(),
                       *self.module_files(), *module_options(), *program_files(),
                       *corpus_files(tests), *machine(self.kernel, wanted)]
            limit = sum(test.seconds + 30 for test in tests) + 120 * SLOWER.get(self.kernel, 1)
            end = boot.Boot(self.kernel, label, options,
                            f"export LAB_BOOT={wanted}; exec /lab/guest/run-tests", limit,
                            self.test_ended)
        self.judge(end)
        done = set(end.results) | {end.started}
        rest = [test for test in tests if test.name not in done]
        if len(rest) == len(tests):
            self.fail(f"the VM ran no test (status {end.status}), see {end.directory}")
            return []
        return rest

    def module_files(self):
        """--file options for the modules that tests load, and what they print."""
        found = glob.glob(f"{self.modules}/*.ko") + glob.glob(f"{self.modules}/*.txt")
        return [option for path in sorted(found)
                for option in ("--file", f"{path}:/lab/selftests/{os.path.basename(path)}")]

    def test_ended(self, end, name):
        status, left = end.results[name]
        label = self.by_name[name].label
        self.keep(label, end.texts[name])
        self.say(f"{self.kernel}: {label} ended with status {status}, {time.time() - self.began:.0f} s")
        self.judge_status(label, status, end.texts[name])
        if left != "none":
            self.fail(f"{label} left a module loaded ({left})")

    def judge(self, end):
        reports = end.reports()
        for name in {test for test, _ in reports}:
            first = next(text for test, text in reports if test == name)
            self.fail(f"console report in {name or 'the boot'}: {first} (see {end.directory}/console.log)")
        if end.started:
            self.keep(self.by_name[end.started].label, end.texts[end.started])
            self.fail(f"the VM ended in {end.started} (status {end.status}), see {end.directory}")
        elif end.status not in (0, 1) and not reports:
            self.fail(f"the VM ended with status {end.status}, see {end.directory}")


def program_files():
    """--file options for programs of the host that tests call."""
    options = []
    for (name,) in listed("selftests/programs"):
        path = shutil.which(name)
        if not path:
            raise boot.BuildFailed(f"selftests/programs names {name}, which is missing: run vm/deps check")
        options += ["--file", f"{os.path.realpath(path)}:/usr/bin/{name}"]
    return options


def corpus_files(tests):
    """--file options for the tables of real machines, where they are there and wanted."""
    corpus = in_tree("../shared/corpus/dmar")
    if not os.path.isdir(corpus) or not any(test.name == "topology_corpus" for test in tests):
        return []
    return [option for name in sorted(os.listdir(corpus)) if name.endswith(".bin")
            for option in ("--file", f"{corpus}/{name}:/lib/firmware/corpus/{name}")]


def module_options():
    """The kernel's own modules that tests want to load."""
    return [option for words in listed("selftests/modules") for option in ("--module", words[0])]


class UserSpace(Run):
    """The checks of iommu_lab/firmware/ that run on the host, under sanitizers."""

    kernel_name = "user"
    programs = ("firmware-user", "tables-user", "plan-user",
                "acpi-tool", "fuzz")

    def __init__(self, only, say):
        super().__init__(self.kernel_name, say)
        self.chosen = [name for name in self.programs if not only or name in only]

    def __call__(self):
        for name in self.chosen:
            done = subprocess.run(["python3", "-B", in_tree("checks", name)], capture_output=True, text=True)
            self.keep(name, done.stdout)
            self.say(f"user space: {name} ended with status {done.returncode}")
            for result in re.findall(r"^# result: (.*)", done.stdout, re.M):
                self.say(f"user space: {result}")
            if done.returncode not in (0, 1):
                self.fail(f"{name} ended with status {done.returncode}:\n{done.stderr}")


class Kunit(Run):
    """The KUnit suites of the module on a kernel; one log of all suites."""

    def __call__(self):
        directory = build(self.kernel, "LAB_KUNIT=1")
        self.say(f"{self.kernel}: booting for KUnit")
        options = ["--file", f"{directory}/iommu_lab_kunit.ko",
                   "--file", in_tree("checks/guest") + ":/lab/guest"]
        limit = 600 * SLOWER.get(self.kernel, 1)
        end = boot.Boot(self.kernel, "kunit", options, "exec /lab/guest/run-kunit", limit,
                        lambda end, name: None)
        self.keep("kunit", self.combine(end.texts))
        reports = end.reports()
        if reports:
            self.fail(f"console report in KUnit: {reports[0][1]} (see {end.directory}/console.log)")
        elif end.status:
            self.fail(f"KUnit's VM ended with status {end.status}, see {end.directory}")
        if not end.results:
            self.fail("no KUnit suite ran")
        self.say(f"{self.kernel}: {len(end.results)} KUnit suites done")

    @staticmethod
    def combine(texts):
        """Each suite's results are a KTAP document with one test point."""
        lines = ["KTAP version 1", f"1..{len(texts)}"]
        for number, text in enumerate(texts.values(), 1):
            for line in text.splitlines():
                if re.match(r"KTAP version|1\.\.\d+", line):
                    continue
                lines.append(re.sub(r"^(not ok|ok) \d+", rf"\1 {number}", line))
        return "\n".join(lines) + "\n"
