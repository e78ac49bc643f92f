"""Random rule sets of one table, as text that iptables-restore takes.

Only what the analysis models exactly is used, so that every rule must come out live or dead. Addresses,
ports, marks and interfaces come from small pools, and many rules are variations of an earlier one: a
good share of the rules is dead, for one earlier rule or for several together, across chains.

A seed names a rule set: the same seed gives the same text, on every machine.
"""

import random

from machine import BUILT_IN

# Hooks that are filled together. No packet may pass two of them, or it would not enter the second unchanged.
WORLDS = [
    ("filter", ["INPUT", "FORWARD", "OUTPUT"]),
    ("mangle", ["PREROUTING", "OUTPUT"]),
    ("mangle", ["INPUT", "FORWARD"]),
    ("mangle", ["POSTROUTING"]),
    ("raw", ["PREROUTING", "OUTPUT"]),
]
WEIGHTS = [6, 2, 1, 1, 2]

PREFIXES = {
    4: ["10.1.0.0/16", "10.1.0.0/24", "10.1.0.0/25", "10.1.0.128/25", "10.1.1.0/24", "10.1.0.7/32", "10.1.0.8/32",
        "10.1.0.0/15", "10.2.0.0/16", "10.2.0.64/26", "10.1.0.7/255.255.0.255", "192.0.2.0/24"],
    6: ["fd01::/32", "fd01::/64", "fd01::/65", "fd01::8000:0:0:0/65", "fd01:0:0:1::/64", "fd01::7/128", "fd01::8/128",
        "fd00::/15", "fd02::/32", "fd02::40/122", "2001:db8::/48"],
}  # fmt: skip
SPANS = {
    4: ["10.1.0.0-10.1.0.127", "10.1.0.5-10.1.0.7", "10.1.0.7-10.1.0.7", "10.1.0.8-10.2.0.90", "10.0.255.255-10.3.0.0"],
    6: ["fd01::-fd01::7fff:ffff:ffff:ffff", "fd01::5-fd01::7", "fd01::7-fd01::7", "fd01::8-fd02::90", "fd00::-fd03::"],
}
INTERFACES = ["em1", "em2", "cni0", "em+", "e+", "cni0+", "+"]
PORTS = ["22", "80", "443", "20:80", "0:1023", "1024:65535", "81:442", "65535", "0"]
PORT_LISTS = ["22,80", "20:79,80", "443,1024:2000", "0:65535", "22,80,443"]
TCP_FLAGS = ["SYN,RST,ACK,FIN SYN", "SYN,ACK SYN,ACK", "RST RST", "FIN,SYN,RST,PSH,ACK,URG NONE", "ACK ACK", "SYN,FIN FIN"]
ICMP_TYPES = {4: ["8", "8/0", "3", "3/1", "0", "any", "11"], 6: ["128", "128/0", "1", "1/4", "129", "133"]}
MARKS = ["0x0", "0x1", "0x1/0x1", "0x0/0x1", "0x10/0xf0", "0x11", "0x10/0x1", "0x20/0x30"]
STATES = ["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED", "SNAT", "DNAT"]
WRITES = ["--set-xmark 0x1/0xffffffff", "--set-xmark 0x10/0xf0", "--set-xmark 0x0/0x1", "--set-xmark 0x1/0x0", "--set-xmark 0x21/0x33"]
PROTOCOLS = ["tcp", "tcp", "tcp", "udp", "udp", "icmp", "sctp", "udplite", "gre", "200"]


class RuleSet:
    """text, the table and family it is of, and the built-in chains that have rules."""

    def __init__(self, seed):
        self.seed, self.pick = seed, random.Random(seed)
        self.family = self.pick.choice([4, 4, 6])
        self.table, self.hooks = self.pick.choices(WORLDS, WEIGHTS)[0]
        self.mayTrack = self.pick.random() < 0.4
        self.users = [f"U{i}" for i in range(self.pick.randrange(4))]
        self.chains = {}
        for depth, chain in enumerate(self.users + self.hooks):
            self.chains[chain] = self.rules(chain, self.users[:depth])
        self.text = self.print()

    @property
    def tracked(self):
        """Whether some rule makes the kernel track connections."""
        return "--ctstate" in self.text or "--state" in self.text

    @property
    def routed(self):
        """Whether packets have been routed when they come to the rules."""
        return "PREROUTING" not in self.hooks

    def print(self):
        lines = [f"*{self.table}"]
        for chain in BUILT_IN[self.table]:
            policy = self.pick.choice(["ACCEPT", "DROP"]) if chain in self.hooks else "ACCEPT"
            lines.append(f":{chain} {policy} [0:0]")
        lines += [f":{chain} - [0:0]" for chain in self.users]
        for chain, rules in self.chains.items():
            lines += [" ".join(["-A", chain, *rule]) for rule in rules]
        return "\n".join([*lines, "COMMIT", ""])

    def rules(self, chain, callees):
        bodies = []
        for _ in range(self.pick.randint(2, 9)):
            if bodies and self.pick.random() < 0.4:
                bodies.append(self.variation(self.pick.choice(bodies)[0], chain, callees))
            else:
                bodies.append(self.fresh(chain, callees))
        return [sum(conditions, []) + target for conditions, target in bodies]

    def fresh(self, chain, callees):
        conditions = []
        for make in self.pick.sample(self.makers(chain), self.pick.choice([0] + [1] * 6 + [2] * 6 + [3] * 3)):
            conditions.append(make())
        return self.merged(conditions, callees)

    def merged(self, conditions, callees):
        """A rule of those conditions that may stand together: one of each basic option, one protocol."""
        kept = {}
        for i, condition in enumerate(conditions):
            option = condition[condition[0] == "!"]
            kept.setdefault(i if option == "-m" else option, condition)
        conditions = list(kept.values())
        return conditions, self.target(sum(conditions, []), callees)

    def variation(self, condition, chain, callees):
        """An earlier rule with a condition added, left out or as it was, and a target of its own."""
        conditions = [list(part) for part in condition]
        how = self.pick.randrange(3)
        if how == 0 and conditions:
            conditions.pop(self.pick.randrange(len(conditions)))
        elif how == 1:
            conditions.append(self.pick.choice(self.makers(chain))())
        return self.merged(conditions, callees)

    def not_(self, chance=0.25):
        return ["!"] if self.pick.random() < chance else []

    def makers(self, chain):
        """The conditions that a rule of this chain may have."""
        makers = [self.address, self.address, self.address, self.protocol, self.protocol, self.protocol, self.mark, self.span]
        if self.mayTrack:
            makers += [self.state, self.state]
        elif self.family == 4:
            makers += [self.fragment]
        if chain not in ("OUTPUT", "POSTROUTING"):
            makers += [lambda: self.interface("-i")]
        if chain not in ("INPUT", "PREROUTING"):
            makers += [lambda: self.interface("-o")]
        return makers

    def address(self):
        return self.not_() + [self.pick.choice(["-s", "-d"]), self.pick.choice(PREFIXES[self.family])]

    def interface(self, option):
        return self.not_() + [option, self.pick.choice(INTERFACES)]

    def fragment(self):
        return self.not_() + ["-f"]

    def span(self):
        return ["-m", "iprange", *self.not_(), self.pick.choice(["--src-range", "--dst-range"]), self.pick.choice(SPANS[self.family])]

    def mark(self):
        return ["-m", "mark", *self.not_(), "--mark", self.pick.choice(MARKS)]

    def state(self):
        states = self.pick.sample(STATES, self.pick.randint(1, 3))
        if self.pick.random() < 0.2:
            plain = [state for state in states if not state.endswith("NAT")] or ["NEW"]
            return ["-m", "state", *self.not_(), "--state", ",".join(plain)]
        return ["-m", "conntrack", *self.not_(), "--ctstate", ",".join(states)]

    def protocol(self):
        protocol = self.pick.choice(PROTOCOLS)
        if protocol == "icmp" and self.family == 6:
            protocol = "ipv6-icmp"
        if self.pick.random() < 0.2:
            return self.not_(0.5) + ["-p", protocol]
        return ["-p", protocol] + self.transport(protocol)

    def transport(self, protocol):
        if protocol in ("icmp", "ipv6-icmp"):
            match, option = ("icmp", "--icmp-type") if self.family == 4 else ("icmp6", "--icmpv6-type")
            return ["-m", match, *self.not_(), option, self.pick.choice(ICMP_TYPES[self.family])]
        if protocol not in ("tcp", "udp", "sctp", "udplite"):
            return []
        if protocol == "udplite" or self.pick.random() < 0.25:
            side = self.pick.choice(["--sports", "--dports", "--ports"])
            return ["-m", "multiport", *self.not_(), side, self.pick.choice(PORT_LISTS)]
        if protocol == "tcp" and self.pick.random() < 0.3:
            return ["-m", "tcp", *self.not_(), "--tcp-flags", *self.pick.choice(TCP_FLAGS).split()]
        words = ["-m", protocol]
        for side in self.pick.choice([["--dport"], ["--dport"], ["--sport"], ["--sport", "--dport"], []]):
            words += self.not_() + [side, self.pick.choice(PORTS)]
        return words

    def target(self, words, callees):
        plain = [["-j", "ACCEPT"], ["-j", "ACCEPT"], ["-j", "DROP"], ["-j", "DROP"], ["-j", "RETURN"], []]
        log = [["-j", "LOG", "--log-prefix", '"a b"']]
        calls = [["-j", callee] for callee in callees] * 2 + [["-g", callee] for callee in callees]
        if self.table == "mangle":
            return self.pick.choice(plain + log + calls + [["-j", "MARK", *write.split()] for write in WRITES])
        if self.table == "filter":
            return self.pick.choice(plain + log + calls + [self.reject(words)])
        return self.pick.choice(plain + log + calls)

    def reject(self, words):
        at = words.index("-p") if "-p" in words else None
        if at is not None and words[at + 1] == "tcp" and words[at - 1 : at] != ["!"] and self.pick.random() < 0.5:
            return ["-j", "REJECT", "--reject-with", "tcp-reset"]
        return ["-j", "REJECT", "--reject-with", "icmp-port-unreachable" if self.family == 4 else "icmp6-port-unreachable"]
