"""Asks the program z3 every question that --log-smt wrote, and fails where it answers otherwise.

usage: ask_again.py FOLDER
"""

import re
import subprocess
import sys
from pathlib import Path

files = sorted(Path(sys.argv[1]).glob("*.smt2"))
assert files, "no question was written"
for file in files:
    written = re.search(r"\(set-info :status (\w+)\)", file.read_text())[1]
    answer = subprocess.run(["z3", file], capture_output=True, text=True).stdout.strip()
    print(f"{file.name}: {answer} {'as written' if answer == written else 'but written is ' + written}")
    if answer != written:
        sys.exit(1)
