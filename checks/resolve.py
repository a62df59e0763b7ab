# SPDX-License-Identifier: GPL-2.0
"""The machine that a decoded DMAR describes, for tests: reads the JSON of a decoder,
knows the rules of Documentation/topology.rst, and nothing of iommu_lab/firmware/.

It works with paths where the module works with bus numbers: a function is
(segment, start bus, ((device, function), ...)), and a unit has what its scopes have
as a path, then the longest path of a sub-hierarchy above it, then INCLUDE_PCI_ALL."""

PCI = ("pci-endpoint", "pci-bridge")
PAGE = 4096
ALL_DEVFNS = [(device, function) for device in range(32) for function in range(8)]


class Refused(Exception):
    pass


def scopes(structure):
    """(type, function) of each scope that names PCI functions."""
    for scope in structure.get("device_scopes", []):
        if scope["type"] in PCI:
            path = tuple(tuple(hop) for hop in scope["path"])
            yield scope["type"], (structure["segment"], scope["start_bus"], path)


class Machine:
    """`endpoints` maps (segment, BDF) to (unit, ranges); units count in the order of
    the table, ranges are (start, last)."""

    def __init__(self, table):
        structures = table["structures"]
        self.units = [s for s in structures if s["type"] == "DRHD"]
        self.rmrrs = [s for s in structures if s["type"] == "RMRR"]
        self.bridges, self.claimed, self.functions, self.roots = set(), set(), set(), set()
        for structure in structures:
            for kind, function in scopes(structure):
                self.add(kind, function)
        self.functions -= self.bridges
        self.reach()
        self.buses, self.last = {}, {}
        for root in sorted(self.roots):
            self.number(root)
        self.endpoints, self.unclaimed = {}, 0
        for function in sorted(self.functions):
            unit = self.unit_of(function)
            if unit is None:
                self.unclaimed += 1
            else:
                self.endpoints[function[0], self.bdf(function)] = unit, self.ranges(function)

    def add(self, kind, function):
        segment, start, path = function
        self.roots.add((segment, start))
        self.bridges |= {(segment, start, path[:n]) for n in range(1, len(path))}
        if kind == "pci-bridge":
            self.bridges.add(function)
            self.claimed.add(function)
        else:
            self.functions.add(function)

    def reach(self):
        for segment, start, path in self.claimed:
            free = [hop for hop in ALL_DEVFNS
                    if not {(segment, start, path + (hop,))} & (self.bridges | self.functions)]
            self.functions |= {(segment, start, path + (hop,)) for hop in free[:1]}
        for segment in {unit["segment"] for unit in self.units if unit["include_pci_all"]}:
            self.roots.add((segment, 0))
            used = {path[0] for s, start, path in self.bridges | self.functions
                    if (s, start) == (segment, 0) and len(path) == 1}
            taken = {device for device, _ in used}
            devices = [(device, 0) for device in [*range(1, 32), 0] if device not in taken]
            rest = [hop for hop in ALL_DEVFNS[1:] + ALL_DEVFNS[:1] if hop not in used]
            for hop in (devices or rest)[:1]:
                self.functions.add((segment, 0, (hop,)))

    def number(self, root):
        """Bridges in the order of their paths get the numbers behind their root bus."""
        segment, start = root
        later = [bus for s, bus in self.roots if s == segment and bus > start]
        bus = start
        for path in sorted(path for s, b, path in self.bridges if (s, b) == root):
            bus += 1
            if bus in later or bus > 255:
                raise Refused
            self.buses[segment, start, path] = bus
        self.last[root] = bus

    def bdf(self, function):
        segment, start, path = function
        bus = self.buses[segment, start, path[:-1]] if len(path) > 1 else start
        return bus << 8 | path[-1][0] << 3 | path[-1][1]

    @staticmethod
    def claim(structure, function):
        """How well a structure's scopes name a function: hops in common, or None."""
        best = None
        for kind, named in scopes(structure):
            if named == function:
                return 1000
            if kind == "pci-bridge" and named[:2] == function[:2] and \
                    function[2][:len(named[2])] == named[2]:
                best = max(best or 0, len(named[2]))
        return best

    def unit_of(self, function):
        claims = []
        for index, unit in enumerate(self.units):
            hops = self.claim(unit, function)
            if hops is None and unit["include_pci_all"] and unit["segment"] == function[0]:
                hops = 0
            if hops is not None:
                claims.append((-hops, int(unit["register_base"], 16), index))
        return min(claims)[2] if claims else None

    def ranges(self, function):
        found = sorted((int(r["base"], 16) // PAGE * PAGE, int(r["limit"], 16) // PAGE * PAGE + PAGE - 1)
                       for r in self.rmrrs if self.claim(r, function) is not None)
        joined = []
        for start, last in found:
            if joined and start <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(last, joined[-1][1])
            else:
                joined.append((start, last))
        return joined

    def lines(self):
        """As kunit/user/plan_user.c prints them."""
        for root in sorted(self.roots):
            yield f"root {root[0]:x} {root[1]:x} {self.last[root]:x}"
        bridges = []
        for (segment, start, path), bus in self.buses.items():
            below = [b for (s, r, p), b in self.buses.items()
                     if (s, r) == (segment, start) and p[:len(path)] == path]
            bridges.append((segment, self.bdf((segment, start, path)), bus, max(below)))
        for bridge in sorted(bridges):
            yield "bridge %x %x %x %x" % bridge
        for (segment, bdf), (unit, ranges) in sorted(self.endpoints.items()):
            yield " ".join([f"endpoint {segment:x} {bdf:x} {unit:x}",
                            *(f"{start:x}-{last:x}" for start, last in ranges)])
        yield f"unclaimed {self.unclaimed:x}"
