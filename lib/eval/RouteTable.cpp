// Routes sorted by prefix: one binary search for each length of a prefix that occurs.
#include "eval/RouteTable.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include <algorithm>
#include <tuple>

namespace iptlint::eval {

using ir::NetworkRoute;
using ir::RouteType;
using packet::Family;
using packet::Value;

Value leadingBits(Value address, unsigned length, Family family) {
  unsigned rest = packet::bits(packet::Field::Src, family) - length;
  return length == 0 ? 0 : address >> rest << rest;
}

bool holds(const ir::Prefix &prefix, Value address, Family family) {
  return leadingBits(address, prefix.length, family) == prefix.address;
}

unsigned scopeNumber(llvm::StringRef scope) {
  unsigned number = 0;
  if (!scope.getAsInteger(0, number))
    return number;
  return llvm::StringSwitch<unsigned>(scope)
      .Case("nowhere", 255)
      .Case("host", 254)
      .Case("link", 253)
      .Case("site", 200)
      .Default(0);
}

unsigned scopeOf(const ir::Route &route) {
  bool ofColumns = !route.flags.empty();
  if (ofColumns && (route.hops.empty() || !route.hops.front().gateway))
    return isRefusal(route.type) ? scopeNumber("host") : scopeNumber("link");
  return scopeNumber(route.scope);
}

llvm::StringRef tableName(llvm::StringRef table) {
  return llvm::StringSwitch<llvm::StringRef>(table)
      .Cases("255", "local", "local")
      .Cases("254", "", "main", "main")
      .Cases("253", "default", "default")
      .Default(table);
}

/// `ip route show table local` does not name the table with each route.
llvm::StringRef tableOf(const ir::Route &route) {
  bool livesInLocal = route.type == RouteType::Local || route.type == RouteType::Broadcast ||
                      route.type == RouteType::Anycast ||
                      (route.type == RouteType::Multicast && route.family == Family::IPv6);
  if (route.table.empty() && livesInLocal)
    return "local";
  return tableName(route.table);
}

std::optional<Value> preferredSource(const ir::Route &route) {
  return route.source;
}

bool isRefusal(RouteType type) {
  return type == RouteType::Unreachable || type == RouteType::Prohibit || type == RouteType::Blackhole ||
         type == RouteType::Throw;
}

namespace {
/// What the kernel sorts the routes of a table by: routes to one prefix that ask for a TOS come first, the highest
/// before the others, then those of the lowest metric. IPv6 knows no TOS.
/// Source: net/ipv4/fib_trie.c, fib_find_alias(); net/ipv6/ip6_fib.c, fib6_add_rt2node().
auto rank(const NetworkRoute &route) {
  bool mergedFirst = tableOf(route) == "local"; // where one trie holds both: fib_trie.c sorts by table, descending
  return std::make_tuple(-int(route.destination.length), route.destination.address, -int(route.from.length),
                         route.from.address, !mergedFirst, -int(route.tos.value_or(0)), route.metric);
}

struct ByPrefix {
  unsigned length;
  Value address;
};
auto prefixRank(const NetworkRoute *route) {
  return std::make_pair(-int(route->destination.length), route->destination.address);
}
struct PrefixLess {
  bool operator()(const NetworkRoute *route, ByPrefix prefix) const {
    return prefixRank(route) < std::make_pair(-int(prefix.length), prefix.address);
  }
  bool operator()(ByPrefix prefix, const NetworkRoute *route) const {
    return std::make_pair(-int(prefix.length), prefix.address) < prefixRank(route);
  }
};
} // namespace

void RouteTable::sort() {
  llvm::stable_sort(routes, [](const NetworkRoute *a, const NetworkRoute *b) { return rank(*a) < rank(*b); });
  for (const NetworkRoute *route : routes)
    if (lengths.empty() || lengths.back() != route->destination.length)
      lengths.push_back(route->destination.length);
}

llvm::SmallVector<RouteGroup, 4> RouteTable::holding(Value address) const {
  llvm::SmallVector<RouteGroup, 4> groups;
  for (unsigned length : lengths) {
    ByPrefix prefix{length, leadingBits(address, length, family)};
    auto [begin, end] = std::equal_range(routes.begin(), routes.end(), prefix, PrefixLess());
    if (begin != end)
      groups.push_back(llvm::makeArrayRef(&*begin, end - begin));
  }
  return groups;
}

} // namespace iptlint::eval
