// What a target of nat makes of the packet at hand.
//
// Source: net/netfilter/nf_nat_core.c, get_unique_tuple() and nf_nat_l4proto_unique_tuple(); nf_nat_masquerade.c;
// nf_nat_redirect.c; xt_NETMAP.c.
#pragma once

#include "eval/Situation.h"

namespace iptlint::eval {

/// Where a packet is when nat is asked.
struct NatPlace {
  bool destination = false; ///< PREROUTING and OUTPUT: destinations are translated
  llvm::StringRef in, out;  ///< interfaces; empty: none
  packet::Value toward = 0; ///< POSTROUTING: the next hop; of IPv6 the destination
};

struct Translated {
  enum class Result : uint8_t { Done, Dropped, Unknown } result = Result::Done;
  std::string reason;          ///< why dropped or unknown
  std::vector<Change> changes; ///< of fields of the packet
  std::string remark;          ///< what else is to be known of them
};

/// Writes the new address and port into the packet. Where there is a range of addresses, one is chosen; a port out of
/// several is open afterwards.
Translated translate(const ir::Target &target, const NatPlace &place, Situation &situation);

/// Gives a field a value, or opens it with those that it may have, and notes the change.
void rewrite(Situation &situation, packet::Field field, packet::Value value, std::vector<Change> &changes);
void rewriteToAny(Situation &situation, packet::Field field, OpenFields::Ranges ranges, std::vector<Change> &changes);

} // namespace iptlint::eval
