// Whether the kernel takes the chains of a rule set as they call each other.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::driver {

/// Why it loads none of it, in words behind the file's name; empty where it does. \param nft  by iptables-nft.
std::string whyNotLoaded(const ir::Ruleset &rules, bool nft);

} // namespace iptlint::driver
