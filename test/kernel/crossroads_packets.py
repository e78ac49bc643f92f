"""Packets by chance for the machines of trace.py: from the wire or of a socket, each of a flow of its own."""

from crossroads_plans import PORTS, TOSES

ODD_FLAGS = (["ACK"], ["RST"], ["SYN", "ACK"], ["FIN", "ACK"], ["SYN", "FIN"], [], ["SYN", "ECE", "CWR"], ["PSH", "ACK"])
ODD_TYPES = {4: ((0, 0), (3, 3), (11, 0), (13, 0), (5, 1)), 6: ((129, 0), (1, 4), (3, 0), (2, 0), (139, 0))}
ODD_TARGETS = ("127.0.0.1", "255.255.255.255", "224.0.0.1", "0.0.0.0")


def packet(plan, family, pick, number, ports=PORTS):
    into = pick.choice([*plan.legs, *plan.legs, None, None])
    made = {"family": family, "in": into, "dst": plan.address(family), "proto": pick.choice(["tcp", "tcp", "udp", "udp", "icmp"])}
    if into:
        made["src"] = pick.choice([*plan.near[family], *plan.away[family], plan.address(family)])
        made["ttl"] = pick.choice([64] * 8 + [1, 2])
        addFrame(made, pick)
    elif pick.random() < 0.4:
        made["src"] = pick.choice(plan.own[family])
    if not into and (pick.random() < 0.1 or "fe80:" in made["dst"] + made.get("src", "")):
        made["out"] = pick.choice(list(plan.legs))  # which its socket is bound to
    if pick.random() < 0.2:
        made["mark"] = pick.choice([1, 2, 0x4000])
    if pick.random() < 0.2:
        made["tos"] = int(pick.choice(TOSES), 16)
    if family == 4 and into and pick.random() < 0.08:
        made["dst"] = pick.choice(ODD_TARGETS)
    if not into and plan.isBroadcast(made["dst"]):
        made["proto"] = "udp"  # no other socket takes such an address
    addTransport(made, pick, number, ports)
    return made


def addFrame(made, pick):
    made["mac"] = pick.choice(["02:00:00:00:00:01", "02:00:00:00:00:01", "02:00:00:00:00:77"])
    if pick.random() < 0.04:
        made["mac_destination"] = pick.choice(["ff:ff:ff:ff:ff:ff", "02:00:00:00:99:99"])
    if pick.random() < 0.2:
        made["length"] = pick.choice([100, 500, 1200])


def addTransport(made, pick, number, ports):
    if made["proto"] == "icmp":
        odd = made["in"] and pick.random() < 0.3
        kind, code = pick.choice(ODD_TYPES[made["family"]]) if odd else (8 if made["family"] == 4 else 128, 0)
        return made.update(icmp_type=kind, icmp_code=code, icmp_id=20000 + number)
    made.update(sport=20000 + number, dport=pick.choice(ports))
    if made["proto"] == "tcp" and made["in"] and pick.random() < 0.2:
        made["tcp_flags"] = pick.choice(ODD_FLAGS)


def beginsFlow(sent):
    """Whether somebody would answer it, so that there are later packets."""
    return {"tcp": sent.get("tcp_flags", ["SYN"]) == ["SYN"], "udp": True, "icmp": sent.get("icmp_type") in (8, 128)}[sent["proto"]]
