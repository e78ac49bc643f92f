"""Do packets meet the same fate after `iptlint optimize` as before, in the kernel?

Each rule set of the corpus that the kernel loads is optimized in each mode. Packets at the borders of what its rules ask
for (borders.py) are sent through the original and through each result, loaded afresh, in the same order. What left and
where, with which bytes and marks, what was delivered, how REJECT answered, what LOG and NFLOG wrote (watch.py), and the
entry of the connection must be the same for each packet.

The original is tried twice: packets that fare differently then (limits by time, ports that are drawn) tell nothing. What
is to match at random matches always or never, by its probability. Sets hold half of all addresses. To know that a
difference would be noticed, one verdict in a result of each file is turned round: how many of these are noticed is
printed, and must be most.

Without --full, one file in PART is tried, of those of at most LARGE lines.

usage: fates.py --iptlint PROGRAM --corpus FOLDER [--full] [--mode="OPTIONS"]... [--packets N] [--only NAME]
"""

import argparse
import collections
import contextlib
import json
import multiprocessing
import os
import re
import subprocess
import sys
from pathlib import Path

import machine as machines
from borders import packetsFor
from corpus import makeSets, rowsOf, run
from delivery import Delivery, Unsendable, checkInterfaces, isIcmp
from flows import answer
from optimize import optimized
from watch import Watched

LARGE = 1000  # lines
PART = 12
RULES = 80  # of one rule set that packets are made for
REPEATS = 2  # of a difference, before it is believed
MODES = ("", "--chains=rewrite", "--goal=speed", "--to=ipset")
LEAST_FILES, LEAST_SENT, LEAST_HIT, LEAST_CAUGHT = 15, 0.6, 0.25, 0.8
WITNESS_SECONDS = 300
TRACKS = re.compile(rb"^\* *nat|conntrack|-m (?:state|connmark|connlimit|connbytes|helper|socket|cluster) |-j (?:CT|CONNMARK|SYNPROXY|CONNSECMARK) ", re.MULTILINE)
PROBABILITY = re.compile(rb"--probability [0-9.]*([0-9])")
NFLOG_GROUP = re.compile(rb"--nflog-group (\d+)")
VERDICT = re.compile(rb" -j (ACCEPT|DROP|REJECT|DNAT|SNAT|REDIRECT|MASQUERADE)\b.*")
TABLES = {
    "raw": ("PREROUTING", "OUTPUT"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
    "security": ("INPUT", "FORWARD", "OUTPUT"),
}
SYSCTLS = {"ipv4/icmp_ratemask": "0", "ipv6/icmp/ratemask": "\n"}  # every REJECT is answered


def settled(text):
    """The rules with every random choice made: it always matches where the probability ends with an odd digit, or never."""
    return PROBABILITY.sub(lambda found: b"--probability 1.0" if int(found[1]) % 2 else b"--probability 0.0", text)


class Trial:
    """A machine, the packets that it is sent, and what is seen of them under different rules. Of a file's rule sets all name the same tables."""

    def __init__(self, text, family, packets):
        legs = legsOf(packets)
        self.machine = Watched(legs, {int(group) for group in NFLOG_GROUP.findall(text)})
        for name, value in SYSCTLS.items():
            with open(f"/proc/sys/net/{name}", "w") as file:
                file.write(value)
        makeSets(text, family, members=True)
        self.delivery = Delivery(self.machine, bool(TRACKS.search(text)))
        self.tables = [line[1:].strip().decode() for line in text.splitlines() if line.startswith(b"*")]
        self.family, self.packets = family, packets
        self.fewOuts = len({packet["out"] for packet in packets}) <= len(machines.TOS_OUT)

    def see(self, text, sets=b""):
        """The fate of each packet, and how often each rule was hit; None where the kernel refuses the rules, or the sets."""
        for table in self.tables:
            chains = "".join(f":{chain} ACCEPT [0:0]\n" for chain in TABLES.get(table, ()))
            self.machine.load(f"*{table}\n{chains}COMMIT\n", self.family)
        self.machine.flows.flush()
        if sets and run(["ipset", "-exist", "restore"], sets).returncode:
            return None
        try:
            self.machine.load(text.decode(errors="surrogateescape"), self.family)
        except machines.Failed:
            return None
        if not self.fewOuts:  # else each has had its TOS since it was first asked for
            self.machine.outs.clear()
        return [self.fate(packet) for packet in self.packets], self.hits()

    def fate(self, packet):
        """Its events and the entry of its connection, or why it was not sent."""
        self.machine.events()
        try:
            self.delivery.send(packet)
        except Unsendable as reason:
            return str(reason)
        except (OSError, KeyError, machines.Failed) as error:
            return f"not sent: {error!r}"
        return tuple(self.machine.events()), self.connection(packet)

    def connection(self, packet):
        """The entry of its flow; a fragment and an ICMP error have none of their own."""
        alone = isIcmp(packet) and answer(packet["family"], packet["icmp_type"]) is None
        if not self.delivery.tracked or packet.get("fragment") or alone:
            return None
        self.machine.flows.known.append(packet)
        return self.machine.flows.entry(packet)

    def hits(self):
        counted = {}
        for table in self.tables:
            for chain, counts in self.machine.counters(table, self.family).items():
                counted.update({(table, chain, i + 1): count for i, count in enumerate(counts)})
        return counted


class Judge:
    """A Trial in a process of its own, whose namespace goes away with it."""

    def __init__(self, *arguments):
        self.mine, its = multiprocessing.Pipe()
        self.child = os.fork()
        if self.child == 0:
            self.mine.close()
            try:
                trial = Trial(*arguments)
                while what := its.recv():
                    its.send(trial.see(*what))
            except BaseException as error:  # anything, so that the parent is told
                its.send(error)
            os._exit(0)
        its.close()

    def see(self, text, sets=b""):
        self.mine.send((text, sets))
        seen = self.mine.recv()
        if isinstance(seen, BaseException):
            raise seen
        return seen

    def end(self):
        self.mine.send(None)
        os.waitpid(self.child, 0)


def legsOf(packets):
    """The interfaces of packets that a machine can have, in their order."""
    found = {}
    for packet in packets:
        with contextlib.suppress(Unsendable):
            checkInterfaces(packet)
            found.update(dict.fromkeys(name for name in (packet.get("in"), packet.get("out")) if name))
    return list(found)


def differing(before, after):
    return {i for i, (one, other) in enumerate(zip(before, after)) if one != other}


class Comparison:
    """A rule set against others that should mean the same."""

    def __init__(self, text, packets, family):
        self.text, self.packets, self.judge = text, packets, Judge(text, family, packets)
        seen = self.judge.see(text)
        self.loads = seen is not None
        if self.loads:
            self.fates, self.hit = seen
            self.unstable = differing(self.fates, self.judge.see(text)[0])

    def sent(self):
        return sum(isinstance(fate, tuple) for fate in self.fates)

    def differences(self, other, sets=b""):
        """What differs, each time that it is tried: (packet, fate before, fate after); None where the other is not loaded. And its hits."""
        seen = self.judge.see(other, sets)
        if seen is None:
            return None, {}
        fates, hit = seen
        left = differing(self.fates, fates) - self.unstable
        for _ in range(REPEATS):
            if not left:
                break
            again = self.judge.see(self.text)[0]
            left -= differing(self.fates, again)
            left &= differing(again, self.judge.see(other, sets)[0])
        return [(self.packets[i], self.fates[i], fates[i]) for i in sorted(left)], hit


def turnedRound(text, hit):
    """The rules with the verdict of one turned round, of those that were hit most often; None if none was."""
    table, numbers, best, lines = b"", collections.Counter(), (0, None), text.splitlines()
    for at, line in enumerate(lines):
        if line.startswith(b"*"):
            table, numbers = line[1:].strip().decode(), collections.Counter()
        if line.startswith(b"-A ") or line.startswith(b"["):
            chain = line[line.index(b"-A ") :].split()[1].decode(errors="surrogateescape")
            numbers[chain] += 1
            count = hit.get((table, chain, numbers[chain]), 0)
            verdict = VERDICT.search(line)
            if verdict and count > best[0] and not (table == "nat" and verdict[1] == b"ACCEPT"):
                best = count, at
    if best[1] is None:
        return None
    turn = lambda found: b" -j DROP" if found[1] == b"ACCEPT" else b" -j ACCEPT"
    lines[best[1]] = VERDICT.sub(turn, lines[best[1]])
    return b"\n".join(lines) + b"\n"


def witnesses(program, path, family):
    command = [program, "witness", "--format=json", f"--family={family}", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=WITNESS_SECONDS)
        return json.loads(done.stdout)["rules"] if done.returncode in (0, 1, 3) else []
    except subprocess.TimeoutExpired:
        return []


def tried(work):
    """How one file fared: a Counter of what was done, and what is wrong."""
    program, path, family, modes, most = work
    tally, wrong = collections.Counter(files=1), []
    original = path.read_bytes()
    claims = witnesses(program, path, family)
    packets = packetsFor(claims, original.decode(errors="surrogateescape").split("\n"), most, RULES)
    if not packets:
        return path, collections.Counter(files=1, **{"without packets": 1}), []
    comparison = Comparison(settled(original), packets, family)
    if not comparison.loads:
        comparison.judge.end()
        return path, collections.Counter(files=1, **{"refused by the kernel": 1}), []
    tally.update({"loaded": 1, "packets": len(packets), "sent": comparison.sent(), "unstable": len(comparison.unstable)})
    tally.update({"rules": len(comparison.hit), "hit": sum(map(bool, comparison.hit.values())), "random": int(b"--probability" in original)})
    tally.update({"events": sum(len(fate[0]) for fate in comparison.fates if isinstance(fate, tuple))})
    planted = False
    for mode in modes:
        code, text, _, said, _, sets = optimized(program, path, family, mode.split())
        if code != 0:
            tally[f"optimize {mode}: not written"] += 1
            continue
        found, hit = comparison.differences(settled(text), sets)
        tally[f"optimize {mode}: compared"] += 1
        tally[f"optimize {mode}: with sets"] += bool(sets)
        tally[f"optimize {mode}: changed"] += text != original
        wrong += told(mode, found)
        if not planted and found is not None:
            planted = plant(comparison, settled(text), hit, tally)
    comparison.judge.end()
    return path, tally, wrong


def told(mode, found):
    if found is None:
        return [f"optimize {mode}: the kernel takes the file, and not what was written"]
    return [f"optimize {mode}: {json.dumps(packet)}\n    before: {inWords(before)}\n    after:  {inWords(after)}" for packet, before, after in found[:3]]


def inWords(fate):
    if isinstance(fate, str):
        return fate
    events, connection = fate
    return "; ".join([*map(str, events), f"connection {connection}"])


def plant(comparison, text, hit, tally):
    mutant = turnedRound(text, hit)
    if mutant is None:
        return False
    found, _ = comparison.differences(mutant)
    if found is not None:
        tally.update({"planted": 1, "noticed": int(bool(found))})
    return found is not None


def tooLittle(tally):
    """Why the run says too little to pass; empty if it does not."""
    if tally["loaded"] < LEAST_FILES:
        yield "too few files were loaded"
    if tally["sent"] < LEAST_SENT * tally["packets"]:
        yield "too few packets could be sent"
    if tally["hit"] < LEAST_HIT * tally["rules"]:
        yield "too few rules were hit"
    if not tally["planted"] or tally["noticed"] < LEAST_CAUGHT * tally["planted"]:
        yield "too few verdicts that were turned round were noticed"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iptlint", required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--mode", action="append", help=f"options of optimize; {MODES} if none is given")
    parser.add_argument("--packets", type=int, default=200, help="for each file")
    parser.add_argument("--only", default="", help="files whose path contains this")
    options = parser.parse_args()
    if reason := machines.whyNot() or (None if (options.corpus / "INDEX.tsv").exists() else "no corpus"):
        print(f"skipped: {reason}")
        return 77
    rows, _ = rowsOf(options.corpus, None if options.full or options.only else LARGE)
    rows = [row for row in rows if options.only in row["path"]]
    if not options.full and not options.only:
        rows = rows[::PART]
    work = [(options.iptlint, options.corpus / row["path"], 6 if row["kind"] == "save6" else 4, options.mode or MODES, options.packets) for row in rows]
    tally, bad = collections.Counter(), 0
    with multiprocessing.Pool(2, maxtasksperchild=20) as pool:
        for path, counted, wrong in pool.imap_unordered(tried, work):
            tally.update(counted)
            bad += bool(wrong)
            for text in wrong:
                print(f"{os.path.relpath(path, options.corpus)}: {text}", flush=True)
    print(f"{bad} files differ")
    for what, count in sorted(tally.items(), key=lambda item: -item[1]):
        print(f"{count:8} {what}")
    lacking = [] if options.only else list(tooLittle(tally))
    print(*lacking, sep="\n", end="\n" if lacking else "")
    return 1 if bad or lacking else 0


if __name__ == "__main__":
    sys.exit(main())
