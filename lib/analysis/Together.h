// Which superfluous rules may all go at once.
//
// Each live rule that Redundant finds may go by itself; of two, each may be why the other may. Rules of one chain that
// have no packet in common do not bear on each other: a packet meets one of them at most, and for it the others
// are not there. Rules of different chains never do, since what is asked is asked of each chain by itself.
#pragma once

#include "analysis/Program.h"
#include "analysis/Reach.h"

namespace iptlint::analysis {

/// Of the rules that are redundant though live and for which \p mayGo holds, as many as are met in order without one
/// that has packets in common with one before it. Where there are any, there is one at least.
std::vector<ir::RuleId> chooseTogether(const Program &program, const std::vector<std::vector<RuleReach>> &reach,
                                       llvm::function_ref<bool(ir::RuleId)> mayGo);

} // namespace iptlint::analysis
