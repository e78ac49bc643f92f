"""Sets against the kernel: what `-m set` matches, with every type of set that this kernel has.

Each world is a few random sets, as `ipset save` writes them, and rules that ask about them with random
directions. Packets from the same small pools go through the kernel, whose counters say which rules match. For
iptlint the same packet is put as a question: a rule that only this packet meets, with the match behind it, is
live if the packet is in the set, and dead if it is not.
"""

import argparse
import json
import random
import subprocess
import sys

import frames
from machine import Failed, Machine, run, whyNot

ADDRESSES = {
    4: ["10.0.0.1", "10.0.0.2", "10.0.0.255", "10.0.1.0", "10.1.0.0", "10.1.2.3", "10.1.2.4", "192.0.2.7"],
    6: ["fd01::1", "fd01::2", "fd01::ff", "fd01::1:0", "fd01:1::", "fd01:1:2::3", "2001:db8::7"],
}
RANGES = ["10.0.0.1-10.0.0.2", "10.0.0.0/24", "10.1.2.4/31", "10.0.0.255-10.0.1.0"]
NETS = {
    4: ["10.0.0.0/8", "10.0.0.0/16", "10.0.0.0/24", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3", "10.0.0.2/31", "192.0.2.0/24"],
    6: ["fd01::/16", "fd01::/64", "fd01::/112", "fd01:1::/32", "fd01:1:2::/48", "fd01:1:2::3", "2001:db8::/32"],
}
PORTS = ["tcp:80", "tcp:80-82", "udp:53", "udp:80", "sctp:80", "udplite:53", "gre:0", "dccp:0", "443"]
ICMP = {4: ["icmp:echo-request", "icmp:3/1"], 6: ["icmpv6:echo-request", "icmpv6:1/4"]}
PLAIN_PORTS = ["53", "80", "79-81", "443"]
LEGS = ["em1", "em2", "cni0"]
INTERFACES = LEGS + ["em wildcard", "c wildcard"]
MACS = ["02:00:00:00:00:01", "02:00:00:00:00:02"]
TYPES = [
    "bitmap:ip", "bitmap:ip,mac", "bitmap:port", "hash:ip", "hash:mac", "hash:ip,mac", "hash:net", "hash:net,net",
    "hash:ip,port", "hash:net,port", "hash:ip,port,ip", "hash:ip,port,net", "hash:ip,mark", "hash:net,port,net",
    "hash:net,iface",
]  # fmt: skip


def available(kind):
    """Whether this kernel has a type of set."""
    room = {"bitmap:port": "range 0-9", "bitmap:ip": "range 10.0.0.0/24", "bitmap:ip,mac": "range 10.0.0.0/24"}
    try:
        run("ipset", "create", "asked", kind, *room.get(kind, "").split())
        run("ipset", "destroy", "asked")
    except Failed:
        return False
    return True


class World:
    """Random sets and rules of one family. A seed names it."""

    def __init__(self, seed, kinds):
        self.pick = random.Random(seed)
        self.family = self.pick.choice([4, 4, 6])
        self.wild = self.pick.random() < 0.5
        self.kinds = {}
        self.sets = []
        for kind in kinds:
            if not kind.startswith("bitmap:ip") or self.family == 4:
                self.define(f"s{len(self.kinds)}", kind)
        self.sets.append("create all list:set")
        self.sets += [f"add all {name}" for name in self.pick.sample(list(self.kinds), 3)]
        self.kinds["all"] = "list:set"
        self.matches = [self.match(name) for name in self.kinds for _ in range(2)]

    def define(self, name, kind):
        self.kinds[name] = kind
        options = {"bitmap:port": "range 0-1000", "bitmap:ip": "range 10.0.0.0/16", "bitmap:ip,mac": "range 10.0.0.0/16"}.get(kind, "")
        if kind.startswith("hash:") and kind != "hash:mac":
            options = f"family {'inet' if self.family == 4 else 'inet6'}"
        if kind == "hash:ip" and self.pick.random() < 0.3:
            options += f" netmask {24 if self.family == 4 else 112}"
        self.sets.append(f"create {name} {kind} {options}")
        for _ in range(self.pick.randint(1, 7)):
            self.sets.append(f"add {name} {self.member(kind)} -exist")

    def member(self, kind):
        parts, options = [], set()
        for i, part in enumerate(kind.split(":")[1].split(",")):
            text = self.part(kind, part, i)
            parts.append(text.split()[0])
            options.update(text.split()[1:])
        # With an interface, a name and a beginning of names must not say contrary things: their order would decide.
        if "net" in kind and "wildcard" not in options and not (kind == "hash:net,iface" and self.wild) and self.pick.random() < 0.3:
            options.add("nomatch")
        return " ".join([",".join(parts), *sorted(options)])

    def part(self, kind, part, i):
        family = self.family
        if part == "ip" and kind.startswith("bitmap"):
            return self.pick.choice(["10.0.0.1", "10.0.0.2", "10.0.0.255", "10.0.1.0"])
        if part == "ip":
            return self.pick.choice(ADDRESSES[family] + (RANGES if family == 4 and i == 0 else []))
        if part == "net":
            return self.pick.choice(NETS[family] + (["10.0.0.3-10.0.0.9"] if family == 4 else []))
        if part == "port":
            return self.pick.choice(PLAIN_PORTS if kind == "bitmap:port" else PORTS + ICMP[family])
        if part == "mark":
            return self.pick.choice(["0x0", "0x1", "0x11"])
        return self.pick.choice(MACS if part == "mac" else INTERFACES if self.wild else LEGS)

    def match(self, name):
        dimension = len(self.kinds[name].split(":")[1].split(",")) if name != "all" else 3
        if self.pick.random() < 0.15:
            dimension += self.pick.choice([-1, 1]) if dimension > 1 else 1
        directions = [self.pick.choice(["src", "dst"]) for _ in range(dimension)]
        if self.kinds[name].endswith("mac"):
            directions[-1] = "src"
        words = ["-m", "set", *(["!"] if self.pick.random() < 0.3 else []), "--match-set", name, ",".join(directions)]
        return words + (["--return-nomatch"] if self.pick.random() < 0.2 else [])

    def packet(self):
        """PACKET with `in`, `out`, `mac` and `mark`."""
        packet = {"family": self.family, "src": self.pick.choice(ADDRESSES[self.family]), "dst": self.pick.choice(ADDRESSES[self.family]),
                  "in": self.pick.choice(LEGS), "out": self.pick.choice(LEGS), "mac": self.pick.choice(MACS),
                  "mark": self.pick.choice([0, 1, 0x11])}  # fmt: skip
        packet["proto"] = self.pick.choice(["tcp", "tcp", "udp", "icmp" if self.family == 4 else "ipv6-icmp", "sctp", "udplite", "gre", "dccp"])
        if packet["proto"].endswith("icmp"):
            packet["icmp_type"], packet["icmp_code"] = self.pick.choice([(8, 0), (8, 1), (3, 1), (128, 0), (1, 4), (0, 0)])
        elif packet["proto"] != "gre":
            packet["sport"], packet["dport"] = (self.pick.choice([53, 54, 79, 80, 82, 83, 443]) for _ in range(2))
        if self.family == 4 and self.pick.random() < 0.15:
            packet["fragment"] = True
        return packet


def rulesThatMatch(packet):
    """The words of a rule that this packet meets, and no other as far as sets can tell."""
    words = ["-s", packet["src"], "-d", packet["dst"], "-i", packet["in"], "-o", packet["out"], "-p", packet["proto"]]
    words += ["-m", "mac", "--mac-source", packet["mac"], "-m", "mark", "--mark", str(packet["mark"])]
    if packet["family"] == 4:
        words = (["-f"] if packet.get("fragment") else ["!", "-f"]) + words
    if packet.get("fragment"):
        return words
    if "icmp_type" in packet:
        match = "icmp" if packet["family"] == 4 else "icmp6"
        option = "--icmp-type" if packet["family"] == 4 else "--icmpv6-type"
        return words + ["-m", match, option, f"{packet['icmp_type']}/{packet['icmp_code']}"]
    if "sport" not in packet:
        return words
    if packet["proto"] in ("tcp", "udp", "sctp", "dccp"):
        return words + ["-m", packet["proto"], "--sport", str(packet["sport"]), "--dport", str(packet["dport"])]
    return words + ["-m", "multiport", "--sports", str(packet["sport"]), "-m", "multiport", "--dports", str(packet["dport"])]


def table(rules):
    return "\n".join(["*mangle", ":FORWARD ACCEPT [0:0]", *("-A FORWARD " + " ".join(rule) for rule in rules), "COMMIT", ""])


def askKernel(machine, world, packets):
    """For each packet, which matches count it."""
    run("ipset", "restore", text="\n".join([*world.sets, ""]))
    machine.load(table(world.matches), world.family)
    answers, before = [], [0] * len(world.matches)
    for packet in packets:
        sent = frames.build(packet, tos=machine.tosFor(packet["out"]))
        mac = bytes.fromhex(packet["mac"].replace(":", ""))
        machine.receive(packet["in"], sent, world.family, packet["mark"], mac)
        after = machine.counters("mangle", world.family)["FORWARD"]
        answers.append([new - old for new, old in zip(after, before)])
        before = after
    machine.clear()
    run("ipset", "flush")  # a list holds on to its sets
    run("ipset", "destroy")
    return answers


def askIptlint(iptlint, world, packets):
    """The same from iptlint: a rule for each packet and match, live or dead."""
    with open("sets.txt", "w") as file:
        file.write("\n".join([*world.sets, ""]))
    text = table([rulesThatMatch(packet) + match for packet in packets for match in world.matches])
    command = [iptlint, "witness", "--format=json", f"--family={world.family}", "--sets=sets.txt", "-"]
    done = subprocess.run(command, input=text, text=True, capture_output=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr}\n{text}")
    statuses = [rule["status"] for rule in json.loads(done.stdout)["rules"]]
    width = len(world.matches)
    return [statuses[i : i + width] for i in range(0, len(statuses), width)]


def explain(world, packet, match, counted, status):
    name = match[match.index("--match-set") + 1]
    members = [line for line in world.sets if line.split()[1] == name or name == "all"]
    print(f"{' '.join(match)}: the kernel counts {counted}, iptlint says {status}")
    print("\n".join([f"  {line}" for line in members] + [f"  {packet}"]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--iptlint", required=True)
    parser.add_argument("--worlds", type=int, default=12)
    parser.add_argument("--packets", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if reason := whyNot():
        print(f"skipped: {reason}")
        return 77
    machine = Machine()
    try:
        kinds = [kind for kind in TYPES if available(kind)]
    except FileNotFoundError:
        print("skipped: no ipset")
        return 77
    if not kinds:
        print("skipped: this kernel has no ip_set")
        return 77
    asked = wrong = matched = 0
    for seed in range(arguments.seed, arguments.seed + arguments.worlds):
        world = World(seed, kinds)
        packets = [world.packet() for _ in range(arguments.packets)]
        kernel, ours = askKernel(machine, world, packets), askIptlint(arguments.iptlint, world, packets)
        for packet, counts, statuses in zip(packets, kernel, ours):
            for match, counted, status in zip(world.matches, counts, statuses):
                asked += 1
                matched += counted
                if status != ("live" if counted else "dead"):
                    wrong += 1
                    if wrong <= 10:
                        explain(world, packet, match, counted, status)
    missing = ", ".join(kind for kind in TYPES if kind not in kinds) or "none"
    print(f"{asked} questions, {matched} of them matched, {wrong} answered wrong; types this kernel lacks: {missing}")
    return 1 if wrong or not matched else 0


if __name__ == "__main__":
    sys.exit(main())
