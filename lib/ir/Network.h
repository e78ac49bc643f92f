// What surrounds the rules: routes. Plain data, no behaviour; lookups are not here.
//
// Like rules, routes are held as the words that were written and as what they mean.
#pragma once

#include "packet/Field.h"
#include "support/Source.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>
#include <vector>

namespace iptlint::ir {

/// An address block: `length` leading bits of `address` count, the rest of it is 0.
struct Prefix {
  packet::Value address = 0;
  unsigned length = 0;
  bool operator==(const Prefix &) const = default;
};

/// The text forms a route table is read from and printed in.
enum class RouteForm : uint8_t {
  IpRoute, ///< `ip route show`, `ip -6 route show`
  RouteN,  ///< `route -n`, `netstat -rn`
};

/// Source: ip-route(8).
enum class RouteType : uint8_t { Unicast, Local, Broadcast, Multicast, Unreachable, Prohibit, Blackhole, Throw, Nat, Anycast };

struct NextHop {
  std::optional<packet::Value> gateway; ///< none: the destination is on the link
  llvm::StringRef device;               ///< empty if the text has none
  unsigned weight = 1;
};

struct Route {
  support::SourceRange at;
  std::vector<llvm::StringRef> words;
  packet::Family family = packet::Family::IPv4;
  RouteType type = RouteType::Unicast;
  Prefix destination;                   ///< length 0: default
  llvm::SmallVector<NextHop, 1> hops;   ///< none for Unreachable and its like
  unsigned metric = 0;
  std::optional<packet::Value> source;  ///< preferred source address ("src")
  llvm::StringRef table, protocol, scope; ///< as written; empty if not given
  // The columns that only `route -n` has.
  llvm::StringRef flags;                ///< "UG"
  unsigned references = 0, use = 0;
};

struct Network {
  std::shared_ptr<const support::Source> source;
  RouteForm form = RouteForm::IpRoute;
  std::vector<Route> routes;
};

} // namespace iptlint::ir
