"""A machine that says what became of each packet: what left it, was delivered or answered, and what the rules logged.

All of it is read from one netlink socket, in its order: LOG and NFLOG of the rules write there, and so do rules of the
machine's own behind those that are tried (machine.py, QUIET). Of the kernel's own packets only the answers of REJECT
are seen, before the rules of OUTPUT; they go no further. (What it says about multicast groups, of the same priority
as the packets of a test, begins with a hop-by-hop header.)

An Event says where a packet was seen, in and out of which interface, its mark, its bytes from
the network header on, and the prefix of a LOG. What differs from run to run in answers is blanked.
"""

import os
import socket
import struct
from typing import NamedTuple

import machine as machines
from flows import Flows, attribute, attributes, messages

NETLINK_NETFILTER = 12
LOG_PACKET, LOG_CONFIG = 4 << 8 | 0, 4 << 8 | 1
NLM_REQUEST, NLM_ACK = 1, 4
CFG_CMD, CFG_MODE, CFG_THRESHOLD = 1, 2, 5
BIND, COPY_PACKET = 1, 2
MARK, INDEV, OUTDEV, PAYLOAD, PREFIX = 2, 4, 5, 9, 10
ANSWERED, DELIVERED, LEFT = 60001, 60002, 60003  # groups that no rule set uses
NAMES = {ANSWERED: "answered", DELIVERED: "delivered", LEFT: "left"}

SEEN = f"""
flush chain inet quiet spoken
add rule inet quiet spoken ip6 nexthdr hopopt drop
add rule inet quiet spoken meta priority {machines.OURS} accept
add rule inet quiet spoken icmp type destination-unreachable log group {ANSWERED}
add rule inet quiet spoken icmpv6 type destination-unreachable log group {ANSWERED}
add rule inet quiet spoken tcp flags & rst == rst log group {ANSWERED}
add rule inet quiet spoken drop
add rule inet quiet delivered log group {DELIVERED}
add chain inet quiet leaving {{ type filter hook postrouting priority 500; }}
add rule inet quiet leaving log group {LEFT}
"""


class Event(NamedTuple):
    what: str
    into: str
    out: str
    mark: int
    prefix: bytes
    data: bytes

    def __str__(self):
        return f"{self.what} {self.into}>{self.out} mark {self.mark:#x} {self.prefix.decode(errors='replace')} {self.data.hex()}"


def number(data):
    return struct.unpack("!I", data)[0] if data else 0


def blanked(packet):
    """An answer without what the kernel draws for it: the number and checksum of IPv4, the flow label of IPv6."""
    if packet[0] >> 4 == 4:
        return packet[:4] + b"\0\0" + packet[6:10] + b"\0\0" + packet[12:]
    return b"\0" * 4 + packet[4:]


class Log:
    """What the kernel logs in the network namespace that this is made in."""

    def __init__(self, groups):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind((0, 0))
        self.names = {0: ""}
        for group in groups:
            self.configure(group, attribute(CFG_CMD, bytes([BIND])))
            self.configure(
                group,
                attribute(CFG_MODE, struct.pack("!IBB", 0xFFFF, COPY_PACKET, 0)),
                attribute(CFG_THRESHOLD, struct.pack("!I", 1)),
            )

    def configure(self, group, *parts):
        body = struct.pack("!BBH", 0, 0, group) + b"".join(parts)
        self.socket.send(struct.pack("=IHHII", 16 + len(body), LOG_CONFIG, NLM_REQUEST | NLM_ACK, 1, 0) + body)
        error = struct.unpack_from("=i", self.socket.recv(65536), 16)[0]
        if error:
            raise machines.Failed(f"group {group} cannot be listened to: {os.strerror(-error)}")

    def read(self):
        """The events since it was asked last; TRACE, which numbers rules, is none."""
        events = []
        while True:
            try:
                data = self.socket.recv(1 << 18, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return events
            events += [self.event(message) for kind, message in messages(data) if kind == LOG_PACKET]

    def event(self, message):
        group = struct.unpack_from("!H", message, 2)[0]
        found = attributes(message[4:])
        what = NAMES.get(group, f"logged to {group}")
        data = found.get(PAYLOAD, b"")
        return Event(
            what,
            self.nameOf(number(found.get(INDEV))),
            self.nameOf(number(found.get(OUTDEV))),
            number(found.get(MARK)),
            found.get(PREFIX, b"").rstrip(b"\0"),
            blanked(data) if what == "answered" else data,
        )

    def nameOf(self, index):
        if index not in self.names:
            self.names[index] = socket.if_indextoname(index)
        return self.names[index]


class KnownFlows(Flows):
    """Deletes only the entries that it was told of: for the kernel to look for all of them takes milliseconds."""

    def __init__(self):
        super().__init__()
        self.known = []

    def add(self, flow, *arguments, **named):
        super().add(flow, *arguments, **named)
        self.known.append(flow)

    def flush(self):
        for flow in self.known:
            self.delete(flow)
        self.known.clear()


class Watched(machines.Machine):
    """A router whose interfaces have addresses, as MASQUERADE and REDIRECT need, and which answers what it rejects."""

    def __init__(self, legs, groups=()):
        super().__init__(legs=())
        self.flows = KnownFlows()
        machines.run("nft", "-f", "-", text=SEEN)
        for family in (2, 10):
            with open(f"/proc/sys/net/netfilter/nf_log/{family}", "w") as file:
                file.write("nfnetlink_log")
        self.log = Log({0, ANSWERED, DELIVERED, LEFT, *groups})
        self.addLegs(["em1", *(leg for leg in legs if leg not in ("em1", "lo"))])
        # An answer is routed like any packet; which way does not matter, since it does not get there.
        for family in ("-4", "-6"):
            self.ip("route add default dev em1", family=family)

    def addLegs(self, names):
        """All at once: starting a program for each takes longer than all packets."""
        self.far = {name: f"far~{at}" for at, name in enumerate(names)}
        self.ip(*(line for name, far in self.far.items() for line in (
            f"link add name {name} type veth peer name {far}", f"link set dev {name} arp off up", f"link set dev {far} arp off up",
        )))  # fmt: skip
        hook = "type filter hook ingress device"
        chains = (f'add chain netdev quiet {far.replace("~", "")} {{ {hook} "{far}" priority 0; policy drop; }}\n' for far in self.far.values())
        machines.run("nft", "-f", "-", text="".join(chains))
        for family, address in (("-4", "198.19.{}.1/24 dev {}"), ("-6", "fd00:19:{:x}::1/64 dev {} nodad")):
            lines = [f"addr add {address.format(at + 1, name)}" for at, name in enumerate(names)]
            for name in names:
                table = 1000 + socket.if_nametoindex(name)
                lines += [f"route add default dev {name} table {table}", f"rule add pref 30 oif {name} lookup {table}"]
            self.ip(*lines, family=family)

    def events(self):
        return [event for event in self.log.read() if not event.prefix.startswith(b"TRACE: ")]
