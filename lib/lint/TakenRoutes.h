// Routes of IPv4 that no lookup picks, since another to the same prefix in the same table is always picked first.
//
// A route of a higher metric stands in for one whose interface is down, and a socket that is bound to an interface
// passes over routes of others. So a route counts only if the one before it goes by the same interfaces, or refuses
// packets. Left out is IPv6, where a route may be passed over since its gateway does not answer.
#pragma once

#include "ir/Network.h"

namespace iptlint::lint {

struct TakenRoute {
  const ir::NetworkRoute *route;
  const ir::NetworkRoute *before; ///< the one that is picked
  bool same;                      ///< both send packets the same way, with the same source
};

/// In the order written.
std::vector<TakenRoute> takenRoutes(const ir::Network &network);

} // namespace iptlint::lint
