"""Mistakes planted in the rules and sets that optimize --to=ipset writes, each of which verify must find.

A lost member, one too many, a prefix that is one bit longer, a port that is another, another direction, the wrong set, and
a rule gathered past one between that decides otherwise for some of its packets. verify shows a packet only if eval confirms it;
any other answer fails.

usage: mutants.py --iptlint PROGRAM FILE
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PER_KIND = 4  # of one set
ADD = re.compile(r"add (\S+) (\S+)")
MATCH = re.compile(r"--match-set (\S+) (\S+)")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def spread(items, most=PER_KIND):
    return items[:: max(1, len(items) // most)][:most]


def membersOf(sets):
    """{name: numbers of the lines that add to it}"""
    found = {}
    for number, line in enumerate(sets):
        if added := ADD.match(line):
            found.setdefault(added[1], []).append(number)
    return found


def replaced(lines, number, *others):
    return lines[:number] + list(others) + lines[number + 1 :]


def lost(rules, sets):
    for numbers in membersOf(sets).values():
        for number in spread(numbers):
            yield rules, replaced(sets, number)


def added(rules, sets):
    for name, numbers in membersOf(sets).items():
        member = ADD.match(sets[numbers[0]])[2]
        other = "2001:db8:ffff::9" if "::" in member else "203.0.113.9"
        yield rules, replaced(sets, numbers[0], sets[numbers[0]], f"add {name} {other}{member[member.find(','):] if ',' in member else ''}")


def longer(rules, sets):
    for numbers in membersOf(sets).values():
        for number in spread([number for number in numbers if "/" in sets[number]]):
            yield rules, replaced(sets, number, re.sub(r"/(\d+)", lambda found: f"/{int(found[1]) + 1}", sets[number]))


def otherPort(rules, sets):
    for numbers in membersOf(sets).values():
        for number in spread([number for number in numbers if ",tcp:" in sets[number]]):
            yield rules, replaced(sets, number, re.sub(r",tcp:(\d+)", lambda found: f",tcp:{int(found[1]) + 1}", sets[number]))


def otherDirection(rules, sets):
    turn = {"src": "dst", "dst": "src", "src,dst": "dst,dst", "dst,dst": "dst,src"}
    for number, line in enumerate(rules):
        if match := MATCH.search(line):
            yield replaced(rules, number, line[: match.start(2)] + turn[match[2]] + line[match.end(2) :]), sets


def wrongSet(rules, sets):
    types = {line.split()[1]: (line.split()[2], line.split()[4]) for line in sets if line.startswith("create")}
    for number, line in enumerate(rules):
        if match := MATCH.search(line):
            others = [name for name in types if name != match[1] and types[name] == types[match[1]]]
            for name in others[:1]:
                yield replaced(rules, number, line[: match.start(1)] + name + line[match.end(1) :]), sets


def gatheredTooFar(rules, sets):
    """A rule that may not pass the one before it becomes a member of the set that stands before both."""
    for number, line in enumerate(rules):
        if alone := re.match(r"-A (\S+) -s (\S+)/(?:32|128) -j ACCEPT$", line):
            for before in rules[:number]:
                match = MATCH.search(before)
                if match and before.startswith(f"-A {alone[1]} ") and before.endswith("src -j ACCEPT"):
                    yield replaced(rules, number), [*sets, f"add {match[1]} {alone[2]}"]


KINDS = (lost, added, longer, otherPort, otherDirection, wrongSet, gatheredTooFar)


def written(path, lines):
    path.write_text("\n".join(lines) + "\n")
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iptlint", required=True)
    parser.add_argument("file")
    options = parser.parse_args()
    complaints, counts = [], {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        done = run(options.iptlint, "optimize", "--to=ipset", options.file, "-o", folder / "rules", "--sets-out", folder / "sets")
        assert done.returncode == 0, done.stderr
        rules, sets = (Path(folder, each).read_text().splitlines() for each in ("rules", "sets"))
        for kind in KINDS:
            for mutant, mutantSets in kind(rules, sets):
                files = written(folder / "mutant", mutant), written(folder / "mutant-sets", mutantSets)
                answer = run(options.iptlint, "verify", "--format=json", options.file, files[0], "--sets", files[1])
                result = json.loads(answer.stdout) if answer.stdout else {"result": answer.stderr}
                counts[kind.__name__] = counts.get(kind.__name__, 0) + 1
                if result["result"] != "different" or "packet" not in result:
                    changed = set(mutant + mutantSets) - set(rules + sets)
                    complaints.append(f"{kind.__name__}: {result['result']}: {result.get('reason')}: {changed}")
    print(*complaints, sep="\n")
    print(f"{sum(counts.values())} mutants, {sum(counts.values()) - len(complaints)} found: {counts}")
    return 1 if complaints or len(counts) != len(KINDS) else 0


sys.exit(main())
