// The routing decision of IPv6, on one way through what is supposed.
#pragma once

#include "eval/Verdicts.h"

namespace iptlint::eval {

bool isMulticast6(packet::Value address);
bool isLinkLocal6(packet::Value address);

class Routing6 {
public:
  Routing6(const RoutingState &state, Suppositions &cases, const Flow &flow)
      : state(state), cases(cases), lookup(state, cases), flow(flow) {}

  /// A packet that came by an interface. Source: net/ipv6/route.c, ip6_route_input(); net/ipv6/ip6_output.c,
  /// ip6_forward().
  Decisions input();
  /// A packet of this machine. Source: net/ipv6/route.c, ip6_route_output_flags(); net/ipv6/ip6_output.c,
  /// ip6_dst_lookup_tail().
  Decisions output();

private:
  Decision multicastInput(const Found &found);
  bool listens();
  Decision forward(Decision decision);
  LookupKey outputKey() const;
  bool secondTry(LookupKey &key, std::string &unknown) const;
  bool asksForSource() const;
  std::vector<Way> ways(const Found &found, const LookupKey &key) const;
  std::optional<packet::Value> sourceOf(const Found &found, llvm::StringRef device) const;

  const RoutingState &state;
  Suppositions &cases;
  RouteLookup lookup;
  const Flow &flow;
};

} // namespace iptlint::eval
