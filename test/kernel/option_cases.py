"""For each row of docs/options.md that is exact: conditions, with packets that meet them and packets that do not.

A case is a row's match and option, a condition, packets that meet it and packets that do not. Where `{}` stands in
the condition a `!` may stand, and turns it round for all of these packets; `neither` are packets that meet it
neither way. Packets are what crafted.Crafted takes; those in `four` and `six` are for one family alone.
Every packet of a group is tried on every rule of the group, so that the cases prove more than they say.
"""

import itertools

import frames
from crafted import ATOMIC, ESP, FIRST, LAST, LATER, NONE, auth, dst, hop, route

TCP = frames.TCP
OWN = {4: "10.9.9.9", 6: "fd09::9"}  # an address of the machine's own


class Case:
    def __init__(self, match, option, condition, yes, no, neither=(), families=(4, 6)):
        self.match, self.option, self.condition, self.families = match, option, condition, families
        self.yes, self.no, self.neither = yes, no, list(neither)

    def forms(self):
        """The condition, and that with a `!` where there may be one: (text, negated)."""
        if "{}" not in self.condition:
            return [(self.condition, False)]
        return [(self.condition.format(""), False), (self.condition.format("! "), True)]


def both(protocol, option, condition, yes, no, families=(4, 6), match=None):
    """A case of a transport header: what has none meets it neither way."""
    number = frames.number(protocol)
    neither = [dict(proto=number, part=part) for part in (LATER, LAST)] + [dict(proto=47)]
    packets = lambda each: [dict(proto=number, **packet) for packet in each]
    return Case(match or protocol, option, f"-p {protocol} {condition}", packets(yes), packets(no), neither, families)


BASE = [
    Case("", "source", "{}-s 10.1.0.0/24", [dict(src="10.1.0.1")], [dict(src="10.1.1.1")], families=(4,)),
    Case("", "source", "{}-s 10.1.0.7/255.255.0.255", [dict(src="10.1.9.7")], [dict(src="10.1.9.8")], families=(4,)),
    Case("", "source", "{}-s fd01::/64", [dict(src="fd01::1")], [dict(src="fd01:0:0:1::1")], families=(6,)),
    Case("", "destination", "{}-d 10.2.0.9", [{}], [dict(dst="10.2.0.8")], families=(4,)),
    Case("", "destination", "{}-d fd02::9", [{}], [dict(dst="fd02::8")], families=(6,)),
    Case("", "in-interface", "{}-i em+", [{}], [dict(into="cni0")]),
    Case("", "protocol", "{}-p tcp", [dict(proto=TCP)], [{}]),
    Case("", "fragments", "{}-f", [dict(part=LATER), dict(part=LAST)], [{}, dict(part=FIRST)], families=(4,)),
]

PORTS = [
    both(protocol, option, f"-m {protocol} {{}}{option_} {value}", yes, no)
    for protocol in ("tcp", "udp", "sctp", "dccp")
    for option, option_, value, yes, no in (
        ("source-port", "--sport", "1000:2000", [dict(sport=1000), dict(sport=2000)], [dict(sport=999), dict(sport=2001)]),
        ("destination-port", "--dport", "80", [dict(dport=80)], [dict(dport=81)]),
    )
]

TRANSPORT = [
    both("tcp", "syn", "-m tcp {}--syn", [dict(flags=["SYN"])], [dict(flags=["SYN", "ACK"])]),
    both("tcp", "tcp-flags", "-m tcp {}--tcp-flags SYN,RST SYN", [dict(flags=["SYN", "ECE"])], [dict(flags=["SYN", "RST"])]),
    both("sctp", "chunk-types", "-m sctp {}--chunk-types any DATA,ABORT", [dict(chunks=[1, 6])], [dict(chunks=[1])]),
    both("sctp", "chunk-types", "-m sctp {}--chunk-types all DATA,SACK", [dict(chunks=[0, 3, 77])], [dict(chunks=[0])]),
    both("sctp", "chunk-types", "-m sctp {}--chunk-types only DATA,SACK", [dict(chunks=[0])], [dict(chunks=[0, 77])]),
    both("sctp", "chunk-types", "-m sctp {}--chunk-types any I_DATA,ASCONF,PAD", [dict(chunks=[193])], [dict(chunks=[194])]),
    both("sctp", "chunk-types", "-m sctp {}--chunk-types any ALL", [dict(chunks=[77])], []),
    both("sctp", "chunk-types", "-m sctp {}--chunk-types only NONE", [], [dict(chunks=[77])]),
    both("sctp", "chunk-types", "-m sctp {}--chunk-types all NONE", [dict(chunks=[1])], []),
    both("dccp", "dccp-types", "-m dccp {}--dccp-types REQUEST,CLOSE", [dict(dccp=0), dict(dccp=6)], [dict(dccp=1), dict(dccp=11)]),
    both("dccp", "dccp-types", "-m dccp {}--dccp-types INVALID", [dict(dccp=10), dict(dccp=15)], [dict(dccp=9)]),
    both("tcp", "source-ports", "-m multiport {}--sports 1,1000:2000", [dict(sport=1500)], [dict(sport=2)], match="multiport"),
    both("tcp", "destination-ports", "-m multiport {}--dports 80,443", [dict(dport=443)], [dict(dport=81)], match="multiport"),
    both("udp", "ports", "-m multiport {}--ports 53", [dict(sport=53), dict(dport=53)], [{}], match="multiport"),
    both("icmp", "icmp-type", "-m icmp {}--icmp-type 8/1", [dict(icmp=(8, 1))], [dict(icmp=(8, 0))], families=(4,)),
    both("ipv6-icmp", "icmpv6-type", "-m icmp6 {}--icmpv6-type 128", [dict(icmp=(128, 3))], [dict(icmp=(129, 0))], families=(6,), match="icmp6"),
    both("esp", "espspi", "-m esp {}--espspi 5:7", [dict(spi=5), dict(spi=7)], [dict(spi=4), dict(spi=8)]),
    both("esp", "espspi", "-m esp {}--espspi 7:5", [], [dict(spi=6)]),
    both("ah", "ahspi", "-m ah {}--ahspi 5:7", [dict(spi=5)], [dict(spi=8)], families=(4,)),
    both("135", "mh-type", "-m mh {}--mh-type bu:ba", [dict(mh=5), dict(mh=6)], [dict(mh=4), dict(mh=7)], families=(6,), match="mh"),
]  # fmt: skip

HEADER = [
    Case("mark", "mark", "-m mark {}--mark 0x10/0x30", [dict(mark=0x50)], [dict(mark=0x30)]),
    Case("iprange", "src-range", "-m iprange {}--src-range 10.1.0.5-10.1.0.7", [{}], [dict(src="10.1.0.8")], families=(4,)),
    Case("iprange", "dst-range", "-m iprange {}--dst-range 10.2.0.5-10.2.0.9", [{}], [dict(dst="10.2.0.10")], families=(4,)),
    Case("iprange", "src-range", "-m iprange {}--src-range fd01::5-fd01::7", [{}], [dict(src="fd01::8")], families=(6,)),
    Case("iprange", "dst-range", "-m iprange {}--dst-range fd02::5-fd02::9", [{}], [dict(dst="fd02::a")], families=(6,)),
    Case("mac", "mac-source", "-m mac {}--mac-source 02:00:00:00:00:01", [{}], [dict(mac="02:00:00:00:00:02")]),
    Case("tos", "tos", "-m tos {}--tos 0x10/0x1c", [dict(tos=0x13)], [dict(tos=0x14)]),
    Case("tos", "tos", "-m tos {}--tos Minimize-Cost", [dict(tos=0x02), dict(tos=0xC2)], [dict(tos=0x03)]),
    Case("tos", "tos", "-m tos {}--tos 0x10/0x01", [], [dict(tos=0x10)]),
    Case("dscp", "dscp", "-m dscp {}--dscp 0x2e", [dict(tos=0xB8), dict(tos=0xBB)], [dict(tos=0xB4)]),
    Case("dscp", "dscp-class", "-m dscp {}--dscp-class AF21", [dict(tos=0x48)], [dict(tos=0x12)]),
    Case("ecn", "ecn-ip-ect", "-m ecn {}--ecn-ip-ect 2", [dict(tos=0xFE)], [dict(tos=0xFF)]),
    Case("ecn", "ecn-tcp-ece", "-p tcp -m tcp -m ecn {}--ecn-tcp-ece", [dict(proto=TCP, flags=["SYN", "ECE"])],
         [dict(proto=TCP, flags=["SYN", "CWR"])], [dict(proto=TCP, part=LAST)]),
    Case("ecn", "ecn-tcp-cwr", "-p tcp -m tcp -m ecn {}--ecn-tcp-cwr", [dict(proto=TCP, flags=["SYN", "CWR"])],
         [dict(proto=TCP, flags=["SYN", "ECE"])], [dict(proto=TCP, part=LAST)]),
    Case("length", "length", "-m length {}--length 100:110", [dict(size=100 - 32)], [dict(size=111 - 32)], families=(4,)),
    Case("length", "length", "-m length {}--length 100:110", [dict(size=100 - 52)], [dict(size=111 - 52)], families=(6,)),
    Case("length", "length", "-m length {}--length 110:100", [], [dict(size=70)]),
    Case("pkttype", "pkt-type", "-m pkttype {}--pkt-type broadcast", [dict(frame_to="broadcast")], [dict(frame_to="multicast")]),
    Case("pkttype", "pkt-type", "-m pkttype {}--pkt-type unicast", [{}], [dict(frame_to="multicast")]),
    Case("devgroup", "src-group", "-m devgroup {}--src-group 0x15/0xf", [dict(into="cni0")], [{}]),
    Case("policy", "pol", "-m policy --dir in --pol none", [{}], []),
    Case("policy", "pol", "-m policy --dir in --pol ipsec", [], [{}]),
    *(Case(name, f"{name}-{option}", f"-m {name} {mark}--{name}-{option} 9", [dict(ttl=ttl) for ttl in yes],
           [dict(ttl=ttl) for ttl in no], families=(family,))
      for name, family in (("ttl", 4), ("hl", 6))
      for option, mark, yes, no in (("eq", "{}", [9], [8, 10]), ("lt", "", [8, 1], [9, 10]), ("gt", "", [10, 255], [9, 8]))),
]  # fmt: skip

# MULTICAST, UNICAST and UNSPEC of IPv6 are asked of the address alone.
MULTICAST = dict(dst="ff05::99")
LOCAL = {4: dict(dst=OWN[4], more={"dst_type": 2}), 6: dict(dst=OWN[6], more={"dst_type": 2})}
TYPES = [
    Case("addrtype", "dst-type", "-m addrtype {}--dst-type LOCAL", [LOCAL[4]], [{}], families=(4,)),
    Case("addrtype", "dst-type", "-m addrtype {}--dst-type UNICAST,BROADCAST", [{}], [LOCAL[4]], families=(4,)),
    Case("addrtype", "src-type", "-m addrtype {}--src-type UNICAST", [{}], [dict(src=OWN[4], more={"src_type": 2})], families=(4,)),
    Case("addrtype", "dst-type", "-m addrtype {}--dst-type LOCAL", [LOCAL[6]], [{}, MULTICAST], families=(6,)),
    Case("addrtype", "dst-type", "-m addrtype {}--dst-type MULTICAST", [MULTICAST], [{}], families=(6,)),
    Case("addrtype", "dst-type", "-m addrtype {}--dst-type UNICAST", [{}, LOCAL[6]], [MULTICAST], families=(6,)),
    Case("addrtype", "dst-type", "-m addrtype {}--dst-type UNICAST,LOCAL", [LOCAL[6]], [{}, MULTICAST], families=(6,)),
    Case("addrtype", "dst-type", "-m addrtype {}--dst-type UNICAST,MULTICAST", [], [{}, MULTICAST, LOCAL[6]], families=(6,)),
    Case("addrtype", "src-type", "-m addrtype {}--src-type UNSPEC", [dict(src="::")], [{}], families=(6,)),
]  # fmt: skip


def six(match, option, condition, yes, no, neither=()):
    return Case(match, option, condition, yes, no, neither, families=(6,))


PARTS = {part: dict(part=part) for part in (FIRST, ATOMIC, LATER, LAST)}
EXTENSIONS = [
    six("ah", "ahspi", "-m ah {}--ahspi 5:7", [dict(headers=[auth(5)])], [dict(headers=[auth(8)])], [{}]),
    six("ah", "ahlen", "-m ah {}--ahlen 16", [dict(headers=[auth(5, 2)])], [dict(headers=[auth(5)])], [{}]),
    six("ah", "ahlen", "-m ah --ahlen 0", [dict(headers=[auth(5)])], [{}]),
    six("ah", "ahlen", "-m ah ! --ahlen 0", [dict(headers=[auth(5)])], [{}]),
    six("hbh", "hbh-len", "-m hbh {}--hbh-len 16", [dict(headers=[hop(1)])], [dict(headers=[hop()])], [{}]),
    six("hbh", "hbh-len", "-m hbh {}--hbh-len 12", [], [dict(headers=[hop()])], [{}]),
    six("dst", "dst-len", "-m dst {}--dst-len 16", [dict(headers=[dst(1)])], [dict(headers=[dst()])], [{}]),
    six("rt", "rt-type", "-m rt {}--rt-type 253", [dict(headers=[route(253)])], [dict(headers=[route(254)])], [{}]),
    six("rt", "rt-type", "-m rt {}--rt-type 509", [], [dict(headers=[route(253)])], [{}]),
    six("rt", "rt-segsleft", "-m rt {}--rt-segsleft 1:3", [dict(headers=[route(left=3)])], [dict(headers=[route()])], [{}]),
    six("rt", "rt-len", "-m rt {}--rt-len 24", [dict(headers=[route(units=2)])], [dict(headers=[route()])], [{}]),
    six("frag", "fragid", "-m frag {}--fragid 7:9", [dict(part=FIRST), dict(part=ATOMIC, id=9)], [dict(part=LAST, id=10)], [{}]),
    six("frag", "fragfirst", "-m frag --fragfirst", [PARTS[FIRST], PARTS[ATOMIC]], [PARTS[LATER], PARTS[LAST], {}]),
    six("frag", "fragmore", "-m frag --fragmore", [PARTS[FIRST], PARTS[LATER]], [PARTS[ATOMIC], PARTS[LAST], {}]),
    six("frag", "fraglast", "-m frag --fraglast", [PARTS[ATOMIC], PARTS[LAST]], [PARTS[FIRST], PARTS[LATER], {}]),
    six("frag", "fraglen", "-m frag --fraglen 1", list(PARTS.values()), [{}]),
    six("frag", "fraglen", "-m frag ! --fraglen 1", list(PARTS.values()), [{}]),
    six("ipv6header", "header", "-m ipv6header {}--header dst,prot", [dict(headers=[dst()])], [{}, dict(headers=[hop(), dst()])]),
    six("ipv6header", "header", "-m ipv6header {}--header frag,prot", [PARTS[FIRST], PARTS[LAST]], [{}, dict(headers=[dst()])]),
    six("ipv6header", "header", "-m ipv6header {}--header none", [dict(proto=NONE)], [dict(proto=ESP), {}]),
    six("ipv6header", "soft", "-m ipv6header --soft --header hop,route", [dict(headers=[hop(), route(), dst()])], [dict(headers=[hop()])]),
    six("ipv6header", "soft", "-m ipv6header --soft ! --header hop,route", [dict(headers=[dst()])], [dict(headers=[hop()])]),
    six("ipv6header", "soft", "-m ipv6header --soft --header frag", [PARTS[ATOMIC]], [dict(headers=[auth()])]),
]  # fmt: skip

RECEIVED = list(itertools.chain(BASE, PORTS, TRANSPORT, HEADER, TYPES, EXTENSIONS))

# In FORWARD: packets are named by the interface that they leave by. em2's route has a realm.
FORWARDED = [
    Case("", "out-interface", "{}-o em2", ["em2"], ["cni0"]),
    Case("devgroup", "dst-group", "-m devgroup {}--dst-group 5", ["cni0"], ["em2"]),
    Case("realm", "realm", "-m realm {}--realm 7/0xf", ["em2"], ["cni0"], families=(4,)),
    Case("realm", "realm", "-m realm {}--realm 0x17/0xf", [], ["em2"], families=(4,)),
    Case("policy", "dir", "-m policy --dir out --pol none", ["em2"], []),
    Case("policy", "dir", "-m policy --dir out --pol ipsec", [], ["em2"]),
]

# In FORWARD: from one port of a bridge to another, from a port to be routed, and from no bridge at all.
BRIDGED = [
    Case("physdev", "physdev-in", "-m physdev {}--physdev-in bp1", ["bp1 bp2", "bp1 routed"], ["bp2 bp1", "routed"]),
    Case("physdev", "physdev-in", "-m physdev {}--physdev-in +", ["bp1 bp2", "bp1 routed"], ["routed"]),
    Case("physdev", "physdev-out", "-m physdev {}--physdev-out bp2", ["bp1 bp2"], ["bp2 bp1", "routed"], ["bp1 routed"]),
    Case("physdev", "physdev-out", "-m physdev {}--physdev-out bp+", ["bp1 bp2"], ["routed"], ["bp1 routed"]),
    Case("physdev", "physdev-is-in", "-m physdev {}--physdev-is-in", ["bp1 bp2", "bp1 routed"], ["routed"]),
    Case("physdev", "physdev-is-out", "-m physdev {}--physdev-is-out", ["bp1 bp2"], ["routed", "bp1 routed"]),
    Case("physdev", "physdev-is-bridged", "-m physdev {}--physdev-is-bridged", ["bp1 bp2"], ["routed", "bp1 routed"]),
    Case("physdev", "physdev-in", "-m physdev ! --physdev-in bp1 ! --physdev-out bp2", ["bp2 bp1", "routed"], ["bp1 bp2", "bp1 routed"]),
    Case("physdev", "physdev-in", "-m physdev --physdev-in bp1 ! --physdev-is-out", ["bp1 routed"], ["bp1 bp2", "routed"]),
    Case("physdev", "physdev-out", "-m physdev --physdev-is-in ! --physdev-out bp2", ["bp2 bp1"], ["bp1 bp2", "bp1 routed", "routed"]),
]  # fmt: skip

# In POSTROUTING: from sockets of two users, and a forwarded packet, which has none.
SENT = [
    Case("owner", "uid-owner", "-m owner {}--uid-owner 500-1000", ["1000"], ["0", "routed"]),
    Case("owner", "uid-owner", "-m owner {}--uid-owner root", ["0"], ["1000", "routed"]),
    Case("owner", "gid-owner", "-m owner {}--gid-owner 1001", ["1000"], ["0", "routed"]),
    Case("owner", "socket-exists", "-m owner {}--socket-exists", ["0", "1000"], ["routed"]),
    Case("owner", "uid-owner", "-m owner --uid-owner 0 ! --gid-owner 7", ["0"], ["1000", "routed"]),
    Case("owner", "uid-owner", "-m owner ! --uid-owner 0 ! --gid-owner 7", ["1000", "routed"], ["0"]),
    Case("owner", "uid-owner", "-m owner ! --socket-exists ! --uid-owner 0", ["routed"], ["0", "1000"]),
    Case("owner", "uid-owner", "-m owner --socket-exists ! --uid-owner 0", ["1000"], ["0", "routed"]),
]

# In PREROUTING, with conntrack. option_flows.py says what each of these packets is.
STRANGERS = ["invalid", "untracked"]
KNOWN = ["new", "answered", "answer", "translated", "related"]


def flow(option, words, yes, no=None, families=(4, 6)):
    no = [each for each in KNOWN if each not in yes] if no is None else no
    return Case("conntrack", option, f"-m conntrack {words}", yes, no, STRANGERS, families)


def whole(option, words, yes, families=(4, 6)):
    """A condition with a state: packets without a flow may meet it, too."""
    return Case("conntrack", option, f"-m conntrack {words}", yes, [each for each in KNOWN + STRANGERS if each not in yes], [], families)


FLOWS = [
    Case("state", "state", "-m state {}--state NEW,INVALID", ["new", "invalid"], ["answered", "untracked"]),
    Case("connmark", "mark", "-m connmark {}--mark 0x10/0x30", ["answered"], ["new", "translated"], STRANGERS),
    Case("connmark", "mark", "-m connmark {}--mark 0x11/0x30", [], ["answered", "new"], STRANGERS),
    whole("ctstate", "{}--ctstate ESTABLISHED,UNTRACKED", ["answered", "answer", "translated", "untracked"]),
    whole("ctstate", "{}--ctstate DNAT", ["translated"]),
    whole("ctstate", "--ctstate INVALID,NEW --ctproto tcp", ["invalid"]),
    whole("ctstate", "--ctstate INVALID,ESTABLISHED --ctdir REPLY", ["invalid", "answer"]),
    whole("ctstate", "! --ctstate NEW --ctproto tcp", STRANGERS),
    whole("ctstate", "! --ctstate NEW,UNTRACKED ! --ctstatus ASSURED", ["related", "invalid"]),
    whole("ctstate", "--ctstate ESTABLISHED --ctdir ORIGINAL", ["answered", "translated"]),
    flow("ctdir", "--ctdir REPLY", ["answer"]),
    flow("ctdir", "--ctdir ORIGINAL", ["new", "answered", "translated", "related"]),
    flow("ctproto", "{}--ctproto udp", KNOWN),
    flow("ctproto", "{}--ctproto tcp", []),
    flow("ctproto", "{}--ctproto 0", []),
    flow("ctstatus", "{}--ctstatus ASSURED,EXPECTED", ["answered", "answer", "translated", "related"]),
    flow("ctstatus", "{}--ctstatus NONE", []),
    flow("ctstatus", "{}--ctstatus CONFIRMED", ["answered", "answer", "translated", "related"]),
    flow("ctorigsrc", "{}--ctorigsrc 10.1.0.7", ["new", "answered", "answer", "related"], families=(4,)),
    flow("ctorigsrc", "{}--ctorigsrc 10.1.3.0/24", ["translated"], families=(4,)),
    flow("ctorigdst", "{}--ctorigdst 10.3.0.0/16", [], families=(4,)),
    flow("ctorigdst", "{}--ctorigdst fd03::/32", [], families=(6,)),
    flow("ctorigdst", "{}--ctorigdst 10.2.0.0/24", KNOWN, families=(4,)),
    flow("ctorigdst", "{}--ctorigdst 0.0.0.0/0", KNOWN, families=(4,)),
    flow("ctreplsrc", "{}--ctreplsrc 198.18.0.9", ["translated"], families=(4,)),
    flow("ctrepldst", "{}--ctrepldst 10.1.3.7", ["translated"], families=(4,)),
    flow("ctorigsrc", "{}--ctorigsrc fd01::7", ["new", "answered", "answer", "related"], families=(6,)),
    flow("ctorigdst", "{}--ctorigdst fd02::/64", KNOWN, families=(6,)),
    flow("ctreplsrc", "{}--ctreplsrc fd00:18::9", ["translated"], families=(6,)),
    flow("ctrepldst", "{}--ctrepldst fd01::3:7", ["translated"], families=(6,)),
    flow("ctorigsrcport", "{}--ctorigsrcport 1002:1003", ["answered", "answer", "translated"]),
    flow("ctorigsrcport", "{}--ctorigsrcport 1003:1002", []),
    flow("ctorigdstport", "{}--ctorigdstport 80", ["new", "translated", "related"]),
    flow("ctreplsrcport", "{}--ctreplsrcport 81", ["answered", "answer"]),
    flow("ctrepldstport", "{}--ctrepldstport 1002", ["answered", "answer"]),
]  # fmt: skip
