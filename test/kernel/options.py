"""Does every option that docs/options.md calls exact mean in eval what it means in the kernel?

Each row of the page that is exact, or exact in some forms, has rules in option_cases.py, with `!` as well where the
page has one. Rules of a group stand in one chain of a machine, and each packet of the group is sent through it once:
the kernel's counters say which rules it meets, and eval must say the same of all of them. For each row and each
form there must be a rule that one packet meets and one does not. Exit code 77 where no machine can be built.
"""

import argparse
import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile

import machine as machines
import option_cases as cases
from crafted import GROUPS, Crafted, name
from option_flows import FlowPackets

# What the kernel cannot be asked, and why not: (match, option, family), 0 for both.
NOT_PROVED = {
    ("", "ipv4", 0): "no property of a packet: it says which family a line is of",
    ("", "ipv6", 0): "no property of a packet: it says which family a line is of",
    ("", "fragments", 6): "an option of IPv4",
    ("ah", "ahlen", 4): "an option of IPv6",
}
NO_IPSEC = "this kernel has neither ESP, AH nor IPComp, so that no packet is transformed; `none` matches, `ipsec` does not"
SECTION = re.compile(r"^### `(\w+)`(?: \(IPv([46])\))?$")
ROW = re.compile(r"^\| (\[`!`\] )?(.*) \| (exact|partly) \|$")
FRAME_TO = {"broadcast": b"\xff" * 6, "multicast": b"\x01\0\x5e\0\0\x09"}
UID, GID, NO_SOCKET = 1000, 1001, (1 << 32) + 1


def rows(page):
    """(match, option, family, negated) of all that is to be proved."""
    match, families = None, ()
    for line in page.splitlines():
        section = SECTION.match(line)
        if line == "## Of every rule":
            match, families = "", (4, 6)
        elif line == "## Targets":
            return
        elif section:
            match, families = section[1], (int(section[2]),) if section[2] else (4, 6)
        row = ROW.match(line)
        if row:
            option = re.search(r"`--([\w-]+)`", row[2])[1]
            for family in families:
                yield match, option, family, False
                if row[1]:
                    yield match, option, family, True


class Group:
    """Rules of one chain, and packets that go through it. `packet(spec)` gives a function that sends a packet, and
    the values of its fields."""

    def __init__(self, machine, family, chain, every, packet):
        self.machine, self.family, self.chain, self.packet = machine, family, chain, packet
        self.cases = [case for case in every if family in case.families]
        self.rules = [(case, text, negated) for case in self.cases for text, negated in case.forms()]
        self.specs = {}
        for case in self.cases:
            for spec in [*case.yes, *case.no, *case.neither]:
                self.specs.setdefault(repr(spec), spec)

    def text(self):
        asked = "".join(f"-A ASK {text}\n" for _, text, _ in self.rules)
        return f"*mangle\n:{self.chain} ACCEPT\n:ASK -\n-A {self.chain} -j ASK\n{asked}COMMIT\n"

    def run(self, meets):
        """{spec: [whether it meets each rule]} as the kernel has it, and the same of eval."""
        self.machine.clear()
        self.machine.load(self.text(), self.family)
        kernel, lines, before = {}, [], [0] * len(self.rules)
        for key, spec in self.specs.items():
            send, fields = self.packet(spec)
            send()
            after = self.machine.counters("mangle", self.family)["ASK"]
            kernel[key] = [now != then for now, then in zip(after, before)]
            before = after
            lines.append(" ".join(f"{field}={value}" for field, value in fields.items() if value) + "\n")
        return kernel, dict(zip(self.specs, self.askEval(meets, lines)))

    def askEval(self, meets, lines):
        with tempfile.NamedTemporaryFile("w", suffix=".rules") as file:
            file.write(self.text())
            file.flush()
            done = subprocess.run([meets, str(self.family), file.name], input="".join(lines), capture_output=True, text=True)
        if done.returncode or done.stderr:
            raise SystemExit(f"{meets}: {done.stderr}")
        return done.stdout.splitlines()

    def check(self, meets):
        """What differs, line by line, and which rows are proved."""
        kernel, told = self.run(meets)
        wrong, proved = [], set()
        for i, (case, text, negated) in enumerate(self.rules):
            where = f"IPv{self.family} {self.chain} {text}"
            for key in self.specs:
                if told[key][i] != "01"[kernel[key][i]]:
                    wrong.append(f"{where}: {key}: the kernel {'matches' if kernel[key][i] else 'does not'}, eval says {told[key][i]}")
            for specs, wanted in ((case.yes, not negated), (case.no, negated), (case.neither, False)):
                wrong += [f"{where}: {spec}: is said to match: {wanted}" for spec in specs if kernel[repr(spec)][i] != wanted]
            met = {kernel[key][i] for key in self.specs}
            if len(met) == 2:
                proved.add((case.match, case.option, self.family, negated or f"! --{case.option}" in text))
        return wrong, proved


class Bench:
    """The machine with what the groups need, and how their packets are sent."""

    def __init__(self):
        self.machine = machine = machines.Machine()
        for interface, group in GROUPS.items():
            machine.ip(f"link set {interface} group {group}")
        machine.ip(f"addr add {cases.OWN[4]}/32 dev em1")
        machine.ip(f"addr add {cases.OWN[6]}/128 dev em1 nodad", family="-6")
        self.makeBridge()

    def makeBridge(self):
        machine = self.machine
        machine.ip("link add br0 type bridge mcast_snooping 0", "link set br0 arp off up")
        for port in ("bp1", "bp2"):
            machine.addLeg(port)
            machine.ip(f"link set {port} master br0")
        for family in ("ip", "ip6"):
            with open(f"/proc/sys/net/bridge/bridge-nf-call-{family}tables", "w") as file:
                file.write("1")

    def frame(self, into, to, data, family, mac="02:00:00:00:00:01", mark=0):
        kind = 0x0800 if family == 4 else 0x86DD
        header = to + bytes.fromhex(mac.replace(":", "")) + kind.to_bytes(2, "big")
        option = (socket.SOL_SOCKET, machines.SO_MARK, mark.to_bytes(4, sys.byteorder))
        self.machine.wire.sendmsg([header + data], [option], 0, (self.machine.far[into], kind))

    def received(self, family):
        def packet(spec):
            crafted = Crafted(family, **spec)
            to = FRAME_TO.get(crafted.frame_to) or self.machine.hardwareAddress(crafted.into)
            return lambda: self.frame(crafted.into, to, crafted.bytes(), family, crafted.mac, crafted.mark), crafted.fields()

        return Group(self.machine, family, "PREROUTING", cases.RECEIVED, packet)

    def route(self, out):
        """The TOS that leads out of an interface; em2's IPv4 route has realm 7."""
        tos = self.machine.tosFor(out)
        if out == "em2":
            self.machine.ip(f"route replace default dev em2 table {tos} realm 7")
        return tos

    def forwarded(self, family):
        def packet(out):
            more = {"out": name(out), "out_group": GROUPS.get(out, 0), "realm": 7 if out == "em2" else 0}
            crafted = Crafted(family, tos=self.route(out), more=more)
            return lambda: self.machine.receive("em1", crafted.bytes(), family), crafted.fields()

        return Group(self.machine, family, "FORWARD", cases.FORWARDED, packet)

    def bridged(self, family):
        def packet(spec):
            *ports, last = spec.split()
            fields = {"phys_in": name(ports[0]) if ports else 0, "phys_out": 0 if last == "routed" else name(last)}
            data = Crafted(family, tos=self.route("em2")).bytes()
            to = self.machine.hardwareAddress("br0" if ports else "em1") if last == "routed" else b"\x02\0\0\0\x99\x99"
            return lambda: self.frame(ports[0] if ports else "em1", to, data, family), fields

        return Group(self.machine, family, "FORWARD", cases.BRIDGED, packet)

    def sent(self, family):
        def packet(spec):
            if spec == "routed":
                data = Crafted(family, tos=self.route("em2")).bytes()
                return lambda: self.machine.receive("em1", data, family), {"uid": NO_SOCKET, "gid": NO_SOCKET}
            uid, gid = (UID, GID) if spec == str(UID) else (0, 0)
            return lambda: self.sendAs(uid, gid, family), {"uid": uid, "gid": gid}

        return Group(self.machine, family, "POSTROUTING", cases.SENT, packet)

    def sendAs(self, uid, gid, family):
        """A datagram from a socket that a user opened."""
        os.setegid(gid)
        os.seteuid(uid)
        try:
            sender = socket.socket(socket.AF_INET if family == 4 else socket.AF_INET6, socket.SOCK_DGRAM)
        finally:
            os.seteuid(0)
            os.setegid(0)
        with sender:
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, machines.OURS)
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"em2")
            sender.sendto(b"data", ("198.18.0.1" if family == 4 else "fd00:18::1", 9))

    def flows(self, family):
        def packet(kind):
            data, fields = FlowPackets(self.machine, family).make(kind)
            return lambda: self.machine.receive("em1", data, family), fields

        return Group(self.machine, family, "PREROUTING", cases.FLOWS, packet)

    def groups(self):
        for family in (4, 6):
            for make in (self.received, self.forwarded, self.bridged, self.sent, self.flows):
                yield make(family)


def whyNotProved(match, option, family, missing):
    if match == "policy":
        return NO_IPSEC
    if (match, family) in missing:
        return "this kernel does not have the match"
    return NOT_PROVED.get((match, option, family)) or NOT_PROVED.get((match, option, 0))


def missingMatches(group):
    """The matches of a group's rules that the kernel refuses and does not list among its own; their cases are taken out."""
    missing = set()
    with contextlib.suppress(machines.Failed):
        group.machine.load(group.text(), group.family)
        return missing
    for case, text, _ in group.rules:
        try:
            group.machine.load(f"*mangle\n:ASK -\n-A {group.chain} -j ASK\n-A ASK {text}\nCOMMIT\n", group.family)
        except machines.Failed:
            with open("/proc/net/ip_tables_matches" if group.family == 4 else "/proc/net/ip6_tables_matches") as file:
                if case.match in file.read().split():
                    raise
            missing.add((case.match, group.family))
    group.rules = [rule for rule in group.rules if (rule[0].match, group.family) not in missing]
    return missing


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--meets", required=True, help="the program iptlint-meets")
    parser.add_argument("--page", required=True, help="docs/options.md")
    options = parser.parse_args()
    reason = machines.whyNot()
    if reason:
        print(f"skipped: {reason}")
        return 77
    wrong, proved, missing, asked = [], set(), set(), 0
    for group in Bench().groups():
        missing |= missingMatches(group)
        more, rowsProved = group.check(options.meets)
        wrong += more
        proved |= rowsProved
        asked += len(group.rules) * len(group.specs)
    with open(options.page) as page:
        for match, option, family, negated in rows(page.read()):
            what = f"IPv{family} {match or 'every rule'} {'! ' if negated else ''}--{option}"
            if (match, option, family, negated) in proved:
                continue
            why = whyNotProved(match, option, family, missing)
            if why:
                print(f"not proved: {what}: {why}")
            else:
                wrong.append(f"{what} has no rule that one packet meets and one does not")
    print("\n".join(wrong))
    print(f"{len(proved)} forms of options proved with {asked} questions, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
