"""Entries of the connection tracking table, written over netlink.

A packet's conntrack state comes from the entry its flow has, so that a test which wants a packet
of a given state puts the entry there first: no packet has to travel beforehand, through rules that
might drop it. Source of the numbers: linux/netfilter/nfnetlink_conntrack.h, nf_conntrack_common.h.
"""

import contextlib
import socket
import struct

import frames

NETLINK_NETFILTER = 12
CT_NEW, CT_GET, CT_DELETE = 1 << 8 | 0, 1 << 8 | 1, 1 << 8 | 2
NLM_REQUEST, NLM_ACK, NLM_EXCL, NLM_CREATE = 1, 4, 0x200, 0x400
NLM_ERROR = 2
NESTED = 0x8000

TUPLE_ORIG, TUPLE_REPLY, STATUS, PROTOINFO, NAT_SRC, TIMEOUT, MARK, NAT_DST, TUPLE_MASTER = 1, 2, 3, 4, 6, 7, 8, 13, 14
LASTING = {TUPLE_ORIG, TUPLE_REPLY, STATUS, MARK, TUPLE_MASTER}  # what an entry keeps while no packet changes it
SEEN_REPLY, ASSURED, CONFIRMED = 2, 4, 8
TCP_ESTABLISHED, SCTP_ESTABLISHED = 3, 4

# Which ICMP type answers which; others start no flow.
ANSWERS = {4: {8: 0, 13: 14, 15: 16, 17: 18}, 6: {128: 129, 139: 140}}


def answer(family, kind):
    """The type of the message that answers `kind`, or that `kind` answers; None if neither."""
    pairs = ANSWERS[family]
    return {**pairs, **{value: key for key, value in pairs.items()}}.get(kind)


def attribute(kind, payload):
    length = 4 + len(payload)
    return struct.pack("=HH", length, kind) + payload + b"\0" * (-length % 4)


def attributes(data):
    """{kind: payload} of netlink attributes."""
    found, at = {}, 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        found[kind & 0x3FFF] = data[at + 4 : at + length]
        at += max(4, (length + 3) & ~3)
    return found


def messages(data):
    """The kind and the payload of each netlink message."""
    at = 0
    while at + 16 <= len(data):
        length, kind = struct.unpack_from("=IH", data, at)
        yield kind, data[at + 16 : at + length]
        at += max(16, (length + 3) & ~3)


def nested(kind, *parts):
    return attribute(kind | NESTED, b"".join(parts))


def ends(flow):
    first = 1 if flow["family"] == 4 else 3
    return nested(
        1, attribute(first, frames.address(flow["src"])), attribute(first + 1, frames.address(flow["dst"]))
    )


def protocolPart(flow):
    protocol = frames.number(flow["proto"])
    parts = [attribute(1, bytes([protocol]))]
    if protocol in frames.WITH_PORTS:
        parts += [attribute(2, struct.pack("!H", flow["sport"])), attribute(3, struct.pack("!H", flow["dport"]))]
    elif protocol == frames.GRE:  # its keys, of which a plain GRE packet has none, stand where ports do
        parts += [attribute(2, b"\0\0"), attribute(3, b"\0\0")]
    elif protocol == (frames.ICMP if flow["family"] == 4 else frames.ICMPV6):
        first = 4 if flow["family"] == 4 else 7
        code = flow.get("icmp_code", 0)
        parts += [attribute(first, struct.pack("!H", frames.ECHO_ID))]
        parts += [attribute(first + 1, bytes([flow["icmp_type"]])), attribute(first + 2, bytes([code]))]
    return nested(2, *parts)


def tuple_(kind, flow):
    return nested(kind, ends(flow), protocolPart(flow))


def reversed_(flow):
    """The flow as its other end sees it."""
    back = {**flow, "src": flow["dst"], "dst": flow["src"]}
    if "sport" in flow:
        back.update(sport=flow["dport"], dport=flow["sport"])
    if "icmp_type" in flow:
        back["icmp_type"] = answer(flow["family"], flow["icmp_type"])
    return back


def protocolState(protocol):
    """The state that lets any packet of the protocol pass as part of the flow."""
    if protocol == frames.TCP:
        return nested(PROTOINFO, nested(1, attribute(1, bytes([TCP_ESTABLISHED]))))
    if protocol == frames.SCTP:
        zero = struct.pack("!I", 0)
        return nested(PROTOINFO, nested(3, attribute(1, bytes([SCTP_ESTABLISHED])), attribute(2, zero), attribute(3, zero)))
    return b""


def translation(kind, family, to):
    low, high = (1, 2) if family == 4 else (4, 5)
    return nested(kind, attribute(low, frames.address(to)), attribute(high, frames.address(to)))


class Flows:
    """The table of the network namespace that it is made in."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.bind((0, 0))

    def request(self, kind, flags, family, payload):
        """Sends one message; raises OSError if the kernel refuses it."""
        body = struct.pack("!BBH", family, 0, 0) + payload
        self.socket.send(struct.pack("=IHHII", 16 + len(body), kind, NLM_REQUEST | NLM_ACK | flags, 1, 0) + body)
        error = struct.unpack_from("=i", self.socket.recv(65536), 16)[0]
        if error:
            raise OSError(-error, f"conntrack: error {-error}")

    def flush(self):
        self.request(CT_DELETE, 0, socket.AF_UNSPEC, b"")

    def entry(self, flow):
        """What the entry of a packet, in either direction, says of its flow, its translation, its status and its mark; None if it has none."""
        family = socket.AF_INET if flow["family"] == 4 else socket.AF_INET6
        body = struct.pack("!BBH", family, 0, 0) + tuple_(TUPLE_ORIG, flow)
        self.socket.send(struct.pack("=IHHII", 16 + len(body), CT_GET, NLM_REQUEST, 1, 0) + body)
        kind, payload = next(messages(self.socket.recv(65536)))
        if kind == NLM_ERROR:
            return None
        return tuple(sorted((kind, value) for kind, value in attributes(payload[4:]).items() if kind in LASTING))

    def delete(self, flow):
        """Leaves no entry for a flow, if there was one."""
        family = socket.AF_INET if flow["family"] == 4 else socket.AF_INET6
        with contextlib.suppress(OSError):
            self.request(CT_DELETE, 0, family, tuple_(TUPLE_ORIG, flow))

    def add(self, flow, replied=False, master=None, snat=None, dnat=None, mark=0):
        """An entry whose original direction is `flow`, a PACKET.

        replied: packets both ways were seen, so the next one is ESTABLISHED; otherwise it is NEW, or
        RELATED if `master`, a flow that has an entry, is given. snat, dnat: addresses it is translated to. mark: of the flow.
        """
        family = socket.AF_INET if flow["family"] == 4 else socket.AF_INET6
        status = CONFIRMED | (SEEN_REPLY | ASSURED if replied else 0)
        payload = tuple_(TUPLE_ORIG, flow) + tuple_(TUPLE_REPLY, reversed_(flow))
        payload += attribute(STATUS, struct.pack("!I", status)) + attribute(TIMEOUT, struct.pack("!I", 300))
        payload += protocolState(frames.number(flow["proto"]))
        payload += attribute(MARK, struct.pack("!I", mark)) if mark else b""
        payload += tuple_(TUPLE_MASTER, master) if master else b""
        payload += translation(NAT_SRC, flow["family"], snat) if snat else b""
        payload += translation(NAT_DST, flow["family"], dnat) if dnat else b""
        self.request(CT_NEW, NLM_CREATE | NLM_EXCL, family, payload)
