"""Reads every text of the corpus about what surrounds rules: nothing may be left unread. What cannot be read
stands below with the reason; such a file must be refused, or it goes from the list.

usage: corpus.py CORPUS
"""
import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

OPTIONS = {"ip-route": "--routes", "route-n": "--routes", "ip-addr": "--addresses", "brctl": "--bridges", "ip-rule": "--rules"}
NAMES = "names in place of addresses: `route` without -n"
SCRUBBED = "addresses that somebody has made unreadable"
REFUSED = {
    "firehol/link-balancer/basics/simple.table.aud": "headings between tables, put there by a script",
    "insights-core/test_ip/IP_ADDR_TEST": "what a program said on standard error",
    "insights-core/test_ip/IP_ROUTE_SHOW_TABLE_ALL_TEST_BAD": "keywords without a value, made so for a test",
    "neutron/doc/config-routed-networks.rst.1.ip-route": "remarks of an author behind two routes",
    "neutron/doc/layer3.rst.1.ip-addr": "a terminal's other lines",
    "net-network/config_home_user/ip_addr": SCRUBBED,
    "net-network/config_ongy_flat_share/2015_aug_ipaddrs": SCRUBBED,
    "jc/centos-7.7/netstat-r.out": NAMES,
    "jc/centos-7.7/route-6.out": NAMES,
    "jc/centos-7.7/route.out": NAMES,
    "jc/nixos/route-ee.out": NAMES,
    "jc/ubuntu-18.04/netstat-r.out": NAMES,
    "jc/ubuntu-18.04/route.out": NAMES,
}
MINIMUM = 75  # a corpus that holds next to nothing proves next to nothing
KNOWN = ("interface ", "bridge ", "rule ", "route ")


def objection(corpus, path, kind):
    ran = subprocess.run(["iptlint-opt", "--network", f"{OPTIONS[kind]}={corpus / path}"], capture_output=True, text=True,
                         errors="replace")
    wanted = 2 if path in REFUSED else 0
    if ran.returncode != wanted:
        return f"exit code {ran.returncode} in place of {wanted}: {ran.stderr}"
    hasContent = any(line.startswith(KNOWN) for line in ran.stdout.splitlines())
    isHeadingAlone = kind == "brctl" and len((corpus / path).read_text().splitlines()) == 1
    if hasContent == isHeadingAlone:
        return f"what was read is strange: {ran.stdout}"
    return None


def main(corpus):
    with open(corpus / "INDEX.tsv", newline="") as index:
        rows = csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE)
        texts = [(row["path"], row["kind"]) for row in rows if row["kind"] in OPTIONS]
    wrong = {path: reason for path, kind in texts if (reason := objection(corpus, path, kind))}
    for path, reason in wrong.items():
        print(f"{path}: {reason}")
    read = Counter(kind for path, kind in texts if path not in REFUSED and path not in wrong)
    print("nothing left unread: " + ", ".join(f"{count} of {kind}" for kind, count in sorted(read.items())))
    print(f"{len(texts)} texts, {len(REFUSED)} of them refused as they should be, {len(wrong)} wrong")
    return 1 if wrong or len(texts) < MINIMUM or not REFUSED.keys() <= {path for path, _ in texts} else 0


sys.exit(main(Path(sys.argv[1])))
