"""Every rule set of the corpus that the kernel takes, and what is loaded when our print of it is loaded instead.

A file is loaded in a namespace of its own, by iptables-legacy-restore and by iptables-nft-restore; then what
`iptlint-opt` prints of it, as it was read and with --normal. What the save programs say must be the same each time,
comments and the order of the tables aside. With --normal the legacy program must also say what we printed, to the
letter.

Sets that a file names are made beforehand, empty, with as many dimensions as the rules ask for. A file that the
kernel does not take is counted and left out. Without --full, each is loaded by one of the two programs, by turns, and files above
2,000 lines are left out and counted.

What may differ: a built-in chain without rules that the file does not name, on nft, where --normal names it; and the
policy of a built-in chain that the file leaves open, of which --normal says `-`.

usage: normal_corpus.py --iptlint-opt PROGRAM --corpus FOLDER [--full]
"""

import argparse
import multiprocessing
import os
import re
import sys
from pathlib import Path

from corpus import heldIn, rowsOf, run
from machine import whyNot

LARGE = 2000   # lines
MINIMUM = 250  # loaded by either, of the files that the kernel takes, or little is proved
BACK_ENDS = ("legacy", "nft")

# Files that differ, with the reason.
DIFFERENT = {
    "batfish/projects/batfish/src/test/resources/org/batfish/grammar/iptables/testconfigs/unsupported_command":
        "has -h, which ends iptables-restore before it gets to the lines it would refuse",
}


def printed(optProgram, path, family, *options):
    return run([optProgram, f"--family={family}", *options, str(path)]).stdout


def withoutIdle(lines):
    """Without built-in chains that have nothing to say: no rule, policy ACCEPT."""
    used = {line.split()[1] for line in lines if line.startswith("-A ")}
    return [line for line in lines if not (line.startswith(":") and " ACCEPT " in line and line[1:].split()[0] not in used)]


def tables(lines):
    """{name: its lines}, without counters. Of two tables of one name the second counts."""
    found, current = {}, None
    for line in lines:
        if line.startswith("*"):
            current = found.setdefault(line, [])
            current.clear()
        elif current is not None and line != "COMMIT":
            current.append(re.sub(r"^\[\d+:\d+\] ", "", re.sub(r" \[\d+:\d+\]$", " [0:0]", line)))
    return found


def sameText(normal, held):
    """Whether --normal printed what the legacy program did. `-` is a policy that the file leaves open."""
    lines = [line for line in normal.decode(errors="surrogateescape").splitlines() if not line.startswith("#")]
    ours, theirs = tables(lines), tables(held)
    for name, wanted in ours.items():
        given = theirs.get(name, [])
        if len(wanted) != len(given):
            return f"{name}: {len(wanted)} lines printed, {len(given)} held"
        for ourLine, theirLine in zip(wanted, given):
            open_ = ourLine.startswith(":") and ourLine.split()[:2] == [theirLine.split()[0], "-"]
            if ourLine != theirLine and not open_:
                return f"{ourLine!r} printed, {theirLine!r} held"
    return None


def compare(work):
    optProgram, path, family, backEnds = work
    original = path.read_bytes()
    prints = {"plain": printed(optProgram, path, family), "normal": printed(optProgram, path, family, "--normal")}
    taken, wrong = [], []
    for backEnd in backEnds:
        held = heldIn(original, family, backEnd)
        if held is None:
            continue
        taken.append(backEnd)
        for kind, text in prints.items():
            again = heldIn(text, family, backEnd)
            leaveOut = withoutIdle if backEnd == "nft" and kind == "normal" else list
            if again is None or tables(leaveOut(again)) != tables(leaveOut(held)):
                wrong.append(f"{backEnd}, {kind}: " + ("refused" if again is None else firstDifference(held, again)))
        if backEnd == "legacy" and (difference := sameText(prints["normal"], held)):
            wrong.append(difference)
    return str(path), taken, wrong


def firstDifference(held, again):
    for one, other in zip(held, again):
        if one != other:
            return f"{one!r} became {other!r}"
    return f"{len(held)} lines became {len(again)}"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--iptlint-opt", required=True)
    arguments.add_argument("--corpus", type=Path, required=True)
    arguments.add_argument("--full", action="store_true")
    options = arguments.parse_args()
    if reason := whyNot() or (None if (options.corpus / "INDEX.tsv").exists() else "no corpus"):
        print(f"skipped: {reason}")
        return 77
    rows, count = rowsOf(options.corpus, None if options.full else LARGE)
    work = [(options.iptlint_opt, options.corpus / row["path"], 6 if row["kind"] == "save6" else 4,
             BACK_ENDS if options.full else BACK_ENDS[number % 2 :][:1]) for number, row in enumerate(rows)]  # fmt: skip
    with multiprocessing.Pool(2) as pool:
        results = pool.map(compare, work, chunksize=4)
    bad = 0
    for path, _, wrong in results:
        name = os.path.relpath(path, options.corpus)
        if bool(wrong) == (name in DIFFERENT):
            continue
        bad += 1
        print(f"{name}: " + ("; ".join(wrong) or "is listed as different and is not"))
    legacy = sum("legacy" in taken for _, taken, _ in results)
    nft = sum("nft" in taken for _, taken, _ in results)
    print(f"{count} files, {len(rows)} tried; loaded and compared: {legacy} by legacy, {nft} by nft; {bad} wrong, "
          f"{len(DIFFERENT)} differ for a reason")
    return 1 if bad or legacy + nft < MINIMUM else 0


sys.exit(main())
