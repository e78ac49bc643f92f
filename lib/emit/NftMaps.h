// Rules that stand behind one another and ask for the same fields, as verdict maps.
//
// A packet then takes one look-up where it went through the rules one by one. That is the same only if no packet
// meets two of the rules, so a run of rules ends in front of one that overlaps with an earlier one.
#pragma once

#include "emit/NftRule.h"

namespace iptlint::emit {

/// Appends the rules of one chain, each line behind \p indent.
/// \param maps  whether rules may become maps; else every rule is a line of its own.
void appendNftRules(std::string &out, llvm::ArrayRef<NftRule> rules, packet::Family family, bool maps);

} // namespace iptlint::emit
