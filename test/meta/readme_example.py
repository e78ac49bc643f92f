"""Says whether the example in a README is true: iptlint prints just what it shows.

usage: readme_example.py IPTLINT README

The block ```iptables goes to `iptlint -`; the block ```output behind it is all of its standard output. Exit 1
when they differ or there is no such pair.
"""
import difflib
import re
import subprocess
import sys
from pathlib import Path

PAIR = re.compile(r"^```iptables\n(.*?)^```$.*?^```output\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main(iptlint, readme):
    match = PAIR.search(Path(readme).read_text())
    if not match:
        sys.exit(f"{readme}: no example with its output")
    rules, shown = match.groups()
    printed = subprocess.run([iptlint, "-"], input=rules, text=True, capture_output=True).stdout
    if printed != shown:
        sys.stdout.writelines(difflib.unified_diff(shown.splitlines(True), printed.splitlines(True), readme, "iptlint"))
        sys.exit(1)
    print("the example is true")


main(*sys.argv[1:])
