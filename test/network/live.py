"""Makes interfaces, addresses, bridges, routing rules and routes in a namespace of its own, has iptlint-opt read what
the programs that are there print of them, and compares that with what `ip` and `bridge` say in JSON.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

NAMESPACE = f"iptlint-network-{os.getpid()}"
SETUP = [
    "ip link set lo up",
    "ip link add br0 type bridge",
    "ip link add br1 type bridge",
    *(f"ip link add em{number} type veth peer name far{number}" for number in range(1, 6)),
    "ip link set em1 master br0", "ip link set em3 master br0", "ip link set em4 master br1",
    *(f"ip link set {name} up" for name in ("em1", "em2", "em3", "em5", "far1", "far2", "far3", "br0")),  # far5 is down
    "ip link set em2 mtu 1400", "ip link set em2 group 7", "ip link set em2 alias some-name",
    "ip addr add 10.0.0.1/24 brd + dev em2", "ip addr add 10.0.0.2/24 dev em2 label em2:1",
    "ip addr add 10.9.0.1/16 brd + dev em5 noprefixroute", "ip addr add 10.244.1.1/24 dev br0",
    "ip -6 addr add 2001:db8::1/64 dev em2 nodad", "ip -6 addr add 2001:db8:1::1/64 dev br0 nodad",
    "ip route add default via 10.0.0.254 dev em2 metric 100", "ip route add 10.7.0.0/16 via 10.0.0.9 dev em2 onlink",
    "ip route add 10.8.0.0/16 via 10.0.0.9 dev em2 table 100 metric 7", "ip route add unreachable 10.10.0.0/16",
    "ip route add 10.11.0.0/16 tos 0x10 dev em2", "ip -6 route add default via fe80::1 dev em2",
    # What they send away would be asked for the gateways above.
    "ip rule add pref 100 fwmark 1/0xff table 100",
    "ip rule add pref 110 not from 10.0.0.0/8 to 10.1.0.0/16 iif em1 tos 0x10 table 100",
    "ip rule add pref 120 oif gone unreachable", "ip rule add pref 130 goto 200", "ip rule add pref 200 nop",
    "ip rule add pref 210 uidrange 1000-2000 ipproto tcp sport 1-10 dport 80 table main suppress_prefixlength 0",
    "ip rule add pref 220 table 5 suppress_ifgroup 7", "ip rule add pref 230 from 10.9.0.0/16 prohibit",
    "ip rule add pref 240 blackhole", "ip -6 rule add pref 100 from 2001:db8::/32 iif lo table 100",
]
# Not every kernel can do these; what it cannot do is not printed. What ifconfig leaves out stands here, too: it has no part
# in what it is compared in.
OPTIONAL = [
    "ip addr add 172.16.0.1 peer 172.16.0.2/32 dev em2",
    "ip link add vx0 type vxlan id 42 local 10.0.0.1 dev em2 dstport 4789",
    "ip link add blue type vrf table 77", "ip link add dummy0 type dummy", "ip link set dummy0 master blue",
    "ip nexthop add id 7 via 10.0.0.3 dev em2", "ip nexthop add id 8 via 10.0.0.4 dev em2",
    "ip nexthop add id 9 group 7/8,3", "ip route add 10.17.0.0/16 nhid 9", "ip route add 10.18.0.0/16 nhid 7",
]


def inside(command):
    return subprocess.run(["ip", "netns", "exec", NAMESPACE, *command.split()], capture_output=True, text=True)


def ask(command):
    return json.loads(inside(command).stdout)


def read(option, text):
    """The lines that iptlint-opt prints; findings of errors are a failure."""
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(text)
        file.flush()
        ran = subprocess.run(["iptlint-opt", "--network", f"{option}={file.name}"], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr + text
    return ran.stdout.splitlines()


def fields(words):
    """`index 2 up yes` as a dictionary."""
    return dict(zip(words[::2], words[1::2]))


# --- interfaces


def whatIpSays(interface):
    flags = interface["flags"]
    isUp = "UP" in flags
    said = {"index": str(interface["ifindex"]), "mtu": str(interface["mtu"]), "up": "yes" if isUp else "no"}
    if isUp:
        said["carrier"] = "yes" if "LOWER_UP" in flags else "no"
    if interface["link_type"] in ("ether", "loopback"):
        said["mac"] = interface["address"]
    for key, name in (("master", "master"), ("group", "group")):
        if name in interface:
            said[key] = interface[name]
    info = interface.get("linkinfo", {})
    if "info_kind" in info:
        said["kind"] = info["info_kind"]
    return said


def addressesThatIpSays(interface):
    said = set()
    for address in interface["addr_info"]:
        text = f"{address['local']}/{address['prefixlen']}"
        if "address" in address:
            text += f" peer {address['address']}"
        if "broadcast" in address:
            text += f" broadcast {address['broadcast']}"
        text += f" scope {address['scope']}"
        for flag, word in (("secondary", "secondary"), ("tentative", "unusable"), ("noprefixroute", "noprefixroute")):
            text += f" {word}" if address.get(flag) else ""
        said.add(text)
    return said


def interfacesRead(lines):
    found, addresses = {}, {}
    for line in lines:
        words = line.replace(" loopback", "").replace(" point-to-point", "").replace(" no-arp", "").split()
        if words[0] == "interface":
            name = words[1]
            found[name] = fields(words[2:])
            addresses[name] = set()
        elif line.startswith("  address"):
            addresses[name].add(line.split(maxsplit=1)[1])
    return found, addresses


def withoutScope(addresses):
    """No more than address, length and peer."""
    return {" ".join(text.split()[:3] if " peer " in text else text.split()[:1]) for text in addresses}


def compareInterfaces(command, keys, whole):
    """keys: what the form shows. whole: whether it shows all that there is about addresses."""
    found, addresses = interfacesRead(read("--addresses", inside(command).stdout))
    wrong = []
    for interface in ask("ip -j -d addr"):
        name = interface["ifname"]
        said = {key: value for key, value in whatIpSays(interface).items() if key in keys}
        wanted = addressesThatIpSays(interface)
        got = {key: value for key, value in found.get(name, {}).items() if key in keys}
        had = addresses.get(name, set())
        if not whole:
            wanted, had = withoutScope(wanted), withoutScope(had)
        if "ifconfig" in command:  # which leaves out an address that has the label of another
            wanted = {text for text in wanted if "peer" not in text}
        if "addr" not in command and "ifconfig" not in command:
            wanted = set()
        if got != said and not (not said and name not in found):
            wrong.append(f"{command}: {name}: {got} in place of {said}")
        if had != wanted:
            wrong.append(f"{command}: {name}: {had} in place of {wanted}")
    return wrong


FULL = {"index", "mtu", "up", "carrier", "mac", "master", "group"}
INTERFACES = [
    ("ip addr", FULL, True), ("ip -d addr", FULL | {"kind"}, True), ("ip -s addr", FULL, True), ("ip -o addr", set(), True),
    ("ip link", FULL, True), ("ip -o link", FULL, True), ("ip -d link", FULL | {"kind"}, True), ("ip -br addr", set(), False),
    ("ip -br link", {"up", "carrier", "mac"}, True), ("ifconfig -a", {"mtu", "up", "carrier"}, False),
    ("busybox ifconfig -a", {"mtu", "up", "carrier"}, False),
]

# --- bridges


def compareBridges(command):
    found = {}
    for line in read("--bridges", inside(command).stdout):
        words = line.split()
        found[words[1]] = set(words[words.index("ports") + 1:]) if "ports" in words else set()
    said = {}
    for interface in ask("ip -j link show type bridge"):
        said[interface["ifname"]] = {port["ifname"] for port in ask(f"ip -j link show master {interface['ifname']}")}
    return [] if found == said else [f"{command}: {found} in place of {said}"]


# --- rules


def ruleThatIpSays(rule, family):
    any = "0.0.0.0/0" if family == 4 else "::/0"
    bits = "32" if family == 4 else "128"

    def block(name, length):
        return any if rule.get(name, "all") == "all" else f"{rule[name]}/{rule.get(length, bits)}"

    text = f"rule ipv{family} {rule['priority']}" + (" not" if "not" in rule else "")
    text += f" from {block('src', 'srclen')} to {block('dst', 'dstlen')}"
    for key in ("iif", "oif"):
        text += f" {key} {rule[key]}" if key in rule else ""
    text += f" fwmark {rule['fwmark']}/{rule.get('fwmask', '0xffffffff')}" if "fwmark" in rule else ""
    text += f" tos {rule['tos']}" if "tos" in rule else ""
    text += " ipproto 6" if rule.get("ipproto") == "tcp" else ""
    for key in ("sport", "dport"):
        if key in rule:
            text += f" {key} {rule[key]}-{rule[key]}"
        elif f"{key}_start" in rule:
            text += f" {key} {rule[f'{key}_start']}-{rule[f'{key}_end']}"
    text += f" uidrange {rule['uid_start']}-{rule['uid_end']}" if "uid_start" in rule else ""
    if "table" in rule:
        text += f" lookup {rule['table']}"
    elif "goto" in rule:
        text += f" goto {rule['goto']}"
    elif "nop" in rule:
        text += " nop"
    elif "action" in rule:
        text += f" {rule['action']}"
    text += f" suppress_prefixlength {rule['suppress_prefixlen']}" if "suppress_prefixlen" in rule else ""
    text += f" suppress_ifgroup {rule['suppress_ifgroup']}" if "suppress_ifgroup" in rule else ""
    return text


def compareRules():
    wrong = []
    for family in (4, 6):
        said = [ruleThatIpSays(rule, family) for rule in ask(f"ip -{family} -j rule")]
        for command in (f"ip -{family} rule", f"ip -{family} -d rule", f"ip -{family} -N rule"):
            lines = [line for line in read("--rules", inside(command).stdout) if line.startswith("rule")]
            wrong += [] if lines == said else [f"{command}: {lines} in place of {said}"]
    return wrong


# --- routes


def routeThatIpSays(route, family):
    bits = 32 if family == 4 else 128
    destination = "0.0.0.0/0" if family == 4 else "::/0"
    if route["dst"] != "default":
        destination = route["dst"] if "/" in route["dst"] else f"{route['dst']}/{bits}"
    hops = []
    for hop in route.get("nexthops", [route]):
        text = f"via {hop['gateway']} " if "gateway" in hop else ""
        text += f"dev {hop['dev']}" if "dev" in hop else ""
        text += f" weight {hop['weight']}" if hop.get("weight", 1) != 1 else ""
        for flag in ("onlink", "dead", "linkdown"):
            text += f" {flag}" if flag in hop.get("flags", []) else ""
        hops.append(text)
    if route.get("type", "unicast") in ("unreachable", "blackhole", "prohibit", "throw"):
        hops = []
    # `ip` shows a metric of IPv6 even if it is 0, and iptlint-opt shows none then.
    tos = f" tos {route['tos']}" if "tos" in route else ""
    return (route.get("type", "unicast"), destination, route.get("table", "main"), route.get("metric", 0), tos, tuple(hops))


def routesRead(lines):
    found = []
    for line in lines:
        words = line.split()
        if words[0] == "route":
            said = fields([word for word in words[4:] if word not in ("opaque", "broken")])
            tos = f" tos {said['tos']}" if "tos" in said else ""
            found.append([words[2], words[3], said.get("table", "main"), int(said.get("metric", 0)), tos, ()])
        elif line.startswith("  hop"):
            found[-1][-1] += (line[6:],)
    return [tuple(route) for route in found]


def compareRoutes():
    wrong = []
    for family in (4, 6):
        for table in ("main", "all"):
            said = [routeThatIpSays(route, family) for route in ask(f"ip -{family} -j route show table {table}")]
            for options in ("", "-d ", "-o "):
                command = f"ip -{family} {options}route show table {table}"
                found = routesRead(read("--routes", inside(command).stdout))
                wrong += [] if found == said else [f"{command}: {found} in place of {said}"]
    return wrong


def compareColumns(command, family):
    """`route` shows of each route less than `ip` does: destinations with their first next hop, in the order of each."""
    found = sorted((route[1], route[5][0].split(" weight")[0] if route[5] else "") for route in routesRead(read("--routes", inside(command).stdout))
                   if route[2] == "main")
    said = []
    for route in ask(f"ip -{family} -j route"):
        kind, destination, _, _, _, hops = routeThatIpSays(route, family)
        first = hops[0].split(" weight")[0] if hops else ""
        said.append((destination, first.replace(" onlink", "").replace(" dead", "").replace(" linkdown", "")))
    return [] if found == sorted(said) else [f"{command}: {found} in place of {sorted(said)}"]


def isThere(command):
    if shutil.which(command.split()[0]):
        return True
    print(f"skipped, the program is missing: {command}")
    return False


def main():
    for command in SETUP:
        ran = inside(command)
        assert ran.returncode == 0, f"{command}: {ran.stderr}"
    for command in OPTIONAL:
        inside(command)
    wrong = compareRules() + compareRoutes()
    for command, keys, whole in INTERFACES:
        wrong += compareInterfaces(command, keys, whole) if isThere(command) else []
    for command in ("brctl show", "bridge link"):
        wrong += compareBridges(command) if isThere(command) else []
    for command in ("route -n", "netstat -rn", "busybox route -n"):
        wrong += compareColumns(command, 4) if isThere(command) else []
    print("\n".join(wrong))
    print(f"{len(wrong)} wrong")
    return 1 if wrong else 0


subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
try:
    sys.exit(main())
finally:
    subprocess.run(["ip", "netns", "delete", NAMESPACE], check=True)
