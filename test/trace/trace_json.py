"""Checks a trace in JSON for what every trace must be, and prints it in short."""
import json
import sys
from fractions import Fraction

HOOKS = ["PREROUTING", "OUTPUT", "INPUT", "FORWARD", "POSTROUTING"]
WAYS = [
    ["PREROUTING", "INPUT"],
    ["PREROUTING", "FORWARD", "POSTROUTING"],
    ["OUTPUT", "POSTROUTING", "PREROUTING", "INPUT"],
]
FATES = {"forward", "input", "output", "drop", "reject", "none", "unknown"}


def isPartOf(hooks, way):
    rest = iter(way)
    return all(hook in rest for hook in hooks)


def checkSteps(steps):
    hooks = []
    for step in steps:
        if step["hook"] != "routing" and (not hooks or hooks[-1] != step["hook"]):
            assert step["hook"] in HOOKS, step
            hooks.append(step["hook"])
        if "rule" in step and step["hook"] != "routing":
            assert step["rule"] >= 1 and step["line"] >= 1, step
    assert any(isPartOf(hooks, way) for way in WAYS), f"hooks in a wrong order: {hooks}"


def changeText(change):
    return f'{change["field"]}={change["to"] if change["to"] is not None else change.get("possible", "?")}'


def stepText(step):
    if step["hook"] == "routing":
        return f'routing {step.get("table", "-")} line {step.get("line", "-")} {step["effect"]}'
    place = f'{step["hook"]} {step["table"]} {step.get("chain", "-")}'
    number = f' {step["rule"]}' if "rule" in step else ""
    return " ".join([f'{place}{number} {step["effect"]}', *map(changeText, step.get("changes", []))])


def endText(trip):
    text = trip["fate"]
    if "out" in trip:
        text += f' out {trip["out"]} next hop {trip["next_hop"]}'
    return text + (f' by {len(trip["ports"])} ports' if "ports" in trip else "")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        trace = json.load(file)
    assert trace["version"] == 1 and trace["fate"] in FATES
    for path in [trace, *trace.get("paths", [])]:
        checkSteps(path["steps"])
        assert path["fate"] in FATES and "rewritten" in path
    for step in trace["steps"]:
        print(stepText(step))
    print(endText(trace))
    for path in trace.get("paths", []):
        end = path["rewritten"]
        print(f'{path["probability"]:.3f} {path["share"]} {path["fate"]} out {path["out"]} to {end["dst"]}:{end["dport"]}')
    if "paths" in trace and all(path["by_chance"] for path in trace["paths"]):
        total = sum(Fraction(path["share"]) for path in trace["paths"])
        assert total == 1, f"shares do not add up: {total}"


try:
    main()
except AssertionError as wrong:
    sys.exit(f"{sys.argv[1]}: {wrong}")
