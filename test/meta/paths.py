"""Says which files name what only one machine has.

usage: paths.py ROOT

No file may name a home folder or a work folder by its absolute path, a package host, or anything beside the
source tree but ../shared/corpus, which tests use where it is there. Build folders and what Python leaves
behind are not looked at. Exit 1 when a file does, or nothing was found.
"""
import re
import sys
from pathlib import Path

# Written so that this file is no finding of its own.
FORBIDDEN = [
    (re.compile(rb"(?<![\w.%}])/(?:wor[k]|roo[t]|hom[e])/[\w.-]"), "a folder of one machine"),
    (re.compile(rb"\.\./share[d](?!/corpus)"), "a folder beside the project"),
    (re.compile(rb"\b(?:deb|security|archive|ftp|snapshot|mirrors?)\.(?:debia[n]|ubunt[u])\.\w+|\bpyp[i]\.org|repo1?\.mave[n]"), "a package host"),
]


def files(root):
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        made = parts[0] == ".git" or parts[0].startswith("build") or "__pycache__" in parts
        if path.is_file() and not made:
            yield path


def main(root):
    problems, seen = [], 0
    for path in files(root):
        seen += 1
        for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
            problems += [f"{path}:{number}: names {what}" for pattern, what in FORBIDDEN if pattern.search(line)]
    if not seen:
        problems.append(f"{root}: no files found")
    print("\n".join(problems) or f"{seen} files name no machine")
    return 1 if problems else 0


sys.exit(main(Path(sys.argv[1])))
