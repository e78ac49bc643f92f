"""Packets to try a random rule set with: at the edges of its values, and aimed at single rules.

Packets that no wire delivers are among them; delivery.py sorts them out.
"""

import ipaddress
import random

import frames
from random_rules import PREFIXES, PROTOCOLS, SPANS, STATES

LEGS = ["em1", "em2", "cni0", "eno5"]
EDGE_PORTS = [0, 19, 20, 22, 23, 79, 80, 81, 442, 443, 444, 1023, 1024, 2000, 2001, 65534, 65535]
ICMP_PACKETS = {
    4: [(8, 0), (8, 1), (0, 0), (3, 0), (3, 1), (11, 0), (13, 0)],
    6: [(128, 0), (128, 1), (129, 0), (1, 0), (1, 4), (133, 0)],
}  # fmt: skip
MARK_VALUES = [0, 1, 2, 0x10, 0x11, 0x20, 0x21, 0xFFFFFFFF]


def block(prefix):
    """First and last address of a prefix of the pools; of one with gaps, an address in it."""
    if prefix.endswith("/255.255.0.255"):
        return (int(ipaddress.ip_address(prefix.split("/")[0])),) * 2
    network = ipaddress.ip_network(prefix, strict=False)
    return int(network[0]), int(network[-1])


def ends(span):
    low, high = (int(ipaddress.ip_address(end)) for end in span.split("-"))
    return low, high


def addressText(value, family):
    return str(ipaddress.IPv4Address(value) if family == 4 else ipaddress.IPv6Address(value))


def edges(family):
    """Addresses at and just beyond both ends of every prefix and span of the pools."""
    ranges = [block(prefix) for prefix in PREFIXES[family]] + [ends(span) for span in SPANS[family]]
    values = {value for low, high in ranges for value in (low - 1, low, high, high + 1)}
    return [addressText(value, family) for value in sorted(values)]


class Crowd:
    """Packets of one family for the hooks of one rule set."""

    def __init__(self, rules, seed):
        self.rules, self.pick = rules, random.Random(seed)
        self.addresses = edges(rules.family)

    def packet(self):
        family = self.rules.family
        packet = {"family": family, "src": self.pick.choice(self.addresses), "dst": self.pick.choice(self.addresses)}
        packet.update(self.interfaces(self.pick.choice(self.rules.hooks)))
        packet.update(mark=self.pick.choice(MARK_VALUES), ctstate=self.state(), proto=self.pick.choice(PROTOCOLS))
        if packet["proto"] == "icmp" and family == 6:
            packet["proto"] = "ipv6-icmp"
        if not self.rules.tracked and self.pick.random() < 0.1:
            packet["fragment"] = True
        return self.completed(packet)

    def interfaces(self, hook):
        received = hook in ("PREROUTING", "INPUT", "FORWARD") or hook == "POSTROUTING" and self.pick.random() < 0.5
        sent = hook in ("FORWARD", "OUTPUT", "POSTROUTING")
        return {"in": self.pick.choice(LEGS) if received else None, "out": self.pick.choice(LEGS) if sent else None}

    def state(self):
        translated = [name for name in ("DNAT", "SNAT") if self.pick.random() < 0.2]
        state = self.pick.choice(STATES[:5])
        return ",".join([state, *translated]) if state in STATES[:3] else state

    def completed(self, packet):
        """The packet with what its protocol has, where it is not set."""
        protocol = packet["proto"]
        if protocol in ("icmp", "ipv6-icmp"):
            kind, code = self.pick.choice(ICMP_PACKETS[self.rules.family])
            return {"icmp_type": kind, "icmp_code": code, **packet}
        if protocol not in ("tcp", "udp", "sctp", "udplite"):
            return packet
        drawn = {"sport": self.pick.choice(EDGE_PORTS), "dport": self.pick.choice(EDGE_PORTS)}
        if protocol == "tcp":
            drawn["tcp_flags"] = self.pick.sample(sorted(frames.FLAGS), self.pick.choice([0, 1, 1, 1, 2, 3]))
        return {**drawn, **packet}

    def aimed(self, rule):
        """A packet drawn like the others, but with what the rule, given as its words, asks for.

        What a rule asks not to be is left to chance.
        """
        packet = {key: value for key, value in self.packet().items() if key not in ("sport", "dport", "tcp_flags", "icmp_type", "icmp_code", "fragment")}
        for at, option in enumerate(rule):
            if rule[at - 1 : at] != ["!"]:
                packet.update(self.asked(option, rule[at + 1 :], packet))
        return self.completed(packet)

    def asked(self, option, values, packet):
        """What one option of a rule, with the words that follow it, asks of a packet."""
        family, pick = self.rules.family, self.pick
        value = values[0] if values else ""
        if option in ("-s", "-d", "--src-range", "--dst-range"):
            low, high = ends(value) if "range" in option else block(value)
            chosen = pick.choice([low, high, pick.randint(low, high)])
            return {"src" if "s" in option[:3] else "dst": addressText(chosen, family)}
        if option in ("-i", "-o"):
            side = "in" if option == "-i" else "out"
            fitting = [leg for leg in LEGS if leg == value or value.endswith("+") and leg.startswith(value[:-1])]
            return {side: pick.choice(fitting)} if packet[side] else {}
        if option == "-p":
            return {"proto": value}
        if option == "-f":
            return {"fragment": True}
        if option == "--mark":
            return {"mark": int(value.split("/")[0], 16)}
        if option in ("--state", "--ctstate"):
            return {"ctstate": pick.choice([state for state in value.split(",") if not state.endswith("NAT")] or ["NEW,DNAT,SNAT"])}
        if option in ("--sport", "--dport", "--sports", "--dports", "--ports"):
            chosen = pick.choice(value.split(",")).split(":")
            return {"sport" if "sport" in option else "dport": int(pick.choice(chosen))}
        if option == "--tcp-flags":
            return {"tcp_flags": [flag for flag in values[1].split(",") if flag in frames.FLAGS]}
        if option in ("--icmp-type", "--icmpv6-type") and value != "any":
            kind, _, code = value.partition("/")
            return {"icmp_type": int(kind), "icmp_code": int(code or 0)}
        return {}
