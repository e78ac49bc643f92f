"""Does `iptlint trace` say what the kernel does with a packet?

Machines by chance (crossroads_plans.py) are built in a namespace (crossroads.py), filled with rules, and sent packets. Of
each, the tool says beforehand which rules match, in order, and where the packet goes, from the texts that `ip` prints of
the machine; the kernel then says it by TRACE, or by counters on nft, and by what leaves or is delivered. Where the tool says
that there are several ways, the kernel must take one of them; that it does not know is counted, and must be rare.

usage: trace.py --iptlint PROGRAM [--machines N] [--packets N] [--seed N] [--backend legacy|nft]
"""

import argparse
import collections
import ipaddress
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

import machine as machines
from crossroads import Crossroads
from crossroads_plans import Filter, Plan, packet

MOST_UNKNOWN = 0.02
TEXTS = {"routes4": "--routes", "routes6": "--routes", "rules4": "--rules", "rules6": "--rules", "addresses": "--addresses", "settings": "--sysctl"}
SHOWN = 5


def words(sent):
    """A PACKET as the tool is asked about it."""
    options = {"in": "-i", "proto": "-p", "src": "-s", "sport": "--sport", "dst": "-d", "dport": "--dport", "ttl": "--ttl", "mark": "--mark"}
    return [word for field, option in options.items() if sent.get(field) is not None for word in (option, str(sent[field]))]


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

    def ask(self, rules, sent):
        command = [self.program, "trace", rules, *self.options, f"--family={sent['family']}", f"--backend={self.backEnd}", "--format=json", "--", *words(sent)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode not in (0, 3):
            raise machines.Failed(f"{' '.join(command)}: {done.stderr}")
        return json.loads(done.stdout)


# --- both in the same terms

def rulesOf(way):
    """The rules and policies that a way of the tool's goes through."""
    return [(step["table"], step["chain"], step.get("rule")) for step in way["steps"] if "chain" in step]


def endOf(way):
    """left INTERFACE, delivered, or gone; a REJECT is answered."""
    fate = way["fate"]
    if way.get("copy", {}).get("fate") == "input":
        return "delivered"
    if fate in ("forward", "output"):
        return f"left {way['out']}"
    return "delivered" if fate == "input" else "gone"


def isAnswered(way):
    """By REJECT, or by routing, which says so: (ICMP 3/13)."""
    return way["fate"] == "reject" or "(ICMP" in (way.get("reason") or "")


def endsOf(journey):
    """Out of lo it only comes back."""
    if journey.delivered:
        return "delivered"
    return f"left {journey.left.out}" if journey.left and journey.left.out != "lo" else "gone"


def headerOf(event):
    """Source, destination and ports of the packet in an event, as numbers."""
    data = event.data
    if data[0] >> 4 == 4:
        return data[12:16], data[16:20], *struct.unpack_from("!HH", data, (data[0] & 15) * 4)
    return data[8:24], data[24:40], *struct.unpack_from("!HH", data, 40)


def unordered(rules):
    """Counters tell no order, and those of policies do not move on nft."""
    return sorted(rule for rule in rules if rule[2] is not None)


def isRewrittenAs(way, header):
    """Whether addresses and ports are those of a packet that was seen; what the tool leaves open may be any."""
    last, left = way.get("rewritten") or {}, way.get("open", {})
    ends = {end: ipaddress.ip_address(last[end]).packed for end in ("src", "dst")}
    wanted = {**ends, "sport": last["sport"], "dport": last["dport"]}
    return all(field in left or wanted[field] == value for field, value in zip(wanted, header))


def difference(way, journey, backEnd):
    """How one way differs from what the kernel did; None if it does not."""
    ours, theirs = rulesOf(way), journey.rules
    if backEnd == "nft":
        ours, theirs = unordered(ours), unordered(theirs)
    if ours != theirs:
        return "other rules match"
    if endOf(way) != endsOf(journey):
        return "it ends otherwise"
    if bool(journey.answered) > isAnswered(way):
        return "it is answered"
    seen = journey.delivered or journey.left
    if seen and way["fate"] in ("forward", "output", "input") and not isRewrittenAs(way, headerOf(seen)):
        return "it has other addresses or ports"
    return None


class Judge:
    def __init__(self, options):
        self.options, self.tally, self.shown = options, collections.Counter(), 0

    def judge(self, tool, crossroads, rules, sent):
        """\\returns whether the tool was right, or did not know."""
        told = tool.ask(rules, sent)
        journey = crossroads.follow(sent)
        self.tally["packets"] += 1
        self.tally[endsOf(journey).split()[0]] += 1
        self.tally["rules matched"] += len(journey.rules)
        ways = told.get("paths") or [told]
        self.tally["several ways"] += len(ways) > 1
        if all(way["fate"] == "unknown" for way in ways):
            self.tally["unknown"] += 1
            return True
        found = [difference(way, journey, self.options.backend) for way in ways]
        if None in found:
            return True
        if any(way["fate"] == "unknown" for way in ways):
            self.tally["unknown"] += 1
            return True
        self.tally["wrong"] += 1
        self.show(sent, found, ways, journey)
        return False

    def show(self, sent, found, ways, journey):
        self.shown += 1
        if self.shown > SHOWN:
            return
        print(f"{found[0]}: {' '.join(words(sent))}")
        for way in ways[:3]:
            print(f"    told:   {rulesOf(way)} {way['fate']} {way.get('out')} {way.get('rewritten')} {way.get('reason')}")
        print(f"    kernel: {journey.rules} {endsOf(journey)} {journey.left and headerOf(journey.left)} {journey.delivered and headerOf(journey.delivered)}", flush=True)


def tryMachine(options, seed, judge):
    """In a process of its own, whose namespace goes with it."""
    plan = Plan(seed)
    crossroads = Crossroads(plan.asDict())
    keep = os.path.join(options.keep, str(seed)) if options.keep else None
    with tempfile.TemporaryDirectory() as folder:
        folder = keep or folder
        os.makedirs(folder, exist_ok=True)
        tool = Tool(options.iptlint, folder, options.backend)
        tool.surround(crossroads.texts())
        for family in (4, 6) if seed % 4 == 0 else (4,):
            tryRules(options, plan, family, seed, tool, crossroads, judge)


def tryRules(options, plan, family, seed, tool, crossroads, judge):
    filtered = Filter(plan, family, seed)
    try:
        crossroads.load(filtered.text, family, options.backend)
    except machines.Failed as refused:
        judge.tally["refused"] += 1
        return
    judge.tally["machines"] += 1
    rules, pick = tool.write(f"filter{family}", filtered.text), random.Random(seed)
    for number in range(options.packets):
        judge.judge(tool, crossroads, rules, packet(plan, family, pick, seed % 100 * 100 + number))


def tallyOf(options, seed):
    """The tally of one machine, from a child."""
    mine, its = os.pipe()
    child = os.fork()
    if child == 0:
        judge = Judge(options)
        try:
            tryMachine(options, seed, judge)
        except BaseException as error:  # anything, so that the parent is told
            print(f"seed {seed}: {str(error) or repr(error)}"[:2000], flush=True)
            judge.tally["failed"] += 1
        os.write(its, json.dumps({**judge.tally, "seeds": [seed] if judge.tally["wrong"] or judge.tally["failed"] else []}).encode())
        os._exit(0)
    os.close(its)
    with os.fdopen(mine) as pipe:
        tally = json.loads(pipe.read())
    os.waitpid(child, 0)
    return tally


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
        tally = tallyOf(options, seed)
        seeds += tally.pop("seeds")
        sum_.update(tally)
    for what, count in sorted(sum_.items(), key=lambda item: -item[1]):
        print(f"{count:8} {what}")
    print(f"unknown: {100 * sum_['unknown'] / max(1, sum_['packets']):.2f} %; seeds that differ: {seeds}")
    enough = sum_["delivered"] and sum_["left"] and sum_["gone"] and sum_["unknown"] <= MOST_UNKNOWN * sum_["packets"]
    return 0 if enough and not sum_["wrong"] and not sum_["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
