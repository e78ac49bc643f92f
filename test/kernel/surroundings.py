"""Do checks of rules and network together say what the kernel does?

A router in a namespace of its own, with neighbours in others, is asked with packets. Its texts (`ip route show table all`,
`ip rule`, `ip -details addr`, `sysctl -a`) and its rules are what iptlint reads. Of every rule or route of a machine the
kernel shows whether its packets come through, and it must be a finding if and only if they do not.

unroutable-rule          the rule's counter, for destinations all over each network
rp-filter-drop           the rule's counter, with the filter strict, loose and off
blackholed-service       whether sending fails; whether what DNAT sends on is forwarded (with dnat-unroutable)
masquerade-missing       whether an echo comes back
route-loop               whether a packet comes to a gateway; how often one is forwarded

Exit code 77 where no machine can be built.
"""

import argparse
import contextlib
import ipaddress
import re
import socket
import subprocess
import sys
import time

import machine as machines
from machine import run
from surroundings_machine import ASK, Judge, Neighbour, Router, deliver, udp


# --- unroutable-rule and rp-filter-drop

NETWORKS = ["192.0.2.0/24", "10.1.0.0/16", "198.51.100.0/24", "10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16", "10.5.0.0/16",
            "10.6.0.0/16"]
FILTERS = [(0, 0), (0, 1), (1, 1), (0, 2), (2, 1), (1, 2), (2, 0)]


@contextlib.contextmanager
def threeLegs():
    """A router and its neighbours by leg."""
    with Router() as router:
        far = {leg: router.add(leg, address) for leg, address in
               (("em1", "192.0.2.9/24"), ("em2", "10.1.0.1/16"), ("em3", "198.51.100.9/24"))}
        for route in ("blackhole 10.3.0.0/16", "10.4.0.0/16 via 192.0.2.1", "prohibit 10.6.0.0/16",
                      "10.5.0.0/16 nexthop via 192.0.2.1 nexthop via 10.1.0.2", "10.7.0.0/16 via 198.51.100.1"):
            router.ip(f"route add {route}")
        yield router, far


def forwarding(judge):
    """Many destinations, so that each next hop is taken. A rule without a target counts and lets go on."""
    with threeLegs() as (router, far):
        networks = [ipaddress.ip_network(network) for network in [*NETWORKS, "10.1.0.1/32", "192.0.2.9/32", "192.0.2.64/26"]]
        rules = [f"-A FORWARD -d {network}{out}" for network in networks for out in ("", *(f" -o {leg}" for leg in far))]
        text = "\n".join(["*filter", ":FORWARD ACCEPT [0:0]", *rules, "COMMIT", ""])
        router.load(text)
        hosts = [network[place % network.num_addresses] for network in networks for place in range(2, 50)]
        deliver(router, far["em1"], "em1", [udp("192.0.2.1", str(host)) for host in hosts])
        judge.rules(router, "forwarded", "unroutable-rule", text, [not count for count in router.counters("filter")])


def reversePath(judge):
    with threeLegs() as (router, far):
        rules = [f"-A {chain} -s {source} -i {leg} -j ACCEPT" for chain in ("INPUT", "FORWARD") for source in NETWORKS for leg in far]
        text = "\n".join(["*filter", ":INPUT DROP [0:0]", ":FORWARD DROP [0:0]", *rules, "COMMIT", ""])
        for ofAll, own in FILTERS:
            router.set(f"net.ipv4.conf.all.rp_filter={ofAll}", *(f"net.ipv4.conf.{leg}.rp_filter={own}" for leg in far))
            router.load(text)
            for leg, neighbour in far.items():
                sources = [str(ipaddress.ip_network(each)[-2]) for each in NETWORKS]
                deliver(router, neighbour, leg, [udp(source, to) for to in ("192.0.2.9", "10.7.0.1") for source in sources])
            judge.rules(router, f"rp_filter {ofAll} {own}", "rp-filter-drop", text, [not count for count in router.counters("filter")])


# --- blackholed-service

SERVICES = {4: ["10.96.0.1", "10.97.0.1", "10.98.0.1", "10.99.0.1", "10.100.0.1", "192.0.2.9"],
            6: ["fd96::1", "fd97::1", "fd98::1", "fd99::1", "fd00:100::1", "fd01::9"]}
ROUTES = {4: ["blackhole 10.97.0.0/16", "unreachable 10.98.0.0/16", "prohibit 10.99.0.0/16", "10.100.0.0/16 via 192.0.2.1"],
          6: ["blackhole fd97::/16", "unreachable fd98::/16", "prohibit fd99::/16", "fd00:100::/32 via fd01::1"]}
SERVERS = {4: "192.0.2.1", 6: "fd01::1"}


def services(judge):
    with Router() as router:
        neighbour = router.add("em1", "192.0.2.9/24", "fd01::9/64")
        neighbour.ip("addr add 192.0.2.1/24 dev far")
        for family in (4, 6):
            for route in ROUTES[family]:
                router.ip(f"-{family} route add {route}")
            unsendable(judge, router, family)
        refusedDestinations(judge, router, neighbour)


def unsendable(judge, router, family):
    rules = [f"-A OUTPUT -d {address} -p udp -m udp --dport 80 -j DNAT --to-destination {SERVERS[family]}" for address in SERVICES[family]]
    text = "\n".join(["*nat", ":PREROUTING ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", "", *rules, "COMMIT", ""])
    router.load(text, family)
    for address in SERVICES[family]:
        with socket.socket(socket.AF_INET if family == 4 else socket.AF_INET6, socket.SOCK_DGRAM) as sender:
            with contextlib.suppress(OSError):
                sender.sendto(b"x", (address, 80))
    lost = [not count for count in router.counters("nat", family)]
    judge.rules(router, f"own packets, IPv{family}", "blackholed-service", text, lost, family)


def refusedDestinations(judge, router, neighbour):
    rules = [f"-A PREROUTING -p udp -m udp --dport {port} -j DNAT --to-destination {address}"
             for port, address in enumerate(SERVICES[4], 80)]
    nat = "\n".join(["*nat", ":PREROUTING ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", *rules, "COMMIT", ""])
    counting = [f"-A {chain} -d {address}" for address in SERVICES[4] for chain in ("FORWARD", "INPUT")]
    router.load("\n".join([nat, "*mangle", *sorted(counting), "COMMIT", ""]))
    deliver(router, neighbour, "em1", [udp("192.0.2.1", "192.0.2.9", port) for port in range(80, 80 + len(rules))])
    counted = router.counters("mangle")
    came = {line.split()[3] for line, count in zip(sorted(counting), counted) if count}
    judge.rules(router, "DNAT", "blackholed-service,dnat-unroutable", nat, [address not in came for address in SERVICES[4]])


# --- masquerade-missing


def answers(judge):
    with Router() as router:
        switch = router.add("em2", "10.1.0.1/16")
        router.add("em1", "192.0.2.9/24")
        switch.ip("link add br0 type bridge")
        switch.ip("link set br0 up")
        switch.ip("link set far master br0")
        client, server = (Neighbour() for _ in range(2))
        router.neighbours += [client, server]
        for each, name, addresses in ((client, "port1", ["10.1.0.7/16"]),
                                      (server, "port2", ["10.1.0.5/16", "10.1.0.6/16"])):
            switch.ip(f"link add {name} type veth peer name far netns {each.process.pid}")
            switch.ip(f"link set {name} master br0 up")
            each.ip("link set far up")
            for address in addresses:
                each.ip(f"addr add {address} dev far")
            each.ip("route add default via 10.1.0.1")
        server.serve("10.1.0.5", "10.1.0.6")
        hairpins(judge, router, client)
        for localNet in (0, 1):
            router.set(f"net.ipv4.conf.em2.route_localnet={localNet}")
            loopback(judge, router, localNet)


def hairpins(judge, router, client):
    rules = [f"-A PREROUTING {condition} -p udp -m udp --dport {port} -j DNAT --to-destination {server}:7000"
             for port, (condition, server) in enumerate([
                 ("-d 192.0.2.9", "10.1.0.5"), ("-i em2", "10.1.0.5"), ("-d 10.1.0.1", "10.1.0.5"),
                 ("-d 192.0.2.9", "10.1.0.6"), ("-i em2", "10.1.0.6"), ("-d 203.0.113.1", "10.1.0.5")], 80)]
    text = "\n".join(["*nat", ":PREROUTING ACCEPT [0:0]", ":INPUT ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", ":POSTROUTING ACCEPT [0:0]",
                      *rules, "-A POSTROUTING -s 10.1.0.0/16 -d 10.1.0.6 -o em2 -j MASQUERADE", "COMMIT", ""])
    router.load(text)
    targets = ["192.0.2.9", "192.0.2.9", "10.1.0.1", "192.0.2.9", "192.0.2.9", "203.0.113.1"]
    lost = [not client.isAnswered(target, port) for port, target in enumerate(targets, 80)]
    judge.rules(router, "one link", "masquerade-missing", text, lost)


def loopback(judge, router, localNet):
    """MASQUERADE helps only where 127.0.0.1 is let out at all; that it is not, this check does not tell."""
    servers = {90: "10.1.0.5", 91: "10.1.0.6"}
    rules = [f"-A OUTPUT -d 127.0.0.1 -p udp -m udp --dport {port} -j DNAT --to-destination {server}:7000" for port, server in servers.items()]
    text = "\n".join(["*nat", ":PREROUTING ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", ":POSTROUTING ACCEPT [0:0]",
                      *rules, "-A POSTROUTING -d 10.1.0.6 -j MASQUERADE", "COMMIT", ""])
    router.load(text)
    lost = [run(sys.executable, "-c", ASK, "127.0.0.1", str(port)).strip() != "True" for port in servers]
    judge.rules(router, f"from 127.0.0.1, route_localnet {localNet}", "masquerade-missing", text, lost if localNet else [lost[0], None])


# --- route-loop


def loops(judge):
    with Router() as router:
        neighbour = router.add("em1", "192.0.2.9/24", "fd01::9/64")
        router.add("em2", "10.1.0.1/16")
        routes = {"10.10.0.0/16": "via 192.0.2.9", "10.11.0.0/16": "via 192.0.2.77 dev em1", "10.12.0.0/16": "via 192.0.2.78 dev em1",
                  "10.13.0.0/16": "via 192.0.2.1", "fd13::/16": "via fd01::1", "fd11::/16": "via fd01::77"}
        for destination, way in routes.items():
            router.ip(f"{'-6 ' if ':' in destination else ''}route add {destination} {way}")
        for address in ("192.0.2.77/24 dev em1", "192.0.2.78/32 dev em2", "fd01::77/64 dev em1 nodad"):
            router.ip(f"addr add {address}")
        neighbour.ip("addr add 192.0.2.1/24 dev far")
        neighbour.ip("addr add fd01::1/64 dev far nodad")
        lost = {destination: not reaches(neighbour, str(ipaddress.ip_network(destination)[1])) for destination in routes}
        judge.compare("gateways", foundRoutes(judge, router), lost)
        outOfLo(judge, router, neighbour)


def foundRoutes(judge, router):
    lines = router.texts()["routes"].splitlines()
    found = judge.findings(router, "route-loop", "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n").get("routes", set())
    return {lines[number - 1].split()[0] for number in found}


def reaches(neighbour, address):
    """Whether a packet of the router's is handed to the neighbour, whoever it is for."""
    name, offset, length = ("0x86dd", 38, 16) if ":" in address else ("0x0800", 30, 4)
    wanted = ipaddress.ip_address(address).packed.hex()
    watch = f"""
import socket, time
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons({name}))
print("ready", flush=True)
until = time.time() + 1.5
while time.time() < until:
    wire.settimeout(max(0.01, until - time.time()))
    try:
        frame = wire.recv(2000)
    except OSError:
        break
    if frame[{offset}:{offset + length}].hex() == "{wanted}":
        print("came")
        break
"""
    with subprocess.Popen(neighbour.command(sys.executable, "-c", watch), stdout=subprocess.PIPE, text=True) as watching:
        watching.stdout.readline()
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x", (address, 80))
        return watching.stdout.read().strip() == "came"


def outOfLo(judge, router, neighbour):
    routes = {"10.20.0.0/16": "dev lo", "10.21.0.0/16": "via 127.0.0.1", "10.22.0.0/16": "via 10.1.0.2", "10.1.0.1": "dev lo"}
    for destination, way in routes.items():
        router.ip(f"route add {destination} {way}")
    counting = [f"-A FORWARD -d {destination}" for destination in routes]
    router.load("\n".join(["*mangle", *counting, "COMMIT", ""]))
    deliver(router, neighbour, "em1", [udp("192.0.2.1", str(ipaddress.ip_network(destination)[-1])) for destination in routes])
    lost = {destination: count > 1 for destination, count in zip(routes, router.counters("mangle"))}
    judge.compare("out of lo", foundRoutes(judge, router), lost)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iptlint", required=True)
    options = parser.parse_args()
    if reason := machines.whyNot():
        print(f"skipped: {reason}")
        return 77
    judge = Judge(options.iptlint)
    for scene in (forwarding, reversePath, services, answers, loops):
        began, before = time.monotonic(), judge.asked
        scene(judge)
        print(f"{scene.__name__}: {judge.asked - before} questions, {time.monotonic() - began:.1f} s", flush=True)
    print(*judge.wrong, f"{judge.asked} questions, {judge.found} findings, {len(judge.wrong)} wrong", sep="\n")
    return 1 if judge.wrong or not 0 < judge.found < judge.asked else 0


if __name__ == "__main__":
    sys.exit(main())
