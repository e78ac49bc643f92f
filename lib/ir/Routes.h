// The routes of one text, as it was written. Plain data, no behaviour; lookups are not here.
//
// Like rules, routes are held as the words that were written and as what they mean. ir/Network.h puts the routes of
// several texts together with what else surrounds the rules.
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
  /// The gateway's family where it is not the route's: `via inet6 fe80::1`. Given without a gateway:
  /// there is one, which the text does not show (`route -n` has no room for it).
  std::optional<packet::Family> gatewayFamily;
  bool onLink = false;   ///< "onlink": the gateway counts as being on the link, whatever routes say
  bool unusable = false; ///< "dead": the kernel never takes it
  bool linkDown = false; ///< "linkdown": its device has no carrier
};

struct Route {
  support::SourceRange at;              ///< its line or lines, from their first word to their last
  std::vector<llvm::StringRef> words;   ///< all of them; what no field below holds is only here (docs/network.md)
  packet::Family family = packet::Family::IPv4;
  RouteType type = RouteType::Unicast;
  Prefix destination;                   ///< length 0: default
  /// None for Unreachable and its like, nor where `route -n` shows the device `*`: that is a blackhole
  /// or a throw, and the text does not say which.
  llvm::SmallVector<NextHop, 1> hops;
  unsigned metric = 0;
  std::optional<packet::Value> source;  ///< preferred source address ("src")
  /// "main", "local", "default" and "unspec", by number as well; any other as written. Empty if not given: the table that
  /// was asked for, which is main unless `ip` was told otherwise.
  llvm::StringRef table;
  llvm::StringRef protocol, scope; ///< as written; empty if not given
  std::optional<uint8_t> tos;           ///< only packets with this TOS take it; none: any do
  /// IPv6 only ("from"): the sources that take it. Length 0: all.
  Prefix from;
  /// The text says something of which packets may take it, or how they travel, that no field here holds: `iif`,
  /// `encap`, a nexthop group by its number alone. What it says is in `words`; nothing may be concluded from such a route.
  bool opaque = false;
  // The columns that only `route -n` has.
  llvm::StringRef flags;                ///< "UG"
  unsigned references = 0, use = 0;
  /// The line had an error in it: the fields hold what could be understood, and nothing may be
  /// concluded from them.
  bool broken = false;
};

struct Routes {
  std::shared_ptr<const support::Source> source;
  RouteForm form = RouteForm::IpRoute;
  std::vector<Route> routes;
  /// Lines that are no route, without their ends: headings, comments, empty lines.
  std::vector<support::SourceRange> otherLines;
};

} // namespace iptlint::ir
