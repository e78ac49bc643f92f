"""Rules by chance for the machines of trace.py: all tables with all chains, as iptables-save text."""

import ipaddress
import random

from crossroads_plans import PORTS

MARKS = ("0x1", "0x2", "0x4000", "0x4000/0x4000", "0x3/0xff")
CHAINS = ("KUBE", "LOGS", "web")
BUILT_IN = {
    "raw": ("PREROUTING", "OUTPUT"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
}
RECEIVING, SENDING = ("PREROUTING", "INPUT", "FORWARD"), ("FORWARD", "OUTPUT", "POSTROUTING")
STATES = ("NEW", "ESTABLISHED", "RELATED,ESTABLISHED", "INVALID", "UNTRACKED", "NEW,INVALID", "DNAT", "SNAT")
FLAGS = ("SYN,ACK,FIN,RST SYN", "SYN,ACK SYN,ACK", "ACK ACK", "RST RST", "ALL NONE", "SYN,FIN SYN,FIN")
ANSWERS = {4: ("icmp-net-unreachable", "icmp-host-prohibited", "icmp-admin-prohibited"), 6: ("icmp6-no-route", "icmp6-adm-prohibited", "icmp6-addr-unreachable")}


class Filter:
    def __init__(self, plan, family, seed):
        self.plan, self.family, self.pick = plan, family, random.Random(seed)
        self.text = "".join(self.table(name) for name in BUILT_IN)

    def table(self, name):
        pick = self.pick
        lines = [f"*{name}"]
        lines += [f":{chain} {pick.choice(['ACCEPT', 'ACCEPT', 'ACCEPT', 'DROP'] if name == 'filter' else ['ACCEPT'])} [0:0]" for chain in BUILT_IN[name]]
        users = CHAINS[: pick.choice([0, 1, 2, 3])] if name != "raw" else ()
        lines += [f":{chain} - [0:0]" for chain in users]
        for chain in BUILT_IN[name]:
            lines += [self.rule(name, chain, users) for _ in range(pick.choice([0, 1, 2, 3, 4]))]
        for at, chain in enumerate(users):
            lines += [self.rule(name, chain, users[at + 1 :]) for _ in range(pick.choice([1, 2, 3]))]
        return "\n".join([*lines, "COMMIT", ""])

    def rule(self, table, chain, callable_):
        target, protocols = self.target(table, chain, callable_)
        return f"-A {chain}{self.conditions(table, chain, protocols)} {target}"

    # --- conditions

    def conditions(self, table, chain, protocols):
        """\\param protocols  that the target demands; empty: it demands none."""
        pick, words = self.pick, []
        if pick.random() < 0.25:
            words.append(self.addresses("-s", "--src-range"))
        if pick.random() < 0.35:
            words.append(self.addresses("-d", "--dst-range"))
        if chain in RECEIVING and pick.random() < 0.25:
            words.append(f"{self.negation()}-i {pick.choice([*self.plan.legs, 'em+', 'lo', '+'])}")
        if chain in SENDING and pick.random() < 0.25:
            words.append(f"{self.negation()}-o {pick.choice([*self.plan.legs, 'em+', 'lo', '+'])}")
        if protocols or pick.random() < 0.4:
            words.append(self.transport(pick.choice(protocols or ["tcp", "udp", "icmp"])))
        if pick.random() < 0.45:
            words.append(self.match(table, chain))
        return "".join(" " + word for word in words)

    def addresses(self, option, ranged):
        if self.pick.random() < 0.85:
            return f"{self.negation()}{option} {self.prefix()}"
        low, high = sorted((ipaddress.ip_address(self.plan.address(self.family)) for _ in range(2)), key=int)
        return f"-m iprange {self.negation()}{ranged} {low}-{high}"

    def transport(self, protocol):
        pick = self.pick
        if protocol == "icmp":
            return self.icmp()
        kinds = [
            f"-m {protocol} {self.negation()}--dport {pick.choice(PORTS)}",
            f"-m {protocol} --dport {pick.choice(PORTS)}",
            f"-m {protocol} --dport 80:8080",
            f"-m {protocol} --sport {pick.choice([0, 1024])}:65535",
            f"-m multiport --dports {pick.choice(PORTS)},443,1000:4000",
            f"-m multiport {self.negation()}--ports {pick.choice(PORTS)},20000:20010",
            "",
            pick.choice([f"-m {protocol} ! --dport 0:65535", "-m multiport ! --dports 0:65535"]),
        ]
        if protocol == "tcp":
            kinds += [pick.choice(["-m tcp ! --tcp-flags NONE NONE", "-m tcp --tcp-flags NONE NONE"]), f"-m tcp {self.negation()}--tcp-flags {pick.choice(FLAGS)}", f"-m tcp {self.negation()}--syn"]
        return f"-p {protocol} {pick.choice(kinds)}"

    def icmp(self):
        if self.family == 4:
            return f"-p icmp -m icmp {self.negation()}--icmp-type {self.pick.choice(['8', '0', '3', '3/3', '11', 'any'])}"
        return f"-p ipv6-icmp -m icmp6 {self.negation()}--icmpv6-type {self.pick.choice(['128', '129', '1', '1/4', '3'])}"

    def match(self, table, chain):
        """Of the flow nothing is known in raw, where conntrack has not been."""
        pick, no, four = self.pick, self.negation(), self.family == 4
        kinds = [f"-m mark {no}--mark {pick.choice(MARKS)}"] * 3
        hops = "-m ttl --ttl-" if four else "-m hl --hl-"
        kinds += [
            f"-m length {no}--length {pick.choice(['0:70', '100:600', '60', '80'])}",
            f"-m tos {no}--tos {pick.choice(['0x08/0xff', '0x10/0x3f', '0x00/0xff'])}",
            f"-m dscp {no}--dscp {pick.choice([1, 2, 4])}",
            hops + pick.choice(["gt 5", "lt 3", "eq 63", "eq 64"]),
            f"-m pkttype {no}--pkt-type {pick.choice(['unicast', 'broadcast', 'multicast'])}",
            '-m comment --comment "for all"',
        ]
        types = ["LOCAL", "UNICAST"]
        kinds += [f"-m addrtype {no}--dst-type {pick.choice(types + ['BROADCAST'] * four)}", f"-m addrtype {no}--src-type {pick.choice(types)}"] * 2
        if chain in RECEIVING:
            kinds += [f"-m mac {no}--mac-source 02:00:00:00:00:77"]
        if table != "raw":
            kinds += self.flowMatches(no)
        if chain == "OUTPUT":
            kinds += [f"-m owner {no}--uid-owner {pick.choice([0, 1000])}"]
        return pick.choice(kinds)

    def flowMatches(self, no):
        pick = self.pick
        return [f"-m conntrack {no}--ctstate {pick.choice(STATES)}"] * 3 + [
            f"-m state {no}--state {pick.choice(STATES[:6])}",
            f"-m conntrack --ctdir {pick.choice(['ORIGINAL', 'REPLY'])}",
            f"-m conntrack {no}--ctorigdst {self.prefix()}",
            f"-m conntrack {no}--ctreplsrc {self.prefix()}",
            f"-m conntrack {no}--ctorigdstport {pick.choice(PORTS)}",
            f"-m conntrack {no}--ctproto {pick.choice([6, 17])}",
            f"-m connmark {no}--mark {pick.choice(MARKS)}",
            f"-m connmark {no}--mark 0x0",
        ]

    def negation(self):
        return "! " if self.pick.random() < 0.2 else ""

    def prefix(self):
        lengths = [8, 16, 24, 32, 32] if self.family == 4 else [16, 48, 64, 128, 128]
        return ipaddress.ip_network(f"{self.plan.address(self.family)}/{self.pick.choice(lengths)}", strict=False)

    # --- targets

    def target(self, table, chain, callable_):
        """A target, and the protocols that it demands."""
        pick = self.pick
        choices = ["-j ACCEPT", "-j RETURN", *(f"-j {name}" for name in callable_), *(f"-j {name}" for name in callable_), *(f"-g {name}" for name in callable_)]
        if table == "raw":
            choices = ["-j ACCEPT", "-j CT --notrack", "", ""] + [f"-j MARK --set-xmark {pick.choice(MARKS)}"] * (pick.random() < 0.3)
        elif table == "mangle":
            choices += self.marks() * 2 + self.headers() + ["-j DROP"] * (pick.random() < 0.2)
        elif table == "nat":
            return self.translation(chain, choices)
        elif pick.random() < 0.1:
            return "-j REJECT --reject-with tcp-reset", ["tcp"]
        else:
            choices += ["-j DROP", "-j REJECT", f"-j REJECT --reject-with {pick.choice(ANSWERS[self.family])}", "-j LOG", ""]
        return pick.choice(choices), []

    def marks(self):
        pick, mark = self.pick, self.pick.choice(MARKS)
        return [f"-j MARK --set-xmark {mark}", f"-j MARK --or-mark {mark.split('/')[0]}", pick.choice(["-j MARK --and-mark 0xfffe", "-j MARK --xor-mark 0x1"]),
                pick.choice([f"-j CONNMARK --set-xmark {mark}", "-j CONNMARK --save-mark", "-j CONNMARK --restore-mark"])]  # fmt: skip

    def headers(self):
        ttl = "-j TTL --ttl-" if self.family == 4 else "-j HL --hl-"
        return [ttl + self.pick.choice(["set 9", "inc 1", "dec 1"]), self.pick.choice(["-j TOS --set-tos 0x10", "-j TOS --or-tos 0x08", "-j DSCP --set-dscp 2"])]

    def translation(self, chain, choices):
        pick = self.pick
        if chain in ("PREROUTING", "OUTPUT"):
            made = self.destinations()
        elif chain in ("INPUT", "POSTROUTING"):
            made = self.sources(chain)
        else:
            made = []
        return pick.choice(made * 2 + [(choice, []) for choice in [*choices, "-j MARK --set-xmark 0x4000/0x4000"]])

    def someOne(self):
        """An address of a neighbour or of the machine, and how it is written before a port."""
        to = self.pick.choice([*self.plan.near[self.family], *self.plan.own[self.family]])
        return to, to if self.family == 4 else f"[{to}]"

    def few(self):
        """An address and one behind it."""
        first = ipaddress.ip_address(self.someOne()[0])
        return first, first + self.pick.choice([1, 2])

    def network(self):
        return ipaddress.ip_network(f"{self.someOne()[0]}/{24 if self.family == 4 else 64}", strict=False)

    def destinations(self):
        (to, host), port, (low, high), both = self.someOne(), self.pick.choice(PORTS), self.few(), ["tcp", "udp"]
        usual = [(f"-j DNAT --to-destination {to}", []), (f"-j DNAT --to-destination {host}:{port}", both), ("-j REDIRECT", []), (f"-j REDIRECT --to-ports {port}", both)]
        rare = [
            (f"-j DNAT --to-destination {low}-{high}", []),
            (f"-j DNAT --to-destination {host}:8000-8010", both),
            (f"-j DNAT --to-destination {host}:70-90/60", both),
            ("-j REDIRECT --to-ports 70-90", both),
            (f"-j NETMAP --to {self.network()}", []),
        ]
        return [*usual, self.pick.choice(rare)]

    def sources(self, chain):
        (to, host), (low, high), both = self.someOne(), self.few(), ["tcp", "udp"]
        rare = [(f"-j SNAT --to-source {low}-{high}", [])]
        rare += [(f"-j SNAT --to-source {host}:{ports}", both) for ports in ("1000-2000", "30000-30999 --random")]
        if chain == "POSTROUTING":
            rare += [("-j MASQUERADE --to-ports 1000-2000", both), ("-j MASQUERADE --random", []), (f"-j NETMAP --to {self.network()}", [])]
        return [(f"-j SNAT --to-source {to}", []), self.pick.choice(rare)] + [("-j MASQUERADE", []), ("-j MASQUERADE", [])] * (chain == "POSTROUTING")
