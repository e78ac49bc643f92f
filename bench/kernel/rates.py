#!/usr/bin/env python3
"""Measures how many packets per second rules let through in the kernel: as one chain, and optimized for speed.

    rates.py                                   50,000 rules of `generate.py hosts`, every variant
    rates.py --use legacy-speed=FILE           what a variant loads stands in FILE
    rates.py --variants none,legacy,nft        only these

Each variant has a router of its own (router.py). In every round each gets frames that its rules accept, evenly over all
rules, and frames that no rule accepts; all must come out, or none. Rates are per CPU second of the one processor that sends and routes.
Ratios are of one round; medians and ranges over the rounds are shown. Needs root. Exit code 1 with --check where
a ratio is below its limit or a variant could not be made; 2 where frames went astray.
"""
import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import router as routers
from generators import hosts
from generators.dice import Dice
from router import Failed
from variants import NAMES, VARIANTS, rulesOf

BUILD = Path(__file__).resolve().parents[2] / "build" / "bin"
LEAST_SHARE = 0.25  # of its processor: two others may want it, too


class Bench:
    """The routers of all variants, and the frames that are sent through them."""

    def __init__(self, chosen, folder):
        self.chosen, self.folder = chosen, Path(folder)
        self.processor = max(os.sched_getaffinity(0))
        pairs = hosts.pairs(chosen.rules, Dice(chosen.seed))
        self.frames = {
            "hit": self.writeFrames("hit", pairs),
            "miss": self.writeFrames("miss", hosts.pairs(chosen.rules, Dice(chosen.seed + 1), without=frozenset(pairs))),
        }
        self.chain = self.writeChain()
        self.routers = {}
        self.runs = {}  # {(variant, kind): [(frames per CPU second, share of the processor), one each round]}

    def writeFrames(self, name, pairs):
        Dice(self.chosen.seed).shuffle(pairs)
        path = self.folder / name
        path.write_bytes(b"".join(routers.frame(*pair) for pair in pairs))
        return str(path)

    def writeChain(self):
        path = self.folder / "chain.rules"
        with open(path, "w", encoding="ascii") as file:
            for table in hosts.generate(self.chosen.rules, Dice(self.chosen.seed)):
                table.write(file)
        return str(path)

    def build(self, variant):
        router = routers.Router()
        if variant.load:
            rules, sets = rulesOf(variant, self.chain, self.chosen.iptlint, self.chosen.use)
            if sets:
                router.load(sets, "ipset", "restore")
            router.load(rules, *variant.load)
        self.routers[variant.name] = router

    def buildAll(self, variants):
        """Those that could be built; why the others could not is printed."""
        for variant in variants:
            try:
                self.build(variant)
            except Failed as failed:
                print(f"{variant.name}: not measured: {failed}")
        return [variant for variant in variants if variant.name in self.routers]

    def round(self, number):
        for name, router in self.routers.items():
            for kind, frames in self.frames.items():
                skip = number * self.chosen.rules // self.chosen.rounds
                run = router.flood(self.chosen.flood, frames, skip, self.chosen.milliseconds, self.processor)
                expected = run.sent if kind == "hit" or name == "none" else 0
                if run.passed != expected:
                    raise Failed(f"{name}, {kind}: {run.passed} of {run.sent} frames came out, not {expected}")
                self.runs.setdefault((name, kind), []).append(run)

    def rates(self, name, kind):
        return [run.rate for run in self.runs[name, kind]]

    def ratios(self, name, other, kind="hit"):
        """To another variant, of each round."""
        return [mine / theirs for mine, theirs in zip(self.rates(name, kind), self.rates(other, kind))]


def compared(bench, name, other, limit):
    """The median of the ratio to another variant, its range and its limit, as they are printed; and whether it is below."""
    if other not in bench.routers or other == name:
        return f" {'-':>8} {'-':>15} {'-':>6}", False
    ratios = bench.ratios(name, other)
    median = statistics.median(ratios)
    return f" {median:8.3f} {f'{min(ratios):.2f}-{max(ratios):.2f}':>15} {limit or '-':>6}", median < limit


def report(bench, variants):
    """Prints the table; what is below its limit."""
    below = []
    print(f"{'variant':13} {'hit/s':>8} {'miss/s':>8} {'of none':>8} {'range':>15} {'limit':>6} {'of chain':>8} {'range':>15} {'limit':>6} {'ns more':>8}")
    for variant in variants:
        name, median = variant.name, statistics.median
        ofNone, belowNone = compared(bench, name, "none", variant.ofNone)
        ofChain, belowChain = compared(bench, name, variant.chain, variant.timesChain)
        print(f"{name:13} {median(bench.rates(name, 'hit')):8.0f} {median(bench.rates(name, 'miss')):8.0f}{ofNone}{ofChain} {added(bench, name):>8}")
        below += [name] if belowNone or belowChain else []
    return below


def added(bench, name):
    """Nanoseconds that a frame takes longer than without rules."""
    if name == "none" or "none" not in bench.routers:
        return "-"
    pairs = zip(bench.rates(name, "hit"), bench.rates("none", "hit"))
    return f"{statistics.median(1e9 / mine - 1e9 / none for mine, none in pairs):.0f}"


def sayIfStarved(bench):
    shares = [run.share for runs in bench.runs.values() for run in runs]
    if statistics.median(shares) < LEAST_SHARE:
        print(f"the sender had {statistics.median(shares):.0%} of its processor: the machine is busy, or this kernel "
              "does not count soft interrupts as the time of a thread, and the rates mean nothing")


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flood", default=str(BUILD / "iptlint-flood"), metavar="PATH", help="the sender")
    parser.add_argument("--iptlint", default=str(BUILD / "iptlint"), metavar="PATH")
    parser.add_argument("--rules", type=int, default=50000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--milliseconds", type=int, default=150, help="CPU time of each run")
    parser.add_argument("--variants", default=",".join(NAMES), help=f"of {', '.join(NAMES)}")
    parser.add_argument("--use", action="append", default=[], metavar="VARIANT=FILE", help="load FILE for VARIANT")
    parser.add_argument("--check", action="store_true", help="exit 1 where a ratio is below its limit")
    chosen = parser.parse_args()
    chosen.use = dict(use.split("=", 1) for use in chosen.use)
    if unknown := {*chosen.use, *chosen.variants.split(",")} - set(NAMES):
        parser.error(f"no variant: {', '.join(sorted(unknown))}")
    return chosen


def main():
    chosen = options()
    if reason := routers.whyNot("taskset", "nft", "iptables-legacy-restore", "iptables-nft-restore"):
        sys.exit(f"rates.py: {reason}")
    wanted = [variant for variant in VARIANTS if variant.name in chosen.variants.split(",")]
    try:
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(chosen, folder)
            measured = bench.buildAll(wanted)
            for number in range(chosen.rounds):
                bench.round(number)
    except Failed as failed:
        print(f"rates.py: {failed}", file=sys.stderr)
        return 2
    below = report(bench, measured) + [variant.name for variant in wanted if variant not in measured]
    sayIfStarved(bench)
    print(f"{chosen.rules} rules, {chosen.rounds} rounds; not as fast as asked, or not measured: {', '.join(below) or 'nothing'}")
    return 1 if chosen.check and below else 0


if __name__ == "__main__":
    sys.exit(main())
