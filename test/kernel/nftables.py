"""`iptlint optimize --to=nftables`: nft takes what is written, and the kernel decides packets by it as by iptables' rules.

Random rule sets are loaded by iptables-legacy and the same packets sent as through the text for nft: which of them get
to the end of INPUT or POSTROUTING, and with which mark, must be the same. A text with one verdict changed must differ, or
the test sees nothing. The examples, and the rule sets of the corpus where there is one, are written and loaded; what
is not written is counted by reason.

usage: nftables.py --iptlint PROGRAM [--corpus FOLDER] [--examples FOLDER] [--sets N] [--full]
"""

import argparse
import collections
import ctypes
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import frames
import machine as machines
from corpus import heldIn, rowsOf

LARGE, PART, SECONDS = 600, 6, 20  # lines of a file; one in so many files; for the solver
PACKETS = 150
LEAST_WRITTEN = 40  # files of the corpus, or little is shown
LEAST_SHARE = 0.15  # of packets that pass, and of those that do not
REFUSED = "what cannot be written as nftables: "

SEEN = """
table inet seen {
  set input { typeof ip id . meta mark; size 65535; flags dynamic; }
  set output { typeof ip id . meta mark; size 65535; flags dynamic; }
  chain input {
    type filter hook input priority 400;
    add @input { ip id . meta mark }
  }
  chain output {
    type filter hook postrouting priority 400;
    add @output { ip id . meta mark }
  }
}
"""
NAMES = ["iptlint-raw", "iptlint-mangle", "iptlint-nat", "iptlint-filter"]


def written(program, text, options=(), seconds=SECONDS):
    """Exit code, the text for nft, and what was said."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, "rules"), Path(folder, "out")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        done = subprocess.run([program, "optimize", "--to=nftables", f"--timeout={seconds}", *options, "-o", out, path], capture_output=True)
        return done.returncode, out.read_bytes() if out.exists() else None, done.stderr.decode(errors="replace").strip()


# --- files


def nftTakes(text):
    """What nft says against a text, in a namespace of its own; nothing where it loads it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        if ctypes.CDLL(None).unshare(machines.CLONE_NEWNET) != 0:  # nothing is to be loaded into the machine itself
            os._exit(1)
        done = subprocess.run(["nft", "-f", "-"], input=text, capture_output=True)
        with os.fdopen(writer, "wb") as out:
            out.write(done.stderr if done.returncode else b"")
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        said = answer.read().decode(errors="replace")
    os.waitpid(child, 0)
    return said


def tryFiles(program, files):
    """Whether nft takes what is written of each file that iptables-legacy takes."""
    tally, reasons, wrong = collections.Counter(), collections.Counter(), 0
    for path, family in files:
        text = path.read_bytes()
        code, nft, said = written(program, text, [f"--family={family}"])
        if code != 0:
            tally["refused" if REFUSED in said else "no proof" if code == 3 else "not read"] += 1
            if REFUSED in said:
                reasons.update({re.sub(r" \(.*?\)", "", reason).split(": ", 1)[1] for reason in said.split(REFUSED)[1].split("; ")})
            elif code == 3:
                print(f"  no proof: {path.name}: {said[:160]}")
            if "differently" in said or "internal" in said or code not in (2, 3):
                print(f"{path}: {said}")
                wrong += 1
            continue
        tally["written"] += 1
        if heldIn(text, family, "legacy") is None:
            continue
        tally["loaded"] += 1
        if objection := nftTakes(nft):
            print(f"{path}: nft refuses what is written: {objection[:300]}")
            wrong += 1
    print(f"{len(files)} files: {dict(tally)}")
    for reason, count in reasons.most_common():
        print(f"  not written, {count} files: {reason}")
    return tally, wrong


# --- packets

ADDRESSES = [f"10.{a}.0.{b}" for a in (0, 1) for b in (1, 2, 3)]
NETWORKS = ["10.0.0.0/24", "10.1.0.0/16", "10.0.0.2/31", "10.0.0.0/255.0.0.255"]
PORTS = ["80", "81", "443", "80:443", "1000:"]
INTERFACES = ["em1", "em2", "em+", "cni0"]


class Rules:
    """A random rule set of filter and mangle: runs of rules of one shape among others."""

    def __init__(self, seed):
        self.pick = random.Random(seed)
        self.tracked = seed % 2 == 0
        self.text = "".join(self.table(name, chains) for name, chains in
                            (("mangle", ["PREROUTING", "FORWARD", "OUTPUT"]), ("filter", ["INPUT", "FORWARD", "OUTPUT"])))  # fmt: skip

    def table(self, name, chains):
        lines = [f"*{name}", *(f":{chain} {self.pick.choice(['ACCEPT', 'ACCEPT', 'DROP'] if name == 'filter' else ['ACCEPT'])} [0:0]" for chain in chains)]
        lines += [":one - [0:0]", ":Two - [0:0]"]
        for chain in [*chains, "one", "Two"]:
            for _ in range(self.pick.randrange(2, 4)):
                lines += self.some(name, chain)
        return "\n".join([*lines, "COMMIT", ""])

    def some(self, table, chain):
        roll = self.pick.random()
        if roll < 0.35:
            return self.run(table, chain)
        return [f"-A {chain} {self.condition(chain)}-j {self.action(table, chain)}"]

    def run(self, table, chain):
        """Rules that ask the same fields, mostly for different values."""
        pick = self.pick
        shape = pick.choice(["-s {a} ", "-d {n} ", "-s {a} -p tcp -m tcp --dport {p} ", "-p tcp -m tcp --dport {p} ", "-m mark --mark {m} ", "-s {n} -d {a} ", "-i {i} -s {a} " if chain in ("PREROUTING", "INPUT", "FORWARD") else "-d {a} "])  # fmt: skip
        made = []
        for _ in range(pick.randrange(3, 9)):
            words = shape.format(a=pick.choice(ADDRESSES) + "/32", n=pick.choice(NETWORKS[:3] + ADDRESSES), p=pick.choice(PORTS[:3] + ["22", "25", "1000"]),
                                 m=pick.randrange(4), i=pick.choice(["em1", "em2"]))  # fmt: skip
            made.append(f"-A {chain} {words}-j {self.verdict(chain)}")
        return made

    def condition(self, chain):
        pick, words = self.pick, []
        if pick.random() < 0.4:
            words.append(f"{pick.choice(['', '', '! '])}-s {pick.choice(ADDRESSES + NETWORKS)}")
        if pick.random() < 0.3:
            words.append(f"{pick.choice(['', '! '])}-d {pick.choice(ADDRESSES + NETWORKS)}")
        if pick.random() < 0.25 and chain in ("PREROUTING", "INPUT", "FORWARD", "one"):
            words.append(f"{pick.choice(['', '! '])}-i {pick.choice(INTERFACES)}")
        words.append(pick.choice(["", "", "-p tcp", "-p udp", "! -p tcp", "-f", "! -f", "-p tcp -m tcp --dport {p}", "-p udp -m udp ! --sport {p}",
                                  "-p tcp -m multiport --dports 80,443,1000:1010", "-p udp -m multiport --ports 80,1000", "-p tcp -m multiport ! --ports 80,81",
                                  "-p tcp -m tcp --tcp-flags SYN,ACK SYN", "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN",
                                  "-p icmp -m icmp --icmp-type 8", "-p icmp -m icmp ! --icmp-type 0/0"]).format(p=pick.choice(PORTS)))  # fmt: skip
        words.append(pick.choice(["", "", "", "-m mark --mark 0x1/0x1", "-m mark ! --mark 0x2", "-m ttl --ttl-gt 3", "-m length --length 0:40", "-m iprange --src-range 10.0.0.2-10.1.0.1",
                                  "-m addrtype --dst-type LOCAL", "-m pkttype --pkt-type unicast", "-m mac --mac-source 02:00:00:00:00:01" if chain in ("INPUT", "FORWARD") else "",
                                  *(["-m conntrack --ctstate NEW", "-m conntrack ! --ctstate NEW,ESTABLISHED", "-m connmark --mark 0x1"] if self.tracked else [])]))  # fmt: skip
        return "".join(word + " " for word in words if word)

    def verdict(self, chain):
        return self.pick.choice(["ACCEPT", "DROP", "ACCEPT", "DROP", "RETURN"] + ({"one": ["Two"], "Two": []}.get(chain, ["one", "Two", "Two"])))

    def action(self, table, chain):
        if table == "mangle" and self.pick.random() < 0.6:
            return self.pick.choice(["MARK --set-xmark 0x1/0xffffffff", "MARK --set-xmark 0x2/0x2", "MARK --set-xmark 0x3/0x0"] +
                                    (["CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff", "CONNMARK --set-xmark 0x1/0xffffffff"] if self.tracked else []))  # fmt: skip
        if table == "filter" and self.pick.random() < 0.15 and chain in ("INPUT", "FORWARD"):
            return "REJECT --reject-with icmp-port-unreachable"
        return self.verdict(chain)


def numbered(packet, number):
    """The packet with that number as its identification."""
    header = packet[:4] + number.to_bytes(2, "big") + packet[6:10] + b"\0\0" + packet[12:20]
    return header[:10] + frames.checksum(header).to_bytes(2, "big") + header[12:] + packet[20:]


def laterFragment(packet):
    """As a later fragment whose first bytes are those of the header that the packet had."""
    header = packet[:6] + (185).to_bytes(2, "big") + packet[8:10] + b"\0\0" + packet[12:20]
    return header[:10] + frames.checksum(header).to_bytes(2, "big") + header[12:] + packet[20:]


class Traffic:
    """The same packets for each seed, with numbers from 1 on."""

    fragments = 0.25  # the share of later fragments

    def __init__(self, machine, seed):
        self.machine, self.pick = machine, random.Random(~seed)

    def choices(self):
        pick = self.pick
        packet = {"family": 4, "src": pick.choice(ADDRESSES), "dst": pick.choice(ADDRESSES), "ttl": pick.choice([3, 64])}
        packet.update(pick.choice([
            {"proto": "tcp", "sport": pick.choice([80, 1000, 2000]), "dport": pick.choice([22, 80, 81, 443, 1000]), "tcp_flags": pick.choice([["SYN"], ["ACK"], ["SYN", "ACK"]])},
            {"proto": "udp", "sport": pick.choice([80, 1000]), "dport": pick.choice([80, 443, 1000])},
            {"proto": "icmp", "icmp_type": pick.choice([0, 8]), "icmp_code": 0},
        ]))  # fmt: skip
        return packet

    def send(self, number):
        pick, packet = self.pick, self.choices()
        mark = pick.choice([0, 0, 1, 2, 3])
        way, into, out = pick.randrange(4), pick.choice(["em1", "em2", "cni0"]), pick.choice(["em1", "em2"])
        tos = machines.TOS_LOCAL if way == 0 else self.machine.tosFor(out)
        made = frames.build(packet, tos, False)
        if pick.random() < self.fragments:
            made = laterFragment(made)
        made = numbered(made, number)
        if way == 1:
            return self.machine.emit(out, made, 4, mark)
        return self.machine.receive(into, made, 4, mark)


def fates(machine, traffic, packets=PACKETS):
    """{(hook, number, mark)} of the packets that were seen at the end."""
    machine.flows.flush()
    for name in ("input", "output"):
        machines.run("nft", "flush", "set", "inet", "seen", name)
    for number in range(1, packets + 1):
        traffic.send(number)
    seen = set()
    for name in ("input", "output"):
        listed = machines.run("nft", "list", "set", "inet", "seen", name)
        seen |= {(name, int(number), int(mark, 0)) for number, mark in re.findall(r"(\d+) \. (0x[0-9a-f]+|\d+)", listed.split("elements", 1)[-1])}
    return seen


def unload():
    for name in NAMES:
        subprocess.run(["nft", "delete", "table", "ip", name], capture_output=True)


def flipped(text):
    """The text with the opposite of its first verdicts and policies."""
    swap = {"accept": "drop", "drop": "accept"}
    return re.sub(r"\b(accept|drop)\b", lambda found: swap[found[1]], text)


def tryPackets(program, machine, seed, tally):
    """Whether nft does with every packet what iptables-legacy does."""
    rules = Rules(seed)
    code, nft, said = written(program, rules.text)
    if code != 0:
        print(f"seed {seed}: not written: {said[:300]}")
        tally["not written"] += 1
        return "differently" not in said and "internal" not in said
    nft = nft.decode()
    machine.clear()
    machine.load(rules.text)
    before = fates(machine, Traffic(machine, seed))
    machine.clear()
    machines.run("nft", "-f", "-", text=nft)
    after = fates(machine, Traffic(machine, seed))
    unload()
    machines.run("nft", "-f", "-", text=flipped(nft))
    tally["mutants seen"] += fates(machine, Traffic(machine, seed)) != before
    unload()
    tally.update(sets=1, maps=nft.count("vmap"), packets=PACKETS, passed=len({number for _, number, _ in before}))
    if before != after:
        Path("kernel-failures").mkdir(exist_ok=True)
        Path("kernel-failures", f"nftables-{seed}.rules").write_text(rules.text)
        Path("kernel-failures", f"nftables-{seed}.nft").write_text(nft)
        print(f"seed {seed}: only iptables: {sorted(before - after)[:5]}, only nft: {sorted(after - before)[:5]}; kept in kernel-failures")
    return before == after


def allPackets(program, sets, first):
    machine, tally, wrong = machines.Machine(), collections.Counter(), 0
    machines.run("nft", "-f", "-", text=SEEN)
    for seed in range(first, first + sets):
        wrong += not tryPackets(program, machine, seed, tally)
    print(f"packets: {dict(tally)}; {wrong} rule sets differ")
    enough = tally["maps"] >= tally["sets"] and tally["mutants seen"] >= 0.9 * tally["sets"] and tally["not written"] * 10 <= sets
    enough &= LEAST_SHARE * tally["packets"] <= tally["passed"] <= (1 - LEAST_SHARE) * tally["packets"]
    if not enough:
        print("too few maps, packets or differences to tell")
    return wrong + (not enough)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iptlint", required=True, help="the tool")
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--examples", type=Path)
    parser.add_argument("--sets", type=int, default=15, help="random rule sets")
    parser.add_argument("--seed", type=int, default=1, help="of the first one")
    parser.add_argument("--full", action="store_true", help="every file of the corpus")
    options = parser.parse_args()
    if reason := machines.whyNot():
        print(f"skipped: {reason}")
        return 77
    wrong = 0
    if options.examples:
        files = [(path, 6 if "6" in path.stem else 4) for path in sorted(options.examples.glob("*.rules"))]
        wrong += tryFiles(options.iptlint, [(path, 6 if path.stem.endswith("6") else 4) for path, _ in files])[1]
    if options.corpus and (options.corpus / "INDEX.tsv").exists():
        rows, _ = rowsOf(options.corpus, None if options.full else LARGE)
        rows = rows if options.full else rows[::PART]
        tally, bad = tryFiles(options.iptlint, [(options.corpus / row["path"], 6 if row["kind"] == "save6" else 4) for row in rows])
        wrong += bad + (tally["written"] < LEAST_WRITTEN)
    wrong += allPackets(options.iptlint, options.sets, options.seed)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
