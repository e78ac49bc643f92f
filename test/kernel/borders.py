"""Packets at the borders of what rules ask for: from the witness of each rule, one field at a time moved across a border.

For a prefix 10.1.0.0/16 these are 10.0.255.255, 10.1.0.0, 10.1.255.255 and 10.2.0.0; for ports 80:90 they are 79, 80, 90
and 91; for a mark another bit in its mask and one outside; other protocols, interfaces, connection states, flags, types.
"""

import ipaddress
import itertools
import random
import shlex

import frames

STATES = ("NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED")
ADDRESS_OPTIONS = {"-s": "src", "--source": "src", "--src-range": "src", "-d": "dst", "--destination": "dst", "--dst-range": "dst"}
PORT_OPTIONS = {"--sport": ("sport",), "--dport": ("dport",), "--sports": ("sport",), "--dports": ("dport",), "--ports": ("sport", "dport")}
TRIES = 3  # packets made for one that is wanted, since the same come again
MAC_ELSEWHERE = "02:00:00:00:00:77"


def addressSpan(text):
    """First and last address of a prefix, a range or an address; of a mask with gaps the lowest, twice."""
    if "-" in text:
        return tuple(map(ipaddress.ip_address, text.split("-")))
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return (ipaddress.ip_address(text.split("/")[0]),) * 2
    return network[0], network[-1]


def around(low, high, most):
    return [value for value in (low - 1, low, high, high + 1) if 0 <= value <= most]


def addresses(text):
    for each in text.split(","):
        low, high = addressSpan(each)
        kind = type(low)
        for value in around(int(low), int(high), (1 << low.max_prefixlen) - 1):
            yield str(kind(value))


def ports(text):
    for each in text.split(","):
        low, _, high = each.partition(":")
        yield from around(int(low or 0), int(high or (65535 if ":" in each else low)), 65535)


def marks(text):
    value, _, mask = text.partition("/")
    value, mask = int(value, 0), int(mask or "0xffffffff", 0)
    outside = ~mask & 0xFFFFFFFF
    return {value, value ^ (mask & -mask), value ^ (1 << max(mask.bit_length() - 1, 0)), value | (outside & -outside)}


def icmpTypes(text):
    kind, _, code = text.partition("/")
    for each in around(int(kind), int(kind), 255):
        yield {"icmp_type": each, "icmp_code": int(code or 0)}
    yield {"icmp_type": int(kind), "icmp_code": int(code or 0) + 1}


def flags(mask, asked):
    wanted = {flag for flag in asked.split(",") if flag in frames.FLAGS}
    for one in [flag for flag in mask.split(",") if flag in frames.FLAGS]:
        yield sorted(wanted ^ {one})
    yield sorted(wanted)


def interfaces(text):
    name = text.rstrip("+")
    return [name or "em1", (name + "7")[-15:], "em2"]


def changes(option, values):
    """What fields a packet may have instead, at the borders of one option of a rule."""
    value = values[0] if values else ""
    if option in ADDRESS_OPTIONS:
        return [{ADDRESS_OPTIONS[option]: each} for each in addresses(value)]
    if option in PORT_OPTIONS:
        return [{field: each} for field in PORT_OPTIONS[option] for each in ports(value)]
    if option in ("-i", "-o"):
        return [{"in" if option == "-i" else "out": each} for each in interfaces(value)]
    if option == "-p":
        return [{"proto": each} for each in ("tcp", "udp", "icmp", "gre")]
    if option == "--mark":
        return [{"mark": each} for each in marks(value)]
    if option in ("--ctstate", "--state"):
        return [{"ctstate": each} for each in STATES]
    if option == "--tcp-flags":
        return [{"tcp_flags": each} for each in flags(*values[:2])]
    if option == "--syn":
        return [{"tcp_flags": each} for each in (["SYN"], ["ACK"], ["SYN", "ACK"], ["FIN", "SYN"])]
    if option in ("--icmp-type", "--icmpv6-type"):
        return list(icmpTypes(value))
    if option in ("-f", "--fragment"):
        return [{"fragment": True}, {"fragment": False}]
    return [{"mac": MAC_ELSEWHERE}] if option == "--mac-source" else []


def shifts(words):
    """All changes for the words of a rule. What does not read as a value (names, sets) has no borders."""
    for at, option in enumerate(words):
        try:
            yield from changes(option, words[at + 1 : at + 3])
        except ValueError:
            continue


def completed(packet):
    """With what its protocol has, and nothing else of that kind."""
    family, protocol = packet["family"], packet["proto"]
    if protocol == "icmp" and family == 6:
        packet = {**packet, "proto": "ipv6-icmp"}
    if packet["proto"] in ("icmp", "ipv6-icmp"):
        return {"icmp_type": 8 if family == 4 else 128, "icmp_code": 0, **packet}
    if not packet.get("fragment") and frames.number(protocol) in frames.WITH_PORTS:
        return {"sport": 40000, "dport": 80, **packet}
    return packet


def otherWay(packet, pick):
    """What was for this host is forwarded, and the other way round; a local packet is received and forwarded."""
    if packet.get("in") and packet.get("out"):
        return {**packet, "out": None}
    return {**packet, "in": packet.get("in") or "em1", "out": packet.get("out") or pick.choice(["em1", "em2"])}


def variations(claim, words, pick):
    """The witness of a rule, then packets at the borders of what it asks for, in random order."""
    witness = claim["witness"]
    moved = [{**witness, **change} for change in shifts(words)] + [otherWay(witness, pick)]
    moved = [packet for packet in moved if (packet["in"] is None) == (witness["in"] is None) or packet["out"]]
    pick.shuffle(moved)
    return [completed(packet) for packet in (witness, *moved)]


def crossings(claims, words, wanted, pick):
    """More of them where single rules have few borders: the witness of one rule moved across borders of two others'."""
    moves = [change for each in words for change in shifts(each)]
    for _ in range(TRIES * wanted if moves else 0):
        packet = dict(pick.choice(claims)["witness"])
        for change in pick.sample(moves, min(2, len(moves))):
            packet.update(change)
        if packet["in"] is not None or packet["out"]:
            yield completed(packet)


def distinct(packets):
    seen = set()
    for packet in packets:
        key = repr(sorted(packet.items()))
        if key not in seen:
            seen.add(key)
            yield packet


def wordsOf(line):
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def packetsFor(claims, lines, most, rules, seed=1):
    """So many packets for the live rules among the claims of `iptlint witness`, of at most so many rules.

    Those that leave by one interface stand together: a machine has routes to few at a time.
    """
    pick = random.Random(seed)
    live = [claim for claim in claims if claim["status"] == "live" and claim["witness"]]
    chosen = pick.sample(live, min(rules, len(live)))
    words = [wordsOf(lines[claim["line"] - 1]) for claim in chosen]
    turns = itertools.zip_longest(*(variations(claim, of, pick) for claim, of in zip(chosen, words)))
    single = (packet for turn in turns for packet in turn if packet is not None)
    packets = list(itertools.islice(distinct(itertools.chain(single, crossings(chosen, words, most, pick))), most))
    return sorted(packets, key=lambda packet: packet["out"] or "")
