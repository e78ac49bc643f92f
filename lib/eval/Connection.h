// A flow as conntrack knows it, and what it makes of the packets that belong to one.
#pragma once

#include "packet/Packet.h"
#include <optional>
#include <string>

namespace iptlint::eval {

/// One end each: address and port (of ICMP there is none: 0).
struct Tuple {
  packet::Value src = 0, dst = 0, sport = 0, dport = 0;
  bool operator==(const Tuple &) const = default;
};

Tuple tupleOf(const packet::Packet &packet);

/// Source: net/netfilter/nf_nat_core.c, nf_nat_packet(); nf_conntrack_core.c.
struct Connection {
  Tuple first;        ///< of the packet that began it
  Tuple translated;   ///< of the same packet in the end
  bool reply = false; ///< the packet at hand goes the other way
  /// The interface whose address MASQUERADE gave it; empty: none did. The flow ends where a packet that goes its way
  /// leaves by another. Source: net/netfilter/nf_nat_core.c, nf_nat_oif_changed().
  std::string masqueradedBy = {};
  bool isDnat() const { return first.dst != translated.dst || first.dport != translated.dport; }
  bool isSnat() const { return first.src != translated.src || first.sport != translated.sport; }
};

/// The state of a packet that belongs to no flow that is known: NEW where it begins one, INVALID where it does not,
/// UNTRACKED where conntrack takes no notice of it. Source: nf_conntrack_proto_tcp.c, tcp_conntracks[] and
/// tcp_valid_flags[]; nf_conntrack_proto_icmp.c, nf_conntrack_proto_icmpv6.c.
packet::CtState stateWithoutFlow(const packet::Packet &packet);

/// Whether a packet, as its state says, is of a flow that conntrack keeps.
bool isTracked(const packet::Packet &packet);

/// Writes into the fields of the flow what conntrack says of a packet whose flow is \p flow. The state's bits for
/// translation are set, the state itself is left.
void describeFlow(packet::Packet &packet, const Connection &flow);

} // namespace iptlint::eval
