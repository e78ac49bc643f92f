// What a live packet relies on: how conditions with state must fall on its way.
#pragma once

#include "analysis/Evaluator.h"

namespace iptlint::analysis {

struct Assumptions {
  /// Conditions by text, in the order they are met, and whether they must hold.
  std::vector<std::pair<std::string, bool>> state;
  /// The way hangs on a condition that is only known to be narrower than what was searched with.
  bool approximate = false;
};

/// For the evaluator's point, which gets to \p pc and matches there: one way to it.
Assumptions assumptionsFor(const Program &program, const Indices &indices, Evaluator &evaluator,
                           const ir::Table &table, Pc pc);

} // namespace iptlint::analysis
