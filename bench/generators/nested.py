"""A firewall between zones: FORWARD picks the chain of the incoming interface, that one the chain of both.

Its rules leave most fields open, so that nearly all of a chain's rules overlap: hard where sets of packets are
subtracted one after the other.
"""
from .text import Table, condition, ports, prefix

ZONES = ("lan0", "lan1", "dmz0", "dmz1", "vpn0", "wifi0", "lab0", "wan0")
COMMON = ("common-icmp", "common-names", "common-admin")
# Which fields a rule names: most name two, few name more.
FIELDS = [(14, "sd"), (20, "sp"), (20, "dp"), (12, "p"), (12, "s"), (12, "d"), (10, "sdp")]
TARGETS = [(62, "-j ACCEPT"), (26, "-j DROP"), (6, "-j RETURN"), (6, None)]


def somePrefix(dice):
    length = dice.weighted([(4, 12), (10, 16), (16, 20), (30, 24), (20, 28), (20, 32)])
    return prefix(10 << 24 | dice.below(1 << 24), length)


def somePorts(dice):
    low = dice.between(1, 65000)
    return ports(low, low if dice.chance(6, 10) else min(65535, low + dice.between(1, 1 << dice.between(1, 13))))


def someRule(dice):
    fields = dice.weighted(FIELDS)
    proto = dice.pick(("tcp", "tcp", "udp")) if "p" in fields else None
    return condition(
        src=somePrefix(dice) if "s" in fields else None,
        dst=somePrefix(dice) if "d" in fields else None,
        proto=proto,
        dport=somePorts(dice) if proto else None,
    )


def addCommon(table):
    table.add("common-icmp", condition(proto="icmp", icmp=8), "-j ACCEPT")
    table.add("common-icmp", condition(proto="icmp", icmp=11), "-j ACCEPT")
    table.add("common-names", condition(dst="10.0.0.53/32", proto="udp", dport="53"), "-j ACCEPT")
    table.add("common-names", condition(dst="10.0.0.53/32", proto="tcp", dport="53"), "-j ACCEPT")
    table.add("common-admin", condition(src="10.0.9.0/24", proto="tcp", dport="22"), "-j ACCEPT")
    table.add("common-admin", condition(src="10.0.9.0/24", proto="tcp", dport="5900:5999"), "-j LOG")


def generate(count, dice):
    table = Table("filter", {"INPUT": "DROP", "FORWARD": "DROP"})
    addCommon(table)
    table.add("FORWARD", "-m conntrack --ctstate RELATED,ESTABLISHED", "-j ACCEPT")
    pairs = [(into, out) for into in ZONES for out in ZONES if into != out]
    for into in ZONES:
        table.add("FORWARD", condition(into=into), f"-j from-{into}")
        for common in COMMON:
            table.add(f"from-{into}", "", f"-j {common}")
    for into, out in pairs:
        table.add(f"from-{into}", condition(out=out), f"-g {into}-{out}")
    left = count - table.size
    for index in range(max(left, len(pairs))):
        into, out = pairs[index % len(pairs)]
        target = dice.weighted(TARGETS) or f"-j {dice.pick(COMMON)}"
        table.add(f"{into}-{out}", someRule(dice), target)
    return [table]
