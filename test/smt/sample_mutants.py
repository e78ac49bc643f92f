"""Mistakes planted in what optimize writes, each of which verify must find.

Of each rule set, optimized for both goals, rules are taken that some packet gets to, and mistakes are made that change what
becomes of that packet: another verdict, another LOG prefix, another mark, a lost LOG or MARK. (Whether a bound that is off by one
or a lost verdict changes anything hangs on the other rules; these are among the unit tests of the proof.) verify shows a packet only
if eval confirms it; any other answer fails.

usage: sample_mutants.py --iptlint PROGRAM FILE...
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PER_KIND = 8  # of one rule set and goal
GOALS = ("tidy", "speed")
AT_LEAST = 50


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def live_lines(program, path):
    """The lines of rules that are live."""
    witness = json.loads(run(program, "witness", "--format=json", path).stdout)
    return sorted(rule["line"] for rule in witness["rules"] if rule["status"] == "live")


def flipped(line):
    return re.sub(r"-j (ACCEPT|DROP)$", lambda m: "-j " + ("DROP" if m[1] == "ACCEPT" else "ACCEPT"), line)


def lost(line):
    return "" if re.search(r"-j (LOG|MARK)\b", line) else line


def other_prefix(line):
    return re.sub(r'--log-prefix "?(\w)', lambda m: m[0][:-1] + ("y" if m[1] == "x" else "x"), line)


def other_mark(line):
    return re.sub(r"--set-xmark 0x(\w+)", lambda m: f"--set-xmark 0x{int(m[1], 16) ^ 1:x}", line)


KINDS = (flipped, lost, other_prefix, other_mark)


def mutants_of(lines, live):
    """Kind, line number and text of each mutant, spread over the file."""
    for kind in KINDS:
        changing = [number for number in live if lines[number - 1].startswith("-A") and kind(lines[number - 1]) != lines[number - 1]]
        step = max(1, len(changing) // PER_KIND)
        for number in changing[::step][:PER_KIND]:
            changed = kind(lines[number - 1])
            yield kind.__name__, number, lines[: number - 1] + ([changed] if changed else []) + lines[number:]


def tried(program, original, goal, folder):
    optimized = Path(folder, "optimized")
    done = run(program, "optimize", f"--goal={goal}", original, "-o", optimized)
    assert done.returncode == 0, done.stderr
    lines = optimized.read_text().splitlines()
    count, wrong = 0, []
    for kind, number, text in mutants_of(lines, live_lines(program, optimized)):
        mutant = Path(folder, "mutant")
        mutant.write_text("\n".join(text) + "\n")
        answer = run(program, "verify", "--format=json", original, mutant)
        result = json.loads(answer.stdout) if answer.stdout else {"result": answer.stderr}
        count += 1
        if result["result"] != "different" or "packet" not in result:
            wrong.append(f"{original} --goal={goal}, {kind} in line {number}: {result['result']}: {lines[number - 1]}")
    return count, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iptlint", required=True)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    total, wrong = 0, []
    with tempfile.TemporaryDirectory() as folder:
        for original in options.files:
            for goal in GOALS:
                count, complaints = tried(options.iptlint, original, goal, folder)
                total += count
                wrong += complaints
    print(*wrong, sep="\n")
    print(f"{total} mutants, {total - len(wrong)} found")
    return 1 if wrong or total < AT_LEAST else 0


sys.exit(main())
