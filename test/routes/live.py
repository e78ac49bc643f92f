"""Makes routes of every kind in a namespace of its own, prints them with the programs that are there, and
has iptlint-opt read each text and print it back.
"""
import os
import shutil
import subprocess
import sys
import tempfile

NAMESPACE = f"iptlint-routes-{os.getpid()}"
DEVICES = ("em1", "em2", "cni0")
SETUP = [
    "ip link set lo up",
    *(f"ip link add {device} type veth peer name far-{device}" for device in DEVICES),
    *(f"ip link set {name} up" for device in DEVICES[:2] for name in (device, f"far-{device}")),
    "ip link set cni0 up",  # its far end is down: linkdown
    "ip addr add 192.168.8.7/22 dev em1",
    "ip addr add 10.0.0.1/24 dev em2",
    "ip -6 addr add 2001:db8::1/64 dev em1 nodad",
    "ip route add default via 192.168.8.1 dev em1 metric 100 mtu 1400",
    "ip route add 10.7.0.0/16 proto static nexthop via 192.168.8.2 dev em1 weight 3 nexthop via 10.0.0.9 dev em2 onlink",
    *(f"ip route add {kind} 10.{8 + number}.0.0/16" for number, kind in
      enumerate(("unreachable", "blackhole", "prohibit", "throw"))),
    "ip route add 10.12.0.0/16 via inet6 fe80::1 dev em1",
    "ip route add 10.15.0.0/16 via 10.0.0.9 dev em2 table 100 mtu lock 1300 realms 3/4 quickack 1 rto_min 20ms",
    "ip route add 10.16.0.0/16 dev cni0 tos 0x10",
    "ip -6 route add unreachable 2001:db8:1::/48",
    "ip -6 route add default via fe80::1 dev em1 expires 500",
    "ip -6 route add 2001:db8:9::/48 nexthop via fe80::2 dev em1 nexthop via fe80::3 dev em2",
]
# Not every kernel can do these; what it cannot do is not printed.
OPTIONAL = [
    "ip route add 10.14.0.0/16 encap ip id 5 src 1.1.1.1 dst 2.2.2.2 ttl 7 tos 4 via 10.0.0.9 dev em2 src 10.0.0.1",
    "ip -6 route add 2001:db8:5::/48 encap seg6 mode encap segs fc00::1,fc00::2 dev em1",
    "ip nexthop add id 7 via 10.0.0.3 dev em2",
    "ip route add 10.17.0.0/16 nhid 7",
]
SHOW = [
    "ip route", "ip -6 route", "ip -o route", "ip route show table all", "ip -d -s route", "ip -d -6 route",
    "ip route get 10.7.1.1", "ip -6 route get 2001:db8:9::9",
    "route -n", "route -nee", "route -6 -n", "netstat -rn", "netstat -6rn",
]


def inside(command):
    return subprocess.run(["ip", "netns", "exec", NAMESPACE, *command.split()], capture_output=True)


def isPrintedBack(text, command):
    with tempfile.NamedTemporaryFile() as file:
        file.write(text)
        file.flush()
        ran = subprocess.run(["iptlint-opt", "--routes", file.name], capture_output=True)
    if ran.stdout == text and ran.returncode == 0 and not ran.stderr:
        return True
    print(f"{command}: exit code {ran.returncode}\n{ran.stderr.decode()}{text.decode()}")
    return False


def main():
    for command in SETUP:
        inside(command).check_returncode()
    for command in OPTIONAL:
        inside(command)
    shown = [command for command in SHOW if shutil.which(command.split()[0])]
    texts = {command: inside(command).stdout for command in shown}
    wrong = [command for command, text in texts.items() if not text.strip() or not isPrintedBack(text, command)]
    print(f"{len(shown)} texts, {len(SHOW) - len(shown)} programs missing, wrong: {wrong}")
    return 1 if wrong else 0


subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
try:
    sys.exit(main())
finally:
    subprocess.run(["ip", "netns", "delete", NAMESPACE], check=True)
