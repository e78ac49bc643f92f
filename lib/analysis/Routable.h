// Which ways packets from other machines may take on to some addresses, whatever else is so of them.
//
// Never fewer than the kernel would: any table may be the one that decides, and of a route any next hop. So what no way
// leads to, no such packet comes to. Packets of this machine are left out: a socket that is bound to an interface sends
// by it without a route. What a single packet's way is, is not asked here.
// Source: net/ipv4/route.c, ip_route_input_slow() and ip_route_output_key_hash_rcu().
#pragma once

#include "ir/Network.h"
#include "ir/Ruleset.h"
#include <map>

namespace iptlint::analysis {

/// Where a packet may go.
struct Way {
  const ir::NetworkRoute *route = nullptr; ///< null: it follows from an address of the interface
  llvm::StringRef device;                  ///< empty: any
};

/// Of the packets to some addresses.
struct Ways {
  bool local = false; ///< some may be for this machine, or for all of a network or group
  /// The interfaces of own addresses among them; empty: any.
  std::vector<llvm::StringRef> localBy;
  std::vector<Way> out;
  /// Routes that refuse packets: unreachable, prohibit, blackhole. In the order written.
  std::vector<const ir::NetworkRoute *> refusals;

  bool none() const { return !local && out.empty(); }
  bool mayLeaveBy(llvm::StringRef device) const;
  /// Whether a way leaves by an interface, or ends at an own address there. Of a packet's source the reverse-path filter
  /// asks just this when it is strict (accept_local). Source: net/ipv4/fib_frontend.c, __fib_validate_source().
  bool mayBeAt(llvm::StringRef device) const;
};

/// The table that a route stands in: "local", "main", "100". Those of `ip route show table local` do not name it.
llvm::StringRef tableOf(const ir::Route &route);

/// Whether the texts show all interfaces with all addresses of a family: `ip addr`, not one interface's, and not
/// ifconfig, which leaves addresses out.
bool showsAllAddresses(const ir::Network &network, packet::Family family);

/// The network must outlive it.
class Routable {
public:
  Routable(const ir::Network &network, packet::Family family);

  /// Whether the texts show every route, and every address of this machine, that packets can meet.
  bool known() const { return isKnown; }

  /// To be asked only where that is known.
  Ways waysTo(ir::Interval addresses) const;
  /// To any of several ranges.
  Ways waysTo(llvm::ArrayRef<ir::Interval> ranges) const;

private:
  bool decideKnown() const;
  void addLocal(Ways &ways, ir::Interval addresses) const;
  void addConnected(Ways &ways, ir::Interval addresses) const;
  using Found = llvm::SmallVector<const ir::NetworkRoute *, 8>;
  Found routesTo(ir::Interval addresses) const;

  const ir::Network &network;
  packet::Family family;
  bool isKnown;
  /// By length of prefix, and then by its first address.
  std::map<unsigned, std::multimap<packet::Value, const ir::NetworkRoute *>> routes;
};

} // namespace iptlint::analysis
