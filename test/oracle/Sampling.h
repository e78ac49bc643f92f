// The packets that a larger table is tried with: all of them where they are few enough, a sample where not.
#pragma once

#include "Compare.h"

namespace iptlint::oracle {

/// A universe for the table, and how much can be compared with it.
struct Trial {
  Universe universe;
  Effort effort;
};

/// \param seed  of the sample.
Trial trialOf(const ir::Table &table, uint64_t seed);

} // namespace iptlint::oracle
