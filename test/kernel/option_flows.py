"""Packets of every kind of flow, with what Field.def says of each flow."""

import frames
from crafted import address
from delivery import ELSEWHERE
from flows import reversed_

NEW, ESTABLISHED, RELATED, INVALID, UNTRACKED = 0, 4, 8, 12, 13
DNAT = 2
EXPECTED, SEEN_REPLY, ASSURED, CONFIRMED = 1, 2, 4, 8
ENDS = {4: ("10.1.0.7", "10.2.0.9", "10.1.3.7"), 6: ("fd01::7", "fd02::9", "fd01::3:7")}


def udp(family, sport, dport, src=0):
    ends = ENDS[family]
    return {"family": family, "src": ends[src], "dst": ends[1], "proto": "udp", "sport": sport, "dport": dport}


def ofFlow(state, status, original, mark=0, reply=0, translatedTo=None):
    back = reversed_(original)
    back["src"] = translatedTo or back["src"]
    values = {"ctstate": state, "ct_status": status, "connmark": mark, "ct_reply": reply, "ct_proto": frames.UDP}
    for prefix, ends in (("ct_orig", original), ("ct_repl", back)):
        values |= {f"{prefix}_src": address(ends["src"]), f"{prefix}_dst": address(ends["dst"]),
                   f"{prefix}_sport": ends["sport"], f"{prefix}_dport": ends["dport"]}  # fmt: skip
    return values


class FlowPackets:
    """By name: the packet's bytes and the values of its fields. Making one puts its flow into the table."""

    def __init__(self, machine, family):
        self.flows, self.family = machine.flows, family
        self.flows.flush()

    def make(self, name):
        return getattr(self, name)()

    def new(self):
        packet = udp(self.family, 1000, 80)
        return frames.build(packet), ofFlow(NEW, 0, packet)

    def answered(self):
        packet = udp(self.family, 1002, 81)
        self.flows.add(packet, replied=True, mark=0x50)
        return frames.build(packet), ofFlow(ESTABLISHED, SEEN_REPLY | ASSURED | CONFIRMED, packet, 0x50)

    def answer(self):
        packet = udp(self.family, 1002, 81)
        self.flows.add(packet, replied=True, mark=0x50)
        return frames.build(reversed_(packet)), ofFlow(ESTABLISHED, SEEN_REPLY | ASSURED | CONFIRMED, packet, 0x50, 1)

    def translated(self):
        packet, to = udp(self.family, 1003, 80, src=2), ELSEWHERE[self.family]
        self.flows.add(packet, replied=True, dnat=to, mark=0x30)
        status = SEEN_REPLY | ASSURED | CONFIRMED
        return frames.build(packet), ofFlow(ESTABLISHED | DNAT, status, packet, 0x30, translatedTo=to)

    def related(self):
        packet, master = udp(self.family, 1004, 80), udp(self.family, 21, 1021)
        self.flows.add(master, replied=True)
        self.flows.add(packet, master=master)
        return frames.build(packet), ofFlow(RELATED, EXPECTED | CONFIRMED, packet)

    def invalid(self):
        packet = {**udp(self.family, 1005, 80), "proto": "tcp"}
        return frames.build(packet, malformed=True), {"ctstate": INVALID}

    def untracked(self):
        return frames.build(udp(self.family, 1006, 80), tos=1), {"ctstate": UNTRACKED}
