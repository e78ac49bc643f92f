"""Does eval decide routing as the kernel does?

Machines by chance (lookup_machines.py) are asked by `ip route get` where packets go: at the borders of every prefix of
their tables, from the wire and of their own, with marks, TOS, ports and users. iptlint-lookup reads what `ip route`,
`ip rule` and `ip addr` print there, and must say the same: of several decisions, the kernel's is one. Exit code 77
where no machine can be built.
"""

import argparse
import collections
import ipaddress
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time

import machine as machines
from lookup_machines import ADDRESS, FAMILIES, MARKS, TOSES, UIDS, RandomMachine, command

PROTOCOLS = {4: [("tcp", 6), ("udp", 17), ("icmp", 1)], 6: [("tcp", 6), ("udp", 17), ("ipv6-icmp", 58)]}
PORTS = [1, 53, 80, 1000, 1001]
SPECIAL = {
    4: ["0.0.0.0", "0.0.0.1", "127.0.0.1", "127.255.255.255", "224.0.0.1", "224.0.0.5", "239.1.1.1", "255.255.255.255", "8.8.8.8"],
    6: ["::1", "ff02::1", "ff02::2", "ff05::7", "fe80::1", "2a00::1", "::2"],
}
# Of these, packets are refused behind the lookup, which `ip route get` does not show.
NO_SOURCE = re.compile(r"^(ff|fe[89ab].:|::1?$)")
PREFIX = re.compile(r"^(?:[a-z]+ )?([0-9a-f:.]+)(?:/(\d+))? ", re.MULTILINE)
# What `ip route get` says where there is no route, and which fates that may be.
ERRORS = {
    "Network is unreachable": {"no route", "unreachable", "martian"},
    "No route to host": {"unreachable", "not forwarding"},
    "Permission denied": {"prohibit"},
    "Invalid argument": {"blackhole", "martian"},
    "Invalid cross-device link": {"martian"},
    "Message too long": {"multicast", "not forwarding"},  # no route of multicast to fill the answer with
}


class Question:
    def __init__(self, pick, family, addresses, machine):
        self.family = family
        self.dst = pick.choice(addresses)
        received = pick.random() < 0.5
        self.into = pick.choice([*machine.up, *machine.up, "lo"]) if received else None
        sources = [address for address in addresses if family == 4 or not NO_SOURCE.match(address)]
        self.src = pick.choice(sources) if received else pick.choice([None, None, pick.choice(machine.own[family])[0], pick.choice(sources)])
        # Of a socket that is bound, IPv6 takes no other interface; `ip route get` stands for one that is not.
        bindable = not received and not (family == 6 and self.src)
        self.out = pick.choice([*machine.legs, "lo"]) if bindable and pick.random() < 0.3 else None
        self.mark, self.uid = pick.choice(MARKS), pick.choice(UIDS)
        if received and family == 6:
            self.uid = 0  # as what comes from the wire has it; `ip route get` would take another
        self.tos = pick.choice([0, 0, *TOSES, 0x14])
        self.protocol, self.number = pick.choice(PROTOCOLS[family])
        ports = self.number in (6, 17)
        self.sport, self.dport = (pick.choice(PORTS), pick.choice(PORTS)) if ports else (0, 0)

    def asCommand(self):
        words = ["route get", self.dst]
        for name, value in (("from", self.src), ("iif", self.into), ("oif", self.out), ("mark", self.mark or None)):
            words += [name, str(value)] if value else []
        words += ["tos", f"{self.tos:#x}"] if self.tos else []
        words += ["ipproto", self.protocol, "uid", str(self.uid)]
        words += ["sport", str(self.sport), "dport", str(self.dport)] if self.sport else []
        return " ".join(words)

    def asLine(self):
        words = [self.family, self.src or "-", self.dst, self.into or "-", self.out or "-", self.mark, self.tos, self.number]
        return " ".join(str(word) for word in [*words, self.sport, self.dport, self.uid])


def borders(text, family):
    """Addresses at both ends of every prefix of a table, and just beyond."""
    found = set(SPECIAL[family])
    for address, length in PREFIX.findall(text):
        network = ipaddress.ip_network(f"{address}/{length or (32 if family == 4 else 128)}", strict=False)
        for value in (int(network[0]) - 1, int(network[0]), int(network[-1]), int(network[-1]) + 1):
            if 0 <= value < 1 << (32 if family == 4 else 128):
                found.add(str(ADDRESS[family](value)))
    return sorted(found)


def askKernel(family, questions):
    """For each question what `ip route get` answers: a dictionary, or the words of an error."""
    done = command("ip", f"-{family}", "-d", "-j", "-force", "-batch", "-", text="".join(q.asCommand() + "\n" for q in questions))
    errors, words = {}, ""
    for line in done.stderr.splitlines():
        failed = re.match(r"Command failed -:(\d+)", line)
        if failed:
            errors[int(failed[1]) - 1] = words
        else:
            words = line.removeprefix("RTNETLINK answers: ")
    answers = iter(json.loads(line)[0] for line in done.stdout.splitlines() if line.startswith("["))
    return [errors[number] if number in errors else next(answers) for number in range(len(questions))]


def gatewayOf(answer):
    return answer.get("gateway") or answer.get("via", {}).get("host")


def agreesWithError(decision, error, question):
    notJoined = ipaddress.ip_address(question.dst).is_multicast and decision["fate"] == "not forwarding"
    return decision["fate"] in ERRORS.get(error, ()) or error == "Invalid argument" and notJoined


def tableAgrees(decision, answer):
    """The tables local and main of IPv4 are one, called main, until a rule is added."""
    shown = answer.get("table", "")
    return shown in ("", decision["table"]) or (shown, decision["table"]) == ("main", "local") or not decision["table"]


def agrees(decision, answer, question):
    """Whether a decision is what the kernel answered."""
    if isinstance(answer, str):
        return agreesWithError(decision, answer, question)
    kind = answer.get("type", "unicast")
    fate = {"unicast": "out", "anycast": "local"}.get(kind, kind)
    if decision["fate"] != fate:
        return False
    sent = question.into is None
    if (fate == "out" or sent and fate != "local") and decision["device"] != answer["dev"]:
        return False
    if fate == "out" and decision["gateway"] != gatewayOf(answer):
        return False
    if not tableAgrees(decision, answer):
        return False
    source = answer.get("prefsrc")
    return not sent or question.src or source is None and decision["source"] is None or decision["source"] == source


class Tally:
    def __init__(self):
        self.questions = self.several = self.supposed = self.unknown = 0
        self.fates = collections.Counter()
        self.wrong = []

    def add(self, seed, question, answer, decisions):
        self.questions += 1
        if any(agrees(each, answer, question) for each in decisions):
            self.fates.update([decisions[0]["fate"]])
        elif decisions[-1]["fate"] != "unknown":
            self.wrong.append((seed, question.asCommand(), answer, decisions))
        self.unknown += decisions[-1]["fate"] == "unknown"
        self.supposed += any(each["supposing"] for each in decisions)
        self.several += len(decisions) > 1

    def report(self, machineCount, seconds):
        print(f"{machineCount} machines, {self.questions} questions, {seconds:.1f} s")
        share = 100 / max(self.questions, 1)
        print(f"unknown {self.unknown * share:.2f} %, hangs on what no text says {self.supposed * share:.2f} %, "
              f"several next hops {(self.several - self.supposed) * share:.2f} %")
        print(", ".join(f"{fate} {count}" for fate, count in sorted(self.fates.items())))
        for seed, asked, answer, decisions in self.wrong[:10]:
            print(f"\nmachine {seed}: {asked}\n  kernel: {answer}")
            for each in decisions:
                print(f"  eval:   {each}")
        if self.wrong:
            print(f"\n{len(self.wrong)} differences")


def askLookup(program, texts, questions):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        asked = "".join(question.asLine() + "\n" for question in questions)
        done = subprocess.run([program, folder], input=asked, text=True, capture_output=True)
    if done.returncode or done.stderr:
        raise machines.Failed(f"iptlint-lookup: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def choseSource(question, answer, decisions):
    """Whether IPv6 found no route without a source and one with it: `ip route get` makes the first lookup alone."""
    return question.family == 6 and isinstance(answer, str) and not question.src and not question.into and decisions[0]["source"]


def retry(questions, answers, decided):
    """Asks the kernel again where a source was chosen, with that; None where it cannot be asked, for a bound socket."""
    chosen = [n for n, asked in enumerate(questions) if choseSource(asked, answers[n], decided[n])]
    again = [number for number in chosen if not questions[number].out]
    for number in chosen:
        answers[number] = None
    for number in again:
        questions[number].src = decided[number][0]["source"]
    for number, answer in zip(again, askKernel(6, [questions[number] for number in again])):
        answers[number] = answer


def tryMachine(program, seed, count, tally):
    machine = RandomMachine(seed)
    texts = machine.texts()
    for family in FAMILIES:
        pick = random.Random(seed * 10 + family)
        addresses = borders(texts[f"routes{family}"], family)
        questions = [Question(pick, family, addresses, machine) for _ in range(count)]
        answers = askKernel(family, questions)
        decided = askLookup(program, texts, questions)
        retry(questions, answers, decided)
        for question, answer, decisions in zip(questions, answers, decided):
            if answer is not None:
                tally.add(seed, question, answer, decisions)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lookup", required=True)
    parser.add_argument("--machines", type=int, default=300)
    parser.add_argument("--questions", type=int, default=60, help="for each machine and family")
    parser.add_argument("--seconds", type=float, default=15, help="no machine begins later; 0: no limit")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if reason := machines.whyNot():
        print(f"skipped: {reason}")
        return 77
    tally, began, count = Tally(), time.monotonic(), 0
    for seed in range(options.seed, options.seed + options.machines):
        if options.seconds and time.monotonic() - began > options.seconds:
            break
        tryMachine(options.lookup, seed, options.questions, tally)
        count += 1
    tally.report(count, time.monotonic() - began)
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
