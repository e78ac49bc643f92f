// What surrounds the rules of one machine: its interfaces and their addresses, bridges, routing rules, routes and
// settings of the kernel. Plain data, no behaviour; lookups are not here.
//
// It is put together from several texts, each of which may be missing: what is then not known says so.
#pragma once

#include "ir/Routes.h"
#include "llvm/Support/Allocator.h"
#include <string>

namespace iptlint::ir {

/// A place in one of several texts.
struct Place {
  size_t source = 0; ///< index into Network::sources
  support::SourceRange at;
};

/// Source: ip-address(8), ifconfig(8).
struct InterfaceAddress {
  Place place;
  packet::Family family = packet::Family::IPv4;
  packet::Value address = 0;
  unsigned length = 0;                   ///< of the prefix that is on the link
  std::optional<packet::Value> peer;     ///< of a point-to-point link: its prefix is the one on the link
  std::optional<packet::Value> broadcast;
  llvm::StringRef scope;                 ///< "global", "link", "host"; empty if not given
  bool secondary = false;                ///< not the one that the kernel puts into packets on its own
  bool unusable = false;                 ///< "tentative", "dadfailed": packets to it are not taken
  bool deprecated = false;               ///< taken for the source of packets where there is no other
  bool noPrefixRoute = false;            ///< "noprefixroute": no route follows from it
};

/// A tunnel whose packets travel in UDP between hosts. Source: ip-link(8), "vxlan".
struct Vxlan {
  uint32_t id = 0;
  std::optional<packet::Value> local;    ///< the outer packet's source
  packet::Family family = packet::Family::IPv4; ///< of `local`
  llvm::StringRef device;                ///< the outer packet's; empty if not given
  uint16_t port = 8472;                  ///< Linux' own, not the 4789 of RFC 7348
};

struct Interface {
  Place place;
  llvm::StringRef name;
  unsigned index = 0;                    ///< 0: not given
  std::optional<bool> up;                ///< the flag UP; none: not given
  std::optional<bool> carrier;           ///< LOWER_UP or NO-CARRIER; RUNNING of ifconfig
  bool loopback = false;
  bool pointToPoint = false;
  bool noArp = false;                    ///< asks nobody on its link for an address
  std::optional<packet::Value> mac;      ///< as packet::Field::Mac
  unsigned mtu = 0;                      ///< 0: not given
  llvm::StringRef kind;                  ///< "bridge", "veth", "vxlan" (`ip -details`); empty if not given
  llvm::StringRef master;                ///< the bridge or VRF whose port it is; empty: none, or not given
  llvm::StringRef group;                 ///< device group by name or number; empty if not given
  std::optional<Vxlan> vxlan;
  llvm::StringRef vrfTable;              ///< of a VRF: where packets of its ports are looked up
  std::vector<InterfaceAddress> addresses;
};

/// Source: brctl(8), bridge(8).
struct Bridge {
  Place place;
  llvm::StringRef name;
  llvm::StringRef id;                    ///< "8000.0a580af40101"; empty if not given
  std::optional<bool> stp;
  std::vector<llvm::StringRef> ports;
};

enum class RoutingAction : uint8_t {
  Lookup,      ///< in RoutingRule::table
  Goto,        ///< on with the rule of preference `goesTo`
  Nop,
  Blackhole,
  Unreachable,
  Prohibit,
  Nat,         ///< `map-to`: the kernel has had none since 2.6
};

/// One line of `ip rule`. Source: ip-rule(8), net/core/fib_rules.c.
struct RoutingRule {
  Place place;
  std::vector<llvm::StringRef> words;    ///< from behind the preference on
  packet::Family family = packet::Family::IPv4;
  uint32_t preference = 0;
  bool negated = false;                  ///< "not": it holds where its selectors do not
  Prefix from, to;                       ///< length 0: all
  llvm::StringRef in, out;               ///< interfaces; empty: any
  uint32_t mark = 0, markMask = 0;       ///< mask 0: any
  std::optional<uint8_t> tos;
  std::optional<uint8_t> protocol;
  struct Span { uint32_t lo, hi; };      ///< both ends inclusive
  std::optional<Span> sport, dport, uid;
  RoutingAction action = RoutingAction::Lookup;
  llvm::StringRef table;                 ///< "main", "100"; of Lookup
  uint32_t goesTo = 0;                   ///< of Goto
  /// A route that is no longer than this is passed over ("suppress_prefixlength").
  std::optional<unsigned> suppressLength;
  std::optional<llvm::StringRef> suppressGroup; ///< "suppress_ifgroup"
  bool l3mdev = false;                   ///< looks up in the table of the VRF of the packet's interface
  /// A selector that no field here holds (`tun_id`), or an error: nothing may be concluded from it.
  bool opaque = false;
};

/// A setting of the kernel, as sysctl(8) names it: "net.ipv4.ip_forward".
struct Setting {
  std::string name;  ///< parts parted by dots; a dot in an interface's name is written /
  std::string value; ///< without blanks around it
  Place place;
};

/// Of which families something is known.
struct FamilySet {
  bool ipv4 = false, ipv6 = false;
  bool has(packet::Family family) const { return family == packet::Family::IPv4 ? ipv4 : ipv6; }
};

struct NetworkRoute : Route {
  size_t source = 0; ///< index into Network::sources
};

struct Network {
  std::vector<std::shared_ptr<const support::Source>> sources;
  std::shared_ptr<llvm::BumpPtrAllocator> strings; ///< holds texts that are no slice of a source; may be null
  std::vector<Interface> interfaces;
  std::vector<Bridge> bridges;
  std::vector<RoutingRule> rules;        ///< in the order written
  std::vector<NetworkRoute> routes;      ///< in the order written
  std::vector<Setting> settings;         ///< a later one of the same name replaces an earlier one
  /// Whether a text said which there are: without it own addresses are not known, the rules are those that the kernel
  /// begins with, and routes follow from addresses alone. `ip rule` shows one family, so each is asked for by itself.
  FamilySet knowsAddresses, knowsRules, knowsRoutes;
  /// Whether a text showed every table (`ip route show table all`), which shows in routes of the table "local". Without
  /// that, what is in other tables than those that routes name is not known.
  FamilySet knowsAllTables;
};

} // namespace iptlint::ir
