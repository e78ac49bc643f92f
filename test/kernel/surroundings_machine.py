"""A router with neighbours, each in a network namespace, and iptlint asked about what surrounds its rules."""

import ctypes
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

import machine as machines
from machine import run

ECHO = """
import select, socket, sys
servers = []
for address in sys.argv[1:]:
    servers.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    servers[-1].bind((address, 7000))
print("ready", flush=True)
while True:
    for server in select.select(servers, [], [])[0]:
        server.sendto(*server.recvfrom(100))
"""
ASK = """
import socket, sys
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asking.settimeout(0.4)
try:
    asking.connect((sys.argv[1], int(sys.argv[2])))
    asking.send(b"x")
    print(asking.recv(10) == b"x")
except OSError:
    print(False)
"""


class Neighbour:
    """A namespace that lives as long as a process does nothing in it."""

    def __init__(self):
        self.process = subprocess.Popen(["unshare", "-n", "sleep", "infinity"])
        self.others = []
        mine = os.readlink("/proc/self/ns/net")
        while os.readlink(f"/proc/{self.process.pid}/ns/net") == mine:
            time.sleep(0.01)
        self.run("ip", "link", "set", "lo", "up")

    def command(self, *command):
        return ["nsenter", "-t", str(self.process.pid), "-n", *command]

    def run(self, *command):
        return run(*self.command(*command))

    def ip(self, line):
        self.run("ip", *line.split())

    def serve(self, *addresses):
        server = subprocess.Popen(self.command(sys.executable, "-c", ECHO, *addresses), stdout=subprocess.PIPE)
        self.others.append(server)
        server.stdout.readline()

    def isAnswered(self, address, port):
        return self.run(sys.executable, "-c", ASK, address, str(port)).strip() == "True"

    def end(self):
        for process in [*self.others, self.process]:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


class Router:
    """This process, in a namespace of its own."""

    def __init__(self):
        if ctypes.CDLL(None, use_errno=True).unshare(machines.CLONE_NEWNET) != 0:
            raise machines.Failed(f"unshare: {os.strerror(ctypes.get_errno())}")
        self.neighbours = []
        self.ip("link set lo up")
        self.set("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1", "net.ipv6.conf.default.accept_dad=0")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for neighbour in self.neighbours:
            neighbour.end()

    def ip(self, line):
        run("ip", *line.split())

    def set(self, *settings):
        run("sysctl", "-q", "-w", *settings)

    def add(self, leg, *addresses):
        """A neighbour at the other end of an interface."""
        neighbour = Neighbour()
        self.neighbours.append(neighbour)
        self.ip(f"link add {leg} type veth peer name far netns {neighbour.process.pid}")
        neighbour.ip("link set far up")
        self.ip(f"link set {leg} up")
        for address in addresses:
            self.ip(f"addr add {address} dev {leg}" + (" nodad" if ":" in address else ""))
        return neighbour

    def load(self, rules, family=4):
        run("iptables-legacy-restore" if family == 4 else "ip6tables-legacy-restore", "-w", "60", text=rules)

    def texts(self):
        routes = [run("ip", version, "route", "show", "table", "all") for version in ("-4", "-6")]
        rules = [run("ip", version, "rule") for version in ("-4", "-6")]
        settings = subprocess.run(["sysctl", "-a"], capture_output=True, text=True, check=False).stdout
        return {"routes": "".join(routes), "rules": "".join(rules), "addresses": run("ip", "-details", "addr"),
                "sysctl": settings}

    def counters(self, table, family=4):
        save = "iptables-legacy-save" if family == 4 else "ip6tables-legacy-save"
        return [int(count) for count in re.findall(r"^\[(\d+):\d+\] -A", run(save, "-c", "-t", table), re.MULTILINE)]


class Judge:
    """What iptlint says of the router, against what the kernel did."""

    def __init__(self, program):
        self.program = program
        self.asked = self.found = 0
        self.wrong = []

    def findings(self, router, checks, rules, family=4):
        """{text: lines with a finding}"""
        with tempfile.TemporaryDirectory() as folder:
            options = [f"--checks={checks}", f"--family={family}"]
            for name, text in router.texts().items():
                with open(os.path.join(folder, name), "w") as file:
                    file.write(text)
                options += [f"--{name}", name]
            done = subprocess.run([self.program, *options, "-"], input=rules, text=True, capture_output=True, cwd=folder)
        if done.returncode not in (0, 1):
            raise machines.Failed(f"iptlint: {done.stderr} {done.stdout}")
        found = {}
        for name, line in re.findall(r"^([a-z-]+):(\d+):\d+: (?!note)", done.stdout, re.MULTILINE):
            found.setdefault(name, set()).add(int(line))
        return found

    def compare(self, what, found, lost):
        """Each thing by its name: whether it is found, whether its packets are lost."""
        for name, isLost in lost.items():
            self.asked += 1
            self.found += name in found
            if isLost != (name in found):
                self.wrong.append(f"{what}: {name}: {'lost' if isLost else 'comes through'}, "
                                  f"and {'' if name in found else 'not '}found")

    def rules(self, router, what, checks, text, lost, family=4):
        """\\param lost  for each rule, in the order of the text"""
        lines = text.splitlines()
        numbers = [number for number, line in enumerate(lines, 1) if line.startswith("-A")]
        found = self.findings(router, checks, text, family).get("-", set())
        self.compare(what, {lines[number - 1] for number in found},
                     {lines[number - 1]: isLost for number, isLost in zip(numbers, lost) if isLost is not None})


def udp(source, destination, port=80):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 1, 0, 64, 17, 0, socket.inet_aton(source), socket.inet_aton(destination))
    total = sum(struct.unpack("!10H", head))
    checksum = ~(total + (total >> 16) & 0xFFFF) & 0xFFFF
    return head[:10] + struct.pack("!H", checksum) + head[12:] + struct.pack("!HHHH", 1000, port, 8, 0)


SEND = """
import socket, sys
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
for line in sys.stdin:
    wire.sendto(bytes.fromhex(line), ("far", 0x0800))
"""


def deliver(router, neighbour, leg, packets):
    """Has the router receive packets."""
    address = re.search(r"link/ether (\S+)", run("ip", "link", "show", "dev", leg))[1]
    header = bytes.fromhex(address.replace(":", "")) + b"\2\0\0\0\0\1\x08\0"
    run(*neighbour.command(sys.executable, "-c", SEND), text="".join((header + packet).hex() + "\n" for packet in packets))
    time.sleep(0.05)
