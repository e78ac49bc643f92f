#!/usr/bin/env python3
"""Compares what `iptlint witness` says of each rule with what is known of it.

    generate.py planted 20000 --manifest planted.json > planted.rules
    planted.py --iptlint build/bin/iptlint planted.rules planted.json

Every rule that the manifest names must be dead and every other one live; unknown is neither. Exit 1 on any
difference, with the first few of each kind of difference.
"""
import argparse
import json
import subprocess
import sys
from collections import Counter

SHOWN = 5  # of each kind of difference


def place(rule):
    return rule["table"], rule["chain"], rule["rule"]


def statuses(iptlint, rules):
    """What iptlint says: place to (status, line)."""
    ran = subprocess.run([iptlint, "witness", "--format=json", rules], capture_output=True)
    try:
        answer = json.loads(ran.stdout)
    except ValueError:
        sys.exit(f"{iptlint} gave no JSON, exit code {ran.returncode}: {ran.stderr.decode(errors='replace')}")
    return {place(rule): (rule["status"], rule["line"]) for rule in answer["rules"]}


def differences(manifest, answers):
    """(kind of difference, text) for each rule that is not as it should be."""
    dead = {place(rule): rule["kind"] for rule in manifest["dead"]}
    near = {place(rule): rule["kind"] for rule in manifest["near"]}
    for rule in dead.keys() | near.keys():
        if rule not in answers:
            yield "not in the answer", " ".join(map(str, rule))
    for rule, (status, line) in answers.items():
        expected = "dead" if rule in dead else "live"
        if status != expected:
            kind = dead.get(rule) or (rule in near and f"near {near[rule]}") or "background"
            yield f"{kind}: {status} in place of {expected}", f"line {line}, {' '.join(map(str, rule))}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iptlint", default="build/bin/iptlint", metavar="PATH")
    parser.add_argument("rules")
    parser.add_argument("manifest")
    chosen = parser.parse_args()
    with open(chosen.manifest, encoding="ascii") as file:
        manifest = json.load(file)
    answers = statuses(chosen.iptlint, chosen.rules)
    found = list(differences(manifest, answers))
    if len(answers) != manifest["rules"]:
        found.append(("number of rules", f"{len(answers)} in place of {manifest['rules']}"))
    shown = Counter()
    for kind, text in found:
        shown[kind] += 1
        if shown[kind] <= SHOWN:
            print(f"{kind}: {text}")
    dead, near = len(manifest["dead"]), len(manifest["near"])
    live = len(answers) - dead
    print(f"{len(answers)} rules: {dead} planted dead, {live} live ({near} of them by one value); {len(found)} differ")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
