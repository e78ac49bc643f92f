"""Machines by chance to look up routes in: legs, addresses, routing rules, tables, settings; one namespace each.

What the kernel refuses (a gateway that is not on a link, a route twice) is left out; what it took, its own tools print.
"""

import ctypes
import ipaddress
import os
import random
import subprocess

CLONE_NEWNET = 0x40000000
FAMILIES = (4, 6)
TABLES = ["main", "main", "main", "100", "200", "300", "local", "default"]
REFUSALS = ["unreachable", "prohibit", "blackhole", "throw"]
METRICS = [0, 0, 0, 1, 100, 1024]
TOSES = [0x04, 0x08, 0x10, 0x1C]
MARKS = [0, 1, 2, 0x10, 0x11]
UIDS = [0, 5, 1000]
SETTINGS4 = {
    "forwarding": (1, 1, 1, 1, 0),
    "rp_filter": (0, 0, 0, 1, 2),
    "accept_local": (0, 0, 0, 1),
    "route_localnet": (0, 0, 0, 1),
    "src_valid_mark": (0, 1),
    "send_redirects": (1, 1, 0),
    "bc_forwarding": (0, 0, 0, 1),
    "ignore_routes_with_linkdown": (0, 1),
}
SETTINGS6 = {
    "forwarding": (1,),
    "ignore_routes_with_linkdown": (0, 1),
    "use_tempaddr": (0,),
    "use_oif_addrs_only": (0, 0, 0, 1),
}
POOL = {
    4: [f"10.{a}.{b}.{c}" for a in (0, 1) for b in (0, 1, 2) for c in (0, 64, 128)]
    + ["172.16.0.0", "192.0.2.0", "203.0.113.128", "169.254.1.0", "127.5.0.0", "240.1.0.0"],
    6: [f"2001:db8:{a}:{b}::{c}" for a in (0, 1) for b in (0, 1, "8000") for c in (0, "8000:0")]
    + ["fd00:1::", "2001:db8::", "2002:a00:1::", "fe80::", "::", "2001:10::"],
}
LENGTHS = {4: [0, 7, 8, 15, 16, 23, 24, 25, 26, 30, 31, 32, 32], 6: [0, 16, 32, 47, 48, 63, 64, 65, 112, 127, 128, 128]}


ADDRESS = {4: ipaddress.IPv4Address, 6: ipaddress.IPv6Address}


def command(*words, text=None):
    return subprocess.run(words, input=text, text=True, capture_output=True)


def writeSetting(path, value):
    with open(f"/proc/sys/net/{path}", "w") as file:
        file.write(str(value))


def readSetting(path):
    with open(f"/proc/sys/net/{path}") as file:
        return file.read().strip()


class RandomMachine:
    """Moves this process into a fresh namespace and fills it."""

    def __init__(self, seed):
        self.pick = random.Random(seed)
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        for name, value in (("accept_dad", 0), ("addr_gen_mode", 1), ("router_solicitations", 0)):
            for place in ("all", "default"):
                writeSetting(f"ipv6/conf/{place}/{name}", value)
        self.legs = [f"em{n}" for n in range(1, self.pick.randint(2, 4) + 1)]
        self.up, self.own = [], {4: [], 6: []}
        self.makeLegs()
        self.writeSettings()
        self.run4and6(self.addresses)
        self.run4and6(self.routes)
        if self.pick.random() < 0.6:
            self.run4and6(self.rules)

    def chance(self, share):
        return self.pick.random() < share

    def ip(self, family, lines):
        command("ip", f"-{family}", "-force", "-batch", "-", text="".join(line + "\n" for line in lines))

    def run4and6(self, make):
        for family in FAMILIES:
            self.ip(family, list(make(family)))

    def makeLegs(self):
        lines = ["link set lo up"]
        for leg in self.legs:
            lines.append(f"link add {leg} type veth peer name far~{leg}")
            if self.chance(0.3):
                lines.append(f"link set {leg} group {self.pick.choice((1, 7))}")
            if not self.chance(0.1):
                lines.append(f"link set {leg} up")
                self.up.append(leg)
            if not self.chance(0.15):
                lines.append(f"link set far~{leg} up")
        self.ip(4, lines)

    def writeSettings(self):
        self.settings = ["ipv4/ip_forward"]
        writeSetting("ipv4/ip_forward", 1)
        writeSetting("ipv6/conf/all/forwarding", 1)
        for family, settings in ((4, SETTINGS4), (6, SETTINGS6)):
            for name, values in settings.items():
                for place in ["all", *self.legs, "lo"]:
                    path = f"ipv{family}/conf/{place}/{name}"
                    self.settings.append(path)
                    if place != "all" and self.chance(0.3) or place == "all" and name != "forwarding" and self.chance(0.1):
                        writeSetting(path, self.pick.choice(values))

    def address(self, family):
        base = int(ADDRESS[family](self.pick.choice(POOL[family])))
        return ADDRESS[family](base + self.pick.choice((0, 1, 1, 2, 5, 63, 255)))

    def prefix(self, family):
        length = self.pick.choice(LENGTHS[family])
        return ipaddress.ip_network(f"{self.address(family)}/{length}", strict=False)

    def addresses(self, family):
        for _ in range(self.pick.randint(2, 7)):
            address, leg = self.address(family), self.pick.choice([*self.legs, *self.legs, "lo"])
            length = self.pick.choice([n for n in LENGTHS[family] if n >= (8 if family == 4 else 32)])
            words = [f"addr add {address}/{length}"]
            if self.chance(0.1):
                words = [f"addr add {address} peer {self.address(family)}/{length}"]
            elif family == 4 and self.chance(0.3):
                words.append(self.pick.choice(("brd +", f"brd {self.address(4)}")))
            words.append(f"dev {leg}")
            if self.chance(0.1):
                words.append("noprefixroute")
            if family == 4 and self.chance(0.2):
                words.append(f"scope {self.pick.choice(('link', 'host'))}")
            if family == 6:
                words.append("nodad")
                if self.chance(0.15):
                    words.append("preferred_lft 0")
            self.own[family].append((address, leg, length))
            yield " ".join(words)

    def gateway(self, family):
        """A neighbour: an address near one of our own, and its interface."""
        address, leg, _ = self.pick.choice(self.own[family])
        return ADDRESS[family](int(address) + self.pick.choice((1, 2, 3, 9))), leg

    def hop(self, family):
        if self.chance(0.25):
            return f"dev {self.pick.choice([*self.legs, 'lo'])}"
        gateway, leg = self.gateway(family)
        leg = self.pick.choice(self.legs) if leg == "lo" or self.chance(0.1) else leg
        # Without "onlink" IPv4 asks the routes of that moment, and does without a gateway that is on a local prefix.
        return f"via {gateway} dev {leg}" + (" onlink" if family == 4 or self.chance(0.7) else "")

    def routes(self, family):
        for _ in range(self.pick.randint(6, 26)):
            kind = self.routeType(family)
            verb, selectors = self.pick.choice(("add", "add", "add", "add", "append")), self.selected(family)
            metric, source = self.metric(), ""
            # Next hops that IPv6 puts together may have sources of their own, of which `ip route` shows the first.
            if kind in ("unicast", "local") and self.chance(0.2) and (family == 4 or verb == "add"):
                source = f"src {self.pick.choice(self.own[family])[0]}"
                metric = "metric 77" if family == 6 else metric
            words = ["route", verb, kind, str(self.prefix(family)), *selectors, metric, source, self.way(kind, family)]
            yield " ".join(word for word in words if word)

    def routeType(self, family):
        if self.chance(0.25):
            return self.pick.choice(REFUSALS)
        if self.chance(0.08):
            return self.pick.choice(("local", "broadcast") if family == 4 else ("local", "anycast"))
        return "unicast"

    def selected(self, family):
        """Which table, and which packets a route takes there."""
        yield f"table {self.pick.choice(TABLES)}"
        if family == 6 and self.chance(0.15):
            yield f"from {self.prefix(6)}"
        if family == 4 and self.chance(0.2):
            yield f"tos {self.pick.choice(TOSES):#x}"
        if family == 6 and self.chance(0.1):
            yield f"pref {self.pick.choice(('low', 'high'))}"

    def metric(self):
        return f"metric {self.pick.choice(METRICS)}" if self.chance(0.5) else ""

    def way(self, kind, family):
        if kind in ("local", "broadcast", "anycast"):
            return f"dev {self.pick.choice(self.legs)}"
        if kind != "unicast":
            return ""
        if self.chance(0.25):
            hops = range(self.pick.randint(2, 3))
            return " ".join(f"nexthop {self.hop(family)} weight {self.pick.choice((1, 1, 2, 5))}" for _ in hops)
        scope = f" scope {self.pick.choice(('link', 'host'))}" if family == 4 and self.chance(0.1) else ""
        return self.hop(family) + scope

    def rules(self, family):
        preferences = sorted(self.pick.sample(range(1, 40000), 8))
        if self.chance(0.3):  # before main, but behind what asks for local
            yield "rule del pref 0"
            yield f"rule add pref {preferences[self.pick.randint(0, 2)]} lookup local"
        for number, preference in enumerate(preferences[: self.pick.randint(1, 7)]):
            yield " ".join([f"rule add pref {preference}", *self.selectors(family), self.action(family, preferences[number + 1 :])])

    def selectors(self, family):
        words = ["not"] if self.chance(0.15) else []
        options = [
            lambda: f"from {self.prefix(family)}",
            lambda: f"to {self.prefix(family)}",
            lambda: f"iif {self.pick.choice([*self.legs, 'lo', 'none9'])}",
            lambda: f"oif {self.pick.choice([*self.legs, 'lo'])}",
            lambda: f"fwmark {self.pick.choice(MARKS)}" + self.pick.choice(("", "/0x1", "/0x10")),
            lambda: f"tos {self.pick.choice(TOSES):#x}",
            lambda: f"ipproto {self.pick.choice(('tcp', 'udp', 'icmp' if family == 4 else 'ipv6-icmp'))}",
            lambda: f"ipproto tcp dport {self.pick.choice(('80', '1-1000'))}",
            lambda: f"ipproto udp sport {self.pick.choice(('53', '1-1000'))}",
            lambda: f"uidrange {self.pick.choice(('0-0', '1-999', '1000-2000'))}",
        ]
        for option in self.pick.sample(options, self.pick.choice((0, 1, 1, 1, 2))):
            words.append(option())
        return words

    def action(self, family, later):
        chosen = self.pick.random()
        if chosen < 0.15 and later:
            return f"goto {self.pick.choice(later)}"
        if chosen < 0.2:
            return "nop"
        if chosen < 0.3:
            return self.pick.choice(("unreachable", "prohibit", "blackhole"))
        # By its table default a text of rules without addresses is known to be of IPv4.
        table = f"lookup {self.pick.choice(['100', '200', '300', 'main', '400', 'default' if family == 4 else 'local'])}"
        if chosen < 0.45:
            return f"{table} suppress_prefixlength {self.pick.choice((0, 8, 16, 24, 32))}"
        if chosen < 0.5:
            return f"{table} suppress_ifgroup {self.pick.choice(('default', '1', '7'))}"
        return table

    def texts(self):
        """{name: what the kernel's tools print}"""
        texts = {"addresses": command("ip", "-d", "addr").stdout}
        for family in FAMILIES:
            texts[f"routes{family}"] = command("ip", f"-{family}", "-d", "route", "show", "table", "all").stdout
            texts[f"rules{family}"] = command("ip", f"-{family}", "-d", "rule").stdout
        texts["settings"] = "".join(
            f"net.{path.replace('/', '.')} = {readSetting(path)}\n" for path in self.settings if os.path.exists(f"/proc/sys/net/{path}")
        )
        return texts
