#!/usr/bin/env python3
"""Compares analysis with the slow reference on rule sets of bench/generate.py.

    reference.py --program build/bin/iptlint-oracle-reference --source . [--rules N] [--seed N]

A run by hand takes 1,000 rules of each kind; the reference keeps whole sets of packets, so time and memory
grow much faster than the rules. With IPTLINT_REDUCED=1 in the environment a fraction of N.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

KINDS = ("acl", "kube", "nested", "wild", "series", "dag", "marked", "sites", "levels", "diamond", "overlap")
REDUCED_BY = 2


def generate(kind, rules, seed, source, folder):
    path = folder / f"{kind}.rules"
    with path.open("w", encoding="ascii") as file:
        words = [sys.executable, str(source / "bench/generate.py"), kind, str(rules), "--seed", str(seed)]
        subprocess.run(words, stdout=file, check=True)
    return str(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--rules", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rules = args.rules // (REDUCED_BY if os.environ.get("IPTLINT_REDUCED") == "1" else 1)
    with tempfile.TemporaryDirectory() as folder:
        files = [generate(kind, rules, args.seed, args.source, pathlib.Path(folder)) for kind in KINDS]
        return subprocess.run([str(args.program), *files], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
