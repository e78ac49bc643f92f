"""Does `iptlint trace` say what the kernel does with a packet, with its answer, and with the packet after that?

Machines by chance (crossroads_plans.py) are built in a namespace (crossroads.py), filled with rules (crossroads_rules.py),
and sent packets (crossroads_packets.py). Of each, the tool says beforehand which rules match, in order, and where the
packet goes, from the texts that are printed of the machine; the kernel then says it by its traces, and by what leaves or
is delivered. If it got anywhere and begins a flow, it is answered from there, and a second packet of the flow is sent:
`trace --reply` and `trace -- --ctstate ESTABLISHED` must say what becomes of these. Where the tool says that there are
several ways, the kernel must take one of them; that it does not know is counted, and must be rare.

usage: trace.py --iptlint PROGRAM [--machines N] [--packets N] [--seed N] [--backend legacy|nft]
"""

import argparse
import collections
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile

import machine as machines
from crossroads import Crossroads
from crossroads_packets import beginsFlow, packet
from crossroads_plans import Plan
from crossroads_rules import Filter
from crossroads_send import answerTo, laterOf
from trace_terms import difference, endsOf, fieldsOf, rulesOf, seenOf, toldFields, words
from traced import rulesIn

MOST_UNKNOWN = 0.02
TEXTS = {"routes4": "--routes", "routes6": "--routes", "rules4": "--rules", "rules6": "--rules", "addresses": "--addresses", "bridges": "--bridges", "settings": "--sysctl"}
SHOWN = 5


class Tool:
    def __init__(self, program, folder, backEnd):
        self.program, self.folder, self.backEnd = program, folder, backEnd
        self.options = []

    def surround(self, texts):
        self.options = []
        for name, text in texts.items():
            self.options += [TEXTS[name], self.write(name, text)]

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def ask(self, rules, sent, *more):
        """\\returns all ways; \\p more  options, or words of the packet's."""
        options = [word for word in more if word == "--reply"]
        command = [self.program, "trace", rules, *self.options, *options, f"--family={sent['family']}", f"--backend={self.backEnd}", "--format=json", "--",
                   *words(sent), *(word for word in more if word not in options)]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode not in (0, 3):
            raise machines.Failed(f"{' '.join(command)}: {done.stderr}")
        told = json.loads(done.stdout)
        return told.get("paths") or [told]


class Judge:
    """Compares, and counts."""

    def __init__(self):
        self.tally, self.shown, self.of = collections.Counter(), 0, ""

    def agreeing(self, kind, sent, ways, journey, part=lambda way: way):
        """Those of the ways that say what the kernel did; none also where the tool does not know. \\p part  what of a way is compared."""
        self.tally[kind] += 1
        self.tally["rules matched"] += len(journey.rules)
        parts = [part(way) for way in ways]
        found = [difference(each, journey) if each else "nothing is told" for each in parts]
        right = [way for way, how in zip(ways, found) if how is None and part(way)["fate"] != "unknown"]
        if right:
            self.tally["several ways"] += len(ways) > 1
        elif any(each and each["fate"] == "unknown" for each in parts):
            self.tally["unknown"] += 1
            self.tally[f"unknown: {next(each['reason'] for each in parts if each and each['fate'] == 'unknown')[:70]}"] += 1
        else:
            self.tally["wrong"] += 1
            self.show(kind, sent, found, parts, journey)
        return right

    def show(self, kind, sent, found, parts, journey):
        self.shown += 1
        if self.shown > SHOWN:
            return
        print(f"{found[0]}, of {kind} {self.of}: {' '.join(words(sent))}")
        for way in [way for way in parts if way][:3]:
            same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(rulesOf(way), journey.rules)))
            print(f"    after {journey.rules[:same]}\n    told:   {rulesOf(way)[same:]} {way['fate']} {way.get('out')} {way.get('reason')} {toldFields(way)}")
            event = journey.delivered or journey.left
            print(f"    kernel: {journey.rules[same:]} {endsOf(journey)} {event and fieldsOf(event)}", flush=True)


class Bench:
    """One machine with its rules loaded."""

    def __init__(self, plan, tool, crossroads, text, judge):
        self.plan, self.tool, self.crossroads, self.judge = plan, tool, crossroads, judge
        self.rules, self.errors = rulesIn(text), collections.Counter()
        self.path = tool.write("filter", text)

    def tryPacket(self, sent):
        isFirst = beginsFlow(sent)
        ways = self.tool.ask(self.path, sent, *["--reply"] * isFirst)
        journey = self.crossroads.follow(sent)
        self.judge.tally[endsOf(journey).split()[0]] += 1
        ways = self.judge.agreeing("packets", sent, ways, journey)
        if ways and isFirst and endsOf(journey) != "gone":
            self.tryAnswer(sent, ways, journey)

    def tryAnswer(self, sent, ways, journey):
        """From where the packet came to; nobody answers what was for many."""
        seen = seenOf(journey)
        answer = answerTo(seen, sent, None if journey.delivered else journey.left.out, journey.delivered and journey.delivered.into)
        if not self.isAnswered(answer, sent):
            return
        answered = self.crossroads.follow(answer)
        ways = self.judge.agreeing("answers", answer, ways, answered, lambda way: way.get("answer"))
        if ways and self.isSeen(journey) and self.isSeen(answered):
            self.tryLater(sent, seen)

    def isAnswered(self, answer, sent):
        isOurs = answer["in"] is None
        if isOurs and (not self.plan.isOwn(answer["src"]) or answer["src"].startswith("fe80:") or (sent["proto"] == "tcp" and self.plan.rulesReadTransport(sent["family"]))):
            return False
        return isOurs or answer["in"] in self.crossroads.far and not self.plan.isBroadcast(answer["src"])

    def isSeen(self, journey):
        """By conntrack, which comes behind raw."""
        lines = (self.rules[table, chain][number - 1] for table, chain, number in journey.rules if number)
        return any(table == "mangle" for table, _, _ in journey.rules) and not any("--notrack" in line for line in lines)

    def tryLater(self, sent, seen):
        if sent["in"] is None and sent["proto"] == "tcp" and (not sent.get("src") or self.plan.rulesReadTransport(sent["family"])):
            return  # a raw socket is routed otherwise
        later = laterOf(sent, seen)
        self.judge.agreeing("later packets", later, self.tool.ask(self.path, later, "--ctstate", "ESTABLISHED"), self.crossroads.follow(later))


# --- machines

def tryMachine(options, seed, judge):
    plan = Plan(seed)
    crossroads = Crossroads(plan.asDict())
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.join(options.keep, str(seed)) if options.keep else folder
        os.makedirs(folder, exist_ok=True)
        tool = Tool(options.iptlint, folder, options.backend)
        tool.surround(crossroads.texts())
        family = 6 if seed % 3 == 0 else 4
        text = Filter(plan, family, seed).text
        crossroads.load(text, family, options.backend)
        judge.tally["machines"] += 1
        judge.of = f"(seed {seed})"
        judge.tally["of IPv6"] += family == 6
        bench, pick = Bench(plan, tool, crossroads, text, judge), random.Random(seed)
        for number in range(options.packets):
            bench.tryPacket(packet(plan, family, pick, number))


def inChild(work):
    """The tally of what \\p work does with a Judge, in a child whose namespace goes with it."""
    mine, its = os.pipe()
    child = os.fork()
    if child == 0:
        judge = Judge()
        try:
            work(judge)
        except BaseException as error:  # anything, so that the parent is told
            print(f"failed: {str(error) or repr(error)}"[:2000], flush=True)
            judge.tally["failed"] += 1
        os.write(its, json.dumps(judge.tally).encode())
        os._exit(0)
    os.close(its)
    with os.fdopen(mine) as pipe:
        tally = json.loads(pipe.read())
    os.waitpid(child, 0)
    return collections.Counter(tally)


def report(tally, seeds):
    """\\returns whether all is well."""
    for what, count in sorted(tally.items(), key=lambda item: -item[1]):
        print(f"{count:8} {what}")
    asked = tally["packets"] + tally["answers"] + tally["later packets"]
    print(f"asked: {asked}, unknown: {100 * tally['unknown'] / max(1, asked):.2f} %; seeds that differ: {seeds}")
    enough = all(tally[what] for what in ("delivered", "left", "gone", "answers", "later packets"))
    return enough and tally["unknown"] <= MOST_UNKNOWN * asked and not tally["wrong"] and not tally["failed"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iptlint", required=True)
    parser.add_argument("--machines", type=int, default=30)
    parser.add_argument("--packets", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--backend", choices=("legacy", "nft"), default="legacy")
    parser.add_argument("--keep", help="a folder for what each machine was made of")
    options = parser.parse_args()
    if reason := machines.whyNot():
        print(f"skipped: {reason}")
        return 77
    sum_, seeds = collections.Counter(), []
    for seed in range(options.seed, options.seed + options.machines):
        tally = inChild(lambda judge: tryMachine(options, seed, judge))
        seeds += [seed] * bool(tally["wrong"] or tally["failed"])
        sum_.update(tally)
    return 0 if report(sum_, seeds) else 1


if __name__ == "__main__":
    sys.exit(main())
