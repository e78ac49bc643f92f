"""Gets a PACKET to the hook it is meant for, or says why no wire could.

The hook follows from the interfaces that the packet has: only `in`, it arrives and is for this host;
both, it is forwarded; only `out`, this host sends it.
"""

import ipaddress

import frames
import machine as machines
from flows import ANSWERS, answer, reversed_

# Source: net/netfilter/nf_conntrack_proto_tcp.c, tcp_valid_flags. PSH does not count.
TRACKED_FLAGS = [
    {"SYN"}, {"SYN", "URG"}, {"SYN", "ACK"}, {"RST"}, {"RST", "ACK"}, {"FIN", "ACK"}, {"FIN", "ACK", "URG"},
    {"ACK"}, {"ACK", "URG"},
]  # fmt: skip
# Source: net/netfilter/nf_conntrack_proto_icmpv6.c, noct_valid_new: never tracked.
NEVER_TRACKED = {130, 131, 132, 133, 134, 135, 136, 143}
# IPv6 headers in front of the transport header; a packet's protocol is what follows them.
# Source: net/ipv6/exthdrs_core.c, ipv6_ext_hdr.
EXTENSIONS = {0, 43, 44, 51, 60}
ELSEWHERE = {4: "198.18.0.9", 6: "fd00:18::9"}  # no test uses it; its neighbour has one digit more


class Unsendable(Exception):
    """No wire and no program brings this packet to its hook; the argument says why."""


class Unbuildable(Unsendable):
    """A wire could bring it, but this machine cannot be built so that it does."""


def require(condition, reason, kind=Unsendable):
    if not condition:
        raise kind(reason)


def hookOf(packet):
    if not packet.get("in"):
        return "OUTPUT"
    return "FORWARD" if packet.get("out") else "INPUT"


def isIcmp(packet):
    return frames.number(packet["proto"]) == (frames.ICMP if packet["family"] == 4 else frames.ICMPV6)


def checkInterfaces(packet):
    for name in (packet.get("in"), packet.get("out")):
        require(not name or (name.isascii() and name.isprintable()), "interface name that ip cannot be given", Unbuildable)
        require(not name or not name.startswith(("-", "far~")), "interface name that the machine cannot have", Unbuildable)
    require(packet.get("in") or packet.get("out"), "neither received nor sent")


def checkIPv4(packet, hook, routed):
    source, destination = ipaddress.ip_address(packet["src"]), ipaddress.ip_address(packet["dst"])
    everyone = ipaddress.ip_address("255.255.255.255")
    if hook == "OUTPUT" or not routed:
        return
    require(not source.is_multicast and source != everyone and int(source), "martian source")
    require(int(destination), "martian destination")
    require(not destination.is_multicast, "multicast group that nobody joined")
    require(hook != "FORWARD" or destination != everyone, "broadcast is not forwarded")
    require(hook != "INPUT" or not packet.get("fragment"), "fragments are put together before INPUT")


def checkIPv6(packet, hook, routed):
    require(frames.number(packet["proto"]) not in EXTENSIONS, "an extension header is no protocol")
    if hook == "OUTPUT":
        return
    source, destination = ipaddress.ip_address(packet["src"]), ipaddress.ip_address(packet["dst"])
    loopback = source.is_loopback or destination.is_loopback
    require(not source.is_multicast, "multicast source")
    require(not loopback or packet["in"] == "lo", "loopback address from the wire")
    require(not source.ipv4_mapped and not destination.ipv4_mapped, "IPv4-mapped address from the wire")
    require(not destination.is_multicast or destination.packed[1] & 15 > 1, "multicast that never leaves a host")
    if not routed:
        return
    require(hook != "INPUT" or not destination.is_unspecified, "no destination")
    if hook == "FORWARD":
        require(not source.is_unspecified and not loopback, "source that is not forwarded")
        require(not source.is_link_local and not destination.is_link_local, "link-local is not forwarded")
        require(not destination.is_multicast and not destination.is_unspecified, "destination that is not forwarded")


class Delivery:
    """Sends packets through one machine.

    tracked: the rule set uses conntrack, so that `ctstate` of a packet has to be brought about.
    routed: the rules under test stand behind the routing decision.
    raw: they stand before conntrack, too, where packets have no state but what they are sent with.
    """

    def __init__(self, machine, tracked, routed=True, raw=False):
        self.machine, self.tracked, self.routed, self.raw = machine, tracked, routed, raw

    def send(self, packet):
        """Raises Unsendable, having sent nothing."""
        hook = hookOf(packet)
        checkInterfaces(packet)
        (checkIPv4 if packet["family"] == 4 else checkIPv6)(packet, hook, self.routed)
        tos, malformed = self.prepareState(packet) if self.tracked else (0, False)
        if hook == "INPUT":
            tos |= machines.TOS_LOCAL
        elif hook == "FORWARD":
            self.machine.needLeg(packet["out"])
            tos |= self.machine.tosFor(packet["out"])
        self.put(packet, frames.build(packet, tos, malformed))

    def put(self, packet, data):
        mark = packet.get("mark", 0)
        if packet.get("in"):
            mac = bytes.fromhex(packet.get("mac", "02:00:00:00:00:01").replace(":", ""))
            self.machine.receive(packet["in"], data, packet["family"], mark, mac)
        else:
            self.machine.emit(packet["out"], data, packet["family"], mark)

    def prepareState(self, packet):
        """Makes conntrack see the packet as its `ctstate` says; returns its ECN bits and whether to malform it."""
        require(not packet.get("fragment"), "fragments are put together where conntrack is used")
        self.machine.flows.flush()
        # Linux 6.18 takes every UDP-Lite packet's checksum for wrong, unless it does not look.
        self.machine.verifyChecksums(frames.number(packet["proto"]) != frames.UDPLITE)
        state, *translations = packet.get("ctstate", "NEW").split(",")
        translations = [kind.lower() for kind in translations]
        if state == "UNTRACKED":
            return machines.NOT_TRACKED, False
        if self.raw:
            require(state == "INVALID", "conntrack has not seen it yet in raw")
            return 0, False
        require(not (packet["family"] == 6 and isIcmp(packet) and packet["icmp_type"] in NEVER_TRACKED), "never tracked")
        stranger = frames.ICMPV6 if packet["family"] == 4 else frames.ICMP
        require(frames.number(packet["proto"]) != stranger, "conntrack takes it for the other family's ICMP", Unbuildable)
        if state == "INVALID":
            return 0, self.mustBeMalformed(packet)
        self.checkTrackable(packet, state)
        if state == "NEW" and not translations and self.startsFlow(packet):
            return 0, False
        self.addFlow(packet, state, translations)
        return 0, False

    def startsFlow(self, packet):
        if isIcmp(packet):
            return packet["icmp_type"] in (8, 128)
        flags = set(packet.get("tcp_flags", ["SYN"])) - {"PSH"}
        return frames.number(packet["proto"]) != frames.TCP or flags in ({"SYN"}, {"ACK"})

    def answers(self, packet):
        """Whether the packet is what the end that did not start its flow would send."""
        if isIcmp(packet):
            return packet["icmp_type"] in ANSWERS[packet["family"]].values()
        return frames.number(packet["proto"]) == frames.TCP and {"SYN", "ACK"} <= set(packet.get("tcp_flags", []))

    def checkTrackable(self, packet, state):
        protocol = frames.number(packet["proto"])
        if protocol == frames.TCP:
            flags = set(packet.get("tcp_flags", ["SYN"])) - {"PSH"}
            require(flags in TRACKED_FLAGS, "TCP flags that conntrack calls INVALID")
        if isIcmp(packet):
            error = frames.isIcmpError(packet["family"], packet["icmp_type"])
            require(not error or state == "RELATED", "an ICMP error is RELATED or INVALID")
            require(error or answer(packet["family"], packet["icmp_type"]) is not None, "ICMP type without a flow")

    def addFlow(self, packet, state, translations):
        family, elsewhere = packet["family"], ELSEWHERE[packet["family"]]
        if isIcmp(packet) and frames.isIcmpError(family, packet["icmp_type"]):
            self.machine.flows.add(frames.quotedPacket(packet), **{kind: elsewhere for kind in translations})
        elif self.answers(packet):
            require(state == "ESTABLISHED", "an answer is ESTABLISHED or INVALID")
            self.addAnsweredFlow(packet, translations)
        else:
            master = self.addMaster(family) if state == "RELATED" else None
            translated = {kind: elsewhere for kind in translations}
            self.machine.flows.add(packet, state == "ESTABLISHED", master, **translated)

    def addAnsweredFlow(self, packet, translations):
        """The flow whose answers, translated as they may be, look like the packet."""
        flow, rewritten = reversed_(packet), {}
        for kind, end in (("snat", "src"), ("dnat", "dst")):
            if kind in translations:
                rewritten[kind] = flow[end]
                flow[end] = ELSEWHERE[packet["family"]]
        self.machine.flows.add(flow, replied=True, **rewritten)

    def addMaster(self, family):
        """A flow that others are RELATED to."""
        elsewhere = ELSEWHERE[family]
        master = {"family": family, "src": elsewhere, "dst": elsewhere + "8", "proto": "tcp", "sport": 21, "dport": 1021}
        self.machine.flows.add(master, replied=True)
        return master

    def mustBeMalformed(self, packet):
        """Whether an INVALID packet has to be damaged for it; some are INVALID by what they say."""
        protocol = frames.number(packet["proto"])
        if isIcmp(packet):
            error = frames.isIcmpError(packet["family"], packet["icmp_type"])
            natural = error or packet["icmp_type"] not in (8, 13, 15, 17, 128, 139)
            require(natural or packet.get("in"), "a local ICMP request is not INVALID")
            return not natural
        damageable = {frames.TCP, frames.UDP, frames.UDPLITE, frames.SCTP}
        require(protocol in damageable, "this protocol is never INVALID")
        return True
