"""A PACKET (docs/output.md) as the bytes that go over the wire.

Every packet built here is well formed, so that what a rule sees of it is what PACKET says. The one
exception is `malformed`, for packets that connection tracking is to call INVALID: their ports, flags
and types are as asked, and only a part that no rule reads is wrong (a header length, a checksum).
"""

import ipaddress
import struct

ICMP, TCP, UDP, DCCP, GRE, ICMPV6, SCTP, UDPLITE = 1, 6, 17, 33, 47, 58, 132, 136
NUMBERS = {
    "icmp": ICMP, "tcp": TCP, "udp": UDP, "dccp": DCCP, "gre": GRE, "esp": 50, "ah": 51,
    "ipv6-icmp": ICMPV6, "icmpv6": ICMPV6, "sctp": SCTP, "udplite": UDPLITE,
}  # fmt: skip
FLAGS = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16, "URG": 32, "ECE": 64, "CWR": 128}
WITH_PORTS = {TCP, UDP, DCCP, SCTP, UDPLITE}

FRAGMENT_OFFSET = 185  # in units of 8 bytes: 1480, where a second Ethernet fragment begins
ECHO_ID = 0x1234  # of every ICMP message that has one
QUOTED_PORTS = (40000, 40001)  # of the UDP packet that ICMP errors quote


def number(protocol):
    """The protocol number of PACKET's `proto`, which is a name or a number."""
    return protocol if isinstance(protocol, int) else NUMBERS.get(protocol) or int(protocol)


def address(text):
    return ipaddress.ip_address(text).packed


def checksum(data):
    """The Internet checksum (RFC 1071) of any number of bytes."""
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def crc32cTable():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


CRC32C = crc32cTable()


def crc32c(data):
    """The checksum of SCTP (RFC 4960, appendix B)."""
    value = 0xFFFFFFFF
    for byte in data:
        value = value >> 8 ^ CRC32C[(value ^ byte) & 0xFF]
    return value ^ 0xFFFFFFFF


def withChecksum(segment, at, pseudo):
    """`segment` with its checksum, which stands at byte `at`, filled in."""
    return segment[:at] + struct.pack("!H", checksum(pseudo + segment) or 0xFFFF) + segment[at + 2 :]


def padding(packet, used):
    """Bytes that brings a packet of TCP, UDP or an ICMP request to as many `bytes`, if it says how many."""
    if "bytes" not in packet:
        return b""
    return b"\0" * max(0, packet["bytes"] - (20 if packet["family"] == 4 else 40) - used)


def tcp(packet, pseudo, malformed):
    flags = sum(FLAGS[flag] for flag in packet.get("tcp_flags", ["SYN"]))
    words = 15 if malformed else 5  # a header longer than the packet
    sequence = packet.get("seq", 1000), packet.get("ack", 2000) if flags & 16 else 0
    segment = struct.pack("!HHIIBBHHH", packet["sport"], packet["dport"], *sequence, words << 4, flags, 8192, 0, 0)
    segment += padding(packet, len(segment))
    return withChecksum(segment, 16, pseudo(len(segment)))


def udp(packet, pseudo, malformed):
    data = b"data" + padding(packet, 12)
    segment = struct.pack("!HHHH", packet["sport"], packet["dport"], 0xFFFF if malformed else 8 + len(data), 0) + data
    return withChecksum(segment, 6, pseudo(len(segment)))


def udplite(packet, pseudo, malformed):
    segment = struct.pack("!HHHH", packet["sport"], packet["dport"], 0xFFFF if malformed else 0, 0) + b"data"
    return withChecksum(segment, 6, pseudo(len(segment)))


def sctp(packet, pseudo, malformed):
    init = struct.pack("!BBHIIHHI", 1, 0, 20, 0x01020304, 65535, 1, 1, 7)
    segment = struct.pack("!HHII", packet["sport"], packet["dport"], 0, 0) + (b"" if malformed else init)
    return segment[:8] + struct.pack("<I", crc32c(segment)) + segment[12:]


def dccp(packet, pseudo, malformed):
    # A DCCP-Request with 48-bit sequence numbers (RFC 4340, 5.1): words of header, type 0, X set.
    segment = struct.pack("!HHBBHBBHII", packet["sport"], packet["dport"], 5, 0, 0, 1, 0, 0, 1, 0)
    return withChecksum(segment, 6, pseudo(len(segment)))


def isIcmpError(family, kind):
    """Whether an ICMP message of this type quotes the packet it is about."""
    return kind in (3, 4, 5, 11, 12) if family == 4 else kind < 128


def quotedPacket(packet):
    """What an ICMP error is about: a packet that its receiver sent to its sender."""
    sport, dport = QUOTED_PORTS
    return {"family": packet["family"], "src": packet["dst"], "dst": packet["src"], "proto": UDP, "sport": sport, "dport": dport}


def icmp(packet, pseudo, malformed):
    kind = packet["icmp_type"]
    rest = struct.pack("!HH", packet.get("icmp_id", ECHO_ID), 1) + padding(packet, 8)
    if isIcmpError(packet["family"], kind):
        rest = b"\0\0\0\0" + build(quotedPacket(packet))
    message = struct.pack("!BBH", kind, packet.get("icmp_code", 0), 0) + rest
    if malformed:
        return message[:2] + struct.pack("!H", checksum(message) ^ 0x5555) + message[4:]
    return withChecksum(message, 2, pseudo(len(message)) if packet["family"] == 6 else b"")


TRANSPORTS = {TCP: tcp, UDP: udp, UDPLITE: udplite, SCTP: sctp, DCCP: dccp}


def transport(packet, protocol, malformed):
    """What follows the network header."""
    if packet.get("fragment"):
        return b"\0" * 24
    builder = TRANSPORTS.get(protocol)
    if protocol == (ICMP if packet["family"] == 4 else ICMPV6):
        builder = icmp
    addresses = address(packet["src"]) + address(packet["dst"])
    if packet["family"] == 4:
        pseudo = lambda length: addresses + struct.pack("!BBH", 0, protocol, length)
    else:
        pseudo = lambda length: addresses + struct.pack("!IHBB", length, 0, 0, protocol)
    return builder(packet, pseudo, malformed) if builder else b"\0" * 24


def build(packet, tos=0, malformed=False):
    """The packet from its network header on.

    tos: the eight bits of TOS or traffic class, which no modelled condition reads.
    """
    protocol = number(packet["proto"])
    payload = transport(packet, protocol, malformed)
    ttl = packet.get("ttl", 64)
    ends = address(packet["src"]) + address(packet["dst"])
    if packet["family"] == 4:
        offset = FRAGMENT_OFFSET if packet.get("fragment") else 0
        header = struct.pack("!BBHHHBBH", 0x45, tos, 20 + len(payload), 1, offset, ttl, protocol, 0) + ends
        return withChecksum(header, 10, b"") + payload
    if packet.get("fragment"):
        payload = struct.pack("!BBHI", protocol, 0, FRAGMENT_OFFSET << 3, 1) + payload
        protocol = 44
    return struct.pack("!IHBB", 6 << 28 | tos << 20, len(payload), protocol, ttl) + ends + payload
