"""What is refused when rules are loaded, and what loads though one would not think so."""

from facts import expect, packet

LEGACY, NFT = "iptables-legacy-restore", "iptables-nft-restore"


def _expectRefusals(bench, cases, **where):
    for rules, refused in cases:
        expect(bench.refuses(rules, **where), refused, repr(rules))


def _nest(depth):
    """Chains that call each other; a packet in the last is nested `depth` deep, the built-in chain counted."""
    chains = [f"C{i}" for i in range(1, depth)]
    declared = "".join(f":{chain} - [0:0]\n" for chain in chains)
    callers = ["FORWARD", *chains]
    return declared + "\n".join(f"-A {caller} -j {callee}" for caller, callee in zip(callers, chains))


def interfacesWhereThereAreNone(bench):
    for hook, option in (("OUTPUT", "-i"), ("INPUT", "-o")):
        _expectRefusals(bench, [(f"-A {hook} {option} em1", True), (f":A -\n-A {hook} -j A\n-A A {option} em1", False)])
    for hook, option in (("POSTROUTING", "-i"), ("PREROUTING", "-o")):
        _expectRefusals(bench, [(f"-A {hook} {option} em1", True), (f":A -\n-A {hook} -j A\n-A A {option} em1", False)], table="mangle")


def loops(bench):
    cases = [
        (":A -\n:B -\n-A FORWARD -j A\n-A A -j B\n-A B -j A", True),
        (":A -\n-A FORWARD -g A\n-A A -g A", True),
        (":A -\n-A FORWARD -j A\n-A A -j A", True),
        (":A -\n:B -\n-A A -j B\n-A B -j A", False),
        (":A -\n:B -\n-A FORWARD -j A\n-A FORWARD -j B\n-A A -j B", False),
    ]
    for restore in (LEGACY, NFT):
        _expectRefusals(bench, cases, restore=restore)


def testAcceptsLoops(bench):
    loop = ":A -\n:B -\n-A FORWARD -j A\n-A A -j B\n-A B -j A"
    expect(bench.refuses(loop, restore=f"{LEGACY} --test"), False, "--test of a loop")
    missing = "-A FORWARD -j MISSING"
    expect(bench.refuses(missing, restore=f"{LEGACY} --test"), True, "--test of a jump to nowhere")


def targetsInTheWrongTable(bench):
    for restore in (LEGACY, NFT):
        _expectRefusals(bench, [("-A PREROUTING -j DROP", True), ("-A PREROUTING -j ACCEPT", False)], table="nat", restore=restore)
        dnat = "-A FORWARD -p tcp -j DNAT --to-destination 10.2.0.1"
        _expectRefusals(bench, [(dnat, True), ("-A FORWARD -j REJECT", False)], restore=restore)
        through = ":A -\n-A FORWARD -j A\n-A A -j REJECT"
        _expectRefusals(bench, [("-A FORWARD -j REJECT", True), (through, True)], table="mangle", restore=restore)


def aMacConditionThatOutputReaches(bench):
    direct, through = "-A {0} -m mac --mac-source 02:00:00:00:00:01", ":A -\n-A {0} -j A\n-A A -m mac --mac-source 02:00:00:00:00:01"
    for hook, refused in (("INPUT", False), ("FORWARD", False), ("PREROUTING", False), ("OUTPUT", True), ("POSTROUTING", True)):
        _expectRefusals(bench, [(direct.format(hook), refused), (through.format(hook), refused)], table="mangle")


def optionsThatNeedAProtocol(bench):
    reset = "-j REJECT --reject-with tcp-reset"
    cases = [(f"-A FORWARD {reset}", True), (f"-A FORWARD -p tcp {reset}", False), (f"-A FORWARD ! -p tcp {reset}", True)]
    for restore in (LEGACY, NFT):
        _expectRefusals(bench, cases, restore=restore)
    cases = [("-A FORWARD ! -p tcp --dport 80", True), ("-A FORWARD ! -p tcp -m tcp", True), ("-A FORWARD -m multiport --dports 80", True),
             ("-A FORWARD --dport 80", True), ("-A FORWARD ! -p all", True), ("-A FORWARD -p icmp -m tcp", True)]  # fmt: skip
    _expectRefusals(bench, cases)


def namesAndPolicies(bench):
    for restore in (LEGACY, NFT):
        _expectRefusals(bench, [(f":{'x' * 28} -", False), (f":{'x' * 29} -", True)], restore=restore)
    _expectRefusals(bench, [(":A ACCEPT", True), (":FORWARD RETURN", True), (":FORWARD DROP", False), ("-A FORWARD -j MISSING", True)])
    expect(bench.refuses(":A ACCEPT [0:0]", restore=NFT), False, "nft takes a policy on a user chain")


def nestingDepth(bench):
    for depth, refused in ((16, False), (17, True)):
        expect(bench.refuses(_nest(depth), restore=NFT), refused, f"nft, {depth} deep")
        gone = _nest(depth).replace("-j", "-g")
        expect(bench.refuses(gone, restore=NFT), refused, f"nft, {depth} deep by goto")
    for depth in (40, 1000):
        expect(bench.refuses(_nest(depth), restore=LEGACY), False, f"legacy, {depth} deep")
    bench.load(_nest(40) + "\n-A C39 -s 10.0.0.0/8")
    bench.send(packet())
    expect(bench.counts("C39"), [1], "a packet 40 deep")


def rangesTheWrongWayRound(bench):
    _expectRefusals(
        bench,
        [
            ("-A FORWARD -p tcp -m tcp --dport 443:80", True),
            ("-A FORWARD -p tcp -m multiport --dports 443:80", True),
            ("-A FORWARD -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15", False),
            ("-A FORWARD -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", True),
            ("-A FORWARD -p tcp -m multiport --dports 1:2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", True),
        ],
    )
