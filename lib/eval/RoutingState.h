// One machine's rules and tables, ready for lookups.
#pragma once

#include "eval/OwnRoutes.h"
#include "eval/RouteTable.h"
#include "llvm/ADT/StringMap.h"

namespace iptlint::eval {

class RoutingState {
public:
  explicit RoutingState(const ir::Network &network);

  /// Rules and tables of one family.
  struct Tables {
    explicit Tables(packet::Family family) : merged(family) {}
    std::vector<const ir::RoutingRule *> rules; ///< by preference
    bool customRules = false;                   ///< other rules than those the kernel begins with
    llvm::StringMap<RouteTable> tables;
    /// IPv4: the tables local and main as one, which they are until a rule is added.
    /// Source: net/ipv4/fib_frontend.c, fib_new_table(), fib_unmerge().
    RouteTable merged;
    bool ownKnown = false;    ///< which addresses are this machine's
    bool routesKnown = false; ///< those of the main table
    bool allTablesKnown = false;
    const ir::NetworkRoute *broken = nullptr; ///< a line that could not be read
    bool customLocal = false;                 ///< somebody made a local route
    bool realms = false;
  };
  const Tables &of(packet::Family family) const { return family == packet::Family::IPv4 ? four : six; }

  const ir::Interface *interface(llvm::StringRef name) const;
  /// Whether what the interface is part of is, or may be, a VRF: "em1 is in the VRF red".
  std::optional<std::string> vrfOf(llvm::StringRef name) const;
  /// Whether any interface has this address. Source: net/ipv4/devinet.c, inet_lookup_ifaddr_rcu().
  bool isOwn(packet::Family family, packet::Value address) const;
  /// Null if it follows from an address, or is one that the kernel begins with.
  const ir::NetworkRoute *written(const ir::NetworkRoute *route) const;
  const ir::RoutingRule *written(const ir::RoutingRule *rule) const;

  const ir::Network &network;
  const RoutingSettings settings;

private:
  void addRules(Tables &into, packet::Family family);
  void addRoutes(Tables &into, packet::Family family);
  void addRoute(Tables &into, const ir::NetworkRoute &route);

  OwnRoutes ownRoutes;
  std::vector<ir::RoutingRule> startRules; ///< those that the kernel begins with
  llvm::StringMap<const ir::Interface *> interfaces;
  Tables four{packet::Family::IPv4}, six{packet::Family::IPv6};
};

/// "32766: from all lookup main", "10.0.0.0/8 via 10.0.0.1 dev em1".
std::string textOf(const ir::RoutingRule &rule);
std::string textOf(const ir::Route &route);

} // namespace iptlint::eval
