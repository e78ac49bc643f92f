"""Checks the certificates of certificate.test."""
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    rules = json.load(file)["rules"]
dead = [rule for rule in rules if rule["status"] == "dead"]
assert len(dead) == 4, dead
assert all("certificate" not in rule for rule in rules if rule not in dead), rules
for rule in dead:
    certificate = rule["certificate"]
    assert certificate["result"] == "proved", rule
    assert certificate["by_all_rules"] is False, rule
    assert certificate["queries"] >= 2 and certificate["solver"].startswith("Z3 "), rule
    assert certificate["seconds"] >= 0, rule
lines = [[by["line"] for by in rule["certificate"]["by"]] for rule in dead]
assert lines == [[6, 7], [], [10], [10]], lines
