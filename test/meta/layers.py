"""Says which includes under lib/ break lib/LAYERS.

usage: layers.py ROOT

A layer may include itself and what its line names. Each line may name only layers of earlier
lines, so that data goes one way. Only parse includes ANTLR, only smt includes Z3. Project headers
are included by their path from lib/. Exit 1 when anything breaks a rule, or nothing was found.
"""
import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
# What only one layer may include, and which.
WALLED = [
    (re.compile(r"^antlr4|^(Iptables|Network|Nft|Routes|Sets|Listing|Shell)(Lexer|Parser)\.h$"), "parse"),
    (re.compile(r"^z3"), "smt"),
]


def readLayers(path):
    """The layers in their order, each with the set of layers it may use; and what is wrong with the list."""
    layers, problems = {}, []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r"^([a-z]+) *:(.*)$", line)
        if not match:
            continue
        uses = match[2].split()
        problems += [f"{path}:{number}: {match[1]} uses {use}, which no earlier line names" for use in uses if use not in layers]
        layers[match[1]] = set(uses)
    return layers, problems


def includes(path):
    """Line number, bracket and name of every include."""
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match[1], match[2]


def objection(layers, layer, bracket, name):
    """Why this layer may not include this, or None."""
    for pattern, owner in WALLED:
        if pattern.search(name):
            return None if layer == owner else f"only {owner} may include {name}"
    used = name.split("/")[0]
    if used not in layers:
        return None if bracket == "<" or used == "llvm" else f"{name} is no path from lib/"
    if used != layer and used not in layers[layer]:
        return f"{layer} may not include {used}"
    return None


def main(root):
    layers, problems = readLayers(root / "lib" / "LAYERS")
    seen = 0
    for path in sorted(p for p in (root / "lib").rglob("*") if p.suffix in (".h", ".cpp", ".def")):
        layer = path.relative_to(root / "lib").parts[0]
        if layer not in layers:
            problems.append(f"{path}:1: no line of lib/LAYERS names {layer}")
            continue
        for number, bracket, name in includes(path):
            seen += 1
            if reason := objection(layers, layer, bracket, name):
                problems.append(f"{path}:{number}: {reason}")
    if not seen:
        problems.append(f"{root}: no includes found")
    print("\n".join(problems) or f"{seen} includes obey {len(layers)} layers")
    return 1 if problems else 0


sys.exit(main(Path(sys.argv[1])))
