"""What is a `syntax` error in lists of `iptables -S` and in scripts, iptables refuses as well.

Every line with such an error is given to iptables in a network namespace of its own: a line of a list to
iptables-restore, in a table that has its chains; a line of a script to a shell that finds no other program than iptables.
iptables shares the error where it ends with 2, which is what it does for options and values that it cannot read. Lines that
are more than a plain command cannot be asked about and count as not shared. At most 2 % of the files may have an
error that iptables does not share; docs/corpus.md names them.

usage: refused.py CORPUS PAGE"""

import csv
import re
import subprocess
import sys
import tempfile
from pathlib import Path

MOST = 0.02
MINIMUM = 200  # files; fewer prove next to nothing
REFUSED = 2    # iptables: PARAMETER_PROBLEM
FINDING = re.compile(r":(\d+):\d+: error: (.*) \[syntax\]$")
PLAIN = re.compile(r"ip6?tables [^`$|&;<>()]*$")


def errors(path):
    """Line numbers with what is said of them first."""
    ran = subprocess.run(["iptlint-opt", str(path)], capture_output=True, text=True, errors="replace")
    found = {}
    for line in ran.stderr.splitlines():
        if match := FINDING.search(line):
            found.setdefault(int(match[1]), match[2])
    return found


def inNamespace(command, folder, text=""):
    environment = {"XTABLES_LOCKFILE": str(folder / "lock"), "PATH": str(folder)}
    return subprocess.run(["/usr/bin/unshare", "-n", *command], input=text, capture_output=True, text=True, env=environment).returncode


def refusesListed(line, folder):
    table = re.search(r" (?:-t|--table) (\S+)", line)
    chains = {chain for chain in re.findall(r"(?:-A|-g|-j) (\S+)", line) if not chain.isupper() or f"-A {chain}" in line}
    rule = line.replace(table[0], "") if table else line
    declared = "".join(f":{chain} - [0:0]\n" for chain in sorted(chains))
    text = f"*{table[1] if table else 'filter'}\n{declared}{rule}\nCOMMIT\n"
    return inNamespace(["/usr/sbin/iptables-legacy-restore"], folder, text) == REFUSED


def refusesCommand(line, folder):
    return PLAIN.match(re.sub(r"'[^']*'", "''", line)) is not None and inNamespace(["/bin/sh", "-c", line], folder) == REFUSED


def notShared(path, kind, folder):
    """The first error of a file that iptables does not share; None if there is none."""
    lines = path.read_text(errors="replace").split("\n")
    refuses = refusesListed if kind == "S" else refusesCommand
    return next((f"{number}: {message}" for number, message in errors(path).items()
                 if not refuses(lines[number - 1].rstrip("\r"), folder)), None)


def programs(folder):
    for name in ("iptables", "ip6tables"):
        (folder / name).write_text(f'#!/bin/sh\nexec /usr/sbin/{name.replace("tables", "tables-legacy")} "$@"\n')
        (folder / name).chmod(0o755)


def main(corpus, page):
    with open(corpus / "INDEX.tsv", newline="") as index:
        rows = [row for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE) if row["kind"] in ("S", "script")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programs(folder)
        wrong = {row["path"]: reason for row in rows if (reason := notShared(corpus / row["path"], row["kind"], folder))}
    for path, reason in wrong.items():
        print(f"{path}:{reason}")
    unnamed = [path for path in wrong if f"`{path}`" not in page.read_text()]
    print(f"{len(rows)} lists and scripts, {len(wrong)} with an error that iptables does not share, {len(unnamed)} not named in {page}")
    return 1 if unnamed or len(wrong) > MOST * len(rows) or len(rows) < MINIMUM else 0


sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
