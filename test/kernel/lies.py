"""Would the liveness test notice if the tool were wrong?

For each random rule set, one thing that the tool says is made untrue: a live rule is called dead, or a
live rule is given the witness of another. The trial must then fail. It cannot always: no packet of the
crowd may hit that rule, and the other's witness may well pass this rule on its way. How often it does is
printed, and too seldom is an error.
"""

import argparse
import collections
import copy
import os
import random
import sys
import tempfile

import liveness
import machine as machines
from random_rules import RuleSet

LEAST_CAUGHT = {"dead": 0.4, "witness": 0.7}


def callDead(claims, pick):
    """One live rule dead, and its witness forgotten."""
    claim = pick.choice([claim for claim in claims if claim["status"] == "live"])
    claim.update(status="dead", witness=None)


def swapWitness(claims, pick):
    """One live rule with the witness of another."""
    claim, other = pick.sample([claim for claim in claims if claim["status"] == "live"], 2)
    claim["witness"] = other["witness"]


LIES = {"dead": callDead, "witness": swapWitness}


def isCaught(machine, rules, claims, lie):
    told = copy.deepcopy(claims)
    LIES[lie](told, random.Random(rules.seed))
    try:
        liveness.Trial(machine, rules, told, collections.Counter()).run()
    except liveness.Wrong:
        return True
    return False


def claimsOf(tool, rules, folder):
    path = os.path.join(folder, "rules")
    with open(path, "w") as file:
        file.write(rules.text)
    return liveness.askTool(tool, path, rules.family)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iptlint", required=True, help="the tool")
    parser.add_argument("--sets", type=int, default=12)
    options = parser.parse_args()
    reason = machines.whyNot()
    if reason:
        print(f"skipped: {reason}")
        return 77
    machine, caught, told = machines.Machine(), collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, options.sets + 1):
            rules = RuleSet(seed)
            claims = claimsOf(options.iptlint, rules, folder)
            if sum(claim["status"] == "live" for claim in claims) < 2:
                continue
            for lie in LIES:
                told[lie] += 1
                caught[lie] += isCaught(machine, rules, claims, lie)
    for lie in LIES:
        print(f"{lie}: {caught[lie]} of {told[lie]} lies caught")
    return 0 if all(told[lie] and caught[lie] >= LEAST_CAUGHT[lie] * told[lie] for lie in LIES) else 1


if __name__ == "__main__":
    sys.exit(main())
