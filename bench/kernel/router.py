"""A router between two veth pairs, and where frames for it come from and go to.

    iptlint-flood -> far0 ==veth== em1 -> FORWARD of the rules -> em2 ==veth== far1 -> received, and not for that host
    [------- the far host -------]   [-------- the router --------]   [------------- the far host -------------]

The namespaces have no names: they are this process's own and go away with it, whatever ends the process.
Nothing in them can reach the machine they run on. Nothing but the bench's frames moves: no ARP, no IPv6.
"""

import ctypes
import os
import re
import socket
import struct
import subprocess
from contextlib import contextmanager
from typing import NamedTuple

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
ROUTER_MAC, FAR_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"
DESTINATION = "198.18.0.1"
SYSCTLS = {
    "ipv4/conf/all/rp_filter": 0,
    "ipv4/conf/default/rp_filter": 0,
    "ipv6/conf/all/disable_ipv6": 1,
    "ipv6/conf/default/disable_ipv6": 1,
}


class Failed(Exception):
    """A tool or the kernel refused; its words are the argument."""


def run(*command, text=None, openFiles=()):
    done = subprocess.run(command, input=text, text=True, capture_output=True, pass_fds=openFiles)
    if done.returncode:
        raise Failed(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def ip(*lines, openFiles=()):
    run("ip", "-batch", "-", text="".join(line + "\n" for line in lines), openFiles=openFiles)


def whyNot(*tools):
    """Why nothing can be measured here; None if it can."""
    if os.geteuid() != 0:
        return "not root"
    for tool in ("ip", *tools):
        if not any(os.access(os.path.join(folder, tool), os.X_OK) for folder in os.get_exec_path()):
            return f"no {tool}"
    child = os.fork()
    if child == 0:
        os._exit(LIBC.unshare(CLONE_NEWNET) != 0)
    return "no network namespace can be made" if os.waitpid(child, 0)[1] else None


class Flood(NamedTuple):
    """What became of the frames of one run."""

    sent: int
    passed: int  # how many came out of the router
    rate: float  # frames per CPU second
    share: float  # of the processor that the sender had


class Namespace:
    """A network namespace that lasts as long as this object."""

    def __init__(self):
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            if LIBC.unshare(CLONE_NEWNET) != 0:
                raise Failed(f"unshare: {os.strerror(ctypes.get_errno())}")
            self.file = os.open("/proc/self/ns/net", os.O_RDONLY)
            for name, value in SYSCTLS.items():
                setSysctl(name, value)
            enter(home)
        finally:
            os.close(home)

    @contextmanager
    def inside(self):
        """This process, and what it starts, is in the namespace meanwhile."""
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            enter(self.file)
            yield
            enter(home)
        finally:
            os.close(home)


def setSysctl(name, value):
    with open(f"/proc/sys/net/{name}", "w") as file:
        file.write(str(value))


def enter(namespace):
    if LIBC.setns(namespace, CLONE_NEWNET) != 0:
        raise Failed(f"setns: {os.strerror(ctypes.get_errno())}")


class Router:
    """Routes what arrives on em1 for DESTINATION out of em2."""

    def __init__(self):
        self.own, self.far = Namespace(), Namespace()
        with self.far.inside():
            elsewhere = f"netns /proc/self/fd/{self.own.file}"
            ip(
                f"link add far0 type veth peer name em1 address {ROUTER_MAC} {elsewhere}",
                f"link add far1 address {FAR_MAC} type veth peer name em2 {elsewhere}",
                "link set far0 arp off up",
                "link set far1 arp off up",
                openFiles=[self.own.file],
            )
        with self.own.inside():
            setSysctl("ipv4/ip_forward", 1)
            ip(
                "link set em1 arp off up",
                "link set em2 up",
                "addr add 192.0.2.1/24 dev em2",
                "route add default via 192.0.2.2 dev em2",
                f"neigh add 192.0.2.2 lladdr {FAR_MAC} dev em2 nud permanent",
            )

    def load(self, text, *command):
        with self.own.inside():
            run(*command, text=text)

    def passed(self):
        """How many frames have come out so far."""
        with self.far.inside():
            return int(re.search(r"far1:\s*\d+\s+(\d+)", open("/proc/self/net/dev").read())[1])

    def flood(self, program, frames, skip, milliseconds, processor):
        """Sends frames of a file for so much CPU time, from frame number `skip` on."""
        before = self.passed()
        with self.far.inside():
            said = run("taskset", "-c", str(processor), program, "far0", frames, str(skip), str(milliseconds))
        sent, timed, cpu, wall = map(int, said.split())
        return Flood(sent, self.passed() - before, timed * 1e9 / cpu, cpu / wall)


def frame(source, port):
    """A TCP SYN of 60 bytes for DESTINATION: an address as a number, and the port that it asks for."""
    ends = struct.pack("!I4s", source, socket.inet_aton(DESTINATION))
    header = struct.pack("!BBHHHBBH", 0x45, 0, 46, 1, 0, 64, 6, 0)
    total = sum(struct.unpack("!10H", header + ends))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    header = header[:10] + struct.pack("!H", ~total & 0xFFFF)
    segment = struct.pack("!HHIIBBHHH", 40000, port, 1, 0, 5 << 4, 2, 8192, 0, 0)
    ethernet = bytes.fromhex(ROUTER_MAC.replace(":", "")) + bytes.fromhex(FAR_MAC.replace(":", "")) + b"\x08\x00"
    return (ethernet + header + ends + segment).ljust(60, b"\0")
