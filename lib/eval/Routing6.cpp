// IPv6: both ways are one lookup each; what is odd about addresses is asked elsewhere in the kernel than in IPv4.
#include "eval/Routing6.h"
#include "eval/SourceChoice.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::eval {

using ir::RouteType;
using packet::Family;
using packet::Value;

bool isMulticast6(Value address) {
  return address >> 120 == 0xff;
}

bool isLinkLocal6(Value address) {
  return address >> 118 == 0x3fa;
}

/// Whether the interface is part of the address. Source: include/net/ip6_route.h, rt6_need_strict().
static bool needsInterface(Value address) {
  return isMulticast6(address) || isLinkLocal6(address) || address == 1;
}

/// The next hops among which the kernel chooses by a hash. One that a strict lookup may not take leaves its share to
/// the one that the lookup found. Source: net/ipv6/route.c, fib6_select_path().
std::vector<Way> Routing6::ways(const Found &found, const LookupKey &key) const {
  std::vector<Way> all = lookup.hops(found, key), ways;
  unsigned lost = 0;
  for (const Way &way : all)
    if (key.strict && !key.preferred.empty() && found.route->hops[way.hop].device != key.preferred)
      lost += way.weight;
    else
      ways.push_back(way);
  for (Way &way : ways)
    if (way.hop == found.hop)
      way.weight += lost;
  return ways;
}

/// Groups that every machine, every router and every owner of an address listens to; no text says which others.
/// Source: net/ipv6/addrconf.c, ipv6_add_dev(), dev_forward_change(), addrconf_join_solict().
bool Routing6::listens() {
  constexpr Value kAllNodes = Value(0xff02) << 112 | 1, kAllRouters = Value(0xff02) << 112 | 2;
  constexpr Value kNodesHere = Value(0xff01) << 112 | 1;
  constexpr Value kSolicited = Value(0xff02) << 112 | Value(1) << 32 | Value(0xff) << 24;
  if (flow.dst == kAllNodes || flow.dst == kNodesHere ||
      (flow.dst == kAllRouters && state.settings.forwards(Family::IPv6, flow.in)))
    return true;
  if (const ir::Interface *interface = state.interface(flow.in))
    for (const ir::InterfaceAddress &own : interface->addresses)
      if (own.family == Family::IPv6 && flow.dst == (kSolicited | (own.address & 0xffffff)))
        return true;
  std::string group = fmt::format("{} on {}", packet::addressText(flow.dst, Family::IPv6), flow.in.str());
  return cases.suppose("this machine listens to " + group, "this machine does not listen to " + group);
}

Decision Routing6::multicastInput(const Found &found) {
  if (listens())
    return decided(Fate::Multicast, state, found);
  if (state.settings.forwardsMulticast(Family::IPv6, flow.in))
    return unknown("routes of multicast are not shown");
  Decision decision = notForwarding(flow);
  decision.reason = fmt::format("nobody on this machine listens to {} on {}",
                                packet::addressText(flow.dst, Family::IPv6), flow.in.str());
  return decision;
}

/// What is asked of a packet behind the lookup and before FORWARD.
Decision Routing6::forward(Decision decision) {
  if (!state.settings.forwards(Family::IPv6, flow.in))
    return notForwarding(flow);
  bool comesBack = decision.device == flow.in; // then a redirect is sent, and the source is not looked at
  if (comesBack)
    return decision;
  if (flow.src == 0)
    return martian(Martian::ZeroSource, flow);
  if (flow.src == 1)
    return martian(Martian::LoopbackSource, flow);
  if (isMulticast6(flow.src))
    return martian(Martian::MulticastSource, flow);
  if (!isLinkLocal6(flow.src))
    return decision;
  Decision refusal = martian(Martian::LinkLocalSource, flow);
  constexpr unsigned kNotNeighbour = 2;
  refusal.icmp = 1 << 8 | kNotNeighbour;
  refusal.reason += " (ICMP 1/2)";
  return refusal;
}

Decisions Routing6::input() {
  LookupKey key = keyOf(flow);
  key.preferred = flow.in;
  key.strict = needsInterface(flow.dst);
  Found found = lookup.find(key);
  if (found.failure != Failure::None)
    return {refused(state, found, flow, /*tellsSender=*/true)};
  if (found.supposedOwn)
    return {decided(Fate::Local, state, found)};
  Decisions decisions;
  for (const Way &way : ways(found, key)) {
    bool here = way.route->type == RouteType::Local || way.route->type == RouteType::Anycast;
    Decision decision = decidedBy(here ? Fate::Local : Fate::Out, state, lookup, found, way);
    if (here)
      decisions.push_back(decision);
    else if (isMulticast6(way.route->destination.address))
      return {multicastInput(found)};
    else
      decisions.push_back(forward(decision));
  }
  return decisions;
}

/// A socket that is bound to an interface, or an address that is of one link, leaves no choice of interface.
LookupKey Routing6::outputKey() const {
  LookupKey key = keyOf(flow);
  key.preferred = flow.out;
  key.hasSource = flow.src != 0;
  key.strict = needsInterface(flow.dst) || !flow.out.empty();
  return key;
}

bool Routing6::asksForSource() const {
  const RoutingState::Tables &tables = state.of(Family::IPv6);
  for (const auto &table : tables.tables)
    for (const ir::NetworkRoute *route : table.second.all())
      if (route->from.length != 0)
        return true;
  return llvm::any_of(tables.rules, [](const ir::RoutingRule *rule) { return rule->from.length != 0; });
}

/// A lookup without a source that fails is made once more with the source that would be chosen.
bool Routing6::secondTry(LookupKey &key, std::string &unknown) const {
  if (flow.src != 0 || !asksForSource())
    return false;
  Choice source = chooseSource6(state, "", flow.dst);
  unknown = source.unknown;
  key.src = source.address.value_or(0);
  key.hasSource = key.src != 0;
  return key.hasSource || !unknown.empty();
}

std::optional<Value> Routing6::sourceOf(const Found &found, llvm::StringRef device) const {
  if (flow.src)
    return flow.src;
  if (found.route && preferredSource(*found.route))
    return preferredSource(*found.route);
  return chooseSource6(state, device, flow.dst).address;
}

Decisions Routing6::output() {
  LookupKey key = outputKey();
  Found found = lookup.find(key);
  std::string noSource;
  if (found.failure != Failure::None && found.failure != Failure::Unknown && secondTry(key, noSource)) {
    if (!noSource.empty())
      return {unknown(noSource)};
    found = lookup.find(key);
  }
  if (found.failure != Failure::None) {
    Decision refusal = refused(state, found, flow, /*tellsSender=*/false);
    if (key.src)
      refusal.source = key.src;
    return {refusal};
  }
  if (found.supposedOwn) {
    Decision decision = decided(Fate::Local, state, found);
    decision.source = flow.src ? flow.src : flow.dst;
    return {decision};
  }
  Decisions decisions;
  for (const Way &way : ways(found, key)) {
    bool here = way.route->type == RouteType::Local || way.route->type == RouteType::Anycast;
    Fate fate = here ? Fate::Local : isMulticast6(flow.dst) ? Fate::Multicast : Fate::Out;
    Decision decision = decidedBy(fate, state, lookup, found, way);
    decision.source = key.src ? key.src : sourceOf(found, decision.device);
    decisions.push_back(decision);
  }
  return decisions;
}

} // namespace iptlint::eval
