"""A large rule set of which it is known, rule by rule, what is dead.

Plots (plots.py) share out the destination networks within 10.0.0.0/8; their rules are shuffled through one chain, each
plot's in its own order, so that a dead rule is far from its takers. In front and at the end stand rules for any
destination and ports that no plot uses: each has its own ports, so it is live, and takes nothing that
keeps a plot's rule alive.
"""
from .plots import FILLERS, KINDS, MAX_PORT, Plot
from .text import Table, condition, ports

BLOCKS = 1 << 16  # networks of 24 bits within 10.0.0.0/8
WIDE = 12
FILLERS_PER_KIND = 1


def kindsForever(without):
    kinds = [kind for name, kind in KINDS.items() if name not in without]
    while True:
        for kind in kinds:
            yield kind, 0
            yield kind, 1


def makePlots(count, dice, without):
    blocks = list(range(BLOCKS))
    dice.shuffle(blocks)
    plots, size = [], 0
    kinds = kindsForever(without)
    while size < count - 2 * WIDE:
        for filler in (False, *[True] * FILLERS_PER_KIND):
            assert len(plots) < BLOCKS, "more rules than there are networks for their plots"
            plot = Plot(len(plots), 10 << 24 | blocks[len(plots)] << 8, dice)
            if filler:
                dice.pick(FILLERS)(plot)
            else:
                kind, near = next(kinds)
                kind(plot, near)
            plots.append(plot)
            size += len(plot.main) + len(plot.inner)
    return plots


def wideRules(first):
    for index in range(WIDE):
        low = first + 20 * index
        yield condition(proto="tcp", dport=ports(low, low + 9)), "-j ACCEPT" if index % 3 else "-j DROP"


def shuffled(plots, dice):
    """The plots' rules for the main chain, at random, but each plot's in its own order."""
    keyed = []
    for number, plot in enumerate(plots):
        keys = sorted(dice.bits() for _ in plot.main)
        keyed += [(key, number, index) for index, key in enumerate(keys)]
    return [plots[number].main[index] for _, number, index in sorted(keyed)]


def generate(count, dice, without=()):
    """The tables, and the manifest; no plots of the kinds named in without."""
    table = Table("filter", {"FORWARD": "DROP"})
    noted = {"dead": [], "near": [], "live": []}

    def add(chain, text, target, status, kind):
        number = table.add(chain, text, target)
        noted[status].append({"table": table.name, "chain": chain, "rule": number, "kind": kind})

    for text, target in wideRules(MAX_PORT + 1):
        add("FORWARD", text, target, "live", None)
    plots = makePlots(count, dice, without)
    for rule in shuffled(plots, dice):
        add("FORWARD", *rule)
    for text, target in wideRules(MAX_PORT + 5001):
        add("FORWARD", text, target, "live", None)
    for plot in plots:
        for rule in plot.inner:
            add(plot.chain, *rule)
    return [table], {"version": 1, "rules": table.size, "dead": noted["dead"], "near": noted["near"]}
