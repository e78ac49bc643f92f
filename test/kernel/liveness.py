"""Is what `iptlint witness` says of live and dead rules what the kernel does?

For each random rule set: the witness of every live rule, sent into a machine that has the rules loaded,
must move that very rule's counter; and no dead rule's counter may ever move, not for any witness, nor
for packets at the edges of all values, nor for packets aimed at the dead rule itself.

A rule set that fails is kept, with what was said of it and what to do to see it again. The exit code is 77
where no machine can be built, 1 where the tool and the kernel differ or too little was tried to tell.
"""

import argparse
import collections
import json
import os
import subprocess
import sys

import machine as machines
from crowd import Crowd
from delivery import Delivery, Unbuildable, Unsendable
from random_rules import RuleSet

LEAST_SENT = 0.6  # of all live rules; below, the test would say little
LEAST_DEAD, LEAST_LIVE = 0.05, 0.2  # of all rules: the generator makes enough of both
MOST_UNKNOWN = 0.001
CROWD = 150  # packets at the edges, per rule set
AIMED = 12  # packets aimed at each dead rule


class Wrong(Exception):
    """The tool and the kernel differ; the arguments say how, one each."""


def askTool(tool, path, family):
    command = [tool, "witness", "--format=json", f"--family={family}", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode not in (0, 1):
        raise Wrong(f"exit code {done.returncode} of a legal rule set: {done.stderr.strip()}")
    return json.loads(done.stdout)["rules"]


class Trial:
    """One rule set, loaded, with what the tool says of its rules."""

    def __init__(self, machine, rules, claims, tally):
        self.machine, self.rules, self.claims, self.tally = machine, rules, claims, tally
        self.delivery = Delivery(machine, rules.tracked, rules.routed, rules.table == "raw")

    def count(self):
        return self.machine.counters(self.rules.table, self.rules.family)

    def run(self):
        self.checkClaims()
        self.machine.clear()
        self.machine.load(self.rules.text, self.rules.family)
        self.sendWitnesses()
        self.sendCrowd()

    def checkClaims(self):
        """Every rule of the text has one claim and no other does."""
        claimed = sorted((claim["chain"], claim["rule"]) for claim in self.claims)
        present = sorted((chain, i + 1) for chain, rules in self.rules.chains.items() for i in range(len(rules)))
        if claimed != present:
            raise Wrong("not one claim for each rule")
        self.tally.update(claim["status"] for claim in self.claims)

    def sendWitnesses(self):
        wrongs = []
        for claim in self.claims:
            try:
                if claim["status"] == "live":
                    self.sendWitness(claim)
            except Wrong as wrong:
                wrongs += wrong.args
        if wrongs:
            raise Wrong(*wrongs)
        self.demandDeadAreUnmoved("a witness")

    def sendWitness(self, claim):
        """Sends a witness by the wire, or from a program of the machine's own, and demands that its rule counts it.

        This machine can send more than a wire can: what the tool calls unsendable is tried as well.
        """
        before = self.count()
        try:
            self.delivery.send(claim["witness"])
        except Unsendable as reason:
            if claim["sendable"] and not isinstance(reason, Unbuildable):
                raise Wrong(f"{place(claim)} is said to be sendable, but {reason}: {json.dumps(claim['witness'])}") from None
            self.tally[f"unsendable: {reason}"] += 1
            return
        after = self.count()
        if (claim["chain"], claim["rule"]) not in moved(before, after):
            raise Wrong(f"{place(claim)} is not hit by its witness {json.dumps(claim['witness'])}; hit: {moved(before, after)}")
        self.tally["sent"] += 1

    def sendCrowd(self):
        crowd = Crowd(self.rules, self.rules.seed)
        packets = [crowd.packet() for _ in range(CROWD)]
        for claim in self.claims:
            if claim["status"] == "dead":
                rule = self.rules.chains[claim["chain"]][claim["rule"] - 1]
                packets += [crowd.aimed(rule) for _ in range(AIMED)]
        self.tally["crowd"] += sum(self.sendOne(packet) for packet in packets)
        try:
            self.demandDeadAreUnmoved("a packet")
        except Wrong as wrong:
            raise Wrong(f"{wrong}: {self.culprit(packets)}") from None

    def sendOne(self, packet):
        try:
            self.delivery.send(packet)
        except Unsendable:
            return False
        return True

    def culprit(self, packets):
        """The first packet that moves a dead rule's counter when all is sent again."""
        for packet in packets:
            before = self.count()
            self.sendOne(packet)
            hit = [rule for rule in moved(before, self.count()) if rule in self.deadRules()]
            if hit:
                return f"{hit} by {json.dumps(packet)}"
        return "but not again"

    def deadRules(self):
        return {(claim["chain"], claim["rule"]) for claim in self.claims if claim["status"] == "dead"}

    def demandDeadAreUnmoved(self, what):
        counts = self.count()
        hit = sorted(rule for rule in self.deadRules() if counts[rule[0]][rule[1] - 1])
        if hit:
            raise Wrong(f"{what} hits dead rules {hit}")


def place(claim):
    return f"{claim['table']} {claim['chain']} {claim['rule']}"


def moved(before, after):
    return [
        (chain, i + 1)
        for chain in after
        for i, (was, now) in enumerate(zip(before[chain], after[chain]))
        if was != now
    ]


def keep(folder, rules, claims, wrong):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"seed-{rules.seed}.rules")
    with open(path, "w") as file:
        file.write(rules.text)
    with open(path + ".json", "w") as file:
        json.dump({"seed": rules.seed, "wrong": wrong.args, "claims": claims}, file, indent=1)
    return path


def tryOne(options, machine, seed, tally):
    """Whether the tool and the kernel agree on the rule set of this seed."""
    rules, claims = RuleSet(seed), []
    path = os.path.join(options.keep, f"current-{os.getpid()}.rules")
    with open(path, "w") as file:
        file.write(rules.text)
    try:
        claims = askTool(options.iptlint, path, rules.family)
        Trial(machine, rules, claims, tally).run()
    except Wrong as wrong:
        for text in wrong.args:
            print(f"seed {seed}: {text}")
        print(f"  kept: {keep(options.keep, rules, claims, wrong)}")
        return False
    finally:
        os.remove(path)
    return True


def tooLittle(tally):
    """Why the run says too little to pass; empty if it does not."""
    rules = tally["live"] + tally["dead"] + tally["unknown"]
    if tally["sent"] < LEAST_SENT * tally["live"]:
        yield "too few witnesses could be sent"
    if tally["dead"] < LEAST_DEAD * rules or tally["live"] < LEAST_LIVE * rules:
        yield "too few rules of one kind"
    if tally["unknown"] > MOST_UNKNOWN * rules:
        yield "too many rules are unknown"
    if tally["crowd"] < CROWD * tally["sets"] / 2:
        yield "too few packets could be sent"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iptlint", required=True, help="the tool")
    parser.add_argument("--seed", type=int, default=1, help="of the first rule set")
    parser.add_argument("--sets", type=int, default=60)
    parser.add_argument("--keep", default="kernel-failures", help="folder for rule sets that fail")
    options = parser.parse_args()
    reason = machines.whyNot()
    if reason:
        print(f"skipped: {reason}")
        return 77
    os.makedirs(options.keep, exist_ok=True)
    machine, tally, failed = machines.Machine(), collections.Counter(), 0
    for seed in range(options.seed, options.seed + options.sets):
        tally["sets"] += 1
        failed += not tryOne(options, machine, seed, tally)
    print(f"seeds {options.seed} to {options.seed + options.sets - 1}: {failed} rule sets differ")
    for what, count in sorted(tally.items(), key=lambda item: -item[1]):
        print(f"{count:8} {what}")
    lacking = list(tooLittle(tally))
    print(*lacking, sep="\n", end="\n" if lacking else "")
    return 1 if failed or lacking else 0


if __name__ == "__main__":
    sys.exit(main())
