#!/usr/bin/env python3
"""Writes a rule set for measuring, as iptables-save would print it.

    generate.py acl 100000 > acl.rules
    generate.py kube 100000 > kube.rules
    generate.py nested 10000 > nested.rules
    generate.py wild|series|dag|sites|levels|diamond|overlap|marked 10000 > shape.rules
    generate.py hosts 50000 > hosts.rules
    generate.py planted 20000 --manifest planted.json > planted.rules

The same arguments give the same text everywhere. What each holds stands at the head of bench/generators/*.py.
"""
import argparse
import json
import sys

from generators import acl, hosts, kube, nested, planted, plots, shapes
from generators.dice import Dice

GENERATORS = {"acl": acl.generate, "kube": kube.generate, "nested": nested.generate, "hosts": hosts.generate,
              "wild": shapes.wild, "series": shapes.series, "dag": shapes.dag, "sites": shapes.sites,
              "levels": shapes.levels, "diamond": shapes.diamond, "overlap": shapes.overlap, "marked": shapes.marked}  # fmt: skip


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=[*GENERATORS, "planted"])
    parser.add_argument("rules", type=int, help="how many, about")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--manifest", metavar="FILE", help="planted: where to write which rules are dead")
    parser.add_argument("--without", metavar="KIND,...", default="", help=f"planted: leave out of {', '.join(plots.KINDS)}")
    chosen = parser.parse_args()
    chosen.without = set(filter(None, chosen.without.split(",")))
    if chosen.without - plots.KINDS.keys():
        parser.error(f"no kind of plot: {', '.join(sorted(chosen.without - plots.KINDS.keys()))}")
    if (chosen.kind == "planted") != bool(chosen.manifest):
        parser.error("--manifest belongs to planted, and planted needs it")
    return chosen


def main():
    chosen = options()
    dice = Dice(chosen.seed)
    if chosen.kind == "planted":
        tables, manifest = planted.generate(chosen.rules, dice, chosen.without)
        with open(chosen.manifest, "w", encoding="ascii") as file:
            json.dump(manifest, file, indent=1)
    else:
        tables = GENERATORS[chosen.kind](chosen.rules, dice)
    for table in tables:
        table.write(sys.stdout)


if __name__ == "__main__":
    main()
