"""What `iptables -L` shows of rules is read as the rules that `iptables-save` shows.

On both back ends and for both families, in a network namespace: one rule for each match and target is loaded and
listed in every combination of -n, -v, -x and --line-numbers; every row of lib/parse/ListingPhrases.def is among what
they show, but for rows of modules that this kernel has not got. iptlint-opt reads each listing and prints it as rules;
these are loaded in turn, and iptables-save must give what it gave for the original. What a listing hides
(listing_rules.HIDDEN) must be an unknown of its own.

usage: listing.py --iptlint-opt PATH --phrases lib/parse/ListingPhrases.def
"""

import argparse
import ctypes
import itertools
import re
import subprocess
import sys

from listing_phrases import phrases, rowsOf
from listing_rules import ALIASES, HIDDEN, IPV4, IPV6, NEVER_LISTED, NOT_SHOWN_BY_NFT, WITHOUT_LISTING
from machine import CLONE_NEWNET, whyNot

SETS = "create myset hash:ip\ncreate myset6 hash:ip family inet6\n"
# What -m rateest asks for.
ESTIMATORS = [f"-A RATES -j RATEEST --rateest-name RE{n} --rateest-interval 250ms --rateest-ewmalog 500ms" for n in (1, 2)]
COMBINATIONS = [
    [flag for flag, wanted in zip(("-n", "-v", "-x", "--line-numbers"), chosen) if wanted]
    for chosen in itertools.product((False, True), repeat=4)
]
INTERFACES = re.compile(r"(! )?-[io] \S+ ?")


def run(command, text=""):
    done = subprocess.run(command, input=text, text=True, errors="surrogateescape", capture_output=True)
    return done.returncode == 0, done.stdout


class BackEnd:
    def __init__(self, family, name):
        self.name = f"ip{'6' if family == 6 else ''}tables-{name}"
        self.nft = name == "nft"

    def load(self, text):
        return run([f"{self.name}-restore"], text)[0]

    def saved(self):
        """Rules as this back end saves them, by table and chain."""
        rules, table = {}, None
        for line in run([f"{self.name}-save"])[1].splitlines():
            if line.startswith("*"):
                table = line[1:]
            elif line.startswith("-A "):
                _, chain, *rule = line.split(" ", 2)
                rules[table, chain] = rule[0] if rule else ""
        return rules

    def listed(self, tables, flags):
        return "".join(f"Table: {table}\n" + run([self.name, "-t", table, "-L", *flags])[1] for table in tables)


def text(rules):
    """Of {(table, chain): rule}: each rule in its chain."""
    lines = []
    for table in sorted({table for table, _ in rules}):
        mine = {chain: rule for (of, chain), rule in rules.items() if of == table}
        lines += [f"*{table}", ":OTHER - [0:0]", ":RATES - [0:0]"] + [f":{chain} - [0:0]" for chain in mine]
        lines += ESTIMATORS if table == "filter" else []
        lines += [f"-A {chain} {rule}" for chain, rule in mine.items()] + ["COMMIT"]
    return "".join(line + "\n" for line in lines)


def loadable(backEnd, cases):
    """Those rules that this kernel has the modules for."""
    rules = {(table, f"C{number}"): rule for number, (table, rule) in enumerate(cases)}
    return {at: rule for at, rule in rules.items() if NEVER_LISTED not in rule and backEnd.load(text({at: rule}))}


def readBack(optimizer, listing):
    """Rules as iptlint-opt prints a listing, by table and chain, and what it says on standard error."""
    command = [optimizer, "--input-format=L", "-"]
    done = subprocess.run(command, input=listing, text=True, errors="surrogateescape", capture_output=True)
    rules, table = {}, None
    for line in done.stdout.splitlines():
        if line.startswith("*"):
            table = line[1:]
        elif line.startswith("-A "):
            _, chain, *rule = line.split(" ", 2)
            rules[table, chain] = rule[0] if rule else ""
    return rules, done.stderr


def isHidden(backEnd, rule):
    return any(part in rule for part in HIDDEN) or (backEnd.nft and NOT_SHOWN_BY_NFT in rule)


def compare(optimizer, backEnd, original, saved, flags, listing):
    read, said = readBack(optimizer, listing)
    faults = [f"says {line}" for line in said.splitlines() if ": error: " in line]
    hidden = {at for at in original if isHidden(backEnd, original[at])}
    faults += [f"is not in what was read: {original[at]}" for at in original if at not in read]
    unknown = {at for at, rule in read.items() if "-m listed" in rule}
    faults += [f"is not understood: {original.get(at)}" for at in unknown - hidden]
    plain = {at: rule for at, rule in read.items() if at in original and at not in unknown | hidden}
    if not backEnd.load(text(plain)):
        return faults + [f"does not load: {text(plain)}"]
    again = backEnd.saved()
    for at in plain:
        wanted = saved[at] if "-v" in flags else INTERFACES.sub("", saved[at]).strip()
        if again.get(at) != ALIASES.get(wanted, wanted):
            faults.append(f"was {wanted}, read as {plain[at]}, which is {again.get(at)}")
    return faults


class Unseen:
    """The phrases that no listing has shown so far."""

    def __init__(self, every):
        self.left, self.loaded = list(every), set()

    def look(self, listing, original):
        rows = [(ALIASES.get(original[at], original[at]), row) for at, row in rowsOf(listing).items() if at in original]
        self.loaded |= {phrase.module for phrase in self.left for rule in original.values() if phrase.isOf(rule)}
        self.left = [phrase for phrase in self.left
                     if not any(phrase.isOf(rule) and phrase.expression.search(row) for rule, row in rows)]

    def faults(self):
        missing = sorted({phrase.module for phrase in self.left} - self.loaded)
        if missing:
            print("not asked about, as no rule with them loads: " + ", ".join(missing))
        return [f"no listing has the phrase {phrase.name}" for phrase in self.left
                if phrase.module in self.loaded and phrase.name not in WITHOUT_LISTING]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--iptlint-opt", required=True)
    parser.add_argument("--phrases", required=True)
    wishes = parser.parse_args()
    optimizer = wishes.iptlint_opt
    reason = whyNot()
    if reason:
        print(f"skipped: {reason}")
        return 77
    ctypes.CDLL(None).unshare(CLONE_NEWNET)
    run(["ipset", "restore"], SETS)
    faults, unseen = [], Unseen(phrases(wishes.phrases))
    for family, name in itertools.product((4, 6), ("legacy", "nft")):
        cases = IPV4 if family == 4 else IPV6
        backEnd = BackEnd(family, name)
        original = loadable(backEnd, cases)
        for flags in COMBINATIONS:
            backEnd.load(text(original))
            saved = backEnd.saved()
            listing = backEnd.listed(sorted({table for table, _ in original}), flags)
            unseen.look(listing, original)
            found = compare(optimizer, backEnd, original, saved, flags, listing)
            faults += [f"{backEnd.name} -L {' '.join(flags)}: {fault}" for fault in found]
        print(f"{backEnd.name}: {len(original)} of {len(cases)} rules load, {len(COMBINATIONS)} combinations")
        if len(original) < len(cases) * 8 // 10:
            faults.append(f"{backEnd.name}: too few rules load to prove anything")
    faults += unseen.faults()
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
