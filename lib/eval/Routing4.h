// The routing decision of IPv4, on one way through what is supposed.
#pragma once

#include "eval/Verdicts.h"

namespace iptlint::eval {

bool isMulticast4(packet::Value address);
/// Since Linux 5.3 the rest of 0.0.0.0/8 are addresses like others. Source: include/linux/in.h, ipv4_is_zeronet().
bool isZeroNet4(packet::Value address);
bool isLoopback4(packet::Value address);
constexpr packet::Value kBroadcast4 = 0xffffffffu;

/// A packet that came by an interface. Source: net/ipv4/route.c, ip_route_input_slow() and what it calls.
class Input4 {
public:
  Input4(const RoutingState &state, Suppositions &cases, const Flow &flow)
      : state(state), cases(cases), lookup(state, cases), flow(flow) {}

  Decisions decide();

private:
  Martian oddAddress() const;
  Decision multicast();
  Decision broadcast();
  Decision deliver(Fate fate, const Found &found);
  Decisions forward(const Found &found);
  std::optional<Decision> refuseSource(packet::Value to, llvm::StringRef out);
  std::optional<Decision> wayBack(packet::Value to, llvm::StringRef out, int filter);
  bool comesBackBy(const Found &found) const;
  bool hasAddress();

  const RoutingState &state;
  Suppositions &cases;
  RouteLookup lookup;
  const Flow &flow;
};

/// A packet of this machine. Source: net/ipv4/route.c, ip_route_output_key_hash_rcu() and __mkroute_output().
class Output4 {
public:
  Output4(const RoutingState &state, Suppositions &cases, const Flow &flow)
      : state(state), lookup(state, cases), flow(flow) {}

  Decisions decide();

private:
  std::optional<Decision> refuse();
  bool isOwn(packet::Value address);
  Decision toGroupBySource() const;
  std::optional<Decision> withoutLookup();
  Decision direct(llvm::StringRef device, unsigned scope) const;
  Decision toNowhere() const;
  Decision toSelf(const Found &found) const;
  Decisions byRoute(const Found &found);
  std::vector<Way> ways(const Found &found) const;
  std::vector<Way> alternatives(const Found &found) const;
  void preferSource(std::vector<Way> &ways) const;
  Choice sourceOf(const Way &way) const;
  Decision leave(Decision decision, Choice source) const;

  const RoutingState &state;
  RouteLookup lookup;
  Flow flow; ///< its source is filled in where one is chosen before the lookup
};

} // namespace iptlint::eval
