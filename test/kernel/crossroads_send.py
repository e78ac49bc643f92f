"""Sends packets to a machine of crossroads.py: frames into its legs, and its own from sockets.

A packet is a PACKET (docs/output.md) with what it says of a flow (`seq`, `ack`, `icmp_id`) and of its frame (`mac`,
`mac_destination`); its protocol is tcp, udp or, in both families, icmp. All have the length that `iptlint trace` takes for usual unless they say another.
"""

import ipaddress
import socket
import struct

import frames
import machine as machines

IP_FREEBIND, IPV6_FREEBIND = 15, 78
HEADER = {4: 20, 6: 40}
ICMP = {4: "icmp", 6: "ipv6-icmp"}
USUAL_LENGTH = {4: 60, 6: 80}
MAC = "02:00:00:00:00:01"


def macBytes(text):
    return bytes.fromhex(text.replace(":", ""))


def lengthOf(packet):
    """An ICMP error is as long as what it quotes makes it."""
    if packet["proto"] == "icmp" and frames.isIcmpError(packet["family"], packet["icmp_type"]):
        return len(frames.build({**packet, "proto": ICMP[packet["family"]]}))
    return packet.get("length", USUAL_LENGTH[packet["family"]])


def bytesOf(packet):
    """From the network header on."""
    proto = ICMP[packet["family"]] if packet["proto"] == "icmp" else packet["proto"]
    return frames.build({**packet, "proto": proto, "bytes": lengthOf(packet)}, tos=packet.get("tos", 0))


def payloadOf(packet):
    """What a socket of UDP or ICMP adds behind eight bytes of header."""
    return b"x" * (lengthOf(packet) - HEADER[packet["family"]] - 8)


class Sender:
    def __init__(self, far):
        self.far = far  # of each interface: the end of its wire
        self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)

    hardwareAddress = machines.Machine.hardwareAddress

    def send(self, packet):
        """Into its leg, or from a socket of this machine."""
        if packet["in"] is None:
            return self.sendOwn(packet)
        kind = 0x0800 if packet["family"] == 4 else 0x86DD
        to = macBytes(packet["mac_destination"]) if "mac_destination" in packet else self.hardwareAddress(packet["in"])
        frame = to + macBytes(packet.get("mac", MAC)) + struct.pack("!H", kind) + bytesOf(packet)
        self.wire.sendmsg([frame], [(socket.SOL_SOCKET, machines.SO_MARK, struct.pack("I", packet.get("mark", 0)))], 0, (self.far[packet["in"]], kind))

    def sendOwn(self, packet):
        """As a program would where there is a socket for it; a later packet of TCP with a header of its own."""
        try:
            if packet["proto"] == "tcp" and packet.get("tcp_flags", ["SYN"]) != ["SYN"]:
                self.sendRaw(packet)
            elif packet["proto"] in ("tcp", "udp"):
                self.sendByPorts(packet)
            else:
                self.sendEcho(packet)
        except BlockingIOError:
            pass  # the SYN is on its way
        except OSError:
            pass  # no route, or a rule dropped it

    def own(self, packet, kind, protocol=0):
        four = packet["family"] == 4
        made = socket.socket(socket.AF_INET if four else socket.AF_INET6, kind, protocol)
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        made.setsockopt(socket.SOL_SOCKET, machines.SO_MARK, packet.get("mark", 0))
        if four:
            made.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, packet.get("tos", 0))
            made.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
        else:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, packet.get("tos", 0))
            made.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, machines.OURS)  # TOS wrote another
        if packet.get("out"):
            made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, packet["out"].encode())
        return made

    def sendByPorts(self, packet):
        """The kernel chooses the source where the packet names none."""
        stream = packet["proto"] == "tcp"
        with self.own(packet, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM) as sender:
            sender.bind((packet.get("src") or ("0.0.0.0" if packet["family"] == 4 else "::"), packet["sport"]))
            sender.connect((packet["dst"], packet["dport"]))
            if not stream:
                sender.send(payloadOf(packet))

    def sendEcho(self, packet):
        """Of ICMPv6 the kernel fills in the checksum."""
        four = packet["family"] == 4
        with self.own(packet, socket.SOCK_RAW, socket.IPPROTO_ICMP if four else socket.IPPROTO_ICMPV6) as sender:
            if packet.get("src"):
                sender.bind((packet["src"], 0))
            head = struct.pack("!BBHHH", packet["icmp_type"], packet.get("icmp_code", 0), 0, packet["icmp_id"], 1)
            message = frames.withChecksum(head + payloadOf(packet), 2, b"") if four else head + payloadOf(packet)
            sender.sendto(message, (packet["dst"], 0))

    def sendRaw(self, packet):
        with self.own(packet, socket.SOCK_RAW, socket.IPPROTO_RAW) as sender:
            sender.bind((packet["src"], 0))
            sender.sendto(bytesOf(packet), (packet["dst"], 0))


class Seen:
    """The header of a packet that was seen."""

    def __init__(self, data):
        self.family = data[0] >> 4
        start = (data[0] & 15) * 4 if self.family == 4 else 40
        self.protocol = data[9] if self.family == 4 else data[6]
        self.src, self.dst = (data[12:16], data[16:20]) if self.family == 4 else (data[8:24], data[24:40])
        self.ttl = data[8] if self.family == 4 else data[7]
        self.tos = data[1] if self.family == 4 else struct.unpack_from("!H", data)[0] >> 4 & 0xFF
        self.sport, self.dport, self.seq = (*struct.unpack_from("!HH", data, start), 0)
        self.hasPorts = self.protocol in (frames.TCP, frames.UDP)
        if self.protocol == frames.TCP:
            self.seq = struct.unpack_from("!I", data, start + 4)[0]
        elif not self.hasPorts:
            self.id = struct.unpack_from("!H", data, start + 4)[0]


def answerTo(seen, packet, into, by):
    """What answers a PACKET that was Seen at its end: \\p into the interface it left by, or (None) from its socket, to which it came \\p by one."""
    answer = {"family": seen.family, "in": into, "src": str(ipaddress.ip_address(seen.dst)), "dst": str(ipaddress.ip_address(seen.src)), "proto": packet["proto"]}
    if into is None and ipaddress.ip_address(seen.src).is_link_local and seen.family == 6:
        answer.update(out=by)
    if packet["proto"] in ("tcp", "udp"):
        answer.update(sport=seen.dport, dport=seen.sport)
    if packet["proto"] == "tcp":
        answer.update(tcp_flags=["SYN", "ACK"], seq=5000, ack=seen.seq + 1 & 0xFFFFFFFF)
    if packet["proto"] == "icmp":
        answer.update(icmp_type=0 if seen.family == 4 else 129, icmp_id=seen.id)
    return answer


def laterOf(packet, seen):
    """The next packet of the flow that a PACKET began, whose answer has come; \\p seen is what became of its first."""
    later = dict(packet)
    if packet["proto"] == "tcp":
        later.update(tcp_flags=["ACK"], seq=seen.seq + 1 & 0xFFFFFFFF, ack=5001)
    return later
