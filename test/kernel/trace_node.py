"""Does `iptlint trace` say what a Kubernetes node does with packets for its services?

The node of examples/ is built in a namespace (crossroads.py), with its rules. Packets are for each service and node port
that the rules name: from a pod of this node, from an endpoint to itself through its service, from a client outside, and
from the node itself; then pods to pods of another node, to the world, to what is refused. Where a die decides between
endpoints, the kernel must take one of the ways that the tool tells.

usage: trace_node.py --iptlint PROGRAM --examples FOLDER [--backend legacy|nft]
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path

import machine as machines
from crossroads import Crossroads
from trace import Judge, Tool

PLAN = {
    "legs": {
        "em1": {4: ["192.168.8.12/22 brd +"], 6: []},
        "docker0": {4: ["172.17.0.1/16 brd +"], 6: []},
        "flannel.1": {4: ["10.244.1.0/32"], 6: []},
        "cni0": {4: ["10.244.1.1/24 brd +"], 6: []},
    },
    "routes": {4: ["default via 192.168.8.1 dev em1 proto static", "10.244.0.0/24 via 10.244.0.0 dev flannel.1 onlink",
                   "10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink"], 6: []},  # fmt: skip
    "rules": {4: [], 6: []},
    "settings": {},
    "late": {},
}
RAW = "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
SERVICE = re.compile(r"^-A KUBE-SERVICES -d ([0-9.]+)/32 -p (tcp|udp) .*--dport (\d+) ", re.MULTILINE)
NODE_PORT = re.compile(r"^-A KUBE-NODEPORTS -p (tcp|udp) .*--dport (\d+) ", re.MULTILINE)
ENDPOINT = re.compile(r"^-A KUBE-SEP-\S+ -p (tcp|udp) .*--to-destination ([0-9.]+):(\d+)", re.MULTILINE)
POD, CLIENT, NODE = ("cni0", "10.244.1.50"), ("em1", "192.168.9.77"), (None, None)
LEAST = 150


def packets(rules):
    """PACKETs (docs/output.md) for all that the rules name."""
    targets = {(dst, proto, int(port)) for dst, proto, port in SERVICE.findall(rules)}
    targets |= {("192.168.8.12", proto, int(port)) for proto, port in NODE_PORT.findall(rules)}
    targets |= {("10.244.2.5", "udp", 53), ("8.8.8.8", "tcp", 443), ("10.1.250.250", "tcp", 80), ("172.17.0.9", "tcp", 80)}
    ask = [(source, target) for target in sorted(targets) for source in (POD, CLIENT, NODE)]
    endpoints = {pod for _, pod, _ in ENDPOINT.findall(rules) if pod.startswith("10.244.1.")}
    ask += [(("cni0", pod), target) for pod in sorted(endpoints) for target in sorted(targets)]
    for number, ((into, src), (dst, proto, port)) in enumerate(ask):
        packet = {"family": 4, "in": into, "dst": dst, "proto": proto, "sport": 20000 + number, "dport": port}
        yield {**packet, "src": src, "ttl": 64} if src else packet


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iptlint", required=True)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--backend", choices=("legacy", "nft"), default="legacy")
    options = parser.parse_args()
    if reason := machines.whyNot():
        print(f"skipped: {reason}")
        return 77
    rules = RAW + (options.examples / "k8s-node.rules").read_text()
    judge = Judge(options)
    with tempfile.TemporaryDirectory() as folder:
        crossroads = Crossroads(PLAN)
        tool = Tool(options.iptlint, folder, options.backend)
        tool.surround(crossroads.texts())
        crossroads.load(rules, 4, options.backend)
        path = tool.write("filter4", rules)
        for packet in packets(rules):
            judge.judge(tool, crossroads, path, packet)
    for what, count in judge.tally.most_common():
        print(f"{count:8} {what}")
    enough = judge.tally["packets"] >= LEAST and judge.tally["several ways"] and judge.tally["left"] and judge.tally["gone"]
    return 0 if enough and not judge.tally["wrong"] and not judge.tally["unknown"] else 1


if __name__ == "__main__":
    sys.exit(main())
