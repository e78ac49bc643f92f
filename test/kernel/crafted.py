"""Packets whose every header field is chosen, each with the values that lib/packet/Field.def gives its fields.

Both are made from one description, in two ways: the bytes as the RFCs have them, the values as Field.def says.
"""

import ipaddress
import struct

import frames

HOP, ROUTE, FRAGMENT, AUTH, DST, NONE, ESP, MH = 0, 43, 44, 51, 60, 59, 50, 135
ADDRESSES = {4: ("10.1.0.7", "10.2.0.9"), 6: ("fd01::7", "fd02::9")}
# Field::ExtHeaders and Field::Fragment.
EXTENSION_BITS = {HOP: 128, DST: 64, ROUTE: 32, AUTH: 8}
WHOLE, FIRST, ATOMIC, LATER, LAST = range(5)
LATER_OFFSET = 1480  # bytes; `-m tcp` drops what begins 8 bytes into a packet at once
NO_MAC = 1 << 48
GROUPS = {"cni0": 5}  # of interfaces; the others are in 0


def name(text):
    """An interface's name as a number."""
    return int.from_bytes(text.encode().ljust(16, b"\0"), "big")


def address(text):
    return int(ipaddress.ip_address(text))


class Crafted:
    """One packet.

    proto: of what is behind all other headers; flags: of TCP, a list; chunks: of SCTP, their types; headers: IPv6
    extension headers in their order, as `hop()` and its like make them; spi: of ESP, and of AH in IPv4; part, id:
    which part of a packet it is; size: of the payload that is added. frame_to: the type of the frame's destination.
    """

    def __init__(self, family=4, proto=17, src=None, dst=None, sport=1000, dport=80, flags=("SYN",), icmp=(8, 0), dccp=0,
                 chunks=(1,), spi=0, mh=0, tos=0, ttl=64, part=WHOLE, id=7, headers=(), size=0, mark=0, into="em1",
                 mac="02:00:00:00:00:01", frame_to="host", more=()):  # fmt: skip
        self.__dict__.update({key: value for key, value in locals().items() if key != "self"})
        self.src, self.dst = src or ADDRESSES[family][0], dst or ADDRESSES[family][1]
        self.more = dict(more)

    def bytes(self):
        return self.four() if self.family == 4 else self.six()

    def four(self):
        payload = self.payload()
        offset = LATER_OFFSET // 8 if self.part >= LATER else 0
        more = 0x2000 if self.part in (FIRST, LATER) else 0
        header = struct.pack("!BBHHHBBH", 0x45, self.tos, 20 + len(payload), self.id, more | offset, self.ttl, self.proto, 0)
        return frames.withChecksum(header + frames.address(self.src) + frames.address(self.dst), 10, b"") + payload

    def six(self):
        headers = list(self.headers)
        if self.part != WHOLE:
            offset = LATER_OFFSET if self.part >= LATER else 0
            more = self.part in (FIRST, LATER)
            headers.append((FRAGMENT, lambda following: struct.pack("!BBHI", following, 0, offset | more, self.id), {}))
        data, following = self.payload(), self.proto
        for kind, make, _ in reversed(headers):
            data, following = make(following) + data, kind
        start = struct.pack("!IHBB", 6 << 28 | self.tos << 20, len(data), following, self.ttl)
        return start + frames.address(self.src) + frames.address(self.dst) + data

    def payload(self):
        """The transport header, and `size` bytes."""
        extra = b"\0" * self.size
        if self.part >= LATER:
            return b"\0" * 24 + extra
        ports = {"sport": self.sport, "dport": self.dport, "tcp_flags": list(self.flags)}
        pseudo = lambda length: frames.address(self.src) + frames.address(self.dst) + struct.pack("!II", length, self.proto)
        if self.proto == frames.TCP:
            return frames.tcp(ports, pseudo, False) + extra
        if self.proto == frames.UDP:
            return frames.udp(ports, pseudo, False) + extra
        if self.proto in (frames.ICMP, frames.ICMPV6):
            return struct.pack("!BBHHH", *self.icmp, 0, frames.ECHO_ID, 1) + extra
        if self.proto == frames.DCCP:
            return struct.pack("!HHBBHBBHII", self.sport, self.dport, 5, 0, 0, self.dccp << 1 | 1, 0, 0, 1, 0) + extra
        if self.proto == frames.SCTP:
            return struct.pack("!HHII", self.sport, self.dport, 0, 0) + b"".join(map(chunk, self.chunks)) + extra
        return {ESP: struct.pack("!II", self.spi, 1), AUTH: struct.pack("!BBHII", 59, 1, 0, self.spi, 1),
                MH: struct.pack("!BBBBHH", 59, 0, self.mh, 0, 0, 0)}.get(self.proto, b"\0" * 8) + extra  # fmt: skip

    def fields(self):
        """{name in Field.def: value}, without those that are 0."""
        values = {
            "in": name(self.into), "in_group": GROUPS.get(self.into, 0), "src": address(self.src), "dst": address(self.dst), "proto": self.proto,
            "fragment": self.part, "mark": self.mark, "src_type": 1, "dst_type": 1, "tos": self.tos, "ttl": self.ttl,
            "length": len(self.bytes()), "mac": int(self.mac.replace(":", ""), 16) if self.mac else NO_MAC,
            "pkt_type": ("host", "broadcast", "multicast").index(self.frame_to),
        }  # fmt: skip
        if self.part < LATER:
            values.update(self.transportFields())
        if self.family == 6:
            values.update(self.headerFields())
        values.update(self.more)
        return values

    def transportFields(self):
        if self.proto in frames.WITH_PORTS:
            values = {"sport": self.sport, "dport": self.dport}
            return values | {
                frames.TCP: {"tcp_flags": sum(frames.FLAGS[flag] for flag in self.flags)},
                frames.DCCP: {"dccp_type": self.dccp},
                frames.SCTP: {"sctp_chunks": sum({CHUNK_BITS.get(kind, 1 << len(CHUNK_BITS)) for kind in self.chunks})},
            }.get(self.proto, {})
        if self.proto in (frames.ICMP, frames.ICMPV6):
            return {"icmp": self.icmp[0] * 256 + self.icmp[1]}
        return {ESP: {"esp_spi": self.spi}, AUTH: {"ah_spi": self.spi}, MH: {"mh_type": self.mh}}.get(self.proto, {})

    def headerFields(self):
        present = sum(EXTENSION_BITS[kind] for kind, _, _ in self.headers)
        present += {ESP: 4, NONE: 2}.get(self.proto, 1)
        values = {"ext_headers": present, "frag_id": self.id if self.part != WHOLE else 0}
        for _, _, more in self.headers:
            values.update(more)
        return values


# Bits of Field::SctpChunks, by the types of chunks.
CHUNK_BITS = {kind: 1 << i for i, kind in enumerate([*range(15), 64, 130, 132, 193, 128, 192, 194])}


def chunk(kind):
    return struct.pack("!BBHI", kind, 0, 8, 0)


def options(kind, field, units=0):
    """A header with one option that is nobody's (RFC 4727), 8 bytes and `units` times 8 more."""
    make = lambda following: bytes([following, units, 0x1E, 4 + 8 * units]) + b"\0" * (4 + 8 * units)
    return kind, make, {field: units}


def hop(units=0):
    return options(HOP, "hbh_len", units)


def dst(units=0):
    return options(DST, "dst_opt_len", units)


def route(kind=253, left=0, units=0):
    make = lambda following: bytes([following, units, kind, left]) + b"\0" * (4 + 8 * units)
    return ROUTE, make, {"rt_type": kind, "rt_segs_left": left, "rt_len": units}


def auth(spi=1, units=1):
    make = lambda following: struct.pack("!BBHI", following, units, 0, spi) + b"\0" * (4 * units)
    return AUTH, make, {"ah_spi": spi, "ah_len": units}
