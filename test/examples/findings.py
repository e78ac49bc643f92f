"""Compares the table of a description, `| line | check | ...`, with the findings of `iptlint --format=json`.

usage: findings.py README.md FINDINGS.json

What is not modelled is no mistake and is not listed. One finding must be suppressed.
"""
import json
import re
import sys
from pathlib import Path


def main(description, answer):
    rows = re.findall(r"^\| (\d+) \| ([a-z-]+) \|", Path(description).read_text(encoding="utf-8"), re.MULTILINE)
    listed = {(int(line), check) for line, check in rows}
    answer = json.loads(Path(answer).read_text(encoding="utf-8"))
    found = {(one["line"], one["check"]) for one in answer["findings"] if one["check"] != "unmodelled-option"}
    print(f"listed only: {sorted(listed - found)}, found only: {sorted(found - listed)}")
    return 0 if listed and listed == found and answer["summary"]["suppressed"] == 1 else 1


sys.exit(main(*sys.argv[1:]))
