"""The nat table of a node with many services, as kube-proxy 1.28 writes it.

A service has one to three endpoints; one in ten has a node port as well, as long as there are node ports.
"""
import base64
import hashlib

from .text import Table, address

PODS = "10.244.0.0/16"
POD_NETWORK, SERVICE_NETWORK = 10 << 24 | 244 << 16, 10 << 24 | 96 << 16
NODE_PORTS = range(30000, 32768)
# The probability of the first of n endpoints, in 31 bits, as iptables-save prints it.
PROBABILITY = {3: "0.33333333349", 2: "0.50000000000"}


def chainName(kind, text):
    """Source: kubernetes, pkg/proxy/iptables/proxier.go, portProtoHash() and servicePortEndpointChainName()."""
    return f"KUBE-{kind}-" + base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:16]


def comment(text):
    return f'-m comment --comment "{text}"'


class Service:
    def __init__(self, number, dice):
        self.name = f"team-{number % 97}/service-{number}:http"
        self.proto = "udp" if dice.chance(1, 12) else "tcp"
        self.address = address(SERVICE_NETWORK + 1 + number)
        self.port = dice.pick((80, 443, 3000, 5432, 8080, 9090))
        self.chain = chainName("SVC", self.name + self.proto)
        self.external = chainName("EXT", self.name + self.proto)
        endpoints = {POD_NETWORK + dice.between(257, 65279) for _ in range(dice.between(1, 3))}
        self.endpoints = [f"{address(pod)}:{8000 + self.port % 1000}" for pod in sorted(endpoints)]

    def endpointChain(self, endpoint):
        return chainName("SEP", self.name + self.proto + endpoint)


def addService(table, service):
    proto = service.proto
    to = f"-d {service.address}/32 -p {proto} {comment(service.name + ' cluster IP')} -m {proto} --dport {service.port}"
    table.add("KUBE-SERVICES", to, f"-j {service.chain}")
    table.add(service.chain, f"! -s {PODS} {to}", "-j KUBE-MARK-MASQ")
    for index, endpoint in enumerate(service.endpoints):
        chain = service.endpointChain(endpoint)
        left = len(service.endpoints) - index
        chance = f" -m statistic --mode random --probability {PROBABILITY[left]}" if left > 1 else ""
        table.add(service.chain, comment(f"{service.name} -> {endpoint}") + chance, f"-j {chain}")
        table.add(chain, f"-s {endpoint.split(':')[0]}/32 {comment(service.name)}", "-j KUBE-MARK-MASQ")
        table.add(chain, f"-p {proto} {comment(service.name)} -m {proto}", f"-j DNAT --to-destination {endpoint}")


def addNodePort(table, service, port):
    proto = service.proto
    table.add("KUBE-NODEPORTS", f"-p {proto} {comment(service.name)} -m {proto} --dport {port}", f"-j {service.external}")
    masquerade = comment(f"masquerade traffic for {service.name} external destinations")
    table.add(service.external, masquerade, "-j KUBE-MARK-MASQ")
    table.add(service.external, "", f"-j {service.chain}")


def addFrame(table):
    portals = comment("kubernetes service portals")
    table.add("PREROUTING", portals, "-j KUBE-SERVICES")
    table.add("OUTPUT", portals, "-j KUBE-SERVICES")
    table.add("POSTROUTING", comment("kubernetes postrouting rules"), "-j KUBE-POSTROUTING")
    table.add("KUBE-MARK-MASQ", "", "-j MARK --set-xmark 0x4000/0x4000")
    table.add("KUBE-POSTROUTING", "-m mark ! --mark 0x4000/0x4000", "-j RETURN")
    table.add("KUBE-POSTROUTING", "", "-j MARK --set-xmark 0x4000/0x0")
    table.add("KUBE-POSTROUTING", comment("kubernetes service traffic requiring SNAT"), "-j MASQUERADE --random-fully")


def generate(count, dice):
    table = Table("nat")
    addFrame(table)
    nodePorts = iter(NODE_PORTS)
    number = 0
    while table.size < count - 1:
        service = Service(number, dice)
        number += 1
        addService(table, service)
        port = next(nodePorts, None) if dice.chance(1, 10) else None
        if port:
            addNodePort(table, service, port)
    table.declare("KUBE-NODEPORTS")
    last = "kubernetes service nodeports; NOTE: this must be the last rule in this chain"
    table.add("KUBE-SERVICES", f"{comment(last)} -m addrtype --dst-type LOCAL", "-j KUBE-NODEPORTS")
    return [table]
