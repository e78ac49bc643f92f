// Which rules of a chain share packets with a later one that decides otherwise, where neither has all packets of the
// other.
//
// The order of the two alone decides about these packets. A pair counts only with a packet to show: one that gets to
// the first rule, is matched by both, and that nothing between them would take for certain. Where none is found soon,
// nothing is said.
//
// For each rule later ones are looked at in their order, a bounded number of them.
#pragma once

#include "analysis/Liveness.h"

namespace iptlint::analysis {

/// \param all  the instructions of dead rules too: without the first rule, some of these would get packets.
/// In the order of rules. Both rules of a pair are live and surely end the walk through their chain.
std::vector<Overlap> findOverlaps(const Program &program, const ir::Table &table, const Liveness &liveness,
                                  const Indices &all);

} // namespace iptlint::analysis
