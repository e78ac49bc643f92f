// IPv4 from the wire: odd addresses first, then the route, then whether the source may have come this way.
#include "eval/Routing4.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::eval {

using ir::RouteType;
using packet::Family;
using packet::Value;

bool isMulticast4(Value address) {
  return address >> 28 == 0xe;
}

bool isZeroNet4(Value address) {
  return address == 0;
}

bool isLoopback4(Value address) {
  return address >> 24 == 127;
}

/// Refused before any lookup. Everything else may be: 240/4 is routed like any other.
Martian Input4::oddAddress() const {
  if (isMulticast4(flow.src))
    return Martian::MulticastSource;
  if (flow.src == kBroadcast4)
    return Martian::BroadcastSource;
  if (flow.dst == kBroadcast4 || (flow.src == 0 && flow.dst == 0))
    return Martian::None;
  if (isZeroNet4(flow.src))
    return Martian::ZeroSource;
  if (isZeroNet4(flow.dst))
    return Martian::ZeroDestination;
  if (state.settings.routesLocalnet(flow.in))
    return Martian::None;
  if (isLoopback4(flow.dst))
    return Martian::LoopbackDestination;
  return isLoopback4(flow.src) ? Martian::LoopbackSource : Martian::None;
}

Decision Input4::deliver(Fate fate, const Found &found) {
  if (std::optional<Decision> refusal = refuseSource(fate == Fate::Local ? flow.dst : 0, ""))
    return *refusal;
  Decision decision = decided(fate, state, found);
  if (found.route && !found.route->hops.empty())
    decision.device = lookup.deviceOf(*found.route, found.hop);
  return decision;
}

Decision Input4::broadcast() {
  return isZeroNet4(flow.src) ? decided(Fate::Broadcast, state, Found()) : deliver(Fate::Broadcast, Found());
}

/// 224.0.0.1 is every machine's. Which other groups it has joined no text says.
/// Source: net/ipv4/route.c, ip_route_input_rcu() and ip_mc_validate_source().
Decision Input4::multicast() {
  constexpr Value kAllSystems = 0xe0000001u;
  bool localGroup = flow.dst >> 8 == 0xe00000u;
  std::string group = fmt::format("{} on {}", packet::addressText(flow.dst, Family::IPv4), flow.in.str());
  if (flow.dst != kAllSystems &&
      !cases.suppose("this machine listens to " + group, "this machine does not listen to " + group)) {
    Decision decision = notForwarding(flow);
    decision.reason = "nobody on this machine listens to " + group;
    return !localGroup && state.settings.forwardsMulticast(Family::IPv4, flow.in)
               ? unknown("routes of multicast are not shown")
               : decision;
  }
  if (isMulticast4(flow.src))
    return martian(Martian::MulticastSource, flow);
  if (flow.src == kBroadcast4)
    return martian(Martian::BroadcastSource, flow);
  if (isLoopback4(flow.src) && !state.settings.routesLocalnet(flow.in))
    return martian(Martian::LoopbackSource, flow);
  constexpr unsigned kIgmp = 2;
  if (isZeroNet4(flow.src))
    return localGroup || flow.protocol == kIgmp ? decided(Fate::Multicast, state, Found())
                                                : martian(Martian::ZeroSource, flow);
  return deliver(Fate::Multicast, Found());
}

bool Input4::comesBackBy(const Found &found) const {
  for (unsigned hop = 0; hop != found.route->hops.size(); ++hop)
    if (lookup.deviceOf(*found.route, hop) == flow.in)
      return true;
  return found.route->type == RouteType::Local && flow.in == "lo";
}

bool Input4::hasAddress() {
  if (state.network.knowsAddresses.has(Family::IPv4)) {
    const ir::Interface *interface = state.interface(flow.in);
    return interface && llvm::any_of(interface->addresses, [](auto &own) { return own.family == Family::IPv4; });
  }
  return !cases.suppose(flow.in.str() + " has no address", flow.in.str() + " has an address");
}

/// Looks up the way back to the source. \p to: what the packet is sent to, 0 for broadcasts; \p out: where it would
/// leave by. Source: net/ipv4/fib_frontend.c, __fib_validate_source().
std::optional<Decision> Input4::wayBack(Value to, llvm::StringRef out, int filter) {
  LookupKey key = keyOf(flow);
  key.src = to;
  key.dst = flow.src;
  key.iif = out.empty() ? "lo" : out;
  key.mark = state.settings.marksReversePath(flow.in) ? flow.mark : 0;
  key.maybeOwn = false;
  std::swap(key.sport, key.dport);
  Found found = lookup.find(key);
  std::optional<Decision> lastResort;
  if (filter)
    lastResort = martian(Martian::ReversePath, flow);
  if (found.failure == Failure::Unknown)
    return unknown(found.unknown);
  if (found.failure != Failure::None)
    return lastResort;
  if (found.route->type != RouteType::Unicast && found.route->type != RouteType::Local)
    return martian(Martian::SourceNotUnicast, flow);
  if (found.route->type == RouteType::Local && !state.settings.acceptsLocal(flow.in))
    return martian(Martian::OwnSource, flow);
  if (comesBackBy(found))
    return std::nullopt;
  constexpr int kStrict = 1;
  return filter == kStrict || (filter && !hasAddress()) ? lastResort : std::nullopt;
}

static Martian kindOf(const std::optional<Decision> &decision) {
  return decision ? decision->martian : Martian::None;
}

/// Where nothing asks for the way back, only whether the source is an own address matters.
/// Source: net/ipv4/fib_frontend.c, fib_validate_source().
std::optional<Decision> Input4::refuseSource(Value to, llvm::StringRef out) {
  const RoutingState::Tables &tables = state.of(Family::IPv4);
  int filter = state.settings.reversePathFilter(flow.in);
  bool mayRedirect = out == flow.in && state.settings.sendsRedirects(flow.in);
  std::optional<Decision> full;
  if (filter || tables.realms || mayRedirect)
    return wayBack(to, out, filter);
  if (state.settings.acceptsLocal(flow.in))
    return std::nullopt;
  full = wayBack(to, out, filter);
  std::optional<Decision> quick;
  if (state.isOwn(Family::IPv4, flow.src))
    quick = martian(Martian::OwnSource, flow);
  if (tables.customLocal || tables.customRules || kindOf(full) == kindOf(quick))
    return tables.customLocal || tables.customRules ? full : quick;
  return lookup.customRules("the way back to the source is looked up") ? full : quick;
}

Decisions Input4::forward(const Found &found) {
  Decisions decisions;
  for (const Way &way : lookup.hops(found, keyOf(flow))) {
    Decision decision = decidedBy(Fate::Out, state, lookup, found, way);
    std::optional<Decision> refusal = refuseSource(flow.dst, decision.device);
    decisions.push_back(refusal ? *refusal : decision);
  }
  return decisions;
}

Decisions Input4::decide() {
  if (isMulticast4(flow.dst))
    return {multicast()};
  if (Martian odd = oddAddress(); odd != Martian::None)
    return {martian(odd, flow)};
  if (flow.dst == kBroadcast4 || (flow.src == 0 && flow.dst == 0))
    return {broadcast()};
  Found found = lookup.find(keyOf(flow));
  bool forwards = state.settings.forwards(Family::IPv4, flow.in);
  if (found.failure == Failure::Unknown || (found.failure != Failure::None && forwards))
    return {refused(state, found, flow, /*tellsSender=*/true)};
  if (found.failure != Failure::None)
    return {notForwarding(flow)};
  if (found.supposedOwn || found.route->type == RouteType::Local)
    return {deliver(Fate::Local, found)};
  if (found.route->type == RouteType::Broadcast && !state.settings.forwardsBroadcasts(flow.in))
    return {isZeroNet4(flow.src) ? decided(Fate::Broadcast, state, found) : deliver(Fate::Broadcast, found)};
  if (!forwards && found.route->type != RouteType::Broadcast)
    return {notForwarding(flow)};
  if (found.route->type != RouteType::Unicast && found.route->type != RouteType::Broadcast)
    return {martian(Martian::NotForwardable, flow)};
  return forward(found);
}

} // namespace iptlint::eval
