"""One-rule texts, good and bad, for every row of lib/parse/Options.def: values at and around each bound, `!`, the
option twice, without its value, without its match, cut short, in the other family, in every table and chain."""

import re
import zlib
from collections import namedtuple

from samples import BEFORE, SAMPLES
from values import KIND_VALUES, VALUES

Module = namedtuple("Module", "kind id name families")
Option = namedtuple("Option", "module name canonical value flags min max")
Case = namedtuple("Case", "module option family text")

CHAINS = {
    "filter": ["INPUT", "FORWARD", "OUTPUT"],
    "nat": ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
    "mangle": ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
    "raw": ["PREROUTING", "OUTPUT"],
    "security": ["INPUT", "FORWARD", "OUTPUT"],
}
# Where the cases of a module stand: one place that takes it.
HOMES = {
    "Owner": ("filter", "OUTPUT"), "Cgroup": ("filter", "OUTPUT"), "Rpfilter": ("raw", "PREROUTING"),
    "Dnat": ("nat", "PREROUTING"), "Redirect": ("nat", "PREROUTING"), "Snat": ("nat", "POSTROUTING"),
    "Masquerade": ("nat", "POSTROUTING"), "Netmap": ("nat", "PREROUTING"), "Tproxy": ("mangle", "PREROUTING"),
    "Trace": ("raw", "PREROUTING"), "Ct": ("raw", "PREROUTING"), "Notrack": ("raw", "PREROUTING"),
    "Classify": ("mangle", "POSTROUTING"), "Connsecmark": ("mangle", "INPUT"), "Secmark": ("mangle", "INPUT"),
    "TosTarget": ("mangle", "INPUT"), "DscpTarget": ("mangle", "INPUT"), "EcnTarget": ("mangle", "INPUT"),
    "TtlTarget": ("mangle", "INPUT"), "HlTarget": ("mangle", "INPUT"), "Tcpoptstrip": ("mangle", "INPUT"),
    "Checksum": ("mangle", "INPUT"), "Snpt": ("mangle", "POSTROUTING"), "Dnpt": ("mangle", "PREROUTING"),
    "SetTarget": ("mangle", "FORWARD"), "TcpmssTarget": ("mangle", "FORWARD"),
}  # fmt: skip
# Modules that this kernel may lack, or that need something set up which the namespace has not: --test alone counts,
# which does not know places.
NOT_LOADED = {"Ipvs", "Nfacct", "Rateest", "Ulog", "Led", "Secmark", "Clusterip"}
# Uses that mean something with some protocols only.
NEEDS_PROTOCOL = {
    "Dnat": ["--to-destination {ip}", "--to-destination :80"],
    "Snat": ["--to-source {ip}", "--to-source :80-90"],
    "Masquerade": ["", "--to-ports 80", "--random"],
    "Redirect": ["", "--to-ports 80"],
    "Reject": ["--reject-with tcp-reset", "--reject-with tcp-rst"],
    "Tproxy": ["--on-port 80"],
}
NUMBER_BITS = {"U8": 8, "U16": 16, "U32": 32, "U64": 64}
SKIPPED = "Base"  # lines of Base have their own list, in restore.py


def table(text):
    """The modules and options that Options.def names."""
    modules = [Module(*found) for found in re.findall(r'^(MATCH|TARGET)\((\w+), "([^"]*)", (\w+)', text, re.M)]
    options = [
        Option(module, name, canonical, value, flags, int(low), int(high))
        for module, name, canonical, value, flags, low, high in re.findall(
            r'^OPTION\((\w+), "([^"]+)",\s*"([^"]+)",\s*(\w+),\s*([^,]+),\s*(\d+),\s*(\d+)', text, re.M)
    ]
    return [module for module in modules if module.id != SKIPPED], [one for one in options if one.module != SKIPPED]


def fill(text, family, chain):
    four = {"ip": "1.2.3.4", "ip2": "1.2.3.9", "net": "10.1.0.0/16", "other": "fd00::1"}
    six = {"ip": "fd00::1", "ip2": "fd00::9", "net": "fd00::/64", "other": "1.2.3.4"}
    names = dict(four if family == 4 else six, family=str(family))
    names["dir"] = "out" if chain in ("OUTPUT", "POSTROUTING") else "in"
    return re.sub(r"\{(\w+)\}", lambda found: names.get(found[1], found[0]), text)


def boundValues(option):
    """Numbers at and around the bounds, good and bad alike: the kernel says which is which."""
    kind = option.value.removesuffix("Range")
    if kind not in NUMBER_BITS:
        return []
    high = option.max or 2 ** NUMBER_BITS[kind] - 1
    numbers = {option.min, option.min + 1, high - 1, high, high + 1, 2 ** NUMBER_BITS[kind]}
    if option.min:
        numbers.add(option.min - 1)
    texts = [str(number) for number in sorted(numbers)] + [hex(option.min + 1), "x", '""', "-1", "1x", "08"]
    if option.value.endswith("Range"):
        texts += ["1:2", "2:1", ":2", "2:", ":", "1:2:3", f"1:{high + 1}", "1-2", "x:2"]
    return texts


def valuesOf(option):
    if option.value == "None":
        return [None]
    own = VALUES.get((option.module, option.canonical))
    return list(own if own is not None else KIND_VALUES.get(option.value, [])) + boundValues(option)


class Writer:
    """Puts a rule's text together."""

    def __init__(self, modules):
        self.modules = {module.id: module for module in modules}

    def words(self, module, uses):
        """uses: option and value in order; `!` before a name says negated."""
        flag = "-m" if module.kind == "MATCH" else "-j"
        parts = [BEFORE.get(module.id, ""), flag, module.name]
        for name, value in uses:
            bang, name = ("! ", name[1:]) if name.startswith("!") else ("", name)
            parts.append(f"{bang}--{name}" + ("" if value is None else f" {value}"))
        return " ".join(part for part in parts if part)

    def rule(self, module, words, family, home=None):
        name, chain = home or HOMES.get(module.id, ("filter", "INPUT"))
        return fill(f"*{name}\n-A {chain} {words}\nCOMMIT\n", family, chain)


def sampleWith(module, option, options, value, negated=False):
    """The module's sample with one option set; what excludes it, as Options.def or trial says, left out."""
    name = ("!" if negated else "") + option.name
    kept = []
    for other, otherValue in SAMPLES.get(module.id, []):
        row = next(one for one in options if one.module == module.id and one.name == other)
        if row.canonical == option.canonical or ("kAlone" in row.flags and "kAlone" in option.flags):
            continue
        if frozenset((row.canonical, option.canonical)) in EXCLUDING.get(module.id, ()):
            continue
        kept.append((other, otherValue))
    extra = [pair for pair in COMPANIONS.get((module.id, option.canonical), []) if pair[0] not in dict(kept)]
    return kept + extra + [(name, value)]


def pairs(*texts):
    return {frozenset(text.split()) for text in texts}


EXCLUDING = {
    "Connlimit": pairs("connlimit-upto connlimit-above"),
    "Cluster": pairs("cluster-local-node cluster-local-nodemask"),
    "Dscp": pairs("dscp dscp-class"),
    "DscpTarget": pairs("set-dscp set-dscp-class"),
    "Cgroup": pairs("path cgroup"),
    "String": pairs("string hex-string"),
    "Bpf": pairs("bytecode object-pinned"),
    "Hashlimit": pairs("hashlimit-upto hashlimit-above"),
    "Statistic": pairs("probability every", "probability packet"),
    "TcpmssTarget": pairs("set-mss clamp-mss-to-pmtu"),
    "Hmark": pairs("hmark-spi hmark-sport", "hmark-spi hmark-dport"),
    "SetTarget": pairs("add-set del-set", "add-set map-set"),
    "Connsecmark": pairs("save restore"),
    "Ct": pairs("notrack helper", "notrack timeout", "notrack ctevents", "notrack expevents"),
    "EcnTarget": pairs("ecn-tcp-remove ecn-tcp-cwr", "ecn-tcp-remove ecn-tcp-ece"),
    "Nfqueue": pairs("queue-num queue-balance"),
    "Rateest": pairs("rateest rateest1", "rateest rateest2"),
}
COMPANIONS = {
    ("Statistic", "every"): [],
    ("Policy", "tunnel-src"): [("mode", "tunnel")],
    ("Policy", "tunnel-dst"): [("mode", "tunnel")],
    ("Policy", "next"): [("strict", None), ("reqid", "1")],
    ("Recent", "seconds"): [],
    ("ConnmarkTarget", "mask"): [("save-mark", None)],
    ("ConnmarkTarget", "ctmask"): [("save-mark", None)],
    ("ConnmarkTarget", "nfmask"): [("save-mark", None)],
    ("ConnmarkTarget", "left-shift-mark"): [("save-mark", None)],
    ("ConnmarkTarget", "right-shift-mark"): [("save-mark", None)],
    ("Limit", "limit-burst"): [("limit", "3/s")],
    ("Addrtype", "limit-iface-in"): [],
    ("Connlabel", "set"): [],
    ("SetTarget", "map-mark"): [("map-set", "s{family} src")],
    ("SetTarget", "map-prio"): [("map-set", "s{family} src")],
    ("SetTarget", "map-queue"): [("map-set", "s{family} src")],
    ("Nfqueue", "queue-cpu-fanout"): [("queue-balance", "1:3")],
    ("EcnTarget", "ecn-ip-ect"): [],
    ("Rt", "rt-0-res"): [("rt-type", "0")],
    ("Rt", "rt-0-addrs"): [("rt-type", "0")],
    ("Rt", "rt-0-not-strict"): [("rt-type", "0"), ("rt-0-addrs", "::1")],
}


def optionCases(writer, module, option, options, family):
    def case(words):
        return Case(module.id, option.name, family, writer.rule(module, words, family))

    values = valuesOf(option)
    good = values[0]
    if option.name == option.canonical:
        for value in values:
            yield case(writer.words(module, sampleWith(module, option, options, value)))
    else:
        yield case(writer.words(module, sampleWith(module, option, options, good)))
    uses = sampleWith(module, option, options, good)
    yield case(writer.words(module, sampleWith(module, option, options, good, negated=True)))
    yield case(writer.words(module, uses + [(option.name, good)]))
    if option.value != "None":
        yield case(writer.words(module, sampleWith(module, option, options, None)))
        yield case(writer.words(module, [(name, value) for name, value in uses if name != option.name]) +
                   f" --{option.name}={good}")
    else:
        yield case(writer.words(module, uses) + " foo")
    yield case(f"--{option.name}" + ("" if good is None else f" {good}"))
    yield case(writer.words(module, [(option.name, good)]))
    if len(option.name) > 3:
        yield case(writer.words(module, uses[:-1] + [(option.name[:-1], good)]))
        if option.name[:3] not in ("src", "dst"):  # those mean addresses
            yield case(writer.words(module, uses[:-1] + [(option.name[:3], good)]))
    yield case(writer.words(module, uses[:-1] + [(option.name + "x", good)]))


def pairCases(writer, module, options, family):
    """Every two options of a module in one rule."""
    own = [option for option in options if option.module == module.id and option.name == option.canonical]
    for first in range(len(own)):
        for second in range(first + 1, len(own)):
            one, two = own[first], own[second]
            uses = [use for use in sampleWith(module, one, options, valuesOf(one)[0]) if use[0] != two.name]
            words = writer.words(module, uses + [(two.name, valuesOf(two)[0])])
            yield Case(module.id, f"{one.name} {two.name}", family, writer.rule(module, words, family))


def placeCases(writer, module, words, label, family):
    """Every table and chain, and a user chain that is jumped to from there."""
    for name, chains in CHAINS.items():
        for chain in chains:
            yield Case(module.id, label, family, writer.rule(module, words, family, (name, chain)))
            inner = fill(words, family, chain)
            yield Case(module.id, label, family, f"*{name}\n:foo -\n-A foo {inner}\n-A {chain} -j foo\nCOMMIT\n")
        yield Case(module.id, label, family, fill(f"*{name}\n:foo -\n-A foo {words}\nCOMMIT\n", family, "INPUT"))


def moduleCases(writer, module, options, family):
    sample = writer.words(module, SAMPLES.get(module.id, []))
    flag = "-m" if module.kind == "MATCH" else "-j"
    yield Case(module.id, "", family, writer.rule(module, f"{flag} {module.name}", family))
    yield Case(module.id, "", family, writer.rule(module, f"{BEFORE.get(module.id, '')} {flag} {module.name}", family))
    if module.id in BEFORE:
        for before in ("", "-p tcp", "-p udp", "! " + BEFORE[module.id], "-p all"):
            words = sample.replace(BEFORE[module.id], before, 1)
            yield Case(module.id, "", family, writer.rule(module, words, family))
    for value in NEEDS_PROTOCOL.get(module.id, []):
        for before in ("", "-p tcp", "-p udp", "! -p tcp", "-p icmp", "-p gre", "-p sctp", "-p all"):
            words = f"{before} -j {module.name} {value}"
            yield Case(module.id, "", family, writer.rule(module, words, family))
    if module.id not in NOT_LOADED:
        yield from placeCases(writer, module, sample, "", family)


def allCases(text):
    modules, options = table(text)
    writer = Writer(modules)
    for family in (4, 6):
        for module in modules:
            if module.families not in ("Both", f"IPv{family}"):
                words = writer.words(module, SAMPLES.get(module.id, []))
                yield Case(module.id, "", family, writer.rule(module, words, family))
                continue
            yield from moduleCases(writer, module, options, family)
            for option in options:
                if option.module == module.id:
                    yield from optionCases(writer, module, option, options, family)
            if family == 4 or module.families == "IPv6":
                yield from pairCases(writer, module, options, family)


def chosen(text, places, share):
    """One of `share` cases, and the first of each option and family; each text once. A case
    stays chosen when others come and go. User chains are tried for modules that do not load everywhere."""
    placed = set(re.findall(r"^(?:PLACE|PROTOCOL)\((\w+)", places, re.M))
    unique = {(case.family, case.text): case for case in allCases(text)}.values()
    kept, seen = [], set()
    for case in unique:
        if ":foo" in case.text and case.module not in placed:
            continue
        first = (case.module, case.option, case.family) not in seen
        seen.add((case.module, case.option, case.family))
        if first or zlib.crc32(case.text.encode()) % share == 0:
            kept.append(case)
    return kept
