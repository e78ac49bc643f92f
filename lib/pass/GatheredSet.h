// What a set holds that takes the place of the addresses, or of the addresses and ports, that rules ask for.
#pragma once

#include "analysis/Gathers.h"
#include "ir/Sets.h"

namespace iptlint::pass {

using Rules = std::vector<const ir::Rule *>;

/// A set without a name, its members sorted, each once: hash:ip where each is one address, hash:net, or hash:ip,port.
/// Prefixes are those of the rules, not put together: each length that a set has is another look-up. None has length 0,
/// which ipset refuses in hash:net. Where comments of rules differ, each member has that of its rule.
/// \param protocol  of the ports, where there are any.
ir::Set gatheredSet(const Rules &rules, const analysis::Gather &gather, unsigned protocol, packet::Family family);

/// Of which protocol the rule asks; 0 where it asks for none or several.
unsigned protocolOf(const ir::Rule &rule);

/// The test that a packet is in the set.
ir::Test isIn(const ir::Set &set, const analysis::Gather &gather);

/// What it costs to look a packet up, in nanoseconds.
double lookUpCost(const ir::Set &set);

/// About how many rules merging would leave of those that ask for the set's members.
size_t fewestRules(const ir::Set &set, packet::Family family);

} // namespace iptlint::pass
