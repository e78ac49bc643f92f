"""The rule sets of the corpus, and what the kernel holds once one is loaded, in a namespace of its own.

Sets that a rule set names are made beforehand, with as many dimensions as the rules ask for; empty, or with half of all addresses.
"""

import csv
import ctypes
import os
import re
import subprocess

from machine import CLONE_NEWNET

SET_USE = re.compile(r"--(?:match-set|set|add-set|del-set|map-set)[ =]\"?([^\s\"]+)\"?\s+((?:src|dst)(?:,(?:src|dst))*)")
TYPES = {1: "hash:net", 2: "hash:net,port", 3: "hash:ip,port,net"}
HALF = {4: "128.0.0.0/1", 6: "2000::/3"}


def run(command, text=None):
    return subprocess.run(command, input=text, capture_output=True)


def program(family, backEnd, what):
    return f"ip{'6' if family == 6 else ''}tables-{backEnd}-{what}"


def makeSets(text, family, members=False):
    found = {}
    for name, directions in SET_USE.findall(text.decode(errors="replace")):
        found[name] = max(found.get(name, 1), directions.count(",") + 1)
    for name, dimensions in found.items():
        run(["ipset", "-!", "create", name, TYPES[min(dimensions, 3)], "family", "inet6" if family == 6 else "inet", "counters"])
        if members and dimensions < 3:
            run(["ipset", "-!", "add", name, HALF[family] + (",tcp:80" if dimensions == 2 else "")])


def heldIn(text, family, backEnd, sets=b""):
    """What the save program says once a text is loaded, without comments; None where it, or the text of sets that comes
    before it, is refused. Runs in a process of its own, whose namespace goes away with it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        if ctypes.CDLL(None).unshare(CLONE_NEWNET) != 0:  # nothing is to be loaded into the machine itself
            os._exit(1)
        restored = not sets or run(["ipset", "restore"], sets).returncode == 0
        makeSets(text, family)
        loaded = restored and run([program(family, backEnd, "restore")], text).returncode == 0
        saved = run([program(family, backEnd, "save")]).stdout if loaded else b""
        with os.fdopen(writer, "wb") as out:
            out.write(b"+" + saved if loaded else b"-")
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    if not said.startswith(b"+"):
        return None
    return [line for line in said[1:].decode(errors="surrogateescape").splitlines() if not line.startswith("#")]


def rowsOf(corpus, most):
    """Those of at most so many lines, or all; and how many there are."""
    with open(corpus / "INDEX.tsv", newline="") as index:
        rows = [row for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE) if row["kind"] in ("save", "save6")]
    return [row for row in rows if most is None or int(row["lines"]) <= most], len(rows)
