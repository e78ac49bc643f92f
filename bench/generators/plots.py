"""Small groups of rules in which it is known which one is dead.

A plot owns one destination network that no other plot names, so that which of its rules is reached depends on
the plot alone. Its ports stay below MAX_PORT, so that rules for higher ports may stand anywhere.

Each kind of plot below plants one rule, the victim: dead, or with `near` live by one single value that its
takers leave it. Why all the other rules of a plot are live is said beside each kind.
"""
from .text import address, condition, ports, prefix

MAX_PORT = 49999
ENDS = ("-j ACCEPT", "-j DROP", "-j REJECT --reject-with icmp-port-unreachable")


class Plot:
    def __init__(self, number, block, dice):
        self.block, self.dice = block, dice
        self.dst = prefix(block, 24)
        self.chain = f"plot{number}"
        self.main, self.inner = [], []  # (text, target, status, kind)

    def end(self):
        return self.dice.pick(ENDS)

    def live(self, target=None, **tests):
        self.main.append((condition(**{"dst": self.dst, **tests}), target or self.end(), "live", None))

    def liveInner(self, target=None, **tests):
        self.inner.append((condition(**tests), target or self.end(), "live", None))

    def victim(self, kind, near, target=None, inner=False, **tests):
        status = "near" if near else "dead"
        text = condition(**tests) if inner else condition(**{"dst": self.dst, **tests})
        (self.inner if inner else self.main).append((text, target or self.end(), status, kind))

    def call(self, verb="-j", **tests):
        self.live(f"{verb} {self.chain}", **tests)

    def source(self):
        """An address in 172.16.0.0/12."""
        return 172 << 24 | 16 << 16 | self.dice.below(1 << 20)

    def range(self, least=4):
        low = self.dice.between(2, MAX_PORT - 4000)
        return low, low + least + self.dice.below(1000)


def tcp(low, high):
    return {"proto": "tcp", "dport": ports(low, high)}


def duplicate(plot, near):
    """The same rule twice; near: its range ends one port later. The first is the plot's first."""
    src, target = prefix(plot.source(), 24), plot.end()
    low, high = plot.range()
    plot.live(target, src=src, **tcp(low, high))
    plot.victim("duplicate", near, target, src=src, **tcp(low, high + near))


def container(plot, near):
    """One rule that holds another; near: the inner one ends one port later. The first is the plot's first."""
    src = plot.source()
    low, high = plot.range()
    plot.live(src=prefix(src, 16), **tcp(low, high))
    inner = prefix(plot.block | plot.dice.below(256), 28)
    plot.victim("container", near, src=prefix(src, 24), dst=inner, **tcp(low + 1, high + near))


def cut(dice, low, high, parts):
    """Splits a range into parts of at least two values each."""
    while True:
        ends = sorted(dice.between(low + 1, high - 2) for _ in range(parts - 1))
        pieces = list(zip([low, *(end + 1 for end in ends)], [*ends, high]))
        if all(last > first for first, last in pieces):
            return pieces


SPLITS = {1: (0,), 2: (1, 1), 3: (1, 2, 2), 4: (2, 2, 2, 2)}  # prefix bits added, for each part of a network


def splitNetwork(src, length, parts):
    base, pieces = src >> (32 - length) << (32 - length), []
    for extra in SPLITS[parts]:
        pieces.append(prefix(base, length + extra))
        base += 1 << (32 - length - extra)
    return pieces


def union(plot, near, takers):
    """Rules that fill another only together: by ports alone, or a range of ports and the parts of a network
    for the rest. near: one of them ends one port earlier. All takers are disjoint, hence live."""
    src, (low, high) = plot.source(), plot.range(40)
    parts = plot.dice.pick((1, takers - 1))
    ranges = cut(plot.dice, low, high, takers - parts + 1)
    whole = [(prefix(src, 24), piece) for piece in ranges[:-1]]
    boxes = whole + [(network, ranges[-1]) for network in splitNetwork(src, 24, parts)]
    if near:
        short = plot.dice.below(len(boxes))
        network, (first, last) = boxes[short]
        boxes[short] = network, (first, last - 1)
    plot.dice.shuffle(boxes)
    for network, piece in boxes:
        plot.live(src=network, **tcp(*piece))
    plot.victim(f"union{takers}", near, src=prefix(src, 24), **tcp(low, high))


def called(plot, near):
    """A called chain that takes all it gets; near: it is not called for the last port, or spares one address.
    Its first rule is live as the first, its last for the addresses the first leaves."""
    src, (low, high) = plot.source(), plot.range()
    spare = near and plot.dice.chance(1, 2)
    if near and not spare:
        plot.call(**tcp(low, high - 1))
    else:
        plot.call()
    plot.liveInner(src=prefix(src ^ 1 << 12, 25))
    plot.liveInner(**({"src": f"! {address(src)}/32"} if spare else {}))
    plot.victim("called", near, src=prefix(src, 24), **tcp(low, high))


def gone(plot, near):
    """A goto out of the built-in chain, which is never come back from; near: not for the last port."""
    low, high = plot.range()
    plot.call("-g", **tcp(low, high - near))
    plot.liveInner(src=prefix(plot.source(), 24))
    plot.victim("goto", near, **tcp(low, high))


def returned(plot, near):
    """A RETURN takes what a rule behind it asks for; near: the RETURN ends one port earlier. What came back
    is met by the rule in the calling chain; the last rule of the called one tests another protocol."""
    low, high = plot.range()
    plot.call()
    plot.liveInner("-j RETURN", **tcp(low, high - near))
    plot.victim("return", near, inner=True, **tcp(low, high))
    plot.liveInner(proto="udp", dport=ports(low, high))
    plot.live(**tcp(low, high - 1))


def markedOtherwise(plot, near):
    """A mark that was just set to another value; near: not for the last port, whose packets may bring any mark."""
    low, high = plot.range()
    plot.live("-j MARK --set-xmark 0x5/0xffffffff", **tcp(low, high - near))
    plot.victim("mark", near, **tcp(low, high), extra=f"-m mark --mark {plot.dice.between(6, 99):#x}")


def markedInPart(plot, near):
    """Some bits of the mark were set; the rule asks for others in them, near: for the same."""
    plot.live("-j MARK --set-xmark 0x10/0xf0")
    plot.victim("mark-bits", near, src=prefix(plot.source(), 24), extra=f"-m mark --mark {0x10 if near else 0x20:#x}/0xf0")


def markedAndTaken(plot, near):
    """Packets are marked, and a rule for the mark takes them; near: the last port is not marked."""
    low, high = plot.range()
    plot.live("-j MARK --set-xmark 0x9/0xffffffff", **tcp(low, high - near))
    plot.live(extra="-m mark --mark 0x9")
    # Marked by its sender, a packet to the last port would be taken too: the victim's own has another mark.
    plot.victim("mark-taken", near, src=prefix(plot.source(), 24), **tcp(low, high))


def negatedSource(plot, near):
    """Everyone else, and then the one; near: the one's range ends one port earlier. The takers are disjoint."""
    one, (low, high) = address(plot.source()), plot.range()
    plot.live(src=f"! {one}/32")
    plot.live(src=f"{one}/32", **tcp(low, high - near))
    plot.victim("negated-source", near, **tcp(low, high))


def negatedPort(plot, near):
    """All ports but one, and then this one; near: all but two. The takers are disjoint."""
    low, high = plot.range()
    port = plot.dice.between(low, high - 1)
    plot.live(proto="tcp", dport=f"! {ports(port, port + near)}")
    plot.live(**tcp(port, port))
    plot.victim("negated-port", near, src=prefix(plot.source(), 20), **tcp(low, high))


def negatedInterface(plot, near):
    """All interfaces but one, and then this one; near: the second rule ends one port earlier."""
    low, high = plot.range()
    plot.live(into="! em1")
    plot.live(into="em1", **tcp(low, high - near))
    plot.victim("negated-interface", near, **tcp(low, high))


KINDS = {
    "duplicate": duplicate,
    "container": container,
    **{f"union{takers}": (lambda plot, near, takers=takers: union(plot, near, takers)) for takers in range(2, 6)},
    "called": called,
    "goto": gone,
    "return": returned,
    "mark": markedOtherwise,
    "mark-bits": markedInPart,
    "mark-taken": markedAndTaken,
    "negated-source": negatedSource,
    "negated-port": negatedPort,
    "negated-interface": negatedInterface,
}


def ladder(plot):
    """Ever wider: each has sources that the narrower ones before it lack."""
    src = plot.source()
    for length in (30, 27, 24, 20, 16):
        plot.live(src=prefix(src, length))


def steps(plot):
    """Ranges that overlap: each ends later than all before it."""
    low, _ = plot.range()
    for step in range(5):
        plot.live(proto="udp", dport=ports(low + 50 * step, low + 50 * step + 100))


def unsure(plot):
    """What comes first lets packets go on, or may not match: it takes nothing for certain."""
    plot.live("-j LOG")
    plot.live("-j ACCEPT", extra="-m limit --limit 5/sec")
    plot.live(extra="-m mark --mark 0x7")
    plot.live(**tcp(*plot.range()))
    plot.live()


FILLERS = (ladder, steps, unsure)
