// The parts that decisions are made of: what decided, why a packet is refused, and who is told.
#pragma once

#include "eval/RouteLookup.h"
#include "eval/Routing.h"

namespace iptlint::eval {

/// A decision that says which rule and route made it.
Decision decided(Fate fate, const RoutingState &state, const Found &found);
/// One that takes a next hop of the route.
Decision decidedBy(Fate fate, const RoutingState &state, const RouteLookup &lookup, const Found &found, const Way &way);
/// What becomes of a packet that a lookup finds no route for. \p tellsSender: it came from elsewhere.
Decision refused(const RoutingState &state, const Found &found, const Flow &flow, bool tellsSender);
Decision martian(Martian kind, const Flow &flow);
Decision notForwarding(const Flow &flow);
Decision unknown(std::string reason);

/// The key of a lookup with what a flow says of the packet.
LookupKey keyOf(const Flow &flow);

} // namespace iptlint::eval
