"""A machine with addresses, routes, routing rules and filters of its own, and what its kernel does with each packet.

Like machine.py it is a network namespace of this process's own, with both ends of every veth pair in it. Here packets
go where routing sends them: legs have addresses, and what leaves is dropped at the far end. Of every packet the kernel
tells, in order, which rules it matched (traced.py), whether it left and by which interface, was delivered, or answered.

A plan says what the machine is; the texts that `iptlint trace` is given are what its tools print of the finished machine.
"""

import collections
import os

import machine as machines
from crossroads_send import Sender
from traced import LegacyTrace, NftTrace
from watch import ANSWERED, DELIVERED, LEFT, SEEN, Log

SETTINGS = {
    "ipv6/conf/default/accept_dad": 0,
    "ipv6/conf/default/addr_gen_mode": 1,
    "ipv6/conf/default/router_solicitations": 0,
    "ipv6/conf/all/forwarding": 1,
    "ipv4/ip_forward": 1,
    "ipv4/conf/all/rp_filter": 0,
    "ipv4/conf/default/rp_filter": 0,
    "ipv4/icmp_ratemask": 0,
    "ipv4/icmp_msgs_per_sec": 100000,
    "ipv4/icmp_msgs_burst": 100000,
    "ipv6/icmp/ratelimit": 0,
    "bridge/bridge-nf-call-iptables": 0,
    "bridge/bridge-nf-call-ip6tables": 0,
}
# net.ipv4.route.error_burst over error_cost, of which a namespace has none of its own. A redirect, which
# a packet gets that is to leave by the interface it came by, uses them up.
ERRORS = 5
TOLD = ("forwarding", "rp_filter", "accept_local", "route_localnet", "send_redirects", "src_valid_mark")
# Before raw every packet is told to be traced. The kernel's own are dropped there; what is delivered is dropped behind
# all else, since conntrack confirms a flow last of all (this chain was there first, so that conntrack comes before it).
QUIET = f"""
table inet quiet {{
  chain before {{
    type filter hook prerouting priority -310;
    meta nftrace set 1
  }}
  chain spoken {{
    type filter hook output priority -510;
    {machines.UNSPOKEN}
  }}
  chain local {{
    type filter hook output priority -500;
    meta nftrace set 1
  }}
  chain delivered {{
    type filter hook input priority 2147483647; policy drop;
  }}
}}
table netdev quiet {{
}}
"""
EXCEEDED = f"""
insert rule inet quiet spoken icmp type time-exceeded log group {ANSWERED}
insert rule inet quiet spoken icmpv6 type time-exceeded log group {ANSWERED}
"""


class Journey:
    """What the kernel said of one packet: the rules that matched, policies as None, and where it was seen at its end."""

    def __init__(self, rules, events):
        self.rules = list(rules)
        last = {event.what: event for event in events}
        self.left, self.delivered, self.answered = last.get("left"), last.get("delivered"), last.get("answered")
        self.sparesErrors = False  # the kernel has told its sender of so many ends that it may be silent about this one


class Crossroads:
    def __init__(self, plan):
        if machines.ctypes.CDLL(None, use_errno=True).unshare(machines.CLONE_NEWNET) != 0:
            raise machines.Failed("no network namespace can be made")
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        for name, value in {**SETTINGS, **plan["settings"]}.items():
            self.set(name, value)
        machines.run("nft", "-f", "-", text=QUIET)
        machines.run("nft", "-f", "-", text=SEEN + EXCEEDED)
        for family in (2, 10):
            self.set(f"netfilter/nf_log/{family}", "nfnetlink_log")
        self.log = Log({0, ANSWERED, DELIVERED, LEFT})
        self.far, self.told = {}, collections.Counter()
        self.build(plan)
        self.sender = Sender(self.far)

    @staticmethod
    def set(name, value):
        """Of bridges there are settings only where br_netfilter is there."""
        path = f"/proc/sys/net/{name}"
        if os.path.exists(path) or not name.startswith("bridge/"):
            with open(path, "w") as file:
                file.write(str(value))

    @staticmethod
    def ip(lines, family):
        machines.run("ip", f"-{family}", "-batch", "-", text="".join(line + "\n" for line in lines))

    def build(self, plan):
        """Legs first, then routes, then rules; a line that the kernel refuses is left out, since plans are made by chance."""
        self.makeLegs(list(plan["legs"]), plan.get("bridges", {}))
        for family in (4, 6):
            nodad = " nodad" if family == 6 else ""
            self.ip([f"addr add {address} dev {name}{nodad}" for name, leg in plan["legs"].items() for address in leg[family]], family)
            for line in plan["routes"][family]:
                self.tryLine(f"route add {line}", family)
            for line in plan["rules"][family]:
                self.tryLine(f"rule add {line}", family)
        for name, value in plan["late"].items():
            self.set(name, value)

    def makeLegs(self, names, bridges):
        """A bridge has one port, by which its frames come and go."""
        self.far = {name: f"far~{at}" for at, name in enumerate(names)}
        wires = [(bridges.get(name, name), far) for name, far in self.far.items()]
        self.ip(["link set lo up", *(f"link add name {name} type veth peer name {far}" for name, far in wires)], 4)
        self.ip([f"link set dev {end} arp off up" for pair in wires for end in pair], 4)
        for bridge, port in bridges.items():
            self.ip([f"link add name {bridge} type bridge mcast_snooping 0", f"link set dev {port} master {bridge}", f"link set dev {bridge} arp off up"], 4)
        hook = "type filter hook ingress device"
        chains = (f'add chain netdev quiet {far.replace("~", "")} {{ {hook} "{far}" priority 0; policy drop; }}\n' for far in self.far.values())
        machines.run("nft", "-f", "-", text="".join(chains))

    def tryLine(self, line, family):
        try:
            self.ip([line], family)
        except machines.Failed:
            pass

    def texts(self):
        """What surrounds the rules, as its tools print it, by the option of iptlint that takes it."""
        names = [f"ipv4/conf/{leg}/{name}" for leg in ("all", *self.far) for name in TOLD] + ["ipv4/ip_forward", "ipv6/conf/all/forwarding"]
        return {
            "routes4": machines.run("ip", "-4", "route", "show", "table", "all"),
            "routes6": machines.run("ip", "-6", "route", "show", "table", "all"),
            "rules4": machines.run("ip", "-4", "rule"),
            "rules6": machines.run("ip", "-6", "rule"),
            "addresses": machines.run("ip", "-details", "addr"),
            "bridges": machines.run("bridge", "link"),
            "settings": "".join(f"net.{name.replace('/', '.')} = {self.get(name)}\n" for name in names),
        }

    @staticmethod
    def get(name):
        with open(f"/proc/sys/net/{name}") as file:
            return file.read().strip()

    def load(self, text, family, backEnd):
        """Replaces all tables by \\p text, which names each with all its chains."""
        machines.run({4: "iptables", 6: "ip6tables"}[family] + f"-{backEnd}-restore", text=text)
        self.trace = LegacyTrace(text) if backEnd == "legacy" else NftTrace(family)

    def follow(self, packet):
        """Sends a PACKET and returns its Journey."""
        list(self.trace.steps(self.log.read()))  # of what came before
        self.sender.send(packet)
        events = self.log.read()
        journey = Journey(self.trace.steps(events), events)
        source = packet.get("src")
        journey.sparesErrors = self.told[source] >= ERRORS
        isForwarded = any(chain == "FORWARD" for _, chain, _ in journey.rules)
        isRedirected = isForwarded and not (journey.left and journey.left.out != packet["in"])
        self.told[source] += ERRORS if isRedirected else bool(journey.answered)
        return journey
