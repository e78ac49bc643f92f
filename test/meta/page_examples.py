"""Runs the examples of a check's page: what the page says iptlint prints is what it prints.

usage: page_examples.py IPTLINT PAGE...

An example is a block ```iptables, fed to `iptlint --checks=+CHECK -`, and the block ```output behind it: the findings of the
page's check with their notes, without the source lines and carets between them. Blocks ```sets and ```yaml in front are its sets and its
configuration, ```routes, ```rules, ```addresses and ```sysctl what surrounds the rules; with one of these, ```output may stand without rules. A block ```iptables with no ```output before the
next must be read, whatever is found in it. Exit 1 when anything differs, or a page has no example.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONS = {"sets": "--sets", "yaml": "--config", "routes": "--routes", "rules": "--rules", "addresses": "--addresses", "sysctl": "--sysctl"}
FINDING = re.compile(r"^(-|routes|rules|addresses):\d+:\d+: (error|warning|info|note): ")


def examples(page):
    """Rules, the expected output (None where the page shows none), and what files with options in front of them hold."""
    found, given = [], {}
    for language, text in FENCE.findall(page):
        if language in OPTIONS:
            given[OPTIONS[language]] = text
        elif language == "iptables":
            found.append([text, None, given])
            given = {}
        elif language == "output":
            if given:
                found.append(["", None, given])
                given = {}
            if not found or found[-1][1] is not None:
                raise ValueError("an output block without rules before it")
            found[-1][1] = text.splitlines()
    return found


def run(iptlint, check, rules, given):
    with tempfile.TemporaryDirectory() as folder:
        options = [f"--checks=+{check}"]
        for option, text in given.items():
            path = Path(folder, option.strip("-"))
            path.write_text(text)
            options += [option, path.name]
        done = subprocess.run([iptlint, *options, "-"], input=rules.encode(), capture_output=True, cwd=folder)
    if done.returncode not in (0, 1, 2):
        raise ValueError(f"iptlint exits with {done.returncode}")
    lines, mine = [], False
    for line in filter(FINDING.match, done.stdout.decode().splitlines()):
        if " note: " not in line:
            mine = line.endswith(f" [{check}]")
        lines += [line] if mine else []
    return lines


def objections(iptlint, path):
    page = path.read_text()
    check = path.stem
    if not page.startswith(f"# {check}\n"):
        yield f"{path}: does not begin with '# {check}'"
    for heading in ("## Why it matters", "## What to do"):
        if heading not in page:
            yield f"{path}: has no '{heading}'"
    for rules, expected, given in examples(page):
        printed = run(iptlint, check, rules, given)
        if expected is None and not printed:
            yield f"{path}: nothing is found in the example\n{rules}"
        elif expected is not None and printed != expected:
            yield "\n".join([f"{path}: the page has", *expected, "and iptlint prints", *printed])


def main(iptlint, *pages):
    problems, seen = [], 0
    for page in map(Path, pages):
        seen += len(examples(page.read_text()))
        problems += objections(iptlint, page)
    if not seen:
        problems.append("no example found")
    print("\n".join(problems) or f"{seen} examples in {len(pages)} pages are as shown")
    return 1 if problems else 0


sys.exit(main(*sys.argv[1:]))
