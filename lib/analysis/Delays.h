// Which rules that accept established connections most packets get to late, and how far up these rules could stand.
//
// Computed from the counters that the text has: nothing is found where a rule of the chain has none.
#pragma once

#include "analysis/Moves.h"
#include "analysis/Reach.h"

namespace iptlint::analysis {

/// Rules that accept ESTABLISHED packets, could stand further up and would then save comparisons; in the order of
/// rules. What rules before them take is counted as if it had come as far as the place they could stand at.
std::vector<Delay> findDelays(const ir::Table &table, const CallGraph &graph, Moves &moves,
                              const std::vector<std::vector<RuleReach>> &reach);

} // namespace iptlint::analysis
