// How messages call addresses, and what surrounds the rules.
#pragma once

#include "analysis/Routable.h"
#include <string>

namespace iptlint::lint {

/// "10.0.0.5", "10.0.0.0/8", "10.0.0.5-10.0.0.7".
std::string addressesText(ir::Interval addresses, packet::Family family);
/// Several of them, parted by commas.
std::string addressesText(llvm::ArrayRef<ir::Interval> ranges, packet::Family family);

/// Where a line stands: "routes:5".
std::string placeOf(const ir::Network &network, const ir::Place &place);
std::string placeOf(const ir::Network &network, const ir::NetworkRoute &route);

/// "the route 'unreachable 10.0.0.0/8' (routes:5)".
std::string wordsFor(const ir::Network &network, const ir::NetworkRoute &route);

/// The interfaces of some ways, and the place of the first that a route says: "eth0 (routes:5), eth1".
std::string devicesOf(const ir::Network &network, const analysis::Ways &ways);

} // namespace iptlint::lint
