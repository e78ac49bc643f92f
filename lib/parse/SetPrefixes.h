// Prefixes with exceptions: which members of a set decide about which packets.
//
// The kernel looks a packet up by prefix length, the longest first; of a type with two nets the first net's
// length counts first. The first member that is found decides: it holds the packet, or is an exception (`nomatch`).
// Source: net/netfilter/ipset/ip_set_hash_gen.h, mtype_test_cidrs().
#pragma once

#include "ir/Ruleset.h"
#include "ir/Sets.h"

namespace iptlint::parse {

using SetParts = std::array<ir::SetValue, 3>;

/// The values for which a member that is, or with \p wantsNomatch is not, one to hold packets is found first.
/// \param whatever  members may come and go: all values for which one may be found.
/// None where exceptions cut the rest into too many pieces, or where it hangs on the order in which members were added.
std::optional<std::vector<SetParts>> decidedMembers(const ir::Set &set, bool wantsNomatch, bool whatever);

} // namespace iptlint::parse
