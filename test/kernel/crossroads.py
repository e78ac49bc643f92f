"""A machine with addresses, routes, routing rules and filters of its own, and what its kernel does with each packet.

Like machine.py it is a network namespace of this process's own, with both ends of every veth pair in it. Here packets
go where routing sends them: legs have addresses, and what leaves is dropped at the far end. Of every packet the kernel
tells, in order, which rules it matched (TRACE), whether it left and by which interface, was delivered, or answered.

A plan says what the machine is; the texts that `iptlint trace` is given are what `ip` prints of the finished machine.
"""

import re
import socket
import struct

import frames
import machine as machines
from watch import ANSWERED, DELIVERED, LEFT, SEEN, Log

SETTINGS = {
    "ipv6/conf/default/accept_dad": 0,
    "ipv6/conf/default/addr_gen_mode": 1,
    "ipv6/conf/default/router_solicitations": 0,
    "ipv6/conf/all/forwarding": 1,
    "ipv4/ip_forward": 1,
    "ipv4/conf/all/rp_filter": 0,
    "ipv4/conf/default/rp_filter": 0,
    "ipv4/icmp_ratemask": 0,
}
TABLES = ("raw", "mangle", "nat", "filter")
HEADS = ("PREROUTING", "OUTPUT")  # of raw, where TRACE stands first
TRACED = re.compile(rb"TRACE: ([^:]+):(.+):(rule|policy|return):(\d+) ?$")
TRACE_RULE = "-A {} -j TRACE\n"


class Journey:
    """What the kernel said of one packet: the rules that matched, policies as None, and where it was seen at its end."""

    def __init__(self):
        self.rules = []
        self.left = self.delivered = self.answered = None


class Crossroads:
    def __init__(self, plan):
        if machines.ctypes.CDLL(None, use_errno=True).unshare(machines.CLONE_NEWNET) != 0:
            raise machines.Failed("no network namespace can be made")
        machines.os.sched_setaffinity(0, {min(machines.os.sched_getaffinity(0))})
        for name, value in {**SETTINGS, **plan["settings"]}.items():
            self.set(name, value)
        machines.run("nft", "-f", "-", text=machines.QUIET.replace("ip ecn 1 notrack", "").replace("ip6 ecn 1 notrack", ""))
        machines.run("nft", "-f", "-", text=SEEN)
        for family in (2, 10):
            self.set(f"netfilter/nf_log/{family}", "nfnetlink_log", root="/proc/sys/net/")
        self.log = Log({0, ANSWERED, DELIVERED, LEFT})
        self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.far, self.lengths = {}, {}
        self.build(plan)

    @staticmethod
    def set(name, value, root="/proc/sys/net/"):
        with open(root + name, "w") as file:
            file.write(str(value))

    @staticmethod
    def ip(lines, family):
        machines.run("ip", f"-{family}", "-batch", "-", text="".join(line + "\n" for line in lines))

    def build(self, plan):
        """Legs first, then routes, then rules; a line that the kernel refuses is left out, since plans are made by chance."""
        names = list(plan["legs"])
        self.far = {name: f"far~{at}" for at, name in enumerate(names)}
        self.ip(["link set lo up", *(f"link add name {name} type veth peer name {far}" for name, far in self.far.items())], 4)
        self.ip([f"link set dev {end} arp off up" for pair in self.far.items() for end in pair], 4)
        hook = "type filter hook ingress device"
        chains = (f'add chain netdev quiet {far.replace("~", "")} {{ {hook} "{far}" priority 0; policy drop; }}\n' for far in self.far.values())
        machines.run("nft", "-f", "-", text="".join(chains))
        for family in (4, 6):
            nodad = " nodad" if family == 6 else ""
            self.ip([f"addr add {address} dev {name}{nodad}" for name, leg in plan["legs"].items() for address in leg[family]], family)
            for line in plan["routes"][family]:
                self.tryLine(f"route add {line}", family)
            for line in plan["rules"][family]:
                self.tryLine(f"rule add {line}", family)
        for name, value in plan["late"].items():
            self.set(name, value)

    def tryLine(self, line, family):
        try:
            self.ip([line], family)
        except machines.Failed:
            pass

    def texts(self):
        """What surrounds the rules, as `ip` prints it, by the option of iptlint that takes it."""
        both = lambda *words: "".join(machines.run("ip", f"-{family}", *words) for family in (4, 6))
        settings = "".join(f"net.ipv4.conf.{name}.rp_filter={open(f'/proc/sys/net/ipv4/conf/{name}/rp_filter').read()}" for name in ("all", *self.far))
        for name in ("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"):
            settings += f"{name.replace('/', '.')}={open(f'/proc/sys/{name}').read()}"
        return {
            "routes4": machines.run("ip", "-4", "route", "show", "table", "all"),
            "routes6": machines.run("ip", "-6", "route", "show", "table", "all"),
            "rules4": machines.run("ip", "-4", "rule"),
            "rules6": machines.run("ip", "-6", "rule"),
            "addresses": machines.run("ip", "-details", "addr"),
            "settings": settings,
        }

    # --- rules

    def load(self, text, family, backEnd):
        """Replaces all tables by \p text, which names each with all its chains; TRACE comes first in raw of legacy."""
        program = {4: "iptables", 6: "ip6tables"}[family] + f"-{backEnd}-restore"
        if backEnd == "legacy":
            text = re.sub(r"(?s)(\*raw\n.*?\n)(-A|COMMIT)", lambda found: found[1] + "".join(map(TRACE_RULE.format, HEADS)) + found[2], text, count=1)
        machines.run(program, text=text)
        self.backEnd, self.family = backEnd, family
        self.lengths = {}
        table = None
        for line in text.splitlines():
            if line.startswith("*"):
                table = line[1:]
            elif line.startswith(":"):
                self.lengths[table, line[1:].split()[0]] = 0
            elif line.startswith("-A"):
                self.lengths[table, line.split()[1]] += 1

    def counters(self):
        """{(table, chain, number): packets}; of policies the number is None."""
        save = {4: "iptables", 6: "ip6tables"}[self.family] + f"-{self.backEnd}-save"
        counted, table, numbers = {}, None, {}
        for line in machines.run(save, "-c").splitlines():
            if line.startswith("*"):
                table = line[1:]
            elif policy := re.match(r":(\S+) (\S+) \[(\d+):", line):
                if policy[2] != "-":
                    counted[table, policy[1], None] = int(policy[3])
            elif rule := machines.SAVED_RULE.match(line):
                number = numbers[table, rule[2]] = numbers.get((table, rule[2]), 0) + 1
                counted[table, rule[2], number] = int(rule[1])
        return counted

    # --- packets

    def send(self, packet, mac=b"\x02\0\0\0\0\x01"):
        """A PACKET (docs/output.md): into its leg, or from a socket of this machine."""
        if packet["in"] is None:
            return self.sendOwn(packet)
        kind = 0x0800 if packet["family"] == 4 else 0x86DD
        frame = self.hardwareAddress(packet["in"]) + mac + struct.pack("!H", kind) + frames.build(packet, tos=packet.get("tos", 0))
        self.wire.sendmsg([frame], [(socket.SOL_SOCKET, machines.SO_MARK, struct.pack("I", packet.get("mark", 0)))], 0, (self.far[packet["in"]], kind))

    hardwareAddress = machines.Machine.hardwareAddress

    def sendOwn(self, packet):
        """By a socket as any program has it: the kernel chooses the source where the packet names none."""
        family = socket.AF_INET if packet["family"] == 4 else socket.AF_INET6
        stream = packet["proto"] == "tcp"
        with socket.socket(family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, machines.OURS)
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sender.setsockopt(socket.SOL_SOCKET, machines.SO_MARK, packet.get("mark", 0))
            sender.bind((packet.get("src") or ("0.0.0.0" if packet["family"] == 4 else "::"), packet["sport"]))
            try:
                sender.connect((packet["dst"], packet["dport"]))
                if not stream:
                    sender.send(b"data")
            except BlockingIOError:
                pass  # the SYN is on its way
            except OSError:
                pass  # no route, or a rule dropped it

    def follow(self, packet):
        """Sends a packet and returns its Journey."""
        self.log.read()
        before = self.counters() if self.backEnd == "nft" else None
        self.send(packet)
        journey = Journey()
        for event in self.log.read():
            self.note(event, journey)
        if before is not None:
            after = self.counters()
            journey.rules = [key for key in after for _ in range(after[key] - before[key])]
        return journey

    def note(self, event, journey):
        traced = TRACED.match(event.prefix)
        if traced:
            self.noteRule(traced, journey)
        elif event.what == "left":
            journey.left = event
        elif event.what == "delivered":
            journey.delivered = event
        elif event.what == "answered":
            journey.answered = event

    def noteRule(self, traced, journey):
        """A rule that matched, or a policy. That a chain of the user's ended is no step, and TRACE itself is none."""
        table, chain, number = traced[1].decode(), traced[2].decode(errors="surrogateescape"), int(traced[4])
        length = self.lengths[table, chain]
        isHead = table == "raw" and chain in HEADS
        if number <= length and not (isHead and number == 1):
            journey.rules.append((table, chain, number - isHead))
        elif number > length and chain.isupper() and chain in ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"):
            journey.rules.append((table, chain, None))
