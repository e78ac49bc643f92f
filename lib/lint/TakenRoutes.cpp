// Source: net/ipv4/fib_trie.c, fib_table_lookup(), fib_find_alias(); ip-route(8).
#include "lint/TakenRoutes.h"
#include "analysis/Routable.h"
#include "llvm/ADT/STLExtras.h"
#include <map>
#include <tuple>

namespace iptlint::lint {

using ir::NetworkRoute;
using ir::NextHop;
using ir::RouteType;

/// What routes have in common of which a lookup picks one.
static auto keyOf(const NetworkRoute &route) {
  return std::make_tuple(analysis::tableOf(route), route.destination.address, route.destination.length,
                         route.tos.value_or(0));
}

static bool isRefusal(const NetworkRoute &route) {
  return route.type == RouteType::Unreachable || route.type == RouteType::Prohibit ||
         route.type == RouteType::Blackhole;
}

/// Whether the text holds all that matters of a route, so that it can be compared.
static bool isPlain(const NetworkRoute &route) {
  bool hasUsualHops =
      route.type == RouteType::Unicast && !route.hops.empty() &&
      llvm::none_of(route.hops, [](const NextHop &hop) { return hop.device.empty() || hop.unusable || hop.linkDown; });
  return !route.broken && !route.opaque && (hasUsualHops || isRefusal(route));
}

/// Lookups for gateways pass over routes of a wide scope.
static bool haveSameReach(const NetworkRoute &left, const NetworkRoute &right) {
  auto hasGateway = [](const NextHop &hop) { return hop.gateway || hop.gatewayFamily; };
  auto direct = std::not_fn(hasGateway);
  bool sameHops = (llvm::all_of(left.hops, hasGateway) && llvm::all_of(right.hops, hasGateway)) ||
                  (llvm::all_of(left.hops, direct) && llvm::all_of(right.hops, direct));
  return left.scope == right.scope && sameHops;
}

static bool goesByThese(const NetworkRoute &route, const NetworkRoute &other) {
  return llvm::all_of(route.hops, [&](const NextHop &hop) {
    return llvm::any_of(other.hops, [&](const NextHop &of) { return of.device == hop.device; });
  });
}

/// Whether whoever comes to \p route has been answered by \p before.
static bool isTaken(const NetworkRoute &route, const NetworkRoute &before) {
  // Which of two routes of one metric is first shows only in the text of one call.
  if (before.metric > route.metric || (before.metric == route.metric && before.source != route.source))
    return false;
  if (isRefusal(before))
    return true;
  return !isRefusal(route) && haveSameReach(route, before) && goesByThese(route, before);
}

static bool areSame(const NetworkRoute &left, const NetworkRoute &right) {
  auto same = [](const NextHop &one, const NextHop &other) {
    return one.gateway == other.gateway && one.gatewayFamily == other.gatewayFamily && one.device == other.device &&
           one.weight == other.weight && one.onLink == other.onLink;
  };
  return left.type == right.type && left.Route::source == right.Route::source &&
         std::equal(left.hops.begin(), left.hops.end(), right.hops.begin(), right.hops.end(), same);
}

std::vector<TakenRoute> takenRoutes(const ir::Network &network) {
  std::map<decltype(keyOf(network.routes.front())), std::vector<const NetworkRoute *>> groups;
  for (const NetworkRoute &route : network.routes)
    if (route.family == packet::Family::IPv4 && isPlain(route))
      groups[keyOf(route)].push_back(&route);
  std::vector<TakenRoute> taken;
  for (auto &[key, group] : groups) {
    llvm::stable_sort(group, [](auto *left, auto *right) { return left->metric < right->metric; });
    for (size_t later = 1; later < group.size(); ++later)
      for (size_t earlier = 0; earlier != later; ++earlier)
        if (isTaken(*group[later], *group[earlier])) {
          taken.push_back({group[later], group[earlier], areSame(*group[later], *group[earlier])});
          break;
        }
  }
  llvm::sort(taken, [](const TakenRoute &left, const TakenRoute &right) { return left.route < right.route; });
  return taken;
}

} // namespace iptlint::lint
