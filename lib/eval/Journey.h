// One packet through a whole machine: hooks and tables in their order, routing, conntrack, translation.
//
//   from the wire: raw, mangle, nat of PREROUTING; the routing decision; then INPUT (mangle, filter, security, nat),
//   or FORWARD (mangle, filter, security) and POSTROUTING (mangle, nat)
//   its own: the routing decision; raw, mangle, nat, filter, security of OUTPUT, after mangle and nat routed again
//   where they changed what routing reads; POSTROUTING; to an own address by lo, then PREROUTING and INPUT; to a
//   broadcast address out of the interface, and as a copy back by it
//
// nat is asked about the first packet of a flow only. What is not known is asked of a Chooser, when the kernel would
// come to it, so that Explore.h finds every way that the packet can take. Left out: copies of own
// packets to groups that the machine listens to, fragments that are to be put together, the MTU, IPsec, VRFs, what XDP, traffic control, bridges and other programs' rules do. Source: enum
// nf_ip_hook_priorities in linux/netfilter_ipv4.h; net/ipv4/ip_input.c, ip_forward.c, ip_output.c; docs/semantics.md.
#pragma once

#include "eval/Connection.h"
#include "eval/Trip.h"
#include <set>

namespace iptlint::eval {

struct Machine {
  const ir::Ruleset *rules = nullptr; ///< of the packet's family; null: there are none
  const ir::Network *network = nullptr;
  const Routing *routing = nullptr;
  std::set<TableRule> watched = {}; ///< of these every visit is told
  bool nft = false;                 ///< the rules are loaded by the nft back end
};

/// A packet before it sets out: at PREROUTING it comes from the wire, at OUTPUT it is the machine's own.
struct Traveller {
  packet::Packet packet;
  OpenFields open;                             ///< of its fields
  bool sourceGiven = true;                     ///< of its own: false where routing is to choose the source
  bool typesGiven[2] = {false, false};         ///< SrcType, DstType: routing is not asked
  std::optional<packet::Value> macDestination; ///< of its frame; none: the interface's
  /// The flow that it belongs to, which conntrack translates without rules; none: it is as its state says.
  std::optional<Connection> flow;
  OpenFields flowOpen; ///< of what the flow was translated to
};

/// One way through the machine.
Trip travel(const Machine &machine, const Traveller &traveller, Chooser &chooser);

/// Whether conntrack is at work because some rule needs it, so that fragments are put together before any rule.
bool usesConntrack(const ir::Ruleset &rules);

} // namespace iptlint::eval
