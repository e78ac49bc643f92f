// The routes that the kernel makes by itself for the addresses of interfaces.
#pragma once

#include "eval/RoutingSettings.h"
#include "llvm/Support/StringSaver.h"
#include <deque>

namespace iptlint::eval {

/// For texts that do not show them: the table "local" where only the main table was printed, connected routes as well
/// where no route was. Source: net/ipv4/fib_frontend.c, fib_add_ifaddr(); net/ipv6/addrconf.c, __ipv6_ifa_notify(),
/// addrconf_prefix_route(), addrconf_add_mroute().
class OwnRoutes {
public:
  OwnRoutes(const ir::Network &network, const RoutingSettings &settings) : network(network), settings(settings) {}

  /// Own addresses, broadcast addresses, 127/8 and ::1, the multicast of IPv6.
  void addLocal(packet::Family family);
  /// The prefixes of the addresses.
  void addConnected(packet::Family family);
  /// What connected routes of the kernel's say of own addresses where no text shows those: "10.0.0.0/24 dev em1 proto
  /// kernel scope link src 10.0.0.1".
  void addInferred(packet::Family family);

  const std::deque<ir::NetworkRoute> &all() const { return routes; }

private:
  void addLoopback(packet::Family family);
  void addLocal4(const ir::Interface &interface, const ir::InterfaceAddress &address);
  void addLocal6(const ir::Interface &interface, const ir::InterfaceAddress &address);
  void addMulticast6(llvm::StringRef device);
  void addBroadcast(const ir::Interface &interface, const ir::InterfaceAddress &address);
  /// Where a route leads to, and what is the same for several.
  struct Place {
    packet::Family family;
    llvm::StringRef device;
    std::optional<packet::Value> source = std::nullopt;
    unsigned metric = 0;
    bool linkDown = false;
  };
  void add(ir::RouteType type, ir::Prefix destination, const Place &place);
  void write(ir::NetworkRoute &route);

  const ir::Network &network;
  const RoutingSettings &settings;
  std::deque<ir::NetworkRoute> routes;
  llvm::BumpPtrAllocator memory;
};

} // namespace iptlint::eval
