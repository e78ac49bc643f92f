// IPv4 of this machine: the source may still have to be chosen, and an interface may be given.
#include "eval/Routing4.h"
#include "eval/SourceChoice.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::eval {

using ir::RouteType;
using packet::Family;
using packet::Value;

static bool isLocalGroup(Value address) {
  return address >> 8 == 0xe00000u;
}

static Choice given(Value address) {
  return {address, ""};
}

/// Whether the address is one of an interface, or a local route covers it: all of 127/8.
/// Source: net/ipv4/devinet.c, __ip_dev_find().
bool Output4::isOwn(Value address) {
  if (!state.of(Family::IPv4).ownKnown || state.isOwn(Family::IPv4, address))
    return true;
  LookupKey key;
  key.dst = address;
  Found found = lookup.findLocal(key);
  return found.failure == Failure::None && found.route->type == RouteType::Local;
}

std::optional<Decision> Output4::refuse() {
  if (flow.src == 0)
    return std::nullopt;
  if (isMulticast4(flow.src))
    return martian(Martian::MulticastSource, flow);
  if (flow.src == kBroadcast4)
    return martian(Martian::BroadcastSource, flow);
  if (isZeroNet4(flow.src))
    return martian(Martian::ZeroSource, flow);
  bool toGroup = flow.out.empty() && (isMulticast4(flow.dst) || flow.dst == kBroadcast4);
  if ((toGroup || !flow.anySource) && !isOwn(flow.src))
    return martian(Martian::ForeignSource, flow);
  return std::nullopt;
}

/// What leaves by an interface: to whom, and whether it may have this source there.
Decision Output4::leave(Decision decision, Choice source) const {
  decision.source = source.address;
  bool loopbackOut = source.address && isLoopback4(*source.address) && decision.device != "lo";
  if (loopbackOut && !state.settings.routesLocalnet(decision.device)) {
    Flow chosen = flow;
    chosen.src = *source.address;
    return martian(Martian::LoopbackSource, chosen);
  }
  if (isZeroNet4(flow.dst))
    return martian(Martian::ZeroDestination, flow);
  if (flow.dst == kBroadcast4)
    decision.fate = Fate::Broadcast;
  else if (isMulticast4(flow.dst))
    decision.fate = Fate::Multicast;
  // No gateway stands between a sender and those it calls all at once.
  bool atOnce = decision.fate == Fate::Broadcast ||
                (decision.fate == Fate::Multicast && decision.route && decision.route->destination.length < 4);
  if (atOnce)
    decision.gateway = std::nullopt;
  return decision;
}

/// Out of an interface without a route.
Decision Output4::direct(llvm::StringRef device, unsigned scope) const {
  Decision decision = decided(Fate::Out, state, Found());
  decision.device = device;
  return leave(decision, flow.src ? given(flow.src) : chooseSource4(state, device, 0, scope));
}

/// To a group by the interface that has the source. Where several have it, the one that got it last is taken.
Decision Output4::toGroupBySource() const {
  llvm::SmallVector<llvm::StringRef, 2> devices;
  for (const ir::Interface &interface : state.network.interfaces)
    for (const ir::InterfaceAddress &own : interface.addresses)
      if (own.family == Family::IPv4 && own.address == flow.src)
        devices.push_back(interface.name);
  if (devices.size() > 1)
    return unknown(fmt::format("several interfaces have the address {}", packet::addressText(flow.src, Family::IPv4)));
  if (devices.empty())
    for (RouteGroup group : state.of(Family::IPv4).tables.find("local")->second.holding(flow.src))
      if (devices.empty() && group.front()->type == RouteType::Local)
        devices.push_back(lookup.deviceOf(*group.front(), 0));
  return devices.empty() ? unknown("the interface of the source is not known") : direct(devices.front(), 0);
}

/// What needs no route: groups by the interface that the sender names, by its own choice or by its source.
std::optional<Decision> Output4::withoutLookup() {
  bool toAll = isMulticast4(flow.dst) || flow.dst == kBroadcast4;
  if (flow.src && flow.out.empty() && toAll)
    return toGroupBySource();
  if (flow.out.empty())
    return std::nullopt;
  const ir::Interface *interface = state.interface(flow.out);
  if (!interface && !state.network.interfaces.empty())
    return unknown(fmt::format("there is no interface {}", flow.out.str()));
  if (interface && interface->up && !*interface->up) {
    Decision decision = decided(Fate::NoRoute, state, Found());
    decision.reason = fmt::format("{} is down", flow.out.str());
    return decision;
  }
  constexpr unsigned kIgmp = 2;
  if (isLocalGroup(flow.dst) || flow.dst == kBroadcast4 || flow.protocol == kIgmp)
    return direct(flow.out, scopeNumber("link"));
  return std::nullopt;
}

/// To 0.0.0.0: the machine itself.
Decision Output4::toNowhere() const {
  Decision decision = decided(Fate::Local, state, Found());
  decision.device = "lo";
  constexpr Value kLocalhost = (127u << 24) + 1;
  decision.source = flow.src ? flow.src : kLocalhost;
  if (!flow.src && !flow.out.empty())
    decision.source = chooseSource4(state, flow.out, 0, scopeNumber("host")).address;
  return decision;
}

Decision Output4::toSelf(const Found &found) const {
  Decision decision = decided(Fate::Local, state, found);
  if (found.route)
    decision.device = lookup.deviceOf(*found.route, found.hop);
  decision.source = found.route ? preferredSource(*found.route).value_or(flow.dst) : flow.dst;
  if (flow.src)
    decision.source = flow.src;
  return decision;
}

/// Default routes of one metric: which is taken hangs on whether their gateways answered so far.
/// Source: net/ipv4/fib_semantics.c, fib_select_default().
std::vector<Way> Output4::alternatives(const Found &found) const {
  std::vector<Way> ways;
  unsigned metric = found.route->metric, tos = 0;
  for (const ir::NetworkRoute *route : found.group) {
    unsigned routeTos = route->tos.value_or(0);
    bool passedOver = (routeTos && routeTos != (flow.tos & 0x1c)) || tableOf(*route) != found.table;
    if (!passedOver && route->metric > metric && routeTos == tos && tos == 0)
      break;
    bool dead = llvm::all_of(route->hops, [](const ir::NextHop &hop) { return hop.unusable; });
    if (passedOver || dead || (route->metric > metric && routeTos == tos))
      continue;
    tos = routeTos;
    metric = route->metric;
    if (route->type != RouteType::Unicast || scopeOf(*route) != scopeOf(*found.route) || !route->hops.front().gateway)
      continue;
    if (ways.empty() && route != found.route)
      break;
    ways.push_back({route, 0, 1, 0});
  }
  return ways;
}

/// The source that a next hop is thought to have: what the kernel would choose for its gateway.
Choice Output4::sourceOf(const Way &way) const {
  const ir::NextHop &hop = way.route->hops[way.hop];
  Value toward = hop.gateway && !hop.gatewayFamily ? *hop.gateway : 0;
  return chooseSource4(state, lookup.deviceOf(*way.route, way.hop), toward, scopeOf(*way.route));
}

/// Next hops whose own source is the packet's go before the others: each of them takes what would have gone to those
/// before it, the first also what is left. Source: net/ipv4/fib_semantics.c, fib_select_multipath(), since Linux 6.16.
void Output4::preferSource(std::vector<Way> &ways) const {
  std::vector<Way> preferred;
  unsigned bound = 0, taken = 0, weights = ways.empty() ? 0 : ways.front().weights;
  for (const Way &way : ways) {
    Choice source = sourceOf(way);
    bound += way.weight;
    if (!source.unknown.empty()) {
      for (Way &each : ways)
        each.weights = 0;
      return;
    }
    if (source.address != flow.src)
      continue;
    preferred.push_back({way.route, way.hop, bound - taken, weights});
    taken = bound;
  }
  if (preferred.empty())
    return;
  preferred.front().weight += bound - taken;
  ways = std::move(preferred);
}

std::vector<Way> Output4::ways(const Found &found) const {
  if (!flow.out.empty())
    return {{found.route, found.hop}};
  if (found.route->hops.size() > 1) {
    std::vector<Way> all = lookup.hops(found, keyOf(flow));
    if (flow.src)
      preferSource(all);
    return all;
  }
  if (found.route->destination.length == 0 && found.route->type == RouteType::Unicast)
    if (std::vector<Way> several = alternatives(found); several.size() > 1)
      return several;
  return {{found.route, found.hop}};
}

Decisions Output4::byRoute(const Found &found) {
  Decisions decisions;
  Fate fate = found.route->type == RouteType::Broadcast   ? Fate::Broadcast
              : found.route->type == RouteType::Multicast ? Fate::Multicast
                                                          : Fate::Out;
  for (const Way &way : ways(found)) {
    std::optional<Value> preferred = preferredSource(*way.route);
    Choice source = flow.src ? given(flow.src) : preferred ? given(*preferred) : sourceOf(way);
    decisions.push_back(leave(decidedBy(fate, state, lookup, found, way), source));
  }
  return decisions;
}

Decisions Output4::decide() {
  if (std::optional<Decision> refusal = refuse())
    return {*refusal};
  if (std::optional<Decision> decision = withoutLookup())
    return {*decision};
  if (flow.dst == 0)
    return {toNowhere()};
  if (!flow.src && !flow.out.empty() && isMulticast4(flow.dst))
    flow.src = chooseSource4(state, flow.out, 0, scopeNumber("global")).address.value_or(0);
  Found found = lookup.find(keyOf(flow));
  // Whoever names an interface is believed: the destination is on its link.
  bool refusedByRoutes = found.failure != Failure::None && found.failure != Failure::Unknown;
  if (refusedByRoutes && !flow.out.empty())
    return {direct(flow.out, scopeNumber("link"))};
  if (found.failure != Failure::None)
    return {refused(state, found, flow, /*tellsSender=*/false)};
  if (found.supposedOwn || found.route->type == RouteType::Local)
    return {toSelf(found)};
  return byRoute(found);
}

} // namespace iptlint::eval
