// Source: ip-route(8), ip-rule(8); net/ipv4/fib_trie.c, fib_table_lookup(); net/ipv6/route.c, fib6_table_lookup().
#include "analysis/Routable.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

namespace iptlint::analysis {

using ir::Interval;
using ir::NetworkRoute;
using ir::RouteType;
using packet::Family;
using packet::Value;

static unsigned width(Family family) {
  return packet::bits(packet::Field::Dst, family);
}

/// The addresses of a prefix, whose bits behind its length need not be 0.
static Interval addressesOf(Value address, unsigned length, Family family) {
  Value host = length == 0 ? packet::maxValue(packet::Field::Dst, family) : (Value(1) << (width(family) - length)) - 1;
  return {address & ~host, address | host};
}

static Interval addressesOf(const NetworkRoute &route) {
  return addressesOf(route.destination.address, route.destination.length, route.family);
}

static bool meet(Interval left, Interval right) {
  return left.lo <= right.hi && right.lo <= left.hi;
}

static bool holds(Interval outer, Interval inner) {
  return outer.lo <= inner.lo && inner.hi <= outer.hi;
}

bool Ways::mayLeaveBy(llvm::StringRef device) const {
  return llvm::any_of(out, [&](const Way &way) { return way.device.empty() || way.device == device; });
}

bool Ways::mayBeAt(llvm::StringRef device) const {
  return mayLeaveBy(device) || llvm::any_of(localBy, [&](llvm::StringRef by) { return by.empty() || by == device; });
}

llvm::StringRef tableOf(const ir::Route &route) {
  bool livesInLocal =
      route.type == RouteType::Local || route.type == RouteType::Broadcast || route.type == RouteType::Anycast;
  return !route.table.empty() ? route.table : livesInLocal ? "local" : "main";
}

// --- what is known

/// `ip addr` alone gives interfaces their numbers; where lo or the device of a route is missing, so may others be.
bool showsAllAddresses(const ir::Network &network, Family family) {
  llvm::StringSet<> names;
  for (const ir::Interface &interface : network.interfaces) {
    if (interface.index == 0)
      return false;
    names.insert(interface.name);
  }
  bool devicesShown = llvm::all_of(network.routes, [&](const NetworkRoute &route) {
    return llvm::all_of(route.hops,
                        [&](const ir::NextHop &hop) { return hop.device.empty() || names.count(hop.device); });
  });
  return network.knowsAddresses.has(family) && names.count("lo") && devicesShown;
}

/// Whether rules look into no table that no text shows.
static bool showsLookedUp(const ir::Network &network, Family family) {
  llvm::StringSet<> shown;
  for (llvm::StringRef table : {"local", "main", "default"})
    shown.insert(table);
  for (const NetworkRoute &route : network.routes)
    if (route.family == family)
      shown.insert(tableOf(route));
  return network.knowsRules.has(family) && llvm::all_of(network.rules, [&](const ir::RoutingRule &rule) {
           bool looksUp = rule.family == family && rule.action == ir::RoutingAction::Lookup;
           return !looksUp || (!rule.opaque && !rule.l3mdev && shown.count(rule.table));
         });
}

bool Routable::decideKnown() const {
  bool allRead =
      llvm::none_of(network.routes, [&](const NetworkRoute &route) { return route.family == family && route.broken; });
  bool allTables = network.knowsAllTables.has(family);
  return network.knowsRoutes.has(family) && allRead && (allTables || showsLookedUp(network, family)) &&
         (allTables || showsAllAddresses(network, family));
}

/// What stands in table unspec is the kernel's own end of each table of IPv6.
Routable::Routable(const ir::Network &network, Family family)
    : network(network), family(family), isKnown(decideKnown()) {
  for (const NetworkRoute &route : network.routes)
    if (route.family == family && !route.broken && tableOf(route) != "unspec")
      routes[route.destination.length].emplace(addressesOf(route).lo, &route);
}

// --- lookups

/// The longest prefixes first.
Routable::Found Routable::routesTo(Interval addresses) const {
  Found found;
  for (const auto &[length, ofLength] : llvm::reverse(routes)) {
    auto first = ofLength.lower_bound(addressesOf(addresses.lo, length, family).lo);
    for (auto at = first; at != ofLength.end() && at->first <= addresses.hi; ++at)
      found.push_back(at->second);
  }
  return found;
}

static bool isRefusal(RouteType type) {
  return type == RouteType::Unreachable || type == RouteType::Prohibit || type == RouteType::Blackhole;
}

static bool isUp(const ir::NextHop &hop) {
  return !hop.unusable && !hop.linkDown;
}

/// Whether every packet to \p addresses that is looked up in the route's table takes this route or one to a longer
/// prefix.
static bool takesAll(const NetworkRoute &route, Interval addresses) {
  bool plain = !route.opaque && !route.tos && route.from.length == 0;
  bool answers = isRefusal(route.type) ||
                 (route.type == RouteType::Unicast && !route.hops.empty() && llvm::all_of(route.hops, isUp));
  return plain && answers && holds(addressesOf(route), addresses);
}

static void addHops(Ways &ways, const NetworkRoute &route) {
  if (route.opaque || route.hops.empty())
    return ways.out.push_back({&route, ""});
  for (const ir::NextHop &hop : route.hops)
    ways.out.push_back({&route, hop.device});
}

static void addOwn(Ways &ways, const NetworkRoute &route) {
  ways.local = true;
  if (route.hops.empty())
    ways.localBy.push_back("");
  for (const ir::NextHop &hop : route.hops)
    ways.localBy.push_back(hop.device);
}

static void addRoute(Ways &ways, const NetworkRoute &route) {
  if (route.type == RouteType::Throw)
    return;
  if (isRefusal(route.type) && !route.opaque)
    ways.refusals.push_back(&route);
  else if (route.type == RouteType::Unicast || route.opaque)
    addHops(ways, route);
  else
    addOwn(ways, route);
}

/// 0.0.0.0 and :: stand for this machine.
void Routable::addLocal(Ways &ways, Interval addresses) const {
  Interval loopback = family == Family::IPv4 ? addressesOf(Value(127) << 24, 8, family) : Interval{1, 1};
  Interval groups =
      family == Family::IPv4 ? addressesOf(Value(0xe) << 28, 3, family) : addressesOf(Value(0xff) << 120, 8, family);
  ways.local |= meet({0, 0}, addresses) || meet(loopback, addresses) || meet(groups, addresses);
}

/// Where an interface has an address, so it has its prefix, whether a route says so or not.
void Routable::addConnected(Ways &ways, Interval addresses) const {
  for (const ir::Interface &interface : network.interfaces)
    for (const ir::InterfaceAddress &own : interface.addresses) {
      if (own.family != family)
        continue;
      if (meet({own.address, own.address}, addresses)) {
        ways.local = true;
        ways.localBy.push_back(interface.name);
      }
      if (meet(addressesOf(own.peer.value_or(own.address), own.length, family), addresses))
        ways.out.push_back({nullptr, interface.name});
    }
}

Ways Routable::waysTo(llvm::ArrayRef<Interval> ranges) const {
  Ways all;
  for (Interval addresses : ranges) {
    Ways ways = waysTo(addresses);
    all.local |= ways.local;
    llvm::append_range(all.localBy, ways.localBy);
    llvm::append_range(all.out, ways.out);
    llvm::append_range(all.refusals, ways.refusals);
  }
  return all;
}

Ways Routable::waysTo(Interval addresses) const {
  Ways ways;
  addLocal(ways, addresses);
  addConnected(ways, addresses);
  std::map<llvm::StringRef, unsigned> longestOf; // by table, of those that take all
  for (const NetworkRoute *route : routesTo(addresses)) {
    auto longest = longestOf.find(tableOf(*route));
    if (longest != longestOf.end() && route->destination.length < longest->second)
      continue;
    addRoute(ways, *route);
    if (takesAll(*route, addresses))
      longestOf.emplace(tableOf(*route), route->destination.length);
  }
  return ways;
}

} // namespace iptlint::analysis
