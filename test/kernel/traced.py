"""Which rules a packet matched, in order, as the kernel tells it: TRACE of legacy, trace messages of nf_tables.

Packets are traced because a chain before raw of the machine's own (crossroads.py) says so, for both back ends: no TRACE
stands among the rules that are tried, so that their numbers are those of the text. A step is (table, chain, number);
the number of a policy is None. That a user's chain came to its end is no step.
"""

import json
import re
import socket
import struct

import machine as machines
from flows import attributes, messages

TABLES = ("raw", "mangle", "nat", "filter")
BUILT_IN = ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING")
TRACED = re.compile(rb"TRACE: ([^:]+):(.+):(?:rule|policy|return):(\d+) ?$")

NETLINK_NETFILTER, SOL_NETLINK, ADD_MEMBERSHIP = 12, 270, 1
NFT_TRACE_GROUP = 9
NFT_TRACE = 10 << 8 | 17
TABLE, CHAIN, HANDLE, TYPE = 1, 2, 3, 4  # enum nft_trace_attributes
POLICY, RULE = 1, 3  # enum nft_trace_types


def rulesIn(text):
    """{(table, chain): its rules} of what iptables-save prints."""
    found, table = {}, None
    for line in text.splitlines():
        if line.startswith("*"):
            table = line[1:]
        elif line.startswith(":"):
            found[table, line[1:].split()[0]] = []
        elif line.startswith("-A"):
            found[table, line.split()[1]].append(line)
    return found


class LegacyTrace:
    """Reads the steps out of the events of a watch.Log."""

    def __init__(self, text):
        self.rules = rulesIn(text)

    def steps(self, events):
        """xt_TRACE calls unconditional rules "policy" or "return", too: the number tells."""
        for event in events:
            if traced := TRACED.match(event.prefix):
                table, chain, number = traced[1].decode(), traced[2].decode(errors="surrogateescape"), int(traced[3])
                if number <= len(self.rules[table, chain]):
                    yield table, chain, number
                elif chain in BUILT_IN:
                    yield table, chain, None


class NftTrace:
    """Reads them from a netlink socket of its own."""

    def __init__(self, family):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind((0, 0))
        self.socket.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, NFT_TRACE_GROUP)
        self.numbers = self.numberRules({4: "ip", 6: "ip6"}[family])

    @staticmethod
    def numberRules(family):
        """{(table, chain, handle): number}"""
        numbers, counts = {}, {}
        for entry in json.loads(machines.run("nft", "--json", "--handle", "list", "ruleset", family))["nftables"]:
            if rule := entry.get("rule"):
                place = rule["table"], rule["chain"]
                numbers[(*place, rule["handle"])] = counts[place] = counts.get(place, 0) + 1
        return numbers

    def steps(self, _):
        while True:
            try:
                data = self.socket.recv(1 << 18, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            for kind, message in messages(data):
                if kind == NFT_TRACE:
                    yield from self.step(attributes(message[4:]))

    def step(self, found):
        """What has no handle is a chain's end."""
        table, chain = found[TABLE].rstrip(b"\0").decode(), found.get(CHAIN, b"").rstrip(b"\0").decode()
        kind = struct.unpack("!I", found[TYPE])[0]
        if table in TABLES and kind == RULE and HANDLE in found:
            yield table, chain, self.numbers[table, chain, struct.unpack("!Q", found[HANDLE])[0]]
        elif table in TABLES and kind == POLICY:
            yield table, chain, None
