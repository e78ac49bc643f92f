"""Loads each file in a namespace of its own and saves it again: the same tables, comments and dates aside.

usage: load.py [--ipv6] FILE...
"""
import os
import subprocess
import sys
from pathlib import Path


def tables(text):
    """The lines of each table, in their order; which table comes first the kernel decides."""
    found, current = {}, None
    for line in text.splitlines():
        if line.startswith("*"):
            current = found.setdefault(line, [])
        elif not line.startswith("#"):
            current.append(line)
    return found


def saved(tool, text, namespace):
    inside = ["ip", "netns", "exec", namespace]
    subprocess.run(["ip", "netns", "add", namespace], check=True)
    try:
        subprocess.run([*inside, f"{tool}-legacy-restore"], input=text, text=True, check=True)
        return subprocess.run([*inside, f"{tool}-legacy-save"], capture_output=True, text=True, check=True).stdout
    finally:
        subprocess.run(["ip", "netns", "delete", namespace], check=True)


def main(arguments):
    tool = "ip6tables" if "--ipv6" in arguments else "iptables"
    files = [argument for argument in arguments if argument != "--ipv6"]
    wrong = []
    for file in files:
        text = Path(file).read_text(encoding="ascii")
        if tables(text) != tables(saved(tool, text, f"iptlint-load-{os.getpid()}")):
            wrong.append(file)
    print(f"{len(files)} files, saved otherwise: {wrong}")
    return 1 if wrong or not files else 0


sys.exit(main(sys.argv[1:]))
