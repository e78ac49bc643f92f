// `optimize --to=nftables`: text for nft in place of rules of iptables'.
#pragma once

#include "driver/Proved.h"

namespace iptlint::driver {

/// Rules as text for `nft -f`, under a heading for the text that \p original was read from.
/// \param original  read with normalTexts; \p reading  how what the passes leave is read again: their rules are words.
Output asNftables(const std::vector<ir::Ruleset> &original, parse::RulesOptions reading);

} // namespace iptlint::driver
