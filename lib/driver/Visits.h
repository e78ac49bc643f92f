// How many rules a packet visits before and after passes, as the cost model expects.
#pragma once

#include "driver/Proved.h"

namespace iptlint::driver {

struct Visited {
  std::string table, chain; ///< a built-in one
  double before = 0, after = 0;
};

/// Of each built-in chain that no jump leads around in a circle from.
std::vector<Visited> visitsOf(const std::vector<ir::Ruleset> &original, const Proved &proved);

/// "filter FORWARD: a packet visits 5,001 rules before, 32 after"; empty where it is as many.
std::string visitsText(const Visited &chain);

} // namespace iptlint::driver
