// What `optimize --report` writes: sizes, the proof, what was done and what was left, as JSON.
#pragma once

#include "driver/Proved.h"

namespace iptlint::driver {

struct Size {
  size_t rules = 0, chains = 0;
};

Size sizeOf(const std::vector<ir::Ruleset> &rulesets);

/// One JSON object and a line end.
std::string reportText(const std::vector<ir::Ruleset> &original, const Proved &proved);

} // namespace iptlint::driver
