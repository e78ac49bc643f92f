// Where routing sends a packet: to this machine, out of an interface by some next hop, or nowhere.
//
// Like Eval.h this is a judge, written to be obviously right: routing rules one after the other, of a table the routes
// to the destination from the longest prefix to the shortest, of one prefix by TOS and metric. The kernel is its own
// judge (test/kernel/lookup.py); docs/semantics.md, "Routing", says what is modelled, what is unknown and what is left
// out.
//
// An answer is a set of decisions. Several stand there where the kernel has a choice (next hops with weights) or where
// the texts do not say enough (own addresses that are not known, a route with a selector that is not modelled): then
// each says what it supposes. What no text can decide is Fate::Unknown, with the reason.
//
// Not here: hooks, TTL, what tunnels and bridges do with a packet, the state of neighbours.
#pragma once

#include "ir/Network.h"
#include <memory>

namespace iptlint::eval {

/// What routing reads of a packet.
struct Flow {
  packet::Family family = packet::Family::IPv4;
  packet::Value src = 0; ///< 0 of a packet of this machine: none is chosen yet
  packet::Value dst = 0;
  llvm::StringRef in;  ///< the interface it came by; empty: a packet of this machine
  llvm::StringRef out; ///< the interface that its socket is bound to; empty: none. Of packets of this machine only
  uint32_t mark = 0;
  uint8_t tos = 0; ///< the whole byte, as packet::Field::Tos
  uint8_t protocol = 0;
  uint16_t sport = 0, dport = 0; ///< 0: there are none, as in a later fragment
  uint32_t uid = 0;              ///< of the sending socket
  /// The source need not be an own address: it is routed once more behind OUTPUT, or a raw socket wrote its header.
  /// Source: net/ipv4/netfilter.c, ip_route_me_harder(), FLOWI_FLAG_ANYSRC.
  bool anySource = false;
};

enum class Fate : uint8_t {
  Local,       ///< for this machine: INPUT. A packet of its own goes out of lo first
  Out,         ///< out of Decision::device: FORWARD, or behind OUTPUT
  Broadcast,   ///< received: to this machine. A packet of its own: out of Decision::device, and back
  Multicast,   ///< received: to this machine, which listens. A packet of its own: out of Decision::device
  Unreachable, ///< a route or a rule says so
  Prohibit,
  Blackhole,
  NoRoute,
  NotForwarding, ///< for another machine, and forwarding is off
  Martian,       ///< Decision::martian says which kind
  Unknown,       ///< Decision::reason says why
};
/// "local", "out" ...
llvm::StringRef name(Fate fate);

/// Why a packet is refused for its addresses. Source: net/ipv4/route.c, ip_route_input_slow() and
/// ip_route_output_key_hash_rcu(); net/ipv4/fib_frontend.c, __fib_validate_source(); net/ipv6/ip6_output.c,
/// ip6_forward().
enum class Martian : uint8_t {
  None,
  MulticastSource,
  BroadcastSource,
  ZeroSource,
  ZeroDestination,
  LoopbackSource,
  LoopbackDestination,
  OwnSource,        ///< received from another machine with an address of this one (accept_local is off)
  ForeignSource,    ///< sent by this machine with an address of another
  SourceNotUnicast, ///< the way back to the source is no unicast route
  ReversePath,      ///< rp_filter: the way back to the source is another, or there is none
  LinkLocalSource,  ///< IPv6: to be forwarded, and its source is of one link only
  MulticastScope,   ///< IPv6: to a group that ends at an interface or at a machine
  NotForwardable,   ///< the route is neither unicast nor for this machine
};
/// "source is an own address" ...
llvm::StringRef name(Martian martian);

/// One thing that may become of a packet.
struct Decision {
  Fate fate = Fate::Unknown;
  Martian martian = Martian::None;
  /// For every fate but Local, Out, Broadcast and Multicast: what happened, in one sentence without a full stop, with
  /// the ICMP error that tells the sender: "no route to 10.0.0.1 (ICMP 3/0)".
  std::string reason;
  /// 256 * type + code of the ICMP error that the sender gets, of ICMP or ICMPv6. None: it is not told, or the packet
  /// is this machine's own (its socket gets an error).
  std::optional<uint16_t> icmp;
  /// What holds in this case and is not known to: "10.0.0.9 is an address of this machine". Empty: always.
  std::string supposing;

  /// The rule that decided; null where the kernel begins with it, or where none was asked. \p ruleText is there for
  /// both: "32766: from all lookup main".
  const ir::RoutingRule *rule = nullptr;
  std::string ruleText;
  std::string table; ///< "main"; empty if no route decided
  /// The route that decided; null where it follows from an address, or where none did. \p routeText is there for both,
  /// as it was written, or as `ip route` would print it: "local 10.0.0.1 dev em1 scope host".
  const ir::NetworkRoute *route = nullptr;
  std::string routeText;

  llvm::StringRef device;               ///< the interface it goes out by; of Local: the one whose address it is
  std::optional<packet::Value> gateway; ///< none: the next hop is the destination itself
  packet::Family gatewayFamily = packet::Family::IPv4;
  /// Of packets of this machine: their source, which is the one they had or the one that is chosen for them. None: the
  /// texts do not show which, or there is none.
  std::optional<packet::Value> source;
  /// Of several next hops, how often this one is taken: weight out of weights. Both 1 where there is no choice. Where
  /// the shares are not known (default routes of one metric), weights is 0.
  unsigned weight = 1, weights = 1;
};

/// Never empty. In the order of the routes and their next hops; what is unknown comes last.
using Decisions = std::vector<Decision>;

/// An address that the kernel picks; none where there is no fitting one, or, with a reason, where it is not known.
struct Choice {
  std::optional<packet::Value> address;
  std::string unknown; ///< why; empty: it is known
};

/// The type of an address, as `-m addrtype` asks for it; none where it is not known, with the reason.
struct TypeOf {
  std::optional<packet::AddrType> type;
  std::string unknown;
};

/// Lookups in one machine's rules, tables and addresses. The network must outlive it.
class Routing {
public:
  explicit Routing(const ir::Network &network);
  ~Routing();
  Routing(Routing &&) noexcept;
  Routing &operator=(Routing &&) noexcept;

  /// The decision behind PREROUTING where \p flow came by an interface; else the one that a packet of this machine
  /// begins with, or is routed by again when OUTPUT has changed it (Flow::anySource).
  Decisions decide(const Flow &flow) const;

  /// Whether a packet is thrown away as it arrives, before any hook: IPv6 from or to ::1, from a multicast address ...
  /// Source: net/ipv6/ip6_input.c, ip6_rcv_core().
  static Martian refusedOnArrival(const Flow &flow, bool byLoopback);

  /// The source for packets that leave by an interface to a next hop, as MASQUERADE takes it.
  /// \param toward  IPv4: the next hop, a gateway or the destination; IPv6: the destination.
  /// Source: net/netfilter/nf_nat_masquerade.c; net/ipv4/devinet.c, inet_select_addr(); net/ipv6/addrconf.c,
  /// ipv6_dev_get_saddr().
  Choice sourceFor(packet::Family family, llvm::StringRef device, packet::Value toward) const;

  /// The destination that REDIRECT writes into a packet that came by an interface; empty: one of this machine.
  /// Source: net/netfilter/nf_nat_redirect.c.
  Choice redirectTo(packet::Family family, llvm::StringRef in, packet::Value dst) const;

  /// The type of an address, without regard to interfaces.
  /// Source: net/ipv4/fib_frontend.c, inet_addr_type(); net/netfilter/xt_addrtype.c.
  TypeOf addressType(packet::Family family, packet::Value address) const;

private:
  std::unique_ptr<const class RoutingState> state;
};

} // namespace iptlint::eval
