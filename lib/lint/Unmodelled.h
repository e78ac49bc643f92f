// Which options of a rule set are not modelled, and how many rules have them.
#pragma once

#include "ir/Ruleset.h"

namespace iptlint::lint {

struct Unmodelled {
  std::string option;         ///< "-m string", "-j TPROXY"
  unsigned rules = 0;         ///< that have it, in tables that count
  support::SourceRange first; ///< the first of them
};

/// Sorted by first appearance.
std::vector<Unmodelled> unmodelledOptions(const ir::Ruleset &ruleset);

} // namespace iptlint::lint
