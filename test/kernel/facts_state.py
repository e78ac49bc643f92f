"""What conntrack says of packets, and where."""

from delivery import Unsendable
from facts import expect, icmp, packet

STATES = ["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"]
HOOKS = (("forward", "FORWARD"), ("input", "INPUT"), ("output", "OUTPUT"))


def _ask(bench, states, one, chain="FORWARD", table="filter", routed=True):
    """Which of the states a packet is in, each asked by a rule of its own."""
    rules = "\n".join(f"-A {chain} -m conntrack --ctstate {state}" for state in states)
    hits = bench.hits(rules, one, chain=chain, table=table, tracked=True, routed=routed)
    return [state for state, count in zip(states, hits) if count]


def theMachineBringsAboutEachState(bench):
    flags = [["SYN"], ["ACK"], ["FIN", "ACK"], ["RST"], ["SYN", "ACK"], []]
    for family in (4, 6):
        for hook, chain in HOOKS:
            ping = icmp(8 if family == 4 else 128, family=family, **_of(packet(hook, family)))
            kinds = [packet(hook, family, tcp_flags=each) for each in flags] + [ping]
            kinds += [packet(hook, family, proto=protocol) for protocol in ("udp", "sctp", "gre", 200)]
            for one in kinds:
                _checkStates(bench, one, chain)


def _of(one):
    return {key: one[key] for key in ("in", "out")}


def _checkStates(bench, one, chain):
    tried = 0
    for state in STATES + ["NEW,DNAT", "ESTABLISHED,SNAT", "RELATED,DNAT,SNAT"]:
        try:
            found = _ask(bench, STATES + ["SNAT", "DNAT"], {**one, "ctstate": state}, chain)
        except Unsendable:
            continue
        tried += 1
        expect(sorted(found), sorted(state.split(",")), f"{one} as {state}")
    expect(tried > 0, True, f"some state of {one} can be brought about")


def stateAndCtstateAgree(bench):
    for state in STATES:
        one = packet(ctstate=state)
        for asked in STATES:
            wanted = [asked == state]
            expect(bench.matches(f"-m state --state {asked}", one, tracked=True), wanted, f"{state}: --state {asked}")
            expect(bench.matches(f"-m state ! --state {asked}", one, tracked=True), [asked != state], f"{state}: ! --state {asked}")


def translationIsAPropertyOfFlows(bench):
    for state in ("INVALID", "UNTRACKED"):
        one = packet(ctstate=state)
        for condition, wanted in (("SNAT", False), ("DNAT", False), ("SNAT,DNAT", False), (f"{state},DNAT", True)):
            expect(bench.matches(f"-m conntrack --ctstate {condition}", one, tracked=True), [wanted], f"{state}: {condition}")
            negated = bench.matches(f"-m conntrack ! --ctstate {condition}", one, tracked=True)
            expect(negated, [not wanted], f"{state}: ! {condition}")


def anyStateNamedIsEnough(bench):
    one = packet(ctstate="ESTABLISHED,DNAT")
    for condition, wanted in (("ESTABLISHED", True), ("DNAT", True), ("SNAT", False), ("NEW,DNAT", True), ("NEW,SNAT", False)):
        expect(bench.matches(f"-m conntrack --ctstate {condition}", one, tracked=True), [wanted], condition)
        expect(bench.matches(f"-m conntrack ! --ctstate {condition}", one, tracked=True), [not wanted], f"! {condition}")


def inRawEveryPacketIsInvalid(bench):
    for state in ("NEW", "ESTABLISHED", "RELATED", "INVALID"):
        for hook, chain in (("forward", "PREROUTING"), ("output", "OUTPUT")):
            found = _ask(bench, STATES, packet(hook, ctstate=state), chain, "raw", False)
            expect(found, ["INVALID"], f"{state} in raw {chain}")


def throughLoAPacketBringsItsStateIntoRaw(bench):
    states = ["INVALID", "NEW"]
    asked = "\n".join(f"-A PREROUTING -i lo -m conntrack --ctstate {state}" for state in states)
    expect(bench.hits(asked, {**packet("output"), "out": "lo"}, chain="PREROUTING", table="raw", tracked=True), [0, 1], "from OUTPUT by lo")


def aResetOfRejectIsRelatedInRawOutput(bench):
    bench.machine.clear()
    bench.load("".join(f"-A OUTPUT -m conntrack --ctstate {state}\n" for state in STATES), "raw")
    bench.load("-A INPUT -p tcp -j REJECT --reject-with tcp-reset")
    bench.machine.ip("route add 10.1.0.7 dev em1")
    bench.machine.speak(True)
    bench.send(packet("input"), tracked=True)
    bench.machine.speak(False)
    bench.machine.ip("route del 10.1.0.7 dev em1")
    expect(bench.counts("OUTPUT", "raw"), [0, 0, 1, 0, 0], "NEW, ESTABLISHED, RELATED, INVALID, UNTRACKED")


def inRawAPacketIsUntrackedOnceARuleSaidSo(bench):
    rules = "-A PREROUTING -m conntrack --ctstate UNTRACKED\n-A PREROUTING -j CT --notrack\n-A PREROUTING -m conntrack --ctstate UNTRACKED"
    hits = bench.hits(rules, packet(), chain="PREROUTING", table="raw", tracked=True, routed=False)
    expect(hits, [0, 1, 1], "UNTRACKED before and after --notrack")


def mangleSeesTheState(bench):
    for state in STATES:
        for hook, chain in (("forward", "PREROUTING"), ("output", "OUTPUT")):
            found = _ask(bench, STATES, packet(hook, ctstate=state), chain, "mangle", False)
            expect(found, [state], f"{state} in mangle {chain}")


def whatHasNoFlowIsInvalid(bench):
    for flags in ([], ["RST"], ["SYN", "ACK"], ["SYN", "FIN"], ["FIN"], ["FIN", "PSH", "URG"], ["FIN", "ACK"]):
        expect(_firstSeen(bench, packet(tcp_flags=flags)), ["INVALID"], f"flags {flags}")
    for kind in (0, 3, 11, 40):
        expect(_firstSeen(bench, icmp(kind)), ["INVALID"], f"icmp type {kind}")
    for one in (packet(tcp_flags=["ACK"]), packet(tcp_flags=["SYN"]), packet(proto="udp"), icmp(8), packet(proto=200)):
        expect(_firstSeen(bench, one), ["NEW"], str(one))


def _firstSeen(bench, one):
    """The state of a packet that is sent with no flow prepared."""
    rules = "\n".join(f"-A FORWARD -m conntrack --ctstate {state}" for state in STATES)
    return [state for state, count in zip(STATES, bench.hits(rules, one)) if count]


def neighbourDiscoveryIsUntracked(bench):
    for kind in (133, 134, 135, 136, 143):
        expect(_firstSeen(bench, icmp(kind, family=6)), ["UNTRACKED"], f"icmpv6 type {kind}")
    expect(_firstSeen(bench, icmp(137, family=6)), ["INVALID"], "a redirect")
