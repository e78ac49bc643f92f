"""Whether the commands of a page print what the page shows of them.

A block that begins with `$ iptlint ...` is a command, run in the project's folder, and lines of its output in their order;
`...` stands for any lines.

usage: tutorial.py IPTLINT PAGE FOLDER LEAST
"""

import re
import shlex
import subprocess
import sys

BLOCK = re.compile(r"^```\n\$ iptlint (.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def missing(shown, printed):
    """The first line that is shown and not printed where it should be; None if all are."""
    at, anywhere = 0, False
    for line in shown:
        if line == "...":
            anywhere = True
            continue
        found = next((i for i in range(at, len(printed)) if printed[i] == line), None) if anywhere else at
        if found is None or found >= len(printed) or printed[found] != line:
            return line
        at, anywhere = found + 1, False
    return None if anywhere or at == len(printed) else f"more than is shown: {printed[at]}"


def main():
    iptlint, page, folder, least = sys.argv[1:]
    blocks = BLOCK.findall(open(page).read())
    wrong = 0
    for command, shown in blocks:
        done = subprocess.run([iptlint, *shlex.split(command)], capture_output=True, text=True, cwd=folder)
        line = missing(shown.splitlines(), done.stdout.splitlines())
        if line is not None:
            wrong += 1
            print(f"iptlint {command}\n  does not print: {line}\n{done.stderr}")
    print(f"{len(blocks)} commands, {wrong} print something else")
    return 1 if wrong or len(blocks) < int(least) else 0


if __name__ == "__main__":
    sys.exit(main())
