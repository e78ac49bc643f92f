"""Reads every route table of the corpus and prints it back: the text must be the same, and read without
an error. What cannot be read stands below with the reason; such a file must be refused, or it goes from the list.

usage: corpus.py CORPUS
"""
import csv
import subprocess
import sys
from pathlib import Path

NAMES = "names in place of addresses: `route` without -n"
REFUSED = {
    "firehol/link-balancer/basics/simple.table.aud": "headings between tables, put there by a script",
    "insights-core/test_ip/IP_ROUTE_SHOW_TABLE_ALL_TEST_BAD": "keywords without a value, made so for a test",
    "neutron/doc/config-routed-networks.rst.1.ip-route": "remarks of an author behind two routes",
    "jc/centos-7.7/netstat-r.out": NAMES,
    "jc/centos-7.7/route-6.out": NAMES,
    "jc/centos-7.7/route.out": NAMES,
    "jc/nixos/route-ee.out": NAMES,
    "jc/ubuntu-18.04/netstat-r.out": NAMES,
    "jc/ubuntu-18.04/route.out": NAMES,
}
MINIMUM = 50  # a corpus that holds next to nothing proves next to nothing


def objection(corpus, path):
    ran = subprocess.run(["iptlint-opt", "--routes", str(corpus / path)], capture_output=True)
    if ran.stdout != (corpus / path).read_bytes():
        return "is not printed back as it was"
    if path in REFUSED and ran.returncode != 2:
        return f"exit code {ran.returncode}, but was to be refused: {REFUSED[path]}"
    if path not in REFUSED and ran.returncode != 0:
        return f"exit code {ran.returncode}: {ran.stderr.decode(errors='replace')}"
    return None


def main(corpus):
    with open(corpus / "INDEX.tsv", newline="") as index:
        rows = csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE)
        paths = [row["path"] for row in rows if row["kind"] in ("ip-route", "route-n")]
    wrong = {path: reason for path in paths if (reason := objection(corpus, path))}
    for path, reason in wrong.items():
        print(f"{path}: {reason}")
    print(f"{len(paths)} route tables, {len(REFUSED)} of them refused as they should be, {len(wrong)} wrong")
    return 1 if wrong or len(paths) < MINIMUM or not REFUSED.keys() <= set(paths) else 0


sys.exit(main(Path(sys.argv[1])))
