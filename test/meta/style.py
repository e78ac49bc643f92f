"""Says where sources under lib/ and tools/ leave the house style, as far as a script can tell.

usage: style.py ROOT

Folders are lower-case nouns and none is called util. A header, and a source without one, starts with a
comment that says what it holds; a header has `#pragma once`; a source whose header stands beside it
includes that header first; a file has at most MAX_LINES lines. Exit 1 when anything is not so, or nothing was found.
"""
import re
import sys
from pathlib import Path

MAX_LINES = 450
SHORT = 20


def firstInclude(lines):
    return next((match[1] for line in lines if (match := re.match(r'#include ["<]([^">]+)', line))), None)


def objections(root, path):
    """Line and reason for everything wrong with one file."""
    lines = path.read_text(errors="replace").splitlines() or [""]
    relative = path.relative_to(root)
    for folder in relative.parts[:-1]:
        if not re.fullmatch(r"[a-z][a-z-]*", folder) or folder.startswith("util"):
            yield 1, f"folder {folder} is no lower-case noun that says what it holds"
    own = path.with_suffix(".h")
    hasOwnHeader = path.suffix == ".cpp" and own.exists()
    if not hasOwnHeader and len(lines) > SHORT and not lines[0].startswith("//"):
        yield 1, "does not start with a comment that says what it holds"
    if path.suffix == ".h" and "#pragma once" not in lines:
        yield 1, "has no #pragma once"
    if hasOwnHeader and not own.as_posix().endswith("/" + (firstInclude(lines) or "nothing")):
        yield 1, f"does not include {own.name} first"
    if path.suffix != ".def" and len(lines) > MAX_LINES:
        yield MAX_LINES, f"has {len(lines)} lines, more than {MAX_LINES}"


def main(root):
    problems, seen = [], 0
    for folder in ("lib", "tools"):
        for path in sorted(p for p in (root / folder).rglob("*") if p.suffix in (".h", ".cpp", ".def")):
            seen += 1
            problems += [f"{path}:{line}: {reason}" for line, reason in objections(root, path)]
    if not seen:
        problems.append(f"{root}: no sources found")
    print("\n".join(problems) or f"{seen} sources in house style")
    return 1 if problems else 0


sys.exit(main(Path(sys.argv[1])))
