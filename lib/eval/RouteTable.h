// The routes of one table, in the order in which the kernel tries them.
#pragma once

#include "ir/Network.h"

namespace iptlint::eval {

/// The routes to one prefix, the first to try first.
using RouteGroup = llvm::ArrayRef<const ir::NetworkRoute *>;

/// The leading bits of an address.
packet::Value leadingBits(packet::Value address, unsigned length, packet::Family family);
bool holds(const ir::Prefix &prefix, packet::Value address, packet::Family family);

/// How far a route's destinations are away, as a number: 0 "global" to 255 "nowhere".
/// Source: linux/rtnetlink.h, enum rt_scope_t; a route of `route -n`, which shows none, has what SIOCADDRT gives it
/// (net/ipv4/fib_frontend.c, rtentry_to_fib_config()).
unsigned scopeOf(const ir::Route &route);
unsigned scopeNumber(llvm::StringRef scope);

/// The table a route stands in, by its name or number in one way: "local", "main", "default", "100".
llvm::StringRef tableOf(const ir::Route &route);
llvm::StringRef tableName(llvm::StringRef table);

/// The address that its packets get as their source ("src").
std::optional<packet::Value> preferredSource(const ir::Route &route);

/// "unreachable" and its like: it has an answer in place of next hops.
bool isRefusal(ir::RouteType type);

class RouteTable {
public:
  explicit RouteTable(packet::Family family) : family(family) {}

  void add(const ir::NetworkRoute &route) { routes.push_back(&route); }
  /// To be called once, behind the last add(). Routes that differ in nothing by which the kernel sorts stay in the
  /// order they were added, which is that of `ip route show`.
  void sort();
  /// The groups of all prefixes that hold an address, the longest first. IPv6: of one destination, the routes of all
  /// its sources ("from") are one group, the longest source first.
  llvm::SmallVector<RouteGroup, 4> holding(packet::Value address) const;
  llvm::ArrayRef<const ir::NetworkRoute *> all() const { return routes; }

private:
  packet::Family family;
  std::vector<const ir::NetworkRoute *> routes;
  std::vector<unsigned> lengths; ///< those that occur, the longest first
};

} // namespace iptlint::eval
