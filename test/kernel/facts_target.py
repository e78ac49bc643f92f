"""What targets write to packets and to flows: a rule with the target, then rules that read what it wrote.

Each case has conditions that must hold behind the target and conditions that must not.
"""

from delivery import Delivery
from facts import expect, packet


def _expectBehind(bench, targets, holds, fails, one=None, chain="FORWARD", table="mangle", tracked=False, routed=True):
    """\\p targets is one rule or several, without the chain."""
    one = one or packet()
    lines = [targets] if isinstance(targets, str) else list(targets)
    rules = "\n".join(f"-A {chain} {line}" for line in [*lines, *holds, *fails])
    hits = bench.hits(rules, one, chain=chain, table=table, tracked=tracked, routed=routed)
    for condition, count in zip(holds, hits[len(lines) :]):
        expect(count, 1, f"{lines} then {condition}")
    for condition, count in zip(fails, hits[len(lines) + len(holds) :]):
        expect(count, 0, f"{lines} then {condition}")


def tosWritesTheBitsOfItsMask(bench):
    start = "-j TOS --set-tos 0x13"
    for option, value in (
        ("--set-tos 0x24", 0x24),
        ("--set-tos 0x24/0x0f", 0x10 ^ 0x24),
        ("--set-tos Minimize-Delay", 0x10),
        ("--set-tos maximize-throughput", 0x08),
        ("--and-tos 0x12", 0x12),
        ("--or-tos 0x60", 0x73),
        ("--xor-tos 0x31", 0x22),
    ):
        for family in (4, 6):
            _expectBehind(bench, [start, f"-j TOS {option}"], [f"-m tos --tos {value:#x}/0xff"],
                          [f"-m tos ! --tos {value:#x}/0xff", f"-m tos --tos {value ^ 1:#x}/0xff"], packet(family=family))


def aNameOfTosLeavesTheUpperTwoBits(bench):
    start = "-j TOS --set-tos 0xdf"
    _expectBehind(bench, [start, "-j TOS --set-tos Normal-Service"], ["-m tos --tos 0xc0/0xff"], ["-m tos --tos 0x00/0xff"])


def dscpLeavesTheEcnBits(bench):
    for family in (4, 6):
        one = packet(family=family)
        for option, dscp in (("--set-dscp 0x2e", 0x2E), ("--set-dscp-class EF", 0x2E), ("--set-dscp-class af11", 0x0A), ("--set-dscp-class CS1x", 8)):
            _expectBehind(bench, ["-j TOS --set-tos 0x13", f"-j DSCP {option}"], [f"-m tos --tos {dscp << 2 | 3:#x}/0xff", f"-m dscp --dscp {dscp}"],
                          [f"-m dscp --dscp {dscp ^ 1}"], one)


def ecnWritesItsBitsOfTosAndOfTcp(bench):
    _expectBehind(bench, ["-j TOS --set-tos 0x13", "-j ECN --ecn-ip-ect 2"], ["-m tos --tos 0x12/0xff"], ["-m tos --tos 0x13/0xff"])
    one = packet(tcp_flags=["SYN", "ECE", "CWR"])
    _expectBehind(bench, "-p tcp -j ECN --ecn-tcp-remove", ["-p tcp -m ecn ! --ecn-tcp-ece", "-p tcp -m ecn ! --ecn-tcp-cwr"], ["-p tcp -m ecn --ecn-tcp-cwr"], one)
    _expectBehind(bench, "-p tcp -j ECN --ecn-tcp-ece 0", ["-p tcp -m ecn ! --ecn-tcp-ece", "-p tcp -m ecn --ecn-tcp-cwr"], ["-p tcp -m ecn --ecn-tcp-ece"], one)
    _expectBehind(bench, "-p tcp -j ECN --ecn-tcp-cwr 0", ["-p tcp -m ecn --ecn-tcp-ece", "-p tcp -m ecn ! --ecn-tcp-cwr"], ["-p tcp -m ecn --ecn-tcp-cwr"], one)


def ttlAndHlStayWithinAByte(bench):
    for option, value in (("set 7", 7), ("dec 255", 0), ("inc 255", 255)):
        _expectBehind(bench, f"-j TTL --ttl-{option}", [f"-m ttl --ttl-eq {value}"], [f"-m ttl ! --ttl-eq {value}"])
        _expectBehind(bench, f"-j HL --hl-{option}", [f"-m hl --hl-eq {value}"], [f"-m hl ! --hl-eq {value}"], packet(family=6))
    _expectBehind(bench, ["-j TTL --ttl-set 9", "-j TTL --ttl-dec 2"], ["-m ttl --ttl-eq 7"], ["-m ttl --ttl-eq 9"])


def markKeepsWhatItsMaskLeaves(bench):
    for option, value in (
        ("--set-mark 0x5/0x1", 0x30 ^ 5), ("--set-xmark 0x11/0x10", 0x21 | 2), ("--and-mark 0x12", 0x12),
        ("--or-mark 0x5", 0x37), ("--xor-mark 0x5", 0x37),
    ):
        if option.startswith("--set-mark"):
            value = (0x32 & ~(5 | 1)) ^ 5
        if option.startswith("--set-xmark"):
            value = (0x32 & ~0x10) ^ 0x11
        _expectBehind(bench, ["-j MARK --set-mark 0x32", f"-j MARK {option}"], [f"-m mark --mark {value:#x}"], [f"-m mark ! --mark {value:#x}"])


def connmarkWritesTheMarkOfTheFlow(bench):
    start = "-j CONNMARK --set-mark 0x32"
    for option, value in (
        ("--set-mark 0x5/0x1", (0x32 & ~5) ^ 5), ("--set-xmark 0x11/0x10", (0x32 & ~0x10) ^ 0x11), ("--and-mark 0x12", 0x12),
        ("--or-mark 0x5", 0x37), ("--xor-mark 0x6", 0x34),
    ):
        _expectBehind(bench, [start, f"-j CONNMARK {option}"], [f"-m connmark --mark {value:#x}"], [f"-m connmark ! --mark {value:#x}"], tracked=True)


def savingAndRestoringCopyTheBitsOfTheirMasks(bench):
    start = ["-j MARK --set-mark 0xab12", "-j CONNMARK --set-mark 0x3456"]
    for option, field, value in (
        ("--save-mark", "connmark", 0xAB12),
        ("--save-mark --mask 0xff", "connmark", 0x3412),
        ("--save-mark --nfmask 0xf0 --ctmask 0xff", "connmark", 0x3410),
        ("--save-mark --nfmask 0xff --ctmask 0xf0", "connmark", 0x3406 ^ 0x12),
        ("--restore-mark", "mark", 0x3456),
        ("--restore-mark --mask 0xff", "mark", 0xAB56),
        ("--restore-mark --nfmask 0xff --ctmask 0xf0", "mark", 0xAB50),
        ("--restore-mark --nfmask 0xff00", "mark", 0x12 ^ 0x3456),
        ("--restore-mark --left-shift-mark 4", "mark", 0x34560),
        ("--save-mark --right-shift-mark 8", "connmark", 0xAB),
    ):
        _expectBehind(bench, [*start, f"-j CONNMARK {option}"], [f"-m {field} --mark {value:#x}"], [f"-m {field} ! --mark {value:#x}"], tracked=True)


def withoutAFlowNothingIsSavedOrRestored(bench):
    for state in ("INVALID", "UNTRACKED"):
        _expectBehind(bench, ["-j MARK --set-mark 0xab12", "-j CONNMARK --restore-mark"], ["-m mark --mark 0xab12"],
                      ["-m mark --mark 0", "-m connmark --mark 0/0", "-m connmark ! --mark 1"], packet(ctstate=state), tracked=True)


def notrackAndTemplatesAreForWhatHasNoStateYet(bench):
    raw = {"chain": "PREROUTING", "table": "raw", "tracked": True, "routed": False}
    for target in ("-j CT --notrack", "-j NOTRACK"):
        _expectBehind(bench, target, ["-m conntrack --ctstate UNTRACKED"], ["-m conntrack --ctstate INVALID,NEW"], **raw)
    template = ["-m conntrack --ctstate NEW", "-m connmark --mark 0", "-m conntrack --ctstatus CONFIRMED",
                "-m conntrack --ctorigsrc 0.0.0.0 --ctdir ORIGINAL"]
    others = ["-m conntrack --ctstate INVALID,UNTRACKED", "-m connmark ! --mark 0", "-m conntrack --ctstatus ASSURED",
              "-m conntrack --ctdir REPLY", "-m conntrack --ctorigsrc 10.1.0.7"]
    for target in ("-j CT --zone 3", "-j CT --ctevents new"):
        _expectBehind(bench, target, template, others, **raw)
        _expectBehind(bench, [target, "-j CT --notrack"], template, others, **raw)
    _expectBehind(bench, ["-j CT --notrack", "-j CT --zone 3"], ["-m conntrack --ctstate UNTRACKED"], ["-m conntrack --ctstate NEW"], **raw)


def effectsLeaveThePacketAsItIs(bench):
    asked = ["-m mark --mark 0x32", "-m tos --tos 0x12/0xff", "-m ttl --ttl-eq 60", "-m length --length 40"]
    for target in ("LOG", "NFLOG", "CLASSIFY --set-class 1:2", "TRACE", "CHECKSUM --checksum-fill", "TEE --gateway 10.2.0.77", "AUDIT --type accept"):
        start = ["-j MARK --set-mark 0x32", "-j TOS --set-tos 0x12", "-j TTL --ttl-set 60"]
        table = "raw" if target == "TRACE" else "mangle"
        if table == "raw":
            _expectBehind(bench, "-j TRACE", ["-m length --length 40"], [], chain="PREROUTING", table=table, routed=False)
            continue
        _expectBehind(bench, [*start, f"-j {target}"], asked, [])


def tcpmssMayLengthenAPacket(bench):
    """A SYN without the option gets one."""
    _expectBehind(bench, "-p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 500", ["-m length --length 44", "-p tcp -m tcpmss --mss 500"], ["-m length --length 40"])


def tcpoptstripLeavesTheLength(bench):
    _expectBehind(bench, "-p tcp -j TCPOPTSTRIP --strip-options mss", ["-m length --length 40"], ["-m length ! --length 40"])


def someTargetsEndTheTable(bench):
    for target, table, chain in (("NFQUEUE --queue-bypass", "mangle", "FORWARD"), ("TPROXY --on-port 3", "mangle", "PREROUTING"),
                                 ("REJECT --reject-with icmp-host-prohibited", "filter", "FORWARD")):
        one = packet()
        rules = f"-A {chain} -p tcp -j {target}\n-A {chain} -p tcp"
        expect(bench.hits(rules, one, chain=chain, table=table, routed=False), [1, 0], target)
