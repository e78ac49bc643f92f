"""Machines by chance for trace.py: legs with addresses, routes, routing rules, filters, and packets that meet them."""

import ipaddress
import random

LEGS = ("em1", "em2", "cni0")
PORTS = (22, 53, 80, 443, 3000, 8080)
MARKS = ("0x1", "0x2", "0x4000", "0x4000/0x4000", "0x3/0xff")
CHAINS = ("KUBE", "LOGS", "web")
BUILT_IN = {
    "raw": ("PREROUTING", "OUTPUT"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
}
RECEIVING, SENDING = ("PREROUTING", "INPUT", "FORWARD"), ("FORWARD", "OUTPUT", "POSTROUTING")


class Plan:
    """What crossroads.py builds, and the addresses that are of interest in it."""

    def __init__(self, seed):
        self.pick = random.Random(seed)
        pick = self.pick
        self.legs = {name: {4: [], 6: []} for name in LEGS[: pick.choice([2, 3, 3])]}
        self.own, self.near, self.away = {4: [], 6: []}, {4: [], 6: []}, {4: [], 6: []}
        for at, name in enumerate(self.legs):
            self.addAddresses(name, at)
        self.away[4] = ["8.8.8.8", "172.16.5.5", "10.96.0.10", "192.0.2.77", "100.64.1.1"]
        self.away[6] = ["2001:db8:8::8", "fd96::10", "2001:db8:77::1"]
        self.routes = {family: self.someRoutes(family) for family in (4, 6)}
        self.rules = {family: self.someRules(family) for family in (4, 6)}
        self.settings = {"ipv4/ip_forward": int(pick.random() < 0.9), "ipv6/conf/all/forwarding": int(pick.random() < 0.9)}
        self.late = {f"ipv4/conf/{name}/rp_filter": pick.choice([0, 0, 0, 1, 2]) for name in self.legs}

    def addAddresses(self, name, at):
        pick, leg = self.pick, self.legs[name]
        for _ in range(pick.choice([1, 1, 2])):
            network = ipaddress.ip_network(f"{pick.choice(['10', '10', '192'])}.{pick.choice([1, 168, 244])}.{at * 4 + pick.randrange(4)}.0/{pick.choice([24, 24, 24, 16])}", strict=False)
            self.addTo(leg, network, pick.randrange(1, 100), 4)
        self.addTo(leg, ipaddress.ip_network(f"fd00:{at + 1:x}::/64"), pick.randrange(1, 100), 6)

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
        for _ in range(pick.randrange(5)):
            target = ipaddress.ip_network(f"{pick.choice(self.away[family])}/{pick.choice([8, 16, 24, 32] if family == 4 else [32, 48, 128])}", strict=False)
            how = pick.choice([f"via {pick.choice(self.near[family])}", f"dev {pick.choice(list(self.legs))}", "kind"])
            table = pick.choice(["", "", " table 100", " table 101"])
            if how == "kind":
                lines.append(f"{pick.choice(['unreachable', 'prohibit', 'blackhole', 'throw'])} {target}{table}")
            else:
                lines.append(f"{target} {how}{pick.choice(['', ' metric 5', ' metric 50'])}{table}")
        lines.append(f"default dev {pick.choice(list(self.legs))} table 100")
        return lines

    def someRules(self, family):
        pick, lines = self.pick, []
        for preference in range(100, 100 + pick.randrange(4)):
            selector = pick.choice([f"fwmark {pick.choice(['0x1', '0x4000/0x4000'])}", f"from {pick.choice(self.near[family])}",
                                    f"to {pick.choice(self.away[family])}", f"iif {pick.choice(list(self.legs))}"])  # fmt: skip
            lines.append(f"pref {preference} {selector} {pick.choice(['lookup 100', 'lookup 100', 'lookup 101', 'unreachable', 'blackhole'])}")
        return lines

    def asDict(self):
        return {name: getattr(self, name) for name in ("legs", "routes", "rules", "settings", "late")}

    def address(self, family):
        return self.pick.choice([*self.own[family], *self.near[family], *self.away[family]])


class Filter:
    """Rules by chance, all tables with all chains, as iptables-save text."""

    def __init__(self, plan, family, seed):
        self.plan, self.family, self.pick = plan, family, random.Random(seed)
        self.text = "".join(self.table(name) for name in BUILT_IN)

    def table(self, name):
        pick = self.pick
        lines = [f"*{name}"]
        lines += [f":{chain} {pick.choice(['ACCEPT', 'ACCEPT', 'ACCEPT', 'DROP'] if name == 'filter' else ['ACCEPT'])} [0:0]" for chain in BUILT_IN[name]]
        users = CHAINS[: pick.choice([0, 1, 2, 3])] if name != "raw" else ()
        lines += [f":{chain} - [0:0]" for chain in users]
        for chain in BUILT_IN[name]:
            lines += [self.rule(name, chain, users) for _ in range(pick.choice([0, 1, 2, 3, 4]))]
        for at, chain in enumerate(users):
            lines += [self.rule(name, chain, users[at + 1 :]) for _ in range(pick.choice([1, 2, 3]))]
        return "\n".join([*lines, "COMMIT", ""])

    def rule(self, table, chain, callable_):
        target, needsPort = self.target(table, chain, callable_)
        return f"-A {chain}{self.conditions(table, chain, needsPort)} {target}"

    def conditions(self, table, chain, needsPort):
        pick, words = self.pick, []
        if pick.random() < 0.3:
            words.append(f"{self.negation()}-s {self.prefix()}")
        if pick.random() < 0.4:
            words.append(f"{self.negation()}-d {self.prefix()}")
        if chain in RECEIVING and pick.random() < 0.3:
            words.append(f"{self.negation()}-i {pick.choice([*self.plan.legs, 'em+', 'lo'])}")
        if chain in SENDING and pick.random() < 0.3:
            words.append(f"{self.negation()}-o {pick.choice([*self.plan.legs, 'em+', 'lo'])}")
        if needsPort or pick.random() < 0.4:
            protocol = pick.choice(["tcp", "udp"])
            words.append(f"-p {protocol} -m {protocol}" + (f" --dport {pick.choice(PORTS)}" if needsPort or pick.random() < 0.6 else f" --sport {pick.choice([0, 1024])}:65535"))
        if pick.random() < 0.2:
            words.append(f"-m mark {self.negation()}--mark {pick.choice(MARKS)}")
        if table != "raw" and pick.random() < 0.15:
            words.append(f"-m conntrack --ctstate {pick.choice(['NEW', 'ESTABLISHED,RELATED', 'INVALID'])}")
        if self.family == 4 and pick.random() < 0.15:
            words.append(f"-m addrtype {self.negation()}--dst-type {pick.choice(['LOCAL', 'UNICAST', 'BROADCAST'])}")
        return "".join(" " + word for word in words)

    def negation(self):
        return "! " if self.pick.random() < 0.2 else ""

    def prefix(self):
        lengths = [8, 16, 24, 32, 32] if self.family == 4 else [16, 48, 64, 128, 128]
        return ipaddress.ip_network(f"{self.plan.address(self.family)}/{self.pick.choice(lengths)}", strict=False)

    def target(self, table, chain, callable_):
        """A target, and whether it demands a protocol with ports."""
        pick = self.pick
        choices = ["-j ACCEPT", "-j RETURN", *(f"-j {name}" for name in callable_), *(f"-j {name}" for name in callable_), *(f"-g {name}" for name in callable_)]
        if table == "filter":
            choices += ["-j DROP", "-j REJECT", "-j LOG", ""]
        elif table == "mangle":
            choices += [f"-j MARK --set-xmark {pick.choice(MARKS)}"] * 4 + ["-j DROP"] * (pick.random() < 0.2)
        elif table == "raw":
            choices = ["-j ACCEPT", "-j CT --notrack", ""]
        elif table == "nat":
            return self.translation(chain, choices)
        return pick.choice(choices), False

    def translation(self, chain, choices):
        pick = self.pick
        to = pick.choice([*self.plan.near[self.family], *self.plan.own[self.family]])
        host = to if self.family == 4 else f"[{to}]"
        if chain in ("PREROUTING", "OUTPUT"):
            port = pick.choice(PORTS)
            made = [f"-j DNAT --to-destination {to}", f"-j DNAT --to-destination {host}:{port}", "-j REDIRECT", f"-j REDIRECT --to-ports {port}"]
        elif chain in ("INPUT", "POSTROUTING"):
            made = [f"-j SNAT --to-source {to}"] + ["-j MASQUERADE", "-j MASQUERADE"] * (chain == "POSTROUTING")
        else:
            return pick.choice([*choices, "-j MARK --set-xmark 0x4000/0x4000"]), False
        chosen = pick.choice(made * 2 + choices + ["-j MARK --set-xmark 0x4000/0x4000"])
        return chosen, chosen.endswith(tuple(f":{port}" for port in PORTS)) and self.family == 4 or "]:" in chosen or "--to-ports" in chosen


def packet(plan, family, pick, number):
    """A PACKET: from the wire, or of a socket; each of a flow of its own."""
    into = pick.choice([*plan.legs, *plan.legs, None])
    made = {"family": family, "in": into, "dst": plan.address(family), "proto": pick.choice(["tcp", "udp"]),
            "sport": 20000 + number, "dport": pick.choice(PORTS)}  # fmt: skip
    if into:
        made["src"] = pick.choice([*plan.near[family], *plan.away[family], plan.address(family)])
        made["ttl"] = pick.choice([64, 64, 64, 64, 1, 2])
    elif pick.random() < 0.4:
        made["src"] = pick.choice(plan.own[family])
    if pick.random() < 0.2:
        made["mark"] = pick.choice([1, 2, 0x4000])
    if family == 4 and into and pick.random() < 0.08:
        made["dst"] = pick.choice(["127.0.0.1", "255.255.255.255", "224.0.0.1", "0.0.0.0"])
    if not into and not isUnicast(plan, made["dst"]):
        made["proto"] = "udp"  # a socket of TCP takes no other address
    return made


def isUnicast(plan, address):
    """Whether it is no broadcast address of a leg."""
    networks = [ipaddress.ip_interface(each.split()[0]).network for leg in plan.legs.values() for each in leg[4]]
    return ":" in address or not any(address == str(network.broadcast_address) for network in networks)
