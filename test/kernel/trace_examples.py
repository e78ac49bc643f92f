"""Does `iptlint trace` say what the kernel does with packets on the machines of examples/?

Each rule set of examples/ is loaded into a namespace that has its interfaces and addresses (crossroads.py). For the
Kubernetes node the packets are for each service and node port that the rules name: from a pod of this node, from an
endpoint to itself through its service, from a client outside, and from the node itself; then pods to pods of another
node, to the world, to what is refused. For the others they are of addresses and ports that the rules name, by chance.
Answers and later packets follow as in trace.py. Where a die decides, the kernel must take one of the ways that are told.

usage: trace_examples.py --iptlint PROGRAM --examples FOLDER [--backend legacy|nft]
"""

import argparse
import collections
import random
import re
import sys
import tempfile
from pathlib import Path

import machine as machines
from crossroads import Crossroads
from crossroads_packets import packet
from crossroads_plans import Machine
from trace import Bench, Judge, Tool, inChild, report

BROADCAST = "192.168.8.12/22 brd +"
NODE = Machine({
    "em1": {4: [BROADCAST], 6: []}, "docker0": {4: ["172.17.0.1/16 brd +"], 6: []},
    "flannel.1": {4: ["10.244.1.0/32"], 6: []}, "cni0": {4: ["10.244.1.1/24 brd +"], 6: []},
}, ["default via 192.168.8.1 dev em1 proto static", "10.244.0.0/24 via 10.244.0.0 dev flannel.1 onlink", "10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink"])  # fmt: skip
DOCKER = Machine({
    "ens3": {4: ["10.30.0.5/24 brd +"], 6: []}, "docker0": {4: ["172.17.0.1/16 brd +"], 6: []}, "br-5d1c9f0e7a42": {4: ["172.18.0.1/16 brd +"], 6: []},
}, ["default via 10.30.0.1"])  # fmt: skip
OFFICE = Machine({
    "em0": {4: ["198.51.100.10/24 brd +", "198.51.100.11/24"], 6: []}, "em1": {4: ["192.168.10.1/24 brd +"], 6: []}, "em2": {4: ["192.168.20.1/24 brd +"], 6: []},
    "em3": {4: ["192.168.30.1/24 brd +"], 6: []}, "em4": {4: ["192.168.40.1/24 brd +"], 6: []}, "tun0": {4: ["10.8.0.1/24"], 6: []},
}, ["default via 198.51.100.1"])  # fmt: skip
HOST = Machine({"em1": {4: ["192.0.2.5/24 brd +"], 6: ["2001:db8::5/64", "fe80::5/64"]}}, ["default via 192.0.2.1"], ["default via 2001:db8::1"])
MACHINES = {"k8s-node": NODE, "docker-ufw": DOCKER, "office": OFFICE, "clean": HOST, "clean6": HOST}

BUILT_IN = {"raw": ("PREROUTING", "OUTPUT"), "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"), "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING")}
SERVICE = re.compile(r"^-A KUBE-SERVICES -d ([0-9.]+)/32 -p (tcp|udp) .*--dport (\d+) ", re.MULTILINE)
NODE_PORT = re.compile(r"^-A KUBE-NODEPORTS -p (tcp|udp) .*--dport (\d+) ", re.MULTILINE)
ENDPOINT = re.compile(r"^-A KUBE-SEP-\S+ -p (tcp|udp) .*--to-destination ([0-9.]+):(\d+)", re.MULTILINE)
ADDRESS = {4: re.compile(r"-[sd] ([0-9.]+)/"), 6: re.compile(r"-[sd] ([0-9a-f:]+)/")}
PORT = re.compile(r"--dports? ([0-9]+)")
BY_CHANCE = 120


def withAllTables(text):
    """Tables that the text leaves out are there with their chains, so that their policies are told, too."""
    left = {table: chains for table, chains in BUILT_IN.items() if f"*{table}\n" not in text}
    return "".join(f"*{table}\n" + "".join(f":{chain} ACCEPT [0:0]\n" for chain in chains) + "COMMIT\n" for table, chains in left.items()) + text


def servicePackets(rules):
    """PACKETs (docs/output.md) for all that the rules of the node name."""
    targets = {(dst, proto, int(port)) for dst, proto, port in SERVICE.findall(rules)}
    targets |= {("192.168.8.12", proto, int(port)) for proto, port in NODE_PORT.findall(rules)}
    targets |= {("10.244.2.5", "udp", 53), ("8.8.8.8", "tcp", 443), ("10.1.250.250", "tcp", 80), ("172.17.0.9", "tcp", 80)}
    ask = [(source, target) for target in sorted(targets) for source in (("cni0", "10.244.1.50"), ("em1", "192.168.9.77"), (None, None))]
    endpoints = {pod for _, pod, _ in ENDPOINT.findall(rules) if pod.startswith("10.244.1.")}
    ask += [(("cni0", pod), target) for pod in sorted(endpoints) for target in sorted(targets)]
    for number, ((into, src), (dst, proto, port)) in enumerate(ask):
        made = {"family": 4, "in": into, "dst": dst, "proto": proto, "sport": 20000 + number, "dport": port}
        yield {**made, "src": src, "ttl": 64} if src else made


class Named:
    """What crossroads_packets.py chooses from: what the rules name, and what belongs to the machine."""

    def __init__(self, machine, family, text, pick):
        self.legs, self.isBroadcast, self.pick = machine.legs, machine.isBroadcast, pick
        self.own = {family: [each.split("/")[0] for leg in machine.legs.values() for each in leg[family]]}
        self.near = self.away = {family: ADDRESS[family].findall(text)}
        self.ports = tuple(int(port) for port in PORT.findall(text))

    def address(self, family):
        return self.pick.choice([*self.own[family], *self.own[family], *self.near[family]])


def tryExample(options, name, judge):
    text, machine, family = withAllTables((options.examples / f"{name}.rules").read_text()), MACHINES[name], 6 if name.endswith("6") else 4
    crossroads = Crossroads(machine.asDict())
    with tempfile.TemporaryDirectory() as folder:
        tool = Tool(options.iptlint, folder, options.backend)
        tool.surround(crossroads.texts())
        crossroads.load(text, family, options.backend)
        bench, pick = Bench(machine, tool, crossroads, text, judge), random.Random(1)
        named = Named(machine, family, text, pick)
        sent = [packet(named, family, pick, 5000 + number, named.ports) for number in range(BY_CHANCE)]
        for each in [*servicePackets(text), *sent] if machine is NODE else sent:
            bench.tryPacket(each)
        judge.tally["machines"] += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iptlint", required=True)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--backend", choices=("legacy", "nft"), default="legacy")
    options = parser.parse_args()
    if reason := machines.whyNot():
        print(f"skipped: {reason}")
        return 77
    found = sorted(path.stem for path in options.examples.glob("*.rules"))
    if found != sorted(MACHINES):
        print(f"no machine for {set(found) ^ set(MACHINES)}")
        return 1
    sum_, differing = collections.Counter(), []
    for name in found:
        tally = inChild(lambda judge: tryExample(options, name, judge))
        print(f"{name}: {tally['packets']} packets, {tally['several ways']} with several ways")
        differing += [name] * bool(tally["wrong"] or tally["failed"])
        sum_.update(tally)
    return 0 if report(sum_, differing) else 1


if __name__ == "__main__":
    sys.exit(main())
