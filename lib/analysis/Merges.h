// Rules of a chain that one rule could replace.
//
// They have the same target, the same comment (unless it is not to matter) and the same tests but for one of them: the source or destination
// address, the source or destination port (Alike.h). One rule takes the place of the first; the others may move there (Moves).
// Rules that are dead or redundant are left out, and so are rules without a target, which are there to count, and those
// whose conditions keep state: each of them has a state of its own.
#pragma once

#include "analysis/Moves.h"
#include "analysis/Reach.h"

namespace iptlint::analysis {

/// How many ports one multiport holds; a range counts as two (XT_MULTI_PORTS).
constexpr unsigned kMostPorts = 15;

/// What \p ranges take of a multiport.
unsigned portsTaken(llvm::ArrayRef<ir::Interval> ranges);

/// In the order of their first rules; no rule is in two of them.
/// \param anyComments  whether rules may be alike whose comments differ.
/// \param mayMerge  where given, rules for which it does not hold are left out.
std::vector<Merge> findMerges(const ir::Table &table, Moves &moves, const std::vector<std::vector<RuleReach>> &reach,
                              bool anyComments = false, const std::function<bool(ir::RuleId)> &mayMerge = nullptr);

} // namespace iptlint::analysis
