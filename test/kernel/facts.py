"""What the model takes for granted about the kernel, each fact shown with real packets.

The facts stand in facts_walk.py, facts_match.py and facts_load.py, one function each, named as the
sentence it shows. Here is what they share: a Bench that loads a few rules into a machine, sends
packets, and says which rules counted them. Exit code 77 where no machine can be built.
"""

import argparse
import importlib
import inspect
import re
import sys

import machine as machines
from delivery import Delivery

HEADERS = {
    4: {"src": "10.1.0.7", "dst": "10.2.0.9"},
    6: {"src": "fd01::7", "dst": "fd02::9"},
}
HOOKS = {
    "forward": {"in": "em1", "out": "em2"},
    "input": {"in": "em1", "out": None},
    "output": {"in": None, "out": "em2"},
}
SAVED_POLICY = re.compile(r"^:(\S+) (?:ACCEPT|DROP) \[(\d+):", re.MULTILINE)


def packet(hook="forward", family=4, **fields):
    """A TCP SYN from port 1000 to port 80 at one of HOOKS, but for the fields that are given."""
    made = {"family": family, **HEADERS[family], **HOOKS[hook], "proto": "tcp", "sport": 1000, "dport": 80}
    return {**made, **fields}


def icmp(kind, code=0, **fields):
    family = fields.get("family", 4)
    return packet(proto="icmp" if family == 4 else "ipv6-icmp", icmp_type=kind, icmp_code=code, **fields)


class Bench:
    """A machine whose tables hold the rules of one question at a time."""

    def __init__(self):
        self.machine = machines.Machine()

    def load(self, rules, table="filter", family=4):
        """Loads rules, one a line, without the table's first and last line; other tables stay."""
        self.machine.load(f"*{table}\n{rules}\nCOMMIT\n", family)

    def send(self, *packets, tracked=False, routed=True):
        for each in packets:
            Delivery(self.machine, tracked, routed).send(each)

    def counts(self, chain, table="filter", family=4):
        return self.machine.counters(table, family).get(chain, [])

    def hits(self, rules, *packets, chain="FORWARD", table="filter", tracked=False, routed=True):
        """How often each rule of a chain counted the packets, with these rules alone loaded."""
        self.machine.clear()
        family = packets[0]["family"]
        self.load(rules, table, family)
        self.send(*packets, tracked=tracked, routed=routed)
        return self.counts(chain, table, family)

    def matches(self, condition, *packets, chain="FORWARD", table="filter", tracked=False, routed=True):
        """For each packet, whether a rule with this condition matches it; the rule stands in a called chain,
        where every condition may."""
        rules = f":{chain} ACCEPT\n:ASK -\n-A {chain} -j ASK\n-A ASK {condition}"
        matched = []
        for each in packets:
            matched += self.hits(rules, each, chain="ASK", table=table, tracked=tracked, routed=routed)
        return [bool(count) for count in matched]

    def policyCount(self, chain, table="filter"):
        saved = machines.run("iptables-legacy-save", "-c", "-t", table)
        return int(dict(SAVED_POLICY.findall(saved))[chain])

    def saved(self, rules, table="filter", family=4):
        """The rules as the kernel holds them, printed."""
        self.machine.clear()
        self.load(rules, table, family)
        save = "iptables-legacy-save" if family == 4 else "ip6tables-legacy-save"
        return [line for line in machines.run(save, "-t", table).splitlines() if line.startswith("-A")]

    def refuses(self, rules, table="filter", restore="iptables-legacy-restore"):
        """Whether the kernel, or the tool that loads them, refuses the rules."""
        self.machine.clear()
        try:
            machines.run(*restore.split(), "-w", "60", text=f"*{table}\n{rules}\nCOMMIT\n")
        except machines.Failed:
            return True
        return False


def expect(actual, wanted, what):
    if actual != wanted:
        raise AssertionError(f"{what}: {actual}, not {wanted}")


def factsOf(module):
    """The public functions of a module of facts, in the order they stand there."""
    functions = inspect.getmembers(module, lambda item: inspect.isfunction(item) and item.__module__ == module.__name__)
    shown = [function for name, function in functions if not name.startswith("_")]
    return sorted(shown, key=lambda function: function.__code__.co_firstlineno)


def show(bench, fact):
    """Whether the fact holds; says so if not."""
    try:
        fact(bench)
    except AssertionError as error:
        print(f"not so: {fact.__name__}: {error}")
        return False
    print(f"so: {fact.__name__}")
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="+", help="facts_walk, facts_match, facts_load")
    parser.add_argument("--only", help="the name of one fact")
    options = parser.parse_args()
    reason = machines.whyNot()
    if reason:
        print(f"skipped: {reason}")
        return 77
    bench = Bench()
    facts = [fact for name in options.modules for fact in factsOf(importlib.import_module(name))]
    held = [show(bench, fact) for fact in facts if options.only in (None, fact.__name__)]
    print(f"{held.count(True)} facts hold, {held.count(False)} do not")
    return 0 if held and all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
