// One lookup: the rules in their order, and the table that each leads to, until a route or a refusal is found.
#pragma once

#include "eval/RoutingState.h"
#include "eval/Suppositions.h"

namespace iptlint::eval {

/// What is looked up. Source: include/net/flow.h, struct flowi4 and flowi6.
struct LookupKey {
  packet::Family family = packet::Family::IPv4;
  packet::Value src = 0, dst = 0;
  llvm::StringRef iif; ///< "lo": a packet of this machine
  llvm::StringRef oif; ///< empty: any
  uint32_t mark = 0;
  uint8_t tos = 0, protocol = 0;
  uint16_t sport = 0, dport = 0;
  uint32_t uid = 0;
  bool hasSource = true;     ///< IPv6: false while no source is chosen; rules with "from" then hold for no packet
  bool strict = false;       ///< IPv6: only by the interface `preferred` (RT6_LOOKUP_F_IFACE)
  llvm::StringRef preferred; ///< IPv6: of several routes of one metric, one by this interface
  bool maybeOwn = true;      ///< false: a destination of which no text says whether it is this machine's is not
};

/// How a lookup ends without a route, by the kernel's error number.
enum class Failure : uint8_t {
  None,
  NoRoute,         ///< ENETUNREACH
  HostUnreachable, ///< EHOSTUNREACH: a route of type unreachable
  Prohibited,      ///< EACCES
  Discarded,       ///< EINVAL: a blackhole
  Thrown,          ///< EAGAIN: the table has no route, the next rule is asked
  Unknown,
};

struct Found {
  Failure failure = Failure::NoRoute;
  std::string unknown; ///< why
  const ir::RoutingRule *rule = nullptr;
  llvm::StringRef table;
  const ir::NetworkRoute *route = nullptr; ///< of a refusal, too
  unsigned hop = 0;                        ///< the first of the route's that can be taken
  RouteGroup group;                        ///< IPv4: the routes to the same prefix, this among them
  /// A route that is not there, to an address that is supposed to be this machine's.
  bool supposedOwn = false;
  bool sameAs(const Found &other) const { return failure == other.failure && route == other.route && hop == other.hop; }
};

/// One of the next hops that a packet may take, and its share.
struct Way {
  const ir::NetworkRoute *route;
  unsigned hop;
  unsigned weight = 1, weights = 1;
};

class RouteLookup {
public:
  RouteLookup(const RoutingState &state, Suppositions &cases) : state(state), cases(cases) {}

  Found find(const LookupKey &key);
  /// IPv4: what the table local says of an address, whatever the rules are.
  Found findLocal(const LookupKey &key);
  /// IPv4: the next hops of a route that a lookup found among which the kernel chooses by a hash of the packet.
  std::vector<Way> hops(const Found &found, const LookupKey &key) const;
  /// Whether the kernel leaves a next hop out: it is dead, or has no carrier and the settings say so.
  bool canTake(const ir::NextHop &hop, packet::Family family) const;
  /// The interface of a next hop. Where the text does not have it: the one by which the gateway is on the link.
  llvm::StringRef deviceOf(const ir::NetworkRoute &route, unsigned hop) const;
  /// Whether rules were ever there other than those the kernel begins with. Without any it does some things in another
  /// way.
  bool customRules(const std::string &unless);

private:
  bool matches(const ir::RoutingRule &rule, const LookupKey &key) const;
  bool suppressed(const ir::RoutingRule &rule, const Found &found);
  std::optional<size_t> jump(const ir::RoutingRule &rule, size_t from) const;
  Found byRules(const LookupKey &key);
  Found apply(const ir::RoutingRule &rule, const LookupKey &key);
  Found merged(const LookupKey &key);
  Found inTable(llvm::StringRef table, const LookupKey &key);
  Found notInText(llvm::StringRef table, const LookupKey &key);
  Found supposeOwn(const LookupKey &key);
  Found among(const RouteTable &table, const LookupKey &key);
  Found group4(RouteGroup group, const LookupKey &key);
  Found group6(RouteGroup group, const LookupKey &key, bool &tried);
  Found best6(RouteGroup group, const LookupKey &key);
  std::vector<Way> candidates6(RouteGroup group);
  bool takes(const ir::NetworkRoute &route);
  int score(const ir::NetworkRoute &route, unsigned hop, const LookupKey &key) const;

  const RoutingState &state;
  Suppositions &cases;
};

} // namespace iptlint::eval
