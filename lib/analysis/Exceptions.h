// Which rules are exceptions to a later, wider rule of their chain.
//
// The wider rule would match every packet of the exception and decides otherwise, so that the order of the two alone
// gives the exception its packets. Rules that are as wide as what comes to their chain are no news: everything before
// them is an exception.
#pragma once

#include "analysis/Liveness.h"

namespace iptlint::analysis {

/// \param all  the instructions of dead rules too: where an exception stood elsewhere, some of these would get packets.
/// In the order of the wider rules. A rule is an exception to the first one behind it that surely takes all of its
/// packets, and only if both are live. Jumps and gotos are neither.
std::vector<General> findGenerals(const Program &program, const ir::Table &table, const Liveness &liveness,
                                  const Indices &all);

} // namespace iptlint::analysis
