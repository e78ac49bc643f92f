// What one table answers: the routes to the longest prefix first, and of one prefix the first that can be taken.
//
// Source: net/ipv4/fib_trie.c, fib_table_lookup(); net/ipv6/route.c, fib6_table_lookup() and find_rr_leaf(). The state
// of neighbours, which a host (not a router) asks for in IPv6, is left out: each is taken to answer.
#include "eval/RouteLookup.h"
#include "llvm/ADT/STLExtras.h"
#include <fmt/format.h>

namespace iptlint::eval {

using ir::NetworkRoute;
using ir::NextHop;
using ir::RouteType;
using packet::Family;
using packet::Value;

static Failure failureOf(RouteType type) {
  switch (type) {
  case RouteType::Unreachable:
    return Failure::HostUnreachable;
  case RouteType::Prohibit:
    return Failure::Prohibited;
  case RouteType::Blackhole:
  case RouteType::Nat:
    return Failure::Discarded;
  case RouteType::Throw:
    return Failure::Thrown;
  default:
    return Failure::None;
  }
}

static Found thrown() {
  Found found;
  found.failure = Failure::Thrown;
  return found;
}

static Found foundAt(const NetworkRoute &route, unsigned hop) {
  Found found;
  found.failure = failureOf(route.type);
  found.route = &route;
  found.hop = hop;
  return found;
}

static Found notModelled(const NetworkRoute &route) {
  Found found = foundAt(route, 0);
  found.failure = Failure::Unknown;
  found.unknown = "the route '" + textOf(route) + "' is not modelled in whole";
  return found;
}

/// Whether the text holds all that is needed to use the route.
static bool isModelled(const NetworkRoute &route) {
  return !route.opaque && (!route.hops.empty() || failureOf(route.type) != Failure::None);
}

bool RouteLookup::takes(const NetworkRoute &route) {
  std::string text = "the route '" + textOf(route) + "'";
  return cases.suppose(text + " takes the packet", text + " does not take the packet");
}

bool RouteLookup::canTake(const NextHop &hop, Family family) const {
  return !hop.unusable && !(hop.linkDown && state.settings.ignoresLinkDown(family, hop.device));
}

/// The kernel names the interface of each hop; whoever wrote a route by hand need not.
/// Source: net/ipv4/fib_semantics.c, fib_check_nh().
llvm::StringRef RouteLookup::deviceOf(const NetworkRoute &route, unsigned hop) const {
  const NextHop &next = route.hops[hop];
  auto main = state.of(route.family).tables.find("main");
  if (!next.device.empty() || !next.gateway || main == state.of(route.family).tables.end())
    return next.device;
  for (RouteGroup group : main->second.holding(*next.gateway))
    for (const NetworkRoute *link : group)
      if (!link->hops.empty() && !link->hops.front().gateway)
        return link->hops.front().device;
  return "";
}

Found RouteLookup::group4(RouteGroup group, const LookupKey &key) {
  for (const NetworkRoute *route : group) {
    if (route->tos.value_or(0) != 0 && *route->tos != (key.tos & 0x1c))
      continue;
    if (!isModelled(*route)) {
      if (takes(*route))
        return notModelled(*route);
      continue;
    }
    if (failureOf(route->type) != Failure::None)
      return foundAt(*route, 0);
    for (unsigned hop = 0; hop != route->hops.size(); ++hop)
      if (canTake(route->hops[hop], key.family) && (key.oif.empty() || key.oif == deviceOf(*route, hop))) {
        Found found = foundAt(*route, hop);
        found.group = group;
        return found;
      }
  }
  return thrown();
}

/// Routes to nowhere stand on lo.
static llvm::StringRef device6(const NetworkRoute &route, unsigned hop) {
  return isRefusal(route.type) ? "lo" : route.hops[hop].device;
}

/// "pref": low 1, medium 2, high 3. Source: include/net/ip6_route.h, IPV6_DECODE_PREF().
static int preference(const NetworkRoute &route) {
  auto word = llvm::find(route.words, "pref");
  if (word == route.words.end() || word + 1 == route.words.end())
    return 2;
  return word[1] == "high" ? 3 : word[1] == "low" ? 1 : 2;
}

/// Below 0: not to be taken. Source: net/ipv6/route.c, rt6_score_route().
int RouteLookup::score(const NetworkRoute &route, unsigned hop, const LookupKey &key) const {
  bool fits = key.preferred.empty() || key.preferred == device6(route, hop);
  if (!fits && key.strict)
    return -1;
  return 4 * preference(route) + (fits ? 2 : 0);
}

std::vector<Way> RouteLookup::candidates6(RouteGroup group) {
  std::vector<Way> all;
  for (const NetworkRoute *route : group)
    for (unsigned hop = 0; hop != std::max<size_t>(route->hops.size(), 1); ++hop)
      if (isRefusal(route->type) || !isModelled(*route) || canTake(route->hops[hop], Family::IPv6))
        all.push_back({route, hop});
  return all;
}

/// Of the routes of the lowest metric, the one of the highest score, the first of equals. If none of them can be taken,
/// so of all others, whatever their metric.
Found RouteLookup::best6(RouteGroup group, const LookupKey &key) {
  Found best = thrown();
  int highest = -1;
  bool first = true;
  for (const Way &way : candidates6(group)) {
    bool lowest = way.route->metric == group.front()->metric;
    if (!lowest && first && best.route)
      return best;
    first &= lowest;
    if (!isModelled(*way.route)) {
      if (takes(*way.route))
        return notModelled(*way.route);
      continue;
    }
    if (int each = score(*way.route, way.hop, key); each > highest) {
      highest = each;
      best = foundAt(*way.route, way.hop);
    }
  }
  return best;
}

/// The routes to one destination are tried by their source, the longest prefix first. Where there are any that ask for
/// a source and none of them holds, those that do not ask are passed over as well, but for default routes, and unless a
/// longer prefix was tried in vain. \p tried: a prefix was tried.
/// Source: net/ipv6/ip6_fib.c, fib6_node_lookup_1(); net/ipv6/route.c, fib6_backtrack().
Found RouteLookup::group6(RouteGroup group, const LookupKey &key, bool &tried) {
  bool asks = group.front()->from.length != 0 && group.front()->destination.length != 0;
  while (!group.empty()) {
    ir::Prefix from = group.front()->from;
    RouteGroup same = group.take_while([&](const NetworkRoute *route) { return route->from == from; });
    group = group.drop_front(same.size());
    bool passedOver = from.length == 0 && asks && !tried;
    if (passedOver || !holds(from, key.src, key.family))
      continue;
    tried = true;
    if (Found found = best6(same, key); found.route)
      return found;
  }
  return thrown();
}

Found RouteLookup::among(const RouteTable &table, const LookupKey &key) {
  bool tried = false;
  for (RouteGroup group : table.holding(key.dst)) {
    Found found = key.family == Family::IPv4 ? group4(group, key) : group6(group, key, tried);
    if (found.route)
      return found;
  }
  return thrown();
}

/// Source: net/ipv4/devinet.c, inet_set_ifa(), and net/ipv6/addrconf.c, ipv6_add_addr() refuse these.
static bool canBeOwn(Value address, Family family) {
  if (family == Family::IPv6)
    return address >> 120 != 0xff && address > 1;
  return address >> 28 != 0xe && address != 0 && address != 0xffffffffu;
}

/// An address of which no text says whether it is this machine's.
Found RouteLookup::supposeOwn(const LookupKey &key) {
  if (!key.maybeOwn || !canBeOwn(key.dst, key.family))
    return thrown();
  std::string address = packet::addressText(key.dst, key.family);
  if (!cases.suppose(address + " is an address of this machine", address + " is no address of this machine"))
    return thrown();
  Found found;
  found.failure = Failure::None;
  found.supposedOwn = true;
  return found;
}

Found RouteLookup::notInText(llvm::StringRef table, const LookupKey &key) {
  std::string to = fmt::format("route to {}", packet::addressText(key.dst, key.family));
  if (!cases.suppose(fmt::format("the table {}, which no text shows, has a {}", table.str(), to),
                     fmt::format("the table {}, which no text shows, has no {}", table.str(), to)))
    return thrown();
  Found found;
  found.failure = Failure::Unknown;
  found.unknown = fmt::format("the routes of the table {} are not shown", table.str());
  return found;
}

Found RouteLookup::inTable(llvm::StringRef name, const LookupKey &key) {
  const RoutingState::Tables &tables = state.of(key.family);
  auto table = tables.tables.find(name);
  Found found = table == tables.tables.end() ? thrown() : among(table->second, key);
  found.table = table == tables.tables.end() ? "" : table->first();
  bool missed = found.failure == Failure::Thrown && !found.route;
  if (missed && name == "local" && !tables.ownKnown)
    found = supposeOwn(key);
  bool shown = name == "local" || name == "default" || tables.allTablesKnown || table != tables.tables.end();
  bool mainFollows = name == "main" && (tables.routesKnown || tables.ownKnown);
  if (missed && !shown && !mainFollows)
    found = notInText(name, key);
  return found;
}

/// Hops that the kernel leaves out have no share. Source: net/ipv4/fib_semantics.c, fib_select_multipath();
/// net/ipv6/route.c, fib6_select_path().
std::vector<Way> RouteLookup::hops(const Found &found, const LookupKey &key) const {
  const NetworkRoute &route = *found.route;
  std::vector<Way> ways;
  unsigned all = 0;
  for (unsigned hop = 0; hop != route.hops.size(); ++hop)
    if (canTake(route.hops[hop], key.family)) {
      all += route.hops[hop].weight;
      ways.push_back({&route, hop, route.hops[hop].weight});
    }
  for (Way &way : ways)
    way.weights = ways.size() == 1 ? way.weight : all;
  return ways;
}

} // namespace iptlint::eval
