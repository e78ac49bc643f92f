"""Which packets a condition matches."""

import struct

import frames
from facts import expect, icmp, packet

FRAGMENT = packet(fragment=True)
UDP_FRAGMENT = packet(proto="udp", fragment=True)


def _expectMatches(bench, cases, *packets, **where):
    for condition, wanted in cases:
        expect(bench.matches(condition, *packets, **where), wanted, condition)


def aLaterFragmentHasNoTransportHeader(bench):
    cases = [
        ("-p tcp", [True, True]),
        ("-f", [False, True]),
        ("! -f", [True, False]),
        ("-p tcp -m tcp", [True, False]),
        ("-p tcp -m tcp --dport 80", [True, False]),
        ("-p tcp -m tcp ! --dport 81", [True, False]),
        ("-p tcp -m tcp --dport 0:65535", [True, False]),
        ("-p tcp -m tcp ! --tcp-flags ALL NONE", [True, False]),
        ("-p tcp -m multiport --dports 80", [True, False]),
        ("-p tcp -m multiport ! --dports 81", [True, False]),
        ("-p tcp -m multiport --ports 0:65535", [True, False]),
    ]
    _expectMatches(bench, cases, packet(), FRAGMENT)
    cases = [("-p udp", [True, True]), ("-p udp -m udp", [True, False]), ("-p udp -m udp ! --sport 1", [True, False])]
    _expectMatches(bench, cases, packet(proto="udp"), UDP_FRAGMENT)
    cases = [("-p icmp", [True, True]), ("-p icmp -m icmp --icmp-type any", [True, False]), ("-p icmp -m icmp ! --icmp-type 3", [True, False])]
    _expectMatches(bench, cases, icmp(8), icmp(8, fragment=True))
    _expectMatches(bench, [("-p sctp -m sctp --dport 80", [True, False])], packet(proto="sctp"), packet(proto="sctp", fragment=True))


def aLaterFragmentOfIPv6KnowsItsProtocol(bench):
    cases = [
        ("-p tcp", [True, True]),
        ("! -p tcp", [False, False]),
        ("-p 44", [False, False]),
        ("-p tcp -m tcp", [True, False]),
        ("-p tcp -m tcp ! --dport 81", [True, False]),
        ("-p tcp -m multiport ! --dports 81", [True, False]),
    ]
    _expectMatches(bench, cases, packet(family=6), packet(family=6, fragment=True))


def anIPv6ExtensionHeaderIsNoProtocol(bench):
    ports = struct.pack("!HHHH", 1000, 80, 8, 0)
    for kind, rest in ((0, 6), (60, 6), (43, 6), (51, 22)):
        # Eight bytes of padding or of an empty routing header; 24 bytes of AH.
        length = 4 if kind == 51 else 0
        chained = bytes([frames.UDP, length]) + (b"\0" * rest if kind in (43, 51) else b"\x01\x04" + b"\0" * 4) + ports
        for protocol, wanted in ((kind, [0]), (frames.UDP, [1])):
            if protocol:
                expect(_countSix(bench, f"-A FORWARD -p {protocol}", kind, chained), wanted, f"-p {protocol} of header {kind}")
    for kind in (59, 135, 50):
        expect(_countSix(bench, f"-A FORWARD -p {kind}", kind, bytes(24)), [1], f"-p {kind}")


def _countSix(bench, rule, protocol, payload):
    """What a rule counts of a forwarded IPv6 packet with this header behind the first."""
    bench.machine.clear()
    bench.load(rule, family=6)
    header = struct.pack("!IHBB", 6 << 28 | bench.machine.tosFor("em2") << 20, len(payload), protocol, 64)
    ends = frames.address("fd01::7") + frames.address("fd02::9")
    bench.machine.receive("em1", header + ends + payload, 6)
    return bench.counts("FORWARD", family=6)


def fragmentsNeverComeToInputInIPv4(bench):
    for condition in ("-f", "-p tcp", "! -f"):
        received = packet("input", fragment=True)
        expect(bench.matches(condition, received, chain="INPUT", routed=False), [False], f"{condition} in INPUT")
        before = bench.matches(condition, received, chain="PREROUTING", table="raw", routed=False)
        expect(before, [condition != "! -f"], f"{condition} in PREROUTING")
    expect(bench.matches("-f", packet("output", fragment=True), chain="OUTPUT"), [True], "-f in OUTPUT")
    expect(bench.matches("-p tcp", packet("input", 6, fragment=True), chain="INPUT"), [True], "IPv6 INPUT")


def whereConntrackIsUsedNoRuleSeesAFragment(bench):
    for user in ("-A FORWARD -m conntrack --ctstate NEW", "-A FORWARD -m state --state NEW", "-A FORWARD -j CONNMARK --save-mark"):
        table = "mangle" if "CONNMARK" in user else "filter"
        expect(bench.hits(f"-A FORWARD -f\n-A FORWARD -p tcp\n{user}", FRAGMENT, table=table)[:2], [0, 0], user)
    bench.machine.clear()
    bench.load("-A PREROUTING -f", "raw")
    bench.load("-A OUTPUT -m conntrack --ctstate NEW")
    bench.send(FRAGMENT)
    expect(bench.counts("PREROUTING", "raw"), [0], "raw, with conntrack used elsewhere")
    expect(bench.hits("-A FORWARD -f", FRAGMENT), [1], "once conntrack is used no more")


def aMissingInterfaceIsTheEmptyName(bench):
    cases = [("-i em1", False), ("! -i em1", True), ("-i +", True), ("-i e+", False), ("! -i e+", True)]
    for family in (4, 6):
        for condition, wanted in cases:
            local, delivered = packet("output", family), packet("input", family)
            expect(bench.matches(condition, local, chain="OUTPUT"), [wanted], f"{condition} in OUTPUT")
            out = condition.replace("-i", "-o")
            expect(bench.matches(out, delivered, chain="INPUT"), [wanted], f"{out} in INPUT")
            expect(bench.matches(out, delivered, chain="PREROUTING", table="raw"), [wanted], f"{out} in PREROUTING")
            where = {"chain": "POSTROUTING", "table": "mangle"}
            expect(bench.matches(condition, local, **where), [wanted], f"{condition} in POSTROUTING, of a local packet")


def postroutingKnowsWhereAForwardedPacketCameIn(bench):
    where = {"chain": "POSTROUTING", "table": "mangle"}
    for family in (4, 6):
        one = packet(family=family)
        for condition, wanted in (("-i em1", True), ("! -i em1", False), ("-i em2", False), ("-o em2", True)):
            expect(bench.matches(condition, one, **where), [wanted], condition)


def interfacePrefixes(bench):
    cases = [("-i em1", True), ("-i em", False), ("-i em+", True), ("-i em1+", True), ("-i em12", False), ("-i e+", True),
             ("-i +", True), ("-i em2+", False), ("! -i em+", False), ("! -i cni+", True), ("-o em2 -i em1", True)]  # fmt: skip
    _expectMatches(bench, [(condition, [wanted]) for condition, wanted in cases], packet())


def whatLooksUnconditionalMayNeverMatch(bench):
    never = ["! -i +", "! -o +", "! -s 0.0.0.0/0", "! -d 0.0.0.0/0", "-p tcp -m tcp ! --dport 0:65535", "-p udp -m udp ! --sport 0:65535"]
    for condition in never:
        one = packet(proto="udp" if "udp" in condition else "tcp")
        expect(bench.matches(condition, one), [False], condition)
    expect(bench.matches("! -i +", packet("output"), chain="OUTPUT"), [False], "! -i + without an interface")
    expect(bench.saved("-A FORWARD ! -i + -j DROP"), ["-A FORWARD -j DROP"], "! -i + as printed")
    saved = bench.saved("-A FORWARD -p tcp -m tcp ! --dport 0:65535 -j DROP")
    expect(saved, ["-A FORWARD -p tcp -m tcp -j DROP"], "! --dport 0:65535 as printed")


def masksWithGapsAndHostBits(bench):
    near, far = packet(src="10.9.200.7"), packet(src="10.9.200.8")
    _expectMatches(bench, [("-s 10.0.0.7/255.0.0.255", [True, False]), ("! -s 10.0.0.7/255.0.0.255", [False, True])], near, far)
    expect(bench.saved("-A FORWARD -s 10.1.2.3/8 -j DROP"), ["-A FORWARD -s 10.0.0.0/8 -j DROP"], "host bits")
    expect(bench.saved("-A FORWARD -s 10.1.2.7/255.0.0.255 -j DROP"), ["-A FORWARD -s 10.0.0.7/255.0.0.255 -j DROP"], "masked bits")
    six = bench.matches("-s fd01::7/ffff::ffff", packet(family=6, src="fd01:9::7"), packet(family=6, src="fd01:9::8"))
    expect(six, [True, False], "IPv6 mask with a gap")


def aMarkValueOutsideItsMaskNeverMatches(bench):
    marks = [packet(mark=mark) for mark in (0, 1, 0x10, 0x11)]
    _expectMatches(
        bench,
        [
            ("-m mark --mark 0x10/0x1", [False] * 4),
            ("-m mark ! --mark 0x10/0x1", [True] * 4),
            ("-m mark --mark 0x1/0x1", [False, True, False, True]),
            ("-m mark ! --mark 0x1/0x1", [True, False, True, False]),
            ("-m mark --mark 0x0/0x0", [True] * 4),
            ("-m mark --mark 0x10", [False, False, True, False]),
        ],
        *marks,
    )


def aPacketWithoutMacMatchesNoMacCondition(bench):
    cases = [("-m mac --mac-source 02:00:00:00:00:01", True), ("-m mac ! --mac-source 02:00:00:00:00:01", False),
             ("-m mac ! --mac-source 02:00:00:00:00:02", True)]  # fmt: skip
    for condition, wanted in cases:
        for hook, chain in (("input", "INPUT"), ("forward", "FORWARD")):
            expect(bench.matches(condition, packet(hook), chain=chain), [wanted], f"{condition} in {chain}")
        for hook, chain in (("input", "INPUT"), ("forward", "FORWARD")):
            loop = {**packet(hook), "in": "lo"}
            expect(bench.matches(condition, loop, chain=chain), [False], f"{condition} in {chain}, from lo")


def tcpFlags(bench):
    flags = [[], ["SYN"], ["SYN", "ACK"], ["ACK"], ["FIN", "PSH", "URG"], ["RST", "ACK"]]
    packets = [packet(tcp_flags=each) for each in flags]
    cases = [
        ("--syn", [False, True, False, False, False, False]),
        ("! --syn", [True, False, True, True, True, True]),
        ("--tcp-flags ALL NONE", [True, False, False, False, False, False]),
        ("--tcp-flags SYN,ACK SYN", [False, True, False, False, False, False]),
        ("--tcp-flags SYN,ACK SYN,ACK", [False, False, True, False, False, False]),
        ("! --tcp-flags SYN,ACK SYN,ACK", [True, True, False, True, True, True]),
        ("--tcp-flags FIN,URG,PSH FIN,URG,PSH", [False, False, False, False, True, False]),
        ("--tcp-flags SYN ACK", [False] * 6),
        ("! --tcp-flags SYN ACK", [True] * 6),
        ("--tcp-flags NONE NONE", [True] * 6),
    ]
    _expectMatches(bench, [(f"-p tcp -m tcp {words}", wanted) for words, wanted in cases], *packets)


def icmpTypes(bench):
    packets = [icmp(8), icmp(8, 1), icmp(3, 1), icmp(255, 3)]
    cases = [
        ("any", [True] * 4),
        ("255", [True] * 4),
        ("8", [True, True, False, False]),
        ("8/0", [True, False, False, False]),
        ("3/1", [False, False, True, False]),
        ("echo-request", [True, True, False, False]),
    ]
    for words, wanted in cases:
        expect(bench.matches(f"-p icmp -m icmp --icmp-type {words}", *packets), wanted, words)
        expect(bench.matches(f"-p icmp -m icmp ! --icmp-type {words}", *packets), [not each for each in wanted], f"! {words}")


def icmpv6Types(bench):
    packets = [icmp(128, family=6), icmp(128, 1, family=6), icmp(1, 4, family=6), icmp(255, family=6)]
    cases = [("128", [True, True, False, False]), ("128/0", [True, False, False, False]), ("1/4", [False, False, True, False]),
             ("255", [False, False, False, True]), ("! 128", None)]  # fmt: skip
    for words, wanted in cases[:-1]:
        expect(bench.matches(f"-p ipv6-icmp -m icmp6 --icmpv6-type {words}", *packets), wanted, words)
        negated = bench.matches(f"-p ipv6-icmp -m icmp6 ! --icmpv6-type {words}", *packets)
        expect(negated, [not each for each in wanted], f"! {words}")


def portsAndMultiport(bench):
    packets = [packet(sport=1000, dport=80), packet(sport=80, dport=1000), packet(sport=1, dport=65535)]
    cases = [
        ("-m tcp --dport 80", [True, False, False]),
        ("-m tcp --dport :80", [True, False, False]),
        ("-m tcp --dport 1000:", [False, True, True]),
        ("-m tcp --sport 80 ! --dport 80", [False, True, False]),
        ("-m multiport --ports 80", [True, True, False]),
        ("-m multiport ! --ports 80", [False, False, True]),
        ("-m multiport --sports 1,2,80:90", [False, True, True]),
        ("-m multiport ! --dports 80,1000", [False, False, True]),
    ]
    _expectMatches(bench, [(f"-p tcp {words}", wanted) for words, wanted in cases], *packets)
    for protocol in ("udp", "sctp", "udplite", "dccp"):
        expect(bench.matches(f"-p {protocol} -m multiport --dports 80", packet(proto=protocol)), [True], protocol)


def addressRanges(bench):
    packets = [packet(src="10.1.0.4"), packet(src="10.1.0.5"), packet(src="10.1.0.7"), packet(src="10.1.0.8")]
    cases = [("--src-range 10.1.0.5-10.1.0.7", [False, True, True, False]), ("! --src-range 10.1.0.5-10.1.0.7", [True, False, False, True]),
             ("--src-range 10.1.0.5-10.1.0.7 --dst-range 10.2.0.9-10.2.0.9", [False, True, True, False]),
             ("--src-range 10.1.0.5-10.1.0.7 ! --dst-range 10.2.0.9-10.2.0.9", [False] * 4),
             ("--src-range 10.1.0.7-10.1.0.7", [False, False, True, False])]  # fmt: skip
    _expectMatches(bench, [(f"-m iprange {words}", wanted) for words, wanted in cases], *packets)


def protocolNumbers(bench):
    cases = [("-p all", [True] * 3), ("-p 0", [True] * 3), ("-p 47", [False, True, False]), ("! -p tcp", [False, True, True])]
    _expectMatches(bench, cases, packet(), packet(proto=47), icmp(8))
    _expectMatches(bench, [("-p icmp", [False, True]), ("-p ipv6-icmp", [True, False])], icmp(128, family=6), packet(family=6, proto=1))
