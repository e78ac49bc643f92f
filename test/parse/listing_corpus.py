"""Reads every listing of the corpus: each without an error, all phrases understood.

Pairs of a listing and of what was saved at the same moment must be proved equal by `iptlint verify`, and packets made for each
of their rules must come to the same end in both by eval (iptlint-oracle-alike). Eval compares texts of conditions that are not modelled,
so it gets both in the normal form.

usage: listing_corpus.py CORPUS"""

import csv
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

MINIMUM = 50
# Listings with -v, and what was saved; of text by `iptables -S`, the table.
NET, MOBY = "net-network/", "moby/iptablesdoc/"
PAIRS = [
    (NET + "config_kornwall/iptables.Lnv", NET + "config_kornwall/iptables-save", "filter"),
    (NET + "config_vsrv/iptables_Lnv.txt", NET + "config_vsrv/iptables-save.txt", "filter"),
    (MOBY + "new-daemon.1.L", MOBY + "new-daemon.2.S", "filter"),
    (MOBY + "new-daemon.3.L", MOBY + "new-daemon.4.S", "nat"),
    (MOBY + "swarm-portmap.1.L", MOBY + "swarm-portmap.2.S", "filter"),
    (MOBY + "swarm-portmap.3.L", MOBY + "swarm-portmap.4.S", "nat"),
    (MOBY + "usernet-internal.1.L", MOBY + "usernet-internal.2.S", "filter"),
    (MOBY + "usernet-portmap-natunprot.1.L", MOBY + "usernet-portmap-natunprot.2.S", "filter"),
    (MOBY + "usernet-portmap-noicc.1.L", MOBY + "usernet-portmap-noicc.2.S", "filter"),
    (MOBY + "usernet-portmap-noicc.3.L", MOBY + "usernet-portmap-noicc.4.S", "nat"),
    (MOBY + "usernet-portmap-noproxy.2.L", MOBY + "usernet-portmap-noproxy.3.S", "nat"),
    (MOBY + "usernet-portmap-routed.1.L", MOBY + "usernet-portmap-routed.2.S", "filter"),
    (MOBY + "usernet-portmap.1.L", MOBY + "usernet-portmap.2.S", "filter"),
]
# What the names in these listings stand for, without -n.
HOSTS = "127.0.0.1 localhost\n127.0.0.0 loopback\n"


def read(path):
    ran = subprocess.run(["iptlint-opt", str(path)], capture_output=True, text=True, errors="replace")
    said = [line for line in ran.stderr.splitlines() if ": error: " in line]
    unknown = [line for line in ran.stdout.splitlines() if "-m listed" in line]
    rules = [line for line in ran.stdout.splitlines() if line.startswith("-A")]
    return said + unknown, rules, ran.stdout


def rows(path):
    """Lines that look like rules: behind the columns' heading, up to an empty line."""
    count, inside = 0, False
    for line in path.read_text(errors="replace").splitlines():
        if re.search(r"\btarget +prot opt\b", line):
            inside = True
        elif not line.strip() or line.startswith("Chain "):
            inside = False
        else:
            count += inside
    return count


def onlyTable(text, name):
    if f"*{name}" not in text:
        return f"*{name}\n{text}\nCOMMIT\n"
    return re.search(rf"^\*{name}$.*?^COMMIT$", text, re.M | re.S)[0] + "\n"


def pairFaults(corpus, listed, saved, table):
    text = (corpus / saved).read_text(errors="replace").replace("\r\n", "\n")
    with tempfile.TemporaryDirectory() as folder:
        one, hosts = Path(folder) / "saved", Path(folder) / "hosts"
        one.write_text(onlyTable(text, table))
        hosts.write_text(HOSTS)
        texts = [str(one), str(corpus / listed)]
        verified = subprocess.run(["iptlint", "verify", f"--hosts={hosts}", *texts], capture_output=True, text=True)
        normal = []
        for number, text in enumerate(texts):
            normal.append(os.path.join(folder, f"normal.{number}"))
            with open(normal[-1], "w") as out:
                subprocess.run(["iptlint-opt", "--normal", f"--hosts={hosts}", text], stdout=out, check=True)
        evaluated = subprocess.run(["iptlint-oracle-alike", *normal], capture_output=True, text=True)
        faults = [] if differenceSeen(*normal) else [f"{saved}: nothing is said where the first ACCEPT becomes DROP"]
    return faults + [f"{listed}: not equal to {saved}: {ran.stdout.strip()} {ran.stderr.strip()}"
            for ran in (verified, evaluated) if ran.returncode != 0]  # fmt: skip


def differenceSeen(one, other):
    """Whether packets tell the two apart once a rule of one has another verdict; texts without such a rule count."""
    text = Path(other).read_text()
    rule = re.search(r"^-A .*-j ACCEPT$", text, re.M)
    if not rule:
        return True
    Path(other).write_text(text.replace(rule[0], rule[0].removesuffix("ACCEPT") + "DROP", 1))
    return subprocess.run(["iptlint-oracle-alike", one, other], capture_output=True).returncode == 1


def main(corpus):
    with open(corpus / "INDEX.tsv", newline="") as index:
        names = [row["path"] for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE) if row["kind"] == "L"]
    faults = []
    for name in names:
        said, rules, _ = read(corpus / name)
        faults += [f"{name}: {line}" for line in said]
        if len(rules) != rows(corpus / name):
            faults.append(f"{name}: {rows(corpus / name)} rows, {len(rules)} rules")
    for pair in PAIRS:
        faults += pairFaults(corpus, *pair)
    if len(names) < MINIMUM:
        faults.append(f"only {len(names)} listings")
    print("\n".join(faults) or f"{len(names)} listings read, {len(PAIRS)} pairs equal")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
