"""Call graphs that are hard for engines that follow calls one by one, or that keep sets of packets: filled with the rules of
nested.py, which leave most fields open.

wild     one chain
series   20 chains that FORWARD calls one after the other, each for every packet
dag      chains of 60 rules, of which one in five jumps to a chain further down
sites    one chain of 5,000 rules, called from the rest of the rules
levels   16 chains, each called from many places of the one before
diamond  16 levels of two chains, each of which calls both of the next level: 2^16 ways to the last
overlap  one chain of rules so wide that nearly all overlap
marked   dag, in which some rules set bits of the mark and others ask for them
"""
from .nested import someRule
from .text import Table, condition, ports, prefix

VERDICTS = [(60, "-j ACCEPT"), (40, "-j DROP")]
WITH_RETURN = [(58, "-j ACCEPT"), (34, "-j DROP"), (8, "-j RETURN")]
SERIES, DAG_RULES, SHARED, LEVELS = 20, 60, 5000, 16


def forward():
    return Table("filter", {"INPUT": "DROP", "FORWARD": "DROP"})


def wild(count, dice):
    table = forward()
    for _ in range(count):
        table.add("FORWARD", someRule(dice), dice.weighted(VERDICTS))
    return [table]


def series(count, dice):
    table = forward()
    for number in range(SERIES):
        table.add("FORWARD", "", f"-j stage-{number:02}")
    for _ in range(count - SERIES):
        table.add(f"stage-{dice.below(SERIES):02}", someRule(dice), dice.weighted(WITH_RETURN))
    return [table]


def dag(count, dice):
    table = forward()
    chains = ["FORWARD", *(f"c{number:04}" for number in range(1, max(2, count // DAG_RULES)))]
    for at, chain in enumerate(chains):
        for _ in range(DAG_RULES):
            calls = at + 1 < len(chains) and dice.chance(22, 100)
            target = f"-j {chains[dice.between(at + 1, len(chains) - 1)]}" if calls else dice.weighted(WITH_RETURN)
            table.add(chain, someRule(dice), target)
    return [table]


MARKS = ("0x1/0x1", "0x0/0x1", "0x2/0x3", "0x3/0x3")


def marked(count, dice):
    table = dag(count, dice)[0]
    for chain, rules in table.chains.items():
        for at, rule in enumerate(rules):
            tests, target = rule.rsplit("-j ", 1)
            if dice.chance(1, 5) and target in ("ACCEPT", "DROP", "RETURN"):
                target = f"MARK --set-xmark {dice.pick(MARKS)}"
            elif dice.chance(1, 4):
                tests += f"-m mark --mark {dice.pick(MARKS)} "
            rules[at] = f"{tests}-j {target}"
    return [table]


def sites(count, dice):
    table = forward()
    shared = min(SHARED, count // 3)
    for _ in range(shared):
        table.add("shared", someRule(dice), dice.weighted(WITH_RETURN))
    for _ in range(count - shared):
        table.add("FORWARD", someRule(dice), "-j shared")
    return [table]


def levels(count, dice):
    table = forward()
    names = ["FORWARD", *(f"level-{number:02}" for number in range(1, LEVELS))]
    for at, name in enumerate(names):
        for _ in range(count // LEVELS):
            calls = at + 1 < LEVELS and dice.chance(1, 10)
            table.add(name, someRule(dice), f"-j {names[at + 1]}" if calls else dice.weighted(WITH_RETURN))
    return [table]


def diamond(count, dice):
    table = forward()
    for side in "ab":
        table.add("FORWARD", "", f"-j d00-{side}")
    own = max(1, count // (2 * LEVELS) - 2)
    for level in range(LEVELS):
        for side in "ab":
            for _ in range(own):
                table.add(f"d{level:02}-{side}", someRule(dice), dice.weighted(WITH_RETURN))
            for below in "ab" if level + 1 < LEVELS else "":
                table.add(f"d{level:02}-{side}", "", f"-j d{level + 1:02}-{below}")
    return [table]


def wideRule(dice):
    low = dice.between(1, 40000)
    return condition(
        src=prefix(dice.below(1 << 32), dice.between(1, 6)),
        dst=prefix(dice.below(1 << 32), dice.between(1, 6)),
        proto="tcp",
        sport=ports(low, 65535 - dice.below(10000)),
        dport=ports(dice.between(1, 20000), 65535 - dice.below(20000)),
    )


def overlap(count, dice):
    table = forward()
    for _ in range(count):
        table.add("FORWARD", wideRule(dice), dice.weighted(VERDICTS))
    return [table]
