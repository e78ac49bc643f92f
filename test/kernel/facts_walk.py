"""How a packet walks through chains, and what rules do to it on the way."""

from facts import expect, packet

ONE = packet()


def gotoEndsWithTheCallersCaller(bench):
    rules = ":A -\n:B -\n-A FORWARD -j A\n-A FORWARD\n-A A -g B\n-A A\n-A B"
    expect(bench.hits(rules, ONE), [1, 1], "FORWARD goes on after A")
    expect(bench.counts("A"), [1, 0], "the rule behind the goto")
    expect(bench.counts("B"), [1], "the chain gone to")


def gotoFromABuiltInChainEndsWithThePolicy(bench):
    rules = ":FORWARD DROP\n:B -\n-A FORWARD -g B\n-A FORWARD\n-A B -s 10.0.0.0/8"
    expect(bench.hits(rules, ONE), [1, 0], "the rule behind the goto")
    expect(bench.policyCount("FORWARD"), 1, "the policy counts")


def returnInAChainGoneToSkipsTheGoersRest(bench):
    rules = ":A -\n:B -\n-A FORWARD -j A\n-A FORWARD\n-A A -g B\n-A A\n-A B -j RETURN\n-A B"
    expect(bench.hits(rules, ONE), [1, 1], "FORWARD goes on after A")
    expect(bench.counts("A") + bench.counts("B"), [1, 0, 1, 0], "what stands behind goto and RETURN")


def jumpInAChainGoneToComesBackThere(bench):
    rules = ":A -\n:B -\n:C -\n-A FORWARD -j A\n-A FORWARD\n-A A -g B\n-A A\n-A B -j C\n-A B\n-A C"
    expect(bench.hits(rules, ONE), [1, 1], "FORWARD goes on after A")
    expect(bench.counts("A") + bench.counts("B") + bench.counts("C"), [1, 0, 1, 1, 1], "A, B and C")


def returnFromABuiltInChainIsThePolicy(bench):
    rules = ":FORWARD DROP\n-A FORWARD -j RETURN\n-A FORWARD"
    expect(bench.hits(rules, ONE), [1, 0], "the rule behind RETURN")
    expect(bench.policyCount("FORWARD"), 1, "the policy counts")


def acceptEndsOneTableOnly(bench):
    bench.machine.clear()
    bench.load("-A FORWARD -j ACCEPT\n-A FORWARD", "mangle")
    bench.load("-A FORWARD -j DROP")
    bench.send(ONE)
    expect(bench.counts("FORWARD", "mangle") + bench.counts("FORWARD"), [1, 0, 1], "mangle accepts, filter sees it")


def targetsThatDoNotEndTheWalk(bench):
    rules = "-A FORWARD -j LOG\n-A FORWARD -j MARK --set-mark 1\n-A FORWARD -j CONNMARK --set-mark 1\n-A FORWARD"
    expect(bench.hits(rules, ONE, table="mangle"), [1, 1, 1, 1], "LOG, MARK, CONNMARK, none")


def targetsThatEndTheWalk(bench):
    for target in ("ACCEPT", "DROP", "REJECT", "NFQUEUE", "RETURN"):
        expect(bench.hits(f"-A FORWARD -j {target}\n-A FORWARD", ONE), [1, 0], target)


def aMarkStaysForLaterRulesAndTables(bench):
    bench.machine.clear()
    marks = ":A -\n-A FORWARD -m mark --mark 0x5\n-A FORWARD -j A\n-A FORWARD -m mark --mark 0x5\n-A FORWARD -m mark --mark 0"
    bench.load(marks + "\n-A A -j MARK --set-mark 5", "mangle")
    bench.load("-A FORWARD -m mark --mark 0x5")
    bench.send(ONE)
    expect(bench.counts("FORWARD", "mangle"), [0, 1, 1, 0], "before and after the chain that marks")
    expect(bench.counts("FORWARD"), [1], "the next table")


def aMarkComesInWithThePacket(bench):
    for hook, chain in (("forward", "FORWARD"), ("input", "INPUT"), ("output", "OUTPUT")):
        rules = f"-A {chain} -m mark --mark 0xfedcba98\n-A {chain} -m mark --mark 0"
        for family in (4, 6):
            one = packet(hook, family, mark=0xFEDCBA98)
            expect(bench.hits(rules, one, chain=chain), [1, 0], f"{hook}, IPv{family}")


def markArithmetic(bench):
    start = 0x35
    for option, result in (
        ("--set-xmark 0xf0/0xff", 0xF0),
        ("--set-xmark 0x3/0x5", 0x33),
        ("--set-xmark 0x1/0x0", 0x34),
        ("--set-mark 0x3/0x5", 0x33),
        ("--set-mark 0x5/0x5", 0x35),
        ("--set-mark 0x9", 0x9),
        ("--or-mark 0xc", 0x3D),
        ("--and-mark 0xf", 0x5),
        ("--xor-mark 0xf", 0x3A),
    ):
        for family in (4, 6):
            rules = f"-A FORWARD -j MARK {option}\n-A FORWARD -m mark --mark {result:#x}\n-A FORWARD -m mark ! --mark {result:#x}"
            one = packet(family=family, mark=start)
            expect(bench.hits(rules, one, table="mangle"), [1, 1, 0], f"{option} of {start:#x} is {result:#x}")


def markTargetsAreSavedAsSetXmark(bench):
    for option, saved in (
        ("--set-mark 0x3/0x5", "0x3/0x7"),
        ("--set-mark 0x9", "0x9/0xffffffff"),
        ("--or-mark 0xc", "0xc/0xc"),
        ("--and-mark 0xf", "0x0/0xfffffff0"),
        ("--xor-mark 0xf", "0xf/0x0"),
        ("--set-xmark 0xf1/0xf", "0xf1/0xf"),
    ):
        expect(bench.saved(f"-A FORWARD -j MARK {option}", "mangle"), [f"-A FORWARD -j MARK --set-xmark {saved}"], option)


def aRuleActsOnlyIfWhatStandsBeforeItsStatefulMatchHolds(bench):
    seen = "-A FORWARD -m recent --rcheck --name seen --rsource"
    act = "-m recent --set --name seen --rsource"
    for condition, acts in (
        (act, True),
        (f"-s 192.0.2.1 {act}", False),
        (f"-o em1 {act}", False),
        (f"-p udp {act}", False),
        (f"-m mark --mark 1 {act}", False),
        (f"-p tcp -m tcp --dport 81 {act}", False),
        (f"{act} -m mark --mark 1", True),
        (f"-p tcp {act} -m tcp --dport 81", True),
        (f"{act} -p udp", False),
    ):
        expect(bench.hits(f"-A FORWARD {condition} -j LOG\n{seen}", ONE)[1:], [int(acts)], condition)


def aTableThatAppearsTwiceIsTheLast(bench):
    bench.machine.clear()
    bench.machine.load("*filter\n-A FORWARD -s 10.1.0.7\nCOMMIT\n*filter\n-A FORWARD -s 10.9.9.9\nCOMMIT\n")
    bench.send(ONE)
    expect(bench.counts("FORWARD"), [0], "one rule is left, the later one")


def eachListedAddressPairIsARule(bench):
    saved = bench.saved("-A FORWARD -s 10.1.0.1,10.1.0.2 -d 10.2.0.1,10.2.0.2 -j DROP")
    ends = [tuple(line.split()[3:6:2]) for line in saved]
    wanted = [(f"10.1.0.{s}/32", f"10.2.0.{d}/32") for s in (1, 2) for d in (1, 2)]
    expect(sorted(ends), wanted, "sources times destinations")
