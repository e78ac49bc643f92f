"""`iptlint optimize --to=ipset`: the kernel decides packets by what is written as by the rules that it was made of.

Random rule sets with long runs of rules for addresses, and others among them, are loaded by iptables-legacy and packets sent:
which of them get to the end of INPUT or POSTROUTING, and with which mark, must be the same with the sets and rules that are
written, loaded by iptables-legacy, and for every other rule set by iptables-nft. There none of the packets are fragments:
iptables-nft takes what later ones hold for ports, and sets do not. With half of the members it must differ, often enough,
or the test sees nothing.

usage: ipset.py --iptlint PROGRAM [--sets N] [--seed N]
"""

import argparse
import collections
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import machine as machines
from nftables import SEEN, Traffic, fates

# Odd addresses make no prefixes together.
ADDRESSES = [f"10.{a}.0.{b}" for a in (0, 1) for b in range(1, 48, 2)]
NETWORKS = [f"10.{a}.0.{b}/{length}" for a in (0, 1) for b, length in ((0, 27), (8, 29), (16, 28), (40, 29), (32, 28))] + ["10.0.0.0/8", "0.0.0.0/1"]
PORTS = [22, 80, 443, 1000]
PACKETS = 150
SECONDS = 5  # for the solver, per pair of chains: what keeps marks is left as it was if it takes longer
MARK = "MARK --set-xmark 0x{}/0xffffffff"


class Rules:
    """A random rule set of mangle and filter."""

    def __init__(self, seed):
        self.pick = random.Random(seed)
        self.text = self.table("mangle", ["PREROUTING"]) + self.table("filter", ["INPUT", "FORWARD", "OUTPUT"])

    def table(self, name, chains):
        lines = [f"*{name}", *(f":{chain} {self.policy(name)} [0:0]" for chain in chains), ":one - [0:0]"]
        for chain in [*chains, "one"]:
            for _ in range(self.pick.randrange(1, 3)):
                lines += self.run(name, chain) if self.pick.random() < 0.75 else [self.rule(name, chain, "")]
        return "\n".join([*lines, *(f"-A {chain} -j one" for chain in chains), "COMMIT", ""])

    def policy(self, name):
        return self.pick.choice(["ACCEPT", "DROP"] if name == "filter" else ["ACCEPT"])

    def run(self, name, chain):
        """Rules that differ in an address, perhaps with a port, with others among them."""
        pick = self.pick
        shape = pick.choice(["-s {n} ", "-d {a}/32 ", "-s {n} ", "-d {a}/32 -p tcp -m tcp --dport {p} ", "-s {a}/32 -p udp -m udp --sport {p} ", "-s {a}/32 -p tcp -m tcp --dport 80 "])
        target = self.target(name, chain)
        lines = []
        for address in pick.sample(ADDRESSES, pick.randrange(14, len(ADDRESSES))):
            network = f"{address[:-1]}{int(address[-1]) - 1}/31" if pick.random() < 0.3 else f"{address}/32"
            lines.append(f"-A {chain} {shape.format(a=address, n=network, p=pick.choice(PORTS))}-j {target}")
            if pick.random() < 0.08:
                lines.append(self.rule(name, chain, shape.format(a=pick.choice(ADDRESSES), n=pick.choice(NETWORKS), p=pick.choice(PORTS))))
        return lines

    def rule(self, name, chain, words):
        return f"-A {chain} {words or self.pick.choice(['-s', '-d']) + ' ' + self.pick.choice(NETWORKS) + ' '}-j {self.target(name, chain)}"

    def target(self, name, chain):
        if name == "mangle":
            return self.pick.choice(["ACCEPT", "DROP", MARK.format(1), MARK.format(2)])
        return self.pick.choice(["ACCEPT", "DROP", "RETURN", *([] if chain == "one" else ["one"])])


def onLegacyAlone(seed):
    return seed % 2 == 0


class Packets(Traffic):
    """Packets between these addresses, to and from these ports."""

    def __init__(self, machine, seed):
        super().__init__(machine, seed)
        self.fragments = 0.25 if onLegacyAlone(seed) else 0

    def choices(self):
        pick = self.pick
        kinds = [{"proto": "tcp", "sport": 2000, "dport": pick.choice([*PORTS, 81]), "tcp_flags": ["SYN"]},
                 {"proto": "udp", "sport": pick.choice(PORTS), "dport": 53}, {"proto": "icmp", "icmp_type": 8, "icmp_code": 0}]  # fmt: skip
        return {"family": 4, "src": self.address(), "dst": self.address(), "ttl": 64, **pick.choice(kinds)}

    def address(self):
        """One that rules name, or its neighbour."""
        parts = self.pick.choice(ADDRESSES).rsplit(".", 1)
        return f"{parts[0]}.{int(parts[1]) + self.pick.choice([0, 0, 0, 1])}"


def written(program, text):
    """Exit code, rules, sets and what was said."""
    with tempfile.TemporaryDirectory() as folder:
        path, out, sets = (Path(folder, name) for name in ("rules", "out", "sets"))
        path.write_text(text)
        done = subprocess.run([program, "optimize", "--to=ipset", f"--timeout={SECONDS}", path, "-o", out, "--sets-out", sets], capture_output=True, text=True)
        return done.returncode, *(each.read_text() if each.exists() else "" for each in (out, sets)), done.stderr.strip()


def halved(sets):
    """Every other member is missing."""
    members = iter(range(1 << 20))
    return "".join(line for line in sets.splitlines(keepends=True) if not line.startswith("add ") or next(members) % 2)


def loaded(machine, seed, rules, sets, restore="iptables-legacy-restore"):
    """The fates of packets with these sets and rules, which are gone afterwards."""
    if sets:
        machines.run("ipset", "-exist", "restore", text=sets)
    machines.run(restore, text=rules)
    seen = fates(machine, Packets(machine, seed), PACKETS)
    machine.clear()
    for table in ("mangle", "filter"):
        subprocess.run(["nft", "delete", "table", "ip", table], capture_output=True)
    machines.run("ipset", "destroy")
    return seen


def keep(seed, rules, out, sets):
    folder = Path("kernel-failures")
    folder.mkdir(exist_ok=True)
    for name, text in (("rules", rules), ("out", out), ("sets", sets)):
        Path(folder, f"ipset-{seed}.{name}").write_text(text)


def tried(program, machine, seed, tally):
    """Whether every packet fares alike."""
    rules = Rules(seed).text
    code, out, sets, said = written(program, rules)
    if code != 0:
        print(f"seed {seed}: not written: {said[:300]}")
        return False
    before = loaded(machine, seed, rules, "")
    tally.update(rulesets=1, rules=rules.count("\n-A "), after=out.count("\n-A "), sets=sets.count("create "), members=sets.count("\nadd "))
    tally.update(withPorts=sets.count("hash:ip,port"), prefixes=sets.count("hash:net"), passed=len({number for _, number, _ in before}))
    good = True
    for restore in ["iptables-legacy-restore"] + ([] if onLegacyAlone(seed) else ["iptables-nft-restore"]):
        after = loaded(machine, seed, out, sets, restore)
        if after != before:
            keep(seed, rules, out, sets)
            print(f"seed {seed}, {restore}: only before: {sorted(before - after)[:5]}, only after: {sorted(after - before)[:5]}; kept in kernel-failures")
            good = False
    if sets:
        tally.update(mutants=1, noticed=loaded(machine, seed, out, halved(sets)) != before)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iptlint", required=True, help="the tool")
    parser.add_argument("--sets", type=int, default=6, help="random rule sets")
    parser.add_argument("--seed", type=int, default=1, help="of the first one")
    options = parser.parse_args()
    if reason := machines.whyNot():
        print(f"skipped: {reason}")
        return 77
    machine, tally = machines.Machine(), collections.Counter()
    try:
        machines.run("ipset", "create", "asked", "hash:ip,port")
        machines.run("ipset", "destroy", "asked")
    except (FileNotFoundError, machines.Failed):
        print("skipped: no ipset, or a kernel without it")
        return 77
    machines.run("nft", "-f", "-", text=SEEN)
    wrong = sum(not tried(options.iptlint, machine, seed, tally) for seed in range(options.seed, options.seed + options.sets))
    print(f"{dict(tally)}; {wrong} rule sets differ")
    enough = tally["sets"] >= 2 * tally["rulesets"] and tally["withPorts"] and tally["prefixes"] and tally["noticed"] >= 0.4 * tally["mutants"]
    if not enough:
        print("too few sets, or differences that were noticed, to tell")
    return 1 if wrong or not enough else 0


if __name__ == "__main__":
    sys.exit(main())
