// The questions that Routing answers: each on every way through what has to be supposed.
#include "eval/Routing.h"
#include "eval/Routing4.h"
#include "eval/Routing6.h"
#include "eval/SourceChoice.h"
#include <fmt/format.h>

namespace iptlint::eval {

using packet::AddrType;
using packet::Family;
using packet::Value;

Routing::Routing(const ir::Network &network) : state(std::make_unique<const RoutingState>(network)) {}
Routing::~Routing() = default;
Routing::Routing(Routing &&) noexcept = default;
Routing &Routing::operator=(Routing &&) noexcept = default;

static Decisions decideOnce(const RoutingState &state, Suppositions &cases, const Flow &flow) {
  if (flow.family == Family::IPv4)
    return flow.in.empty() ? Output4(state, cases, flow).decide() : Input4(state, cases, flow).decide();
  Routing6 routing(state, cases, flow);
  return flow.in.empty() ? routing.output() : routing.input();
}

Decisions Routing::decide(const Flow &flow) const {
  if (std::optional<std::string> vrf = state->vrfOf(flow.in.empty() ? flow.out : flow.in))
    return {unknown(*vrf + ", and VRFs are not modelled")};
  constexpr size_t kMostDecisions = 64;
  Decisions all, uncertain;
  Suppositions cases;
  do {
    for (Decision &decision : decideOnce(*state, cases, flow)) {
      decision.supposing = cases.text();
      (decision.fate == Fate::Unknown ? uncertain : all).push_back(std::move(decision));
    }
  } while (all.size() + uncertain.size() < kMostDecisions && cases.next());
  if (all.size() + uncertain.size() >= kMostDecisions)
    uncertain.push_back(unknown("there are more cases than are looked at"));
  all.insert(all.end(), uncertain.begin(), uncertain.end());
  return all;
}

Martian Routing::refusedOnArrival(const Flow &flow, bool byLoopback) {
  if (flow.family == Family::IPv4)
    return Martian::None;
  if (isMulticast6(flow.src))
    return Martian::MulticastSource;
  if (flow.src == 1 && !byLoopback)
    return Martian::LoopbackSource;
  if (flow.dst == 1 && !byLoopback)
    return Martian::LoopbackDestination;
  unsigned scope = unsigned(flow.dst >> 112) & 15;
  bool tooNear = isMulticast6(flow.dst) && (scope == 0 || (scope == 1 && !byLoopback));
  return tooNear ? Martian::MulticastScope : Martian::None;
}

Choice Routing::sourceFor(Family family, llvm::StringRef device, Value toward) const {
  if (family == Family::IPv6)
    return chooseSource6(*state, device, toward);
  return chooseSource4(*state, device, toward, scopeNumber("global"));
}

/// For a destination that is of one link, IPv6 takes an address that is, too.
static bool canRedirectTo(const ir::InterfaceAddress &address, Family family, Value dst) {
  bool mapped = family == Family::IPv6 && address.address >> 32 == 0xffff;
  bool scopeFits = family == Family::IPv4 || !isLinkLocal6(dst) || isLinkLocal6(address.address);
  return address.family == family && !address.unusable && !mapped && scopeFits;
}

Choice Routing::redirectTo(Family family, llvm::StringRef in, Value dst) const {
  if (in.empty())
    return {family == Family::IPv4 ? Value(0x7f000001) : Value(1), ""};
  if (!state->network.knowsAddresses.has(family)) {
    Choice only = family == Family::IPv4 ? chooseSource4(*state, in, 0, 0) : Choice();
    return only.address ? only : Choice{std::nullopt, fmt::format("the addresses of {} are not known", in.str())};
  }
  if (const ir::Interface *interface = state->interface(in))
    for (const ir::InterfaceAddress &address : interface->addresses)
      if (canRedirectTo(address, family, dst))
        return {address.address, ""};
  return {};
}

static AddrType typeOfRoute(ir::RouteType type) {
  switch (type) {
  case ir::RouteType::Local:
    return AddrType::Local;
  case ir::RouteType::Broadcast:
    return AddrType::Broadcast;
  case ir::RouteType::Anycast:
    return AddrType::Anycast;
  case ir::RouteType::Multicast:
    return AddrType::Multicast;
  default:
    return AddrType::Unicast;
  }
}

/// Of IPv4, the table local says it, whatever the rules are.
static TypeOf typeOf4(const RoutingState &state, Suppositions &cases, Value address) {
  if (isZeroNet4(address) || address == kBroadcast4)
    return {AddrType::Broadcast, ""};
  if (isMulticast4(address))
    return {AddrType::Multicast, ""};
  LookupKey key;
  key.dst = address;
  Found found = RouteLookup(state, cases).findLocal(key);
  if (found.failure == Failure::Unknown)
    return {std::nullopt, found.unknown};
  if (found.supposedOwn)
    return {AddrType::Local, ""};
  return {found.failure == Failure::None ? typeOfRoute(found.route->type) : AddrType::Unicast, ""};
}

/// Of IPv6, a whole lookup does, for a packet of this machine without a source.
static TypeOf typeOf6(const RoutingState &state, Suppositions &cases, Value address) {
  if (address == 0)
    return {AddrType::Unspec, ""};
  if (isMulticast6(address))
    return {AddrType::Multicast, ""};
  LookupKey key;
  key.family = Family::IPv6;
  key.dst = address;
  key.iif = "lo";
  key.hasSource = false;
  Found found = RouteLookup(state, cases).find(key);
  if (found.failure == Failure::Unknown)
    return {std::nullopt, found.unknown};
  if (found.supposedOwn)
    return {AddrType::Local, ""};
  return {found.failure == Failure::None ? typeOfRoute(found.route->type) : AddrType::Unreachable, ""};
}

TypeOf Routing::addressType(Family family, Value address) const {
  std::optional<TypeOf> first;
  Suppositions cases;
  do {
    TypeOf each = family == Family::IPv4 ? typeOf4(*state, cases, address) : typeOf6(*state, cases, address);
    if (!each.type)
      return each;
    if (first && each.type != first->type)
      return {std::nullopt, "not known whether " + cases.text()};
    first = each;
  } while (cases.next());
  return *first;
}

} // namespace iptlint::eval
