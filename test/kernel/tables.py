"""Are rules that iptlint calls dead over all tables never hit in the kernel?

Random rule sets with raw, mangle, nat and filter: marks set in one table and asked for in another, DNAT, NOTRACK, drops
before others, policies. Each is loaded into a machine of its own, and packets of few addresses are sent through it,
received, forwarded, for this host and from it, in both directions, so that flows are answered. No rule that `witness` calls dead in its table or
`dead-across-tables` reports may have counted a packet. That the packets would notice is measured, too: the share of all other rules that
they hit is printed and must not be small.

The exit code is 77 where no machine can be built, 1 where a dead rule was hit or too little was tried to tell.
"""

import argparse
import collections
import json
import os
import random
import subprocess
import sys

import frames
import machine as machines

PACKETS = 240  # per rule set
LEAST_HIT = 0.5  # of the rules that are not called dead
LEAST_ACROSS = 0.02  # of all rules: dead because of other tables
TABLES = {
    "raw": ["PREROUTING", "OUTPUT"],
    "mangle": ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
    "nat": ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
    "filter": ["INPUT", "FORWARD", "OUTPUT"],
}
ADDRESSES = [f"10.0.0.{last}" for last in range(1, 5)]
INTERFACES = ["em1", "em2", "lo"]
STATES = ["NEW", "ESTABLISHED", "NEW,RELATED", "INVALID", "UNTRACKED", "DNAT", "SNAT"]


class RuleSet:
    """The same text for the same seed."""

    def __init__(self, seed):
        self.seed, self.pick = seed, random.Random(seed)
        tables = [table for table in TABLES if self.pick.random() < 0.8] or ["filter"]
        self.text = "".join(self.table(table) for table in tables)
        self.tables = tables

    def table(self, table):
        lines, rules = [f"*{table}"], []
        for hook in TABLES[table]:
            drops = table != "nat" and self.pick.random() < 0.12
            lines.append(f":{hook} {'DROP' if drops else 'ACCEPT'} [0:0]")
            rules += [self.rule(table, hook) for _ in range(self.pick.randrange(5))]
        own = [self.rule(table, "own") for _ in range(self.pick.randrange(4))]
        return "\n".join([*lines, ":own - [0:0]", *rules, *own, "COMMIT", ""])

    def rule(self, table, chain):
        words, pick = [], self.pick
        if pick.random() < 0.35:
            words += ["!"] * (pick.random() < 0.25) + ["-s", pick.choice(ADDRESSES)]
        if pick.random() < 0.35:
            words += ["-d", pick.choice(ADDRESSES)]
        if pick.random() < 0.25 and chain in ("PREROUTING", "INPUT", "FORWARD"):
            words += ["-i", pick.choice(INTERFACES)]
        if pick.random() < 0.25 and chain in ("FORWARD", "OUTPUT", "POSTROUTING"):
            words += ["-o", pick.choice(INTERFACES)]
        if pick.random() < 0.25:
            words += ["-p", "tcp", "-m", "tcp", "--dport", pick.choice(["80", "81"])]
        if pick.random() < 0.3:
            words += ["-m", "mark", "--mark", pick.choice(["0x0", "0x1", "0x2", "0x1/0x1"])]
        if pick.random() < 0.25:
            words += ["-m", "conntrack", "--ctstate", pick.choice(STATES)]
        if pick.random() < 0.1:
            words += ["-m", "connmark", "--mark", pick.choice(["0x0", "0x1"])]
        return " ".join(["-A", chain, *words, "-j", self.target(table, chain, words)])

    def target(self, table, chain, words):
        pick, roll = self.pick, self.pick.random()
        if table == "raw" and roll < 0.3:
            return "CT --notrack"
        if table == "mangle" and roll < 0.4:
            return pick.choice(["MARK --set-xmark 0x1/0xffffffff", "MARK --set-xmark 0x2/0xffffffff", "MARK --set-xmark 0x0/0x1",
                                "CONNMARK --save-mark", "CONNMARK --restore-mark", "DSCP --set-dscp 0x0a"])  # fmt: skip
        if table == "nat" and roll < 0.5 and chain in ("PREROUTING", "OUTPUT"):
            return f"DNAT --to-destination {pick.choice(ADDRESSES)}"
        if table == "nat" and roll < 0.5 and chain in ("POSTROUTING", "INPUT"):
            return f"SNAT --to-source {pick.choice(ADDRESSES)}"
        if roll < 0.7:
            return "ACCEPT" if table == "nat" else pick.choice(["ACCEPT", "DROP", "DROP"])
        return pick.choice(["RETURN", "LOG", "ACCEPT"] if chain == "own" else ["own", "own", "LOG", "RETURN"])


class Traffic:
    """Packets of few addresses, so that some answer others."""

    def __init__(self, machine, seed):
        self.machine, self.pick = machine, random.Random(~seed)

    def send(self):
        pick = self.pick
        packet = {"family": 4, "src": pick.choice(ADDRESSES), "dst": pick.choice(ADDRESSES), "mark": pick.choice([0, 0, 1, 2, 3])}
        packet.update(pick.choice([
            {"proto": "tcp", "sport": 1000, "dport": pick.choice([80, 81, 82]), "tcp_flags": pick.choice([["SYN"], ["ACK"], ["SYN", "ACK"]])},
            {"proto": "tcp", "sport": pick.choice([80, 81]), "dport": 1000, "tcp_flags": pick.choice([["SYN", "ACK"], ["ACK"], ["FIN"]])},
            {"proto": "udp", "sport": pick.choice([80, 1000]), "dport": pick.choice([80, 1000])},
            {"proto": "icmp", "icmp_type": pick.choice([0, 8]), "icmp_code": 0},
        ]))  # fmt: skip
        way = pick.randrange(4)
        if way == 0:
            return self.machine.emit(pick.choice(INTERFACES), frames.build(packet, machines.TOS_LOCAL, False), 4, packet["mark"])
        tos = machines.TOS_LOCAL if way == 1 else self.machine.tosFor(pick.choice(["em1", "em2"]))
        return self.machine.receive(pick.choice(["em1", "em2"]), frames.build(packet, tos, False), 4, packet["mark"])


def ask(tool, *words):
    done = subprocess.run([tool, *words], capture_output=True, text=True, timeout=60)
    if done.returncode not in (0, 1):
        raise machines.Failed(f"{' '.join(words)}: exit code {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def claims(tool, path):
    """Dead in their own table, and dead because of others."""
    own = {(rule["table"], rule["chain"], rule["rule"]) for rule in ask(tool, "witness", "--format=json", path)["rules"]
           if rule["status"] == "dead"}  # fmt: skip
    findings = ask(tool, "--checks=dead-across-tables", "--format=json", "--fail-on=never", path)["findings"]
    return own, {(finding["table"], finding["chain"], finding["rule"]) for finding in findings}


def emptied():
    return "".join(
        "\n".join([f"*{table}", *(f":{chain} ACCEPT [0:0]" for chain in chains), "COMMIT", ""]) for table, chains in TABLES.items()
    )


def tryOne(options, machine, seed, tally):
    """Whether no dead rule was hit."""
    rules = RuleSet(seed)
    path = os.path.join(options.keep, f"tables-{seed}.rules")
    with open(path, "w") as file:
        file.write(rules.text)
    own, across = claims(options.iptlint, path)
    machine.load(emptied())
    machine.flows.flush()
    machine.load(rules.text)
    traffic = Traffic(machine, seed)
    for _ in range(PACKETS):
        traffic.send()
    counts = {
        (table, chain, number + 1): count
        for table in rules.tables
        for chain, counted in machine.counters(table).items()
        for number, count in enumerate(counted)
    }
    dead = own | across
    tally.update(sets=1, rules=len(counts), own=len(own), across=len(across))
    tally["hit"] += sum(count != 0 for rule, count in counts.items() if rule not in dead)
    wrong = sorted(rule for rule in dead if counts[rule])
    if wrong:
        print(f"seed {seed}: called dead, and hit: {wrong}\n  kept: {path}")
        return False
    os.remove(path)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iptlint", required=True, help="the tool")
    parser.add_argument("--seed", type=int, default=1, help="of the first rule set")
    parser.add_argument("--sets", type=int, default=80)
    parser.add_argument("--keep", default="kernel-failures", help="folder for rule sets that fail")
    options = parser.parse_args()
    if reason := machines.whyNot():
        print(f"skipped: {reason}")
        return 77
    os.makedirs(options.keep, exist_ok=True)
    machine, tally, failed = machines.Machine(), collections.Counter(), 0
    for seed in range(options.seed, options.seed + options.sets):
        failed += not tryOne(options, machine, seed, tally)
    others = tally["rules"] - tally["own"] - tally["across"]
    print(f"{tally['sets']} rule sets, {tally['rules']} rules: {tally['own']} dead in their table, {tally['across']} because of others; "
          f"{tally['hit']} of the other {others} hit; {failed} rule sets differ")
    enough = tally["hit"] >= LEAST_HIT * others and tally["across"] >= LEAST_ACROSS * tally["rules"]
    if not enough:
        print("too few rules are hit, or called dead, to tell")
    return 1 if failed or not enough else 0


if __name__ == "__main__":
    sys.exit(main())
