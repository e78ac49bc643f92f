"""The share of the rules in the corpus saves that have no opaque part other than ones with state; at least 97 %.

A rule with two such parts counts twice, to the disadvantage of the share. Prints what is left, and how often.

usage: share.py CORPUS OPTIONS_PAGE"""

import collections
import csv
import re
import subprocess
import sys
from pathlib import Path

LEAST = 0.97
MINIMUM = 10_000  # rules; fewer prove next to nothing
FINDING = re.compile(r": info: (-\S+ [\w-]+)(.*) is not modelled: (\d+) rules? counts? as")
SECTION = re.compile(r"^### `(\w+)`")


def withState(page):
    """The matches that have state in every option, as `-m NAME`."""
    lines = page.read_text().splitlines()
    heads = [(i, SECTION.match(line)) for i, line in enumerate(lines)]
    return {f"-m {head[1]}" for i, head in heads if head and lines[i + 2].startswith("With state")}


def opaque(path, family):
    ran = subprocess.run(["iptlint", "--checks=unmodelled-option", f"--family={family}", str(path)], capture_output=True)
    return [(found[1] + found[2], found[1], int(found[3])) for found in FINDING.finditer(ran.stdout.decode(errors="replace"))]


def main(corpus, page):
    stateful, left, rules = withState(page), collections.Counter(), 0
    with open(corpus / "INDEX.tsv", newline="") as index:
        for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["kind"] not in ("save", "save6"):
                continue
            rules += int(row["rules"])
            for option, match, count in opaque(corpus / row["path"], 6 if row["kind"] == "save6" else 4):
                if match not in stateful:
                    left[option] += count
    for option, count in left.most_common():
        print(f"{count} rules with {option}")
    share = 1 - sum(left.values()) / rules if rules else 0
    print(f"{share:.2%} of {rules} rules have no opaque part but ones with state")
    return 0 if rules >= MINIMUM and share >= LEAST else 1


sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
