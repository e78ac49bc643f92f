"""A flat access list: one chain, first match decides, what no rule names is dropped.

Like the lists that ClassBench was modelled on: prefixes come from few networks and lie within one another, most
rules name a protocol and a port, some name next to nothing. Narrow rules stand before wide ones, as
administrators keep them, but for one in twenty, which stands too early, so that some rules behind it are dead.
"""
from .text import Table, condition, ports, prefix

PREFIX_LENGTHS = [(6, 0), (2, 8), (6, 16), (4, 20), (20, 24), (6, 27), (12, 30), (44, 32)]
PROTOCOLS = [(62, "tcp"), (24, "udp"), (4, "icmp"), (10, None)]
PORT_KINDS = [(52, "one"), (18, "well-known"), (12, "range"), (6, "high"), (12, "any")]
WELL_KNOWN = (20, 21, 22, 23, 25, 53, 80, 110, 123, 143, 161, 389, 443, 445, 514, 587, 636, 993, 1433, 3306, 5432, 8080)
ICMP_TYPES = (0, 3, 8, 11)
RULES_PER_NETWORK = 40
OUT_OF_PLACE = (1, 20)
BUSY = 40  # one network in so many is named in half of all prefixes
AT_MOST_EARLIER = 56  # bits of width by which a rule stands too early


def networks(count, dice):
    """Where prefixes are taken from; three in four lie within 10.0.0.0/8."""
    within = [10 << 24 | dice.below(1 << 24) for _ in range(count * 3 // 4 + 1)]
    return within + [dice.between(11, 222) << 24 | dice.below(1 << 24) for _ in range(count // 4 + 1)]


def somePrefix(dice, pool):
    length = dice.weighted(PREFIX_LENGTHS)
    if length == 0:
        return 0, 0
    network = pool[dice.below(len(pool) // BUSY + 1)] if dice.chance(1, 2) else dice.pick(pool)
    host = dice.below(1 << 12) if length > 20 else 0  # within the network's own /20
    return (network & 0xFFFFF000) | host, length


def somePorts(dice):
    kind = dice.weighted(PORT_KINDS)
    if kind == "one":
        low = dice.between(1, 65535)
        return low, low
    if kind == "well-known":
        low = dice.pick(WELL_KNOWN)
        return low, low
    if kind == "range":
        low = dice.between(1, 60000)
        return low, low + dice.between(1, 5000)
    return (1024, 65535) if kind == "high" else None


def widthOf(length, dports):
    return 32 - length + (16 if dports is None else (dports[1] - dports[0] + 1).bit_length() - 1)


def someRule(dice, pool):
    (src, srcLength), (dst, dstLength) = somePrefix(dice, pool), somePrefix(dice, pool)
    proto = dice.weighted(PROTOCOLS)
    dports = somePorts(dice) if proto in ("tcp", "udp") else None
    sports = somePorts(dice) if dports and dice.chance(1, 12) else None
    text = condition(
        src=prefix(src, srcLength) if srcLength else None,
        dst=prefix(dst, dstLength) if dstLength else None,
        proto=proto,
        sport=ports(*sports) if sports else None,
        dport=ports(*dports) if dports else None,
        icmp=dice.pick(ICMP_TYPES) if proto == "icmp" else None,
    )
    return 32 - srcLength + widthOf(dstLength, dports) + (0 if proto else 8), text


def generate(count, dice):
    pool, rules, seen = networks(count // RULES_PER_NETWORK, dice), [], set()
    while len(rules) < count:
        width, text = someRule(dice, pool)
        if not text or text in seen:
            continue
        seen.add(text)
        place = width - dice.below(AT_MOST_EARLIER) if dice.chance(*OUT_OF_PLACE) else width
        rules.append((place, len(rules), text))
    table = Table("filter", {"INPUT": "DROP", "FORWARD": "DROP"})
    for _, _, text in sorted(rules):
        table.add("FORWARD", text, "-j ACCEPT" if dice.chance(7, 10) else "-j DROP")
    return [table]
