"""`iptlint-opt --normal` compared with what iptables-legacy-save prints once the kernel has the rules.

Each rule of normal_rules.py is loaded by itself; what is refused is counted and left out. The normal form of the rest
must be what the program prints, to the letter; so must that of a whole file with chains and counters.

usage: normal.py --iptlint-opt PROGRAM [--show-refused]
"""

import argparse
import itertools
import multiprocessing
import subprocess
import sys
import tempfile

import normal_rules
from machine import Failed, Machine, run, whyNot

SETS = """
create nets hash:net family {0} counters timeout 0
create pairs hash:ip,port family {0} counters
"""
# What `-m rateest` asks for must be measured by an earlier rule.
BEFORE = """-A {0} -j RATEEST --rateest-name RE --rateest-interval 250ms --rateest-ewmalog 1s
-A {0} -j RATEEST --rateest-name RE2 --rateest-interval 250ms --rateest-ewmalog 1s
"""
WHOLE = """*nat
:POSTROUTING ACCEPT [0:0]
:PREROUTING ACCEPT [1:2]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A OUTPUT -p tcp -j REDIRECT
COMMIT
*filter
:zebra - [0:0]
:OUTPUT DROP [3:4]
:FORWARD ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:Ant - [0:0]
[5:6] -A zebra -p tcp --dport ssh -j Ant
-A INPUT -s 1.1.1.1,2.2.2.2/24 -d 3.3.3.3,10/8 -j zebra
-I INPUT -s 4.4.4.4,5.5.5.5 -g zebra
-I INPUT 2 -p icmp --icmp-type ping -j REJECT
-A Ant -m limit -j RETURN -c 7 8
-A Ant -i eth0 -c 9,10
-N between
-P FORWARD DROP
COMMIT
"""
MINIMUM = 300  # rules of a family that the kernel must take, or little is proved


def text(table, chain, words):
    """A file with one rule; USER is a chain of the user's."""
    before = BEFORE.format(chain) if "-m rateest" in words else ""
    return f"*{table}\n:USER - [0:0]\n{before}-A {chain} {words}\nCOMMIT\n"


def rulesOf(saved, chain):
    return [line for line in saved.splitlines() if line.startswith(f"-A {chain} ")]


def saved(family, table, chain, words):
    """What the program prints for a rule; raises Failed where the rule is refused."""
    six = "6" if family == 6 else ""
    run(f"ip{six}tables-legacy-restore", text=text(table, chain, words))
    return rulesOf(run(f"ip{six}tables-legacy-save", "-t", table), chain)


def normal(program, family, table, chain, words):
    with tempfile.NamedTemporaryFile("w", suffix=".rules") as file:
        file.write(text(table, chain, words))
        file.flush()
        done = subprocess.run([program, f"--family={family}", "--normal", file.name], capture_output=True, text=True)
    return rulesOf(done.stdout, chain), done.stderr


def compare(program, family, showRefused):
    """Says which rules differ. Returns how many were compared, differ, were refused."""
    counts = [0, 0, 0]
    for table, chain, words in normal_rules.rules(family):
        try:
            wanted = saved(family, table, chain, words)
        except Failed as refused:
            counts[2] += 1
            if showRefused:
                print(f"IPv{family} refused: {words}: {str(refused).splitlines()[0]}")
            continue
        given, said = normal(program, family, table, chain, words)
        counts[0] += 1
        if given != wanted:
            counts[1] += 1
            print(f"IPv{family} {table} {words}\n  kernel {wanted}\n  normal {given}\n  {said.strip()}")
    return counts


def compareWhole(program):
    """A whole file, chains and counters included. Says where it differs, and whether it does not."""
    run("iptables-legacy-restore", "-c", text=WHOLE)
    held = [line.removeprefix("[0:0] ") for table in ("nat", "filter")
            for line in run("iptables-legacy-save", "-c", "-t", table).splitlines() if not line.startswith("#")]
    with tempfile.NamedTemporaryFile("w", suffix=".rules") as file:
        file.write(WHOLE)
        file.flush()
        given = run(program, "--normal", file.name).splitlines()
    for one, other in itertools.zip_longest(held, given):
        if one != other:
            print(f"a whole file: kernel {one!r}, normal {other!r}")
            return False
    return True


def family(program, number, showRefused):
    """All of one family, in a namespace of its own. Says whether all is well."""
    Machine(legs=())
    run("ipset", "restore", text=SETS.format("inet" if number == 4 else "inet6"))
    compared, different, refused = compare(program, number, showRefused)
    print(f"IPv{number}: {compared} rules compared, {different} differ; {refused} refused by the kernel")
    return different == 0 and compared >= MINIMUM and (number == 6 or compareWhole(program))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--iptlint-opt", required=True)
    arguments.add_argument("--show-refused", action="store_true")
    options = arguments.parse_args()
    if reason := whyNot():
        print(f"skipped: {reason}")
        return 77
    with multiprocessing.Pool(2) as pool:
        passed = pool.starmap(family, [(options.iptlint_opt, number, options.show_refused) for number in (4, 6)])
    return 0 if all(passed) else 1


sys.exit(main())
