// Sentences and numbers of ICMP errors.
//
// Source: net/ipv4/route.c, ip_error(); net/ipv6/route.c, ip6_pkt_drop().
#include "eval/Verdicts.h"
#include <fmt/format.h>

namespace iptlint::eval {

using packet::Family;

llvm::StringRef name(Fate fate) {
  switch (fate) {
  case Fate::Local:
    return "local";
  case Fate::Out:
    return "out";
  case Fate::Broadcast:
    return "broadcast";
  case Fate::Multicast:
    return "multicast";
  case Fate::Unreachable:
    return "unreachable";
  case Fate::Prohibit:
    return "prohibit";
  case Fate::Blackhole:
    return "blackhole";
  case Fate::NoRoute:
    return "no route";
  case Fate::NotForwarding:
    return "not forwarding";
  case Fate::Martian:
    return "martian";
  case Fate::Unknown:
    return "unknown";
  }
  llvm_unreachable("every fate has a name");
}

llvm::StringRef name(Martian martian) {
  switch (martian) {
  case Martian::None:
    return "no martian";
  case Martian::MulticastSource:
    return "the source is a multicast address";
  case Martian::BroadcastSource:
    return "the source is the broadcast address";
  case Martian::ZeroSource:
    return "the source is 0.0.0.0";
  case Martian::ZeroDestination:
    return "the destination is 0.0.0.0";
  case Martian::LoopbackSource:
    return "the source is a loopback address";
  case Martian::LoopbackDestination:
    return "the destination is a loopback address";
  case Martian::OwnSource:
    return "the source is an address of this machine";
  case Martian::ForeignSource:
    return "the source is no address of this machine";
  case Martian::SourceNotUnicast:
    return "the way back to the source is no unicast route";
  case Martian::ReversePath:
    return "rp_filter: the way back to the source is another";
  case Martian::LinkLocalSource:
    return "the source is a link-local address";
  case Martian::MulticastScope:
    return "the destination is a group that no packet from elsewhere reaches";
  case Martian::NotForwardable:
    return "the route is neither unicast nor for this machine";
  }
  llvm_unreachable("every martian has a name");
}

Decision decided(Fate fate, const RoutingState &state, const Found &found) {
  Decision decision;
  decision.fate = fate;
  if (found.rule) {
    decision.rule = state.written(found.rule);
    decision.ruleText = textOf(*found.rule);
  }
  if (found.route) {
    decision.table = found.table.str();
    decision.route = state.written(found.route);
    decision.routeText = textOf(*found.route);
  }
  return decision;
}

Decision decidedBy(Fate fate, const RoutingState &state, const RouteLookup &lookup, const Found &found,
                   const Way &way) {
  Found taken = found;
  taken.route = way.route;
  Decision decision = decided(fate, state, taken);
  const ir::NextHop &hop = way.route->hops[way.hop];
  decision.device = lookup.deviceOf(*way.route, way.hop);
  decision.gateway = hop.gateway;
  decision.gatewayFamily = hop.gatewayFamily.value_or(way.route->family);
  decision.weight = way.weight;
  decision.weights = way.weights;
  return decision;
}

Decision unknown(std::string reason) {
  Decision decision;
  decision.reason = std::move(reason);
  return decision;
}

static std::string withIcmp(std::string sentence, Decision &decision, unsigned type, unsigned code, bool tellsSender) {
  if (!tellsSender)
    return sentence;
  decision.icmp = type << 8 | code;
  return fmt::format("{} (ICMP {}/{})", sentence, type, code);
}

/// An unreachable rule is told to the sender as no route is; of IPv6, an unreachable route as well.
static Decision unreachable(const RoutingState &state, const Found &found, const Flow &flow, bool tellsSender) {
  bool stated =
      found.failure == Failure::HostUnreachable || (found.rule && found.rule->action == ir::RoutingAction::Unreachable);
  Decision decision = decided(stated ? Fate::Unreachable : Fate::NoRoute, state, found);
  std::string to = packet::addressText(flow.dst, flow.family);
  std::string sentence = stated ? to + " is unreachable" : "no route to " + to;
  bool six = flow.family == Family::IPv6;
  decision.reason =
      withIcmp(sentence, decision, six ? 1 : 3, !six && found.failure == Failure::HostUnreachable, tellsSender);
  return decision;
}

Decision refused(const RoutingState &state, const Found &found, const Flow &flow, bool tellsSender) {
  bool six = flow.family == Family::IPv6;
  std::string to = packet::addressText(flow.dst, flow.family);
  switch (found.failure) {
  case Failure::Unknown:
    return unknown(found.unknown);
  case Failure::Prohibited: {
    Decision decision = decided(Fate::Prohibit, state, found);
    decision.reason =
        withIcmp("packets to " + to + " are prohibited", decision, six ? 1 : 3, six ? 1 : 13, tellsSender);
    return decision;
  }
  case Failure::Discarded: {
    Decision decision = decided(Fate::Blackhole, state, found);
    decision.reason = "packets to " + to + " are discarded, and nobody is told";
    return decision;
  }
  default:
    return unreachable(state, found, flow, tellsSender);
  }
}

Decision martian(Martian kind, const Flow &flow) {
  Decision decision;
  decision.fate = Fate::Martian;
  decision.martian = kind;
  bool ofDestination = kind == Martian::ZeroDestination || kind == Martian::LoopbackDestination ||
                       kind == Martian::NotForwardable || kind == Martian::MulticastScope;
  decision.reason =
      fmt::format("{}: {}", packet::addressText(ofDestination ? flow.dst : flow.src, flow.family), name(kind));
  return decision;
}

Decision notForwarding(const Flow &flow) {
  Decision decision;
  decision.fate = Fate::NotForwarding;
  decision.reason = fmt::format("forwarding is off, and {} is no address of this machine",
                                packet::addressText(flow.dst, flow.family));
  return decision;
}

LookupKey keyOf(const Flow &flow) {
  LookupKey key;
  key.family = flow.family;
  key.src = flow.src;
  key.dst = flow.dst;
  key.iif = flow.in.empty() ? "lo" : flow.in;
  key.oif = flow.out;
  key.mark = flow.mark;
  key.tos = flow.tos;
  key.protocol = flow.protocol;
  key.sport = flow.sport;
  key.dport = flow.dport;
  key.uid = flow.in.empty() ? flow.uid : 0; // what comes from elsewhere counts as root's: ip_route_input_slow()
  return key;
}

} // namespace iptlint::eval
