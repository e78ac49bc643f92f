"""A router of its own, in a network namespace, to ask the kernel what rules do.

The namespace has no name: it is this process's own and goes away with it, whatever ends the process.
Nothing in it can reach the machine it runs on. Both ends of every veth pair stand in the one
namespace, because a mark set by the sender survives only that way:

    sender -> far~0 ==veth== em1 -> raw, mangle, filter ... -> em2 ==veth== far~1 -> dropped

A rule set that is tried never sees any other packet than those that are sent here: what the kernel
itself would say (ICMP errors, resets, neighbour discovery) is dropped before the first rule of
OUTPUT, what is delivered locally is dropped behind the last rule of INPUT, and what leaves is
dropped at the far end.

Where a packet goes is chosen by its TOS field, which no modelled condition reads: to this host, or
out of one of the interfaces. ECN bit 1 stands for "not tracked" (as `-j CT --notrack` would do).
"""

import contextlib
import ctypes
import fcntl
import os
import re
import socket
import struct
import subprocess

import frames
from flows import Flows

CLONE_NEWNET = 0x40000000
SIOCGIFHWADDR = 0x8927
SO_MARK = 36
OURS = 0x695  # the priority of local packets that the rules are to see; the kernel's own MLD reports have 7

TOS_LOCAL = 0x04
TOS_OUT = [0x08, 0x0C, 0x10, 0x14, 0x18, 0x1C]  # IPv4 policy routing reads no other bits
NOT_TRACKED = 0x01

SYSCTLS = {
    "ipv6/conf/default/accept_dad": 0,
    "ipv6/conf/default/addr_gen_mode": 1,
    "ipv6/conf/default/router_solicitations": 0,
    "ipv4/ip_forward": 1,
    "ipv6/conf/all/forwarding": 1,
    "ipv4/conf/all/rp_filter": 0,
    "ipv4/conf/default/rp_filter": 0,
    "ipv4/conf/all/accept_local": 1,
    "ipv4/conf/all/route_localnet": 1,
}

UNSPOKEN = f"meta priority != {OURS} drop"
QUIET = f"""
table inet quiet {{
  chain before {{
    type filter hook prerouting priority -310;
    ip ecn {NOT_TRACKED} notrack
    ip6 ecn {NOT_TRACKED} notrack
  }}
  chain spoken {{
    type filter hook output priority -510;
    {UNSPOKEN}
  }}
  chain local {{
    type filter hook output priority -500;
    ip ecn {NOT_TRACKED} notrack
    ip6 ecn {NOT_TRACKED} notrack
  }}
  chain delivered {{
    type filter hook input priority 500; policy drop;
  }}
}}
table netdev quiet {{
}}
"""

BUILT_IN = {
    "raw": ["PREROUTING", "OUTPUT"],
    "mangle": ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
    "filter": ["INPUT", "FORWARD", "OUTPUT"],
}
SAVED_RULE = re.compile(r"^\[(\d+):\d+\] -A (\S+)")


class Failed(Exception):
    """A tool refused what it was given; its words are the argument."""


def run(*command, text=None):
    done = subprocess.run(command, input=text, text=True, errors="surrogateescape", capture_output=True)
    if done.returncode:
        raise Failed(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def whyNot():
    """Why no machine can be built here; None if one can."""
    if os.geteuid() != 0:
        return "not root"
    for tool in ("ip", "nft", "iptables-legacy-restore", "ip6tables-legacy-restore"):
        if not any(os.access(os.path.join(folder, tool), os.X_OK) for folder in os.get_exec_path()):
            return f"no {tool}"
    child = os.fork()
    if child == 0:
        os._exit(ctypes.CDLL(None).unshare(CLONE_NEWNET) != 0)
    return "no network namespace can be made" if os.waitpid(child, 0)[1] else None


class Machine:
    """Moves this process into a fresh namespace and makes a router of it."""

    def __init__(self, legs=("em1", "em2", "cni0")):
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
            raise Failed(f"unshare: {os.strerror(ctypes.get_errno())}")
        # What is sent on one processor has gone through the whole router when send() returns.
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        for name, value in SYSCTLS.items():
            with open(f"/proc/sys/net/{name}", "w") as file:
                file.write(str(value))
        self.far = {}
        self.verifying = True
        self.outs = {}
        self.flows = Flows()
        self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        run("nft", "-f", "-", text=QUIET)
        self.routeByTos()
        for leg in legs:
            self.addLeg(leg)
        self.local = {4: self.localSocket(socket.AF_INET), 6: self.localSocket(socket.AF_INET6)}

    def ip(self, *lines, family="-4"):
        run("ip", family, "-batch", "-", text="".join(line + "\n" for line in lines))

    def routeByTos(self):
        """Rules for both families; the table of each TOS_OUT is filled when an interface is first asked for."""
        # lo has one address, far from any that a test uses, for IPv6 to choose as its own.
        self.ip("link set lo up", "addr flush dev lo")
        self.ip("addr add fdff:ffff::1/128 dev lo nodad", family="-6")
        for family in ("-4", "-6"):
            self.ip(
                f"route add local default dev lo table {TOS_LOCAL}",
                f"rule add pref 10 tos {TOS_LOCAL:#x} lookup {TOS_LOCAL}",
                *(f"rule add pref 20 tos {tos:#x} lookup {tos}" for tos in TOS_OUT),
                "rule add pref 40 lookup local",
                "rule del pref 0",
                family=family,
            )
        self.addOutRoute("lo")

    def addOutRoute(self, name):
        """Lets local packets leave by the interface that they ask for."""
        table = 1000 + socket.if_nametoindex(name)
        for family in ("-4", "-6"):
            self.ip(
                f"route add default dev {name} table {table}",
                f"rule add pref 30 oif {name} lookup {table}",
                family=family,
            )

    def addLeg(self, name):
        """An interface of the router, with the end that packets for it are sent into."""
        far = f"far~{len(self.far)}"
        self.ip(
            f"link add {name} type veth peer name {far}",
            f"link set {name} arp off up",
            f"link set {far} arp off up",
        )
        run("nft", f"add chain netdev quiet {far.replace('~', '')} {{ type filter hook ingress device \"{far}\" priority 0; policy drop; }}")
        self.far[name] = far
        self.addOutRoute(name)

    def needLeg(self, name):
        if name != "lo" and name not in self.far:
            self.addLeg(name)

    def tosFor(self, out):
        """The TOS that sends a packet out of an interface; the least recently used one is taken over."""
        tos = self.outs.pop(out, None)
        if tos is None:
            tos = TOS_OUT[len(self.outs)] if len(self.outs) < len(TOS_OUT) else self.outs.pop(next(iter(self.outs)))
            for family in ("-4", "-6"):
                self.ip(f"route replace default dev {out} table {tos}", family=family)
        self.outs[out] = tos
        return tos

    def localSocket(self, family):
        """Sends local packets with headers as they are given."""
        made = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, OURS)
        return made

    def hardwareAddress(self, name):
        answer = fcntl.ioctl(self.wire, SIOCGIFHWADDR, struct.pack("256s", os.fsencode(name)))
        return answer[18:24]

    def receive(self, into, packet, family, mark=0, mac=b"\x02\0\0\0\0\x01"):
        """Has the router receive a packet, given from its network header on, on one of its interfaces."""
        self.needLeg(into)
        kind = 0x0800 if family == 4 else 0x86DD
        frame = self.hardwareAddress(into) + mac + struct.pack("!H", kind) + packet
        option = (socket.SOL_SOCKET, SO_MARK, struct.pack("I", mark))
        self.wire.sendmsg([frame], [option], 0, (self.far.get(into, "lo"), kind))

    def emit(self, out, packet, family, mark=0):
        """Has the router itself send a packet, out of the interface `out`."""
        self.needLeg(out)
        sender = self.local[family]
        sender.setsockopt(socket.SOL_SOCKET, SO_MARK, struct.pack("I", mark))
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, os.fsencode(out))
        # Only routing looks at this address; what the packet says stands in its header.
        with contextlib.suppress(PermissionError):  # a rule dropped it, so it did get to the rules
            sender.sendto(packet, ("198.18.0.1" if family == 4 else "fd00:18::1", 0))

    def load(self, text, family=4):
        """Replaces the tables that the text of iptables-save names; raises Failed where the kernel refuses."""
        run("iptables-legacy-restore" if family == 4 else "ip6tables-legacy-restore", "-w", "60", text=text)

    def verifyChecksums(self, verify):
        """Whether conntrack calls packets with a wrong checksum INVALID; it does unless told otherwise."""
        if verify != self.verifying:
            self.verifying = verify
            with open("/proc/sys/net/netfilter/nf_conntrack_checksum", "w") as file:
                file.write(str(int(verify)))

    def speak(self, aloud):
        """Whether the rules see what the kernel itself says: ICMP errors, resets. They do not unless asked to."""
        run("nft", "flush", "chain", "inet", "quiet", "spoken")
        if not aloud:
            run("nft", "add", "rule", "inet", "quiet", "spoken", *UNSPOKEN.split())

    def clear(self):
        """Leaves no rule, no policy but ACCEPT, and no flow."""
        lines = []
        for table, chains in BUILT_IN.items():
            lines += [f"*{table}", *(f":{chain} ACCEPT [0:0]" for chain in chains), "COMMIT"]
        for family in (4, 6):
            self.load("\n".join([*lines, ""]), family)
        self.flows.flush()

    def counters(self, table, family=4):
        """{chain: [packets of rule 1, of rule 2, ...]}"""
        save = "iptables-legacy-save" if family == 4 else "ip6tables-legacy-save"
        counted = {}
        for line in run(save, "-c", "-t", table).splitlines():
            rule = SAVED_RULE.match(line)
            if rule:
                counted.setdefault(rule[2], []).append(int(rule[1]))
        return counted
