"""One host and one port to a rule: what an allow list of services, or of customers' machines, looks like.

Every rule accepts other packets than all others, so their order does not matter, and a packet is looked for in all of
them. Hosts lie anywhere in 10.0.0.0/8; one rule in four is for a host that has one already.
"""
from .text import Table, address

SHARED = (1, 4)  # the chance that a rule is for a host which has one already


def pairs(count, dice, without=frozenset()):
    """So many different pairs of a host, as a number, and a port, none of them in `without`."""
    found = {}
    hosts = []
    while len(found) < count:
        host = dice.pick(hosts) if hosts and dice.chance(*SHARED) else 10 << 24 | dice.between(1, (1 << 24) - 2)
        hosts.append(host)
        pair = host, dice.between(1, 65535)
        if pair not in without:
            found[pair] = None
    return list(found)


def generate(count, dice):
    table = Table("filter", {"FORWARD": "DROP"})
    for host, port in pairs(count, dice):
        table.add("FORWARD", f"-s {address(host)}/32 -p tcp -m tcp --dport {port}", "-j ACCEPT")
    return [table]
