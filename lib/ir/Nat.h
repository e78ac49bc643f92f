// What a target of the nat table makes of a packet's address and port. Plain data.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::ir {

/// DNAT and REDIRECT write the destination, SNAT and MASQUERADE the source, NETMAP what its hook is for.
/// Source: linux/netfilter/nf_nat.h, struct nf_nat_range2.
struct Nat {
  /// None: REDIRECT and MASQUERADE take an interface's address; DNAT and SNAT let it alone.
  std::optional<Interval> addresses;
  /// NETMAP: these bits become those of addresses->lo, the others stay.
  Value mask = 0;
  /// None: the port stays where it can. More than one: one of them.
  std::optional<Interval> ports;
  /// The port that `ports` count from: n above it becomes n above ports->lo.
  std::optional<uint16_t> basePort;
  bool random = false; ///< `--random`, `--random-fully`: whichever port of those there are
};

} // namespace iptlint::ir
