"""Compares what is said of each rule: found by the search, left open by a short one, and settled by the solver."""
import json
import sys


def statuses(path):
    with open(path, encoding="utf-8") as file:
        return [rule["status"] for rule in json.load(file)["rules"]]


searched, left_open, solved = map(statuses, sys.argv[1:])
asked = [status for status, found in zip(searched, left_open) if found == "unknown"]
assert asked.count("live") >= 3 and asked.count("dead") >= 3, f"too little was left to the solver: {asked}"
assert solved == searched, [(number, pair) for number, pair in enumerate(zip(searched, solved), 1) if pair[0] != pair[1]]
