// Ports that Docker and its like publish: rules of nat that send their packets on to a container, past INPUT.
//
// Only what an agent translates is here: who writes a DNAT knows where it leads. Nor is a DNAT to a range of addresses
// or ports, or one whose new address no rule of FORWARD names together with an interface: it might be the machine's
// own.
#pragma once

#include "lint/Kinds.h"

namespace iptlint::lint {

struct Published {
  Port port;
  ir::RuleId rule;         ///< of nat
  analysis::Kind kind;     ///< what the rule asks for
  packet::Value address;   ///< the container's
  uint16_t number;         ///< the port there
  packet::Value interface; ///< that leads to it, as a rule of FORWARD says
};

std::vector<Published> publishedPorts(const TableFacts &nat, const TableFacts &filter);

/// "172.17.0.2:80", "[2001:db8::2]:80".
std::string destinationOf(const Published &port, packet::Family family);

/// A packet from outside for a published port.
struct Arrival {
  const Published *port;
  packet::Packet packet; ///< as it would come to INPUT
};

/// How a packet gets through FORWARD.
struct Passage {
  std::optional<ir::RuleId> accepted; ///< by this rule of filter; nothing: the policy
};

/// For each arrival whether the port's rule surely rewrites it, no other table gets in its way, and FORWARD surely
/// accepts it then; nothing otherwise.
std::vector<std::optional<Passage>> passagesOf(const Facts &facts, const TableFacts &nat, const TableFacts &filter,
                                               llvm::ArrayRef<Arrival> arrivals);

} // namespace iptlint::lint
