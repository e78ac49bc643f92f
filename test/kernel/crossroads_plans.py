"""Machines by chance for trace.py: legs with addresses, a bridge, routes, routing rules, settings."""

import ipaddress
import random

LEGS = ("em1", "em2", "cni0", "br0")
BRIDGES = {"br0": "port0"}
PORTS = (22, 53, 80, 443, 3000, 8080)
TOSES = ("0x04", "0x08", "0x10")
LATE = {"rp_filter": [0] * 6 + [1, 2], "forwarding": [1] * 12 + [0], "accept_local": [0] * 7 + [1],
        "route_localnet": [0] * 7 + [1], "send_redirects": [1, 1, 0], "src_valid_mark": [0, 0, 1]}  # fmt: skip


class Machine:
    """What crossroads.py builds."""

    def __init__(self, legs, routes=(), routes6=()):
        """\\p legs  names with their addresses and prefixes, of IPv4 and of IPv6."""
        self.legs, self.bridges = legs, {}
        self.routes, self.rules = {4: routes, 6: routes6}, {4: [], 6: []}
        self.settings, self.late = {}, {}

    def asDict(self):
        return {name: getattr(self, name) for name in ("legs", "bridges", "routes", "rules", "settings", "late")}

    def rulesReadTransport(self, family):
        """What the routing of a raw socket does not know."""
        return any("ipproto" in line for line in self.rules[family])

    def isBroadcast(self, address):
        networks = [ipaddress.ip_interface(each.split()[0]).network for leg in self.legs.values() for each in leg[4]]
        return ":" not in address and any(address == str(network.broadcast_address) for network in networks)

    def isOwn(self, address):
        return address in ("127.0.0.1", "::1", *(each.split("/")[0] for leg in self.legs.values() for family in (4, 6) for each in leg[family]))


class Plan(Machine):
    """One by chance, with the addresses that are of interest in it."""

    def __init__(self, seed):
        super().__init__({})
        pick = self.pick = random.Random(seed)
        self.legs = {name: {4: [], 6: []} for name in LEGS[: pick.choice([2, 3, 3, 4])]}
        self.bridges = {name: port for name, port in BRIDGES.items() if name in self.legs}
        self.own, self.near, self.away = {4: [], 6: []}, {4: [], 6: []}, {4: [], 6: []}
        for at, name in enumerate(self.legs):
            self.addAddresses(name, at)
        self.away[4] = ["8.8.8.8", "172.16.5.5", "10.96.0.10", "192.0.2.77", "100.64.1.1"]
        self.away[6] = ["2001:db8:8::8", "fd96::10", "2001:db8:77::1"]
        self.routes = {family: self.someRoutes(family) for family in (4, 6)}
        self.rules = {family: self.someRules(family) for family in (4, 6)}
        self.settings = {"ipv4/ip_forward": int(pick.random() < 0.9), "ipv6/conf/all/forwarding": int(pick.random() < 0.9)}
        isRouter = self.settings["ipv4/ip_forward"]
        self.late = {f"ipv4/conf/{leg}/{name}": pick.choice(values) for leg in self.legs for name, values in LATE.items() if isRouter or name != "forwarding"}

    def addAddresses(self, name, at):
        pick, leg = self.pick, self.legs[name]
        for _ in range(pick.choice([1, 1, 2])):
            start = f"{pick.choice(['10', '10', '192'])}.{pick.choice([1, 168, 244])}.{at * 4 + pick.randrange(4)}.0"
            network = ipaddress.ip_network(f"{start}/{pick.choice([24, 24, 24, 16])}", strict=False)
            self.addTo(leg, network, pick.randrange(1, 100), 4)
        for block in range(pick.choice([1, 1, 2])):
            self.addTo(leg, ipaddress.ip_network(f"fd00:{at + 1:x}:{block}::/{pick.choice([64, 64, 96])}"), pick.randrange(1, 100), 6)

    def addTo(self, leg, network, host, family):
        leg[family].append(f"{network[host]}/{network.prefixlen}" + (" brd +" if family == 4 else ""))
        self.own[family].append(str(network[host]))
        self.near[family] += [str(network[host + 1]), str(network[host + 50])]
        if family == 4:
            self.near[4] += [str(network[-1]), str(network[0])]

    def someRoutes(self, family):
        pick, lines = self.pick, []
        gateway = pick.choice(self.near[family][:2])
        if pick.random() < 0.85:
            lines.append(f"default via {gateway}")
        for _ in range(pick.randrange(6)):
            target = ipaddress.ip_network(f"{pick.choice(self.away[family])}/{pick.choice([8, 16, 24, 32] if family == 4 else [32, 48, 128])}", strict=False)
            table = pick.choice(["", "", " table 100", " table 101"])
            if pick.random() < 0.75:
                lines.append(f"{target} {self.someHop(family)}{table}")
            else:
                lines.append(f"{pick.choice(['unreachable', 'prohibit', 'blackhole', 'throw'])} {target}{table}")
        lines.append(f"default dev {pick.choice(list(self.legs))} table 100")
        return lines

    def someHop(self, family):
        pick = self.pick
        via, device = (lambda: f"via {pick.choice(self.near[family])}"), f"dev {pick.choice(list(self.legs))}"
        if pick.random() < 0.12:
            return f"nexthop {via()} weight {pick.choice([1, 2])} nexthop {via()} weight 1"
        tos = f"tos {pick.choice(TOSES)} " * (family == 4 and pick.random() < 0.1)
        source = f" src {pick.choice(self.own[family])}" * (pick.random() < 0.1)
        return tos + pick.choice([via(), device]) + source + pick.choice(["", "", " metric 5", " metric 50"])

    def someRules(self, family):
        pick, lines = self.pick, []
        for preference in range(100, 100 + pick.randrange(5)):
            selector = pick.choice(["fwmark 0x1", "fwmark 0x4000/0x4000", f"from {pick.choice(self.near[family])}", f"to {pick.choice(self.away[family])}",
                                    f"iif {pick.choice(['lo', *self.legs])}", f"tos {pick.choice(TOSES)}", f"ipproto {pick.choice(['tcp', 'udp'])}",
                                    f"ipproto udp dport {pick.choice(PORTS)}", "ipproto tcp sport 20000-40000"])  # fmt: skip
            negation = "not " * (pick.random() < 0.1)
            action = pick.choice(["lookup 100", "lookup 100", "lookup 101", "lookup main suppress_prefixlength 0", "unreachable", "blackhole"])
            lines.append(f"{negation}pref {preference} {selector} {action}")
        return lines

    def address(self, family):
        return self.pick.choice([*self.own[family], *self.near[family], *self.away[family]])
