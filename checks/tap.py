# SPDX-License-Identifier: GPL-2.0
"""Reads TAP version 13 and KTAP logs.

The leaf test points are what is counted: a point that sums up an indented
subtest is not counted beside its children."""

import re
from dataclasses import dataclass, field

POINT = re.compile(r"^(\s*)(not ok|ok)\b(?:\s+(\d+))?\s*(?:-\s*)?(.*)$")
PLAN = re.compile(r"^(\s*)1\.\.(\d+)\s*(?:#\s*(.*))?$")
SKIP = re.compile(r"#\s*SKIP\S*\s*(.*)$", re.I)
ROW = re.compile(r"(?<![A-Za-z0-9_])([VHPKN]\d{1,2})(?![A-Za-z0-9_])")


@dataclass
class Point:
    ok: bool
    text: str
    skip: str = None

    @property
    def rows(self):
        return ROW.findall(self.text.split("#")[0])


@dataclass
class Log:
    """The leaf points of one log, and what is wrong with the log itself."""
    points: list = field(default_factory=list)
    errors: list = field(default_factory=list)

    def passed(self):
        return [p for p in self.points if p.ok and p.skip is None]

    def failed(self):
        return [p for p in self.points if not p.ok]

    def skipped(self):
        return [p for p in self.points if p.ok and p.skip is not None]


class Block:
    """The test points of one level of indentation."""

    def __init__(self, indent):
        self.indent, self.plan, self.seen, self.leaves = indent, None, 0, []

    def mismatch(self):
        if self.plan is not None and self.plan != self.seen:
            return f"the plan says {self.plan} tests, {self.seen} were reported"
        return None


def parse(text):
    log, stack = Log(), [Block(0)]

    def close_deeper(indent):
        """Ends the blocks deeper than indent, returns the leaves in them."""
        leaves = []
        while stack[-1].indent > indent:
            block = stack.pop()
            leaves += block.leaves
            if block.mismatch():
                log.errors.append(f"subtest: {block.mismatch()}")
        return leaves

    def block_at(indent):
        if stack[-1].indent < indent:
            stack.append(Block(indent))
        return stack[-1]

    for line in text.splitlines():
        plan, point = PLAN.match(line), POINT.match(line)
        if plan:
            read_plan(plan, log, block_at(len(plan.group(1))))
        elif point:
            indent = len(point.group(1))
            children = close_deeper(indent)
            read_point(point, block_at(indent), children)
        elif line.lstrip().startswith("Bail out!"):
            log.errors.append(line.strip())
    orphans = close_deeper(0)
    top = stack[0]
    if orphans:
        log.errors.append("a subtest has no result of its own")
    if top.plan is None:
        log.errors.append("the plan (1..N) is missing")
    elif top.mismatch():
        log.errors.append(top.mismatch())
    log.points = top.leaves + orphans
    return log


def read_plan(match, log, block):
    if block.plan is not None:
        log.errors.append("a second plan")
    block.plan = int(match.group(2))
    if block.plan == 0 and block.indent == 0:
        reason = re.sub(r"^SKIP\S*\s*", "", match.group(3) or "", flags=re.I)
        block.leaves.append(Point(True, "all", reason))


def read_point(match, block, children):
    ok, text = match.group(2) == "ok", match.group(4)
    block.seen += 1
    skip = SKIP.search(text)
    point = Point(ok, text, skip.group(1).strip() if skip else None)
    if not children:
        block.leaves.append(point)
        return
    block.leaves += children
    if not ok and all(child.ok for child in children):
        block.leaves.append(point)
