"""What `iptlint trace` tells and what the kernel does, in the same terms, so that trace.py can compare them.

A way is one of the tool's, as JSON; a Journey (crossroads.py) is what the kernel said.
"""

import ipaddress

import frames
from crossroads_send import MAC, Seen, lengthOf

OPTIONS = {"in": "-i", "out": "-o", "src": "-s", "sport": "--sport", "dst": "-d", "dport": "--dport", "ttl": "--ttl", "mark": "--mark", "tos": "--tos",
           "mac_destination": "--mac-destination"}  # fmt: skip
REJECTIONS = {
    "icmp-net-unreachable": (3, 0), "icmp-host-unreachable": (3, 1), "icmp-proto-unreachable": (3, 2), "icmp-port-unreachable": (3, 3),
    "icmp-net-prohibited": (3, 9), "icmp-host-prohibited": (3, 10), "icmp-admin-prohibited": (3, 13), "icmp6-no-route": (1, 0),
    "icmp6-adm-prohibited": (1, 1), "icmp6-addr-unreachable": (1, 3), "icmp6-port-unreachable": (1, 4), "tcp-reset": "RST",
}  # fmt: skip


def words(sent):
    """A PACKET as the tool is asked about it."""
    asked = [word for field, option in OPTIONS.items() if sent.get(field) is not None for word in (option, str(sent[field]))]
    proto = sent["proto"]
    asked += ["-p", {4: "icmp", 6: "ipv6-icmp"}[sent["family"]] if proto == "icmp" else proto, "--length", str(lengthOf(sent))]
    if proto == "icmp":
        asked += ["--icmp-type" if sent["family"] == 4 else "--icmpv6-type", f"{sent['icmp_type']}/{sent.get('icmp_code', 0)}"]
    if "tcp_flags" in sent:
        asked += ["--tcp-flags", "ALL", ",".join(sent["tcp_flags"]) or "NONE"]
    return asked + (["--mac-source", sent.get("mac", MAC)] if sent["in"] else [])


def rulesOf(way):
    """The rules and policies that a way goes through."""
    return [(step["table"], step["chain"], step.get("rule")) for step in way["steps"] if "chain" in step]


def endOf(way):
    """left INTERFACE, delivered, or gone; a REJECT is answered."""
    fate = way["fate"]
    if way.get("copy", {}).get("fate") == "input":
        return "delivered"
    if fate in ("forward", "output"):
        return f"left {way['out']}"
    return "delivered" if fate == "input" else "gone"


def toldAnswer(way):
    """What REJECT or routing answers: type and code of ICMP, RST, or None."""
    if way["fate"] == "reject":
        return REJECTIONS.get(way.get("reason"))
    return (way["icmp_type"], way["icmp_code"]) if "icmp_type" in way else None


def seenAnswer(journey):
    if not journey.answered:
        return None
    data = journey.answered.data
    start, protocol = ((data[0] & 15) * 4, data[9]) if data[0] >> 4 == 4 else (40, data[6])
    return "RST" if protocol == frames.TCP else (data[start], data[start + 1])


def endsOf(journey):
    """Out of lo it only comes back."""
    if journey.delivered:
        return "delivered"
    return f"left {journey.left.out}" if journey.left and journey.left.out != "lo" else "gone"


def seenOf(journey):
    """The packet in the end, if it got anywhere."""
    event = journey.delivered or journey.left
    return Seen(event.data) if event else None


def fieldsOf(event):
    """What is compared of a packet that was seen."""
    seen = Seen(event.data)
    fields = {"src": seen.src, "dst": seen.dst, "ttl": seen.ttl, "tos": seen.tos, "mark": event.mark}
    return {**fields, "sport": seen.sport, "dport": seen.dport} if seen.hasPorts else fields


def toldFields(way):
    """The same of a way; what it leaves open may be any, and is not there."""
    last, left = way["rewritten"], way.get("open", {})
    fields = {end: ipaddress.ip_address(last[end]).packed for end in ("src", "dst")}
    fields |= {"ttl": last.get("ttl", 64), "tos": last.get("tos", 0), "mark": last["mark"]}
    fields |= {end: last[end] for end in ("sport", "dport") if end in last}
    return {field: value for field, value in fields.items() if field not in left}


def difference(way, journey):
    """How one way differs from what the kernel did; None if it does not."""
    if rulesOf(way) != journey.rules:
        return "other rules match"
    if endOf(way) != endsOf(journey):
        return "it ends otherwise"
    isSpared = journey.sparesErrors and not journey.answered and way["fate"] == "none"
    if toldAnswer(way) != seenAnswer(journey) and not isSpared:
        return f"it is answered by {seenAnswer(journey)}"
    event = journey.delivered or journey.left
    if event and way["fate"] in ("forward", "output", "input") and not way.get("copy"):
        seen = fieldsOf(event)
        for field, value in toldFields(way).items():
            if seen.get(field) != value:
                return f"it has another {field}"
    return None
